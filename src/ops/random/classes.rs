//! Classes drawn by their probabilities.

use crate::dtype::DType;
use crate::graph::{Operand, Tensor};

use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::{IndexType, Real};
use crate::ops::{OrDefault, TensorLike};

/// Classes drawn for each row of unnormalized log-probabilities, `[rows, num_samples]` (`tf.random.categorical`).
#[track_caller]
pub fn categorical<'g, U: IndexType, T: Real>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, U> {
    classes("categorical", logits, num_samples, seed)
}

/// [`categorical`] under an older name (`tf.random.multinomial`).
#[track_caller]
pub fn multinomial<'g, U: IndexType, T: Real>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, U> {
    classes("multinomial", logits, num_samples, seed)
}

#[track_caller]
fn classes<'g, T: Real, U: IndexType>(
    name: &'static str,
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Into<OrDefault<i64>>,
) -> Tensor<'g, U> {
    let seed = seed.into().0;
    let (n, _scope) = Nodes::in_scope(logits.graph(), name);
    let logits = logits.into_tensor(n.0, "logits");
    let call = n.op("Multinomial").seeds(seed).input(logits);
    let call = call.arg(num_samples).attr("output_dtype", U::DTYPE);
    call.typed()
}

/// Classes drawn for each row of unnormalized log-probabilities, which follow from two seeds
/// (`tf.random.stateless_categorical`).
#[track_caller]
pub fn stateless_categorical<'g, U: IndexType, T: Real, S: IndexType>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Operand<'g, S>,
) -> Tensor<'g, U> {
    stateless_classes("stateless_categorical", logits, num_samples, seed)
}

/// [`stateless_categorical`] under an older name (`tf.random.stateless_multinomial`).
#[track_caller]
pub fn stateless_multinomial<'g, U: IndexType, T: Real, S: IndexType>(
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Operand<'g, S>,
) -> Tensor<'g, U> {
    stateless_classes("stateless_multinomial", logits, num_samples, seed)
}

#[track_caller]
fn stateless_classes<'g, T: Real, S: IndexType, U: IndexType>(
    name: &'static str,
    logits: impl TensorLike<'g, T>,
    num_samples: impl Operand<'g, i32>,
    seed: impl Operand<'g, S>,
) -> Tensor<'g, U> {
    let (n, _scope) = Nodes::in_scope(logits.graph(), name);
    let logits = logits.into_tensor(n.0, "logits");
    let call = n.op("StatelessMultinomial").input(logits);
    let call = call
        .arg(num_samples)
        .input(Arg::preferring(DType::Int64, seed));
    call.attr("output_dtype", U::DTYPE).typed()
}
