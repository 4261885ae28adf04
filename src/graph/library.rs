//! The functions that a graph carries along, which its nodes call by name.

mod rename;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::op_def::{self, OpDef, OpDefError};
use crate::proto::Message as _;
use crate::proto::tensorflow::{
    FunctionDef, FunctionDefLibrary, GradientDef, NodeDef, RegisteredGradient,
};
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;

pub(crate) use rename::Renaming;

/// A graph's functions by name, and which of them computes the gradient of which.
#[derive(Debug, Default)]
pub(crate) struct Library {
    functions: SortedMap<String, Arc<Function>>,
    gradients: SortedMap<String, String>,
    registered_gradients: Vec<RegisteredGradient>,
    /// How many nodes and outputs of bodies have been looked at.
    spent: AtomicUsize,
}

impl Clone for Library {
    fn clone(&self) -> Self {
        Library {
            functions: self.functions.clone(),
            gradients: self.gradients.clone(),
            registered_gradients: self.registered_gradients.clone(),
            spent: AtomicUsize::new(self.spent.load(Ordering::Relaxed)),
        }
    }
}

/// A function, which nodes can have for an op.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) def: FunctionDef,
    /// The definition of the op that calls it.
    pub(crate) op: OpDef,
    /// The size in bytes when it was read.
    pub(super) size: usize,
    /// The functions that its body calls, of one that was built; those of one that was read are in the library.
    pub(crate) callees: Vec<Arc<Function>>,
    /// The function that computes the gradient, of one that was built.
    gradient: Option<Arc<Function>>,
}

impl Function {
    pub(super) fn new(
        mut def: FunctionDef,
        callees: Vec<Arc<Function>>,
    ) -> Result<Self, LibraryError> {
        sort_by_key(&mut def.arg_attr, |entry| entry.index);
        let signature = def.signature.as_ref().ok_or(LibraryError::NoName)?;
        let name = &signature.name;
        if name.is_empty() {
            return Err(LibraryError::NoName);
        }
        if op_def::lookup(name).is_some() {
            return Err(LibraryError::OpName(name.clone()));
        }
        if callees.iter().any(|callee| &*callee.op.name == name) {
            return Err(LibraryError::Recursive(name.clone()));
        }
        let op = OpDef::of_function(signature).map_err(|source| LibraryError::Signature {
            name: name.clone(),
            source,
        })?;
        Ok(Function {
            size: def.encoded_len(),
            def,
            op,
            callees,
            gradient: None,
        })
    }

    /// The function whose gradient another computes, if there is one.
    pub(super) fn with_gradient(self, gradient: Option<Arc<Function>>) -> Self {
        Function { gradient, ..self }
    }
}

/// How many nodes and outputs of bodies are looked at for the shapes of calls.
const MAX_SPENT: usize = 1 << 18;

errors! {
    /// Why functions cannot be added to a graph.
    #[derive(Debug)]
    pub(crate) enum LibraryError {
        #[error("a function has no name")]
        NoName,
        #[error("function {0:?} has the name of an op")]
        OpName(String),
        #[error("function {0:?} calls a function of its own name; functions are not recursive")]
        Recursive(String),
        #[error("there are two different functions {0:?}")]
        Different(String),
        #[error("function {name:?}: {source}")]
        Signature { name: String, source: OpDefError },
        #[error("function {0:?} has two different gradient functions")]
        Gradient(String),
        #[error("function {function:?}, or its gradient {gradient:?}, is not in the library")]
        NoFunction { function: String, gradient: String },
    }
}

