//! Images of other sizes.

use std::panic::Location;

use super::check::{at_least_3d, batched, dimensions, unbatched, wrong_rank};
use super::{Pixels, Size, crop};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, Operand, Tensor};
use crate::ops::nodes::{Nodes, function};
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

/// How images are resized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResizeOptions {
    method: ResizeMethod,
    align_corners: bool,
    half_pixel_centers: bool,
    preserve_aspect_ratio: bool,
}

impl ResizeOptions {
    /// How [`resize_images_with`] and [`resize_image_with_pad_with`] find values between pixels; bilinear by default.
    pub fn method(self, method: ResizeMethod) -> Self {
        ResizeOptions { method, ..self }
    }

    /// Whether the centers of the pixels in the corners stay in the corners; they do not by default.
    pub fn align_corners(self, align_corners: bool) -> Self {
        ResizeOptions {
            align_corners,
            ..self
        }
    }

    /// Whether pixels are taken to lie in the middle of their cells, for the functions that are named after a method;
    /// they are not by default.
    pub fn half_pixel_centers(self, half_pixel_centers: bool) -> Self {
        ResizeOptions {
            half_pixel_centers,
            ..self
        }
    }

    /// Whether [`resize_images_with`] makes one side smaller than asked for rather than change the proportions; it
    /// does not by default.
    pub fn preserve_aspect_ratio(self, preserve_aspect_ratio: bool) -> Self {
        ResizeOptions {
            preserve_aspect_ratio,
            ..self
        }
    }
}

macro_rules! resized {
    ($(
        $(#[$doc:meta])* $name:ident $with:ident $bound:ident $out:ty, $method:ident $python:literal
        $($half_pixel:literal)?;
    )*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(
            images: impl TensorLike<'g, T>,
            size: impl Operand<'g, i32>,
        ) -> Tensor<'g, $out> {
            $with(images, size, ResizeOptions::default())
        }

        #[doc = concat!("[`", stringify!($name), "`] with options (`", $python, "`); the method is not used.")]
        #[track_caller]
        pub fn $with<'g, T: $bound>(
            images: impl TensorLike<'g, T>,
            size: impl Operand<'g, i32>,
            options: ResizeOptions,
        ) -> Tensor<'g, $out> {
            let op = function(images.graph(), ResizeMethod::$method.op());
let op = op.arg(images).arg(size);
                let op = op.attr("align_corners", options.align_corners);
                $(let op = op.attr($half_pixel, options.half_pixel_centers);)?
                op.output().typed()
        }
    )*};
}

resized! {
    /// A batch of images of the size `[height, width]`, found on straight lines (`tf.image.resize_bilinear`).
    resize_bilinear resize_bilinear_with Pixel f32, Bilinear "tf.image.resize_bilinear"
    "half_pixel_centers";
    /// A batch of images of the size `[height, width]`, found on cubic curves (`tf.image.resize_bicubic`).
    resize_bicubic resize_bicubic_with StandardPixel f32, Bicubic "tf.image.resize_bicubic"
    "half_pixel_centers";
    /// A batch of images of the size `[height, width]`, the nearest pixels (`tf.image.resize_nearest_neighbor`).
    resize_nearest_neighbor resize_nearest_neighbor_with StandardPixel T, NearestNeighbor
    "tf.image.resize_nearest_neighbor" "half_pixel_centers";
    /// A batch of images of the size `[height, width]`, means of areas (`tf.image.resize_area`).
    resize_area resize_area_with StandardPixel f32, Area "tf.image.resize_area";
}

/// Images of the size `[height, width]`, found on straight lines (`tf.image.resize`).
///
/// The images have rank 3 or 4. The result's elements are float32, or those of the images where they have the size
/// already and are given back.
///
/// ```
/// use tfhub::ops::image;
/// # let g = tfhub::GraphBuilder::new();
/// let photo = g.placeholder::<u8>((None, None, 3));
/// let small = image::resize_images(photo, [64, 64]).typed::<f32>();
/// assert_eq!(small.shape().to_string(), "[64, 64, 3]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn resize_images<'g, T: StandardPixel>(
    images: impl TensorLike<'g, T>,
    size: impl Operand<'g, i32>,
) -> AnyTensor<'g> {
    resize_images_with(images, size, ResizeOptions::default())
}

/// Images of the size `[height, width]` (`tf.image.resize` with `method`, `align_corners` and
/// `preserve_aspect_ratio`).
///
/// The result's elements are float32, or those of the images where they have the size already or where the nearest
/// pixels are taken.
#[track_caller]
pub fn resize_images_with<'g, T: StandardPixel>(
    images: impl TensorLike<'g, T>,
    size: impl Operand<'g, i32>,
    options: ResizeOptions,
) -> AnyTensor<'g> {
    let g = images.graph();
    g.function_scope("resize", Location::caller(), |_| {
        let images = images.into_tensor(g, "images").any();
        resize(Nodes(g), images, size, options)
    })
}

fn resize<'g>(
    n: Nodes<'g>,
    images: AnyTensor<'g>,
    size: impl Operand<'g, i32>,
    options: ResizeOptions,
) -> AnyTensor<'g> {
    if images.shape().rank().is_none() && !images.is_poison() {
        return wrong_rank(n, &images.shape());
    }
    let (images, single) = batched(n, images);
    let mut size = size.into_tensor(n.0, "size").any();
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
    let float = |size: Size<'g>| n.cast(size, DType::Float32);
    let scale = |target: usize, size: Size<'g>| {
        let target = float(Size::Known(target as i32));
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
    n.stack_as("size", [height.into(), width.into()])
}

