//! The mode of a module function: inference or training.

use super::tags::Tags;
use crate::control_flow::Predicate;

/// The mode that one definition is built in, by custom a variant each: inference without tags, training with the tag
/// `train`.
///
/// A layer's `training` and the predicate of [`smart_cond`](crate::GraphBuilder::smart_cond) take it as it is.
///
/// ```
/// use tfhub::control_flow::Predicate;
/// use tfhub::{Mode, Tags};
///
/// assert_eq!(Tags::from(Mode::Infer), Tags::none());
/// assert_eq!(Tags::from(Mode::Train), Tags::from(["train"]));
/// assert_eq!(Predicate::from(Mode::Train).constant_value(), Some(true));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Inference, the variant without tags: dropout does nothing, batch normalization has the moving statistics.
    Infer,
    /// Training, the variant `train`: dropout drops, batch normalization has the batch's statistics and updates the moving
    /// ones.
    Train,
}

impl Mode {
    /// Both modes, in the order of their variants.
    pub const ALL: [Mode; 2] = [Mode::Infer, Mode::Train];

    /// Whether it is [`Mode::Train`], the argument `is_training` of Python's module functions.
    pub fn is_training(self) -> bool {
        self == Mode::Train
    }
}

impl From<Mode> for Tags {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Infer => Tags::none(),
            Mode::Train => Tags::from(["train"]),
        }
    }
}

impl From<Mode> for Predicate<'_> {
    fn from(mode: Mode) -> Self {
        mode.is_training().into()
    }
}
