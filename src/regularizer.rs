//! Regularizers: losses on weights that training adds to its own, in the node shapes of `tf.keras.regularizers` and of
//! `tf.contrib.layers`, or those of any function.

mod function;

use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor, keys};
use crate::ops::TensorLike;
use crate::ops::math::{Axes, reduce};
use crate::ops::nodes::function;
use crate::value::TensorValue;

use function::Function;
pub use function::Regularized;

/// A loss on weights.
///
/// [`contrib`] and [`keras`] have functions that make one, and [`Regularizer::from_fn`] makes one of any function. Both
/// families give the same numbers but for the factor of
/// one half in contrib's L2, and different nodes.
///
/// ```
/// use tfhub::regularizer::{contrib, keras};
/// # let g = tfhub::GraphBuilder::new();
/// let v = g.get_variable::<f32>("v").shape([3]).regularizer(contrib::l2(0.01)).finish();
/// let w = g.get_variable::<f32>("w").shape([3]).regularizer(keras::l1_l2(0.1, 0.01)).finish();
/// assert_eq!(g.operation("v/Regularizer/l2_regularizer")?.op(), "Mul");
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Regularizer(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Rates(Rates),
    Function(Function),
}

/// The rates of the sum of absolute values and of that of squares.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rates {
    family: Family,
    l1: f64,
    l2: f64,
    /// The scope that contrib's nodes are in.
    scope: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Family {
    Contrib,
    Keras,
}

impl Rates {
    fn regularizer(family: Family, l1: f64, l2: f64, scope: &'static str) -> Regularizer {
        Regularizer(Kind::Rates(Rates {
            family,
            l1,
            l2,
            scope,
        }))
    }
}

/// The regularizers of `tf.contrib.layers`.
pub mod contrib {
    use super::{Family, Rates, Regularizer};

    /// `scale` times the sum of absolute values (`l1_regularizer`); none at all if `scale` is 0.
    pub fn l1(scale: f64) -> Regularizer {
        Rates::regularizer(Family::Contrib, scale, 0.0, "l1_regularizer")
    }

    /// `scale` times half of the sum of squares (`l2_regularizer`); none at all if `scale` is 0.
    pub fn l2(scale: f64) -> Regularizer {
        Rates::regularizer(Family::Contrib, 0.0, scale, "l2_regularizer")
    }

    /// The sum of both (`l1_l2_regularizer`).
    pub fn l1_l2(l1: f64, l2: f64) -> Regularizer {
        Rates::regularizer(Family::Contrib, l1, l2, "l1_l2_regularizer")
    }
}

/// The regularizers of `tf.keras.regularizers`.
pub mod keras {
    use super::{Family, Rates, Regularizer};

    /// `rate` times the sum of absolute values (`l1`).
    pub fn l1(rate: f64) -> Regularizer {
        l1_l2(rate, 0.0)
    }

    /// `rate` times the sum of squares (`l2`).
    pub fn l2(rate: f64) -> Regularizer {
        l1_l2(0.0, rate)
    }

    /// The sum of both (`l1_l2`).
    pub fn l1_l2(l1: f64, l2: f64) -> Regularizer {
        Rates::regularizer(Family::Keras, l1, l2, "")
    }
}

impl Regularizer {
    /// The loss that `function` makes of the weights, as a function that Python takes for a regularizer.
    ///
    /// The element type `T` is that of all weights that it is applied to.
    ///
    /// ```
    /// use tfhub::layers;
    /// use tfhub::ops::math::{self, Axes};
    /// use tfhub::regularizer::Regularizer;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let largest = Regularizer::from_fn::<f32>(|w| 0.01 * math::reduce_max(math::abs(w), Axes::ALL));
    /// layers::dense(2).kernel_regularizer(largest).apply(x);
    /// assert_eq!(g.operation("dense/kernel/Regularizer/mul")?.op(), "Mul");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn from_fn<T: TensorType>(
        function: impl for<'w, 'g> Fn(Regularized<'w, 'g, T>) -> Tensor<'g, T> + Send + Sync + 'static,
    ) -> Self {
        Regularizer(Kind::Function(Function::new(function)))
    }

    /// Makes the nodes of the loss on `weights`, in most cases a scalar. Where the rates are 0, contrib makes nothing and
    /// Keras a constant.
    ///
    /// Weights of an element type that the regularizer does not take and rates that are negative or not finite are
    /// reported.
    #[track_caller]
    pub fn apply<'g, T: TensorType>(
        &self,
        weights: impl TensorLike<'g, T> + 'g,
    ) -> Option<AnyTensor<'g>> {
        let g = weights.graph();
        g.called_from(Location::caller(), || match &self.0 {
            Kind::Rates(rates) => rates.apply(g, weights),
            Kind::Function(function) => function.apply(g, weights),
        })
    }

    /// Adds the loss on `weights`, made in a scope of its own, to the regularization losses.
    pub(crate) fn add_loss<'g, T: TensorType>(
        &self,
        scope: &str,
        weights: impl TensorLike<'g, T> + 'g,
    ) {
        let g = weights.graph();
        let loss = g.inner_scope(scope, Location::caller(), |_| self.apply(weights));
        if let Some(loss) = loss {
            g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
        }
    }
}

