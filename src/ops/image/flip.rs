//! Mirrored and transposed images.

use std::panic::Location;

use super::check::{at_least_3d, wrong_rank};
use crate::dtype::TensorType;
use crate::graph::Tensor;
use crate::ops::TensorLike;
use crate::ops::nodes::Nodes;
use crate::ops::types::Reversible;
use crate::shape::Shape;

/// Images with left and right exchanged (`tf.image.flip_left_right`).
#[track_caller]
pub fn flip_left_right<'g, T: Reversible>(image: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    flip(image, 1, "flip_left_right")
}

/// Images with top and bottom exchanged (`tf.image.flip_up_down`).
#[track_caller]
pub fn flip_up_down<'g, T: Reversible>(image: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    flip(image, 0, "flip_up_down")
}

#[track_caller]
fn flip<'g, T: Reversible>(
    image: impl TensorLike<'g, T>,
    axis: i32,
    name: &'static str,
) -> Tensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(image.graph(), name);
    let image = n.tensor(image, "image");
    let image = at_least_3d(n, image).guarded(n);
    let shape = image.shape();
    let flipped = match shape.rank() {
        Some(3) | None => n.binary("ReverseV2", image, [axis]),
        Some(4) => return n.binary("ReverseV2", image, [axis + 1]).typed(),
        Some(_) => return wrong_rank(n, &image.shape()).typed(),
    };
    flipped.set_shape(match shape.rank() {
        Some(_) => shape,
        None => Shape::unknown_of_rank(3),
    });
    flipped.typed()
}

/// Images with height and width exchanged (`tf.image.transpose`).
#[track_caller]
pub fn transpose_image<'g, T: TensorType>(image: impl TensorLike<'g, T>) -> Tensor<'g, T> {
    let g = image.graph();
    let n = Nodes(g);
    let name = g.requested_name("transpose");
    let _scope = g.open_inner_scope(&name, Location::caller());
    let image = image.into_tensor(g, "image").any();
    let image = at_least_3d(n, image).guarded(n);
    let perm = match image.shape().rank() {
        Some(3) | None => vec![1, 0, 2],
        Some(4) => vec![0, 2, 1, 3],
        Some(_) => return wrong_rank(n, &image.shape()).typed(),
    };
    n.call(("Transpose", &name), [image.into(), perm.into()])
        .typed()
}
