//! Graphs inside of a graph: names, captures, seeds, and the borders between them.

use super::*;
use crate::error::Rule;
use crate::graph::{Tensor, keys};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

/// The rule and the text of the one fault.
fn fault(g: GraphBuilder) -> (Rule, String) {
    let error = g.finish().unwrap_err();
    assert_eq!(error.diagnostics().len(), 1, "{error}");
    (error.diagnostics()[0].rule, error.to_string())
}

#[test]
fn each_graph_has_names_and_nodes_of_its_own() {
    let g = GraphBuilder::new();
    let x = g.name_scope("scope", || g.placeholder::<f32>(()));
    let mut inside = None;
    g.function("f", ["x"], |y: Tensor<f32>| {
        assert_eq!(g.len(), 1);
        assert!(g.operation("scope/Placeholder").is_err());
        assert_eq!(
            (y.name(), x.name()),
            ("x:0".into(), "scope/Placeholder:0".into())
        );
        let sum = y + x;
        assert_eq!(sum.name(), "add:0");
        assert_eq!(g.operation("add/Placeholder").unwrap().op(), "Placeholder");
        // What has been captured once is not captured again.
        let twice = sum + x;
        assert_eq!(g.len(), 4);
        inside = Some(twice);
        twice
    });
    assert_eq!(g.len(), 1);
    assert_eq!(inside.unwrap().name(), "add_1:0");
    assert_eq!(inside.unwrap().shape(), Shape::unknown());
    assert_eq!(g.finish().unwrap().len(), 1);
}

/// A `Defun` does not see `tf.set_random_seed` of the graph around, nor the graph that of the body.
#[test]
fn each_graph_has_a_seed_of_its_own() {
    let g = GraphBuilder::new();
    g.set_random_seed(7);
    g.function("f", ["x"], |x: Tensor<f32>| {
        assert_eq!(g.random_seed(), None);
        g.set_random_seed(8);
        g.init_scope(|| assert_eq!(g.random_seed(), Some(7)));
        assert_eq!(g.random_seed(), Some(8));
        x
    });
    assert_eq!(g.random_seed(), Some(7));
}

#[test]
fn a_body_is_closed_when_its_closure_panics() {
    let g = GraphBuilder::new();
    g.op("NoOp").finish();
    let panics = std::panic::AssertUnwindSafe(|| {
        g.name_scope("s", || {
            g.function("f", ["x"], |x: Tensor<f32>| match g.len() {
                1 => panic!("inside"),
                _ => x,
            });
        })
    });
    let panic = std::panic::catch_unwind(panics);
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"inside"));
    assert_eq!(g.open_graph(), GraphNumber::MAIN);
    assert_eq!(g.op("NoOp").finish().name(), "NoOp_1");
}

#[test]
fn a_tensor_of_a_body_is_not_used_outside_of_it() {
    type Use = for<'g> fn(&'g GraphBuilder, Tensor<'g, f32>);
    let uses: [Use; 2] = [
        |_, inside| {
            let _ = inside + 1.0;
        },
        // Nor in a function beside it.
        |g, inside| {
            g.function("beside", ["x"], |x: Tensor<f32>| x + inside);
        },
    ];
    for used in uses {
        let g = GraphBuilder::new();
        let inside = std::cell::Cell::new(None);
        g.function("f", ["x"], |x: Tensor<f32>| {
            inside.set(Some(x));
            x
        });
        used(&g, inside.into_inner().unwrap());
        let (rule, text) = fault(g);
        assert_eq!(rule, Rule::OtherGraph);
        assert!(text.contains("an input is of another graph"), "{text}");
    }
}

#[test]
fn a_capture_in_a_scope_without_a_valid_name_is_a_fault() {
    let g = GraphBuilder::new();
    let outer = g.constant(1f32);
    g.function("f", ["x"], |x: Tensor<f32>| g.named("-x", || x + outer));
    let (rule, text) = fault(g);
    assert_eq!(rule, Rule::Name);
    assert!(text.contains("-x"), "{text}");
}

#[test]
fn operations_do_not_cross_the_border_of_a_function() {
    type Body = fn(&GraphBuilder, Tensor<'_, f32>, Operation<'_>);
    let across: [Body; 2] = [
        |g, x, outer| {
            g.control_dependencies([outer], || x + 1.0);
        },
        |g, x, _| g.add_to_collection(keys::UPDATE_OPS, x),
    ];
    for body in across {
        let g = GraphBuilder::new();
        let outer = g.op("NoOp").finish();
        g.function("f", ["x"], |x: Tensor<f32>| {
            body(&g, x, outer);
            x
        });
        assert_eq!(fault(g).0, Rule::OtherGraph);
    }
}

