"""Cells of recurrent networks, and what wraps them."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from modules import module

RANDOM = {"train": "each session draws other numbers, of which the outputs are"}
NO_GRADIENT = {step: "only TensorFlow 1 has gradients of these ops, in contrib" for step in ("train", "tf2")}


class Namespace(object):
    """The names of a namespace of TensorFlow 1, looked up where a module is built: later versions read the table too."""

    def __init__(self, get):
        self._get = get

    def __getattr__(self, name):
        return getattr(self._get(), name)


cells = Namespace(lambda: tf.nn.rnn_cell)
contrib = Namespace(lambda: tf.contrib.rnn)


def outputs_of(**outputs):
    """One signature output for each tensor of structures of them."""
    flat = {}
    for name, structure in outputs.items():
        for i, tensor in enumerate(tf.contrib.framework.nest.flatten(structure)):
            flat["%s%d" % (name, i)] = tensor
    return flat


@module(seed=101)
def rnn_basic_cells():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    batch_size = tf.shape(x)[0]
    cell = cells.BasicRNNCell(2)
    a, state = cell(x, cell.zero_state(batch_size, tf.float32))
    a, _ = cell(x, state)
    cell = cells.BasicRNNCell(2, activation=tf.nn.relu, name="mine", trainable=False)
    b, _ = cell(x, cell.zero_state(batch_size, tf.float32))
    cell = cells.BasicRNNCell(2, reuse=tf.AUTO_REUSE)
    c, _ = cell(x, cell.zero_state(batch_size, tf.float32))
    cell = cells.BasicRNNCell(2, reuse=True, name="mine")
    d, _ = cell(x, cell.zero_state(batch_size, tf.float32))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c, d=d))


@module(seed=102)
def rnn_basic_lstm_cells():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.BasicLSTMCell(2)
    a, state = cell(x, cell.zero_state(2, tf.float32))
    a, state = cell(x, state)
    cell = cells.BasicLSTMCell(3, forget_bias=0.5, activation=tf.sigmoid, name="lstm")
    zeros = tf.zeros([2, 3])
    b, _ = cell(x, cells.LSTMStateTuple(zeros, zeros + 1.0))
    double = tf.placeholder(tf.float64, [2, 3], name="double")
    cell = cells.BasicLSTMCell(2, dtype=tf.float64)
    c, _ = cell(double, cell.zero_state(2, tf.float64))
    hub.add_signature(inputs={"x": x, "double": double}, outputs=outputs_of(a=a, state=state, b=b, c=c))


@module(seed=136)
def rnn_concatenated_states():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    sequence = tf.placeholder(tf.float32, [None, None, 3], name="sequence")
    batch_size = tf.shape(x)[0]
    cell = cells.BasicLSTMCell(2, state_is_tuple=False)
    a, state = cell(x, cell.zero_state(batch_size, tf.float32))
    a, state = cell(x, state)
    cell = cells.LSTMCell(3, state_is_tuple=False, num_proj=2, use_peepholes=True, name="projected")
    b, _ = cell(x, cell.zero_state(batch_size, tf.float32))
    cell = cells.MultiRNNCell([cells.LSTMCell(2, state_is_tuple=False), cells.GRUCell(2)])
    c, last = tf.nn.dynamic_rnn(cell, sequence, dtype=tf.float32)
    outputs = outputs_of(a=a, state=state, b=b, c=c, last=last)
    hub.add_signature(inputs={"x": x, "sequence": sequence}, outputs=outputs)


@module(seed=103)
def rnn_lstm_cells():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.LSTMCell(2)
    a, _ = cell(x, cell.zero_state(2, tf.float32))
    cell = cells.LSTMCell(
        3,
        use_peepholes=True,
        cell_clip=0.5,
        initializer=tf.random_uniform_initializer(-0.1, 0.1),
        num_proj=2,
        proj_clip=0.25,
        forget_bias=0.0,
        activation=tf.nn.relu,
    )
    state = cell.zero_state(2, tf.float32)
    b, state = cell(x, state)
    b, state = cell(x, state)
    with tf.variable_scope("scope", initializer=tf.ones_initializer()):
        cell = cells.LSTMCell(2, use_peepholes=True, num_proj=3, name="projecting")
        c, _ = cell(x, cell.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, state=state, c=c))


@module(seed=104)
def rnn_gru_cells():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.GRUCell(2)
    a, state = cell(x, cell.zero_state(2, tf.float32))
    a, _ = cell(x, state)
    cell = cells.GRUCell(
        2,
        activation=tf.nn.elu,
        kernel_initializer=tf.random_normal_initializer(stddev=0.5),
        bias_initializer=tf.constant_initializer(0.25),
    )
    b, _ = cell(x, state)
    double = tf.placeholder(tf.float64, [2, 3], name="double")
    cell = cells.GRUCell(2, name="double_cell")
    c, _ = cell(double, cell.zero_state(2, tf.float64))
    hub.add_signature(inputs={"x": x, "double": double}, outputs=outputs_of(a=a, b=b, c=c))


@module(seed=105)
def rnn_layer_norm_cells():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = contrib.LayerNormBasicLSTMCell(2)
    with tf.variable_scope("a"):
        a, state = cell(x, cell.zero_state(2, tf.float32))
    a, state = cell(x, state)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=118, left_out=RANDOM)
def rnn_layer_norm_options():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = contrib.LayerNormBasicLSTMCell(
        2, forget_bias=0.5, activation=tf.sigmoid, norm_gain=0.5, norm_shift=0.125, dropout_keep_prob=0.75,
        dropout_prob_seed=7)
    b, state = cell(x, cell.zero_state(2, tf.float32))
    keep = tf.placeholder_with_default(1.0, [], name="keep")
    cell = contrib.LayerNormBasicLSTMCell(2, layer_norm=False, dropout_keep_prob=keep)
    with tf.variable_scope("third"):
        c, _ = cell(x, state)
    hub.add_signature(inputs={"x": x, "keep": keep}, outputs=outputs_of(b=b, c=c))


@module(seed=106, left_out=NO_GRADIENT)
def rnn_block_cells():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = contrib.LSTMBlockCell(2)
    a, state = cell(x, cell.zero_state(2, tf.float32))
    a, state = cell(x, state)
    cell = contrib.LSTMBlockCell(2, forget_bias=0.5, cell_clip=2.0, use_peephole=True, name="peeping")
    b, _ = cell(x, state)
    cell = contrib.GRUBlockCellV2(2)
    c, _ = cell(x, cell.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c))


@module(seed=107, feeds={"any_size": np.linspace(-1.0, 1.0, 18).reshape([3, 2, 3]), "lengths": [3, 2]})
def rnn_fused_cells():
    x = tf.placeholder(tf.float32, [4, 2, 3], name="x")
    any_size = tf.placeholder(tf.float32, [None, None, 3], name="any_size")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    cell = contrib.LSTMBlockFusedCell(2)
    a = cell(x, dtype=tf.float32)
    cell = contrib.LSTMBlockFusedCell(2, forget_bias=0.5, cell_clip=1.0, use_peephole=True)
    b = cell(x, dtype=tf.float32, sequence_length=[1, 3])
    c = cell(any_size, dtype=tf.float32, sequence_length=lengths)
    d = cell(x, initial_state=b[1])
    inputs = {"x": x, "any_size": any_size, "lengths": lengths}
    hub.add_signature(inputs=inputs, outputs=outputs_of(a=a, b=b, c=c, d=d))


@module(seed=108)
def rnn_multi_cells():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.MultiRNNCell([cells.BasicLSTMCell(2), cells.GRUCell(3), cells.BasicRNNCell(2)])
    state = cell.zero_state(2, tf.float32)
    with tf.variable_scope("outer"):
        a, state = cell(x, state)
    a, state = cell(x, state)
    with tf.variable_scope("elsewhere"):
        a, state = cell(x, state)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, state=state))


@module(seed=119)
def rnn_multi_cells_in_lists():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    stack = cells.MultiRNNCell([cells.LSTMCell(n) for n in (2, 3)])
    b, stack_state = stack(x, stack.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(b=b, stack=stack_state))


@module(seed=135)
def rnn_multi_cells_nested():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    nested = cells.MultiRNNCell([cells.MultiRNNCell([cells.GRUCell(2), cells.GRUCell(2)]), cells.GRUCell(2)])
    c, _ = nested(x, nested.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(c=c))


@module(seed=109, left_out=RANDOM)
def rnn_dropout():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    keep = tf.placeholder_with_default(0.5, [], name="keep")
    cell = cells.DropoutWrapper(
        cells.BasicLSTMCell(2), input_keep_prob=0.9, output_keep_prob=keep, state_keep_prob=0.5, seed=7)
    a, state = cell(x, cell.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x, "keep": keep}, outputs=outputs_of(a=a, state=state))


@module(seed=131, left_out=RANDOM)
def rnn_dropout_in_layers():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    cell = cells.DropoutWrapper(cells.GRUCell(2), state_keep_prob=0.75, input_keep_prob=tf.constant(0.5))
    b, gru = cell(x, cell.zero_state(2, tf.float32))
    layers = [cells.DropoutWrapper(cells.LSTMCell(2), output_keep_prob=0.5) for _ in range(2)]
    cell = cells.DropoutWrapper(cells.MultiRNNCell(layers), state_keep_prob=0.5, seed=3)
    c, states = cell(x, cell.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(b=b, gru=gru, c=c, states=states))


@module(seed=110, left_out=RANDOM)
def rnn_dropout_variational():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    keep = tf.placeholder_with_default(0.5, [], name="keep")
    cell = cells.DropoutWrapper(
        cells.BasicLSTMCell(2), input_keep_prob=0.9, output_keep_prob=keep, state_keep_prob=0.5,
        variational_recurrent=True, input_size=3, dtype=tf.float32, seed=7)
    outputs, state = tf.nn.static_rnn(cell, [x, x + 1.0], dtype=tf.float32)
    cell = cells.DropoutWrapper(cells.GRUCell(2), output_keep_prob=0.75, variational_recurrent=True, dtype=tf.float32)
    b, _ = cell(x, cell.zero_state(2, tf.float32))
    hub.add_signature(inputs={"x": x, "keep": keep}, outputs=outputs_of(outputs=outputs, state=state, b=b))


@module(seed=111)
def rnn_wrappers():
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    cell = cells.ResidualWrapper(cells.GRUCell(2))
    a, state = cell(x, cell.zero_state(2, tf.float32))
    cell = cells.ResidualWrapper(cells.BasicRNNCell(2), residual_fn=lambda inputs, outputs: outputs - inputs * 0.5)
    b, _ = cell(x, state)
    layers = [cells.DeviceWrapper(cells.LSTMCell(2), "/cpu:0"), cells.GRUCell(2)]
    with tf.device("/device:CPU:0"):
        cell = cells.MultiRNNCell(layers)
        c, states = tf.nn.static_rnn(cell, [x, x], dtype=tf.float32)
    hub.add_signature(inputs={"x": x}, outputs=outputs_of(a=a, b=b, c=c, states=states))
