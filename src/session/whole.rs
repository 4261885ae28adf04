//! Partitioned variables, whose values are those of their parts.

use std::cell::OnceCell;

use super::{Session, Slot};
use crate::dtype::DType;
use crate::error::Result;
use crate::saver::{ValuesError, type_text};
use crate::sorted_map::SortedMap;
use crate::value::{TensorSlice, TensorValue};

/// A partitioned variable, all of whose parts are in a session.
pub(super) struct Whole {
    dtype: DType,
    shape: Vec<usize>,
    /// The dimension that is cut.
    pub(super) axis: usize,
    /// The names of the parts and their places, in their order.
    pub(super) parts: Vec<(String, TensorSlice)>,
    /// The joined value, until a part is set.
    pub(super) value: OnceCell<TensorValue>,
}

impl Whole {
    /// The partitioned variables of which variables are parts, by their names.
    pub(super) fn all(slots: &SortedMap<String, Slot>) -> SortedMap<String, Whole> {
        let mut wholes = SortedMap::<String, Whole>::new();
        for slot in slots.values() {
            let Some(part) = &slot.info.part else {
                continue;
            };
            let whole = wholes.get_or_insert_with(part.whole.clone(), || Whole {
                dtype: slot.info.dtype,
                shape: part.shape.clone(),
                axis: 0,
                parts: Vec::new(),
                value: OnceCell::new(),
            });
            let place = (slot.info.name.clone(), part.slice.clone());
            whole.parts.push(place);
        }
        let wholes = wholes.into_iter();
        wholes
            .filter_map(|(name, whole)| Some((name, whole.in_order()?)))
            .collect()
    }

    /// Itself with the parts in their order; `None` if they do not follow one another along a dimension.
    fn in_order(mut self) -> Option<Self> {
        let start = |slice: &TensorSlice, axis: usize| slice.ranges().get(axis).map(|it| it.start);
        let is_cut = |&axis: &usize| {
            let mut parts = self.parts.iter();
            parts.any(|(_, slice)| slice.shape().get(axis) != self.shape.get(axis))
        };
        self.axis = (0..self.shape.len()).find(is_cut).unwrap_or(0);
        let axis = self.axis;
        self.parts.sort_by_key(|(_, slice)| start(slice, axis));
        let mut end = 0;
        for (_, slice) in &self.parts {
            for (dim, range) in slice.ranges().iter().enumerate() {
                let expected = match dim == axis {
                    true => end..range.end,
                    false => 0..*self.shape.get(dim)?,
                };
                if *range != expected {
                    return None;
                }
            }
            end = slice.ranges().get(axis)?.end;
        }
        (self.shape.get(axis) == Some(&end)).then_some(self)
    }

    /// The values of the parts, by their names.
    pub(super) fn spread(
        &self,
        name: &str,
        value: &TensorValue,
    ) -> Result<Vec<(String, TensorValue)>, ValuesError> {
        if (value.dtype(), value.shape()) != (self.dtype, &self.shape) {
            return Err(ValuesError::Mismatch {
                name: name.to_owned(),
                expected: type_text(self.dtype, &self.shape),
                found: type_text(value.dtype(), value.shape()),
            });
        }
        let parts = self.parts.iter();
        Ok(parts
            .map(|(part, slice)| (part.clone(), value.part(slice)))
            .collect())
    }
}

impl Session {
    /// The partitioned variable of a name that no variable has.
    pub(super) fn whole(&self, name: &str) -> Option<&Whole> {
        match self.slots.contains_key(name) {
            true => None,
            false => self.wholes.get(name),
        }
    }

    /// The joined value of a partitioned variable.
    pub(super) fn whole_value<'s>(&'s self, whole: &'s Whole) -> Result<&'s TensorValue> {
        if let Some(value) = whole.value.get() {
            return Ok(value);
        }
        let parts = whole.parts.iter().map(|(part, _)| self.value(part));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let value = TensorValue::joined(&parts, whole.axis);
        Ok(whole.value.get_or_init(|| value))
    }
}

#[cfg(test)]
mod tests;
