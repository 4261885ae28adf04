//! Placeholders, constants, shapes, and moving elements around (`tf.identity`, `tf.reshape`, `tf.concat`, ...).

mod control;
mod dims;
mod fill;
mod gather;
mod index;
mod join;
mod mask;
mod order;
mod paddings;
mod parts;
mod shape;
mod space;
mod take_apart;

use super::TensorLike;
use crate::dtype::{Element, TensorType};
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Nodes, function};
use crate::ops::types::Float;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

pub use super::nodes::Sizes;
pub use control::identity_n;
pub use fill::*;
pub use gather::*;
pub use index::*;
pub use join::*;
pub use mask::*;
pub use order::*;
pub(crate) use parts::sealed;
pub use parts::{OperationLike, Operations, Parts, Tensors};
pub use shape::*;
pub use space::*;
pub use take_apart::*;

impl GraphBuilder {
    /// A value that the module's consumer feeds, as `tf.placeholder` makes it.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.named("images", || g.placeholder::<f32>((None, 28, 28, 1)));
    /// assert_eq!(images.shape().to_string(), "[?, 28, 28, 1]");
    /// let anything = g.placeholder::<i64>(None);
    /// assert_eq!(anything.name(), "Placeholder:0");
    /// assert_eq!(anything.shape(), tfhub::Shape::unknown());
    /// ```
    #[track_caller]
    pub fn placeholder<T: TensorType>(&self, shape: impl Into<Shape>) -> Tensor<'_, T> {
        self.op("Placeholder")
            .attr("dtype", T::DTYPE)
            .attr("shape", shape.into())
            .typed()
    }

    /// A value that the module's consumer may feed and that is `default` otherwise, as
    /// `tf.placeholder_with_default` makes it.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let momentum = g.named("momentum", || g.placeholder_with_default(0.99f32, ()));
    /// assert_eq!(momentum.operation().op(), "PlaceholderWithDefault");
    /// ```
    #[track_caller]
    pub fn placeholder_with_default<'g, T: Element>(
        &'g self,
        default: impl Operand<'g, T>,
        shape: impl Into<Shape>,
    ) -> Tensor<'g, T> {
        let op = "PlaceholderWithDefault";
        let scope = self.open_function_scope(op);
        let default = default.into_tensor(self, "input");
        self.op(op)
            .name(&scope)
            .input(default)
            .attr("shape", shape.into())
            .typed()
    }

    /// A value that never changes, as `tf.constant` makes it.
    ///
    /// The element type is that of the Rust value, so `1.0` is a float64 and `1.0f32` a float32.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let table = g.constant([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let names = g.named("names", || g.constant(["cat", "dog"]));
    /// assert_eq!((table.name(), names.name()), ("Const:0".into(), "names:0".into()));
    /// ```
    #[track_caller]
    pub fn constant<V: IntoTensorValue>(&self, value: V) -> Tensor<'_, V::Element> {
        let name = self.requested_name("Const");
        self.constant_named(&name, value.into_tensor_value())
            .typed()
    }

    /// A constant in which one value stands for every element, as `tf.constant` with a `shape` makes it.
    ///
    /// A shape with unknown dimensions is a fault.
    #[track_caller]
    pub fn constant_of_shape<T: Element>(
        &self,
        value: T,
        shape: impl Into<Shape>,
    ) -> Tensor<'_, T> {
        let name = self.requested_name("Const");
        let shape = shape.into();
        let value = TensorValue::scalar(value);
        match shape.to_static() {
            Some(shape) => self.constant_filled(&name, &value, &shape),
            None => Nodes(self).partial(&shape),
        }
        .typed()
    }

    /// A constant of a value whose dtype is known at run time.
    #[track_caller]
    pub fn constant_value(&self, value: &TensorValue) -> AnyTensor<'_> {
        let name = self.requested_name("Const");
        self.constant_filled(&name, value, value.shape())
    }
}

functions! {
    /// A copy of a tensor under a name of its own (`tf.identity`).
    identity "Identity" <T: TensorType>(x: T) -> T;
    /// The tensor, with no gradient flowing through it (`tf.stop_gradient`).
    stop_gradient "StopGradient" <T: TensorType>(x: T) -> T;
    /// The tensor, with an error of this message for whoever asks for a gradient through it
    /// (`tf.raw_ops.PreventGradient`).
    prevent_gradient "PreventGradient" <T: TensorType>(x: T; message: &str) -> T { "message" = message };
    /// The tensor, failing with this message when it runs if an element is infinite or NaN
    /// (`tf.check_numerics`).
    check_numerics "CheckNumerics" <T: Float>(x: T; message: &str) -> T { "message" = message };
    /// The tensor, which the runtime may take for a constant (`tf.guarantee_const`).
    guarantee_const "GuaranteeConst" <T: TensorType>(x: T) -> T;
}

/// A fingerprint of eight bytes for each entry of the first dimension (`tf.fingerprint`).
#[track_caller]
pub fn fingerprint<'g, T: TensorType>(data: impl TensorLike<'g, T>) -> Tensor<'g, u8> {
    function(data.graph(), "Fingerprint")
        .arg(data)
        .arg("farmhash64")
        .typed()
}

/// The tables of one-node functions, for the test of all.
#[cfg(test)]
pub(super) const TABLES: &[&[super::table::Row]] = &[
    ROWS,
    gather::ROWS,
    index::ROWS,
    join::ROWS,
    mask::ROWS,
    order::ROWS,
    shape::ROWS,
    space::ROWS,
];
