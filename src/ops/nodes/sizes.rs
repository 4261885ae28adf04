//! Numbers and shapes of which parts may be tensors.

use std::panic::Location;

use super::{Arg, Nodes, Slice, as_i32};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// An integer that is a number or a scalar of the graph: a size, a position, a bound of a range.
///
/// ```
/// use tfhub::ops::{array, math};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let ids = g.placeholder::<i32>((None,));
/// let count = array::size::<i32, _>(ids);
/// assert_eq!(math::unsorted_segment_mean(x, ids, 3).shape().to_string(), "[3, 4]");
/// assert_eq!(math::unsorted_segment_mean(x, ids, count).shape().to_string(), "[?, 4]");
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Size<'g> {
    /// A number.
    Known(i64),
    /// A scalar tensor.
    Tensor(AnyTensor<'g>),
}

impl From<i32> for Size<'_> {
    fn from(size: i32) -> Self {
        Size::Known(size.into())
    }
}

impl From<i64> for Size<'_> {
    fn from(size: i64) -> Self {
        Size::Known(size)
    }
}

/// A size that no tensor can have is as good as the greatest number.
impl From<usize> for Size<'_> {
    fn from(size: usize) -> Self {
        Size::Known(size.try_into().unwrap_or(i64::MAX))
    }
}

macro_rules! scalars {
    ($($element:ty)*) => {$(
        impl<'g> From<Tensor<'g, $element>> for Size<'g> {
            fn from(size: Tensor<'g, $element>) -> Self {
                Size::Tensor(size.any())
            }
        }
    )*};
}

scalars! { i32 i64 }

/// A number that int32 does not hold is an int64.
impl<'g> From<Size<'g>> for Arg<'g> {
    fn from(size: Size<'g>) -> Self {
        match size {
            Size::Known(size) => match i32::try_from(size) {
                Ok(size) => size.into(),
                Err(_) => size.into_tensor_value().into(),
            },
            Size::Tensor(size) => size.into(),
        }
    }
}

/// A shape where TensorFlow takes a tensor for it: `()` for a scalar, a number for a vector, a list or tuple of numbers
/// and scalars of the graph, a tensor that lists the sizes, or a [`Shape`] whose dimensions are known.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let rows = array::shape::<i32, _>(x).slice(0);
/// assert_eq!(array::zeros::<f32>(&g, (rows, 16)).shape().to_string(), "[?, 16]");
/// assert_eq!(array::zeros::<i64>(&g, [2, 3]).shape().to_string(), "[2, 3]");
/// assert_eq!(array::ones::<i64>(&g, 3).shape().to_string(), "[3]");
/// assert_eq!(array::fill(&g, array::shape::<i32, _>(x), 0.5f32).shape().to_string(), "[?, 4]");
/// ```
#[derive(Debug, Clone)]
pub struct Sizes<'g>(Kind<'g>);

#[derive(Debug, Clone)]
enum Kind<'g> {
    Known(Shape),
    Tensor(AnyTensor<'g>),
    List(Vec<Size<'g>>),
}

macro_rules! sizes {
    ($([$($generics:tt)*] $from:ty, $sizes:ident => $kind:expr;)*) => {$(
        impl<'g, $($generics)*> From<$from> for Sizes<'g> {
            fn from($sizes: $from) -> Self {
                Sizes($kind)
            }
        }
    )*};
}

/// Sizes one after the other.
fn listed<'g>(sizes: impl IntoIterator<Item = impl Into<Size<'g>>>) -> Kind<'g> {
    Kind::List(sizes.into_iter().map(Into::into).collect())
}

