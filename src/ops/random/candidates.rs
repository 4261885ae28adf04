//! Candidate samplers.

use crate::graph::{AttrValue, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Call, function};

/// How many classes a candidate sampler draws, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidates {
    num_true: i64,
    num_sampled: i64,
    unique: bool,
    seed: Option<i64>,
}

impl Candidates {
    /// Draws `num_sampled` classes, all different, for examples with one true class.
    pub fn new(num_sampled: i64) -> Self {
        Candidates {
            num_true: 1,
            num_sampled,
            unique: true,
            seed: None,
        }
    }

    /// How many true classes each example has; one by default.
    pub fn num_true(self, num_true: i64) -> Self {
        Candidates { num_true, ..self }
    }

    /// Whether no class is drawn twice in a batch; so it is by default.
    pub fn unique(self, unique: bool) -> Self {
        Candidates { unique, ..self }
    }

    /// The seed of the node, besides the graph's own.
    pub fn seed(self, seed: i64) -> Self {
        Candidates {
            seed: Some(seed),
            ..self
        }
    }
}

/// What a candidate sampler gives.
#[derive(Debug, Clone, Copy)]
pub struct Sampled<'g> {
    /// The classes, `[num_sampled]`.
    pub sampled_candidates: Tensor<'g, i64>,
    /// How often each true class is expected among them, `[batch, num_true]`.
    pub true_expected_count: Tensor<'g, f32>,
    /// How often each drawn class is expected among them, `[num_sampled]`.
    pub sampled_expected_count: Tensor<'g, f32>,
}

#[track_caller]
fn candidates<'g>(
    op: &'static str,
    true_classes: impl TensorLike<'g, i64>,
    candidates: Candidates,
    attrs: Vec<(&'static str, AttrValue)>,
) -> Sampled<'g> {
    let call = function(true_classes.graph(), op).seeds(candidates.seed);
    let call = call
        .arg(true_classes)
        .attr("num_true", candidates.num_true)
        .attr("num_sampled", candidates.num_sampled)
        .attr("unique", candidates.unique);
    let set = |call: Call<'g>, (name, value)| call.attr(name, value);
    let sampled = attrs.into_iter().fold(call, set).finish();
    Sampled {
        sampled_candidates: sampled.output(0).typed(),
        true_expected_count: sampled.output(1).typed(),
        sampled_expected_count: sampled.output(2).typed(),
    }
}

macro_rules! samplers {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g>(
            true_classes: impl TensorLike<'g, i64>,
            drawn: Candidates,
            range_max: i64,
        ) -> Sampled<'g> {
            candidates($op, true_classes, drawn, vec![("range_max", range_max.into())])
        }
    )*};
}

samplers! {
    /// Classes below `range_max`, each as likely as any other (`tf.random.uniform_candidate_sampler`).
    uniform_candidate_sampler "UniformCandidateSampler";
    /// Classes below `range_max`, small ones more likely (`tf.random.log_uniform_candidate_sampler`).
    log_uniform_candidate_sampler "LogUniformCandidateSampler";
    /// Classes below `range_max` as often as they were seen while training
    /// (`tf.random.learned_unigram_candidate_sampler`).
    learned_unigram_candidate_sampler "LearnedUnigramCandidateSampler";
}

/// Every class (`tf.random.all_candidate_sampler`).
#[track_caller]
pub fn all_candidate_sampler<'g>(
    true_classes: impl TensorLike<'g, i64>,
    drawn: Candidates,
) -> Sampled<'g> {
    candidates("AllCandidateSampler", true_classes, drawn, Vec::new())
}

/// The distribution that [`fixed_unigram_candidate_sampler`] draws from.
#[derive(Debug, Clone, PartialEq)]
pub struct Unigrams {
    weights: Vec<f32>,
    vocab_file: String,
    distortion: f32,
    num_reserved_ids: i64,
    num_shards: i64,
    shard: i64,
}

impl Unigrams {
    /// The weights of the classes that follow the reserved ones.
    pub fn of_weights(weights: impl Into<Vec<f32>>) -> Self {
        Unigrams {
            weights: weights.into(),
            ..Unigrams::of_file("")
        }
    }

    /// The weights are in the last column of a file that the consumer has.
    pub fn of_file(path: impl Into<String>) -> Self {
        Unigrams {
            weights: Vec::new(),
            vocab_file: path.into(),
            distortion: 1.0,
            num_reserved_ids: 0,
            num_shards: 1,
            shard: 0,
        }
    }

    /// The exponent of the weights; 1 by default.
    pub fn distortion(self, distortion: f32) -> Self {
        Unigrams { distortion, ..self }
    }

    /// How many classes come first that are never drawn; 0 by default.
    pub fn num_reserved_ids(self, num_reserved_ids: i64) -> Self {
        Unigrams {
            num_reserved_ids,
            ..self
        }
    }

    /// Draws only every `num_shards`th class, from `shard` on; all by default.
    pub fn shard(self, shard: i64, num_shards: i64) -> Self {
        Unigrams {
            shard,
            num_shards,
            ..self
        }
    }
}

/// Classes as often as their weights say (`tf.random.fixed_unigram_candidate_sampler`).
#[track_caller]
pub fn fixed_unigram_candidate_sampler<'g>(
    true_classes: impl TensorLike<'g, i64>,
    drawn: Candidates,
    range_max: i64,
    unigrams: Unigrams,
) -> Sampled<'g> {
    let attrs = vec![
        ("range_max", range_max.into()),
        ("vocab_file", unigrams.vocab_file.as_str().into()),
        ("distortion", unigrams.distortion.into()),
        ("num_reserved_ids", unigrams.num_reserved_ids.into()),
        ("num_shards", unigrams.num_shards.into()),
        ("shard", unigrams.shard.into()),
        ("unigrams", unigrams.weights.into()),
    ];
    candidates("FixedUnigramCandidateSampler", true_classes, drawn, attrs)
}
