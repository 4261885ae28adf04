//! Losses over a sample of classes, for models with very many.

use std::panic::Location;

use super::embedding::{EmbeddingOptions, Params, PartitionStrategy, Partitions, lookup};
use super::loss::{sigmoid_xent, softmax_xent};
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::math::Transposed;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::random::Sampled;
use crate::ops::types::IndexType;
use crate::ops::{OrDefault, TensorLike};

options! {
    /// The drawing of classes for [`nce_loss`] and [`sampled_softmax_loss`].
    ///
    /// ```
    /// use tfhub::ops::nn::{self, SamplingOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let (labels, inputs) = (g.placeholder::<i64>((None, 2)), g.placeholder::<f32>((None, 3)));
    /// let weights = g.get_variable::<f32>("weights").shape([50, 3]).finish();
    /// let biases = g.get_variable::<f32>("biases").shape([50]).finish();
    /// let options = SamplingOptions::default().num_true(2).remove_accidental_hits(true);
    /// let loss = nn::nce_loss(weights, biases, labels, inputs, 4, 50, options);
    /// assert_eq!(loss.shape().to_string(), "[?]");
    /// ```
    #[derive(Debug, Clone, Copy)]
    SamplingOptions<'g> {
        /// The number of true classes that each example has; 1 by default.
        num_true: i32 = 1;
        /// Classes that were drawn already; by default they are drawn from a log-uniform distribution.
        sampled_values: Option<Sampled<'g>> = None, Sampled<'g> => Some(sampled_values);
        /// Whether true classes that are drawn by chance are left out; [`nce_loss`] keeps them by default, and
        /// [`sampled_softmax_loss`] does not.
        remove_accidental_hits: Option<bool> = None, bool => Some(remove_accidental_hits);
        /// Which of several matrices of weights holds which class; [`PartitionStrategy::Mod`] by default.
        partition_strategy: PartitionStrategy = PartitionStrategy::Mod;
        /// The seed with which [`sampled_softmax_loss`] draws.
        seed: Option<i64> = None, impl Into<OrDefault<i64>> => seed.into().0;
    }
}

/// Losses over the true and some drawn classes: whether accidental hits are removed by default, and what makes the
/// losses of logits and labels.
macro_rules! sampled_losses {
    ($($(#[$doc:meta])* $name:ident $remove_hits:literal $losses:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, L: IndexType>(
            weights: impl Into<Partitions<'g, f32>>,
            biases: impl Into<Partitions<'g, f32>>,
            labels: impl TensorLike<'g, L>,
            inputs: impl TensorLike<'g, f32>,
            num_sampled: i32,
            num_classes: i64,
            options: impl Into<SamplingOptions<'g>>,
        ) -> Tensor<'g, f32> {
            let n = Nodes(labels.graph());
            let sampling = Sampling {
                params: [weights.into(), biases.into()].map(Partitions::into_params),
                labels: Arg::of(labels),
                inputs: Arg::of(inputs),
                num_sampled,
                num_classes,
                options: options.into(),
                remove_hits: $remove_hits,
            };
            let name = n.0.requested_name(stringify!($name));
            let _call = n.0.open_call(Location::caller());
            let (logits, labels) = sampling.logits(n.0, &name);
            ($losses)(n, labels, logits, Location::caller()).typed()
        }
    )*};
}

sampled_losses! {
    /// The noise-contrastive estimation loss of each example (`tf.nn.nce_loss`).
    ///
    /// `weights` is `[num_classes, dim]`, or several matrices among which the classes are spread, `biases`
    /// `[num_classes]`, `labels` `[batch, num_true]` and `inputs` `[batch, dim]`. `num_sampled` classes are drawn.
    nce_loss false |n: Nodes<'g>, labels: AnyTensor<'g>, logits: AnyTensor<'g>, here| {
        sum_rows(sigmoid_xent(n.0, "sampled_losses", labels.into(), logits.into(), here))
    };
    /// The softmax cross entropy of each example over the true and some other classes (`tf.nn.sampled_softmax_loss`).
    ///
    /// The arguments are those of [`nce_loss`].
    sampled_softmax_loss true |n: Nodes<'g>, labels: AnyTensor<'g>, logits: AnyTensor<'g>, here| {
        let labels = n.stop_gradient("labels_stop_gradient", labels).into();
        softmax_xent(n.0, "softmax_cross_entropy_with_logits", labels, logits.into(), -1, here)
    };
}

struct Sampling<'g> {
    /// The weights and the biases.
    params: [Vec<Params<'g>>; 2],
    labels: Arg<'g>,
    inputs: Arg<'g>,
    num_sampled: i32,
    num_classes: i64,
    options: SamplingOptions<'g>,
    /// Whether accidental hits are removed unless the options say it.
    remove_hits: bool,
}

