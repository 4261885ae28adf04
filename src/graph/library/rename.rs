//! Functions by other names.

use std::sync::Arc;

use super::{Function, Library, LibraryError};
use crate::graph::HashMap;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{AttrValue, NameAttrList, NodeDef};
use crate::sorted_map::SortedMap;

/// New names by the old ones, and the functions that have been renamed so far.
pub(crate) struct Renaming {
    names: HashMap<String, String>,
    done: HashMap<String, Arc<Function>>,
}

/// The attribute that names the gradient of a call, which is no function of the library.
const GRADIENT: &str = "_gradient_op_type";

impl Renaming {
    pub(crate) fn new(names: HashMap<String, String>) -> Self {
        let done = HashMap::default();
        Renaming { names, done }
    }

    pub(crate) fn name(&self, name: &mut String) {
        if let Some(new) = self.names.get(name) {
            name.clone_from(new);
        }
    }

    fn function_ref(&self, function: &mut NameAttrList) {
        self.name(&mut function.name);
        self.attrs(&mut function.attr);
    }

    fn attrs(&self, attrs: &mut SortedMap<String, AttrValue>) {
        attrs.for_each_mut(|name, attr| {
            if let Some(value) = &mut attr.value {
                self.value(name, value);
            }
        });
    }

    /// Renames what the value of an attribute names.
    pub(crate) fn value(&self, name: &str, value: &mut Value) {
        match value {
            Value::Func(function) => self.function_ref(function),
            Value::List(list) => list.func.iter_mut().for_each(|it| self.function_ref(it)),
            Value::S(text) if name == GRADIENT => {
                let new = std::str::from_utf8(text)
                    .ok()
                    .and_then(|it| self.names.get(it));
                if let Some(new) = new {
                    *text = new.clone().into_bytes();
                }
            }
            _ => {}
        }
    }

    pub(crate) fn node(&self, node: &mut NodeDef) {
        self.name(&mut node.op);
        self.attrs(&mut node.attr);
    }

    /// A function whose own name and those in its body are the new ones.
    pub(crate) fn function(
        &mut self,
        function: &Arc<Function>,
    ) -> Result<Arc<Function>, LibraryError> {
        let name = &*function.op.name;
        if let Some(done) = self.done.get(name) {
            return Ok(done.clone());
        }
        let callees = function.callees.iter().map(|callee| self.function(callee));
        let callees = callees.collect::<Result<Vec<_>, _>>()?;
        let gradient = function.gradient.as_ref();
        let gradient = gradient.map(|it| self.function(it)).transpose()?;
        let mut def = function.def.clone();
        if let Some(signature) = &mut def.signature {
            self.name(&mut signature.name);
        }
        def.node_def.iter_mut().for_each(|node| self.node(node));
        let renamed = Function::new(def, callees)?.with_gradient(gradient);
        let renamed = Arc::new(renamed);
        self.done.insert(name.to_owned(), renamed.clone());
        Ok(renamed)
    }
}

impl Library {
    /// Gives functions their new names.
    pub(crate) fn rename(&mut self, renaming: &mut Renaming) -> Result<(), LibraryError> {
        let functions = self.functions.values().map(|function| {
            let function = renaming.function(function)?;
            Ok((function.op.name.to_string(), function))
        });
        self.functions = functions.collect::<Result<_, _>>()?;
        let gradients = self.gradients.iter();
        self.gradients = gradients
            .map(|(function, gradient)| {
                let mut pair = (function.clone(), gradient.clone());
                renaming.name(&mut pair.0);
                renaming.name(&mut pair.1);
                pair
            })
            .collect();
        Ok(())
    }
}
