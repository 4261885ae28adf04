//! Choices among branches, checks, and what rests on conditionals.

use tfhub::graph::keys;
use tfhub::half::f16;
use tfhub::init;
use tfhub::ops::array::{self, identity};
use tfhub::ops::debugging::{self, AssertNearOptions, AssertOptions};
use tfhub::ops::losses::{self, LossOptions, Reduction};
use tfhub::ops::math::{self, Axes};
use tfhub::ops::sparse::{self, SparseTensor};
use tfhub::variable::{ExponentialMovingAverage, MovingAverageOptions};
use tfhub::{DType, GraphBuilder, Shape, Tensor, Variable};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    const KEPT: &[&str] = &[keys::MOVING_AVERAGE_VARIABLES];
    vec![
        Module::new("cases", cases),
        Module::new("cases_without_default", cases_without_default),
        Module::new("cases_exclusive", cases_exclusive),
        Module::new("cases_nested", cases_nested),
        Module::new("cases_of_structures", cases_of_structures),
        Module::new("cases_on_variables", cases_on_variables).seed(5),
        Module::new("smart_conds", smart_conds).seed(6),
        Module::new("initialized_values", initialized_values).seed(8),
        Module::new("branches_of_operations", branches_of_operations),
        Module::new("assertions", assertions),
        Module::new("assertions_compared", assertions_compared),
        Module::new("assertions_of_constants", assertions_of_constants),
        Module::new("assertions_of_signs", assertions_of_signs),
        Module::new("assertions_of_ranks", assertions_of_ranks),
        Module::new("assertions_of_unknown_ranks", assertions_of_unknown_ranks),
        Module::new("assertions_of_nearness", assertions_of_nearness),
        Module::new("assertions_of_types", assertions_of_types),
        Module::new("assertions_in_branches", assertions_in_branches),
        Module::new("losses_of_unknown_ranks", losses_of_unknown_ranks),
        Module::new("losses_of_unknown_shapes", losses_of_unknown_shapes),
        Module::new("moving_averages", moving_averages)
            .seed(11)
            .drop_collections(KEPT),
        Module::new("moving_averages_of_tensors", moving_averages_of_tensors).seed(12),
        Module::new("moving_averages_with_updates", moving_averages_with_updates)
            .seed(13)
            .drop_collections(KEPT),
        Module::new("moving_averages_assigned", moving_averages_assigned).seed(14),
        Module::new("moving_averages_in_branches", moving_averages_in_branches).seed(15),
    ]
}

type Numbers<'g> = (Tensor<'g, f32>, Tensor<'g, f32>);

fn numbers(g: &GraphBuilder) -> Numbers<'_> {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    (x, g.named("limit", || g.placeholder::<f32>(())))
}

fn flag(g: &GraphBuilder) -> Tensor<'_, bool> {
    g.named("flag", || g.placeholder::<bool>(()))
}

fn sum<'g>(x: Tensor<'g, f32>) -> Tensor<'g, f32> {
    math::reduce_sum(x, Axes::ALL)
}

fn cases(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let (low, high) = (math::less(limit, 0.0), math::greater(limit, 1.0));
    let first = g.case(low, || x * 2.0).branch(high, || x + limit);
    let first = first.default(|| x).finish();
    let half = math::equal(limit, 0.5);
    let second = g.case(low, || limit).branch(high, || g.constant(1f32));
    let second = second.branch(half, || limit * 3.0).default(|| sum(x));
    let second = g.named("second", || second.finish());
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("first", first)
        .output("second", second);
}

fn cases_without_default(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let low = g.named("low", || math::less(limit, 10.0));
    let high = g.named("high", || math::less(limit, 100.0));
    let single = g.named("single", || g.case(low, || x * 2.0).finish());
    let is_not_low = math::logical_not(low);
    let double = g.case(is_not_low, || x).branch(high, || x + 1.0).finish();
    let same = g.name_scope("around", || {
        let (first, second) = (math::greater(limit, 20.0), math::greater(limit, 30.0));
        let same = g.case(first, || x).branch(second, || x);
        same.branch(low, || x).finish()
    });
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("single", single)
        .output("double", double)
        .output("same", same);
}

