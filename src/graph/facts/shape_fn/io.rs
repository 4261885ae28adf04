//! Shapes of ops that read and write files.

use super::Outputs::{Fixed, Of, Unknown};
use super::{ANY, HANDLE, Inference, Inferred, expect_dim, fixed, known, refuse, unknown};
use crate::graph::facts::{self, OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    ranked("FixedLengthRecordReaderV2", &[], Fixed(&[&[]])),
    op("GenerateVocabRemapping", |i| {
        fixed(i, &[0, 0], &[&[i.int("num_new_vocab")], &[]])
    }),
    ranked("IdentityReaderV2", &[], Fixed(&[&[]])),
    ranked("LMDBReader", &[], Fixed(&[&[2]])).had_another_shape(),
    op("LoadAndRemapMatrix", |i| {
        let (rows, columns) = (i.int("num_rows"), i.int("num_cols"));
        fixed(i, &[ANY, 0], &[&[rows, columns]])
    }),
    op("MatchingFiles", |i| {
        i.at_most_rank(0, 1, "the pattern")?;
        fixed(i, &[], &[&[-1]])
    }),
    ranked("MergeV2Checkpoints", &[1, 0], Fixed(&[])),
    ranked("ReadFile", &[0], Fixed(&[&[]])),
    ranked("ReaderNumRecordsProduced", &[HANDLE], Fixed(&[&[]])),
    ranked("ReaderNumRecordsProducedV2", &[0], Fixed(&[&[]])),
    ranked("ReaderNumWorkUnitsCompleted", &[HANDLE], Fixed(&[&[]])),
    ranked("ReaderNumWorkUnitsCompletedV2", &[0], Fixed(&[&[]])),
    ranked("ReaderRead", &[HANDLE, HANDLE], Fixed(&[&[], &[]])),
    // Only here the handles' length is not looked at.
    ranked("ReaderReadUpTo", &[1, 1, 0], Fixed(&[&[-1], &[-1]])),
    ranked("ReaderReadUpToV2", &[0, 0, 0], Fixed(&[&[-1], &[-1]])),
    ranked("ReaderReadV2", &[0, 0], Fixed(&[&[], &[]])),
    ranked("ReaderReset", &[HANDLE], Fixed(&[])),
    ranked("ReaderResetV2", &[0], Fixed(&[])),
    ranked("ReaderRestoreState", &[HANDLE, 0], Fixed(&[])),
    ranked("ReaderRestoreStateV2", &[0, 0], Fixed(&[])),
    ranked("ReaderSerializeState", &[HANDLE], Fixed(&[&[]])),
    ranked("ReaderSerializeStateV2", &[0], Fixed(&[&[]])),
    ranked("Restore", &[0, 0], Unknown),
    ranked("RestoreSlice", &[0, 0, 0], Of(restored)),
    ranked("RestoreV2", &[0, 1, 1], Of(restored)),
    op("Save", save),
    op("SaveSlices", save),
    op("SaveV2", save),
    ranked("ShardedFilename", &[0, 0, 0], Fixed(&[&[]])),
    ranked("ShardedFilespec", &[0, 0], Fixed(&[&[]])),
    ranked("TFRecordReaderV2", &[], Fixed(&[&[]])),
    ranked("TextLineReaderV2", &[], Fixed(&[&[]])),
    ranked("WholeFileReader", &[], Fixed(&[&[2]])).had_another_shape(),
    ranked("WholeFileReaderV2", &[], Fixed(&[&[]])),
    ranked("WriteFile", &[0, 0], Fixed(&[])),
];

/// There is a name, and a slice where the op takes slices, for each tensor.
fn save(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 0)?;
    let lists = i.op.inputs.len() - 1;
    for index in 1..lists {
        let tensors = i.node.inputs.len() - lists;
        expect_dim(
            i.vector_len(index)?,
            tensors,
            "the number of names or slices",
        )?;
    }
    Ok(Vec::new())
}

/// The shapes of the slices that the third input lists.
fn restored(i: &Inference<'_>) -> Inferred {
    let Some(slices) = constant_strings(i, 2) else {
        return unknown(i);
    };
    if slices.len() != i.node.outputs.len() {
        return refuse(format_args!(
            "expected {} slices, found {}",
            i.node.outputs.len(),
            slices.len()
        ));
    }
    let mut shapes = Vec::new();
    for slice in &slices {
        shapes.push(match slice_shape(slice) {
            Some(shape) => shape,
            None => {
                let text = String::from_utf8_lossy(slice);
                return refuse(format_args!("expected sizes and a slice, found \"{text}\""));
            }
        });
    }
    Ok(shapes)
}

/// The slices of longer lists are not looked at.
const MAX_SLICES: usize = 1024;

/// The strings of an input that is a constant.
pub(super) fn constant_strings(i: &Inference<'_>, index: usize) -> Option<Vec<Vec<u8>>> {
    // A message with few bytes may stand for many elements.
    i.input(index)
        .num_elements()
        .filter(|&len| len <= MAX_SLICES)?;
    let node = &i.nodes[i.node.inputs[index].node.index()];
    let value = match facts::of(&node.op).is_constant() {
        true => known::compute::constant(node)?,
        false => return None,
    };
    let strings = value.strings()?.iter();
    Some(strings.map(|text| text.as_bytes().to_vec()).collect())
}

/// The shape of a slice, written as `3 4 0,2:-`: sizes of the tensor, then for each `first,length` or `-` for all.
///
/// An empty text stands for a whole tensor of any shape.
fn slice_shape(text: &[u8]) -> Option<Shape> {
    if text.is_empty() {
        return Some(Shape::unknown());
    }
    let (sizes, slice) = std::str::from_utf8(text).ok()?.rsplit_once(' ')?;
    let (mut sizes, mut extents) = (sizes.split(' '), slice.split(':'));
    let mut dims = Vec::new();
    loop {
        let (size, extent): (usize, _) = match (sizes.next(), extents.next()) {
            (Some(size), Some(extent)) => (size.parse().ok()?, extent),
            (None, None) => return Some(dims.into()),
            _ => return None,
        };
        dims.push(Some(match extent.split_once(',') {
            _ if extent == "-" => size,
            Some((first, len)) => {
                let (first, len): (usize, usize) = (first.parse().ok()?, len.parse().ok()?);
                if len == 0 || first.checked_add(len)? > size {
                    return None;
                }
                len
            }
            None => return None,
        }));
    }
}
