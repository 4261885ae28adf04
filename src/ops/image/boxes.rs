//! Boxes around what images show.

use std::panic::Location;

use crate::dtype::{DType, Element};
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::types::{SizeInt, StandardShortFloat};

functions! {
    /// A batch of images with the outlines of boxes drawn into them (`tf.image.draw_bounding_boxes`).
    ///
    /// `boxes` is `[batch, boxes, 4]`: top, left, bottom and right as fractions of the image.
    draw_bounding_boxes "DrawBoundingBoxes" <T: StandardShortFloat>(images: T, boxes: f32) -> T;
    /// [`draw_bounding_boxes`] in colours, the rows of `colors` in turn (`tf.image.draw_bounding_boxes` with `colors`).
    draw_bounding_boxes_with "DrawBoundingBoxesV2" <T: StandardShortFloat>(images: T, boxes: f32, colors: f32) -> T;
}

/// Which boxes [`sample_distorted_bounding_box_with`] draws.
#[derive(Debug, Default)]
pub struct DistortionOptions<'g> {
    seeds: Option<(i64, i64)>,
    min_object_covered: Option<Arg<'g>>,
    aspect_ratio_range: Option<[f32; 2]>,
    area_range: Option<[f32; 2]>,
    max_attempts: Option<i64>,
    use_image_if_no_bounding_boxes: Option<bool>,
}

impl<'g> DistortionOptions<'g> {
    /// The attributes `seed` and `seed2` of the node.
    pub fn seeds(self, seed: i64, seed2: i64) -> Self {
        DistortionOptions {
            seeds: Some((seed, seed2)),
            ..self
        }
    }

    /// Which part of one of the given boxes a drawn box has to have; 0.1 by default.
    pub fn min_object_covered(self, min_object_covered: impl Operand<'g, f32> + 'g) -> Self {
        DistortionOptions {
            min_object_covered: Some(Arg::of(min_object_covered)),
            ..self
        }
    }

    /// The range of width by height; from 0.75 to 1.33 by default.
    pub fn aspect_ratio_range(self, range: [f32; 2]) -> Self {
        DistortionOptions {
            aspect_ratio_range: Some(range),
            ..self
        }
    }

    /// The range of the part of the image; from 0.05 to 1 by default.
    pub fn area_range(self, range: [f32; 2]) -> Self {
        DistortionOptions {
            area_range: Some(range),
            ..self
        }
    }

    /// After how many attempts the whole image is taken; 100 by default.
    pub fn max_attempts(self, max_attempts: i64) -> Self {
        DistortionOptions {
            max_attempts: Some(max_attempts),
            ..self
        }
    }

    /// Whether the whole image stands for the box where none is given; that is an error by default.
    pub fn use_image_if_no_bounding_boxes(self, use_image: bool) -> Self {
        DistortionOptions {
            use_image_if_no_bounding_boxes: Some(use_image),
            ..self
        }
    }
}

/// A drawn box, as `tf.slice` and `tf.image.draw_bounding_boxes` take it.
#[derive(Debug, Clone, Copy)]
pub struct DistortedBoundingBox<'g, T: Element> {
    /// Where it starts: top, left, 0.
    pub begin: Tensor<'g, T>,
    /// Its size: height, width, -1.
    pub size: Tensor<'g, T>,
    /// The box, `[1, 1, 4]`.
    pub bboxes: Tensor<'g, f32>,
}

/// A random box of an image that shows enough of one of the given boxes (`tf.image.sample_distorted_bounding_box`).
///
/// `image_size` is height, width and channels; `bounding_boxes` is `[batch, boxes, 4]`.
#[track_caller]
pub fn sample_distorted_bounding_box<'g, T: SizeInt>(
    image_size: impl TensorLike<'g, T>,
    bounding_boxes: impl Operand<'g, f32>,
) -> DistortedBoundingBox<'g, T> {
    let options = DistortionOptions::default();
    sample_distorted_bounding_box_with(image_size, bounding_boxes, options)
}

