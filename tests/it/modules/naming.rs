//! Name scopes, variable scopes, control inputs, devices and colocation.

use tfhub::graph::keys;
use tfhub::layers::dense;
use tfhub::ops::array::identity;
use tfhub::ops::math::{self, Axes};
use tfhub::ops::nn;
use tfhub::regularizer::{contrib, keras};
use tfhub::variable::{EnterScope, Reuse, VariableBuilder};
use tfhub::{GraphBuilder, Variable};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("name_scopes", name_scopes),
        Module::new("variable_scopes", variable_scopes).seed(11),
        Module::new("control_inputs", control_inputs),
        Module::new("devices", devices).seed(5),
        Module::new("colocation", colocation),
        Module::new("variables_in_contexts", variables_in_contexts).seed(63),
        Module::new("nested_control_inputs", nested_control_inputs).seed(64),
        Module::new("control_inputs_on_variables", control_inputs_on_variables).seed(69),
        Module::new("variables_on_a_device", variables_on_a_device).seed(68),
        Module::new("variables_on_devices", variables_on_devices).seed(65),
        Module::new("checkpoint_in_shards", checkpoint_in_shards).seed(67),
        Module::new("scopes_and_reuse", scopes_and_reuse).seed(66),
        Module::new("names_with_slashes", names_with_slashes).seed(67),
    ]
}

fn name_scopes(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None,)));
    let named = |name| g.named(name, || identity(x));
    let out = g.signature("default").input("x", x);
    g.name_scope("outer", || {
        out.output("a", identity(x));
        g.name_scope("inner", || out.output("b", named("named")));
        g.name_scope("inner", || {
            out.output("c", identity(x)).output("d", identity(x))
        });
    });
    g.name_scope("outer", || {
        out.output("e", identity(x));
        g.name_scope("inner", || out.output("f", identity(x)));
    });
    g.name_scope("Outer", || out.output("g", identity(x)));
    g.name_scope("outer/inner_1/", || out.output("h", identity(x)));
    g.name_scope("outer/inner/", || {
        out.output("i", named("named"));
        g.name_scope("", || out.output("j", identity(x)));
    });
    g.name_scope("deep/er", || out.output("k", named("a/b")));
    out.output("l", named("clash"))
        .output("m", named("Clash"))
        .output("n", named("CLASH"))
        .output("o", named("clash_1"))
        .output("p", named("clash"))
        .output("q", named("outer"));
    g.name_scope("result", || {
        let y = x + 1.0;
        out.output("default", g.named("result/", || identity(y)));
    });
}

fn variable_scopes(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None,)));
    let variable = |name: &str| -> Variable<'_, f32> { g.get_variable(name).shape([2]).finish() };
    let (v, w, product) = g.variable_scope("a", |_| {
        let v = variable("v");
        g.variable_scope("b", |_| {
            let w = variable("w");
            (v, w, v * w)
        })
    });
    let (again, scope) = g.variable_scope("a", |scope| (variable("u") * v, scope.clone()));
    let reused = g.variable_scope(EnterScope::from(&scope).reuse(Reuse::Yes), |_| {
        variable("v") * 2.0
    });
    let auto_sum = g.variable_scope(EnterScope::new("a").reuse(Reuse::Auto), |_| {
        variable("u") + w
    });
    let (lower, upper) = g.variable_scope("case", |_| (variable("b"), variable("B")));
    let in_ops = g.name_scope("ops", || variable("outside") * 3.0);
    let block = || EnterScope::with_default_name("blk");
    let first_sum = g.variable_scope(block(), |_| variable("v") + 1.0);
    let second_sum = g.variable_scope(block(), |_| variable("v") + 1.0);
    let root = g.variable_scope("", |_| variable("root"));
    let quiet_product = g.variable_scope(EnterScope::new("quiet").without_name_scope(), |_| {
        variable("v") * 2.0
    });
    g.signature("default")
        .input("x", x)
        .output("product", product)
        .output("again", again)
        .output("reused", reused)
        .output("auto_sum", auto_sum)
        .output("cases", lower * upper)
        .output("in_ops", in_ops)
        .output("first_sum", first_sum)
        .output("second_sum", second_sum)
        .output("root", root + 0.5)
        .output("quiet_product", quiet_product)
        .output("default", x * product);
}

fn control_inputs(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None,)));
    let named = |name| g.named(name, || identity(x));
    let out = g.signature("default").input("x", x);
    let (a, b, c) = (named("a"), named("b"), named("c"));
    let chained = g.control_dependencies([b, a], || {
        let two = named("two");
        let already = g.named("already", || math::add(a, c));
        let chained = g.named("chained", || identity(two));
        let constant = g.named("constant", || g.constant(1.0f32));
        out.output("two", two)
            .output("already", already)
            .output("chained", chained)
            .output("constant", constant);
        g.control_dependencies([c.operation()], || {
            out.output("nested", named("nested"));
            g.without_control_dependencies(|| out.output("cleared", named("cleared")));
            g.control_dependencies([b], || out.output("repeated", named("repeated")));
        });
        chained
    });
    let barrier = g.named("barrier", || g.no_op());
    g.control_dependencies([barrier], || out.output("after", named("after")));
    let group = g.named("group", || g.group([a, b]));
    g.control_dependencies([group, chained.operation()], || {
        out.output("default", named("default"))
    });
}

