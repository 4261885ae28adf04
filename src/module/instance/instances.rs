//! The instances of a graph, which outlive its building.

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, TensorRef};
use crate::module::export::{ExportSummary, Exporter};
use crate::module::spec::ModuleSpec;
use crate::module::tags::Tags;
use crate::nearest;
use crate::source::{Prefixed, VariableSource};

/// The instances that a graph has, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Instances(pub(super) Vec<ModuleInstance>);

errors! {
    #[derive(Debug)]
    #[error("the graph has no module in the scope \"{scope}\"{nearest}")]
    struct NoInstance {
        scope: String,
        nearest: String,
    }
}

/// A module inside of a finished graph, which [`Graph::module`] finds; a [`Module`](super::Module) has made it.
#[derive(Debug)]
pub struct ModuleInstance {
    pub(super) spec: ModuleSpec,
    pub(super) tags: Tags,
    pub(super) trainable: bool,
    pub(super) scope: String,
    pub(super) variable_map: Vec<(String, Vec<String>)>,
    /// The tensors of state ops in the main graph, by their names in the module.
    pub(super) state: Vec<(String, TensorRef)>,
}

impl Graph {
    /// The modules inside of the graph, in the order in which they were made.
    pub fn modules(&self) -> impl ExactSizeIterator<Item = &ModuleInstance> {
        let instances = self.extension::<Instances>();
        let instances = instances.map_or(&[][..], |instances| &instances.0);
        instances.iter()
    }

    /// The module whose state is in a scope.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn module(&self, scope: &str) -> Result<&ModuleInstance> {
        let found = self.modules().find(|module| module.scope == scope);
        found.ok_or_else(|| {
            let known = self.modules().map(|module| module.scope.as_str());
            let error = NoInstance {
                scope: scope.to_owned(),
                nearest: nearest::suggestion(scope, known),
            };
            Error::new(ErrorKind::NotFound, error)
        })
    }
}

impl ModuleInstance {
    /// The module's definition.
    pub fn spec(&self) -> &ModuleSpec {
        &self.spec
    }

    /// The tags of the variant that the graph has.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The scope of the state, in front of the names of the module's variables.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Whether training changes the module.
    pub fn is_trainable(&self) -> bool {
        self.trainable
    }

    /// The module's variables by their names in the module, each with its name in the graph, or with those of its parts
    /// in their order (`Module.variable_map`).
    pub fn variable_map(&self) -> &[(String, Vec<String>)] {
        &self.variable_map
    }

    /// Values of the graph around, by the names that the variables have in the module.
    ///
    /// [`Exporter`] takes them where an export needs options.
    pub fn values_of<S: VariableSource>(&self, values: S) -> Prefixed<S> {
        values.with_prefix(format!("{}/", self.scope))
    }

    /// Writes the module with the values that its variables have in the graph around, as `hub.Module.export` does: in a
    /// [`Session`](crate::Session) of that graph, or in a checkpoint of a program that trained it.
    ///
    /// ```
    /// use tfhub::module::Module;
    /// use tfhub::{GraphBuilder, ModuleSpec, Session, layers};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let (published, tuned) = (dir.path().join("published"), dir.path().join("tuned"));
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// # })?;
    /// # spec.export(&published, &Session::new(&spec)?)?;
    /// let g = GraphBuilder::new();
    /// Module::new(&g, &ModuleSpec::load(&published)?, ());
    /// let graph = g.finish()?;
    /// let mut session = Session::new(&graph)?;
    /// session.assign("module/dense/bias", [0.5f32, -0.5])?;
    /// graph.module("module")?.export(&tuned, &session)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Exporter::export`]; [`ErrorKind::NotFound`] also if another variant of the module has variables that this one,
    /// and so the graph around, has not.
    pub fn export(
        &self,
        path: impl AsRef<Path>,
        values: &(impl VariableSource + ?Sized),
    ) -> Result<ExportSummary> {
        Exporter::new(&self.spec).export(path, &self.values_of(&values))
    }
}
