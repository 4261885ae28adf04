//! Ragged conditions, and values that a condition chooses.

use super::partition::Rows;
use super::{AnyMaybeRagged, MaybeRagged, RaggedLike, RaggedTensor, is_of_one_kind};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Tensor};
use crate::ops::nodes::{Nodes, Slice};

/// The positions of the values that are true, a row for each (`tf.where` of a ragged tensor with one argument).
///
/// A position has a number for each dimension: an int64 matrix with as many columns.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let is_word = g.ragged_placeholder::<bool>(1, ());
/// assert_eq!(ragged::where_(&is_word).shape().to_string(), "[?, 2]");
/// ```
#[track_caller]
pub fn where_<'g>(condition: &RaggedTensor<'g, bool>) -> Tensor<'g, i64> {
    let n = Nodes(condition.graph());
    // Python gives the scope no other name.
    n.after_dense("Where", "RaggedWhere");
    let _scope = n.open_scope("RaggedWhere");
    n.positions(condition.any().into()).typed()
}

/// The values of `x` where the condition is true and those of `y` elsewhere (`tf.where` with three arguments of which
/// some are ragged).
///
/// All three are ragged and have the same rows, which the graph checks; or the condition is a vector, which chooses
/// rows of `x` and `y`. No other arguments are taken.
///
/// ```
/// use tfhub::ops::ragged;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.ragged_placeholder::<f32>(1, ()), g.ragged_placeholder::<f32>(1, ()));
/// let is_first = g.placeholder::<bool>((None,));
/// let rows = ragged::select(is_first, &x, &y).ragged();
/// assert_eq!(rows.shape().to_string(), "[?, ?]");
/// # g.finish().unwrap();
/// ```
#[track_caller]
pub fn select<'g, T: TensorType>(
    condition: impl RaggedLike<'g, bool>,
    x: impl RaggedLike<'g, T>,
    y: impl RaggedLike<'g, T>,
) -> MaybeRagged<'g, T> {
    let n = Nodes(condition.graph());
    let arguments = [
        condition.into_argument(),
        x.into_argument(),
        y.into_argument(),
    ];
    if !n.any_is_ragged(&arguments) {
        return AnyMaybeRagged::from(AnyTensor::poison(n.0)).typed();
    }
    let names = ["condition", "x", "y"];
    let names_of = |names: [&'static str; 3]| arguments.iter().zip(names);
    n.after_dense_with("Select", "RaggedWhere", || {
        for (argument, name) in names_of(["condition", "t", "e"]) {
            if argument.is_ragged() {
                break;
            }
            argument.clone().convert(n, name);
        }
    });
    arguments.iter().for_each(|argument| argument.probe(n));
    let _scope = n.open_scope("RaggedWhere");
    let mut converted = names_of(names).map(|(argument, name)| argument.clone().convert(n, name));
    let mut next = || {
        converted
            .next()
            .unwrap_or_else(|| AnyTensor::poison(n.0).into())
    };
    let (condition, x, y) = (next(), next(), next());
    n.chosen(condition, x, y).typed()
}

impl<'g> Nodes<'g> {
    /// The positions of the values that are true.
    #[track_caller]
    fn positions(self, condition: AnyMaybeRagged<'g>) -> AnyTensor<'g> {
        let condition = match condition {
            AnyMaybeRagged::Dense(condition) => return self.unary("Where", condition),
            AnyMaybeRagged::Ragged(condition) => condition,
        };
        let of_values = self.positions(condition.values());
        let condition = condition.with_row_splits_dtype(DType::Int64);
        let at = self.index(of_values, [Slice::ALL, Slice::at(0)]);
        let rows = self.gather(condition.value_rowids_as("RaggedValueRowIds"), at, 0);
        let starts = self.gather(condition.row_splits(), rows, 0);
        let columns = self.sub(at, starts);
        let (rows, columns) = (self.expand_dims(rows, 1), self.expand_dims(columns, 1));
        let inner = self.index(of_values, [Slice::ALL, Slice::from(1)]);
        self.concat(vec![rows.into(), columns.into(), inner.into()], 1)
    }

    #[track_caller]
    fn chosen(
        self,
        condition: AnyMaybeRagged<'g>,
        x: AnyMaybeRagged<'g>,
        y: AnyMaybeRagged<'g>,
    ) -> AnyMaybeRagged<'g> {
        let splits = [&condition, &x, &y].map(AnyMaybeRagged::row_splits);
        if !is_of_one_kind(self.0, splits.into_iter().flatten()) {
            return AnyTensor::poison(self.0).into();
        }
        match (condition, x, y) {
            (
                AnyMaybeRagged::Ragged(condition),
                AnyMaybeRagged::Ragged(x),
                AnyMaybeRagged::Ragged(y),
            ) => {
                let splits = [&condition, &x, &y].map(|it| it.nested_row_splits());
                let checks = self.assert_same_splits(&splits);
                self.0.control_dependencies(checks, || {
                    let values = self.select(condition.flat_values, x.flat_values, y.flat_values);
                    self.ragged_nested(Rows::Splits, values, &splits[0])
                })
            }
            (AnyMaybeRagged::Dense(condition), x, y) => {
                let shape = condition.shape();
                if shape.rank().is_some_and(|rank| rank != 1) {
                    let message = format!(
                        "condition: expected a vector or a ragged tensor, found shape {shape}"
                    );
                    return self.fault(Rule::Shape, message).into();
                }
                let both = self.joined_again(vec![x.clone(), y.clone()]);
                let Some(splits) = both.row_splits() else {
                    return AnyTensor::poison(self.0).into();
                };
                let of_x = self.nrows_of(&x, splits.dtype());
                let of_y = self.nrows_of(&y, splits.dtype());
                let (first, second) = (self.numbers_to(of_x), self.numbers_to(of_y));
                let at = self.select(condition, first, self.add(of_x, second));
                self.ragged_gather(&both, at)
            }
            _ => {
                let message = "expected three ragged tensors, or a vector for the condition";
                self.fault(Rule::Shape, message).into()
            }
        }
    }
}
