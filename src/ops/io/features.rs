//! What is parsed from `tf.train.Example` and `tf.train.SequenceExample` messages.

use std::collections::BTreeMap;
use std::panic::Location;

use super::DefaultValue;
use crate::dtype::{ByteString, DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Call, generated_as};
use crate::ops::sparse::{self, Size, SparseTensor};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// How a feature is parsed; its elements are `f32`, `i64` or strings.
#[derive(Debug, Clone)]
pub struct Feature<'g> {
    kind: Kind,
    dtype: DType,
    default_value: Option<DefaultValue<'g>>,
}

#[derive(Debug, Clone)]
enum Kind {
    FixedLen(Shape),
    FixedLenSequence {
        shape: Shape,
        allow_missing: bool,
    },
    VarLen,
    Sparse {
        index_keys: Vec<String>,
        value_key: String,
        size: Vec<i64>,
        already_sorted: bool,
    },
}

impl<'g> Feature<'g> {
    fn new<T: TensorType>(kind: Kind) -> Self {
        Feature {
            kind,
            dtype: T::DTYPE,
            default_value: None,
        }
    }

    /// A dense tensor of one shape (`tf.io.FixedLenFeature`).
    pub fn fixed_len<T: TensorType>(shape: impl Into<Shape>) -> Self {
        Feature::new::<T>(Kind::FixedLen(shape.into()))
    }

    /// A dense tensor in which values of one shape are listed and filled up (`tf.io.FixedLenSequenceFeature`).
    pub fn fixed_len_sequence<T: TensorType>(shape: impl Into<Shape>) -> Self {
        Feature::new::<T>(Kind::FixedLenSequence {
            shape: shape.into(),
            allow_missing: false,
        })
    }

    /// A sparse tensor with the values of each example in a row (`tf.io.VarLenFeature`).
    pub fn var_len<T: TensorType>() -> Self {
        Feature::new::<T>(Kind::VarLen)
    }

    /// A sparse tensor whose values and indices are features of their own (`tf.io.SparseFeature`).
    ///
    /// There is an index and a size for each dimension.
    pub fn sparse<T: TensorType>(
        indices: impl IntoIterator<Item = (&'static str, i64)>,
        value_key: &str,
    ) -> Self {
        let (index_keys, size): (Vec<_>, Vec<_>) = indices.into_iter().unzip();
        Feature::new::<T>(Kind::Sparse {
            index_keys: index_keys.into_iter().map(str::to_owned).collect(),
            value_key: value_key.to_owned(),
            size,
            already_sorted: false,
        })
    }

    /// What a dense feature has where an example has none, or what a sequence is filled up with.
    pub fn default_value(self, default_value: DefaultValue<'g>) -> Self {
        Feature {
            default_value: Some(default_value),
            ..self
        }
    }

    /// Lets a sequence be absent, or shorter than others.
    pub fn allow_missing(mut self) -> Self {
        if let Kind::FixedLenSequence { allow_missing, .. } = &mut self.kind {
            *allow_missing = true;
        }
        self
    }

    /// Says that the indices of a sparse feature are in row-major order.
    pub fn already_sorted(mut self) -> Self {
        if let Kind::Sparse { already_sorted, .. } = &mut self.kind {
            *already_sorted = true;
        }
        self
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::FixedLen(_) => "FixedLenFeature",
            Kind::FixedLenSequence { .. } => "FixedLenSequenceFeature",
            Kind::VarLen => "VarLenFeature",
            Kind::Sparse { .. } => "SparseFeature",
        }
    }
}

/// A sparse tensor whose element type is known at run time.
#[derive(Debug, Clone, Copy)]
pub struct AnySparseTensor<'g> {
    /// Where the elements are.
    pub indices: Tensor<'g, i64>,
    /// The elements.
    pub values: AnyTensor<'g>,
    /// The shape of the dense tensor.
    pub dense_shape: Tensor<'g, i64>,
}

