//! `tf.contrib.layers.layer_norm`.

use std::panic::Location;

use super::collections::variables_collections_setter;
use super::options::{OutputOptions, ScopeOptions, activation_setters, scope_setters};
use super::parameters::Parameters;
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::layers::base::refuse;
use crate::layers::normalizing::center_and_scale_setters;
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nn;
use crate::ops::nodes::Arg;
use crate::ops::types::Float;
use crate::shape::Shape;

/// A layer that normalizes each element of a batch along all dimensions (`tf.contrib.layers.layer_norm`).
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 128, 768));
/// let y = contrib::layer_norm().begin_norm_axis(-1).apply(x);
/// assert_eq!(y.name(), "LayerNorm/batchnorm/add_1:0");
/// ```
pub fn layer_norm<'g, T: Float>() -> LayerNorm<'g, T> {
    LayerNorm {
        scope: ScopeOptions::default(),
        outputs: OutputOptions::linear(),
        center: true,
        scale: true,
        begin_norm_axis: 1,
        begin_params_axis: -1,
    }
}

/// The definition of a layer that normalizes each element of a batch; [`layer_norm`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct LayerNorm<'g, T: Float = f32> {
    scope: ScopeOptions,
    outputs: OutputOptions<'g, T>,
    center: bool,
    scale: bool,
    begin_norm_axis: i32,
    begin_params_axis: i32,
}

impl<'g, T: Float> LayerNorm<'g, T> {
    scope_setters! { scope, "LayerNorm" }
    activation_setters! { "none" }
    variables_collections_setter! { scope }

    center_and_scale_setters! { "" }

    /// The first dimension that is normalized along; 1 by default. A negative one is counted from the last.
    pub fn begin_norm_axis(mut self, axis: i32) -> Self {
        self.begin_norm_axis = axis;
        self
    }

    /// The first dimension that the variables have, the last one by default.
    pub fn begin_params_axis(mut self, axis: i32) -> Self {
        self.begin_params_axis = axis;
        self
    }

    /// Makes a layer on `inputs`, whose rank and sizes along the dimensions of the variables are known.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        g.called_from(Location::caller(), || self.make(g, inputs))
    }

    fn make(&self, g: &'g GraphBuilder, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let shape = inputs.static_shape();
        let (norm_axes, params_shape) = match self.dimensions(&shape) {
            Ok(dimensions) => dimensions,
            Err(message) => {
                refuse(g, &inputs, message);
                return AnyTensor::poison(g).typed();
            }
        };
        g.variable_scope(self.scope.enter("LayerNorm"), |_| {
            let inputs = inputs.into_tensor(g, "");
            let parameters = Parameters::<T>::new(&self.scope, g, &params_shape);
            let beta = self.center.then(|| parameters.beta(None));
            let gamma = self.scale.then(|| parameters.gamma(None));
            let moments = nn::moments(inputs, Axes::from(norm_axes).keep_dims());
            let epsilon = match T::DTYPE {
                DType::Float16 => 1e-3,
                _ => 1e-12,
            };
            let options = nn::BatchNormalizationOptions::of(beta.map(Arg::of), gamma.map(Arg::of));
            let outputs =
                nn::batch_normalization(inputs, moments.mean, moments.variance, epsilon, options);
            outputs.set_shape(shape);
            self.outputs.apply(outputs)
        })
    }

    /// The dimensions that are normalized along, and the sizes of the variables.
    fn dimensions(&self, inputs: &Shape) -> Result<(Vec<i32>, Vec<usize>), String> {
        let Some(dims) = inputs.dims() else {
            return Err("layer_norm needs inputs of a known rank".to_owned());
        };
        let rank = dims.len() as i32;
        let from_first = |name: &str, axis: i32| {
            let found = if axis < 0 { rank + axis } else { axis };
            match (0..rank).contains(&found) {
                true => Ok(found),
                false => Err(format!(
                    "{name} {axis} is no dimension of inputs of rank {rank}"
                )),
            }
        };
        let first = from_first("begin_norm_axis", self.begin_norm_axis)?;
        let begin = from_first("begin_params_axis", self.begin_params_axis)?;
        let sizes: Option<Vec<_>> = dims.iter().skip(begin as usize).copied().collect();
        let sizes = sizes.ok_or_else(|| {
            format!(
                "layer_norm needs to know the sizes of its inputs from dimension {begin} on, their shape is {inputs}"
            )
        })?;
        Ok(((first..rank).collect(), sizes))
    }
}
