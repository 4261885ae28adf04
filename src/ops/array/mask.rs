//! Choosing elements by a condition.

use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::types::{IndexType, NumberOrBool};
use crate::ops::{OrDefault, Size, TensorLike};
use crate::shape::Shape;

functions! {
    /// The positions of the elements that are true or not zero, a row for each (`tf.where` with one argument).
    where_ "Where" <T: NumberOrBool>(condition: T) -> i64;
    /// The elements of `x` where the condition is true and those of `y` elsewhere (`tf.where` with three arguments).
    ///
    /// The condition has the shape of both, or is a vector that chooses rows, or a scalar.
    select "Select" <T: TensorType>(condition: bool, x: T, y: T) -> T;
    /// The elements of `x` where the condition is true and those of `y` elsewhere, all three broadcast
    /// (`tf.where_v2` with three arguments).
    ///
    /// ```
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let known = g.placeholder::<bool>((None, 1));
    /// let x = g.placeholder::<f32>((None, 3));
    /// assert_eq!(array::select_v2(known, x, 0.0).shape().to_string(), "[?, 3]");
    /// ```
    select_v2 "SelectV2" <T: TensorType>(condition: bool, x: T, y: T) -> T;
}

/// The parts of `x` where the mask is true, in a single dimension in the place of the mask's (`tf.boolean_mask`).
///
/// The mask's rank must be known. `axis` is the first dimension that it is for, `()` for the first of all.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let rows = g.placeholder::<bool>((None,));
/// assert_eq!(array::boolean_mask(x, rows, ()).shape().to_string(), "[?, 3]");
/// ```
#[track_caller]
pub fn boolean_mask<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    mask: impl Operand<'g, bool>,
    axis: impl Into<OrDefault<usize>>,
) -> Tensor<'g, T> {
    let axis = axis.into().0.unwrap_or(0);
    let g = x.graph();
    let name = g.requested_name("boolean_mask");
    let (x, mask) = (Arg::of(x), Arg::of(mask));
    Nodes(g).boolean_mask_as(&name, x, mask, axis).typed()
}

impl<'g> Nodes<'g> {
    /// `tf.boolean_mask` from the first dimension on.
    #[track_caller]
    pub(in crate::ops) fn boolean_mask(
        self,
        x: AnyTensor<'g>,
        mask: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        self.boolean_mask_as("boolean_mask", x.into(), mask.into(), 0)
    }

    #[track_caller]
    fn boolean_mask_as(self, name: &str, x: Arg<'g>, mask: Arg<'g>, axis: usize) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let x = x.convert(self.0, "tensor", DType::Float32);
        let mask = mask.convert(self.0, "mask", DType::Bool);
        let rank = match mask.shape().rank() {
            Some(rank @ 1..) => rank,
            Some(0) => return self.fault_at(mask, "the mask must not be a scalar"),
            None => return self.fault_at(mask, "the mask's rank must be known"),
        };
        let known = x.shape();
        let masked = part(&known, axis, Some(axis + rank));
        if !masked.is_compatible_with(&mask.shape()) {
            let message = format!(
                "the mask's shape {} does not fit the masked dimensions {masked}",
                mask.shape()
            );
            return self.fault_at(mask, &message);
        }
        let (from, to) = (axis as i32, (axis + rank) as i32);
        let sizes = self.index(self.shape(x), [Slice::between(from, to)]);
        let count = self.binary("Prod", sizes, [0]);
        let outer = self.index(self.shape(x), [Slice::to(from)]);
        let inner = self.index(self.shape(x), [Slice::from(to)]);
        let sizes = vec![outer.into(), Arg::List(vec![count.into()]), inner.into()];
        let flat = self.reshape(x, self.concat(sizes, 0));
        let outer = joined(
            &part(&known, 0, Some(axis)),
            &[masked.num_elements()].into(),
        );
        flat.set_shape(joined(&outer, &part(&known, axis + rank, None)));
        let mask = self.reshape(mask, [-1]);
        let positions = self.squeeze(self.unary("Where", mask), &[1]);
        self.gather(flat, positions, from)
    }
}

/// Rows of as many trues, or ones, as each length says (`tf.sequence_mask`), `maxlen` long, or with `()` as long as the
/// largest of them.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let lengths = g.placeholder::<i32>((None,));
/// let mask = array::sequence_mask::<bool, _>(lengths, ());
/// assert_eq!(mask.shape().to_string(), "[?, ?]");
/// let weights = array::sequence_mask::<f32, _>(lengths, 5);
/// assert_eq!(weights.shape().to_string(), "[?, 5]");
/// ```
#[track_caller]
pub fn sequence_mask<'g, U: Element, I: IndexType>(
    lengths: impl TensorLike<'g, I>,
    maxlen: impl Into<OrDefault<Size<'g>>>,
) -> Tensor<'g, U> {
    let (g, maxlen) = (lengths.graph(), maxlen.into().0);
    let name = g.requested_name("SequenceMask");
    Nodes(g)
        .sequence_mask(&name, Arg::of(lengths), maxlen, U::DTYPE)
        .typed()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    pub(in crate::ops) fn sequence_mask(
        self,
        name: &str,
        lengths: Arg<'g>,
        maxlen: Option<Size<'g>>,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let _scope = self.open_scope(name);
        let lengths = lengths.convert(self.0, "Const", DType::Int32);
        let maxlen = match maxlen {
            Some(maxlen) => Arg::from(maxlen).convert(self.0, "Const", DType::Int32),
            None => {
                let greatest = self.greatest(lengths);
                let zero = self.number("Const", lengths.dtype(), 0.0);
                self.maximum(zero, greatest)
            }
        };
        if maxlen.shape().rank().is_some_and(|rank| rank != 0) {
            maxlen.report(Rule::Shape, "the length of the rows must be a scalar");
            return AnyTensor::poison(self.0);
        }
        let [start, step] = [0.0, 1.0].map(|value| self.number("Const", maxlen.dtype(), value));
        let row = self
            .0
            .op("Range")
            .input(start)
            .input(maxlen)
            .input(step)
            .output();
        let column = self.expand_dims(lengths, -1);
        let column = self
            .0
            .op("Cast")
            .input(column)
            .attr("DstT", maxlen.dtype())
            .output();
        let mask = self.binary("Less", row, column);
        match dtype {
            DType::Bool => mask,
            _ => self.0.op("Cast").input(mask).attr("DstT", dtype).output(),
        }
    }
}

/// A part of a shape as Python slices one: of an unknown shape, as many unknown dimensions as are asked for, or any
/// if the part has no end.
fn part(shape: &Shape, from: usize, to: Option<usize>) -> Shape {
    match (shape.dims(), to) {
        (Some(dims), _) => {
            let to = to.unwrap_or(dims.len()).min(dims.len());
            dims[from.min(to)..to].to_vec().into()
        }
        (None, Some(to)) => Shape::unknown_of_rank(to - from),
        (None, None) => Shape::unknown(),
    }
}

/// The dimensions of both shapes, if both have known ranks.
fn joined(a: &Shape, b: &Shape) -> Shape {
    match (a.dims(), b.dims()) {
        (Some(a), Some(b)) => [a, b].concat().into(),
        _ => Shape::unknown(),
    }
}