fn cases_exclusive(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let (low, high) = (math::less(limit, 0.0), math::greater_equal(limit, 0.0));
    let pairs = || {
        let pairs = g.case(low, || x - limit).branch(high, || x * limit);
        pairs.exclusive(true)
    };
    let with_default = pairs().default(|| x).finish();
    let without = g.named("without", || pairs().finish());
    let single = g.case(high, || identity(x)).default(|| x * 0.0);
    let single = single.exclusive(true).finish();
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("with_default", with_default)
        .output("without", without)
        .output("single", single);
}

fn cases_nested(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let flag = flag(g);
    let (low, high) = (math::less(limit, 0.0), math::greater(limit, 1.0));
    let inner = || {
        g.name_scope("inner", || {
            let inner = g.case(high, || x * x).branch(low, || x - 1.0);
            inner.exclusive(true).finish()
        })
    };
    let around = || {
        g.control_dependencies([high], || {
            g.device("/cpu:0", || {
                let otherwise = || g.cond(flag, || x, || x - limit);
                g.case(low, inner).default(otherwise).finish()
            })
        })
    };
    let other = || {
        let other = g.case(low, || x).branch(high, || x * x);
        other.default(|| x + limit).finish()
    };
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .input("flag", flag)
        .output("nested", g.cond(flag, around, other));
}

fn cases_of_structures(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let (low, high) = (math::less(limit, 0.0), math::greater(limit, 1.0));
    let sparse = |values: [f32; 2]| SparseTensor::new(g, [[0i64, 1], [1, 0]], values, [2i64, 2]);
    let choice = g.case(low, || (x, vec![limit, g.constant(1f32)]));
    let choice = choice.branch(high, || (x * 2.0, vec![limit * 2.0, limit]));
    let (a, bc) = choice
        .default(|| {
            let part = array::index(x, ..1);
            (
                part,
                vec![g.constant(7f32), math::reduce_mean(x, Axes::ALL)],
            )
        })
        .finish();
    let given = sparse([3.0, 4.0]);
    let d = g
        .case(low, || sparse([1.0, 2.0]))
        .default(|| given)
        .finish();
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("a", a)
        .output("b", bc[0])
        .output("c", bc[1])
        .output("d", sparse::to_dense(d, ()));
}

fn cases_on_variables(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let kernel = g.get_variable::<f32>("kernel").shape([2, 3]).finish();
    let bias = g
        .get_variable("bias")
        .initial_value([1f32, 2.0, 3.0])
        .finish();
    let (low, high) = (math::less(limit, 0.0), math::greater(limit, 1.0));
    let counted = || {
        let steps = g.get_variable("steps").initial_value(0f32);
        let steps = steps.trainable(false).finish();
        g.control_dependencies([steps.assign_add(0.0)], || math::matmul(x, kernel))
    };
    let y = g.case(low, || math::matmul(x, kernel) + bias);
    let y = y.branch(high, counted);
    let y = y.default(|| math::matmul(x * 2.0, kernel) * bias).finish();
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y);
}

fn smart_conds(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let flag = flag(g);
    let kernel = g.get_variable::<f32>("kernel").shape([2, 2]).finish();
    let known = g.smart_cond(true, || math::matmul(x, kernel), || x);
    let never = g.constant(false);
    let constant = g.named("unused", || g.smart_cond(never, || x, || known + 1.0));
    let always = math::logical_not(g.constant(false));
    let folded = g.smart_cond(always, || constant * 2.0, || x);
    let rows = array::index(array::shape::<i32, _>(kernel), 0);
    let of_shape = g.smart_cond(math::equal(rows, 2), || folded - 1.0, || folded);
    let asked = g.smart_cond(flag, || of_shape, || x);
    let named = g.name_scope("around", || {
        let low = math::less(limit, 0.0);
        g.named("named", || g.smart_cond(low, || x, || asked * 2.0))
    });
    let inside = || {
        let inner = || g.smart_cond(flag, || named, || x);
        g.smart_cond(g.constant(true), inner, || x)
    };
    let default = g.cond(flag, inside, || x);
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .input("flag", flag)
        .output("default", default)
        .output("asked", asked);
}

