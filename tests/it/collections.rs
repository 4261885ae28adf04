//! Collections: one set per variable, items that their readers can take, and what dropping one means.

use tfhub::checkpoint::CheckpointReader;
use tfhub::dtype::ByteString;
use tfhub::error::Rule;
use tfhub::graph::keys;
use tfhub::module::ModuleVariables;
use tfhub::ops::lookup::{KeyValueTensorInitializer, StaticHashTable};
use tfhub::{Error, GraphBuilder, ModuleSpec, Session, VariableSource};

/// The text of the only fault, and its line.
fn fault(error: &Error) -> (Rule, u32, String) {
    let [fault] = error.diagnostics() else {
        panic!("{error}");
    };
    let line = fault.location().line();
    (fault.rule(), line, fault.message().to_owned())
}

#[test]
fn keys_given_by_users_and_fixed_ones_are_one_set() -> Result<(), Box<dyn std::error::Error>> {
    // `tf.get_variable(collections=[...])` of TensorFlow 1.15.5: each key once, trainable_variables added if trainable.
    let cases: [(&str, bool, &[&str], [usize; 3]); 5] = [
        ("variables", true, &[keys::VARIABLES], [1, 1, 0]),
        (
            "twice",
            true,
            &[keys::VARIABLES, keys::VARIABLES],
            [1, 1, 0],
        ),
        (
            "trainable",
            true,
            &[keys::VARIABLES, keys::TRAINABLE_VARIABLES],
            [1, 1, 0],
        ),
        (
            "not trainable",
            false,
            &[keys::VARIABLES, keys::TRAINABLE_VARIABLES],
            [1, 1, 0],
        ),
        (
            "model",
            false,
            &[
                keys::MODEL_VARIABLES,
                keys::VARIABLES,
                keys::MODEL_VARIABLES,
            ],
            [1, 0, 1],
        ),
    ];
    let dir = tempfile::tempdir()?;
    for (name, trainable, given, expected) in cases {
        let spec = ModuleSpec::new(|g| {
            let x = g.placeholder::<f32>((None, 2));
            let w = g.get_variable::<f32>("w").shape([2]).trainable(trainable);
            let w = w.collections(given).finish();
            g.default_signature(x, x * w);
        })?;
        let path = dir.path().join(name);
        spec.export(&path, &Session::new(&spec)?)?;
        let model = std::fs::read(path.join("saved_model.pb"))?;
        // Each definition holds the name of the node that initializes the variable.
        let listed = |key: &str| {
            let collection = field_after(&model, key);
            let defs = collection.windows(8).filter(|bytes| bytes == b"w/Assign");
            defs.count()
        };
        let listed = [
            keys::VARIABLES,
            keys::TRAINABLE_VARIABLES,
            keys::MODEL_VARIABLES,
        ]
        .map(listed);
        assert_eq!(listed, expected, "{name}");
        assert_eq!(ModuleVariables::open(&path)?.names()?, ["w"], "{name}");
    }
    Ok(())
}

/// The collection that follows its key: an entry of `collection_def` with the key in field 1 and the list in field 2.
fn field_after<'m>(model: &'m [u8], key: &str) -> &'m [u8] {
    let head = [&[0x0a, key.len() as u8], key.as_bytes(), &[0x12]].concat();
    let Some(at) = model.windows(head.len()).position(|bytes| bytes == head) else {
        return &[];
    };
    let rest = &model[at + head.len()..];
    let (len, rest) = match rest[0] {
        len if len < 0x80 => (usize::from(len), &rest[1..]),
        low => (
            usize::from(low & 0x7f) | usize::from(rest[1]) << 7,
            &rest[2..],
        ),
    };
    &rest[..len]
}

