//! Static shapes: the dimensions of tensors as far as they are known before the graph runs.

use std::fmt;

use smallvec::{SmallVec, smallvec};

/// The greatest rank of the tensors of TensorFlow.
pub(crate) const MAX_RANK: usize = 254;

/// A tensor's static shape: unknown, or a list of dimensions of which each is a size or unknown.
///
/// It is made from tuples, arrays, slices and vectors of dimensions, of which `None` is an unknown one, and from a single
/// size. As in Python, `None` in the place of the whole shape is the unknown shape, and not a vector of unknown size,
/// which is `(None,)`.
///
/// ```
/// use tfhub::Shape;
///
/// assert_eq!(Shape::from((None, 50)).to_string(), "[?, 50]");
/// assert_eq!(Shape::from(()).to_string(), "[]");
/// assert_eq!(Shape::from([2, 3]).num_elements(), Some(6));
/// assert_eq!(Shape::from(3), Shape::from([3]));
/// assert_eq!(Shape::from(None), Shape::unknown());
/// assert_eq!(Shape::unknown().to_string(), "<unknown>");
/// assert_eq!(Shape::from((None,)).to_string(), "[?]");
/// ```
#[derive(Debug, PartialEq, Eq, Hash, Default)]
pub struct Shape(Option<Dims>);

/// Copies the dimensions at once, where that of the list goes one by one.
impl Clone for Shape {
    fn clone(&self) -> Self {
        Shape(self.0.as_deref().map(Dims::from_slice))
    }
}

type Dims = SmallVec<[Option<usize>; 4]>;

/// The product of the dimensions; `None` if without those of size 0 it cannot be addressed.
pub(crate) fn element_count(shape: &[usize]) -> Option<usize> {
    product(&mut shape.iter().map(|&dim| Some(dim)))
}

fn product(dims: &mut dyn Iterator<Item = Option<usize>>) -> Option<usize> {
    let (mut others, mut empty) = (1_usize, false);
    for dim in dims {
        match dim? {
            0 => empty = true,
            dim => others = others.checked_mul(dim)?,
        }
    }
    isize::try_from(others).ok()?;
    Some(if empty { 0 } else { others })
}

impl Shape {
    /// A shape of unknown rank.
    pub fn unknown() -> Self {
        Shape(None)
    }

    /// The shape of a scalar: rank 0.
    pub fn scalar() -> Self {
        Shape(Some(Dims::new()))
    }

    /// A shape of known rank with no dimension known; where the rank is above the 254 that TensorFlow's tensors may
    /// have, not even the rank is.
    pub fn unknown_of_rank(rank: usize) -> Self {
        Shape((rank <= MAX_RANK).then(|| smallvec![None; rank]))
    }

    /// The dimensions, or `None` if the rank is unknown.
    pub fn dims(&self) -> Option<&[Option<usize>]> {
        self.0.as_deref()
    }

    /// The dimensions of a shape of known rank, to be changed.
    pub(crate) fn dims_mut(&mut self) -> Option<&mut [Option<usize>]> {
        self.0.as_deref_mut()
    }

    /// The number of dimensions, if known.
    pub fn rank(&self) -> Option<usize> {
        self.0.as_ref().map(|dims| dims.len())
    }

    /// The sizes of all dimensions, if all are known.
    pub fn to_static(&self) -> Option<Vec<usize>> {
        let dims = self.0.as_ref()?;
        let mut sizes = Vec::with_capacity(dims.len());
        for &dim in dims {
            sizes.push(dim?);
        }
        Some(sizes)
    }

    /// Whether the rank and every dimension are known.
    pub fn is_static(&self) -> bool {
        self.dims().is_some_and(|dims| !dims.contains(&None))
    }

    /// Whether a tensor of these sizes has the shape.
    pub(crate) fn admits(&self, sizes: &[usize]) -> bool {
        let Some(dims) = self.dims() else {
            return true;
        };
        let mut pairs = dims.iter().zip(sizes);
        dims.len() == sizes.len() && pairs.all(|(dim, size)| dim.is_none_or(|dim| dim == *size))
    }

    /// The number of elements, if every dimension is known and the product of those that are not 0 can be addressed.
    pub fn num_elements(&self) -> Option<usize> {
        product(&mut self.0.as_ref()?.iter().copied())
    }

    /// Whether a tensor could have both shapes.
    pub fn is_compatible_with(&self, other: &Shape) -> bool {
        self.merge(other).is_some()
    }

