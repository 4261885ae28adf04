//! Frames of signals.

use std::panic::Location;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Size};
use crate::ops::types::Number;
use crate::value::IntoTensorValue;

options! {
    /// The padding and the axis of [`frame`].
    ///
    /// ```
    /// use tfhub::ops::signal::{self, FrameOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let signals = g.placeholder::<f32>((100, None));
    /// let frames = signal::frame(signals, 8, 4, FrameOptions::default().pad_end(true).axis(0));
    /// assert_eq!(frames.shape().to_string(), "[25, 8, ?]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq)]
    FrameOptions {
        /// Whether frames that reach beyond the end are filled up; they are left out by default.
        pad_end: bool = false;
        /// The number that they are filled up with; it is 0 by default.
        pad_value: f64 = 0.0;
        /// The dimension that is cut; it is the last by default.
        axis: i32 = -1;
    }
}

/// Frames of a signal that overlap: one dimension becomes two, the frames and what is in them (`tf.signal.frame`).
///
/// A scalar, an axis that is out of range, and lengths below 1 are faults.
#[track_caller]
pub fn frame<'g, T: Number>(
    signal: impl TensorLike<'g, T>,
    frame_length: i32,
    frame_step: i32,
    options: impl Into<FrameOptions>,
) -> Tensor<'g, T> {
    let options = options.into();
    let (n, _scope) = Nodes::in_scope(signal.graph(), "frame");
    let signal = n.tensor(signal, "signal");
    let length =
        n.0.constant_named("frame_length", frame_length.into_tensor_value());
    let step =
        n.0.constant_named("frame_step", frame_step.into_tensor_value());
    let sizes = [(frame_length, length), (frame_step, step)];
    n.frames(signal, sizes, options).typed()
}

impl<'g> Nodes<'g> {
    /// The frames of a signal, inside the scope; lengths and steps are constants of the graph already.
    pub(super) fn frames(
        self,
        signal: AnyTensor<'g>,
        [(length, length_tensor), (step, step_tensor)]: [(i32, AnyTensor<'g>); 2],
        options: FrameOptions,
    ) -> AnyTensor<'g> {
        let g = self.0;
        let axis = g.constant_named("axis", options.axis.into_tensor_value());
        let shape = match frame_shape(signal, length, step, options) {
            Ok(shape) => shape,
            Err(message) => {
                g.report(Rule::Shape, message);
                return AnyTensor::poison(g);
            }
        };
        let rank = self.rank(signal);
        let axis = self.at(self.range(0, rank), axis);
        let mut sizes = self.shape(signal);
        let inner_rank = self.sub(self.sub(rank, 1), axis);
        let parts = Arg::List(vec![axis.into(), 1.into(), inner_rank.into()]);
        let parts = parts.convert(g, "packed", DType::Int32);
        let split = {
            let scope = g.open_inner_scope("split", Location::caller());
            let along = g.constant_named("split_dim", 0i32.into_tensor_value());
            let node = g.op("SplitV").name(&scope).input(sizes).input(parts);
            node.input(along).attr("num_split", 3i64).finish()
        };
        let (outer, inner) = (split.output(0), split.output(2));
        let mut samples = self.reshape(split.output(1), Vec::new());
        let outer_count = self.size(outer);
        let inner_count = self.size(inner);
        let negative = |x: AnyTensor<'g>| self.unary("Neg", x);
        let mut signal = signal;
        let count = if options.pad_end {
            let value = self.number("Const", signal.dtype(), options.pad_value);
            let count = negative(self.floordiv(negative(samples), step_tensor));
            let whole = self.add(length_tensor, self.mul(step_tensor, self.sub(count, 1)));
            let missing = self.maximum(0, self.sub(whole, samples));
            let zeros =
                |sizes: [Size<'g>; 2]| self.filled("zeros", 0.0, DType::Int32, sizes.into());
            let before = zeros([Size::Tensor(outer_count), 2.into()]);
            let after = zeros([Size::Tensor(inner_count), 2.into()]);
            let at_end = Arg::List(vec![Arg::List(vec![0.into(), missing.into()])]);
            let paddings = self.concat(vec![before.into(), at_end, after.into()], 0);
            let padded = self.op("PadV2").input(signal).input(paddings);
            signal = padded.input(value).output();
            sizes = self.shape(signal);
            samples = self.at(sizes, axis);
            count
        } else {
            let steps = self.floordiv(self.sub(samples, length_tensor), step_tensor);
            self.maximum(0, self.add(1, steps))
        };
        let part = {
            let _scope = g.open_inner_scope("gcd", Location::caller());
            self.number("Const", DType::Int32, gcd(length, step).into())
        };
        let per_frame = self.floordiv(length_tensor, part);
        let per_hop = self.floordiv(step_tensor, part);
        let part_count = self.floordiv(samples, part);
        let around = |middle: Vec<Arg<'g>>| {
            self.concat(vec![outer.into(), Arg::List(middle), inner.into()], 0)
        };
        let used = around(vec![self.mul(part_count, part).into()]);
        let parts_shape = around(vec![part_count.into(), part.into()]);
        let begin = self.zeros_like(sizes);
        let strides = self.ones_like(begin);
        let node = g.op("StridedSlice").input(signal).input(begin);
        let sliced = node.input(used).input(strides).output();
        let parts = self.reshape(sliced, parts_shape);
        let first = self.mul(self.range(0, count), per_hop);
        let first = self.reshape(first, Arg::List(vec![count.into(), 1.into()]));
        let within = self.range(0, per_frame);
        let within = self.reshape(within, Arg::List(vec![1.into(), per_frame.into()]));
        let gathered = self.gather(parts, self.add(first, within), axis);
        let frames = self.reshape(gathered, around(vec![count.into(), length_tensor.into()]));
        if let Some(shape) = shape {
            frames.set_shape(shape);
        }
        frames
    }
}

/// The shape of the frames as far as it is known, if the rank of the signal is known.
fn frame_shape(
    signal: AnyTensor<'_>,
    length: i32,
    step: i32,
    options: FrameOptions,
) -> Result<Option<Vec<Option<usize>>>, String> {
    if length < 1 || step < 1 {
        return Err(format!(
            "expected a length and a step of at least 1, found {length} and {step}"
        ));
    }
    let shape = signal.shape();
    let Some(dims) = shape.dims() else {
        return Ok(None);
    };
    let rank = dims.len() as i32;
    let axis = options.axis;
    if !(-rank..rank).contains(&axis) {
        return Err(format!("axis {axis} is out of range for the shape {shape}"));
    }
    let axis = (if axis < 0 { axis + rank } else { axis }) as usize;
    let (length, step) = (length as usize, step as usize);
    let count = dims[axis].map(|samples| match options.pad_end {
        true => samples.div_ceil(step),
        false => (samples + step).saturating_sub(length) / step,
    });
    let frames = [&dims[..axis], &[count, Some(length)], &dims[axis + 1..]];
    Ok(Some(frames.concat()))
}

fn gcd(a: i32, b: i32) -> i32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_common_divisor_is_found_in_either_order() {
        assert_eq!((gcd(12, 18), gcd(18, 12), gcd(7, 3)), (6, 6, 1));
    }
}
