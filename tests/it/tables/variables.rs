//! Variables, in parts or whole, and embeddings in them.

use tfhub::graph::{AnyTensor, keys};
use tfhub::ops::nn::{self, Combiner, EmbeddingOptions, PartitionStrategy, SparseEmbeddingOptions};
use tfhub::ops::sparse::SparseTensor;
use tfhub::ops::types::{Float, IndexType};
use tfhub::ops::{array, math};
use tfhub::variable::{self, VariableBuilder};
use tfhub::{DType, Element, Shape, Tensor, Variable};

use super::values::with_floats;
use super::{Step, Value};

pub(super) fn apply<'g>(step: &Step<'_, 'g>, x: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
    Some(match &*step.call.name {
        "add" | "matmul" | "change" => {
            with_floats!(x, |x: Tensor<T>| of_floats::<T>(step, x).any())
        }
        "scatter" if x.dtype() == DType::Float64 => {
            scattered(step, x.typed::<f64>(), |number| number).any()
        }
        "scatter" => scattered(step, x.typed::<f32>(), |number| number as f32).any(),
        "add_value" | "add_tensor" => started(step, x.typed()).any(),
        "lookup" if x.dtype() == DType::Int32 => lookup(step, x.typed::<i32>()).any(),
        "lookup" => lookup(step, x.typed::<i64>()).any(),
        "lookup_sparse" => lookup_sparse(step, x.typed()).any(),
        _ => return None,
    })
}

fn of_floats<'g, T: Float>(step: &Step<'_, 'g>, x: Tensor<'g, T>) -> Tensor<'g, T> {
    match &*step.call.name {
        "add" => x + variable::<T>(step).finish(),
        "matmul" => {
            let v = variable::<T>(step).finish();
            let times = option(step, "times").map_or(1, Value::size);
            (0..times).fold(x, |x, _| math::matmul(x, v))
        }
        _ => {
            let v = variable::<T>(step).trainable(false).finish();
            change(step, v);
            x + v
        }
    }
}

/// Adds a variable that starts from an array or a tensor.
fn started<'g>(step: &Step<'_, 'g>, x: Tensor<'g, f32>) -> Tensor<'g, f32> {
    let g = step.place.g;
    let values = step.argument(1).list().iter();
    let values: Vec<_> = values.map(|value| value.float() as f32).collect();
    let v = g.get_variable(step.argument(0).word());
    let v = match &*step.call.name {
        "add_value" => v.initial_value(values),
        _ => {
            let value = g.constant(values) * 2.0;
            v.initial_value(match option(step, "known") {
                None => value,
                Some(known) => g.placeholder_with_default(value, known_shape(known)),
            })
        }
    };
    x + with_options(step, v).finish()
}

/// What is known of a value.
fn known_shape(known: &Value) -> Shape {
    match known {
        Value::Word(word) if word == "nothing" => Shape::unknown(),
        known => known.shape(),
    }
}

fn change<T: Float>(step: &Step<'_, '_>, v: Variable<'_, T>) {
    let g = step.place.g;
    let ones = array::ones::<T>(g, step.argument(1).sizes());
    let changes = match step.argument(2).word() {
        "assign" => v.assign_parts(ones),
        "assign_add" => v.assign_add_parts(ones),
        "assign_sub" => v.assign_sub_parts(ones),
        other => panic!("no change {other}"),
    };
    for change in changes {
        g.add_to_collection(keys::UPDATE_OPS, change.operation());
    }
}

/// Adds a variable of which an update changes some elements.
fn scattered<'g, T: Float>(
    step: &Step<'_, 'g>,
    x: Tensor<'g, T>,
    number: fn(f64) -> T,
) -> Tensor<'g, T> {
    let v = variable::<T>(step).trainable(false).finish();
    let indices = step.argument(3).numbers().mapv(|index| index as i32);
    let updates = step.argument(4).numbers().mapv(number);
    let changed = match step.argument(2).word() {
        "scatter_update" => variable::scatter_update(v, indices, updates),
        "scatter_add" => variable::scatter_add(v, indices, updates),
        "scatter_sub" => variable::scatter_sub(v, indices, updates),
        "scatter_mul" => variable::scatter_mul(v, indices, updates),
        "scatter_div" => variable::scatter_div(v, indices, updates),
        "scatter_min" => variable::scatter_min(v, indices, updates),
        "scatter_max" => variable::scatter_max(v, indices, updates),
        "scatter_nd_update" => variable::scatter_nd_update(v, indices, updates),
        "scatter_nd_add" => variable::scatter_nd_add(v, indices, updates),
        "scatter_nd_sub" => variable::scatter_nd_sub(v, indices, updates),
        other => panic!("no function {other}"),
    };
    step.place
        .g
        .add_to_collection(keys::UPDATE_OPS, changed.operation());
    x + v
}

