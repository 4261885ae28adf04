//! Options that layers have in common which normalize their inputs.

use std::fmt;
use std::rc::Rc;

use crate::graph::{AnyTensor, Tensor};
use crate::ops::types::Float;

/// The function that adjusts normalized values, of the shape of the inputs.
#[derive(Clone)]
pub(super) struct Adjustment<'g>(Rc<Adjust<'g>>);

type Adjust<'g> = dyn Fn(Tensor<'g, i32>) -> [AnyTensor<'g>; 2] + 'g;

impl<'g> Adjustment<'g> {
    pub(super) fn of<S: Float>(
        adjustment: impl Fn(Tensor<'g, i32>) -> (Tensor<'g, S>, Tensor<'g, S>) + 'g,
    ) -> Self {
        Adjustment(Rc::new(move |shape| {
            let (scale, bias) = adjustment(shape);
            [scale.any(), bias.any()]
        }))
    }

    /// The scale and the bias of inputs of a shape.
    pub(super) fn scale_and_bias(&self, shape: Tensor<'g, i32>) -> [AnyTensor<'g>; 2] {
        (self.0)(shape)
    }
}

impl fmt::Debug for Adjustment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adjustment").finish_non_exhaustive()
    }
}

/// The setter of the field `adjustment`.
macro_rules! adjustment_setter {
    () => {
        /// A function of the shape of the inputs that gives a scale and a bias for the normalized values, which training
        /// applies before `gamma` and `beta`.
        pub fn adjustment(
            mut self,
            adjustment: impl Fn(
                Tensor<'g, i32>,
            ) -> (Tensor<'g, T::Statistics>, Tensor<'g, T::Statistics>)
            + 'g,
        ) -> Self {
            self.adjustment = Some($crate::layers::normalizing::Adjustment::of(adjustment));
            self
        }
    };
}

/// The setters of the fields `center` and `scale`.
macro_rules! center_and_scale_setters {
    ($scale:literal) => {
        /// Whether the variable `beta` is added; it is by default.
        pub fn center(mut self, center: bool) -> Self {
            self.center = center;
            self
        }

        #[doc = concat!("Whether the variable `gamma` is multiplied by; it is ", $scale, "by default.")]
        pub fn scale(mut self, scale: bool) -> Self {
            self.scale = scale;
            self
        }
    };
}

/// The setter of the field `epsilon`.
macro_rules! epsilon_setter {
    ($default:literal) => {
        #[doc = concat!("The number that is added to the variance; ", $default, " by default.")]
        pub fn epsilon(mut self, epsilon: f64) -> Self {
            self.epsilon = epsilon;
            self
        }
    };
}

pub(super) use {adjustment_setter, center_and_scale_setters, epsilon_setter};
