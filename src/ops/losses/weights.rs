//! How losses are weighted and reduced.

use std::panic::Location;

use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation, Tensor, keys};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::sets;
use crate::ops::types::Numeric;
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// How the losses of the elements become one (`tf.losses.Reduction`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reduction {
    /// Not at all: the weighted losses themselves.
    None,
    /// Their sum.
    Sum,
    /// Their sum divided by their number.
    SumOverBatchSize,
    /// Their sum divided by the sum of the weights.
    Mean,
    /// Their sum divided by the number of weights that are not 0.
    #[default]
    SumByNonzeroWeights,
}

/// How much elements count: a float32 value, a tensor or a variable.
#[derive(Debug, Clone)]
pub struct Weights<'g>(pub(super) Arg<'g>);

impl<V: IntoTensorValue> From<V> for Weights<'_> {
    fn from(value: V) -> Self {
        Weights(Arg::Value(value.into_tensor_value()))
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Weights<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        Weights(Arg::Tensor(tensor.any()))
    }
}

impl<'g> Weights<'g> {
    /// Weights that are read each time that a node takes them.
    pub(crate) fn of<T: Element>(weights: impl TensorLike<'g, T>) -> Self {
        Weights(Arg::of(weights))
    }
}

/// The weights, the reduction and the collection that losses have in common.
///
/// ```
/// use tfhub::ops::losses::{self, LossOptions, Reduction};
/// # let g = tfhub::GraphBuilder::new();
/// let labels = g.placeholder::<f32>((None, 3));
/// let predictions = g.placeholder::<f32>((None, 3));
/// let options = LossOptions::default().weights(0.5f32).reduction(Reduction::Sum);
/// let loss = losses::mean_squared_error(labels, predictions, options);
/// assert_eq!(loss.shape().to_string(), "[]");
/// assert_eq!(losses::get_losses(&g, ()).len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct LossOptions<'g> {
    pub(super) weights: Weights<'g>,
    pub(super) loss_collection: Option<String>,
    pub(super) reduction: Reduction,
}

impl Default for LossOptions<'_> {
    fn default() -> Self {
        LossOptions {
            weights: 1.0f32.into(),
            loss_collection: Some(keys::LOSSES.to_owned()),
            reduction: Reduction::default(),
        }
    }
}

