"""The text form of the tables of small modules, which README.md describes: reading."""

import collections
import re

# A module: its name, the dtype and shape of its input, and what is applied to that in turn.
Row = collections.namedtuple("Row", "name dtype shape steps")
Call = collections.namedtuple("Call", "name arguments options")


class Word(str):
    """A value that is no number and no call: `same`, `relu`."""


TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]*|-?[0-9.]+(?:e-?[0-9]+)?|[][(),;=:])")
CONSTANTS = {"None": None, "true": True, "false": False}


def read(text):
    """The rows of a table."""
    lines = (line.strip() for line in text.splitlines())
    return [_Reader(line).row() for line in lines if line and not line.startswith("#")]


class _Reader(object):
    def __init__(self, line):
        self._line = line
        self._at = 0

    def _peek(self):
        found = TOKEN.match(self._line, self._at)
        return found.group(1) if found else None

    def _next(self):
        found = TOKEN.match(self._line, self._at)
        if not found:
            raise ValueError("nothing to read at %d of %r" % (self._at, self._line))
        self._at = found.end()
        return found.group(1)

    def _expect(self, token):
        found = self._next()
        if found != token:
            raise ValueError("expected %r before %d of %r, found %r" % (token, self._at, self._line, found))

    def row(self):
        name = self._next()
        self._expect(":")
        dtype = self._next()
        shape = self._values("[", "]")
        steps = []
        while self._peek() == ";":
            self._next()
            steps.append(self._value())
        if self._line[self._at :].strip():
            raise ValueError("not read: %r of %r" % (self._line[self._at :], self._line))
        return Row(name, dtype, shape, steps)

    def _values(self, first, last):
        self._expect(first)
        found = []
        while self._peek() != last:
            found.append(self._value())
            if self._peek() != last:
                self._expect(",")
        self._expect(last)
        return found

    def _value(self):
        if self._peek() == "[":
            return self._values("[", "]")
        token = self._next()
        if token in CONSTANTS:
            return CONSTANTS[token]
        if token[0] in "-0123456789":
            return float(token) if re.search("[.e]", token) else int(token)
        if self._peek() != "(":
            return Word(token)
        self._next()
        arguments, options = [], collections.OrderedDict()
        while self._peek() != ")":
            value = self._value()
            if self._peek() == "=":
                self._next()
                options[str(value)] = self._value()
            else:
                arguments.append(value)
            if self._peek() != ")":
                self._expect(",")
        self._next()
        return Call(token, arguments, options)
