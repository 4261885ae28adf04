//! The values of a graph's variables: from initializers, from arrays, from files.

mod evaluate;
mod restored;
mod whole;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

use crate::checkpoint::{CheckpointSummary, Writing};
use crate::dtype::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::file_system::{FileSystem, OsFileSystem};
use crate::graph::{Graph, NodeId};
use crate::nearest;
use crate::random::Seed;
use crate::saver::{
    ValuesError, check_type, check_values, find, shards, type_text, write_variables,
};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::{IntoTensorValue, TensorValue};
use crate::variable::{VariableInfo, Variables};

use restored::Checkpoints;
use whole::Whole;

pub use crate::saver::{MissingValue, SourceReport, ValueDescription, VariableAndValue};

/// The current values of the variables of a graph or of a module, what a `tf.Session` holds after the initializers
/// ran.
///
/// A variable has its initial value until another is assigned. Initial values are computed when they are first
/// needed, with TensorFlow's random numbers: the same seeds give the same bits.
///
/// ```
/// use tfhub::{ModuleSpec, Session, layers};
///
/// let spec = ModuleSpec::new(|g| {
///     g.set_random_seed(42);
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(2).apply(x));
/// })?;
/// let mut session = Session::new(&spec)?;
/// session.assign("dense/bias", [0.5f32, -0.5])?;
/// assert_eq!(session.read::<f32>("dense/bias")?.as_slice(), Some(&[0.5, -0.5][..]));
/// assert_eq!(session.read::<f32>("dense/kernel")?.shape(), [3, 2]);
/// # Ok::<(), tfhub::Error>(())
/// ```
pub struct Session {
    graphs: Vec<Graph>,
    slots: SortedMap<String, Slot>,
    /// The partitioned variables that parts are of.
    wholes: SortedMap<String, Whole>,
    /// The seeds drawn for random nodes that have none, by graph and node.
    drawn: RefCell<SortedMap<(usize, NodeId), Seed>>,
    /// The variables by graph and handle, once an initial value reads one.
    handles: OnceCell<SortedMap<(usize, NodeId), String>>,
    checkpoints: Checkpoints,
}

struct Slot {
    info: VariableInfo,
    /// The graph that has the variable's initializer.
    graph: usize,
    value: OnceCell<Held>,
}

/// A value, and whether random numbers of an initializer are in it.
#[derive(Debug, Clone)]
struct Held {
    value: Arc<TensorValue>,
    random: bool,
}

/// A variable as a [`Session`] or a [module](crate::ModuleSpec::variants) describes it.
///
/// ```
/// let g = tfhub::GraphBuilder::new();
/// g.get_variable("step").initial_value(0i64).trainable(false).finish();
/// let session = tfhub::Session::new(&g.finish()?)?;
/// let variables: Vec<_> = session.variables().map(|variable| variable.to_string()).collect();
/// assert_eq!(variables, ["\"step\": int64 [], not trainable"]);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariableDescription {
    /// The name, which is the key in checkpoints.
    pub name: String,
    /// The type of the elements.
    pub dtype: DType,
    /// The shape of its value; of one that has none, as its initial value cannot be computed, what is known of it.
    pub shape: Shape,
    /// Whether training changes the variable.
    pub trainable: bool,
    /// The number of parts that it is in, where a partitioned variable is described as a whole; 0 otherwise.
    pub parts: usize,
}

impl VariableDescription {
    /// The number of elements, if the shape is known.
    pub fn num_elements(&self) -> Option<usize> {
        self.shape.num_elements()
    }
}

impl fmt::Display for VariableDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = type_text(self.dtype, &self.shape);
        write!(f, "\"{}\": {what}", self.name)?;
        if self.parts > 0 {
            write!(f, " in {} parts", self.parts)?;
        }
        match self.trainable {
            true => Ok(()),
            false => f.write_str(", not trainable"),
        }
    }
}

