"""Convolutions, dilations and pooling."""

import itertools

import tensorflow as tf

from shapes.elementwise import attempt

raw = tf.raw_ops
IMAGES = [None, [None, None, None, 3], [2, 9, 10, 4], [2, 4, None, 12], [None, 8, 8, None]]
FILTERS = [None, [3, 2, 2, 8], [None, 2, 4, 6], [1, 1, 4, None]]


def images(dtype=tf.float32):
    return [tf.placeholder(dtype, shape) for shape in IMAGES]


def flat_convolutions():
    filters = [tf.placeholder(tf.float32, shape) for shape in FILTERS]
    for x, f, padding, form in itertools.product(images(), filters, ["SAME", "VALID"], ["NHWC", "NCHW"]):
        strides, dilations = ([1, 2, 3, 1], [1, 2, 1, 1]) if form == "NHWC" else ([1, 1, 2, 3], [1, 1, 2, 1])
        how = dict(strides=strides, padding=padding, data_format=form)
        attempt(raw.Conv2D, input=x, filter=f, dilations=dilations, **how)
        if form == "NHWC":
            attempt(raw.DepthwiseConv2dNative, input=x, filter=f, dilations=dilations, **how)
    for x, f in itertools.product(images(), filters):
        how = dict(padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 3, 0, 0, 0])
        attempt(raw.Conv2D, input=x, filter=f, strides=[1, 2, 1, 1], **how)
    dims = tf.placeholder(tf.int32, [None])
    for sizes in [[2, 3, 4, 5], dims, tf.placeholder(tf.int32)]:
        how = dict(strides=[1, 1, 1, 1], padding="SAME", out_backprop=tf.placeholder(tf.float32))
        for op in ["Conv2D", "DepthwiseConv2dNative"]:
            getattr(raw, op + "BackpropInput")(input_sizes=sizes, filter=filters[1], **how)
            getattr(raw, op + "BackpropFilter")(input=images()[1], filter_sizes=sizes, **how)


def deep_convolutions():
    inputs = [tf.placeholder(tf.float32, shape) for shape in (None, [None, 9, 10, None, 4], [2, 4, 9, 10, 11])]
    filters = [tf.placeholder(tf.float32, shape) for shape in (None, [3, 3, 2, 4, 8], [1, None, 2, None, 8])]
    for x, f, padding, form in itertools.product(inputs, filters, ["SAME", "VALID"], ["NDHWC", "NCDHW"]):
        strides = [1, 2, 3, 1, 1] if form == "NDHWC" else [1, 1, 2, 3, 1]
        attempt(raw.Conv3D, input=x, filter=f, strides=strides, padding=padding, data_format=form)
    for x, padding, form in itertools.product(inputs, ["SAME", "VALID"], ["NDHWC", "NCDHW"]):
        how = dict(ksize=[1, 3, 2, 2, 1], strides=[1, 2, 3, 1, 1], padding=padding, data_format=form)
        attempt(raw.AvgPool3D, input=x, **how)
        attempt(raw.MaxPool3D, input=x, **how)
        attempt(raw.MaxPool3DGrad, orig_input=x, orig_output=inputs[0], grad=inputs[0], **how)
        attempt(raw.MaxPool3DGradGrad, orig_input=x, orig_output=inputs[0], grad=x, **how)
    for sizes in [[2, 3, 4, 5, 6], tf.placeholder(tf.int32, [None])]:
        how = dict(strides=[1, 1, 1, 1, 1], padding="SAME")
        raw.Conv3DBackpropInputV2(input_sizes=sizes, filter=filters[1], out_backprop=inputs[0], **how)
        raw.Conv3DBackpropFilterV2(input=inputs[1], filter_sizes=sizes, out_backprop=inputs[0], **how)
        raw.AvgPool3DGrad(orig_input_shape=tf.cast(sizes, tf.int32), grad=inputs[0], ksize=[1, 1, 1, 1, 1], **how)


