"""The table of modules that the conformance suite builds in Python and in Rust.

Every case is a function that builds one graph with TensorFlow 1.15's own names and registers its signatures. The
decorator `module` puts it in the table under the function's name. The files in `cases/` hold the functions by subject.

    @module(seed=7)
    def my_case():
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        hub.add_signature(inputs={"x": x}, outputs={"default": tf.tanh(x)})
"""

import collections
import functools
import importlib
import re

import sampling
import tables

# The steps of the suite that a case may decline, with a reason:
#   use       everything that runs the module through hub.Module
#   train     the gradient step of `use`
#   tf2       everything under TensorFlow 2.15
#   hub_load  hub.load under the newest TensorFlow
#   exchange  checkpoints of training runs
STEPS = ("use", "train", "tf2", "hub_load", "exchange", "assets")

# Between TensorFlow releases the same kernel may add in another order; the absolute tolerance.
RELEASE_ATOL = 1e-6

# The files in `cases/`.
SUBJECTS = (
    "architectures",
    "arrays",
    "assets",
    "cells",
    "collecting",
    "conditionals",
    "control_flow",
    "control_flow_v2",
    "encoders",
    "functions",
    "initializers",
    "keras_rnn",
    "layers",
    "loops",
    "naming",
    "recurrent",
    "ref_variables",
    "regularizers",
    "rows",
    "signatures_common",
    "ragged",
    "sparse",
    "spec",
    "tensor_arrays",
    "text_embedding",
    "unknown_shapes",
    "values",
    "variable_scopes",
    "variables",
    "variants",
)

Case = collections.namedtuple(
    "Case", "name build seed values variants drop_collections absent_devices feeds left_out release_atol subject"
)

_TABLE = {}


def make_case(
    name,
    build,
    seed=None,
    values=None,
    variants=None,
    drop_collections=None,
    absent_devices=False,
    feeds=None,
    left_out=None,
    release_atol=RELEASE_ATOL,
    subject=None,
):
    """Describes one module.

    Args:
      name: the directory name, and the name in the Rust table.
      build: builds the graph; called once per variant with that variant's arguments.
      seed: graph-level seed, set before `build` runs; None sets no seed.
      values: {variable name: array} assigned after the initializers ran.
      variants: [(set of tags, arguments of `build`)]; None stands for [(set(), {})]. Variables get their values from
        the first one.
      drop_collections: names of the collections that are dropped when the module is made.
      absent_devices: the graph names devices that a machine may lack, so its weights are saved from an unplaced copy.
      feeds: {signature input: array} where the values derived from dtype and shape would not do.
      release_atol: the absolute tolerance between releases of TensorFlow, for outputs that many layers amplify.
      left_out: {step: reason} for steps that TensorFlow itself cannot do with this module.
      subject: the table in `tables/` that the module is a row of, if it is one.
    """
    left_out = left_out or {}
    unknown = set(left_out) - set(STEPS)
    if unknown:
        raise ValueError("unknown steps in left_out of %s: %s" % (name, sorted(unknown)))
    variants = variants or [(set(), {})]
    return Case(
        name,
        build,
        seed,
        values or {},
        variants,
        drop_collections,
        absent_devices,
        feeds or {},
        left_out,
        release_atol,
        subject,
    )


def module(**options):
    """Registers the decorated function as a case; the options are those of `make_case`."""

    def register(build):
        name = build.__name__
        if name in _TABLE:
            raise ValueError("two modules are called %s" % name)
        _TABLE[name] = make_case(name, build, **options)
        return build

    return register


@functools.lru_cache(maxsize=None)
def _fill_table():
    for subject in SUBJECTS:
        importlib.import_module("cases." + subject)
    tables.register(make_case, _TABLE)


def table():
    """All cases by name, in the order of their names."""
    _fill_table()
    return collections.OrderedDict(sorted(_TABLE.items()))


def select(names):
    """The named cases, or all of them when no name is given; 0/2 is the first of two halves, of any number of parts."""
    cases = table()
    part = re.match("([0-9]+)/([0-9]+)$", "".join(names))
    if part:
        return sampled()[int(part.group(1)) :: int(part.group(2))]
    missing = [name for name in names if name not in cases]
    if missing:
        raise SystemExit("no such module: %s" % ", ".join(missing))
    return [cases[name] for name in names] if names else sampled()


def sampled():
    """The part of the cases that TFHUB_PART says: of modules, and of the rows of tables."""
    cases = list(table().values())
    taken = sampling.every([case for case in cases if not case.subject], "modules")
    taken += sampling.every([case for case in cases if case.subject], "rows")
    names = {case.name for case in taken}
    return [case for case in cases if case.name in names]