impl<'g> AnySparseTensor<'g> {
    /// The sparse tensor with its element type known to the compiler; if it is another, that is reported.
    #[track_caller]
    pub fn typed<T: TensorType>(self) -> SparseTensor<'g, T> {
        SparseTensor {
            indices: self.indices,
            values: self.values.typed(),
            dense_shape: self.dense_shape,
        }
    }
}

impl<'g, T: TensorType> From<SparseTensor<'g, T>> for AnySparseTensor<'g> {
    fn from(x: SparseTensor<'g, T>) -> Self {
        AnySparseTensor {
            indices: x.indices,
            values: x.values.any(),
            dense_shape: x.dense_shape,
        }
    }
}

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
    g: &'g GraphBuilder,
    features: BTreeMap<String, ParsedFeature<'g>>,
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

/// What the ops take: sparse and dense features, each sorted by key.
#[derive(Default)]
struct Raw<'g> {
    sparse_keys: Vec<String>,
    sparse_types: Vec<DType>,
    dense_keys: Vec<String>,
    dense_types: Vec<DType>,
    dense_shapes: Vec<Shape>,
    dense_defaults: Vec<Option<DefaultValue<'g>>>,
    /// The dense features that may be absent.
    missing: Vec<String>,
}

type Features<'g> = BTreeMap<String, Feature<'g>>;

fn sorted<'g, K: Into<String>>(
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> Features<'g> {
    features
        .into_iter()
        .map(|(key, feature)| (key.into(), feature))
        .collect()
}

impl<'g> Raw<'g> {
    /// The features in the order of their keys; only some kinds are taken.
    fn of(features: &Features<'g>, kinds: &[&str]) -> Result<Raw<'g>, String> {
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
    fn defaults(&self, g: &'g GraphBuilder, reshape: bool) -> Vec<AnyTensor<'g>> {
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
    fn parsed(&self, outputs: &mut Outputs<'g>) -> BTreeMap<String, ParsedFeature<'g>> {
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
    fn enter_scopes(&self, g: &'g GraphBuilder) {
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
struct Outputs<'g> {
    operation: Operation<'g>,
    next: usize,
}

impl<'g> Outputs<'g> {
    fn of(operation: Operation<'g>) -> Self {
        Outputs { operation, next: 0 }
    }

    fn take(&mut self, count: usize) -> Vec<AnyTensor<'g>> {
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
    generated_as(g, "Reshape", "Reshape", |op| {
        op.any(x).value(sizes).output()
    })
}

/// Sequences of one example, or of a batch, have a dimension for their length.
fn with_length<'g>(features: &Features<'g>) -> Result<Features<'g>, String> {
    let mut changed = features.clone();
    for (key, feature) in &mut changed {
        if let Kind::FixedLenSequence {
            shape,
            allow_missing,
        } = &mut feature.kind
        {
            let Some(dims) = shape.dims().filter(|_| *allow_missing) else {
                return Err(format!("feature \"{key}\" has to allow that it is missing"));
            };
            *shape = std::iter::once(None)
                .chain(dims.iter().copied())
                .collect::<Vec<_>>()
                .into();
        }
    }
    Ok(changed)
}

/// The sparse features in place of those that they are made of, and nothing that was not asked for.
fn with_sparse_features<'g>(
    features: &Features<'g>,
    mut parsed: BTreeMap<String, ParsedFeature<'g>>,
) -> BTreeMap<String, ParsedFeature<'g>> {
    for (key, feature) in features {
        let Kind::Sparse {
            index_keys,
            value_key,
            size,
            already_sorted,
        } = &feature.kind
        else {
            continue;
        };
        let part = |key: &String| match parsed.get(key) {
            Some(ParsedFeature::Sparse(part)) => Some(*part),
            _ => None,
        };
        let ids: Option<Vec<_>> = index_keys
            .iter()
            .map(|key| Some(part(key)?.typed()))
            .collect();
        let (Some(ids), Some(values)) = (ids, part(value_key)) else {
            continue;
        };
        let size: Vec<Size<'_>> = size.iter().map(|&size| size.into()).collect();
        let merged: AnySparseTensor<'g> = match values.values.dtype() {
            DType::Int64 => merged::<i64>(&ids, values, &size, *already_sorted),
            DType::Float32 => merged::<f32>(&ids, values, &size, *already_sorted),
            _ => merged::<ByteString>(&ids, values, &size, *already_sorted),
        };
        parsed.insert(key.clone(), ParsedFeature::Sparse(merged));
    }
    parsed.retain(|key, _| features.contains_key(key));
    parsed
}

fn merged<'g, T: TensorType>(
    ids: &[SparseTensor<'g, i64>],
    values: AnySparseTensor<'g>,
    size: &[Size<'g>],
    already_sorted: bool,
) -> AnySparseTensor<'g> {
    sparse::merge_with(ids, values.typed::<T>(), size, already_sorted).into()
}

impl<'g> Call<'g> {
    /// The next inputs: a scalar constant for each key.
    fn keys(self, g: &'g GraphBuilder, input: &str, keys: &[String]) -> Self {
        let key = |(at, key): (usize, &String)| {
            g.constant_named(&format!("{input}_{at}"), key.as_str().into_tensor_value())
        };
        let keys: Vec<_> = keys.iter().enumerate().map(key).collect();
        self.list(keys)
    }
}

/// Reports what is wrong with the features, for which nothing is parsed.
#[track_caller]
fn checked<R>(g: &GraphBuilder, raw: Result<R, String>) -> Option<R> {
    raw.map_err(|message| g.report(Rule::Value, message)).ok()
}

fn nothing<'g>(g: &'g GraphBuilder) -> ParsedFeatures<'g> {
    ParsedFeatures {
        g,
        features: BTreeMap::new(),
    }
}

