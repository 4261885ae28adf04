//! Initial values that are read from checkpoints, as `RestoreV2` does.

use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use super::{InitialValue, Session, Slot, check_type};
use crate::checkpoint::CheckpointReader;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, Node};
use crate::proto::tensorflow::attr_value::Value;
use crate::sorted_map::SortedMap;
use crate::source::{VariableSource as _, VariableValue};
use crate::value::{TensorSlice, TensorValue};

errors! {
    #[derive(Debug)]
    enum RestoreError {
        #[error("expected the path of a checkpoint in UTF-8, and as many names as places of parts")]
        Inputs,
        #[error("the checkpoint has no tensor \"{0}\"")]
        NoTensor(String),
        #[error("expected the place of a part, such as \"4 2 0,2:0,2\", found \"{0}\"")]
        Slice(String),
    }
}

impl From<RestoreError> for Error {
    fn from(error: RestoreError) -> Self {
        let kind = match error {
            RestoreError::NoTensor(_) => ErrorKind::NotFound,
            RestoreError::Inputs | RestoreError::Slice(_) => ErrorKind::InvalidValue,
        };
        Error::new(kind, error)
    }
}

/// The checkpoints that the variables of some graphs begin with, each opened once, when it is needed.
#[derive(Debug, Default)]
pub(super) struct Checkpoints(SortedMap<String, OnceCell<CheckpointReader>>);

impl Checkpoints {
    /// Those that the initial values of variables are read from.
    pub(super) fn of<'a>(slots: impl Iterator<Item = &'a Slot>, graphs: &[Graph]) -> Self {
        let prefix = |slot: &Slot| {
            let nodes = graphs[slot.graph].nodes();
            let node = &nodes[slot.info.initial_value?.node.index()];
            let prefix = node.inputs.first().filter(|_| is_restore(node))?;
            match nodes[prefix.node.index()].attr("value")? {
                Value::Tensor(value) => match &value.string_val[..] {
                    [prefix] => String::from_utf8(prefix.clone()).ok(),
                    _ => None,
                },
                _ => None,
            }
        };
        let mut checkpoints = SortedMap::new();
        for prefix in slots.filter_map(prefix) {
            checkpoints.get_or_insert_with(prefix, OnceCell::new);
        }
        Checkpoints(checkpoints)
    }

    fn open(&self, prefix: &str) -> Result<Reader<'_>> {
        let Some(known) = self.0.get(prefix) else {
            let reader = CheckpointReader::open(prefix)?;
            return Ok(Reader::Own(Rc::new(reader)));
        };
        if let Some(open) = known.get() {
            return Ok(Reader::Known(open));
        }
        let reader = CheckpointReader::open(prefix)?;
        Ok(Reader::Known(known.get_or_init(|| reader)))
    }
}

/// An open checkpoint: one that variables begin with, or one that another initial value reads.
#[derive(Debug, Clone)]
enum Reader<'s> {
    Known(&'s CheckpointReader),
    Own(Rc<CheckpointReader>),
}

impl Deref for Reader<'_> {
    type Target = CheckpointReader;

    fn deref(&self) -> &CheckpointReader {
        match self {
            Reader::Known(reader) => reader,
            Reader::Own(reader) => reader,
        }
    }
}

/// A tensor of a checkpoint, or a part of one.
#[derive(Debug)]
pub(super) struct Restored<'s> {
    reader: Reader<'s>,
    name: String,
    slice: Option<TensorSlice>,
}

impl Restored<'_> {
    /// The value, which is still in the files.
    pub(super) fn value(&self) -> Result<VariableValue<'_>> {
        let value = self.reader.variable(&self.name)?;
        let missing = || {
            let error = RestoreError::NoTensor(self.name.clone());
            Error::from(error).with_path(self.reader.prefix())
        };
        let value = value.ok_or_else(missing)?;
        Ok(match &self.slice {
            Some(slice) if slice.is_within(value.shape()) => value.part(slice),
            Some(slice) => return Err(RestoreError::Slice(slice.to_string()).into()),
            None => value,
        })
    }
}

