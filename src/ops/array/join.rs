//! Putting tensors together, and repeating them.

use std::panic::Location;

use super::parts::{Parts, counted};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Call, Nodes, Sizes, Slice, function};
use crate::ops::types::{IndexType, Int, Numeric};
use crate::ops::{OrDefault, Size, TensorLike};
use crate::shape::Shape;

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
    Nodes(g).joined(Arg::items(values), Arg::of(axis)).typed()
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
    let values = values.into_any();
    Nodes(g)
        .stacked(Arg::of(values.clone()), Arg::items(values), axis)
        .typed()
}

/// Tensors of one known shape joined along a new first axis as they become ready (`tf.parallel_stack`).
#[track_caller]
pub fn parallel_stack<'g, T: TensorType>(
    g: &'g GraphBuilder,
    values: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    Nodes(g).parallel_stack(Arg::items(values)).typed()
}

impl<'g> Nodes<'g> {
    /// `tf.concat` by the author.
    #[track_caller]
    fn joined(self, mut values: Vec<Arg<'g>>, axis: Arg<'g>) -> AnyTensor<'g> {
        let name = self.0.requested_name("concat");
        let scope = self.open_scope(&name);
        if values.len() != 1 {
            return self
                .named("ConcatV2", &scope)
                .list(values)
                .input(axis)
                .output();
        }
        let is_tensor = !matches!(axis, Arg::Value(_));
        let axis = axis.convert(self.0, "concat_dim", DType::Int32);
        if axis.shape().rank().is_some_and(|rank| rank != 0) {
            return self.fault_at(axis, "the axis must be a scalar");
        }
        if is_tensor && axis.dtype() != DType::Int32 {
            return self.fault_at(axis, "the axis for one tensor alone must be of int32");
        }
        self.identity(&name, values.remove(0))
    }

    /// The first of the values of a stack; none is a fault.
    #[track_caller]
    fn first(self, values: &[Arg<'g>], name: &str) -> Option<AnyTensor<'g>> {
        let first = values.first().cloned();
        if first.is_none() {
            let message = "a stack must have at least one tensor, found none";
            self.fault(Rule::Inputs, message);
        }
        first.map(|first| first.convert(self.0, name, DType::Float32))
    }

    /// `tf.stack` by the author.
    #[track_caller]
    fn stacked(self, list: Arg<'g>, values: Vec<Arg<'g>>, axis: i64) -> AnyTensor<'g> {
        let name = self.0.requested_name("stack");
        let _call = self.0.open_call(Location::caller());
        if axis == 0 {
            return list.convert(self.0, &name, DType::Float32);
        }
        let Some(first) = self.first(&values, &name) else {
            return AnyTensor::poison(self.0);
        };
        let shape = first.shape();
        let limit = shape.rank().map(|rank| rank as i64 + 1);
        if limit.is_some_and(|limit| axis < -limit || axis >= limit) {
            let message = format!("axis {axis} is out of range for a stack of {shape}");
            return self.fault_at(first, &message);
        }
        self.named("Pack", &name)
            .list(values)
            .attr("axis", axis)
            .output()
    }

    #[track_caller]
    fn parallel_stack(self, values: Vec<Arg<'g>>) -> AnyTensor<'g> {
        let name = self.0.requested_name("parallel_stack");
        let _scope = self.open_scope(&name);
        let Some(first) = self.first(&values, "Const") else {
            return AnyTensor::poison(self.0);
        };
        let shape = match first.shape().dims() {
            Some(dims) => [&[Some(values.len())], dims].concat().into(),
            None => Shape::unknown(),
        };
        let rows: Vec<_> = values
            .into_iter()
            .map(|value| self.expand_dims(value, 0))
            .collect();
        self.0
            .op("ParallelConcat")
            .inputs(rows)
            .attr("shape", shape)
            .output()
    }

    #[track_caller]
    fn meshgrid(self, inputs: &[Arg<'g>], indexing: Indexing, dtype: DType) -> Vec<AnyTensor<'g>> {
        let name = self.0.requested_name("meshgrid");
        let _scope = self.open_scope(&name);
        let Some(first) = inputs.first().cloned() else {
            let message = "a grid must have at least one input, found none";
            self.fault(Rule::Inputs, message);
            return Vec::new();
        };
        let rank = inputs.len();
        let along = |axis: usize| -> Vec<i32> {
            (0..rank)
                .map(|at| if at == axis { -1 } else { 1 })
                .collect()
        };
        // Python converts each input for each thing that it wants to know of it.
        let axes = inputs.iter().enumerate().map(|(at, input)| {
            let axis = input.clone().convert(self.0, "stack", dtype);
            self.reshape(axis, along(at))
        });
        let mut axes: Vec<_> = axes.collect();
        let mut sizes: Vec<_> = inputs.iter().map(|input| self.size(input)).collect();
        if indexing == Indexing::Xy && rank > 1 {
            axes[0] = self.reshape(axes[0], along(1));
            axes[1] = self.reshape(axes[1], along(0));
            sizes.swap(0, 1);
        }
        first.convert(self.0, "Const", dtype);
        let sizes: Vec<_> = sizes.into_iter().map(Size::Tensor).collect();
        let all = self.filled("ones", 1.0, dtype, sizes.into());
        axes.into_iter().map(|axis| self.mul(axis, all)).collect()
    }
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
    let (x, repeats) = (Arg::of(x), Arg::of(repeats));
    let repeated = g.called_from(Location::caller(), || match axis {
        Some(axis) => Nodes(g).repeat_as(&name, x, repeats, axis),
        None => {
            let flat = unnamed_reshape(Nodes(g), x);
            Nodes(g).repeat_as(&name, flat.into(), repeats, 0)
        }
    });
    repeated.typed()
}

/// All elements in a vector, under Python's name also where the author asks for another.
fn unnamed_reshape<'g>(n: Nodes<'g>, x: Arg<'g>) -> AnyTensor<'g> {
    let scope = n.0.open_inner_scope("Reshape", Location::caller());
    let x = x.convert(n.0, "tensor", DType::Float32);
    let shape = n.constant("shape", [-1]);
    let reshape = n.0.op("Reshape").name(&scope).input(x);
    reshape.input(shape).output()
}

impl<'g> Nodes<'g> {
    /// `tf.repeat` along an axis under a name.
    #[track_caller]
    pub(in crate::ops) fn repeat_as(
        self,
        name: &str,
        x: Arg<'g>,
        repeats: Arg<'g>,
        axis: i32,
    ) -> AnyTensor<'g> {
        let g = self.0;
        let _scope = self.open_scope(name);
        let data = x.convert(g, "data", DType::Float32);
        let repeats = repeats.convert(g, "repeats", DType::Int32);
        let repeats = g.op("Cast").input(repeats).attr("DstT", DType::Int32);
        let repeats = repeats.output();
        if repeats.shape().rank().is_some_and(|rank| rank > 1) {
            return self.fault_at(repeats, "the repeats must be a scalar or a vector");
        }
        let data = self.with_nonzero_rank(data);
        let data_shape = self.shape(data);
        let known = data.shape();
        let range = match known.rank() {
            Some(rank) => -(rank as i32)..rank as i32,
            None => 0..i32::MAX,
        };
        if !range.contains(&axis) {
            let message = format!("axis {axis} is out of range for shape {known}");
            return self.fault_at(data, &message);
        }
        let axis = match known.rank() {
            Some(rank) => axis.rem_euclid(rank as i32),
            None => axis,
        };
        if let Some(&[times]) = repeats.shape().dims() {
            let Some(dims) = known.dims() else {
                let message = "the rank must be known where the repeats are a vector";
                return self.fault_at(data, message);
            };
            let dim = dims[axis as usize];
            if dim.is_some() && times.is_some() && dim != times {
                let message = format!("{known} has not as many parts along axis {axis} as repeats");
                return self.fault_at(repeats, &message);
            }
        }
        let result_shape = || {
            let before = self.index(data_shape, [Slice::to(axis)]);
            let after = self.index(data_shape, [Slice::from(axis + 1)]);
            self.concat(vec![before.into(), [-1].into(), after.into()], 0)
        };
        if repeats.shape().rank() == Some(0) {
            let expanded = self.expand_dims(data, axis + 1);
            let tiled = self.tile_one_dimension(expanded, axis + 1, repeats);
            return self.reshape(tiled, result_shape());
        }
        let mut repeats = repeats;
        if repeats.shape().rank() != Some(axis as usize + 1) {
            let repeats_shape = self.shape(repeats);
            let missing = self.sub(axis + 1, self.rank(repeats));
            let outer = self.index(data_shape, [Slice::to(missing)]);
            let shape = self.concat(vec![outer.into(), repeats_shape.into()], 0);
            repeats = self.binary("BroadcastTo", repeats, shape);
            repeats.set_shape(Shape::unknown_of_rank(axis as usize + 1));
        }
        let most = self.greatest(repeats);
        let most = self.maximum(0, most);
        let longest = Some(Size::Tensor(most));
        let mask = self.sequence_mask("SequenceMask", repeats.into(), longest, DType::Bool);
        let expanded = self.expand_dims(data, axis + 1);
        let tiled = self.tile_one_dimension(expanded, axis + 1, most);
        let masked = self.boolean_mask(tiled, mask);
        let result = match axis {
            0 => masked,
            _ => self.reshape(masked, result_shape()),
        };
        if let Some(dims) = known.dims() {
            let mut dims = dims.to_vec();
            let times = repeats.shape().dims().and_then(|dims| *dims.first()?);
            dims[axis as usize] = times.filter(|&times| times == 0);
            result.set_shape(dims);
        }
        result
    }

    fn with_nonzero_rank(self, data: AnyTensor<'g>) -> AnyTensor<'g> {
        match data.shape().rank() {
            Some(0) => self.stack(vec![data.into()]),
            Some(_) => data,
            None => {
                let sizes = self.shape(data);
                let rank = self.rank(data);
                let sizes = self.concat(vec![[1].into(), sizes.into()], 0);
                let last = self.unary("Neg", rank);
                self.reshape(data, self.index(sizes, [Slice::from(last)]))
            }
        }
    }

    fn tile_one_dimension(
        self,
        data: AnyTensor<'g>,
        axis: i32,
        multiple: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let Some(known) = data.shape().rank() else {
            let sizes = Sizes::from(self.rank(data));
            let all = self.filled("ones", 1.0, DType::Int32, sizes);
            let before = self.index(all, [Slice::to(axis)]);
            let after = self.index(all, [Slice::from(axis + 1)]);
            let multiple = Arg::List(vec![multiple.into()]);
            let multiples = self.concat(vec![before.into(), multiple, after.into()], 0);
            return self.binary("Tile", data, multiples);
        };
        let multiples = (0..known).map(|at| match at == axis as usize {
            true => multiple.into(),
            false => 1.into(),
        });
        self.binary("Tile", data, Arg::List(multiples.collect()))
    }
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
    narrow_padded(call.typed())
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
    let inputs = Arg::items(inputs);
    let grid = Nodes(g).meshgrid(&inputs, indexing, T::DTYPE);
    match inputs.is_empty() {
        true => P::of(g, grid),
        false => counted(g, grid),
    }
}