#[test]
fn items_that_nobody_can_take_are_faults_at_the_line_that_adds_them() {
    type Build = fn(&GraphBuilder, tfhub::Variable<'_, f32>) -> u32;
    // What TensorFlow 1.15.5 and hub 0.12 say where a module of this kind is used stands above each.
    let cases: &[(&str, Build)] = &[
        // hub.create_module_spec: AttributeError: 'bytes' object has no attribute 'name'
        (
            "a VariableDef in collection \"variables\": 3 bytes are malformed: ",
            |g, _| {
                g.add_to_collection(keys::VARIABLES, b"abc".to_vec());
                line!() - 1
            },
        ),
        // KeyError: "The name 'module/nope:0' refers to a Tensor which does not exist.
        (
            "a VariableDef in collection \"variables\": the graph has no tensor \"nope:0\"",
            |g, _| {
                g.add_to_collection(keys::VARIABLES, b"\x0a\x06nope:0\x28\x01".to_vec());
                line!() - 1
            },
        ),
        // FailedPreconditionError: Error while reading resource variable
        (
            "the node is in collection \"variables\", but was not made as a variable, so that no session has its \
             value; make it with `get_variable` or `variable`",
            |g, _| {
                let handle = g
                    .op("VarHandleOp")
                    .name("raw")
                    .attr("dtype", tfhub::DType::Float32);
                let handle = handle.attr("shape", tfhub::Shape::scalar());
                handle.attr("shared_name", "raw").finish();
                g.op("NoOp").name("raw/Assign").finish();
                let def = b"\x0a\x05raw:0\x12\x0araw/Assign\x28\x01".to_vec();
                g.add_to_collection(keys::VARIABLES, def);
                line!() - 1
            },
        ),
        // IndexError: list index out of range
        (
            "expected a VariableDef in collection \"variables\", found tensor \"mul:0\"",
            |g, w| {
                let scaled = w.value() * 2.0;
                g.add_to_collection(keys::VARIABLES, scaled);
                line!() - 1
            },
        ),
        // ValueError: No variables to optimize.
        (
            "expected a VariableDef in collection \"trainable_variables\", found operation \"w\"",
            |g, w| {
                g.add_to_collection(keys::TRAINABLE_VARIABLES, w.operation());
                line!() - 1
            },
        ),
        // TypeError: Can't convert Operation 'module/NoOp' to Tensor
        (
            "expected a tensor in collection \"regularization_losses\", found operation \"NoOp\"",
            |g, _| {
                g.add_to_collection(keys::REGULARIZATION_LOSSES, g.op("NoOp").finish());
                line!() - 1
            },
        ),
        // ValueError: Shapes must be equal rank, but are 0 and 1
        (
            "a tensor in collection \"regularization_losses\": expected float32 [] as the losses before, found float32 \
             [2] in \"vector:0\"",
            |g, _| {
                g.add_to_collection(keys::REGULARIZATION_LOSSES, g.constant(1.0f32));
                let vector = g.named("vector", || g.constant([1.0f32, 2.0]));
                g.add_to_collection(keys::REGULARIZATION_LOSSES, vector);
                line!() - 1
            },
        ),
        // TypeError: Tensors in list passed to 'inputs' of 'AddN' Op have types [float32, int32] that don't all match.
        (
            "a tensor in collection \"regularization_losses\": expected float32 [] as the losses before, found int32 \
             [] in \"one:0\"",
            |g, _| {
                g.add_to_collection(keys::REGULARIZATION_LOSSES, g.constant(1.0f32));
                let one = g.named("one", || g.constant(1i32));
                g.add_to_collection(keys::REGULARIZATION_LOSSES, one);
                line!() - 1
            },
        ),
        // The whole collection is left out of the module, with a warning.
        (
            "expected an operation in collection \"update_ops\", found 3 bytes",
            |g, w| {
                g.add_to_collection(keys::UPDATE_OPS, w.assign_add_op([1.0, 1.0]));
                g.add_to_collection(keys::UPDATE_OPS, b"abc".to_vec());
                line!() - 1
            },
        ),
        // TypeError: Expected tf.group() expected Tensor arguments not 'module/abc' with type '<class 'str'>'
        (
            "expected an operation in collection \"table_initializer\", found 3 bytes",
            |g, _| {
                g.add_to_collection(keys::TABLE_INITIALIZERS, b"abc".to_vec());
                line!() - 1
            },
        ),
        // KeyError: "The name 'module/' refers to an Operation not in the graph."
        (
            "a CondContextDef in collection \"cond_context\": the graph has no tensor \"\"",
            |g, _| {
                g.add_to_collection(keys::COND_CONTEXT, Vec::new());
                line!() - 1
            },
        ),
        // DecodeError: Error parsing message with type 'tensorflow.WhileContextDef'
        (
            "a WhileContextDef in collection \"while_context\": 2 bytes are malformed",
            |g, _| {
                g.add_to_collection(keys::WHILE_CONTEXT, vec![0xff, 0xff]);
                line!() - 1
            },
        ),
        // ValueError: Unsupported collections in graph: ['savers']
        (
            "a module cannot carry collection \"savers\"; drop it or do not fill it",
            |g, _| {
                g.add_to_collection("savers", b"abc".to_vec());
                line!() - 1
            },
        ),
    ];
    for &(text, build) in cases {
        let mut line = 0;
        let spec = ModuleSpec::new(|g| {
            let x = g.placeholder::<f32>((None, 2));
            let w = g.get_variable::<f32>("w").shape([2]).finish();
            line = build(g, w);
            g.default_signature(x, x * w);
        });
        let (rule, found_line, message) = fault(&spec.expect_err(text));
        assert!(
            message.starts_with(text),
            "expected {text}\n   found {message}"
        );
        assert!(
            [Rule::CollectionItem, Rule::Collection].contains(&rule),
            "{message}"
        );
        assert_eq!(found_line, line, "{message}");
    }
}

#[test]
fn a_variable_of_another_graph_is_no_item_and_one_that_could_not_be_made_is_no_second_fault() {
    let other = GraphBuilder::new();
    let foreign = other.get_variable::<f32>("w").shape([2]).finish();
    let error = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 2));
        g.get_variable::<f32>("w").shape([2]).finish();
        g.add_to_collection(keys::MODEL_VARIABLES, foreign);
        g.default_signature(x, x);
    });
    let (rule, _, message) = fault(&error.unwrap_err());
    let text = "the item of collection \"model_variables\" is of another graph";
    assert_eq!((rule, &*message), (Rule::OtherGraph, text));
    let error = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 2));
        let w = g.get_variable::<f32>("w").finish();
        g.add_to_collection(keys::MODEL_VARIABLES, w);
        g.default_signature(x, x);
    });
    assert_eq!(fault(&error.unwrap_err()).0, Rule::Variable);
}