impl Library {
    /// Notes that this many more nodes or outputs of bodies are looked at; `None` if they are too many.
    pub(super) fn spend(&self, count: usize) -> Option<()> {
        let spent = self.spent.fetch_add(count, Ordering::Relaxed);
        (spent.saturating_add(count) <= MAX_SPENT).then_some(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions.get(name)
    }

    /// The definitions of the functions, sorted by name.
    pub(crate) fn defs(&self) -> impl Iterator<Item = &FunctionDef> {
        self.functions.values().map(|function| &function.def)
    }

    /// The name of the function that computes the gradient of another.
    pub(crate) fn gradient(&self, function: &str) -> Option<&str> {
        self.gradients.get(function).map(String::as_str)
    }

    /// Adds the functions of another graph for which `is_needed` says so; equal ones may be there already.
    pub(super) fn add_from(
        &mut self,
        other: &Library,
        is_needed: impl Fn(&str) -> bool,
    ) -> Result<(), LibraryError> {
        for (name, function) in other.functions.iter().filter(|(name, _)| is_needed(name)) {
            let known = self.functions.get(name);
            if known.is_none_or(|known| !known.is_like(function)) {
                self.insert(function.clone())?;
            }
        }
        let gradients = other.gradients.iter();
        for (function, gradient) in gradients.filter(|(function, _)| is_needed(function)) {
            self.add_gradient(function.clone(), gradient.clone())?;
        }
        self.register(other.registered_gradients.iter().cloned());
        Ok(())
    }

    fn add_gradient(&mut self, function: String, gradient: String) -> Result<(), LibraryError> {
        let clone = || gradient.clone();
        let known = self.gradients.get_or_insert_with(function.clone(), clone);
        if *known != gradient {
            return Err(LibraryError::Gradient(function));
        }
        Ok(())
    }

    fn register(&mut self, gradients: impl IntoIterator<Item = RegisteredGradient>) {
        for gradient in gradients {
            if !self.registered_gradients.contains(&gradient) {
                self.registered_gradients.push(gradient);
            }
        }
    }

    /// Adds functions; equal ones may be there already.
    pub(crate) fn add(&mut self, library: FunctionDefLibrary) -> Result<(), LibraryError> {
        for function in library.function {
            self.insert(Arc::new(Function::new(function, Vec::new())?))?;
        }
        for GradientDef {
            function_name: function,
            gradient_func: gradient,
        } in library.gradient
        {
            if self.get(&function).is_none() || self.get(&gradient).is_none() {
                return Err(LibraryError::NoFunction { function, gradient });
            }
            self.add_gradient(function, gradient)?;
        }
        self.register(library.registered_gradients);
        Ok(())
    }

    /// Adds a function, those that it calls and that which computes its gradient; equal ones may be there already.
    pub(super) fn insert(&mut self, function: Arc<Function>) -> Result<(), LibraryError> {
        if self.has(&function)? {
            return Ok(());
        }
        for callee in &function.callees {
            self.insert(callee.clone())?;
        }
        let name = function.op.name.to_string();
        // One that is called there may have the name.
        if !self.has(&function)? {
            self.functions.insert(name.clone(), function.clone());
        }
        if let Some(gradient) = &function.gradient {
            self.insert(gradient.clone())?;
            self.add_gradient(name, gradient.op.name.to_string())?;
        }
        Ok(())
    }

    /// Whether the function is there.
    fn has(&self, function: &Arc<Function>) -> Result<bool, LibraryError> {
        match self.get(&function.op.name) {
            Some(known) if !known.is_same(function) => {
                Err(LibraryError::Different(function.op.name.to_string()))
            }
            known => Ok(known.is_some()),
        }
    }

    /// The functions sorted by name, with default attributes left out; nothing where there are none.
    pub(crate) fn to_proto(&self) -> Option<FunctionDefLibrary> {
        if self.is_empty() {
            return None;
        }
        let gradients = self.gradients.iter();
        Some(FunctionDefLibrary {
            function: self.functions.values().map(|it| it.stripped()).collect(),
            gradient: gradients
                .map(|(function, gradient)| GradientDef {
                    function_name: function.clone(),
                    gradient_func: gradient.clone(),
                })
                .collect(),
            registered_gradients: self.registered_gradients.clone(),
        })
    }
}

impl Function {
    /// The definition with default attributes left out.
    fn stripped(&self) -> FunctionDef {
        let mut def = self.def.clone();
        def.node_def.iter_mut().for_each(strip_default_attributes);
        def
    }

