//! Whole architectures in small: the models of the examples.

use std::path::Path;

use bert::{Bert, Vocabulary};
use mobilenet_v2::MobilenetV2;
use tfhub::{GraphBuilder, Mode, ModuleSpec, Session};

use super::Module;
use crate::cli::example;
use crate::golden::files;

#[path = "../../../examples/models/bert.rs"]
mod bert;
#[path = "../../../examples/models/mobilenet_v2.rs"]
mod mobilenet_v2;
#[path = "../../../examples/models/resnet_v2.rs"]
mod resnet_v2;

const WORD_PIECES: &str = "tests/conformance/assets/wordpieces.txt";

/// A module with a variant for each mode.
macro_rules! module {
    ($module_fn:ident) => {
        Module::new(stringify!($module_fn), |g| $module_fn(g, Mode::Infer))
            .variant(["train"], |g| $module_fn(g, Mode::Train))
    };
}

pub(super) fn modules() -> Vec<Module> {
    vec![
        module!(mobilenet_v2_reduced).seed(171),
        module!(resnet_v2_reduced).seed(172),
        module!(bert_reduced).seed(173),
        module!(bert_reduced_with_mlm).seed(174),
    ]
}

fn mobilenet_v2_reduced(g: &GraphBuilder, mode: Mode) {
    let block = mobilenet_v2::Block::new;
    let net = MobilenetV2 {
        size: 16,
        multiplier: 0.25,
        blocks: &[block(1, 16, 1), block(6, 24, 2), block(6, 24, 1)],
        features: 128,
    };
    mobilenet_v2::module_fn(g, &net, mode);
}

fn resnet_v2_reduced(g: &GraphBuilder, mode: Mode) {
    let block = resnet_v2::Block::new;
    resnet_v2::module_fn(g, 32, &[block(2, 1, 2), block(3, 2, 1)], mode);
}

fn bert_module(g: &GraphBuilder, model: Bert, with_mlm: bool, mode: Mode) {
    let vocabulary = Vocabulary {
        path: Path::new(WORD_PIECES),
        do_lower_case: true,
    };
    bert::module_fn(g, &model, vocabulary, with_mlm, mode);
}

fn bert_reduced(g: &GraphBuilder, mode: Mode) {
    let model = Bert {
        vocab_size: 12,
        hidden_size: 8,
        layers: 2,
        heads: 2,
        intermediate_size: 16,
        positions: 6,
    };
    bert_module(g, model, false, mode);
}

fn bert_reduced_with_mlm(g: &GraphBuilder, mode: Mode) {
    let model = Bert {
        vocab_size: 12,
        hidden_size: 4,
        layers: 1,
        heads: 1,
        intermediate_size: 6,
        positions: 6,
    };
    bert_module(g, model, true, mode);
}

/// The numbers of the public networks' variables and of their elements.
#[test]
fn the_networks_are_as_large_as_the_public_ones() {
    let count = |module_fn: &dyn Fn(&GraphBuilder, Mode)| {
        let spec = ModuleSpec::with_modes(|g, mode| module_fn(g, mode)).unwrap();
        let session = Session::new(&spec).unwrap();
        let elements = session
            .variables()
            .map(|variable| variable.num_elements().unwrap());
        (session.variables().count(), elements.sum::<usize>())
    };
    let mobilenet = MobilenetV2::default();
    let mobilenet = count(&|g, mode| mobilenet_v2::module_fn(g, &mobilenet, mode));
    assert_eq!(mobilenet, (260, 2_257_984));
    let resnet = count(&|g, mode| resnet_v2::module_fn(g, 224, &resnet_v2::BLOCKS_50, mode));
    assert_eq!(resnet, (270, 23_564_800));
    let bert = count(&|g, mode| bert_module(g, Bert::default(), false, mode));
    assert_eq!(bert, (199, 109_482_240));
}

/// The variables that an example exports are those of the checkpoint, not its own initial ones.
#[test]
fn examples_export_checkpoints_of_the_networks() {
    let dir = tempfile::tempdir().unwrap();
    let bert = [
        "--vocabulary=tests/conformance/assets/wordpieces.txt",
        "--hidden-size=8",
        "--layers=2",
        "--heads=2",
        "--intermediate-size=16",
        "--positions=6",
    ];
    let mobilenet = ["--size=32", "--multiplier=0.1"];
    for (name, sizes) in [("bert", &bert[..]), ("mobilenet_v2", &mobilenet)] {
        let exported = |suffix: &str, weights: &[&str]| {
            let out = dir.path().join(format!("{name}{suffix}"));
            let output = example(name).arg(&out).args(sizes).args(weights).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{output:?}");
            let mut found = files(&out).unwrap();
            found.retain(|path, _| path.starts_with("variables/"));
            (found, out)
        };
        let (first, out) = exported("_seeded", &["--seed=7"]);
        let checkpoint = out.join("variables/variables");
        let (second, _) = exported("", &["--checkpoint", checkpoint.to_str().unwrap()]);
        assert_eq!(Vec::from_iter(first.keys()), Vec::from_iter(second.keys()));
        assert!(first == second, "{name}: the variables differ");
        let (third, _) = exported("_unseeded", &[]);
        assert!(first != third, "{name}: the variables are the initial ones");
    }
}