fn devices(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2,)));
    let named = |name| g.named(name, || identity(x));
    let out = g.signature("default").input("x", x);
    let v = g.device("/cpu:0", || {
        out.output("cpu", named("cpu"));
        let v = g.get_variable("v").shape([2]).finish();
        g.device("/job:ps/task:3/device:GPU:1", || {
            out.output("worker", named("worker"))
        });
        g.device("/job:ps", || out.output("merged", named("merged")));
        g.without_device(|| out.output("none", named("none")));
        v
    });
    g.device("/job:ps/task:3/device:GPU:1", || {
        out.output("remote", named("remote"));
        g.device("CPU", || out.output("any_cpu", named("any_cpu")));
    });
    g.device("CPU", || out.output("plain_cpu", named("plain_cpu")));
    out.output("default", x * v);
}

fn colocation(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2,)));
    let named = |name| g.named(name, || identity(x));
    let out = g.signature("default").input("x", x);
    let v = g.get_variable("v").initial_value([1.0f32, 2.0]).finish();
    let w = g.get_variable("w").initial_value([3.0f32, 4.0]).finish();
    let plain = named("plain");
    let with_variable = g.colocate_with(v, || {
        let with_variable = named("with_variable");
        out.output("with_variable", with_variable)
            .output("read", g.named("read", || math::multiply(v, 2.0)));
        g.colocate_with(w, || out.output("with_both", named("with_both")));
        with_variable
    });
    g.colocate_with(plain, || out.output("with_plain", named("with_plain")));
    g.colocate_with(with_variable, || out.output("copied", named("copied")));
    let placed = g.device("/cpu:0", || named("placed"));
    g.colocate_with(placed, || out.output("with_placed", named("with_placed")));
    out.output("default", x + v + w);
}

/// A builder of a variable of two floats.
fn pair<'g>(g: &'g GraphBuilder, name: &str) -> VariableBuilder<'g, f32> {
    g.get_variable(name).shape([2])
}

fn variables_in_contexts(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let barrier = g.named("barrier", || identity(x));
    let out = g.signature("default").input("x", x);
    let (v, u) = g.control_dependencies([barrier], || {
        let v = pair(g, "v").regularizer(keras::l2(0.5)).finish();
        let u = g.variable("u").initial_value([1.0f32, 2.0]).finish();
        let constant = g.constant(2.0f32);
        out.output("controlled", x * v + u * constant)
            .output("read", v.read_value());
        (v, u)
    });
    g.colocate_with(v, || {
        let beside = pair(g, "beside").finish();
        let scalar = g.variable("scalar").initial_value(0.5f32).finish();
        out.output("colocated", (x + beside) * scalar)
            .output("colocated_sum", math::reduce_sum(x + v, Axes::ALL))
            .output("colocated_read", v.read_value())
            .output("read_beside", beside.read_value());
    });
    out.output("default", x * u);
}

fn nested_control_inputs(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let [first, second] = ["first", "second"].map(|name| g.named(name, || identity(x)));
    let before = pair(g, "before").finish();
    let out = g.signature("default").input("x", x);
    let (inner_output, outer) = g.control_dependencies([first], || {
        let (inner, inner_output) = g.control_dependencies([second], || {
            let inner = pair(g, "inner").regularizer(contrib::l2(0.5)).finish();
            let plain = g.variable("plain").initial_value([0.5f32, 1.0]).finish();
            let inner_output = x * inner + plain;
            out.output("inner", inner_output)
                .output("on_first", first * before);
            g.without_control_dependencies(|| {
                let free = pair(g, "free").finish();
                out.output("free", free + before);
            });
            (inner, inner_output)
        });
        let outer = inner.read_value();
        out.output("outer", outer);
        (inner_output, outer)
    });
    let group = g.group([inner_output, outer]);
    g.control_dependencies([group], || out.output("after_group", before * 2.0));
}

fn control_inputs_on_variables(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let v = pair(g, "v").finish();
    let out = g.signature("default").input("x", x);
    let w = g.control_dependencies([v.operation()], || {
        let w = pair(g, "w").finish();
        out.output("product", v * w).output("read", v.read_value());
        w
    });
    g.control_dependencies([v], || out.output("after_variable", identity(x)));
    let initializer = g.operation("w/Assign").unwrap();
    g.control_dependencies([initializer], || out.output("initialized", identity(w)));
    let group = g.group([v, w]);
    g.control_dependencies([group], || out.output("after_group", x * w));
}

