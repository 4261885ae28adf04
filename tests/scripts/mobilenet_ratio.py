"""Times the definition and the export of MobileNetV2 beside Python's.

Usage: mobilenet_ratio.py PYTHON [--runs N], with the Python of the conformance suite's TensorFlow 1.15.

The crate's times are the medians of benches/mobilenet.rs, Python's those of N runs in one process that has TensorFlow
loaded. Both define the variants for inference and training and export them with the weights of a checkpoint. Without
the weights means: less reading them from a checkpoint and writing them to another, on both sides. Nothing else should
run on the machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STEPS = ("spec", "export", "weights", "write")


def python(runs):
    """Prints the seconds of Python's steps."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.path.insert(0, os.path.join(ROOT, "tests", "conformance"))
    import tensorflow as tf
    import tensorflow_hub as hub

    from cases import architectures

    tf.logging.set_verbosity(tf.logging.ERROR)

    def build(is_training):
        def network(images, momentum):
            return architectures.mobilenet_v2(images, momentum, is_training)

        architectures.image_feature_vector(224, network)

    seconds = {"spec": [], "export": [], "weights": []}

    def timed(step, function, *arguments, **options):
        start = time.time()
        result = function(*arguments, **options)
        seconds[step].append(time.time() - start)
        return result

    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = os.path.join(scratch, "model.ckpt")
        for run in range(runs):
            spec = timed("spec", hub.create_module_spec, build, architectures.INFER_AND_TRAIN)
            with tf.Graph().as_default(), tf.Session() as session:
                module = hub.Module(spec)
                saver = tf.train.Saver(module.variable_map)
                session.run(tf.global_variables_initializer())
                saver.save(session, checkpoint, write_meta_graph=False)

                def exchange():
                    saver.restore(session, checkpoint)
                    saver.save(session, os.path.join(scratch, "again"), write_meta_graph=False)

                timed("weights", exchange)
            timed("export", spec.export, os.path.join(scratch, str(run)), checkpoint_path=checkpoint)
    print(json.dumps({step: statistics.median(times) for step, times in seconds.items()}))


def crate():
    """The seconds of the crate's steps."""
    subprocess.check_call(["cargo", "bench", "--bench", "mobilenet", "--locked"], cwd=ROOT)
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    seconds = {}
    for step in STEPS:
        path = os.path.join(target, "criterion", "mobilenet_v2", step, "new", "estimates.json")
        with open(path) as file:
            seconds[step] = json.load(file)["median"]["point_estimate"] / 1e9
    return seconds


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("python")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return python(args.runs)
    ours = crate()
    command = [args.python, os.path.abspath(__file__), args.python, "--runs", str(args.runs), "--child"]
    theirs = json.loads(subprocess.check_output(command).decode().splitlines()[-1])
    for label, seconds in (("crate", ours), ("Python", theirs)):
        print(label + ": " + ", ".join("%s %.1f ms" % (step, 1e3 * value) for step, value in seconds.items()))
    total, python_total = ours["spec"] + ours["export"], theirs["spec"] + theirs["export"]
    without, python_without = total - ours["weights"], python_total - theirs["weights"]
    print("spec and export: %.0f times as fast as Python" % (python_total / total))
    print("without the weights: %.0f times as fast as Python" % (python_without / without))
    print("export: %.2f of a plain write" % (ours["export"] / ours["write"]))


if __name__ == "__main__":
    sys.exit(main())
