//! Variables where a function takes a number or a tensor.

use super::Variable;
use crate::dtype::Element;
use crate::ops::debugging::Datum;
use crate::ops::losses::Weights;
use crate::ops::nn::{Partitions, Scalar};

impl<'g, T: Element> From<Variable<'g, T>> for Scalar<'g, T> {
    fn from(variable: Variable<'g, T>) -> Self {
        Scalar::of(variable)
    }
}

impl<'g, T: Element> From<Variable<'g, T>> for Weights<'g> {
    fn from(variable: Variable<'g, T>) -> Self {
        Weights::of(variable)
    }
}

impl<'g, T: Element> From<Variable<'g, T>> for Datum<'g> {
    fn from(variable: Variable<'g, T>) -> Self {
        Datum::of(variable)
    }
}

impl<'g, T: Element> From<Variable<'g, T>> for Partitions<'g, T> {
    fn from(variable: Variable<'g, T>) -> Self {
        let of_part = |part: Variable<'g, T>| match part.any.handle.is_ref() {
            true => part.value().into(),
            false => Partitions::of(part),
        };
        Partitions::all(variable.parts().into_iter().map(of_part))
    }
}
