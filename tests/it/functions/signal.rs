//! `tfhub::ops::signal`.

use tfhub::num_complex::Complex;
use tfhub::ops::signal::{self, FrameOptions, StftOptions, Window};
use tfhub::{GraphBuilder, Variable, init};

use super::{Table, calls};

const SIGNALS: [&str; 7] = [
    "[8]",
    "[2,8,8,8]",
    "[?,8]",
    "[3,?]",
    "[?,?,?]",
    "[2,0]",
    "?",
];

/// The variable `v`.
fn samples(g: &GraphBuilder) -> Variable<'_, f32> {
    g.get_variable("v")
        .shape([20])
        .initializer(init::zeros())
        .finish()
}

pub(super) fn table() -> Table {
    let mut table = Table::default();
    calls!(table, {
        "tf.signal.fft(x)" =
            |g, x: T| signal::fft(x), [Complex<f32>, Complex<f64>], SIGNALS;
        "tf.signal.ifft(x)" =
            |g, x: T| signal::ifft(x), [Complex<f32>, Complex<f64>], SIGNALS;
        "tf.signal.fft2d(x)" =
            |g, x: T| signal::fft2d(x), [Complex<f32>, Complex<f64>], SIGNALS;
        "tf.signal.ifft2d(x)" =
            |g, x: T| signal::ifft2d(x), [Complex<f32>, Complex<f64>], SIGNALS;
        "tf.signal.fft3d(x)" =
            |g, x: T| signal::fft3d(x), [Complex<f32>, Complex<f64>], SIGNALS;
        "tf.signal.ifft3d(x)" =
            |g, x: T| signal::ifft3d(x), [Complex<f32>, Complex<f64>], SIGNALS;
        "tf.signal.rfft(x)" =
            |g, x: T| signal::rfft(x, ()), [f32], SIGNALS;
        "tf.signal.rfft(x, [4])" =
            |g, x: T| signal::rfft(x, [4]), [f32], SIGNALS;
        "tf.signal.rfft(x, [16])" =
            |g, x: T| signal::rfft(x, [16]), [f32], SIGNALS;
        "tf.signal.irfft(x)" =
            |g, x: T| signal::irfft(x, ()), [Complex<f32>], SIGNALS;
        "tf.signal.irfft(x, [4])" =
            |g, x: T| signal::irfft(x, [4]), [Complex<f32>], SIGNALS;
        "tf.signal.irfft(x, [16])" =
            |g, x: T| signal::irfft(x, [16]), [Complex<f32>], SIGNALS;
        "tf.signal.rfft2d(x)" =
            |g, x: T| signal::rfft2d(x, ()), [f32], SIGNALS;
        "tf.signal.rfft2d(x, [4, 4])" =
            |g, x: T| signal::rfft2d(x, [4, 4]), [f32], SIGNALS;
        "tf.signal.rfft2d(x, [16, 16])" =
            |g, x: T| signal::rfft2d(x, [16, 16]), [f32], SIGNALS;
        "tf.signal.irfft2d(x)" =
            |g, x: T| signal::irfft2d(x, ()), [Complex<f32>], SIGNALS;
        "tf.signal.irfft2d(x, [4, 4])" =
            |g, x: T| signal::irfft2d(x, [4, 4]), [Complex<f32>], SIGNALS;
        "tf.signal.irfft2d(x, [16, 16])" =
            |g, x: T| signal::irfft2d(x, [16, 16]), [Complex<f32>], SIGNALS;
        "tf.signal.rfft3d(x)" =
            |g, x: T| signal::rfft3d(x, ()), [f32], SIGNALS;
        "tf.signal.rfft3d(x, [4, 4, 4])" =
            |g, x: T| signal::rfft3d(x, [4, 4, 4]), [f32], SIGNALS;
        "tf.signal.rfft3d(x, [16, 16, 16])" =
            |g, x: T| signal::rfft3d(x, [16, 16, 16]), [f32], SIGNALS;
        "tf.signal.irfft3d(x)" =
            |g, x: T| signal::irfft3d(x, ()), [Complex<f32>], SIGNALS;
        "tf.signal.irfft3d(x, [4, 4, 4])" =
            |g, x: T| signal::irfft3d(x, [4, 4, 4]), [Complex<f32>], SIGNALS;
        "tf.signal.irfft3d(x, [16, 16, 16])" =
            |g, x: T| signal::irfft3d(x, [16, 16, 16]), [Complex<f32>], SIGNALS;
        "tf.signal.hann_window(8)" = |g| signal::hann_window::<f32>(g, 8, ());
        "tf.signal.hann_window(1)" = |g| signal::hann_window::<f32>(g, 1, ());
        "tf.signal.hann_window(7, dtype=tf.float64)" = |g| signal::hann_window::<f64>(g, 7, ());
        "tf.signal.hann_window(7, periodic=False)" = |g| signal::hann_window::<f32>(g, 7, false);
        "tf.signal.hamming_window(8)" = |g| signal::hamming_window::<f32>(g, 8, ());
        "tf.signal.hamming_window(1)" = |g| signal::hamming_window::<f32>(g, 1, ());
        "tf.signal.hamming_window(7, dtype=tf.float64)" = |g| signal::hamming_window::<f64>(g, 7, ());
        "tf.signal.hamming_window(7, periodic=False)" = |g| signal::hamming_window::<f32>(g, 7, false);
        "tf.signal.frame(x, 8, 4)" =
            |g, x: T| signal::frame(x, 8, 4, ()), [f32, i32], ["[100]", "[2,?]", "[?,50]", "[?,?]", "?", "[3,2,20]", "[]"];
        "tf.signal.frame(x, 6, 4, pad_end=True)" =
            |g, x: T| signal::frame(x, 6, 4, FrameOptions::default().pad_end(true)), [f32, i32], ["[100]", "[2,?]", "[?,50]", "[?,?]", "?", "[3,2,20]", "[]"];
        "tf.signal.frame(x, 6, 4, pad_end=True, pad_value=3, axis=0)" =
            |g, x: T| signal::frame(x, 6, 4, FrameOptions::default().pad_end(true).pad_value(3.0).axis(0)), [f32, f64], ["[100]", "[2,?]", "[?,50]", "[?,?]", "?", "[3,2,20]", "[]"];
        "tf.signal.frame(x, 6, 4, axis=1)" =
            |g, x: T| signal::frame(x, 6, 4, FrameOptions::default().axis(1)), [f32], ["[100]", "[2,?]", "[?,50]", "[?,?]", "?", "[3,2,20]", "[]"];
        "tf.signal.frame(variable('v', [20]), 6, 4)" = |g| signal::frame(samples(g), 6, 4, ());
        "tf.signal.stft(x, 8, 4)" =
            |g, x: T| signal::stft(x, 8, 4, ()), [f32], ["[100]", "[2,?]", "[?,50]", "?"];
        "tf.signal.stft(x, 6, 4)" =
            |g, x: T| signal::stft(x, 6, 4, ()), [f32], ["[100]", "[2,?]", "[?,50]", "?"];
        "tf.signal.stft(x, 6, 4, fft_length=16, window_fn=tf.signal.hamming_window, pad_end=True)" =
            |g, x: T| signal::stft(x, 6, 4, StftOptions::default().fft_length(16).window(Some(Window::Hamming)).pad_end(true)), [f32], ["[100]", "[2,?]", "[?,50]", "?"];
        "tf.signal.stft(x, 6, 4, window_fn=None)" =
            |g, x: T| signal::stft(x, 6, 4, StftOptions::default().window(None)), [f32], ["[100]", "[2,?]", "[?,50]", "?"];
        "tf.signal.stft(variable('v', [20]), 8, 4)" = |g| signal::stft(samples(g), 8, 4, ());
    });
    table
}
