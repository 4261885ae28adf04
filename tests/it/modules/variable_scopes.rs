//! Variable scopes with all their options, and the collections of variables.

use half::f16;
use tfhub::dtype::ByteString;
use tfhub::graph::keys;
use tfhub::init;
use tfhub::ops::array::{self, identity};
use tfhub::ops::{math, nn};
use tfhub::regularizer::{contrib, keras};
use tfhub::variable::{
    AnyVariable, CachingDevice, Constraint, EnterScope, Reuse, VariableAggregation,
    VariableRequest, VariableSynchronization,
};
use tfhub::{DType, GraphBuilder, Shape, Tensor, Variable, layers};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    let of_references = |g: &GraphBuilder| {
        g.set_use_resource(false);
        scope_custom_getters(g);
    };
    vec![
        Module::new("scope_options", scope_options).seed(51),
        Module::new("scope_reuse", scope_reuse).seed(52),
        Module::new("scope_custom_getters", scope_custom_getters).seed(53),
        Module::new("scope_custom_getters_of_references", of_references).seed(53),
        Module::new("scope_storage", scope_storage).seed(54),
        Module::new("scope_caching_device", scope_caching_device).seed(55),
        Module::new("local_variables", local_variables)
            .seed(56)
            .drop_collections(&[keys::LOCAL_VARIABLES, "mine"]),
        Module::new("global_step", global_step).drop_collections(&[keys::GLOBAL_STEP]),
        Module::new("global_step_of_references", global_step_of_references)
            .drop_collections(&[keys::GLOBAL_STEP]),
        Module::new("variable_collections", variable_collections).seed(57),
        Module::new("variable_replicas", variable_replicas).seed(58),
        Module::new("variable_constraints", variable_constraints).seed(59),
        Module::new("variable_shapes", variable_shapes),
    ]
}

fn pairs(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.named("x", || g.placeholder::<f32>((None, 2)))
}

fn weight<'g>(g: &'g GraphBuilder, name: &str) -> Variable<'g, f32> {
    g.get_variable(name).shape([2]).finish()
}

fn own<'g>(g: &'g GraphBuilder, name: &str) -> Variable<'g, f32> {
    g.variable(name).initial_value([1.0f32, 2.0]).finish()
}

fn scope_options(g: &GraphBuilder) {
    let x = pairs(g);
    let outer = EnterScope::new("outer").use_resource(false);
    let outer = outer
        .initializer(init::ones())
        .regularizer(contrib::l2(0.1));
    let (outer, a, [b, c], [d, e]) = g.variable_scope(outer, |outer| {
        let a = weight(g, "a");
        let inner = g.variable_scope("inner", |_| [weight(g, "b"), own(g, "c")]);
        let resource = EnterScope::new("resource").use_resource(true);
        let resource = g.variable_scope(resource.initializer(init::zeros()), |_| {
            [weight(g, "d"), own(g, "e")]
        });
        (outer.clone(), a, inner, resource)
    });
    let resource = EnterScope::from(&outer).use_resource(true);
    let f = g.variable_scope(resource, |_| weight(g, "f"));
    let h = g.variable_scope(&outer, |_| {
        let h = g.get_variable::<f32>("h").shape([2]);
        h.initializer(init::glorot_uniform()).finish()
    });
    g.signature("default")
        .input("x", x)
        .output("default", x * a * b * c + d + e + f + h);
}

fn scope_reuse(g: &GraphBuilder) {
    let x = pairs(g);
    let (tower, a, b) = g.variable_scope("tower", |tower| {
        let a = weight(g, "a");
        let b = g.variable_scope("deep", |_| weight(g, "b"));
        (tower.clone(), a, b)
    });
    let again = EnterScope::new("tower").reuse(Reuse::Yes);
    let (a_again, b_again, c) = g.variable_scope(again, |_| {
        let a = weight(g, "a");
        let b = g.variable_scope("deep", |_| g.get_variable::<f32>("b").finish());
        (a, b, g.variable_scope(&tower, |_| weight(g, "c")))
    });
    let auto = EnterScope::new("auto").reuse(Reuse::Auto);
    let (d, d_again, c_again) = g.variable_scope(auto, |_| {
        let layer = EnterScope::with_default_name("layer");
        let d = g.variable_scope(layer, |_| weight(g, "d"));
        let layer = EnterScope::new("layer").reuse(Reuse::No);
        let again = g.variable_scope(layer, |_| weight(g, "d"));
        let tower = EnterScope::from(&tower).reuse(Reuse::Yes);
        (d, again, g.variable_scope(tower, |_| weight(g, "c")))
    });
    let y = x * a * b;
    let y = y + a_again * b_again;
    let y = y + c * c_again;
    let y = y + d * d_again;
    g.signature("default").input("x", x).output("default", y);
}

