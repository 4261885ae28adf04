"""Training runs: their checkpoints, sessions of the crate restored from them, files `checkpoint`, and exports.

The graph of a run has a module of the table under the name `encoder`, with other values in every release.
"""

import os
import shutil
import zlib

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub
from tensorflow.core.framework import variable_pb2

import bundles
import canonical
import directories
import modules
from using import IS_TF1

SCOPE = "encoder"
# How often a run saves; the last checkpoint is the one that counts.
STEPS = (7, 9)


def cases(reference, among):
    """[(case, spec, why it is left out or None)] of those modules that have variables, without rows of tables."""
    found = []
    for case in among:
        if case.subject or not os.path.exists(os.path.join(reference, case.name, "variables", "variables.index")):
            continue
        reason = case.left_out.get("exchange") or (not IS_TF1 and case.left_out.get("tf2")) or None
        reason = _cannot_be_assigned(os.path.join(reference, case.name)) or reason
        found.append((case, None if reason else make_spec(case, reference), reason))
    return found


def _cannot_be_assigned(directory):
    """Why the variables of a module cannot be assigned one by one, or None."""
    for meta_graph in canonical.read(directory).meta_graphs:
        for text in meta_graph.collection_def["variables"].bytes_list.value:
            if variable_pb2.VariableDef.FromString(text).HasField("save_slice_info_def"):
                return "variables in parts are those of the parameter servers"
        for node in meta_graph.graph_def.node:
            is_variable = node.op in ("VariableV2", "VarHandleOp")
            if is_variable and not tf.TensorShape(node.attr["shape"].shape).is_fully_defined():
                return "a variable has no shape that a value could be drawn for"
    return None


def make_spec(case, reference):
    if IS_TF1:
        from reference import make_spec

        return make_spec(case)
    return hub.load_module_spec(os.path.join(reference, case.name))


def seeded(*names):
    return np.random.RandomState(zlib.crc32("/".join(names + (tf.__version__,)).encode()) & 0xFFFFFFFF)


def draw(random, dtype, shape):
    """Random bits, but floats that are numbers of a moderate size, with which a module can be run."""
    if tf.as_dtype(dtype).is_floating or tf.as_dtype(dtype).is_complex:
        return np.asarray(random.uniform(-1.0, 1.0, shape)).astype(tf.as_dtype(dtype).as_numpy_dtype)
    return bundles.draw(random, dtype, shape)


class Run(object):
    """A training graph with a module, whose variables have drawn values after `assign`."""

    def __init__(self, case, spec):
        random = seeded("run", case.name)
        self.case = case
        self.graph = tf.Graph()
        self.values = {}
        self._feeds = {}
        self._saver = None
        with self.graph.as_default():
            # The graph of such a case names devices that a machine may lack.
            with tf.device((lambda operation: "") if case.absent_devices else None):
                self.module = hub.Module(spec, name=SCOPE, tags=case.variants[0][0], trainable=True)
            self.variables = self.module.variable_map
            tf.train.create_global_step()
            assignments = []
            for name, variable in sorted(self.variables.items()):
                dtype, shape = variable.dtype.base_dtype, variable.shape.as_list()
                self.values[name] = draw(random, dtype.name, tuple(shape))
                fed = tf.placeholder(dtype, shape)
                self._feeds[fed] = self.values[name]
                assignments.append(tf.assign(variable, fed))
                # What an optimizer adds.
                tf.get_variable("%s/%s/Adam" % (SCOPE, name), initializer=tf.zeros([2, 2]))
            self._assign = tf.group(*assignments)
            self._initialize = tf.global_variables_initializer()

    def session(self):
        return tf.Session(graph=self.graph)

    def initialize(self, session):
        session.run(self._initialize)

    def assign(self, session):
        session.run(self._assign, self._feeds)

    def restored(self, prefix, expected):
        """What a saver of the module's variables restores, if that is not as expected."""
        found = []
        with self.graph.as_default(), self.session() as session:
            if self._saver is None:
                self._saver = tf.train.Saver(self.variables)
            session.run(self._initialize)
            self._saver.restore(session, prefix)
            for name, value in sorted(session.run(self.variables).items()):
                found += bundles.differs(name, value, expected[name])
        return found


