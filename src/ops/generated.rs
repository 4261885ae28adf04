//! What lookup tables and features of examples call of [`nodes`](super::nodes).

pub(crate) use super::nodes::{Call as Generated, generated_as};
