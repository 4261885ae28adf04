//! Sources whose values are made of others: of other names, layouts and dtypes, of parts, of several.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::{VariableSource, VariableValue};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Shape, element_count};
use crate::sort::sort;
use crate::value::TensorSlice;

/// How the value of a variable is made of the tensors of a source; [`VariableSource::mapped`] takes it.
///
/// Nothing is read before the value is needed. Values that are only renamed, cut, reshaped or cast, or joined along their
/// first dimension, are streamed.
///
/// ```
/// use tfhub::DType;
/// use tfhub::source::Mapping;
///
/// // A convolution of PyTorch, [out, in, height, width], as TensorFlow has it, [height, width, in, out].
/// let kernel = Mapping::tensor("conv1.weight").transposed([2, 3, 1, 0]);
/// // The second of three parts of a matrix, in another dtype.
/// let key = Mapping::tensor("attention.in_proj_weight").split(0, 3, 1).cast(DType::Float32);
/// // Both gates of a layer in one variable.
/// let gates = Mapping::joined(1, [Mapping::tensor("gates.r"), Mapping::tensor("gates.u")]);
/// # let _ = (kernel, key, gates);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping(Expression);

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Tensor(String),
    Transposed(Box<Mapping>, Vec<usize>),
    Reshaped(Box<Mapping>, Vec<usize>),
    Cast(Box<Mapping>, DType),
    Slice(Box<Mapping>, usize, Range<usize>),
    Split(Box<Mapping>, usize, usize, usize),
    Joined(usize, Vec<Mapping>),
}

errors! {
    #[derive(Debug)]
    enum MappingError {
        #[error(
            "variable \"{variable}\": {found} cannot be transposed: expected a permutation of its dimensions, found {permutation:?}"
        )]
        Permutation {
            variable: String,
            found: String,
            permutation: Vec<usize>,
        },
        #[error(
            "variable \"{variable}\": {found} cannot be reshaped: expected a shape of as many elements, found {shape:?}"
        )]
        Reshape {
            variable: String,
            found: String,
            shape: Vec<usize>,
        },
        #[error("variable \"{variable}\": {found} cannot be cast to {to}")]
        Cast {
            variable: String,
            found: String,
            to: DType,
        },
        #[error("variable \"{variable}\": {found} has no part {range:?} along dimension {axis}")]
        Slice {
            variable: String,
            found: String,
            axis: usize,
            range: Range<usize>,
        },
        #[error(
            "variable \"{variable}\": {found} cannot be split along dimension {axis}: expected part {index} of {parts} equal ones"
        )]
        Split {
            variable: String,
            found: String,
            axis: usize,
            parts: usize,
            index: usize,
        },
        #[error("variable \"{variable}\": nothing is joined, expected one tensor at least")]
        Nothing { variable: String },
        #[error(
            "variable \"{variable}\": {found} cannot be joined to {first} along dimension {axis}: expected one dtype, and one size in the other dimensions"
        )]
        Join {
            variable: String,
            first: String,
            found: String,
            axis: usize,
        },
    }
}

impl From<MappingError> for Error {
    fn from(error: MappingError) -> Self {
        Error::new(ErrorKind::InvalidValue, error)
    }
}

impl Mapping {
    /// The tensor that the source has under a name.
    pub fn tensor(name: impl Into<String>) -> Self {
        Mapping(Expression::Tensor(name.into()))
    }

    /// Several tensors one after the other along a dimension, as `tf.concat` joins them.
    pub fn joined(axis: usize, parts: impl IntoIterator<Item = Mapping>) -> Self {
        Mapping(Expression::Joined(axis, parts.into_iter().collect()))
    }

    /// The tensor whose dimension `i` is this one's dimension `permutation[i]`, as `tf.transpose` gives it.
    pub fn transposed(self, permutation: impl Into<Vec<usize>>) -> Self {
        Mapping(Expression::Transposed(Box::new(self), permutation.into()))
    }

    /// The elements in the same order under another shape.
    pub fn reshaped(self, shape: impl Into<Vec<usize>>) -> Self {
        Mapping(Expression::Reshaped(Box::new(self), shape.into()))
    }

    /// The elements as another dtype, rounded to the nearest.
    ///
    /// Casts from and to complex numbers, strings and quantized numbers are not there.
    pub fn cast(self, dtype: DType) -> Self {
        Mapping(Expression::Cast(Box::new(self), dtype))
    }

