//! Shapes of datasets, iterators and what they yield.

use super::{
    ANY, Inference, Inferred, LIST, ShapeFn, at_most_rank, ranks_are, scalars, with_suffix,
};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("DatasetToSingleElement", elements),
    ("IteratorGetNext", elements),
    ("IteratorGetNextSync", elements),
    ("MultiDeviceIteratorGetNextFromShard", elements),
    ("OptionalGetValue", elements),
    ("ReduceDataset", elements),
    ("MapDefun", map_defun),
    ("AnonymousIterator", scalars),
    ("AnonymousIteratorV2", scalars),
    ("AnonymousMemoryCache", scalars),
    ("AnonymousMultiDeviceIterator", scalars),
    ("AnonymousRandomSeedGenerator", scalars),
    ("AssertNextDataset", |i| dataset(i, &[ANY, 1])),
    ("AutoShardDataset", scalars),
    ("BatchDataset", |i| dataset(i, &[ANY, 0])),
    ("BatchDatasetV2", |i| dataset(i, &[ANY, 0, 0])),
    ("BytesProducedStatsDataset", |i| dataset(i, &[ANY, 0])),
    ("CSVDataset", csv),
    ("CacheDataset", |i| dataset(i, &[ANY, 0])),
    ("CacheDatasetV2", |i| dataset(i, &[ANY, 0, 0])),
    ("ChooseFastestBranchDataset", scalars),
    ("ChooseFastestDataset", scalars),
    ("ConcatenateDataset", scalars),
    ("DatasetCardinality", scalars),
    ("DatasetFromGraph", scalars),
    ("DatasetToGraph", scalars),
    ("DatasetToTFRecord", scalars),
    ("DeleteIterator", scalars),
    ("DeleteMemoryCache", scalars),
    ("DeleteMultiDeviceIterator", scalars),
    ("DeleteRandomSeedGenerator", scalars),
    ("DenseToSparseBatchDataset", |i| dataset(i, &[ANY, 0, 1])),
    ("DeserializeIterator", scalars),
    ("DirectedInterleaveDataset", scalars),
    ("ExperimentalAssertNextDataset", |i| dataset(i, &[ANY, 1])),
    ("ExperimentalAutoShardDataset", scalars),
    ("ExperimentalBytesProducedStatsDataset", |i| {
        dataset(i, &[ANY, 0])
    }),
    ("ExperimentalCSVDataset", csv),
    ("ExperimentalChooseFastestDataset", scalars),
    ("ExperimentalDatasetCardinality", scalars),
    ("ExperimentalDatasetToTFRecord", scalars),
    ("ExperimentalDenseToSparseBatchDataset", |i| {
        dataset(i, &[ANY, 0, 1])
    }),
    ("ExperimentalDirectedInterleaveDataset", scalars),
    ("ExperimentalGroupByReducerDataset", scalars),
    ("ExperimentalGroupByWindowDataset", scalars),
    ("ExperimentalIgnoreErrorsDataset", scalars),
    ("ExperimentalIteratorGetDevice", scalars),
    ("ExperimentalLMDBDataset", scalars),
    ("ExperimentalLatencyStatsDataset", |i| dataset(i, &[ANY, 0])),
    ("ExperimentalMapAndBatchDataset", |i| {
        dataset(i, &[ANY, ANY, 0, 0, 0])
    }),
    ("ExperimentalMapDataset", scalars),
    ("ExperimentalMatchingFilesDataset", |i| dataset(i, &[LIST])),
    ("ExperimentalMaxIntraOpParallelismDataset", scalars),
    ("ExperimentalNonSerializableDataset", scalars),
    ("ExperimentalParallelInterleaveDataset", scalars),
    ("ExperimentalParseExampleDataset", scalars),
    ("ExperimentalPrivateThreadPoolDataset", scalars),
    ("ExperimentalRandomDataset", |i| dataset(i, &[0, 0])),
    ("ExperimentalRebatchDataset", scalars),
    ("ExperimentalScanDataset", scalars),
    ("ExperimentalSetStatsAggregatorDataset", scalars),
    ("ExperimentalSleepDataset", |i| dataset(i, &[0, 0])),
    ("ExperimentalSlidingWindowDataset", |i| {
        dataset(i, &[ANY, 0, 0, 0])
    }),
    ("ExperimentalSqlDataset", |i| dataset(i, &[0, 0, 0])),
    ("ExperimentalStatsAggregatorHandle", scalars),
    ("ExperimentalStatsAggregatorSummary", scalars),
    ("ExperimentalTakeWhileDataset", scalars),
    ("ExperimentalThreadPoolDataset", scalars),
    ("ExperimentalThreadPoolHandle", scalars),
    ("ExperimentalUnbatchDataset", scalars),
    ("ExperimentalUniqueDataset", scalars),
    ("FilterByLastComponentDataset", scalars),
    ("FilterDataset", scalars),
    ("FixedLengthRecordDataset", |i| {
        dataset(i, &[LIST, 0, 0, 0, 0])
    }),
    ("FixedLengthRecordDatasetV2", |i| {
        dataset(i, &[LIST, 0, 0, 0, 0])
    }),
    ("FlatMapDataset", scalars),
    ("GeneratorDataset", scalars),
    ("GroupByReducerDataset", scalars),
    ("GroupByWindowDataset", scalars),
    ("IgnoreErrorsDataset", scalars),
    ("InterleaveDataset", scalars),
    ("Iterator", scalars),
    ("IteratorFromStringHandle", scalars),
    ("IteratorFromStringHandleV2", scalars),
    ("IteratorGetDevice", scalars),
    ("IteratorGetNextAsOptional", scalars),
    ("IteratorToStringHandle", scalars),
    ("IteratorV2", scalars),
    ("LMDBDataset", scalars),
    ("LatencyStatsDataset", |i| dataset(i, &[ANY, 0])),
    ("MakeIterator", scalars),
    ("MapAndBatchDataset", |i| dataset(i, &[ANY, ANY, 0, 0, 0])),
    ("MapDataset", scalars),
    ("MatchingFilesDataset", |i| dataset(i, &[LIST])),
    ("MaxIntraOpParallelismDataset", scalars),
    ("ModelDataset", scalars),
    ("MultiDeviceIterator", scalars),
    ("MultiDeviceIteratorFromStringHandle", scalars),
    ("MultiDeviceIteratorInit", scalars),
    ("MultiDeviceIteratorToStringHandle", scalars),
    ("NonSerializableDataset", scalars),
    ("OneShotIterator", scalars),
    ("OptimizeDataset", scalars),
    ("OptionalFromValue", scalars),
    ("OptionalHasValue", scalars),
    ("OptionalNone", scalars),
    ("PaddedBatchDataset", |i| dataset(i, &[ANY, 0])),
    ("PaddedBatchDatasetV2", |i| {
        dataset(i, &[ANY, 0, ANY, ANY, 0])
    }),
    ("ParallelInterleaveDataset", scalars),
    ("ParallelInterleaveDatasetV2", scalars),
    ("ParallelMapDataset", scalars),
    ("ParseExampleDataset", scalars),
    ("PrefetchDataset", |i| dataset(i, &[ANY, 0])),
    ("PrivateThreadPoolDataset", scalars),
    ("RandomDataset", |i| dataset(i, &[0, 0])),
    ("RangeDataset", |i| dataset(i, &[0, 0, 0])),
    ("RebatchDataset", scalars),
    ("RepeatDataset", |i| dataset(i, &[ANY, 0])),
    ("SamplingDataset", |i| dataset(i, &[ANY, 0, 0, 0])),
    ("ScanDataset", scalars),
    ("SerializeIterator", scalars),
    ("SetStatsAggregatorDataset", scalars),
    ("ShardDataset", |i| dataset(i, &[ANY, 0, 0])),
    ("ShuffleAndRepeatDataset", |i| {
        dataset(i, &[ANY, 0, 0, 0, 0])
    }),
    ("ShuffleDataset", |i| dataset(i, &[ANY, 0, 0, 0])),
    ("ShuffleDatasetV2", |i| dataset(i, &[ANY, 0, 0])),
    ("SkipDataset", |i| dataset(i, &[ANY, 0])),
    ("SleepDataset", |i| dataset(i, &[0, 0])),
    ("SlidingWindowDataset", |i| dataset(i, &[ANY, 0, 0, 0])),
    ("SnapshotDataset", |i| dataset(i, &[ANY, 0])),
    ("SparseTensorSliceDataset", scalars),
    ("SqlDataset", |i| dataset(i, &[0, 0, 0])),
    ("StatsAggregatorHandle", scalars),
    ("StatsAggregatorHandleV2", scalars),
    ("StatsAggregatorSetSummaryWriter", scalars),
    ("StatsAggregatorSummary", scalars),
    ("TFRecordDataset", |i| dataset(i, &[LIST, 0, 0])),
    ("TakeDataset", |i| dataset(i, &[ANY, 0])),
    ("TakeWhileDataset", scalars),
    ("TensorDataset", scalars),
    ("TensorSliceDataset", scalars),
    ("TextLineDataset", |i| dataset(i, &[LIST, 0, 0])),
    ("ThreadPoolDataset", scalars),
    ("ThreadPoolHandle", scalars),
    ("UnbatchDataset", scalars),
    ("UniqueDataset", scalars),
    ("UnwrapDatasetVariant", scalars),
    ("WindowDataset", |i| dataset(i, &[ANY, 0, 0, 0, 0])),
    ("WrapDatasetVariant", scalars),
    ("ZipDataset", scalars),
];

