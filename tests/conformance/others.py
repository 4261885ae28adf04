"""SavedModels that others have published are loaded by the crate, written again and put into other graphs.

    others.py list MODELS WORK     writes WORK/list.txt: the models, and what hub is told to drop of each
    others.py check MODELS WORK    judges what the crate's test `export_conformance_others` wrote to WORK/ours in between

tests/scripts/fetch_models.py fetches the models. TensorFlow's loader runs the original; hub.Module runs the copy, a module
that has the model inside, and the module that hub makes of the original. The numbers are equal, to the bit. What hub
refuses the crate has to refuse as well, with an error that says why.
"""

import os
import shutil
import sys
import tempfile
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub
from tensorflow.python.saved_model import loader_impl
from tensorflow_hub import native_module

import canonical
import consumers
import directories
import inputs as values
import report as reports

# Collections of SavedModels that hub reads, or drops itself.
READ_BY_HUB = ("saved_model_assets", "legacy_init_op", "saved_model_main_op", "saved_model_train_op")
# Ops that read serialized examples, and what is taken to read images.
PARSERS = ("ParseExample", "ParseExampleV2", "ParseSingleExample", "DecodeBase64")


def write_list(models, work):
    os.makedirs(os.path.join(work, "ours"))
    with open(os.path.join(work, "list.txt"), "w") as file:
        for name in sorted(os.listdir(models)):
            file.write("\t".join([name] + unsupported(os.path.join(models, name))) + "\n")
    return 0


def unsupported(path):
    """The collections of a model that a module cannot have; those of programs that trained it, mostly."""
    keys = {key for meta_graph in canonical.read(path).meta_graphs for key in meta_graph.collection_def}
    return sorted(set(native_module.get_unsupported_collections(keys)) - set(READ_BY_HUB))


def read_list(work):
    with open(os.path.join(work, "list.txt")) as file:
        return [line.rstrip("\n").split("\t") for line in file]


def check(models, work):
    report = reports.Report()
    for name, *dropped in read_list(work):
        report.check(name, differences, os.path.join(models, name), os.path.join(work, "ours", name), dropped)
    return report.finish()


def first_line(error):
    return "%s: %s" % (type(error).__name__, (str(error).strip() or "-").splitlines()[0])


def differences(original, ours, dropped):
    reason = ours + ".error"
    refusal = directories.read(reason).decode().splitlines()[0] if os.path.exists(reason) else None
    scratch = tempfile.mkdtemp()
    try:
        theirs = os.path.join(scratch, "module")
        message = export_by_hub(original, dropped, theirs)
        if canonical.read(original).meta_graphs[0].HasField("object_graph_def"):
            # hub takes the graph of a SavedModel of TensorFlow 2 for one without variables.
            message = "one of TensorFlow 2"
        if refusal or message:
            print("refused: ours: %s; hub: %s" % (refusal, message))
            return [] if refusal and message else ["ours: %s; hub: %s" % (refusal, message)]
        return number_differences(original, ours, theirs) + graph_differences(ours)
    finally:
        shutil.rmtree(scratch)


def number_differences(original, ours, theirs):
    """What differs between the numbers of the original, of the crate's modules and of hub's own."""
    expected, again = run_original(original), run_original(original)
    pythons, found = run_module(theirs, expected), []
    # What a model draws anew in each run is not compared.
    constant = {key for key in expected if not values.value_differences({"": again[key][1]}, {"": expected[key][1]})}
    for kind in ("copy", "consumer"):
        path = os.path.join(ours, kind)
        if os.path.exists(path):
            made = run_module(path, expected)
            found += ["%s: %s is missing" % (kind, key) for key in sorted(set(pythons) - set(made))]
            equal = 0
            for key, value in sorted(made.items()):
                wanted = [pythons[key]] + ([expected[key][1]] if key in expected else [])
                if key in constant or key not in expected:
                    lines = [line for it in wanted for line in values.value_differences({key: value}, {key: it})]
                    found += ["%s %s" % (kind, line) for line in lines]
                    equal += not lines
            print("%s: %d of %d outputs equal" % (kind, equal, len(expected)))
    return found