    /// The elements with these indices along a dimension.
    pub fn slice(self, axis: usize, range: Range<usize>) -> Self {
        Mapping(Expression::Slice(Box::new(self), axis, range))
    }

    /// The part number `index` of a number of equal `parts` along a dimension, as `tf.split` makes them.
    pub fn split(self, axis: usize, parts: usize, index: usize) -> Self {
        Mapping(Expression::Split(Box::new(self), axis, parts, index))
    }

    /// The tensors that are used.
    fn tensors<'m>(&'m self, names: &mut Vec<&'m str>) {
        match &self.0 {
            Expression::Tensor(name) => names.push(name),
            Expression::Transposed(of, _)
            | Expression::Reshaped(of, _)
            | Expression::Cast(of, _)
            | Expression::Slice(of, ..)
            | Expression::Split(of, ..) => of.tensors(names),
            Expression::Joined(_, parts) => parts.iter().for_each(|part| part.tensors(names)),
        }
    }

    /// The value, or `None` if the source lacks a tensor for it.
    fn apply<'v>(
        &self,
        variable: &str,
        source: &'v (impl VariableSource + ?Sized),
    ) -> Result<Option<VariableValue<'v>>> {
        let of = match &self.0 {
            Expression::Tensor(name) => return source.variable(name),
            Expression::Joined(axis, parts) => return join(variable, *axis, parts, source),
            Expression::Transposed(of, _)
            | Expression::Reshaped(of, _)
            | Expression::Cast(of, _)
            | Expression::Slice(of, ..)
            | Expression::Split(of, ..) => of.apply(variable, source)?,
        };
        let Some(value) = of else {
            return Ok(None);
        };
        let (found, variable) = (self.describe(&value), variable.to_owned());
        let value = match &self.0 {
            Expression::Tensor(_) | Expression::Joined(..) => value,
            Expression::Transposed(_, permutation) => {
                let mut sorted = permutation.clone();
                sort(&mut sorted);
                if !sorted.iter().copied().eq(0..value.shape().len()) {
                    let permutation = permutation.clone();
                    return Err(MappingError::Permutation {
                        variable,
                        found,
                        permutation,
                    }
                    .into());
                }
                value.transposed(permutation)
            }
            Expression::Reshaped(_, shape) => {
                if element_count(shape) != element_count(value.shape()) {
                    let shape = shape.clone();
                    return Err(MappingError::Reshape {
                        variable,
                        found,
                        shape,
                    }
                    .into());
                }
                value.reshaped(shape)
            }
            Expression::Cast(_, to) => return cast(value, *to, variable, found).map(Some),
            Expression::Slice(_, axis, range) => {
                let slice = part(value.shape(), *axis, range.clone());
                let slice = slice.ok_or_else(|| MappingError::Slice {
                    variable,
                    found,
                    axis: *axis,
                    range: range.clone(),
                })?;
                value.part(&slice)
            }
            &Expression::Split(_, axis, parts, index) => {
                let size = value.shape().get(axis).copied().unwrap_or(0);
                let step = size.checked_div(parts).unwrap_or(0);
                let slice = part(
                    value.shape(),
                    axis,
                    index.saturating_mul(step)..(index.saturating_add(1)).saturating_mul(step),
                )
                .filter(|_| index < parts && step * parts == size);
                let slice = slice.ok_or(MappingError::Split {
                    variable,
                    found,
                    axis,
                    parts,
                    index,
                })?;
                value.part(&slice)
            }
        };
        Ok(Some(value))
    }

    /// The value of a variable that is made so of the tensors of a source, or `None` if that lacks one; an error names the
    /// file of the source.
    pub(crate) fn value<'v>(
        &self,
        variable: &str,
        source: &'v (impl VariableSource + ?Sized),
    ) -> Result<Option<VariableValue<'v>>> {
        let value = self.apply(variable, source);
        value.map_err(|error| match source.path() {
            Some(path) if error.path().is_none() => error.with_path(path),
            _ => error,
        })
    }

    /// The names of the tensors, and what is made of them.
    fn describe(&self, value: &VariableValue<'_>) -> String {
        let mut names = Vec::new();
        self.tensors(&mut names);
        let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        format!(
            "{}: {} {}",
            names.join(", "),
            value.dtype(),
            Shape::from(value.shape())
        )
    }
}

impl From<&str> for Mapping {
    fn from(name: &str) -> Self {
        Mapping::tensor(name)
    }
}

