//! Rust values where a function takes its graph from its first operand.

use super::TensorLike;
use crate::graph::{AnyOperand, GraphBuilder, Operand, sealed};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// A Rust value that knows its graph; [`GraphBuilder::value`] makes it.
#[derive(Debug, Clone, Copy)]
pub struct Value<'g, V> {
    graph: &'g GraphBuilder,
    value: V,
}

impl GraphBuilder {
    /// A Rust value for the operand from which a function takes its graph, where Python takes the value itself.
    ///
    /// It makes no node: each function that it is passed to makes a constant of it, under the name that Python gives it.
    ///
    /// ```
    /// use tfhub::ops::{array, math};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None,));
    /// let power = math::pow(g.value(2.0), x);
    /// assert_eq!(power.shape().to_string(), "[?]");
    /// assert_eq!(g.operation("Pow/x")?.op(), "Const");
    /// let rows = array::scatter_nd(g.value([[1], [3]]), [5.0f32, 6.0], [4]);
    /// assert_eq!(rows.shape().to_string(), "[4]");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn value<V: IntoTensorValue + Copy>(&self, value: V) -> Value<'_, V> {
        let graph = self;
        Value { graph, value }
    }
}

impl<V> sealed::Operand for Value<'_, V> {}

impl<'g, V: IntoTensorValue> Operand<'g, V::Element> for Value<'g, V> {
    fn into_any(self) -> AnyOperand<'g, V::Element> {
        AnyOperand::value(self.value.into_tensor_value())
    }
}

impl<'g, V: IntoTensorValue + Copy> TensorLike<'g, V::Element> for Value<'g, V> {
    fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    fn static_shape(&self) -> Shape {
        self.value.into_tensor_value().shape().into()
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{GraphBuilder, Tensor};
    use crate::ops::{array, math};

    /// The names of the nodes that a call makes.
    fn names<R>(call: impl for<'g> FnOnce(&'g GraphBuilder, Tensor<'g, f32>) -> R) -> String {
        let g = GraphBuilder::new();
        call(&g, g.placeholder::<f32>((2,)));
        let names = g.nodes()[1..]
            .iter()
            .map(|node| node.name.to_string())
            .collect::<Vec<_>>();
        names.join(" ")
    }

    macro_rules! named {
        ($(|$g:ident, $x:ident| $call:expr => $names:literal;)*) => {$(
            let found = names(|$g, $x| {
                let _ = $x;
                let _ = $call;
            });
            assert_eq!(found, $names, "{}", stringify!($call));
        )*};
    }

    /// The names are TensorFlow 1.15's where Python's function gets the value itself.
    #[test]
    fn constants_have_the_names_that_python_gives_them() {
        named! {
            |g, x| math::pow(g.value(2.0), x) => "Pow/x Pow";
            |g, x| math::subtract(g.value(1.0), x) => "Sub/x Sub";
            |g, x| math::less(g.value(0.0), x) => "Less/x Less";
            |g, x| math::truediv(g.value(1), g.value(2)) =>
                "truediv/x truediv/y truediv/Cast truediv/Cast_1 truediv";
            |g, x| math::matmul(g.value([[1.0f32, 2.0]]), [[1.0], [2.0]]) => "MatMul/a MatMul/b MatMul";
            |g, x| math::argmax::<i64, _>(g.value([1f32, 2.0]), 0) => "ArgMax/input ArgMax/dimension ArgMax";
            |g, x| math::reduce_sum(g.value([1f32, 2.0]), ()) =>
                "Rank/Const Rank range/start range/delta range Sum/input Sum";
            |g, x| math::cast::<f32, _>(g.value([1, 2])) => "Cast/x Cast";
            |g, x| array::shape::<i32, _>(g.value([1, 2])) => "Shape/Const Shape";
            |g, x| array::zeros_like::<f32, _>(g.value([1f32, 2.0])) => "zeros_like/tensor zeros_like";
            |g, x| array::scatter_nd(g.value([[1]]), [2f32], [3]) =>
                "ScatterNd/indices ScatterNd/updates ScatterNd/shape ScatterNd";
            |g, x| array::split::<Vec<_>, _>(g.value([1, 2, 3, 4]), 2, 0) =>
                "Const split/split_dim split/value split";
            |g, x| array::split::<[_; 2], _>(g.value([1, 2, 3, 4]), [1, 3], 0) =>
                "Const split/value split/split_dim split";
            |g, x| array::unstack::<[_; 2], _>(g.value([1f32, 2.0]), 0) => "Const unstack";
            |g, x| array::gather(g.value([1f32, 2.0, 3.0]), [0, 2], ()) =>
                "GatherV2/params GatherV2/indices GatherV2/axis GatherV2";
            |g, x| array::one_hot::<f32, _>(g.value([0, 2]), 3, ()) =>
                "one_hot/on_value one_hot/off_value one_hot/indices one_hot/depth one_hot";
            |g, x| array::transpose(g.value([[1f32, 2.0]]), ()) => "transpose/a transpose/perm transpose";
            |g, x| array::select(g.value([true, false]), x, x) => "Select/condition Select";
        }
    }
}
