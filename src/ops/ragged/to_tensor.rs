//! Dense tensors of ragged ones.

use super::{AnyMaybeRagged, AnyRaggedTensor, RaggedTensor};
use crate::dtype::Element;
use crate::graph::{AnyOperand, AnyTensor, Tensor};
use crate::ops::OrDefault;
use crate::ops::nodes::{Arg, Nodes, Slice};

/// The dense tensor, with zeros, empty strings or false, or a default value, after the ends of rows
/// (`tf.RaggedTensor.to_tensor`).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(2, ());
/// assert_eq!(ragged::to_tensor(&x, ()).shape().to_string(), "[?, ?, ?]");
/// assert_eq!(ragged::to_tensor(&x, -1.0).shape().to_string(), "[?, ?, ?]");
/// ```
#[track_caller]
pub fn to_tensor<'g, T: Element>(
    x: &RaggedTensor<'g, T>,
    default_value: impl Into<OrDefault<AnyOperand<'g, T>>>,
) -> Tensor<'g, T> {
    let name = x.graph().requested_name("RaggedToTensor").into_owned();
    let default_value = default_value.into().0.map(Arg::of);
    x.any().to_tensor_as(&name, default_value).typed()
}

impl<'g> AnyRaggedTensor<'g> {
    #[track_caller]
    pub(super) fn to_tensor_as(&self, name: &str, default: Option<Arg<'g>>) -> AnyTensor<'g> {
        let n = self.nodes();
        let _scope = n.open_scope(name);
        let default = default.map(|default| default.convert(n.0, "default_value", self.dtype()));
        let values = match self.values() {
            AnyMaybeRagged::Dense(values) => values,
            AnyMaybeRagged::Ragged(values) => {
                values.to_tensor_as("RaggedToTensor", default.map(Arg::from))
            }
        };
        let inner = values.shape().without_first(1);
        let default = default.map(|default| n.default_like(default, values));
        let (splits, dtype) = (self.row_splits(), self.row_splits_dtype());
        let lengths = Arg::List(vec![n.lengths_of(splits).into()]);
        let nrows = n.sub(n.at(n.shape_as("Shape", splits, dtype), 0), 1);
        let ncols = n.maximum(n.reduce("Max", lengths, ()), 0);
        let shape = n.shape_as("Shape", values, dtype);
        let value_shape = n.index(shape, [Slice::from(1)]);
        let nvals = n.at(shape, 0);
        let default = default.unwrap_or_else(|| {
            let sizes = value_shape.into();
            n.filled("zeros", 0.0, values.dtype(), sizes)
        });
        default.set_shape(inner);
        let starts = n.expand_dims(self.row_starts(), 1);
        let limits = n.expand_dims(self.row_limits(), 1);
        let columns = n.expand_dims(n.numbers_to(ncols), 0);
        let default = n.stack(vec![default.into()]);
        let all = n.concat(vec![values.into(), default.into()], 0);
        let at = n.add(starts, columns);
        let is_value = n.binary("Less", at, limits);
        let outside = n.binary("Fill", n.stack(vec![nrows.into(), ncols.into()]), nvals);
        let at = n.select(is_value, at, outside);
        n.gather(all, at, 0)
    }
}

impl<'g> Nodes<'g> {
    /// The default value under the shape of each of the values.
    #[track_caller]
    fn default_like(self, default: AnyTensor<'g>, values: AnyTensor<'g>) -> AnyTensor<'g> {
        let (known, own) = (values.shape().rank(), default.shape().rank());
        let is_whole = known.is_some() && known == own.map(|own| own + 1);
        let default = match is_whole {
            true => default,
            false => {
                let sizes = self.index(self.shape(values), [Slice::from(1)]);
                self.binary("BroadcastTo", default, sizes)
            }
        };
        let inner = values.shape().without_first(1);
        self.compatible("the default and each value", &default.shape(), &inner);
        default
    }
}