    /// The shape of a tensor that has both shapes, or `None` if none can.
    pub fn merge(&self, other: &Shape) -> Option<Shape> {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            let known = if self.0.is_some() { self } else { other };
            return Some(known.clone());
        };
        if a.len() != b.len() {
            return None;
        }
        let mut dims = a.clone();
        for (dim, &other) in dims.iter_mut().zip(b) {
            match (*dim, other) {
                (Some(a), Some(b)) if a != b => return None,
                (known, other) => *dim = known.or(other),
            }
        }
        Some(Shape(Some(dims)))
    }

    /// The shape that elementwise operations on both give, or `None` if the shapes do not broadcast.
    ///
    /// The rule is NumPy's: dimensions are matched from the last, and a size of 1 stretches.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            return Some(Shape::unknown());
        };
        let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
        let mut dims = long.clone();
        for (dim, &other) in dims.iter_mut().rev().zip(short.iter().rev()) {
            *dim = match (*dim, other) {
                (Some(1), other) | (other, Some(1)) => other,
                (Some(a), Some(b)) if a != b => return None,
                // A known size above one is what the unknown one must be or stretch to.
                (Some(known), _) | (None, Some(known)) if known > 1 => Some(known),
                (a, b) => a.and(b),
            };
        }
        Some(Shape(Some(dims)))
    }
}

/// Shapes made of others.
impl Shape {
    /// A dimension by its index, which counts from the end if it is negative; `None` where there is no such dimension.
    pub(crate) fn dim(&self, index: isize) -> Option<usize> {
        let dims = self.dims()?;
        *dims.get(from_start(index, dims.len()))?
    }

    /// The shape with one dimension replaced, if it has it; a negative index counts from the end.
    pub(crate) fn with_dim(&self, index: isize, dim: Option<usize>) -> Self {
        let mut shape = self.clone();
        if let Some(dims) = &mut shape.0 {
            let at = from_start(index, dims.len());
            if let Some(place) = dims.get_mut(at) {
                *place = dim;
            }
        }
        shape
    }

    /// All but the first `count` dimensions.
    pub(crate) fn without_first(&self, count: usize) -> Self {
        match self.dims() {
            Some(dims) => dims[count.min(dims.len())..].into(),
            None => Shape::unknown(),
        }
    }

    /// All but the last `count` dimensions.
    pub(crate) fn without_last(&self, count: usize) -> Self {
        match self.dims() {
            Some(dims) => dims[..dims.len().saturating_sub(count)].into(),
            None => Shape::unknown(),
        }
    }

    /// Adds a dimension at the end, if the rank is known.
    pub(crate) fn push(&mut self, dim: Option<usize>) {
        if let Some(dims) = &mut self.0 {
            dims.push(dim);
        }
    }

    /// The shape with more dimensions at its end.
    pub(crate) fn with_suffix(&self, suffix: &[Option<usize>]) -> Self {
        let mut shape = self.clone();
        if let Some(dims) = &mut shape.0 {
            dims.extend_from_slice(suffix);
        }
        shape
    }

    /// The dimensions of the shape, then those of another.
    pub(crate) fn joined(&self, other: &Shape) -> Self {
        match other.dims() {
            Some(dims) => self.with_suffix(dims),
            None => Shape::unknown(),
        }
    }

    /// A shape of these dimensions.
    fn collect(dims: &mut dyn Iterator<Item = Option<usize>>) -> Self {
        Shape(Some(dims.collect()))
    }
}

/// An index that counts from the end if it is negative, as one that counts from the start.
fn from_start(index: isize, rank: usize) -> usize {
    if index < 0 {
        rank.wrapping_sub(index.unsigned_abs())
    } else {
        index.unsigned_abs()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(dims) = &self.0 else {
            return f.write_str("<unknown>");
        };
        f.write_str("[")?;
        for (i, dim) in dims.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match dim {
                Some(size) => write!(f, "{size}")?,
                None => f.write_str("?")?,
            }
        }
        f.write_str("]")
    }
}

impl From<Vec<Option<usize>>> for Shape {
    fn from(dims: Vec<Option<usize>>) -> Self {
        Shape(Some(dims.into()))
    }
}

impl From<&[Option<usize>]> for Shape {
    fn from(dims: &[Option<usize>]) -> Self {
        Shape(Some(dims.into()))
    }
}

impl FromIterator<Option<usize>> for Shape {
    fn from_iter<I: IntoIterator<Item = Option<usize>>>(dims: I) -> Self {
        Shape::collect(&mut dims.into_iter())
    }
}

/// A vector of this size.
impl From<usize> for Shape {
    fn from(size: usize) -> Self {
        Shape(Some(smallvec![Some(size)]))
    }
}

/// `None` is the unknown shape, as in Python; `(None,)` is a vector of unknown size.
impl From<Option<Shape>> for Shape {
    fn from(shape: Option<Shape>) -> Self {
        shape.unwrap_or_else(Shape::unknown)
    }
}

impl From<()> for Shape {
    fn from((): ()) -> Self {
        Shape::scalar()
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Self {
        shape.clone()
    }
}

/// A dimension in a tuple or array that stands for a [`Shape`]: a size, or `None` where it is unknown.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a dimension of a shape",
    label = "expected dimensions of type `usize` or `Option<usize>`",
    note = "sizes are converted with `as usize`, and an unknown one is `None`"
)]
pub trait Dimension: sealed::Dimension {
    #[doc(hidden)]
    fn into_size(self) -> Option<usize>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Dimension {}

