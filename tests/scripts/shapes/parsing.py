"""Ops that decode and parse what strings hold."""

import tensorflow as tf

from shape_sweep import C, sweep

ANY = [None, [], [None], [3], [None, 3], [2, 3]]
BATCH = [None, [None], [8]]
SCALAR = [None, []]
SHAPES = [tf.TensorShape([]), tf.TensorShape([2, 3]), tf.TensorShape([None, 4])]


def build():
    sweep("DecodeCompressed", ANY)
    sweep("DecodeJSONExample", ANY)
    sweep("DecodeCSV", ANY, [[None, None], [[0], [1]], [[], [None]]], OUT_TYPE=[tf.float32, tf.string])
    for out_type in [tf.uint8, tf.int16, tf.float32, tf.int64]:
        sweep("DecodePaddedRaw", ANY, [None, [], C(16)], out_type=out_type)
    sweep("DecodeRaw", ANY, out_type=tf.uint8)
    sweep("ParseTensor", ANY, out_type=tf.float32)
    sweep("SerializeTensor", ANY, T=tf.float32)
    defaults = [[None, None, None], [[], [2, 3], [4]], [[], [0], [0]]]
    sweep("ParseExample", BATCH, [None, [0]], [[None, None]], [[None, None, None]], defaults, dense_shapes=SHAPES,
          sparse_types=[tf.int64, tf.string])
    sweep("ParseExample", BATCH, [None, [0]], [[]], [[C("a")]], [[None]], dense_shapes=SHAPES[1:2], sparse_types=[])
    sweep("ParseSingleExample", SCALAR, defaults, num_sparse=2, sparse_keys=["a", "b"], dense_keys=["c", "d", "e"],
          sparse_types=[tf.int64, tf.string], dense_shapes=SHAPES)
    lists = {
        "context_sparse_types": [tf.int64, tf.string],
        "context_dense_shapes": SHAPES[:2] + [tf.TensorShape([4])],
        "feature_list_dense_types": [tf.float32, tf.int64],
        "feature_list_dense_shapes": SHAPES[:2],
        "feature_list_sparse_types": [tf.string],
    }
    counts = {"Ncontext_sparse": 2, "Ncontext_dense": 3, "Nfeature_list_dense": 2, "Nfeature_list_sparse": 1}
    sweep("ParseSequenceExample", BATCH, [None, [0]], defaults, feature_list_dense_missing_assumed_empty=[""],
          context_sparse_keys=["a", "b"], context_dense_keys=["c", "d", "e"], feature_list_sparse_keys=["f"],
          feature_list_dense_keys=["g", "h"], **dict(lists, **counts))
    sweep("ParseSingleSequenceExample", SCALAR, [None, [0]], [[None, None]], [[None, None, None]], [[None]],
          [[None, None]], defaults, SCALAR, **lists)
    sweep("DecodeProtoV2", ANY, message_type="m", field_names=["a", "b"], output_types=[tf.int32, tf.string])
    values = [[None, None], [[2, 3], [None, 4]], [[None, None, 1], None]]
    sweep("EncodeProto", [None, [2, 2], [None, 2], [2, 7, 2]], values, message_type="m", field_names=["a", "b"])
