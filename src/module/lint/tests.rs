//! For each code a module that breaks its demand, and one that does not.

use std::fs;
use std::panic::Location;
use std::path::Path;

use ndarray::Array1;

use super::{Finding, LintCode, LintStage, Severity};
use crate::dtype::ByteString;
use crate::error::Rule;
use crate::file_system::OsFileSystem;
use crate::file_system::faults::FailingFs;
use crate::graph::{GraphDef, ImportOptions, keys};
use crate::layers::dense;
use crate::module::{Tags, image};
use crate::ops::lookup::{StaticHashTable, TextFileInitializer, index_table_from_file};
use crate::ops::{array, io, math, nn};
use crate::progress::Meter;
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::regularizer::contrib;
use crate::variable::{VariableInfo, Variables};
use crate::{
    DType, Exporter, GraphBuilder, ModuleSpec, Result, Session, Shape, Tensor, TensorValue, init,
};

/// A function that makes a graph, with a directory for files.
type Build = fn(&GraphBuilder, &Path);

/// A way to break the demand of a code, and one not to.
struct Row {
    code: LintCode,
    /// The item that is found; `None` where a rule refuses the module.
    item: Option<&'static str>,
    bad: Module,
    good: Module,
    line: u32,
}

/// The variants of a module; the first has no tags unless it is alone and says so.
#[derive(Clone)]
struct Module {
    variants: Vec<(Tags, Build)>,
    /// Values of variables.
    values: fn(&mut Session) -> Result<()>,
}

fn one(build: Build) -> Module {
    tagged(Tags::none(), build)
}

fn tagged(tags: impl Into<Tags>, build: Build) -> Module {
    Module {
        variants: vec![(tags.into(), build)],
        values: |session| {
            let names: Vec<_> = session.variables().map(|it| it.name.clone()).collect();
            for name in names {
                let value = session.value(&name)?.clone();
                session.assign_value(&name, value)?;
            }
            Ok(())
        },
    }
}

impl Module {
    fn with(mut self, tags: impl Into<Tags>, build: Build) -> Self {
        self.variants.push((tags.into(), build));
        self
    }

    fn values(self, values: fn(&mut Session) -> Result<()>) -> Self {
        Module { values, ..self }
    }

    fn spec(&self, dir: &Path) -> Result<ModuleSpec> {
        let variants = self.variants.iter();
        let builder = variants.fold(ModuleSpec::builder(), |builder, (tags, build)| {
            builder.variant(tags.clone(), |g| {
                g.set_random_seed(1);
                build(g, dir);
            })
        });
        builder.finish()
    }
}

#[track_caller]
fn refused(code: LintCode, bad: Module, good: Module) -> Row {
    let line = Location::caller().line();
    Row {
        code,
        item: None,
        bad,
        good,
        line,
    }
}

#[track_caller]
fn found(code: LintCode, item: &'static str, bad: Module, good: Module) -> Row {
    let line = Location::caller().line();
    Row {
        code,
        item: Some(item),
        bad,
        good,
        line,
    }
}

fn x(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.named("x", || g.placeholder::<f32>((None, 4)))
}

fn plain(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    g.default_signature(x, -x);
}

fn layer(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let layer = dense(3).kernel_regularizer(contrib::l2(0.1));
    g.default_signature(x, layer.apply(x));
}

fn unregularized(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    g.default_signature(x, dense(3).apply(x));
}

fn dropped_out(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let dropped = nn::dropout(x, 0.5, ());
    g.default_signature(x, -dropped);
}

fn chosen_dropout(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let half = g.constant(0.5f32);
    let rate = g.named("rate", || g.placeholder_with_default(half, ()));
    let dropped = -nn::dropout(x, rate, ());
    g.signature("default")
        .input("default", x)
        .input("rate", rate)
        .output("default", dropped);
}

fn chosen_none(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let half = g.constant(0.5f32);
    let rate = g.named("rate", || g.placeholder_with_default(half, ()));
    let y = -x + rate * 0.0;
    g.signature("default")
        .input("default", x)
        .input("rate", rate)
        .output("default", y);
}

