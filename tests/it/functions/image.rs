//! `tfhub::ops::image`.

use half::f16;
use tfhub::dtype::ByteString;
use tfhub::ops::image::{
    self, AdjustGammaOptions, CombinedDetections, CropAndResizeOptions, DecodeJpegOptions,
    DistortedBoundingBox, DistortionOptions, EncodeJpegOptions, GlimpseOptions, ResizeMethod,
    ResizeOptions, SsimOptions, SuppressionOptions,
};
use tfhub::{GraphBuilder, Tensor, Variable, init};

use super::{Table, calls};

fn variable<'g>(g: &'g GraphBuilder, shape: &[usize]) -> Variable<'g, f32> {
    g.get_variable("v")
        .shape(shape.to_vec())
        .initializer(init::zeros())
        .finish()
}

fn boxes<'g, T: tfhub::Element>(
    b: DistortedBoundingBox<'g, T>,
) -> (Tensor<'g, T>, Tensor<'g, T>, Tensor<'g, f32>) {
    (b.begin, b.size, b.bboxes)
}

type Pair<'g, T, U> = (Tensor<'g, T>, Tensor<'g, U>);

fn detections(d: CombinedDetections<'_>) -> (Pair<'_, f32, f32>, Pair<'_, f32, i32>) {
    (
        (d.nmsed_boxes, d.nmsed_scores),
        (d.nmsed_classes, d.valid_detections),
    )
}

/// Images and batches with all, some and no sizes known, and what is none.
const IMAGES: [&str; 8] = [
    "[8,6,3]",
    "[?,?,3]",
    "[2,8,6,3]",
    "[?,?,?,?]",
    "?",
    "[8,6]",
    "[8,0,3]",
    "[?,0,6,3]",
];
/// Those of rank 3 or 4 for functions that know all ranks.
const COLORS: [&str; 6] = ["[8,6,3]", "[?,?,3]", "[2,8,6,3]", "[?,?,?,?]", "?", "[5,3]"];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    codecs(&mut table);
    colors(&mut table);
    adjustments(&mut table);
    parts(&mut table);
    sizes(&mut table);
    boxes_of_objects(&mut table);
    measures(&mut table);
    table
}

fn codecs(table: &mut Table) {
    let files = ["[]", "?"];
    calls!(table, {
        "tf.image.decode_jpeg(f)" = |g, f: ByteString| image::decode_jpeg(f, ()), [f32], ["[]", "?", "[2]"];
        "tf.image.decode_jpeg(f, channels=3, ratio=2, fancy_upscaling=False, try_recover_truncated=True, acceptable_fraction=0.5, dct_method='INTEGER_FAST')" =
            |g, f: ByteString| image::decode_jpeg(f, DecodeJpegOptions::default().channels(3).ratio(2)
                .fancy_upscaling(false).try_recover_truncated(true).acceptable_fraction(0.5).dct_method("INTEGER_FAST")), [f32], files;
        "tf.image.decode_jpeg(f, channels=-1)" = |g, f: ByteString|
            image::decode_jpeg(f, DecodeJpegOptions::default().channels(-1)), [f32], ["[]"];
        "tf.image.decode_jpeg(f, name='photo')" = |g, f: ByteString| g.named("photo", || image::decode_jpeg(f, ())), [f32], files;
        "tf.image.decode_and_crop_jpeg(f, [1, 2, 3, 4])" = |g, f: ByteString| image::decode_and_crop_jpeg(f, [1, 2, 3, 4], ()), [f32], files;
        "tf.image.decode_and_crop_jpeg(f, w, channels=1)" = |g, f: ByteString, w: i32|
            image::decode_and_crop_jpeg(f, w, DecodeJpegOptions::default().channels(1)), [f32], ["[] [4]", "? ?", "[] [?]"];
        "tf.image.decode_png(f)" = |g, f: ByteString| image::decode_png::<u8>(f, ()), [f32], files;
        "tf.image.decode_png(f, 4, tf.uint16)" = |g, f: ByteString| image::decode_png::<u16>(f, 4), [f32], ["[]", "?", "[1]"];
        "tf.image.decode_gif(f)" = |g, f: ByteString| image::decode_gif(f), [f32], files;
        "tf.image.decode_bmp(f)" = |g, f: ByteString| image::decode_bmp(f, ()), [f32], files;
        "tf.image.decode_bmp(f, channels=3)" = |g, f: ByteString| image::decode_bmp(f, 3), [f32], files;
        "tf.image.encode_jpeg(x)" = |g, x: u8| image::encode_jpeg(x, ()), [f32], ["[4,5,3]", "[?,?,1]", "?", "[4,5]"];
        "tf.image.encode_jpeg(x, 'rgb', 80, True, True, False, 'cm', 100, 200, 'meta')" = |g, x: u8|
            image::encode_jpeg(x, EncodeJpegOptions::default().format("rgb").quality(80).progressive(true).optimize_size(true)
                .chroma_downsampling(false).density_unit("cm").x_density(100).y_density(200).xmp_metadata("meta")), [f32], ["[4,5,3]"];
        "tf.image.encode_jpeg(x, 'blue')" = |g, x: u8|
            image::encode_jpeg(x, EncodeJpegOptions::default().format("blue")), [f32], ["[4,5,3]"];
        "tf.image.encode_png(x)" = |g, x: T| image::encode_png(x, ()), [u8, u16], ["[4,5,3]", "[?,?,1]", "?"];
        "tf.image.encode_png(x, compression=9)" = |g, x: T| image::encode_png(x, 9), [u8], ["[4,5,3]"];
        "tf.image.extract_jpeg_shape(f)" = |g, f: ByteString| image::extract_jpeg_shape::<i32>(f), [f32], files;
        "tf.image.extract_jpeg_shape(f, tf.int64)" = |g, f: ByteString| image::extract_jpeg_shape::<i64>(f), [f32], files;
        "tf.image.is_jpeg(f)" = |g, f: ByteString| image::is_jpeg(f), [f32], ["[]", "[3]", "?"];
        "tf.image.is_jpeg(f, name='test')" = |g, f: ByteString| g.named("test", || image::is_jpeg(f)), [f32], files;
    });
}