const OF_EXAMPLES: &[&str] = &[
    "VarLenFeature",
    "SparseFeature",
    "FixedLenFeature",
    "FixedLenSequenceFeature",
];
const OF_CONTEXTS: &[&str] = &["VarLenFeature", "FixedLenFeature"];
const OF_SEQUENCES: &[&str] = &["VarLenFeature", "FixedLenSequenceFeature"];

fn of_example<'g>(features: &Features<'g>) -> Result<Raw<'g>, String> {
    if features.is_empty() {
        return Err("no features to parse".to_owned());
    }
    Raw::of(&with_length(features)?, OF_EXAMPLES)
}

/// The features of a vector of serialized `tf.train.Example` messages (`tf.io.parse_example`).
///
/// ```
/// use tfhub::ops::io::{self, Feature};
/// # let g = tfhub::GraphBuilder::new();
/// let examples = g.placeholder::<tfhub::ByteString>((None,));
/// let parsed = io::parse_example(examples, [
///     ("image", Feature::fixed_len::<f32>((28, 28))),
///     ("labels", Feature::var_len::<i64>()),
/// ]);
/// assert_eq!(parsed.dense::<f32>("image").shape().to_string(), "[?, 28, 28]");
/// assert_eq!(parsed.sparse::<i64>("labels").values.name(), "ParseExample/ParseExample:1");
/// ```
#[track_caller]
pub fn parse_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedFeatures<'g> {
    parse_example_with(serialized, features, Vec::<ByteString>::new())
}

