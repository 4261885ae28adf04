//! Modules inside of graphs: what is refused, and the values that an instance has.

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::checkpoint::CheckpointReader;
use tfhub::error::Rule;
use tfhub::module::{Module, ModuleOptions};
use tfhub::ops::lookup::MutableHashTable;
use tfhub::ops::{array, math};
use tfhub::variable::Partitioner;
use tfhub::{
    DType, Error, ErrorKind, GraphBuilder, ModuleSpec, Result, Session, Tags, Tensor,
    VariableSource as _, layers,
};

/// Two inputs and two outputs, of which none is called `default`.
fn mix() -> ModuleSpec {
    ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        let y = g.placeholder::<f32>((None, 3));
        g.signature("mix")
            .input("x", x)
            .input("y", y)
            .output("sum", x + y);
        g.signature("none").output("one", g.constant(1f32));
        let words = g.sparse_placeholder::<f32>((None, 3));
        g.signature("sparse")
            .input("words", words)
            .output("words", words);
    })
    .unwrap()
}

fn dense(units: usize) -> ModuleSpec {
    ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(units).apply(x));
    })
    .unwrap()
}

/// The only fault of a graph, which is at a line of this file.
fn fault(g: GraphBuilder) -> (Rule, String) {
    let error = g.finish().unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}");
    };
    assert!(fault.location().file().ends_with("instance.rs"), "{fault}");
    (fault.rule(), fault.message().to_owned())
}

