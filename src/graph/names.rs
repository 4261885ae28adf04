//! TensorFlow's rules for the names of nodes and scopes.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{HashMap, NodeId};

/// The names of a graph: those of its nodes, and those that [`unique`](Names::unique) does not give again.
#[derive(Default)]
pub(crate) struct Names {
    /// Names that differ only in case are one here, because they would be one file on some systems. Each comes with a
    /// counter, so the cost of a name does not grow with the graph.
    entries: HashTable<Entry>,
    /// The nodes whose names differ only in case from the name of an entry.
    variants: HashMap<Arc<str>, NodeId>,
    /// Hashes differ from run to run, so that no file can be made to collide.
    hasher: RandomState,
    /// Where names are put together.
    text: String,
}

struct Entry {
    hash: u64,
    name: Arc<str>,
    /// The number that the next one which wants this name gets; 0 as long as the name itself may be given.
    next: u32,
    /// The node with this very name; [`POISON`](NodeId::POISON) if there is none.
    node: NodeId,
}

impl Names {
    /// The name to use for something that wants to be called `name` in a scope, as `tf.Graph.unique_name` has it.
    pub(crate) fn unique(&mut self, scope: &str, name: &str) -> Arc<str> {
        self.text.clear();
        push_joined(&mut self.text, scope, name);
        let wanted = hash(&self.hasher, &self.text);
        let mut next = match self.give(wanted) {
            Ok(name) => return name,
            Err(next) => next,
        };
        // What is skipped here need not be tried again.
        let len = self.text.len();
        let unique = loop {
            self.text.truncate(len);
            self.text.push('_');
            push_number(&mut self.text, next);
            next += 1;
            if let Ok(name) = self.give(hash(&self.hasher, &self.text)) {
                break name;
            }
        };
        if let Some(entry) = find(&mut self.entries, wanted, &self.text[..len]) {
            entry.next = next;
        }
        unique
    }

    /// The name that [`unique`](Self::unique) would give, which it keeps.
    pub(crate) fn free(&self, name: String) -> String {
        let entry = |name: &str| {
            let hash = hash(&self.hasher, name);
            let entry = self.entries.find(hash, |entry| entry.is(hash, name));
            entry.map_or(0, |entry| entry.next)
        };
        let first = entry(&name);
        match first {
            0 => name,
            first => {
                let numbers = (first..).map(|number| numbered(&name, number));
                let mut free = numbers.filter(|name| entry(name) == 0);
                free.next().unwrap_or(name.clone())
            }
        }
    }

    /// Gives the name that was put together, or tells the number to try next if it is given already.
    fn give(&mut self, hash: u64) -> Result<Arc<str>, u32> {
        let text = &*self.text;
        match find(&mut self.entries, hash, text) {
            Some(entry) if entry.next > 0 => Err(entry.next),
            Some(entry) => {
                entry.next = 1;
                Ok(text.into())
            }
            None => {
                let name: Arc<str> = text.into();
                self.add(hash, name.clone(), 1, NodeId::POISON);
                Ok(name)
            }
        }
    }

    fn add(&mut self, hash: u64, name: Arc<str>, next: u32, node: NodeId) {
        let entry = Entry {
            hash,
            name,
            next,
            node,
        };
        self.entries.insert_unique(hash, entry, |entry| entry.hash);
    }

    /// Keeps a name that a node has already, so that no other gets it.
    pub(crate) fn reserve(&mut self, name: &Arc<str>) {
        let hash = hash(&self.hasher, name);
        match find(&mut self.entries, hash, name) {
            Some(entry) => entry.next = entry.next.max(1),
            None => self.add(hash, name.clone(), 1, NodeId::POISON),
        }
    }

    /// The node with this name.
    pub(crate) fn node(&self, name: &str) -> Option<NodeId> {
        let hash = hash(&self.hasher, name);
        let entry = self.entries.find(hash, |entry| entry.is(hash, name))?;
        match *entry.name == *name {
            true => Some(entry.node).filter(|&node| node != NodeId::POISON),
            false => self.variants.get(name).copied(),
        }
    }

    /// Gives a node a name, or tells which node has it.
    pub(crate) fn set_node(&mut self, name: &Arc<str>, node: NodeId) -> Result<(), NodeId> {
        let hash = hash(&self.hasher, name);
        let slot = match find(&mut self.entries, hash, name) {
            Some(entry) if entry.name == *name => &mut entry.node,
            Some(_) => self.variants.entry(name.clone()).or_insert(NodeId::POISON),
            None => {
                self.add(hash, name.clone(), 0, node);
                return Ok(());
            }
        };
        match *slot {
            NodeId::POISON => {
                *slot = node;
                Ok(())
            }
            known => Err(known),
        }
    }

    /// Tells that no node has a name any more.
    pub(crate) fn remove_node(&mut self, name: &str) {
        let hash = hash(&self.hasher, name);
        match find(&mut self.entries, hash, name) {
            Some(entry) if *entry.name == *name => entry.node = NodeId::POISON,
            _ => drop(self.variants.remove(name)),
        }
    }
}

/// The entry of the names that differ from this one at most in case.
fn find<'e>(entries: &'e mut HashTable<Entry>, hash: u64, name: &str) -> Option<&'e mut Entry> {
    entries.find_mut(hash, |entry| entry.is(hash, name))
}

