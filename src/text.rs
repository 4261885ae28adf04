//! Text: files of word vectors.

mod word_vectors;

pub use word_vectors::{
    BadRows, Embeddings, OutOfVocabulary, WordVectorFormat, WordVectors, WordVectorsBuilder,
};
