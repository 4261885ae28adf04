"""Checks the example `checkpoint` on checkpoints that this TensorFlow writes, and TensorFlow on those that it writes.

Usage: bundles.py EXAMPLES SCRATCH

EXAMPLES is the directory of the built examples, SCRATCH one that is made for the checkpoints. Every checkpoint is
listed, read, verified and copied. A copy has the same bytes; a copy in other shards and under other names has the same
values for TensorFlow. Values are drawn with seeds of the cases' names, as random bits where a dtype allows it.
"""

import os
import re
import subprocess
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow.compat.v1 as tf

import directories
import report

# What arrays of a dtype are in NumPy, where that is another type.
CARRIERS = {
    "bfloat16": "uint16",
    "qint8": "int8",
    "quint8": "uint8",
    "qint16": "int16",
    "quint16": "uint16",
    "qint32": "int32",
}
NUMBERS = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"]
NUMBERS += ["uint64", "complex64", "complex128", "qint8", "quint8", "qint16", "quint16", "qint32"]
DTYPES = NUMBERS + ["bool", "string"]
# Those of which TensorFlow puts tensors together that were saved in parts.
ASSEMBLED = ["float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "complex64", "complex128"]
DEVICES = 3
# The numbers of files that a checkpoint is copied to.
SHARDS = (1, 5)
# How many tensors of a checkpoint are read one by one.
READ_AT_MOST = 50

LISTED = re.compile(r"^(.*) (\w+) (\[[^\]]*\]), (?:shard (\d+), (\d+) bytes|(\d+) parts)$", re.S)


class Entry(object):
    """A tensor to save: `parts` are slices of it, each one a list of (start, length), or None if it is saved whole."""

    def __init__(self, name, dtype, value, parts=None):
        self.name = name
        self.dtype = dtype
        self.value = value
        self.parts = parts

    def specs(self):
        """[(shape and slice as the operations take them, value of that part)]."""
        if self.parts is None:
            return [("", self.value)]
        return [(spec(self.value.shape, part), self.value[ranges(part)]) for part in self.parts]


def spec(shape, part):
    sizes = "".join("%d " % size for size in shape)
    return sizes + ":".join("%d,%d" % extent for extent in part)


def ranges(part):
    return tuple(slice(start, start + length) for start, length in part)


def seeded(*names):
    return np.random.RandomState(zlib.crc32("/".join(names).encode()) & 0xFFFFFFFF)


def draw(random, dtype, shape):
    """An array of random bits, as NumPy has it."""
    if dtype == "string":
        words = [b"", b"a", b"two words", u"\u00e4\u4e16\U0001f600".encode(), b"\x00\xff"]
        words.append(b"l" * random.randint(1, 5000))
        value = np.empty(shape, object)
        for index in np.ndindex(*shape):
            value[index] = words[random.randint(len(words))]
        return value
    if dtype == "bool":
        return np.asarray(random.randint(0, 2, shape), np.bool_)
    kind = np.dtype(CARRIERS.get(dtype, dtype))
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(random.bytes(count * kind.itemsize), kind).reshape(shape)


def tensor_type(dtype):
    return tf.as_dtype(dtype)


def placeholder(dtype, shape):
    """A placeholder for what NumPy has, and the tensor of the dtype itself."""
    fed = tf.placeholder(tensor_type(CARRIERS.get(dtype, dtype)), shape)
    return fed, (tf.bitcast(fed, tensor_type(dtype)) if dtype in CARRIERS else fed)


def save(prefix, entries):
    """Saves entries in their order in one file."""
    with tf.Graph().as_default(), tf.Session() as session:
        names, specs, tensors, feeds = [], [], [], {}
        for entry in entries:
            for text, value in entry.specs():
                fed, tensor = placeholder(entry.dtype, value.shape)
                feeds[fed] = value
                names.append(entry.name)
                specs.append(text)
                tensors.append(tensor)
        session.run(
            tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=specs, tensors=tensors), feeds
        )


