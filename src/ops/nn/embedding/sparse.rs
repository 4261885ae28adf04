//! Combinations of rows for examples that list some of them.

use std::panic::Location;

use half::{bf16, f16};

use super::{EmbeddingOptions, Params, PartitionStrategy, Partitions, joined, lookup};
use crate::dtype::{DType, Element};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Tensor};
use crate::ops::nodes::{Arg, Nodes, Slice, inner};
use crate::ops::sparse::{self, SparseTensor};
use crate::ops::types::{self, BasicFloat, Float, IndexType};
use crate::shape::Shape;
use crate::value::TensorValue;

/// The combination of several rows to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combiner {
    /// Their mean, weighted.
    #[default]
    Mean,
    /// Their sum, weighted, divided by the root of the sum of the squares of the weights.
    Sqrtn,
    /// Their sum, weighted.
    Sum,
}

/// The weights and the combination of the rows of an example, for [`embedding_lookup_sparse`] and
/// [`safe_embedding_lookup_sparse`].
///
/// ```
/// use tfhub::ops::{nn::{self, Combiner, SparseEmbeddingOptions}, sparse::SparseTensor};
/// # let g = tfhub::GraphBuilder::new();
/// let table = g.get_variable::<f32>("table").shape([1000, 16]).finish();
/// let of = |values| SparseTensor::new(&g, [[0i64, 0], [1, 0]], values, [2i64, 1]);
/// let (ids, weights) = (of([7i64, 4]), of([1, 2]));
/// let options = SparseEmbeddingOptions::default().combiner(Combiner::Sum).weights(weights);
/// assert_eq!(nn::embedding_lookup_sparse(table, ids, options).shape().to_string(), "[?, 16]");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SparseEmbeddingOptions<'g> {
    weights: Option<Weights<'g>>,
    combiner: Combiner,
    partition_strategy: Option<PartitionStrategy>,
    max_norm: Option<f64>,
    default_id: Option<i64>,
}

/// The parts of a sparse tensor of weights: indices, values and shape.
type Weights<'g> = (Tensor<'g, i64>, AnyTensor<'g>, Tensor<'g, i64>);

defaults!(SparseEmbeddingOptions<'g>);

setters! {
    impl['g] SparseEmbeddingOptions<'g> {
        /// The combination of several rows; [`Combiner::Mean`] by default.
        combiner: Combiner;
        /// Which of several matrices holds which row; by default [`PartitionStrategy::Mod`], and
        /// [`PartitionStrategy::Div`] in [`safe_embedding_lookup_sparse`].
        partition_strategy: PartitionStrategy => Some(partition_strategy);
        /// The length that longer rows are scaled down to; rows are left as they are by default.
        max_norm: f64 => Some(max_norm);
        /// The row for examples without any, in [`safe_embedding_lookup_sparse`]; zeros by default.
        default_id: i64 => Some(default_id);
    }
}

impl<'g> SparseEmbeddingOptions<'g> {
    /// The weights of the rows, in the places of the ids (`sp_weights`, `sparse_weights`); all count as much by default.
    ///
    /// [`safe_embedding_lookup_sparse`] takes those of the rows' element type only.
    pub fn weights<W: types::Number>(
        mut self,
        weights: impl Into<Option<SparseTensor<'g, W>>>,
    ) -> Self {
        let weights = weights.into();
        self.weights =
            weights.map(|weights| (weights.indices, weights.values.any(), weights.dense_shape));
        self
    }

    fn lookup(&self) -> EmbeddingOptions {
        EmbeddingOptions {
            partition_strategy: self.partition_strategy,
            max_norm: self.max_norm,
        }
    }
}

/// An element type of rows that are combined.
pub trait CombinedFloat: Float + Element {
    /// The type of the combinations: rows of 16 bits are combined as float32.
    type Combination: Element;
}

macro_rules! combined {
    ($($type:ty => $combination:ty),*) => {$(
        impl CombinedFloat for $type {
            type Combination = $combination;
        }
    )*};
}

combined! { f32 => f32, f64 => f64, f16 => f32, bf16 => f32 }

/// For each example, which is a row of `sp_ids`, the combination of the rows of `params` with these numbers
/// (`tf.nn.embedding_lookup_sparse`).
///
/// Examples without numbers at the end are missing in the result.
#[track_caller]
pub fn embedding_lookup_sparse<'g, T: CombinedFloat, I: IndexType>(
    params: impl Into<Partitions<'g, T>>,
    sp_ids: SparseTensor<'g, I>,
    options: impl Into<SparseEmbeddingOptions<'g>>,
) -> Tensor<'g, T::Combination> {
    let g = sp_ids.graph();
    let (params, options) = (params.into().0, options.into());
    let name = g.requested_name("embedding_lookup_sparse");
    let place = (&*name, Location::caller());
    lookup_sparse(g, place, &params, sp_ids, &options).typed()
}

