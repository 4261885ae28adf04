//! Tensors of one value, and of values that follow from positions.

use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Call, Nodes, Sizes, function};
use crate::ops::types::ClassIndex;
use crate::value::TensorValue;

/// A tensor in which every element is `value` (`tf.fill`).
#[track_caller]
pub fn fill<'g, T: TensorType>(
    g: &'g GraphBuilder,
    shape: impl Into<Sizes<'g>>,
    value: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let call = function(g, "Fill");
    let shape = shape.into().into_arg(Nodes(g));
    call.input(shape).arg(value).typed()
}

/// A tensor of zeros, empty strings or false (`tf.zeros`).
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let rows = x.slice((.., 0));
/// let state = array::zeros::<f32>(&g, (array::size::<i32, _>(rows), 16));
/// assert_eq!(state.shape().to_string(), "[?, 16]");
/// assert_eq!(array::zeros::<i64>(&g, [2, 3]).shape().to_string(), "[2, 3]");
/// ```
#[track_caller]
pub fn zeros<'g, T: Element>(g: &'g GraphBuilder, shape: impl Into<Sizes<'g>>) -> Tensor<'g, T> {
    let name = g.requested_name("zeros");
    Nodes(g).filled(&name, 0.0, T::DTYPE, shape.into()).typed()
}

/// A tensor of ones (`tf.ones`).
#[track_caller]
pub fn ones<'g, T: Element>(g: &'g GraphBuilder, shape: impl Into<Sizes<'g>>) -> Tensor<'g, T> {
    let name = g.requested_name("ones");
    Nodes(g).filled(&name, 1.0, T::DTYPE, shape.into()).typed()
}

/// Zeros of type `U` in the shape of a tensor (`tf.zeros_like`).
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let counts = array::zeros_like::<i64, _>(x);
/// assert_eq!(counts.shape().to_string(), "[?, 4]");
/// ```
#[track_caller]
pub fn zeros_like<'g, U: TensorType, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let g = x.graph();
    let name = g.requested_name("zeros_like");
    Nodes(g)
        .zeros_like_as(&name, Arg::of(x), Some(U::DTYPE))
        .typed()
}

/// Ones of type `U` in the shape of a tensor (`tf.ones_like`).
#[track_caller]
pub fn ones_like<'g, U: Element, T: TensorType>(x: impl TensorLike<'g, T>) -> Tensor<'g, U> {
    let g = x.graph();
    let name = g.requested_name("ones_like");
    Nodes(g)
        .ones_like_as(&name, Arg::of(x), Some(U::DTYPE))
        .typed()
}

/// The values of [`one_hot`] and where they go.
#[derive(Debug, Clone)]
pub struct OneHotOptions<'g, T: TensorType> {
    on_value: Option<AnyOperand<'g, T>>,
    off_value: Option<AnyOperand<'g, T>>,
    axis: i64,
}

defaults!(OneHotOptions<'g, T: TensorType>);

impl<T: TensorType> Default for OneHotOptions<'_, T> {
    fn default() -> Self {
        OneHotOptions {
            on_value: None,
            off_value: None,
            axis: -1,
        }
    }
}

setters! {
    impl['g, T: TensorType] OneHotOptions<'g, T> {
        /// The value at the position that an index names; 1 by default.
        on_value: impl Operand<'g, T> => Some(on_value.into_any());
        /// The value everywhere else; 0 by default.
        off_value: impl Operand<'g, T> => Some(off_value.into_any());
        /// The place of the new dimension; the last by default.
        axis: i64;
    }
}

/// Vectors of `depth` zeros with a one where each index says (`tf.one_hot`), in a new last dimension.
///
/// ```
/// use tfhub::ops::array::{self, OneHotOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let classes = g.placeholder::<i64>((None,));
/// let targets = array::one_hot::<f32, _>(classes, 10, ());
/// assert_eq!(targets.shape().to_string(), "[?, 10]");
/// let smooth = OneHotOptions::default().on_value(0.9f32).off_value(0.1).axis(0);
/// assert_eq!(array::one_hot(classes, 10, smooth).shape().to_string(), "[10, ?]");
/// ```
#[track_caller]
pub fn one_hot<'g, T: Element, I: ClassIndex>(
    indices: impl TensorLike<'g, I>,
    depth: impl Operand<'g, i32>,
    options: impl Into<OneHotOptions<'g, T>>,
) -> Tensor<'g, T> {
    let g = indices.graph();
    let (values, axis) = options.into().parts();
    let name = g.requested_name("one_hot");
    Nodes(g)
        .one_hot_as(
            &name,
            Arg::of(indices),
            Arg::of(depth),
            values,
            T::DTYPE,
            axis,
        )
        .typed()
}

impl<'g, T: TensorType> OneHotOptions<'g, T> {
    /// The values on and off, and the axis.
    pub(in crate::ops) fn parts(self) -> ([Option<Arg<'g>>; 2], i64) {
        let values = [self.on_value, self.off_value];
        (values.map(|value| value.map(Arg::of)), self.axis)
    }
}

impl<'g> Nodes<'g> {
    /// `tf.one_hot` under a name.
    #[track_caller]
    pub(in crate::ops) fn one_hot_as(
        self,
        name: &str,
        indices: Arg<'g>,
        depth: Arg<'g>,
        values: [Option<Arg<'g>>; 2],
        dtype: DType,
        axis: i64,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope(name);
        let values = self.one_hot_values(values, dtype);
        let call = self.named("OneHot", &scope).input(indices).input(depth);
        let call = values.into_iter().fold(call, Call::input);
        call.attr("axis", axis).output()
    }

    /// The values on and off; those that are not given are made.
    #[track_caller]
    pub(in crate::ops) fn one_hot_values(
        self,
        values: [Option<Arg<'g>>; 2],
        dtype: DType,
    ) -> Vec<Arg<'g>> {
        // Python makes tensors of the values once more, to learn their types.
        for value in values.iter().flatten() {
            value.clone().convert(self.0, "Const", dtype);
        }
        let defaults = [(1.0, "on_value"), (0.0, "off_value")];
        let values = values.into_iter().zip(defaults);
        let values = values.map(|(given, (default, name))| match given {
            Some(value) => value,
            None => self.default_value(dtype, default, name).into(),
        });
        values.collect()
    }

    /// A number as a constant; other types have no such default.
    #[track_caller]
    fn default_value(self, dtype: DType, value: f64, name: &str) -> AnyTensor<'g> {
        match TensorValue::scalar_from_f64(dtype, value).filter(|_| dtype != DType::Bool) {
            Some(value) => self.0.constant_named(name, value),
            None => {
                let message = format!("{name} has no default for dtype {dtype}");
                self.fault(Rule::Value, message)
            }
        }
    }
}