sizes! {
    [] (), _sizes => Kind::List(Vec::new());
    [] Shape, shape => Kind::Known(shape);
    [] &Shape, shape => Kind::Known(shape.clone());
    [] i32, size => listed([size]);
    [] i64, size => listed([size]);
    [] usize, size => listed([size]);
    [] AnyTensor<'g>, sizes => Kind::Tensor(sizes);
    [] Tensor<'g, i32>, sizes => Kind::Tensor(sizes.any());
    [] Tensor<'g, i64>, sizes => Kind::Tensor(sizes.any());
    [S: Into<Size<'g>>] Vec<S>, sizes => listed(sizes);
    [S: Into<Size<'g>> + Copy] &Vec<S>, sizes => listed(sizes.iter().copied());
    [S: Into<Size<'g>> + Copy] &[S], sizes => listed(sizes.iter().copied());
    [S: Into<Size<'g>>, const N: usize] [S; N], sizes => listed(sizes);
    [S: Into<Size<'g>> + Copy, const N: usize] &[S; N], sizes => listed(sizes.iter().copied());
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<'g, $($name: Into<Size<'g>>),*> From<($($name,)*)> for Sizes<'g> {
            #[expect(non_snake_case, reason = "each size is named after its type parameter")]
            fn from(($($name,)*): ($($name,)*)) -> Self {
                Sizes(Kind::List(vec![$($name.into()),*]))
            }
        }
    )*};
}

each_tuple!(tuples);

impl<'g> Sizes<'g> {
    /// The sizes as one argument.
    pub(crate) fn into_arg(self, n: Nodes<'g>) -> Arg<'g> {
        match self.0 {
            Kind::Tensor(sizes) => sizes.into(),
            Kind::List(sizes) => Arg::List(Arg::sizes(&sizes)),
            Kind::Known(shape) => match shape.to_static() {
                Some(shape) => shape_value(&shape).into(),
                None => n.partial(&shape).into(),
            },
        }
    }

    /// The sizes, if all are numbers.
    pub(crate) fn numbers(&self) -> Option<Vec<i64>> {
        match &self.0 {
            Kind::Tensor(_) => None,
            Kind::List(sizes) => {
                let number = |size: &Size<'_>| match size {
                    Size::Known(size) => Some(*size),
                    Size::Tensor(_) => None,
                };
                sizes.iter().map(number).collect()
            }
            Kind::Known(shape) => {
                let sizes = shape.to_static()?;
                Some(sizes.iter().map(|&size| size as i64).collect())
            }
        }
    }

    /// How many sizes there are, if that is known.
    pub(crate) fn rank(&self) -> Option<usize> {
        match &self.0 {
            Kind::Known(shape) => shape.rank(),
            Kind::List(sizes) => Some(sizes.len()),
            Kind::Tensor(sizes) => match sizes.shape().dims() {
                Some([rank]) => *rank,
                _ => None,
            },
        }
    }

    /// The sizes before a position, and the others.
    pub(crate) fn split_at(self, n: Nodes<'g>, at: usize) -> [Arg<'g>; 2] {
        match self.0 {
            Kind::List(mut sizes) => {
                let rest = sizes.split_off(at.min(sizes.len()));
                [sizes, rest].map(|sizes| Sizes::from(sizes).into_arg(n))
            }
            Kind::Known(shape) if shape.dims().is_some_and(|dims| dims.len() >= at) => {
                let dims = shape.dims().unwrap_or_default();
                let (first, rest) = dims.split_at(at);
                [first, rest].map(|dims| Sizes::from(Shape::from(dims)).into_arg(n))
            }
            kind => {
                let sizes = Sizes(kind).into_arg(n).convert(n.0, "shape", DType::Int32);
                let at = at as i32;
                [Slice::to(at), Slice::from(at)].map(|part| n.index(sizes, [part]).into())
            }
        }
    }

    /// The sizes, those of a list of numbers as a known shape.
    fn settled(self) -> Self {
        let Kind::List(sizes) = &self.0 else {
            return self;
        };
        let known = |size: &Size<'_>| match size {
            Size::Known(size) => usize::try_from(*size).ok().map(Some),
            Size::Tensor(_) => None,
        };
        match sizes.iter().map(known).collect::<Option<Shape>>() {
            Some(shape) => Sizes(Kind::Known(shape)),
            None => self,
        }
    }
}

/// A shape as the vector that ops take: of int32, or of int64 where a size needs it.
pub(crate) fn shape_value(shape: &[usize]) -> TensorValue {
    let is_wide = shape.iter().any(|&dim| i32::try_from(dim).is_err());
    sizes_value(shape, if is_wide { DType::Int64 } else { DType::Int32 })
}

/// Sizes as a vector of int32 or int64; those that int32 cannot hold lose their upper half, as in Python.
pub(crate) fn sizes_value(sizes: &[usize], dtype: DType) -> TensorValue {
    match dtype {
        DType::Int64 => sizes
            .iter()
            .map(|&size| size as i64)
            .collect::<Vec<_>>()
            .into_tensor_value(),
        _ => as_i32(sizes).into_tensor_value(),
    }
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
    let _call = g.open_call(location);
    Nodes(g).filled(name, value, dtype, shape.into())
}

