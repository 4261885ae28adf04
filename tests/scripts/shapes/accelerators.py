"""Ops for XLA and TPUs."""

import tensorflow as tf
from tensorflow.core.protobuf.tpu import tpu_embedding_configuration_pb2 as configuration

from shape_sweep import every, func, node

FEW = [None, [], [2], [2, 3]]
ALGORITHMS = ("ADAM", "Adadelta", "Adagrad", "FTRL", "Momentum", "ProximalAdagrad", "RMSProp")
OTHERS = ("CenteredRMSProp", "MDLAdagradLight", "StochasticGradientDescent")


def embeddings():
    names = [name + end for name in ALGORITHMS for end in ("Parameters", "ParametersGradAccumDebug")]
    names += [name + "Parameters" for name in OTHERS]
    for name in names:
        every("LoadTPUEmbedding%s RetrieveTPUEmbedding%s" % (name, name), [None, [2, 3]], table_name="t",
              num_shards=1, shard_id=0)
    every("ConfigureTPUEmbedding SendTPUEmbeddingGradients EnqueueTPUEmbeddingIntegerBatch", FEW)
    every("EnqueueTPUEmbeddingSparseBatch EnqueueTPUEmbeddingSparseTensorBatch", FEW)


def activations():
    """What is received for tables, for outputs that are listed, and for odd sizes."""
    config = configuration.TPUEmbeddingConfiguration(batch_size_per_tensor_core=5)
    for dimension, features in [(3, 1), (4, 2)]:
        config.table_descriptor.add(name="t", vocabulary_size=10, dimension=dimension, num_features=features)
    _received(config, 2)
    config.output_layout.output.add().two_d.dim0_size_per_sample = 3
    config.output_layout.output[0].two_d.dim1_size = 7
    _received(config, 1)
    config.ClearField("output_layout")
    config.table_descriptor[0].dimension = -1
    config.table_descriptor[1].dimension = 0
    _received(config, 2)


def _received(config, outputs):
    attr = tf.AttrValue(s=config.SerializeToString())
    error = node("RecvTPUEmbeddingActivations", num_outputs=outputs, config=attr)
    if error is not None:
        raise ValueError(error)


def build():
    activations()
    embeddings()
    every("XlaBroadcastHelper XlaConv XlaDequantize XlaDot XlaDynamicSlice XlaDynamicUpdateSlice XlaEinsum", FEW)
    every("XlaKeyValueSort XlaPad XlaRecv XlaReduceWindow XlaReplicaId XlaSelectAndScatter XlaSelfAdjointEig", FEW)
    every("XlaSend XlaSort XlaSvd", FEW)
    shapes = [None, [3], [None, 3], [4, 2, 3], [2, 3, 3, 4]]
    for dimensions in [[], [0], [1], [0, 2], [-1]]:
        node("XlaReduce", None, [], dimensions_to_reduce=dimensions, reducer=func())
        for shape in shapes:
            node("XlaReduce", shape, [], dimensions_to_reduce=dimensions, reducer=func())
    # Which dimensions are summed over: none, one, and one beside a batch.
    for numbers in ["", "\n\x01\x01\x12\x01\x00", "\n\x01\x02\x12\x01\x01\x1a\x01\x00\x22\x01\x00"]:
        for left in [None, [2, 3], [None, None], [5, 2, 3], [5, None, None]]:
            for right in [None, [3, 4], [3, None], [5, 3, 4], [None, 3, None]]:
                node("XlaDot", left, right, dimension_numbers=numbers, precision_config="")
    for equation in ["ab,bc->ac", "ab,ab->ab", "ab,cd->", "ab,bc->ad", "ab,bc", "ab->a", "ab,bc,cd->a", "abc,ab->b", ",->"]:
        for left in [None, [], [2, 3], [None, 3], [2, 3, 4]]:
            for right in [None, [], [3, None], [5, 3]]:
                node("XlaEinsum", left, right, equation=equation)
    # Of a dimension that is unknown, TensorFlow makes one below zero.
    for shape in [[4, 6], [4, 6, None], [4, 2, 6], [4]]:
        for concat, split in [(0, 1), (1, 0), (0, 0), (1, 1)]:
            for count in [1, 2]:
                node("AllToAll", shape, [1, count], concat_dimension=concat, split_dimension=split,
                     split_count=count)
                node("AllToAll", shape, [None, None], concat_dimension=concat, split_dimension=split,
                     split_count=count)

    every("ShutdownDistributedTPU InfeedEnqueue InfeedEnqueueTuple InfeedEnqueuePrelinearizedBuffer OutfeedEnqueue", FEW)
    every("OutfeedEnqueueTuple PrelinearizeTuple TPUReplicateMetadata", FEW)