/// The features of examples that have names for messages about faults (`tf.io.parse_example` with `example_names`).
#[track_caller]
pub fn parse_example_with<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
    example_names: impl Operand<'g, ByteString>,
) -> ParsedFeatures<'g> {
    let g = serialized.graph();
    let features = sorted(features);
    g.function_name("ParseExample", Location::caller(), |name| {
        let Some(raw) = checked(g, of_example(&features)) else {
            return nothing(g);
        };
        let parsed = g.inner_scope(name, Location::caller(), |_| {
            let defaults = raw.defaults(g, true);
            let node = generated_as(g, "ParseExample", name, |op| {
                op.arg(serialized)
                    .arg(example_names)
                    .keys(g, "sparse_keys", &raw.sparse_keys)
                    .keys(g, "dense_keys", &raw.dense_keys)
                    .list(defaults)
                    .attr("sparse_types", raw.sparse_types.clone())
                    .attr("dense_shapes", raw.dense_shapes.clone())
                    .finish()
            });
            raw.enter_scopes(g);
            raw.parsed(&mut Outputs::of(node))
        });
        ParsedFeatures {
            g,
            features: with_sparse_features(&features, parsed),
        }
    })
}

/// The features of one serialized `tf.train.Example` message (`tf.io.parse_single_example`).
#[track_caller]
pub fn parse_single_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedFeatures<'g> {
    let g = serialized.graph();
    let features = sorted(features);
    g.function_name("ParseSingleExample", Location::caller(), |name| {
        let Some(raw) = checked(g, of_example(&features)) else {
            return nothing(g);
        };
        let parsed = g.inner_scope(name, Location::caller(), |_| {
            let serialized = serialized.into_tensor(g, "serialized");
            let defaults = raw.defaults(g, true);
            let node = generated_as(g, "ParseSingleExample", name, |op| {
                op.arg(serialized)
                    .list(defaults)
                    .attr("num_sparse", raw.sparse_keys.len() as i64)
                    .attr("sparse_keys", bytes(&raw.sparse_keys))
                    .attr("dense_keys", bytes(&raw.dense_keys))
                    .attr("sparse_types", raw.sparse_types.clone())
                    .attr("dense_shapes", raw.dense_shapes.clone())
                    .finish()
            });
            raw.enter_scopes(g);
            raw.parsed(&mut Outputs::of(node))
        });
        ParsedFeatures {
            g,
            features: with_sparse_features(&features, parsed),
        }
    })
}

fn bytes(keys: &[String]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| key.clone().into_bytes()).collect()
}

/// The features of contexts and of sequences.
fn of_sequence_example<'g>(
    context: &Features<'g>,
    sequences: &Features<'g>,
) -> Result<(Raw<'g>, Raw<'g>), String> {
    if context.is_empty() && sequences.is_empty() {
        return Err("no features to parse".to_owned());
    }
    let sequences = Raw::of(sequences, OF_SEQUENCES)?;
    if let Some(at) = sequences.dense_defaults.iter().position(Option::is_some) {
        return Err(format!(
            "feature \"{}\" has a default value",
            sequences.dense_keys[at]
        ));
    }
    Ok((Raw::of(context, OF_CONTEXTS)?, sequences))
}

impl<'g> ParsedSequences<'g> {
    fn of(
        g: &'g GraphBuilder,
        (context, sequences): (&Raw<'g>, &Raw<'g>),
        node: Operation<'g>,
        has_lengths: bool,
    ) -> Self {
        context.enter_scopes(g);
        sequences.enter_scopes(g);
        let mut outputs = Outputs::of(node);
        let parsed = |features| ParsedFeatures { g, features };
        let of_context = parsed(context.parsed(&mut outputs));
        let of_sequences = parsed(sequences.parsed(&mut outputs));
        let lengths = match has_lengths {
            true => outputs.take(sequences.dense_keys.len()),
            false => Vec::new(),
        };
        let lengths = lengths.into_iter().map(AnyTensor::typed);
        ParsedSequences {
            context: of_context,
            sequences: of_sequences,
            lengths: sequences.dense_keys.iter().cloned().zip(lengths).collect(),
        }
    }

    fn nothing(g: &'g GraphBuilder) -> Self {
        ParsedSequences {
            context: nothing(g),
            sequences: nothing(g),
            lengths: BTreeMap::new(),
        }
    }
}

