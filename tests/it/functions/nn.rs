//! `tfhub::ops::nn`.

use half::{bf16, f16};
use tfhub::dtype::TensorType;
use tfhub::ops::math::Axes;
use tfhub::ops::nn::{
    self, BatchNormalizationOptions, Combiner, ConvOptions, CtcBeamSearchOptions, CtcLossOptions,
    DataFormat, DropoutOptions, EmbeddingOptions, FractionalPoolOptions, FusedBatchNormOptions,
    LocalResponseNormalizationOptions, Moments, Padding, PartitionStrategy, PoolOptions,
    PoolingType, SamplingOptions, SparseEmbeddingOptions,
};
use tfhub::ops::random::Sampled;
use tfhub::ops::sparse::SparseTensor;
use tfhub::{GraphBuilder, Tensor, Variable, init};

use super::{Table, calls};

const SHAPES: [&str; 4] = ["[2,3]", "[?,3]", "[]", "?"];
const NHWC: [&str; 4] = [
    "[2,8,9,3] [3,2,3,4]",
    "[?,?,9,3] [3,2,3,4]",
    "[?,8,9,?] [?,2,?,4]",
    "? ?",
];
const NCHW: [&str; 3] = ["[2,3,8,9] [3,2,3,4]", "[?,3,?,9] [3,2,3,4]", "? [3,2,3,4]"];
const IMAGES: [&str; 4] = ["[2,8,9,3]", "[?,?,9,3]", "[?,?,?,?]", "?"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    activations(&mut table);
    convolutions(&mut table);
    dilated(&mut table);
    pools(&mut table);
    normalizations(&mut table);
    losses(&mut table);
    embeddings(&mut table);
    sequences(&mut table);
    table
}

fn variable<'g>(g: &'g GraphBuilder, name: &str, shape: &[usize]) -> Variable<'g, f32> {
    let variable = g.get_variable::<f32>(name).shape(shape);
    variable.initializer(init::zeros()).finish()
}

fn pair<'g, T: TensorType>(moments: Moments<'g, T>) -> (Tensor<'g, T>, Tensor<'g, T>) {
    (moments.mean, moments.variance)
}

fn strides(strides: impl Into<nn::WindowSizes>) -> ConvOptions {
    ConvOptions::default().strides(strides)
}

fn dilations(dilations: impl Into<nn::WindowSizes>) -> ConvOptions {
    ConvOptions::default().dilations(dilations)
}

fn nchw() -> ConvOptions {
    ConvOptions::default().data_format(DataFormat::Nchw)
}

fn activations(table: &mut Table) {
    calls!(table, {
        "tf.nn.relu(x)" = |g, x: T| nn::relu(x), [f32, i32, u8], SHAPES;
        "tf.nn.relu6(x)" = |g, x: T| nn::relu6(x), [f32, f16, i64], SHAPES;
        "tf.nn.elu(x)" = |g, x: T| nn::elu(x), [f32, f64], SHAPES;
        "tf.nn.selu(x)" = |g, x: T| nn::selu(x), [f32, bf16], SHAPES;
        "tf.nn.softplus(x)" = |g, x: T| nn::softplus(x), [f32, f16], SHAPES;
        "tf.nn.softsign(x)" = |g, x: T| nn::softsign(x), [f32, f64], SHAPES;
        "tf.nn.l2_loss(x)" = |g, x: T| nn::l2_loss(x), [f32, f64], SHAPES;
        "tf.nn.sigmoid(x)" = |g, x: T| nn::sigmoid(x), [f32, f64], SHAPES;
        "tf.nn.tanh(x)" = |g, x: T| nn::tanh(x), [f32, f64], SHAPES;
        "tf.math.log_sigmoid(x)" = |g, x: T| nn::log_sigmoid(x), [f32, f64], SHAPES;
        "tf.nn.leaky_relu(x)" = |g, x: T| nn::leaky_relu(x, 0.2), [f32, f64], SHAPES;
        "tf.nn.leaky_relu(x, alpha=0.5)" = |g, x: T| nn::leaky_relu(x, 0.5), [f32, f16], SHAPES;
        "tf.nn.leaky_relu(variable('v', [2]), name='leak')" =
            |g| { let v = variable(g, "v", &[2]); g.named("leak", || nn::leaky_relu(v, 0.2)) };
        "tf.nn.relu(variable('v', [2, 3]))" = |g| nn::relu(variable(g, "v", &[2, 3]));
        "tf.nn.relu6(variable('v', [2, 3]))" = |g| nn::relu6(variable(g, "v", &[2, 3]));
        "tf.math.log_sigmoid(variable('v', [2, 3]))" = |g| nn::log_sigmoid(variable(g, "v", &[2, 3]));
        "tf.nn.crelu(x)" = |g, x: T| nn::crelu(x, -1), [f32, i32], ["[2,3]", "[?,?]", "?", "[]"];
        "tf.nn.crelu(x, axis=0)" = |g, x: T| nn::crelu(x, 0), [f32, f64], ["[2,3]", "[?,?]", "?"];
        "tf.nn.crelu(x, name='both')" =
            |g, x: T| g.named("both", || nn::crelu(x, -1)), [f32], ["[2,3]"];
        "tf.nn.crelu(variable('v', [2, 3]))" = |g| nn::crelu(variable(g, "v", &[2, 3]), -1);
        "tf.nn.softmax(x)" = |g, x: T| nn::softmax(x, -1), [f32, f64], SHAPES;
        "tf.nn.softmax(x, axis=1)" =
            |g, x: T| nn::softmax(x, 1), [f32, f64], ["[2,3]", "[2,3,4]", "[?,?,4]", "?", "[2]"];
        "tf.nn.softmax(x, axis=-2)" =
            |g, x: T| nn::softmax(x, -2), [f32, f64], ["[2,3]", "[2,3,4]", "[?,?,4]", "?", "[2]"];
        "tf.nn.softmax(x, axis=0, name='soft')" =
            |g, x: T| g.named("soft", || nn::softmax(x, 0)), [f32], ["[2,3]", "[2]"];
        "tf.nn.softmax(variable('v', [2, 3]), axis=0)" =
            |g| nn::softmax(variable(g, "v", &[2, 3]), 0);
        "tf.nn.softmax(variable('v', [2, 3]))" = |g| nn::softmax(variable(g, "v", &[2, 3]), -1);
        "tf.nn.log_softmax(x)" = |g, x: T| nn::log_softmax(x, -1), [f32, f64], SHAPES;
        "tf.nn.log_softmax(x, axis=0)" =
            |g, x: T| nn::log_softmax(x, 0), [f32, f16], ["[2,3]", "[2,3,4]", "[?,?,4]", "?", "[2]"];
        "tf.nn.bias_add(x, y)" =
            |g, x: T, y: T| nn::bias_add(x, y, ()), [f32, i32], ["[2,3] [3]", "[?,?,3] [?]", "? ?", "[2,3] [2]", "[2,3] []"];
        "tf.nn.bias_add(x, y, data_format='NCHW')" =
            |g, x: T, y: T| nn::bias_add(x, y, DataFormat::Nchw), [f32, f64],
            ["[2,3,4,5] [3]", "[?,?,4,5] [3]", "? ?", "[2,3] [3]"];
        "tf.nn.bias_add(x, variable('b', [3]), name='shift')" =
            |g, x: T| { let b = variable(g, "b", &[3]); g.named("shift", || nn::bias_add(x, b, ())) }, [f32], ["[2,3]", "?"];
        "tf.nn.bias_add(x, [1.0, 2.0])" = |g, x: T| nn::bias_add(x, [1.0f32, 2.0], ()), [f32], ["[3,2]", "?"];
        "tf.nn.xw_plus_b(x, w, b)" =
            |g, x: T, w: T, b: T| nn::xw_plus_b(x, w, b), [f32, f64],
            ["[2,3] [3,4] [4]", "[?,3] [3,4] [4]", "? ? ?", "[2,3] [4,3] [3]"];
        "tf.nn.xw_plus_b(x, variable('w', [3, 4]), variable('b', [4]), name='dense')" =
            |g, x: T| {
                let (w, b) = (variable(g, "w", &[3, 4]), variable(g, "b", &[4]));
                g.named("dense", || nn::xw_plus_b(x, w, b))
            }, [f32], ["[2,3]", "[?,?]"];
        "tf.nn.relu_layer(x, w, b)" =
            |g, x: T, w: T, b: T| nn::relu_layer(x, w, b), [f32, f64],
            ["[2,3] [3,4] [4]", "[?,3] [3,4] [4]", "? ? ?", "[2,3] [3,4] [3]"];
        "tf.nn.top_k(x, 2)" =
            |g, x: T| { let top = nn::top_k(x, 2, true); (top.values, top.indices) }, [f32, i32],
            ["[2,3]", "[?,?]", "?", "[1]", "[]"];
        "tf.nn.top_k(x, k, sorted=False, name='best')" =
            |g, x: T, k: i32| { let top = g.named("best", || nn::top_k(x, k, false)); (top.values, top.indices) },
            [f32, f64], ["[2,3] []", "? []", "[2] [1]"];
        "tf.nn.in_top_k(x, y, 2)" =
            |g, x: f32, y: T| nn::in_top_k(x, y, 2 as T), [i32, i64], ["[2,3] [2]", "[?,?] [?]", "? ?", "[2,3] [3]"];
        "tf.nn.in_top_k(x, y, k, name='hit')" =
            |g, x: f32, y: T, k: T| g.named("hit", || nn::in_top_k(x, y, k)), [i32], ["[2,3] [2] []", "? ? ?"];
    });
}

