//! Shapes of ops on sound.

use super::Outputs::Fixed;
use super::{Inference, Inferred, matrix, one, refuse, tensor, tensors};
use crate::graph::facts::{OpFacts, op, ranked};

pub(super) const TABLE: &[OpFacts] = &[
    op("AudioMicrofrontend", microfrontend),
    op("AudioSpectrogram", spectrogram),
    op("DecodeWav", decode_wav),
    ranked("EncodeWav", &[2, 0], Fixed(&[&[]])),
    op("Mfcc", mfcc),
];

fn decode_wav(i: &Inference<'_>) -> Inferred {
    let wanted = |attr| match i.int(attr) {
        -1 => Ok(None),
        value => match usize::try_from(value) {
            Ok(size) => Ok(Some(size)),
            Err(_) => refuse(format_args!(
                "{attr}: expected -1 or at least 0, found {value}"
            )),
        },
    };
    i.ranked(0, 0)?;
    let (samples, channels) = (wanted("desired_samples")?, wanted("desired_channels")?);
    tensors(&[&[samples, channels], &[]])
}

fn mfcc(i: &Inference<'_>) -> Inferred {
    i.ranked(1, 0)?;
    let spectrogram = i.ranked(0, 3)?;
    let count = i.size("dct_coefficient_count");
    one(tensor(&[spectrogram[0], spectrogram[1], count]))
}

/// A row for each place of the window, a column for each frequency of its transform.
fn spectrogram(i: &Inference<'_>) -> Inferred {
    let input = i.ranked(0, 2)?;
    let (Ok(window), Ok(stride @ 1..)) = (
        usize::try_from(i.int("window_size")),
        usize::try_from(i.int("stride")),
    ) else {
        return one(tensor(&[input[1], None, None]));
    };
    let rows = |len: usize| match len.checked_sub(window) {
        Some(rest) => 1 + rest / stride,
        None => 0,
    };
    let columns = window.checked_next_power_of_two();
    let columns = columns.map(|len| 1 + len / 2);
    let dims = [input[1], input[0].map(rows), columns];
    one(dims.into())
}

/// A row for each place of the window that is kept; none where the length is unknown, as TensorFlow has it.
fn microfrontend(i: &Inference<'_>) -> Inferred {
    let len = i.vector_len(0)?;
    let per_millisecond = i.int("sample_rate") / 1000;
    let window = i.int("window_size").saturating_mul(per_millisecond);
    let step = i.int("window_step").saturating_mul(per_millisecond);
    let stride = i.int("frame_stride");
    let features = (1i64.saturating_add(i.int("left_context")))
        .saturating_add(i.int("right_context"))
        .saturating_mul(i.int("num_channels"));
    let features = usize::try_from(features).ok();
    let rest = len.and_then(|len| i64::try_from(len).ok()?.checked_sub(window));
    let frames = match rest {
        Some(_) if step < 1 || stride < 1 => return one(matrix(None, features)),
        Some(rest @ 0..) => (rest / step) / stride + 1,
        _ => 0,
    };
    one(matrix(usize::try_from(frames).ok(), features))
}
