//! The table of modules that real TensorFlow exports too: the Rust twin of `tests/conformance/modules.py`.
//!
//! The files in `modules/` hold the definitions by subject, as those in `tests/conformance/cases` do.

mod architectures;
mod arrays;
mod assets;
mod cells;
mod collecting;
mod conditionals;
mod control_flow;
mod control_flow_v2;
mod encoders;
mod functions;
mod initializers;
mod keras_rnn;
mod layers;
mod loops;
mod naming;
mod ragged;
mod recurrent;
mod ref_variables;
mod regularizers;
mod rows;
mod signatures_common;
mod sparse;
mod spec;
mod tensor_arrays;
mod text_embedding;
mod unknown_shapes;
mod values;
mod variable_scopes;
mod variables;
mod variants;

use std::path::Path;

use tfhub::module::{ExportSummary, LintCode};
use tfhub::{Exporter, GraphBuilder, Mode, ModuleSpec, Result, Session, Tags};

use crate::tables::{self, Row};

/// All modules, in the order of their names.
pub(crate) fn all() -> Vec<Module> {
    let mut modules = [
        architectures::modules(),
        arrays::modules(),
        assets::modules(),
        cells::modules(),
        collecting::modules(),
        conditionals::modules(),
        control_flow::modules(),
        control_flow_v2::modules(),
        encoders::modules(),
        functions::modules(),
        initializers::modules(),
        keras_rnn::modules(),
        layers::modules(),
        loops::modules(),
        naming::modules(),
        ragged::modules(),
        recurrent::modules(),
        ref_variables::modules(),
        regularizers::modules(),
        rows::modules(),
        signatures_common::modules(),
        sparse::modules(),
        spec::modules(),
        tensor_arrays::modules(),
        text_embedding::modules(),
        unknown_shapes::modules(),
        values::modules(),
        variable_scopes::modules(),
        variables::modules(),
        variants::modules(),
    ]
    .concat();
    modules.extend(tables::rows().iter().map(Module::row));
    modules.sort_by_key(|module| module.name);
    modules
}

/// The way in which a variant's graph is made.
#[derive(Clone, Copy)]
enum Build {
    Function(fn(&GraphBuilder)),
    Mode(fn(&GraphBuilder, Mode), Mode),
    /// A row of a table, for training or for inference.
    Row(&'static Row, bool),
}

impl Build {
    fn run(self, g: &GraphBuilder) {
        match self {
            Build::Function(build) => build(g),
            Build::Mode(build, mode) => build(g, mode),
            Build::Row(row, is_training) => row.build(g, is_training),
        }
    }
}

/// One module of the table.
#[derive(Clone)]
pub(crate) struct Module {
    /// The name in both tables, and that of the golden directory.
    pub(crate) name: &'static str,
    seed: Option<i64>,
    variants: Vec<(Tags, Build)>,
    drop_collections: &'static [&'static str],
    /// The number of the first function that TensorFlow names, if it does not follow from the graph.
    function_uid: Option<u64>,
    values: fn(&mut Session) -> Result<()>,
}

impl Module {
    /// A module whose variant without tags is built by `build`.
    fn new(name: &'static str, build: fn(&GraphBuilder)) -> Self {
        Module::of_variants(name, vec![(Tags::none(), Build::Function(build))])
    }

    /// A module with the variants of the two modes.
    fn with_modes(name: &'static str, build: fn(&GraphBuilder, Mode)) -> Self {
        let variants = Mode::ALL.map(|mode| (mode.into(), Build::Mode(build, mode)));
        Module::of_variants(name, variants.into())
    }

    fn of_variants(name: &'static str, variants: Vec<(Tags, Build)>) -> Self {
        Module {
            name,
            seed: None,
            variants,
            drop_collections: &[],
            function_uid: Some(0),
            values: |_| Ok(()),
        }
    }

    /// The variants in the reverse order.
    fn reversed(mut self) -> Self {
        self.variants.reverse();
        self
    }

    /// The module of a table's row.
    fn row(row: &'static Row) -> Self {
        let mut variants = vec![(Tags::none(), Build::Row(row, false))];
        if row.has_variants() {
            variants.push((["train"].into(), Build::Row(row, true)));
        }
        Module::of_variants(&row.name, variants).seed(tables::SEED)
    }

    /// Whether it is a row of a table.
    pub(crate) fn is_row(&self) -> bool {
        matches!(self.variants[0], (_, Build::Row(..)))
    }

    /// The graph-level seed, set before each variant is built.
    fn seed(self, seed: i64) -> Self {
        Module {
            seed: Some(seed),
            ..self
        }
    }

    /// A further variant.
    fn variant<const N: usize>(mut self, tags: [&str; N], build: fn(&GraphBuilder)) -> Self {
        self.variants.push((tags.into(), Build::Function(build)));
        self
    }

    /// Collections that are dropped when the module is made.
    fn drop_collections(self, drop_collections: &'static [&'static str]) -> Self {
        Module {
            drop_collections,
            ..self
        }
    }

    /// The module whose functions have the numbers that follow from its graphs.
    pub(crate) fn with_own_function_names(self) -> Self {
        Module {
            function_uid: None,
            ..self
        }
    }

    /// Assigns values that differ from the initial ones.
    fn values(self, values: fn(&mut Session) -> Result<()>) -> Self {
        Module { values, ..self }
    }

    /// The module's definition, with losses that depend on inputs, as Python exports them.
    pub(crate) fn spec(&self) -> Result<ModuleSpec> {
        let spec = self.definition()?;
        let findings = spec.lint();
        let losses = findings
            .iter()
            .filter(|found| found.code() == LintCode::V07);
        Ok(losses.fold(spec, |spec, found| spec.allow(found.code(), found.item())))
    }

    /// The module's definition.
    pub(crate) fn definition(&self) -> Result<ModuleSpec> {
        let builder = ModuleSpec::builder().drop_collections(self.drop_collections.iter().copied());
        let variants = self.variants.iter().cloned();
        variants
            .fold(builder, |builder, (tags, build)| {
                builder.variant(tags, |g| {
                    if let Some(seed) = self.seed {
                        g.set_random_seed(seed);
                    }
                    if let Some(uid) = self.function_uid {
                        g.set_function_uid(uid);
                    }
                    build.run(g);
                })
            })
            .finish()
    }

    /// A session of the module with its values.
    pub(crate) fn session(&self, spec: &ModuleSpec) -> Result<Session> {
        let mut session = Session::new(spec)?;
        (self.values)(&mut session)?;
        Ok(session)
    }

    /// Writes the module with its values to `path`, where an older export may be. No error of the lint but for losses that
    /// depend on inputs lets it.
    pub(crate) fn export(&self, path: &Path) -> Result<ExportSummary> {
        let spec = self.spec()?;
        let session = self.session(&spec)?;
        let exporter = Exporter::new(&spec).replace(true);
        exporter.export(path, &session)
    }
}
