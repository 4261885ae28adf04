//! Parts of tensors by position: `x[:, 1:3]` and the functions that take bounds for every dimension.

use std::ops::{Range, RangeFrom, RangeFull, RangeTo};
use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{self, Arg, Nodes, Size, function};
use crate::ops::types::IndexType;

/// A range of positions of one dimension, `begin:end:step` in Python.
///
/// It is made from Rust's ranges, or of bounds of which one is a tensor.
///
/// ```
/// use tfhub::ops::array::{self, Slice};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((8, 6));
/// let n = g.placeholder::<i32>(());
/// assert_eq!(array::index(x, Slice::from(1..).step(2)).shape().to_string(), "[4, 6]");
/// assert_eq!(array::index(x, Slice::new(1, n)).shape().to_string(), "[?, 6]");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Slice<'g> {
    begin: Option<Size<'g>>,
    end: Option<Size<'g>>,
    step: Option<Size<'g>>,
}

impl<'g> Slice<'g> {
    /// The positions from `begin` to before `end`.
    pub fn new(begin: impl Into<Size<'g>>, end: impl Into<Size<'g>>) -> Self {
        (begin.into()..end.into()).into()
    }

    /// Takes every `step`-th position; a negative step goes backwards.
    pub fn step(self, step: impl Into<Size<'g>>) -> Self {
        Slice {
            step: Some(step.into()),
            ..self
        }
    }

    /// The begin, the end and the step, as far as they are given.
    pub(in crate::ops) fn bounds(self) -> [Option<Size<'g>>; 3] {
        [self.begin, self.end, self.step]
    }
}

impl From<RangeFull> for Slice<'_> {
    fn from(_: RangeFull) -> Self {
        Slice {
            begin: None,
            end: None,
            step: None,
        }
    }
}

impl<'g, B: Into<Size<'g>>> From<RangeFrom<B>> for Slice<'g> {
    fn from(range: RangeFrom<B>) -> Self {
        Slice {
            begin: Some(range.start.into()),
            ..Slice::from(..)
        }
    }
}

impl<'g, B: Into<Size<'g>>> From<RangeTo<B>> for Slice<'g> {
    fn from(range: RangeTo<B>) -> Self {
        Slice {
            end: Some(range.end.into()),
            ..Slice::from(..)
        }
    }
}

impl<'g, B: Into<Size<'g>>> From<Range<B>> for Slice<'g> {
    fn from(range: Range<B>) -> Self {
        Slice {
            begin: Some(range.start.into()),
            end: Some(range.end.into()),
            step: None,
        }
    }
}

/// In an [`Index`], a new dimension of size 1 (`tf.newaxis`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAxis;

/// In an [`Index`], all dimensions that the rest of it does not name (`...`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ellipsis;

/// One part of an index.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum Item<'g> {
    Slice(Slice<'g>),
    At(Size<'g>),
    NewAxis,
    Ellipsis,
}

/// An index, as `x[...]` takes it in Python between the brackets: a number, a scalar tensor, a range, a [`Slice`],
/// [`NewAxis`], [`Ellipsis`], or a tuple or vector of them.
///
/// A number or scalar takes one position and drops the dimension.
pub trait Index<'g>: sealed::Index {
    /// Adds its parts to those before it.
    #[doc(hidden)]
    fn add_to(self, items: &mut Vec<Item<'g>>);
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Index {}

    impl<I: Index> Index for Vec<I> {}
}

macro_rules! index {
    ($([$($generics:tt)*] $type:ty, $self:ident => $item:expr;)*) => {$(
        impl<'g, $($generics)*> sealed::Index for $type {}

        impl<'g, $($generics)*> Index<'g> for $type {
            fn add_to($self, items: &mut Vec<Item<'g>>) {
                items.push($item);
            }
        }
    )*};
}

index! {
    [] i32, self => Item::At(self.into());
    [I: IndexType] Tensor<'g, I>, self => Item::At(Size::Tensor(self.any()));
    [] RangeFull, self => Item::Slice(self.into());
    [B: Into<Size<'g>>] Range<B>, self => Item::Slice(self.into());
    [B: Into<Size<'g>>] RangeFrom<B>, self => Item::Slice(self.into());
    [B: Into<Size<'g>>] RangeTo<B>, self => Item::Slice(self.into());
    [] Slice<'g>, self => Item::Slice(self);
    [] NewAxis, self => Item::NewAxis;
    [] Ellipsis, self => Item::Ellipsis;
}

impl<'g, I: Index<'g>> Index<'g> for Vec<I> {
    fn add_to(self, items: &mut Vec<Item<'g>>) {
        self.into_iter().for_each(|item| item.add_to(items));
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: sealed::Index),*> sealed::Index for ($($name,)*) {}

        impl<'g, $($name: Index<'g>),*> Index<'g> for ($($name,)*) {
            #[allow(non_snake_case, unused_variables, reason = "each part is named after its type parameter")]
            fn add_to(self, items: &mut Vec<Item<'g>>) {
                let ($($name,)*) = self;
                $($name.add_to(items);)*
            }
        }
    )*};
}

