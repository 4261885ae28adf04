//! Tensors of one value, and of values that follow from positions.

use std::panic::Location;

use super::shape::shape_value;
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Entry, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function, function_as};
use crate::ops::types::{Int32Int64, Int32UInt8Int64};
use crate::value::{IntoTensorValue, TensorValue};

/// A tensor in which every element is `value` (`tf.fill`).
#[track_caller]
pub fn fill<'g, T: TensorType, I: Int32Int64>(
    g: &'g GraphBuilder,
    shape: impl Operand<'g, I>,
    value: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    function(g, "Fill").arg(shape).arg(value).output().typed()
}

/// The shape that [`zeros`] and [`ones`] take: sizes, a tensor of sizes, or a tuple of sizes and scalars.
pub trait Sizes<'g> {
    #[doc(hidden)]
    fn into_sizes(self) -> SizesKind<'g>;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum SizesKind<'g> {
    Static(Vec<usize>),
    Tensor(AnyTensor<'g>),
    List(Vec<Entry<'g, i32>>),
}

impl SizesKind<'_> {
    /// A list of numbers alone as what is known.
    fn settled(self) -> Self {
        let SizesKind::List(entries) = &self else {
            return self;
        };
        let sizes = entries
            .iter()
            .map(|entry| usize::try_from(number(entry)?).ok());
        match sizes.collect() {
            Some(sizes) => SizesKind::Static(sizes),
            None => self,
        }
    }
}

/// The entry's number, if it is one.
fn number(entry: &Entry<'_, i32>) -> Option<i32> {
    match entry.as_value()?.as_slice::<i32>() {
        Ok([number]) => Some(*number),
        _ => None,
    }
}

macro_rules! static_sizes {
    ($([$($generics:tt)*] $sizes:ty;)*) => {$(
        impl<'g, $($generics)*> Sizes<'g> for $sizes {
            fn into_sizes(self) -> SizesKind<'g> {
                SizesKind::Static(self.to_vec())
            }
        }
    )*};
}

static_sizes! {
    [] &[usize];
    [] Vec<usize>;
    [] &Vec<usize>;
    [const N: usize] [usize; N];
    [const N: usize] &[usize; N];
}

impl<'g> Sizes<'g> for () {
    fn into_sizes(self) -> SizesKind<'g> {
        SizesKind::Static(Vec::new())
    }
}

impl<'g, I: Int32Int64> Sizes<'g> for Tensor<'g, I> {
    fn into_sizes(self) -> SizesKind<'g> {
        SizesKind::Tensor(self.any())
    }
}

impl<'g> Sizes<'g> for Vec<Entry<'g, i32>> {
    fn into_sizes(self) -> SizesKind<'g> {
        SizesKind::List(self)
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<'g, $($name: Operand<'g, i32>),*> Sizes<'g> for ($($name,)*) {
            fn into_sizes(self) -> SizesKind<'g> {
                SizesKind::List(Operand::into_entry(self).into_list())
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
}

/// A tensor of zeros, empty strings or false (`tf.zeros`).
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let rows = x.slice((.., 0));
/// let state = array::zeros::<f32>(&g, (array::size(rows), 16));
/// assert_eq!(state.shape().to_string(), "[?, 16]");
/// assert_eq!(array::zeros::<i64>(&g, [2, 3]).shape().to_string(), "[2, 3]");
/// ```
#[track_caller]
pub fn zeros<'g, T: Element>(g: &'g GraphBuilder, shape: impl Sizes<'g>) -> Tensor<'g, T> {
    let name = g.requested_name("zeros");
    uniform(
        g,
        &name,
        T::DTYPE,
        shape.into_sizes(),
        0.0,
        Location::caller(),
    )
    .typed()
}

