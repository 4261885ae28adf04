//! A module's definition: its variants, each a checked graph with signatures.

use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::{Dropped, check};
use super::files::ModuleFiles;
use super::lint::allowed::Allowed;
use super::lint::code::LintCode;
use super::mode::Mode;
use super::tags::Tags;
use super::variant::{Variant, disagreements};
use crate::error::{Diagnostic, Error, ErrorKind, Result, Rule};
use crate::graph::{Graph, GraphBuilder, diagnostics_error};
use crate::session::{VariableGraphs, sealed};

/// The definition of a module (`hub.create_module_spec`): one graph per tag set.
///
/// ```
/// use tfhub::{ModuleSpec, Session, layers};
///
/// let spec = ModuleSpec::new(|g| {
///     let inputs = g.placeholder::<f32>((None, 50));
///     let layer1 = layers::dense(200).apply(inputs);
///     let layer2 = layers::dense(100).apply(layer1);
///     g.signature("default")
///         .input("default", inputs)
///         .output("default", layer2)
///         .output("hidden_activations", layer1);
/// })?;
/// let dir = tempfile::tempdir()?;
/// let session = Session::new(&spec)?;
/// let summary = spec.export(dir.path().join("dense"), &session)?;
/// assert!(summary.files.iter().any(|file| file.path.ends_with("saved_model.pb")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModuleSpec {
    variants: Vec<Variant>,
    pub(super) allowed: Allowed,
    /// The author's line that makes the module.
    pub(super) location: &'static Location<'static>,
    /// The directory that it was read from.
    files: Option<Arc<ModuleFiles>>,
}

impl ModuleSpec {
    /// A module with one variant without tags, built by `module_fn`.
    ///
    /// The function may return nothing or a `Result`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGraph`] or [`ErrorKind::InvalidModule`] with every fault in [`Error::diagnostics`];
    /// [`ErrorKind::ModuleFn`] with the error that the function returned.
    #[track_caller]
    pub fn new<R: IntoModuleFnResult>(module_fn: impl FnOnce(&GraphBuilder) -> R) -> Result<Self> {
        Self::builder().variant(Tags::none(), module_fn).finish()
    }

    /// A module with a variant for each [`Mode`], built by one `module_fn`: without tags for inference, with the tag
    /// `train` for training.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers};
    ///
    /// let spec = ModuleSpec::with_modes(|g, mode| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     let hidden = layers::dense(8).apply(x);
    ///     let hidden = if mode.is_training() { hidden * 0.5 } else { hidden };
    ///     g.default_signature(x, layers::dense(2).apply(hidden));
    /// })?;
    /// assert_eq!(spec.tags().map(ToString::to_string).collect::<Vec<_>>(), ["{}", "{train}"]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`ErrorKind::InvalidModule`] if a variable has another dtype or shape, or other parts, in
    /// one mode than in the other.
    #[track_caller]
    pub fn with_modes<R: IntoModuleFnResult>(
        module_fn: impl FnMut(&GraphBuilder, Mode) -> R,
    ) -> Result<Self> {
        Self::builder().modes(module_fn).finish()
    }

    /// Starts a module with variants of any tag sets.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers};
    ///
    /// let spec = ModuleSpec::builder()
    ///     .modes(|g, mode| {
    ///         let x = g.placeholder::<f32>((None, 3));
    ///         let trainable = mode.is_training();
    ///         g.default_signature(x, layers::dense(2).trainable(trainable).apply(x));
    ///     })
    ///     .variant(["weights"], |g| {
    ///         let kernel = g.get_variable::<f32>("dense/kernel").shape([3, 2]).finish();
    ///         g.signature("default").output("default", kernel.value());
    ///     })
    ///     .finish()?;
    /// assert_eq!(spec.tags().len(), 3);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn builder() -> ModuleSpecBuilder {
        ModuleSpecBuilder {
            drop_collections: Vec::new(),
            variants: Vec::new(),
            allowed: Allowed::default(),
            location: Location::caller(),
            file: None,
        }
    }

    /// The tag sets in the order of their definition.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = &Tags> {
        self.variants.iter().map(|variant| &variant.tags)
    }

    /// The graph of the variant with these tags, to look at.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Tags};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.named("x", || g.placeholder::<f32>(()));
    ///     g.default_signature(x, -x);
    /// })?;
    /// let graph = spec.graph(&Tags::none()).expect("the variant without tags");
    /// assert!(graph.to_text().ends_with("Neg = Neg(x) {T=float32} -> float32 []\n"));
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn graph(&self, tags: &Tags) -> Option<&Graph> {
        let variant = self.variants.iter().find(|variant| variant.tags == *tags);
        variant.map(|variant| &variant.graph)
    }

    /// The module, with one item allowed to break one demand of the [lint](Self::lint).
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, module::LintCode};
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((8, 2));
    ///     g.default_signature(x, -x);
    /// })?;
    /// assert_eq!(spec.allow(LintCode::G06, "default").lint(), []);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn allow(mut self, code: LintCode, item: impl Into<String>) -> Self {
        self.allowed.add(code, item);
        self
    }

    pub(super) fn graphs_by_tags(&self) -> &[Variant] {
        &self.variants
    }

    /// The directory that the module was read from.
    pub(super) fn files(&self) -> Option<&Arc<ModuleFiles>> {
        self.files.as_ref()
    }

    pub(super) fn with_files(self, files: Arc<ModuleFiles>) -> Self {
        ModuleSpec {
            files: Some(files),
            ..self
        }
    }
}

