//! The same elements elsewhere: other orders, shapes and ranks, fewer or more rows.

use std::panic::Location;

use super::{Sizes, SparseTensor, largest, rank, with_static_shape};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand, Tensor};
use crate::ops::constant_value;
use crate::ops::nodes::{Arg, Nodes, Slice, function};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// The indices in row-major order (`tf.sparse.reorder`).
#[track_caller]
pub fn reorder<'g, T: TensorType>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    let g = x.graph();
    g.called_from(Location::caller(), || {
        let node = function(g, "SparseReorder").parts(x).finish();
        let parts = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
        with_static_shape(parts, x.shape().to_static(), || {
            g.op("Identity")
                .name("Identity")
                .input(x.dense_shape)
                .output()
        })
    })
}

/// The same elements in another dense shape, of which one size may be -1 (`tf.sparse.reshape`).
///
#[track_caller]
pub fn reshape<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    shape: impl Into<Sizes<'g>>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    g.function_name("SparseReshape", Location::caller(), |name| {
        let shape = shape.into().cast_to_int64(g);
        g.inner_scope(name, Location::caller(), |scope| {
            let node = Nodes(g)
                .named("SparseReshape", scope)
                .arg(x.indices)
                .arg(x.dense_shape)
                .any(shape)
                .finish();
            let known = reshaped(&x, shape).unwrap_or_else(|message| {
                g.report(Rule::Shape, message);
                None
            });
            let dense_shape = match known {
                Some(sizes) => g.constant_named("Const", sizes.into_tensor_value()),
                None => node.output(1),
            };
            let values = g.op("Identity").input(x.values).output();
            let parts = (node.output(0).typed::<i64>(), values.typed::<T>());
            SparseTensor::new(g, parts.0, parts.1, dense_shape.typed::<i64>())
        })
    })
}

/// The shape that a sparse tensor gets, if all of it is known.
fn reshaped<T: TensorType>(
    x: &SparseTensor<'_, T>,
    shape: AnyTensor<'_>,
) -> Result<Option<Vec<i64>>, String> {
    let wanted = constant_value::as_shape(shape);
    let (Some(dims), Some(elements)) = (wanted.dims(), x.shape().num_elements()) else {
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
    let sizes: Vec<_> = dims
        .iter()
        // NumPy, which Python divides with here, has 0 for a quotient of 0.
        .map(|dim| dim.or_else(|| Some(elements.checked_div(others?).unwrap_or(0))))
        .collect();
    if Shape::from(sizes.clone()).num_elements() != Some(elements) {
        return Err(format!("{elements} elements do not fit the shape {wanted}"));
    }
    Ok(Some(
        sizes
            .into_iter()
            .flatten()
            .map(|size| size as i64)
            .collect(),
    ))
}

/// The elements for which `to_retain`, a vector of bools, is true (`tf.sparse.retain`).
#[track_caller]
pub fn retain<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    to_retain: impl Operand<'g, bool>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    g.called_from(Location::caller(), || {
        let to_retain = to_retain.into_tensor(g, "Const");
        let fits = x.values.shape().is_compatible_with(&to_retain.shape());
        if to_retain.shape().rank().is_some_and(|rank| rank != 1) || !fits {
            let message = format!(
                "expected a vector of bools for values of shape {}, found shape {}",
                x.values.shape(),
                to_retain.shape()
            );
            g.report(Rule::Shape, message);
        }
        let rows = g.op("Where").input(to_retain).output();
        let rows = n.reshape(rows, [-1]);
        let indices = n.gather(x.indices.any(), rows, 0).typed::<i64>();
        let values = n.gather(x.values.any(), rows, 0).typed::<T>();
        let shape = g.op("Identity").input(x.dense_shape).output();
        SparseTensor::new(g, indices, values, shape.typed::<i64>())
    })
}

