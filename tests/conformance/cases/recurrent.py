"""Recurrent networks, unrolled and in loops."""

import tensorflow as tf
import tensorflow_hub as hub

from cases.cells import NO_GRADIENT, RANDOM, cells, contrib, outputs_of
from modules import module


@module(seed=112)
def rnn_static():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    steps = [x, x * 2.0, x + 1.0]
    a, state = tf.nn.static_rnn(cells.BasicLSTMCell(2), steps, dtype=tf.float32)
    b, b_state = tf.nn.static_rnn(cells.GRUCell(2), steps, initial_state=state.h, scope="second")
    with tf.variable_scope("third", initializer=tf.constant_initializer(0.5)) as scope:
        pass
    c, _ = tf.nn.static_rnn(cells.BasicRNNCell(2), steps, dtype=tf.float32, scope=scope)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state, b=b, b_state=b_state, c=c))


@module(seed=113)
def rnn_static_shared():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.GRUCell(2)
    a, state = tf.nn.static_rnn(cell, [x, x], dtype=tf.float32)
    b, state = cell(x, state)
    c, _ = tf.nn.static_rnn(cell, [x], initial_state=state)
    made_before = cells.BasicRNNCell(2, name="before")
    d, state = made_before(x, state)
    d, _ = tf.nn.static_rnn(made_before, [x], initial_state=state)
    with tf.variable_scope("rnn", reuse=True):
        bias = tf.get_variable("gru_cell/candidate/bias", [2])
    twice = bias * 2.0
    change = bias.assign_add([0.0, 0.0]).value()
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c, d=d, twice=twice, change=change))


@module(seed=114, left_out=NO_GRADIENT)
def rnn_static_multi():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.MultiRNNCell([cells.GRUCell(2), contrib.LSTMBlockCell(3)])
    outputs, state = tf.nn.static_rnn(cell, [x, x], dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(outputs=outputs, state=state))


@module(seed=132)
def rnn_static_layer_norm():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    outputs, state = tf.nn.static_rnn(contrib.LayerNormBasicLSTMCell(2), [x, x], dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(outputs=outputs, state=state))


@module(seed=115)
def rnn_static_lengths():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    lengths = tf.placeholder(tf.int64, [None], name="lengths")
    steps = [x, x * 2.0]
    a, state = tf.nn.static_rnn(cells.BasicLSTMCell(2), steps, dtype=tf.float32, sequence_length=lengths)
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs=outputs_of(a=a, state=state))


@module(seed=133)
def rnn_static_lengths_listed():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.MultiRNNCell([cells.BasicRNNCell(2), cells.BasicRNNCell(2)])
    a, state = tf.nn.static_rnn(cell, [x, x], dtype=tf.float32, sequence_length=[1, 2], scope="listed")
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=116)
def rnn_static_bidirectional():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    steps = [x, x * 2.0]
    forward, backward = cells.GRUCell(2), cells.BasicLSTMCell(3)
    a = tf.nn.static_bidirectional_rnn(forward, backward, steps, dtype=tf.float32)
    b = tf.nn.static_bidirectional_rnn(
        forward, backward, steps, initial_state_fw=a[1], initial_state_bw=a[2], scope="again")
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b))


@module(seed=134, feeds={"lengths": [1, 1]})
def rnn_static_bidirectional_lengths():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    lengths = tf.placeholder(tf.int32, [2], name="lengths")
    forward, backward = cells.BasicRNNCell(2), cells.BasicRNNCell(3)
    a = tf.nn.static_bidirectional_rnn(forward, backward, [x], dtype=tf.float32, sequence_length=lengths)
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs=outputs_of(a=a))


@module(seed=117)
def rnn_static_in_contexts():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")

    def network():
        outputs, state = tf.nn.static_rnn(cells.BasicLSTMCell(2), [x, x], dtype=tf.float32)
        return outputs[-1], state.c

    a = tf.cond(flag, network, lambda: (tf.zeros([2, 2]), tf.ones([2, 2])))
    with tf.name_scope("names"), tf.variable_scope("regular", regularizer=tf.contrib.layers.l2_regularizer(0.1)):
        b, _ = tf.nn.static_rnn(cells.GRUCell(2), [x], dtype=tf.float32)
    with tf.device("/cpu:0"):
        c, _ = tf.nn.static_rnn(cells.BasicRNNCell(2), [x], dtype=tf.float32, scope="on_cpu")
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs=outputs_of(a=a, b=b, c=c))


