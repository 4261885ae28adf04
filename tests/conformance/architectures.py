"""Exchanges the weights of whole networks with the examples: MobileNetV2 and ResNet-v2-50 for images, and BERT-base.

    architectures.py write DIRECTORY   TensorFlow 1.15 writes DIRECTORY/NAME/model.ckpt, weights under the names of the
                                       public code, and outputs.npz, what the network gives; and Python's own module of
                                       the network for the training to DIRECTORY/mobilenet_v2_small/python
    architectures.py check DIRECTORY   hub.Module runs DIRECTORY/NAME/ours, which an example exported from the
                                       checkpoint; TensorFlow 1.15 also puts the weights of DIRECTORY/NAME/seeded into
                                       the networks
"""

import os
import re
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import directories
from report import Report

IS_TF1 = tf.__version__.startswith("1.")

# Of the greatest element of an output.
TOLERANCE = 1e-5
WORD_PIECES = 30522
STEPS = 10
SMALL = "mobilenet_v2_small"


def image_network(name):
    """The image size of a network, and the function that makes its outputs."""
    from cases import architectures as public

    size, network = {
        "mobilenet_v2": (224, public.mobilenet_v2),
        SMALL: (64, lambda *arguments: public.mobilenet_v2(*arguments, multiplier=0.35)),
        "resnet_v2_50": (224, public.resnet_v2_50),
    }[name]
    return size, network


def make_network(name):
    """The inputs and outputs of a network in the default graph, as Python's authors make it."""
    from cases import architectures as public

    tf.set_random_seed(zlib.crc32(name.encode()) & 0x7FFFFFFF)
    if name.startswith("bert"):
        config = public.SMALL_BERT if name == "bert_small" else public.BertConfig(WORD_PIECES)
        keys = ("input_ids", "input_mask", "segment_ids", "mlm_positions")
        inputs = {key: tf.placeholder(tf.int32, [None, None], key) for key in keys}
        pooled, sequence, table = public.bert(config, *[inputs[key] for key in keys[:3]], is_training=False)
        logits = public.masked_language_model(config, sequence, table, inputs["mlm_positions"])
        return inputs, {"pooled_output": pooled, "sequence_output": sequence, "mlm_logits": logits}
    size, network = image_network(name)
    images = tf.placeholder(tf.float32, [None, size, size, 3])
    pooled, end_points = network(images * 2.0 - 1.0, 0.99, False)
    return {"images": images}, dict(end_points, default=tf.squeeze(pooled, [1, 2]))


