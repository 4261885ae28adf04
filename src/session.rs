//! The values of a graph's variables: from initializers, from arrays, from files.

mod evaluate;
mod report;
mod write;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::Location;

use crate::dtype::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, NodeId};
use crate::nearest;
use crate::random::Seed;
use crate::value::{IntoTensorValue, TensorValue};
use crate::variable::{VariableInfo, Variables};
use crate::variable_source::{VariableSource, VariableValue};

pub(crate) use write::{ShardedWriter, check_values, shards, write_variables};

pub use report::{Missing, Pairing, SourceReport, ValueDescription};

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
    slots: BTreeMap<String, Slot>,
    /// The seeds drawn for random nodes that have none, by graph and node.
    drawn: RefCell<HashMap<(usize, NodeId), Seed>>,
}

struct Slot {
    info: VariableInfo,
    /// The graph that has the variable's initializer.
    graph: usize,
    value: OnceCell<Held>,
}

/// A value, and whether random numbers of an initializer are in it.
#[derive(Debug)]
struct Held {
    value: TensorValue,
    random: bool,
}

/// A variable as a [`Session`] describes it.
///
/// ```
/// let g = tfhub::GraphBuilder::new();
/// g.get_variable("step").initial_value(0i64).trainable(false).create();
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
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// Whether training changes the variable.
    pub trainable: bool,
}

impl VariableDescription {
    /// The number of elements.
    pub fn num_elements(&self) -> usize {
        self.shape.iter().product()
    }
}

impl fmt::Display for VariableDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = describe(self.dtype, &self.shape);
        write!(f, "\"{}\": {what}", self.name)?;
        match self.trainable {
            true => Ok(()),
            false => f.write_str(", not trainable"),
        }
    }
}

/// The graphs whose variables a [`Session`] holds: a [`Graph`], or the variants of a
/// [`ModuleSpec`](crate::ModuleSpec).
pub trait VariableGraphs {
    /// The graphs; variables of one name in several of them are one variable.
    fn graphs(&self) -> Vec<Graph>;
}

impl VariableGraphs for Graph {
    fn graphs(&self) -> Vec<Graph> {
        vec![self.clone()]
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error("there is no variable \"{name}\"{nearest}")]
    NoVariable { name: String, nearest: String },
    #[error("variable \"{0}\" has no value")]
    NoValue(String),
    #[error("variable \"{name}\": expected {expected}, found {found}")]
    Mismatch {
        name: String,
        expected: String,
        found: String,
    },
    #[error("{}", .0.join("\n"))]
    Several(Vec<String>),
    #[error(
        "{}:{}: variable \"{name}\": its initial value cannot be computed: {cause}; assign a value",
        .location.file(),
        .location.line()
    )]
    InitialValue {
        name: String,
        /// The author's line that made the variable.
        location: &'static Location<'static>,
        cause: Box<evaluate::EvaluateError>,
    },
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        let kind = match error {
            SessionError::NoVariable { .. } | SessionError::NoValue(_) => ErrorKind::NotFound,
            SessionError::Mismatch { .. } | SessionError::Several(_) => ErrorKind::InvalidValue,
            SessionError::InitialValue { .. } => ErrorKind::Unsupported,
        };
        Error::new(kind, error)
    }
}

fn describe(dtype: DType, shape: &[usize]) -> String {
    format!("{dtype} {}", crate::Shape::from(shape))
}

impl Session {
    /// A session in which every variable has its initial value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidModule`] if two variants of a module give one variable another dtype or shape.
    pub fn new(graphs: &impl VariableGraphs) -> Result<Self> {
        let graphs = graphs.graphs();
        let mut slots: BTreeMap<String, Slot> = BTreeMap::new();
        for (graph, variables) in graphs.iter().enumerate() {
            for info in variables
                .extension::<Variables>()
                .iter()
                .flat_map(|variables| &variables.list)
            {
                match slots.get(&info.name) {
                    Some(known)
                        if (known.info.dtype, &known.info.shape) != (info.dtype, &info.shape) =>
                    {
                        let error = SessionError::Mismatch {
                            name: info.name.clone(),
                            expected: format!(
                                "{} as in another variant",
                                describe(known.info.dtype, &known.info.shape)
                            ),
                            found: describe(info.dtype, &info.shape),
                        };
                        return Err(Error::new(ErrorKind::InvalidModule, error));
                    }
                    Some(_) => {}
                    None => {
                        let slot = Slot {
                            info: info.clone(),
                            graph,
                            value: OnceCell::new(),
                        };
                        slots.insert(info.name.clone(), slot);
                    }
                }
            }
        }
        Ok(Session {
            graphs,
            slots,
            drawn: RefCell::default(),
        })
    }

