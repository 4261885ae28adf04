"""Choices among branches, checks, and what rests on conditionals."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import smart_cond as smart
from tensorflow.python.training import moving_averages as averages

from modules import module


def numbers():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    return x, tf.placeholder(tf.float32, [], name="limit")


def sign(inputs, **outputs):
    hub.add_signature(inputs={tensor.op.name: tensor for tensor in inputs}, outputs=outputs)


@module()
def cases():
    x, limit = numbers()
    low, high = tf.less(limit, 0.0), tf.greater(limit, 1.0)
    first = tf.case([(low, lambda: x * 2.0), (high, lambda: x + limit)], default=lambda: x)
    third = [(low, lambda: limit), (high, lambda: tf.constant(1.0)), (tf.equal(limit, 0.5), lambda: limit * 3.0)]
    second = tf.case(third, default=lambda: tf.reduce_sum(x), name="second")
    sign([x, limit], first=first, second=second)


@module()
def cases_without_default():
    x, limit = numbers()
    low, high = tf.less(limit, 10.0, name="low"), tf.less(limit, 100.0, name="high")
    single = tf.case([(low, lambda: x * 2.0)], name="single")
    double = tf.case([(tf.logical_not(low), lambda: x), (high, lambda: x + 1.0)])
    with tf.name_scope("around"):
        same = tf.case([(tf.greater(limit, 20.0), lambda: x), (tf.greater(limit, 30.0), lambda: x), (low, lambda: x)])
    sign([x, limit], single=single, double=double, same=same)


@module()
def cases_exclusive():
    x, limit = numbers()
    low, high = tf.less(limit, 0.0), tf.greater_equal(limit, 0.0)
    pairs = [(low, lambda: x - limit), (high, lambda: x * limit)]
    with_default = tf.case(pairs, default=lambda: x, exclusive=True)
    without = tf.case(pairs, exclusive=True, name="without")
    single = tf.case([(high, lambda: tf.identity(x))], default=lambda: x * 0.0, exclusive=True)
    sign([x, limit], with_default=with_default, without=without, single=single)


@module()
def cases_nested():
    x, limit = numbers()
    flag = tf.placeholder(tf.bool, [], name="flag")
    low, high = tf.less(limit, 0.0), tf.greater(limit, 1.0)

    def inner():
        with tf.name_scope("inner"):
            return tf.case([(high, lambda: x * x), (low, lambda: x - 1.0)], exclusive=True)

    def around():
        with tf.control_dependencies([high]), tf.device("/cpu:0"):
            return tf.case([(low, inner)], default=lambda: tf.cond(flag, lambda: x, lambda: x - limit))

    def other():
        return tf.case([(low, lambda: x), (high, lambda: x * x)], default=lambda: x + limit)

    sign([x, limit, flag], nested=tf.cond(flag, around, other))


@module()
def cases_of_structures():
    x, limit = numbers()
    low, high = tf.less(limit, 0.0), tf.greater(limit, 1.0)

    def sparse(values):
        return tf.SparseTensor([[0, 1], [1, 0]], values, [2, 2])

    def first():
        return x, [limit, tf.constant(1.0)]

    def second():
        return x * 2.0, [limit * 2.0, limit]

    def third():
        return x[:1], [tf.constant(7.0), tf.reduce_mean(x)]

    a, (b, c) = tf.case([(low, first), (high, second)], default=third, strict=True)
    # TensorFlow cannot take sparse tensors out of conditionals that nest.
    given = sparse([3.0, 4.0])
    d = tf.case([(low, lambda: sparse([1.0, 2.0]))], default=lambda: given)
    sign([x, limit], a=a, b=b, c=c, d=tf.sparse.to_dense(d))


@module(seed=5)
def cases_on_variables():
    x, limit = numbers()
    kernel = tf.get_variable("kernel", [2, 3])
    bias = tf.get_variable("bias", initializer=[1.0, 2.0, 3.0])
    low, high = tf.less(limit, 0.0), tf.greater(limit, 1.0)

    def counted():
        steps = tf.get_variable("steps", initializer=0.0, trainable=False)
        with tf.control_dependencies([steps.assign_add(0.0)]):
            return tf.matmul(x, kernel)

    pairs = [(low, lambda: tf.matmul(x, kernel) + bias), (high, counted)]
    y = tf.case(pairs, default=lambda: tf.matmul(x * 2.0, kernel) * bias)
    sign([x, limit], default=y)


@module(seed=6)
def smart_conds():
    x, limit = numbers()
    flag = tf.placeholder(tf.bool, [], name="flag")
    kernel = tf.get_variable("kernel", [2, 2])
    known = smart.smart_cond(True, lambda: tf.matmul(x, kernel), lambda: x)
    constant = smart.smart_cond(tf.constant(False), lambda: x, lambda: known + 1.0, name="unused")
    folded = smart.smart_cond(tf.logical_not(tf.constant(False)), lambda: constant * 2.0, lambda: x)
    of_shape = smart.smart_cond(tf.equal(tf.shape(kernel)[0], 2), lambda: folded - 1.0, lambda: folded)
    asked = smart.smart_cond(flag, lambda: of_shape, lambda: x)
    with tf.name_scope("around"):
        named = smart.smart_cond(tf.less(limit, 0.0), lambda: x, lambda: asked * 2.0, name="named")

    def inside():
        return smart.smart_cond(tf.constant(True), lambda: smart.smart_cond(flag, lambda: named, lambda: x), lambda: x)

    sign([x, limit, flag], default=tf.cond(flag, inside, lambda: x), asked=asked)


@module(seed=8)
def initialized_values():
    x, limit = numbers()
    kernel = tf.get_variable("kernel", [2, 2])
    twin = tf.get_variable("twin", initializer=kernel.initialized_value())
    with tf.name_scope("scope"), tf.device("/cpu:0"):
        scaled = tf.Variable(twin.initialized_value() * 2.0, name="scaled")
    with tf.control_dependencies([x]):
        value = scaled.initialized_value()
    inside = tf.cond(tf.less(limit, 0.0), lambda: kernel.initialized_value(), lambda: value)
    sign([x, limit], default=tf.matmul(x, kernel) + tf.matmul(x, twin), value=value, inside=tf.matmul(x, inside))


@module(feeds={"limit": 2.0})
def branches_of_operations():
    x, limit = numbers()
    steps = tf.get_variable("steps", initializer=0.0, trainable=False)
    total = tf.get_variable("total", [2], initializer=tf.zeros_initializer(), trainable=False)
    low = tf.less(limit, 0.0)
    count = tf.cond(low, lambda: tf.group(steps.assign_add(0.0), total.assign(x[0] * 0.0)), tf.no_op)

    def several():
        return tf.no_op(), x, tf.group(low, x * 2.0)

    def others():
        return tf.no_op(), x * 2.0, tf.no_op()

    first, y, second = tf.cond(low, several, others, name="several")
    choice = tf.case([(low, lambda: steps.assign(limit * 0.0).op)], default=lambda: tf.no_op())
    with tf.control_dependencies([count, first, second, choice]):
        z = tf.identity(y)
    sign([x, limit], default=z)


@module()
def assertions():
    x, limit = numbers()
    scale = tf.get_variable("scale", initializer=[1.0, 2.0])
    sizes = tf.shape(x)
    plain = tf.Assert(tf.less(limit, 1000.0), ["limit is large", sizes, 7])
    guarded = tf.Assert(tf.less(limit, 1000.0), ["x is", x, "and limit", limit], summarize=5)
    of_variables = tf.Assert(True, [scale, scale, "are fine"], name="named")
    with tf.control_dependencies([plain, guarded]), tf.device("/cpu:0"):
        inside = tf.Assert(tf.greater(tf.size(x), 0), [limit])
    with tf.control_dependencies([inside, of_variables]):
        y = x * scale
    in_branch = tf.cond(
        tf.less(limit, 0.0), lambda: tf.Assert(tf.less(limit, 1.0), [x]), lambda: tf.Assert(True, ["no"])
    )
    with tf.control_dependencies([in_branch]):
        y = tf.identity(y)
    sign([x, limit], default=y)


@module(feeds={"x": [[1.0, 2.0], [3.0, 4.0]], "n": [1, 2]})
def assertions_compared():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    n = tf.placeholder(tf.int32, [None], name="n")
    checks = [
        tf.debugging.assert_equal(x, x),
        tf.debugging.assert_equal(n, tf.identity(n), message="other sizes"),
        tf.debugging.assert_none_equal(x, -1.0, summarize=4),
        tf.debugging.assert_less(x, 100.0, data=["x is", x]),
        tf.debugging.assert_less_equal(n, 5, message="large", data=["n is", n], name="small"),
        tf.debugging.assert_greater(x, [-7.0, 0.0]),
        tf.debugging.assert_greater_equal(n, 0, message=""),
    ]
    with tf.control_dependencies(checks):
        y = x * 2.0
    sign([x, n], default=y)


@module()
def assertions_of_constants():
    x, limit = numbers()
    one, two = tf.constant([1, 1], name="one"), tf.constant([2, 3], name="two")
    checks = [
        tf.debugging.assert_less(one, two),
        tf.debugging.assert_equal(tf.constant("a"), "a", message="texts"),
        tf.debugging.assert_none_equal(1.5, [2.5, 3.5]),
        tf.debugging.assert_greater_equal(two, one),
        tf.debugging.assert_positive(two, message="none"),
        tf.debugging.assert_equal(tf.rank(x), 2),
    ]
    with tf.control_dependencies(checks):
        y = x + limit
    sign([x, limit], default=y)


@module(feeds={"x": [[1.0, 2.0]], "n": [-1, -2]})
def assertions_of_signs():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    n = tf.placeholder(tf.int32, [None], name="n")
    scale = tf.get_variable("scale", initializer=[1.0, 2.0])
    checks = [
        tf.debugging.assert_positive(x),
        tf.debugging.assert_positive(scale, message="scale", summarize=9),
        tf.debugging.assert_negative(n, message="n"),
        tf.debugging.assert_non_positive(n, name="at_most_zero"),
        tf.debugging.assert_non_negative(x, data=["x is", x]),
        tf.debugging.assert_non_positive(-x, message="x"),
    ]
    with tf.control_dependencies(checks):
        y = x * scale
    sign([x, n], default=y)


@module()
def assertions_of_ranks():
    x, limit = numbers()
    scale = tf.get_variable("scale", initializer=[1.0, 2.0])
    checks = [
        tf.debugging.assert_rank(x, 2),
        tf.debugging.assert_rank(scale, 1, message="scale"),
        tf.debugging.assert_rank_at_least(x, 1, name="at_least"),
        tf.debugging.assert_rank_in(limit, [0, 1], summarize=2),
        tf.debugging.assert_rank_in(x, (2,), data=["x is", x]),
    ]
    with tf.control_dependencies(checks):
        y = x * scale + limit
    sign([x, limit], default=y)


@module(feeds={"any": [[1.0, 2.0]], "rank": 2})
def assertions_of_unknown_ranks():
    any = tf.placeholder(tf.float32, None, name="any")
    rank = tf.placeholder(tf.int32, [], name="rank")
    unknown = tf.placeholder_with_default(tf.constant(2), None, name="unknown")
    checks = [
        tf.debugging.assert_rank(any, 2, message="any"),
        tf.debugging.assert_rank(any, rank),
        tf.debugging.assert_rank_at_least(any, 1, summarize=2),
        tf.debugging.assert_rank_at_least(any, unknown),
        tf.debugging.assert_rank_in(any, [1, 2, 3]),
        tf.debugging.assert_rank_in(any, [rank, 7], data=["any is", any]),
        tf.debugging.assert_rank_in(any, [unknown, rank], name="either"),
    ]
    with tf.control_dependencies(checks):
        y = any * 2.0
    sign([any, rank], default=y)


@module(feeds={"x": [1.0, 2.0], "y": [1.0, 2.0], "wide": 3.0})
def assertions_of_nearness():
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.placeholder(tf.float32, [None], name="y")
    wide = tf.placeholder(tf.float64, [], name="wide")
    checks = [
        tf.debugging.assert_near(x, y),
        tf.debugging.assert_near(wide, 3.0, rtol=0.5, message="wide"),
        tf.debugging.assert_near(tf.cast(x, tf.float16), tf.cast(y, tf.float16), atol=0.25, summarize=1),
    ]
    with tf.device("/cpu:0"):
        checks.append(tf.debugging.assert_near(x, y, name="placed"))
        checks.append(tf.debugging.assert_near(x, y, data=[x, "differs from", y]))
    with tf.control_dependencies(checks):
        z = x + tf.cast(wide, tf.float32)
    sign([x, y, wide], default=z)


@module(feeds={"n": [1, 2]})
def assertions_of_types():
    x, limit = numbers()
    n = tf.placeholder(tf.int64, [None], name="n")
    rate = tf.get_variable("rate", initializer=0.5)
    checks = [
        tf.debugging.assert_type(x, tf.float32),
        tf.debugging.assert_integer(n, name="whole"),
        tf.debugging.assert_integer(n),
    ]
    with tf.control_dependencies(checks):
        y = tf.debugging.assert_scalar(limit) * tf.debugging.assert_scalar(rate)
        y = x * y * tf.debugging.assert_scalar(2.0, name="two")
    sign([x, limit, n], default=y)


@module()
def assertions_in_branches():
    x, limit = numbers()
    flag = tf.placeholder(tf.bool, [], name="flag")

    def checked():
        with tf.control_dependencies([tf.debugging.assert_less(limit, 1000.0, message="limit")]):
            a = x * limit
        with tf.control_dependencies([tf.debugging.assert_rank(x, 2), tf.debugging.assert_non_negative(tf.shape(x))]):
            return a + 1.0

    def other():
        with tf.control_dependencies([tf.Assert(tf.less(limit, 1000.0), ["large"])]):
            return x + limit

    first = tf.case([(flag, checked)], default=other, exclusive=True)
    second = tf.cond(flag, lambda: tf.debugging.assert_greater(x, -1000.0), lambda: tf.no_op(), name="second")
    with tf.control_dependencies([second]):
        second = tf.identity(x)
    sign([x, limit, flag], first=first, second=second)


@module(feeds={"rows": [[2.0], [0.0]]})
def losses_of_unknown_shapes():
    rows = tf.placeholder(tf.float32, [None, 1], name="rows")
    scale = tf.get_variable("scale", initializer=[[1.0, 2.0], [3.0, 4.0]])
    total = tf.losses.Reduction.SUM
    loss = tf.losses.mean_squared_error(scale, rows * scale, rows, loss_collection=None, reduction=total)
    sign([rows], default=loss)


@module(feeds={"weights": 0.5, "classes": [[1], [0]]})
def losses_of_unknown_ranks():
    weights = tf.placeholder(tf.float32, None, name="weights")
    classes = tf.placeholder(tf.int32, None, name="classes")
    scale = tf.get_variable("scale", initializer=[[1.0, 2.0], [3.0, 4.0]])
    total = tf.losses.Reduction.SUM
    loss = tf.losses.sparse_softmax_cross_entropy(classes, scale, weights, loss_collection=None, reduction=total)
    sign([weights, classes], default=loss)


KEPT = ["moving_average_variables"]


@module(seed=11, drop_collections=KEPT)
def moving_averages():
    x, limit = numbers()
    kernel = tf.get_variable("kernel", [2, 2])
    bias = tf.get_variable("bias", initializer=tf.constant([1.0, 2.0], tf.float64))
    average = tf.train.ExponentialMovingAverage(0.99)
    update = average.apply([kernel, bias])
    again = average.apply([kernel])
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    y = tf.matmul(x, kernel) + tf.cast(bias, tf.float32)
    z = tf.matmul(x, average.average(kernel))
    with tf.control_dependencies([again]):
        z = z + limit
    sign([x, limit], default=y, averaged=z)


@module(seed=12)
def moving_averages_of_tensors():
    x, limit = numbers()
    kernel = tf.get_variable("kernel", [2, 2])
    y = tf.matmul(x, kernel)
    norms = tf.reduce_mean(y, 0, name="norms")
    biased = tf.train.ExponentialMovingAverage(0.9)
    corrected = tf.train.ExponentialMovingAverage(0.5, zero_debias=True, name="corrected")
    updates = [biased.apply([norms, limit]), corrected.apply([norms]), corrected.apply([norms, limit])]
    for update in updates:
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
    sign([x, limit], default=y, biased=biased.average(norms) + corrected.average(norms))


@module(seed=13, drop_collections=KEPT)
def moving_averages_with_updates():
    x, limit = numbers()
    steps = tf.get_variable("steps", initializer=tf.constant(3, tf.int64), trainable=False)
    with tf.variable_scope("tower"):
        kernel = tf.get_variable("kernel", [2, 2])
        with tf.variable_scope("inner"), tf.device("/cpu:0"):
            own = tf.Variable([1.0, 2.0], name="own")
        first = tf.train.ExponentialMovingAverage(0.99, num_updates=steps, name="first")
        update = first.apply()
        second = tf.train.ExponentialMovingAverage(limit, num_updates=7)
        with tf.name_scope("scope"), tf.control_dependencies([update]):
            update = second.apply([own])
    decay = tf.get_variable("decay", initializer=0.9, trainable=False)
    third = tf.train.ExponentialMovingAverage(decay, num_updates=tf.cast(steps, tf.float32), name="third")
    with tf.control_dependencies([update]):
        with tf.control_dependencies([third.apply([kernel])]):
            y = tf.matmul(x, kernel) * own
            averaged = tf.matmul(x, first.average(kernel)) * second.average(own)
    sign([x, limit], default=y, averaged=averaged)


@module(seed=14)
def moving_averages_assigned():
    x, limit = numbers()
    kernel = tf.get_variable("kernel", [2, 2])
    mean = tf.get_variable("mean", [2], initializer=tf.zeros_initializer(), trainable=False)
    wide = tf.get_variable("wide", [], tf.float64, initializer=tf.zeros_initializer(), trainable=False)
    y = tf.matmul(x, kernel)
    batch = tf.reduce_mean(y, 0)
    with tf.variable_scope("scope"):
        updates = [
            averages.assign_moving_average(mean, batch, 0.9),
            averages.assign_moving_average(mean, batch, limit, zero_debias=False, name="plain"),
            averages.assign_moving_average(wide, tf.cast(limit, tf.float64), 0.75, zero_debias=False),
            averages.assign_moving_average(wide, wide, 0.5, name="debiased"),
            averages.assign_moving_average(mean, batch, 0.25),
        ]
    for update in updates:
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update.op)
    sign([x, limit], default=y - mean)


@module(seed=15)
def moving_averages_in_branches():
    x, limit = numbers()
    flag = tf.placeholder(tf.bool, [], name="flag")
    kernel = tf.get_variable("kernel", [2, 2])
    mean = tf.get_variable("mean", [2], initializer=tf.zeros_initializer(), trainable=False)
    y = tf.matmul(x, kernel)

    def training():
        batch = tf.reduce_mean(y, 0)
        update = averages.assign_moving_average(mean, batch, 1.0, zero_debias=False)
        with tf.control_dependencies([update]):
            return tf.identity(batch)

    normal = y - smart.smart_cond(flag, training, lambda: mean + 0.0)
    decay = 1.0 + limit * 0.0
    update = tf.cond(flag, lambda: averages.assign_moving_average(mean, y[0], decay, zero_debias=False), lambda: mean)
    sign([x, limit, flag], default=normal, moved=update + 0.0)
