"""Compares graphs that have modules inside with those of tensorflow_hub: each is a module itself, made by both sides.

    consumers.py list MODULES CONSUMERS            writes CONSUMERS/list.txt: which modules have which consumers
    consumers.py compare MODULES CONSUMERS [I/N]   compares what the crate wrote there with what hub.Module makes
    consumers.py use MODULES CONSUMERS [I/N]       hub.Module gives the numbers of the module inside

The crate's test `export_conformance_consumers` writes the consumers in between. A consumer of a consumer has a module
three deep.
"""

import os
import re
import shutil
import sys
import tempfile
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import directories
import inputs as values
import modules as cases
import report as reports
import sampling

MODES = ("fixed", "trainable", "twice", "cond", "loop", "scoped")


def lines(modules, selected):
    """The consumers: all modes for a module, and one for a row of a table; some have consumers in turn."""
    for name in selected:
        yield from ((name, mode) for mode in MODES)
        number = zlib.crc32(name.encode())
        yield name + ".fixed", MODES[number % len(MODES)]
        if number % 3 == 0:
            yield name + ".fixed." + MODES[number % len(MODES)], "trainable"


def write_list(modules, consumers):
    names = sorted(os.listdir(modules))
    with open(os.path.join(consumers, "list.txt"), "w") as file:
        for name, mode in lines(modules, sampling.every(names, "rows")):
            file.write("%s %s\n" % (name, mode))


def read_list(consumers, part):
    with open(os.path.join(consumers, "list.txt")) as file:
        listed = [line.split() for line in file]
    index, count = (int(number) for number in (part or "0/1").split("/"))
    return listed[index::count]


def inner_path(modules, consumers, name):
    return os.path.join(consumers if "." in name else modules, name)


def tags_in_order(spec):
    """The tags of the variants in an order that does not depend on that in the file."""
    return sorted(spec.get_tags(), key=sorted)


def can_be_applied(signature):
    return re.match(r"[A-Za-z0-9._:-]+$", signature) is not None


def build(path, mode):
    """Builds the consumer of a module in the default graph."""
    spec = hub.load_module_spec(path)
    trainable = mode in ("trainable", "scoped")
    tags = tags_in_order(spec)[-1 if trainable else 0]

    def new():
        return hub.Module(path, trainable=trainable, tags=tags)

    names = sorted(name for name in spec.get_signature_names(tags) if can_be_applied(name))
    if mode in ("fixed", "trainable"):
        module = new()
        for name in names:
            inputs = placeholders(name, module.get_input_info_dict(name))
            hub.add_signature(name, inputs, module(inputs, signature=name, as_dict=True))
        return
    name = names[0]
    if mode == "twice":
        first, second = new(), new()
        inputs = placeholders(name, first.get_input_info_dict(name))
        outputs = {}
        for label, module in (("a", first), ("b", first), ("c", second)):
            made = module(inputs, signature=name, as_dict=True)
            outputs.update(("%s_%s" % (label, key), value) for key, value in made.items())
        hub.add_signature("default", inputs, outputs)
    elif mode == "cond":
        module = new()
        inputs = placeholders(name, module.get_input_info_dict(name))
        predicate = tf.placeholder(tf.bool, [], name="predicate")
        infos = module.get_output_info_dict(name)
        keys = sorted(key for key, info in infos.items() if not info.is_composite)

        def branch():
            outputs = module(inputs, signature=name, as_dict=True)
            return [outputs[key] for key in keys]

        outputs = tf.cond(predicate, branch, branch)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        hub.add_signature("default", dict(inputs, predicate=predicate), dict(zip(keys, outputs)))
    elif mode == "loop":
        module = new()
        inputs = placeholders(name, module.get_input_info_dict(name))
        infos = module.get_output_info_dict(name)
        keys = sorted(key for key, info in infos.items() if not info.is_composite)

        def body(i, size):
            outputs = module(inputs, signature=name, as_dict=True)
            for key in keys:
                size = size + tf.size(outputs[key])
            return i + 1, size

        start = tf.constant(0), tf.constant(0)
        _, size = tf.while_loop(lambda i, size: tf.less(i, 2), body, start)
        hub.add_signature("default", inputs, {"size": size})
    elif mode == "scoped":
        before = tf.no_op(name="before")
        infos = spec.get_input_info_dict(name, tags)
        inputs = placeholders(name, infos)
        with tf.control_dependencies([before]), tf.variable_scope("outer"):
            with tf.name_scope("elsewhere"):
                module = new()
            outputs = module(inputs, signature=name, as_dict=True)
        hub.add_signature("default", inputs, outputs)


def placeholders(signature, infos):
    made = {}
    for number, (key, info) in enumerate(sorted(infos.items(), key=lambda item: item[0].encode())):
        made[key] = placeholder("%s_%d" % (signature.replace(":", "_"), number), info)
    return made