impl sealed::Sealed for ModuleSpec {}

impl VariableGraphs for ModuleSpec {
    fn graphs(&self) -> Vec<Graph> {
        self.variants
            .iter()
            .map(|variant| variant.graph.clone())
            .collect()
    }
}

/// The result of a module function: nothing, or a `Result` with any error.
///
/// ```
/// use tfhub::{ErrorKind, ModuleSpec};
///
/// let error = ModuleSpec::new(|_| "many".parse::<u32>().map(drop)).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::ModuleFn);
/// ```
///
/// The trait is sealed.
pub trait IntoModuleFnResult: result::Sealed {
    /// The function's error as one of this crate.
    #[doc(hidden)]
    fn into_result(self) -> Result<()>;
}

mod result {
    pub trait Sealed {}

    impl Sealed for () {}

    impl<E> Sealed for Result<(), E> {}
}

impl IntoModuleFnResult for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> IntoModuleFnResult for std::result::Result<(), E> {
    fn into_result(self) -> Result<()> {
        self.map_err(|error| match error.into().downcast::<Error>() {
            Ok(own) => *own,
            Err(other) => Error::new(ErrorKind::ModuleFn, other),
        })
    }
}

/// Defines a module with several variants; [`ModuleSpec::builder`] makes one.
///
/// ```
/// use tfhub::{ModuleSpec, layers};
///
/// let spec = ModuleSpec::builder()
///     .modes(|g, mode| {
///         let x = g.placeholder::<f32>((None, 3));
///         g.default_signature(x, layers::dense(2).trainable(mode.is_training()).apply(x));
///     })
///     .drop_collections(["summaries"])
///     .finish()?;
/// assert_eq!(spec.tags().len(), 2);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[must_use = "the module is made by `finish`"]
pub struct ModuleSpecBuilder {
    drop_collections: Vec<String>,
    variants: Vec<(Tags, GraphBuilder, Result<()>)>,
    allowed: Allowed,
    location: &'static Location<'static>,
    /// The file that the variants are read from.
    file: Option<PathBuf>,
}

/// The collections that a variant's own function drops.
#[derive(Debug, Default)]
struct DropCollections(Vec<String>);

impl GraphBuilder {
    /// Removes these collections from the module whose function builds the graph, once the function has ended, so that
    /// helpers may fill some that a module cannot carry.
    ///
    /// It is the argument `drop_collections` of `hub.create_module_spec` for one variant;
    /// [`ModuleSpecBuilder::drop_collections`] is that for all of them.
    ///
    /// ```
    /// # use tfhub::ModuleSpec;
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 2));
    ///     g.add_to_collection("summaries", x);
    ///     g.default_signature(x, -x);
    ///     g.drop_collections(["summaries"]);
    /// })?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn drop_collections<S: Into<String>>(&self, keys: impl IntoIterator<Item = S>) {
        let dropped = &mut self.extension::<DropCollections>().0;
        dropped.extend(keys.into_iter().map(Into::into));
    }
}

impl ModuleSpecBuilder {
    /// Adds a variant whose graph `module_fn` builds.
    pub fn variant<R: IntoModuleFnResult>(
        mut self,
        tags: impl Into<Tags>,
        module_fn: impl FnOnce(&GraphBuilder) -> R,
    ) -> Self {
        let graph = GraphBuilder::new();
        let result = module_fn(&graph).into_result();
        self.variants.push((tags.into(), graph, result));
        self
    }

    /// Adds the variants of the two [modes](Mode), as [`ModuleSpec::with_modes`] does.
    pub fn modes<R: IntoModuleFnResult>(
        self,
        module_fn: impl FnMut(&GraphBuilder, Mode) -> R,
    ) -> Self {
        self.variants(Mode::ALL.map(|mode| (mode, mode)), module_fn)
    }

