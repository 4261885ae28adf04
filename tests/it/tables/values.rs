//! Values of options as the crate takes them.

use std::collections::BTreeMap;

use tfhub::init::{self, Distribution, FanMode, Initializer};
use tfhub::layers::contrib::VariablesCollections;
use tfhub::ndarray::{ArrayD, Axis, arr0, stack};
use tfhub::ops::nn;
use tfhub::ops::types::Float;
use tfhub::regularizer::{Regularizer, contrib, keras};
use tfhub::variable::{Partitioner, Reuse};
use tfhub::{Shape, Tensor};

use super::{Call, Value};

impl Value {
    pub(super) fn bool(&self) -> bool {
        match self {
            Value::Bool(value) => *value,
            other => panic!("expected true or false, found {other:?}"),
        }
    }

    pub(super) fn int(&self) -> i64 {
        match self {
            Value::Int(value) => *value,
            other => panic!("expected an integer, found {other:?}"),
        }
    }

    pub(super) fn size(&self) -> usize {
        usize::try_from(self.int()).unwrap()
    }

    pub(super) fn float(&self) -> f64 {
        match self {
            Value::Float(value) => *value,
            other => panic!("expected a number with a point, found {other:?}"),
        }
    }

    pub(super) fn word(&self) -> &str {
        match self {
            Value::Word(word) => word,
            other => panic!("expected a word, found {other:?}"),
        }
    }

    pub(super) fn list(&self) -> &[Value] {
        match self {
            Value::List(values) => values,
            other => panic!("expected a list, found {other:?}"),
        }
    }

    /// Numbers in lists, as deep as they are.
    pub(super) fn numbers(&self) -> ArrayD<f64> {
        match self {
            Value::Int(value) => arr0(*value as f64).into_dyn(),
            Value::Float(value) => arr0(*value).into_dyn(),
            Value::List(values) => {
                let items: Vec<_> = values.iter().map(Value::numbers).collect();
                let views: Vec<_> = items.iter().map(|item| item.view()).collect();
                stack(Axis(0), &views).unwrap()
            }
            other => panic!("expected numbers, found {other:?}"),
        }
    }

    pub(super) fn call(&self) -> &Call {
        match self {
            Value::Call(call) => call,
            other => panic!("expected a call, found {other:?}"),
        }
    }

    /// The options of `dict(..)`.
    pub(super) fn dict(&self) -> &[(String, Value)] {
        let call = self.call();
        assert_eq!(call.name, "dict");
        &call.options
    }

