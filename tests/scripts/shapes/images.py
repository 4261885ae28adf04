"""Ops on images and boxes."""

import tensorflow as tf

from shape_sweep import C, sweep

SCALAR = [None, []]
IMAGES = [None, [None, None, None, None], [2, 8, 9, 3], [None, 8, None, 1]]
SIZE = [None, [None], [2], C([5, 6]), C([5, -1])]
BOXES = [None, [None, None], [7, 4], [7, None]]
PER_BOX = [None, [None], [7]]


def build():
    batches = [None, [None] * 3, [8, 9, 3], [None, 8, 9, 3], [2, 2, 8, 9, 3]]
    sweep("AdjustContrastv2", batches, SCALAR)
    sweep("AdjustHue", batches, SCALAR)
    sweep("AdjustSaturation", batches, SCALAR)
    per_batch = [None, [None, None, None], [2, 5, 4]]
    sweep("DrawBoundingBoxes", IMAGES, per_batch)
    sweep("DrawBoundingBoxesV2", IMAGES, per_batch, [None, [2, 4]])
    colors = [None, [None], [3], [None, 3], [4, None], [2, 8, 9, 3]]
    sweep("HSVToRGB", colors)
    sweep("RGBToHSV", colors)
    sweep("CropAndResize", IMAGES, BOXES, PER_BOX, SIZE)
    sweep("CropAndResize", [[2, 8, 8, 3]], [[7, 4]], [None], SIZE)
    sweep("CropAndResizeGradBoxes", [None], IMAGES, BOXES, [None])
    sweep("CropAndResizeGradImage", [None, [7, 5, 6, 3]], BOXES, PER_BOX, [None, [4], C([1, 2, 3, 4]), C([1, -1, 3, 4])])
    for channels in [0, 1, 3]:
        for op in ["DecodeBmp", "DecodeJpeg", "DecodePng"]:
            sweep(op, SCALAR, channels=channels)
        sweep("DecodeAndCropJpeg", SCALAR, [None, [4], C([1, 2, 30, 40])], channels=channels)
    sweep("DecodePng", SCALAR, dtype=tf.uint16)
    sweep("DecodeGif", SCALAR)
    image = [None, [8, 9, 3], [None, None, 1]]
    sweep("EncodeJpeg", image)
    sweep("EncodeJpegVariableQuality", image, SCALAR)
    sweep("EncodePng", image)
    sweep("ExtractGlimpse", IMAGES, SIZE, [None, [None, None], [2, 2]])
    sweep("ExtractJpegShape", SCALAR)
    for op in ["ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor", "ResizeNearestNeighborGrad"]:
        sweep(op, IMAGES, SIZE)
    sweep("ScaleAndTranslate", IMAGES, SIZE, [None, [2]], [None, [2]])
    sweep("QuantizedResizeBilinear", IMAGES, SIZE, SCALAR, SCALAR, T=tf.float32)
    for op in ["ResizeBicubicGrad", "ResizeBilinearGrad"]:
        sweep(op, [None, [2, 5, 6, 3]], IMAGES)
    sweep("ScaleAndTranslateGrad", [None, [2, 5, 6, 3]], IMAGES, [None, [2]], [None, [2]])
    sweep("SampleDistortedBoundingBox", [None, [None], [3]], per_batch)
    sweep("SampleDistortedBoundingBoxV2", [None, [None], [3]], per_batch, SCALAR)

