//! Knowledge of a new node's outputs besides their shapes: values, the dimensions they list, what handles stand for.
//!
//! TensorFlow evaluates a constant part of the graph whenever a shape function asks for a value. Here the same values
//! are carried forward from node to node, so that each node costs the same however long the chain above it is.

mod arithmetic;
pub(super) mod compute;
mod feed;
pub(super) mod handle;
pub(super) mod join;
pub(super) mod listed;
pub(super) mod order;
pub(super) mod pick;
mod real;
pub(super) mod reduce;
mod small;

use smallvec::SmallVec;

use super::fault::Fault;
use super::{Inference, Inferred};
use crate::dtype::DType;
use crate::graph::Node;
use crate::graph::facts::kernel::{Binary, Call, Comparison, Computed, Reduction, Unary};
use crate::graph::facts::{self, Evaluation};
use crate::graph::node::Known;
use crate::shape::Shape;
use crate::value::TensorValue;

pub(in crate::graph::facts) use small::Small;

/// The largest value that is worked out while a graph is built: longer ones are not shapes or axes.
const MAX_ELEMENTS: usize = 1024;

/// The values of a node's outputs, of those that get any.
type OutputValues = Option<Vec<Option<Small>>>;

/// How the values of an op's outputs are worked out while a graph is built; its inputs are constant.
#[derive(Clone, Copy)]
pub(in crate::graph::facts) enum Folding {
    /// The node's attributes hold the value.
    Constant(fn(&Node) -> Option<TensorValue>),
    /// The values are those that a kernel computes.
    Kernel(fn(&mut Call<'_>) -> Computed),
    /// The values follow from the shapes of inputs.
    OfShapes(fn(&Inference<'_>) -> OutputValues),
    /// The value of the one output.
    One(fn(&Inference<'_>, &[Small]) -> Option<Small>),
    /// The values of all outputs.
    All(fn(&Inference<'_>, &[Small]) -> Option<Vec<Small>>),
    /// The values of those outputs that get any.
    Outputs(fn(&Inference<'_>, &[Small]) -> OutputValues),
    Unary(Unary),
    Binary(Binary),
    Comparison(Comparison),
    Reduction(Reduction),
}

/// The partly known dimensions that an output lists, where the op is one that TensorFlow looks through.
pub(in crate::graph::facts) type ListedFn = fn(&Inference<'_>, usize) -> Option<Inferred<Shape>>;

/// The shapes and dtypes behind an output that is a handle.
pub(in crate::graph::facts) type HandleFn = fn(&Inference<'_>, usize) -> Vec<(Shape, DType)>;

/// Works out what is known of the outputs of a node whose shapes have been inferred.
pub(in crate::graph) fn know(nodes: &[Node], node: &Node, producer: i32) -> SmallVec<[Known; 1]> {
    let mut all = SmallVec::with_capacity(node.outputs.len());
    if node.op.function().is_some() {
        for _ in &node.outputs {
            all.push(Known::default());
        }
        return all;
    }
    let op = &*node.op;
    let facts = facts::of(op);
    let i = Inference {
        nodes,
        node,
        op,
        producer,
    };
    let inputs_are_constant = node.inputs.iter().all(|&input| i.known(input).constant);
    let may_be_evaluated = match facts.evaluation {
        Evaluation::Never => false,
        Evaluation::Constant => true,
        // The value of an op without inputs comes from elsewhere.
        _ => !op.is_stateful && !node.inputs.is_empty(),
    };
    let direct = may_be_evaluated && inputs_are_constant;
    let entered = matches!(facts.evaluation, Evaluation::Entered);
    let constant = direct && !entered || i.follows_from_shape();
    let values = match facts.folding {
        Some(folding) if direct || constant => values(&i, folding),
        _ => None,
    };
    let mut values = values.unwrap_or_default().into_iter();
    for (index, output) in node.outputs.iter().enumerate() {
        let mut known = Known::new(constant, direct);
        if let Some(value) = values.next().flatten() {
            known.set_value(value);
        }
        let listed = facts.listed.filter(|_| !facts.listed_late);
        if let Some(listed) = listed.and_then(|listed| listed(&i, index)) {
            known.set_listed(listed.map_err(Fault::into_text));
        }
        let is_handle = matches!(output.dtype, DType::Resource | DType::Variant);
        if let Some(handle) = facts.handle.filter(|_| is_handle) {
            known.set_handle(handle(&i, index));
        }
        all.push(known);
    }
    all
}

/// The values of the outputs where they are short.
fn values(i: &Inference<'_>, folding: Folding) -> Option<Vec<Option<TensorValue>>> {
    let short = |shape: &Shape| shape.num_elements().is_none_or(|len| len <= MAX_ELEMENTS);
    if !i.node.outputs.iter().all(|output| short(&output.shape)) {
        return None;
    }
    let mut values = compute::compute(i, folding)?;
    for value in &mut values {
        if value
            .as_ref()
            .is_some_and(|value| value.len() > MAX_ELEMENTS)
        {
            *value = None;
        }
    }
    Some(values)
}
