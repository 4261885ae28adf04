//! Windows with gaps, made by moving space to the batch and back.

use super::Padding;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::constant_value;
use crate::ops::nodes::{Arg, Nodes, Slice, known_sizes};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// The demands of Python on strides and dilations together.
#[track_caller]
pub(super) fn check_strides(g: &GraphBuilder, strides: &[i64], rate: &[i64]) -> Option<()> {
    let nodes = Nodes(g);
    if strides.iter().chain(rate).any(|&number| number < 1) {
        return nodes.refused(Rule::Value, "strides and dilations must be positive");
    }
    let above = |numbers: &[i64]| numbers.iter().any(|&number| number > 1);
    if above(strides) && above(rate) {
        return nodes.refused(
            Rule::Value,
            "strides above 1 are not supported together with dilations above 1",
        );
    }
    Some(())
}

/// The size of a filter, which padding that keeps the size of the input follows from.
pub(super) enum FilterShape {
    /// A list, of which a constant is made.
    Listed(Shape),
    /// The shape of a tensor.
    Tensor(Shape),
    /// Not needed.
    None,
}

/// An op on an input whose elements lie `rate` apart, made of the op on adjacent elements by moving space to the batch
/// (`tf.nn.with_space_to_batch`).
pub(super) struct Dilated<'g> {
    pub(super) input: AnyTensor<'g>,
    pub(super) rate: Vec<i32>,
    pub(super) filter_shape: FilterShape,
    pub(super) padding: Padding,
    /// The first dimension that is dilated.
    pub(super) first: i32,
}

impl<'g> Dilated<'g> {
    /// Makes the nodes around those of `op`, which takes the input and a padding.
    pub(super) fn make(
        self,
        op: &dyn Fn(AnyTensor<'g>, Padding) -> AnyTensor<'g>,
    ) -> Option<AnyTensor<'g>> {
        let g = self.input.graph();
        let nodes = Nodes(g);
        let n = self.rate.len();
        let block = g.constant_named("dilation_rate", self.rate.clone().into_tensor_value());
        let first = self.first as usize;
        let input_shape = self.input.shape();
        let least = if first == 2 { first + n - 1 } else { first + n };
        if input_shape.rank().is_some_and(|rank| rank < least) {
            let message =
                format!("expected an input of rank {least} at least, found {input_shape}");
            return nodes.refused(Rule::Shape, message);
        }
        if self.rate.iter().any(|&rate| rate < 1) {
            return nodes.refused(Rule::Value, "dilations must be positive");
        }
        if self.rate.iter().all(|&rate| rate == 1) {
            return Some(op(self.input, self.padding));
        }
        let base = self.base_paddings(g)?;
        let dims = input_shape
            .dims()
            .and_then(|dims| dims.get(first..first + n));
        let sizes = match dims.and_then(known_sizes) {
            Some(sizes) => Arg::from(sizes),
            None => {
                let dims = nodes.shape(self.input);
                let size = |i| nodes.at(dims, self.first + i).into();
                nodes.stack((0..n as i32).map(size).collect()).into()
            }
        };
        let [paddings, crops] = {
            let _scope = nodes.open_scope("required_space_to_batch_paddings");
            nodes.required_paddings(sizes, block.into(), Some(base))
        };
        let adjusted_block = [vec![1; first - 1], self.rate.clone()].concat();
        let (paddings, crops) = (self.adjusted(g, paddings), self.adjusted(g, crops));
        let moved = nodes.op("SpaceToBatchND").input(self.input);
        let moved = moved.input(adjusted_block.clone());
        let moved = moved.input(paddings).output();
        let result = op(moved, Padding::Valid);
        let back = nodes.op("BatchToSpaceND").input(result);
        let back = back.input(adjusted_block);
        Some(back.input(crops).output())
    }

    /// The padding that the filter itself asks for, before and after each dimension.
    fn base_paddings(&self, g: &'g GraphBuilder) -> Option<Arg<'g>> {
        if self.padding == Padding::Valid {
            return Some(pairs(vec![0; 2 * self.rate.len()]).into());
        }
        let (shape, is_tensor) = match &self.filter_shape {
            FilterShape::Listed(shape) => (shape, false),
            FilterShape::Tensor(shape) => (shape, true),
            FilterShape::None => (&Shape::unknown(), true),
        };
        let dims = shape.dims().and_then(known_sizes);
        let Some(dims) = dims.filter(|dims| dims.len() >= self.rate.len()) else {
            let message = format!("SAME padding needs a filter of known shape, found {shape}");
            return Nodes(g).refused(Rule::Shape, message);
        };
        if !is_tensor {
            g.constant_named("filter_shape", dims.clone().into_tensor_value());
        }
        let mut around = Vec::new();
        for (&size, &rate) in dims.iter().zip(&self.rate) {
            let extra = size + (size - 1) * (rate - 1) - 1;
            let start = extra.div_euclid(2);
            around.extend([start, extra - start]);
        }
        Some(g.constant_named("stack", pairs(around)).into())
    }

    /// Pads for all dimensions from the first after the batch.
    fn adjusted(&self, g: &'g GraphBuilder, pads: AnyTensor<'g>) -> Arg<'g> {
        let nodes = Nodes(g);
        let mut before = vec![0; 2 * (self.first as usize - 1)];
        let known = constant_value::of(pads);
        if let Some(pads) = known.as_ref().and_then(|pads| pads.as_slice::<i32>().ok()) {
            before.extend(pads);
            return pairs(before).into();
        }
        let pads = nodes.index(pads, [Slice::between(0, self.rate.len() as i32)]);
        if !before.is_empty() {
            let all = vec![pairs(before).into(), pads.into()];
            return nodes.concat(all, 0).into();
        }
        // What Python makes of a list with one item.
        let _scope = nodes.open_scope("concat");
        nodes.constant("concat_dim", 0i32);
        nodes.identity("concat", pads).into()
    }
}

/// A matrix with two columns.
fn pairs(values: Vec<i32>) -> TensorValue {
    let rows = values.len() / 2;
    values.into_tensor_value().reshaped(&[rows, 2])
}
