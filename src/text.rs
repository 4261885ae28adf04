//! Text: files of word vectors, and the embedding of tokens and sentences.

mod embedding;
mod word_vectors;

pub use embedding::Embedding;
pub use word_vectors::{
    BadRows, Embeddings, OutOfVocabulary, WordVectorFormat, WordVectors, WordVectorsBuilder,
};
