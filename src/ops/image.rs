//! Images: decoding, sizes, colours, boxes (`tf.image`).
//!
//! An image is a tensor of rank 3, height, width and channels; functions that say so take batches of them too, of rank
//! 4. Values of floating-point images are from 0 to 1, those of integers cover what the type holds.
//!
//! ```
//! use tfhub::ops::image;
//! # let g = tfhub::GraphBuilder::new();
//! let photos = g.placeholder::<u8>((None, None, None, 3));
//! let photos = image::convert_image_dtype::<f32, _>(photos, ());
//! let small = image::resize_bilinear(photos, [224, 224], ());
//! assert_eq!(small.shape().to_string(), "[?, 224, 224, 3]");
//! # g.finish().unwrap();
//! ```

mod adjust;
mod boxes;
mod check;
mod codec;
mod color;
mod crop;
mod flip;
mod measure;
mod resize;

pub use adjust::*;
pub use boxes::*;
pub use codec::*;
pub use color::*;
pub use crop::*;
pub use flip::*;
pub use measure::*;
pub use resize::*;

pub use super::random::random_crop;

use super::nodes::{Nodes, Size};
use crate::dtype::DType;
use crate::graph::AnyTensor;
use crate::value::IntoTensorValue;

/// Arithmetic of heights and widths, as Python does it where they may be integers or tensors.
impl<'g> Size<'g> {
    fn known(self) -> Option<usize> {
        match self {
            Size::Known(size) => usize::try_from(size).ok(),
            Size::Tensor(_) => None,
        }
    }

    /// An operation on integers, as a node if either is a tensor.
    fn with(
        self,
        n: Nodes<'g>,
        op: (&'static str, &str),
        other: impl Into<Size<'g>>,
        f: fn(i64, i64) -> i64,
    ) -> Size<'g> {
        match (self, other.into()) {
            (Size::Known(a), Size::Known(b)) => Size::Known(f(a, b)),
            (a, b) => Size::Tensor(n.call(op, [a.into(), b.into()])),
        }
    }

    fn add(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("AddV2", "add"), other, i64::saturating_add)
    }

    fn sub(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("Sub", "sub"), other, i64::saturating_sub)
    }

    fn max(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("Maximum", "Maximum"), other, i64::max)
    }

    fn min(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("Minimum", "Minimum"), other, i64::min)
    }

    fn half(self, n: Nodes<'g>) -> Size<'g> {
        self.with(n, ("FloorDiv", "floordiv"), 2, |a, b| a.div_euclid(b))
    }

    /// `tf.cast`, for which Python makes an int32 of an integer.
    fn cast(self, n: Nodes<'g>, dtype: DType) -> AnyTensor<'g> {
        match self {
            Size::Known(size) => n.cast((size as i32).into_tensor_value(), dtype),
            Size::Tensor(size) => n.cast(size, dtype),
        }
    }

    fn neg(self, n: Nodes<'g>) -> Size<'g> {
        match self {
            Size::Known(size) => Size::Known(size.saturating_neg()),
            Size::Tensor(tensor) => Size::Tensor(n.unary("Neg", tensor)),
        }
    }
}

/// The tables of one-node functions, for the test of all.
#[cfg(test)]
pub(super) const TABLES: &[&[super::table::Row]] = &[codec::ROWS, color::ROWS, resize::ROWS];
