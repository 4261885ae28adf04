//! `tf.contrib.layers.group_norm`.

use std::panic::Location;

use super::options::{OutputOptions, ScopeOptions, activation_setters, scope_setters};
use super::parameters::{Parameters, parameter_setters};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::init::Initializer;
use crate::layers::base::refuse;
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nn;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::shape::Shape;
use crate::variable::Variable;

/// A layer that normalizes groups of channels of each element of a batch (`tf.contrib.layers.group_norm`).
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 16));
/// let y = contrib::group_norm().groups(4).apply(x);
/// assert_eq!((y.name(), y.shape().to_string()), ("GroupNorm/Reshape_2:0".into(), "[?, 8, 8, 16]".into()));
/// ```
pub fn group_norm<'g, T: Float>() -> GroupNorm<'g, T> {
    GroupNorm {
        scope: ScopeOptions::default(),
        outputs: OutputOptions::linear(),
        groups: 32,
        channels_axis: -1,
        reduction_axes: [-3, -2].into(),
        center: true,
        scale: true,
        epsilon: 1e-6,
        beta_initializer: None,
        gamma_initializer: None,
        mean_close_to_zero: false,
    }
}

/// The definition of a layer that normalizes groups of channels; [`group_norm`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct GroupNorm<'g, T: Float = f32> {
    scope: ScopeOptions,
    outputs: OutputOptions<'g, T>,
    groups: usize,
    channels_axis: i32,
    reduction_axes: Axes,
    center: bool,
    scale: bool,
    epsilon: f64,
    beta_initializer: Option<Initializer>,
    gamma_initializer: Option<Initializer>,
    mean_close_to_zero: bool,
}

/// The dimensions of the inputs of a layer.
struct Dimensions {
    /// The place of the channels.
    axis: usize,
    channels: usize,
    /// The dimensions that are normalized along, where the channels have become two: groups, and what is in one.
    reduced: Vec<i32>,
}

impl<'g, T: Float> GroupNorm<'g, T> {
    scope_setters! { scope, "GroupNorm" }
    activation_setters! { "none" }
    parameter_setters! {}

    /// The number of groups, a divisor of the number of channels; 32 by default.
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// The dimension of the channels, the last one by default.
    pub fn channels_axis(mut self, axis: i32) -> Self {
        self.channels_axis = axis;
        self
    }

    /// The dimensions that are normalized along besides; the two before the last by default.
    pub fn reduction_axes(mut self, axes: impl Into<Axes>) -> Self {
        self.reduction_axes = axes.into();
        self
    }

    /// Whether the variance follows from sums of squares, which is exact for a mean near 0; it does not by default.
    pub fn mean_close_to_zero(mut self, is_close: bool) -> Self {
        self.mean_close_to_zero = is_close;
        self
    }

    /// Makes a layer on `inputs`, whose rank and sizes along the dimensions that it normalizes along are known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        g.called_from(Location::caller(), || self.make(g, inputs))
    }

    fn make(&self, g: &'g GraphBuilder, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let shape = inputs.static_shape();
        let dimensions = match self.dimensions(&shape) {
            Ok(dimensions) => dimensions,
            Err(message) => {
                refuse(g, &inputs, message);
                return AnyTensor::poison(g).typed();
            }
        };
        let n = Nodes(g);
        let inputs = inputs.into_tensor(g, "");
        let sizes = n.shape(inputs);
        let dims = shape.dims().unwrap_or_default().iter().enumerate();
        let dims = dims.map(|(at, dim)| match dim {
            Some(size) => Arg::from(*size as i32),
            None => n.at(sizes, at as i32).into(),
        });
        let dims: Vec<_> = dims.collect();
        let rank = dims.len();
        let in_group = dimensions.channels / self.groups;
        let split = [self.groups, in_group].map(|size| Arg::from(size as i32));
        let mut grouped = dims.clone();
        grouped.splice(dimensions.axis..=dimensions.axis, split);
        let inputs = n.reshape(inputs, Arg::List(grouped)).typed::<T>();
        g.variable_scope(self.scope.enter("GroupNorm"), |_| {
            let mut sizes = vec![1; rank + 1];
            sizes[dimensions.axis] = self.groups as i32;
            sizes[dimensions.axis + 1] = in_group as i32;
            let placed = |variable: Variable<'g, T>| n.reshape(Arg::of(variable), sizes.clone());
            let shape = [dimensions.channels];
            let parameters = Parameters::<T>::new(&self.scope, g, &shape);
            let beta = || placed(parameters.beta(self.beta_initializer.as_ref()));
            let beta = self.center.then(beta);
            let gamma = || placed(parameters.gamma(self.gamma_initializer.as_ref()));
            let gamma = self.scale.then(gamma);
            let nn::Moments { mean, variance } = self.moments(inputs, dimensions.reduced);
            let sum = n.add(variance, self.epsilon);
            let mut gain = n.unary("Rsqrt", sum);
            let negative = n.unary("Neg", mean);
            let mut offset = n.mul(negative, gain);
            if let Some(gamma) = gamma {
                gain = n.mul(gain, gamma);
                offset = n.mul(offset, gamma);
            }
            if let Some(beta) = beta {
                offset = n.add(offset, beta);
            }
            let scaled = n.mul(inputs, gain);
            let outputs = n.add(scaled, offset);
            let outputs = n.reshape(outputs, Arg::List(dims));
            self.outputs.apply(outputs.typed())
        })
    }

    fn moments(&self, inputs: Tensor<'g, T>, reduced: Vec<i32>) -> nn::Moments<'g, T> {
        let axes = Axes::from(reduced).keep_dims();
        match self.mean_close_to_zero {
            true => nn::normalize_moments(nn::sufficient_statistics(inputs, axes, ())),
            false => nn::moments(inputs, axes),
        }
    }

    /// The dimensions of inputs of a shape.
    fn dimensions(&self, inputs: &Shape) -> Result<Dimensions, String> {
        let Some(dims) = inputs.dims() else {
            return Err("group_norm needs inputs of a known rank".to_owned());
        };
        let from_first = |name: &str, axis: i64| {
            let found = if axis < 0 {
                axis + dims.len() as i64
            } else {
                axis
            };
            let found = usize::try_from(found)
                .ok()
                .filter(|axis| *axis < dims.len());
            let rank = dims.len();
            found.ok_or_else(|| format!("{name} {axis} is no dimension of inputs of rank {rank}"))
        };
        let size = |at: usize| {
            dims[at].ok_or_else(|| {
                format!(
                    "group_norm needs to know dimension {at} of its inputs, their shape is {inputs}"
                )
            })
        };
        let axis = from_first("channels_axis", self.channels_axis.into())?;
        let channels = size(axis)?;
        let mut reduced = vec![axis as i32 + 1];
        for number in self.reduction_axes.numbers() {
            let at = from_first("reduction axis", number)?;
            size(at)?;
            if at == axis {
                return Err(format!("reduction axis {number} is that of the channels"));
            }
            // That of the channels has become two.
            reduced.push(at as i32 + i32::from(at > axis));
        }
        if self.groups == 0 || channels % self.groups != 0 {
            return Err(format!(
                "{channels} channels cannot be divided into {} groups",
                self.groups
            ));
        }
        Ok(Dimensions {
            axis,
            channels,
            reduced,
        })
    }
}
