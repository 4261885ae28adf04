//! Maps and sets for what a graph has many of: names and nodes.

use foldhash::fast::RandomState;

/// A map whose hashes differ from run to run, so that no file can be made to collide.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// A set like [`HashMap`].
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;