fn convolutions(table: &mut Table) {
    calls!(table, {
        "tf.nn.conv2d(x, w, 1, 'SAME')" =
            |g, x: T, w: T| nn::conv2d(x, w, 1, Padding::Same, ()), [f32, f64], NHWC;
        "tf.nn.conv2d(x, w, [2, 3], 'VALID')" =
            |g, x: T, w: T| nn::conv2d(x, w, [2, 3], Padding::Valid, ()), [f32, f16], NHWC;
        "tf.nn.conv2d(x, w, strides=[1, 2, 2, 1], padding=[[0, 0], [1, 2], [0, 1], [0, 0]])" =
            |g, x: T, w: T| nn::conv2d(x, w, [1, 2, 2, 1], Padding::Explicit([[0, 0], [1, 2], [0, 1], [0, 0]]), ()), [f32], NHWC;
        "tf.nn.conv2d(x, w, [1, 2, 2, 1, 1], 'SAME')" =
            |g, x: T, w: T| nn::conv2d(x, w, [1, 2, 2, 1, 1], Padding::Same, ()), [f32], ["[2,8,9,3] [3,2,3,4]"];
        "tf.nn.conv2d(x, w, 1, 'VALID', dilations=2)" =
            |g, x: T, w: T| nn::conv2d(x, w, 1, Padding::Valid, dilations(2)), [f32, bf16], NHWC;
        "tf.nn.conv2d(x, w, 1, 'VALID', dilations=[2, 3])" =
            |g, x: T, w: T| nn::conv2d(x, w, 1, Padding::Valid, dilations([2, 3])), [f32], NHWC;
        "tf.nn.conv2d(x, w, 2, 'SAME', data_format='NCHW', dilations=[1, 1, 2, 1])" =
            |g, x: T, w: T| nn::conv2d(x, w, 2, Padding::Same, nchw().dilations([1, 1, 2, 1])), [f32], NCHW;
        "tf.nn.conv2d(x, w, 1, 'SAME')" =
            |g, x: T, w: T| nn::conv2d(x, w, 1, Padding::Same, ()), [f32], ["[2,8,9,3] [3,2,4,4]", "[2,8,9] [3,2,3,4]"];
        "tf.nn.conv2d(x, variable('w', [3, 3, 3, 4]), 1, 'SAME', name='convolved')" =
            |g, x: T| {
                let w = variable(g, "w", &[3, 3, 3, 4]);
                g.named("convolved", || nn::conv2d(x, w, 1, Padding::Same, ()))
            }, [f32], IMAGES;
        "tf.nn.conv1d(x, w, 1, 'SAME')" =
            |g, x: T, w: T| nn::conv1d(x, w, 1, Padding::Same, ()), [f32, f64],
            ["[2,8,3] [3,3,4]", "[?,?,3] [3,3,4]", "[?,8,?] [3,?,4]", "? ?", "[2,8,3] [3,2,4]"];
        "tf.nn.conv1d(x, w, [1, 2, 1], 'VALID', dilations=2)" =
            |g, x: T, w: T| nn::conv1d(x, w, [1, 2, 1], Padding::Valid, dilations(2)), [f32],
            ["[2,8,3] [3,3,4]", "[?,?,3] [3,3,4]", "? ?"];
        "tf.nn.conv1d(x, w, 2, 'VALID', data_format='NCW', dilations=[1, 1, 3])" =
            |g, x: T, w: T| nn::conv1d(x, w, 2, Padding::Valid, nchw().dilations([1, 1, 3])), [f32],
            ["[2,3,8] [3,3,4]", "[?,3,?] [3,3,4]", "? ?"];
        "tf.nn.conv1d(x, variable('w', [3, 3, 4]), 1, 'SAME', name='line')" =
            |g, x: T| {
                let w = variable(g, "w", &[3, 3, 4]);
                g.named("line", || nn::conv1d(x, w, 1, Padding::Same, ()))
            }, [f32], ["[2,8,3]", "?"];
        "tf.nn.conv3d(x, w, [1, 1, 1, 1, 1], 'SAME')" =
            |g, x: T, w: T| nn::conv3d(x, w, [1, 1, 1, 1, 1], Padding::Same, ()), [f32, f64],
            ["[2,4,5,6,3] [3,2,2,3,4]", "[?,?,5,6,3] [3,2,2,3,4]", "? ?"];
        "tf.nn.conv3d(x, w, [1, 1, 2, 2, 2], 'VALID', data_format='NCDHW', dilations=[1, 1, 1, 1, 1])" =
            |g, x: T, w: T| nn::conv3d(x, w, [1, 1, 2, 2, 2], Padding::Valid, nchw().dilations([1, 1, 1, 1, 1])), [f32],
            ["[2,3,4,5,6] [3,2,2,3,4]", "[?,3,?,5,6] [3,2,2,3,4]", "? ?"];
        "tf.nn.conv3d(x, w, [1, 2, 2], 'VALID')" =
            |g, x: T, w: T| nn::conv3d(x, w, [1, 2, 2], Padding::Valid, ()), [f32], ["[2,4,5,6,3] [3,2,2,3,4]"];
        "tf.nn.conv2d_transpose(x, w, [2, 16, 18, 3], 2)" =
            |g, x: T, w: T| nn::conv2d_transpose(x, w, [2, 16, 18, 3], 2, Padding::Same, ()), [f32, f64],
            ["[2,8,9,4] [3,2,3,4]", "[?,8,?,4] [3,2,3,4]", "? ?"];
        "tf.nn.conv2d_transpose(x, w, s, [2, 2], padding='VALID', dilations=[1, 1])" =
            |g, x: T, w: T, s: i32| nn::conv2d_transpose(x, w, s, [2, 2], Padding::Valid, dilations([1, 1])), [f32],
            ["[2,8,9,4] [3,2,3,4] [4]", "[?,8,?,4] [3,2,3,4] [?]", "? ? ?"];
        "tf.nn.conv2d_transpose(x, variable('w', [3, 2, 3, 4]), [2, 3, 16, 18], [1, 1, 2, 2], data_format='NCHW', name='up')" =
            |g, x: T| {
                let w = variable(g, "w", &[3, 2, 3, 4]);
                g.named("up", || nn::conv2d_transpose(x, w, [2, 3, 16, 18], [1, 1, 2, 2], Padding::Same, nchw()))
            }, [f32], ["[2,4,8,9]", "?"];
        "tf.nn.conv1d_transpose(x, w, [2, 16, 3], 2)" =
            |g, x: T, w: T| nn::conv1d_transpose(x, w, [2, 16, 3], 2, Padding::Same, ()), [f32, f64],
            ["[2,8,4] [3,3,4]", "[?,8,4] [3,3,4]", "? ?"];
        "tf.nn.conv1d_transpose(x, w, s, [1, 2, 1], padding='VALID')" =
            |g, x: T, w: T, s: i32| nn::conv1d_transpose(x, w, s, [1, 2, 1], Padding::Valid, ()), [f32],
            ["[2,8,4] [3,3,4] [3]", "[?,8,4] [3,3,4] [?]", "? ? [3]"];
        "tf.nn.conv1d_transpose(x, variable('w', [3, 3, 4]), [2, 3, 16], 2, data_format='NCW', name='up')" =
            |g, x: T| {
                let w = variable(g, "w", &[3, 3, 4]);
                g.named("up", || nn::conv1d_transpose(x, w, [2, 3, 16], 2, Padding::Same, nchw()))
            }, [f32], ["[2,4,8]", "?"];
        "tf.nn.conv3d_transpose(x, w, [2, 8, 10, 12, 3], 2)" =
            |g, x: T, w: T| nn::conv3d_transpose(x, w, [2, 8, 10, 12, 3], 2, Padding::Same, ()), [f32, f64],
            ["[2,4,5,6,4] [3,2,2,3,4]", "[?,?,5,6,4] [3,2,2,3,4]", "? ?"];
        "tf.nn.conv3d_transpose(x, w, s, [2, 1, 2], padding='VALID', data_format='NCDHW')" =
            |g, x: T, w: T, s: i32| nn::conv3d_transpose(x, w, s, [2, 1, 2], Padding::Valid, nchw()), [f32],
            ["[2,4,4,5,6] [3,2,2,3,4] [5]", "? ? ?"];
        "tf.nn.conv_transpose(x, w, [2, 16, 3], 2)" =
            |g, x: T, w: T| nn::conv_transpose(x, w, [2, 16, 3], 2, Padding::Same, ()), [f32], ["[2,8,4] [3,3,4]", "? ?"];
        "tf.nn.conv_transpose(x, w, [2, 16, 18, 3], 2, data_format='NHWC')" =
            |g, x: T, w: T| nn::conv_transpose(x, w, [2, 16, 18, 3], 2, Padding::Same, ConvOptions::default()), [f32, f64],
            ["[2,8,9,4] [3,2,3,4]", "? ?"];
        "tf.nn.conv_transpose(x, w, s, 2, padding='VALID')" =
            |g, x: T, w: T, s: i32| nn::conv_transpose(x, w, s, 2, Padding::Valid, ()), [f32],
            ["[2,8,9,4] [3,2,3,4] [4]", "[2,4,5,6,4] [3,2,2,3,4] [5]", "[2,8,4] [3,3,4] [3]"];
        "tf.nn.conv_transpose(x, w, [2, 16], 2)" =
            |g, x: T, w: T| nn::conv_transpose(x, w, [2, 16], 2, Padding::Same, ()), [f32], ["[2,8,4] [3,3,4]"];
    });
}

