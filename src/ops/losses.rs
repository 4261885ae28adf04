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

use super::nn::{sigmoid_xent, softmax_xent, sparse_xent};
use super::nodes::{Arg, Nodes, Slice};
use super::{OrDefault, TensorLike};
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

or_default! {
    ['s] &'s str;
}

/// The losses whose names start with `scope`, by default all (`tf.losses.get_losses`).
pub fn get_losses<'g, 's>(
    g: &'g GraphBuilder,
    scope: impl Into<OrDefault<&'s str>>,
) -> Vec<AnyTensor<'g>> {
    collected(g, keys::LOSSES, scope.into())
}

/// The losses of regularizers whose names start with `scope`, by default all
/// (`tf.losses.get_regularization_losses`).
pub fn get_regularization_losses<'g, 's>(
    g: &'g GraphBuilder,
    scope: impl Into<OrDefault<&'s str>>,
) -> Vec<AnyTensor<'g>> {
    collected(g, keys::REGULARIZATION_LOSSES, scope.into())
}

fn collected<'g>(g: &'g GraphBuilder, key: &str, scope: OrDefault<&str>) -> Vec<AnyTensor<'g>> {
    let mut tensors = g.collected_tensors(key);
    if let Some(scope) = scope.0 {
        tensors.retain(|tensor| tensor.name().starts_with(scope));
    }
    tensors
}

/// The sum of the losses of regularizers, 0 if there are none (`tf.losses.get_regularization_loss`).
#[track_caller]
pub fn get_regularization_loss<'g, 's>(
    g: &'g GraphBuilder,
    scope: impl Into<OrDefault<&'s str>>,
) -> Tensor<'g, f32> {
    let losses = get_regularization_losses(g, scope);
    let name = g.requested_name("total_regularization_loss");
    let _call = g.open_call(Location::caller());
    let sum = match losses.is_empty() {
        true => g.constant_named("Const", 0f32.into_tensor_value()),
        false => sum_of(g, &name, losses),
    };
    sum.typed()
}

options! {
    /// The losses that [`get_total_loss`] adds.
    ///
    /// ```
    /// use tfhub::ops::losses::{self, TotalLossOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// losses::add_loss(g.constant(1.5f32));
    /// let total = losses::get_total_loss(&g, TotalLossOptions::default().add_regularization_losses(false));
    /// assert_eq!(total.name(), "total_loss:0");
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    TotalLossOptions {
        /// Whether the losses of regularizers are added; they are by default.
        add_regularization_losses: bool = true;
        /// The beginning of the names of the losses; all are added by default.
        scope: String = String::new(), &str => scope.to_owned();
    }
}

/// The sum of all losses (`tf.losses.get_total_loss`).
#[track_caller]
pub fn get_total_loss<'g>(
    g: &'g GraphBuilder,
    options: impl Into<TotalLossOptions>,
) -> Tensor<'g, f32> {
    let options = options.into();
    let mut losses = get_losses(g, &*options.scope);
    if options.add_regularization_losses {
        losses.extend(get_regularization_losses(g, &*options.scope));
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

/// Losses of two arguments that become float32; a name after the options is of the number that they have besides those
/// of all losses, or the argument before them.
macro_rules! losses {
    ($(
        $(#[$doc:meta])*
        $function:ident $name:literal ($predictions:ident $(, $arg:ident: $Arg:ty)?; $Options:ident $($number:ident)?)
            $compute:expr;
    )*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, L: Numeric, P: Numeric>(
            labels: impl Operand<'g, L>,
            $predictions: impl TensorLike<'g, P>,
            $($arg: $Arg,)?
            options: impl Into<$Options<'g>>,
        ) -> Tensor<'g, f32> {
            let g = $predictions.graph();
            let args = (Arg::of($predictions), Arg::of(labels));
            let options = options.into();
            $(let ($number, options) = (options.$number, options.of_all);)?
            loss(g, $name, args, &options, &|n, x, y| ($compute)(n, x, y $(, $arg)? $(, $number)?)).typed()
        }
    )*};
}

