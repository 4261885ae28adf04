//! The values of variables after edits.

use std::fmt;
use std::path::Path;

use crate::dtype::DType;
use crate::error::Result;
use crate::graph::HashSet;
use crate::sorted_map::SortedMap;
use crate::source::{Mapping, VariableSource, VariableValue};
use crate::value::TensorValue;

/// Where the value of a variable comes from.
#[derive(Debug)]
enum Origin {
    /// The variable that the source has under a name, as another dtype perhaps.
    Source { name: String, cast: Option<DType> },
    /// A value that replaces that of the source.
    Value(TensorValue),
    /// A part of one that was replaced as a whole.
    Nothing,
}

/// The values of the variables of an edited module: those that the module had, under other names or in other dtypes, and
/// those that were replaced. [`EditedModule::values`](super::EditedModule::values) gives them.
pub struct EditedValues<'v> {
    source: Box<dyn VariableSource + 'v>,
    /// Those that have no entry come from the source under their own names.
    origins: SortedMap<String, Origin>,
    /// The names of all, once they are known.
    names: Option<Vec<String>>,
}

impl<'v> EditedValues<'v> {
    pub(super) fn new(source: Box<dyn VariableSource + 'v>) -> Self {
        EditedValues {
            source,
            origins: SortedMap::new(),
            names: None,
        }
    }

    /// Where a variable comes from, which is to come from elsewhere now.
    fn take(&mut self, name: &str) -> Origin {
        self.origins.remove(name).unwrap_or(Origin::Source {
            name: name.to_owned(),
            cast: None,
        })
    }

    /// Gives variables, and parts of them, the names of the second kind, all at once.
    pub(super) fn rename(&mut self, names: &SortedMap<String, String>) {
        let origins = names.iter().map(|(from, to)| (to.clone(), self.take(from)));
        let origins: Vec<_> = origins.collect();
        for (to, origin) in origins {
            self.origins.insert(to, origin);
        }
    }

    pub(super) fn cast(&mut self, name: &str, to: DType) {
        let origin = match self.take(name) {
            Origin::Source { name, .. } => Origin::Source {
                name,
                cast: Some(to),
            },
            Origin::Value(value) => Origin::Value(value.converted(to).unwrap_or(value)),
            Origin::Nothing => Origin::Nothing,
        };
        self.origins.insert(name.to_owned(), origin);
    }

    /// Replaces the value of a variable that has these parts, if any.
    pub(super) fn replace<'p>(
        &mut self,
        name: &str,
        parts: impl IntoIterator<Item = &'p str>,
        value: TensorValue,
    ) {
        for part in parts {
            self.origins.insert(part.to_owned(), Origin::Nothing);
        }
        self.origins.insert(name.to_owned(), Origin::Value(value));
    }

    /// Says which variables there are.
    pub(super) fn list(&mut self, names: &HashSet<String>) {
        let mut sorted: Vec<_> = names.iter().cloned().collect();
        sorted.sort_unstable();
        self.names = Some(sorted);
    }
}

impl VariableSource for EditedValues<'_> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let (source_name, cast) = match self.origins.get(name) {
            None => (name, None),
            Some(Origin::Source { name, cast }) => (name.as_str(), *cast),
            Some(Origin::Value(value)) => return Ok(Some(value.into())),
            Some(Origin::Nothing) => return Ok(None),
        };
        match cast {
            None => self.source.variable(source_name),
            Some(to) => Mapping::tensor(source_name)
                .cast(to)
                .value(name, &*self.source),
        }
    }

    fn names(&self) -> Result<Vec<String>> {
        match &self.names {
            Some(names) => Ok(names.clone()),
            None => self.source.names(),
        }
    }

    fn path(&self) -> Option<&Path> {
        self.source.path()
    }
}

impl fmt::Debug for EditedValues<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EditedValues")
            .field("source", &self.source.path())
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
