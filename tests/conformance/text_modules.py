"""Modules of text: the signatures take a vector of strings, and give one output each."""

import contextlib

import tensorflow.compat.v1 as tf
import tensorflow_hub as hub


def _hub_load(directory):
    signatures = hub.load(directory).signatures

    def run(texts, signature):
        found = signatures[signature](tf.constant(texts, tf.string))["default"]
        if isinstance(found, tf.SparseTensor):
            return tf.SparseTensorValue(*[part.numpy() for part in (found.indices, found.values, found.dense_shape)])
        return found.numpy()

    return sorted(signatures), run


@contextlib.contextmanager
def opened(directory):
    """The names of the signatures of a module, and a function of texts and such a name that gives the output.

    hub.Module loads it, or hub.load under releases without.
    """
    if not hasattr(hub, "Module"):
        yield _hub_load(directory)
        return
    tf.logging.set_verbosity(tf.logging.ERROR)
    with tf.Graph().as_default():
        module = hub.Module(directory)
        placeholder = tf.placeholder(tf.string, [None])
        names = sorted(module.get_signature_names())
        outputs = {name: module(placeholder, signature=name) for name in names}
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.tables_initializer()])
            yield names, lambda texts, signature: session.run(outputs[signature], {placeholder: texts})
