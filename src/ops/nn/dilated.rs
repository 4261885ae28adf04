//! Windows with gaps, made by moving space to the batch and back.

use std::panic::Location;

use super::Padding;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// The demands of Python on strides and dilations together.
#[track_caller]
pub(super) fn check_strides(g: &GraphBuilder, strides: &[i64], rate: &[i64]) -> Option<()> {
    let nodes = Nodes(g);
    if strides.iter().chain(rate).any(|&number| number < 1) {
        nodes.fault(Rule::Value, "strides and dilations must be positive");
        return None;
    }
    let above = |numbers: &[i64]| numbers.iter().any(|&number| number > 1);
    if above(strides) && above(rate) {
        nodes.fault(
            Rule::Value,
            "strides above 1 are not supported together with dilations above 1",
        );
        return None;
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
        op: impl FnOnce(AnyTensor<'g>, Padding) -> AnyTensor<'g>,
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
            nodes.fault(Rule::Shape, message);
            return None;
        }
        if self.rate.iter().any(|&rate| rate < 1) {
            nodes.fault(Rule::Value, "dilations must be positive");
            return None;
        }
        if self.rate.iter().all(|&rate| rate == 1) {
            return Some(op(self.input, self.padding));
        }
        let base = self.base_paddings(g)?;
        let dims = input_shape.dims().map(|dims| dims.get(first..first + n));
        let dims = dims.flatten().map(|dims| dims.iter().copied().collect());
        let sizes: Option<Vec<usize>> = dims.flatten();
        let input_sizes = match &sizes {
            Some(sizes) => Arg::from(sizes.iter().map(|&size| size as i32).collect::<Vec<_>>()),
            None => {
                let dims = nodes.shape(self.input);
                let sizes =
                    (0..n as i32).map(|i| nodes.index(dims, [Slice::at(self.first + i)]).into());
                let sizes: Vec<Arg<'g>> = sizes.collect();
                nodes.stack(sizes).into()
            }
        };
        let (paddings, crops) = self.required_paddings(g, block, input_sizes, sizes, base);
        let adjusted_block = [vec![1; first - 1], self.rate.clone()].concat();
        let paddings = self.adjusted(g, paddings);
        let crops = self.adjusted(g, crops);
        let moved = nodes.op("SpaceToBatchND").input(self.input);
        let moved = moved.input(adjusted_block.clone());
        let moved = moved.input(paddings).output();
        let result = op(moved, Padding::Valid);
        let back = nodes.op("BatchToSpaceND").input(result);
        let back = back.input(adjusted_block);
        Some(back.input(crops).output())
    }

    /// The padding that the filter itself asks for, before and after each dimension.
    fn base_paddings(&self, g: &'g GraphBuilder) -> Option<(Vec<[i32; 2]>, Option<AnyTensor<'g>>)> {
        let nodes = Nodes(g);
        if self.padding == Padding::Valid {
            return Some((vec![[0, 0]; self.rate.len()], None));
        }
        let (shape, is_tensor) = match &self.filter_shape {
            FilterShape::Listed(shape) => (shape, false),
            FilterShape::Tensor(shape) => (shape, true),
            FilterShape::None => (&Shape::unknown(), true),
        };
        let Some(dims) = shape
            .to_static()
            .filter(|dims| dims.len() >= self.rate.len())
        else {
            let message = format!("SAME padding needs a filter of known shape, found {shape}");
            nodes.fault(Rule::Shape, message);
            return None;
        };
        if !is_tensor {
            let dims: Vec<i32> = dims.iter().map(|&dim| dim as i32).collect();
            g.constant_named("filter_shape", dims.into_tensor_value());
        }
        let around = dims.iter().zip(&self.rate).map(|(&size, &rate)| {
            let size = size as i32;
            let extra = size + (size - 1) * (rate - 1) - 1;
            let start = extra.div_euclid(2);
            [start, extra - start]
        });
        let around: Vec<[i32; 2]> = around.collect();
        let tensor = g.constant_named("stack", pairs(&around));
        Some((around, Some(tensor)))
    }

    /// `tf.required_space_to_batch_paddings`: the padding, and what has to be cut off afterwards.
    fn required_paddings(
        &self,
        g: &'g GraphBuilder,
        block: AnyTensor<'g>,
        input_sizes: Arg<'g>,
        sizes: Option<Vec<usize>>,
        (base, base_tensor): (Vec<[i32; 2]>, Option<AnyTensor<'g>>),
    ) -> (Pads<'g>, Pads<'g>) {
        let nodes = Nodes(g);
        let here = Location::caller();
        g.inner_scope("required_space_to_batch_paddings", here, |_| {
            let input_sizes = input_sizes.convert(g, "input_shape", crate::dtype::DType::Int32);
            let base_tensor =
                base_tensor.unwrap_or_else(|| g.constant_named("base_paddings", pairs(&base)));
            if let Some(sizes) = sizes {
                let extra = |i: usize| {
                    let full = sizes[i] as i32 + base[i][0] + base[i][1];
                    (self.rate[i] - full.rem_euclid(self.rate[i])).rem_euclid(self.rate[i])
                };
                let all = 0..base.len();
                let paddings: Vec<_> = all
                    .clone()
                    .map(|i| [base[i][0], base[i][1] + extra(i)])
                    .collect();
                let crops: Vec<_> = all.map(|i| [0, extra(i)]).collect();
                g.constant_named("paddings", pairs(&paddings));
                g.constant_named("crops", pairs(&crops));
                return (Pads::Known(paddings), Pads::Known(crops));
            }
            let column = |at| nodes.index(base_tensor, [Slice::ALL, Slice::at(at)]);
            let start = column(0);
            let end = column(1);
            let sum = nodes.add(input_sizes, start);
            let full = nodes.add(sum, end);
            let rest = nodes.modulo(full, block);
            let missing = nodes.sub(block, rest);
            let extra = nodes.modulo(missing, block);
            let end = nodes.add(end, extra);
            let item =
                |of: AnyTensor<'g>, i: usize| Arg::from(nodes.index(of, [Slice::at(i as i32)]));
            let all = 0..base.len();
            let rows = all.clone().map(|i| {
                let start = item(start, i);
                Arg::List(vec![start, item(end, i)])
            });
            let rows: Vec<_> = rows.collect();
            let paddings = nodes.stack_as("paddings", rows);
            let rows: Vec<_> = all
                .map(|i| Arg::List(vec![Arg::from(0), item(extra, i)]))
                .collect();
            let crops = nodes.stack_as("crops", rows);
            (Pads::Tensor(paddings), Pads::Tensor(crops))
        })
    }

    /// Pads for all dimensions from the first after the batch.
    fn adjusted(&self, g: &'g GraphBuilder, pads: Pads<'g>) -> Arg<'g> {
        let nodes = Nodes(g);
        let before = vec![[0, 0]; self.first as usize - 1];
        match pads {
            Pads::Known(pads) => pairs(&[before, pads].concat()).into(),
            Pads::Tensor(pads) => {
                let pads = nodes.index(pads, [Slice::between(0, self.rate.len() as i32)]);
                if !before.is_empty() {
                    return nodes
                        .concat(vec![pairs(&before).into(), pads.into()], 0)
                        .into();
                }
                // What Python makes of a list with one item.
                let single = g.inner_scope("concat", Location::caller(), |_| {
                    g.constant_named("concat_dim", 0i32.into_tensor_value());
                    nodes.named("Identity", "concat").input(pads).output()
                });
                single.into()
            }
        }
    }
}

enum Pads<'g> {
    Known(Vec<[i32; 2]>),
    Tensor(AnyTensor<'g>),
}

/// A matrix with two columns.
fn pairs(rows: &[[i32; 2]]) -> TensorValue {
    TensorValue::from_parts(vec![rows.len(), 2], rows.concat())
}
