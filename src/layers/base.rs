//! The base of layers, as `tf.layers.Layer`: scope and names, reuse, weights, the check of inputs, and the loss on outputs.
//!
//! A [`Kind`] is what has weights: options, the inputs that it takes, and the variables. [`State`] makes the variables once
//! and opens the scopes of a call. A layer is a [`Call`] besides; [`methods`] gives it the options of the base, and the ways
//! to be applied.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use smallvec::SmallVec;

use crate::dtype::{Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, GraphNumber, Tensor, keys, numbered};
use crate::init::Initializer;
use crate::ops::TensorLike;
use crate::ops::nodes::Nodes;
use crate::regularizer::Regularizer;
use crate::shape::Shape;
use crate::variable::{
    Constraint, EnterScope, Reuse, Variable, VariableAggregation, VariableBuilder, VariableScope,
    VariableSynchronization,
};

/// The options that all layers have.
#[derive(Debug, Clone)]
pub struct Base {
    pub(crate) name: Name,
    pub(crate) reuse: Reuse,
    pub(crate) trainable: bool,
    pub(super) activity_regularizer: Option<Regularizer>,
}

/// The name of a layer.
#[derive(Debug, Clone)]
pub(crate) enum Name {
    /// That of the kind of layer, made unique.
    Default,
    /// One of its own, made unique.
    Unique(String),
    /// That of the variable scope, as it is.
    Scope(String),
    /// The open scope that the layer is made in takes its variables (`_scope`).
    Open(VariableScope),
}

impl Default for Base {
    fn default() -> Self {
        Base {
            name: Name::Default,
            reuse: Reuse::No,
            trainable: true,
            activity_regularizer: None,
        }
    }
}

/// The dimensions of inputs that weights are made for, counted from the last one, with their sizes.
pub(crate) type Fixed = SmallVec<[(usize, usize); 2]>;

/// Those dimensions in the shape of some inputs, as far as their sizes are known.
pub(crate) type Sizes = SmallVec<[(usize, Option<usize>); 2]>;

/// A library of layers, by its rules for scopes and variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `tf.layers`: a variable scope for all calls, in which variables are looked up.
    Layers,
    /// `tf.keras.layers`: a name scope for each call, and variables of the layer's own.
    Keras,
}

/// A kind of layer or cell: its options and its weights.
pub trait Kind<'g> {
    /// The type of the inputs, the weights and the outputs.
    type Element: TensorType;
    /// The variables.
    type Weights: Clone;

    /// The name of a layer that is given none.
    const NAME: &'static str;
    /// The inputs that its weights are made for, for messages.
    const INPUTS: &'static str;
    /// The library whose rules for scopes and variables count.
    const FAMILY: Family = Family::Layers;

    fn base(&self) -> &Base;

    /// The dimensions that the weights are made for; `None` if inputs of this rank cannot be taken.
    fn sizes(&self, inputs: &Shape) -> Option<Sizes>;

    /// The fault of these options with inputs of this shape that is none of their [`sizes`](Self::sizes).
    fn fault(&self, _inputs: &Shape) -> Option<String> {
        None
    }

    /// Makes the weights.
    fn build(&self, scope: &WeightScope<'g>, fixed: &Fixed) -> Self::Weights;
}

/// A kind of layer whose nodes depend on the inputs alone.
pub trait Call<'g>: Kind<'g> {
    /// Makes the nodes of an application.
    fn call(
        &self,
        inputs: impl TensorLike<'g, Self::Element>,
        weights: Self::Weights,
    ) -> Tensor<'g, Self::Element>;
}

/// The variable scope of a layer whose weights are made.
#[derive(Debug)]
pub struct WeightScope<'g> {
    g: &'g GraphBuilder,
    family: Family,
    trainable: bool,
    /// The shape of the inputs that the weights are made for.
    inputs: Shape,
}

impl<'g> WeightScope<'g> {
    pub(super) fn graph(&self) -> &'g GraphBuilder {
        self.g
    }

    pub(super) fn inputs(&self) -> &Shape {
        &self.inputs
    }

    pub(super) fn input_rank(&self) -> usize {
        self.inputs.rank().unwrap_or_default()
    }

    /// A weight to be made or found.
    pub(crate) fn weight<'a, T: Element>(
        &'a self,
        name: &'a str,
        shape: &[usize],
    ) -> WeightBuilder<'a, 'g, T> {
        let builder = match self.family {
            Family::Layers => self.g.get_variable(name),
            Family::Keras => self.g.variable(name).use_resource(true),
        };
        let builder = builder.shape(shape).trainable(self.trainable);
        WeightBuilder {
            name,
            builder,
            layer_is_trainable: self.trainable,
            regularizer: None,
        }
    }
}

