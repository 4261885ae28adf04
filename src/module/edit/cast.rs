//! Other dtypes for variables: weights that are stored in half of their size.

use std::panic::Location;

use super::editor::{ModuleEditor, graph_of};
use super::error::EditError;
use super::flow::{Action, Flow, Use};
use super::names::{redirect_references, references};
use super::nodes::{
    FreshNames, OUTPUT_SHAPES, insert_before, is_control, join_contexts, node, set, tensor,
    type_value, update_ops,
};
use super::variables::{EditedVariable, change_defs, variables};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{HashMap, node_name, variable_name};
use crate::proto::tensorflow::{MetaGraphDef, NodeDef};

impl ModuleEditor<'_> {
    /// Stores a floating-point variable as another floating-point dtype, in the checkpoint and in all variants. What
    /// reads it gets the dtype that it had, by a `Cast` behind each read, and what is assigned to it is cast, so that
    /// signatures stay as they are. The read of a node `N` is that of the node `N/stored` then.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such variable,
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if one of the dtypes is no floating-point one,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) with the name of a node that uses the variable in a way
    /// that cannot be kept, such as the call of a function.
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
            let flow = Flow::new(meta);
            let mut plan = Vec::new();
            for variable in variables(meta)?.into_iter().filter(|it| selects(it)) {
                let uses = flow.uses(&variable.name, variable.is_resource)?;
                names.extend([variable.name.clone(), variable.key.clone()]);
                plan.push((variable, uses));
            }
            plans.push(plan);
        }
        for (meta, plan) in self.model.meta_graphs.iter_mut().zip(plans) {
            if !plan.is_empty() {
                Cast::new(meta, to).apply(plan);
            }
        }
        names.sort_unstable();
        names.dedup();
        names.iter().for_each(|name| self.values.cast(name, to));
        Ok(())
    }
}

/// The nodes of a variant while variables are cast.
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
}

impl<'m> Cast<'m> {
    fn new(meta: &'m mut MetaGraphDef, to: DType) -> Self {
        let names = FreshNames::new(&graph_of(meta).node);
        Cast {
            meta,
            to,
            names,
            before: Vec::new(),
            joined: Vec::new(),
            stored: HashMap::default(),
        }
    }

    fn apply(mut self, plan: Vec<(EditedVariable, Vec<Use>)>) {
        let variables: Vec<_> = plan
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
            if !variables.iter().any(|name| *name == variable_name(def)) {
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
        for (of, new) in std::mem::take(&mut self.joined) {
            join_contexts(self.meta, &of, &new);
        }
        update_ops(self.meta);
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
            graph_of(self.meta).node[it.place].input[it.input] = name;
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
                Action::Shape | Action::Pass | Action::Value => {}
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
        let writes = uses
            .iter()
            .filter(|it| matches!(it.action, Action::Write(_)));
        let writes = writes.map(|it| graph_of(self.meta).node[it.place].name.clone());
        let names: Vec<_> = writes.chain([variable.name.clone()]).collect();
        for name in names {
            let old = format!("{name}:0");
            let is_taken = references(self.meta).iter().any(|(_, it)| *it == old);
            if is_taken {
                let new = self.names.make(format!("{name}/value"));
                let end = graph_of(self.meta).node.len();
                let cast = cast(&new, name, self.to, from);
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
