//! The features of `tf.train.Example` and `tf.train.SequenceExample` messages.

mod parse;
mod parsed;
mod raw;

use super::DefaultValue;
use crate::dtype::{DType, TensorType};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;

pub use parse::{
    parse_example, parse_sequence_example, parse_single_example, parse_single_sequence_example,
};
pub use parsed::{ParsedFeature, ParsedFeatures, ParsedSequences};

/// How a feature is parsed; its elements are `f32`, `i64` or strings.
#[derive(Debug, Clone)]
pub struct Feature<'g> {
    kind: Kind,
    dtype: DType,
    default_value: Option<DefaultValue<'g>>,
}

#[derive(Debug, Clone)]
enum Kind {
    FixedLen(Shape),
    FixedLenSequence {
        shape: Shape,
        allow_missing: bool,
    },
    VarLen,
    Sparse {
        index_keys: Vec<String>,
        value_key: String,
        size: Vec<i64>,
        already_sorted: bool,
    },
}

impl<'g> Feature<'g> {
    fn new<T: TensorType>(kind: Kind) -> Self {
        Feature {
            kind,
            dtype: T::DTYPE,
            default_value: None,
        }
    }

    /// A dense tensor of one shape (`tf.io.FixedLenFeature`).
    pub fn fixed_len<T: TensorType>(shape: impl Into<Shape>) -> Self {
        Feature::new::<T>(Kind::FixedLen(shape.into()))
    }

    /// A dense tensor in which values of one shape are listed and filled up (`tf.io.FixedLenSequenceFeature`).
    pub fn fixed_len_sequence<T: TensorType>(shape: impl Into<Shape>) -> Self {
        Feature::new::<T>(Kind::FixedLenSequence {
            shape: shape.into(),
            allow_missing: false,
        })
    }

    /// A sparse tensor with the values of each example in a row (`tf.io.VarLenFeature`).
    pub fn var_len<T: TensorType>() -> Self {
        Feature::new::<T>(Kind::VarLen)
    }

    /// A sparse tensor whose values and indices are features of their own (`tf.io.SparseFeature`).
    ///
    /// There is an index and a size for each dimension.
    pub fn sparse<T: TensorType>(
        indices: impl IntoIterator<Item = (&'static str, i64)>,
        value_key: &str,
    ) -> Self {
        let (index_keys, size): (Vec<_>, Vec<_>) = indices.into_iter().unzip();
        Feature::new::<T>(Kind::Sparse {
            index_keys: index_keys.into_iter().map(str::to_owned).collect(),
            value_key: value_key.to_owned(),
            size,
            already_sorted: false,
        })
    }

    /// The value of a dense feature where an example has none, or the value that fills up a sequence.
    pub fn default_value(mut self, default_value: DefaultValue<'g>) -> Self {
        self.default_value = Some(default_value);
        self
    }

    /// Lets a sequence be absent, or shorter than others.
    pub fn allow_missing(mut self) -> Self {
        if let Kind::FixedLenSequence { allow_missing, .. } = &mut self.kind {
            *allow_missing = true;
        }
        self
    }

    /// Says that the indices of a sparse feature are in row-major order.
    pub fn already_sorted(mut self) -> Self {
        if let Kind::Sparse { already_sorted, .. } = &mut self.kind {
            *already_sorted = true;
        }
        self
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::FixedLen(_) => "FixedLenFeature",
            Kind::FixedLenSequence { .. } => "FixedLenSequenceFeature",
            Kind::VarLen => "VarLenFeature",
            Kind::Sparse { .. } => "SparseFeature",
        }
    }
}

/// Features by their keys.
type Features<'g> = SortedMap<String, Feature<'g>>;
