//! Putting tensors together, taking them apart, and repeating them.

use std::panic::Location;

use super::dims::{converted, fault};
use super::parts::{Parts, counted, outputs};
use super::{
    boolean_mask, broadcast_to, expand_dims, index, ones, rank, reshape, sequence_mask, shape,
};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::nodes::{Arg, Call, Nodes, function, function_as};
use crate::ops::types::{IndexType, Int, Numeric};
use crate::ops::{OrDefault, Size, TensorLike};
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
pub fn concat<'g, T: TensorType, I: IndexType>(
    g: &'g GraphBuilder,
    values: impl Operand<'g, T>,
    axis: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let name = g.requested_name("concat");
    let mut values = values.into_any().into_list();
    g.inner_scope(&name, here, |scope| {
        if values.len() != 1 {
            let node = g.op("ConcatV2").name(scope).operands("values", values);
            return node.operand("axis", axis).output().typed();
        }
        let axis = axis.into_any();
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
    let values = values.into_any();
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
    let values = values.into_any().into_list();
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

/// The axis along which [`unstack`] takes a tensor apart, and its size.
///
/// ```
/// use tfhub::ops::array::{self, UnstackOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>(tfhub::Shape::unknown());
/// let parts: Vec<_> = array::unstack(x, UnstackOptions::default().num(3).axis(1));
/// assert_eq!(parts.len(), 3);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnstackOptions {
    num: Option<usize>,
    axis: i64,
}

setters! {
    impl UnstackOptions {
        /// The size of the axis; by default the static size, or the length of the array that is asked for.
        num: usize => Some(num);
        /// The axis; the first by default.
        axis: i64;
    }
}

defaults!(UnstackOptions);

/// The axis alone.
impl From<i64> for UnstackOptions {
    fn from(axis: i64) -> Self {
        UnstackOptions::default().axis(axis)
    }
}

/// The tensors that a tensor is made of along an axis (`tf.unstack`), in an array or a vector.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let [red, green, blue] = array::unstack(x, 1);
/// assert_eq!(blue.shape().to_string(), "[?]");
/// let columns: Vec<_> = array::unstack(x, 1);
/// assert_eq!(columns.len(), 3);
/// # let _: [tfhub::Tensor<f32>; 2] = [red, green];
/// ```
#[track_caller]
pub fn unstack<'g, P: Parts<'g, T>, T: TensorType>(
    x: impl TensorLike<'g, T>,
    options: impl Into<UnstackOptions>,
) -> P {
    let g = x.graph();
    let UnstackOptions { num, axis } = options.into();
    let parts = unstacked(Nodes(g), Arg::of(x), (num, P::LEN), axis);
    parts.map_or_else(|| P::of(g, Vec::new()), outputs)
}

/// The node, whose number of outputs is one that is given, known or expected.
#[track_caller]
fn unstacked<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    (given, expected): (Option<usize>, Option<usize>),
    axis: i64,
) -> Option<Operation<'g>> {
    let unpack = |x: Arg<'g>, num: usize| {
        let call = function_as(n.0, "Unpack", "unstack").input(x);
        Some(call.attr("num", num as i64).attr("axis", axis).finish())
    };
    if let Some(num) = given {
        return unpack(x, num);
    }
    // Python makes a tensor of it before it looks at its shape.
    let x =
        n.0.called_from(Location::caller(), || x.convert(n.0, "Const", DType::Int32));
    let shape = x.shape();
    let place =
        |rank: usize| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok();
    let size = shape.dims().and_then(|dims| *dims.get(place(dims.len())?)?);
    match size.or(expected) {
        Some(num) => unpack(x.into(), num),
        None => {
            let message = format!("the size of axis {axis} must be known, the shape is {shape}");
            x.report(Rule::Shape, &message);
            n.0.requested_name("unstack");
            None
        }
    }
}

