//! Edits of variables that are handed to functions, which become other functions.

use tfhub::dtype::Resource;
use tfhub::graph::{Defun, keys};
use tfhub::module::{DiffOptions, ModuleDiff, ModuleEditor, ModulePart};
use tfhub::ops::{Axes, math};
use tfhub::{DType, ErrorKind, GraphBuilder, ModuleSpec, Result, Session, Tensor};

type Float<'g> = Tensor<'g, f32>;
type Handle<'g> = Tensor<'g, Resource>;

fn input(g: &GraphBuilder) -> Float<'_> {
    g.named("x", || g.placeholder::<f32>((None, 2)))
}

/// The functions, and the calls of them, that an edit changes.
fn changes(
    module_fn: impl Fn(&GraphBuilder) + 'static,
    edit: impl Fn(&mut ModuleEditor<'_>) -> Result<()>,
) -> Result<String> {
    let spec = ModuleSpec::new(module_fn)?;
    let session = Session::new(&spec)?;
    let mut editor = ModuleEditor::new(&spec, &session)?;
    edit(&mut editor)?;
    let edited = editor.finish()?;
    let diff = ModuleDiff::of(
        (&spec, &session),
        (edited.spec(), edited.values()),
        DiffOptions::new(),
    )?;
    let calls = ["cond", "while", "call", "again", "if_true", "scaled"];
    let differences = diff.iter().filter(|it| match it.part {
        ModulePart::Function => true,
        ModulePart::Node => calls.iter().any(|call| it.item.starts_with(call)),
        _ => false,
    });
    let differences: String = differences.map(|it| format!("{it}\n")).collect();
    Ok(format!("\n{differences}"))
}

/// The changes that an edit makes.
type Changes = fn() -> Result<String>;

fn freeze(editor: &mut ModuleEditor<'_>) -> Result<()> {
    editor.freeze().map(drop)
}

fn halve(editor: &mut ModuleEditor<'_>) -> Result<()> {
    editor.cast_floats(DType::Float16).map(drop)
}

/// A function in a branch of a conditional, both of which take a variable.
fn branches(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let (x, flag) = (input(g), g.placeholder::<bool>(()));
    let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
    let scaled = g.function("scaled", ["x"], |x: Float| x * scale.read_value());
    let y = g.cond(flag, || scaled.call(x), || x);
    let signature = g.signature("default").input("x", x);
    signature.input("flag", flag).output("default", y);
}

/// A loop that hands a variable from turn to turn.
fn turns(g: &GraphBuilder) {
    g.enable_control_flow_v2();
    let x = input(g);
    let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
    let is_small = |y| math::less(math::reduce_sum(y, Axes::ALL), 50.0);
    let y = g.while_loop(x, is_small, |y| y * scale.read_value(), ());
    g.default_signature(x, y);
}

/// A function of a variable, which is called with three.
fn calls(g: &GraphBuilder) {
    let x = input(g);
    let scaled = g.function("scaled", ["v", "x"], |(v, x): (Handle, Float)| {
        let read = g
            .op("ReadVariableOp")
            .input(v)
            .attr("dtype", DType::Float32);
        let read = read.finish().output(0);
        x * read.typed::<f32>()
    });
    let handle = |name: &str| {
        let variable = g.get_variable(name).initial_value([1f32, 2.0]).finish();
        variable.operation().output(0).typed::<Resource>()
    };
    let first = g.named("call", || scaled.call((handle("first"), x)));
    let second = g.named("call_2", || scaled.call((handle("second"), first)));
    let third = g.named("call_3", || scaled.call((handle("third"), second)));
    g.default_signature(x, third);
}

/// A function that adds to a variable which is its argument, and runs beside a signature if `is_needed` does not say that it
/// gives its output.
fn writes(g: &GraphBuilder, is_needed: bool) {
    let x = input(g);
    let total = g.get_variable("total").initial_value([0f32, 0.0]).finish();
    let added = g.function("added", ["x"], |x: Float| {
        let added = total.assign_add(math::reduce_sum(x, 0));
        g.control_dependencies([added.operation()], || total.read_value() * 1.0)
    });
    let called = g.named("call", || added.call(x));
    g.add_to_collection(keys::UPDATE_OPS, called);
    let y = if is_needed { called } else { x + total };
    g.default_signature(x, y);
}

#[test]
fn functions_take_the_values_of_variables_that_are_frozen() {
    let cases: [(Changes, &str); 4] = [
        (
            || changes(branches, freeze),
            r#"
{} node "cond" changed
  attribute Tin: [float32, resource] -> [float32, float32]
{} function "cond_false_2395148104" changed
  argument "placeholder": resource -> float32
{} function "cond_true_2395148103" changed
  argument "scale": resource -> float32
{} function "scaled" changed
  node "Identity", inputs: Read/ReadVariableOp:value:0 -> Read/ReadVariableOp:output:0
  node "Read/ReadVariableOp", op: ReadVariableOp -> Identity
  node "Read/ReadVariableOp", attribute dtype: float32 -> nothing
  node "Read/ReadVariableOp", attribute T: nothing -> float32
  argument "read_readvariableop_placeholder": resource -> float32
"#,
        ),
        (
            || changes(turns, freeze),
            r#"
{} node "while" changed
  attribute T: [int32, int32, float32, resource] -> [int32, int32, float32, float32]
  attribute _output_shapes: [[], [], [?, 2], []] -> nothing
  attribute output_shapes: [[], [], [?, 2], []] -> [[], [], [?, 2], [2]]
{} node "while/Identity_3" changed
  attribute T: resource -> float32
  attribute _output_shapes: [[]] -> nothing
{} function "while_body_3673237014" changed
  node "Identity", inputs: Read/ReadVariableOp:value:0 -> Read/ReadVariableOp:output:0
  node "Read/ReadVariableOp", op: ReadVariableOp -> Identity
  node "Read/ReadVariableOp", attribute dtype: float32 -> nothing
  node "Read/ReadVariableOp", attribute T: nothing -> float32
  argument "read_readvariableop_scale_0": resource -> float32
  result "read_readvariableop_scale": resource read_readvariableop_scale_0 -> float32 read_readvariableop_scale_0
{} function "while_cond_3673237013" changed
  argument "scale": resource -> float32
"#,
        ),
        (
            || changes(calls, freeze),
            r#"
{} function "scaled" changed
  node "ReadVariableOp", op: ReadVariableOp -> Identity
  node "ReadVariableOp", attribute dtype: float32 -> nothing
  node "ReadVariableOp", attribute T: nothing -> float32
  node "mul_0", inputs: x, ReadVariableOp:value:0 -> x, ReadVariableOp:output:0
  argument "v": resource -> float32
"#,
        ),
        (
            || changes(|g| writes(g, false), freeze),
            r#"
{} node "call" removed
{} function "added" removed
"#,
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found().unwrap(), expected);
    }
}

#[test]
fn functions_cast_what_they_read_of_variables_that_are_cast() {
    let cases: [(Changes, &str); 3] = [
        (
            || changes(branches, halve),
            r#"
{} function "scaled" changed
  node "Identity", inputs: Read/ReadVariableOp:value:0 -> Read/ReadVariableOp:y:0
  node "Read/ReadVariableOp", op: ReadVariableOp -> Cast
  node "Read/ReadVariableOp", inputs: read_readvariableop_placeholder -> Read/ReadVariableOp/stored:value:0
  node "Read/ReadVariableOp", attribute dtype: float32 -> nothing
  node "Read/ReadVariableOp", attribute DstT: nothing -> float32
  node "Read/ReadVariableOp", attribute SrcT: nothing -> float16
  node "Read/ReadVariableOp/stored": nothing -> ReadVariableOp
"#,
        ),
        (
            || changes(turns, halve),
            r#"
{} function "while_body_3673237014" changed
  node "Identity", inputs: Read/ReadVariableOp:value:0 -> Read/ReadVariableOp:y:0
  node "Read/ReadVariableOp", op: ReadVariableOp -> Cast
  node "Read/ReadVariableOp", inputs: read_readvariableop_scale_0 -> Read/ReadVariableOp/stored:value:0
  node "Read/ReadVariableOp", attribute dtype: float32 -> nothing
  node "Read/ReadVariableOp", attribute DstT: nothing -> float32
  node "Read/ReadVariableOp", attribute SrcT: nothing -> float16
  node "Read/ReadVariableOp/stored": nothing -> ReadVariableOp
"#,
        ),
        (
            || changes(|g| writes(g, true), halve),
            r#"
{} function "added" changed
  node "AssignAddVariableOp", inputs: assignaddvariableop_placeholder, Sum:output:0 -> assignaddvariableop_placeholder, AssignAddVariableOp/value:y:0
  node "AssignAddVariableOp", attribute dtype: float32 -> float16
  node "Identity", inputs: Read/ReadVariableOp:value:0 -> Read/ReadVariableOp:y:0
  node "Read/ReadVariableOp", op: ReadVariableOp -> Cast
  node "Read/ReadVariableOp", inputs: assignaddvariableop_placeholder, ^AssignAddVariableOp -> Read/ReadVariableOp/stored:value:0
  node "Read/ReadVariableOp", attribute dtype: float32 -> nothing
  node "Read/ReadVariableOp", attribute DstT: nothing -> float32
  node "Read/ReadVariableOp", attribute SrcT: nothing -> float16
  node "AssignAddVariableOp/value": nothing -> Cast
  node "Read/ReadVariableOp/stored": nothing -> ReadVariableOp
"#,
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found().unwrap(), expected);
    }
}

#[test]
fn a_function_of_variables_that_are_cast_and_of_others_becomes_two() {
    let halve_two = |editor: &mut ModuleEditor<'_>| {
        editor.cast_variable("first", DType::Float16)?;
        editor.cast_variable("third", DType::Float16).map(drop)
    };
    let expected = r#"
{} node "call" changed
  op: scaled -> scaled_cast
{} node "call_3" changed
  op: scaled -> scaled_cast_1
{} function "scaled_cast" added
{} function "scaled_cast_1" added
"#;
    assert_eq!(changes(calls, halve_two).unwrap(), expected);
}

