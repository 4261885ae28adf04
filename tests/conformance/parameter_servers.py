"""Runs with two parameter servers on this machine, whose checkpoints the crate exports modules from.

The variables are spread over the servers, many of them in parts, and each server writes a shard of the checkpoint.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys

import numpy as np
import tensorflow.compat.v1 as tf
import tensorflow_hub as hub

import bundles
import directories
import modules
import training
from using import IS_TF1

SERVERS = 2
SCOPE = training.SCOPE
# Modules of the table whose variables the servers hold, in parts.
CASES = ("dense", "dense_in_scopes", "init_random_normal", "layers_across_scopes", "matmul_variants", "variable_dtypes")

# The networks of `export_checkpoint` that are trained: whether variables are resources, how they are partitioned, and
# the sizes of the layers.
NETWORKS = {
    "whole": (False, None, (4, 7, 3)),
    "rows": (False, lambda: tf.fixed_size_partitioner(2), (9, 5, 6)),
    "resource_rows": (True, lambda: tf.fixed_size_partitioner(3), (50, 20, 10)),
    "resource_by_size": (True, lambda: tf.min_max_variable_partitioner(4, min_slice_size=64), (33, 17, 5)),
    "many_rows": (False, lambda: tf.variable_axis_size_partitioner(48), (13, 8, 11)),
}


def _ports(count):
    """Ports that are free now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster(object):
    """Two parameter servers, each a process of its own, and the worker, which is this one."""

    def __init__(self):
        addresses = ["127.0.0.1:%d" % port for port in _ports(SERVERS + 1)]
        self.addresses = {"ps": addresses[:SERVERS], "worker": addresses[SERVERS:]}
        self._servers = []

    def __enter__(self):
        for index in range(SERVERS):
            command = [sys.executable, os.path.abspath(__file__), str(index), json.dumps(self.addresses)]
            self._servers.append(subprocess.Popen(command))
        self.worker = tf.train.Server(self.addresses, job_name="worker", task_index=0)
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.terminate()
        for server in self._servers:
            server.wait()

    @contextlib.contextmanager
    def graph(self, name):
        """A new graph: operations go to the worker, variables to one server after another.

        The servers tell the variables of several graphs apart by the name.
        """
        place = tf.train.replica_device_setter(cluster=self.addresses)
        with tf.Graph().as_default() as graph, graph.container(name.replace("_", ".")), tf.device(place):
            yield

    def session(self):
        return tf.Session(self.worker.target)


def serve(index, addresses):
    tf.train.Server(json.loads(addresses), job_name="ps", task_index=int(index)).join()


def write(directory, reference):
    with Cluster() as cluster:
        for name in sorted(NETWORKS):
            _train(cluster, directory, name)
        for case, spec, reason in _cases(reference):
            if not reason:
                _hold(cluster, directory, case, spec)


def _cases(reference):
    return training.cases(reference, [case for case in modules.table().values() if case.name in CASES])


def _layer(name, inputs, units):
    kernel = tf.get_variable(name + "/kernel", [inputs.shape.as_list()[1], units])
    bias = tf.get_variable(name + "/bias", [units], initializer=tf.random_normal_initializer())
    return tf.matmul(inputs, kernel) + bias


def _train(cluster, directory, name):
    """Trains a network for some steps, and saves it in one and in two checkpoints."""
    use_resource, partitioner, (inputs, hidden, outputs) = NETWORKS[name]
    random = training.seeded("network", name)
    x = random.normal(size=(6, inputs)).astype(np.float32)
    target = random.normal(size=(6, outputs)).astype(np.float32)
    train = os.path.join(directory, "networks", name)
    os.makedirs(train)
    with cluster.graph(name):
        tf.set_random_seed(random.randint(1 << 30))
        step = tf.train.get_or_create_global_step()
        scope = tf.variable_scope(SCOPE, use_resource=use_resource, partitioner=partitioner and partitioner())
        with scope:
            layer1 = _layer("dense", tf.constant(x), hidden)
            layer2 = _layer("dense_1", layer1, outputs)
        loss = tf.reduce_mean(tf.square(layer2 - target))
        minimize = tf.train.AdamOptimizer(0.01).minimize(loss, global_step=step)
        variables = tf.global_variables()
        kernels = [variable for variable in variables if "kernel" in variable.name]
        savers = [
            ("model.ckpt", tf.train.Saver(sharded=True)),
            ("kernels", tf.train.Saver(kernels, sharded=True)),
            ("others", tf.train.Saver([variable for variable in variables if variable not in kernels], sharded=True)),
        ]
        with cluster.session() as session:
            session.run(tf.global_variables_initializer())
            for _ in range(3):
                session.run(minimize)
            for prefix, saver in savers[::-1]:
                saver.save(session, os.path.join(train, prefix), global_step=step, write_meta_graph=False)
            values = session.run({"hidden": layer1, "default": layer2})
    np.savez(os.path.join(directory, "networks", name + ".npz"), x=x, **values)
    if IS_TF1:
        prefix = tf.train.latest_checkpoint(train)
        out = os.path.join(directory, "python", "networks", name)
        _network_spec(name).export(out, checkpoint_path=prefix, name_transform_fn=training.rename)


def _network_spec(name):
    """The module of `export_checkpoint` with the sizes of a network."""
    _, _, (inputs, hidden, outputs) = NETWORKS[name]

    def module_fn():
        x = tf.placeholder(tf.float32, [None, inputs])
        layer1 = tf.layers.dense(x, hidden)
        layer2 = tf.layers.dense(layer1, outputs)
        hub.add_signature(inputs=x, outputs={"default": layer2, "hidden_activations": layer1})

    return hub.create_module_spec(module_fn)