def write(directory, reference):
    for case, spec, reason in cases(reference, modules.sampled()):
        if not reason:
            _write_run(directory, case, spec)
    _write_states(os.path.join(directory, "states"))
    _write_latest(directory, reference)


def rename(name):
    return "%s/%s" % (SCOPE, name)


def _write_run(directory, case, spec):
    run = Run(case, spec)
    train = os.path.join(directory, "checkpoints", case.name)
    os.makedirs(train)
    with run.graph.as_default(), run.session() as session:
        run.initialize(session)
        saver = tf.train.Saver(sharded=len(case.name) % 2 == 0)
        saver.save(session, os.path.join(train, "model.ckpt"), global_step=STEPS[0], write_meta_graph=False)
        run.assign(session)
        prefix = saver.save(session, os.path.join(train, "model.ckpt"), global_step=STEPS[1], write_meta_graph=False)
    write_expected(os.path.join(directory, "python", "checkpoints", case.name), run, spec, prefix)


def write_expected(python, run, spec, prefix):
    """What a saver writes of the module's variables, and what hub exports from the checkpoint of the run."""
    os.makedirs(python)
    with run.graph.as_default(), run.session() as session:
        run.assign(session)
        saver = tf.train.Saver(run.variables, sharded=True)
        saver.save(session, os.path.join(python, "model.ckpt-1"), write_meta_graph=False, write_state=False)
    if not run.case.absent_devices:
        spec.export(os.path.join(python, "export"), checkpoint_path=prefix, name_transform_fn=rename)


def check(report, directory, reference, examples):
    for case, spec, reason in cases(reference, modules.sampled()):
        label = "%s checkpoint tf%s" % (case.name, tf.__version__)
        if reason:
            report.leave_out(label, reason)
        else:
            check_run(report, label, directory, "checkpoints", reference, case, spec)
    _check_states(report, directory)
    _check_latest(report, directory)


def check_run(report, label, directory, kind, reference, case, spec):
    """Checks what the crate made of the checkpoints in `directory/kind/case`."""
    ours = os.path.join(directory, "ours", kind, case.name)
    python = os.path.join(directory, "python", kind, case.name)
    if case.absent_devices:
        reason = "hub exports from a checkpoint only what the machine has devices for"
        report.leave_out(label + " exported", reason)
    else:
        for kind in ("export", "session"):
            pair = os.path.join(ours, kind), os.path.join(python, "export")
            report.check("%s exported from %s" % (label, kind), directories.directory_differences, *pair)
    run = Run(case, spec)
    for kind in ("restored", "assigned"):
        saved = os.path.join(ours, kind)
        pair = os.path.join(saved, "model.ckpt-1"), os.path.join(python, "model.ckpt-1")
        report.check("%s files of session %s" % (label, kind), bundles.file_differences, *pair)
        report.check("%s session %s" % (label, kind), _restored, run, saved, run.values)
    initial = directories.read_checkpoint(os.path.join(reference, case.name))
    names = sorted(run.values, key=lambda name: name.encode())
    expected = {name: (run.values if index % 2 else initial)[name] for index, name in enumerate(names)}
    report.check("%s session partial" % label, _restored, run, os.path.join(ours, "partial"), expected)


def _restored(run, directory, expected):
    return run.restored(tf.train.latest_checkpoint(directory), expected)


class Counter(object):
    """A graph with a variable whose value is the step."""

    def __init__(self):
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.variables = [tf.get_variable("v", initializer=tf.zeros([3])), tf.get_variable("step", [], tf.int64)]

    def save(self, saver, session, path, step, **options):
        with self.graph.as_default():
            for variable in self.variables:
                variable.load(np.full(variable.shape.as_list(), step, variable.dtype.as_numpy_dtype), session)
            return saver().save(session, path, write_meta_graph=False, **options)


