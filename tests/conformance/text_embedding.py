"""The example `text_embedding` against the exporter of tensorflow_hub that it stands for.

    text_embedding.py export DIRECTORY EXAMPLES   TensorFlow 1.15 writes files of word vectors to DIRECTORY; both programs
                                                  export them, to DIRECTORY/NAME/ours and DIRECTORY/NAME/python
    text_embedding.py check DIRECTORY             the two directories are equal; hub.Module, or hub.load where it is gone,
                                                  gives equal vectors, which are also computed from the file; a feature
                                                  column takes the modules and trains them. TensorFlow 1.15 comes first.

EXAMPLES is the directory of the built examples.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import canonical
import directories
from inputs import value_differences
from report import Report

HERE = os.path.dirname(os.path.abspath(__file__))
IS_TF1 = tf.__version__.startswith("1.")
HAS_MODULES = hasattr(hub, "Module")

TABLE = re.compile(br"^hash_table_(.*/tokens\.txt_-2_-1|[0-9a-f]{16}_tokens\.txt)$")

# Vectors may be summed in another order.
TOLERANCE = 1e-5

# Numbers in the forms that Python reads. The second of `halfway` is rounded twice: as float64 it is between two numbers of
# float32, of which the even one comes next.
SMALL = u"""the 0.25 -1 2e0
cat 1.5 .5 -7.
sat -0.0 +3 1E-3
na\u00efve 0.1 0.2 0.3
\u732b 1e-45 1.7014118e38 -1e-40
halfway 16777217 1.00000005960464477539062500001 1.0000001788139343
e\u0301t\u00e9 123456789 0.3333333333333333 1e-5
don't 1 2 3
\U0001f408 -1 -2 -3
The 9 8 7
"""
SENTENCES = [
    u"the cat sat",
    u"The cat, sat; the cat!",
    u"",
    u"unknown words only",
    u" the   cat ",
    u"...!?",
    u"don't",
    u"\u201cna\u00efve\u201d \u732b\u3002 e\u0301t\u00e9\u2014\U0001f408 halfway",
    u"\u00e9t\u00e9 the\tcat\n",
]
KNOWN_SENTENCES = [u"the cat sat", u"The (cat), na\u00efve!", u"\u732b \u732b \U0001f408"]

# name: (file, buckets, whether it takes sentences, further options of ours, for which the reference has no module)
CASES = {
    "%s_%d" % (kind, buckets): ("small", buckets, kind == "sentences", {})
    for kind in ("tokens", "sentences")
    for buckets in (0, 1, 3)
}
CASES["many_tokens"] = ("many", 1, False, {})
CASES["many_sentences"] = ("many", 3, True, {})
for combiner in ("mean", "sum"):
    CASES[combiner] = ("small", 1, True, {"combiner": combiner})
for dtype in ("float16", "bfloat16"):
    CASES["%s_tokens" % dtype] = ("many", 1, False, {"dtype": dtype})
    CASES["%s_sentences" % dtype] = ("many", 0, True, {"dtype": dtype, "combiner": "mean"})
CASES["partitioned_tokens"] = ("small", 1, False, {"partitions": 3})
CASES["partitioned_sentences"] = ("many", 3, True, {"partitions": 3})


def file_text(name):
    if name == "small":
        return SMALL
    random = np.random.RandomState(14)
    words = [u"w%d" % number for number in range(2000)]
    rows = (u" ".join(u"%.5f" % number for number in row) for row in random.normal(0.0, 0.4, (len(words), 20)))
    return u"".join(u"%s %s\n" % pair for pair in zip(words, rows))


def texts(name, is_sentences, buckets):
    """The inputs of a case: without buckets only what is known."""
    if name == "many":
        sentences = [u"w7 w1999, w0.", u"w3 w3 w4"] + ([u"w2000", u"", u"w5 none"] if buckets else [])
    else:
        sentences = SENTENCES if buckets else KNOWN_SENTENCES
    if is_sentences:
        return sentences
    tokens = [token for sentence in sentences for token in sentence.split(u" ")]
    vocabulary = {line.split()[0] for line in file_text(name).splitlines()}
    return [token for token in tokens if buckets or token in vocabulary]


def export(directory, examples):
    os.makedirs(directory)
    for name in ("small", "many"):
        with open(os.path.join(directory, name + ".txt"), "wb") as file:
            file.write(file_text(name).encode())
    for name, (file, buckets, is_sentences, options) in sorted(CASES.items()):
        source, case = os.path.join(directory, file + ".txt"), os.path.join(directory, name)
        os.makedirs(case)
        ours = [os.path.join(examples, "text_embedding"), "--embedding-file", source]
        ours += ["--export-path", os.path.join(case, "ours"), "--num-oov-buckets", str(buckets)]
        ours += ["--preprocess-text"] if is_sentences else []
        for option, value in sorted(options.items()):
            ours += ["--" + option, str(value)]
        subprocess.check_call(ours)
        if options:
            continue
        python = [sys.executable, os.path.join(HERE, "text_embedding_reference.py"), "--embedding_file", source]
        python += ["--export_path", os.path.join(case, "python"), "--num_oov_buckets", str(buckets)]
        subprocess.check_call(python + ["--preprocess_text=%s" % ("yes" if is_sentences else "")])
        print("exported %s" % name, flush=True)
    return 0


def check(directory):
    tf.logging.set_verbosity(tf.logging.ERROR)
    if HAS_MODULES and not IS_TF1:
        tf.disable_v2_behavior()
    report = Report()
    for name, (file, buckets, is_sentences, options) in sorted(CASES.items()):
        case = os.path.join(directory, name)
        modules = [os.path.join(case, label) for label in (("ours",) if options else ("ours", "python"))]
        if IS_TF1 and not options:
            report.check("%s compare" % name, compared, *modules)
        inputs = texts(file, is_sentences, buckets)
        report.check("%s vectors" % name, vector_differences, modules, inputs, case, CASES[name])
        if not buckets and file == "small":
            report.check("%s refuses what is unknown" % name, refusal_differences, modules)
        if IS_TF1 and buckets:
            report.check("%s column" % name, column_differences, modules, inputs)
    return report.finish()


def compared(ours, python):
    """How the directories differ but for the names of tables: Python's have the path of the vocabulary, ours a hash of it."""
    scratch = tempfile.mkdtemp()
    try:
        copies = []
        for label, directory in (("ours", ours), ("python", python)):
            copies.append(os.path.join(scratch, label))
            shutil.copytree(directory, copies[-1])
            path = os.path.join(copies[-1], "saved_model.pb")
            saved_model = canonical.read(path)
            for meta_graph in saved_model.meta_graphs:
                for node in meta_graph.graph_def.node:
                    if node.op == "HashTableV2":
                        name = node.attr["shared_name"]
                        name.s = TABLE.sub(b"hash_table", name.s)
            with open(path, "wb") as file:
                file.write(saved_model.SerializeToString())
        return directories.directory_differences(*copies)
    finally:
        shutil.rmtree(scratch)


