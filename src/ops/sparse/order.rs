//! Other orders, shapes and ranks of sparse tensors, and fewer or more rows.

use std::panic::Location;

use super::{AnySparseTensor, SparseTensor, known_or};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes, Size};
use crate::ops::types::IndexType;
use crate::ops::{OrDefault, constant_value};
use crate::shape::Shape;

/// The indices in row-major order (`tf.sparse.reorder`).
#[track_caller]
pub fn reorder<'g, T: TensorType>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    let name = x.graph().requested_name("SparseReorder");
    x.any().reordered_as(&name).typed()
}

impl AnySparseTensor<'_> {
    /// `tf.sparse.reorder` under its default name.
    #[track_caller]
    pub(super) fn reordered(self) -> Self {
        self.reordered_as("SparseReorder")
    }

    #[track_caller]
    fn reordered_as(self, name: &str) -> Self {
        let n = Nodes(self.graph());
        let _call = n.0.open_call(Location::caller());
        let node = n.named("SparseReorder", name).parts(self).finish();
        let shape = known_or(&self.shape(), || n.identity("Identity", self.dense_shape));
        AnySparseTensor::new(node.output(0), node.output(1), shape)
    }
}

/// The elements under another dense shape, of which one size may be -1 (`tf.sparse.reshape`).
///
/// ```
/// use tfhub::ops::sparse;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.sparse_placeholder::<f32>((2, 3));
/// assert_eq!(sparse::reshape(x, [3, -1]).shape().to_string(), "[3, 2]");
/// ```
#[track_caller]
pub fn reshape<'g, T: TensorType, I: IndexType>(
    x: SparseTensor<'g, T>,
    shape: impl Operand<'g, I>,
) -> SparseTensor<'g, T> {
    let n = Nodes(x.graph());
    let shape = Arg::of(shape);
    let name = n.0.open_function_name("SparseReshape");
    reshaped(n, &name, x.any(), shape).typed()
}

fn reshaped<'g>(
    n: Nodes<'g>,
    name: &str,
    x: AnySparseTensor<'g>,
    shape: Arg<'g>,
) -> AnySparseTensor<'g> {
    let shape = n.cast(shape, DType::Int64);
    let scope = n.open_scope(name);
    let node = n.named("SparseReshape", &scope).arg(x.indices);
    let node = node.arg(x.dense_shape).any(shape).finish();
    let known = reshaped_sizes(&x.shape(), shape).unwrap_or_else(|message| {
        n.0.report(Rule::Shape, message);
        None
    });
    let dense_shape = match known {
        Some(sizes) => n.constant("Const", sizes),
        None => node.output(1),
    };
    let values = n.identity("Identity", x.values);
    AnySparseTensor::new(node.output(0), values, dense_shape)
}

/// The shape that a sparse tensor gets, if all of it is known.
fn reshaped_sizes(of: &Shape, shape: AnyTensor<'_>) -> Result<Option<Vec<i64>>, String> {
    let wanted = constant_value::as_shape(shape);
    let (Some(dims), Some(elements)) = (wanted.dims(), of.num_elements()) else {
        return Ok(None);
    };
    let implied = dims.iter().filter(|dim| dim.is_none()).count();
    let given = constant_value::of(shape).and_then(|value| value.to_i64s());
    if given.is_some_and(|sizes| sizes.iter().filter(|&&size| size == -1).count() > 1) {
        return Err(format!("expected at most one size of -1, found {wanted}"));
    }
    if implied > 1 {
        return Ok(None);
    }
    let known: Vec<_> = dims.iter().copied().filter(Option::is_some).collect();
    let others = Shape::from(known).num_elements();
    // NumPy, which Python divides with here, has 0 for a quotient of 0.
    let missing = || elements.checked_div(others?).or(Some(0));
    let sizes: Vec<_> = dims.iter().map(|dim| dim.or_else(missing)).collect();
    if Shape::from(sizes.clone()).num_elements() != Some(elements) {
        return Err(format!("{elements} elements do not fit the shape {wanted}"));
    }
    let sizes = sizes.into_iter().flatten().map(|size| size as i64);
    Ok(Some(sizes.collect()))
}

