//! Options of layers with weights: those of a weight, those of the outputs (bias and activation), and a kernel with both.

use std::rc::Rc;

use super::base::{Call, Layer, WeightScope};
use crate::dtype::TensorType;
use crate::graph::{AnyTensor, Tensor};
use crate::init::{self, Initializer};
use crate::ops::Size;
use crate::ops::nn::{self, DataFormat};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Float;
use crate::regularizer::Regularizer;
use crate::variable::{Constraint, Variable};

/// A function of a layer's outputs.
type Activation<'g, T> = Rc<dyn Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g>;

/// The options of a weight.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeightOptions {
    pub(super) initializer: Option<Initializer>,
    pub(super) regularizer: Option<Regularizer>,
    pub(super) constraint: Option<Constraint>,
}

impl WeightOptions {
    /// Those of a weight that has an initializer by default.
    pub(super) fn starting_from(initializer: Initializer) -> Self {
        WeightOptions {
            initializer: Some(initializer),
            ..WeightOptions::default()
        }
    }

    /// Makes the weight, or finds it.
    pub(crate) fn make<'g, T: Float>(
        &self,
        scope: &WeightScope<'g>,
        name: &str,
        shape: &[usize],
    ) -> Variable<'g, T> {
        let weight = scope.weight(name, shape);
        let weight = weight.initializer(self.initializer.as_ref());
        let weight = weight.constraint(self.constraint.as_ref());
        weight.regularizer(self.regularizer.as_ref()).finish()
    }
}

/// The bias and the activation of a layer.
#[derive(Clone)]
pub(crate) struct OutputOptions<'g, T: TensorType> {
    pub(super) use_bias: bool,
    pub(super) bias: WeightOptions,
    pub(super) activation: Option<Activation<'g, T>>,
}

impl<T: TensorType> Default for OutputOptions<'_, T> {
    fn default() -> Self {
        let bias = WeightOptions {
            initializer: Some(init::zeros()),
            ..WeightOptions::default()
        };
        OutputOptions {
            use_bias: true,
            bias,
            activation: None,
        }
    }
}

impl<'g, T: Float> OutputOptions<'g, T> {
    /// Makes the bias, or finds it, if the layer has one.
    pub(crate) fn make_bias(
        &self,
        scope: &WeightScope<'g>,
        size: usize,
    ) -> Option<Variable<'g, T>> {
        self.use_bias
            .then(|| self.bias.make(scope, "bias", &[size]))
    }

    /// The function of the outputs, if there is one.
    pub(crate) fn activate(&self, outputs: Tensor<'g, T>) -> Tensor<'g, T> {
        match &self.activation {
            Some(activation) => activation(outputs),
            None => outputs,
        }
    }
}

/// The options of a layer that has one kernel, and those of its outputs.
#[derive(Clone)]
pub(crate) struct KernelOptions<'g, T: TensorType> {
    pub(super) kernel: WeightOptions,
    pub(super) outputs: OutputOptions<'g, T>,
}

impl<T: TensorType> Default for KernelOptions<'_, T> {
    fn default() -> Self {
        KernelOptions {
            kernel: WeightOptions::default(),
            outputs: OutputOptions::default(),
        }
    }
}

impl<'g, T: Float> KernelOptions<'g, T> {
    /// Makes the kernel and the bias, or finds them.
    pub(crate) fn make(
        &self,
        scope: &WeightScope<'g>,
        kernel: &[usize],
        bias: usize,
    ) -> KernelWeights<'g, T> {
        KernelWeights {
            kernel: self.kernel.make(scope, "kernel", kernel),
            bias: self.outputs.make_bias(scope, bias),
            state: (),
        }
    }
}

/// The variables of a layer that has one kernel, and what else is made once.
#[derive(Debug)]
pub struct KernelWeights<'g, T: Float, S = ()> {
    pub(super) kernel: Variable<'g, T>,
    pub(super) bias: Option<Variable<'g, T>>,
    pub(super) state: S,
}

impl<T: Float, S: Clone> Clone for KernelWeights<'_, T, S> {
    fn clone(&self) -> Self {
        KernelWeights {
            state: self.state.clone(),
            ..*self
        }
    }
}

impl<'g, T: Float> KernelWeights<'g, T> {
    pub(super) fn with<S>(self, state: S) -> KernelWeights<'g, T, S> {
        KernelWeights {
            kernel: self.kernel,
            bias: self.bias,
            state,
        }
    }
}

impl<'g, T, S, D> Layer<'g, D>
where
    T: Float,
    S: Clone,
    D: Call<'g, Element = T, Weights = KernelWeights<'g, T, S>>,
{
    /// The kernel, once the layer has been applied.
    pub fn kernel(&self) -> Option<Variable<'g, T>> {
        self.weights().map(|weights| weights.kernel)
    }

    /// The bias, once the layer has been applied and if it has one.
    pub fn bias(&self) -> Option<Variable<'g, T>> {
        self.weights().and_then(|weights| weights.bias)
    }
}