/// The smallest dense shape that holds all elements (`tf.sparse.reset_shape`).
#[track_caller]
pub fn reset_shape<'g, T: TensorType>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    g.called_from(Location::caller(), || {
        let copy = |part: AnyTensor<'g>| g.op("Identity").input(part).output();
        let indices = copy(x.indices.any());
        let values = copy(x.values.any());
        let shape = copy(x.dense_shape.any());
        let last = largest(indices);
        let zero = g.constant_named("Const", 0i64.into_tensor_value());
        let ones = g.inner_scope("ones_like", Location::caller(), |scope| {
            let sizes = n.shape(shape);
            let one = g.constant_named("Const", 1i64.into_tensor_value());
            let ones = g.op("Fill").name(scope).input(sizes).input(one).output();
            ones.set_shape(shape.shape());
            ones
        });
        let sizes = g.op("Add").input(last).input(ones).output();
        let sizes = g.op("Maximum").input(zero).input(sizes).output();
        let parts = (indices.typed::<i64>(), values.typed::<T>());
        SparseTensor::new(g, parts.0, parts.1, sizes.typed::<i64>())
    })
}

/// Puts `default_value` in the first column of each row without elements (`tf.sparse.fill_empty_rows`).
#[track_caller]
pub fn fill_empty_rows<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    default_value: impl Operand<'g, T>,
) -> (SparseTensor<'g, T>, Tensor<'g, bool>) {
    let g = x.graph();
    g.function_scope("SparseFillEmptyRows", Location::caller(), |_| {
        let default_value = default_value.into_tensor(g, "Const");
        let node = g.op("SparseFillEmptyRows").input(x.indices).input(x.values);
        let node = node.input(x.dense_shape).input(default_value).finish();
        let (indices, values) = (node.output(0).typed::<i64>(), node.output(1).typed::<T>());
        let empty = node.output(2).typed();
        (SparseTensor::new(g, indices, values, x.dense_shape), empty)
    })
}

/// The dimensions in reverse order (`tf.sparse.transpose`).
#[track_caller]
pub fn transpose<'g, T: TensorType>(x: SparseTensor<'g, T>) -> SparseTensor<'g, T> {
    transposed(x, None, Location::caller())
}

/// The dimensions in the order of `perm` (`tf.sparse.transpose` with `perm`).
#[track_caller]
pub fn transpose_with<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    perm: &[i32],
) -> SparseTensor<'g, T> {
    transposed(x, Some(perm), Location::caller())
}

fn transposed<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    perm: Option<&[i32]>,
    location: &'static Location<'static>,
) -> SparseTensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    g.function_scope("SparseTranspose", location, |_| {
        let reversed = perm.is_none().then(|| reversed_axes(rank(&x)));
        let by = |params: AnyTensor<'g>| match (reversed, perm) {
            (None, Some(perm)) => n.gather(params, perm, 0),
            (reversed, _) => n.gather(params, reversed.unwrap_or(AnyTensor::poison(g)), 0),
        };
        let rows = by(transposed_matrix(x.indices.any()));
        let indices = transposed_matrix(rows).typed::<i64>();
        let order = match (reversed, perm) {
            (None, Some(perm)) => {
                // Python converts the list once more to look for its value.
                let perm = g.constant_named("Const", perm.into_tensor_value());
                constant_value::of(perm)
            }
            (reversed, _) => reversed.and_then(constant_value::of),
        };
        let order = order.and_then(|order| order.to_i64s());
        let sizes = match (order, x.static_shape()) {
            (Some(order), Some(shape)) => match permuted(&shape, &order) {
                Some(sizes) => Some(sizes),
                None => {
                    let message = format!("axes {order:?} of a sparse tensor of shape {shape:?}");
                    g.report(Rule::Shape, message);
                    None
                }
            },
            _ => None,
        };
        let shape = sizes.map_or_else(|| Err(by(x.dense_shape.any())), Ok);
        reorder(match shape {
            Ok(sizes) => SparseTensor::new(g, indices, x.values, sizes),
            Err(shape) => SparseTensor::new(g, indices, x.values, shape.typed::<i64>()),
        })
    })
}

