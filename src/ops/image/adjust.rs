//! Brighter, sharper, other colours: what augments images.

use std::panic::Location;

use super::check::{Checked, at_least_3d};
use super::codec::quality_lost;
use super::color::{converted, pixel_count};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::random::{UniformOptions, uniform_with};
use crate::ops::types::{Pixel, Real};
use crate::value::TensorValue;

/// Images with mean 0 and variance 1, each by itself (`tf.image.per_image_standardization`).
#[track_caller]
pub fn per_image_standardization<'g, T: Pixel>(image: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = image.graph();
    let n = Nodes(g);
    g.function_scope("per_image_standardization", Location::caller(), |scope| {
        let image = image.into_tensor(g, "image").any();
        let image = at_least_3d(n, image).guarded(n);
        let image = floats(n, image);
        let pixels = pixel_count(n, image);
        let axes = Axes::from([-1, -2, -3]).keep_dims();
        let mean = n.reduce("Mean", image, axes.clone());
        let stddev = n.scope("reduce_std", |_| {
            let variance = n.scope("reduce_variance", |_| {
                let mean = n.reduce("Mean", image, axes.clone());
                let squared = n.unary("Square", n.sub(image, mean));
                n.reduce("Mean", squared, axes.clone())
            });
            n.unary("Sqrt", variance)
        });
        let least = n.unary("Rsqrt", n.cast(pixels, image.dtype()));
        let stddev = n.binary("Maximum", stddev, least);
        let centered = n.sub(image, mean);
        let scaled = n.call(("RealDiv", scope), [centered.into(), stddev.into()]);
        converted(n, scaled, T::DTYPE, true, None).typed()
    })
}

/// Images as the element types that are computed with: what is neither float16 nor float32 becomes float32.
fn floats<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> AnyTensor<'g> {
    match image.dtype() {
        DType::Float16 | DType::Float32 => image,
        _ => converted(n, image, DType::Float32, false, None),
    }
}

/// Images with `delta` added to each value, where 1 is the whole range (`tf.image.adjust_brightness`).
#[track_caller]
pub fn adjust_brightness<'g, T: Pixel, D: Real>(
    image: impl TensorLike<'g, T>,
    delta: impl Operand<'g, D>,
) -> Tensor<'g, T> {
    let g = image.graph();
    let n = Nodes(g);
    g.function_scope("adjust_brightness", Location::caller(), |scope| {
        let image = floats(n, image.into_tensor(g, "image").any());
        let delta = n.cast(Arg::of(delta).read_first(g), image.dtype());
        let adjusted = n.call(("Add", scope), [image.into(), delta.into()]);
        converted(n, adjusted, T::DTYPE, true, None).typed()
    })
}

/// Images whose distance from the mean of each channel is multiplied (`tf.image.adjust_contrast`).
#[track_caller]
pub fn adjust_contrast<'g, T: Pixel>(
    images: impl TensorLike<'g, T>,
    contrast_factor: impl Operand<'g, f32>,
) -> Tensor<'g, T> {
    let g = images.graph();
    let n = Nodes(g);
    g.function_scope("adjust_contrast", Location::caller(), |scope| {
        let images = floats(n, images.into_tensor(g, "images").any());
        let factor = Arg::of(contrast_factor).read_first(g);
        let adjusted = n.call(("AdjustContrastv2", scope), [images.into(), factor]);
        converted(n, adjusted, T::DTYPE, true, None).typed()
    })
}

/// `gain * image ^ gamma` (`tf.image.adjust_gamma`); gamma may not be negative.
#[track_caller]
pub fn adjust_gamma<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    gamma: impl Operand<'g, f32>,
    gain: impl Operand<'g, f32>,
) -> Tensor<'g, T> {
    let g = image.graph();
    let n = Nodes(g);
    g.function_scope("adjust_gamma", Location::caller(), |_| {
        let image = floats(n, image.into_tensor(g, "image").any());
        let gamma = match number(Arg::of(gamma).read_first(g)) {
            Arg::Tensor(gamma) => {
                let mut checked = Checked {
                    image: gamma,
                    checks: Vec::new(),
                };
                let is_positive = super::Size::Tensor(gamma).at_least_number(n, 0.0);
                let message = "Gamma should be a non-negative real number.";
                checked.require(n, is_positive, message);
                checked.guarded(n).into()
            }
            Arg::Number(gamma) if gamma.is_nan() || gamma < 0.0 => {
                let message = format!("gamma must not be negative, found {gamma}");
                return n.fault(Rule::Value, message).typed();
            }
            gamma => gamma,
        };
        let power = n.pow(image, gamma);
        let adjusted = n.mul(number(Arg::of(gain).read_first(g)), power);
        converted(n, adjusted, T::DTYPE, true, None).typed()
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
    in_hsv(image, delta, ("adjust_hue", "AdjustHue"))
}

/// Images with the saturation of all colours multiplied (`tf.image.adjust_saturation`).
#[track_caller]
pub fn adjust_saturation<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    saturation_factor: impl Operand<'g, f32>,
) -> Tensor<'g, T> {
    in_hsv(
        image,
        saturation_factor,
        ("adjust_saturation", "AdjustSaturation"),
    )
}

