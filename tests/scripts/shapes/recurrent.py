"""Fused recurrent cells, CTC and operations on sets."""

from shapes import linear


def build():
    linear.cells()
    linear.cudnn()
    linear.ctc_and_sets()
