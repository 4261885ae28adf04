//! Shapes of ops that take slices of a tensor by index, and of those that put them there.

use super::dims::elements;
use super::{
    Inference, Inferred, at_least_rank, known, merge, normal_axis, one, one_unknown, refuse,
    tensor, unchanged,
};
use crate::graph::facts::{OpFacts, kernel, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Gather", gather).moves(kernel::gather::gather),
    op("GatherNd", gather_nd).moves(kernel::gather::gather_nd),
    op("GatherV2", gather_v2).moves(kernel::gather::gather),
    op("InplaceAdd", unchanged),
    op("InplaceSub", unchanged),
    op("InplaceUpdate", unchanged),
    op("ScatterNd", scatter_nd)
        .kernel(kernel::gather::scatter_nd)
        .value(known::pick::scatter_nd),
    op("ScatterNdNonAliasingAdd", scatter_add),
    op("TensorScatterAdd", tensor_scatter).value(known::pick::scatter_add),
    op("TensorScatterSub", tensor_scatter).value(known::pick::scatter_sub),
    op("TensorScatterUpdate", tensor_scatter).value(known::pick::scatter_update),
];

fn gather(i: &Inference<'_>) -> Inferred {
    let (params, indices) = (i.input(0), i.input(1));
    at_least_rank(params, 1, "the params")?;
    one(indices.joined(&params.without_first(1)))
}

fn gather_v2(i: &Inference<'_>) -> Inferred {
    let (params, indices) = (i.input(0), i.input(1));
    at_least_rank(params, 1, "the params")?;
    i.check_scalars(2..3)?;
    let axis = i.integer(2);
    if let Some(axis) = axis {
        let needed = if axis < 0 {
            axis.unsigned_abs()
        } else {
            axis as u64 + 1
        };
        at_least_rank(params, needed as usize, "the params")?;
        let needed = match i.int("batch_dims") {
            negative @ ..0 => negative.unsigned_abs(),
            batch => batch as u64 + 1,
        };
        at_least_rank(params, needed as usize, "the params")?;
    }
    let (Some(params), Some(rows)) = (params.dims(), indices.dims()) else {
        return one_unknown();
    };
    let Some(axis) = axis else {
        return one(Shape::unknown_of_rank(params.len() - 1 + rows.len()));
    };
    let axis = normal_axis(axis, params.len())?;
    // More batch dimensions than there are do not bother TensorFlow here.
    let batch = match i.int("batch_dims") {
        negative @ ..0 => normal_axis(negative, rows.len())?,
        batch => rows.len().min(batch as usize),
    };
    let (outer, inner) = (&params[..axis], &params[axis + 1..]);
    one([outer, &rows[batch..], inner].concat().into())
}

fn gather_nd(i: &Inference<'_>) -> Inferred {
    gathered(i.input(0), i.input(1))
}

/// A slice of the params for each row of the indices.
pub(super) fn gathered(params: &Shape, indices: &Shape) -> Inferred {
    at_least_rank(indices, 1, "the indices")?;
    let (Some(params), Some(indices)) = (params.dims(), indices.dims()) else {
        return one_unknown();
    };
    let Some((Some(depth), rows)) = indices.split_last() else {
        return one_unknown();
    };
    let Some(rest) = params.get(*depth..) else {
        return refuse(format_args!(
            "the last dimension of the indices must be at most {}, found {depth}",
            params.len()
        ));
    };
    one([rows, rest].concat().into())
}

fn scatter_nd(i: &Inference<'_>) -> Inferred {
    let out = i.dims_from_input(2)?;
    check_scatter(i.input(0), i.input(1), &out)?;
    one(out)
}

fn scatter_add(i: &Inference<'_>) -> Inferred {
    check_scatter(i.input(1), i.input(2), i.input(0))?;
    unchanged(i)
}

fn tensor_scatter(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "the tensor")?;
    scatter_add(i)
}

/// The updates are one slice of the result for each index.
pub(super) fn check_scatter(indices: &Shape, updates: &Shape, out: &Shape) -> Inferred<()> {
    at_least_rank(indices, 1, "the indices")?;
    at_least_rank(updates, 1, "the updates")?;
    let some = |shape: &Shape| elements(shape).is_some_and(|count| count > 0);
    if elements(out) == Some(0) && (some(indices) || some(updates)) {
        return refuse(format_args!(
            "there is nothing to update in a shape of {out}"
        ));
    }
    let (Some(updates), Some(outer)) = (updates.dims(), indices.rank().map(|rank| rank - 1)) else {
        return Ok(());
    };
    let Some(depth) = indices.dim(-1) else {
        return Ok(());
    };
    let (rows, slices) = updates.split_at(outer.min(updates.len()));
    let what = "the first dimensions of indices and updates";
    merge(&indices.without_last(1), &tensor(rows), what)?;
    let what = "the last dimensions of the result and of the updates";
    merge(&out.without_first(depth), &tensor(slices), what)?;
    Ok(())
}
