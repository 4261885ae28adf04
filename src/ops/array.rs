//! Placeholders, constants, and ops on shapes (`tf.identity`, `tf.reshape`, `tf.fill`, ...).

use std::panic::Location;

use super::{TensorLike, binary, unary};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

impl GraphBuilder {
    /// A value that the module's consumer feeds, what `tf.placeholder` makes.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.named("images", || g.placeholder::<f32>((None, 28, 28, 1)));
    /// assert_eq!(images.shape().to_string(), "[?, 28, 28, 1]");
    /// let anything = g.placeholder::<i64>(tfhub::Shape::unknown());
    /// assert_eq!(anything.name(), "Placeholder:0");
    /// ```
    #[track_caller]
    pub fn placeholder<T: TensorType>(&self, shape: impl Into<Shape>) -> Tensor<'_, T> {
        self.op("Placeholder")
            .attr("dtype", T::DTYPE)
            .attr("shape", shape.into())
            .output()
            .typed()
    }

    /// A value that the module's consumer may feed and that is `default` otherwise, what
    /// `tf.placeholder_with_default` makes.
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
        self.function_scope(op, Location::caller(), |scope| {
            let default = default.into_tensor(self, "input");
            self.op(op)
                .name(scope)
                .input(default)
                .attr("shape", shape.into())
                .output()
                .typed()
        })
    }

    /// A value that never changes, what `tf.constant` makes.
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

    /// A constant in which one value stands for every element, what `tf.constant` with a `shape` makes.
    #[track_caller]
    pub fn constant_of_shape<T: Element>(
        &self,
        value: T,
        shape: impl Into<Vec<usize>>,
    ) -> Tensor<'_, T> {
        let name = self.requested_name("Const");
        self.constant_filled(&name, &TensorValue::scalar(value), &shape.into())
            .typed()
    }

    /// A constant of a value whose dtype is known at run time.
    #[track_caller]
    pub fn constant_value(&self, value: &TensorValue) -> AnyTensor<'_> {
        let name = self.requested_name("Const");
        self.constant_filled(&name, value, value.shape())
    }

    /// A node that does nothing, what `tf.no_op` makes.
    #[track_caller]
    pub fn no_op(&self) -> Operation<'_> {
        self.op("NoOp").finish()
    }

    /// A node that runs after all of `operations`, what `tf.group` makes of operations on one device.
    #[track_caller]
    pub fn group<'g>(
        &'g self,
        operations: impl IntoIterator<Item = impl Into<Operation<'g>>>,
    ) -> Operation<'g> {
        let name = self.requested_name("group_deps");
        let node = self.op("NoOp").name(name);
        operations
            .into_iter()
            .fold(node, |node, operation| node.control_input(operation))
            .finish()
    }
}

/// The same value under another name (`tf.identity`).
#[track_caller]
pub fn identity<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    unary(x, "Identity", |op| op).typed()
}

/// The same elements under another shape (`tf.reshape`); one size may be -1 and follows from the others.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3, 4));
/// assert_eq!(array::reshape(x, [-1, 6]).shape().to_string(), "[4, 6]");
/// ```
#[track_caller]
pub fn reshape<'g, T: TensorType>(
    x: impl TensorLike<'g, T>,
    shape: impl Operand<'g, i32>,
) -> Tensor<'g, T> {
    binary(
        x.graph(),
        ("Reshape", "Reshape"),
        ("tensor", "shape"),
        (x, shape),
        |op| op,
    )
    .typed()
}

/// A tensor in which every element is `value` (`tf.fill`).
#[track_caller]
pub fn fill<'g, T: Element>(
    g: &'g GraphBuilder,
    shape: impl Operand<'g, i32>,
    value: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    binary(
        g,
        ("Fill", "Fill"),
        ("dims", "value"),
        (shape, value),
        |op| op,
    )
    .typed()
}

/// A tensor of zeros, empty strings or false (`tf.zeros`).
#[track_caller]
pub fn zeros<'g, T: Element>(g: &'g GraphBuilder, shape: &[usize]) -> Tensor<'g, T> {
    let name = g.requested_name("zeros");
    uniform_value(g, &name, T::DTYPE, shape, 0.0, Location::caller()).typed()
}

/// A tensor of ones (`tf.ones`).
#[track_caller]
pub fn ones<'g, T: Element>(g: &'g GraphBuilder, shape: &[usize]) -> Tensor<'g, T> {
    let name = g.requested_name("ones");
    uniform_value(g, &name, T::DTYPE, shape, 1.0, Location::caller()).typed()
}

/// `tf.zeros` and `tf.ones`: a constant if it is short, and otherwise a node that fills.
pub(crate) fn uniform_value<'g>(
    g: &'g GraphBuilder,
    name: &str,
    dtype: DType,
    shape: &[usize],
    value: f64,
    location: &'static Location<'static>,
) -> AnyTensor<'g> {
    g.inner_scope(name, location, |scope| {
        let empty = (dtype == DType::String && value == 0.0).then(|| "".into_tensor_value());
        let Some(value) = empty.or_else(|| TensorValue::scalar_from_f64(dtype, value)) else {
            g.report(
                Rule::Value,
                format_args!("{name} of dtype {dtype} are not defined"),
            );
            return AnyTensor::poison(g);
        };
        if shape.iter().product::<usize>() < LONG {
            return g.constant_filled(scope, &value, shape);
        }
        let dims = g.constant_named("shape_as_tensor", shape_value(shape));
        let value = g.constant_named("Const", value);
        g.op("Fill").name(scope).input(dims).input(value).output()
    })
}

/// From this many elements on, `tf.zeros` and `tf.ones` are not constants.
const LONG: usize = 1000;

/// A shape as the vector of int32 that ops take.
pub(crate) fn shape_value(shape: &[usize]) -> TensorValue {
    shape
        .iter()
        .map(|&dim| dim as i32)
        .collect::<Vec<_>>()
        .into_tensor_value()
}

/// The shape of a tensor as a vector (`tf.shape`); a constant if it is known.
#[track_caller]
pub fn shape<'g, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, i32> {
    let g = x.graph();
    g.function_scope("Shape", Location::caller(), |scope| {
        let x = x.into_tensor(g, "x");
        match x.shape().to_static() {
            Some(shape) => g.constant_named(scope, shape_value(&shape)),
            None => g.op("Shape").name(scope).input(x).output(),
        }
        .typed()
    })
}

/// One element of a vector, as `x[index]` gives in Python.
#[track_caller]
pub(crate) fn element<'g, T: TensorType>(x: Tensor<'g, T>, index: i32) -> Tensor<'g, T> {
    let g = x.graph();
    g.inner_scope("strided_slice", Location::caller(), |scope| {
        let bound = |name: &str, value: i32| g.constant_named(name, [value].into_tensor_value());
        let slice = g.op("StridedSlice").name(scope).input(x);
        let slice = slice
            .input(bound("stack", index))
            .input(bound("stack_1", index + 1))
            .input(bound("stack_2", 1));
        slice.attr("shrink_axis_mask", 1i64).output().typed()
    })
}
