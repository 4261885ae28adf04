//! Shapes of partitions, queues, barriers, accumulators, stacks and staging areas.

use super::{
    ANY, HANDLE, Inference, Inferred, ShapeFn, at_least_rank, fixed, from_axis, joined, merged,
    no_outputs, scalar, starts_with, unchanged, unknown, unknown_of, vector,
};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("DynamicPartition", dynamic_partition),
    ("DynamicStitch", dynamic_stitch),
    ("ParallelDynamicStitch", dynamic_stitch),
    ("FakeQueue", pair),
    ("FIFOQueue", pair),
    ("PaddingFIFOQueue", pair),
    ("PriorityQueue", pair),
    ("RandomShuffleQueue", pair),
    ("FIFOQueueV2", scalar),
    ("PaddingFIFOQueueV2", scalar),
    ("PriorityQueueV2", scalar),
    ("RandomShuffleQueueV2", scalar),
    ("QueueClose", |i| fixed(i, &[HANDLE], &[])),
    ("QueueCloseV2", no_outputs),
    ("QueueDequeue", unknown),
    ("QueueDequeueV2", |i| dequeued(i, &Shape::scalar())),
    ("QueueDequeueMany", unknown),
    ("QueueDequeueManyV2", dequeued_many),
    ("QueueDequeueUpTo", unknown),
    ("QueueDequeueUpToV2", |i| dequeued(i, &vector(None))),
    ("QueueEnqueue", no_outputs),
    ("QueueEnqueueV2", no_outputs),
    ("QueueEnqueueMany", no_outputs),
    ("QueueEnqueueManyV2", no_outputs),
    ("QueueSize", |i| fixed(i, &[HANDLE], &[&[]])),
    // As TensorFlow has it: the handle's shape.
    ("QueueSizeV2", unchanged),
    ("QueueIsClosed", scalar),
    ("QueueIsClosedV2", scalar),
    ("Barrier", pair),
    ("BarrierClose", |i| fixed(i, &[HANDLE], &[])),
    ("BarrierIncompleteSize", |i| fixed(i, &[HANDLE], &[&[]])),
    ("BarrierInsertMany", |i| {
        let (keys, values) = (i.ranked(1, 1)?[0], i.input(2));
        at_least_rank(values, 1, "the values")?;
        let rows = values.dims().and_then(|dims| dims[0]);
        super::merge_dims(keys, rows, "the numbers of keys and of values")?;
        fixed(i, &[HANDLE, 1], &[])
    }),
    ("BarrierReadySize", |i| fixed(i, &[HANDLE], &[&[]])),
    ("BarrierTakeMany", unknown),
    ("ConditionalAccumulator", pair),
    ("SparseConditionalAccumulator", pair),
    ("ResourceConditionalAccumulator", pair),
    ("AccumulatorApplyGradient", |i| fixed(i, &[ANY, 0], &[])),
    ("AccumulatorNumAccumulated", scalar),
    ("AccumulatorSetGlobalStep", |i| fixed(i, &[ANY, 0], &[])),
    ("AccumulatorTakeGradient", |i| unknown_of(i, &[ANY, 0])),
    ("ResourceAccumulatorApplyGradient", |i| {
        fixed(i, &[ANY, 0], &[])
    }),
    ("ResourceAccumulatorNumAccumulated", scalar),
    ("ResourceAccumulatorSetGlobalStep", |i| {
        fixed(i, &[ANY, 0], &[])
    }),
    ("ResourceAccumulatorTakeGradient", |i| {
        unknown_of(i, &[ANY, 0])
    }),
    ("SparseAccumulatorApplyGradient", |i| {
        fixed(i, &[ANY, 0], &[])
    }),
    ("SparseAccumulatorTakeGradient", |i| {
        unknown_of(i, &[ANY, 0])
    }),
    ("Stack", pair),
    ("StackV2", pair),
    ("StackClose", |i| fixed(i, &[HANDLE], &[])),
    ("StackCloseV2", |i| fixed(i, &[HANDLE], &[])),
    ("StackPop", unknown),
    ("StackPopV2", unknown),
    ("StackPush", |i| Ok(vec![i.input(1).clone()])),
    ("StackPushV2", |i| Ok(vec![i.input(1).clone()])),
    ("Stage", no_outputs),
    ("StageClear", no_outputs),
    ("StagePeek", unknown),
    ("StageSize", scalar),
    ("Unstage", unknown),
    ("MapClear", no_outputs),
    ("MapIncompleteSize", scalar),
    ("MapPeek", unknown),
    ("MapSize", scalar),
    ("MapStage", no_outputs),
    ("MapUnstage", unknown),
    ("MapUnstageNoKey", unknown),
    ("OrderedMapClear", no_outputs),
    ("OrderedMapIncompleteSize", scalar),
    ("OrderedMapPeek", unknown),
    ("OrderedMapSize", scalar),
    ("OrderedMapStage", no_outputs),
    ("OrderedMapUnstage", unknown),
    ("OrderedMapUnstageNoKey", unknown),
    ("GetSessionHandle", scalar),
    ("GetSessionHandleV2", scalar),
    ("GetSessionTensor", |i| unknown_of(i, &[0])),
    ("DeleteSessionTensor", |i| fixed(i, &[0], &[])),
    ("MutexV2", scalar),
    ("MutexLock", scalar),
    ("ConsumeMutexLock", no_outputs),
];

/// A handle of the old kind.
fn pair(_: &Inference<'_>) -> Inferred {
    Ok(vec![[2].into()])
}

/// The components behind a queue's handle, where they are known, after the dimensions `rows`.
fn dequeued(i: &Inference<'_>, rows: &Shape) -> Inferred {
    let components = i.handle(0);
    if components.len() != i.node.outputs.len() {
        return unknown(i);
    }
    Ok(components
        .iter()
        .map(|(shape, _)| joined(rows, shape))
        .collect())
}

fn dequeued_many(i: &Inference<'_>) -> Inferred {
    dequeued(i, &vector(i.size_from_input(1)?))
}

fn dynamic_partition(i: &Inference<'_>) -> Inferred {
    let (data, partitions) = (i.input(0), i.input(1));
    let Some(rank) = partitions.rank() else {
        return unknown(i);
    };
    starts_with(data, partitions)?;
    let shape = joined(&[None].into(), &from_axis(data, rank));
    Ok(vec![shape; i.node.outputs.len()])
}

fn dynamic_stitch(i: &Inference<'_>) -> Inferred {
    let parts = i.node.inputs.len() / 2;
    let mut rest = Shape::unknown();
    let mut len = Some(1);
    for part in 0..parts {
        let (indices, data) = (i.input(part), i.input(part + parts));
        let largest = i
            .integers(part)
            .map(|indices| indices.into_iter().max().unwrap_or(0));
        let wanted = largest.and_then(|largest| usize::try_from(largest).ok());
        len = len.zip(wanted).map(|(len, largest)| len.max(largest + 1));
        let Some(rank) = indices.rank() else {
            continue;
        };
        starts_with(data, indices)?;
        rest = merged(&rest, &from_axis(data, rank))?;
    }
    Ok(vec![joined(&[len].into(), &rest)])
}
