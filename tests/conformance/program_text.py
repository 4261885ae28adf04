"""The text form of programs, which README.md describes: reading and writing."""

# The ops whose bodies stand between their line and `end`, each with the word that parts two bodies.
BLOCKS = {
    "case": "else",
    "cond": "else",
    "switch_case": "else",
    "while": "do",
    "while_sparse": "do",
    "map_fn": None,
    "foldl": None,
    "foldr": None,
    "scan": None,
    "function": None,
    "scope": None,
    "deps": None,
    "no_deps": None,
    "device": None,
    "colocate": None,
}


class Body(object):
    """Statements, the names of what the body is given, and those of what it gives."""

    def __init__(self):
        self.given = []
        self.statements = []
        self.gives = []


class Statement(object):
    """One line, with the bodies that follow it."""

    def __init__(self, results, op, arguments, options=None, bodies=()):
        self.results = results
        self.op = op
        self.arguments = arguments
        self.options = options or {}
        self.bodies = list(bodies)


class Program(object):
    """A program: its number, the graph-level seed or None, its body, and whether control flow is of version 2."""

    def __init__(self, number, seed, body, is_second=False):
        self.number = number
        self.seed = seed
        self.body = body
        self.is_second = is_second


def write(program):
    """The text of a program."""
    head = ["program", program.number]
    if program.seed is not None:
        head.append("seed=%d" % program.seed)
    if program.is_second:
        head.append("control_flow=2")
    lines = [" ".join(head)]
    _write_body(program.body, "  ", lines)
    return "\n".join(lines + ["end"]) + "\n"


def _write_body(body, indent, lines):
    if body.given:
        lines.append(" ".join([indent + "given"] + body.given))
    for statement in body.statements:
        words = statement.results + ["="] if statement.results else []
        words = words + [statement.op] + statement.arguments
        words += ["%s=%s" % option for option in sorted(statement.options.items())]
        lines.append(indent + " ".join(words))
        for position, inner in enumerate(statement.bodies):
            if position:
                lines.append(indent + BLOCKS[statement.op])
            _write_body(inner, indent + "  ", lines)
        if statement.bodies:
            lines.append(indent + "end")
    if body.gives:
        lines.append(" ".join([indent + "give"] + body.gives))


def read(text):
    """The programs in a text, in which lines that begin with # are comments."""
    lines = iter([line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")])
    programs = []
    for words in lines:
        if words[0] != "program":
            raise ValueError("expected a program, found %s" % " ".join(words))
        options = dict(word.split("=", 1) for word in words[2:])
        seed = int(options["seed"]) if "seed" in options else None
        body, _ = _read_body(lines, ("end",))
        programs.append(Program(words[1], seed, body, options.get("control_flow") == "2"))
    return programs


def _read_body(lines, ends):
    """A body, and the word that ends it."""
    body = Body()
    for words in lines:
        if words[0] in ends:
            return body, words[0]
        if words[0] in ("given", "give"):
            (body.given if words[0] == "given" else body.gives).extend(words[1:])
            continue
        statement = _read_line(words)
        if statement.op in BLOCKS:
            end = None
            while end != "end":
                inner, end = _read_body(lines, ("end", BLOCKS[statement.op]))
                statement.bodies.append(inner)
        body.statements.append(statement)
    raise ValueError("a body has no end")


def _read_line(words):
    results = []
    if "=" in words:
        results, words = words[: words.index("=")], words[words.index("=") + 1 :]
    arguments = [word for word in words[1:] if "=" not in word]
    options = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    return Statement(results, words[0], arguments, options)


def shape_text(shape):
    """`[2,?]` of a list of dimensions; `?` of None, any shape."""
    if shape is None:
        return "?"
    return "[%s]" % ",".join("?" if dim is None else str(dim) for dim in shape)


def read_shape(text):
    if text == "?":
        return None
    dims = [dim for dim in text[1:-1].split(",") if dim]
    return [None if dim == "?" else int(dim) for dim in dims]
