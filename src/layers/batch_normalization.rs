//! `tf.layers.BatchNormalization`.

mod call;
mod renorm;
mod updates;

use std::fmt;

use half::{bf16, f16};

use super::base::{Base, Call, Fixed, Kind, Layer, Name, Sizes, WeightScope, apply_once, methods};
use super::kernel::WeightOptions;
use super::normalizing::{Adjustment, adjustment_setter, center_and_scale_setters, epsilon_setter};
use crate::control_flow::Predicate;
use crate::dtype::{DType, TensorType as _};
use crate::graph::{AnyTensor, Tensor};
use crate::init::{self, Initializer};
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::types::Float;
use crate::regularizer::Regularizer;
use crate::shape::Shape;
use crate::value::TensorValue;
use crate::variable::{
    AnyScalar, Constraint, Reuse, Variable, VariableAggregation, VariableSynchronization,
};

use renorm::Renorm;
pub use renorm::RenormClipping;

/// An element type of inputs that batch normalization takes.
pub trait Normalizable: Float + sealed::Normalizable {
    /// The element type of the variables: float32 for half precision, and that of the inputs otherwise.
    type Statistics: Float;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Normalizable {}
}

macro_rules! normalizable {
    ($($element:ty => $statistics:ty;)*) => {$(
        impl sealed::Normalizable for $element {}

        impl Normalizable for $element {
            type Statistics = $statistics;
        }
    )*};
}

normalizable! {
    f16 => f32;
    bf16 => f32;
    f32 => f32;
    f64 => f64;
}

/// A layer that gives its inputs a mean of `beta` and a standard deviation of `gamma` along all dimensions but the last.
///
/// In [`training`](BatchNormalization::training) it normalizes by the mean and the variance of the batch, and adds operations
/// that bring `moving_mean` and `moving_variance` up to date to the collection
/// [`UPDATE_OPS`](crate::graph::keys::UPDATE_OPS); otherwise it normalizes by these. Images are normalized by one op,
/// `FusedBatchNormV3`, where it can do it. The variables are vectors of the size of the last dimension.
///
/// ```
/// use tfhub::{layers, ops::nn};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 16));
/// let y = nn::relu(layers::batch_normalization().training(true).apply(x));
/// assert_eq!(y.shape().to_string(), "[?, 8, 8, 16]");
/// let layer = layers::batch_normalization().momentum(0.9).layer();
/// layer.apply(y);
/// assert_eq!(layer.moving_mean().unwrap().name(), "batch_normalization_1/moving_mean");
/// ```
pub fn batch_normalization<'g, T: Normalizable>() -> BatchNormalization<'g, T> {
    BatchNormalization {
        base: Base::default(),
        axis: (-1).into(),
        momentum: 0.99.into(),
        epsilon: 0.001,
        center: true,
        scale: true,
        beta: WeightOptions::starting_from(init::zeros()),
        gamma: WeightOptions::starting_from(init::ones()),
        moving_mean_initializer: Some(init::zeros()),
        moving_variance_initializer: Some(init::ones()),
        training: false.into(),
        renorm: false,
        renorm_clipping: RenormClipping::default(),
        renorm_momentum: 0.99.into(),
        fused: true,
        virtual_batch_size: None,
        adjustment: None,
        element: std::marker::PhantomData,
    }
}

/// The definition of a layer of batch normalization; [`batch_normalization`] makes one.
///
/// A momentum that is a tensor lets the consumers of a module choose it, and `training` may be one too:
///
/// ```
/// use tfhub::layers;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 16));
/// let momentum = g.placeholder_with_default(0.99f32, ());
/// let is_training = g.placeholder_with_default(false, ());
/// let y = layers::batch_normalization()
///     .axis(3)
///     .momentum(momentum)
///     .epsilon(1e-5)
///     .training(is_training)
///     .name("bn")
///     .apply(x);
/// assert_eq!(y.name(), "bn/cond/Merge:0");
/// ```
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct BatchNormalization<'g, T: Normalizable = f32> {
    base: Base,
    axis: Axes,
    momentum: AnyScalar<'g>,
    epsilon: f64,
    center: bool,
    scale: bool,
    beta: WeightOptions,
    gamma: WeightOptions,
    moving_mean_initializer: Option<Initializer>,
    moving_variance_initializer: Option<Initializer>,
    training: Predicate<'g>,
    renorm: bool,
    renorm_clipping: RenormClipping<'g>,
    renorm_momentum: AnyScalar<'g>,
    fused: bool,
    virtual_batch_size: Option<usize>,
    adjustment: Option<Adjustment<'g>>,
    element: std::marker::PhantomData<fn() -> T>,
}

