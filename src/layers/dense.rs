//! `tf.layers.Dense`.

use std::cell::RefCell;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use crate::dtype::Element;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor, keys};
use crate::init::{self, Initializer};
use crate::ops::types::Float;
use crate::ops::{TensorLike, array, math, nn};
use crate::regularizer::Regularizer;
use crate::variable::{EnterScope, Reuse, Variable, VariableScope};

type Activation<'g, T> = Rc<dyn Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g>;

/// A layer with `units` outputs that are each a weighted sum of all inputs: activation(inputs * kernel + bias).
///
/// The last dimension of the inputs, which must be known, becomes `units`; the inputs have rank 2 or more. The
/// variables are `kernel` of shape `[inputs, units]` and `bias` of shape `[units]`.
///
/// A layer that is applied again uses the same variables.
///
/// ```
/// use tfhub::{layers, ops::nn};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 50));
/// let hidden = layers::dense(200).activation(nn::relu).apply(x);
/// let logits = layers::dense(10).use_bias(false).name("logits").apply(hidden);
/// assert_eq!((hidden.name(), logits.name()), ("dense/Relu:0".into(), "logits/MatMul:0".into()));
/// ```
pub fn dense<'g, T: Float>(units: usize) -> Dense<'g, T> {
    Dense {
        units,
        activation: None,
        use_bias: true,
        kernel_initializer: None,
        bias_initializer: init::zeros(),
        kernel_regularizer: None,
        bias_regularizer: None,
        activity_regularizer: None,
        trainable: true,
        name: None,
        shared_name: None,
        state: RefCell::default(),
    }
}

/// A dense layer, what `tf.layers.Dense` is in Python; [`dense`] makes one.
#[must_use = "a layer makes nodes when it is applied"]
pub struct Dense<'g, T: Float = f32> {
    units: usize,
    activation: Option<Activation<'g, T>>,
    use_bias: bool,
    kernel_initializer: Option<Initializer>,
    bias_initializer: Initializer,
    kernel_regularizer: Option<Regularizer>,
    bias_regularizer: Option<Regularizer>,
    activity_regularizer: Option<Regularizer>,
    trainable: bool,
    /// The default name of the layer's scope.
    name: Option<String>,
    /// The scope's name as it is, so that other layers can share the variables.
    shared_name: Option<(String, Reuse)>,
    state: RefCell<State<'g, T>>,
}

/// What a layer has made.
struct State<'g, T: Element> {
    scope: Option<VariableScope>,
    variables: Option<(Variable<'g, T>, Option<Variable<'g, T>>)>,
}

impl<T: Element> Default for State<'_, T> {
    fn default() -> Self {
        State {
            scope: None,
            variables: None,
        }
    }
}

impl<'g, T: Float> Dense<'g, T> {
    /// A function of the outputs, such as [`nn::relu`]; none by default.
    pub fn activation(mut self, activation: impl Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g) -> Self {
        self.activation = Some(Rc::new(activation));
        self
    }

    /// Whether a bias is added; it is by default.
    pub fn use_bias(mut self, use_bias: bool) -> Self {
        self.use_bias = use_bias;
        self
    }

    /// What the kernel starts from; by default what the variable scope says, or [`init::glorot_uniform`].
    pub fn kernel_initializer(mut self, initializer: Initializer) -> Self {
        self.kernel_initializer = Some(initializer);
        self
    }

    /// What the bias starts from; [`init::zeros`] by default.
    pub fn bias_initializer(mut self, initializer: Initializer) -> Self {
        self.bias_initializer = initializer;
        self
    }

    /// Adds a loss on the kernel to the regularization losses.
    pub fn kernel_regularizer(mut self, regularizer: Regularizer) -> Self {
        self.kernel_regularizer = Some(regularizer);
        self
    }

    /// Adds a loss on the bias to the regularization losses.
    pub fn bias_regularizer(mut self, regularizer: Regularizer) -> Self {
        self.bias_regularizer = Some(regularizer);
        self
    }

    /// Adds a loss on the outputs, divided by the batch size, to the regularization losses.
    pub fn activity_regularizer(mut self, regularizer: Regularizer) -> Self {
        self.activity_regularizer = Some(regularizer);
        self
    }

    /// Whether training changes the variables; it does by default.
    pub fn trainable(mut self, trainable: bool) -> Self {
        self.trainable = trainable;
        self
    }

    /// The name of the layer's scope, `name_1` and so on if it is taken; `dense` by default.
    ///
    /// This is `tf.layers.Dense(name=...)`; [`shared_name`](Self::shared_name) is the function `tf.layers.dense`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The name of the layer's variable scope as it is, with which layers share variables:
    /// `tf.layers.dense(name=..., reuse=...)`.
    pub fn shared_name(mut self, name: impl Into<String>, reuse: Reuse) -> Self {
        self.shared_name = Some((name.into(), reuse));
        self
    }

