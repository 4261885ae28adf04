"""Pooling."""

from shapes import convolutions


def build():
    convolutions.pools()