def graph_differences(ours):
    """What differs between the consumer and the one that hub makes of the copy; nothing if both refuse to make it.

    hub takes an input whose shape the signature does not tell for a scalar, the crate for what it is in the graph.
    """
    for meta_graph in canonical.read(os.path.join(ours, "copy")).meta_graphs:
        for signature in meta_graph.signature_def.values():
            if not all(info.HasField("tensor_shape") for info in signature.inputs.values()):
                return []
    reason = os.path.join(ours, "consumer.error")
    scratch = tempfile.mkdtemp()
    try:
        theirs = os.path.join(scratch, "theirs")
        try:
            consumers.export(os.path.join(ours, "copy"), "fixed", theirs)
        except Exception as error:
            return [] if os.path.exists(reason) else ["consumer: only python refuses: %s" % first_line(error)]
        if os.path.exists(reason):
            return ["consumer: only ours refuses: %s" % directories.read(reason).decode()]
        return directories.directory_differences(os.path.join(ours, "consumer"), theirs)
    finally:
        shutil.rmtree(scratch)


def export_by_hub(path, dropped, target):
    """Exports what hub makes of a SavedModel; returns why it makes no module, or no instance of it, or None."""
    try:
        if os.path.exists(os.path.join(path, "tfhub_module.pb")):
            spec = hub.load_module_spec(path)
        else:
            spec = hub.create_module_spec_from_saved_model(path, drop_collections=dropped)
        with tf.Graph().as_default(), tf.device(lambda operation: ""), tf.Session() as session:
            module = hub.Module(spec, tags=spec.get_tags()[0])
            session.run([tf.global_variables_initializer(), tf.tables_initializer()])
            module.export(target, session)
    except Exception as error:  # The kind is a matter of hub.
        return first_line(error)
    return None


def run_original(path):
    """{(signature, output): (inputs, array)} by TensorFlow's loader."""
    found = {}
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tags = list(canonical.read(path).meta_graphs[0].meta_info_def.tags)
        # The machine may lack the devices.
        meta_graph = tf.saved_model.loader.load(session, tags, path, clear_devices=True)
        signatures = meta_graph.signature_def
        # Not all models have an op that fills their tables.
        session.run(tf.tables_initializer(), loader_impl.get_asset_tensors(path, meta_graph))
        for name, signature in sorted(signatures.items()):
            if name.startswith("__saved_model"):
                continue
            tensors = {key: tensor_of(graph, info) for key, info in signature.inputs.items()}
            fetches = {key: tensor_of(graph, info) for key, info in signature.outputs.items()}
            arrays, outputs = run_drawn(session, name, tensors, fetches)
            found.update(((name, key), (arrays, value)) for key, value in flattened(outputs).items())
    return found


def tensor_of(graph, info):
    """The tensor of a signature, or the sparse one."""
    if info.HasField("coo_sparse"):
        sparse = info.coo_sparse
        names = sparse.indices_tensor_name, sparse.values_tensor_name, sparse.dense_shape_tensor_name
        return tf.SparseTensor(*[graph.get_tensor_by_name(name) for name in names])
    return graph.get_tensor_by_name(info.name)


def run_drawn(session, signature, tensors, fetches):
    """Runs a signature with inputs of the first sizes that its graph takes, where none are known."""
    choices = (values.UNKNOWN_DIMENSION, values.UNKNOWN_RANK), (1, ()), (values.UNKNOWN_DIMENSION, (3,))
    for unknown in choices:
        arrays = {key: draw(signature, key, tensor, *unknown) for key, tensor in sorted(tensors.items())}
        try:
            return arrays, session.run(fetches, {tensors[key]: array for key, array in arrays.items()})
        except tf.errors.OpError:
            if unknown is choices[-1]:
                raise


def flattened(outputs):
    """{output: array}, the parts of sparse tensors one by one."""
    return values.components(outputs, lambda it: list(it) if isinstance(it, tf.SparseTensorValue) else [it])


