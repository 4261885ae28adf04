//! Collections, regularizers and messages of new variables.

use super::*;
use crate::graph::keys;
use crate::ops::math::{self, Axes};
use crate::variable::scope::NO_LOSSES;
use crate::variable::{Constraint, EnterScope, Reuse};

#[test]
fn what_exists_and_what_does_not_is_said_with_the_ways_out() {
    let g = GraphBuilder::new();
    g.get_variable::<f32>("v").shape([2]).finish();
    let line = line!() - 1;
    g.get_variable::<f32>("v").shape([2]).finish();
    g.variable_scope(EnterScope::new("s").reuse(Reuse::Yes), |_| {
        g.get_variable::<f32>("v").shape([2]).finish();
    });
    let error = g.finish().unwrap_err();
    let messages: Vec<_> = error.diagnostics().iter().map(|it| it.message()).collect();
    let exists = format!(
        "the variable exists already, first at {}:{line}; find it with `Reuse::Auto` in \
         `EnterScope::reuse` or in a layer's `reuse`, or give it another name",
        file!()
    );
    let missing = "the variable is to be reused, but does not exist; `Reuse::Auto` in `EnterScope::reuse` or in a \
                   layer's `reuse` makes it";
    assert_eq!(messages, [exists.as_str(), missing]);
}

