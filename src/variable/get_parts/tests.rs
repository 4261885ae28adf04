//! Nodes and faults of partitioned variables.

use super::*;
use crate::graph::{Graph, GraphBuilder};
use crate::init;
use crate::ops::array::identity;
use crate::ops::nn::relu;
use crate::variable::{EnterScope, Variable};

fn halves() -> Partitioner {
    Partitioner::fixed_size(2)
}

/// The nodes but those of initial values, assignments and reads of single variables.
fn uses(graph: &Graph) -> Vec<String> {
    let nodes = graph.nodes().iter().filter(|node| {
        let own = ["/Initializer/", "/Assign", "/Read/", "/IsInitialized/"];
        !own.iter().any(|part| node.name.contains(part))
    });
    let line = |node: &crate::graph::Node| {
        let inputs = node.inputs.iter().map(|input| &graph.node(input.node).name);
        let controls = node.control_inputs.iter();
        let controls = controls.map(|&id| format!("^{}", graph.node(id).name));
        let inputs: Vec<_> = inputs
            .map(|name| name.to_string())
            .chain(controls)
            .collect();
        format!(
            "{} {}({}){}",
            node.name,
            node.op.name(),
            inputs.join(", "),
            node.device
        )
    };
    nodes.map(line).collect()
}

/// The nodes of the same program in TensorFlow 1.15.5.
#[test]
fn each_use_joins_the_parts() {
    let g = GraphBuilder::new();
    let v = g
        .get_variable::<f32>("v")
        .shape([5, 2])
        .partitioner(halves());
    let v = v.finish();
    g.name_scope("ns", || {
        let cd = g.named("cd", || g.no_op());
        g.control_dependencies([cd], || {
            g.device("/cpu:1", || relu(v));
            v.read_value();
        });
    });
    let w = g
        .get_variable::<f32>("w")
        .shape([5])
        .partitioner(Partitioner::fixed_size(1));
    identity(w.finish());
    let graph = g.finish().unwrap();
    let expected = [
        "v/part_0 VarHandleOp()",
        "v/part_1 VarHandleOp()",
        "ns/cd NoOp()",
        "v/ConcatPartitions/concat/ReadVariableOp ReadVariableOp(v/part_0)",
        "v/ConcatPartitions/concat/ReadVariableOp_1 ReadVariableOp(v/part_1)",
        "v/ConcatPartitions/concat/axis Const()/device:CPU:1",
        "v/ConcatPartitions/concat ConcatV2(v/ConcatPartitions/concat/ReadVariableOp, \
         v/ConcatPartitions/concat/ReadVariableOp_1, v/ConcatPartitions/concat/axis)/device:CPU:1",
        "v Identity(v/ConcatPartitions/concat)/device:CPU:1",
        "ns/Relu Relu(v, ^ns/cd)/device:CPU:1",
        "v/ConcatPartitions/concat_1/ReadVariableOp ReadVariableOp(v/part_0, ^ns/cd)",
        "v/ConcatPartitions/concat_1/ReadVariableOp_1 ReadVariableOp(v/part_1, ^ns/cd)",
        "v/ConcatPartitions/concat_1/axis Const(^ns/cd)",
        "v/ConcatPartitions/concat_1 ConcatV2(v/ConcatPartitions/concat_1/ReadVariableOp, \
         v/ConcatPartitions/concat_1/ReadVariableOp_1, v/ConcatPartitions/concat_1/axis)",
        "v_1 Identity(v/ConcatPartitions/concat_1)",
        "w/part_0 VarHandleOp()",
        "w/ReadVariableOp ReadVariableOp(w/part_0)",
        "w Identity(w/ReadVariableOp)",
        "Identity Identity(w)",
    ];
    assert_eq!(uses(&graph), expected);
}

/// The message of the only fault that a program has, which is at a line of this file; other lines of it are `LINE`.
fn fault(program: impl FnOnce(&GraphBuilder)) -> String {
    let g = GraphBuilder::new();
    program(&g);
    let error = g.finish().unwrap_err();
    let [diagnostic] = error.diagnostics() else {
        panic!("{error}");
    };
    assert_eq!(diagnostic.location().file(), file!(), "{error}");
    let message = diagnostic.message();
    match message.split_once(&format!("{}:", file!())) {
        None => message.to_owned(),
        Some((before, after)) => {
            let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}LINE{after}")
        }
    }
}

/// A variable `v` of 5 rows in two parts.
fn make(g: &GraphBuilder) -> Variable<'_, f32> {
    let v = g.get_variable("v").shape([5, 2]);
    v.partitioner(halves()).finish()
}

fn again(g: &GraphBuilder, reuse: Reuse, f: impl FnOnce()) {
    let scope = EnterScope::new("").reuse(reuse);
    g.variable_scope(scope, |_| f());
}

#[test]
fn parts_are_found_again() {
    let g = GraphBuilder::new();
    let v = make(&g);
    again(&g, Reuse::Auto, || {
        assert_eq!(make(&g).parts()[1].name(), v.parts()[1].name());
    });
    again(&g, Reuse::Yes, || {
        let found = g.get_variable::<f32>("v").finish();
        assert_eq!((found.name(), found.parts().len()), ("v".into(), 2));
        let part = g.get_variable::<f32>("v/part_1").shape([2, 2]).finish();
        assert_eq!(part.name(), "v/part_1");
    });
    g.finish().unwrap();
}

