//! Small tensors of numbers and bools, with their elements widened.

use crate::dtype::{DType, Data, Element};
use crate::value::TensorValue;

/// The elements, widened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Elements {
    /// Of integers of up to 64 bits, save `uint32` and `uint64`, and, as 0 and 1, `bool`.
    Whole(Vec<i64>),
    /// Of `float32` and `float64`.
    Real(Vec<f64>),
}

#[derive(Debug, Clone)]
pub(crate) struct Small {
    pub(super) shape: Vec<usize>,
    pub(super) elements: Elements,
}

impl Small {
    pub(super) fn of(value: &TensorValue) -> Option<Small> {
        let elements = match value.data() {
            Data::Int32(v) => Elements::Whole(widened(v)),
            Data::Int64(v) => Elements::Whole(v.clone()),
            Data::Int8(v) => Elements::Whole(widened(v)),
            Data::Int16(v) => Elements::Whole(widened(v)),
            Data::UInt8(v) => Elements::Whole(widened(v)),
            Data::UInt16(v) => Elements::Whole(widened(v)),
            Data::Bool(v) => Elements::Whole(widened(v)),
            Data::Float32(v) => Elements::Real(widened(v)),
            Data::Float64(v) => Elements::Real(v.clone()),
            _ => return None,
        };
        let shape = value.shape().to_vec();
        Some(Small { shape, elements })
    }

    pub(super) fn whole(shape: Vec<usize>, elements: Vec<i64>) -> Small {
        let elements = Elements::Whole(elements);
        Small { shape, elements }
    }

    pub(super) fn vector(elements: Vec<i64>) -> Small {
        Small::whole(vec![elements.len()], elements)
    }

    pub(super) fn value(self, dtype: DType) -> Option<TensorValue> {
        let shape = self.shape;
        Some(match (dtype, self.elements) {
            (DType::Int32, Elements::Whole(v)) => narrowed(shape, &v, |x| x as i32),
            (DType::Int64, Elements::Whole(v)) => TensorValue::from_parts(shape, v),
            (DType::Int8, Elements::Whole(v)) => narrowed(shape, &v, |x| x as i8),
            (DType::Int16, Elements::Whole(v)) => narrowed(shape, &v, |x| x as i16),
            (DType::UInt8, Elements::Whole(v)) => narrowed(shape, &v, |x| x as u8),
            (DType::UInt16, Elements::Whole(v)) => narrowed(shape, &v, |x| x as u16),
            (DType::Bool, Elements::Whole(v)) => narrowed(shape, &v, |x| x != 0),
            (DType::Float32, Elements::Real(v)) => narrowed(shape, &v, |x| x as f32),
            (DType::Float64, Elements::Real(v)) => TensorValue::from_parts(shape, v),
            _ => return None,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn integers(&self) -> Option<&[i64]> {
        match &self.elements {
            Elements::Whole(values) => Some(values),
            Elements::Real(_) => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self.integers()? {
            [value] => Some(*value),
            _ => None,
        }
    }

    /// Whether the elements at two positions are equal.
    pub(super) fn equal(&self, a: usize, b: usize) -> bool {
        match &self.elements {
            Elements::Whole(v) => v[a] == v[b],
            Elements::Real(v) => v[a] == v[b],
        }
    }

    /// The elements at these positions.
    pub(super) fn pick(&self, shape: Vec<usize>, at: &[usize]) -> Option<Small> {
        let elements = match &self.elements {
            Elements::Whole(v) => Elements::Whole(all(at, &|at| v.get(at).copied())?),
            Elements::Real(v) => Elements::Real(all(at, &|at| v.get(at).copied())?),
        };
        Some(Small { shape, elements })
    }

    /// As many times this integer as the shape has elements, of the same kind.
    pub(super) fn filled(&self, shape: Vec<usize>, value: i64) -> Small {
        let len = shape.iter().product();
        let elements = match self.elements {
            Elements::Whole(_) => Elements::Whole(vec![value; len]),
            Elements::Real(_) => Elements::Real(vec![value as f64; len]),
        };
        Small { shape, elements }
    }

    pub(super) fn reshaped(mut self, shape: Vec<usize>) -> Option<Small> {
        if shape.iter().product::<usize>() != self.len() {
            return None;
        }
        self.shape = shape;
        Some(self)
    }
}

fn widened<T: Copy + Into<W>, W>(elements: &[T]) -> Vec<W> {
    let mut wide = Vec::new();
    for &element in elements {
        wide.push(element.into());
    }
    wide
}

fn narrowed<W: Copy, T: Element>(
    shape: Vec<usize>,
    elements: &[W],
    narrow: fn(W) -> T,
) -> TensorValue {
    TensorValue::from_parts(shape, each(elements, narrow))
}

/// A function of each element.
pub(super) fn each<T: Copy, U>(elements: &[T], function: fn(T) -> U) -> Vec<U> {
    let mut results = Vec::new();
    for &element in elements {
        results.push(function(element));
    }
    results
}

/// A function of each element, if it has a result for all.
pub(super) fn all<T: Copy, U>(elements: &[T], function: &dyn Fn(T) -> Option<U>) -> Option<Vec<U>> {
    let mut results = Vec::new();
    for &element in elements {
        results.push(function(element)?);
    }
    Some(results)
}
