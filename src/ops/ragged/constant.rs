//! Ragged tensors of Rust values, and of sequences.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedTensor};
use crate::dtype::{ByteString, DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand};
use crate::ops::nodes::{Arg, Nodes, sizes_value};
use crate::ops::types::RangeNumber;
use crate::shape::Shape;
use crate::value::TensorValue;

options! {
    /// The dimensions of [`constant`], and the dtype of its row splits.
    ///
    /// ```
    /// use tfhub::ops::ragged::{self, ConstantOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let points = [vec![[1.0f32, 2.0]], vec![[3.0, 4.0], [5.0, 6.0]]];
    /// let x = ragged::constant(&g, points, ConstantOptions::default().ragged_rank(1));
    /// assert_eq!(x.shape().to_string(), "[2, ?, 2]");
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    ConstantOptions {
        /// The number of ragged dimensions; all but the first, or what the inner shape leaves, by default.
        ragged_rank: Option<usize> = None, usize => Some(ragged_rank);
        /// The shape of each flat value, which follows from the lists by default.
        inner_shape: Option<Vec<usize>> = None, impl Into<Vec<usize>> => Some(inner_shape.into());
        /// The dtype of the row splits, int32 or int64, which it is by default.
        row_splits_dtype: DType = DType::Int64;
    }
}

/// A constant whose rows have different lengths (`tf.ragged.constant`). Lists of numbers alone, which have no rows, are a
/// tensor.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = ragged::constant(&g, [vec![3, 1, 4], vec![], vec![1]], ()).ragged();
/// assert_eq!((x.shape().to_string(), x.ragged_rank()), ("[3, ?]".into(), 1));
/// assert_eq!(x.flat_values().name(), "RaggedConstant/values:0");
/// ```
#[track_caller]
pub fn constant<'g, L: NestedList>(
    g: &'g GraphBuilder,
    rows: L,
    options: impl Into<ConstantOptions>,
) -> MaybeRagged<'g, L::Element> {
    let _scope = g.open_function_scope("RaggedConstant");
    let made = match shaped(rows.into_nested(), &options.into()) {
        Ok(shaped) => shaped.constant(Nodes(g)),
        Err(message) => Nodes(g).fault(Rule::Value, message).into(),
    };
    made.typed()
}

/// A list of numbers, strings or lists, of any depth.
pub trait NestedList: sealed::NestedList {
    /// The element type of what is in it.
    type Element: Element;

    #[doc(hidden)]
    fn into_nested(self) -> Nested<Self::Element>;
}

/// The items of a list.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Nested<T> {
    Scalar(T),
    List(Vec<Nested<T>>),
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait NestedList {}

    impl<L> NestedList for Vec<L> {}
    impl<L> NestedList for &[L] {}
    impl<L, const N: usize> NestedList for [L; N] {}
}

impl<L: NestedList> NestedList for Vec<L> {
    type Element = L::Element;

    fn into_nested(self) -> Nested<L::Element> {
        Nested::List(self.into_iter().map(L::into_nested).collect())
    }
}

impl<L: NestedList + Clone> NestedList for &[L] {
    type Element = L::Element;

    fn into_nested(self) -> Nested<L::Element> {
        self.to_vec().into_nested()
    }
}

impl<L: NestedList, const N: usize> NestedList for [L; N] {
    type Element = L::Element;

    fn into_nested(self) -> Nested<L::Element> {
        Nested::List(self.into_iter().map(L::into_nested).collect())
    }
}

macro_rules! scalars {
    ($($scalar:ty => $element:ty),* $(,)?) => {$(
        impl sealed::NestedList for $scalar {}

        impl NestedList for $scalar {
            type Element = $element;

            fn into_nested(self) -> Nested<$element> {
                Nested::Scalar(self.into())
            }
        }
    )*};
}

scalars! {
    bool => bool, i8 => i8, i16 => i16, i32 => i32, i64 => i64, u8 => u8, u16 => u16, f32 => f32, f64 => f64,
    &str => ByteString, ByteString => ByteString,
}

impl<T> Nested<T> {
    /// The depth of the scalars, if there are any, and of the deepest list; `None` if scalars are of several depths.
    fn depths(&self) -> Option<(Option<usize>, usize)> {
        let Nested::List(items) = self else {
            return Some((Some(0), 0));
        };
        let (mut of_scalars, mut deepest) = (None, 1);
        for item in items {
            let (scalars, depth) = item.depths()?;
            if let Some(depth) = scalars.map(|depth| depth + 1) {
                if of_scalars.is_some_and(|known| known != depth) {
                    return None;
                }
                of_scalars = Some(depth);
            }
            deepest = deepest.max(depth + 1);
        }
        Some((of_scalars, deepest))
    }

