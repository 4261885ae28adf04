//! Matching what is given for a node with the definition of its op.

use super::inputs::Input;
use super::{Checked, Fault, OpBuilder};
use crate::error::Rule;
use crate::graph::TensorRef;
use crate::graph::attr::{check_attr, type_name};
use crate::graph::node::{Attrs, Op};
use crate::graph::op_def::OpDef;
use crate::proto::tensorflow::attr_value::Value;

impl OpBuilder<'_> {
    /// The op; adds the attributes that follow from the inputs to those given, and sorts them.
    pub(super) fn check(&mut self) -> Checked<Op> {
        let Some(op) = self.op.clone() else {
            let message = format!("TensorFlow 1.15 has no op \"{}\"", self.op_name());
            return Err(Fault(Rule::UnknownOp, message));
        };
        let producer = self.graph.producer();
        if let Some(deprecation) = op.deprecation.as_ref().filter(|it| it.version <= producer) {
            let message = format!("TensorFlow removed the op: {}", deprecation.explanation);
            return Err(Fault(Rule::UnknownOp, message));
        }
        if self.extras.as_ref().is_some_and(|extras| extras.is_foreign) {
            let message = "an input is of another graph".to_owned();
            return Err(Fault(Rule::OtherGraph, message));
        }
        for (name, value) in &self.attrs {
            match op.attr(name) {
                Some(def) => check_attr(def, value).map_err(Fault::attr)?,
                None if name.starts_with('_') => {}
                None => return Err(Fault::attr(format!("the op has no attribute \"{name}\""))),
            }
        }
        if self.args != op.inputs.len() {
            let names: Vec<_> = op.inputs.iter().map(|input| &*input.name).collect();
            let message = format!(
                "expected {} inputs ({}), found {}",
                op.inputs.len(),
                names.join(", "),
                self.args
            );
            return Err(Fault(Rule::Inputs, message));
        }
        self.match_inputs(&op)
            .map_err(|message| Fault(Rule::Inputs, message))?;
        let attrs = &mut self.attrs;
        for def in &op.attrs {
            if def.default.is_none() && !attrs.iter().any(|(name, _)| *name == def.name) {
                return Err(Fault::attr(format!(
                    "attribute \"{}\" is missing",
                    def.name
                )));
            }
        }
        check_held_tensor(attrs).map_err(Fault::attr)?;
        attrs.sort_by(|(a, _), (b, _)| a.cmp(b));
        if let Some(pair) = attrs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Fault::attr(format!(
                "attribute \"{}\" is given twice",
                pair[0].0
            )));
        }
        Ok(op)
    }

    /// Matches the tensors that are given with the inputs of the op, of which there are as many.
    fn match_inputs(&mut self, op: &OpDef) -> Result<(), String> {
        let nodes = self.graph.nodes();
        let lists = self.extras.as_ref().map_or(&[][..], |extras| &extras.lists);
        let mut lists = lists.iter().copied().peekable();
        let mut rest: &[TensorRef] = &self.inputs;
        for (position, def) in op.inputs.iter().enumerate() {
            let list = lists.next_if(|&(list, _)| list == position);
            let (tensors, after) = rest.split_at(list.map_or(1, |(_, len)| len));
            rest = after;
            let attrs = &mut self.attrs;
            Input { op, def, attrs }.match_with(tensors, &nodes)?;
        }
        Ok(())
    }
}

/// The tensor that a node holds has the dtype that the node has.
fn check_held_tensor(attrs: &Attrs) -> Result<(), String> {
    let value = |name| {
        let found = attrs.iter().find(|(attr, _)| attr == name);
        found.and_then(|(_, value)| value.value.as_ref())
    };
    match (value("value"), value("dtype")) {
        (Some(Value::Tensor(tensor)), Some(Value::Type(expected))) if tensor.dtype != *expected => {
            let (expected, found) = (type_name(*expected), type_name(tensor.dtype));
            Err(format!(
                "attribute \"value\": expected {expected}, found {found}"
            ))
        }
        _ => Ok(()),
    }
}
