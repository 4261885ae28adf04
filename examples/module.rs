//! Shows, compares, edits and checks modules of TensorFlow Hub.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tfhub::checkpoint::CheckpointReader;
use tfhub::module::{DiffOptions, Module, ModuleEditor, ModuleOptions, Unfreeze};
use tfhub::source::NpyReader;
use tfhub::{DType, Exporter, GraphBuilder, ModuleSpec, Session, Tags};

/// Show, compare, edit and check modules of TensorFlow Hub.
///
/// MODULE is a module's directory, a .tar.gz of it, or a SavedModel of TensorFlow 1. Nothing is run, and nothing is written
/// if anything is refused.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the variants: signatures, variables, attachments, assets.
    Show { module: PathBuf },
    /// Print what two modules have different; the exit status is 1 if anything is.
    Diff {
        before: PathBuf,
        after: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Take floating-point numbers for equal that differ by no more than this.
        #[arg(long, default_value_t = 0.0)]
        tolerance: f64,
    },
    /// Edit a module.
    Edit {
        module: PathBuf,
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        edits: Box<Edits>,
    },
    /// Turn all variables into constants.
    Freeze {
        module: PathBuf,
        #[command(flatten)]
        target: Target,
    },
    /// Turn constants into variables: those named, or all of floating-point numbers that have BYTES at least.
    Unfreeze {
        module: PathBuf,
        #[command(flatten)]
        target: Target,
        #[arg(long, value_name = "NAME", conflicts_with = "bytes")]
        constant: Vec<String>,
        #[arg(long, default_value_t = 1024)]
        bytes: usize,
    },
    /// Put a module into a graph, as a program does that trains it, and write it with the values that it has there: those of
    /// a checkpoint of the program, or its own.
    Apply {
        module: PathBuf,
        #[command(flatten)]
        target: Target,
        /// The scope of the module in the program.
        #[arg(long, default_value = "module")]
        scope: String,
        /// The tags of the variant, separated by commas.
        #[arg(long, default_value = "")]
        tags: String,
        /// The checkpoint, without the endings of its files.
        #[arg(long, value_name = "PREFIX")]
        checkpoint: Option<PathBuf>,
    },
    /// Check what consumers of a module expect; the exit status is 1 if it is not there.
    Check {
        module: PathBuf,
        /// That it can take the place of this module.
        #[arg(long, value_name = "MODULE")]
        replaces: Option<PathBuf>,
        /// That hub.text_embedding_column takes it.
        #[arg(long)]
        text_column: bool,
        /// That hub.image_embedding_column takes it.
        #[arg(long)]
        image_column: bool,
    },
}

#[derive(Args)]
struct Target {
    /// The directory to make.
    out: PathBuf,
    /// Replace a module that is there.
    #[arg(long)]
    replace: bool,
}

#[derive(Args)]
struct Edits {
    /// Rename a variable, or all whose names begin with FROM if it ends in / or is empty; may be repeated.
    #[arg(long, value_name = "FROM=TO", value_parser = pair)]
    rename: Vec<(String, String)>,
    /// Replace the value of a variable, under its new name, by an array of NumPy; may be repeated.
    #[arg(long, value_name = "NAME=FILE.npy", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Store variables of float32 and float64 as this dtype.
    #[arg(long, value_parser = float)]
    cast: Option<DType>,
    /// Drop a signature; may be repeated.
    #[arg(long, value_name = "NAME")]
    drop_signature: Vec<String>,
    /// Rename a signature; may be repeated.
    #[arg(long, value_name = "FROM=TO", value_parser = pair)]
    rename_signature: Vec<(String, String)>,
    /// Drop the variant with these tags, separated by commas; may be repeated.
    #[arg(long, value_name = "TAGS")]
    drop_variant: Vec<String>,
    /// Replace the file of an asset; may be repeated.
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    replace_asset: Vec<(String, String)>,
    /// Attach the content of a file to all variants; may be repeated.
    #[arg(long, value_name = "KEY=FILE", value_parser = pair)]
    attach: Vec<(String, String)>,
    /// Take out variables that nothing uses, after all other edits.
    #[arg(long)]
    strip: bool,
    /// Make variables of the old kind resources.
    #[arg(long)]
    resource_variables: bool,
    /// Clear the devices that nodes ask for.
    #[arg(long)]
    drop_devices: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (from, to) = text.split_once('=').ok_or("expected a = in the middle")?;
    Ok((from.to_owned(), to.to_owned()))
}

fn float(text: &str) -> Result<DType, String> {
    match text {
        "bfloat16" => Ok(DType::BFloat16),
        "float16" | "half" => Ok(DType::Float16),
        "float32" => Ok(DType::Float32),
        "float64" => Ok(DType::Float64),
        _ => Err("expected bfloat16, float16, float32 or float64".to_owned()),
    }
}

fn tags(text: &str) -> Tags {
    text.split(',').filter(|tag| !tag.is_empty()).collect()
}

