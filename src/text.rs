//! Text in the graph: tokenizers of stock ops, and embeddings of words.
//!
//! A module that takes sentences does not rely on its users to split them as its author did. The functions of this module
//! make graphs of TensorFlow's own ops, which any release from 1.15 on runs without another library.
