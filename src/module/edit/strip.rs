//! Variables that nothing uses.

use std::panic::Location;

use super::editor::ModuleEditor;
use super::error::EditError;
use super::names::references;
use super::nodes::nodes_of;
use super::removal::{Removal, remove_saver};
use super::variables::{EditedVariable, places, variables};
use crate::error::Result;
use crate::graph::{HashSet, node_name};
use crate::proto::tensorflow::MetaGraphDef;

impl ModuleEditor<'_> {
    /// Takes variables out of the variants in which no signature, regularization loss, update or table needs them, and
    /// gives the names of those that no variant has any more.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, layers};
    /// # use tfhub::module::ModuleEditor;
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// #     g.signature("wide").input("x", x).output("default", layers::dense(20).name("wide").apply(x));
    /// # })?;
    /// # let session = Session::new(&spec)?;
    /// # let mut editor = ModuleEditor::new(&spec, &session)?;
    /// editor.drop_signature("wide")?;
    /// assert_eq!(editor.strip_variables()?, ["wide/bias", "wide/kernel"]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if the definition of a variable is malformed.
    #[track_caller]
    pub fn strip_variables(&mut self) -> Result<Vec<String>> {
        let mut stripped = Vec::new();
        self.edit(Location::caller(), |editor| {
            let before = editor.all_variables()?;
            let removals = editor.model.meta_graphs.iter().map(|meta| {
                let unused = unused(meta)?;
                let why = "is a variable that nothing uses";
                let is_any = !unused.is_empty();
                is_any.then(|| Removal::plan(meta, unused, why)).transpose()
            });
            let removals: Vec<_> = removals.collect::<Result<_, EditError>>()?;
            for (meta, removal) in editor.model.meta_graphs.iter_mut().zip(removals) {
                if let Some(removal) = removal {
                    removal.apply(meta);
                    remove_saver(meta);
                }
            }
            let after = editor.all_variables()?;
            let gone = before.keys().filter(|name| !after.contains_key(*name));
            stripped.extend(gone.cloned());
            Ok(())
        })?;
        Ok(stripped)
    }
}

/// The nodes of the variables that a variant does not use. The parts of a partitioned one are used together.
fn unused(meta: &MetaGraphDef) -> Result<Vec<usize>, EditError> {
    let nodes = nodes_of(meta);
    let places = places(nodes);
    let variables = variables(meta)?;
    let mut needed: HashSet<usize> = HashSet::default();
    let references = references(meta).into_iter();
    let mut open: Vec<&str> = references.map(|(_, name)| node_name(name)).collect();
    let named: Vec<(&EditedVariable, [&str; 2])> = variables
        .iter()
        .map(|variable| {
            let def = &variable.def;
            let first = [&def.initializer_name, &def.initial_value_name];
            (variable, first.map(|name| node_name(name)))
        })
        .collect();
    loop {
        while let Some(name) = open.pop() {
            if let Some(&place) = places.get(name) {
                if needed.insert(place) {
                    open.extend(nodes[place].input.iter().map(|input| node_name(input)));
                }
            }
        }
        let is_needed = |name: &str| places.get(name).is_some_and(|place| needed.contains(place));
        let used = named
            .iter()
            .filter(|(variable, _)| is_needed(&variable.name));
        let keys: HashSet<&str> = used.map(|(variable, _)| &*variable.key).collect();
        // With a variable come its first value, and what that is computed from.
        for (variable, first) in &named {
            if keys.contains(&*variable.key) {
                let names = [&*variable.name, first[0], first[1]];
                open.extend(names.into_iter().filter(|name| !is_needed(name)));
            }
        }
        open.retain(|name| places.contains_key(name));
        if open.is_empty() {
            let unused = named
                .iter()
                .filter(|(variable, _)| !keys.contains(&*variable.key));
            return Ok(unused
                .map(|(variable, _)| places[&*variable.name])
                .collect());
        }
    }
}
