"""Functions that nodes call."""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.eager import function as eager_function
from tensorflow.python.framework import function
from tensorflow.python.ops import functional_ops

from modules import module


@module()
def functions_with_captures():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    shift = tf.constant([1.0, 2.0, 3.0], name="shift")

    @function.Defun(tf.float32, tf.float32, func_name="scaled")
    def scaled(x, y):
        z = x * y + shift
        return z, tf.nn.relu(z, name="out")

    @function.Defun(tf.float32, func_name="Same-again")
    def same_again(x):
        return x, x, shift, tf.identity(shift, name="Shift"), tf.identity(x, name="x_0")

    first = scaled(x, tf.constant(2.0))
    with tf.name_scope("scope"):
        second = scaled(first[1], x)
        third = same_again(second[0], name="again")
    outputs = {"first": first[0], "second": second[1]}
    outputs.update({"third%d" % i: tensor for i, tensor in enumerate(third)})
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def functions_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    weights = tf.constant([[1.0, -1.0], [2.0, 0.5]], name="weights")
    bias = tf.constant([0.25, 0.75], name="bias")

    @function.Defun(tf.float32, func_name="outer")
    def outer(x):
        doubled = x * 2.0

        @function.Defun(tf.float32, func_name="inner")
        def inner(y):
            with tf.name_scope("in"):
                z = tf.matmul(y, weights) + doubled
            return z + bias

        @function.Defun(tf.float32, func_name="never_called")
        def never_called(y):
            return y + 1.0

        with tf.name_scope("calls"):
            first = inner(x)
            second = inner(first)
        parts = tf.split(second, 2, axis=1)
        return parts + [tf.concat([parts[1], first], 1)]

    with tf.name_scope("around"), tf.control_dependencies([bias]), tf.device("/cpu:0"):
        results = outer(x)
    hub.add_signature(inputs={"x": x}, outputs={"default": results[0], "second": results[1], "third": results[2]})


@module(
    seed=17,
    left_out={"train": "TensorFlow cannot add the gradients of a variable whose handle several calls of a Defun take"},
)
def functions_of_variables():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kernel = tf.get_variable("kernel", [2, 3])
    scale = tf.get_variable("scale", [3])

    @function.Defun(tf.float32, func_name="layer")
    def layer(x):
        y = tf.matmul(x, kernel, name="product")
        with tf.control_dependencies([x, y]):
            with tf.device("/cpu:0"):
                z = y * scale
            with tf.colocate_with(z):
                z = tf.identity(z, name="Z.2")
        with tf.control_dependencies([z, y, x]):
            tf.no_op(name="last")
        return z * scale

    hub.add_signature(inputs={"x": x}, outputs={"default": layer(x), "again": layer(x * 2.0)})


@module(seed=31, left_out={"train": "TensorFlow has no gradient for GatherV2 in the body of a function"})
def variables_made_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    regularizer = tf.contrib.layers.l2_regularizer(0.1)
    with tf.variable_scope("around", initializer=tf.ones_initializer(), regularizer=regularizer):
        before = tf.control_dependencies([tf.no_op(name="before")])
        with tf.name_scope("names"), before, tf.device("/job:localhost"), tf.device("/cpu:0"):

            @function.Defun(tf.float32, func_name="scaled")
            def scaled(x):
                with tf.variable_scope("inside"), tf.name_scope("deep"), tf.control_dependencies([x]):
                    scale = tf.get_variable("scale", [2])
                    y = x * scale
                with tf.variable_scope("inside", reuse=True):
                    again = tf.get_variable("scale", [2])
                offset = tf.get_variable("offset", initializer=[1.5, -0.5], trainable=False)
                return y + again * offset, again

            y = scaled(x)

    @function.Defun(tf.float32, func_name="outer")
    def outer(x):
        @function.Defun(tf.float32, func_name="inner")
        def inner(x):
            rows = tf.get_variable("rows", [4, 2])
            return tf.nn.embedding_lookup(rows, [3, 1]) + tf.gather(rows, [0, 2]) * x

        with tf.variable_scope("layers"):
            x.set_shape([None, 2])
            y = inner(tf.layers.dense(x, 2))
            y.set_shape([None, 2])
            return tf.layers.dense(y, 2, name="second")

    z = outer(y[0][:2])
    out = {"scaled": y[0], "scale": y[1], "default": z, "again": outer(z)}
    hub.add_signature(inputs={"x": x}, outputs=out)


@module(
    seed=37,
    left_out={"train": "TensorFlow cannot add the gradients of a variable whose handle several calls of a Defun take"},
)
def handles_in_functions():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    kernel = tf.get_variable("kernel", [2, 2])
    with tf.variable_scope("scope") as scope:
        shift = tf.get_variable("shift", [2])
    with tf.name_scope("around"), tf.control_dependencies([x]), tf.device("/cpu:0"):

        @function.Defun(tf.float32, func_name="layer")
        def layer(x):
            with tf.name_scope("inside"), tf.control_dependencies([x]):
                own = tf.Variable([0.5, 0.25], name="own", use_resource=True)
                y = tf.matmul(x, kernel) * own
            with tf.variable_scope(scope, reuse=True):
                z = y + tf.get_variable("shift", [2])
            return z + kernel.read_value()[0] + tf.gather(kernel, 1) + shift

    hub.add_signature(inputs={"x": x}, outputs={"default": layer(x), "again": layer(x * 2.0)})