/// The elements for which `to_retain`, a vector of bools, is true (`tf.sparse.retain`).
#[track_caller]
pub fn retain<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    to_retain: impl Operand<'g, bool>,
) -> SparseTensor<'g, T> {
    let n = Nodes(x.graph());
    let _call = n.0.open_call(Location::caller());
    let to_retain = to_retain.into_tensor(n.0, "Const").any();
    retained(n, x.any(), to_retain).typed()
}

fn retained<'g>(
    n: Nodes<'g>,
    x: AnySparseTensor<'g>,
    to_retain: AnyTensor<'g>,
) -> AnySparseTensor<'g> {
    let (values, kept) = (x.values.shape(), to_retain.shape());
    if kept.rank().is_some_and(|rank| rank != 1) || !values.is_compatible_with(&kept) {
        let message =
            format!("expected a vector of bools for values of shape {values}, found shape {kept}");
        n.0.report(Rule::Shape, message);
    }
    let rows = n.reshape(n.unary("Where", to_retain), [-1]);
    let indices = n.gather(x.indices, rows, 0);
    let values = n.gather(x.values, rows, 0);
    let shape = n.identity("Identity", x.dense_shape);
    AnySparseTensor::new(indices, values, shape)
}

/// The smallest dense shape that holds all elements (`tf.sparse.reset_shape`).
#[track_caller]
pub fn reset_shape<'g, T: TensorType>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    let n = Nodes(x.graph());
    let _call = n.0.open_call(Location::caller());
    let copy = |part: AnyTensor<'g>| n.identity("Identity", part);
    let indices = copy(x.indices.any());
    let values = copy(x.values.any());
    let shape = copy(x.dense_shape.any());
    let last = n.reduce("Max", indices, 0);
    let zero = n.constant("Const", 0i64);
    let sizes = n.binary("Add", last, n.ones_like(shape));
    let sizes = n.binary("Maximum", zero, sizes);
    AnySparseTensor::new(indices, values, sizes).typed()
}

/// Puts `default_value` in the first column of each row without elements (`tf.sparse.fill_empty_rows`).
#[track_caller]
pub fn fill_empty_rows<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    default_value: impl Operand<'g, T>,
) -> (SparseTensor<'g, T>, Tensor<'g, bool>) {
    let (n, _scope) = Nodes::in_scope(x.graph(), "SparseFillEmptyRows");
    let default_value = default_value.into_tensor(n.0, "Const");
    let node = n.op("SparseFillEmptyRows").parts(x);
    let node = node.arg(default_value).finish();
    let filled = AnySparseTensor::new(node.output(0), node.output(1), x.dense_shape);
    (filled.typed(), node.output(2).typed())
}

/// The dimensions in the order of `perm`, or for `()` in reverse order (`tf.sparse.transpose`).
///
/// ```
/// use tfhub::ops::sparse;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.sparse_placeholder::<f32>((2, 3, 4));
/// assert_eq!(sparse::transpose(x, ()).shape().rank(), Some(3));
/// assert_eq!(sparse::transpose(x, [0, 2, 1]).shape().to_string(), "[2, 4, 3]");
/// ```
#[track_caller]
pub fn transpose<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    perm: impl Into<OrDefault<AnyOperand<'g, i32>>>,
) -> SparseTensor<'g, T> {
    let perm = perm.into().0.map(Arg::of);
    let (n, _scope) = Nodes::in_scope(x.graph(), "SparseTranspose");
    transposed(n, x.any(), perm).typed()
}

