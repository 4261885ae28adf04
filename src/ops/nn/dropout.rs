//! Dropout.

use std::panic::Location;

use super::Scalar;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::random::uniform_of;
use crate::ops::types::Float;
use crate::ops::{TensorLike, constant_value};

/// Which elements [`dropout`] drops.
///
/// ```
/// use tfhub::ops::nn::{self, DropoutOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((8, 16, 3));
/// let whole_rows = DropoutOptions::default().noise_shape([Some(8), Some(16), Some(1)]).seed(7);
/// assert_eq!(nn::dropout(x, 0.5, whole_rows).shape().to_string(), "[8, 16, 3]");
/// ```
#[derive(Debug, Default)]
pub struct DropoutOptions<'g> {
    noise_shape: Option<NoiseShape<'g>>,
    seed: Option<i64>,
}

defaults!(DropoutOptions<'g>);

#[derive(Debug)]
enum NoiseShape<'g> {
    Listed(Vec<Option<usize>>),
    Tensor(AnyTensor<'g>),
}

impl<'g> DropoutOptions<'g> {
    /// The shape of the random choices, which broadcast with `x`; where it is `None`, the size of `x` counts.
    pub fn noise_shape<const N: usize>(self, shape: [impl Into<Option<usize>>; N]) -> Self {
        DropoutOptions {
            noise_shape: Some(NoiseShape::Listed(shape.map(Into::into).into())),
            ..self
        }
    }

    /// The shape of the random choices as a tensor.
    pub fn noise_shape_tensor(self, shape: Tensor<'g, i32>) -> Self {
        DropoutOptions {
            noise_shape: Some(NoiseShape::Tensor(shape.any())),
            ..self
        }
    }

    /// The seed of the random choices; see [`set_random_seed`](crate::GraphBuilder::set_random_seed).
    pub fn seed(self, seed: i64) -> Self {
        DropoutOptions {
            seed: Some(seed),
            ..self
        }
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
    let g = x.graph();
    let n = Nodes(g);
    let rate = rate.into().0;
    let options = options.into();
    let dropped = g.function_scope("dropout", Location::caller(), |_| {
        let x = x.into_tensor(g, "x").any();
        if let Arg::Number(rate) = rate {
            if !(0.0..1.0).contains(&rate) {
                return n.fault(
                    Rule::Value,
                    format_args!("expected a rate in [0, 1), found {rate}"),
                );
            }
            if rate == 0.0 {
                return x;
            }
        }
        let rate = rate.convert(g, "rate", T::DTYPE);
        if !rate.shape().is_compatible_with(&().into()) {
            let message = format!("expected a scalar rate, found shape {}", rate.shape());
            return n.fault(Rule::Shape, message);
        }
        if is_zero(rate) {
            return x;
        }
        let Some(shape) = noise_shape(x, options.noise_shape) else {
            return AnyTensor::poison(g);
        };
        let random = uniform_of(
            g,
            "random_uniform",
            T::DTYPE,
            shape,
            (0.0, 1.0),
            options.seed,
        );
        let keep = n.sub(1.0, rate);
        let scale = n.truediv(1.0, keep);
        let mask = n.binary("GreaterEqual", random, rate);
        let scaled = n.mul(x, scale);
        let mask = n.cast(mask, T::DTYPE);
        let result = n.mul(scaled, mask);
        result.set_shape(x.shape());
        result
    });
    dropped.typed()
}

/// Whether a tensor is known to be 0.
fn is_zero(tensor: AnyTensor<'_>) -> bool {
    let value = constant_value::of(tensor);
    let value = value.and_then(|value| value.converted(DType::Float64));
    value.is_some_and(|value| value.as_slice::<f64>().is_ok_and(|value| value == [0.0]))
}

/// The shape of the random choices; none if sizes are missing.
#[track_caller]
fn noise_shape<'g>(x: AnyTensor<'g>, given: Option<NoiseShape<'g>>) -> Option<Arg<'g>> {
    let n = Nodes(x.graph());
    let dims = match given {
        None => return Some(n.shape(x).into()),
        Some(NoiseShape::Tensor(shape)) => return Some(shape.into()),
        Some(NoiseShape::Listed(dims)) => dims,
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
    dims.map(Arg::from)
}
