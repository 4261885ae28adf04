//! The functions that variables are handed to: what they do with them, and copies of them in which variables are edited.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::body::Body;
use super::calls::Call;
use super::ops::Ops;
use super::{Action, Flow, Unknown, Use};
use crate::dtype::DType;
use crate::graph::{HashMap, HashSet, Renaming, called_functions, shape_proto};
use crate::module::edit::error::EditError;
use crate::module::edit::nodes::OUTPUT_SHAPES;
use crate::module::edit::variables::EditedVariable;
use crate::module::saved_model::tags;
use crate::module::tags::Tags;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{FunctionDef, MetaGraphDef, NodeDef};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;

/// An edit of variables, as the body of a function needs it.
pub(in crate::module::edit) trait BodyEdit {
    /// What is behind the names of functions that are changed.
    const SUFFIX: &'static str;
    /// Whether what hands on a variable hands on its value then.
    const GIVES_VALUES: bool;

    /// Changes a graph in which these are the variables.
    fn edit(
        &self,
        graph: &mut MetaGraphDef,
        variables: Vec<EditedVariable>,
        functions: &Functions<'_>,
    ) -> Result<(), EditError>;
}

/// What a call does with a variable that is one of its arguments.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect {
    pub(super) writes: bool,
    /// The results that are the variable.
    pub(super) results: Vec<u32>,
}

/// The effects of a function on its arguments.
type Effects = Rc<Vec<Result<Effect, Unknown>>>;

/// The functions of a variant.
pub(in crate::module::edit) struct Functions<'m> {
    pub(super) tags: Tags,
    pub(super) ops: Ops<'m>,
    /// Those that have functions for their gradients, with arguments as theirs.
    with_gradients: HashSet<&'m str>,
    bodies: RefCell<HashMap<String, Rc<Body>>>,
    /// Nothing for functions that are being looked at.
    effects: RefCell<HashMap<String, Option<Effects>>>,
    /// How many functions are being looked at.
    depth: Cell<usize>,
    /// The names of changed copies, by function and the arguments that are edited variables.
    changed: RefCell<HashMap<Key, String>>,
    made: RefCell<Vec<Made>>,
}

/// A function, and the arguments that are edited variables of these dtypes.
type Key = (String, Vec<(usize, DType)>);

/// A changed copy of a function.
#[derive(Debug)]
pub(in crate::module::edit) struct Made {
    of: String,
    def: FunctionDef,
}

/// How deep calls are followed.
const MAX_DEPTH: usize = 100;

impl<'m> Functions<'m> {
    pub(in crate::module::edit) fn new(meta: &'m MetaGraphDef) -> Self {
        let library = meta.graph_def.as_ref();
        let library = library.and_then(|graph| graph.library.as_ref());
        let defs = library.into_iter().flat_map(|library| &library.function);
        let gradients = library.into_iter().flat_map(|library| &library.gradient);
        Functions {
            tags: tags(meta),
            ops: Ops::new(defs),
            with_gradients: gradients.map(|it| &*it.function_name).collect(),
            bodies: RefCell::default(),
            effects: RefCell::default(),
            depth: Cell::default(),
            changed: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// The call of functions that a node is.
    pub(super) fn call<'n>(&self, node: &'n NodeDef) -> Option<Call<'n>> {
        Call::of(node, |name| self.ops.functions.contains_key(name))
    }

    fn body(&self, function: &str) -> Rc<Body> {
        if let Some(body) = self.bodies.borrow().get(function) {
            return body.clone();
        }
        let body = Rc::new(Body::new(self.ops.functions[function], &self.ops));
        let mut bodies = self.bodies.borrow_mut();
        bodies.insert(function.to_owned(), body.clone());
        body
    }

    /// What a call does with a variable that is one of its inputs.
    pub(super) fn effect(&self, call: &Call<'_>, input: usize) -> Result<Effect, Option<Unknown>> {
        let argument = call.argument(input).ok_or(None)?;
        let mut effect = Effect::default();
        for function in &call.functions {
            let of_function = self.effect_of(function, argument)?;
            effect.writes |= of_function.writes;
            if !call.giving.contains(function) {
                continue;
            }
            // A loop hands a variable to its next turn as the same argument.
            let turns = || call.position(input).map(|it| vec![it as u32]);
            if call.is_loop && Some(&of_function.results) != turns().as_ref() {
                return Err(None);
            }
            effect.results.extend(of_function.results);
        }
        effect.results.sort_unstable();
        effect.results.dedup();
        Ok(effect)
    }

    fn effect_of(&self, function: &str, argument: usize) -> Result<Effect, Option<Unknown>> {
        let effects = self.effects(function).ok_or(None)?;
        match effects.get(argument) {
            Some(Ok(effect)) => Ok(effect.clone()),
            Some(Err(unknown)) => Err(Some(unknown.clone())),
            None => Err(None),
        }
    }

