//! Values of variables for the initial values of others.

use std::panic::Location;

use super::{AnyVariable, Variable, Variables};
use crate::dtype::Element;
use crate::error::Rule;
use crate::graph::{AnyTensor, Here, Tensor, TensorRef};

impl<'g, T: Element> Variable<'g, T> {
    /// Whether the variable has a value (`tf.is_variable_initialized`).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let v = g.get_variable::<f32>("v").shape([2]).finish();
    /// assert_eq!(v.is_initialized().operation().op(), "VarIsInitializedOp");
    /// ```
    #[track_caller]
    pub fn is_initialized(&self) -> Tensor<'g, bool> {
        match self.any.is_mere_value("asked whether it has one") {
            true => AnyTensor::poison(self.any.graph).typed(),
            false => self.any.is_initialized(Location::caller()).typed(),
        }
    }

    /// The variable's value, or its initial value where it has none yet (`v.initialized_value()`).
    ///
    /// The initial values of other variables are made of it: in the session that computes them, no order is certain. It is
    /// outside of conditionals and control dependencies wherever it is asked for.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let v = g.get_variable("v").initial_value([1.0f32, 2.0]).finish();
    /// let w = g.get_variable("w").initial_value(v.initialized_value() * 2.0).finish();
    /// assert_eq!(w.shape().to_string(), "[2]");
    /// # g.finish().unwrap();
    /// ```
    #[track_caller]
    pub fn initialized_value(&self) -> Tensor<'g, T> {
        self.any.initialized_value(Location::caller()).typed()
    }
}

impl<'g> AnyVariable<'g> {
    /// The value, or the initial value where there is none yet, for the author's line.
    #[track_caller]
    pub(super) fn initialized_value(&self, here: Here) -> AnyTensor<'g> {
        let g = self.graph;
        if self.is_mere_value("initialized") {
            return AnyTensor::poison(g);
        }
        let initial = {
            let variables = g.extension::<Variables>();
            let info = variables.list.get(self.index);
            info.and_then(|info| info.initial_value)
        };
        let initial = match initial {
            Some(TensorRef { node, index }) => g.main_operation(node).output(index as usize),
            None => {
                let message = format!(
                    "nothing is known of the initial value of \"{}\"",
                    self.name()
                );
                g.report(Rule::Variable, message);
                AnyTensor::poison(g)
            }
        };
        let make = || {
            let is_initialized = self.is_initialized(here);
            g.cond(
                is_initialized.typed::<bool>(),
                || self.read_value(here),
                || initial,
            )
        };
        g.init_scope(|| g.called_from(here, || g.in_scope("", make)))
    }
}
