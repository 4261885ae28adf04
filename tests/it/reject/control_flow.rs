//! Faults of branches, loops and checks.

use tfhub::error::Rule;
use tfhub::ops::debugging::{self, AssertOptions};
use tfhub::ops::math;
use tfhub::{DType, GraphBuilder, Tensor};

use super::{Case, case, signed};

fn flag(g: &GraphBuilder) -> Tensor<'_, bool> {
    g.constant(true)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            Rule::Structure,
            "one branch gives 2 tensors, the other 1; expected the same structure",
            |g| {
                let x = signed(g);
                g.cond(flag(g), || vec![x, x], || vec![x]);
            },
        ),
        case(
            Rule::Structure,
            "result 1 of one branch is of float32, that of the other of int32",
            |g| {
                let x = signed(g);
                let n = g.constant(1);
                g.case(flag(g), || (x, x.any()))
                    .default(|| (x, n.any()))
                    .finish();
            },
        ),
        case(
            Rule::Shape,
            "the predicate of a conditional is \"Const:0\", expected a scalar, found shape [2]",
            |g| {
                let x = signed(g);
                g.cond(g.constant([true, false]), || x, || x * 2.0);
            },
        ),
        case(
            Rule::Shape,
            "the predicate of a conditional is \"flags:0\", expected a scalar, found shape [?]",
            |g| {
                let x = signed(g);
                let flags = g.constant([true, false]);
                let flags = g.named("flags", || g.placeholder_with_default(flags, (None,)));
                g.case(flags, || x).default(|| x * 2.0).finish();
            },
        ),
        case(
            Rule::Shape,
            "the predicate of a conditional is \"Const:0\", expected a scalar, found shape [1]",
            |g| {
                let x = signed(g);
                g.smart_cond(g.constant([true]), || x, || x * 2.0);
            },
        ),
        case(
            Rule::ControlFlow,
            "AddV2 \"add\": \"cond/mul\" of tests/it/reject/control_flow.rs:67 is inside of one branch of a \
             conditional, found a use outside of it, expected one of its results",
            |g| {
                let (x, mut inside) = (signed(g), None);
                let double = || *inside.insert(x * 2.0);
                g.cond(flag(g), double, || x);
                let _ = inside.unwrap() + 1.0;
            },
        ),
        case(Rule::ControlFlow, "AddV2 \"cond/add\": \"cond/mul\"", |g| {
            let x = signed(g);
            let inside = std::cell::Cell::new(x);
            let double = || {
                inside.set(x * 2.0);
                x
            };
            g.cond(flag(g), double, || inside.get() + 1.0);
        }),
        case(Rule::ControlFlow, "NoOp \"NoOp\": \"cond/mul\"", |g| {
            let (x, mut inside) = (signed(g), None);
            g.cond(flag(g), || *inside.insert(x * 2.0), || x);
            g.control_dependencies(inside, || g.no_op());
        }),
        case(
            Rule::ControlFlow,
            "output \"double\" of the signature: \"cond/cond/mul\"",
            |g| {
                let (x, mut inside) = (signed(g), None);
                let inner = || g.cond(flag(g), || *inside.insert(x * 2.0), || x);
                g.cond(flag(g), inner, || x);
                let signature = g.signature("inner").input("x", x);
                signature.output("double", inside.unwrap());
            },
        ),
        case(
            Rule::ControlFlow,
            "AddV2 \"add\": \"while/mul\" of tests/it/reject/control_flow.rs:103 is inside of a loop",
            |g| {
                let (x, mut inside) = (signed(g), None);
                let n = g.constant(1f32);
                g.while_loop(n, |n| math::less(n, 10.0), |n| *inside.insert(n * 2.0), ());
                let _ = x + inside.unwrap();
            },
        ),
        case(
            Rule::Value,
            "too large: x < y does not hold: x \"Const:0\" is int32 [2]: [1, 5], y \"assert_less/y:0\" is int32 []: 3",
            |g| {
                signed(g);
                let options = AssertOptions::default().message("too large");
                debugging::assert_less(g.constant([1, 5]), 3, options);
            },
        ),
        case(
            Rule::Value,
            "x > 0 does not hold: x \"Const:0\" is float32 [2]: [0.0, 1.5]",
            |g| {
                signed(g);
                debugging::assert_positive(g.constant([0f32, 1.5]), ());
            },
        ),
        case(
            Rule::Value,
            "x == y does not hold: x \"Const:0\" is string []: \"a\"",
            |g| {
                signed(g);
                debugging::assert_equal(g.constant("a"), "b", ());
            },
        ),
        case(
            Rule::Shape,
            "images: \"x:0\" must have rank at least 3, found rank 2, shape [?, 3]",
            |g| {
                let x = signed(g);
                let options = AssertOptions::default().message("images");
                debugging::assert_rank_at_least(x, 3, options);
            },
        ),
        case(
            Rule::Shape,
            "\"x:0\" must have rank in 1, 4, found rank 2, shape [?, 3]",
            |g| {
                debugging::assert_rank_in(signed(g), [1, 4], ());
            },
        ),
        case(Rule::Shape, "a rank must be a scalar", |g| {
            debugging::assert_rank(signed(g), g.constant([2]), ());
        }),
        case(
            Rule::Inputs,
            "\"x:0\" must be of type int32, found float32",
            |g| {
                debugging::assert_type(signed(g), DType::Int32, ());
            },
        ),
        case(
            Rule::Inputs,
            "ids: \"x:0\" must be of an integer type, found float32",
            |g| {
                debugging::assert_integer(signed(g), "ids");
            },
        ),
        case(
            Rule::Shape,
            "\"x:0\" must be a scalar, found shape [?, 3]",
            |g| {
                debugging::assert_scalar(signed(g), ());
            },
        ),
        case(
            Rule::Variable,
            "an average is of floating-point numbers, \"steps\" has int64",
            |g| {
                signed(g);
                g.get_variable("steps").initial_value(0i64).finish();
                tfhub::variable::ExponentialMovingAverage::new(g, 0.9, ()).apply(());
            },
        ),
    ]
}