/// The number of elements from which on `tf.zeros` and `tf.ones` are no constants.
const LONG: i32 = 1000;

impl<'g> Nodes<'g> {
    /// `tf.zeros` and `tf.ones`: a constant if it is short, and otherwise a node that fills.
    #[track_caller]
    pub(crate) fn filled(
        self,
        name: &str,
        value: f64,
        dtype: DType,
        sizes: Sizes<'g>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let empty = (dtype == DType::String && value == 0.0).then(|| "".into_tensor_value());
        let Some(value) = empty.or_else(|| TensorValue::scalar_from_f64(dtype, value)) else {
            let message = format!("{name} of dtype {dtype} are not defined");
            return self.fault(Rule::Value, message);
        };
        let dims = match sizes.settled().0 {
            Kind::Tensor(dims) => dims,
            Kind::List(sizes) => self.measured(sizes),
            Kind::Known(shape) => {
                let Some(shape) = shape.to_static() else {
                    return self.partial(&shape);
                };
                if is_short(&shape) {
                    return self.0.constant_filled(&scope, &value, &shape);
                }
                self.0
                    .constant_named("shape_as_tensor", shape_value(&shape))
            }
        };
        let dims = match dims.shape().rank() {
            Some(1..) => dims,
            _ => self.reshape(dims, [-1]),
        };
        let value = self.0.constant_named("Const", value);
        self.0
            .op("Fill")
            .name(&scope)
            .input(dims)
            .input(value)
            .output()
    }

    /// Sizes of which some are tensors, packed. Python first asks whether their product is small, and leaves its nodes.
    fn measured(self, sizes: Vec<Size<'g>>) -> AnyTensor<'g> {
        let product = sizes.iter().copied().reduce(|a, b| match (a, b) {
            (Size::Known(a), Size::Known(b)) => Size::Known(a.wrapping_mul(b)),
            _ => Size::Tensor(self.mul(a, b)),
        });
        if let Some(product) = product {
            self.binary("Less", product, LONG);
        }
        self.stack_as("packed", Arg::sizes(&sizes))
    }

    /// The fault of a shape that is not known where it has to be.
    #[track_caller]
    pub(crate) fn partial(self, shape: &Shape) -> AnyTensor<'g> {
        let message = format!("every dimension must be known, the shape is {shape}");
        self.fault(Rule::Shape, message)
    }
}

/// Whether there are so few elements that `tf.zeros` and `tf.ones` are constants.
fn is_short(shape: &[usize]) -> bool {
    let count = shape
        .iter()
        .try_fold(1usize, |count, &size| count.checked_mul(size));
    shape.contains(&0) || count.is_some_and(|count| count < LONG as usize)
}

#[cfg(test)]
mod tests {
    use crate::graph::GraphBuilder;
    use crate::ops::array::{fill, ones, zeros};
    use crate::shape::Shape;

    #[test]
    fn every_way_to_write_a_shape_gives_it() -> crate::Result<()> {
        let g = GraphBuilder::new();
        let (n, wide) = (g.placeholder::<i32>(()), g.placeholder::<i64>(()));
        let size = 3usize;
        let made = [
            zeros::<f32>(&g, ()),
            zeros::<f32>(&g, 3),
            zeros::<f32>(&g, size),
            zeros::<f32>(&g, [2, 3]),
            zeros::<f32>(&g, &[2, size]),
            zeros::<f32>(&g, vec![2i64, 3]),
            zeros::<f32>(&g, (2, size)),
            zeros::<f32>(&g, Shape::from((2, 3))),
            zeros::<f32>(&g, (n, size)),
            ones::<f32>(&g, (wide, 3)),
            fill(&g, (n, size), 1f32),
            fill(&g, Shape::from(2), 1f32),
        ];
        let shapes = made.map(|made| made.shape().to_string());
        let expected = "[] [3] [3] [2, 3] [2, 3] [2, 3] [2, 3] [2, 3] [?, 3] [?, 3] [?, 3] [2]";
        assert_eq!(shapes.join(" "), expected);
        g.finish().map(|_| ())
    }

    #[test]
    fn a_shape_with_an_unknown_dimension_is_a_fault() {
        let g = GraphBuilder::new();
        zeros::<f32>(&g, Shape::from((None, 3)));
        let error = g.finish().unwrap_err().to_string();
        let message = "every dimension must be known, the shape is [?, 3]";
        assert!(error.contains(message), "{error}");
    }
}