def _write_states(root):
    """Files `checkpoint` of savers with several options; `expected` in `python` has what TensorFlow finds."""
    counter = Counter()
    here = os.getcwd()
    os.makedirs(root)

    def run(name, steps=(1, 2, 3), path=None, with_step=True, **options):
        directory = os.path.join(root, name)
        os.makedirs(directory)
        with counter.graph.as_default(), tf.Session(graph=counter.graph) as session:
            saver = tf.train.Saver(**options)
            for step in steps:
                target = os.path.join(directory, "model.ckpt") if path is None else path
                counter.save(lambda: saver, session, target, step, global_step=step if with_step else None)
        return directory

    run("absolute")
    run("relative_paths", save_relative_paths=True)
    run("two_kept", steps=range(6), max_to_keep=2)
    run("all_kept", steps=range(7), max_to_keep=0)
    run("without_steps", with_step=False)
    run("kept_by_time", keep_checkpoint_every_n_hours=1e-9, max_to_keep=1)
    run("sharded", sharded=True)
    run("first_version", write_version=tf.train.SaverDef.V1)
    run("first_version_sharded", write_version=tf.train.SaverDef.V1, sharded=True)
    run(u"n\u00e4me with 'spaces' \u4e16", save_relative_paths=True)
    os.makedirs(os.path.join(root, "from_here"))
    os.chdir(root)
    run("from_here/x", path="from_here/x/model.ckpt")
    os.chdir(here)
    directory = run("gone")
    for name in os.listdir(directory):
        if name.startswith("model.ckpt-3"):
            os.remove(os.path.join(directory, name))
    directory = run("no_file")
    os.remove(os.path.join(directory, "checkpoint"))
    for name, text in (
        ("one_line", "model_checkpoint_path: 'model.ckpt-2' all_model_checkpoint_paths: 'model.ckpt-1' # and on\n"),
        ("unknown_field", 'model_checkpoint_path: "model.ckpt-2"\nfuture: 1\n'),
        ("no_text", "\x00\x01"),
        ("no_path", 'all_model_checkpoint_paths: "model.ckpt-1"\n'),
    ):
        with open(os.path.join(run(name), "checkpoint"), "w") as file:
            file.write(text)


# States that TensorFlow takes for none with a warning, or fails at, and the crate refuses.
REFUSED = ("unknown_field", "no_text", "no_path")


def _check_states(report, directory):
    root = os.path.join(directory, "states")
    with open(os.path.join(directory, "ours", "states.tsv"), "rb") as file:
        lines = [line.rstrip("\n").split("\t") for line in file.read().decode("utf-8").split("\n")[:-1]]
    found = {fields[0]: fields[1:] for fields in lines}
    for name in sorted(os.listdir(root)):
        label = "state %s tf%s" % (name, tf.__version__)
        report.check(label, _state_differences, os.path.join(root, name), found.pop(name, None), name in REFUSED)
    report.record("states tf%s" % tf.__version__, ["%s: not expected" % name for name in found])
    for form in ("names", "absolute", "relative"):
        written = os.path.join(directory, "ours", "written_states", form)
        report.check("state written as %s tf%s" % (form, tf.__version__), _written_differences, written)


def _state_differences(directory, found, is_refused):
    try:
        latest = tf.train.latest_checkpoint(directory)
        state = tf.train.get_checkpoint_state(directory)
    except ValueError:
        latest, state = None, None
    if is_refused:
        expected = ["refused", ""]
        if latest is not None:
            return ["TensorFlow finds %s" % latest]
    else:
        expected = [latest or "none"] + (list(state.all_model_checkpoint_paths) if state else [""])
    return [] if found == expected else ["found %s, expected %s" % (found, expected)]


def _written_differences(directory):
    """A saver takes over the checkpoints that the crate wrote: it restores, goes on, and removes the oldest."""
    latest = tf.train.latest_checkpoint(directory)
    state = tf.train.get_checkpoint_state(directory)
    paths = list(state.all_model_checkpoint_paths)
    steps = [path.rpartition("-")[2] for path in paths]
    found = []
    if latest is None or not os.path.samefile(latest + ".index", os.path.join(directory, "model.ckpt-3.index")):
        found.append("latest: %s" % latest)
    if steps != ["1", "2", "3"]:
        found.append("all: %s" % paths)
    counter = Counter()
    with counter.graph.as_default(), tf.Session(graph=counter.graph) as session:
        saver = tf.train.Saver(max_to_keep=3)
        for path, step in zip(paths, (1, 2, 3)):
            saver.restore(session, path)
            v, number = session.run(counter.variables)
            if v.tolist() != [step] * 3 or number != step:
                found.append("%s: restored %s, %s" % (path, v, number))
        saver.recover_last_checkpoints(paths)
        counter.save(lambda: saver, session, os.path.join(directory, "model.ckpt"), 4, global_step=4)
    left = sorted(name for name in os.listdir(directory) if name.endswith(".index"))
    if left != ["model.ckpt-2.index", "model.ckpt-3.index", "model.ckpt-4.index"]:
        found.append("left: %s" % left)
    return found


