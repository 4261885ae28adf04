//! Text in the graph: files of word vectors, tokenizers of stock ops, and embeddings of words.
//!
//! A module that takes sentences does not rely on its users to split them as its author did. The functions of this module
//! make graphs of TensorFlow's own ops, which any release from 1.15 on runs without another library.
//!
//! | subject | items |
//! | --- | --- |
//! | files of word vectors | [`WordVectors`], [`Embeddings`] |
//! | tokens of sentences | [`clean`], [`space_cjk`], [`space_punctuation`], [`basic_tokenize`] |
//! | n-grams | [`ngrams`], [`char_ngrams`] |
//! | fastText models | [`FastTextReader`], [`subword_embedding_lookup`] |

mod fasttext;
mod ragged;
mod tokenize;
mod word_vectors;

pub use fasttext::*;
pub use tokenize::*;
pub use word_vectors::{
    BadRows, Embeddings, OutOfVocabulary, WordVectorFormat, WordVectors, WordVectorsBuilder,
};