fn dilated(table: &mut Table) {
    calls!(table, {
        "tf.nn.convolution(x, w, 'SAME')" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, ()), [f32, f64],
            ["[2,8,9,3] [3,2,3,4]", "[2,8,3] [3,3,4]", "[2,4,5,6,3] [3,2,2,3,4]", "? [3,2,3,4]", "[?,?,?,?] ?", "? ?", "[2,3] [3,4]"];
        "tf.nn.convolution(x, w, 'VALID', strides=[2])" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Valid, strides([2])), [f32],
            ["[2,8,9,3] [3,2,3,4]", "[2,8,3] [3,3,4]", "[2,4,5,6,3] [3,2,2,3,4]"];
        "tf.nn.convolution(x, w, 'SAME', data_format='NCHW', strides=[1, 1, 2, 2])" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, nchw().strides([1, 1, 2, 2])), [f32], NCHW;
        "tf.nn.convolution(x, w, 'VALID', dilation_rate=[2, 2])" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Valid, dilations([2, 2])), [f32, f64],
            ["[2,8,9,3] [3,2,3,4]", "[?,?,9,3] [3,2,3,4]", "? [3,2,3,4]", "[2,8,9,?] ?", "[2,8,9,2] [3,2,3,4]"];
        "tf.nn.convolution(x, w, 'SAME', dilation_rate=[2, 3])" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, dilations([2, 3])), [f32, f16],
            ["[2,8,9,3] [3,2,3,4]", "[?,?,9,3] [3,2,3,4]", "? [3,2,3,4]", "[2,8,9,?] ?", "[2,8,9,3] [3,?,3,4]"];
        "tf.nn.convolution(x, w, 'SAME', dilation_rate=[2, 1], data_format='NCHW')" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, nchw().dilations([2, 1])), [f32],
            ["[2,3,8,9] [3,2,3,4]", "[?,3,?,9] [3,2,3,4]", "? [3,2,3,4]"];
        "tf.nn.convolution(x, w, 'VALID', dilation_rate=2)" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Valid, dilations(2)), [f32],
            ["[2,8,3] [3,3,4]", "[?,?,3] [3,3,4]", "[2,4,5,6,3] [3,2,2,3,4]", "? [3,3,4]"];
        "tf.nn.convolution(x, w, 'SAME', dilation_rate=[2], data_format='NCW')" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, nchw().dilations([2])), [f32],
            ["[2,3,8] [3,3,4]", "[?,3,?] [3,3,4]"];
        "tf.nn.convolution(x, w, 'SAME', strides=[2, 2], dilation_rate=[2, 2])" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, dilations([2, 2]).strides([2, 2])), [f32], ["[2,8,9,3] [3,2,3,4]"];
        "tf.nn.convolution(x, w, 'SAME', dilation_rate=[0, 2])" =
            |g, x: T, w: T| nn::convolution(x, w, Padding::Same, dilations([0, 2])), [f32], ["[2,8,9,3] [3,2,3,4]"];
        "tf.nn.convolution(x, variable('w', [3, 3, 3, 4]), 'SAME', dilation_rate=[2, 2], name='holes')" =
            |g, x: T| {
                let w = variable(g, "w", &[3, 3, 3, 4]);
                g.named("holes", || nn::convolution(x, w, Padding::Same, dilations([2, 2])))
            }, [f32], IMAGES;
        "tf.nn.convolution(x, variable('w', [3, 3, 3, 4]), 'SAME')" =
            |g, x: T| nn::convolution(x, variable(g, "w", &[3, 3, 3, 4]), Padding::Same, ()), [f32], IMAGES;
        "tf.nn.atrous_conv2d(x, w, 2, 'SAME')" =
            |g, x: T, w: T| nn::atrous_conv2d(x, w, 2, Padding::Same), [f32, f64],
            ["[2,8,9,3] [3,2,3,4]", "[?,?,9,3] [3,2,3,4]", "? [3,2,3,4]"];
        "tf.nn.atrous_conv2d(x, w, 1, 'VALID')" =
            |g, x: T, w: T| nn::atrous_conv2d(x, w, 1, Padding::Valid), [f32], ["[2,8,9,3] [3,2,3,4]", "? ?"];
        "tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME')" =
            |g, x: T, w: T| nn::depthwise_conv2d(x, w, [1, 1, 1, 1], Padding::Same, ()), [f32, f64], NHWC;
        "tf.nn.depthwise_conv2d(x, w, [1, 2, 2, 1], 'VALID', rate=[1, 1], name='deep')" =
            |g, x: T, w: T| g.named("deep", || nn::depthwise_conv2d(x, w, [1, 2, 2, 1], Padding::Valid, dilations([1, 1]))), [f32], NHWC;
        "tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME', rate=[2, 2])" =
            |g, x: T, w: T| nn::depthwise_conv2d(x, w, [1, 1, 1, 1], Padding::Same, dilations([2, 2])), [f32, f64], NHWC;
        "tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'VALID', rate=[2, 3])" =
            |g, x: T, w: T| nn::depthwise_conv2d(x, w, [1, 1, 1, 1], Padding::Valid, dilations([2, 3])), [f32], NHWC;
        "tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME', rate=[2, 2], data_format='NCHW')" =
            |g, x: T, w: T| nn::depthwise_conv2d(x, w, [1, 1, 1, 1], Padding::Same, nchw().dilations([2, 2])), [f32], NCHW;
        "tf.nn.depthwise_conv2d(x, variable('w', [3, 3, 3, 4]), [1, 1, 1, 1], 'SAME')" =
            |g, x: T| nn::depthwise_conv2d(x, variable(g, "w", &[3, 3, 3, 4]), [1, 1, 1, 1], Padding::Same, ()), [f32], IMAGES;
        "tf.nn.separable_conv2d(x, w, p, [1, 1, 1, 1], 'SAME')" =
            |g, x: T, w: T, p: T| nn::separable_conv2d(x, w, p, [1, 1, 1, 1], Padding::Same, ()), [f32, f64],
            ["[2,8,9,3] [3,2,3,4] [1,1,12,5]", "[?,?,9,3] [3,2,3,4] [1,1,12,?]", "? ? ?", "[2,8,9,3] [3,2,3,4] [1,2,12,5]"];
        "tf.nn.separable_conv2d(x, w, p, [1, 1, 1, 1], 'SAME', rate=[2, 2], name='apart')" =
            |g, x: T, w: T, p: T| g.named("apart", || nn::separable_conv2d(x, w, p, [1, 1, 1, 1], Padding::Same, dilations([2, 2]))), [f32],
            ["[2,8,9,3] [3,2,3,4] [1,1,12,5]", "[?,?,9,3] [3,2,3,4] [1,1,12,5]"];
        "tf.nn.separable_conv2d(x, variable('w', [3, 2, 3, 4]), variable('p', [1, 1, 12, 5]), [1, 1, 2, 2], 'VALID', data_format='NCHW')" =
            |g, x: T| nn::separable_conv2d(x, variable(g, "w", &[3, 2, 3, 4]), variable(g, "p", &[1, 1, 12, 5]), [1, 1, 2, 2], Padding::Valid, nchw()),
            [f32], ["[2,3,8,9]", "?"];
        "tf.nn.dilation2d(x, w, [1, 1, 1, 1], [1, 2, 2, 1], 'SAME')" =
            |g, x: T, w: T| nn::dilation2d(x, w, [1, 1, 1, 1], [1, 2, 2, 1], Padding::Same), [f32, i32],
            ["[2,8,9,3] [3,2,3]", "[?,?,9,3] [3,2,3]", "? ?", "[2,8,9,3] [3,2,4]"];
        "tf.nn.erosion2d(x, w, [1, 2, 2, 1], [1, 1, 1, 1], 'VALID')" =
            |g, x: T, w: T| nn::erosion2d(x, w, [1, 2, 2, 1], [1, 1, 1, 1], Padding::Valid), [f32, f64],
            ["[2,8,9,3] [3,2,3]", "[?,?,9,3] [3,2,3]", "? ?"];
        "tf.nn.erosion2d(x, variable('w', [3, 2, 3]), [1, 1, 1, 1], [1, 1, 1, 1], 'SAME', name='thin')" =
            |g, x: T| {
                let w = variable(g, "w", &[3, 2, 3]);
                g.named("thin", || nn::erosion2d(x, w, [1, 1, 1, 1], [1, 1, 1, 1], Padding::Same))
            }, [f32], ["[2,8,9,3]"];
    });
}