    /// The kernel, once the layer has been applied.
    pub fn kernel(&self) -> Option<Variable<'g, T>> {
        self.state.borrow().variables.map(|(kernel, _)| kernel)
    }

    /// The bias, once the layer has been applied and if it has one.
    pub fn bias(&self) -> Option<Variable<'g, T>> {
        self.state.borrow().variables.and_then(|(_, bias)| bias)
    }

    /// Makes the layer's nodes on `inputs`, and its variables the first time.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let g = inputs.graph();
        if self
            .kernel()
            .is_some_and(|kernel| !std::ptr::eq(kernel.graph(), g))
        {
            g.report(
                Rule::OtherGraph,
                "the layer's variables are of another graph",
            );
            return AnyTensor::poison(g).typed();
        }
        g.called_from(Location::caller(), || {
            let known = self.state.borrow().scope.clone();
            let scope = known.unwrap_or_else(|| self.capture_scope(g));
            self.state.borrow_mut().scope = Some(scope.clone());
            let reuse = match (self.kernel().is_some(), &self.shared_name) {
                (true, _) => Reuse::Yes,
                (false, Some((_, reuse))) => *reuse,
                (false, None) => Reuse::No,
            };
            let enter = EnterScope::from(&scope).reuse(reuse).without_name_scope();
            g.variable_scope(enter, |_| {
                g.name_scope(&format!("{}/", scope.original_name_scope()), || {
                    self.call(g, inputs)
                })
            })
        })
    }

    /// Enters the layer's scope once, which settles its name.
    fn capture_scope(&self, g: &'g GraphBuilder) -> VariableScope {
        let enter = match (&self.shared_name, &self.name) {
            (Some((name, _)), _) => EnterScope::new(name.clone()),
            (None, name) => EnterScope::with_default_name(name.as_deref().unwrap_or("dense")),
        };
        g.variable_scope(enter, VariableScope::clone)
    }

    fn call(&self, g: &'g GraphBuilder, inputs: impl TensorLike<'g, T>) -> Tensor<'g, T> {
        let shape = inputs.static_shape();
        let rank_and_depth = shape
            .dims()
            .map(|dims| (dims.len(), dims.last().copied().flatten()));
        let Some((rank @ 2.., Some(depth))) = rank_and_depth else {
            let message = format!(
                "dense needs inputs of rank 2 or more whose last dimension is known, their shape is {shape}"
            );
            match inputs.as_tensor() {
                Some(inputs) if inputs.any().is_poison() => {}
                Some(inputs) => g.report_node(
                    Rule::Shape,
                    &inputs.operation().op(),
                    &inputs.name(),
                    g.here(Location::caller()),
                    message,
                ),
                None => g.report(Rule::Shape, message),
            }
            return AnyTensor::poison(g).typed();
        };
        let (kernel, bias) = match self.state.borrow().variables {
            Some(variables) => variables,
            None => self.build(g, depth),
        };
        self.state.borrow_mut().variables = Some((kernel, bias));
        let mut outputs = match rank {
            2 => math::matmul(inputs, kernel),
            _ => {
                let outputs = math::tensordot(inputs, kernel, (rank as i32 - 1, 0));
                let mut dims = shape.dims().unwrap_or_default().to_vec();
                dims[rank - 1] = Some(self.units);
                outputs.set_shape(dims);
                outputs
            }
        };
        if let Some(bias) = bias {
            outputs = nn::bias_add(outputs, bias);
        }
        if let Some(activation) = &self.activation {
            outputs = activation(outputs);
        }
        if let Some(regularizer) = &self.activity_regularizer {
            regularize_activity(g, outputs, regularizer);
        }
        outputs
    }

    fn build(
        &self,
        g: &'g GraphBuilder,
        depth: usize,
    ) -> (Variable<'g, T>, Option<Variable<'g, T>>) {
        let add = |name: &str,
                   shape: Vec<usize>,
                   initializer: Option<&Initializer>,
                   regularizer: Option<&Regularizer>| {
            let builder = g
                .get_variable::<T>(name)
                .shape(shape)
                .trainable(self.trainable);
            let builder = match initializer {
                Some(initializer) => builder.initializer(initializer.clone()),
                None => builder,
            };
            let (variable, is_new) = builder.create_or_find();
            if let Some(regularizer) = regularizer.filter(|_| is_new) {
                let here = Location::caller();
                let loss = g.inner_scope(&format!("{name}/Regularizer"), here, |_| {
                    regularizer.apply(variable)
                });
                if let Some(loss) = loss {
                    g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
                }
            }
            variable
        };
        let kernel = add(
            "kernel",
            vec![depth, self.units],
            self.kernel_initializer.as_ref(),
            self.kernel_regularizer.as_ref(),
        );
        let bias = || {
            add(
                "bias",
                vec![self.units],
                Some(&self.bias_initializer),
                self.bias_regularizer.as_ref(),
            )
        };
        (kernel, self.use_bias.then(bias))
    }
}

/// Adds a loss on a layer's outputs, divided by the batch size.
fn regularize_activity<'g, T: Float>(
    g: &'g GraphBuilder,
    outputs: Tensor<'g, T>,
    regularizer: &Regularizer,
) {
    g.inner_scope("ActivityRegularizer", Location::caller(), |_| {
        let Some(loss) = regularizer.apply(outputs) else {
            return;
        };
        let batch_size = math::cast::<i32, T>(array::index(array::shape(outputs), 0));
        g.add_to_collection(keys::REGULARIZATION_LOSSES, loss.typed::<T>() / batch_size);
    });
}

impl<T: Float> fmt::Debug for Dense<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dense")
            .field("units", &self.units)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;

    /// The nodes are those that `tf.layers.dense` makes of a resource variable.
    #[test]
    fn a_variable_is_read_where_it_is_multiplied() {
        for (shape, read) in [
            (&[4, 3][..], "dense/MatMul/ReadVariableOp"),
            (&[2, 4, 3], "dense/Tensordot/ReadVariableOp"),
        ] {
            let g = GraphBuilder::new();
            let v = g.get_variable::<f32>("v").shape(shape).create();
            layers::dense(2).apply(v);
            let graph = g.finish().unwrap();
            let text = graph.to_text();
            assert!(
                text.contains(&format!("{read} = ReadVariableOp(v)")),
                "{text}"
            );
        }
        let g = GraphBuilder::new();
        let v = g.get_variable::<f32>("v").shape([3]).create();
        layers::dense(2).apply(v);
        let error = g.finish().unwrap_err();
        assert!(error.to_string().ends_with("their shape is [3]"), "{error}");
    }
}
