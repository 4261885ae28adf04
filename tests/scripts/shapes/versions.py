"""What depends on the version of the program that wrote a graph: placeholders, axes, removed ops, all that in functions."""

import tensorflow.compat.v1 as tf
from google.protobuf import text_format
from tensorflow.python.framework import op_def_registry

from shape_sweep import C, node

# The first version, and those around the ones from which shapes and refusals differ.
PRODUCERS = (0, 20, 21, 22, 28)

SHAPES = [None, [], [2], [None], [2, 3], [None, 3], [3, 3], [4, 2, 3], [2, 3, 3, 4], [1, 2, 3, 3, 4]]
SIZES = [C(0), C(1), C([2, 3]), C([-1, 2]), C([2, 3, 1]), C([[0, 1]])]

# Functions: a scalar placeholder, a sum over a matrix of axes, an op that was removed, and calls of the first two.
FUNCTIONS = """
    function { signature { name: "scalar" output_arg { name: "y" type: DT_FLOAT } }
      node_def { name: "p" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
                 attr { key: "shape" value { shape {} } } }
      ret { key: "y" value: "p:output:0" } }
    function { signature { name: "total" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
      node_def { name: "a" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
                 attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { dim { size: 1 } dim { size: 1 } }
                                                      int_val: 0 } } } }
      node_def { name: "s" op: "Sum" input: "x" input: "a:output:0" attr { key: "T" value { type: DT_FLOAT } }
                 attr { key: "Tidx" value { type: DT_INT32 } } }
      ret { key: "y" value: "s:output:0" } }
    function { signature { name: "removed" input_arg { name: "x" type: DT_FLOAT }
                           output_arg { name: "y" type: DT_FLOAT } }
      node_def { name: "s" op: "TopK" input: "x" attr { key: "T" value { type: DT_FLOAT } }
                 attr { key: "k" value { i: 1 } } }
      ret { key: "y" value: "s:values:0" } }
    function { signature { name: "square" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
      node_def { name: "s" op: "MatMul" input: "x" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
      node_def { name: "i" op: "Identity" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
      ret { key: "y" value: "i:output:0" } }
    function { signature { name: "outer" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
      node_def { name: "s" op: "PartitionedCall" input: "x" attr { key: "Tin" value { list { type: DT_FLOAT } } }
                 attr { key: "Tout" value { list { type: DT_FLOAT } } }
                 attr { key: "f" value { func { name: "total" } } } }
      ret { key: "y" value: "s:output:0" } }
"""


def placeholders():
    placed = []
    for shape in SHAPES:
        shape = tf.TensorShape(shape)
        for op in ["Placeholder", "PlaceholderV2"]:
            if node(op, dtype=tf.float32, shape=shape) is None:
                placed.append(tf.get_default_graph().get_operations()[-1].outputs[0])
        node("Variable", shape=shape, dtype=tf.float32)
        node("VariableV2", shape=shape, dtype=tf.float32)
        node("ImmutableConst", shape=shape, dtype=tf.float32, memory_region_name="r")
    node("Placeholder", dtype=tf.float32)
    for tensor in placed[:4]:
        node("Identity", tensor)
        node("PlaceholderWithDefault", tensor, shape=tf.TensorShape([]))
        node("AddV2", tensor, [2])
        node("Pack", [tensor, tensor])
        node("StopGradient", tensor)
        node("Reshape", tensor, C([1]))
        node("Fill", C([2, 3]), tensor)
    text = tf.placeholder(tf.string, [])
    node("PrintV2", text)
    node("StringToHashBucketFast", text, num_buckets=3)


def reductions():
    for op in ["Sum", "Mean", "Max", "Min", "Prod", "EuclideanNorm", "All", "Any", "SparseReduceSum"]:
        for keep in [False, True] if op in ["Sum", "All"] else [False]:
            for axes in [C([[0, 1]]), C([[1], [0]]), C([[-1]]), C([[5]]), C([[[0]]]), C(0), [1, 2], [2, None], None]:
                if op == "SparseReduceSum":
                    node(op, [None, 2], None, [2], axes, keep_dims=keep)
                else:
                    node(op, [2, 3, 4], axes, keep_dims=keep)
    for op in ["ArgMax", "Cumsum"]:
        node(op, [2, 3, 4], C([[1]]))


