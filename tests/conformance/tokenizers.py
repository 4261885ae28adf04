"""Runs the tokenizers of `text` on the sentences of the fixture, whose tokens a plain Rust twin found.

    tokenizers.py DIRECTORY FIXTURE   hub.Module loads DIRECTORY/tokenizers, which the test export_conformance_text wrote,
                                      and gives the tokens that FIXTURE, tests/fixtures/text/tokens.txt.gz, has
"""

import ast
import collections
import gzip
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

from report import Report

SIZES = (1, 7, 1000)


def unescaped(text):
    return ast.literal_eval("b'%s'" % text)


def read_fixture(path):
    """The tokens of each sentence, by the name of the function."""
    functions = collections.OrderedDict()
    with gzip.open(path, "rt", encoding="ascii", newline="\n") as lines:
        for line in lines:
            name, *cells = line.rstrip("\n").split("\t")
            sentence, *tokens = [unescaped(cell) for cell in cells]
            functions.setdefault(name, []).append((sentence, tokens))
    return functions


def rows_of(found, count):
    """The strings of each row of what a function gave."""
    if not isinstance(found, tf.SparseTensorValue):
        return [[text] for text in found]
    rows = [[] for _ in range(count)]
    for (row, column), token in zip(found.indices, found.values):
        if column != len(rows[row]):
            return ["a gap in row %d" % row]
        rows[row].append(token)
    widest = max([len(row) for row in rows] + [0])
    if list(found.dense_shape) != [count, widest]:
        return ["the shape %s for %d rows of up to %d" % (found.dense_shape, count, widest)]
    return rows


def differences(session, placeholder, output, rows):
    """Runs the sentences in batches of several sizes, and none at all."""
    found = rows_of(session.run(output, {placeholder: []}), 0)
    if found:
        yield "no sentences: %r" % found
    for size in SIZES:
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            found = rows_of(session.run(output, {placeholder: [sentence for sentence, _ in batch]}), len(batch))
            if len(found) != len(batch):
                yield "%d rows, expected %d" % (len(found), len(batch))
            for (sentence, expected), tokens in zip(batch, found):
                if tokens != expected:
                    yield "%r: %r, expected %r" % (sentence, tokens, expected)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    tf.logging.set_verbosity(tf.logging.ERROR)
    directory, fixture = arguments
    functions = read_fixture(fixture)
    report = Report()
    with tf.Graph().as_default():
        module = hub.Module(os.path.join(os.path.abspath(directory), "tokenizers"))
        report.record("functions", sorted(set(functions) ^ set(module.get_signature_names())))
        placeholder = tf.placeholder(tf.string, [None])
        outputs = [(name, module(placeholder, signature=name)) for name in functions]
        with tf.Session() as session:
            for name, output in outputs:
                report.check(name, differences, session, placeholder, output, functions[name])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
