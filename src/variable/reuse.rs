//! Making variables, or finding those that exist.

/// The choice of `get_variable` between making variables and finding those that exist.
///
/// ```
/// use tfhub::variable::{EnterScope, Reuse};
/// # let g = tfhub::GraphBuilder::new();
/// for _ in 0..2 {
///     let tower = EnterScope::new("tower").reuse(Reuse::Auto);
///     let v = g.variable_scope(tower, |_| g.get_variable::<f32>("v").shape([2]).finish());
///     assert_eq!(v.name(), "tower/v");
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reuse {
    /// It makes a new one; an existing one is a fault.
    #[default]
    No,
    /// It finds an existing one; a missing one is a fault (`reuse=True`).
    Yes,
    /// It finds an existing one or makes it (`reuse=tf.AUTO_REUSE`).
    Auto,
}
