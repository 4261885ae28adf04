//! Losses that are kept in a collection of the graph (`tf.losses`).
//!
//! Each function computes the losses of the elements, weights and reduces them, and adds the result to the collection
//! [`keys::LOSSES`]. Weights need the rank of the values, of which each dimension is the values' or 1, or none.
//! Python makes conditionals where ranks are not known, or where shapes of weights that are no scalars are not; here
//! that is a fault.

mod weights;

pub use weights::*;
use weights::{assert_broadcastable, num_present, weighted};

use std::panic::Location;

use super::TensorLike;
use super::nn::{sigmoid_xent, softmax_xent, sparse_xent};
use super::nodes::{Arg, Nodes, Slice};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor, keys};
use crate::ops::types::{Float, IndexType, Numeric};
use crate::value::IntoTensorValue;

/// Adds a loss to [`keys::LOSSES`] (`tf.losses.add_loss`).
#[track_caller]
pub fn add_loss<T: TensorType>(loss: Tensor<'_, T>) {
    loss.graph().add_to_collection(keys::LOSSES, loss);
}

/// The losses whose names start with `scope`, all if it is empty (`tf.losses.get_losses`).
pub fn get_losses<'g>(g: &'g GraphBuilder, scope: &str) -> Vec<AnyTensor<'g>> {
    collected(g, keys::LOSSES, scope)
}

/// The losses of regularizers whose names start with `scope`, all if it is empty
/// (`tf.losses.get_regularization_losses`).
pub fn get_regularization_losses<'g>(g: &'g GraphBuilder, scope: &str) -> Vec<AnyTensor<'g>> {
    collected(g, keys::REGULARIZATION_LOSSES, scope)
}

fn collected<'g>(g: &'g GraphBuilder, key: &str, scope: &str) -> Vec<AnyTensor<'g>> {
    let tensors = g.collected_tensors(key).into_iter();
    tensors
        .filter(|tensor| tensor.name().starts_with(scope))
        .collect()
}

/// The sum of the losses of regularizers, 0 if there are none (`tf.losses.get_regularization_loss`).
#[track_caller]
pub fn get_regularization_loss<'g>(g: &'g GraphBuilder, scope: &str) -> Tensor<'g, f32> {
    let losses = get_regularization_losses(g, scope);
    let name = g.requested_name("total_regularization_loss");
    g.called_from(Location::caller(), || {
        let sum = match losses.is_empty() {
            true => g.constant_named("Const", 0f32.into_tensor_value()),
            false => sum_of(g, &name, losses),
        };
        sum.typed()
    })
}

/// The sum of all losses, with those of regularizers if `add_regularization_losses` (`tf.losses.get_total_loss`).
#[track_caller]
pub fn get_total_loss<'g>(
    g: &'g GraphBuilder,
    add_regularization_losses: bool,
    scope: &str,
) -> Tensor<'g, f32> {
    let mut losses = get_losses(g, scope);
    if add_regularization_losses {
        losses.extend(get_regularization_losses(g, scope));
    }
    let name = g.requested_name("total_loss");
    g.called_from(Location::caller(), || sum_of(g, &name, losses).typed())
}

fn sum_of<'g>(g: &'g GraphBuilder, name: &str, losses: Vec<AnyTensor<'g>>) -> AnyTensor<'g> {
    let n = Nodes(g);
    let node = match losses[..] {
        [] => return n.fault(Rule::Value, "there are no losses to add"),
        [only] => g.op("Identity").input(only),
        _ => g.op("AddN").inputs(losses),
    };
    node.name(name).output()
}

/// The two arguments of a loss as float32, if their shapes are compatible.
fn floats<'g>(
    g: &'g GraphBuilder,
    predictions: Arg<'g>,
    labels: Arg<'g>,
) -> Option<(Arg<'g>, Arg<'g>)> {
    let n = Nodes(g);
    let predictions = n.cast_arg(predictions, DType::Float32);
    let labels = n.cast_arg(labels, DType::Float32);
    fit(g, &predictions, &labels).then_some((predictions, labels))
}

fn fit<'g>(g: &'g GraphBuilder, predictions: &Arg<'g>, labels: &Arg<'g>) -> bool {
    let n = Nodes(g);
    let (predictions, labels) = (predictions.shape(), labels.shape());
    n.compatible("predictions and labels", &predictions, &labels)
}