impl Entry {
    /// Whether a name, which has this hash, differs from that of the entry at most in case.
    fn is(&self, hash: u64, name: &str) -> bool {
        self.hash == hash && (*self.name == *name || self.name.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter();
        let entries = entries.filter(|entry| entry.node != NodeId::POISON);
        let names = entries.map(|entry| &entry.name);
        f.debug_set()
            .entries(names.chain(self.variants.keys()))
            .finish()
    }
}

/// A hash that does not depend on case.
fn hash(hasher: &RandomState, name: &str) -> u64 {
    /// The bit in which the two cases of a letter differ; what else it makes equal only shares a hash.
    const CASE: u8 = 0x20;
    let mut state = hasher.build_hasher();
    for chunk in name.as_bytes().chunks(64) {
        let mut folded = [0; 64];
        let folded = &mut folded[..chunk.len()];
        for (folded, byte) in folded.iter_mut().zip(chunk) {
            *folded = byte | CASE;
        }
        state.write(folded);
    }
    state.finish()
}

/// The bytes that names of scopes may have: each name that is made is looked through.
static SCOPE_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let is_mark = matches!(byte as u8, b'_' | b'.' | b'-' | b'/');
        table[byte] = is_mark || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Whether a node, or a scope at the root of a graph, may have this name.
pub(crate) fn is_valid_op_name(name: &str) -> bool {
    is_valid_start(name) && is_valid_scope_name(name)
}

/// Whether the name of a node may start like this.
pub(crate) fn is_valid_start(name: &str) -> bool {
    let first = name.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// Whether a scope inside another scope may have this name.
pub(crate) fn is_valid_scope_name(name: &str) -> bool {
    name.bytes().all(|byte| SCOPE_BYTES[usize::from(byte)])
}

/// The message about a name that is not valid.
pub(crate) fn invalid_name(name: &str) -> String {
    format!(
        "\"{name}\" is not a valid name: expected letters, digits, \"_\", \".\", \"-\" and \"/\", and at the root \
         of the graph a letter, a digit or \".\" first"
    )
}

/// An output of a node as signatures and collections spell it: `node:0`.
pub(crate) fn tensor_name(node: &str, index: u32) -> String {
    let mut name = String::with_capacity(node.len() + 2);
    name.push_str(node);
    name.push(':');
    push_number(&mut name, index);
    name
}

/// A name with a number at its end, as one gets that is taken: `name_1`.
pub(crate) fn numbered(name: &str, number: u32) -> String {
    let mut numbered = String::with_capacity(name.len() + 4);
    numbered.push_str(name);
    numbered.push('_');
    push_number(&mut numbered, number);
    numbered
}

/// Appends a number, as nodes and outputs have them in their names, without the cost of a formatter.
fn push_number(out: &mut String, number: u32) {
    if number >= 10 {
        push_number(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

/// `scope/name`, or `name` at the root.
pub(crate) fn join(scope: &str, name: &str) -> String {
    let mut joined = String::with_capacity(scope.len() + 1 + name.len());
    push_joined(&mut joined, scope, name);
    joined
}

fn push_joined(out: &mut String, scope: &str, name: &str) {
    if !scope.is_empty() {
        out.push_str(scope);
        out.push('/');
    }
    out.push_str(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_ignore_case_and_skip_taken_names() {
        let mut names = Names::default();
        let got: Vec<_> = ["a", "A", "a", "a_1", "a_1", "a"]
            .map(|name| names.unique("", name).to_string())
            .into();
        assert_eq!(got, ["a", "A_1", "a_2", "a_1_1", "a_1_2", "a_3"]);
    }

    #[test]
    fn the_candidate_search_goes_on_from_the_counter() {
        let mut names = Names::default();
        let got: Vec<_> = ["a_1", "a", "a", "a"]
            .map(|name| names.unique("", name).to_string())
            .into();
        assert_eq!(got, ["a_1", "a", "a_2", "a_3"]);
    }

    #[test]
    fn nodes_are_told_apart_by_case() {
        let mut names = Names::default();
        let (lower, upper): (Arc<str>, Arc<str>) = ("a".into(), "A".into());
        assert_eq!(names.set_node(&lower, NodeId::new(0)), Ok(()));
        assert_eq!(names.set_node(&upper, NodeId::new(1)), Ok(()));
        for name in [&lower, &upper] {
            let known = names.node(name).expect("a node");
            assert_eq!(names.set_node(name, NodeId::new(2)), Err(known));
        }
        names.reserve(&lower);
        names.reserve(&upper);
        assert_eq!(names.node("a"), Some(NodeId::new(0)));
        assert_eq!(names.node("A"), Some(NodeId::new(1)));
        assert_eq!(&*names.unique("", "a"), "a_1");
        names.remove_node("a");
        assert_eq!(names.node("a"), None);
        assert_eq!(&*names.unique("", "A"), "A_2");
        names.remove_node("A");
        assert_eq!(names.node("A"), None);
        assert_eq!(names.set_node(&lower, NodeId::new(3)), Ok(()));
        assert_eq!(names.node("a"), Some(NodeId::new(3)));
    }

    /// A node that is named by its full path leaves the name to the first that asks for one.
    #[test]
    fn a_name_is_given_though_a_node_has_it() {
        let mut names = Names::default();
        assert_eq!(names.set_node(&"A".into(), NodeId::new(0)), Ok(()));
        assert_eq!(&*names.unique("", "a"), "a");
        assert_eq!(&*names.unique("", "a"), "a_1");
        assert_eq!(names.node("a"), None);
    }

    #[test]
    fn numbers_in_names() {
        for number in [0, 9, 10, 109, u32::MAX] {
            assert_eq!(tensor_name("x", number), format!("x:{number}"));
        }
    }

    #[test]
    fn valid_names() {
        assert!(is_valid_op_name("a/b_1.c-d"));
        assert!(is_valid_op_name("0"));
        for bad in ["", "_a", "-a", "/a", "a b", "a:0", "é"] {
            assert!(!is_valid_op_name(bad), "{bad}");
        }
        assert!(is_valid_scope_name("_a"));
        assert!(!is_valid_scope_name("a b"));
    }
}
