use crate::graph::{GraphBuilder, Tensor};
use crate::layers::contrib;
use crate::ops::nn::DataFormat;
use crate::shape::Shape;
use crate::variable::Reuse;

type Apply = for<'g> fn(Tensor<'g, f32>);

/// The message about a layer on inputs of a shape, which is at the line that applies it.
fn fault(shape: impl Into<Shape>, apply: Apply) -> String {
    let g = GraphBuilder::new();
    apply(g.placeholder::<f32>(shape));
    let error = g.finish().unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    let (place, message) = error.split_once(": ").unwrap();
    let (file, _line) = place.rsplit_once(':').unwrap();
    assert_eq!(file, "src/layers/contrib/tests.rs", "{error}");
    let expected = "B05: Placeholder \"Placeholder:0\": ";
    message.strip_prefix(expected).unwrap_or(message).to_owned()
}

#[test]
fn batches_have_a_known_rank_and_known_channels() {
    let needs = "batch_norm needs inputs of a known rank of 2 or more and a known number of channels, their shape is";
    for shape in [
        Shape::unknown(),
        Shape::from((None,)),
        Shape::from((None, None)),
        Shape::from((None, 4, 4, None)),
    ] {
        let found = fault(&shape, |x| _ = contrib::batch_norm().apply(x));
        assert_eq!(found, format!("{needs} {shape}"));
    }
}

/// Python raises an error of the same kind.
#[test]
fn renormalization_goes_with_updates_in_their_collection() {
    let cases: [Apply; 3] = [
        |x| {
            _ = contrib::batch_norm()
                .renorm(true)
                .updates_collections(None)
                .apply(x)
        },
        |x| {
            _ = contrib::batch_norm()
                .renorm(true)
                .zero_debias_moving_mean(true)
                .apply(x)
        },
        |x| {
            let weights = x.graph().placeholder::<f32>((None,));
            let layer = contrib::batch_norm().renorm(true);
            _ = layer.batch_weights(weights).apply(x);
        },
    ];
    let expected =
        "goes with none of batch_weights, other updates_collections and zero_debias_moving_mean";
    for apply in cases {
        let found = fault((None, 4, 4, 3), apply);
        assert_eq!(found, format!("B07: renorm {expected}"));
    }
    // Python leaves the adjustment out without a word.
    let adjusted: Apply = |x| {
        let g = x.graph();
        let adjustment = move |_| (g.constant(1.0f32), g.constant(0.0f32));
        let layer = contrib::batch_norm().adjustment(adjustment);
        _ = layer.updates_collections(["updates"]).apply(x);
    };
    let found = fault((None, 4, 4, 3), adjusted);
    assert_eq!(found, format!("B07: adjustment {expected}"));
}

#[test]
fn layer_norm_needs_the_sizes_of_its_variables() {
    let cases: [(Shape, Apply, &str); 4] = [
        (
            Shape::unknown(),
            |x| _ = contrib::layer_norm().apply(x),
            "layer_norm needs inputs of a known rank",
        ),
        (
            (None, 3).into(),
            |x| _ = contrib::layer_norm().begin_norm_axis(2).apply(x),
            "begin_norm_axis 2 is no dimension of inputs of rank 2",
        ),
        (
            (None, 3).into(),
            |x| _ = contrib::layer_norm().begin_params_axis(-3).apply(x),
            "begin_params_axis -3 is no dimension of inputs of rank 2",
        ),
        (
            (None, None).into(),
            |x| _ = contrib::layer_norm().apply(x),
            "layer_norm needs to know the sizes of its inputs from dimension 1 on, their shape is [?, ?]",
        ),
    ];
    for (shape, apply, expected) in cases {
        assert_eq!(fault(&shape, apply), expected);
    }
}

