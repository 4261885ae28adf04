//! The functions that a graph carries along, which its nodes call by name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::as_read::ReadGraph;
use super::op_def::{self, OpDef, OpDefError};
use crate::proto::tensorflow::{
    FunctionDef, FunctionDefLibrary, GradientDef, NodeDef, RegisteredGradient,
};

/// A graph's functions by name, and which of them computes the gradient of which.
#[derive(Debug, Default)]
pub(crate) struct Library {
    functions: BTreeMap<String, Arc<FunctionDef>>,
    gradients: BTreeMap<String, String>,
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

/// How many nodes and outputs of bodies are looked at for the shapes of calls.
const MAX_SPENT: usize = 1 << 18;

/// Why functions cannot be added to a graph.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LibraryError {
    #[error("a function has no name")]
    NoName,
    #[error("function {0:?} has the name of an op")]
    OpName(String),
    #[error("there are two different functions {0:?}")]
    Different(String),
    #[error("function {name:?}: {source}")]
    Signature { name: String, source: OpDefError },
    #[error("function {0:?} has two different gradient functions")]
    Gradient(String),
    #[error("function {function:?}, or its gradient {gradient:?}, is not in the library")]
    NoFunction { function: String, gradient: String },
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

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<FunctionDef>> {
        self.functions.get(name)
    }

    /// Adds functions; equal ones may be there already.
    pub(crate) fn add(&mut self, library: FunctionDefLibrary) -> Result<(), LibraryError> {
        for function in library.function {
            let signature = function.signature.as_ref().ok_or(LibraryError::NoName)?;
            let name = signature.name.clone();
            if name.is_empty() {
                return Err(LibraryError::NoName);
            }
            if op_def::lookup(&name).is_some() {
                return Err(LibraryError::OpName(name));
            }
            if let Err(source) = OpDef::new(&name, signature) {
                return Err(LibraryError::Signature { name, source });
            }
            match self.functions.get(&name) {
                Some(known) if **known != function => return Err(LibraryError::Different(name)),
                Some(_) => {}
                None => {
                    self.functions.insert(name, Arc::new(function));
                }
            }
        }
        for GradientDef {
            function_name: function,
            gradient_func: gradient,
        } in library.gradient
        {
            if self.get(&function).is_none() || self.get(&gradient).is_none() {
                return Err(LibraryError::NoFunction { function, gradient });
            }
            let known = self.gradients.entry(function.clone());
            if *known.or_insert_with(|| gradient.clone()) != gradient {
                return Err(LibraryError::Gradient(function));
            }
        }
        for gradient in library.registered_gradients {
            if !self.registered_gradients.contains(&gradient) {
                self.registered_gradients.push(gradient);
            }
        }
        Ok(())
    }

    /// The functions sorted by name, with default attributes left out; nothing where there are none.
    pub(crate) fn to_proto(&self) -> Option<FunctionDefLibrary> {
        if self.is_empty() {
            return None;
        }
        let stripped = |function: &Arc<FunctionDef>| {
            let mut function = FunctionDef::clone(function);
            function
                .node_def
                .iter_mut()
                .for_each(strip_default_attributes);
            function
        };
        let gradients = self.gradients.iter();
        Some(FunctionDefLibrary {
            function: self.functions.values().map(stripped).collect(),
            gradient: gradients
                .map(|(function, gradient)| GradientDef {
                    function_name: function.clone(),
                    gradient_func: gradient.clone(),
                })
                .collect(),
            registered_gradients: self.registered_gradients.clone(),
        })
    }

    /// The functions as they were read.
    pub(super) fn functions_as_read(&self, read: &ReadGraph) -> Vec<FunctionDef> {
        let functions = read.functions.iter().filter_map(|name| self.get(name));
        let mut functions: Vec<_> = functions
            .map(|function| FunctionDef::clone(function))
            .collect();
        for attr in &read.removed {
            let is_its = |function: &&mut FunctionDef| {
                let signature = function.signature.as_ref();
                signature.map(|signature| &signature.name) == attr.function.as_ref()
            };
            let function = functions.iter_mut().find(is_its);
            if let Some(node) = function.and_then(|it| it.node_def.get_mut(attr.node)) {
                node.attr.insert(attr.name.clone(), attr.value.clone());
            }
        }
        functions
    }
}

fn strip_default_attributes(node: &mut NodeDef) {
    if let Some(op) = op_def::lookup(&node.op) {
        node.attr
            .retain(|name, value| op.attr(name).is_none_or(|def| def.default != Some(value)));
    }
}
