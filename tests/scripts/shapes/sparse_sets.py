"""Reductions of sparse tensors and ops on sets."""

from shape_sweep import C, sweep

INDICES = [None, [None, None], [5, 2], [None, 2], [5, None]]
VALUES = [None, [None], [5]]
SHAPE = [None, [None], [2], C([3, 4])]
COO = (INDICES, VALUES, SHAPE)


def build():
    axes = [None, [1], [], C(0), C([1]), C([0, -1])]
    for keep in [False, True]:
        for op in ["SparseReduceMax", "SparseReduceSum"]:
            sweep(op, [None], [None], [C([3, -1, 4]), [3]], axes, keep_dims=keep)
        sweep("SparseReduceMaxSparse", [None], [None], [C([3, 4])], axes, keep_dims=keep)
        sweep("SparseReduceSumSparse", [None], [None], [C([3, 4])], axes, keep_dims=keep)
    sets = [None, [None, None], [2, 3], [None, 3, 4], [2, 3, 4]]
    sweep("DenseToDenseSetOperation", sets, sets, set_operation="union")
    sweep("DenseToDenseSetOperation", [[2, None]], sets + [[2, 9]], set_operation="union")
    sweep("DenseToSparseSetOperation", sets, INDICES, VALUES, SHAPE, set_operation="union")
    sweep("SparseToSparseSetOperation", *(COO + COO), set_operation="union")
    sweep("SetSize", *COO)
