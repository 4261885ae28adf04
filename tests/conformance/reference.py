"""Builds the modules of the table with TensorFlow 1.15 and the real hub library.

    reference.py export OUT_DIR [name ...]    exports each module to OUT_DIR/<name>
    reference.py golden FIXTURES [name ...]   writes FIXTURES/golden/<name>, the files that the Rust tests compare with;
                                              a row of a table, all of the table to FIXTURES/tables/<table>.gz
    reference.py dense OUT [--seed N] [--l2 RATE] [--weights FILE]
                                              exports the documentation's module to OUT
    reference.py weights FILE                 writes an .npz file with weights for that module
    reference.py describe DIR                 prints saved_model.pb of an exported module as text
"""

import argparse
import gzip
import os
import shutil
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

import canonical
import modules
import packed
from cases.layers import dense_model
from inputs import state_feed

LARGEST_FIXTURE = 60 * 1000


def make_spec(case):
    """The hub.ModuleSpec of a case."""

    def build(**arguments):
        if case.seed is not None:
            tf.set_random_seed(case.seed)
        case.build(**arguments)

    return hub.create_module_spec(build, tags_and_args=case.variants, drop_collections=case.drop_collections)


def export(case, directory):
    """Exports a case with its initial values, or with those that the table gives."""
    spec = make_spec(case)
    with tf.Graph().as_default() as graph:
        with tf.device((lambda operation: "") if case.absent_devices else None):
            instance = hub.Module(spec, name="module", tags=case.variants[0][0])
        variables = instance.variable_map
        unknown = set(case.values) - set(variables)
        if unknown:
            raise ValueError("%s has no variables %s" % (case.name, sorted(unknown)))
        _require_determinism(graph, case)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer(), state_feed(case, graph))
            for name, value in sorted(case.values.items()):
                _assign(variables[name], value, session)
            instance.export(directory, session)


def _assign(variable, value, session):
    """Assigns a value to a variable, or its rows to the parts of one, of which hub gives a list."""
    start = 0
    for part in variable if isinstance(variable, list) else [variable]:
        rows = value
        if isinstance(variable, list):
            rows = value[start : start + part.shape[0].value]
            start += len(rows)
        part.load(np.asarray(rows, part.dtype.base_dtype.as_numpy_dtype), session)


def _require_determinism(graph, case):
    """Refuses initializers that draw different values in every run."""
    for operation in graph.get_operations():
        name, separator, _ = operation.name.partition("/Initializer/")
        attributes = [attribute.name for attribute in operation.op_def.attr]
        if not separator or "seed2" not in attributes or operation.get_attr("seed") or operation.get_attr("seed2"):
            continue
        name = name[len("module/") :]
        if name not in case.values:
            raise ValueError("%s: the initializer of %s has no seed and the table gives no value" % (case.name, name))


def export_all(out_dir, names):
    for case in modules.select(names):
        directory = os.path.join(out_dir, case.name)
        if os.path.exists(directory):
            shutil.rmtree(directory)
        export(case, directory)
        print("exported %s" % case.name)


def write_golden(fixtures, names):
    """Writes the fixtures of the Rust tests: canonical graphs, checkpoints unless they are large."""
    selected = modules.select(names)
    for case in selected:
        if case.subject is None:
            target = os.path.join(fixtures, "golden", case.name)
            if os.path.exists(target):
                shutil.rmtree(target)
            os.makedirs(target)
            for name, data in sorted(exported_files(case).items()):
                with open(os.path.join(target, name), "wb") as file:
                    file.write(data)
            print("wrote %s" % case.name)
    for subject in sorted({case.subject for case in selected} - {None}):
        rows = [case for case in modules.table().values() if case.subject == subject]
        with open(os.path.join(fixtures, "tables", subject + ".gz"), "wb") as file:
            with gzip.GzipFile("", "wb", 9, file, mtime=0) as compressed:
                for case in rows:
                    packed.write(compressed, case.name, exported_files(case))
        print("wrote %d modules of %s" % (len(rows), subject))


def exported_files(case):
    """The `golden_files` of a case, exported now."""
    scratch = tempfile.mkdtemp()
    try:
        exported = os.path.join(scratch, case.name)
        export(case, exported)
        return golden_files(exported)
    finally:
        shutil.rmtree(scratch)


def golden_files(exported):
    """{file name: bytes} of the fixture of an exported module: its graphs, and other files unless they are large."""
    files = {"saved_model.pb": canonical.canonical_bytes(canonical.read(exported))}
    paths = [os.path.join(exported, "tfhub_module.pb")]
    for folder in ("variables", "assets"):
        folder = os.path.join(exported, folder)
        paths.extend(os.path.join(folder, name) for name in sorted(os.listdir(folder)))
    for path in paths:
        with open(path, "rb") as file:
            files[os.path.basename(path)] = file.read()
    large = {name for name, data in files.items() if len(data) > LARGEST_FIXTURE} - {"saved_model.pb"}
    return {name: data for name, data in files.items() if name not in large}


def export_dense(directory, seed, l2, weights):
    """Exports the documentation's module with other options; `weights` is an .npz file or an exported module."""
    values = read_weights(weights) if weights else None
    case = modules.make_case("dense", dense_model, seed=seed, values=values, variants=[(set(), {"l2": l2})])
    export(case, directory)


def read_weights(path):
    """{variable name: array} from an .npz file or from the checkpoint of an exported module."""
    if os.path.isdir(path):
        reader = tf.train.NewCheckpointReader(os.path.join(path, "variables", "variables"))
        return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def write_weights(path):
    """Writes weights of the documentation's module that no initializer would draw."""
    shapes = {"dense/kernel": (50, 200), "dense/bias": (200,), "dense_1/kernel": (200, 100), "dense_1/bias": (100,)}
    random = np.random.RandomState(0)
    arrays = {name: random.normal(size=shape).astype(np.float32) for name, shape in sorted(shapes.items())}
    np.savez(path, **arrays)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command")
    command = commands.add_parser("export")
    command.add_argument("out_dir")
    command.add_argument("names", nargs="*")
    command = commands.add_parser("golden")
    command.add_argument("fixtures")
    command.add_argument("names", nargs="*")
    command = commands.add_parser("dense")
    command.add_argument("out")
    command.add_argument("--seed", type=int)
    command.add_argument("--l2", type=float)
    command.add_argument("--weights")
    command = commands.add_parser("weights")
    command.add_argument("file")
    command = commands.add_parser("describe")
    command.add_argument("directory")
    options = parser.parse_args()

    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    if options.command == "export":
        export_all(options.out_dir, options.names)
    elif options.command == "golden":
        write_golden(options.fixtures, options.names)
    elif options.command == "dense":
        export_dense(options.out, options.seed, options.l2, options.weights)
    elif options.command == "weights":
        write_weights(options.file)
    elif options.command == "describe":
        sys.stdout.write(str(canonical.canonicalize(canonical.read(options.directory))))
    else:
        parser.error("a command is needed")


if __name__ == "__main__":
    main()