fn colors(table: &mut Table) {
    let shapes = ["[2,3]", "[?,3]", "?"];
    calls!(table, {
        "tf.image.convert_image_dtype(x, tf.float32)" = |g, x: T| image::convert_image_dtype::<f32, _>(x, ()),
            [f32, f64, f16, u8, i8, i16, u16, i32, i64], shapes;
        "tf.image.convert_image_dtype(x, tf.uint8)" = |g, x: T| image::convert_image_dtype::<u8, _>(x, ()),
            [f32, f64, f16, u8, i8, i16, u16, i32, i64], ["[2,3]", "?"];
        "tf.image.convert_image_dtype(x, tf.uint8, saturate=True)" = |g, x: T| image::convert_image_dtype::<u8, _>(x, true),
            [f32, f64, f16, u8, i8, i16, u16, i32, i64], ["[2,3]", "?"];
        "tf.image.convert_image_dtype(x, tf.int32, saturate=True)" = |g, x: T| image::convert_image_dtype::<i32, _>(x, true),
            [f32, f64, u8, i64], ["[2,3]"];
        "tf.image.convert_image_dtype(x, tf.int64)" = |g, x: T| image::convert_image_dtype::<i64, _>(x, ()), [f32, f64, u8, i32], ["[2,3]"];
        "tf.image.convert_image_dtype(x, tf.int64, saturate=True)" = |g, x: T| image::convert_image_dtype::<i64, _>(x, true), [f32, f64, u8, i32], ["[2,3]"];
        "tf.image.convert_image_dtype(x, tf.int16, saturate=True)" = |g, x: T| image::convert_image_dtype::<i16, _>(x, true), [f32, u16, u8, i64], ["[2,3]"];
        "tf.image.convert_image_dtype(x, tf.float16)" = |g, x: T| image::convert_image_dtype::<f16, _>(x, ()), [f32, u8, u16, i32], ["[2,3]"];
        "tf.image.convert_image_dtype(x, tf.float64)" = |g, x: T| image::convert_image_dtype::<f64, _>(x, ()), [f32, u8, i64], ["[2,3]"];
        "tf.image.convert_image_dtype(x, tf.uint8, name='y')" = |g, x: T|
            g.named("y", || image::convert_image_dtype::<u8, _>(x, ())), [f32, u8, i32, i8], ["[2,3]"];
        "tf.image.convert_image_dtype(variable('v', [2, 3]), tf.uint8)" = |g|
            image::convert_image_dtype::<u8, _>(variable(g, &[2, 3]), ());
        "tf.image.rgb_to_grayscale(x)" = |g, x: T| image::rgb_to_grayscale(x), [f32, u8], COLORS;
        "tf.image.rgb_to_grayscale(x, name='y')" = |g, x: T| g.named("y", || image::rgb_to_grayscale(x)), [f32, i32], ["[8,6,3]"];
        "tf.image.rgb_to_grayscale(x)" = |g, x: T| image::rgb_to_grayscale(x), [f64, f16], ["[8,6,3]", "[8,6,4]", "[3]"];
        "tf.image.grayscale_to_rgb(x)" = |g, x: T| image::grayscale_to_rgb(x), [f32, u8],
            ["[8,6,1]", "[?,?,1]", "[2,8,6,1]", "[?,?,?,?]", "?", "[5,1]", "[?,1]", "[8,6,3]", "[?,6,3]", "[4]"];
        "tf.image.grayscale_to_rgb(x, name='y')" = |g, x: T| g.named("y", || image::grayscale_to_rgb(x)), [f32], ["[8,6,1]", "?"];
        "tf.image.rgb_to_yiq(x)" = |g, x: T| image::rgb_to_yiq(x), [f32, f64, f16], COLORS;
        "tf.image.yiq_to_rgb(x)" = |g, x: T| image::yiq_to_rgb(x), [f32, f64], COLORS;
        "tf.image.rgb_to_yuv(x)" = |g, x: T| image::rgb_to_yuv(x), [f32, f64], COLORS;
        "tf.image.yuv_to_rgb(x)" = |g, x: T| image::yuv_to_rgb(x), [f32, f64], COLORS;
        "tf.image.yuv_to_rgb(x)" = |g, x: T| image::yuv_to_rgb(x), [f16], ["[3]", "[]", "[8,6,4]"];
        "tf.image.rgb_to_hsv(x)" = |g, x: T| image::rgb_to_hsv(x), [f32, f64], COLORS;
        "tf.image.hsv_to_rgb(x)" = |g, x: T| image::hsv_to_rgb(x), [f32, f16], COLORS;
        "tf.image.hsv_to_rgb(variable('v', [2, 3]), name='y')" = |g| {
            let v = variable(g, &[2, 3]);
            g.named("y", || image::hsv_to_rgb(v))
        };
    });
}