def restore(prefix, wanted):
    """The values of [(name, shape and slice, dtype)], as NumPy has them."""
    names, specs, dtypes = zip(*wanted)
    with tf.Graph().as_default(), tf.Session() as session:
        tensors = tf.raw_ops.RestoreV2(
            prefix=prefix,
            tensor_names=list(names),
            shape_and_slices=list(specs),
            dtypes=[tensor_type(dtype) for dtype in dtypes],
        )
        fetched = [
            tf.bitcast(tensor, tensor_type(CARRIERS[dtype])) if dtype in CARRIERS else tensor
            for dtype, tensor in zip(dtypes, tensors)
        ]
        return session.run(fetched)


def differs(label, found, expected):
    """Lines about two arrays that are not the same to the bit."""
    expected = np.asarray(expected)
    found = np.asarray(found, object if expected.dtype == object else None)
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return ["%s: %s %s, expected %s %s" % (label, found.dtype, found.shape, expected.dtype, expected.shape)]
    same = found.tolist() == expected.tolist() if found.dtype == object else found.tobytes() == expected.tobytes()
    return [] if same else ["%s: the values differ" % label]


def restored_differences(prefix, entries, name=lambda name: name):
    """What TensorFlow restores of a checkpoint, part by part, and whole where it can."""
    wanted, values = [], []
    for entry in entries:
        specs = entry.specs()
        if entry.parts is not None and entry.dtype in ASSEMBLED:
            specs.append(("", entry.value))
        wanted += [(name(entry.name), text, entry.dtype) for text, _ in specs]
        values += [value for _, value in specs]
    found = []
    for (key, text, _), value, expected in zip(wanted, restore(prefix, wanted), values):
        found += differs("%s %s" % (key, text), value, expected)
    return found


