"""Steps of tables that make variables, in parts or whole."""

import numpy as np
import tensorflow as tf


def add(x, name, shape, **options):
    return x + tf.get_variable(name, shape, x.dtype, **options)


def matmul(x, name, shape, times=1, **options):
    v = tf.get_variable(name, shape, x.dtype, **options)
    for _ in range(times):
        x = tf.matmul(x, v)
    return x


def add_value(x, name, value, **options):
    """Adds a variable that starts from an array."""
    value = np.array(value, x.dtype.as_numpy_dtype)
    return x + tf.get_variable(name, value.shape, initializer=value, **options)


def add_tensor(x, name, value, known=None, **options):
    """Adds a variable that starts from a tensor, of which no more than a shape is known if one is given."""
    value = tf.constant(value, x.dtype) * 2.0
    if known is not None:
        value = tf.placeholder_with_default(value, None if known == "nothing" else known)
    return x + tf.get_variable(name, initializer=value, **options)


def change(x, name, shape, method, **options):
    """Adds a variable that update operations change."""
    v = tf.get_variable(name, shape, x.dtype, trainable=False, **options)
    for changed in getattr(v, method)(tf.ones(shape, x.dtype)):
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, changed.op)
    return x + v


def scatter(x, name, shape, function, indices, updates, **options):
    """Adds a variable of which update operations change some elements."""
    v = tf.get_variable(name, shape, x.dtype, trainable=False, **options)
    changed = getattr(tf, function)(v, indices, updates)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, changed.op)
    return x + v


def lookup(ids, name, shape, partition_strategy="mod", max_norm=None, **options):
    table = tf.get_variable(name, shape, **options)
    return tf.nn.embedding_lookup(table, ids, partition_strategy, max_norm=max_norm)


def lookup_sparse(
    ids, name, shape, combiner, safe=False, weighted=False, partition_strategy="mod", max_norm=None, **options
):
    """Looks up sparse ids, of which each row has those that are not negative."""
    table = tf.get_variable(name, shape, **options)
    places = tf.where(tf.greater_equal(ids, 0))
    ids_shape = tf.shape(ids, out_type=tf.int64)
    values = tf.gather_nd(ids, places)
    sparse = tf.SparseTensor(places, values, ids_shape)
    weights = None
    if weighted:
        weights = tf.SparseTensor(places, tf.cast(values, tf.float32) + 0.5, ids_shape)
    function = tf.nn.safe_embedding_lookup_sparse if safe else tf.nn.embedding_lookup_sparse
    options = {} if max_norm is None else {"max_norm": max_norm}
    return function(
        table, sparse, weights, partition_strategy=partition_strategy, combiner=combiner, **options
    )


STEPS = {
    function.__name__: function
    for function in (add, matmul, add_value, add_tensor, change, scatter, lookup, lookup_sparse)
}
