"""Times the edit of a large module beside a copy of its files.

Usage: edit_ratio.py PYTHON [--gib N] [--variables N] [--runs N] [--directory DIR]

PYTHON is that of the conformance suite's TensorFlow 1.15, which writes a module of so many GiB, 4 unless told otherwise, in
so many variables of random numbers, 64 unless told otherwise. The example `module` renames all of them and replaces the
value of one; `cp -r` copies the files of the module, and `sync` brings them to the disk, where an export is when it ends.
All are whole processes that take turns; the times are the medians of several runs after one that is not counted. The edit's
peak memory is that of the process, beside the value that is replaced. That takes three times the size below DIR. Nothing
else should run on the machine. It needs

    cargo build --release --example module
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
MODULE = os.path.join(TARGET, "release", "examples", "module")
MIB = 1 << 20
COLUMNS = 1024


def write(module, value, gib, variables):
    """Writes the module, and a value for its first variable, with TensorFlow."""
    import numpy as np
    import tensorflow.compat.v1 as tf
    import tensorflow_hub as hub

    rows = (gib << 30) // (4 * COLUMNS * variables)

    def build():
        x = tf.placeholder(tf.int32, [])
        tables = [
            tf.get_variable("layer%03d/table" % index, [rows, COLUMNS], initializer=tf.random_uniform_initializer(seed=index))
            for index in range(variables)
        ]
        hub.add_signature(inputs=x, outputs=tf.add_n([tf.gather(table, x) for table in tables]))

    with tf.Graph().as_default():
        module_object = hub.Module(hub.create_module_spec(build))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            module_object.export(module, session)
    np.save(value, np.random.RandomState(1).normal(size=[rows, COLUMNS]).astype(np.float32))


def timed(command):
    """The seconds and the peak memory in MiB of a whole process."""
    start = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.time() - start
    process.returncode = status
    if status != 0:
        sys.exit("%s failed with status %d" % (command[0], status))
    return seconds, usage.ru_maxrss * 1024.0 / MIB


def measure(args, directory):
    module, value, out = [os.path.join(directory, name) for name in ("module", "value.npy", "out")]
    arguments = [module, value, str(args.gib), str(args.variables)]
    subprocess.check_call([args.python, os.path.abspath(__file__), "--write"] + arguments)
    edit = [MODULE, "edit", module, out, "--rename", "=edited/", "--set", "edited/layer000/table=" + value]
    copy = ["sh", "-c", 'cp -r "$1" "$2" && sync -f "$2"', "sh", module, out]
    results = {"edit": [], "copy": []}
    for run in range(args.runs + 1):
        for name, command in (("edit", edit), ("copy", copy)):
            shutil.rmtree(out, ignore_errors=True)
            subprocess.check_call(["sync", "-f", directory])
            result = timed(command)
            print("%s: %.2f s, peak %.0f MiB%s" % ((name,) + result + ("" if run else ", not counted",)), flush=True)
            if run:
                results[name].append(result)
    medians = {name: [statistics.median(values) for values in zip(*rows)] for name, rows in results.items()}
    replaced = os.path.getsize(value) / MIB
    print("edit / copy: %.2f" % (medians["edit"][0] / medians["copy"][0]))
    print("peak beyond the replaced value of %.0f MiB: %.0f MiB" % (replaced, medians["edit"][1] - replaced))


def main():
    if sys.argv[1:2] == ["--write"]:
        return write(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("python")
    parser.add_argument("--gib", type=int, default=4)
    parser.add_argument("--variables", type=int, default=64)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--directory")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        measure(args, directory)


if __name__ == "__main__":
    sys.exit(main())
