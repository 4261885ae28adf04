//! Maps in the order of their keys.
//!
//! A map of the standard library costs thousands of lines of machine code for every pair of types. This one keeps its
//! entries in sorted lists, and all that does not touch them is compiled once.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::Index;
use std::{fmt, slice, vec};

/// How many entries lie in one list at most. An entry that is inserted moves those of its list alone.
const BLOCK: usize = 64;

/// A map in the order of its keys: sorted lists of entries, none of them empty, one after the other.
#[derive(Clone)]
pub(crate) struct SortedMap<K, V> {
    blocks: Vec<Vec<(K, V)>>,
}

/// The number of a block, and the position of an entry in it.
type Place = (usize, usize);

impl<K, V> SortedMap<K, V> {
    pub(crate) const fn new() -> Self {
        SortedMap { blocks: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        total(&self.blocks)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub(crate) fn iter(&self) -> Iter<'_, K, V> {
        Iter {
            blocks: self.blocks.iter(),
            entries: [].iter(),
        }
    }

    pub(crate) fn keys(&self) -> Keys<'_, K, V> {
        Keys(self.iter())
    }

    pub(crate) fn values(&self) -> Values<'_, K, V> {
        Values(self.iter())
    }

    /// Calls `f` with each entry, whose value it may change.
    pub(crate) fn for_each_mut(&mut self, mut f: impl FnMut(&K, &mut V)) {
        let entries = self.blocks.iter_mut().flatten();
        entries.for_each(|(key, value)| f(key, value));
    }

    /// Keeps the entries that `keeps` answers `true` for.
    pub(crate) fn retain(&mut self, mut keeps: impl FnMut(&K, &mut V) -> bool) {
        self.blocks.retain_mut(|block| {
            block.retain_mut(|(key, value)| keeps(key, value));
            !block.is_empty()
        });
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let (block, at) = self.find(key).ok()?;
        Some(&self.blocks[block][at].1)
    }

    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let (block, at) = self.find(key).ok()?;
        Some(&mut self.blocks[block][at].1)
    }

    pub(crate) fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key, and returns the value that it had.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok((block, at)) => Some(std::mem::replace(&mut self.blocks[block][at].1, value)),
            Err(place) => {
                let (block, at) = self.room(place);
                self.blocks[block].insert(at, (key, value));
                None
            }
        }
    }

    /// The value of a key, which `make` makes if there is none.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let (block, at) = match self.find(&key) {
            Ok(place) => place,
            Err(place) => {
                let entry = (key, make());
                let (block, at) = self.room(place);
                self.blocks[block].insert(at, entry);
                (block, at)
            }
        };
        &mut self.blocks[block][at].1
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let (block, at) = self.find(key).ok()?;
        let (_, value) = self.blocks[block].remove(at);
        if self.blocks[block].is_empty() {
            self.blocks.remove(block);
        }
        Some(value)
    }

    /// The entries from a key on.
    pub(crate) fn iter_from<Q>(&self, key: &Q) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let (Ok((block, at)) | Err((block, at))) = self.find(key);
        let mut blocks = self.blocks.iter();
        let first = blocks.nth(block).map_or(&[][..], |first| &first[at..]);
        Iter {
            blocks,
            entries: first.iter(),
        }
    }

    /// The place of a key, or the one where it belongs.
    fn find<Q>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        if self.blocks.is_empty() {
            return Err((0, 0));
        }
        let compare = |(block, at): Place| self.blocks[block][at].0.borrow().cmp(key);
        let block = block_of(self.blocks.len(), &compare);
        place_in(block, self.blocks[block].len(), &compare)
    }

    /// Makes room where an entry is about to be inserted, and returns the place where that then is.
    fn room(&mut self, (block, at): Place) -> Place {
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
        }
        if self.blocks[block].len() == BLOCK {
            // One that comes last begins a block, so that blocks are full where keys come in order.
            let is_last = at == BLOCK && block + 1 == self.blocks.len();
            let half = if is_last { BLOCK } else { BLOCK / 2 };
            let rest = self.blocks[block].split_off(half);
            self.blocks.insert(block + 1, rest);
            if is_last || at > half {
                return (block + 1, at - half);
            }
        }
        (block, at)
    }
}

