//! The variable scopes that are open, and the numbers that were given to their names.

use super::VariableScope;
use crate::graph::{join, numbered};
use crate::sorted_map::SortedMap;

/// The scopes of one graph.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    pub(super) current: VariableScope,
    /// The number of times that each path is open or was opened; sorted, so that the paths below one are neighbours.
    counts: SortedMap<String, u32>,
    /// For paths that were numbered: `path_1` and so on are open below this number.
    first_free: SortedMap<String, u32>,
    /// The counts before each change since a jump, as long as there is a jump to come back from.
    undo: Vec<(String, Option<u32>)>,
    jumps: usize,
}

impl Scopes {
    /// The name that a scope with a default name gets below the current one.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let path = join(self.current.name(), name);
        if !self.counts.contains_key(&path) {
            return name.to_owned();
        }
        let first = self.first_free.get(&path).copied().unwrap_or(1);
        let is_free = |i: &u32| !self.counts.contains_key(&numbered(&path, *i));
        let free = (first..).find(is_free).unwrap_or(first);
        self.first_free.insert(path, free);
        numbered(name, free)
    }

    pub(super) fn open(&mut self, path: &str) {
        let count = self.counts.get(path).copied().unwrap_or(0);
        self.set(path.to_owned(), Some(count + 1));
    }

    /// Forgets the scopes that were opened below a path.
    pub(super) fn close_below(&mut self, path: &str) {
        let prefix = format!("{path}/");
        let below: Vec<_> = self
            .counts
            .iter_from(&prefix)
            .map_while(|(key, _)| key.starts_with(&prefix).then(|| key.clone()))
            .collect();
        below.into_iter().for_each(|key| self.set(key, None));
    }

    /// Begins changes that [`jump_back`](Self::jump_back) undoes.
    pub(super) fn jump(&mut self) -> usize {
        self.jumps += 1;
        self.undo.len()
    }

    pub(super) fn jump_back(&mut self, mark: usize) {
        self.jumps -= 1;
        for (path, count) in self.undo.split_off(mark).into_iter().rev() {
            self.set(path, count);
        }
        // What undoing has changed is for the jumps around as if it had never been.
        self.undo.truncate(mark);
    }

    fn set(&mut self, path: String, count: Option<u32>) {
        let before = match count {
            Some(count) => self.counts.insert(path.clone(), count),
            None => {
                self.free(&path);
                self.counts.remove(&path)
            }
        };
        if self.jumps > 0 {
            self.undo.push((path, before));
        }
    }

    /// Lets the number at the end of a path be given again.
    fn free(&mut self, path: &str) {
        let Some((numbered, number)) = path.rsplit_once('_') else {
            return;
        };
        if let (Some(first), Ok(number)) =
            (self.first_free.get_mut(numbered), number.parse::<u32>())
        {
            *first = number.min(*first);
        }
    }
}
