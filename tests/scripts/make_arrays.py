"""Makes the archives of tests/fixtures/arrays: odd ones that NumPy reads, or refuses to read.

    python tests/scripts/make_arrays.py [--read]

needs NumPy and ml_dtypes. With --read, it prints what NumPy reads of each, from which tests/it/arrays.rs was written.
"""

import io
import pathlib
import struct
import sys
import zipfile
import zlib

import ml_dtypes
import numpy as np

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent / "fixtures/arrays"
W = np.arange(6, dtype=np.float32).reshape(2, 3)


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def raw(header, data):
    """An array in version 1 of the format with a header as it is written here."""
    header = header.encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def described(descr, data, shape="(4,)"):
    return raw("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape), data)


def packed(members, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            # A fixed time, for the bytes to be the same each time.
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, content, method)
    return file.getvalue()


def damaged(content, position, method=zipfile.ZIP_STORED):
    """An archive whose array has a changed bit and the checksum of the right one."""
    changed = bytearray(content)
    changed[position] ^= 0x40
    archive = packed({"w.npy": bytes(changed), "b.npy": npy(W[0])}, method)
    checksum = lambda content: struct.pack("<I", zlib.crc32(content))
    return archive.replace(checksum(bytes(changed)), checksum(content))


class Unseekable(io.RawIOBase):
    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, content):
        return self.file.write(content)


def streamed():
    file = io.BytesIO()
    with zipfile.ZipFile(Unseekable(file), "w") as archive:
        archive.writestr(zipfile.ZipInfo("w.npy", (1980, 1, 1, 0, 0, 0)), npy(W))
    return file.getvalue()


def encrypted():
    """An archive whose second member says that it is encrypted."""
    archive = bytearray(packed({"w.npy": npy(W), "b.npy": npy(W[0])}))
    local = archive.rindex(b"PK\x03\x04")
    central = archive.rindex(b"PK\x01\x02")
    archive[local + 6] |= 1
    archive[central + 8] |= 1
    return bytes(archive)


def archives():
    w = npy(W)
    two_bytes = b"\0\0\x80\x3f\0\x40\x40\x40"
    yield "readme", packed({"w.npy": w, "README.txt": b"trained in March\n"})
    yield "folder", packed({"layer/": b"", "layer/w.npy": w})
    yield "macosx", packed({"w.npy": w, "__MACOSX/._w.npy": b"\0\5\26\7" + bytes(50), ".DS_Store": b"\0\0\0\1Bud1"})
    yield "text", packed({"w.npy": w, "b.npy": b"no array", "empty.npy": b"", "config.json": b"{}"})
    yield "npy_names", packed({"w.npy.npy": w, "w.npy": npy(W + 1)})
    yield "slash", packed({"dense/kernel:0.npy": w, "größe.npy": w})
    yield "plain_name", packed({"w": w})
    yield "twice", packed({"w.npy": w, "b": npy(W[0]), "b.npy": npy(W[1])})
    yield "long", packed({"w.npy": described("<f4", W.tobytes(), "(2L, 3L)")})
    yield "versions", packed({"w.npy": w, "v2.npy": npy(W, version=(2, 0)), "v3.npy": npy(W, version=(3, 0))})
    yield "spaces", packed({"w.npy": raw('{"shape": (2,3), "fortran_order":False,"descr":"<f4"}', W.tobytes())})
    yield "void", packed({"w.npy": described("<V2", two_bytes), "b.npy": described("|V2", two_bytes)})
    floats = np.array([1, 2.25, 3], np.float32)
    yield "ml_dtypes", packed({
        "w.npy": w,
        "bf16.npy": npy(floats.astype(ml_dtypes.bfloat16)),
        "f8.npy": npy(floats.astype(ml_dtypes.float8_e4m3fn)),
        "i4.npy": npy(floats.astype(ml_dtypes.int4)),
    })
    yield "f1", packed({"w.npy": described("<f1", b"\0\1\2\3"), "b.npy": w})
    yield "objects", packed({"w.npy": w, "state.npy": npy(np.array({"lr": 0.1}, dtype=object), allow_pickle=True)})
    yield "strings", packed({"w.npy": w, "labels.npy": npy(np.array(["cat", "größe"])), "raw.npy": npy(np.array([b"a", b"bc"]))})
    yield "struct", packed({"w.npy": w, "s.npy": npy(np.zeros(2, dtype=[("a", "<f4"), ("größe", "<i4")]), version=(3, 0))})
    yield "others", packed({
        "w.npy": w,
        "ld.npy": npy(np.ones(2, np.longdouble)),
        "t.npy": npy(np.array(["2020-01-01"], "datetime64[D]")),
        "d.npy": npy(np.array([1], "timedelta64[s]")),
    })
    yield "orders", packed({
        "w.npy": npy(np.asfortranarray(W)),
        "f3.npy": npy(np.asfortranarray(np.arange(24, dtype=">i2").reshape(2, 3, 4))),
        "scalar.npy": npy(np.array(3, np.float32)),
        "empty.npy": npy(np.zeros((0, 4), np.float32)),
        "fempty.npy": npy(np.zeros((3, 0, 2), np.float32, order="F")),
        "one.npy": npy(np.asfortranarray(np.ones((1, 4), np.float32))),
        "bools.npy": npy(np.asfortranarray(np.array([[True, False], [True, True]]))),
    })
    yield "big_endian", packed({
        "w.npy": npy(W.astype(">f4")),
        "c.npy": npy(np.array([1 + 2j], ">c16")),
        "h.npy": npy(np.array([1.5], ">f2")),
        "u.npy": npy(np.array([2**63], ">u8")),
    })
    yield "deflated", packed({"w.npy": w}, zipfile.ZIP_DEFLATED)
    yield "bzip2", packed({"w.npy": w}, zipfile.ZIP_BZIP2)
    yield "lzma", packed({"w.npy": w}, zipfile.ZIP_LZMA)
    yield "streamed", streamed()
    yield "trailing", packed({"w.npy": w}) + b"\n"
    yield "nothing", packed({})
    yield "encrypted", encrypted()
    yield "extra", packed({"w.npy": w + bytes(8)})
    yield "short", packed({"w.npy": w[:-4], "b.npy": npy(W[0])})
    # Where a changed bit is.
    yield "bit_stored", damaged(w, -5)
    yield "bit_deflated", damaged(w, -5, zipfile.ZIP_DEFLATED)
    yield "bit_last", damaged(w, -1)
    yield "bit_padding", damaged(w, 100)
    yield "bit_shape", damaged(w, w.index(b"(2, 3)") + 4)
    yield "bit_extra", damaged(w + bytes(8), -1)
    yield "bit_fortran", damaged(npy(np.asfortranarray(W)), -5)
    yield "bit_empty", damaged(npy(np.zeros((0, 4), np.float32)), 100)
    yield "bit_magic", damaged(w, 1)


def describe(value):
    if not isinstance(value, np.ndarray):
        return repr(value)
    return f"{value.dtype} {list(value.shape)} {value.ravel()[:6].tolist()}"


def main():
    DIRECTORY.mkdir(exist_ok=True)
    for name, content in archives():
        (DIRECTORY / f"{name}.npz").write_bytes(content)
        if "--read" not in sys.argv:
            continue
        archive = np.load(io.BytesIO(content))
        for member in archive.files:
            try:
                print(name, member, describe(archive[member]))
            except Exception as error:
                print(name, member, type(error).__name__, error)


if __name__ == "__main__":
    main()
