"""Ops on sound."""

import tensorflow as tf

from shape_sweep import sweep

SCALAR = [None, []]


def build():
    for window, stride in [(1, 1), (2, 2), (3, 2), (100, 30), (256, 128)]:
        sweep("AudioSpectrogram", [None, [None, None], [1000, 2], [11, None]], window_size=window, stride=stride)
    for channels in [-1, 0, 2]:
        for samples in [-1, 0, 16000]:
            sweep("DecodeWav", SCALAR, desired_channels=channels, desired_samples=samples)
    sweep("EncodeWav", [None, [None, None], [16000, 2]], SCALAR)
    sweep("Mfcc", [None, [None, None, None], [2, 98, 257]], SCALAR)
    sweep("Mfcc", [None, [None, None, 257], [2, 98, 257]], SCALAR, dct_coefficient_count=20)
    samples = [None, [None], [100], [400], [1000], [16000]]
    sweep("AudioMicrofrontend", samples)
    sweep("AudioMicrofrontend", samples, left_context=1, frame_stride=2)
    sweep("AudioMicrofrontend", samples, zero_padding=True, num_channels=7, out_type=tf.float32)
    sweep("AudioMicrofrontend", samples, window_step=7, frame_stride=3, sample_rate=22050, right_context=2)
