//! The variables `beta` and `gamma` of layers that normalize.

use super::options::ScopeOptions;
use crate::graph::GraphBuilder;
use crate::init::{self, Initializer};
use crate::ops::types::Float;
use crate::variable::Variable;

/// Makes `beta` and `gamma` of a shape, or finds them.
pub(super) struct Parameters<'a, 'g, T> {
    scope: &'a ScopeOptions,
    g: &'g GraphBuilder,
    shape: &'a [usize],
    element: std::marker::PhantomData<T>,
}

impl<'a, 'g, T: Float> Parameters<'a, 'g, T> {
    pub(super) fn new(scope: &'a ScopeOptions, g: &'g GraphBuilder, shape: &'a [usize]) -> Self {
        let element = std::marker::PhantomData;
        Parameters {
            scope,
            g,
            shape,
            element,
        }
    }

    /// The variable that is added, of zeros by default.
    pub(super) fn beta(&self, initializer: Option<&Initializer>) -> Variable<'g, T> {
        let initializer = initializer.cloned().unwrap_or_else(init::zeros);
        self.make("beta", initializer)
    }

    /// The variable that is multiplied by, of ones by default.
    pub(super) fn gamma(&self, initializer: Option<&Initializer>) -> Variable<'g, T> {
        let initializer = initializer.cloned().unwrap_or_else(init::ones);
        self.make("gamma", initializer)
    }

    fn make(&self, name: &str, initializer: Initializer) -> Variable<'g, T> {
        let variable = self.scope.model_variable(self.g, name, self.shape);
        variable.initializer(initializer).finish()
    }
}

/// The setters of a layer that normalizes by statistics of its inputs alone.
macro_rules! parameter_setters {
    () => {
        $crate::layers::contrib::collections::variables_collections_setter! { scope }

        $crate::layers::normalizing::center_and_scale_setters! { "" }

        $crate::layers::normalizing::epsilon_setter! { "0.000001" }

        /// The initializer of `beta`, `beta` in `param_initializers`; [`init::zeros`](crate::init::zeros) by default.
        pub fn beta_initializer(mut self, initializer: $crate::init::Initializer) -> Self {
            self.beta_initializer = Some(initializer);
            self
        }

        /// The initializer of `gamma`, `gamma` in `param_initializers`; [`init::ones`](crate::init::ones) by default.
        pub fn gamma_initializer(mut self, initializer: $crate::init::Initializer) -> Self {
            self.gamma_initializer = Some(initializer);
            self
        }
    };
}

pub(super) use parameter_setters;
