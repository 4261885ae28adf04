//! Shapes of datasets, iterators and what they yield.

use super::Outputs::Scalars;
use super::{
    ANY, Inference, Inferred, LIST, at_least_rank, at_most_rank, merge_dims, ranks_are, refuse,
    scalars, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};

pub(super) const TABLE: &[OpFacts] = &[
    op("AnonymousIterator", scalars),
    op("AnonymousIteratorV2", scalars),
    op("AnonymousMemoryCache", scalars),
    op("AnonymousMultiDeviceIterator", scalars),
    op("AnonymousRandomSeedGenerator", scalars),
    ranked("AssertNextDataset", &[ANY, 1], Scalars),
    op("AutoShardDataset", scalars),
    ranked("BatchDataset", &[ANY, 0], Scalars),
    ranked("BatchDatasetV2", &[ANY, 0, 0], Scalars),
    ranked("BytesProducedStatsDataset", &[ANY, 0], Scalars),
    op("CSVDataset", csv),
    ranked("CacheDataset", &[ANY, 0], Scalars),
    ranked("CacheDatasetV2", &[ANY, 0, 0], Scalars),
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
    ranked("DenseToSparseBatchDataset", &[ANY, 0, 1], Scalars),
    op("DeserializeIterator", scalars),
    op("DirectedInterleaveDataset", scalars),
    ranked("ExperimentalAssertNextDataset", &[ANY, 1], Scalars),
    op("ExperimentalAutoShardDataset", scalars),
    ranked("ExperimentalBytesProducedStatsDataset", &[ANY, 0], Scalars),
    op("ExperimentalCSVDataset", csv),
    op("ExperimentalChooseFastestDataset", scalars),
    op("ExperimentalDatasetCardinality", scalars),
    op("ExperimentalDatasetToTFRecord", scalars),
    ranked(
        "ExperimentalDenseToSparseBatchDataset",
        &[ANY, 0, 1],
        Scalars,
    ),
    op("ExperimentalDirectedInterleaveDataset", scalars),
    op("ExperimentalGroupByReducerDataset", scalars),
    op("ExperimentalGroupByWindowDataset", scalars),
    op("ExperimentalIgnoreErrorsDataset", scalars),
    op("ExperimentalIteratorGetDevice", scalars),
    op("ExperimentalLMDBDataset", scalars),
    ranked("ExperimentalLatencyStatsDataset", &[ANY, 0], Scalars),
    ranked(
        "ExperimentalMapAndBatchDataset",
        &[ANY, ANY, 0, 0, 0],
        Scalars,
    ),
    op("ExperimentalMapDataset", scalars),
    ranked("ExperimentalMatchingFilesDataset", &[LIST], Scalars),
    op("ExperimentalMaxIntraOpParallelismDataset", scalars),
    op("ExperimentalNonSerializableDataset", scalars),
    op("ExperimentalParallelInterleaveDataset", scalars),
    op("ExperimentalParseExampleDataset", scalars),
    op("ExperimentalPrivateThreadPoolDataset", scalars),
    ranked("ExperimentalRandomDataset", &[0, 0], Scalars),
    op("ExperimentalRebatchDataset", scalars),
    op("ExperimentalScanDataset", scalars),
    op("ExperimentalSetStatsAggregatorDataset", scalars),
    ranked("ExperimentalSleepDataset", &[0, 0], Scalars),
    ranked("ExperimentalSlidingWindowDataset", &[ANY, 0, 0, 0], Scalars),
    ranked("ExperimentalSqlDataset", &[0, 0, 0], Scalars),
    op("ExperimentalStatsAggregatorHandle", scalars),
    op("ExperimentalStatsAggregatorSummary", scalars),
    op("ExperimentalTakeWhileDataset", scalars),
    op("ExperimentalThreadPoolDataset", scalars),
    op("ExperimentalThreadPoolHandle", scalars),
    op("ExperimentalUnbatchDataset", scalars),
    op("ExperimentalUniqueDataset", scalars),
    op("FilterByLastComponentDataset", scalars),
    op("FilterDataset", scalars),
    ranked("FixedLengthRecordDataset", &[LIST, 0, 0, 0, 0], Scalars),
    ranked("FixedLengthRecordDatasetV2", &[LIST, 0, 0, 0, 0], Scalars),
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
    ranked("LatencyStatsDataset", &[ANY, 0], Scalars),
    op("MakeIterator", scalars),
    ranked("MapAndBatchDataset", &[ANY, ANY, 0, 0, 0], Scalars),
    op("MapDataset", scalars),
    op("MapDefun", map_defun),
    ranked("MatchingFilesDataset", &[LIST], Scalars),
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
    ranked("PaddedBatchDataset", &[ANY, 0], Scalars),
    ranked("PaddedBatchDatasetV2", &[ANY, 0, ANY, ANY, 0], Scalars),
    op("ParallelInterleaveDataset", scalars),
    op("ParallelInterleaveDatasetV2", scalars),
    op("ParallelMapDataset", scalars),
    op("ParseExampleDataset", scalars),
    ranked("PrefetchDataset", &[ANY, 0], Scalars),
    op("PrivateThreadPoolDataset", scalars),
    ranked("RandomDataset", &[0, 0], Scalars),
    ranked("RangeDataset", &[0, 0, 0], Scalars),
    op("RebatchDataset", scalars),
    op("ReduceDataset", elements),
    ranked("RepeatDataset", &[ANY, 0], Scalars),
    ranked("SamplingDataset", &[ANY, 0, 0, 0], Scalars),
    op("ScanDataset", scalars),
    op("SerializeIterator", scalars),
    op("SetStatsAggregatorDataset", scalars),
    ranked("ShardDataset", &[ANY, 0, 0], Scalars),
    ranked("ShuffleAndRepeatDataset", &[ANY, 0, 0, 0, 0], Scalars),
    ranked("ShuffleDataset", &[ANY, 0, 0, 0], Scalars),
    ranked("ShuffleDatasetV2", &[ANY, 0, 0], Scalars),
    ranked("SkipDataset", &[ANY, 0], Scalars),
    ranked("SleepDataset", &[0, 0], Scalars),
    ranked("SlidingWindowDataset", &[ANY, 0, 0, 0], Scalars),
    ranked("SnapshotDataset", &[ANY, 0], Scalars),
    op("SparseTensorSliceDataset", scalars),
    ranked("SqlDataset", &[0, 0, 0], Scalars),
    op("StatsAggregatorHandle", scalars),
    op("StatsAggregatorHandleV2", scalars),
    op("StatsAggregatorSetSummaryWriter", scalars),
    op("StatsAggregatorSummary", scalars),
    ranked("TFRecordDataset", &[LIST, 0, 0], Scalars),
    ranked("TakeDataset", &[ANY, 0], Scalars),
    op("TakeWhileDataset", scalars),
    op("TensorDataset", scalars),
    op("TensorSliceDataset", scalars),
    ranked("TextLineDataset", &[LIST, 0, 0], Scalars),
    op("ThreadPoolDataset", scalars),
    op("ThreadPoolHandle", scalars),
    op("UnbatchDataset", scalars),
    op("UniqueDataset", scalars),
    op("UnwrapDatasetVariant", scalars),
    ranked("WindowDataset", &[ANY, 0, 0, 0, 0], Scalars),
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
        let first = argument.dim(0);
        len = merge_dims(len, first, "the arguments' first dimensions")?;
    }
    let mut shapes = declared_outputs(i)?;
    for shape in &mut shapes {
        *shape = vector(len).joined(shape);
    }
    Ok(shapes)
}
