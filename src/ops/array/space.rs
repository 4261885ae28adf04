//! Moving elements between spatial dimensions, channels and the batch; other types of the same bytes.

use std::panic::Location;

use super::{index, zeros};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Entry, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::constant_value;
use crate::ops::nn::DataFormat;
use crate::ops::nodes::{function, function_as};
use crate::ops::types::{Int32Int64, NumberQInt16QUInt16};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// Images with squares of `block_size` pixels moved into the channels (`tf.space_to_depth`).
#[track_caller]
pub fn space_to_depth<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    block_size: i64,
) -> Tensor<'g, T> {
    space_to_depth_with(x, block_size, DataFormat::default())
}

/// The same with the channels in either place (`tf.space_to_depth` with `data_format`).
#[track_caller]
pub fn space_to_depth_with<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    block_size: i64,
    data_format: DataFormat,
) -> Tensor<'g, T> {
    blocks("SpaceToDepth", x, block_size, data_format)
}

/// Images with channels moved into squares of `block_size` pixels (`tf.depth_to_space`).
#[track_caller]
pub fn depth_to_space<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    block_size: i64,
) -> Tensor<'g, T> {
    depth_to_space_with(x, block_size, DataFormat::default())
}

/// The same with the channels in either place (`tf.depth_to_space` with `data_format`).
#[track_caller]
pub fn depth_to_space_with<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    block_size: i64,
    data_format: DataFormat,
) -> Tensor<'g, T> {
    blocks("DepthToSpace", x, block_size, data_format)
}

#[track_caller]
fn blocks<'g, T: TensorType>(
    op: &'static str,
    x: impl TensorLike<'g, T>,
    block_size: i64,
    data_format: DataFormat,
) -> Tensor<'g, T> {
    function(x.graph(), op)
        .arg(x)
        .attr("block_size", block_size)
        .attr("data_format", data_format.name())
        .output()
        .typed()
}

/// Images with the pixels of each square of `block_size` moved into the batch, after padding with zeros
/// (`tf.space_to_batch`).
#[track_caller]
pub fn space_to_batch<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    paddings: impl Operand<'g, I>,
    block_size: i32,
) -> Tensor<'g, T> {
    of_rank_4(space_to_batch_nd(x, [block_size, block_size], paddings))
}

functions! {
    /// Moves blocks in any number of dimensions into the batch, after padding (`tf.space_to_batch_nd`).
    space_to_batch_nd "SpaceToBatchND"
        <T: TensorType, I: Int32Int64, J: Int32Int64>(x: T, block_shape: I, paddings: J) -> T;
    /// Moves entries of the batch into blocks in any number of dimensions, which are cropped (`tf.batch_to_space_nd`).
    batch_to_space_nd "BatchToSpaceND"
        <T: TensorType, I: Int32Int64, J: Int32Int64>(x: T, block_shape: I, crops: J) -> T;
    /// The bytes of a tensor as elements of another type (`tf.bitcast`); a last dimension is split or joined where the sizes of
    /// the types differ.
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// assert_eq!(array::bitcast::<u8, _>(x).shape().to_string(), "[?, 3, 4]");
    /// ```
    bitcast "Bitcast" <U: NumberQInt16QUInt16, T: NumberQInt16QUInt16>(x: T) -> U { "type" = U::DTYPE };
}

/// Images with entries of the batch moved into squares of `block_size` pixels, which are cropped afterwards
/// (`tf.batch_to_space`).
#[track_caller]
pub fn batch_to_space<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    crops: impl Operand<'g, I>,
    block_size: i32,
) -> Tensor<'g, T> {
    of_rank_4(batch_to_space_nd(x, [block_size, block_size], crops))
}

#[track_caller]
fn of_rank_4<T: TensorType>(x: Tensor<'_, T>) -> Tensor<'_, T> {
    x.set_shape(Shape::unknown_of_rank(4));
    x
}

/// The paddings and crops with which [`space_to_batch_nd`] and [`batch_to_space_nd`] take any sizes
/// (`tf.required_space_to_batch_paddings`): two matrices with a row for each block dimension.
///
/// The shape of `block_shape` must be known.
#[track_caller]
pub fn required_space_to_batch_paddings<'g>(
    g: &'g GraphBuilder,
    input_shape: impl Operand<'g, i32>,
    block_shape: impl Operand<'g, i32>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    required_paddings(g, input_shape, block_shape, None)
}