defaults!(LossOptions<'g>);

setters! {
    impl['g] LossOptions<'g> {
        /// How much elements count; 1 by default.
        weights: impl Into<Weights<'g>> => weights.into();
        /// The collection that the loss is added to, if any; [`keys::LOSSES`] by default.
        loss_collection: Option<&str> => loss_collection.map(str::to_owned);
        /// How the losses become one; [`Reduction::SumByNonzeroWeights`] by default.
        reduction: Reduction;
    }
}

impl<'g> LossOptions<'g> {
    pub(super) fn add(&self, loss: AnyTensor<'g>) {
        if let Some(collection) = &self.loss_collection {
            loss.graph().add_to_collection(collection, loss);
        }
    }
}

/// Options with a number of their own besides those of all losses.
macro_rules! loss_options {
    ($($(#[$doc:meta])* $options:ident { $(#[$about:meta])* $number:ident = $default:literal })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $options<'g> {
            pub(super) $number: f64,
            pub(super) of_all: LossOptions<'g>,
        }

        impl Default for $options<'_> {
            fn default() -> Self {
                LossOptions::default().into()
            }
        }

        defaults!($options<'g>);

        impl<'g> From<LossOptions<'g>> for $options<'g> {
            fn from(of_all: LossOptions<'g>) -> Self {
                $options { $number: $default, of_all }
            }
        }

        impl<'g> $options<'g> {
            $(#[$about])*
            pub fn $number(mut self, $number: f64) -> Self {
                self.$number = $number;
                self
            }

            /// How much elements count; 1 by default.
            pub fn weights(mut self, weights: impl Into<Weights<'g>>) -> Self {
                self.of_all = self.of_all.weights(weights);
                self
            }

            /// The collection that the loss is added to, if any; [`keys::LOSSES`] by default.
            pub fn loss_collection(mut self, loss_collection: Option<&str>) -> Self {
                self.of_all = self.of_all.loss_collection(loss_collection);
                self
            }

            /// How the losses become one; [`Reduction::SumByNonzeroWeights`] by default.
            pub fn reduction(mut self, reduction: Reduction) -> Self {
                self.of_all = self.of_all.reduction(reduction);
                self
            }
        }
    )+};
}

loss_options! {
    /// The options of [`huber_loss`](super::huber_loss); those of all losses are made into them.
    ///
    /// ```
    /// use tfhub::ops::losses::{self, HuberLossOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (y, x) = (g.placeholder::<f32>((None, 3)), g.placeholder::<f32>((None, 3)));
    /// let loss = losses::huber_loss(y, x, HuberLossOptions::default().delta(0.5));
    /// assert_eq!(loss.shape().to_string(), "[]");
    /// ```
    HuberLossOptions {
        /// The difference from which on the loss is linear; 1 by default.
        delta = 1.0
    }
    /// The options of [`log_loss`](super::log_loss); those of all losses are made into them.
    ///
    /// ```
    /// use tfhub::ops::losses::{self, LogLossOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (y, x) = (g.placeholder::<f32>((None, 3)), g.placeholder::<f32>((None, 3)));
    /// let loss = losses::log_loss(y, x, LogLossOptions::default().epsilon(0.01));
    /// assert_eq!(loss.shape().to_string(), "[]");
    /// ```
    LogLossOptions {
        /// The number that keeps the logarithm finite; 1e-7 by default.
        epsilon = 1e-7
    }
    /// The options of [`sigmoid_cross_entropy`](super::sigmoid_cross_entropy) and
    /// [`softmax_cross_entropy`](super::softmax_cross_entropy); those of all losses are made into them.
    ///
    /// ```
    /// use tfhub::ops::losses::{self, CrossEntropyOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (y, x) = (g.placeholder::<f32>((None, 3)), g.placeholder::<f32>((None, 3)));
    /// let loss = losses::softmax_cross_entropy(y, x, CrossEntropyOptions::default().label_smoothing(0.1));
    /// assert_eq!(loss.shape().to_string(), "[]");
    /// ```
    CrossEntropyOptions {
        /// How far labels are moved towards equal probabilities, from 0 to 1; 0 by default.
        label_smoothing = 0.0
    }
}

/// The weighted losses as one, added to the collection (`tf.losses.compute_weighted_loss`).
#[track_caller]
pub fn compute_weighted_loss<'g, T: Numeric>(
    losses: impl TensorLike<'g, T>,
    options: impl Into<LossOptions<'g>>,
) -> Tensor<'g, T> {
    let g = losses.graph();
    let (losses, options) = (Arg::of(losses), options.into());
    let name = g.requested_name("weighted_loss");
    let _call = g.open_call(Location::caller());
    weighted(g, &name, &losses, &options).typed()
}

pub(super) fn weighted<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    losses: &Arg<'g>,
    options: &LossOptions<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let _scope = g.open_inner_scope(scope, Location::caller());
    let Some(check) = assert_broadcastable(g, &options.weights.0, losses.into()) else {
        return AnyTensor::poison(g);
    };
    g.control_dependencies([check], || {
        let losses = Arg::from(losses).convert(g, "Const", DType::Float32);
        if losses.is_poison() {
            return losses;
        }
        let dtype = losses.dtype();
        let losses = n.cast(losses, DType::Float32);
        let weights = n.cast_arg(&options.weights.0, DType::Float32);
        let weighted = n.binary("Mul", losses, &weights);
        let loss = match options.reduction {
            Reduction::None => weighted,
            reduction => reduced(reduction, weighted, losses, &weights),
        };
        let loss = n.cast(loss, dtype);
        options.add(loss);
        loss
    })
}

