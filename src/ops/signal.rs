//! Fourier transforms, windows and frames of signals (`tf.signal`).

mod frames;

pub use frames::*;

use std::panic::Location;

use num_complex::Complex;

use super::nodes::{Arg, Nodes, Size, Slice, known_sizes};
use super::{OrDefault, TensorLike};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::types::{Complex as ComplexElement, Float};
use crate::value::IntoTensorValue;

functions! {
    /// The Fourier transform over the last dimension (`tf.signal.fft`).
    fft "FFT" <T: ComplexElement>(input: T) -> T;
    /// The Fourier transform over the last two dimensions (`tf.signal.fft2d`).
    fft2d "FFT2D" <T: ComplexElement>(input: T) -> T;
    /// The Fourier transform over the last three dimensions (`tf.signal.fft3d`).
    fft3d "FFT3D" <T: ComplexElement>(input: T) -> T;
    /// The inverse Fourier transform over the last dimension (`tf.signal.ifft`).
    ifft "IFFT" <T: ComplexElement>(input: T) -> T;
    /// The inverse Fourier transform over the last two dimensions (`tf.signal.ifft2d`).
    ifft2d "IFFT2D" <T: ComplexElement>(input: T) -> T;
    /// The inverse Fourier transform over the last three dimensions (`tf.signal.ifft3d`).
    ifft3d "IFFT3D" <T: ComplexElement>(input: T) -> T;
}

macro_rules! real_transforms {
    ($($(#[$doc:meta])* $name:ident $rank:literal $op:literal $from:ty => $to:ty;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g>(
            input: impl TensorLike<'g, $from>,
            fft_length: impl Into<OrDefault<[i32; $rank]>>,
        ) -> Tensor<'g, $to> {
            let length = fft_length.into().0.map(Length::from);
            let (n, scope) = Nodes::in_scope(input.graph(), stringify!($name));
            let input = n.tensor(input, "Const");
            n.real_transform($op, &scope, input, ($rank, length)).typed()
        }
    )*};
}

or_default! {
    [const N: usize] [i32; N];
}

real_transforms! {
    /// The Fourier transform of real numbers over the last dimension (`tf.signal.rfft`). A scalar is a fault.
    ///
    /// The input is filled up with zeros or cropped to another `fft_length`; `()` stands for that of the input.
    ///
    /// ```
    /// use tfhub::ops::signal;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 100));
    /// assert_eq!(signal::rfft(x, ()).shape().to_string(), "[?, 51]");
    /// assert_eq!(signal::rfft(x, [128]).shape().to_string(), "[?, 65]");
    /// ```
    rfft 1 "RFFT" f32 => Complex<f32>;
    /// The Fourier transform of real numbers over the last two dimensions (`tf.signal.rfft2d`). A rank below 2 is a fault.
    rfft2d 2 "RFFT2D" f32 => Complex<f32>;
    /// The Fourier transform of real numbers over the last three dimensions (`tf.signal.rfft3d`). A rank below 3 is a
    /// fault.
    rfft3d 3 "RFFT3D" f32 => Complex<f32>;
    /// The real numbers of which this is the Fourier transform, over the last dimension (`tf.signal.irfft`). A scalar is a
    /// fault.
    irfft 1 "IRFFT" Complex<f32> => f32;
    /// The real numbers of which this is the Fourier transform, over the last two dimensions (`tf.signal.irfft2d`). A rank
    /// below 2 is a fault.
    irfft2d 2 "IRFFT2D" Complex<f32> => f32;
    /// The real numbers of which this is the Fourier transform, over the last three dimensions (`tf.signal.irfft3d`). A
    /// rank below 3 is a fault.
    irfft3d 3 "IRFFT3D" Complex<f32> => f32;
}

/// A window that frames are multiplied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// That of [`hann_window`].
    #[default]
    Hann,
    /// That of [`hamming_window`].
    Hamming,
}

impl Window {
    /// The default name and the two weights.
    fn cosine(self) -> (&'static str, f64, f64) {
        match self {
            Window::Hann => ("hann_window", 0.5, 0.5),
            Window::Hamming => ("hamming_window", 0.54, 0.46),
        }
    }
}

macro_rules! windows {
    ($($(#[$doc:meta])* $name:ident $window:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: Float>(
            g: &'g GraphBuilder,
            window_length: i32,
            periodic: impl Into<OrDefault<bool>>,
        ) -> Tensor<'g, T> {
            let name = g.requested_name(Window::$window.cosine().0).into_owned();
            let (length, periodic) = ((window_length, None), periodic.into().0.unwrap_or(true));
            let _call = g.open_call(Location::caller());
            Nodes(g).window(Window::$window, &name, length, periodic, T::DTYPE).typed()
        }
    )*};
}