/// A tensor of ones (`tf.ones`).
#[track_caller]
pub fn ones<'g, T: Element>(g: &'g GraphBuilder, shape: impl Sizes<'g>) -> Tensor<'g, T> {
    let name = g.requested_name("ones");
    uniform(
        g,
        &name,
        T::DTYPE,
        shape.into_sizes(),
        1.0,
        Location::caller(),
    )
    .typed()
}

/// `tf.zeros` and `tf.ones` of known sizes.
pub(crate) fn uniform_value<'g>(
    g: &'g GraphBuilder,
    name: &str,
    dtype: DType,
    shape: &[usize],
    value: f64,
    location: &'static Location<'static>,
) -> AnyTensor<'g> {
    let sizes = SizesKind::Static(shape.to_vec());
    uniform(g, name, dtype, sizes, value, location)
}

/// `tf.zeros` and `tf.ones`: a constant if it is short, and otherwise a node that fills.
pub(crate) fn uniform<'g>(
    g: &'g GraphBuilder,
    name: &str,
    dtype: DType,
    sizes: SizesKind<'g>,
    value: f64,
    location: &'static Location<'static>,
) -> AnyTensor<'g> {
    g.inner_scope(name, location, |scope| {
        let empty = (dtype == DType::String && value == 0.0).then(|| "".into_tensor_value());
        let Some(value) = empty.or_else(|| TensorValue::scalar_from_f64(dtype, value)) else {
            g.report(
                Rule::Value,
                format_args!("{name} of dtype {dtype} are not defined"),
            );
            return AnyTensor::poison(g);
        };
        let dims = match sizes.settled() {
            SizesKind::Static(shape) => {
                if is_short(&shape) {
                    return g.constant_filled(scope, &value, &shape);
                }
                g.constant_named("shape_as_tensor", shape_value(&shape))
            }
            SizesKind::Tensor(dims) => dims,
            SizesKind::List(entries) => listed(g, entries),
        };
        let dims = match dims.shape().rank() {
            Some(1..) => dims,
            _ => Nodes(g).reshape(dims, [-1]),
        };
        let value = g.constant_named("Const", value);
        g.op("Fill").name(scope).input(dims).input(value).output()
    })
}

/// Whether there are so few elements that `tf.zeros` and `tf.ones` are constants.
fn is_short(shape: &[usize]) -> bool {
    let count = shape
        .iter()
        .try_fold(1usize, |count, &size| count.checked_mul(size));
    shape.contains(&0) || count.is_some_and(|count| count < LONG as usize)
}

const LONG: i32 = 1000;

/// Sizes of which some are tensors, packed. Python first asks whether their product is small, and leaves its nodes.
fn listed<'g>(g: &'g GraphBuilder, entries: Vec<Entry<'g, i32>>) -> AnyTensor<'g> {
    let product = entries
        .iter()
        .cloned()
        .reduce(|a, b| match (number(&a), number(&b)) {
            (Some(a), Some(b)) => Entry::value(a.wrapping_mul(b).into_tensor_value()),
            _ => {
                let product = function_as(g, "Mul", "mul").arg(a).arg(b).output();
                Entry::tensor(product.typed())
            }
        });
    if let Some(product) = product {
        function(g, "Less").arg(product).arg(LONG).output();
    }
    Entry::list(entries).into_tensor(g, "packed").any()
}

/// Zeros in the shape of a tensor, and of its type (`tf.zeros_like`).
#[track_caller]
pub fn zeros_like<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = x.graph();
    let name = g.requested_name("zeros_like");
    Nodes(g).zeros_like_as(&name, Arg::of(x), None).typed()
}

/// Zeros in the shape of a tensor, and of another type (`tf.zeros_like` with `dtype`).
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let counts = array::zeros_like_as::<i64, _>(x);
/// assert_eq!(counts.shape().to_string(), "[?, 4]");
/// ```
#[track_caller]
pub fn zeros_like_as<'g, U: Element, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let g = x.graph();
    let name = g.requested_name("zeros_like");
    let zeros = Nodes(g).zeros_like_as(&name, Arg::of(x), Some(U::DTYPE));
    zeros.typed()
}