@module(seed=120)
def rnn_dynamic():
    x = tf.placeholder(tf.float32, [None, None, 3], name="x")
    a, state = tf.nn.dynamic_rnn(cells.BasicLSTMCell(2), x, dtype=tf.float32)
    b, b_state = tf.nn.dynamic_rnn(
        cells.GRUCell(2), x, initial_state=state.h, scope="second", parallel_iterations=4, swap_memory=True)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state, b=b, b_state=b_state))


@module(seed=121)
def rnn_dynamic_lengths():
    x = tf.placeholder(tf.float32, [None, None, 3], name="x")
    lengths = tf.placeholder(tf.int64, [None], name="lengths")
    a, state = tf.nn.dynamic_rnn(cells.LSTMCell(2), x, sequence_length=lengths, dtype=tf.float32)
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs=outputs_of(a=a, state=state))
    y = tf.placeholder(tf.float32, [2, 3, 3], name="y")
    b, state = tf.nn.dynamic_rnn(cells.BasicRNNCell(2), y, sequence_length=[1, 3], dtype=tf.float32, scope="listed")
    hub.add_signature("listed", inputs={"y": y}, outputs=outputs_of(b=b, state=state))


@module(seed=122)
def rnn_dynamic_time_major():
    x = tf.placeholder(tf.float32, [4, 2, 3], name="x")
    lengths = tf.placeholder(tf.int32, [2], name="lengths")
    cell = cells.BasicLSTMCell(2)
    a, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, time_major=True)
    b, state = tf.nn.dynamic_rnn(
        cell, x, sequence_length=lengths, initial_state=state, time_major=True, scope="again")
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs=outputs_of(a=a, b=b, state=state))


@module(seed=123, left_out=NO_GRADIENT)
def rnn_dynamic_multi():
    x = tf.placeholder(tf.float32, [2, 3, 3], name="x")
    cell = cells.MultiRNNCell([cells.BasicRNNCell(2), contrib.LSTMBlockCell(2)])
    a, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=124, left_out=RANDOM)
def rnn_dynamic_dropout():
    x = tf.placeholder(tf.float32, [2, None, 2], name="x")
    keep = tf.placeholder_with_default(0.5, [], name="keep")
    cell = cells.DropoutWrapper(
        cells.BasicRNNCell(2), input_keep_prob=keep, output_keep_prob=0.75, variational_recurrent=True, input_size=2,
        dtype=tf.float32, seed=5)
    a, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    hub.add_signature(inputs={"x": x, "keep": keep}, outputs=outputs_of(a=a, state=state))


@module(seed=136, left_out=RANDOM)
def rnn_dynamic_residual():
    x = tf.placeholder(tf.float32, [2, None, 2], name="x")
    cell = cells.ResidualWrapper(cells.DropoutWrapper(cells.BasicLSTMCell(2), state_keep_prob=0.5))
    a, _ = tf.nn.dynamic_rnn(cell, x, sequence_length=[2, 1], dtype=tf.float32, scope="residual")
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a))


@module(seed=125)
def rnn_dynamic_in_conditionals():
    x = tf.placeholder(tf.float32, [2, 3, 2], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")

    def network():
        outputs, state = tf.nn.dynamic_rnn(cells.BasicLSTMCell(2), x, dtype=tf.float32)
        return outputs, state.c

    a = tf.cond(flag, network, lambda: (tf.zeros([2, 3, 2]), tf.ones([2, 2])))
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs=outputs_of(a=a))


@module(seed=137)
def rnn_dynamic_in_loops():
    x = tf.placeholder(tf.float32, [2, 3, 2], name="x")
    cell = cells.BasicRNNCell(2)

    def body(i, y):
        with tf.variable_scope("loop"):
            y, _ = tf.nn.dynamic_rnn(cell, y, dtype=tf.float32)
        return i + 1, y

    _, a = tf.while_loop(lambda i, y: i < 2, body, (0, x))
    with tf.device("/cpu:0"):
        b, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, scope="on_cpu")
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b))


