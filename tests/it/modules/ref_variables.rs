//! Variables of the old kind, which ops take as references.

use half::f16;
use tfhub::dtype::ByteString;
use tfhub::graph::keys;
use tfhub::init::{self, Initializer};
use tfhub::module::SignatureBuilder;
use tfhub::ndarray::array;
use tfhub::ops::array::{self, identity};
use tfhub::ops::math::{self, Axes, Transposed};
use tfhub::ops::nn::{self, Combiner, EmbeddingOptions, SparseEmbeddingOptions};
use tfhub::ops::random;
use tfhub::ops::sparse::SparseTensor;
use tfhub::regularizer::{contrib, keras};
use tfhub::rnn;
use tfhub::variable::{
    AssignOptions, CachingDevice, EnterScope, ExponentialMovingAverage, MovingAverageOptions,
};
use tfhub::{Element, GraphBuilder, Shape, Tensor, Variable, layers, variable};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("ref_reads", ref_reads).seed(9),
        Module::new("ref_dtypes", ref_dtypes),
        Module::new("ref_tf_variables", ref_tf_variables).seed(13),
        Module::new("ref_initial_values", ref_initial_values),
        Module::new("ref_assigned", ref_assigned),
        Module::new("ref_assigned_unchecked", ref_assigned_unchecked),
        Module::new("ref_initialized", ref_initialized),
        Module::new("ref_from_initialized", ref_from_initialized),
        Module::new(
            "ref_and_resource_from_each_other",
            ref_and_resource_from_each_other,
        ),
        Module::new("ref_gathered", ref_gathered).seed(17),
        Module::new("ref_applied", ref_applied).seed(14),
        Module::new("ref_in_conditionals", ref_in_conditionals),
        Module::new("ref_in_conditional_updates", ref_in_conditional_updates),
        Module::new("ref_in_cases", ref_in_cases),
        Module::new("ref_made_in_conditionals", ref_made_in_conditionals).seed(41),
        Module::new("ref_in_loops", ref_in_loops),
        Module::new("ref_assigned_in_loops", ref_assigned_in_loops),
        Module::new("ref_loop_variables", ref_loop_variables),
        Module::new("ref_in_map_fn", ref_in_map_fn).seed(19),
        Module::new("ref_dense", ref_dense).seed(20),
        Module::new("ref_dense_rank_3", ref_dense_rank_3).seed(21),
        Module::new("ref_static_rnn", ref_static_rnn).seed(22),
        Module::new("ref_dynamic_rnn", ref_dynamic_rnn).seed(23),
        Module::new("ref_moving_averages", ref_moving_averages)
            .seed(24)
            .drop_collections(&[keys::MOVING_AVERAGE_VARIABLES]),
        Module::new("ref_moving_averages_debiased", ref_moving_averages_debiased).seed(25),
        Module::new("ref_in_functions", ref_in_functions),
        Module::new("ref_regularized", ref_regularized).seed(26),
        Module::new("ref_on_devices", ref_on_devices).seed(27),
        Module::new("ref_of_unknown_shape", ref_of_unknown_shape),
    ]
}

fn pair(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.named("x", || g.placeholder::<f32>((2,)))
}

fn pairs(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.named("x", || g.placeholder::<f32>((None, 2)))
}

fn flag(g: &GraphBuilder) -> Tensor<'_, bool> {
    g.named("flag", || g.placeholder::<bool>(()))
}

fn weight<'g>(g: &'g GraphBuilder, name: &str, shape: &[usize]) -> Variable<'g, f32> {
    g.get_variable(name).shape(shape).finish()
}

/// A variable of ones.
fn ones<'g>(g: &'g GraphBuilder, name: &str, trainable: bool) -> Variable<'g, f32> {
    let ones = g.get_variable(name).shape([2]).initializer(init::ones());
    ones.trainable(trainable).finish()
}