/// A layer of batch normalization that moves its statistics in training.
fn normalized(g: &GraphBuilder, momentum: Option<f64>) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2, 2, 3)));
    let statistic = |name: &str| {
        let v = g.get_variable::<f32>(&format!("bn/{name}")).shape([3]);
        v.initializer(init::ones()).trainable(false).finish()
    };
    let (mean, variance) = (statistic("moving_mean"), statistic("moving_variance"));
    let [gamma, beta] = ["gamma", "beta"].map(|name| {
        let v = g.get_variable::<f32>(&format!("bn/{name}"));
        v.shape([3]).finish()
    });
    match momentum {
        Some(momentum) => {
            let y = nn::fused_batch_norm(x, gamma, beta, ());
            for (moving, batch) in [(mean, y.batch_mean), (variance, y.batch_variance)] {
                let delta = (moving.value() - batch) * (1.0 - momentum) as f32;
                g.add_to_collection(keys::UPDATE_OPS, moving.assign_sub_op(delta));
            }
            g.default_signature(x, y.y);
        }
        None => {
            let options = nn::FusedBatchNormOptions::default().inference(mean, variance);
            g.default_signature(x, nn::fused_batch_norm(x, gamma, beta, options).y);
        }
    }
}

fn images(g: &GraphBuilder, size: impl Into<Shape>, key: &str) {
    let images = g.named("images", || g.placeholder::<f32>(size.into()));
    let y = math::reduce_mean(images, [1, 2]);
    let vector = g.signature("image_feature_vector").input("images", images);
    vector.output("default", y).output(key, -images);
    g.signature("default")
        .input("images", images)
        .output("default", y);
}