/// The parts that [`split`] makes: a number of equal ones, or a list of their sizes.
///
/// Sizes are a list of numbers or a vector of the graph; one may be -1. How many there are must be known: it is the
/// length of the list, of the array that is asked for, or [`num`](Splits::num).
///
/// ```
/// use tfhub::ops::array::{self, Splits};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, sizes) = (g.placeholder::<f32>((None, 6)), g.placeholder::<i32>((None,)));
/// let [left, right] = array::split(x, sizes, 1);
/// let parts: Vec<_> = array::split(x, Splits::from(sizes).num(3), 1);
/// assert_eq!(parts.len(), 3);
/// # let _: [tfhub::Tensor<f32>; 2] = [left, right];
/// ```
#[derive(Debug, Clone)]
pub struct Splits<'g> {
    kind: SplitsKind<'g>,
    num: Option<usize>,
}

#[derive(Debug, Clone)]
enum SplitsKind<'g> {
    Equal(usize),
    Sizes(Arg<'g>),
}

impl<'g> Splits<'g> {
    fn sizes(sizes: Arg<'g>) -> Self {
        let (kind, num) = (SplitsKind::Sizes(sizes), None);
        Splits { kind, num }
    }

    /// The number of sizes, where the graph does not know it.
    pub fn num(self, num: usize) -> Self {
        let num = Some(num);
        Splits { num, ..self }
    }
}

/// Equal parts.
impl From<usize> for Splits<'_> {
    fn from(num: usize) -> Self {
        let (kind, num) = (SplitsKind::Equal(num), None);
        Splits { kind, num }
    }
}

macro_rules! splits {
    ($([$($generics:tt)*] $of:ty, $sizes:ty;)*) => {$(
        impl<'g, $($generics)*> From<$sizes> for Splits<'g> {
            fn from(sizes: $sizes) -> Self {
                Splits::sizes(Arg::of::<$of>(sizes))
            }
        }
    )*};
}

splits! {
    [] i32, Tensor<'g, i32>;
    [] i64, Tensor<'g, i64>;
    [] i32, AnyOperand<'g, i32>;
    [] i64, AnyOperand<'g, i64>;
    [] i32, Vec<i32>;
    [] i64, Vec<i64>;
    [] i32, &[i32];
    [const N: usize] i32, [i32; N];
    [const N: usize] i64, [i64; N];
    [A: Operand<'g, i32>] i32, (A,);
    [A: Operand<'g, i32>, B: Operand<'g, i32>] i32, (A, B);
    [A: Operand<'g, i32>, B: Operand<'g, i32>, C: Operand<'g, i32>] i32, (A, B, C);
    [A: Operand<'g, i32>, B: Operand<'g, i32>, C: Operand<'g, i32>, D: Operand<'g, i32>] i32, (A, B, C, D);
}

/// A tensor in parts along an axis (`tf.split`): equal ones, or some of given sizes; in an array or a vector.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 6));
/// let [left, right] = array::split(x, 2, 1);
/// assert_eq!(left.shape().to_string(), "[?, 3]");
/// let [head, rest] = array::split(x, [1, -1], 1);
/// assert_eq!(head.shape().to_string(), "[?, 1]");
/// let count = 3;
/// let parts: Vec<_> = array::split(x, count, 1);
/// assert_eq!(parts.len(), count);
/// # let _: [tfhub::Tensor<f32>; 2] = [right, rest];
/// ```
#[track_caller]
pub fn split<'g, P: Parts<'g, T>, T: TensorType>(
    x: impl TensorLike<'g, T>,
    num_or_sizes: impl Into<Splits<'g>>,
    axis: impl Operand<'g, i32>,
) -> P {
    let g = x.graph();
    let parts = split_into(
        Nodes(g),
        Arg::of(x),
        num_or_sizes.into(),
        P::LEN,
        Arg::of(axis),
    );
    parts.map_or_else(|| P::of(g, Vec::new()), outputs)
}

#[track_caller]
fn split_into<'g>(
    n: Nodes<'g>,
    x: Arg<'g>,
    splits: Splits<'g>,
    expected: Option<usize>,
    axis: Arg<'g>,
) -> Option<Operation<'g>> {
    let here = Location::caller();
    let sizes = match splits.kind {
        SplitsKind::Sizes(sizes) => sizes,
        SplitsKind::Equal(num) => {
            // Python makes a tensor of the number before it looks at it.
            n.0.called_from(here, || n.constant("Const", num as i32));
            let call = function_as(n.0, "Split", "split").input(axis).input(x);
            return Some(call.attr("num_split", num as i64).finish());
        }
    };
    let sizes =
        n.0.called_from(here, || sizes.convert(n.0, "Const", DType::Int32));
    let shape = sizes.shape();
    let known = shape.dims().and_then(|dims| *dims.first()?);
    // A scalar has no sizes, whatever number is expected.
    let expected = expected.filter(|_| shape.rank() != Some(0));
    let Some(num) = splits.num.or(known).or(expected) else {
        let message = format!(
            "the sizes of a split must be a vector of known length, their shape is {shape}"
        );
        sizes.report(Rule::Shape, &message);
        n.0.requested_name("split");
        return None;
    };
    if shape.rank() == Some(0) {
        sizes.report(Rule::Shape, "the sizes of a split must not be a scalar");
    }
    let call = function_as(n.0, "SplitV", "split")
        .input(x)
        .input(sizes)
        .input(axis);
    Some(call.attr("num_split", num as i64).finish())
}

