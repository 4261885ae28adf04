//! Taking parts of images and adding borders.

use super::check::{Checked, at_least_3d, batched, dimensions, unbatched, wrong_rank};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Size};
use crate::shape::Shape;

/// Where a rectangle lies in an image, or an image in a larger one.
#[derive(Clone, Copy)]
struct Rectangle<'g> {
    offset_height: Size<'g>,
    offset_width: Size<'g>,
    height: Size<'g>,
    width: Size<'g>,
}

impl<'g> Rectangle<'g> {
    fn new(
        offset: (impl Into<Size<'g>>, impl Into<Size<'g>>),
        size: (impl Into<Size<'g>>, impl Into<Size<'g>>),
    ) -> Self {
        Rectangle {
            offset_height: offset.0.into(),
            offset_width: offset.1.into(),
            height: size.0.into(),
            width: size.1.into(),
        }
    }

    fn shape(&self, batch: Size<'g>, depth: Size<'g>) -> Shape {
        let sizes = [batch, self.height, self.width, depth];
        sizes.map(Size::known).to_vec().into()
    }
}

/// The part of images at `(offset_height, offset_width)` with the size `(target_height, target_width)`
/// (`tf.image.crop_to_bounding_box`).
///
/// The images have rank 3 or 4. The part has to lie inside of them; what is not known while the graph is built, the
/// consumer's session checks.
///
/// ```
/// use tfhub::ops::image;
/// # let g = tfhub::GraphBuilder::new();
/// let photo = g.placeholder::<f32>((100, 100, 3));
/// let face = image::crop_to_bounding_box(photo, (10, 20), (64, 64));
/// assert_eq!(face.shape().to_string(), "[64, 64, 3]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn crop_to_bounding_box<'g, T: TensorType>(
    image: impl TensorLike<'g, T>,
    offset: (impl Into<Size<'g>>, impl Into<Size<'g>>),
    target: (impl Into<Size<'g>>, impl Into<Size<'g>>),
) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(image.graph(), "crop_to_bounding_box");
    let image = image.into_tensor(n.0, "image");
    crop(n, image.any(), Rectangle::new(offset, target)).typed()
}

fn crop<'g>(n: Nodes<'g>, image: AnyTensor<'g>, part: Rectangle<'g>) -> AnyTensor<'g> {
    let (image, single) = batched(n, image);
    let mut checked = at_least_3d(n, image);
    let [batch, height, width, depth] = dimensions(n, checked.image);
    let Rectangle {
        offset_height,
        offset_width,
        height: target_height,
        width: target_width,
    } = part;
    let is_left = offset_width.at_least(n, 0);
    checked.require(n, is_left, "offset_width must be >= 0.");
    let is_top = offset_height.at_least(n, 0);
    checked.require(n, is_top, "offset_height must be >= 0.");
    checked.require_target(n, (target_height, target_width));
    let right = target_width.add(n, offset_width);
    let fits = width.at_least(n, right);
    checked.require(n, fits, "width must be >= target + offset.");
    let bottom = target_height.add(n, offset_height);
    let fits = height.at_least(n, bottom);
    checked.require(n, fits, "height must be >= target + offset.");
    let image = checked.guarded(n);
    let begin = [0.into(), offset_height, offset_width, 0.into()];
    let size = [(-1).into(), target_height, target_width, (-1).into()];
    let cropped = slice(n, image, &begin, &size);
    cropped.set_shape(part.shape(batch, depth));
    unbatched(n, cropped, single)
}

fn slice<'g>(
    n: Nodes<'g>,
    image: AnyTensor<'g>,
    begin: &[Size<'g>],
    size: &[Size<'g>],
) -> AnyTensor<'g> {
    let list = |sizes: &[Size<'g>]| n.stack(Arg::sizes(sizes));
    let (begin, size) = (list(begin), list(size));
    n.slice(image, begin, size)
}

/// Images with zeros around them: they lie at `(offset_height, offset_width)` in images of the size
/// `(target_height, target_width)` (`tf.image.pad_to_bounding_box`).
///
/// The images have rank 3 or 4 and have to fit.
#[track_caller]
pub fn pad_to_bounding_box<'g, T: TensorType>(
    image: impl TensorLike<'g, T>,
    offset: (impl Into<Size<'g>>, impl Into<Size<'g>>),
    target: (impl Into<Size<'g>>, impl Into<Size<'g>>),
) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(image.graph(), "pad_to_bounding_box");
    let image = image.into_tensor(n.0, "image");
    pad(n, image.any(), Rectangle::new(offset, target)).typed()
}

fn pad<'g>(n: Nodes<'g>, image: AnyTensor<'g>, place: Rectangle<'g>) -> AnyTensor<'g> {
    let (image, single) = batched(n, image);
    let mut checked = at_least_3d(n, image);
    let [batch, height, width, depth] = dimensions(n, checked.image);
    let Rectangle {
        offset_height,
        offset_width,
        height: target_height,
        width: target_width,
    } = place;
    let right = target_width.sub(n, offset_width).sub(n, width);
    let bottom = target_height.sub(n, offset_height).sub(n, height);
    let is_below = offset_height.at_least(n, 0);
    checked.require(n, is_below, "offset_height must be >= 0");
    let is_right = offset_width.at_least(n, 0);
    checked.require(n, is_right, "offset_width must be >= 0");
    let fits = right.at_least(n, 0);
    checked.require(n, fits, "width must be <= target - offset");
    let fits = bottom.at_least(n, 0);
    checked.require(n, fits, "height must be <= target - offset");
    let image = checked.guarded(n);
    let zero = Size::Known(0);
    let (rows, columns) = ([offset_height, bottom], [offset_width, right]);
    let borders = [[zero, zero], rows, columns, [zero, zero]].concat();
    let borders = n.stack(Arg::sizes(&borders));
    let paddings = n.binary("Reshape", borders, [4, 2]);
    let padded = n.binary("Pad", image, paddings);
    padded.set_shape(place.shape(batch, depth));
    unbatched(n, padded, single)
}

