//! Functions applied to each row of ragged tensors.

mod structures;

use super::MapOptions;
use super::rows::{Ready, write_each};
use super::tensor_array::AnyTensorArray;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::Size;
use crate::ops::nodes::{Arg, Nodes, Slice};
use crate::ops::ragged::{AnyMaybeRagged, AnyRaggedTensor, Rows};

use structures::DeclaredRagged;
pub use structures::{Declared, RaggedElements, RaggedResults, RaggedRow};

impl GraphBuilder {
    /// The results of a function of each row of tensors of which some may be ragged (Python's
    /// `ragged_map_ops.map_fn`).
    ///
    /// The function gets the rows of all elements together. Of its results, a [`Tensor`] is stacked along a new first
    /// dimension, and a [`RaggedRow`] becomes a row of a ragged tensor, whose number of ragged dimensions its type tells.
    ///
    /// ```
    /// use tfhub::control_flow::RaggedRow;
    /// use tfhub::ops::{array, math};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(1, ());
    /// let sums = g.ragged_map_fn(x.clone(), |row| math::reduce_sum(row.tensor(), ()), ());
    /// assert_eq!(sums.shape().to_string(), "[?]");
    /// let reversed = |row| RaggedRow::<f32>::from(array::reverse(row, [0]));
    /// let all = g.ragged_map_fn(x, |row| reversed(row.tensor()), ());
    /// assert_eq!(all.shape().to_string(), "[?, ?]");
    /// # g.finish().unwrap();
    /// ```
    ///
    /// A first element that is a scalar is reported, and so are no elements, ragged tensors with row splits of several
    /// dtypes, and a row that has not one ragged dimension less than its type tells, or other row splits.
    #[track_caller]
    pub fn ragged_map_fn<'g, E, R>(
        &'g self,
        elems: E,
        f: impl FnOnce(E::Row) -> R,
        options: impl Into<MapOptions>,
    ) -> R::All
    where
        E: RaggedElements<'g>,
        R: RaggedResults<'g>,
    {
        let (options, author) = (options.into(), self.author());
        let (n, _scope) = Nodes::in_scope(self, "map");
        let mut flat = Vec::new();
        elems.flatten_into(&mut flat);
        let mut declared = Vec::new();
        R::declare(&mut declared);
        let all = self.with_cached_variables(|| {
            let count = count_of(n, &flat);
            let components: Vec<_> = declared.iter().flat_map(Declared::components).collect();
            let arrays = components
                .iter()
                .map(|&dtype| AnyTensorArray::new(self, dtype, count.into(), options.of_results()));
            let arrays: Vec<_> = arrays.collect();
            let first = n.constant("Const", 0i32).typed::<i32>();
            let body = |(i, arrays): (Tensor<'g, i32>, Vec<AnyTensorArray<'g>>)| {
                let rows = flat.iter().map(|elem| n.ragged_row(elem, i.any()));
                let row = elems.pack(&mut rows.collect::<Vec<_>>().iter());
                let mut values = Vec::new();
                self.at_location(author, || f(row))
                    .flatten_into(&mut values);
                let values = n.components_of(values, &declared);
                let arrays = write_each(&arrays, &values, || Arg::from(i));
                (n.add(i, 1).typed(), arrays)
            };
            let goes_on = |(i, _): (Tensor<'g, i32>, _)| n.binary("Less", i, count).typed();
            let turns = options.turns().at_most(Size::Tensor(count));
            let (_, arrays) = self.while_loop(Ready((first, arrays)), goes_on, body, turns);
            n.put_together(&arrays, &declared)
        });
        R::all(&mut all.iter())
    }
}

