//! The functions that parse messages.

use std::collections::BTreeMap;
use std::panic::Location;

use super::raw::{Outputs, Raw};
use super::{Feature, Features, Kind, ParsedFeature, ParsedFeatures, ParsedSequences};
use crate::dtype::ByteString;
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operation};
use crate::ops::nodes::{Call, Nodes, Size};
use crate::ops::sparse;
use crate::ops::{OrDefault, TensorLike};
use crate::sorted_map::SortedMap;

fn sorted<'g, K: Into<String>>(
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> Features<'g> {
    features
        .into_iter()
        .map(|(key, feature)| (key.into(), feature))
        .collect()
}

const OF_EXAMPLES: &[&str] = &[
    "VarLenFeature",
    "SparseFeature",
    "FixedLenFeature",
    "FixedLenSequenceFeature",
];

const OF_CONTEXTS: &[&str] = &["VarLenFeature", "FixedLenFeature"];

const OF_SEQUENCES: &[&str] = &["VarLenFeature", "FixedLenSequenceFeature"];

/// Reports what is wrong with the features, for which nothing is parsed.
#[track_caller]
fn checked<R>(g: &GraphBuilder, raw: Result<R, String>) -> Option<R> {
    raw.map_err(|message| g.report(Rule::Value, message)).ok()
}

fn of_example<'g>(features: &Features<'g>) -> Result<Raw<'g>, String> {
    if features.is_empty() {
        return Err("no features to parse".to_owned());
    }
    Raw::of(&with_length(features)?, OF_EXAMPLES)
}

/// Sequences of one example, or of a batch, have a dimension for their length.
fn with_length<'g>(features: &Features<'g>) -> Result<Features<'g>, String> {
    let mut changed = Features::new();
    for (key, feature) in features {
        let mut feature = feature.clone();
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
        changed.insert(key.clone(), feature);
    }
    Ok(changed)
}

/// The sparse features in place of those that they are made of, and nothing that was not asked for.
fn with_sparse_features<'g>(
    features: &Features<'g>,
    mut parsed: SortedMap<String, ParsedFeature<'g>>,
) -> SortedMap<String, ParsedFeature<'g>> {
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
        let ids: Option<Vec<_>> = index_keys.iter().map(part).collect();
        let (Some(ids), Some(values)) = (ids, part(value_key)) else {
            continue;
        };
        let size: Vec<Size<'_>> = size.iter().map(|&size| size.into()).collect();
        let merged = sparse::merged("SparseMerge", &ids, values, &size, *already_sorted);
        parsed.insert(key.clone(), ParsedFeature::Sparse(merged));
    }
    parsed.retain(|key, _| features.contains_key(key));
    parsed
}

fn nothing<'g>(g: &'g GraphBuilder) -> ParsedFeatures<'g> {
    ParsedFeatures {
        g,
        features: SortedMap::new(),
    }
}

/// The features of examples that the node parses which `make` makes under a name.
#[track_caller]
fn examples<'g, K: Into<String>>(
    g: &'g GraphBuilder,
    op: &'static str,
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
    make: impl FnOnce(&Raw<'g>, &str) -> Operation<'g>,
) -> ParsedFeatures<'g> {
    let features = sorted(features);
    let name = g.open_function_name(op);
    let Some(raw) = checked(g, of_example(&features)) else {
        return nothing(g);
    };
    let parsed = {
        let _scope = g.open_inner_scope(&name, Location::caller());
        let node = make(&raw, &name);
        raw.enter_scopes(g);
        raw.parsed(&mut Outputs::of(node))
    };
    ParsedFeatures {
        g,
        features: with_sparse_features(&features, parsed),
    }
}

/// The features of a vector of serialized `tf.train.Example` messages (`tf.io.parse_example`).
///
/// The names of examples stand in messages about faults; `()` is for none.
///
/// ```
/// use tfhub::ops::io::{self, Feature};
/// # let g = tfhub::GraphBuilder::new();
/// let examples = g.placeholder::<tfhub::dtype::ByteString>((None,));
/// let parsed = io::parse_example(examples, [
///     ("image", Feature::fixed_len::<f32>((28, 28))),
///     ("labels", Feature::var_len::<i64>()),
/// ], ());
/// assert_eq!(parsed.dense::<f32>("image").shape().to_string(), "[?, 28, 28]");
/// assert_eq!(parsed.sparse::<i64>("labels").values.name(), "ParseExample/ParseExample:1");
/// ```
#[track_caller]
pub fn parse_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
    example_names: impl Into<OrDefault<AnyOperand<'g, ByteString>>>,
) -> ParsedFeatures<'g> {
    let example_names = example_names.into().0;
    let example_names = example_names.unwrap_or_else(|| Vec::<ByteString>::new().into());
    let g = serialized.graph();
    examples(g, "ParseExample", features, |raw, name| {
        let defaults = raw.defaults(g, true);
        Nodes(g)
            .named("ParseExample", name)
            .arg(serialized)
            .arg(example_names)
            .keys(&raw.sparse_keys)
            .keys(&raw.dense_keys)
            .tensors(defaults)
            .attr("sparse_types", raw.sparse_types.clone())
            .attr("dense_shapes", raw.dense_shapes.clone())
            .finish()
    })
}

