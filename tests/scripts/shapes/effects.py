"""Ops that print, summarize, batch and hand work to other programs."""

import tensorflow as tf

from shape_sweep import func, sweep

ANY = [None, [], [None], [3], [None, 3]]
SCALAR = [None, []]


def build():
    sweep("Assert", SCALAR, [[None], [[2]]])
    sweep("Print", ANY, [[None], [[2]]])
    sweep("PrintV2", [[]])
    sweep("AudioSummaryV2", SCALAR, [None, [2, 3]], SCALAR)
    sweep("HistogramSummary", SCALAR, ANY)
    sweep("ImageSummary", SCALAR, [None, [2, 3, 4, 1]])
    sweep("MergeSummary", [[None], [[], [None]]])
    sweep("ScalarSummary", ANY, ANY)
    sweep("TensorSummary", ANY, T=tf.float32)
    sweep("TensorSummaryV2", SCALAR, ANY, SCALAR, T=tf.float32)
    sweep("Timestamp")
    sweep("SummaryWriter")
    sweep("WriteScalarSummary", SCALAR, SCALAR, SCALAR, SCALAR)
    tensors = [[None, None], [[3, 4], [None]], [[2], None], [[None, 4, None], [5, 6]]]
    sweep("Batch", tensors, num_batch_threads=1, max_batch_size=2, batch_timeout_micros=3, grad_timeout_micros=4)
    sweep("BatchFunction", tensors, [[]], f=func(), num_batch_threads=1, max_batch_size=2, batch_timeout_micros=3,
          Tcaptured=[], Tout=[tf.float32, tf.int32])
    batched = [None, [None], [3], [None, 4], [3, 4, None]]
    sweep("Unbatch", batched, [None, [2, 3]], SCALAR, timeout_micros=1)
    sweep("UnbatchGrad", batched, [None, [2, 3]], batched, SCALAR)
    for op in ["EagerPyFunc", "PyFunc", "PyFuncStateless"]:
        sweep(op, tensors, token="t", Tout=[tf.float32, tf.int64])
    sweep("RemoteCall", SCALAR, tensors, Tout=[tf.float32], f=func())
    sweep("Abort")
    sweep("Fact")
    sweep("SdcaFprint", [None, [None], [3]])
    for op in ["SdcaOptimizer", "SdcaOptimizerV2"]:
        options = {"adaptive" if op[-1] == "2" else "adaptative": False}
        sweep(op, [[None]], [[None]], [[None]], [[None, None]], [None], [None], [[None]], [[None], [[4]]],
              [[None, None], [[1, 2], [1, None]]], [None, [8, 4]], loss_type="logistic_loss", l1=0.5, l2=0.5,
              num_loss_partitions=1, num_inner_iterations=1, **options)
