//! Rows of matrices by number.

use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Slice, inner};
use crate::ops::sparse::{self, SparseTensor};
use crate::ops::types::{self, BasicFloat, IndexType};
use crate::shape::Shape;
use crate::value::TensorValue;

/// Which of several matrices holds which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartitionStrategy {
    /// Rows go around: of three matrices, the second holds rows 1, 4, 7, ...
    #[default]
    Mod,
    /// Each matrix holds rows that follow one another.
    Div,
}

/// How rows are looked up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EmbeddingOptions {
    partition_strategy: Option<PartitionStrategy>,
    max_norm: Option<f64>,
}

impl EmbeddingOptions {
    /// Which of several matrices holds which row; [`PartitionStrategy::Mod`] by default.
    pub fn partition_strategy(self, partition_strategy: PartitionStrategy) -> Self {
        EmbeddingOptions {
            partition_strategy: Some(partition_strategy),
            ..self
        }
    }

    /// The length that longer rows are scaled down to; rows are left as they are by default.
    pub fn max_norm(self, max_norm: f64) -> Self {
        EmbeddingOptions {
            max_norm: Some(max_norm),
            ..self
        }
    }
}

/// The rows of a matrix, or the parts of a tensor along its first dimension, with these numbers
/// (`tf.nn.embedding_lookup`).
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<i64>((None, 7));
/// let table = g.get_variable::<f32>("table").shape([1000, 16]).create();
/// assert_eq!(nn::embedding_lookup(table, words).shape().to_string(), "[?, 7, 16]");
/// ```
#[track_caller]
pub fn embedding_lookup<'g, T: types::Number, I: IndexType>(
    params: impl TensorLike<'g, T> + Into<Operation<'g>> + 'g,
    ids: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    embedding_lookup_with(params.graph(), &[params], ids, EmbeddingOptions::default())
}

/// [`embedding_lookup`] in several matrices among which the rows are spread, or with a largest length of rows.
#[track_caller]
pub fn embedding_lookup_with<'g, T: types::Number, I: IndexType>(
    g: &'g GraphBuilder,
    params: &[impl TensorLike<'g, T> + Into<Operation<'g>> + 'g],
    ids: impl Operand<'g, I>,
    options: EmbeddingOptions,
) -> Tensor<'g, T> {
    let n = Nodes(g);
    if params.is_empty() {
        return n
            .fault(Rule::Value, "expected at least one tensor of parameters")
            .typed();
    }
    let name = g.requested_name("embedding_lookup");
    let params: Vec<_> = params.iter().map(|&params| Params::of(params)).collect();
    let place = (&*name, Location::caller());
    lookup(
        g,
        place,
        &params,
        |g| ids.into_tensor(g, "ids").any(),
        options,
    )
    .typed()
}

/// A matrix to look up rows in.
pub(super) struct Params<'g> {
    operation: Operation<'g>,
    dtype: DType,
    shape: Shape,
    /// The matrix itself, if it is no variable.
    tensor: Option<AnyTensor<'g>>,
}

impl<'g> Params<'g> {
    pub(super) fn of<T: TensorType>(params: impl TensorLike<'g, T> + Into<Operation<'g>>) -> Self {
        Params {
            operation: params.into(),
            dtype: T::DTYPE,
            shape: params.static_shape(),
            tensor: params.as_tensor().map(Tensor::any),
        }
    }

