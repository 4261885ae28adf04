//! Images of other sizes.

use super::check::{at_least_3d, batched, dimensions, unbatched, wrong_rank};
use super::crop;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand};
use crate::ops::nodes::{Arg, Nodes, Size};
use crate::ops::types::{Pixel, Real, StandardPixel};
use crate::ops::{TensorLike, constant_value};

/// How values between pixels are found (`tf.image.ResizeMethod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResizeMethod {
    /// On straight lines between the nearest four.
    #[default]
    Bilinear,
    /// The nearest one is taken, and the element type stays.
    NearestNeighbor,
    /// On cubic curves through the nearest sixteen.
    Bicubic,
    /// The mean of the area that a pixel covers.
    Area,
}

impl ResizeMethod {
    fn op(self) -> &'static str {
        match self {
            ResizeMethod::Bilinear => "ResizeBilinear",
            ResizeMethod::NearestNeighbor => "ResizeNearestNeighbor",
            ResizeMethod::Bicubic => "ResizeBicubic",
            ResizeMethod::Area => "ResizeArea",
        }
    }
}

options! {
    /// How images are resized.
    ///
    /// ```
    /// use tfhub::ops::image::{self, ResizeMethod, ResizeOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let photo = g.placeholder::<f32>((120, 90, 3));
    /// let small = image::resize_images(photo, [64, 64], ResizeMethod::Area);
    /// assert_eq!(small.operation().op(), "Squeeze");
    /// let whole = ResizeOptions::default().preserve_aspect_ratio(true);
    /// assert_eq!(image::resize_images(photo, [64, 64], whole).shape().to_string(), "[64, 48, 3]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    ResizeOptions {
        /// How [`resize_images`] and [`resize_image_with_pad`] find values between pixels; bilinear by default.
        method: ResizeMethod = ResizeMethod::Bilinear;
        /// Whether the centers of the pixels in the corners stay in the corners; they do not by default.
        align_corners: bool = false;
        /// Whether pixels lie in the middle of their cells, for [`resize_bilinear`], [`resize_bicubic`] and
        /// [`resize_nearest_neighbor`]; they do not by default.
        half_pixel_centers: bool = false;
        /// Whether [`resize_images`] makes one side smaller than asked for rather than change the proportions; it does
        /// not by default.
        preserve_aspect_ratio: bool = false;
    }
}

/// The method alone.
impl From<ResizeMethod> for ResizeOptions {
    fn from(method: ResizeMethod) -> Self {
        Self::default().method(method)
    }
}

functions! {
    /// A batch of images of the size `[height, width]`, found on straight lines (`tf.image.resize_bilinear`).
    resize_bilinear "ResizeBilinear"
        <T: Pixel>(images: T, size: i32 | options: ResizeOptions) -> f32
        { "align_corners" = options.align_corners, "half_pixel_centers" = options.half_pixel_centers };
    /// A batch of images of the size `[height, width]`, found on cubic curves (`tf.image.resize_bicubic`).
    resize_bicubic "ResizeBicubic"
        <T: StandardPixel>(images: T, size: i32 | options: ResizeOptions) -> f32
        { "align_corners" = options.align_corners, "half_pixel_centers" = options.half_pixel_centers };
    /// A batch of images of the size `[height, width]`, the nearest pixels (`tf.image.resize_nearest_neighbor`).
    resize_nearest_neighbor "ResizeNearestNeighbor"
        <T: StandardPixel>(images: T, size: i32 | options: ResizeOptions) -> T
        { "align_corners" = options.align_corners, "half_pixel_centers" = options.half_pixel_centers };
    /// A batch of images of the size `[height, width]`, means of areas (`tf.image.resize_area`).
    resize_area "ResizeArea"
        <T: StandardPixel>(images: T, size: i32 | options: ResizeOptions) -> f32
        { "align_corners" = options.align_corners };
    /// Boxes of images of a batch, all resized to `[height, width]` (`tf.image.crop_and_resize`).
    ///
    /// `boxes` are rows of top, left, bottom and right as fractions of the image; `box_indices` say of which image.
    crop_and_resize "CropAndResize"
        <T: StandardPixel>(image: T, boxes: f32, box_indices: i32, crop_size: i32 | options: CropAndResizeOptions) -> f32
        { "method" = options.method, "extrapolation_value" = options.extrapolation_value };
    /// A window of each image of a batch at its own place (`tf.image.extract_glimpse`).
    ///
    /// `size` is `[height, width]`; `offsets` has a row of two for each image.
    extract_glimpse "ExtractGlimpse"
        (input: f32, size: i32, offsets: f32 | options: GlimpseOptions) -> f32
        { "centered" = options.centered, "normalized" = options.normalized, "uniform_noise" = options.uniform_noise };
    /// Patches of images, each as a row of the last dimension (`tf.image.extract_image_patches`).
    ///
    /// The patches have the size `ksizes`, start every `strides` pixels, and leave out all but every `rates`th pixel.
    extract_image_patches "ExtractImagePatches"
        <T: Real>(images: T; ksizes: [i64; 4], strides: [i64; 4], rates: [i64; 4], padding: &str) -> T
        { "ksizes" = ksizes, "strides" = strides, "rates" = rates, "padding" = padding };
    /// Patches of volumes, each as a row of the last dimension (`tf.extract_volume_patches`).
    ///
    /// The patches have the size `ksizes` and start every `strides` voxels.
    extract_volume_patches "ExtractVolumePatches"
        <T: Real>(input: T; ksizes: [i64; 5], strides: [i64; 5], padding: &str) -> T
        { "ksizes" = ksizes, "strides" = strides, "padding" = padding };
}

