//! Exports the module of the format's own documentation: two dense layers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tfhub::source::NpzReader;
use tfhub::{
    Exporter, GraphBuilder, ModuleSpec, Session, VariableSource, layers, regularizer::contrib,
};

mod report;

/// Export a TF1 Hub module: float32 [?, 50] -> dense 200 -> dense 100.
///
/// The signature "default" has the input "default" and the outputs "default" and "hidden_activations".
#[derive(Parser)]
struct Arguments {
    /// The directory to make; it must not exist yet.
    out_dir: PathBuf,
    /// The graph-level seed of the initial weights; without it they differ from run to run.
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<i64>,
    /// The rate of an L2 regularizer on both kernels.
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    l2: Option<f64>,
    /// A NumPy archive with an array for each variable, called like it (dense/kernel, ...).
    #[arg(long, value_name = "FILE.npz")]
    weights: Option<PathBuf>,
    /// Replace a module that exists at OUT_DIR.
    #[arg(long)]
    replace: bool,
}

fn module_fn(g: &GraphBuilder, seed: Option<i64>, l2: Option<f64>) {
    if let Some(seed) = seed {
        g.set_random_seed(seed);
    }
    let dense = |units| match l2 {
        Some(rate) => layers::dense(units).kernel_regularizer(contrib::l2(rate)),
        None => layers::dense(units),
    };
    let inputs = g.placeholder::<f32>((None, 50));
    let layer1 = dense(200).apply(inputs);
    let layer2 = dense(100).apply(layer1);
    g.signature("default")
        .input("default", inputs)
        .output("default", layer2)
        .output("hidden_activations", layer1);
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    report::run(|| {
        let spec = ModuleSpec::new(|g| module_fn(g, arguments.seed, arguments.l2))?;
        let mut session = Session::new(&spec)?;
        if let Some(weights) = &arguments.weights {
            session
                .assign_all(NpzReader::open(weights)?.read_all()?)
                .map_err(|error| error.with_path(weights))?;
        }
        let exporter = Exporter::new(&spec).replace(arguments.replace);
        let summary = exporter.export(&arguments.out_dir, &session)?;
        Ok((spec, session, summary))
    })
}
