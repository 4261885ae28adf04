"""Convolutions and pooling in three dimensions."""

from shapes import convolutions


def build():
    convolutions.deep_convolutions()