fn file(dir: &Path, name: &str, content: &str) -> std::path::PathBuf {
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Words that are looked up in a file, and the rows of an embedding.
fn embedded(g: &GraphBuilder, path: &Path, rows: usize) {
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let table = TextFileInitializer::<ByteString, i64>::new(g, path).shared_name("words");
    let ids = StaticHashTable::new(table, 0i64).lookup(words);
    let embedding = g.get_variable::<f32>("embedding").shape([rows, 2]).finish();
    g.default_signature(words, nn::embedding_lookup(embedding, ids, ()));
}

fn bert(g: &GraphBuilder, with_vocabulary: Option<&Path>) {
    let ids = ["input_ids", "input_mask", "segment_ids"];
    let ids = ids.map(|key| (key, g.named(key, || g.placeholder::<i32>((None, None)))));
    let [(_, a), (_, b), (_, c)] = ids;
    let pooled = math::cast::<f32, _>(a + b + c);
    let signature = ids
        .into_iter()
        .fold(g.signature("default"), |signature, (key, tensor)| {
            signature.input(key, tensor)
        });
    let signature = signature.output("default", pooled);
    signature
        .output("pooled_output", pooled)
        .output("sequence_output", pooled);
    if let Some(path) = with_vocabulary {
        let signature = g
            .signature("tokenization_info")
            .output("vocab_file", g.asset(path));
        signature.output("do_lower_case", g.constant(true));
    }
}

/// A graph of one node that an author does not answer for.
fn imported(g: &GraphBuilder, text: &str) {
    let graph = GraphDef::decode_text(text).unwrap();
    g.import_graph_def(graph, ImportOptions::new().prefix(""))
        .unwrap();
}

fn rows() -> Vec<Row> {
    use LintCode::*;

    let empty: Build = |g, _| {
        x(g);
    };
    vec![
        refused(S01, one(empty), one(plain)),
        refused(S02, one(plain).with(Tags::none(), plain), one(plain)),
        found(S03, "{}", tagged(["train"], plain), one(plain)),
        found(
            S04,
            "default",
            one(|g, _| {
                let x = x(g);
                g.signature("other").input("x", x).output("default", -x);
            }),
            one(plain),
        ),
        found(
            S04,
            "default",
            one(|g, _| {
                let x = x(g);
                g.signature("default").input("x", x).output("y", -x);
            }),
            one(plain),
        ),
        refused(
            S05,
            one(|g, dir| {
                plain(g, dir);
                g.add_to_collection("mine", vec![1]);
            }),
            one(plain),
        ),
        refused(
            S06,
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, x + g.placeholder::<f32>(()));
            }),
            one(plain),
        ),
        found(
            S06,
            "p",
            one(|g, _| {
                let x = x(g);
                let text = r#"node { name: "p" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }"#;
                imported(g, text);
                let p = g.operation("p").unwrap().output(0).typed::<f32>();
                g.default_signature(x, x + p);
            }),
            one(plain),
        ),
        refused(
            S07,
            one(|g, dir| {
                plain(g, dir);
                let v = g.op("VarHandleOp").attr("dtype", DType::Float32);
                v.attr("shape", Shape::scalar()).finish();
            }),
            one(layer),
        ),
        found(
            S07,
            "v",
            one(|g, dir| {
                plain(g, dir);
                let text = r#"node { name: "v" op: "VarHandleOp" attr { key: "dtype" value { type: DT_FLOAT } }
                    attr { key: "shape" value { shape { } } } }"#;
                imported(g, text);
            }),
            one(layer),
        ),
        refused(
            S08,
            one(|g, dir| {
                plain(g, dir);
                let x = g.constant(1f32);
                g.colocate_with(x, || {
                    let v = g.op("VarHandleOp").attr("dtype", DType::Float32);
                    v.attr("shape", Shape::scalar())
                        .attr("shared_name", "v")
                        .finish()
                });
            }),
            one(layer),
        ),
        found(
            S08,
            "ShutdownDistributedTPU",
            one(|g, dir| {
                plain(g, dir);
                g.op("ShutdownDistributedTPU").finish();
            }),
            one(layer),
        ),
        refused(
            S09,
            one(|g, _| {
                let x = x(g);
                let fed = g.colocate_with(x, || array::identity(x));
                g.default_signature(fed, -fed);
            }),
            one(plain),
        ),
        found(
            S09,
            "default",
            one(|g, _| {
                let x = g.constant([1f32, 2.0]);
                let halves: Vec<Tensor<'_, f32>> = array::split(x, 2, 0);
                g.default_signature(halves[0], -halves[0]);
            }),
            one(plain),
        ),
        refused(
            S10,
            one(|g, _| {
                let x = x(g);
                g.signature("a b").input("x", x).output("y", -x);
            }),
            one(plain),
        ),
        found(
            S10,
            "a:b",
            one(|g, dir| {
                plain(g, dir);
                let y = x(g);
                g.signature("a:b").input("x", y).output("y", -y);
            }),
            one(plain),
        ),
        found(
            S10,
            "1 key",
            one(|g, _| {
                let x = x(g);
                g.signature("default")
                    .input("1 key", x)
                    .output("default", -x);
            }),
            one(plain),
        ),
        refused(
            S11,
            one(|g, dir| {
                plain(g, dir);
                let y = x(g);
                g.default_signature(y, -y);
            }),
            one(plain),
        ),
        found(
            S11,
            "unused",
            one(|g, _| {
                let (x, unused) = (x(g), g.placeholder::<f32>((None,)));
                let signature = g.signature("default").input("x", x).input("unused", unused);
                signature.output("default", -x);
            }),
            one(plain),
        ),
        found(
            S11,
            "default",
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, x);
            }),
            one(plain),
        ),
        refused(
            S12,
            one(|g, dir| {
                plain(g, dir);
                g.op("Frobnicate").finish();
            }),
            one(plain),
        ),
        refused(
            S13,
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, x + [1f32, 2.0]);
            }),
            one(plain),
        ),
        found(
            S14,
            "forgotten",
            one(|g, dir| {
                plain(g, dir);
                let two = g.constant(2f32);
                g.named("forgotten", || two * 3.0);
            }),
            one(plain),
        ),
        found(
            S14,
            "hash_table",
            one(|g, dir| {
                plain(g, dir);
                let table =
                    TextFileInitializer::<ByteString, i64>::new(g, file(dir, "words.txt", "a\n"));
                StaticHashTable::new(table.shared_name("words"), 0i64);
            }),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        refused(
            V01,
            one(layer).with(["train"], |g, _| {
                let x = x(g);
                g.default_signature(x, dense(5).apply(x));
            }),
            one(layer).with(["train"], layer),
        ),
        found(
            V02,
            "more",
            one(plain).with(["train"], |g, dir| {
                plain(g, dir);
                let y = x(g);
                g.signature("more").input("x", y).output("y", -y);
            }),
            one(plain).with(["train"], plain),
        ),
        found(
            V02,
            "info",
            one(plain).with(["train"], |g, dir| {
                plain(g, dir);
                g.attach_bytes("info", [8, 1]);
            }),
            one(plain).with(["train"], plain),
        ),
        found(
            V03,
            "dense/kernel/Adam_1",
            one(|g, dir| {
                layer(g, dir);
                g.get_variable::<f32>("dense/kernel/Adam_1")
                    .shape([4, 3])
                    .trainable(false)
                    .finish();
            }),
            one(layer),
        ),
        found(
            V03,
            "global_step",
            one(|g, dir| {
                layer(g, dir);
                g.get_variable::<i64>("global_step")
                    .shape(())
                    .trainable(false)
                    .finish();
            }),
            one(layer),
        ),
        found(
            V03,
            "unused",
            one(|g, dir| {
                layer(g, dir);
                g.get_variable::<f32>("unused").shape([2]).finish();
            }),
            one(layer),
        ),
        found(
            V04,
            "v",
            one(|g, _| {
                let x = x(g);
                let v = g
                    .get_variable::<f32>("v")
                    .shape([4])
                    .use_resource(false)
                    .finish();
                g.default_signature(x, x + v);
            }),
            one(layer),
        ),
        found(
            V05,
            "dense/kernel",
            one(|g, dir| {
                layer(g, dir);
                g.drop_collections([keys::TRAINABLE_VARIABLES]);
            }),
            one(layer),
        ),
        found(V06, "dense/kernel", one(unregularized), one(layer)),
        found(
            V06,
            "dense/kernel",
            one(layer).with(["train"], unregularized),
            one(unregularized).with(["train"], layer),
        ),
        found(
            V07,
            "loss",
            one(|g, _| {
                let x = x(g);
                let loss = g.named("loss", || math::reduce_sum(x, math::Axes::ALL));
                g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
                g.default_signature(x, -x);
            }),
            one(layer),
        ),
        found(
            V07,
            "loss",
            one(|g, dir| {
                plain(g, dir);
                let one = g.constant([1f32, 2.0]);
                let loss = g.named("loss", || one * 2.0);
                g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
            }),
            one(layer),
        ),
        refused(
            V08,
            one(|g, dir| {
                plain(g, dir);
                g.add_to_collection(keys::UPDATE_OPS, vec![1]);
            }),
            one(plain),
        ),
        found(
            V08,
            "update_ops",
            one(|g, _| normalized(g, Some(0.9))).with(["train"], |g, _| normalized(g, Some(0.9))),
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.9))),
        ),
        found(
            V09,
            "bn",
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.999))),
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.99))),
        ),
        found(
            V10,
            "dropout/mul_1",
            one(dropped_out).with(["train"], plain),
            one(chosen_none).with(["train"], chosen_dropout),
        ),
        found(
            V10,
            "dropout/mul_1",
            one(plain).with(["train"], dropped_out),
            one(chosen_none).with(["train"], chosen_dropout),
        ),
        found(
            V11,
            "{}",
            one(|g, _| normalized(g, None)),
            one(|g, _| normalized(g, None)).with(["train"], |g, _| normalized(g, Some(0.9))),
        ),
        found(
            V11,
            "{}",
            one(dropped_out),
            one(chosen_none).with(["train"], chosen_dropout),
        ),
        found(
            V11,
            "{train}",
            one(layer).with(["train"], layer),
            one(plain).with(["train"], layer),
        ),
        found(
            V12,
            "large",
            one(|g, _| {
                let x = x(g);
                let value = Array1::<f32>::ones(1 << 20);
                let large = g.named("large", || g.constant(value));
                g.default_signature(x, x + math::reduce_sum(large, math::Axes::ALL));
            }),
            one(|g, _| {
                let x = x(g);
                let value = Array1::<f32>::ones(1 << 10);
                let small = g.named("small", || g.constant(value));
                g.default_signature(x, x + math::reduce_sum(small, math::Axes::ALL));
            }),
        ),
        found(
            V13,
            "large",
            one(|g, dir| {
                plain(g, dir);
                let value = Array1::<f32>::ones(1 << 21);
                g.named("large", || g.constant(value));
            }),
            one(plain),
        ),
        found(
            V14,
            "v",
            one(|g, dir| {
                plain(g, dir);
                let v = g.op("VarHandleOp").name("v").attr("dtype", DType::Float32);
                let v = v
                    .attr("shape", Shape::scalar())
                    .attr("shared_name", "v")
                    .finish();
                let assign = g.op("AssignVariableOp").name("assign").input(v.output(0));
                assign.input(g.constant(1f32)).finish();
                let def = VariableDef {
                    variable_name: "v:0".to_owned(),
                    initializer_name: "assign".to_owned(),
                    is_resource: true,
                    snapshot_name: String::new(),
                    ..VariableDef::default()
                };
                let info = VariableInfo {
                    name: "v".to_owned(),
                    dtype: DType::Float32,
                    shape: Vec::new(),
                    handle: v.output(0).tensor_ref().node,
                    initial_value: None,
                    trainable: false,
                    part: None,
                };
                g.extension::<Variables>().import(info, def.encode_to_vec());
                g.add_to_collection(keys::VARIABLES, def.encode_to_vec());
            }),
            one(layer),
        ),
        found(
            V15,
            "dense/kernel",
            one(layer).values(|session| {
                session.assign("dense/bias", [1f32; 3])?;
                session.assign("dense/kernel", [[f32::NAN; 3]; 4])
            }),
            one(layer),
        ),
        found(
            V15,
            "dense/kernel",
            one(layer).values(|session| session.assign("dense/kernel", [[0.5f32; 3]; 4])),
            one(layer),
        ),
        found(
            V16,
            "{}",
            one(|g, _| {
                let x = x(g);
                g.default_signature(x, dense(3).trainable(false).apply(x));
            }),
            one(layer),
        ),
        refused(
            G01,
            one(|g, _| {
                let images = image::images(g, [8, 8]);
                image::feature_vector(images, images);
            }),
            one(plain),
        ),
        found(
            G01,
            "image_feature_vector",
            one(|g, _| images(g, (None, 8, 8, 1), "net/all")),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G02,
            "image_classification",
            one(|g, dir| {
                plain(g, dir);
                let images = g.placeholder::<f32>((None, 8, 8, 3));
                let signature = g.signature("image_classification").input("images", images);
                signature.output("default", math::reduce_mean(images, [1, 2]));
            }),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G03,
            "image_feature_vector",
            one(|g, _| images(g, (None, None, None, 3), "net/all")),
            one(|g, _| {
                images(g, (None, None, None, 3), "net/all");
                g.attach_image_module_info([8, 8]);
            }),
        ),
        found(
            G03,
            "image_feature_vector",
            one(|g, _| {
                images(g, (None, 8, 8, 3), "net/all");
                g.attach_image_module_info([8, 9]);
            }),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G04,
            "image_feature_vector",
            one(|g, _| images(g, (None, 8, 8, 3), "all")),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G05,
            "default",
            one(|g, _| {
                let words = g.placeholder::<ByteString>((None,));
                g.default_signature(words, array::identity(words));
            }),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            G06,
            "default",
            one(|g, _| {
                let x = g.placeholder::<f32>((8, 2));
                g.default_signature(x, -x);
            }),
            one(plain),
        ),
        found(
            G07,
            "default",
            one(|g, _| bert(g, None)),
            one(|g, dir| bert(g, Some(&file(dir, "vocab.txt", "[PAD]\n")))),
        ),
        found(
            G08,
            "image_feature_vector_with_bn_hparams",
            one(|g, _| hparams(g, (None,))),
            one(|g, _| hparams(g, ())),
        ),
        found(
            G09,
            "pool",
            one(|g, _| pooled(g, "NCHW")),
            one(|g, _| pooled(g, "NHWC")),
        ),
        found(
            A01,
            "missing.txt",
            one(|g, dir| {
                plain(g, dir);
                g.asset(dir.join("missing.txt"));
            }),
            one(|g, dir| used(g, &file(dir, "there.txt", "text"))),
        ),
        found(
            A01,
            "aux.txt",
            one(|g, dir| used(g, &file(dir, "aux.txt", "text"))),
            one(|g, dir| used(g, &file(dir, "auxiliary.txt", "text"))),
        ),
        refused(
            A01,
            one(|g, dir| {
                plain(g, dir);
                g.asset("words/");
            }),
            one(plain),
        ),
        found(
            A02,
            "path",
            one(|g, _| {
                let path = g.named("path", || g.constant("words.txt"));
                g.signature("default")
                    .output("default", io::read_file(path));
            }),
            one(|g, dir| used(g, &file(dir, "words.txt", "text"))),
        ),
        found(
            A03,
            "path",
            one(|g, _| {
                let path = g.named("path", || g.constant("/home/jo/words.txt"));
                g.signature("default").output("default", path);
            }),
            one(|g, dir| used(g, &file(dir, "words.txt", "text"))),
        ),
        found(
            A03,
            "hash_table_named_by_path",
            one(|g, dir| {
                let words = g.placeholder::<ByteString>((None,));
                let table =
                    TextFileInitializer::<ByteString, i64>::new(g, file(dir, "words.txt", "a\n"));
                let table = g.named("hash_table_named_by_path", || {
                    StaticHashTable::new(table, 0i64)
                });
                g.default_signature(words, table.lookup(words));
            }),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            A04,
            "unused.txt",
            one(|g, dir| {
                plain(g, dir);
                g.asset(file(dir, "unused.txt", "text"));
            }),
            one(|g, dir| used(g, &file(dir, "words.txt", "text"))),
        ),
        found(
            A04,
            "two.txt",
            one(|g, dir| {
                let path = g.asset(file(dir, "one.txt", "text"));
                g.signature("other").output("text", io::read_file(path));
                used(g, &file(dir, "two.txt", "text"));
            }),
            one(|g, dir| {
                let path = g.asset(file(dir, "one.txt", "test"));
                g.signature("other").output("text", io::read_file(path));
                used(g, &file(dir, "two.txt", "text"));
            }),
        ),
        found(
            A05,
            "words.txt",
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\na\n"), 2)),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            A05,
            "words.txt",
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\nc\n"), 2)),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        refused(
            A06,
            one(|g, dir| {
                plain(g, dir);
                g.attach_bytes("1a", []);
            }),
            one(plain),
        ),
        found(
            A06,
            "large",
            one(|g, dir| {
                plain(g, dir);
                g.attach_bytes("large", [0; 5000]);
            }),
            one(|g, dir| {
                plain(g, dir);
                g.attach_bytes("small", [0; 50]);
            }),
        ),
        found(
            X01,
            "dense/kernel",
            one(layer).values(|_| Ok(())),
            one(layer),
        ),
    ]
}

