//! `tf.contrib.layers.batch_norm`.

mod fused;
mod moments;

use std::collections::BTreeSet;
use std::panic::Location;

use super::collections::{UpdatesCollections, variables_collections_setter};
use super::options::{OutputOptions, ScopeOptions, activation_setters, scope_setters};
use crate::control_flow::Predicate;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor, keys};
use crate::init::{self, Initializer};
use crate::layers::base::refuse;
use crate::layers::kernel::WeightOptions;
use crate::layers::normalizing::{
    Adjustment, adjustment_setter, center_and_scale_setters, epsilon_setter,
};
use crate::layers::{Normalizable, RenormClipping, batch_normalization};
use crate::ops::TensorLike;
use crate::ops::nn::DataFormat;
use crate::ops::nodes::Arg;
use crate::ops::types::{Float, Numeric};
use crate::regularizer::Regularizer;
use crate::shape::Shape;
use crate::variable::{AnyScalar, Assigned, Variable};

/// A layer that normalizes its inputs along all dimensions but that of the channels (`tf.contrib.layers.batch_norm`).
///
/// Unlike [`batch_normalization`] it is in training by default, has no `gamma`, and takes 0.999 for the part of the moving
/// statistics that an update keeps. It takes inputs of rank 2 for images of one point.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 16));
/// let y = contrib::batch_norm().decay(0.9).scale(true).apply(x);
/// assert_eq!(y.name(), "BatchNorm/FusedBatchNormV3:0");
/// ```
pub fn batch_norm<'g, T: Normalizable>() -> BatchNorm<'g, T> {
    BatchNorm {
        scope: ScopeOptions::default(),
        outputs: OutputOptions::linear(),
        decay: 0.999.into(),
        center: true,
        scale: false,
        epsilon: 0.001,
        beta: WeightOptions::starting_from(init::zeros()),
        gamma: WeightOptions::starting_from(init::ones()),
        moving_mean_initializer: init::zeros(),
        moving_variance_initializer: init::ones(),
        updates_collections: keys::UPDATE_OPS.into(),
        is_training: true.into(),
        batch_weights: None,
        fused: true,
        data_format: DataFormat::Nhwc,
        zero_debias_moving_mean: false,
        renorm: false,
        renorm_clipping: RenormClipping::default(),
        renorm_decay: 0.99.into(),
        adjustment: None,
    }
}

/// The definition of a layer of batch normalization; [`batch_norm`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct BatchNorm<'g, T: Normalizable = f32> {
    scope: ScopeOptions,
    outputs: OutputOptions<'g, T>,
    decay: AnyScalar<'g>,
    center: bool,
    scale: bool,
    epsilon: f64,
    beta: WeightOptions,
    gamma: WeightOptions,
    moving_mean_initializer: Initializer,
    moving_variance_initializer: Initializer,
    updates_collections: UpdatesCollections,
    is_training: Predicate<'g>,
    batch_weights: Option<Arg<'g>>,
    fused: bool,
    data_format: DataFormat,
    zero_debias_moving_mean: bool,
    renorm: bool,
    renorm_clipping: RenormClipping<'g>,
    renorm_decay: AnyScalar<'g>,
    adjustment: Option<Adjustment<'g>>,
}

impl<'g, T: Normalizable> BatchNorm<'g, T> {
    scope_setters! { scope, "BatchNorm" }
    activation_setters! { "none" }
    variables_collections_setter! { scope }

    /// The part of the moving statistics that an update keeps, a number or a scalar tensor; 0.999 by default.
    pub fn decay(mut self, decay: impl Into<AnyScalar<'g>>) -> Self {
        self.decay = decay.into();
        self
    }

    center_and_scale_setters! { "not " }

    epsilon_setter! { "0.001" }

    /// The initializer of `beta`, `beta` in `param_initializers`; [`init::zeros`] by default.
    pub fn beta_initializer(mut self, initializer: Initializer) -> Self {
        self.beta.initializer = Some(initializer);
        self
    }

    /// The initializer of `gamma`, `gamma` in `param_initializers`; [`init::ones`] by default.
    pub fn gamma_initializer(mut self, initializer: Initializer) -> Self {
        self.gamma.initializer = Some(initializer);
        self
    }