/// The pad of a function around this one.
pub(super) fn padded<'g>(
    n: Nodes<'g>,
    image: AnyTensor<'g>,
    offset: (Size<'g>, Size<'g>),
    target: (Size<'g>, Size<'g>),
) -> AnyTensor<'g> {
    let place = Rectangle::new(offset, target);
    let _scope = n.open_scope("pad_to_bounding_box");
    pad(n, image, place)
}

/// Images of the size `(target_height, target_width)`: what is larger is cut off evenly on both sides, and what is
/// smaller gets zeros around it (`tf.image.resize_image_with_crop_or_pad`).
#[track_caller]
pub fn resize_image_with_crop_or_pad<'g, T: TensorType>(
    image: impl TensorLike<'g, T>,
    target_height: impl Into<Size<'g>>,
    target_width: impl Into<Size<'g>>,
) -> Tensor<'g, T> {
    let target = (target_height.into(), target_width.into());
    let name = "resize_image_with_crop_or_pad";
    let (n, _scope) = Nodes::in_scope(image.graph(), name);
    let image = image.into_tensor(n.0, "image");
    crop_or_pad(n, image.any(), target).typed()
}

fn crop_or_pad<'g>(
    n: Nodes<'g>,
    image: AnyTensor<'g>,
    (target_height, target_width): (Size<'g>, Size<'g>),
) -> AnyTensor<'g> {
    let (image, single) = batched(n, image);
    let mut checked = at_least_3d(n, image);
    checked.require_target(n, (target_height, target_width));
    let image = checked.guarded(n);
    let guard = |size| match size {
        Size::Tensor(tensor) => Size::Tensor(n.0.with_dependencies(&checked.checks, tensor)),
        known => known,
    };
    let target_height = guard(target_height);
    let target_width = guard(target_width);
    let [_, height, width, _] = dimensions(n, image);
    let zero = Size::Known(0);
    let offsets = |difference: Size<'g>| {
        let cropped = difference.neg(n).half(n).max(n, zero);
        (cropped, difference.half(n).max(n, zero))
    };
    let (crop_width, pad_width) = offsets(target_width.sub(n, width));
    let (crop_height, pad_height) = offsets(target_height.sub(n, height));
    let part = Rectangle {
        offset_height: crop_height,
        offset_width: crop_width,
        height: target_height.min(n, height),
        width: target_width.min(n, width),
    };
    let cropped = {
        let _scope = n.open_scope("crop_to_bounding_box");
        crop(n, image, part)
    };
    let target = (target_height, target_width);
    let resized = padded(n, cropped, (pad_height, pad_width), target);
    let [_, height, width, _] = dimensions(n, resized);
    let mut checked = Checked::of(resized);
    let is_right = height.equals(n, target_height);
    checked.require(n, is_right, "resized height is not correct.");
    let is_right = width.equals(n, target_width);
    checked.require(n, is_right, "resized width is not correct.");
    let resized = checked.guarded(n);
    unbatched(n, resized, single)
}

/// The middle of images: `central_fraction` of their height and width (`tf.image.central_crop`).
///
/// The rank has to be known, 3 or 4, and the fraction to be above 0 and not above 1.
#[track_caller]
pub fn central_crop<'g, T: TensorType>(
    image: impl TensorLike<'g, T>,
    central_fraction: f64,
) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(image.graph(), "central_crop");
    let image = image.into_tensor(n.0, "image");
    if !(central_fraction > 0.0 && central_fraction <= 1.0) {
        let message = format!("central_fraction must be in (0, 1], found {central_fraction}");
        return n.fault(Rule::Value, message).typed();
    }
    if central_fraction == 1.0 {
        return image;
    }
    let checked = at_least_3d(n, image.any());
    checked.guarded(n);
    central(n, checked.image, central_fraction).typed()
}

fn central<'g>(n: Nodes<'g>, image: AnyTensor<'g>, fraction: f64) -> AnyTensor<'g> {
    let dims = image.shape().dims().unwrap_or_default().to_vec();
    let first = match dims.len() {
        3 => 0,
        4 => 1,
        _ => return wrong_rank(n, &image.shape()),
    };
    let size = |axis: usize| match dims[axis] {
        Some(size) => size.into(),
        None => Size::Tensor(n.at(n.shape(image), axis as i32)),
    };
    let sizes = [size(first), size(first + 1)];
    let starts = sizes.map(|size| match size {
        Size::Known(size) => {
            let size = size as f64;
            Size::Known(((size - size * fraction) / 2.0) as i64)
        }
        Size::Tensor(size) => {
            let size = n.cast(size, DType::Float64);
            let kept = n.mul(size, fraction);
            let start = n.truediv(n.sub(size, kept), 2.0);
            Size::Tensor(n.cast(start, DType::Int32))
        }
    });
    let rest = |axis: usize| {
        let twice = starts[axis].with(n, ("Mul", "mul"), 2, i64::saturating_mul);
        sizes[axis].sub(n, twice)
    };
    let (height, width) = (rest(0), rest(1));
    let (zero, all) = (Size::Known(0), Size::Known(-1));
    let begin = [zero, starts[0], starts[1], zero];
    let size = [all, height, width, all];
    let cropped = slice(n, image, &begin[1 - first..], &size[1 - first..]);
    let mut shape = dims;
    shape[first] = height.known();
    shape[first + 1] = width.known();
    cropped.set_shape(shape);
    cropped
}
