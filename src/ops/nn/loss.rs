//! Losses of logits against labels.

use std::panic::Location;

use super::Scalar;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Comparison, Nodes, Slice, outer, without_axis};
use crate::ops::types::{Float, IndexType, Numeric};
use crate::ops::{OrDefault, TensorLike};

type Here = &'static Location<'static>;

/// The cross entropy of labels that are probabilities of independent classes, for each element
/// (`tf.nn.sigmoid_cross_entropy_with_logits`).
#[track_caller]
pub fn sigmoid_cross_entropy_with_logits<'g, T: Float>(
    labels: impl Operand<'g, T>,
    logits: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let name = g.requested_name("logistic_loss");
    let (labels, logits) = (Arg::of(labels), Arg::of(logits));
    sigmoid_xent(g, &name, labels, logits, Location::caller()).typed()
}

pub(crate) fn sigmoid_xent<'g>(
    g: &'g GraphBuilder,
    name: &str,
    labels: Arg<'g>,
    logits: Arg<'g>,
    location: Here,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let scope = g.open_inner_scope(name, location);
    let logits = logits.convert(g, "logits", DType::Float32);
    let labels = labels.convert(g, "labels", logits.dtype());
    if !n.compatible("logits and labels", &logits.shape(), &labels.shape()) {
        return AnyTensor::poison(g);
    }
    let zeros = n.zeros_like(logits);
    let cond = n.binary("GreaterEqual", logits, zeros);
    let relu = n.select(cond, logits, zeros);
    let negative = n.unary("Neg", logits);
    let neg_abs = n.select(cond, negative, logits);
    let product = n.mul(logits, labels);
    let linear = n.sub(relu, product);
    let log = n.unary("Log1p", n.unary("Exp", neg_abs));
    n.call(("Add", &scope), [linear.into(), log.into()])
}

/// [`sigmoid_cross_entropy_with_logits`] in which the positive class counts `pos_weight` times as much
/// (`tf.nn.weighted_cross_entropy_with_logits`).
#[track_caller]
pub fn weighted_cross_entropy_with_logits<'g, T: Float>(
    labels: impl Operand<'g, T>,
    logits: impl TensorLike<'g, T>,
    pos_weight: impl Into<Scalar<'g, T>>,
) -> Tensor<'g, T> {
    let pos_weight = pos_weight.into().0;
    let (n, scope) = Nodes::in_scope(logits.graph(), "logistic_loss");
    let logits = n.tensor(logits, "logits");
    let labels = n.tensor(labels, "labels");
    if !n.compatible("logits and labels", &logits.shape(), &labels.shape()) {
        return AnyTensor::poison(n.0).typed();
    }
    let excess = match pos_weight {
        Arg::Number(weight) => Arg::Number(weight - 1.0),
        weight => n.sub(weight.read_first(n.0), 1.0).into(),
    };
    let weighted = n.mul(excess, labels);
    let log_weight = n.add(1.0, weighted);
    let complement = n.sub(1.0, labels);
    let linear = n.mul(complement, logits);
    let negative = n.unary("Neg", n.unary("Abs", logits));
    let log = n.unary("Log1p", n.unary("Exp", negative));
    let relu = n.unary("Relu", n.unary("Neg", logits));
    let log = n.add(log, relu);
    let log = n.mul(log_weight, log);
    n.call(("Add", &scope), [linear.into(), log.into()]).typed()
}

/// The loss of targets that are counts, of which `log_input` predicts the logarithm of the mean
/// (`tf.nn.log_poisson_loss`); with `compute_full_loss`, Stirling's approximation of the constant part is added.
#[track_caller]
pub fn log_poisson_loss<'g, T: Float>(
    targets: impl Operand<'g, T>,
    log_input: impl TensorLike<'g, T>,
    compute_full_loss: impl Into<OrDefault<bool>>,
) -> Tensor<'g, T> {
    let full = compute_full_loss.into().0.unwrap_or(false);
    let (n, _scope) = Nodes::in_scope(log_input.graph(), "log_poisson_loss");
    let log_input = n.tensor(log_input, "log_input");
    let targets = n.tensor(targets, "targets");
    if !n.compatible(
        "log_input and targets",
        &log_input.shape(),
        &targets.shape(),
    ) {
        return AnyTensor::poison(n.0).typed();
    }
    let exp = n.unary("Exp", log_input);
    let product = n.mul(log_input, targets);
    let result = n.sub(exp, product);
    if !full {
        return result.typed();
    }
    let half = n.number("Const", targets.dtype(), 0.5);
    let two_pi = n.number("Const", targets.dtype(), std::f64::consts::TAU);
    let log = n.unary("Log", targets);
    let first = n.mul(targets, log);
    let first = n.sub(first, targets);
    let scaled = n.mul(two_pi, targets);
    let second = n.mul(half, n.unary("Log", scaled));
    let stirling = n.add(first, second);
    let zeros = n.zeros_like(targets);
    let ones = n.ones_like(targets);
    let above = n.binary("GreaterEqual", targets, zeros);
    let below = n.binary("LessEqual", targets, ones);
    let cond = n.binary("LogicalAnd", above, below);
    let extra = n.select(cond, zeros, stirling);
    n.add(result, extra).typed()
}

