//! Other dtypes for variables: weights that are stored in half of their size.

use std::panic::Location;

use super::editor::{ModuleEditor, graph_of};
use super::error::EditError;
use super::flow::{self, Action, BodyEdit, Flow, Functions, Retarget, Use, handed_on, turn_values};
use super::names::{redirect_references, referenced};
use super::nodes::{
    FreshNames, OUTPUT_SHAPES, input_of, insert_before, is_control, join_contexts, node, nodes_of,
    set, tensor, type_value, update_ops,
};
use super::variables::{EditedVariable, change_defs, variables};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{HashMap, HashSet, node_name, variable_name};
use crate::proto::tensorflow::{MetaGraphDef, NodeDef};

impl ModuleEditor<'_> {
    /// Stores a floating-point variable as another floating-point dtype, in the checkpoint and in all variants. What
    /// reads it gets the dtype that it had, by a `Cast` behind each read, and what is assigned to it is cast, so that
    /// signatures stay as they are. The read of a node `N` is that of the node `N/stored` then. Functions that take the
    /// variable are changed alike; `tf.gradients` of a `Defun` takes all of its variables for `float32` ones, though.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such variable,
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if one of the dtypes is no floating-point one,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) with the name of a node that uses the variable in a way
    /// that cannot be kept.
    #[track_caller]
    pub fn cast_variable(&mut self, name: &str, to: DType) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let all = editor.all_variables()?;
            let from = editor.find(&all, name)?.dtype;
            if !from.is_floating() || !to.is_floating() {
                let name = name.to_owned();
                return Err(EditError::Cast { name, from, to });
            }
            editor.cast(&|variable| variable.key == name && variable.dtype != to, to)
        })
    }

    /// Stores all variables of `float32` and `float64` as another floating-point dtype, as
    /// [`cast_variable`](Self::cast_variable) does.
    ///
    /// # Errors
    /// As [`cast_variable`](Self::cast_variable).
    #[track_caller]
    pub fn cast_floats(&mut self, to: DType) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            if !to.is_floating() {
                let (name, from) = (String::new(), DType::Float32);
                return Err(EditError::Cast { name, from, to });
            }
            let is_wide = |dtype| matches!(dtype, DType::Float32 | DType::Float64) && dtype != to;
            editor.cast(&|variable| is_wide(variable.dtype), to)
        })
    }

    fn cast(
        &mut self,
        selects: &dyn Fn(&EditedVariable) -> bool,
        to: DType,
    ) -> Result<(), EditError> {
        let mut plans = Vec::new();
        let mut names = Vec::new();
        self.remove_savers(selects)?;
        for meta in &self.model.meta_graphs {
            let functions = Functions::new(meta);
            let mut variables = variables(meta)?;
            variables.retain(|it| selects(it));
            for variable in &variables {
                names.extend([variable.name.clone(), variable.key.clone()]);
            }
            let plan = Plan::new(meta, variables, &functions, to)?;
            plans.push((plan, functions.into_made()));
        }
        for (meta, (plan, made)) in self.model.meta_graphs.iter_mut().zip(plans) {
            if !plan.cast.is_empty() {
                let copies = flow::add(meta, made);
                Cast::new(meta, to).apply(plan);
                flow::settle(meta, &copies);
                update_ops(meta);
            }
        }
        names.sort_unstable();
        names.dedup();
        names.iter().for_each(|name| self.values.cast(name, to));
        Ok(())
    }
}

/// The variables that are cast, with their uses, and the calls of functions that take them.
struct Plan {
    cast: Vec<(EditedVariable, Vec<Use>)>,
    calls: Vec<Retarget>,
}

impl Plan {
    fn new(
        meta: &MetaGraphDef,
        variables: Vec<EditedVariable>,
        functions: &Functions<'_>,
        to: DType,
    ) -> Result<Self, EditError> {
        let nodes = nodes_of(meta);
        let cast = Flow::new(nodes, functions, None).uses(variables)?;
        let calls = functions.retarget(nodes, &cast, |_| true, &CastTo(to))?;
        Ok(Plan { cast, calls })
    }
}

