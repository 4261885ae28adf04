//! Putting tensors together, taking them apart, and repeating them.

use std::panic::Location;

use super::mask::{all_dimensions, converted, fault, largest};
use super::{
    boolean_mask, broadcast_to, expand_dims, index, ones, rank, reshape, sequence_mask_to, shape,
};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Entry, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Call, Nodes, function, function_as};
use crate::ops::types::{Int, Int32Int64, Numeric};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// Tensors joined along an axis that they have (`tf.concat`). One tensor alone is given back under another name.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((None, 2)), g.placeholder::<f32>((None, 3)));
/// assert_eq!(array::concat(&g, [x, y], -1).shape().to_string(), "[?, 5]");
/// assert_eq!(array::concat(&g, (x, [[1.0, 2.0]]), 0).shape().to_string(), "[?, 2]");
/// ```
#[track_caller]
pub fn concat<'g, T: TensorType, I: Int32Int64>(
    g: &'g GraphBuilder,
    values: impl Operand<'g, T>,
    axis: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let name = g.requested_name("concat");
    let mut values = values.into_entry().into_list();
    g.inner_scope(&name, here, |scope| {
        if values.len() != 1 {
            let node = g.op("ConcatV2").name(scope).operands("values", values);
            return node.operand("axis", axis).output().typed();
        }
        let axis = axis.into_entry();
        let is_tensor = axis.has_tensor();
        let axis = axis.into_tensor(g, "concat_dim");
        if axis.shape().rank().is_some_and(|rank| rank != 0) {
            return fault(g, axis, "the axis must be a scalar");
        }
        if is_tensor && I::DTYPE != DType::Int32 {
            return fault(g, axis, "the axis for one tensor alone must be of int32");
        }
        g.inner_scope(&name, here, |scope| {
            let node = g.op("Identity").name(scope);
            let only = values.remove(0);
            node.operand("input", only).output().typed()
        })
    })
}

/// Tensors of one shape joined along a new axis (`tf.stack`).
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((None,)), g.placeholder::<f32>((None,)));
/// assert_eq!(array::stack(&g, [x, y], 1).shape().to_string(), "[?, 2]");
/// ```
#[track_caller]
pub fn stack<'g, T: TensorType>(
    g: &'g GraphBuilder,
    values: impl Operand<'g, T>,
    axis: i64,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let name = g.requested_name("stack");
    let values = values.into_entry();
    if axis == 0 {
        return g.called_from(here, || values.into_tensor(g, &name));
    }
    g.called_from(here, || {
        let values = values.into_list();
        let Some(first) = values.first().cloned() else {
            g.report(
                Rule::Inputs,
                "a stack must have at least one tensor, found none",
            );
            return AnyTensor::poison(g).typed();
        };
        let first = first.into_tensor(g, &name);
        let limit = first.shape().rank().map(|rank| rank as i64 + 1);
        if limit.is_some_and(|limit| axis < -limit || axis >= limit) {
            let message = format!(
                "axis {axis} is out of range for a stack of {}",
                first.shape()
            );
            return fault(g, first, &message);
        }
        g.inner_scope(&name, here, |scope| {
            let node = g.op("Pack").name(scope).operands("values", values);
            node.attr("axis", axis).output().typed()
        })
    })
}

/// Tensors of one known shape joined along a new first axis as they become ready (`tf.parallel_stack`).
#[track_caller]
pub fn parallel_stack<'g, T: TensorType>(
    g: &'g GraphBuilder,
    values: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let values = values.into_entry().into_list();
    g.function_scope("parallel_stack", Location::caller(), |_| {
        let Some(first) = values.first().cloned() else {
            g.report(
                Rule::Inputs,
                "a stack must have at least one tensor, found none",
            );
            return AnyTensor::poison(g).typed();
        };
        let first = first.into_tensor(g, "Const").shape();
        let shape = match first.dims() {
            Some(dims) => [&[Some(values.len())], dims].concat().into(),
            None => Shape::unknown(),
        };
        let rows = values
            .into_iter()
            .map(|value| function(g, "ExpandDims").arg(value).arg(0).output());
        let rows: Vec<_> = rows.collect();
        let stack = g.op("ParallelConcat").inputs(rows);
        stack.attr("shape", shape).output().typed()
    })
}