impl Rates {
    fn apply<'g, T: TensorType>(
        &self,
        g: &'g GraphBuilder,
        weights: impl TensorLike<'g, T>,
    ) -> Option<AnyTensor<'g>> {
        if !T::DTYPE.is_floating() {
            g.report(
                Rule::Value,
                format_args!("weights of dtype {} cannot be regularized", T::DTYPE),
            );
            return None;
        }
        if !(self.l1 >= 0.0 && self.l2 >= 0.0 && self.l1.is_finite() && self.l2.is_finite()) {
            let message = format!(
                "expected rates of at least 0, found l1 {} and l2 {}",
                self.l1, self.l2
            );
            g.report(Rule::Value, message);
            return None;
        }
        match self.family {
            Family::Contrib => self.contrib(g, weights),
            Family::Keras => self.keras(g, weights),
        }
    }

    fn contrib<'g, T: TensorType>(
        &self,
        g: &'g GraphBuilder,
        weights: impl TensorLike<'g, T>,
    ) -> Option<AnyTensor<'g>> {
        let l1 = |scope| contrib_term(g, scope, self.l1, || sum_of(weights, "Abs"), T::DTYPE);
        let l2 = |scope| {
            contrib_term(
                g,
                scope,
                self.l2,
                || function(g, "L2Loss").arg(weights).output(),
                T::DTYPE,
            )
        };
        match (self.l1 > 0.0, self.l2 > 0.0) {
            (false, false) => None,
            (true, false) => Some(l1(self.scope)),
            (false, true) => Some(l2(self.scope)),
            (true, true) => Some(g.inner_scope(self.scope, Location::caller(), |scope| {
                let terms = [l1("l1_regularizer"), l2("l2_regularizer")];
                g.op("AddN").name(scope).inputs(terms).output()
            })),
        }
    }

    fn keras<'g, T: TensorType>(
        &self,
        g: &'g GraphBuilder,
        weights: impl TensorLike<'g, T>,
    ) -> Option<AnyTensor<'g>> {
        let terms = [(self.l1, "Abs"), (self.l2, "Square")];
        let mut terms = terms.into_iter().filter(|(rate, _)| *rate > 0.0).peekable();
        if terms.peek().is_none() {
            return Some(g.constant(0.0f32).any());
        }
        let here = Location::caller();
        let mut total = None;
        for (rate, op) in terms {
            let sum = sum_of(weights, op);
            // Keras keeps rates as float32, whatever the weights are.
            let term = g.inner_scope("mul", here, |scope| {
                let rate = number(g, "x", T::DTYPE, f64::from(rate as f32));
                g.op("Mul").name(scope).input(rate).input(sum).output()
            });
            total = Some(g.inner_scope("add", here, |scope| {
                let before = total.unwrap_or_else(|| number(g, "x", T::DTYPE, 0.0));
                g.op("AddV2").name(scope).input(before).input(term).output()
            }));
        }
        total
    }
}

/// `scale` times a sum, in a scope of its own.
fn contrib_term<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    scale: f64,
    sum: impl FnOnce() -> AnyTensor<'g>,
    dtype: DType,
) -> AnyTensor<'g> {
    g.inner_scope(scope, Location::caller(), |scope| {
        let scale = number(g, "scale", dtype, scale);
        let sum = sum();
        g.op("Mul").name(scope).input(scale).input(sum).output()
    })
}

/// The sum of all elements after an op.
fn sum_of<'g, T: TensorType>(weights: impl TensorLike<'g, T>, op: &'static str) -> AnyTensor<'g> {
    let terms = function(weights.graph(), op)
        .arg(weights)
        .output()
        .typed::<T>();
    reduce("Sum", terms, Axes::ALL, Location::caller()).any()
}

/// A scalar constant of a floating-point dtype.
fn number<'g>(g: &'g GraphBuilder, name: &str, dtype: DType, value: f64) -> AnyTensor<'g> {
    match TensorValue::scalar_from_f64(dtype, value) {
        Some(value) => g.constant_named(name, value),
        None => AnyTensor::poison(g),
    }
}
