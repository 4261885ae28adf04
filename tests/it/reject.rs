//! What is refused: for each rule a graph that breaks it, the rule that says so, and the text.

mod common_signatures;
mod control_flow;
mod instances;
mod ragged;

use std::collections::BTreeSet;
use std::panic::Location;

use tfhub::dtype::ByteString;
use tfhub::error::{Diagnostic, Rule};
use tfhub::graph::{Operation, keys};
use tfhub::ops::lookup::TextFileIndex::Column;
use tfhub::ops::lookup::{StaticHashTable, TextFile, TextFileInitializer};
use tfhub::ops::{array, linalg, math, nn, raw};
use tfhub::variable::{EnterScope, Partitioner, Reuse};
use tfhub::{
    Error, ErrorKind, GraphBuilder, ModuleSpec, Session, Shape, Tags, Tensor, TensorValue, init,
    layers, regularizer,
};

struct Case {
    rule: Rule,
    text: &'static str,
    build: fn(&GraphBuilder),
    file: &'static str,
    line: u32,
}

#[track_caller]
fn case(rule: Rule, text: &'static str, build: fn(&GraphBuilder)) -> Case {
    Case {
        rule,
        text,
        build,
        file: Location::caller().file(),
        line: Location::caller().line(),
    }
}

/// A placeholder and a signature, so that a graph breaks no other rule.
fn signed(g: &GraphBuilder) -> tfhub::Tensor<'_, f32> {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    g.default_signature(x, x);
    x
}

fn cases() -> Vec<Case> {
    let mut cases = general();
    cases.extend(control_flow::cases());
    cases.extend(common_signatures::cases());
    cases.extend(instances::cases());
    cases.extend(ragged::cases());
    cases
}