class Tool(object):
    """The example `checkpoint`."""

    def __init__(self, examples):
        self.path = os.path.join(os.path.abspath(examples), "checkpoint")

    def output(self, *arguments):
        """(exit status, what it printed, its errors)."""
        process = subprocess.Popen((self.path,) + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        printed, errors = process.communicate()
        return process.returncode, printed.decode(), errors.decode()

    def run(self, *arguments):
        status, printed, errors = self.output(*arguments)
        if status != 0 or errors:
            raise RuntimeError("checkpoint %s: exit status %d: %s" % (" ".join(arguments), status, errors))
        return printed


def files(prefix):
    """{what follows the prefix: bytes} of a checkpoint."""
    directory, base = os.path.split(prefix)
    names = [name for name in os.listdir(directory) if name.startswith((base + ".index", base + ".data-"))]
    return {name[len(base) :]: directories.read(os.path.join(directory, name)) for name in names}


def file_differences(found, expected):
    """What is not equal in the files of two checkpoints."""
    ours, theirs = files(found), files(expected)
    lines = ["%s: missing" % name for name in sorted(set(theirs) - set(ours))]
    lines += ["%s: not expected" % name for name in sorted(set(ours) - set(theirs))]
    lines += ["%s: the bytes differ" % name for name in sorted(set(ours) & set(theirs)) if ours[name] != theirs[name]]
    return lines if theirs else ["%s: there is no checkpoint" % expected]


class Checks(object):
    """Checks of one checkpoint after another."""

    def __init__(self, examples, scratch):
        self.tool = Tool(examples)
        self.scratch = os.path.abspath(scratch)
        self.report = report.Report()
        self._made = 0

    def path(self):
        """A path in a new directory."""
        self._made += 1
        directory = os.path.join(self.scratch, "%03d" % self._made)
        os.makedirs(directory)
        return os.path.join(directory, "model.ckpt")

    def check(self, label, *arguments):
        return self.report.check("%s tf%s" % (label, tf.__version__), *arguments)

    def checkpoint(self, label, prefix, entries, first_version=False):
        """All checks of a checkpoint that TensorFlow wrote."""
        self.check(label + " list", self._list, prefix, entries, first_version)
        self.check(label + " get", self._get, label, prefix, entries)
        self.check(label + " verify", self._verify, prefix, entries)
        if first_version:
            self.check(label + " copy", self._copy_shards, prefix, entries, 1)
            return
        self.check(label + " copy", self._copy, prefix)
        for shards in SHARDS:
            self.check(label + " copy to %d shards" % shards, self._copy_shards, prefix, entries, shards)
        self.check(label + " copy renamed", self._copy_renamed, prefix, entries)

    def _list(self, prefix, entries, first_version):
        found, listed = [], {}
        for line in self.tool.run("list", prefix).splitlines():
            if line.startswith("  "):
                continue
            match = LISTED.match(line)
            if match is None:
                found.append("malformed: %r" % line)
            else:
                name, dtype, shape, _, size, parts = match.groups()
                listed[name] = dtype, shape, None if size is None else int(size), int(parts or 0)
        if list(listed) != sorted(listed, key=lambda name: name.encode()):
            found.append("not sorted by name")
        for entry in entries:
            got = listed.pop(entry.name, None)
            parts = 0 if entry.parts is None or len(entry.parts) == 1 else len(entry.parts)
            size = None if parts or entry.dtype == "string" or first_version else entry.value.nbytes
            expected = entry.dtype, "[%s]" % ", ".join(str(size) for size in entry.value.shape), size, parts
            if got is not None and size is None:
                got = got[:2] + (None,) + got[3:]
            if got != expected:
                found.append("%s: listed as %s, expected %s" % (entry.name, got, expected))
        return found + ["%s: not expected" % name for name in listed]

    def _get(self, label, prefix, entries):
        found = []
        random = seeded("get", label)
        chosen = random.permutation(len(entries))[:READ_AT_MOST]
        for index in chosen:
            entry = entries[index]
            out = "%s.get%d.%s" % (self.path(), index, "txt" if entry.dtype == "string" else "npy")
            self.tool.run("get", prefix, entry.name, out)
            if entry.dtype == "string":
                lines = directories.read(out).split(b"\n")
                lines = [line.decode("unicode_escape").encode("latin-1") for line in lines[:-1]]
                if lines != entry.value.ravel().tolist():
                    found.append("%s: the strings differ" % entry.name)
                continue
            array, expected = np.load(out), entry.value
            if entry.dtype == "bfloat16":
                array, expected = quiet(array), quiet(widened(expected))
            found += differs(entry.name, array, expected)
        return found

    def _verify(self, prefix, entries):
        printed = self.tool.run("verify", prefix)
        partitioned = [entry for entry in entries if len(entry.parts or ()) > 1]
        stored = sum(len(entry.parts or (None,)) for entry in entries)
        expected = "%d tensors (%d in parts), %d checksums of " % (len(entries), len(partitioned), stored)
        return [] if printed.startswith(expected) else ["%r, expected %r" % (printed, expected)]

    def _copy(self, prefix):
        out = self.path()
        self.tool.run("copy", prefix, out)
        return file_differences(out, prefix)

    def _copy_shards(self, prefix, entries, shards):
        out = self.path()
        self.tool.run("copy", prefix, out, "--shards", str(shards))
        names = [".index"] + [".data-%05d-of-%05d" % (shard, shards) for shard in range(shards)]
        found = [] if sorted(files(out)) == sorted(names) else ["files: %s" % sorted(files(out))]
        self.tool.run("verify", out)
        return found + restored_differences(out, entries)

    def _copy_renamed(self, prefix, entries):
        out = self.path()
        self.tool.run("copy", prefix, out, "--rename", "=net/")
        found = restored_differences(out, entries, lambda name: "net/" + name)
        back = self.path()
        self.tool.run("copy", out, back, "--rename", "net/=")
        return found + file_differences(back, prefix)


def widened(bits):
    """The floats that have these bits in front."""
    wide = np.left_shift(bits.astype(np.uint32), 16, dtype=np.uint32)
    return np.frombuffer(wide.tobytes(), np.float32).reshape(bits.shape)


def quiet(array):
    """The bits of floats with all NaNs alike: converting one to a wider type makes it a quiet one."""
    return np.where(np.isnan(array), np.float32(np.nan), array)


def all_dtypes(random):
    """Scalars, no elements in several ways, and others of every dtype, in no order."""
    shapes = [(), (0,), (3, 0, 2), (1,), (7,), (2, 3), (4, 1, 5), (2, 1, 3, 1, 2, 1)]
    entries = [
        Entry("%s/of rank %d, %d" % (dtype, len(shape), index), dtype, draw(random, dtype, shape))
        for dtype in DTYPES
        for index, shape in enumerate(shapes)
    ]
    return [entries[index] for index in random.permutation(len(entries))]


def strings(random):
    """Empty ones, long ones, many, and such whose length takes several bytes."""
    vocabulary = [u"w\u00f6rt-%d" % number for number in range(3000)]
    long = [random.bytes(1 << 20), b"", b"x" * 127, b"x" * 128, b"x" * 16384]
    return [
        Entry("vocabulary", "string", np.array([word.encode() for word in vocabulary], object)),
        Entry("long", "string", np.array(long, object)),
        Entry("scalar", "string", np.array(random.bytes(300), object)),
        Entry("empty", "string", np.array(b"", object)),
        Entry("none", "string", np.zeros((2, 0), object)),
        Entry(u"n\u00e4me/\u4e16", "string", draw(random, "string", (3, 4, 2))),
        Entry("after", "float32", draw(random, "float32", (3,))),
    ]


def many_keys(random):
    """So many names that the index has several blocks."""
    entries = []
    for number in range(3000):
        scope = "/".join("layer_%d" % level for level in random.randint(0, 30, random.randint(1, 20)))
        dtype = NUMBERS[random.randint(len(NUMBERS))]
        entries.append(Entry("%s/variable_%05d" % (scope, number), dtype, draw(random, dtype, (random.randint(3),))))
    return entries


def large(random):
    """Tensors of some megabytes between small ones."""
    sizes = [(1000, 700), (3,), (5, 300000), (), (262144,), (262145, 2)]
    return [Entry("t%d" % index, "float32", draw(random, "float32", size)) for index, size in enumerate(sizes)]


def grid(random, shape, at_most):
    """Cuts a shape along every dimension at random places."""
    parts = [[]]
    for size in shape:
        count = random.randint(1, min(size, at_most) + 1)
        cuts = [0] + sorted(random.permutation(size - 1)[: count - 1] + 1) + [size]
        extents = [(int(start), int(end - start)) for start, end in zip(cuts, cuts[1:])]
        parts = [part + [extent] for part in parts for extent in extents]
    return [parts[index] for index in random.permutation(len(parts))]


def parts(random):
    """Tensors of every dtype in parts: grids over one to four dimensions, in no order; some are one part."""
    entries = []
    for dtype in DTYPES:
        for rank in (1, 2, 3, 4):
            shape = tuple(int(size) for size in random.randint(1, 7, rank))
            value = draw(random, dtype, shape)
            entries.append(Entry("%s/%d/grid" % (dtype, rank), dtype, value, grid(random, shape, 3)))
    value = draw(random, "float32", (500, 3))
    entries.append(Entry("rows", "float32", value, [[(row, 1), (0, 3)] for row in range(500)]))
    # Names whose bytes are escaped in the keys of parts.
    value = draw(random, "int16", (200, 70))
    entries.append(Entry(u"\u00ff/b", "int16", value, grid(random, (200, 70), 5)))
    entries.append(Entry("whole", "float64", draw(random, "float64", (2, 2))))
    return entries


CASES = (all_dtypes, strings, many_keys, large, parts)
SEEDS = {"parts": 2}


def saved(checks):
    """Checkpoints of one file, as `SaveV2` writes them."""
    for case in CASES:
        for seed in range(SEEDS.get(case.__name__, 1)):
            label = "%s %d" % (case.__name__, seed)
            entries = case(seeded("bundles", label))
            prefix = checks.path()
            save(prefix, entries)
            checks.checkpoint(label, prefix, entries)


def merged(checks):
    """Checkpoints that `MergeV2Checkpoints` makes of several, which share tensors in parts."""
    for seed in range(2):
        label = "merged %d" % seed
        random = seeded("bundles", label)
        entries = [entry for entry in parts(random) if random.randint(2)] + all_dtypes(random)[:60]
        count = 2 + seed
        bundles = [[] for _ in range(count)]
        for entry in entries:
            if entry.parts is None:
                bundles[random.randint(count)].append(entry)
                continue
            for number in range(count):
                some = entry.parts[number::count]
                if some:
                    bundles[number].append(Entry(entry.name, entry.dtype, entry.value, some))
        prefixes = [checks.path() for _ in bundles]
        for prefix, bundle in zip(prefixes, bundles):
            save(prefix, bundle)
        # Merging in TensorFlow takes the files away.
        ours = checks.path()
        checks.check(label + " merge", merge, checks, ours, prefixes)
        expected = checks.path()
        with tf.Graph().as_default(), tf.Session() as session:
            session.run(tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=prefixes, destination_prefix=expected))
        checks.check(label + " merge is TensorFlow's", file_differences, ours, expected)
        checks.checkpoint(label, expected, entries)