macro_rules! losses {
    ($($(#[$doc:meta])* $function:ident $with:ident $name:literal $predictions:ident $compute:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, L: Numeric, P: Numeric>(
            labels: impl Operand<'g, L> + 'g,
            $predictions: impl TensorLike<'g, P> + 'g,
        ) -> Tensor<'g, f32> {
            $with(labels, $predictions, LossOptions::default())
        }

        #[doc = concat!("[`", stringify!($function), "`] with options.")]
        #[track_caller]
        pub fn $with<'g, L: Numeric, P: Numeric>(
            labels: impl Operand<'g, L> + 'g,
            $predictions: impl TensorLike<'g, P> + 'g,
            options: LossOptions<'g>,
        ) -> Tensor<'g, f32> {
            let g = $predictions.graph();
            let args = (Arg::of($predictions), Arg::of(labels));
            loss(g, $name, args, &options, $compute).typed()
        }
    )*};
}

losses! {
    /// The absolute differences (`tf.losses.absolute_difference`).
    absolute_difference absolute_difference_with "absolute_difference" predictions
        |n, predictions, labels| n.unary("Abs", n.binary("Sub", predictions, labels));
    /// The squares of the differences (`tf.losses.mean_squared_error`).
    mean_squared_error mean_squared_error_with "mean_squared_error" predictions
        |n, predictions, labels| n.binary("SquaredDifference", predictions, labels);
    /// What logits lack to be at least 1 on the side that the label, 0 or 1, says (`tf.losses.hinge_loss`).
    hinge_loss hinge_loss_with "hinge_loss" logits
        |n, logits, labels| {
            let ones = n.ones_like(labels);
            let doubled = n.mul(2.0, labels.clone().read_first(n.0));
            let signs = n.binary("Sub", doubled, ones);
            let product = n.binary("Mul", signs, logits);
            n.unary("Relu", n.binary("Sub", ones, product))
        };
}

/// One loss of two arguments that become float32.
#[track_caller]
fn loss<'g>(
    g: &'g GraphBuilder,
    name: &'static str,
    (predictions, labels): (Arg<'g>, Arg<'g>),
    options: &LossOptions<'g>,
    compute: impl FnOnce(Nodes<'g>, &Arg<'g>, &Arg<'g>) -> AnyTensor<'g>,
) -> AnyTensor<'g> {
    g.function_scope(name, Location::caller(), |scope| {
        let Some((predictions, labels)) = floats(g, predictions, labels) else {
            return AnyTensor::poison(g);
        };
        let losses = compute(Nodes(g), &predictions, &labels);
        weighted(g, scope, &Arg::Tensor(losses), options)
    })
}

/// 1 minus the product of vectors along `axis`, which have length 1 (`tf.losses.cosine_distance`).
#[track_caller]
pub fn cosine_distance<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    axis: i32,
) -> Tensor<'g, f32> {
    cosine_distance_with(labels, predictions, axis, LossOptions::default())
}

/// [`cosine_distance`] with options.
#[track_caller]
pub fn cosine_distance_with<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    axis: i32,
    options: LossOptions<'g>,
) -> Tensor<'g, f32> {
    let g = predictions.graph();
    let args = (Arg::of(predictions), Arg::of(labels));
    let distance = loss(
        g,
        "cosine_distance_loss",
        args,
        &options,
        |n, predictions, labels| {
            let product = n.binary("Mul", predictions, labels);
            let sum = n.reduce_along(("Sum", "Sum"), product, Some(Arg::from([axis])), true);
            n.sub(1.0, sum)
        },
    );
    distance.typed()
}

/// Half of the square of differences up to `delta`, and a linear function above (`tf.losses.huber_loss`); Python's
/// default for `delta` is 1.
#[track_caller]
pub fn huber_loss<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    delta: f64,
) -> Tensor<'g, f32> {
    huber_loss_with(labels, predictions, delta, LossOptions::default())
}

/// [`huber_loss`] with options.
#[track_caller]
pub fn huber_loss_with<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    delta: f64,
    options: LossOptions<'g>,
) -> Tensor<'g, f32> {
    let g = predictions.graph();
    let args = (Arg::of(predictions), Arg::of(labels));
    let huber = loss(g, "huber_loss", args, &options, |n, predictions, labels| {
        let error = n.unary("Abs", n.binary("Sub", predictions, labels));
        let quadratic = n.minimum(error, delta);
        let linear = n.binary("Sub", error, quadratic);
        let half = n.number("Const", DType::Float32, 0.5);
        let square = n.binary("Mul", quadratic, quadratic);
        let square = n.binary("Mul", half, square);
        let linear = n.binary("Mul", delta, linear);
        n.binary("Add", square, linear)
    });
    huber.typed()
}

/// The cross entropy of probabilities (`tf.losses.log_loss`); Python's default for `epsilon`, which keeps the
/// logarithm finite, is 1e-7.
#[track_caller]
pub fn log_loss<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    epsilon: f64,
) -> Tensor<'g, f32> {
    log_loss_with(labels, predictions, epsilon, LossOptions::default())
}

