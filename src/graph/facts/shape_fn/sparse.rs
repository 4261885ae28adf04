//! Shapes of ops on sparse tensors and on sets.

use super::Outputs::{Fixed, Like, Of};
use super::dims::{both, unmarked};
use super::{
    Dim, Inference, Inferred, at_least_rank, expect_dim, fixed, matrix, merge_dims, one, refuse,
    tensors, unknown, vector, with_rank,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    ranked("AddManySparseToTensorsMap", COO, Fixed(&[&[-1]])),
    ranked("AddSparseToTensorsMap", COO, Fixed(&[&[]])),
    op("DenseToDenseSetOperation", dense_sets),
    op("DenseToSparseSetOperation", dense_and_sparse_set),
    op("DeserializeManySparse", |i| {
        expect_dim(i.ranked(0, 2)?[1], 3, "the number of parts")?;
        fixed(i, &[], ANY_SPARSE)
    }),
    op("DeserializeSparse", |i| {
        expect_dim(i.input(0).dim(-1), 3, "the number of parts")?;
        fixed(i, &[], ANY_SPARSE)
    }),
    ranked("SerializeManySparse", COO, Fixed(&[&[-1, 3]])),
    ranked("SerializeSparse", COO, Fixed(&[&[3]])),
    op("SetSize", unknown),
    op("SparseAdd", sparse_add),
    op("SparseAddGrad", |i| {
        tensors(&[&[i.ranked(1, 2)?[0]], &[i.ranked(2, 2)?[0]]])
    }),
    op("SparseConcat", sparse_concat),
    ranked("SparseCross", &[], Fixed(&[&[-1, 2], &[-1], &[2]])),
    op("SparseDenseCwiseAdd", values_of_indices),
    op("SparseDenseCwiseDiv", values_of_indices),
    op("SparseDenseCwiseMul", values_of_indices),
    ranked(
        "SparseFillEmptyRows",
        &[2, 1, 1, 0],
        Of(sparse_fill_empty_rows),
    ),
    op("SparseFillEmptyRowsGrad", |i| {
        i.ranked(1, 1)?;
        tensors(&[&[i.vector_len(0)?], &[]])
    }),
    op("SparseReduceMax", sparse_reduce),
    op("SparseReduceMaxSparse", unknown),
    op("SparseReduceSum", sparse_reduce),
    op("SparseReduceSumSparse", unknown),
    ranked(
        "SparseReorder",
        COO,
        Of(|i| tensors(&[i.ranked(0, 2)?, i.ranked(1, 1)?])),
    ),
    op("SparseReshape", |i| {
        let (indices, shape) = (i.ranked(0, 2)?, i.ranked(2, 1)?);
        i.ranked(1, 1)?;
        tensors(&[&[indices[0], shape[0]], shape])
    }),
    op("SparseSlice", |i| Ok(parts_of(i.input(2), 1))),
    op("SparseSliceGrad", |i| one(vector(i.ranked(1, 2)?[0]))),
    ranked("SparseSoftmax", COO, Of(|i| one(vector(i.vector_len(1)?)))),
    ranked(
        "SparseSparseMaximum",
        &[2, 1, 1, 2, 1, 1],
        Fixed(&[&[-1, -1], &[-1]]),
    ),
    ranked(
        "SparseSparseMinimum",
        &[2, 1, 1, 2, 1, 1],
        Fixed(&[&[-1, -1], &[-1]]),
    ),
    op("SparseSplit", |i| {
        let count = i.arg("shape").start;
        Ok(parts_of(i.input(count), i.int("num_split")))
    }),
    ranked("SparseTensorDenseAdd", &[], Like(3)),
    ranked("SparseTensorDenseMatMul", &[2, 1], Of(sparse_mat_mul)),
    op("SparseToDense", |i| one(i.dims_from_input(1)?)),
    op("SparseToSparseSetOperation", sparse_sets),
    ranked("TakeManySparseFromTensorsMap", &[1], Fixed(ANY_SPARSE)),
];

/// The ranks of a sparse tensor's parts: indices, values and shape.
const COO: &[i8] = &[2, 1, 1];

/// A sparse tensor of which nothing is known.
const ANY_SPARSE: &[&[i64]] = &[&[-1, -1], &[-1], &[-1]];

fn sparse_of_rank(rank: Dim) -> Inferred {
    tensors(&[&[None, rank], &[None], &[rank]])
}

fn sparse_add(i: &Inference<'_>) -> Inferred {
    sparse_of_rank(i.vector_len(2)?)
}

fn values_of_indices(i: &Inference<'_>) -> Inferred {
    one(vector(i.ranked(0, 2)?[0]))
}

