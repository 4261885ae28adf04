//! Nodes and faults of initializers.

use super::*;

/// The nodes of `lambda shape, dtype, partition_info=None: tf.random_uniform(shape, dtype=dtype) * 2.0` as an
/// initializer in TensorFlow 1.15.5.
#[test]
fn functions_make_initial_values() {
    let doubled = Initializer::from_fn(|g, shape, dtype| {
        let values = uniform_of(g, "random_uniform", dtype, shape, (0.0, 1.0), Some(7));
        (values.typed::<f32>() * 2.0).any()
    });
    let g = GraphBuilder::new();
    let v = g.get_variable::<f32>("v").shape([2]).initializer(doubled);
    v.finish();
    let graph = g.finish().unwrap();
    let initializer = graph
        .nodes()
        .iter()
        .filter(|node| node.name.contains("/Initializer/"));
    let names: Vec<_> = initializer
        .map(|node| (&*node.name, node.groups().len()))
        .collect();
    let expected = [
        "random_uniform/shape",
        "random_uniform/min",
        "random_uniform/max",
        "random_uniform/RandomUniform",
        "random_uniform/sub",
        "random_uniform/mul",
        "random_uniform",
        "mul/y",
        "mul",
    ];
    let expected = expected.map(|name| (format!("v/Initializer/{name}"), 1));
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, groups)| (name.as_str(), *groups))
        .collect();
    assert_eq!(names, expected);
}

#[test]
fn initial_values_have_the_dtype_and_shape_of_the_variable() {
    let doubles = Initializer::from_fn(|g, _, _| g.constant([1.0f64, 2.0]).any());
    let three = Initializer::from_fn(|g, _, _| g.constant([1.0f32; 3]).any());
    for (initializer, expected) in [
        (
            doubles,
            "expected an initial value of dtype float32, found float64",
        ),
        (three, "expected an initial value of shape [2], found [3]"),
    ] {
        let g = GraphBuilder::new();
        g.get_variable::<f32>("v")
            .shape([2])
            .initializer(initializer)
            .finish();
        let error = g.finish().unwrap_err();
        assert_eq!(error.diagnostics()[0].message(), expected, "{error}");
        assert_eq!(error.diagnostics().len(), 1, "{error}");
    }
}

#[test]
fn an_initializer_is_named_as_its_author_wrote_it() {
    for (initializer, name) in [
        (glorot_uniform(), "glorot_uniform"),
        (he_normal().seed(1), "he_normal"),
        (random_normal(0.0, 1.0), "random_normal"),
        (constant(1.0), "constant"),
    ] {
        let g = GraphBuilder::new();
        let v = g.get_variable::<crate::dtype::ByteString>("v").shape([2]);
        v.initializer(initializer).finish();
        let error = g.finish().unwrap_err().to_string();
        let expected = format!("the initializer {name} cannot make values of dtype string");
        assert!(error.ends_with(&expected), "{error}");
    }
}