    /// Its rows with these numbers, under a name that may be a scope.
    fn gather(&self, name: Option<&str>, ids: AnyTensor<'g>) -> AnyTensor<'g> {
        let g = ids.graph();
        let n = Nodes(g);
        if let Some(params) = self.tensor {
            return n.call(
                ("GatherV2", name.unwrap_or("GatherV2")),
                [params.into(), ids.into(), 0.into()],
            );
        }
        let name = name.unwrap_or("Gather");
        let rows = g.inner_scope(name, Location::caller(), |scope| {
            let rows = g.op("ResourceGather").name(scope);
            let rows = rows.input(self.operation.output(0)).input(ids);
            rows.attr("dtype", self.dtype).output()
        });
        n.op("Identity").input(rows).output()
    }

    fn rows(&self) -> Option<usize> {
        *self.shape.dims()?.first()?
    }
}

pub(super) fn lookup<'g>(
    g: &'g GraphBuilder,
    (name, location): (&str, &'static Location<'static>),
    params: &[Params<'g>],
    ids: impl FnOnce(&'g GraphBuilder) -> AnyTensor<'g>,
    options: EmbeddingOptions,
) -> AnyTensor<'g> {
    g.inner_scope(name, location, |scope| {
        let ids = ids(g);
        if ids.is_poison() {
            return ids;
        }
        match params {
            [only] => {
                let rows = g.colocate_with(only.operation, || {
                    clipped(only.gather(Some(scope), ids), ids, options.max_norm)
                });
                g.op("Identity").input(rows).output()
            }
            _ => partitioned(g, scope, params, ids, options),
        }
    })
}

fn partitioned<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    params: &[Params<'g>],
    ids: AnyTensor<'g>,
    options: EmbeddingOptions,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let count = params.len();
    let mut element_shape = inner(&params[0].shape);
    for other in &params[1..] {
        let Some(merged) = element_shape.merge(&inner(&other.shape)) else {
            let message = format!(
                "expected parameters whose rows have one shape, found {} and {}",
                params[0].shape, other.shape
            );
            return n.fault(Rule::Shape, message);
        };
        element_shape = merged;
    }
    let flat = n.reshape(ids, [-1]);
    let size = n.size(flat);
    let original = n.range(0, size);
    let number = |number: usize| Arg::Number(number as f64);
    let (assignments, new_ids) = match options.partition_strategy.unwrap_or_default() {
        PartitionStrategy::Mod => {
            let assignments = n.modulo(flat, number(count));
            (assignments, n.floordiv(flat, number(count)))
        }
        PartitionStrategy::Div => {
            let total = total_rows(g, params, flat.dtype());
            let each = n.floordiv(total, number(count));
            let extras = n.modulo(total, number(count));
            let longer = n.add(each, 1.0);
            let in_longer = n.floordiv(flat, longer);
            let rest = n.sub(flat, extras);
            let in_rest = n.floordiv(rest, each);
            let assignments = n.maximum(in_longer, in_rest);
            let is_longer = n.binary("Less", assignments, extras);
            let longer = n.add(each, 1.0);
            let in_longer = n.modulo(flat, longer);
            let rest = n.sub(flat, extras);
            let in_rest = n.modulo(rest, each);
            (assignments, n.select(is_longer, in_longer, in_rest))
        }
    };
    let assignments = n.cast(assignments, DType::Int32);
    let partition = |data: AnyTensor<'g>| {
        let node = n.op("DynamicPartition").input(data);
        let node = node.input(assignments);
        node.attr("num_partitions", count as i64).finish()
    };
    let gather_ids = partition(new_ids);
    let positions = partition(original);
    let gathered = params.iter().enumerate().map(|(i, params)| {
        let ids = gather_ids.output(i);
        g.colocate_with(params.operation, || params.gather(None, ids))
    });
    let gathered: Vec<_> = gathered.collect();
    let node = g.op("ParallelDynamicStitch").name(scope);
    let node = node.inputs((0..count).map(|i| positions.output(i)));
    let rows = node.inputs(gathered).output();
    // The listed shape of a row becomes a constant when it is used.
    let listed = match element_shape.to_static() {
        Some(dims) => Arg::from(dims.iter().map(|&dim| dim as i32).collect::<Vec<_>>()),
        None => {
            let first = &params[0];
            let dims = g.colocate_with(first.operation, || match first.tensor {
                Some(tensor) => n.shape(tensor),
                None => n.fault(Rule::Value, "a variable has a known shape"),
            });
            n.index(dims, [Slice::from(1)]).into()
        }
    };
    let ids_shape = n.shape(ids);
    let dims = n.concat(vec![ids_shape.into(), listed], 0);
    let rows = n.reshape(rows, dims);
    rows.set_shape(joined(&ids.shape(), &element_shape));
    clipped(rows, ids, options.max_norm)
}

/// A shape followed by another.
fn joined(first: &Shape, last: &Shape) -> Shape {
    match (first.dims(), last.dims()) {
        (Some(first), Some(last)) => [first, last].concat().into(),
        _ => Shape::unknown(),
    }
}