fn initialized_values(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let kernel = g.get_variable::<f32>("kernel").shape([2, 2]).finish();
    let twin = g
        .get_variable("twin")
        .initial_value(kernel.initialized_value())
        .finish();
    let scaled = g.name_scope("scope", || {
        g.device("/cpu:0", || {
            let twice = twin.initialized_value() * 2.0;
            g.variable("scaled").initial_value(twice).finish()
        })
    });
    let value = g.control_dependencies([x], || scaled.initialized_value());
    let low = math::less(limit, 0.0);
    let inside = g.cond(low, || kernel.initialized_value(), || value);
    let default = math::matmul(x, kernel) + math::matmul(x, twin);
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", default)
        .output("value", value)
        .output("inside", math::matmul(x, inside));
}

fn branches_of_operations(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let steps = g
        .get_variable("steps")
        .initial_value(0f32)
        .trainable(false)
        .finish();
    let total = g
        .get_variable::<f32>("total")
        .shape([2])
        .initializer(init::zeros());
    let total = total.trainable(false).finish();
    let low = math::less(limit, 0.0);
    let both = || {
        let counted = steps.assign_add(0.0);
        let first = array::index(x, 0) * 0.0;
        g.group((counted, total.assign(first)))
    };
    let count = g.cond(low, both, || g.no_op());
    let several = || {
        let first = g.no_op();
        let double = x * 2.0;
        (first, x, g.group((low, double)))
    };
    let others = || (g.no_op(), x * 2.0, g.no_op());
    let (first, y, second) = g.named("several", || g.cond(low, several, others));
    let choice = g.case(low, || steps.assign(limit * 0.0).operation());
    let choice = choice.default(|| g.no_op()).finish();
    let z = g.control_dependencies([count, first, second, choice], || identity(y));
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", z);
}

fn assertions(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
    let sizes = array::shape::<i32, _>(x);
    let plain = debugging::assert(math::less(limit, 1000.0), ("limit is large", sizes, 7), ());
    let data = ("x is", x, "and limit", limit);
    let guarded = debugging::assert(math::less(limit, 1000.0), data, 5);
    let of_variables = g.named("named", || {
        debugging::assert(g.value(true), (scale, scale, "are fine"), ())
    });
    let inside = g.control_dependencies([plain, guarded], || {
        g.device("/cpu:0", || {
            debugging::assert(math::greater(array::size::<i32, _>(x), 0), [limit], ())
        })
    });
    let y = g.control_dependencies([inside, of_variables], || x * scale);
    let in_branch = g.cond(
        math::less(limit, 0.0),
        || debugging::assert(math::less(limit, 1.0), [x], ()),
        || debugging::assert(g.value(true), ["no"], ()),
    );
    let y = g.control_dependencies([in_branch], || identity(y));
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y);
}

fn assertions_compared(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let n = g.named("n", || g.placeholder::<i32>((None,)));
    let options = AssertOptions::default;
    let same = debugging::assert_equal(x, x, ());
    let copy = identity(n);
    let checks = [
        same,
        debugging::assert_equal(n, copy, options().message("other sizes")),
        debugging::assert_none_equal(x, -1.0, options().summarize(4)),
        debugging::assert_less(x, 100.0, options().data(("x is", x))),
        g.named("small", || {
            let options = options().message("large").data(("n is", n));
            debugging::assert_less_equal(n, 5, options)
        }),
        debugging::assert_greater(x, [-7.0, 0.0], ()),
        debugging::assert_greater_equal(n, 0, options().message("")),
    ];
    let y = g.control_dependencies(checks, || x * 2.0);
    g.signature("default")
        .input("x", x)
        .input("n", n)
        .output("default", y);
}

