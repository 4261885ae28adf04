"""Makes the first inputs of the fuzz targets from the files of the tests.

    python3 tests/scripts/make_fuzz_corpus.py

writes fuzz/corpus for all targets but import_graph_def, which takes tests/fixtures/graphs as it is.
"""

import io
import json
import pathlib
import struct
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "tests/fixtures"
# The end of every table.
MAGIC = bytes.fromhex("57fb808b247547db")
# As many data files or shards as the target bundle can have.
MAX_DATA_FILES = 3
# Larger ones would slow the targets that import graphs down.
MAX_MESSAGE = 8000


def add(target, path, content):
    directory = ROOT / "fuzz/corpus" / target
    directory.mkdir(parents=True, exist_ok=True)
    name = "-".join(path.relative_to(FIXTURES).parts)
    (directory / name).write_bytes(content)


def joined(kind, paths):
    """The files of a checkpoint as the target bundle takes them, after a byte for what they are."""
    contents = [path.read_bytes() for path in paths]
    return bytes([kind]) + b"".join(struct.pack("<I", len(it)) + it for it in contents)


def add_archive(path, content):
    """An archive, and its arrays each for itself."""
    add("npz", path, content)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            try:
                member = archive.read(info)
            except (RuntimeError, zipfile.BadZipFile):
                continue
            if member.startswith(b"\x93NUMPY"):
                name = info.filename.replace("/", "-")
                add("npy", path.with_name(f"{path.stem}-{name}"), member)


def safetensors(tensors):
    """A file of tensors, each a name, a dtype, a shape and a number of bytes."""
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, dtype, shape, size in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


SAFETENSORS = [
    [],
    [("w", "F32", [2, 3], 24), ("b", "BF16", [3], 6), ("t", "BOOL", [2], 2), ("s", "I64", [], 8)],
    [("q", "F8_E4M3", [4], 4), ("e", "F64", [0, 4], 0), ("c", "C64", [1], 8), ("\u00e9\"", "U16", [1], 2)],
]


# The first byte is that of the options.
WORD_VECTORS = [
    b"\0the 1 2\nof 3 4\nThe 5 12\n. . 0 0\n",
    b"\4" + b"2 2\nthe 1e-3 2\nof -3 .4 \n",
    b"\0" + b"2 2\n" + b"".join(token + struct.pack("<2f", 1, -2) for token in (b"the ", b"\nof ")),
]


def fasttext(words, labels, bucket, quantized=0):
    """A model of fastText with two columns."""
    kind, outputs = (3, len(labels)) if labels else (2, len(words))
    parts = [
        struct.pack("<2i12id", 793712314, 12, 2, 5, 5, 1, 5, 1, 2, kind, bucket, 2, 3, 100, 1e-4),
        struct.pack("<3i2q", len(words) + len(labels), len(words), len(labels), 9, -1),
    ]
    for number, word in enumerate(words + labels):
        parts.append(word + b"\0" + struct.pack("<qb", 5, number >= len(words)))
    for rows in (len(words) + bucket, outputs):
        parts.append(struct.pack("<b2q", quantized, rows, 2) + bytes(8 * rows))
    return b"".join(parts)


FASTTEXT = [
    fasttext([], [], 0),
    fasttext([b"</s>", b"cat", b"\xc3\x9f"], [], 4),
    fasttext([b"cat"], [b"__label__a", b"__label__b"], 0),
    fasttext([b"cat"], [], 0, quantized=1),
]


def graph_texts(content):
    """Texts of messages that a graph may hold, as texts of graphs."""
    around = {
        "GraphDef": "%s",
        "NodeDef": "node { name: 'n' op: 'NoOp' %s\n}",
        "AttrValue": "node { name: 'n' op: 'NoOp' attr { key: '_a' value { %s\n} } }",
        "TensorProto": "node { name: 'n' op: 'NoOp' attr { key: '_a' value { tensor { %s\n} } } }",
        "VersionDef": "versions { %s\n}",
    }
    for case in json.loads(content.decode()):
        kind = case["message"].split(".")[-1]
        if kind in around:
            yield around[kind] % case["text"]


def meta_graph(content):
    """The first meta graph of a SavedModel, after the version of its schema."""
    start = content.index(b"\x12") + 1
    length, shift = 0, 0
    while True:
        byte = content[start]
        length |= (byte & 0x7f) << shift
        start, shift = start + 1, shift + 7
        if byte < 0x80:
            return content[start:start + length]


def archive(name, content):
    """A .tar.gz with one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def main():
    for index, tensors in enumerate(SAFETENSORS):
        add("safetensors", FIXTURES / f"{index}.safetensors", safetensors(tensors))
    for index, vectors in enumerate(WORD_VECTORS):
        add("word_vectors", FIXTURES / f"{index}.txt", vectors)
    for index, model in enumerate(FASTTEXT):
        add("fasttext", FIXTURES / f"{index}.bin", model)
    for path in sorted(FIXTURES.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if content.endswith(MAGIC):
            add("table", path, content)
            data = sorted(path.parent.glob(path.stem + ".data-*")) if path.suffix == ".index" else []
            shards = sorted(path.parent.glob(path.name.replace("-00000-of-", "-?????-of-")))
            if len(shards) > 1:
                add("bundle", path, joined(MAX_DATA_FILES + len(shards), shards))
            elif len(data) <= MAX_DATA_FILES:
                add("bundle", path, joined(len(data), [path, *data]))
        elif path.suffix == ".npz":
            add_archive(path, content)
        elif path.parent.name == "states":
            add("checkpoint_state", path, content)
        elif path.parent.name == "texts" and path.suffix == ".pbtxt" and len(content) <= MAX_MESSAGE:
            add("text_graph_def", path, content)
        elif path.name == "cases.json":
            for number, text in enumerate(graph_texts(content)):
                name = path.with_name(str(number))
                add("text_graph_def", name, text.encode())
                add("meta_graph_def", name, ("graph_def { %s\n}" % text).encode())
        elif path.name == "saved_model.pb" and len(content) <= MAX_MESSAGE:
            add("meta_graph_def", path, meta_graph(content))
            add("load", path, content)
            add("load", path.with_suffix(".tar.gz"), archive(path.name, content))


if __name__ == "__main__":
    main()
