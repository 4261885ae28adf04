"""Random programs in the text form of `program_text.py`.

A program depends on its seed and number alone. Values are drawn from those that may be used where they are, which
follows from three things that each value has: its dtype, its shape, and the path of functions, branches and loops in
which it was made.
"""

import functools

from program_text import Body, Program, Statement, shape_text

NUMBERS = ("float32", "int32", "int64")
DTYPES = NUMBERS + ("bool",)
SHAPES = ([], [], [2], [3], [2, 3])
NAMES = ("a", "b", "sum", "out", "x_1", "Const", "cond", "while", "Switch", "add")
SCOPES = ("s", "s", "block", "cond", "while", "a/b", "t_1")
DEVICES = ("/cpu:0", "/device:GPU:1", "/job:worker", "/job:ps/task:2", "/task:1/cpu:0")
# The arguments that a function may have: the Rust side needs a type for each.
SIGNATURES = (
    ["float32"],
    ["int32"],
    ["int64"],
    ["bool"],
    ["float32", "float32"],
    ["int32", "bool"],
    ["int64", "float32"],
    ["bool", "int64"],
    ["float32", "int32", "bool"],
)
DEEPEST = 5


class Value(object):
    """What a name stands for, by its `kind`: a tensor, an operation (`op`), a variable, a function, a sparse tensor or a table."""

    def __init__(self, name, kind, path, dtype=None, shape=None, signature=None):
        self.name = name
        self.kind = kind
        self.path = path
        self.dtype = dtype
        self.shape = shape
        # The dtypes of a function's arguments and results.
        self.signature = signature
        # Whether a variable is made in a loop over rows, where Python reads it once for all.
        self.is_cached = False


def merged(a, b):
    """The shape of a Merge of two tensors."""
    if a is None or b is None or len(a) != len(b):
        return None
    return [x if x == y else None for x, y in zip(a, b)]


def _size(shape):
    """The number of elements; None if it is not known."""
    if shape is None or None in shape:
        return None
    size = 1
    for dim in shape:
        size *= dim
    return size


def functions(path):
    """The functions of a path, be they a `Defun` or a branch or body that is a graph of its own."""
    return [step for step in path if step.startswith(("function", "graph"))]


