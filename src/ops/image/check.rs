//! Checks of the arguments of functions of images: while the graph is built as far as shapes are known, and with
//! `Assert` nodes otherwise.

use crate::error::Rule;
use crate::graph::{AnyTensor, Operation};
use crate::ops::nodes::{AssertOptions, Comparison, Nodes, Sign, Size};
use crate::shape::Shape;

/// The image, or nothing to be used if it is faulty, and the checks that have to run before it is used.
pub(super) struct Checked<'g> {
    pub(super) image: AnyTensor<'g>,
    pub(super) checks: Vec<Operation<'g>>,
}

impl<'g> Checked<'g> {
    /// An image without checks so far.
    pub(super) fn of(image: AnyTensor<'g>) -> Self {
        let checks = Vec::new();
        Checked { image, checks }
    }

    /// Checks a condition on sizes.
    pub(super) fn require(&mut self, n: Nodes<'g>, condition: Condition<'g>, message: &str) {
        match condition {
            Condition::Known(true) => {}
            Condition::Known(false) => self.image = n.fault(Rule::Value, message),
            Condition::Tensor(tensor) => {
                self.checks
                    .push(n.assert(tensor, vec![message.into()], None));
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
        n.0.with_dependencies(&self.checks, self.image)
    }
}

/// The outcome of a comparison, if it is known, or its tensor.
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
        f: fn(&i64, &i64) -> bool,
    ) -> Condition<'g> {
        match (self, other) {
            (Size::Known(a), Size::Known(b)) => Condition::Known(f(&a, &b)),
            // Python asks the tensor, which is on the right.
            (Size::Known(_), Size::Tensor(b)) => Condition::Tensor(n.binary(reflected, b, self)),
            (Size::Tensor(a), b) => Condition::Tensor(n.binary(op, a, b)),
        }
    }

    pub(super) fn at_least(self, n: Nodes<'g>, other: impl Into<Size<'g>>) -> Condition<'g> {
        let ops = ("GreaterEqual", "LessEqual");
        self.compare(n, ops, other.into(), i64::ge)
    }

    fn is_positive(self, n: Nodes<'g>) -> Condition<'g> {
        self.compare(n, ("Greater", "Less"), Size::Known(0), i64::gt)
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
    if shape.rank().is_some_and(|rank| rank < 3) {
        let message = format!("the image must have at least rank 3, its shape is {shape}");
        return Checked::of(n.fault(Rule::Shape, message));
    }
    if shape.dims().is_some_and(|dims| dims.contains(&Some(0))) {
        let message = format!("the image has no elements, its shape is {shape}");
        return Checked::of(n.fault(Rule::Shape, message));
    }
    let mut checked = Checked::of(image);
    if !shape.is_static() && !image.is_poison() {
        let sizes = n.shape(image);
        let message = "all dims of 'image.shape' must be > 0.";
        let options = AssertOptions::default().data([message]);
        let sign = Sign::Positive;
        let positive = n.assert_sign(sign.name(), sign, sizes.into(), options);
        let message = "'image' must be at least three-dimensional.";
        checked.checks = vec![positive, at_least_rank_3(n, n.rank(image), message)];
    }
    checked
}

fn at_least_rank_3<'g>(n: Nodes<'g>, rank: AnyTensor<'g>, message: &str) -> Operation<'g> {
    compared(n, Comparison::GREATER_EQUAL, (rank, 3), message)
}

/// The check of a tensor against a number.
fn compared<'g>(
    n: Nodes<'g>,
    comparison: Comparison,
    (x, y): (AnyTensor<'g>, i32),
    message: &str,
) -> Operation<'g> {
    let options = AssertOptions::default().message(message);
    let comparison = comparison.of_shape();
    n.assert_compared(comparison.name, comparison, (x.into(), y.into()), options)
}

/// An image whose last dimension has the size 1.
pub(super) fn grayscale<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> Checked<'g> {
    let shape = image.shape();
    let last = shape.to_static().and_then(|dims| dims.last().copied());
    let fault = if shape.rank().is_some_and(|rank| rank < 2) {
        Some("a grayscale image must have at least rank 2")
    } else if last.is_some_and(|last| last != 1) {
        Some("the last dimension of a grayscale image must have size 1")
    } else {
        None
    };
    if let Some(fault) = fault {
        let message = format!("{fault}, the shape is {shape}");
        return Checked::of(n.fault(Rule::Shape, message));
    }
    let mut checked = Checked::of(image);
    if !shape.is_static() && !image.is_poison() {
        let channels = n.at(n.shape(image), -1);
        let message = "Last dimension of a grayscale image should be size 1.";
        let one = compared(n, Comparison::EQUAL, (channels, 1), message);
        let message = "A grayscale image must be at least two-dimensional.";
        checked.checks = vec![one, at_least_rank_3(n, n.rank(image), message)];
    }
    checked
}

/// Images as a batch: a single image, for which the second value is true, becomes a batch of one.
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

/// The images that [`batched`] was given, from the batch that it made of them.
pub(super) fn unbatched<'g>(n: Nodes<'g>, image: AnyTensor<'g>, single: bool) -> AnyTensor<'g> {
    if single {
        n.squeeze(image, &[0])
    } else {
        image
    }
}

/// The sizes of a batch of images: those that are known, and otherwise elements of its shape.
pub(super) fn dimensions<'g>(n: Nodes<'g>, image: AnyTensor<'g>) -> [Size<'g>; 4] {
    let shape = image.shape();
    let known = |index: usize| shape.dims().and_then(|dims| *dims.get(index)?);
    if let [Some(batch), Some(height), Some(width), Some(depth)] = [0, 1, 2, 3].map(known) {
        return [batch, height, width, depth].map(Size::from);
    }
    let sizes = n.unstack(n.shape(image), 4);
    [0, 1, 2, 3].map(|index| known(index).map_or(Size::Tensor(sizes[index]), Size::from))
}
