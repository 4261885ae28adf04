"""Ops that Python's registry lacks: those of graph rewriting and of the runtime, and of TensorFlow's own tests."""

import tensorflow as tf
from tensorflow.python.framework import op_def_registry

from shape_sweep import C, every, node, registered, sweep

F, I = tf.float32, tf.int32
FEW = [None, [], [2]]
# Ops that need more than any value for an attribute, in `special` or `fused`.
SPECIAL = """AttrBoolList AttrEnumList AttrListMin AttrMin HostConst OutTypeListRestrict TypeListRestrict Rpc TryRpc
             TensorForestTreePredict _FusedBatchNormEx _FusedConv2D _FusedMatMul _NcclBroadcastRecv _VarHandlesOp
             _ReadVariablesOp _MklMaximum _MklMul _MklSquaredDifference _MklSub _SwitchN""".split()
# Not in graphs of this version.
REMOVED = "NegTrain Old RequiresOlderGraphVersion Skipgram".split()


def special():
    sweep("AttrBoolList", a=[True, False])
    sweep("AttrEnumList", a=["apples", "oranges"])
    sweep("AttrListMin", a=[1, 2])
    sweep("AttrMin", a=5)
    sweep("OutTypeListRestrict", t=[tf.string, tf.bool])
    sweep("TypeListRestrict", [[None, None], [[2], []]], T=[tf.string, tf.bool])
    every("Rpc TryRpc", [None, [], [2], [None]])
    for op in ("Rpc", "TryRpc"):
        node(op, [2], [None], [])
        node(op, [2], [], [None])
        node(op, [], [3], [3])
        node(op, [None], [4], [None])
    every("TensorForestTreePredict", [None, [], [2, 3], [None, 3]], logits_dimension=5)
    for op in ("_MklMaximum", "_MklMul", "_MklSquaredDifference", "_MklSub"):
        sweep(op, [[2, 3], None, [3], [None, 1], [4, 2, 1]], [[3], None, [2, 1], [None, 3], []], [None], [None])
    sweep("_NcclBroadcastRecv", [None, [2], [None], C([2, 3]), C([4, -1])], num_devices=2, shared_name="s")
    sweep("_SwitchN", [None, [], [2, 3], [None]], [None, []], num_outs=3, T=F)


def fused():
    fused_conv = dict(T=F, padding="SAME", fused_ops=["BiasAdd", "Relu"])
    images, filters = [[8, 32, 32, 3], None, [None, None, None, 3], [8, 32, 31, 6]], [[3, 3, 3, 4], None, [5, 5, 3, None]]
    sweep("_FusedConv2D", images, filters, [[[4]], [None]], strides=[1, 1, 1, 1], **fused_conv)
    sweep("_FusedConv2D", images, filters, [[[4]]], strides=[1, 2, 3, 1], **fused_conv)
    sweep("_FusedConv2D", images, filters, [[[4]]], strides=[1, 1, 1, 1], dilations=[1, 2, 2, 1],
          **dict(fused_conv, padding="VALID"))
    sweep("_FusedConv2D", images, filters, [[[4]]], strides=[1, 1, 1, 1], explicit_paddings=[0, 0, 1, 2, 3, 4, 0, 0],
          **dict(fused_conv, padding="EXPLICIT"))
    sweep("_FusedConv2D", [[8, 3, 32, 32], None], filters, [[[4], [4], [4], [4]]], strides=[1, 1, 2, 2],
          data_format="NCHW", T=F, padding="SAME", fused_ops=["FusedBatchNorm"])
    for turned in (False, True):
        sweep("_FusedMatMul", [None, [3, 3], [None, 3], [3, 2]], [None, [3, 3], [3, None], [3, 5]], [[[3]], [None]],
              transpose_a=turned, transpose_b=False, fused_ops=["BiasAdd"], T=F)
    sweep("_FusedMatMul", [[2, 3]], [[5, 3], None, [None, 3]], [[None]], transpose_b=True, fused_ops=["BiasAdd"], T=F)
    vectors = [[12], None]
    for training in (False, True):
        for form, image in (("NHWC", [8, 4, 5, 12]), ("NCHW", [8, 12, 4, 5])):
            sweep("_FusedBatchNormEx", [image, None, [None, None, None, None]], vectors, vectors, vectors, vectors, [[]],
                  T=F, U=F, is_training=training, data_format=form, activation_mode="Relu")
    sweep("_FusedBatchNormEx", [[8, 4, 5, 12]], vectors, vectors, [[0], None], [[0], None], [[[8, 4, 5, 3]], [None]],
          T=F, U=F, is_training=True, activation_mode="Relu")
    # The vectors alone may have any length.
    sweep("_FusedBatchNormEx", [None], [[3]], [None], [None], [None], [[]], T=F, U=F, activation_mode="Relu")