fn option<'r>(step: &'r Step<'_, '_>, name: &str) -> Option<&'r Value> {
    let mut options = step.options();
    options.find_map(|(key, value)| (key == name).then_some(value))
}

/// A variable of the name and shape that a step begins with.
fn variable<'g, T: Element>(step: &Step<'_, 'g>) -> VariableBuilder<'g, T> {
    let name = step.argument(0).word();
    let variable = step.place.g.get_variable(name);
    with_options(step, variable.shape(step.argument(1).shape()))
}

fn with_options<'g, T: Element>(
    step: &Step<'_, '_>,
    variable: VariableBuilder<'g, T>,
) -> VariableBuilder<'g, T> {
    step.options()
        .fold(variable, |variable, (key, value)| match key {
            "initializer" => variable.initializer(value.initializer()),
            "regularizer" => variable.regularizer(value.regularizer()),
            "partitioner" => variable.partitioner(value.partitioner()),
            "trainable" => variable.trainable(value.bool()),
            "use_resource" => variable.use_resource(value.bool()),
            "validate_shape" => variable.validate_shape(value.bool()),
            "known" | "times" | "partition_strategy" | "max_norm" | "combiner" | "safe"
            | "weighted" => variable,
            _ => step.no_option(key),
        })
}

fn strategy(step: &Step<'_, '_>) -> PartitionStrategy {
    match option(step, "partition_strategy").map_or("mod", Value::word) {
        "mod" => PartitionStrategy::Mod,
        "div" => PartitionStrategy::Div,
        other => panic!("no strategy {other}"),
    }
}

fn lookup<'g, I: IndexType>(step: &Step<'_, 'g>, ids: Tensor<'g, I>) -> Tensor<'g, f32> {
    let table = variable::<f32>(step).finish();
    let options = EmbeddingOptions::default().partition_strategy(strategy(step));
    match option(step, "max_norm") {
        None => nn::embedding_lookup(table, ids, options),
        Some(norm) => nn::embedding_lookup(table, ids, options.max_norm(norm.float())),
    }
}

fn lookup_sparse<'g>(step: &Step<'_, 'g>, ids: Tensor<'g, i64>) -> Tensor<'g, f32> {
    let g = step.place.g;
    let table = variable::<f32>(step).finish();
    let places = array::where_(math::greater_equal(ids, 0));
    let shape = array::shape::<i64, _>(ids);
    let values = array::gather_nd(ids, places, ());
    let sparse = SparseTensor::new(g, places, values, shape);
    let is_set = |name| option(step, name).is_some_and(Value::bool);
    let mut options = SparseEmbeddingOptions::default().partition_strategy(strategy(step));
    options = options.combiner(match option(step, "combiner").map(Value::word) {
        Some("sum") => Combiner::Sum,
        Some("mean") => Combiner::Mean,
        Some("sqrtn") => Combiner::Sqrtn,
        other => panic!("no combiner {other:?}"),
    });
    if is_set("weighted") {
        let weights = math::cast::<f32, _>(values) + 0.5;
        options = options.weights(SparseTensor::new(g, places, weights, shape));
    }
    if let Some(norm) = option(step, "max_norm") {
        options = options.max_norm(norm.float());
    }
    match is_set("safe") {
        true => nn::safe_embedding_lookup_sparse(table, sparse, options),
        false => nn::embedding_lookup_sparse(table, sparse, options),
    }
}

impl Value {
    /// A shape whose sizes are known.
    fn sizes(&self) -> Vec<i64> {
        self.list().iter().map(Value::int).collect()
    }
}