#[test]
fn each_refusal_of_an_application_says_what_was_expected() {
    type Call = fn(&GraphBuilder, Module<'_>);
    let cases: [(Call, &str); 12] = [
        (
            |g, module| {
                let x = g.placeholder::<f32>((2, 3));
                module.signature("mix").input("x", x).finish();
            },
            "signature \"mix\": input \"y\" is missing",
        ),
        (
            |g, module| {
                let x = g.placeholder::<f32>((2, 3));
                let call = module.signature("mix").input("x", x).input("y", x);
                call.input("z", x).finish();
            },
            "signature \"mix\" has no input \"z\", expected \"x\", \"y\"",
        ),
        (
            |g, module| {
                let x = g.placeholder::<f32>((2, 3));
                module.signature("mix").input("x", x).input("z", x).finish();
            },
            "signature \"mix\": input \"y\" is missing, and there is no input \"z\"",
        ),
        (
            |g, module| {
                module
                    .signature("mix")
                    .only_input(g.placeholder::<f32>((2, 3)))
                    .finish();
            },
            "signature \"mix\" takes several inputs, \"x\", \"y\"; they are given by name",
        ),
        (
            |g, module| {
                module
                    .signature("none")
                    .only_input(g.placeholder::<f32>((2, 3)))
                    .finish();
            },
            "signature \"none\" takes no input, found one",
        ),
        (
            |_, module| {
                module.signature("none").finish().default_output();
            },
            "signature \"none\" has no output \"default\"; there is one output, \"one\"",
        ),
        (
            |_, module| {
                module.signature("none").finish().sparse::<f32>("one");
            },
            "signature \"none\": output \"one\" is a dense tensor, expected a sparse tensor",
        ),
        (
            |_, module| {
                module.signature("mixx").finish();
            },
            "the module has no signature \"mixx\"; did you mean \"mix\"?",
        ),
        (
            |g, module| {
                let x = g.placeholder::<f32>((2, 3));
                module.signature("sparse").only_input(x).finish();
            },
            "signature \"sparse\": input \"words\": expected a sparse tensor, float32 [?, ?], found a dense tensor, \
             float32 [2, 3]",
        ),
        (
            |g, module| {
                let (x, y) = (g.placeholder::<f32>((2, 3)), g.placeholder::<f64>((2, 3)));
                module.signature("mix").input("x", x).input("y", y).finish();
            },
            "signature \"mix\": input \"y\": expected a dense tensor, float32 [?, 3], found a dense tensor, float64 [2, 3]",
        ),
        (
            |g, module| {
                let (x, y) = (g.placeholder::<f32>((2, 3)), g.placeholder::<f32>((2, 4)));
                module.signature("mix").input("x", x).input("y", y).finish();
            },
            "signature \"mix\": input \"y\": expected a dense tensor, float32 [?, 3], found a dense tensor, float32 [2, 4]",
        ),
        (
            |g, module| {
                let x = g.placeholder::<f32>((2, 3));
                let call = module.signature("mix").input("x", x).input("y", x);
                call.input("x", x).finish();
            },
            "signature \"mix\": input \"x\" is given twice",
        ),
    ];
    let spec = mix();
    for (call, expected) in cases {
        let g = GraphBuilder::new();
        call(&g, Module::new(&g, &spec, ()));
        assert_eq!(fault(g), (Rule::Application, expected.to_owned()));
    }
}

#[test]
fn an_input_of_another_graph_is_refused() {
    let graphs = [GraphBuilder::new(), GraphBuilder::new()];
    let [g, other] = &graphs;
    Module::new(g, &dense(2), ()).call(other.placeholder::<f32>((2, 3)));
    let [g, _] = graphs;
    let expected = "signature \"default\": input \"default\" is of another graph than the module";
    assert_eq!(fault(g), (Rule::Application, expected.to_owned()));
}

#[test]
fn what_follows_from_a_refused_module_is_no_further_fault() {
    let g = GraphBuilder::new();
    let module = Module::new(&g, &mix(), ModuleOptions::new().tags(["train"]));
    let y: Tensor<'_, f32> = module.call(g.placeholder::<f32>((2, 3))).typed();
    let _ = y * 2.0;
    let expected = "the module has no variant {train}, expected one of {}";
    assert_eq!(fault(g), (Rule::Instance, expected.to_owned()));
}

#[test]
fn a_scope_whose_name_nodes_have_is_refused() {
    let g = GraphBuilder::new();
    g.named("module", || g.constant(1f32));
    Module::new(&g, &dense(2), ());
    let (rule, message) = fault(g);
    assert_eq!(rule, Rule::Instance);
    assert!(
        message.contains("the next free one is \"module_1\""),
        "{message}"
    );
}

/// A variable `v` in two parts along a dimension.
fn in_parts(axis: i32) -> Result<ModuleSpec> {
    ModuleSpec::new(|g| {
        let v = g.get_variable::<f32>("v").shape([4, 4]);
        let v = v
            .partitioner(Partitioner::fixed_size(2).axis(axis))
            .finish();
        g.signature("default").output("default", v.value());
    })
}

#[test]
fn parts_along_another_dimension_are_refused_as_by_hub() {
    let error = in_parts(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModule);
    let expected = "variable \"v\" is partitioned along dimension 1; TensorFlow Hub loads parts along dimension 0 alone";
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn parts_that_begin_at_the_same_row_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let module = exported(&in_parts(0).unwrap(), &dir.path().join("module"));
    // The second begins at row 2: the shape of the whole, the offset and the shape of the part.
    let second = [0x12, 2, 4, 4, 0x1a, 2, 2, 0, 0x22, 2, 2, 4];
    let mut model = fs::read(module.join("saved_model.pb")).unwrap();
    // In each collection that it is in.
    for place in 0..model.len() - second.len() {
        if model[place..].starts_with(&second) {
            model[place + 6] = 0;
        }
    }
    fs::write(module.join("saved_model.pb"), model).unwrap();
    let g = GraphBuilder::new();
    Module::new(&g, &ModuleSpec::load(&module).unwrap(), ());
    let (rule, message) = fault(g);
    assert_eq!(rule, Rule::Instance);
    let expected =
        "two parts of variable \"v\" begin at 0, \"module/v/part_0\" and \"module/v/part_1\"";
    assert!(message.starts_with(expected), "{message}");
}

/// Exports a module with its initial values.
fn exported(spec: &ModuleSpec, path: &Path) -> PathBuf {
    spec.export(path, &Session::new(spec).unwrap()).unwrap();
    path.to_owned()
}

#[test]
fn a_checkpoint_without_a_variable_or_with_another_shape_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let two = exported(&dense(2), &dir.path().join("two"));
    let four = exported(&dense(4), &dir.path().join("four"));
    let none = dir.path().join("none");
    let plain = ModuleSpec::new(|g| {
        let v = g.get_variable::<f32>("v").shape([3]).finish();
        g.signature("default").output("default", v.value());
    });
    exported(&plain.unwrap(), &none);
    for (other, expected) in [
        (
            &four,
            "variable \"dense/bias\": expected a value of shape [2], found [4] in the checkpoint",
        ),
        (&none, "has no variable \"dense/bias\""),
    ] {
        let mixed = dir.path().join("mixed");
        fs::create_dir_all(mixed.join("variables")).unwrap();
        for file in ["saved_model.pb", "tfhub_module.pb"] {
            fs::copy(two.join(file), mixed.join(file)).unwrap();
        }
        for file in ["variables.index", "variables.data-00000-of-00001"] {
            let file = Path::new("variables").join(file);
            fs::copy(other.join(&file), mixed.join(&file)).unwrap();
        }
        let g = GraphBuilder::new();
        Module::new(&g, &ModuleSpec::load(&mixed).unwrap(), ());
        let (rule, message) = fault(g);
        assert_eq!(rule, Rule::Instance);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn values_of_a_loaded_module_are_read_when_they_are_asked_for() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let published = exported(&dense(2), &dir.path().join("published"));
    let kernel =
        CheckpointReader::open(published.join("variables/variables"))?.read("dense/kernel")?;
    let spec = ModuleSpec::load(&published)?;
    let g = GraphBuilder::new();
    let module = Module::new(&g, &spec, ModuleOptions::new().name("encoder"));
    assert_eq!(module.scope(), "encoder");
    assert_eq!(
        module.variable_map(),
        [
            (
                "dense/bias".to_owned(),
                vec!["encoder/dense/bias".to_owned()]
            ),
            (
                "dense/kernel".to_owned(),
                vec!["encoder/dense/kernel".to_owned()]
            ),
        ]
    );
    let graph = g.finish()?;
    let mut session = Session::new(&graph)?;
    assert_eq!(session.value("encoder/dense/kernel")?, &kernel);

    // Fine-tuned, in the session or by another program that saves a checkpoint.
    session.assign("encoder/dense/bias", [0.5f32, -0.5])?;
    let checkpoint = dir.path().join("model.ckpt");
    session.save(&checkpoint)?;
    let instance = graph.module("encoder")?;
    let (tuned, restored) = (dir.path().join("tuned"), dir.path().join("restored"));
    instance.export(&tuned, &session)?;
    instance.export(&restored, &CheckpointReader::open(&checkpoint)?)?;
    for path in [&tuned, &restored] {
        let values = ModuleSpec::load(path)?.values()?;
        let bias = values
            .variable("dense/bias")?
            .unwrap()
            .into_value()?
            .into_owned();
        assert_eq!(bias.as_slice::<f32>()?, [0.5, -0.5]);
        assert_eq!(
            fs::read(path.join("saved_model.pb")).unwrap(),
            fs::read(published.join("saved_model.pb")).unwrap()
        );
    }

    // Without the files there are no values, and the error names them.
    fs::remove_dir_all(&published).unwrap();
    let error = Session::new(&graph)?
        .value("encoder/dense/kernel")
        .unwrap_err();
    assert!(
        error.to_string().contains("published/variables/variables"),
        "{error}"
    );
    let error = graph.module("encoders").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

#[test]
fn parts_begin_with_their_rows_of_the_checkpoint() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let spec = ModuleSpec::new(|g| {
        let parts = Partitioner::fixed_size(3);
        let v = g
            .get_variable::<f32>("v")
            .shape([7, 2])
            .partitioner(parts)
            .finish();
        g.signature("default").output("default", v.value());
    })?;
    let published = exported(&spec, &dir.path().join("published"));
    let whole = CheckpointReader::open(published.join("variables/variables"))?.read("v")?;
    let outer = ModuleSpec::new(|g| {
        let module = Module::new(g, &ModuleSpec::load(&published).unwrap(), ());
        let map = module.variable_map();
        assert_eq!(
            map[0].1,
            ["module/v/part_0", "module/v/part_1", "module/v/part_2"]
        );
        g.signature("default").output(
            "default",
            module.signature("default").finish().default_output(),
        );
    })?;
    let session = Session::new(&outer)?;
    assert_eq!(session.value("module/v")?, &whole);
    let again = exported(&outer, &dir.path().join("again"));
    let saved = CheckpointReader::open(again.join("variables/variables"))?.read("module/v")?;
    assert_eq!(saved, whole);
    Ok(())
}

#[test]
fn a_variant_without_the_variables_of_another_is_not_exported() -> Result<()> {
    let spec = ModuleSpec::builder()
        .variant(Tags::none(), |g| {
            let x = g.placeholder::<f32>((None, 3));
            g.default_signature(x, x);
        })
        .variant(["train"], |g| {
            let x = g.placeholder::<f32>((None, 3));
            g.default_signature(x, layers::dense(3).apply(x));
        })
        .finish()?;
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("module");
    let g = GraphBuilder::new();
    Module::new(&g, &spec, ());
    let graph = g.finish()?;
    let error: Error = graph
        .module("module")?
        .export(&target, &Session::new(&graph)?)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains("it is only in variant {train}"),
        "{error}"
    );
    assert!(!target.exists());
    Ok(())
}