/// The graphs whose variables a [`Session`] holds: a [`Graph`], or the variants of a
/// [`ModuleSpec`](crate::ModuleSpec).
///
/// The trait is sealed.
pub trait VariableGraphs: sealed::Sealed {
    /// The graphs; variables of one name in several of them are one variable.
    fn graphs(&self) -> Vec<Graph>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Graph {}

impl VariableGraphs for Graph {
    fn graphs(&self) -> Vec<Graph> {
        vec![self.clone()]
    }
}

errors! {
    #[derive(Debug)]
    pub(crate) enum SessionError {
        #[error("there is no variable \"{name}\"{nearest}")]
        NoVariable { name: String, nearest: String },
        #[error(
            "{}:{}: variable \"{name}\": its initial value cannot be computed: {cause}; assign a value",
            location.file(),
            location.line()
        )]
        InitialValue {
            name: String,
            /// The author's line that made the variable.
            location: &'static Location<'static>,
            cause: Arc<evaluate::EvaluateError>,
        },
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        let kind = match error {
            SessionError::NoVariable { .. } => ErrorKind::NotFound,
            SessionError::InitialValue { .. } => ErrorKind::Unsupported,
        };
        Error::new(kind, error)
    }
}

impl Session {
    /// A session in which every variable has its initial value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidModule`] if two variants of a module give one variable another dtype, or shapes that no value
    /// has both of.
    pub fn new(graphs: &impl VariableGraphs) -> Result<Self> {
        let graphs = graphs.graphs();
        let mut slots = SortedMap::<String, Slot>::new();
        for (graph, variables) in graphs.iter().enumerate() {
            for info in Variables::saved(variables) {
                let Some(known) = slots.get_mut(&info.name) else {
                    let slot = Slot {
                        info: info.clone(),
                        graph,
                        value: OnceCell::new(),
                    };
                    slots.insert(info.name.clone(), slot);
                    continue;
                };
                let known = &mut known.info;
                let merged = known.shape.merge(&info.shape);
                match merged.filter(|_| known.dtype == info.dtype) {
                    Some(merged) => known.shape = merged,
                    None => {
                        let expected = type_text(known.dtype, &known.shape);
                        let error = ValuesError::Mismatch {
                            name: info.name.clone(),
                            expected: format!("{expected} as in another variant"),
                            found: type_text(info.dtype, &info.shape),
                        };
                        return Err(Error::new(ErrorKind::InvalidModule, error));
                    }
                }
            }
        }
        Ok(Session {
            checkpoints: Checkpoints::of(slots.values(), &graphs),
            graphs,
            wholes: Whole::all(&slots),
            slots,
            drawn: RefCell::default(),
            handles: OnceCell::new(),
        })
    }