/// The features of one serialized `tf.train.Example` message (`tf.io.parse_single_example`).
#[track_caller]
pub fn parse_single_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    features: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedFeatures<'g> {
    let g = serialized.graph();
    examples(g, "ParseSingleExample", features, |raw, name| {
        let serialized = serialized.into_tensor(g, "serialized");
        let defaults = raw.defaults(g, true);
        Nodes(g)
            .named("ParseSingleExample", name)
            .arg(serialized)
            .tensors(defaults)
            .attr("num_sparse", raw.sparse_keys.len() as i64)
            .attr("sparse_keys", bytes(&raw.sparse_keys))
            .attr("dense_keys", bytes(&raw.dense_keys))
            .attr("sparse_types", raw.sparse_types.clone())
            .attr("dense_shapes", raw.dense_shapes.clone())
            .finish()
    })
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

/// The features of sequence examples that the node parses which `make` makes under a name; the last outputs of some
/// are the lengths of sequences.
#[track_caller]
fn sequence_examples<'g>(
    g: &'g GraphBuilder,
    (op, has_lengths): (&'static str, bool),
    (context, sequences): (Features<'g>, Features<'g>),
    make: impl FnOnce(&Raw<'g>, &Raw<'g>, &str) -> Operation<'g>,
) -> ParsedSequences<'g> {
    let name = g.open_function_name(op);
    let Some((context, sequences)) = checked(g, of_sequence_example(&context, &sequences)) else {
        return ParsedSequences {
            context: nothing(g),
            sequences: nothing(g),
            lengths: BTreeMap::new(),
        };
    };
    let _scope = g.open_inner_scope(&name, Location::caller());
    let node = make(&context, &sequences, &name);
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

/// The features of a vector of serialized `tf.train.SequenceExample` messages (`tf.io.parse_sequence_example`).
#[track_caller]
pub fn parse_sequence_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    context: impl IntoIterator<Item = (K, Feature<'g>)>,
    sequences: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedSequences<'g> {
    let g = serialized.graph();
    let of = (sorted(context), sorted(sequences));
    sequence_examples(
        g,
        ("ParseSequenceExample", true),
        of,
        |context, sequences, name| {
            let defaults = context.defaults(g, false);
            Nodes(g)
                .named("ParseSequenceExample", name)
                .arg(serialized)
                .value(Vec::<ByteString>::new())
                .tensors(defaults)
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
                .types_and_shapes(context, sequences)
                .finish()
        },
    )
}

/// The features of one serialized `tf.train.SequenceExample` message (`tf.io.parse_single_sequence_example`).
#[track_caller]
pub fn parse_single_sequence_example<'g, K: Into<String>>(
    serialized: impl TensorLike<'g, ByteString>,
    context: impl IntoIterator<Item = (K, Feature<'g>)>,
    sequences: impl IntoIterator<Item = (K, Feature<'g>)>,
) -> ParsedSequences<'g> {
    let g = serialized.graph();
    let of = (sorted(context), sorted(sequences));
    sequence_examples(
        g,
        ("ParseSingleSequenceExample", false),
        of,
        |context, sequences, name| {
            let defaults = context.defaults(g, true);
            let missing = sequences.missing.iter();
            let missing: Vec<ByteString> = missing.map(|key| key.as_str().into()).collect();
            Nodes(g)
                .named("ParseSingleSequenceExample", name)
                .arg(serialized)
                .value(missing)
                .keys(&context.sparse_keys)
                .keys(&context.dense_keys)
                .keys(&sequences.sparse_keys)
                .keys(&sequences.dense_keys)
                .tensors(defaults)
                .value("")
                .types_and_shapes(context, sequences)
                .finish()
        },
    )
}

impl<'g> Call<'g> {
    /// The next inputs: a scalar constant for each key.
    fn keys(self, keys: &[String]) -> Self {
        self.list(keys.iter().map(|key| key.as_str().into()).collect())
    }

    /// The types and shapes of sequence examples' features.
    fn types_and_shapes(self, context: &Raw<'g>, sequences: &Raw<'g>) -> Self {
        self.attr("context_sparse_types", context.sparse_types.clone())
            .attr("context_dense_shapes", context.dense_shapes.clone())
            .attr("feature_list_sparse_types", sequences.sparse_types.clone())
            .attr("feature_list_dense_types", sequences.dense_types.clone())
            .attr("feature_list_dense_shapes", sequences.dense_shapes.clone())
    }
}

fn bytes(keys: &[String]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| key.clone().into_bytes()).collect()
}
