//! Initializers of `tf.contrib.layers`, which its layers have by default.
//!
//! They scale by the shape of what they fill: by that of each part, where a variable is partitioned.

use super::scaling::Scaling;
use super::{FanMode, Initializer, Kind, new};

/// Uniform with a variance of 2 / (inputs + outputs) (`tf.contrib.layers.xavier_initializer`).
///
/// ```
/// use tfhub::init::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// g.get_variable::<f32>("weights").shape([3, 2]).initializer(contrib::xavier()).finish();
/// assert_eq!(g.operation("weights/Initializer/random_uniform")?.op(), "Add");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn xavier() -> Initializer {
    scaled("xavier", 1.0, FanMode::FanAvg, true)
}

/// Truncated normal with a variance of about 2 / (inputs + outputs) (`tf.contrib.layers.xavier_initializer` with
/// `uniform=False`).
pub fn xavier_normal() -> Initializer {
    scaled("xavier_normal", 1.0, FanMode::FanAvg, false)
}

/// Truncated normal with a variance of about `factor` divided by the number of inputs, outputs or their mean
/// (`tf.contrib.layers.variance_scaling_initializer`, whose defaults are a factor of 2 and [`FanMode::FanIn`]).
pub fn variance_scaling(factor: f64, mode: FanMode) -> Initializer {
    scaled("variance_scaling", factor, mode, false)
}

/// Uniform with a variance of `factor` divided by the number of inputs, outputs or their mean
/// (`tf.contrib.layers.variance_scaling_initializer` with `uniform=True`).
pub fn variance_scaling_uniform(factor: f64, mode: FanMode) -> Initializer {
    scaled("variance_scaling_uniform", factor, mode, true)
}

fn scaled(name: &'static str, factor: f64, mode: FanMode, is_uniform: bool) -> Initializer {
    new(
        name,
        Kind::Scaled(Scaling::Contrib(factor, mode, is_uniform)),
    )
}