fn pools(table: &mut Table) {
    calls!(table, {
        "tf.nn.max_pool(x, 2, 2, 'SAME')" = |g, x: T| nn::max_pool(x, 2, 2, Padding::Same, ()), [f32, i32], IMAGES;
        "tf.nn.max_pool(x, [1, 3, 2, 1], [1, 2, 1, 1], 'VALID', name='most')" =
            |g, x: T| g.named("most", || nn::max_pool(x, [1, 3, 2, 1], [1, 2, 1, 1], Padding::Valid, ())), [f32, f16], IMAGES;
        "tf.nn.max_pool(x, [3, 2], 1, 'VALID', data_format='NCHW')" =
            |g, x: T| nn::max_pool(x, [3, 2], 1, Padding::Valid, DataFormat::Nchw), [f32], IMAGES;
        "tf.nn.max_pool(x, 0, 1, 'VALID')" = |g, x: T| nn::max_pool(x, 0, 1, Padding::Valid, ()), [f32], ["[2,8,9,3]"];
        "tf.nn.max_pool(x, [1, 2, 2], 1, 'VALID')" = |g, x: T| nn::max_pool(x, [1, 2, 2], 1, Padding::Valid, ()), [f32], ["[2,8,9,3]"];
        "tf.nn.max_pool(x, 2, 2, 'SAME')" = |g, x: T| nn::max_pool(x, 2, 2, Padding::Same, ()), [f32], ["[2,8,9]"];
        "tf.nn.max_pool2d(x, 2, 2, 'SAME')" = |g, x: T| nn::max_pool2d(x, 2, 2, Padding::Same, ()), [f32, f64], IMAGES;
        "tf.nn.max_pool2d(x, 2, 2, 'SAME', data_format='NCHW')" =
            |g, x: T| nn::max_pool2d(x, 2, 2, Padding::Same, DataFormat::Nchw), [f32], IMAGES;
        "tf.nn.avg_pool(x, 2, [2, 1], 'SAME')" = |g, x: T| nn::avg_pool(x, 2, [2, 1], Padding::Same, ()), [f32, f64], IMAGES;
        "tf.nn.avg_pool(x, 2, 2, 'VALID', data_format='NCHW', name='mean')" =
            |g, x: T| g.named("mean", || nn::avg_pool(x, 2, 2, Padding::Valid, DataFormat::Nchw)), [f32], IMAGES;
        "tf.nn.max_pool1d(x, 2, 2, 'SAME')" =
            |g, x: T| nn::max_pool1d(x, 2, 2, Padding::Same, ()), [f32, f64], ["[2,8,3]", "[?,?,3]", "?"];
        "tf.nn.max_pool1d(x, [1, 1, 2], 1, 'VALID', data_format='NCW', name='line')" =
            |g, x: T| g.named("line", || nn::max_pool1d(x, [1, 1, 2], 1, Padding::Valid, DataFormat::Nchw)), [f32], ["[2,3,8]", "[?,?,?]", "?"];
        "tf.nn.avg_pool1d(x, 2, 2, 'SAME')" =
            |g, x: T| nn::avg_pool1d(x, 2, 2, Padding::Same, ()), [f32, f64], ["[2,8,3]", "[?,?,3]", "?"];
        "tf.nn.avg_pool1d(x, 2, 1, 'VALID', data_format='NCW')" =
            |g, x: T| nn::avg_pool1d(x, 2, 1, Padding::Valid, DataFormat::Nchw), [f32], ["[2,3,8]", "?"];
        "tf.nn.max_pool3d(x, 2, 2, 'SAME')" =
            |g, x: T| nn::max_pool3d(x, 2, 2, Padding::Same, ()), [f32, f16], ["[2,4,5,6,3]", "[?,?,5,6,3]", "?"];
        "tf.nn.max_pool3d(x, [1, 1, 2, 2, 1], 1, 'VALID', data_format='NCDHW')" =
            |g, x: T| nn::max_pool3d(x, [1, 1, 2, 2, 1], 1, Padding::Valid, DataFormat::Nchw), [f32], ["[2,3,4,5,6]", "?"];
        "tf.nn.avg_pool3d(x, 2, [2, 1, 1], 'SAME')" =
            |g, x: T| nn::avg_pool3d(x, 2, [2, 1, 1], Padding::Same, ()), [f32, f64], ["[2,4,5,6,3]", "[?,?,5,6,3]", "?"];
        "tf.nn.avg_pool3d(x, 2, 2, 'VALID', data_format='NCDHW')" =
            |g, x: T| nn::avg_pool3d(x, 2, 2, Padding::Valid, DataFormat::Nchw), [f32], ["[2,3,4,5,6]", "?"];
        "tf.nn.max_pool(variable('v', [2, 8, 9, 3]), 2, 2, 'SAME')" =
            |g| nn::max_pool(variable(g, "v", &[2, 8, 9, 3]), 2, 2, Padding::Same, ());
        "tf.nn.max_pool1d(variable('v', [2, 8, 3]), 2, 2, 'SAME')" =
            |g| nn::max_pool1d(variable(g, "v", &[2, 8, 3]), 2, 2, Padding::Same, ());
        "tf.nn.pool(x, [2, 2], 'MAX', 'SAME')" =
            |g, x: T| nn::pool(x, [2, 2], PoolingType::Max, Padding::Same, ()), [f32, f16], ["[2,8,9,3]", "[?,?,9,3]", "?", "[2,8,3]"];
        "tf.nn.pool(x, [2, 3], 'AVG', 'VALID', strides=[2, 1])" =
            |g, x: T| nn::pool(x, [2, 3], PoolingType::Avg, Padding::Valid, PoolOptions::default().strides([2, 1])), [f32], IMAGES;
        "tf.nn.pool(x, [2, 3], 'AVG', 'VALID', dilation_rate=[2, 1], name='holes')" =
            |g, x: T| g.named("holes", || nn::pool(x, [2, 3], PoolingType::Avg, Padding::Valid, PoolOptions::default().dilation_rate([2, 1]))), [f32], IMAGES;
        "tf.nn.pool(x, [2], 'MAX', 'VALID', dilation_rate=[2])" =
            |g, x: T| nn::pool(x, [2], PoolingType::Max, Padding::Valid, PoolOptions::default().dilation_rate([2])), [f32], ["[2,8,3]", "[?,?,3]", "?"];
        "tf.nn.pool(x, [2], 'AVG', 'SAME', data_format='NCW')" =
            |g, x: T| nn::pool(x, [2], PoolingType::Avg, Padding::Same, PoolOptions::default().data_format(DataFormat::Nchw)), [f32], ["[2,3,8]", "?"];
        "tf.nn.pool(x, [2, 2, 2], 'MAX', 'SAME')" =
            |g, x: T| nn::pool(x, [2, 2, 2], PoolingType::Max, Padding::Same, ()), [f32], ["[2,4,5,6,3]", "?"];
        "tf.nn.pool(x, [2, 2, 2], 'AVG', 'VALID', dilation_rate=[1, 2, 2], data_format='NCDHW')" =
            |g, x: T| nn::pool(x, [2, 2, 2], PoolingType::Avg, Padding::Valid, PoolOptions::default().dilation_rate([1, 2, 2]).data_format(DataFormat::Nchw)),
            [f32], ["[2,3,4,5,6]", "?"];
        "tf.nn.pool(x, [2, 2], 'MAX', 'SAME', dilation_rate=[2, 2])" =
            |g, x: T| nn::pool(x, [2, 2], PoolingType::Max, Padding::Same, PoolOptions::default().dilation_rate([2, 2])), [f32], ["[2,8,9,3]"];
        "tf.nn.pool(x, [2, 2], 'MAX', 'SAME', strides=[3, 3])" =
            |g, x: T| nn::pool(x, [2, 2], PoolingType::Max, Padding::Same, PoolOptions::default().strides([3, 3])), [f32], ["[2,8,9,3]"];
        "tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')" =
            |g, x: T| { let p = nn::max_pool_with_argmax::<i64, T>(x, [1, 2, 2, 1], [1, 2, 2, 1], Padding::Same, false); (p.output, p.argmax) },
            [f32, i32], IMAGES;
        "tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 1, 1, 1], 'VALID', Targmax=tf.int32, include_batch_in_index=True, name='where')" =
            |g, x: T| {
                let p = g.named("where", || nn::max_pool_with_argmax::<i32, T>(x, [1, 2, 2, 1], [1, 1, 1, 1], Padding::Valid, true));
                (p.output, p.argmax)
            }, [f64], IMAGES;
        "tf.nn.fractional_max_pool(x, [1.0, 1.5, 1.25, 1.0])" =
            |g, x: T| {
                let p = nn::fractional_max_pool(x, [1.0, 1.5, 1.25, 1.0], ());
                (p.output, p.row_pooling_sequence, p.col_pooling_sequence)
            }, [f32, i64], IMAGES;
        "tf.nn.fractional_avg_pool(x, [1.0, 1.5, 1.25, 1.0], pseudo_random=True, overlapping=True, deterministic=True, seed=3, seed2=4)" =
            |g, x: T| {
                let options = FractionalPoolOptions::default().pseudo_random(true).overlapping(true).deterministic(true).seed(3).seed2(4);
                let p = nn::fractional_avg_pool(x, [1.0, 1.5, 1.25, 1.0], options);
                (p.output, p.row_pooling_sequence, p.col_pooling_sequence)
            }, [f32, f64], IMAGES;
    });
}

