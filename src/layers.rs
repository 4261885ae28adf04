//! Layers, name for name as `tf.layers` builds them.

pub(crate) mod base;
mod batch_normalization;
mod dense;
mod kernel;

pub use base::Layer;
pub use batch_normalization::{
    BatchNormalization, Normalizable, RenormClipping, batch_normalization,
};
pub use dense::{Dense, dense};
