pub(crate) use super::nodes::{Call as Generated, generated, generated_as};
