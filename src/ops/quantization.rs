//! Rounding to few bits (`tf.quantization`).
//!
//! ```
//! use tfhub::ops::quantization;
//! use tfhub::dtype::QUInt8;
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>((None, 4));
//! let few = quantization::quantize::<QUInt8>(x, -1.0, 1.0);
//! let back = quantization::dequantize(few.output, few.output_min, few.output_max);
//! assert_eq!(back.shape().to_string(), "[?, 4]");
//! # g.finish().unwrap();
//! ```

use super::TensorLike;
use super::nodes::{Call, function};
use crate::dtype::TensorType;
use crate::graph::{Operand, Tensor};
use crate::ops::types::{Float, Quantized as QuantizedType};

/// Quantized values with the numbers that the least and the greatest of them stand for.
#[derive(Debug, Clone, Copy)]
pub struct Quantized<'g, T: TensorType> {
    /// The quantized values.
    pub output: Tensor<'g, T>,
    /// What the least value stands for, a scalar.
    pub output_min: Tensor<'g, f32>,
    /// What the greatest value stands for, a scalar.
    pub output_max: Tensor<'g, f32>,
}

impl<'g, T: TensorType> Quantized<'g, T> {
    #[track_caller]
    fn of(op: Call<'g>) -> Self {
        let made = op.finish();
        Quantized {
            output: made.output(0).typed(),
            output_min: made.output(1).typed(),
            output_max: made.output(2).typed(),
        }
    }
}

/// How a range of numbers becomes one of quantized values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuantizeMode {
    /// The least number becomes the least value.
    #[default]
    MinCombined,
    /// The same, where the least number is a whole number of steps from 0.
    MinFirst,
    /// 0 becomes 0, and the range is symmetrical.
    Scaled,
}

impl QuantizeMode {
    fn name(self) -> &'static str {
        match self {
            QuantizeMode::MinCombined => "MIN_COMBINED",
            QuantizeMode::MinFirst => "MIN_FIRST",
            QuantizeMode::Scaled => "SCALED",
        }
    }
}

/// Where numbers between two values go that are as far from one as from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundMode {
    /// To the one further from 0.
    HalfAwayFromZero,
    /// To the even one.
    HalfToEven,
    /// To the greater one, for [`quantize_and_dequantize_with`].
    HalfUp,
}

impl RoundMode {
    fn name(self) -> &'static str {
        match self {
            RoundMode::HalfAwayFromZero => "HALF_AWAY_FROM_ZERO",
            RoundMode::HalfToEven => "HALF_TO_EVEN",
            RoundMode::HalfUp => "HALF_UP",
        }
    }
}

/// How [`quantize_with`] rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuantizeOptions {
    mode: QuantizeMode,
    round_mode: Option<RoundMode>,
}

impl QuantizeOptions {
    /// How the range is mapped; [`QuantizeMode::MinCombined`] by default.
    pub fn mode(self, mode: QuantizeMode) -> Self {
        QuantizeOptions { mode, ..self }
    }

    /// How halves are rounded; [`RoundMode::HalfAwayFromZero`] by default, the other being for
    /// [`QuantizeMode::Scaled`] only.
    pub fn round_mode(self, round_mode: RoundMode) -> Self {
        QuantizeOptions {
            round_mode: Some(round_mode),
            ..self
        }
    }
}

/// Numbers from `min_range` to `max_range` as quantized values (`tf.quantization.quantize`).
#[track_caller]
pub fn quantize<'g, T: QuantizedType>(
    input: impl TensorLike<'g, f32>,
    min_range: impl Operand<'g, f32>,
    max_range: impl Operand<'g, f32>,
) -> Quantized<'g, T> {
    quantize_with(input, min_range, max_range, QuantizeOptions::default())
}

/// [`quantize`] with another mode or another rounding.
#[track_caller]
pub fn quantize_with<'g, T: QuantizedType>(
    input: impl TensorLike<'g, f32>,
    min_range: impl Operand<'g, f32>,
    max_range: impl Operand<'g, f32>,
    options: QuantizeOptions,
) -> Quantized<'g, T> {
    let round_mode = options.round_mode.unwrap_or(RoundMode::HalfAwayFromZero);
    let op = function(input.graph(), "QuantizeV2");
    let op = op.arg(input).arg(min_range).arg(max_range);
    let op = op.attr("T", T::DTYPE).attr("mode", options.mode.name());
    Quantized::of(op.attr("round_mode", round_mode.name()))
}

