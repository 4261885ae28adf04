"""The steps of optimizers."""

import inspect

import tensorflow as tf

from shapes.randomness import place

raw = tf.raw_ops

SCALARS = """alpha beta beta1 beta2 beta1_power beta2_power epsilon l1 l2 l2_shrinkage logbase lr lr_power momentum rho
sign_decay""".split()


def build():
    """Every op that takes a step, on variables that get their shapes from the gradient."""
    for name in sorted(dir(raw)):
        if "Apply" not in name or "Accumulator" in name or name.startswith("_"):
            continue
        op = getattr(raw, name)
        arguments = [argument for argument in inspect.signature(op).parameters if argument != "name"]
        sparse, resource = "indices" in arguments, name.startswith("Resource")
        inputs = {}
        for argument in arguments:
            if argument in SCALARS:
                inputs[argument] = place([])
            elif argument == "global_step":
                inputs[argument] = place([], tf.int64)
            elif argument == "indices":
                inputs[argument] = place([None], tf.int32)
            elif argument in ("grad", "delta"):
                inputs[argument] = place([4, None, 3] if sparse else [None, 3])
            elif argument.startswith("use_") or argument == "update_slots":
                continue
            elif resource:
                inputs[argument] = raw.VarHandleOp(dtype=tf.float32, shape=[7, 2, 3] if sparse else [2, 3])
            else:
                inputs[argument] = raw.VariableV2(shape=tf.TensorShape(None), dtype=tf.float32)
        op(**inputs)