fn transposed<'g>(
    n: Nodes<'g>,
    x: AnySparseTensor<'g>,
    perm: Option<Arg<'g>>,
) -> AnySparseTensor<'g> {
    let perm = perm.unwrap_or_else(|| reversed_axes(n, x.rank(), "range").into());
    let by = |params: AnyTensor<'g>| n.gather(params, &perm, 0);
    let rows = by(transposed_matrix(x.indices.any()));
    let indices = transposed_matrix(rows);
    // Python converts a list once more to look for its value.
    let order = constant_value::of(perm.clone().convert(n.0, "Const", DType::Int32));
    let order = order.and_then(|order| order.to_i64s());
    let shape = x.shape().to_static();
    let sizes = order.zip(shape).and_then(|(order, shape)| {
        let sizes = permuted(&shape, &order);
        if sizes.is_none() {
            let message = format!("axes {order:?} of a sparse tensor of shape {shape:?}");
            n.0.report(Rule::Shape, message);
        }
        sizes
    });
    let sizes = sizes.map_or_else(Shape::unknown, Shape::from);
    let shape = known_or(&sizes, || by(x.dense_shape.any()));
    AnySparseTensor::new(indices, x.values, shape).reordered()
}

/// The sizes in another order, which Python writes over the old ones.
fn permuted(shape: &[usize], order: &[i64]) -> Option<Vec<usize>> {
    let mut sizes = shape.to_vec();
    for (axis, &from) in order.iter().enumerate() {
        let from = if from < 0 {
            from + shape.len() as i64
        } else {
            from
        };
        *sizes.get_mut(axis)? = *shape.get(usize::try_from(from).ok()?)?;
    }
    Some(sizes)
}

/// `(rank - 1) - range(0, rank)`.
fn reversed_axes<'g>(n: Nodes<'g>, rank: AnyTensor<'g>, range: &str) -> AnyTensor<'g> {
    let last = n.sub(rank, 1);
    let axes = n.call(("Range", range), [0.into(), rank.into(), 1.into()]);
    n.sub(last, axes)
}

/// `tf.transpose` of indices.
fn transposed_matrix(x: AnyTensor<'_>) -> AnyTensor<'_> {
    let n = Nodes(x.graph());
    let scope = n.open_scope("transpose");
    let perm = match x.shape().rank() {
        Some(rank) if rank > 0 => n.constant("perm", (0..rank as i32).rev().collect::<Vec<_>>()),
        _ => reversed_axes(n, n.unary("Rank", x), "Range"),
    };
    let result = n.call(("Transpose", &scope), [x.into(), perm.into()]);
    if let Some(dims) = x.shape().dims() {
        result.set_shape(dims.iter().rev().copied().collect::<Vec<_>>());
    }
    result
}

/// A new dimension of size 1 before `axis`; -1 puts it last (`tf.sparse.expand_dims`).
#[track_caller]
pub fn expand_dims<'g, T: TensorType>(x: SparseTensor<'g, T>, axis: i32) -> SparseTensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(x.graph(), "expand_dims");
    expanded(n, x.any(), axis).typed()
}

fn expanded<'g>(n: Nodes<'g>, x: AnySparseTensor<'g>, axis: i32) -> AnySparseTensor<'g> {
    let Some(&[Some(rank)]) = x.dense_shape.shape().dims() else {
        let shape = x.shape();
        let message = format!("expected a sparse tensor of known rank, found shape {shape}");
        n.0.report(Rule::Shape, message);
        return x;
    };
    let axis = n.constant("axis", axis);
    let is_positive = n.binary("GreaterEqual", axis, 0);
    let from_end = n.add(n.add(axis, rank as i32), 1);
    let args = [is_positive, axis, from_end].map(Arg::from);
    let axis = n.call(("SelectV2", "SelectV2"), args);
    let rows = Size::Tensor(n.at(n.shape(x.indices), 0));
    let column = n.filled("zeros", 0.0, DType::Int64, (rows, 1).into());
    let list = |items: [Arg<'g>; 2]| Arg::List(items.into());
    let before = n.slice(x.indices, [0, 0], list([(-1).into(), axis.into()]));
    let after = n.slice(x.indices, list([0.into(), axis.into()]), [-1, -1]);
    let indices = n.concat(Arg::tensors(&[before, column, after]), 1);
    let at_axis = || Arg::List(vec![axis.into()]);
    let before = n.slice(x.dense_shape, [0], at_axis());
    let after = n.slice(x.dense_shape, at_axis(), [-1]);
    let one = n.constant("new_shape", [1i64]);
    let shape = n.concat(Arg::tensors(&[before, one, after]), 0);
    AnySparseTensor::new(indices, x.values, shape)
}
