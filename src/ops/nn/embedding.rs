//! Rows of matrices by number.

mod sparse;

pub use sparse::*;

use std::marker::PhantomData;
use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Slice, as_i32, inner};
use crate::ops::types::{self, IndexType};
use crate::shape::Shape;

/// Which of several matrices holds which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartitionStrategy {
    /// Rows go around: of three matrices, the second holds rows 1, 4, 7, ...
    #[default]
    Mod,
    /// Each matrix holds rows that follow one another.
    Div,
}

options! {
    /// The spreading of rows among several matrices, and their largest length.
    ///
    /// ```
    /// use tfhub::ops::nn::{self, EmbeddingOptions, PartitionStrategy};
    /// # let g = tfhub::GraphBuilder::new();
    /// let words = g.placeholder::<i64>((None, 7));
    /// let [first, second] = ["first", "second"].map(|name| g.get_variable::<f32>(name).shape([500, 16]).finish());
    /// let options = EmbeddingOptions::default().partition_strategy(PartitionStrategy::Div).max_norm(1.0);
    /// let rows = nn::embedding_lookup([first, second], words, options);
    /// assert_eq!(rows.shape().to_string(), "[?, 7, 16]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    EmbeddingOptions {
        /// Which of several matrices holds which row; [`PartitionStrategy::Mod`] by default.
        partition_strategy: Option<PartitionStrategy> = None, PartitionStrategy => Some(partition_strategy);
        /// The length that longer rows are scaled down to; rows are left as they are by default.
        max_norm: Option<f64> = None, f64 => Some(max_norm);
    }
}

/// One matrix to look up rows in, or several among which the rows are spread: a tensor, a variable, or an array of them.
///
/// A list whose length is known only at run time is made of its parts with [`Partitions::from_parts`].
#[derive(Debug, Clone)]
pub struct Partitions<'g, T: TensorType>(Vec<Params<'g>>, PhantomData<fn() -> T>);

impl<'g, T: TensorType> Partitions<'g, T> {
    /// Joins the matrices of several, in their order; none if there are none.
    ///
    /// ```
    /// use tfhub::ops::nn::{self, Partitions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let matrix = |at| g.get_variable::<f32>(&format!("part_{at}")).shape([500, 16]).finish();
    /// let matrices = Partitions::from_parts((0..3).map(matrix)).expect("there are three");
    /// assert_eq!(nn::embedding_lookup(matrices, [7i32], ()).shape().to_string(), "[1, 16]");
    /// ```
    pub fn from_parts(
        parts: impl IntoIterator<Item = impl Into<Partitions<'g, T>>>,
    ) -> Option<Self> {
        let all = Partitions::all(parts.into_iter().map(Into::into));
        (!all.0.is_empty()).then_some(all)
    }

    /// The only matrix of a list.
    pub(crate) fn of(matrix: impl TensorLike<'g, T> + Into<Operation<'g>>) -> Self {
        let params = Params {
            operation: matrix.into(),
            dtype: T::DTYPE,
            shape: matrix.static_shape(),
            tensor: matrix.as_tensor().map(Tensor::any),
        };
        Partitions(vec![params], PhantomData)
    }

    /// The matrices of at least one list.
    pub(crate) fn all(lists: impl IntoIterator<Item = Self>) -> Self {
        let params = lists.into_iter().flat_map(|list| list.0).collect();
        Partitions(params, PhantomData)
    }

    pub(super) fn into_params(self) -> Vec<Params<'g>> {
        self.0
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Partitions<'g, T> {
    fn from(matrix: Tensor<'g, T>) -> Self {
        Partitions::of(matrix)
    }
}

/// Several, at least one; that is checked when it is compiled.
impl<'g, T: TensorType, P: Into<Partitions<'g, T>>, const N: usize> From<[P; N]>
    for Partitions<'g, T>
{
    fn from(parts: [P; N]) -> Self {
        const { assert!(N > 0, "rows are looked up in one matrix at least") };
        Partitions::all(parts.map(Into::into))
    }
}

/// The rows of a matrix, or the parts of a tensor along its first dimension, with these numbers
/// (`tf.nn.embedding_lookup`).
///
/// ```
/// use tfhub::ops::nn;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<i64>((None, 7));
/// let table = g.get_variable::<f32>("table").shape([1000, 16]).finish();
/// assert_eq!(nn::embedding_lookup(table, words, ()).shape().to_string(), "[?, 7, 16]");
/// ```
#[track_caller]
pub fn embedding_lookup<'g, T: types::Number, I: IndexType>(
    params: impl Into<Partitions<'g, T>>,
    ids: impl Operand<'g, I>,
    options: impl Into<EmbeddingOptions>,
) -> Tensor<'g, T> {
    let params = params.into().0;
    let (ids, options) = (Arg::of(ids), options.into());
    let g = params[0].operation.graph;
    let name = g.requested_name("embedding_lookup");
    let place = (&*name, Location::caller());
    lookup(g, place, &params, (ids, I::DTYPE), options).typed()
}

/// A matrix to look up rows in.
#[derive(Debug, Clone)]
pub(super) struct Params<'g> {
    operation: Operation<'g>,
    dtype: DType,
    shape: Shape,
    /// The matrix itself, if it is no variable.
    tensor: Option<AnyTensor<'g>>,
}

impl<'g> Params<'g> {
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
        let rows = {
            let scope = g.open_inner_scope(name, Location::caller());
            let rows = g.op("ResourceGather").name(&scope);
            let rows = rows.input(self.operation.output(0)).input(ids);
            rows.attr("dtype", self.dtype).output()
        };
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
    (ids, dtype): (Arg<'g>, DType),
    options: EmbeddingOptions,
) -> AnyTensor<'g> {
    let scope = g.open_inner_scope(name, location);
    let ids = ids.convert(g, "ids", dtype);
    if ids.is_poison() {
        return ids;
    }
    match params {
        [only] => {
            let rows = g.colocate_with(only.operation, || {
                clipped(only.gather(Some(&scope), ids), ids, options.max_norm)
            });
            g.op("Identity").input(rows).output()
        }
        _ => partitioned(g, &scope, params, ids, options),
    }
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
        Some(dims) => as_i32(&dims).into(),
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
    let scope = g.open_inner_scope("clip_by_norm", Location::caller());
    let squares = n.mul(rows, rows);
    let sum = n.reduce_along(("Sum", "Sum"), squares.into(), Some(axes), true);
    let positive = n.binary("Greater", sum, 0.0);
    let ones = n.ones_like(sum);
    let safe = n.select(positive, sum, ones);
    let root = n.unary("Sqrt", safe);
    let norm = n.select(positive, root, sum);
    let scaled = n.mul(rows, max_norm);
    let norm = n.maximum(norm, max_norm);
    let clipped = n.truediv(scaled, norm);
    n.named("Identity", &scope).input(clipped).output()
}