@module(seed=3, left_out={"hub_load": "later releases refuse attributes of functions that they do not know"})
def functions_with_options():
    x = tf.placeholder(tf.float32, [None, 2], name="x")

    @function.Defun(tf.float32, tf.float32, func_name="cube_grad")
    def cube_grad(x, dy):
        return x * 3.0 * x * dy

    @function.Defun(tf.float32, func_name="cube", grad_func=cube_grad, noinline=True)
    def cube(x):
        return x * x * x

    @function.Defun(tf.float32, tf.int32, func_name="Halves", out_names=["low", "High"], experimental_part=3)
    def halves(x, n):
        return x[:n], x[n:]

    y = cube(x)
    low, high = halves(y, tf.constant(1))
    hub.add_signature(inputs={"x": x}, outputs={"default": y, "low": low, "high": high})


@module(seed=23)
def functions_with_effects():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    total = tf.get_variable("total", [2], initializer=tf.zeros_initializer(), trainable=False)

    @function.Defun(tf.float32, func_name="add")
    def add(x):
        with tf.control_dependencies([total.assign_add(x[0] * 0.0)]):
            return total.read_value()

    @function.Defun(func_name="draw")
    def draw():
        noise = tf.random_uniform([2], seed=9)
        return noise, tf.random_normal([2])

    @function.Defun(tf.string, tf.bool, func_name="words")
    def words(word, flag):
        return tf.strings.join([word, "!"]), tf.logical_not(flag), tf.cast(flag, tf.int64)

    drawn = draw()
    said = words(tf.constant("yes"), tf.constant(True))
    outputs = {"default": x * 2.0, "total": add(x), "shape": tf.shape(drawn[0] + drawn[1])}
    outputs.update({"word": said[0], "flag": said[1], "number": said[2]})
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(seed=29)
def functions_called_otherwise():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    shift = tf.constant([1.0, 2.0], name="shift")
    total = tf.get_variable("total", [2], initializer=tf.zeros_initializer(), trainable=False)

    @function.Defun(tf.float32, func_name="shifted")
    def shifted(x):
        return x + shift

    @function.Defun(tf.float32, func_name="both")
    def both(x):
        inner = functional_ops.partitioned_call([x] + shifted.captured_inputs, shifted)
        return inner[0], inner[0] * x

    @function.Defun(tf.float32, func_name="added")
    def added(x):
        with tf.control_dependencies([total.assign_add(x[0] * 0.0)]):
            return tf.identity(total.read_value())

    first = functional_ops.partitioned_call([x] + shifted.captured_inputs, shifted)
    with tf.name_scope("scope"), tf.device("/cpu:0"):
        second = functional_ops.partitioned_call([x] + both.captured_inputs, both)
        third = functional_ops.partitioned_call([x] + added.captured_inputs, added)
    target = tf.constant("/job:localhost/replica:0/task:0/device:CPU:0", name="target")
    remote = functional_ops.remote_call(target, [x] + shifted.captured_inputs, [tf.float32], shifted)
    outputs = {"default": first[0], "inner": second[0], "product": second[1], "total": third[0], "remote": remote[0]}
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module()
def functions_with_constants():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    outside = tf.constant([3.0, 4.0], name="outside")

    @function.Defun(tf.float32, func_name="outermost")
    def outermost(a):
        tf.constant(1.0, name="dead")
        between = tf.constant(2.0, name="between")

        @function.Defun(tf.float32, func_name="middle")
        def middle(b):
            tf.constant(5.0, name="dead_in_middle")

            @function.Defun(tf.float32, func_name="innermost")
            def innermost(c):
                tf.constant(6.0, name="dead_in_innermost")
                return c * between + outside

            return innermost(b) * tf.constant(0.5)

        return middle(a)

    @function.Defun(tf.float32, func_name="passes")
    def passes(a):
        tf.constant(7.0, name="dead")
        return outermost(a)

    hub.add_signature(inputs={"x": x}, outputs={"default": outermost(x), "passed": passes(x)})


