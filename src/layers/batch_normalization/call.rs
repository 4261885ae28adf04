//! The nodes of an application of batch normalization.

use super::renorm::Corrected;
use super::updates::Updates;
use super::{BatchNormalization, Call, Normalizable, Parameter, Statistics};
use crate::dtype::DType;
use crate::dtype::TensorType as _;
use crate::graph::{AnyTensor, Operation, Tensor, keys};
use crate::layers::base::refuse;
use crate::ops::TensorLike;
use crate::ops::math::Axes;
use crate::ops::nn::{
    BatchNormalizationOptions, DataFormat, FusedBatchNormOptions, batch_normalization_of,
    fused_batch_norm_of, moments_of,
};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::variable::{AnyScalar, Variable};

/// The statistics by which values are normalized, and what these are multiplied by and moved by afterwards.
struct Normalization<'g> {
    mean: Arg<'g>,
    variance: Arg<'g>,
    scale: Option<Arg<'g>>,
    offset: Option<Arg<'g>>,
}

/// The dimensions of an application.
struct Dimensions {
    rank: usize,
    /// Those that are normalized along.
    reduced: Vec<i32>,
    /// Whether moments keep them.
    keep: bool,
    /// The shape in which a vector meets the inputs, where it is not that of the last dimension.
    broadcast: Option<Vec<i32>>,
}

impl<'g, P: Float> Parameter<'g, P> {
    fn arg(self) -> Option<Arg<'g>> {
        match self {
            Parameter::Nothing => None,
            Parameter::Constant(constant) => Some(constant.into()),
            Parameter::Variable(variable) => Some(Arg::of(variable)),
        }
    }
}

impl<'g, T: Normalizable> Call<'g> for BatchNormalization<'g, T> {
    fn call(
        &self,
        inputs: impl TensorLike<'g, T>,
        weights: Statistics<'g, T::Statistics>,
    ) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let shape = inputs.static_shape();
        let dims = shape.dims().unwrap_or_default();
        let axes = self.axes(dims.len()).unwrap_or_default();
        if dims.len() != weights.rank {
            let message = format!(
                "the layer's variables are for inputs of rank {}, their shape is {shape}",
                weights.rank
            );
            refuse(n.0, &inputs, message);
            return AnyTensor::poison(n.0).typed();
        }
        let x = Arg::of(inputs);
        if self.is_fused(dims.len(), &axes) {
            return self.fused_call(n, x, &axes, weights).typed();
        }
        let Some(size) = self.virtual_batch_size else {
            return self.plain_call(n, x, &axes, weights).typed();
        };
        let rest = dims.iter().skip(1).flatten().map(|&size| size as i32);
        let whole: Vec<_> = std::iter::once(-1).chain(rest.clone()).collect();
        let parts = [size as i32, -1].into_iter().chain(rest);
        let x = n.reshape(x, parts.collect::<Vec<_>>());
        let axes: Vec<_> = axes.iter().map(|axis| axis + 1).collect();
        let outputs = self.plain_call(n, x.into(), &axes, weights);
        n.reshape(outputs, whole).typed()
    }
}