#[test]
fn an_instance_that_is_trained_brings_its_losses() -> Result<()> {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        let layer = layers::dense(2).kernel_regularizer(tfhub::regularizer::keras::l2(0.1));
        g.default_signature(x, layer.apply(x));
    })?;
    for trainable in [false, true] {
        let outer = ModuleSpec::new(|g| {
            let options = ModuleOptions::new().trainable(trainable);
            let module = Module::new(g, &spec, options);
            let x = g.placeholder::<f32>((None, 3));
            module.call(x);
            g.default_signature(x, module.call(x));
        })?;
        let losses = outer.variants().next().unwrap().regularization_losses;
        assert_eq!(losses.len(), usize::from(trainable), "{losses:?}");
    }
    Ok(())
}

#[test]
fn an_instance_is_applied_inside_of_functions_by_the_nodes_that_its_outputs_need() -> Result<()> {
    let spec = dense(2);
    let g = GraphBuilder::new();
    let module = Module::new(&g, &spec, ());
    let double = g.function("Double", ["x"], |x: Tensor<'_, f32>| {
        let y: Tensor<'_, f32> = module.call(x).typed();
        y * 2.0
    });
    let x = g.placeholder::<f32>((5, 3));
    let y = double.call(x);
    assert_eq!(y.any().dtype(), DType::Float32);
    // The graph around has no application: neither initializers nor savers are part of the function.
    let graph = g.finish()?.to_graph_def().encode();
    let has = |name: &str| graph.windows(name.len()).any(|it| it == name.as_bytes());
    assert!(has("module_apply_default/dense/MatMul"));
    assert!(!has("module_apply_default/dense/kernel/Initializer"));
    Ok(())
}