losses! {
    /// The absolute differences (`tf.losses.absolute_difference`).
    absolute_difference "absolute_difference" (predictions; LossOptions)
        |n: Nodes<'g>, predictions, labels| n.unary("Abs", n.binary("Sub", predictions, labels));
    /// The squares of the differences (`tf.losses.mean_squared_error`).
    mean_squared_error "mean_squared_error" (predictions; LossOptions)
        |n: Nodes<'g>, predictions, labels| n.binary("SquaredDifference", predictions, labels);
    /// The shortfall of logits from 1 on the side that the label, 0 or 1, says (`tf.losses.hinge_loss`).
    hinge_loss "hinge_loss" (logits; LossOptions)
        |n: Nodes<'g>, logits, labels: &Arg<'g>| {
            let ones = n.ones_like(labels);
            let doubled = n.mul(2.0, labels.clone().read_first(n.0));
            let signs = n.binary("Sub", doubled, ones);
            let product = n.binary("Mul", signs, logits);
            n.unary("Relu", n.binary("Sub", ones, product))
        };
    /// 1 minus the product of vectors along `axis`, which have length 1 (`tf.losses.cosine_distance`).
    cosine_distance "cosine_distance_loss" (predictions, axis: i32; LossOptions)
        |n: Nodes<'g>, predictions, labels, axis: i32| {
            let product = n.binary("Mul", predictions, labels);
            let sum = n.reduce_along(("Sum", "Sum"), product.into(), Some([axis].into()), true);
            n.sub(1.0, sum)
        };
    /// Half of the square of differences up to `delta`, and a linear function above (`tf.losses.huber_loss`).
    huber_loss "huber_loss" (predictions; HuberLossOptions delta)
        |n: Nodes<'g>, predictions, labels, delta: f64| {
            let error = n.unary("Abs", n.binary("Sub", predictions, labels));
            let quadratic = n.minimum(error, delta);
            let linear = n.binary("Sub", error, quadratic);
            let half = n.number("Const", DType::Float32, 0.5);
            let square = n.binary("Mul", quadratic, quadratic);
            let square = n.binary("Mul", half, square);
            let linear = n.binary("Mul", delta, linear);
            n.binary("Add", square, linear)
        };
    /// The cross entropy of probabilities (`tf.losses.log_loss`).
    log_loss "log_loss" (predictions; LogLossOptions epsilon)
        |n: Nodes<'g>, predictions: &Arg<'g>, labels: &Arg<'g>, epsilon: f64| {
            let positive = n.unary("Log", n.add(predictions.clone().read_first(n.0), epsilon));
            let positive = n.unary("Neg", n.binary("Mul", labels, positive));
            let complement = n.sub(1.0, labels.clone().read_first(n.0));
            let rest = n.sub(1.0, predictions.clone().read_first(n.0));
            let negative = n.unary("Log", n.add(rest, epsilon));
            let negative = n.binary("Mul", complement, negative);
            n.sub(positive, negative)
        };
}

/// One loss of two arguments that become float32.
#[track_caller]
fn loss<'g>(
    g: &'g GraphBuilder,
    name: &'static str,
    (predictions, labels): (Arg<'g>, Arg<'g>),
    options: &LossOptions<'g>,
    compute: &dyn Fn(Nodes<'g>, &Arg<'g>, &Arg<'g>) -> AnyTensor<'g>,
) -> AnyTensor<'g> {
    let scope = g.open_function_scope(name);
    let Some((predictions, labels)) = floats(g, predictions, labels) else {
        return AnyTensor::poison(g);
    };
    let losses = compute(Nodes(g), &predictions, &labels);
    weighted(g, &scope, &Arg::Tensor(losses), options)
}

