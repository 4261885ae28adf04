//! Updates of the statistics of batch normalization.

use crate::control_flow::Predicate;
use crate::graph::{AnyTensor, Operation};
use crate::ops::nodes::Nodes;
use crate::ops::types::Float;
use crate::variable::{AnyScalar, Assigned, Variable, assign, subtract_as};

/// Makes operations that bring statistics up to date.
#[derive(Clone, Copy)]
pub(super) struct Updates<'g> {
    n: Nodes<'g>,
    training: Predicate<'g>,
}

impl<'g> Updates<'g> {
    pub(super) fn new(n: Nodes<'g>, training: Predicate<'g>) -> Self {
        Updates { n, training }
    }

    /// Brings a moving average up to date with a value.
    pub(super) fn moving_average<P: Float>(
        self,
        variable: Variable<'g, P>,
        value: AnyTensor<'g>,
        momentum: AnyScalar<'g>,
    ) -> Assigned<'g, P> {
        let n = self.n;
        let scope = n.open_scope("AssignMovingAvg");
        n.0.colocate_with(variable, || {
            let rest = momentum.complement(n, P::DTYPE);
            let difference = n.sub(variable.value(), value);
            subtract_as(&scope, variable, n.mul(difference, rest).typed())
        })
    }

    /// Sets a variable.
    pub(super) fn new_value<P: Float>(
        self,
        variable: Variable<'g, P>,
        value: AnyTensor<'g>,
    ) -> Assigned<'g, P> {
        let n = self.n;
        let scope = n.open_scope("AssignNewValue");
        n.0.colocate_with(variable, || {
            n.0.named(&scope, || assign(variable, value.typed::<P>(), ()))
        })
    }

    /// The operation of an update that is made in training alone.
    pub(super) fn conditional<P: Float>(
        self,
        update: impl FnOnce() -> Assigned<'g, P>,
        otherwise: impl FnOnce() -> AnyTensor<'g>,
    ) -> Operation<'g> {
        match self.training.constant_value() {
            Some(true) => update().operation(),
            _ => {
                let update = || update().value().any();
                let merged = self.n.0.smart_cond(self.training, update, otherwise);
                merged.operation()
            }
        }
    }
}
