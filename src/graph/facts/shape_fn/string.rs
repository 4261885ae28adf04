//! Shapes of ops on strings.

use super::Outputs::Fixed;
use super::{
    ANY, Dim, Inference, Inferred, math, merge, one, one_unknown, ranks_are, refuse, scalar,
    tensor, tensors, unchanged, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("AsString", unchanged),
    op("DecodeBase64", unchanged),
    op("EncodeBase64", unchanged),
    op("ReduceJoin", math::reduce),
    op("RegexFullMatch", regex),
    op("RegexReplace", regex),
    op("StaticRegexFullMatch", unchanged),
    op("StaticRegexReplace", unchanged),
    op("StringFormat", string_format),
    op("StringJoin", string_join),
    op("StringLength", unchanged),
    op("StringLower", unchanged),
    op("StringNGrams", string_n_grams),
    ranked("StringSplit", &[1, 0], Fixed(SPLIT)),
    ranked("StringSplitV2", &[1, 0], Fixed(SPLIT)),
    op("StringStrip", unchanged),
    op("StringToHashBucket", unchanged),
    op("StringToHashBucketFast", unchanged),
    op("StringToHashBucketStrong", unchanged),
    op("StringToNumber", unchanged),
    op("StringUpper", unchanged),
    op("Substr", substr),
    op("UnicodeDecode", unicode_decode),
    op("UnicodeDecodeWithOffsets", unicode_decode),
    op("UnicodeEncode", unicode_encode),
    op("UnicodeScript", unchanged),
    op("UnicodeTranscode", unchanged),
    op("UnsortedSegmentJoin", unsorted_segment_join),
];

/// A sparse matrix: indices, values and shape.
const SPLIT: &[&[i64]] = &[&[-1, 2], &[-1], &[2]];

/// The pattern, and what replaces it, are scalars.
fn regex(i: &Inference<'_>) -> Inferred {
    ranks_are(i, &[ANY, 0, 0][..i.node.inputs.len()])?;
    unchanged(i)
}

/// The template has a place for each input.
fn string_format(i: &Inference<'_>) -> Inferred {
    let text = |attr| {
        let text = i.node.string_attr(attr).unwrap_or_default();
        String::from_utf8_lossy(text)
    };
    let (template, placeholder) = (text("template"), text("placeholder"));
    let places = match placeholder.is_empty() {
        true => template.len().saturating_sub(1),
        false => template.matches(&*placeholder).count(),
    };
    match i.node.inputs.len() {
        inputs if inputs == places => scalar(i),
        inputs => refuse(format_args!(
            "the template has {places} places, the node {inputs} inputs"
        )),
    }
}

/// Scalars are repeated; what is of unknown rank may be one.
fn string_join(i: &Inference<'_>) -> Inferred {
    let (mut scalars, mut joined) = (true, Shape::unknown());
    for input in i.inputs() {
        if input.rank() != Some(0) {
            scalars = false;
            joined = merge(&joined, input, "shapes of inputs that are no scalars")?;
        }
    }
    one(if scalars { Shape::scalar() } else { joined })
}

fn string_n_grams(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 1)?;
    tensors(&[&[None], i.ranked(1, 1)?])
}

fn substr(i: &Inference<'_>) -> Inferred {
    let (pos, len) = (i.input(1), i.input(2));
    // What is unknown of one has to be unknown of the other.
    if pos.rank().is_some() && pos != len {
        return refuse(format_args!(
            "positions and lengths must have equal shapes: found {pos} and {len}"
        ));
    }
    math::broadcast(i)
}

/// A vector of row splits, then vectors with an element for each character.
fn unicode_decode(i: &Inference<'_>) -> Inferred {
    let count = i.input(0).num_elements();
    let splits = count.and_then(|count| count.checked_add(1));
    let mut shapes = vec![vector(None); i.node.outputs.len()];
    shapes[0] = vector(splits);
    Ok(shapes)
}

fn unicode_encode(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 1)?;
    let rows: Dim = match i.vector_len(1)? {
        Some(0) => return Err("expected at least 1 row split, found 0".into()),
        splits => splits.map(|splits| splits - 1),
    };
    one(vector(rows))
}

fn unsorted_segment_join(i: &Inference<'_>) -> Inferred {
    let (data, ids) = (i.input(0), i.input(1));
    i.check_scalars(2..3)?;
    let Some(ids) = ids.dims() else {
        return one_unknown();
    };
    let segments = i.size_from_input(2)?;
    let Some(data) = data.dims() else {
        return one_unknown();
    };
    let start = data.get(..ids.len());
    let fits = start.is_some_and(|start| tensor(start).is_compatible_with(i.input(1)));
    if !fits {
        return refuse(format_args!(
            "the data's shape {} must start with that of the segment ids, {}",
            i.input(0),
            i.input(1)
        ));
    }
    one(vector(segments).with_suffix(&data[ids.len()..]))
}
