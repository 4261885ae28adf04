//! What functions of images check of their arguments: while the graph is built as far as shapes are known, and with
//! `Assert` nodes otherwise.

use super::Size;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operation};
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::shape::Shape;

/// The image, or nothing to be used if it is faulty, and the checks that have to run before it is used.
pub(super) struct Checked<'g> {
    pub(super) image: AnyTensor<'g>,
    pub(super) checks: Vec<Operation<'g>>,
}

impl<'g> Checked<'g> {
    /// Checks a condition on sizes.
    pub(super) fn require(&mut self, n: Nodes<'g>, condition: Condition<'g>, message: &str) {
        match condition {
            Condition::Known(true) => {}
            Condition::Known(false) => self.image = n.fault(Rule::Value, message),
            Condition::Tensor(tensor) => {
                self.checks.push(n.assert(tensor, &[message.into()], None));
            }
        }
    }

    /// Checks that a size that is asked for is positive.
    pub(super) fn require_target(&mut self, n: Nodes<'g>, (height, width): (Size<'g>, Size<'g>)) {
        for (size, message) in [
            (width, "target_width must be > 0."),
            (height, "target_height must be > 0."),
        ] {
            let is_positive = size.is_positive(n);
            self.require(n, is_positive, message);
        }
    }

    /// The image after its checks.
    pub(super) fn guarded(&self, n: Nodes<'g>) -> AnyTensor<'g> {
        n.with_dependencies(&self.checks, self.image)
    }
}

/// What a comparison gives.
#[derive(Clone, Copy)]
pub(super) enum Condition<'g> {
    Known(bool),
    Tensor(AnyTensor<'g>),
}

impl<'g> Size<'g> {
    fn compare(
        self,
        n: Nodes<'g>,
        (op, reflected): (&'static str, &'static str),
        other: Size<'g>,
        f: fn(&i32, &i32) -> bool,
    ) -> Condition<'g> {
        match (self, other) {
            (Size::Known(a), Size::Known(b)) => Condition::Known(f(&a, &b)),
            // Python asks the tensor, which is on the right.
            (Size::Known(a), Size::Tensor(b)) => Condition::Tensor(n.binary(reflected, b, a)),
            (Size::Tensor(a), b) => Condition::Tensor(n.binary(op, a, b)),
        }
    }

    pub(super) fn at_least(self, n: Nodes<'g>, other: impl Into<Size<'g>>) -> Condition<'g> {
        let ops = ("GreaterEqual", "LessEqual");
        self.compare(n, ops, other.into(), i32::ge)
    }

    /// The same with a number of the tensor's dtype.
    pub(super) fn at_least_number(self, n: Nodes<'g>, number: f64) -> Condition<'g> {
        match self {
            Size::Known(size) => Condition::Known(f64::from(size) >= number),
            Size::Tensor(tensor) => {
                Condition::Tensor(n.binary("GreaterEqual", tensor, Arg::Number(number)))
            }
        }
    }

    fn is_positive(self, n: Nodes<'g>) -> Condition<'g> {
        self.compare(n, ("Greater", "Less"), Size::Known(0), i32::gt)
    }

    /// `tf.equal`, which takes the arguments as they come.
    pub(super) fn equals(self, n: Nodes<'g>, other: Size<'g>) -> Condition<'g> {
        match (self, other) {
            (Size::Known(a), Size::Known(b)) => Condition::Known(a == b),
            (a, b) => Condition::Tensor(n.binary("Equal", a, b)),
        }
    }
}

/// An image, or a batch, none of whose sizes is zero.
pub(super) fn at_least_3d<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> Checked<'g> {
    let shape = image.shape();
    let checks = Vec::new();
    if shape.rank().is_some_and(|rank| rank < 3) {
        let message = format!("the image must have at least rank 3, its shape is {shape}");
        let image = n.fault(Rule::Shape, message);
        return Checked { image, checks };
    }
    if has_zero(&shape) {
        let message = format!("the image has no elements, its shape is {shape}");
        let image = n.fault(Rule::Shape, message);
        return Checked { image, checks };
    }
    let mut checked = Checked { image, checks };
    if !shape.is_static() && !image.is_poison() {
        let sizes = n.shape(image);
        let positive = n.assert_positive(sizes, "all dims of 'image.shape' must be > 0.");
        let rank = n.rank(image);
        let known = shape.rank().map(|rank| rank >= 3);
        let message = "'image' must be at least three-dimensional.";
        checked.checks = vec![positive, at_least_rank_3(n, rank, message, known)];
    }
    checked
}

