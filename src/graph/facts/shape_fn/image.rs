//! Shapes of ops on images and on boxes in them.

use super::Outputs::{Fixed, Like, Of};
use super::{
    ANY, Dim, Inference, Inferred, at_least_rank, expect_dim, fixed, merge_dims, one, ranks_are,
    refuse, tensor, tensors, unchanged, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    ranked("AdjustContrastv2", &[ANY, 0], Of(of_images)),
    op("AdjustHue", of_images),
    op("AdjustSaturation", of_images),
    ranked(
        "CombinedNonMaxSuppression",
        &[4, 3, 0, 0, 0, 0],
        Of(combined_non_max_suppression),
    ),
    op("CropAndResize", crop_and_resize),
    ranked("CropAndResizeGradBoxes", &[], Like(2)),
    op("CropAndResizeGradImage", |i| {
        let shape = i.dims_from_input(3)?;
        one(super::with_rank(&shape, 4, "the image")?.into())
    }),
    op("DecodeAndCropJpeg", decode_and_crop),
    op("DecodeBmp", decode),
    ranked("DecodeGif", &[0], Fixed(&[&[-1, -1, -1, 3]])),
    op("DecodeJpeg", decode),
    op("DecodePng", decode),
    op("DrawBoundingBoxes", draw_bounding_boxes),
    op("DrawBoundingBoxesV2", of_images),
    ranked("EncodeJpeg", &[3], Fixed(&[&[]])),
    ranked("EncodeJpegVariableQuality", &[3], Fixed(&[&[]])),
    ranked("EncodePng", &[3], Fixed(&[&[]])),
    op("ExtractGlimpse", extract_glimpse),
    ranked("ExtractJpegShape", &[0], Fixed(&[&[3]])),
    op("HSVToRGB", colors),
    ranked(
        "NonMaxSuppression",
        &[2, 1, 0],
        Of(|i| {
            box_count(i)?;
            one(vector(None))
        }),
    ),
    op("NonMaxSuppressionV2", non_max_suppression),
    op("NonMaxSuppressionV3", non_max_suppression),
    op("NonMaxSuppressionV4", non_max_suppression),
    op("NonMaxSuppressionV5", non_max_suppression),
    op("NonMaxSuppressionWithOverlaps", |i| {
        let overlaps = i.ranked(0, 2)?;
        merge_dims(overlaps[0], overlaps[1], "the sides of the overlaps")?;
        fixed(i, &[2, 1, 0, 0, 0], &[&[-1]])
    }),
    ranked(
        "QuantizedResizeBilinear",
        &[4, 1, 0, 0],
        Of(|i| i.then_scalars(resize(i)?)),
    ),
    op("RGBToHSV", colors),
    op("ResizeArea", resize),
    op("ResizeBicubic", resize),
    ranked("ResizeBicubicGrad", &[], Like(1)),
    op("ResizeBilinear", resize),
    ranked("ResizeBilinearGrad", &[], Like(1)),
    op("ResizeNearestNeighbor", resize),
    op("ResizeNearestNeighborGrad", resize),
    op("SampleDistortedBoundingBox", sample_box),
    op("SampleDistortedBoundingBoxV2", sample_box),
    op("ScaleAndTranslate", resize),
    ranked("ScaleAndTranslateGrad", &[], Like(1)),
];

fn of_images(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 3, "the images")?;
    unchanged(i)
}

/// The last dimension is that of the three colors.
fn colors(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "the images")?;
    expect_dim(input.dim(-1), 3, "the number of channels")?;
    one(input.with_dim(-1, Some(3)))
}

fn draw_bounding_boxes(i: &Inference<'_>) -> Inferred {
    let channels = i.ranked(0, 4)?[3];
    if channels.is_some_and(|channels| !matches!(channels, 1 | 3 | 4)) {
        return refuse(format_args!(
            "images must have 1, 3 or 4 channels, their shape is {}",
            i.input(0)
        ));
    }
    expect_dim(i.ranked(1, 3)?[2], 4, "the number of a box's coordinates")?;
    unchanged(i)
}

/// An image whose height and width the input lists.
fn sized(i: &Inference<'_>, size: usize, batch: Dim, channels: Dim) -> Inferred<Shape> {
    expect_dim(i.vector_len(size)?, 2, "the number of sizes")?;
    let (height, width) = (i.listed_dim(size, 0), i.listed_dim(size, 1));
    Ok([batch, height, width, channels].into())
}

fn resized(i: &Inference<'_>) -> Inferred<Shape> {
    let images = i.ranked(0, 4)?;
    sized(i, 1, images[0], images[3])
}

fn resize(i: &Inference<'_>) -> Inferred {
    one(resized(i)?)
}