def removed():
    ops = op_def_registry.get_registered_ops()
    attrs = {"AudioSummary": dict(sample_rate=8000.0),
             "BatchNormWithGlobalNormalization": dict(variance_epsilon=0.1, scale_after_normalization=True),
             "BatchNormWithGlobalNormalizationGrad": dict(variance_epsilon=0.1, scale_after_normalization=True),
             "Conv3DBackpropFilter": dict(strides=[1] * 5, padding="SAME"),
             "Conv3DBackpropInput": dict(strides=[1] * 5, padding="SAME"),
             "FixedLengthRecordReader": dict(record_bytes=4), "TensorArray": dict(dtype=tf.float32),
             "TensorArrayConcat": dict(dtype=tf.float32), "TensorArrayGather": dict(dtype=tf.float32),
             "TensorArrayGatherV2": dict(dtype=tf.float32), "TensorArrayGrad": dict(source="s"),
             "TensorArrayGradV2": dict(source="s"), "TensorArrayPack": dict(dtype=tf.float32),
             "TensorArrayRead": dict(dtype=tf.float32), "TensorArrayReadV2": dict(dtype=tf.float32),
             "TensorArrayV2": dict(dtype=tf.float32), "TopK": dict(k=2)}
    for op in sorted(ops):
        if not ops[op].HasField("deprecation") or op == "PlaceholderV2":
            continue
        args = ops[op].input_arg
        base = [None] * len(args)
        cases = [base] + [[shape] * len(args) for shape in SHAPES]
        for at, arg in enumerate(args):
            sizes = SIZES if arg.name in ["size", "shape", "indices", "index", "multiples"] else []
            refs = [[2]] if arg.is_ref else SHAPES + sizes
            cases += [base[:at] + [spec] + base[at + 1:] for spec in refs]
        if any(arg.is_ref for arg in args):
            cases = [[[2]] + case[1:] for case in cases]
        seen = set()
        for case in cases:
            key = repr([one.value if isinstance(one, C) else one for one in case])
            if key not in seen:
                seen.add(key)
                node(op, *case, **attrs.get(op, {}))
    vectors = [4], [4], [4], [4]
    for images in [[2, 3, 3, 4], [2, 3, 3, None], [2, 3, 3, 5]]:
        node("BatchNormWithGlobalNormalization", images, *vectors, **attrs["BatchNormWithGlobalNormalization"])
        node("BatchNormWithGlobalNormalizationGrad", images, [4], [None], [4], [None, 3, 3, 4],
             **attrs["BatchNormWithGlobalNormalizationGrad"])
    for size in [C([2, 3]), C([-1, 2]), [2], [3]]:
        node("RandomCrop", [5, 6, 3], size)
    node("AdjustContrast", [5, 6, 3], [], [], [])
    node("TopK", [4, 3], k=3)
    node("TopK", [4, 3], k=0)
    node("TensorArrayWriteV2", [2], [], [5], [])
    node("RandomPoisson", C([2, 3]), [4])
    node("SelfAdjointEig", [3, 3])
    node("SelfAdjointEig", [None, 3])
    node("SelfAdjointEig", [2, 3, 3])


def functions():
    graph = tf.get_default_graph()
    graph_def = text_format.Parse("library { %s }" % FUNCTIONS, tf.GraphDef())
    graph_def.versions.producer = graph.graph_def_versions.producer
    tf.import_graph_def(graph_def, name="")
    for name in ["scalar", "total", "removed", "square", "outer"]:
        inputs = [] if name == "scalar" else [[2, 3]]
        attr = tf.AttrValue()
        attr.func.name = name
        types = [tf.float32] * len(inputs)
        for op in ["PartitionedCall", "StatefulPartitionedCall"]:
            node(op, inputs, Tin=types, Tout=[tf.float32], f=attr)
            node(op, inputs, Tin=types, Tout=[tf.float32], f=attr, _disable_call_shape_inference=True)


def build():
    placeholders()
    reductions()
    removed()
    functions()