def _hold(cluster, directory, case, spec):
    """Has the servers hold the variables of a module, cut along any dimension, with the values of a run."""
    run = training.Run(case, spec)
    random = training.seeded("parts", case.name)
    train = os.path.join(directory, "distributed", case.name)
    os.makedirs(train)
    with cluster.graph(case.name):
        step = tf.train.get_or_create_global_step()
        assignments, feeds = [], {}
        for name, value in sorted(run.values.items()):
            dtype = run.variables[name].dtype.base_dtype
            partitioner = None
            # A half in parts is more than TensorFlow reads as a whole.
            if value.ndim and dtype not in (tf.float16, tf.string):
                axis = random.randint(value.ndim)
                count = min(value.shape[axis], random.randint(1, 5))
                partitioner = tf.fixed_size_partitioner(count, axis=axis)
            variable = tf.get_variable(
                training.rename(name), value.shape, dtype, initializer=bundles.blank, partitioner=partitioner,
                use_resource=bool(random.randint(2)),
            )
            for part in list(variable) if partitioner else [variable]:
                info = part._get_save_slice_info()
                extents = zip(info.var_offset, info.var_shape) if info else [(0, size) for size in value.shape]
                piece = value[bundles.ranges(extents)]
                fed = tf.placeholder(dtype, piece.shape)
                feeds[fed] = piece
                assignments.append(tf.assign(part, fed))
        with cluster.session() as session:
            session.run(tf.global_variables_initializer())
            session.run(tf.group(*assignments), feeds)
            saver = tf.train.Saver(sharded=True)
            prefix = saver.save(session, os.path.join(train, "model.ckpt"), global_step=step, write_meta_graph=False)
    training.write_expected(os.path.join(directory, "python", "distributed", case.name), run, spec, prefix)


def check(report, directory, reference, examples):
    tool = bundles.Tool(examples)
    for name in sorted(NETWORKS):
        _check_network(report, directory, name, tool, os.path.join(examples, "export_checkpoint"))
    for case, spec, reason in _cases(reference):
        label = "%s on parameter servers tf%s" % (case.name, tf.__version__)
        if reason:
            report.leave_out(label, reason)
        else:
            training.check_run(report, label, directory, "distributed", reference, case, spec)


def _check_network(report, directory, name, tool, exporter):
    label = "network %s tf%s" % (name, tf.__version__)
    train = os.path.join(directory, "networks", name)
    out = os.path.join(directory, "ours", "networks", name)
    os.makedirs(out)
    prefix = tf.train.latest_checkpoint(train)
    sizes = NETWORKS[name][2]
    with np.load(train + ".npz") as arrays:
        values = dict(arrays)

    def path(kind):
        return os.path.join(out, kind)

    def export(checkpoint, target, name_prefix=SCOPE + "/"):
        command = [exporter, checkpoint, path(target), "--name-prefix", name_prefix]
        for option, size in zip(("--inputs", "--hidden", "--outputs"), sizes):
            command += [option, str(size)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        printed, errors = process.communicate()
        return [] if process.returncode == 0 and printed and not errors else [errors.decode()]

    def run(target, trainable):
        with tf.Graph().as_default():
            module = hub.Module(path(target), trainable=trainable)
            outputs = module(tf.constant(values["x"]), as_dict=True)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                got = session.run(outputs)
        return [
            "%s: differs by %g" % (key, np.abs(got[key] - expected).max())
            for key, expected in (("default", values["default"]), ("hidden_activations", values["hidden"]))
            if got[key].shape != expected.shape or not np.allclose(got[key], expected, 1e-6, 1e-6)
        ]

    def same(target):
        return directories.directory_differences(path(target), path("whole"))

    def copied(kind, *arguments):
        tool.run("copy", prefix, path(kind), *arguments)
        return []

    def merged():
        parts = [os.path.join(train, "%s-%s" % (part, prefix.rpartition("-")[2])) for part in ("kernels", "others")]
        tool.run("merge", path("merged.ckpt"), *parts)
        return [] if tool.run("verify", path("merged.ckpt")) == tool.run("verify", prefix) else ["other contents"]

    report.check(label + " shards", lambda: [] if _data_files(prefix) >= SERVERS else [str(os.listdir(train))])
    report.check(label + " exported", export, train, "whole")
    if IS_TF1:
        pair = path("whole"), os.path.join(directory, "python", "networks", name)
        report.check(label + " is hub's", directories.directory_differences, *pair)
    for trainable in (False, True):
        report.check("%s hub.Module %s" % (label, "trainable" if trainable else "fixed"), run, "whole", trainable)
    report.check(label + " copied", lambda: copied("same.ckpt") + bundles.file_differences(path("same.ckpt"), prefix))
    for kind, arguments, name_prefix in (
        ("one", ("--shards", "1"), SCOPE + "/"),
        ("three", ("--shards", "3"), SCOPE + "/"),
        ("renamed", ("--rename", SCOPE + "/="), ""),
    ):
        report.check("%s copied, %s" % (label, kind), copied, kind + ".ckpt", *arguments)
        report.check("%s copied, %s, exported" % (label, kind), export, path(kind + ".ckpt"), kind, name_prefix)
        report.check("%s copied, %s, exported the same" % (label, kind), same, kind)
    report.check(label + " merged", merged)
    report.check(label + " merged, exported", export, path("merged.ckpt"), "merged")
    report.check(label + " merged, exported the same", same, "merged")


def _data_files(prefix):
    return len([name for name in bundles.files(prefix) if name.startswith(".data-")])


if __name__ == "__main__":
    serve(*sys.argv[1:])