fn crop_and_resize(i: &Inference<'_>) -> Inferred {
    let (image, boxes, indices) = (i.ranked(0, 4)?, i.ranked(1, 2)?, i.ranked(2, 1)?);
    let count = merge_dims(boxes[0], indices[0], "the numbers of boxes and of indices")?;
    expect_dim(boxes[1], 4, "the number of a box's coordinates")?;
    one(sized(i, 3, count, image[3])?)
}

fn extract_glimpse(i: &Inference<'_>) -> Inferred {
    let (images, offsets) = (i.ranked(0, 4)?, i.ranked(2, 2)?);
    let batch = merge_dims(
        images[0],
        offsets[0],
        "the numbers of images and of offsets",
    )?;
    expect_dim(offsets[1], 2, "the number of coordinates")?;
    one(sized(i, 1, batch, images[3])?)
}

/// The number of channels that is asked for; 0 leaves it to the image.
fn channels(i: &Inference<'_>) -> Inferred<Dim> {
    match usize::try_from(i.int("channels")) {
        Ok(0) => Ok(None),
        Ok(channels) => Ok(Some(channels)),
        Err(_) => refuse(format_args!(
            "expected at least 0 channels, found {}",
            i.int("channels")
        )),
    }
}

fn decode(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 0)?;
    one(tensor(&[None, None, channels(i)?]))
}

fn decode_and_crop(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 0)?;
    expect_dim(i.vector_len(1)?, 4, "the length of the crop window")?;
    let (height, width) = (i.listed_dim(1, 2), i.listed_dim(1, 3));
    one(tensor(&[height, width, channels(i)?]))
}

/// The number of boxes, which have four coordinates.
fn box_count(i: &Inference<'_>) -> Inferred<Dim> {
    let boxes = i.ranked(0, 2)?;
    expect_dim(boxes[1], 4, "the number of a box's coordinates")?;
    Ok(boxes[0])
}

/// The number of boxes that are selected is known only where the result is padded.
fn non_max_suppression(i: &Inference<'_>) -> Inferred {
    ranks_are(i, &[2, 1, 0, 0, 0, 0][..i.node.inputs.len()])?;
    let (boxes, scores) = (box_count(i)?, i.vector_len(1)?);
    merge_dims(boxes, scores, "the numbers of boxes and of scores")?;
    let selected = match i.flag("pad_to_max_output_size") {
        true => i.size_from_input(2)?,
        false => None,
    };
    match i.node.outputs.len() {
        1 => tensors(&[&[selected]]),
        2 => tensors(&[&[selected], &[]]),
        _ => tensors(&[&[selected], &[selected], &[]]),
    }
}

fn combined_non_max_suppression(i: &Inference<'_>) -> Inferred {
    let (boxes, scores) = (i.ranked(0, 4)?, i.ranked(1, 3)?);
    merge_dims(boxes[0], scores[0], "the batch sizes of boxes and scores")?;
    merge_dims(boxes[1], scores[1], "the numbers of boxes and of scores")?;
    expect_dim(boxes[3], 4, "the number of a box's coordinates")?;
    if let (Some(found), Some(classes)) = (boxes[2], scores[2]) {
        if found != 1 && found != classes {
            return refuse(format_args!(
                "boxes must be for 1 or {classes} classes, found {found}"
            ));
        }
    }
    let (per_class, total) = (i.size_from_input(2)?, i.size_from_input(3)?);
    if total == Some(0) {
        return Err("the largest number of boxes is 0".into());
    }
    let selected = match i.flag("pad_per_class") {
        true => padded_per_class(per_class, scores[2], total),
        false => total,
    };
    let (batch, scores) = (boxes[0], &[boxes[0], selected][..]);
    tensors(&[&[batch, selected, Some(4)], scores, scores, &[batch]])
}

/// TensorFlow takes an unknown number for -1 here, also in the product.
fn padded_per_class(per_class: Dim, classes: Dim, total: Dim) -> Dim {
    let number = |dim: Dim| dim.map_or(-1, |dim| i64::try_from(dim).unwrap_or(i64::MAX));
    let all = number(per_class).saturating_mul(number(classes));
    usize::try_from(number(total).min(all)).ok()
}

fn sample_box(i: &Inference<'_>) -> Inferred {
    ranks_are(i, &[1, 3, 0][..i.node.inputs.len()])?;
    expect_dim(i.vector_len(0)?, 3, "the number of the image's sizes")?;
    expect_dim(i.ranked(1, 3)?[2], 4, "the number of a box's coordinates")?;
    fixed(i, &[], &[&[3], &[3], &[1, 1, 4]])
}
