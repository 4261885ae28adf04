//! `tfhub::ops::audio`.

use tfhub::dtype::ByteString;
use tfhub::ops::audio::{self, DecodeWavOptions};

use super::{Table, calls};

pub(super) fn table() -> Table {
    let mut table = Table::default();
    let options = DecodeWavOptions::default();
    calls!(table, {
        "tuple(tf.audio.decode_wav(f))" = |g, f: ByteString| audio::decode_wav(f, ()), [f32], ["[]", "?", "[2]"];
        "tuple(tf.audio.decode_wav(f, 2, 16000, name='speech'))" = |g, f: ByteString|
            g.named("speech", || audio::decode_wav(f, options.desired_channels(2).desired_samples(16000))), [f32], ["[]", "?"];
        "tuple(tf.audio.decode_wav(f, desired_samples=0))" = |g, f: ByteString|
            audio::decode_wav(f, options.desired_samples(0)), [f32], ["[]"];
        "tuple(tf.audio.decode_wav(f, desired_samples=-2))" = |g, f: ByteString|
            audio::decode_wav(f, options.desired_samples(-2)), [f32], ["[]"];
        "tf.audio.encode_wav(a, 44100)" = |g, a: f32| audio::encode_wav(a, 44100), [f32], ["[8,2]", "[?,?]", "?", "[8]"];
        "tf.audio.encode_wav(a, r, name='file')" = |g, a: f32, r: i32| g.named("file", || audio::encode_wav(a, r)), [f32], ["[8,2] []", "? ?", "[8,2] [1]"];
    });
    table
}
