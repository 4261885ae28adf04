//! Plans for a copy of a bundle, and for several bundles merged into one.

use std::collections::HashMap;

use super::entry::{Entry, Keyed};
use super::error::{ReadError, name};
use super::info::text;
use super::reader::BundleReader;
use super::slice;
use crate::error::Result;
use crate::sort::{sort, sort_by_key};
use crate::sorted_map::SortedMap;

/// A tensor or a part that is to be copied.
#[derive(Debug)]
pub(crate) struct Item {
    /// The number of the bundle that it comes from.
    pub(crate) bundle: usize,
    /// Its key and entry there.
    pub(crate) keyed: Keyed,
    /// The key that it gets, if it is another.
    new_key: Option<Vec<u8>>,
    /// The data file that it is written to.
    pub(crate) shard: i32,
}

impl Item {
    /// The key in the bundle that is written.
    pub(crate) fn key(&self) -> &[u8] {
        self.new_key.as_ref().unwrap_or(&self.keyed.0)
    }
}

/// The content of a bundle that is to be written.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The stored tensors and parts, in the order of the data.
    pub(crate) items: Vec<Item>,
    /// The tensors of which only the parts are stored.
    pub(crate) partitioned: Vec<Keyed>,
    /// The number of data files.
    pub(crate) shards: i32,
}

