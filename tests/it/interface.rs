//! Whether modules can stand in for others, and whether feature columns take them.

use tfhub::dtype::ByteString;
use tfhub::module::{IntoModuleFnResult, image, text};
use tfhub::ops::array::ensure_shape;
use tfhub::ops::io;
use tfhub::{GraphBuilder, ModuleSpec, Shape, Tensor, layers};

fn module<R: IntoModuleFnResult>(build: impl FnOnce(&GraphBuilder) -> R) -> ModuleSpec {
    ModuleSpec::new(build).unwrap()
}

/// A tensor of which no shape is known.
fn any_shape(g: &GraphBuilder) -> Tensor<'_, f32> {
    io::parse_tensor(g.constant("tensor"))
}

#[track_caller]
fn expect(own: &ModuleSpec, other: &ModuleSpec, expected: &[&str]) {
    let found = own.incompatibilities_with(other);
    assert_eq!(found.is_empty(), own.is_drop_in_replacement_for(other));
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_replacement_takes_no_less_and_gives_no_more_shapes() {
    let input = |shape: Shape| {
        module(|g| {
            let x = g.placeholder::<f32>(shape);
            let y = g.constant(1f32);
            g.signature("default").input("x", x).output("default", y);
        })
    };
    let output = |shape: Shape| {
        module(|g| {
            let y = ensure_shape(any_shape(g), shape);
            g.signature("default").output("default", y);
        })
    };
    let shapes: [Shape; 4] = [
        Shape::unknown(),
        (None, None).into(),
        (None, 3).into(),
        (8, 3).into(),
    ];
    for (wide, wider) in shapes.iter().enumerate() {
        for (narrow, narrower) in shapes.iter().enumerate() {
            let accepts = input(wider.clone()).is_drop_in_replacement_for(&input(narrower.clone()));
            assert_eq!(accepts, wide <= narrow, "{wider} {narrower}");
            let gives = output(narrower.clone()).is_drop_in_replacement_for(&output(wider.clone()));
            assert_eq!(gives, wide <= narrow, "{wider} {narrower}");
        }
    }
}

#[test]
fn what_a_consumer_does_not_find_is_named() {
    let published = ModuleSpec::with_modes(|g, _| {
        let x = g.placeholder::<f32>((None, 3));
        let y = layers::dense(2).apply(x);
        let hidden = y * 2.0;
        g.signature("default")
            .input("x", x)
            .output("default", y)
            .output("hidden", hidden);
        g.signature("other").input("x", x).output("default", y);
    });
    let published = published.unwrap();
    expect(&published, &published, &[]);
    let own = module(|g| {
        let x = g.placeholder::<f64>((None, 3));
        let scale = g.placeholder::<f64>(());
        let y = layers::dense(2).apply(x * scale);
        g.signature("default")
            .input("x", x)
            .input("scale", scale)
            .output("default", y);
        g.signature("more")
            .input("x", x)
            .input("scale", scale)
            .output("default", y);
    });
    expect(
        &own,
        &published,
        &[
            "variant {}: signature \"default\": input \"x\" is float64 [?, 3], expected float32 [?, 3] or more",
            "variant {}: signature \"default\": the input \"scale\" is fed by nobody",
            "variant {}: signature \"default\": output \"default\" is float64 [?, 2], expected float32 [?, 2]",
            "variant {}: signature \"default\": there is no output \"hidden\"",
            "variant {}: signature \"other\": there is no such signature",
            "variant {train}: there is no such variant",
        ],
    );
    let sparse = module(|g| {
        let x = g.sparse_placeholder::<f32>((None, 3));
        g.signature("default").input("x", x).output("default", x);
    });
    let dense = module(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.signature("default").input("x", x).output("default", x);
    });
    expect(
        &sparse,
        &dense,
        &[
            "variant {}: signature \"default\": input \"x\" is float32 [?, ?] in parts, expected float32 [?, 3] or more",
            "variant {}: signature \"default\": output \"default\" is float32 [?, ?] in parts, expected float32 [?, 3]",
        ],
    );
}

/// A module from text of a shape to vectors of another.
fn embedding(text: impl Into<Shape>, vectors: impl Into<Shape>) -> ModuleSpec {
    let (text, vectors) = (text.into(), vectors.into());
    module(|g| {
        let x = g.placeholder::<ByteString>(text);
        g.default_signature(x, ensure_shape(any_shape(g), vectors));
    })
}

#[test]
fn a_text_column_takes_batches_of_strings_to_vectors() {
    let good = module(|g| {
        let x = g.placeholder::<ByteString>((None,));
        text::embedding(x, ensure_shape(any_shape(g), (None, 4)));
    });
    assert_eq!(good.text_column_faults(), [""; 0]);
    let cases: [(ModuleSpec, &[&str]); 4] = [
        (
            embedding((None, 1), (None, 4)),
            &["input \"default\" is string [?, 1], expected string [?]"],
        ),
        (
            embedding((None,), (8, 4)),
            &["output \"default\" is float32 [8, 4], expected float32 [?, n] of a known n"],
        ),
        (
            embedding((8,), (None, None)),
            &[
                "input \"default\" is string [8], expected string [?]",
                "output \"default\" is float32 [?, ?], expected float32 [?, n] of a known n",
            ],
        ),
        (
            module(|g| {
                let x = g.placeholder::<f32>((None, 4));
                g.signature("other").input("x", x).output("default", x);
            }),
            &["there is no signature \"default\""],
        ),
    ];
    for (spec, expected) in cases {
        assert_eq!(spec.text_column_faults(), expected);
    }
}

#[test]
fn an_image_column_takes_images_of_a_known_size_to_vectors() {
    let images = |shape: Shape, size: Option<[usize; 2]>, key: &'static str| {
        module(|g| {
            let x = g.placeholder::<f32>(shape);
            if let Some(size) = size {
                g.attach_image_module_info(size);
            }
            let vectors = ensure_shape(any_shape(g), (None, 4));
            g.signature("default")
                .input(key, x)
                .output("default", vectors);
        })
    };
    let any: Shape = (None, None, None, 3).into();
    let known: Shape = (None, 8, 9, 3).into();
    for good in [
        images(any.clone(), Some([8, 9]), "images"),
        images(known.clone(), None, "images"),
        module(|g| {
            let images = image::images(g, [8, 9]);
            image::feature_vector(images, ensure_shape(any_shape(g), (None, 4)));
        }),
    ] {
        assert_eq!(good.image_column_faults(), [""; 0]);
    }
    let [no_size] = &images(any, None, "images").image_column_faults()[..] else {
        panic!("one fault");
    };
    assert!(no_size.contains("[?, ?, ?, 3]"), "{no_size}");
    assert_eq!(
        images(known, None, "x").image_column_faults(),
        ["the inputs are \"x\" of float32 [?, 8, 9, 3], expected one input \"images\" of float32"]
    );
}
