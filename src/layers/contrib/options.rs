//! Options that layers of `tf.contrib.layers` share.

use std::fmt;
use std::rc::Rc;

use super::collections::{OutputsCollections, VariablesCollections};
use crate::dtype::{Element, TensorType};
use crate::graph::{GraphBuilder, Tensor, join, keys};
use crate::layers::Layer;
use crate::layers::base::Call;
use crate::layers::kernel::KernelWeights;
use crate::ops::nn;
use crate::ops::types::Float;
use crate::variable::{AnyVariable, EnterScope, Reuse, Variable, VariableBuilder, VariableRequest};

/// The options that all layers have.
#[derive(Debug, Clone)]
pub(super) struct ScopeOptions {
    pub(super) scope: Option<String>,
    pub(super) reuse: Reuse,
    pub(super) trainable: bool,
    pub(super) variables_collections: VariablesCollections,
}

impl Default for ScopeOptions {
    fn default() -> Self {
        ScopeOptions {
            scope: None,
            reuse: Reuse::No,
            trainable: true,
            variables_collections: VariablesCollections::default(),
        }
    }
}

/// Names of variables in `tf.layers`, and what they are called here.
pub(super) type Renamed = &'static [(&'static str, &'static str)];

impl ScopeOptions {
    /// The scope to enter.
    pub(super) fn enter(&self, default_name: &str) -> EnterScope {
        let enter = match &self.scope {
            Some(scope) => EnterScope::new(scope.clone()),
            None => EnterScope::with_default_name(default_name),
        };
        enter.reuse(self.reuse)
    }

    /// The scope to enter, in which layers of `tf.layers` make model variables, of which some get other names.
    pub(super) fn enter_model(&self, default_name: &str, renamed: Renamed) -> EnterScope {
        let enter = self.enter(default_name);
        enter.custom_getter(move |request| model_variable_of(request, renamed))
    }

    /// A model variable of the open scope.
    pub(super) fn model_variable<'g, T: Element>(
        &self,
        g: &'g GraphBuilder,
        name: &str,
        shape: &[usize],
    ) -> VariableBuilder<'g, T> {
        let variable = g.get_variable(name).shape(shape);
        let variable = variable.collections(self.collections_of(name));
        variable.trainable(self.trainable)
    }

    /// The collections of a new model variable that `variables_collections` knows by this name.
    pub(super) fn collections_of(&self, name: &str) -> Vec<&str> {
        let given = self.variables_collections.of(name).iter();
        let own = [keys::VARIABLES, keys::MODEL_VARIABLES].into_iter();
        own.chain(given.map(String::as_str)).collect()
    }

    /// Applies a layer of `tf.layers` with a kernel, whose variables join their collections.
    pub(super) fn apply<'g, T: Float, S: Clone, D>(
        &self,
        layer: Layer<'g, D>,
        inputs: Tensor<'g, T>,
    ) -> Tensor<'g, T>
    where
        D: Call<'g, Element = T, Weights = KernelWeights<'g, T, S>>,
    {
        let outputs = layer.apply(inputs);
        self.collect("weights", layer.kernel());
        self.collect("biases", layer.bias());
        outputs
    }

    /// Adds a variable of a layer of `tf.layers` to the collections of the name, unless it is in them.
    pub(super) fn collect<T: Element>(&self, name: &str, variable: Option<Variable<'_, T>>) {
        for part in variable.iter().flat_map(Variable::parts) {
            for key in self.variables_collections.of(name) {
                part.join_collection(key);
            }
        }
    }
}

/// The variable that a layer of `tf.layers` asks for.
fn model_variable_of<'g>(request: VariableRequest<'g>, renamed: Renamed) -> AnyVariable<'g> {
    let (path, short) = match request.name().rsplit_once('/') {
        Some((path, short)) => (path, short),
        None => ("", request.name()),
    };
    let new = renamed.iter().find(|(old, _)| *old == short);
    let name = new.map(|(_, new)| join(path, new));
    let own = request.collections().to_vec();
    let mut collections: Vec<_> = own.iter().map(String::as_str).collect();
    if !collections.contains(&keys::MODEL_VARIABLES) {
        collections.push(keys::MODEL_VARIABLES);
    }
    let request = request.with_collections(&collections);
    match name {
        Some(name) => request.with_name(name).get(),
        None => request.get(),
    }
}

/// A function of a layer's outputs.
type Function<'g, T> = Rc<dyn Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g>;

/// The functions of a layer's outputs, and the collections that what they give joins.
#[derive(Clone)]
pub(super) struct OutputOptions<'g, T: TensorType> {
    /// It comes in the place of biases.
    normalizer: Option<Function<'g, T>>,
    activation: Option<Function<'g, T>>,
    pub(super) collections: OutputsCollections,
}

impl<'g, T: Float> OutputOptions<'g, T> {
    /// Those of a layer with a kernel.
    pub(super) fn relu() -> Self {
        OutputOptions {
            normalizer: None,
            activation: Some(Rc::new(|outputs| nn::relu(outputs))),
            collections: OutputsCollections::default(),
        }
    }

    /// Those of a layer that normalizes.
    pub(super) fn linear() -> Self {
        OutputOptions {
            normalizer: None,
            activation: None,
            collections: OutputsCollections::default(),
        }
    }

    pub(super) fn set_normalizer(
        &mut self,
        function: impl Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g,
    ) {
        self.normalizer = Some(Rc::new(function));
    }

