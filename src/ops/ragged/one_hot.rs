//! Vectors of zeros and ones for ragged classes.

use super::{AnyRaggedTensor, RaggedTensor};
use crate::dtype::Element;
use crate::error::Rule;
use crate::graph::Operand;
use crate::ops::array::OneHotOptions;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::ClassIndex;

/// Vectors of `depth` zeros with a one where each index says (`tf.one_hot` of ragged indices).
///
/// The axis is one of those of the indices that follow the ragged ones, and says where the new dimension of the flat
/// values stands, which has the innermost place by default.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let classes = g.ragged_placeholder::<i64>(1, ());
/// let targets = ragged::one_hot::<f32, _>(&classes, 10, ());
/// assert_eq!(targets.shape().to_string(), "[?, ?, 10]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn one_hot<'g, T: Element, I: ClassIndex>(
    indices: &RaggedTensor<'g, I>,
    depth: impl Operand<'g, i32>,
    options: impl Into<OneHotOptions<'g, T>>,
) -> RaggedTensor<'g, T> {
    let n = Nodes(indices.graph());
    let (values, axis) = options.into().parts();
    let is_named = n.0.is_named();
    // Python makes the values before it finds that the indices are ragged.
    let name = n.after_dense_with("one_hot", "RaggedOneHot", || {
        n.one_hot_values(values.clone(), T::DTYPE);
    });
    let _scope = n.open_scope(&name);
    let rank = indices.shape().rank();
    let given = (axis != -1).then(|| n.axis_of(i32::try_from(axis).unwrap_or(i32::MAX), rank));
    match given {
        Some(None) => return AnyRaggedTensor::poison(n.0).typed(),
        Some(Some(axis)) if axis < indices.ragged_rank() => {
            let ragged_rank = indices.ragged_rank();
            let message = format!("axis {axis} of indices of {ragged_rank} ragged dimensions");
            n.0.report(Rule::Shape, message);
            return AnyRaggedTensor::poison(n.0).typed();
        }
        _ => {}
    }
    let axis = given.flatten().map_or(-1, |axis| axis as i64);
    let inner = if is_named { &*name } else { "one_hot" };
    let flat_values = indices.any.flat_values;
    let vectors = n.one_hot_as(
        inner,
        flat_values.into(),
        Arg::of(depth),
        values,
        T::DTYPE,
        axis,
    );
    indices.any.with_flat_values(vectors).typed()
}
