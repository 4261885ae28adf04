//! Shapes of partitions, queues, stacks, tables, arrays of tensors and lists of tensors.

use super::{
    Inference, Inferred, ShapeFn, from_axis, joined, merged, no_outputs, scalar, scalars,
    shape_attr, starts_with, unknown, with_rank,
};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("DynamicPartition", dynamic_partition),
    ("DynamicStitch", dynamic_stitch),
    ("ParallelDynamicStitch", dynamic_stitch),
    ("FIFOQueue", pair),
    ("PaddingFIFOQueue", pair),
    ("PriorityQueue", pair),
    ("RandomShuffleQueue", pair),
    ("FIFOQueueV2", scalar),
    ("PaddingFIFOQueueV2", scalar),
    ("PriorityQueueV2", scalar),
    ("RandomShuffleQueueV2", scalar),
    ("QueueSize", scalar),
    ("QueueSizeV2", scalar),
    ("QueueIsClosed", scalar),
    ("QueueIsClosedV2", scalar),
    ("Barrier", pair),
    ("BarrierReadySize", scalar),
    ("BarrierIncompleteSize", scalar),
    ("ConditionalAccumulator", pair),
    ("SparseConditionalAccumulator", pair),
    ("AccumulatorNumAccumulated", scalar),
    ("StackPush", |i| Ok(vec![i.input(1).clone()])),
    ("StackPushV2", |i| Ok(vec![i.input(1).clone()])),
    ("StageSize", scalar),
    ("HashTable", pair),
    ("MutableHashTable", pair),
    ("MutableHashTableOfTensors", pair),
    ("MutableDenseHashTable", pair),
    ("HashTableV2", scalar),
    ("MutableHashTableV2", scalar),
    ("MutableHashTableOfTensorsV2", scalar),
    ("MutableDenseHashTableV2", scalar),
    ("LookupTableSize", scalar),
    ("LookupTableSizeV2", scalar),
    ("LookupTableFindV2", table_find),
    ("LookupTableExport", |_| {
        Ok(vec![[None].into(), Shape::unknown()])
    }),
    ("TensorArrayV3", array_and_flow),
    ("TensorArrayGradV3", array_and_flow),
    ("TensorArrayGradWithShape", array_and_flow),
    ("TensorArrayReadV3", array_read),
    ("TensorArrayWriteV3", array_write),
    ("TensorArrayGatherV3", array_gather),
    ("TensorArrayScatterV3", scalar),
    ("TensorArraySplitV3", scalar),
    ("TensorArrayConcatV3", |_| {
        Ok(vec![Shape::unknown(), [None].into()])
    }),
    ("TensorArraySizeV3", scalar),
    ("TensorArrayCloseV3", no_outputs),
    ("EmptyTensorList", scalar),
    ("TensorListReserve", scalar),
    ("TensorListFromTensor", scalar),
    ("TensorListPushBack", scalar),
    ("TensorListSetItem", scalar),
    ("TensorListResize", scalar),
    ("TensorListLength", scalar),
    ("TensorListScatter", scalar),
    ("TensorListScatterV2", scalar),
    ("TensorListScatterIntoExistingList", scalar),
    ("TensorListSplit", scalar),
    ("TensorListConcatLists", scalar),
    ("TensorListStack", |i| list_rows(i, Shape::from([None]), 1)),
    ("TensorListGather", |i| list_rows(i, i.input(1).clone(), 2)),
    ("TensorListGetItem", |i| list_rows(i, Shape::scalar(), 2)),
    ("TensorListPopBack", |i| {
        Ok(vec![
            Shape::scalar(),
            list_rows(i, Shape::scalar(), 1)?.remove(0),
        ])
    }),
    ("TensorListConcat", list_concat),
    ("LookupTableExportV2", table_export),
    ("TensorListElementShape", list_element_shape),
    ("Stage", no_outputs),
    ("Unstage", unknown),
    ("InitializeTableV2", no_outputs),
    ("InitializeTableFromTextFileV2", no_outputs),
    ("GetSessionHandle", scalar),
    ("GetSessionHandleV2", scalar),
    ("MutexV2", scalar),
    ("BarrierInsertMany", scalars),
];

fn pair(_: &Inference<'_>) -> Inferred {
    Ok(vec![[2].into()])
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

/// The values under keys of a table whose own shapes are known: the rest of each key is one value.
fn table_find(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(0), 0, "the table")?;
    let [(key, _), (value, _)] = i.handle(0) else {
        return unknown(i);
    };
    let (Some(key), Some(keys)) = (key.rank(), i.input(1).dims()) else {
        return unknown(i);
    };
    let Some(first) = keys.len().checked_sub(key) else {
        return Err(format!(
            "the keys must have at least rank {key}, found rank {}",
            keys.len()
        ));
    };
    Ok(vec![joined(&keys[..first].to_vec().into(), value)])
}

fn array_and_flow(_: &Inference<'_>) -> Inferred {
    Ok(vec![[2].into(), Shape::scalar()])
}

fn behind(i: &Inference<'_>) -> Option<Shape> {
    i.handle(0).first().map(|(shape, _)| shape.clone())
}

fn array_read(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(1), 0, "the index")?;
    Ok(vec![behind(i).unwrap_or_default()])
}

fn array_write(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(1), 0, "the index")?;
    merged(&behind(i).unwrap_or_default(), i.input(2))?;
    Ok(vec![Shape::scalar()])
}

fn array_gather(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(1), 1, "the indices")?;
    let element = behind(i).unwrap_or_else(|| shape_attr(i, "element_shape"));
    Ok(vec![joined(i.input(1), &element)])
}

/// Elements of a list behind the dimensions `rows`; an input holds what else is known of their shape.
fn list_rows(i: &Inference<'_>, rows: Shape, element_shape: usize) -> Inferred {
    let given = i.dims_from_scalar_or_input(element_shape)?;
    let element = merged(&behind(i).unwrap_or_default(), &given)?;
    let rows = match i.node.int_attr("num_elements") {
        Some(count) => Shape::from([usize::try_from(count).ok()]),
        None => rows,
    };
    Ok(vec![joined(&rows, &element)])
}

fn list_element_shape(i: &Inference<'_>) -> Inferred {
    let rank = behind(i).and_then(|shape| shape.rank());
    Ok(vec![[rank].into()])
}

/// The elements are joined along their first dimension.
fn list_concat(i: &Inference<'_>) -> Inferred {
    let declared = shape_attr(i, "element_shape");
    let element = merged(&behind(i).unwrap_or_default(), &declared)?;
    let rest = from_axis(&element, 1);
    Ok(vec![joined(&[None].into(), &rest), [None].into()])
}

fn table_export(i: &Inference<'_>) -> Inferred {
    let rows = Shape::from([None]);
    let values = match i.handle(0) {
        [_, (value, _)] => joined(&rows, value),
        _ => Shape::unknown(),
    };
    Ok(vec![rows, values])
}
