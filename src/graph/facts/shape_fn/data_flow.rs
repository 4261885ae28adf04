//! Shapes of partitions, queues, barriers, accumulators, stacks and staging areas.

use super::Outputs::{Fixed, Like, Unknown};
use super::dims::both;
use super::{
    ANY, HANDLE, Inference, Inferred, at_least_rank, fixed, known, merged, no_outputs, one, scalar,
    starts_with, unchanged, unknown, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    ranked("AccumulatorApplyGradient", &[ANY, 0], Fixed(&[])),
    op("AccumulatorNumAccumulated", scalar),
    ranked("AccumulatorSetGlobalStep", &[ANY, 0], Fixed(&[])),
    ranked("AccumulatorTakeGradient", &[ANY, 0], Unknown),
    op("Barrier", pair).had_another_shape(),
    ranked("BarrierClose", &[HANDLE], Fixed(&[])),
    ranked("BarrierIncompleteSize", &[HANDLE], Fixed(&[&[]])).had_another_shape(),
    op("BarrierInsertMany", |i| {
        let (keys, values) = (i.vector_len(1)?, i.input(2));
        at_least_rank(values, 1, "the values")?;
        let rows = values.dims().and_then(|dims| dims[0]);
        super::merge_dims(keys, rows, "the numbers of keys and of values")?;
        fixed(i, &[HANDLE, 1], &[])
    }),
    ranked("BarrierReadySize", &[HANDLE], Fixed(&[&[]])).had_another_shape(),
    op("BarrierTakeMany", unknown),
    op("ConditionalAccumulator", pair).had_another_shape(),
    op("ConsumeMutexLock", no_outputs),
    ranked("DeleteSessionTensor", &[0], Fixed(&[])),
    op("DynamicPartition", dynamic_partition).values(known::join::dynamic_partition),
    op("DynamicStitch", dynamic_stitch).value(known::join::stitch),
    op("FIFOQueue", pair).had_another_shape(),
    op("FIFOQueueV2", scalar),
    op("FakeQueue", pair),
    op("GetSessionHandle", scalar),
    op("GetSessionHandleV2", scalar),
    ranked("GetSessionTensor", &[0], Unknown),
    op("MapClear", no_outputs),
    op("MapIncompleteSize", scalar),
    op("MapPeek", unknown),
    op("MapSize", scalar),
    op("MapStage", no_outputs),
    op("MapUnstage", unknown),
    op("MapUnstageNoKey", unknown),
    op("MutexLock", scalar),
    op("MutexV2", scalar),
    op("OrderedMapClear", no_outputs),
    op("OrderedMapIncompleteSize", scalar),
    op("OrderedMapPeek", unknown),
    op("OrderedMapSize", scalar),
    op("OrderedMapStage", no_outputs),
    op("OrderedMapUnstage", unknown),
    op("OrderedMapUnstageNoKey", unknown),
    op("PaddingFIFOQueue", pair).had_another_shape(),
    op("PaddingFIFOQueueV2", scalar),
    op("ParallelDynamicStitch", dynamic_stitch),
    op("PriorityQueue", pair).had_another_shape(),
    op("PriorityQueueV2", scalar),
    ranked("QueueClose", &[HANDLE], Fixed(&[])),
    op("QueueCloseV2", no_outputs),
    op("QueueDequeue", unknown),
    op("QueueDequeueMany", unknown),
    op("QueueDequeueManyV2", dequeued_many),
    op("QueueDequeueUpTo", unknown),
    op("QueueDequeueUpToV2", |i| dequeued(i, &vector(None))),
    op("QueueDequeueV2", |i| dequeued(i, &Shape::scalar())),
    op("QueueEnqueue", no_outputs),
    op("QueueEnqueueMany", no_outputs),
    op("QueueEnqueueManyV2", no_outputs),
    op("QueueEnqueueV2", no_outputs),
    op("QueueIsClosed", scalar),
    op("QueueIsClosedV2", scalar),
    ranked("QueueSize", &[HANDLE], Fixed(&[&[]])).had_another_shape(),
    // As TensorFlow has it: the handle's shape.
    op("QueueSizeV2", unchanged),
    op("RandomShuffleQueue", pair).had_another_shape(),
    op("RandomShuffleQueueV2", scalar),
    ranked("ResourceAccumulatorApplyGradient", &[ANY, 0], Fixed(&[])),
    op("ResourceAccumulatorNumAccumulated", scalar),
    ranked("ResourceAccumulatorSetGlobalStep", &[ANY, 0], Fixed(&[])),
    ranked("ResourceAccumulatorTakeGradient", &[ANY, 0], Unknown),
    op("ResourceConditionalAccumulator", pair),
    ranked("SparseAccumulatorApplyGradient", &[ANY, 0], Fixed(&[])),
    ranked("SparseAccumulatorTakeGradient", &[ANY, 0], Unknown),
    op("SparseConditionalAccumulator", pair).had_another_shape(),
    op("Stack", pair).had_another_shape(),
    ranked("StackClose", &[HANDLE], Fixed(&[])),
    ranked("StackCloseV2", &[HANDLE], Fixed(&[])),
    op("StackPop", unknown),
    op("StackPopV2", unknown),
    ranked("StackPush", &[], Like(1)),
    ranked("StackPushV2", &[], Like(1)),
    op("StackV2", pair),
    op("Stage", no_outputs),
    op("StageClear", no_outputs),
    op("StagePeek", unknown),
    op("StageSize", scalar),
    op("Unstage", unknown),
];

/// A handle of the old kind.
fn pair(_: &Inference<'_>) -> Inferred {
    one(vector(Some(2)))
}

/// The components behind a queue's handle, where they are known, after the dimensions `rows`.
fn dequeued(i: &Inference<'_>, rows: &Shape) -> Inferred {
    let components = i.handle(0);
    if components.len() != i.node.outputs.len() {
        return unknown(i);
    }
    let mut shapes = Vec::new();
    for (shape, _) in components {
        shapes.push(rows.joined(shape));
    }
    Ok(shapes)
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
    let shape = vector(None).joined(&data.without_first(rank));
    i.all_outputs(shape)
}

fn dynamic_stitch(i: &Inference<'_>) -> Inferred {
    let parts = i.node.inputs.len() / 2;
    let mut rest = Shape::unknown();
    let mut len = Some(1);
    for part in 0..parts {
        let (indices, data) = (i.input(part), i.input(part + parts));
        let largest = match i.integers(part).as_deref() {
            Some([]) => Some(0),
            Some(indices) => indices
                .iter()
                .max()
                .and_then(|&it| usize::try_from(it).ok()),
            None => None,
        };
        len = both(len, largest, |len, largest| Some(len.max(largest + 1)));
        let Some(rank) = indices.rank() else {
            continue;
        };
        starts_with(data, indices)?;
        rest = merged(&rest, &data.without_first(rank))?;
    }
    one(vector(len).joined(&rest))
}
