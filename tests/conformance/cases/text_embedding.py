"""The embedding of tokens and sentences: the example of TensorFlow Hub, and the options beyond it.

Every option is there for both kinds of input and for no, one and three buckets of unknown tokens.
"""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from cases.assets import WORDS
from modules import module

ROWS = 5
DIMENSION = 3

TOKENS = [b"cat", b"a mat", b"the", b"on", b"cat"]
SENTENCES = [b"the cat sat on", b"cat. cat, cat!", b"on"]
# Only with buckets; without them TensorFlow fails at tokens that are not in the file, and at sentences without any.
UNKNOWN_TOKENS = [b"dog", b"", b"\xc3\xa9t\xc3\xa9", b"Cat"]
UNKNOWN_SENTENCES = [b"", b"the dog, on  the cat", b"...!?", b"\xe2\x80\x9cl'\xc3\xa9t\xc3\xa9\xe2\x80\x9d cat", b" "]


def table_of_words(buckets):
    """The ids of tokens, as the example makes them; before it used this type it took tables without buckets too."""
    if not buckets:
        return tf.contrib.lookup.index_table_from_file(WORDS, num_oov_buckets=0)
    index = tf.lookup.TextFileIndex
    lines = tf.lookup.TextFileInitializer(WORDS, tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER)
    return tf.lookup.StaticVocabularyTable(lines, buckets)


def embeddings_variable(buckets, dtype, partitions):
    partitioner = tf.fixed_size_partitioner(partitions) if partitions > 1 else None
    zeros = tf.zeros([ROWS + buckets, DIMENSION], dtype)
    return tf.get_variable("embeddings", initializer=zeros, dtype=dtype, partitioner=partitioner)


def embedding_of_tokens(buckets, dtype=tf.float32, partitions=1):
    tokens = tf.placeholder(tf.string, [None], name="tokens")
    embeddings = embeddings_variable(buckets, dtype, partitions)
    ids = table_of_words(buckets).lookup(tokens)
    vectors = tf.nn.embedding_lookup(embeddings, ids, partition_strategy="div")
    hub.add_signature("default", {"tokens": tokens}, {"default": tf.cast(vectors, tf.float32)})


def embedding_of_sentences(buckets, dtype=tf.float32, partitions=1, combiner="sqrtn"):
    sentences = tf.placeholder(tf.string, [None], name="sentences")
    tokens = tf.string_split(tf.regex_replace(sentences, r"\pP", ""), " ")
    embeddings = embeddings_variable(buckets, dtype, partitions)
    table = table_of_words(buckets)
    ids = tf.SparseTensor(tokens.indices, table.lookup(tokens.values), tokens.dense_shape)
    ids, _ = tf.sparse_fill_empty_rows(ids, table.lookup(tf.constant("")))
    ids = tf.sparse_reset_shape(ids)
    vectors = tf.nn.embedding_lookup_sparse(embeddings, ids, None, partition_strategy="div", combiner=combiner)
    hub.add_signature("default", {"sentences": sentences}, {"default": vectors})


OPTIONS = {
    "": {},
    "_float16": {"dtype": tf.float16},
    "_bfloat16": {"dtype": tf.bfloat16},
    "_partitioned": {"partitions": 3},
}
COMBINERS = {"_mean": {"combiner": "mean"}, "_sum": {"combiner": "sum"}}


def register(build, buckets, suffix, options, feeds):
    def named():
        build(buckets, **options)

    named.__name__ = "%s_%d%s" % (build.__name__, buckets, suffix)
    # No number is rounded in 16 bits.
    rows = ROWS + buckets
    values = {"embeddings": np.arange(rows * DIMENSION).reshape(rows, DIMENSION) / 8.0 - 1.0}
    module(values=values, feeds=feeds)(named)


for count in (0, 1, 3):
    known = not count
    texts = {"tokens": TOKENS + ([] if known else UNKNOWN_TOKENS)}
    for ending, chosen in OPTIONS.items():
        register(embedding_of_tokens, count, ending, chosen, texts)
    texts = {"sentences": SENTENCES + ([] if known else UNKNOWN_SENTENCES)}
    for ending, chosen in list(OPTIONS.items()) + list(COMBINERS.items()):
        register(embedding_of_sentences, count, ending, chosen, texts)
