//! Sound as files hold it (`tf.audio`).

use super::TensorLike;
use super::nodes::function;
use crate::dtype::ByteString;
use crate::graph::Tensor;

/// How many samples and channels [`decode_wav_with`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeWavOptions {
    desired_channels: i64,
    desired_samples: i64,
}

impl Default for DecodeWavOptions {
    fn default() -> Self {
        DecodeWavOptions {
            desired_channels: -1,
            desired_samples: -1,
        }
    }
}

impl DecodeWavOptions {
    /// How many channels there are; those of the file by default.
    pub fn desired_channels(self, desired_channels: i64) -> Self {
        DecodeWavOptions {
            desired_channels,
            ..self
        }
    }

    /// How many samples there are, cut off or filled up with zeros; those of the file by default.
    pub fn desired_samples(self, desired_samples: i64) -> Self {
        DecodeWavOptions {
            desired_samples,
            ..self
        }
    }
}

/// The samples of a WAV file from -1 to 1, `[samples, channels]`, and how many there are in a second
/// (`tf.audio.decode_wav`).
///
/// ```
/// use tfhub::ops::audio;
/// # let g = tfhub::GraphBuilder::new();
/// let file = g.placeholder::<tfhub::dtype::ByteString>(());
/// let (samples, rate) = audio::decode_wav(file);
/// assert_eq!((samples.shape().to_string(), rate.shape().to_string()), ("[?, ?]".into(), "[]".into()));
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn decode_wav<'g>(
    contents: impl TensorLike<'g, ByteString>,
) -> (Tensor<'g, f32>, Tensor<'g, i32>) {
    decode_wav_with(contents, DecodeWavOptions::default())
}

/// [`decode_wav`] with a number of samples or channels.
#[track_caller]
pub fn decode_wav_with<'g>(
    contents: impl TensorLike<'g, ByteString>,
    options: DecodeWavOptions,
) -> (Tensor<'g, f32>, Tensor<'g, i32>) {
    let op = function(contents.graph(), "DecodeWav");
    let op = op.arg(contents);
    let op = op.attr("desired_channels", options.desired_channels);
    let op = op.attr("desired_samples", options.desired_samples);
    let decoded = op.finish();
    (decoded.output(0).typed(), decoded.output(1).typed())
}

functions! {
    /// Samples from -1 to 1, `[samples, channels]`, as a WAV file (`tf.audio.encode_wav`).
    encode_wav "EncodeWav" (audio: f32, sample_rate: i32) -> ByteString;
}
