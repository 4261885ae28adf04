//! Functions of the flat values of ragged tensors.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, RaggedTensor, is_of_one_kind};
use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation, Tensor};
use crate::ops::nodes::{AssertOptions, Comparison, Nodes};

impl<'g, T: TensorType> RaggedTensor<'g, T> {
    /// The rows with other flat values (`tf.RaggedTensor.with_flat_values`), as `tf.abs` and its like give them.
    ///
    /// ```
    /// use tfhub::ops::math;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(1, ());
    /// let y = x.with_flat_values(math::abs(x.flat_values()));
    /// assert_eq!(y.flat_values().name(), "Abs:0");
    /// ```
    #[track_caller]
    pub fn with_flat_values<U: TensorType>(
        &self,
        flat_values: Tensor<'g, U>,
    ) -> RaggedTensor<'g, U> {
        self.any.with_flat_values(flat_values.any()).typed()
    }

    /// The rows with other values, of which there are as many (`tf.RaggedTensor.with_values`).
    #[track_caller]
    pub fn with_values<U: TensorType>(
        &self,
        values: impl Into<super::MaybeRagged<'g, U>>,
    ) -> RaggedTensor<'g, U> {
        self.any.with_values(values.into().any()).typed()
    }

    /// The rows with a function of the flat values in their place (`tf.ragged.map_flat_values`).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(2, ());
    /// let y = x.map_flat_values(|values| values * 2.0);
    /// assert_eq!(y.shape().to_string(), "[?, ?, ?]");
    /// ```
    #[track_caller]
    pub fn map_flat_values<U: TensorType>(
        &self,
        f: impl FnOnce(Tensor<'g, T>) -> Tensor<'g, U>,
    ) -> RaggedTensor<'g, U> {
        let n = self.any.nodes();
        let values = f(self.flat_values()).any();
        n.ragged_nested(Rows::Splits, values, &self.nested_row_splits())
            .ragged()
            .typed()
    }
}

/// A function of the flat values of several ragged tensors, which have the same rows (`tf.ragged.map_flat_values`).
///
/// The graph checks that the rows are the same.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.ragged_placeholder::<f32>(1, ()), g.ragged_placeholder::<f32>(1, ()));
/// let sums = ragged::map_flat_values(&g, (&x, &y), |(x, y)| x + y);
/// assert_eq!(sums.shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn map_flat_values<'g, X: FlatValues<'g>, U: TensorType>(
    g: &'g GraphBuilder,
    x: X,
    f: impl FnOnce(X::FlatValues) -> Tensor<'g, U>,
) -> RaggedTensor<'g, U> {
    let n = Nodes(g);
    let ragged = x.ragged();
    let Some(first) = ragged.first() else {
        g.report(Rule::Inputs, "expected a ragged tensor, found none");
        return AnyRaggedTensor::poison(g).typed();
    };
    if !is_of_one_kind(g, ragged.iter().map(AnyRaggedTensor::row_splits)) {
        return AnyRaggedTensor::poison(g).typed();
    }
    let splits = ragged.iter().map(AnyRaggedTensor::nested_row_splits);
    let splits: Vec<_> = splits.collect();
    let checks = n.assert_same_splits(&splits);
    let first = first.nested_row_splits();
    g.control_dependencies(checks, || {
        let values = f(x.flat_values()).any();
        n.ragged_nested(Rows::Splits, values, &first).ragged()
    })
    .typed()
}

/// Ragged tensors in a tuple, an array or a vector, for [`map_flat_values`].
pub trait FlatValues<'g>: sealed::FlatValues {
    /// Their flat values.
    type FlatValues;

    #[doc(hidden)]
    fn ragged(&self) -> Vec<AnyRaggedTensor<'g>>;

    #[doc(hidden)]
    fn flat_values(&self) -> Self::FlatValues;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait FlatValues {}
}

impl<T: TensorType> sealed::FlatValues for &RaggedTensor<'_, T> {}

