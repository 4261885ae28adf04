"""Writes the graphs that shape inference is tested with, each with the shapes that TensorFlow infers.

Usage: shape_cases.py [NAME...], with Python 3.7 and TensorFlow 1.15.5. Every file in `shapes/` beside this script makes
one graph: its function `build()` adds nodes to the default graph. The result is written to
`tests/fixtures/shapes/NAME.pb`: nodes in an order in which inputs come first, and in `_output_shapes` what TensorFlow
infers when it imports the graph without that attribute.
"""

import importlib
import os
import sys

import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, os.pardir, "fixtures", "shapes")


def stripped(graph_def):
    """The graph without the shapes that its nodes may carry."""
    for node in graph_def.node:
        node.attr.pop("_output_shapes", None)
    return graph_def


def inferred(graph_def):
    """The graph with the shapes that TensorFlow infers on import."""
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    return graph.as_graph_def(add_shapes=True)


def write(name):
    with tf.Graph().as_default() as graph:
        importlib.import_module("shapes." + name).build()
        graph_def = inferred(stripped(graph.as_graph_def()))
    if not os.path.isdir(FIXTURES):
        os.makedirs(FIXTURES)
    path = os.path.join(FIXTURES, name + ".pb")
    with open(path, "wb") as file:
        file.write(graph_def.SerializeToString(deterministic=True))
    print("%s: %d nodes, %d bytes" % (name, len(graph_def.node), os.path.getsize(path)))


def main():
    sys.path.insert(0, HERE)
    folder = os.path.join(HERE, "shapes")
    names = sorted(entry[:-3] for entry in os.listdir(folder) if entry.endswith(".py") and entry != "__init__.py")
    for name in sys.argv[1:] or names:
        write(name)


if __name__ == "__main__":
    main()