/// A module with a variable and a table; an output for each if `used`.
fn stateful(g: &GraphBuilder, used: bool) {
    let x = g.placeholder::<f32>((None, 2));
    let words = g.placeholder::<ByteString>((None,));
    let w = g.get_variable::<f32>("w").shape([2]).finish();
    let fill = KeyValueTensorInitializer::new(g, ["a"], [1i64]);
    let table = StaticHashTable::new(fill, 0i64);
    let (scaled, found) = (x * w, table.lookup(words));
    g.signature("same").input("x", x).output("x", x);
    if used {
        g.signature("scaled").input("x", x).output("y", scaled);
        g.signature("found")
            .input("words", words)
            .output("y", found);
    }
}

#[test]
fn dropping_a_collection_is_a_fault_if_an_output_needs_what_it_restores_or_fills() {
    let dropped = |keys: &[&str], used| {
        let builder = ModuleSpec::builder().variant(tfhub::Tags::none(), |g| stateful(g, used));
        builder.drop_collections(keys.iter().copied()).finish()
    };
    // hub.Module: FailedPreconditionError: Error while reading resource variable module/w
    let (rule, _, message) = fault(&dropped(&[keys::VARIABLES], true).unwrap_err());
    let text = "output \"y\" of signature \"scaled\" depends on this variable, which nothing restores, since \
                collection \"variables\" is dropped";
    assert_eq!((rule, &*message), (Rule::State, text));
    // hub.Module: FailedPreconditionError: Table not initialized.
    let (rule, _, message) = fault(&dropped(&[keys::TABLE_INITIALIZERS], true).unwrap_err());
    let text = "output \"y\" of signature \"found\" depends on this table, which nothing initializes, since \
                collection \"table_initializer\" is dropped";
    assert_eq!((rule, &*message), (Rule::State, text));
    // With trainable=True: FailedPreconditionError: Error while reading resource variable module/w
    let regularized = ModuleSpec::builder().variant(tfhub::Tags::none(), |g| {
        let x = g.placeholder::<f32>((None, 2));
        let w = g.get_variable::<f32>("w").shape([2]);
        w.regularizer(tfhub::regularizer::contrib::l2(0.1)).finish();
        g.default_signature(x, x);
    });
    let regularized = regularized.drop_collections([keys::VARIABLES]).finish();
    let (rule, _, message) = fault(&regularized.unwrap_err());
    let text = "regularization loss \"w/Regularizer/l2_regularizer:0\" depends on this variable, which nothing \
                restores, since collection \"variables\" is dropped";
    assert_eq!((rule, &*message), (Rule::State, text));
    // What trains a module may be dropped.
    for key in [
        keys::TRAINABLE_VARIABLES,
        keys::MODEL_VARIABLES,
        keys::UPDATE_OPS,
    ] {
        dropped(&[key], true).unwrap();
    }
    dropped(&[keys::VARIABLES, keys::TABLE_INITIALIZERS], false).unwrap();
}