def dilations():
    filters = [tf.placeholder(tf.float32, shape) for shape in (None, [2, 2, 4], [None, 2, 3], [3, 2, None])]
    for x, f, padding in itertools.product(images(), filters, ["SAME", "VALID"]):
        how = dict(strides=[1, 2, 1, 1], rates=[1, 2, 1, 1], padding=padding)
        attempt(raw.Dilation2D, input=x, filter=f, **how)
    how.update(input=images()[1], filter=filters[1], out_backprop=images()[0])
    raw.Dilation2DBackpropInput(**how)
    raw.Dilation2DBackpropFilter(**how)


def pools():
    for x, padding, form in itertools.product(images(), ["SAME", "VALID"], ["NHWC", "NCHW"]):
        ksize, strides = ([1, 3, 2, 1], [1, 2, 3, 1]) if form == "NHWC" else ([1, 1, 3, 2], [1, 1, 2, 3])
        how = dict(ksize=ksize, strides=strides, padding=padding)
        placed = dict(how, data_format=form)
        attempt(raw.AvgPool, value=x, **placed)
        attempt(raw.MaxPool, input=x, **placed)
        attempt(raw.MaxPoolV2, input=x, **placed)
        attempt(raw.MaxPoolV2, input=x, **dict(placed, ksize=tf.placeholder(tf.int32)))
        attempt(raw.MaxPoolGrad, orig_input=x, orig_output=x, grad=x, **placed)
        y = tf.placeholder(tf.float32)
        if padding == "SAME":
            attempt(raw.MaxPoolGradV2, orig_input=x, orig_output=x, grad=x, **placed)
            continue
        attempt(raw.MaxPoolGradGrad, orig_input=x, orig_output=y, grad=x, **placed)
        attempt(raw.MaxPoolGradGradV2, orig_input=x, orig_output=y, grad=x, **placed)
        if form == "NHWC":
            _, argmax = attempt(raw.MaxPoolWithArgmax, input=x, **how) or (None, tf.placeholder(tf.int64))
            attempt(raw.MaxPoolGradWithArgmax, input=x, grad=y, argmax=argmax, **how)
            attempt(raw.MaxPoolGradGradWithArgmax, input=x, grad=x, argmax=argmax, **how)
    raw.MaxPool(input=images()[3], ksize=[1, 1, 1, 4], strides=[1, 1, 1, 4], padding="SAME")
    grouped = tf.placeholder(tf.qint8, [2, 3, 8, None, 4])
    raw.MaxPool(input=grouped, ksize=[1, 1, 2, 2], strides=[1, 1, 2, 2], padding="VALID", data_format="NCHW_VECT_C")
    for sizes in [[2, 3, 4, 5], tf.placeholder(tf.int32, [None])]:
        how = dict(ksize=[1, 1, 1, 1], strides=[1, 1, 1, 1], padding="SAME")
        raw.AvgPoolGrad(orig_input_shape=tf.cast(sizes, tf.int32), grad=y, **how)
    ratio = [1.0, 1.44, 1.73, 1.0]
    for x in images():
        raw.FractionalAvgPool(value=x, pooling_ratio=ratio)
        _, rows, columns = raw.FractionalMaxPool(value=x, pooling_ratio=ratio)
        how = dict(out_backprop=y, row_pooling_sequence=rows, col_pooling_sequence=columns)
        raw.FractionalMaxPoolGrad(orig_input=x, orig_output=y, **how)
    for sizes in [[2, 3, 4, 5], tf.placeholder(tf.int64, [None])]:
        raw.FractionalAvgPoolGrad(orig_input_tensor_shape=tf.cast(sizes, tf.int64), **how)


def fused():
    filters = [tf.placeholder(tf.float32, shape) for shape in (None, [3, 2, 4, 8])]
    pads = [tf.constant([[0, 0], [1, 2], [3, 4], [0, 0]]), tf.placeholder(tf.int32, [4, 2])]
    for x, f, paddings, padding in itertools.product(images(), filters, pads, ["SAME", "VALID"]):
        how = dict(input=x, paddings=paddings, filter=f, mode="REFLECT", strides=[1, 2, 1, 1], padding=padding)
        attempt(raw.FusedPadConv2D, **how)
        for size in [[20, 30], tf.placeholder(tf.int32, [2])]:
            attempt(raw.FusedResizeAndPadConv2D, size=size, **how)


def build():
    flat_convolutions()
