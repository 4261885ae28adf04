//! The ops and functions that nodes of a variant can have.

use std::cell::RefCell;

use crate::graph::HashMap;
use crate::graph::op_def::{self, OpDef};
use crate::proto::tensorflow::{self as pb, FunctionDef};

/// The registered ops, the functions of a variant, and those that edits have made.
pub(super) struct Ops<'m> {
    pub(super) functions: HashMap<&'m str, &'m FunctionDef>,
    made: RefCell<HashMap<String, pb::OpDef>>,
}

impl<'m> Ops<'m> {
    pub(super) fn new(functions: impl Iterator<Item = &'m FunctionDef>) -> Self {
        let named = functions.filter_map(|def| Some((&*def.signature.as_ref()?.name, def)));
        Ops {
            functions: named.collect(),
            made: RefCell::default(),
        }
    }

    /// Adds a function.
    pub(super) fn add(&self, function: &FunctionDef) {
        if let Some(signature) = &function.signature {
            let mut made = self.made.borrow_mut();
            made.insert(signature.name.clone(), signature.clone());
        }
    }

    /// What `f` makes of the definition of an op or function.
    pub(super) fn with_op<R>(&self, name: &str, f: impl FnOnce(&OpDef) -> R) -> Option<R> {
        if let Some(op) = op_def::lookup(name) {
            return Some(f(op));
        }
        let made = self.made.borrow();
        let signature = match self.functions.get(name) {
            Some(def) => def.signature.as_ref(),
            None => made.get(name),
        };
        Some(f(&OpDef::of_function(signature?).ok()?))
    }
}
