"""Activations, biases, losses."""

import itertools

import tensorflow as tf

from shapes.elementwise import attempt

raw = tf.raw_ops


def activations():
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [2, None])
    anything = tf.placeholder(tf.float32)
    for op in ["Elu", "LeakyRelu", "Relu", "Relu6", "Selu", "Softplus", "Softsign"]:
        getattr(raw, op)(features=x)
    for op in ["LeakyReluGrad", "Relu6Grad", "ReluGrad", "SoftplusGrad", "SoftsignGrad"]:
        getattr(raw, op)(gradients=x, features=y)
        getattr(raw, op)(gradients=anything, features=y)
    for op in ["EluGrad", "SeluGrad"]:
        getattr(raw, op)(gradients=x, outputs=y)
    for logits in [x, anything]:
        raw.Softmax(logits=logits)
        raw.LogSoftmax(logits=logits)
        raw.L2Loss(t=logits)
    small = tf.placeholder(tf.quint8, [None, 3])
    raw.QuantizedRelu(features=small, min_features=0.0, max_features=1.0)
    raw.QuantizedRelu6(features=small, min_features=0.0, max_features=1.0)
    raw.QuantizedReluX(features=small, max_value=3.0, min_features=0.0, max_features=1.0)
    biases = tf.placeholder(tf.quint8, [3])
    ranges = dict(min_input=0.0, max_input=1.0, min_bias=0.0, max_bias=1.0, out_type=tf.qint32)
    raw.QuantizedBiasAdd(input=small, bias=biases, **ranges)


def biases():
    values = [tf.placeholder(tf.float32, shape) for shape in (None, [2, None], [None, 4, 5], [2, None, 4, 5], [1, 2, 3, 4, 5])]
    given = [tf.placeholder(tf.float32, shape) for shape in (None, [None], [3], [5], [4])]
    for value, form in itertools.product(values, ["NHWC", "NCHW"]):
        attempt(raw.BiasAddGrad, out_backprop=value, data_format=form)
        for bias in given:
            attempt(raw.BiasAdd, value=value, bias=bias, data_format=form)
    raw.BiasAddV1(value=values[1], bias=given[2])


def losses():
    features = [tf.placeholder(tf.float32, shape) for shape in (None, [None, 3], [2, None], [1, 3], [2, 3], [3])]
    for a, b in itertools.product(features, features):
        attempt(raw.SoftmaxCrossEntropyWithLogits, features=a, labels=b)
    labels = [tf.placeholder(tf.int32, shape) for shape in (None, [None], [2])]
    for a, b in itertools.product(features[:4], labels):
        attempt(raw.SparseSoftmaxCrossEntropyWithLogits, features=a, labels=b)
        attempt(raw.InTopK, predictions=a, targets=b, k=2)
        attempt(raw.InTopKV2, predictions=a, targets=b, k=2)
    for a, k in itertools.product(features, [2, tf.placeholder(tf.int32, []), tf.placeholder(tf.int32)]):
        attempt(raw.TopKV2, input=a, k=k)
        attempt(raw.NthElement, input=a, n=k)
    for shape in [None, [None, None], [None, 16]]:
        raw.CompareAndBitpack(input=tf.placeholder(tf.float32, shape), threshold=0.5)


def build():
    activations()
    biases()
    losses()
