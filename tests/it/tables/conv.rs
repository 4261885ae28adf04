//! Convolutions, pooling, flatten and dropout.

use tfhub::dtype::TensorType;
use tfhub::graph::AnyTensor;
use tfhub::layers;
use tfhub::ops::nn::{self, DataFormat, Padding, Scalar, WindowSizes};
use tfhub::ops::types::Float;
use tfhub::variable::Constraint;
use tfhub::{DType, Tensor};

use super::values::with_floats;
use super::{Step, Value};

impl Value {
    pub(super) fn window(&self) -> WindowSizes {
        match self {
            Value::List(sizes) => {
                let sizes: Vec<i32> = sizes.iter().map(|size| size.int() as i32).collect();
                WindowSizes::from(&sizes[..])
            }
            size => WindowSizes::from(size.int() as i32),
        }
    }

    /// The padding, that of `causal` without it.
    fn padding(&self) -> Padding {
        match self.word() {
            "same" => Padding::Same,
            "valid" | "causal" => Padding::Valid,
            other => panic!("no padding {other}"),
        }
    }

    fn data_format(&self) -> DataFormat {
        match self.word() {
            "channels_first" => DataFormat::Nchw,
            "channels_last" => DataFormat::Nhwc,
            other => panic!("no data format {other}"),
        }
    }

    fn constraint<T: Float>(&self) -> Constraint {
        match self {
            Value::Call(call) if call.name == "NonNeg" => Constraint::from_fn::<T>(|x| nn::relu(x)),
            other => panic!("no constraint {other:?}"),
        }
    }

    fn noise_shape(&self) -> Vec<Option<usize>> {
        self.shape().dims().unwrap().to_vec()
    }
}

/// Calls the setters that the options of a step name; each takes what a method of the value gives.
macro_rules! with_options {
    ($step:ident, $layer:expr; $($setter:ident: $kind:ident $(::<$t:ty>)?,)*) => {
        $step.options().fold($layer, |layer, (key, value)| match key {
            $(stringify!($setter) => layer.$setter(value.$kind$(::<$t>)?()),)*
            _ => $step.no_option(key),
        })
    };
}

/// The setters of a layer with one kernel.
macro_rules! with_kernel_options {
    ($step:ident, $layer:expr; $($more:tt)*) => {
        with_options! {
            $step, $layer;
            strides: window, padding: padding, data_format: data_format,
            activation: activation, use_bias: bool,
            kernel_initializer: initializer, kernel_regularizer: regularizer,
            kernel_constraint: constraint::<T>,
            bias_initializer: initializer, bias_regularizer: regularizer, bias_constraint: constraint::<T>,
            activity_regularizer: regularizer, trainable: bool, name: word, reuse: reuse,
            $($more)*
        }
    };
}

macro_rules! with_separable_options {
    ($step:ident, $layer:expr) => {
        with_options! {
            $step, $layer;
            strides: window, padding: padding, data_format: data_format, dilation_rate: window,
            depth_multiplier: size, activation: activation, use_bias: bool,
            depthwise_initializer: initializer, depthwise_regularizer: regularizer,
            depthwise_constraint: constraint::<T>,
            pointwise_initializer: initializer, pointwise_regularizer: regularizer,
            pointwise_constraint: constraint::<T>,
            bias_initializer: initializer, bias_regularizer: regularizer, bias_constraint: constraint::<T>,
            activity_regularizer: regularizer, trainable: bool, name: word, reuse: reuse,
        }
    };
}

macro_rules! with_depthwise_options {
    ($step:ident, $layer:expr) => {
        with_options! {
            $step, $layer;
            strides: window, padding: padding, data_format: data_format, dilation_rate: window,
            depth_multiplier: size, activation: activation, use_bias: bool,
            depthwise_initializer: initializer, depthwise_constraint: constraint::<T>,
            bias_initializer: initializer, bias_constraint: constraint::<T>, name: word,
        }
    };
}

/// The step or, for `apply_twice`, the class that it names, and the position of the layer's first argument.
fn called<'r>(step: &'r Step<'_, '_>) -> (&'r str, usize, bool) {
    match &*step.call.name {
        "apply_twice" => (step.argument(0).word(), 1, true),
        name => (name, 0, false),
    }
}

