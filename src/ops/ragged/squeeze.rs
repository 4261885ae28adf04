//! Ragged tensors without dimensions of size 1.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::{Arg, Axes, AxesKind, Nodes};

/// A ragged tensor without some dimensions of size 1 (`tf.squeeze` of a ragged tensor).
///
/// The graph checks that the first dimension and ragged ones that are taken away are of size 1; if no ragged dimension
/// is left, the result is a tensor. All dimensions of size 1 cannot be asked for, and [`Axes::keep_dims`] is a fault.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.ragged_placeholder::<f32>(2, ());
/// assert_eq!(ragged::squeeze(&x, 1).ragged().ragged_rank(), 1);
/// assert_eq!(ragged::squeeze(&x, [1, 2]).tensor().shape().to_string(), "[?]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn squeeze<'g, T: TensorType>(
    x: &RaggedTensor<'g, T>,
    axes: impl Into<Axes>,
) -> MaybeRagged<'g, T> {
    let (n, axes) = (Nodes(x.graph()), axes.into());
    let is_named = n.0.is_named();
    let name = n.after_dense("Squeeze", "RaggedSqueeze");
    let _scope = n.open_scope(&name);
    let last = if is_named { &*name } else { "Squeeze" };
    n.squeezed(&x.any, &axes, last).typed()
}

impl<'g> Nodes<'g> {
    /// A ragged tensor without dimensions; `last` is the name of the node that takes away the only one that is left.
    #[track_caller]
    fn squeezed(self, x: &AnyRaggedTensor<'g>, axes: &Axes, last: &str) -> AnyMaybeRagged<'g> {
        if axes.keep_dims {
            let message = "squeezed dimensions cannot be kept";
            return self.fault(Rule::Inputs, message).into();
        }
        if axes.kind == AxesKind::All {
            let message = "expected the axes to be squeezed of a ragged tensor, found none";
            return self.fault(Rule::Inputs, message).into();
        }
        let rank = x.shape().rank();
        let axes = axes.numbers().into_iter();
        let axes = axes.map(|axis| self.axis_of(i32::try_from(axis).unwrap_or(i32::MAX), rank));
        let Some(axes) = axes.collect::<Option<Vec<_>>>() else {
            return AnyTensor::poison(self.0).into();
        };
        let ragged_rank = x.ragged_rank();
        let (outer, inner): (Vec<_>, Vec<_>) =
            axes.into_iter().partition(|&axis| axis <= ragged_rank);
        let inner: Vec<_> = inner
            .into_iter()
            .map(|axis| (axis - ragged_rank) as i64)
            .collect();
        let one = self.number("Const", x.row_splits_dtype(), 1.0);
        let lengths = self.nested_lengths_of(x);
        let refusal = |axis: usize| {
            Arg::from(&*format!(
                "the given axis (axis = {axis}) is not squeezable!"
            ))
        };
        let mut checks = Vec::new();
        for (lengths, axis) in lengths.into_iter().zip(1..) {
            if outer.contains(&axis) {
                let is_one = self.binary("Equal", lengths, one);
                let are_one = self.reduce("All", is_one, ());
                checks.push(self.assert(are_one, vec![refusal(axis)], None));
            }
        }
        if outer.contains(&0) {
            let two = self.number("Const", DType::Int32, 2.0);
            let is_one = self.binary("Equal", self.size(x.row_splits()), two);
            checks.push(self.assert(is_one, vec![refusal(0)], None));
        }
        let mut values = self.0.with_dependencies(&checks, x.flat_values);
        if !inner.is_empty() {
            values = self.squeeze(values, &inner);
        }
        let splits = x.nested_row_splits().into_iter().zip(1..);
        let splits = splits.filter(|(_, axis)| !outer.contains(axis));
        let mut splits: Vec<_> = splits.map(|(splits, _)| Arg::from(splits)).collect();
        if !splits.is_empty() && outer.contains(&0) {
            splits.remove(0);
        }
        let squeezed = {
            let _scope = self.open_scope("RaggedFromNestedRowSplits");
            match splits.is_empty() {
                true => values.into(),
                false => {
                    let values = AnyMaybeRagged::from(values).into();
                    AnyMaybeRagged::from(self.nested(Rows::Splits, values, splits, true))
                }
            }
        };
        match squeezed {
            AnyMaybeRagged::Dense(values)
                if (0..=ragged_rank).all(|axis| outer.contains(&axis)) =>
            {
                let squeeze = self.named("Squeeze", last).input(values);
                squeeze.attr("squeeze_dims", vec![0i64]).output().into()
            }
            squeezed => squeezed,
        }
    }
}
