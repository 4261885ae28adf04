//! Random programs of nested control flow make the graphs that TensorFlow makes.
//!
//! `tests/conformance/programs.py` writes the programs in a text form, which both sides read, builds them with TensorFlow
//! 1.15.5 and compares.

mod interpreter;
mod text;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use tfhub::module::ModuleSpecBuilder;
use tfhub::{Exporter, GraphBuilder, ModuleSpec, Result, Session};

use crate::golden::wire;
use interpreter::Interpreter;
use text::Program;

/// The programs of one SavedModel.
const BATCH: usize = 100;

/// The module of a program: its signature has all placeholders as inputs, and what the program gives as outputs.
fn build(g: &GraphBuilder, program: &Program) {
    if let Some(seed) = program.seed {
        g.set_random_seed(seed);
    }
    g.set_function_uid(0);
    if program.is_second {
        g.enable_control_flow_v2();
    }
    let interpreter = Interpreter::new(g);
    let given = interpreter.run(&program.body, Vec::new());
    let mut signature = g.signature("default");
    for statement in &program.body.statements {
        if statement.op == "placeholder" {
            let name = &statement.results[0];
            signature = signature.input(name, interpreter.tensor(name));
        }
    }
    for (name, tensor) in program.body.gives.iter().zip(given) {
        signature = signature.output(name, tensor);
    }
}

/// Writes the SavedModel of programs, the tag of each being its number.
fn export(programs: &[&Program], directory: &Path) -> Result<()> {
    let variant = |spec: ModuleSpecBuilder, program: &&Program| {
        spec.variant([&*program.number], |g| build(g, program))
    };
    let spec = programs.iter().fold(ModuleSpec::builder(), variant);
    let spec = spec.finish()?;
    let exporter = Exporter::new(&spec).replace(true);
    exporter.export(directory, &Session::new(&spec)?).map(drop)
}

const FIXTURES: &str = "tests/fixtures/programs";

#[test]
fn programs_make_the_graphs_that_tensorflow_makes() {
    let programs = fs::read_to_string(format!("{FIXTURES}/programs.txt")).unwrap();
    let mut graphs = Vec::new();
    let file = fs::File::open(format!("{FIXTURES}/saved_models.gz")).unwrap();
    GzDecoder::new(file).read_to_end(&mut graphs).unwrap();
    let mut graphs = &*graphs;
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = String::new();
    for program in text::read(&programs) {
        let (len, rest) = graphs.split_first_chunk().unwrap();
        let (expected, rest) = rest.split_at(u32::from_le_bytes(*len) as usize);
        graphs = rest;
        let target = scratch.path().join(&program.number);
        let difference = match export(&[&program], &target) {
            Ok(()) => {
                let found = fs::read(target.join("saved_model.pb")).unwrap();
                (found != expected).then(|| wire::difference(&found, expected))
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(difference) = difference {
            let _ = writeln!(wrong, "program {}: {difference}", program.number);
        }
    }
    assert!(graphs.is_empty());
    assert!(wrong.is_empty(), "{wrong}");
}

/// Writes what each file of programs in `$TFHUB_PROGRAMS_DIR` makes to a directory of its name for the conformance suite.
#[test]
#[ignore = "writes files for the conformance suite"]
fn export_conformance_programs() {
    let directory = std::env::var_os("TFHUB_PROGRAMS_DIR").expect("a directory");
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension() == Some(OsStr::new("txt")));
    let files: Vec<PathBuf> = files.collect();
    assert!(!files.is_empty());
    for file in files {
        let target = file.with_extension("");
        fs::create_dir_all(&target).unwrap();
        let programs = text::read(&fs::read_to_string(&file).unwrap());
        let mut errors = String::new();
        let mut made = Vec::new();
        for program in &programs {
            match ModuleSpec::new(|g: &GraphBuilder| build(g, program)) {
                Ok(_) => made.push(program),
                Err(error) => {
                    let error = error.to_string().replace('\n', " ");
                    let _ = writeln!(errors, "{}\t{error}", program.number);
                }
            }
        }
        for (number, batch) in made.chunks(BATCH).enumerate() {
            export(batch, &target.join(number.to_string())).unwrap();
        }
        fs::write(target.join("errors.tsv"), errors).unwrap();
    }
}
