"""Makes the first inputs of the fuzz targets from the files of the tests.

    python3 tests/scripts/make_fuzz_corpus.py

writes fuzz/corpus/{table,bundle,checkpoint_state}. The target import_graph_def takes tests/fixtures/graphs as it is.
"""

import pathlib
import struct

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "tests/fixtures"
# The end of every table.
MAGIC = bytes.fromhex("57fb808b247547db")
# As many data files or shards as the target bundle can have.
MAX_DATA_FILES = 3


def add(target, path, content):
    directory = ROOT / "fuzz/corpus" / target
    directory.mkdir(parents=True, exist_ok=True)
    name = "-".join(path.relative_to(FIXTURES).parts)
    (directory / name).write_bytes(content)


def joined(kind, paths):
    """The files of a checkpoint as the target bundle takes them, after a byte for what they are."""
    contents = [path.read_bytes() for path in paths]
    return bytes([kind]) + b"".join(struct.pack("<I", len(it)) + it for it in contents)


def main():
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
        elif path.parent.name == "states":
            add("checkpoint_state", path, content)


if __name__ == "__main__":
    main()
