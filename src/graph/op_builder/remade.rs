//! Nodes made anew with other inputs.

use std::slice;

use super::OpBuilder;
use crate::graph::arity;
use crate::graph::node::CLASS;
use crate::graph::op_def;
use crate::graph::{AnyTensor, GraphBuilder, Operation};

impl GraphBuilder {
    /// Starts a node like another, with the same attributes but other inputs; a switch of a reference becomes one of a value.
    #[track_caller]
    pub(crate) fn remade<'g>(
        &'g self,
        operation: Operation<'g>,
        inputs: &[AnyTensor<'g>],
    ) -> OpBuilder<'g> {
        let node = operation.node();
        let op = match node.op.name() {
            "RefSwitch" => op_def::lookup("Switch").map(Into::into),
            _ => None,
        };
        let op = op.unwrap_or_else(|| node.op.clone());
        let mut attrs = node.attrs.clone();
        let limit = inputs.len() as u64;
        let lengths = op.inputs.iter().map(|arg| {
            let types = arity::types(&op, slice::from_ref(arg), &attrs, limit);
            types.map_or(0, |types| types.map_or(inputs.len(), |types| types.len()))
        });
        let lengths: Vec<_> = lengths.collect();
        drop(node);
        if self.surroundings(&[]).class.is_some() {
            attrs.retain(|(name, _)| name != CLASS);
        }
        let mut builder = self.of_op(Some(op));
        builder.attrs = attrs;
        let mut rest = inputs;
        for length in lengths {
            let given;
            (given, rest) = rest.split_at(length.min(rest.len()));
            builder = builder.inputs(given.iter().copied());
        }
        builder
    }
}
