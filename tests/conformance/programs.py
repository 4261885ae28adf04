"""Compares what random programs of nested control flow make with what TensorFlow 1.15 makes of them.

    programs.py generate FILE SEED COUNT      writes the first programs of a seed; `sources` stands for one that follows
                                              from the sources of the crate
    programs.py compare FILE                  builds the programs of a file, and compares with what the test
                                              `export_conformance_programs` wrote to the directory beside it
    programs.py shrink TEST FILE NUMBER       leaves out of one program what its failure does not need; TEST is the
                                              built test program
    programs.py fixtures DIRECTORY            writes the programs that the Rust tests have, and what TensorFlow makes

README.md describes the text form.
"""

import os
import struct
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

import canonical
import difference
import program_interpreter
import program_kinds
import program_text
import report
import sampling

tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)

# Besides the programs of `program_cases.txt`.
FIXTURE_SEED, FIXTURE_COUNT = 40, 40
NESTED = (("nested", ("cond", "while", "function"), 51), ("nested_contexts", ("cond", "while"), 50))


def generate(path, seed, count):
    seed = sampling.seed_of_sources() if seed == "sources" else int(seed)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("# %s programs of seed %d\n" % (count, seed))
        file.writelines(text_of(seed, number, kind_of(number)) for number in range(int(count)))


def kind_of(number):
    """The kind of a program that the suite runs: half of them have control flow of version 1 and no more."""
    return ("first", "wide", "first", "second")[number % 4]


def text_of(seed, number, kind):
    return program_text.write(program_kinds.program(seed, number, kind))


def read_programs(path):
    with open(path) as file:
        return program_text.read(file.read())


def saved_model(meta_graph):
    """A SavedModel that holds only this graph."""
    message = saved_model_pb2.SavedModel()
    message.meta_graphs.add().CopyFrom(meta_graph)
    return message


def theirs(program):
    return saved_model(program_interpreter.meta_graph(program))


class Ours(object):
    """What the Rust side made of the programs of a file: graphs, or the reasons why there are none."""

    def __init__(self, directory):
        self._graphs = {}
        with open(os.path.join(directory, "errors.tsv")) as file:
            self._errors = dict(line.rstrip("\n").split("\t", 1) for line in file)
        for batch in os.listdir(directory):
            if os.path.isdir(os.path.join(directory, batch)):
                for meta_graph in canonical.read(os.path.join(directory, batch)).meta_graphs:
                    self._graphs[meta_graph.meta_info_def.tags[0]] = meta_graph

    def differences(self, program):
        expected = theirs(program)
        if program.number in self._errors:
            return ["refused: %s" % self._errors[program.number]]
        found = saved_model(self._graphs[program.number])
        if canonical.canonical_bytes(found) == canonical.canonical_bytes(expected):
            return []
        return difference.saved_model_differences(found, expected) or ["the graphs differ"]


def compare(path):
    checks = report.Report()
    with open(path) as file:
        print(file.readline().lstrip("# "), end="")
    ours = Ours(os.path.splitext(path)[0])
    for program in sampling.every(read_programs(path), "modules"):
        if not checks.check("program %s" % program.number, ours.differences, program):
            print("".join("    | %s\n" % line for line in program_text.write(program).splitlines()))
    return checks.finish()


def bodies(body):
    """A body and all that are in it."""
    yield body
    for statement in body.statements:
        for inner in statement.bodies:
            for found in bodies(inner):
                yield found


def smaller(text):
    """The texts of programs that lack one thing of a program, the largest things first."""
    program, = program_text.read(text)
    places = []
    for position, body in enumerate(bodies(program.body)):
        for at, statement in enumerate(body.statements):
            size = len(program_text.write(program_text.Program("", None, _only(statement))))
            places.append((size, "drop", position, at))
            places.append((size, "unwrap", position, at))
            places.extend((1, "option", position, at, option) for option in statement.options)
        places.extend((0, "give", position, at) for at in range(len(body.gives)))
    for place in sorted(places, key=lambda place: -place[0]):
        copy, = program_text.read(text)
        body = list(bodies(copy.body))[place[2]]
        if place[1] == "give":
            if body is not copy.body or len(body.gives) == 1:
                continue
            del body.gives[place[3]]
        elif place[1] == "option":
            if place[4] == "axis" or body.statements[place[3]].op in ("variable", "function"):
                continue
            del body.statements[place[3]].options[place[4]]
        elif place[1] == "drop":
            del body.statements[place[3]]
        else:
            inner = body.statements[place[3]].bodies
            if len(inner) != 1 or inner[0].given or inner[0].gives:
                continue
            body.statements[place[3] : place[3] + 1] = inner[0].statements
        yield program_text.write(copy)