/// Images of the size `(target_height, target_width)`: resized without a change of the proportions, with zeros on two
/// sides (`tf.image.resize_image_with_pad`).
///
/// The images have rank 3 or 4. The result's elements are as those of [`resize_images`].
#[track_caller]
pub fn resize_image_with_pad<'g, T: StandardPixel>(
    image: impl TensorLike<'g, T>,
    target_height: impl Into<Pixels<'g>>,
    target_width: impl Into<Pixels<'g>>,
) -> AnyTensor<'g> {
    resize_image_with_pad_with(image, target_height, target_width, ResizeOptions::default())
}

/// [`resize_image_with_pad`] with a method or with the corners kept.
#[track_caller]
pub fn resize_image_with_pad_with<'g, T: StandardPixel>(
    image: impl TensorLike<'g, T>,
    target_height: impl Into<Pixels<'g>>,
    target_width: impl Into<Pixels<'g>>,
    options: ResizeOptions,
) -> AnyTensor<'g> {
    let g = image.graph();
    let target = (target_height.into().0, target_width.into().0);
    g.function_scope("resize_image_with_pad", Location::caller(), |_| {
        let image = image.into_tensor(g, "image").any();
        resize_and_pad(Nodes(g), image, target, options)
    })
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
    let double = |size: Size<'g>| n.cast(size, DType::Float64);
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
    let resized = n.scope("resize", |_| {
        let size: Vec<AnyOperand<'_, i32>> = vec![
            AnyOperand::tensor(new_height.typed()),
            AnyOperand::tensor(new_width.typed()),
        ];
        let options = ResizeOptions {
            preserve_aspect_ratio: false,
            ..options
        };
        resize(n, image, size, options)
    });
    let padded = crop::padded(n, resized, offsets, (target_height, target_width));
    dimensions(n, padded);
    unbatched(n, padded, single)
}

/// What [`crop_and_resize_with`] does besides.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CropAndResizeOptions {
    nearest: bool,
    extrapolation_value: f32,
}

impl CropAndResizeOptions {
    /// Whether the nearest pixels are taken; values are found on straight lines by default.
    pub fn nearest(self, nearest: bool) -> Self {
        CropAndResizeOptions { nearest, ..self }
    }

    /// What stands where a box is outside of its image; 0 by default.
    pub fn extrapolation_value(self, extrapolation_value: f32) -> Self {
        CropAndResizeOptions {
            extrapolation_value,
            ..self
        }
    }
}

/// Boxes of images of a batch, all resized to `[height, width]` (`tf.image.crop_and_resize`).
///
/// `boxes` are rows of top, left, bottom and right as fractions of the image; `box_indices` say of which image.
#[track_caller]
pub fn crop_and_resize<'g, T: StandardPixel>(
    image: impl TensorLike<'g, T>,
    boxes: impl Operand<'g, f32>,
    box_indices: impl Operand<'g, i32>,
    crop_size: impl Operand<'g, i32>,
) -> Tensor<'g, f32> {
    let options = CropAndResizeOptions::default();
    crop_and_resize_with(image, boxes, box_indices, crop_size, options)
}

/// [`crop_and_resize`] with a method and a value for what is outside.
#[track_caller]
pub fn crop_and_resize_with<'g, T: StandardPixel>(
    image: impl TensorLike<'g, T>,
    boxes: impl Operand<'g, f32>,
    box_indices: impl Operand<'g, i32>,
    crop_size: impl Operand<'g, i32>,
    options: CropAndResizeOptions,
) -> Tensor<'g, f32> {
    let method = if options.nearest {
        "nearest"
    } else {
        "bilinear"
    };
    let op = function(image.graph(), "CropAndResize");
    let op = op.arg(image).arg(boxes).arg(box_indices).arg(crop_size);
    let op = op.attr("method", method);
    let value = options.extrapolation_value;
    op.attr("extrapolation_value", value).output().typed()
}

/// How [`extract_glimpse_with`] reads places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlimpseOptions {
    centered: bool,
    normalized: bool,
    uniform_noise: bool,
}

impl Default for GlimpseOptions {
    fn default() -> Self {
        GlimpseOptions {
            centered: true,
            normalized: true,
            uniform_noise: true,
        }
    }
}

impl GlimpseOptions {
    /// Whether places are relative to the middle of the image; they are by default.
    pub fn centered(self, centered: bool) -> Self {
        GlimpseOptions { centered, ..self }
    }

    /// Whether places are fractions of the image; they are by default.
    pub fn normalized(self, normalized: bool) -> Self {
        GlimpseOptions { normalized, ..self }
    }

    /// Whether what is outside is uniform noise and not normal noise; it is by default.
    pub fn uniform_noise(self, uniform_noise: bool) -> Self {
        GlimpseOptions {
            uniform_noise,
            ..self
        }
    }
}

/// A window of each image of a batch at its own place (`tf.image.extract_glimpse`).
///
/// `size` is `[height, width]`; `offsets` has a row of two for each image.
#[track_caller]
pub fn extract_glimpse<'g>(
    input: impl TensorLike<'g, f32>,
    size: impl Operand<'g, i32>,
    offsets: impl Operand<'g, f32>,
) -> Tensor<'g, f32> {
    extract_glimpse_with(input, size, offsets, GlimpseOptions::default())
}

functions! {
    /// [`extract_glimpse`] with other places and noise (`tf.image.extract_glimpse` with its options).
    extract_glimpse_with "ExtractGlimpse"
        (input: f32, size: i32, offsets: f32; options: GlimpseOptions) -> f32
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