/// Whether the outputs of a node are tensors of a checkpoint.
pub(super) fn is_restore(node: &Node) -> bool {
    node.op.name() == "RestoreV2"
}

impl Session {
    /// The tensors that a node restores, given the path, the names and the places of parts.
    pub(super) fn restored(&self, operands: &[Arc<TensorValue>]) -> Result<Vec<Restored<'_>>> {
        let texts = |value: &TensorValue| {
            let strings = value.strings()?.iter();
            let texts = strings.map(|text| std::str::from_utf8(text.as_ref()).ok());
            texts.map(|text| Some(text?.to_owned())).collect()
        };
        let texts: Option<Vec<Vec<String>>> = operands.iter().map(|it| texts(it)).collect();
        let (prefix, names, slices) = match texts.as_deref() {
            Some([prefix, names, slices]) if names.len() == slices.len() => (prefix, names, slices),
            _ => return Err(RestoreError::Inputs.into()),
        };
        let [prefix] = &prefix[..] else {
            return Err(RestoreError::Inputs.into());
        };
        let reader = self.checkpoints.open(prefix)?;
        let restored = names.iter().zip(slices).map(|(name, slice)| {
            let slice = match slice.is_empty() {
                true => None,
                false => Some(parse(slice).ok_or_else(|| RestoreError::Slice(slice.clone()))?),
            };
            Ok(Restored {
                reader: reader.clone(),
                name: name.clone(),
                slice,
            })
        });
        restored.collect()
    }
}

impl<'s> InitialValue<'s> {
    /// The tensor of a checkpoint that the variable begins with, if it is one.
    pub(super) fn restored(&self) -> Result<Option<Restored<'s>>> {
        let Slot { info, graph, .. } = self.slot;
        let nodes = self.session.graphs[*graph].nodes();
        let Some(target) = info.initial_value else {
            return Ok(None);
        };
        let node = &nodes[target.node.index()];
        if !is_restore(node) {
            return Ok(None);
        }
        let operands = node.inputs.iter().map(|&input| {
            let held = self.session.evaluate(*graph, input, 0);
            held.map(|held| held.value).ok()
        });
        let Some(operands) = operands.collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let mut restored = self.session.restored(&operands)?;
        let index = target.index as usize;
        if index >= restored.len() {
            return Ok(None);
        }
        let restored = restored.swap_remove(index);
        let value = restored.value()?;
        check_type(info, value.dtype(), value.shape())?;
        drop(value);
        Ok(Some(restored))
    }
}

/// The place of a part: the sizes of the whole, then the start and the size in each dimension, `-` for all of it.
fn parse(text: &str) -> Option<TensorSlice> {
    let (sizes, ranges) = text.rsplit_once(' ')?;
    let sizes = sizes.split(' ').map(|size| size.parse().ok());
    let sizes = sizes.collect::<Option<Vec<usize>>>()?;
    let ranges: Vec<&str> = ranges.split(':').collect();
    if ranges.len() != sizes.len() {
        return None;
    }
    let ranges = ranges.iter().zip(&sizes).map(|(range, &size)| {
        if *range == "-" {
            return Some(0..size);
        }
        let (start, len) = range.split_once(',')?;
        let (start, len): (usize, usize) = (start.parse().ok()?, len.parse().ok()?);
        Some(start..start.checked_add(len)?)
    });
    let slice = TensorSlice::new(ranges.collect::<Option<Vec<_>>>()?);
    slice.is_within(&sizes).then_some(slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_part_is_parsed() {
        let slice = parse("4 2 1,2:-").unwrap();
        assert_eq!(slice.ranges(), [1..3, 0..2]);
        for malformed in [
            "",
            "4",
            "4 2 0,2",
            "4 2 0,2:0,3",
            "4 2 0,2:x",
            "4 2 0,18446744073709551615:-",
        ] {
            assert!(parse(malformed).is_none(), "{malformed}");
        }
    }
}
