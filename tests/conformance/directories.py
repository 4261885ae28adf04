"""Differences between two exported module directories."""

import os
import stat

import numpy as np
import tensorflow as tf

import canonical
import difference


def directory_differences(ours, theirs):
    """A list of sentences, empty when the two directories cannot be told apart."""
    if not os.path.isdir(ours):
        return ["not exported"]
    our_entries, their_entries = entries(ours), entries(theirs)
    found = ["%s: missing" % path for path in sorted(set(their_entries) - set(our_entries))]
    found += ["%s: only in ours" % path for path in sorted(set(our_entries) - set(their_entries))]
    for path in sorted(set(our_entries) & set(their_entries)):
        our_mode, their_mode = our_entries[path], their_entries[path]
        if our_mode != their_mode:
            found.append("%s: mode %s, python's %s" % (path, stat.filemode(our_mode), stat.filemode(their_mode)))
        if not (stat.S_ISREG(our_mode) and stat.S_ISREG(their_mode)):
            continue
        our_data, their_data = read(os.path.join(ours, path)), read(os.path.join(theirs, path))
        if path == "saved_model.pb":
            found += difference.saved_model_differences(canonical.parse(our_data), canonical.parse(their_data))
        elif our_data != their_data:
            found.append("%s: %s" % (path, difference.first_difference(our_data, their_data)))
    if any(line.startswith("variables/") for line in found):
        found += checkpoint_differences(ours, theirs)
    return found


def entries(directory):
    """{relative path: mode} of everything below a directory, and of the directory itself."""
    found = {".": os.lstat(directory).st_mode}
    for folder, folders, files in os.walk(directory):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, directory)] = os.lstat(path).st_mode
    return found


def read(path):
    with open(path, "rb") as file:
        return file.read()


def checkpoint_differences(ours, theirs):
    """What differs between two checkpoints tensor by tensor, to explain differing bytes."""
    tensors = []
    for label, directory in (("ours", ours), ("python's", theirs)):
        try:
            tensors.append(read_checkpoint(directory))
        except (tf.errors.OpError, ValueError, RuntimeError) as error:
            return ["checkpoint: %s cannot be read: %s" % (label, str(error).splitlines()[0])]
    our_tensors, their_tensors = tensors
    found = []
    for name in sorted(set(our_tensors) | set(their_tensors)):
        if name not in our_tensors or name not in their_tensors:
            found.append("checkpoint tensor %s: %s" % (name, "missing" if name not in our_tensors else "only in ours"))
            continue
        our_value, their_value = our_tensors[name], their_tensors[name]
        our_kind, their_kind = (our_value.dtype, our_value.shape), (their_value.dtype, their_value.shape)
        if our_kind != their_kind:
            found.append("checkpoint tensor %s: ours %s %s, python's %s %s" % ((name,) + our_kind + their_kind))
        elif our_value.tobytes() != their_value.tobytes():
            unequal = np.flatnonzero(our_value.ravel() != their_value.ravel())
            where = unequal[0] if len(unequal) else 0
            found.append(
                "checkpoint tensor %s: %d of %d elements differ, first at %d: ours %r, python's %r"
                % (name, len(unequal), our_value.size, where, our_value.ravel()[where], their_value.ravel()[where])
            )
    return found


def read_checkpoint(directory):
    """{name: array} of the checkpoint of an exported module."""
    prefix = os.path.join(directory, "variables", "variables")
    if not os.path.exists(prefix + ".index"):
        return {}
    reader = tf.train.load_checkpoint(prefix)
    return {name: np.asarray(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()}