/// The block where a key belongs, of at least one: the last that does not begin with a greater key, or else the first.
fn block_of(blocks: usize, compare: &dyn Fn(Place) -> Ordering) -> usize {
    first(1, blocks, &|block| compare((block, 0)).is_gt()) - 1
}

/// The place in a block of so many entries at which `compare` finds the key, or the one where it belongs.
fn place_in(block: usize, len: usize, compare: &dyn Fn(Place) -> Ordering) -> Result<Place, Place> {
    let at = first(0, len, &|at| compare((block, at)).is_ge());
    match at < len && compare((block, at)).is_eq() {
        true => Ok((block, at)),
        false => Err((block, at)),
    }
}

/// The first number from `from` on for which `holds` is true, or `to`. Once it holds it does for all that follow.
fn first(mut from: usize, mut to: usize, holds: &dyn Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = from + (to - from) / 2;
        match holds(middle) {
            true => to = middle,
            false => from = middle + 1,
        }
    }
    from
}

fn total<T>(blocks: &[Vec<T>]) -> usize {
    blocks.iter().map(Vec::len).sum()
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl<K: Eq, V: Eq> Eq for SortedMap<K, V> {}

impl<K, V, Q> Index<&Q> for SortedMap<K, V>
where
    K: Borrow<Q> + Ord,
    Q: Ord + ?Sized,
{
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the map has the key")
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = SortedMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

/// The entries of a map in the order of their keys.
pub(crate) struct Iter<'m, K, V> {
    blocks: slice::Iter<'m, Vec<(K, V)>>,
    entries: slice::Iter<'m, (K, V)>,
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter {
            blocks: self.blocks.clone(),
            entries: self.entries.clone(),
        }
    }
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<(&'m K, &'m V)> {
        loop {
            if let Some((key, value)) = self.entries.next() {
                return Some((key, value));
            }
            self.entries = self.blocks.next()?.iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.entries.len() + total(self.blocks.as_slice());
        (left, Some(left))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

/// The keys of a map in their order.
pub(crate) struct Keys<'m, K, V>(Iter<'m, K, V>);

impl<'m, K, V> Iterator for Keys<'m, K, V> {
    type Item = &'m K;

    fn next(&mut self) -> Option<&'m K> {
        self.0.next().map(|(key, _)| key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> ExactSizeIterator for Keys<'_, K, V> {}

/// The values of a map in the order of their keys.
pub(crate) struct Values<'m, K, V>(Iter<'m, K, V>);

impl<'m, K, V> Iterator for Values<'m, K, V> {
    type Item = &'m V;

    fn next(&mut self) -> Option<&'m V> {
        self.0.next().map(|(_, value)| value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> ExactSizeIterator for Values<'_, K, V> {}

impl<'m, K, V> IntoIterator for &'m SortedMap<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = Iter<'m, K, V>;

    fn into_iter(self) -> Iter<'m, K, V> {
        self.iter()
    }
}

/// The entries of a map that is taken apart, in the order of their keys.
pub(crate) struct IntoIter<K, V> {
    blocks: vec::IntoIter<Vec<(K, V)>>,
    entries: vec::IntoIter<(K, V)>,
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Some(entry);
            }
            self.entries = self.blocks.next()?.into_iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.entries.len() + total(self.blocks.as_slice());
        (left, Some(left))
    }
}

impl<K, V> ExactSizeIterator for IntoIter<K, V> {}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter {
            blocks: self.blocks.into_iter(),
            entries: Vec::new().into_iter(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A step that is done to both maps.
    #[derive(Debug, Clone)]
    enum Step {
        Insert(u16, u8),
        GetOrInsert(u16, u8),
        Remove(u16),
        Change(u16),
        /// Keeps the keys that the number does not divide.
        Retain(u16),
        /// Inserts so many keys in order, from the first on.
        Extend(u16, u16),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let key = 0..2000u16;
        let step = prop_oneof![
            4 => (key.clone(), any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
            2 => (key.clone(), any::<u8>()).prop_map(|(key, value)| Step::GetOrInsert(key, value)),
            4 => key.clone().prop_map(Step::Remove),
            1 => key.clone().prop_map(Step::Change),
            1 => (2..9u16).prop_map(Step::Retain),
            2 => (key, 0..600u16).prop_map(|(from, count)| Step::Extend(from, count)),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        #[test]
        fn a_map_does_as_that_of_the_standard_library(
            steps in steps(),
            from in 0..2700u16,
            absent in 2600..u16::MAX,
        ) {
            let (mut map, mut expected) = (SortedMap::new(), BTreeMap::new());
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        prop_assert_eq!(map.insert(key, value), expected.insert(key, value));
                    }
                    Step::GetOrInsert(key, value) => {
                        let found = map.get_or_insert_with(key, || value);
                        prop_assert_eq!(found, expected.entry(key).or_insert(value));
                    }
                    Step::Remove(key) => {
                        prop_assert_eq!(map.remove(&key), expected.remove(&key));
                    }
                    Step::Change(key) => {
                        let found = map.get_mut(&key).map(|value| *value = !*value);
                        let other = expected.get_mut(&key).map(|value| *value = !*value);
                        prop_assert_eq!(found, other);
                    }
                    Step::Retain(number) => {
                        map.retain(|key, _| key % number != 0);
                        expected.retain(|key, _| key % number != 0);
                    }
                    Step::Extend(from, count) => {
                        let entries = (from..from + count).map(|key| (key, key as u8));
                        map.extend(entries.clone());
                        expected.extend(entries);
                    }
                }
                prop_assert!(map.blocks.iter().all(|block| (1..=BLOCK).contains(&block.len())));
                prop_assert_eq!(map.len(), expected.len());
                prop_assert_eq!(map.is_empty(), expected.is_empty());
            }
            prop_assert!(map.iter().eq(&expected));
            prop_assert!(map.iter_from(&from).eq(expected.range(from..)));
            prop_assert!(map.keys().eq(expected.keys()));
            prop_assert!(map.values().eq(expected.values()));
            prop_assert_eq!(map.iter().len(), expected.len());
            prop_assert_eq!(format!("{map:?}"), format!("{expected:?}"));
            prop_assert!(expected.keys().all(|key| map.contains_key(key) && map[key] == expected[key]));
            prop_assert_eq!(map.get(&absent), None);
            let again: SortedMap<_, _> = expected.clone().into_iter().rev().collect();
            prop_assert_eq!(&again, &map);
            prop_assert!(map.into_iter().eq(expected));
        }
    }

    #[test]
    fn the_last_entry_of_a_key_wins() {
        let map = SortedMap::from([("b", 1), ("a", 2), ("b", 3)]);
        assert_eq!(map.into_iter().collect::<Vec<_>>(), [("a", 2), ("b", 3)]);
    }

    #[test]
    fn maps_with_other_entries_are_not_equal() {
        let map = SortedMap::from([("a", 1), ("b", 2)]);
        assert_ne!(map, SortedMap::from([("a", 1)]));
        assert_ne!(map, SortedMap::from([("a", 1), ("b", 3)]));
        assert_ne!(map, SortedMap::from([("a", 1), ("c", 2)]));
    }

    /// Keys in an order, backwards, and from all over.
    #[test]
    fn many_entries_are_inserted_in_any_order() {
        let count = 200_000u64;
        let orders: [&dyn Fn(u64) -> u64; 3] = [&|at| at, &|at| count - at, &|at| {
            at.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        }];
        for key in orders {
            let map: SortedMap<_, _> = (0..count).map(|at| (key(at), [at; 8])).collect();
            assert_eq!(map.len(), count as usize);
            assert!(map.keys().is_sorted());
        }
        let map: SortedMap<_, _> = (0..1000u64).map(|at| (at, ())).collect();
        assert_eq!(
            map.blocks.len(),
            1000_usize.div_ceil(BLOCK),
            "keys in order fill them"
        );
    }
}
