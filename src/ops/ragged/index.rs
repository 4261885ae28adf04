//! Parts of ragged tensors by position: `x[:, 1:3]`.

use super::partition::Rows;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::array::{self, Index, Item};
use crate::ops::nodes::{Arg, Nodes, Size, Slice};

impl<'g, T: TensorType> RaggedTensor<'g, T> {
    /// A part of the ragged tensor, as `x[...]` gives in Python (`tf.RaggedTensor.__getitem__`).
    ///
    /// The index is spelled as that of [`Tensor::slice`](crate::Tensor::slice). A number takes a row, which is a tensor if
    /// one dimension was ragged, and a range takes several rows, or of each row those values that it has. New dimensions
    /// are ragged, and dimensions of the flat values are indexed as those of tensors are.
    ///
    /// ```
    /// use tfhub::ops::array::{Ellipsis, NewAxis, Slice};
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(2, ());
    /// assert_eq!(x.slice(0).ragged().ragged_rank(), 1);
    /// assert_eq!(x.slice((0, -1)).tensor().shape().to_string(), "[?]");
    /// assert_eq!(x.slice((.., 1..3)).shape().to_string(), "[?, ?, ?]");
    /// assert_eq!(x.slice((Ellipsis, Slice::from(..).step(2))).shape().to_string(), "[?, ?, ?]");
    /// assert_eq!(x.slice(NewAxis).ragged().ragged_rank(), 3);
    /// # g.finish().unwrap();
    /// ```
    ///
    /// One position of every row is refused, because some rows may be too short for it; so are an [`Ellipsis`] where
    /// the rank is not known, and more items than there are dimensions.
    ///
    /// [`Ellipsis`]: crate::ops::array::Ellipsis
    #[track_caller]
    pub fn slice(&self, at: impl Index<'g>) -> MaybeRagged<'g, T> {
        let n = self.any.nodes();
        let mut items = Vec::new();
        at.add_to(&mut items);
        let _scope = n.0.open_function_scope("RaggedGetItem");
        let items: Vec<_> = items.into_iter().map(|item| item.checked(n.0)).collect();
        n.part_of(&self.any, &items).typed()
    }
}

/// All positions of a dimension.
fn all<'g>() -> Item<'g> {
    Item::Slice((..).into())
}

fn is_new(item: &Item<'_>) -> bool {
    matches!(item, Item::NewAxis)
}

impl<'g> Nodes<'g> {
    /// `x[...]` of a tensor that may be ragged, in a function of ours.
    #[track_caller]
    pub(in crate::ops) fn ragged_part(
        self,
        x: &AnyMaybeRagged<'g>,
        items: &[Item<'g>],
    ) -> AnyMaybeRagged<'g> {
        match x {
            AnyMaybeRagged::Dense(x) => self.part(*x, items).into(),
            AnyMaybeRagged::Ragged(x) => {
                let _scope = self.open_scope("RaggedGetItem");
                self.part_of(x, items)
            }
        }
    }

    /// A row of a tensor that may be ragged, in a function of ours.
    #[track_caller]
    pub(crate) fn ragged_row(
        self,
        x: &AnyMaybeRagged<'g>,
        at: AnyTensor<'g>,
    ) -> AnyMaybeRagged<'g> {
        self.ragged_part(x, &[Item::At(Size::Tensor(at))])
    }

