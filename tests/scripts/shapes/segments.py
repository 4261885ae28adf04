"""Segment reductions, number sequences and histograms."""

from shapes import reductions


def build():
    reductions.segments()
    reductions.sequences()
