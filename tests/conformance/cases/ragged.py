"""Signatures whose inputs and outputs are ragged tensors."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module(seed=211)
def ragged_ids():
    ids = tf.ragged.placeholder(tf.int64, 2, [], name="ids")
    embeddings = tf.get_variable("embeddings", [7, 4])
    vectors = tf.ragged.map_flat_values(tf.nn.embedding_lookup, embeddings, ids)
    outputs = {
        "default": tf.reduce_sum(vectors, [1, 2]),
        "vectors": vectors,
        "sums": tf.reduce_sum(vectors, 2),
        "lengths": ids.row_lengths(2),
    }
    hub.add_signature(inputs={"ids": ids}, outputs=outputs)


@module()
def ragged_text():
    lines = tf.placeholder(tf.string, [None], name="lines")
    words = tf.compat.v2.strings.split(lines)
    outputs = {
        "default": words.to_tensor("-"),
        "words": words,
        "characters": tf.strings.unicode_split(words, "UTF-8"),
    }
    hub.add_signature(inputs={"lines": lines}, outputs=outputs)
    sentences = tf.ragged.placeholder(tf.string, 1, [], name="sentences")
    outputs = {
        "bytes": tf.strings.bytes_split(sentences),
        "sparse": sentences.to_sparse(),
        "joined": tf.concat([sentences, sentences], 1),
    }
    hub.add_signature("sentences", inputs={"sentences": sentences}, outputs=outputs)


@module()
def ragged_rows():
    values = tf.placeholder(tf.float32, [None, 2], name="values")
    splits = tf.placeholder(tf.int32, [None], name="splits")
    rows = tf.RaggedTensor.from_row_splits(values, splits, validate=False)
    outputs = {
        "default": tf.reduce_max(rows, 1),
        "rows": tf.ragged.map_flat_values(tf.square, rows),
        "dense": rows.to_tensor(5.0),
    }
    hub.add_signature(inputs={"rows": rows}, outputs=outputs)
    numbers = tf.placeholder(tf.float32, [None, 3], name="numbers")
    outputs = {
        "positive": tf.ragged.boolean_mask(numbers, tf.greater(numbers, 0.0)),
        "whole": tf.RaggedTensor.from_tensor(numbers, row_splits_dtype=tf.int32),
        "counted": tf.ragged.range([1, 3, 0, 2]),
        "constant": tf.ragged.constant([[[1.5], []], [], [[2.5, 3.5]]]),
    }
    hub.add_signature("numbers", inputs={"numbers": numbers}, outputs=outputs)
