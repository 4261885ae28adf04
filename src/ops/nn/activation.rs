//! Functions of single elements, softmax, and biases.

use std::panic::Location;

use super::DataFormat;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::types::{Float, Number, Numeric, Real, Rectifiable};

functions! {
    /// Each element, or 0 if it is negative (`tf.nn.relu`).
    relu "Relu" <T: Rectifiable>(x: T) -> T;
    /// Each element, but at least 0 and at most 6 (`tf.nn.relu6`).
    relu6 "Relu6" <T: Real>(x: T) -> T;
    /// Each element, or exp(x) - 1 if it is negative (`tf.nn.elu`).
    elu "Elu" <T: Float>(x: T) -> T;
    /// The scaled form of [`elu`] that keeps mean and variance (`tf.nn.selu`).
    selu "Selu" <T: Float>(x: T) -> T;
    /// Half of the sum of the squares of all elements, a scalar (`tf.nn.l2_loss`).
    l2_loss "L2Loss" <T: Float>(x: T) -> T;
    /// Each element, or `alpha` times it if it is negative (`tf.nn.leaky_relu`); Python's default for `alpha` is 0.2.
    leaky_relu "LeakyRelu" <T: Float>(x: T; alpha: f32) -> T { "alpha" = alpha };
    /// Adds a vector to the dimension of the channels (`tf.nn.bias_add` with `data_format`).
    bias_add_with "BiasAdd" <T: Number>(value: T, bias: T; data_format: DataFormat) -> T
        { "data_format" = data_format.name() };
}

/// The positive and the negative parts one after the other along the last dimension, which doubles (`tf.nn.crelu`).
#[track_caller]
pub fn crelu<'g, T: Real>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    crelu_along(x, -1)
}

/// [`crelu`] along another dimension.
#[track_caller]
pub fn crelu_along<'g, T: Real>(x: impl TensorLike<'g, T>, axis: i32) -> Tensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let function = g.function_scope("CRelu", Location::caller(), |scope| {
        let x = x.into_tensor(g, "features").any();
        let negative = n.unary("Neg", x);
        let both = n
            .named("ConcatV2", scope)
            .list([x, negative])
            .input(axis)
            .output();
        n.unary("Relu", both)
    });
    function.typed()
}

/// exp(x) / sum(exp(x)) along the last dimension (`tf.nn.softmax`).
#[track_caller]
pub fn softmax<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    softmax_along(x, -1)
}

/// [`softmax`] along another dimension (`tf.nn.softmax` with `axis`), for which the rank must be known.
#[track_caller]
pub fn softmax_along<'g, T: Float>(x: impl TensorLike<'g, T>, axis: i32) -> Tensor<'g, T> {
    // A variable is read outside of the scope, unlike for other activations.
    let logits = x.into_tensor(x.graph(), "logits");
    along(logits.any(), "Softmax", axis, Location::caller()).typed()
}

/// The logarithm of [`softmax`] (`tf.nn.log_softmax`).
#[track_caller]
pub fn log_softmax<'g, T: Float>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    log_softmax_along(x, -1)
}

/// The logarithm of [`softmax_along`] (`tf.nn.log_softmax` with `axis`).
#[track_caller]
pub fn log_softmax_along<'g, T: Float>(x: impl TensorLike<'g, T>, axis: i32) -> Tensor<'g, T> {
    let logits = x.into_tensor(x.graph(), "logits");
    along(logits.any(), "LogSoftmax", axis, Location::caller()).typed()
}

