//! Arithmetic, matrix products, casts, reductions and segments (`tf.math`, `tf.matmul`, `tf.reduce_mean`, ...).

mod cast;
mod clip;
mod complex;
mod einsum;
mod elementwise;
mod matmul;
mod reduce;
mod segment;
mod sequence;
mod tensordot;

pub use super::nodes::{Axes, Size};
pub use cast::*;
pub use clip::*;
pub use complex::*;
pub use einsum::einsum;
pub use elementwise::*;
pub use matmul::*;
pub use reduce::*;
pub use segment::*;
pub use sequence::*;
pub use tensordot::{TensordotAxes, tensordot};

pub(crate) use super::nodes::AxesKind;
pub(crate) use elementwise::quotient;
pub(crate) use reduce::reduce;

/// The tables of one-node functions, for the test of all.
#[cfg(test)]
pub(super) const TABLES: &[&[super::table::Row]] =
    &[elementwise::ROWS, reduce::ROWS, segment::ROWS];
