//! Parts of partitioned tensors: their places and copying between them.

use std::fmt;
use std::ops::Range;

use crate::proto::tensorflow::TensorSliceProto;
use crate::proto::tensorflow::tensor_slice_proto::Extent;
use crate::proto::tensorflow::tensor_slice_proto::extent::HasLength;

/// A part of a tensor: a range in each dimension.
///
/// ```
/// use tfhub::value::TensorSlice;
///
/// let rows = TensorSlice::new([2..4, 0..3]);
/// assert_eq!(rows.shape(), [2, 3]);
/// assert!(!rows.is_whole(&[10, 3]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TensorSlice(Vec<Range<usize>>);

impl TensorSlice {
    /// The part that has these indices in each dimension.
    pub fn new(ranges: impl Into<Vec<Range<usize>>>) -> Self {
        TensorSlice(ranges.into())
    }

    /// All of a tensor of this shape.
    pub fn whole(shape: &[usize]) -> Self {
        TensorSlice(shape.iter().map(|&dim| 0..dim).collect())
    }

    /// The range in each dimension.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// The sizes of the part.
    pub fn shape(&self) -> Vec<usize> {
        self.0.iter().map(Range::len).collect()
    }

    /// Whether this is all of a tensor of this shape.
    pub fn is_whole(&self, shape: &[usize]) -> bool {
        *self == TensorSlice::whole(shape)
    }

    /// The rows of a matrix of so many columns that the part is, if it has all columns.
    pub(crate) fn whole_rows(&self, columns: usize) -> Option<Range<usize>> {
        match &self.0[..] {
            [rows, found] if *found == (0..columns) => Some(rows.clone()),
            _ => None,
        }
    }

    /// Whether a tensor of this shape has such a part.
    pub(crate) fn is_within(&self, shape: &[usize]) -> bool {
        self.0.len() == shape.len()
            && (self.0.iter().zip(shape))
                .all(|(range, &dim)| range.start <= range.end && range.end <= dim)
    }

    /// Whether two parts have an element in common.
    pub(crate) fn overlaps(&self, other: &TensorSlice) -> bool {
        let mut ranges = self.0.iter().zip(&other.0);
        ranges.all(|(a, b)| a.start.max(b.start) < a.end.min(b.end))
    }

    /// The part that is in both, if any is.
    pub(crate) fn intersection(&self, other: &TensorSlice) -> Option<TensorSlice> {
        let ranges = self.0.iter().zip(&other.0);
        let common = ranges.map(|(a, b)| a.start.max(b.start)..a.end.min(b.end));
        let common: Vec<_> = common.collect();
        (!common.iter().any(Range::is_empty)).then_some(TensorSlice(common))
    }

    /// The number of elements.
    pub(crate) fn num_elements(&self) -> usize {
        self.0.iter().map(Range::len).product()
    }

    /// The part that a message describes of a tensor of this shape; `None` if there is no such part.
    pub(crate) fn from_proto(proto: &TensorSliceProto, shape: &[usize]) -> Option<Self> {
        if proto.extent.len() != shape.len() {
            return None;
        }
        let range = |(extent, &dim): (&Extent, &usize)| {
            let start = usize::try_from(extent.start).ok()?;
            let len = match extent.has_length {
                Some(HasLength::Length(len)) => usize::try_from(len).ok()?,
                None => dim.checked_sub(start)?,
            };
            let end = start.checked_add(len).filter(|&end| end <= dim)?;
            Some(start..end)
        };
        let ranges = proto.extent.iter().zip(shape).map(range);
        ranges.collect::<Option<_>>().map(TensorSlice)
    }

    /// The message as TensorFlow's saver writes it, with the length in every dimension.
    pub(crate) fn to_proto(&self) -> TensorSliceProto {
        let extent = |range: &Range<usize>| Extent {
            start: range.start as i64,
            has_length: Some(HasLength::Length(range.len() as i64)),
        };
        TensorSliceProto {
            extent: self.0.iter().map(extent).collect(),
        }
    }
}

