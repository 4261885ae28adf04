"""Signatures whose inputs and outputs are sparse tensors."""

import tensorflow as tf
import tensorflow_hub as hub

from modules import module


@module(seed=101)
def sparse_features():
    features = tf.sparse_placeholder(tf.float32, name="features")
    kernel = tf.get_variable("kernel", [3, 2])
    hub.add_signature(inputs={"features": features}, outputs=tf.sparse.sparse_dense_matmul(features, kernel))
    ids = tf.sparse_placeholder(tf.int64, name="ids")
    embeddings = tf.get_variable("embeddings", [7, 4])
    sums = tf.nn.embedding_lookup_sparse(embeddings, ids, None, combiner="sum")
    hub.add_signature("ids", inputs={"ids": ids}, outputs={"sums": sums, "ids": ids})


@module()
def sparse_words():
    words = tf.sparse_placeholder(tf.string, [None, 4], name="words")
    numbers = tf.placeholder(tf.int64, [2], name="numbers")
    placed = tf.SparseTensor([[0, 1], [2, 0]], numbers, [3, 4])
    outputs = {"default": tf.sparse.to_dense(words, "-"), "swapped": tf.sparse.transpose(words), "placed": placed}
    hub.add_signature(inputs={"words": words, "numbers": numbers}, outputs=outputs)