fn adjustments(table: &mut Table) {
    calls!(table, {
        "tf.image.per_image_standardization(x)" = |g, x: T| image::per_image_standardization(x), [f32, u8], IMAGES;
        "tf.image.per_image_standardization(x)" = |g, x: T| image::per_image_standardization(x), [f64, f16, i32], ["[8,6,3]", "?"];
        "tf.image.adjust_brightness(x, 0.5)" = |g, x: T| image::adjust_brightness(x, 0.5f32), [f32, f64, f16, u8, i32], ["[8,6,3]", "[?,?,3]", "?"];
        "tf.image.adjust_brightness(x, 1)" = |g, x: T| image::adjust_brightness(x, 1), [f32, u8], ["[8,6,3]"];
        "tf.image.adjust_brightness(x, d)" = |g, x: T, d: f32| image::adjust_brightness(x, d), [f32, f16, u8], ["[8,6,3] []", "? ?"];
        "tf.image.adjust_brightness(variable('v', [2, 2, 3]), 0.1)" = |g| image::adjust_brightness(variable(g, &[2, 2, 3]), 0.1f32);
        "tf.image.adjust_contrast(x, 2.0)" = |g, x: T| image::adjust_contrast(x, 2.0f32), [f32, f64, f16, u8, i32], ["[8,6,3]", "[?,?,3]", "?", "[4,4]"];
        "tf.image.adjust_contrast(x, c)" = |g, x: T, c: f32| image::adjust_contrast(x, c), [f32, u8], ["[8,6,3] []", "? ?", "[8,6,3] [1]"];
        "tf.image.adjust_gamma(x)" = |g, x: T| image::adjust_gamma(x, ()), [f32, f16, u8], ["[8,6,3]", "[?,?,3]", "?"];
        "tf.image.adjust_gamma(x, 0.5, 2.0)" = |g, x: T| image::adjust_gamma(x, AdjustGammaOptions::default().gamma(0.5).gain(2.0)), [f32, f64, i32], ["[8,6,3]"];
        "tf.image.adjust_gamma(x, -0.5)" = |g, x: T| image::adjust_gamma(x, -0.5), [f32], ["[8,6,3]"];
        "tf.image.adjust_gamma(x, gamma, gain)" = |g, x: T, gamma: f32, gain: f32| image::adjust_gamma(x, AdjustGammaOptions::default().gamma(gamma).gain(gain)), [f32, u8, f16],
            ["[8,6,3] [] []", "? ? ?"];
        "tf.image.adjust_hue(x, 0.1)" = |g, x: T| image::adjust_hue(x, 0.1), [f32, f64, f16, u8, i16], ["[8,6,3]", "[?,?,3]", "?", "[4,4]"];
        "tf.image.adjust_hue(x, d, name='y')" = |g, x: T, d: f32| g.named("y", || image::adjust_hue(x, d)), [f32, u8], ["[8,6,3] []", "? ?"];
        "tf.image.adjust_saturation(x, 0.1)" = |g, x: T| image::adjust_saturation(x, 0.1), [f32, f64, f16, u8, i16], ["[8,6,3]", "[?,?,3]", "?", "[4,4]"];
        "tf.image.adjust_saturation(x, d)" = |g, x: T, d: f32| image::adjust_saturation(x, d), [f32, u8], ["[8,6,3] []", "? ?"];
        "tf.image.adjust_jpeg_quality(x, 50)" = |g, x: T| image::adjust_jpeg_quality(x, 50), [f32, u8, i32], ["[8,6,3]", "[?,?,3]", "?", "[4,4]"];
        "tf.image.adjust_jpeg_quality(x, q, name='y')" = |g, x: T, q: i32| g.named("y", || image::adjust_jpeg_quality(x, q)), [f32, u8], ["[8,6,3] []", "? ?"];
        "tf.image.random_brightness(x, 0.2)" = |g, x: T| image::random_brightness(x, 0.2, ()), [f32, u8], ["[8,6,3]", "?"];
        "tf.image.random_brightness(x, -0.2)" = |g, x: T| image::random_brightness(x, -0.2, ()), [f32], ["[8,6,3]"];
        "tf.image.random_brightness(x, 32.0 / 255.0, seed=3)" = |g, x: T| image::random_brightness(x, 32.0 / 255.0, 3), [f16, u8], ["[8,6,3]"];
        "tf.image.random_contrast(x, 0.5, 1.5)" = |g, x: T| image::random_contrast(x, 0.5, 1.5, ()), [f32, u8], ["[8,6,3]", "?"];
        "tf.image.random_contrast(x, 1.5, 1.5)" = |g, x: T| image::random_contrast(x, 1.5, 1.5, ()), [f32], ["[8,6,3]"];
        "tf.image.random_contrast(x, -0.5, 1.5)" = |g, x: T| image::random_contrast(x, -0.5, 1.5, ()), [f32], ["[8,6,3]"];
        "tf.image.random_contrast(x, 0.0, 1.5, seed=1)" = |g, x: T| image::random_contrast(x, 0.0, 1.5, 1), [f32], ["[8,6,3]"];
        "tf.image.random_hue(x, 0.2, seed=1)" = |g, x: T| image::random_hue(x, 0.2, 1), [f32, u8], ["[8,6,3]", "?"];
        "tf.image.random_hue(x, 0.6)" = |g, x: T| image::random_hue(x, 0.6, ()), [f32], ["[8,6,3]"];
        "tf.image.random_hue(x, -0.1)" = |g, x: T| image::random_hue(x, -0.1, ()), [f32], ["[8,6,3]"];
        "tf.image.random_saturation(x, 0.5, 1.5)" = |g, x: T| image::random_saturation(x, 0.5, 1.5, ()), [f32, u8], ["[8,6,3]", "?"];
        "tf.image.random_saturation(x, 0.5, 0.5)" = |g, x: T| image::random_saturation(x, 0.5, 0.5, ()), [f32], ["[8,6,3]"];
        "tf.image.random_jpeg_quality(x, 50, 90, seed=5)" = |g, x: T| image::random_jpeg_quality(x, 50, 90, 5), [f32, u8], ["[8,6,3]", "?"];
        "tf.image.random_jpeg_quality(x, 50, 101)" = |g, x: T| image::random_jpeg_quality(x, 50, 101, ()), [f32], ["[8,6,3]"];
        "tf.image.random_jpeg_quality(x, 50, 50)" = |g, x: T| image::random_jpeg_quality(x, 50, 50, ()), [f32], ["[8,6,3]"];
    });
}

