//! Graphs that have a module inside, each a module itself: the Rust twin of `tests/conformance/consumers.py`.

use std::fs;
use std::path::{Path, PathBuf};

use tfhub::dtype::ByteString;
use tfhub::graph::AnyTensor;
use tfhub::module::{
    Module, ModuleOptions, SignatureDescription, SignatureTensor, TensorDescription, TensorKind,
};
use tfhub::ops::math;
use tfhub::ops::sparse::SparseTensor;
use tfhub::{DType, Exporter, GraphBuilder, ModuleSpec, Result, Session, Shape, Tensor};

use crate::modules;

/// What a consumer does with the module.
pub(crate) const MODES: [&str; 6] = ["fixed", "trainable", "twice", "cond", "loop", "scoped"];

/// Writes the consumers that `list.txt` in `$TFHUB_CONSUMERS_DIR` asks for, of modules in `$TFHUB_MODULES_DIR`: lines of a
/// module's name and a mode. What cannot be made has a file with the reason instead. Without the variables, some modules
/// of the table have consumers of all modes.
#[test]
fn export_conformance_consumers() {
    let Some(target) = std::env::var_os("TFHUB_CONSUMERS_DIR").map(PathBuf::from) else {
        return make_some();
    };
    let source = PathBuf::from(std::env::var_os("TFHUB_MODULES_DIR").expect("the modules"));
    assert!(target.is_absolute() && source.is_absolute());
    let list = fs::read_to_string(target.join("list.txt")).unwrap();
    for line in list.lines() {
        let (name, mode) = line.split_once(' ').expect("a name and a mode");
        let inner = match name.split_once('.') {
            Some(_) => target.join(name),
            None => source.join(name),
        };
        let out = target.join(format!("{name}.{mode}"));
        if let Err(error) = export(&inner, mode, &out) {
            fs::write(
                out.with_extension(format!("{mode}.error")),
                error.to_string(),
            )
            .unwrap();
        }
    }
}

fn make_some() {
    let scratch = tempfile::tempdir().unwrap();
    let mut made = 0;
    for module in modules::all()
        .iter()
        .filter(|module| !module.is_row())
        .step_by(25)
    {
        let inner = scratch.path().join(module.name);
        module.export(&inner).unwrap();
        for mode in MODES {
            let out = scratch.path().join(format!("{}.{mode}", module.name));
            export(&inner, mode, &out).unwrap_or_else(|error| panic!("{}: {error}", module.name));
            made += 1;
        }
    }
    assert!(made > 40, "{made}");
}

/// Writes a consumer of the module in a directory.
pub(crate) fn export(inner: &Path, mode: &str, out: &Path) -> Result<()> {
    let spec = consumer(inner, mode)?;
    let session = Session::new(&spec)?;
    let exporter = Exporter::new(&spec).replace(true);
    exporter.export(out, &session).map(|_| ())
}

/// The consumer of a module.
fn consumer(inner: &Path, mode: &str) -> Result<ModuleSpec> {
    let spec = ModuleSpec::load(inner)?;
    let mut variants: Vec<_> = spec.variants().collect();
    variants.sort_by(|a, b| a.tags.cmp(&b.tags));
    let is_trainable = mode == "trainable" || mode == "scoped";
    let variant = match is_trainable {
        true => variants.last(),
        false => variants.first(),
    };
    let variant = variant.expect("a variant");
    let mut signatures: Vec<_> = variant
        .signatures
        .iter()
        .filter(|it| it.can_be_applied())
        .collect();
    signatures.sort_by(|a, b| a.name.cmp(&b.name));
    let options = ModuleOptions::new().tags(variant.tags.clone());
    let options = options.trainable(is_trainable);
    let new = NewModule {
        spec: &spec,
        options,
    };
    let consumer = ModuleSpec::new(|g: &GraphBuilder| match mode {
        "fixed" | "trainable" => {
            let module = new.in_graph(g);
            for signature in &signatures {
                let inputs = placeholders(g, signature);
                let outputs = apply(module, signature, &inputs);
                add_signature(g, &signature.name, &inputs, &outputs);
            }
        }
        "twice" => {
            let (first, second) = (new.in_graph(g), new.in_graph(g));
            let inputs = placeholders(g, signatures[0]);
            let mut outputs = Vec::new();
            for (label, module) in [("a", first), ("b", first), ("c", second)] {
                let made = apply(module, signatures[0], &inputs);
                outputs.extend(
                    made.into_iter()
                        .map(|(key, it)| (format!("{label}_{key}"), it)),
                );
            }
            add_signature(g, "default", &inputs, &outputs);
        }
        "cond" => {
            let module = new.in_graph(g);
            let mut inputs = placeholders(g, signatures[0]);
            let predicate = g.named("predicate", || g.placeholder::<bool>(()));
            let branch = || dense(apply(module, signatures[0], &inputs));
            let keys: Vec<_> = branch_keys(signatures[0]);
            let outputs = g.cond(predicate, branch, branch);
            let outputs: Vec<_> = outputs.into_iter().map(SignatureTensor::from).collect();
            let outputs: Vec<_> = keys.into_iter().zip(outputs).collect();
            inputs.push(("predicate".into(), predicate.into()));
            add_signature(g, "default", &inputs, &outputs);
        }
        "loop" => {
            let module = new.in_graph(g);
            let inputs = placeholders(g, signatures[0]);
            let (_, size) = g.while_loop(
                (g.constant(0i32), g.constant(0i32)),
                |(i, _): (Tensor<'_, i32>, Tensor<'_, i32>)| math::less(i, 2),
                |(i, size): (Tensor<'_, i32>, Tensor<'_, i32>)| {
                    let outputs = dense(apply(module, signatures[0], &inputs));
                    let size = outputs
                        .into_iter()
                        .fold(size, |size, it| size + size_of(it));
                    (i + 1, size)
                },
                (),
            );
            add_signature(g, "default", &inputs, &vec![("size".into(), size.into())]);
        }
        "scoped" => {
            let before = g.named("before", || g.no_op());
            let inputs = placeholders(g, signatures[0]);
            let outputs = g.control_dependencies([before], || {
                g.variable_scope("outer", |_| {
                    let module = g.name_scope("elsewhere", || new.in_graph(g));
                    apply(module, signatures[0], &inputs)
                })
            });
            add_signature(g, "default", &inputs, &outputs);
        }
        _ => panic!("unknown mode {mode}"),
    })?;
    Ok(consumer)
}