fn renamed<'g>(request: VariableRequest<'g>) -> AnyVariable<'g> {
    let name = format!("{}_renamed", request.name());
    request.with_name(name).get()
}

fn doubled<'g>(request: VariableRequest<'g>) -> AnyVariable<'g> {
    let name = format!("{}_doubled", request.name());
    let variable = request.with_name(name).get().typed::<f32>();
    (variable * 2.0).into()
}

fn named<'g>(request: VariableRequest<'g>) -> AnyVariable<'g> {
    let g = request.graph();
    let variable = request.get().typed::<f32>();
    g.named("named", || identity(variable)).into()
}

fn scope_custom_getters(g: &GraphBuilder) {
    let x = pairs(g);
    let outer = EnterScope::new("outer").custom_getter(doubled);
    let outer = outer.regularizer(keras::l2(0.1));
    let (outer, a, b, c, y) = g.variable_scope(outer, |outer| {
        let a = weight(g, "a");
        let inner = EnterScope::new("inner").custom_getter(named);
        let (b, c) = g.variable_scope(inner, |_| {
            let b = weight(g, "b");
            let c = g.get_variable::<f32>("c").shape([2]);
            (b, c.custom_getter(renamed).finish())
        });
        let y = layers::dense(2).apply(x);
        let dense = layers::dense(2).name("named");
        let y = dense.kernel_regularizer(keras::l1(0.5)).apply(y);
        (outer.clone(), a, b, c, y)
    });
    let one = g.named("one", || g.constant(1f32));
    let d = g.control_dependencies([one], || {
        let outer = EnterScope::from(&outer).custom_getter(renamed);
        g.variable_scope(outer, |_| weight(g, "d"))
    });
    g.signature("default")
        .input("x", x)
        .output("default", y * a * b * c + d);
}

fn scope_storage(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f16>((None, 2)));
    let half = EnterScope::new("half").dtype(DType::Float16);
    let half = half.custom_getter(|request| match request.is_trainable() {
        true => {
            let stored = request.with_dtype::<f32>().get().typed::<f32>();
            math::cast::<f16, _>(stored).into()
        }
        false => request.get(),
    });
    let y = g.variable_scope(half, |scope| {
        assert_eq!(scope.dtype(), DType::Float16);
        let v = g.get_variable::<f16>("v").shape([2]).finish();
        let fixed = g.get_variable::<f16>("fixed").shape([2]);
        let fixed = fixed.trainable(false).finish();
        (layers::dense(2).apply(x), v, fixed)
    });
    let (y, v, fixed) = y;
    g.signature("default")
        .input("x", x)
        .output("default", y * v + fixed);
}

fn scope_caching_device(g: &GraphBuilder) {
    let x = pairs(g);
    let kept = EnterScope::new("kept").caching_device("/cpu:0");
    let (a, y, b, c) = g.variable_scope(kept, |_| {
        let a = weight(g, "a");
        g.variable_scope("inner", |_| {
            let y = layers::dense(2).apply(x);
            let b = g.variable("b").initial_value([1.0f32, 2.0]);
            let b = b.caching_device("/device:CPU:0").finish();
            (a, y, b, own(g, "c"))
        })
    });
    let d = g.get_variable::<f32>("d").shape([2]).trainable(false);
    let d = d.caching_device(CachingDevice::OfReader).finish();
    let added = d.assign_add([1.0f32, 2.0]);
    g.add_to_collection(keys::UPDATE_OPS, added.value() + 1.0);
    g.signature("default")
        .input("x", x)
        .output("default", y * a + b + c)
        .output("row", array::gather(a, [0], ()))
        .output("now", a.read_value());
}

fn local_variables(g: &GraphBuilder) {
    let x = pairs(g);
    let kept = weight(g, "kept");
    let (seen, total) = g.variable_scope("counts", |_| {
        let seen = g.get_local_variable("seen").initial_value(0i32).finish();
        let total = g.get_local_variable::<f32>("total").shape([2]);
        let total = total.initializer(init::zeros()).collections(["mine"]);
        (seen, total.finish())
    });
    let old = g.get_local_variable::<f32>("old").shape([2]);
    let old = old.initializer(init::ones()).use_resource(false).finish();
    let other = g.variable("other").initial_value([1.0f32, 2.0]);
    let other = other.trainable(false);
    let other = other.collections([keys::LOCAL_VARIABLES]).finish();
    let seen = seen.assign_add(1);
    let total = total.assign_add([1.0f32, 2.0]);
    let counted = g.group((seen, total, old.assign(other)));
    g.add_to_collection(keys::UPDATE_OPS, counted);
    g.signature("default")
        .input("x", x)
        .output("default", x * kept);
}