/// [`sample_distorted_bounding_box`] with options.
#[track_caller]
pub fn sample_distorted_bounding_box_with<'g, T: SizeInt>(
    image_size: impl TensorLike<'g, T>,
    bounding_boxes: impl Operand<'g, f32>,
    options: DistortionOptions<'g>,
) -> DistortedBoundingBox<'g, T> {
    let g = image_size.graph();
    let op = "SampleDistortedBoundingBoxV2";
    let inner = if g.is_named() { None } else { Some(op) };
    let name = g.requested_name("sample_distorted_bounding_box");
    let sampled = g.inner_scope(&name, Location::caller(), |_| {
        let op = Nodes(g).named(op, inner.unwrap_or(&name));
        let op = op.arg(image_size).arg(bounding_boxes);
        let op = op.input(options.min_object_covered.unwrap_or(Arg::Number(0.1)));
        let op = options.seeds.into_iter().fold(op, |op, (seed, seed2)| {
            op.attr("seed", seed).attr("seed2", seed2)
        });
        let ranges = [
            ("aspect_ratio_range", options.aspect_ratio_range),
            ("area_range", options.area_range),
        ];
        let op = ranges
            .into_iter()
            .fold(op, |op, (name, range)| match range {
                Some(range) => op.attr(name, range),
                None => op,
            });
        let op = match options.max_attempts {
            Some(attempts) => op.attr("max_attempts", attempts),
            None => op,
        };
        match options.use_image_if_no_bounding_boxes {
            Some(used) => op.attr("use_image_if_no_bounding_boxes", used),
            None => op,
        }
        .finish()
    });
    DistortedBoundingBox {
        begin: sampled.output(0).typed(),
        size: sampled.output(1).typed(),
        bboxes: sampled.output(2).typed(),
    }
}

/// Which boxes a non-maximum suppression keeps.
#[derive(Debug, Default)]
pub struct SuppressionOptions<'g> {
    iou_threshold: Option<Arg<'g>>,
    score_threshold: Option<Arg<'g>>,
    soft_nms_sigma: Option<Arg<'g>>,
    pad: bool,
    clip_boxes: Option<bool>,
}

impl<'g> SuppressionOptions<'g> {
    /// How much two boxes may overlap: their common part by what both cover; 0.5 by default.
    ///
    /// For [`non_max_suppression_overlaps`], how large the given overlap may be.
    pub fn iou_threshold<T: StandardShortFloat>(self, threshold: impl Operand<'g, T> + 'g) -> Self {
        SuppressionOptions {
            iou_threshold: Some(Arg::of(threshold)),
            ..self
        }
    }

    /// The score that a box has to have at least; minus infinity by default.
    pub fn score_threshold<T: StandardShortFloat>(
        self,
        threshold: impl Operand<'g, T> + 'g,
    ) -> Self {
        SuppressionOptions {
            score_threshold: Some(Arg::of(threshold)),
            ..self
        }
    }

    /// For [`non_max_suppression_with_scores_with`], how much the scores of overlapping boxes are lowered; they are
    /// not by default.
    pub fn soft_nms_sigma<T: StandardShortFloat>(self, sigma: impl Operand<'g, T> + 'g) -> Self {
        SuppressionOptions {
            soft_nms_sigma: Some(Arg::of(sigma)),
            ..self
        }
    }

    /// For [`non_max_suppression_padded_with`] and [`combined_non_max_suppression_with`], whether the result is always
    /// as long as it may be; it is not by default.
    pub fn pad(self, pad: bool) -> Self {
        SuppressionOptions { pad, ..self }
    }

    /// For [`combined_non_max_suppression_with`], whether boxes end at 0 and 1; they do by default.
    pub fn clip_boxes(self, clip_boxes: bool) -> Self {
        SuppressionOptions {
            clip_boxes: Some(clip_boxes),
            ..self
        }
    }
}

/// A threshold, or the constant of its default.
#[track_caller]
fn or<'g>(
    g: &'g GraphBuilder,
    threshold: Option<Arg<'g>>,
    name: &str,
    default: f64,
) -> AnyTensor<'g> {
    let threshold = threshold.unwrap_or(Arg::Number(default));
    threshold.convert(g, name, DType::Float32)
}