impl From<String> for Mapping {
    fn from(name: String) -> Self {
        Mapping::tensor(name)
    }
}

/// The part of a tensor that has these indices along one dimension; `None` if there is no such part.
fn part(shape: &[usize], axis: usize, range: Range<usize>) -> Option<TensorSlice> {
    let mut ranges: Vec<_> = shape.iter().map(|&dim| 0..dim).collect();
    *ranges.get_mut(axis)? = range;
    Some(TensorSlice::new(ranges)).filter(|slice| slice.is_within(shape))
}

fn cast(
    value: VariableValue<'_>,
    to: DType,
    variable: String,
    found: String,
) -> Result<VariableValue<'_>> {
    if !value.can_be_cast(to) {
        return Err(MappingError::Cast {
            variable,
            found,
            to,
        }
        .into());
    }
    Ok(value.cast(to))
}

fn join<'v>(
    variable: &str,
    axis: usize,
    parts: &[Mapping],
    source: &'v (impl VariableSource + ?Sized),
) -> Result<Option<VariableValue<'v>>> {
    let mut values: Vec<VariableValue<'v>> = Vec::with_capacity(parts.len());
    for part in parts {
        let Some(value) = part.apply(variable, source)? else {
            return Ok(None);
        };
        let first = values.first().unwrap_or(&value);
        let rank = first.shape().len();
        let fits = axis < rank
            && (first.dtype(), rank) == (value.dtype(), value.shape().len())
            && (0..rank).all(|dim| dim == axis || first.shape()[dim] == value.shape()[dim]);
        if !fits {
            return Err(MappingError::Join {
                variable: variable.to_owned(),
                first: parts[0].describe(first),
                found: part.describe(&value),
                axis,
            }
            .into());
        }
        values.push(value);
    }
    if values.is_empty() {
        let variable = variable.to_owned();
        return Err(MappingError::Nothing { variable }.into());
    }
    Ok(Some(VariableValue::joined(values, axis)))
}

/// A source whose values are made of those of another; [`VariableSource::mapped`] makes one.
#[derive(Clone, Copy)]
pub struct Mapped<S, F> {
    pub(super) source: S,
    pub(super) rule: F,
}

impl<S: VariableSource, F: Fn(&str) -> Option<Mapping>> VariableSource for Mapped<S, F> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        match (self.rule)(name) {
            None => self.source.variable(name),
            Some(mapping) => mapping.value(name, &self.source),
        }
    }

    fn names(&self) -> Result<Vec<String>> {
        self.source.names()
    }

    fn source_names(&self, name: &str) -> Vec<String> {
        let Some(mapping) = (self.rule)(name) else {
            return self.source.source_names(name);
        };
        let mut tensors = Vec::new();
        mapping.tensors(&mut tensors);
        let names = tensors
            .into_iter()
            .map(|name| self.source.source_names(name));
        names.flatten().collect()
    }

    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable_in_source(source_name)
    }

    fn path(&self) -> Option<&Path> {
        self.source.path()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Mapped<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mapped").field(&self.source).finish()
    }
}

/// A source whose floating-point values have one dtype; [`VariableSource::cast_floats`] makes one.
#[derive(Debug, Clone)]
pub struct CastFloats<S> {
    pub(super) source: S,
    pub(super) dtype: DType,
}

impl<S: VariableSource> VariableSource for CastFloats<S> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        let Some(value) = self.source.variable(name)? else {
            return Ok(None);
        };
        if !value.dtype().is_floating() {
            return Ok(Some(value));
        }
        let (to, variable) = (self.dtype, name.to_owned());
        let names = self.source.source_names(name).join(", ");
        let shape = Shape::from(value.shape());
        let found = format!("\"{names}\": {} {shape}", value.dtype());
        match to.is_floating() {
            true => cast(value, to, variable, found).map(Some),
            false => Err(MappingError::Cast {
                variable,
                found,
                to,
            }
            .into()),
        }
    }

    fn names(&self) -> Result<Vec<String>> {
        self.source.names()
    }

    fn source_names(&self, name: &str) -> Vec<String> {
        self.source.source_names(name)
    }

    fn variable_in_source(&self, source_name: &str) -> Result<Option<VariableValue<'_>>> {
        self.source.variable_in_source(source_name)
    }

    fn path(&self) -> Option<&Path> {
        self.source.path()
    }
}