windows! {
    /// A Hann window, symmetric unless it is periodic, as by default (`tf.signal.hann_window`).
    hann_window Hann;
    /// A Hamming window, symmetric unless it is periodic, as by default (`tf.signal.hamming_window`).
    hamming_window Hamming;
}

options! {
    /// The window and the lengths of [`stft`].
    ///
    /// ```
    /// use tfhub::ops::signal::{self, StftOptions, Window};
    /// # let g = tfhub::GraphBuilder::new();
    /// let signals = g.placeholder::<f32>((None, 1000));
    /// let options = StftOptions::default().fft_length(512).window(Some(Window::Hamming));
    /// assert_eq!(signal::stft(signals, 400, 160, options).shape().to_string(), "[?, 4, 257]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    StftOptions {
        /// The length of the transform; it is the next power of two by default.
        fft_length: Option<i32> = None, i32 => Some(fft_length);
        /// The window, a Hann window by default; `None` for no window.
        window: Option<Window> = Some(Window::Hann);
        /// Whether frames that reach beyond the end are filled up with zeros; they are left out by default.
        pad_end: bool = false;
    }
}

/// The Fourier transforms of frames of a signal (`tf.signal.stft`).
///
/// A scalar and lengths below 1 are faults.
#[track_caller]
pub fn stft<'g>(
    signals: impl TensorLike<'g, f32>,
    frame_length: i32,
    frame_step: i32,
    options: impl Into<StftOptions>,
) -> Tensor<'g, Complex<f32>> {
    let options = options.into();
    let (n, _scope) = Nodes::in_scope(signals.graph(), "stft");
    let signals = n.tensor(signals, "signals");
    let constant = |name: &str, value: i32| n.0.constant_named(name, value.into_tensor_value());
    let length = constant("frame_length", frame_length);
    let step = constant("frame_step", frame_step);
    let (fft_size, fft_length) = match options.fft_length {
        Some(size) => (size, constant("fft_length", size)),
        None => {
            let size = frame_length.max(1).unsigned_abs().next_power_of_two();
            let size = i32::try_from(size).unwrap_or(i32::MAX);
            (size, constant("Const", size))
        }
    };
    let frames = FrameOptions::default().pad_end(options.pad_end);
    let sizes = [(frame_length, length), (frame_step, step)];
    let mut framed = {
        let _scope = n.0.open_inner_scope("frame", Location::caller());
        n.frames(signals, sizes, frames)
    };
    if let Some(window) = options.window {
        let (name, ..) = window.cosine();
        let length = (frame_length, Some(length));
        framed = n.mul(framed, n.window(window, name, length, true, DType::Float32));
    }
    let scope = n.0.open_inner_scope("rfft", Location::caller());
    let length = Length {
        known: Some(vec![fft_size]),
        value: Arg::List(vec![fft_length.into()]),
    };
    let transform = n.real_transform("RFFT", &scope, framed, (1, Some(length)));
    transform.typed()
}

/// The lengths of a transform, as far as they are known, and what they are in Python.
struct Length<'g> {
    known: Option<Vec<i32>>,
    value: Arg<'g>,
}

impl<const N: usize> From<[i32; N]> for Length<'_> {
    fn from(lengths: [i32; N]) -> Self {
        Length {
            known: Some(lengths.to_vec()),
            value: lengths.into(),
        }
    }
}

impl<'g> Nodes<'g> {
    /// A transform of real numbers or back inside its scope.
    fn real_transform(
        self,
        op: &str,
        scope: &str,
        input: AnyTensor<'g>,
        (rank, length): (usize, Option<Length<'g>>),
    ) -> AnyTensor<'g> {
        let g = self.0;
        let shape = input.shape();
        let back = op.starts_with('I');
        if shape.rank().is_some_and(|found| found < rank) {
            let message = format!("expected at least rank {rank}, found the shape {shape}");
            g.report(Rule::Shape, message);
            return AnyTensor::poison(g);
        }
        let (known, length) = match length {
            Some(Length { known, value }) => {
                let name = if matches!(value, Arg::List(_)) {
                    "packed"
                } else {
                    "Const"
                };
                (known, value.convert(g, name, DType::Int32))
            }
            None => match self.inferred_length(input, rank, back) {
                Some(length) => length,
                None => return AnyTensor::poison(g),
            },
        };
        let padded = self.padded(input, rank, (known, length), back);
        g.op(op).name(scope).input(padded).input(length).output()
    }