/// Ones in the shape of a tensor, and of its type (`tf.ones_like`).
#[track_caller]
pub fn ones_like<'g, T: Element>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    ones_like_as(x)
}

/// Ones in the shape of a tensor, and of another type (`tf.ones_like` with `dtype`).
#[track_caller]
pub fn ones_like_as<'g, U: Element, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let g = x.graph();
    let name = g.requested_name("ones_like");
    let ones = Nodes(g).ones_like_as(&name, Arg::of(x), Some(U::DTYPE));
    ones.typed()
}

/// The values of [`one_hot_with`] and where they go.
#[derive(Debug, Clone)]
pub struct OneHotOptions<'g, T: TensorType> {
    on_value: Option<Entry<'g, T>>,
    off_value: Option<Entry<'g, T>>,
    axis: i64,
}

impl<T: TensorType> Default for OneHotOptions<'_, T> {
    fn default() -> Self {
        OneHotOptions {
            on_value: None,
            off_value: None,
            axis: -1,
        }
    }
}

setters! {
    impl['g, T: TensorType] OneHotOptions<'g, T> {
        /// The value at the position that an index names; 1 by default.
        on_value: impl Operand<'g, T> => Some(on_value.into_entry());
        /// The value everywhere else; 0 by default.
        off_value: impl Operand<'g, T> => Some(off_value.into_entry());
        /// The place of the new dimension; the last by default.
        axis: i64;
    }
}

/// Vectors of `depth` zeros with a one where each index says (`tf.one_hot`), in a new last dimension.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let classes = g.placeholder::<i64>((None,));
/// let targets = array::one_hot::<f32, _>(classes, 10);
/// assert_eq!(targets.shape().to_string(), "[?, 10]");
/// ```
#[track_caller]
pub fn one_hot<'g, T: Element, I: Int32UInt8Int64>(
    indices: impl TensorLike<'g, I>,
    depth: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    one_hot_with(indices, depth, OneHotOptions::default())
}

/// The same with other values, or another place of the new dimension.
#[track_caller]
pub fn one_hot_with<'g, T: Element, I: Int32UInt8Int64>(
    indices: impl TensorLike<'g, I>,
    depth: impl Operand<'g, i32>,
    options: OneHotOptions<'g, T>,
) -> Tensor<'g, T> {
    let g = indices.graph();
    g.function_scope("one_hot", Location::caller(), |scope| {
        let given = [options.on_value, options.off_value];
        // Python makes tensors of the values once more, to learn their types.
        for value in given.iter().flatten() {
            value.clone().into_tensor(g, "Const");
        }
        let defaults = [(1.0, "on_value"), (0.0, "off_value")];
        let values = given.into_iter().zip(defaults);
        let values = values.map(|(given, (default, name))| {
            given.unwrap_or_else(|| Entry::tensor(default_value(g, default, name)))
        });
        let values: Vec<_> = values.collect();
        let node = g.op("OneHot").name(scope);
        let node = node.operand("indices", indices).operand("depth", depth);
        let names = ["on_value", "off_value"].into_iter().zip(values);
        let node = names.fold(node, |node, (name, value)| node.operand(name, value));
        node.attr("axis", options.axis).output().typed()
    })
}

/// A number as a constant; other types have no such default.
#[track_caller]
fn default_value<'g, T: Element>(g: &'g GraphBuilder, value: f64, name: &str) -> Tensor<'g, T> {
    let value = TensorValue::scalar_from_f64(T::DTYPE, value).filter(|_| T::DTYPE != DType::Bool);
    match value {
        Some(value) => g.constant_named(name, value).typed(),
        None => {
            g.report(
                Rule::Value,
                format_args!("{name} has no default for dtype {}", T::DTYPE),
            );
            AnyTensor::poison(g).typed()
        }
    }
}
