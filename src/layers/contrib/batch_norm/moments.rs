//! Batch normalization by several ops of what `tf.layers` does not build so.

use super::BatchNorm;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::init::Initializer;
use crate::layers::Normalizable;
use crate::ops::array;
use crate::ops::math::Axes;
use crate::ops::nn::{
    BatchNormalizationOptions, DataFormat, batch_normalization_of, moments_of, weighted_moments_of,
};
use crate::ops::nodes::{Arg, Nodes};
use crate::shape::Shape;
use crate::variable::Variable;

impl<'g, T: Normalizable> BatchNorm<'g, T> {
    /// Several ops normalize in the open scope.
    pub(super) fn by_moments(
        &self,
        g: &'g GraphBuilder,
        inputs: Tensor<'g, T>,
        channels: usize,
    ) -> Tensor<'g, T> {
        let n = Nodes(g);
        let shape = inputs.shape();
        let rank = shape.rank().unwrap_or_default();
        let weights = self.batch_weights.as_ref();
        let weights = weights.map(|weights| placed_weights(n, weights, &shape));
        // TensorFlow has no regularizers for these.
        let parameter = |name, initializer: &Option<Initializer>| {
            let variable = self.scope.model_variable::<T>(g, name, &[channels]);
            Arg::of(variable.initializer(initializer.clone()).finish())
        };
        let beta = self
            .center
            .then(|| parameter("beta", &self.beta.initializer));
        let gamma = self
            .scale
            .then(|| parameter("gamma", &self.gamma.initializer));
        let moving = self.moving_statistics::<T>(g, channels);
        let (mean, variance) = match self.is_training.constant_value() {
            Some(false) => (Arg::of(moving.0), Arg::of(moving.1)),
            _ => {
                let moments = self.moments(n, inputs, rank, weights);
                let (mean, variance) = self.of_batch(g, moving, moments);
                (mean.into(), variance.into())
            }
        };
        // Vectors of channels that are not last meet the inputs in a shape of their own.
        let placed = |arg: Arg<'g>| match self.data_format {
            DataFormat::Nhwc => arg,
            DataFormat::Nchw => {
                let mut sizes = vec![1; rank];
                sizes[1] = channels as i32;
                n.reshape(arg, sizes).into()
            }
        };
        let statistics = (placed(mean), placed(variance));
        let (beta, gamma) = (beta.map(placed), gamma.map(placed));
        let options = BatchNormalizationOptions::of(beta, gamma);
        let dtypes = (T::DTYPE, T::DTYPE);
        let outputs =
            batch_normalization_of(n, inputs.into(), statistics, dtypes, self.epsilon, options);
        outputs.set_shape(shape);
        self.outputs.apply(outputs.typed())
    }

    /// The mean and the variance of the batch.
    fn moments(
        &self,
        n: Nodes<'g>,
        inputs: Tensor<'g, T>,
        rank: usize,
        weights: Option<AnyTensor<'g>>,
    ) -> (Tensor<'g, T>, Tensor<'g, T>) {
        let rank = rank as i32;
        let moments = |axes: &Axes| match weights {
            None => moments_of(n, inputs.into(), axes, T::DTYPE),
            Some(weights) => weighted_moments_of(n, inputs.into(), axes, weights.into(), T::DTYPE),
        };
        let (mean, variance) = match self.data_format {
            DataFormat::Nhwc => {
                let axes: Vec<_> = (0..rank - 1).collect();
                moments(&axes.into())
            }
            DataFormat::Nchw => {
                let axes: Vec<_> = std::iter::once(0).chain(2..rank).collect();
                let axes = Axes::from(axes).keep_dims();
                let (mean, variance) = moments(&axes);
                let flat = |moment: AnyTensor<'g>| n.reshape(moment, [-1]);
                (flat(mean), flat(variance))
            }
        };
        (mean.typed(), variance.typed())
    }

    /// The statistics to normalize by, after the updates of the moving ones if these are to be waited for.
    fn of_batch(
        &self,
        g: &'g GraphBuilder,
        moving: (Variable<'g, T>, Variable<'g, T>),
        moments: (Tensor<'g, T>, Tensor<'g, T>),
    ) -> (Tensor<'g, T>, Tensor<'g, T>) {
        let known = || (moving.0.value(), moving.1.value());
        match self.updates_collections.keys() {
            None => {
                let waiting = || {
                    let updates = self.updates(moving, moments);
                    let (mean, variance) = moments;
                    let kept = || (array::identity(mean), array::identity(variance));
                    g.control_dependencies(updates, kept)
                };
                g.smart_cond(self.is_training, waiting, known)
            }
            Some(keys) => {
                self.add_updates(g, &keys, moving, moments);
                g.smart_cond(self.is_training, || moments, known)
            }
        }
    }
}

/// Weights of the elements of a batch in a shape that meets that of the inputs. Those that do not fit are reported.
fn placed_weights<'g>(n: Nodes<'g>, weights: &Arg<'g>, inputs: &Shape) -> AnyTensor<'g> {
    let weights = weights.clone().convert(n.0, "Const", DType::Float32);
    let dims = inputs.dims().unwrap_or_default();
    let batch = Shape::from(&dims[..1]);
    if !weights.is_poison() && !batch.is_compatible_with(&weights.shape()) {
        let found = weights.shape();
        let message = format!("batch_weights: expected shape {batch}, found {found}");
        return n.fault(Rule::Shape, message);
    }
    let mut sizes = vec![1; dims.len()];
    sizes[0] = -1;
    n.reshape(weights, sizes)
}
