//! Name scopes, variable scopes, control inputs, devices and colocation.

use tfhub::ops::array::identity;
use tfhub::ops::math;
use tfhub::{EnterScope, GraphBuilder, Reuse, Variable};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("name_scopes", name_scopes),
        Module::new("variable_scopes", variable_scopes).seed(11),
        Module::new("control_inputs", control_inputs),
        Module::new("devices", devices).seed(5),
        Module::new("colocation", colocation),
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
    let variable = |name: &str| -> Variable<'_, f32> { g.get_variable(name).shape([2]).create() };
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
        let v = g.get_variable("v").shape([2]).create();
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
    let v = g.get_variable("v").initial_value([1.0f32, 2.0]).create();
    let w = g.get_variable("w").initial_value([3.0f32, 4.0]).create();
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
