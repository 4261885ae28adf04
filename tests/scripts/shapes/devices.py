"""Ops that move values between devices and replicas."""

import tensorflow as tf

from shape_sweep import sweep

ANY = [None, [], [None], [3], [None, 3]]
SHAPES = [tf.TensorShape([2, None]), tf.TensorShape(None)]
LISTS = [[None, None], [[2, None], [None, 3]], [[2, 3], None], [None, [4]]]
INSTANCE = {"group_size": 2, "group_key": 1, "instance_key": 1}


def build():
    sweep("CollectivePermute", ANY, [None, [2, 2]])
    sweep("CrossReplicaSum", ANY, [None, [2, 2]])
    sweep("DebugGradientIdentity", ANY)
    sweep("CollectiveReduce", ANY, merge_op="Add", final_op="Id", subdiv_offsets=[0], **INSTANCE)
    sweep("NcclAllReduce", ANY, reduction="sum", num_devices=2, shared_name="")
    sweep("NcclReduce", LISTS, reduction="sum")
    sweep("TPUReplicatedInput", LISTS)
    sweep("TPUReplicatedOutput", ANY, num_replicas=2)
    sweep("TPUEmbeddingActivations", [None, [3]], ANY, table_id=0, lookup_id=0)
    sweep("CollectiveBcastRecv", shape=SHAPES[0], **dict(INSTANCE, T=tf.float32))
    sweep("CollectiveBcastSend", ANY, shape=tf.TensorShape([3]), **INSTANCE)
    sweep("CollectiveGather", ANY + [[3, None]], shape=tf.TensorShape([6]), **INSTANCE)
    sweep("NcclBroadcast", ANY, shape=tf.TensorShape([3]))
    for shape in SHAPES:
        sweep("InfeedDequeue", dtype=tf.float32, shape=shape)
        sweep("OutfeedDequeue", dtype=tf.float32, shape=shape)
    sweep("InfeedDequeueTuple", dtypes=[tf.float32, tf.int32], shapes=SHAPES)
    sweep("OutfeedDequeueTuple", dtypes=[tf.float32, tf.int32], shapes=SHAPES)
    sweep("Prelinearize", ANY)
    sweep("TPUCompilationResult")
    sweep("TPUOrdinalSelector")
    sweep("WorkerHeartbeat", ANY)
    sweep("ConfigureDistributedTPU")
    sweep("RecordInput", file_pattern="a")
