//! Shapes that functions compute while the graph is built.

use super::Nodes;
use crate::error::Rule;
use crate::shape::Shape;

impl Nodes<'_> {
    /// Whether shapes may be one; if not, that is reported.
    #[track_caller]
    pub(crate) fn compatible(self, what: &str, a: &Shape, b: &Shape) -> bool {
        let fits = a.is_compatible_with(b);
        if !fits {
            let message = format!("expected {what} of one shape, found {a} and {b}");
            self.fault(Rule::Shape, message);
        }
        fits
    }
}

/// Sizes of dimensions as int32 has them.
pub(crate) fn as_i32(sizes: &[usize]) -> Vec<i32> {
    sizes.iter().map(|&size| size as i32).collect()
}

/// The sizes of dimensions, if all are known, as int32 has them.
pub(crate) fn known_sizes(dims: &[Option<usize>]) -> Option<Vec<i32>> {
    Some(as_i32(&Shape::from(dims).to_static()?))
}

/// A shape without one of its dimensions.
pub(crate) fn without_axis(shape: &Shape, axis: i32) -> Option<Shape> {
    let mut dims = shape.dims()?.to_vec();
    let at = if axis < 0 {
        axis + dims.len() as i32
    } else {
        axis
    };
    let at = usize::try_from(at).ok().filter(|&at| at < dims.len())?;
    dims.remove(at);
    Some(dims.into())
}

/// The first dimensions of a shape, `x.shape[:-1]`.
pub(crate) fn outer(shape: &Shape) -> Shape {
    match shape.dims() {
        Some(dims) => dims[..dims.len().saturating_sub(1)].to_vec().into(),
        None => Shape::unknown(),
    }
}

/// All but the first dimension of a shape, `x.shape[1:]`.
pub(crate) fn inner(shape: &Shape) -> Shape {
    match shape.dims() {
        Some(dims) => dims.get(1..).unwrap_or_default().to_vec().into(),
        None => Shape::unknown(),
    }
}
