//! `tf.layers.Dropout`.

use std::fmt;

use super::base::{Base, Call, Fixed, Kind, Name, Sizes, WeightScope, apply_once, plain_methods};
use crate::control_flow::Predicate;
use crate::dtype::DType;
use crate::graph::Tensor;
use crate::ops::nn::{self, DropoutOptions, Scalar};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::ops::{Size, TensorLike};
use crate::shape::Shape;
use crate::variable::VariableScope;

/// A layer that in [`training`](Dropout::training) sets a part of its inputs to 0, by chance, and scales the others up.
///
/// ```
/// use tfhub::layers;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 64));
/// assert_eq!(layers::dropout(0.5).apply(x).name(), "dropout/Identity:0");
/// assert_eq!(layers::dropout(0.5).training(true).apply(x).name(), "dropout_1/dropout/mul_1:0");
/// ```
pub fn dropout<'g, T: Float>(rate: impl Into<Scalar<'g, T>>) -> Dropout<'g, T> {
    Dropout {
        base: Base::default(),
        rate: rate.into(),
        noise_shape: None,
        seed: None,
        training: false.into(),
    }
}

/// The definition of a layer that drops a part of its inputs; [`dropout`] makes one.
///
/// A rate that is a tensor lets the consumers of a module choose it, and `training` may be one too:
///
/// ```
/// use tfhub::layers;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 16, 64));
/// let rate = g.placeholder_with_default(0.1f32, ());
/// let is_training = g.placeholder_with_default(false, ());
/// let dropout = layers::dropout(rate).noise_shape([None, Some(1), Some(64)]).training(is_training);
/// assert_eq!(dropout.apply(x).name(), "dropout/cond/Merge:0");
/// ```
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Dropout<'g, T: Float = f32> {
    base: Base,
    rate: Scalar<'g, T>,
    noise_shape: Option<Vec<Option<usize>>>,
    seed: Option<i64>,
    training: Predicate<'g>,
}

impl<'g, T: Float> Dropout<'g, T> {
    /// Makes a layer on `inputs`, as the function `tf.layers.dropout` does: each time it is another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    /// The shape of the random choices, which broadcast with the inputs; where a size is `None`, that of the inputs counts.
    pub fn noise_shape(mut self, noise_shape: impl Into<Vec<Option<usize>>>) -> Self {
        self.noise_shape = Some(noise_shape.into());
        self
    }

    /// The seed of the random choices; see [`set_random_seed`](crate::GraphBuilder::set_random_seed).
    pub fn seed(mut self, seed: impl Into<Option<i64>>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Whether a part is dropped, and not nothing, as by default. A tensor makes a conditional, unless its value is known.
    pub fn training(mut self, training: impl Into<Predicate<'g>>) -> Self {
        self.training = training.into();
        self
    }

    /// Makes the nodes in an open scope.
    pub(super) fn in_open_scope(mut self, scope: &VariableScope) -> Self {
        self.base.name = Name::Open(scope.clone());
        self
    }

    plain_methods! { "`dropout`", "`tf.layers.Dropout`" }

    /// Makes the nodes of the noise shape and of dropout.
    fn dropped(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let n = Nodes(inputs.graph());
        let options = DropoutOptions::default().seed(self.seed);
        let options = match &self.noise_shape {
            None => options,
            Some(noise_shape) => {
                let shape = n.shape(Arg::of(inputs));
                let sizes = (0..).zip(noise_shape).map(|(at, size)| match size {
                    Some(size) => Arg::from(Size::from(*size)),
                    None => n.at(shape, at).into(),
                });
                let name = match noise_shape.iter().all(Option::is_some) {
                    true => "Const",
                    false => "packed",
                };
                let sizes = Arg::List(sizes.collect());
                let noise_shape = sizes.convert(n.0, name, DType::Int32);
                options.noise_shape(noise_shape.typed::<i32>())
            }
        };
        nn::dropout(inputs, self.rate.clone(), options)
    }
}

impl<'g, T: Float> Kind<'g> for Dropout<'g, T> {
    type Element = T;
    type Weights = ();

    const NAME: &'static str = "dropout";
    const INPUTS: &'static str = "inputs";

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, _inputs: &Shape) -> Option<Sizes> {
        Some(Sizes::new())
    }

    fn build(&self, _scope: &WeightScope<'g>, _fixed: &Fixed) {}
}

impl<'g, T: Float> Call<'g> for Dropout<'g, T> {
    fn call(&self, inputs: impl TensorLike<'g, T>, (): ()) -> Tensor<'g, T> {
        let g = inputs.graph();
        let kept = || Nodes(g).identity("Identity", Arg::of(inputs)).typed();
        g.smart_cond(self.training, || self.dropped(inputs), kept)
    }
}

impl<T: Float> fmt::Debug for Dropout<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dropout")
            .field("rate", &self.rate)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
