//! Makes a module of a frozen graph, or of a graph and its checkpoint.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tfhub::graph::{AnyTensor, ConstantDescription, ImportOptions, MetaGraphDef};
use tfhub::half::{bf16, f16};
use tfhub::{
    DType, Element, Error, Exporter, GraphBuilder, ModuleSpec, Session, TensorValue,
    checkpoint::CheckpointReader, init,
};

mod graph_file;
mod report;

/// Wrap a TensorFlow graph, frozen or with its checkpoint, into a TF1 Hub module with the signature "default".
///
/// Names of nodes stay as they are; those that the inputs and outputs do not need are left out. The exit status is 1, and nothing is written, if the file is not a graph or an
/// input or output is not in it.
#[derive(Parser)]
struct Arguments {
    /// A GraphDef or a MetaGraphDef (.meta), in binary or in text form.
    #[arg(value_name = "GRAPH.pb")]
    graph: PathBuf,
    /// The directory to make; it must not exist yet.
    out_dir: PathBuf,
    /// An input of the signature and the tensor that it feeds, such as images=input:0; may be repeated.
    #[arg(long, value_name = "NAME=TENSOR", value_parser = end)]
    input: Vec<(String, String)>,
    /// An output of the signature and its tensor; may be repeated.
    #[arg(long, value_name = "NAME=TENSOR", value_parser = end, required = true)]
    output: Vec<(String, String)>,
    /// The checkpoint with the values of the graph's variables: its path without ".index".
    #[arg(long, value_name = "PREFIX")]
    checkpoint: Option<PathBuf>,
    /// Ignore the devices that nodes ask for.
    #[arg(long)]
    clear_devices: bool,
    /// Make trainable variables, with the names and values of the constants, of the large floating-point constants.
    ///
    /// Constants inside of loops and conditionals, and those whose file holds one value for many elements, stay what
    /// they are.
    #[arg(long, conflicts_with = "checkpoint")]
    unfreeze: bool,
    /// How many elements a constant has at least that is large.
    #[arg(
        long,
        value_name = "ELEMENTS",
        default_value_t = 8,
        requires = "unfreeze"
    )]
    min_elements: usize,
    /// Replace a module that exists at OUT_DIR.
    #[arg(long)]
    replace: bool,
}

fn end(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, tensor)) if !name.is_empty() && !tensor.is_empty() => {
            Ok((name.to_owned(), tensor.to_owned()))
        }
        _ => Err("expected NAME=TENSOR".to_owned()),
    }
}

/// The ops whose values a checkpoint holds, which no longer stand in a frozen graph.
const VARIABLES: [&str; 5] = [
    "VarHandleOp",
    "Variable",
    "VariableV2",
    "AutoReloadVariable",
    "TemporaryVariable",
];

/// A variable in place of a constant: its name, which may differ in case only names, and its value in the graph.
fn variable<'g>(g: &'g GraphBuilder, name: &str, value: &TensorValue) -> (String, AnyTensor<'g>) {
    fn of<'g, T: Element>(
        g: &'g GraphBuilder,
        name: &str,
        shape: &[usize],
    ) -> (String, AnyTensor<'g>) {
        let variable = g.get_variable::<T>(name).shape(shape);
        let variable = variable.initializer(init::zeros()).finish();
        let scope = format!("{}/", variable.name());
        let value = g.name_scope(&scope, || variable.value());
        (variable.name(), value.any())
    }
    let shape = value.shape();
    match value.dtype() {
        DType::Float16 => of::<f16>(g, name, shape),
        DType::BFloat16 => of::<bf16>(g, name, shape),
        DType::Float64 => of::<f64>(g, name, shape),
        _ => of::<f32>(g, name, shape),
    }
}

fn is_floating(dtype: DType) -> bool {
    matches!(
        dtype,
        DType::Float16 | DType::BFloat16 | DType::Float32 | DType::Float64
    )
}

fn module_fn(
    g: &GraphBuilder,
    arguments: &Arguments,
    graph: MetaGraphDef,
    constants: Vec<(String, TensorValue)>,
    values: &mut BTreeMap<String, TensorValue>,
) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut options = ImportOptions::new()
        .prefix("")
        .clear_devices(arguments.clear_devices);
    for (name, value) in constants {
        let (variable, tensor) = variable(g, &name, &value);
        options = options.map_input(name, tensor);
        values.insert(variable, value);
    }
    let ends = arguments.input.iter().chain(&arguments.output);
    options = options.outputs(ends.map(|(_, tensor)| tensor));
    let imported = g.import_meta_graph(graph, options)?;
    let mut operations = imported.operations();
    let variable = operations.find(|operation| VARIABLES.contains(&&*operation.op()));
    if let Some(variable) = variable.filter(|_| arguments.checkpoint.is_none()) {
        let (op, name) = (variable.op(), variable.name());
        let message =
            format!("the graph is not frozen: it has {op} {name:?}; --checkpoint gives its value");
        return Err(message.into());
    }
    let mut signature = g.signature("default");
    for (name, tensor) in &arguments.input {
        signature = signature.input(name, imported.tensor(tensor)?);
    }
    for (name, tensor) in &arguments.output {
        signature = signature.output(name, imported.tensor(tensor)?);
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    report::run(|| {
        let at = |error: Error| match error.path() {
            Some(_) => error,
            None => error.with_path(&arguments.graph),
        };
        let mut graph = graph_file::read(&arguments.graph)?;
        let mut constants = Vec::new();
        if arguments.unfreeze {
            let mut graph_def = graph.into_graph_def();
            let ends = arguments.input.iter().chain(&arguments.output);
            let needed = graph_def.needed_nodes(ends.map(|(_, tensor)| tensor));
            let needed: HashSet<_> = needed.map_err(at)?.into_iter().map(str::to_owned).collect();
            let is_taken = |constant: &ConstantDescription| {
                let is_large = constant.num_elements() >= arguments.min_elements;
                is_large && is_floating(constant.dtype) && needed.contains(&constant.name)
            };
            constants = graph_def.take_constants(is_taken).map_err(at)?;
            graph = graph_def.into();
        }
        let mut values = BTreeMap::new();
        let spec = ModuleSpec::new(|g| module_fn(g, &arguments, graph, constants, &mut values))
            .map_err(at)?;
        let mut session = Session::new(&spec)?;
        let exporter = Exporter::new(&spec).replace(arguments.replace);
        let summary = match &arguments.checkpoint {
            Some(prefix) => {
                exporter.export(&arguments.out_dir, &CheckpointReader::open(prefix)?)?
            }
            None => {
                session.assign_all(values)?;
                exporter.export(&arguments.out_dir, &session)?
            }
        };
        Ok((spec, session, summary))
    })
}