fn normalizations(table: &mut Table) {
    calls!(table, {
        "tf.nn.moments(x, [0])" = |g, x: T| pair(nn::moments(x, [0])), [f32, f16, bf16], ["[2,3]", "[?,3]", "?", "[]"];
        "tf.nn.moments(x, [0, 1, 2])" = |g, x: T| pair(nn::moments(x, [0, 1, 2])), [f32, f64], IMAGES;
        "tf.nn.moments(x, 1)" = |g, x: T| pair(nn::moments(x, 1)), [f32], ["[2,3]", "?"];
        "tf.nn.moments(x, None)" = |g, x: T| pair(nn::moments(x, Axes::ALL)), [f32, f16], ["[2,3]", "?"];
        "tf.nn.moments(x, [0, 1], keep_dims=True, name='both')" =
            |g, x: T| pair(g.named("both", || nn::moments(x, Axes::from([0, 1]).keep_dims()))), [f32, f16], ["[2,3]", "?"];
        "tf.nn.moments(variable('v', [2, 3]), [0])" = |g| pair(nn::moments(variable(g, "v", &[2, 3]), [0]));
        "tf.nn.moments(variable('v', [2, 3]), None)" = |g| pair(nn::moments(variable(g, "v", &[2, 3]), Axes::ALL));
        "tf.nn.weighted_moments(x, [0], w)" =
            |g, x: T, w: T| pair(nn::weighted_moments(x, [0], w)), [f32, f16], ["[2,3] [2,3]", "[?,3] [?,1]", "? ?", "[2,3] [4,3]"];
        "tf.nn.weighted_moments(x, [0, 1], w, keep_dims=True, name='heavy')" =
            |g, x: T, w: i32| pair(g.named("heavy", || nn::weighted_moments(x, Axes::from([0, 1]).keep_dims(), w))), [f32, f64], ["[2,3] [2,1]", "? []"];
        "tf.nn.weighted_moments(x, 1, 2.0)" = |g, x: T| pair(nn::weighted_moments(x, 1, 2.0f32)), [f32], ["[2,3]", "?"];
        "tf.nn.sufficient_statistics(x, [0, 1])" =
            |g, x: T| {
                let s = nn::sufficient_statistics(x, [0, 1], ());
                (s.counts, s.mean_ss, s.variance_ss)
            }, [f32, i32], ["[2,3]", "[?,3]", "[2,3,?]", "?", "[2]"];
        "tf.nn.sufficient_statistics(x, [2, 0, -3], shift=s, keep_dims=True, name='sums')" =
            |g, x: T, s: T| {
                let s = g.named("sums", || nn::sufficient_statistics(x, Axes::from([2, 0, -3]).keep_dims(), s));
                [s.counts, s.mean_ss, s.variance_ss, s.shift.unwrap()].to_vec()
            }, [f32], ["? []"];
        "tf.nn.sufficient_statistics(x, [2, 0], shift=s, keep_dims=True, name='sums')" =
            |g, x: T, s: T| {
                let s = g.named("sums", || nn::sufficient_statistics(x, Axes::from([2, 0]).keep_dims(), s));
                [s.counts, s.mean_ss, s.variance_ss, s.shift.unwrap()].to_vec()
            }, [f32, f64], ["[2,3,4] [4]", "[?,3,4] []", "? []"];
        "tf.nn.sufficient_statistics(variable('v', [2, 3]), [0])" =
            |g| {
                let s = nn::sufficient_statistics(variable(g, "v", &[2, 3]), [0], ());
                (s.counts, s.mean_ss, s.variance_ss)
            };
        "tf.nn.sufficient_statistics(x, [0], shift=variable('v', [3]))" =
            |g, x: T| {
                let s = nn::sufficient_statistics(x, [0], variable(g, "v", &[3]));
                [s.counts, s.mean_ss, s.variance_ss, s.shift.unwrap()].to_vec()
            }, [f32], ["[2,3]", "?"];
        "tf.nn.sufficient_statistics(x, [0], shift=0.5)" =
            |g, x: T| {
                let s = nn::sufficient_statistics(x, [0], 0.5f32);
                [s.counts, s.mean_ss, s.variance_ss, s.shift.unwrap()].to_vec()
            }, [f32], ["[2,3]", "?"];
        "tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0]))" =
            |g, x: T| pair(nn::normalize_moments(nn::sufficient_statistics(x, [0], ()))), [f32, f64], ["[2,3]", "[?,3]", "?"];
        "tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0], s), name='mean_of')" =
            |g, x: T, s: T| { let s = nn::sufficient_statistics(x, [0], s); pair(g.named("mean_of", || nn::normalize_moments(s))) },
            [f32], ["[2,3] []", "? [3]"];
        "tf.nn.batch_normalization(x, m, v, None, None, 0.001)" =
            |g, x: T, m: T, v: T| nn::batch_normalization(x, m, v, 0.001, ()), [f32, f64], ["[2,3] [3] [3]", "[?,3] [3] [?]", "? ? ?"];
        "tf.nn.batch_normalization(x, m, v, o, s, 0.001, name='norm')" =
            |g, x: T, m: f32, v: f32, o: f32, s: f32| {
                let options = BatchNormalizationOptions::default().offset(o).scale(s);
                g.named("norm", || nn::batch_normalization(x, m, v, 0.001, options))
            }, [f32, f16], ["[2,3] [3] [3] [3] [3]", "[?,3] [3] [3] [3] [?]", "? ? ? ? ?"];
        "tf.nn.batch_normalization(x, m, v, o, None, 0.001)" =
            |g, x: T, m: T, v: T, o: T| nn::batch_normalization(x, m, v, 0.001, BatchNormalizationOptions::default().offset(o)),
            [f32], ["[2,3] [3] [3] [3]", "? ? ? ?"];
        "tf.nn.batch_normalization(x, variable('m', [3]), variable('v', [3]), variable('o', [3]), variable('s', [3]), 0.001)" =
            |g, x: T| {
                let (m, v) = (variable(g, "m", &[3]), variable(g, "v", &[3]));
                let options = BatchNormalizationOptions::default().offset(variable(g, "o", &[3])).scale(variable(g, "s", &[3]));
                nn::batch_normalization(x, m, v, 0.001, options)
            }, [f32], ["[2,3]", "?"];
        "tf.nn.batch_normalization(variable('x', [2, 3]), variable('m', [3]), variable('v', [3]), None, None, 0.001)" =
            |g| nn::batch_normalization(variable(g, "x", &[2, 3]), variable(g, "m", &[3]), variable(g, "v", &[3]), 0.001, ());
        "tf.nn.batch_norm_with_global_normalization(x, m, v, o, s, 0.001, True)" =
            |g, x: T, m: T, v: T, o: T, s: T| nn::batch_norm_with_global_normalization(x, (m, v), o, s, 0.001, true),
            [f32, f64], ["[2,4,4,3] [3] [3] [3] [3]", "? ? ? ? ?"];
        "tf.nn.batch_norm_with_global_normalization(x, m, v, o, s, 0.001, False)" =
            |g, x: T, m: T, v: T, o: T, s: T| nn::batch_norm_with_global_normalization(x, (m, v), o, s, 0.001, false),
            [f32], ["[2,4,4,3] [3] [3] [3] [3]", "? ? ? ? ?"];
        "tf.nn.fused_batch_norm(x, s, o)" =
            |g, x: T, s: f32, o: f32| { let n = nn::fused_batch_norm(x, s, o, ()); (n.y, n.batch_mean, n.batch_variance) },
            [f32, f16], ["[2,8,9,3] [3] [3]", "[?,?,9,?] [3] [?]", "? ? ?", "[2,8,9,3] [4] [3]"];
        "tf.nn.fused_batch_norm(x, s, o, m, v, epsilon=1e-6, data_format='NCHW', is_training=False, name='fused')" =
            |g, x: T, s: f32, o: f32, m: f32, v: f32| {
                let options = FusedBatchNormOptions::default().epsilon(1e-6).data_format(DataFormat::Nchw).inference(m, v);
                let n = g.named("fused", || nn::fused_batch_norm(x, s, o, options));
                (n.y, n.batch_mean, n.batch_variance)
            }, [f32, bf16], ["[2,3,8,9] [3] [3] [3] [3]", "[?,?,8,9] [3] [3] [3] [3]", "? ? ? ? ?"];
        "tf.nn.fused_batch_norm(x, variable('s', [3]), [1.0, 2.0, 3.0])" =
            |g, x: T| { let n = nn::fused_batch_norm(x, variable(g, "s", &[3]), [1.0f32, 2.0, 3.0], ()); (n.y, n.batch_mean, n.batch_variance) },
            [f32], ["[2,8,9,3]", "?"];
        "tf.nn.fused_batch_norm(x, *[variable(n, [3]) for n in 'somv'], is_training=False)" =
            |g, x: T| {
                let [s, o, m, v] = ["s", "o", "m", "v"].map(|name| variable(g, name, &[3]));
                let n = nn::fused_batch_norm(x, s, o, FusedBatchNormOptions::default().inference(m, v));
                (n.y, n.batch_mean, n.batch_variance)
            }, [f32, f16], ["[2,8,9,3]", "?"];
        "tf.nn.fused_batch_norm(x, s, o, variable('m', [3]), [1.0, 2.0, 3.0], is_training=False, name='fused')" =
            |g, x: T, s: f32, o: f32| {
                let options = FusedBatchNormOptions::default().inference(variable(g, "m", &[3]), [1.0f32, 2.0, 3.0]);
                let n = g.named("fused", || nn::fused_batch_norm(x, s, o, options));
                (n.y, n.batch_mean, n.batch_variance)
            }, [f32], ["[2,8,9,3] [3] [3]"];
        "tf.nn.local_response_normalization(x)" = |g, x: T| nn::local_response_normalization(x, ()), [f32, f16], ["[2,8,9,3]", "[?,?,9,3]", "?", "[2,3]"];
        "tf.nn.local_response_normalization(x, depth_radius=4, bias=2.0, alpha=0.5, beta=0.75, name='near')" =
            |g, x: T| {
                let options = LocalResponseNormalizationOptions::default().depth_radius(4).bias(2.0).alpha(0.5).beta(0.75);
                g.named("near", || nn::local_response_normalization(x, options))
            }, [f32], ["[2,8,9,3]", "?"];
        "tf.nn.dropout(x, rate=0.25)" = |g, x: T| nn::dropout(x, 0.25, ()), [f32, f64, f16], SHAPES;
        "tf.nn.dropout(x, rate=0.0)" = |g, x: T| nn::dropout(x, 0.0, ()), [f32], SHAPES;
        "tf.nn.dropout(x, rate=1.0)" = |g, x: T| nn::dropout(x, 1.0, ()), [f32], ["[2,3]"];
        "tf.nn.dropout(x, rate=r)" = |g, x: T, r: T| nn::dropout(x, r, ()), [f32, f16], ["[2,3] []", "[?,3] ?", "? []", "[2,3] [1]"];
        "tf.nn.dropout(x, rate=tf.constant(0.0))" = |g, x: T| nn::dropout(x, g.constant(0.0f32), ()), [f32], ["[2,3]"];
        "tf.nn.dropout(x, rate=tf.constant(0.5))" = |g, x: T| nn::dropout(x, g.constant(0.5f32), ()), [f32], ["[2,3]"];
        "tf.nn.dropout(x, rate=variable('r', []))" = |g, x: T| nn::dropout(x, variable(g, "r", &[]), ()), [f32], ["[2,3]"];
        "tf.nn.dropout(x, rate=0.5, noise_shape=[2, 1], seed=7, name='drop')" =
            |g, x: T| g.named("drop", || nn::dropout(x, 0.5, DropoutOptions::default().noise_shape([2, 1]).seed(7))), [f32], ["[2,3]", "[?,3]", "?"];
        "tf.nn.dropout(x, rate=0.5, noise_shape=[None, 1])" =
            |g, x: T| nn::dropout(x, 0.5, DropoutOptions::default().noise_shape([None, Some(1)])), [f32], ["[2,3]", "[?,3]", "?"];
        "tf.nn.dropout(x, rate=0.5, noise_shape=n)" =
            |g, x: T, n: i32| nn::dropout(x, 0.5, DropoutOptions::default().noise_shape(n)), [f32, f64], ["[2,3] [2]", "? ?"];
        "(tf.set_random_seed(5), tf.nn.dropout(x, rate=0.5), tf.nn.dropout(x, rate=0.5, seed=9))" =
            |g, x: T| { g.set_random_seed(5); (nn::dropout(x, 0.5, ()), nn::dropout(x, 0.5, DropoutOptions::default().seed(9))) }, [f32], ["[2,3]", "?"];
        "tf.nn.dropout(variable('v', [2, 3]), rate=0.5)" = |g| nn::dropout(variable(g, "v", &[2, 3]), 0.5, ());
    });
}