/// The number of rows of the first element, as an int32 tensor.
#[track_caller]
fn count_of<'g>(n: Nodes<'g>, elems: &[AnyMaybeRagged<'g>]) -> AnyTensor<'g> {
    let dtypes = elems.iter().filter_map(AnyMaybeRagged::as_ragged);
    let mut dtypes = dtypes.map(AnyRaggedTensor::row_splits_dtype);
    if let Some(first) = dtypes.next() {
        if let Some(other) = dtypes.find(|&other| other != first) {
            let message = format!("expected row splits of one dtype, found {first} and {other}");
            return n.fault(Rule::Inputs, message);
        }
    }
    let count = match elems.first() {
        None => {
            let message = "there are no elements, expected one tensor at least";
            return n.fault(Rule::Structure, message);
        }
        Some(AnyMaybeRagged::Ragged(first)) => first.nrows_of(DType::Int32),
        Some(AnyMaybeRagged::Dense(first)) => match first.shape().dim(0) {
            _ if first.shape().rank() == Some(0) => {
                let message = "element 0 is a scalar, expected a tensor with rows";
                return n.fault(Rule::Structure, message);
            }
            Some(rows @ 1..) => {
                let _scope = n.open_scope("Cast");
                n.constant("x", rows as i32)
            }
            _ => n.at(n.shape(*first), 0),
        },
    };
    n.cast(count, DType::Int32)
}

impl Declared {
    /// The dtypes of the tensors that a result is taken apart into.
    fn components(&self) -> Vec<DType> {
        let lengths = self.ragged.map(|it| vec![it.splits; it.ragged_rank]);
        [vec![self.dtype], lengths.unwrap_or_default()].concat()
    }
}

/// A result on the way into arrays.
enum Converted<'g> {
    Ragged(AnyRaggedTensor<'g>),
    Components(Vec<AnyTensor<'g>>),
}

impl<'g> Nodes<'g> {
    /// The tensors of the results of a turn: flat values, then the lengths of rows of each inner dimension, and their number.
    #[track_caller]
    fn components_of(
        self,
        values: Vec<AnyMaybeRagged<'g>>,
        declared: &[Declared],
    ) -> Vec<AnyTensor<'g>> {
        let pairs = values.into_iter().zip(declared);
        let converted = pairs.map(|(value, declared)| match declared.ragged {
            None => Converted::Components(vec![value.flat_values()]),
            Some(declared) => self.converted_row(value, declared),
        });
        let converted: Vec<_> = converted.collect();
        let apart = converted.into_iter().flat_map(|value| match value {
            Converted::Components(components) => components,
            Converted::Ragged(row) => {
                let mut components = vec![row.flat_values()];
                let splits = row.nested_row_splits().into_iter();
                components.extend(splits.map(|splits| {
                    let limits = self.index(splits, [Slice::from(1)]);
                    self.sub(limits, self.index(splits, [Slice::to(-1)]))
                }));
                let rows = row.nrows_of(row.row_splits_dtype());
                components.push(self.expand_dims(rows, 0));
                components
            }
        });
        apart.collect()
    }

    /// A row as it is declared; that it is another is reported.
    #[track_caller]
    fn converted_row(self, row: AnyMaybeRagged<'g>, declared: DeclaredRagged) -> Converted<'g> {
        let DeclaredRagged {
            ragged_rank,
            splits,
        } = declared;
        let found = row.as_ragged().map_or(1, |row| row.ragged_rank() + 1);
        let of_row = row.row_splits().map_or(splits, |splits| splits.dtype());
        let is_poison = row.flat_values().is_poison();
        if is_poison || found != ragged_rank || of_row != splits {
            if !is_poison {
                let message = format!(
                    "expected a row of {ragged_rank} ragged dimensions with row splits of {splits}, found one of {found} \
                     with {of_row}"
                );
                self.0.report(Rule::Structure, message);
            }
            return Converted::Components(vec![AnyTensor::poison(self.0); ragged_rank + 1]);
        }
        match row {
            AnyMaybeRagged::Ragged(row) => Converted::Ragged(row),
            AnyMaybeRagged::Dense(row) => {
                let count = self.at(self.shape_as("Shape", row, splits), 0);
                Converted::Components(vec![row, self.expand_dims(count, 0)])
            }
        }
    }

    /// The results for all rows of what the arrays hold.
    #[track_caller]
    fn put_together(
        self,
        arrays: &[AnyTensorArray<'g>],
        declared: &[Declared],
    ) -> Vec<AnyMaybeRagged<'g>> {
        let mut rest = arrays.iter();
        let joined = declared.iter().map(|declared| {
            let components = rest.by_ref().take(declared.components().len());
            let joined = components.map(|array| match declared.ragged {
                None => array.stack(),
                Some(_) => array.concat(),
            });
            joined.collect::<Vec<_>>()
        });
        let joined: Vec<_> = joined.collect();
        let put = joined.into_iter().map(|components| {
            let mut components = components.into_iter();
            let values = components
                .next()
                .unwrap_or_else(|| AnyTensor::poison(self.0));
            let mut lengths: Vec<_> = components.collect();
            let outer = lengths.pop();
            let all = lengths.into_iter().rev().chain(outer);
            all.fold(AnyMaybeRagged::from(values), |values, lengths| {
                self.ragged(Rows::Lengths, values, lengths).into()
            })
        });
        put.collect()
    }
}
