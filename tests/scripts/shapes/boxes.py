"""Which boxes are kept where they overlap.

Left out: `CombinedNonMaxSuppression` with `pad_per_class` where just one of the size per class and the number of classes is known. TensorFlow then makes
a negative dimension.
"""

from shape_sweep import C, sweep

SCALAR = [None, []]
BOXES = [None, [None, None], [7, 4], [7, None]]
PER_BOX = [None, [None], [7]]


def build():
    sweep("NonMaxSuppression", BOXES, PER_BOX, [None, [], C(3)])
    sweep("NonMaxSuppressionV2", BOXES, PER_BOX, [None, [], C(3)], SCALAR)
    sweep("NonMaxSuppressionV3", BOXES, PER_BOX, [None, [], C(3)], SCALAR, SCALAR)
    sweep("NonMaxSuppressionWithOverlaps", [None, [7, 7]], PER_BOX, [None, [], C(3)], SCALAR, SCALAR)
    for pad in [False, True]:
        sweep("NonMaxSuppressionV4", BOXES, PER_BOX, [None, [], C(3)], SCALAR, SCALAR, pad_to_max_output_size=pad)
        sweep("NonMaxSuppressionV5", BOXES, PER_BOX, [None, [], C(3)], SCALAR, SCALAR, SCALAR,
              pad_to_max_output_size=pad)
    boxes = [None, [None, None, None, 4], [2, 9, 1, 4], [2, 9, 5, 4]]
    scores = [None, [None, None, None], [2, 9, 5]]
    for score in scores:
        classes = score is not None and score[2] is not None
        for per_class, total in [(C(3), C(7)), (C(3), C(50)), (None, C(7)), (None, None), (C(3), None)]:
            sweep("CombinedNonMaxSuppression", boxes, [score], [per_class], [total], [None, []], [None, []])
            if classes == (per_class is not None):
                sweep("CombinedNonMaxSuppression", boxes, [score], [per_class], [total], [[]], [[]],
                      pad_per_class=True)
