//! Element types and colours of images.

use std::panic::Location;

use super::check::grayscale;
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::math::{Axes, tensordot};
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::types::{Float, Pixel};
use crate::ops::{OrDefault, TensorLike};
use crate::value::TensorValue;

/// Images of another element type, scaled so that their brightest value stays the brightest
/// (`tf.image.convert_image_dtype`).
///
/// Values that the type does not have overflow, unless `saturate` makes them the nearest that it has.
///
/// ```
/// use tfhub::ops::image;
/// # let g = tfhub::GraphBuilder::new();
/// let bytes = g.placeholder::<u8>((None, 28, 28, 1));
/// let floats = image::convert_image_dtype::<f32, _>(bytes, ());
/// assert_eq!(floats.name(), "convert_image:0");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn convert_image_dtype<'g, U: Pixel, T: Pixel>(
    image: impl TensorLike<'g, T>,
    saturate: impl Into<OrDefault<bool>>,
) -> Tensor<'g, U> {
    let g = image.graph();
    let saturate = saturate.into().0.unwrap_or(false);
    let default = if T::DTYPE == U::DTYPE {
        "Identity"
    } else {
        "convert_image"
    };
    let name = g.requested_name(default);
    let _call = g.open_call(Location::caller());
    let image = image.into_tensor(g, "image").any();
    converted(Nodes(g), image, U::DTYPE, saturate, Some(&name)).typed()
}

/// The least and the greatest value of a dtype.
fn range(dtype: DType) -> (f64, f64) {
    match dtype {
        DType::Float16 => (half::f16::MIN.into(), half::f16::MAX.into()),
        DType::BFloat16 => (half::bf16::MIN.into(), half::bf16::MAX.into()),
        DType::Float32 => (f32::MIN.into(), f32::MAX.into()),
        DType::UInt8 => (0.0, u8::MAX.into()),
        DType::UInt16 => (0.0, u16::MAX.into()),
        DType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DType::Int64 => (i64::MIN as f64, i64::MAX as f64),
        _ => (f64::MIN, f64::MAX),
    }
}

/// `tf.image.convert_image_dtype` of a tensor; without a name under the default one.
pub(super) fn converted<'g>(
    n: Nodes<'g>,
    image: AnyTensor<'g>,
    dtype: DType,
    saturate: bool,
    name: Option<&str>,
) -> AnyTensor<'g> {
    if image.dtype() == dtype {
        return n.identity(name.unwrap_or("Identity"), image);
    }
    let cast = |x: AnyTensor<'g>, scope: &str| match saturate {
        true => saturate_cast(n, x, dtype, scope),
        false => n.cast_as(scope, x.into(), dtype),
    };
    let max = |dtype| range(dtype).1;
    let is_integer = |dtype: DType| dtype.is_integer();
    let scope = n.open_scope(name.unwrap_or("convert_image"));
    match (is_integer(image.dtype()), is_integer(dtype)) {
        (true, true) => {
            // Powers of two, which floating-point numbers hold.
            let (size_in, size_out) = (size(image.dtype()), size(dtype));
            if size_in > size_out {
                let factor = Arg::Number(size_in / size_out);
                let scaled = n.call(("FloorDiv", "div"), [image.into(), factor]);
                return cast(scaled, &scope);
            }
            let wide = cast(image, if saturate { "saturate_cast" } else { "Cast" });
            let factor = Arg::Number(size_out / size_in);
            n.call(("Mul", &scope), [wide.into(), factor])
        }
        (false, false) => n.cast_as(&scope, image.into(), dtype),
        (true, false) => {
            let wide = n.cast(image, dtype);
            let factor = Arg::Number(1.0 / max(image.dtype()));
            n.call(("Mul", &scope), [wide.into(), factor])
        }
        (false, true) => {
            let scaled = n.binary("Mul", image, Arg::Number(max(dtype) + 0.5));
            cast(scaled, &scope)
        }
    }
}

/// How many values an integer type has from 0 on.
fn size(dtype: DType) -> f64 {
    match dtype {
        // The nearest number to the greatest value is one above it.
        DType::Int64 => range(dtype).1,
        _ => range(dtype).1 + 1.0,
    }
}

/// `tf.saturate_cast`.
fn saturate_cast<'g>(n: Nodes<'g>, x: AnyTensor<'g>, dtype: DType, name: &str) -> AnyTensor<'g> {
    let scope = n.open_scope(name);
    let ((min_in, max_in), (min, max)) = (range(x.dtype()), range(dtype));
    let mut x = x;
    if min_in < min {
        let bound = n.number("min", x.dtype(), min);
        x = n.binary("Maximum", x, bound);
    }
    if max_in > max {
        let bound = n.number("max", x.dtype(), max);
        x = n.binary("Minimum", x, bound);
    }
    n.cast_as(&scope, x.into(), dtype)
}

