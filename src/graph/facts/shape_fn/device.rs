//! Shapes of ops that move values between devices and replicas.

use super::Outputs::Fixed;
use super::dims::both;
use super::{
    Inference, Inferred, declared, known, merge, one, refuse, scalars, unchanged, unknown,
};
use crate::graph::facts::{OpFacts, op, ranked};
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
    ranked("TPUOrdinalSelector", &[], Fixed(&[&[-1]])),
    op("TPUPartitionedCall", unknown),
    op("TPUReplicateMetadata", scalars),
    op("TPUReplicatedInput", merged).handle(known::handle::replicated),
    op("TPUReplicatedOutput", |i| i.all_outputs(i.input(0).clone())),
    op("WorkerHeartbeat", scalars),
];

/// One dimension grows by as much as another is split.
fn all_to_all(i: &Inference<'_>) -> Inferred {
    let Some(dims) = i.input(0).dims() else {
        return Err("the input must have a known rank".into());
    };
    let axis = |name| match i.size(name) {
        Some(axis) if axis < dims.len() => Ok(axis),
        _ => refuse(format_args!(
            "{name} {} is out of range for rank {}",
            i.int(name),
            dims.len()
        )),
    };
    let (concat, split) = (axis("concat_dimension")?, axis("split_dimension")?);
    let (count, mut dims) = (i.size("split_count"), dims.to_vec());
    dims[concat] = both(dims[concat], count, usize::checked_mul);
    dims[split] = both(dims[split], count, usize::checked_div);
    one(dims.into())
}

/// The replicas' common shape.
fn merged(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs() {
        shape = merge(&shape, input, "shapes of inputs")?;
    }
    one(shape)
}

/// The first dimension is as often there as the group has members.
fn gathered(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "the input")?;
    let members = i.size("group_size");
    let len = both(i.input(0).dim(0), members, usize::checked_mul);
    one(i.input(0).with_dim(0, len))
}