impl<'g, T: Normalizable> BatchNormalization<'g, T> {
    /// One op normalizes.
    fn fused_call(
        &self,
        n: Nodes<'g>,
        x: Arg<'g>,
        axes: &[usize],
        weights: Statistics<'g, T::Statistics>,
    ) -> AnyTensor<'g> {
        let g = n.0;
        let data_format = match axes {
            [1] => DataFormat::Nchw,
            _ => DataFormat::Nhwc,
        };
        let options = FusedBatchNormOptions::default()
            .epsilon(self.epsilon)
            .data_format(data_format);
        let normalized = |options| {
            let parameter = |parameter: Parameter<'g, T::Statistics>| {
                let arg = parameter.arg();
                arg.unwrap_or_else(|| AnyTensor::poison(g).into())
            };
            let parameters = (parameter(weights.gamma), parameter(weights.beta));
            let node = fused_batch_norm_of(n, x.clone(), parameters, T::DTYPE, options);
            [0, 1, 2].map(|output| node.output(output))
        };
        let inference = || {
            let mean = Arg::of(weights.moving_mean);
            let variance = Arg::of(weights.moving_variance);
            normalized(options.clone().known(mean, variance))
        };
        let training = || normalized(options.clone());
        let [outputs, mean, variance] = g.smart_cond(self.training, training, inference);
        let momentum = || self.momentum.clone().into_arg();
        let momentum = || momentum().convert(g, "Const", DType::Float32);
        let is_training = self.training.constant_value();
        let momentum = match is_training {
            None => g.smart_cond(self.training, momentum, || n.constant("Const", 1f32)),
            Some(_) => momentum(),
        };
        if is_training != Some(false) {
            let updates = Updates::new(n, self.training);
            let kept = |variable, value| {
                let update = updates.moving_average(variable, value, AnyScalar::of(momentum));
                self.add_update(update.operation());
            };
            kept(weights.moving_mean, mean);
            kept(weights.moving_variance, variance);
        }
        outputs
    }

    fn dimensions(&self, x: &Arg<'g>, axes: &[usize]) -> Dimensions {
        let shape = x.shape();
        let dims = shape.dims().unwrap_or_default();
        let rank = dims.len();
        let has_parts = self.virtual_batch_size.is_some();
        let is_reduced = |axis: &usize| !(axes.contains(axis) || has_parts && *axis == 1);
        let reduced: Vec<_> = (0..rank).filter(is_reduced).collect();
        let broadcast = match axes {
            [axis] if *axis + 1 != rank => {
                let mut broadcast = vec![1; rank];
                broadcast[*axis] = dims[*axis].unwrap_or(1) as i32;
                Some(broadcast)
            }
            _ => None,
        };
        Dimensions {
            rank,
            reduced: reduced.into_iter().map(|axis| axis as i32).collect(),
            keep: has_parts || axes.len() > 1,
            broadcast: broadcast.filter(|_| !has_parts),
        }
    }

    /// Several ops normalize.
    fn plain_call(
        &self,
        n: Nodes<'g>,
        x: Arg<'g>,
        axes: &[usize],
        weights: Statistics<'g, T::Statistics>,
    ) -> AnyTensor<'g> {
        let shape = x.shape();
        let dimensions = self.dimensions(&x, axes);
        let broadcast = |arg: Arg<'g>| match &dimensions.broadcast {
            Some(shape) if arg.shape().rank() != Some(dimensions.rank) => {
                n.reshape(arg, shape.clone()).into()
            }
            _ => arg,
        };
        let scale = weights.gamma.arg().map(broadcast);
        let offset = weights.beta.arg().map(broadcast);
        let normalization = match self.training.constant_value() {
            Some(false) => Normalization {
                mean: Arg::of(weights.moving_mean),
                variance: Arg::of(weights.moving_variance),
                scale,
                offset,
            },
            _ => self.of_batch(n, &x, &dimensions, weights, (scale, offset), &broadcast),
        };
        let cast = |arg| n.cast_arg(arg, T::DTYPE);
        let mean = cast(normalization.mean);
        let variance = cast(normalization.variance);
        let offset = normalization.offset.map(cast);
        let scale = normalization.scale.map(cast);
        let moments = (broadcast(mean), broadcast(variance));
        let options = BatchNormalizationOptions::of(offset, scale);
        let dtypes = (T::DTYPE, T::DTYPE);
        let outputs = batch_normalization_of(n, x, moments, dtypes, self.epsilon, options);
        outputs.set_shape(shape);
        outputs
    }

    /// Normalizes by the statistics of the batch, with which the moving ones are brought up to date.
    fn of_batch(
        &self,
        n: Nodes<'g>,
        x: &Arg<'g>,
        dimensions: &Dimensions,
        weights: Statistics<'g, T::Statistics>,
        (mut scale, mut offset): (Option<Arg<'g>>, Option<Arg<'g>>),
        broadcast: &dyn Fn(Arg<'g>) -> Arg<'g>,
    ) -> Normalization<'g> {
        let g = n.0;
        let dtype = T::Statistics::DTYPE;
        // Both are applied to what has been multiplied by `factor` and moved by `shift`.
        let compose =
            |factor: Arg<'g>, shift: Arg<'g>, scale: Option<Arg<'g>>, offset: Option<Arg<'g>>| {
                let (mut factor, mut shift) = (factor, shift);
                if let Some(scale) = scale {
                    factor = n.mul(factor, scale.clone()).into();
                    shift = n.mul(shift, scale).into();
                }
                if let Some(offset) = offset {
                    shift = n.add(shift, offset).into();
                }
                (Some(factor), Some(shift))
            };
        if let Some(adjustment) = &self.adjustment {
            let [factor, shift] = adjustment.scale_and_bias(n.shape(x).typed());
            let factor = g.smart_cond(self.training, || factor, || n.ones_like(factor));
            let shift = g.smart_cond(self.training, || shift, || n.zeros_like(shift));
            (scale, offset) = compose(factor.into(), shift.into(), scale, offset);
        }
        let axes = Axes::from(&dimensions.reduced[..]).keeping(dimensions.keep);
        let wide = n.cast_arg(x, dtype);
        let (mean, variance) = moments_of(n, wide, &axes, dtype);
        let moving = |variable: Variable<'g, T::Statistics>| variable.value().any();
        let training = self.training;
        let mean = g.smart_cond(training, || mean, || moving(weights.moving_mean));
        let variance = g.smart_cond(training, || variance, || moving(weights.moving_variance));
        let (mut new_mean, mut new_variance) = (mean, variance);
        if self.virtual_batch_size.is_some() {
            let axes = Axes::from(1).keep_dims();
            let over_parts = |x: AnyTensor<'g>| n.reduce("Mean", x, axes.clone());
            (new_mean, new_variance) = (over_parts(mean), over_parts(variance));
        }
        if let Some(renorm) = weights.renorm {
            let corrected = self.corrected(n, renorm, (new_mean, new_variance));
            let Corrected { factor, shift, .. } = corrected;
            (new_mean, new_variance) = (corrected.mean, corrected.variance);
            let factor = broadcast(n.stop_gradient("renorm_r", factor).into());
            let shift = broadcast(n.stop_gradient("renorm_d", shift).into());
            (scale, offset) = compose(factor, shift, scale, offset);
        }
        let updates = Updates::new(n, training);
        let kept = |variable, value| updates.moving_average(variable, value, self.momentum.clone());
        self.add_update(updates.conditional(
            || kept(weights.moving_mean, new_mean),
            || moving(weights.moving_mean),
        ));
        self.add_update(updates.conditional(
            || match weights.renorm {
                None => kept(weights.moving_variance, new_variance),
                Some(renorm) => {
                    let sum = n.add(new_variance, self.epsilon);
                    let stddev = kept(renorm.moving_stddev, n.unary("Sqrt", sum));
                    let square = n.mul(stddev.value(), Arg::of(stddev));
                    let variance = n.sub(square, self.epsilon);
                    updates.new_value(weights.moving_variance, n.unary("Relu", variance))
                }
            },
            || moving(weights.moving_variance),
        ));
        Normalization {
            mean: mean.into(),
            variance: variance.into(),
            scale,
            offset,
        }
    }

    /// Adds an operation that training runs besides, unless training changes nothing of the layer.
    fn add_update(&self, update: Operation<'g>) {
        if self.base.trainable {
            update.graph.add_to_collection(keys::UPDATE_OPS, update);
        }
    }
}