@module(seed=126)
def rnn_dynamic_shared():
    x = tf.placeholder(tf.float32, [2, 3, 2], name="x")
    cell = cells.GRUCell(2)
    state = cell.zero_state(2, tf.float32)
    _, state = cell(x[:, 0], state)
    a, state = tf.nn.dynamic_rnn(cell, x, initial_state=state)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=138)
def rnn_dynamic_reused():
    x = tf.placeholder(tf.float32, [2, 3, 2], name="x")
    with tf.variable_scope("shared"):
        a, _ = tf.nn.dynamic_rnn(cells.BasicRNNCell(2, name="cell"), x, dtype=tf.float32)
    with tf.variable_scope("shared", reuse=True):
        b, _ = tf.nn.dynamic_rnn(cells.BasicRNNCell(2, name="cell", reuse=True), x + 1.0, dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b))


@module(seed=139)
def rnn_dynamic_double():
    x = tf.placeholder(tf.float64, [2, 3, 2], name="x")
    cell = cells.LSTMCell(2, num_proj=1, use_peepholes=True)
    a, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float64, scope="double_rnn")
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a))


@module(seed=127)
def rnn_bidirectional():
    x = tf.placeholder(tf.float32, [2, None, 3], name="x")
    forward, backward = cells.BasicRNNCell(2), cells.BasicRNNCell(3)
    a, state = tf.nn.bidirectional_dynamic_rnn(forward, backward, x, dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=140, feeds={"lengths": [2, 1]})
def rnn_bidirectional_lengths():
    x = tf.placeholder(tf.float32, [2, 2, 3], name="x")
    lengths = tf.placeholder(tf.int32, [2], name="lengths")
    a, state = tf.nn.bidirectional_dynamic_rnn(
        cells.BasicRNNCell(2),
        cells.BasicRNNCell(2),
        x,
        sequence_length=lengths,
        initial_state_fw=tf.ones([2, 2]),
        dtype=tf.float32,
        scope="lengths",
    )
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs=outputs_of(a=a, state=state))


@module(seed=128)
def rnn_bidirectional_time_major():
    x = tf.placeholder(tf.float32, [3, 2, 2], name="x")
    forward, backward = cells.BasicRNNCell(2), cells.BasicRNNCell(2, name="backward")
    a, state = tf.nn.bidirectional_dynamic_rnn(
        forward, backward, x, dtype=tf.float32, time_major=True, parallel_iterations=1, swap_memory=True)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=129)
def rnn_raw():
    x = tf.placeholder(tf.float32, [None, None, 3], name="x")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    cell = cells.LSTMCell(2)
    batch_size = tf.shape(x)[0]
    steps = tf.TensorArray(tf.float32, tf.shape(x)[1]).unstack(tf.transpose(x, [1, 0, 2]))

    def loop_fn(time, cell_output, cell_state, loop_state):
        finished = time >= lengths
        if cell_output is None:
            state = cell.zero_state(batch_size, tf.float32)
        else:
            state = cell_state
        none_left = tf.reduce_all(finished)
        zeros = tf.zeros([batch_size, 3])
        inputs = tf.cond(none_left, lambda: zeros, lambda: steps.read(time))
        inputs.set_shape([None, 3])
        return finished, inputs, state, cell_output, None

    emitted, state, _ = tf.nn.raw_rnn(cell, loop_fn)
    hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs=outputs_of(a=emitted.stack(), state=state))


@module(seed=130)
def rnn_raw_loop_state():
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    cell = cells.MultiRNNCell([cells.GRUCell(2), cells.BasicRNNCell(2)])

    def loop_fn(time, cell_output, cell_state, loop_state):
        if cell_output is None:
            return tf.zeros([2], tf.bool), x, cell.zero_state(2, tf.float32), tf.zeros([3]), tf.constant(1.0)
        emit = tf.concat([cell_output, tf.fill([2, 1], loop_state)], 1)
        return tf.fill([2], time >= 3), cell_output * 0.5, cell_state, emit, loop_state * 2.0

    emitted, state, kept = tf.nn.raw_rnn(cell, loop_fn, parallel_iterations=1, swap_memory=True, scope="decoder")
    outputs = outputs_of(a=emitted.stack(), state=state, kept=kept)
    hub.add_signature(inputs={"x": x}, outputs=outputs)
