//! Where values of variables come from: what sessions restore, and what exporters and savers write.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::bundle::TensorSlice;
use crate::dtype::DType;
use crate::error::Result;
use crate::value::TensorValue;

/// Values of variables by name.
///
/// A [`Session`](crate::Session) is one, a map of values, a [checkpoint](crate::checkpoint), and files of
/// [NumPy](crate::NpzReader) and [safetensors](crate::SafetensorsReader).
pub trait VariableSource {
    /// The value of the variable with this name, or `None` if there is none.
    ///
    /// # Errors
    /// If there is one that cannot be computed or read.
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>>;

    /// The names of all variables that there are, in no certain order.
    ///
    /// # Errors
    /// If the source cannot be read.
    fn names(&self) -> Result<Vec<String>>;

    /// Under which of its [`names`](Self::names) the source has the variable that is asked for as `name`.
    fn source_name(&self, name: &str) -> String {
        name.to_owned()
    }

    /// The value that the source has under one of its [`names`](Self::names).
    ///
    /// # Errors
    /// As [`variable`](Self::variable).
    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.variable(source_name)
    }

    /// This source, in which the variable `name` of a module is called `rename(name)`: what Python's
    /// `name_transform_fn` does.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use tfhub::{ModuleSpec, Session, TensorValue, VariableSource, layers};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 1));
    ///     g.default_signature(x, layers::dense(1).apply(x));
    /// })?;
    /// let mut trained = BTreeMap::new();
    /// trained.insert("encoder/dense/w".to_owned(), TensorValue::new([1, 1], vec![2.0f32])?);
    /// trained.insert("encoder/dense/b".to_owned(), TensorValue::new([1], vec![1.0f32])?);
    /// let short = |name: &str| name.replace("kernel", "w").replace("bias", "b");
    /// let mut session = Session::new(&spec)?;
    /// session.restore(&trained.with_prefix("encoder/").renamed(short))?;
    /// assert_eq!(session.value("dense/bias")?.as_slice::<f32>()?, [1.0]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    fn renamed<F: Fn(&str) -> String>(self, rename: F) -> Renamed<Self, F>
    where
        Self: Sized,
    {
        Renamed {
            source: self,
            rename,
        }
    }

    /// This source, in which the names of a module's variables have `prefix` in front.
    fn with_prefix(self, prefix: impl Into<String>) -> Prefixed<Self>
    where
        Self: Sized,
    {
        Prefixed {
            source: self,
            prefix: prefix.into(),
        }
    }
}

/// A source with names of its own; [`VariableSource::renamed`] makes one.
#[derive(Clone, Copy)]
pub struct Renamed<S, F> {
    source: S,
    rename: F,
}

impl<S: VariableSource, F: Fn(&str) -> String> VariableSource for Renamed<S, F> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable(&(self.rename)(name))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.source.names()
    }

    fn source_name(&self, name: &str) -> String {
        self.source.source_name(&(self.rename)(name))
    }

    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable_in_source(source_name)
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Renamed<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Renamed").field(&self.source).finish()
    }
}

/// A source whose names have a prefix; [`VariableSource::with_prefix`] makes one.
#[derive(Debug, Clone)]
pub struct Prefixed<S> {
    source: S,
    prefix: String,
}

impl<S: VariableSource> VariableSource for Prefixed<S> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable(&format!("{}{name}", self.prefix))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.source.names()
    }

    fn source_name(&self, name: &str) -> String {
        self.source.source_name(&format!("{}{name}", self.prefix))
    }

    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable_in_source(source_name)
    }
}

macro_rules! sources {
    ($($pointer:ty)*) => {$(
        impl<S: VariableSource + ?Sized> VariableSource for $pointer {
            fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
                (**self).variable(name)
            }

            fn names(&self) -> Result<Vec<String>> {
                (**self).names()
            }

            fn source_name(&self, name: &str) -> String {
                (**self).source_name(name)
            }

            fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
                (**self).variable_in_source(source_name)
            }
        }
    )*};
}

sources! { &S Box<S> }

