//! Shapes of ops that decode and parse what strings hold.

use super::Outputs::Of;
use super::{
    Dim, Inference, Inferred, at_least_rank, at_most_rank, matrix, merge, one, refuse, scalar,
    tensor, unchanged, unknown, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("DecodeCSV", decode_csv),
    op("DecodeCompressed", unchanged),
    op("DecodeJSONExample", unchanged),
    op("DecodePaddedRaw", decode_padded_raw),
    op("DecodeProtoV2", decode_proto),
    op("DecodeRaw", |i| one(i.input(0).with_suffix(&[None]))),
    op("EncodeProto", encode_proto),
    ranked("ParseExample", &[1, 1], Of(parse_example)),
    ranked("ParseSequenceExample", &[1, 1], Of(parse_sequence_example)),
    op("ParseSingleExample", parse_single_example),
    ranked(
        "ParseSingleSequenceExample",
        &[0, 1],
        Of(parse_single_sequence_example),
    ),
    op("ParseTensor", unknown),
    op("SerializeTensor", scalar),
];

fn decode_csv(i: &Inference<'_>) -> Inferred {
    for index in i.arg("record_defaults") {
        let default = i.input(index);
        at_most_rank(default, 1, "a default")?;
        if default.num_elements().is_some_and(|len| len > 1) {
            return refuse(format_args!(
                "a default must have at most one element, its shape is {default}"
            ));
        }
    }
    i.all_outputs(i.input(0).clone())
}

fn decode_padded_raw(i: &Inference<'_>) -> Inferred {
    let len = match (i.size_from_input(1)?, i.node.outputs[0].dtype.size()) {
        (Some(length), Some(size)) if length % size != 0 => {
            return refuse(format_args!("{length} bytes do not divide by {size}"));
        }
        (Some(length), Some(size)) => Some(length / size),
        _ => None,
    };
    one(i.input(0).with_suffix(&[len]))
}

/// A group of sparse features: all indices, then all values, then all shapes.
fn sparse(shapes: &mut Vec<Shape>, count: usize, rank: usize) {
    for shape in [matrix(None, Some(rank)), vector(None), vector(Some(rank))] {
        shapes.resize(shapes.len() + count, shape);
    }
}

/// A group of dense features, each behind the dimensions of `prefix`.
fn dense(i: &Inference<'_>, shapes: &mut Vec<Shape>, attr: &str, prefix: &[Dim]) {
    let prefix = tensor(prefix);
    for shape in &i.shapes(attr) {
        shapes.push(prefix.joined(shape));
    }
}

/// How many types the attribute lists.
fn types(i: &Inference<'_>, attr: &str) -> usize {
    i.list(attr).map_or(0, |list| list.r#type.len())
}

/// Of a dense feature, at most the first dimension is unknown.
fn check_dense_shapes(i: &Inference<'_>) -> Inferred<()> {
    for shape in &i.shapes("dense_shapes") {
        let inner = shape.dims().map(|dims| dims.get(1..).unwrap_or_default());
        if inner.is_none_or(|inner| inner.contains(&None)) {
            return refuse(format_args!(
                "attribute \"dense_shapes\" has {shape}, of which at most the first dimension may be unknown"
            ));
        }
    }
    Ok(())
}

fn parse_example(i: &Inference<'_>) -> Inferred {
    check_dense_shapes(i)?;
    let mut shapes = Vec::new();
    sparse(&mut shapes, types(i, "sparse_types"), 2);
    dense(i, &mut shapes, "dense_shapes", i.ranked(0, 1)?);
    complete(i, shapes)
}

fn parse_single_example(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 0)?;
    let strings = |attr| i.list(attr).map_or(0, |list| list.s.len());
    let sparse_keys = i.size("num_sparse");
    for (count, expected) in [
        (strings("sparse_keys"), sparse_keys),
        (types(i, "sparse_types"), sparse_keys),
        (strings("dense_keys"), Some(types(i, "Tdense"))),
    ] {
        if Some(count) != expected {
            return Err("there are not as many keys as types of features".into());
        }
    }
    check_dense_shapes(i)?;
    let mut shapes = Vec::new();
    sparse(&mut shapes, types(i, "sparse_types"), 1);
    dense(i, &mut shapes, "dense_shapes", &[]);
    complete(i, shapes)
}

fn parse_sequence_example(i: &Inference<'_>) -> Inferred {
    let batch = i.vector_len(0)?;
    let mut shapes = Vec::new();
    sparse(&mut shapes, types(i, "context_sparse_types"), 2);
    dense(i, &mut shapes, "context_dense_shapes", &[batch]);
    sparse(&mut shapes, types(i, "feature_list_sparse_types"), 3);
    let lists = [batch, None];
    dense(i, &mut shapes, "feature_list_dense_shapes", &lists);
    let lengths = types(i, "feature_list_dense_types");
    shapes.resize(shapes.len() + lengths, vector(batch));
    complete(i, shapes)
}

fn parse_single_sequence_example(i: &Inference<'_>) -> Inferred {
    let mut shapes = Vec::new();
    sparse(&mut shapes, types(i, "context_sparse_types"), 1);
    dense(i, &mut shapes, "context_dense_shapes", &[]);
    sparse(&mut shapes, types(i, "feature_list_sparse_types"), 2);
    dense(i, &mut shapes, "feature_list_dense_shapes", &[None]);
    complete(i, shapes)
}

/// The attributes must say as much as the node has outputs.
fn complete(i: &Inference<'_>, shapes: Vec<Shape>) -> Inferred {
    let (found, expected) = (shapes.len(), i.node.outputs.len());
    if found == expected {
        return Ok(shapes);
    }
    refuse(format_args!(
        "attributes must describe {expected} outputs, found {found}"
    ))
}

/// For each field, how often it is there and its values.
fn decode_proto(i: &Inference<'_>) -> Inferred {
    let fields = types(i, "output_types");
    let mut shapes = vec![i.input(0).with_suffix(&[None]); i.node.outputs.len()];
    shapes[0] = i.input(0).with_suffix(&[Some(fields)]);
    Ok(shapes)
}

/// A message for each place before the last dimension of the values.
fn encode_proto(i: &Inference<'_>) -> Inferred {
    let mut messages = Shape::unknown();
    for index in i.arg("values") {
        let values = i.input(index);
        at_least_rank(values, 2, "the values of a field")?;
        messages = merge(
            &messages,
            &values.without_last(1),
            "shapes of fields but for the last dimension",
        )?;
    }
    one(messages)
}
