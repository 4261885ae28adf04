//! Boxes around what images show.

use std::panic::Location;

use crate::dtype::{DType, TensorType};
use crate::graph::{AnyOperand, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Call, Nodes, function};
use crate::ops::table::Outputs;
use crate::ops::types::{SizeInt, StandardShortFloat};
use crate::ops::{OrDefault, TensorLike};

/// A batch of images with the outlines of boxes drawn into them (`tf.image.draw_bounding_boxes`).
///
/// `boxes` is `[batch, boxes, 4]`: top, left, bottom and right as fractions of the image. The rows of `colors` are taken
/// in turn; `()` stands for TensorFlow's own.
#[track_caller]
pub fn draw_bounding_boxes<'g, T: StandardShortFloat>(
    images: impl TensorLike<'g, T>,
    boxes: impl Operand<'g, f32>,
    colors: impl Into<OrDefault<AnyOperand<'g, f32>>>,
) -> Tensor<'g, T> {
    let g = images.graph();
    let boxed = match colors.into().0 {
        None => function(g, "DrawBoundingBoxes").arg(images).arg(boxes),
        Some(colors) => {
            let call = function(g, "DrawBoundingBoxesV2").arg(images).arg(boxes);
            call.arg(colors)
        }
    };
    boxed.typed()
}

options! {
    /// The boxes that [`sample_distorted_bounding_box`] draws.
    ///
    /// ```
    /// use tfhub::ops::{array, image};
    /// use tfhub::ops::image::DistortionOptions;
    /// # let g = tfhub::GraphBuilder::new();
    /// let photo = g.placeholder::<f32>((120, 90, 3));
    /// let faces = g.placeholder::<f32>((1, None, 4));
    /// let options = DistortionOptions::default().min_object_covered(0.5).area_range([0.3, 1.0]).seed(7);
    /// let size = g.constant([120, 90, 3]);
    /// let part = image::sample_distorted_bounding_box(size, faces, options);
    /// let part = array::slice(photo, part.begin, part.size);
    /// assert_eq!(part.shape().rank(), Some(3));
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone)]
    DistortionOptions<'g> {
        /// The attribute `seed` of the node; 0 by default.
        seed: i64 = 0;
        /// The attribute `seed2` of the node; 0 by default.
        seed2: i64 = 0;
        /// The part of one of the given boxes that a drawn box has to have; 0.1 by default.
        min_object_covered: Arg<'g> = Arg::Number(0.1), impl Operand<'g, f32> + 'g => Arg::of(min_object_covered);
        /// The range of width by height; from 0.75 to 1.33 by default.
        aspect_ratio_range: [f32; 2] = [0.75, 1.33];
        /// The range of the part of the image; from 0.05 to 1 by default.
        area_range: [f32; 2] = [0.05, 1.0];
        /// The number of attempts after which the whole image is taken; 100 by default.
        max_attempts: i64 = 100;
        /// Whether the whole image stands for the box where none is given; that is an error by default.
        use_image_if_no_bounding_boxes: bool = false;
    }
}

/// A drawn box, as `tf.slice` and `tf.image.draw_bounding_boxes` take it.
#[derive(Debug, Clone, Copy)]
pub struct DistortedBoundingBox<'g, T: TensorType> {
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
    options: impl Into<DistortionOptions<'g>>,
) -> DistortedBoundingBox<'g, T> {
    let g = image_size.graph();
    let options = options.into();
    let op = "SampleDistortedBoundingBoxV2";
    let inner = if g.is_named() { None } else { Some(op) };
    let name = g.requested_name("sample_distorted_bounding_box");
    let sampled = {
        let _scope = g.open_inner_scope(&name, Location::caller());
        let op = Nodes(g).named(op, inner.unwrap_or(&name));
        op.arg(image_size)
            .arg(bounding_boxes)
            .input(options.min_object_covered)
            .attr("seed", options.seed)
            .attr("seed2", options.seed2)
            .attr("aspect_ratio_range", options.aspect_ratio_range)
            .attr("area_range", options.area_range)
            .attr("max_attempts", options.max_attempts)
            .attr(
                "use_image_if_no_bounding_boxes",
                options.use_image_if_no_bounding_boxes,
            )
            .finish()
    };
    Outputs::of(sampled)
}

