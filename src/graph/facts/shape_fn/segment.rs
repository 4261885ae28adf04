//! Shapes of segment reductions, number sequences, histograms and other results whose size is an input.

use super::{
    Inference, Inferred, agree, at_least_rank, known, merge_dims, one, one_unknown, refuse,
    unchanged, vector,
};
use crate::dtype::DType;
use crate::graph::facts::{OpFacts, kernel, op};

pub(super) const TABLE: &[OpFacts] = &[
    op("Bincount", |i| one(vector(i.count(1)?))).value(known::order::bincount),
    op("HistogramFixedWidth", histogram),
    op("LinSpace", lin_space).moves(kernel::fill::lin_space),
    op("Range", range)
        .kernel(kernel::fill::range)
        .value(known::join::range),
    op("Roll", roll).value(known::pick::roll),
    op("SegmentMax", segment),
    op("SegmentMean", segment),
    op("SegmentMin", segment),
    op("SegmentProd", segment),
    op("SegmentSum", segment),
    op("SparseSegmentMean", sparse_segment),
    op("SparseSegmentMeanGrad", sparse_segment_of_count),
    op("SparseSegmentMeanWithNumSegments", sparse_segment_of_count),
    op("SparseSegmentSqrtN", sparse_segment),
    op("SparseSegmentSqrtNGrad", sparse_segment_of_count),
    op("SparseSegmentSqrtNWithNumSegments", sparse_segment_of_count),
    op("SparseSegmentSum", sparse_segment),
    op("SparseSegmentSumWithNumSegments", sparse_segment_of_count),
    op("UnsortedSegmentMax", unsorted_segment),
    op("UnsortedSegmentMin", unsorted_segment),
    op("UnsortedSegmentProd", unsorted_segment),
    op("UnsortedSegmentSum", unsorted_segment),
];

fn segment(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "\"data\"")?;
    i.dims(1, 1, "\"segment_ids\"")?;
    one(vector(None).joined(&i.input(0).without_first(1)))
}

fn check_sparse_segment(i: &Inference<'_>) -> Inferred<()> {
    i.at_least_rank(0, 1, &i.input_name(0))?;
    i.dims(1, 1, "\"indices\"")?;
    i.dims(2, 1, "\"segment_ids\"")?;
    agree(i.input(1), i.input(2))
}

fn sparse_segment(i: &Inference<'_>) -> Inferred {
    check_sparse_segment(i)?;
    one(vector(None).joined(&i.input(0).without_first(1)))
}

fn sparse_segment_of_count(i: &Inference<'_>) -> Inferred {
    check_sparse_segment(i)?;
    let count = i.count(3)?;
    one(vector(count).joined(&i.input(0).without_first(1)))
}

fn unsorted_segment(i: &Inference<'_>) -> Inferred {
    let (data, ids) = (i.input(0), i.input(1));
    i.check_scalars(2..3)?;
    let Some(id_dims) = ids.dims() else {
        return one_unknown();
    };
    let count = i.count(2)?;
    at_least_rank(data, id_dims.len(), "\"data\"")?;
    for (at, &id_dim) in id_dims.iter().enumerate() {
        let what = format!("dimensions {at} of \"data\" and \"segment_ids\"");
        merge_dims(data.dim(at as isize), id_dim, &what)?;
    }
    one(vector(count).joined(&data.without_first(id_dims.len())))
}

fn histogram(i: &Inference<'_>) -> Inferred {
    let range = i.dims(1, 1, "\"value_range\"")?;
    merge_dims(range[0], Some(2), "the length of \"value_range\" and 2")?;
    let bins = i.count(2)?;
    if bins == Some(0) {
        return Err("\"nbins\" must be positive, found 0".into());
    }
    one(vector(bins))
}

fn lin_space(i: &Inference<'_>) -> Inferred {
    i.check_scalars(0..2)?;
    let num = i.count(2)?;
    if num == Some(0) {
        return Err("\"num\" must be positive, found 0".into());
    }
    one(vector(num))
}

fn roll(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "\"input\"")?;
    i.at_most_rank(1, 1, "\"shift\"")?;
    agree(i.input(1), i.input(2))?;
    unchanged(i)
}

fn range(i: &Inference<'_>) -> Inferred {
    i.check_scalars(0..3)?;
    let len = match i.node.type_attr("Tidx") {
        Some(DType::Int32 | DType::Int64) => whole_range(i)?,
        Some(DType::Float32 | DType::Float64) => fractional_range(i)?,
        _ => None,
    };
    one(vector(len))
}

fn whole_range(i: &Inference<'_>) -> Inferred<Option<usize>> {
    let value = |index| i.integers(index)?.first().copied();
    let (Some(start), Some(limit), Some(delta)) = (value(0), value(1), value(2)) else {
        return Ok(None);
    };
    if delta == 0 {
        return Err("the delta is 0".into());
    }
    let distance = if delta > 0 {
        limit.checked_sub(start)
    } else {
        start.checked_sub(limit)
    };
    let Some(distance @ 0..) = distance else {
        return refuse(format_args!(
            "a range from {start} to {limit} cannot have the delta {delta}"
        ));
    };
    let len = (distance as u64).div_ceil(delta.unsigned_abs());
    Ok(usize::try_from(len).ok())
}

fn fractional_range(i: &Inference<'_>) -> Inferred<Option<usize>> {
    let value = |index| i.real(index);
    let (Some(start), Some(limit), Some(delta)) = (value(0), value(1), value(2)) else {
        return Ok(None);
    };
    if delta == 0.0 {
        return Err("the delta is 0".into());
    }
    if (start > limit && delta > 0.0) || (start < limit && delta < 0.0) {
        return refuse(format_args!(
            "a range from {start} to {limit} cannot have the delta {delta}"
        ));
    }
    // Each step is rounded to the element type.
    let steps = match i.node.type_attr("Tidx") {
        Some(DType::Float32) => {
            f64::from(((limit as f32 - start as f32) / delta as f32).abs().ceil())
        }
        _ => ((limit - start) / delta).abs().ceil(),
    };
    Ok((steps < f64::from(u32::MAX)).then_some(steps as usize))
}