    #[track_caller]
    fn part_of(self, x: &AnyRaggedTensor<'g>, items: &[Item<'g>]) -> AnyMaybeRagged<'g> {
        let Some((first, rest)) = items.split_first() else {
            return x.clone().into();
        };
        match *first {
            Item::Ellipsis => match self.without_ellipsis(items, x.shape().rank()) {
                Some(items) => self.part_of(x, &items),
                None => AnyTensor::poison(self.0).into(),
            },
            Item::NewAxis => {
                let Some((inner, count)) = self.counted_splits(self.part_of(x, rest)) else {
                    return AnyTensor::poison(self.0).into();
                };
                let splits = self.stack(vec![0.into(), self.sub(count, 1).into()]);
                self.ragged(Rows::Splits, inner, splits).into()
            }
            Item::Slice(range) => self.part_of_rows(self.some_rows(x, range).into(), rest),
            Item::At(place) => {
                let (starts, limits) = (x.row_starts(), x.row_limits());
                let (start, limit) = (self.at(starts, place), self.at(limits, place));
                self.ragged_part(&self.values_between(x, start, limit), rest)
            }
        }
    }

    /// The values from one position to before another.
    #[track_caller]
    fn values_between(
        self,
        x: &AnyRaggedTensor<'g>,
        start: AnyTensor<'g>,
        limit: AnyTensor<'g>,
    ) -> AnyMaybeRagged<'g> {
        let range = array::Slice::new(Size::Tensor(start), Size::Tensor(limit));
        self.ragged_part(&x.values(), &[Item::Slice(range)])
    }

    /// A ragged tensor and the number of its row splits, for a new dimension; only a ragged one has them.
    #[track_caller]
    fn counted_splits(self, x: AnyMaybeRagged<'g>) -> Option<(AnyRaggedTensor<'g>, AnyTensor<'g>)> {
        match x {
            AnyMaybeRagged::Ragged(x) => {
                let splits = x.row_splits();
                let count = self.at(self.shape_as("Shape", splits, splits.dtype()), 0);
                Some((x, count))
            }
            AnyMaybeRagged::Dense(x) if x.is_poison() => None,
            AnyMaybeRagged::Dense(_) => self.refused(
                Rule::Shape,
                "a new dimension before an index that leaves no ragged one",
            ),
        }
    }

    #[track_caller]
    fn some_rows(self, x: &AnyRaggedTensor<'g>, range: array::Slice<'g>) -> AnyRaggedTensor<'g> {
        let [begin, end, step] = range.bounds();
        if begin.is_none() && end.is_none() && step.is_none() {
            return x.clone();
        }
        let item = [Item::Slice(range)];
        let starts = self.part(x.row_starts(), &item);
        let limits = self.part(x.row_limits(), &item);
        let zero = self.filled("zeros", 0.0, x.row_splits_dtype(), [1].into());
        if !matches!(step, None | Some(Size::Known(1))) {
            return self.values_of_ranges(starts, limits, None, x.values());
        }
        // Without rows, the only row split is zero.
        let zero = self.index(zero, [Slice::from(self.size(starts))]);
        let first = self.index(starts, [Slice::to(1)]);
        let splits = self.concat(vec![zero.into(), first.into(), limits.into()], 0);
        let (start, limit) = (self.at(splits, 0), self.at(splits, -1));
        let values = self.values_between(x, start, limit);
        self.ragged(Rows::Splits, values, self.sub(splits, start))
    }

    /// A part within each of the rows, all of which stay.
    #[track_caller]
    fn part_of_rows(self, x: AnyMaybeRagged<'g>, items: &[Item<'g>]) -> AnyMaybeRagged<'g> {
        let Some((first, rest)) = items.split_first() else {
            return x;
        };
        let x = match x {
            AnyMaybeRagged::Dense(x) => return self.part(x, &[&[all()], items].concat()).into(),
            AnyMaybeRagged::Ragged(x) => x,
        };
        match *first {
            Item::Ellipsis => match self.without_ellipsis(items, x.values().shape().rank()) {
                Some(items) => self.part_of_rows(x.into(), &items),
                None => AnyTensor::poison(self.0).into(),
            },
            Item::NewAxis => {
                let inner = self.part_of_rows(x.into(), rest);
                let Some((inner, count)) = self.counted_splits(inner) else {
                    return AnyTensor::poison(self.0).into();
                };
                self.ragged(Rows::Splits, inner, self.numbers_to(count))
                    .into()
            }
            Item::Slice(range) => {
                let x = self.some_columns(x, range);
                let values = self.part_of_rows(x.values(), rest);
                x.with_values(values).into()
            }
            Item::At(_) => {
                let message = "one position of each row of a ragged dimension, which rows may be too short for";
                self.fault(Rule::Shape, message).into()
            }
        }
    }

    #[track_caller]
    fn some_columns(self, x: AnyRaggedTensor<'g>, range: array::Slice<'g>) -> AnyRaggedTensor<'g> {
        let [begin, end, step] = range.bounds();
        if begin.is_none() && end.is_none() && step.is_none() {
            return x;
        }
        let (starts, limits) = (x.row_starts(), x.row_limits());
        // Python takes an end of 0 for none.
        let given = |bound: &Size<'g>| !matches!(bound, Size::Known(0));
        let shifted = |bound: Size<'g>| self.shifted(bound, x.row_starts(), x.row_limits());
        let starts = begin.filter(given).map_or(starts, shifted);
        let limits = end.filter(given).map_or(limits, shifted);
        self.values_of_ranges(starts, limits, step, x.values())
    }

    /// The positions at an offset from the starts of rows, or from their limits if it is negative.
    #[track_caller]
    fn shifted(
        self,
        offset: Size<'g>,
        starts: AnyTensor<'g>,
        limits: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let after = |offset: Arg<'g>| self.minimum(self.add(starts, offset), limits);
        let before = |offset: Arg<'g>| self.maximum(self.add(limits, offset), starts);
        match offset {
            Size::Known(known) if known > 0 => after(offset.into()),
            Size::Known(_) => before(offset.into()),
            Size::Tensor(offset) => {
                let offset = self.cast(offset, starts.dtype());
                let is_after = self.binary("GreaterEqual", offset, 0);
                let (after, before) = (|| after(offset.into()), || before(offset.into()));
                self.0.cond(is_after.typed(), after, before)
            }
        }
    }

    /// The values from each start to before its limit, as rows.
    #[track_caller]
    fn values_of_ranges(
        self,
        starts: AnyTensor<'g>,
        limits: AnyTensor<'g>,
        step: Option<Size<'g>>,
        values: AnyMaybeRagged<'g>,
    ) -> AnyRaggedTensor<'g> {
        let step = Arg::from(step.unwrap_or(Size::Known(1)));
        let step = self.cast(step.convert(self.0, "step", DType::Int32), starts.dtype());
        let bounds = [starts.into(), limits.into(), step.into()];
        let at = self.ragged_range_as("RaggedRange", bounds, starts.dtype());
        let values = match values {
            AnyMaybeRagged::Dense(values) => self.gather(values, at.flat_values, 0).into(),
            values => self.ragged_gather(&values, at.flat_values),
        };
        at.with_values(values)
    }

    /// The items with the ellipsis in front of them for what it stands for: no dimension, or one and those that it still
    /// stands for.
    #[track_caller]
    fn without_ellipsis(
        self,
        items: &[Item<'g>],
        dimensions: Option<usize>,
    ) -> Option<Vec<Item<'g>>> {
        let Some(dimensions) = dimensions else {
            return self.refused(Rule::Shape, "an ellipsis where the rank is not known");
        };
        let indices = items.iter().filter(|item| !is_new(item)).count();
        match indices.cmp(&(dimensions + 1)) {
            std::cmp::Ordering::Greater => {
                let message = format!(
                    "{} items beside an ellipsis for {dimensions} dimensions",
                    indices - 1
                );
                self.refused(Rule::Shape, message)
            }
            std::cmp::Ordering::Equal => Some(items[1..].to_vec()),
            std::cmp::Ordering::Less => Some([&[all()], items].concat()),
        }
    }
}
