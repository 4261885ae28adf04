"""Runs modules through hub.Module: evaluates, trains and exports them, side by side with Python's own.

Python's own module is built from the table under TensorFlow 1.15, and loaded from the reference export under 2.15,
where parts of the 1.15 interface are gone. It takes its weights from the checkpoint under test.
"""

import os
import shutil
import tempfile

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import columns
import directories
from inputs import (
    comparable,
    components,
    composite_values,
    feeds,
    make_inputs,
    ragged_type,
    value_differences,
)

LEARNING_RATE = 0.125
# How often modules with update ops are trained; the statistics of one batch depend on the weights of the step before.
STEPS = 10
# The inputs that say whether layers are in training.
MODES = ("training", "is_training")
# Between TensorFlow releases the same kernel may add in another order.
RELEASE_RTOL = 1e-5

IS_TF1 = tf.__version__.startswith("1.")


class Instance(object):
    """One hub.Module in a graph and session of its own, every signature applied to the derived inputs."""

    # The scope of the module's state.
    scope = "module"

    def __init__(self, case, spec, tags, trainable, checkpoint=None):
        self.graph = tf.Graph()
        self.spec = hub.load_module_spec(spec) if isinstance(spec, str) else spec
        with self.graph.as_default():
            self.module = self._make_module(trainable, tags)
            self.inputs = {}
            self.outputs = {}
            self.feed = {}
            self.modes = []
            for signature in sorted(self.module.get_signature_names()):
                self._apply(case, signature)
            self._feed_other_placeholders(case)
            self.losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
            self.updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
            self.training_feed = self._make_training_feed()
            self.gradients, self.step = self._make_step() if trainable else ([], None)
            self.session = tf.Session()
            self.session.run([tf.global_variables_initializer(), tf.tables_initializer()], self.feed)
            variables = self.module.variable_map
            # A saver in every graph: beside other nodes, TensorFlow's optimizer orders products otherwise.
            saver = tf.train.Saver(variables) if variables else None
            if checkpoint is not None and saver is not None:
                saver.restore(self.session, checkpoint)

    def _make_module(self, trainable, tags):
        return hub.Module(self.spec, trainable=trainable, name=self.scope, tags=tags)

    def _optimizer(self):
        return tf.train.GradientDescentOptimizer(LEARNING_RATE)

    def _apply(self, case, signature):
        infos = self.module.get_input_info_dict(signature)
        placeholders = {name: _placeholder(info) for name, info in sorted(infos.items())}
        arrays = make_inputs(case, signature, infos)
        self.inputs[signature] = arrays
        self.feed.update(feeds(placeholders, arrays))
        self.outputs[signature] = components(self.module(placeholders, signature=signature, as_dict=True))
        self.modes += [placeholder for name, placeholder in placeholders.items() if name in MODES]

    def _feed_other_placeholders(self, case):
        """Feeds the placeholders that are no inputs, beside the variables and in applications.

        hub evaluates regularization losses beside the variables, so that the loss of an activity depends on an input that no
        signature reaches. The update ops of an application need all inputs of the module.
        """
        for operation in self.graph.get_operations():
            if operation.type == "Placeholder":
                tensor, name = operation.outputs[0], operation.name
                if name.startswith(self.scope + "/"):
                    name = name[len(self.scope) + 1 :]
                # A resource of a module inside of the module has been replaced.
                if tensor not in self.feed and tensor.dtype not in (tf.resource, tf.variant):
                    self.feed[tensor] = make_inputs(case, "state", {name: tensor})[name]

    def _make_training_feed(self):
        """What is fed while the module is trained; one with update ops is told that it is.

        Otherwise those of `FusedBatchNorm` multiply by 0 its mean and variance, which TensorFlow 1.15 leaves unset on a CPU:
        what is there by chance may be NaN.
        """
        feed = dict(self.feed)
        if self.updates:
            feed.update((mode, True) for mode in self.modes)
        return feed

    def _make_step(self):
        """One step of the optimizer, for all float outputs and the regularization losses."""
        terms = []
        for signature in sorted(self.outputs):
            for _, output in sorted(self.outputs[signature].items()):
                if output.dtype.is_floating:
                    terms.append(tf.reduce_mean(tf.square(tf.cast(output, tf.float64))))
        terms += [tf.cast(loss, tf.float64) for loss in tf.losses.get_regularization_losses()]
        variables = [variable for variable in tf.trainable_variables() if variable.dtype.base_dtype.is_floating]
        if not terms or not variables:
            return [], None
        gradients = tf.gradients(tf.add_n(terms), variables)
        pairs = [pair for pair in zip(gradients, variables) if pair[0] is not None]
        if not pairs:
            return [], None
        # A gradient may read a variable of the old kind, which is not to be changed before.
        with tf.control_dependencies([gradient for gradient, _ in pairs]):
            return pairs, self._optimizer().apply_gradients(pairs)

    def run(self):
        """{"signature/output": array} of everything, with the regularization losses."""
        fetches = {"%s/%s" % (s, name): t for s, outputs in self.outputs.items() for name, t in outputs.items()}
        fetches.update({"loss %s" % loss.name: loss for loss in self.losses})
        return self.session.run(fetches, self.feed)

    def variables(self):
        """{name in the checkpoint: array}."""
        variables = self.module.variable_map
        values = self.session.run(variables) if variables else {}
        return {name: _whole(variables[name], value) for name, value in values.items()}

    def interface(self):
        """All that hub tells about the module before it is run, as comparable text."""
        lines = []
        for signature in sorted(self.module.get_signature_names()):
            for label, infos in (
                ("input", self.module.get_input_info_dict(signature)),
                ("output", self.module.get_output_info_dict(signature)),
            ):
                for name, info in sorted(infos.items()):
                    lines.append("%s %s %s %s %s" % (signature, label, name, info.dtype, info.get_shape()))
        for name, variable in sorted(self.module.variable_map.items()):
            for piece in variable if isinstance(variable, list) else [variable]:
                lines.append("variable %s %s %s" % (name, piece.dtype.name, piece.shape))
        for label, items in (
            ("trainable", tf.GraphKeys.TRAINABLE_VARIABLES),
            ("model variable", tf.GraphKeys.MODEL_VARIABLES),
            ("loss", tf.GraphKeys.REGULARIZATION_LOSSES),
            ("update", tf.GraphKeys.UPDATE_OPS),
        ):
            lines += ["%s %s" % (label, item.name) for item in self.graph.get_collection(items)]
        lines += ["gradient of %s" % variable.name for _, variable in self.gradients]
        return lines

    def train(self):
        """Runs the update ops and takes a step of gradient descent, several times if there are update ops."""
        for _ in range(STEPS if self.updates else 1):
            for update in self.updates:
                self.session.run(update, self.training_feed)
            if self.step is not None:
                self.session.run(self.step, self.training_feed)

    def export(self, directory):
        with self.graph.as_default():
            self.module.export(directory, self.session)