fn assertions_of_constants(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let one = g.named("one", || g.constant([1, 1]));
    let two = g.named("two", || g.constant([2, 3]));
    let message = |text: &str| AssertOptions::default().message(text);
    let checks = [
        debugging::assert_less(one, two, ()),
        debugging::assert_equal(g.constant("a"), "a", message("texts")),
        debugging::assert_none_equal(g.value(1.5f32), [2.5, 3.5], ()),
        debugging::assert_greater_equal(two, one, ()),
        debugging::assert_positive(two, message("none")),
        debugging::assert_equal(array::rank(x), 2, ()),
    ];
    let y = g.control_dependencies(checks, || x + limit);
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y);
}

fn assertions_of_signs(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let n = g.named("n", || g.placeholder::<i32>((None,)));
    let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
    let options = AssertOptions::default;
    let checks = [
        debugging::assert_positive(x, ()),
        debugging::assert_positive(scale, options().message("scale").summarize(9)),
        debugging::assert_negative(n, options().message("n")),
        g.named("at_most_zero", || debugging::assert_non_positive(n, ())),
        debugging::assert_non_negative(x, options().data(("x is", x))),
        debugging::assert_non_positive(-x, options().message("x")),
    ];
    let y = g.control_dependencies(checks, || x * scale);
    g.signature("default")
        .input("x", x)
        .input("n", n)
        .output("default", y);
}

fn assertions_of_ranks(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
    let options = AssertOptions::default;
    let checks = [
        debugging::assert_rank(x, 2, ()),
        debugging::assert_rank(scale, 1, options().message("scale")),
        g.named("at_least", || debugging::assert_rank_at_least(x, 1, ())),
        debugging::assert_rank_in(limit, [0, 1], options().summarize(2)),
        debugging::assert_rank_in(x, [2], options().data(("x is", x))),
    ];
    let y = g.control_dependencies(checks, || x * scale + limit);
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y);
}

fn assertions_of_unknown_ranks(g: &GraphBuilder) {
    let any = g.named("any", || g.placeholder::<f32>(Shape::unknown()));
    let rank = g.named("rank", || g.placeholder::<i32>(()));
    let two = g.constant(2);
    let unknown = g.named("unknown", || {
        g.placeholder_with_default(two, Shape::unknown())
    });
    let seven = tfhub::graph::AnyOperand::from(7);
    let options = AssertOptions::default;
    let checks = [
        debugging::assert_rank(any, 2, options().message("any")),
        debugging::assert_rank(any, rank, ()),
        debugging::assert_rank_at_least(any, 1, options().summarize(2)),
        debugging::assert_rank_at_least(any, unknown, ()),
        debugging::assert_rank_in(any, [1, 2, 3], ()),
        debugging::assert_rank_in(any, [rank.into(), seven], options().data(("any is", any))),
        g.named("either", || {
            debugging::assert_rank_in(any, [unknown, rank], ())
        }),
    ];
    let y = g.control_dependencies(checks, || any * 2.0);
    g.signature("default")
        .input("any", any)
        .input("rank", rank)
        .output("default", y);
}

fn assertions_of_nearness(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((2,)));
    let y = g.named("y", || g.placeholder::<f32>((None,)));
    let wide = g.named("wide", || g.placeholder::<f64>(()));
    let (options, message) = (AssertNearOptions::default, AssertOptions::default);
    let mut checks = vec![
        debugging::assert_near(x, y, ()),
        debugging::assert_near(
            wide,
            3.0,
            options().rtol(0.5).message(message().message("wide")),
        ),
    ];
    let (a, b) = (math::cast::<f16, _>(x), math::cast::<f16, _>(y));
    let of_one = options().atol(0.25).message(message().summarize(1));
    checks.push(debugging::assert_near(a, b, of_one));
    g.device("/cpu:0", || {
        checks.push(g.named("placed", || debugging::assert_near(x, y, ())));
        let data = message().data((x, "differs from", y));
        checks.push(debugging::assert_near(x, y, options().message(data)));
    });
    let z = g.control_dependencies(checks, || x + math::cast::<f32, _>(wide));
    g.signature("default")
        .input("x", x)
        .input("y", y)
        .input("wide", wide)
        .output("default", z);
}