#[track_caller]
fn in_hsv<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    by: impl Operand<'g, f32>,
    (name, op): (&'static str, &'static str),
) -> Tensor<'g, T> {
    let g = image.graph();
    let n = Nodes(g);
    g.function_scope(name, Location::caller(), |_| {
        let image = floats(n, image.into_tensor(g, "image").any());
        let adjusted = n.binary(op, image, Arg::of(by).read_first(g));
        converted(n, adjusted, T::DTYPE, false, None).typed()
    })
}

/// An image with what JPEG loses at a quality from 0 to 100 (`tf.image.adjust_jpeg_quality`).
#[track_caller]
pub fn adjust_jpeg_quality<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    jpeg_quality: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    let g = image.graph();
    let n = Nodes(g);
    g.function_scope("adjust_jpeg_quality", Location::caller(), |_| {
        let image = image.into_tensor(g, "image").any();
        let bytes = converted(n, image, DType::UInt8, false, None);
        let quality = jpeg_quality.into_tensor(g, "Const").any();
        let decoded = quality_lost(n, bytes, quality);
        converted(n, decoded, T::DTYPE, false, None).typed()
    })
}

/// A random number in a range, if the range is valid.
#[track_caller]
fn draw<'g>(
    n: Nodes<'g>,
    (lower, upper): (f32, f32),
    is_valid: bool,
    seed: Option<i64>,
) -> Tensor<'g, f32> {
    if !is_valid {
        let message = format!("random values cannot be drawn from {lower} to {upper} here");
        return n.fault(Rule::Value, message).typed();
    }
    let options = UniformOptions::default().min(lower).max(upper);
    uniform_with(n.0, (), options.seed_if(seed))
}

/// [`adjust_brightness`] by a random value up to `max_delta`, either way (`tf.image.random_brightness`).
#[track_caller]
pub fn random_brightness<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    max_delta: f32,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let n = Nodes(image.graph());
    let delta = draw(n, (-max_delta, max_delta), max_delta >= 0.0, seed);
    adjust_brightness(image, delta)
}

macro_rules! random_factors {
    ($($(#[$doc:meta])* $name:ident $adjust:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Pixel>(
            image: impl TensorLike<'g, T>,
            lower: f32,
            upper: f32,
            seed: Option<i64>,
        ) -> Tensor<'g, T> {
            let is_valid = upper > lower && lower >= 0.0;
            let factor = draw(Nodes(image.graph()), (lower, upper), is_valid, seed);
            $adjust(image, factor)
        }
    )*};
}

random_factors! {
    /// [`adjust_contrast`] by a random factor from `lower` to `upper` (`tf.image.random_contrast`).
    random_contrast adjust_contrast;
    /// [`adjust_saturation`] by a random factor from `lower` to `upper` (`tf.image.random_saturation`).
    random_saturation adjust_saturation;
}

/// [`adjust_hue`] by a random value up to `max_delta`, either way, which is at most 0.5 (`tf.image.random_hue`).
#[track_caller]
pub fn random_hue<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    max_delta: f32,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let n = Nodes(image.graph());
    let is_valid = (0.0..=0.5).contains(&max_delta);
    let delta = draw(n, (-max_delta, max_delta), is_valid, seed);
    adjust_hue(image, delta)
}

/// [`adjust_jpeg_quality`] to a random quality from `min_jpeg_quality` to below `max_jpeg_quality`
/// (`tf.image.random_jpeg_quality`).
#[track_caller]
pub fn random_jpeg_quality<'g, T: Pixel>(
    image: impl TensorLike<'g, T>,
    min_jpeg_quality: i32,
    max_jpeg_quality: i32,
    seed: Option<i64>,
) -> Tensor<'g, T> {
    let n = Nodes(image.graph());
    let qualities = 0..=100;
    let are_valid = [min_jpeg_quality, max_jpeg_quality]
        .iter()
        .all(|quality| qualities.contains(quality));
    if !are_valid || min_jpeg_quality >= max_jpeg_quality {
        let message = format!(
            "qualities of JPEG are from 0 to 100, found {min_jpeg_quality} to {max_jpeg_quality}"
        );
        return n.fault(Rule::Value, message).typed();
    }
    let options = UniformOptions::default()
        .min(min_jpeg_quality)
        .max(max_jpeg_quality);
    let quality = uniform_with(n.0, (), options.seed_if(seed));
    adjust_jpeg_quality(image, quality)
}
