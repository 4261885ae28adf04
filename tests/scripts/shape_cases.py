"""Writes the graphs that shape inference is tested with, each with the shapes that TensorFlow infers.

Usage: shape_cases.py [NAME...], with Python 3.7 and TensorFlow 1.15.5. Every file in `shapes/` beside this script makes
one graph: its function `build()` adds nodes to the default graph. The result is written to
`tests/fixtures/shapes/NAME.pb`: nodes in an order in which inputs come first, and in `_output_shapes` what TensorFlow
infers when it imports the graph without that attribute. Nodes that TensorFlow refused to add are at the end, with the
attribute `_refused`; those that are of one op and refused in the same words but for numbers are a sample.

A file with `PRODUCERS` makes a graph of each of these versions, written to `NAME-VERSION.pb`.
"""

import collections
import importlib
import os
import re
import sys

import tensorflow.compat.v1 as tf

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, os.pardir, "fixtures", "shapes")


# How many nodes are kept of those that are refused in the same words.
MOST_REFUSALS = int(os.environ.get("MOST_REFUSALS", 2))


class Graph(tf.Graph):
    """A graph that keeps the nodes that TensorFlow refuses to add to it."""

    def __init__(self):
        super(Graph, self).__init__()
        self.refused = collections.OrderedDict()

    def create_op(self, op_type, inputs, *args, **kwargs):
        try:
            return super(Graph, self).create_op(op_type, inputs, *args, **kwargs)
        except (ValueError, tf.errors.OpError) as error:
            words = re.sub("[0-9?]+", "0", re.sub(" for '.*", "", str(error)))
            nodes = self.refused.setdefault((op_type, words), [])
            if len(nodes) < MOST_REFUSALS:
                node = tf.NodeDef(op=op_type, input=[tensor.name for tensor in inputs])
                for name, value in (kwargs.get("attrs") or {}).items():
                    node.attr[name].CopyFrom(value)
                node.attr["_refused"].b = True
                nodes.append(node)
            raise

    def refusals(self):
        """The nodes that were refused, named by their number."""
        nodes = [node for nodes in self.refused.values() for node in nodes]
        for number, node in enumerate(nodes):
            node.name = "refused%d" % number
        return nodes


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


def write(name, build, producer=None):
    with Graph().as_default() as graph:
        if producer is not None:
            versions = tf.GraphDef()
            versions.versions.producer = producer
            tf.import_graph_def(versions, name="")
        build()
        graph_def = inferred(stripped(graph.as_graph_def()))
    refusals = graph.refusals()
    graph_def.node.extend(refusals)
    if not os.path.isdir(FIXTURES):
        os.makedirs(FIXTURES)
    path = os.path.join(FIXTURES, name + ".pb")
    with open(path, "wb") as file:
        file.write(graph_def.SerializeToString(deterministic=True))
    counts = len(graph_def.node), len(refusals), os.path.getsize(path)
    print("%s: %d nodes, %d of them refused, %d bytes" % ((name,) + counts))


def main():
    sys.path.insert(0, HERE)
    folder = os.path.join(HERE, "shapes")
    names = sorted(entry[:-3] for entry in os.listdir(folder) if entry.endswith(".py") and entry != "__init__.py")
    for name in sys.argv[1:] or names:
        module = importlib.import_module("shapes." + name)
        if not hasattr(module, "PRODUCERS"):
            write(name, module.build)
        for producer in getattr(module, "PRODUCERS", ()):
            write("%s-%d" % (name, producer), module.build, producer)


if __name__ == "__main__":
    main()
