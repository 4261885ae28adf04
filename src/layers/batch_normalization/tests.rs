use super::{BatchNormalization, RenormClipping, batch_normalization};
use crate::graph::{GraphBuilder, keys};
use crate::shape::Shape;

type Make = for<'g> fn(&'g GraphBuilder) -> BatchNormalization<'g>;

/// The message about a layer on inputs of a shape, which is at the line that applies it.
fn fault(shape: impl Into<Shape>, make: Make) -> String {
    let g = GraphBuilder::new();
    make(&g).apply(g.placeholder::<f32>(shape));
    let error = g.finish().unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    let (place, message) = error.split_once(": ").unwrap();
    let (file, _line) = place.rsplit_once(':').unwrap();
    assert_eq!(file, "src/layers/batch_normalization/tests.rs", "{error}");
    message.to_owned()
}

#[test]
fn inputs_have_a_known_rank_and_a_known_size_along_the_axis() {
    for shape in [Shape::unknown(), Shape::from((None, 4, 4, None))] {
        let expected = format!(
            "B05: Placeholder \"Placeholder:0\": batch_normalization needs inputs of a known rank and of known sizes along \
             the axes that it does not normalize along, their shape is {shape}"
        );
        assert_eq!(fault(&shape, |_| batch_normalization()), expected);
    }
}

#[test]
fn axes_are_dimensions_of_the_inputs() {
    let cases: [(Make, &str); 4] = [
        (
            |_| batch_normalization().axis(4),
            "axis 4 is none of inputs of rank 4",
        ),
        (
            |_| batch_normalization().axis(-5),
            "axis -5 is none of inputs of rank 4",
        ),
        (
            |_| batch_normalization().axis([3, -1]),
            "dimension 3 is named twice as an axis",
        ),
        (
            |_| batch_normalization().axis(()),
            "batch_normalization needs an axis",
        ),
    ];
    for (make, expected) in cases {
        let expected = format!("B05: Placeholder \"Placeholder:0\": {expected}");
        assert_eq!(fault((None, 4, 4, 3), make), expected);
    }
}

#[test]
fn momentums_and_bounds_are_scalars() {
    let cases: [(Make, &str); 4] = [
        (
            |g| batch_normalization().momentum(g.placeholder::<f32>((3,))),
            "momentum must be a scalar, its shape is [3]",
        ),
        (
            |g| batch_normalization().renorm_momentum(g.placeholder::<f32>((None, 1))),
            "renorm_momentum must be a scalar, its shape is [?, 1]",
        ),
        (
            |g| {
                let bound = g.placeholder::<f32>((2,));
                batch_normalization().renorm_clipping(RenormClipping::default().rmax(bound))
            },
            "rmax must be a scalar, its shape is [2]",
        ),
        (
            |g| {
                let bound = g.placeholder::<f32>((2,));
                batch_normalization().renorm_clipping(RenormClipping::default().dmax(bound))
            },
            "dmax must be a scalar, its shape is [2]",
        ),
    ];
    for (make, expected) in cases {
        let expected = format!("B05: Placeholder \"Placeholder_1:0\": {expected}");
        assert_eq!(fault((None, 3), make), expected);
    }
}

#[test]
fn virtual_batches_are_parts_of_a_batch() {
    let cases: [(Shape, Make, &str); 4] = [
        (
            (None, 3).into(),
            |_| batch_normalization().virtual_batch_size(0),
            "virtual_batch_size must be positive",
        ),
        (
            (4, 3).into(),
            |_| batch_normalization().axis(0).virtual_batch_size(2),
            "the axis cannot be 0 with virtual_batch_size",
        ),
        (
            (4, 3).into(),
            |g| {
                let one = g.constant([1f32; 3]);
                let layer = batch_normalization().virtual_batch_size(2);
                layer.adjustment(move |_| (one, one))
            },
            "virtual_batch_size and adjustment exclude each other",
        ),
        (
            (None, None, 3).into(),
            |_| batch_normalization().virtual_batch_size(2),
            "virtual_batch_size needs to know all sizes but the first, the shape is [?, ?, 3]",
        ),
    ];
    for (shape, make, expected) in cases {
        let expected = format!("B05: Placeholder \"Placeholder:0\": {expected}");
        assert_eq!(fault(&shape, make), expected);
    }
}

#[test]
fn renormalization_needs_to_know_the_first_deviation() {
    let layer: Make = |_| {
        let layer = batch_normalization().renorm(true);
        layer.moving_variance_initializer(None)
    };
    let expected =
        "B05: Placeholder \"Placeholder:0\": renorm needs an initializer of the moving variance";
    assert_eq!(fault((None, 3), layer), expected);
}

/// In Python, the dtype is none of those of the op.
#[test]
fn one_op_normalizes_no_double_precision() {
    let g = GraphBuilder::new();
    batch_normalization().apply(g.placeholder::<f64>((None, 4, 4, 3)));
    let error = g.finish().unwrap_err().to_string();
    let expected = "B05: Placeholder \"Placeholder:0\": images of float64 are normalized by several ops; say `fused(false)`";
    assert!(error.ends_with(expected), "{error}");
}

/// In Python, such inputs are incompatible with the layer.
#[test]
fn a_layer_takes_only_inputs_of_one_rank() {
    let g = GraphBuilder::new();
    let layer = batch_normalization().layer();
    layer.apply(g.placeholder::<f32>((None, 3)));
    layer.apply(g.placeholder::<f32>((None, 4, 3)));
    drop(layer);
    let error = g.finish().unwrap_err().to_string();
    let expected = "the layer's variables are for inputs of rank 2, their shape is [?, 4, 3]";
    assert!(error.ends_with(expected), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

/// As in Python, where such a layer has no updates.
#[test]
fn a_layer_that_is_not_trained_has_no_update_ops() {
    for (trainable, expected) in [(true, 2), (false, 0)] {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((None, 3));
        batch_normalization()
            .training(true)
            .trainable(trainable)
            .apply(x);
        let graph = g.finish().unwrap();
        assert_eq!(graph.collections().get(keys::UPDATE_OPS).len(), expected);
        let trained = graph.collections().get(keys::TRAINABLE_VARIABLES).len();
        assert_eq!(trained, expected);
    }
}

/// The reads of a variable that is normalized are those that Python makes of a resource variable.
#[test]
fn a_variable_is_read_where_it_is_used() {
    let reads = |shape: &[usize]| {
        let g = GraphBuilder::new();
        let v = g.get_variable::<f32>("v").shape(shape).finish();
        batch_normalization().training(true).apply(v);
        let text = g.finish().unwrap().to_text();
        let reads = text
            .lines()
            .filter(|line| line.contains("ReadVariableOp(v)"));
        reads
            .map(|line| line.split(" = ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let layer = "batch_normalization";
    let expected = [
        "v/Read/ReadVariableOp".to_owned(),
        format!("{layer}/moments/mean/ReadVariableOp"),
        format!("{layer}/moments/SquaredDifference/ReadVariableOp"),
        format!("{layer}/batchnorm/ReadVariableOp"),
    ];
    assert_eq!(reads(&[4, 3]), expected);
    let expected = [
        "v/Read/ReadVariableOp".to_owned(),
        format!("{layer}/ReadVariableOp"),
    ];
    assert_eq!(reads(&[2, 4, 4, 3]), expected);
}