fn ref_reads(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pairs(g);
    let v = weight(g, "v", &[2]);
    let m = weight(g, "m", &[2, 2]);
    g.signature("default")
        .input("x", x)
        .output("v_add_x", v + x)
        .output("x_add_v", x + v)
        .output("v_mul_v", v * v)
        .output("constant_mul_v", 2.0 * v)
        .output("neg_v", -v)
        .output("matmul", math::matmul(x, m))
        .output("read_value", v.read_value())
        .output("identity", identity(v))
        .output("value", identity(v.value()))
        .output("named", g.named("named", || math::add(x, v)))
        .output("stacked", {
            let doubled = v * 2.0;
            array::stack(g, (v, doubled), 0)
        })
        .output("part", v.slice(1))
        .output("column", m.slice((.., 0)))
        .output("initialized", v.is_initialized());
}

fn of<T: Element>(
    g: &GraphBuilder,
    signature: SignatureBuilder<'_>,
    name: &str,
    shape: &[usize],
    initializer: impl Into<Option<Initializer>>,
) {
    let variable = g.get_variable::<T>(name).shape(shape).trainable(false);
    let variable = variable.initializer(initializer).finish();
    let value = g.named(&format!("read_{name}"), || identity(variable));
    signature.output(name, value);
}

fn ref_dtypes(g: &GraphBuilder) {
    fn both<T: Element>(g: &GraphBuilder, signature: SignatureBuilder<'_>) {
        let name = |suffix: &str| format!("{}_{suffix}", T::DTYPE);
        of::<T>(g, signature, &name("zeros"), &[2, 3], init::zeros());
        of::<T>(g, signature, &name("constant"), &[], init::constant(7));
    }
    g.set_use_resource(false);
    let signature = g.signature("default");
    both::<f16>(g, signature);
    both::<f32>(g, signature);
    both::<f64>(g, signature);
    both::<i32>(g, signature);
    both::<i64>(g, signature);
    of::<bool>(g, signature, "bool_ones", &[2], init::ones());
    let strings = init::constant(["left", ""]);
    of::<ByteString>(g, signature, "string_constant", &[2], strings);
    of::<i32>(g, signature, "int32_default", &[2], None);
}

fn ref_tf_variables(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let number = g.variable("Variable").initial_value(0.5f32).finish();
    let second = g.variable("Variable").initial_value(1.5f32).finish();
    let whole = g.variable("whole").initial_value(3).finish();
    let listed = g.variable("listed").initial_value([1.0f32, 2.0]).finish();
    let rows = array![[1.0f32, 2.0], [3.0, 4.0]];
    let array = g.variable("array").initial_value(rows).finish();
    let called = g.variable::<f32>("called");
    let called = called.initial_value_fn(|g| array::zeros(g, [2])).finish();
    let drawn = g.variable::<f32>("drawn").initial_value_fn(|g| {
        let options = random::UniformOptions::default()
            .minval(-1.0f32)
            .maxval(1.0);
        random::uniform(g, [2], options)
    });
    let drawn = drawn.finish();
    let filled = array::fill(g, [2], 1.5f32);
    let tensor = g.variable("tensor").initial_value(filled).finish();
    let strings = g.variable::<ByteString>("strings");
    let strings = strings.initial_value(["a", "b"]).finish();
    let (scoped, fixed) = g.name_scope("scope", || {
        let scoped = g.variable("scoped").initial_value([0.25f32, 0.75]).finish();
        let fixed = g.variable("Variable").initial_value([5.0f32, 6.0]);
        (scoped, fixed.trainable(false).finish())
    });
    let again = g.variable("listed").initial_value([7.0f32, 8.0]).finish();
    let scaled = x * number;
    g.signature("default")
        .input("x", x)
        .output("default", scaled + listed * second)
        .output("whole", identity(whole))
        .output("array", math::reduce_sum(array, 0))
        .output("called", x + called)
        .output("drawn", x + drawn)
        .output("tensor", x + tensor)
        .output("strings", identity(strings))
        .output("scoped", x + scoped)
        .output("fixed", x + fixed)
        .output("again", x + again);
}

fn ref_initial_values(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let number = g.get_variable("number").initial_value(0.5f32).finish();
    let listed = g.get_variable("listed");
    let listed = listed.initial_value([1.0f32, 2.0]).finish();
    let array = g.get_variable("array");
    let array = array.initial_value(array![3.0f32, 4.0]).finish();
    let called = g.get_variable("called");
    let called = called.initial_value_fn(|g| array::ones(g, [2])).finish();
    let filled = array::fill(g, [2], 1.5f32);
    let tensor = g.get_variable("tensor").initial_value(filled).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x * number + listed + array + called + tensor);
}