    /// The variables, sorted by name; of a partitioned variable each part.
    ///
    /// An initial value is computed if nothing else tells the sizes of a variable.
    pub fn variables(&self) -> impl ExactSizeIterator<Item = VariableDescription> + '_ {
        self.slots
            .values()
            .map(|slot @ Slot { info, .. }| VariableDescription {
                name: info.name.clone(),
                dtype: info.dtype,
                shape: match self.sizes(slot) {
                    Ok(sizes) => sizes.into(),
                    Err(_) => info.shape.clone(),
                },
                trainable: info.trainable,
                parts: 0,
            })
    }

    /// Sets a variable.
    ///
    /// An owned array becomes the variable's memory; a view is copied once. A partitioned variable is set part by part, or
    /// as a whole by its own name.
    ///
    /// ```
    /// use tfhub::variable::Partitioner;
    /// # let g = tfhub::GraphBuilder::new();
    /// g.get_variable::<f32>("v").shape([3]).partitioner(Partitioner::fixed_size(2)).finish();
    /// let mut session = tfhub::Session::new(&g.finish()?)?;
    /// session.assign("v", [1.0f32, 2.0, 3.0])?;
    /// session.assign("v/part_1", [4.0f32])?;
    /// assert_eq!(session.value("v")?.as_slice::<f32>()?, [1.0, 2.0, 4.0]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such variable, [`ErrorKind::InvalidValue`] if its dtype is another, or its
    /// shape one that the variable cannot have.
    pub fn assign(&mut self, name: &str, value: impl IntoTensorValue) -> Result<()> {
        self.assign_value(name, value.into_tensor_value())
    }

    /// Sets a variable to a value whose dtype is known at run time.
    ///
    /// # Errors
    /// As [`assign`](Self::assign).
    pub fn assign_value(&mut self, name: &str, value: TensorValue) -> Result<()> {
        if let Some(whole) = self.whole(name) {
            let mut parts = whole.spread(name, &value)?.into_iter();
            return parts.try_for_each(|(part, value)| self.assign_value(&part, value));
        }
        let Some(slot) = self.slots.get_mut(name) else {
            return Err(self.no_variable(name).into());
        };
        check(&slot.info, &value)?;
        let part = slot.info.part.as_ref();
        if let Some(whole) = part.and_then(|part| self.wholes.get_mut(&part.whole)) {
            whole.value.take();
        }
        let (value, random) = (Arc::new(value), false);
        slot.value = Held { value, random }.into();
        Ok(())
    }

    /// Sets every variable to the value of its name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if a variable has no value, a value no variable, or a value another dtype or shape;
    /// all of them are listed, and no variable is changed.
    pub fn assign_all(&mut self, values: BTreeMap<String, TensorValue>) -> Result<()> {
        let mut faults = Vec::new();
        let mut spread = BTreeMap::new();
        for (name, value) in values {
            match self.whole(&name) {
                Some(whole) => match whole.spread(&name, &value) {
                    Ok(parts) => spread.extend(parts),
                    Err(error) => faults.push(error.to_string()),
                },
                None => {
                    spread.insert(name, value);
                }
            }
        }
        let values = spread;
        let names = || self.slots.keys().map(String::as_str);
        let missing = names().filter(|name| !values.contains_key(*name));
        faults.extend(missing.map(|name| {
            let surplus = values.keys().filter(|name| !self.slots.contains_key(*name));
            let nearest = nearest::suggestion(name, surplus.map(String::as_str));
            format!("variable \"{name}\" has no value{nearest}")
        }));
        let mut all_known = true;
        for (name, value) in &values {
            match self.slots.get(name) {
                Some(slot) => faults.extend(
                    check(&slot.info, value)
                        .err()
                        .map(|error| error.to_string()),
                ),
                None => {
                    let name = name.clone();
                    let nearest = nearest::suggestion(&name, names());
                    faults.push(SessionError::NoVariable { name, nearest }.to_string());
                    all_known = false;
                }
            }
        }
        if !all_known {
            faults.extend(nearest::list("variable", names()));
        }
        if !faults.is_empty() {
            return Err(ValuesError::Several { faults }.into());
        }
        values
            .into_iter()
            .try_for_each(|(name, value)| self.assign_value(&name, value))
    }

    /// Sets every variable to the value that a source has for it, as `tf.train.Saver.restore` does, and says what else
    /// the source has.
    ///
    /// ```no_run
    /// use tfhub::{Session, checkpoint::CheckpointReader};
    ///
    /// # fn example(session: &mut Session) -> tfhub::Result<()> {
    /// let report = session.restore(&CheckpointReader::open("train/model.ckpt-1000")?)?;
    /// for value in &report.unused {
    ///     println!("not needed: {value}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if a variable has no value, or one of another dtype or shape; all of them are
    /// listed. What the source cannot read is an error, too. No variable is changed then.
    pub fn restore(&mut self, source: &(impl VariableSource + ?Sized)) -> Result<SourceReport> {
        self.restore_from(&source)
    }

    fn restore_from(&mut self, source: &dyn VariableSource) -> Result<SourceReport> {
        let report = self.compare_to(source)?;
        if !report.is_complete() {
            let error = Error::from(ValuesError::Several {
                faults: report.faults(source, &|_| String::new())?,
            });
            return Err(match source.path() {
                Some(path) => error.with_path(path),
                None => error,
            });
        }
        self.take(&report, source)?;
        Ok(report)
    }

    /// Sets the variables for which a source has a value of their dtype and shape, and says what else there is on both
    /// sides.
    ///
    /// # Errors
    /// If the source cannot be read; no variable is changed then.
    pub fn restore_partial(
        &mut self,
        source: &(impl VariableSource + ?Sized),
    ) -> Result<SourceReport> {
        let source = &source;
        let report = self.compare_to(source)?;
        self.take(&report, source)?;
        Ok(report)
    }

    /// How the variables and what a source has fit together; nothing is changed.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn compare(&self, source: &(impl VariableSource + ?Sized)) -> Result<SourceReport> {
        self.compare_to(&source)
    }

    fn compare_to(&self, source: &dyn VariableSource) -> Result<SourceReport> {
        let mut infos = self.slots.values().map(|slot| &slot.info);
        let mut report = SourceReport::of_variables(&mut infos, source)?;
        report.add_unused(source)?;
        Ok(report)
    }

    /// Takes over the values that match, once all of them could be read.
    fn take(&mut self, report: &SourceReport, source: &dyn VariableSource) -> Result<()> {
        let mut values = Vec::with_capacity(report.matched.len());
        for VariableAndValue { variable, .. } in &report.matched {
            let name = &variable.name;
            let slot = self.slots.get(name);
            let value = slot.map(|slot| find(&slot.info, source)).transpose()?;
            let value = value.flatten();
            let value = value.ok_or_else(|| ValuesError::NoValue(name.clone()))?;
            values.push((name, value.into_value()?.into_owned()));
        }
        values
            .into_iter()
            .try_for_each(|(name, value)| self.assign_value(name, value))
    }

    /// The value of a variable as an array.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such variable, [`ErrorKind::InvalidValue`] if its elements are of another
    /// type, [`ErrorKind::Unsupported`] if its initial value cannot be computed.
    pub fn read<T: Element>(&self, name: &str) -> Result<ndarray::ArrayViewD<'_, T>> {
        self.value(name)?.view()
    }

    /// The value of a variable; that of a partitioned variable is joined when it is first asked for.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such variable, [`ErrorKind::Unsupported`] if its initial value cannot
    /// be computed.
    pub fn value(&self, name: &str) -> Result<&TensorValue> {
        match self.whole(name) {
            Some(whole) => self.whole_value(whole),
            None => Ok(&self.held(name, 0)?.value),
        }
    }

    fn no_variable(&self, name: &str) -> SessionError {
        SessionError::NoVariable {
            name: name.to_owned(),
            nearest: nearest::among(name, "variable", self.slots.keys().map(String::as_str)),
        }
    }

    fn held(&self, name: &str, depth: u32) -> Result<&Held> {
        let slot = self.slots.get(name);
        let slot = slot.ok_or_else(|| self.no_variable(name))?;
        self.held_by(slot, depth)
    }

    fn held_by<'s>(&'s self, slot: &'s Slot, depth: u32) -> Result<&'s Held> {
        if let Some(held) = slot.value.get() {
            return Ok(held);
        }
        let held = self.initial_value(slot, depth)?;
        Ok(slot.value.get_or_init(|| held))
    }

    /// The sizes of a variable's value, which is computed if nothing else tells them.
    fn sizes(&self, slot: &Slot) -> Result<Vec<usize>> {
        match (slot.value.get(), slot.info.shape.to_static()) {
            (None, Some(sizes)) => Ok(sizes),
            _ => Ok(self.held_by(slot, 0)?.value.shape().to_vec()),
        }
    }

    /// Computes the initial value of a variable.
    fn initial_value(&self, slot: &Slot, depth: u32) -> Result<Held> {
        let target = slot.info.initial_value;
        let held = target
            .ok_or_else(|| Arc::new(evaluate::EvaluateError::Unknown))
            .and_then(|target| self.evaluate(slot.graph, target, depth))
            .map_err(|cause| SessionError::InitialValue {
                name: slot.info.name.clone(),
                location: self.graphs[slot.graph].node(slot.info.handle).location,
                cause,
            })?;
        check(&slot.info, &held.value)?;
        Ok(held)
    }

    /// Saves all variables as a checkpoint that `tf.train.Saver` restores: `PREFIX.index` and a data file for each
    /// device that variables are placed on.
    ///
    /// The directory is created if it is missing, with those above it. If anything fails, or the process is killed,
    /// there is no checkpoint at `prefix`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if an initial value cannot be computed, and as
    /// [`CheckpointWriter::create`](crate::checkpoint::CheckpointWriter::create) and
    /// [`CheckpointWriter::finish`](crate::checkpoint::CheckpointWriter::finish).
    ///
    /// ```
    /// use tfhub::{GraphBuilder, Session, checkpoint::CheckpointReader};
    ///
    /// let g = GraphBuilder::new();
    /// g.get_variable("v").initial_value([1.0f32, 2.0]).finish();
    /// let session = Session::new(&g.finish()?)?;
    /// let dir = tempfile::tempdir()?;
    /// let prefix = dir.path().join("model.ckpt");
    /// session.save(&prefix)?;
    /// assert_eq!(CheckpointReader::open(&prefix)?.read("v")?.as_slice::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, prefix: impl AsRef<Path>) -> Result<CheckpointSummary> {
        self.save_on(OsFileSystem, prefix.as_ref())
    }

    pub(crate) fn save_on(&self, fs: impl FileSystem, prefix: &Path) -> Result<CheckpointSummary> {
        let shards = shards(&self.graphs);
        check_values(&shards, self, &|_| String::new())?;
        let mut writer = Writing::new(fs, prefix)?;
        write_variables(&mut writer, &shards, self)?;
        writer.finish()
    }
}

