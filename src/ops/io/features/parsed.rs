//! Features that were parsed.

use std::collections::BTreeMap;

use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::sparse::{AnySparseTensor, SparseTensor};
use crate::sorted_map::SortedMap;

/// A feature that was parsed.
#[derive(Debug, Clone, Copy)]
pub enum ParsedFeature<'g> {
    /// Of a feature with fixed length, or a sequence of them.
    Dense(AnyTensor<'g>),
    /// Of a feature with variable length, or a sparse one.
    Sparse(AnySparseTensor<'g>),
}

/// The features that were parsed, by their keys.
#[derive(Debug, Clone)]
pub struct ParsedFeatures<'g> {
    pub(super) g: &'g GraphBuilder,
    pub(super) features: SortedMap<String, ParsedFeature<'g>>,
}

impl<'g> ParsedFeatures<'g> {
    /// The keys with the features.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ParsedFeature<'g>)> {
        self.features
            .iter()
            .map(|(key, feature)| (key.as_str(), *feature))
    }

    /// A dense feature; if there is none of the key or it has another element type, that is reported.
    #[track_caller]
    pub fn dense<T: TensorType>(&self, key: &str) -> Tensor<'g, T> {
        if let Some(ParsedFeature::Dense(tensor)) = self.features.get(key) {
            return tensor.typed();
        }
        self.missing("dense", key);
        AnyTensor::poison(self.g).typed()
    }

    /// A sparse feature; if there is none of the key or it has another element type, that is reported.
    #[track_caller]
    pub fn sparse<T: TensorType>(&self, key: &str) -> SparseTensor<'g, T> {
        if let Some(ParsedFeature::Sparse(sparse)) = self.features.get(key) {
            return sparse.typed();
        }
        self.missing("sparse", key);
        let poison = AnyTensor::poison(self.g);
        SparseTensor {
            indices: poison.typed(),
            values: poison.typed(),
            dense_shape: poison.typed(),
        }
    }

    #[track_caller]
    fn missing(&self, kind: &str, key: &str) {
        // Parsing that failed has been reported.
        if !self.features.is_empty() {
            self.g.report(
                Rule::Inputs,
                format_args!("no {kind} feature \"{key}\" was parsed"),
            );
        }
    }
}

/// The features of sequence examples that were parsed.
#[derive(Debug, Clone)]
pub struct ParsedSequences<'g> {
    /// The features of the context.
    pub context: ParsedFeatures<'g>,
    /// The features that are sequences.
    pub sequences: ParsedFeatures<'g>,
    /// For each dense sequence, how long it is in each example; nothing where there is one example.
    pub lengths: BTreeMap<String, Tensor<'g, i64>>,
}