impl Plan {
    /// A bundle with the same tensors under the names that `rename` gives, in the same data files.
    ///
    /// It is an error if the parts of a tensor do not cover it, or have an element twice. A part that no tensor lists is copied as it is.
    pub(crate) fn copy(
        reader: &BundleReader,
        mut rename: impl FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<Self> {
        // The keys of parts come first.
        let mut parts = SortedMap::new();
        let mut plan = Plan {
            shards: reader.header().shards,
            ..Plan::default()
        };
        for keyed in reader.entries() {
            let (key, entry) = keyed?;
            if slice::is_slice_key(&key) {
                parts.insert(key, entry);
                continue;
            }
            let new_key = rename(&key);
            if !entry.is_partitioned() {
                plan.add((0, entry.shard), (key, entry), new_key);
                continue;
            }
            let whole = (key, entry);
            reader.check_parts(&whole, &|key| Ok(parts.get(key).cloned()))?;
            let (key, entry) = whole;
            for part in &entry.slices {
                let key_of_part = slice::key(&key, part);
                // All are there; one without elements may be listed again.
                let Some(stored) = parts.remove(&key_of_part) else {
                    continue;
                };
                let new_key = new_key.as_ref().map(|key| slice::key(key, part));
                plan.add((0, stored.shard), (key_of_part, stored), new_key);
            }
            plan.partitioned.push((new_key.unwrap_or(key), entry));
        }
        for keyed in parts {
            plan.add((0, keyed.1.shard), keyed, None);
        }
        plan.sort(std::slice::from_ref(reader))?;
        Ok(plan)
    }

    /// Plans all that the bundles hold, put together as TensorFlow's `MergeV2Checkpoints` does.
    ///
    /// Data files are numbered in the order in which the keys of the first bundle, the second and so on need them. A
    /// tensor that is in several bundles must be in parts in all of them.
    pub(crate) fn merge(readers: &[BundleReader]) -> Result<Self> {
        let mut plan = Plan::default();
        let mut partitioned: SortedMap<Vec<u8>, Entry> = SortedMap::new();
        let mut shards = HashMap::new();
        for (bundle, reader) in readers.iter().enumerate() {
            for keyed in reader.entries() {
                let (key, mut entry) = keyed?;
                if let Some(whole) = partitioned.get_mut(&key).filter(|_| entry.is_partitioned()) {
                    if (whole.dtype, &whole.shape) != (entry.dtype, &entry.shape) {
                        return Err(reader.error(ReadError::OtherWhole {
                            key: name(&key),
                            expected: format!("{} {:?}", whole.dtype, whole.shape),
                            found: format!("{} {:?}", entry.dtype, entry.shape),
                        }));
                    }
                    whole.slices.append(&mut entry.slices);
                    continue;
                }
                let next = shards.len() as i32;
                let shard = *shards.entry((bundle, entry.shard)).or_insert(next);
                if entry.is_partitioned() {
                    entry.shard = shard;
                    partitioned.insert(key, entry);
                } else {
                    plan.add((bundle, shard), (key, entry), None);
                }
            }
        }
        // Without any tensor there is one empty file.
        plan.shards = shards.len().max(1) as i32;
        plan.partitioned = partitioned.into_iter().collect();
        plan.sort(readers)?;
        plan.check_merged(readers)?;
        Ok(plan)
    }

    /// Distributes the tensors over a number of data files of about the same size, in their order.
    pub(crate) fn distribute(&mut self, shards: i32) {
        let total = u128::from(self.bytes().max(1));
        let mut start = 0;
        let mut places = HashMap::new();
        for item in &mut self.items {
            let size = u128::from(item.keyed.1.size);
            // Where its middle falls; what is as large as several files leaves some empty.
            let place = (start + size / 2) * u128::from(shards.unsigned_abs()) / total;
            item.shard = i32::try_from(place).map_or(shards - 1, |place| place.min(shards - 1));
            start += size;
            places.insert(item.key().to_vec(), item.shard);
        }
        for (key, whole) in &mut self.partitioned {
            let parts = whole.slices.iter().map(|part| slice::key(key, part));
            let shard = parts.filter_map(|part| places.get(&part)).min();
            whole.shard = shard.copied().unwrap_or(0);
        }
        self.shards = shards;
    }

    /// Checks that the parts that all bundles have of a tensor cover it, each element once.
    fn check_merged(&self, readers: &[BundleReader]) -> Result<()> {
        let is_part = |item: &&Item| slice::is_slice_key(item.key());
        let parts = self.items.iter().filter(is_part);
        let parts: HashMap<_, _> = parts.map(|item| (item.key(), &item.keyed.1)).collect();
        for whole in &self.partitioned {
            let has = |reader: &&BundleReader| reader.entry(&whole.0).is_ok_and(|it| it.is_some());
            let reader = readers.iter().rfind(has).unwrap_or(&readers[0]);
            reader.check_parts(whole, &|key| Ok(parts.get(key).copied().cloned()))?;
        }
        Ok(())
    }

    /// The number of tensors.
    pub(crate) fn tensors(&self) -> usize {
        let is_whole = |item: &&Item| !slice::is_slice_key(item.key());
        self.items.iter().filter(is_whole).count() + self.partitioned.len()
    }

    /// The names of the tensors of dtypes that this crate lacks, sorted.
    pub(crate) fn unsupported(&self) -> Vec<String> {
        let stored = self.items.iter().map(|item| &item.keyed);
        let wholes = stored.filter(|(key, _)| !slice::is_slice_key(key));
        let all = wholes.chain(&self.partitioned);
        let lacking = all.filter(|(_, entry)| entry.dtype.known().is_none());
        let mut names: Vec<_> = lacking.map(|(key, _)| text(key)).collect();
        names.sort_unstable();
        names
    }

    /// How many bytes will be stored.
    pub(crate) fn bytes(&self) -> u64 {
        let sizes = self.items.iter().map(|item| item.keyed.1.size);
        sizes.fold(0, u64::saturating_add)
    }

    fn add(&mut self, (bundle, shard): (usize, i32), keyed: Keyed, new_key: Option<Vec<u8>>) {
        self.items.push(Item {
            bundle,
            keyed,
            new_key,
            shard,
        });
    }

    /// Brings the items into the order of the data, once no key is there twice.
    fn sort(&mut self, readers: &[BundleReader]) -> Result<()> {
        let items = self.items.iter().map(|item| (item.key(), item.bundle));
        let wholes = self.partitioned.iter().map(|(key, _)| (&key[..], 0));
        let mut keys: Vec<_> = items.chain(wholes).collect();
        sort(&mut keys);
        if let Some(pair) = keys.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let (key, bundle) = pair[1];
            return Err(readers[bundle].error(ReadError::Twice(name(key))));
        }
        // What has no bytes begins where what comes after it does.
        sort_by_key(&mut self.items, |item| {
            let entry = &item.keyed.1;
            (item.shard, entry.offset, entry.size)
        });
        for (bundle, reader) in readers.iter().enumerate() {
            let items = self.items.iter().filter(|item| item.bundle == bundle);
            reader.check_stored(items.map(|item| &item.keyed))?;
        }
        Ok(())
    }
}