fn check(info: &VariableInfo, value: &TensorValue) -> std::result::Result<(), ValuesError> {
    check_type(info, value.dtype(), value.shape())
}

/// The initial value of a variable that nobody holds; it is computed when it is read, and not kept.
struct InitialValue<'s> {
    session: &'s Session,
    slot: &'s Slot,
    random: Cell<bool>,
}

impl StoredValue for InitialValue<'_> {
    fn read(&self) -> Result<TensorValue> {
        if let Some(restored) = self.restored()? {
            return Ok(restored.value()?.into_value()?.into_owned());
        }
        let held = self.session.initial_value(self.slot, 0)?;
        self.random.set(held.random);
        Ok(Arc::unwrap_or_clone(held.value))
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match self.restored()? {
            Some(restored) => restored.value()?.stream(sink),
            None => self.read()?.native_bytes().map_or(Ok(()), sink),
        }
    }

    fn is_random(&self) -> bool {
        self.random.get()
    }
}

/// Initial values that nobody has asked for yet are computed when the [`VariableValue`] is read, and are not kept: a
/// module is exported with one of them in memory at a time. Those whose shapes the graph does not tell are kept.
impl VariableSource for Session {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let Some(slot) = self.slots.get(name) else {
            let Some(whole) = self.wholes.get(name) else {
                return Ok(None);
            };
            let parts = whole.parts.iter().map(|(part, _)| self.variable(part));
            let parts = parts.collect::<Result<Option<Vec<_>>>>()?;
            return Ok(parts.map(|parts| VariableValue::joined(parts, whole.axis)));
        };
        let sizes = self.sizes(slot)?;
        if let Some(Held { value, random }) = slot.value.get() {
            return Ok(Some(VariableValue::computed(value, *random)));
        }
        let value = InitialValue {
            session: self,
            slot,
            random: Cell::default(),
        };
        Ok(Some(VariableValue::stored(slot.info.dtype, sizes, value)))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.slots.keys().cloned().collect())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.slots.keys()).finish()
    }
}
