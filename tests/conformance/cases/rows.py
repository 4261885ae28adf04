"""Functions that map and fold the rows of tensors."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function

from cases.control_flow_v2 import control_flow_v2
from modules import module


@module()
def map_fn():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    any_rank = tf.placeholder(tf.float32, name="any_rank")
    shift = tf.constant([1.0, 2.0, 3.0], name="shift")
    hub.add_signature(
        inputs={"x": x, "known": known, "any_rank": any_rank},
        outputs={
            "doubled": tf.map_fn(lambda row: row * 2.0 + shift, x),
            "sums": tf.map_fn(lambda row: tf.reduce_sum(row), known),
            "any_rank": tf.map_fn(tf.tanh, any_rank),
            "same": tf.map_fn(lambda row: row, known),
        },
    )


@module()
def map_fn_of_dtypes():
    ids = tf.placeholder(tf.int32, [None], name="ids")
    words = tf.placeholder(tf.string, [None, 2], name="words")
    hub.add_signature(
        inputs={"ids": ids, "words": words},
        outputs={
            "squares": tf.map_fn(lambda i: i * i, ids, name="squares"),
            "lengths": tf.map_fn(lambda pair: tf.strings.length(pair), words, dtype=tf.int32),
            "joined": tf.map_fn(lambda pair: tf.strings.reduce_join(pair), words),
        },
    )


@module()
def map_fn_of_options():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    lengths = tf.placeholder(tf.int32, [3], name="lengths")
    rows = tf.map_fn(
        lambda row: row + 1.0,
        x,
        parallel_iterations=2,
        back_prop=False,
        swap_memory=True,
        infer_shape=False,
        name="rows",
    )
    repeated = tf.map_fn(lambda n: tf.fill([2], n), lengths, infer_shape=False)
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs={"rows": rows, "repeated": repeated})


@module()
def map_fn_of_structures():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.placeholder(tf.float32, [3, 2], name="y")
    pair = tf.map_fn(lambda e: (e[0] * 2.0, e[1] - 1.0), (x, y))
    one = tf.map_fn(lambda e: tf.reduce_sum(e[0]) + tf.reduce_sum(e[1]), (x, y), dtype=tf.float32)
    hub.add_signature(inputs={"x": x, "y": y}, outputs={"pair0": pair[0], "pair1": pair[1], "one": one})


@module()
def map_fn_to_structures():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.placeholder(tf.float32, [3, 2], name="y")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    several = tf.map_fn(
        lambda row: (row, (tf.size(row), tf.cast(row, tf.int64))), x, (tf.float32, (tf.int32, tf.int64))
    )
    nested = tf.map_fn(lambda e: [e[0][0], e[1]], ((x, y), ids), dtype=[tf.float32, tf.int64], name="nested")
    hub.add_signature(
        inputs={"x": x, "y": y, "ids": ids},
        outputs={
            "several0": several[0],
            "several1": several[1][0],
            "several2": several[1][1],
            "nested0": nested[0],
            "nested1": nested[1],
        },
    )


@module()
def map_fn_nested():
    x = tf.placeholder(tf.float32, [None, 3, 2], name="x")
    y = tf.map_fn(lambda page: tf.map_fn(lambda row: row * tf.reduce_sum(page), page), x)
    table = tf.map_fn(lambda row: tf.map_fn(lambda other: tf.reduce_sum(row * other), x[0]), x[1])
    hub.add_signature(inputs={"x": x}, outputs={"default": y, "table": table})


@module()
def map_fn_and_conditionals():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    within = tf.cond(flag, lambda: tf.map_fn(lambda row: row * 2.0, x), lambda: x)

    def chosen(row):
        return tf.cond(tf.reduce_sum(row) > 0.0, lambda: row, lambda: tf.cond(flag, lambda: -row, lambda: row - 1.0))

    one = tf.constant(1.0, name="one")
    with tf.control_dependencies([one]), tf.device("/cpu:0"):
        inside = tf.map_fn(chosen, x)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"within": within, "inside": inside})


@module(seed=11)
def map_fn_on_variables():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    kernel = tf.get_variable("kernel", [3, 2])

    def layer(row):
        with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
            scale = tf.get_variable("scale", [2])
        return tf.matmul(row[tf.newaxis], kernel)[0] * scale

    with tf.variable_scope("scope"):
        y = tf.map_fn(layer, x)
        again = tf.map_fn(layer, x + 1.0)
    z = tf.map_fn(lambda row: row * 2.0, kernel.value())
    read = tf.map_fn(lambda row: row * 3.0, kernel)
    hub.add_signature(inputs={"x": x}, outputs={"default": y, "again": again, "z": z, "read": read})


@module()
def map_fn_in_functions():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    shift = tf.constant(2.0, name="shift")

    @function.Defun(tf.float32, func_name="mapped")
    def mapped(x):
        return tf.map_fn(lambda row: row * shift, x)

    @function.Defun(tf.float32, func_name="of_row")
    def of_row(row):
        return row + shift

    hub.add_signature(inputs={"x": x}, outputs={"mapped": mapped(x), "called": tf.map_fn(of_row, x)})


@module()
def foldl():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    words = tf.placeholder(tf.string, [None], name="words")
    zero = tf.constant([0.0, 0.0], name="zero")
    start = tf.constant("start", name="start")
    hub.add_signature(
        inputs={"x": x, "known": known, "words": words},
        outputs={
            "default": tf.foldl(lambda a, row: a + row * 2.0, x),
            "known": tf.foldl(lambda a, row: a * row, known),
            "from_zero": tf.foldl(lambda a, row: a - row, known, initializer=zero),
            "text": tf.foldl(lambda a, word: tf.strings.join([a, word]), words, initializer=start, name="text"),
        },
    )


@module()
def foldr():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    words = tf.placeholder(tf.string, [None], name="words")
    zero = tf.constant([0.0, 0.0], name="zero")
    start = tf.constant("start", name="start")
    hub.add_signature(
        inputs={"x": x, "known": known, "words": words},
        outputs={
            "default": tf.foldr(lambda a, row: a + row * 2.0, x),
            "known": tf.foldr(lambda a, row: a * row, known),
            "from_zero": tf.foldr(lambda a, row: a - row, known, initializer=zero),
            "text": tf.foldr(lambda a, word: tf.strings.join([a, word]), words, initializer=start, name="text"),
        },
    )


@module()
def folds_of_structures():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    ids = tf.placeholder(tf.int32, [None], name="ids")
    one = tf.constant(1.0, name="one")
    both = tf.foldl(lambda a, e: (a[0] + e[0], a[1] * e[1]), (x, ids))
    counted = tf.foldl(
        lambda a, e: (a[0] + 1, (a[1][0] * tf.reduce_sum(e[0]), a[1][1] + e[1])),
        (x, ids),
        initializer=(tf.size(ids), (one, tf.reduce_max(ids))),
        parallel_iterations=3,
        back_prop=False,
        swap_memory=True,
    )
    back = tf.foldr(lambda a, e: (e[0] - a[0], e[1] + a[1]), (x, ids), parallel_iterations=1)
    hub.add_signature(
        inputs={"x": x, "ids": ids},
        outputs={
            "both0": both[0],
            "both1": both[1],
            "counted0": counted[0],
            "counted1": counted[1][0],
            "counted2": counted[1][1],
            "back0": back[0],
            "back1": back[1],
        },
    )


@module()
def scan():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    zero = tf.constant([0.0, 0.0], name="zero")
    hub.add_signature(
        inputs={"x": x, "known": known, "ids": ids},
        outputs={
            "sums": tf.scan(lambda a, row: a + row, x),
            "sums_known": tf.scan(lambda a, row: a + row * 0.5, known),
            "from_zero": tf.scan(lambda a, row: a * 0.5 + row, known, initializer=zero),
            "products": tf.scan(lambda a, i: a * i, ids, initializer=tf.constant(2, tf.int64)),
        },
    )


@module()
def scan_in_reverse():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    zero = tf.constant([0.0, 0.0], name="zero")
    hub.add_signature(
        inputs={"x": x, "known": known, "ids": ids},
        outputs={
            "back": tf.scan(lambda a, row: a - row, x, reverse=True),
            "back_known": tf.scan(lambda a, row: a - row, known, reverse=True, name="back"),
            "from_zero": tf.scan(lambda a, row: a - row, known, initializer=zero, reverse=True),
            "products": tf.scan(lambda a, i: a * i, ids, initializer=tf.constant(2, tf.int64), reverse=True),
        },
    )


@module()
def scan_of_structures():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    ids = tf.placeholder(tf.int32, [None], name="ids")
    words = tf.placeholder(tf.string, [None], name="words")
    both = tf.scan(lambda a, e: (a[0] + e[0], a[1] * e[1]), (x, ids))
    fibonacci = tf.scan(
        lambda a, _: (a[1], a[0] + a[1]), ids, initializer=(tf.constant(0), tf.constant(1)), name="fibonacci"
    )
    state = tf.scan(
        lambda a, e: (tf.tanh(a[0] + e[0]), tf.strings.join([a[1], e[1]])),
        (x, words),
        initializer=(tf.zeros([3]), ""),
        parallel_iterations=4,
        back_prop=False,
        swap_memory=True,
        infer_shape=False,
    )
    hub.add_signature(
        inputs={"x": x, "ids": ids, "words": words},
        outputs={
            "both0": both[0],
            "both1": both[1],
            "fibonacci0": fibonacci[0],
            "fibonacci1": fibonacci[1],
            "state0": state[0],
            "state1": state[1],
        },
    )


@module(seed=13)
def scan_of_a_cell():
    x = tf.placeholder(tf.float32, [None, None, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    steps = tf.transpose(x, [1, 0, 2])
    start = tf.zeros([tf.shape(x)[0], 3])

    def cell(state, step):
        with tf.variable_scope("cell", reuse=tf.AUTO_REUSE):
            inputs = tf.concat([step, state], 1)
            kernel = tf.get_variable("kernel", [5, 3])
            bias = tf.get_variable("bias", [3], initializer=tf.zeros_initializer())
        new = tf.tanh(tf.matmul(inputs, kernel) + bias)
        return tf.cond(flag, lambda: new, lambda: new + state)

    states = tf.scan(cell, steps, initializer=start)
    last = tf.foldl(cell, steps, initializer=start)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"states": states, "last": last})


@module()
def rows_nested():
    x = tf.placeholder(tf.float32, [None, 3, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    sums = tf.map_fn(lambda page: tf.scan(lambda a, row: a + row, page), x)
    total = tf.cond(flag, lambda: tf.foldl(lambda a, page: a + page, x), lambda: x[0])
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"sums": sums, "total": total})


@module()
def rows_in_loops():
    x = tf.placeholder(tf.float32, [3, 2], name="x")
    empty = tf.placeholder(tf.float32, [0, 2], name="empty")

    def body(i, rows):
        return i + 1, tf.map_fn(lambda row: row * 0.5 + tf.cast(i, tf.float32), rows)

    _, halved = tf.while_loop(lambda i, _: i < 3, body, (tf.constant(0), x))
    hub.add_signature(
        inputs={"x": x, "empty": empty},
        outputs={
            "halved": halved,
            "mapped": tf.map_fn(lambda row: row + 1.0, empty),
            "scanned": tf.scan(lambda a, row: a + row, empty, initializer=tf.zeros([2])),
        },
    )


@module(seed=17)
def rows_in_functions():
    x = tf.placeholder(tf.float32, [None, 3], name="x")

    @function.Defun(tf.float32, func_name="scaled")
    def scaled(x):
        def row_scaled(row):
            return row * tf.get_variable("scale", [3])

        return tf.map_fn(row_scaled, x)

    def of_row(row):
        @function.Defun(tf.float32, func_name="shifted")
        def shifted(row):
            return row + tf.get_variable("shift", [3])

        return shifted(row)

    hub.add_signature(inputs={"x": x}, outputs={"scaled": scaled(x), "shifted": tf.map_fn(of_row, x)})


@module(
    seed=29,
    feeds={"flag": True},
    left_out={"tf2": "it finds no gradient of a variable that an imported While reads"},
)
@control_flow_v2
def rows_v2():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    flag = tf.placeholder(tf.bool, [], name="flag")
    kernel = tf.get_variable("kernel", [3, 2])

    def layer(row):
        return tf.cond(flag, lambda: tf.reduce_sum(row[:, tf.newaxis] * kernel, 0), lambda: row[:2])

    hub.add_signature(
        inputs={"x": x, "known": known, "flag": flag},
        outputs={
            "mapped": tf.map_fn(layer, x),
            "left": tf.foldl(lambda a, row: a + row * 2.0, known),
            "right": tf.foldr(lambda a, row: a - row, x, initializer=tf.zeros([3])),
        },
    )


@module()
@control_flow_v2
def scan_v2():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    known = tf.placeholder(tf.float32, [4, 2], name="known")
    both = tf.scan(lambda a, e: (a[0] + e, a[1] * 2), known, initializer=(tf.zeros([2]), 1))
    hub.add_signature(
        inputs={"x": x, "known": known},
        outputs={
            "sums": tf.scan(lambda a, row: a + row, x),
            "both0": both[0],
            "both1": both[1],
            "back": tf.scan(lambda a, row: a - row, known, reverse=True, name="back"),
        },
    )
