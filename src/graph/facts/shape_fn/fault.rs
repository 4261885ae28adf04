//! The reason why the inputs of a node do not fit.

use std::fmt;

/// Why inputs do not fit; one word, so that the results of shape functions are small.
#[derive(Debug)]
pub(in crate::graph::facts) struct Fault(Box<Text>);

#[derive(Debug)]
struct Text(String);

impl Fault {
    pub(super) fn into_text(self) -> String {
        self.0.0
    }
}

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Fault(Box::new(Text(text)))
    }
}

impl From<&str> for Fault {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<fmt::Arguments<'_>> for Fault {
    fn from(text: fmt::Arguments<'_>) -> Self {
        fmt::format(text).into()
    }
}
