//! Parts of tensors by position: `x[:, 1:3]` and the functions that take bounds for every dimension.

use std::ops::{Range, RangeFrom, RangeFull, RangeTo};
use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Entry, GraphBuilder, OpBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Call, Nodes, function};
use crate::ops::types::Int32Int64;
use crate::value::IntoTensorValue;

/// A bound of a [`Slice`], or a position: a number or a scalar tensor. A negative number counts from the end.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'g>(Place<'g>);

#[derive(Debug, Clone, Copy)]
enum Place<'g> {
    Number(i32),
    Tensor(AnyTensor<'g>),
}

impl From<i32> for Bound<'_> {
    fn from(number: i32) -> Self {
        Bound(Place::Number(number))
    }
}

impl<'g, I: Int32Int64> From<Tensor<'g, I>> for Bound<'g> {
    fn from(tensor: Tensor<'g, I>) -> Self {
        Bound(Place::Tensor(tensor.any()))
    }
}

/// A range of positions of one dimension, what `begin:end:step` is in Python.
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
    begin: Option<Bound<'g>>,
    end: Option<Bound<'g>>,
    step: Option<Bound<'g>>,
}

impl<'g> Slice<'g> {
    /// The positions from `begin` to before `end`.
    pub fn new(begin: impl Into<Bound<'g>>, end: impl Into<Bound<'g>>) -> Self {
        (begin.into()..end.into()).into()
    }

    /// Takes only every so many positions; a negative step goes backwards.
    pub fn step(self, step: impl Into<Bound<'g>>) -> Self {
        Slice {
            step: Some(step.into()),
            ..self
        }
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

impl<'g, B: Into<Bound<'g>>> From<RangeFrom<B>> for Slice<'g> {
    fn from(range: RangeFrom<B>) -> Self {
        Slice {
            begin: Some(range.start.into()),
            ..Slice::from(..)
        }
    }
}

impl<'g, B: Into<Bound<'g>>> From<RangeTo<B>> for Slice<'g> {
    fn from(range: RangeTo<B>) -> Self {
        Slice {
            end: Some(range.end.into()),
            ..Slice::from(..)
        }
    }
}

impl<'g, B: Into<Bound<'g>>> From<Range<B>> for Slice<'g> {
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
    At(Bound<'g>),
    NewAxis,
    Ellipsis,
}

/// What stands between the brackets of `x[...]` in Python: a number, a scalar tensor, a range, a [`Slice`],
/// [`NewAxis`], [`Ellipsis`], or a tuple or vector of them.
///
/// A number or scalar takes one position and drops the dimension.
pub trait Index<'g> {
    /// Adds its parts to those before it.
    #[doc(hidden)]
    fn add_to(self, items: &mut Vec<Item<'g>>);
}

macro_rules! index {
    ($([$($generics:tt)*] $type:ty, $self:ident => $item:expr;)*) => {$(
        impl<'g, $($generics)*> Index<'g> for $type {
            fn add_to($self, items: &mut Vec<Item<'g>>) {
                items.push($item);
            }
        }
    )*};
}