def merge(checks, out, prefixes):
    printed = checks.tool.run("merge", out, *prefixes)
    return [] if printed else ["it says nothing"]


def variants(checks):
    """Elements that are objects: they are copied and verified; only reading them is refused."""
    prefix = checks.path()
    with tf.Graph().as_default(), tf.Session() as session:

        def tensor_list(values):
            shape = tf.constant([], tf.int32)
            return tf.raw_ops.TensorListFromTensor(tensor=tf.constant(values), element_shape=shape)

        pair = tf.stack([tensor_list([1.0, 2.0]), tensor_list(np.arange(5000, dtype=np.float32))])
        tensors = [pair, tensor_list([b"a", b""]), pair[:0], tf.constant(2.5)]
        names = ["pair", "one", "none", "after"]
        session.run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=[""] * 4, tensors=tensors))
    checks.check("variants copy", checks._copy, prefix)
    checks.check("variants verify", lambda: [] if checks.tool.run("verify", prefix).startswith("4 tensors") else ["?"])
    refused(checks, "variants get", "variant", "get", prefix, "pair", prefix + ".npy")

    def loaded():
        out = checks.path()
        checks.tool.run("copy", prefix, out, "--shards", "2", "--rename", "pair=two")
        with tf.Graph().as_default(), tf.Session() as session:
            dtypes = [tf.variant]
            (two,) = tf.raw_ops.RestoreV2(prefix=out, tensor_names=["two"], shape_and_slices=[""], dtypes=dtypes)
            shape = tf.constant([], tf.int32)
            stack = tf.raw_ops.TensorListStack(input_handle=two[1], element_shape=shape, element_dtype=tf.float32)
            return differs("two", session.run(stack), np.arange(5000, dtype=np.float32))

    checks.check("variants restored from a copy", loaded)