# The modules of one training graph: the name of the export, that in the table.
REGISTERED = (("text", "dense"), ("image", "layers_across_scopes"), ("plain", "init_glorot"))


def _estimator(directory, reference):
    """An estimator with several modules, registered to be exported."""
    table = modules.table()
    specs = [(name, make_spec(table[case], reference)) for name, case in REGISTERED]

    def model_fn(features, labels, mode, params=None, config=None):
        for name, spec in specs:
            module = hub.Module(spec, name="the_" + name, trainable=True)
            hub.register_module_for_export(module, name)
        total = tf.get_variable("total", initializer=tf.zeros([2]))
        loss = tf.reduce_sum(tf.square(total - features["x"]))
        step = tf.train.get_global_step()
        # Something that moves the variables of the modules away from their initial values.
        moves = [tf.assign_add(v, tf.ones_like(v) * 0.25) for v in tf.trainable_variables() if v.dtype.is_floating]
        train = tf.group(tf.assign_add(step, 1), *moves)
        return tf.estimator.EstimatorSpec(mode, predictions=tf.identity(total), loss=loss, train_op=train)

    config = tf.estimator.RunConfig(save_checkpoints_steps=2, tf_random_seed=3)
    return tf.estimator.Estimator(model_fn, os.path.join(directory, "latest", "train"), config)


def _inputs():
    return tf.data.Dataset.from_tensors({"x": tf.constant([1.0, 2.0])}).repeat(20)


def _serving():
    x = tf.placeholder(tf.float32, [2])
    return tf.estimator.export.ServingInputReceiver({"x": x}, {"x": x})


def _write_latest(directory, reference):
    estimator = _estimator(directory, reference)
    estimator.train(_inputs, steps=5)
    with open(os.path.join(directory, "latest", "modules.tsv"), "w") as file:
        file.writelines("%s\t%s\tthe_%s/\n" % (name, case, name) for name, case in REGISTERED)
    exporter = hub.LatestModuleExporter("tf_hub", _serving)
    exporter.export(estimator, os.path.join(directory, "python", "latest"))


def _check_latest(report, directory):
    ours = os.path.join(directory, "ours", "latest")
    python = os.path.join(directory, "python", "latest")
    label = "latest export tf%s" % tf.__version__
    report.check(label + " names", _name_differences, ours)
    (expected,) = os.listdir(python)
    for export in sorted(os.listdir(ours)):
        pair = os.path.join(ours, export), os.path.join(python, expected)
        report.check("%s modules" % label, _export_differences, *pair)
        for name, _ in REGISTERED:
            pair = os.path.join(ours, export, name), os.path.join(python, expected, name)
            report.check("%s %s" % (label, name), directories.directory_differences, *pair)
    report.check(label + " continued", _continued, directory, ours)


def _name_differences(ours):
    names = os.listdir(ours)
    fine = len(names) == 2 and all(len(name) == 10 and name.isdigit() for name in names)
    return [] if fine else ["exports: %s" % names]


def _export_differences(ours, expected):
    found, wanted = directories.entries(ours), directories.entries(expected)
    names = [name for name in sorted(set(found) | set(wanted)) if "/" not in name]
    return ["%s: other than hub's" % name for name in names if found.get(name) != wanted.get(name)]


def _continued(directory, ours):
    """hub's own collection of old exports takes those of the crate for its own."""
    from tensorflow_hub import tf_utils

    scratch = os.path.join(directory, "collected")
    shutil.copytree(ours, scratch)
    os.mkdir(os.path.join(scratch, "1500000000"))
    tf_utils.garbage_collect_exports(scratch, 2)
    return [] if sorted(os.listdir(scratch)) == sorted(os.listdir(ours)) else ["left: %s" % os.listdir(scratch)]