fn used(g: &GraphBuilder, path: &Path) {
    let path = g.asset(path);
    g.signature("default")
        .output("default", io::read_file(path));
}

fn hparams(g: &GraphBuilder, shape: impl Into<Shape>) {
    images(g, (None, 8, 8, 3), "net/all");
    let images = g.operation("images").unwrap().output(0).typed::<f32>();
    let momentum = g.placeholder::<f32>(shape.into());
    let y = math::reduce_mean(images, [1, 2]) * math::reduce_sum(momentum, math::Axes::ALL);
    let signature = g
        .signature("image_feature_vector_with_bn_hparams")
        .input("images", images);
    signature
        .input("batch_norm_momentum", momentum)
        .output("default", y);
}

fn pooled(g: &GraphBuilder, format: &str) {
    let x = g.placeholder::<f32>((None, 4, 4, 4));
    let pool = g
        .op("MaxPool")
        .name("pool")
        .input(x)
        .attr("ksize", vec![1i64; 4]);
    let pool = pool.attr("strides", vec![1i64; 4]).attr("padding", "VALID");
    let y = pool.attr("data_format", format).finish().output(0);
    g.default_signature(x, y);
}

/// A limit for messages that tests reach.
const MAX_MESSAGE: usize = 5 << 20;

/// The codes that a module breaks: of rules that refuse it, or of findings, with the items.
fn broken(module: &Module, code: LintCode, scratch: &Path) -> Vec<(LintCode, String)> {
    let spec = match module.spec(scratch) {
        Ok(spec) => spec,
        Err(error) => {
            let rules = error.diagnostics().iter().map(|fault| fault.rule());
            let is_refused = rules.into_iter().any(|rule| code.rules().contains(&rule));
            let item = match is_refused {
                true => String::new(),
                false => error.to_string(),
            };
            return vec![(code, item)];
        }
    };
    let mut findings = spec.lint_within(MAX_MESSAGE);
    if code.stage() == Some(LintStage::Export) {
        let mut session = Session::new(&spec).unwrap();
        (module.values)(&mut session).unwrap();
        let target = tempfile::tempdir().unwrap();
        let summary = spec.export(target.path().join("module"), &session).unwrap();
        findings.extend(summary.warnings);
    }
    findings
        .iter()
        .map(|it| (it.code(), it.item().to_owned()))
        .collect()
}

