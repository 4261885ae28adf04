"""Modules that the crate exported are trained by TensorFlow, and exported by the crate from the checkpoint of the run.

    fine_tuning.py train MODULES WORK   trains modules of MODULES, which the crate exported
    fine_tuning.py check MODULES WORK   judges what the crate's test `export_conformance_fine_tuning` exported in between

WORK/list.txt has a line for each run: its name, the module's path and the variant's tags. WORK/trained has the checkpoints,
WORK/python what hub.Module exported itself, WORK/nested the modules that have modules inside, and WORK/ours what the
crate exports.
"""

import os
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import canonical
import consumers
import directories
import modules
import using
from report import LeftOut, Report

STEPS = 10


class Program(using.Instance):
    """A program that trains a module, with variables of its own and those of an optimizer around it."""

    scope = "model/encoder"

    def _make_module(self, trainable, tags):
        outer, name = self.scope.split("/")
        tf.train.create_global_step()
        with tf.variable_scope(outer):
            tf.get_variable("before", [2], initializer=tf.ones_initializer())
            module = hub.Module(self.spec, trainable=trainable, name=name, tags=tags)
            tf.get_variable(name + "/after", [3], initializer=tf.zeros_initializer())
        return module

    def _optimizer(self):
        return tf.train.MomentumOptimizer(0.03125, 0.75)

    def train(self):
        for step in range(STEPS):
            try:
                for update in self.updates:
                    self.session.run(update, self.training_feed)
                if self.step is not None:
                    self.session.run(self.step, self.training_feed)
            except tf.errors.InvalidArgumentError:
                # The module asserts something of its weights, which holds no longer.
                if step == 0:
                    raise
                return

    def save(self, prefix):
        with self.graph.as_default():
            # Every second run has a file for each device.
            saver = tf.train.Saver(sharded=len(prefix) % 2 == 0)
            saver.save(self.session, prefix, global_step=STEPS, write_meta_graph=False, write_state=False)


def cases():
    """The cases whose modules can be trained."""
    for case in modules.sampled():
        reasons = [case.left_out.get(step) for step in ("use", "train") + (() if using.IS_TF1 else ("tf2",))]
        if not any(reasons) and not case.absent_devices:
            yield case


def train(directory, work):
    """Runs the programs; a module that the optimizer has nothing to change of has none."""
    for inner in ("nested", "trained", "python", "ours"):
        os.makedirs(os.path.join(work, inner))
    with open(os.path.join(work, "list.txt"), "w") as listed:
        for case in cases():
            path = os.path.join(directory, case.name)
            if os.path.exists(os.path.join(path, "variables", "variables.index")) and run(work, listed, case, path):
                number = zlib.crc32(case.name.encode())
                if case.subject is None or number % 8 == 0:
                    nest(work, listed, case, path)
    return 0


def nest(work, listed, case, path):
    """Runs a program with the module inside of another."""
    nested = os.path.join(work, "nested", case.name)
    try:
        consumers.export(path, "trainable", nested)
    except Exception as error:  # What hub cannot put into a graph is a matter of consumers.py.
        print("no consumer of %s: %s" % (case.name, error))
        return
    nodes = (node for meta_graph in canonical.read(nested).meta_graphs for node in meta_graph.graph_def.node)
    if any(node.op == "DisableCopyOnRead" for node in nodes):
        # TensorFlow 2.15 saves parts of variables by an op that 1.15, and so the crate, does not have.
        return
    inside = modules.make_case(case.name + ".nested", None, feeds=case.feeds)
    run(work, listed, inside, nested)


def run(work, listed, case, path):
    """Trains a module, its last variant; returns whether there is something to train."""
    tags = hub.load_module_spec(path).get_tags()[-1]
    program = Program(case, path, tags, trainable=True)
    if program.step is None and not program.updates:
        return False
    program.train()
    trained = os.path.join(work, "trained", case.name)
    os.makedirs(trained)
    program.save(os.path.join(trained, "model.ckpt"))
    python = os.path.join(work, "python", case.name)
    try:
        program.export(python)
    except Exception as error:  # Then the crate has to refuse as well.
        with open(python + ".error", "w") as file:
            file.write("%s: %s" % (type(error).__name__, error))
    listed.write(" ".join([case.name, path] + sorted(tags)) + "\n")
    program.session.close()
    return True


def check(directory, work):
    report = Report()
    with open(os.path.join(work, "list.txt")) as file:
        for line in file:
            name, path = line.split()[:2]
            label = "%s fine-tuned tf%s" % (name, tf.__version__)
            report.check(label, differences, work, name, path)
    return report.finish()


def refusal(directory):
    """Why a module was not exported; empty if it was."""
    path = directory + ".error"
    return directories.read(path).decode() if os.path.exists(path) else ""


def differences(work, name, path):
    ours, python = os.path.join(work, "ours", name), os.path.join(work, "python", name)
    refusals = refusal(ours), refusal(python)
    if any(refusals):
        both = "ours: %r, python's: %r" % refusals
        if all(refusals):
            raise LeftOut("both refuse: " + both)
        return [both]
    found = directories.directory_differences(ours, python)
    has_parts = os.path.exists(os.path.join(ours, "variables", "variables.data-00001-of-00002"))
    if has_parts and not using.IS_TF1 and not directories.checkpoint_differences(ours, python):
        # TensorFlow 2.15 saves parts of variables in the file of the others, 1.15 and the crate in one of their own.
        found = [line for line in found if not line.startswith("variables/")]
    before, after = directories.read_checkpoint(path), directories.read_checkpoint(ours)
    if sorted(before) != sorted(after):
        found.append("other variables than before")
    elif all(before[name].tobytes() == after[name].tobytes() for name in before):
        found.append("no variable changed")
    return found


def main(arguments):
    tf.logging.set_verbosity(tf.logging.ERROR)
    if not using.IS_TF1:
        tf.disable_v2_behavior()
    command = {"train": train, "check": check}.get(arguments[0] if arguments else "")
    if command is None or len(arguments) != 3:
        sys.exit(__doc__)
    return command(*(os.path.abspath(argument) for argument in arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
