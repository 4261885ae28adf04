//! Text: word vectors from files, the modules that are made of them, and tokenizers in the graph.
//!
//! A module that takes sentences does not rely on its users to split them as its author did. The tokenizers make graphs of
//! TensorFlow's own ops, which any release from 1.15 on runs without another library.
//!
//! | subject | items |
//! | --- | --- |
//! | files of word vectors | [`WordVectors`], [`WordVectorsBuilder`], [`WordVectorFormat`], [`EmbeddingValues`] |
//! | the module of tokens or sentences | [`Embedding`] |
//! | tokens of sentences | [`clean`], [`space_cjk`], [`space_punctuation`], [`basic_tokenize`] |
//! | n-grams | [`ngrams`], [`char_ngrams`] |
//! | fastText models | [`FastTextReader`], [`subword_embedding_lookup`] |
//!
//! The features `gzip` and `zstd`, which are on by default, read files that are compressed so.

mod embedding;
mod fasttext;
mod tokenize;
mod word_vectors;

pub use embedding::Embedding;
pub use fasttext::*;
pub use tokenize::*;
pub use word_vectors::{
    BadRows, EmbeddingValues, OutOfVocabulary, WordVectorFormat, WordVectors, WordVectorsBuilder,
};
