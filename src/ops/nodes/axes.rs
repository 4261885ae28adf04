//! The dimensions that a function works along.

use crate::value::{IntoTensorValue, TensorValue};

/// The dimensions that a reduction takes away (`axis`), and whether it leaves them with size 1 (`keepdims`).
///
/// ```
/// use tfhub::ops::math::{self, Axes};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2, 3));
/// assert_eq!(math::reduce_sum(x, ()).shape().to_string(), "[]");
/// assert_eq!(math::reduce_sum(x, -1).shape().to_string(), "[?, 2]");
/// assert_eq!(math::reduce_sum(x, Axes::from([0, 1]).keep_dims()).shape().to_string(), "[1, 1, 3]");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes {
    pub(crate) kind: AxesKind,
    pub(crate) keep_dims: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AxesKind {
    All,
    One(i32),
    Several(Vec<i32>),
}

impl From<AxesKind> for Axes {
    fn from(kind: AxesKind) -> Self {
        let keep_dims = false;
        Axes { kind, keep_dims }
    }
}

/// Every dimension.
impl From<()> for Axes {
    fn from((): ()) -> Self {
        Axes::ALL
    }
}

/// One dimension; a negative one is counted from the last.
impl From<i32> for Axes {
    fn from(axis: i32) -> Self {
        AxesKind::One(axis).into()
    }
}

macro_rules! several {
    ($([$($generics:tt)*] $axes:ty;)*) => {$(
        /// Several dimensions; negative ones are counted from the last.
        impl<$($generics)*> From<$axes> for Axes {
            fn from(axes: $axes) -> Self {
                AxesKind::Several(axes.into()).into()
            }
        }
    )*};
}

several! {
    [] &[i32];
    [] Vec<i32>;
    [const N: usize] [i32; N];
}

impl Axes {
    /// Every dimension.
    pub const ALL: Axes = Axes {
        kind: AxesKind::All,
        keep_dims: false,
    };

    /// Leaves the dimensions with size 1 (`keepdims=True`).
    pub fn keep_dims(self) -> Self {
        self.keeping(true)
    }

    /// The axes as ops take them, or nothing for all.
    pub(crate) fn listed(&self) -> Option<TensorValue> {
        match &self.kind {
            AxesKind::All => None,
            AxesKind::One(axis) => Some((*axis).into_tensor_value()),
            AxesKind::Several(axes) => Some(axes.clone().into_tensor_value()),
        }
    }

    /// The axes, none for all.
    pub(crate) fn numbers(&self) -> Vec<i64> {
        let listed = self.listed().and_then(|axes| axes.to_i64s());
        listed.unwrap_or_default()
    }

    /// These dimensions, left with size 1 or not.
    pub(crate) fn keeping(&self, keep_dims: bool) -> Self {
        Axes {
            keep_dims,
            ..self.clone()
        }
    }
}