fn losses(table: &mut Table) {
    calls!(table, {
        "tf.nn.sigmoid_cross_entropy_with_logits(labels=variable('y', [2, 3]), logits=x)" =
            |g, x: T| nn::sigmoid_cross_entropy_with_logits(variable(g, "y", &[2, 3]), x), [f32], ["[2,3]", "?"];
        "tf.nn.softmax_cross_entropy_with_logits(labels=variable('y', [2, 3]), logits=x)" =
            |g, x: T| nn::softmax_cross_entropy_with_logits(variable(g, "y", &[2, 3]), x), [f32, f16], ["[2,3]", "?"];
        "tf.nn.log_poisson_loss(variable('y', [2, 3]), x)" =
            |g, x: T| nn::log_poisson_loss(variable(g, "y", &[2, 3]), x, false), [f32], ["[2,3]", "?"];
        "tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=x)" =
            |g, y: T, x: T| nn::sigmoid_cross_entropy_with_logits(y, x), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?", "[2,3] [3,2]"];
        "tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=variable('x', [2, 3]), name='loss')" =
            |g, y: T| { let x = variable(g, "x", &[2, 3]); g.named("loss", || nn::sigmoid_cross_entropy_with_logits(y, x)) }, [f32], ["[2,3]", "?"];
        "tf.nn.weighted_cross_entropy_with_logits(labels=y, logits=x, pos_weight=2.5)" =
            |g, y: T, x: T| nn::weighted_cross_entropy_with_logits(y, x, 2.5), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?", "[2,3] [3,2]"];
        "tf.nn.weighted_cross_entropy_with_logits(labels=y, logits=x, pos_weight=p, name='loss')" =
            |g, y: T, x: T, p: T| g.named("loss", || nn::weighted_cross_entropy_with_logits(y, x, p)), [f32], ["[2,3] [2,3] []", "? ? [3]"];
        "tf.nn.weighted_cross_entropy_with_logits(labels=y, logits=variable('x', [2, 3]), pos_weight=variable('p', []))" =
            |g, y: T| nn::weighted_cross_entropy_with_logits(y, variable(g, "x", &[2, 3]), variable(g, "p", &[])), [f32], ["[2,3]"];
        "tf.nn.log_poisson_loss(y, x)" =
            |g, y: T, x: T| nn::log_poisson_loss(y, x, false), [f32, f64], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?", "[2,3] [3,2]"];
        "tf.nn.log_poisson_loss(y, x, compute_full_loss=True, name='poisson')" =
            |g, y: T, x: T| g.named("poisson", || nn::log_poisson_loss(y, x, true)), [f32, f16], ["[2,3] [2,3]", "[?,3] [2,?]", "? ?"];
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x)" =
            |g, y: T, x: T| nn::softmax_cross_entropy_with_logits_v2(y, x, -1), [f32, f64, f16],
            ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3,4] [2,3,4]", "[?,3,4] [?,3,4]", "? ?", "? [2,3]", "[2,3] [2,4]"];
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x)" =
            |g, y: i32, x: T| nn::softmax_cross_entropy_with_logits_v2(y, x, -1), [f32, bf16], ["[2,3] [2,3]", "? ?"];
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x, axis=0)" =
            |g, y: T, x: T| nn::softmax_cross_entropy_with_logits_v2(y, x, 0), [f32, f16], ["[2,3] [2,3]", "[?,3,4] [2,?,4]", "? ?"];
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x, axis=1, name='middle')" =
            |g, y: T, x: T| g.named("middle", || nn::softmax_cross_entropy_with_logits_v2(y, x, 1)), [f32], ["[2,3] [2,3]", "[2,3,4] [2,3,4]", "? ?"];
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x, axis=-2)" =
            |g, y: T, x: T| nn::softmax_cross_entropy_with_logits_v2(y, x, -2), [f32], ["[2,3] [2,3]"];
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=variable('x', [2, 3]))" =
            |g, y: T| nn::softmax_cross_entropy_with_logits_v2(y, variable(g, "x", &[2, 3]), -1), [f32], ["[2,3]", "?"];
        "tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x)" =
            |g, y: T, x: T| nn::softmax_cross_entropy_with_logits(y, x), [f32, f16], ["[2,3] [2,3]", "[?,3] [2,?]", "[2,3,4] [2,3,4]", "? ?"];
        "tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x, name='loss')" =
            |g, y: T, x: T| g.named("loss", || nn::softmax_cross_entropy_with_logits(y, x)), [f32], ["[2,3] [2,3]"];
        "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x)" =
            |g, y: i32, x: T| nn::sparse_softmax_cross_entropy_with_logits(y, x), [f32, f64, f16],
            ["[2] [2,3]", "[?] [2,?]", "[?] [?,?]", "[2,3] [2,3,4]", "[?,3] [?,3,4]", "[2] [2,3,4]", "[3] [2,4]", "? [2,3]", "? ?", "[2] ?", "[] [3]", "[] []"];
        "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x, name='sparse')" =
            |g, y: i64, x: T| g.named("sparse", || nn::sparse_softmax_cross_entropy_with_logits(y, x)), [f32],
            ["[2] [2,3]", "[2,3] [2,3,4]", "? ?"];
        "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=variable('x', [2, 3]))" =
            |g, y: i64| nn::sparse_softmax_cross_entropy_with_logits(y, variable(g, "x", &[2, 3])), [f32], ["[2]", "?"];
        "tf.nn.scale_regularization_loss(x)" = |g, x: T| nn::scale_regularization_loss(x), [f32, f64], ["[2,3]", "[?,3]", "?"];
    });
}