/// Adds a bias to the dimension of the channels.
pub(super) fn add_bias<'g, T: Float>(
    outputs: AnyTensor<'g>,
    bias: Option<Variable<'g, T>>,
    format: DataFormat,
) -> AnyTensor<'g> {
    match bias {
        Some(bias) => nn::bias_add(outputs.typed::<T>(), bias, format).any(),
        None => outputs,
    }
}

/// Adds a bias to the second dimension of outputs of a rank, by giving it that rank.
pub(super) fn add_reshaped_bias<'g, T: Float>(
    outputs: AnyTensor<'g>,
    bias: Option<Variable<'g, T>>,
    rank: usize,
) -> AnyTensor<'g> {
    let Some(bias) = bias else {
        return outputs;
    };
    let n = Nodes(outputs.graph());
    let mut shape = vec![Size::from(1i32); rank];
    shape[1] = bias.shape().num_elements().unwrap_or_default().into();
    let bias = n.reshape(Arg::of(bias), Arg::List(Arg::sizes(&shape)));
    n.add(outputs, bias)
}

/// The setters of the options of a weight.
macro_rules! weight_setters {
    (
        $weight:literal, $($options:ident).+:
        $initializer:ident, $regularizer:ident, $constraint:ident
    ) => {
        #[doc = concat!("The initializer of the ", $weight, "; by default that of the variable scope, or")]
        /// [`init::glorot_uniform`](crate::init::glorot_uniform).
        pub fn $initializer(
            mut self,
            initializer: impl Into<Option<$crate::init::Initializer>>,
        ) -> Self {
            self.$($options).+.initializer = initializer.into();
            self
        }

        #[doc = concat!("Adds a loss on the ", $weight, " to the regularization losses.")]
        pub fn $regularizer(
            mut self,
            regularizer: impl Into<Option<$crate::regularizer::Regularizer>>,
        ) -> Self {
            self.$($options).+.regularizer = regularizer.into();
            self
        }

        #[doc = concat!("A projection of the ", $weight, " that an optimizer applies after each update; the graph has no node for it.")]
        pub fn $constraint(
            mut self,
            constraint: impl Into<Option<$crate::variable::Constraint>>,
        ) -> Self {
            self.$($options).+.constraint = constraint.into();
            self
        }
    };
}

/// The setters of the options of the outputs.
macro_rules! output_setters {
    ($($options:ident).+) => {
        $crate::layers::kernel::lossless_output_setters! { $($options).+ }

        /// Adds a loss on the bias to the regularization losses.
        pub fn bias_regularizer(
            mut self,
            regularizer: impl Into<Option<$crate::regularizer::Regularizer>>,
        ) -> Self {
            self.$($options).+.bias.regularizer = regularizer.into();
            self
        }
    };
}

/// The setters of the options of the outputs but for the loss on the bias.
macro_rules! lossless_output_setters {
    ($($options:ident).+) => {
        /// A function of the outputs, such as [`nn::relu`](crate::ops::nn::relu); none by default.
        pub fn activation(
            mut self,
            activation: impl Fn($crate::graph::Tensor<'g, T>) -> $crate::graph::Tensor<'g, T> + 'g,
        ) -> Self {
            self.$($options).+.activation = Some(std::rc::Rc::new(activation));
            self
        }

        /// Whether a bias is added; it is by default.
        pub fn use_bias(mut self, use_bias: bool) -> Self {
            self.$($options).+.use_bias = use_bias;
            self
        }

        /// The initializer of the bias, [`init::zeros`](crate::init::zeros) by default; with `None` that of the variable
        /// scope, or [`init::glorot_uniform`](crate::init::glorot_uniform).
        pub fn bias_initializer(
            mut self,
            initializer: impl Into<Option<$crate::init::Initializer>>,
        ) -> Self {
            self.$($options).+.bias.initializer = initializer.into();
            self
        }

        /// A projection of the bias that an optimizer applies after each update; the graph has no node for it.
        pub fn bias_constraint(
            mut self,
            constraint: impl Into<Option<$crate::variable::Constraint>>,
        ) -> Self {
            self.$($options).+.bias.constraint = constraint.into();
            self
        }
    };
}

/// The setters of a definition whose field `options` is a [`KernelOptions`].
macro_rules! kernel_setters {
    () => {
        $crate::layers::kernel::weight_setters! {
            "kernel", options.kernel: kernel_initializer, kernel_regularizer, kernel_constraint
        }
        $crate::layers::kernel::output_setters! { options.outputs }
    };
}

pub(super) use {kernel_setters, lossless_output_setters, output_setters, weight_setters};
