//! fastText: the binary files of its models, and the vectors of words by their character n-grams.

mod model;
mod reader;
mod subwords;
#[cfg(test)]
mod tests;

pub use reader::{FastTextReader, FastTextWord, FastTextWords};
pub use subwords::{Subwords, subword_embedding_lookup};
