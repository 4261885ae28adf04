//! Where an exporter takes the values of variables from.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::value::TensorValue;

/// Values of variables by name.
///
/// A [`Session`](crate::Session) is one, and so is a map of values.
pub trait VariableSource {
    /// The value of the variable with this name, or `None` if there is none.
    ///
    /// # Errors
    /// If there is one that cannot be computed or read.
    fn variable(&self, name: &str) -> Result<Option<Cow<'_, TensorValue>>>;
}

impl VariableSource for BTreeMap<String, TensorValue> {
    fn variable(&self, name: &str) -> Result<Option<Cow<'_, TensorValue>>> {
        Ok(self.get(name).map(Cow::Borrowed))
    }
}

impl VariableSource for HashMap<String, TensorValue> {
    fn variable(&self, name: &str) -> Result<Option<Cow<'_, TensorValue>>> {
        Ok(self.get(name).map(Cow::Borrowed))
    }
}
