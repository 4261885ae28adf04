"""Inputs for signatures: the same numbers for the same signature in every process and TensorFlow release."""

import zlib

import numpy as np
import tensorflow as tf

UNKNOWN_DIMENSION = 3
UNKNOWN_RANK = (2, 3)


def make_inputs(case, signature, infos):
    """{input name: array} for one signature; `infos` maps the names to objects with `dtype` and `get_shape()`.

    Where one of hub's says that a tensor is sparse or ragged, it gets the arrays of its `components`. The table's feeds
    come first. Floats lie in [-2, 2), integers in [1, 7), so that they may be divisors.
    """
    arrays = {}
    for name, info in sorted(infos.items()):
        dtype = tf.as_dtype(info.dtype)
        if name in case.feeds:
            arrays[name] = np.asarray(case.feeds[name], dtype.as_numpy_dtype)
        else:
            seed = zlib.crc32(("%s/%s/%s" % (case.name, signature, name)).encode()) & 0xFFFFFFFF
            array = _draw(np.random.RandomState(seed), dtype, _sizes(info.get_shape()))
            arrays.update(components({name: info}, lambda info: _parts(info, array)))
    return arrays


def components(tensors, flatten=lambda tensor: tf.nest.flatten(tensor, expand_composites=True)):
    """{name: tensor}, where a sparse or ragged tensor is replaced by those that it consists of, `name/0` and so on."""
    found = {}
    for name, tensor in tensors.items():
        parts = flatten(tensor)
        names = [name] if len(parts) == 1 else ["%s/%d" % (name, index) for index in range(len(parts))]
        found.update(zip(names, parts))
    return found


def composite_values(infos, arrays):
    """{name: array} with a value that is fed as a whole for the arrays that make up a sparse or ragged tensor."""
    values = {name: array for name, array in arrays.items() if "/" not in name}
    for name, info in infos.items():
        if name in values:
            continue
        parts = [arrays["%s/%d" % (name, part)] for part in range(sum(key.startswith(name + "/") for key in arrays))]
        values[name] = tf.compat.v1.SparseTensorValue(*parts) if info.is_sparse else _ragged_value(parts)
    return values


def _ragged_value(parts):
    value = parts[0]
    for splits in reversed(parts[1:]):
        value = tf.compat.v1.ragged.RaggedTensorValue(value, splits)
    return value


def ragged_type(info):
    """The number of ragged dimensions and the dtype of row splits of what hub tells about a ragged tensor."""
    spec = info.type_spec
    return spec._ragged_rank, spec._row_splits_dtype


def feeds(tensors, arrays):
    """{tensor: array} for what `make_inputs` gives, but for constants: the shape of a sparse placeholder may be one."""
    parts = components(tensors)
    return {parts[name]: array for name, array in arrays.items() if parts[name].graph.is_feedable(parts[name])}


def state_feed(case, graph):
    """{tensor: array} for the placeholders beside the variables of `hub.Module` "module", which no signature reaches.

    Those that stand for the variables of a module inside take no arrays.
    """
    fed = {}
    for operation in graph.get_operations():
        if operation.type == "Placeholder" and operation.name.startswith("module/"):
            tensor = operation.outputs[0]
            if tensor.dtype == tf.resource:
                continue
            name = operation.name[len("module/") :]
            fed[tensor] = make_inputs(case, "state", {name: tensor})[name]
    return fed


def _parts(info, array):
    """Some of the elements of an array, as the arrays that make up a tensor like `info`; all of them for a dense one."""
    if getattr(info, "is_sparse", False):
        chosen = np.arange(array.size).reshape(array.shape) % 3 != 1
        return [np.argwhere(chosen), array[chosen], np.array(array.shape, np.int64)]
    if getattr(info, "is_composite", False):
        ragged_rank, dtype = ragged_type(info)
        nested = []
        for _ in range(ragged_rank):
            lengths = (np.arange(len(array)) + 1) % (array.shape[1] + 1)
            array = np.concatenate([row[:length] for row, length in zip(array, lengths)])
            nested.append(np.append(0, np.cumsum(lengths)).astype(dtype.as_numpy_dtype))
        return [array] + nested
    return [array]


def _sizes(shape):
    if shape.dims is None:
        return UNKNOWN_RANK
    return tuple(UNKNOWN_DIMENSION if size is None else size for size in shape.as_list())


def _draw(random, dtype, sizes):
    if dtype == tf.string:
        words = np.array([b"", b"a", b"two words", b"\xc3\xa9"], object)
        return words[random.randint(0, len(words), sizes)]
    if dtype == tf.bool:
        return np.asarray(random.randint(0, 2, sizes), np.bool_)
    if dtype.is_integer:
        return np.asarray(random.randint(1, 7, sizes)).astype(dtype.as_numpy_dtype)
    values = np.asarray(random.uniform(-2.0, 2.0, sizes))
    if dtype.is_complex:
        values = values + 1j * np.asarray(random.uniform(-2.0, 2.0, sizes))
    return values.astype(dtype.as_numpy_dtype)


def comparable(array):
    """An array that .npz files can hold without pickling: strings as fixed-width bytes, bfloat16 as float32."""
    array = np.asarray(array)
    if array.dtype == object:
        width = max([len(item) for item in array.ravel()] + [1])
        return array.astype("S%d" % width)
    if array.dtype.name == "bfloat16":
        return array.astype(np.float32)
    return array


def value_differences(ours, expected, rtol=0.0, atol=0.0):
    """Compares two {name: array}; with zero tolerances the bits have to agree, except that NaNs are all alike."""
    found = []
    for name in sorted(set(ours) | set(expected)):
        if name not in ours or name not in expected:
            found.append("%s: %s" % (name, "missing" if name not in ours else "not expected"))
            continue
        left, right = comparable(ours[name]), comparable(expected[name])
        left_kind, right_kind = left.dtype.kind, right.dtype.kind
        if left.shape != right.shape or left_kind != right_kind or (left_kind != "S" and left.dtype != right.dtype):
            found.append("%s: %s %s, expected %s %s" % (name, left.dtype, left.shape, right.dtype, right.shape))
        elif left_kind in "fc" and (rtol or atol):
            if not np.allclose(left, right, rtol=rtol, atol=atol, equal_nan=True):
                found.append("%s: %r, expected %r" % (name, left, right))
        elif not _same(left, right):
            found.append("%s: %r, expected %r" % (name, left, right))
    return found


def _same(left, right):
    if left.dtype.kind == "f":
        signs = np.signbit(left) == np.signbit(right)
        both_nan = np.isnan(left) & np.isnan(right)
        return bool(np.all(((left == right) & signs) | both_nan))
    return bool(np.all(left == right))
