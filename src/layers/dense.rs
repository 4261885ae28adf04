//! `tf.layers.Dense`.

use std::fmt;

use super::base::{Base, Call, Fixed, Kind, Layer, Name, Sizes, WeightScope, apply_once, methods};
use super::kernel::{KernelOptions, KernelWeights, kernel_setters};
use crate::graph::Tensor;
use crate::ops::types::Float;
use crate::ops::{TensorLike, math, nn};
use crate::regularizer::Regularizer;
use crate::shape::Shape;
use crate::variable::Reuse;

/// A layer with `units` outputs that are each a weighted sum of all inputs: activation(inputs * kernel + bias).
///
/// The last dimension of the inputs, which must be known where the variables are made, becomes `units`; the inputs have
/// rank 2 or more. The variables are `kernel` of shape `[inputs, units]` and `bias` of shape `[units]`.
///
/// ```
/// use tfhub::{layers, ops::nn};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 50));
/// let hidden = layers::dense(200).activation(nn::relu).apply(x);
/// let logits = layers::dense(10).use_bias(false).name("logits").apply(hidden);
/// assert_eq!((hidden.name(), logits.name()), ("dense/Relu:0".into(), "logits/MatMul:0".into()));
///
/// // A layer that is applied twice with one set of variables.
/// let layer = layers::dense(50).layer();
/// layer.apply(layer.apply(x));
/// assert_eq!(layer.kernel().map(|kernel| kernel.name()).as_deref(), Some("dense_1/kernel"));
/// ```
pub fn dense<'g, T: Float>(units: usize) -> Dense<'g, T> {
    Dense {
        base: Base::default(),
        units,
        options: KernelOptions::default(),
    }
}

/// The definition of a dense layer; [`dense`] makes one.
///
/// ```
/// use tfhub::{init, layers, ops::nn, regularizer};
/// # let g = tfhub::GraphBuilder::new();
/// let definition = layers::dense(4)
///     .activation(nn::tanh)
///     .kernel_initializer(init::glorot_uniform().seed(7))
///     .kernel_regularizer(regularizer::keras::l2(0.01))
///     .bias_initializer(init::constant(0.1f32))
///     .trainable(false);
/// let x = g.placeholder::<f32>((None, 3));
/// assert_eq!(definition.apply(x).name(), "dense/Tanh:0");
/// ```
#[derive(Clone)]
#[must_use = "a layer makes nodes when it is applied"]
pub struct Dense<'g, T: Float = f32> {
    base: Base,
    units: usize,
    options: KernelOptions<'g, T>,
}

methods! { Dense, "dense", "tf.layers.dense", "tf.layers.Dense" }

impl<'g, T: Float> Dense<'g, T> {
    /// Makes a layer on `inputs`, as the function `tf.layers.dense` does: each time it is another one.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        apply_once(self, inputs)
    }

    kernel_setters! {}
}

impl<'g, T: Float> Kind<'g> for Dense<'g, T> {
    type Element = T;
    type Weights = KernelWeights<'g, T>;

    const NAME: &'static str = "dense";
    const INPUTS: &'static str = "inputs of rank 2 or more whose last dimension is known";

    fn base(&self) -> &Base {
        &self.base
    }

    fn sizes(&self, inputs: &Shape) -> Option<Sizes> {
        match inputs.dims()? {
            [_, .., depth] => Some(Sizes::from_iter([(0, *depth)])),
            _ => None,
        }
    }

    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights {
        let (_, depth) = fixed[0];
        self.options.make(scope, &[depth, self.units], self.units)
    }
}

impl<'g, T: Float> Call<'g> for Dense<'g, T> {
    fn call(&self, inputs: impl TensorLike<'g, T>, weights: Self::Weights) -> Tensor<'g, T> {
        let shape = inputs.static_shape();
        let mut dims = shape.dims().unwrap_or_default().to_vec();
        let mut outputs = match dims.len() {
            2 => math::matmul(inputs, weights.kernel),
            rank => {
                let outputs = math::tensordot(inputs, weights.kernel, (rank as i32 - 1, 0));
                dims[rank - 1] = Some(self.units);
                outputs.set_shape(dims);
                outputs
            }
        };
        if let Some(bias) = weights.bias {
            outputs = nn::bias_add(outputs, bias, ());
        }
        self.options.outputs.activate(outputs)
    }
}