/// Python says "At least two variables have the same name: counts".
#[test]
fn tables_that_are_saved_have_keys_of_their_own() {
    let g = GraphBuilder::new();
    for scope in ["a", "b"] {
        g.name_scope(scope, || {
            g.named("counts", || MutableHashTable::<i64, i64>::new(&g, 0, ()))
        });
    }
    let x = g.placeholder::<f32>((None, 3));
    let _ = Module::new(&g, &dense(2), ()).call(x);
    let expected = "two objects are saved as \"counts\", of which one is a table: name it otherwise, or make it with \
                    `checkpoint` false";
    assert_eq!(fault(g).1, expected);
}

#[test]
fn a_module_with_a_table_that_is_saved_drops_the_collection() {
    let module_fn = |g: &GraphBuilder| {
        let x = g.placeholder::<i64>((None,));
        let table = MutableHashTable::<i64, i64>::new(g, 0, ());
        g.default_signature(x, table.lookup(x));
    };
    let error = ModuleSpec::new(module_fn).unwrap_err();
    let [fault] = error.diagnostics() else {
        panic!("{error}");
    };
    let expected = "a module cannot carry collection \"saveable_objects\"";
    assert!(fault.message().starts_with(expected), "{fault}");
    assert!(fault.location().file().ends_with("instance.rs"), "{fault}");
    let builder = ModuleSpec::builder().drop_collections(["saveable_objects"]);
    let spec = builder.variant(Tags::none(), module_fn).finish();
    assert!(spec.is_ok());
}