/// The tensors that a tensor is made of along an axis (`tf.unstack`); the axis must have a known size.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let columns = array::unstack(x, 1);
/// assert_eq!((columns.len(), columns[0].shape().to_string()), (3, "[?]".to_owned()));
/// ```
#[track_caller]
pub fn unstack<'g, T: TensorType>(x: impl TensorLike<'g, T>, axis: i64) -> Vec<Tensor<'g, T>> {
    let g = x.graph();
    let x = g.called_from(Location::caller(), || x.into_tensor(g, "Const"));
    let shape = x.shape();
    let place =
        |rank: usize| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok();
    let size = shape.dims().and_then(|dims| *dims.get(place(dims.len())?)?);
    let Some(num) = size else {
        let message = format!("the size of axis {axis} must be known, the shape is {shape}");
        x.any().report(Rule::Shape, &message);
        g.requested_name("unstack");
        return Vec::new();
    };
    unstack_with(x, num, axis)
}

/// The same where the axis has the size `num` (`tf.unstack` with `num`).
#[track_caller]
pub fn unstack_with<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    num: usize,
    axis: i64,
) -> Vec<Tensor<'g, T>> {
    let parts = function_as(x.graph(), "Unpack", "unstack")
        .arg(x)
        .attr("num", num as i64)
        .attr("axis", axis)
        .finish();
    parts.outputs().into_iter().map(AnyTensor::typed).collect()
}

/// A tensor in `num` equal parts along an axis (`tf.split` with a number).
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 6));
/// let parts = array::split(x, 3, 1);
/// assert_eq!((parts.len(), parts[0].shape().to_string()), (3, "[?, 2]".to_owned()));
/// ```
#[track_caller]
pub fn split<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    num: usize,
    axis: impl Operand<'g, i32>,
) -> Vec<Tensor<'g, T>> {
    let g = x.graph();
    // Python makes a tensor of the number before it looks at it.
    g.called_from(Location::caller(), || {
        g.constant_named("Const", (num as i32).into_tensor_value())
    });
    let parts = function_as(g, "Split", "split")
        .arg(axis)
        .arg(x)
        .attr("num_split", num as i64)
        .finish();
    parts.outputs().into_iter().map(AnyTensor::typed).collect()
}

/// A tensor in parts of given sizes along an axis (`tf.split` with a list); one size may be -1.
///
/// The number of sizes must be known.
#[track_caller]
pub fn split_sizes<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    sizes: impl Operand<'g, I>,
    axis: impl Operand<'g, i32>,
) -> Vec<Tensor<'g, T>> {
    let g = x.graph();
    let sizes = g.called_from(Location::caller(), || sizes.into_tensor(g, "Const"));
    let num = sizes.shape().dims().and_then(|dims| *dims.first()?);
    let Some(num) = num else {
        let message = format!(
            "the sizes of a split must be a vector of known length, their shape is {}",
            sizes.shape()
        );
        sizes.any().report(Rule::Shape, &message);
        g.requested_name("split");
        return Vec::new();
    };
    split_sizes_with(x, sizes, num, axis)
}

/// The same for `num` sizes (`tf.split` with `num`).
#[track_caller]
pub fn split_sizes_with<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    sizes: impl Operand<'g, I>,
    num: usize,
    axis: impl Operand<'g, i32>,
) -> Vec<Tensor<'g, T>> {
    let g = x.graph();
    let sizes = g.called_from(Location::caller(), || sizes.into_tensor(g, "Const"));
    if sizes.shape().rank() == Some(0) {
        let message = "the sizes of a split must not be a scalar";
        sizes.any().report(Rule::Shape, message);
    }
    let parts = function_as(g, "SplitV", "split")
        .arg(x)
        .input(sizes)
        .arg(axis)
        .attr("num_split", num as i64)
        .finish();
    parts.outputs().into_iter().map(AnyTensor::typed).collect()
}