    /// The shape of lists that are all of one length in each dimension, going by the first of each.
    fn shape(&self) -> Vec<usize> {
        let Nested::List(items) = self else {
            return Vec::new();
        };
        let mut shape = vec![items.len()];
        shape.extend(items.first().map(Nested::shape).unwrap_or_default());
        shape
    }

    fn has_shape(&self, shape: &[usize]) -> bool {
        match (self, shape) {
            (Nested::Scalar(_), []) => true,
            (Nested::List(items), [size, inner @ ..]) => {
                items.len() == *size && items.iter().all(|item| item.has_shape(inner))
            }
            _ => false,
        }
    }

    fn flatten_into(self, scalars: &mut Vec<T>) {
        match self {
            Nested::Scalar(scalar) => scalars.push(scalar),
            Nested::List(items) => items
                .into_iter()
                .for_each(|item| item.flatten_into(scalars)),
        }
    }
}

/// The values of a constant, and the row splits of its ragged dimensions, the outermost first.
struct Shaped {
    values: TensorValue,
    splits: Vec<Vec<usize>>,
    splits_dtype: DType,
}

impl Shaped {
    #[track_caller]
    fn constant<'g>(&self, n: Nodes<'g>) -> AnyMaybeRagged<'g> {
        if self.splits.is_empty() {
            return n.0.constant_named("Const", self.values.clone()).into();
        }
        let values = n.0.constant_named("values", self.values.clone());
        let add = |values: AnyMaybeRagged<'g>, splits: &Vec<usize>| {
            let splits = sizes_value(splits, self.splits_dtype);
            let splits = n.0.constant_named("Const", splits);
            n.ragged(Rows::Splits, values, splits).into()
        };
        self.splits.iter().rev().fold(values.into(), add)
    }
}

/// Tells the ragged dimensions of lists from those of their values.
fn shaped<T: Element>(rows: Nested<T>, options: &ConstantOptions) -> Result<Shaped, String> {
    let splits_dtype = options.row_splits_dtype;
    if !matches!(splits_dtype, DType::Int32 | DType::Int64) {
        return Err(format!(
            "expected row splits of int32 or int64, found {splits_dtype}"
        ));
    }
    let depths = rows.depths();
    let Some((of_scalars, deepest)) =
        depths.filter(|(scalars, deepest)| scalars.is_none_or(|scalars| scalars == *deepest))
    else {
        return Err("expected values of one depth in lists, found several".to_owned());
    };
    let (ragged_rank, inner_shape) = (options.ragged_rank, &options.inner_shape);
    if let (Some(ragged_rank), Some(inner)) = (ragged_rank, inner_shape) {
        let expected = ragged_rank + inner.len() + 1;
        if of_scalars.map_or(expected < deepest, |scalars| scalars != expected) {
            return Err(format!(
                "expected lists of depth {expected} for {ragged_rank} ragged dimensions of values of rank {}, found depth \
                 {deepest}",
                inner.len()
            ));
        }
    }
    let is_dense = match ragged_rank {
        Some(ragged_rank) => ragged_rank == 0,
        None => {
            let inner = inner_shape.as_ref().map_or(0, Vec::len);
            deepest < 2 + inner
        }
    };
    if is_dense {
        let shape = match inner_shape {
            Some(shape) => shape.clone(),
            None => rows.shape(),
        };
        return values(rows, shape).map(|values| Shaped {
            values,
            splits: Vec::new(),
            splits_dtype,
        });
    }
    let inner = match (inner_shape, ragged_rank) {
        (Some(shape), _) => Some(shape.clone()),
        (None, None) => Some(Vec::new()),
        // It follows from the values.
        (None, Some(_)) => None,
    };
    let ragged_rank = ragged_rank.unwrap_or_else(|| {
        let depth =
            of_scalars.map(|scalars| scalars.saturating_sub(inner.as_ref().map_or(0, Vec::len)));
        depth.unwrap_or(deepest).saturating_sub(1).max(1)
    });
    let (mut items, mut splits) = (vec![rows], Vec::new());
    for dimension in 0..=ragged_rank {
        let (mut ends, mut inner) = (vec![0], Vec::new());
        for item in items {
            let Nested::List(items) = item else {
                return Err(format!(
                    "expected lists of a depth above {ragged_rank}, the number of ragged dimensions, found depth \
                     {deepest}"
                ));
            };
            inner.extend(items);
            ends.push(inner.len());
        }
        items = inner;
        if dimension > 0 {
            splits.push(ends);
        }
    }
    let flat = Nested::List(items);
    let shape = match inner {
        None => flat.shape(),
        Some(inner) => {
            let Nested::List(items) = &flat else {
                return Err("expected a list".to_owned());
            };
            [vec![items.len()], inner].concat()
        }
    };
    let values = values(flat, shape)?;
    Ok(Shaped {
        values,
        splits,
        splits_dtype,
    })
}