methods! {
    BatchNormalization: Normalizable, "batch_normalization", "tf.layers.batch_normalization", "tf.layers.BatchNormalization"
}

impl<'g, T: Normalizable> BatchNormalization<'g, T> {
    /// Makes a layer on `inputs`, as the function `tf.layers.batch_normalization` does: each time it is another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    /// The dimension that is not normalized along, the last one by default: 1 where images have their channels first. Of
    /// several dimensions the variables have the rank of the inputs.
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    /// The part of the moving statistics that an update keeps, a number or a scalar tensor; 0.99 by default.
    ///
    /// A tensor is of float32 where `training` is a tensor too and one op normalizes.
    pub fn momentum(mut self, momentum: impl Into<AnyScalar<'g>>) -> Self {
        self.momentum = momentum.into();
        self
    }

    epsilon_setter! { "0.001" }

    center_and_scale_setters! { "" }

    /// The initializer of `beta`, [`init::zeros`] by default; with `None` that of the variable scope.
    pub fn beta_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.beta.initializer = initializer.into();
        self
    }

    /// The initializer of `gamma`, [`init::ones`] by default; with `None` that of the variable scope.
    pub fn gamma_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.gamma.initializer = initializer.into();
        self
    }

    /// The initializer of `moving_mean`, [`init::zeros`] by default; with `None` that of the variable scope.
    pub fn moving_mean_initializer(mut self, initializer: impl Into<Option<Initializer>>) -> Self {
        self.moving_mean_initializer = initializer.into();
        self
    }

    /// The initializer of `moving_variance`, [`init::ones`] by default; with `None` that of the variable scope.
    pub fn moving_variance_initializer(
        mut self,
        initializer: impl Into<Option<Initializer>>,
    ) -> Self {
        self.moving_variance_initializer = initializer.into();
        self
    }

    /// Adds a loss on `beta` to the regularization losses.
    pub fn beta_regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.beta.regularizer = regularizer.into();
        self
    }

    /// Adds a loss on `gamma` to the regularization losses.
    pub fn gamma_regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.gamma.regularizer = regularizer.into();
        self
    }

    /// A projection of `beta` that an optimizer applies after each update; the graph has no node for it.
    pub fn beta_constraint(mut self, constraint: impl Into<Option<Constraint>>) -> Self {
        self.beta.constraint = constraint.into();
        self
    }

    /// A projection of `gamma` that an optimizer applies after each update; the graph has no node for it.
    pub fn gamma_constraint(mut self, constraint: impl Into<Option<Constraint>>) -> Self {
        self.gamma.constraint = constraint.into();
        self
    }

    /// Whether the statistics are those of the batch, and the moving ones are brought up to date; they are not by default.
    /// A tensor makes conditionals.
    pub fn training(mut self, training: impl Into<Predicate<'g>>) -> Self {
        self.training = training.into();
        self
    }

    /// Whether training corrects the statistics of a batch by those of a longer time (batch renormalization), for which
    /// there are three variables more; it does not by default.
    pub fn renorm(mut self, renorm: bool) -> Self {
        self.renorm = renorm;
        self
    }

    /// The bounds of the corrections that [`renorm`](Self::renorm) makes; none by default.
    pub fn renorm_clipping(mut self, clipping: RenormClipping<'g>) -> Self {
        self.renorm_clipping = clipping;
        self
    }

    /// The part that an update keeps of the statistics that [`renorm`](Self::renorm) corrects by; 0.99 by default.
    pub fn renorm_momentum(mut self, momentum: impl Into<AnyScalar<'g>>) -> Self {
        self.renorm_momentum = momentum.into();
        self
    }

    /// Whether one op normalizes where it can: inputs of rank 4 along dimension 1 or 3, without renormalization, virtual
    /// batches and adjustments. With `None` it does, as by default.
    pub fn fused(mut self, fused: impl Into<Option<bool>>) -> Self {
        self.fused = fused.into().unwrap_or(true);
        self
    }

    /// The size of the parts of a batch that are normalized each by its own statistics, which divides that of the batch;
    /// the whole batch by default.
    pub fn virtual_batch_size(mut self, size: impl Into<Option<usize>>) -> Self {
        self.virtual_batch_size = size.into();
        self
    }

    adjustment_setter! {}

    /// The adjustment that another layer was given.
    pub(super) fn adjusted(mut self, adjustment: Option<Adjustment<'g>>) -> Self {
        self.adjustment = adjustment;
        self
    }

    /// The dimensions that are not normalized along of inputs of a rank, counted from the first.
    fn axes(&self, rank: usize) -> Result<Vec<usize>, String> {
        let numbers = self.axis.numbers();
        let mut axes = Vec::with_capacity(numbers.len());
        for axis in numbers {
            let from_first = if axis < 0 { axis + rank as i64 } else { axis };
            let found = usize::try_from(from_first).ok().filter(|axis| *axis < rank);
            let Some(found) = found else {
                return Err(format!("axis {axis} is none of inputs of rank {rank}"));
            };
            if axes.contains(&found) {
                return Err(format!("dimension {found} is named twice as an axis"));
            }
            axes.push(found);
        }
        match axes.is_empty() {
            true => Err("batch_normalization needs an axis".to_owned()),
            false => Ok(axes),
        }
    }

    /// Whether one op normalizes inputs of a rank along these axes.
    fn is_fused(&self, rank: usize, axes: &[usize]) -> bool {
        let is_plain =
            !self.renorm && self.virtual_batch_size.is_none() && self.adjustment.is_none();
        self.fused && rank == 4 && is_plain && matches!(axes, [1] | [3])
    }

    /// The fault of an argument that is to be a scalar.
    fn fault_of_scalars(&self) -> Option<String> {
        let momentums = [
            ("momentum", Some(&self.momentum)),
            ("renorm_momentum", Some(&self.renorm_momentum)),
        ];
        let scalars = momentums.into_iter().chain(self.renorm_clipping.bounds());
        let mut shapes = scalars.filter_map(|(name, scalar)| Some((name, scalar?.shape())));
        let (name, shape) = shapes.find(|(_, shape)| !matches!(shape.rank(), None | Some(0)))?;
        Some(format!("{name} must be a scalar, its shape is {shape}"))
    }

    /// The fault of virtual batches of inputs of a shape.
    fn fault_of_virtual_batches(&self, dims: &[Option<usize>], axes: &[usize]) -> Option<String> {
        let size = self.virtual_batch_size?;
        if size == 0 {
            return Some("virtual_batch_size must be positive".to_owned());
        }
        if axes.contains(&0) {
            return Some("the axis cannot be 0 with virtual_batch_size".to_owned());
        }
        if self.adjustment.is_some() {
            return Some("virtual_batch_size and adjustment exclude each other".to_owned());
        }
        let is_known = dims.iter().skip(1).all(Option::is_some);
        (!is_known).then(|| {
            let shape = Shape::from(dims.to_vec());
            format!(
                "virtual_batch_size needs to know all sizes but the first, the shape is {shape}"
            )
        })
    }
}

