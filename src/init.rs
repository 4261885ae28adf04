//! Initializers: the initial values of variables, as nodes of the graph (`tf.initializers`).
//!
//! [`Session`](crate::Session) computes the nodes with TensorFlow's own random numbers, so that equal seeds give equal
//! weights.

pub mod contrib;
mod orthogonal;
mod partition_info;
mod scaling;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::nodes::uniform_value;
use crate::ops::random::{normal_of, uniform_of};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

use orthogonal::{Maker, SeedsUsed};
pub use partition_info::PartitionInfo;
use scaling::Scaling;

/// The nodes of a variable's initial value.
///
/// The functions of this module make one, and [`Initializer::from_fn`] makes one of any function. Random ones take a
/// seed of their own with [`seed`](Initializer::seed).
///
/// ```
/// use tfhub::{DType, init};
/// # let g = tfhub::GraphBuilder::new();
/// let initializer = init::truncated_normal(0.0, 0.02).seed(7);
/// let initial_value = initializer.build(&g, &[3, 2], DType::Float32);
/// assert_eq!(initial_value.shape().to_string(), "[3, 2]");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Initializer {
    /// The function of this module that the author called.
    name: &'static str,
    kind: Kind,
    seed: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Zeros,
    Ones,
    Constant {
        value: TensorValue,
        /// Whether its shape has to be that of the variable.
        verify_shape: bool,
    },
    RandomUniform {
        min: f64,
        max: f64,
    },
    RandomNormal {
        mean: f64,
        stddev: f64,
    },
    TruncatedNormal {
        mean: f64,
        stddev: f64,
    },
    Scaled(Scaling),
    Identity(f64),
    Orthogonal(f64),
    DeltaOrthogonal(f64),
    /// For convolutions in this many dimensions.
    ConvolutionalOrthogonal(usize, f64, SeedsUsed),
    Function(Function),
}

type Build = dyn for<'g> Fn(&'g GraphBuilder, &[usize], DType, Option<&PartitionInfo>) -> AnyTensor<'g>
    + Send
    + Sync;

/// A function of the author's that makes the nodes; equal to itself alone.
#[derive(Clone)]
struct Function(Arc<Build>);

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

/// The divisor of the scale of [`variance_scaling`].
///
/// ```
/// use tfhub::init::{self, Distribution, FanMode};
/// # let g = tfhub::GraphBuilder::new();
/// let by_outputs = init::variance_scaling(2.0, FanMode::FanOut, Distribution::UntruncatedNormal);
/// g.get_variable::<f32>("filter").shape([3, 3, 1, 8]).initializer(by_outputs).finish();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FanMode {
    /// The number of inputs of a unit.
    FanIn,
    /// The number of outputs of a unit.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// The distribution that [`variance_scaling`] draws from.
///
/// ```
/// use tfhub::init::{self, Distribution, FanMode};
/// # let g = tfhub::GraphBuilder::new();
/// let uniform = init::variance_scaling(1.0, FanMode::FanAvg, Distribution::Uniform);
/// let kernel = g.get_variable::<f32>("kernel").shape([3, 2]).initializer(uniform).finish();
/// assert_eq!(kernel.name(), "kernel");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// A normal distribution cut off at two standard deviations ("normal" in TensorFlow 1).
    TruncatedNormal,
    /// A normal distribution.
    UntruncatedNormal,
    /// A uniform distribution.
    Uniform,
}

fn new(name: &'static str, kind: Kind) -> Initializer {
    Initializer {
        name,
        kind,
        seed: None,
    }
}

fn scaled(
    name: &'static str,
    scale: f64,
    mode: FanMode,
    distribution: Distribution,
) -> Initializer {
    let scaling = Scaling::Variance(scale, mode, distribution);
    new(name, Kind::Scaled(scaling))
}

/// Zeros, empty strings or false (`tf.zeros_initializer`).
pub fn zeros() -> Initializer {
    new("zeros", Kind::Zeros)
}

/// Ones (`tf.ones_initializer`).
pub fn ones() -> Initializer {
    new("ones", Kind::Ones)
}

/// The given elements, the last one repeated until the variable is full (`tf.constant_initializer`).
///
/// Numbers are converted to the variable's dtype. More elements than the variable has are a fault, and with
/// [`verify_shape`](Initializer::verify_shape) any other shape is.
///
/// ```
/// use tfhub::init;
/// # let g = tfhub::GraphBuilder::new();
/// let bias = g.get_variable::<f32>("bias").shape([3]).initializer(init::constant(0.1)).finish();
/// assert_eq!(g.operation("bias/Initializer/Const")?.op(), "Const");
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn constant(value: impl IntoTensorValue) -> Initializer {
    let kind = Kind::Constant {
        value: value.into_tensor_value(),
        verify_shape: false,
    };
    new("constant", kind)
}

