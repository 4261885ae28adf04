//! Features as ops take and give them.

use std::panic::Location;

use super::{Feature, Features, Kind, ParsedFeature};
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Operation};
use crate::ops::io::DefaultValue;
use crate::ops::nodes::Nodes;
use crate::ops::sparse::AnySparseTensor;
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::value::{IntoTensorValue, TensorValue};

/// Sparse and dense features as the ops take them, each sorted by key.
#[derive(Default)]
pub(super) struct Raw<'g> {
    pub(super) sparse_keys: Vec<String>,
    pub(super) sparse_types: Vec<DType>,
    pub(super) dense_keys: Vec<String>,
    pub(super) dense_types: Vec<DType>,
    pub(super) dense_shapes: Vec<Shape>,
    pub(super) dense_defaults: Vec<Option<DefaultValue<'g>>>,
    /// The dense features that may be absent.
    pub(super) missing: Vec<String>,
}

impl<'g> Raw<'g> {
    /// The features in the order of their keys; only some kinds are taken.
    pub(super) fn of(features: &Features<'g>, kinds: &[&str]) -> Result<Raw<'g>, String> {
        let mut raw = Raw::default();
        for (key, feature) in features {
            if !kinds.contains(&feature.kind_name()) {
                return Err(format!(
                    "feature \"{key}\" is a {}, which is not parsed here",
                    feature.kind_name()
                ));
            }
            match &feature.kind {
                Kind::VarLen => raw.sparse(key, feature.dtype)?,
                Kind::Sparse {
                    index_keys,
                    value_key,
                    ..
                } => {
                    let mut index_keys = index_keys.clone();
                    index_keys.sort_unstable();
                    for index_key in &index_keys {
                        raw.shared_sparse(index_key, DType::Int64)?;
                    }
                    raw.shared_sparse(value_key, feature.dtype)?;
                }
                Kind::FixedLen(shape) if !shape.is_static() => {
                    return Err(format!(
                        "feature \"{key}\": expected a known shape, found {shape}"
                    ));
                }
                Kind::FixedLen(shape) => raw.dense(key, feature, shape.clone()),
                Kind::FixedLenSequence {
                    shape,
                    allow_missing,
                } => {
                    if *allow_missing {
                        raw.missing.push(key.clone());
                    }
                    raw.dense(key, feature, shape.clone());
                }
            }
        }
        match raw
            .dense_keys
            .iter()
            .find(|key| raw.sparse_keys.contains(key))
        {
            Some(key) => Err(format!("feature \"{key}\" is dense and sparse")),
            None => Ok(raw),
        }
    }

    fn sparse(&mut self, key: &str, dtype: DType) -> Result<(), String> {
        self.sparse_keys.push(key.to_owned());
        self.sparse_types.push(dtype);
        Ok(())
    }

    /// A feature that several sparse ones may use.
    fn shared_sparse(&mut self, key: &str, dtype: DType) -> Result<(), String> {
        let known = self.sparse_keys.iter().position(|other| other == key);
        match known.map(|at| self.sparse_types[at]) {
            Some(other) if other == dtype => Ok(()),
            Some(other) => Err(format!("feature \"{key}\" is of {other} and of {dtype}")),
            None => self.sparse(key, dtype),
        }
    }

    fn dense(&mut self, key: &str, feature: &Feature<'g>, shape: Shape) {
        self.dense_keys.push(key.to_owned());
        self.dense_types.push(feature.dtype);
        self.dense_shapes.push(shape);
        self.dense_defaults.push(feature.default_value.clone());
    }

    /// The defaults of dense features as tensors; `reshape` gives those of fixed length their shape.
    pub(super) fn defaults(&self, g: &'g GraphBuilder, reshape: bool) -> Vec<AnyTensor<'g>> {
        let dense = self
            .dense_keys
            .iter()
            .zip(&self.dense_types)
            .zip(&self.dense_shapes);
        let dense = dense.zip(&self.dense_defaults);
        dense
            .map(|(((key, &dtype), shape), default)| {
                let is_sequence = shape.dims().is_some_and(|dims| dims.first() == Some(&None));
                let part = |prefix: &str| format!("{prefix}_{}", as_name(key));
                match (default, is_sequence) {
                    (None, true) => g.constant_named("Const", zero(dtype)),
                    (Some(value), true) => reshaped(g, value.tensor(g, &part("padding")), &[]),
                    (None, false) => g.constant_filled("Const", &zero(dtype), &[0]),
                    (Some(DefaultValue::Tensor(tensor)), false) => *tensor,
                    (Some(value), false) => {
                        let value = value.tensor(g, &part("key"));
                        match shape.to_static().filter(|_| reshape) {
                            Some(sizes) => reshaped(g, value, &sizes),
                            None => value,
                        }
                    }
                }
            })
            .collect()
    }

    /// The features among a node's outputs.
    pub(super) fn parsed(&self, outputs: &mut Outputs<'g>) -> SortedMap<String, ParsedFeature<'g>> {
        let indices = outputs.take(self.sparse_keys.len());
        let values = outputs.take(self.sparse_keys.len());
        let shapes = outputs.take(self.sparse_keys.len());
        let dense = outputs.take(self.dense_keys.len());
        let parts = indices.into_iter().zip(values).zip(shapes);
        let sparse = parts.map(|((indices, values), shape)| {
            ParsedFeature::Sparse(AnySparseTensor {
                indices: indices.typed(),
                values,
                dense_shape: shape.typed(),
            })
        });
        let dense = dense.into_iter().map(ParsedFeature::Dense);
        let keys = self.sparse_keys.iter().chain(&self.dense_keys).cloned();
        keys.zip(sparse.chain(dense)).collect()
    }

    /// Enters the scopes that Python enters for the sparse tensors.
    pub(super) fn enter_scopes(&self, g: &'g GraphBuilder) {
        for _ in &self.sparse_keys {
            g.inner_scope("SparseTensor", Location::caller(), |_| ());
        }
    }
}

impl<'g> DefaultValue<'g> {
    fn tensor(&self, g: &'g GraphBuilder, name: &str) -> AnyTensor<'g> {
        match self {
            DefaultValue::Static(value) => g.constant_named(name, value.clone()),
            DefaultValue::Tensor(tensor) => *tensor,
        }
    }
}

/// The outputs of a node, taken in order.
pub(super) struct Outputs<'g> {
    operation: Operation<'g>,
    next: usize,
}

impl<'g> Outputs<'g> {
    pub(super) fn of(operation: Operation<'g>) -> Self {
        Outputs { operation, next: 0 }
    }

    pub(super) fn take(&mut self, count: usize) -> Vec<AnyTensor<'g>> {
        let outputs = (self.next..self.next + count)
            .map(|at| self.operation.output(at))
            .collect();
        self.next += count;
        outputs
    }
}

/// The key with what names of nodes cannot have replaced.
fn as_name(key: &str) -> String {
    let valid = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    key.chars()
        .map(|c| if valid(c) { c } else { '_' })
        .collect()
}

fn zero(dtype: DType) -> TensorValue {
    match TensorValue::scalar_from_f64(dtype, 0.0) {
        Some(zero) => zero,
        None => "".into_tensor_value(),
    }
}

fn reshaped<'g>(g: &'g GraphBuilder, x: AnyTensor<'g>, sizes: &[usize]) -> AnyTensor<'g> {
    let sizes: Vec<i32> = sizes.iter().map(|&size| size as i32).collect();
    Nodes(g).reshape(x, sizes)
}