impl<'g> Sampling<'g> {
    /// The logits of the true and the drawn classes, and the labels that go with them.
    fn logits(&self, g: &'g GraphBuilder, name: &str) -> (AnyTensor<'g>, AnyTensor<'g>) {
        let n = Nodes(g);
        let _scope = g.open_inner_scope(name, Location::caller());
        let num_true = self.options.num_true;
        let labels = n.cast_arg(&self.labels, DType::Int64);
        let flat = n.reshape(&labels, [-1]);
        let [sampled, true_count, sampled_count] = self.sampled(g, &labels);
        let ids = n.concat(vec![flat.into(), sampled.into()], 0);
        let here = Location::caller();
        let strategy = self.options.partition_strategy;
        let [weights, biases] = &self.params;
        let rows = |params: &[Params<'g>]| {
            let options = EmbeddingOptions::default().partition_strategy(strategy);
            let ids = (ids.into(), DType::Int64);
            lookup(g, ("embedding_lookup", here), params, ids, options)
        };
        let count = || Arg::from(n.index(n.shape(flat), [Slice::at(0)]));
        let weights = rows(weights);
        let size = n.stack(vec![count(), (-1).into()]);
        let true_weights = n.slice(weights, [0, 0], size);
        let begin = n.stack(vec![count(), 0.into()]);
        let sampled_weights = n.slice(weights, begin, [-1, -1]);
        let sampled_logits = n.matmul(&self.inputs, Transposed(sampled_weights));
        let biases = rows(biases);
        let size = n.shape(flat);
        let true_biases = n.slice(biases, [0], size);
        let begin = n.shape(flat);
        let sampled_biases = n.slice(biases, begin, [-1]);
        let dim = n.index(n.shape(true_weights), [Slice::between(1, 2)]);
        let dims = vec![[-1, num_true].into(), dim.into()];
        let dims = n.concat(dims, 0);
        let inputs = n.expand_dims(&self.inputs, 1);
        let true_weights = n.reshape(true_weights, dims);
        let products = n.binary("Mul", inputs, true_weights);
        let dims = n.concat(vec![[-1].into(), dim.into()], 0);
        let products = n.reshape(products, dims);
        let true_logits = n.reshape(sum_rows(products), [-1, num_true]);
        let true_biases = n.reshape(true_biases, [-1, num_true]);
        let true_logits = n.add(true_logits, true_biases);
        let mut sampled_logits = n.add(sampled_logits, sampled_biases);
        if self
            .options
            .remove_accidental_hits
            .unwrap_or(self.remove_hits)
        {
            let hits = self.accidental_hits(g, &labels, sampled);
            sampled_logits = n.add(sampled_logits, hits);
        }
        let true_logits = n.sub(true_logits, n.unary("Log", true_count));
        let sampled_logits = n.sub(sampled_logits, n.unary("Log", sampled_count));
        let both = vec![true_logits.into(), sampled_logits.into()];
        let logits = n.concat(both, 1);
        let ones = n.ones_like(true_logits);
        let ones = n.truediv(ones, f64::from(num_true));
        let zeros = n.zeros_like(sampled_logits);
        let labels = n.concat(vec![ones.into(), zeros.into()], 1);
        (logits, labels)
    }

    /// The classes that were drawn, and how often those and the true ones were to be expected.
    fn sampled(&self, g: &'g GraphBuilder, labels: &Arg<'g>) -> [AnyTensor<'g>; 3] {
        let n = Nodes(g);
        let values = match self.options.sampled_values {
            Some(values) => [
                values.sampled_candidates.any(),
                values.true_expected_count.any(),
                values.sampled_expected_count.any(),
            ],
            None => {
                let sampler = n.op("LogUniformCandidateSampler").input(labels);
                let sampler = sampler
                    .attr("num_true", self.options.num_true)
                    .attr("num_sampled", self.num_sampled)
                    .attr("unique", true)
                    .attr("range_max", self.num_classes)
                    .seeds(self.options.seed)
                    .finish();
                [0, 1, 2].map(|output| sampler.output(output))
            }
        };
        values.map(|value| n.stop_gradient("StopGradient", value))
    }

    /// A matrix that takes drawn classes which are true ones out of the logits.
    fn accidental_hits(
        &self,
        g: &'g GraphBuilder,
        labels: &Arg<'g>,
        sampled: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let n = Nodes(g);
        let hits = n.op("ComputeAccidentalHits").input(labels).input(sampled);
        let hits = hits.attr("num_true", self.options.num_true);
        let hits = hits.seeds(None).finish();
        let rows = n.reshape(hits.output(0), [-1, 1]);
        let columns = n.reshape(n.cast(hits.output(1), DType::Int32), [-1, 1]);
        let places = n
            .named("ConcatV2", "sparse_indices")
            .tensors(vec![rows, columns]);
        let places = places.input(1).output();
        let batch = n.index(n.shape(labels), [Slice::to(1)]);
        let count = n.expand_dims(Arg::from(self.num_sampled), 0);
        let dims = n.concat(vec![batch.into(), count.into()], 0);
        let dense = n.op("SparseToDense").input(places).input(dims);
        let dense = dense.input(hits.output(2)).value(0f32);
        dense.attr("validate_indices", false).output()
    }
}

/// The sum of each row of a matrix.
fn sum_rows(x: AnyTensor<'_>) -> AnyTensor<'_> {
    let g = x.graph();
    let n = Nodes(g);
    let columns = n.index(n.shape(x), [Slice::at(1)]);
    let dims = n.stack(vec![columns.into(), 1.into()]);
    let ones = n.filled("ones", 1.0, x.dtype(), dims.into());
    n.reshape(n.matmul(x, ones), [-1])
}
