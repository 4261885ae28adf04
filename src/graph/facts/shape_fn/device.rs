//! Shapes of ops that move values between devices and replicas.

use super::{Inference, Inferred, at_least_rank, fixed, known, merge, scalars, unchanged, unknown};
use crate::graph::attr::shape_from_proto;
use crate::graph::facts::{OpFacts, op};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("AllToAll", all_to_all),
    op("CollectiveBcastRecv", declared),
    op("CollectiveBcastSend", declared),
    op("CollectiveGather", gathered),
    op("CollectivePermute", unchanged),
    op("CollectiveReduce", unchanged),
    op("ConfigureDistributedTPU", unknown),
    op("CrossReplicaSum", unchanged),
    op("DebugGradientIdentity", unchanged),
    op("InfeedDequeue", declared),
    op("InfeedDequeueTuple", |i| Ok(i.shapes("shapes"))),
    op("InfeedEnqueue", scalars),
    op("InfeedEnqueuePrelinearizedBuffer", scalars),
    op("InfeedEnqueueTuple", scalars),
    op("NcclAllReduce", unchanged),
    op("NcclBroadcast", unchanged),
    op("NcclReduce", unchanged),
    op("OutfeedDequeue", declared),
    op("OutfeedDequeueTuple", |i| Ok(i.shapes("shapes"))),
    op("OutfeedEnqueue", scalars),
    op("OutfeedEnqueueTuple", scalars),
    op("Prelinearize", scalars),
    op("PrelinearizeTuple", scalars),
    op("RecordInput", unknown),
    op("ShutdownDistributedTPU", scalars),
    op("TPUCompilationResult", scalars),
    op("TPUOrdinalSelector", |i| fixed(i, &[], &[&[-1]])),
    op("TPUPartitionedCall", unknown),
    op("TPUReplicateMetadata", scalars),
    op("TPUReplicatedInput", merged).handle(known::handle::replicated),
    op("TPUReplicatedOutput", |i| {
        Ok(vec![i.input(0).clone(); i.node.outputs.len()])
    }),
    op("WorkerHeartbeat", scalars),
];

/// One dimension grows by as much as another is split.
fn all_to_all(i: &Inference<'_>) -> Inferred {
    let Some(dims) = i.input(0).dims() else {
        return Err("the input must have a known rank".to_owned());
    };
    let mut dims = dims.to_vec();
    let mut axes = [0; 2];
    for (axis, name) in axes.iter_mut().zip(["concat_dimension", "split_dimension"]) {
        let found = usize::try_from(i.int(name)).ok();
        *axis = found.filter(|&axis| axis < dims.len()).ok_or_else(|| {
            format!(
                "{name} {} is out of range for rank {}",
                i.int(name),
                dims.len()
            )
        })?;
    }
    let count = usize::try_from(i.int("split_count")).ok();
    let [concat, split] = axes;
    dims[concat] = dims[concat]
        .zip(count)
        .and_then(|(len, count)| len.checked_mul(count));
    dims[split] = dims[split]
        .zip(count)
        .and_then(|(len, count)| len.checked_div(count));
    Ok(vec![dims.into()])
}

/// The shape that the node declares.
fn declared(i: &Inference<'_>) -> Inferred {
    Ok(vec![match i.node.attr_or_default("shape") {
        Some(Value::Shape(shape)) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }])
}

/// The replicas' common shape.
fn merged(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs() {
        shape = merge(&shape, input, "shapes of inputs")?;
    }
    Ok(vec![shape])
}

/// The first dimension is as often there as the group has members.
fn gathered(i: &Inference<'_>) -> Inferred {
    at_least_rank(i.input(0), 1, "the input")?;
    let Some(dims) = i.input(0).dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let mut dims = dims.to_vec();
    let members = usize::try_from(i.int("group_size")).ok();
    dims[0] = dims[0]
        .zip(members)
        .and_then(|(len, members)| len.checked_mul(members));
    Ok(vec![dims.into()])
}