/// Makes an instance.
struct NewModule<'s> {
    spec: &'s ModuleSpec,
    options: ModuleOptions,
}

impl NewModule<'_> {
    fn in_graph<'g>(&self, g: &'g GraphBuilder) -> Module<'g> {
        Module::new(g, self.spec, self.options.clone())
    }
}

pub(crate) type Ends<'g> = Vec<(String, SignatureTensor<'g>)>;

fn size_of(tensor: AnyTensor<'_>) -> Tensor<'_, i32> {
    let node = tensor.graph().op("Size").input(tensor);
    let shape = tensor.shape();
    match shape.num_elements() {
        // As `tf.size` does.
        Some(size) => tensor
            .graph()
            .named("Size", || tensor.graph().constant(size as i32)),
        None => node.finish().output(0).typed(),
    }
}

pub(crate) fn apply<'g>(
    module: Module<'g>,
    signature: &SignatureDescription,
    inputs: &Ends<'g>,
) -> Ends<'g> {
    let call = module.signature(signature.name.as_str());
    let call = inputs.iter().fold(call, |call, (key, input)| {
        call.input(key.as_str(), input.clone())
    });
    let outputs = call.finish();
    let outputs = outputs
        .iter()
        .map(|(key, output)| (key.to_owned(), output.clone()));
    outputs.collect()
}

fn is_dense(end: &TensorDescription) -> bool {
    end.components.is_empty()
}

fn branch_keys(signature: &SignatureDescription) -> Vec<String> {
    let dense = signature.outputs.iter().filter(|(_, end)| is_dense(end));
    dense.map(|(key, _)| key.clone()).collect()
}

/// The dense outputs, in the order of their keys.
fn dense(outputs: Ends<'_>) -> Vec<AnyTensor<'_>> {
    outputs
        .into_iter()
        .filter_map(|(_, it)| it.as_dense())
        .collect()
}

pub(crate) fn placeholders<'g>(g: &'g GraphBuilder, signature: &SignatureDescription) -> Ends<'g> {
    let inputs = signature.inputs.iter().enumerate();
    let inputs = inputs.map(|(number, (key, end))| {
        let name = format!("{}_{number}", signature.name.replace(':', "_"));
        (key.clone(), placeholder(g, &name, end))
    });
    inputs.collect()
}

fn placeholder<'g>(
    g: &'g GraphBuilder,
    name: &str,
    end: &TensorDescription,
) -> SignatureTensor<'g> {
    let untyped = |name: String, dtype: DType, shape: Shape| {
        let node = g.op("Placeholder").name(name).attr("dtype", dtype);
        node.attr("shape", shape).finish().output(0)
    };
    if is_dense(end) {
        return untyped(name.to_owned(), end.dtype, end.shape.clone()).into();
    }
    if let TensorKind::Ragged { ragged_rank, .. } = end.kind {
        return ragged_placeholder(g, name, end, ragged_rank);
    }
    let rank = end.shape.rank();
    let vector = |size: Option<usize>| Shape::from(vec![size]);
    let indices = Shape::from(vec![None, rank]);
    let indices = untyped(format!("{name}_indices"), DType::Int64, indices).typed::<i64>();
    let values = untyped(format!("{name}_values"), end.dtype, vector(None));
    let shape = untyped(format!("{name}_shape"), DType::Int64, vector(rank)).typed::<i64>();
    macro_rules! sparse {
        ($($dtype:ident $type:ty),*) => {
            match end.dtype {
                $(DType::$dtype => SparseTensor::new(g, indices, values.typed::<$type>(), shape).into(),)*
                other => panic!("a sparse input of dtype {other}"),
            }
        };
    }
    sparse!(Float32 f32, Float64 f64, Int32 i32, Int64 i64, Bool bool, String ByteString)
}

/// A placeholder as `tf.ragged.placeholder` makes it.
fn ragged_placeholder<'g>(
    g: &'g GraphBuilder,
    name: &str,
    end: &TensorDescription,
    ragged_rank: usize,
) -> SignatureTensor<'g> {
    let dims = end.shape.dims();
    let of_value = dims.map(|dims| Shape::from(&dims[ragged_rank + 1..]));
    let of_value = of_value.unwrap_or_else(Shape::unknown);
    macro_rules! ragged {
        ($($dtype:ident $type:ty),*) => {
            match end.dtype {
                $(DType::$dtype => {
                    let make = || g.ragged_placeholder::<$type>(ragged_rank, of_value);
                    g.named(name, make).into()
                })*
                other => panic!("a ragged input of dtype {other}"),
            }
        };
    }
    ragged!(Float32 f32, Float64 f64, Int32 i32, Int64 i64, Bool bool, String ByteString)
}

fn add_signature<'g>(g: &'g GraphBuilder, name: &str, inputs: &Ends<'g>, outputs: &Ends<'g>) {
    let mut signature = g.signature(name);
    for (key, input) in inputs {
        signature = signature.input(key.as_str(), input.clone());
    }
    for (key, output) in outputs {
        signature = signature.output(key.as_str(), output.clone());
    }
}