def sparse_placeholder(dtype, shape):
    """A placeholder with a shape of which all is known, or no size: TensorFlow 1.15 cannot feed others."""
    if shape.is_fully_defined():
        return tf.sparse_placeholder(dtype, shape.as_list())
    indices, dense_shape = tf.placeholder(tf.int64, [None, shape.ndims]), tf.placeholder(tf.int64, [shape.ndims])
    return tf.SparseTensor(indices, tf.placeholder(dtype, [None]), dense_shape)


def ragged_placeholder(info):
    """A placeholder as `tf.ragged.placeholder` makes it, whose row splits may be int32."""
    ragged_rank, dtype = ragged_type(info)
    values = tf.placeholder(info.dtype, tf.TensorShape([None]).concatenate(info.get_shape()[ragged_rank + 1 :]))
    splits = [tf.placeholder(dtype, [None]) for _ in range(ragged_rank)]
    return tf.RaggedTensor.from_nested_row_splits(values, splits, validate=False)


def _whole(variable, value):
    """The value of a variable; those of its parts, of which hub gives a list, joined."""
    if not isinstance(variable, list):
        return value
    offset = variable[-1]._get_save_slice_info().var_offset
    return np.concatenate(value, int(np.argmax(offset)))


def _placeholder(info):
    shape = info.get_shape()
    if info.is_sparse:
        return sparse_placeholder(info.dtype, shape)
    if info.is_composite:
        return ragged_placeholder(info)
    return tf.placeholder(info.dtype, shape)


def use(report, ours, reference, results, cases):
    """Checks every case; see the module's text."""
    tf.logging.set_verbosity(tf.logging.ERROR)
    if not IS_TF1:
        tf.disable_v2_behavior()
    for case in cases:
        reason = case.left_out.get("use") or (not IS_TF1 and case.left_out.get("tf2"))
        if reason:
            report.leave_out("%s use tf%s" % (case.name, tf.__version__), reason)
            continue
        if not os.path.isdir(os.path.join(ours, case.name)):
            report.record("%s use tf%s" % (case.name, tf.__version__), ["not exported"])
            continue
        for tags, _ in case.variants:
            _use_variant(report, case, tags, ours, reference, results)


def results_path(results, case, tags):
    """The file that holds the inputs and outputs of one variant."""
    return os.path.join(results, case.name + "".join("-" + tag for tag in sorted(tags)) + ".npz")


