//! Shapes of ops that TensorFlow's front end lacks: what graph rewriting and the runtime put in, and ops of its own tests.

use super::Outputs::{Fixed, Unknown};
use super::{
    Inference, Inferred, at_most_rank, declared, known, matrix, merged, no_outputs, one, refuse,
    scalar, scalars, unchanged, unknown,
};
use crate::graph::encode::PRODUCER;
use crate::graph::facts::{Folding, OpFacts, kernel, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    ranked("BigQueryReader", &[], Fixed(&[&[2]])),
    op("Copy", unchanged).folding(Folding::Kernel(kernel::fill::hand_on)),
    op("CopyHost", unchanged).folding(Folding::Kernel(kernel::fill::hand_on)),
    op("DebugIdentity", unchanged),
    op("DebugNanCount", scalar),
    op("DebugNumericSummary", unknown),
    op("GcsConfigureBlockCache", no_outputs),
    op("GcsConfigureCredentials", no_outputs),
    ranked("GenerateBigQueryReaderPartitions", &[], Fixed(&[&[-1]])),
    op("HostConst", unknown).constant(known::compute::constant),
    op("NegTrain", no_outputs),
    op("Old", no_outputs),
    op("RemoteFusedGraphExecute", unknown),
    op("RequiresOlderGraphVersion", |i| match i.producer {
        OLDER => scalar(i),
        _ => refuse(format_args!("expected a graph of version {OLDER}")),
    }),
    op("Rpc", remote_call),
    op("Skipgram", unknown),
    op("TensorForestCreateTreeVariable", no_outputs),
    ranked("TensorForestTreeDeserialize", &[0], Unknown),
    ranked("TensorForestTreeIsInitializedOp", &[0], Fixed(&[&[]])),
    op("TensorForestTreePredict", tree_predictions),
    op("TensorForestTreeResourceHandleOp", scalar),
    op("TensorForestTreeSerialize", scalar),
    op("TensorForestTreeSize", scalar),
    op("TryRpc", remote_call),
    op("_Arg", unknown),
    op("_ArrayToList", unknown).folding(Folding::Kernel(kernel::fill::hand_on_all)),
    ranked("_ConfigureDistributedTPU", &[0], Fixed(&[&[]])),
    op("_DeviceArg", unknown),
    op("_DeviceRetval", no_outputs),
    op("_DisconnectHostFromDistributedTPUSystem", unknown),
    op("_HostCast", unchanged).value(known::compute::cast),
    op("_HostRecv", unknown),
    op("_HostSend", no_outputs),
    ranked("_InitializeHostForDistributedTPU", &[0], Fixed(&[&[-1]])),
    op("_ListToArray", unknown).folding(Folding::Kernel(kernel::fill::hand_on_all)),
    op("_NcclBroadcastRecv", |i| one(i.dims_from_input(0)?)),
    op("_NcclBroadcastSend", no_outputs),
    op("_NcclReduceRecv", unchanged),
    op("_NcclReduceSend", no_outputs),
    op("_ParallelConcatStart", declared),
    op("_ParallelConcatUpdate", unchanged),
    op("_ReadVariablesOp", |i| {
        let mut shapes = Vec::new();
        for index in 0..i.node.inputs.len() {
            shapes.push(i.shape_behind(index));
        }
        Ok(shapes)
    }),
    op("_Recv", unknown),
    op("_Retval", no_outputs),
    op("_ScopedAllocator", declared),
    op("_ScopedAllocatorConcat", declared),
    op("_ScopedAllocatorSplit", |i| Ok(i.shapes("shapes"))),
    op("_Send", no_outputs),
    ranked("_SetGlobalTPUArray", &[0], Unknown),
    op("_ShutdownDistributedTPU", no_outputs),
    op("_TPUReplicate", unknown),
    op("_UnaryOpsComposition", unchanged),
    op("_VarHandlesOp", scalars).handle(known::handle::variables),
    ranked("_WaitForDistributedTPU", &[1], Fixed(&[&[]])),
    op("_XlaCompile", unknown),
    op("_XlaRecvAtHost", unknown),
    op("_XlaRun", unknown),
    op("_XlaSendFromHost", no_outputs),
];