fn reduced<'g>(
    reduction: Reduction,
    weighted: AnyTensor<'g>,
    losses: AnyTensor<'g>,
    weights: &Arg<'g>,
) -> AnyTensor<'g> {
    let g = losses.graph();
    let n = Nodes(g);
    let loss = n.sum_all(weighted);
    let count = match reduction {
        Reduction::None | Reduction::Sum => return loss,
        Reduction::Mean => {
            let ones = n.ones_like(losses);
            let spread = n.mul(ones, weights);
            n.sum_all(spread)
        }
        Reduction::SumByNonzeroWeights => num_present(losses, weights, false),
        Reduction::SumOverBatchSize => {
            let scope = g.inner_scope("num_elements", Location::caller(), |scope| scope.to_owned());
            let scope = g.open_inner_scope(&scope, Location::caller());
            n.cast(n.size_as(&scope, losses, DType::Int32), losses.dtype())
        }
    };
    let total = n.sum_all(loss);
    n.call(("DivNoNan", "value"), [total.into(), count.into()])
}

/// How many losses have a weight, as a float.
pub(super) fn num_present<'g>(
    losses: AnyTensor<'g>,
    weights: &Arg<'g>,
    per_batch: bool,
) -> AnyTensor<'g> {
    let g = losses.graph();
    let n = Nodes(g);
    let scope = g.open_inner_scope("num_present", Location::caller());
    let weights = n.cast_arg(weights, DType::Float32);
    let present = n.binary("Equal", &weights, 0.0);
    let zeros = n.zeros_like(&weights);
    let ones = n.ones_like(&weights);
    let present = n.select(present, zeros, ones);
    let Some(present) = broadcast_weights(present, losses) else {
        return AnyTensor::poison(g);
    };
    if !per_batch {
        return n.reduce_along(("Sum", &scope), present.into(), None, false);
    }
    let count = n.rank(present);
    let axes = n.range(1, count);
    n.reduce_along(("Sum", &scope), present.into(), Some(axes.into()), true)
}

/// `weights` with the shape of `values`.
fn broadcast_weights<'g>(weights: AnyTensor<'g>, values: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
    let g = values.graph();
    let n = Nodes(g);
    let scope = g.open_inner_scope("broadcast_weights", Location::caller());
    let (a, b) = (weights.shape(), values.shape());
    if a.is_static() && a == b {
        return Some(weights);
    }
    let check = assert_broadcastable(g, &Arg::Tensor(weights), values.into())?;
    g.control_dependencies([check], || {
        let ones = n.ones_like(values);
        Some(n.call(("Mul", &scope), [weights.into(), ones.into()]))
    })
}

/// `weights_broadcast_ops.assert_broadcastable`: a fault where static shapes do not broadcast, and a check in the consumer's
/// session where they do not tell.
pub(super) fn assert_broadcastable<'g>(
    g: &'g GraphBuilder,
    weights: &Arg<'g>,
    values: Arg<'g>,
) -> Option<Operation<'g>> {
    let n = Nodes(g);
    let here = Location::caller();
    let scope = g.open_inner_scope("assert_broadcastable", here);
    let described = |name: &str, arg: Arg<'g>| {
        let scope = g.open_inner_scope(name, here);
        let tensor = match arg {
            Arg::Value(value) => g.constant_named(&scope, value),
            arg => arg.convert(g, "value", DType::Float32),
        };
        let shape = n.shape_as("shape", tensor, DType::Int32);
        let rank = n.rank_as("rank", tensor);
        Described {
            tensor,
            shape,
            rank,
        }
    };
    let weights = described("weights", weights.into());
    let values = described("values", values);
    if weights.tensor.is_poison() || values.tensor.is_poison() {
        return None;
    }
    let (of_weights, of_values) = (weights.tensor.shape(), values.tensor.shape());
    match statically_broadcastable(&of_weights, &of_values) {
        Some(Ok(check)) => Some(g.op("NoOp").name(check).finish()),
        Some(Err(message)) => {
            let message =
                format!("weights of shape {of_weights}, values of shape {of_values}: {message}");
            n.refused(Rule::Shape, message)
        }
        None => Some(check_broadcastable(n, &scope, weights, values)),
    }
}

