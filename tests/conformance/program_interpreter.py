"""Builds programs with TensorFlow 1.15: `tests/it/programs/interpreter.rs` is the Rust twin, op for op."""

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.framework import function
from tensorflow.python.ops import control_flow_ops
from tensorflow_hub import saved_model_lib

from program_text import read_shape


class _Ordered(set):
    """A set whose differences are sorted by the numbers of the operations in them."""

    def __sub__(self, other):
        return sorted(set.__sub__(self, other), key=lambda operation: operation._id)


# In a loop TensorFlow makes an Identity for each of several operations outside that are waited for, in the order of a set
# of Python objects, which is another one in each process.
control_flow_ops.set = _Ordered


def _value(text, dtype):
    if dtype == tf.bool:
        return text == "true"
    return float(text) if dtype.is_floating else int(text)


def _values(texts, dtype, shape):
    """A nested list of the elements, or the single one of a scalar."""
    if 0 in shape:
        return np.zeros(shape)
    values = [_value(text, dtype) for text in texts]
    for dim in reversed(shape[1:]):
        values = [values[start : start + dim] for start in range(0, len(values), dim)]
    return values if shape else values[0]


def _axis(options):
    return None if options["axis"] == "all" else int(options["axis"])


UNARY = {
    "abs": tf.abs,
    "exp": tf.exp,
    "identity": tf.identity,
    "neg": lambda x, name: -x if name is None else tf.negative(x, name=name),
    "not": tf.logical_not,
    "ones_like": tf.ones_like,
    "rank": tf.rank,
    "relu": tf.nn.relu,
    "shape": tf.shape,
    "sigmoid": tf.sigmoid,
    "sign": tf.sign,
    "size": tf.size,
    "square": tf.square,
    "stop_gradient": tf.stop_gradient,
    "tanh": tf.tanh,
    "zeros_like": tf.zeros_like,
}

BINARY = {
    "add": tf.add,
    "and": tf.logical_and,
    "equal": tf.equal,
    "greater": tf.greater,
    "less": tf.less,
    "maximum": tf.maximum,
    "minimum": tf.minimum,
    "mul": tf.multiply,
    "or": tf.logical_or,
    "sub": tf.subtract,
}

OPERATORS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
}

REDUCTIONS = {
    "reduce_all": tf.reduce_all,
    "reduce_max": tf.reduce_max,
    "reduce_mean": tf.reduce_mean,
    "reduce_sum": tf.reduce_sum,
}


