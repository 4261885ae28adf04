//! Faults of conditionals and loops that are functions, at the author's lines, and what their number and depth cost.

use std::collections::BTreeSet;

use crate::error::Rule;
use crate::graph::{AnyTensor, Defun, Graph, GraphBuilder, Tensor, TensorSpec};
use crate::ops::math::{less, multiply};

fn flag(g: &GraphBuilder) -> Tensor<'_, bool> {
    g.named("flag", || g.placeholder(()))
}

/// The rule, the line and the message of the one fault that `build` makes.
fn fault(build: impl FnOnce(&GraphBuilder)) -> (Rule, u32, String) {
    let g = GraphBuilder::new();
    g.enable_control_flow_v2();
    build(&g);
    let error = g.finish().unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}");
    };
    let line = fault.location().line();
    (fault.rule(), line, fault.message().to_owned())
}

#[test]
fn branches_that_differ_are_faults() {
    let line = line!() + 3;
    let found = fault(|g| {
        let x = g.constant(1f32);
        g.cond(flag(g), || vec![x, x], || vec![x]);
    });
    let message = "the branch for false gives [float32], expected [float32, float32] as from the first branch";
    assert_eq!(found, (Rule::Structure, line, message.to_owned()));
    let found = fault(|g| {
        let number = || AnyTensor::from(g.constant(1));
        let first = || AnyTensor::from(g.constant(1f32));
        g.switch_case(g.constant(0), first)
            .branch(first)
            .branch(number)
            .finish();
    });
    let message = "branch 2 gives [int32], expected [float32] as from the first branch";
    assert_eq!((found.0, &*found.2), (Rule::Structure, message));
    let found = fault(|g| g.cond(flag(g), || (), || ()));
    let message = "the branches have no results, expected a tensor or an operation";
    assert_eq!((found.0, &*found.2), (Rule::Structure, message));
}

#[test]
fn conditions_are_scalars() {
    let line = line!() + 3;
    let found = fault(|g| {
        let flags = g.placeholder::<bool>([3]);
        g.cond(flags, || g.constant(1), || g.constant(2));
    });
    let message = "the condition: expected a scalar, found shape [3]";
    assert_eq!(found, (Rule::Shape, line, message.to_owned()));
    let found = fault(|g| {
        let flags = g.placeholder::<bool>([2, 2]);
        g.while_loop(0, |_| flags, |i| i + 1, ());
    });
    assert_eq!(
        (found.0, &*found.2),
        (
            Rule::Shape,
            "the condition: expected a scalar, found shape [2, 2]"
        )
    );
}

#[test]
fn turns_that_change_a_loop_variable_are_faults() {
    let line = line!() + 3;
    let found = fault(|g| {
        let x = g.constant([1f32]);
        g.while_loop(
            (0, x),
            |(i, _)| less(i, 3),
            |(i, y)| (i + 1, crate::ops::array::concat(g, [y, y], 0)),
            (),
        );
    });
    let message = "loop variable 1 enters with shape [1] and has shape [2] after a turn; a shape invariant lets it vary";
    assert_eq!(found, (Rule::Structure, line, message.to_owned()));
    let found = fault(|g| {
        let x = g.constant(1f32).any();
        g.while_loop(x, |_| flag(g), |_| g.constant(1).any(), ());
    });
    let message = "loop variable 0 enters with float32 and is of int32 after a turn";
    assert_eq!((found.0, &*found.2), (Rule::Structure, message));
    let found = fault(|g| {
        let x = g.constant(1f32);
        g.while_loop(vec![x, x], |_| flag(g), |x| x[..1].to_vec(), ());
    });
    let message = "the body of a loop gives 1 tensors, expected 2 as there are loop variables";
    assert_eq!((found.0, &*found.2), (Rule::Structure, message));
}

#[test]
fn a_tensor_of_a_branch_is_used_in_no_other() {
    let found = fault(|g| {
        let mut inside = None;
        let first = || *inside.insert(g.constant(1f32) + 1.0);
        let first = g.cond(flag(g), first, || g.constant(2f32));
        g.cond(flag(g), || first, || inside.unwrap() * 2.0);
    });
    assert_eq!(
        (found.0, &*found.2),
        (Rule::OtherGraph, "an input is of another graph")
    );
}

#[test]
fn nodes_of_a_branch_are_of_the_authors_lines() {
    let g = GraphBuilder::new();
    g.enable_control_flow_v2();
    let (mut line, mut at) = (0, 0);
    g.cond(
        flag(&g),
        || {
            line = line!() + 1;
            let x = g.constant(1f32);
            at = x.operation().node().location.line();
            x
        },
        || g.constant(2f32),
    );
    assert_eq!(at, line);
}