impl<'g, T: TensorType> FlatValues<'g> for &RaggedTensor<'g, T> {
    type FlatValues = Tensor<'g, T>;

    fn ragged(&self) -> Vec<AnyRaggedTensor<'g>> {
        vec![self.any()]
    }

    fn flat_values(&self) -> Tensor<'g, T> {
        RaggedTensor::flat_values(self)
    }
}

impl<X> sealed::FlatValues for Vec<X> {}

impl<'g, X: FlatValues<'g>> FlatValues<'g> for Vec<X> {
    type FlatValues = Vec<X::FlatValues>;

    fn ragged(&self) -> Vec<AnyRaggedTensor<'g>> {
        self.iter().flat_map(X::ragged).collect()
    }

    fn flat_values(&self) -> Self::FlatValues {
        self.iter().map(X::flat_values).collect()
    }
}

impl<X, const N: usize> sealed::FlatValues for [X; N] {}

impl<'g, X: FlatValues<'g>, const N: usize> FlatValues<'g> for [X; N] {
    type FlatValues = [X::FlatValues; N];

    fn ragged(&self) -> Vec<AnyRaggedTensor<'g>> {
        self.iter().flat_map(X::ragged).collect()
    }

    fn flat_values(&self) -> Self::FlatValues {
        self.each_ref().map(X::flat_values)
    }
}

macro_rules! tuples {
    ($($($X:ident)*;)*) => {$(
        impl<$($X: sealed::FlatValues),*> sealed::FlatValues for ($($X,)*) {}

        #[allow(non_snake_case, reason = "a tuple's items are named like their types")]
        impl<'g, $($X: FlatValues<'g>),*> FlatValues<'g> for ($($X,)*) {
            type FlatValues = ($($X::FlatValues,)*);

            fn ragged(&self) -> Vec<AnyRaggedTensor<'g>> {
                let ($($X,)*) = self;
                [$($X.ragged()),*].concat()
            }

            fn flat_values(&self) -> Self::FlatValues {
                let ($($X,)*) = self;
                ($($X.flat_values(),)*)
            }
        }
    )*};
}

each_tuple!(tuples);

impl<'g> Nodes<'g> {
    /// The checks that all have the row splits of the first.
    #[track_caller]
    pub(super) fn assert_same_splits(self, nested: &[Vec<AnyTensor<'g>>]) -> Vec<Operation<'g>> {
        let message = "Inputs must have identical ragged splits";
        let mut checks = Vec::new();
        let Some((first, others)) = nested.split_first() else {
            return checks;
        };
        if others.iter().any(|splits| splits.len() != first.len()) {
            let ranks: Vec<_> = nested
                .iter()
                .map(|splits| splits.len().to_string())
                .collect();
            let message = format!(
                "expected tensors of one ragged rank, found {}",
                ranks.join(", ")
            );
            self.0.report(Rule::Shape, message);
            return checks;
        }
        for splits in others {
            for (&first, &other) in first.iter().zip(splits) {
                checks.push(self.assert_equal_splits(first, other, Some(message)));
            }
        }
        checks
    }

    /// The check that two vectors or sizes of rows are equal.
    #[track_caller]
    pub(super) fn assert_equal_splits(
        self,
        x: AnyTensor<'g>,
        y: AnyTensor<'g>,
        message: Option<&str>,
    ) -> Operation<'g> {
        let options = AssertOptions::default();
        let options = match message {
            Some(message) => options.message(message),
            None => options,
        };
        let equal = Comparison::EQUAL;
        self.assert_compared(equal.name, equal, (x.into(), y.into()), options)
    }

    /// `tf.cast` by way of `tf.ragged.map_flat_values`.
    #[track_caller]
    pub(super) fn cast_flat_values(
        self,
        x: AnyMaybeRagged<'g>,
        dtype: crate::dtype::DType,
    ) -> AnyMaybeRagged<'g> {
        match x {
            AnyMaybeRagged::Dense(x) => self.cast(x, dtype).into(),
            AnyMaybeRagged::Ragged(x) => {
                let values = self.cast(x.flat_values, dtype);
                self.ragged_nested(Rows::Splits, values, &x.nested_row_splits())
            }
        }
    }
}
