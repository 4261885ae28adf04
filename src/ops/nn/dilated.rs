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

/// An op on an input whose elements lie apart, made of the op on adjacent elements by moving space to the batch
/// (`tf.nn.with_space_to_batch`); the constants for it are made.
#[derive(Debug)]
pub(super) struct Dilated<'g> {
    /// The shape that the constants are for.
    input_shape: Shape,
    rate: Vec<i32>,
    block: AnyTensor<'g>,
    /// The padding that the filter itself asks for; none where the elements are adjacent.
    base: Option<Arg<'g>>,
    padding: Padding,
    /// The first dimension that is dilated.
    first: i32,
}

impl<'g> Dilated<'g> {
    /// Makes the constants for inputs of a shape, whose elements lie `rate` apart from the dimension `first` on.
    pub(super) fn new(
        g: &'g GraphBuilder,
        input_shape: Shape,
        rate: Vec<i32>,
        filter_shape: FilterShape,
        padding: Padding,
        first: i32,
    ) -> Option<Self> {
        let nodes = Nodes(g);
        let n = rate.len();
        let block = g.constant_named("dilation_rate", rate.clone().into_tensor_value());
        let least = match first {
            2 => n + 1,
            first => first as usize + n,
        };
        if input_shape.rank().is_some_and(|rank| rank < least) {
            let message =
                format!("expected an input of rank {least} at least, found {input_shape}");
            return nodes.refused(Rule::Shape, message);
        }
        if rate.iter().any(|&rate| rate < 1) {
            return nodes.refused(Rule::Value, "dilations must be positive");
        }
        let base = match rate.iter().all(|&rate| rate == 1) {
            true => None,
            false => Some(base_paddings(g, &rate, &filter_shape, padding)?),
        };
        Some(Dilated {
            input_shape,
            rate,
            block,
            base,
            padding,
            first,
        })
    }

    pub(super) fn graph(&self) -> &'g GraphBuilder {
        self.block.graph()
    }

    /// Makes the nodes around those of `op`, which takes the input and a padding.
    pub(super) fn call(
        &self,
        input: Arg<'g>,
        op: &dyn Fn(Arg<'g>, Padding) -> AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let Some(base) = &self.base else {
            return op(input, self.padding);
        };
        let nodes = Nodes(self.graph());
        let (n, first) = (self.rate.len(), self.first as usize);
        let dims = self.input_shape.dims();
        let dims = dims.and_then(|dims| dims.get(first..first + n));
        let sizes = match dims.and_then(known_sizes) {
            Some(sizes) => Arg::from(sizes),
            None => {
                let dims = nodes.shape(input.clone());
                let size = |i| nodes.at(dims, self.first + i).into();
                nodes.stack((0..n as i32).map(size).collect()).into()
            }
        };
        let [paddings, crops] = {
            let _scope = nodes.open_scope("required_space_to_batch_paddings");
            nodes.required_paddings(sizes, self.block.into(), Some(base.clone()))
        };
        let adjusted_block = [vec![1; first - 1], self.rate.clone()].concat();
        let (paddings, crops) = (self.adjusted(paddings), self.adjusted(crops));
        let moved = nodes.op("SpaceToBatchND").input(input);
        let moved = moved.input(adjusted_block.clone());
        let moved = moved.input(paddings).output();
        let result = op(moved.into(), Padding::Valid);
        let back = nodes.op("BatchToSpaceND").input(result);
        let back = back.input(adjusted_block);
        back.input(crops).output()
    }

    /// Pads for all dimensions from the first after the batch.
    fn adjusted(&self, pads: AnyTensor<'g>) -> Arg<'g> {
        let nodes = Nodes(pads.graph());
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

/// The padding that a filter itself asks for, before and after each dimension.
fn base_paddings<'g>(
    g: &'g GraphBuilder,
    rate: &[i32],
    filter_shape: &FilterShape,
    padding: Padding,
) -> Option<Arg<'g>> {
    if padding == Padding::Valid {
        return Some(pairs(vec![0; 2 * rate.len()]).into());
    }
    let (shape, is_tensor) = match filter_shape {
        FilterShape::Listed(shape) => (shape, false),
        FilterShape::Tensor(shape) => (shape, true),
        FilterShape::None => (&Shape::unknown(), true),
    };
    let dims = shape.dims().and_then(known_sizes);
    let Some(dims) = dims.filter(|dims| dims.len() >= rate.len()) else {
        let message = format!("SAME padding needs a filter of known shape, found {shape}");
        return Nodes(g).refused(Rule::Shape, message);
    };
    if !is_tensor {
        g.constant_named("filter_shape", dims.clone().into_tensor_value());
    }
    let mut around = Vec::new();
    for (&size, &rate) in dims.iter().zip(rate) {
        let extra = size + (size - 1) * (rate - 1) - 1;
        let start = extra.div_euclid(2);
        around.extend([start, extra - start]);
    }
    Some(g.constant_named("stack", pairs(around)).into())
}

/// A matrix with two columns.
fn pairs(values: Vec<i32>) -> TensorValue {
    let rows = values.len() / 2;
    values.into_tensor_value().reshaped(&[rows, 2])
}