/// The ops of TensorFlow's tests.
pub(super) const TESTS: &[OpFacts] = &[
    op("A", unknown),
    op("Attr", no_outputs),
    op("AttrBool", no_outputs),
    op("AttrBoolList", no_outputs),
    op("AttrDefault", no_outputs),
    op("AttrEmptyListDefault", no_outputs),
    op("AttrEnum", no_outputs),
    op("AttrEnumList", no_outputs),
    op("AttrFloat", no_outputs),
    op("AttrListDefault", no_outputs),
    op("AttrListMin", no_outputs),
    op("AttrListTypeDefault", no_outputs),
    op("AttrMin", no_outputs),
    op("AttrPartialShape", no_outputs),
    op("AttrPartialShapeList", no_outputs),
    op("AttrShape", no_outputs),
    op("AttrShapeList", no_outputs),
    op("AttrTypeDefault", no_outputs),
    op("B", unknown),
    op("Binary", unknown),
    op("ComplexStruct", unknown),
    op("ConstructionFails", no_outputs),
    op("CopyOp", unknown),
    op("DefaultAttrs", no_outputs),
    op("DevicePlacementOp", scalar),
    op("FiveFloatOutputs", unknown),
    op("FloatInput", no_outputs),
    op("FloatOutput", unknown),
    op("FloatOutputStringOutput", unknown),
    op("Foo1", unknown),
    op("Foo2", unknown),
    op("Foo3", unknown),
    op("FuncAttr", no_outputs),
    op("FuncListAttr", no_outputs),
    op("GraphDefVersion", scalar),
    op("InPolymorphicTwice", no_outputs),
    op("Int64Output", unknown),
    op("IntAttr", unknown),
    op("IntInput", no_outputs),
    op("IntInputFloatInput", no_outputs),
    op("IntInputIntOutput", unknown),
    op("IntOutput", unknown),
    op("IntOutputFloatOutput", unknown),
    op("KernelLabel", scalar),
    ranked("KernelLabelRequired", &[1], Fixed(&[&[]])),
    op("ListInput", no_outputs),
    op("ListOutput", unknown),
    op("MixedStruct", unknown),
    op("NInPolymorphicTwice", no_outputs),
    op("NInTwice", no_outputs),
    op("NInTwoTypeVariables", no_outputs),
    op("NIntsIn", no_outputs),
    op("NIntsOut", unknown),
    op("NIntsOutDefault", unknown),
    op("NPolymorphicIn", no_outputs),
    op("NPolymorphicOut", unknown),
    op("NPolymorphicOutDefault", unknown),
    op("NPolymorphicRestrictIn", no_outputs),
    op("NPolymorphicRestrictOut", unknown),
    op("None", no_outputs),
    op("OpWithDefaultAttr", unknown),
    op("OpWithFutureDefaultAttr", no_outputs),
    op("OutT", unknown),
    op("OutTypeList", unknown),
    op("OutTypeListRestrict", unknown),
    op("Polymorphic", unknown),
    op("PolymorphicDefaultOut", unknown),
    op("PolymorphicOut", unknown),
    op("RefIn", no_outputs),
    op("RefInputFloatInput", no_outputs),
    op("RefInputFloatInputIntOutput", unknown),
    op("RefInputIntInput", no_outputs),
    op("RefOut", unknown),
    op("RefOutput", unknown),
    op("RefOutputFloatOutput", unknown),
    op("ReservedAttr", no_outputs),
    op("ReservedInput", no_outputs),
    op("ResourceCreateOp", no_outputs),
    op("ResourceInitializedOp", scalar),
    op("ResourceUsingOp", no_outputs),
    op("Restrict", unknown),
    op("Simple", unknown),
    op("SimpleStruct", unknown),
    op("StringListAttr", no_outputs),
    op("StubResourceHandleOp", scalar),
    op("TestAttr", unknown),
    op("TestStringOutput", unknown),
    op("TwoFloatInputs", no_outputs),
    op("TwoFloatInputsFloatOutput", unknown),
    op("TwoFloatInputsIntOutput", unknown),
    op("TwoFloatOutputs", unknown),
    op("TwoIntInputs", no_outputs),
    op("TwoIntOutputs", unknown),
    op("TwoRefsIn", no_outputs),
    op("TypeList", no_outputs),
    op("TypeListRestrict", no_outputs),
    op("TypeListTwice", no_outputs),
    op("Unary", unknown),
];

/// The version before that of TensorFlow 1.15, the only one in which a graph may have a certain op of its tests.
const OLDER: i32 = PRODUCER - 1;

/// A response for each element of those among address, method and request that are vectors, else as for the request.
fn remote_call(i: &Inference<'_>) -> Inferred {
    let mut vectors = Shape::unknown();
    for (index, input) in i.inputs().enumerate() {
        at_most_rank(input, 1, i.arg_name(index))?;
        if input.rank() == Some(1) {
            vectors = merged(&vectors, input)?;
        }
    }
    let response = match vectors.rank() {
        Some(_) => vectors,
        None => i.input(2).clone(),
    };
    i.all_outputs(response)
}

/// A row of logits for each example.
fn tree_predictions(i: &Inference<'_>) -> Inferred {
    let examples = i.ranked(1, 2)?[0];
    let logits = i.size("logits_dimension");
    one(matrix(examples, logits))
}