/// The squares of differences between the differences of all pairs of elements of an example
/// (`tf.losses.mean_pairwise_squared_error`).
///
/// The reduction of the options has no effect.
#[track_caller]
pub fn mean_pairwise_squared_error<'g, L: Numeric, P: Numeric>(
    labels: impl Operand<'g, L>,
    predictions: impl TensorLike<'g, P>,
    options: impl Into<LossOptions<'g>>,
) -> Tensor<'g, f32> {
    let (n, _scope) = Nodes::in_scope(predictions.graph(), "mean_pairwise_squared_error");
    let (predictions, labels) = (Arg::of(predictions), Arg::of(labels));
    let options = options.into();
    let weights = n.cast_arg(&options.weights.0, DType::Float32);
    let labels = n.cast_arg(labels, DType::Float32);
    let Some(check) = assert_broadcastable(n.0, &weights, (&labels).into()) else {
        return AnyTensor::poison(n.0).typed();
    };
    let error = n.0.control_dependencies([check], || {
        let predictions = n.cast_arg(predictions, DType::Float32);
        if !fit(n.0, &predictions, &labels) {
            return AnyTensor::poison(n.0);
        }
        let diffs = n.binary("Sub", &predictions, &labels);
        let mean = pairwise(diffs, &weights);
        options.add(mean);
        mean
    });
    error.typed()
}

fn pairwise<'g>(diffs: AnyTensor<'g>, weights: &Arg<'g>) -> AnyTensor<'g> {
    let g = diffs.graph();
    let n = Nodes(g);
    let axes = n.range(1, n.rank(diffs));
    let sum = |x: AnyTensor<'g>| n.reduce_along(("Sum", "Sum"), x.into(), Some(axes.into()), true);
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
/// Label smoothing moves labels towards 0.5.
#[track_caller]
pub fn sigmoid_cross_entropy<'g, L: Numeric, T: Float>(
    multi_class_labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
    options: impl Into<CrossEntropyOptions<'g>>,
) -> Tensor<'g, T> {
    let compute = |n: Nodes<'g>, mut labels: Arg<'g>, logits: Arg<'g>, smoothing: f64| {
        if smoothing > 0.0 {
            let scaled = n.mul(labels.read_first(n.0), 1.0 - smoothing);
            labels = Arg::Tensor(n.add(scaled, 0.5 * smoothing));
        }
        sigmoid_xent(n.0, "xentropy", labels, logits, Location::caller())
    };
    let (name, options) = ("sigmoid_cross_entropy_loss", options.into());
    cross_entropy(name, multi_class_labels, logits, options, &compute)
}

/// The cross entropy of labels that are probabilities of classes along the last dimension
/// (`tf.losses.softmax_cross_entropy`).
///
/// Label smoothing moves labels towards equal probabilities.
#[track_caller]
pub fn softmax_cross_entropy<'g, L: Numeric, T: Float>(
    onehot_labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
    options: impl Into<CrossEntropyOptions<'g>>,
) -> Tensor<'g, T> {
    let compute = |n: Nodes<'g>, mut labels: Arg<'g>, logits: Arg<'g>, smoothing: f64| {
        if smoothing > 0.0 {
            let classes = n.index(n.shape(&labels), [Slice::at(-1)]);
            let classes = n.cast(classes, T::DTYPE);
            let negatives = n.truediv(smoothing, classes);
            let positives = n.mul(labels.read_first(n.0), 1.0 - smoothing);
            labels = Arg::Tensor(n.add(positives, negatives));
        }
        let labels = n.stop_gradient("labels_stop_gradient", labels).into();
        let here = Location::caller();
        softmax_xent(n.0, "xentropy", labels, logits, -1, here)
    };
    let (name, options) = ("softmax_cross_entropy_loss", options.into());
    cross_entropy(name, onehot_labels, logits, options, &compute)
}

/// A loss of logits, and of labels that become their dtype, of which with the label smoothing `compute` makes the losses
/// of the elements.
#[track_caller]
fn cross_entropy<'g, L: Numeric, T: Float>(
    name: &'static str,
    labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
    options: CrossEntropyOptions<'g>,
    compute: &dyn Fn(Nodes<'g>, Arg<'g>, Arg<'g>, f64) -> AnyTensor<'g>,
) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(logits.graph(), name);
    let logits = Arg::from(n.tensor(logits, "Const"));
    let labels = n.cast_arg(Arg::of(labels), T::DTYPE);
    if !fit(n.0, &logits, &labels) {
        return AnyTensor::poison(n.0).typed();
    }
    let losses = compute(n, labels, logits, options.label_smoothing);
    weighted(n.0, &scope, &Arg::Tensor(losses), &options.of_all).typed()
}

