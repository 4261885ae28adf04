//! The parts that tensors are stored in: where they are, and whether they cover what is wanted.

use super::entry::{Entry, EntryError, Keyed, Part};
use super::error::{ReadError, name};
use super::reader::BundleReader;
use super::slice;
use crate::error::Result;
use crate::proto::tensorflow::TensorSliceProto;
use crate::sort::{sort, sort_by_key};
use crate::value::TensorSlice;

impl BundleReader {
    /// Checks that the parts of a tensor cover it, each element once; `get` has the entries of parts.
    pub(crate) fn check_parts(
        &self,
        (key, entry): &Keyed,
        get: &dyn Fn(&[u8]) -> Result<Option<Entry>>,
    ) -> Result<()> {
        let parts = self.parts_from(key, entry, get)?;
        let covered = check_cover(key, &parts, &TensorSlice::whole(&entry.shape));
        covered.map_err(|error| self.error(error))
    }

    /// The parts of a tensor, of which those with something of what is wanted cover it, each element once; one part if
    /// the tensor is whole.
    pub(super) fn parts_of(
        &self,
        key: &[u8],
        entry: &Entry,
        wanted: &TensorSlice,
    ) -> Result<Vec<Part>> {
        let mut parts = self.parts(key, entry)?;
        check_cover(key, &parts, wanted).map_err(|error| self.error(error))?;
        if !wanted.is_whole(&entry.shape) {
            parts.retain(|(part, _)| part.overlaps(wanted));
        }
        Ok(parts)
    }

    /// The parts of a tensor; one if it is whole.
    pub(super) fn parts(&self, key: &[u8], entry: &Entry) -> Result<Vec<Part>> {
        self.parts_from(key, entry, &|key| self.entry(key))
    }

    fn parts_from(
        &self,
        key: &[u8],
        entry: &Entry,
        get: &dyn Fn(&[u8]) -> Result<Option<Entry>>,
    ) -> Result<Vec<Part>> {
        if entry.slices.is_empty() {
            let whole = TensorSlice::whole(&entry.shape);
            return Ok(vec![(whole, (key.to_vec(), entry.clone()))]);
        }
        let (limit, found) = (self.max_key_bytes(), entry.slices.len());
        let key_bytes = (key.len() as u64).saturating_mul(found as u64);
        if key_bytes > limit {
            let key = name(key);
            return Err(self.error(ReadError::TooManyParts { key, limit, found }));
        }
        let parts = entry.slices.iter();
        parts
            .map(|part| self.part_from(key, entry, part, get))
            .collect()
    }

    fn part_from(
        &self,
        key: &[u8],
        entry: &Entry,
        proto: &TensorSliceProto,
        get: &dyn Fn(&[u8]) -> Result<Option<Entry>>,
    ) -> Result<Part> {
        let part = TensorSlice::from_proto(proto, &entry.shape).ok_or_else(|| {
            let (shape, found) = (entry.shape.clone(), proto.clone());
            self.error(ReadError::Entry {
                key: name(key),
                source: EntryError::Slice { shape, found },
            })
        })?;
        let key_of_part = slice::key(key, proto);
        let found = get(&key_of_part)?.ok_or_else(|| {
            let (key, part) = (name(key), part.clone());
            self.error(ReadError::NoPart { key, part })
        })?;
        let shape = part.shape();
        if (found.dtype, &found.shape) != (entry.dtype, &shape) {
            return Err(self.error(ReadError::PartType {
                key: name(key),
                part,
                expected: format!("{} {shape:?}", entry.dtype),
                found: format!("{} {:?}", found.dtype, found.shape),
            }));
        }
        Ok((part, (key_of_part, found)))
    }
}

/// Whether the parts cover what is wanted, each element once.
fn check_cover(key: &[u8], parts: &[Part], wanted: &TensorSlice) -> Result<(), ReadError> {
    if let [(part, _)] = parts {
        if part == wanted {
            return Ok(());
        }
    }
    let mut parts: Vec<_> = parts.iter().map(|(part, _)| part).collect();
    // Sorted along the dimension that is cut most often, few parts begin before another ends.
    let cuts = |&dim: &usize| {
        let mut starts: Vec<_> = parts.iter().map(|part| part.ranges()[dim].start).collect();
        sort(&mut starts);
        starts.dedup();
        starts.len()
    };
    let along = (0..wanted.ranges().len()).max_by_key(cuts);
    let range = |part: &TensorSlice| along.map_or(0..1, |dim| part.ranges()[dim].clone());
    sort_by_key(&mut parts, |part| range(part).start);
    let mut covered = 0;
    for (index, part) in parts.iter().enumerate() {
        let end = range(part).end;
        let mut near = parts[index + 1..]
            .iter()
            .take_while(|other| range(other).start < end);
        let other = near.find(|other| part.overlaps(other));
        if let Some(common) = other.and_then(|other| part.intersection(other)) {
            let key = name(key);
            return Err(ReadError::Overlap { key, common });
        }
        covered += part
            .intersection(wanted)
            .map_or(0, |common| common.num_elements());
    }
    if covered != wanted.num_elements() {
        return Err(ReadError::Uncovered {
            key: name(key),
            wanted: wanted.clone(),
            expected: wanted.num_elements(),
            found: covered,
        });
    }
    Ok(())
}