/// Makes structs of variables ones that can be copied, whatever the element type.
macro_rules! copied {
    ($($name:ident)*) => {$(
        impl<P: Float> Clone for $name<'_, P> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<P: Float> Copy for $name<'_, P> {}
    )*};
}

copied! { Statistics Parameter Renorm }

/// The variables of a layer of batch normalization.
#[derive(Debug)]
pub struct Statistics<'g, P: Float> {
    /// The rank of the inputs.
    rank: usize,
    gamma: Parameter<'g, P>,
    beta: Parameter<'g, P>,
    moving_mean: Variable<'g, P>,
    moving_variance: Variable<'g, P>,
    renorm: Option<Renorm<'g, P>>,
}

/// A factor or a summand of the outputs.
#[derive(Debug)]
enum Parameter<'g, P: Float> {
    Nothing,
    /// The neutral value, for an op that demands one.
    Constant(AnyTensor<'g>),
    Variable(Variable<'g, P>),
}

impl<'g, P: Float> Parameter<'g, P> {
    fn variable(self) -> Option<Variable<'g, P>> {
        match self {
            Parameter::Variable(variable) => Some(variable),
            Parameter::Nothing | Parameter::Constant(_) => None,
        }
    }
}

impl<'g, T: Normalizable> Kind<'g> for BatchNormalization<'g, T> {
    type Element = T;
    type Weights = Statistics<'g, T::Statistics>;

    const NAME: &'static str = "batch_normalization";
    const INPUTS: &'static str =
        "inputs of a known rank and of known sizes along the axes that it does not normalize along";

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, inputs: &Shape) -> Option<Sizes> {
        let dims = inputs.dims()?;
        let axes = self.axes(dims.len()).ok()?;
        let sizes = axes.iter().map(|&axis| (dims.len() - 1 - axis, dims[axis]));
        Some(sizes.collect())
    }

    fn fault(&self, inputs: &Shape) -> Option<String> {
        let scalars = || self.fault_of_scalars();
        let Some(dims) = inputs.dims() else {
            return scalars();
        };
        let axes = match self.axes(dims.len()) {
            Ok(axes) => axes,
            Err(message) => return Some(message),
        };
        if self.renorm && self.moving_variance_initializer.is_none() {
            return Some("renorm needs an initializer of the moving variance".to_owned());
        }
        if T::DTYPE == DType::Float64 && self.is_fused(dims.len(), &axes) {
            let message = "images of float64 are normalized by several ops; say `fused(false)`";
            return Some(message.to_owned());
        }
        scalars().or_else(|| self.fault_of_virtual_batches(dims, &axes))
    }

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let rank = scope.input_rank();
        let sizes = fixed
            .iter()
            .map(|&(from_last, size)| (rank - 1 - from_last, size));
        let axes: Vec<_> = sizes.clone().map(|(axis, _)| axis).collect();
        let mut shape = match (fixed.as_slice(), self.virtual_batch_size) {
            ([(_, size)], None) => vec![*size],
            _ => {
                let mut shape = vec![1; rank];
                sizes.for_each(|(axis, size)| shape[axis] = size);
                shape
            }
        };
        if self.virtual_batch_size.is_some() {
            shape.insert(1, 1);
        }
        let is_fused = self.is_fused(rank, &axes);
        let parameter = |name, options: &WeightOptions, neutral| match neutral {
            None => Parameter::Variable(options.make(scope, name, &shape)),
            Some(neutral) => {
                let value = TensorValue::scalar_from_f64(T::Statistics::DTYPE, neutral);
                match value.filter(|_| is_fused) {
                    Some(value) => {
                        let g = scope.graph();
                        Parameter::Constant(g.constant_filled("Const", &value, &shape))
                    }
                    None => Parameter::Nothing,
                }
            }
        };
        let gamma = parameter("gamma", &self.gamma, (!self.scale).then_some(1.0));
        let beta = parameter("beta", &self.beta, (!self.center).then_some(0.0));
        let statistic = |name, initializer: Option<&Initializer>| {
            let weight = scope.weight(name, &shape).initializer(initializer);
            let weight = weight.trainable(false);
            let weight = weight.synchronization(VariableSynchronization::OnRead);
            let weight = weight.aggregation(VariableAggregation::Mean);
            scope.graph().without_partitioner(|| weight.finish())
        };
        // TensorFlow has no parts for these, whatever the scope has.
        let (moving_mean, moving_variance, renorm) = scope.graph().without_partitioner(|| {
            let initializers = (
                self.moving_mean_initializer.as_ref(),
                self.moving_variance_initializer.as_ref(),
            );
            let moving_mean = statistic("moving_mean", initializers.0);
            let moving_variance = statistic("moving_variance", initializers.1);
            let renorm = self.renorm.then(|| {
                let moving = (moving_mean, moving_variance);
                Renorm::new(scope.graph(), moving, initializers, &statistic)
            });
            (moving_mean, moving_variance, renorm)
        });
        Statistics {
            rank,
            gamma,
            beta,
            moving_mean,
            moving_variance,
            renorm,
        }
    }
}

