//! Images: decoding, sizes, colours, boxes (`tf.image`).
//!
//! An image is a tensor of rank 3, height, width and channels; functions that say so take batches of them too, of rank
//! 4. Values of floating-point images are from 0 to 1, those of integers cover what the type holds.
//!
//! ```
//! use tfhub::ops::image;
//! # let g = tfhub::GraphBuilder::new();
//! let photos = g.placeholder::<u8>((None, None, None, 3));
//! let photos = image::convert_image_dtype::<f32, _>(photos);
//! let small = image::resize_bilinear(photos, [224, 224]);
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

use super::nodes::{Arg, Nodes};
use crate::graph::{AnyTensor, Tensor};
use crate::value::IntoTensorValue;

/// A number of pixels: a Rust integer, or a scalar tensor.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'g>(Size<'g>);

impl From<i32> for Pixels<'_> {
    fn from(pixels: i32) -> Self {
        Pixels(Size::Known(pixels))
    }
}

impl<'g> From<Tensor<'g, i32>> for Pixels<'g> {
    fn from(pixels: Tensor<'g, i32>) -> Self {
        Pixels(Size::Tensor(pixels.any()))
    }
}

/// What Python computes with where a size may be an integer or a tensor.
#[derive(Debug, Clone, Copy)]
enum Size<'g> {
    Known(i32),
    Tensor(AnyTensor<'g>),
}

impl<'g> From<Size<'g>> for Arg<'g> {
    fn from(size: Size<'g>) -> Self {
        match size {
            Size::Known(size) => size.into_tensor_value().into(),
            Size::Tensor(tensor) => tensor.into(),
        }
    }
}

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
        f: fn(i32, i32) -> i32,
    ) -> Size<'g> {
        match (self, other.into()) {
            (Size::Known(a), Size::Known(b)) => Size::Known(f(a, b)),
            (a, b) => Size::Tensor(n.call(op, [a.into(), b.into()])),
        }
    }

    fn add(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("AddV2", "add"), other, i32::saturating_add)
    }

    fn sub(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("Sub", "sub"), other, i32::saturating_sub)
    }

    fn max(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("Maximum", "Maximum"), other, i32::max)
    }

    fn min(self, n: Nodes<'g>, other: Size<'g>) -> Size<'g> {
        self.with(n, ("Minimum", "Minimum"), other, i32::min)
    }

    fn half(self, n: Nodes<'g>) -> Size<'g> {
        self.with(n, ("FloorDiv", "floordiv"), 2, |a, b| a.div_euclid(b))
    }

    fn neg(self, n: Nodes<'g>) -> Size<'g> {
        match self {
            Size::Known(size) => Size::Known(size.saturating_neg()),
            Size::Tensor(tensor) => Size::Tensor(n.unary("Neg", tensor)),
        }
    }
}

impl From<i32> for Size<'_> {
    fn from(size: i32) -> Self {
        Size::Known(size)
    }
}

/// The tables of one-node functions, for the test of all.
#[cfg(test)]
pub(super) const TABLES: &[&[super::table::Row]] =
    &[boxes::ROWS, codec::ROWS, color::ROWS, resize::ROWS];