/// The number of rows in all matrices.
fn total_rows<'g>(g: &'g GraphBuilder, params: &[Params<'g>], dtype: DType) -> AnyTensor<'g> {
    let n = Nodes(g);
    let known: Option<usize> = params.iter().map(Params::rows).sum();
    if let Some(total) = known.filter(|&total| total > 0) {
        return n.number("Const", dtype, total as f64);
    }
    let counts = params
        .iter()
        .map(|params| match (params.rows(), params.tensor) {
            (Some(rows), _) => Arg::from(rows as i32),
            (None, Some(tensor)) => {
                let rows = g.colocate_with(params.operation, || {
                    n.index(n.shape(tensor), [Slice::at(0)])
                });
                rows.into()
            }
            (None, None) => n.fault(Rule::Value, "a variable has a known shape").into(),
        });
    let counts: Vec<_> = counts.collect();
    let counts = n.cast(n.stack(counts), dtype);
    n.sum_all(counts)
}

/// Rows scaled down to a largest length.
fn clipped<'g>(rows: AnyTensor<'g>, ids: AnyTensor<'g>, max_norm: Option<f64>) -> AnyTensor<'g> {
    let g = rows.graph();
    let n = Nodes(g);
    let Some(max_norm) = max_norm else {
        return rows;
    };
    // Python takes a rank of 0 for one that is not known.
    let known = |x: AnyTensor<'_>| x.shape().rank().filter(|&rank| rank > 0);
    let rank_arg = |x: AnyTensor<'g>| match known(x) {
        Some(rank) => Arg::from(rank as i32),
        None => n.rank(x).into(),
    };
    let (from, to) = (rank_arg(ids), rank_arg(rows));
    let axes = match (known(ids), known(rows)) {
        (Some(from), Some(to)) => Arg::from((from as i32..to as i32).collect::<Vec<_>>()),
        _ => n.range(from, to).into(),
    };
    g.inner_scope("clip_by_norm", Location::caller(), |scope| {
        let squares = n.mul(rows, rows);
        let sum = n.reduce_along(("Sum", "Sum"), squares, Some(axes), true);
        let positive = n.binary("Greater", sum, 0.0);
        let ones = n.ones_like(sum);
        let safe = n.select(positive, sum, ones);
        let root = n.unary("Sqrt", safe);
        let norm = n.select(positive, root, sum);
        let scaled = n.mul(rows, max_norm);
        let norm = n.maximum(norm, max_norm);
        let clipped = n.truediv(scaled, norm);
        n.named("Identity", scope).input(clipped).output()
    })
}

/// How several rows become one.
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

/// How [`embedding_lookup_sparse`] and [`safe_embedding_lookup_sparse`] combine the rows of an example.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SparseEmbeddingOptions {
    combiner: Combiner,
    lookup: EmbeddingOptions,
    default_id: Option<i64>,
}

impl SparseEmbeddingOptions {
    /// How several rows become one; [`Combiner::Mean`] by default.
    pub fn combiner(self, combiner: Combiner) -> Self {
        SparseEmbeddingOptions { combiner, ..self }
    }

    /// Which of several matrices holds which row; by default [`PartitionStrategy::Mod`], and
    /// [`PartitionStrategy::Div`] in [`safe_embedding_lookup_sparse`].
    pub fn partition_strategy(self, partition_strategy: PartitionStrategy) -> Self {
        SparseEmbeddingOptions {
            lookup: self.lookup.partition_strategy(partition_strategy),
            ..self
        }
    }

    /// The length that longer rows are scaled down to; rows are left as they are by default.
    pub fn max_norm(self, max_norm: f64) -> Self {
        SparseEmbeddingOptions {
            lookup: self.lookup.max_norm(max_norm),
            ..self
        }
    }

    /// The row for examples without any, in [`safe_embedding_lookup_sparse`]; zeros by default.
    pub fn default_id(self, default_id: i64) -> Self {
        SparseEmbeddingOptions {
            default_id: Some(default_id),
            ..self
        }
    }
}

/// For each example, which is a row of `sp_ids`, the combination of the rows of `params` with these numbers
/// (`tf.nn.embedding_lookup_sparse`).
///
/// Examples without numbers at the end are missing in the result. `sp_weights` has weights in the places of `sp_ids`.
#[track_caller]
pub fn embedding_lookup_sparse<'g, T: BasicFloat, I: IndexType, W: types::Number>(
    params: &[impl TensorLike<'g, T> + Into<Operation<'g>> + 'g],
    sp_ids: SparseTensor<'g, I>,
    sp_weights: Option<SparseTensor<'g, W>>,
    options: SparseEmbeddingOptions,
) -> Tensor<'g, T> {
    let g = sp_ids.graph();
    let n = Nodes(g);
    if params.is_empty() {
        return n
            .fault(Rule::Value, "expected at least one tensor of parameters")
            .typed();
    }
    let params: Vec<_> = params.iter().map(|&params| Params::of(params)).collect();
    let name = g.requested_name("embedding_lookup_sparse");
    let place = (&*name, Location::caller());
    lookup_sparse(g, place, &params, sp_ids, sp_weights, options).typed()
}