def _use_variant(report, case, tags, ours, reference, results):
    directory = os.path.join(ours, case.name)
    label = "%s [%s] use tf%s " % (case.name, ",".join(sorted(tags)), tf.__version__)
    for trainable in (False, True):
        name = label + ("trainable" if trainable else "fixed")
        report.check(name, _evaluate, case, tags, directory, reference, trainable)
    report.check(label + "results", _results, case, tags, directory, results)
    report.check(label + "eval_function", _eval_function, case, tags, directory)
    reason = case.left_out.get("train")
    if reason:
        report.leave_out(label + "train and export", reason)
    else:
        report.check(label + "train and export", _train_and_export, case, tags, directory, reference)


def pair(case, tags, directory, reference, trainable):
    """The module under test, and Python's with the same weights."""
    if IS_TF1:
        from reference import make_spec

        spec = make_spec(case)
    else:
        spec = hub.load_module_spec(os.path.join(reference, case.name))
    checkpoint = os.path.join(directory, "variables", "variables")
    return Instance(case, directory, tags, trainable), Instance(case, spec, tags, trainable, checkpoint)


def _evaluate(case, tags, directory, reference, trainable):
    ours, pythons = pair(case, tags, directory, reference, trainable)
    found = _line_differences(ours.interface(), pythons.interface())
    # Before the run, as some modules change their variables in each.
    variables = ours.variables()
    found += value_differences(variables, saved_variables(case, tags, variables, directory))
    found += value_differences(ours.run(), pythons.run())
    found += value_differences(ours.variables(), pythons.variables())
    if not tags and not trainable:
        found += columns.differences(ours, pythons)
    return found


def saved_variables(case, tags, variables, directory):
    """The values in the checkpoint that a variant is to have: the first one all, others those of their variables."""
    saved = directories.read_checkpoint(directory)
    if tags == case.variants[0][0]:
        return saved
    return {name: value for name, value in saved.items() if name in variables}


def _line_differences(ours, expected):
    if ours == expected:
        return []
    found = ["interface: only in ours: %s" % line for line in ours if line not in expected]
    found += ["interface: missing: %s" % line for line in expected if line not in ours]
    return found or ["interface: the order differs: ours %s, python's %s" % (ours, expected)]


def _results(case, tags, directory, results):
    """Stores inputs and outputs under TensorFlow 1.15; compares with them under other releases."""
    instance = Instance(case, directory, tags, trainable=False)
    outputs = {name: comparable(value) for name, value in instance.run().items()}
    path = results_path(results, case, tags)
    if not IS_TF1:
        with np.load(path) as stored:
            expected = {name[len("out ") :]: stored[name] for name in stored.files if name.startswith("out ")}
        return value_differences(outputs, expected, RELEASE_RTOL, case.release_atol)
    arrays = {"out " + name: value for name, value in outputs.items()}
    for signature, inputs in instance.inputs.items():
        arrays.update({"in %s/%s" % (signature, name): comparable(value) for name, value in inputs.items()})
    os.makedirs(results, exist_ok=True)
    np.savez(path, **arrays)
    return []


def _flattened(value):
    if isinstance(value, tf.ragged.RaggedTensorValue):
        return [value.flat_values] + list(value.nested_row_splits)
    return list(value) if isinstance(value, tf.SparseTensorValue) else [value]


def _eval_function(case, tags, directory):
    """hub.eval_function_for_module gives what the session gave."""
    expected = Instance(case, directory, tags, trainable=False)
    values = expected.run()
    found = []
    with hub.eval_function_for_module(directory, tags=tags) as function:
        for signature, inputs in expected.inputs.items():
            values_by_name = composite_values(expected.module.get_input_info_dict(signature), inputs)
            outputs = components(function(values_by_name, signature=signature, as_dict=True), _flattened)
            wanted = {name: values["%s/%s" % (signature, name)] for name in outputs}
            found += value_differences(outputs, wanted)
            missing = sorted(set(expected.outputs[signature]) - set(outputs))
            found += ["%s: no output %s" % (signature, name) for name in missing]
    return found


def _train_and_export(case, tags, directory, reference):
    """Updates, steps, export, reload: like Python's own at every point."""
    ours, pythons = pair(case, tags, directory, reference, trainable=True)
    before = ours.variables()
    ours.train()
    pythons.train()
    after = ours.variables()
    found = value_differences(after, pythons.variables())
    if ours.step is not None or ours.updates:
        if not value_differences(after, before):
            found.append("no variable changed")
        found += ["%s: not finite: %r" % item for item in after.items() if not _is_finite(item[1])]
    scratch = tempfile.mkdtemp()
    try:
        exported, expected = os.path.join(scratch, "ours"), os.path.join(scratch, "pythons")
        ours.export(exported)
        pythons.export(expected)
        found += directories.directory_differences(exported, expected)
        reloaded = Instance(case, exported, tags, trainable=True)
        found += value_differences(reloaded.variables(), after)
        found += value_differences(reloaded.run(), ours.run())
    finally:
        shutil.rmtree(scratch)
    return found


def _is_finite(array):
    return np.asarray(array).dtype.kind not in "fc" or bool(np.all(np.isfinite(array)))
