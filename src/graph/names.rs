//! TensorFlow's rules for the names of nodes and scopes.

use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::HashMap;

/// Hands out names that are unique in a graph, as `tf.Graph.unique_name` does.
///
/// A counter goes with each name, so the cost of a name does not grow with the graph.
#[derive(Debug, Default)]
pub(crate) struct UniqueNames {
    counters: HashMap<CaseInsensitive, u32>,
    /// Where names are put together.
    text: String,
}

impl UniqueNames {
    /// The name to use for something that wants to be called `name` in a scope.
    pub(crate) fn unique(&mut self, scope: &str, name: &str) -> Arc<str> {
        self.text.clear();
        push_joined(&mut self.text, scope, name);
        let wanted = CaseInsensitive(self.text.as_str().into());
        let Some(counter) = self.counters.get(&wanted) else {
            return self.insert(wanted);
        };
        // What is skipped here need not be tried again.
        let mut next = *counter;
        let len = self.text.len();
        let unique = loop {
            self.text.truncate(len);
            // Writing to a string does not fail.
            let _ = write!(self.text, "_{next}");
            let candidate = CaseInsensitive(self.text.as_str().into());
            next += 1;
            if !self.counters.contains_key(&candidate) {
                break candidate;
            }
        };
        self.counters.insert(wanted, next);
        self.insert(unique)
    }

    fn insert(&mut self, name: CaseInsensitive) -> Arc<str> {
        self.counters.insert(name.clone(), 1);
        name.0
    }

    /// Keeps a name that a node has already, so that no other gets it.
    pub(crate) fn reserve(&mut self, name: &Arc<str>) {
        let name = CaseInsensitive(name.clone());
        self.counters.entry(name).or_insert(1);
    }
}

/// A name that equals those which differ from it only in case, because they would be one file on some systems.
#[derive(Debug, Clone)]
struct CaseInsensitive(Arc<str>);

impl PartialEq for CaseInsensitive {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for CaseInsensitive {}

impl Hash for CaseInsensitive {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for chunk in self.0.as_bytes().chunks(64) {
            let mut lower = [0; 64];
            let lower = &mut lower[..chunk.len()];
            lower.copy_from_slice(chunk);
            lower.make_ascii_lowercase();
            state.write(lower);
        }
    }
}

fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/')
}

/// Whether a node, or a scope at the root of a graph, may have this name.
pub(crate) fn is_valid_op_name(name: &str) -> bool {
    let first = name.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        && name.bytes().all(is_scope_byte)
}

/// Whether a scope inside another scope may have this name.
pub(crate) fn is_valid_scope_name(name: &str) -> bool {
    name.bytes().all(is_scope_byte)
}

/// What is said of a name that is not valid.
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
        let mut names = UniqueNames::default();
        let got: Vec<_> = ["a", "A", "a", "a_1", "a_1", "a"]
            .map(|name| names.unique("", name).to_string())
            .into();
        assert_eq!(got, ["a", "A_1", "a_2", "a_1_1", "a_1_2", "a_3"]);
    }

    #[test]
    fn the_candidate_search_goes_on_from_the_counter() {
        let mut names = UniqueNames::default();
        let got: Vec<_> = ["a_1", "a", "a", "a"]
            .map(|name| names.unique("", name).to_string())
            .into();
        assert_eq!(got, ["a_1", "a", "a_2", "a_3"]);
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
