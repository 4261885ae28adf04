"""Control flow, handles, tables, arrays and lists of tensors, variables and queues."""

import tensorflow as tf
from tensorflow.python.ops import gen_list_ops as lists

raw = tf.raw_ops


def tensor_arrays(x, n):
    for element, same in ((None, False), ([2], False), ([None], True), ([None], False)):
        handle, flow = raw.TensorArrayV3(
            size=n, dtype=tf.float32, element_shape=element, identical_element_shapes=same)
        raw.TensorArrayReadV3(handle=handle, index=0, flow_in=flow, dtype=tf.float32)
        raw.TensorArrayReadV3(handle=tf.identity(handle), index=n, flow_in=flow, dtype=tf.float32)
        raw.TensorArrayGatherV3(handle=handle, indices=[1, 2], flow_in=flow, dtype=tf.float32, element_shape=element)
        raw.TensorArrayGatherV3(handle=handle, indices=tf.range(n), flow_in=flow, dtype=tf.float32)
        raw.TensorArrayScatterV3(handle=handle, indices=[0, 1, 2], value=x, flow_in=flow)
        raw.TensorArrayConcatV3(handle=handle, flow_in=flow, dtype=tf.float32)
        raw.TensorArraySizeV3(handle=handle, flow_in=flow)
        grad, grad_flow = raw.TensorArrayGradV3(handle=handle, flow_in=flow, source="g")
        raw.TensorArrayReadV3(handle=grad, index=0, flow_in=grad_flow, dtype=tf.float32)
        inside = raw.Enter(data=handle, frame_name="f", is_constant=True)
        raw.TensorArrayReadV3(handle=inside, index=0, flow_in=flow, dtype=tf.float32)
        raw.TensorArrayReadV3(
            handle=raw.Switch(data=handle, pred=tf.get_default_graph().get_tensor_by_name("b:0"))[1], index=0, flow_in=flow, dtype=tf.float32)
        merged, _ = raw.Merge(inputs=[handle, handle])
        raw.TensorArrayReadV3(handle=merged, index=0, flow_in=flow, dtype=tf.float32)


def tensor_lists(x, n, u):
    for shape in ([3], -1, tf.stack([n, 2])):
        for handle in (
                lists.empty_tensor_list(shape, 5, tf.float32),
                lists.tensor_list_reserve(shape, n, tf.float32)):
            lists.tensor_list_stack(handle, shape, tf.float32)
            lists.tensor_list_stack(handle, -1, tf.float32, num_elements=4)
            lists.tensor_list_get_item(handle, 0, shape, tf.float32)
            lists.tensor_list_get_item(tf.identity(handle), 0, -1, tf.float32)
            pushed = lists.tensor_list_push_back(handle, u)
            lists.tensor_list_pop_back(pushed, -1, tf.float32)
            lists.tensor_list_get_item(lists.tensor_list_pop_back(pushed, -1, tf.float32)[0], 0, -1, tf.float32)
            lists.tensor_list_get_item(lists.tensor_list_set_item(handle, 0, u), 0, -1, tf.float32)
            lists.tensor_list_get_item(tf.zeros_like(handle), 0, -1, tf.float32)
            lists.tensor_list_gather(handle, [1, 2], -1, tf.float32)
            lists.tensor_list_element_shape(handle, tf.int32)
            lists.tensor_list_concat(handle, tf.float32)
    for tensor, shape in ((x, [2]), (x, -1), (u, -1), (u, [3])):
        handle = lists.tensor_list_from_tensor(tensor, shape)
        lists.tensor_list_stack(handle, -1, tf.float32)


def build():
    x = tf.placeholder(tf.float32, [3, 2], name="x")
    p = tf.placeholder(tf.float32, [None, 2], name="p")
    u = tf.placeholder(tf.float32, name="u")
    n = tf.placeholder(tf.int32, [], name="n")
    tf.placeholder(tf.bool, [], name="b")
    tensor_arrays(x, n)
    tensor_lists(x, n, u)
    for a in (x, p, u):
        for b in (x, p, u, n):
            if b is not n:
                raw.Merge(inputs=[a, b])
        raw.Enter(data=a, frame_name="f")
        inside = raw.Enter(data=a, frame_name="f", is_constant=True)
        raw.Exit(data=inside)
        raw.NextIteration(data=inside)
        raw.Switch(data=a, pred=tf.get_default_graph().get_tensor_by_name("b:0"))
        raw.DynamicPartition(data=a, partitions=[0, 1, 0], num_partitions=2)
        raw.DynamicPartition(data=a, partitions=tf.placeholder(tf.int32), num_partitions=2)
        raw.DynamicStitch(indices=[[0, 2, 1], [3, 4, 7]], data=[a, a])
        raw.DynamicStitch(indices=[[0, 2, 1], tf.placeholder(tf.int32, [None])], data=[a, a])
        raw.ParallelDynamicStitch(indices=[[0, 2, 1], [3, 4, 7]], data=[a, a])
    raw.Merge(inputs=[x, tf.ones([3, 4])])
    raw.LoopCond(input=tf.get_default_graph().get_tensor_by_name("b:0"))
    queue = tf.FIFOQueue(3, [tf.float32, tf.int32], shapes=[[2], []])
    queue.dequeue()
    queue.dequeue_many(4)
    queue.size()
    raw.StagePeek(index=0, dtypes=[tf.float32])
    keys = tf.placeholder(tf.string, [None, 3])
    for table in (
            raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64),
            raw.MutableHashTableV2(key_dtype=tf.string, value_dtype=tf.int64),
            raw.MutableHashTableOfTensorsV2(key_dtype=tf.string, value_dtype=tf.int64, value_shape=[4]),
            raw.MutableDenseHashTableV2(
                empty_key="", deleted_key="d", value_dtype=tf.int64, value_shape=[4])):
        for k in (keys, tf.constant("a"), tf.placeholder(tf.string)):
            raw.LookupTableFindV2(table_handle=table, keys=k, default_value=tf.constant(1, tf.int64))
            raw.LookupTableFindV2(
                table_handle=raw.Switch(data=table, pred=tf.get_default_graph().get_tensor_by_name("b:0"))[0], keys=k,
                default_value=tf.constant(1, tf.int64))
        raw.LookupTableSizeV2(table_handle=table)
        raw.LookupTableExportV2(table_handle=table, Tkeys=tf.string, Tvalues=tf.int64)
