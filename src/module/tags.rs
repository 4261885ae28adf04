//! Tag sets, which tell the variants of a module apart.

use std::fmt;

/// The tags of a module's variant: a set of strings without an order.
///
/// By custom the empty set is the variant for inference and `train` the one for training.
///
/// ```
/// use tfhub::Tags;
///
/// assert_eq!(Tags::none().to_string(), "{}");
/// assert_eq!(Tags::from(["train", "gpu"]), Tags::from(["gpu", "train"]));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tags(Vec<String>);

impl Tags {
    /// The empty set.
    pub fn none() -> Self {
        Tags::default()
    }

    fn sorted(mut tags: Vec<String>) -> Self {
        tags.sort_unstable();
        tags.dedup();
        Tags(tags)
    }

    /// The tags, sorted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Tags {
    fn from(tags: [S; N]) -> Self {
        tags.into_iter().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Tags {
    fn from_iter<I: IntoIterator<Item = S>>(tags: I) -> Self {
        Tags::sorted(tags.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tags: Vec<_> = self.iter().collect();
        write!(f, "{{{}}}", tags.join(", "))
    }
}
