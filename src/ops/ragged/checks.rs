//! The checks of arguments that are to form a ragged tensor.

use super::AnyMaybeRagged;
use crate::graph::{AnyTensor, Operation};
use crate::ops::nodes::{AssertOptions, Comparison, Nodes, RankIs, Sign};

/// The checks of one function, with one message.
pub(super) struct Checks<'g> {
    n: Nodes<'g>,
    message: String,
}

impl<'g> Checks<'g> {
    pub(super) fn of(n: Nodes<'g>, function: &str) -> Self {
        let message = format!("Arguments to {function} do not form a valid RaggedTensor");
        Checks { n, message }
    }

    fn options(&self) -> AssertOptions<'g> {
        AssertOptions::default().message(&*self.message)
    }

    #[track_caller]
    pub(super) fn rank(&self, x: AnyTensor<'g>, rank: i32) -> Operation<'g> {
        let ranks = (x.into(), vec![rank.into()]);
        let condition = RankIs::Exactly;
        self.n
            .assert_rank(condition.name(), condition, ranks, self.options())
    }

    /// That values which are no ragged tensor are no scalar.
    #[track_caller]
    pub(super) fn at_least_vector(&self, values: &AnyMaybeRagged<'g>) -> Option<Operation<'g>> {
        let AnyMaybeRagged::Dense(values) = values else {
            return None;
        };
        let condition = RankIs::AtLeast;
        let ranks = ((*values).into(), vec![1.into()]);
        let check =
            self.n
                .assert_rank(condition.name(), condition, ranks, AssertOptions::default());
        Some(check)
    }

    #[track_caller]
    pub(super) fn compared(
        &self,
        comparison: Comparison,
        x: AnyTensor<'g>,
        y: AnyTensor<'g>,
    ) -> Operation<'g> {
        let sides = (x.into(), y.into());
        self.n
            .assert_compared(comparison.name, comparison, sides, self.options())
    }

    #[track_caller]
    pub(super) fn zero(&self, x: AnyTensor<'g>) -> Operation<'g> {
        let zero = self.n.number("Const", x.dtype(), 0.0);
        self.compared(Comparison::EQUAL, x, zero)
    }

    #[track_caller]
    pub(super) fn non_negative(&self, x: AnyTensor<'g>) -> Operation<'g> {
        let sign = Sign::NonNegative;
        self.n
            .assert_sign(sign.name(), sign, x.into(), self.options())
    }

    #[track_caller]
    pub(super) fn ascending(&self, x: AnyTensor<'g>) -> Operation<'g> {
        self.non_negative(self.n.lengths_of(x))
    }
}