fn embeddings(table: &mut Table) {
    let div = EmbeddingOptions::default().partition_strategy(PartitionStrategy::Div);
    let clip = EmbeddingOptions::default().max_norm(2.5);
    fn sparse<'g>() -> SparseEmbeddingOptions<'g> {
        SparseEmbeddingOptions::default()
    }
    calls!(table, {
        "tf.nn.embedding_lookup(x, i)" =
            |g, x: T, i: i64| nn::embedding_lookup(x, i, ()), [f32, i32], ["[5,3] [2]", "[?,3] [?,2]", "[5] []", "? ?"];
        "tf.nn.embedding_lookup(x, [1, 2], name='rows')" =
            |g, x: T| g.named("rows", || nn::embedding_lookup(x, [1i32, 2], ())), [f32, f64], ["[5,3]", "?"];
        "tf.nn.embedding_lookup(variable('v', [5, 3]), i)" =
            |g, i: T| nn::embedding_lookup(variable(g, "v", &[5, 3]), i, ()), [i32, i64], ["[2]", "[?,2]", "[]", "?"];
        "tf.nn.embedding_lookup(x, i, max_norm=2.5)" =
            |g, x: T, i: i32| nn::embedding_lookup(x, i, EmbeddingOptions::default().max_norm(2.5)), [f32, f64],
            ["[5,3] [2]", "[5,3,4] [2]", "[5,3] []", "? [2]", "[5,3] ?", "? ?"];
        "tf.nn.embedding_lookup(variable('v', [5, 3]), i, max_norm=2.5, name='clipped')" =
            |g, i: T| { let v = variable(g, "v", &[5, 3]); g.named("clipped", || nn::embedding_lookup(v, i, EmbeddingOptions::default().max_norm(2.5))) },
            [i32], ["[2]", "[]", "?"];
        "tf.nn.embedding_lookup([x, y], i)" =
            |g, x: T, y: T, i: i64| nn::embedding_lookup([x, y], i, ()), [f32, f64],
            ["[5,3] [5,3] [2]", "[?,3] [4,?] [?,2]", "[5] [4] []", "? ? ?", "[5,3] [5,4] [2]"];
        "tf.nn.embedding_lookup([x, y], i, partition_strategy='div', name='rows')" =
            |g, x: T, y: T, i: i64| g.named("rows", || nn::embedding_lookup([x, y], i, EmbeddingOptions::default().partition_strategy(PartitionStrategy::Div))),
            [f32, f64], ["[5,3] [5,3] [2]", "[?,3] [4,?] [?,2]", "[5] [4] []", "? ? ?"];
        "tf.nn.embedding_lookup([x, y, z], i, partition_strategy='div', max_norm=2.5)" =
            |g, x: T, y: T, z: T, i: i32| nn::embedding_lookup([x, y, z], i, EmbeddingOptions::default().partition_strategy(PartitionStrategy::Div).max_norm(2.5)),
            [f32], ["[5,3] [5,3] [4,3] [2]", "[?,3] [4,3] [?,3] [?,2]", "? ? ? ?"];
        "tf.nn.embedding_lookup([variable('v', [5, 3]), variable('w', [4, 3])], i)" =
            |g, i: T| nn::embedding_lookup([variable(g, "v", &[5, 3]), variable(g, "w", &[4, 3])], i, ()),
            [i32, i64], ["[2]", "[?,2]", "[]", "?"];
        "tf.nn.embedding_lookup([variable('v', [5, 3]), variable('w', [4, 3])], i, partition_strategy='div')" =
            |g, i: T| nn::embedding_lookup([variable(g, "v", &[5, 3]), variable(g, "w", &[4, 3])], i, div),
            [i32, i64], ["[2]", "[?,2]", "?"];
        "tf.nn.embedding_lookup([variable('v', [5, 3]), variable('w', [4, 3])], i, max_norm=2.5)" =
            |g, i: T| nn::embedding_lookup([variable(g, "v", &[5, 3]), variable(g, "w", &[4, 3])], i, clip),
            [i32], ["[2]", "?"];
        "tf.nn.embedding_lookup_sparse(x, tf.SparseTensor(i, v, s), None, combiner='mean')" =
            |g, x: T, i: i64, v: i64, s: i64| nn::embedding_lookup_sparse(x, SparseTensor::new(g, i, v, s), ()),
            [f32, f64, f16, bf16], ["[5,3] [4,2] [4] [2]", "[?,3] [?,2] [?] [2]", "? ? ? ?"];
        "tf.nn.embedding_lookup_sparse(variable('p', [5, 3]), tf.SparseTensor(i, v, s), None, combiner='sum', max_norm=2.5, name='summed')" =
            |g, i: i64, v: T, s: i64| {
                let p = variable(g, "p", &[5, 3]);
                let ids = SparseTensor::new(g, i, v, s);
                g.named("summed", || nn::embedding_lookup_sparse(p, ids, sparse().combiner(Combiner::Sum).max_norm(2.5)))
            }, [i32, i64], ["[4,2] [4] [2]", "[?,2] [?] [2]", "? ? ?"];
        "tf.nn.embedding_lookup_sparse([x, y], tf.SparseTensor(i, v, s), None, combiner='sqrtn', partition_strategy='div')" =
            |g, x: T, y: T, i: i64, v: i64, s: i64| nn::embedding_lookup_sparse([x, y], SparseTensor::new(g, i, v, s),
                sparse().combiner(Combiner::Sqrtn).partition_strategy(PartitionStrategy::Div)),
            [f32], ["[5,3] [4,3] [4,2] [4] [2]", "? ? ? ? ?"];
        "tf.nn.embedding_lookup_sparse(x, tf.SparseTensor(i, v, s), tf.SparseTensor(i, w, s), combiner='mean')" =
            |g, x: T, i: i64, v: i64, s: i64, w: f32| nn::embedding_lookup_sparse(x, SparseTensor::new(g, i, v, s), sparse().weights(SparseTensor::new(g, i, w, s))),
            [f32, f64, bf16], ["[5,3] [4,2] [4] [2] [4]", "[5,3,2] [?,2] [?] [2] [?]", "? ? ? ? ?"];
        "tf.nn.embedding_lookup_sparse(x, tf.SparseTensor(i, v, s), tf.SparseTensor(i, w, s), combiner='sum', name='summed')" =
            |g, x: T, i: i64, v: i64, s: i64, w: T| {
                let (ids, weights) = (SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, w, s));
                g.named("summed", || nn::embedding_lookup_sparse(x, ids, sparse().weights(weights).combiner(Combiner::Sum)))
            }, [f32], ["[5,3] [4,2] [4] [2] [4]", "? ? ? ? ?"];
        "tf.nn.embedding_lookup_sparse(variable('p', [5, 3]), tf.SparseTensor(i, v, s), tf.SparseTensor(i, w, s), combiner='sqrtn')" =
            |g, i: i64, v: i64, s: i64, w: T| {
                let p = variable(g, "p", &[5, 3]);
                nn::embedding_lookup_sparse(p, SparseTensor::new(g, i, v, s), sparse().weights(SparseTensor::new(g, i, w, s)).combiner(Combiner::Sqrtn))
            }, [f32, i32], ["[4,2] [4] [2] [4]", "? ? ? ?"];
        "tf.nn.safe_embedding_lookup_sparse(x, tf.SparseTensor(i, v, s))" =
            |g, x: T, i: i64, v: i64, s: i64| nn::safe_embedding_lookup_sparse(x, SparseTensor::new(g, i, v, s), ()), [f32, f64],
            ["[5,3] [4,2] [4] [2]", "[5,3] [4,3] [4] [3]", "[?,3] [?,2] [?] [?]", "? ? ? ?"];
        "tf.nn.safe_embedding_lookup_sparse([x, y], tf.SparseTensor(i, v, s), tf.SparseTensor(i, w, s), combiner='sqrtn', default_id=1, name='safe')" =
            |g, x: T, y: T, i: i64, v: i64, s: i64, w: T| {
                let (ids, weights) = (SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, w, s));
                g.named("safe", || nn::safe_embedding_lookup_sparse([x, y], ids, sparse().weights(weights).combiner(Combiner::Sqrtn).default_id(1)))
            }, [f32], ["[5,3] [4,3] [4,2] [4] [2] [4]", "? ? ? ? ? ?"];
        "tf.nn.safe_embedding_lookup_sparse(variable('p', [5, 3]), tf.SparseTensor(i, v, s), tf.SparseTensor(i, w, s), combiner='sum', max_norm=2.5)" =
            |g, i: i64, v: i64, s: i64, w: T| {
                let p = variable(g, "p", &[5, 3]);
                let (ids, weights) = (SparseTensor::new(g, i, v, s), SparseTensor::new(g, i, w, s));
                nn::safe_embedding_lookup_sparse(p, ids, sparse().weights(weights).combiner(Combiner::Sum).max_norm(2.5))
            }, [f32], ["[4,2] [4] [2] [4]", "[?,?] [?] [?] [?]"];
    });
}