/// The edit of a function's body to which variables are handed that are cast.
struct CastTo(DType);

impl BodyEdit for CastTo {
    const SUFFIX: &'static str = "cast";
    const GIVES_VALUES: bool = false;

    fn edit(
        &self,
        graph: &mut MetaGraphDef,
        variables: Vec<EditedVariable>,
        functions: &Functions<'_>,
    ) -> Result<(), EditError> {
        let plan = Plan::new(graph, variables, functions, self.0)?;
        Cast::new(graph, self.0).apply(plan);
        Ok(())
    }
}

/// The nodes of a graph while variables are cast.
struct Cast<'m> {
    meta: &'m mut MetaGraphDef,
    to: DType,
    names: FreshNames,
    /// Nodes that come before others, by their places.
    before: Vec<(usize, NodeDef)>,
    /// Tensors that are computed in the contexts of others.
    joined: Vec<(String, String)>,
    /// The stored values by the names of the nodes that read them.
    stored: HashMap<String, String>,
    /// What collections and signatures name.
    taken: HashSet<String>,
}

impl<'m> Cast<'m> {
    fn new(meta: &'m mut MetaGraphDef, to: DType) -> Self {
        let names = FreshNames::new(&graph_of(meta).node);
        let taken = referenced(meta);
        Cast {
            meta,
            to,
            names,
            before: Vec::new(),
            joined: Vec::new(),
            stored: HashMap::default(),
            taken,
        }
    }

    fn apply(mut self, plan: Plan) {
        let Plan { cast: plan, calls } = plan;
        for call in calls {
            call.apply(&mut graph_of(self.meta).node);
        }
        let variables: HashSet<_> = plan
            .iter()
            .map(|(variable, _)| variable.name.clone())
            .collect();
        // What takes a value may also change another variable by it.
        for (variable, uses) in &plan {
            self.values(variable, uses);
        }
        for (variable, uses) in &plan {
            self.variable(variable, uses);
        }
        let graph = graph_of(self.meta);
        insert_before(&mut graph.node, std::mem::take(&mut self.before));
        let nodes = graph
            .node
            .iter()
            .map(|node| (node.name.clone(), node.input.clone()));
        let inputs: HashMap<String, Vec<String>> = nodes.collect();
        let stored = std::mem::take(&mut self.stored);
        change_defs(self.meta, |def| {
            if !variables.contains(variable_name(def)) {
                return true;
            }
            if let Some(stored) = stored.get(node_name(&def.snapshot_name)) {
                def.snapshot_name = format!("{stored}:0");
            }
            let assigned = inputs.get(&def.initializer_name).and_then(|it| it.get(1));
            if let (Some(value), false) = (assigned, def.initial_value_name.is_empty()) {
                let (node, output) = tensor(value);
                def.initial_value_name = format!("{node}:{output}");
            }
            true
        });
        join_contexts(self.meta, &self.joined);
    }

    /// Casts where the value of a variable of the old kind is taken without a read.
    fn values(&mut self, variable: &EditedVariable, uses: &[Use]) {
        for it in uses.iter().filter(|it| it.action == Action::Value) {
            let input = graph_of(self.meta).node[it.place].input[it.input].clone();
            let (of, output) = tensor(&input);
            let name = self.names.make(format!("{of}/value"));
            self.joined
                .push((format!("{of}:{output}"), format!("{name}:0")));
            let cast = cast(&name, input, self.to, variable.dtype);
            self.before.push((it.place, cast));
            let user = &mut graph_of(self.meta).node[it.place];
            user.input[it.input] = name;
            turn_values(user);
        }
    }

