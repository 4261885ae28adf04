"""Whole architectures: MobileNetV2, ResNet-v2 and BERT, node for node as the public code of each builds them."""

import collections
import math

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from modules import module

INFER_AND_TRAIN = [(set(), {"is_training": False}), ({"train"}, {"is_training": True})]


def image_feature_vector(size, network):
    """The signatures of a module for image feature vectors, one of them with the momentum of batch norms as an input.

    `network` makes of images from -1 to 1 and of the momentum an image of one pixel, and the endpoints by their names.
    """
    info = hub.ImageModuleInfo()
    info.default_image_size.height, info.default_image_size.width = size, size
    hub.attach_image_module_info(info)
    images = tf.placeholder(tf.float32, [None, size, size, 3], name="images")
    momentum = tf.placeholder_with_default(0.99, [], name="batch_norm_momentum")
    pooled, end_points = network(images * 2.0 - 1.0, momentum)
    outputs = dict(end_points, default=tf.squeeze(pooled, [1, 2], name="feature_vector"))
    for name in ("image_feature_vector", "default"):
        hub.add_signature(name, {"images": images}, outputs)
    inputs = {"images": images, "batch_norm_momentum": momentum}
    hub.add_signature("image_feature_vector_with_bn_hparams", inputs, outputs)


# (factor of the expansion, channels, stride) of each bottleneck of MobileNetV2.
MOBILENET_BLOCKS = [
    (1, 16, 1),
    (6, 24, 2),
    (6, 24, 1),
    (6, 32, 2),
    (6, 32, 1),
    (6, 32, 1),
    (6, 64, 2),
    (6, 64, 1),
    (6, 64, 1),
    (6, 64, 1),
    (6, 96, 1),
    (6, 96, 1),
    (6, 96, 1),
    (6, 160, 2),
    (6, 160, 1),
    (6, 160, 1),
    (6, 320, 1),
]