def _only(statement):
    body = program_text.Body()
    body.statements.append(statement)
    return body


def shrink(test, path, number):
    """Prints the smallest program found that still differs."""

    def differ(texts):
        """What each of some programs differs in; None if it is not valid, or equal."""
        with tempfile.TemporaryDirectory() as scratch:
            programs = []
            for position, text in enumerate(texts):
                program, = program_text.read(text)
                program.number = str(position)
                programs.append(program)
            valid = []
            for program in programs:
                try:
                    program_interpreter.meta_graph(program)
                except Exception:
                    continue
                valid.append(program)
            for program in valid:
                with open(os.path.join(scratch, "p%s.txt" % program.number), "w") as file:
                    file.write(program_text.write(program))
            found = [None] * len(texts)
            if not valid:
                return found
            environment = dict(os.environ, TFHUB_PROGRAMS_DIR=scratch)
            command = [test, "export_conformance_programs", "--ignored"]
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for program in valid:
                directory = os.path.join(scratch, "p%s" % program.number)
                if os.path.exists(os.path.join(directory, "errors.tsv")):
                    found[int(program.number)] = Ours(directory).differences(program) or None
            return found

    program = next(program for program in read_programs(path) if program.number == number)
    text = program_text.write(program)
    last = differ([text])[0]
    progress = last is not None
    while progress:
        progress = False
        candidates = list(smaller(text))
        for start in range(0, len(candidates), 16):
            found = differ(candidates[start : start + 16])
            better = [(candidates[start + at], lines) for at, lines in enumerate(found) if lines]
            if better:
                (text, last), progress = better[0], True
                break
    print(text + "\n".join((last or ["no difference"])[:12]))
    return 1 if last else 0


# What makes y from x: the lines before and after those that make an inner y from a.
_NESTED = {
    "cond": (("y{d} = cond t1", "a{d} = tanh {x}"), ("else", "give {x}", "end")),
    "while": (
        ("y{d} = while {x} invariants=?", "given b{d}", "give t1", "do", "given c{d}", "a{d} = + c{d} {x}"),
        ("end",),
    ),
    "function": (
        ("f{d} = function name=f{d}", "given b{d}:float32", "a{d} = * b{d} {x}"),
        ("end", "y{d} = call f{d} {x}"),
    ),
}


def nested(number, kinds, depth):
    """The text of a program in which blocks of some kinds are nested to a depth, in turn."""

    def lines(at, x):
        if at == depth:
            return ["y%d = + %s t0" % (at, x)]
        before, after = _NESTED[kinds[at % len(kinds)]]
        inner = lines(at + 1, "a%d" % at) + ["give y%d" % (at + 1)]
        return [line.format(d=at, x=x) for line in before] + inner + [line.format(d=at, x=x) for line in after]

    head = ["program %s" % number, "t0 = placeholder float32 ?", "t1 = placeholder bool []"]
    text = "\n".join(head + lines(0, "t0") + ["give y0 t0", "end"])
    return program_text.write(program_text.read(text)[0])


def fixtures(directory):
    with open(os.path.join(os.path.dirname(__file__), "program_cases.txt")) as file:
        text = file.read()
    text += "".join(text_of(FIXTURE_SEED, number, "first") for number in range(FIXTURE_COUNT))
    text += "".join(nested(*case) for case in NESTED)
    with open(os.path.join(directory, "programs.txt"), "w") as file:
        file.write(text)
    # Each after its length.
    graphs = [canonical.canonical_bytes(theirs(program)) for program in program_text.read(text)]
    with open(os.path.join(directory, "saved_models"), "wb") as file:
        for graph in graphs:
            file.write(struct.pack("<I", len(graph)) + graph)


if __name__ == "__main__":
    COMMANDS = {"generate": generate, "compare": compare, "shrink": shrink, "fixtures": fixtures}
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
