"""Writes graphs and SavedModels that break a rule for modules, and what hub makes of them, to tests/fixtures/imported.

Run with Python 3.7, TensorFlow 1.15.5 and tensorflow_hub 0.12.0: make_imported.py OUT_DIR

NAME/saved_model.pb is given to `hub.create_module_spec_from_saved_model`, NAME.pb to `tf.import_graph_def` in a module
function whose signature has the nodes x and y. verdicts.txt says for each whether hub defines the module: `taken` or
`refused`.
"""
import os
import shutil
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.ops import lookup_ops

tf1 = tf.compat.v1
tf1.disable_v2_behavior()
tf1.logging.set_verbosity(tf1.logging.FATAL)


def model(x=None):
  x = tf1.placeholder(tf.float32, [None], name="x") if x is None else x
  return x, tf.identity(x * 2.0, name="y")


def unfed_placeholder():
  x = tf1.placeholder(tf.float32, [None], name="x")
  return x, tf.identity(x * tf1.placeholder(tf.float32, [], name="keep_prob"), name="y")


def colocated_input():
  with tf1.colocate_with(tf.constant(1.0, name="c")): x = tf1.placeholder(tf.float32, [None], name="x")
  return model(x)


def colocated_state():
  with tf1.colocate_with(tf.constant(1.0, name="c")):
    handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="v", name="v")
  x = tf1.placeholder(tf.float32, [None], name="x")
  return x, tf.identity(x * tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32), name="y")


def handles(*shared_names):
  """Variables that are in no collection, as frozen graphs and others have them."""
  x = y = tf1.placeholder(tf.float32, [None], name="x")
  for index, name in enumerate(shared_names):
    handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name=name, name="h%d" % index)
    y = y * tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32)
  return x, tf.identity(y, name="y")


def no_shared_name(): return handles("")
def no_shared_names(): return handles("", "")
def one_shared_name(): return handles("v", "v")


def tables_of_one_name():
  x = tf1.placeholder(tf.float32, [None], name="x")
  sizes = [tf.raw_ops.LookupTableSizeV2(table_handle=tf.raw_ops.HashTableV2(
      key_dtype=tf.string, value_dtype=tf.int64, shared_name="t", name="t%d" % index)) for index in range(2)]
  return x, tf.identity(x * tf.cast(sum(sizes), tf.float32), name="y")


def iterator_without_name():
  iterator = tf1.data.make_initializable_iterator(tf.data.Dataset.from_tensors([1.0]))
  x = tf1.placeholder_with_default(iterator.get_next(), [None], name="x")
  return model(x)


def queue_without_name():
  queue = tf1.FIFOQueue(3, [tf.float32], [[]])
  x = tf1.placeholder(tf.float32, [None], name="x")
  return x, tf.identity(x * queue.dequeue(), name="y")


def unreachable():
  tf1.placeholder(tf.float32, name="labels")
  tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="", name="unused")
  return model()


GRAPHS = [model, unfed_placeholder, colocated_input, colocated_state, no_shared_name, no_shared_names, one_shared_name,
          tables_of_one_name, iterator_without_name, queue_without_name, unreachable]


def unsigned(meta): meta.signature_def.clear()
def no_outputs(meta): meta.signature_def["s"].outputs.clear()
def foreign_collection(meta): meta.collection_def["losses"].node_list.value.append("y:0")
def foreign_bytes(meta): meta.collection_def["mine"].bytes_list.value.append(b"anything")
def foreign_empty(meta): meta.collection_def["summaries"].SetInParent()
def asset_of_no_constant(meta): meta.collection_def["asset_filepaths"].node_list.value.append("y:0")
def loss_that_is_not_there(meta): meta.collection_def["regularization_losses"].node_list.value.append("gone:0")
def output_that_is_not_there(meta): meta.signature_def["s"].outputs["y"].name = "gone:0"
def method_name(meta): meta.signature_def["s"].method_name = "tensorflow/serving/classify"
def slash(meta):
  meta.signature_def["head/predict"].CopyFrom(meta.signature_def["s"])
def init_op(meta):
  meta.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name = "y"
def attachment(meta):
  from tensorflow_hub import module_attachment_pb2
  message = module_attachment_pb2.ModuleAttachment(key="no key", value=b"x")
  meta.collection_def["hub_module_attachments"].bytes_list.value.append(message.SerializeToString())
