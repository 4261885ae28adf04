"""Ops that Python's registry lacks and that graphs of the current version may not have."""

import tensorflow as tf

from shape_sweep import every

PRODUCERS = [7, 133]


def build():
    if tf.get_default_graph().graph_def_versions.producer < 8:
        every("NegTrain Old Skipgram", [None, [], [2]])
    else:
        every("RequiresOlderGraphVersion")
