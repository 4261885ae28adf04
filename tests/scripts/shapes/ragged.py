"""Ops on ragged tensors."""

import tensorflow as tf

from shape_sweep import C, node, sweep

BOUNDS = [None, [], [None], [3]]
VALUES = [None, [None], [6], [6, 7], [None, None], [6, 7, 8]]


def build():
    splits = [[None, None], [[4], [None]], [[4], [7]]]
    sweep("RaggedGather", splits, VALUES, [None, [None], [5]], Tvalues=tf.float32, OUTPUT_RAGGED_RANK=2)
    sweep("RaggedGather", [[None], [[4]]], VALUES, [None, [None, 2], [5, 2]], Tvalues=tf.float32, OUTPUT_RAGGED_RANK=2)
    sweep("RaggedRange", BOUNDS, BOUNDS, BOUNDS)
    sweep("RaggedRange", [[]], [[]], BOUNDS)
    sweep("RaggedRange", [[None]], [None, []], BOUNDS)
    kinds = {"Tvalues": tf.int32, "Tsplits": tf.int64}
    sweep("RaggedTensorFromVariant", [None, [], [3]], input_ragged_rank=-1, output_ragged_rank=2, **kinds)
    sweep("RaggedTensorFromVariant", [None, [3]], input_ragged_rank=1, output_ragged_rank=2, **kinds)
    for batched in [False, True]:
        sweep("RaggedTensorToVariant", splits, VALUES, batched_input=batched, **kinds)
    sweep("RaggedTensorToSparse", splits + [[[4]], [None]], VALUES, T=tf.float32)
    shapes = [None, [None], [2], [3], [4], C([-1, -1, -1]), C([2, -1, 5]), C(-1), C([2, 5, 6, 7]), C([2, -1, -1, -1])]
    for types in [["ROW_SPLITS", "ROW_SPLITS"], ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]]:
        for shape in shapes:
            for value in VALUES + [[]]:
                node("RaggedTensorToTensor", shape, value, [], [None, [4]], row_partition_types=types,
                     T=tf.float32, Tshape=tf.int64, Tindex=tf.int64)