/// The indices of boxes with high scores that overlap little, `[at most max_output_size]`
/// (`tf.image.non_max_suppression`).
///
/// `boxes` is `[boxes, 4]`, two opposite corners each.
#[track_caller]
pub fn non_max_suppression<'g, T: StandardShortFloat>(
    boxes: impl TensorLike<'g, T>,
    scores: impl Operand<'g, T>,
    max_output_size: impl Operand<'g, i32>,
) -> Tensor<'g, i32> {
    let options = SuppressionOptions::default();
    non_max_suppression_with(boxes, scores, max_output_size, options)
}

/// [`non_max_suppression`] with options.
#[track_caller]
pub fn non_max_suppression_with<'g, T: StandardShortFloat>(
    boxes: impl TensorLike<'g, T>,
    scores: impl Operand<'g, T>,
    max_output_size: impl Operand<'g, i32>,
    options: SuppressionOptions<'g>,
) -> Tensor<'g, i32> {
    let g = boxes.graph();
    g.function_scope("non_max_suppression", Location::caller(), |_| {
        let iou = or(g, options.iou_threshold, "iou_threshold", 0.5);
        let least = or(
            g,
            options.score_threshold,
            "score_threshold",
            f64::NEG_INFINITY,
        );
        let op = function(g, "NonMaxSuppressionV3");
        let op = op.arg(boxes).arg(scores).arg(max_output_size);
        op.any(iou).any(least).output().typed()
    })
}

/// [`non_max_suppression`] with the scores of the boxes besides (`tf.image.non_max_suppression_with_scores`).
#[track_caller]
pub fn non_max_suppression_with_scores<'g, T: StandardShortFloat>(
    boxes: impl TensorLike<'g, T>,
    scores: impl Operand<'g, T>,
    max_output_size: impl Operand<'g, i32>,
) -> (Tensor<'g, i32>, Tensor<'g, T>) {
    let options = SuppressionOptions::default();
    non_max_suppression_with_scores_with(boxes, scores, max_output_size, options)
}

/// [`non_max_suppression_with_scores`] with options.
#[track_caller]
pub fn non_max_suppression_with_scores_with<'g, T: StandardShortFloat>(
    boxes: impl TensorLike<'g, T>,
    scores: impl Operand<'g, T>,
    max_output_size: impl Operand<'g, i32>,
    options: SuppressionOptions<'g>,
) -> (Tensor<'g, i32>, Tensor<'g, T>) {
    let g = boxes.graph();
    let name = "non_max_suppression_with_scores";
    g.function_scope(name, Location::caller(), |_| {
        let iou = or(g, options.iou_threshold, "iou_threshold", 0.5);
        let least = or(
            g,
            options.score_threshold,
            "score_threshold",
            f64::NEG_INFINITY,
        );
        let sigma = or(g, options.soft_nms_sigma, "soft_nms_sigma", 0.0);
        let op = function(g, "NonMaxSuppressionV5");
        let op = op.arg(boxes).arg(scores).arg(max_output_size);
        let kept = op.any(iou).any(least).any(sigma).finish();
        (kept.output(0).typed(), kept.output(1).typed())
    })
}

/// [`non_max_suppression`] with the number of boxes besides (`tf.image.non_max_suppression_padded`).
#[track_caller]
pub fn non_max_suppression_padded<'g, T: StandardShortFloat>(
    boxes: impl TensorLike<'g, T>,
    scores: impl Operand<'g, T>,
    max_output_size: impl Operand<'g, i32>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    let options = SuppressionOptions::default();
    non_max_suppression_padded_with(boxes, scores, max_output_size, options)
}

/// [`non_max_suppression_padded`] with options.
#[track_caller]
pub fn non_max_suppression_padded_with<'g, T: StandardShortFloat>(
    boxes: impl TensorLike<'g, T>,
    scores: impl Operand<'g, T>,
    max_output_size: impl Operand<'g, i32>,
    options: SuppressionOptions<'g>,
) -> (Tensor<'g, i32>, Tensor<'g, i32>) {
    let g = boxes.graph();
    g.function_scope("non_max_suppression_padded", Location::caller(), |_| {
        let iou = or(g, options.iou_threshold, "iou_threshold", 0.5);
        let least = or(
            g,
            options.score_threshold,
            "score_threshold",
            f64::NEG_INFINITY,
        );
        let op = function(g, "NonMaxSuppressionV4");
        let op = op.arg(boxes).arg(scores).arg(max_output_size);
        let op = op.any(iou).any(least);
        let kept = op.attr("pad_to_max_output_size", options.pad).finish();
        (kept.output(0).typed(), kept.output(1).typed())
    })
}

