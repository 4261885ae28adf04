"""Prints what hub.Module makes of names of signatures and of keys of their inputs and outputs.

Usage: signature_names.py > tests/fixtures/signature_names.txt   (Python 3.7, TensorFlow 1.15.5, tensorflow_hub 0.12.0)

Each line has the kind (signature, input, output), the name as a JSON string, and two verdicts: of a module that
`hub.add_signature` made, and of a SavedModel whose signature got the name in its file. `ok` means that the module was
defined, applied, run, exported, loaded and applied again; `defined` that it was defined and exported, but not applied;
`refused` that it was not even defined. Names too long to print are written as "x*1000".
"""
import json
import os
import shutil
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.core.protobuf import saved_model_pb2

tf1 = tf.compat.v1
tf1.logging.set_verbosity(tf1.logging.FATAL)

NAMES = ["default", "a", "text:embed", ":", "a:b:c", "_private", "-x", ".x", ".", "..", "0", "", "a b", " ", "a/b", "/a", "a/",
         "/", "a//b", "a.b", "a-b", "é", "日本", "a\n", "a\nb", "a\tb", "a\0", "a\\b", "a>b", "a^b", "^a", "a@b", "a,b", "a\"b",
         "a'b", "a+b", "A", "name", "self", "signature", "loc:@x", "head:0", "head/predict", "__saved_model_init_op",
         "x*1000"]


def attempt(spec, signature, inputs, outputs, directory):
  """Applies the signature before and after an export."""
  verdict = "ok"
  for round in range(2):
    with tf.Graph().as_default(), tf1.Session() as session:
      module = hub.Module(spec)
      try:
        y = module({key: [3.0] for key in inputs}, signature=signature, as_dict=True)
        assert sorted(y) == sorted(outputs), y
        session.run(tf1.global_variables_initializer())
        assert all(value.tolist() == [6.0] for value in session.run(y).values())
      except Exception as error:
        verdict = "defined"
        if os.environ.get("SHOW"):
          print(repr(signature), type(error), str(error).splitlines()[0][:200], file=sys.stderr)
      if round == 0:
        session.run(tf1.global_variables_initializer())
        target = os.path.join(directory, "module")
        shutil.rmtree(target, ignore_errors=True)
        module.export(target, session)
    if round == 0:
      spec = hub.load_module_spec(target)
  return verdict


def built(signature, inputs, outputs):
  def module_fn():
    x = tf1.placeholder(tf.float32, [None])
    y = x * tf1.get_variable("v", initializer=2.0)
    hub.add_signature(signature, {key: x for key in inputs}, {key: y for key in outputs})
  return hub.create_module_spec(module_fn)


def taken_over(signature, inputs, outputs, directory):
  target = os.path.join(directory, "saved_model")
  shutil.rmtree(target, ignore_errors=True)
  with tf.Graph().as_default(), tf1.Session() as session:
    x = tf1.placeholder(tf.float32, [None])
    y = x * tf1.get_variable("v", initializer=2.0)
    session.run(tf1.global_variables_initializer())
    builder = tf1.saved_model.Builder(target)
    signatures = {"s": tf1.saved_model.predict_signature_def({"x": x}, {"y": y})}
    builder.add_meta_graph_and_variables(session, [], signatures)
    builder.save()
  path = os.path.join(target, "saved_model.pb")
  model = saved_model_pb2.SavedModel()
  model.ParseFromString(open(path, "rb").read())
  signatures = model.meta_graphs[0].signature_def
  old = signatures["s"]
  new = type(old)(method_name=old.method_name)
  for key in inputs: new.inputs[key].CopyFrom(old.inputs["x"])
  for key in outputs: new.outputs[key].CopyFrom(old.outputs["y"])
  del signatures["s"]
  signatures[signature].CopyFrom(new)
  with open(path, "wb") as file: file.write(model.SerializeToString())
  return hub.create_module_spec_from_saved_model(target)


def verdict(define, signature, inputs, outputs, directory):
  try:
    spec = define()
  except Exception as error:
    if os.environ.get("SHOW"): print(repr(signature), str(error)[:200], file=sys.stderr)
    return "refused"
  return attempt(spec, signature, inputs, outputs, directory)


def main():
  directory = tempfile.mkdtemp()
  for kind in ["signature", "input", "output"]:
    for text in NAMES:
      name = "x" * 1000 if text == "x*1000" else text
      signature = name if kind == "signature" else "default"
      inputs = [name] if kind == "input" else ["default"]
      outputs = [name] if kind == "output" else ["default"]
      ends = (signature, inputs, outputs)
      verdicts = [verdict(lambda: built(*ends), *ends, directory),
                  verdict(lambda: taken_over(*ends, directory), *ends, directory)]
      print(kind, json.dumps(text), *verdicts, flush=True)
  for what, inputs, outputs in [("none", [], []), ("no_outputs", ["x"], []), ("two_of_one", ["x"], ["y", "z"])]:
    ends = ("default", inputs, outputs)
    print("ends", json.dumps(what), verdict(lambda: built(*ends), *ends, directory),
          verdict(lambda: taken_over(*ends, directory), *ends, directory), flush=True)
  shutil.rmtree(directory)


main()
