"""The lines that a step prints, and its exit status."""

import time
import traceback


class LeftOut(Exception):
    """Raised by a check that has nothing to compare, with the reason."""


class Report(object):
    """Counts the checks of one step; each check prints one line."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.left_out = 0
        self._started = time.time()

    def check(self, label, function, *arguments):
        """Runs a check: it passes when `function` returns no differences, and fails with them or with an exception.

        Returns whether it passed.
        """
        try:
            differences = list(function(*arguments))
        except LeftOut as reason:
            self.leave_out(label, reason)
            return False
        except Exception:  # every kind of failure becomes a FAIL line; none is dropped
            differences = traceback.format_exc().splitlines()
        self.record(label, differences)
        return not differences

    def record(self, label, differences):
        """Counts and prints the result of a check."""
        if not differences:
            self.passed += 1
            print("ok %s" % label, flush=True)
            return
        self.failed += 1
        print("FAIL %s" % label)
        for line in differences[:40]:
            print("    %s" % line)
        if len(differences) > 40:
            print("    and %d more" % (len(differences) - 40))
        print(end="", flush=True)

    def leave_out(self, label, reason):
        """Counts a check that cannot be made: the table declares it impossible, or both sides refuse to make a module."""
        self.left_out += 1
        print("left out %s: %s" % (label, reason), flush=True)

    def finish(self):
        """Prints the totals; returns the exit status."""
        if not self.passed and not self.failed:
            self.failed = 1
            print("FAIL nothing was checked")
        print(
            "%d passed, %d failed, %d left out in %.0f s"
            % (self.passed, self.failed, self.left_out, time.time() - self._started),
            flush=True,
        )
        return 1 if self.failed else 0