/// Makes a weight of a layer, or finds it (`add_weight` of `tf.layers.Layer`).
#[must_use = "the weight is made by `finish`"]
pub(crate) struct WeightBuilder<'a, 'g, T: Element> {
    name: &'a str,
    builder: VariableBuilder<'g, T>,
    layer_is_trainable: bool,
    regularizer: Option<&'a Regularizer>,
}

impl<'a, 'g, T: Element> WeightBuilder<'a, 'g, T> {
    /// The initializer; without one the weight starts from what the variable scope says.
    pub(crate) fn initializer(mut self, initializer: Option<&Initializer>) -> Self {
        self.builder = self.builder.initializer(initializer.cloned());
        self
    }

    /// A projection that the weight keeps for optimizers.
    pub(crate) fn constraint(mut self, constraint: Option<&Constraint>) -> Self {
        self.builder = self.builder.constraint(constraint.cloned());
        self
    }

    /// Adds the loss of a new weight to the regularization losses.
    pub(crate) fn regularizer(mut self, regularizer: Option<&'a Regularizer>) -> Self {
        self.regularizer = regularizer;
        self
    }

    /// Whether training changes the weight, as it does by default, if it changes the layer's.
    pub(super) fn trainable(mut self, trainable: bool) -> Self {
        let trainable = trainable && self.layer_is_trainable;
        self.builder = self.builder.trainable(trainable);
        self
    }

    /// The time when values of several replicas become one.
    pub(super) fn synchronization(mut self, synchronization: VariableSynchronization) -> Self {
        self.builder = self.builder.synchronization(synchronization);
        self
    }

    /// The way in which values of several replicas become one.
    pub(super) fn aggregation(mut self, aggregation: VariableAggregation) -> Self {
        self.builder = self.builder.aggregation(aggregation);
        self
    }

    /// Makes the weight, or finds it.
    pub(crate) fn finish(self) -> Variable<'g, T> {
        let (variable, is_new) = self.builder.create_or_find();
        if let Some(regularizer) = self.regularizer.filter(|_| is_new) {
            for part in variable.parts() {
                regularizer.add_loss(&format!("{}/Regularizer", self.name), part);
            }
        }
        variable
    }
}

/// A layer that uses the same variables each time that it is applied.
///
/// It is the object that `tf.layers.Dense(...)` and its kin make in Python; the definition that it is made of, such as
/// [`Dense`](super::Dense), can be applied by itself as well, as the functions of `tf.layers` are.
pub struct Layer<'g, D: Call<'g>> {
    definition: D,
    state: State<'g, D::Weights>,
}

/// The scope and the variables of a layer or cell, once they are made.
pub(crate) struct State<'g, W> {
    scope: OnceCell<Scope>,
    weights: OnceCell<(&'g GraphBuilder, Fixed, W)>,
}

/// The place of a layer's nodes and variables.
enum Scope {
    Variables(VariableScope),
    /// The layer's name.
    Keras(String),
}

