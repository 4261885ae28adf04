//! Conditionals whose predicate may be known while the graph is built.

use crate::graph::{GraphBuilder, Structure, Tensor};
use crate::ops::constant_value;

/// The predicate of [`GraphBuilder::smart_cond`]: a `bool`, or a scalar tensor.
///
/// Layers take their argument `training` as one.
///
/// ```
/// use tfhub::control_flow::Predicate;
/// # let g = tfhub::GraphBuilder::new();
/// assert_eq!(Predicate::from(true).constant_value(), Some(true));
/// assert_eq!(Predicate::from(g.constant(false)).constant_value(), Some(false));
/// assert_eq!(Predicate::from(g.placeholder::<bool>(())).constant_value(), None);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Predicate<'g>(Kind<'g>);

#[derive(Debug, Clone, Copy)]
enum Kind<'g> {
    Known(bool),
    Tensor(Tensor<'g, bool>),
}

impl From<bool> for Predicate<'_> {
    fn from(value: bool) -> Self {
        Predicate(Kind::Known(value))
    }
}

impl<'g> From<Tensor<'g, bool>> for Predicate<'g> {
    fn from(tensor: Tensor<'g, bool>) -> Self {
        Predicate(Kind::Tensor(tensor))
    }
}

impl Predicate<'_> {
    /// The value, if it is known while the graph is built (`smart_constant_value`): that of a `bool`, and that of a tensor
    /// which follows from constants alone.
    pub fn constant_value(self) -> Option<bool> {
        match self.0 {
            Kind::Known(value) => Some(value),
            Kind::Tensor(tensor) => {
                let value = constant_value::folded(tensor.any())?;
                if !value.shape().is_empty() {
                    return None;
                }
                value.as_slice::<bool>().ok()?.first().copied()
            }
        }
    }
}

impl GraphBuilder {
    /// The results of one of two closures, of which only one runs if the predicate is known
    /// (`tf.contrib.framework.smart_cond`).
    ///
    /// A `bool` and a tensor that follows from constants choose while the graph is built: the closure makes its nodes where
    /// the call stands, and a name that [`named`](Self::named) asks for is not used. Otherwise it is
    /// [`cond`](Self::cond).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let y = g.smart_cond(true, || x * 2.0, || x);
    /// assert_eq!(y.name(), "mul:0");
    /// let is_training = g.placeholder::<bool>(());
    /// let z = g.smart_cond(is_training, || x * 2.0, || x);
    /// assert_eq!(z.name(), "cond/Merge:0");
    /// # g.finish().unwrap();
    /// ```
    #[track_caller]
    pub fn smart_cond<'g, R: Structure<'g>>(
        &'g self,
        predicate: impl Into<Predicate<'g>>,
        if_true: impl FnOnce() -> R,
        if_false: impl FnOnce() -> R,
    ) -> R {
        let predicate = predicate.into();
        let chosen = predicate.constant_value();
        match (chosen, predicate.0) {
            (None, Kind::Tensor(tensor)) => self.cond(tensor, if_true, if_false),
            (chosen, _) => {
                // Python has no use for the name.
                self.requested_name("cond");
                self.in_scope("", || match chosen {
                    Some(true) => if_true(),
                    _ => if_false(),
                })
            }
        }
    }
}