fn sequences(table: &mut Table) {
    calls!(table, {
        "tf.nn.ctc_loss(tf.SparseTensor(i, v, s), x, n)" =
            |g, i: i64, v: i32, s: i64, x: T, n: i32| nn::ctc_loss(SparseTensor::new(g, i, v, s), x, n, ()), [f32, f64],
            ["[4,2] [4] [2] [7,2,5] [2]", "[?,2] [?] [2] [?,?,5] [?]", "? ? ? ? ?"];
        "tf.nn.ctc_loss(tf.SparseTensor(i, v, s), x, [3, 4], preprocess_collapse_repeated=True, ctc_merge_repeated=False, ignore_longer_outputs_than_inputs=True, time_major=False)" =
            |g, i: i64, v: i32, s: i64, x: T| {
                let options = CtcLossOptions::default().preprocess_collapse_repeated(true).ctc_merge_repeated(false);
                let options = options.ignore_longer_outputs_than_inputs(true).time_major(false);
                nn::ctc_loss(SparseTensor::new(g, i, v, s), x, [3i32, 4], options)
            }, [f32], ["[4,2] [4] [2] [2,7,5]", "? ? ? ?"];
        "tf.nn.ctc_greedy_decoder(x, n)" =
            |g, x: T, n: i32| { let d = nn::ctc_greedy_decoder(x, n, true); (parts(&d.decoded), d.log_probability) }, [f32, f64],
            ["[7,2,5] [2]", "[?,?,5] [?]", "? ?", "[7,2,5] [3]"];
        "tf.nn.ctc_greedy_decoder(variable('x', [7, 2, 5]), [3, 4], merge_repeated=False)" =
            |g| { let d = nn::ctc_greedy_decoder(variable(g, "x", &[7, 2, 5]), [3i32, 4], false); (parts(&d.decoded), d.log_probability) };
        "tf.nn.ctc_beam_search_decoder(x, n, beam_width=10, top_paths=2)" =
            |g, x: T, n: i32| { let d = nn::ctc_beam_search_decoder(x, n, CtcBeamSearchOptions::default().beam_width(10).top_paths(2)); (parts(&d.decoded), d.log_probability) }, [f32],
            ["[7,2,5] [2]", "[?,?,5] [?]", "? ?"];
        "tf.nn.ctc_beam_search_decoder(x, n, merge_repeated=False)" =
            |g, x: T, n: i32| { let d = nn::ctc_beam_search_decoder(x, n, CtcBeamSearchOptions::default().merge_repeated(false)); (parts(&d.decoded), d.log_probability) }, [f32, f64], ["[7,2,5] [2]"];
        "tf.nn.nce_loss(w, b, y, x, 4, 50)" =
            |g, w: f32, b: f32, y: T, x: f32| nn::nce_loss(w, b, y, x, 4, 50, ()), [i32, i64],
            ["[50,3] [50] [2,1] [2,3]", "[50,3] [50] [?,1] [?,3]", "? ? ? ?"];
        "tf.nn.nce_loss(variable('w', [50, 3]), variable('b', [50]), y, x, 4, 50, num_true=2, remove_accidental_hits=True, name='noise')" =
            |g, y: T, x: f32| {
                let (w, b) = (variable(g, "w", &[50, 3]), variable(g, "b", &[50]));
                g.named("noise", || nn::nce_loss(w, b, y, x, 4, 50, SamplingOptions::default().num_true(2).remove_accidental_hits(true)))
            }, [i64], ["[2,2] [2,3]", "[?,2] [?,3]"];
        "tf.nn.nce_loss([v, w], b, y, x, 4, 50, sampled_values=(c, t, e), partition_strategy='div')" =
            |g, v: f32, w: f32, b: f32, y: T, x: f32, c: i64, t: f32, e: f32| {
                let values = Sampled { sampled_candidates: c, true_expected_count: t, sampled_expected_count: e };
                nn::nce_loss([v, w], b, y, x, 4, 50, SamplingOptions::default().sampled_values(values).partition_strategy(PartitionStrategy::Div))
            }, [i64], ["[25,3] [25,3] [50] [2,1] [2,3] [4] [2,1] [4]"];
        "tf.nn.nce_loss(variable('w', [50, 3]), variable('b', [50]), variable('y', [2, 1], tf.int64), variable('x', [2, 3]), 4, 50)" =
            |g| {
                let (w, b) = (variable(g, "w", &[50, 3]), variable(g, "b", &[50]));
                let y = g.get_variable::<i64>("y").shape([2, 1]).initializer(init::zeros()).finish();
                nn::nce_loss(w, b, y, variable(g, "x", &[2, 3]), 4, 50, ())
            };
        "tf.nn.sampled_softmax_loss(w, b, variable('y', [2, 1], tf.int32), variable('x', [2, 3]), 4, 50)" =
            |g, w: T, b: T| {
                let y = g.get_variable::<i32>("y").shape([2, 1]).initializer(init::zeros()).finish();
                nn::sampled_softmax_loss(w, b, y, variable(g, "x", &[2, 3]), 4, 50, ())
            }, [f32], ["[50,3] [50]"];
        "tf.nn.sampled_softmax_loss(w, b, y, x, 4, 50)" =
            |g, w: f32, b: f32, y: T, x: f32| nn::sampled_softmax_loss(w, b, y, x, 4, 50, ()), [i32, i64],
            ["[50,3] [50] [2,1] [2,3]", "[50,3] [50] [?,1] [?,3]", "? ? ? ?"];
        "tf.nn.sampled_softmax_loss(variable('w', [50, 3]), variable('b', [50]), y, x, 4, 50, remove_accidental_hits=False, seed=7, name='few')" =
            |g, y: T, x: f32| {
                let (w, b) = (variable(g, "w", &[50, 3]), variable(g, "b", &[50]));
                g.named("few", || nn::sampled_softmax_loss(w, b, y, x, 4, 50, SamplingOptions::default().remove_accidental_hits(false).seed(7)))
            }, [i64], ["[2,1] [2,3]", "[?,1] [?,3]"];
    });
}

/// The parts of sparse tensors, in the order in which Python lists them.
fn parts<'g>(tensors: &[SparseTensor<'g, i64>]) -> Vec<Tensor<'g, i64>> {
    let parts = tensors
        .iter()
        .map(|tensor| [tensor.indices, tensor.values, tensor.dense_shape]);
    parts.flatten().collect()
}