#[test]
fn what_belongs_to_the_main_graph_is_made_there() {
    let g = GraphBuilder::new();
    g.name_scope("around", || {
        g.function("outer", ["x"], |x: Tensor<f32>| {
            g.name_scope("inside", || {
                g.function("inner", ["y"], |y: Tensor<f32>| {
                    let made = g.in_main_graph(|| g.op("NoOp").finish());
                    assert_eq!(made.name(), "around/NoOp");
                    let here = g.op("NoOp").finish();
                    assert_eq!(here.name(), "NoOp");
                    y
                });
                assert_eq!(g.op("NoOp").finish().name(), "inside/NoOp");
            });
            x
        })
    });
    let graph = g.finish().unwrap();
    assert_eq!(graph.node_names().collect::<Vec<_>>(), ["around/NoOp"]);
}

/// TensorFlow 1.15 gives `tf.init_scope` the scope and the devices of the body, and a body the innermost device.
#[test]
fn what_is_initialized_is_made_outside_in_the_scope_of_the_body() {
    let g = GraphBuilder::new();
    let waited_for = g.op("NoOp").name("waited_for").finish();
    let place = |operation: Operation<'_>| {
        let node = operation.node();
        (node.name.to_string(), node.device.to_string())
    };
    let inside = |x: Tensor<'_, f32>| {
        let body = place(g.op("NoOp").name("body").finish());
        assert_eq!(body, ("body".into(), "/device:CPU:0".into()));
        g.name_scope("inside", || {
            g.device("/task:3", || {
                g.control_dependencies([x], || {
                    let made = g.init_scope(|| g.op("NoOp").name("made").finish());
                    assert!(made.node().control_inputs.is_empty());
                    let device = "/task:3/device:CPU:0".to_owned();
                    assert_eq!(place(made), ("inside/made".into(), device));
                })
            })
        });
    };
    g.name_scope("around", || {
        g.control_dependencies([waited_for], || {
            let devices = |f: &dyn Fn()| g.device("/job:ps", || g.device("/cpu:0", f));
            devices(&|| {
                g.function("f", ["x"], |x: Tensor<f32>| {
                    inside(x);
                    x
                });
            });
        })
    });
    assert_eq!(g.finish().unwrap().len(), 2);
}

/// As in TensorFlow, the group has the name of a node that the function does not have.
#[test]
fn nodes_of_a_function_are_colocated_with_those_around() {
    let g = GraphBuilder::new();
    let outer = g.device("/cpu:1", || g.constant(1f32));
    let f = g.function("f", ["x"], |x: Tensor<f32>| {
        g.colocate_with(outer, || x + outer)
    });
    f.call(outer);
    let library = g.finish().unwrap().library().to_proto().unwrap();
    let function = &library.function[0];
    let add = &function.node_def[0];
    let of_capture = &function.arg_attr[1].attrs.attr;
    assert_eq!(add.device, "/device:CPU:1");
    for attrs in [&add.attr, of_capture] {
        let Some(Value::List(groups)) = &attrs["_class"].value else {
            panic!("{attrs:?}");
        };
        assert_eq!(groups.s, [b"loc:@Const"]);
    }
}

#[test]
fn a_function_is_of_the_graph_once_a_function_that_calls_it_is_called() {
    for is_called in [false, true] {
        let g = GraphBuilder::new();
        let inner = g.function("inner", ["x"], |x: Tensor<f32>| x * 2.0);
        let outer = g.function("outer", ["x"], |x: Tensor<f32>| inner.call(x));
        if is_called {
            outer.call(g.constant(1f32));
        }
        let library = g.finish().unwrap().library().to_proto();
        let functions = library.map_or(0, |library| library.function.len());
        assert_eq!(functions, 2 * usize::from(is_called));
    }
}

/// A capture of a capture goes through the function between.
#[test]
fn functions_nest_to_any_depth() {
    fn nested<'g>(g: &'g GraphBuilder, depth: usize, outer: Tensor<'g, f32>) -> Tensor<'g, f32> {
        if depth == 0 {
            return outer * 2.0;
        }
        let name = format!("at_{depth}");
        let function = g.function(&name, ["x"], |x: Tensor<f32>| {
            nested(g, depth - 1, outer) + x
        });
        function.call(outer)
    }
    let g = GraphBuilder::new();
    let x = g.placeholder::<f32>(());
    let y = nested(&g, 50, x);
    assert_eq!(y.name(), "at_50:0");
    let graph = g.finish().unwrap();
    assert_eq!(graph.library().to_proto().unwrap().function.len(), 50);
}