/// Values between `min` and `max`, each as likely as any other (`tf.random_uniform_initializer`).
pub fn random_uniform(min: f64, max: f64) -> Initializer {
    new("random_uniform", Kind::RandomUniform { min, max })
}

/// Values of a normal distribution (`tf.random_normal_initializer`).
pub fn random_normal(mean: f64, stddev: f64) -> Initializer {
    new("random_normal", Kind::RandomNormal { mean, stddev })
}

/// Values of a normal distribution within two standard deviations (`tf.truncated_normal_initializer`).
pub fn truncated_normal(mean: f64, stddev: f64) -> Initializer {
    new("truncated_normal", Kind::TruncatedNormal { mean, stddev })
}

/// Values whose variance is `scale` divided by the number of inputs, outputs or their mean
/// (`tf.variance_scaling_initializer`).
///
/// ```
/// use tfhub::init::{self, Distribution, FanMode};
/// # let g = tfhub::GraphBuilder::new();
/// let narrow = init::variance_scaling(0.5, FanMode::FanIn, Distribution::Uniform);
/// g.get_variable::<f32>("kernel").shape([3, 2]).initializer(narrow.seed(7)).finish();
/// ```
pub fn variance_scaling(scale: f64, mode: FanMode, distribution: Distribution) -> Initializer {
    scaled("variance_scaling", scale, mode, distribution)
}

/// Uniform with a variance of 2 / (inputs + outputs) (`tf.glorot_uniform_initializer`).
pub fn glorot_uniform() -> Initializer {
    scaled(
        "glorot_uniform",
        1.0,
        FanMode::FanAvg,
        Distribution::Uniform,
    )
}

/// Truncated normal with a variance of 2 / (inputs + outputs) (`tf.glorot_normal_initializer`).
pub fn glorot_normal() -> Initializer {
    scaled(
        "glorot_normal",
        1.0,
        FanMode::FanAvg,
        Distribution::TruncatedNormal,
    )
}

/// Uniform with a variance of 2 / inputs (`tf.initializers.he_uniform`).
pub fn he_uniform() -> Initializer {
    scaled("he_uniform", 2.0, FanMode::FanIn, Distribution::Uniform)
}

/// Truncated normal with a variance of 2 / inputs (`tf.initializers.he_normal`).
pub fn he_normal() -> Initializer {
    scaled(
        "he_normal",
        2.0,
        FanMode::FanIn,
        Distribution::TruncatedNormal,
    )
}

/// Uniform with a variance of 1 / inputs (`tf.initializers.lecun_uniform`).
pub fn lecun_uniform() -> Initializer {
    scaled("lecun_uniform", 1.0, FanMode::FanIn, Distribution::Uniform)
}

/// Truncated normal with a variance of 1 / inputs (`tf.initializers.lecun_normal`).
pub fn lecun_normal() -> Initializer {
    scaled(
        "lecun_normal",
        1.0,
        FanMode::FanIn,
        Distribution::TruncatedNormal,
    )
}

/// Uniform with a variance of `factor` squared divided by the product of all dimensions but the last
/// (`tf.uniform_unit_scaling_initializer`).
pub fn uniform_unit_scaling(factor: f64) -> Initializer {
    new(
        "uniform_unit_scaling",
        Kind::Scaled(Scaling::UniformUnit(factor)),
    )
}

/// The unit matrix times `gain`, for variables of rank 2 (`tf.initializers.identity`).
pub fn identity(gain: f64) -> Initializer {
    new("identity", Kind::Identity(gain))
}

/// A matrix with orthogonal columns or, if it has fewer rows than columns, rows, times `gain`
/// (`tf.initializers.orthogonal`). All dimensions but the last are its rows.
///
/// The matrix is the `Q` of a QR decomposition of normally distributed values, whose columns have the signs for which the
/// diagonal of `R` is positive, so it does not depend on the algorithm; a session's values may still differ from
/// TensorFlow's in the last bits.
///
/// ```
/// use tfhub::{Session, init};
/// # let g = tfhub::GraphBuilder::new();
/// g.get_variable::<f32>("w").shape([2, 2]).initializer(init::orthogonal(1.0).seed(3)).finish();
/// let session = Session::new(&g.finish()?)?;
/// let w = session.read::<f32>("w")?;
/// assert!((w[[0, 0]] * w[[0, 1]] + w[[1, 0]] * w[[1, 1]]).abs() < 1e-6);
/// # Ok::<(), tfhub::Error>(())
/// ```
pub fn orthogonal(gain: f64) -> Initializer {
    new("orthogonal", Kind::Orthogonal(gain))
}

