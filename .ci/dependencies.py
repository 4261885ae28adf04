"""Checks what a build of a crate needs of the machine, given `cargo metadata` on standard input.

Usage: dependencies.py RUST
    No package that the crate is built with may ask for a newer Rust than RUST, nor for a C compiler or a library of
    the system. Dependencies of tests alone are left out.
"""

import json
import sys

# Packages that build scripts use to compile C, or to find what a system has installed.
NATIVE = {"bindgen", "cc", "cmake", "pkg-config", "vcpkg"}


def version(text):
    parts = [int(part) for part in text.split(".")]
    return parts + [0] * (3 - len(parts))


def faults(metadata, rust):
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    # A package with the way to it.
    open_ids, seen, found = [(metadata["resolve"]["root"], ())], set(), []
    while open_ids:
        id, above = open_ids.pop()
        if id in seen:
            continue
        seen.add(id)
        package = packages[id]
        way = above + ("%s %s" % (package["name"], package["version"]),)
        needs = package.get("rust_version")
        if needs and version(needs) > version(rust):
            found.append("needs Rust %s: %s" % (needs, " > ".join(way)))
        if package["name"] in NATIVE:
            found.append("needs a C compiler or a library: %s" % " > ".join(way))
        for dep in nodes[id]["deps"]:
            if any(kind["kind"] != "dev" for kind in dep["dep_kinds"]):
                open_ids.append((dep["pkg"], way))
    print("%d packages checked against Rust %s" % (len(seen), rust))
    return found


if __name__ == "__main__":
    FOUND = faults(json.load(sys.stdin), sys.argv[1])
    sys.exit("\n".join(sorted(FOUND)) if FOUND else 0)
