"""Compares modules that the crate makes of SavedModels with those that hub makes of them, and uses both.

    saved_models.py OURS FIXTURES

FIXTURES holds the SavedModels that tests/scripts/make_saved_models.py wrote, OURS what `export_conformance_saved_models`
in tests/it made of them.
"""

import os
import shutil
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow.compat.v1 as tf
import tensorflow_hub as hub
from tensorflow.python.framework import meta_graph

import canonical
import directories
import modules
import using
from inputs import value_differences
from report import Report

TAGS = {"serve"}
FEEDS = {"assets": {"x": ["cat", "chat", "dog"]}, "partitioned": {"x": [4, 0, 2]}}


def exported_by_hub(path, directory):
    """Has hub export the module of a SavedModel; gives its SavedModel as the crate writes it.

    hub copies graphs that it did not build, and leaves attributes that have their defaults in them.
    """
    with tf.Graph().as_default(), tf.Session() as session:
        module = hub.Module(hub.create_module_spec_from_saved_model(path), tags=TAGS)
        session.run(tf.global_variables_initializer())
        module.export(directory, session)
    saved_model = canonical.read(directory)
    saved_model.saved_model_schema_version = 0
    for graph in saved_model.meta_graphs:
        meta_graph.strip_graph_default_valued_attrs(graph)
        graph.meta_info_def.stripped_default_attrs = True
    return saved_model


def compare(path, ours):
    """The same files, and the same messages."""
    scratch = tempfile.mkdtemp()
    try:
        directory = os.path.join(scratch, "module")
        saved_model = exported_by_hub(path, directory)
        with open(os.path.join(directory, "saved_model.pb"), "wb") as file:
            file.write(saved_model.SerializeToString())
        return directories.directory_differences(ours, directory)
    finally:
        shutil.rmtree(scratch)


def use(name, path, ours):
    """The same outputs."""
    case = modules.make_case(name, None, feeds=FEEDS.get(name))
    spec = hub.create_module_spec_from_saved_model(path)
    checkpoint = os.path.join(path, "variables", "variables")
    pythons = using.Instance(case, spec, TAGS, False, checkpoint).run()
    return value_differences(using.Instance(case, ours, TAGS, False).run(), pythons)


def main(ours, fixtures):
    tf.logging.set_verbosity(tf.logging.ERROR)
    if not using.IS_TF1:
        tf.disable_v2_behavior()
    report = Report()
    for name in sorted(os.listdir(fixtures)):
        paths = os.path.join(fixtures, name), os.path.join(ours, name)
        label = "%s tf%s " % (name, tf.__version__)
        if using.IS_TF1:
            report.check(label + "compare", compare, *paths)
        report.check(label + "use", use, name, *paths)
    return report.finish()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
