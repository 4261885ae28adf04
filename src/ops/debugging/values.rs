//! Checks of all values of a tensor, and questions about their order.

use std::panic::Location;

use super::is_numeric_tensor;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::TensorLike;
use crate::ops::array::strided_slice;
use crate::ops::nodes::{Arg, Axes, Nodes};
use crate::ops::types::{Float, Real};
use crate::value::TensorValue;

/// The tensor, which fails when it runs if one of its values is infinite or not a number
/// (`tf.debugging.assert_all_finite`, `tf.verify_tensor_all_finite`).
///
/// ```
/// use tfhub::ops::debugging;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None,));
/// let checked = debugging::assert_all_finite(x, "the input is not finite");
/// assert_eq!(checked.name(), "VerifyFinite/control_dependency:0");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn assert_all_finite<'g, T: Float>(x: impl TensorLike<'g, T>, message: &str) -> Tensor<'g, T> {
    let g = x.graph();
    let _scope = g.open_function_scope("VerifyFinite");
    let x = Arg::of(x).convert(g, "x", T::DTYPE);
    g.called_from(Location::caller(), || {
        let checked = g.colocate_with(x, || {
            let check = Nodes(g)
                .op("CheckNumerics")
                .input(x)
                .attr("message", message);
            g.with_dependencies(&[check.finish()], x)
        });
        checked.typed()
    })
}

macro_rules! ordered {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Real>(x: impl TensorLike<'g, T>) -> Tensor<'g, bool> {
            let g = x.graph();
            let _scope = g.open_function_scope(stringify!($name));
            let x = Arg::of(x);
            g.called_from(Location::caller(), || ordered::<T>(g, $op, x))
        }
    )*};
}

ordered! {
    /// Whether no element is less than the one before, in row-major order (`tf.math.is_non_decreasing`).
    ///
    /// ```
    /// use tfhub::ops::debugging;
    /// # let g = tfhub::GraphBuilder::new();
    /// let ids = g.placeholder::<i64>((None,));
    /// let sorted = debugging::is_non_decreasing(ids);
    /// assert_eq!(sorted.name(), "is_non_decreasing/All:0");
    /// # g.finish().unwrap();
    /// ```
    is_non_decreasing "LessEqual";
    /// Whether each element is greater than the one before, in row-major order (`tf.math.is_strictly_increasing`).
    is_strictly_increasing "Less";
}

/// Whether zero compares like this with the differences of all neighbors.
fn ordered<'g, T: Real>(g: &'g GraphBuilder, op: &'static str, x: Arg<'g>) -> Tensor<'g, bool> {
    let n = Nodes(g);
    let x = n.reshape(x, [-1]);
    if !is_numeric_tensor(x) {
        let message = format!(
            "expected numbers, found \"{}\" of type {}",
            x.name(),
            x.dtype()
        );
        x.report(Rule::Inputs, &message);
        return AnyTensor::poison(g).typed();
    }
    let size = n.size(x);
    let is_short = n.binary("Less", size, 2).typed::<bool>();
    let one_less = n.sub(n.shape(x), 1).typed::<i32>();
    let none = || {
        g.constant_named("Const", TensorValue::from_parts(vec![0], Vec::<T>::new()))
            .typed::<T>()
    };
    let differences = || {
        let x = x.typed::<T>();
        let end = n.add([1], one_less).typed::<i32>();
        let after = strided_slice(x, [1], end, ());
        let before = strided_slice(x, [0], one_less, ());
        n.sub(after, before).typed::<T>()
    };
    let differences = g.cond(is_short, none, differences);
    let zero = n.number("Const", T::DTYPE, 0.0);
    let test = n.binary(op, zero, differences);
    n.reduce("All", test, Axes::ALL).typed()
}