/// TensorFlow makes the graph, and says "nodes in a cycle" when it is exported.
#[test]
fn a_loop_over_a_variable_of_the_old_kind_is_not_put_into_a_conditional() {
    let dir = tempfile::tempdir().unwrap();
    let looping = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>(());
        let v = g.get_variable::<f32>("v").shape(()).use_resource(false);
        let v = v.finish();
        let goes_on = |y| math::less(y, 9.0);
        let last = g.while_loop(
            v.assign(x).value(),
            goes_on,
            |_| v.assign_add(1.0).value(),
            (),
        );
        g.default_signature(x, array::identity(last));
    });
    let inner = exported(&looping.unwrap(), &dir.path().join("inner"));
    let g = GraphBuilder::new();
    let module = Module::new(&g, &ModuleSpec::load(&inner).unwrap(), ());
    let (x, is_on) = (g.placeholder::<f32>(()), g.placeholder::<bool>(()));
    let applied = || module.call(x).typed::<f32>();
    g.cond(is_on, applied, || x);
    let (rule, message) = fault(g);
    assert_eq!(rule, Rule::ControlFlow);
    let expected = "a loop over a variable of the old kind is put into a conditional, which TensorFlow cannot import";
    assert_eq!(message, expected);
}

#[test]
fn an_output_that_is_a_reference_is_said_to_be_one() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let counter = ModuleSpec::new(|g| {
        let v = g
            .get_variable::<f32>("v")
            .shape(())
            .use_resource(false)
            .finish();
        let one = g.constant(1f32);
        let reference = v.operation().output(0).typed_ref::<f32>();
        let op = g.op("AssignAdd").name("add").input(reference);
        let added = op.input(one).finish().output(0);
        g.signature("default").output("default", added);
    })?;
    let inner = exported(&counter, &dir.path().join("inner"));
    let outer = ModuleSpec::new(|g| {
        let module = Module::new(g, &ModuleSpec::load(&inner).unwrap(), ());
        let added = module.signature("default").finish().default_output();
        g.signature("default").output("default", added);
    })?;
    let outer = exported(&outer, &dir.path().join("outer"));
    for (path, name) in [(inner, "add:0"), (outer, "module_apply_default/add:0")] {
        let graph = fs::read(path.join("saved_model.pb")).unwrap();
        // A `TensorInfo`: the name, and 101 for a reference to float32.
        let info = [&[0x0a, name.len() as u8], name.as_bytes(), &[0x10, 101]].concat();
        assert!(graph.windows(info.len()).any(|it| it == info), "{name}");
        let spec = ModuleSpec::load(&path)?;
        let output = &spec.variants().next().unwrap().signatures[0].outputs["default"];
        assert_eq!(output.dtype, DType::Float32);
    }
    Ok(())
}