    /// The initializer of `moving_mean`, `moving_mean` in `param_initializers`; [`init::zeros`] by default.
    pub fn moving_mean_initializer(mut self, initializer: Initializer) -> Self {
        self.moving_mean_initializer = initializer;
        self
    }

    /// The initializer of `moving_variance`, `moving_variance` in `param_initializers`; [`init::ones`] by default.
    pub fn moving_variance_initializer(mut self, initializer: Initializer) -> Self {
        self.moving_variance_initializer = initializer;
        self
    }

    /// Adds a loss on `beta` to the regularization losses, `beta` in `param_regularizers`.
    pub fn beta_regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.beta.regularizer = regularizer.into();
        self
    }

    /// Adds a loss on `gamma` to the regularization losses, `gamma` in `param_regularizers`.
    pub fn gamma_regularizer(mut self, regularizer: impl Into<Option<Regularizer>>) -> Self {
        self.gamma.regularizer = regularizer.into();
        self
    }

    /// The collections that the updates of the moving statistics join,
    /// [`UPDATE_OPS`](crate::graph::keys::UPDATE_OPS) by default; with `None` the outputs wait for them.
    pub fn updates_collections(mut self, keys: impl Into<UpdatesCollections>) -> Self {
        self.updates_collections = keys.into();
        self
    }

    /// Whether the statistics are those of the batch, and the moving ones are brought up to date; they are by default. A
    /// tensor makes conditionals.
    pub fn is_training(mut self, is_training: impl Into<Predicate<'g>>) -> Self {
        self.is_training = is_training.into();
        self
    }

    /// The weights of the elements of a batch in its mean and variance, a vector; all count the same by default.
    ///
    /// ```
    /// use tfhub::layers::contrib;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 8));
    /// let weights = g.placeholder::<f32>((None,));
    /// let y = contrib::batch_norm().batch_weights(weights).apply(x);
    /// assert_eq!(y.name(), "BatchNorm/batchnorm_1/add_1:0");
    /// ```
    pub fn batch_weights<W: Numeric>(mut self, weights: impl Operand<'g, W>) -> Self {
        self.batch_weights = Some(Arg::of(weights));
        self
    }

    /// Whether one op normalizes where it can; it does by default, and with `None`.
    pub fn fused(mut self, fused: impl Into<Option<bool>>) -> Self {
        self.fused = fused.into().unwrap_or(true);
        self
    }

    /// The place of the channels; last by default.
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.data_format = data_format;
        self
    }

    /// Whether the moving mean is corrected for its start at 0, for which there are two variables more; it is not by
    /// default.
    pub fn zero_debias_moving_mean(mut self, zero_debias: bool) -> Self {
        self.zero_debias_moving_mean = zero_debias;
        self
    }

    /// Whether training corrects the statistics of a batch by those of a longer time (batch renormalization); it does not
    /// by default.
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
    pub fn renorm_decay(mut self, decay: impl Into<AnyScalar<'g>>) -> Self {
        self.renorm_decay = decay.into();
        self
    }

    adjustment_setter! {}

    /// Makes a layer on `inputs`, whose rank and number of channels are known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        g.called_from(Location::caller(), || self.make(g, inputs))
    }

    fn make(&self, g: &'g GraphBuilder, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let shape = inputs.static_shape();
        let Some(channels) = self.channels(&shape) else {
            let message = format!(
                "batch_norm needs inputs of a known rank of 2 or more and a known number of channels, their shape is {shape}"
            );
            refuse(g, &inputs, message);
            return AnyTensor::poison(g).typed();
        };
        let inputs = inputs.into_tensor(g, "");
        let updates_later = self.updates_collections.is_of_layers();
        let is_weighted = self.batch_weights.is_some();
        let is_of_layer = updates_later && !self.zero_debias_moving_mean && !is_weighted;
        let rank = shape.rank();
        let is_plain = !self.renorm && self.adjustment.is_none();
        let can_fuse = self.fused && is_plain && !is_weighted;
        if can_fuse && (rank == Some(2) || rank == Some(4) && !is_of_layer) {
            return self.by_one_op(g, inputs, channels);
        }
        if !is_of_layer && !is_plain {
            let option = if self.renorm { "renorm" } else { "adjustment" };
            let message = format!(
                "{option} goes with none of batch_weights, other updates_collections and zero_debias_moving_mean"
            );
            g.report(Rule::Value, message);
            return AnyTensor::poison(g).typed();
        }
        g.variable_scope(self.scope.enter_model("BatchNorm", &[]), |scope| {
            if !is_of_layer {
                return self.by_moments(g, inputs, channels);
            }
            let axis = match self.data_format {
                DataFormat::Nhwc => -1,
                DataFormat::Nchw => 1,
            };
            let layer = batch_normalization()
                .axis(axis)
                .momentum(self.decay.clone())
                .epsilon(self.epsilon)
                .center(self.center)
                .scale(self.scale)
                .beta_initializer(self.beta.initializer.clone())
                .gamma_initializer(self.gamma.initializer.clone())
                .moving_mean_initializer(self.moving_mean_initializer.clone())
                .moving_variance_initializer(self.moving_variance_initializer.clone())
                .beta_regularizer(self.beta.regularizer.clone())
                .gamma_regularizer(self.gamma.regularizer.clone())
                .training(self.is_training)
                .trainable(self.scope.trainable)
                .renorm(self.renorm)
                .renorm_clipping(self.renorm_clipping.clone())
                .renorm_momentum(self.renorm_decay.clone())
                .adjusted(self.adjustment.clone())
                .fused(self.fused)
                .in_open_scope(scope, self.scope.reuse)
                .layer();
            let outputs = layer.apply(inputs);
            self.scope.collect("moving_mean", layer.moving_mean());
            self.scope
                .collect("moving_variance", layer.moving_variance());
            self.scope.collect("beta", layer.beta());
            self.scope.collect("gamma", layer.gamma());
            self.outputs.apply(outputs)
        })
    }

    /// The number of channels of inputs, if they can be taken.
    fn channels(&self, inputs: &Shape) -> Option<usize> {
        match (self.data_format, inputs.dims()?) {
            (DataFormat::Nhwc, [_, .., channels]) => *channels,
            (DataFormat::Nchw, [_, channels, ..]) => *channels,
            _ => None,
        }
    }

    /// Makes the moving mean and variance, whatever partitioner the scope has.
    fn moving_statistics<P: Float>(
        &self,
        g: &'g GraphBuilder,
        channels: usize,
    ) -> (Variable<'g, P>, Variable<'g, P>) {
        let scope = g.current_variable_scope();
        let statistic = |name, initializer: &Initializer| {
            let variable = self.scope.model_variable(g, name, &[channels]);
            let variable = variable.initializer(initializer.clone());
            variable.trainable(false).finish()
        };
        let statistics = || {
            (
                statistic("moving_mean", &self.moving_mean_initializer),
                statistic("moving_variance", &self.moving_variance_initializer),
            )
        };
        g.variable_scope(&scope, |_| g.without_partitioner(statistics))
    }

    /// Brings the moving statistics up to date.
    fn updates<P: Float>(
        &self,
        (moving_mean, moving_variance): (Variable<'g, P>, Variable<'g, P>),
        (mean, variance): (Tensor<'g, P>, Tensor<'g, P>),
    ) -> [Assigned<'g, P>; 2] {
        let zero_debias = self.zero_debias_moving_mean;
        let decay = || self.decay.clone();
        [
            moving_mean.assign_moving_average(mean, decay(), zero_debias),
            moving_variance.assign_moving_average(variance, decay(), false),
        ]
    }

    /// Adds updates that are made in training alone to their collections.
    fn add_updates<P: Float>(
        &self,
        g: &'g GraphBuilder,
        keys: &BTreeSet<&str>,
        moving: (Variable<'g, P>, Variable<'g, P>),
        moments: (Tensor<'g, P>, Tensor<'g, P>),
    ) {
        if self.is_training.constant_value() == Some(true) {
            let updates = self.updates(moving, moments);
            for key in keys {
                for update in updates {
                    g.add_to_collection(key, update);
                }
            }
            return;
        }
        let updated = g.smart_cond(
            self.is_training,
            || self.updates(moving, moments).map(|update| update.value()),
            || [moving.0.value(), moving.1.value()],
        );
        for key in keys {
            for update in updated {
                g.add_to_collection(key, update);
            }
        }
    }
}
