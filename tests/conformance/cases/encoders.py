"""Whole encoders of text: what recurrent networks are made for."""

import tensorflow as tf
import tensorflow_hub as hub

from cases.cells import cells
from modules import module

# Sequences of three and of two steps.
LENGTHS = [3, 2]
WORDS = [[1, 2, 3], [4, 5, 0]]
CHARACTERS = [[[1, 2, 3, 0], [4, 5, 6, 7], [8, 0, 0, 0]], [[2, 2, 1, 0], [7, 0, 0, 0], [0, 0, 0, 0]]]


@module(seed=151, feeds={"words": WORDS, "lengths": LENGTHS})
def encoder_with_attention():
    words = tf.placeholder(tf.int32, [None, None], name="words")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    embeddings = tf.get_variable("embeddings", [6, 3])
    inputs = tf.nn.embedding_lookup(embeddings, words)
    outputs, _ = tf.nn.bidirectional_dynamic_rnn(
        cells.LSTMCell(2), cells.LSTMCell(2), inputs, sequence_length=lengths, dtype=tf.float32, scope="encoder")
    states = tf.concat(outputs, 2)
    with tf.variable_scope("attention"):
        hidden = tf.layers.dense(states, 3, activation=tf.tanh)
        scores = tf.squeeze(tf.layers.dense(hidden, 1, use_bias=False), [2])
        mask = tf.sequence_mask(lengths, tf.shape(words)[1], tf.float32)
        weights = tf.nn.softmax(scores + (1.0 - mask) * -1e9)
    attended = tf.reduce_sum(states * tf.expand_dims(weights, 2), 1)
    highest = tf.reduce_max(states, 1)
    outputs = {"default": tf.concat([attended, highest], 1), "weights": weights}
    hub.add_signature(inputs={"words": words, "lengths": lengths}, outputs=outputs)


def character_convolutions(characters):
    """One vector of four for each word of four characters."""
    table = tf.get_variable("char_embed", [9, 2])
    images = tf.reshape(tf.nn.embedding_lookup(table, characters), [-1, 1, 4, 2])
    pooled = []
    for width in (1, 2):
        with tf.variable_scope("cnn_%d" % width):
            kernel = tf.get_variable("W", [1, width, 2, 2])
            bias = tf.get_variable("b", [2], initializer=tf.zeros_initializer())
            convolved = tf.nn.conv2d(images, kernel, [1, 1, 1, 1], "VALID") + bias
            windows = tf.nn.max_pool(convolved, [1, 1, 5 - width, 1], [1, 1, 1, 1], "VALID")
            pooled.append(tf.squeeze(tf.nn.relu(windows), [1, 2]))
    return tf.concat(pooled, 1)


def highway(x):
    with tf.variable_scope("highway"):
        carry = tf.layers.dense(
            x, 4, activation=tf.sigmoid, bias_initializer=tf.constant_initializer(-2.0), name="carry")
        transform = tf.layers.dense(x, 4, activation=tf.nn.relu, name="transform")
        return carry * transform + (1.0 - carry) * x


@module(seed=152, feeds={"characters": CHARACTERS, "lengths": LENGTHS})
def encoder_like_elmo():
    characters = tf.placeholder(tf.int32, [None, None, 4], name="characters")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    with tf.variable_scope("bilm"):
        rows = highway(character_convolutions(characters))
        sizes = tf.shape(characters)
        words = tf.reshape(rows, [sizes[0], sizes[1], 4])
        layers = [words]
        for i in range(2):
            forward, backward = [
                cells.LSTMCell(3, num_proj=2, cell_clip=3.0, proj_clip=3.0) for _ in range(2)
            ]
            outputs, _ = tf.nn.bidirectional_dynamic_rnn(
                forward, backward, layers[-1], sequence_length=lengths, dtype=tf.float32, scope="layer_%d" % i)
            both = tf.concat(outputs, 2)
            layers.append(both + layers[-1] if i else both)
    with tf.variable_scope("aggregation"):
        weights = tf.get_variable("weights", [3], initializer=tf.zeros_initializer())
        scale = tf.get_variable("scaling", [], initializer=tf.ones_initializer())
        shares = tf.unstack(tf.nn.softmax(weights))
        mixed = scale * tf.add_n([share * layer for share, layer in zip(shares, layers)])
    outputs = {"elmo": mixed, "word_emb": words, "lstm_outputs1": layers[1], "lstm_outputs2": layers[2]}
    hub.add_signature(inputs={"characters": characters, "lengths": lengths}, outputs=outputs)