@module()
def concrete_functions():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.constant([1.0, 2.0, 3.0], name="w")

    @tf.contrib.eager.defun(input_signature=[tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([], tf.float32)])
    def scaled(a, b):
        return a * w + b

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, "In-put")], autograph=False)
    def several(a):
        with tf.name_scope("inside"):
            b = tf.nn.relu(a, name="Relu.1")
        return b, a, w, (tf.identity(w), b)

    @tf.contrib.eager.defun(input_signature=[])
    def nothing():
        return tf.constant([4, 5])

    first = scaled(x, tf.constant(2.0))
    again = scaled(first, tf.constant(3.0))
    with tf.name_scope("scope"), tf.device("/cpu:0"), tf.control_dependencies([w]):
        second = several(again)
        third = scaled(x, tf.constant(1.0))
    outputs = {"default": first, "again": again, "third": third, "nothing": nothing()}
    outputs.update({"several%d" % i: tensor for i, tensor in enumerate(tf.nest.flatten(second))})
    hub.add_signature(inputs={"x": x}, outputs=outputs)


@module(
    seed=43,
    left_out={"train": "TensorFlow 2 cannot add the gradients of a variable whose handle several calls of a function take"},
)
def concrete_functions_of_variables():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    kernel = tf.get_variable("kernel", [3, 3])
    count = tf.get_variable("count", [3], initializer=tf.zeros_initializer(), trainable=False)
    rows = tf.TensorSpec([None, 3], tf.float32)

    @tf.contrib.eager.defun(input_signature=[rows])
    def step(a):
        count.assign_add(a[0] * 0.0)
        before = count.read_value()
        with tf.name_scope("late"):
            count.assign(before * 2.0)
        return tf.matmul(a, kernel) + before, count.read_value()

    @tf.contrib.eager.defun(input_signature=[rows])
    def reset(a):
        count.assign(tf.zeros([3]))
        tf.random_uniform([2])
        count.assign_sub(a[0] * 0.0)

    @tf.contrib.eager.defun(input_signature=[rows])
    def make(a):
        with tf.variable_scope("made"):
            scale = tf.get_variable("scale", [3], initializer=tf.ones_initializer())
            y = tf.layers.dense(a * scale, 2, name="dense")
        return y

    y, read = step(x)
    with tf.control_dependencies([y]):
        done = reset(x)
    with tf.control_dependencies([done]):
        z = step(x)
    hub.add_signature(inputs={"x": x}, outputs={"default": make(x), "y": y, "read": read, "z": z[0], "end": z[1]})


@module()
def concrete_functions_of_each_other():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.constant([1.0, 2.0, 3.0], name="w")
    rows = tf.TensorSpec([None, 3], tf.float32)

    @tf.contrib.eager.defun(input_signature=[rows])
    def inner(a):
        return a * w

    @function.Defun(tf.float32, func_name="plain")
    def plain(a):
        return a + w

    @tf.contrib.eager.defun(input_signature=[rows])
    def outer(a):
        b = inner(a)

        @tf.contrib.eager.defun(input_signature=[rows])
        def nested(c):
            return inner(c) + b

        with tf.control_dependencies([w]):
            c = plain(b)
        c.set_shape([None, 3])
        return nested(c), tf.cond(a[0, 0] > 0.0, lambda: inner(b), lambda: a)

    @function.Defun(tf.float32, func_name="calls")
    def calls(a):
        a.set_shape([None, 3])
        return inner(a)

    first, second = outer(x)
    hub.add_signature(inputs={"x": x}, outputs={"default": first, "second": second, "calls": calls(x)})


@module(seed=47)
def concrete_functions_with_branches():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    flag = tf.placeholder(tf.bool, [], name="flag")
    count = tf.get_variable("count", [3], initializer=tf.zeros_initializer(), trainable=False)

    @tf.contrib.eager.defun(input_signature=[tf.TensorSpec([None, 3], tf.float32), tf.TensorSpec([], tf.bool)])
    def choose(a, is_on):
        def if_true():
            count.assign_add(tf.square(a[0]) * 0.0)
            return a * count

        def if_false():
            noise = tf.random_uniform([3])
            return tf.cond(is_on, lambda: a, lambda: noise * 0.0 + a)

        chosen = tf.cond(is_on, if_true, if_false)
        count.assign(tf.square(chosen[0]) * 0.0)
        return chosen, tf.cond(flag, lambda: count.read_value(), lambda: tf.zeros([3]))

    with tf.name_scope("scope"):
        first, second = choose(x, flag)
    hub.add_signature(inputs={"x": x, "flag": flag}, outputs={"default": first, "second": second})


@module()
def concrete_functions_with_options():
    x = tf.placeholder(tf.string, [None], name="x")

    class Letters(tf.lookup.KeyValueTensorInitializer):
        _shared_name = "letters"

    contents = Letters(["a", "b"], [0, 1], value_dtype=tf.int64)
    table = tf.lookup.StaticHashTable(contents, -1, name="letters")
    signature = [tf.TensorSpec([None], tf.string, name="words")]

    @eager_function.defun_with_attributes(input_signature=signature, attributes={"_noinline": True, "api_implements": "ids"})
    def ids(words):
        parts = tf.string_split(words)
        return table.lookup(parts.values), parts

    found, parts = ids(x)
    outputs = {"default": found, "indices": parts.indices, "values": parts.values, "shape": parts.dense_shape}
    hub.add_signature(inputs={"x": x}, outputs=outputs)