pub(super) fn apply<'g>(step: &Step<'_, 'g>, x: AnyTensor<'g>) -> Option<AnyTensor<'g>> {
    let dtype = x.dtype();
    if dtype == DType::Int32 {
        return of_integers(step, x.typed());
    }
    let (name, first, is_twice) = called(step);
    Some(with_floats!(x, |x: Tensor<T>| {
        let filters = || step.argument(first).size();
        let window = |at| step.argument(first + at).window();
        let is_causal = step
            .options()
            .any(|option| option == ("padding", &Value::Word("causal".into())));
        macro_rules! applied {
            ($layer:expr) => {{
                let layer = $layer;
                match is_twice {
                    true => {
                        let layer = layer.layer();
                        layer.apply(layer.apply(x)).any()
                    }
                    false => layer.apply(x).any(),
                }
            }};
        }
        macro_rules! pooled {
            ($function:ident) => {
                applied!(with_options! {
                    step, layers::$function(window(0), window(1));
                    padding: padding, data_format: data_format, name: word,
                })
            };
        }
        macro_rules! pooled_globally {
            ($function:ident) => {
                applied!(with_options! {
                    step, layers::$function(); data_format: data_format, name: word,
                })
            };
        }
        match name {
            "conv1d" | "Conv1D" => {
                let layer = layers::conv1d::<T>(filters(), window(1));
                let layer = with_kernel_options!(step, layer; dilation_rate: window,);
                applied!(if is_causal {
                    layer.causal_padding()
                } else {
                    layer
                })
            }
            "conv2d" | "Conv2D" => {
                let layer = layers::conv2d::<T>(filters(), window(1));
                applied!(with_kernel_options!(step, layer; dilation_rate: window,))
            }
            "conv3d" | "Conv3D" => {
                let layer = layers::conv3d::<T>(filters(), window(1));
                applied!(with_kernel_options!(step, layer; dilation_rate: window,))
            }
            "conv2d_transpose" | "Conv2DTranspose" => {
                let layer = layers::conv2d_transpose::<T>(filters(), window(1));
                applied!(with_kernel_options!(step, layer;))
            }
            "conv3d_transpose" | "Conv3DTranspose" => {
                let layer = layers::conv3d_transpose::<T>(filters(), window(1));
                applied!(with_kernel_options!(step, layer;))
            }
            "separable_conv1d" | "SeparableConv1D" => {
                let layer = layers::separable_conv1d::<T>(filters(), window(1));
                let layer = with_separable_options!(step, layer);
                applied!(if is_causal {
                    layer.causal_padding()
                } else {
                    layer
                })
            }
            "separable_conv2d" | "SeparableConv2D" => {
                let layer = layers::separable_conv2d::<T>(filters(), window(1));
                applied!(with_separable_options!(step, layer))
            }
            "keras.DepthwiseConv2D" => {
                let layer = layers::depthwise_conv2d::<T>(window(0));
                applied!(with_depthwise_options!(step, layer))
            }
            "max_pooling1d" => pooled!(max_pooling1d),
            "max_pooling2d" | "MaxPooling2D" => pooled!(max_pooling2d),
            "average_pooling1d" => pooled!(average_pooling1d),
            "average_pooling2d" => pooled!(average_pooling2d),
            "average_pooling3d" => pooled!(average_pooling3d),
            "max_pooling3d" => {
                let layer = layers::max_pooling3d(window(0), window(1));
                let layer = with_options! {
                    step, layer; padding: padding, data_format: data_format, name: word,
                };
                layer.apply(x.any().typed::<f32>()).any()
            }
            "keras.GlobalAveragePooling1D" => pooled_globally!(global_average_pooling1d),
            "keras.GlobalAveragePooling2D" => pooled_globally!(global_average_pooling2d),
            "keras.GlobalAveragePooling3D" => pooled_globally!(global_average_pooling3d),
            "keras.GlobalMaxPooling1D" => pooled_globally!(global_max_pooling1d),
            "keras.GlobalMaxPooling2D" => pooled_globally!(global_max_pooling2d),
            "keras.GlobalMaxPooling3D" => pooled_globally!(global_max_pooling3d),
            "flatten" => flattened(step, x).any(),
            "dropout" | "Dropout" => {
                let fed = step.options().find(|(key, _)| *key == "rate");
                let fed = fed.and_then(|(key, value)| step.place.fed(key, value));
                let rate = match (fed, step.call.arguments.get(first)) {
                    (Some(fed), _) => Scalar::from(fed.any().typed::<T>()),
                    (None, Some(rate)) => rate.float().into(),
                    (None, None) => 0.5.into(),
                };
                let layer = layers::dropout::<T>(rate);
                let layer = step.options().fold(layer, |layer, (key, value)| match key {
                    "rate" => layer,
                    "training" => layer.training(step.place.predicate(key, value)),
                    "noise_shape" => layer.noise_shape(value.noise_shape()),
                    "seed" => layer.seed(value.int()),
                    "name" => layer.name(value.word()),
                    _ => step.no_option(key),
                });
                applied!(layer)
            }
            _ => return None,
        }
    }))
}

/// The steps that take integers.
fn of_integers<'g>(step: &Step<'_, 'g>, x: Tensor<'g, i32>) -> Option<AnyTensor<'g>> {
    Some(match &*step.call.name {
        "flatten" => flattened(step, x).any(),
        "max_pooling2d" => {
            let [size, strides] = [0, 1].map(|at| step.argument(at).window());
            layers::max_pooling2d(size, strides).apply(x).any()
        }
        _ => return None,
    })
}

fn flattened<'g, T: TensorType>(step: &Step<'_, 'g>, x: Tensor<'g, T>) -> Tensor<'g, T> {
    let layer = with_options! {
        step, layers::flatten(); data_format: data_format, name: word,
    };
    layer.apply(x)
}
