//! Ragged tensors from dense ones.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, Operand};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Nodes, Size, Slice};
use crate::ops::types::IndexType;
use crate::shape::Shape;
use crate::value::IntoTensorValue;

/// The rows of [`from_tensor`]: which values of a tensor are padding, how many ragged dimensions there are, and the
/// dtype of their row splits.
///
/// ```
/// use tfhub::ops::ragged::{self, FromTensorOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<i64>((None, None));
/// let rows = ragged::from_tensor(x, FromTensorOptions::default().padding(0i64));
/// assert_eq!(rows.shape().to_string(), "[?, ?]");
/// let lengths = g.placeholder::<i64>((None,));
/// let rows = ragged::from_tensor(x, FromTensorOptions::default().lengths(lengths));
/// assert_eq!(rows.ragged_rank(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct FromTensorOptions<'g, T: TensorType> {
    lengths: Option<Lengths<'g>>,
    padding: Option<AnyOperand<'g, T>>,
    ragged_rank: usize,
    row_splits_dtype: DType,
}

#[derive(Debug, Clone)]
enum Lengths<'g> {
    OfRows(Arg<'g>),
    Nested(Vec<Arg<'g>>),
}

impl<T: TensorType> Default for FromTensorOptions<'_, T> {
    fn default() -> Self {
        FromTensorOptions {
            lengths: None,
            padding: None,
            ragged_rank: 1,
            row_splits_dtype: DType::Int64,
        }
    }
}

defaults!(FromTensorOptions<'g, T: TensorType>);

setters! {
    impl['g, T: TensorType] FromTensorOptions<'g, T> {
        /// The value that rows are filled up with at their ends, which is left out there; none by default.
        padding: impl Operand<'g, T> => Some(padding.into_any());
        /// The number of ragged dimensions; 1 by default.
        ragged_rank: usize;
        /// The dtype of the row splits, int32 or int64, which it is by default.
        row_splits_dtype: DType;
    }
}

impl<'g, T: TensorType> FromTensorOptions<'g, T> {
    /// The lengths of the rows, a vector; that of the tensor for all by default.
    pub fn lengths<I: IndexType>(mut self, lengths: impl Operand<'g, I>) -> Self {
        self.lengths = Some(Lengths::OfRows(Arg::of(lengths)));
        self
    }

    /// The lengths of the rows of several ragged dimensions, the outermost first.
    pub fn nested_lengths<I: IndexType>(
        mut self,
        lengths: impl IntoIterator<Item = impl Operand<'g, I>>,
    ) -> Self {
        let lengths = lengths.into_iter().map(Arg::of);
        self.lengths = Some(Lengths::Nested(lengths.collect()));
        self
    }
}

/// A dense tensor as a ragged one, in which rows end where its lengths or its padding say (`tf.RaggedTensor.from_tensor`).
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4, 2));
/// assert_eq!(ragged::from_tensor(x, ()).shape().to_string(), "[?, ?, 2]");
/// ```
#[track_caller]
pub fn from_tensor<'g, T: TensorType>(
    tensor: impl TensorLike<'g, T>,
    options: impl Into<FromTensorOptions<'g, T>>,
) -> RaggedTensor<'g, T> {
    let n = Nodes(tensor.graph());
    let name = n.0.requested_name("RaggedFromTensor");
    let options = options.into();
    if options.lengths.is_some() && options.padding.is_some() {
        let message = "expected lengths or padding, found both";
        n.0.report(Rule::Inputs, message);
    }
    let rows = DenseRows {
        lengths: options.lengths,
        padding: options.padding.map(Arg::of),
        splits: options.row_splits_dtype,
    };
    n.ragged_from_tensor_as(&name, Arg::of(tensor), options.ragged_rank, rows)
        .typed()
}

/// The rows of a dense tensor.
#[derive(Debug)]
pub(super) struct DenseRows<'g> {
    lengths: Option<Lengths<'g>>,
    padding: Option<Arg<'g>>,
    /// The dtype of row splits.
    splits: DType,
}

