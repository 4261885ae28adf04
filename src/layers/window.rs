//! The window of convolutions and pooling: its size, strides, dilations and padding, and the place of the channels.

use super::base::Sizes;
use crate::ops::nn::{ConvOptions, DataFormat, Padding, WindowSizes};
use crate::ops::nodes::{Arg, Nodes};
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// A window of `N` dimensions over inputs that have a batch and channels besides.
#[derive(Debug, Clone)]
pub(super) struct Window<const N: usize> {
    pub(super) size: WindowSizes,
    pub(super) strides: WindowSizes,
    pub(super) dilation_rate: WindowSizes,
    pub(super) padding: Padding,
    /// Whether inputs of sequences are padded at their beginning, and nowhere else.
    pub(super) is_causal: bool,
    pub(super) format: DataFormat,
}

impl<const N: usize> Window<N> {
    pub(super) fn new(size: WindowSizes) -> Self {
        Window {
            size,
            strides: WindowSizes::default(),
            dilation_rate: WindowSizes::default(),
            padding: Padding::Valid,
            is_causal: false,
            format: DataFormat::default(),
        }
    }

    /// The fault of numbers that are too many, too few or too small; `size` is Python's name for the size.
    pub(super) fn fault(&self, size: &str) -> Option<String> {
        let options = [
            (size, &self.size, 0),
            ("strides", &self.strides, 1),
            ("dilation_rate", &self.dilation_rate, 1),
        ];
        options.into_iter().find_map(|(name, sizes, least)| {
            let numbers = sizes.numbers();
            if numbers.len() != 1 && numbers.len() != N {
                let expected = if N == 1 {
                    "1 number".into()
                } else {
                    format!("1 or {N} numbers")
                };
                return Some(format!(
                    "{name}: expected {expected}, found {}",
                    numbers.len()
                ));
            }
            let small = numbers.iter().find(|&&number| number < least)?;
            Some(format!(
                "{name}: expected numbers of at least {least}, found {small}"
            ))
        })
    }

    /// The size of the channels, which weights are made for, of inputs of the right rank.
    pub(super) fn channels(&self, inputs: &Shape) -> Option<Sizes> {
        let dims = inputs.dims().filter(|dims| dims.len() == N + 2)?;
        let from_last = match self.format {
            DataFormat::Nhwc => 0,
            DataFormat::Nchw => N,
        };
        Some(Sizes::from_iter([(from_last, dims[N + 1 - from_last])]))
    }

    /// The sizes of the window and two more, the shape of a kernel.
    pub(super) fn kernel(&self, [before_last, last]: [usize; 2]) -> Vec<usize> {
        let sizes = self.size.spatial(N);
        // `fault` has refused those below 0.
        let sizes = sizes.into_iter().map(|size| size as usize);
        sizes.chain([before_last, last]).collect()
    }

    /// The options of a convolution.
    pub(super) fn options(&self) -> ConvOptions {
        ConvOptions::default()
            .strides(self.strides.clone())
            .dilations(self.dilation_rate.clone())
            .data_format(self.format)
    }

    /// Sequences with zeros at their beginning if the window is causal; other inputs as they are.
    pub(super) fn padded<'g>(&self, n: Nodes<'g>, inputs: Arg<'g>) -> Arg<'g> {
        if !self.is_causal {
            return inputs;
        }
        let (size, rate) = (self.size.spatial(N)[0], self.dilation_rate.spatial(N)[0]);
        let before = rate.saturating_mul(size - 1);
        let mut paddings = vec![0; 6];
        paddings[2 * self.format.first_spatial() as usize] = before.try_into().unwrap_or(i32::MAX);
        let paddings = paddings.into_tensor_value().reshaped(&[3, 2]);
        n.pad(inputs, paddings).into()
    }
}

/// Functions that make definitions of convolutions, one for each number of dimensions.
macro_rules! convolutions {
    ($definition:ident: $($(#[$doc:meta])* $function:ident $n:literal;)*) => {$(
        $(#[$doc])*
        pub fn $function<'g, T: Float>(
            filters: usize,
            kernel_size: impl Into<$crate::ops::nn::WindowSizes>,
        ) -> $definition<'g, T, $n> {
            $definition::new(filters, kernel_size.into())
        }
    )*};
}

/// The items of a [`Kind`](super::base::Kind) that follow from its fields `base` and `window`.
macro_rules! convolution_kind {
    () => {
        fn base(&self) -> &$crate::layers::base::Base {
            &self.base
        }

        fn sizes(&self, inputs: &$crate::shape::Shape) -> Option<$crate::layers::base::Sizes> {
            self.window.channels(inputs)
        }

        fn fault(&self, _inputs: &$crate::shape::Shape) -> Option<String> {
            self.window.fault("kernel_size")
        }
    };
}

/// The setters of the options of a window; the definition's field `window` is a [`Window`].
macro_rules! window_setters {
    () => {
        /// The steps between windows, one number, or one for each dimension; 1 by default.
        pub fn strides(mut self, strides: impl Into<$crate::ops::nn::WindowSizes>) -> Self {
            self.window.strides = strides.into();
            self
        }

        $crate::layers::window::place_setters! {}
    };
}

/// The setters of padding and data format.
macro_rules! place_setters {
    () => {
        /// The treatment of the edges; [`Padding::Valid`](crate::ops::nn::Padding::Valid) by default.
        pub fn padding(mut self, padding: $crate::ops::nn::Padding) -> Self {
            self.window.padding = padding;
            self.window.is_causal = false;
            self
        }

        /// The place of the channels; last by default.
        pub fn data_format(mut self, data_format: $crate::ops::nn::DataFormat) -> Self {
            self.window.format = data_format;
            self
        }
    };
}

/// The setter of dilations.
macro_rules! dilation_setter {
    () => {
        /// The steps between the elements of a window, one number, or one for each dimension; 1 by default.
        pub fn dilation_rate(
            mut self,
            dilation_rate: impl Into<$crate::ops::nn::WindowSizes>,
        ) -> Self {
            self.window.dilation_rate = dilation_rate.into();
            self
        }
    };
}

/// The setter of the padding that only sequences have.
macro_rules! causal_setter {
    () => {
        /// Pads sequences with zeros at their beginning, so that an output depends on no later input
        /// (`padding="causal"`).
        pub fn causal_padding(mut self) -> Self {
            self.window.padding = $crate::ops::nn::Padding::Valid;
            self.window.is_causal = true;
            self
        }
    };
}

pub(super) use window_setters;
pub(super) use {causal_setter, convolution_kind, convolutions, dilation_setter, place_setters};