/// The indices of boxes with high scores that overlap little, where `overlaps` says by how much each two do
/// (`tf.image.non_max_suppression_overlaps`).
#[track_caller]
pub fn non_max_suppression_overlaps<'g>(
    overlaps: impl TensorLike<'g, f32>,
    scores: impl Operand<'g, f32>,
    max_output_size: impl Operand<'g, i32>,
    options: SuppressionOptions<'g>,
) -> Tensor<'g, i32> {
    let g = overlaps.graph();
    let name = "non_max_suppression_overlaps";
    g.function_scope(name, Location::caller(), |_| {
        let most = or(g, options.iou_threshold, "overlap_threshold", 0.5);
        let op = function(g, "NonMaxSuppressionWithOverlaps");
        let op = op.arg(overlaps).arg(scores).arg(max_output_size);
        let least = options.score_threshold;
        let least = least.unwrap_or(Arg::Number(f64::NEG_INFINITY));
        op.input(most).input(least).output().typed()
    })
}

/// What [`combined_non_max_suppression`] keeps.
#[derive(Debug, Clone, Copy)]
pub struct CombinedDetections<'g> {
    /// The boxes, `[batch, detections, 4]`.
    pub nmsed_boxes: Tensor<'g, f32>,
    /// Their scores, `[batch, detections]`.
    pub nmsed_scores: Tensor<'g, f32>,
    /// Their classes, `[batch, detections]`.
    pub nmsed_classes: Tensor<'g, f32>,
    /// How many there are in each image, `[batch]`.
    pub valid_detections: Tensor<'g, i32>,
}

/// Boxes with high scores that overlap little, for a batch of images and all classes together
/// (`tf.image.combined_non_max_suppression`).
///
/// `boxes` is `[batch, boxes, classes or 1, 4]`, `scores` is `[batch, boxes, classes]`.
#[track_caller]
pub fn combined_non_max_suppression<'g>(
    boxes: impl TensorLike<'g, f32>,
    scores: impl Operand<'g, f32>,
    max_output_size_per_class: impl Operand<'g, i32>,
    max_total_size: impl Operand<'g, i32>,
) -> CombinedDetections<'g> {
    let sizes = (max_output_size_per_class, max_total_size);
    let options = SuppressionOptions::default();
    combined_non_max_suppression_with(boxes, scores, sizes.0, sizes.1, options)
}

/// [`combined_non_max_suppression`] with options.
#[track_caller]
pub fn combined_non_max_suppression_with<'g>(
    boxes: impl TensorLike<'g, f32>,
    scores: impl Operand<'g, f32>,
    max_output_size_per_class: impl Operand<'g, i32>,
    max_total_size: impl Operand<'g, i32>,
    options: SuppressionOptions<'g>,
) -> CombinedDetections<'g> {
    let g = boxes.graph();
    let name = "combined_non_max_suppression";
    let kept = g.function_scope(name, Location::caller(), |_| {
        let iou = or(g, options.iou_threshold, "iou_threshold", 0.5);
        let least = or(
            g,
            options.score_threshold,
            "score_threshold",
            f64::NEG_INFINITY,
        );
        let op = function(g, "CombinedNonMaxSuppression");
        let op = op.arg(boxes).arg(scores);
        let op = op.arg(max_output_size_per_class).arg(max_total_size);
        let op = op.any(iou).any(least);
        let op = op.attr("pad_per_class", options.pad);
        op.attr("clip_boxes", options.clip_boxes.unwrap_or(true))
            .finish()
    });
    CombinedDetections {
        nmsed_boxes: kept.output(0).typed(),
        nmsed_scores: kept.output(1).typed(),
        nmsed_classes: kept.output(2).typed(),
        valid_detections: kept.output(3).typed(),
    }
}
