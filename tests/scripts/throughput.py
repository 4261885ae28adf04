"""Times saving, loading and exporting large checkpoints, beside TensorFlow and beside plain writes and reads.

Usage: throughput.py PYTHON... [--directory DIR] [--runs N], where each PYTHON is that of one of the conformance suite's
environments. Everything is on the file system of DIR, in one run, each step in a process of its own. Saves end when
the bytes are on the disk, TensorFlow's too; loads find the files in the system's cache.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# A variable, as in benches/throughput.rs.
SHAPE = [1 << 14, 1 << 10]
TENSOR_MIB = 64


def binary():
    """Builds benches/throughput.rs."""
    command = ["cargo", "bench", "--bench", "throughput", "--no-run", "--message-format", "json", "--locked"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
    messages = [json.loads(line) for line in lines if line.startswith("{")]
    return [m["executable"] for m in messages if m.get("target", {}).get("name") == "throughput"][-1]


def tensorflow(step, path, mib):
    """Saves or loads with tf.train.Saver; prints the seconds."""
    import tensorflow.compat.v1 as tf

    tf.disable_eager_execution()
    tf.logging.set_verbosity(tf.logging.ERROR)
    variables = []
    for index in range(mib // TENSOR_MIB):
        initial = tf.random.uniform(SHAPE, seed=index)
        variables.append(tf.get_variable("v%03d" % index, initializer=initial, use_resource=True))
    saver = tf.train.Saver(variables)
    with tf.Session() as session:
        if step == "save":
            session.run(tf.global_variables_initializer())
        start = time.time()
        if step == "save":
            saver.save(session, path, write_meta_graph=False, write_state=False)
            for file in os.listdir(os.path.dirname(path)):
                with open(os.path.join(os.path.dirname(path), file), "rb") as opened:
                    os.fsync(opened.fileno())
        else:
            saver.restore(session, path)
        elapsed = time.time() - start
    print("%.3f" % elapsed, "-")


def output(command):
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="2", CUDA_VISIBLE_DEVICES="")
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    return done.stdout.decode().splitlines()[-1].split()


class Side:
    """One that writes and reads: its name, its command with two steps, and the seconds that they took."""

    def __init__(self, name, command, write, read, directory):
        self.name, self.command, self.write, self.read = name, command, write, read
        self.path = os.path.join(directory, name.replace(" ", "_"), "model")
        self.seconds = {write: [], read: []}

    def run(self, step, mib):
        # What was written before is not to be written while this runs.
        os.sync()
        if step == self.write:
            shutil.rmtree(os.path.dirname(self.path), ignore_errors=True)
            os.makedirs(os.path.dirname(self.path))
        seconds, _ = output(self.command + [step, self.path, str(mib)])
        self.seconds[step].append(float(seconds))

    def median(self, step):
        return statistics.median(self.seconds[step])


def compare(sides, mib, runs):
    plain = sides[0]
    for _ in range(runs):
        for kind in ("write", "read"):
            for side in sides:
                side.run(getattr(side, kind), mib)
    print("%d MiB, medians of %d runs; ratios to the plain write and read" % (mib, runs))
    for side in sides:
        times = [side.median(side.write), side.median(side.read)]
        ratios = [times[0] / plain.median(plain.write), times[1] / plain.median(plain.read)]
        print("%-18s write %7.3f s (%.2f)   read %7.3f s (%.2f)" % (side.name, times[0], ratios[0], times[1], ratios[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--directory", help="where the files are written")
    parser.add_argument("--mib", type=int, default=1024, help="the size of what is saved and loaded")
    parser.add_argument("--export-mib", type=int, default=4096, help="the size of what is exported")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    ours = [binary()]
    directory = tempfile.mkdtemp(dir=arguments.directory)
    try:
        sides = [Side("plain", ours, "write", "read", directory), Side("tfhub", ours, "save", "load", directory)]
        for python in arguments.pythons:
            command = [python, os.path.abspath(__file__), "--tensorflow"]
            version = output([python, "-c", "import tensorflow as tf; print(tf.__version__)"])[0]
            sides.append(Side("TensorFlow " + version, command, "save", "load", directory))
        compare(sides, arguments.mib, arguments.runs)
        path = os.path.join(directory, "large")
        output(ours + ["create", path, str(arguments.export_mib)])
        seconds, peak = output(ours + ["export", path, str(arguments.export_mib)])
        print("export of %d MiB from a checkpoint: %s s, at most %s MiB of memory" % (arguments.export_mib, seconds, peak))
        shutil.rmtree(path + ".module")
        seconds, peak = output(ours + ["initialize", path, str(arguments.export_mib)])
        print("export of %d MiB of initial values: %s s, at most %s MiB of memory; a variable has %d MiB" % (
            arguments.export_mib, seconds, peak, TENSOR_MIB))
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tensorflow"]:
        tensorflow(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
