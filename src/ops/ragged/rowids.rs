//! Ragged tensors of values and the rows that each belongs to.

use super::checks::Checks;
use super::{AnyMaybeRagged, AnyRaggedTensor, Argument, Partition, RaggedLike, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand};
use crate::ops::nodes::{Arg, Comparison, Nodes, Size, Slice};
use crate::ops::types::IndexType;
use crate::ops::{OrDefault, constant_value};
use crate::shape::Shape;

options! {
    /// The number of rows of [`RaggedTensor::from_value_rowids`], and whether the graph checks the rows.
    ///
    /// ```
    /// use tfhub::ops::ragged::{RaggedTensor, ValueRowidsOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let values = g.placeholder::<f32>((None,));
    /// let options = ValueRowidsOptions::default().nrows(5).validate(false);
    /// let x = RaggedTensor::from_value_rowids(values, [0i64, 0, 2], options);
    /// assert_eq!(x.shape().to_string(), "[5, ?]");
    /// ```
    #[derive(Debug, Clone, Copy)]
    ValueRowidsOptions<'g> {
        /// The number of rows, of which the last may be empty; one more than the last of the row ids by default.
        nrows: Option<Size<'g>> = None, impl Into<Size<'g>> => Some(nrows.into());
        /// Whether the graph checks that the arguments are rows, as it does by default.
        validate: bool = true;
    }
}

impl<'g, T: TensorType> RaggedTensor<'g, T> {
    /// The rows of `values`, of each of which `value_rowids` tells the row, in ascending order
    /// (`tf.RaggedTensor.from_value_rowids`).
    #[track_caller]
    pub fn from_value_rowids<I: IndexType>(
        values: impl RaggedLike<'g, T>,
        value_rowids: impl Operand<'g, I>,
        options: impl Into<ValueRowidsOptions<'g>>,
    ) -> Self {
        let n = Nodes(values.graph());
        let name = n.0.requested_name(FROM_VALUE_ROWIDS);
        let (values, rowids) = (values.into_argument(), Arg::of(value_rowids));
        let ValueRowidsOptions { nrows, validate } = options.into();
        let nrows = nrows.map(Arg::from);
        n.ragged_of_rowids_as(&name, (values, rowids, nrows), validate)
            .typed()
    }

    /// Rows of rows of `flat_values` by row ids, the outermost first, with the numbers of rows of each dimension, `()` for
    /// those that follow from the ids (`tf.RaggedTensor.from_nested_value_rowids`).
    ///
    /// The graph checks the rows unless `validate` is false; `()` stands for true.
    #[track_caller]
    pub fn from_nested_value_rowids<I: IndexType>(
        flat_values: impl RaggedLike<'g, T>,
        nested_value_rowids: impl IntoIterator<Item = impl Operand<'g, I>>,
        nested_nrows: impl Into<OrDefault<Vec<Size<'g>>>>,
        validate: impl Into<OrDefault<bool>>,
    ) -> Self {
        let n = Nodes(flat_values.graph());
        let _scope = n.0.open_function_scope("RaggedFromNestedValueRowIds");
        let validate = validate.into().0.unwrap_or(true);
        let rowids: Vec<_> = nested_value_rowids.into_iter().map(Arg::of).collect();
        let values = flat_values.into_argument();
        let nrows = nested_nrows.into().0;
        n.ragged_of_nested_rowids(values, rowids, nrows, validate)
            .typed()
    }
}

/// The default name of `tf.RaggedTensor.from_value_rowids`.
const FROM_VALUE_ROWIDS: &str = "RaggedFromValueRowIds";

