//! Shapes of ops that TensorFlow's front end lacks: what graph rewriting and the runtime put in, and ops of its own tests.

use super::{
    Inference, Inferred, ShapeFn, at_most_rank, fixed, matrix, merged, no_outputs, scalar, scalars,
    shape_attr, unchanged, unknown, unknown_of,
};
use crate::graph::encode::PRODUCER;
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("BigQueryReader", |i| fixed(i, &[], &[&[2]])),
    ("Copy", unchanged),
    ("CopyHost", unchanged),
    ("DebugIdentity", unchanged),
    ("DebugNanCount", scalar),
    ("DebugNumericSummary", unknown),
    ("GcsConfigureBlockCache", no_outputs),
    ("GcsConfigureCredentials", no_outputs),
    ("GenerateBigQueryReaderPartitions", |i| {
        fixed(i, &[], &[&[-1]])
    }),
    ("HostConst", unknown),
    ("RemoteFusedGraphExecute", unknown),
    ("Rpc", remote_call),
    ("TryRpc", remote_call),
    ("TensorForestCreateTreeVariable", no_outputs),
    ("TensorForestTreeDeserialize", |i| unknown_of(i, &[0])),
    ("TensorForestTreeIsInitializedOp", |i| {
        fixed(i, &[0], &[&[]])
    }),
    ("TensorForestTreePredict", tree_predictions),
    ("TensorForestTreeResourceHandleOp", scalar),
    ("TensorForestTreeSerialize", scalar),
    ("TensorForestTreeSize", scalar),
    ("_Arg", unknown),
    ("_ArrayToList", unknown),
    ("_ConfigureDistributedTPU", |i| fixed(i, &[0], &[&[]])),
    ("_DeviceArg", unknown),
    ("_DeviceRetval", no_outputs),
    ("_DisconnectHostFromDistributedTPUSystem", unknown),
    ("_HostCast", unchanged),
    ("_HostRecv", unknown),
    ("_HostSend", no_outputs),
    ("_InitializeHostForDistributedTPU", |i| {
        fixed(i, &[0], &[&[-1]])
    }),
    ("_ListToArray", unknown),
    ("_NcclBroadcastRecv", |i| Ok(vec![i.dims_from_input(0)?])),
    ("_NcclBroadcastSend", no_outputs),
    ("_NcclReduceRecv", unchanged),
    ("_NcclReduceSend", no_outputs),
    ("_ParallelConcatStart", declared),
    ("_ParallelConcatUpdate", unchanged),
    ("_ReadVariablesOp", |i| {
        let variables = 0..i.node.inputs.len();
        Ok(variables.map(|index| i.shape_behind(index)).collect())
    }),
    ("_Recv", unknown),
    ("_Retval", no_outputs),
    ("_ScopedAllocator", declared),
    ("_ScopedAllocatorConcat", declared),
    ("_ScopedAllocatorSplit", |i| Ok(i.shapes("shapes"))),
    ("_Send", no_outputs),
    ("_SetGlobalTPUArray", |i| unknown_of(i, &[0])),
    ("_ShutdownDistributedTPU", no_outputs),
    ("_TPUReplicate", unknown),
    ("_UnaryOpsComposition", unchanged),
    ("_VarHandlesOp", scalars),
    ("_WaitForDistributedTPU", |i| fixed(i, &[1], &[&[]])),
    ("_XlaCompile", unknown),
    ("_XlaRecvAtHost", unknown),
    ("_XlaRun", unknown),
    ("_XlaSendFromHost", no_outputs),
    // Ops that TensorFlow has removed.
    ("NegTrain", no_outputs),
    ("Old", no_outputs),
    ("Skipgram", unknown),
    ("RequiresOlderGraphVersion", |i| match i.producer {
        OLDER => scalar(i),
        _ => Err(format!("expected a graph of version {OLDER}")),
    }),
    // The ops of TensorFlow's tests.
    ("A", unknown),
    ("Attr", no_outputs),
    ("AttrBool", no_outputs),
    ("AttrBoolList", no_outputs),
    ("AttrDefault", no_outputs),
    ("AttrEmptyListDefault", no_outputs),
    ("AttrEnum", no_outputs),
    ("AttrEnumList", no_outputs),
    ("AttrFloat", no_outputs),
    ("AttrListDefault", no_outputs),
    ("AttrListMin", no_outputs),
    ("AttrListTypeDefault", no_outputs),
    ("AttrMin", no_outputs),
    ("AttrPartialShape", no_outputs),
    ("AttrPartialShapeList", no_outputs),
    ("AttrShape", no_outputs),
    ("AttrShapeList", no_outputs),
    ("AttrTypeDefault", no_outputs),
    ("B", unknown),
    ("Binary", unknown),
    ("ComplexStruct", unknown),
    ("ConstructionFails", no_outputs),
    ("CopyOp", unknown),
    ("DefaultAttrs", no_outputs),
    ("DevicePlacementOp", scalar),
    ("FiveFloatOutputs", unknown),
    ("FloatInput", no_outputs),
    ("FloatOutput", unknown),
    ("FloatOutputStringOutput", unknown),
    ("Foo1", unknown),
    ("Foo2", unknown),
    ("Foo3", unknown),
    ("FuncAttr", no_outputs),
    ("FuncListAttr", no_outputs),
    ("GraphDefVersion", scalar),
    ("InPolymorphicTwice", no_outputs),
    ("Int64Output", unknown),
    ("IntAttr", unknown),
    ("IntInput", no_outputs),
    ("IntInputFloatInput", no_outputs),
    ("IntInputIntOutput", unknown),
    ("IntOutput", unknown),
    ("IntOutputFloatOutput", unknown),
    ("KernelLabel", scalar),
    ("KernelLabelRequired", |i| fixed(i, &[1], &[&[]])),
    ("ListInput", no_outputs),
    ("ListOutput", unknown),
    ("MixedStruct", unknown),
    ("NInPolymorphicTwice", no_outputs),
    ("NInTwice", no_outputs),
    ("NInTwoTypeVariables", no_outputs),
    ("NIntsIn", no_outputs),
    ("NIntsOut", unknown),
    ("NIntsOutDefault", unknown),
    ("NPolymorphicIn", no_outputs),
    ("NPolymorphicOut", unknown),
    ("NPolymorphicOutDefault", unknown),
    ("NPolymorphicRestrictIn", no_outputs),
    ("NPolymorphicRestrictOut", unknown),
    ("None", no_outputs),
    ("OpWithDefaultAttr", unknown),
    ("OpWithFutureDefaultAttr", no_outputs),
    ("OutT", unknown),
    ("OutTypeList", unknown),
    ("OutTypeListRestrict", unknown),
    ("Polymorphic", unknown),
    ("PolymorphicDefaultOut", unknown),
    ("PolymorphicOut", unknown),
    ("RefIn", no_outputs),
    ("RefInputFloatInput", no_outputs),
    ("RefInputFloatInputIntOutput", unknown),
    ("RefInputIntInput", no_outputs),
    ("RefOut", unknown),
    ("RefOutput", unknown),
    ("RefOutputFloatOutput", unknown),
    ("ReservedAttr", no_outputs),
    ("ReservedInput", no_outputs),
    ("ResourceCreateOp", no_outputs),
    ("ResourceInitializedOp", scalar),
    ("ResourceUsingOp", no_outputs),
    ("Restrict", unknown),
    ("Simple", unknown),
    ("SimpleStruct", unknown),
    ("StringListAttr", no_outputs),
    ("StubResourceHandleOp", scalar),
    ("TestAttr", unknown),
    ("TestStringOutput", unknown),
    ("TwoFloatInputs", no_outputs),
    ("TwoFloatInputsFloatOutput", unknown),
    ("TwoFloatInputsIntOutput", unknown),
    ("TwoFloatOutputs", unknown),
    ("TwoIntInputs", no_outputs),
    ("TwoIntOutputs", unknown),
    ("TwoRefsIn", no_outputs),
    ("TypeList", no_outputs),
    ("TypeListRestrict", no_outputs),
    ("TypeListTwice", no_outputs),
    ("Unary", unknown),
];

/// The version before that of TensorFlow 1.15, the only one in which a graph may have a certain op of its tests.
const OLDER: i32 = PRODUCER - 1;

/// The shape that the node declares.
fn declared(i: &Inference<'_>) -> Inferred {
    Ok(vec![shape_attr(i, "shape")])
}

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
    Ok(vec![response; i.node.outputs.len()])
}

/// A row of logits for each example.
fn tree_predictions(i: &Inference<'_>) -> Inferred {
    let examples = i.ranked(1, 2)?[0];
    let logits = usize::try_from(i.int("logits_dimension")).ok();
    Ok(vec![matrix(examples, logits)])
}
