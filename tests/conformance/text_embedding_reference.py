"""Exports a file of word vectors as a text embedding module: what the example of tensorflow_hub 0.12 does.

    text_embedding_reference.py --embedding_file=FILE --export_path=DIR [--num_oov_buckets=N] [--preprocess_text=]

Each line of the file is a token and the numbers of its vector. The module takes sentences, or, if --preprocess_text is
given nothing, tokens. The ops, their order and the names are those of the example, and so are the options with their
defaults. Only without buckets it is another table: the example's type has none without, and in its first versions the
example took the table that is taken here.
"""

import argparse
import os
import shutil
import sys
import tempfile

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

EMBEDDINGS = "embeddings"


def read_vectors(path):
    """The tokens and the matrix of their vectors, as float64."""
    tokens, vectors = [], []
    for line in tf.gfile.GFile(path):
        parts = line.split()
        tokens.append(parts.pop(0))
        vectors.append([float(part) for part in parts])
        if len(vectors[-1]) != len(vectors[0]):
            raise ValueError("%s has %d numbers, expected %d" % (tokens[-1], len(vectors[-1]), len(vectors[0])))
    return tokens, np.array(vectors)


class Definition(object):
    """The functions that build the graph for tokens and for sentences."""

    def __init__(self, vocabulary_file, shape, buckets):
        self.vocabulary_file = vocabulary_file
        self.shape = shape
        self.buckets = buckets

    def _state(self):
        """The variable and the table."""
        embeddings = tf.get_variable(EMBEDDINGS, initializer=tf.zeros(self.shape), dtype=tf.float32)
        if not self.buckets:
            return embeddings, tf.contrib.lookup.index_table_from_file(self.vocabulary_file)
        index = tf.lookup.TextFileIndex
        key, value = (tf.string, index.WHOLE_LINE), (tf.int64, index.LINE_NUMBER)
        lines = tf.lookup.TextFileInitializer(self.vocabulary_file, *(key + value))
        return embeddings, tf.lookup.StaticVocabularyTable(lines, num_oov_buckets=self.buckets)

    def of_tokens(self):
        tokens = tf.placeholder(tf.string, [None], name="tokens")
        embeddings, table = self._state()
        vectors = tf.nn.embedding_lookup(embeddings, table.lookup(tokens))
        hub.add_signature("default", {"tokens": tokens}, {"default": vectors})

    def of_sentences(self):
        sentences = tf.placeholder(tf.string, [None], name="sentences")
        tokens = tf.string_split(tf.regex_replace(sentences, pattern=r"\pP", rewrite=""), " ")
        embeddings, table = self._state()
        ids = tf.SparseTensor(tokens.indices, table.lookup(tokens.values), tokens.dense_shape)
        # A row for each sentence, and a column also where no sentence has a token.
        ids, _ = tf.sparse_fill_empty_rows(ids, table.lookup(tf.constant("")))
        ids = tf.sparse_reset_shape(ids)
        vectors = tf.nn.embedding_lookup_sparse(embeddings, ids, sp_weights=None, combiner="sqrtn")
        hub.add_signature("default", {"sentences": sentences}, {"default": vectors})


def export(options):
    tokens, vectors = read_vectors(options.embedding_file)
    rows, dimension = vectors.shape
    # Unknown tokens have zeros.
    shape = [rows + options.num_oov_buckets, dimension]
    vectors.resize(shape, refcheck=False)
    scratch = tempfile.mkdtemp()
    try:
        vocabulary_file = os.path.join(scratch, "tokens.txt")
        with tf.gfile.GFile(vocabulary_file, "w") as file:
            file.write("\n".join(tokens))
        definition = Definition(vocabulary_file, shape, options.num_oov_buckets)
        spec = hub.create_module_spec(definition.of_sentences if options.preprocess_text else definition.of_tokens)
        with tf.Graph().as_default():
            module = hub.Module(spec)
            # The matrix is fed, as a constant in the graph has to be smaller than 2 GB.
            matrix = tf.placeholder(tf.float32)
            load = tf.assign(module.variable_map[EMBEDDINGS], matrix)
            with tf.Session() as session:
                session.run(load, {matrix: vectors})
                module.export(options.export_path, session)
    finally:
        shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedding_file", required=True)
    parser.add_argument("--export_path", required=True)
    parser.add_argument("--num_oov_buckets", type=int, default=1)
    parser.add_argument("--preprocess_text", type=bool, default=True)
    tf.logging.set_verbosity(tf.logging.ERROR)
    export(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
