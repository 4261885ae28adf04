//! The differences of two modules.

mod graphs;
mod json;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use self::values::Values;
use super::message::message_of;
use super::saved_model::tags;
use super::spec::ModuleSpec;
use super::tags::Tags;
use crate::error::{Error, Result};
use crate::graph::HashMap;
use crate::proto::tensorflow::MetaGraphDef;
use crate::sorted_map::SortedMap;
use crate::source::VariableSource;

/// The parts that are compared, and how closely.
///
/// ```
/// use tfhub::module::DiffOptions;
///
/// let options = DiffOptions::new().tolerance(1e-6).relative_tolerance(1e-5);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct DiffOptions {
    absolute: f64,
    relative: f64,
}

/// All, and numbers exactly.
impl From<()> for DiffOptions {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl DiffOptions {
    /// All, and numbers exactly.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes floating-point numbers for equal that differ by no more than this.
    pub fn tolerance(self, absolute: f64) -> Self {
        DiffOptions { absolute, ..self }
    }

    /// Takes floating-point numbers for equal that differ by no more than this part of the second one, and the
    /// [tolerance](Self::tolerance) besides.
    pub fn relative_tolerance(self, relative: f64) -> Self {
        DiffOptions { relative, ..self }
    }
}

/// The part of a module that a [`Difference`] is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ModulePart {
    /// A variant as a whole.
    Variant,
    /// A variant's graph as a whole: its versions, and who wrote it.
    Graph,
    /// A node of a graph.
    Node,
    /// A function of a graph's library.
    Function,
    /// A signature.
    Signature,
    /// A collection.
    Collection,
    /// A message that is attached to a variant.
    Attachment,
    /// A variable, by its name in the checkpoint.
    Variable,
    /// A file that travels with the module.
    Asset,
}

impl ModulePart {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            ModulePart::Variant => "variant",
            ModulePart::Graph => "graph",
            ModulePart::Node => "node",
            ModulePart::Function => "function",
            ModulePart::Signature => "signature",
            ModulePart::Collection => "collection",
            ModulePart::Attachment => "attachment",
            ModulePart::Variable => "variable",
            ModulePart::Asset => "asset",
        }
    }
}

/// Whether only the second module has something, only the first, or both have it in other forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// The second module alone has it.
    Added,
    /// The first module alone has it.
    Removed,
    /// Both have it, but not alike.
    Changed,
}

impl Change {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
        }
    }
}

/// One point in which two forms of a thing differ, such as an attribute of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedDetail {
    /// The point.
    pub what: String,
    /// The first module's side, if it has one.
    pub before: Option<String>,
    /// The second module's side, if it has one.
    pub after: Option<String>,
}

/// A thing that only one of two modules has, or that they have in different forms.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The variant concerned; `None` for variables and assets, which variants share.
    pub variant: Option<Tags>,
    /// The part of the module.
    pub part: ModulePart,
    /// The name of the thing.
    pub item: String,
    /// The way in which it differs.
    pub change: Change,
    /// The points in which a changed thing differs.
    pub details: Vec<ChangedDetail>,
}

/// The differences of two modules; [`ModuleSpec::diff`] finds them. Printed, each is on a line of its own, with lines for
/// its details; [`to_json`](Self::to_json) is for programs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleDiff {
    differences: Vec<Difference>,
}