    pub(super) fn set_activation(
        &mut self,
        function: impl Fn(Tensor<'g, T>) -> Tensor<'g, T> + 'g,
    ) {
        self.activation = Some(Rc::new(function));
    }

    pub(super) fn remove_activation(&mut self) {
        self.activation = None;
    }

    pub(super) fn has_normalizer(&self) -> bool {
        self.normalizer.is_some()
    }

    pub(super) fn apply(&self, outputs: Tensor<'g, T>) -> Tensor<'g, T> {
        let functions = [&self.normalizer, &self.activation];
        let functions = functions.into_iter().flatten();
        let outputs = functions.fold(outputs, |outputs, function| function(outputs));
        self.collections.collect(outputs)
    }
}

impl<T: TensorType> fmt::Debug for OutputOptions<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputOptions")
            .field("normalizer", &self.normalizer.is_some())
            .field("activation", &self.activation.is_some())
            .field("collections", &self.collections)
            .finish()
    }
}

/// The setters of a definition's [`ScopeOptions`], its field `scope`.
macro_rules! scope_setters {
    ($($field:ident).+, $default:literal) => {
        #[doc = concat!("The name of the variable scope as it is; by default `", $default, "`, made unique.")]
        pub fn scope(mut self, scope: impl Into<String>) -> Self {
            self.$($field).+.scope = Some(scope.into());
            self
        }

        /// Whether the variables are made or found; those to be found are in a [`scope`](Self::scope) that is named.
        pub fn reuse(mut self, reuse: $crate::variable::Reuse) -> Self {
            self.$($field).+.reuse = reuse;
            self
        }

        /// Whether training changes the variables; it does by default.
        pub fn trainable(mut self, trainable: bool) -> Self {
            self.$($field).+.trainable = trainable;
            self
        }
    };
}

/// The setters of the activation in a definition's [`OutputOptions`], its field `outputs`.
macro_rules! activation_setters {
    ($($options:ident)? $default:literal) => {
        #[doc = concat!("A function of the outputs; ", $default, " by default.")]
        pub fn activation_fn(
            mut self,
            activation: impl Fn($crate::graph::Tensor<'g, T>) -> $crate::graph::Tensor<'g, T> + 'g,
        ) -> Self {
            self.$($options.)?outputs.set_activation(activation);
            self
        }

        /// Leaves the outputs as they are (`activation_fn=None`).
        pub fn without_activation(mut self) -> Self {
            self.$($options.)?outputs.remove_activation();
            self
        }

        $crate::layers::contrib::collections::outputs_collections_setter! { $($options.)?outputs.collections }
    };
}

/// The setters of a layer with weights, whose fields `weights` and `biases` are its options.
macro_rules! weights_setters {
    ($($options:ident)?) => {
        $crate::layers::contrib::options::activation_setters! { $($options)? "[`nn::relu`](crate::ops::nn::relu)" }
        $crate::layers::contrib::collections::variables_collections_setter! { $($options.)?scope }

        /// A function of the outputs such as [`BatchNorm::apply`](crate::layers::contrib::BatchNorm::apply) of a definition, which comes in the place of the biases.
        pub fn normalizer_fn(
            mut self,
            normalizer: impl Fn($crate::graph::Tensor<'g, T>) -> $crate::graph::Tensor<'g, T> + 'g,
        ) -> Self {
            self.$($options.)?outputs.set_normalizer(normalizer);
            self
        }

        /// The initializer of the weights, [`init::contrib::xavier`](crate::init::contrib::xavier) by default; with `None`
        /// that of the variable scope, or [`init::glorot_uniform`](crate::init::glorot_uniform).
        pub fn weights_initializer(
            mut self,
            initializer: impl Into<Option<$crate::init::Initializer>>,
        ) -> Self {
            self.$($options.)?weights.initializer = initializer.into();
            self
        }

        /// Adds a loss on the weights to the regularization losses.
        pub fn weights_regularizer(
            mut self,
            regularizer: impl Into<Option<$crate::regularizer::Regularizer>>,
        ) -> Self {
            self.$($options.)?weights.regularizer = regularizer.into();
            self
        }

        /// The initializer of the biases, [`init::zeros`](crate::init::zeros) by default; with `None` there are none.
        pub fn biases_initializer(
            mut self,
            initializer: impl Into<Option<$crate::init::Initializer>>,
        ) -> Self {
            self.$($options.)?biases.initializer = initializer.into();
            self
        }

        /// Adds a loss on the biases to the regularization losses.
        pub fn biases_regularizer(
            mut self,
            regularizer: impl Into<Option<$crate::regularizer::Regularizer>>,
        ) -> Self {
            self.$($options.)?biases.regularizer = regularizer.into();
            self
        }
    };
}

/// The setters of the window of a layer, of which `stride`, `padding` and `data_format` are fields.
macro_rules! window_setters {
    ($($options:ident)? $stride:literal, $padding:literal) => {
        #[doc = concat!("The steps between windows, one number, or one for each dimension; ", $stride, " by default.")]
        pub fn stride(mut self, stride: impl Into<$crate::ops::nn::WindowSizes>) -> Self {
            self.$($options.)?stride = stride.into();
            self
        }

        #[doc = concat!("The treatment of the edges; [`", $padding, "`](crate::ops::nn::", $padding, ") by default.")]
        pub fn padding(mut self, padding: $crate::ops::nn::Padding) -> Self {
            self.$($options.)?padding = padding;
            self
        }

        /// The place of the channels; last by default.
        pub fn data_format(mut self, data_format: $crate::ops::nn::DataFormat) -> Self {
            self.$($options.)?data_format = data_format;
            self
        }
    };
}

pub(super) use {activation_setters, scope_setters, weights_setters, window_setters};
