//! Variables of training programs that run in several replicas.

use crate::proto::tensorflow as pb;

/// The time when the values that the replicas of a training program give a variable become one
/// (`tf.VariableSynchronization`).
///
/// ```
/// use tfhub::variable::{VariableAggregation, VariableSynchronization};
/// # let g = tfhub::GraphBuilder::new();
/// let mean = g.get_variable::<f32>("moving_mean").shape([3]);
/// let mean = mean.synchronization(VariableSynchronization::OnRead);
/// mean.aggregation(VariableAggregation::Mean).finish();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VariableSynchronization {
    /// As the program's distribution strategy has it.
    #[default]
    Auto,
    /// Never: there is one copy.
    None,
    /// Whenever the variable is changed.
    OnWrite,
    /// When the variable is read, as for statistics of batches.
    OnRead,
}

impl VariableSynchronization {
    pub(super) fn to_proto(self) -> pb::VariableSynchronization {
        match self {
            VariableSynchronization::Auto => pb::VariableSynchronization::Auto,
            VariableSynchronization::None => pb::VariableSynchronization::None,
            VariableSynchronization::OnWrite => pb::VariableSynchronization::OnWrite,
            VariableSynchronization::OnRead => pb::VariableSynchronization::OnRead,
        }
    }
}

/// The way in which the values that the replicas of a training program give a variable become one
/// (`tf.VariableAggregation`).
///
/// ```
/// use tfhub::variable::VariableAggregation;
/// # let g = tfhub::GraphBuilder::new();
/// let step = g.get_variable("global_step").initial_value(0i64).trainable(false);
/// step.aggregation(VariableAggregation::OnlyFirstReplica).finish();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VariableAggregation {
    /// They do not.
    #[default]
    None,
    /// Their sum is taken.
    Sum,
    /// Their mean is taken.
    Mean,
    /// That of the first replica is taken, as a step counter wants it.
    OnlyFirstReplica,
}

impl VariableAggregation {
    pub(super) fn to_proto(self) -> pb::VariableAggregation {
        match self {
            VariableAggregation::None => pb::VariableAggregation::None,
            VariableAggregation::Sum => pb::VariableAggregation::Sum,
            VariableAggregation::Mean => pb::VariableAggregation::Mean,
            VariableAggregation::OnlyFirstReplica => pb::VariableAggregation::OnlyFirstReplica,
        }
    }
}