def placeholder(name, info):
    shape = info.get_shape()
    if not info.is_composite:
        return tf.placeholder(info.dtype, shape, name=name)
    if not info.is_sparse:
        ragged_rank, _ = values.ragged_type(info)
        of_value = shape[ragged_rank + 1 :] if shape.ndims is not None else None
        return tf.ragged.placeholder(info.dtype, ragged_rank, of_value, name=name)
    indices = tf.placeholder(tf.int64, [None, shape.ndims], name=name + "_indices")
    elements = tf.placeholder(info.dtype, [None], name=name + "_values")
    return tf.SparseTensor(indices, elements, tf.placeholder(tf.int64, [shape.ndims], name=name + "_shape"))


def compare(report, modules, consumers, listed):
    for name, mode in listed:
        report.check("%s.%s" % (name, mode), differences, modules, consumers, name, mode)


def differences(modules, consumers, name, mode):
    """What differs between the crate's consumer and that of tensorflow_hub; there is neither if both refuse to make it."""
    path = inner_path(modules, consumers, name)
    ours = os.path.join(consumers, "%s.%s" % (name, mode))
    reason = ours + ".error"
    scratch = tempfile.mkdtemp()
    try:
        theirs = os.path.join(scratch, "theirs")
        try:
            export(path, mode, theirs)
        except Exception as error:  # Whatever TensorFlow refuses the crate has to refuse.
            message = "%s: %s" % (type(error).__name__, str(error).splitlines()[0] if str(error) else "")
            if os.path.exists(reason):
                raise reports.LeftOut("both refuse: python's %r, ours %r" % (message, first_line(reason)))
            return ["only python refuses: %s" % message]
        if os.path.exists(reason):
            return ["only ours refuses: %s" % first_line(reason)]
        return directories.directory_differences(ours, theirs)
    finally:
        shutil.rmtree(scratch)


def first_line(path):
    with open(path) as file:
        return file.readline().rstrip("\n")


def export(path, mode, directory):
    """Exports a consumer; where a machine lacks the devices of its variables, they are saved from a copy without."""
    spec = hub.create_module_spec(lambda: build(path, mode))
    for device in (None, lambda operation: ""):
        with tf.Graph().as_default(), tf.device(device):
            module = hub.Module(spec)
            try:
                with tf.Session() as session:
                    session.run(tf.global_variables_initializer())
                    module.export(directory, session)
                return
            except tf.errors.InvalidArgumentError:
                if device is not None:
                    raise


def use(report, modules, consumers, listed):
    table = cases.table()
    for name, mode in listed:
        path = os.path.join(consumers, "%s.%s" % (name, mode))
        case = table[name.split(".")[0]]
        step = "tf2" if tf.version.VERSION.startswith("2.") else "use"
        reason = case.left_out.get("use") or case.left_out.get(step)
        if reason:
            report.leave_out("%s.%s" % (name, mode), reason)
        elif os.path.exists(path) and mode != "loop":
            inner = inner_path(modules, consumers, name)
            report.check("%s.%s" % (name, mode), use_differences, case, inner, path, mode)


def use_differences(case, inner, outer, mode):
    """What differs between the numbers of a consumer and those of the module inside."""
    with tf.Graph().as_default():
        spec = hub.load_module_spec(inner)
        tags = tags_in_order(spec)[-1 if mode in ("trainable", "scoped") else 0]
        name = sorted(it for it in spec.get_signature_names(tags) if can_be_applied(it))[0]
        inside, around = hub.Module(inner, tags=tags), hub.Module(outer)
        infos = inside.get_input_info_dict(name)
        tensors = placeholders("in", infos)
        # What is random, or changes with each run, is not the same twice.
        first, second = (inside(tensors, signature=name, as_dict=True) for _ in range(2))
        given = dict(tensors, predicate=tf.constant(True)) if mode == "cond" else tensors
        found = around(given, signature=name if mode in ("fixed", "trainable") else "default", as_dict=True)
        arrays = values.make_inputs(case, name, infos)
        fed = dict(values.feeds(tensors, arrays))
        for prefix in ("module/", "module_1/"):
            fed.update(unreached(case, prefix))
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.tables_initializer()], fed)
            first, second, found = session.run([values.components(it) for it in (first, second, found)], fed)
    wanted = {key: value for key, value in first.items() if not values.value_differences({key: value}, {key: second[key]})}
    wrong = []
    for label in ("a_", "b_", "c_") if mode == "twice" else ("",):
        ours = {key: found[label + key] for key in wanted if label + key in found}
        wrong += values.value_differences(ours, {key: wanted[key] for key in ours}, rtol=1e-6, atol=1e-6)
    return wrong


def unreached(case, prefix):
    """{placeholder: array} for those beside the state of an instance, on which initial values may depend."""
    fed = {}
    for operation in tf.get_default_graph().get_operations():
        if operation.type == "Placeholder" and operation.name.startswith(prefix):
            if operation.outputs[0].dtype != tf.resource:
                tensor, name = operation.outputs[0], operation.name.rsplit("/", 1)[-1]
                fed[tensor] = values.make_inputs(case, "state", {name: tensor})[name]
    return fed


def main(arguments):
    command, modules, consumers = arguments[:3]
    modules, consumers = os.path.abspath(modules), os.path.abspath(consumers)
    if command == "list":
        return write_list(modules, consumers)
    report = reports.Report()
    listed = read_list(consumers, arguments[3] if len(arguments) > 3 else None)
    {"compare": compare, "use": use}[command](report, modules, consumers, listed)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
