//! Dropout.

use super::Scalar;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::random::uniform_of;
use crate::ops::types::Float;
use crate::ops::{OrDefault, Sizes, TensorLike, constant_value};
use crate::shape::Shape;

options! {
    /// The shape and the seed of the random choices of [`dropout`].
    ///
    /// ```
    /// use tfhub::ops::nn::{self, DropoutOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((8, 16, 3));
    /// let whole_rows = DropoutOptions::default().noise_shape((8, 16, 1)).seed(7);
    /// assert_eq!(nn::dropout(x, 0.5, whole_rows).shape().to_string(), "[8, 16, 3]");
    /// ```
    #[derive(Debug)]
    DropoutOptions<'g> {
        /// The shape of the random choices, which broadcast with `x`; where a size is `None`, that of `x` counts.
        noise_shape: Option<NoiseShape<'g>> = None, impl Into<NoiseShape<'g>> => Some(noise_shape.into());
        /// The seed of the random choices; see [`set_random_seed`](crate::GraphBuilder::set_random_seed).
        seed: Option<i64> = None, impl Into<OrDefault<i64>> => seed.into().0;
    }
}

/// The shape of the random choices of [`dropout`]: what makes a [`Shape`], or a tensor of int32.
#[derive(Debug)]
pub struct NoiseShape<'g>(Result<Shape, AnyTensor<'g>>);

impl<S: Into<Shape>> From<S> for NoiseShape<'_> {
    fn from(shape: S) -> Self {
        NoiseShape(Ok(shape.into()))
    }
}

impl<'g> From<Tensor<'g, i32>> for NoiseShape<'g> {
    fn from(shape: Tensor<'g, i32>) -> Self {
        NoiseShape(Err(shape.any()))
    }
}

/// `x` with a part of its elements set to 0, by chance, and the others scaled up so that the sum stays what it is on
/// average (`tf.nn.dropout` with `rate`).
///
/// `rate` is the part that is dropped, in `[0, 1)`: a number or a scalar tensor. If it is known to be 0, `x` is given
/// back.
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(nn::dropout(x, 0.5, ()).name(), "dropout/mul_1:0");
/// ```
#[track_caller]
pub fn dropout<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    rate: impl Into<Scalar<'g, T>>,
    options: impl Into<DropoutOptions<'g>>,
) -> Tensor<'g, T> {
    let rate = rate.into().0;
    let options = options.into();
    let (n, _scope) = Nodes::in_scope(x.graph(), "dropout");
    let x = n.tensor(x, "x");
    if let Arg::Number(rate) = rate {
        if !(0.0..1.0).contains(&rate) {
            let message = format!("expected a rate in [0, 1), found {rate}");
            return n.fault(Rule::Value, message).typed();
        }
        if rate == 0.0 {
            return x.typed();
        }
    }
    let rate = rate.convert(n.0, "rate", T::DTYPE);
    if !rate.shape().is_compatible_with(&().into()) {
        let message = format!("expected a scalar rate, found shape {}", rate.shape());
        return n.fault(Rule::Shape, message).typed();
    }
    if is_zero(rate) {
        return x.typed();
    }
    let Some(shape) = noise_shape(x, options.noise_shape) else {
        return AnyTensor::poison(n.0).typed();
    };
    let seed = options.seed;
    let random = uniform_of(n.0, "random_uniform", T::DTYPE, shape, (0.0, 1.0), seed);
    let keep = n.sub(1.0, rate);
    let scale = n.truediv(1.0, keep);
    let mask = n.binary("GreaterEqual", random, rate);
    let scaled = n.mul(x, scale);
    let mask = n.cast(mask, T::DTYPE);
    let result = n.mul(scaled, mask);
    result.set_shape(x.shape());
    result.typed()
}

/// Whether a tensor is known to be 0.
fn is_zero(tensor: AnyTensor<'_>) -> bool {
    let value = constant_value::of(tensor);
    let value = value.and_then(|value| value.converted(DType::Float64));
    value.is_some_and(|value| value.as_slice::<f64>().is_ok_and(|value| value == [0.0]))
}

/// The shape of the random choices; none if sizes are missing.
#[track_caller]
fn noise_shape<'g>(x: AnyTensor<'g>, given: Option<NoiseShape<'g>>) -> Option<Sizes<'g>> {
    let n = Nodes(x.graph());
    let given = match given {
        Some(NoiseShape(Err(shape))) => return Some(shape.into()),
        Some(NoiseShape(Ok(shape))) => shape,
        None => Shape::unknown(),
    };
    let Some(dims) = given.dims() else {
        return Some(n.shape(x).into());
    };
    let shape = x.shape();
    let of_x = shape.dims().filter(|of_x| of_x.len() == dims.len());
    let dims = dims.iter().enumerate().map(|(i, &dim)| {
        let known = of_x.and_then(|of_x| of_x[i]);
        dim.or(known).map(|dim| dim as i32)
    });
    let dims: Option<Vec<i32>> = dims.collect();
    if dims.is_none() {
        let message = format!("a size of the noise shape is left to x, whose shape is {shape}");
        n.fault(Rule::Shape, message);
    }
    dims.map(Sizes::from)
}