fn lookup_sparse<'g, I: IndexType>(
    g: &'g GraphBuilder,
    (name, location): (&str, &'static Location<'static>),
    params: &[Params<'g>],
    sp_ids: SparseTensor<'g, I>,
    options: &SparseEmbeddingOptions<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    if let Some((indices, values, dense_shape)) = &options.weights {
        let pairs = [
            (sp_ids.values.shape(), values.shape()),
            (sp_ids.indices.shape(), indices.shape()),
            (sp_ids.dense_shape.shape(), dense_shape.shape()),
        ];
        if let Some((ids, weights)) = pairs.iter().find(|(a, b)| !a.is_compatible_with(b)) {
            let message =
                format!("expected weights in the places of ids, found shapes {weights} and {ids}");
            return n.fault(Rule::Shape, message);
        }
    }
    let scope = g.open_inner_scope(name, location);
    let rows = n.index(sp_ids.indices.any(), [Slice::ALL, Slice::at(0)]);
    let rows = n.cast(rows, DType::Int32);
    let unique = n.op("Unique").input(sp_ids.values).finish();
    let (ids, places) = (unique.output(0), unique.output(1));
    let place = ("embedding_lookup", location);
    let mut embeddings = lookup(g, place, params, (ids.into(), I::DTYPE), options.lookup());
    if embeddings.is_poison() {
        return embeddings;
    }
    if matches!(embeddings.dtype(), DType::Float16 | DType::BFloat16) {
        embeddings = n.cast(embeddings, DType::Float32);
    }
    if let Some((_, weights, _)) = options.weights {
        return weighted_rows(&scope, embeddings, places, rows, weights, options.combiner);
    }
    let op = match options.combiner {
        Combiner::Sum => "SparseSegmentSum",
        Combiner::Mean => "SparseSegmentMean",
        Combiner::Sqrtn => "SparseSegmentSqrtN",
    };
    n.call(
        (op, &scope),
        [embeddings.into(), places.into(), rows.into()],
    )
}

fn weighted_rows<'g>(
    scope: &str,
    embeddings: AnyTensor<'g>,
    places: AnyTensor<'g>,
    rows: AnyTensor<'g>,
    weights: AnyTensor<'g>,
    combiner: Combiner,
) -> AnyTensor<'g> {
    let g = embeddings.graph();
    let n = Nodes(g);
    let weights = n.cast(weights, embeddings.dtype());
    let embeddings = n.gather(embeddings, places, 0);
    let others = n.sub(n.rank(embeddings), 1);
    let others = n.expand_dims(others, 0);
    let ones = n.op("Fill").input(others).input(1).output();
    let weights_shape = n.shape(weights);
    let dims = n.concat(vec![weights_shape.into(), ones.into()], 0);
    let original = weights.shape();
    let weights = n.reshape(weights, dims);
    if let Some(rank) = embeddings.shape().rank() {
        weights.set_shape(joined(&original, &vec![1; rank.saturating_sub(1)].into()));
    }
    let embeddings = n.mul(embeddings, weights);
    let segment_sum = |name: &str, x: AnyTensor<'g>| {
        let sum = n.named("SegmentSum", name).input(x);
        sum.input(rows).output()
    };
    let name = "SegmentSum";
    match combiner {
        Combiner::Sum => segment_sum(scope, embeddings),
        Combiner::Mean => {
            let sum = segment_sum(name, embeddings);
            let total = segment_sum(name, weights);
            n.call(("RealDiv", scope), [sum.into(), total.into()])
        }
        Combiner::Sqrtn => {
            let sum = segment_sum(name, embeddings);
            let squares = n.call(("Pow", "Pow"), [weights.into(), 2.0.into()]);
            let total = n.unary("Sqrt", segment_sum(name, squares));
            n.call(("RealDiv", scope), [sum.into(), total.into()])
        }
    }
}

/// [`embedding_lookup_sparse`] for ids of any rank, which leaves out ids that are negative and weights that are not
/// positive, and has zeros, or a row of its own, for examples without ids (`tf.nn.safe_embedding_lookup_sparse`).
#[track_caller]
pub fn safe_embedding_lookup_sparse<'g, T: BasicFloat>(
    embedding_weights: impl Into<Partitions<'g, T>>,
    sparse_ids: SparseTensor<'g, i64>,
    options: impl Into<SparseEmbeddingOptions<'g>>,
) -> Tensor<'g, T> {
    let (params, options) = (embedding_weights.into().0, options.into());
    let g = sparse_ids.graph();
    let scope = g.open_function_scope("embedding_lookup");
    safe_lookup::<T>(g, &scope, &params, sparse_ids, options).typed()
}

