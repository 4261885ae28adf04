//! Values that TensorFlow manages to work out.
//!
//! It extracts the part of the graph that a value depends on and runs it. What follows from a shape alone is fed to
//! that part, once for each use; it does not run where one tensor is fed twice. What was worked out before is fed
//! too, and is kept apart from the others so that it is fed only once.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use crate::graph::facts::shape_fn::Inference;
use crate::graph::facts::{self, Evaluation};
use crate::graph::node::KnownValue;
use crate::graph::{HashSet, TensorRef};

/// The largest value, in bytes, that TensorFlow keeps.
const MAX_KEPT: usize = 1024;

impl<'a> Inference<'a> {
    /// Whether this node's value follows from the shape of its input.
    pub(super) fn follows_from_shape(&self) -> bool {
        match facts::of(self.op).evaluation {
            Evaluation::OfShape(is_known) => is_known(self.input(0)),
            _ => false,
        }
    }

    /// Whether the constant part of the graph above a tensor runs.
    pub(in crate::graph::facts::shape_fn) fn runs(&self, target: TensorRef) -> bool {
        let node_of = |tensor: TensorRef| self.nodes.get(tensor.node.index());
        let Some(node) = node_of(target) else {
            return false;
        };
        let mut fed = HashSet::default();
        let mut expanded = HashSet::from_iter([target.node]);
        let mut uses: VecDeque<TensorRef> = node.inputs.iter().copied().collect();
        while let Some(tensor) = uses.pop_front() {
            let Some(node) = node_of(tensor) else {
                return false;
            };
            if self.at(node).follows_from_shape() {
                if !fed.insert(tensor) {
                    return false;
                }
                continue;
            }
            let value = self.known(tensor).worked_out();
            let kept = value.is_some_and(|value| value.kept.load(Ordering::Relaxed));
            if kept && fed.insert(tensor) {
                continue;
            }
            if expanded.insert(tensor.node) {
                uses.extend(&node.inputs);
            }
        }
        true
    }

    /// Notes that TensorFlow has worked a value out.
    pub(in crate::graph::facts::shape_fn) fn keep(&self, tensor: TensorRef) {
        let Some(KnownValue { value, kept }) = self.known(tensor).worked_out() else {
            return;
        };
        let size = value.dtype().size();
        let bytes = size.and_then(|size| value.len().checked_mul(size));
        if bytes.is_some_and(|bytes| bytes <= MAX_KEPT) {
            kept.store(true, Ordering::Relaxed);
        }
    }
}