fn at_least_rank_3<'g>(
    n: Nodes<'g>,
    rank: AnyTensor<'g>,
    message: &str,
    known: Option<bool>,
) -> Operation<'g> {
    let comparison = ("assert_greater_equal", "GreaterEqual", ">=");
    n.assert_compared(comparison, rank, 3, message, known)
}

/// An image whose last dimension has the size 1.
pub(super) fn grayscale<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> Checked<'g> {
    let shape = image.shape();
    let checks = Vec::new();
    let last = shape.to_static().and_then(|dims| dims.last().copied());
    let fault = if shape.rank().is_some_and(|rank| rank < 2) {
        Some("a grayscale image must have at least rank 2")
    } else if last.is_some_and(|last| last != 1) {
        Some("the last dimension of a grayscale image must have size 1")
    } else {
        None
    };
    if let Some(fault) = fault {
        let image = n.fault(Rule::Shape, format_args!("{fault}, the shape is {shape}"));
        return Checked { image, checks };
    }
    let mut checked = Checked { image, checks };
    if !shape.is_static() && !image.is_poison() {
        let channels = n.index(n.shape(image), [Slice::at(-1)]);
        // Python opens the scope once more, for a check that makes no node.
        n.scope("assert_equal", |_| ());
        let message = "Last dimension of a grayscale image should be size 1.";
        let equal = ("assert_equal", "Equal", "==");
        let one = n.assert_compared(equal, channels, 1, message, None);
        let message = "A grayscale image must be at least two-dimensional.";
        let known = shape.rank().map(|rank| rank >= 3);
        checked.checks = vec![one, at_least_rank_3(n, n.rank(image), message, known)];
    }
    checked
}

fn has_zero(shape: &Shape) -> bool {
    shape.dims().is_some_and(|dims| dims.contains(&Some(0)))
}

/// Images as a batch: what is no batch becomes one of one image, which is what the second value says.
pub(super) fn batched<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> (AnyTensor<'g>, bool) {
    match image.shape().rank() {
        Some(3) => (n.expand_dims(image, 0), true),
        Some(4) => (image, false),
        None => {
            let image = n.expand_dims(image, 0);
            image.set_shape(Shape::unknown_of_rank(4));
            (image, true)
        }
        Some(_) => (wrong_rank(n, &image.shape()), false),
    }
}

/// The fault of an image that has neither rank 3 nor 4.
pub(super) fn wrong_rank<'g>(n: Nodes<'g>, shape: &Shape) -> AnyTensor<'g> {
    let message = format!("images must have rank 3 or 4, found {shape}");
    n.fault(Rule::Shape, message)
}

/// What [`batched`] was given.
pub(super) fn unbatched<'g>(n: Nodes<'g>, image: AnyTensor<'g>, single: bool) -> AnyTensor<'g> {
    if single { n.squeeze(image, [0]) } else { image }
}

/// The sizes of a batch of images: those that are known, and otherwise elements of its shape.
pub(super) fn dimensions<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> [Size<'g>; 4] {
    let shape = image.shape();
    let known = |index: usize| shape.dims().and_then(|dims| *dims.get(index)?);
    let known = |index| known(index).and_then(|size| i32::try_from(size).ok());
    if let [Some(batch), Some(height), Some(width), Some(depth)] = [0, 1, 2, 3].map(known) {
        return [batch, height, width, depth].map(Size::Known);
    }
    let sizes = n.unstack(n.shape(image), 4);
    [0, 1, 2, 3].map(|index| known(index).map_or(Size::Tensor(sizes[index]), Size::Known))
}
