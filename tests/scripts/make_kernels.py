"""Writes the graph that the computing of initial values is tested with, and what TensorFlow computes.

Usage: make_kernels.py, with Python 3.7 and TensorFlow 1.15.5. It writes `tests/fixtures/kernels.pb`, a GraphDef in which
each case is a node `exact/NAME` or `close/NAME`, and the constant `value/exact/NAME` or `value/close/NAME` has the value
that a session gives for it. Exact ones are to be equal bit for bit.
"""

import os

import numpy as np
import tensorflow as tf
from tensorflow.python.ops import gen_linalg_ops
from tensorflow.python.ops import gen_math_ops

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "fixtures", "kernels.pb")

v1 = tf.compat.v1
FLOATS = np.array([-2.5, -1.0, -0.5, -0.0, 0.0, 0.3, 0.5, 1.0, 1.5, 2.5, 7.0], np.float32)
POSITIVE = np.array([0.01, 0.3, 0.5, 1.0, 1.5, 2.5, 7.0, 100.0, 3e5], np.float32)
UNIT = np.array([-0.9, -0.5, 0.0, 0.2, 0.99], np.float32)
INTS = np.array([-7, -6, -1, 0, 1, 5, 6, 7], np.int32)
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 7 - 1
M = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]], np.float32)


