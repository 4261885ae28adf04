//! Functions of single elements, softmax, and biases.

use std::panic::Location;

use super::DataFormat;
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{Float, IndexType, Number, Numeric, Real, Rectifiable};
use crate::ops::{OrDefault, TensorLike};

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
    /// Each element, or `alpha` times it if it is negative (`tf.nn.leaky_relu`); 0.2 by default.
    leaky_relu "LeakyRelu" <T: Float>(x: T | alpha: OrDefault<f32>) -> T { "alpha" = alpha.0.unwrap_or(0.2) };
    /// Adds a vector to the dimension of the channels (`tf.nn.bias_add`).
    bias_add "BiasAdd" <T: Number>(value: T, bias: T | data_format: OrDefault<DataFormat>) -> T
        { "data_format" = data_format.0.unwrap_or_default().name() };
    /// The `k` largest elements along the last dimension, in descending order unless `sorted` is false
    /// (`tf.nn.top_k`).
    top_k "TopKV2" <T: Real>(input: T, k: i32 | sorted: OrDefault<bool>) => TopK<'g, T> { "sorted" = sorted.0.unwrap_or(true) };
}

outputs! {
    TopK<T> { values, indices }
}

/// The positive and the negative parts one after the other along `axis`, by default -1, which doubles
/// (`tf.nn.crelu`).
#[track_caller]
pub fn crelu<'g, T: Real>(
    x: impl TensorLike<'g, T>,
    axis: impl Into<OrDefault<i32>>,
) -> Tensor<'g, T> {
    let axis = axis.into().0.unwrap_or(-1);
    let (n, scope) = Nodes::in_scope(x.graph(), "CRelu");
    let x = n.tensor(x, "features");
    let both = vec![x, n.unary("Neg", x)];
    let both = n.named("ConcatV2", &scope).tensors(both).input(axis);
    n.unary("Relu", both.output()).typed()
}

/// exp(x) / sum(exp(x)) along `axis`, by default -1 (`tf.nn.softmax`); for another than the last dimension
/// the rank must be known.
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let logits = g.placeholder::<f32>((None, 10));
/// assert_eq!(nn::softmax(logits, -1).name(), "Softmax:0");
/// ```
#[track_caller]
pub fn softmax<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    axis: impl Into<OrDefault<i32>>,
) -> Tensor<'g, T> {
    // A variable is read outside of the scope, unlike for other activations.
    let logits = x.into_tensor(x.graph(), "logits");
    along(logits.any(), "Softmax", axis.into(), Location::caller()).typed()
}

/// The logarithm of [`softmax`] (`tf.nn.log_softmax`).
#[track_caller]
pub fn log_softmax<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    axis: impl Into<OrDefault<i32>>,
) -> Tensor<'g, T> {
    let logits = x.into_tensor(x.graph(), "logits");
    along(logits.any(), "LogSoftmax", axis.into(), Location::caller()).typed()
}

/// An op of the last dimension along another: the two are swapped before and after.
fn along<'g>(
    logits: AnyTensor<'g>,
    op: &'static str,
    OrDefault(axis): OrDefault<i32>,
    location: &'static Location<'static>,
) -> AnyTensor<'g> {
    let g = logits.graph();
    let n = Nodes(g);
    let axis = axis.unwrap_or(-1);
    let shape = logits.shape();
    let ndims = shape.rank().map(|rank| rank as i32);
    if axis == -1 || ndims.is_some_and(|ndims| axis == ndims - 1) {
        let name = g.requested_name(op);
        return g.called_from(location, || n.named(op, &name).input(logits).output());
    }
    let name = g.requested_name("transpose");
    let _call = g.open_call(location);
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
}

/// `x` times `weights` plus `biases` (`tf.nn.xw_plus_b`): matrices and a vector.
#[track_caller]
pub fn xw_plus_b<'g, T: Numeric>(
    x: impl TensorLike<'g, T>,
    weights: impl Operand<'g, T>,
    biases: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let args = [Arg::of(x), Arg::of(weights), Arg::of(biases)];
    let g = x.graph();
    let scope = g.open_function_scope("xw_plus_b");
    affine(g, &scope, args, T::DTYPE).typed()
}

/// [`relu`] of [`xw_plus_b`] (`tf.nn.relu_layer`).
#[track_caller]
pub fn relu_layer<'g, T: Float>(
    x: impl TensorLike<'g, T>,
    weights: impl Operand<'g, T>,
    biases: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let args = [Arg::of(x), Arg::of(weights), Arg::of(biases)];
    let (n, scope) = Nodes::in_scope(x.graph(), "relu_layer");
    let sum = affine(n.0, "BiasAdd", args, T::DTYPE);
    n.call(("Relu", &scope), [sum.into()]).typed()
}

fn affine<'g>(g: &'g GraphBuilder, name: &str, args: [Arg<'g>; 3], dtype: DType) -> AnyTensor<'g> {
    let n = Nodes(g);
    let [x, weights, biases] = args;
    let x = x.convert(g, "x", dtype);
    let weights = weights.convert(g, "weights", dtype);
    let biases = biases.convert(g, "biases", dtype);
    let product = n.matmul(x, weights);
    n.call(("BiasAdd", name), [product.into(), biases.into()])
}

/// The largest elements along the last dimension with their places.
#[derive(Debug, Clone, Copy)]
pub struct TopK<'g, T: TensorType> {
    /// The elements.
    pub values: Tensor<'g, T>,
    /// Where they are in the last dimension.
    pub indices: Tensor<'g, i32>,
}

/// Whether each target is among the `k` classes with the highest predictions (`tf.nn.in_top_k`).
#[track_caller]
pub fn in_top_k<'g, I: IndexType>(
    predictions: impl TensorLike<'g, f32>,
    targets: impl Operand<'g, I>,
    k: impl Operand<'g, I>,
) -> Tensor<'g, bool> {
    let g = predictions.graph();
    let named = g.is_named();
    let name = g.requested_name("in_top_k");
    // The scope is the name's, and so is the node's within it.
    let inner = if named { &*name } else { "InTopKV2" };
    let _scope = g.open_inner_scope(&name, Location::caller());
    let call = Nodes(g).named("InTopKV2", inner).arg(predictions);
    call.arg(targets).arg(k).typed()
}