/// The sizes in another order, which Python writes over the old ones.
fn permuted(shape: &[i64], order: &[i64]) -> Option<Vec<i64>> {
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
fn reversed_axes(rank: AnyTensor<'_>) -> AnyTensor<'_> {
    let g = rank.graph();
    let n = Nodes(g);
    let last = n.sub(rank, 1);
    let axes = n.range(0, rank);
    g.op("Sub").name("sub").input(last).input(axes).output()
}

/// `tf.transpose` of indices.
fn transposed_matrix(x: AnyTensor<'_>) -> AnyTensor<'_> {
    let g = x.graph();
    let n = Nodes(g);
    g.inner_scope("transpose", Location::caller(), |scope| {
        let perm = match x.shape().rank() {
            Some(rank) if rank > 0 => {
                let perm: Vec<i32> = (0..rank as i32).rev().collect();
                g.constant_named("perm", perm.into_tensor_value())
            }
            _ => {
                let rank = g.op("Rank").input(x).output();
                let last = n.sub(rank, 1);
                let axes = n.call(("Range", "Range"), [0.into(), rank.into(), 1.into()]);
                g.op("Sub").name("sub").input(last).input(axes).output()
            }
        };
        let result = g.op("Transpose").name(scope).input(x).input(perm).output();
        if let Some(dims) = x.shape().dims() {
            result.set_shape(dims.iter().rev().copied().collect::<Vec<_>>());
        }
        result
    })
}

/// A new dimension of size 1 before `axis`; -1 puts it last (`tf.sparse.expand_dims`).
#[track_caller]
pub fn expand_dims<'g, T: TensorType>(x: SparseTensor<'g, T>, axis: i32) -> SparseTensor<'g, T> {
    let g = x.graph();
    let n = Nodes(g);
    g.function_scope("expand_dims", Location::caller(), |_| {
        let Some(&[Some(rank)]) = x.dense_shape.shape().dims() else {
            let message = format!(
                "expected a sparse tensor of known rank, found shape {}",
                x.shape()
            );
            g.report(Rule::Shape, message);
            return x;
        };
        let axis = g.constant_named("axis", axis.into_tensor_value());
        let is_positive = n.binary("GreaterEqual", axis, 0);
        let plus = |x: AnyTensor<'g>, y: i32| n.add(x, y);
        let from_end = plus(plus(axis, rank as i32), 1);
        let axis = g
            .op("SelectV2")
            .input(is_positive)
            .input(axis)
            .input(from_end)
            .output();
        let rows = n.index(n.shape(x.indices.any()), [Slice::at(0)]);
        let column = g.inner_scope("zeros", Location::caller(), |scope| {
            // Python multiplies the sizes to see whether they are few.
            let count = n.mul(rows, 1);
            n.binary("Less", count, 1000);
            let shape = n.stack_as("packed", [rows.into(), 1.into()]);
            let zero = g.constant_named("Const", 0i64.into_tensor_value());
            g.op("Fill").name(scope).input(shape).input(zero).output()
        });
        let list = |items: [Arg<'g>; 2]| Arg::List(items.into());
        let indices = x.indices.any();
        let before = n.slice(indices, [0, 0], list([(-1).into(), axis.into()]));
        let after = n.slice(indices, list([0.into(), axis.into()]), [-1, -1]);
        let indices = n.concat([before, column, after].map(Arg::from), 1);
        let at_axis = || Arg::List(vec![axis.into()]);
        let before = n.slice(x.dense_shape, [0], at_axis());
        let after = n.slice(x.dense_shape, at_axis(), [-1]);
        let one = g.constant_named("new_shape", [1i64].into_tensor_value());
        let shape = n.concat([before, one, after].map(Arg::from), 0);
        SparseTensor::new(g, indices.typed::<i64>(), x.values, shape.typed::<i64>())
    })
}