/// The features of a vector of serialized `tf.train.SequenceExample` messages (`tf.io.parse_sequence_example`).
#[track_caller]
pub fn parse_sequence_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    context: impl IntoIterator<Item = (K, Feature<'g>)>,
    sequences: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedSequences<'g> {
    let g = serialized.graph();
    let (context, sequences) = (sorted(context), sorted(sequences));
    g.function_name("ParseSequenceExample", Location::caller(), |name| {
        let Some((context, sequences)) = checked(g, of_sequence_example(&context, &sequences))
        else {
            return ParsedSequences::nothing(g);
        };
        g.inner_scope(name, Location::caller(), |_| {
            let defaults = context.defaults(g, false);
            let node = generated_as(g, "ParseSequenceExample", name, |op| {
                op.arg(serialized)
                    .value(Vec::<ByteString>::new())
                    .list(defaults)
                    .attr(
                        "feature_list_dense_missing_assumed_empty",
                        bytes(&sequences.missing),
                    )
                    .attr("context_sparse_keys", bytes(&context.sparse_keys))
                    .attr("context_dense_keys", bytes(&context.dense_keys))
                    .attr("feature_list_sparse_keys", bytes(&sequences.sparse_keys))
                    .attr("feature_list_dense_keys", bytes(&sequences.dense_keys))
                    .attr("Ncontext_sparse", context.sparse_keys.len() as i64)
                    .attr("Ncontext_dense", context.dense_keys.len() as i64)
                    .attr("Nfeature_list_sparse", sequences.sparse_keys.len() as i64)
                    .attr("Nfeature_list_dense", sequences.dense_keys.len() as i64)
                    .attr("context_sparse_types", context.sparse_types.clone())
                    .attr("feature_list_dense_types", sequences.dense_types.clone())
                    .attr("context_dense_shapes", context.dense_shapes.clone())
                    .attr("feature_list_sparse_types", sequences.sparse_types.clone())
                    .attr("feature_list_dense_shapes", sequences.dense_shapes.clone())
                    .finish()
            });
            ParsedSequences::of(g, (&context, &sequences), node, true)
        })
    })
}

/// The features of one serialized `tf.train.SequenceExample` message (`tf.io.parse_single_sequence_example`).
#[track_caller]
pub fn parse_single_sequence_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    context: impl IntoIterator<Item = (K, Feature<'g>)>,
    sequences: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedSequences<'g> {
    let g = serialized.graph();
    let (context, sequences) = (sorted(context), sorted(sequences));
    g.function_name("ParseSingleSequenceExample", Location::caller(), |name| {
        let Some((context, sequences)) = checked(g, of_sequence_example(&context, &sequences))
        else {
            return ParsedSequences::nothing(g);
        };
        g.inner_scope(name, Location::caller(), |_| {
            let defaults = context.defaults(g, true);
            let missing: Vec<_> = sequences
                .missing
                .iter()
                .map(|key| key.as_str().into())
                .collect();
            let node = generated_as(g, "ParseSingleSequenceExample", name, |op| {
                op.arg(serialized)
                    .value::<Vec<ByteString>>(missing)
                    .keys(g, "context_sparse_keys", &context.sparse_keys)
                    .keys(g, "context_dense_keys", &context.dense_keys)
                    .keys(g, "feature_list_sparse_keys", &sequences.sparse_keys)
                    .keys(g, "feature_list_dense_keys", &sequences.dense_keys)
                    .list(defaults)
                    .value("")
                    .attr("context_sparse_types", context.sparse_types.clone())
                    .attr("feature_list_dense_types", sequences.dense_types.clone())
                    .attr("context_dense_shapes", context.dense_shapes.clone())
                    .attr("feature_list_sparse_types", sequences.sparse_types.clone())
                    .attr("feature_list_dense_shapes", sequences.dense_shapes.clone())
                    .finish()
            });
            ParsedSequences::of(g, (&context, &sequences), node, false)
        })
    })
}