/// The numbers from `min_range` to `max_range` that quantized values stand for (`tf.quantization.dequantize`).
#[track_caller]
pub fn dequantize<'g, T: QuantizedType>(
    input: impl TensorLike<'g, T>,
    min_range: impl Operand<'g, f32>,
    max_range: impl Operand<'g, f32>,
) -> Tensor<'g, f32> {
    dequantize_with(input, min_range, max_range, QuantizeMode::default())
}

functions! {
    /// [`dequantize`] of values that another mode made (`tf.quantization.dequantize` with `mode`).
    dequantize_with "Dequantize"
        <T: QuantizedType>(input: T, min_range: f32, max_range: f32; mode: QuantizeMode) -> f32
        { "mode" = mode.name() };
    /// [`quantize_and_dequantize`] with options (`tf.quantization.quantize_and_dequantize`).
    quantize_and_dequantize_with "QuantizeAndDequantizeV2"
        <T: Float>(input: T, input_min: T, input_max: T; options: QuantizeAndDequantizeOptions) -> T
        { "signed_input" = options.signed_input, "num_bits" = options.num_bits, "range_given" = options.range_given, "round_mode" = options.round_mode.name(), "narrow_range" = options.narrow_range };
}

/// How [`quantize_and_dequantize_with`] rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantizeAndDequantizeOptions {
    signed_input: bool,
    num_bits: i64,
    range_given: bool,
    round_mode: RoundMode,
    narrow_range: bool,
}

impl Default for QuantizeAndDequantizeOptions {
    fn default() -> Self {
        QuantizeAndDequantizeOptions {
            signed_input: true,
            num_bits: 8,
            range_given: false,
            round_mode: RoundMode::HalfToEven,
            narrow_range: false,
        }
    }
}

impl QuantizeAndDequantizeOptions {
    /// Whether there are negative numbers; there are by default.
    pub fn signed_input(self, signed_input: bool) -> Self {
        QuantizeAndDequantizeOptions {
            signed_input,
            ..self
        }
    }

    /// How many bits are kept; 8 by default.
    pub fn num_bits(self, num_bits: i64) -> Self {
        QuantizeAndDequantizeOptions { num_bits, ..self }
    }

    /// Whether the given range is used; that of the numbers themselves is by default.
    pub fn range_given(self, range_given: bool) -> Self {
        QuantizeAndDequantizeOptions {
            range_given,
            ..self
        }
    }

    /// How halves are rounded; [`RoundMode::HalfToEven`] by default, the other being [`RoundMode::HalfUp`].
    pub fn round_mode(self, round_mode: RoundMode) -> Self {
        QuantizeAndDequantizeOptions { round_mode, ..self }
    }

    /// Whether the least value is left out, so that as many are negative as positive; it is not by default.
    pub fn narrow_range(self, narrow_range: bool) -> Self {
        QuantizeAndDequantizeOptions {
            narrow_range,
            ..self
        }
    }
}

/// Numbers rounded to what 8 bits hold (`tf.quantization.quantize_and_dequantize`).
#[track_caller]
pub fn quantize_and_dequantize<'g, T: Float>(
    input: impl TensorLike<'g, T>,
    input_min: impl Operand<'g, T>,
    input_max: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let options = QuantizeAndDequantizeOptions::default();
    quantize_and_dequantize_with(input, input_min, input_max, options)
}

/// How many bits a fake quantization keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FakeQuant {
    num_bits: i64,
    narrow_range: bool,
}

impl Default for FakeQuant {
    fn default() -> Self {
        FakeQuant {
            num_bits: 8,
            narrow_range: false,
        }
    }
}

impl FakeQuant {
    /// How many bits are kept, from 2 to 16; 8 by default.
    pub fn num_bits(self, num_bits: i64) -> Self {
        FakeQuant { num_bits, ..self }
    }

    /// Whether the least value is left out; it is not by default.
    pub fn narrow_range(self, narrow_range: bool) -> Self {
        FakeQuant {
            narrow_range,
            ..self
        }
    }

    fn set<'g>(&self, op: Call<'g>) -> Call<'g> {
        op.attr("num_bits", self.num_bits)
            .attr("narrow_range", self.narrow_range)
    }
}

