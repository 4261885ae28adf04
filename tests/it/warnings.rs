//! What the summary of an export says that nobody may have meant.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use half::{bf16, f16};
use num_complex::Complex;
use tfhub::checkpoint::CheckpointWriter;
use tfhub::module::{ExportSummary, LatestModuleExporter, LintCode};
use tfhub::{Element, Exporter, ModuleSpec, Session, TensorValue, VariableSource, layers};

/// A module with a variable of each dtype that has numbers which are not finite, and one of `int32`.
fn numbers() -> ModuleSpec {
    fn add<T: Element>(g: &tfhub::GraphBuilder, name: &str) {
        let v = g.get_variable::<T>(name).shape([4]);
        v.initializer(tfhub::init::zeros()).finish();
    }
    let spec = ModuleSpec::new(|g| {
        add::<bf16>(g, "bfloat16");
        add::<Complex<f32>>(g, "complex64");
        add::<Complex<f64>>(g, "complex128");
        add::<f16>(g, "float16");
        add::<f32>(g, "float32");
        add::<f64>(g, "float64");
        add::<i32>(g, "int32");
        let x = g.placeholder::<f32>((None,));
        g.default_signature(x, x);
    });
    spec.unwrap()
}

/// Values for [`numbers`]: each of the first two of four elements is what it is given.
fn values(first: f32, second: f32) -> Result<BTreeMap<String, TensorValue>, Box<dyn Error>> {
    let all = [first, second, 1.0, -0.0];
    let wide = all.map(f64::from);
    let values = [
        (
            "bfloat16",
            TensorValue::new([4], all.map(bf16::from_f32).to_vec())?,
        ),
        (
            "complex64",
            TensorValue::new([4], all.map(|re| Complex::new(1.0, re)).to_vec())?,
        ),
        (
            "complex128",
            TensorValue::new([4], wide.map(|re| Complex::new(re, re)).to_vec())?,
        ),
        (
            "float16",
            TensorValue::new([4], all.map(f16::from_f32).to_vec())?,
        ),
        ("float32", TensorValue::new([4], all.to_vec())?),
        ("float64", TensorValue::new([4], wide.to_vec())?),
        ("int32", TensorValue::new([4], vec![-1i32; 4])?),
    ];
    let values = values.into_iter();
    Ok(values
        .map(|(name, value)| (name.to_owned(), value))
        .collect())
}

fn warnings(summary: &ExportSummary) -> Vec<String> {
    let warnings = summary.warnings.iter();
    let warnings = warnings.filter(|warning| warning.code() == LintCode::V15);
    warnings
        .map(|warning| format!("variable \"{}\": {}", warning.item(), warning.message()))
        .collect()
}

#[test]
fn numbers_that_are_not_finite_are_told_of_wherever_they_come_from() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let spec = numbers();
    let (nan, infinity) = (f32::NAN, f32::INFINITY);
    let cases = [
        (1.0, 2.0, None),
        (nan, 2.0, Some("1 of 4 elements is NaN")),
        (nan, nan, Some("2 of 4 elements are NaN")),
        (-infinity, 0.0, Some("1 of 4 elements is infinite")),
        (
            infinity,
            -nan,
            Some("1 of 4 elements is NaN and 1 is infinite"),
        ),
    ];
    for (number, (first, second, text)) in cases.into_iter().enumerate() {
        let values = values(first, second)?;
        let names = [
            "bfloat16",
            "complex128",
            "complex64",
            "float16",
            "float32",
            "float64",
        ];
        let expected = names.map(|name| text.map(|text| format!("variable \"{name}\": {text}")));
        let expected: Vec<_> = expected.into_iter().flatten().collect();
        let target = |from: &str| dir.path().join(format!("{from}{number}"));

        let from_map = spec.export(target("map"), &values)?;
        assert_eq!(warnings(&from_map), expected);
        assert_eq!(
            (from_map.variables, from_map.variable_bytes),
            (7, 8 + 32 + 64 + 8 + 16 + 32 + 16)
        );

        let mut session = Session::new(&spec)?;
        session.assign_all(values.clone())?;
        assert_eq!(
            warnings(&spec.export(target("session"), &session)?),
            expected
        );

        // Streamed from file to file.
        let prefix = target("checkpoint");
        let mut writer = CheckpointWriter::create(&prefix)?;
        writer.add_from(&values.clone().with_prefix(""))?;
        writer.finish()?;
        let from_checkpoint = spec.export_from_checkpoint(target("from_checkpoint"), &prefix)?;
        assert_eq!(warnings(&from_checkpoint), expected);
        assert_eq!(from_checkpoint.files, from_map.files);

        let exporter = LatestModuleExporter::new().register("m", &spec, "")?;
        let latest = exporter.export_values(&values, target("latest"))?;
        let latest = latest.ok_or("a module is registered")?;
        assert_eq!(warnings(&latest.modules[0]), expected);
        assert_eq!(latest.modules[0].path, latest.path.join("m"));
        assert!(latest.modules[0].path.join("tfhub_module.pb").exists());
    }
    Ok(())
}

