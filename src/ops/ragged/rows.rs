//! The rows of ragged tensors in other forms than row splits.

use std::panic::Location;

use super::{AnyMaybeRagged, AnyRaggedTensor, Partition, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::OrDefault;
use crate::ops::nodes::{Arg, Nodes, Slice};

impl<'g, T: TensorType> RaggedTensor<'g, T> {
    /// The number of rows, as the dtype `out_type`, `()` for that of the row splits (`tf.RaggedTensor.nrows`).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(1, ());
    /// assert_eq!(x.nrows(()).dtype().name(), "int64");
    /// ```
    #[track_caller]
    pub fn nrows(&self, out_type: impl Into<OrDefault<DType>>) -> AnyTensor<'g> {
        let name = self.graph().requested_name("RaggedNRows").into_owned();
        let out_type = out_type.into().0.unwrap_or(self.any.row_splits_dtype());
        self.any.nrows_as(&name, out_type)
    }

    /// The lengths of the rows, as a vector of the dtype of the row splits (`tf.RaggedTensor.row_lengths`).
    #[track_caller]
    pub fn row_lengths(&self) -> AnyTensor<'g> {
        self.row_lengths_along(1).tensor()
    }

    /// The lengths of the rows along a dimension (`tf.RaggedTensor.row_lengths` with `axis`): of an inner ragged dimension a
    /// ragged tensor.
    #[track_caller]
    pub fn row_lengths_along(&self, axis: i32) -> AnyMaybeRagged<'g> {
        let name = self.graph().requested_name("RaggedRowLengths").into_owned();
        self.any.row_lengths_as(&name, axis)
    }

    /// The lengths of the rows of each ragged dimension, the outermost first (`tf.RaggedTensor.nested_row_lengths`).
    #[track_caller]
    pub fn nested_row_lengths(&self) -> Vec<AnyTensor<'g>> {
        let _scope = self.graph().open_function_scope("RaggedNestedRowLengths");
        self.any.all_row_lengths()
    }

    /// The number of the row of each of the [`values`](Self::values) (`tf.RaggedTensor.value_rowids`).
    #[track_caller]
    pub fn value_rowids(&self) -> AnyTensor<'g> {
        let name = self
            .graph()
            .requested_name("RaggedValueRowIds")
            .into_owned();
        self.any.value_rowids_as(&name)
    }

    /// The row numbers of the values of each ragged dimension, the outermost first
    /// (`tf.RaggedTensor.nested_value_rowids`).
    #[track_caller]
    pub fn nested_value_rowids(&self) -> Vec<AnyTensor<'g>> {
        let _scope = self.graph().open_function_scope("RaggedNestedValueRowIds");
        let dimensions = self.any.dimensions();
        let rowids = |x: &AnyRaggedTensor<'g>| x.value_rowids_as("RaggedValueRowIds");
        dimensions.iter().map(rowids).collect()
    }

    /// The positions at which the rows begin (`tf.RaggedTensor.row_starts`).
    #[track_caller]
    pub fn row_starts(&self) -> AnyTensor<'g> {
        let _scope = self.graph().open_function_scope("RaggedRowStarts");
        self.any.row_starts()
    }

    /// The positions at which the rows end (`tf.RaggedTensor.row_limits`).
    #[track_caller]
    pub fn row_limits(&self) -> AnyTensor<'g> {
        let _scope = self.graph().open_function_scope("RaggedRowLimits");
        self.any.row_limits()
    }

    /// The ragged tensor with row splits of another dtype, int32 or int64 (`tf.RaggedTensor.with_row_splits_dtype`).
    ///
    /// ```
    /// use tfhub::DType;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(2, ()).with_row_splits_dtype(DType::Int32);
    /// assert_eq!(x.row_splits().dtype(), DType::Int32);
    /// ```
    #[track_caller]
    pub fn with_row_splits_dtype(&self, dtype: DType) -> Self {
        let here = Location::caller();
        if !matches!(dtype, DType::Int32 | DType::Int64) {
            let message = format!("expected row splits of int32 or int64, found {dtype}");
            self.graph().report(Rule::Value, message);
            return self.clone();
        }
        let convert = || self.any.with_row_splits_dtype(dtype);
        self.graph().called_from(here, convert).typed()
    }
}