fn ref_assigned(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let assigned = ones(g, "a", false).assign(x);
    let added = ones(g, "b", false).assign_add([1.0f32, 2.0]);
    let c = ones(g, "c", false);
    let one = array::ones::<f32>(g, [2]);
    let taken = g.named("taken", || c.assign_sub(one));
    let locked = variable::assign(ones(g, "d", false), [3.0f32, 4.0], ());
    let unread = ones(g, "e", false).assign_op(x);
    let counter = g.get_variable("counter").initial_value(0i32);
    let step = counter.trainable(false).finish().assign_add(1);
    let group = g.group((step, locked));
    let after = g.control_dependencies([unread, group], || g.named("after", || identity(x)));
    g.add_to_collection(keys::UPDATE_OPS, added);
    g.add_to_collection(keys::UPDATE_OPS, unread);
    let assigned = assigned.value() + 1.0;
    for update in [assigned, 2.0 * taken.value(), identity(added), after] {
        g.add_to_collection(keys::UPDATE_OPS, update);
    }
    g.signature("default")
        .input("x", x)
        .output("default", x * 2.0);
}

fn ref_assigned_unchecked(g: &GraphBuilder) {
    let x = pair(g);
    let options = AssignOptions::default();
    let all = [
        options.validate_shape(false),
        options.use_locking(false),
        options.validate_shape(false).use_locking(false),
    ];
    for use_resource in [false, true] {
        g.set_use_resource(use_resource);
        for options in all {
            let v = g.variable("v").initial_value([1.0f32, 1.0]);
            let assigned = variable::assign(v.trainable(false).finish(), x, options);
            g.add_to_collection(keys::UPDATE_OPS, assigned);
        }
    }
    g.signature("default")
        .input("x", x)
        .output("default", x * 2.0);
}

fn ref_initialized(g: &GraphBuilder) {
    g.set_use_resource(false);
    let v = ones(g, "v", true);
    let n = g.variable("n").initial_value([3.0f32, 4.0]).finish();
    g.signature("default")
        .output("v", v.initialized_value())
        .output("n", n.initialized_value() * 2.0);
}

fn ref_from_initialized(g: &GraphBuilder) {
    g.set_use_resource(false);
    let v = ones(g, "v", true);
    let w = g.variable("w").initial_value(v.initialized_value());
    let w = w.finish();
    let u = g.variable("u").initial_value(v * 2.0).finish();
    let x = g.get_variable("x");
    let x = x.initial_value_fn(|_| v.initialized_value() * 2.0).finish();
    let z = g.variable("z").initial_value_fn(|_| v + 1.0).finish();
    let deep = g.name_scope("scope", || {
        let tripled = v * 3.0;
        let all = array::concat(g, [v.value(), tripled, v.initialized_value()], 0);
        g.variable("deep").initial_value(all).finish()
    });
    g.signature("default")
        .output("default", w + u + x + z)
        .output("deep", identity(deep));
}

fn ref_and_resource_from_each_other(g: &GraphBuilder) {
    let old = || EnterScope::new("").use_resource(false);
    let v = g.variable_scope(old(), |_| ones(g, "v", true));
    let w = g.get_variable("w").initial_value(v * 2.0).finish();
    let u = g.variable("u").initial_value_fn(|_| v + 1.0).finish();
    let (x, y) = g.variable_scope(old(), |_| {
        let x = g.variable("x").initial_value(w.initialized_value());
        let x = x.finish();
        let y = g.get_variable("y").use_resource(true);
        (
            x,
            y.initial_value_fn(|_| w.initialized_value() * 3.0).finish(),
        )
    });
    g.signature("default").output("default", v + w + u + x + y);
}