def make_inputs(name):
    random = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
    if not name.startswith("bert"):
        batch, size = (16, 64) if name == SMALL else (2, 224)
        return {"images": random.uniform(size=(batch, size, size, 3)).astype(np.float32)}
    words, steps = (12, 6) if name == "bert_small" else (WORD_PIECES, 48)
    lengths = np.array([[steps], [steps // 2]])
    return {
        "input_ids": random.randint(0, words, (2, steps)).astype(np.int32),
        "input_mask": (np.arange(steps) < lengths).astype(np.int32),
        "segment_ids": (np.arange(steps) >= lengths // 2).astype(np.int32),
        "mlm_positions": random.randint(0, steps // 2, (2, 4)).astype(np.int32),
    }


def signature(name):
    return "mlm" if name.startswith("bert") else "image_feature_vector"


def assign_statistics(session, name):
    """Gives values other than 0 and 1 to the variables that begin with those."""
    random = np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)
    for variable in tf.global_variables():
        shape = variable.shape.as_list()
        last = variable.op.name.rpartition("/")[2]
        if last in ("gamma", "moving_variance"):
            variable.load(random.uniform(0.5, 1.5, shape).astype(np.float32), session)
        elif last in ("beta", "moving_mean", "bias", "biases", "output_bias"):
            variable.load(random.normal(0.0, 0.1, shape).astype(np.float32), session)


def evaluate(session, inputs, outputs, arrays):
    """The outputs; of images the mean over all pixels and the greatest element, so that they take less room."""
    found = session.run(outputs, {inputs[key]: arrays[key] for key in inputs})
    return {
        key: np.stack([value.mean((1, 2)), value.max((1, 2))]) if value.ndim == 4 else value
        for key, value in found.items()
    }


def write(directory):
    for name in ("mobilenet_v2", SMALL, "resnet_v2_50", "bert"):
        folder = os.path.join(directory, name)
        os.makedirs(folder)
        with tf.Graph().as_default(), tf.Session() as session:
            inputs, outputs = make_network(name)
            # A checkpoint of a training run has more than the network.
            tf.train.create_global_step()
            session.run(tf.global_variables_initializer())
            assign_statistics(session, name)
            tf.train.Saver().save(session, os.path.join(folder, "model.ckpt"), write_meta_graph=False)
            np.savez(os.path.join(folder, "outputs.npz"), **evaluate(session, inputs, outputs, make_inputs(name)))
        print("wrote %s" % name, flush=True)
    with open(os.path.join(directory, "bert", "vocab.txt"), "w") as file:
        file.writelines("word%d\n" % number for number in range(WORD_PIECES))
    small = os.path.join(directory, SMALL)
    small_spec().export(os.path.join(small, "python"), checkpoint_path=os.path.join(small, "model.ckpt"))
    return 0


def small_spec():
    from cases import architectures as public

    size, network = image_network(SMALL)

    def build(is_training):
        public.image_feature_vector(size, lambda images, momentum: network(images, momentum, is_training))

    return hub.create_module_spec(build, public.INFER_AND_TRAIN)


def check(directory):
    report = Report()
    for name in ("mobilenet_v2", "resnet_v2_50", "bert"):
        folder = os.path.join(directory, name)
        with np.load(os.path.join(folder, "outputs.npz")) as outputs:
            expected = dict(outputs)
        report.check("%s from a checkpoint" % name, _module_differences, name, os.path.join(folder, "ours"), expected)
    report.check("bert vocabulary", _vocabulary_differences, os.path.join(directory, "bert"))
    if IS_TF1:
        for name in ("mobilenet_v2", "resnet_v2_50", "bert_small"):
            module = os.path.join(directory, name, "seeded")
            report.check("%s into the network" % name, _reverse_differences, name, module)
        small = [os.path.join(directory, SMALL, module) for module in ("ours", "python")]
        report.check("%s compare" % SMALL, directories.directory_differences, *small)
    report.check("training of %s" % SMALL, _training_differences, os.path.join(directory, SMALL))
    return report.finish()


def _differences(found, expected, least=1.0):
    """Where arrays are not equal within the tolerance; it is not less than that of an array of `least`."""
    differences = ["%s: only in one" % key for key in sorted(set(found) ^ set(expected))]
    for key in sorted(set(found) & set(expected)):
        if found[key].shape != expected[key].shape:
            differences.append("%s: shape %s, expected %s" % (key, found[key].shape, expected[key].shape))
            continue
        distance, greatest = np.abs(found[key] - expected[key]).max(), np.abs(expected[key]).max()
        if not distance <= TOLERANCE * max(least, greatest):
            differences.append("%s: differs by %g, the greatest element is %g" % (key, distance, greatest))
    return differences


def _run_module(name, path):
    """What hub.Module gives."""
    with tf.Graph().as_default():
        module = hub.Module(path)
        infos = module.get_input_info_dict(signature(name))
        inputs = {key: tf.placeholder(info.dtype, info.get_shape()) for key, info in infos.items()}
        outputs = module(inputs, signature=signature(name), as_dict=True)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return evaluate(session, inputs, outputs, make_inputs(name))


def _module_differences(name, path, expected):
    differences = _differences(_run_module(name, path), expected)
    if not name.startswith("bert"):
        size = hub.get_expected_image_size(hub.load_module_spec(path))
        if list(size) != [224, 224]:
            differences.append("the expected image size is %s" % size)
    return differences


def _vocabulary_differences(folder):
    with tf.Graph().as_default():
        info = hub.Module(os.path.join(folder, "ours"))(signature="tokenization_info", as_dict=True)
        with tf.Session() as session:
            path, is_lower_case = session.run([info["vocab_file"], info["do_lower_case"]])
    with open(path, "rb") as file, open(os.path.join(folder, "vocab.txt"), "rb") as expected:
        differences = [] if file.read() == expected.read() else ["the vocabulary differs"]
    return differences + ([] if is_lower_case else ["do_lower_case is false"])


def _reverse_differences(name, path):
    """Restores the weights of a module into Python's network by name."""
    with tf.Graph().as_default(), tf.Session() as session:
        inputs, outputs = make_network(name)
        tf.train.Saver().restore(session, os.path.join(path, "variables", "variables"))
        expected = evaluate(session, inputs, outputs, make_inputs(name))
    return _differences(_run_module(name, path), expected)


class Training(object):
    """A module that is trained with the momentum of its batch norms as an input."""

    def __init__(self, path, checkpoint):
        arrays = make_inputs(SMALL)
        with tf.Graph().as_default() as graph:
            module = hub.Module(path, trainable=True, tags={"train"})
            features = module(
                {"images": tf.constant(arrays["images"]), "batch_norm_momentum": 0.75},
                signature="image_feature_vector_with_bn_hparams",
            )
            updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
            losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
            self.interface = {
                "updates": [update.name for update in updates],
                "losses": [loss.name for loss in losses],
                "trainable": [variable.name for variable in tf.trainable_variables()],
            }
            loss = tf.reduce_mean(tf.square(features - 1.0)) + tf.add_n(losses)
            with tf.control_dependencies(updates):
                step = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                tf.train.Saver(module.variable_map).restore(session, checkpoint)
                self.before = session.run(module.variable_map)
                self.losses = []
                for _ in range(STEPS):
                    _, found = session.run([step, loss])
                    self.losses.append(found)
                self.after = session.run(module.variable_map)
            graph.finalize()


def _training_differences(folder):
    checkpoint = os.path.join(folder, "model.ckpt")
    ours = Training(os.path.join(folder, "ours"), checkpoint)
    python = Training(os.path.join(folder, "python"), checkpoint)
    differences = [
        "%s: %s, Python's %s" % (key, found, python.interface[key])
        for key, found in ours.interface.items()
        if found != python.interface[key] or not found
    ]
    moved, expected = [{name: run.after[name] - run.before[name] for name in run.after} for run in (ours, python)]
    still = [name for name in sorted(moved) if re.search("weights$|gamma$|moving", name) and not moved[name].any()]
    differences += ["%s did not move" % name for name in still]
    differences += _differences(moved, expected, least=1e-4)
    print("losses: %s" % " ".join("%.6f" % loss for loss in ours.losses))
    return differences + _differences({"losses": np.array(ours.losses)}, {"losses": np.array(python.losses)})


def main(arguments):
    tf.logging.set_verbosity(tf.logging.ERROR)
    command = {"write": write, "check": check}.get(arguments[0] if arguments else "")
    if command is None or len(arguments) != 2:
        sys.exit(__doc__)
    return command(os.path.abspath(arguments[1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