impl<'g, T: Normalizable> Layer<'g, BatchNormalization<'g, T>> {
    /// Makes the layer's nodes for training or not, whatever the definition says, as the argument `training` of a call
    /// does in Python.
    ///
    /// ```
    /// use tfhub::layers;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 8));
    /// let layer = layers::batch_normalization().layer();
    /// layer.apply_training(x, true);
    /// let y = layer.apply_training(x, false);
    /// assert_eq!(y.name(), "batch_normalization/batchnorm_1/add_1:0");
    /// ```
    #[track_caller]
    pub fn apply_training(
        &self,
        inputs: impl TensorLike<'g, T>,
        training: impl Into<Predicate<'g>>,
    ) -> Tensor<'g, T> {
        let definition = self.definition().clone().training(training);
        self.apply_as(&definition, inputs)
    }

    /// The factor of the normalized values, once the layer has been applied and if it has one.
    pub fn gamma(&self) -> Option<Variable<'g, T::Statistics>> {
        self.weights()?.gamma.variable()
    }

    /// The mean of the outputs, once the layer has been applied and if it has one.
    pub fn beta(&self) -> Option<Variable<'g, T::Statistics>> {
        self.weights()?.beta.variable()
    }

    /// The moving mean, once the layer has been applied.
    pub fn moving_mean(&self) -> Option<Variable<'g, T::Statistics>> {
        self.weights().map(|weights| weights.moving_mean)
    }

    /// The moving variance, once the layer has been applied.
    pub fn moving_variance(&self) -> Option<Variable<'g, T::Statistics>> {
        self.weights().map(|weights| weights.moving_variance)
    }
}

impl<T: Normalizable> fmt::Debug for BatchNormalization<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchNormalization")
            .field("axis", &self.axis)
            .field("momentum", &self.momentum)
            .field("training", &self.training)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
