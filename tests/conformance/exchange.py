"""Exchanges checkpoints and SavedModels with the crate, by way of `exchange_conformance_checkpoints` in tests/it.

    exchange.py write DIRECTORY REFERENCE            writes what the crate is to read; REFERENCE has the modules of the
                                                     table as TensorFlow 1.15 exported them
    exchange.py check DIRECTORY REFERENCE EXAMPLES   judges what it wrote to DIRECTORY/ours; EXAMPLES has the examples

DIRECTORY/checkpoints/CASE holds checkpoints of a training graph with the module CASE, DIRECTORY/distributed/CASE those
of a run with parameter servers, DIRECTORY/saved_models SavedModels, DIRECTORY/states files `checkpoint`, and
DIRECTORY/latest the run of an estimator. DIRECTORY/python has what hub makes of them.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow.compat.v1 as tf

import parameter_servers
import saved_models
import training
from report import Report

SUBJECTS = (training, parameter_servers, saved_models)


def write(directory, reference):
    for subject in SUBJECTS:
        subject.write(directory, reference)
    return 0


def check(directory, reference, examples):
    report = Report()
    report.check("failures tf%s" % tf.__version__, _failures, directory)
    for subject in SUBJECTS:
        subject.check(report, directory, reference, examples)
    return report.finish()


def _failures(directory):
    """What the crate could not do."""
    with open(os.path.join(directory, "ours", "failures")) as file:
        return file.read().splitlines()


def main(arguments):
    tf.logging.set_verbosity(tf.logging.ERROR)
    command = {"write": (write, 3), "check": (check, 4)}.get(arguments[0] if arguments else "")
    if command is None or len(arguments) != command[1]:
        sys.exit(__doc__)
    return command[0](*(os.path.abspath(argument) for argument in arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
