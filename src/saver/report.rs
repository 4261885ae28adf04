//! Comparison of the variables that are wanted with those that a source has.

use std::fmt;

use super::describe;
use crate::dtype::DType;
use crate::error::{ErrorKind, Result};
use crate::graph::HashSet;
use crate::nearest;
use crate::shape::Shape;
use crate::source::VariableSource;
use crate::variable::VariableInfo;

/// The most variables without a value for which the nearest names and the owners are looked for.
const MAX_SUGGESTIONS: usize = 50;

/// A value as a [`SourceReport`] describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueDescription {
    /// The name.
    pub name: String,
    /// The type of the elements.
    pub dtype: DType,
    /// The sizes of the dimensions, which a variable may leave open.
    pub shape: Shape,
}

impl fmt::Display for ValueDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\": {} {}", self.name, self.dtype, self.shape)
    }
}

/// A variable of a graph and the value that a source has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariableAndValue {
    /// The variable.
    pub variable: ValueDescription,
    /// The value, under the name that the source has it by; names of several tensors are joined by commas.
    pub value: ValueDescription,
    /// The names of the tensors of the source that the value is made of, which is one if nothing is
    /// [mapped](VariableSource::mapped).
    pub source_names: Vec<String>,
}

/// A variable of a graph for which a source has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingValue {
    /// The variable.
    pub variable: ValueDescription,
    /// The name that the source would have it by; names of several tensors that it lacks are joined by commas.
    pub source_name: String,
}

/// How the variables of a graph and the values of a source fit together.
///
/// Its text, by [`Display`](fmt::Display), has a line for each of them.
///
/// ```
/// use std::collections::BTreeMap;
/// use tfhub::{ModuleSpec, Session, TensorValue, layers};
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.placeholder::<f32>((None, 3));
///     g.default_signature(x, layers::dense(2).apply(x));
/// })?;
/// let mut values = BTreeMap::new();
/// values.insert("dense/bias".to_owned(), TensorValue::new([2], vec![1.0f32, 2.0])?);
/// values.insert("global_step".to_owned(), TensorValue::scalar(7i64));
/// let report = Session::new(&spec)?.restore_partial(&values)?;
/// assert_eq!(
///     report.to_string(),
///     "matched \"dense/bias\": float32 [2]\n\
///      missing \"dense/kernel\": float32 [3, 2]\n\
///      unused \"global_step\": int64 []\n"
/// );
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceReport {
    /// Variables with a value of their dtype and of a shape that they may have.
    pub matched: Vec<VariableAndValue>,
    /// Variables with a value of another dtype or shape.
    pub mismatched: Vec<VariableAndValue>,
    /// Variables without a value.
    pub missing: Vec<MissingValue>,
    /// Values that are no variable's.
    pub unused: Vec<ValueDescription>,
    /// Why values that are no variable's cannot be read: their dtype is none of TensorFlow's, or they are damaged.
    pub unsupported: Vec<String>,
}

impl SourceReport {
    /// Looks up each variable; `unused` and `unsupported` stay empty.
    pub(crate) fn of_variables(
        variables: &mut dyn Iterator<Item = &VariableInfo>,
        source: &dyn VariableSource,
    ) -> Result<Self> {
        let mut report = SourceReport::default();
        for info in variables {
            let variable = ValueDescription {
                name: info.name.clone(),
                dtype: info.dtype,
                shape: info.shape.clone(),
            };
            let found = describe(info, source)?;
            let source_names = match &info.part {
                Some(part) if source.describe(&info.name)?.is_none() => {
                    source.source_names(&part.whole)
                }
                _ => source.source_names(&info.name),
            };
            let Some((dtype, shape)) = found else {
                report.missing.push(MissingValue {
                    variable,
                    source_name: lacking(source_names, source)?.join(", "),
                });
                continue;
            };
            let fits = info.dtype == dtype && info.shape.admits(&shape);
            let value = ValueDescription {
                name: source_names.join(", "),
                dtype,
                shape: shape.into(),
            };
            let list = match fits {
                true => &mut report.matched,
                false => &mut report.mismatched,
            };
            list.push(VariableAndValue {
                variable,
                value,
                source_names,
            });
        }
        Ok(report)
    }

