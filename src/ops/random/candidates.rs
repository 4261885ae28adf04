//! Candidate samplers.

use crate::graph::Tensor;
use crate::ops::nodes::{Call, function};
use crate::ops::table::Outputs;
use crate::ops::{OrDefault, TensorLike};

/// The classes that a candidate sampler draws.
#[derive(Debug, Clone, Copy)]
pub struct Sampled<'g> {
    /// The classes, `[num_sampled]`.
    pub sampled_candidates: Tensor<'g, i64>,
    /// How often each true class is expected among them, `[batch, num_true]`.
    pub true_expected_count: Tensor<'g, f32>,
    /// How often each drawn class is expected among them, `[num_sampled]`.
    pub sampled_expected_count: Tensor<'g, f32>,
}

outputs! {
    Sampled { sampled_candidates, true_expected_count, sampled_expected_count }
}

/// A sampler of `num_sampled` classes, all different if `unique`, for examples with `num_true` true classes.
fn sampler<'g>(
    op: &'static str,
    true_classes: impl TensorLike<'g, i64>,
    [num_true, num_sampled]: [i64; 2],
    unique: bool,
    seed: Option<i64>,
) -> Call<'g> {
    let call = function(true_classes.graph(), op).seeds(seed);
    call.arg(true_classes)
        .attr("num_true", num_true)
        .attr("num_sampled", num_sampled)
        .attr("unique", unique)
}

macro_rules! samplers {
    ($($(#[$doc:meta])* $name:ident $op:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g>(
            true_classes: impl TensorLike<'g, i64>,
            num_true: i64,
            num_sampled: i64,
            unique: bool,
            range_max: i64,
            seed: impl Into<OrDefault<i64>>,
        ) -> Sampled<'g> {
            let call = sampler($op, true_classes, [num_true, num_sampled], unique, seed.into().0);
            Outputs::of(call.attr("range_max", range_max).finish())
        }
    )*};
}

samplers! {
    /// Classes below `range_max`, each as likely as any other (`tf.random.uniform_candidate_sampler`).
    ///
    /// `num_sampled` classes are drawn for examples with `num_true` true ones, all different if `unique`.
    ///
    /// ```
    /// use tfhub::ops::random;
    /// # let g = tfhub::GraphBuilder::new();
    /// let classes = g.placeholder::<i64>((None, 1));
    /// let drawn = random::uniform_candidate_sampler(classes, 1, 5, true, 1000, 7);
    /// assert_eq!(drawn.sampled_candidates.shape().to_string(), "[5]");
    /// ```
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
    num_true: i64,
    num_sampled: i64,
    unique: bool,
    seed: impl Into<OrDefault<i64>>,
) -> Sampled<'g> {
    let op = "AllCandidateSampler";
    let (counts, seed) = ([num_true, num_sampled], seed.into().0);
    let call = sampler(op, true_classes, counts, unique, seed);
    Outputs::of(call.finish())
}

options! {
    /// The distribution and the seed of [`fixed_unigram_candidate_sampler`].
    ///
    /// ```
    /// use tfhub::ops::random::{self, UnigramOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let classes = g.placeholder::<i64>((None, 1));
    /// let options = UnigramOptions::default().unigrams([0.1, 0.2, 0.3, 0.4]).distortion(0.75);
    /// let drawn = random::fixed_unigram_candidate_sampler(classes, 1, 3, true, 4, options);
    /// assert_eq!(drawn.sampled_candidates.shape().to_string(), "[3]");
    /// ```
    #[derive(Debug, Clone, PartialEq)]
    UnigramOptions {
        /// A file that the consumer has, with the weights of the classes in its last column.
        vocab_file: String = String::new(), impl Into<String> => vocab_file.into();
        /// The exponent of the weights; 1 by default.
        distortion: f32 = 1.0;
        /// The number of first classes that are never drawn; 0 by default.
        num_reserved_ids: i64 = 0;
        /// The number of parts of the classes, of which one is drawn from; 1 by default.
        num_shards: i64 = 1;
        /// The first class of the part, which has every `num_shards`th; 0 by default.
        shard: i64 = 0;
        /// The weights of the classes that follow the reserved ones.
        unigrams: Vec<f32> = Vec::new(), impl Into<Vec<f32>> => unigrams.into();
        /// The seed of the node, besides the graph's own.
        seed: Option<i64> = None, impl Into<OrDefault<i64>> => seed.into().0;
    }
}

/// Classes as often as their weights, which the options have, say (`tf.random.fixed_unigram_candidate_sampler`).
#[track_caller]
pub fn fixed_unigram_candidate_sampler<'g>(
    true_classes: impl TensorLike<'g, i64>,
    num_true: i64,
    num_sampled: i64,
    unique: bool,
    range_max: i64,
    options: impl Into<UnigramOptions>,
) -> Sampled<'g> {
    let op = "FixedUnigramCandidateSampler";
    let options = options.into();
    let counts = [num_true, num_sampled];
    let call = sampler(op, true_classes, counts, unique, options.seed);
    let call = call
        .attr("range_max", range_max)
        .attr("vocab_file", &*options.vocab_file)
        .attr("distortion", options.distortion)
        .attr("num_reserved_ids", options.num_reserved_ids)
        .attr("num_shards", options.num_shards)
        .attr("shard", options.shard)
        .attr("unigrams", options.unigrams);
    Outputs::of(call.finish())
}