/// [`log_loss`] with options.
#[track_caller]
pub fn log_loss_with<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    epsilon: f64,
    options: LossOptions<'g>,
) -> Tensor<'g, f32> {
    let g = predictions.graph();
    let args = (Arg::of(predictions), Arg::of(labels));
    let log_loss = loss(g, "log_loss", args, &options, |n, predictions, labels| {
        let positive = n.unary("Log", n.add(predictions.clone().read_first(n.0), epsilon));
        let positive = n.unary("Neg", n.binary("Mul", labels, positive));
        let complement = n.sub(1.0, labels.clone().read_first(n.0));
        let rest = n.sub(1.0, predictions.clone().read_first(n.0));
        let negative = n.unary("Log", n.add(rest, epsilon));
        let negative = n.binary("Mul", complement, negative);
        n.sub(positive, negative)
    });
    log_loss.typed()
}

/// The squares of differences between the differences of all pairs of elements of an example
/// (`tf.losses.mean_pairwise_squared_error`).
#[track_caller]
pub fn mean_pairwise_squared_error<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
) -> Tensor<'g, f32> {
    mean_pairwise_squared_error_with(labels, predictions, LossOptions::default())
}

/// [`mean_pairwise_squared_error`] with options, of which the reduction has no effect.
#[track_caller]
pub fn mean_pairwise_squared_error_with<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L> + 'g,
    predictions: impl TensorLike<'g, P> + 'g,
    options: LossOptions<'g>,
) -> Tensor<'g, f32> {
    let g = predictions.graph();
    let n = Nodes(g);
    let (predictions, labels) = (Arg::of(predictions), Arg::of(labels));
    let error = g.function_scope("mean_pairwise_squared_error", Location::caller(), |_| {
        let weights = n.cast_arg(&options.weights.0, DType::Float32);
        let labels = n.cast_arg(labels, DType::Float32);
        let Some(check) = assert_broadcastable(g, &weights, (&labels).into()) else {
            return AnyTensor::poison(g);
        };
        g.control_dependencies([check], || {
            let predictions = n.cast_arg(predictions, DType::Float32);
            if !fit(g, &predictions, &labels) {
                return AnyTensor::poison(g);
            }
            let diffs = n.binary("Sub", &predictions, &labels);
            let mean = pairwise(diffs, &weights);
            options.add(mean);
            mean
        })
    });
    error.typed()
}

fn pairwise<'g>(diffs: AnyTensor<'g>, weights: &Arg<'g>) -> AnyTensor<'g> {
    let g = diffs.graph();
    let n = Nodes(g);
    let axes = n.range(1, n.rank(diffs));
    let sum = |x| n.reduce_along(("Sum", "Sum"), x, Some(axes.into()), true);
    let ratio = |x: AnyTensor<'g>, count: AnyTensor<'g>| {
        let count = n.maximum(count, 0.0);
        let ratio = n.call(("DivNoNan", "value"), [x.into(), count.into()]);
        n.mul(2.0, ratio)
    };
    let squares = sum(n.unary("Square", diffs));
    let present = num_present(diffs, weights, true);
    let others = n.sub(present, 1.0);
    let first = ratio(squares, others);
    let total = sum(diffs);
    let total = n.unary("Square", total);
    let others = n.sub(present, 1.0);
    let pairs = n.binary("Mul", present, others);
    let second = ratio(total, pairs);
    let difference = n.sub(first, second);
    let weighted = n.binary("Mul", difference, weights);
    let loss = n.sum_all(weighted);
    let any = n.binary("Greater", n.sum_all(present), 0.0);
    let none = n.zeros_like(loss);
    n.call(("Select", "value"), [any.into(), loss.into(), none.into()])
}

/// The cross entropy of labels that are probabilities of independent classes (`tf.losses.sigmoid_cross_entropy`).
///
/// `label_smoothing` moves labels towards 0.5; 0 leaves them.
#[track_caller]
pub fn sigmoid_cross_entropy<'g, L: Numeric, T: Float>(
    multi_class_labels: impl Operand<'g, L> + 'g,
    logits: impl TensorLike<'g, T>,
    label_smoothing: f64,
    options: LossOptions<'g>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let n = Nodes(g);
    let labels = Arg::of(multi_class_labels);
    let loss = g.function_scope("sigmoid_cross_entropy_loss", Location::caller(), |scope| {
        let Some((logits, mut labels)) = logits_and_labels(logits, labels) else {
            return AnyTensor::poison(g);
        };
        if label_smoothing > 0.0 {
            let scaled = n.mul(labels.clone().read_first(g), 1.0 - label_smoothing);
            labels = Arg::Tensor(n.add(scaled, 0.5 * label_smoothing));
        }
        let (logits, labels) = (Arg::from(logits), Arg::from(&labels));
        let losses = sigmoid_xent(g, "xentropy", labels, logits, Location::caller());
        weighted(g, scope, &Arg::Tensor(losses), &options)
    });
    loss.typed()
}

