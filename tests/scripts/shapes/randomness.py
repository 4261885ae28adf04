"""Random numbers and candidate sampling."""

import tensorflow as tf

raw = tf.raw_ops


def place(shape, dtype=tf.float32):
    return tf.placeholder(dtype, shape)


def numbers():
    any_ = place(None)
    seed, state = place(None, tf.int64), place([], tf.resource)
    algorithm = tf.constant(1, tf.int64)
    for shape in [[2, 3], [], place([2], tf.int32), place(None, tf.int32)]:
        shape = tf.constant(shape, tf.int32) if isinstance(shape, list) else shape
        for op in ["RandomStandardNormal", "RandomUniform", "TruncatedNormal"]:
            getattr(raw, op)(shape=shape, dtype=tf.float32)
        raw.RandomUniformInt(shape=shape, minval=0, maxval=9)
        raw.ParameterizedTruncatedNormal(shape=shape, means=0.0, stdevs=1.0, minvals=0.0, maxvals=1.0)
        raw.NonDeterministicInts(shape=shape)
        for parameter in [any_, place([None, 4]), place([])]:
            raw.RandomGamma(shape=shape, alpha=parameter)
            raw.RandomPoissonV2(shape=shape, rate=parameter)
        for op in ["StatelessRandomNormal", "StatelessRandomUniform", "StatelessTruncatedNormal"]:
            getattr(raw, op)(shape=shape, seed=seed)
        raw.StatelessRandomUniformInt(shape=shape, seed=[1, 2], minval=0, maxval=9)
        for op in ["StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniform"]:
            getattr(raw, op)(resource=state, algorithm=algorithm, shape=shape)
        raw.StatefulUniformFullInt(resource=state, algorithm=algorithm, shape=shape, dtype=tf.int64)
        raw.StatefulUniformInt(resource=state, algorithm=algorithm, shape=shape, minval=0, maxval=9)
        for parameter in [any_, place([4])]:
            raw.StatefulRandomBinomial(resource=state, algorithm=algorithm, shape=shape, counts=parameter, probs=any_)
    raw.RngSkip(resource=state, algorithm=algorithm, delta=algorithm)
    raw.RandomShuffle(value=place([None, 3]))
    for logits in [any_, place([None, 3])]:
        for count in [5, place([], tf.int32)]:
            raw.Multinomial(logits=logits, num_samples=count)
            raw.StatelessMultinomial(logits=logits, num_samples=count, seed=seed)


def candidates():
    for classes in [place(None, tf.int64), place([None, 2], tf.int64)]:
        how = dict(true_classes=classes, num_true=2, num_sampled=7, unique=True)
        sampled, _, _ = raw.AllCandidateSampler(**how)
        raw.FixedUnigramCandidateSampler(range_max=9, unigrams=[1.0] * 9, **how)
        for op in ["LearnedUnigram", "LogUniform", "ThreadUnsafeUnigram", "Uniform"]:
            getattr(raw, op + "CandidateSampler")(range_max=9, **how)
        raw.ComputeAccidentalHits(true_classes=classes, sampled_candidates=sampled, num_true=2)


def build():
    numbers()
    candidates()
