"""The kinds of random programs: `first` has control flow of version 1, `wide` has switch_case, sparse tensors and tables
besides, and `second` has all of it in version 2.
"""

import functools
import random

from program_generator import DTYPES, Generator, functions, merged


def program(seed, number, kind):
    """The program of this number for a seed."""
    return KINDS[kind](random.Random("%s %s" % (seed, number))).program(str(number))


class WideGenerator(Generator):
    """Programs with switch_case, whose branches are functions everywhere, and with sparse tensors and tables."""

    def within(self, kind):
        # In a branch of switch_case all that follows is functions.
        is_second = self.is_second or any(step.startswith("graph") for step in self.path)
        return super(WideGenerator, self).within("graph" if is_second and kind in ("cond", "while") else kind)

    def switch_case(self):
        index, given = self.scalar("int32"), []
        dtypes = [self.choose(DTYPES) for _ in range(self.choose((1, 1, 2)))]

        def fill(_):
            self._statements()
            if given:
                given.append([self.same_rank(value) for value in given[0]])
            else:
                given.append([self.given(lambda value: value.dtype == dtype) or self._constant(dtype, []) for dtype in dtypes])
            return given[-1]

        branches = [self.inside(self.within("graph"), [], fill)[0] for _ in range(self.choose((1, 2, 3)))]
        options = self.options()
        if len(branches) > 1 and self.chance(0.4):
            options["default"] = "true"
        shapes = [functools.reduce(merged, [value.shape for value in values]) for values in zip(*given)]
        results = [self.new("t", "tensor", dtype, shape) for dtype, shape in zip(dtypes, shapes)]
        self.add([value.name for value in results], "switch_case", [index.name], options, branches)

    def sparse(self):
        """A sparse tensor of float32 with two elements."""
        value = self.new("s", "sparse", shape=[2, 2])
        self.add([value.name], "sparse", [self._literal("float32") for _ in range(2)])

    def to_dense(self):
        sparse = self.pick("sparse", self.of_this_graph)
        if sparse is not None:
            self._tensor("t", "to_dense", [sparse.name], "float32", sparse.shape)

    def while_sparse(self):
        """A loop over a number and a sparse tensor, which it scales. TensorFlow does not know the shape of one in a loop."""
        start = self.pick("sparse", self.of_this_graph)
        if start is None:
            return
        path, limit = self.within("while"), self.choose(("1", "3"))
        count = self._constant("int32", [])

        def condition(number, sparse):
            self._statements()
            return [self._tensor("t", "less", [number.name, self._constant("int32", []).name], "bool", [])]

        def turn(number, sparse):
            self._statements()
            again = self.new("s", "sparse", shape=sparse.shape)
            self.add([again.name], "scaled", [sparse.name, self._literal("float32")])
            return [number, again]

        bodies = [self._inside_with_sparse(path, fill) for fill in (condition, turn)]
        result, after = self.new("t", "tensor", "int32", []), self.new("s", "sparse")
        options = dict(self.options(), maximum_iterations=limit)
        self.add([result.name, after.name], "while_sparse", [count.name, start.name], options, bodies)

    def _inside_with_sparse(self, path, fill):
        """A body that is given a number and a sparse tensor."""
        sparse = []

        def filled(values):
            sparse.append(self.new("s", "sparse"))
            return fill(values[0], sparse[0])

        body, _ = self.inside(path, [("int32", [])], filled)
        body.given.append(sparse[0].name)
        return body

    def table(self):
        # TensorFlow fills a table outside of all branches, which it cannot from a tensor in one.
        if self.path == () and not self.colocations:
            self.add([self.new("h", "table").name], "table", [self._literal("int64") for _ in range(2)])

    def lookup(self):
        table = self.pick("table")
        if table is not None:
            x = self.of("int64")
            self._tensor("t", "lookup", [table.name, x.name], "int64", x.shape)

    def colocate(self):
        value = self.tensor(self.of_this_graph)
        if value is not None:
            self.colocations += 1
            self._with("colocate", [value.name])
            self.colocations -= 1

    SIMPLE = Generator.SIMPLE + [sparse, to_dense, table, lookup] * 2
    BLOCKS = (
        [Generator.cond] * 6
        + [Generator.case] * 2
        + [Generator.while_] * 6
        + [Generator.function] * 3
        + [Generator.over_rows] * 2
        + [Generator.deps, Generator.scope] * 2
        + [Generator.no_deps, Generator.device, colocate, while_sparse]
        + [switch_case] * 3
    )


class SecondGenerator(WideGenerator):
    """Programs whose conditionals and loops are functions."""

    is_second = True


KINDS = {"first": Generator, "wide": WideGenerator, "second": SecondGenerator}
