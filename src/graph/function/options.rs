//! Options of functions, and the arguments of those whose shapes are known.

use std::fmt;
use std::sync::Arc;

use super::Function;
use crate::graph::AttrValue;
use crate::graph::function_def::FunctionAttrs;
use crate::graph::library;
use crate::shape::Shape;

/// The attribute of a function that TensorFlow does not put in the place of its calls.
const NO_INLINE: &str = "_noinline";

/// The name and the options of a function that [`GraphBuilder::function`](crate::GraphBuilder::function) makes: the
/// arguments of `function.Defun`. The name alone stands for the defaults.
///
/// ```
/// use tfhub::Tensor;
/// use tfhub::graph::Defun;
///
/// # let g = tfhub::GraphBuilder::new();
/// let gradient = g.function("double_grad", ["x", "dy"], |(_, dy): (Tensor<f32>, Tensor<f32>)| dy * 2.0);
/// let double = Defun::new("double").noinline(true).gradient(&gradient);
/// let double = g.function(double, ["x"], |x: Tensor<f32>| x + x);
/// double.call(g.constant(3f32));
/// # g.finish()?;
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Clone)]
pub struct Defun {
    pub(super) name: String,
    pub(super) attrs: FunctionAttrs,
    pub(super) result_names: Vec<String>,
    pub(super) gradient: Option<Arc<library::Function>>,
}

impl Defun {
    /// A function of this name with the default options.
    pub fn new(name: impl Into<String>) -> Self {
        Defun {
            name: name.into(),
            attrs: FunctionAttrs::default(),
            result_names: Vec::new(),
            gradient: None,
        }
    }

    /// An attribute of the function.
    pub fn attr(mut self, name: impl Into<String>, value: impl Into<AttrValue>) -> Self {
        self.attrs.insert(name.into(), value.into().0);
        self
    }

    /// Whether TensorFlow is kept from putting the body in the place of calls.
    pub fn noinline(self, noinline: bool) -> Self {
        self.attr(NO_INLINE, noinline)
    }

    /// The names of the results (`out_names`); without them they are those of the nodes.
    pub fn result_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.result_names = names.into_iter().map(N::into).collect();
        self
    }

    /// The function that computes the gradient (`grad_func`): its arguments are those of this one and then the gradients
    /// of the results, its results the gradients of the arguments.
    pub fn gradient<A, R>(mut self, gradient: &Function<'_, A, R>) -> Self {
        self.gradient = gradient.definition.clone();
        self
    }
}

impl From<&str> for Defun {
    fn from(name: &str) -> Self {
        Defun::new(name)
    }
}

impl From<&String> for Defun {
    fn from(name: &String) -> Self {
        Defun::new(name)
    }
}

impl fmt::Debug for Defun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Defun")
            .field("name", &self.name)
            .field("attrs", &self.attrs)
            .finish_non_exhaustive()
    }
}

/// The name and the options of a function that
/// [`GraphBuilder::concrete_function`](crate::GraphBuilder::concrete_function) makes: the arguments of `tf.function`. The
/// name alone stands for the defaults.
#[derive(Debug, Clone)]
pub struct ConcreteFunction {
    pub(super) name: String,
    pub(super) attrs: FunctionAttrs,
    pub(super) config_proto: Vec<u8>,
    pub(super) executor_type: String,
}

/// The `ConfigProto` with which Python lets functions run on a machine with one CPU device and no GPU.
const CONFIG_PROTO: &[u8] = b"\n\x07\n\x03CPU\x10\x01\n\x07\n\x03GPU\x10\x002\x02J\x008\x01";

impl ConcreteFunction {
    /// A function with the default options, in whose name this one is contained.
    pub fn new(name: impl Into<String>) -> Self {
        ConcreteFunction {
            name: name.into(),
            attrs: FunctionAttrs::default(),
            config_proto: CONFIG_PROTO.to_vec(),
            executor_type: String::new(),
        }
    }

    /// An attribute of the function, as `defun_with_attributes` gives it.
    pub fn attr(mut self, name: impl Into<String>, value: impl Into<AttrValue>) -> Self {
        self.attrs.insert(name.into(), value.into().0);
        self
    }

    /// Whether TensorFlow is kept from putting the body in the place of calls.
    pub fn noinline(self, noinline: bool) -> Self {
        self.attr(NO_INLINE, noinline)
    }

    /// The serialized `ConfigProto` of calls. Python writes that of its process, which by default counts the devices of
    /// the machine: here one CPU device and no GPU.
    pub fn config_proto(mut self, config_proto: impl Into<Vec<u8>>) -> Self {
        self.config_proto = config_proto.into();
        self
    }

    /// The executor of calls (`executor_type`), such as `SINGLE_THREADED_EXECUTOR`; empty for the default.
    pub fn executor_type(mut self, executor_type: impl Into<String>) -> Self {
        self.executor_type = executor_type.into();
        self
    }
}

impl From<&str> for ConcreteFunction {
    fn from(name: &str) -> Self {
        ConcreteFunction::new(name)
    }
}

/// The name and the static shape of an argument (`tf.TensorSpec`); the dtype follows from the closure.
#[derive(Debug, Clone)]
pub struct TensorSpec {
    pub(super) name: String,
    pub(super) shape: Shape,
}

impl TensorSpec {
    /// An argument with this name and shape.
    pub fn new(name: impl Into<String>, shape: impl Into<Shape>) -> Self {
        TensorSpec {
            name: name.into(),
            shape: shape.into(),
        }
    }
}