    /// Names of collections.
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.list().iter();
        keys.map(|key| key.word().to_owned()).collect()
    }

    /// Names of collections for all variables, or for each name.
    pub(super) fn collections(&self) -> VariablesCollections {
        match self {
            Value::List(_) => self.keys().into(),
            _ => {
                let by_name = self.dict().iter();
                let by_name = by_name.map(|(name, keys)| (name.clone(), keys.keys()));
                by_name.collect::<BTreeMap<_, _>>().into()
            }
        }
    }

    /// Whether the value is a word, or has it in it.
    pub(super) fn mentions(&self, word: &str) -> bool {
        match self {
            Value::Word(found) => found == word,
            Value::List(values) => values.iter().any(|value| value.mentions(word)),
            Value::Call(call) => call.options.iter().any(|(_, value)| value.mentions(word)),
            _ => false,
        }
    }

    /// A shape, in which `None` is an unknown size.
    pub(super) fn shape(&self) -> Shape {
        let dims = self.list().iter().map(|dim| match dim {
            Value::None => None,
            other => Some(other.size()),
        });
        Shape::from(dims.collect::<Vec<_>>())
    }

    pub(super) fn initializer(&self) -> Option<Initializer> {
        if *self == Value::None {
            return None;
        }
        let call = self.call();
        let number = |position: usize| call.arguments[position].float();
        let option = |name: &str| call.options.iter().find(|(key, _)| key == name);
        let is_uniform = |default| option("uniform").map_or(default, |(_, value)| value.bool());
        let mode = || match option("mode")
            .map(|(_, mode)| mode.word().to_lowercase())
            .as_deref()
        {
            Some("fan_in") => FanMode::FanIn,
            Some("fan_out") => FanMode::FanOut,
            Some("fan_avg") => FanMode::FanAvg,
            other => panic!("no mode {other:?}"),
        };
        let distribution = || match option("distribution").map(|(_, value)| value.word()) {
            Some("truncated_normal") => Distribution::TruncatedNormal,
            Some("untruncated_normal") => Distribution::UntruncatedNormal,
            Some("uniform") => Distribution::Uniform,
            other => panic!("no distribution {other:?}"),
        };
        let made = match &*call.name {
            "zeros" => init::zeros(),
            "ones" => init::ones(),
            "constant" => init::constant(call.arguments[0].numbers()),
            "uniform_unit_scaling" => init::uniform_unit_scaling(number(0)),
            "identity" => init::identity(number(0)),
            "variance_scaling" => init::variance_scaling(number(0), mode(), distribution()),
            "contrib.xavier" if is_uniform(true) => init::contrib::xavier(),
            "contrib.xavier" => init::contrib::xavier_normal(),
            "contrib.variance_scaling" if is_uniform(false) => {
                init::contrib::variance_scaling_uniform(number(0), mode())
            }
            "contrib.variance_scaling" => init::contrib::variance_scaling(number(0), mode()),
            "random_normal" => init::random_normal(number(0), number(1)),
            "random_uniform" => init::random_uniform(number(0), number(1)),
            "truncated_normal" => init::truncated_normal(number(0), number(1)),
            "glorot_uniform" => init::glorot_uniform(),
            "glorot_normal" => init::glorot_normal(),
            "he_normal" => init::he_normal(),
            "he_uniform" => init::he_uniform(),
            other => panic!("no initializer {other}"),
        };
        let seeds = call.options.iter();
        Some(seeds.fold(made, |made, (key, value)| match &**key {
            "seed" => made.seed(value.int()),
            "verify_shape" => made.verify_shape(value.bool()),
            "mode" | "distribution" | "uniform" => made,
            other => panic!("initializers have no option {other}"),
        }))
    }

    pub(super) fn regularizer(&self) -> Option<Regularizer> {
        if *self == Value::None {
            return None;
        }
        let call = self.call();
        let scale = call.arguments[0].float();
        Some(match &*call.name {
            "l1" => contrib::l1(scale),
            "l2" => contrib::l2(scale),
            "keras.l1" => keras::l1(scale),
            "keras.l2" => keras::l2(scale),
            other => panic!("no regularizer {other}"),
        })
    }

    pub(super) fn partitioner(&self) -> Partitioner {
        let call = self.call();
        let number = call.arguments[0].size();
        let made = match &*call.name {
            "fixed_size" => Partitioner::fixed_size(number),
            "variable_axis_size" => Partitioner::variable_axis_size(number),
            "min_max_variable" => Partitioner::min_max_variable(number),
            other => panic!("no partitioner {other}"),
        };
        call.options
            .iter()
            .fold(made, |made, (key, value)| match &**key {
                "max_shards" => made.max_shards(value.size()),
                "min_slice_size" => made.min_slice_size(value.size()),
                other => panic!("partitioners have no option {other}"),
            })
    }

    pub(super) fn reuse(&self) -> Reuse {
        match self {
            Value::Bool(true) => Reuse::Yes,
            Value::Bool(false) | Value::None => Reuse::No,
            Value::Word(word) if word == "auto" => Reuse::Auto,
            other => panic!("no reuse {other:?}"),
        }
    }

    /// A function of `tf.nn`, by its name.
    pub(super) fn activation<'g, T: Float>(&self) -> fn(Tensor<'g, T>) -> Tensor<'g, T> {
        match self.word() {
            "relu" => |x| nn::relu(x),
            "relu6" => |x| nn::relu6(x),
            "tanh" => |x| nn::tanh(x),
            "sigmoid" => |x| nn::sigmoid(x),
            "softmax" => |x| nn::softmax(x, -1),
            other => panic!("no activation {other}"),
        }
    }
}

/// Gives a tensor to an expression with the element type that its dtype stands for; a step gives none for other dtypes.
macro_rules! with_floats {
    ($tensor:expr, |$x:ident: Tensor<$t:ident>| $body:expr) => {{
        let tensor = $tensor;
        match tensor.dtype() {
            tfhub::DType::Float16 => {
                type $t = tfhub::half::f16;
                let $x = tensor.typed::<$t>();
                $body
            }
            tfhub::DType::Float32 => {
                type $t = f32;
                let $x = tensor.typed::<$t>();
                $body
            }
            tfhub::DType::Float64 => {
                type $t = f64;
                let $x = tensor.typed::<$t>();
                $body
            }
            _ => return None,
        }
    }};
}

pub(super) use with_floats;
