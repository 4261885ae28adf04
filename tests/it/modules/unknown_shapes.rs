//! Variables whose shapes are not known, or not wholly, until they have a value.

use tfhub::graph::keys;
use tfhub::module::SignatureBuilder;
use tfhub::ops::math::Axes;
use tfhub::ops::{array, math, nn};
use tfhub::regularizer::contrib;
use tfhub::variable::{EnterScope, ExponentialMovingAverage, MovingAverageOptions, Reuse};
use tfhub::{GraphBuilder, Mode, Shape, Tensor, Variable};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("unknown_resources", unknown_resources),
        Module::new("unknown_refs", unknown_refs),
        Module::new("unknown_with_losses", unknown_with_losses),
        Module::new("unknown_in_functions", unknown_in_functions),
        Module::new("unknown_averages", unknown_averages)
            .drop_collections(&[keys::MOVING_AVERAGE_VARIABLES])
            .values(|session| session.assign("y/of_y", [[0.5f32, 1.0], [1.5, 2.0], [2.5, 3.0]])),
        Module::new("unknown_changed", unknown_changed),
        Module::new("unknown_fed", unknown_fed).values(|session| {
            session.assign("resource", [[1f32, 2.0], [3.0, 4.0], [5.0, 6.0]])?;
            session.assign("ref", [[0.5f32], [0.25]])
        }),
        Module::with_modes("unknown_in_variants", unknown_in_variants),
    ]
}

fn input(g: &GraphBuilder, shape: impl Into<Shape>) -> Tensor<'_, f32> {
    let shape = shape.into();
    g.named("x", || g.placeholder::<f32>(&shape))
}

/// A value of which the rows are not counted.
fn rows(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.placeholder_with_default([[1f32, 2.0], [3.0, 4.0]], (None, 2))
}

/// A value of which nothing is known.
fn pair(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.placeholder_with_default([1f32, 2.0], Shape::unknown())
}

fn add_reads<'g>(signature: SignatureBuilder<'g>, x: Tensor<'g, f32>, v: Variable<'g, f32>) {
    signature
        .output("product", math::matmul(x, v))
        .output("sum", x + v)
        .output("part", v.slice(0))
        .output("shape", array::shape::<i32, _>(v))
        .output("read_value", v.read_value())
        .output("row", array::gather(v, [1, 0], ()))
        .output("initialized", v.initialized_value() * 2.0);
}

fn unknown_resources(g: &GraphBuilder) {
    let x = input(g, [2, 2]);
    let known = g.get_variable("rows").initial_value(rows(g)).finish();
    let unknown = g.get_variable("unknown").initial_value(pair(g));
    let unknown = unknown.validate_shape(false).finish();
    let called = g.get_variable("called").initial_value_fn(rows);
    let called = called.trainable(false).finish();
    let own = g.variable("own").initial_value(rows(g)).finish();
    let matrix = [[5f32, 6.0], [7.0, 8.0]];
    let matrix = g.placeholder_with_default(matrix, Shape::unknown());
    let declared = g.variable("declared").initial_value(matrix);
    let declared = declared.shape((None, 2)).finish();
    let whole = g.variable("whole").initial_value(rows(g));
    let whole = whole.shape([2, 2]).finish();
    let of_any_shape = g.variable("of_any_shape").initial_value([9f32, 10.0]);
    let of_any_shape = of_any_shape.shape(Shape::unknown()).finish();
    let signature = g.signature("default").input("x", x);
    let signature = signature
        .output("unknown", x * unknown)
        .output("called", x + called)
        .output("own", math::matmul(own, x))
        .output("declared", array::transpose(declared, ()))
        .output("whole", whole + 1.0)
        .output("of_any_shape", -of_any_shape);
    add_reads(signature, x, known);
}