fn logits_and_labels<'g, T: Float>(
    logits: impl TensorLike<'g, T>,
    labels: Arg<'g>,
) -> Option<(AnyTensor<'g>, Arg<'g>)> {
    let g = logits.graph();
    let n = Nodes(g);
    let logits = logits.into_tensor(g, "Const").any();
    let labels = n.cast_arg(labels, T::DTYPE);
    fit(g, &Arg::Tensor(logits), &labels).then_some((logits, labels))
}

/// The cross entropy of labels that are probabilities of classes along the last dimension
/// (`tf.losses.softmax_cross_entropy`).
///
/// `label_smoothing` moves labels towards equal probabilities; 0 leaves them.
#[track_caller]
pub fn softmax_cross_entropy<'g, L: Numeric, T: Float>(
    onehot_labels: impl Operand<'g, L> + 'g,
    logits: impl TensorLike<'g, T>,
    label_smoothing: f64,
    options: LossOptions<'g>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let n = Nodes(g);
    let labels = Arg::of(onehot_labels);
    let loss = g.function_scope("softmax_cross_entropy_loss", Location::caller(), |scope| {
        let Some((logits, mut labels)) = logits_and_labels(logits, labels) else {
            return AnyTensor::poison(g);
        };
        if label_smoothing > 0.0 {
            let classes = n.index(n.shape(&labels), [Slice::at(-1)]);
            let classes = n.cast(classes, T::DTYPE);
            let negatives = n.truediv(label_smoothing, classes);
            let positives = n.mul(labels.clone().read_first(g), 1.0 - label_smoothing);
            labels = Arg::Tensor(n.add(positives, negatives));
        }
        let labels = n.stop_gradient("labels_stop_gradient", &labels);
        let (logits, labels) = (Arg::from(logits), Arg::from(labels));
        let losses = softmax_xent(g, "xentropy", labels, logits, -1, Location::caller());
        weighted(g, scope, &Arg::Tensor(losses), &options)
    });
    loss.typed()
}

/// The cross entropy of labels that are numbers of classes (`tf.losses.sparse_softmax_cross_entropy`).
///
/// Labels and weights may have one dimension of size 1 too many; the ranks of all three must be known.
#[track_caller]
pub fn sparse_softmax_cross_entropy<'g, L: IndexType, T: Float>(
    labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
    options: LossOptions<'g>,
) -> Tensor<'g, T> {
    let g = logits.graph();
    let n = Nodes(g);
    let here = Location::caller();
    let loss = g.function_scope("sparse_softmax_cross_entropy_loss", here, |scope| {
        let squeezed = g.inner_scope("remove_squeezable_dimensions", here, |_| {
            let logits = logits.into_tensor(g, "Const").any();
            let labels = labels.into_tensor(g, "Const").any();
            if logits.is_poison() || labels.is_poison() {
                return None;
            }
            let ranks = (logits.shape().rank(), labels.shape().rank());
            let (Some(of_logits), Some(of_labels)) = ranks else {
                let message = "ranks must be known, since conditionals are not supported";
                n.fault(Rule::Shape, message);
                return None;
            };
            Some(match of_logits {
                rank if rank == of_labels + 2 => (n.squeeze(logits, [-1]), labels),
                rank if rank == of_labels => (logits, n.squeeze(labels, [-1])),
                _ => (logits, labels),
            })
        });
        let Some((logits, labels)) = squeezed else {
            return AnyTensor::poison(g);
        };
        let weights = Arg::from(&options.weights.0).convert(g, "Const", DType::Float32);
        if weights.is_poison() {
            return weights;
        }
        let Some(of_weights) = weights.shape().rank() else {
            let message = "the rank of weights must be known, since conditionals are not supported";
            return n.fault(Rule::Shape, message);
        };
        let weights = match labels.shape().rank() {
            Some(of_labels) if of_weights == of_labels + 1 => n.squeeze(weights, [-1]),
            _ => weights,
        };
        let options = LossOptions {
            weights: Weights(Arg::Tensor(weights)),
            ..options
        };
        let names = ("xentropy", "xentropy");
        let losses = sparse_xent(g, names, labels.into(), logits.into(), here);
        weighted(g, scope, &Arg::Tensor(losses), &options)
    });
    loss.typed()
}