/// Images of the size `[height, width]` (`tf.image.resize`).
///
/// The images have rank 3 or 4. The result's elements are float32, or those of the images where they have the size
/// already or where the nearest pixels are taken.
///
/// ```
/// use tfhub::ops::image;
/// # let g = tfhub::GraphBuilder::new();
/// let photo = g.placeholder::<u8>((None, None, 3));
/// let small = image::resize_images(photo, [64, 64], ()).typed::<f32>();
/// assert_eq!(small.shape().to_string(), "[64, 64, 3]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn resize_images<'g, T: StandardPixel>(
    images: impl TensorLike<'g, T>,
    size: impl Operand<'g, i32>,
    options: impl Into<ResizeOptions>,
) -> AnyTensor<'g> {
    let (n, _scope) = Nodes::in_scope(images.graph(), "resize");
    let images = n.tensor(images, "images");
    resize(n, images, Arg::of(size), options.into())
}

fn resize<'g>(
    n: Nodes<'g>,
    images: AnyTensor<'g>,
    size: Arg<'g>,
    options: ResizeOptions,
) -> AnyTensor<'g> {
    if images.shape().rank().is_none() && !images.is_poison() {
        return wrong_rank(n, &images.shape());
    }
    let (images, single) = batched(n, images);
    let mut size = size.convert(n.0, "size", DType::Int32);
    if !size.shape().is_compatible_with(&[2].into()) {
        let message = format!("the size must have the shape [2], found {}", size.shape());
        return n.fault(Rule::Shape, message);
    }
    if constant_value::as_shape(size).rank().is_none() && !size.is_poison() {
        return n.fault(Rule::Shape, "the size must be known to have the shape [2]");
    }
    let mut target = listed(size);
    if options.preserve_aspect_ratio {
        let [_, height, width, _] = dimensions(n, images);
        let [Some(target_height), Some(target_width)] = target else {
            let message = "the size must be known for the proportions to be kept";
            return n.fault(Rule::Value, message);
        };
        size = within(n, (target_height, target_width), (height, width));
        target = listed(size);
    }
    let dims = images.shape().dims().unwrap_or_default().to_vec();
    if let ([Some(height), Some(width)], [_, h, w, _]) = (target, dims.as_slice()) {
        if (*h, *w) == (Some(height), Some(width)) {
            return unbatched(n, images, single);
        }
    }
    let resized = n.op(options.method.op()).input(images).input(size);
    let resized = resized
        .attr("align_corners", options.align_corners)
        .output();
    let [height, width] = target;
    resized.set_shape(vec![None, height, width, None]);
    unbatched(n, resized, single)
}

/// The height and width that a tensor lists, as far as they are known.
fn listed(size: AnyTensor<'_>) -> [Option<usize>; 2] {
    let listed = constant_value::as_shape(size);
    let at = |index: usize| listed.dims().and_then(|dims| *dims.get(index)?);
    [at(0), at(1)]
}

/// The largest size with the proportions of an image that is within another.
fn within<'g>(
    n: Nodes<'g>,
    target: (usize, usize),
    (height, width): (Size<'g>, Size<'g>),
) -> AnyTensor<'g> {
    let float = |size: Size<'g>| size.cast(n, DType::Float32);
    let scale = |target: usize, size: Size<'g>| {
        let target = float(target.into());
        n.truediv(target, float(size))
    };
    let scale_height = scale(target.0, height);
    let scale_width = scale(target.1, width);
    let scale = n.binary("Minimum", scale_height, scale_width);
    let scaled = |size: Size<'g>| {
        let scaled = n.mul(scale, float(size));
        n.cast(n.unary("Round", scaled), DType::Int32)
    };
    let (height, width) = (scaled(height), scaled(width));
    n.stack_as("size", vec![height.into(), width.into()])
}