/// Each of these is a `ValueError` in TensorFlow 1.15.5, or an attribute that partitioned variables lack.
#[test]
fn what_does_not_fit_is_refused() {
    let partitioned = |g: &GraphBuilder, name: &str, rows: usize, partitioner| {
        let v = g.get_variable::<f32>(name).shape([rows, 2]);
        v.partitioner(partitioner).finish();
    };
    type Program<'p> = (&'p dyn Fn(&GraphBuilder), &'p str);
    let programs: [Program<'_>; 20] = [
        (
            &|g| {
                make(g);
                make(g);
            },
            "the partitioned variable exists already, first at LINE; find it with `Reuse::Auto` in `EnterScope::reuse` \
             or in a layer's `reuse`, or give it another name",
        ),
        (
            &|g| {
                make(g);
                again(g, Reuse::Auto, || {
                    partitioned(g, "v", 5, Partitioner::fixed_size(3));
                });
            },
            "reused in [3, 1] parts, it is in [2, 1] parts, first at LINE",
        ),
        (
            &|g| {
                make(g);
                again(g, Reuse::Auto, || partitioned(g, "v", 4, halves()));
            },
            "reused with shape [4, 2], its shape is [5, 2]",
        ),
        (
            &|g| {
                make(g);
                again(g, Reuse::Yes, || {
                    let v = g.get_variable::<f64>("v").shape([5, 2]);
                    v.partitioner(halves()).finish();
                });
            },
            "reused with dtype float64, its dtype is float32",
        ),
        (
            &|g| again(g, Reuse::Yes, || partitioned(g, "v", 4, halves())),
            "the partitioned variable is to be reused, but does not exist; `Reuse::Auto` in `EnterScope::reuse` or in a \
             layer's `reuse` makes it",
        ),
        (
            &|g| {
                make(g);
                g.get_variable::<f32>("v").shape([5, 2]).finish();
            },
            "no partitioner is given, but the variable exists in parts, first at LINE",
        ),
        (
            &|g| {
                make(g);
                again(g, Reuse::Auto, || {
                    g.get_variable::<f32>("v").shape([5, 2]).finish();
                });
            },
            "no partitioner is given, but the variable exists in parts, first at LINE",
        ),
        (
            &|g| {
                g.get_variable::<f32>("v").shape([5, 2]).finish();
                make(g);
            },
            "a partitioner is given, but the variable exists in one piece, first at LINE",
        ),
        (
            &|g| {
                g.get_variable::<f32>("v/part_0").shape([3, 2]).finish();
                make(g);
            },
            "\"v/part_0\" exists as a variable of its own, first at LINE; give the partitioned variable another name",
        ),
        (
            &|g| {
                g.get_variable::<f32>("v").partitioner(halves()).finish();
            },
            "the partitioned variable has neither a shape nor an initial value",
        ),
        (
            &|g| {
                let v = g.get_variable::<f32>("v").shape((None, 2));
                v.partitioner(halves()).finish();
            },
            "the shape of a partitioned variable must be known, it is [?, 2]",
        ),
        (
            &|g| {
                let v = g.get_variable("v").initial_value(1f32);
                v.partitioner(halves()).finish();
            },
            "a partitioned variable has rank 1 or more, its shape is []",
        ),
        (
            &|g| {
                let v = g.get_variable("v").shape([3]).initial_value([1f32, 2.0]);
                v.partitioner(halves()).finish();
            },
            "expected an initial value of shape [3], found [2]",
        ),
        (
            &|g| {
                let v = g.get_variable("v").shape([3]).partitioner(halves());
                v.initial_value_fn(|g| g.constant([1f32; 3])).finish();
            },
            "a function without the shape of a part makes no initial value of a partitioned variable; give it an \
             initializer",
        ),
        (
            &|g| {
                let v = g.get_variable::<f32>("v").shape([5]).partitioner(halves());
                v.initializer(init::constant([1, 2, 3, 4, 5])).finish();
            },
            "5 values do not fit the shape [3]",
        ),
        (
            &|g| partitioned(g, "v", 5, Partitioner::from_fn(|_, _| vec![2, 2])),
            "a variable is cut along one dimension only, the partitioner gives [2, 2] parts",
        ),
        (
            &|g| {
                make(g).assign([[0f32; 2]; 5]);
            },
            "a partitioned variable cannot be changed, its `parts()` can",
        ),
        (
            &|g| {
                make(g).initialized_value();
            },
            "a partitioned variable cannot be initialized, its `parts()` can",
        ),
        (
            &|g| g.add_to_collection("c", make(g)),
            "a partitioned variable cannot be an item of a collection, its `parts()` can",
        ),
        (
            &|g| g.colocate_with(make(g), || ()),
            "a partitioned variable cannot be taken for a node, its `parts()` can",
        ),
    ];
    for (program, expected) in programs {
        assert_eq!(fault(program), expected);
    }
}
