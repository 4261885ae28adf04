//! TensorFlow's rules for the names of nodes and scopes.

use std::fmt::{self, Write as _};
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::{HashMap, NodeId};

/// The names of a graph: those of its nodes, and those that [`unique`](Names::unique) does not give again.
#[derive(Default)]
pub(crate) struct Names {
    nodes: HashMap<Arc<str>, NodeId>,
    /// Names that differ only in case are one here, because they would be one file on some systems. Each comes with a
    /// counter, so the cost of a name does not grow with the graph.
    given: HashTable<Given>,
    /// Hashes differ from run to run, so that no file can be made to collide.
    hasher: RandomState,
    /// Where names are put together.
    text: String,
}

struct Given {
    hash: u64,
    name: Arc<str>,
    /// The number that the next one which wants this name gets.
    next: u32,
}

impl Names {
    /// The name to use for something that wants to be called `name` in a scope, as `tf.Graph.unique_name` has it.
    pub(crate) fn unique(&mut self, scope: &str, name: &str) -> Arc<str> {
        self.text.clear();
        push_joined(&mut self.text, scope, name);
        let wanted = hash(&self.hasher, &self.text);
        let Some(mut next) = self.given(wanted, &self.text).map(|given| given.next) else {
            return self.give(wanted);
        };
        // What is skipped here need not be tried again.
        let len = self.text.len();
        let unique = loop {
            self.text.truncate(len);
            // Writing to a string does not fail.
            let _ = write!(self.text, "_{next}");
            next += 1;
            let hash = hash(&self.hasher, &self.text);
            if self.given(hash, &self.text).is_none() {
                break self.give(hash);
            }
        };
        let same = |given: &Given| given.name.eq_ignore_ascii_case(&self.text[..len]);
        if let Some(given) = self.given.find_mut(wanted, same) {
            given.next = next;
        }
        unique
    }

    fn given(&self, hash: u64, name: &str) -> Option<&Given> {
        let same = |given: &Given| given.name.eq_ignore_ascii_case(name);
        self.given.find(hash, same)
    }

    /// Gives the name that was put together.
    fn give(&mut self, hash: u64) -> Arc<str> {
        let name: Arc<str> = self.text.as_str().into();
        self.keep(hash, name.clone());
        name
    }

    fn keep(&mut self, hash: u64, name: Arc<str>) {
        let given = Given {
            hash,
            name,
            next: 1,
        };
        self.given.insert_unique(hash, given, |given| given.hash);
    }

    /// Keeps a name that a node has already, so that no other gets it.
    pub(crate) fn reserve(&mut self, name: &Arc<str>) {
        let hash = hash(&self.hasher, name);
        if self.given(hash, name).is_none() {
            self.keep(hash, name.clone());
        }
    }

    /// The node with this name.
    pub(crate) fn node(&self, name: &str) -> Option<NodeId> {
        self.nodes.get(name).copied()
    }

    /// Tells which node has a name.
    pub(crate) fn set_node(&mut self, name: &Arc<str>, node: NodeId) {
        self.nodes.insert(name.clone(), node);
    }

    /// Tells that no node has a name any more.
    pub(crate) fn remove_node(&mut self, name: &str) {
        self.nodes.remove(name);
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.nodes.keys()).finish()
    }
}

/// A hash that does not depend on case.
fn hash(hasher: &RandomState, name: &str) -> u64 {
    let mut state = hasher.build_hasher();
    for chunk in name.as_bytes().chunks(64) {
        let mut lower = [0; 64];
        let lower = &mut lower[..chunk.len()];
        lower.copy_from_slice(chunk);
        lower.make_ascii_lowercase();
        state.write(lower);
    }
    state.finish()
}

fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/')
}

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
    name.bytes().all(is_scope_byte)
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
    // Writing to a string does not fail.
    let _ = write!(name, ":{index}");
    name
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
        names.set_node(&lower, NodeId::new(0));
        names.set_node(&upper, NodeId::new(1));
        names.reserve(&lower);
        names.reserve(&upper);
        assert_eq!(names.node("a"), Some(NodeId::new(0)));
        assert_eq!(names.node("A"), Some(NodeId::new(1)));
        assert_eq!(&*names.unique("", "a"), "a_1");
        names.remove_node("a");
        assert_eq!(names.node("a"), None);
        assert_eq!(&*names.unique("", "A"), "A_2");
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