fn ref_gathered(g: &GraphBuilder) {
    g.set_use_resource(false);
    let ids = g.named("ids", || g.placeholder::<i32>((None,)));
    let table = weight(g, "table", &[4, 3]);
    let other = weight(g, "other", &[4, 3]);
    let values = g.constant([0i64, 1, 3]);
    let entries = SparseTensor::new(g, [[0i64, 0], [1, 0], [1, 2]], values, [2i64, 3]);
    let clipped = EmbeddingOptions::default().max_norm(1.0);
    let sums = SparseEmbeddingOptions::default().combiner(Combiner::Sum);
    g.signature("default")
        .input("ids", ids)
        .output("gather", array::gather(table, ids, ()))
        .output("columns", array::gather(table, [0, 2], 1))
        .output("gather_nd", array::gather_nd(table, [[0, 1], [3, 2]], ()))
        .output("lookup", nn::embedding_lookup(table, ids, ()))
        .output("clipped", nn::embedding_lookup(table, ids, clipped))
        .output("several", nn::embedding_lookup([table, other], ids, ()))
        .output("sparse", nn::embedding_lookup_sparse(table, entries, sums));
}

fn ref_applied(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let v = weight(g, "v", &[3]);
    let m = weight(g, "m", &[3, 4]);
    g.signature("default")
        .input("x", x)
        .output("sum", math::reduce_sum(v, Axes::ALL))
        .output("sum_keep", math::reduce_sum(m, Axes::ALL.keep_dims()))
        .output("mean_0", math::reduce_mean(v, 0))
        .output("softmax", nn::softmax(v, -1))
        .output("relu", nn::relu(v))
        .output("l2_loss", g.named("l2_loss", || nn::l2_loss(v)))
        .output("matmul", math::matmul(x, m))
        .output(
            "matmul_transposed",
            math::matmul(Transposed(m), Transposed(x)),
        )
        .output("bias_add", nn::bias_add(x, v, ()))
        .output("square", math::square(v))
        .output("reshape", array::reshape(m, [4, 3]))
        .output("cast", math::cast::<f64, _>(v))
        .output("shape", array::shape::<i32, _>(v))
        .output("subtract", math::subtract(v, 0.5))
        .output("add_n", math::add_n(g, [v, v]));
}

fn ref_in_conditionals(g: &GraphBuilder) {
    g.set_use_resource(false);
    let (x, flag) = (pair(g), flag(g));
    let v = ones(g, "v", false);
    let w = ones(g, "w", false);
    let u = ones(g, "u", false);
    let read = g.cond(flag, || v + x, || v * 2.0);
    let both = g.cond(flag, || w.assign(x).value(), || w.assign_add(x).value());
    let one = g.cond(flag, || u.assign(x).value(), || x * 3.0);
    let values = g.cond(flag, || v.value(), || v.read_value());
    g.add_to_collection(keys::UPDATE_OPS, both);
    g.add_to_collection(keys::UPDATE_OPS, one);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("read", read)
        .output("values", values);
}

fn ref_in_conditional_updates(g: &GraphBuilder) {
    g.set_use_resource(false);
    let (x, flag) = (pair(g), flag(g));
    let v = ones(g, "v", false);
    let update = g.cond(flag, || g.group([v.assign(x)]), || g.no_op());
    let after = g.control_dependencies([update], || v.read_value());
    g.add_to_collection(keys::UPDATE_OPS, after);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", v * x);
}

fn ref_in_cases(g: &GraphBuilder) {
    g.set_use_resource(false);
    let (x, flag) = (pair(g), flag(g));
    let v = ones(g, "v", false);
    let w = ones(g, "w", false);
    let is_off = math::logical_not(flag);
    let chosen = g
        .case(flag, || v.assign_sub(x).value())
        .branch(is_off, || w.value())
        .default(|| w * x)
        .finish();
    let inner = || {
        let is_off = math::logical_not(flag);
        g.cond(is_off, || w + x, || w.read_value())
    };
    let nested = g.cond(flag, inner, || x);
    g.add_to_collection(keys::UPDATE_OPS, chosen);
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("nested", nested);
}