/// The ranges in brackets.
///
/// ```
/// # use tfhub::checkpoint::TensorSlice;
/// assert_eq!(TensorSlice::new([0..2, 1..4]).to_string(), "[0..2, 1..4]");
/// ```
impl fmt::Display for TensorSlice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Copies the elements that two parts of a tensor have in common.
///
/// `bytes` are those of `from` beginning with the byte `position`, a multiple of the element's size; `to` is all of the
/// other part.
pub(crate) fn copy_common<T: Clone>(
    (from, elements, position): (&TensorSlice, &[T], usize),
    (to, target): (&TensorSlice, &mut [T]),
    per_element: usize,
) {
    let Some(common) = from.intersection(to) else {
        return;
    };
    // Trailing dimensions that are whole on both sides count as part of the element.
    let mut unit = per_element;
    let mut rank = common.0.len();
    while rank > 0 && from.0[rank - 1] == to.0[rank - 1] {
        rank -= 1;
        unit *= common.0[rank].len();
    }
    let end = position + elements.len();
    // One copy for each run: the last dimension left, or everything.
    let (run, outer) = match rank {
        0 => (unit, 0),
        _ => (common.0[rank - 1].len() * unit, rank - 1),
    };
    let strides = |slice: &TensorSlice| {
        let mut strides = vec![unit; rank];
        for dim in (1..rank).rev() {
            strides[dim - 1] = strides[dim] * slice.0[dim].len();
        }
        strides
    };
    let (from_strides, to_strides) = (strides(from), strides(to));
    let mut index: Vec<usize> = common.0[..rank].iter().map(|range| range.start).collect();
    loop {
        let place = |slice: &TensorSlice, strides: &[usize]| -> usize {
            let offsets = index.iter().zip(&slice.0).zip(strides);
            offsets
                .map(|((&index, range), stride)| (index - range.start) * stride)
                .sum()
        };
        let (source, destination) = (place(from, &from_strides), place(to, &to_strides));
        if source >= end {
            return;
        }
        let first = source.max(position);
        let last = (source + run).min(end);
        if first < last {
            let at = destination + (first - source);
            target[at..at + (last - first)]
                .clone_from_slice(&elements[first - position..last - position]);
        }
        // The next run, in order.
        let mut dim = outer;
        loop {
            if dim == 0 {
                return;
            }
            dim -= 1;
            index[dim] += 1;
            if index[dim] < common.0[dim].end {
                break;
            }
            index[dim] = common.0[dim].start;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(dim: usize) -> impl Strategy<Value = Range<usize>> {
        (0..dim)
            .prop_flat_map(move |start| (Just(start), start + 1..=dim))
            .prop_map(|(a, b)| a..b)
    }

    fn case() -> impl Strategy<Value = (Vec<usize>, TensorSlice, TensorSlice)> {
        prop::collection::vec(1_usize..5, 0..4).prop_flat_map(|shape| {
            let parts = || shape.iter().map(|&dim| part(dim)).collect::<Vec<_>>();
            (
                Just(shape.clone()),
                parts().prop_map(TensorSlice),
                parts().prop_map(TensorSlice),
            )
        })
    }

    /// The indices in the whole tensor of a part's elements.
    fn elements(shape: &[usize], slice: &TensorSlice) -> Vec<u32> {
        let mut indices = vec![0];
        for (range, &dim) in slice.0.iter().zip(shape) {
            let index = |outer: u32| range.clone().map(move |i| outer * dim as u32 + i as u32);
            indices = indices.into_iter().flat_map(index).collect();
        }
        indices
    }

    proptest! {
        #[test]
        fn what_is_common_is_copied_in_any_chunks((shape, from, to) in case(), chunk in 1_usize..9) {
            let source = elements(&shape, &from);
            let wanted = elements(&shape, &to);
            let mut target = vec![u32::MAX; wanted.len()];
            for (index, part) in source.chunks(chunk).enumerate() {
                copy_common((&from, part, index * chunk), (&to, &mut target), 1);
            }
            let expected: Vec<_> = wanted
                .into_iter()
                .map(|index| if source.contains(&index) { index } else { u32::MAX })
                .collect();
            prop_assert_eq!(target, expected);
        }
    }
}
