//! `tfhub::ops::quantization`.

use half::bf16;
use tfhub::dtype::{QInt8, QInt32, QUInt8, TensorType};
use tfhub::ops::quantization::{
    self, FakeQuantArgsOptions, FakeQuantGradient, FakeQuantOptions, QuantizeAndDequantizeOptions,
    QuantizeMode, QuantizeOptions, Quantized, RoundMode,
};
use tfhub::{GraphBuilder, Tensor, Variable, init};

use super::{Table, calls};

fn parts<'g, T: TensorType>(
    made: Quantized<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, f32>, Tensor<'g, f32>) {
    (made.output, made.output_min, made.output_max)
}

fn gradients(made: FakeQuantGradient<'_>) -> (Tensor<'_, f32>, Tensor<'_, f32>, Tensor<'_, f32>) {
    (
        made.backprops_wrt_input,
        made.backprop_wrt_min,
        made.backprop_wrt_max,
    )
}

fn variable(g: &GraphBuilder) -> Variable<'_, f32> {
    g.get_variable("v")
        .shape([2, 3])
        .initializer(init::zeros())
        .finish()
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    let shapes = ["[2,3]", "[?,3]", "?"];
    let ranges = ["[2,3] [] []", "[?,3] [] []", "? ? ?", "[2,3] [1] []"];
    let channels = [
        "[2,3] [3] [3]",
        "[?,?] [?] [3]",
        "? ? ?",
        "[2,3] [2] [2]",
        "[3] [3] [3]",
        "[2,3] [] []",
    ];
    let half_up = QuantizeAndDequantizeOptions::default().round_mode(RoundMode::HalfUp);
    let few = FakeQuantOptions::default().num_bits(4).narrow_range(true);
    let unit = FakeQuantArgsOptions::default()
        .min(0.0)
        .max(1.0)
        .num_bits(4)
        .narrow_range(true);
    calls!(table, {
        "tuple(tf.quantization.quantize(x, -1.0, 1.0, T=tf.quint8))" = |g, x: f32| parts(quantization::quantize::<QUInt8>(x, -1.0, 1.0, ())), [f32], shapes;
        "tuple(tf.quantization.quantize(x, a, b, T=T))" = |g, x: f32, a: f32, b: f32| parts(quantization::quantize::<T>(x, a, b, ())), [QInt8, QUInt8, QInt32], ranges;
        "tuple(tf.quantization.quantize(x, a, b, tf.qint8, mode='SCALED', round_mode='HALF_TO_EVEN', name='q'))" = |g, x: f32, a: f32, b: f32| {
            let options = QuantizeOptions::default().mode(QuantizeMode::Scaled).round_mode(RoundMode::HalfToEven);
            parts(g.named("q", || quantization::quantize::<QInt8>(x, a, b, options)))
        }, [f32], ["[2,3] [] []", "? ? ?"];
        "tuple(tf.quantization.quantize(x, a, b, tf.quint8, mode='MIN_FIRST'))" = |g, x: f32, a: f32, b: f32| {
            let options = QuantizeOptions::default().mode(QuantizeMode::MinFirst);
            parts(quantization::quantize::<QUInt8>(x, a, b, options))
        }, [f32], ["[2,3] [] []"];
        "tuple(tf.quantization.quantize(x, 0.0, 1.0, tf.quint8, round_mode='HALF_UP'))" = |g, x: f32| {
            let options = QuantizeOptions::default().round_mode(RoundMode::HalfUp);
            parts(quantization::quantize::<QUInt8>(x, 0.0, 1.0, options))
        }, [f32], ["[2,3]"];
        "tuple(tf.quantization.quantize(variable('v', [2, 3]), -1.0, 1.0, T=tf.qint32))" = |g| parts(quantization::quantize::<QInt32>(variable(g), -1.0, 1.0, ()));
        "tf.quantization.dequantize(x, -1.0, 1.0)" = |g, x: T| quantization::dequantize(x, -1.0, 1.0, ()), [QInt8, QUInt8, QInt32], shapes;
        "tf.quantization.dequantize(x, a, b, mode='SCALED')" = |g, x: T, a: f32, b: f32|
            quantization::dequantize(x, a, b, QuantizeMode::Scaled), [QInt8, QUInt8], ranges;
        "tf.quantization.dequantize(x, a, b, mode='MIN_FIRST', name='d')" = |g, x: T, a: f32, b: f32|
            g.named("d", || quantization::dequantize(x, a, b, QuantizeMode::MinFirst)), [QInt8], ranges;
        "tf.quantization.quantize_and_dequantize(x, -1.0, 1.0)" = |g, x: T| quantization::quantize_and_dequantize(x, T::from(-1i8), T::from(1i8), ()), [f32, f64], shapes;
        "tf.quantization.quantize_and_dequantize(x, a, b)" = |g, x: T, a: T, b: T| quantization::quantize_and_dequantize(x, a, b, ()), [f32, bf16], ranges;
        "tf.quantization.quantize_and_dequantize(x, a, b, False, 4, True, 'HALF_UP', narrow_range=True)" = |g, x: T, a: T, b: T|
            quantization::quantize_and_dequantize(x, a, b, half_up.signed_input(false).num_bits(4).range_given(true).narrow_range(true)), [f32, f64], ranges;
        "tf.quantization.fake_quant_with_min_max_args(x)" = |g, x: f32| quantization::fake_quant_with_min_max_args(x, ()), [f32], shapes;
        "tf.quantization.fake_quant_with_min_max_args(x, 0.0, 1.0, 4, True)" = |g, x: f32| quantization::fake_quant_with_min_max_args(x, unit), [f32], shapes;
        "tf.quantization.fake_quant_with_min_max_args(variable('v', [2, 3]), name='f')" = |g| {
            let v = variable(g);
            g.named("f", || quantization::fake_quant_with_min_max_args(v, ()))
        };
        "tf.quantization.fake_quant_with_min_max_args_gradient(d, x)" = |g, d: f32, x: f32|
            quantization::fake_quant_with_min_max_args_gradient(d, x, ()), [f32], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?", "[2,3] [2,4]"];
        "tf.quantization.fake_quant_with_min_max_args_gradient(d, x, 0.0, 1.0, 4, True)" = |g, d: f32, x: f32|
            quantization::fake_quant_with_min_max_args_gradient(d, x, unit), [f32], ["[2,3] [2,3]"];
        "tf.quantization.fake_quant_with_min_max_vars(x, a, b)" = |g, x: f32, a: f32, b: f32|
            quantization::fake_quant_with_min_max_vars(x, a, b, ()), [f32], ranges;
        "tf.quantization.fake_quant_with_min_max_vars(x, -1.0, 1.0, num_bits=4, narrow_range=True)" = |g, x: f32|
            quantization::fake_quant_with_min_max_vars(x, -1.0, 1.0, few), [f32], shapes;
        "tuple(tf.quantization.fake_quant_with_min_max_vars_gradient(d, x, a, b))" = |g, d: f32, x: f32, a: f32, b: f32|
            gradients(quantization::fake_quant_with_min_max_vars_gradient(d, x, a, b, ())), [f32], ["[2,3] [2,3] [] []", "[?,3] [2,?] [] []", "? ? ? ?", "[2,3] [2,3] [1] []"];
        "tf.quantization.fake_quant_with_min_max_vars_per_channel(x, a, b)" = |g, x: f32, a: f32, b: f32|
            quantization::fake_quant_with_min_max_vars_per_channel(x, a, b, ()), [f32], channels;
        "tf.quantization.fake_quant_with_min_max_vars_per_channel(x, [0.0, 1.0, 2.0], [4.0, 5.0, 6.0], 4, True)" = |g, x: f32|
            quantization::fake_quant_with_min_max_vars_per_channel(x, [0.0, 1.0, 2.0], [4.0, 5.0, 6.0], few), [f32], shapes;
        "tuple(tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient(d, x, a, b, 4, True))" = |g, d: f32, x: f32, a: f32, b: f32|
            gradients(quantization::fake_quant_with_min_max_vars_per_channel_gradient(d, x, a, b, few)), [f32], ["[2,3] [2,3] [3] [3]", "[?,3] [2,?] [?] [3]", "? ? ? ?", "[2,3] [2,3] [2] [2]"];
        "tuple(tf.quantization.quantized_concat(1, [x, y], [a, a], [b, b]))" = |g, x: T, y: T, a: f32, b: f32| {
            let values = [x, y].map(|output| Quantized { output, output_min: a, output_max: b });
            parts(quantization::quantized_concat(g, 1, &values))
        }, [QUInt8, f32], ["[2,3] [2,4] [] []", "[?,3] [2,?] [] []", "? ? ? ?", "[2,3] [3,3] [] []", "[2,3] [2,3] [1] []"];
        "tuple(tf.quantization.quantized_concat(n, [x], [a], [b], name='c'))" = |g, n: i32, x: T, a: f32, b: f32| {
            let value = Quantized { output: x, output_min: a, output_max: b };
            parts(g.named("c", || quantization::quantized_concat(g, n, &[value])))
        }, [QUInt8], ["[] [2,3] [] []", "? ? ? ?"];
    });
    table
}