fn values<T: Element>(items: Nested<T>, shape: Vec<usize>) -> Result<TensorValue, String> {
    let is_whole = items.has_shape(&shape);
    let mut scalars = Vec::new();
    items.flatten_into(&mut scalars);
    let count: usize = shape.iter().product();
    if scalars.len() != count || !(is_whole || scalars.is_empty()) {
        let shape = Shape::from(&shape[..]);
        return Err(format!(
            "expected values of shape {shape}, found others among {}",
            scalars.len()
        ));
    }
    Ok(TensorValue::from_parts(shape, scalars))
}

/// The first numbers of [`range`]'s rows, the distance of their numbers, and the dtype of the row splits.
///
/// ```
/// use tfhub::ops::ragged::{self, RangeOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let options = RangeOptions::default().starts([0, 5, 8]).deltas(2);
/// let x = ragged::range(&g, [3, 5, 12], options);
/// assert_eq!(x.shape().to_string(), "[3, ?]");
/// ```
#[derive(Debug, Clone)]
pub struct RangeOptions<'g, T: TensorType> {
    starts: Option<AnyOperand<'g, T>>,
    deltas: Option<AnyOperand<'g, T>>,
    row_splits_dtype: DType,
}

impl<T: TensorType> Default for RangeOptions<'_, T> {
    fn default() -> Self {
        RangeOptions {
            starts: None,
            deltas: None,
            row_splits_dtype: DType::Int64,
        }
    }
}

setters! {
    impl['g, T: TensorType] RangeOptions<'g, T> {
        /// The first number of each row, or of all; 0 by default.
        starts: impl Operand<'g, T> => Some(starts.into_any());
        /// The distance of the numbers of each row, or of all; 1 by default.
        deltas: impl Operand<'g, T> => Some(deltas.into_any());
        /// The dtype of the row splits, int32 or int64, which it is by default.
        row_splits_dtype: DType;
    }
}

defaults!(RangeOptions<'g, T: TensorType>);

/// A row of numbers for each of the limits, before which it ends (`tf.ragged.range`).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let lengths = g.placeholder::<i64>((None,));
/// assert_eq!(ragged::range(&g, lengths, ()).shape().to_string(), "[?, ?]");
/// ```
#[track_caller]
pub fn range<'g, T: RangeNumber>(
    g: &'g GraphBuilder,
    limits: impl Operand<'g, T>,
    options: impl Into<RangeOptions<'g, T>>,
) -> RaggedTensor<'g, T> {
    let options = options.into();
    let given = |value: Option<AnyOperand<'g, T>>, default: i32| match value {
        Some(value) => Arg::of(value),
        None => default.into(),
    };
    let (starts, deltas) = (given(options.starts, 0), given(options.deltas, 1));
    let name = g.requested_name("RaggedRange");
    let bounds = [starts, Arg::of(limits), deltas];
    Nodes(g)
        .ragged_range_as(&name, bounds, options.row_splits_dtype)
        .typed()
}

impl<'g> Nodes<'g> {
    /// `tf.ragged.range` of starts, limits and steps, all cast to the widest of their dtypes.
    #[track_caller]
    pub(super) fn ragged_range_as(
        self,
        name: &str,
        bounds: [Arg<'g>; 3],
        splits: DType,
    ) -> AnyRaggedTensor<'g> {
        let scope = self.open_scope(name);
        let mut names = ["starts", "limits", "deltas"].into_iter();
        let bounds = bounds.map(|bound| {
            let name = names.next().unwrap_or_default();
            bound.convert(self.0, name, DType::Int32)
        });
        let widths = [DType::Int32, DType::Int64, DType::Float32, DType::Float64];
        let widest = widths.into_iter().rev();
        let widest = widest.into_iter().find(|dtype| {
            let of = |bound: &AnyTensor<'g>| bound.dtype() == *dtype;
            bounds.iter().any(of)
        });
        let dtype = widest.unwrap_or(DType::Int32);
        let bounds = bounds.map(|bound| self.cast(bound, dtype));
        let node = self.named("RaggedRange", &scope);
        let node = bounds
            .into_iter()
            .fold(node, |node, bound| node.input(bound));
        let node = node.attr("Tsplits", splits).finish();
        self.ragged(Rows::Splits, node.output(1), node.output(0))
    }
}
