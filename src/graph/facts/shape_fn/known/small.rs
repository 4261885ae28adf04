//! Small tensors of numbers and bools, with their elements widened.

use crate::dtype::{DType, Data};
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
            Data::Int32(v) => Elements::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::Int64(v) => Elements::Whole(v.clone()),
            Data::Int8(v) => Elements::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::Int16(v) => Elements::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::UInt8(v) => Elements::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::UInt16(v) => Elements::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::Bool(v) => Elements::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::Float32(v) => Elements::Real(v.iter().map(|&x| x.into()).collect()),
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
            (DType::Int32, Elements::Whole(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x as i32).collect())
            }
            (DType::Int64, Elements::Whole(v)) => TensorValue::from_parts(shape, v),
            (DType::Int8, Elements::Whole(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x as i8).collect())
            }
            (DType::Int16, Elements::Whole(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x as i16).collect())
            }
            (DType::UInt8, Elements::Whole(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x as u8).collect())
            }
            (DType::UInt16, Elements::Whole(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x as u16).collect())
            }
            (DType::Bool, Elements::Whole(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x != 0).collect())
            }
            (DType::Float32, Elements::Real(v)) => {
                TensorValue::from_parts(shape, v.into_iter().map(|x| x as f32).collect())
            }
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
        fn picked<T: Copy>(from: &[T], at: &[usize]) -> Option<Vec<T>> {
            at.iter().map(|&at| from.get(at).copied()).collect()
        }
        let elements = match &self.elements {
            Elements::Whole(v) => Elements::Whole(picked(v, at)?),
            Elements::Real(v) => Elements::Real(picked(v, at)?),
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