fn parts(table: &mut Table) {
    let with_sizes = [
        "[8,6,3] [] []",
        "[?,?,3] [] []",
        "[2,8,6,3] ? ?",
        "[?,8,?,?] [] []",
        "? [] []",
        "[8,6] [] []",
        "[8,0,3] [] []",
    ];
    calls!(table, {
        "tf.image.flip_left_right(x)" = |g, x: T| image::flip_left_right(x), [f32, u8], IMAGES;
        "tf.image.flip_left_right(x)" = |g, x: T| image::flip_left_right(x), [bool], ["[2,2,8,6,3]", "[2,?,8,6,3]"];
        "tf.image.flip_up_down(x)" = |g, x: T| image::flip_up_down(x), [f32, i64], IMAGES;
        "tf.image.flip_up_down(variable('v', [2, 2, 3]))" = |g| image::flip_up_down(variable(g, &[2, 2, 3]));
        "tf.image.transpose_image(x)" = |g, x: T| image::transpose_image(x), [f32, bool], IMAGES;
        "tf.image.transpose(x, name='t')" = |g, x: T| g.named("t", || image::transpose_image(x)), [f32], ["[8,6,3]", "[2,8,6,3]", "[2,2,8,6,3]"];
        "tf.image.central_crop(x, 0.5)" = |g, x: T| image::central_crop(x, 0.5), [f32, u8], ["[8,6,3]", "[?,?,3]", "[?,6,3]", "[2,8,6,3]", "[?,?,?,?]", "[2,8,?,3]", "?", "[8,6]", "[8,0,3]", "[1,2,8,6,3]"];
        "tf.image.central_crop(x, 0.875)" = |g, x: T| image::central_crop(x, 0.875), [f32], ["[299,299,3]", "[?,299,?]", "[7,5,1]"];
        "tf.image.central_crop(x, 1.0)" = |g, x: T| image::central_crop(x, 1.0), [f32], ["[8,6,3]", "?"];
        "tf.image.central_crop(x, 0.0)" = |g, x: T| image::central_crop(x, 0.0), [f32], ["[8,6,3]", "?"];
        "tf.image.central_crop(x, 1.5)" = |g, x: T| image::central_crop(x, 1.5), [f32], ["[8,6,3]", "?"];
        "tf.image.central_crop(variable('v', [4, 4, 3]), 0.5)" = |g| image::central_crop(variable(g, &[4, 4, 3]), 0.5);
        "tf.image.crop_to_bounding_box(x, 1, 2, 3, 4)" = |g, x: T| image::crop_to_bounding_box(x, (1, 2), (3, 4)), [f32, u8], IMAGES;
        "tf.image.crop_to_bounding_box(x, 1, 2, 8, 4)" = |g, x: T| image::crop_to_bounding_box(x, (1, 2), (8, 4)), [f32], ["[8,6,3]", "[?,6,3]", "[8,?,3]"];
        "tf.image.crop_to_bounding_box(x, -1, 2, 3, 4)" = |g, x: T| image::crop_to_bounding_box(x, (-1, 2), (3, 4)), [f32], ["[8,6,3]", "?"];
        "tf.image.crop_to_bounding_box(x, 0, 0, 3, 0)" = |g, x: T| image::crop_to_bounding_box(x, (0, 0), (3, 0)), [f32], ["[8,6,3]", "?"];
        "tf.image.crop_to_bounding_box(x, a, b, 3, 4)" = |g, x: T, a: i32, b: i32| image::crop_to_bounding_box(x, (a, b), (3, 4)), [f32], with_sizes;
        "tf.image.crop_to_bounding_box(x, 1, 2, a, b)" = |g, x: T, a: i32, b: i32| image::crop_to_bounding_box(x, (1, 2), (a, b)), [u8], with_sizes;
        "tf.image.crop_to_bounding_box(x, a, 0, b, 4)" = |g, x: T, a: i32, b: i32| image::crop_to_bounding_box(x, (a, 0), (b, 4)), [f32], with_sizes;
        "tf.image.pad_to_bounding_box(x, 1, 2, 10, 12)" = |g, x: T| image::pad_to_bounding_box(x, (1, 2), (10, 12)), [f32, u8], IMAGES;
        "tf.image.pad_to_bounding_box(x, 1, 2, 8, 12)" = |g, x: T| image::pad_to_bounding_box(x, (1, 2), (8, 12)), [f32], ["[8,6,3]", "[?,6,3]"];
        "tf.image.pad_to_bounding_box(x, 1, -2, 10, 12)" = |g, x: T| image::pad_to_bounding_box(x, (1, -2), (10, 12)), [f32], ["[8,6,3]", "?"];
        "tf.image.pad_to_bounding_box(x, a, b, 10, 12)" = |g, x: T, a: i32, b: i32| image::pad_to_bounding_box(x, (a, b), (10, 12)), [f32], with_sizes;
        "tf.image.pad_to_bounding_box(x, 1, 2, a, b)" = |g, x: T, a: i32, b: i32| image::pad_to_bounding_box(x, (1, 2), (a, b)), [bool], with_sizes;
        "tf.image.pad_to_bounding_box(variable('v', [4, 4, 3]), 1, 1, 8, 8)" = |g| image::pad_to_bounding_box(variable(g, &[4, 4, 3]), (1, 1), (8, 8));
        "tf.image.resize_image_with_crop_or_pad(x, 5, 9)" = |g, x: T| image::resize_image_with_crop_or_pad(x, 5, 9), [f32, u8], IMAGES;
        "tf.image.resize_image_with_crop_or_pad(x, 11, 4)" = |g, x: T| image::resize_image_with_crop_or_pad(x, 11, 4), [f32], ["[8,6,3]", "[?,6,3]", "[2,8,?,3]"];
        "tf.image.resize_image_with_crop_or_pad(x, 0, 4)" = |g, x: T| image::resize_image_with_crop_or_pad(x, 0, 4), [f32], ["[8,6,3]", "?"];
        "tf.image.resize_image_with_crop_or_pad(x, a, b)" = |g, x: T, a: i32, b: i32| image::resize_image_with_crop_or_pad(x, a, b), [f32], with_sizes;
        "tf.image.resize_image_with_crop_or_pad(x, a, 4)" = |g, x: T, a: i32| image::resize_image_with_crop_or_pad(x, a, 4), [f32], ["[8,6,3] []", "? ?"];
        "tf.image.random_crop(x, [4, 4, 3], seed=2)" = |g, x: T| image::random_crop(x, [4, 4, 3], Some(2)), [f32, u8], ["[8,6,3]", "[?,?,3]", "?"];
    });
}