fn assertions_of_types(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let n = g.named("n", || g.placeholder::<i64>((None,)));
    let rate = g.get_variable("rate").initial_value(0.5f32).finish();
    let checks = [
        debugging::assert_type(x, DType::Float32, ()),
        g.named("whole", || debugging::assert_integer(n, ())),
        debugging::assert_integer(n, ()),
    ];
    let y = g.control_dependencies(checks, || {
        let y = debugging::assert_scalar(limit, ()) * debugging::assert_scalar(rate, ());
        let y = x * y;
        let two = g.named("two", || debugging::assert_scalar(g.value(2f32), ()));
        y * two
    });
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .input("n", n)
        .output("default", y);
}

fn assertions_in_branches(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let flag = flag(g);
    let checked = || {
        let small = AssertOptions::default().message("limit");
        let small = debugging::assert_less(limit, 1000.0, small);
        let a = g.control_dependencies([small], || x * limit);
        let rank = debugging::assert_rank(x, 2, ());
        let sizes = debugging::assert_non_negative(array::shape::<i32, _>(x), ());
        g.control_dependencies([rank, sizes], || a + 1.0)
    };
    let other = || {
        let large = debugging::assert(math::less(limit, 1000.0), ["large"], ());
        g.control_dependencies([large], || x + limit)
    };
    let first = g
        .case(flag, checked)
        .default(other)
        .exclusive(true)
        .finish();
    let second = g.named("second", || {
        let large = || debugging::assert_greater(x, -1000.0, ());
        g.cond(flag, large, || g.no_op())
    });
    let second = g.control_dependencies([second], || identity(x));
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .input("flag", flag)
        .output("first", first)
        .output("second", second);
}

fn losses_of_unknown_shapes(g: &GraphBuilder) {
    let rows = g.named("rows", || g.placeholder::<f32>((None, 1)));
    let scale = g.get_variable("scale");
    let scale = scale.initial_value([[1f32, 2.0], [3.0, 4.0]]).finish();
    let part = rows * scale;
    let options = LossOptions::default().loss_collection(None);
    let options = options.weights(rows).reduction(Reduction::Sum);
    let loss = losses::mean_squared_error(scale, part, options);
    g.signature("default")
        .input("rows", rows)
        .output("default", loss);
}

fn losses_of_unknown_ranks(g: &GraphBuilder) {
    let weights = g.named("weights", || g.placeholder::<f32>(Shape::unknown()));
    let classes = g.named("classes", || g.placeholder::<i32>(Shape::unknown()));
    let scale = g.get_variable("scale");
    let scale = scale.initial_value([[1f32, 2.0], [3.0, 4.0]]).finish();
    let options = LossOptions::default().loss_collection(None);
    let options = options.weights(weights).reduction(Reduction::Sum);
    let loss = losses::sparse_softmax_cross_entropy(classes, scale, options);
    g.signature("default")
        .input("weights", weights)
        .input("classes", classes)
        .output("default", loss);
}

fn kernel(g: &GraphBuilder) -> Variable<'_, f32> {
    g.get_variable::<f32>("kernel").shape([2, 2]).finish()
}

fn mean(g: &GraphBuilder) -> Variable<'_, f32> {
    let mean = g.get_variable::<f32>("mean").shape([2]);
    mean.initializer(init::zeros()).trainable(false).finish()
}

fn moving_averages(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let kernel = kernel(g);
    let bias = g
        .get_variable("bias")
        .initial_value(g.constant([1f64, 2.0]))
        .finish();
    let averages = ExponentialMovingAverage::new(g, 0.99, ());
    let update = averages.apply((kernel, bias));
    let again = averages.apply([kernel]);
    g.add_to_collection(keys::UPDATE_OPS, update);
    let y = math::matmul(x, kernel) + math::cast::<f32, _>(bias);
    let z = math::matmul(x, averages.average(kernel).unwrap());
    let z = g.control_dependencies([again], || z + limit);
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y)
        .output("averaged", z);
}

