"""Feature columns of hub, which take modules whose default signature embeds texts or images."""

import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

from inputs import value_differences

KINDS = ("text", "image")


def differences(ours, expected):
    """How the columns of two `using.Instance` differ: whether hub takes the module, and the values that it then gives."""
    found = []
    for kind in KINDS:
        results = [_column(kind, instance.spec) for instance in (ours, expected)]
        texts = [result if isinstance(result, str) else "a column" for result in results]
        if texts[0] != texts[1]:
            found.append("%s column: ours %s, python's %s" % (kind, texts[0], texts[1]))
        elif not isinstance(results[0], str):
            found += value_differences({kind: _values(ours, results[0])}, {kind: _own_values(ours)})
    return found


def _column(kind, spec):
    """The column of a module, or the reason why it can be none."""
    make = getattr(hub, kind + "_embedding_column")
    try:
        return make("x", spec)
    except ValueError as error:
        return str(error)


def _values(instance, column):
    """The values of the only column of a model that is fed with the inputs of the instance's default signature."""
    (array,) = instance.inputs["default"].values()
    with tf.Graph().as_default():
        features = {"x": tf.constant(array)}
        layer = tf.feature_column.input_layer(features, [column])
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.tables_initializer()])
            return session.run(layer)


def _own_values(instance):
    return instance.session.run(instance.outputs["default"]["default"], instance.feed)