fn variables_on_a_device(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let (v, u, inside, inside_read) = g.device("/cpu:0", || {
        let v = pair(g, "v").regularizer(contrib::l1(0.5)).finish();
        let u = g.variable("u").initial_value([1.0f32, 2.0]).finish();
        let inside = math::reduce_sum(x * v, Axes::ALL);
        (v, u, inside, u.read_value())
    });
    g.signature("default")
        .input("x", x)
        .output("default", x * v + u)
        .output("inside", inside)
        .output("inside_read", inside_read)
        .output("outside_read", v.read_value())
        .output("softmax", nn::softmax(v, -1));
}

fn variables_on_devices(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let (v, u) = g.device("/gpu:0", || {
        let v = pair(g, "v").regularizer(keras::l1(0.5)).finish();
        let u = g.variable("u").initial_value([1.0f32, 2.0]).finish();
        (v, u)
    });
    let out = g.signature("default").input("x", x);
    out.output("outside", x * v + u);
    g.device("/cpu:0", || {
        out.output("inside", x + v)
            .output("sum", math::reduce_sum(v, Axes::ALL));
        let update = v.assign_add(v.read_value());
        g.add_to_collection(keys::UPDATE_OPS, update);
    });
    g.colocate_with(v, || {
        out.output("beside", u * 2.0);
        let beside = pair(g, "beside").finish();
        out.output("beside_value", beside.value());
    });
    g.device("/job:ps", || out.output("merged_read", v.read_value()));
}

fn checkpoint_in_shards(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let b = pair(g, "b").finish();
    let (a, d) = g.device("/cpu:0", || {
        let a = pair(g, "a").finish();
        (a, g.get_variable::<f32>("d").shape([3]).finish())
    });
    let local = "/job:localhost/replica:0/task:0/device:CPU:0";
    let e = g.device(local, || pair(g, "e").finish());
    let c = g.get_variable("c").initial_value(["left", "right"]);
    let c = c.trainable(false).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x * a + b - e)
        .output("d", identity(d))
        .output("c", identity(c));
}

fn scopes_and_reuse(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let y = g.name_scope("names", || {
        g.variable_scope("variables", |_| {
            let v = pair(g, "v").regularizer(contrib::l2(0.1)).finish();
            let u = g.variable("v").initial_value([0.0f32, 0.0]).finish();
            x + v + u
        })
    });
    let auto = EnterScope::new("auto").reuse(Reuse::Auto);
    let (y, auto) = g.variable_scope(auto, |auto| {
        let [a, again] = [(); 2].map(|()| pair(g, "a").regularizer(contrib::l1(0.5)).finish());
        let y = y * a + again;
        let y = g.variable_scope("inside", |_| {
            let y = g.variable_scope(auto, |_| y + pair(g, "b").finish());
            y + pair(g, "b").finish()
        });
        (y, auto.clone())
    });
    let block = || EnterScope::with_default_name("block");
    let y = g.variable_scope(block(), |_| {
        let y = g.variable_scope(block(), |_| y + pair(g, "v").finish());
        let quiet = EnterScope::from(&auto).without_name_scope();
        let y = g.variable_scope(quiet, |_| y + pair(g, "a").finish());
        g.variable_scope(block(), |_| y + pair(g, "v").finish())
    });
    let y = g.variable_scope("block", |_| y + pair(g, "w").finish());
    let y = g.variable_scope(block(), |_| y + pair(g, "v").finish());
    let root = EnterScope::from(&g.current_variable_scope()).reuse(Reuse::Auto);
    let y = g.variable_scope(root, |_| {
        let y = y + pair(g, "root").finish();
        y + pair(g, "root").finish()
    });
    g.signature("default").input("x", x).output("default", y);
}

fn names_with_slashes(g: &GraphBuilder) {
    let x = g.named("inputs/x", || g.placeholder::<f32>((None, 2)));
    let v = pair(g, "tower/v").regularizer(contrib::l2(0.5)).finish();
    let u = g.variable("tower/u").initial_value([1.0f32, 2.0]).finish();
    let y = x * v + u;
    let y = g.variable_scope("tower", |_| {
        let y = y + pair(g, "w").finish();
        let y = y + pair(g, "deep/w").finish();
        let y = y + g.variable("u").initial_value([3.0f32, 4.0]).finish();
        dense(2).name("deep/dense").apply(y)
    });
    let y = g.variable_scope("tower/deep", |_| {
        let y = y + pair(g, "v").regularizer(keras::l1(0.5)).finish();
        let lower = EnterScope::with_default_name("low/er");
        g.variable_scope(lower, |_| y + pair(g, "v").finish())
    });
    let tower = EnterScope::new("tower").reuse(Reuse::Yes);
    let y = g.variable_scope(tower, |_| y * pair(g, "deep/v").finish());
    let y = g.name_scope("path/to", || g.named("the/sum", || math::reduce_sum(y, 0)));
    g.signature("default").input("x", x).output("default", y);
}
