//! Inputs and options that convolutions, pooling, flatten and dropout refuse; names and variables of layers that are used
//! again.

use crate::graph::{GraphBuilder, Tensor};
use crate::layers;
use crate::ops::nn::{DataFormat, Padding};
use crate::shape::Shape;

type Apply = for<'g> fn(Tensor<'g, f32>) -> Tensor<'g, f32>;

/// The message about a layer on inputs of a shape, which is at the line that applies it.
fn fault(shape: &Shape, apply: Apply) -> String {
    let g = GraphBuilder::new();
    apply(g.placeholder(shape));
    let error = g.finish().unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    let (place, message) = error.split_once(": ").unwrap();
    let (file, _line) = place.rsplit_once(':').unwrap();
    assert_eq!(file, "src/layers/tests.rs", "{error}");
    message.to_owned()
}

/// In Python, the input is incompatible with the layer, or the channel dimension of the inputs should be defined.
#[test]
fn layers_need_inputs_of_their_rank_and_those_with_weights_known_channels() {
    let unknown = Shape::unknown();
    let of_rank_4 = Shape::from((None, 4, 4, None));
    let cases: [(Apply, &Shape, &str); 16] = [
        (
            |x| layers::conv1d(2, 1).apply(x),
            &of_rank_4,
            "conv1d needs inputs of rank 3 whose channels are known",
        ),
        (
            |x| layers::conv2d(2, 1).apply(x),
            &of_rank_4,
            "conv2d needs inputs of rank 4 whose channels are known",
        ),
        (
            |x| layers::conv2d(2, 1).apply(x),
            &unknown,
            "conv2d needs inputs of rank 4 whose channels are known",
        ),
        (
            |x| layers::conv3d(2, 1).apply(x),
            &of_rank_4,
            "conv3d needs inputs of rank 5 whose channels are known",
        ),
        (
            |x| layers::conv2d_transpose(2, 1).apply(x),
            &of_rank_4,
            "conv2d_transpose needs inputs of rank 4 whose channels are known",
        ),
        (
            |x| layers::conv3d_transpose(2, 1).apply(x),
            &of_rank_4,
            "conv3d_transpose needs inputs of rank 5 whose channels are known",
        ),
        (
            |x| layers::separable_conv1d(2, 1).apply(x),
            &of_rank_4,
            "separable_conv1d needs inputs of rank 3 whose channels are known",
        ),
        (
            |x| layers::separable_conv2d(2, 1).apply(x),
            &of_rank_4,
            "separable_conv2d needs inputs of rank 4 whose channels are known",
        ),
        (
            |x| layers::depthwise_conv2d(1).apply(x),
            &of_rank_4,
            "depthwise_conv2d needs inputs of rank 4 whose channels are known",
        ),
        (
            |x| layers::max_pooling1d(2, 2).apply(x),
            &of_rank_4,
            "max_pooling1d needs inputs of rank 3",
        ),
        (
            |x| layers::average_pooling2d(2, 2).apply(x),
            &unknown,
            "average_pooling2d needs inputs of rank 4",
        ),
        (
            |x| layers::max_pooling3d(2, 2).apply(x),
            &of_rank_4,
            "max_pooling3d needs inputs of rank 5",
        ),
        (
            |x| layers::global_average_pooling1d().apply(x),
            &of_rank_4,
            "global_average_pooling1d needs inputs of rank 3",
        ),
        (
            |x| layers::global_max_pooling2d().apply(x),
            &unknown,
            "global_max_pooling2d needs inputs of rank 4",
        ),
        (
            |x| layers::global_average_pooling3d().apply(x),
            &of_rank_4,
            "global_average_pooling3d needs inputs of rank 5",
        ),
        (
            |x| layers::flatten().apply(x),
            &unknown,
            "flatten needs inputs of rank 1 or more",
        ),
    ];
    for (apply, shape, needed) in cases {
        let expected =
            format!("B05: Placeholder \"Placeholder:0\": {needed}, their shape is {shape}");
        assert_eq!(fault(shape, apply), expected);
    }
}

#[test]
fn windows_have_one_number_or_one_for_each_dimension() {
    let sequences = Shape::from((None, 8, 3));
    let images = Shape::from((None, 8, 8, 3));
    let cases: [(Apply, &Shape, &str); 8] = [
        (
            |x| layers::conv1d(2, [3, 3]).apply(x),
            &sequences,
            "kernel_size: expected 1 number, found 2",
        ),
        (
            |x| layers::conv2d(2, [3, 3, 3]).apply(x),
            &images,
            "kernel_size: expected 1 or 2 numbers, found 3",
        ),
        (
            |x| layers::conv2d(2, -1).apply(x),
            &images,
            "kernel_size: expected numbers of at least 0, found -1",
        ),
        (
            |x| layers::conv2d(2, 3).strides([1, 2, 2, 1]).apply(x),
            &images,
            "strides: expected 1 or 2 numbers, found 4",
        ),
        (
            |x| layers::conv2d_transpose(2, 3).strides(0).apply(x),
            &images,
            "strides: expected numbers of at least 1, found 0",
        ),
        (
            |x| {
                layers::separable_conv2d(2, 3)
                    .dilation_rate([0, 1])
                    .apply(x)
            },
            &images,
            "dilation_rate: expected numbers of at least 1, found 0",
        ),
        (
            |x| layers::depthwise_conv2d([1, 2, 3]).apply(x),
            &images,
            "kernel_size: expected 1 or 2 numbers, found 3",
        ),
        (
            |x| layers::max_pooling2d([1, 2, 3], 1).apply(x),
            &images,
            "pool_size: expected 1 or 2 numbers, found 3",
        ),
    ];
    for (apply, shape, message) in cases {
        let expected = format!("B05: Placeholder \"Placeholder:0\": {message}");
        assert_eq!(fault(shape, apply), expected);
    }
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    const EXPLICIT: Padding = Padding::Explicit([[0, 0], [1, 1], [1, 1], [0, 0]]);
    let sequences = Shape::from((None, 8, 3));
    let images = Shape::from((None, 8, 8, 3));
    let cases: [(Apply, &Shape, &str); 6] = [
        (
            |x| layers::conv2d(2, 3).strides(2).dilation_rate(2).apply(x),
            &images,
            "strides above 1 are not supported together with dilations above 1",
        ),
        (
            |x| layers::conv1d(2, 3).padding(EXPLICIT).apply(x),
            &sequences,
            "explicit padding is for conv2d alone",
        ),
        (
            |x| {
                layers::conv2d(2, 3)
                    .padding(EXPLICIT)
                    .dilation_rate(2)
                    .apply(x)
            },
            &images,
            "explicit padding is for conv2d alone",
        ),
        (
            |x| layers::conv2d_transpose(2, 3).padding(EXPLICIT).apply(x),
            &images,
            "explicit padding is for conv2d alone",
        ),
        (
            |x| layers::max_pooling2d(0, 1).apply(x),
            &images,
            "the size of a window cannot be 0",
        ),
        (
            |x| layers::dropout(1.0).training(true).apply(x),
            &images,
            "expected a rate in [0, 1), found 1",
        ),
    ];
    for (apply, shape, message) in cases {
        assert!(
            fault(shape, apply).ends_with(message),
            "{}",
            fault(shape, apply)
        );
    }
}