impl ModuleDiff {
    /// The differences of two modules with these values, of which one value of the second module at a time is in memory.
    /// [`ModuleSpec::diff`] compares those of modules on disk piece after piece.
    ///
    /// ```
    /// use tfhub::module::ModuleDiff;
    /// use tfhub::{ModuleSpec, Session, layers};
    ///
    /// let module = |units| {
    ///     ModuleSpec::new(|g| {
    ///         g.set_random_seed(1);
    ///         let x = g.placeholder::<f32>((None, 3));
    ///         g.default_signature(x, layers::dense(units).apply(x));
    ///     })
    /// };
    /// let (narrow, wide) = (module(2)?, module(3)?);
    /// let values = [&narrow, &wide].map(|spec| Session::new(spec));
    /// let [one, other] = values;
    /// let diff = ModuleDiff::of((&narrow, &one?), (&wide, &other?), ())?;
    /// let changed = diff.iter().find(|it| it.item == "dense/bias" && it.variant.is_none()).unwrap();
    /// assert_eq!(changed.to_string(), "variable \"dense/bias\" changed\n  shape: [2] -> [3]");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a value or an asset cannot be read.
    pub fn of(
        before: (&ModuleSpec, &(impl VariableSource + ?Sized)),
        after: (&ModuleSpec, &(impl VariableSource + ?Sized)),
        options: impl Into<DiffOptions>,
    ) -> Result<Self> {
        let options = options.into();
        Self::between(
            (before.0, &before.1),
            (after.0, Values::Source(&after.1)),
            &options,
        )
    }

    fn between(
        before: (&ModuleSpec, &dyn VariableSource),
        after: (&ModuleSpec, Values<'_>),
        options: &DiffOptions,
    ) -> Result<Self> {
        let mut diff = ModuleDiff::default();
        diff.graphs(before.0, after.0)?;
        values::compare(&mut diff, before, after, options)?;
        Ok(diff)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }

    /// The number of differences.
    pub fn len(&self) -> usize {
        self.differences.len()
    }

    /// The differences: of variants in their order, then of variables, then of assets.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Difference> {
        self.differences.iter()
    }

    /// The differences as JSON: an object with `equal`, and a list of `differences` with the fields of [`Difference`].
    ///
    /// ```
    /// use tfhub::module::ModuleDiff;
    ///
    /// let diff = ModuleDiff::default();
    /// assert_eq!(diff.to_json(), "{\"equal\":true,\"differences\":[]}");
    /// ```
    pub fn to_json(&self) -> String {
        json::text(&self.differences)
    }

    fn add(
        &mut self,
        variant: Option<&Tags>,
        part: ModulePart,
        item: &str,
        change: Change,
        details: Vec<ChangedDetail>,
    ) {
        self.differences.push(Difference {
            variant: variant.cloned(),
            part,
            item: item.to_owned(),
            change,
            details,
        });
    }

    /// Compares two sets of things by name; `details` tells how two of one name differ.
    fn things<T>(
        &mut self,
        variant: Option<&Tags>,
        part: ModulePart,
        (before, after): (&Things<'_, T>, &Things<'_, T>),
        details: impl Fn(&T, &T) -> Vec<ChangedDetail>,
    ) {
        let index = |things: &Things<'_, T>| -> HashMap<String, usize> {
            let names = things.iter().map(|(name, _)| (*name).to_owned());
            names.zip(0..).collect()
        };
        let (old, new) = (index(before), index(after));
        for (name, thing) in before {
            let Some(&place) = new.get(*name) else {
                self.add(variant, part, name, Change::Removed, Vec::new());
                continue;
            };
            let details = details(thing, &after[place].1);
            if !details.is_empty() {
                self.add(variant, part, name, Change::Changed, details);
            }
        }
        for (name, _) in after.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.add(variant, part, name, Change::Added, Vec::new());
        }
    }

    fn graphs(&mut self, before: &ModuleSpec, after: &ModuleSpec) -> Result<()> {
        let (old, old_assets) = message_of(before)?;
        let (new, new_assets) = message_of(after)?;
        let by_tags = |metas: Vec<MetaGraphDef>| {
            let metas = metas.into_iter().map(|meta| (tags(&meta), meta));
            metas.collect::<Vec<_>>()
        };
        let (old, new) = (by_tags(old.meta_graphs), by_tags(new.meta_graphs));
        for (tags, meta) in &old {
            match new.iter().find(|(other, _)| other == tags) {
                Some((_, other)) => graphs::compare(self, tags, meta, other),
                None => self.variant(tags, Change::Removed),
            }
        }
        for (tags, _) in new
            .iter()
            .filter(|(tags, _)| !old.iter().any(|(it, _)| it == tags))
        {
            self.variant(tags, Change::Added);
        }
        self.assets(&old_assets, &new_assets)
    }

    fn variant(&mut self, tags: &Tags, change: Change) {
        let part = ModulePart::Variant;
        self.add(Some(tags), part, &tags.to_string(), change, Vec::new());
    }

    fn assets(
        &mut self,
        before: &SortedMap<String, PathBuf>,
        after: &SortedMap<String, PathBuf>,
    ) -> Result<()> {
        let mut sums = BTreeMap::new();
        for path in before.values().chain(after.values()) {
            if !sums.contains_key(path) {
                sums.insert(path.clone(), values::file_text(path)?);
            }
        }
        let [before, after] = [before, after].map(|files| {
            let files = files.iter();
            files
                .map(|(name, path)| (name.as_str(), &sums[path]))
                .collect::<Vec<_>>()
        });
        self.things(None, ModulePart::Asset, (&before, &after), |old, new| {
            detail("content", Some(old.as_str()), Some(new.as_str()))
        });
        Ok(())
    }
}

