//! Batch renormalization.

use super::updates::Updates;
use super::{BatchNormalization, Normalizable};
use crate::graph::{AnyTensor, GraphBuilder};
use crate::init::Initializer;
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::value::TensorValue;
use crate::variable::{AnyScalar, Variable};

/// The bounds of the corrections of batch renormalization: scalars that are numbers or tensors.
///
/// ```
/// use tfhub::layers::{self, RenormClipping};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8));
/// let clipping = RenormClipping::default().rmax(3.0).rmin(1.0 / 3.0).dmax(5.0);
/// layers::batch_normalization().renorm(true).renorm_clipping(clipping).training(true).apply(x);
/// ```
#[derive(Debug, Clone, Default)]
pub struct RenormClipping<'g> {
    rmax: Option<AnyScalar<'g>>,
    rmin: Option<AnyScalar<'g>>,
    dmax: Option<AnyScalar<'g>>,
}

impl<'g> RenormClipping<'g> {
    /// The greatest ratio of the deviation of a batch to that of a longer time.
    pub fn rmax(mut self, rmax: impl Into<AnyScalar<'g>>) -> Self {
        self.rmax = Some(rmax.into());
        self
    }

    /// The smallest ratio of the deviation of a batch to that of a longer time.
    pub fn rmin(mut self, rmin: impl Into<AnyScalar<'g>>) -> Self {
        self.rmin = Some(rmin.into());
        self
    }

    /// The greatest distance of the mean of a batch from that of a longer time, in deviations of the latter.
    pub fn dmax(mut self, dmax: impl Into<AnyScalar<'g>>) -> Self {
        self.dmax = Some(dmax.into());
        self
    }

    /// The bounds by their names.
    pub(super) fn bounds(&self) -> [(&'static str, Option<&AnyScalar<'g>>); 3] {
        [
            ("rmax", self.rmax.as_ref()),
            ("rmin", self.rmin.as_ref()),
            ("dmax", self.dmax.as_ref()),
        ]
    }
}

/// The variables that renormalization needs besides.
#[derive(Debug)]
pub(super) struct Renorm<'g, P: Float> {
    /// The deviation that inference has the square of.
    pub(super) moving_stddev: Variable<'g, P>,
    mean: Variable<'g, P>,
    stddev: Variable<'g, P>,
}

impl<'g, P: Float> Renorm<'g, P> {
    /// Makes the variables as `statistic` does, where the moving ones are.
    pub(super) fn new(
        g: &'g GraphBuilder,
        (moving_mean, moving_variance): (Variable<'g, P>, Variable<'g, P>),
        (of_mean, of_variance): (Option<&Initializer>, Option<&Initializer>),
        statistic: &dyn Fn(&'static str, Option<&Initializer>) -> Variable<'g, P>,
    ) -> Self {
        let of_stddev = of_variance.cloned().map(|of_variance| {
            Initializer::from_fn(move |g, shape, dtype| {
                Nodes(g).unary("Sqrt", of_variance.build(g, shape, dtype))
            })
        });
        let of_stddev = of_stddev.as_ref();
        let moving_stddev =
            g.colocate_with(moving_variance, || statistic("moving_stddev", of_stddev));
        let mean = g.colocate_with(moving_mean, || statistic("renorm_mean", of_mean));
        let stddev = g.colocate_with(moving_stddev, || statistic("renorm_stddev", of_stddev));
        Renorm {
            moving_stddev,
            mean,
            stddev,
        }
    }
}

/// The correction of the normalized values, and the statistics that the moving ones are brought up to date with.
pub(super) struct Corrected<'g> {
    pub(super) factor: AnyTensor<'g>,
    pub(super) shift: AnyTensor<'g>,
    pub(super) mean: AnyTensor<'g>,
    pub(super) variance: AnyTensor<'g>,
}

impl<'g, T: Normalizable> BatchNormalization<'g, T> {
    /// Corrects the statistics of a batch, and brings those of a longer time up to date.
    #[track_caller]
    pub(super) fn corrected(
        &self,
        n: Nodes<'g>,
        renorm: Renorm<'g, T::Statistics>,
        (mean, variance): (AnyTensor<'g>, AnyTensor<'g>),
    ) -> Corrected<'g> {
        let g = n.0;
        let sum = n.add(variance, self.epsilon);
        let stddev = n.unary("Sqrt", sum);
        let least = n.unary("Sqrt", TensorValue::scalar(self.epsilon as f32));
        let longer = n.maximum(Arg::of(renorm.stddev), least);
        let ratio = n.truediv(stddev, longer);
        let difference = n.sub(mean, Arg::of(renorm.mean));
        let distance = n.truediv(difference, longer);
        let both = [ratio.operation(), distance.operation()];
        let [mean, stddev] = g.control_dependencies(both, || {
            [mean, stddev].map(|tensor| n.identity("Identity", tensor))
        });
        let clipping = self.renorm_clipping.clone();
        let mut factor = ratio;
        if let Some(rmin) = clipping.rmin {
            factor = n.maximum(factor, rmin.into_operand());
        }
        if let Some(rmax) = clipping.rmax {
            factor = n.minimum(factor, rmax.into_operand());
        }
        let mut shift = distance;
        if let Some(dmax) = clipping.dmax {
            shift = n.maximum(shift, dmax.clone().negative(n));
            shift = n.minimum(shift, dmax.into_operand());
        }
        let factor = g.smart_cond(self.training, || factor, || n.ones_like(factor));
        let shift = g.smart_cond(self.training, || shift, || n.zeros_like(shift));
        let updates = Updates::new(n, self.training);
        let kept = |variable, value| {
            let value = n.identity("Identity", value);
            let momentum = &self.renorm_momentum;
            updates.conditional(
                || updates.moving_average(variable, value, momentum.clone()),
                || n.identity("Identity", Arg::of(variable)),
            )
        };
        let updated = [kept(renorm.mean, mean), kept(renorm.stddev, stddev)];
        let [mean, variance] = g.control_dependencies(updated, || {
            [mean, variance].map(|tensor| n.identity("Identity", tensor))
        });
        Corrected {
            factor,
            shift,
            mean,
            variance,
        }
    }
}