fn global_step(g: &GraphBuilder) {
    let x = pairs(g);
    let step = g.variable_scope("training", |_| {
        g.name_scope("steps", || g.get_or_create_global_step())
    });
    let next = g.get_or_create_global_step().assign_add(1);
    g.add_to_collection(keys::UPDATE_OPS, next);
    let y = x * math::cast::<f32, _>(step);
    g.signature("default").input("x", x).output("default", y);
}

fn global_step_of_references(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pairs(g);
    let step = g.create_global_step();
    let y = x * math::cast::<f32, _>(step);
    g.signature("default").input("x", x).output("default", y);
}

fn variable_collections(g: &GraphBuilder) {
    let x = pairs(g);
    let both = [keys::VARIABLES, keys::MODEL_VARIABLES];
    let a = g.get_variable::<f32>("a").shape([2]).collections(both);
    let a = a.finish();
    let b = g.variable("b").initial_value([1.0f32, 2.0]);
    let b = b.collections(both).trainable(false).finish();
    let c = g.get_variable::<f32>("c").shape([2]).collections(both);
    let c = c.use_resource(false).finish();
    let d = g.variable::<f32>("d").use_resource(false);
    let d = d.initial_value_fn(|g| array::ones(g, [2]));
    let d = d.collections(both).finish();
    let y = x * a;
    g.signature("default")
        .input("x", x)
        .output("default", y + b * c + d);
}

fn variable_replicas(g: &GraphBuilder) {
    let x = pairs(g);
    let kinds = [
        ("AUTO", VariableSynchronization::Auto),
        ("NONE", VariableSynchronization::None),
        ("ON_WRITE", VariableSynchronization::OnWrite),
        ("ON_READ", VariableSynchronization::OnRead),
    ];
    let aggregations = [
        ("NONE", VariableAggregation::None),
        ("SUM", VariableAggregation::Sum),
        ("MEAN", VariableAggregation::Mean),
    ];
    let mut total = x;
    for (kind, synchronization) in kinds {
        for (name, aggregation) in aggregations {
            for use_resource in [true, false] {
                let name = format!("{kind}_{name}_{}", u8::from(use_resource));
                let v = g.get_variable::<f32>(name).shape([2]);
                let v = v.synchronization(synchronization).aggregation(aggregation);
                total = total + v.use_resource(use_resource).finish();
            }
        }
    }
    let on_read = VariableSynchronization::OnRead;
    let trained = g.get_variable::<f32>("trained").shape([2]);
    total = total + trained.synchronization(on_read).trainable(true).finish();
    let own = g.variable("own").initial_value([1.0f32, 2.0]);
    total = total + own.synchronization(on_read).trainable(true).finish();
    let read = g.variable("read").initial_value([1.0f32, 2.0]);
    total = total + read.synchronization(on_read).use_resource(false).finish();
    g.signature("default")
        .input("x", x)
        .output("default", total);
}

fn variable_constraints(g: &GraphBuilder) {
    let x = pairs(g);
    let constraint = Constraint::from_fn::<f32>(|value| nn::relu(value));
    let a = g.get_variable::<f32>("a").shape([2]);
    let a = a.constraint(constraint.clone()).finish();
    let b = g.variable("b").initial_value([1.0f32, 2.0]);
    let b = b.constraint(constraint.clone()).finish();
    let old = EnterScope::new("old").use_resource(false);
    let c = g.variable_scope(old.constraint(constraint.clone()), |_| weight(g, "c"));
    assert_eq!(c.constraint(), Some(constraint));
    let y = x * a;
    g.signature("default")
        .input("x", x)
        .output("default", y + b * c);
}

fn variable_shapes(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2,)));
    let of_shape = |name: &str, shape: Shape| {
        let v = g.variable(name).initial_value([1.0f32, 2.0]);
        v.shape(shape).finish()
    };
    let declared = of_shape("declared", (None,).into());
    let unknown = of_shape("unknown", Shape::unknown());
    let unchecked = g.variable("unchecked").initial_value([1.0f32, 2.0]);
    let unchecked = unchecked.validate_shape(false).finish();
    let strings = g.variable::<ByteString>("strings");
    let strings = strings.initial_value(["a", "b"]).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x * declared + unknown + unchecked)
        .output("strings", identity(strings))
        .output("part", declared.slice(0));
}
