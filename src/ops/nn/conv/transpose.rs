//! Transposed convolutions.

use super::super::{Padding, WindowSizes};
use super::{ConvOptions, Window, implicit};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Sizes};
use crate::ops::types::Float;

macro_rules! transposes {
    ($($(#[$doc:meta])* $function:ident $n:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, T: Float>(
            input: impl TensorLike<'g, T>,
            filter: impl Operand<'g, T>,
            output_shape: impl Into<Sizes<'g>>,
            strides: impl Into<WindowSizes>,
            padding: Padding,
            options: impl Into<ConvOptions>,
        ) -> Tensor<'g, T> {
            let args = [Arg::of(input), Arg::of(filter)];
            let output_shape = output_shape.into();
            let options = options.into().strides(strides);
            let (n, scope) = Nodes::in_scope(input.graph(), stringify!($function));
            let transposed = transpose(n.0, &scope, args, $n, output_shape, padding, &options);
            transposed.unwrap_or(AnyTensor::poison(n.0)).typed()
        }
    )*};
}

transposes! {
    /// The gradient of [`conv1d`](super::conv1d), often called a deconvolution (`tf.nn.conv1d_transpose`); `filter` is
    /// `[length, outputs, channels]`.
    conv1d_transpose Some(1);
    /// The gradient of [`conv2d`](super::conv2d), often called a deconvolution (`tf.nn.conv2d_transpose`); `filter` is
    /// `[height, width, outputs, channels]`.
    ///
    /// ```
    /// use tfhub::ops::{array, nn::{self, Padding}};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4, 4, 8));
    /// let filter = g.get_variable::<f32>("filter").shape([3, 3, 1, 8]).finish();
    /// let batch = array::index(array::shape::<i32, _>(x), 0);
    /// let y = nn::conv2d_transpose(x, filter, (batch, 8, 8, 1), 2, Padding::Same, ());
    /// assert_eq!(y.shape().to_string(), "[?, 8, 8, 1]");
    /// ```
    conv2d_transpose Some(2);
    /// The gradient of [`conv3d`](super::conv3d), often called a deconvolution (`tf.nn.conv3d_transpose`).
    conv3d_transpose Some(3);
    /// One of [`conv1d_transpose`], [`conv2d_transpose`] and [`conv3d_transpose`], by the length of `output_shape`
    /// (`tf.nn.conv_transpose`).
    conv_transpose None;
}

/// The nodes for `n` dimensions between batch and channels; if `None`, as many as the output shape has.
pub(crate) fn transpose<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    [input, filter]: [Arg<'g>; 2],
    n: Option<usize>,
    output_shape: Sizes<'g>,
    padding: Padding,
    options: &ConvOptions,
) -> Option<AnyTensor<'g>> {
    let nodes = Nodes(g);
    let n = n.or_else(|| output_shape.rank()?.checked_sub(2));
    let Some(n) = n.filter(|n| (1..=3).contains(n)) else {
        return nodes.refused(Rule::Shape, "expected an output shape of length 3, 4 or 5");
    };
    if !implicit(g, padding) {
        return None;
    }
    let window = Window::new(g, n, padding, options)?;
    let op = match n {
        3 => "Conv3DBackpropInputV2",
        _ => "Conv2DBackpropInput",
    };
    let conv = nodes.named(op, scope);
    if n > 1 {
        let conv = conv.input(output_shape.into_arg(nodes)).input(filter);
        return Some(window.node(conv.input(input)));
    }
    let at = options.data_format.first_spatial();
    let input = nodes.expand_dims(input, at);
    let filter = nodes.expand_dims(filter, 0);
    let [before, after] = output_shape.split_at(nodes, at as usize);
    let sizes = nodes.concat(vec![before, [1].into(), after], 0);
    let conv = conv.input(sizes).input(filter).input(input);
    Some(nodes.squeeze(window.of_images().node(conv), &[at.into()]))
}