/// An op of the last dimension along another: the two are swapped before and after.
fn along<'g>(
    logits: AnyTensor<'g>,
    op: &'static str,
    axis: i32,
    location: &'static Location<'static>,
) -> AnyTensor<'g> {
    let g = logits.graph();
    let n = Nodes(g);
    let shape = logits.shape();
    let ndims = shape.rank().map(|rank| rank as i32);
    if axis == -1 || ndims.is_some_and(|ndims| axis == ndims - 1) {
        let name = g.requested_name(op);
        return g.called_from(location, || n.named(op, &name).input(logits).output());
    }
    let name = g.requested_name("transpose");
    g.called_from(location, || {
        let Some(ndims) = ndims.filter(|&ndims| (-ndims..ndims).contains(&axis)) else {
            let message = format!("axis {axis} is none of a tensor of shape {shape}");
            return match logits.is_poison() {
                true => logits,
                false => n.fault(Rule::Shape, message),
            };
        };
        let count = n.rank(logits);
        let dim = (axis < 0).then(|| n.add(Arg::from(axis), count));
        let input_rank = n.rank(logits);
        let dim = dim.map(|dim| n.modulo(dim, Arg::from(ndims)));
        let at = || dim.map_or(Arg::from(axis), Arg::from);
        let swap = |x: AnyTensor<'g>, name: &str| {
            let last = n.binary("Sub", input_rank, Arg::from(1));
            let before = n.range(0, at());
            let after = match dim {
                Some(dim) => Arg::from(n.add(dim, Arg::from(1))),
                None => (axis + 1).into(),
            };
            let between = n.range(after, last);
            let single = |item: Arg<'g>| Arg::List(vec![item]);
            let order = vec![
                before.into(),
                single(last.into()),
                between.into(),
                single(at()),
            ];
            let perm = n.concat(order, 0);
            n.call(("Transpose", name), [x.into(), perm.into()])
        };
        let swapped = swap(logits, "transpose");
        let result = n.op(op).input(swapped).output();
        let result = swap(result, &name);
        result.set_shape(&shape);
        result
    })
}

/// Adds a vector to the last dimension (`tf.nn.bias_add`).
#[track_caller]
pub fn bias_add<'g, T: Number>(
    value: impl TensorLike<'g, T>,
    bias: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    bias_add_with(value, bias, DataFormat::default())
}

/// `x` times `weights` plus `biases` (`tf.nn.xw_plus_b`): matrices and a vector.
#[track_caller]
pub fn xw_plus_b<'g, T: Numeric>(
    x: impl TensorLike<'g, T>,
    weights: impl Operand<'g, T>,
    biases: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let sum = g.function_scope("xw_plus_b", Location::caller(), |scope| {
        let (product, biases) = product(g, x, weights, biases);
        let sum = n.named("BiasAdd", scope).input(product);
        sum.input(biases).output()
    });
    sum.typed()
}

/// [`relu`] of [`xw_plus_b`] (`tf.nn.relu_layer`).
#[track_caller]
pub fn relu_layer<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    weights: impl Operand<'g, T>,
    biases: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    let layer = g.function_scope("relu_layer", Location::caller(), |scope| {
        let (product, biases) = product(g, x, weights, biases);
        let sum = n.op("BiasAdd").input(product);
        let sum = sum.input(biases).output();
        n.named("Relu", scope).input(sum).output()
    });
    layer.typed()
}

fn product<'g, T: Numeric>(
    g: &'g GraphBuilder,
    x: impl TensorLike<'g, T>,
    weights: impl Operand<'g, T>,
    biases: impl Operand<'g, T>,
) -> (AnyTensor<'g>, Tensor<'g, T>) {
    let n = Nodes(g);
    let x = x.into_tensor(g, "x");
    let weights = weights.into_tensor(g, "weights");
    let biases = biases.into_tensor(g, "biases");
    (n.matmul(x, weights), biases)
}

/// The largest elements along the last dimension with their places.
#[derive(Debug, Clone, Copy)]
pub struct TopK<'g, T: crate::dtype::TensorType> {
    /// The elements.
    pub values: Tensor<'g, T>,
    /// Where they are in the last dimension.
    pub indices: Tensor<'g, i32>,
}

/// The `k` largest elements along the last dimension, in descending order if `sorted` (`tf.nn.top_k`).
#[track_caller]
pub fn top_k<'g, T: Real>(
    input: impl TensorLike<'g, T>,
    k: impl Operand<'g, i32>,
    sorted: bool,
) -> TopK<'g, T> {
    let call = function(input.graph(), "TopKV2").arg(input).arg(k);
    let top = call.attr("sorted", sorted).finish();
    TopK {
        values: top.output(0).typed(),
        indices: top.output(1).typed(),
    }
}

/// Whether each target is among the `k` classes with the highest predictions (`tf.nn.in_top_k`).
#[track_caller]
pub fn in_top_k<'g, I: crate::ops::types::IndexType>(
    predictions: impl TensorLike<'g, f32>,
    targets: impl Operand<'g, I>,
    k: impl Operand<'g, I>,
) -> Tensor<'g, bool> {
    let g = predictions.graph();
    let named = g.is_named();
    let name = g.requested_name("in_top_k");
    // The scope is the name's, and so is the node's within it.
    let inner = if named { &*name } else { "InTopKV2" };
    g.inner_scope(&name, Location::caller(), |_| {
        let call = Nodes(g).named("InTopKV2", inner).arg(predictions);
        call.arg(targets).arg(k).output().typed()
    })
}
