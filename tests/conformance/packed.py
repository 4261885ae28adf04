"""Files of many modules in one: after its length, each path and each content."""

import gzip
import struct


def write(file, module, contents):
    """Appends the files of a module, {name: bytes}."""
    for name, data in sorted(contents.items()):
        for part in ("%s/%s" % (module, name)).encode(), data:
            file.write(struct.pack("<I", len(part)) + part)


def read(path):
    """{module: {name: bytes}} of a compressed file."""
    with gzip.open(path) as file:
        data = file.read()
    parts, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    found = {}
    for path, content in zip(parts[::2], parts[1::2]):
        module, _, name = path.decode().partition("/")
        found.setdefault(module, {})[name] = content
    return found