def run_module(path, expected):
    """{(signature, output): array} by hub.Module, with the same inputs, one signature after the other.

    What cannot be run, such as the metrics of an evaluation, whose variables are local, has the kind of the error.
    """
    found = {}
    # The machine may lack the devices.
    with tf.Graph().as_default(), tf.device(lambda operation: ""), tf.Session() as session:
        spec = hub.load_module_spec(path)
        module = hub.Module(spec, tags=spec.get_tags()[0])
        applied = {}
        for name in sorted({name for name, _ in expected} & set(module.get_signature_names())):
            if consumers.can_be_applied(name):
                placeholders = consumers.placeholders(name, module.get_input_info_dict(name))
                applied[name] = placeholders, module(placeholders, signature=name, as_dict=True)
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        for name, (placeholders, outputs) in sorted(applied.items()):
            arrays = next(arrays for (signature, _), (arrays, _) in expected.items() if signature == name)
            feeds = {placeholders[key]: array for key, array in arrays.items()}
            try:
                outputs = session.run(outputs, feeds)
                found.update(((name, key), value) for key, value in flattened(outputs).items())
            except tf.errors.OpError as error:
                found[name, ""] = np.array(type(error).__name__.encode())
    return found


def draw(signature, key, tensor, dimension, unknown):
    """The value of an input: serialized examples where it is parsed, otherwise as for the modules of the table."""
    random = np.random.RandomState(zlib.crc32(("%s/%s" % (signature, key)).encode()))
    shape = tensor.shape
    sizes = unknown if shape.ndims is None else [size or dimension for size in shape.as_list()]
    if isinstance(tensor, tf.SparseTensor):
        # A row has one value where nothing says how many.
        sizes = [size or (1 if axis else dimension) for axis, size in enumerate(shape.as_list())]
        dense = values._draw(random, tensor.dtype, sizes)
        return tf.SparseTensorValue(np.argwhere(np.ones(sizes, bool)), dense.reshape(-1), np.array(sizes, np.int64))
    parser = parser_of(tensor)
    if parser is None:
        return values._draw(random, tensor.dtype, sizes)
    if parser.type == "DecodeBase64":
        return np.array([image(random) for _ in range(dimension)], object)
    if shape.ndims is None:
        sizes = () if parser.type == "ParseSingleExample" else (dimension,)
    serialized = np.empty(sizes, object)
    for index in np.ndindex(*sizes):
        serialized[index] = example(random, parser).SerializeToString()
    return serialized


def parser_of(tensor):
    """The op that reads what a string tensor holds, or None."""
    reached, front = set(), [tensor]
    while front:
        for operation in front.pop().consumers():
            if operation.type in PARSERS:
                return operation
            if operation not in reached:
                reached.add(operation)
                front += [output for output in operation.outputs if output.dtype == tf.string]
    return None


def image(random):
    """The base 64 of a file that has an image."""
    with tf.Graph().as_default(), tf.Session() as session:
        pixels = random.randint(0, 256, (8, 8, 3)).astype(np.uint8)
        return session.run(tf.encode_base64(tf.image.encode_png(pixels)))


def example(random, parser):
    """An example with all features that an op parses."""
    constant = lambda tensor: tf.get_static_value(tensor).tolist()
    kinds = {"dense": parser.get_attr("Tdense"), "sparse": parser.get_attr("sparse_types")}
    if parser.type == "ParseSingleExample":
        keys = {kind: parser.get_attr(kind + "_keys") for kind in kinds}
    elif parser.type == "ParseExample":
        inputs, sparse = list(parser.inputs)[2:], len(kinds["sparse"])
        dense = sparse + len(kinds["dense"])
        keys = {"sparse": map(constant, inputs[:sparse]), "dense": map(constant, inputs[sparse:dense])}
    else:
        keys = {"sparse": constant(parser.inputs[2]), "dense": constant(parser.inputs[3])}
    shapes = {"dense": [tf.TensorShape(shape) for shape in parser.get_attr("dense_shapes")]}
    made = tf.train.Example()
    for kind, dtypes in kinds.items():
        for index, (key, dtype) in enumerate(zip(keys[kind], dtypes)):
            shape = shapes[kind][index] if kind in shapes else tf.TensorShape([1])
            array = values._draw(random, tf.as_dtype(dtype), [size or 2 for size in shape.as_list()]).ravel()
            feature = made.features.feature[key.decode()]
            if array.dtype == object:
                feature.bytes_list.value.extend(array)
            elif array.dtype.kind == "f":
                feature.float_list.value.extend(array)
            else:
                feature.int64_list.value.extend(array)
    return made


def main(arguments):
    tf.logging.set_verbosity(tf.logging.ERROR)
    command = {"list": write_list, "check": check}.get(arguments[0] if arguments else "")
    if command is None or len(arguments) != 3:
        sys.exit(__doc__)
    return command(*(os.path.abspath(argument) for argument in arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