fn general() -> Vec<Case> {
    vec![
        case(
            Rule::UnknownOp,
            "Frobnicate \"Frobnicate\": TensorFlow 1.15 has no op \"Frobnicate\"",
            |g| {
                signed(g);
                g.op("Frobnicate").finish();
            },
        ),
        case(
            Rule::UnknownOp,
            "TensorFlow removed the op: Use AdjustContrastv2 instead",
            |g| {
                let x = signed(g);
                let one = g.constant(1.0f32);
                let op = g.op("AdjustContrast").input(x).input(one);
                op.input(one).input(one).finish();
            },
        ),
        case(
            Rule::Attribute,
            "Const \"Const\": attribute \"value\": expected float32, found int32",
            |g| {
                signed(g);
                raw::const_::<f32>(g, TensorValue::scalar(1i32));
            },
        ),
        case(
            Rule::Inputs,
            "Assign \"Assign\": input \"ref\": expected a reference to a variable, found a value",
            |g| {
                let x = signed(g);
                g.op("Assign").input(x).input(x).finish();
            },
        ),
        case(
            Rule::Inputs,
            "MatMul \"MatMul\": expected 2 inputs (a, b), found 1",
            |g| {
                g.op("MatMul").input(signed(g)).finish();
            },
        ),
        case(
            Rule::Inputs,
            "MatMul \"scope/MatMul\": input \"b\" makes attribute \"T\" float64, it is float32 already",
            |g| {
                let x = signed(g);
                g.name_scope("scope", || {
                    g.op("MatMul")
                        .input(x)
                        .input(g.constant([[1.0f64]]))
                        .finish()
                });
            },
        ),
        case(
            Rule::Inputs,
            "Reshape \"Reshape\": input \"shape\": attribute \"Tshape\": expected one of [int32, int64], found float32",
            |g| {
                g.op("Reshape")
                    .input(signed(g))
                    .input(g.constant([1.0f32]))
                    .finish();
            },
        ),
        case(
            Rule::Inputs,
            "Placeholder \"x\": used as a tensor of int32, its dtype is float32",
            |g| {
                let _ = signed(g).any().typed::<i32>();
            },
        ),
        case(
            Rule::Inputs,
            "Identity \"Identity\": output 1 asked for, the node has 1",
            |g| {
                g.op("Identity").input(signed(g)).finish().output(1);
            },
        ),
        case(
            Rule::Attribute,
            "Placeholder \"Placeholder\": attribute \"dtype\" is missing",
            |g| {
                signed(g);
                g.op("Placeholder").finish();
            },
        ),
        case(
            Rule::Attribute,
            "MatMul \"MatMul\": the op has no attribute \"transpose\"",
            |g| {
                let x = signed(g);
                g.op("MatMul")
                    .input(x)
                    .input(x)
                    .attr("transpose", true)
                    .finish();
            },
        ),
        case(
            Rule::Attribute,
            "MatMul \"MatMul\": attribute \"transpose_a\": expected bool, found 1",
            |g| {
                let x = signed(g);
                g.op("MatMul")
                    .input(x)
                    .input(x)
                    .attr("transpose_a", 1)
                    .finish();
            },
        ),
        case(
            Rule::Attribute,
            "attribute \"data_format\": expected one of [\"NHWC\", \"NCHW\"], found \"HWC\"",
            |g| {
                let x = signed(g);
                g.op("BiasAdd")
                    .input(x)
                    .input(g.constant([1.0f32; 3]))
                    .attr("data_format", "HWC")
                    .finish();
            },
        ),
        case(
            Rule::Attribute,
            "Pack \"Pack\": attribute \"axis\" is given twice",
            |g| {
                g.op("Pack")
                    .inputs([signed(g)])
                    .attr("axis", 0)
                    .attr("axis", 1)
                    .finish();
            },
        ),
        case(
            Rule::Name,
            "\"a b\": \"a b\" is not a valid name: expected letters, digits",
            |g| {
                let x = signed(g);
                g.named("a b", || array::identity(x));
            },
        ),
        case(
            Rule::Name,
            "\"_private\": \"_private\" is not a valid name",
            |g| {
                g.name_scope("_private", || signed(g));
            },
        ),
        case(
            Rule::Name,
            "Identity \"x\": the graph has a node \"x\" already, first at ",
            |g| {
                g.op("Identity").name("x/").input(signed(g)).finish();
            },
        ),
        case(
            Rule::Shape,
            "MatMul \"MatMul\": inner dimensions differ: left [?, 3], right [2, 2]",
            |g| {
                math::matmul(signed(g), [[1.0f32, 2.0], [3.0, 4.0]]);
            },
        ),
        case(
            Rule::Shape,
            "AddV2 \"add\": shapes do not broadcast: left [?, 3], right [2]",
            |g| {
                let _ = signed(g) + [1.0f32, 2.0];
            },
        ),
        case(
            Rule::Shape,
            "Reshape \"Reshape\": a tensor of shape [2, 3] cannot be reshaped to [4, 2]",
            |g| {
                signed(g);
                array::reshape(g.constant([[1.0f32; 3]; 2]), [4, 2]);
            },
        ),
        case(
            Rule::Shape,
            "Sum \"Sum\": axis 2 is out of range for rank 2",
            |g| {
                math::reduce_sum(signed(g), 2);
            },
        ),
        case(
            Rule::Shape,
            "Softmax \"Softmax\": the input must have at least rank 1, its shape is []",
            |g| {
                signed(g);
                nn::softmax(g.constant(1.0f32), -1);
            },
        ),
        case(
            Rule::Shape,
            "Placeholder \"x\": shape [?, 3] cannot be narrowed to [2, 4]",
            |g| {
                signed(g).set_shape((2, 4));
            },
        ),
        case(
            Rule::Shape,
            "dense needs inputs of rank 2 or more whose last dimension is known, their shape is <unknown>",
            |g| {
                signed(g);
                layers::dense(2).apply(g.placeholder::<f32>(Shape::unknown()));
            },
        ),
        case(
            Rule::OtherGraph,
            "Add \"Add\": an input is of another graph",
            |g| {
                let other = GraphBuilder::new();
                math::add(signed(g), other.constant([1.0f32; 3]));
            },
        ),
        case(
            Rule::OtherGraph,
            "output \"y\" of the signature is of another graph",
            |g| {
                let other = GraphBuilder::new();
                signed(g);
                g.signature("other").output("y", other.constant(1.0f32));
            },
        ),
        case(
            Rule::OtherGraph,
            "a control dependency is of another graph",
            |g| {
                let other = GraphBuilder::new();
                g.control_dependencies([Operation::from(other.constant(1.0f32))], || signed(g));
            },
        ),
        case(
            Rule::OtherGraph,
            "the item of collection \"update_ops\" is of another graph",
            |g| {
                let other = GraphBuilder::new();
                signed(g);
                g.add_to_collection(keys::UPDATE_OPS, other.constant(1.0f32));
            },
        ),
        case(
            Rule::Value,
            "Const \"v/Initializer/Const\": 3 values do not fit the shape [2]",
            |g| {
                signed(g);
                g.get_variable::<f32>("v")
                    .shape([2])
                    .initializer(init::constant([1, 2, 3]))
                    .finish();
            },
        ),
        case(Rule::Value, "cannot make values of dtype string", |g| {
            signed(g);
            g.get_variable::<ByteString>("v")
                .shape([2])
                .initializer(init::glorot_uniform())
                .finish();
        }),
        case(
            Rule::Value,
            "expected rates of at least 0, found l1 0 and l2 -0.5",
            |g| {
                signed(g);
                g.get_variable::<f32>("v")
                    .shape([2])
                    .regularizer(regularizer::contrib::l2(-0.5))
                    .finish();
            },
        ),
        case(
            Rule::Device,
            "\"/tusk:3\" is not a device: cannot read \"tusk:3\"",
            |g| {
                g.device("/tusk:3", || signed(g));
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"v\": the variable exists already, first at tests/it/reject.rs:",
            |g| {
                signed(g);
                g.get_variable::<f32>("v").shape([2]).finish();
                g.get_variable::<f32>("v").shape([2]).finish();
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"s/v\": the variable is to be reused, but does not exist",
            |g| {
                signed(g);
                g.variable_scope(EnterScope::new("s").reuse(Reuse::Yes), |_| {
                    g.get_variable::<f32>("v").shape([2]).finish()
                });
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"s/v\": reused with shape [3], its shape is [2]",
            |g| {
                signed(g);
                g.variable_scope(EnterScope::new("s").reuse(Reuse::Auto), |_| {
                    g.get_variable::<f32>("v").shape([2]).finish();
                    g.get_variable::<f32>("v").shape([3]).finish();
                });
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"s/v\": reused with dtype int32, its dtype is float32",
            |g| {
                signed(g);
                g.variable_scope(EnterScope::new("s").reuse(Reuse::Auto), |_| {
                    g.get_variable::<f32>("v").shape([2]).finish();
                    g.get_variable::<i32>("v").shape([2]).finish();
                });
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"v\": the variable has neither a shape nor an initial value",
            |g| {
                signed(g);
                g.get_variable::<f32>("v").finish();
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"v/part_1\": variable \"v\" is partitioned along dimension 1; TensorFlow Hub loads parts along \
             dimension 0 alone",
            |g| {
                signed(g);
                let columns = Partitioner::fixed_size(2).axis(1);
                g.get_variable::<f32>("v")
                    .shape([2, 3])
                    .partitioner(columns)
                    .finish();
            },
        ),
        case(
            Rule::Shape,
            "the constant is for the shape [4], the variable's is [2, 2]",
            |g| {
                signed(g);
                let four = init::constant([1, 2, 3, 4]).verify_shape(true);
                g.get_variable::<f32>("v")
                    .shape([2, 2])
                    .initializer(four)
                    .finish();
            },
        ),
        case(
            Rule::Shape,
            "the initializer orthogonal makes values of a shape of rank 2 or more, found [3]",
            |g| {
                signed(g);
                let orthogonal = init::orthogonal(1.0);
                g.get_variable::<f32>("v")
                    .shape([3])
                    .initializer(orthogonal)
                    .finish();
            },
        ),
        case(
            Rule::Shape,
            "the initializer convolutional_orthogonal_2d makes values of a shape with at most as many input channels as output \
             channels, found [3, 3, 2, 1]",
            |g| {
                signed(g);
                let kernel = g.get_variable::<f32>("kernel").shape([3, 3, 2, 1]);
                kernel
                    .initializer(init::convolutional_orthogonal_2d(1.0))
                    .finish();
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"v\": the initial value's shape must be known, it is [?, 3]; `validate_shape(false)` takes a value \
             of any shape",
            |g| {
                let v = g.get_variable("v").use_resource(false);
                v.initial_value(signed(g)).finish();
            },
        ),
        case(
            Rule::Variable,
            "VarHandleOp \"v\": expected an initial value of shape [3], found [2]",
            |g| {
                signed(g);
                g.get_variable("v")
                    .shape([3])
                    .initial_value([1.0f32, 2.0])
                    .finish();
            },
        ),
        case(
            Rule::Named,
            "named(\"y\") covers 2 ops, expected one; make the op's inputs before",
            |g| {
                let x = signed(g);
                g.named("y", || (x + 1.0) * 2.0);
            },
        ),
        case(
            Rule::Function,
            "function \"Relu\" has the name of an op",
            |g| {
                signed(g);
                g.function("Relu", ["x"], |x: Tensor<f32>| x);
            },
        ),
        case(
            Rule::Function,
            "there are two different functions \"f\"",
            |g| {
                let x = signed(g);
                let first = g.function("f", ["x"], |x: Tensor<f32>| x + 1.0);
                let second = g.function("f", ["x"], |x: Tensor<f32>| x + 2.0);
                first.call(x);
                second.call(x);
            },
        ),
        case(
            Rule::OtherGraph,
            "\"f\": a result is of another graph",
            |g| {
                signed(g);
                let inside = std::cell::Cell::new(None);
                g.function("e", ["x"], |x: Tensor<f32>| {
                    inside.set(Some(x));
                    x
                });
                g.function("f", ["x"], |_: Tensor<f32>| inside.get().unwrap());
            },
        ),
        case(
            Rule::Signature,
            "signature \"default\" is defined twice, first at ",
            |g| {
                let x = signed(g);
                g.signature("default").input("x", x).output("y", x);
            },
        ),
        case(
            Rule::Signature,
            "signature \"a/b\": expected letters, digits and \".\", \"-\", \"_\", \":\" in the name, of which hub.Module \
             makes a scope",
            |g| {
                let x = signed(g);
                g.signature("a/b").input("x", x).output("y", x);
            },
        ),
        case(
            Rule::Signature,
            "output \"y\" of the signature is defined twice, first at ",
            |g| {
                let x = signed(g);
                g.signature("other")
                    .input("x", x)
                    .output("y", x)
                    .output("y", x);
            },
        ),
        case(Rule::NoSignature, "the module has no signature", |g| {
            g.placeholder::<f32>(());
        }),
        case(
            Rule::UndeclaredPlaceholder,
            "Placeholder \"hidden\": output \"y\" of signature \"other\" depends on this placeholder, which is not one of \
             its inputs",
            |g| {
                let x = signed(g);
                let hidden = g.named("hidden", || g.placeholder::<f32>(()));
                g.signature("other").input("x", x).output("y", x * hidden);
            },
        ),
        case(
            Rule::InputColocation,
            "Identity \"fed\": input \"fed\" of signature \"other\" is colocated with Placeholder \"x\"",
            |g| {
                let x = signed(g);
                let fed = g.colocate_with(x, || g.named("fed", || array::identity(x)));
                g.signature("other").input("fed", fed).output("y", fed);
            },
        ),
        case(
            Rule::StateColocation,
            "VarHandleOp \"v\": state is colocated with Placeholder \"x\", which has none",
            |g| {
                let x = signed(g);
                let handle = g
                    .op("VarHandleOp")
                    .name("v")
                    .attr("dtype", tfhub::DType::Float32);
                g.colocate_with(x, || {
                    handle
                        .attr("shape", Shape::scalar())
                        .attr("shared_name", "v")
                        .finish()
                });
            },
        ),
        case(
            Rule::Collection,
            "a module cannot carry collection \"losses\"; drop it or do not fill it",
            |g| {
                let x = signed(g);
                g.add_to_collection("losses", x);
            },
        ),
        case(
            Rule::CollectionItem,
            "VarHandleOp \"v\": the variable is in collection \"variables\" twice, first at tests/it/reject.rs:",
            |g| {
                signed(g);
                let v = g.get_variable::<f32>("v").shape([2]).finish();
                g.add_to_collection(keys::VARIABLES, v);
            },
        ),
        case(
            Rule::State,
            "VarHandleOp \"v\": output \"default\" of signature \"scaled\" depends on this variable, which nothing \
             restores, since collection \"variables\" is dropped",
            |g| {
                let x = signed(g);
                let v = g.get_variable::<f32>("v").shape([3]).finish();
                g.signature("scaled").input("x", x).output("default", x * v);
            },
        ),
        case(
            Rule::Attachment,
            "expected a key of a letter followed by letters, digits and underscores, found \"1a\"",
            |g| {
                signed(g);
                g.attach_bytes("1a", []);
            },
        ),
        case(
            Rule::SharedName,
            "attribute \"shared_name\" is empty, which would share the state with others",
            |g| {
                signed(g);
                g.op("VarHandleOp")
                    .attr("dtype", tfhub::DType::Float32)
                    .attr("shape", Shape::scalar())
                    .finish();
            },
        ),
        case(
            Rule::SharedName,
            "VarHandleOp \"w\": attribute \"shared_name\" is \"v\", as that of \"v\", first at \
             tests/it/reject.rs:",
            |g| {
                signed(g);
                g.get_variable::<f32>("v").shape(()).finish();
                let handle = g
                    .op("VarHandleOp")
                    .name("w")
                    .attr("dtype", tfhub::DType::Float32);
                handle
                    .attr("shape", Shape::scalar())
                    .attr("shared_name", "v")
                    .finish();
            },
        ),
        case(
            Rule::SharedName,
            "HashTableV2 \"weights\": attribute \"shared_name\" is \"hash_table_words.txt_0_1\", as that of \"names\", ",
            |g| {
                signed(g);
                for (name, delimiter) in [("names", ","), ("weights", ";")] {
                    let file = TextFile::from("words.txt")
                        .keys(Column(0))
                        .values(Column(1));
                    let file = file.delimiter(delimiter);
                    let fill = TextFileInitializer::<ByteString, i64>::new(g, file);
                    g.named(name, || StaticHashTable::new(fill, -1i64));
                }
            },
        ),
        case(
            Rule::Asset,
            "Identity \"Identity\": expected a constant as the path of an asset",
            |g| {
                signed(g);
                let path = array::identity(g.constant("words.txt"));
                g.add_to_collection(keys::ASSET_FILEPATHS, path);
            },
        ),
        case(
            Rule::Asset,
            "Const \"Const\": expected a scalar string as the path of an asset",
            |g| {
                signed(g);
                let paths = g.constant(["words.txt", "animals.csv"]);
                g.add_to_collection(keys::ASSET_FILEPATHS, paths);
            },
        ),
        case(
            Rule::Asset,
            "Const \"Const\": expected the path of a file as an asset, found \"words/\"",
            |g| {
                signed(g);
                g.asset("words/");
            },
        ),
        case(
            Rule::UnregisteredOp,
            "CopyHost \"CopyHost\": op CopyHost is used by the graph, but is not registered",
            |g| {
                let x = signed(g);
                g.op("CopyHost").input(x).finish();
            },
        ),
        case(
            Rule::Variants,
            "variant {train}: VarHandleOp \"v\": expected float32 [2] as in variant {}, found float32 [3], first at \
             tests/it/reject.rs:",
            |g| {
                // The second variant is added by the test.
                signed(g);
                g.get_variable::<f32>("v").shape([2]).finish();
            },
        ),
    ]
}

/// What is found when the case's graph is the only variant, or the first of two where variants are the subject.
fn faults(case: &Case) -> Error {
    let builder = ModuleSpec::builder().variant(Tags::none(), case.build);
    let builder = match case.rule {
        Rule::Variants => builder.variant(["train"], |g| {
            signed(g);
            g.get_variable::<f32>("v").shape([3]).finish();
        }),
        Rule::State => builder.drop_collections([keys::VARIABLES]),
        _ => builder,
    };
    builder.finish().expect_err(case.text)
}

#[test]
fn each_fault_is_found_with_its_rule_text_and_line() {
    let mut wrong = Vec::new();
    for case in cases() {
        let error = faults(&case);
        let found = error.diagnostics();
        let [fault] = found else {
            wrong.push(format!(
                "line {}: {} faults:\n{error}",
                case.line,
                found.len()
            ));
            continue;
        };
        let text = fault.to_string();
        if fault.rule() != case.rule
            || !text.contains(case.text)
            || !text.contains(case.rule.code())
        {
            wrong.push(format!(
                "line {}: expected {} {}\n  found {text}",
                case.line,
                case.rule.code(),
                case.text
            ));
        }
        // Faults of a whole module are found at the line that makes it, all others within the case.
        let of_module =
            [Rule::NoSignature, Rule::Collection, Rule::Variants].contains(&fault.rule());
        let near = (case.line..case.line + 12).contains(&fault.location().line())
            || text.contains("\"x\": used");
        if fault.location().file() != case.file || !(near || of_module) {
            wrong.push(format!("line {}: wrong location: {text}", case.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_case() {
    let covered: BTreeSet<_> = cases().iter().map(|case| case.rule).collect();
    let missing: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !covered.contains(rule))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn all_faults_are_reported_together_and_consequences_are_not() {
    let error = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        let bad = math::matmul(x, [[1.0f32]]);
        let follows = nn::relu(bad) + 1.0;
        let other = x + [1.0f32, 2.0];
        g.default_signature(x, follows + other);
    })
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidGraph);
    let ops: Vec<_> = error.diagnostics().iter().map(Diagnostic::op).collect();
    assert_eq!(ops, ["MatMul", "AddV2"]);
    assert_eq!(error.to_string().lines().count(), 2);
}

#[test]
fn repeated_tag_sets_are_refused() {
    let variant = |g: &GraphBuilder| {
        signed(g);
    };
    let error = ModuleSpec::builder()
        .variant(["train", "gpu"], variant)
        .variant(["gpu", "train"], variant)
        .finish()
        .unwrap_err();
    assert_eq!(error.diagnostics()[0].rule(), Rule::Variants);
    assert!(
        error
            .to_string()
            .ends_with("tag set {gpu, train} is used for two variants"),
        "{error}"
    );
}

#[test]
fn faults_name_the_variant() {
    let error = ModuleSpec::builder()
        .variant(Tags::none(), |g| {
            signed(g);
        })
        .variant(["train"], |g| {
            let _ = signed(g) + [1.0f32; 2];
        })
        .finish()
        .unwrap_err();
    assert_eq!(error.diagnostics()[0].variant(), Some("{train}"));
    assert!(
        error.to_string().contains("variant {train}: AddV2"),
        "{error}"
    );
}

#[test]
fn errors_of_the_module_function_come_through() {
    let error = ModuleSpec::new(|_| std::fs::read("no such file").map(|_| ())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleFn);
    let own = ModuleSpec::new(|g| g.operation("missing").map(|_| ())).unwrap_err();
    assert_eq!(own.kind(), ErrorKind::NotFound);
    assert_eq!(own.to_string(), "the graph has no operation \"missing\"");
}

#[test]
fn sessions_check_names_dtypes_and_shapes() {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(2).apply(x));
    })
    .unwrap();
    let mut session = Session::new(&spec).unwrap();
    let error = session.assign("dense/kernels", 1.0f32).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            ErrorKind::NotFound,
            "there is no variable \"dense/kernels\"; did you mean \"dense/kernel\"?; there are 2 variables, \
             \"dense/bias\" and \"dense/kernel\""
                .into()
        )
    );
    let error = session.assign("dense/bias", [1.0f64, 2.0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"dense/bias\": expected float32 [2], found float64 [2]"
    );
    let error = session.assign("dense/bias", [1.0f32]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"dense/bias\": expected float32 [2], found float32 [1]"
    );
    let error = session.read::<i32>("dense/bias").unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a value of dtype int32, found float32"
    );
    // One wrong value changes nothing.
    let before = session.value("dense/bias").unwrap().clone();
    let values = [("dense/bias", [9.0f32, 9.0]), ("dense/other", [1.0, 1.0])];
    let values = values.map(|(name, value)| {
        (
            name.to_owned(),
            TensorValue::new([2], value.to_vec()).unwrap(),
        )
    });
    let error = session.assign_all(values.into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"dense/kernel\" has no value\nthere is no variable \"dense/other\"\n\
         there are 2 variables, \"dense/bias\" and \"dense/kernel\""
    );
    assert_eq!(session.value("dense/bias").unwrap(), &before);
}

#[test]
fn values_are_checked_again_on_export_and_nothing_is_left() {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(2).apply(x));
    })
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("deep/module");
    let mut values = std::collections::BTreeMap::new();
    let error = spec.export(&target, &values).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"dense/bias\" has no value\nvariable \"dense/kernel\" has no value\nthere are no values"
    );
    values.insert("dense/bias".to_owned(), TensorValue::scalar(1.0f32));
    let error = spec.export(&target, &values).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"dense/kernel\" has no value\nthere is one value, \"dense/bias\"\n\
         variable \"dense/bias\": expected float32 [2], found float32 []"
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn initial_values_that_cannot_be_computed_say_so() {
    let mut lines = Vec::new();
    let spec = ModuleSpec::new(|g| {
        signed(g);
        lines.push(line!() + 1);
        g.get_variable("v")
            .initial_value_fn(|g| math::lgamma(g.constant([4.0f32])))
            .finish();
        lines.push(line!() + 1);
        let kernel = g.get_variable("kernel");
        kernel
            .initial_value_fn(|g| linalg::svd(g.constant([[4.0f32]]), ()).s)
            .finish();
        lines.push(line!() + 1);
        let w = g.get_variable("w");
        w.initial_value_fn(|g| math::floordiv(g.constant([4i32]), 0))
            .finish();
    })
    .unwrap();
    let session = Session::new(&spec).unwrap();
    let of_kinds = "is not one that initial values can be computed with";
    let reasons = [
        (
            "v",
            format!("Lgamma \"v/Initializer/Lgamma\": op Lgamma {of_kinds}"),
        ),
        (
            "kernel",
            format!("Svd \"kernel/Initializer/Svd\": op Svd {of_kinds}"),
        ),
        (
            "w",
            "FloorDiv \"w/Initializer/floordiv\": integers are divided by zero".to_owned(),
        ),
    ];
    for ((name, reason), line) in reasons.iter().zip(lines) {
        let error = session.value(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            format!(
                "{}:{line}: variable \"{name}\": its initial value cannot be computed: {reason}; assign a value",
                file!()
            )
        );
    }
}