/// Numbers rounded to the quantized values of a fixed range, as numbers
/// (`tf.quantization.fake_quant_with_min_max_args`).
///
/// Python's default range is from -6 to 6.
#[track_caller]
pub fn fake_quant_with_min_max_args<'g>(
    inputs: impl TensorLike<'g, f32>,
    min: f32,
    max: f32,
    options: FakeQuant,
) -> Tensor<'g, f32> {
    let op = function(inputs.graph(), "FakeQuantWithMinMaxArgs");
    let op = op.arg(inputs).attr("min", min).attr("max", max);
    options.set(op).output().typed()
}

/// The gradient of [`fake_quant_with_min_max_args`] (`tf.quantization.fake_quant_with_min_max_args_gradient`).
#[track_caller]
pub fn fake_quant_with_min_max_args_gradient<'g>(
    gradients: impl TensorLike<'g, f32>,
    inputs: impl Operand<'g, f32>,
    min: f32,
    max: f32,
    options: FakeQuant,
) -> Tensor<'g, f32> {
    let op = function(gradients.graph(), "FakeQuantWithMinMaxArgsGradient");
    let op = op.arg(gradients).arg(inputs);
    let op = op.attr("min", min).attr("max", max);
    options.set(op).output().typed()
}

/// What the gradients of fake quantizations with learned ranges give.
#[derive(Debug, Clone, Copy)]
pub struct FakeQuantGradient<'g> {
    /// That of the numbers.
    pub backprops_wrt_input: Tensor<'g, f32>,
    /// That of the least number.
    pub backprop_wrt_min: Tensor<'g, f32>,
    /// That of the greatest number.
    pub backprop_wrt_max: Tensor<'g, f32>,
}

macro_rules! learned_ranges {
    ($($(#[$doc:meta])* $name:ident $op:literal, $gradient:ident $gradient_op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g>(
            inputs: impl TensorLike<'g, f32>,
            min: impl Operand<'g, f32>,
            max: impl Operand<'g, f32>,
            options: FakeQuant,
        ) -> Tensor<'g, f32> {
            let op = function(inputs.graph(), $op);
            let op = op.arg(inputs).arg(min).arg(max);
            options.set(op).output().typed()
        }

        #[doc = concat!(
            "The gradients of [`", stringify!($name), "`] (`tf.quantization.", stringify!($gradient), "`)."
        )]
        #[track_caller]
        pub fn $gradient<'g>(
            gradients: impl TensorLike<'g, f32>,
            inputs: impl Operand<'g, f32>,
            min: impl Operand<'g, f32>,
            max: impl Operand<'g, f32>,
            options: FakeQuant,
        ) -> FakeQuantGradient<'g> {
            let op = function(gradients.graph(), $gradient_op);
            let op = op.arg(gradients).arg(inputs).arg(min).arg(max);
            let made = options.set(op).finish();
            FakeQuantGradient {
                backprops_wrt_input: made.output(0).typed(),
                backprop_wrt_min: made.output(1).typed(),
                backprop_wrt_max: made.output(2).typed(),
            }
        }
    )*};
}

learned_ranges! {
    /// Numbers rounded to the quantized values of a range that two scalars give, as numbers
    /// (`tf.quantization.fake_quant_with_min_max_vars`).
    fake_quant_with_min_max_vars "FakeQuantWithMinMaxVars",
    fake_quant_with_min_max_vars_gradient "FakeQuantWithMinMaxVarsGradient";

    /// The same with a range for each of the slices along the last dimension
    /// (`tf.quantization.fake_quant_with_min_max_vars_per_channel`).
    fake_quant_with_min_max_vars_per_channel "FakeQuantWithMinMaxVarsPerChannel",
    fake_quant_with_min_max_vars_per_channel_gradient "FakeQuantWithMinMaxVarsPerChannelGradient";
}

/// Quantized tensors joined along a dimension, in one range (`tf.quantization.quantized_concat`).
///
/// Each tensor comes with the numbers that its least and greatest values stand for.
#[track_caller]
pub fn quantized_concat<'g, T: TensorType>(
    g: &'g crate::graph::GraphBuilder,
    concat_dim: impl Operand<'g, i32>,
    values: &[Quantized<'g, T>],
) -> Quantized<'g, T> {
    let op = function(g, "QuantizedConcat");
    let op = op.arg(concat_dim);
    let op = op.list(values.iter().map(|value| value.output));
    let op = op.list(values.iter().map(|value| value.output_min));
    Quantized::of(op.list(values.iter().map(|value| value.output_max)))
}
