//! Batch normalization by one op of what `tf.layers` does not build so.

use super::BatchNorm;
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::layers::Normalizable;
use crate::layers::base::refuse;
use crate::layers::kernel::WeightOptions;
use crate::ops::array;
use crate::ops::nn::{DataFormat, FusedBatchNormOptions, fused_batch_norm_of};
use crate::ops::nodes::{Arg, Nodes};
use crate::value::TensorValue;

impl<'g, T: Normalizable> BatchNorm<'g, T> {
    /// One op normalizes in a scope of the layer's.
    pub(super) fn by_one_op(
        &self,
        g: &'g GraphBuilder,
        inputs: Tensor<'g, T>,
        channels: usize,
    ) -> Tensor<'g, T> {
        if T::DTYPE == DType::Float64 {
            let message = "inputs of float64 are normalized by several ops; say `fused(false)`";
            refuse(g, &inputs, message.to_owned());
            return AnyTensor::poison(g).typed();
        }
        g.variable_scope(self.scope.enter("BatchNorm"), |_| {
            let outputs = self.normalized(Nodes(g), inputs, channels);
            self.outputs.apply(outputs)
        })
    }

    fn normalized(&self, n: Nodes<'g>, inputs: Tensor<'g, T>, channels: usize) -> Tensor<'g, T> {
        let g = n.0;
        let is_matrix = inputs.shape().rank() == Some(2);
        let images = match (is_matrix, self.data_format) {
            (false, _) => inputs.any(),
            (true, DataFormat::Nhwc) => n.reshape(inputs, [-1, 1, 1, channels as i32]),
            (true, DataFormat::Nchw) => n.reshape(inputs, [-1, channels as i32, 1, 1]),
        };
        let parameter = |name, is_there: bool, options: &WeightOptions, neutral: f32| {
            if !is_there {
                let neutral = TensorValue::scalar(neutral);
                return g.constant_filled("Const", &neutral, &[channels]).into();
            }
            let variable = self.scope.model_variable::<f32>(g, name, &[channels]);
            let variable = variable.initializer(options.initializer.clone());
            Arg::of(variable.regularizer(options.regularizer.clone()).finish())
        };
        let beta = parameter("beta", self.center, &self.beta, 0.0);
        let gamma = parameter("gamma", self.scale, &self.gamma, 1.0);
        let moving = self.moving_statistics::<f32>(g, channels);
        let options = FusedBatchNormOptions::default()
            .epsilon(self.epsilon)
            .data_format(self.data_format);
        let normalized = |options| {
            let parameters = (gamma.clone(), beta.clone());
            let node = fused_batch_norm_of(n, images.into(), parameters, T::DTYPE, options);
            let [outputs, mean, variance] = [0, 1, 2].map(|output| node.output(output));
            (
                outputs.typed::<T>(),
                mean.typed::<f32>(),
                variance.typed::<f32>(),
            )
        };
        let known = || options.clone().known(Arg::of(moving.0), Arg::of(moving.1));
        let (mut outputs, mean, variance) = g.smart_cond(
            self.is_training,
            || normalized(options.clone()),
            || normalized(known()),
        );
        let moments = (mean, variance);
        match self.updates_collections.keys() {
            _ if self.is_training.constant_value() == Some(false) => {}
            Some(keys) => self.add_updates(g, &keys, moving, moments),
            None => {
                let waiting = || {
                    let updates = self.updates(moving, moments);
                    g.control_dependencies(updates, || array::identity(outputs))
                };
                outputs = g.smart_cond(self.is_training, waiting, || outputs);
            }
        }
        outputs.set_shape(images.shape());
        match is_matrix {
            false => outputs,
            true => {
                let shape = n.shape(inputs);
                n.reshape(outputs, shape).typed()
            }
        }
    }
}
