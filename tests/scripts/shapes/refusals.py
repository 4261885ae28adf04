"""Inputs of every rank, one at a time, for ops that refuse some: datasets, ranges, sizes, strings."""

import tensorflow.compat.v1 as tf

import shape_sweep
from shape_sweep import C, node

OPS = """
    DatasetToSingleElement IteratorGetNext IteratorGetNextSync MultiDeviceIteratorGetNextFromShard OptionalGetValue
    ReduceDataset AssertNextDataset BatchDataset BatchDatasetV2 BytesProducedStatsDataset CSVDataset CacheDataset
    CacheDatasetV2 DenseToSparseBatchDataset FixedLengthRecordDataset FixedLengthRecordDatasetV2 LatencyStatsDataset
    MapAndBatchDataset MatchingFilesDataset PaddedBatchDataset PaddedBatchDatasetV2 PrefetchDataset RandomDataset
    RangeDataset RepeatDataset SamplingDataset ShardDataset ShuffleAndRepeatDataset ShuffleDataset ShuffleDatasetV2
    SkipDataset SleepDataset SlidingWindowDataset SnapshotDataset SqlDataset TFRecordDataset TakeDataset TextLineDataset
    WindowDataset ExperimentalAssertNextDataset ExperimentalBytesProducedStatsDataset ExperimentalCSVDataset
    ExperimentalDenseToSparseBatchDataset ExperimentalLatencyStatsDataset ExperimentalMapAndBatchDataset
    ExperimentalMatchingFilesDataset ExperimentalRandomDataset ExperimentalSleepDataset
    ExperimentalSlidingWindowDataset ExperimentalSqlDataset
    QuantizedAdd QuantizedMul QuantizedRelu QuantizedRelu6 QuantizedReluX RequantizePerChannel
    RequantizationRangePerChannel CudnnRNNParamsSize CudnnRNNParamsToCanonical CudnnRNNParamsToCanonicalV2
    ParameterizedTruncatedNormal StatefulRandomBinomial RngSkip ApplyFtrlV2 ResourceApplyFtrlV2
    ResourceApplyGradientDescent ResourceApplyProximalGradientDescent ResourceApplyAdagrad NthElement Split ExpandDims
    Fingerprint Substr MirrorPadGrad UnsortedSegmentJoin UnsortedSegmentSum BarrierInsertMany ParseExample
    ParseSingleExample RaggedTensorToTensor SparseToSparseSetOperation DenseToSparseSetOperation NonMaxSuppression
    NonMaxSuppressionWithOverlaps CombinedNonMaxSuppression DecodeProtoV2 TensorListFromTensor TensorListConcatV2
""".split()
SHAPES = [None, [], [2], [2, 3]]
VALUES = {tf.int32: [C(0), C(-1), C([1, 0]), C([2, 3, 1])], tf.string: [C("a"), C("farmhash64")]}
VALUES[tf.int64] = VALUES[tf.int32]


def ranks(op):
    op_def = tf.get_default_graph()._get_op_def(op)
    attrs = shape_sweep._required(op_def, {})
    args = op_def.input_arg
    lists = [bool(arg.number_attr or arg.type_list_attr) for arg in args]

    def spec(at, shape):
        return [shape, shape] if lists[at] else shape

    for base in [None, [2]] if len(args) < 4 else [None]:
        bases = [spec(at, base) for at in range(len(args))]
        for at, arg in enumerate(args):
            values = [] if lists[at] or arg.is_ref else VALUES.get(tf.as_dtype(arg.type) if arg.type else tf.int32, [])
            if arg.type_attr and not arg.type_attr.startswith("T"):
                values = []
            for one in SHAPES + values:
                if isinstance(one, C) and arg.type_attr and arg.name not in ("axis", "dim", "num_segments", "paddings"):
                    continue
                node(op, *(bases[:at] + [spec(at, one)] + bases[at + 1:]), **attrs)


def texts():
    for template, placeholder, count in [("%s a %s", "%s", 2), ("aXbX", "X", 1), ("", "", 0), ("abc", "", 0),
                                         ("abc", "", 2), ("%s%s%s", "%s%s", 1), ("abc", "%s", 1)]:
        node("StringFormat", [None] * count, template=template, placeholder=placeholder)
    shapes = [None, [], [2], [None], [2, 3], [None, 3]]
    for pos in shapes:
        for size in shapes:
            node("Substr", None, pos, size)
    for keys in shapes:
        for values in shapes:
            node("BarrierInsertMany", [2], keys, values, component_index=0)


def features():
    for shapes in [[], [[]], [[None]], [[2, None]], [[None, 3]], [None]]:
        listed = [tf.TensorShape(shape) for shape in shapes]
        keys = ["k%d" % at for at in range(len(shapes))]
        types = [tf.float32] * len(shapes)
        for count, sparse_keys, sparse_types in [(0, [], []), (1, ["s"], [tf.int64]), (1, [], [tf.int64]), (2, ["s"], [])]:
            node("ParseSingleExample", None, [[]] * len(shapes), num_sparse=count, sparse_keys=sparse_keys,
                 sparse_types=sparse_types, dense_keys=keys, dense_shapes=listed, Tdense=types)
        node("ParseExample", None, None, [], [[]] * len(shapes), [[]] * len(shapes), Nsparse=0, sparse_types=[],
             Tdense=types, dense_shapes=listed)


def trees():
    for shape in [[4, 2, 3], [2, 2, 2], [None, None, None], [None, 5, 3], [2, 7, None]]:
        node("BoostedTreesCalculateBestGainsPerFeature", None, [shape, [None, 7, None]], None, None, None, [2],
             max_splits=2, num_features=2)


def slices():
    """Lists of dimensions that are parts of others, out of their bounds or backwards."""
    raw = tf.raw_ops
    dims = raw.Shape(input=tf.placeholder(tf.float32, [2, None, 4]))
    for begin in [0, 2, -1, -4, 9]:
        for end in [0, 2, -1, -5]:
            for stride in [1, 2, -1]:
                for masks in [(0, 0), (1, 0), (0, 1)][: 3 if stride < 0 else 1]:
                    part = raw.StridedSlice(input=dims, begin=[begin], end=[end], strides=[stride],
                                            begin_mask=masks[0], end_mask=masks[1])
                    node("Empty", part, dtype=tf.float32)
                    if masks == (0, 0) and stride == 1:
                        node("Empty", raw.ConcatV2(values=[part, [5]], axis=0), dtype=tf.float32)


def build():
    for op in OPS:
        ranks(op)
    texts()
    features()
    trees()
    slices()