/// A scalar. The tensors of the first args have the given ranks.
fn dataset(i: &Inference<'_>, ranks: &[i8]) -> Inferred {
    ranks_are(i, ranks)?;
    scalars(i)
}

/// A default is one value or none.
fn csv(i: &Inference<'_>) -> Inferred {
    for index in i.arg("record_defaults") {
        let default = i.input(index);
        at_most_rank(default, 1, "a default")?;
        if let Some(&[Some(len @ 2..)]) = default.dims() {
            return Err(format!("a default has at most one value, found {len}"));
        }
    }
    dataset(i, &[LIST, 0, 0, 0, 0, 0, 0, 1])
}

/// The shapes that the node declares of what is behind a handle.
fn elements(i: &Inference<'_>) -> Inferred {
    ranks_are(i, &[0])?;
    declared(i)
}

/// The shapes that the node declares.
fn declared(i: &Inference<'_>) -> Inferred {
    let shapes = i.shapes("output_shapes");
    let (found, expected) = (shapes.len(), i.node.outputs.len());
    if found != expected {
        return Err(format!("expected {expected} output shapes, found {found}"));
    }
    Ok(shapes)
}

/// The declared shapes, each behind the number of elements that the function is applied to.
fn map_defun(i: &Inference<'_>) -> Inferred {
    let mut len = None;
    for index in i.arg("arguments") {
        let argument = i.input(index);
        super::at_least_rank(argument, 1, "an argument")?;
        let first = argument.dims().and_then(|dims| dims[0]);
        len = super::merge_dims(len, first, "the arguments' first dimensions")?;
    }
    let shapes = declared(i)?;
    let one = |shape: &Shape| with_suffix(&super::vector(len), shape.dims().unwrap_or(&[]));
    Ok(shapes
        .iter()
        .map(|shape| match shape.rank() {
            Some(_) => one(shape),
            None => Shape::unknown(),
        })
        .collect())
}