def divisible_by_8(channels):
    """The multiple of 8 that is closest, but not less than nine tenths."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def mobilenet_v2(images, momentum, is_training, multiplier=1.0, blocks=MOBILENET_BLOCKS, last=1280):
    """The network of research/slim/nets/mobilenet, pooled; kernels of depthwise convolutions have regularizers too."""
    slim = tf.contrib.slim
    kernels = dict(
        weights_initializer=tf.truncated_normal_initializer(stddev=0.09),
        weights_regularizer=slim.l2_regularizer(4e-5),
        normalizer_fn=slim.batch_norm,
        activation_fn=tf.nn.relu6,
    )
    norms = dict(is_training=is_training, decay=momentum, scale=True)
    end_points = collections.OrderedDict()
    with slim.arg_scope([slim.conv2d, slim.separable_conv2d], **kernels), slim.arg_scope([slim.batch_norm], **norms):
        with tf.variable_scope("MobilenetV2") as scope:
            net = tf.identity(images, "input")
            with tf.variable_scope(scope), tf.name_scope(scope.original_name_scope):
                net = slim.conv2d(net, divisible_by_8(32 * multiplier), 3, stride=2)
                end_points["layer_1"] = net
                for layer, (factor, channels, stride) in enumerate(blocks, 2):
                    channels = divisible_by_8(channels * multiplier)
                    net = expanded_conv(net, factor, channels, stride, "layer_%d" % layer, end_points)
                net = slim.conv2d(net, divisible_by_8(last * multiplier), 1)
                end_points["layer_%d" % (len(blocks) + 2)] = net
            net = tf.identity(net, "embedding")
            with tf.variable_scope("Logits"):
                _, height, width, _ = net.shape.as_list()
                net = tf.nn.avg_pool(net, [1, height, width, 1], [1, 1, 1, 1], "VALID")
                end_points["global_pool"] = net
    return net, {"MobilenetV2/" + name: output for name, output in end_points.items()}


def expanded_conv(net, factor, channels, stride, end_point, end_points):
    """A bottleneck: more channels, a depthwise convolution, fewer channels, and the inputs if the shapes agree."""
    slim = tf.contrib.slim
    with tf.variable_scope(None, "expanded_conv") as scope, tf.name_scope(scope.original_name_scope):
        inputs = tf.identity(net, "input")
        net = inputs
        depth = net.shape.as_list()[-1]
        if factor > 1:
            net = slim.conv2d(net, divisible_by_8(depth * factor), 1, scope="expand")
            net = tf.identity(net, "expansion_output")
            end_points[end_point + "/expansion_output"] = net
        net = slim.separable_conv2d(net, None, 3, 1, stride=stride, scope="depthwise")
        net = tf.identity(net, "depthwise_output")
        end_points[end_point + "/depthwise_output"] = net
        net = slim.conv2d(net, channels, 1, activation_fn=tf.identity, scope="project")
        if stride == 1 and depth == channels:
            net += inputs
        net = tf.identity(net, "output")
    end_points[end_point] = end_points[end_point + "/output"] = net
    return net


@module(seed=171, variants=INFER_AND_TRAIN, release_atol=2e-5)
def mobilenet_v2_reduced(is_training):
    blocks = [(1, 16, 1), (6, 24, 2), (6, 24, 1)]

    def network(images, momentum):
        return mobilenet_v2(images, momentum, is_training, multiplier=0.25, blocks=blocks, last=128)

    image_feature_vector(16, network)


# (name, channels of the inner convolutions, units, stride of the last unit) of each block of ResNet-v2-50.
RESNET_50_BLOCKS = [("block1", 64, 3, 2), ("block2", 128, 4, 2), ("block3", 256, 6, 2), ("block4", 512, 3, 1)]
RESNET_END_POINTS = "resnet_v2_50/_end_points"


def resnet_v2_50(images, momentum, is_training, blocks=RESNET_50_BLOCKS):
    """The network of tf.contrib.slim without classifier."""
    from tensorflow.contrib.slim.nets import resnet_utils, resnet_v2

    slim = tf.contrib.slim
    blocks = [resnet_v2.resnet_v2_block(*block) for block in blocks]
    with slim.arg_scope(resnet_utils.resnet_arg_scope(batch_norm_decay=momentum)):
        return resnet_v2.resnet_v2(images, blocks, is_training=is_training, scope="resnet_v2_50")


@module(seed=172, variants=INFER_AND_TRAIN, drop_collections=[RESNET_END_POINTS], release_atol=2e-5)
def resnet_v2_reduced(is_training):
    blocks = [("block1", 2, 1, 2), ("block2", 3, 2, 1)]

    def network(images, momentum):
        return resnet_v2_50(images, momentum, is_training, blocks)

    image_feature_vector(32, network)


class BertConfig(object):
    """The sizes of a BERT model, those of BERT-base by default."""

    def __init__(self, vocab_size=30522, hidden_size=768, layers=12, heads=12, intermediate_size=3072, positions=512):
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.layers = layers
        self.heads = heads
        self.intermediate_size = intermediate_size
        self.positions = positions


def normal(stddev=0.02):
    return tf.truncated_normal_initializer(stddev=stddev)


def gelu(x):
    return x * (0.5 * (1.0 + tf.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * tf.pow(x, 3)))))


def layer_norm(x):
    return tf.contrib.layers.layer_norm(x, begin_norm_axis=-1, begin_params_axis=-1)


def dropout(x, is_training):
    return tf.nn.dropout(x, 0.9) if is_training else x


def sizes(x):
    """The dimensions of a tensor, as tensors where the shape does not tell."""
    shape = x.shape.as_list()
    if None not in shape:
        return shape
    dynamic = tf.shape(x)
    return [dynamic[i] if size is None else size for i, size in enumerate(shape)]


def word_embeddings(config, input_ids):
    """The rows of the words, and the table that they are of."""
    input_ids = tf.expand_dims(input_ids, [-1])
    table = tf.get_variable("word_embeddings", [config.vocab_size, config.hidden_size], initializer=normal())
    rows = tf.gather(table, tf.reshape(input_ids, [-1]))
    batch, steps, _ = sizes(input_ids)
    return tf.reshape(rows, [batch, steps, config.hidden_size]), table


def add_positions_and_segments(config, embeddings, segment_ids, is_training):
    batch, steps, width = sizes(embeddings)
    table = tf.get_variable("token_type_embeddings", [2, width], initializer=normal())
    segments = tf.matmul(tf.one_hot(tf.reshape(segment_ids, [-1]), 2), table)
    embeddings += tf.reshape(segments, [batch, steps, width])
    with tf.control_dependencies([tf.assert_less_equal(steps, config.positions)]):
        table = tf.get_variable("position_embeddings", [config.positions, width], initializer=normal())
        positions = tf.slice(table, [0, 0], [steps, -1])
        embeddings += tf.reshape(positions, [1, steps, width])
    return dropout(layer_norm(embeddings), is_training)


def attention_mask(input_ids, input_mask):
    """1 for each pair of a word and one that it may look at."""
    batch, steps = sizes(input_ids)
    _, mask_steps = sizes(input_mask)
    mask = tf.cast(tf.reshape(input_mask, [batch, 1, mask_steps]), tf.float32)
    return tf.ones([batch, steps, 1]) * mask


def attention(config, x, mask, batch, steps, is_training):
    """All words looking at each other, with several heads."""
    heads, size = config.heads, config.hidden_size // config.heads

    def split_heads(x):
        return tf.transpose(tf.reshape(x, [batch, steps, heads, size]), [0, 2, 1, 3])

    for _ in ("from", "to"):
        sizes(x)
    query, key, value = [
        tf.layers.dense(x, heads * size, name=name, kernel_initializer=normal()) for name in ("query", "key", "value")
    ]
    query, key = split_heads(query), split_heads(key)
    scores = tf.multiply(tf.matmul(query, key, transpose_b=True), 1.0 / math.sqrt(float(size)))
    mask = tf.expand_dims(mask, [1])
    scores += (1.0 - tf.cast(mask, tf.float32)) * -10000.0
    weights = dropout(tf.nn.softmax(scores), is_training)
    context = tf.transpose(tf.matmul(weights, split_heads(value)), [0, 2, 1, 3])
    return tf.reshape(context, [batch * steps, heads * size])


def encoder(config, embeddings, mask, is_training):
    """The outputs of each layer, as matrices with a row for each word."""
    batch, steps, width = sizes(embeddings)
    x = tf.reshape(embeddings, [-1, width])
    outputs = []
    for layer in range(config.layers):
        with tf.variable_scope("layer_%d" % layer):
            with tf.variable_scope("attention"):
                with tf.variable_scope("self"):
                    attended = attention(config, x, mask, batch, steps, is_training)
                with tf.variable_scope("output"):
                    attended = tf.layers.dense(attended, width, kernel_initializer=normal())
                    attended = layer_norm(dropout(attended, is_training) + x)
            with tf.variable_scope("intermediate"):
                inner = tf.layers.dense(attended, config.intermediate_size, gelu, kernel_initializer=normal())
            with tf.variable_scope("output"):
                inner = tf.layers.dense(inner, width, kernel_initializer=normal())
                x = layer_norm(dropout(inner, is_training) + attended)
        outputs.append(x)
    return [tf.reshape(output, [batch, steps, sizes(output)[-1]]) for output in outputs]


def bert(config, input_ids, input_mask, segment_ids, is_training):
    """The pooled output, the sequence output, and the table of the words' embeddings."""
    sizes(input_ids)
    with tf.variable_scope(None, "bert"):
        with tf.variable_scope("embeddings"):
            embeddings, table = word_embeddings(config, input_ids)
            embeddings = add_positions_and_segments(config, embeddings, segment_ids, is_training)
        with tf.variable_scope("encoder"):
            sequence = encoder(config, embeddings, attention_mask(input_ids, input_mask), is_training)[-1]
        with tf.variable_scope("pooler"):
            first = tf.squeeze(sequence[:, 0:1, :], 1)
            pooled = tf.layers.dense(first, config.hidden_size, tf.tanh, kernel_initializer=normal())
    return pooled, sequence, table


