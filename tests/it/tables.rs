//! Tables of small modules: one line of `tests/conformance/tables/*.txt` each, which the Python side reads too.
//!
//! Each file in `tables/` has the steps of a subject. A step is a function of the input, its arguments and its options;
//! options that it does not know are faults of the table.

mod contrib;
mod conv;
mod dense;
mod norm;
mod text;
mod values;
mod variables;

use std::cell::RefCell;
use std::fs;
use std::sync::LazyLock;

use tfhub::control_flow::Predicate;
use tfhub::graph::AnyTensor;
use tfhub::variable::EnterScope;
use tfhub::{DType, GraphBuilder, Tensor};

pub(crate) use text::Row;
use text::{Call, Value};

const DIRECTORY: &str = "tests/conformance/tables";

/// The graph-level seed of all rows.
pub(crate) const SEED: i64 = 11;

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let files = fs::read_dir(DIRECTORY).unwrap();
    let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    texts.flat_map(|text| text::read(&text)).collect()
});

/// The rows of all tables.
pub(crate) fn rows() -> &'static [Row] {
    &ROWS
}

/// Applies a step if it is one of the subject's; none if it is not.
type Apply = for<'g> fn(&Step<'_, 'g>, AnyTensor<'g>) -> Option<AnyTensor<'g>>;

const SUBJECTS: [Apply; 5] = [
    variables::apply,
    conv::apply,
    contrib::apply,
    dense::apply,
    norm::apply,
];

impl Row {
    /// Whether a row has the variants of training and of inference.
    pub(crate) fn has_variants(&self) -> bool {
        let mut options = self.steps.iter().flat_map(|step| &step.options);
        options.any(|(_, value)| value.mentions("mode"))
    }

    /// Makes the graph, in the variant of training or of inference.
    pub(crate) fn build(&self, g: &GraphBuilder, is_training: bool) {
        let inputs = RefCell::default();
        let place = Place {
            g,
            is_training,
            inputs: &inputs,
        };
        let dtype = dtype_of(&self.dtype);
        let x = g.op("Placeholder").name("x").attr("dtype", dtype);
        let x = x.attr("shape", self.shape.shape()).finish().output(0);
        let y = run(&place, &self.steps, x);
        let mut signature = g.signature("default").input("x", x);
        for (name, tensor) in inputs.borrow().iter() {
            signature = signature.input(name, *tensor);
        }
        signature.output("default", y);
    }
}

fn dtype_of(name: &str) -> DType {
    match name {
        "f16" => DType::Float16,
        "f32" => DType::Float32,
        "f64" => DType::Float64,
        "i32" => DType::Int32,
        "i64" => DType::Int64,
        other => panic!("no dtype {other}"),
    }
}

/// The graph of a row, and the inputs that it has besides `x`.
#[derive(Clone, Copy)]
struct Place<'r, 'g> {
    g: &'g GraphBuilder,
    is_training: bool,
    inputs: &'r RefCell<Vec<(String, AnyTensor<'g>)>>,
}

impl<'g> Place<'_, 'g> {
    /// A tensor that becomes an input of the signature.
    fn input(&self, name: &str, tensor: AnyTensor<'g>) {
        self.inputs.borrow_mut().push((name.to_owned(), tensor));
    }

    /// The value of an option such as `training`: a constant, that of the variant, or an input.
    fn predicate(&self, key: &str, value: &Value) -> Predicate<'g> {
        match value {
            Value::Bool(value) => (*value).into(),
            Value::Word(word) if word == "mode" => self.is_training.into(),
            Value::Word(word) if word == "tensor" => {
                let tensor = self.g.named(key, || self.g.placeholder::<bool>(()));
                self.input(key, tensor.any());
                tensor.into()
            }
            other => panic!("{key} is {other:?}"),
        }
    }

    /// The value of `placeholder(f32, [None])`: an input.
    fn placeholder(&self, key: &str, value: &Value) -> AnyTensor<'g> {
        let call = value.call();
        assert_eq!(call.name, "placeholder");
        let [dtype, shape] = &call.arguments[..] else {
            panic!("{key} is {value:?}");
        };
        let op = self.g.op("Placeholder").name(key);
        let op = op.attr("dtype", dtype_of(dtype.word()));
        let tensor = op.attr("shape", shape.shape()).finish().output(0);
        self.input(key, tensor);
        tensor
    }

    /// The value of `fed(0.5)`: an input that has a default.
    fn fed(&self, key: &str, value: &Value) -> Option<Tensor<'g, f32>> {
        let Value::Call(call) = value else {
            return None;
        };
        assert_eq!(call.name, "fed");
        let default = call.arguments[0].float() as f32;
        let g = self.g;
        let tensor = g.named(key, || g.placeholder_with_default(default, ()));
        self.input(key, tensor.any());
        Some(tensor)
    }
}

/// A step of a row.
struct Step<'r, 'g> {
    place: Place<'r, 'g>,
    call: &'r Call,
}

impl Step<'_, '_> {
    fn argument(&self, position: usize) -> &Value {
        let found = self.call.arguments.get(position);
        found.unwrap_or_else(|| panic!("{} needs argument {position}", self.call.name))
    }

    /// The options by name.
    fn options(&self) -> impl Iterator<Item = (&str, &Value)> {
        let options = self.call.options.iter();
        options.map(|(key, value)| (&**key, value))
    }

    /// Where an option is not one of the step's.
    fn no_option(&self, key: &str) -> ! {
        panic!("{} has no option {key}", self.call.name)
    }
}

fn run<'g>(place: &Place<'_, 'g>, steps: &[Call], x: AnyTensor<'g>) -> AnyTensor<'g> {
    let [call, rest @ ..] = steps else {
        return x;
    };
    let step = Step {
        place: *place,
        call,
    };
    if call.name == "scope" {
        let scope = scope(&step);
        return place.g.variable_scope(scope, |_| run(place, rest, x));
    }
    let mut found = SUBJECTS.iter().filter_map(|apply| apply(&step, x));
    let y = found.next();
    run(
        place,
        rest,
        y.unwrap_or_else(|| panic!("no step {}", call.name)),
    )
}

/// The variable scope that is open for the steps that follow.
fn scope(step: &Step<'_, '_>) -> EnterScope {
    let scope = EnterScope::new(step.argument(0).word());
    step.options().fold(scope, |scope, (key, value)| match key {
        "initializer" => scope.initializer(value.initializer()),
        "regularizer" => scope.regularizer(value.regularizer()),
        "reuse" => scope.reuse(value.reuse()),
        "partitioner" => scope.partitioner(value.partitioner()),
        "use_resource" => scope.use_resource(value.bool()),
        _ => step.no_option(key),
    })
}