/// The cross entropy of labels that are probabilities of classes along `axis`, by default -1, which goes away
/// (`tf.nn.softmax_cross_entropy_with_logits_v2`).
#[track_caller]
pub fn softmax_cross_entropy_with_logits_v2<'g, T: Float, L: Numeric>(
    labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
    axis: impl Into<OrDefault<i32>>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let axis = axis.into().0.unwrap_or(-1);
    let name = g.requested_name("softmax_cross_entropy_with_logits");
    let (labels, logits) = (Arg::of(labels), Arg::of(logits));
    softmax_xent(g, &name, labels, logits, axis, Location::caller()).typed()
}

/// [`softmax_cross_entropy_with_logits_v2`] through whose labels no gradient flows
/// (`tf.nn.softmax_cross_entropy_with_logits`).
#[track_caller]
pub fn softmax_cross_entropy_with_logits<'g, T: Float, L: Numeric>(
    labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let n = Nodes(g);
    let name = g.requested_name("softmax_cross_entropy_with_logits_sg");
    let here = Location::caller();
    let scope = g.open_inner_scope(&name, here);
    let labels = n.stop_gradient("labels_stop_gradient", Arg::of(labels));
    // Python gives the second scope the name of the first, which ends in a slash.
    softmax_xent(g, &scope, labels.into(), Arg::of(logits), -1, here).typed()
}

pub(crate) fn softmax_xent<'g>(
    g: &'g GraphBuilder,
    name: &str,
    labels: Arg<'g>,
    logits: Arg<'g>,
    axis: i32,
    location: Here,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let scope = g.open_inner_scope(name, location);
    let logits = logits.convert(g, "logits", DType::Float32);
    let labels = labels.convert(g, "labels", logits.dtype());
    if logits.is_poison() || labels.is_poison() {
        return AnyTensor::poison(g);
    }
    let dtype = logits.dtype();
    let half = matches!(dtype, DType::Float16 | DType::BFloat16);
    let precise = if half { DType::Float32 } else { dtype };
    let mut precise = n.cast(logits, precise);
    let mut labels = n.cast(labels, precise.dtype());
    let input_rank = n.rank(precise);
    if axis != -1 {
        let to_end = |x| {
            let before = n.range(0, axis);
            let after = n.range(axis + 1, input_rank);
            let order = vec![before.into(), after.into(), [axis].into()];
            n.transpose(x, n.concat(order, 0))
        };
        precise = to_end(precise);
        labels = to_end(labels);
    }
    let input_shape = n.shape(precise);
    let precise = flatten_outer(precise);
    let labels = flatten_outer(labels);
    let cost = n
        .named("SoftmaxCrossEntropyWithLogits", &scope)
        .input(precise);
    let cost = cost.input(labels).output();
    let size = n.binary("Sub", input_rank, 1);
    let output_shape = n.slice(input_shape, [0], Arg::List(vec![size.into()]));
    let cost = n.reshape(cost, output_shape);
    let logits_shape = logits.shape();
    match without_axis(&logits_shape, axis) {
        Some(shape) => cost.set_shape(shape),
        None if logits_shape.rank().is_none() => {}
        None => {
            let message = format!("axis {axis} is none of logits of shape {logits_shape}");
            return n.fault(Rule::Shape, message);
        }
    }
    n.cast(cost, dtype)
}

