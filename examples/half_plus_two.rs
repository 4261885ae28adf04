//! Exports the smallest example of TensorFlow Hub: y = a * x + b with a = 0.5 and b = 2.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tfhub::{Exporter, GraphBuilder, ModuleSpec, Session, Shape};

mod report;

/// Export a TF1 Hub module that halves its input and adds two.
#[derive(Parser)]
struct Arguments {
    /// The directory to make; it must not exist yet.
    out_dir: PathBuf,
    /// Replace a module that exists at OUT_DIR.
    #[arg(long)]
    replace: bool,
}

fn module_fn(g: &GraphBuilder) {
    let a = g.get_variable("a").shape(()).finish();
    let b = g.get_variable("b").shape(()).finish();
    let x = g.named("x", || g.placeholder::<f32>(Shape::unknown()));
    let y = a * x + b;
    g.signature("default").input("x", x).output("y", y);
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    report::run(|| {
        let spec = ModuleSpec::new(module_fn)?;
        let mut session = Session::new(&spec)?;
        session.assign("a", 0.5f32)?;
        session.assign("b", 2.0f32)?;
        let exporter = Exporter::new(&spec).replace(arguments.replace);
        let summary = exporter.export(&arguments.out_dir, &session)?;
        Ok((spec, session, summary))
    })
}
