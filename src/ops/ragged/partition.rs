//! Ragged tensors of values and a vector that tells their rows apart.

use super::argument::Given;
use super::checks::Checks;
use super::{
    AnyMaybeRagged, AnyRaggedTensor, Argument, Partition, RaggedLike, RaggedTensor, is_of_one_kind,
};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operand};
use crate::ops::OrDefault;
use crate::ops::nodes::{Arg, Comparison, Nodes, Slice};
use crate::ops::types::IndexType;

/// The forms of rows that are one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Splits,
    Lengths,
    Starts,
    Limits,
}

impl Rows {
    /// The default name of Python's function.
    pub(in crate::ops) fn function(self) -> &'static str {
        match self {
            Rows::Splits => "RaggedFromRowSplits",
            Rows::Lengths => "RaggedFromRowLengths",
            Rows::Starts => "RaggedFromRowStarts",
            Rows::Limits => "RaggedFromRowLimits",
        }
    }

    /// The name of the argument.
    fn argument(self) -> &'static str {
        match self {
            Rows::Splits => "row_splits",
            Rows::Lengths => "row_lengths",
            Rows::Starts => "row_starts",
            Rows::Limits => "row_limits",
        }
    }
}

macro_rules! from_rows {
    ($($(#[$doc:meta])* $name:ident $rows:ident $kind:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// The graph checks the rows unless `validate` is false; `()` stands for true.
        #[track_caller]
        pub fn $name<I: IndexType>(
            values: impl RaggedLike<'g, T>,
            $rows: impl Operand<'g, I>,
            validate: impl Into<OrDefault<bool>>,
        ) -> Self {
            let n = Nodes(values.graph());
            let name = n.0.requested_name(Rows::$kind.function());
            let validate = validate.into().0.unwrap_or(true);
            let (values, rows) = (values.into_argument(), Arg::of($rows));
            n.ragged_as(&name, Rows::$kind, values, rows, validate).typed()
        }
    )*};
}

macro_rules! from_nested_rows {
    ($($(#[$doc:meta])* $name:ident $rows:ident $kind:ident $default:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// The rows of the outermost dimension come first, and there is at least one dimension. The graph checks the
        /// rows unless `validate` is false; `()` stands for true.
        #[track_caller]
        pub fn $name<I: IndexType>(
            flat_values: impl RaggedLike<'g, T>,
            $rows: impl IntoIterator<Item = impl Operand<'g, I>>,
            validate: impl Into<OrDefault<bool>>,
        ) -> Self {
            let n = Nodes(flat_values.graph());
            let _scope = n.0.open_function_scope($default);
            let validate = validate.into().0.unwrap_or(true);
            let rows = $rows.into_iter().map(Arg::of).collect();
            let values = flat_values.into_argument();
            n.nested(Rows::$kind, values, rows, validate).typed()
        }
    )*};
}

impl<'g, T: TensorType> RaggedTensor<'g, T> {
    from_rows! {
        /// The rows of `values` between the positions `row_splits`, of which there is one more than there are rows
        /// (`tf.RaggedTensor.from_row_splits`).
        ///
        /// ```
        /// use tfhub::ops::ragged::RaggedTensor;
        /// # let g = tfhub::GraphBuilder::new();
        /// let x = RaggedTensor::from_row_splits(g.value([3, 1, 4, 1]), [0i64, 3, 3, 4], ());
        /// assert_eq!(x.flat_values().name(), "RaggedFromRowSplits/values:0");
        /// ```
        from_row_splits row_splits Splits;
        /// The rows of `values` that have these lengths (`tf.RaggedTensor.from_row_lengths`).
        from_row_lengths row_lengths Lengths;
        /// The rows of `values` that begin at these positions (`tf.RaggedTensor.from_row_starts`).
        from_row_starts row_starts Starts;
        /// The rows of `values` that end before these positions (`tf.RaggedTensor.from_row_limits`).
        from_row_limits row_limits Limits;
    }

    from_nested_rows! {
        /// Rows of rows of `flat_values` by their row splits (`tf.RaggedTensor.from_nested_row_splits`).
        ///
        /// ```
        /// use tfhub::ops::ragged::RaggedTensor;
        /// # let g = tfhub::GraphBuilder::new();
        /// let values = g.value([3, 1, 4, 1]);
        /// let x = RaggedTensor::from_nested_row_splits(values, [vec![0i64, 2, 2], vec![0, 3, 4]], ());
        /// assert_eq!(x.shape().to_string(), "[2, ?, ?]");
        /// ```
        from_nested_row_splits nested_row_splits Splits "RaggedFromNestedRowSplits";
        /// Rows of rows of `flat_values` by their lengths (`tf.RaggedTensor.from_nested_row_lengths`).
        from_nested_row_lengths nested_row_lengths Lengths "RaggedFromNestedRowlengths";
    }
}

impl<'g> Nodes<'g> {
    /// A ragged tensor of parts that are known to fit.
    #[track_caller]
    pub(crate) fn ragged(
        self,
        rows: Rows,
        values: impl Into<AnyMaybeRagged<'g>>,
        partition: impl Into<Arg<'g>>,
    ) -> AnyRaggedTensor<'g> {
        let (values, partition) = (values.into().into(), partition.into());
        self.ragged_as(rows.function(), rows, values, partition, false)
    }

    /// `from_nested_row_splits` and `from_nested_row_lengths` of parts that are known to fit.
    #[track_caller]
    pub(super) fn ragged_nested(
        self,
        rows: Rows,
        flat_values: impl Into<AnyMaybeRagged<'g>>,
        nested: &[AnyTensor<'g>],
    ) -> AnyMaybeRagged<'g> {
        let _scope = self.open_scope(match rows {
            Rows::Lengths => "RaggedFromNestedRowlengths",
            _ => "RaggedFromNestedRowSplits",
        });
        let flat_values = flat_values.into();
        let add = |values: AnyMaybeRagged<'g>, splits: &AnyTensor<'g>| {
            self.ragged(rows, values, *splits).into()
        };
        nested.iter().rev().fold(flat_values, add)
    }

    /// The rows from the innermost to the outermost.
    #[track_caller]
    pub(super) fn nested(
        self,
        rows: Rows,
        values: Argument<'g>,
        nested: Vec<Arg<'g>>,
        validate: bool,
    ) -> AnyRaggedTensor<'g> {
        let mut values = values;
        let mut made = None;
        for partition in nested.into_iter().rev() {
            let ragged = self.ragged_as(rows.function(), rows, values, partition, validate);
            values = AnyMaybeRagged::from(ragged.clone()).into();
            made = Some(ragged);
        }
        made.unwrap_or_else(|| self.no_rows())
    }

    #[track_caller]
    pub(super) fn no_rows(self) -> AnyRaggedTensor<'g> {
        let message = "expected the rows of at least one ragged dimension, found none";
        self.0.report(Rule::Inputs, message);
        AnyRaggedTensor::poison(self.0)
    }

    /// Values and one of the forms of rows, under a name.
    #[track_caller]
    pub(super) fn ragged_as(
        self,
        name: &str,
        rows: Rows,
        values: Argument<'g>,
        partition: Arg<'g>,
        validate: bool,
    ) -> AnyRaggedTensor<'g> {
        let _scope = self.open_scope(name);
        let (values, partition) = self.partitioned(values, partition, rows.argument());
        if partition.shape().rank().is_some_and(|rank| rank != 1) {
            let found = partition.shape();
            let argument = rows.argument();
            let message = format!("{argument}: expected a vector, found shape {found}");
            self.0.report(Rule::Shape, message);
            return AnyRaggedTensor::poison(self.0);
        }
        if partition.is_poison() || values.flat_values().is_poison() {
            return AnyRaggedTensor::poison(self.0);
        }
        let dtype = partition.dtype();
        let nvals = (rows == Rows::Starts).then(|| self.nrows_of(&values, dtype));
        let partition = match validate {
            true => self.checked(rows, &values, partition, nvals),
            false => partition,
        };
        let zero = || Arg::List(vec![0.into()]);
        let row_splits = match rows {
            Rows::Splits => partition,
            Rows::Lengths => {
                let limits = self.cumsum(partition);
                self.concat(vec![zero(), limits.into()], 0)
            }
            Rows::Starts => {
                let nvals = Arg::List(nvals.into_iter().map(Arg::from).collect());
                self.concat(vec![partition.into(), nvals], 0)
            }
            Rows::Limits => {
                let zero = self.filled("zeros", 0.0, dtype, [1].into());
                self.concat(vec![zero.into(), partition.into()], 0)
            }
        };
        let row_lengths = (rows == Rows::Lengths).then_some(partition);
        let partition = Partition {
            row_lengths,
            ..Partition::of_splits(row_splits)
        };
        AnyRaggedTensor::new(values, partition)
    }

    /// Values and rows as tensors whose row splits are of one dtype.
    #[track_caller]
    pub(super) fn partitioned(
        self,
        values: Argument<'g>,
        partition: Arg<'g>,
        name: &str,
    ) -> (AnyMaybeRagged<'g>, AnyTensor<'g>) {
        match values.0 {
            Given::Ragged(values) => {
                let dtype = values.row_splits_dtype();
                let partition = match partition {
                    Arg::Value(value) => self.converted(name, dtype, &value),
                    partition => partition.convert(self.0, name, dtype),
                };
                let fits = is_of_one_kind(self.0, [values.row_splits(), partition]);
                let poison = AnyTensor::poison(self.0);
                (values.into(), if fits { partition } else { poison })
            }
            Given::Dense(values) => {
                let values = values.convert(self.0, "values", DType::Float32);
                (values.into(), partition.convert(self.0, name, DType::Int64))
            }
        }
    }

    /// The rows, once the graph has checked them.
    #[track_caller]
    fn checked(
        self,
        rows: Rows,
        values: &AnyMaybeRagged<'g>,
        partition: AnyTensor<'g>,
        nvals: Option<AnyTensor<'g>>,
    ) -> AnyTensor<'g> {
        let function = match rows {
            Rows::Splits => "from_row_splits",
            Rows::Lengths => "from_row_lengths",
            Rows::Starts => "from_row_starts",
            Rows::Limits => "from_row_limits",
        };
        let checks = Checks::of(self, function);
        let sum = (rows == Rows::Lengths).then(|| self.sum_all(partition));
        let nvals = nvals.unwrap_or_else(|| self.nrows_of(values, partition.dtype()));
        let first = |to: i32| self.index(partition, [Slice::to(to)]);
        let last = || self.index(partition, [Slice::from(-1)]);
        let mut all = vec![checks.rank(partition, 1)];
        match rows {
            Rows::Splits => {
                all.push(checks.zero(self.at(partition, 0)));
                all.push(checks.ascending(partition));
                let last = self.at(partition, -1);
                all.push(checks.compared(Comparison::EQUAL, last, nvals));
            }
            Rows::Lengths => {
                all.push(checks.non_negative(partition));
                let sum = sum.unwrap_or(partition);
                all.push(checks.compared(Comparison::EQUAL, sum, nvals));
            }
            Rows::Starts => {
                all.push(checks.zero(first(1)));
                all.push(checks.ascending(partition));
                all.push(checks.compared(Comparison::LESS_EQUAL, last(), nvals));
            }
            Rows::Limits => {
                all.push(checks.non_negative(first(1)));
                all.push(checks.ascending(partition));
                all.push(checks.compared(Comparison::EQUAL, last(), nvals));
            }
        }
        all.extend(checks.at_least_vector(values));
        self.0.with_dependencies(&all, partition)
    }

    /// The size of the first dimension.
    #[track_caller]
    pub(super) fn nrows_of(self, x: &AnyMaybeRagged<'g>, dtype: DType) -> AnyTensor<'g> {
        match x {
            AnyMaybeRagged::Dense(x) => self.at(self.shape_as("Shape", *x, dtype), 0),
            AnyMaybeRagged::Ragged(x) => x.nrows_of(dtype),
        }
    }

    /// `tf.cumsum` of a vector.
    #[track_caller]
    pub(super) fn cumsum(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        self.binary("Cumsum", x, 0)
    }
}