    /// Lists what else the source has.
    pub(crate) fn add_unused(&mut self, source: &dyn VariableSource) -> Result<()> {
        let matched = self.matched.iter().chain(&self.mismatched);
        let used = matched.flat_map(|pair| &pair.source_names);
        let used: HashSet<&str> = used.map(String::as_str).collect();
        let mut names = source.names()?;
        names.retain(|name| !used.contains(name.as_str()));
        names.sort_unstable();
        for name in names {
            match source.variable_in_source(&name) {
                Ok(Some(value)) => self.unused.push(ValueDescription {
                    name,
                    dtype: value.dtype(),
                    shape: value.shape().into(),
                }),
                Ok(None) => {}
                Err(error) => match error.kind() {
                    ErrorKind::Unsupported | ErrorKind::Corrupt => {
                        self.unsupported.push(error.to_string());
                    }
                    _ => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Whether every variable has a value of its dtype and shape.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.mismatched.is_empty()
    }

    /// The reasons why the values cannot be the variables', a line for each; `owners` gives the end of that of a variable
    /// without a value.
    pub(crate) fn faults(
        &self,
        source: &dyn VariableSource,
        owners: &dyn Fn(&str) -> String,
    ) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        if !self.missing.is_empty() {
            let names = source.names()?;
            let names = || names.iter().map(String::as_str);
            for (index, missing) in self.missing.iter().enumerate() {
                let name = &missing.variable.name;
                let mut fault = format!("variable \"{name}\" has no value");
                if missing.source_name != *name {
                    fault += &format!("; it would be called \"{}\"", missing.source_name);
                }
                if index < MAX_SUGGESTIONS {
                    fault += &nearest::suggestion(&missing.source_name, names());
                    fault += &owners(name);
                }
                faults.push(fault);
            }
            faults.extend(nearest::list("value", names()));
        }
        faults.extend(self.mismatched.iter().map(mismatch));
        Ok(faults)
    }
}

/// Those of the names of tensors that the source does not have, or all if it has them all.
fn lacking(names: Vec<String>, source: &dyn VariableSource) -> Result<Vec<String>> {
    if names.len() <= 1 {
        return Ok(names);
    }
    let mut lacking = Vec::new();
    for name in &names {
        if source.variable_in_source(name)?.is_none() {
            lacking.push(name.clone());
        }
    }
    Ok(if lacking.is_empty() { names } else { lacking })
}

/// How a value differs from its variable, and what makes it fit.
fn mismatch(pair: &VariableAndValue) -> String {
    let VariableAndValue {
        variable, value, ..
    } = pair;
    let called = match value.name == variable.name {
        true => String::new(),
        false => format!(" in \"{}\"", value.name),
    };
    format!(
        "variable \"{}\": expected {} {}, found {} {}{called}{}",
        variable.name,
        variable.dtype,
        variable.shape,
        value.dtype,
        value.shape,
        remedy(pair).unwrap_or_default()
    )
}

/// The mapping that makes a value fit, if it differs in its layout or in the width of its numbers.
fn remedy(pair: &VariableAndValue) -> Option<String> {
    let VariableAndValue {
        variable,
        value,
        source_names,
    } = pair;
    let [name] = &source_names[..] else {
        return None;
    };
    let (from, to) = (&value.shape.to_static()?, &variable.shape.to_static()?);
    let layout = |shape: &[usize]| {
        shape
            .iter()
            .copied()
            .filter(|&dim| dim != 1)
            .collect::<Vec<_>>()
    };
    let (what, mut mapping) = if from == to {
        (None, String::new())
    } else if let Some(permutation) = permutation(from, to) {
        (
            Some("it is transposed"),
            format!(".transposed({permutation:?})"),
        )
    } else if layout(from) == layout(to) {
        (
            Some("it has the same elements"),
            format!(".reshaped({to:?})"),
        )
    } else {
        return None;
    };
    let what = match (variable.dtype == value.dtype, what) {
        (true, what) => what?,
        (false, what) => {
            if !variable.dtype.is_floating() || !value.dtype.is_floating() {
                return None;
            }
            mapping += &format!(".cast(DType::{:?})", variable.dtype);
            what.unwrap_or("it can be cast")
        }
    };
    Some(format!(
        "; {what}, map it by Mapping::tensor({name:?}){mapping}"
    ))
}

/// The permutation that makes the second of two shapes of the first, if it is that of a kernel of another framework, all
/// dimensions in reverse, or the only one.
fn permutation(from: &[usize], to: &[usize]) -> Option<Vec<usize>> {
    let rank = from.len();
    if rank < 2 || rank != to.len() {
        return None;
    }
    let permutes = |permutation: &Vec<usize>| {
        let permuted = permutation.iter().map(|&dim| from[dim]);
        permuted.eq(to.iter().copied())
    };
    // [out, in, height, width] and, of depthwise convolutions, [in, multiplier, height, width].
    let kernel = (2..rank).chain([1, 0]).collect();
    let depthwise = vec![2, 3, 0, 1];
    let reversed = (0..rank).rev().collect();
    for known in [kernel, depthwise, reversed] {
        if known.len() == rank && permutes(&known) {
            return Some(known);
        }
    }
    let mut only = Vec::with_capacity(rank);
    for dim in to {
        let mut places = (0..rank).filter(|&place| from[place] == *dim);
        only.push(places.next().filter(|_| places.next().is_none())?);
    }
    permutes(&only).then_some(only)
}

impl fmt::Display for SourceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = |own: &str, name: &str| match own == name {
            true => String::new(),
            false => format!(" from \"{name}\""),
        };
        for VariableAndValue {
            variable, value, ..
        } in &self.matched
        {
            writeln!(f, "matched {variable}{}", from(&variable.name, &value.name))?;
        }
        for VariableAndValue {
            variable, value, ..
        } in &self.mismatched
        {
            writeln!(f, "mismatched {variable}, found {value}")?;
        }
        for MissingValue {
            variable,
            source_name,
        } in &self.missing
        {
            writeln!(f, "missing {variable}{}", from(&variable.name, source_name))?;
        }
        for value in &self.unused {
            writeln!(f, "unused {value}")?;
        }
        for error in &self.unsupported {
            writeln!(f, "unsupported {error}")?;
        }
        Ok(())
    }
}
