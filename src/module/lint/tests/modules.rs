//! Rows of the table, and graphs that several of them have.

use std::fs;
use std::panic::Location;
use std::path::Path;

use super::super::LintCode;
use crate::dtype::ByteString;
use crate::graph::{GraphDef, ImportOptions, keys};
use crate::layers::dense;
use crate::module::Tags;
use crate::ops::lookup::{StaticHashTable, TextFileInitializer};
use crate::ops::{io, math, nn};
use crate::regularizer::contrib;
use crate::variable::Partitioner;
use crate::{GraphBuilder, ModuleSpec, Result, Session, Shape, Tensor, init};

/// A function that makes a graph, with a directory for files.
pub(super) type Build = fn(&GraphBuilder, &Path);

/// A way to break the demand of a code, and one not to.
pub(super) struct Row {
    pub(super) code: LintCode,
    /// The item that is found; `None` where a rule refuses the module.
    pub(super) item: Option<&'static str>,
    pub(super) bad: Module,
    pub(super) good: Module,
    pub(super) location: &'static Location<'static>,
}

/// The variants of a module; the first has no tags unless it is alone and says so.
#[derive(Clone)]
pub(super) struct Module {
    pub(super) variants: Vec<(Tags, Build)>,
    /// Values of variables.
    pub(super) values: fn(&mut Session) -> Result<()>,
}

pub(super) fn one(build: Build) -> Module {
    tagged(Tags::none(), build)
}

pub(super) fn tagged(tags: impl Into<Tags>, build: Build) -> Module {
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
    pub(super) fn with(mut self, tags: impl Into<Tags>, build: Build) -> Self {
        self.variants.push((tags.into(), build));
        self
    }

    pub(super) fn values(self, values: fn(&mut Session) -> Result<()>) -> Self {
        Module { values, ..self }
    }

    pub(super) fn spec(&self, dir: &Path) -> Result<ModuleSpec> {
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
pub(super) fn refused(code: LintCode, bad: Module, good: Module) -> Row {
    Row {
        code,
        item: None,
        bad,
        good,
        location: Location::caller(),
    }
}

#[track_caller]
pub(super) fn found(code: LintCode, item: &'static str, bad: Module, good: Module) -> Row {
    Row {
        code,
        item: Some(item),
        bad,
        good,
        location: Location::caller(),
    }
}

pub(super) fn x(g: &GraphBuilder) -> Tensor<'_, f32> {
    g.named("x", || g.placeholder::<f32>((None, 4)))
}

pub(super) fn plain(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    g.default_signature(x, -x);
}

pub(super) fn layer(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let layer = dense(3).kernel_regularizer(contrib::l2(0.1));
    g.default_signature(x, layer.apply(x));
}

pub(super) fn unregularized(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    g.default_signature(x, dense(3).apply(x));
}

pub(super) fn dropped_out(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let dropped = nn::dropout(x, 0.5, ());
    g.default_signature(x, -dropped);
}

pub(super) fn chosen_dropout(g: &GraphBuilder, _: &Path) {
    let x = x(g);
    let half = g.constant(0.5f32);
    let rate = g.named("rate", || g.placeholder_with_default(half, ()));
    let dropped = -nn::dropout(x, rate, ());
    g.signature("default")
        .input("default", x)
        .input("rate", rate)
        .output("default", dropped);
}

pub(super) fn chosen_none(g: &GraphBuilder, _: &Path) {
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
pub(super) fn normalized(g: &GraphBuilder, momentum: Option<f64>) {
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

pub(super) fn images(g: &GraphBuilder, size: impl Into<Shape>, key: &str) {
    let images = g.named("images", || g.placeholder::<f32>(size.into()));
    let y = math::reduce_mean(images, [1, 2]);
    let vector = g.signature("image_feature_vector").input("images", images);
    vector.output("default", y).output(key, -images);
    g.signature("default")
        .input("images", images)
        .output("default", y);
}

pub(super) fn file(dir: &Path, name: &str, content: &str) -> std::path::PathBuf {
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Words that are looked up in a file, and the rows of an embedding.
pub(super) fn embedded(g: &GraphBuilder, path: &Path, rows: usize) {
    embedded_in_parts(g, path, rows, None, ());
}

/// Words that are looked up in a file, and the rows of an embedding that is in parts.
pub(super) fn embedded_in_parts(
    g: &GraphBuilder,
    path: &Path,
    rows: usize,
    parts: impl Into<Option<Partitioner>>,
    options: impl Into<nn::EmbeddingOptions>,
) {
    let words = g.named("words", || g.placeholder::<ByteString>((None,)));
    let table = TextFileInitializer::<ByteString, i64>::new(g, path).shared_name("words");
    let ids = StaticHashTable::new(table, 0i64).lookup(words);
    let embedding = g.get_variable::<f32>("embedding").shape([rows, 2]);
    let embedding = embedding.partitioner(parts).finish();
    g.default_signature(words, nn::embedding_lookup(embedding, ids, options));
}

pub(super) fn bert(g: &GraphBuilder, with_vocabulary: Option<&Path>) {
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
pub(super) fn imported(g: &GraphBuilder, text: &str) {
    let graph = GraphDef::decode_text(text).unwrap();
    g.import_graph_def(graph, ImportOptions::new().prefix(""))
        .unwrap();
}

pub(super) fn used(g: &GraphBuilder, path: &Path) {
    let path = g.asset(path);
    g.signature("default")
        .output("default", io::read_file(path));
}

pub(super) fn hparams(g: &GraphBuilder, shape: impl Into<Shape>) {
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

pub(super) fn pooled(g: &GraphBuilder, format: &str) {
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