tuples! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}

impl<'g, T: TensorType> Tensor<'g, T> {
    /// A part of the tensor, as `x[...]` gives in Python; see [`index`].
    #[track_caller]
    pub fn slice(&self, at: impl Index<'g>) -> Tensor<'g, T> {
        index(*self, at)
    }
}

/// A part of a tensor or variable, as `x[...]` gives in Python.
///
/// ```
/// use tfhub::ops::array::{self, Ellipsis, NewAxis, Slice};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4, 5, 6));
/// assert_eq!(x.slice((.., 1..3, 0)).shape().to_string(), "[?, 2, 6]");
/// assert_eq!(x.slice((Ellipsis, NewAxis, -1)).shape().to_string(), "[?, 4, 5, 1]");
/// assert_eq!(x.slice((.., Slice::from(..).step(-2))).shape().to_string(), "[?, 2, 5, 6]");
/// let batch = array::index(array::shape::<i32, _>(x), 0);
/// assert_eq!(x.slice(batch - 1).shape().to_string(), "[4, 5, 6]");
/// ```
#[track_caller]
pub fn index<'g, T: TensorType>(x: impl TensorLike<'g, T>, at: impl Index<'g>) -> Tensor<'g, T> {
    let g = x.graph();
    let mut items = Vec::new();
    at.add_to(&mut items);
    Nodes(g).indexed(Arg::of(x), items).typed()
}

impl<'g> Nodes<'g> {
    /// A part of a tensor by the author.
    #[track_caller]
    fn indexed(self, x: Arg<'g>, items: Vec<Item<'g>>) -> AnyTensor<'g> {
        let g = self.0;
        let _call = g.open_call(Location::caller());
        let x = x.convert(g, "input", DType::Float32);
        let items = items.into_iter().map(|item| item.checked(g).to_slice());
        let name = g.requested_name("strided_slice");
        self.index_as(&name, x, items.collect())
    }

    /// A part of a tensor by some items of an index that have been checked.
    #[track_caller]
    pub(in crate::ops) fn part(self, x: AnyTensor<'g>, items: &[Item<'g>]) -> AnyTensor<'g> {
        let items = items.iter().map(|item| item.to_slice());
        self.index_as("strided_slice", x, items.collect())
    }
}

impl<'g> Item<'g> {
    /// The item with bounds that are scalars, as far as their shapes are known.
    #[track_caller]
    pub(in crate::ops) fn checked(self, g: &'g GraphBuilder) -> Self {
        match self {
            Item::Slice(Slice { begin, end, step }) => {
                let [begin, end, step] =
                    [begin, end, step].map(|bound| bound.map(|bound| checked(g, bound)));
                Item::Slice(Slice { begin, end, step })
            }
            Item::At(place) => Item::At(checked(g, place)),
            item => item,
        }
    }

    fn to_slice(self) -> nodes::Slice<'g> {
        match self {
            Item::Slice(Slice { begin, end, step }) => {
                let [begin, end] = [begin, end].map(|bound| bound.map(Arg::from));
                nodes::Slice::Range(begin, end, step.unwrap_or(Size::Known(1)))
            }
            Item::At(place) => nodes::Slice::At(place.into()),
            Item::NewAxis => nodes::Slice::NewAxis,
            Item::Ellipsis => nodes::Slice::Ellipsis,
        }
    }
}