#[test]
fn every_code_has_a_module_that_breaks_it_and_one_that_does_not() {
    let rows = rows();
    let mut faults = Vec::new();
    for row in &rows {
        let scratch = tempfile::tempdir().unwrap();
        let bad = broken(&row.bad, row.code, scratch.path());
        let expected = (row.code, row.item.unwrap_or_default().to_owned());
        if !bad.contains(&expected) {
            faults.push(format!(
                "{}: expected {expected:?}, found {bad:?}",
                row.line
            ));
        }
        let scratch = tempfile::tempdir().unwrap();
        let good = broken(&row.good, row.code, scratch.path());
        if good.iter().any(|(code, _)| *code == row.code) {
            faults.push(format!("{}: {} is found in {good:?}", row.line, row.code));
        }
    }
    for &code in LintCode::ALL {
        let of_code = || rows.iter().filter(|row| row.code == code);
        // An operation of the file system has to fail for it.
        let is_tested = code == LintCode::X02 || of_code().any(|row| row.item.is_some());
        if code.stage().is_some() != is_tested && code != LintCode::V01 {
            faults.push(format!("{code} has no row with a finding, or one too many"));
        }
        if !code.rules().is_empty() != of_code().any(|row| row.item.is_none()) {
            faults.push(format!("{code} has no row with a refusal, or one too many"));
        }
    }
    for rule in Rule::ALL {
        if !LintCode::ALL.iter().any(|code| code.rules().contains(rule)) {
            faults.push(format!("no code names the rule {rule}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_an_export_leaves_over_is_found() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("module");
    let spec = one(layer).spec(dir.path())?;
    let session = Session::new(&spec)?;
    let exporter = Exporter::new(&spec).replace(true);
    let export = |fs: &FailingFs| exporter.export_on(&fs, &target, &session, &Meter::new(None));
    exporter.export_on(&OsFileSystem, &target, &session, &Meter::new(None))?;
    let summary = export(&FailingFs::locked())?;
    let codes: Vec<_> = summary.warnings.iter().map(Finding::code).collect();
    assert_eq!(codes, [LintCode::X01, LintCode::X02]);
    Ok(())
}

#[test]
fn values_that_are_missing_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let spec = one(layer).spec(dir.path()).unwrap();
    let values = std::collections::BTreeMap::<String, TensorValue>::new();
    let error = spec.export(dir.path().join("module"), &values).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::NotFound);
}

#[test]
fn errors_refuse_an_export_and_leave_nothing_on_disk() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let line = line!() + 4;
    let spec = ModuleSpec::new(|g| {
        let x = x(g);
        let loss = g.named("loss", || math::reduce_sum(x, math::Axes::ALL));
        g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
        g.default_signature(x, -x);
    })?;
    let target = dir.path().join("module");
    let error = spec.export(&target, &Session::new(&spec)?).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::InvalidModule);
    let expected = format!(
        "{}:{line}: error V07: Sum \"loss\": the loss depends on the input \"x\"\n  why: {}\n  fix: {}",
        file!(),
        LintCode::V07.reason(),
        LintCode::V07.fix()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    let spec = spec.allow(LintCode::V07, "loss");
    let summary = spec.export(&target, &Session::new(&spec)?)?;
    assert_eq!(summary.warnings, []);
    Ok(())
}

#[test]
fn warnings_go_with_the_summary_unless_they_are_allowed() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let spec = one(unregularized).spec(dir.path())?;
    let mut session = Session::new(&spec)?;
    session.assign("dense/kernel", [[1f32, 2.0, 3.0]; 4])?;
    let summary = spec.export(dir.path().join("module"), &session)?;
    let [found] = &summary.warnings[..] else {
        panic!("{summary}")
    };
    assert_eq!(
        (found.code(), found.severity()),
        (LintCode::V06, Severity::Warning)
    );
    assert_eq!(found.variant(), Some(&Tags::none()));
    let end = format!("\n{found}\n");
    assert!(summary.to_string().ends_with(&end), "{summary}");
    // For that item alone.
    assert_eq!(
        spec.clone().allow(LintCode::V06, "dense/bias").lint().len(),
        1
    );
    assert_eq!(spec.allow(LintCode::V06, "dense/kernel").lint(), []);

    let zeros = one(layer)
        .spec(dir.path())?
        .allow(LintCode::V15, "dense/kernel");
    session.assign("dense/kernel", [[0f32; 3]; 4])?;
    assert_eq!(
        zeros.export(dir.path().join("zeros"), &session)?.warnings,
        []
    );
    Ok(())
}

