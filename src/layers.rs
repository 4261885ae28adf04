//! Layers, name for name as `tf.layers` builds them.

mod dense;

pub use dense::{Dense, dense};
