//! Exports a module that is defined in code from the checkpoints of a training run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tfhub::checkpoint::{CheckpointReader, latest_checkpoint};
use tfhub::session::SourceReport;
use tfhub::source::Mapping;
use tfhub::{DType, Error, Exporter, GraphBuilder, ModuleSpec, Session, VariableSource, layers};

#[path = "report/progress.rs"]
mod progress;

use progress::{bar, show};

/// Export a TF1 Hub module, two dense layers, with the weights of a checkpoint.
///
/// The signature "default" has the input "default" and the outputs "default" and "hidden_activations". The exit status
/// is 2, and nothing is written, if the checkpoint lacks a variable or is malformed.
#[derive(Parser)]
struct Arguments {
    /// The directory of a training run, whose latest checkpoint is taken, or a checkpoint, such as
    /// train/model.ckpt-1000.
    checkpoint: PathBuf,
    /// The directory to make; it must not exist yet.
    out_dir: PathBuf,
    /// What the names of the module's variables begin with in the checkpoint, such as encoder/.
    #[arg(long, value_name = "PREFIX", default_value = "")]
    name_prefix: String,
    /// Cast weights of other floating-point dtypes to float32.
    #[arg(long)]
    cast_floats: bool,
    /// Transpose the kernels, which other frameworks keep as [outputs, inputs].
    #[arg(long)]
    transpose: bool,
    /// The size of the input.
    #[arg(long, default_value_t = 50)]
    inputs: usize,
    /// The number of units of the first layer.
    #[arg(long, default_value_t = 200)]
    hidden: usize,
    /// The number of units of the second layer.
    #[arg(long, default_value_t = 100)]
    outputs: usize,
    /// Replace a module that exists at OUT_DIR.
    #[arg(long)]
    replace: bool,
}

fn module_fn(g: &GraphBuilder, arguments: &Arguments) {
    let inputs = g.placeholder::<f32>((None, arguments.inputs));
    let layer1 = layers::dense(arguments.hidden).apply(inputs);
    let layer2 = layers::dense(arguments.outputs).apply(layer1);
    g.signature("default")
        .input("default", inputs)
        .output("default", layer2)
        .output("hidden_activations", layer1);
}

/// The prefix of the checkpoint that is meant.
fn prefix(checkpoint: &Path) -> Result<PathBuf, String> {
    if !checkpoint.is_dir() {
        return Ok(checkpoint.to_owned());
    }
    let latest = latest_checkpoint(checkpoint).map_err(|error| error.to_string())?;
    latest.ok_or_else(|| format!("{}: there is no latest checkpoint", checkpoint.display()))
}

fn export(arguments: &Arguments) -> Result<SourceReport, String> {
    let prefix = prefix(&arguments.checkpoint)?;
    let at = |error: Error| match error.path() {
        Some(_) => error.to_string(),
        None => error.with_path(&prefix).to_string(),
    };
    let reader = CheckpointReader::open(&prefix).map_err(at)?;
    let spec = ModuleSpec::new(|g| module_fn(g, arguments)).map_err(|error| error.to_string())?;
    let named = reader.with_prefix(arguments.name_prefix.as_str());
    let mapped = named.mapped(|name| {
        let tensor = Mapping::tensor(name);
        (arguments.transpose && name.ends_with("/kernel")).then(|| tensor.transposed([1, 0]))
    });
    let values: Box<dyn VariableSource + '_> = match arguments.cast_floats {
        true => Box::new(mapped.cast_floats(DType::Float32)),
        false => Box::new(mapped),
    };
    let report = Session::new(&spec)
        .and_then(|session| session.compare(&values))
        .map_err(at)?;
    let bar = bar();
    let summary = Exporter::new(&spec)
        .replace(arguments.replace)
        .on_progress(show(&bar))
        .export(&arguments.out_dir, &values);
    bar.finish_and_clear();
    let summary = summary.map_err(at)?;
    println!("from {}", prefix.display());
    print!("{summary}");
    Ok(report)
}

fn main() -> ExitCode {
    match export(&Arguments::parse()) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