def refused(checks, label, text, *arguments):
    """Checks that the tool ends with status 2 and one message."""

    def run():
        status, printed, errors = checks.tool.output(*arguments)
        one = errors.startswith("error: ") and text in errors and errors.count("\n") == 1
        return [] if status == 2 and not printed and one else ["status %d, %r, %r" % (status, printed, errors)]

    checks.check(label, run)


def damaged(checks):
    """Checkpoints with bytes that TensorFlow did not write."""
    entries = all_dtypes(seeded("damaged"))[:20] + parts(seeded("damaged parts"))[:6]
    for suffix in (".index", ".data-00000-of-00001"):
        prefix = checks.path()
        save(prefix, entries)
        data = directories.read(prefix + suffix)
        for label, bad in (("cut", data[:-1]), ("flipped", data[:-60] + bytes([data[-60] ^ 4]) + data[-59:])):
            with open(prefix + suffix, "wb") as file:
                file.write(bad)
            refused(checks, "%s%s verify" % (label, suffix), "model.ckpt" + suffix, "verify", prefix)
            refused(checks, "%s%s copy" % (label, suffix), "model.ckpt" + suffix, "copy", prefix, checks.path())
        os.remove(prefix + suffix)
        refused(checks, "missing%s verify" % suffix, "model.ckpt" + suffix, "verify", prefix)