/// A kernel of a convolution in one to three dimensions whose center is an [orthogonal](orthogonal()) matrix, times
/// `gain`, and whose other elements are zero (`tf.contrib.framework.convolutional_delta_orthogonal`).
pub fn convolutional_delta_orthogonal(gain: f64) -> Initializer {
    new(
        "convolutional_delta_orthogonal",
        Kind::DeltaOrthogonal(gain),
    )
}

/// A kernel of a convolution in one dimension that keeps norms, times `gain`
/// (`tf.contrib.framework.convolutional_orthogonal_1d`).
///
/// Each random node adds one to the [seed](Initializer::seed), as in Python: clones of an initializer share it, and
/// the second variable that one of them fills gets another kernel than the first.
pub fn convolutional_orthogonal_1d(gain: f64) -> Initializer {
    let kind = Kind::ConvolutionalOrthogonal(1, gain, SeedsUsed::default());
    new("convolutional_orthogonal_1d", kind)
}

/// A square kernel of a convolution in two dimensions that keeps norms, times `gain`
/// (`tf.contrib.framework.convolutional_orthogonal_2d`); its seed counts as that of [`convolutional_orthogonal_1d`].
pub fn convolutional_orthogonal_2d(gain: f64) -> Initializer {
    let kind = Kind::ConvolutionalOrthogonal(2, gain, SeedsUsed::default());
    new("convolutional_orthogonal_2d", kind)
}

/// A cubic kernel of a convolution in three dimensions that keeps norms, times `gain`
/// (`tf.contrib.framework.convolutional_orthogonal_3d`); its seed counts as that of [`convolutional_orthogonal_1d`].
pub fn convolutional_orthogonal_3d(gain: f64) -> Initializer {
    let kind = Kind::ConvolutionalOrthogonal(3, gain, SeedsUsed::default());
    new("convolutional_orthogonal_3d", kind)
}

/// The initializer of `tf.get_variable` where none is given.
pub(crate) fn default_for(dtype: DType) -> Initializer {
    if dtype.is_floating() {
        glorot_uniform()
    } else {
        zeros()
    }
}