    /// The variables, sorted by name.
    pub fn variables(&self) -> impl ExactSizeIterator<Item = VariableDescription> + '_ {
        self.slots
            .values()
            .map(|Slot { info, .. }| VariableDescription {
                name: info.name.clone(),
                dtype: info.dtype,
                shape: info.shape.clone(),
                trainable: info.trainable,
            })
    }

    /// Sets a variable.
    ///
    /// An owned array becomes the variable's memory; a view is copied once.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such variable, [`ErrorKind::InvalidValue`] if its dtype or shape is
    /// another.
    pub fn assign(&mut self, name: &str, value: impl IntoTensorValue) -> Result<()> {
        self.assign_value(name, value.into_tensor_value())
    }

    /// Sets a variable to a value whose dtype is known at run time.
    ///
    /// # Errors
    /// As [`assign`](Self::assign).
    pub fn assign_value(&mut self, name: &str, value: TensorValue) -> Result<()> {
        let Some(slot) = self.slots.get_mut(name) else {
            return Err(self.no_variable(name).into());
        };
        check(&slot.info, &value)?;
        let random = false;
        slot.value = Held { value, random }.into();
        Ok(())
    }

    /// Sets every variable to the value of its name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if a variable has no value, a value no variable, or a value another dtype or shape;
    /// all of them are listed, and no variable is changed.
    pub fn assign_all(&mut self, values: BTreeMap<String, TensorValue>) -> Result<()> {
        let names = || self.slots.keys().map(String::as_str);
        let missing = names().filter(|name| !values.contains_key(*name));
        let mut faults: Vec<_> = missing
            .map(|name| {
                let surplus = values.keys().filter(|name| !self.slots.contains_key(*name));
                let nearest = nearest::suggestion(name, surplus.map(String::as_str));
                format!("variable \"{name}\" has no value{nearest}")
            })
            .collect();
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
            return Err(SessionError::Several(faults).into());
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
        let report = self.compare(source)?;
        if !report.is_complete() {
            let error = Error::from(SessionError::Several(report.faults(source)?));
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
        let report = self.compare(source)?;
        self.take(&report, source)?;
        Ok(report)
    }

    /// How the variables and what a source has fit together; nothing is changed.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub fn compare(&self, source: &(impl VariableSource + ?Sized)) -> Result<SourceReport> {
        let infos = self.slots.values().map(|slot| &slot.info);
        let mut report = SourceReport::of_variables(infos, source)?;
        report.add_unused(source)?;
        Ok(report)
    }

    /// Takes over the values that match, once all of them could be read.
    fn take(
        &mut self,
        report: &SourceReport,
        source: &(impl VariableSource + ?Sized),
    ) -> Result<()> {
        let mut values = Vec::with_capacity(report.matched.len());
        for Pairing { variable, .. } in &report.matched {
            let name = &variable.name;
            let slot = self.slots.get(name);
            let value = slot
                .map(|slot| write::find(&slot.info, source))
                .transpose()?;
            let value = value.flatten();
            let value = value.ok_or_else(|| SessionError::NoValue(name.clone()))?;
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

    /// The value of a variable.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such variable, [`ErrorKind::Unsupported`] if its initial value cannot
    /// be computed.
    pub fn value(&self, name: &str) -> Result<&TensorValue> {
        Ok(&self.held(name, 0)?.value)
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
        let target = slot.info.initial_value;
        let held = target
            .ok_or(evaluate::EvaluateError::Unknown)
            .and_then(|target| self.evaluate(slot.graph, target, depth))
            .map_err(|cause| SessionError::InitialValue {
                name: slot.info.name.clone(),
                location: self.graphs[slot.graph].node(slot.info.handle).location,
                cause: Box::new(cause),
            })?;
        check(&slot.info, &held.value)?;
        Ok(slot.value.get_or_init(|| held))
    }
}

fn check(info: &VariableInfo, value: &TensorValue) -> std::result::Result<(), SessionError> {
    check_type(info, value.dtype(), value.shape())
}

fn check_type(
    info: &VariableInfo,
    dtype: DType,
    shape: &[usize],
) -> std::result::Result<(), SessionError> {
    if (info.dtype, &info.shape[..]) == (dtype, shape) {
        return Ok(());
    }
    Err(SessionError::Mismatch {
        name: info.name.clone(),
        expected: describe(info.dtype, &info.shape),
        found: describe(dtype, shape),
    })
}

impl VariableSource for Session {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let Some(slot) = self.slots.get(name) else {
            return Ok(None);
        };
        let Held { value, random } = self.held_by(slot, 0)?;
        Ok(Some(VariableValue::from(value).with_random(*random)))
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