def masked_language_model(config, sequence, table, positions):
    """The logits of the words at some positions."""
    batch, steps, width = sizes(sequence)
    offsets = tf.reshape(tf.range(0, batch) * steps, [-1, 1])
    positions = tf.reshape(positions + offsets, [-1])
    x = tf.gather(tf.reshape(sequence, [batch * steps, width]), positions)
    with tf.variable_scope("cls/predictions"):
        with tf.variable_scope("transform"):
            x = layer_norm(tf.layers.dense(x, config.hidden_size, gelu, kernel_initializer=normal()))
        bias = tf.get_variable("output_bias", [config.vocab_size], initializer=tf.zeros_initializer())
        return tf.nn.bias_add(tf.matmul(x, table, transpose_b=True), bias)


def bert_module(config, vocabulary, is_training, with_mlm):
    """The signatures of a BERT module."""
    words = {name: tf.placeholder(tf.int32, [None, None], name) for name in ("input_ids", "input_mask", "segment_ids")}
    pooled, sequence, table = bert(config, is_training=is_training, **words)
    outputs = {"pooled_output": pooled, "sequence_output": sequence}
    hub.add_signature("tokens", words, outputs)
    if with_mlm:
        positions = tf.placeholder(tf.int32, [None, None], "mlm_positions")
        logits = masked_language_model(config, sequence, table, positions)
        hub.add_signature("mlm", dict(words, mlm_positions=positions), dict(outputs, mlm_logits=logits))
    vocab_file = tf.constant(vocabulary, name="vocab_file")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, vocab_file)
    hub.add_signature("tokenization_info", {}, {"vocab_file": vocab_file, "do_lower_case": tf.constant(True)})


WORD_PIECES = "tests/conformance/assets/wordpieces.txt"
SMALL_BERT = BertConfig(vocab_size=12, hidden_size=8, layers=2, heads=2, intermediate_size=16, positions=6)
SMALLEST_BERT = BertConfig(vocab_size=12, hidden_size=4, layers=1, heads=1, intermediate_size=6, positions=6)
WORDS = {
    "input_ids": np.array([[2, 5, 6, 3], [2, 9, 3, 0]], np.int32),
    "input_mask": np.array([[1, 1, 1, 1], [1, 1, 1, 0]], np.int32),
    "segment_ids": np.array([[0, 0, 0, 0], [0, 0, 1, 0]], np.int32),
    "mlm_positions": np.array([[1, 2], [1, 1]], np.int32),
}
ON_THE_PATH = {step: "where the module is decides on the path of the vocabulary" for step in ("use", "hub_load")}


@module(seed=173, variants=INFER_AND_TRAIN, feeds=WORDS, left_out=ON_THE_PATH)
def bert_reduced(is_training):
    bert_module(SMALL_BERT, WORD_PIECES, is_training, with_mlm=False)


@module(seed=174, variants=INFER_AND_TRAIN, feeds=WORDS, left_out=ON_THE_PATH)
def bert_reduced_with_mlm(is_training):
    bert_module(SMALLEST_BERT, WORD_PIECES, is_training, with_mlm=True)