fn sparse_concat(i: &Inference<'_>) -> Inferred {
    let count = i.node.inputs.len() / 3;
    let (mut rows, mut columns) = (Some(0usize), None);
    let mut rank = None;
    for part in 0..count {
        let (indices, values) = (i.ranked(part, 2)?, i.ranked(part + count, 1)?);
        let len = merge_dims(
            indices[0],
            values[0],
            "the numbers of indices and of values",
        )?;
        rows = both(rows, len, usize::checked_add);
        columns = merge_dims(columns, indices[1], "ranks of the inputs")?;
        match (rank, i.vector_len(part + 2 * count)?) {
            (Some(rank), Some(other)) if rank != other => {
                return refuse(format_args!(
                    "ranks of the inputs must be equal, found [{rank}] and [{other}]"
                ));
            }
            (known, other) => rank = known.or(other),
        }
    }
    tensors(&[&[rows, columns], &[rows], &[rank]])
}

fn sparse_fill_empty_rows(i: &Inference<'_>) -> Inferred {
    let (indices, shape) = (i.ranked(0, 2)?, i.ranked(2, 1)?);
    let what = "the numbers of indices and of values";
    let len = merge_dims(indices[0], i.vector_len(1)?, what)?;
    merge_dims(indices[1], shape[0], "the ranks of indices and of shape")?;
    let rows = i.dims_from_input(2)?.dim(0);
    tensors(&[&[None, shape[0]], &[None], &[rows], &[len]])
}

/// The dense result's shape, where that of the input and the axes are constants.
fn sparse_reduce(i: &Inference<'_>) -> Inferred {
    let (Some(sizes), Some(axes)) = (i.integers(2), i.integers(3)) else {
        return unknown(i);
    };
    let rank = sizes.len();
    if rank == 0 {
        return unknown(i);
    }
    let mut reduced = vec![false; rank];
    for axis in axes {
        // Axes beyond the rank are taken modulo it.
        let axis = (axis + rank as i64) % rank as i64;
        if let Ok(axis) = usize::try_from(axis) {
            reduced[axis] = true;
        }
    }
    let mut dims = Vec::new();
    for &size in &sizes {
        dims.push(usize::try_from(size).ok());
    }
    one(unmarked(&dims, &reduced, i.flag("keep_dims")))
}

/// As many sparse tensors as `count` says, part by part.
///
/// TensorFlow takes the product of the shape input's own dimensions for the rank.
fn parts_of(shape: &Shape, count: i64) -> Vec<Shape> {
    let count = usize::try_from(count).unwrap_or(0);
    let rank = shape.num_elements();
    let mut parts = vec![matrix(None, rank); count];
    parts.resize(2 * count, vector(None));
    parts.resize(3 * count, shape.clone());
    parts
}

fn sparse_mat_mul(i: &Inference<'_>) -> Inferred {
    let a = i.dims_from_input(2)?;
    let a = turned(with_rank(&a, 2, "the left input")?, i.flag("adjoint_a"));
    let b = turned(i.ranked(3, 2)?, i.flag("adjoint_b"));
    merge_dims(a[1], b[0], "inner dimensions")?;
    one(matrix(a[0], b[1]))
}

/// The rows and columns of a matrix, or of its adjoint.
fn turned(matrix: &[Dim], adjoint: bool) -> [Dim; 2] {
    if adjoint {
        [matrix[1], matrix[0]]
    } else {
        [matrix[0], matrix[1]]
    }
}

/// Sets in the last dimension of both inputs; the dimensions before it are equal.
fn dense_sets(i: &Inference<'_>) -> Inferred {
    let (a, b) = (i.input(0), i.input(1));
    at_least_rank(a, 2, "the first input")?;
    at_least_rank(b, 2, "the second input")?;
    if !a.without_last(1).is_compatible_with(&b.without_last(1)) {
        return refuse(format_args!(
            "inputs must agree in all but the last dimension: found {a} and {b}"
        ));
    }
    sparse_of_rank(a.rank().or(b.rank()))
}

/// The rank of the sparse tensor whose parts are three inputs from `first` on.
fn sparse_rank(i: &Inference<'_>, first: usize) -> Inferred<Dim> {
    let (indices, values) = (i.ranked(first, 2)?, i.ranked(first + 1, 1)?);
    let rank = i.vector_len(first + 2)?;
    merge_dims(
        indices[0],
        values[0],
        "the numbers of indices and of values",
    )?;
    merge_dims(indices[1], rank, "the ranks of indices and of shape")?;
    Ok(rank)
}

fn dense_and_sparse_set(i: &Inference<'_>) -> Inferred {
    let sparse = sparse_rank(i, 1)?;
    i.at_least_rank(0, 2, "the first input")?;
    let rank = merge_dims(i.input(0).rank(), sparse, "ranks of the inputs")?;
    sparse_of_rank(rank)
}

fn sparse_sets(i: &Inference<'_>) -> Inferred {
    let (a, b) = (sparse_rank(i, 0)?, sparse_rank(i, 3)?);
    if let (Some(rank @ ..2), _) | (_, Some(rank @ ..2)) = (a, b) {
        return refuse(format_args!("sets are of at least rank 2, found {rank}"));
    }
    sparse_of_rank(merge_dims(a, b, "ranks of the inputs")?)
}