impl<T: Float> fmt::Debug for Dense<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dense")
            .field("units", &self.units)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::GraphBuilder;
    use crate::layers;
    use crate::ops::math::{self, Axes};
    use crate::regularizer::Regularizer;
    use crate::shape::Shape;
    use crate::variable::Reuse;

    /// The nodes are those that `tf.layers.dense` makes of a resource variable.
    #[test]
    fn a_variable_is_read_where_it_is_multiplied() {
        for (shape, read) in [
            (&[4, 3][..], "dense/MatMul/ReadVariableOp"),
            (&[2, 4, 3], "dense/Tensordot/ReadVariableOp"),
        ] {
            let g = GraphBuilder::new();
            let v = g.get_variable::<f32>("v").shape(shape).finish();
            layers::dense(2).apply(v);
            let graph = g.finish().unwrap();
            let text = graph.to_text();
            assert!(
                text.contains(&format!("{read} = ReadVariableOp(v)")),
                "{text}"
            );
        }
        let g = GraphBuilder::new();
        let v = g.get_variable::<f32>("v").shape([3]).finish();
        layers::dense(2).apply(v);
        let error = g.finish().unwrap_err();
        assert!(error.to_string().ends_with("their shape is [3]"), "{error}");
    }

    /// In Python, such inputs are incompatible with the layer.
    #[test]
    fn a_layer_takes_only_inputs_that_its_variables_are_for() {
        let g = GraphBuilder::new();
        let layer = layers::dense(2).unique_name("head").layer();
        layer.apply(g.placeholder::<f32>((None, 3)));
        layer.apply(g.placeholder::<f32>((None, 5, 3)));
        layer.apply(g.placeholder::<f32>((None, 4)));
        drop(layer);
        let error = g.finish().unwrap_err().to_string();
        let expected =
            "the layer's variables are for inputs whose dimension -1 is 3, their shape is [?, 4]";
        assert!(error.ends_with(expected), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }

    /// `tf.layers.Dense` of TensorFlow 1.15.5 takes such inputs once it has its variables, and makes these nodes.
    #[test]
    fn a_layer_with_variables_takes_inputs_of_unknown_size() {
        let g = GraphBuilder::new();
        let layer = layers::dense(2).layer();
        layer.apply(g.placeholder::<f32>((None, 3)));
        let matrix = layer.apply(g.placeholder::<f32>((None, None)));
        let stack = layer.apply(g.placeholder::<f32>((None, 5, None)));
        assert_eq!(matrix.shape().to_string(), "[?, 2]");
        assert_eq!(stack.shape().to_string(), "[?, 5, 2]");
        drop(layer);
        let text = g.finish().unwrap().to_text();
        for node in [
            "dense/MatMul_1 = MatMul(Placeholder_1, dense/MatMul_1/ReadVariableOp)",
            "dense/Tensordot/Prod_1 = Prod(dense/Tensordot/GatherV2_1, dense/Tensordot/Const_1)",
            "dense/Tensordot/stack = Pack(dense/Tensordot/Prod, dense/Tensordot/Prod_1)",
            "dense/Tensordot/Reshape = Reshape(dense/Tensordot/transpose, dense/Tensordot/stack)",
        ] {
            assert!(text.contains(node), "{node}: {text}");
        }
    }

    #[test]
    fn a_layer_needs_a_known_rank_and_for_its_variables_a_known_size() {
        let needed =
            "dense needs inputs of rank 2 or more whose last dimension is known, their shape is";
        for (is_built, shape) in [
            (false, Shape::from((None, None))),
            (true, Shape::from((None,))),
            (true, Shape::unknown()),
        ] {
            let g = GraphBuilder::new();
            let layer = layers::dense(2).layer();
            if is_built {
                layer.apply(g.placeholder::<f32>((None, 3)));
            }
            layer.apply(g.placeholder::<f32>(&shape));
            drop(layer);
            let error = g.finish().unwrap_err().to_string();
            assert!(error.ends_with(&format!("{needed} {shape}")), "{error}");
        }
    }

    #[test]
    fn a_layer_belongs_to_the_graph_of_its_variables() {
        let (g, other) = (GraphBuilder::new(), GraphBuilder::new());
        let layer = layers::dense(2).layer();
        assert!(layer.kernel().is_none());
        layer.apply(g.placeholder::<f32>((None, 3)));
        assert_eq!(layer.kernel().unwrap().name(), "dense/kernel");
        layer.apply(other.placeholder::<f32>((None, 3)));
        drop(layer);
        let error = other.finish().unwrap_err().to_string();
        assert!(error.contains("are of another graph"), "{error}");
    }

    /// As `tf.layers.dense(..., name="a")` twice, and then with `reuse=True`.
    #[test]
    fn layers_of_one_name_share_variables_only_where_they_are_reused() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((None, 2));
        let named = || layers::dense(2).name("a");
        named().apply(named().reuse(Reuse::Auto).apply(x));
        let error = g.finish().unwrap_err().to_string();
        let expected =
            "VarHandleOp \"a/kernel\": the variable exists already, first at src/layers/dense.rs:";
        assert!(error.contains(expected), "{error}");
        let expected =
            "; find it with `Reuse::Auto` in `EnterScope::reuse` or in a layer's `reuse`";
        assert!(error.contains(expected), "{error}");
    }

    /// The nodes that the functions of Python make for `lambda w: 0.01 * tf.reduce_sum(tf.abs(w))` as
    /// `kernel_regularizer`, `lambda w: tf.reduce_sum(w * w)` as `bias_regularizer`, and the first as
    /// `activity_regularizer` of `tf.layers.dense` in TensorFlow 1.15.5.
    #[test]
    fn functions_regularize_weights_and_outputs() {
        let g = GraphBuilder::new();
        let x = g.named("x", || g.placeholder::<f32>((None, 3)));
        let absolute =
            Regularizer::from_fn::<f32>(|w| 0.01 * math::reduce_sum(math::abs(w), Axes::ALL));
        let square = Regularizer::from_fn::<f32>(|w| math::reduce_sum(w.value() * w, Axes::ALL));
        layers::dense(2)
            .kernel_regularizer(absolute.clone())
            .bias_regularizer(square)
            .activity_regularizer(absolute)
            .apply(x);
        let text = g.finish().unwrap().to_text();
        let nodes = [
            "dense/kernel/Regularizer/Abs/ReadVariableOp = ReadVariableOp(dense/kernel)",
            "dense/kernel/Regularizer/Abs = Abs(dense/kernel/Regularizer/Abs/ReadVariableOp)",
            "dense/kernel/Regularizer/Const = Const",
            "dense/kernel/Regularizer/Sum = Sum(dense/kernel/Regularizer/Abs, dense/kernel/Regularizer/Const)",
            "dense/kernel/Regularizer/mul/x = Const",
            "dense/kernel/Regularizer/mul = Mul(dense/kernel/Regularizer/mul/x, dense/kernel/Regularizer/Sum)",
            "dense/bias/Regularizer/ReadVariableOp = ReadVariableOp(dense/bias)",
            "dense/bias/Regularizer/mul/ReadVariableOp = ReadVariableOp(dense/bias)",
            "dense/bias/Regularizer/mul = Mul(dense/bias/Regularizer/ReadVariableOp, \
             dense/bias/Regularizer/mul/ReadVariableOp)",
            "dense/bias/Regularizer/Const = Const",
            "dense/bias/Regularizer/Sum = Sum(dense/bias/Regularizer/mul, dense/bias/Regularizer/Const)",
            "dense/ActivityRegularizer/Abs = Abs(dense/BiasAdd)",
            "dense/ActivityRegularizer/Const = Const",
            "dense/ActivityRegularizer/Sum = Sum(dense/ActivityRegularizer/Abs, dense/ActivityRegularizer/Const)",
            "dense/ActivityRegularizer/mul/x = Const",
            "dense/ActivityRegularizer/mul = Mul(dense/ActivityRegularizer/mul/x, dense/ActivityRegularizer/Sum)",
            "dense/ActivityRegularizer/Shape = Shape(dense/BiasAdd)",
        ];
        let mut lines = text.lines().filter(|line| line.contains("Regularizer/"));
        for node in nodes {
            let line = lines.next().unwrap_or_default();
            assert!(line.starts_with(node), "{node}: {line}");
        }
        let loss = "dense/ActivityRegularizer/truediv = RealDiv(dense/ActivityRegularizer/mul, \
                    dense/ActivityRegularizer/Cast)";
        assert!(text.contains(loss), "{text}");
    }
}