/// Things by their names, in their order.
type Things<'n, T> = [(&'n str, T)];

/// A detail, if there is a difference.
fn detail(what: &str, before: Option<&str>, after: Option<&str>) -> Vec<ChangedDetail> {
    if before == after {
        return Vec::new();
    }
    vec![ChangedDetail {
        what: what.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }]
}

impl ModuleSpec {
    /// The differences between this module and another, both of which were loaded: variants, nodes, functions,
    /// signatures, collections, attachments, variables by name, dtype, shape and value, and assets by content.
    /// [`ModuleDiff::of`] compares modules whose values are elsewhere.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, layers};
    /// # let dir = tempfile::tempdir()?;
    /// # let (one, other) = (dir.path().join("one"), dir.path().join("other"));
    /// # for path in [&one, &other] {
    /// #     let spec = ModuleSpec::new(|g| {
    /// #         let x = g.placeholder::<f32>((None, 3));
    /// #         g.default_signature(x, layers::dense(2).apply(x));
    /// #     })?;
    /// #     spec.export(path, &Session::new(&spec)?)?;
    /// # }
    /// let (one, other) = (ModuleSpec::load(&one)?, ModuleSpec::load(&other)?);
    /// for difference in one.diff(&other, ())?.iter() {
    ///     println!("{difference}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a module has no values of its own, and if a value or an asset
    /// cannot be read.
    pub fn diff(&self, other: &ModuleSpec, options: impl Into<DiffOptions>) -> Result<ModuleDiff> {
        let before = self.values()?;
        // That it has values is known before any is read.
        other.values()?;
        let after = match other.files() {
            Some(files) => Values::Files(files),
            None => unreachable!("a module with values that has no files"),
        };
        ModuleDiff::between((self, &before), (other, after), &options.into())
    }
}

/// The part, the name and what has become of it, then its details, each on a line of its own.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(tags) = self
            .variant
            .as_ref()
            .filter(|_| self.part != ModulePart::Variant)
        {
            write!(f, "{tags} ")?;
        }
        write!(
            f,
            "{} {:?} {}",
            self.part.name(),
            self.item,
            self.change.name()
        )?;
        for ChangedDetail {
            what,
            before,
            after,
        } in &self.details
        {
            let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            write!(f, "\n  {what}: {} -> {}", text(before), text(after))?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.differences
            .iter()
            .try_for_each(|it| writeln!(f, "{it}"))
    }
}

/// Names the file that cannot be read.
fn cannot_read(path: &Path) -> impl Fn(std::io::Error) -> Error + '_ {
    move |error| Error::io("cannot read", path, error)
}
