//! Rounding to few bits (`tf.quantization`).
//!
//! ```
//! use tfhub::ops::quantization;
//! use tfhub::dtype::QUInt8;
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>((None, 4));
//! let few = quantization::quantize::<QUInt8>(x, -1.0, 1.0, ());
//! let back = quantization::dequantize(few.output, few.output_min, few.output_max, ());
//! assert_eq!(back.shape().to_string(), "[?, 4]");
//! # g.finish().unwrap();
//! ```

use super::OrDefault;
use super::nodes::function;
use super::table::Outputs;
use crate::dtype::TensorType;
use crate::graph::{GraphBuilder, Operand, Tensor};
use crate::ops::types::{Float, Quantized as QuantizedType};

/// Quantized values with the numbers that the least and the greatest of them stand for.
#[derive(Debug, Clone, Copy)]
pub struct Quantized<'g, T: TensorType> {
    /// The quantized values.
    pub output: Tensor<'g, T>,
    /// The number that the least value stands for, a scalar.
    pub output_min: Tensor<'g, f32>,
    /// The number that the greatest value stands for, a scalar.
    pub output_max: Tensor<'g, f32>,
}

/// The gradients of fake quantizations with learned ranges.
#[derive(Debug, Clone, Copy)]
pub struct FakeQuantGradient<'g> {
    /// That of the numbers.
    pub backprops_wrt_input: Tensor<'g, f32>,
    /// That of the least number.
    pub backprop_wrt_min: Tensor<'g, f32>,
    /// That of the greatest number.
    pub backprop_wrt_max: Tensor<'g, f32>,
}

outputs! {
    Quantized<T> { output, output_min, output_max }
    FakeQuantGradient { backprops_wrt_input, backprop_wrt_min, backprop_wrt_max }
}

/// The mapping of a range of numbers to one of quantized values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuantizeMode {
    /// The least number becomes the least value.
    #[default]
    MinCombined,
    /// The least number, made a whole number of steps from 0, becomes the least value.
    MinFirst,
    /// 0 becomes 0, and the range is symmetrical.
    Scaled,
}

or_default! {
    [] QuantizeMode;
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
    /// To the greater one, for [`quantize_and_dequantize`].
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

options! {
    /// The mode and the rounding of [`quantize`].
    ///
    /// ```
    /// use tfhub::{dtype::QInt8, ops::quantization::{self, QuantizeMode, QuantizeOptions}};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4));
    /// let options = QuantizeOptions::default().mode(QuantizeMode::Scaled);
    /// let few = quantization::quantize::<QInt8>(x, -1.0, 1.0, options);
    /// assert_eq!(few.output.shape().to_string(), "[?, 4]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    QuantizeOptions {
        /// The mapping of the range; [`QuantizeMode::MinCombined`] by default.
        mode: QuantizeMode = QuantizeMode::MinCombined;
        /// The rounding of halves; [`RoundMode::HalfAwayFromZero`] by default, the other being for
        /// [`QuantizeMode::Scaled`] only.
        round_mode: RoundMode = RoundMode::HalfAwayFromZero;
    }
}

options! {
    /// The rounding of [`quantize_and_dequantize`].
    ///
    /// ```
    /// use tfhub::ops::quantization::{self, QuantizeAndDequantizeOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4));
    /// let options = QuantizeAndDequantizeOptions::default().num_bits(4).range_given(true);
    /// let rounded = quantization::quantize_and_dequantize(x, -1.0, 1.0, options);
    /// assert_eq!(rounded.shape().to_string(), "[?, 4]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    QuantizeAndDequantizeOptions {
        /// Whether there are negative numbers; there are by default.
        signed_input: bool = true;
        /// The number of bits that are kept; 8 by default.
        num_bits: i64 = 8;
        /// Whether the given range is used; that of the numbers themselves is by default.
        range_given: bool = false;
        /// The rounding of halves; [`RoundMode::HalfToEven`] by default, the other being [`RoundMode::HalfUp`].
        round_mode: RoundMode = RoundMode::HalfToEven;
        /// Whether the least value is left out, so that as many are negative as positive; it is not by default.
        narrow_range: bool = false;
    }
}

options! {
    /// The bits of a fake quantization whose range tensors give.
    ///
    /// ```
    /// use tfhub::ops::quantization::{self, FakeQuantOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4));
    /// let max = g.get_variable("max").initial_value(6f32).finish();
    /// let rounded = quantization::fake_quant_with_min_max_vars(x, 0.0, max, FakeQuantOptions::default().num_bits(4));
    /// assert_eq!(rounded.shape().to_string(), "[?, 4]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    FakeQuantOptions {
        /// The number of bits that are kept, from 2 to 16; 8 by default.
        num_bits: i64 = 8;
        /// Whether the least value is left out; it is not by default.
        narrow_range: bool = false;
    }
}

