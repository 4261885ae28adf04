//! Shapes of datasets, iterators and what they yield.

use super::dims::dim;
use super::{
    ANY, Inference, Inferred, LIST, at_least_rank, at_most_rank, joined, merge_dims, ranks_are,
    refuse, scalars, vector,
};
use crate::graph::facts::{OpFacts, op};

pub(super) const TABLE: &[OpFacts] = &[
    op("AnonymousIterator", scalars),
    op("AnonymousIteratorV2", scalars),
    op("AnonymousMemoryCache", scalars),
    op("AnonymousMultiDeviceIterator", scalars),
    op("AnonymousRandomSeedGenerator", scalars),
    op("AssertNextDataset", |i| dataset(i, &[ANY, 1])),
    op("AutoShardDataset", scalars),
    op("BatchDataset", |i| dataset(i, &[ANY, 0])),
    op("BatchDatasetV2", |i| dataset(i, &[ANY, 0, 0])),
    op("BytesProducedStatsDataset", |i| dataset(i, &[ANY, 0])),
    op("CSVDataset", csv),
    op("CacheDataset", |i| dataset(i, &[ANY, 0])),
    op("CacheDatasetV2", |i| dataset(i, &[ANY, 0, 0])),
    op("ChooseFastestBranchDataset", scalars),
    op("ChooseFastestDataset", scalars),
    op("ConcatenateDataset", scalars),
    op("DatasetCardinality", scalars),
    op("DatasetFromGraph", scalars),
    op("DatasetToGraph", scalars),
    op("DatasetToSingleElement", elements),
    op("DatasetToTFRecord", scalars),
    op("DeleteIterator", scalars),
    op("DeleteMemoryCache", scalars),
    op("DeleteMultiDeviceIterator", scalars),
    op("DeleteRandomSeedGenerator", scalars),
    op("DenseToSparseBatchDataset", |i| dataset(i, &[ANY, 0, 1])),
    op("DeserializeIterator", scalars),
    op("DirectedInterleaveDataset", scalars),
    op("ExperimentalAssertNextDataset", |i| dataset(i, &[ANY, 1])),
    op("ExperimentalAutoShardDataset", scalars),
    op("ExperimentalBytesProducedStatsDataset", |i| {
        dataset(i, &[ANY, 0])
    }),
    op("ExperimentalCSVDataset", csv),
    op("ExperimentalChooseFastestDataset", scalars),
    op("ExperimentalDatasetCardinality", scalars),
    op("ExperimentalDatasetToTFRecord", scalars),
    op("ExperimentalDenseToSparseBatchDataset", |i| {
        dataset(i, &[ANY, 0, 1])
    }),
    op("ExperimentalDirectedInterleaveDataset", scalars),
    op("ExperimentalGroupByReducerDataset", scalars),
    op("ExperimentalGroupByWindowDataset", scalars),
    op("ExperimentalIgnoreErrorsDataset", scalars),
    op("ExperimentalIteratorGetDevice", scalars),
    op("ExperimentalLMDBDataset", scalars),
    op("ExperimentalLatencyStatsDataset", |i| dataset(i, &[ANY, 0])),
    op("ExperimentalMapAndBatchDataset", |i| {
        dataset(i, &[ANY, ANY, 0, 0, 0])
    }),
    op("ExperimentalMapDataset", scalars),
    op("ExperimentalMatchingFilesDataset", |i| dataset(i, &[LIST])),
    op("ExperimentalMaxIntraOpParallelismDataset", scalars),
    op("ExperimentalNonSerializableDataset", scalars),
    op("ExperimentalParallelInterleaveDataset", scalars),
    op("ExperimentalParseExampleDataset", scalars),
    op("ExperimentalPrivateThreadPoolDataset", scalars),
    op("ExperimentalRandomDataset", |i| dataset(i, &[0, 0])),
    op("ExperimentalRebatchDataset", scalars),
    op("ExperimentalScanDataset", scalars),
    op("ExperimentalSetStatsAggregatorDataset", scalars),
    op("ExperimentalSleepDataset", |i| dataset(i, &[0, 0])),
    op("ExperimentalSlidingWindowDataset", |i| {
        dataset(i, &[ANY, 0, 0, 0])
    }),
    op("ExperimentalSqlDataset", |i| dataset(i, &[0, 0, 0])),
    op("ExperimentalStatsAggregatorHandle", scalars),
    op("ExperimentalStatsAggregatorSummary", scalars),
    op("ExperimentalTakeWhileDataset", scalars),
    op("ExperimentalThreadPoolDataset", scalars),
    op("ExperimentalThreadPoolHandle", scalars),
    op("ExperimentalUnbatchDataset", scalars),
    op("ExperimentalUniqueDataset", scalars),
    op("FilterByLastComponentDataset", scalars),
    op("FilterDataset", scalars),
    op("FixedLengthRecordDataset", |i| {
        dataset(i, &[LIST, 0, 0, 0, 0])
    }),
    op("FixedLengthRecordDatasetV2", |i| {
        dataset(i, &[LIST, 0, 0, 0, 0])
    }),
    op("FlatMapDataset", scalars),
    op("GeneratorDataset", scalars),
    op("GroupByReducerDataset", scalars),
    op("GroupByWindowDataset", scalars),
    op("IgnoreErrorsDataset", scalars),
    op("InterleaveDataset", scalars),
    op("Iterator", scalars),
    op("IteratorFromStringHandle", scalars),
    op("IteratorFromStringHandleV2", scalars),
    op("IteratorGetDevice", scalars),
    op("IteratorGetNext", elements),
    op("IteratorGetNextAsOptional", scalars),
    op("IteratorGetNextSync", elements),
    op("IteratorToStringHandle", scalars),
    op("IteratorV2", scalars),
    op("LMDBDataset", scalars),
    op("LatencyStatsDataset", |i| dataset(i, &[ANY, 0])),
    op("MakeIterator", scalars),
    op("MapAndBatchDataset", |i| dataset(i, &[ANY, ANY, 0, 0, 0])),
    op("MapDataset", scalars),
    op("MapDefun", map_defun),
    op("MatchingFilesDataset", |i| dataset(i, &[LIST])),
    op("MaxIntraOpParallelismDataset", scalars),
    op("ModelDataset", scalars),
    op("MultiDeviceIterator", scalars),
    op("MultiDeviceIteratorFromStringHandle", scalars),
    op("MultiDeviceIteratorGetNextFromShard", elements),
    op("MultiDeviceIteratorInit", scalars),
    op("MultiDeviceIteratorToStringHandle", scalars),
    op("NonSerializableDataset", scalars),
    op("OneShotIterator", scalars),
    op("OptimizeDataset", scalars),
    op("OptionalFromValue", scalars),
    op("OptionalGetValue", elements),
    op("OptionalHasValue", scalars),
    op("OptionalNone", scalars),
    op("PaddedBatchDataset", |i| dataset(i, &[ANY, 0])),
    op("PaddedBatchDatasetV2", |i| {
        dataset(i, &[ANY, 0, ANY, ANY, 0])
    }),
    op("ParallelInterleaveDataset", scalars),
    op("ParallelInterleaveDatasetV2", scalars),
    op("ParallelMapDataset", scalars),
    op("ParseExampleDataset", scalars),
    op("PrefetchDataset", |i| dataset(i, &[ANY, 0])),
    op("PrivateThreadPoolDataset", scalars),
    op("RandomDataset", |i| dataset(i, &[0, 0])),
    op("RangeDataset", |i| dataset(i, &[0, 0, 0])),
    op("RebatchDataset", scalars),
    op("ReduceDataset", elements),
    op("RepeatDataset", |i| dataset(i, &[ANY, 0])),
    op("SamplingDataset", |i| dataset(i, &[ANY, 0, 0, 0])),
    op("ScanDataset", scalars),
    op("SerializeIterator", scalars),
    op("SetStatsAggregatorDataset", scalars),
    op("ShardDataset", |i| dataset(i, &[ANY, 0, 0])),
    op("ShuffleAndRepeatDataset", |i| {
        dataset(i, &[ANY, 0, 0, 0, 0])
    }),
    op("ShuffleDataset", |i| dataset(i, &[ANY, 0, 0, 0])),
    op("ShuffleDatasetV2", |i| dataset(i, &[ANY, 0, 0])),
    op("SkipDataset", |i| dataset(i, &[ANY, 0])),
    op("SleepDataset", |i| dataset(i, &[0, 0])),
    op("SlidingWindowDataset", |i| dataset(i, &[ANY, 0, 0, 0])),
    op("SnapshotDataset", |i| dataset(i, &[ANY, 0])),
    op("SparseTensorSliceDataset", scalars),
    op("SqlDataset", |i| dataset(i, &[0, 0, 0])),
    op("StatsAggregatorHandle", scalars),
    op("StatsAggregatorHandleV2", scalars),
    op("StatsAggregatorSetSummaryWriter", scalars),
    op("StatsAggregatorSummary", scalars),
    op("TFRecordDataset", |i| dataset(i, &[LIST, 0, 0])),
    op("TakeDataset", |i| dataset(i, &[ANY, 0])),
    op("TakeWhileDataset", scalars),
    op("TensorDataset", scalars),
    op("TensorSliceDataset", scalars),
    op("TextLineDataset", |i| dataset(i, &[LIST, 0, 0])),
    op("ThreadPoolDataset", scalars),
    op("ThreadPoolHandle", scalars),
    op("UnbatchDataset", scalars),
    op("UniqueDataset", scalars),
    op("UnwrapDatasetVariant", scalars),
    op("WindowDataset", |i| dataset(i, &[ANY, 0, 0, 0, 0])),
    op("WrapDatasetVariant", scalars),
    op("ZipDataset", scalars),
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
            return refuse(format_args!("a default has at most one value, found {len}"));
        }
    }
    dataset(i, &[LIST, 0, 0, 0, 0, 0, 0, 1])
}

/// The shapes that the node declares of what is behind a handle.
fn elements(i: &Inference<'_>) -> Inferred {
    ranks_are(i, &[0])?;
    declared_outputs(i)
}

/// The shapes that the node declares.
fn declared_outputs(i: &Inference<'_>) -> Inferred {
    let shapes = i.shapes("output_shapes");
    let (found, expected) = (shapes.len(), i.node.outputs.len());
    if found != expected {
        return refuse(format_args!(
            "expected {expected} output shapes, found {found}"
        ));
    }
    Ok(shapes)
}

/// The declared shapes, each behind the number of elements that the function is applied to.
fn map_defun(i: &Inference<'_>) -> Inferred {
    let mut len = None;
    for index in i.arg("arguments") {
        let argument = i.input(index);
        at_least_rank(argument, 1, "an argument")?;
        let first = dim(argument, 0);
        len = merge_dims(len, first, "the arguments' first dimensions")?;
    }
    let mut shapes = declared_outputs(i)?;
    for shape in &mut shapes {
        *shape = joined(&vector(len), shape);
    }
    Ok(shapes)
}