fn unknown_refs(g: &GraphBuilder) {
    let x = input(g, [2, 2]);
    let refs = EnterScope::new("refs").use_resource(false);
    let made = g.variable_scope(refs, |_| {
        let known = g.get_variable("rows").initial_value(rows(g));
        let known = known.validate_shape(false).finish();
        let unknown = g.get_variable("unknown").initial_value(pair(g));
        let unknown = unknown.validate_shape(false).finish();
        let called = g.get_variable("called").initial_value_fn(rows);
        let called = called.validate_shape(false).trainable(false).finish();
        let own = g.variable("own").initial_value(rows(g));
        let own = own.validate_shape(false).finish();
        let whole = g.variable("whole").initial_value(rows(g));
        let whole = whole.validate_shape(false).shape([2, 2]).finish();
        let of_any_shape = g.variable("of_any_shape").initial_value(9f32);
        let of_any_shape = of_any_shape.shape(Shape::unknown()).finish();
        let value = known.initialized_value() + 1.0;
        let other = g.variable("other").initial_value(value);
        let other = other.validate_shape(false).finish();
        (known, unknown, called, own, whole, of_any_shape, other)
    });
    let (known, unknown, called, own, whole, of_any_shape, other) = made;
    let signature = g.signature("default").input("x", x);
    let signature = signature
        .output("unknown", x * unknown)
        .output("called", x + called)
        .output("own", math::matmul(own, x))
        .output("whole", whole + 1.0)
        .output("of_any_shape", -of_any_shape)
        .output("other", other * 2.0);
    add_reads(signature, x, known);
}

fn unknown_with_losses(g: &GraphBuilder) {
    let x = input(g, [2, 2]);
    let signature = g.signature("default").input("x", x);
    for (name, use_resource) in [("resource", true), ("ref", false)] {
        let scope = EnterScope::new(name).use_resource(use_resource);
        let made = g.variable_scope(scope.regularizer(contrib::l2(0.1)), |_| {
            let v = g.get_variable("v").initial_value(rows(g));
            let v = v.validate_shape(false).finish();
            let kept = g.get_variable("kept").initial_value(rows(g));
            let kept = kept.validate_shape(false).caching_device("/device:CPU:0");
            let kept = kept.finish();
            let shared = g.get_variable("shared").initial_value_fn(rows);
            (v, kept, shared.validate_shape(false).finish())
        });
        let (v, kept, shared) = made;
        let again = EnterScope::from(&g.current_variable_scope()).reuse(Reuse::Yes);
        let again = g.variable_scope(again, |_| {
            let again = g.get_variable(format!("{name}/shared"));
            again.shape([2, 2]).finish()
        });
        signature.output(name, math::matmul(x, v) + kept + shared + again);
    }
}

fn unknown_in_functions(g: &GraphBuilder) {
    let x = input(g, [2, 2]);
    let mut signature = g.signature("default").input("x", x);
    for (name, use_resource) in [("resource", true), ("ref", false)] {
        let scope = EnterScope::new(name).use_resource(use_resource);
        let (v, w) = g.variable_scope(scope, |_| {
            let v = g.get_variable("v").initial_value(rows(g));
            let v = v.validate_shape(false).finish();
            let matrix = [[1f32, 2.0], [3.0, 4.0]];
            let matrix = g.placeholder_with_default(matrix, Shape::unknown());
            let w = g.get_variable("w").initial_value(matrix);
            (v, w.validate_shape(false).finish())
        });
        let values = [
            ("rank", array::rank(w).any()),
            ("size", array::size::<i32, _>(v).any()),
            ("shape", array::shape::<i64, _>(w).any()),
            ("zeros", array::zeros_like::<f32, _>(v).any()),
            ("ones", array::ones_like::<f32, _>(w).any()),
            ("sum", math::reduce_sum(v, Axes::ALL).any()),
            ("mean", math::reduce_mean(w, 0).any()),
            ("transposed", array::transpose(w, ()).any()),
            ("reshaped", array::reshape(v, [-1]).any()),
            ("expanded", array::expand_dims(v, 0).any()),
            ("joined", array::concat(g, (v, x), 0).any()),
            ("packed", array::stack(g, [v, w], 0).any()),
            ("columns", v.slice((.., 0)).any()),
            ("found", nn::embedding_lookup(v, [1, 0], ()).any()),
            ("loss", nn::l2_loss(w).any()),
            ("cast", math::cast::<f64, _>(v).any()),
            ("equal", math::equal(v, x).any()),
        ];
        for (key, value) in values {
            signature = signature.output(format!("{name}_{key}"), value);
        }
    }
}

