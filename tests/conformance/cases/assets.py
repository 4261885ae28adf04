"""Assets: files that travel with a module, and the tables that are filled from them.

The paths are relative to the root of the repository, where both sides run, since they are part of the names of tables.
"""

import tensorflow as tf
import tensorflow_hub as hub
from tensorflow.python.ops import lookup_ops

from modules import module

FOLDER = "tests/conformance/assets/"
WORDS = FOLDER + "words.txt"
OTHER_WORDS = FOLDER + "other/words.txt"
NUMBERED_WORDS = FOLDER + "numbered/words.txt0"
ANIMALS = FOLDER + "animals.csv"


def asset(path, name):
    constant = tf.constant(path, name=name)
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, constant)
    return constant


@module(seed=91, feeds={"words": ["cat", "a mat", "dog", ""], "ids": [3, 0, 9, -1]})
def vocabulary():
    words = tf.placeholder(tf.string, [None], name="words")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    table = lookup_ops.index_table_from_file(WORDS, num_oov_buckets=2, vocab_size=5)
    embeddings = tf.get_variable("embeddings", [7, 3])
    hub.add_signature(inputs={"words": words}, outputs={"default": tf.gather(embeddings, table.lookup(words))})
    names = lookup_ops.index_to_string_table_from_file(WORDS)
    hub.add_signature("words", inputs={"ids": ids}, outputs={"words": names.lookup(ids)})


READ_WITHOUT_TABLE = "hub.load gives the path of an asset to initializers alone"


@module(left_out={"hub_load": READ_WITHOUT_TABLE, "assets": "a signature gives the name of the file"})
def assets_of_one_name():
    paths = [(OTHER_WORDS, "b"), (WORDS, "a"), (NUMBERED_WORDS, "a_1"), (OTHER_WORDS, "a/b"), (ANIMALS, "c")]
    contents = [tf.io.read_file(asset(path, name)) for path, name in paths]
    hub.add_signature(inputs={}, outputs={"content_%d" % i: content for i, content in enumerate(contents)})
    again = tf.get_default_graph().get_tensor_by_name("c:0")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, again)
    name = tf.strings.regex_replace(again, "^.*/", "", name="name")
    hub.add_signature("name", inputs={}, outputs=name)


@module(
    feeds={"words": ["chat", "cat", "sat"]},
    variants=[
        (set(), {"paths": [WORDS]}),
        ({"french"}, {"paths": [OTHER_WORDS]}),
        ({"both"}, {"paths": [OTHER_WORDS, NUMBERED_WORDS, WORDS]}),
        ({"none"}, {"paths": []}),
    ],
)
def assets_in_variants(paths):
    words = tf.placeholder(tf.string, [None], name="words")
    ids = [lookup_ops.index_table_from_file(path, default_value=-5).lookup(words) for path in paths]
    hub.add_signature(inputs=words, outputs=tf.add_n(ids) if ids else tf.strings.length(words))


@module(feeds={"words": ["dog", "cat", "cow"], "ids": [2, 1, 7]})
def tables_of_files():
    words = tf.placeholder(tf.string, [None], name="words")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    first = lookup_ops.index_table_from_file(WORDS)
    with tf.device("/job:localhost"), tf.name_scope("again"), tf.control_dependencies([tf.no_op(name="before")]):
        second = lookup_ops.index_table_from_file(WORDS, name="table")
    same = tf.equal(first.lookup(words), second.lookup(words))
    columns = tf.lookup.TextFileInitializer(ANIMALS, tf.string, 0, tf.float32, 2, delimiter=",")
    weights = tf.lookup.StaticHashTable(columns, 0.0, name="weights")
    columns = tf.lookup.TextFileInitializer(asset(ANIMALS, "animals"), tf.string, 0, tf.int64, 1, delimiter=",", name="fill")
    numbers = tf.lookup.StaticVocabularyTable(columns, 4)
    columns = tf.lookup.TextFileInitializer(ANIMALS, tf.int64, 1, tf.string, 0, vocab_size=2, delimiter=",")
    names = tf.lookup.StaticHashTable(columns, "nobody", name="names")
    hub.add_signature(
        inputs={"words": words, "ids": ids},
        outputs={
            "same": same,
            "weights": weights.lookup(words),
            "numbers": numbers.lookup(words),
            "names": names.lookup(ids),
            "size": names.size(),
        },
    )


@module(left_out={step: "where the module is decides on the path" for step in ("use", "hub_load")})
def asset_path():
    hub.add_signature("tokenization", inputs={}, outputs={"vocabulary": asset(WORDS, "vocabulary")})