index! {
    [] i32, self => Item::At(self.into());
    [I: Int32Int64] Tensor<'g, I>, self => Item::At(self.into());
    [] RangeFull, self => Item::Slice(self.into());
    [B: Into<Bound<'g>>] Range<B>, self => Item::Slice(self.into());
    [B: Into<Bound<'g>>] RangeFrom<B>, self => Item::Slice(self.into());
    [B: Into<Bound<'g>>] RangeTo<B>, self => Item::Slice(self.into());
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
/// let batch = array::index(array::shape(x), 0);
/// assert_eq!(x.slice(batch - 1).shape().to_string(), "[4, 5, 6]");
/// ```
#[track_caller]
pub fn index<'g, T: TensorType>(x: impl TensorLike<'g, T>, at: impl Index<'g>) -> Tensor<'g, T> {
    let g = x.graph();
    let here = Location::caller();
    let mut items = Vec::new();
    at.add_to(&mut items);
    let x = g.called_from(here, || x.into_tensor(g, "input"));
    let parts = g.called_from(here, || Parts::of(g, &items));
    g.function_scope("strided_slice", here, |scope| {
        let [begin, end, strides] = parts.bounds(g);
        let slice = g.op("StridedSlice").name(scope).input(x);
        let slice = slice.input(begin).input(end).input(strides);
        parts.masks.set(slice, OpBuilder::attr).output().typed()
    })
}

/// The lists that `StridedSlice` takes.
#[derive(Default)]
struct Parts<'g> {
    begin: Vec<Bound<'g>>,
    end: Vec<Bound<'g>>,
    strides: Vec<Bound<'g>>,
    masks: Masks,
}

impl<'g> Parts<'g> {
    fn of(g: &'g GraphBuilder, items: &[Item<'g>]) -> Self {
        let mut parts = Parts::default();
        for (at, item) in items.iter().enumerate() {
            // More dimensions than any tensor has are a fault of the slice itself.
            let bit = 1i64.checked_shl(at as u32).unwrap_or(0);
            let (zero, one) = (Bound::from(0), Bound::from(1));
            let [begin, end, stride] = match *item {
                Item::Slice(Slice { begin, end, step }) => {
                    parts.masks.begin |= if begin.is_none() { bit } else { 0 };
                    parts.masks.end |= if end.is_none() { bit } else { 0 };
                    [begin, end, step].map(|bound| bound.map(|bound| bound.checked(g)))
                }
                Item::At(place) => {
                    let place = place.checked(g);
                    parts.masks.shrink_axis |= bit;
                    [Some(place), Some(place.next(g)), None]
                }
                Item::NewAxis => {
                    parts.masks.new_axis |= bit;
                    [None; 3]
                }
                Item::Ellipsis => {
                    parts.masks.ellipsis |= bit;
                    [None; 3]
                }
            };
            parts.begin.push(begin.unwrap_or(zero));
            parts.end.push(end.unwrap_or(zero));
            parts.strides.push(stride.unwrap_or(one));
        }
        parts
    }

    /// The vectors of bounds, all int64 if one is.
    fn bounds(&self, g: &'g GraphBuilder) -> [AnyTensor<'g>; 3] {
        if self.begin.is_empty() {
            return [g.constant_named("Const", [0i32; 0].into_tensor_value()); 3];
        }
        let lists = [
            (&self.begin, "stack"),
            (&self.end, "stack_1"),
            (&self.strides, "stack_2"),
        ];
        let packed = lists.map(|(bounds, name)| stacked(g, bounds, name));
        if packed.iter().all(|bounds| bounds.dtype() == DType::Int32) {
            return packed;
        }
        packed.map(|bounds| match bounds.dtype() {
            DType::Int64 => bounds,
            _ => function(g, "Cast")
                .input(bounds)
                .attr("DstT", DType::Int64)
                .output(),
        })
    }
}

/// Bounds as one vector of the element type of their first tensor.
fn stacked<'g>(g: &'g GraphBuilder, bounds: &[Bound<'g>], name: &str) -> AnyTensor<'g> {
    let first = bounds.iter().find_map(|bound| match bound.0 {
        Place::Tensor(tensor) => Some(tensor.dtype()),
        Place::Number(_) => None,
    });
    match first {
        Some(DType::Int64) => stacked_as(g, bounds, name, i64::from),
        _ => stacked_as(g, bounds, name, |number| number),
    }
}

fn stacked_as<'g, I: Int32Int64>(
    g: &'g GraphBuilder,
    bounds: &[Bound<'g>],
    name: &str,
    convert: fn(i32) -> I,
) -> AnyTensor<'g> {
    let entries = bounds.iter().map(|bound| match bound.0 {
        Place::Number(number) => Entry::value(convert(number).into_tensor_value()),
        Place::Tensor(tensor) => Entry::tensor(tensor.typed::<I>()),
    });
    Entry::list(entries.collect()).into_tensor(g, name).any()
}

impl<'g> Bound<'g> {
    /// Itself; a vector of bounds is a fault.
    fn checked(self, g: &'g GraphBuilder) -> Self {
        let Place::Tensor(tensor) = self.0 else {
            return self;
        };
        if tensor.shape().rank() != Some(1) {
            return self;
        }
        let message = format!("an index must be a scalar, its shape is {}", tensor.shape());
        tensor.report(Rule::Shape, &message);
        Bound(Place::Tensor(AnyTensor::poison(g)))
    }

    /// The position after it.
    fn next(self, g: &'g GraphBuilder) -> Self {
        match self.0 {
            Place::Number(number) => number.wrapping_add(1).into(),
            Place::Tensor(tensor) => {
                let next = g.inner_scope("add", Location::caller(), |scope| {
                    let one = match tensor.dtype() {
                        DType::Int64 => 1i64.into_tensor_value(),
                        _ => 1i32.into_tensor_value(),
                    };
                    let one = g.constant_named("y", one);
                    g.op("AddV2").name(scope).input(tensor).input(one).output()
                });
                Bound(Place::Tensor(next))
            }
        }
    }
}

/// What each bit of the masks of `StridedSlice` stands for, position by position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Masks {
    begin: i64,
    end: i64,
    ellipsis: i64,
    new_axis: i64,
    shrink_axis: i64,
}

impl Masks {
    /// Sets the attributes of a node that is being made.
    fn set<B>(self, node: B, attr: fn(B, &'static str, i64) -> B) -> B {
        let masks = [
            ("begin_mask", self.begin),
            ("end_mask", self.end),
            ("ellipsis_mask", self.ellipsis),
            ("new_axis_mask", self.new_axis),
            ("shrink_axis_mask", self.shrink_axis),
        ];
        let set = |node, (name, mask)| attr(node, name, mask);
        masks.into_iter().fold(node, set)
    }
}

/// How [`strided_slice_with`] takes its bounds. Bit i of a mask is for position i of the bounds.
#[derive(Debug, Clone, Default)]
pub struct StridedSliceOptions<'g, I: TensorType> {
    strides: Option<Entry<'g, I>>,
    masks: Masks,
}

impl<'g, I: TensorType> StridedSliceOptions<'g, I> {
    /// The steps; all are 1 by default.
    pub fn strides(mut self, strides: impl Operand<'g, I>) -> Self {
        self.strides = Some(strides.into_entry());
        self
    }

    /// Where `begin` is not used and the range starts at the dimension's first position.
    pub fn begin_mask(mut self, mask: i64) -> Self {
        self.masks.begin = mask;
        self
    }

    /// Where `end` is not used and the range ends with the dimension.
    pub fn end_mask(mut self, mask: i64) -> Self {
        self.masks.end = mask;
        self
    }

    /// Where all dimensions stand that are not named; one bit at most.
    pub fn ellipsis_mask(mut self, mask: i64) -> Self {
        self.masks.ellipsis = mask;
        self
    }

    /// Where a new dimension of size 1 is made.
    pub fn new_axis_mask(mut self, mask: i64) -> Self {
        self.masks.new_axis = mask;
        self
    }

    /// Where one position is taken and the dimension is dropped.
    pub fn shrink_axis_mask(mut self, mask: i64) -> Self {
        self.masks.shrink_axis = mask;
        self
    }
}

/// The positions from `begin` to before `end` of the first dimensions (`tf.strided_slice`).
///
/// [`index`] reads better.
#[track_caller]
pub fn strided_slice<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    begin: impl Operand<'g, I>,
    end: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let options = StridedSliceOptions {
        strides: None,
        masks: Masks::default(),
    };
    strided_slice_with(x, begin, end, options)
}

/// The same with steps and masks.
#[track_caller]
pub fn strided_slice_with<'g, T: TensorType, I: Int32Int64>(
    x: impl TensorLike<'g, T>,
    begin: impl Operand<'g, I>,
    end: impl Operand<'g, I>,
    options: StridedSliceOptions<'g, I>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let here = Location::caller();
    let (begin, masks) = (begin.into_entry(), options.masks);
    let strides = options.strides.unwrap_or_else(|| {
        let ones = g.called_from(here, || Nodes(g).ones_like(Arg::of(begin.clone())));
        Entry::tensor(ones.typed())
    });
    let slice = function(g, "StridedSlice").arg(x).arg(begin).arg(end);
    masks.set(slice.arg(strides), Call::attr).output().typed()
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
    slice "Slice" <T: TensorType, I: Int32Int64>(x: T, begin: I, size: I) -> T;
}