    /// Gives a variable its dtype, and casts where it is read and written.
    fn variable(&mut self, variable: &EditedVariable, uses: &[Use]) {
        let (from, to) = (variable.dtype, self.to);
        let nodes = &mut graph_of(self.meta).node;
        if let Some(node) = nodes.iter_mut().find(|node| node.name == variable.name) {
            set(node, "dtype", type_value(to));
        }
        for it in uses {
            let user = graph_of(self.meta).node[it.place].clone();
            match it.action {
                Action::Read | Action::Gather => self.split(it.place, user, from),
                Action::Write(input) => {
                    self.retype(it.place);
                    self.cast_input(it.place, &user, input, from);
                }
                Action::Probe => self.retype(it.place),
                Action::Pass if !variable.is_resource => self.retype(it.place),
                Action::Shape | Action::Pass | Action::Call { .. } | Action::Value => {}
            }
        }
        self.redirect(variable, uses, from);
    }

    /// Makes a node that reads the variable one that casts what a new node reads.
    fn split(&mut self, place: usize, reader: NodeDef, from: DType) {
        let name = reader.name.clone();
        let stored = self.names.make(format!("{name}/stored"));
        let mut cast = cast(&name, stored.clone(), self.to, from);
        cast.device.clone_from(&reader.device);
        if let Some(shapes) = reader.attr.get(OUTPUT_SHAPES) {
            cast.attr.insert(OUTPUT_SHAPES.to_owned(), shapes.clone());
        }
        let mut reader = reader;
        reader.name.clone_from(&stored);
        retype(&mut reader, self.to);
        self.before.push((place, reader));
        self.joined
            .push((format!("{name}:0"), format!("{stored}:0")));
        self.stored.insert(name, stored);
        graph_of(self.meta).node[place] = cast;
    }

    fn retype(&mut self, place: usize) {
        retype(&mut graph_of(self.meta).node[place], self.to);
    }

    /// Casts an input of a node that changes the variable.
    fn cast_input(&mut self, place: usize, user: &NodeDef, input: usize, from: DType) {
        let Some(value) = user.input.get(input).filter(|input| !is_control(input)) else {
            return;
        };
        let name = self.names.make(format!("{}/value", user.name));
        let mut cast = cast(&name, value.clone(), from, self.to);
        cast.device.clone_from(&user.device);
        let (node, output) = tensor(value);
        self.joined
            .push((format!("{node}:{output}"), format!("{name}:0")));
        self.before.push((place, cast));
        graph_of(self.meta).node[place].input[input] = name;
    }

    /// Has signatures and losses that take a variable of the old kind, or what its change gives, take the cast value.
    fn redirect(&mut self, variable: &EditedVariable, uses: &[Use], from: DType) {
        if variable.is_resource {
            return;
        }
        let giving = uses
            .iter()
            .filter(|it| matches!(it.action, Action::Write(_) | Action::Pass));
        let nodes = &graph_of(self.meta).node;
        let tensors = giving.flat_map(|it| {
            let node = &nodes[it.place];
            handed_on(node).map(|output| (node.name.clone(), output))
        });
        let tensors: Vec<_> = tensors.chain([(variable.name.clone(), 0)]).collect();
        for (name, output) in tensors {
            let old = format!("{name}:{output}");
            if self.taken.contains(&old) {
                let new = self.names.make(format!("{name}/value"));
                let end = graph_of(self.meta).node.len();
                let cast = cast(&new, input_of(&name, output), self.to, from);
                self.before.push((end, cast));
                redirect_references(self.meta, &old, &format!("{new}:0"));
            }
        }
    }
}

fn cast(name: &str, input: String, from: DType, to: DType) -> NodeDef {
    let attrs = [("SrcT", type_value(from)), ("DstT", type_value(to))];
    node(name, "Cast", [input], attrs)
}

/// Sets the dtype of the elements that a node reads or writes.
pub(super) fn retype(node: &mut NodeDef, to: DType) {
    for name in ["dtype", "T"] {
        if node.attr.contains_key(name) {
            set(node, name, type_value(to));
        }
    }
}