functions! {
    /// A tensor repeated as a whole along each axis (`tf.tile`).
    tile "Tile" <T: TensorType, I: IndexType>(x: T, multiples: I) -> T;
}

/// Each part of a tensor along `axis` repeated, or with `()` each element in row-major order, in a vector (`tf.repeat`).
///
/// `repeats` is one number for all or one for each part.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3));
/// assert_eq!(array::repeat(x, 2, ()).shape().to_string(), "[12]");
/// assert_eq!(array::repeat(x, 2, 1).shape().to_string(), "[2, 6]");
/// ```
#[track_caller]
pub fn repeat<'g, T: TensorType, I: Int>(
    x: impl TensorLike<'g, T>,
    repeats: impl Operand<'g, I>,
    axis: impl Into<OrDefault<i32>>,
) -> Tensor<'g, T> {
    let (g, axis) = (x.graph(), axis.into().0);
    let name = g.requested_name("Repeat");
    g.called_from(Location::caller(), || match axis {
        Some(axis) => repeat_along(g, &name, x, repeats, axis),
        None => repeat_along(g, &name, node_unnamed_reshape(g, x), repeats, 0),
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
        let data_shape = shape::<i32, _>(data);
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
            let repeats_shape = shape::<i32, _>(repeats);
            let missing = (axis + 1) - rank(repeats);
            let outer = index(data_shape, ..missing);
            repeats = broadcast_to(repeats, concat(g, [outer, repeats_shape], 0));
            repeats.set_shape(Shape::unknown_of_rank(axis as usize + 1));
        }
        let most = Nodes(g).greatest(repeats.any());
        let most = Nodes(g).maximum(0, most);
        let most = most.typed::<i32>();
        let mask = sequence_mask::<bool, _>(repeats, most);
        let expanded = expand_dims(data, axis + 1);
        let tiled = tile_one_dimension(expanded, axis + 1, most);
        let masked = boolean_mask(tiled, mask, ());
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
            let sizes = shape::<i32, _>(data);
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
        true => AnyOperand::tensor(multiple),
        false => AnyOperand::value(1i32.into_tensor_value()),
    });
    tile(data, multiples.collect::<Vec<_>>())
}

/// The values of the places that [`pad`] adds: zeros by default, for which `()` stands too.
#[derive(Debug, Clone, Default)]
pub enum PadMode<'g, T: TensorType> {
    /// Zeros, empty strings or false.
    #[default]
    Zeros,
    /// One value; see [`PadMode::constant`].
    Constant(AnyOperand<'g, T>),
    /// The inside, mirrored at the outermost elements, which are not repeated.
    Reflect,
    /// The inside, mirrored at the edges, so that the outermost elements are repeated.
    Symmetric,
}

impl<'g, T: TensorType> PadMode<'g, T> {
    /// One value everywhere.
    pub fn constant(value: impl Operand<'g, T>) -> Self {
        PadMode::Constant(value.into_any())
    }
}