class Model(object):
    """A graph with variables, some of them partitioned, on several devices, and the values that they are given."""

    def __init__(self, label, use_resource):
        random = seeded("variables", label)
        self.entries = []
        self.graph = tf.Graph()
        self.feeds = {}
        self.fetches = []
        self.expected = []
        assignments = []
        with self.graph.as_default():
            for number in range(24):
                dtype = ["float32", "float64", "float16", "int32", "int64", "bool", "complex64", "string"][number % 8]
                if dtype == "string" and use_resource:
                    dtype = "int16"
                shape = tuple(int(size) for size in random.randint(1, 9, random.randint(0, 4)))
                value = draw(random, dtype, shape)
                name = "net/scope_%d/v%d" % (random.randint(4), number)
                variables = self._create(random, name, dtype, shape, use_resource)
                listed = []
                for variable in variables:
                    info = variable._get_save_slice_info()
                    part = value
                    if info is not None:
                        extents = [(int(a), int(b)) for a, b in zip(info.var_offset, info.var_shape)]
                        part = value[ranges(extents)]
                        listed.append(extents)
                    fed = tf.placeholder(variable.dtype.base_dtype, part.shape)
                    self.feeds[fed] = part
                    assignments.append(tf.assign(variable, fed))
                    self.fetches.append(variable)
                    self.expected.append(part)
                whole = len(listed) < 2
                self.entries.append(Entry(name, dtype, value, None if whole else listed))
            self.assign = tf.group(*assignments)
            self.reset = tf.global_variables_initializer()

    def _create(self, random, name, dtype, shape, use_resource):
        partitioner = None
        if shape and random.randint(4):
            axis = random.randint(len(shape))
            kinds = [
                tf.fixed_size_partitioner(min(2, shape[axis]), axis=axis),
                tf.fixed_size_partitioner(min(3, shape[axis]), axis=axis),
                tf.variable_axis_size_partitioner(8, axis=axis),
                tf.min_max_variable_partitioner(3, axis=axis, min_slice_size=8),
            ]
            # A string has no size that these could divide.
            partitioner = kinds[random.randint(2 if dtype == "string" else 4)]
        device = random.randint(-1, DEVICES)
        step = iter(range(1000))

        def place(operation):
            if operation.type not in ("VariableV2", "VarHandleOp"):
                return operation.device
            return "/cpu:%d" % ((device + next(step)) % DEVICES)

        with tf.device(place if device >= 0 else None):
            variable = tf.get_variable(
                name,
                shape,
                tensor_type(dtype),
                initializer=blank,
                partitioner=partitioner,
                use_resource=use_resource,
            )
        return list(variable) if partitioner else [variable]

    def session(self):
        return tf.Session(graph=self.graph, config=tf.ConfigProto(device_count={"CPU": DEVICES}))

    def restored(self, saver, prefix):
        """What is not as it was after a saver restored a checkpoint."""
        found = []
        with self.session() as session:
            session.run(self.reset)
            saver.restore(session, prefix)
            for variable, value, expected in zip(self.fetches, session.run(self.fetches), self.expected):
                found += differs(variable.name, value, expected)
        return found


def blank(shape, dtype=None, partition_info=None):
    """An initializer for every dtype."""
    return tf.fill(shape, b"") if dtype.base_dtype == tf.string else tf.zeros(shape, dtype.base_dtype)


def savers(checks):
    """What `tf.train.Saver` writes, sharded or not; it restores our copies."""
    for use_resource in (False, True):
        for seed in range(2):
            kind = "%s variables %d" % ("resource" if use_resource else "reference", seed)
            model = Model(kind, use_resource)
            for sharded in (False, True):
                name = kind + (" sharded" if sharded else "")
                prefix = checks.path()
                with model.graph.as_default(), model.session() as session:
                    saver = tf.train.Saver(sharded=sharded)
                    session.run(model.assign, model.feeds)
                    prefix = saver.save(session, prefix, write_meta_graph=False)
                checks.checkpoint(name, prefix, model.entries)
                for shards in (None, 2, 7):
                    label = "%s restored by a saver from %s shards" % (name, shards or "its")
                    checks.check(label, saver_restores, checks, model, saver, prefix, shards)


def saver_restores(checks, model, saver, prefix, shards):
    out = checks.path()
    checks.tool.run("copy", prefix, out, *(("--shards", str(shards)) if shards else ()))
    return model.restored(saver, out)


def first_version(checks):
    """Checkpoints of the first version of the format, which can be read, and copied to the second."""
    for use_resource in (False, True):
        label = "%s variables of the first version" % ("resource" if use_resource else "reference")
        model = Model(label, use_resource)
        for sharded in (False, True):
            with model.graph.as_default(), model.session() as session:
                saver = tf.train.Saver(sharded=sharded, write_version=tf.train.SaverDef.V1)
                session.run(model.assign, model.feeds)
                prefix = saver.save(session, checks.path(), write_meta_graph=False)
            checks.checkpoint(label + (" sharded" if sharded else ""), prefix, model.entries, first_version=True)


GROUPS = (saved, merged, variants, damaged, savers, first_version)


def main(examples, scratch):
    tf.logging.set_verbosity(tf.logging.ERROR)
    checks = Checks(examples, scratch)
    for group in GROUPS:
        group(checks)
    return checks.report.finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
