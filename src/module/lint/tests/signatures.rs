//! The rows of codes of common signatures.

use super::super::LintCode;
use super::modules::*;
use crate::dtype::ByteString;
use crate::module::image;
use crate::ops::{array, math};

pub(super) fn rows() -> Vec<Row> {
    use LintCode::*;

    vec![
        refused(
            G01,
            one(|g, _| {
                let images = image::images(g, [8, 8]);
                image::feature_vector(images, images);
            }),
            one(plain),
        ),
        found(
            G01,
            "image_feature_vector",
            one(|g, _| images(g, (None, 8, 8, 1), "net/all")),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G02,
            "image_classification",
            one(|g, dir| {
                plain(g, dir);
                let images = g.placeholder::<f32>((None, 8, 8, 3));
                let signature = g.signature("image_classification").input("images", images);
                signature.output("default", math::reduce_mean(images, [1, 2]));
            }),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G03,
            "image_feature_vector",
            one(|g, _| images(g, (None, None, None, 3), "net/all")),
            one(|g, _| {
                images(g, (None, None, None, 3), "net/all");
                g.attach_image_module_info([8, 8]);
            }),
        ),
        found(
            G03,
            "image_feature_vector",
            one(|g, _| {
                images(g, (None, 8, 8, 3), "net/all");
                g.attach_image_module_info([8, 9]);
            }),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G04,
            "image_feature_vector",
            one(|g, _| images(g, (None, 8, 8, 3), "all")),
            one(|g, _| images(g, (None, 8, 8, 3), "net/all")),
        ),
        found(
            G05,
            "default",
            one(|g, _| {
                let words = g.placeholder::<ByteString>((None,));
                g.default_signature(words, array::identity(words));
            }),
            one(|g, dir| embedded(g, &file(dir, "words.txt", "a\nb\n"), 2)),
        ),
        found(
            G06,
            "default",
            one(|g, _| {
                let x = g.placeholder::<f32>((8, 2));
                g.default_signature(x, -x);
            }),
            one(plain),
        ),
        found(
            G07,
            "default",
            one(|g, _| bert(g, None)),
            one(|g, dir| bert(g, Some(&file(dir, "vocab.txt", "[PAD]\n")))),
        ),
        found(
            G08,
            "image_feature_vector_with_bn_hparams",
            one(|g, _| hparams(g, (None,))),
            one(|g, _| hparams(g, ())),
        ),
        found(
            G09,
            "pool",
            one(|g, _| pooled(g, "NCHW")),
            one(|g, _| pooled(g, "NHWC")),
        ),
    ]
}