def no_shapes(meta):
  for node in meta.graph_def.node: node.attr.pop("_output_shapes", None)
def no_tensor_shape(meta):
  for end in [meta.signature_def["s"].inputs["x"], meta.signature_def["s"].outputs["y"]]: end.ClearField("tensor_shape")
def unknown_op_in_list(meta): meta.meta_info_def.stripped_op_list.op.add().name = "Mine"
def no_meta_info(meta): meta.ClearField("meta_info_def")


CHANGES = [unsigned, no_outputs, foreign_collection, foreign_bytes, foreign_empty, asset_of_no_constant,
           loss_that_is_not_there, output_that_is_not_there, method_name, slash, init_op, attachment, no_shapes, no_tensor_shape,
           unknown_op_in_list, no_meta_info]


def meta_graph(build, tags=()):
  with tf.Graph().as_default():
    x, y = build()
    meta = tf1.train.export_meta_graph(strip_default_attrs=True)
    info = tf1.saved_model.build_tensor_info
    meta.signature_def["s"].inputs["x"].CopyFrom(info(x))
    meta.signature_def["s"].outputs["y"].CopyFrom(info(y))
    meta.collection_def.clear()
    meta.meta_info_def.tags.extend(tags)
    return meta


def variants(out):
  def one_tag_set():
    return [meta_graph(model, ["serve"]), meta_graph(model, ["serve"])]

  def unsigned_variant():
    metas = [meta_graph(model, ["serve"]), meta_graph(model, ["train"])]
    metas[1].signature_def.clear()
    return metas

  def disagreement():
    metas = []
    for tag, size in [("serve", 2), ("train", 3)]:
      with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None], name="x")
        v = tf1.get_variable("v", initializer=[1.0] * size, use_resource=True)
        y = tf.identity(x * tf.reduce_sum(v), name="y")
        meta = tf1.train.export_meta_graph(strip_default_attrs=True)
        meta.meta_info_def.tags.append(tag)
        info = tf1.saved_model.build_tensor_info
        meta.signature_def["s"].inputs["x"].CopyFrom(info(x))
        meta.signature_def["s"].outputs["y"].CopyFrom(info(y))
        metas.append(meta)
    return metas

  for make in [one_tag_set, unsigned_variant, disagreement]:
    write(out, make.__name__, make())


def write(out, name, metas):
  directory = os.path.join(out, name)
  shutil.rmtree(directory, ignore_errors=True)
  os.makedirs(directory)
  proto = saved_model_pb2.SavedModel(saved_model_schema_version=1)
  proto.meta_graphs.extend(metas)
  with open(os.path.join(directory, "saved_model.pb"), "wb") as file: file.write(proto.SerializeToString())


def verdict(define, *args):
  """Says whether a module is defined, and exported."""
  try:
    spec = define(*args)
  except Exception as error:
    print(args, type(error), str(error)[:100], file=sys.stderr)
    return "refused"
  try:
    from tensorflow_hub import native_module
    with tempfile.TemporaryDirectory() as directory:
      spec._export(os.path.join(directory, "module"), None)
  except Exception as error:
    print(args, "export", type(error), str(error)[:100], file=sys.stderr)
    return "refused"
  return "taken"


def wrapped(path):
  def module_fn():
    graph_def = tf1.GraphDef()
    graph_def.ParseFromString(open(path, "rb").read())
    x, y = tf.import_graph_def(graph_def, return_elements=["x:0", "y:0"], name="")
    hub.add_signature(inputs=x, outputs=y)
  return hub.create_module_spec(module_fn)


def main(out):
  os.makedirs(out, exist_ok=True)
  for build in GRAPHS:
    meta = meta_graph(build)
    write(out, build.__name__, [meta])
    with open(os.path.join(out, build.__name__ + ".pb"), "wb") as file: file.write(meta.graph_def.SerializeToString())
  for change in CHANGES:
    meta = meta_graph(model)
    change(meta)
    write(out, change.__name__, [meta])
  variants(out)
  with open(os.path.join(out, "verdicts.txt"), "w") as file:
    for name in sorted(os.listdir(out)):
      path = os.path.join(out, name)
      if os.path.isdir(path): print(name, verdict(hub.create_module_spec_from_saved_model, path), file=file)
      elif name.endswith(".pb"): print(name, verdict(wrapped, path), file=file)


main(sys.argv[1])