#[test]
fn json_escapes_what_texts_hold() {
    let message = "a \"quote\", a \\ and\na line\u{1}".to_owned();
    let mut found = Finding::of_item(LintCode::A05, "words.txt", message);
    (found.file, found.line) = (Some("a/words.txt".into()), Some(7));
    let json: serde_json::Value = serde_json::from_str(&found.to_json()).unwrap();
    assert_eq!(json["message"], found.message());
    assert_eq!(json["code"], "A05");
    assert_eq!(json["severity"], "error");
    assert_eq!(
        (&json["file"], &json["file_line"]),
        (&"a/words.txt".into(), &7.into())
    );
    assert_eq!(
        (&json["reason"], &json["fix"]),
        (&found.reason().into(), &found.fix().into())
    );
    assert_eq!(json.get("variant"), None);
}

/// The table of `docs/lint.md` says of each code what the code says.
#[test]
fn the_table_in_the_docs_is_that_of_the_code() {
    let rows = LintCode::ALL.iter().map(|code| {
        let rules = code.rules().iter().map(|rule| rule.code());
        let rules = rules.collect::<Vec<_>>().join(", ");
        let stage = code.stage().map(|stage| stage.to_string());
        let found = match stage {
            None => rules,
            Some(stage) if rules.is_empty() => stage,
            Some(stage) => format!("{rules}, {stage}"),
        };
        format!(
            "| {code} | {} | {found} | {} | {} | {} |\n",
            code.severity(),
            code.description().replace('[', "\\["),
            code.reason(),
            code.fix()
        )
    });
    let rows: String = rows.collect();
    let page = include_str!("../../../docs/lint.md");
    assert!(page.contains(&rows), "expected the rows\n{rows}");
}

#[test]
fn a_table_of_words_with_buckets_wants_a_row_for_each() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "words.txt", "a\nb\n");
    for (rows, expected) in [
        (2, Some(Severity::Error)),
        (5, None),
        (7, Some(Severity::Warning)),
    ] {
        let spec = ModuleSpec::new(|g| {
            let words = g.placeholder::<ByteString>((None,));
            let options = crate::ops::lookup::IndexTableOptions::default().num_oov_buckets(3);
            let ids = index_table_from_file(g, &path, options).lookup(words);
            let embedding = g.get_variable::<f32>("embedding").shape([rows, 2]).finish();
            g.default_signature(words, nn::embedding_lookup(embedding, ids, ()));
        })?;
        let findings = spec.lint();
        let mut found = findings
            .iter()
            .filter(|found| found.code() == LintCode::A05);
        assert_eq!(
            found.next().map(Finding::severity),
            expected,
            "{findings:?}"
        );
    }
    Ok(())
}