    /// Adds a variant for each of some tag sets, whose graph `module_fn` builds from the argument beside the tags
    /// (`tags_and_args` of `hub.create_module_spec`).
    ///
    /// ```
    /// use tfhub::{ModuleSpec, Tags, layers};
    ///
    /// let units = [(Tags::none(), 2), (["wide"].into(), 20)];
    /// let spec = ModuleSpec::builder()
    ///     .variants(units, |g, units| {
    ///         let x = g.placeholder::<f32>((None, 3));
    ///         g.default_signature(x, layers::dense(units).name(format!("dense_{units}")).apply(x));
    ///     })
    ///     .finish()?;
    /// assert_eq!(spec.tags().len(), 2);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn variants<T: Into<Tags>, A, R: IntoModuleFnResult>(
        self,
        tags_and_args: impl IntoIterator<Item = (T, A)>,
        mut module_fn: impl FnMut(&GraphBuilder, A) -> R,
    ) -> Self {
        let variants = tags_and_args.into_iter();
        variants.fold(self, |builder, (tags, args)| {
            builder.variant(tags, |g| module_fn(g, args))
        })
    }

    /// Removes these collections from every variant, so that helpers may fill some that a module cannot carry.
    ///
    /// Without [`keys::VARIABLES`](crate::graph::keys::VARIABLES) no variable is saved, and without [`keys::TABLE_INITIALIZERS`](crate::graph::keys::TABLE_INITIALIZERS) no table is filled;
    /// it is a fault if an output depends on one.
    pub fn drop_collections<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.drop_collections
            .extend(keys.into_iter().map(Into::into));
        self
    }

    /// Allows one item, in any variant, to break one demand of the [lint](ModuleSpec::lint): a finding of this code and this
    /// [item](super::Finding::item) is neither listed nor a reason to refuse an export.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, Tags, layers, module::LintCode};
    ///
    /// let builder = ModuleSpec::builder().variant(Tags::none(), |g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, layers::dense(2).apply(x));
    /// });
    /// let spec = builder.allow(LintCode::V06, "dense/kernel").finish()?;
    /// assert_eq!(spec.lint(), []);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn allow(mut self, code: LintCode, item: impl Into<String>) -> Self {
        self.allowed.add(code, item);
        self
    }

    /// Has faults of the module reported as those of a file, which the author reads at this line.
    pub(super) fn of_file(self, file: Option<&Path>, location: &'static Location<'static>) -> Self {
        ModuleSpecBuilder {
            location,
            file: file.map(Path::to_owned),
            ..self
        }
    }

    /// Checks all variants and makes the module.
    ///
    /// # Errors
    /// As [`ModuleSpec::new`].
    pub fn finish(self) -> Result<ModuleSpec> {
        let mut variants: Vec<Variant> = Vec::new();
        let mut faults = Vec::new();
        let mut kind = ErrorKind::InvalidModule;
        let file = self.file.as_deref();
        let in_file = |mut fault: Diagnostic| {
            fault.file = file.map(Path::to_owned);
            fault
        };
        for (tags, builder, result) in self.variants {
            let named = |fault: Diagnostic| Diagnostic {
                variant: Some(tags.to_string()),
                ..in_file(fault)
            };
            match result {
                Err(error) if file.is_some() && !error.diagnostics().is_empty() => {
                    let faults = error.diagnostics().iter().cloned().map(named).collect();
                    return Err(diagnostics_error(error.kind(), faults));
                }
                result => result?,
            }
            let of_variant = std::mem::take(&mut builder.extension::<DropCollections>().0);
            let dropped = [self.drop_collections.as_slice(), &of_variant].concat();
            let dropped = Dropped::drop_from(&builder, &dropped);
            match builder.finish() {
                Err(error) => {
                    kind = ErrorKind::InvalidGraph;
                    faults.extend(error.diagnostics().iter().cloned().map(named));
                }
                Ok(graph) => {
                    let found = check(&graph, &dropped, self.location);
                    faults.extend(found.into_iter().map(named));
                    if variants.iter().any(|known| known.tags == tags) {
                        let message = format!("tag set {tags} is used for two variants");
                        faults.push(in_file(fault(Rule::Variants, self.location, message)));
                    }
                    variants.push(Variant { tags, graph });
                }
            }
        }
        if variants.is_empty() && faults.is_empty() {
            let message = "the module has no variant".to_owned();
            faults.push(in_file(fault(Rule::NoSignature, self.location, message)));
        }
        faults.extend(disagreements(&variants).into_iter().map(in_file));
        if faults.is_empty() {
            Ok(ModuleSpec {
                variants,
                allowed: self.allowed,
                location: self.location,
                files: None,
            })
        } else {
            Err(diagnostics_error(kind, faults))
        }
    }
}

fn fault(rule: Rule, location: &'static Location<'static>, message: String) -> Diagnostic {
    Diagnostic {
        rule,
        variant: None,
        file: None,
        node: String::new(),
        op: String::new(),
        location,
        message,
    }
}

impl fmt::Debug for ModuleSpecBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tags: Vec<_> = self.variants.iter().map(|(tags, ..)| tags).collect();
        f.debug_struct("ModuleSpecBuilder")
            .field("variants", &tags)
            .finish_non_exhaustive()
    }
}