/// `tf.layers.conv2d` takes the padding that `tf.nn.conv2d` takes.
#[test]
fn images_can_be_padded_explicitly() {
    let g = GraphBuilder::new();
    let padding = Padding::Explicit([[0, 0], [1, 2], [1, 1], [0, 0]]);
    let x = g.placeholder::<f32>((None, 8, 8, 3));
    let y = layers::conv2d(4, 3).padding(padding).apply(x);
    assert_eq!(y.shape().to_string(), "[?, 9, 8, 4]");
    g.finish().unwrap();
}

#[test]
fn a_layer_takes_only_channels_that_its_variables_are_for() {
    let expected =
        "the layer's variables are for inputs whose dimension -3 is 3, their shape is [?, 4, 8, 8]";
    let g = GraphBuilder::new();
    let layer = layers::conv2d(2, 1).data_format(DataFormat::Nchw).layer();
    layer.apply(g.placeholder::<f32>((None, 3, 8, 8)));
    layer.apply(g.placeholder::<f32>((None, None, 5, 5)));
    layer.apply(g.placeholder::<f32>((None, 4, 8, 8)));
    drop(layer);
    let error = g.finish().unwrap_err().to_string();
    assert!(error.ends_with(expected), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

/// As `tf.layers.conv2d(..., name="a")` twice.
#[test]
fn layers_of_one_name_share_variables_only_where_they_are_reused() {
    let g = GraphBuilder::new();
    let x = g.placeholder::<f32>((None, 4, 4, 2));
    let named = || layers::conv2d(2, 1).name("a");
    named().apply(named().apply(x));
    let error = g.finish().unwrap_err().to_string();
    let expected =
        "VarHandleOp \"a/kernel\": the variable exists already, first at src/layers/tests.rs:";
    assert!(error.contains(expected), "{error}");
}

/// A variable as inputs is read by the op that takes it, as by the layers of TensorFlow 1.15.5.
#[test]
fn a_variable_is_read_where_it_is_taken() {
    let g = GraphBuilder::new();
    let v = g.get_variable::<f32>("v").shape([1, 8, 8, 3]).finish();
    layers::conv2d(4, 3).dilation_rate(2).apply(v);
    layers::conv2d(4, 3).apply(v);
    layers::max_pooling2d(2, 2).apply(v);
    layers::flatten().apply(v);
    layers::dropout(0.5).apply(v);
    layers::conv2d_transpose(4, 3).apply(v);
    layers::separable_conv2d(4, 3).apply(v);
    let text = g.finish().unwrap().to_text();
    for read in [
        "conv2d/SpaceToBatchND/ReadVariableOp",
        "conv2d_1/Conv2D/ReadVariableOp",
        "max_pooling2d/MaxPool/ReadVariableOp",
        "flatten/Reshape/ReadVariableOp",
        "dropout/Identity/ReadVariableOp",
        "conv2d_transpose/Shape/ReadVariableOp",
        "conv2d_transpose/conv2d_transpose/ReadVariableOp_1",
        "separable_conv2d/separable_conv2d/ReadVariableOp",
    ] {
        let node = format!("{read} = ReadVariableOp(v)");
        assert!(text.contains(&node), "{node}: {text}");
    }
}

/// The names that `tf.keras.layers` give: layers are counted in the whole graph, and each call has a scope of its own.
#[test]
fn layers_of_keras_are_counted_by_graph() {
    let g = GraphBuilder::new();
    let x = g.placeholder::<f32>((None, 8, 8, 3));
    let mean = || layers::global_average_pooling2d::<f32>();
    let layer = layers::global_max_pooling2d().layer();
    let made = [
        mean().apply(x),
        g.variable_scope("s", |_| mean().apply(x)),
        mean().name("q").apply(x),
        mean().name("q").apply(x),
        layer.apply(x),
        layer.apply(x),
    ];
    let names = made.map(|made| made.name());
    let expected = [
        "global_average_pooling2d/Mean:0",
        "s/global_average_pooling2d_1/Mean:0",
        "q/Mean:0",
        "q_1/Mean:0",
        "global_max_pooling2d/Max:0",
        "global_max_pooling2d_1/Max:0",
    ];
    assert_eq!(names, expected);
}