/// The value of a variable: its dtype and shape, and its elements where they are, in memory or in a file.
pub struct VariableValue<'v> {
    dtype: DType,
    shape: Vec<usize>,
    content: Content<'v>,
    /// Whether a random initializer made it, and nobody assigned another.
    random: bool,
}

enum Content<'v> {
    Memory(Cow<'v, TensorValue>),
    Stored(Box<dyn StoredValue + 'v>),
}

/// Elements that are yet to be read.
pub(crate) trait StoredValue {
    /// All of them.
    fn read(&self) -> Result<TensorValue>;

    /// Those of a part, which the value has.
    fn read_part(&self, slice: &TensorSlice) -> Result<TensorValue> {
        Ok(self.read()?.part(slice))
    }

    /// Hands the bytes of fixed-size elements to `sink`, as they lie in memory, piece after piece.
    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.read()?.native_bytes().map_or(Ok(()), sink)
    }
}

/// A part of a value.
struct Part<'v> {
    whole: VariableValue<'v>,
    slice: TensorSlice,
}

impl StoredValue for Part<'_> {
    fn read(&self) -> Result<TensorValue> {
        match &self.whole.content {
            Content::Memory(value) => Ok(value.part(&self.slice)),
            Content::Stored(stored) => stored.read_part(&self.slice),
        }
    }
}

impl<'v> VariableValue<'v> {
    /// A value that a source reads when it is needed.
    pub(crate) fn stored(dtype: DType, shape: Vec<usize>, stored: impl StoredValue + 'v) -> Self {
        VariableValue {
            dtype,
            shape,
            content: Content::Stored(Box::new(stored)),
            random: false,
        }
    }

    /// The value with a note of whether a random initializer made it.
    pub(crate) fn with_random(self, random: bool) -> Self {
        VariableValue { random, ..self }
    }

    /// Whether a random initializer made the value, and nobody assigned another.
    pub(crate) fn is_random(&self) -> bool {
        self.random
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// A part of the value, which has it.
    pub(crate) fn part(self, slice: &TensorSlice) -> Self {
        let (whole, slice) = (self, slice.clone());
        let (dtype, shape, random) = (whole.dtype, slice.shape(), whole.random);
        VariableValue::stored(dtype, shape, Part { whole, slice }).with_random(random)
    }

    /// The value in memory, read there if it is in a file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) and [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if it cannot be
    /// read.
    pub fn into_value(self) -> Result<Cow<'v, TensorValue>> {
        match self.content {
            Content::Memory(value) => Ok(value),
            Content::Stored(stored) => stored.read().map(Cow::Owned),
        }
    }

    /// The elements, to be streamed if they are of a fixed size and in a file.
    pub(crate) fn into_stored(
        self,
    ) -> Result<std::result::Result<Box<dyn StoredValue + 'v>, Cow<'v, TensorValue>>> {
        Ok(match self.content {
            Content::Stored(stored) if self.dtype.size().is_some() => Ok(stored),
            Content::Stored(stored) => Err(Cow::Owned(stored.read()?)),
            Content::Memory(value) => Err(value),
        })
    }
}

impl<'v> From<Cow<'v, TensorValue>> for VariableValue<'v> {
    fn from(value: Cow<'v, TensorValue>) -> Self {
        VariableValue {
            dtype: value.dtype(),
            shape: value.shape().to_vec(),
            content: Content::Memory(value),
            random: false,
        }
    }
}

impl<'v> From<&'v TensorValue> for VariableValue<'v> {
    fn from(value: &'v TensorValue) -> Self {
        Cow::Borrowed(value).into()
    }
}

impl From<TensorValue> for VariableValue<'_> {
    fn from(value: TensorValue) -> Self {
        Cow::<TensorValue>::Owned(value).into()
    }
}

impl fmt::Debug for VariableValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VariableValue")
            .field("dtype", &self.dtype)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

impl VariableSource for BTreeMap<String, TensorValue> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        Ok(self.get(name).map(VariableValue::from))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }
}

impl VariableSource for HashMap<String, TensorValue> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        Ok(self.get(name).map(VariableValue::from))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }
}
