//! Ops of neural networks (`tf.nn.relu`, `tf.nn.conv2d`, `tf.nn.softmax`, ...).
//!
//! `tf.nn.swish` is not here: Python makes it a function of the graph's library. `tf.nn.zero_fraction`, recurrent
//! cells and the dynamic parts of CTC need conditionals or loops.

mod activation;
mod conv;
mod ctc;
mod dilated;
mod dropout;
mod embedding;
mod loss;
mod moments;
mod normalization;
mod pool;
mod sampling;
mod separable;

pub use super::math::{l2_normalize, log_sigmoid, sigmoid, softplus, softsign, tanh};
pub use activation::*;
pub use conv::*;
pub(crate) use conv::{Convolution, transpose};
pub use ctc::*;
pub use dropout::*;
pub use embedding::*;
pub use loss::*;
pub(crate) use loss::{sigmoid_xent, softmax_xent, sparse_xent};
pub use moments::*;
pub use normalization::*;
pub(crate) use pool::pool_node;
pub use pool::*;
pub use sampling::*;
pub use separable::*;

use std::marker::PhantomData;

use crate::dtype::{Element, TensorType};
use crate::error::Rule;
use crate::graph::{GraphBuilder, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes};

/// Where the channels of a batch of images, sequences or volumes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataFormat {
    /// The last dimension holds the channels: batch, height, width, channels (`NHWC`; `NWC` and `NDHWC` where there
    /// are one or three dimensions between).
    #[default]
    Nhwc,
    /// The second dimension holds the channels: batch, channels, height, width (`NCHW`; `NCW` and `NCDHW`).
    Nchw,
}

impl DataFormat {
    /// TensorFlow's spelling for images.
    pub fn name(self) -> &'static str {
        match self {
            DataFormat::Nhwc => "NHWC",
            DataFormat::Nchw => "NCHW",
        }
    }

    /// TensorFlow's spelling for an input with so many dimensions between batch and channels, for sequences that of the
    /// images that stand for them.
    fn name_of(self, spatial: usize) -> &'static str {
        match (self, spatial) {
            (DataFormat::Nhwc, 3) => "NDHWC",
            (DataFormat::Nchw, 3) => "NCDHW",
            _ => self.name(),
        }
    }

    /// The first dimension that is neither the batch nor the channels.
    pub(crate) fn first_spatial(self) -> i32 {
        match self {
            DataFormat::Nhwc => 1,
            DataFormat::Nchw => 2,
        }
    }

    /// A list for all dimensions, from one for the dimensions between batch and channels.
    pub(crate) fn all_dims(self, spatial: &[i64], other: i64) -> Vec<i64> {
        match self {
            DataFormat::Nhwc => [&[other], spatial, &[other]].concat(),
            DataFormat::Nchw => [&[other, other], spatial].concat(),
        }
    }
}

/// The treatment of the edges of an image under a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Zeros are put around so that an output has the size of the input divided by the stride, rounded up.
    Same,
    /// Only windows that lie within the image count.
    Valid,
    /// So many zeros before and after each of the four dimensions; only [`conv2d`] takes it.
    Explicit([[i64; 2]; 4]),
}

impl Padding {
    fn name(self) -> &'static str {
        match self {
            Padding::Same => "SAME",
            Padding::Valid => "VALID",
            Padding::Explicit(_) => "EXPLICIT",
        }
    }
}

/// Sizes, strides or dilations of a window: one number for all its dimensions, one for each, or one for every dimension
/// of the input.
///
/// Where Python takes one for every dimension only, one for each of the window's is a fault.
///
/// ```
/// use tfhub::ops::nn::{self, Padding};
/// # let g = tfhub::GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 28, 28, 3));
/// let halved = nn::max_pool(images, 2, [2, 2], Padding::Same, ());
/// assert_eq!(halved.shape().to_string(), "[?, 14, 14, 3]");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowSizes(Vec<i64>);

macro_rules! sizes {
    ($([$($generics:tt)*] $from:ty: $sizes:ident => $list:expr;)*) => {$(
        impl<$($generics)*> From<$from> for WindowSizes {
            fn from($sizes: $from) -> Self {
                WindowSizes($list)
            }
        }
    )*};
}

sizes! {
    [] i32: size => vec![size.into()];
    [const N: usize] [i32; N]: sizes => sizes.map(i64::from).into();
    [] &[i32]: sizes => sizes.iter().map(|&size| size.into()).collect();
    [] Vec<i64>: sizes => sizes;
}

impl Default for WindowSizes {
    fn default() -> Self {
        WindowSizes(vec![1])
    }
}

impl WindowSizes {
    /// The numbers as they were given.
    pub(crate) fn numbers(&self) -> &[i64] {
        &self.0
    }

    /// A list for every dimension of an input with `n` dimensions between batch and channels.
    #[track_caller]
    fn sequence(
        &self,
        g: &GraphBuilder,
        n: usize,
        format: DataFormat,
        what: &str,
    ) -> Option<Vec<i64>> {
        match self.0.len() {
            len if len == n => Some(format.all_dims(&self.0, 1)),
            len if len == 1 || len == n + 2 => Some(self.all_dims(n, format)),
            len => {
                let message = format!("{what}: expected 1, {n} or {} numbers, found {len}", n + 2);
                Nodes(g).refused(Rule::Value, message)
            }
        }
    }

    /// A list for every dimension, where Python takes no other: a single number is that of the dimensions between batch
    /// and channels.
    fn all_dims(&self, n: usize, format: DataFormat) -> Vec<i64> {
        match self.0[..] {
            [size] => format.all_dims(&vec![size; n], 1),
            _ => self.0.clone(),
        }
    }

    /// A list for `n` dimensions, which a single number stands for.
    pub(crate) fn spatial(&self, n: usize) -> Vec<i64> {
        match self.0[..] {
            [size] => vec![size; n],
            _ => self.0.clone(),
        }
    }
}

/// A number, which Python computes with, or a scalar tensor, for which nodes are made.
#[derive(Debug)]
pub struct Scalar<'g, T: TensorType>(Arg<'g>, PhantomData<fn() -> T>);

impl<T: TensorType> Clone for Scalar<'_, T> {
    fn clone(&self) -> Self {
        Scalar(self.0.clone(), PhantomData)
    }
}

impl<T: TensorType> From<f64> for Scalar<'_, T> {
    fn from(number: f64) -> Self {
        Scalar(Arg::Number(number), PhantomData)
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Scalar<'g, T> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        Scalar(tensor.into(), PhantomData)
    }
}

impl<'g, T: Element> Scalar<'g, T> {
    /// A scalar that is read each time that a node takes it.
    pub(crate) fn of(scalar: impl TensorLike<'g, T>) -> Self {
        Scalar(Arg::of(scalar), PhantomData)
    }
}

impl<'g, T: TensorType> Scalar<'g, T> {
    /// The number or the tensor.
    pub(crate) fn into_arg(self) -> Arg<'g> {
        self.0
    }
}

/// The tables of one-node functions, for the test of all.
#[cfg(test)]
pub(super) const TABLES: &[&[super::table::Row]] =
    &[activation::ROWS, normalization::ROWS, pool::ROWS];