impl<'g> Nodes<'g> {
    /// `tf.RaggedTensor.from_tensor` of whole rows.
    #[track_caller]
    pub(in crate::ops) fn ragged_from_tensor(
        self,
        tensor: AnyTensor<'g>,
        ragged_rank: usize,
        splits: DType,
    ) -> AnyRaggedTensor<'g> {
        let rows = DenseRows {
            lengths: None,
            padding: None,
            splits,
        };
        self.ragged_from_tensor_as("RaggedFromTensor", tensor.into(), ragged_rank, rows)
    }

    #[track_caller]
    fn ragged_from_tensor_as(
        self,
        name: &str,
        tensor: Arg<'g>,
        ragged_rank: usize,
        rows: DenseRows<'g>,
    ) -> AnyRaggedTensor<'g> {
        let _scope = self.open_scope(name);
        let tensor = tensor.convert(self.0, "tensor", DType::Float32);
        let known = tensor.shape().rank();
        let splits = rows.splits;
        let fits = match (ragged_rank, splits) {
            (0, _) => Err("expected at least one ragged dimension, found none".to_owned()),
            (_, DType::Int32 | DType::Int64) if known.is_some_and(|rank| rank <= ragged_rank) => {
                let shape = tensor.shape();
                Err(format!(
                    "{ragged_rank} ragged dimensions of a tensor of shape {shape}"
                ))
            }
            (_, DType::Int32 | DType::Int64) => Ok(()),
            _ => Err(format!(
                "expected row splits of int32 or int64, found {splits}"
            )),
        };
        if let Err(message) = fits {
            self.0.report(Rule::Value, message);
            return AnyRaggedTensor::poison(self.0);
        }
        let shape = self.shape_as("Shape", tensor, splits);
        let ncols = self.at(shape, 1);
        if ragged_rank > 1 {
            return self.flattened(tensor, ragged_rank, rows, shape);
        }
        let lengths = match rows.padding {
            Some(padding) => {
                let lengths = self.lengths_before(padding, tensor, ncols, splits);
                Some(Lengths::OfRows(lengths.into()))
            }
            None => rows.lengths,
        };
        match lengths {
            Some(Lengths::Nested(lengths)) => self.of_nested_lengths(tensor, lengths),
            Some(Lengths::OfRows(lengths)) => self.of_lengths(tensor, lengths, ncols, splits),
            None => {
                let nrows = self.at(shape, 0);
                let nvals = self.mul(nrows, ncols);
                let row_splits = self.mul(self.numbers_to(self.add(nrows, 1)), ncols);
                let inner = self.index(shape, [Slice::from(2)]);
                let nvals = Arg::List(vec![nvals.into()]);
                let sizes = self.concat(vec![nvals, inner.into()], 0);
                self.ragged(Rows::Splits, self.reshape(tensor, sizes), row_splits)
            }
        }
    }

    /// Rows of rows: those of the flattened tensor, between the positions that its sizes give.
    #[track_caller]
    fn flattened(
        self,
        tensor: AnyTensor<'g>,
        ragged_rank: usize,
        rows: DenseRows<'g>,
        shape: AnyTensor<'g>,
    ) -> AnyRaggedTensor<'g> {
        let splits = rows.splits;
        let any = self.converted("Const", splits, &[-1i64].into_tensor_value());
        let inner = self.index(shape, [Slice::from(ragged_rank as i32)]);
        let sizes = self.concat(vec![any.into(), inner.into()], 0);
        let flat = self.reshape(tensor, sizes);
        let values = self.ragged_from_tensor_as("RaggedFromTensor", flat.into(), 1, rows);
        let counts = self.binary("Cumprod", shape, 0);
        let splits_of = |dimension: usize| {
            let dimension = dimension as i32;
            let count = self.add(self.at(counts, dimension - 1), 1);
            self.mul(self.numbers_to(count), self.at(shape, dimension))
        };
        let nested: Vec<_> = (1..ragged_rank).map(splits_of).collect();
        self.ragged_nested(Rows::Splits, values, &nested).ragged()
    }

    /// The lengths of rows up to the last value that is not the padding.
    #[track_caller]
    fn lengths_before(
        self,
        padding: Arg<'g>,
        tensor: AnyTensor<'g>,
        ncols: AnyTensor<'g>,
        dtype: DType,
    ) -> AnyTensor<'g> {
        let g = self.0;
        let padding = padding.convert(g, "padding", tensor.dtype());
        let inner = tensor.shape().without_first(2);
        if !self.compatible("the padding and each value", &padding.shape(), &inner) {
            return AnyTensor::poison(g);
        }
        let is_padding = self.binary("Equal", padding, tensor);
        let rank = self.rank(tensor);
        let axes = self.counted("range", 2.into(), rank.into(), 1.into());
        let is_deep = self.binary("Greater", rank, 2);
        let all = || self.reduce_along(("All", "All"), is_padding.into(), Some(axes.into()), false);
        let is_padding = g.cond(is_deep.typed(), all, || is_padding);
        is_padding.set_shape((None, None));
        let outer = match tensor.shape().dims() {
            Some(dims) => Shape::from(&dims[..dims.len().min(2)]),
            None => Shape::unknown_of_rank(2),
        };
        is_padding.set_shape(outer);
        let is_value = self.unary("LogicalNot", is_padding);
        let is_value = self.cast(is_value, dtype);
        let last = self.add(ncols, 1);
        let columns = self.counted("range", 1.into(), last.into(), 1.into());
        let lengths = self.mul(is_value, self.expand_dims(columns, 0));
        self.reduce("Max", lengths, 1)
    }

    #[track_caller]
    fn of_lengths(
        self,
        tensor: AnyTensor<'g>,
        lengths: Arg<'g>,
        ncols: AnyTensor<'g>,
        dtype: DType,
    ) -> AnyRaggedTensor<'g> {
        let lengths = match lengths {
            Arg::Value(value) => Arg::Preferring(dtype, value),
            lengths => lengths,
        };
        let lengths = lengths.convert(self.0, "lengths", dtype);
        let lengths = self.0.op("Cast").input(lengths).attr("DstT", dtype);
        let lengths = lengths.output();
        if lengths.shape().rank().is_some_and(|rank| rank != 1) {
            let message = format!(
                "lengths: expected a vector, found shape {}",
                lengths.shape()
            );
            self.0.report(Rule::Shape, message);
            return AnyRaggedTensor::poison(self.0);
        }
        let lengths = self.maximum(self.minimum(lengths, ncols), 0);
        let limits = self.cumsum(lengths);
        let zero = self.filled("zeros", 0.0, dtype, [1].into());
        let splits = self.concat(vec![zero.into(), limits.into()], 0);
        let longest = Some(Size::Tensor(ncols));
        let mask = self.sequence_mask("SequenceMask", lengths.into(), longest, DType::Bool);
        let values = self.boolean_mask(tensor, mask);
        self.ragged(Rows::Splits, values, splits)
    }

    #[track_caller]
    fn of_nested_lengths(
        self,
        tensor: AnyTensor<'g>,
        lengths: Vec<Arg<'g>>,
    ) -> AnyRaggedTensor<'g> {
        let rank = tensor.shape().rank();
        if lengths.is_empty() || rank.is_some_and(|rank| rank <= lengths.len()) {
            let (found, shape) = (lengths.len(), tensor.shape());
            let message =
                format!("the lengths of {found} ragged dimensions of a tensor of shape {shape}");
            self.0.report(Rule::Shape, message);
            return AnyRaggedTensor::poison(self.0);
        }
        let count = self.reduce("Sum", lengths[lengths.len() - 1].clone(), ());
        let trues = self.filled("ones", 1.0, DType::Bool, [Size::Tensor(count)].into());
        let nested = |values: AnyTensor<'g>| {
            let _scope = self.open_scope("RaggedFromNestedRowlengths");
            let values = AnyMaybeRagged::from(values).into();
            self.nested(Rows::Lengths, values, lengths.clone(), false)
        };
        let no = false.into_tensor_value();
        let mask = nested(trues).to_tensor_as("RaggedToTensor", Some(no.into()));
        nested(self.boolean_mask(tensor, mask))
    }
}
