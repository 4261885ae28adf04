//! Layers, name for name as `tf.layers` builds them.

pub(crate) mod base;
mod batch_normalization;
pub mod contrib;
mod conv;
mod conv_transpose;
mod dense;
mod depthwise_conv;
mod dropout;
mod flatten;
mod kernel;
mod normalizing;
mod pooling;
mod separable_conv;
mod window;

#[cfg(test)]
mod tests;

pub use base::Layer;
pub use batch_normalization::{
    BatchNormalization, Normalizable, RenormClipping, batch_normalization,
};
pub use conv::{Conv, Conv1d, Conv2d, Conv3d, conv1d, conv2d, conv3d};
pub use conv_transpose::{
    Conv2dTranspose, Conv3dTranspose, ConvTranspose, conv2d_transpose, conv3d_transpose,
};
pub use dense::{Dense, dense};
pub use depthwise_conv::{DepthwiseConv2d, depthwise_conv2d};
pub use dropout::{Dropout, dropout};
pub use flatten::{Flatten, flatten};
pub use pooling::*;
pub use separable_conv::{
    SeparableConv, SeparableConv1d, SeparableConv2d, separable_conv1d, separable_conv2d,
};
