"""Tables of small modules: one line of `tables/*.txt` each, which the Rust side reads too.

README.md describes the lines. A step is a function of `tf.layers`, or of `tf.contrib.layers` if `contrib.` stands before
its name, or a class of `tf.keras.layers` after `keras.`, unless it stands in `STEPS`.
"""

import contextlib
import os
import re

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.keras import backend as keras_backend

import table_text
import variable_steps

SEED = 11
# Between TensorFlow releases, for sums of numbers that have three digits.
HALF_ATOL = 1e-2
DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables")

DTYPES = {"f16": tf.float16, "f32": tf.float32, "f64": tf.float64, "i32": tf.int32, "i64": tf.int64}


def subjects():
    """The names of the tables."""
    return sorted(name[: -len(".txt")] for name in os.listdir(DIRECTORY) if name.endswith(".txt"))


def read(subject):
    with open(os.path.join(DIRECTORY, subject + ".txt")) as file:
        return table_text.read(file.read())


def has_variants(row):
    """Whether a row has the variants of training and of inference."""
    return any(_mentions(value, "mode") for step in row.steps for value in step.options.values())


def _mentions(value, word):
    """Whether a value is a word, or has it in it."""
    if isinstance(value, list):
        return any(_mentions(item, word) for item in value)
    if isinstance(value, table_text.Call):
        return any(_mentions(item, word) for item in value.options.values())
    return value == word


class Builder(object):
    """Makes the graph of a row."""

    def __init__(self, training):
        self._training = training
        self.inputs = {}

    def build(self, row):
        x = tf.placeholder(DTYPES[row.dtype], row.shape, name="x")
        self.inputs["x"] = x
        with contextlib.ExitStack() as scopes:
            for step in row.steps:
                if step.name == "scope":
                    scopes.enter_context(tf.variable_scope(*step.arguments, **self._options(step)))
                else:
                    x = self._apply(step, x)
        hub.add_signature(inputs=self.inputs, outputs={"default": x})

    def _apply(self, step, x):
        arguments = [self._value(None, value) for value in step.arguments]
        if step.name in STEPS:
            return STEPS[step.name](x, *arguments, **self._options(step))
        module, _, name = step.name.rpartition(".")
        if module == "keras":
            return _class(step.name)(*arguments, **self._options(step))(x)
        functions = tf.contrib.layers if module == "contrib" else tf.layers
        return getattr(functions, name)(x, *arguments, **self._options(step))

    def _options(self, step):
        return {key: self._value(key, value) for key, value in step.options.items()}

    def _value(self, key, value):
        """What Python has for the value of an option."""
        if isinstance(value, list):
            return [self._value(key, item) for item in value]
        if isinstance(value, table_text.Call):
            return self._call(key, value)
        if isinstance(value, table_text.Word):
            return self._word(key, value)
        return value

    def _word(self, key, word):
        if word == "mode":
            return self._training
        if word == "tensor":
            return self._input(key, tf.placeholder(tf.bool, [], name=key))
        if key == "reuse" and word == "auto":
            return tf.AUTO_REUSE
        if key in FUNCTIONS:
            return FUNCTIONS[key](word)
        return str(word)

    def _call(self, key, call):
        arguments = [self._value(None, value) for value in call.arguments]
        if call.name == "dict" and key in DICTIONARIES:
            return {name: self._value(DICTIONARIES[key], value) for name, value in call.options.items()}
        options = self._options(call)
        if call.name == "fed":
            return self._input(key, tf.placeholder_with_default(arguments[0], [], name=key))
        if call.name == "placeholder":
            dtype, shape = arguments
            return self._input(key, tf.placeholder(DTYPES[dtype], shape, name=key))
        if call.name == "dict":
            return options
        for suffix, function in CALLS.items():
            if key is not None and key.endswith(suffix):
                return function(call.name)(*arguments, **options)
        raise ValueError("no function %s for %s" % (call.name, key))

    def _input(self, key, tensor):
        self.inputs[key] = tensor
        return tensor


def _regularizer(name):
    module, _, name = name.rpartition(".")
    if module == "keras":
        return getattr(tf.keras.regularizers, name)
    return getattr(tf.contrib.layers, name + "_regularizer")