class Interpreter(object):
    """Runs the statements of one program; `values` has what they made, by name."""

    def __init__(self):
        self.values = {}

    def run(self, body, given=()):
        """The values that a body gives."""
        self.values.update(zip([name.partition(":")[0] for name in body.given], given))
        for statement in body.statements:
            self._statement(statement)
        return [self.values[name] for name in body.gives]

    def _statement(self, statement):
        made = self._make(statement)
        if len(statement.results) == 1 and not isinstance(made, (list, tuple)):
            made = [made]
        if len(made or ()) != len(statement.results):
            raise ValueError("%s gives %r for %r" % (statement.op, made, statement.results))
        self.values.update(zip(statement.results, made or ()))

    def _arguments(self, statement):
        return [self.values[name] for name in statement.arguments]

    def _make(self, statement):
        op, options, words = statement.op, statement.options, statement.arguments
        name = options.get("name")
        if op in UNARY:
            return UNARY[op](self.values[words[0]], name=name)
        if op in BINARY:
            return BINARY[op](*self._arguments(statement), name=name)
        if op in OPERATORS:
            x, y = [self._operand(word, words) for word in words]
            return OPERATORS[op](x, y)
        if op in REDUCTIONS:
            keepdims = True if options.get("keepdims") else None
            return REDUCTIONS[op](self.values[words[0]], axis=_axis(options), keepdims=keepdims, name=name)
        return getattr(self, "_" + op)(statement, name)

    def _operand(self, word, words):
        """A value, or a number of the dtype of the other operand."""
        if word in self.values:
            return self.values[word]
        other = next(self.values[word] for word in words if word in self.values)
        return _value(word, other.dtype)

    def _placeholder(self, statement, name):
        dtype, shape = statement.arguments
        return tf.placeholder(tf.as_dtype(dtype), read_shape(shape), name=name)

    def _constant(self, statement, name):
        dtype, shape = tf.as_dtype(statement.arguments[0]), read_shape(statement.arguments[1])
        return tf.constant(_values(statement.arguments[2:], dtype, shape), dtype, name=name or "Const")

    def _zeros(self, statement, name):
        dtype, shape = statement.arguments
        return tf.zeros(read_shape(shape), tf.as_dtype(dtype), name=name)

    def _random_uniform(self, statement, name):
        seed = statement.options.get("seed")
        return tf.random_uniform(read_shape(statement.arguments[0]), seed=seed and int(seed), name=name)

    def _range(self, statement, name):
        return tf.range(self.values[statement.arguments[0]], name=name or "range")

    def _cast(self, statement, name):
        return tf.cast(self.values[statement.arguments[0]], tf.as_dtype(statement.arguments[1]), name=name)

    def _select(self, statement, name):
        return tf.compat.v1.where(*self._arguments(statement), name=name)

    def _expand_dims(self, statement, name):
        return tf.expand_dims(self.values[statement.arguments[0]], int(statement.options["axis"]), name=name)

    def _index(self, statement, name):
        return self.values[statement.arguments[0]][int(statement.arguments[1])]

    def _concat(self, statement, name):
        return tf.concat(self._arguments(statement), 0, name=name or "concat")

    def _stack(self, statement, name):
        return tf.stack(self._arguments(statement), name=name or "stack")

    def _add_n(self, statement, name):
        return tf.add_n(self._arguments(statement), name=name)

    def _no_op(self, statement, name):
        return tf.no_op(name=name)

    def _group(self, statement, name):
        return tf.group(*self._arguments(statement), name=name)

    def _variable(self, statement, name):
        dtype, shape = statement.arguments
        return tf.get_variable(name, read_shape(shape), tf.as_dtype(dtype))

    def _read(self, statement, name):
        return self.values[statement.arguments[0]].read_value()

    def _value(self, statement, name):
        return self.values[statement.arguments[0]].value()

    def _assign(self, statement, name):
        variable, value = self._arguments(statement)
        return variable.assign(value, read_value=False)

    def _assign_add(self, statement, name):
        variable, value = self._arguments(statement)
        return variable.assign_add(value, read_value=False)

    def _assign_read(self, statement, name):
        variable, value = self._arguments(statement)
        return variable.assign(value).value()

    def _assign_add_read(self, statement, name):
        variable, value = self._arguments(statement)
        return variable.assign_add(value).value()

    def _cond(self, statement, name):
        predicate, (if_true, if_false) = self.values[statement.arguments[0]], statement.bodies
        merged = tf.cond(predicate, lambda: self.run(if_true), lambda: self.run(if_false), strict=True, name=name)
        # Of an operation that the branches give, TensorFlow gives a tensor.
        operations = [result.startswith("o") for result in statement.results]
        return [tensor.op if is_operation else tensor for tensor, is_operation in zip(merged, operations)]

    def _case(self, statement, name):
        branches = [lambda body=body: self.run(body) for body in statement.bodies]
        pairs = list(zip(self._arguments(statement), branches))
        default = branches[-1] if len(branches) > len(pairs) else None
        exclusive = statement.options.get("exclusive") == "true"
        return tf.case(pairs, default, exclusive, strict=True, name=name or "case")

    def _switch_case(self, statement, name):
        branches = [lambda body=body: self.run(body) for body in statement.bodies]
        default = branches.pop() if statement.options.get("default") == "true" else None
        index = self.values[statement.arguments[0]]
        return tf.switch_case(index, branches, default, name=name or "switch_case")

    def _sparse(self, statement, name):
        values = [_value(word, tf.float32) for word in statement.arguments]
        return tf.SparseTensor([[0, 1], [1, 0]], values, [2, 2])

    def _scaled(self, statement, name):
        sparse = self.values[statement.arguments[0]]
        return tf.SparseTensor(sparse.indices, sparse.values * float(statement.arguments[1]), sparse.dense_shape)

    def _to_dense(self, statement, name):
        return tf.sparse.to_dense(self.values[statement.arguments[0]], name=name)

    def _while_sparse(self, statement, name):
        condition, body = statement.bodies
        return tf.while_loop(
            lambda *given: self.run(condition, given)[0],
            lambda *given: self.run(body, given),
            self._arguments(statement),
            maximum_iterations=int(statement.options["maximum_iterations"]),
            name=name,
            return_same_structure=True,
        )

    def _table(self, statement, name):
        keys = [int(word) for word in statement.arguments]
        initializer = tf.lookup.KeyValueTensorInitializer(keys, [5, 6], tf.int64, tf.int64)
        return tf.lookup.StaticHashTable(initializer, -1)

    def _lookup(self, statement, name):
        table, keys = self._arguments(statement)
        return table.lookup(keys, name=name)

    def _while(self, statement, name):
        options, (condition, body) = statement.options, statement.bodies
        invariants = options.get("invariants")
        if invariants is not None:
            invariants = [tf.TensorShape(read_shape(shape)) for shape in invariants.split(";")]
        limit = options.get("maximum_iterations")
        return tf.while_loop(
            lambda *given: self.run(condition, given)[0],
            lambda *given: self.run(body, given),
            self._arguments(statement),
            shape_invariants=invariants,
            parallel_iterations=int(options.get("parallel_iterations", 10)),
            back_prop=options.get("back_prop") != "false",
            swap_memory=options.get("swap_memory") == "true",
            maximum_iterations=self.values.get(limit) if limit in self.values else limit and int(limit),
            name=name,
            return_same_structure=True,
        )

    def _map_fn(self, statement, name):
        (body,), dtype = statement.bodies, tf.as_dtype(statement.options["dtype"])
        return tf.map_fn(lambda row: self.run(body, [row])[0], self.values[statement.arguments[0]], dtype, name=name)

    def _fold(self, statement, name):
        (body,), fold = statement.bodies, getattr(tf, statement.op)
        return fold(lambda *given: self.run(body, given)[0], self.values[statement.arguments[0]], name=name)

    _foldl = _foldr = _scan = _fold

    def _function(self, statement, name):
        (body,) = statement.bodies
        names, dtypes = [], []
        for given in body.given:
            argument, _, dtype = given.partition(":")
            names.append(argument)
            dtypes.append(tf.as_dtype(dtype))

        def run(*given):
            results = self.run(body, given)
            return results[0] if len(results) == 1 else results

        # Defun takes the names of the arguments from those of the parameters.
        parameters = ", ".join(names)
        made = function.Defun(*dtypes, func_name=name)(eval("lambda %s: run(%s)" % (parameters, parameters), {"run": run}))
        # The body is built where it stands, and not at the first call.
        assert made.name == name
        return made

    def _call(self, statement, name):
        made, arguments = self.values[statement.arguments[0]], self._arguments(statement)[1:]
        return made(*arguments, name=name) if name else made(*arguments)

    def _scope(self, statement, name):
        with tf.name_scope(statement.arguments[0]):
            self.run(statement.bodies[0])

    def _deps(self, statement, name):
        with tf.control_dependencies(self._arguments(statement)):
            self.run(statement.bodies[0])

    def _no_deps(self, statement, name):
        with tf.control_dependencies(None):
            self.run(statement.bodies[0])

    def _device(self, statement, name):
        with tf.device(statement.arguments[0]):
            self.run(statement.bodies[0])

    def _colocate(self, statement, name):
        with tf.colocate_with(self.values[statement.arguments[0]]):
            self.run(statement.bodies[0])


def meta_graph(program):
    """The MetaGraphDef that hub would export of a program, its number being the tag."""
    with tf.Graph().as_default() as graph:
        with tf.variable_scope("", use_resource=True):
            if program.seed is not None:
                tf.set_random_seed(program.seed)
            interpreter = Interpreter()
            if program.is_second:
                tf.compat.v1.enable_control_flow_v2()
            try:
                given = interpreter.run(program.body)
            finally:
                tf.compat.v1.disable_control_flow_v2()
            placeholders = [line.results[0] for line in program.body.statements if line.op == "placeholder"]
            inputs = {name: interpreter.values[name] for name in placeholders}
            hub.add_signature("default", inputs, dict(zip(program.body.gives, given)))
        handler = saved_model_lib.SavedModelHandler()
        handler.add_graph_copy(graph, [program.number])
        return next(iter(handler.meta_graphs))