/// A matrix of all vectors along the last dimension.
fn flatten_outer(logits: AnyTensor<'_>) -> AnyTensor<'_> {
    let g = logits.graph();
    let n = Nodes(g);
    let count = n.rank(logits);
    let dims = n.shape(logits);
    let last = n.binary("Sub", count, 1);
    let last = n.slice(dims, Arg::List(vec![last.into()]), [1]);
    let dims = n.concat(vec![[-1].into(), last.into()], 0);
    let output = n.reshape(logits, dims);
    let shape = logits.shape();
    if let Some((last, first)) = shape.dims().and_then(<[_]>::split_last) {
        let rows: Option<Vec<usize>> = first.iter().copied().collect();
        if let Some(rows) = rows {
            output.set_shape((rows.iter().product::<usize>(), *last));
        }
    }
    output
}

/// The cross entropy of labels that are numbers of classes (`tf.nn.sparse_softmax_cross_entropy_with_logits`): the
/// logits have one dimension more than the labels, for the classes.
#[track_caller]
pub fn sparse_softmax_cross_entropy_with_logits<'g, T: Float, L: IndexType>(
    labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let default = "SparseSoftmaxCrossEntropyWithLogits";
    let named = g.is_named();
    let name = g.requested_name(default);
    // The scope is the name's, and so is the node's within it.
    let inner = if named { &*name } else { default };
    let (labels, logits) = (Arg::of(labels), Arg::of(logits));
    sparse_xent(g, (&name, inner), labels, logits, Location::caller()).typed()
}

pub(crate) fn sparse_xent<'g>(
    g: &'g GraphBuilder,
    (name, inner): (&str, &str),
    labels: Arg<'g>,
    logits: Arg<'g>,
    location: Here,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let _scope = g.open_inner_scope(name, location);
    let labels = labels.convert(g, "Const", DType::Int32);
    let logits = logits.convert(g, "Const", DType::Float32);
    if logits.is_poison() || labels.is_poison() {
        return AnyTensor::poison(g);
    }
    let half = logits.dtype() == DType::Float16;
    let precise = if half {
        n.cast(logits, DType::Float32)
    } else {
        logits
    };
    let labels_shape = n.shape(labels);
    let (found, expected) = (labels.shape(), outer(&logits.shape()));
    let known = found.is_static() && expected.is_static();
    let rank_of_logits = logits.shape().rank();
    let ranks = (found.rank(), rank_of_logits);
    let wrong = match ranks {
        (_, Some(0)) => true,
        (Some(labels), Some(logits)) => labels + 1 != logits,
        _ => false,
    };
    if wrong || known && found != expected {
        let message = format!(
            "expected labels of the shape of the logits without the last dimension, found {found} and {}",
            logits.shape()
        );
        return n.fault(Rule::Shape, message);
    }
    let op = "SparseSoftmaxCrossEntropyWithLogits";
    if rank_of_logits == Some(2) {
        let cost = n.named(op, inner).input(precise);
        return n.cast(cost.input(labels).output(), logits.dtype());
    }
    let mut checks = Vec::new();
    if !known {
        let labels_shape = n.shape(labels);
        let expected = n.index(n.shape(logits), [Slice::to(-1)]);
        checks.push(n.assert_compared(
            Comparison::EQUAL.name,
            Comparison::EQUAL,
            (labels_shape.into(), expected.into()),
            ().into(),
        ));
    }
    g.control_dependencies(checks, || {
        let dims = n.shape(logits);
        let last = n.sub(n.rank(logits), 1);
        let classes = n.index(dims, [Slice::at(last)]);
        let rows = Arg::List(vec![Arg::from(-1), classes.into()]);
        let precise = n.reshape(precise, rows);
        let labels = n.reshape(labels, [-1]);
        let cost = n.named(op, inner).input(precise);
        let cost = cost.input(labels).output();
        let cost = n.reshape(cost, labels_shape);
        cost.set_shape(&found);
        n.cast(cost, logits.dtype())
    })
}

/// The sum of a loss on weights, divided by the number of replicas, which is one (`tf.nn.scale_regularization_loss`).
#[track_caller]
pub fn scale_regularization_loss<'g, T: Float>(
    regularization_loss: impl TensorLike<'g, T>,
) -> Tensor<'g, T> {
    let g = regularization_loss.graph();
    let n = Nodes(g);
    let _call = g.open_call(Location::caller());
    let loss = regularization_loss.into_tensor(g, "input_tensor").any();
    let sum = n.sum_all(loss);
    let ratio = n.named("RealDiv", "truediv").input(sum);
    ratio.input(1.0).typed()
}