fn sizes(table: &mut Table) {
    let batches = ["[2,8,6,3]", "[?,?,?,3]", "?", "[8,6,3]"];
    let with_size = ["[2,8,6,3] [2]", "[?,?,?,3] [?]", "? ?", "[2,8,6,3] [3]"];
    let centers = ResizeOptions::default().half_pixel_centers(true);
    let corners = ResizeOptions::default().align_corners(true);
    let ratio = ResizeOptions::default().preserve_aspect_ratio(true);
    calls!(table, {
        "tf.image.resize_bilinear(x, [4, 5])" = |g, x: T| image::resize_bilinear(x, [4, 5], ()), [f32, u8, f16], batches;
        "tf.image.resize_bilinear(x, s, align_corners=True)" = |g, x: T, s: i32| image::resize_bilinear(x, s, corners), [f32], with_size;
        "tf.image.resize_bilinear(x, [4, 5], half_pixel_centers=True, name='y')" = |g, x: T| g.named("y", || image::resize_bilinear(x, [4, 5], centers)), [f32, i64], batches;
        "tf.image.resize_bicubic(x, [4, 5])" = |g, x: T| image::resize_bicubic(x, [4, 5], ()), [f32, u8], batches;
        "tf.image.resize_bicubic(x, s, half_pixel_centers=True)" = |g, x: T, s: i32| image::resize_bicubic(x, s, centers), [f32, f64], with_size;
        "tf.image.resize_nearest_neighbor(x, [4, 5])" = |g, x: T| image::resize_nearest_neighbor(x, [4, 5], ()), [f32, u8], batches;
        "tf.image.resize_nearest_neighbor(x, s, half_pixel_centers=True)" = |g, x: T, s: i32| image::resize_nearest_neighbor(x, s, centers), [i32, f64], with_size;
        "tf.image.resize_area(x, [4, 5])" = |g, x: T| image::resize_area(x, [4, 5], ()), [f32, u8], batches;
        "tf.image.resize_area(x, s, align_corners=True)" = |g, x: T, s: i32| image::resize_area(x, s, corners), [f32, i16], with_size;
        "tf.image.resize_bilinear(variable('v', [2, 4, 4, 3]), [2, 2])" = |g| image::resize_bilinear(variable(g, &[2, 4, 4, 3]), [2, 2], ());
        "tf.image.resize_images(x, [4, 5])" = |g, x: T| image::resize_images(x, [4, 5], ()), [f32, u8], IMAGES;
        "tf.image.resize(x, [8, 6])" = |g, x: T| image::resize_images(x, [8, 6], ()), [f32, u8], ["[8,6,3]", "[?,8,6,?]", "[?,6,3]"];
        "tf.image.resize(x, [4, 5], method=tf.image.ResizeMethod.NEAREST_NEIGHBOR, align_corners=True)" = |g, x: T|
            image::resize_images(x, [4, 5], corners.method(ResizeMethod::NearestNeighbor)), [f32, u8], ["[8,6,3]", "[?,?,?,3]"];
        "tf.image.resize(x, [4, 5], tf.image.ResizeMethod.BICUBIC)" = |g, x: T|
            image::resize_images(x, [4, 5], ResizeMethod::Bicubic), [f32, i32], ["[8,6,3]", "[?,?,?,3]"];
        "tf.image.resize(x, [4, 5], tf.image.ResizeMethod.AREA, name='y')" = |g, x: T|
            g.named("y", || image::resize_images(x, [4, 5], ResizeMethod::Area)), [f32], ["[8,6,3]", "[?,?,?,3]"];
        "tf.image.resize(x, s)" = |g, x: T, s: i32| image::resize_images(x, s, ()), [f32], ["[8,6,3] [2]", "[?,?,?,3] ?", "[8,6,3] [3]", "? [2]", "[2,8,6,3] [?]"];
        "tf.image.resize(x, tf.shape(y))" = |g, x: T, y: i32| image::resize_images(x, tfhub::ops::array::shape::<i32, _>(y), ()), [f32], ["[8,6,3] [4,5]", "[8,6,3] [?,5]", "[8,6,3] [8,6]", "[8,6,3] ?"];
        "tf.image.resize(x, [4, 5], preserve_aspect_ratio=True)" = |g, x: T| image::resize_images(x, [4, 5], ratio), [f32, u8], ["[8,6,3]", "[?,?,?,3]", "[?,6,3]", "[2,8,6,3]"];
        "tf.image.resize(x, s, preserve_aspect_ratio=True)" = |g, x: T, s: i32| image::resize_images(x, s, ratio), [f32], ["[8,6,3] [2]", "[?,?,?,3] ?"];
        "tf.image.resize_images(variable('v', [4, 4, 3]), [2, 2])" = |g| image::resize_images(variable(g, &[4, 4, 3]), [2, 2], ());
        "tf.image.resize_image_with_pad(x, 5, 9)" = |g, x: T| image::resize_image_with_pad(x, 5, 9, ()), [f32, u8], IMAGES;
        "tf.image.resize_image_with_pad(x, 5, 9, tf.image.ResizeMethod.NEAREST_NEIGHBOR, True)" = |g, x: T|
            image::resize_image_with_pad(x, 5, 9, corners.method(ResizeMethod::NearestNeighbor)), [u8], ["[8,6,3]", "[?,?,?,3]"];
        "tf.image.resize_image_with_pad(x, 0, 9)" = |g, x: T| image::resize_image_with_pad(x, 0, 9, ()), [f32], ["[8,6,3]", "?"];
        "tf.image.resize_image_with_pad(x, a, b)" = |g, x: T, a: i32, b: i32| image::resize_image_with_pad(x, a, b, ()), [f32], ["[8,6,3] [] []", "[?,?,?,3] ? ?"];
        "tf.image.extract_image_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 1, 1, 1], 'SAME')" = |g, x: T|
            image::extract_image_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 1, 1, 1], "SAME"), [f32, u8], batches;
        "tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 2, 1, 1], 'VALID')" = |g, x: T|
            image::extract_image_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 2, 1, 1], "VALID"), [f32], batches;
        "tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 2, 1, 1], 'FULL')" = |g, x: T|
            image::extract_image_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 2, 1, 1], "FULL"), [f32], ["[2,8,6,3]"];
        "tf.extract_volume_patches(x, [1, 2, 2, 2, 1], [1, 1, 2, 2, 1], 'SAME')" = |g, x: T|
            image::extract_volume_patches(x, [1, 2, 2, 2, 1], [1, 1, 2, 2, 1], "SAME"), [f32, i64],
            ["[2,4,8,6,3]", "[?,?,?,?,3]", "?", "[2,8,6,3]"];
        "tf.image.crop_and_resize(x, b, i, [4, 5])" = |g, x: T, b: f32, i: i32| image::crop_and_resize(x, b, i, [4, 5], ()), [f32, u8],
            ["[2,8,6,3] [7,4] [7]", "[?,?,?,3] [?,4] [?]", "? ? ?", "[2,8,6,3] [7,5] [7]"];
        "tf.image.crop_and_resize(x, [[0.1, 0.2, 0.3, 0.4]], [0], s, method='nearest', extrapolation_value=0.5)" = |g, x: T, s: i32|
            image::crop_and_resize(x, [[0.1, 0.2, 0.3, 0.4f32]], [0], s, CropAndResizeOptions::default().method("nearest").extrapolation_value(0.5)), [f32],
            ["[2,8,6,3] [2]", "? ?"];
        "tf.image.extract_glimpse(x, [4, 5], o)" = |g, x: f32, o: f32| image::extract_glimpse(x, [4, 5], o, ()), [f32], ["[2,8,6,3] [2,2]", "[?,?,?,3] [?,2]", "? ?", "[8,6,3] [2,2]"];
        "tf.image.extract_glimpse(x, s, [[0.5, 0.5]], centered=False, normalized=False, uniform_noise=False)" = |g, x: f32, s: i32|
            image::extract_glimpse(x, s, [[0.5f32, 0.5]], GlimpseOptions::default().centered(false).normalized(false).uniform_noise(false)),
            [f32], ["[2,8,6,3] [2]", "[1,8,6,3] [2]", "? ?"];
    });
}