/// A bound; a vector of bounds is a fault.
#[track_caller]
fn checked<'g>(g: &'g GraphBuilder, bound: Size<'g>) -> Size<'g> {
    let Size::Tensor(tensor) = bound else {
        return bound;
    };
    if tensor.shape().rank() != Some(1) {
        return bound;
    }
    let message = format!("an index must be a scalar, its shape is {}", tensor.shape());
    tensor.report(Rule::Shape, &message);
    Size::Tensor(AnyTensor::poison(g))
}

/// The steps of a [`strided_slice`], and which of its bounds mean something else. Bit i of a mask is for position i.
///
/// ```
/// use tfhub::ops::array::{self, StridedSliceOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((8, 6));
/// let options = StridedSliceOptions::default().strides([2, 1]).end_mask(1).shrink_axis_mask(2);
/// assert_eq!(array::strided_slice(x, [1, 0], [0, 0], options).shape().to_string(), "[4]");
/// ```
#[derive(Debug, Clone)]
pub struct StridedSliceOptions<'g, I: TensorType> {
    strides: Option<AnyOperand<'g, I>>,
    begin_mask: i64,
    end_mask: i64,
    ellipsis_mask: i64,
    new_axis_mask: i64,
    shrink_axis_mask: i64,
}

impl<I: TensorType> Default for StridedSliceOptions<'_, I> {
    fn default() -> Self {
        StridedSliceOptions {
            strides: None,
            begin_mask: 0,
            end_mask: 0,
            ellipsis_mask: 0,
            new_axis_mask: 0,
            shrink_axis_mask: 0,
        }
    }
}

setters! {
    impl['g, I: TensorType] StridedSliceOptions<'g, I> {
        /// The steps; all are 1 by default.
        strides: impl Operand<'g, I> => Some(strides.into_any());
        /// Where `begin` is not used and the range starts at the dimension's first position.
        begin_mask: i64;
        /// Where `end` is not used and the range ends with the dimension.
        end_mask: i64;
        /// Where all dimensions stand that are not named; one bit at most.
        ellipsis_mask: i64;
        /// Where a new dimension of size 1 is made.
        new_axis_mask: i64;
        /// Where one position is taken and the dimension is dropped.
        shrink_axis_mask: i64;
    }
}

defaults!(StridedSliceOptions<'g, I: TensorType>);

/// The positions from `begin` to before `end` of the first dimensions (`tf.strided_slice`).
///
/// [`index`] reads better.
#[track_caller]
pub fn strided_slice<'g, T: TensorType, I: IndexType>(
    x: impl TensorLike<'g, T>,
    begin: impl Operand<'g, I>,
    end: impl Operand<'g, I>,
    options: impl Into<StridedSliceOptions<'g, I>>,
) -> Tensor<'g, T> {
    let (g, options) = (x.graph(), options.into());
    let begin = Arg::of(begin);
    let strides = options.strides.map_or_else(
        || g.called_from(Location::caller(), || Nodes(g).ones_like(&begin).into()),
        Arg::of,
    );
    let slice = function(g, "StridedSlice").arg(x).input(begin).arg(end);
    let slice = slice.input(strides).attr("begin_mask", options.begin_mask);
    let slice = slice.attr("end_mask", options.end_mask);
    let slice = slice.attr("ellipsis_mask", options.ellipsis_mask);
    let slice = slice.attr("new_axis_mask", options.new_axis_mask);
    let slice = slice.attr("shrink_axis_mask", options.shrink_axis_mask);
    slice.typed()
}

functions! {
    /// `size` positions from `begin` on of every dimension (`tf.slice`); a size of -1 reaches to the end.
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((4, 6));
    /// assert_eq!(array::slice(x, [1, 0], [2, -1]).shape().to_string(), "[2, 6]");
    /// ```
    slice "Slice" <T: TensorType, I: IndexType>(x: T, begin: I, size: I) -> T;
}