impl Initializer {
    /// The tensor that `function` makes of the graph, the variable's shape and its dtype, as a function that Python
    /// takes for an initializer.
    ///
    /// ```
    /// use tfhub::init::Initializer;
    /// use tfhub::ops::random;
    /// # let g = tfhub::GraphBuilder::new();
    /// let positive = Initializer::from_fn(|g, shape, _| {
    ///     let values = random::uniform::<f32>(g, shape.iter().map(|&size| size as i64).collect::<Vec<_>>(), ());
    ///     (values * 2.0).any()
    /// });
    /// g.get_variable::<f32>("scale").shape([3]).initializer(positive).finish();
    /// assert_eq!(g.operation("scale/Initializer/mul")?.op(), "Mul");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn from_fn(
        function: impl for<'g> Fn(&'g GraphBuilder, &[usize], DType) -> AnyTensor<'g>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self::from_partition_fn(move |g, shape, dtype, _| function(g, shape, dtype))
    }

    /// The tensor that `function` makes, which is told the place of a part in a partitioned variable besides, as
    /// `partition_info` tells it in Python.
    ///
    /// ```
    /// use tfhub::init::{Initializer, PartitionInfo};
    /// # let g = tfhub::GraphBuilder::new();
    /// // Each part starts from the number of its first row.
    /// let first_row = Initializer::from_partition_fn(|g, shape, _, partition: Option<&PartitionInfo>| {
    ///     let row = partition.map_or(0, |partition| partition.offset()[0]);
    ///     tfhub::ops::array::fill(g, shape.iter().map(|&size| size as i64).collect::<Vec<_>>(), row as f32).any()
    /// });
    /// g.get_variable::<f32>("rows").shape([3]).initializer(first_row).finish();
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn from_partition_fn(
        function: impl for<'g> Fn(
            &'g GraphBuilder,
            &[usize],
            DType,
            Option<&PartitionInfo>,
        ) -> AnyTensor<'g>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        new("from_fn", Kind::Function(Function(Arc::new(function))))
    }

    /// The seed of the random node, besides the graph's own seed; without effect on initializers that are not
    /// random.
    pub fn seed(mut self, seed: i64) -> Self {
        self.seed = Some(seed);
        if let Kind::ConvolutionalOrthogonal(.., used) = &mut self.kind {
            *used = SeedsUsed::default();
        }
        self
    }

    /// Has a [`constant`] refuse variables of another shape than its own (`verify_shape=True`); without effect on other
    /// initializers.
    pub fn verify_shape(mut self, verify: bool) -> Self {
        if let Kind::Constant { verify_shape, .. } = &mut self.kind {
            *verify_shape = verify;
        }
        self
    }

    /// Makes the nodes of a value with this shape and dtype in the current name scope.
    ///
    /// A dtype or shape that the initializer cannot make is reported.
    #[track_caller]
    pub fn build<'g>(&self, g: &'g GraphBuilder, shape: &[usize], dtype: DType) -> AnyTensor<'g> {
        self.build_part(g, shape, dtype, None)
    }

    /// Makes the nodes of a value that is a part of a whole, if a place in one is given.
    #[track_caller]
    pub(crate) fn build_part<'g>(
        &self,
        g: &'g GraphBuilder,
        shape: &[usize],
        dtype: DType,
        partition: Option<&PartitionInfo>,
    ) -> AnyTensor<'g> {
        let here = Location::caller();
        let is_float = dtype.is_floating();
        let maker = Maker {
            g,
            dtype,
            seed: self.seed,
            used: match &self.kind {
                Kind::ConvolutionalOrthogonal(.., used) => Some(used),
                _ => None,
            },
        };
        let is_decomposed = matches!(dtype, DType::Float32 | DType::Float64);
        let made = match &self.kind {
            Kind::Zeros => Ok(uniform_value(g, "zeros", dtype, shape, 0.0, here)),
            Kind::Ones => Ok(uniform_value(g, "ones", dtype, shape, 1.0, here)),
            Kind::Constant {
                value,
                verify_shape,
            } => match value.converted(dtype) {
                Some(value) if *verify_shape && value.shape() != shape => {
                    let (own, found) = (Shape::from(value.shape()), Shape::from(shape));
                    let message =
                        format!("the constant is for the shape {own}, the variable's is {found}");
                    g.report(Rule::Shape, message);
                    Ok(AnyTensor::poison(g))
                }
                Some(value) => Ok(g.constant_filled("Const", &value, shape)),
                None => return self.wrong_dtype(g, dtype),
            },
            &Kind::RandomUniform { min, max }
                if is_float || matches!(dtype, DType::Int32 | DType::Int64) =>
            {
                Ok(uniform_of(
                    g,
                    "random_uniform",
                    dtype,
                    shape,
                    (min, max),
                    self.seed,
                ))
            }
            &Kind::RandomNormal { mean, stddev } if is_float => {
                let op = ("RandomStandardNormal", "random_normal");
                Ok(normal_of(g, op, dtype, shape, (mean, stddev), self.seed))
            }
            &Kind::TruncatedNormal { mean, stddev } if is_float => {
                let op = ("TruncatedNormal", "truncated_normal");
                Ok(normal_of(g, op, dtype, shape, (mean, stddev), self.seed))
            }
            Kind::Scaled(scaling) if is_float => {
                let whole = partition.map_or(shape, PartitionInfo::full_shape);
                let made = scaling.build(g, shape, whole, dtype, self.seed);
                made.ok_or("with elements")
            }
            Kind::Identity(gain) if is_float => maker.identity(shape, partition, *gain),
            Kind::Orthogonal(gain) if is_decomposed => maker.orthogonal(shape, *gain),
            Kind::DeltaOrthogonal(gain) if is_decomposed => maker.delta(shape, *gain),
            Kind::ConvolutionalOrthogonal(dims, gain, _) if is_decomposed => {
                maker.convolutional(*dims, shape, *gain)
            }
            Kind::Function(Function(build)) => {
                let value = build(g, shape, dtype, partition);
                if value.is_poison() || value.dtype() == dtype {
                    return value;
                }
                let found = value.dtype();
                value.report(
                    Rule::Value,
                    &format!("expected an initial value of dtype {dtype}, found {found}"),
                );
                Ok(AnyTensor::poison(g))
            }
            _ => return self.wrong_dtype(g, dtype),
        };
        made.unwrap_or_else(|needed| {
            let (name, found) = (self.name, Shape::from(shape));
            let message =
                format!("the initializer {name} makes values of a shape {needed}, found {found}");
            g.report(Rule::Shape, message);
            AnyTensor::poison(g)
        })
    }

    fn wrong_dtype<'g>(&self, g: &'g GraphBuilder, dtype: DType) -> AnyTensor<'g> {
        g.report(
            Rule::Value,
            format_args!(
                "the initializer {} cannot make values of dtype {dtype}",
                self.name
            ),
        );
        AnyTensor::poison(g)
    }
}

#[cfg(test)]
mod tests;