def exact():
    """Name, and tensors or functions that make them."""
    c = tf.constant
    for op in "abs ceil floor negative square sign".split():
        yield op, getattr(tf.math, op)(c(FLOATS))
        yield op + "_f64", getattr(tf.math, op)(c(FLOATS, tf.float64))
        yield op + "_f16", getattr(tf.math, op)(c(FLOATS, tf.float16))
    yield "sqrt_f64", tf.sqrt(c(POSITIVE, tf.float64))
    yield "floormod_without_rest", tf.floormod(c([-4.0, 4.0, 0.0]), c([2.0, -2.0, 2.0]))
    yield "nan", tf.maximum(c([np.nan, 1.0, np.nan]), c([1.0, np.nan, np.nan]))
    yield "nan_min", tf.minimum(c([np.nan, 1.0, np.nan]), c([1.0, np.nan, np.nan]))
    for op in "abs negative square sign".split():
        yield op + "_int", getattr(tf.math, op)(c(INTS))
    for op in "round rint".split():
        yield op, getattr(tf.math, op)(c(FLOATS))
    yield "reciprocal", tf.math.reciprocal(c(POSITIVE))
    yield "inv", gen_math_ops.inv(c(POSITIVE))
    yield "relu", tf.nn.relu(c(FLOATS))
    yield "relu6", tf.nn.relu6(c(FLOATS))
    yield "logical_not", tf.logical_not([True, False])
    other = c(FLOATS[::-1].copy())
    for op in "add subtract multiply maximum minimum squared_difference less less_equal greater greater_equal equal not_equal".split():
        yield op, getattr(tf.math, op)(c(FLOATS), other)
        yield op + "_broadcast", getattr(tf.math, op)(c(X), c(X[:, :1]))
        yield op + "_int", getattr(tf.math, op)(c(INTS), c(INTS[::-1].copy()))
        yield op + "_scalar", getattr(tf.math, op)(c(2.0), c(FLOATS))
        yield op + "_bf16", getattr(tf.math, op)(tf.cast(FLOATS, tf.bfloat16), tf.cast(other, tf.bfloat16))
    for divisor in (2, -2, 3):
        for op in "floordiv floormod truncatediv truncatemod".split():
            yield "%s_%s" % (op, divisor), getattr(tf, op)(c(INTS), divisor)
            if not op == "truncatediv":
                yield "%s_f32_%s" % (op, divisor), getattr(tf, op)(c(FLOATS), float(divisor))
        yield "int_true_div_%s" % divisor, c(INTS) / divisor
    yield "uint8_div", tf.truncatediv(c([7, 200], tf.uint8), c([2, 3], tf.uint8))
    yield "real_div", tf.realdiv(c(FLOATS), c(3.0))
    yield "div_no_nan", tf.math.divide_no_nan(c(FLOATS), c([0.0, 2.0] * 5 + [1.0]))
    yield "pow_int", tf.pow(c(INTS), c([3] * 8))
    yield "pow", tf.pow(c(POSITIVE), c(1.5))
    yield "add_n", tf.add_n([c(X), c(X * 2), c(X * 3)])
    yield "logical_and", tf.logical_and([[True], [False]], [True, False])
    yield "logical_or", tf.logical_or([[True], [False]], [True, False])
    yield "equal_bool", tf.equal([True, False], [True, True])
    yield "equal_string", tf.equal(["a", "b"], ["a", "c"])
    yield "complex_mul", c([1 + 2j, 3 - 1j]) * c([2 - 1j, 1j])
    yield "clip", tf.clip_by_value(c(FLOATS), -1.0, 1.0)
    # The layout.
    yield "transpose", tf.transpose(c(X), [2, 0, 1])
    yield "transpose_all", tf.transpose(c(X))
    yield "reshape", tf.reshape(c(X), [4, -1])
    yield "expand_dims", tf.expand_dims(c(X), -2)
    yield "squeeze", tf.squeeze(c(X[:, :1, :1]))
    yield "squeeze_axis", tf.squeeze(c(X[:1, :1]), [-2])
    yield "tile", tf.tile(c(X), [2, 1, 3])
    yield "broadcast_to", tf.broadcast_to(c(X[:, :1]), [2, 2, 3, 4])
    yield "slice", tf.slice(c(X), [1, 0, 2], [-1, 2, 1])
    yield "strided_slice", c(X)[::-1, 1:, tf.newaxis, -1:0:-2]
    yield "strided_slice_shrink", c(X)[1, ..., 2]
    yield "reverse", tf.reverse(c(X), [0, -1])
    yield "pad", tf.pad(c(X), [[1, 0], [0, 2], [1, 1]])
    yield "pad_value", tf.pad(c(X), [[1, 0], [0, 2], [1, 1]], constant_values=7.5)
    yield "pad_reflect", tf.pad(c(X), [[1, 0], [0, 2], [3, 2]], "REFLECT")
    yield "pad_symmetric", tf.pad(c(X), [[2, 0], [0, 2], [3, 4]], "SYMMETRIC")
    yield "pad_string", tf.pad(c(["a"]), [[1, 1]])
    yield "concat", tf.concat([c(X), c(X[:, :2]), c(X[:, 2:])], 1)
    yield "concat_string", tf.concat([c(["a"]), c(["b", "c"])], 0)
    yield "stack", tf.stack([c(X), c(-X)], axis=2)
    yield "stack_numbers", tf.stack([c(1.0), c(2.0)])
    for n, part in enumerate(tf.split(c(X), 2, 2)):
        yield "split_%d" % n, part
    for n, part in enumerate(tf.split(c(X), [1, -1, 1], 2)):
        yield "split_sizes_%d" % n, part
    for n, part in enumerate(tf.unstack(c(X), axis=1)):
        yield "unstack_%d" % n, part
    # Diagonals.
    yield "eye", tf.eye(3, 5)
    yield "eye_tall", tf.eye(5, 3, dtype=tf.float64)
    yield "eye_batch", tf.eye(2, 3, [2])
    yield "eye_square", tf.eye(4, dtype=tf.int32)
    yield "matrix_diag", tf.linalg.diag(c(X[0]))
    yield "matrix_diag_part", tf.linalg.diag_part(c(X))
    yield "matrix_set_diag", tf.linalg.set_diag(c(X), c(X[:, 0, :3] * 10))
    yield "diag", tf.linalg.tensor_diag(c(X[0, :2, :2]))
    yield "diag_part", tf.linalg.tensor_diag_part(c(np.arange(16, dtype=np.float32).reshape(2, 2, 2, 2)))
    for band in ((0, -1), (-1, 0), (1, 0), (0, 1), (-1, -1)):
        yield "band_%d_%d" % band, tf.linalg.band_part(c(X), *band)
    # Choosing.
    yield "gather", tf.gather(c(X), [[2, 0], [1, 1]], axis=1)
    yield "gather_rows", tf.gather(c(X), [1, 1, 0])
    yield "gather_nd", tf.gather_nd(c(X), [[[0, 1]], [[1, 2]]])
    yield "scatter_nd", tf.scatter_nd([[1], [0], [1]], c(X[0]), [3, 4])
    yield "one_hot", tf.one_hot([[0, 2], [-1, 1]], 3)
    yield "one_hot_axis", tf.one_hot([0, 2], 3, 5, -5, axis=0)
    yield "where_rows", v1.where([True, False], c(X), c(-X))
    yield "where", v1.where(c(X) > 0, c(X), tf.zeros_like(X))
    yield "where_v2", tf.compat.v2.where([[True], [False], [True]], c(X), 0.0)
    yield "where_indices", v1.where(c(X) > 0.5)
    # Ranges and fillings.
    yield "range", tf.range(3, 18, 4)
    yield "range_down", tf.range(10, 0, -3)
    yield "range_float", tf.range(0.0, 1.0, 0.1)
    yield "range_f64", tf.range(0.0, 1.0, 0.1, tf.float64)
    yield "range_int64", tf.range(5, dtype=tf.int64)
    yield "range_empty", tf.range(5, 5)
    yield "linspace", tf.linspace(0.0, 1.0, 7)
    yield "linspace_one", tf.linspace(c(2.0, tf.float64), c(9.0, tf.float64), 1)
    yield "fill", tf.fill([2, 2], "x")
    yield "zeros_like", tf.zeros_like(c(["a"]))
    yield "ones_like", tf.ones_like(c(X, tf.complex64))
    yield "shape", tf.shape(v1.placeholder_with_default(c(X), None))
    yield "size", tf.size(v1.placeholder_with_default(c(X), None), out_type=tf.int64)
    yield "rank", tf.rank(v1.placeholder_with_default(c(X), None))
    yield "cast", tf.cast(c(FLOATS), tf.int32)
    yield "cast_bool", tf.cast(c(FLOATS), tf.bool)
    # Reductions that no order of adding changes.
    for axes, name in ((None, "all"), ([0, -1], "some"), ([], "none")):
        for op in "max min".split():
            yield "reduce_%s_%s" % (op, name), getattr(tf, "reduce_" + op)(c(X), axes, keepdims=name == "some")
        for op in "sum prod max min mean".split():
            ints = c(np.arange(1, 25, dtype=np.int32).reshape(2, 3, 4))
            yield "reduce_%s_int_%s" % (op, name), getattr(tf, "reduce_" + op)(ints, axes)
        for op in "all any".split():
            yield "reduce_%s_%s" % (op, name), getattr(tf, "reduce_" + op)(c(X) > 0, axes)
    yield "argmax", tf.argmax(c([[1.0, 3.0, 3.0], [5.0, 4.0, 5.0]]), 1)
    yield "argmin", tf.argmin(c(X), 1, output_type=tf.int32)
    for exclusive in (False, True):
        for reverse in (False, True):
            yield "cumsum_%d%d" % (exclusive, reverse), tf.cumsum(c(X), 1, exclusive, reverse)
    yield "cumprod_int", tf.math.cumprod(c(INTS))
    # Small integers are worked out while a graph is built.
    yield "invert_permutation", tf.math.invert_permutation([2, 0, 1])
    yield "setdiff", v1.setdiff1d([1, 2, 3, 4], [2, 4])[0]
    yield "unique", tf.unique([3, 1, 3])[1]
    yield "matmul_int", tf.matmul(c(np.arange(6, dtype=np.int32).reshape(2, 3)), c(np.arange(6, dtype=np.int32).reshape(3, 2)))
    # Random numbers.
    v1.set_random_seed(42)
    yield "uniform", tf.random.uniform([7], -1, 1, seed=1)
    yield "normal", tf.random.normal([7], seed=2)
    yield "truncated", tf.random.truncated_normal([7], seed=3)
    yield "shuffle", tf.random.shuffle(c(np.arange(11)), seed=4)
    yield "shuffle_rows", tf.random.shuffle(c(np.arange(12).reshape(6, 2)), seed=5)
    yield "stateless_uniform", tf.random.stateless_uniform([7], [3, -5])
    yield "stateless_uniform_f64", tf.random.stateless_uniform([7], [3, 5], dtype=tf.float64)
    yield "stateless_int", tf.random.stateless_uniform([7], [3, 5], minval=-5, maxval=9, dtype=tf.int32)
    yield "uniform_int", tf.random.uniform([7], -5, 9, tf.int64, seed=6)
    yield "stateless_normal", tf.random.stateless_normal([7], [3, 5])
    yield "stateless_truncated", tf.random.stateless_truncated_normal([7], [3, 5])