/// Images of the size `(target_height, target_width)`: resized without a change of the proportions, with zeros on two
/// sides (`tf.image.resize_image_with_pad`).
///
/// The images have rank 3 or 4. The result's elements are as those of [`resize_images`].
#[track_caller]
pub fn resize_image_with_pad<'g, T: StandardPixel>(
    image: impl TensorLike<'g, T>,
    target_height: impl Into<Size<'g>>,
    target_width: impl Into<Size<'g>>,
    options: impl Into<ResizeOptions>,
) -> AnyTensor<'g> {
    let target = (target_height.into(), target_width.into());
    let (n, _scope) = Nodes::in_scope(image.graph(), "resize_image_with_pad");
    let image = n.tensor(image, "image");
    resize_and_pad(n, image, target, options.into())
}

fn resize_and_pad<'g>(
    n: Nodes<'g>,
    image: AnyTensor<'g>,
    (target_height, target_width): (Size<'g>, Size<'g>),
    options: ResizeOptions,
) -> AnyTensor<'g> {
    let (image, single) = batched(n, image);
    let mut checked = at_least_3d(n, image);
    checked.require_target(n, (target_height, target_width));
    let image = checked.guarded(n);
    let [_, height, width, _] = dimensions(n, image);
    let double = |size: Size<'g>| size.cast(n, DType::Float64);
    let (height, width) = (double(height), double(width));
    let room_height = double(target_height);
    let room_width = double(target_width);
    let ratio_width = n.truediv(width, room_width);
    let ratio_height = n.truediv(height, room_height);
    let ratio = n.binary("Maximum", ratio_width, ratio_height);
    let fit_height = n.truediv(height, ratio);
    let fit_width = n.truediv(width, ratio);
    let floored = |x: AnyTensor<'g>| n.cast(n.unary("Floor", x), DType::Int32);
    let new_height = floored(fit_height);
    let new_width = floored(fit_width);
    let border = |room, fit| n.truediv(n.sub(room, fit), 2.0);
    let border_height = border(room_height, fit_height);
    let border_width = border(room_width, fit_width);
    let border_height = n.unary("Floor", border_height);
    let border_width = n.unary("Floor", border_width);
    let offset = |border| Size::Tensor(n.binary("Maximum", 0, n.cast(border, DType::Int32)));
    let offsets = (offset(border_height), offset(border_width));
    let resized = {
        let _scope = n.open_scope("resize");
        let size = Arg::List(vec![new_height.into(), new_width.into()]);
        resize(n, image, size, options.preserve_aspect_ratio(false))
    };
    let padded = crop::padded(n, resized, offsets, (target_height, target_width));
    dimensions(n, padded);
    unbatched(n, padded, single)
}

options! {
    /// The method of [`crop_and_resize`] and the value for what is outside.
    ///
    /// ```
    /// use tfhub::ops::image::{self, CropAndResizeOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let photos = g.placeholder::<f32>((2, 120, 90, 3));
    /// let boxes = g.placeholder::<f32>((None, 4));
    /// let of = g.placeholder::<i32>((None,));
    /// let options = CropAndResizeOptions::default().method("nearest").extrapolation_value(0.5);
    /// let faces = image::crop_and_resize(photos, boxes, of, [64, 64], options);
    /// assert_eq!(faces.shape().to_string(), "[?, 64, 64, 3]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    CropAndResizeOptions {
        /// How values between pixels are found: `bilinear`, the default, or `nearest`.
        method: &'static str = "bilinear";
        /// The value where a box is outside of its image; 0 by default.
        extrapolation_value: f32 = 0.0;
    }
}

options! {
    /// How [`extract_glimpse`] reads places, and the noise around images.
    ///
    /// ```
    /// use tfhub::ops::image::{self, GlimpseOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let photos = g.placeholder::<f32>((2, 120, 90, 3));
    /// let pixels = GlimpseOptions::default().centered(false).normalized(false);
    /// let corners = image::extract_glimpse(photos, [32, 32], [[0.0f32, 0.0], [88.0, 58.0]], pixels);
    /// assert_eq!(corners.shape().to_string(), "[2, 32, 32, 3]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    GlimpseOptions {
        /// Whether places are relative to the middle of the image; they are by default.
        centered: bool = true;
        /// Whether places are fractions of the image; they are by default.
        normalized: bool = true;
        /// Whether what is outside is uniform noise and not normal noise; it is by default.
        uniform_noise: bool = true;
    }
}