impl<'g> Nodes<'g> {
    #[track_caller]
    fn ragged_of_nested_rowids(
        self,
        values: Argument<'g>,
        rowids: Vec<Arg<'g>>,
        nrows: Option<Vec<Size<'g>>>,
        validate: bool,
    ) -> AnyRaggedTensor<'g> {
        let nrows: Vec<_> = match nrows {
            None => vec![None; rowids.len()],
            Some(nrows) => nrows.into_iter().map(Some).collect(),
        };
        if nrows.len() != rowids.len() {
            let (nrows, rowids) = (nrows.len(), rowids.len());
            let message = format!(
                "expected the number of rows of {rowids} ragged dimensions, found those of {nrows}"
            );
            self.0.report(Rule::Inputs, message);
            return AnyRaggedTensor::poison(self.0);
        }
        let (mut values, mut made) = (values, None);
        for (rowids, nrows) in rowids.into_iter().zip(nrows).rev() {
            let parts = (values, rowids, nrows.map(Arg::from));
            let ragged = self.ragged_of_rowids_as(FROM_VALUE_ROWIDS, parts, validate);
            values = AnyMaybeRagged::from(ragged.clone()).into();
            made = Some(ragged);
        }
        made.unwrap_or_else(|| self.no_rows())
    }

    /// `from_value_rowids` of parts that are known to fit.
    #[track_caller]
    pub(in crate::ops) fn ragged_of_rowids(
        self,
        values: impl Into<AnyMaybeRagged<'g>>,
        value_rowids: AnyTensor<'g>,
        nrows: AnyTensor<'g>,
    ) -> AnyRaggedTensor<'g> {
        let values = values.into().into();
        let parts = (values, value_rowids.into(), Some(nrows.into()));
        self.ragged_of_rowids_as(FROM_VALUE_ROWIDS, parts, false)
    }

    /// Values, their row ids and perhaps the number of rows, under a name.
    #[track_caller]
    fn ragged_of_rowids_as(
        self,
        name: &str,
        (values, rowids, nrows): (Argument<'g>, Arg<'g>, Option<Arg<'g>>),
        validate: bool,
    ) -> AnyRaggedTensor<'g> {
        let _scope = self.open_scope(name);
        let (values, mut rowids) = self.partitioned(values, rowids, "value_rowids");
        if rowids.is_poison() || values.flat_values().is_poison() {
            return AnyRaggedTensor::poison(self.0);
        }
        let dtype = rowids.dtype();
        let ids = constant_value::of(rowids).and_then(|ids| ids.to_i64s());
        let least = ids
            .as_ref()
            .map(|ids| ids.last().map_or(0, |last| last + 1));
        let (nrows, known) = match nrows {
            None => match least {
                None => {
                    let last = self.index(rowids, [Slice::from(-1)]);
                    let none = Arg::List(vec![(-1).into()]);
                    let last = self.at(self.concat(vec![last.into(), none], 0), 0);
                    (self.add(last, 1), None)
                }
                Some(least) => (self.number("nrows", dtype, least as f64), Some(least)),
            },
            Some(nrows) => {
                let nrows = nrows.convert(self.0, "nrows", dtype);
                let known = constant_value::of(nrows).and_then(|nrows| nrows.to_i64s());
                (nrows, known.and_then(|nrows| nrows.first().copied()))
            }
        };
        if !self.rows_fit(&values, rowids, nrows, known, least) {
            return AnyRaggedTensor::poison(self.0);
        }
        if validate {
            let checks = Checks::of(self, "from_value_rowids");
            let nvals = self.nrows_of(&values, DType::Int32);
            let ids = self.at(self.shape(rowids), 0);
            let mut all = vec![
                checks.rank(rowids, 1),
                checks.rank(nrows, 0),
                checks.compared(Comparison::EQUAL, nvals, ids),
                checks.non_negative(self.index(rowids, [Slice::to(1)])),
                checks.ascending(rowids),
            ];
            let last = self.index(rowids, [Slice::from(-1)]);
            all.push(checks.compared(Comparison::LESS, last, nrows));
            all.extend(checks.at_least_vector(&values));
            rowids = self.0.with_dependencies(&all, rowids);
        }
        let ids = self.cast(rowids, DType::Int32);
        let count = self.cast(nrows, DType::Int32);
        let limits = [Some(count.into()), Some(count.into())];
        let row_lengths = self.bincount_as("bincount", ids.into(), limits, dtype);
        let limits = self.cumsum(row_lengths);
        let zero = Arg::List(vec![0.into()]);
        let row_splits = self.concat(vec![zero, limits.into()], 0);
        if let Some(known) = known.and_then(|known| usize::try_from(known).ok()) {
            row_lengths.set_shape([known]);
            row_splits.set_shape([known.saturating_add(1)]);
        }
        let partition = Partition {
            row_splits,
            row_lengths: Some(row_lengths),
            value_rowids: Some(rowids),
            nrows: Some(nrows),
        };
        AnyRaggedTensor::new(values, partition)
    }

    /// Whether values, row ids and number of rows may belong together, as far as they are known.
    #[track_caller]
    fn rows_fit(
        self,
        values: &AnyMaybeRagged<'g>,
        rowids: AnyTensor<'g>,
        nrows: AnyTensor<'g>,
        known: Option<i64>,
        least: Option<i64>,
    ) -> bool {
        let fault = |rule: Rule, message: String| {
            self.0.report(rule, message);
            false
        };
        if !nrows.is_poison() && nrows.dtype() != rowids.dtype() {
            let (nrows, rowids) = (nrows.dtype(), rowids.dtype());
            let message =
                format!("nrows: expected the dtype of value_rowids, {rowids}, found {nrows}");
            return fault(Rule::Inputs, message);
        }
        if let Some(known) = known.filter(|&known| known < least.unwrap_or(0).max(0)) {
            let least = least.unwrap_or(0).max(0);
            return fault(
                Rule::Value,
                format!("nrows: expected at least {least}, found {known}"),
            );
        }
        let found = rowids.shape();
        if found.rank().is_some_and(|rank| rank != 1) {
            let message = format!("value_rowids: expected a vector, found shape {found}");
            return fault(Rule::Shape, message);
        }
        let found = nrows.shape();
        if found.rank().is_some_and(|rank| rank != 0) {
            return fault(
                Rule::Shape,
                format!("nrows: expected a scalar, found shape {found}"),
            );
        }
        let first = match values.shape().dims() {
            Some(dims) => Shape::from(&dims[..dims.len().min(1)]),
            None => Shape::unknown(),
        };
        self.compatible("values and value_rowids", &first, &rowids.shape())
    }
}
