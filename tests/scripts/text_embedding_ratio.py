"""Times the export of a file of word vectors beside the exporter of tensorflow_hub.

Usage: text_embedding_ratio.py PYTHON [--rows N] [--dimension D] [--runs N] [--directory DIR]
       text_embedding_ratio.py --alone ROWS DIMENSION [--runs N] [--directory DIR]

PYTHON is that of the conformance suite's TensorFlow 1.15. Both programs are timed as whole processes on a generated file
in the form of GloVe, of 100,000 x 100 unless told otherwise, the crate's as the median of several runs, and their peak
memory is that of the process. With --alone the crate's program exports a file of that size as text and in the binary form
of word2vec, beside the time of reading the text with wc -l and of a plain copy of the data that is written. That takes
twice the size of the text and a half below DIR. Files are read once before they are timed. Nothing else should run on the
machine. It needs NumPy, and

    cargo build --release --example text_embedding
"""

import argparse
import filecmp
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
OURS = os.path.join(TARGET, "release", "examples", "text_embedding")
REFERENCE = os.path.join(ROOT, "tests", "conformance", "text_embedding_reference.py")
DATA = os.path.join("variables", "variables.data-00000-of-00001")
SEED = 14
# Vectors are drawn and formatted in pieces of this many; of more, each is there several times.
DRAWN = 100000
PIECE = 5000
MIB = 1 << 20


def pieces(rows, dimension):
    """Arrays of float32 with the vectors, a piece at a time."""
    import numpy as np

    random = np.random.RandomState(SEED)
    kept = []
    for start in range(0, rows, PIECE):
        if start < DRAWN:
            kept.append(random.normal(0.0, 0.4, (PIECE, dimension)).astype(np.float32))
        yield start, kept[start % DRAWN // PIECE][: rows - start]


def write_text(path, rows, dimension):
    """Lines such as "word17 0.12345 -0.5 ..."; each piece of vectors is formatted once."""
    form = " ".join(["%.5f"] * dimension)
    formatted = {}
    with open(path, "wb") as file:
        for start, vectors in pieces(rows, dimension):
            key = start % DRAWN, len(vectors)
            if key not in formatted:
                formatted[key] = [(form % tuple(row)).encode() for row in vectors.tolist()]
            file.writelines(b"word%d %s\n" % (start + number, text) for number, text in enumerate(formatted[key]))


def write_binary(path, rows, dimension):
    """The same tokens in the form of word2vec: after each token and a blank the bytes of its vector."""
    with open(path, "wb") as file:
        file.write(b"%d %d\n" % (rows, dimension))
        for start, vectors in pieces(rows, dimension):
            file.writelines(b"word%d %s\n" % (start + number, row.tobytes()) for number, row in enumerate(vectors))


WRITE = {"text": write_text, "binary": write_binary}


def generate(kind, path, rows, dimension):
    """Writes a file in a process of its own: a process that is timed later begins with the memory of this one."""
    options = ["--write", kind, "--rows", str(rows), "--dimension", str(dimension), "--directory", path]
    subprocess.check_call([sys.executable, os.path.abspath(__file__)] + options)


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


def repeated(runs, command, target):
    """The medians of several runs that make a directory anew; that of the last is left."""
    results = []
    for _ in range(runs):
        shutil.rmtree(target, ignore_errors=True)
        results.append(timed(command + [target]))
    return tuple(statistics.median(values) for values in zip(*results))


def read(path):
    """Reads a file, so that it is in the memory of the system as far as there is room."""
    with open(path, "rb", 0) as file:
        while file.read(MIB):
            pass


def copied(runs, source, target):
    """The seconds of writing the bytes of a file to another, down to the disk."""
    results = []
    for _ in range(runs):
        if os.path.exists(target):
            os.remove(target)
        start = time.time()
        with open(source, "rb", 0) as from_file, open(target, "wb", 0) as to_file:
            shutil.copyfileobj(from_file, to_file, MIB)
            os.fsync(to_file.fileno())
        results.append(time.time() - start)
    os.remove(target)
    return statistics.median(results)


def ours(source):
    return [OURS, "--embedding-file", source, "--export-path"]


def show(label, result):
    print("%-24s %8.2f s, peak %6.0f MiB" % ((label,) + result), flush=True)
    return result


def beside_python(args, directory):
    source = os.path.join(directory, "vectors.txt")
    generate("text", source, args.rows, args.dimension)
    print("%d x %d, %.0f MiB of text" % (args.rows, args.dimension, os.path.getsize(source) / MIB))
    read(source)
    targets = [os.path.join(directory, label) for label in ("ours", "python")]
    crate = show("crate", repeated(args.runs, ours(source), targets[0]))
    command = [args.python, REFERENCE, "--embedding_file", source, "--preprocess_text=", "--export_path", targets[1]]
    python = show("Python", timed(command))
    if not filecmp.cmp(*[os.path.join(target, DATA) for target in targets], shallow=False):
        sys.exit("the checkpoints differ")
    print("%.0f times as fast as Python, with 1/%.0f of the memory" % (python[0] / crate[0], python[1] / crate[1]))


def alone(args, directory):
    rows, dimension = args.alone
    target = os.path.join(directory, "module")
    for label in WRITE:
        source = os.path.join(directory, "vectors." + label)
        generate(label, source, rows, dimension)
        print("%s: %d x %d, %.0f MiB" % (label, rows, dimension, os.path.getsize(source) / MIB))
        read(source)
        lines = show("wc -l", timed(["wc", "-l", source])) if label == "text" else None
        crate = show("crate", repeated(args.runs, ours(source), target))
        plain = copied(args.runs, os.path.join(target, DATA), os.path.join(directory, "copy"))
        print("%-24s %8.2f s" % ("copy of the data", plain))
        least = plain + lines[0] if lines else plain
        print("%.2f of the speed of %s" % (least / crate[0], "wc -l and the copy" if lines else "the copy"))
        shutil.rmtree(target)
        os.remove(source)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("python", nargs="?")
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--dimension", type=int, default=100)
    parser.add_argument("--alone", type=int, nargs=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--directory")
    parser.add_argument("--write", choices=sorted(WRITE), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        return WRITE[args.write](args.directory, args.rows, args.dimension)
    if bool(args.python) == bool(args.alone):
        parser.error("either PYTHON or --alone")
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        (alone if args.alone else beside_python)(args, directory)


if __name__ == "__main__":
    sys.exit(main())