impl<'g> AnyRaggedTensor<'g> {
    /// The number of rows.
    #[track_caller]
    pub(crate) fn nrows_of(&self, dtype: DType) -> AnyTensor<'g> {
        self.nrows_as("RaggedNRows", dtype)
    }

    /// The number of rows as the dtype of the row splits.
    #[track_caller]
    pub(super) fn own_nrows(&self) -> AnyTensor<'g> {
        self.nrows_of(self.row_splits_dtype())
    }

    #[track_caller]
    fn nrows_as(&self, name: &str, dtype: DType) -> AnyTensor<'g> {
        let n = self.nodes();
        if let Some(nrows) = self.outer().nrows {
            return n.cast(nrows, dtype);
        }
        let _scope = n.open_scope(name);
        n.sub(n.at(n.shape_as("Shape", self.row_splits(), dtype), 0), 1)
    }

    /// The lengths of the rows of the first ragged dimension.
    #[track_caller]
    pub(super) fn own_row_lengths(&self) -> AnyTensor<'g> {
        self.row_lengths_as("RaggedRowLengths", 1).flat_values()
    }

    #[track_caller]
    fn row_lengths_as(&self, name: &str, axis: i32) -> AnyMaybeRagged<'g> {
        let n = self.nodes();
        if let Some(lengths) = self.outer().row_lengths {
            return lengths.into();
        }
        let _scope = n.open_scope(name);
        let Some(axis) = n.axis_of(axis, self.shape().rank()) else {
            return AnyTensor::poison(n.0).into();
        };
        let dtype = self.row_splits_dtype();
        match (axis, self.values()) {
            (0, _) => self.own_nrows().into(),
            (1, _) => n.lengths_of(self.row_splits()).into(),
            (_, AnyMaybeRagged::Ragged(values)) => {
                let lengths = values.row_lengths_as("RaggedRowLengths", axis as i32 - 1);
                self.with_values(lengths).into()
            }
            (_, AnyMaybeRagged::Dense(values)) => {
                let (shape, last) = (n.shape_as("Shape", values, dtype), axis as i32 - 1);
                let outer = n.index(shape, [Slice::to(last)]);
                let ones = n.filled("ones", 1.0, dtype, outer.into());
                let lengths = n.mul(ones, n.at(shape, last));
                self.with_values(lengths).into()
            }
        }
    }

    /// This one, its values, and theirs, as long as they are ragged.
    pub(super) fn dimensions(&self) -> Vec<AnyRaggedTensor<'g>> {
        let from = |at: usize| AnyRaggedTensor {
            flat_values: self.flat_values,
            partitions: self.partitions[at..].to_vec(),
        };
        (0..self.partitions.len()).map(from).collect()
    }

    #[track_caller]
    pub(super) fn all_row_lengths(&self) -> Vec<AnyTensor<'g>> {
        let dimensions = self.dimensions();
        let lengths = dimensions.iter().map(AnyRaggedTensor::own_row_lengths);
        lengths.collect()
    }

    #[track_caller]
    pub(super) fn value_rowids_as(&self, name: &str) -> AnyTensor<'g> {
        let n = self.nodes();
        if let Some(rowids) = self.outer().value_rowids {
            return rowids;
        }
        let _scope = n.open_scope(name);
        n.segment_ids(self.row_splits())
    }

    /// `row_splits[:-1]`
    #[track_caller]
    pub(super) fn row_starts(&self) -> AnyTensor<'g> {
        self.nodes().index(self.row_splits(), [Slice::to(-1)])
    }

    /// `row_splits[1:]`
    #[track_caller]
    pub(super) fn row_limits(&self) -> AnyTensor<'g> {
        self.nodes().index(self.row_splits(), [Slice::from(1)])
    }

    #[track_caller]
    pub(super) fn with_row_splits_dtype(&self, dtype: DType) -> Self {
        if self.row_splits_dtype() == dtype {
            return self.clone();
        }
        let n = self.nodes();
        let row_splits = n.cast(self.row_splits(), dtype);
        let values = match self.values() {
            AnyMaybeRagged::Ragged(values) => values.with_row_splits_dtype(dtype).into(),
            values => values,
        };
        let cast = |x: Option<AnyTensor<'g>>| x.map(|x| n.cast(x, dtype));
        let outer = *self.outer();
        let row_lengths = cast(outer.row_lengths);
        let partition = Partition {
            row_splits,
            row_lengths,
            value_rowids: cast(outer.value_rowids),
            // Python leaves it as it is.
            nrows: outer.nrows,
        };
        AnyRaggedTensor::new(values, partition)
    }
}

impl<'g> Nodes<'g> {
    /// `nested_row_lengths()`
    #[track_caller]
    pub(super) fn nested_lengths_of(self, x: &AnyRaggedTensor<'g>) -> Vec<AnyTensor<'g>> {
        let _scope = self.open_scope("RaggedNestedRowLengths");
        x.all_row_lengths()
    }

    /// The distances of row splits.
    #[track_caller]
    pub(super) fn lengths_of(self, splits: AnyTensor<'g>) -> AnyTensor<'g> {
        let limits = self.index(splits, [Slice::from(1)]);
        self.sub(limits, self.index(splits, [Slice::to(-1)]))
    }

    /// Row splits of the lengths of rows.
    #[track_caller]
    pub(super) fn splits_of(self, lengths: AnyTensor<'g>) -> AnyTensor<'g> {
        let limits = self.cumsum(lengths);
        let zero = Arg::List(vec![0.into()]);
        self.concat(vec![zero, limits.into()], -1)
    }

    /// An axis counted from the first dimension; that there is none is reported.
    #[track_caller]
    pub(super) fn axis_of(self, axis: i32, rank: Option<usize>) -> Option<usize> {
        let found = match rank {
            Some(rank) if axis < 0 => usize::try_from(axis + rank as i32).ok(),
            _ => usize::try_from(axis).ok(),
        };
        match found.filter(|&axis| rank.is_none_or(|rank| axis < rank)) {
            Some(axis) => Some(axis),
            None => {
                let rank = rank.map_or_else(|| "unknown".to_owned(), |rank| rank.to_string());
                self.refused(
                    Rule::Shape,
                    format!("axis {axis} of a tensor of rank {rank}"),
                )
            }
        }
    }

    /// `tf.range` from 0 to before a limit.
    #[track_caller]
    pub(super) fn numbers_to(self, limit: AnyTensor<'g>) -> AnyTensor<'g> {
        self.counted("range", 0.into(), limit.into(), 1.into())
    }
}
