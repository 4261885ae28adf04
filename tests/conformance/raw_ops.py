"""Lets TensorFlow 1.15 import a node of every op that `ops::raw` made.

Usage: raw_ops.py GRAPH, a GraphDef that the unit test `one_graph_holds_every_op` writes. Each op is in a scope of its
name, together with the placeholders that it takes.
"""

import collections
import sys

import tensorflow.compat.v1 as tf

import report


def refusal(nodes, versions):
    """What TensorFlow says against a graph of these nodes, as lines."""
    graph_def = tf.GraphDef(node=nodes, versions=versions)
    with tf.Graph().as_default():
        try:
            tf.import_graph_def(graph_def, name="")
        except (ValueError, tf.errors.OpError) as error:
            return str(error).splitlines()
    return []


def main(path):
    graph_def = tf.GraphDef()
    with open(path, "rb") as file:
        graph_def.ParseFromString(file.read())
    scopes = collections.OrderedDict()
    for node in graph_def.node:
        scopes.setdefault(node.name.split("/")[0], []).append(node)
    checks = report.Report()
    for op, nodes in scopes.items():
        assert nodes[-1].op == op, op
        checks.check("import %s" % op, refusal, nodes, graph_def.versions)
    checks.check("import all", refusal, graph_def.node, graph_def.versions)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
