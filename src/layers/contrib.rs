//! Layers, name for name as `tf.contrib.layers` builds them, of which the models of `tf.contrib.slim` are made.
//!
//! A layer opens a variable scope of its default name, made unique, or of the name that `scope` gives. Its variables are
//! in the collection [`MODEL_VARIABLES`](crate::graph::keys::MODEL_VARIABLES) too. Those of a layer with a kernel are
//! `weights` and `biases`; a [normalizer](Convolution::normalizer_fn) comes in the place of the biases, and the activation
//! is [`nn::relu`](crate::ops::nn::relu) unless another is given:
//!
//! ```
//! use tfhub::{init, layers::contrib, ops::nn, regularizer};
//! # let g = tfhub::GraphBuilder::new();
//! # let is_training = true;
//! let x = g.placeholder::<f32>((None, 10));
//! let norm = contrib::batch_norm().decay(0.997).scale(true).is_training(is_training);
//! let y = contrib::fully_connected(4)
//!     .weights_initializer(init::contrib::variance_scaling(2.0, init::FanMode::FanIn))
//!     .weights_regularizer(regularizer::contrib::l2(1e-4))
//!     .normalizer_fn(move |x| norm.apply(x))
//!     .activation_fn(nn::relu6)
//!     .scope("head")
//!     .apply(x);
//! assert_eq!(y.name(), "head/Relu6:0");
//! assert_eq!(g.operation("head/BatchNorm/gamma")?.op(), "VarHandleOp");
//! # g.finish()?;
//! # Ok::<(), tfhub::Error>(())
//! ```
//!
//! Variables, outputs and updates join further collections that `variables_collections`, `outputs_collections` and
//! `updates_collections` name.

mod batch_norm;
mod collections;
mod convolution;
mod dropout;
mod embed_sequence;
mod flatten;
mod fully_connected;
mod group_norm;
mod instance_norm;
mod layer_norm;
mod options;
mod parameters;
mod pooling;
mod separable_conv;

pub use batch_norm::{BatchNorm, batch_norm};
pub use collections::{UpdatesCollections, VariablesCollections};
pub use convolution::{
    Conv1d, Conv2d, Conv2dTranspose, Conv3d, Conv3dTranspose, Convolution, ConvolutionTranspose,
    conv1d, conv2d, conv2d_transpose, conv3d, conv3d_transpose,
};
pub use dropout::{Dropout, dropout};
pub use embed_sequence::{EmbedSequence, embed_sequence};
pub use flatten::{Flatten, flatten};
pub use fully_connected::{FullyConnected, fully_connected};
pub use group_norm::{GroupNorm, group_norm};
pub use instance_norm::{InstanceNorm, instance_norm};
pub use layer_norm::{LayerNorm, layer_norm};
pub use pooling::{
    AvgPool2d, AvgPool3d, MaxPool2d, MaxPool3d, Pooling, avg_pool2d, avg_pool3d, max_pool2d,
    max_pool3d,
};
pub use separable_conv::{SeparableConv2d, separable_conv2d};

#[cfg(test)]
mod tests;