outputs! {
    DistortedBoundingBox<T> { begin, size, bboxes }
    CombinedDetections { nmsed_boxes, nmsed_scores, nmsed_classes, valid_detections }
}

/// The boxes that a non-maximum suppression keeps.
///
/// ```
/// use tfhub::ops::image::{self, SuppressionOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let boxes = g.placeholder::<f32>((None, 4));
/// let scores = g.placeholder::<f32>((None,));
/// let options = SuppressionOptions::default().iou_threshold(0.3f32).score_threshold(0.5f32);
/// let kept = image::non_max_suppression(boxes, scores, 10, options);
/// assert_eq!(kept.shape().to_string(), "[?]");
/// # g.finish().unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct SuppressionOptions<'g> {
    iou_threshold: Arg<'g>,
    score_threshold: Arg<'g>,
    soft_nms_sigma: Arg<'g>,
    pad: bool,
    clip_boxes: bool,
}

impl Default for SuppressionOptions<'_> {
    fn default() -> Self {
        SuppressionOptions {
            iou_threshold: Arg::Number(0.5),
            score_threshold: Arg::Number(f64::NEG_INFINITY),
            soft_nms_sigma: Arg::Number(0.0),
            pad: false,
            clip_boxes: true,
        }
    }
}

defaults!(SuppressionOptions<'g>);

impl<'g> SuppressionOptions<'g> {
    /// The largest overlap of two boxes, as their common part by what both cover; 0.5 by default.
    ///
    /// For [`non_max_suppression_overlaps`], the largest of the given overlaps.
    pub fn iou_threshold<T: StandardShortFloat>(
        mut self,
        threshold: impl Operand<'g, T> + 'g,
    ) -> Self {
        self.iou_threshold = Arg::of(threshold);
        self
    }

    /// The least score of a box; minus infinity by default.
    pub fn score_threshold<T: StandardShortFloat>(
        mut self,
        threshold: impl Operand<'g, T> + 'g,
    ) -> Self {
        self.score_threshold = Arg::of(threshold);
        self
    }

    /// For [`non_max_suppression_with_scores`], how much the scores of overlapping boxes are lowered; they are not by
    /// default.
    pub fn soft_nms_sigma<T: StandardShortFloat>(
        mut self,
        sigma: impl Operand<'g, T> + 'g,
    ) -> Self {
        self.soft_nms_sigma = Arg::of(sigma);
        self
    }
}

setters! {
    impl['g] SuppressionOptions<'g> {
        /// For [`non_max_suppression_padded`] and [`combined_non_max_suppression`], whether the result is always as
        /// long as it may be; it is not by default.
        pad: bool;
        /// For [`combined_non_max_suppression`], whether boxes end at 0 and 1; they do by default.
        clip_boxes: bool;
    }
}

/// The node of a suppression: thresholds that are no tensors become constants before its other inputs do.
#[track_caller]
fn suppression<'g, Kept: Outputs<'g>>(
    g: &'g GraphBuilder,
    (name, op): (&'static str, &'static str),
    inputs: Vec<Arg<'g>>,
    thresholds: Vec<(&str, Arg<'g>)>,
    set: &dyn Fn(Call<'g>) -> Call<'g>,
) -> Kept {
    let _scope = g.open_function_scope(name);
    let thresholds = thresholds.into_iter();
    let thresholds = thresholds.map(|(name, arg)| arg.convert(g, name, DType::Float32));
    let thresholds: Vec<_> = thresholds.collect();
    let call = inputs.into_iter().fold(function(g, op), Call::input);
    Outputs::of(set(thresholds.into_iter().fold(call, Call::any)).finish())
}

/// Suppressions of boxes of one class; names after the outputs are of a threshold more and of an attribute that the
/// options set.
macro_rules! suppressions {
    ($(
        $(#[$doc:meta])*
        $name:ident $op:literal -> $Kept:ty $(| $threshold:ident)? $({ $attr:literal = $option:ident })?;
    )*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: StandardShortFloat>(
            boxes: impl TensorLike<'g, T>,
            scores: impl Operand<'g, T>,
            max_output_size: impl Operand<'g, i32>,
            options: impl Into<SuppressionOptions<'g>>,
        ) -> $Kept {
            let options = options.into();
            let inputs = vec![Arg::of(boxes), Arg::of(scores), Arg::of(max_output_size)];
            let thresholds = vec![
                ("iou_threshold", options.iou_threshold),
                ("score_threshold", options.score_threshold),
                $((stringify!($threshold), options.$threshold),)?
            ];
            suppression(boxes.graph(), (stringify!($name), $op), inputs, thresholds, &|call| {
                $(let call = call.attr($attr, options.$option);)?
                call
            })
        }
    )*};
}

suppressions! {
    /// The indices of boxes with high scores that overlap little, `[at most max_output_size]`
    /// (`tf.image.non_max_suppression`).
    ///
    /// `boxes` is `[boxes, 4]`, two opposite corners each.
    non_max_suppression "NonMaxSuppressionV3" -> Tensor<'g, i32>;
    /// [`non_max_suppression`] with the scores of the boxes besides (`tf.image.non_max_suppression_with_scores`).
    non_max_suppression_with_scores "NonMaxSuppressionV5" -> (Tensor<'g, i32>, Tensor<'g, T>) | soft_nms_sigma;
    /// [`non_max_suppression`] with the number of boxes besides (`tf.image.non_max_suppression_padded`).
    non_max_suppression_padded "NonMaxSuppressionV4" -> (Tensor<'g, i32>, Tensor<'g, i32>)
        { "pad_to_max_output_size" = pad };
}

/// The indices of boxes with high scores that overlap little, where `overlaps` says by how much each two do
/// (`tf.image.non_max_suppression_overlaps`).
#[track_caller]
pub fn non_max_suppression_overlaps<'g>(
    overlaps: impl TensorLike<'g, f32>,
    scores: impl Operand<'g, f32>,
    max_output_size: impl Operand<'g, i32>,
    options: impl Into<SuppressionOptions<'g>>,
) -> Tensor<'g, i32> {
    let options = options.into();
    let names = (
        "non_max_suppression_overlaps",
        "NonMaxSuppressionWithOverlaps",
    );
    let inputs = vec![Arg::of(overlaps), Arg::of(scores), Arg::of(max_output_size)];
    let thresholds = vec![("overlap_threshold", options.iou_threshold)];
    suppression(overlaps.graph(), names, inputs, thresholds, &|call| {
        call.input(&options.score_threshold)
    })
}

/// The boxes that [`combined_non_max_suppression`] keeps.
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
    options: impl Into<SuppressionOptions<'g>>,
) -> CombinedDetections<'g> {
    let options = options.into();
    let names = ("combined_non_max_suppression", "CombinedNonMaxSuppression");
    let sizes = (Arg::of(max_output_size_per_class), Arg::of(max_total_size));
    let inputs = vec![Arg::of(boxes), Arg::of(scores), sizes.0, sizes.1];
    let thresholds = vec![
        ("iou_threshold", options.iou_threshold),
        ("score_threshold", options.score_threshold),
    ];
    suppression(boxes.graph(), names, inputs, thresholds, &|call| {
        let call = call.attr("pad_per_class", options.pad);
        call.attr("clip_boxes", options.clip_boxes)
    })
}
