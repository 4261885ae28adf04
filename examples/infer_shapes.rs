//! Prints the shapes of a graph's tensors, as TensorFlow infers them.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tfhub::graph::ImportOptions;
use tfhub::{GraphBuilder, Shape};

mod graph_file;

/// Print the static shape of every node's outputs.
///
/// The shapes are inferred from the ops; what the file has in "_output_shapes" is ignored. There is a line for each
/// output in the order of the file's nodes: "node:index", a tab, and the shape: "[?,224,224,3]", "[]" for a scalar,
/// "<unknown>" where even the rank is not known. The exit status is 2 if the file cannot be read or is not a graph, and
/// if what is asked for cannot be written.
#[derive(Parser)]
struct Arguments {
    /// A GraphDef or a MetaGraphDef (.meta), in binary or in text form.
    #[arg(value_name = "GRAPH.pb")]
    graph: PathBuf,
    /// Also write the graph with the shapes in "_output_shapes", default attributes left out, as TensorFlow exports it.
    #[arg(long, value_name = "OUT.pb")]
    output: Option<PathBuf>,
}

fn text(shape: &Shape) -> String {
    let Some(dims) = shape.dims() else {
        return "<unknown>".to_owned();
    };
    let dims: Vec<_> = dims
        .iter()
        .map(|dim| dim.map_or("?".to_owned(), |size| size.to_string()))
        .collect();
    format!("[{}]", dims.join(","))
}

fn infer(arguments: &Arguments, out: &mut impl Write) -> Result<io::Result<()>, String> {
    let error = |error: tfhub::Error| error.to_string();
    let graph = graph_file::read(&arguments.graph).map_err(error)?;
    let graph_def = graph.into_graph_def();
    let g = GraphBuilder::new();
    let options = ImportOptions::new().prefix("").ignore_shapes(true);
    let imported = g
        .import_graph_def(graph_def, options)
        .map_err(|cause| error(cause.with_path(&arguments.graph)))?;
    let mut print = || {
        for operation in imported.operations() {
            let name = operation.name();
            for (index, output) in operation.outputs().iter().enumerate() {
                writeln!(out, "{name}:{index}\t{}", text(&output.shape()))?;
            }
        }
        out.flush()
    };
    let printed = print();
    if let Some(path) = &arguments.output {
        let bytes = g.finish().map_err(error)?.to_graph_def().encode();
        fs::write(path, bytes)
            .map_err(|cause| format!("cannot write {}: {cause}", path.display()))?;
    }
    Ok(printed)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let failure = match infer(&arguments, &mut out) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        // Whoever read the lines has had enough.
        Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Ok(Err(error)) => format!("cannot write: {error}"),
        Err(failure) => failure,
    };
    eprintln!("error: {failure}");
    ExitCode::from(2)
}