functions! {
    /// A tensor repeated as a whole along each axis (`tf.tile`).
    tile "Tile" <T: TensorType, I: Int32Int64>(x: T, multiples: I) -> T;
}

/// Each element of a tensor in row-major order repeated, in a vector (`tf.repeat`).
///
/// `repeats` is one number for all or one for each element.
#[track_caller]
pub fn repeat<'g, T: TensorType, I: Int>(
    x: impl TensorLike<'g, T>,
    repeats: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("Repeat");
    g.called_from(Location::caller(), || {
        let flat = node_unnamed_reshape(g, x);
        repeat_along(g, &name, flat, repeats, 0)
    })
}

/// Each part of a tensor along an axis repeated (`tf.repeat` with `axis`).
#[track_caller]
pub fn repeat_with<'g, T: TensorType, I: Int>(
    x: impl TensorLike<'g, T>,
    repeats: impl Operand<'g, I>,
    axis: i32,
) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("Repeat");
    g.called_from(Location::caller(), || {
        repeat_along(g, &name, x, repeats, axis)
    })
}

/// All elements in a vector, under Python's name also where the author asks for another.
fn node_unnamed_reshape<'g, T: TensorType>(
    g: &'g GraphBuilder,
    x: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    g.inner_scope("Reshape", Location::caller(), |scope| {
        let reshape = g.op("Reshape").name(scope).operand("tensor", x);
        reshape.operand("shape", [-1]).output().typed()
    })
}

fn repeat_along<'g, T: TensorType, I: Int>(
    g: &'g GraphBuilder,
    name: &str,
    x: impl TensorLike<'g, T>,
    repeats: impl Operand<'g, I>,
    axis: i32,
) -> Tensor<'g, T> {
    g.inner_scope(name, Location::caller(), |_| {
        let data = x.into_tensor(g, "data");
        let repeats = converted::<i32, I>(repeats.into_tensor(g, "repeats"));
        if repeats.shape().rank().is_some_and(|rank| rank > 1) {
            return fault(g, repeats, "the repeats must be a scalar or a vector");
        }
        let data = with_nonzero_rank(data);
        let data_shape = shape(data);
        let known = data.shape();
        let range = match known.rank() {
            Some(rank) => -(rank as i32)..rank as i32,
            None => 0..i32::MAX,
        };
        if !range.contains(&axis) {
            return fault(
                g,
                data,
                &format!("axis {axis} is out of range for shape {known}"),
            );
        }
        let axis = match known.rank() {
            Some(rank) => axis.rem_euclid(rank as i32),
            None => axis,
        };
        if let Some(&[times]) = repeats.shape().dims() {
            let Some(dims) = known.dims() else {
                return fault(
                    g,
                    data,
                    "the rank must be known where the repeats are a vector",
                );
            };
            let dim = dims[axis as usize];
            if dim.is_some() && times.is_some() && dim != times {
                let message = format!("{known} has not as many parts along axis {axis} as repeats");
                return fault(g, repeats, &message);
            }
        }
        let result_shape = || {
            let (before, after) = (..axis, axis + 1..);
            let before = index(data_shape, before);
            let after = index(data_shape, after);
            concat(g, (before, [-1], after), 0)
        };
        if repeats.shape().rank() == Some(0) {
            let expanded = expand_dims(data, axis + 1);
            let tiled = tile_one_dimension(expanded, axis + 1, repeats);
            return reshape(tiled, result_shape());
        }
        let mut repeats = repeats;
        if repeats.shape().rank() != Some(axis as usize + 1) {
            let repeats_shape = shape(repeats);
            let missing = (axis + 1) - rank(repeats);
            let outer = index(data_shape, ..missing);
            repeats = broadcast_to(repeats, concat(g, [outer, repeats_shape], 0));
            repeats.set_shape(Shape::unknown_of_rank(axis as usize + 1));
        }
        let most = largest(repeats, all_dimensions(repeats));
        let most = function(g, "Maximum").arg(0).arg(most).output();
        let most = most.typed::<i32>();
        let mask = sequence_mask_to::<bool, _, _>(repeats, most);
        let expanded = expand_dims(data, axis + 1);
        let tiled = tile_one_dimension(expanded, axis + 1, most);
        let masked = boolean_mask(tiled, mask);
        let result = match axis {
            0 => masked,
            _ => reshape(masked, result_shape()),
        };
        if let Some(dims) = known.dims() {
            let mut dims = dims.to_vec();
            let times = repeats.shape().dims().and_then(|dims| *dims.first()?);
            dims[axis as usize] = times.filter(|&times| times == 0);
            result.set_shape(dims);
        }
        result
    })
}

