"""Writes tests/fixtures/bundles with TensorFlow: what the bundle writer must reproduce byte for byte.

Run with TensorFlow 1.15 from anywhere: python tests/scripts/make_bundles.py
The values are repeated in src/bundle/tests.rs. Cases too large to keep are kept as sizes and CRC-32C
checksums, in checksums.txt: case, file, size, checksum.
"""
import functools
import os
import shutil
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


def parts(name, value, *specs):
    """Entries for parts of an array: each a spec as SaveV2 takes it, after the full shape."""
    value = np.asarray(value)
    entries = []
    for spec in specs:
        ranges = [slice(None) if part == '-' else slice(int(part.split(',')[0]), sum(map(int, part.split(','))))
                  for part in spec.split(':')]
        shape_and_slice = ''.join('%d ' % dim for dim in value.shape) + spec
        dtype = tf.string if value.dtype == object else None
        entries.append((name, tf.constant(value[tuple(ranges)], dtype), shape_and_slice))
    return entries


def partitioned():
    """Parts along several dimensions, of several dtypes, with names that are escaped in keys."""
    matrix = np.arange(50, dtype=np.float32).reshape(5, 10)
    words = np.array([[b'a', b'bc'], [b'', b'd' * 200], [b'e', b'\xff\x00']], dtype=object)
    cube = np.arange(24, dtype=np.int64).reshape(2, 3, 4)
    long = np.arange(70, dtype=np.float16)
    entries = parts(b'columns', matrix, '0,5:0,1', '0,5:1,9')
    entries += parts(b'half', long, '0,64', '64,6')
    entries += parts(b'words', words, '0,2:0,2', '2,1:0,2')
    entries += parts(b'whole/explicit', matrix, '0,5:0,10')
    entries += parts(b'whole/all', matrix, '-:-')
    entries += parts(b'all_of_some', matrix, '0,2:-', '2,3:-')
    entries += parts(b'blocks', cube, '1,1:0,3:2,2', '0,1:0,3:0,4', '1,1:0,3:0,2')
    entries += parts(b'a\x00\xff', np.arange(3, dtype=np.uint16), '0,1', '1,2')
    return entries + [(b'between', tf.constant(np.int32(7)))]


def variants():
    """Lists of tensors, which are encoded as messages: one, several, none."""
    def tensor_list(values):
        return tf.raw_ops.TensorListFromTensor(tensor=tf.constant(values), element_shape=tf.constant([], tf.int32))
    two = tf.stack([tensor_list([1.0, 2.0]), tensor_list([3.0] * 90)])
    return [(b'two', two), (b'one', tensor_list([5])), (b'none', two[:0]), (b'after', tf.constant(np.float32(2)))]


def merge_a():
    matrix = np.arange(50, dtype=np.float32).reshape(5, 10)
    return ([(b'w', tf.constant(np.float32(1)))] + parts(b'columns', matrix, '0,5:0,4') +
            [(b'b', tf.constant([b'one', b'three']))])


def merge_b():
    matrix = np.arange(50, dtype=np.float32).reshape(5, 10)
    return [(b'a', tf.constant(np.arange(3)))] + parts(b'columns', matrix, '0,5:4,1', '0,5:5,5')


def merge_c():
    return [(b'z', tf.constant(np.float64(3))), (b'c', tf.constant(np.zeros([0], np.float32)))]


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
        keys, tensors, slices = zip(*((entry + ('',))[:3] for entry in case()))
        keys = tf.constant(np.array(keys, dtype=object), tf.string)
        slices = tf.constant(slices)
        session.run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=keys, shape_and_slices=slices, tensors=tensors))
    return [prefix + '.index', prefix + '.data-00000-of-00001']


def merge(inputs, name):
    """Merges bundles, whose files TensorFlow takes away."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        session.run(tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=inputs, destination_prefix=os.path.join(OUT, name), delete_old_dirs=False))


def merged():
    """Bundles with parts of one tensor in two of them; one of two data files as an input."""
    with tempfile.TemporaryDirectory() as directory:
        prefix = functools.partial(os.path.join, directory)
        for case in [merge_a, merge_b, merge_c]:
            save(directory, case)
        merge([prefix('merge_a'), prefix('merge_b'), prefix('merge_c')], 'merged')
        save(directory, merge_c)
        for file in os.listdir(OUT):
            if file.startswith('sharded.'):
                shutil.copy(os.path.join(OUT, file), directory)
        merge([prefix('merge_c'), prefix('sharded')], 'merged_again')
    for case in [merge_a, merge_b, merge_c]:
        save(OUT, case)


def save_v1(case):
    """Saves the case's tensors in the first version of the format, but for dtypes and names that it does not have."""
    kinds = ['bfloat16', 'uint32', 'uint64', 'qint16', 'quint16']
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        entries = [(entry + ('',))[:3] for entry in case()]
        entries = [entry for entry in entries if b'\xff' not in entry[0] and entry[1].dtype.name not in kinds]
        keys, tensors, slices = zip(*entries)
        session.run(tf.raw_ops.SaveSlices(
            filename=os.path.join(OUT, 'v1_' + case.__name__), data=tensors, shapes_and_slices=tf.constant(slices),
            tensor_names=tf.constant(np.array(keys, dtype=object), tf.string)))


def sharded(prefix, version):
    """A saver's files: variables on three devices, one of them partitioned over all."""
    config = tf.compat.v1.ConfigProto(device_count={'CPU': 3})
    with tf.Graph().as_default(), tf.compat.v1.Session(config=config) as session:
        values = {'zero': 2, 'one': 1, 'two': 0}
        for name, device in values.items():
            with tf.device('/cpu:%d' % device):
                tf.compat.v1.get_variable(name, initializer=np.full([device + 1], device, np.float32))
        devices = iter([2, 1, 0])
        with tf.device(lambda op: '/cpu:%d' % next(devices) if op.type == 'VariableV2' else None):
            tf.compat.v1.get_variable(
                'table', [7, 2], partitioner=tf.compat.v1.fixed_size_partitioner(3),
                initializer=lambda shape, dtype, partition_info: tf.ones(shape) * partition_info.var_offset[0])
        session.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(sharded=True, write_version=version)
        saver.save(session, os.path.join(OUT, prefix), write_meta_graph=False, write_state=False)


def main():
    os.makedirs(OUT, exist_ok=True)
    for case in [all_dtypes, shapes, strings, partitioned, variants]:
        save(OUT, case)
    for case in [all_dtypes, shapes, strings, partitioned]:
        save_v1(case)
    sharded('sharded', tf.compat.v1.train.SaverDef.V2)
    sharded('v1_sharded', tf.compat.v1.train.SaverDef.V1)
    merged()
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