    /// The lengths that follow from the input's shape.
    fn inferred_length(
        self,
        input: AnyTensor<'g>,
        rank: usize,
        back: bool,
    ) -> Option<(Option<Vec<i32>>, AnyTensor<'g>)> {
        let g = self.0;
        let shape = input.shape();
        let last = shape.dims().map(|dims| &dims[dims.len() - rank..]);
        if let Some(mut sizes) = last.and_then(known_sizes) {
            if let (true, Some(size)) = (back, sizes.last_mut()) {
                *size = 0.max(2 * (*size - 1));
            }
            let length = Arg::from(sizes.clone()).convert(g, "Const", DType::Int32);
            return Some((Some(sizes), length));
        }
        let sizes = self.index(self.shape(input), [Slice::from(-(rank as i32))]);
        if !back {
            return Some((None, sizes));
        }
        if !sizes.shape().is_static() {
            g.report(
                Rule::Shape,
                "the rank must be known, or the length be given",
            );
            return None;
        }
        let mut lengths = Arg::tensors(&self.unstack(sizes, rank));
        if let Some(last) = lengths.pop() {
            let doubled = self.mul(2, self.sub(last, 1));
            lengths.push(self.maximum(0, doubled).into());
        }
        Some((None, self.stack(lengths)))
    }

    /// The input with zeros at its end where the transform is longer.
    fn padded(
        self,
        input: AnyTensor<'g>,
        rank: usize,
        (known, mut length): (Option<Vec<i32>>, AnyTensor<'g>),
        back: bool,
    ) -> AnyTensor<'g> {
        let shape = input.shape();
        let dims = shape.dims();
        if dims.is_some_and(|dims| dims.contains(&Some(0))) {
            return input;
        }
        if let (Some(mut wanted), Some(dims)) = (known, dims) {
            let (outer, inner) = dims.split_at(dims.len() - rank);
            if let Some(inner) = known_sizes(inner) {
                if let (true, Some(size)) = (back, wanted.last_mut()) {
                    *size = *size / 2 + 1;
                }
                let mut paddings = vec![0; 2 * outer.len()];
                for (wanted, found) in wanted.iter().zip(&inner) {
                    paddings.extend([0, 0.max(wanted - found)]);
                }
                if paddings.iter().all(|&size| size == 0) {
                    return input;
                }
                let value = paddings.into_tensor_value();
                return self.pad(input, value.reshaped(&[dims.len(), 2]));
            }
        }
        let rank = rank as i32;
        let input_rank = self.rank(input);
        let sizes = self.index(self.shape(input), [Slice::from(-rank)]);
        let outer = self.maximum(0, self.sub(input_rank, rank));
        let outer = self.filled("zeros", 0.0, DType::Int32, [Size::Tensor(outer)].into());
        if back {
            let first = self.index(length, [Slice::to(-1)]);
            let last = self.index(length, [Slice::from(-1)]);
            let last = self.add(self.floordiv(last, 2), 1);
            length = self.concat(vec![first.into(), last.into()], 0);
        }
        let missing = self.maximum(0, self.sub(length, sizes));
        let ends = self.concat(vec![outer.into(), missing.into()], 0);
        let starts = self.zeros_like(ends);
        let paddings = {
            let scope = self.0.open_inner_scope("stack", Location::caller());
            let node = self.0.op("Pack").name(&scope).inputs([starts, ends]);
            node.attr("axis", 1i64).output()
        };
        self.pad(input, paddings)
    }

    /// A raised cosine, of a length that may be a constant of the graph already.
    fn window(
        self,
        window: Window,
        name: &str,
        (length, tensor): (i32, Option<AnyTensor<'g>>),
        periodic: bool,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let g = self.0;
        let (_, a, b) = window.cosine();
        let _scope = g.open_inner_scope(name, Location::caller());
        let tensor =
            tensor.unwrap_or_else(|| g.constant_named("window_length", length.into_tensor_value()));
        if length == 1 {
            return self.filled("ones", 1.0, dtype, 1.into());
        }
        let periodic = g.constant_named("periodic", periodic.into_tensor_value());
        let periodic = self.cast(periodic, DType::Int32);
        let odd = self.binary("FloorMod", tensor, 2);
        let even = self.sub(1, odd);
        let more = self.mul(periodic, even);
        let divisor = self.cast(self.sub(self.add(tensor, more), 1), dtype);
        let count = self.cast(self.range(0, tensor), dtype);
        let turn = self.number("Const", dtype, std::f64::consts::TAU);
        let angle = self.truediv(self.mul(turn, count), divisor);
        self.sub(a, self.mul(b, self.unary("Cos", angle)))
    }
}
