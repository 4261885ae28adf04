//! Ops by field, reading like TensorFlow's Python API and making the same nodes under the same names.
//!
//! Operators work on [`Tensor`] and [`Variable`](crate::Variable): `x * w + 1.0`. Functions take tensors, variables,
//! and Rust values where TensorFlow takes constants. Default names are TensorFlow's; [`GraphBuilder::named`] changes
//! one. Arguments that Python gives a default are set in one last argument, a value with a setter for each; `()` stands
//! for the defaults of all: `nn::dropout(x, 0.5, ())`, `nn::dropout(x, 0.5, DropoutOptions::default().seed(7))`. A single
//! argument of this kind is given itself: `array::gather(x, ids, 1)`, `array::transpose(x, ())`. A dtype that Python
//! takes as an argument is the first type parameter: `array::shape::<i64, _>(x)`. [`raw`] has a plain function for every
//! op that TensorFlow's front end has; [`GraphBuilder::op`] makes a node by the name of its op.
//!
//! A function takes its graph from its first tensor or variable; [`GraphBuilder::value`] stands for a Rust value there:
//! `math::pow(g.value(2.0), x)`. Lists of tensors may be empty, so that functions of lists take the graph first.
//!
//! # Operators that Rust does not have
//!
//! Python's operators read a variable before the operation; its functions read it in the operation's name scope. Where
//! only the function is there, [`Variable::value`](crate::Variable::value) reads it as the operator does, and for some the
//! operator has another default name, to be given with [`GraphBuilder::named`]:
//!
//! | Python | equal to |
//! | --- | --- |
//! | `w // 2`, `2 // w` | `math::floordiv(w.value(), 2)`, `math::floordiv(g.value(2), w.value())` |
//! | `w ** 2`, `2 ** w` | `math::pow(w.value(), 2)`, `math::pow(g.value(2), w.value())`, named `pow` |
//! | `abs(w)` | `math::abs(w.value())` |
//! | `w < 1`, `w <= 1`, `w > 1`, `w >= 1` | `math::less(w.value(), 1)`, `less_equal`, `greater`, `greater_equal` |
//! | `1 < w` | `math::greater(w.value(), 1)`: Python turns it around |
//! | `a @ b` | `math::matmul(a, b)` named `matmul` |
//! | `w[1:, 0]` | `array::index(w, (1.., 0))` |
//!
//! `w % 2`, `w + 1`, `-w` and the others that Rust has read a variable where Python does. Of a tensor, `x // 2` is
//! `math::floordiv(x, 2)`, and so on without `value()`.
//!
//! | module | functions of | subjects |
//! | --- | --- | --- |
//! | [`array`](mod@array) | `tf` | placeholders, constants, shapes, slices, joins |
//! | [`audio`] | `tf.audio` | WAV files |
//! | [`bitwise`] | `tf.bitwise` | integers as bits |
//! | [`debugging`] | `tf.debugging` | checks of values, shapes and element types |
//! | [`image`] | `tf.image` | files, sizes, colours, random changes, boxes, likeness |
//! | [`io`] | `tf.io` | files, serialized examples, raw bytes |
//! | [`linalg`] | `tf.linalg` | matrices: decompositions, solutions, norms |
//! | [`lookup`] | `tf.lookup` | tables from keys to values |
//! | [`losses`] | `tf.losses` | values that training minimizes |
//! | [`math`] | `tf.math` | arithmetic, products, casts, reductions, segments |
//! | [`nn`] | `tf.nn` | activations, convolutions, pools, normalizations |
//! | [`quantization`] | `tf.quantization` | rounding to few bits, for real and for training |
//! | [`ragged`] | `tf.ragged` | tensors whose rows have different lengths |
//! | [`random`] | `tf.random` | distributions, shuffles, candidate samplers, with seeds or without state |
//! | [`sets`] | `tf.sets` | the last dimension as a set |
//! | [`signal`] | `tf.signal` | Fourier transforms, windows, frames |
//! | [`sparse`] | `tf.sparse` | tensors that are mostly zero |
//! | [`string`] | `tf.strings` | bytes and text |

#[macro_use]
mod options;
#[macro_use]
mod table;

pub mod array;
pub mod audio;
pub mod bitwise;
#[cfg(test)]
mod codegen;
pub(crate) mod constant_value;
pub mod debugging;
pub mod image;
pub mod io;
pub mod linalg;
pub mod lookup;
pub mod losses;
pub mod math;
pub mod nn;
pub(crate) mod nodes;
mod operators;
pub mod quantization;
pub mod ragged;
pub mod random;
pub mod raw;
pub mod sets;
pub mod signal;
pub mod sparse;
pub mod string;
mod value;

pub use nodes::{Axes, Size, Sizes};
pub use options::OrDefault;
pub use raw::types;
pub use value::Value;

use crate::dtype::TensorType;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::shape::Shape;

/// An operand that knows its graph: a tensor, a variable, or a Rust value of [`GraphBuilder::value`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tensor or variable with elements `{T}`",
    label = "expected a tensor or a variable with elements `{T}`",
    note = "a Rust value stands in the place of a tensor as `g.value(..)`, a list or tuple is made into a tensor with \
            `array::stack`, and the element type changes with `math::cast`"
)]
pub trait TensorLike<'g, T: TensorType>: Operand<'g, T> + Copy {
    /// The graph that it belongs to.
    fn graph(&self) -> &'g GraphBuilder;

    /// The static shape, for which no variable is read.
    #[doc(hidden)]
    fn static_shape(&self) -> Shape;

    /// Itself if it is a tensor, without reading a variable.
    #[doc(hidden)]
    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        None
    }

    /// The handle of a variable, for the ops that read a part of one.
    #[doc(hidden)]
    fn as_handle(&self) -> Option<AnyTensor<'g>> {
        None
    }
}

impl<'g, T: TensorType> TensorLike<'g, T> for Tensor<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        Tensor::graph(self)
    }

    fn static_shape(&self) -> Shape {
        self.shape()
    }

    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        Some(*self)
    }
}
