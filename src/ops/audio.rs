//! Sound as files hold it (`tf.audio`).

use crate::dtype::ByteString;
use crate::graph::Tensor;

options! {
    /// The number of samples and channels that [`decode_wav`] gives.
    ///
    /// ```
    /// use tfhub::ops::audio::{self, DecodeWavOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let file = g.placeholder::<tfhub::dtype::ByteString>(());
    /// let (samples, _rate) = audio::decode_wav(file, DecodeWavOptions::default().desired_channels(1));
    /// assert_eq!(samples.shape().to_string(), "[?, 1]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    DecodeWavOptions {
        /// The number of channels; that of the file by default.
        desired_channels: i64 = -1;
        /// The number of samples, cut off or filled up with zeros; that of the file by default.
        desired_samples: i64 = -1;
    }
}

functions! {
    /// The samples of a WAV file from -1 to 1, `[samples, channels]`, and how many there are in a second
    /// (`tf.audio.decode_wav`).
    ///
    /// ```
    /// use tfhub::ops::audio;
    /// # let g = tfhub::GraphBuilder::new();
    /// let file = g.placeholder::<tfhub::dtype::ByteString>(());
    /// let (samples, rate) = audio::decode_wav(file, ());
    /// assert_eq!((samples.shape().to_string(), rate.shape().to_string()), ("[?, ?]".into(), "[]".into()));
    /// # g.finish().unwrap();
    /// ```
    decode_wav "DecodeWav" (contents: ByteString | options: DecodeWavOptions) => (Tensor<'g, f32>, Tensor<'g, i32>)
        { "desired_channels" = options.desired_channels, "desired_samples" = options.desired_samples };
    /// Samples from -1 to 1, `[samples, channels]`, as a WAV file (`tf.audio.encode_wav`).
    encode_wav "EncodeWav" (audio: f32, sample_rate: i32) -> ByteString;
}
