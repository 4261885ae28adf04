//! Brightness, contrast and colours of images, changed by a given or a random amount.

use super::check::{Checked, Condition, at_least_3d};
use super::codec::quality_lost;
use super::color::{converted, pixel_count};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::math::{Axes, variance};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::random::uniform_of;
use crate::ops::types::{Pixel, Real};
use crate::ops::{OrDefault, TensorLike};
use crate::value::TensorValue;

/// Images with mean 0 and variance 1, each by itself (`tf.image.per_image_standardization`).
#[track_caller]
pub fn per_image_standardization<'g, T: Pixel>(image: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(image.graph(), "per_image_standardization");
    let image = n.tensor(image, "image");
    let image = at_least_3d(n, image).guarded(n);
    let image = floats(n, image);
    let pixels = pixel_count(n, image);
    let axes = Axes::from([-1, -2, -3]).keep_dims();
    let mean = n.reduce("Mean", image, axes.clone());
    let stddev = {
        let _scope = n.open_scope("reduce_std");
        n.unary("Sqrt", variance(n, "reduce_variance", image.into(), &axes))
    };
    let least = n.unary("Rsqrt", n.cast(pixels, image.dtype()));
    let stddev = n.binary("Maximum", stddev, least);
    let centered = n.sub(image, mean);
    let scaled = n.call(("RealDiv", &scope), [centered.into(), stddev.into()]);
    converted(n, scaled, T::DTYPE, true, None).typed()
}

/// Images as the element types that are computed with: what is neither float16 nor float32 becomes float32.
fn floats<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> AnyTensor<'g> {
    match image.dtype() {
        DType::Float16 | DType::Float32 => image,
        _ => converted(n, image, DType::Float32, false, None),
    }
}

/// Images that `change` makes of images as floating-point numbers, in their own element type again.
///
/// A constant that is made for them is called `argument`; `saturate` says whether values that the type does not have
/// become the nearest that it has.
#[track_caller]
fn adjusted<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    (name, argument, saturate): (&'static str, &str, bool),
    change: impl FnOnce(Nodes<'g>, AnyTensor<'g>, &str) -> AnyTensor<'g>,
) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(image.graph(), name);
    let image = floats(n, image.into_tensor(n.0, argument).any());
    let changed = change(n, image, &scope);
    converted(n, changed, T::DTYPE, saturate, None).typed()
}

/// Images with `delta` added to each value, where 1 is the whole range (`tf.image.adjust_brightness`).
#[track_caller]
pub fn adjust_brightness<'g, T: Pixel, D: Real>(
    image: impl TensorLike<'g, T>,
    delta: impl Operand<'g, D>,
) -> Tensor<'g, T> {
    adjusted(
        image,
        ("adjust_brightness", "image", true),
        |n, image, scope| {
            let delta = n.cast(Arg::of(delta).read_first(n.0), image.dtype());
            n.call(("Add", scope), [image.into(), delta.into()])
        },
    )
}

/// Images whose distance from the mean of each channel is multiplied (`tf.image.adjust_contrast`).
#[track_caller]
pub fn adjust_contrast<'g, T: Pixel>(
    images: impl TensorLike<'g, T>,
    contrast_factor: impl Operand<'g, f32>,
) -> Tensor<'g, T> {
    adjusted(
        images,
        ("adjust_contrast", "images", true),
        |n, images, scope| {
            let factor = Arg::of(contrast_factor).read_first(n.0);
            n.call(("AdjustContrastv2", scope), [images.into(), factor])
        },
    )
}

options! {
    /// The exponent and the factor of [`adjust_gamma`]: numbers or scalar tensors.
    ///
    /// ```
    /// use tfhub::ops::image::{self, AdjustGammaOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let photo = g.placeholder::<u8>((28, 28, 3));
    /// let darker = image::adjust_gamma(photo, 2.2);
    /// let dimmed = image::adjust_gamma(photo, AdjustGammaOptions::default().gamma(2.2).gain(0.5));
    /// # assert_eq!(darker.shape(), dimmed.shape());
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone)]
    AdjustGammaOptions<'g> {
        /// The exponent, which may not be negative; 1 by default.
        gamma: Arg<'g> = 1.into(), impl Operand<'g, f32> + 'g => number(Arg::of(gamma));
        /// The factor of the powers; 1 by default.
        gain: Arg<'g> = 1.into(), impl Operand<'g, f32> + 'g => number(Arg::of(gain));
    }
}

/// The exponent alone.
impl From<f32> for AdjustGammaOptions<'_> {
    fn from(gamma: f32) -> Self {
        Self::default().gamma(gamma)
    }
}

/// `gain * image ^ gamma` (`tf.image.adjust_gamma`).
#[track_caller]
pub fn adjust_gamma<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    options: impl Into<AdjustGammaOptions<'g>>,
) -> Tensor<'g, T> {
    let options = options.into();
    adjusted(image, ("adjust_gamma", "image", true), |n, image, _| {
        let gamma = match options.gamma.read_first(n.0) {
            Arg::Tensor(gamma) => {
                let is_positive = n.binary("GreaterEqual", gamma, 0);
                let mut checked = Checked::of(gamma);
                let message = "Gamma should be a non-negative real number.";
                checked.require(n, Condition::Tensor(is_positive), message);
                checked.guarded(n).into()
            }
            Arg::Number(gamma) if gamma.is_nan() || gamma < 0.0 => {
                let message = format!("gamma must not be negative, found {gamma}");
                return n.fault(Rule::Value, message);
            }
            gamma => gamma,
        };
        let power = n.pow(image, gamma);
        n.mul(options.gain.read_first(n.0), power)
    })
}