fn safe_lookup<'g, T: BasicFloat>(
    g: &'g GraphBuilder,
    scope: &str,
    params: &[Params<'g>],
    sparse_ids: SparseTensor<'g, i64>,
    mut options: SparseEmbeddingOptions<'g>,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let here = Location::caller();
    let strategy = &mut options.partition_strategy;
    strategy.get_or_insert(PartitionStrategy::Div);
    if let Some((_, values, _)) = options
        .weights
        .filter(|weights| weights.1.dtype() != T::DTYPE)
    {
        let message = format!(
            "expected weights of dtype {}, found {}",
            T::DTYPE,
            values.dtype()
        );
        return n.fault(Rule::Value, message);
    }
    let original_shape = sparse_ids.dense_shape.any();
    let known = match original_shape.shape().dims() {
        Some([rank]) => *rank,
        _ => None,
    };
    let rank = match known {
        Some(rank) => Arg::from(rank as i32),
        None => n.size(original_shape).into(),
    };
    let rank = |less: i32| match &rank {
        Arg::Tensor(rank) => Arg::from(n.sub(*rank, less)),
        _ => (known.unwrap_or_default() as i32 - less).into(),
    };
    let one = |arg: Arg<'g>| Arg::List(vec![arg]);
    let outer = n.slice(original_shape, [0], one(rank(1)));
    let outer = n.reduce_along(("Prod", "Prod"), outer.into(), None, false);
    let last = n.gather(original_shape, rank(1), 0);
    let matrix = {
        let _scope = g.open_inner_scope("Cast", here);
        Arg::List(vec![outer.into(), last.into()]).convert(g, "x", DType::Int64)
    };
    let ids = sparse::reshape(sparse_ids, matrix.typed::<i64>());
    let weights = options.weights.map(|(_, values, _)| {
        SparseTensor::new(g, ids.indices, values.typed::<T>(), ids.dense_shape)
    });
    let valid = n.binary("GreaterEqual", ids.values, 0.0);
    let valid = match &weights {
        Some(weights) => {
            let all = n.ones_like_as("ones_like", weights.values.into(), Some(DType::Bool));
            n.binary("LogicalAnd", valid, all)
        }
        None => valid,
    };
    let mut ids = sparse::retain(ids, valid.typed::<bool>());
    let mut weights = weights.map(|weights| sparse::retain(weights, valid.typed::<bool>()));
    if let (Some(of_ids), true) = (weights, options.combiner != Combiner::Sum) {
        let valid = n.binary("Greater", of_ids.values, 0.0).typed::<bool>();
        ids = sparse::retain(ids, valid);
        weights = Some(sparse::retain(of_ids, valid));
    }
    let (ids, is_empty) = sparse::fill_empty_rows(ids, options.default_id.unwrap_or(0));
    let full = TensorValue::scalar_from_f64(T::DTYPE, 1.0).map(AnyOperand::<T>::value);
    let filled = weights.zip(full);
    let weights = filled.map(|(weights, full)| sparse::fill_empty_rows(weights, full).0);
    options.weights =
        weights.map(|weights| (weights.indices, weights.values.any(), weights.dense_shape));
    let name = match options.default_id {
        Some(_) => scope,
        None => "embedding_lookup_sparse",
    };
    let mut result = lookup_sparse(g, (name, here), params, ids, &options);
    if result.is_poison() {
        return result;
    }
    if options.default_id.is_none() {
        let is_empty = n.reshape(is_empty.any(), [-1, 1]);
        let columns = n.index(n.shape(result), [Slice::at(1)]);
        let multiples = n.stack(vec![1.into(), columns.into()]);
        let is_empty = n.op("Tile").input(is_empty);
        let is_empty = is_empty.input(multiples).output();
        let zeros = n.zeros_like(result);
        result = n.call(
            ("Select", scope),
            [is_empty.into(), zeros.into(), result.into()],
        );
    }
    let outer = n.cast(original_shape, DType::Int32);
    let outer = n.slice(outer, [0], one(rank(1)));
    let inner_dims = n.slice(n.shape(result), [1], [-1]);
    let dims = n.concat(vec![outer.into(), inner_dims.into()], 0);
    let last = n.reshape(result, dims);
    let outer = known.map_or_else(Shape::unknown, |rank| {
        Shape::unknown_of_rank(rank.saturating_sub(1))
    });
    last.set_shape(joined(&outer, &inner(&result.shape())));
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_a_safe_lookup_have_the_dtype_of_the_rows() {
        let g = GraphBuilder::new();
        let table = g.placeholder::<f32>((5, 3));
        let ids = SparseTensor::new(&g, [[0i64, 0]], [1i64], [1i64, 1]);
        let weights = SparseTensor::new(&g, [[0i64, 0]], [1], [1i64, 1]);
        let options = SparseEmbeddingOptions::default().weights(weights);
        embedding_lookup_sparse(table, ids, options);
        safe_embedding_lookup_sparse(table, ids, options);
        let error = g.finish().unwrap_err().to_string();
        let expected = "expected weights of dtype float32, found int32";
        assert!(error.ends_with(expected), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