/// The brightness of colour images, whose last dimension becomes 1 (`tf.image.rgb_to_grayscale`).
#[track_caller]
pub fn rgb_to_grayscale<'g, T: Pixel>(images: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(images.graph(), "rgb_to_grayscale");
    let images = n.tensor(images, "images");
    let floats = converted(n, images, DType::Float32, false, None);
    let weights = [0.2989f32, 0.5870, 0.1140];
    let gray = tensordot(floats.typed::<f32>(), weights, (-1, -1));
    let gray = n.expand_dims(gray, -1);
    converted(n, gray, T::DTYPE, false, Some(&scope)).typed()
}

/// Colour images with equal channels from images whose last dimension is 1 (`tf.image.grayscale_to_rgb`).
#[track_caller]
pub fn grayscale_to_rgb<'g, T: TensorType>(images: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(images.graph(), "grayscale_to_rgb");
    let images = n.tensor(images, "images");
    let images = grayscale(n, images).guarded(n);
    let others = n.sub(n.rank(images), 1);
    let others = n.expand_dims(others, 0);
    let ones = n.filled("ones", 1.0, DType::Int32, others.into());
    let three = n.expand_dims(3, 0);
    let multiples = n.concat(vec![ones.into(), three.into()], 0);
    let rgb = n.call(("Tile", &scope), [images.into(), multiples.into()]);
    if let Some([outer @ .., _]) = images.shape().dims() {
        rgb.set_shape([outer, &[Some(3)]].concat());
    }
    rgb.typed()
}

macro_rules! color_spaces {
    ($($(#[$doc:meta])* $name:ident $kernel:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// The rank has to be known; the last dimension holds the three channels.
        #[track_caller]
        pub fn $name<'g, T: Float>(images: impl TensorLike<'g, T>) -> Tensor<'g, T> {
            color_space(images, $kernel, Location::caller())
        }
    )*};
}

fn color_space<'g, T: Float>(
    images: impl TensorLike<'g, T>,
    kernel: [[f64; 3]; 3],
    location: &'static Location<'static>,
) -> Tensor<'g, T> {
    let g = images.graph();
    let n = Nodes(g);
    let _call = g.open_call(location);
    let images = images.into_tensor(g, "images").any();
    let kernel = TensorValue::from_parts(vec![3, 3], kernel.concat());
    let kernel = n.converted("kernel", T::DTYPE, &kernel);
    if images.shape().rank().is_none_or(|rank| rank == 0) && !images.is_poison() {
        let message = "the rank of images must be known and not 0";
        return n.fault(Rule::Shape, message).typed();
    }
    tensordot(images.typed::<T>(), kernel.typed::<T>(), (-1, 0))
}

color_spaces! {
    /// The luma and chrominance of colours (`tf.image.rgb_to_yiq`).
    rgb_to_yiq [
        [0.299, 0.59590059, 0.2115],
        [0.587, -0.27455667, -0.52273617],
        [0.114, -0.32134392, 0.31119955],
    ];
    /// The colours of luma and chrominance (`tf.image.yiq_to_rgb`).
    yiq_to_rgb [
        [1.0, 1.0, 1.0],
        [0.95598634, -0.27201283, -1.10674021],
        [0.6208248, -0.64720424, 1.70423049],
    ];
    /// The brightness and chrominance of colours (`tf.image.rgb_to_yuv`).
    rgb_to_yuv [
        [0.299, -0.14714119, 0.61497538],
        [0.587, -0.28886916, -0.51496512],
        [0.114, 0.43601035, -0.10001026],
    ];
    /// The colours of brightness and chrominance (`tf.image.yuv_to_rgb`).
    yuv_to_rgb [
        [1.0, 1.0, 1.0],
        [0.0, -0.394642334, 2.03206185],
        [1.13988303, -0.58062185, 0.0],
    ];
}

functions! {
    /// The hue, saturation and value of colours (`tf.image.rgb_to_hsv`).
    rgb_to_hsv "RGBToHSV" <T: Float>(images: T) -> T;
    /// The colours of hue, saturation and value (`tf.image.hsv_to_rgb`).
    hsv_to_rgb "HSVToRGB" <T: Float>(images: T) -> T;
}

/// The number of pixels of each image, for statistics of them.
pub(super) fn pixel_count<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> AnyTensor<'g> {
    let sizes = n.index(n.shape(image), [Slice::from(-3)]);
    n.reduce("Prod", sizes, Axes::ALL)
}
