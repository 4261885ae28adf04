//! Rows of different lengths: the values of all rows, and the position at which each row begins.

use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::ops::sparse::SparseTensor;
use crate::ops::{array, math, raw};

/// The rows of values between the positions `splits`, which are one more than there are rows, as a sparse matrix.
#[track_caller]
pub(super) fn to_sparse<'g, T: TensorType>(
    splits: Tensor<'g, i64>,
    values: Tensor<'g, T>,
) -> SparseTensor<'g, T> {
    let sparse = raw::ragged_tensor_to_sparse(&[splits], values);
    let (indices, dense_shape) = (sparse.sparse_indices, sparse.sparse_dense_shape);
    SparseTensor::new(values.graph(), indices, sparse.sparse_values, dense_shape)
}

/// The positions at which the rows of a sparse matrix begin among its values, and their number.
#[track_caller]
pub(super) fn row_splits<'g, T: TensorType>(x: SparseTensor<'g, T>) -> Tensor<'g, i64> {
    let g = x.graph();
    let rows = x.indices.slice((.., 0));
    let count = x.dense_shape.slice(0);
    let numbers = math::range(g, count + 1, ());
    // `tf.searchsorted` fails if there are no values.
    let splits = raw::lower_bound(array::expand_dims(rows, 0), array::expand_dims(numbers, 0));
    array::squeeze(splits, 0)
}