    /// What a function does with each argument; nothing if it calls itself, has a gradient of its own, or takes lists of
    /// tensors.
    fn effects(&self, function: &str) -> Option<Effects> {
        if let Some(known) = self.effects.borrow().get(function) {
            return known.clone();
        }
        let body = self.body(function);
        let depth = self.depth.get();
        if depth > MAX_DEPTH || self.with_gradients.contains(function) || !body.is_plain() {
            return None;
        }
        self.depth.set(depth + 1);
        self.effects.borrow_mut().insert(function.to_owned(), None);
        let flow = Flow::new(body.nodes(), self, Some(function));
        let results = body.results();
        let effects = body.arguments().map(|argument| {
            let trace = flow.trace(argument, true)?;
            let writes =
                |it: &Use| matches!(it.action, Action::Write(_) | Action::Call { writes: true });
            let is_variable = |tensor: &(usize, u32)| trace.tensors.contains(tensor);
            let given = (0..).zip(&results);
            let given = given.filter(|(_, tensor)| tensor.as_ref().is_some_and(is_variable));
            Ok(Effect {
                writes: trace.uses.iter().any(writes),
                results: given.map(|(number, _)| number).collect(),
            })
        });
        let effects = Rc::new(effects.collect::<Vec<_>>());
        self.depth.set(depth);
        let mut known = self.effects.borrow_mut();
        known.insert(function.to_owned(), Some(effects.clone()));
        Some(effects)
    }

    /// The calls that take variables, with copies of their functions in which these are edited.
    pub(in crate::module::edit) fn retarget<E: BodyEdit>(
        &self,
        nodes: &[NodeDef],
        variables: &[(EditedVariable, Vec<Use>)],
        is_left: impl Fn(&NodeDef) -> bool,
        edit: &E,
    ) -> Result<Vec<Retarget>, EditError> {
        let mut taken: SortedMap<usize, Vec<(usize, &EditedVariable)>> = SortedMap::new();
        for (variable, uses) in variables {
            let calls = uses
                .iter()
                .filter(|it| matches!(it.action, Action::Call { .. }));
            for it in calls.filter(|it| is_left(&nodes[it.place])) {
                let of_call = taken.get_or_insert_with(it.place, Vec::new);
                of_call.push((it.input, variable));
            }
        }
        let calls = taken.into_iter();
        let calls = calls.map(|(place, taken)| self.retargeted(place, &nodes[place], &taken, edit));
        calls.collect()
    }

    fn retargeted<E: BodyEdit>(
        &self,
        place: usize,
        node: &NodeDef,
        taken: &[(usize, &EditedVariable)],
        edit: &E,
    ) -> Result<Retarget, EditError> {
        let mut retarget = Retarget {
            place,
            node: node.clone(),
            is_reshaped: false,
        };
        // That it is one was seen when the uses were found.
        let Some(call) = self.call(node) else {
            return Ok(retarget);
        };
        let arguments = taken
            .iter()
            .filter_map(|(input, variable)| Some((call.argument(*input)?, variable.dtype)));
        let mut arguments: Vec<_> = arguments.collect();
        arguments.sort_unstable_by_key(|(argument, _)| *argument);
        let mut names = HashMap::default();
        for function in &call.functions {
            let changed = self.changed(function, &arguments, edit)?;
            names.insert((*function).to_owned(), changed);
        }
        Renaming::new(names).node(&mut retarget.node);
        if E::GIVES_VALUES {
            for (input, variable) in taken {
                let effect = self.effect(&call, *input).unwrap_or_default();
                retarget.take_value(&call, *input, variable, &effect.results);
            }
        }
        Ok(retarget)
    }

    /// The name of a copy of a function in which arguments that are variables are edited.
    fn changed<E: BodyEdit>(
        &self,
        function: &str,
        arguments: &[(usize, DType)],
        edit: &E,
    ) -> Result<String, EditError> {
        let key = (function.to_owned(), arguments.to_vec());
        if let Some(name) = self.changed.borrow().get(&key) {
            return Ok(name.clone());
        }
        let mut body = Body::clone(&self.body(function));
        let variables = arguments.iter();
        let variables = variables.map(|&(argument, dtype)| body.variable(argument, dtype));
        let variables = variables.collect();
        edit.edit(&mut body.meta, variables, self)?;
        body.forget(arguments);
        if E::GIVES_VALUES {
            let results = arguments.iter().flat_map(|&(argument, dtype)| {
                let effect = self.effect_of(function, argument).unwrap_or_default();
                effect
                    .results
                    .into_iter()
                    .map(move |result| (result, dtype))
            });
            body.take_values(arguments, &results.collect::<Vec<_>>());
        }
        let name = self.fresh(&format!("{function}_{}", E::SUFFIX));
        let def = body.into_function(&name, &self.ops);
        let of = function.to_owned();
        self.ops.add(&def);
        self.made.borrow_mut().push(Made { of, def });
        self.changed.borrow_mut().insert(key, name.clone());
        Ok(name)
    }