def _initializer(name):
    module, _, name = name.rpartition(".")
    if module == "contrib":
        return getattr(tf.contrib.layers, name + "_initializer")
    return getattr(tf.initializers, name)


# By the end of an option's name: a function that gives what a call is of.
CALLS = {
    "initializer": _initializer,
    "regularizer": _regularizer,
    "constraint": lambda name: getattr(tf.keras.constraints, name),
    "partitioner": lambda name: getattr(tf, name + "_partitioner"),
}

# By an option's name: what the values of a dictionary are.
DICTIONARIES = {"param_initializers": "initializer", "param_regularizers": "regularizer"}

# By an option's name: the function that a word stands for.
FUNCTIONS = {
    "activation": lambda name: getattr(tf.nn, name),
    "activation_fn": lambda name: getattr(tf.nn, name),
    "normalizer_fn": lambda name: getattr(tf.contrib.layers, name),
    "adjustment": lambda name: {"constants": lambda shape: (tf.fill(shape[-1:], 1.5), tf.fill(shape[-1:], 0.25))}[name],
}

# Steps that are no functions of a layers' module.
STEPS = {
    "activation": lambda x, name: getattr(tf.nn, name)(x),
    "apply_twice": lambda x, name, *arguments, **options: _twice(_class(name), x, *arguments, **options),
}


def _class(name):
    module, _, name = name.rpartition(".")
    return getattr(tf.keras.layers if module == "keras" else tf.layers, name)


def _twice(layer, x, *arguments, **options):
    of_call = {key: options.pop(key) for key in ("training",) if key in options}
    layer = layer(*arguments, **options)
    return layer(layer(x, **of_call), **of_call)


STEPS.update(variable_steps.STEPS)


# Steps whose ops TensorFlow runs with channels that come first on a GPU alone.
ON_GPUS = re.compile("(separable_)?conv[123]d$|conv3d_transpose$|(max|average)_pooling2d$")


CONTRIB_ON_GPUS = re.compile("contrib[.]((separable_)?conv2d|max_pool2d|avg_pool2d)$")
ON_A_GPU = "the op runs with channels that come first on a GPU alone"


def _is_on_gpus(step, rank):
    options = step.options
    is_fused = options.get("fused") is not False
    if step.name == "batch_normalization":
        return is_fused and rank == 4 and options.get("axis") in (1, -3)
    if step.name == "contrib.batch_norm":
        return is_fused and rank in (2, 4) and options.get("data_format") == "NCHW"
    if step.name.startswith("contrib."):
        return options.get("data_format") == "NCHW" and bool(CONTRIB_ON_GPUS.match(step.name))
    return options.get("data_format") == "channels_first" and bool(ON_GPUS.match(step.name))


def left_out(row):
    """What TensorFlow cannot do with a row on a CPU, and why."""
    found = {}
    for step in row.steps:
        if step.name.rpartition(".")[2] == "dropout":
            found["train"] = "each run draws other numbers, of which the outputs are"
        if "max_norm" in step.options:
            found["train"] = "the mean of squares has no slope where the norm is that of the limit"
        weights = step.options.get("batch_weights")
        if weights is not None and weights.arguments[0] != "i64":
            found["train"] = "a weight that is drawn may be negative, and a variance then"
        if "partitioner" in step.options:
            found["hub_load"] = "hub.load does not load variables in parts"
            if row.dtype == "f16":
                found["use"] = "TensorFlow puts no parts of this dtype together"
        if _is_on_gpus(step, len(row.shape)):
            found.update(dict.fromkeys(("use", "hub_load"), ON_A_GPU))
    return found


def register(make_case, table):
    """Puts the rows of all tables into the table of modules."""
    # Layers whose channels come first ask once a process for its GPUs, and the question leaves a node in the graph.
    with tf.Graph().as_default():
        keras_backend._get_available_gpus()
    for subject in subjects():
        for row in read(subject):
            if row.name in table:
                raise ValueError("two modules are called %s" % row.name)
            options = {"release_atol": HALF_ATOL} if row.dtype == "f16" else {}
            variants = [(set(), {"training": False}), ({"train"}, {"training": True})]
            table[row.name] = make_case(
                row.name,
                lambda training, row=row: Builder(training).build(row),
                seed=SEED,
                variants=variants[: 2 if has_variants(row) else 1],
                subject=subject,
                left_out=left_out(row),
                **options
            )
