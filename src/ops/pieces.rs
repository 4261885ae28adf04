//! What lookup tables call of [`nodes`](super::nodes).

use super::nodes::Nodes;
use crate::dtype::DType;
use crate::graph::AnyTensor;

#[track_caller]
pub(crate) fn cast<'g>(x: AnyTensor<'g>, dtype: DType) -> AnyTensor<'g> {
    Nodes(x.graph()).cast(x, dtype)
}

/// `tf.range` of int32 with constant start and step.
#[track_caller]
pub(crate) fn range<'g>(limit: AnyTensor<'g>, (start, delta): (i32, i32)) -> AnyTensor<'g> {
    let args = [start.into(), limit.into(), delta.into()];
    Nodes(limit.graph()).call(("Range", "range"), args)
}