fn with_nonzero_rank<'g, T: TensorType>(data: Tensor<'g, T>) -> Tensor<'g, T> {
    let g = data.graph();
    match data.shape().rank() {
        Some(0) => stack(g, [data], 0),
        Some(_) => data,
        None => {
            let sizes = shape(data);
            let rank = rank(data);
            let sizes = concat(g, ([1], sizes), 0);
            let last = function(g, "Neg").input(rank).output().typed::<i32>();
            reshape(data, index(sizes, last..))
        }
    }
}

fn tile_one_dimension<'g, T: TensorType>(
    data: Tensor<'g, T>,
    axis: i32,
    multiple: Tensor<'g, i32>,
) -> Tensor<'g, T> {
    let g = data.graph();
    let Some(known) = data.shape().rank() else {
        let all = ones::<i32>(g, rank(data));
        let before = index(all, ..axis);
        let after = index(all, axis + 1..);
        return tile(data, concat(g, (before, (multiple,), after), 0));
    };
    let multiples = (0..known).map(|at| match at == axis as usize {
        true => Entry::tensor(multiple),
        false => Entry::value(1i32.into_tensor_value()),
    });
    tile(data, multiples.collect::<Vec<_>>())
}

/// What [`pad_with`] fills the new places with.
#[derive(Debug, Clone)]
pub enum PadMode<'g, T: TensorType> {
    /// One value; see [`PadMode::constant`].
    Constant(Entry<'g, T>),
    /// What is inside, mirrored at the outermost elements, which are not repeated.
    Reflect,
    /// What is inside, mirrored at the edges, so that the outermost elements are repeated.
    Symmetric,
}

impl<'g, T: TensorType> PadMode<'g, T> {
    /// One value everywhere.
    pub fn constant(value: impl Operand<'g, T>) -> Self {
        PadMode::Constant(value.into_entry())
    }
}

/// A tensor with zeros added before and after each of its dimensions (`tf.pad`).
///
/// `paddings` has a row of two numbers for each dimension.
///
/// ```
/// use tfhub::ops::array::{self, PadMode};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let n = g.placeholder::<i32>(());
/// assert_eq!(array::pad(x, [[0, 0], [1, 2]]).shape().to_string(), "[?, 6]");
/// assert_eq!(array::pad(x, ((0, n), (0, 1))).shape().to_string(), "[?, 4]");
/// assert_eq!(array::pad_with(x, [[0, 0], [1, 1]], PadMode::Reflect).shape().to_string(), "[?, 5]");
/// ```
#[track_caller]
pub fn pad<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    paddings: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let padded = function(x.graph(), "Pad").arg(x).arg(paddings).finish();
    narrow_padded(padded.output(0).typed())
}