#[test]
fn groups_divide_the_channels() {
    let cases: [(Shape, Apply, &str); 6] = [
        (
            Shape::unknown(),
            |x| _ = contrib::group_norm().apply(x),
            "group_norm needs inputs of a known rank",
        ),
        (
            (None, 4, 4, 6).into(),
            |x| _ = contrib::group_norm().groups(4).apply(x),
            "6 channels cannot be divided into 4 groups",
        ),
        (
            (None, 4, 4, 6).into(),
            |x| _ = contrib::group_norm().groups(0).apply(x),
            "6 channels cannot be divided into 0 groups",
        ),
        (
            (None, 4, 4, 6).into(),
            |x| _ = contrib::group_norm().channels_axis(4).apply(x),
            "channels_axis 4 is no dimension of inputs of rank 4",
        ),
        (
            (None, 4, 4, 6).into(),
            |x| {
                _ = contrib::group_norm()
                    .groups(3)
                    .reduction_axes([1, 3])
                    .apply(x)
            },
            "reduction axis 3 is that of the channels",
        ),
        (
            (None, None, 4, 6).into(),
            |x| _ = contrib::group_norm().groups(3).apply(x),
            "group_norm needs to know dimension 1 of its inputs, their shape is [?, ?, 4, 6]",
        ),
    ];
    for (shape, apply, expected) in cases {
        assert_eq!(fault(&shape, apply), expected);
    }
}

#[test]
fn instances_have_known_channels() {
    let needs = "instance_norm needs inputs of a known rank of 2 or more and a known number of channels, their shape is";
    for shape in [
        Shape::unknown(),
        Shape::from((3,)),
        Shape::from((None, None, 4, 4)),
    ] {
        let found = fault(&shape, |x| {
            _ = contrib::instance_norm()
                .data_format(DataFormat::Nchw)
                .apply(x);
        });
        assert_eq!(found, format!("{needs} {shape}"));
    }
}

#[test]
fn windows_fit_images_whose_channels_are_known() {
    let cases: [(Shape, Apply, &str); 4] = [
        (
            (None, 4, 3).into(),
            |x| _ = contrib::conv2d(2, 3).apply(x),
            "conv2d needs inputs of rank 4 whose channels are known, their shape is [?, 4, 3]",
        ),
        (
            (None, 4, 3).into(),
            |x| _ = contrib::separable_conv2d(None, 3).apply(x),
            "separable_conv2d needs inputs of rank 4 whose channels are known, their shape is [?, 4, 3]",
        ),
        (
            (None, 4, 4, 3).into(),
            |x| _ = contrib::separable_conv2d(None, [3, 3, 3]).apply(x),
            "kernel_size: expected 1 or 2 numbers, found 3",
        ),
        (
            (None, 4, 4, 3).into(),
            |x| _ = contrib::separable_conv2d(None, [3, -1]).apply(x),
            "kernel_size: expected numbers of at least 0, found -1",
        ),
    ];
    for (shape, apply, expected) in cases {
        assert_eq!(fault(&shape, apply), expected);
    }
}

/// As in Python, where a scope with a default name is a new one.
#[test]
fn variables_are_reused_in_a_scope_that_is_named() {
    let g = GraphBuilder::new();
    let x = g.placeholder::<f32>((None, 3));
    contrib::fully_connected(3).reuse(Reuse::Yes).apply(x);
    let error = g.finish().unwrap_err().to_string();
    let expected = "a scope with a default name is new, so its variables cannot be reused";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn weights_of_a_batch_are_a_vector_of_its_size() {
    let cases: [(Apply, &str); 3] = [
        (
            |x| {
                let weights = x.graph().placeholder::<f32>((None, 1));
                _ = contrib::batch_norm().batch_weights(weights).apply(x);
            },
            "expected shape [2], found [?, 1]",
        ),
        (
            |x| _ = contrib::batch_norm().batch_weights([1f32; 3]).apply(x),
            "expected shape [2], found [3]",
        ),
        (
            |x| _ = contrib::batch_norm().batch_weights(1i64).apply(x),
            "expected shape [2], found []",
        ),
    ];
    for (apply, expected) in cases {
        assert_eq!(
            fault((2, 4), apply),
            format!("B05: batch_weights: {expected}")
        );
    }
}

#[test]
fn variables_and_outputs_join_collections_of_any_name() {
    let g = GraphBuilder::new();
    let x = g.placeholder::<f32>((None, 3));
    let by_name = [("weights", vec!["mine", "mine"]), ("gamma", vec!["others"])];
    let y = contrib::fully_connected(4)
        .variables_collections(by_name.clone())
        .outputs_collections(["ends", "ends"])
        .apply(x);
    contrib::layer_norm()
        .variables_collections(by_name)
        .outputs_collections(["ends"])
        .apply(y);
    let graph = g.finish().unwrap();
    let sizes = ["mine", "others", "ends"].map(|key| graph.collections().get(key).len());
    assert_eq!(sizes, [1, 1, 2]);
}