def run(module, inputs):
    """The vectors that a consumer gets."""
    if not HAS_MODULES:
        (vectors,) = hub.load(module).signatures["default"](tf.constant(inputs)).values()
        return vectors.numpy()
    with tf.Graph().as_default(), tf.Session() as session:
        vectors = hub.Module(module)(tf.constant(inputs))
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        return session.run(vectors)


def vector_differences(modules, inputs, case, options):
    found = [run(module, inputs) for module in modules]
    differences = []
    for other in found[1:]:
        differences += value_differences({"vectors": found[0]}, {"vectors": other})
    expected = {"vectors": computed(inputs, *options)}
    differences += value_differences({"vectors": found[0]}, expected, TOLERANCE, TOLERANCE)
    stored = os.path.join(case, "vectors.npy")
    if IS_TF1:
        np.save(stored, found[0])
    differences += value_differences({"vectors": found[0]}, {"vectors": np.load(stored)}, TOLERANCE, TOLERANCE)
    return differences


def computed(inputs, name, _, is_sentences, options):
    """The vectors as NumPy finds them in the file; unknown tokens have zeros."""
    dtype = tf.as_dtype(options.get("dtype", "float32")).as_numpy_dtype
    rows = {}
    for line in file_text(name).splitlines():
        parts = line.split()
        rows[parts[0]] = np.array(parts[1:], np.float64).astype(np.float32).astype(dtype).astype(np.float32)
    zeros = np.zeros(len(parts) - 1, np.float32)
    if not is_sentences:
        return np.array([rows.get(token, zeros) for token in inputs])
    vectors = []
    for sentence in inputs:
        kept = u"".join(c for c in sentence if not unicodedata.category(c).startswith("P"))
        tokens = [token for token in kept.split(u" ") if token] or [u""]
        total = np.sum([rows.get(token, zeros) for token in tokens], 0, np.float32)
        divisor = {"sum": 1.0, "mean": len(tokens), "sqrtn": np.sqrt(len(tokens))}[options.get("combiner", "sqrtn")]
        vectors.append(total / np.float32(divisor))
    return np.array(vectors)


def refusal_differences(modules):
    """Without buckets, an unknown token and an empty sentence are faults, of both modules in the same way."""
    found = []
    for text in (u"unknown", u""):
        for module in modules:
            try:
                found.append("%r has the vector %r" % (text, run(module, [u"the", text])))
            except tf.errors.InvalidArgumentError:
                pass
    return found


def column_differences(modules, inputs):
    """A classifier on the feature column of a module takes one step, which changes the vectors of both alike."""
    trained = []
    for module in modules:
        column = hub.text_embedding_column("text", module, trainable=True)
        scratch = tempfile.mkdtemp()
        try:
            config = tf.estimator.RunConfig(model_dir=scratch, tf_random_seed=14)
            classifier = tf.estimator.DNNClassifier([4], [column], config=config)

            def features():
                labels = tf.constant([[index % 2] for index in range(len(inputs))])
                return {"text": tf.constant(inputs)}, labels

            classifier.train(features, steps=1)
            names = [name for name in classifier.get_variable_names() if name.endswith("/embeddings")]
            trained.append({name: classifier.get_variable_value(name) for name in names})
        finally:
            shutil.rmtree(scratch)
    saved = directories.read_checkpoint(modules[0])["embeddings"]
    ours = np.concatenate([value for _, value in sorted(trained[0].items())])
    differences = [] if ours.shape == saved.shape and np.any(ours != saved) else ["the step changed no vector"]
    for other in trained[1:]:
        differences += value_differences(trained[0], other)
    return differences


def main(arguments):
    command = {"export": (export, 2), "check": (check, 1)}.get(arguments[0] if arguments else "")
    if command is None or len(arguments) != 1 + command[1]:
        sys.exit(__doc__)
    return command[0](*[os.path.abspath(path) for path in arguments[1:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
