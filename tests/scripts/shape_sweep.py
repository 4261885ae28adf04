"""Adds many variants of one op to the default graph, for the files in `shapes/`."""

import tensorflow as tf
from tensorflow.core.framework import op_def_pb2
from tensorflow.python import pywrap_tensorflow

_FIRST = [tf.float32, tf.string, tf.int64, tf.int32, tf.uint8]


class C(object):
    """An input that is a constant."""

    def __init__(self, value):
        self.value = value


def _attr(value):
    """A value as an attribute's protocol buffer."""
    attr = tf.AttrValue()
    if isinstance(value, tf.AttrValue):
        return value
    if isinstance(value, bool):
        attr.b = value
    elif isinstance(value, int):
        attr.i = value
    elif isinstance(value, float):
        attr.f = value
    elif isinstance(value, str):
        attr.s = value.encode()
    elif isinstance(value, tf.DType):
        attr.type = value.as_datatype_enum
    elif isinstance(value, tf.TensorShape):
        attr.shape.CopyFrom(value.as_proto())
    else:
        attr.list.SetInParent()
        for item in value:
            one = _attr(item)
            kind = one.WhichOneof("value")
            field = getattr(attr.list, kind)
            if kind == "shape":
                field.add().CopyFrom(one.shape)
            else:
                field.append(getattr(one, kind))
    return attr


def registered():
    """The names of all ops of the C++ registry, which is wider than Python's, sorted."""
    op_list = op_def_pb2.OpList()
    op_list.ParseFromString(pywrap_tensorflow.TF_GetBuffer(pywrap_tensorflow.TF_GetAllOpList()))
    return sorted(op.name for op in op_list.op)


def func(name="f"):
    """A function as an attribute."""
    attr = tf.AttrValue()
    attr.func.name = name
    return attr


def _tensor(spec, dtype, is_ref=False):
    """The placeholder, constant or variable for an input, made once in each graph; a tensor stands for itself."""
    if isinstance(spec, tf.Tensor):
        return spec
    graph = tf.get_default_graph()
    key = (dtype, spec.value if isinstance(spec, C) else None, repr(spec) if not isinstance(spec, C) else "C", is_ref)
    key = repr(key)
    made = graph.__dict__.setdefault("_sweep", {})
    if key not in made:
        name = "p%d" % len(made)
        if is_ref:
            made[key] = tf.raw_ops.VariableV2(shape=tf.TensorShape(spec), dtype=dtype, name=name)
        elif isinstance(spec, C):
            made[key] = tf.constant(spec.value, dtype, name=name)
        else:
            made[key] = tf.placeholder(dtype, spec, name=name)
    return made[key]


def node(op, *specs, **attrs):
    """One node; whether TensorFlow accepts it. A spec is a shape, None or a constant; a list of specs for a list."""
    graph = tf.get_default_graph()
    op_def = graph._get_op_def(op)
    defs = {attr.name: attr for attr in op_def.attr}
    values = dict(attrs)
    inputs = []

    def dtype_of(name):
        if name not in values:
            attr = defs[name]
            allowed = [tf.as_dtype(item) for item in attr.allowed_values.list.type]
            if attr.HasField("default_value"):
                values[name] = tf.as_dtype(attr.default_value.type)
            else:
                values[name] = ([item for item in _FIRST if item in allowed or not allowed] + allowed)[0]
        return values[name]

    for arg, spec in zip(op_def.input_arg, specs):
        if arg.type_list_attr:
            dtypes = values.setdefault(arg.type_list_attr, [tf.float32] * len(spec))
            inputs += [_tensor(one, dtype) for one, dtype in zip(spec, dtypes)]
            continue
        dtype = dtype_of(arg.type_attr) if arg.type_attr else tf.as_dtype(arg.type)
        if arg.number_attr:
            values[arg.number_attr] = len(spec)
            inputs += [_tensor(one, dtype, arg.is_ref) for one in spec]
        else:
            inputs.append(_tensor(spec, dtype, arg.is_ref))
    for arg in op_def.output_arg:
        if arg.type_attr and arg.type_attr in defs:
            dtype_of(arg.type_attr)
    name = "n%d" % len(graph.get_operations())
    try:
        graph.create_op(op, inputs, name=name, attrs={key: _attr(value) for key, value in values.items()})
    except (ValueError, tf.errors.OpError) as error:
        return str(error)
    return None


def sweep(op, *inputs, **attrs):
    """Nodes of an op in which one input, then all inputs take each of their specs; those that TensorFlow accepts."""
    inputs = [list(one) for one in inputs]
    base = [one[0] for one in inputs]
    cases = [list(base)]
    for at, one in enumerate(inputs):
        for spec in one[1:]:
            cases.append(base[:at] + [spec] + base[at + 1:])
    for at in range(1, max([len(one) for one in inputs] or [1])):
        cases.append([one[min(at, len(one) - 1)] for one in inputs])
    seen, accepted = set(), 0
    for case in cases:
        key = repr([one.value if isinstance(one, C) else one for one in case])
        if key not in seen:
            seen.add(key)
            accepted += node(op, *case, **attrs) is None
    if not accepted:
        raise ValueError("no variant of %s is accepted: %s" % (op, node(op, *base, **attrs)))


_SHAPES = [None, [], [2], [None], [3], [2, 3], [None, 3], [4, 2, 3], [2, 3, 3, 4]]
_VALUES = {"int": 2, "float": 0.5, "bool": False, "string": "s", "shape": tf.TensorShape([2, 3]),
           "list(type)": [tf.float32, tf.int64], "list(shape)": [tf.TensorShape([2, 3]), tf.TensorShape(None)],
           "list(int)": [1], "list(float)": [0.5], "list(string)": ["s"]}


def _required(op_def, attrs):
    """The attributes and some value for each that has no default and does not follow from the inputs."""
    inputs = {name for arg in op_def.input_arg for name in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
    values = dict(attrs)
    for attr in op_def.attr:
        if attr.name in values or attr.name in inputs or attr.HasField("default_value"):
            continue
        if attr.type in ("func", "list(func)"):
            values[attr.name] = func() if attr.type == "func" else [func(), func()]
        elif attr.type == "type":
            allowed = [tf.as_dtype(item) for item in attr.allowed_values.list.type]
            values[attr.name] = ([item for item in _FIRST if item in allowed or not allowed] + allowed)[0]
        elif attr.type == "string" and attr.allowed_values.list.s:
            values[attr.name] = attr.allowed_values.list.s[0].decode()
        else:
            values[attr.name] = _VALUES[attr.type]
    return values


def every(ops, shapes=_SHAPES, **attrs):
    """Sweeps of ops, given as words, in which each input takes each of the shapes, lists of two of them."""
    for op in ops.split():
        op_def = tf.get_default_graph()._get_op_def(op)
        is_list = [bool(arg.number_attr or arg.type_list_attr) for arg in op_def.input_arg]
        inputs = [[[one, one] for one in shapes] if pair else shapes for pair in is_list]
        sweep(op, *inputs, **_required(op_def, attrs))