    impl Dimension for usize {}
    impl Dimension for Option<usize> {}
}

impl Dimension for usize {
    fn into_size(self) -> Option<usize> {
        Some(self)
    }
}

impl Dimension for Option<usize> {
    fn into_size(self) -> Option<usize> {
        self
    }
}

macro_rules! from_lists {
    ($([$($generics:tt)*] $list:ty, $dims:ident => $items:expr;)*) => {$(
        impl<$($generics)*> From<$list> for Shape {
            fn from($dims: $list) -> Self {
                $items.into_iter().map(Dimension::into_size).collect()
            }
        }
    )*};
}

from_lists! {
    [] Vec<usize>, dims => dims;
    [] &Vec<usize>, dims => dims.iter().copied();
    [] &[usize], dims => dims.iter().copied();
    [D: Dimension, const N: usize] [D; N], dims => dims;
    [D: Dimension + Copy, const N: usize] &[D; N], dims => dims.iter().copied();
}

macro_rules! tuples {
    ($($($dim:ident)*;)*) => {$(
        impl<$($dim: Dimension),*> From<($($dim,)*)> for Shape {
            #[expect(non_snake_case, reason = "each dimension is named after its type parameter")]
            fn from(($($dim,)*): ($($dim,)*)) -> Self {
                Shape::from(&[$($dim.into_size()),*][..])
            }
        }
    )*};
}

each_tuple!(tuples);

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(dims: impl Into<Shape>) -> Shape {
        dims.into()
    }

    #[test]
    fn merge_keeps_what_either_knows() {
        assert_eq!(
            shape((None, 3)).merge(&shape((2, None))),
            Some(shape((2, 3)))
        );
        assert_eq!(
            Shape::unknown().merge(&shape((2, None))),
            Some(shape((2, None)))
        );
        assert_eq!(shape((2,)).merge(&shape((3,))), None);
        assert_eq!(shape((2,)).merge(&shape((2, 2))), None);
    }

    #[test]
    fn a_shape_admits_the_sizes_that_it_does_not_rule_out() {
        for (known, sizes, expected) in [
            (Shape::unknown(), &[][..], true),
            (Shape::unknown(), &[2, 3], true),
            (shape((None, 3)), &[0, 3], true),
            (shape((None, 3)), &[2, 4], false),
            (shape((None, 3)), &[2], false),
            (shape((None, 3)), &[2, 3, 1], false),
            (Shape::scalar(), &[], true),
            (Shape::scalar(), &[1], false),
        ] {
            assert_eq!(known.admits(sizes), expected, "{known} {sizes:?}");
        }
    }

    #[test]
    fn broadcast_follows_numpy_with_unknown_dimensions() {
        assert_eq!(
            shape((None, 3)).broadcast(&shape((3,))),
            Some(shape((None, 3)))
        );
        assert_eq!(shape((2, 1)).broadcast(&shape((1, 3))), Some(shape((2, 3))));
        assert_eq!(shape((None,)).broadcast(&shape((4,))), Some(shape((4,))));
        assert_eq!(shape((None,)).broadcast(&shape((1,))), Some(shape((None,))));
        assert_eq!(shape((None,)).broadcast(&shape((0,))), Some(shape((None,))));
        assert_eq!(shape((2,)).broadcast(&shape((3,))), None);
        assert_eq!(
            Shape::unknown().broadcast(&shape((3,))),
            Some(Shape::unknown())
        );
    }

    #[test]
    fn shapes_are_made_of_others() {
        let images = shape((None, 5, 3));
        assert_eq!(images.dim(-1), Some(3));
        assert_eq!((images.dim(3), images.dim(-4)), (None, None));
        assert_eq!(images.with_dim(-3, Some(2)), shape((2, 5, 3)));
        assert_eq!(images.with_dim(3, Some(2)), images);
        assert_eq!(images.without_first(1), shape((5, 3)));
        assert_eq!(images.without_last(4), Shape::scalar());
        assert_eq!(images.joined(&shape((1,))), shape((None, 5, 3, 1)));
        assert_eq!(images.joined(&Shape::unknown()), Shape::unknown());
        assert_eq!(Shape::unknown().with_suffix(&[None]), Shape::unknown());
    }

    #[test]
    fn element_count_does_not_overflow() {
        assert_eq!(shape([usize::MAX, 2]).num_elements(), None);
        assert_eq!(shape((None, 0)).num_elements(), None);
        assert_eq!(shape([0, usize::MAX, 2]).num_elements(), None);
        assert_eq!(Shape::scalar().num_elements(), Some(1));
        assert_eq!(element_count(&[]), Some(1));
        assert_eq!(element_count(&[3, 0, 2]), Some(0));
        assert_eq!(element_count(&[1 << 40, 1 << 22]), Some(1 << 62));
        assert_eq!(element_count(&[1 << 40, 1 << 23]), None);
        assert_eq!(element_count(&[0, usize::MAX, 2]), None);
    }
}