impl Edits {
    fn apply(&self, editor: &mut ModuleEditor<'_>) -> Result<(), Box<dyn Error>> {
        for (from, to) in &self.rename {
            if from.is_empty() || from.ends_with('/') {
                editor.rename_variables(|name| {
                    Some(format!("{to}{}", name.strip_prefix(from.as_str())?))
                })?;
            } else {
                editor.rename_variable(from, to)?;
            }
        }
        for tags in self.drop_variant.iter().map(|text| self::tags(text)) {
            editor.drop_variant(tags)?;
        }
        for name in &self.drop_signature {
            editor.drop_signature(name)?;
        }
        for (from, to) in &self.rename_signature {
            editor.rename_signature(from, to)?;
        }
        for (name, file) in &self.set {
            editor.set_tensor(name, NpyReader::open(file)?.read()?)?;
        }
        if self.resource_variables {
            editor.use_resource_variables()?;
        }
        if let Some(dtype) = self.cast {
            editor.cast_floats(dtype)?;
        }
        for (name, file) in &self.replace_asset {
            editor.replace_asset(name, file)?;
        }
        for (key, file) in &self.attach {
            let message = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
            for tags in editor.tags() {
                editor.set_attachment(&tags, key, &message)?;
            }
        }
        if self.drop_devices {
            editor.drop_devices();
        }
        if self.strip {
            for name in editor.strip_variables()? {
                println!("stripped {name}");
            }
        }
        Ok(())
    }
}

/// Writes a module that was edited.
fn write(editor: ModuleEditor<'_>, target: &Target) -> Result<bool, Box<dyn Error>> {
    let edited = editor.finish()?;
    let exporter = Exporter::new(edited.spec()).replace(target.replace);
    let summary = exporter.export(&target.out, edited.values())?;
    println!(
        "{} variables, {} bytes",
        summary.variables, summary.variable_bytes
    );
    for warning in summary.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(true)
}

/// Writes a module as an instance in a graph has it.
fn apply(
    module: PathBuf,
    target: &Target,
    scope: &str,
    tags: Tags,
    checkpoint: Option<PathBuf>,
) -> Result<bool, Box<dyn Error>> {
    let spec = ModuleSpec::load(module)?;
    let g = GraphBuilder::new();
    let (around, name) = scope.rsplit_once('/').unwrap_or(("", scope));
    let options = ModuleOptions::new().name(name).tags(tags);
    let make = || Module::new(&g, &spec, options).variable_map();
    let variables = match around {
        "" => make(),
        around => g.variable_scope(around, |_| make()),
    };
    for (own, in_graph) in variables {
        println!("{own}: {}", in_graph.join(", "));
    }
    let graph = g.finish()?;
    let instance = graph.module(scope)?;
    let exporter = Exporter::new(&spec).replace(target.replace);
    let summary = match checkpoint {
        Some(prefix) => {
            let values = instance.values_of(CheckpointReader::open(prefix)?);
            exporter.export(&target.out, &values)?
        }
        None => exporter.export(&target.out, &instance.values_of(Session::new(&graph)?))?,
    };
    println!(
        "{} variables, {} bytes",
        summary.variables, summary.variable_bytes
    );
    Ok(true)
}

/// Runs a command; whether all is as it should be.
fn run(command: Command) -> Result<bool, Box<dyn Error>> {
    match command {
        Command::Show { module } => {
            for variant in ModuleSpec::load(module)?.variants() {
                print!("{variant}");
            }
            Ok(true)
        }
        Command::Diff {
            before,
            after,
            json,
            tolerance,
        } => {
            let (before, after) = (ModuleSpec::load(before)?, ModuleSpec::load(after)?);
            let diff = before.diff(&after, DiffOptions::new().tolerance(tolerance))?;
            match json {
                true => println!("{}", diff.to_json()),
                false => print!("{diff}"),
            }
            Ok(diff.is_empty())
        }
        Command::Edit {
            module,
            target,
            edits,
        } => {
            let mut editor = ModuleEditor::open(module)?;
            edits.apply(&mut editor)?;
            write(editor, &target)
        }
        Command::Freeze { module, target } => {
            let mut editor = ModuleEditor::open(module)?;
            editor.freeze()?;
            write(editor, &target)
        }
        Command::Unfreeze {
            module,
            target,
            constant,
            bytes,
        } => {
            let mut editor = ModuleEditor::open(module)?;
            editor.unfreeze(&match constant.is_empty() {
                true => Unfreeze::of_bytes(bytes),
                false => Unfreeze::names(constant),
            })?;
            write(editor, &target)
        }
        Command::Apply {
            module,
            target,
            scope,
            tags,
            checkpoint,
        } => apply(module, &target, &scope, self::tags(&tags), checkpoint),
        Command::Check {
            module,
            replaces,
            text_column,
            image_column,
        } => {
            let spec = ModuleSpec::load(module)?;
            let mut faults = Vec::new();
            if let Some(replaced) = replaces {
                let found = spec.incompatibilities_with(&ModuleSpec::load(replaced)?);
                faults.extend(found.iter().map(ToString::to_string));
            }
            if text_column {
                faults.extend(
                    spec.text_column_faults()
                        .into_iter()
                        .map(|it| format!("text column: {it}")),
                );
            }
            if image_column {
                faults.extend(
                    spec.image_column_faults()
                        .into_iter()
                        .map(|it| format!("image column: {it}")),
                );
            }
            for fault in &faults {
                println!("{fault}");
            }
            Ok(faults.is_empty())
        }
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
