//! Other names for variables.

use std::panic::Location;

use super::editor::ModuleEditor;
use super::error::EditError;
use super::names::rename_nodes;
use super::removal::remove_saver;
use super::variables::{EditedVariable, variables};
use crate::error::Result;
use crate::graph::{HashMap, HashSet};
use crate::module::saved_model::tags;
use crate::proto::tensorflow::MetaGraphDef;
use crate::sorted_map::SortedMap;

impl ModuleEditor<'_> {
    /// Renames a variable, in the checkpoint and in all variants: its node, those in its name scope, such as its
    /// initializer and its reads, and all that refers to them. Of a partitioned variable, all parts are renamed.
    ///
    /// # Errors
    /// As [`rename_variables`](Self::rename_variables), [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is
    /// no such variable.
    #[track_caller]
    pub fn rename_variable(&mut self, from: &str, to: &str) -> Result<&mut Self> {
        self.rename_pairs(Location::caller(), [(from, to)])
    }

    /// Gives each of two variables the name of the other, with which their values go, so that the module computes as before.
    ///
    /// # Errors
    /// As [`rename_variable`](Self::rename_variable).
    #[track_caller]
    pub fn swap_variables(&mut self, one: &str, other: &str) -> Result<&mut Self> {
        self.rename_pairs(Location::caller(), [(one, other), (other, one)])
    }

    /// Renames all variables for which `rename` gives another name, all at once, as
    /// [`rename_variable`](Self::rename_variable) does.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if a variable or another node has the new name
    /// already, [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if TensorFlow takes no such name.
    #[track_caller]
    pub fn rename_variables(
        &mut self,
        rename: impl Fn(&str) -> Option<String>,
    ) -> Result<&mut Self> {
        let line = Location::caller();
        self.edit(line, |editor| {
            let all = editor.all_variables()?;
            let pairs = all
                .keys()
                .filter_map(|from| Some((from.clone(), rename(from)?)));
            let pairs = pairs.collect();
            editor.rename(&all, pairs)
        })
    }

    fn rename_pairs<const N: usize>(
        &mut self,
        line: &'static Location<'static>,
        pairs: [(&str, &str); N],
    ) -> Result<&mut Self> {
        self.edit(line, |editor| {
            let all = editor.all_variables()?;
            for (from, _) in pairs {
                editor.find(&all, from)?;
            }
            let pairs = pairs.map(|(from, to)| (from.to_owned(), to.to_owned()));
            editor.rename(&all, pairs.into_iter().collect())
        })
    }

    fn rename(
        &mut self,
        all: &SortedMap<String, EditedVariable>,
        mut pairs: SortedMap<String, String>,
    ) -> Result<(), EditError> {
        pairs.retain(|from, to| from != to);
        if pairs.is_empty() {
            return Ok(());
        }
        let mut names = HashSet::default();
        names.extend(
            all.keys()
                .filter(|name| !pairs.contains_key(*name))
                .cloned(),
        );
        for (from, to) in &pairs {
            if let Some(fault) = fault_of_name(to) {
                let (name, to) = (from.clone(), to.clone());
                return Err(EditError::Name { name, to, fault });
            }
            if !names.insert(to.clone()) {
                let (name, to) = (from.clone(), to.clone());
                return Err(EditError::VariableExists { name, to });
            }
        }
        let mut scopes = Vec::new();
        let mut values = pairs.clone();
        for meta in &self.model.meta_graphs {
            let variables = variables(meta)?;
            let renamed = Scopes::new(&variables, &pairs)?;
            renamed.check(meta)?;
            for variable in &variables {
                if let Some(to) = renamed.new_name(&variable.name) {
                    values.insert(variable.name.clone(), to);
                }
            }
            scopes.push(renamed);
        }
        for (meta, scopes) in self.model.meta_graphs.iter_mut().zip(&scopes) {
            if !scopes.is_empty() {
                remove_saver(meta);
                rename_nodes(meta, &|name| scopes.new_name(name));
            }
        }
        self.values.rename(&values);
        Ok(())
    }
}

/// Why TensorFlow has no nodes of this name.
fn fault_of_name(name: &str) -> Option<&'static str> {
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '.');
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"_.\\-/>".contains(&byte);
    if !begins_well {
        return Some("expected a name that begins with a letter, a digit or \".\"");
    }
    if !name.bytes().all(is_known) {
        return Some("expected letters, digits and \"_\", \".\", \"\\\", \"-\", \"/\", \">\"");
    }
    let has_empty = name.split('/').any(str::is_empty);
    has_empty.then_some("expected a name in each scope")
}

/// The variables whose name scopes are renamed in a variant, beside those whose are not.
struct Scopes {
    /// The new beginning of the names in the scope of a variable, or of the whole of parts; `None` if it stays.
    by_name: HashMap<String, Option<String>>,
}

impl Scopes {
    fn new(
        variables: &[EditedVariable],
        pairs: &SortedMap<String, String>,
    ) -> Result<Self, EditError> {
        let mut by_name = HashMap::default();
        for variable in variables {
            let to = pairs.get(&variable.key);
            let in_whole = variable.name.strip_prefix(&variable.key);
            let in_whole = in_whole.filter(|rest| rest.is_empty() || rest.starts_with('/'));
            let new = match (to, in_whole) {
                (None, _) => None,
                (Some(to), Some(rest)) => Some(format!("{to}{rest}")),
                (Some(to), None) => {
                    return Err(EditError::Name {
                        name: variable.key.clone(),
                        to: to.clone(),
                        fault: "its parts have names outside of its scope",
                    });
                }
            };
            by_name.insert(variable.name.clone(), new);
            by_name.insert(variable.key.clone(), to.cloned());
        }
        Ok(Scopes { by_name })
    }

    fn is_empty(&self) -> bool {
        self.by_name.values().all(Option::is_none)
    }

    /// The new name of a node: that of the innermost variable in whose scope it is decides.
    fn new_name(&self, name: &str) -> Option<String> {
        let mut scope = name;
        loop {
            if let Some(to) = self.by_name.get(scope) {
                let to = to.as_ref()?;
                return Some(format!("{to}{}", &name[scope.len()..]));
            }
            scope = scope.rsplit_once('/')?.0;
        }
    }

    /// Refuses names that other nodes have.
    fn check(&self, meta: &MetaGraphDef) -> Result<(), EditError> {
        if self.is_empty() {
            return Ok(());
        }
        let nodes = meta.graph_def.iter().flat_map(|graph| &graph.node);
        let mut names = HashSet::default();
        let mut renamed = Vec::new();
        for node in nodes {
            match self.new_name(&node.name) {
                Some(to) => renamed.push((&node.name, to)),
                None => drop(names.insert(node.name.clone())),
            }
        }
        for (node, to) in renamed {
            if !names.insert(to.clone()) {
                return Err(EditError::NodeExists {
                    tags: tags(meta),
                    node: node.clone(),
                    to,
                });
            }
        }
        Ok(())
    }
}
