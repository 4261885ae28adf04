"""Makes the checkpoints of tests/fixtures/newer: each has a tensor "w" and one of a dtype that TensorFlow 1.15 lacks.

    python tests/scripts/make_newer_checkpoints.py

was run with TensorFlow 2.21. TensorFlow 1.15.5 opens them, lists the shapes of both tensors, and restores "w".
"""

import pathlib

import tensorflow as tf

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent / "fixtures/newer"


def main():
    DIRECTORY.mkdir(exist_ok=True)
    w = tf.constant([1.0, 2.0])
    for name in ["float8_e5m2", "float8_e4m3fn"]:
        values = [w, tf.cast(w, getattr(tf.dtypes.experimental, name))]
        tf.raw_ops.SaveV2(
            prefix=str(DIRECTORY / name),
            tensor_names=["w", name],
            shape_and_slices=["", ""],
            tensors=values,
        )


if __name__ == "__main__":
    main()