options! {
    /// The range and the bits of a fake quantization with a fixed range.
    ///
    /// ```
    /// use tfhub::ops::quantization::{self, FakeQuantArgsOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4));
    /// let options = FakeQuantArgsOptions::default().min(0.0).max(1.0).num_bits(4);
    /// assert_eq!(quantization::fake_quant_with_min_max_args(x, options).shape().to_string(), "[?, 4]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    FakeQuantArgsOptions {
        /// The least number; -6 by default.
        min: f32 = -6.0;
        /// The greatest number; 6 by default.
        max: f32 = 6.0;
        /// The number of bits that are kept, from 2 to 16; 8 by default.
        num_bits: i64 = 8;
        /// Whether the least value is left out; it is not by default.
        narrow_range: bool = false;
    }
}

functions! {
    /// Numbers from `min_range` to `max_range` as quantized values (`tf.quantization.quantize`).
    quantize "QuantizeV2" <T: QuantizedType>(input: f32, min_range: f32, max_range: f32 | options: QuantizeOptions)
        => Quantized<'g, T>
        { "T" = T::DTYPE, "mode" = options.mode.name(), "round_mode" = options.round_mode.name() };
    /// The numbers from `min_range` to `max_range` that quantized values stand for (`tf.quantization.dequantize`).
    dequantize "Dequantize" <T: QuantizedType>(input: T, min_range: f32, max_range: f32 | mode: OrDefault<QuantizeMode>) -> f32
        { "mode" = mode.0.unwrap_or_default().name() };
    /// Numbers rounded to what a few bits hold, by default 8 (`tf.quantization.quantize_and_dequantize`).
    quantize_and_dequantize "QuantizeAndDequantizeV2"
        <T: Float>(input: T, input_min: T, input_max: T | options: QuantizeAndDequantizeOptions) -> T
        {
            "signed_input" = options.signed_input, "num_bits" = options.num_bits, "range_given" = options.range_given,
            "round_mode" = options.round_mode.name(), "narrow_range" = options.narrow_range
        };
    /// Numbers rounded to the quantized values of a fixed range, as numbers
    /// (`tf.quantization.fake_quant_with_min_max_args`).
    fake_quant_with_min_max_args "FakeQuantWithMinMaxArgs" (inputs: f32 | options: FakeQuantArgsOptions) -> f32
        { "min" = options.min, "max" = options.max, "num_bits" = options.num_bits, "narrow_range" = options.narrow_range };
    /// The gradient of [`fake_quant_with_min_max_args`] (`tf.quantization.fake_quant_with_min_max_args_gradient`).
    fake_quant_with_min_max_args_gradient "FakeQuantWithMinMaxArgsGradient"
        (gradients: f32, inputs: f32 | options: FakeQuantArgsOptions) -> f32
        { "min" = options.min, "max" = options.max, "num_bits" = options.num_bits, "narrow_range" = options.narrow_range };
    /// Numbers rounded to the quantized values of a range that two scalars give, as numbers
    /// (`tf.quantization.fake_quant_with_min_max_vars`).
    fake_quant_with_min_max_vars "FakeQuantWithMinMaxVars"
        (inputs: f32, min: f32, max: f32 | options: FakeQuantOptions) -> f32
        { "num_bits" = options.num_bits, "narrow_range" = options.narrow_range };
    /// The gradients of [`fake_quant_with_min_max_vars`] (`tf.quantization.fake_quant_with_min_max_vars_gradient`).
    fake_quant_with_min_max_vars_gradient "FakeQuantWithMinMaxVarsGradient"
        (gradients: f32, inputs: f32, min: f32, max: f32 | options: FakeQuantOptions) => FakeQuantGradient<'g>
        { "num_bits" = options.num_bits, "narrow_range" = options.narrow_range };
    /// [`fake_quant_with_min_max_vars`] with a range for each of the slices along the last dimension
    /// (`tf.quantization.fake_quant_with_min_max_vars_per_channel`).
    fake_quant_with_min_max_vars_per_channel "FakeQuantWithMinMaxVarsPerChannel"
        (inputs: f32, min: f32, max: f32 | options: FakeQuantOptions) -> f32
        { "num_bits" = options.num_bits, "narrow_range" = options.narrow_range };
    /// The gradients of [`fake_quant_with_min_max_vars_per_channel`]
    /// (`tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient`).
    fake_quant_with_min_max_vars_per_channel_gradient "FakeQuantWithMinMaxVarsPerChannelGradient"
        (gradients: f32, inputs: f32, min: f32, max: f32 | options: FakeQuantOptions) => FakeQuantGradient<'g>
        { "num_bits" = options.num_bits, "narrow_range" = options.narrow_range };
}

/// Quantized tensors joined along a dimension, in one range (`tf.quantization.quantized_concat`).
///
/// Each tensor comes with the numbers that its least and greatest values stand for.
#[track_caller]
pub fn quantized_concat<'g, T: TensorType>(
    g: &'g GraphBuilder,
    concat_dim: impl Operand<'g, i32>,
    values: &[Quantized<'g, T>],
) -> Quantized<'g, T> {
    let op = function(g, "QuantizedConcat").arg(concat_dim);
    let op = op.tensors(values.iter().map(|value| value.output.any()).collect());
    let op = op.tensors(values.iter().map(|value| value.output_min.any()).collect());
    Outputs::of(
        op.tensors(values.iter().map(|value| value.output_max.any()).collect())
            .finish(),
    )
}