/// The layers of Keras of each graph, counted by the names of their kinds.
#[derive(Default)]
struct KerasLayers(HashMap<(GraphNumber, &'static str), u32>);

impl Scope {
    /// Settles the name of a layer of `tf.layers`.
    fn of_layer(g: &GraphBuilder, base: &Base, kind: &'static str) -> Self {
        let enter = match (&base.name, base.reuse) {
            (Name::Default, Reuse::No) => EnterScope::with_default_name(kind),
            (Name::Default, _) => EnterScope::new(kind),
            (Name::Unique(name), Reuse::No) => EnterScope::with_default_name(name.clone()),
            (Name::Unique(name) | Name::Scope(name), _) => EnterScope::new(name.clone()),
            (Name::Open(scope), _) => EnterScope::from(scope),
        };
        Scope::Variables(g.variable_scope(enter, VariableScope::clone))
    }

    /// Settles the name of a layer of Keras.
    fn of_keras_layer(g: &GraphBuilder, base: &Base, kind: &'static str) -> Self {
        Scope::Keras(match &base.name {
            Name::Unique(name) | Name::Scope(name) => name.clone(),
            Name::Open(scope) => scope.name().to_owned(),
            Name::Default => {
                let mut layers = g.extension::<KerasLayers>();
                let count = layers.0.entry((g.open_graph(), kind)).or_default();
                let before = std::mem::replace(count, *count + 1);
                match before {
                    0 => kind.to_owned(),
                    before => numbered(kind, before),
                }
            }
        })
    }
}

impl<'g, W: Clone> State<'g, W> {
    pub(crate) fn new() -> Self {
        State {
            scope: OnceCell::new(),
            weights: OnceCell::new(),
        }
    }

    /// The variables, once they are made.
    pub(crate) fn weights(&self) -> Option<W> {
        self.weights.get().map(|(.., weights)| weights.clone())
    }

    /// Runs a call in the scopes of what `definition` defines, with the variables, which the first call makes; `None` if
    /// the inputs were reported, as they cannot be taken.
    #[track_caller]
    pub(crate) fn enter<D: Kind<'g, Weights = W>, R>(
        &self,
        definition: &D,
        inputs: impl TensorLike<'g, D::Element>,
        call: impl FnOnce(W) -> R,
    ) -> Option<R> {
        let g = inputs.graph();
        let built = self.weights.get();
        if built.is_some_and(|(graph, ..)| !std::ptr::eq(g, *graph)) {
            g.report(
                Rule::OtherGraph,
                "the layer's variables are of another graph",
            );
            return None;
        }
        let base = definition.base();
        g.called_from(Location::caller(), || {
            let scope = self.scope.get_or_init(|| match D::FAMILY {
                Family::Layers => Scope::of_layer(g, base, D::NAME),
                Family::Keras => Scope::of_keras_layer(g, base, D::NAME),
            });
            let called = || weights(g, definition, self, &inputs).map(call);
            match scope {
                Scope::Variables(scope) => {
                    let reuse = match built {
                        Some(_) => Reuse::Yes,
                        None => base.reuse,
                    };
                    let enter = EnterScope::from(scope).reuse(reuse).without_name_scope();
                    g.variable_scope(enter, |_| {
                        g.name_scope(&format!("{}/", scope.original_name_scope()), called)
                    })
                }
                Scope::Keras(name) => g.inner_scope(name, Location::caller(), |_| called()),
            }
        })
    }
}

impl<'g, D: Call<'g>> Layer<'g, D> {
    pub(super) fn new(definition: D) -> Self {
        let state = State::new();
        Layer { definition, state }
    }

    /// The definition that the layer is made of.
    pub fn definition(&self) -> &D {
        &self.definition
    }

    /// The variables, once the layer has been applied.
    pub(super) fn weights(&self) -> Option<D::Weights> {
        self.state.weights()
    }

    /// Makes the layer's nodes on `inputs`, and its variables the first time.
    #[track_caller]
    pub fn apply(&self, inputs: impl TensorLike<'g, D::Element>) -> Tensor<'g, D::Element> {
        self.apply_as(&self.definition, inputs)
    }

    /// Makes the layer's nodes as another definition with the same variables says.
    #[track_caller]
    pub(super) fn apply_as(
        &self,
        definition: &D,
        inputs: impl TensorLike<'g, D::Element>,
    ) -> Tensor<'g, D::Element> {
        apply(definition, &self.state, inputs)
    }
}

impl<'g, D: Call<'g> + fmt::Debug> fmt::Debug for Layer<'g, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Layer").field(&self.definition).finish()
    }
}

/// Applies a layer that is not used again.
#[track_caller]
pub(super) fn apply_once<'g, D: Call<'g>>(
    definition: &D,
    inputs: impl TensorLike<'g, D::Element>,
) -> Tensor<'g, D::Element> {
    apply(definition, &State::new(), inputs)
}

#[track_caller]
fn apply<'g, D: Call<'g>>(
    definition: &D,
    state: &State<'g, D::Weights>,
    inputs: impl TensorLike<'g, D::Element>,
) -> Tensor<'g, D::Element> {
    let g = inputs.graph();
    let outputs = state.enter(definition, inputs, |weights| {
        let outputs = definition.call(inputs, weights);
        if let Some(regularizer) = &definition.base().activity_regularizer {
            regularize_activity(g, outputs, regularizer);
        }
        outputs
    });
    outputs.unwrap_or_else(|| AnyTensor::poison(g).typed())
}

/// The weights for some inputs; `None` if these were reported, as they cannot be taken.
///
/// A layer that has its weights takes inputs of unknown sizes.
fn weights<'g, D: Kind<'g>>(
    g: &'g GraphBuilder,
    definition: &D,
    state: &State<'g, D::Weights>,
    inputs: &impl TensorLike<'g, D::Element>,
) -> Option<D::Weights> {
    let shape = inputs.static_shape();
    if let Some(message) = definition.fault(&shape) {
        refuse(g, inputs, message);
        return None;
    }
    let built = state.weights.get();
    let sizes = definition.sizes(&shape);
    let known = |sizes: &Sizes| {
        let sizes = sizes
            .iter()
            .map(|&(from_last, size)| Some((from_last, size?)));
        sizes.collect::<Option<Fixed>>()
    };
    let fixed = match built {
        Some((_, fixed, _)) => sizes.is_some().then(|| fixed.clone()),
        None => sizes.as_ref().and_then(known),
    };
    let (Some(sizes), Some(fixed)) = (sizes, fixed) else {
        let (name, needed) = (D::NAME, D::INPUTS);
        let message = format!("{name} needs {needed}, their shape is {shape}");
        refuse(g, inputs, message);
        return None;
    };
    let mut pairs = fixed.iter().zip(&sizes);
    let differs = pairs.find(|((_, built), (_, now))| now.is_some_and(|now| now != *built));
    if let Some(((from_last, size), _)) = differs {
        refuse(
            g,
            inputs,
            format!(
                "the layer's variables are for inputs whose dimension {} is {size}, their shape is {shape}",
                -1 - *from_last as i64
            ),
        );
        return None;
    }
    let (.., weights) = state.weights.get_or_init(|| {
        let scope = WeightScope {
            g,
            family: D::FAMILY,
            trainable: definition.base().trainable,
            inputs: shape,
        };
        let weights = definition.build(&scope, &fixed);
        (g, fixed, weights)
    });
    Some(weights.clone())
}

