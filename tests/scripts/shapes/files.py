"""Ops that read and write files."""

import tensorflow as tf

from shape_sweep import C, sweep

SCALAR = [None, []]
VECTOR = [None, [None], [2]]


def build():
    for op in ["IdentityReaderV2", "TFRecordReaderV2", "TextLineReaderV2", "WholeFileReaderV2"]:
        sweep(op)
    sweep("FixedLengthRecordReaderV2", record_bytes=4)
    for op in ["ReaderNumRecordsProducedV2", "ReaderNumWorkUnitsCompletedV2", "ReaderResetV2",
               "ReaderSerializeStateV2"]:
        sweep(op, SCALAR)
    sweep("ReaderReadV2", SCALAR, SCALAR)
    sweep("ReaderReadUpToV2", SCALAR, SCALAR, SCALAR)
    sweep("ReaderRestoreStateV2", SCALAR, SCALAR)
    graph = tf.get_default_graph()
    graph.create_op("LMDBReader", [], name="lmdb")
    reader = graph.create_op("WholeFileReader", [], name="reader").outputs[0]
    state = tf.placeholder(tf.string, name="state")
    graph.create_op("ReaderNumRecordsProduced", [reader], name="records")
    graph.create_op("ReaderNumWorkUnitsCompleted", [reader], name="units")
    graph.create_op("ReaderSerializeState", [reader], name="serialized")
    graph.create_op("ReaderReset", [reader], name="reset")
    graph.create_op("ReaderRestoreState", [reader, state], name="restored")
    sweep("MatchingFiles", SCALAR + VECTOR)
    sweep("MergeV2Checkpoints", VECTOR, SCALAR)
    sweep("ReadFile", SCALAR)
    sweep("WriteFile", SCALAR, SCALAR)
    sweep("ShardedFilename", SCALAR, SCALAR, SCALAR)
    sweep("ShardedFilespec", SCALAR, SCALAR)
    sweep("Restore", SCALAR, SCALAR, dt=tf.float32)
    sweep("RestoreSlice", SCALAR, SCALAR, [None, [], C(""), C("3 4 -:1,2"), C("7 0,5")], dt=tf.float32)
    slices = [None, [2], C(["", ""]), C(["3 4 -:1,2", ""]), C(["2 3 4 -:-:-", "5 0,0"])]
    sweep("RestoreV2", SCALAR, VECTOR, slices, dtypes=[tf.float32, tf.int64])
    data = [[None, None], [[2, 3], []]]
    sweep("Save", SCALAR, VECTOR, data)
    sweep("SaveSlices", SCALAR, VECTOR, VECTOR, data)
    sweep("SaveV2", SCALAR, VECTOR, VECTOR, data)
    sweep("GenerateVocabRemapping", SCALAR, SCALAR, new_vocab_offset=0, num_new_vocab=5)
    sweep("LoadAndRemapMatrix", VECTOR, SCALAR, VECTOR, VECTOR, VECTOR, num_rows=3, num_cols=4)
