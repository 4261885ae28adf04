//! TensorFlow's rules for the names of nodes and scopes.

use std::sync::Arc;

use super::HashMap;

/// Hands out names that are unique in a graph, as `tf.Graph.unique_name` does.
///
/// Names that differ only in case count as equal, because they would be one file on some systems; the counter
/// is kept per lower-cased name, so the cost of a name does not grow with the graph.
#[derive(Debug, Default)]
pub(crate) struct UniqueNames {
    counters: HashMap<Arc<str>, u32>,
}

impl UniqueNames {
    /// The name to use for something that wants to be called `name`.
    pub(crate) fn unique(&mut self, name: String) -> Arc<str> {
        let name = Arc::from(name);
        let key = key(&name);
        let Some(counter) = self.counters.get_mut(&key) else {
            self.counters.insert(key, 1);
            return name;
        };
        // What is skipped here need not be tried again.
        let first = *counter;
        let free = |next: &u32| {
            let candidate: Arc<str> = format!("{key}_{next}").into();
            !self.counters.contains_key(&candidate)
        };
        let next = (first..).find(free).unwrap_or(first);
        let unique: Arc<str> = format!("{name}_{next}").into();
        self.counters.insert(self::key(&unique), 1);
        self.counters.insert(key, next + 1);
        unique
    }

    /// Keeps a name that a node has already, so that no other gets it.
    pub(crate) fn reserve(&mut self, name: &Arc<str>) {
        self.counters.entry(key(name)).or_insert(1);
    }
}

/// What the counters know a name by: the same text, if it is in lower case.
fn key(name: &Arc<str>) -> Arc<str> {
    // Without an early exit, many bytes are looked at in one step.
    let upper = |found, byte: u8| found | byte.is_ascii_uppercase();
    if name.bytes().fold(false, upper) {
        name.to_ascii_lowercase().into()
    } else {
        name.clone()
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

/// `scope/name`, or `name` at the root.
pub(crate) fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() {
        name.to_owned()
    } else {
        [scope, "/", name].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_ignore_case_and_skip_taken_names() {
        let mut names = UniqueNames::default();
        let got: Vec<_> = ["a", "A", "a", "a_1", "a_1", "a"]
            .map(|name| names.unique(name.to_owned()).to_string())
            .into();
        assert_eq!(got, ["a", "A_1", "a_2", "a_1_1", "a_1_2", "a_3"]);
    }

    #[test]
    fn the_candidate_search_goes_on_from_the_counter() {
        let mut names = UniqueNames::default();
        let got: Vec<_> = ["a_1", "a", "a", "a"]
            .map(|name| names.unique(name.to_owned()).to_string())
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