/// The same with another value, or with what is inside mirrored (`tf.pad` with `mode` and `constant_values`).
#[track_caller]
pub fn pad_with<'g, T: Element, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    paddings: impl Operand<'g, I>,
    mode: PadMode<'g, T>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let mirrored = |name: &'static str| (None, Some(name), "MirrorPad");
    let (value, mode, op) = match mode {
        PadMode::Constant(value) if is_zero(&value) => return pad(x, paddings),
        PadMode::Constant(value) => (Some(value), None, "PadV2"),
        PadMode::Reflect => mirrored("REFLECT"),
        PadMode::Symmetric => mirrored("SYMMETRIC"),
    };
    let call = function(g, op).arg(x).arg(paddings);
    let call = value.into_iter().fold(call, Call::arg);
    let call = mode
        .into_iter()
        .fold(call, |call, mode| call.attr("mode", mode));
    narrow_padded(call.output().typed())
}

fn is_zero<T: Element>(value: &Entry<'_, T>) -> bool {
    let zero = crate::value::TensorValue::scalar_from_f64(T::DTYPE, 0.0);
    value
        .as_value()
        .is_some_and(|value| Some(value) == zero.as_ref())
}

/// Adds what Python works out of a padded shape that the op's shape function leaves open.
#[track_caller]
fn narrow_padded<T: TensorType>(padded: Tensor<'_, T>) -> Tensor<'_, T> {
    if let Some(shape) = super::paddings::padded_shape(padded.any()) {
        padded.set_shape(shape);
    }
    padded
}

/// How [`meshgrid_with`] orders the first two dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Indexing {
    /// The first input goes along the second dimension (`"xy"`).
    #[default]
    Xy,
    /// The inputs go along the dimensions in order (`"ij"`).
    Ij,
}

/// The coordinates of every point of a grid whose axes have the elements of the inputs (`tf.meshgrid`).
///
/// `inputs` is a list of tensors or variables, or a tuple of both and of values.
#[track_caller]
pub fn meshgrid<'g, T: Numeric>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
) -> Vec<Tensor<'g, T>> {
    meshgrid_with(g, inputs, Indexing::Xy)
}

/// [`meshgrid`] with the first two dimensions in either order (`tf.meshgrid` with `indexing`).
#[track_caller]
pub fn meshgrid_with<'g, T: Numeric>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
    indexing: Indexing,
) -> Vec<Tensor<'g, T>> {
    let inputs = inputs.into_entry().into_list();
    g.function_scope("meshgrid", Location::caller(), |_| {
        let n = Nodes(g);
        let Some(first) = inputs.first() else {
            g.report(
                Rule::Inputs,
                "a grid must have at least one input, found none",
            );
            return Vec::new();
        };
        let rank = inputs.len();
        let along = |axis: usize| -> Vec<i32> {
            (0..rank)
                .map(|at| if at == axis { -1 } else { 1 })
                .collect()
        };
        // Python converts each input for each thing that it wants to know of it.
        let axes = inputs.iter().enumerate();
        let axes = axes.map(|(at, input)| {
            let axis = input.clone().into_tensor(g, "stack");
            reshape(axis, along(at))
        });
        let mut axes: Vec<Tensor<'g, T>> = axes.collect();
        let sizes = inputs.iter().map(|input| n.size(Arg::of(input.clone())));
        let mut sizes: Vec<_> = sizes.collect();
        if indexing == Indexing::Xy && rank > 1 {
            axes[0] = reshape(axes[0], along(1));
            axes[1] = reshape(axes[1], along(0));
            sizes.swap(0, 1);
        }
        first.clone().into_tensor(g, "Const");
        let sizes = sizes.into_iter().map(|size| Entry::tensor(size.typed()));
        let all = ones::<T>(g, sizes.collect::<Vec<Entry<'g, i32>>>());
        axes.into_iter().map(|axis| axis * all).collect()
    })
}
