"""Dilations, and convolutions fused with padding and resizing."""

from shapes import convolutions


def build():
    convolutions.dilations()
    convolutions.fused()