    /// Whether another function has an equal definition.
    pub(super) fn is_same(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || self.def == other.def
    }

    /// Whether another function differs in default attributes alone, if at all.
    fn is_like(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || self.stripped() == other.stripped()
    }
}

fn strip_default_attributes(node: &mut NodeDef) {
    if let Some(op) = op_def::lookup(&node.op) {
        node.attr.retain(|name, value| {
            op.attr(name)
                .is_none_or(|def| def.default.as_deref() != Some(value))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::op_def::{ArgKind, ArgType, Standing};
    use crate::graph::{GraphDef, ImportOptions};
    use crate::proto::tensorflow::attr_value::Value;
    use crate::proto::tensorflow::{self as pb, AttrValue, op_def as proto};
    use crate::{DType, GraphBuilder};

    /// A graph that calls a function of one argument and result, which has an attribute with a default.
    fn graph_with_call() -> GraphDef {
        let arg = |name: &str| proto::ArgDef {
            name: name.to_owned(),
            r#type: DType::Float32.number(),
            ..proto::ArgDef::default()
        };
        let value = |value| AttrValue { value: Some(value) };
        let attr = proto::AttrDef {
            name: "n".to_owned(),
            r#type: "int".to_owned(),
            default_value: Some(value(Value::I(3))),
            ..proto::AttrDef::default()
        };
        let signature = pb::OpDef {
            name: "F".to_owned(),
            input_arg: vec![arg("x")],
            output_arg: vec![arg("y")],
            attr: vec![attr],
            is_stateful: true,
            ..pb::OpDef::default()
        };
        let function = FunctionDef {
            signature: Some(signature),
            ret: [("y".to_owned(), "x".to_owned())].into(),
            ..FunctionDef::default()
        };
        let node = |name: &str, op: &str, input: &[&str], attr: (&str, Value)| NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: input.iter().map(|&name| name.to_owned()).collect(),
            attr: [(attr.0.to_owned(), value(attr.1))].into(),
            ..NodeDef::default()
        };
        let dtype = ("dtype", Value::Type(DType::Float32.number()));
        GraphDef::from_message(pb::GraphDef {
            node: vec![
                node("x", "Placeholder", &[], dtype),
                node("call", "F", &["x"], ("n", Value::I(3))),
            ],
            library: Some(FunctionDefLibrary {
                function: vec![function],
                ..FunctionDefLibrary::default()
            }),
            ..pb::GraphDef::default()
        })
    }

    #[test]
    fn a_function_is_an_op_like_others() {
        let g = GraphBuilder::new();
        let options = ImportOptions::new().prefix("");
        let imported = g.import_graph_def(graph_with_call(), options).unwrap();
        let node = g.node(imported.operation("call").unwrap().id);
        let op = &node.op;
        assert_eq!(
            (op.name(), &*op.inputs[0].name, &*op.outputs[0].name),
            ("F", "x", "y")
        );
        let float = ArgKind::One(ArgType::Fixed(DType::Float32.number()));
        assert_eq!((op.inputs[0].kind, op.outputs[0].kind), (float, float));
        assert!(op.is_stateful && !op.is_state_op() && op.proto().is_none());
        assert_eq!(op.standing, Standing::Unlisted);
        // TensorFlow strips no attribute of a call, though the function says what the default is.
        assert_eq!(node.int_attr("n"), Some(3));
        let kept: Vec<_> = node.non_default_attrs().map(|(name, _)| name).collect();
        assert_eq!(kept, ["n"]);
    }

    #[test]
    fn calls_are_held_against_the_signature() {
        let mut graph = graph_with_call();
        graph.message.node[1].input.clear();
        let g = GraphBuilder::new();
        let error = g.import_graph_def(graph, ImportOptions::new()).unwrap_err();
        assert!(
            error.to_string().contains("expected 1 inputs, found 0"),
            "{error}"
        );
        assert!(g.is_empty());
    }
}