def close():
    c = tf.constant
    for op in "exp expm1 sin cos tan tanh sigmoid sinh cosh asinh atan softplus".split():
        for dtype in (tf.float32, tf.float64):
            yield "%s_%s" % (op, dtype.name), getattr(tf.math, op)(c(FLOATS, dtype))
    for op in "log log1p rsqrt sqrt".split():
        yield op, getattr(tf.math, op)(c(POSITIVE))
    for op in "asin acos atanh".split():
        yield op, getattr(tf.math, op)(c(UNIT))
    yield "acosh", tf.math.acosh(c([1.0, 1.5, 30.0]))
    yield "exp_f16", tf.exp(c(FLOATS, tf.float16))
    yield "elu", tf.nn.elu(c(FLOATS))
    yield "softsign", tf.nn.softsign(c(FLOATS))
    yield "atan2", tf.atan2(c(FLOATS), c(FLOATS[::-1].copy()))
    yield "reduce_sum", tf.reduce_sum(c(X), [0, 2])
    yield "reduce_mean", tf.reduce_mean(c(X))
    yield "reduce_prod", tf.reduce_prod(c(X), 1, keepdims=True)
    yield "matmul", tf.matmul(c(X[0]), c(X[1]), transpose_b=True)
    yield "matmul_a", tf.matmul(c(X[0]), c(X[1]), transpose_a=True)
    yield "batch_matmul", tf.matmul(c(X), c(X), adjoint_b=True)
    yield "batch_matmul_broadcast", tf.linalg.matmul(c(X), c(X[:1]), transpose_a=True)
    random = np.random.RandomState(1)
    for rows, columns in ((3, 3), (5, 3), (3, 5), (1, 4), (4, 1)):
        for full in (False, True):
            matrix = random.normal(size=(2, rows, columns))
            for dtype in (tf.float32, tf.float64):
                q, r = gen_linalg_ops.qr(c(matrix, dtype), full_matrices=full)
                name = "%dx%d_%s_%s" % (rows, columns, "full" if full else "thin", dtype.name)
                yield "q_" + name, q
                yield "r_" + name, r
    q, r = gen_linalg_ops.qr(c([[2.0, 1.0], [0.0, -3.0]]))
    yield "q_triangular", q
    yield "r_triangular", r
    init = v1.initializers
    v1.set_random_seed(7)
    yield "orthogonal", init.orthogonal(seed=1)([4, 6])
    yield "orthogonal_tall", init.orthogonal(2.0, seed=1)([3, 2, 4])
    yield "orthogonal_v2", tf.compat.v2.initializers.Orthogonal(seed=3)([5, 5])
    yield "identity", init.identity(2.0)([3, 4])
    yield "variance_scaling", init.variance_scaling(2.0, "fan_avg", "untruncated_normal", seed=1)([4, 6])
    yield "he_uniform", init.he_uniform(seed=1)([4, 6])
    yield "uniform_unit", init.uniform_unit_scaling(seed=1)([4, 6])
    from tensorflow.python.ops import init_ops
    yield "delta_orthogonal", init_ops.convolutional_delta_orthogonal(seed=1)([3, 3, 2, 4])
    yield "conv_orthogonal_1d", init_ops.convolutional_orthogonal_1d(seed=1)([3, 4, 4])
    yield "conv_orthogonal_2d", init_ops.convolutional_orthogonal_2d(seed=1)([2, 2, 2, 3])
    yield "conv_orthogonal_3d", init_ops.convolutional_orthogonal_3d(seed=1)([2, 2, 2, 2, 2])
    # The encoding of positions in a transformer.
    position = tf.cast(tf.range(6)[:, tf.newaxis], tf.float32)
    rates = tf.exp(tf.cast(tf.range(4), tf.float32) * -(np.log(10000.0) / 3))
    yield "positions", tf.concat([tf.sin(position * rates), tf.cos(position * rates)], axis=1)
    yield "normalized", tf.nn.l2_normalize(c(X), axis=-1)
    yield "glorot_by_hand", tf.random.normal([4, 3], seed=1) * tf.sqrt(2.0 / tf.cast(4 + 3, tf.float32))
    yield "standardized", (c(X) - tf.reduce_mean(c(X), 0)) / tf.math.reduce_std(c(X), 0)


def main():
    with tf.Graph().as_default() as graph:
        cases = []
        for kind in (exact, close):
            for name, tensor in kind():
                cases.append(tf.identity(tensor, "%s/%s" % (kind.__name__, name)))
        config = v1.ConfigProto(graph_options=v1.GraphOptions(optimizer_options=v1.OptimizerOptions(opt_level=-1)))
        with v1.Session(config=config) as session:
            values = session.run(cases)
    with graph.as_default():
        for case, value in zip(cases, values):
            if value.dtype == object:
                value = value.astype("S")
            tf.constant(value, case.dtype, name="value/" + case.op.name)
    with open(OUT, "wb") as file:
        file.write(graph.as_graph_def().SerializeToString())
    print("%d cases" % len(cases))


if __name__ == "__main__":
    main()