#[test]
fn one_among_a_million_is_found() -> Result<(), Box<dyn Error>> {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 1));
        let v = g.get_variable::<f32>("v").shape([1_000_003]).finish();
        g.default_signature(x, x + v);
    })?;
    let dir = tempfile::tempdir()?;
    for (number, at) in [0, 65_535, 65_536, 777_777, 1_000_002]
        .into_iter()
        .enumerate()
    {
        let mut values = vec![f32::MAX; 1_000_003];
        values[at] = f32::NEG_INFINITY;
        let value = TensorValue::new([1_000_003], values)?;
        let values = BTreeMap::from([("v".to_owned(), value)]);
        let summary = spec.export(dir.path().join(number.to_string()), &values)?;
        let text = "variable \"v\": 1 of 1000003 elements is infinite";
        assert_eq!(warnings(&summary), [text], "{at}");
    }
    Ok(())
}

/// Two layers, a variable that starts from another, and one from a constant.
fn layers() -> ModuleSpec {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        let y = layers::dense(2).apply(x);
        let noise = g.get_variable::<f32>("noise").shape([2]).finish();
        let copy = g.get_variable("copy").initial_value(noise.value() * 2.0);
        let copy = copy.finish();
        let scale = g.get_variable("scale").initial_value([1.0f32, 2.0]);
        g.default_signature(x, y * scale.finish() + copy);
    });
    spec.unwrap()
}

fn random(summary: &ExportSummary) -> Vec<&str> {
    let warnings = summary.warnings.iter();
    let warnings = warnings.filter(|warning| warning.code() == LintCode::X01);
    warnings.map(|warning| warning.item()).collect()
}

#[test]
fn random_values_that_nobody_replaced_are_told_of() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let target = |name: &str| dir.path().join(name);
    let spec = layers();
    let mut session = Session::new(&spec)?;
    let summary = spec.export(target("initial"), &session)?;
    assert_eq!(random(&summary), ["copy", "dense/kernel", "noise"]);
    let text = "\nwarning X01: \"noise\": the variable has its random initial value: none was assigned or restored\n";
    assert!(summary.to_string().contains(text), "{summary}");

    session.assign("dense/kernel", [[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]])?;
    let summary = spec.export(target("kernel"), &session)?;
    assert_eq!(random(&summary), ["copy", "noise"]);
    // One that follows from what was assigned is not random.
    let mut assigned = Session::new(&spec)?;
    assigned.assign("noise", [1.0f32, 2.0])?;
    let summary = spec.export(target("noise"), &assigned)?;
    assert_eq!(random(&summary), ["dense/kernel"]);
    // Under other names, too.
    let renamed = (&session).renamed(|name| name.replace("weights", "kernel"));
    let summary = Exporter::new(&spec).export(target("renamed"), &renamed)?;
    assert_eq!(random(&summary), ["copy", "noise"]);

    // What was restored is nobody's initial value, and neither is what a file holds.
    session.save(target("model.ckpt"))?;
    let mut restored = Session::new(&spec)?;
    let reader = tfhub::checkpoint::CheckpointReader::open(target("model.ckpt"))?;
    restored.restore(&reader)?;
    assert_eq!(
        random(&spec.export(target("restored"), &restored)?),
        [""; 0]
    );
    let summary = spec.export_from_checkpoint(target("file"), target("model.ckpt"))?;
    assert_eq!(random(&summary), [""; 0]);
    Ok(())
}

#[test]
fn the_text_of_a_summary_has_a_line_for_each_file() -> Result<(), Box<dyn Error>> {
    let spec = ModuleSpec::builder()
        .variant(tfhub::Tags::none(), |g| {
            let x = g.named("x", || g.placeholder::<f32>(()));
            g.default_signature(x, -x);
        })
        .variant(["train", "gpu"], |g| {
            let x = g.named("x", || g.placeholder::<f32>(()));
            g.default_signature(x, x * 2.0);
        });
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("module");
    let spec = spec.finish()?;
    let summary = spec.export(&path, &Session::new(&spec)?)?;
    let bytes = |name: &str| std::fs::metadata(Path::new(&path).join(name)).map(|file| file.len());
    let expected = format!(
        "module {}\n  variants {{}} {{gpu, train}}\n  0 variables of 0 bytes\n  saved_model.pb {} bytes\n  \
         tfhub_module.pb 2 bytes\n",
        path.display(),
        bytes("saved_model.pb")?
    );
    assert_eq!(summary.to_string(), expected);
    Ok(())
}
