"""Datasets, iterators and what they yield."""

import tensorflow as tf

from shape_sweep import func, sweep

SCALAR = [None, []]
TYPES = [tf.int64, tf.string]
SHAPES = [tf.TensorShape([7, None]), tf.TensorShape(None)]
OUT = {"output_types": TYPES, "output_shapes": SHAPES}


def build():
    for op in ["DatasetToSingleElement", "IteratorGetNext", "IteratorGetNextSync", "OptionalGetValue"]:
        sweep(op, SCALAR, **OUT)
    sweep("MultiDeviceIteratorGetNextFromShard", SCALAR, SCALAR, SCALAR, **OUT)
    sweep("ReduceDataset", SCALAR, [[None, None], [[], [2]]], [[]], f=func(), Targuments=[], **OUT)
    sweep("MapDefun", [[None, None], [[3, 4], [None]], [[None, 2], [5, 6]]], [[]], f=func(), Tcaptured=[], **OUT)
    for op in ["AnonymousIterator", "AnonymousIteratorV2", "IteratorFromStringHandle"]:
        sweep(op, *([SCALAR] if op.endswith("Handle") else []), **OUT)
    sweep("Iterator", shared_name="", container="", **OUT)
    sweep("IteratorV2", shared_name="", container="", **OUT)
    sweep("OneShotIterator", dataset_factory=func(), **OUT)
    sweep("AnonymousMemoryCache")
    sweep("AnonymousRandomSeedGenerator", SCALAR, SCALAR)
    sweep("IteratorFromStringHandleV2", SCALAR)
    sweep("IteratorGetDevice", SCALAR)
    sweep("IteratorGetNextAsOptional", SCALAR, **OUT)
    sweep("IteratorToStringHandle", SCALAR)
    sweep("SerializeIterator", SCALAR)
    sweep("MakeIterator", SCALAR, SCALAR)
    sweep("OptionalFromValue", [[None, None], [[2], []]])
    sweep("OptionalHasValue", SCALAR)
    sweep("OptionalNone")
    vector = [None, [], [2]]
    sweep("TFRecordDataset", vector, SCALAR, SCALAR)
    sweep("TextLineDataset", vector, SCALAR, SCALAR)
    sweep("FixedLengthRecordDataset", vector, SCALAR, SCALAR, SCALAR, SCALAR)
    sweep("TensorDataset", [[None, None], [[7, 2], [3]]], output_shapes=SHAPES)
    sweep("TensorSliceDataset", [[None, None], [[7, 2], [7]]], output_shapes=SHAPES)
    sweep("SparseTensorSliceDataset", [None], [None], [None])
    sweep("RangeDataset", SCALAR, SCALAR, SCALAR, **OUT)
    sweep("RandomDataset", SCALAR, SCALAR, **OUT)
    sweep("BatchDataset", SCALAR, SCALAR, **OUT)
    sweep("BatchDatasetV2", SCALAR, SCALAR, SCALAR, **OUT)
    sweep("CacheDataset", SCALAR, SCALAR, **OUT)
    sweep("FilterDataset", SCALAR, [[]], predicate=func(), Targuments=[], **OUT)
    sweep("MapDataset", SCALAR, [[None]], f=func(), **OUT)
    sweep("ParallelMapDataset", SCALAR, [[None]], SCALAR, f=func(), **OUT)
    sweep("PrefetchDataset", SCALAR, SCALAR, **OUT)
    sweep("RepeatDataset", SCALAR, SCALAR, **OUT)
    sweep("ShuffleDataset", SCALAR, SCALAR, SCALAR, SCALAR, **OUT)
    sweep("TakeDataset", SCALAR, SCALAR, **OUT)
    sweep("ZipDataset", [[None, None], [[], []]], **OUT)
    sweep("ParseExampleDataset", SCALAR, SCALAR, [[None]], sparse_keys=["a"], dense_keys=["b"], sparse_types=[tf.int64],
          dense_shapes=SHAPES[:1], **OUT)
    sweep("ExperimentalDatasetCardinality", SCALAR)
    sweep("DatasetCardinality", SCALAR)
