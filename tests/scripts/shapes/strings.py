"""Ops on strings."""

import tensorflow as tf

from shape_sweep import C, sweep

ANY = [None, [], [None], [3], [None, 3], [2, 3]]
SCALAR = [None, []]
VECTOR = [None, [None], [3]]


def build():
    for op in ["DecodeBase64", "EncodeBase64", "StringLength", "StringLower", "StringStrip", "StringToNumber",
               "StringUpper", "UnicodeScript"]:
        sweep(op, ANY)
    sweep("AsString", ANY, T=tf.int32)
    sweep("StaticRegexFullMatch", ANY, pattern="a")
    sweep("StaticRegexReplace", ANY, pattern="a", rewrite="b")
    sweep("StringToHashBucket", ANY, num_buckets=5)
    sweep("StringToHashBucketFast", ANY, num_buckets=5)
    sweep("StringToHashBucketStrong", ANY, num_buckets=5, key=[1, 2])
    sweep("UnicodeTranscode", ANY, input_encoding="UTF-8", output_encoding="UTF-8")
    sweep("RegexFullMatch", ANY, SCALAR)
    sweep("RegexReplace", ANY, SCALAR, SCALAR)
    axes = [None, [], [2], C(0), C([0]), C([-1]), C([0, 1])]
    sweep("ReduceJoin", [[4, 5], None, [None, 5]], axes)
    sweep("ReduceJoin", [[4, 5], None, [None, 5]], axes, keep_dims=True)
    sweep("StringFormat", [[None], [[2, 3]]])
    pairs = [(None, None), ([], []), ([], [3]), ([], None), ([None], [3]), ([None, 2], [3, None]), ([2], None)]
    sweep("StringJoin", [list(pair) for pair in pairs] + [[[]], [[2], [], None, [None]]])
    sweep("StringNGrams", VECTOR, VECTOR + [[7]], separator="", ngram_widths=[1, 2], left_pad="", right_pad="",
          pad_width=0, preserve_short_sequences=False)
    sweep("StringSplit", VECTOR, SCALAR)
    sweep("StringSplitV2", VECTOR, SCALAR)
    for other in [[None, [], [None]], [[], [1, 3], None], [[None]], [[3]], [[2, 1]], [[None, 3]]]:
        for one in other:
            sweep("Substr", [[2, 3], None, [None, 1], []], [one], [one])
    for op in ["UnicodeDecode", "UnicodeDecodeWithOffsets"]:
        sweep(op, ANY + [[0, 3]], input_encoding="UTF-8")
    sweep("UnicodeEncode", VECTOR, VECTOR + [[1]], output_encoding="UTF-8")
    sweep("UnsortedSegmentJoin", [[3, 4], None, [None, 4], [None, None]], [[3], [], None, [None], [3, None], [3, 4]],
          [None, [], C(0), C(5)])