/// In Python, such a variable is neither saved nor restored, so that consumers fail to read it.
#[test]
fn a_variable_that_is_not_in_the_collection_of_variables_is_not_saved() {
    let spec = |used| {
        ModuleSpec::new(|g| {
            let x = g.placeholder::<f32>((None, 2));
            let kept = g.get_variable::<f32>("kept").shape([2]).finish();
            let lost = g.get_variable::<f32>("lost").shape([2]).collections([]);
            let lost = x * lost.finish();
            g.default_signature(x, if used { lost } else { x * kept });
        })
    };
    let session = Session::new(&spec(false).unwrap()).unwrap();
    let names: Vec<_> = session.variables().map(|variable| variable.name).collect();
    assert_eq!(names, ["kept"]);
    let (rule, _, message) = fault(&spec(true).unwrap_err());
    let text = "output \"default\" of signature \"default\" depends on this variable, which nothing restores, since \
                it is not in collection \"variables\"";
    assert_eq!((rule, &*message), (Rule::State, text));
}

#[test]
fn a_module_function_may_drop_collections_itself() {
    let spec = |dropped: bool| {
        ModuleSpec::new(|g| {
            if dropped {
                g.drop_collections(["losses", "summaries"]);
            }
            let x = g.placeholder::<f32>((None, 2));
            g.add_to_collection("losses", x);
            g.default_signature(x, -x);
        })
    };
    let (rule, _, message) = fault(&spec(false).unwrap_err());
    let text = "a module cannot carry collection \"losses\"; drop it or do not fill it";
    assert_eq!((rule, &*message), (Rule::Collection, text));
    spec(true).unwrap();
}

#[test]
fn without_the_collection_of_variables_no_checkpoint_is_written()
-> Result<(), Box<dyn std::error::Error>> {
    let builder = ModuleSpec::builder().variant(tfhub::Tags::none(), |g| stateful(g, false));
    let spec = builder.drop_collections([keys::VARIABLES]).finish()?;
    let session = Session::new(&spec)?;
    assert_eq!(session.variables().len(), 0);
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("module");
    spec.export(&path, &session)?;
    assert!(std::fs::read_dir(path.join("variables"))?.next().is_none());
    assert!(CheckpointReader::open(path.join("variables/variables")).is_err());
    assert!(ModuleVariables::open(&path)?.reader().is_none());
    Ok(())
}

#[test]
fn a_variable_that_the_initializer_of_tables_sets_needs_no_restoring() {
    // hub.Module gives the value: its consumer runs tf.tables_initializer().
    let builder = ModuleSpec::builder().variant(tfhub::Tags::none(), |g| {
        let x = g.placeholder::<f32>((None, 2));
        let w = g.get_variable::<f32>("w").shape([2]).finish();
        g.add_to_collection(keys::TABLE_INITIALIZERS, w.assign_op([1.0, 2.0]));
        g.default_signature(x, x * w);
    });
    builder
        .drop_collections([keys::VARIABLES])
        .finish()
        .unwrap();
}