/// A scalar value as a number that takes the type of the other argument.
fn number(arg: Arg<'_>) -> Arg<'_> {
    let scalar = |value: &TensorValue| {
        let wide = value.converted(DType::Float64)?;
        wide.as_slice::<f64>()
            .ok()
            .and_then(|numbers| match *numbers {
                [number] if wide.shape().is_empty() => Some(number),
                _ => None,
            })
    };
    match arg {
        Arg::Value(value) => match scalar(&value) {
            Some(number) => Arg::Number(number),
            None => Arg::Value(value),
        },
        arg => arg,
    }
}

/// Images with all hues turned by `delta`, where 1 is the full circle (`tf.image.adjust_hue`).
#[track_caller]
pub fn adjust_hue<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    delta: impl Operand<'g, f32>,
) -> Tensor<'g, T> {
    in_hsv(image, Arg::of(delta), ("adjust_hue", "AdjustHue"))
}

/// Images with the saturation of all colours multiplied (`tf.image.adjust_saturation`).
#[track_caller]
pub fn adjust_saturation<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    saturation_factor: impl Operand<'g, f32>,
) -> Tensor<'g, T> {
    let op = ("adjust_saturation", "AdjustSaturation");
    in_hsv(image, Arg::of(saturation_factor), op)
}

#[track_caller]
fn in_hsv<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    by: Arg<'g>,
    (name, op): (&'static str, &'static str),
) -> Tensor<'g, T> {
    adjusted(image, (name, "image", false), |n, image, _| {
        n.binary(op, image, by.read_first(n.0))
    })
}

/// An image with what JPEG loses at a quality from 0 to 100 (`tf.image.adjust_jpeg_quality`).
#[track_caller]
pub fn adjust_jpeg_quality<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    jpeg_quality: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(image.graph(), "adjust_jpeg_quality");
    let image = n.tensor(image, "image");
    let bytes = converted(n, image, DType::UInt8, false, None);
    let quality = n.tensor(jpeg_quality, "Const");
    let decoded = quality_lost(n, bytes, quality);
    converted(n, decoded, T::DTYPE, false, None).typed()
}

/// A random number of a range, if the range is valid.
#[track_caller]
fn draw<'g>(
    n: Nodes<'g>,
    dtype: DType,
    (lower, upper): (f64, f64),
    is_valid: bool,
    seed: Option<i64>,
) -> AnyTensor<'g> {
    if !is_valid {
        let message = format!("random values cannot be drawn from {lower} to {upper} here");
        return n.fault(Rule::Value, message);
    }
    uniform_of(n.0, "random_uniform", dtype, (), (lower, upper), seed)
}

/// [`adjust_brightness`] by a random value up to `max_delta`, either way (`tf.image.random_brightness`).
#[track_caller]
pub fn random_brightness<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    max_delta: f32,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, T> {
    let delta = around_zero(Nodes(image.graph()), max_delta, f32::MAX, seed.into().0);
    adjust_brightness(image, delta)
}

/// [`adjust_hue`] by a random value up to `max_delta`, either way, which is at most 0.5 (`tf.image.random_hue`).
#[track_caller]
pub fn random_hue<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    max_delta: f32,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, T> {
    let delta = around_zero(Nodes(image.graph()), max_delta, 0.5, seed.into().0);
    adjust_hue(image, delta)
}

/// A random number up to `max`, either way, if that is no more than `most`.
#[track_caller]
fn around_zero<'g>(n: Nodes<'g>, max: f32, most: f32, seed: Option<i64>) -> Tensor<'g, f32> {
    let is_valid = (0.0..=most).contains(&max);
    let range = (f64::from(-max), f64::from(max));
    draw(n, DType::Float32, range, is_valid, seed).typed()
}

macro_rules! random_factors {
    ($($(#[$doc:meta])* $name:ident $adjust:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Pixel>(
            image: impl TensorLike<'g, T>,
            lower: f32,
            upper: f32,
            seed: impl Into<OrDefault<i64>>,
        ) -> Tensor<'g, T> {
            let is_valid = upper > lower && lower >= 0.0;
            let range = (f64::from(lower), f64::from(upper));
            let factor = draw(Nodes(image.graph()), DType::Float32, range, is_valid, seed.into().0);
            $adjust(image, factor.typed::<f32>())
        }
    )*};
}

random_factors! {
    /// [`adjust_contrast`] by a random factor from `lower` to `upper` (`tf.image.random_contrast`).
    random_contrast adjust_contrast;
    /// [`adjust_saturation`] by a random factor from `lower` to `upper` (`tf.image.random_saturation`).
    random_saturation adjust_saturation;
}

/// [`adjust_jpeg_quality`] to a random quality from `min_jpeg_quality` to below `max_jpeg_quality`, which are from 0 to
/// 100 (`tf.image.random_jpeg_quality`).
#[track_caller]
pub fn random_jpeg_quality<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    min_jpeg_quality: i32,
    max_jpeg_quality: i32,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, T> {
    let is_valid = 0 <= min_jpeg_quality && min_jpeg_quality < max_jpeg_quality;
    let is_valid = is_valid && max_jpeg_quality <= 100;
    let range = (min_jpeg_quality.into(), max_jpeg_quality.into());
    let quality = draw(
        Nodes(image.graph()),
        DType::Int32,
        range,
        is_valid,
        seed.into().0,
    );
    adjust_jpeg_quality(image, quality.typed::<i32>())
}
