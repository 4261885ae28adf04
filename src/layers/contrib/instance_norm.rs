//! `tf.contrib.layers.instance_norm`.

use std::panic::Location;

use super::options::{OutputOptions, ScopeOptions, activation_setters, scope_setters};
use super::parameters::{Parameters, parameter_setters};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::init::Initializer;
use crate::layers::base::refuse;
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nn::{self, DataFormat};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::variable::Variable;

/// A layer that normalizes each channel of each element of a batch (`tf.contrib.layers.instance_norm`).
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 16));
/// let y = contrib::instance_norm().apply(x);
/// assert_eq!(y.name(), "InstanceNorm/instancenorm/add_1:0");
/// ```
pub fn instance_norm<'g, T: Float>() -> InstanceNorm<'g, T> {
    InstanceNorm {
        scope: ScopeOptions::default(),
        outputs: OutputOptions::linear(),
        center: true,
        scale: true,
        epsilon: 1e-6,
        beta_initializer: None,
        gamma_initializer: None,
        data_format: DataFormat::Nhwc,
    }
}

/// The definition of a layer that normalizes each channel; [`instance_norm`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct InstanceNorm<'g, T: Float = f32> {
    scope: ScopeOptions,
    outputs: OutputOptions<'g, T>,
    center: bool,
    scale: bool,
    epsilon: f64,
    beta_initializer: Option<Initializer>,
    gamma_initializer: Option<Initializer>,
    data_format: DataFormat,
}

impl<'g, T: Float> InstanceNorm<'g, T> {
    scope_setters! { scope, "InstanceNorm" }
    activation_setters! { "none" }
    parameter_setters! {}

    /// The place of the channels; last by default.
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.data_format = data_format;
        self
    }

    /// Makes a layer on `inputs`, whose rank and number of channels are known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        g.called_from(Location::caller(), || self.make(g, inputs))
    }

    fn make(&self, g: &'g GraphBuilder, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let shape = inputs.static_shape();
        let dims = shape.dims().unwrap_or_default();
        let rank = dims.len();
        let channels_at = match self.data_format {
            DataFormat::Nhwc => rank.saturating_sub(1),
            DataFormat::Nchw => 1,
        };
        let channels = dims.get(channels_at).copied().flatten();
        let Some(channels) = channels.filter(|_| rank >= 2) else {
            let message = format!(
                "instance_norm needs inputs of a known rank of 2 or more and a known number of channels, their shape is {shape}"
            );
            refuse(g, &inputs, message);
            return AnyTensor::poison(g).typed();
        };
        let n = Nodes(g);
        let inputs = inputs.into_tensor(g, "");
        g.variable_scope(self.scope.enter("InstanceNorm"), |_| {
            // Channels that are not last meet the inputs in a shape of their own.
            let placed = |variable: Variable<'g, T>| match self.data_format {
                DataFormat::Nhwc => Arg::of(variable),
                DataFormat::Nchw => {
                    let mut sizes = vec![1; rank];
                    sizes[1] = channels as i32;
                    n.reshape(Arg::of(variable), sizes).into()
                }
            };
            let shape = [channels];
            let parameters = Parameters::<T>::new(&self.scope, g, &shape);
            let beta = || placed(parameters.beta(self.beta_initializer.as_ref()));
            let beta = self.center.then(beta);
            let gamma = || placed(parameters.gamma(self.gamma_initializer.as_ref()));
            let gamma = self.scale.then(gamma);
            let axes = (1..rank).filter(|axis| *axis != channels_at);
            let axes: Vec<_> = axes.map(|axis| axis as i32).collect();
            let moments = nn::moments(inputs, Axes::from(axes).keep_dims());
            let options = nn::BatchNormalizationOptions::of(beta, gamma);
            let nn::Moments { mean, variance } = moments;
            let outputs = g.named("instancenorm", || {
                nn::batch_normalization(inputs, mean, variance, self.epsilon, options)
            });
            self.outputs.apply(outputs)
        })
    }
}