/// Where TensorFlow 1.15.5 puts a resource variable that `tf.get_variable(collections=..., trainable=...)` makes.
#[test]
fn collections_that_are_given_replace_that_of_variables() {
    type Keys<'k> = &'k [&'k str];
    let cases: [(Option<Keys<'_>>, bool, Keys<'_>); 10] = [
        (None, true, &["trainable_variables", "variables"]),
        (None, false, &["variables"]),
        (Some(&[]), true, &["trainable_variables"]),
        (Some(&[]), false, &[]),
        (Some(&["a"]), true, &["a", "trainable_variables"]),
        (Some(&["a"]), false, &["a"]),
        (
            Some(&["a", "a", "variables"]),
            true,
            &["a", "trainable_variables", "variables"],
        ),
        (
            Some(&["trainable_variables"]),
            true,
            &["trainable_variables"],
        ),
        (
            Some(&["trainable_variables"]),
            false,
            &["trainable_variables"],
        ),
        (
            Some(&["variables", "model_variables"]),
            false,
            &["model_variables", "variables"],
        ),
    ];
    for (given, trainable, expected) in cases {
        for shared in [true, false] {
            let g = GraphBuilder::new();
            let v = match shared {
                true => g.get_variable("v"),
                false => g.variable("v"),
            };
            let v = v.initial_value([1.0f32, 2.0]).trainable(trainable);
            match given {
                Some(keys) => v.collections(keys).finish(),
                None => v.finish(),
            };
            let graph = g.finish().unwrap();
            let collections = graph.collections().iter();
            let found: Vec<_> = collections.map(|(key, items)| (key, items.len())).collect();
            let expected: Vec<_> = expected.iter().map(|&key| (key, 1)).collect();
            assert_eq!(found, expected, "{given:?} {trainable} {shared}");
            let saved = Variables::saved(&graph).count();
            assert_eq!(
                saved == 1,
                expected.contains(&("variables", 1)),
                "{given:?}"
            );
        }
    }
}

/// The nodes that TensorFlow 1.15.5 makes for `lambda w: 0.01 * tf.reduce_sum(tf.abs(w))` as the regularizer of
/// `tf.get_variable` and of a variable scope: colocated with the variable, but for the read.
#[test]
fn functions_regularize_variables_and_those_of_scopes() {
    let absolute =
        Regularizer::from_fn::<f32>(|w| 0.01 * math::reduce_sum(math::abs(w), Axes::ALL));
    let g = GraphBuilder::new();
    g.get_variable::<f32>("v")
        .shape([2])
        .regularizer(absolute.clone())
        .finish();
    g.variable_scope(EnterScope::new("s").regularizer(absolute), |_| {
        g.get_variable::<f32>("v").shape([2]).finish();
    });
    let graph = g.finish().unwrap();
    for name in ["v", "s/v"] {
        let nodes = [
            ("Abs/ReadVariableOp", false),
            ("Abs", true),
            ("Const", true),
            ("Sum", true),
            ("mul/x", true),
            ("mul", true),
        ];
        let prefix = format!("{name}/Regularizer/");
        let found = graph.nodes().iter().filter_map(|node| {
            let rest = node.name.strip_prefix(&prefix)?;
            let group = format!("loc:@{name}");
            Some((rest, node.groups().iter().any(|it| *it == group.as_bytes())))
        });
        assert_eq!(found.collect::<Vec<_>>(), nodes, "{name}");
    }
    let losses = graph.collections().get(keys::REGULARIZATION_LOSSES).iter();
    let losses: Vec<_> = losses.map(|loss| graph.item_name(loss)).collect();
    assert_eq!(losses, ["v/Regularizer/mul:0", "s/v/Regularizer/mul:0"]);
}

#[test]
fn a_function_regularizes_weights_of_its_element_type() {
    let g = GraphBuilder::new();
    let sum = Regularizer::from_fn::<f64>(|w| math::reduce_sum(w, Axes::ALL));
    g.get_variable::<f32>("v")
        .shape([2])
        .regularizer(sum)
        .finish();
    let error = g.finish().unwrap_err().to_string();
    let expected = "the regularizer is for weights of dtype float64, their dtype is float32";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn shapes_are_given_as_everywhere_and_must_be_known() {
    let g = GraphBuilder::new();
    let shapes: [Shape; 5] = [
        ().into(),
        (2, 3).into(),
        [2, 3].into(),
        vec![2].into(),
        (&[2]).into(),
    ];
    for shape in shapes {
        let v = g.variable_scope(EnterScope::with_default_name("s"), |_| {
            g.get_variable::<f32>("v").shape(&shape).finish()
        });
        assert_eq!(v.shape(), shape);
    }
    g.get_variable::<f32>("v").shape((None, 2)).finish();
    let error = g.finish().unwrap_err().to_string();
    let expected = "VarHandleOp \"v\": the variable's shape must be known, it is [?, 2]";
    assert!(error.ends_with(expected), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn a_variable_that_could_not_be_made_is_reported_once() {
    let g = GraphBuilder::new();
    g.get_variable::<f32>("v").finish();
    g.variable_scope(EnterScope::new("").reuse(Reuse::Yes), |_| {
        g.get_variable::<f32>("v").shape([2]).finish();
    });
    let error = g.finish().unwrap_err();
    assert_eq!(error.diagnostics().len(), 1, "{error}");
}

/// In TensorFlow the value is a tensor without `assign` and `read_value`, and `Defun` drops regularizers.
#[test]
fn a_variable_that_a_function_asks_for_is_its_value() {
    use crate::graph::Tensor;
    use crate::regularizer::keras;

    let g = GraphBuilder::new();
    g.function("f", ["x"], |x: Tensor<f32>| {
        let v = g.get_variable::<f32>("v").shape([2]).finish();
        v.assign_add(x);
        let regularized = g.get_variable::<f32>("w").shape([2]);
        regularized.regularizer(keras::l2(0.1)).finish();
        let scope = EnterScope::new("s").regularizer(keras::l2(0.1));
        g.variable_scope(scope, |_| v.read_value() + v)
    });
    let outside = g.variable_scope(EnterScope::new("").reuse(Reuse::Yes), |_| {
        g.get_variable::<f32>("v").shape([2]).finish()
    });
    outside.assign_add([1f32, 2.0]);
    let error = g.finish().unwrap_err();
    let messages: Vec<_> = error.diagnostics().iter().map(|it| it.message()).collect();
    let value = |wanted: &str| {
        format!(
            "a variable that a function's body asks for is its value there, which cannot be {wanted}; make the \
             variable outside of the function"
        )
    };
    let expected = [&value("changed"), NO_LOSSES, NO_LOSSES, &value("read anew")];
    assert_eq!(messages, expected);
}

/// In the main graph there is a read for `Session.run` to fetch.
#[test]
fn a_change_in_a_function_is_read_only_where_it_is_used() {
    use crate::graph::Tensor;

    let g = GraphBuilder::new();
    let v = g.get_variable("v").initial_value(1f32).finish();
    let added = || {
        let before = g.len();
        v.assign_add(g.constant(2f32));
        g.len() - before
    };
    assert_eq!(added(), 3);
    g.function("f", ["x"], |x: Tensor<f32>| {
        // The constant, the argument for the handle, and the change.
        assert_eq!(added(), 3);
        assert_eq!(added(), 2);
        x
    });
    g.finish().unwrap();
}

/// As TensorFlow does, a function begins with the path of the scope around, and with nothing to reuse.
#[test]
fn a_function_does_not_reuse_what_scopes_around_do() {
    use crate::graph::Tensor;

    let g = GraphBuilder::new();
    let made = || g.get_variable::<f32>("v").shape([2]).finish();
    let around = EnterScope::new("around").reuse(Reuse::Yes);
    g.variable_scope(around, |_| {
        g.function("f", ["x"], |x: Tensor<f32>| {
            assert_eq!(g.current_variable_scope().name(), "around");
            let v = made();
            let again = EnterScope::from(&g.current_variable_scope()).reuse(Reuse::Auto);
            let w = g.variable_scope(again.without_name_scope(), |_| made());
            assert_eq!((v.name(), w.name()), ("around/v".into(), "around/v".into()));
            x + v + w
        });
        assert_eq!(g.current_variable_scope().reuse(), Reuse::Yes);
    });
    let graph = g.finish().unwrap();
    let made = "around/ReadVariableOp";
    let reads = graph.node_names().filter(|name| name.starts_with(made));
    assert_eq!(reads.collect::<Vec<_>>(), [made, "around/ReadVariableOp_1"]);
}

/// The nodes of variables of the old kind, as TensorFlow 1.15.5 makes them.
#[test]
fn variables_of_the_old_kind_are_read_once() {
    let g = GraphBuilder::new();
    g.set_use_resource(false);
    let v = g
        .get_variable::<f32>("v")
        .shape([2])
        .initializer(crate::init::zeros())
        .finish();
    let n = g.get_variable("n").initial_value(0.5f32).finish();
    let _ = (v + n, v.read_value(), v.is_initialized());
    let next = v.assign([1.0f32, 2.0]);
    g.named("named", || v.assign_add([1.0f32, 2.0]));
    let _ = next.value() + 1.0;
    v.initialized_value();
    let graph = g.finish().unwrap();
    let expected = r#"
v/Initializer/zeros = Const() {_class=["loc:@v"], dtype=float32, value=float32 [2]: [0.0, 0.0]} -> float32 [2]
v = VariableV2() {_class=["loc:@v"], dtype=float32, shape=[2]} -> float32 [2]
v/Assign = Assign(v, v/Initializer/zeros) {T=float32, _class=["loc:@v"]} -> float32 [2]
v/read = Identity(v) {T=float32, _class=["loc:@v"]} -> float32 [2]
n/initial_value = Const() {dtype=float32, value=float32 []: 0.5} -> float32 []
n = VariableV2() {dtype=float32, shape=[]} -> float32 []
n/Assign = Assign(n, n/initial_value) {T=float32, _class=["loc:@n"]} -> float32 []
n/read = Identity(n) {T=float32, _class=["loc:@n"]} -> float32 []
add = AddV2(v/read, n/read) {T=float32} -> float32 [2]
read = Identity(v) {T=float32} -> float32 [2]
IsVariableInitialized = IsVariableInitialized(v) {_class=["loc:@v"], dtype=float32} -> bool []
Assign/value = Const() {dtype=float32, value=float32 [2]: [1.0, 2.0]} -> float32 [2]
Assign = Assign(v, Assign/value) {T=float32, _class=["loc:@v"], use_locking=false} -> float32 [2]
named/value = Const() {dtype=float32, value=float32 [2]: [1.0, 2.0]} -> float32 [2]
named = AssignAdd(v, named/value) {T=float32, _class=["loc:@v"]} -> float32 [2]
add_1/y = Const() {dtype=float32, value=float32 []: 1.0} -> float32 []
add_1 = AddV2(Assign, add_1/y) {T=float32} -> float32 [2]
IsVariableInitialized_1 = IsVariableInitialized(v) {_class=["loc:@v"], dtype=float32} -> bool []
cond/Switch = Switch(IsVariableInitialized_1, IsVariableInitialized_1) {T=bool} -> bool [], bool []
cond/switch_t = Identity(cond/Switch:1) {T=bool} -> bool []
cond/switch_f = Identity(cond/Switch) {T=bool} -> bool []
cond/pred_id = Identity(IsVariableInitialized_1) {T=bool} -> bool []
cond/read = Identity(cond/read/Switch:1) {T=float32} -> float32 [2]
cond/read/Switch = RefSwitch(v, cond/pred_id) {T=float32, _class=["loc:@v"]} -> float32 [2], float32 [2]
cond/Switch_1 = Switch(v/Initializer/zeros, cond/pred_id) {T=float32, _class=["loc:@v"]} -> float32 [2], float32 [2]
cond/Merge = Merge(cond/Switch_1, cond/read) {N=2, T=float32} -> float32 [2], int32 []
"#;
    assert_eq!(graph.to_text(), expected.trim_start());
}

/// Each is reported at the author's line, with that of the variable's making where there is one.
#[test]
fn what_is_reused_is_shared_and_of_its_type_and_shape() {
    let g = GraphBuilder::new();
    g.get_variable::<f32>("v").shape([2]).finish();
    g.variable("own").initial_value([1f32, 2.0]).finish();
    let made = line!() - 1;
    g.variable_scope(EnterScope::new("").reuse(Reuse::Yes), |_| {
        g.get_variable::<f64>("v").finish();
        g.get_variable::<f32>("v").shape([3]).finish();
        g.get_variable::<f32>("v").shape((None,)).finish();
        g.get_variable::<f32>("own").finish();
    });
    let scope = EnterScope::with_default_name("s").reuse(Reuse::Auto);
    g.variable_scope(scope, |_| ());
    let error = g.finish().unwrap_err();
    let line = |after: u32| format!("{}:{}: ", file!(), made + after);
    let expected = [
        line(3) + "B09: VarHandleOp \"v\": reused with dtype float64, its dtype is float32",
        line(4) + "B09: VarHandleOp \"v\": reused with shape [3], its shape is [2]",
        format!(
            "{}B09: VarHandleOp \"own\": the variable is to be reused, but was not made with `get_variable`, first at \
             {}:{made}",
            line(6),
            file!()
        ),
        line(9)
            + "B09: \"s\": a scope with a default name is new, so its variables cannot be reused",
    ];
    let found: Vec<_> = error
        .diagnostics()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_graph_has_one_global_step() {
    let g = GraphBuilder::new();
    let step = g.get_or_create_global_step();
    assert_eq!(g.get_or_create_global_step().name(), step.name());
    let made = line!() - 2;
    g.create_global_step();
    let message = g.finish().unwrap_err().diagnostics()[0]
        .message()
        .to_owned();
    let file = file!();
    let expected =
        format!("the graph has the global step \"global_step\" already, first at {file}:{made}");
    assert_eq!(message, expected);
}

#[test]
fn a_tensor_in_the_place_of_a_variable_is_only_read() {
    let g = GraphBuilder::new();
    let zeros = g.get_variable::<f32>("v").shape([2]);
    let zeros = zeros.custom_getter(|request| {
        let zeros = crate::ops::array::zeros::<f32>(request.graph(), [2]);
        zeros.into()
    });
    let zeros = zeros.finish();
    assert_eq!(
        (zeros.name(), zeros.shape()),
        ("zeros".into(), Shape::from([2]))
    );
    zeros.assign([1f32, 2.0]);
    let other = g.get_variable::<f64>("w").shape([2]);
    let other = other.custom_getter(|request| request.with_dtype::<f32>().get());
    other.finish();
    let error = g.finish().unwrap_err();
    let messages: Vec<_> = error.diagnostics().iter().map(|it| it.message()).collect();
    let expected = [
        "a custom getter gave a tensor in place of the variable, which cannot be changed",
        "\"w\" is used as a variable of float64, its dtype is float32",
    ];
    assert_eq!(messages, expected);
}

#[test]
fn initial_values_fit_the_shape_and_constraints_the_type() {
    let g = GraphBuilder::new();
    let wide = g.variable("wide").initial_value([1f32, 2.0]);
    wide.shape((None, 2)).finish();
    let unknown = g.placeholder::<f32>((None,));
    let unknown = g.variable("unknown").initial_value(unknown);
    unknown.use_resource(false).finish();
    let own = Constraint::from_fn::<f32>(|value| value);
    assert_eq!(own, own.clone());
    own.apply(g.constant(1f64).any());
    let error = g.finish().unwrap_err();
    let messages: Vec<_> = error.diagnostics().iter().map(|it| it.message()).collect();
    let expected = [
        "expected an initial value of shape [?, 2], found [2]",
        "the initial value's shape must be known, it is [?]; `validate_shape(false)` takes a value of any shape",
        "the constraint is for values of dtype float32, found float64",
    ];
    assert_eq!(messages, expected);
}

/// `Defun` takes variables of the old kind by value, so that TensorFlow refuses to change them.
#[test]
fn a_function_does_not_change_a_variable_of_the_old_kind() {
    use crate::graph::Tensor;

    let g = GraphBuilder::new();
    g.set_use_resource(false);
    let v = g.get_variable("v").initial_value(1f32).finish();
    g.function("f", ["x"], |x: Tensor<f32>| v.assign_add(x).value());
    let error = g.finish().unwrap_err();
    let expected = "input \"ref\": expected a reference to a variable, found a value";
    assert_eq!(error.diagnostics()[0].message(), expected);
}

/// The values of a session are those that the nodes of initial values give, which other variables are in.
#[test]
fn a_session_has_the_initial_values_of_variables_of_the_old_kind() {
    use crate::ModuleSpec;

    let spec = ModuleSpec::new(|g| {
        g.set_use_resource(false);
        let v = g.get_variable("v").initial_value([1f32, 2.0]).finish();
        let w = g.variable("w").initial_value(v * 2.0).finish();
        let u = g.variable("u").initial_value(v.initialized_value() + 1.0);
        let u = u.finish();
        g.signature("default").output("default", w + u);
    });
    let session = crate::Session::new(&spec.unwrap()).unwrap();
    let read = |name: &str| Vec::from_iter(session.read::<f32>(name).unwrap().iter().copied());
    assert_eq!((read("w"), read("u")), (vec![2.0, 4.0], vec![2.0, 3.0]));
}