fn unknown_averages(g: &GraphBuilder) {
    let x = input(g, (None, 2));
    let v = g.get_variable("v").initial_value(rows(g)).finish();
    let start = g.placeholder_with_default(2f32, Shape::unknown());
    let w = g.get_variable("w").initial_value(start).use_resource(false);
    let w = w.validate_shape(false).finish();
    let y = g.named("y", || math::multiply(x, w));
    let average = ExponentialMovingAverage::new(g, 0.5, ());
    g.add_to_collection(keys::UPDATE_OPS, average.apply((v, w)));
    let of_y = MovingAverageOptions::default().name("of_y");
    let of_y = ExponentialMovingAverage::new(g, 0.25, of_y).apply([y]);
    let averaged = g.control_dependencies([of_y], || array::identity(y));
    g.signature("default")
        .input("x", x)
        .output("v", average.average(v).unwrap() * 1.0)
        .output("w", average.average(w).unwrap() * 1.0)
        .output("averaged", averaged);
}

fn unknown_changed(g: &GraphBuilder) {
    let x = input(g, [2, 2]);
    let matrix = [[1f32, 2.0], [3.0, 4.0]];
    let matrix = g.placeholder_with_default(matrix, Shape::unknown());
    let v = g.get_variable("v").initial_value(matrix).trainable(false);
    let v = v.finish();
    let w = g.get_variable("w").initial_value([[2f32, 1.0], [0.5, 4.0]]);
    let w = w.finish();
    let mean = math::reduce_mean(x, Axes::from(0).keep_dims());
    let change = v.assign_add(mean + [[0.5], [1.0]]);
    g.add_to_collection(keys::UPDATE_OPS, change.operation());
    g.signature("default")
        .input("x", x)
        .output("default", math::matmul(x, w) + v);
}

fn start(g: &GraphBuilder, shape: impl Into<Shape>) -> Tensor<'_, f32> {
    let shape = shape.into();
    g.named("start", || g.placeholder::<f32>(&shape))
}

/// Initial values that only a feed gives, so that those of an export come from elsewhere.
fn unknown_fed(g: &GraphBuilder) {
    let x = input(g, [2, 3]);
    let resource = g.get_variable("resource");
    let resource = resource.initial_value_fn(|g| start(g, (None, 2)));
    let resource = resource.finish();
    let reference = g.get_variable("ref").use_resource(false);
    let reference = reference.initial_value_fn(|g| start(g, Shape::unknown()));
    let reference = reference.validate_shape(false).finish();
    g.signature("default")
        .input("x", x)
        .output("default", math::matmul(x, resource) + reference);
}

/// The two variants know different dimensions.
fn unknown_in_variants(g: &GraphBuilder, mode: Mode) {
    let x = input(g, [2, 2]);
    let is_training = mode == Mode::Train;
    let of_v = if is_training {
        (None, Some(2))
    } else {
        (Some(2), None)
    };
    let matrix = [[1f32, 2.0], [3.0, 4.0]];
    let v = g
        .get_variable("v")
        .initial_value(g.placeholder_with_default(matrix, of_v));
    let v = v.finish();
    let of_w = if is_training {
        Shape::unknown()
    } else {
        2.into()
    };
    let w = g
        .get_variable("w")
        .initial_value(g.placeholder_with_default([1f32, 2.0], of_w));
    let w = w.finish();
    g.signature("default")
        .input("x", x)
        .output("default", math::matmul(x, v) + w);
}
