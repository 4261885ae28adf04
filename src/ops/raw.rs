//! One function for every op that TensorFlow 1.15's front end registers, each making exactly one node.
//!
//! The functions are named as TensorFlow's Python functions of ops are (`MatMul` is [`mat_mul`], `FFT2D` is [`fft2d`]);
//! keywords get a trailing underscore ([`where_`]). They hold no judgement: nothing is broadcast, converted or read
//! that TensorFlow's op itself does not. What a function takes follows from the op's definition:
//!
//! - Each input is a [`Tensor`], a slice of them where the op takes several of one type, a slice of [`AnyTensor`]s where
//!   it takes several of any types, and a [`RefTensor`] where it changes a variable of the old kind. If no input is a
//!   single tensor, the [`GraphBuilder`] comes first.
//! - Element types are type parameters, bounded by what the op allows (see [`types`]). That includes the types of
//!   outputs which no input determines, such as `DstT` of [`cast`], even where TensorFlow has a default for them.
//! - Then come the attributes without a default, and those that say how many outputs there are.
//! - All other attributes are in a last argument, [`MatMulOptions`] for example; `()` stands for their defaults.
//!
//! One output is returned as it is, several as a struct with a field for each, and ops without outputs return their
//! [`Operation`]. As everywhere, faults are kept for [`GraphBuilder::finish`], and [`GraphBuilder::named`] gives the
//! node a name.
//!
//! [`GraphBuilder::finish`]: crate::GraphBuilder::finish
//! [`GraphBuilder::named`]: crate::GraphBuilder::named
//!
//! ```
//! use tfhub::ops::raw::{self, MatMulOptions};
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>((3, None));
//! let w = g.constant([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
//! let y = g.named("scores", || raw::mat_mul(x, w, MatMulOptions::default().transpose_a(true)));
//! assert_eq!((y.name(), y.shape().to_string()), ("scores:0".into(), "[?, 2]".into()));
//! let top = raw::top_kv2(y, g.constant(1i32), ());
//! assert_eq!(top.indices.name(), "TopKV2:1");
//! let as_ints = raw::cast::<_, i64>(y, ());
//! # let _ = as_ints;
//! # g.finish().unwrap();
//! ```
//!
//! Element types that an op does not allow do not compile. Matrices of strings have no product:
//!
//! ```compile_fail,E0277
//! use tfhub::ops::raw;
//! use tfhub::dtype::ByteString;
//! # let g = tfhub::GraphBuilder::new();
//! let words = g.placeholder::<ByteString>((2, 2));
//! raw::mat_mul(words, words, ());
//! ```
//!
//! Both matrices have the same element type:
//!
//! ```compile_fail,E0308
//! # use tfhub::ops::raw;
//! # let g = tfhub::GraphBuilder::new();
//! let (x, y) = (g.placeholder::<f32>((2, 2)), g.placeholder::<f64>((2, 2)));
//! raw::mat_mul(x, y, ());
//! ```
//!
//! Casting to a type that no tensor has:
//!
//! ```compile_fail,E0277
//! # use tfhub::ops::raw;
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>(());
//! raw::cast::<f32, char>(x, ());
//! ```
//!
//! Only a reference can be assigned to:
//!
//! ```compile_fail,E0308
//! # use tfhub::ops::raw;
//! # let g = tfhub::GraphBuilder::new();
//! let x = g.placeholder::<f32>(());
//! raw::assign(x, x, ());
//! ```

//!
//! # Shapes
//!
//! The shapes of outputs are those that TensorFlow infers: all that follows from the inputs' shapes, the attributes and
//! constants, and from what is known of variables, lists and tables behind handles.

#[cfg(test)]
mod tests;

use crate::dtype::TensorType;
use crate::graph::{AnyTensor, AttrValue, GraphBuilder, OpBuilder, Operation, RefTensor, Tensor};

pub use generated::*;

#[allow(
    clippy::all,
    deprecated,
    missing_docs,
    reason = "generated; the style is that of the generator"
)]
mod generated {
    use half::{bf16, f16};

    use super::{Node, Options, Outputs, count, list, strings};
    use crate::dtype::{
        ByteString, DType, Element, QInt8, QInt16, QInt32, QUInt8, QUInt16, Resource, TensorType,
        Variant,
    };
    use crate::graph::{AnyTensor, FunctionRef, GraphBuilder, Operation, RefTensor, Tensor};
    use crate::shape::Shape;
    use crate::value::TensorValue;

    include!(concat!(env!("OUT_DIR"), "/raw_ops.rs"));
}

/// The attributes that were set, each once.
#[derive(Debug, Clone, Default)]
struct Options(Vec<(&'static str, AttrValue)>);

// What the functions call is never inlined into them: the compiler would keep and optimize a copy of it for each.

impl Options {
    #[inline(never)]
    fn set(mut self, name: &'static str, value: impl Into<AttrValue>) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.into()));
        self
    }
}

/// A node that a function makes.
struct Node<'g>(OpBuilder<'g>);

impl<'g> Node<'g> {
    #[inline(never)]
    #[track_caller]
    fn new(graph: &'g GraphBuilder, op: &str) -> Self {
        Node(graph.op(op))
    }

    #[inline(never)]
    fn input(self, tensor: impl Into<AnyTensor<'g>>) -> Self {
        Node(self.0.input(tensor))
    }

    #[inline(never)]
    fn inputs(self, tensors: &[impl Into<AnyTensor<'g>> + Copy]) -> Self {
        Node(self.0.inputs(tensors.iter().copied()))
    }

    #[inline(never)]
    fn attr(self, name: &'static str, value: impl Into<AttrValue>) -> Self {
        Node(self.0.attr(name, value))
    }

    #[inline(never)]
    fn options(self, options: Options) -> Self {
        let attrs = options.0.into_iter();
        Node(attrs.fold(self.0, |op, (name, value)| op.attr(name, value)))
    }

    #[inline(never)]
    fn finish(self) -> Operation<'g> {
        self.0.finish()
    }
}

/// The outputs of a node, taken in order.
struct Outputs<'g> {
    operation: Operation<'g>,
    next: usize,
}

impl<'g> Outputs<'g> {
    fn of(operation: Operation<'g>) -> Self {
        Outputs { operation, next: 0 }
    }

    #[track_caller]
    fn any(&mut self) -> AnyTensor<'g> {
        self.next += 1;
        self.operation.output(self.next - 1)
    }

    #[inline(never)]
    #[track_caller]
    fn one<T: TensorType>(&mut self) -> Tensor<'g, T> {
        self.any().typed()
    }

    #[inline(never)]
    #[track_caller]
    fn one_ref<T: TensorType>(&mut self) -> RefTensor<'g, T> {
        self.any().typed_ref()
    }

    #[inline(never)]
    fn list(&mut self, len: usize) -> Vec<AnyTensor<'g>> {
        (0..len).map(|_| self.any()).collect()
    }

    #[inline(never)]
    fn repeated<T: TensorType>(&mut self, len: usize) -> Vec<Tensor<'g, T>> {
        (0..len).map(|_| self.one()).collect()
    }
}

#[inline(never)]
fn list<T: Clone>(items: &[T]) -> Vec<T> {
    items.to_vec()
}

#[inline(never)]
fn strings(items: &[impl AsRef<[u8]>]) -> Vec<Vec<u8>> {
    items.iter().map(|item| item.as_ref().to_vec()).collect()
}

/// A number of outputs; a negative one is a fault that the node's attribute has.
fn count(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}