fn moving_averages_of_tensors(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let y = math::matmul(x, kernel(g));
    let norms = g.named("norms", || math::reduce_mean(y, 0));
    let biased = ExponentialMovingAverage::new(g, 0.9, ());
    let options = MovingAverageOptions::default()
        .zero_debias(true)
        .name("corrected");
    let corrected = ExponentialMovingAverage::new(g, 0.5, options);
    let updates = [
        biased.apply((norms, limit)),
        corrected.apply([norms]),
        corrected.apply([norms, limit]),
    ];
    for update in updates {
        g.add_to_collection(keys::UPDATE_OPS, update);
    }
    let averages = [&biased, &corrected].map(|averages| averages.average(norms).unwrap());
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y)
        .output("biased", averages[0] + averages[1]);
}

fn moving_averages_with_updates(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let steps = g.get_variable("steps").initial_value(g.constant(3i64));
    let steps = steps.trainable(false).finish();
    let named = |name: &str| MovingAverageOptions::default().name(name);
    let (kernel, own, first, second, update) = g.variable_scope("tower", |_| {
        let kernel = kernel(g);
        let own = g.variable_scope("inner", |_| {
            let own = g.variable("own").initial_value([1f32, 2.0]);
            g.device("/cpu:0", || own.finish())
        });
        let first = ExponentialMovingAverage::new(g, 0.99, named("first").num_updates(steps));
        let update = first.apply(());
        let seventh = MovingAverageOptions::default().num_updates(7);
        let second = ExponentialMovingAverage::new(g, limit, seventh);
        let update = g.name_scope("scope", || {
            g.control_dependencies([update], || second.apply([own]))
        });
        (kernel, own, first, second, update)
    });
    let decay = g.get_variable("decay").initial_value(0.9f32);
    let decay = decay.trainable(false).finish();
    let count = math::cast::<f32, _>(steps);
    let third = ExponentialMovingAverage::new(g, decay, named("third").num_updates(count));
    let (y, averaged) = g.control_dependencies([update], || {
        let update = third.apply([kernel]);
        g.control_dependencies([update], || {
            let y = math::matmul(x, kernel) * own;
            let (kernel, own) = (first.average(kernel), second.average(own));
            (y, math::matmul(x, kernel.unwrap()) * own.unwrap())
        })
    });
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y)
        .output("averaged", averaged);
}

fn moving_averages_assigned(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let (kernel, mean) = (kernel(g), mean(g));
    let wide = g
        .get_variable::<f64>("wide")
        .shape(())
        .initializer(init::zeros());
    let wide = wide.trainable(false).finish();
    let y = math::matmul(x, kernel);
    let batch = math::reduce_mean(y, 0);
    let updates = g.variable_scope("scope", |_| {
        let first = mean.assign_moving_average(batch, 0.9, ());
        let plain = g.named("plain", || mean.assign_moving_average(batch, limit, false));
        let value = math::cast::<f64, _>(limit);
        [
            first.operation(),
            plain.operation(),
            wide.assign_moving_average(value, 0.75, false).operation(),
            g.named("debiased", || wide.assign_moving_average(wide, 0.5, ()))
                .operation(),
            mean.assign_moving_average(batch, 0.25, ()).operation(),
        ]
    });
    for update in updates {
        g.add_to_collection(keys::UPDATE_OPS, update);
    }
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .output("default", y - mean);
}

fn moving_averages_in_branches(g: &GraphBuilder) {
    let (x, limit) = numbers(g);
    let flag = flag(g);
    let (kernel, mean) = (kernel(g), mean(g));
    let y = math::matmul(x, kernel);
    let training = || {
        let batch = math::reduce_mean(y, 0);
        let update = mean.assign_moving_average(batch, 1.0, false);
        g.control_dependencies([update], || identity(batch))
    };
    let normal = y - g.smart_cond(flag, training, || mean + 0.0);
    let decay = 1.0 + limit * 0.0;
    let moved = || {
        let first = array::index(y, 0);
        mean.assign_moving_average(first, decay, false).value()
    };
    let update = g.cond(flag, moved, || mean.value());
    g.signature("default")
        .input("x", x)
        .input("limit", limit)
        .input("flag", flag)
        .output("default", normal)
        .output("moved", update + 0.0);
}