/// A tensor, its shape and its rank.
#[derive(Clone, Copy)]
struct Described<'g> {
    tensor: AnyTensor<'g>,
    shape: AnyTensor<'g>,
    rank: AnyTensor<'g>,
}

/// The check of weights whose shape is not known enough.
fn check_broadcastable<'g>(
    n: Nodes<'g>,
    scope: &str,
    weights: Described<'g>,
    values: Described<'g>,
) -> Operation<'g> {
    let g = n.0;
    let is_scalar = n.call(("Equal", "is_scalar"), [0.into(), weights.rank.into()]);
    let names = [weights, values].map(|described| described.tensor.name());
    let data = vec![
        "weights can not be broadcast to values.".into(),
        "weights.shape=".into(),
        names[0].as_str().into(),
        weights.shape.into(),
        "values.shape=".into(),
        names[1].as_str().into(),
        values.shape.into(),
        "is_scalar=".into(),
        is_scalar.into(),
    ];
    let is_valid = || {
        let otherwise = || has_valid_nonscalar_shape(n, weights, values);
        g.cond(is_scalar.typed(), || is_scalar, otherwise)
    };
    let is_valid = g.named("is_valid_shape", is_valid);
    n.assert_as(scope, is_valid.into(), data, None)
}

fn has_valid_nonscalar_shape<'g>(
    n: Nodes<'g>,
    weights: Described<'g>,
    values: Described<'g>,
) -> AnyTensor<'g> {
    let g = n.0;
    let scope = n.open_scope("has_valid_nonscalar_shape");
    let ranks = [values.rank.into(), weights.rank.into()];
    let is_same_rank = n.call(("Equal", "is_same_rank"), ranks);
    let dims = || has_valid_dims(n, weights.shape, values.shape);
    g.named(&scope, || {
        g.cond(is_same_rank.typed(), dims, || is_same_rank)
    })
}

fn has_valid_dims<'g>(
    n: Nodes<'g>,
    weights: AnyTensor<'g>,
    values: AnyTensor<'g>,
) -> AnyTensor<'g> {
    let scope = n.open_scope("has_invalid_dims");
    let values = n.expand_dims(values, -1);
    let ones = n.ones_like(values);
    let valid = n.concat(vec![values.into(), ones.into()], 1);
    let weights = n.expand_dims(weights, -1);
    let invalid = sets::difference(weights.typed::<i32>(), valid.typed::<i32>(), ());
    let count = n.size_as("num_invalid_dims", invalid.values, DType::Int32);
    n.call(("Equal", &scope), [0.into(), count.into()])
}

/// The name of the node that says why weights broadcast to values, or why they do not; none if shapes do not tell.
fn statically_broadcastable(
    weights: &Shape,
    values: &Shape,
) -> Option<Result<&'static str, &'static str>> {
    let (of_weights, of_values) = (weights.dims()?, values.dims()?);
    if of_weights.is_empty() {
        return Some(Ok("static_scalar_check_success"));
    }
    if of_weights.len() != of_values.len() {
        return Some(Err("expected equal ranks, or a scalar weight"));
    }
    let (of_weights, of_values) = (weights.to_static()?, values.to_static()?);
    let mut pairs = of_weights.iter().zip(&of_values);
    Some(
        match pairs.all(|(weight, value)| *weight == 1 || weight == value) {
            true => Ok("static_dims_check_success"),
            false => Err("expected dimensions of weights to be 1 or those of the values"),
        },
    )
}