/// Reports inputs that a layer cannot take, unless they could not be made themselves.
pub(super) fn refuse<'g, T: TensorType>(
    g: &GraphBuilder,
    inputs: &impl TensorLike<'g, T>,
    message: String,
) {
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
}

/// Adds a loss on a layer's outputs, divided by the batch size.
fn regularize_activity<'g, T: TensorType>(
    g: &'g GraphBuilder,
    outputs: Tensor<'g, T>,
    regularizer: &Regularizer,
) {
    g.inner_scope("ActivityRegularizer", Location::caller(), |_| {
        let Some(loss) = regularizer.apply(outputs) else {
            return;
        };
        let n = Nodes(g);
        let batch_size = n.at(n.shape(outputs.any()), 0);
        let loss = n.truediv(loss, n.cast(batch_size, T::DTYPE));
        g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    });
}

/// The methods that the definition of each kind of layer has; its field `base` is a [`Base`].
///
/// Each has `apply` besides, written out: the compiler shows it to whoever applies a layer to something else.
macro_rules! methods {
    (
        $definition:ident $(<$n:ident>)? $(: $bound:ident)?,
        $name:literal, $function:literal, $class:literal
    ) => {
        impl<'g, T: Float $(+ $bound)? $(, const $n: usize)?> $definition<'g, T $(, $n)?> {
            #[doc = concat!("The name of the layer's variable scope as it is, the argument `name` of `", $function, "`: layers of one")]
            #[doc = concat!("name share their variables as [`reuse`](Self::reuse) says. By default it is `", $name, "`, made unique.")]
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.base.name = Name::Scope(name.into());
                self
            }

            /// The name of the layer's variable scope, `name_1` and so on if it is taken, the argument `name` of the
            #[doc = concat!("class `", $class, "`.")]
            pub fn unique_name(mut self, name: impl Into<String>) -> Self {
                self.base.name = Name::Unique(name.into());
                self
            }

            #[doc = concat!("Whether the variables are made or found, the argument `reuse` of `", $function, "`.")]
            pub fn reuse(mut self, reuse: Reuse) -> Self {
                self.base.reuse = reuse;
                self
            }

            /// Makes the variables in an open scope.
            #[allow(dead_code, reason = "tf.contrib.layers has functions for some kinds of layers alone")]
            pub(super) fn in_open_scope(mut self, scope: &$crate::variable::VariableScope, reuse: Reuse) -> Self {
                self.base.name = Name::Open(scope.clone());
                self.base.reuse = reuse;
                self
            }

            /// Whether training changes the variables; it does by default.
            pub fn trainable(mut self, trainable: bool) -> Self {
                self.base.trainable = trainable;
                self
            }

            /// Adds a loss on the outputs, divided by the batch size, to the regularization losses.
            pub fn activity_regularizer(
                mut self,
                regularizer: impl Into<Option<Regularizer>>,
            ) -> Self {
                self.base.activity_regularizer = regularizer.into();
                self
            }

            /// The layer that uses the same variables each time that it is applied, an object of the class
            #[doc = concat!("`", $class, "`.")]
            pub fn layer(self) -> Layer<'g, Self> {
                Layer::new(self)
            }
        }
    };
}

/// The methods that the definition of each kind of layer without variables of a variable scope has; its field `base` is a
/// [`Base`].
macro_rules! plain_methods {
    ($name:literal, $class:literal) => {
        /// The name of the layer, `name_1` and so on if it is taken, the argument `name` of Python.
        #[doc = concat!("By default it is ", $name, ".")]
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.base.name = $crate::layers::base::Name::Unique(name.into());
            self
        }

        /// The layer that can be applied several times under one name, an object of the class
        #[doc = concat!($class, ".")]
        pub fn layer<'l>(self) -> $crate::layers::Layer<'l, Self>
        where
            Self: $crate::layers::base::Call<'l>,
        {
            $crate::layers::Layer::new(self)
        }
    };
}

pub(super) use {methods, plain_methods};