defaults!(PadMode<'g, T: TensorType>);

/// A tensor with elements added before and after each of its dimensions (`tf.pad`).
///
/// `paddings` has a row of two numbers for each dimension.
///
/// ```
/// use tfhub::ops::array::{self, PadMode};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let n = g.placeholder::<i32>(());
/// assert_eq!(array::pad(x, [[0, 0], [1, 2]], ()).shape().to_string(), "[?, 6]");
/// assert_eq!(array::pad(x, ((0, n), (0, 1)), PadMode::constant(1.0)).shape().to_string(), "[?, 4]");
/// assert_eq!(array::pad(x, [[0, 0], [1, 1]], PadMode::Reflect).shape().to_string(), "[?, 5]");
/// ```
#[track_caller]
pub fn pad<'g, T: TensorType, I: IndexType>(
    x: impl TensorLike<'g, T>,
    paddings: impl Operand<'g, I>,
    mode: impl Into<PadMode<'g, T>>,
) -> Tensor<'g, T> {
    let (op, value, mode) = match mode.into() {
        PadMode::Constant(value) if !is_zero(&value) => ("PadV2", Some(value), None),
        PadMode::Zeros | PadMode::Constant(_) => ("Pad", None, None),
        PadMode::Reflect => ("MirrorPad", None, Some("REFLECT")),
        PadMode::Symmetric => ("MirrorPad", None, Some("SYMMETRIC")),
    };
    let call = function(x.graph(), op).arg(x).arg(paddings);
    let call = value.into_iter().fold(call, Call::arg);
    let call = mode
        .into_iter()
        .fold(call, |call, mode| call.attr("mode", mode));
    narrow_padded(call.output().typed())
}

fn is_zero<T: TensorType>(value: &AnyOperand<'_, T>) -> bool {
    let zero = crate::value::TensorValue::scalar_from_f64(T::DTYPE, 0.0);
    value
        .as_value()
        .is_some_and(|value| Some(value) == zero.as_ref())
}

/// Sets the dimensions of a padded shape that Python works out and the op's shape function leaves open.
#[track_caller]
fn narrow_padded<T: TensorType>(padded: Tensor<'_, T>) -> Tensor<'_, T> {
    if let Some(shape) = super::paddings::padded_shape(padded.any()) {
        padded.set_shape(shape);
    }
    padded
}

/// The order of the first two dimensions of a [`meshgrid`]: `"xy"` by default, for which `()` stands too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Indexing {
    /// The first input goes along the second dimension (`"xy"`).
    #[default]
    Xy,
    /// The inputs go along the dimensions in order (`"ij"`).
    Ij,
}

defaults!(Indexing);

/// The coordinates of every point of a grid whose axes have the elements of the inputs (`tf.meshgrid`), in an array or a
/// vector.
///
/// `inputs` is a list of tensors or variables, or a tuple of both and of values.
///
/// ```
/// use tfhub::ops::array::{self, Indexing};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((2,)), g.placeholder::<f32>((3,)));
/// let [columns, rows] = array::meshgrid(&g, [x, y], ());
/// assert_eq!(rows.shape().to_string(), "[3, 2]");
/// let grid: Vec<_> = array::meshgrid(&g, [x, y], Indexing::Ij);
/// assert_eq!(grid[0].shape().to_string(), "[2, 3]");
/// # let _: tfhub::Tensor<f32> = columns;
/// ```
#[track_caller]
pub fn meshgrid<'g, P: Parts<'g, T>, T: Numeric>(
    g: &'g GraphBuilder,
    inputs: impl Operand<'g, T>,
    indexing: impl Into<Indexing>,
) -> P {
    let indexing = indexing.into();
    let inputs = inputs.into_any().into_list();
    g.function_scope("meshgrid", Location::caller(), |_| {
        let n = Nodes(g);
        let Some(first) = inputs.first() else {
            g.report(
                Rule::Inputs,
                "a grid must have at least one input, found none",
            );
            return P::of(g, Vec::new());
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
        let sizes: Vec<_> = sizes.into_iter().map(Size::Tensor).collect();
        let all = ones::<T>(g, sizes);
        counted(g, axes.into_iter().map(|axis| (axis * all).any()).collect())
    })
}