/// The cross entropy of labels that are numbers of classes (`tf.losses.sparse_softmax_cross_entropy`).
///
/// Labels and weights may have one dimension of size 1 too many; the ranks of all three must be known.
#[track_caller]
pub fn sparse_softmax_cross_entropy<'g, L: IndexType, T: Float>(
    labels: impl Operand<'g, L>,
    logits: impl TensorLike<'g, T>,
    options: impl Into<LossOptions<'g>>,
) -> Tensor<'g, T> {
    let (n, scope) = Nodes::in_scope(logits.graph(), "sparse_softmax_cross_entropy_loss");
    let options = options.into();
    let (labels, logits) = (Arg::of(labels), Arg::of(logits));
    let here = Location::caller();
    sparse_loss(n, &scope, [labels, logits], options, here).typed()
}

fn sparse_loss<'g>(
    n: Nodes<'g>,
    scope: &str,
    [labels, logits]: [Arg<'g>; 2],
    options: LossOptions<'g>,
    here: &'static Location<'static>,
) -> AnyTensor<'g> {
    let g = n.0;
    let Some((logits, labels)) = squeezed(n, logits, labels) else {
        return AnyTensor::poison(g);
    };
    let weights = Arg::from(&options.weights.0).convert(g, "Const", DType::Float32);
    if weights.is_poison() {
        return weights;
    }
    let weights = match (weights.shape().rank(), labels.shape().rank()) {
        (Some(of_weights), Some(of_labels)) => match of_weights == of_labels + 1 {
            true => n.squeeze(weights, &[-1]),
            false => weights,
        },
        (of_weights, _) => {
            let difference = n.sub(n.rank(weights), n.rank(labels));
            match of_weights {
                Some(0) => weights,
                _ => squeezed_if(n, weights, (1, difference)),
            }
        }
    };
    let options = LossOptions {
        weights: Weights(Arg::Tensor(weights)),
        ..options
    };
    let names = ("xentropy", "xentropy");
    let losses = sparse_xent(g, names, labels.into(), logits.into(), here);
    weighted(g, scope, &Arg::Tensor(losses), &options)
}

/// Logits, and labels without a last dimension of size 1 that logits lack.
fn squeezed<'g>(
    n: Nodes<'g>,
    logits: Arg<'g>,
    labels: Arg<'g>,
) -> Option<(AnyTensor<'g>, AnyTensor<'g>)> {
    let _scope = n.open_scope("remove_squeezable_dimensions");
    let logits = logits.convert(n.0, "Const", DType::Float32);
    let labels = labels.convert(n.0, "Const", DType::Int32);
    if logits.is_poison() || labels.is_poison() {
        return None;
    }
    let (Some(of_logits), Some(of_labels)) = (logits.shape().rank(), labels.shape().rank()) else {
        let difference = n.sub(n.rank(logits), n.rank(labels));
        let logits = squeezed_if(n, logits, (2, difference));
        return Some((logits, squeezed_if(n, labels, (0, difference))));
    };
    Some(match of_logits {
        rank if rank == of_labels + 2 => (n.squeeze(logits, &[-1]), labels),
        rank if rank == of_labels => (logits, n.squeeze(labels, &[-1])),
        _ => (logits, labels),
    })
}

/// A tensor without its last dimension, if that may be of size 1 and ranks differ by as many as expected when the graph
/// runs.
fn squeezed_if<'g>(
    n: Nodes<'g>,
    x: AnyTensor<'g>,
    (expected, difference): (i32, AnyTensor<'g>),
) -> AnyTensor<'g> {
    let shape = x.shape();
    let last = shape.dims().and_then(|dims| dims.last().copied());
    if last.flatten().is_some_and(|last| last != 1) {
        return x;
    }
    let differ = n.binary("Equal", expected, difference);
    n.0.cond(differ.typed(), || n.squeeze(x, &[-1]), || x)
}
