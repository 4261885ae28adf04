"""The common signatures of TensorFlow Hub: images, texts, and encoders of the BERT family."""

import tensorflow as tf
import tensorflow_hub as hub

from cases.variants import MODES, normalize
from modules import module

WORDS = "tests/conformance/assets/words.txt"


def attach_size(height, width):
    info = hub.ImageModuleInfo()
    info.default_image_size.height, info.default_image_size.width = height, width
    hub.attach_image_module_info(info)


def add_image_signatures(names, images, output, momentum=None, **layers):
    """Signatures of these names; with a momentum, one more for each but the default one."""
    outputs = dict(layers, default=output)
    for name in names:
        hub.add_signature(name, inputs={"images": images}, outputs=outputs)
        if momentum is not None and name != "default":
            inputs = {"images": images, "batch_norm_momentum": momentum}
            hub.add_signature(name + "_with_bn_hparams", inputs=inputs, outputs=outputs)


@module(seed=231, variants=MODES)
def image_vector_of_fixed_size(is_training):
    images = tf.placeholder(tf.float32, [None, 4, 6, 3], name="images")
    attach_size(4, 6)
    pooled = tf.reduce_mean(images, [1, 2])
    features = tf.layers.dense(pooled, 5, kernel_regularizer=tf.contrib.layers.l2_regularizer(0.5))
    features = normalize(features, is_training)
    add_image_signatures(["image_feature_vector", "default"], images, features)


@module(seed=232, variants=MODES, feeds={"batch_norm_momentum": 0.5})
def image_vector_of_any_size(is_training):
    images = tf.placeholder(tf.float32, [None, None, None, 3], name="images")
    attach_size(8, 10)
    momentum = tf.placeholder_with_default(0.99, [], name="batch_norm_momentum")
    pooled = tf.reduce_mean(images, [1, 2])
    hidden = normalize(pooled, is_training, momentum)
    features = tf.layers.dense(hidden, 4)
    layers = {"MyNet/pooled": pooled, "MyNet/hidden": hidden}
    add_image_signatures(["image_feature_vector", "default"], images, features, momentum, **layers)


@module(seed=233, variants=MODES)
def image_classes(is_training):
    images = tf.placeholder(tf.float32, [None, 2, 2, 3], name="images")
    attach_size(2, 2)
    flat = tf.reshape(images, [-1, 12])
    logits = tf.layers.dense(normalize(flat, is_training), 3)
    add_image_signatures(["image_classification", "default"], images, logits)


@module(seed=234, variants=MODES, feeds={"batch_norm_momentum": 0.5})
def image_classes_and_vector(is_training):
    images = tf.placeholder(tf.float32, [None, 4, 4, 3], name="images")
    attach_size(4, 4)
    momentum = tf.placeholder_with_default(0.75, [], name="batch_norm_momentum")
    features = normalize(tf.reduce_max(images, [1, 2]), is_training, momentum)
    logits = tf.layers.dense(features, 2)
    layers = {"MyNet/logits": logits, "MyNet/features": features}
    add_image_signatures(["image_classification", "default"], images, logits, momentum, **layers)
    add_image_signatures(["image_feature_vector"], images, features, momentum, **layers)


@module(seed=240, variants=MODES, feeds={"batch_norm_momentum": 0.5})
def image_vector_of_normalized_images(is_training):
    images = tf.placeholder(tf.float32, [None, 4, 4, 3], name="images")
    attach_size(4, 4)
    momentum = tf.placeholder_with_default(0.99, [], name="batch_norm_momentum")
    normalized = tf.layers.batch_normalization(images, momentum=momentum, training=is_training)
    features = tf.layers.dense(tf.reduce_max(normalized, [1, 2]), 4)
    features = tf.layers.batch_normalization(features, momentum=momentum, training=is_training)
    add_image_signatures(["image_feature_vector", "default"], images, features, momentum)


@module(seed=235, variants=MODES)
def text_vector_of_hashed_words(is_training):
    tokens = tf.placeholder(tf.string, [None], name="tokens")
    table = tf.get_variable("embeddings", [5, 3])
    vectors = tf.nn.embedding_lookup(table, tf.strings.to_hash_bucket_fast(tokens, 5))
    if is_training:
        vectors = vectors * 0.5
    hub.add_signature(inputs=tokens, outputs=vectors)


@module(seed=236, variants=MODES)
def text_vector_of_vocabulary(is_training):
    tokens = tf.placeholder(tf.string, [None], name="tokens")
    words = tf.contrib.lookup.index_table_from_file(WORDS, num_oov_buckets=1)
    table = tf.get_variable("embeddings", [6, 4])
    vectors = tf.nn.embedding_lookup(table, words.lookup(tokens))
    hub.add_signature(inputs=tokens, outputs=normalize(vectors, is_training))


def encoder(is_training):
    """The inputs and outputs of a small encoder."""
    names = ["input_ids", "input_mask", "segment_ids"]
    inputs = {name: tf.placeholder(tf.int32, [None, None], name=name) for name in names}
    with tf.variable_scope("bert"):
        words = tf.get_variable("word_embeddings", [8, 4])
        segments = tf.get_variable("token_type_embeddings", [8, 4])
        y = tf.nn.embedding_lookup(words, inputs["input_ids"])
        y = y + tf.nn.embedding_lookup(segments, inputs["segment_ids"])
        sequence_output = y * tf.expand_dims(tf.cast(inputs["input_mask"], tf.float32), 2)
        pooled_output = tf.layers.dense(sequence_output[:, 0], 4, activation=tf.tanh, name="pooler")
        if is_training:
            pooled_output = pooled_output * 0.5
    return inputs, {"pooled_output": pooled_output, "sequence_output": sequence_output}, words


def add_tokenization_info():
    vocab_file = tf.constant(WORDS, name="vocab_file")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, vocab_file)
    outputs = {"vocab_file": vocab_file, "do_lower_case": tf.constant(True)}
    hub.add_signature("tokenization_info", inputs={}, outputs=outputs)


@module(seed=237, variants=MODES)
def bert_tokens(is_training):
    inputs, outputs, _ = encoder(is_training)
    hub.add_signature("tokens", inputs=inputs, outputs=outputs)


@module(
    seed=238,
    variants=MODES,
    left_out={step: "where the module is decides on the path" for step in ("use", "hub_load")},
)
def bert_tokens_with_vocabulary(is_training):
    inputs, outputs, _ = encoder(is_training)
    hub.add_signature("tokens", inputs=inputs, outputs=outputs)
    add_tokenization_info()


@module(seed=239, variants=MODES[::-1], feeds={"mlm_positions": [[0, 1], [1, 0], [2, 2]]})
def bert_with_masked_language_model(is_training):
    inputs, outputs, words = encoder(is_training)
    positions = tf.placeholder(tf.int32, [None, None], name="mlm_positions")
    rows = tf.batch_gather(outputs["sequence_output"], positions)
    logits = tf.matmul(tf.reshape(rows, [-1, 4]), words, transpose_b=True)
    hub.add_signature("tokens", inputs=inputs, outputs=outputs)
    hub.add_signature(
        "mlm", inputs=dict(inputs, mlm_positions=positions), outputs=dict(outputs, mlm_logits=logits)
    )