class Generator(object):
    """Programs whose control flow is that of version 1."""

    # Whether branches and bodies of loops are functions.
    is_second = False

    def __init__(self, rng):
        self.random = rng
        self.count = 0
        # The frames of values that are visible, and the path of functions, branches and loops, innermost last.
        self.frames = [[]]
        self.path = ()
        self.statements = []
        self.budget = rng.choice((6, 10, 16, 24, 34))
        self.depth = 0
        self.colocations = 0
        self.rows = 0
        # Whether all nodes of the function that is being built are in a scope that no other function has.
        self.is_scoped = True

    def program(self, number):
        body = Body()
        self.statements = body.statements
        for _ in range(self.random.randint(1, 3)):
            shape = self.choose([[], [2], [None, 3], [2, 3], [None], None])
            self._tensor("t", "placeholder", [], self.choose(DTYPES), shape, shape_argument=True)
        self._tensor("t", "placeholder", [], "bool", [], shape_argument=True)
        for _ in range(self.random.randint(0, 2)):
            self._variable()
        self._statements()
        tensors = [value for value in self.frames[0] if value.kind == "tensor" and value.path == ()]
        body.gives = [value.name for value in tensors[-3:]]
        seed = self.random.randint(1, 99) if self.chance(0.3) else None
        return Program(number, seed, body, self.is_second)

    # Choices.

    def chance(self, probability):
        return self.random.random() < probability

    def choose(self, items):
        return items[int(self.random.random() * len(items))]

    def visible(self, kind, wanted=lambda value: True):
        """The values of a kind that may be used here and are wanted."""
        return [
            value
            for frame in self.frames
            for value in frame
            if value.kind == kind and value.path == self.path[: len(value.path)] and wanted(value)
        ]

    def pick(self, kind, wanted=lambda value: True):
        """One of the visible values; later ones are more likely. None if there is none."""
        found = self.visible(kind, wanted)
        if not found:
            return None
        return found[-1 - int(len(found) * self.random.random() ** 2)]

    def of_this_graph(self, value):
        """Whether a value is one of the main graph or the function that is being built."""
        return functions(value.path) == functions(self.path)

    def tensor(self, wanted=lambda value: True):
        return self.pick("tensor", wanted)

    def is_told_apart(self, value):
        """Whether TensorFlow does not mistake a tensor that a branch or loop gives, or a loop begins with, for another.

        It knows them by name, be they of the function that is being built or of a graph around.
        """
        return self.is_scoped or self.of_this_graph(value)

    def of(self, dtype):
        """A tensor of a dtype; a constant if there is none."""
        return self.tensor(lambda value: value.dtype == dtype) or self._constant(dtype, [])

    def given(self, wanted):
        """A tensor that a body may give."""
        return self.tensor(lambda value: self.is_told_apart(value) and wanted(value))

    # Statements.

    def add(self, results, op, arguments, options=None, bodies=()):
        self.statements.append(Statement(results, op, arguments, options, bodies))

    def name(self, kind):
        self.count += 1
        return "%s%d" % (kind, self.count)

    def options(self):
        return {"name": self.choose(NAMES)} if self.chance(0.15) else {}

    def new(self, letter, kind, dtype=None, shape=None, path=None, signature=None):
        path = self.path if path is None else path
        value = Value(self.name(letter), kind, path, dtype, shape, signature)
        self.frames[-1].append(value)
        return value

    def _tensor(self, letter, op, arguments, dtype, shape, options=None, shape_argument=False):
        options = self.options() if options is None else options
        value = self.new(letter, "tensor", dtype, shape)
        if shape_argument:
            arguments = [dtype, shape_text(shape)] + arguments
        self.add([value.name], op, arguments, options)
        return value

    def _literal(self, dtype):
        if dtype == "bool":
            return self.choose(("true", "false"))
        if dtype == "float32":
            return self.choose(("0.5", "1.0", "2.0", "-3.25", "0.0"))
        return self.choose(("0", "1", "2", "7", "-4"))

    def _constant(self, dtype, shape):
        elements = [self._literal(dtype) for _ in range(_size(shape))]
        return self._tensor("t", "constant", elements, dtype, shape, shape_argument=True)

    def _variable(self):
        dtype, shape = self.choose(NUMBERS), self.choose(SHAPES)
        value = self.new("v", "variable", dtype, shape, path=())
        value.is_cached = self.rows > 0
        # The variables of several programs are in one checkpoint.
        name = "_".join([value.name, dtype] + [str(dim) for dim in shape])
        self.add([value.name], "variable", [dtype, shape_text(shape)], {"name": name})

    def _statements(self):
        """Some statements, as many as the budget has."""
        for _ in range(self.random.randint(1, 5) if self.depth else 99):
            if self.budget <= 0:
                break
            self.budget -= 1
            if self.depth < DEEPEST and self.chance(0.35):
                self.choose(self.BLOCKS)(self)
            else:
                self.choose(self.SIMPLE)(self)

    def scalar(self, dtype):
        """A scalar that is computed here or found."""
        found = self.tensor(lambda value: value.dtype == dtype and value.shape == [])
        if found and self.chance(0.6):
            return found
        if dtype == "bool":
            if self.chance(0.3):
                value = self.of("bool")
                return self._tensor("t", "reduce_all", [value.name], "bool", [], dict(self.options(), axis="all"))
            left = self.scalar(self.choose(NUMBERS))
            right = self._constant(left.dtype, [])
            return self._tensor("t", self.choose(("less", "greater")), [left.name, right.name], "bool", [])
        value = self.of(dtype)
        reduction = self.choose(("reduce_sum", "reduce_max"))
        return self._tensor("t", reduction, [value.name], dtype, [], dict(self.options(), axis="all"))

    def like(self, dtype, shape):
        """A tensor of this dtype and shape, for a body to give; None if none can be made."""
        found = self.given(lambda value: value.dtype == dtype and value.shape == shape)
        if found and self.chance(0.85):
            return found
        if shape is None or None in shape:
            return found and self._tensor("t", "identity", [found.name], dtype, shape)
        if self.chance(0.5):
            return self._constant(dtype, shape)
        return self._tensor("t", "zeros", [], dtype, shape, shape_argument=True)

    def unary(self):
        x = self.tensor() or self._constant("float32", [2])
        ops = ["identity", "stop_gradient", "zeros_like", "ones_like"]
        if x.dtype == "bool":
            ops += ["not", "not"]
        else:
            ops += ["neg", "abs", "square", "sign"]
        if x.dtype == "float32":
            ops += ["relu", "tanh", "exp", "sigmoid"]
        self._tensor("t", self.choose(ops), [x.name], x.dtype, x.shape)

    def pair(self, wanted):
        """Two tensors of one dtype that broadcast, and the shape of the result."""
        x = self.tensor(wanted) or self._constant("float32", [2])
        y = self.tensor(lambda y: y.dtype == x.dtype and (None in (x.shape, y.shape) or x.shape == y.shape or [] in (x.shape, y.shape)))
        shape = None if None in (x.shape, y.shape) else x.shape or y.shape
        return x, y, shape

    def binary(self):
        x, y, shape = self.pair(lambda value: True)
        ops = ("and", "or") if x.dtype == "bool" else ("add", "sub", "mul", "maximum", "minimum", "+", "-", "*")
        op = self.choose(ops)
        options = {} if op in "+-*" else None
        self._tensor("t", op, [x.name, y.name], x.dtype, shape, options)

    def with_number(self):
        x = self.tensor(lambda value: value.dtype != "bool") or self._constant("int32", [])
        arguments = [x.name, self._literal(x.dtype)]
        if self.chance(0.3):
            arguments.reverse()
        self._tensor("t", self.choose("+-*"), arguments, x.dtype, x.shape, {})

    def with_variable(self):
        variable = self.pick("variable")
        if variable is None:
            return
        x = self.tensor(lambda x: x.dtype == variable.dtype and (x.shape in (None, [], variable.shape) or variable.shape == []))
        if x is None:
            return
        shape = None if x.shape is None else x.shape or variable.shape
        self._tensor("t", self.choose("+-*"), [x.name, variable.name], x.dtype, shape, {})

    def compare(self):
        x, y, shape = self.pair(lambda value: value.dtype != "bool")
        self._tensor("t", self.choose(("less", "greater", "equal")), [x.name, y.name], "bool", shape)

    def reduce(self):
        x = self.tensor() or self._constant("bool", [2])
        op = "reduce_all" if x.dtype == "bool" else self.choose(("reduce_sum", "reduce_max"))
        if x.dtype == "float32" and self.chance(0.3):
            op = "reduce_mean"
        if x.shape and self.chance(0.5):
            keepdims = self.chance(0.4)
            shape = ([1] if keepdims else []) + x.shape[1:]
            options = dict(self.options(), axis="0", **({"keepdims": "true"} if keepdims else {}))
        else:
            shape, options = [], dict(self.options(), axis="all")
        self._tensor("t", op, [x.name], x.dtype, shape, options)

    def cast(self):
        x, dtype = self.tensor() or self._constant("int32", [2]), self.choose(NUMBERS)
        options = {} if x.dtype == dtype else None
        result = self._tensor("t", "cast", [x.name, dtype], dtype, x.shape, options)
        if x.dtype == dtype:
            # It is the tensor itself.
            result.path = x.path

    def facts(self):
        x = self.tensor() or self._constant("int32", [2])
        op = self.choose(("shape", "size", "rank"))
        shape = ([None] if x.shape is None else [len(x.shape)]) if op == "shape" else []
        self._tensor("t", op, [x.name], "int32", shape)

    def select(self):
        c = self.tensor(lambda value: value.dtype == "bool" and value.shape is not None) or self._constant("bool", [2])
        x = self.tensor(lambda value: value.shape == c.shape)
        y = self.tensor(lambda value: value.shape == c.shape and value.dtype == x.dtype)
        self._tensor("t", "select", [c.name, x.name, y.name], x.dtype, x.shape)

    def expand_dims(self):
        x = self.tensor(lambda value: value.shape is not None and len(value.shape) < 3) or self._constant("int32", [2])
        self._tensor("t", "expand_dims", [x.name], x.dtype, [1] + x.shape, dict(self.options(), axis="0"))

    def index(self):
        x = self.tensor(lambda value: value.shape and value.shape[0] != 0) or self._constant("int64", [2, 2])
        self._tensor("t", "index", [x.name, "0"], x.dtype, x.shape[1:], {})

    def join(self):
        x = self.tensor(lambda value: value.shape is not None) or self._constant("float32", [2])
        y = self.tensor(lambda value: value.dtype == x.dtype and value.shape == x.shape)
        op = self.choose(("add_n", "stack", "concat") if x.shape and x.dtype != "bool" else ("stack",))
        shape = list(x.shape)
        if op == "stack":
            shape = [2] + shape
        elif op == "concat":
            shape[0] = shape[0] and 2 * shape[0]
        self._tensor("t", op, [x.name, y.name], x.dtype, shape)

    def constant(self):
        dtype, shape = self.choose(DTYPES), self.choose(SHAPES)
        if self.chance(0.3):
            self._tensor("t", "zeros", [], dtype, shape, shape_argument=True)
        else:
            self._constant(dtype, shape)

    def random_uniform(self):
        options = dict(self.options(), **({"seed": "11"} if self.chance(0.4) else {}))
        shape = self.choose(SHAPES)
        self._tensor("t", "random_uniform", [shape_text(shape)], "float32", shape, options)

    def range(self):
        x = self.tensor(lambda value: _size(value.shape) is None or _size(value.shape) < 9)
        x = x or self._constant("int32", [2])
        # TensorFlow computes what it can of the limit, and refuses one below 0.
        limit = self._tensor("t", "size", [x.name], "int32", [])
        self._tensor("t", "range", [limit.name], "int32", [_size(x.shape)])

    def operation(self):
        picked = [self.pick(kind, self.of_this_graph) for kind in ("op", "tensor", "op")]
        items = [value for value in picked if value is not None]
        op = self.new("o", "op")
        if items and self.chance(0.6):
            self.add([op.name], "group", [item.name for item in items], self.options())
        else:
            self.add([op.name], "no_op", [], self.options())

    def read(self):
        variable = self.pick("variable")
        if variable is not None:
            op = self.choose(("read", "value"))
            self._tensor("t", op, [variable.name], variable.dtype, variable.shape, {})

    def assign(self):
        # A change waits for the value that has been read, which it cannot do in a function.
        variable = self.pick("variable", lambda value: not value.is_cached or not functions(self.path))
        if variable is None:
            return
        value = self.like(variable.dtype, variable.shape)
        op, words = self.choose(("assign", "assign_add")), [variable.name, value.name]
        if self.chance(0.3):
            self._tensor("t", op + "_read", words, variable.dtype, variable.shape, {})
        else:
            self.add([self.new("o", "op").name], op, words)

    def variable(self):
        # What the body of a function asks for is a value, which it cannot change; and hub refuses state on the device
        # of something else.
        if not functions(self.path) and not self.colocations:
            self._variable()

    def call(self):
        made = self.pick("function")
        if made is None:
            return
        arguments, results = made.signature
        given = [self.of(dtype) for dtype in arguments]
        values = [self.new("t", "tensor", dtype) for dtype in results]
        words = [value.name for value in [made] + given]
        self.add([value.name for value in values], "call", words, self.options())

    SIMPLE = (
        [unary, binary] * 4
        + [with_number, constant, assign, read, call, reduce] * 3
        + [with_variable, compare, cast, facts, select, index, join, operation] * 2
        + [expand_dims, random_uniform, range, variable]
    )

    # Blocks.

    def inside(self, path, given, fill):
        """A body: `fill` makes its statements and returns the values that it gives."""
        body, outer = Body(), (self.statements, self.path, self.depth)
        self.statements, self.path, self.depth = body.statements, path, self.depth + 1
        self.frames.append([])
        for dtype, shape in given:
            value = self.new("t", "tensor", dtype, shape)
            body.given.append(value.name)
        body.gives = [value.name for value in fill(self.frames[-1][:])]
        frame = self.frames.pop()
        self.statements, self.path, self.depth = outer
        return body, frame

    def within(self, kind):
        self.count += 1
        return self.path + ("%s %d" % (kind, self.count),)

    def cond(self):
        predicate = self.scalar("bool")
        kinds = [self.choose(DTYPES) for _ in range(self.choose((1, 1, 1, 2, 3)))]
        given, operations = [], self.choose((0, 0, 0, 1, 2))

        def with_operations(tensors):
            given.append(tensors)
            found = [self.given_operation() for _ in range(operations)]
            return tensors + found

        def if_true(_):
            self._statements()
            return with_operations(
                [self.given(lambda value: value.dtype == dtype) or self._constant(dtype, []) for dtype in kinds]
            )

        def if_false(_):
            self._statements()
            return with_operations([self.same_rank(value) for value in given[0]])

        branches = [self.inside(self.within("cond"), [], fill)[0] for fill in (if_true, if_false)]
        results = [self.new("t", "tensor", one.dtype, merged(one.shape, other.shape)) for one, other in zip(*given)]
        results += [self.new("o", "op") for _ in range(operations)]
        self.add([value.name for value in results], "cond", [predicate.name], self.options(), branches)

    def case(self):
        predicates = [self.scalar("bool").name for _ in range(self.choose((1, 2, 3)))]
        dtypes, given = [self.choose(DTYPES) for _ in range(self.choose((1, 1, 2)))], []

        def fill(_):
            self._statements()
            if given:
                given.append([self.same_rank(value) for value in given[0]])
            else:
                given.append([self.given(lambda value: value.dtype == dtype) or self._constant(dtype, []) for dtype in dtypes])
            return given[-1]

        count = len(predicates) + self.choose((0, 1, 1))
        branches = [self.inside(self.within("cond"), [], fill)[0] for _ in range(count)]
        shapes = [functools.reduce(merged, [value.shape for value in values]) for values in zip(*given)]
        results = [self.new("t", "tensor", dtype, shape) for dtype, shape in zip(dtypes, shapes)]
        options = dict(self.options(), **({"exclusive": "true"} if self.chance(0.2) else {}))
        self.add([value.name for value in results], "case", predicates, options, branches)

    def given_operation(self):
        """An operation for a branch to give."""
        found = self.pick("op", self.of_this_graph)
        if found is None or self.chance(0.2):
            found = self.new("o", "op")
            self.add([found.name], "no_op", [])
        return found

    def same_rank(self, other):
        """A tensor of the dtype and rank of one that the other branch gives."""

        def wanted(value):
            ranks = [None if shape is None else len(shape) for shape in (value.shape, other.shape)]
            return value.dtype == other.dtype and ranks[0] == ranks[1]

        found = self.given(wanted)
        if found:
            return found
        if other.shape is None:
            return self._constant(other.dtype, [])
        return self._constant(other.dtype, [2 if dim is None else dim for dim in other.shape])

    def while_(self):
        loop_vars = [self.given(lambda value: True) or self._constant("int32", []) for _ in range(self.choose((1, 1, 2, 2, 3)))]
        shapes = [value.shape for value in loop_vars]
        options = self.options()
        if self.chance(0.2):
            shapes = [self.choose((shape, None, shape and [None] * len(shape))) for shape in shapes]
            options["invariants"] = ";".join(map(shape_text, shapes))
        for option, values in (
            ("parallel_iterations", ("1", "4", "32")),
            ("back_prop", ("false",)),
            ("swap_memory", ("true",)),
            ("maximum_iterations", ("3", None)),
        ):
            if self.chance(0.2):
                options[option] = self.choose(values) or self.scalar("int32").name
        given = [(value.dtype, shape) for value, shape in zip(loop_vars, shapes)]
        path = self.within("while")

        def condition(_):
            self._statements()
            return [self.scalar("bool")]

        def body(values):
            self._statements()
            return [self.like(value.dtype, value.shape) or value for value in values]

        bodies = [self.inside(path, given, fill)[0] for fill in (condition, body)]
        results = [self.new("t", "tensor", dtype, shape) for dtype, shape in given]
        words = [value.name for value in loop_vars]
        self.add([value.name for value in results], "while", words, options, bodies)

    def over_rows(self):
        x = self.tensor(lambda value: value.shape and value.shape[0] != 0) or self._constant("float32", [2, 2])
        op, path, row = self.choose(("map_fn", "map_fn", "foldl", "foldr", "scan")), self.within("while"), x.shape[1:]
        given, results, options = [(x.dtype, row)], [], self.options()
        if op != "map_fn":
            given = given * 2

        def fill(values):
            self._statements()
            result = self.given(lambda value: True) if op == "map_fn" else self.like(x.dtype, row)
            results.append(result or values[0])
            return results

        self.rows += 1
        body, _ = self.inside(path, given, fill)
        self.rows -= 1
        if op == "map_fn":
            options["dtype"] = results[0].dtype
        shape = results[0].shape if op == "map_fn" else row
        if not op.startswith("fold"):
            shape = shape if shape is None else x.shape[:1] + shape
        value = self.new("t", "tensor", results[0].dtype, shape)
        self.add([value.name], op, [x.name], options, [body])

    def function(self):
        name, arguments, results = self.name("f"), self.choose(SIGNATURES), []
        outer, self.is_scoped = self.is_scoped, self.chance(0.5)

        def fill(_):
            if self.is_scoped:
                self._with("scope", [name])
            else:
                self._statements()
            results.extend(self.tensor() or self._constant("float32", []) for _ in range(self.choose((1, 1, 2, 3))))
            return results

        given = [(dtype, None) for dtype in arguments]
        body, _ = self.inside(self.within("function"), given, fill)
        self.is_scoped = outer
        body.given = ["%s:%s" % pair for pair in zip(body.given, arguments)]
        signature = arguments, [value.dtype for value in results]
        self.frames[-1].append(Value(name, "function", self.path, signature=signature))
        self.add([name], "function", [], {"name": "of_%s" % name}, [body])
        if self.chance(0.8):
            self.call()

    def _with(self, op, arguments, path=None):
        """A block that hides nothing of what is made in it."""

        def fill(_):
            self._statements()
            return []

        path = self.path if path is None else path
        body, frame = self.inside(path, [], fill)
        self.frames[-1].extend(frame)
        self.add([], op, arguments, {}, [body])

    def scope(self):
        self._with("scope", [self.choose(SCOPES)])

    def deps(self):
        items = [self.pick(kind, self.of_this_graph) for kind in ("tensor", "op")]
        names = [item.name for item in items if item is not None]
        if names:
            self._with("deps", names)

    def no_deps(self):
        # Those blocks leave branches and loops as well.
        last = [position for position, step in enumerate(self.path) if step in functions(self.path)]
        self._with("no_deps", [], self.path[: last[-1] + 1 if last else 0])

    def device(self):
        self._with("device", [self.choose(DEVICES)])

    def colocate(self):
        value = self.tensor()
        if value is not None:
            self.colocations += 1
            self._with("colocate", [value.name])
            self.colocations -= 1

    BLOCKS = [cond] * 6 + [case] * 2 + [while_] * 6 + [function] * 3 + [over_rows] * 2 + [deps, scope] * 2 + [no_deps, device, colocate]