#[test]
fn a_call_that_changes_a_variable_cannot_be_frozen_if_it_is_needed() {
    let error = changes(|g| writes(g, true), freeze).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    let text =
        "output \"default\" of signature \"default\" needs \"call\", which changes a variable";
    assert!(error.to_string().contains(text), "{error}");
}

#[test]
fn a_use_that_is_not_known_is_named_with_its_function() {
    let trained = |g: &GraphBuilder| {
        let x = input(g);
        let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
        let stepped = g.function("stepped", ["x"], |x: Float| {
            let step = g.op("ResourceApplyGradientDescent").name("step");
            let step = step
                .input(scale.operation().output(0))
                .input(g.constant(0.1f32));
            let step = step.input(math::reduce_sum(x, 0)).finish();
            g.control_dependencies([step], || x * 2.0)
        });
        let outer = g.function("outer", ["x"], |x: Float| stepped.call(x));
        g.default_signature(x, outer.call(x));
    };
    for edit in [freeze, halve] {
        let error = changes(trained, edit).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = "ResourceApplyGradientDescent \"stepped/step\" uses variable \"scale\" in a way that is not known here";
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn a_function_with_a_gradient_of_its_own_is_not_edited() {
    let with_gradient = |g: &GraphBuilder| {
        let x = input(g);
        let scale = g.get_variable("scale").initial_value([1f32, 2.0]).finish();
        let slope = g.function("slope", ["x", "dy"], |(_, dy): (Float, Float)| dy * 2.0);
        let scaled = Defun::new("scaled").gradient(&slope);
        let scaled = g.function(scaled, ["x"], |x: Float| x * scale.read_value());
        g.default_signature(x, g.named("call", || scaled.call(x)));
    };
    for edit in [freeze, halve] {
        let error = changes(with_gradient, edit).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = "scaled \"call\" uses variable \"scale\" in a way that is not known here";
        assert!(error.to_string().contains(text), "{error}");
    }
}