/// The same on top of other paddings (`tf.required_space_to_batch_paddings` with `base_paddings`).
#[track_caller]
pub fn required_space_to_batch_paddings_with<'g>(
    g: &'g GraphBuilder,
    input_shape: impl Operand<'g, i32>,
    block_shape: impl Operand<'g, i32>,
    base_paddings: impl Operand<'g, i32>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    required_paddings(
        g,
        input_shape,
        block_shape,
        Some(base_paddings.into_entry()),
    )
}

#[track_caller]
fn required_paddings<'g>(
    g: &'g GraphBuilder,
    input_shape: impl Operand<'g, i32>,
    block_shape: impl Operand<'g, i32>,
    base_paddings: Option<Entry<'g, i32>>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    let name = "required_space_to_batch_paddings";
    g.function_scope(name, Location::caller(), |_| {
        let input = input_shape.into_tensor(g, "input_shape");
        let block = block_shape.into_tensor(g, "block_shape");
        let poison = || {
            let poison = AnyTensor::poison(g);
            (poison.typed(), poison.typed())
        };
        let count = match block.shape().dims() {
            Some(&[Some(count)]) => count,
            _ => {
                let message = format!(
                    "a vector of known length is expected, found {}",
                    block.shape()
                );
                block.any().report(Rule::Shape, &message);
                return poison();
            }
        };
        if count == 0 {
            return (zeros(g, [0, 2]), zeros(g, [0, 2]));
        }
        let fits = |tensor: Tensor<'g, i32>, shape: Shape| {
            let fits = tensor.shape().is_compatible_with(&shape);
            if !fits {
                let message = format!("shape {shape} is expected, found {}", tensor.shape());
                tensor.any().report(Rule::Shape, &message);
            }
            fits
        };
        if !fits(input, [count].into()) {
            return poison();
        }
        let base = match base_paddings {
            Some(base) => base.into_tensor(g, "base_paddings"),
            None => zeros(g, [count, 2]),
        };
        if !fits(base, [count, 2].into()) {
            return poison();
        }
        let known = |tensor: Tensor<'g, i32>| constant_value::of(tensor.any())?.to_i64s();
        match (known(block), known(input), known(base)) {
            (Some(block), Some(input), Some(base)) => known_paddings(g, &block, &input, &base),
            _ => worked_out_paddings(g, count, block, input, base),
        }
    })
}

fn known_paddings<'g>(
    g: &'g GraphBuilder,
    block: &[i64],
    input: &[i64],
    base: &[i64],
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    let (mut paddings, mut crops) = (Vec::new(), Vec::new());
    for ((&block, &input), base) in block.iter().zip(input).zip(base.chunks(2)) {
        // What numpy gives for division by zero.
        let remainder = |value: i64| match block {
            0 => 0,
            _ => ((value % block) + block) % block,
        };
        let extra = remainder(block - remainder(input + base[0] + base[1]));
        paddings.extend([base[0] as i32, (base[1] + extra) as i32]);
        crops.extend([0, extra as i32]);
    }
    let matrix = |name, values: Vec<i32>| {
        let rows = values.len() / 2;
        let value = values.into_tensor_value().reshaped(&[rows, 2]);
        g.constant_named(name, value).typed()
    };
    (matrix("paddings", paddings), matrix("crops", crops))
}

fn worked_out_paddings<'g>(
    g: &'g GraphBuilder,
    count: usize,
    block: Tensor<'g, i32>,
    input: Tensor<'g, i32>,
    base: Tensor<'g, i32>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    let remainder = |x: Tensor<'g, i32>| {
        function_as(g, "FloorMod", "mod")
            .arg(x)
            .arg(block)
            .output()
            .typed::<i32>()
    };
    let start = index(base, (.., 0));
    let end = index(base, (.., 1));
    let full = input + start + end;
    let extra = remainder(block - remainder(full));
    let end = end + extra;
    let entry = |of, at: usize| Entry::tensor(index(of, at as i32));
    let rows = (0..count).map(|at| Entry::list(vec![entry(start, at), entry(end, at)]));
    let paddings = Entry::list(rows.collect()).into_tensor(g, "paddings");
    let zero = || Entry::value(0i32.into_tensor_value());
    let rows = (0..count).map(|at| Entry::list(vec![zero(), entry(extra, at)]));
    let crops = Entry::list(rows.collect()).into_tensor(g, "crops");
    (paddings, crops)
}
