//! Module level: signatures, tag sets, attachments, dropped collections.

use tfhub::dtype::ByteString;
use tfhub::graph::keys;
use tfhub::layers::dense;
use tfhub::module::{Module as Instance, ModuleOptions};
use tfhub::ops::lookup::MutableHashTable;
use tfhub::ops::math::{self, Axes};
use tfhub::ops::{array, nn};
use tfhub::regularizer::{contrib, keras};
use tfhub::variable::VariableAggregation;
use tfhub::{GraphBuilder, ModuleSpec, Tensor, init};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("several_signatures", several_signatures).seed(51),
        Module::new("train_and_infer_tags", |g| train_and_infer_tags(g, None))
            .variant(["train"], |g| train_and_infer_tags(g, Some(1.0)))
            .variant(["train", "gpu"], |g| train_and_infer_tags(g, Some(2.0)))
            .seed(52),
        Module::new("attachments", attachments),
        Module::new("collection_sets", collection_sets).drop_collections(&["mine"]),
        Module::new("saved_tables", saved_tables).drop_collections(&[keys::SAVEABLE_OBJECTS]),
        Module::new("drop_collections", drop_collections)
            .seed(54)
            .drop_collections(&["losses", "global_step"]),
        Module::new("variants_with_own_signatures", |g| {
            own_signatures(g, Use::Scoring)
        })
        .variant(["train"], |g| own_signatures(g, Use::Training))
        .variant(["a", "b", "c"], |g| own_signatures(g, Use::Encoding))
        .seed(55),
    ]
}

fn several_signatures(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let ids = g.named("ids", || g.placeholder::<i64>((None,)));
    let w = g.get_variable("w").shape([2, 3]).finish();
    let y = math::matmul(x, w);
    g.default_signature(x, y);
    g.signature("pair")
        .input("x", x)
        .input("ids", ids)
        .output("default", y)
        .output("ids", ids);
    let version = g.named("version", || g.constant(3));
    g.signature("version").output("default", version);
    let w_value = g.named("w_value", || array::identity(w));
    g.signature("weights").output("w", w_value);
}

/// For training, the outputs are multiplied by `scale`.
fn train_and_infer_tags(g: &GraphBuilder, scale: Option<f32>) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let mut y = dense(4).kernel_regularizer(contrib::l2(0.5)).apply(x);
    if let Some(scale) = scale {
        y = y * scale;
        g.signature("only_training")
            .input("x", x)
            .output("mean", math::reduce_mean(y, Axes::ALL));
    }
    g.signature("default").input("x", x).output("default", y);
}

fn attachments(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 4, 6, 3)));
    // ImageModuleInfo { default_image_size { height: 4 width: 6 } }
    g.attach_bytes("image_module_info", [0x0a, 0x04, 0x08, 0x04, 0x10, 0x06]);
    // Int64List { value: [1, -1, 300] }
    g.attach_bytes(
        "numbers",
        *b"\x0a\x0d\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xac\x02",
    );
    g.attach_bytes("empty", []);
    // Int64List { value: [7] }
    g.attach_bytes("numbers", [0x0a, 0x01, 0x07]);
    g.signature("default")
        .input("images", x)
        .output("default", array::identity(x));
}

fn table_inside() -> ModuleSpec {
    let spec = ModuleSpec::new(|g| {
        let x = g.named("x", || g.placeholder::<f32>((None,)));
        let v = g.get_variable::<f32>("v").shape([1]);
        let v = v.initializer(init::ones()).finish();
        g.default_signature(x, x * v);
    });
    spec.expect("a valid module")
}

fn saved_tables(g: &GraphBuilder) {
    let options = ModuleOptions::default().name("zinside").trainable(true);
    let inside = Instance::new(g, &table_inside(), options);
    let x = g.named("x", || g.placeholder::<ByteString>((None,)));
    let numbers = g.name_scope("lookup", || {
        MutableHashTable::<ByteString, f32>::new(g, 0.5, ())
    });
    let rows = g.named("rows", || {
        MutableHashTable::<i64, f32>::new(g, [0.0, 1.0], ())
    });
    let w = g.get_variable::<f32>("w").shape([1]);
    let w = w.initializer(init::zeros()).finish();
    let options = ModuleOptions::default().name("beside");
    let beside = Instance::new(g, &table_inside(), options);
    let number: Tensor<f32> = inside.call(numbers.lookup(x)).typed();
    let row = array::index(rows.lookup(array::zeros::<i64>(g, [1])), 0);
    let y = number + beside.call(row).typed() + w;
    g.signature("default").input("x", x).output("default", y);
}

fn collection_sets(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let variable = |name: &str, trainable, collections: &[&str]| {
        let v = g.get_variable::<f32>(name).shape([2]).trainable(trainable);
        let v = v.initializer(init::zeros());
        v.collections(collections).finish()
    };
    let (variables, trainable, model) = (
        keys::VARIABLES,
        keys::TRAINABLE_VARIABLES,
        keys::MODEL_VARIABLES,
    );
    let a = variable("a", true, &[variables, variables]);
    let b = variable("b", false, &[variables, trainable]);
    let c = variable("c", true, &["mine", model, variables, trainable, model]);
    let d = variable("d", false, &[variables, model]);
    let step = d.assign_add_op([1.0, 1.0]);
    g.add_to_collection(keys::UPDATE_OPS, step);
    g.add_to_collection(keys::UPDATE_OPS, step);
    let loss = math::reduce_sum(c, Axes::ALL);
    g.add_to_collection(keys::UPDATE_OPS, loss);
    g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    g.signature("default")
        .input("x", x)
        .output("default", x * a + b + c + d);
}

fn drop_collections(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let v = g.get_variable("v").shape([2]).finish();
    let y = x * v;
    g.add_to_collection("losses", math::reduce_sum(y, Axes::ALL));
    g.get_variable::<i64>("global_step")
        .shape(())
        .initializer(init::zeros())
        .trainable(false)
        .aggregation(VariableAggregation::OnlyFirstReplica)
        .collections([keys::VARIABLES, "global_step"])
        .finish();
    g.signature("default").input("x", x).output("default", y);
}

/// What a variant of `variants_with_own_signatures` is for.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Scoring,
    Training,
    Encoding,
}

fn own_signatures(g: &GraphBuilder, purpose: Use) {
    let labels =
        (purpose == Use::Training).then(|| g.named("labels", || g.placeholder::<i64>((None,))));
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let encoder = dense(2).activation(nn::tanh);
    let hidden = encoder.name("encoder").apply(x);
    let head = dense(1).kernel_regularizer(keras::l2(0.5));
    let y = head.name("head").apply(hidden);
    match labels {
        Some(labels) => {
            let (flat, labels_as_float) = (array::reshape(y, [-1]), math::cast::<f32, _>(labels));
            let error = g.named("error", || math::subtract(flat, labels_as_float));
            g.signature("loss")
                .input("x", x)
                .input("labels", labels)
                .output("default", nn::l2_loss(error));
            g.signature("default")
                .input("x", x)
                .output("default", y)
                .output("hidden", hidden);
        }
        None if purpose == Use::Encoding => {
            g.signature("encode")
                .input("vectors", x)
                .output("codes", hidden);
        }
        None => {
            g.default_signature(x, y);
        }
    }
}
