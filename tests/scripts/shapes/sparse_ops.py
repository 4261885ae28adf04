"""Ops on sparse tensors."""

import tensorflow as tf

from shape_sweep import C, sweep

INDICES = [None, [None, None], [5, 2], [None, 2], [5, None]]
VALUES = [None, [None], [5]]
SHAPE = [None, [None], [2], C([3, 4])]
COO = (INDICES, VALUES, SHAPE)
SCALAR = [None, []]


def build():
    sweep("AddManySparseToTensorsMap", *COO)
    sweep("AddSparseToTensorsMap", *COO)
    for out_type in [tf.string, tf.variant]:
        sweep("SerializeManySparse", *COO, out_type=out_type)
        sweep("SerializeSparse", *COO, out_type=out_type)
    sweep("DeserializeManySparse", [None, [None, None], [5, 3]], dtype=tf.float32)
    sweep("DeserializeSparse", [None, [3], [None, 3], [2, 2, None]], dtype=tf.float32)
    sweep("TakeManySparseFromTensorsMap", [None, [None], [4]], dtype=tf.float32)
    sweep("SparseAdd", *(COO + COO + (SCALAR,)))
    sweep("SparseAddGrad", VALUES, INDICES, INDICES, INDICES)
    parts = [[None, None], [[5, 2], [6, 2]], [[5, None], None], [[None, 2], [4, None]]]
    values = [[None, None], [[5], [6]], [[5], None], [None, [4]]]
    sweep("SparseConcat", parts, values, [[None, None], [[2], [2]], [[None], [2]]], concat_dim=0)
    sweep("SparseConcat", [[[5, 2], [6, None], [None, 2]]], [[[5], None, [8]]], [[None, [None], [None]]], concat_dim=0)
    sweep("SparseCross", [[None], [[5, 2]]], [[None], [[5]]], [[None], [[2]]], [[None], [[3, 1]]], hashed_output=False,
          num_buckets=0, hash_key=7, sparse_types=[tf.string], dense_types=[tf.string], out_type=tf.string,
          internal_type=tf.string)
    for op in ["SparseDenseCwiseAdd", "SparseDenseCwiseDiv", "SparseDenseCwiseMul", "SparseTensorDenseAdd"]:
        sweep(op, *(COO + ([None, [3, 4], [None, 4], [4]],)))
    sweep("SparseFillEmptyRows", *(COO + (SCALAR,)))
    sweep("SparseFillEmptyRows", [[5, 2]], [None], [C([3, 4]), C([-1, 4])], SCALAR)
    sweep("SparseFillEmptyRowsGrad", [None, [None], [7]], VALUES)
    sweep("SparseReorder", *COO)
    sweep("SparseReshape", INDICES, SHAPE, [None, [None], [3], C([2, 6])])
    sweep("SparseSoftmax", *COO)
    odd = SHAPE + [[], [2, 3], [None, 3]]
    sweep("SparseSlice", INDICES, VALUES, odd, SHAPE, SHAPE)
    sweep("SparseSplit", [None, [], C(0)], INDICES, VALUES, odd, num_split=2)
    sweep("SparseSliceGrad", VALUES, INDICES, SHAPE, INDICES)
    sweep("SparseSparseMaximum", *(COO + COO))
    sweep("SparseSparseMinimum", *([[None]] * 6))
    for left in [False, True]:
        for right in [False, True]:
            sweep("SparseTensorDenseMatMul", INDICES[:3], VALUES, SHAPE + [C([-1, 4])],
                  [None, [None, None], [4, 4], [None, 3], [3, None]], adjoint_a=left, adjoint_b=right)
    sweep("SparseToDense", INDICES, [None, [None], [3], C([3, 4]), C([-1, 4])], VALUES, SCALAR)