fn boxes_of_objects(table: &mut Table) {
    let boxes_and_scores = ["[7,4] [7]", "[?,4] [?]", "? ?", "[7,5] [7]", "[7,4] [8]"];
    calls!(table, {
        "tf.image.draw_bounding_boxes(x, b)" = |g, x: T, b: f32| image::draw_bounding_boxes(x, b, ()), [f32, f16],
            ["[2,8,6,3] [2,5,4]", "[?,?,?,3] [?,?,4]", "? ?", "[2,8,6,3] [2,5]"];
        "tf.image.draw_bounding_boxes(x, b, colors=[[1.0, 0.0, 0.0]])" = |g, x: T, b: f32| image::draw_bounding_boxes(x, b, [[1.0, 0.0, 0.0f32]]), [f32],
            ["[2,8,6,3] [2,5,4]", "? ?"];
        "tf.image.draw_bounding_boxes(x, b, colors=c, name='y')" = |g, x: T, b: f32, c: f32| g.named("y", || image::draw_bounding_boxes(x, b, c)), [f32],
            ["[2,8,6,3] [2,5,4] [1,3]", "? ? ?"];
        "tuple(tf.image.sample_distorted_bounding_box(s, b))" = |g, s: T, b: f32| boxes(image::sample_distorted_bounding_box(s, b, ())), [i32, i64, u8],
            ["[3] [1,5,4]", "[?] [?,?,4]", "? ?", "[2] [1,5,4]"];
        "tuple(tf.image.sample_distorted_bounding_box(s, [[[0.1, 0.2, 0.3, 0.4]]], 1, 2, 0.5, [0.5, 2.0], [0.25, 0.75], 20, True))" = |g, s: T| {
            let b = ndarray::arr3(&[[[0.1f32, 0.2, 0.3, 0.4]]]);
            let options = DistortionOptions::default().seed(1).seed2(2).min_object_covered(0.5).aspect_ratio_range([0.5, 2.0])
                .area_range([0.25, 0.75]).max_attempts(20).use_image_if_no_bounding_boxes(true);
            boxes(image::sample_distorted_bounding_box(s, b, options))
        }, [i32], ["[3]", "?"];
        "tuple(tf.image.sample_distorted_bounding_box(s, b, min_object_covered=m, name='draw'))" = |g, s: T, b: f32, m: f32| {
            let options = DistortionOptions::default().min_object_covered(m);
            boxes(g.named("draw", || image::sample_distorted_bounding_box(s, b, options)))
        }, [i32], ["[3] [1,5,4] []", "? ? ?"];
        "tf.image.non_max_suppression(b, s, 3)" = |g, b: T, s: T| image::non_max_suppression(b, s, 3, ()), [f32, f16], boxes_and_scores;
        "tf.image.non_max_suppression(b, s, m, 0.25, score_threshold=t, name='y')" = |g, b: T, s: T, m: i32, t: f32|
            g.named("y", || image::non_max_suppression(b, s, m, SuppressionOptions::default().iou_threshold(0.25f32).score_threshold(t))), [f32],
            ["[7,4] [7] [] []", "? ? ? ?"];
        "tf.image.non_max_suppression(b, s, m, t, t)" = |g, b: f32, s: f32, m: i32, t: T|
            image::non_max_suppression(b, s, m, SuppressionOptions::default().iou_threshold(t).score_threshold(t)), [f32, f16],
            ["[7,4] [7] [] []", "? ? ? ?"];
        "tf.image.non_max_suppression_with_scores(b, s, 3)" = |g, b: T, s: T| image::non_max_suppression_with_scores(b, s, 3, ()), [f32, f16], boxes_and_scores;
        "tf.image.non_max_suppression_with_scores(b, s, 3, 0.25, 0.5, 0.125)" = |g, b: T, s: T|
            image::non_max_suppression_with_scores(b, s, 3, SuppressionOptions::default().iou_threshold(0.25f32).score_threshold(0.5f32).soft_nms_sigma(0.125f32)), [f32],
            ["[7,4] [7]"];
        "tuple(tf.image.non_max_suppression_padded(b, s, 3))" = |g, b: T, s: T| image::non_max_suppression_padded(b, s, 3, ()), [f32, f16], boxes_and_scores;
        "tuple(tf.image.non_max_suppression_padded(b, s, 3, 0.25, 0.5, True))" = |g, b: T, s: T|
            image::non_max_suppression_padded(b, s, 3, SuppressionOptions::default().iou_threshold(0.25f32).score_threshold(0.5f32).pad(true)), [f32],
            ["[7,4] [7]", "? ?"];
        "tf.image.non_max_suppression_overlaps(o, s, 3)" = |g, o: f32, s: f32| image::non_max_suppression_overlaps(o, s, 3, ()), [f32],
            ["[7,7] [7]", "[?,?] [?]", "? ?", "[7] [7]"];
        "tf.image.non_max_suppression_overlaps(o, s, m, 0.25, 0.5)" = |g, o: f32, s: f32, m: i32|
            image::non_max_suppression_overlaps(o, s, m, SuppressionOptions::default().iou_threshold(0.25f32).score_threshold(0.5f32)), [f32],
            ["[7,7] [7] []", "? ? ?"];
        "tuple(tf.image.combined_non_max_suppression(b, s, 3, 10))" = |g, b: f32, s: f32| detections(image::combined_non_max_suppression(b, s, 3, 10, ())), [f32],
            ["[2,7,1,4] [2,7,5]", "[?,?,1,4] [?,?,5]", "? ?", "[2,7,4] [2,7,5]"];
        "tuple(tf.image.combined_non_max_suppression(b, s, m, n, 0.25, 0.5, True, False))" = |g, b: f32, s: f32, m: i32, n: i32|
            detections(image::combined_non_max_suppression(b, s, m, n, SuppressionOptions::default().iou_threshold(0.25f32).score_threshold(0.5f32).pad(true).clip_boxes(false))), [f32],
            ["? ? ? ?"];
        "tuple(tf.image.combined_non_max_suppression(b, s, 3, 20, pad_per_class=True))" = |g, b: f32, s: f32|
            detections(image::combined_non_max_suppression(b, s, 3, 20, SuppressionOptions::default().pad(true))), [f32],
            ["[2,7,1,4] [2,7,5]"];
    });
}

