//! Layers, name for name as `tf.layers` builds them.

pub(crate) mod base;
mod dense;
mod kernel;

pub use base::Layer;
pub use dense::{Dense, dense};
