//! Where values of variables come from: what sessions restore, and what exporters and savers write.
//!
//! A file is opened with `open` of the reader of its format, or, where it is in memory, with `from_bytes`. A reader is a
//! [`VariableSource`], which reads a value when it is asked for; [`read_all`](VariableSource::read_all) reads all of them.
//!
//! | file | reader |
//! | --- | --- |
//! | `.npy` | [`NpyReader`] |
//! | `.npz` | `NpzReader` |
//! | `.safetensors` | `SafetensorsReader` |
//! | a checkpoint | [`CheckpointReader`](crate::checkpoint::CheckpointReader) |
//! | a module or SavedModel | [`ModuleVariables`](crate::module::ModuleVariables) |
//!
//! The features `npz` and `safetensors`, which are on by default, are the readers of these files.

mod derived;
mod mapped;
mod npy;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "safetensors")]
mod safetensors;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use crate::dtype::DType;
use crate::error::Result;
use crate::value::{TensorSlice, TensorValue};

pub use mapped::{CastFloats, Mapped, Mapping};
pub use npy::{NpyReader, write_npy};
#[cfg(feature = "npz")]
pub use npz::NpzReader;
#[cfg(feature = "safetensors")]
pub use safetensors::SafetensorsReader;

/// Values of variables by name. Programs may implement it for sources of their own.
///
/// ```
/// use tfhub::source::VariableValue;
/// use tfhub::{ModuleSpec, Session, TensorValue, VariableSource, layers};
///
/// /// Matrices of zeros for all kernels.
/// struct Zeros;
///
/// impl VariableSource for Zeros {
///     fn variable(&self, name: &str) -> tfhub::Result<Option<VariableValue<'_>>> {
///         let value = TensorValue::new([3, 2], vec![0f32; 6])?;
///         Ok(name.ends_with("/kernel").then(|| value.into()))
///     }
///
///     fn names(&self) -> tfhub::Result<Vec<String>> {
///         Ok(vec!["dense/kernel".to_owned()])
///     }
/// }
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(2).apply(x));
/// })?;
/// let mut session = Session::new(&spec)?;
/// session.restore_partial(&Zeros)?;
/// assert_eq!(session.value("dense/kernel")?.as_slice::<f32>()?, [0.0; 6]);
/// # Ok::<(), tfhub::Error>(())
/// ```
///
/// A [`Session`](crate::Session) is one, a map of values, a [checkpoint](crate::checkpoint), and
/// [files](crate::source) of NumPy and safetensors. Values that another program has under other names
/// or in another layout are [renamed](Self::renamed) and [mapped](Self::mapped).
pub trait VariableSource {
    /// The value of the variable with this name, or `None` if there is none.
    ///
    /// # Errors
    /// If there is one that cannot be computed or read.
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>>;

    /// The dtype and the shape of the variable with this name, or `None` if there is none.
    ///
    /// This is what sessions and exporters ask for before they ask for any value. A source whose
    /// [`variable`](Self::variable) computes or reads the value at once tells it without; there is nothing to gain where
    /// that only looks for the value.
    ///
    /// # Errors
    /// As [`variable`](Self::variable).
    fn describe(&self, name: &str) -> Result<Option<(DType, Vec<usize>)>> {
        let value = self.variable(name)?;
        Ok(value.map(|value| (value.dtype, value.shape)))
    }

    /// The names of all variables that there are, in no certain order.
    ///
    /// # Errors
    /// If the source cannot be read.
    fn names(&self) -> Result<Vec<String>>;

    /// The [`names`](Self::names) under which the source has the variable that is asked for as `name`, or would have it:
    /// one, or those of the tensors that it is made of.
    fn source_names(&self, name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }

    /// The value that the source has under one of its [`names`](Self::names).
    ///
    /// # Errors
    /// As [`variable`](Self::variable).
    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.variable(source_name)
    }

    /// Reads all values into memory, by their [`names`](Self::names).
    ///
    /// ```
    /// use tfhub::source::{NpyReader, write_npy};
    /// use tfhub::{TensorValue, VariableSource};
    ///
    /// let value = TensorValue::new([2], vec![1.0f32, 2.0])?;
    /// let mut file = Vec::new();
    /// write_npy(&value, &mut file)?;
    /// let all = NpyReader::from_bytes(file, "dense/bias")?.read_all()?;
    /// assert_eq!(all["dense/bias"], value);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`variable`](Self::variable); one value that cannot be read is enough.
    fn read_all(&self) -> Result<BTreeMap<String, TensorValue>> {
        let mut all = BTreeMap::new();
        for name in self.names()? {
            if let Some(value) = self.variable_in_source(&name)? {
                all.insert(name, value.into_value()?.into_owned());
            }
        }
        Ok(all)
    }

    /// The file or directory that the values are in, for errors to name it.
    fn path(&self) -> Option<&Path> {
        None
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

    /// This source, in which the value of the variable `name` is made as `rule(name)` says, and is the one of that name
    /// where it says nothing.
    ///
    /// Reports of [`restore`](crate::Session::restore) name the tensors that a variable is made of as the source names
    /// them.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use tfhub::{ModuleSpec, Session, TensorValue, VariableSource, layers};
    /// use tfhub::source::Mapping;
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     g.get_variable::<f32>("conv/kernel").shape([3, 3, 3, 4]).finish();
    ///     let x = g.placeholder::<f32>((None, 144));
    ///     g.default_signature(x, layers::dense(2).apply(x));
    /// })?;
    /// // PyTorch's kernels are [out, in, height, width] and [out, in].
    /// let zeros = |shape: &[usize]| TensorValue::new(shape, vec![0f32; shape.iter().product()]);
    /// let mut trained = BTreeMap::new();
    /// trained.insert("conv.weight".to_owned(), zeros(&[4, 3, 3, 3])?);
    /// trained.insert("fc.weight".to_owned(), zeros(&[2, 144])?);
    /// trained.insert("fc.bias".to_owned(), zeros(&[2])?);
    /// let weights = trained.mapped(|name| {
    ///     let (layer, weight) = name.split_once('/')?;
    ///     Some(match (layer, weight) {
    ///         ("conv", "kernel") => Mapping::tensor("conv.weight").transposed([2, 3, 1, 0]),
    ///         ("dense", "kernel") => Mapping::tensor("fc.weight").transposed([1, 0]),
    ///         _ => Mapping::tensor(format!("fc.{weight}")),
    ///     })
    /// });
    /// let report = Session::new(&spec)?.restore(&weights)?;
    /// assert!(report.to_string().contains("matched \"dense/kernel\": float32 [144, 2] from \"fc.weight\""));
    /// assert!(report.unused.is_empty());
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    fn mapped<F: Fn(&str) -> Option<Mapping>>(self, rule: F) -> Mapped<Self, F>
    where
        Self: Sized,
    {
        Mapped { source: self, rule }
    }

    /// This source with all floating-point values cast to a floating-point dtype, rounded to the nearest.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use tfhub::{DType, ModuleSpec, Session, TensorValue, VariableSource, layers};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 1));
    ///     g.default_signature(x, layers::dense(1).apply(x));
    /// })?;
    /// // NumPy makes float64 of what is not said to be float32.
    /// let mut values = BTreeMap::new();
    /// values.insert("dense/kernel".to_owned(), TensorValue::new([1, 1], vec![2.0f64])?);
    /// values.insert("dense/bias".to_owned(), TensorValue::new([1], vec![0.5f64])?);
    /// let mut session = Session::new(&spec)?;
    /// assert!(session.restore(&values).is_err());
    /// session.restore(&values.cast_floats(DType::Float32))?;
    /// assert_eq!(session.value("dense/bias")?.as_slice::<f32>()?, [0.5]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    fn cast_floats(self, dtype: DType) -> CastFloats<Self>
    where
        Self: Sized,
    {
        CastFloats {
            source: self,
            dtype,
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

    fn describe(&self, name: &str) -> Result<Option<(DType, Vec<usize>)>> {
        self.source.describe(&(self.rename)(name))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.source.names()
    }

    fn source_names(&self, name: &str) -> Vec<String> {
        self.source.source_names(&(self.rename)(name))
    }

    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable_in_source(source_name)
    }

    fn path(&self) -> Option<&Path> {
        self.source.path()
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

    fn describe(&self, name: &str) -> Result<Option<(DType, Vec<usize>)>> {
        self.source.describe(&format!("{}{name}", self.prefix))
    }

    fn names(&self) -> Result<Vec<String>> {
        self.source.names()
    }

    fn source_names(&self, name: &str) -> Vec<String> {
        self.source.source_names(&format!("{}{name}", self.prefix))
    }

    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable_in_source(source_name)
    }

    fn path(&self) -> Option<&Path> {
        self.source.path()
    }
}

macro_rules! sources {
    ($($pointer:ty)*) => {$(
        impl<S: VariableSource + ?Sized> VariableSource for $pointer {
            fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
                (**self).variable(name)
            }

            fn describe(&self, name: &str) -> Result<Option<(DType, Vec<usize>)>> {
                (**self).describe(name)
            }

            fn names(&self) -> Result<Vec<String>> {
                (**self).names()
            }

            fn source_names(&self, name: &str) -> Vec<String> {
                (**self).source_names(name)
            }

            fn path(&self) -> Option<&Path> {
                (**self).path()
            }

            fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
                (**self).variable_in_source(source_name)
            }
        }
    )*};
}

sources! { &S Box<S> }

/// The value of a variable: its dtype and shape, and its elements where they are, in memory, in a file, or yet to be
/// computed.
pub struct VariableValue<'v> {
    dtype: DType,
    shape: Vec<usize>,
    content: Content<'v>,
    /// Whether random numbers of an initializer are in elements that are in memory.
    random: bool,
}

enum Content<'v> {
    Memory(Cow<'v, TensorValue>),
    Stored(Box<dyn StoredValue + 'v>),
}

/// Elements that are yet to be read or computed.
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

    /// As [`stream`](Self::stream), those of a part, which the value has.
    fn stream_part(
        &self,
        slice: &TensorSlice,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.read_part(slice)?.native_bytes().map_or(Ok(()), sink)
    }

    /// Whether random numbers of an initializer are in the elements, which have been read.
    fn is_random(&self) -> bool {
        false
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

    /// A value that a session has computed.
    pub(crate) fn computed(value: &'v TensorValue, random: bool) -> Self {
        VariableValue {
            random,
            ..value.into()
        }
    }

    /// Whether random numbers of an initializer are in the elements, which have been read.
    pub(crate) fn is_random(&self) -> bool {
        match &self.content {
            Content::Memory(_) => self.random,
            Content::Stored(stored) => stored.is_random(),
        }
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
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