def variables():
    handles = [tf.raw_ops.VarHandleOp(dtype=F, shape=tf.TensorShape(shape), shared_name=name)
               for name, shape in (("v", [2, 3]), ("w", None))]
    node("_ReadVariablesOp", handles, dtypes=[F, F])
    every("_ReadVariablesOp", [None, []])
    node("_VarHandlesOp", N=2, containers=["", ""], shared_names=["a", "b"], dtypes=[F, I],
         shapes=[tf.TensorShape([None, 3]), tf.TensorShape([7])])
    handles = tf.get_default_graph().get_operations()[-1].outputs
    node("_ReadVariablesOp", list(handles), dtypes=[F, I])
    tf.raw_ops.ReadVariableOp(resource=handles[1], dtype=I)


def last():
    return tf.get_default_graph().get_operations()[-1].outputs


def host_const(value):
    attr = tf.AttrValue()
    attr.tensor.CopyFrom(tf.make_tensor_proto(value))
    assert node("HostConst", value=attr, dtype=tf.as_dtype(attr.tensor.dtype)) is None
    return last()[0]


def lists():
    """What TensorFlow works out through these ops, as the shape of a filled tensor."""
    p = tf.placeholder(F, [])
    c, d = tf.constant([2, 3]), tf.constant([4, 5])
    fill = lambda dims: tf.raw_ops.Fill(dims=dims, value=p)
    fill(host_const([2, 3]))
    host_const([[1.5, 2.5]])
    host_const([b"text"])
    for op in ("Copy", "CopyHost", "DebugIdentity"):
        node(op, c, T=I)
        fill(last()[0])
    node("_HostCast", tf.constant([2.5, 3.5]), SrcT=F, DstT=I)
    fill(last()[0])
    node("_HostCast", host_const([6, 7]), SrcT=I, DstT=tf.int64)
    fill(last()[0])
    for index in (0, 1, 2, 3, -1):
        node("_SwitchN", c, tf.constant(index), T=I, num_outs=3)
        for output in last():
            fill(output)
    node("_ListToArray", [c, d], Tin=[I, I], T=I, N=2)
    for output in last():
        fill(output)
    node("_ArrayToList", [c, d], T=I, out_types=[I, I])
    for output in last():
        fill(output)


def build():
    known = op_def_registry.get_registered_ops()
    names = [name for name in registered() if name not in known and name not in SPECIAL + REMOVED]
    every(" ".join(names), FEW)
    every("Copy CopyHost DebugIdentity _HostCast _NcclReduceRecv _UnaryOpsComposition _While _ParallelConcatUpdate")
    every("KernelLabelRequired TensorForestTreeDeserialize _WaitForDistributedTPU", [None, [], [2], [None], [2, 3]])
    for shape in (None, [], [2, None]):
        every("_ParallelConcatStart _ScopedAllocator _ScopedAllocatorConcat", [None], shape=tf.TensorShape(shape))
    special()
    fused()
    variables()
    lists()