    /// The name itself, or with a number where there is such a function or op.
    fn fresh(&self, name: &str) -> String {
        let numbered = (1u64..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| self.ops.with_op(name, |_| ()).is_none());
        free.unwrap_or_default()
    }

    /// The changed copies.
    pub(in crate::module::edit) fn into_made(self) -> Vec<Made> {
        self.made.into_inner()
    }
}

/// A call of other functions than before.
pub(in crate::module::edit) struct Retarget {
    place: usize,
    /// The node as it was, but for its op and attributes.
    node: NodeDef,
    /// Whether outputs are values that were variables.
    is_reshaped: bool,
}

impl Retarget {
    /// Has the call take, and give where it did, the value of a variable.
    fn take_value(
        &mut self,
        call: &Call<'_>,
        input: usize,
        variable: &EditedVariable,
        results: &[u32],
    ) {
        let number = variable.dtype.number();
        let mut set_type = |attr: &str, position: usize| {
            if let Some(Value::List(list)) = value_mut(&mut self.node, attr) {
                if let Some(dtype) = list.r#type.get_mut(position) {
                    *dtype = number;
                }
            }
        };
        if let (Some([inputs, outputs]), Some(position)) = (call.types, call.position(input)) {
            set_type(inputs, position);
            results
                .iter()
                .for_each(|&result| set_type(outputs, result as usize));
        }
        if results.is_empty() {
            return;
        }
        self.is_reshaped = true;
        let shape = variable
            .shape
            .as_deref()
            .map_or_else(Shape::unknown, Shape::from);
        if let Some(Value::List(list)) = value_mut(&mut self.node, "output_shapes") {
            for &result in results {
                if let Some(known) = list.shape.get_mut(result as usize) {
                    *known = shape_proto(&shape);
                }
            }
        }
    }

    /// Changes the node, which may have got other inputs.
    pub(in crate::module::edit) fn apply(self, nodes: &mut [NodeDef]) {
        let node = &mut nodes[self.place];
        node.op = self.node.op;
        node.attr = self.node.attr;
        if self.is_reshaped {
            node.attr.remove(OUTPUT_SHAPES);
        }
    }
}

fn value_mut<'n>(node: &'n mut NodeDef, attr: &str) -> Option<&'n mut Value> {
    node.attr.get_mut(attr)?.value.as_mut()
}

/// Adds changed copies of functions to the library of a variant, for calls that are about to be of them; gives the names
/// of the functions and of the copies.
pub(in crate::module::edit) fn add(
    meta: &mut MetaGraphDef,
    made: Vec<Made>,
) -> Vec<(String, String)> {
    let graph = meta.graph_def.as_mut().filter(|_| !made.is_empty());
    let Some(library) = graph.map(|graph| graph.library.get_or_insert_with(Default::default))
    else {
        return Vec::new();
    };
    let names = made
        .iter()
        .map(|made| (made.of.clone(), name(&made.def).to_owned()));
    let names = names.collect();
    library
        .function
        .extend(made.into_iter().map(|made| made.def));
    names
}

/// Takes functions that have copies and are called no more out of the library of a variant. The first copy of each has its
/// name then.
pub(in crate::module::edit) fn settle(meta: &mut MetaGraphDef, copies: &[(String, String)]) {
    let Some(graph) = meta.graph_def.as_mut().filter(|_| !copies.is_empty()) else {
        return;
    };
    let needed = called_functions(graph).into_iter();
    let needed: HashSet<String> = needed.map(str::to_owned).collect();
    let library = graph.library.get_or_insert_with(Default::default);
    let names = copies.iter().map(|(of, _)| of.as_str());
    let gone: HashSet<&str> = names.filter(|name| !needed.contains(*name)).collect();
    library.function.retain(|def| !gone.contains(name(def)));
    let mut free = gone;
    let renamed = copies.iter().filter(|(of, _)| free.remove(of.as_str()));
    let renamed = renamed.map(|(of, new)| (new.clone(), of.clone()));
    let renaming = Renaming::new(renamed.collect());
    let bodies = library.function.iter_mut();
    let bodies = bodies.flat_map(|def| {
        if let Some(signature) = &mut def.signature {
            renaming.name(&mut signature.name);
        }
        &mut def.node_def
    });
    for node in graph.node.iter_mut().chain(bodies) {
        renaming.node(node);
    }
}

fn name(def: &FunctionDef) -> &str {
    def.signature.as_ref().map_or("", |it| &it.name)
}