#[test]
fn names_of_functions_are_not_taken_twice() {
    let first = GraphBuilder::new();
    first.enable_control_flow_v2();
    first.set_function_uid(0);
    first.cond(flag(&first), || first.constant(1), || first.constant(2));
    let def = first.finish().unwrap().to_graph_def();
    let g = GraphBuilder::new();
    g.import_graph_def(def, ()).unwrap();
    g.enable_control_flow_v2();
    g.set_function_uid(0);
    g.cond(flag(&g), || g.constant(3), || g.constant(4));
    g.set_function_uid(70);
    g.cond(flag(&g), || g.constant(5), || g.constant(6));
    let graph = g.finish().unwrap();
    let functions = graph.library().to_proto().unwrap().function.into_iter();
    let names: Vec<_> = functions.map(|it| it.signature.unwrap().name).collect();
    let expected = [
        "cond_1_false_71",
        "cond_1_true_70",
        "cond_false_1",
        "cond_false_2",
        "cond_true_0",
        "cond_true_1",
    ];
    assert_eq!(names, expected);
}

/// A graph of a conditional in a function in a conditional, one of whose constants is `number`.
fn nested(number: f32) -> Graph {
    let g = GraphBuilder::new();
    g.enable_control_flow_v2();
    let flag = flag(&g);
    let in_function = |x| g.cond(flag, move || multiply(x, number), move || x);
    g.cond(
        flag,
        || {
            let signature = [TensorSpec::new("x", ())];
            g.concrete_function("f", signature, in_function)
                .call(g.constant(1.0))
        },
        || {
            let options = Defun::new(format!("of_{number}"));
            g.function(options, ["x"], in_function)
                .call(g.constant(2.0))
        },
    );
    g.finish().unwrap()
}

#[test]
fn numbers_of_functions_follow_from_the_graph() {
    let [graph, same, other] = [3.0, 3.0, 4.0].map(nested);
    let names = |graph: &Graph| {
        let functions = graph.library().to_proto().unwrap().function.into_iter();
        functions
            .map(|it| it.signature.unwrap().name)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&graph), names(&same));
    assert_eq!(names(&graph).len(), 8);
    // An import holds the names that are used against those that are there, and different functions have no name twice.
    let g = GraphBuilder::new();
    for graph in [graph, other] {
        g.import_graph_def(graph.to_graph_def(), ()).unwrap();
    }
    let graph = g.finish().unwrap();
    assert_eq!(names(&graph).len(), 16);
    let text = format!("{:?}", graph.to_graph_def());
    assert!(!text.contains("PartitionedCall-0") && !text.contains("true_0"));
}

#[test]
fn a_disabled_version_is_that_of_tensorflow_1() {
    let g = GraphBuilder::new();
    g.enable_control_flow_v2();
    g.disable_control_flow_v2();
    let branch = || g.cond(flag(&g), || g.constant(1), || g.constant(2));
    assert_eq!(branch().name(), "cond/Merge:0");
    let inside = g.concrete_function("f", [TensorSpec::new("x", ())], |x: Tensor<i32>| {
        assert_eq!(branch().name(), "cond/Identity:0");
        x
    });
    inside.call(g.constant(1));
    g.finish().unwrap();
}

#[test]
fn functions_have_the_device_of_a_defun_around_alone() {
    let g = GraphBuilder::new();
    g.enable_control_flow_v2();
    let device = || g.constant(1f32).operation().node().device.to_string();
    let branch = || {
        let mut found = String::new();
        let mut if_true = || {
            found = device();
            g.constant(1f32)
        };
        g.switch_case(g.constant(0), &mut if_true).finish();
        found
    };
    let defun = |name: &str, body: &dyn Fn() -> Vec<String>| {
        let mut found = Vec::new();
        g.function(name, ["x"], |x: Tensor<f32>| {
            found = body();
            x
        });
        found
    };
    g.device("/job:ps/cpu:0", || {
        assert_eq!(branch(), "");
        let body = || {
            let inside = g.device("/task:1", branch);
            let nested = g.device("/job:a", || defun("nested", &|| vec![device(), branch()]));
            let of_none = g.without_device(|| defun("of_none", &|| vec![device(), branch()]));
            let outside = g.init_scope(|| g.device("/task:2", branch));
            [vec![device(), branch(), inside, outside], nested, of_none].concat()
        };
        let found = g.device("/job:b", || defun("outer", &body));
        let expected = [
            "/job:b",
            "/job:b",
            "/job:b/task:1",
            "/job:b/task:2",
            "/job:a",
            "/job:a",
            "",
            "",
        ];
        assert_eq!(found, expected);
    });
    assert_eq!(
        defun("on_no_device", &|| vec![g.device("/job:a", branch)]),
        [""]
    );
}

/// As many as 50 deep: each depth has its own functions, and captures go through all of them.
#[test]
fn functions_of_branches_nest_to_any_depth() {
    fn nested<'g>(g: &'g GraphBuilder, depth: usize, x: Tensor<'g, f32>) -> Tensor<'g, f32> {
        match depth {
            0 => x + 1.0,
            _ => g.cond(flag(g), || nested(g, depth - 1, x), || x),
        }
    }
    let g = GraphBuilder::new();
    g.enable_control_flow_v2();
    nested(&g, 50, g.constant(1f32));
    let graph = g.finish().unwrap();
    assert_eq!(graph.library().to_proto().unwrap().function.len(), 100);
}
