#!/usr/bin/env python3
"""Prints what building the library costs: CPU seconds of a clean release build, and the size of the debug library.

usage: python build_time.py [-v] [--jobs N] [--target-dir DIR] [REVISION...]

Builds the package at each git revision, or the working tree without any, as a dependency is built: the library with what
it depends on, without the dependencies of tests and benchmarks. Every build begins with an empty directory. Prints a
table with a row for each and these columns, in CPU seconds of all threads (user and system) but for the last two:

    total         the whole `cargo build --release --lib`
    dependencies  compiling the packages that the library depends on, procedural macros among them
    build script  compiling the package's build script and packages that it alone depends on, and running build scripts
    tfhub         compiling the library itself
    wall          seconds that compiling the library itself takes
    debug MB      size of `libtfhub.rlib` of `cargo build --lib`
    rebuild       seconds of `cargo build` in a program after a change in its function that defines a module

With -v all crates with their CPU seconds are listed below the table. The compiler is called through this script (it sets
`RUSTC_WRAPPER`) to time each crate. Nothing else should run on the machine; CPU seconds suffer less from it than others.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

LOG = "TFHUB_BUILD_TIME_LOG"

PROGRAM = """
use tfhub::{GraphBuilder, ModuleSpec, layers};

fn module_fn(g: &GraphBuilder) {
    let inputs = g.placeholder::<f32>((None, 50));
    let hidden = layers::dense(200).apply(inputs);
    let outputs = layers::dense(100).apply(hidden);
    g.signature("default").input("default", inputs).output("default", outputs);
}

fn main() {
    let spec = ModuleSpec::new(module_fn).expect("the module is sound");
    println!("{:?}", spec);
}
"""


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def compile_crate(command):
    """What Cargo calls instead of the compiler."""
    start = time.time()
    # With the descriptors by which Cargo shares its jobs out.
    status = subprocess.call(command, close_fds=False)
    names = [after for before, after in zip(command, command[1:]) if before == "--crate-name"]
    row = {"crate": names[0] if names else "", "cpu": cpu_seconds(), "wall": time.time() - start}
    row["package"] = os.environ.get("CARGO_PKG_NAME", "")
    with open(os.environ[LOG], "a") as log:
        log.write(json.dumps(row) + "\n")
    return status


def cargo(directory, target, args, **env):
    command = ["cargo"] + args
    subprocess.check_call(command, cwd=directory, env=dict(os.environ, CARGO_TARGET_DIR=target, **env))


def needed_by_library(directory):
    """The packages that are compiled for the library, but for those of its build script."""
    command = "cargo tree --quiet --edges normal,build --prefix depth --no-dedupe --format".split() + ["|{p}"]
    tree = subprocess.check_output(command, cwd=directory, text=True)
    own = subprocess.check_output(
        "cargo tree --quiet --edges normal --prefix none".split(), cwd=directory, text=True)
    packages = {line.split()[0] for line in own.splitlines() if line.strip()}
    # What the build scripts of dependencies need is compiled for them, and so for the library.
    below = None
    for line in tree.splitlines():
        depth, name = re.match(r"(\d+)\|(\S+)", line).groups()
        if int(depth) == 1:
            below = name in packages
        if below:
            packages.add(name)
    return packages


def measure(directory, target, jobs):
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    log = os.path.join(target, "crates.log")
    wrapper = os.path.join(target, "rustc")
    with open(wrapper, "w") as file:
        file.write('#!/bin/sh\nexec "%s" "%s" --compile "$@"\n' % (sys.executable, os.path.abspath(__file__)))
    os.chmod(wrapper, 0o755)
    args = ["--quiet"] + (["--jobs", str(jobs)] if jobs else [])
    before = cpu_seconds()
    cargo(directory, target, ["build", "--release", "--lib"] + args, RUSTC_WRAPPER=wrapper, **{LOG: log})
    total = cpu_seconds() - before
    with open(log) as file:
        crates = [json.loads(line) for line in file]
    library = needed_by_library(directory)
    own = [row for row in crates if row["crate"] == "tfhub"]
    dependencies = sum(row["cpu"] for row in crates if row["package"] in library - {"tfhub"})
    tfhub = sum(row["cpu"] for row in own)

    cargo(directory, target, ["build", "--lib"] + args)
    debug = os.path.getsize(os.path.join(target, "debug", "libtfhub.rlib"))
    row = [total, dependencies, total - dependencies - tfhub, tfhub, own[0]["wall"], debug / 1e6,
           rebuild(directory, target, args)]
    return row, sorted(crates, key=lambda row: -row["cpu"])


def rebuild(directory, target, args):
    """Seconds to build a program again after its module has changed; not a number where an old revision does not build it."""
    with tempfile.TemporaryDirectory() as program:
        os.mkdir(os.path.join(program, "src"))
        with open(os.path.join(program, "Cargo.toml"), "w") as file:
            file.write('[package]\nname = "program"\nedition = "2024"\n[workspace]\n'
                       '[dependencies]\ntfhub = { path = %s }\n' % json.dumps(os.path.abspath(directory)))
        shutil.copy(os.path.join(directory, "Cargo.lock"), program)
        source = os.path.join(program, "src", "main.rs")
        seconds = []
        for width in (200, 201, 202, 203):
            with open(source, "w") as file:
                file.write(PROGRAM.replace("200", str(width)))
            start = time.time()
            try:
                cargo(program, target, ["build"] + args)
            except subprocess.CalledProcessError:
                return float("nan")
            seconds.append(time.time() - start)
        return min(seconds[1:])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--target-dir")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("revisions", nargs="*")
    args = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with tempfile.TemporaryDirectory() as scratch:
        target = os.path.join(os.path.abspath(args.target_dir or scratch), "build-time")
        heads = ["total", "dependencies", "build script", "tfhub", "wall", "debug MB", "rebuild"]
        print("| %-12s | %s |" % ("", " | ".join("%12s" % head for head in heads)))
        print("|%s|" % "|".join("-" * 14 for _ in range(len(heads) + 1)))
        for revision in args.revisions or [None]:
            directory = root
            if revision:
                directory = os.path.join(scratch, "tree")
                shutil.rmtree(directory, ignore_errors=True)
                os.mkdir(directory)
                archive = subprocess.Popen(["git", "archive", revision], cwd=root, stdout=subprocess.PIPE)
                subprocess.check_call(["tar", "-x", "-C", directory], stdin=archive.stdout)
                if archive.wait():
                    sys.exit("no revision %s" % revision)
            row, crates = measure(directory, target, args.jobs)
            cells = " | ".join("%12.1f" % cell for cell in row)
            print("| %-12s | %s |" % (revision or "working tree", cells), flush=True)
            if args.v:
                for crate in crates:
                    print("%8.1f  %s (%s)" % (crate["cpu"], crate["package"], crate["crate"]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--compile"]:
        sys.exit(compile_crate(sys.argv[2:]))
    main()