fn lookup_sparse<'g, I: IndexType, W: TensorType>(
    g: &'g GraphBuilder,
    (name, location): (&str, &'static Location<'static>),
    params: &[Params<'g>],
    sp_ids: SparseTensor<'g, I>,
    sp_weights: Option<SparseTensor<'g, W>>,
    options: SparseEmbeddingOptions,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    if let Some(weights) = &sp_weights {
        let pairs = [
            (sp_ids.values.shape(), weights.values.shape()),
            (sp_ids.indices.shape(), weights.indices.shape()),
            (sp_ids.dense_shape.shape(), weights.dense_shape.shape()),
        ];
        if let Some((ids, weights)) = pairs.iter().find(|(a, b)| !a.is_compatible_with(b)) {
            let message =
                format!("expected weights in the places of ids, found shapes {weights} and {ids}");
            return n.fault(Rule::Shape, message);
        }
    }
    g.inner_scope(name, location, |scope| {
        let rows = n.index(sp_ids.indices.any(), [Slice::ALL, Slice::at(0)]);
        let rows = n.cast(rows, DType::Int32);
        let unique = n.op("Unique").input(sp_ids.values).finish();
        let (ids, places) = (unique.output(0), unique.output(1));
        let place = ("embedding_lookup", location);
        let embeddings = lookup(g, place, params, |_| ids, options.lookup);
        if embeddings.is_poison() {
            return embeddings;
        }
        match sp_weights {
            Some(weights) => {
                let weights = weights.values.any();
                weighted_rows(scope, embeddings, places, rows, weights, options.combiner)
            }
            None => {
                let op = match options.combiner {
                    Combiner::Sum => "SparseSegmentSum",
                    Combiner::Mean => "SparseSegmentMean",
                    Combiner::Sqrtn => "SparseSegmentSqrtN",
                };
                let sum = n.named(op, scope).input(embeddings);
                sum.input(places).input(rows).output()
            }
        }
    })
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
    embedding_weights: &[impl TensorLike<'g, T> + Into<Operation<'g>> + 'g],
    sparse_ids: SparseTensor<'g, i64>,
    sparse_weights: Option<SparseTensor<'g, T>>,
    options: SparseEmbeddingOptions,
) -> Tensor<'g, T> {
    let g = sparse_ids.graph();
    let n = Nodes(g);
    if embedding_weights.is_empty() {
        return n
            .fault(Rule::Value, "expected at least one tensor of parameters")
            .typed();
    }
    let params: Vec<_> = embedding_weights
        .iter()
        .map(|&params| Params::of(params))
        .collect();
    let result = g.function_scope("embedding_lookup", Location::caller(), |scope| {
        safe_lookup(g, scope, &params, sparse_ids, sparse_weights, options)
    });
    result.typed()
}

fn safe_lookup<'g, T: BasicFloat>(
    g: &'g GraphBuilder,
    scope: &str,
    params: &[Params<'g>],
    sparse_ids: SparseTensor<'g, i64>,
    sparse_weights: Option<SparseTensor<'g, T>>,
    mut options: SparseEmbeddingOptions,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let here = Location::caller();
    let strategy = &mut options.lookup.partition_strategy;
    strategy.get_or_insert(PartitionStrategy::Div);
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
    let outer = n.reduce_along(("Prod", "Prod"), outer, None, false);
    let last = n.gather(original_shape, rank(1), 0);
    let matrix = g.inner_scope("Cast", here, |_| {
        Arg::List(vec![outer.into(), last.into()]).convert(g, "x", DType::Int64)
    });
    let ids = sparse::reshape(sparse_ids, matrix.typed::<i64>());
    let weights = sparse_weights
        .map(|weights| SparseTensor::new(g, ids.indices, weights.values, ids.dense_shape));
    let valid = n.binary("GreaterEqual", ids.values, 0.0);
    let valid = match &weights {
        Some(weights) => {
            let all = n.ones_like_as("ones_like", weights.values, Some(DType::Bool));
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
    let name = match options.default_id {
        Some(_) => scope,
        None => "embedding_lookup_sparse",
    };
    let mut result = lookup_sparse(g, (name, here), params, ids, weights, options);
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
