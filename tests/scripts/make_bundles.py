"""Writes tests/fixtures/bundles with TensorFlow: what the bundle writer must reproduce byte for byte.

Run with TensorFlow 1.15 from anywhere: python tests/scripts/make_bundles.py
The values are repeated in src/bundle/tests.rs. Cases too large to keep are kept as sizes and CRC-32C
checksums, in checksums.txt: case, file, size, checksum.
"""
import os
import tempfile

import numpy as np
import tensorflow as tf

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures', 'bundles')


def all_dtypes():
    """Three values of each dtype, in descending order of the dtypes' names."""
    names = ['float32', 'float64', 'int32', 'uint8', 'int16', 'int8', 'complex64', 'int64', 'bfloat16',
             'uint16', 'complex128', 'float16', 'uint32', 'uint64']
    tensors = {}
    for name in names:
        dtype = tf.as_dtype(name)
        values = [1 - 1j, 2 - 2j, 3 - 3j] if dtype.is_complex else [1, 2, 3]
        tensors[name] = tf.constant(np.array(values, dtype.as_numpy_dtype))
    tensors['bool'] = tf.constant([True, False, True])
    tensors['string'] = tf.constant([b'one', b'two', b'three'])
    for name, carrier in [('qint8', 'int8'), ('quint8', 'uint8'), ('qint16', 'int16'), ('quint16', 'uint16'),
                          ('qint32', 'int32')]:
        tensors[name] = tf.bitcast(tf.constant(np.array([1, 2, 3], carrier)), tf.as_dtype(name))
    return [(name.encode(), tensors[name]) for name in sorted(tensors, reverse=True)]


def shapes():
    """Scalars, tensors without elements, and keys that share prefixes; more than one restart point."""
    tensors = [
        (b'w/kernel', np.arange(6, dtype=np.float32).reshape(2, 3)),
        (b'w/kernel/Adam', np.zeros([2, 1, 3], np.float32)),
        (b'w', np.float32(1.5)),
        (b'empty/a', np.zeros([0], np.float32)),
        (b'empty/b', np.zeros([3, 0, 1618], np.int64)),
        (b'global_step', np.int64(300)),
        (b'\xff\xfe', np.int32(-1)),
        (b'a\x00b', np.int32(1)),
    ]
    tensors += [(b'dense_%d/bias' % i, np.full([i], i, np.int16)) for i in range(40)]
    return [(key, tf.constant(value)) for key, value in tensors]


def strings():
    """Strings, empty ones, ones that are not UTF-8, one whose length takes two bytes, none at all."""
    tensors = [
        (b'vocabulary', np.array([[b'hello', b''], [b'\xff\xfe\x00', b'x' * 300]], dtype=object)),
        (b'scalar', np.array(b'one', dtype=object)),
        (b'empty_string', np.array([b''], dtype=object)),
        (b'none', np.array([], dtype=object)),
    ]
    tensors = [(key, tf.constant(value, tf.string, value.shape)) for key, value in tensors]
    return tensors + [(b'after', tf.constant(np.float32(2)))]


def many_keys():
    """9000 keys in no order: several blocks."""
    return [(b'layer_%02d/block_%05d/kernel' % (i % 90, i * 7919 % 9000),
             tf.constant(np.array([i, 0.5 * i], np.float32))) for i in range(9000)]


def large_keys():
    """Keys that take blocks of their own, and that have no shorter key between them."""
    keys = [b'a', b'm' * 600000, b'm' * 600000 + b'x', b'n', b'n' * 200000, b'o' * 200000, b'q' * 270000, b'z',
            b'\xff' * 262144, b'\xff' * 262145, b'\xff' * 530000 + b'\xfe']
    return [(key, tf.constant(np.uint8(i))) for i, key in enumerate(keys)]


def crc32c(data, table=[]):
    if not table:
        for byte in range(256):
            for _ in range(8):
                byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
            table.append(byte)
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xffffffff


def save(directory, case):
    """Saves the case's tensors, in order, and returns the file names."""
    prefix = os.path.join(directory, case.__name__)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        keys, tensors = zip(*case())
        keys = tf.constant(np.array(keys, dtype=object), tf.string)
        slices = tf.constant([''] * len(tensors))
        session.run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=keys, shape_and_slices=slices, tensors=tensors))
    return [prefix + '.index', prefix + '.data-00000-of-00001']


def main():
    os.makedirs(OUT, exist_ok=True)
    for case in [all_dtypes, shapes, strings]:
        save(OUT, case)
    lines = []
    with tempfile.TemporaryDirectory() as directory:
        for case in [many_keys, large_keys]:
            for path in save(directory, case):
                with open(path, 'rb') as file:
                    data = file.read()
                kind = 'index' if path.endswith('.index') else 'data'
                lines.append('%s %s %d %08x\n' % (case.__name__, kind, len(data), crc32c(data)))
    with open(os.path.join(OUT, 'checksums.txt'), 'w') as file:
        file.writelines(lines)


if __name__ == '__main__':
    main()