fn ref_made_in_conditionals(g: &GraphBuilder) {
    g.set_use_resource(false);
    let (x, flag) = (pair(g), flag(g));
    let made = || weight(g, "v", &[2]) + x;
    let assigned = || {
        let w = g.variable("w").initial_value_fn(|g| array::ones(g, [2]));
        w.trainable(false).finish().assign(x).value()
    };
    let result = g.cond(flag, made, || x);
    g.add_to_collection(keys::UPDATE_OPS, g.cond(flag, assigned, || x));
    g.signature("default")
        .input("x", x)
        .input("flag", flag)
        .output("default", result);
}

fn ref_in_loops(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let v = ones(g, "v", true);
    type State<'g> = (Tensor<'g, i32>, Tensor<'g, f32>);
    fn goes_on<'g>((i, _): State<'g>) -> Tensor<'g, bool> {
        math::less(i, 3)
    }
    let (_, read) = g.while_loop((0, x), goes_on, |(i, y)| (i + 1, y + v), ());
    let now = g.while_loop((0, v), goes_on, |(i, y)| (i + 1, y * v.read_value()), ());
    let mixed = g.while_loop(
        (0, x),
        goes_on,
        |(i, y)| {
            let next = i + 1;
            let y = g.cond(math::less(i, 1), || y + v, || v.slice(0) * y);
            (next, y)
        },
        (),
    );
    g.signature("default")
        .input("x", x)
        .output("read", read)
        .output("now", now.1)
        .output("mixed", mixed.1);
}

fn ref_assigned_in_loops(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let v = ones(g, "v", false);
    let w = ones(g, "w", false);
    let (_, waited) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 3),
        |(i, y)| g.control_dependencies([w.assign(y)], || (i + 1, y * 2.0)),
        (),
    );
    let (_, added) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 3),
        |(i, y)| (i + 1, v.assign_add(x).value() * y),
        (),
    );
    g.add_to_collection(keys::UPDATE_OPS, waited);
    g.add_to_collection(keys::UPDATE_OPS, added);
    g.signature("default")
        .input("x", x)
        .output("default", v * x);
}

fn ref_loop_variables(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let v = ones(g, "v", false);
    let last = g.while_loop(
        v.assign(x).value(),
        |y| math::less(array::index(y, 0), 9.0),
        |_| v.assign_add([1.0f32, 1.0]).value(),
        (),
    );
    let (_, kept) = g.while_loop(
        (0, x),
        |(i, _)| math::less(i, 3),
        |(i, y)| (i + 1, v.assign_add(y).value()),
        (),
    );
    g.signature("default")
        .input("x", x)
        .output("default", identity(last))
        .output("kept", kept);
}

fn ref_in_map_fn(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = g.named("x", || g.placeholder::<f32>((3, 2)));
    let outside = weight(g, "outside", &[2]);
    let rows = g.map_fn(x, |r| r * weight(g, "inside", &[2]) + outside, ());
    g.signature("default").input("x", x).output("default", rows);
}

fn ref_dense(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let dense = layers::dense(4).activation(nn::relu);
    let y = dense.kernel_regularizer(contrib::l2(0.1)).apply(x);
    let layer = layers::dense(4).use_bias(false).layer();
    let y = layer.apply(layer.apply(y));
    g.signature("default").input("x", x).output("default", y);
}

fn ref_dense_rank_3(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2, 3)));
    let old = EnterScope::new("old").use_resource(false);
    let old = old.regularizer(keras::l1(0.01));
    let y = g.variable_scope(old, |_| layers::dense(2).apply(x));
    let y = layers::dense(3).apply(y);
    g.signature("default").input("x", x).output("default", y);
}

fn ref_static_rnn(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let steps = [x, x * 2.0];
    let (outputs, _) = rnn::static_rnn(g, rnn::basic_lstm_cell(2), &steps, ());
    g.signature("default")
        .input("x", x)
        .output("default", outputs[1]);
}

fn ref_dynamic_rnn(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = g.named("x", || g.placeholder::<f32>((None, 4, 3)));
    let (outputs, state) = rnn::dynamic_rnn(rnn::gru_cell(2), x, ());
    g.signature("default")
        .input("x", x)
        .output("default", outputs)
        .output("state", state);
}