fn measures(table: &mut Table) {
    let pairs = [
        "[8,6,3] [8,6,3]",
        "[?,?,3] [8,6,3]",
        "[2,8,6,3] [1,8,6,3]",
        "[?,?,?,3] [?,?,?,3]",
        "? ?",
        "[2,8,6,3] ?",
        "[8,6,3] [8,5,3]",
        "[2,8,6,3] [3,8,6,3]",
        "[8,6] [8,6]",
        "[8,6,3] [2,8,6,3]",
    ];
    let large = [
        "[20,20,3] [20,20,3]",
        "[?,?,3] [20,20,3]",
        "[2,20,20,3] [2,20,20,3]",
        "[?,?,?,3] [?,?,?,3]",
        "? ?",
        "[8,6] [8,6]",
        "[20,20,3] [20,21,3]",
    ];
    calls!(table, {
        "tf.image.image_gradients(x)" = |g, x: T| image::image_gradients(x), [f32, i32, f16], ["[2,8,6,3]", "[?,?,?,3]", "?", "[8,6,3]"];
        "tf.image.total_variation(x)" = |g, x: T| image::total_variation(x), [f32, i32], ["[2,8,6,3]", "[8,6,3]", "[?,?,?,3]", "[?,?,3]", "?", "[8,6]"];
        "tf.image.total_variation(x, name='y')" = |g, x: T| g.named("y", || image::total_variation(x)), [f32], ["[2,8,6,3]"];
        "tf.image.sobel_edges(x)" = |g, x: T| image::sobel_edges(x), [f32, f64], ["[2,8,6,3]", "[?,?,?,3]", "[?,8,6,?]", "?", "[8,6,3]"];
        "tf.image.psnr(variable('v', [8, 6, 3]), b, 1.0)" = |g, b: f32| image::psnr(variable(g, &[8, 6, 3]), b, 1.0f32), [f32], ["[8,6,3]"];
        "tf.image.total_variation(variable('v', [8, 6, 3]))" = |g| image::total_variation(variable(g, &[8, 6, 3]));
        "tf.image.sobel_edges(variable('v', [2, 8, 6, 3]))" = |g| image::sobel_edges(variable(g, &[2, 8, 6, 3]));
        "tf.image.image_gradients(variable('v', [2, 8, 6, 3]))" = |g| image::image_gradients(variable(g, &[2, 8, 6, 3]));
        "tf.image.ssim(variable('v', [20, 20, 3]), b, 1.0)" = |g, b: f32| image::ssim(variable(g, &[20, 20, 3]), b, 1.0f32, ()), [f32], ["[20,20,3]"];
        "tf.image.rgb_to_yuv(variable('v', [8, 6, 3]))" = |g| image::rgb_to_yuv(variable(g, &[8, 6, 3]));
        "tf.image.adjust_hue(variable('v', [8, 6, 3]), 0.1)" = |g| image::adjust_hue(variable(g, &[8, 6, 3]), 0.1);
        "tf.image.random_contrast(variable('v', [8, 6, 3]), 0.5, 1.5)" = |g| image::random_contrast(variable(g, &[8, 6, 3]), 0.5, 1.5, ());
        "tf.image.psnr(a, b, 255)" = |g, a: T, b: T| image::psnr(a, b, 255), [u8, f32], pairs;
        "tf.image.psnr(a, b, 1.0, name='y')" = |g, a: T, b: T| g.named("y", || image::psnr(a, b, 1.0f32)), [f32, f16], ["[8,6,3] [8,6,3]", "? ?"];
        "tf.image.psnr(a, b, m)" = |g, a: T, b: T, m: f32| image::psnr(a, b, m), [f32, u8], ["[8,6,3] [8,6,3] []", "? ? ?"];
        "tf.image.ssim(a, b, 255)" = |g, a: T, b: T| image::ssim(a, b, 255, ()), [u8, f32], large;
        "tf.image.ssim(a, b, 1.0, 5, 0.5, 0.125, 0.25)" = |g, a: T, b: T|
            image::ssim(a, b, 1.0f32, SsimOptions::default().filter_size(5).filter_sigma(0.5).k1(0.125).k2(0.25)), [f32, f64], ["[8,6,3] [8,6,3]", "? ?"];
    });
}