fn ref_moving_averages(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let kernel = weight(g, "kernel", &[2]);
    let averages = ExponentialMovingAverage::new(g, 0.99, ());
    let update = averages.apply((kernel, x));
    g.add_to_collection(keys::UPDATE_OPS, update);
    g.signature("default")
        .input("x", x)
        .output("default", x * averages.average(kernel).unwrap())
        .output("of_tensor", identity(averages.average(x).unwrap()));
}

fn ref_moving_averages_debiased(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let options = MovingAverageOptions::default()
        .zero_debias(true)
        .name("deb");
    let averages = ExponentialMovingAverage::new(g, 0.9, options);
    g.add_to_collection(keys::UPDATE_OPS, averages.apply([x]));
    let zeros = |name: &str| {
        let zeros = g.get_variable::<f32>(name).shape([2]);
        zeros.initializer(init::zeros()).trainable(false).finish()
    };
    let (mean, other) = (zeros("mean"), zeros("other"));
    let update = mean.assign_moving_average(x, 0.9, false);
    g.add_to_collection(keys::UPDATE_OPS, update);
    let update = other.assign_moving_average(x, 0.9, ());
    g.add_to_collection(keys::UPDATE_OPS, update);
    g.signature("default")
        .input("x", x)
        .output("default", x + mean + other);
}

fn ref_in_functions(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let v = ones(g, "v", true);
    let outer = g.function("times_outer", ["x"], |x: Tensor<f32>| x * v);
    let outer = outer.call(x);
    let own = g.function("times_own", ["x"], |x: Tensor<f32>| {
        x * ones(g, "own", true)
    });
    g.signature("default")
        .input("x", x)
        .output("outer", outer)
        .output("own", own.call(x));
}

fn ref_regularized(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pairs(g);
    let v = g.get_variable::<f32>("v").shape([2]);
    let v = v.regularizer(contrib::l1_l2(0.1, 0.2)).finish();
    let w = g.get_variable::<f32>("w").shape([2, 2]);
    let w = w.regularizer(keras::l2(0.1)).finish();
    g.signature("default")
        .input("x", x)
        .output("default", math::matmul(x, w) + v);
}

fn ref_on_devices(g: &GraphBuilder) {
    let x = pair(g);
    let kept = EnterScope::new("kept").use_resource(false);
    let kept = kept.caching_device("/device:CPU:0");
    let of_reader = EnterScope::new("of_reader").caching_device(CachingDevice::OfReader);
    let ((w, u, table), (a, b, plain, called)) = g.device("/cpu:0", || {
        let kept = g.variable_scope(kept, |_| {
            let w = weight(g, "w", &[2]);
            let u = g.get_variable::<f32>("u").shape([2]).use_resource(true);
            (w, u.finish(), weight(g, "table", &[3, 2]))
        });
        let of_reader = g.variable_scope(of_reader, |_| {
            let a = g.get_variable::<f32>("a").shape([2]).use_resource(false);
            let (a, b) = (a.finish(), weight(g, "b", &[2]));
            let plain = g.variable("plain").initial_value([1.0f32, 2.0]);
            let plain = plain.use_resource(false).finish();
            let called = g.variable("called").use_resource(false);
            let called = called.initial_value_fn(|g| array::ones(g, [2]));
            (a, b, plain, called.finish())
        });
        (kept, of_reader)
    });
    let y = x + w + u + a + b + plain + called;
    let row = nn::embedding_lookup(table, [1], ());
    let sum = math::reduce_sum(w, Axes::ALL) + math::reduce_sum(b, Axes::ALL);
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("row", row)
        .output("sum", sum);
}

fn ref_of_unknown_shape(g: &GraphBuilder) {
    g.set_use_resource(false);
    let x = pair(g);
    let listed = g.variable("listed").initial_value([1.0f32, 2.0]);
    let listed = listed.validate_shape(false).finish();
    let called = g.get_variable::<f32>("called").validate_shape(false);
    let called = called.initial_value_fn(|g| array::ones(g, [2])).finish();
    let declared = g.variable("declared").initial_value([3.0f32, 4.0]);
    let declared = declared.shape(Shape::from([2])).finish();
    g.signature("default")
        .input("x", x)
        .output("default", x + listed)
        .output("part", called.slice(0))
        .output("declared", declared * 2.0);
}
