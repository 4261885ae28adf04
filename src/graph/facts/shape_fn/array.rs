//! Shapes of placeholders, constants and ops that move elements around.

use super::dims::{both, each_dim, elements, negative, product, unmarked};
use super::{
    Dim, Inference, Inferred, all_unchanged, at_least_rank, declared, expect_dim, io, known, like,
    marked, matrix, merge_dims, normal_axis, one, one_merged, one_unknown, refuse, scalar,
    shape_attr, shape_from_input, slice, tensor, tensors, unchanged, vector, with_rank,
};
use crate::dtype::DType;
use crate::graph::attr::shape_from_proto;
use crate::graph::facts::{Evaluation, Folding, OpFacts, kernel, op};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Bitcast", bitcast).value(known::compute::bitcast),
    op("BroadcastArgs", broadcast_args).value(known::pick::broadcast_args),
    op("BroadcastGradientArgs", two_lists).values(known::join::broadcast_gradient_args),
    op("BroadcastTo", broadcast_to).moves(kernel::layout::broadcast_to),
    op("CheckNumerics", unchanged).kernel(kernel::fill::hand_on),
    op("ConjugateTranspose", transpose),
    op("Const", constant)
        .kernel(kernel::fill::constant)
        .constant(known::compute::constant),
    op("DeepCopy", unchanged).handle(known::handle::first),
    op("EditDistance", edit_distance),
    op("Empty", shape_from_input),
    op("EnsureShape", ensure_shape).moves(kernel::fill::hand_on),
    op("ExpandDims", expand_dims).moves(kernel::layout::expand_dims),
    op("Fill", fill)
        .moves(kernel::fill::fill)
        .handle(known::handle::second),
    op("Fingerprint", fingerprint),
    op("GuaranteeConst", unchanged)
        .moves(kernel::fill::hand_on)
        .handle(known::handle::first),
    op("Identity", unchanged)
        .moves(kernel::fill::hand_on)
        .handle(known::handle::first),
    op("IdentityN", all_unchanged).moves(kernel::fill::hand_on_all),
    op("ImmutableConst", declared),
    op("InvertPermutation", |i| one(i.ranked(0, 1)?.into())).value(known::join::invert_permutation),
    op("ListDiff", two_lists).values(known::join::list_diff),
    op("LowerBound", bound).value(known::order::lower_bound),
    op("MirrorPad", pad).kernel(kernel::layout::mirror_pad),
    op("MirrorPadGrad", mirror_pad_grad),
    op("OneHot", one_hot).moves(kernel::gather::one_hot),
    op("OnesLike", unchanged).moves(kernel::fill::ones_like),
    op("Pad", pad).moves(kernel::layout::pad),
    op("PadV2", pad).moves(kernel::layout::pad),
    op("Placeholder", placeholder),
    op("PlaceholderWithDefault", placeholder_with_default)
        .kernel(kernel::fill::hand_on)
        .evaluation(Evaluation::Never),
    op("PreventGradient", unchanged)
        .moves(kernel::fill::hand_on)
        .handle(known::handle::first),
    op("Rank", scalar)
        .kernel(kernel::fill::rank)
        .folding(Folding::OfShapes(known::compute::rank))
        .follows_from(|shape| shape.rank().is_some()),
    op("Reshape", |i| one(reshaped(i)?)).moves(kernel::layout::reshape),
    op("Reverse", reverse).value(known::pick::reverse),
    op("ReverseSequence", reverse_sequence),
    op("ReverseV2", reverse_v2).moves(kernel::layout::reverse),
    op("Shape", shape)
        .kernel(kernel::fill::shape)
        .folding(Folding::OfShapes(known::compute::shape))
        .follows_from(Shape::is_static)
        .listed(known::listed::shape),
    op("ShapeN", |i| {
        let mut shapes = Vec::new();
        for shape in i.inputs() {
            shapes.push(vector(shape.rank()));
        }
        Ok(shapes)
    })
    .kernel(kernel::fill::shape)
    .folding(Folding::OfShapes(known::compute::shape))
    .listed(known::listed::shape),
    op("Size", scalar)
        .kernel(kernel::fill::size)
        .folding(Folding::OfShapes(known::compute::size))
        .follows_from(Shape::is_static),
    op("Slice", slice::slice).moves(kernel::layout::slice),
    op("Snapshot", unchanged)
        .moves(kernel::fill::hand_on)
        .handle(known::handle::first),
    op("Squeeze", squeeze).moves(kernel::layout::squeeze),
    op("StopGradient", unchanged)
        .moves(kernel::fill::hand_on)
        .handle(known::handle::first),
    op("StridedSlice", slice::strided_slice)
        .moves(kernel::layout::strided_slice)
        .listed(known::listed::sliced)
        .handle(known::handle::sliced),
    op("StridedSliceGrad", shape_from_input),
    op("TensorStridedSliceUpdate", unchanged),
    op("Tile", tile).moves(kernel::layout::tile),
    op("Transpose", transpose).moves(kernel::layout::transpose),
    op("Unique", |i| {
        i.ranked(0, 1)?;
        unique(i)
    })
    .values(known::pick::unique),
    op("UniqueV2", unique).values(known::pick::unique),
    op("UniqueWithCounts", unique).values(known::pick::unique),
    op("UniqueWithCountsV2", unique).values(known::pick::unique),
    op("UnravelIndex", unravel_index),
    op("UpperBound", bound).value(known::order::upper_bound),
    op("Where", |i| one(tensor(&[None, i.input(0).rank()])))
        .moves(kernel::gather::positions_of_true),
    op("ZerosLike", unchanged)
        .moves(kernel::fill::zeros_like)
        .handle(known::handle::first),
];

/// The last version whose programs say of an unknown shape that it is a scalar's.
const LAST_WITHOUT_SCALARS: i32 = 21;

fn placeholder(i: &Inference<'_>) -> Inferred {
    let shape = shape_attr(i, "shape");
    let is_unknown = i.producer <= LAST_WITHOUT_SCALARS && shape.rank() == Some(0);
    one(if is_unknown { Shape::unknown() } else { shape })
}

fn placeholder_with_default(i: &Inference<'_>) -> Inferred {
    let declared = shape_attr(i, "shape");
    let input = i.input(0);
    if !declared.is_compatible_with(input) {
        return refuse(format_args!(
            "the default's shape {input} does not fit the declared {declared}"
        ));
    }
    one(declared)
}

fn constant(i: &Inference<'_>) -> Inferred {
    let shape = match i.node.attr("value") {
        Some(Value::Tensor(tensor)) => tensor.tensor_shape.as_ref(),
        _ => None,
    };
    one(shape.map_or(Shape::scalar(), shape_from_proto))
}

fn shape(i: &Inference<'_>) -> Inferred {
    one(vector(i.input(0).rank()))
}

fn squeeze(i: &Inference<'_>) -> Inferred {
    one(squeezed(i, i.input(0))?)
}

/// The shape of `Squeeze`'s output.
pub(super) fn squeezed(i: &Inference<'_>, input: &Shape) -> Inferred<Shape> {
    let Some(dims) = input.dims() else {
        return Ok(Shape::unknown());
    };
    let axes = i.int_list("squeeze_dims");
    if axes.is_empty() {
        // A dimension that is not known may be one of those that vanish.
        if !input.is_static() {
            return Ok(Shape::unknown());
        }
        return Ok(dims.iter().copied().filter(|&dim| dim != Some(1)).collect());
    }
    for &axis in axes {
        let axis = normal_axis(axis, dims.len())?;
        if let Some(dim @ (0 | 2..)) = dims[axis] {
            return refuse(format_args!(
                "dimension {axis} must be 1 to be dropped, it is {dim}"
            ));
        }
    }
    Ok(unmarked(dims, &marked(axes, dims.len())?, false))
}

fn tile(i: &Inference<'_>) -> Inferred {
    let times = i.dims_from_input(1)?;
    let Some(rank) = i.input(0).rank().or(times.rank()) else {
        return one_unknown();
    };
    let dims = i.dims(0, rank, "the input")?;
    let times = with_rank(&times, rank, "what the multiples make")?;
    each_dim(rank, &|at| Ok(product(dims[at], times[at])))
}

fn fill(i: &Inference<'_>) -> Inferred {
    i.dims(0, 1, "the dimensions")?;
    i.dims(1, 0, "the value")?;
    if let Some(size) = negative(i.integers(0).as_deref()) {
        return refuse(format_args!(
            "dimensions must not be negative, found {size}"
        ));
    }
    shape_from_input(i)
}

/// The first input with the shape that the second lists; one -1 stands for what is left.
pub(super) fn reshaped(i: &Inference<'_>) -> Inferred<Shape> {
    let input = i.input(0);
    let out = i.dims_from_input(1)?;
    let (Some(from), Some(to)) = (input.dims(), out.dims()) else {
        return Ok(out);
    };
    let (Some(from), Some((count, missing))) = (counted(from), counted(to)) else {
        return Ok(out);
    };
    let fits = match (from, missing) {
        ((whole, None), None) => whole == count,
        ((whole, None), Some(axis)) if whole % count == 0 => {
            return Ok(out.with_dim(axis as isize, Some(whole / count)));
        }
        ((_, None), Some(_)) => false,
        ((part, Some(_)), None) => count % part == 0,
        ((_, Some(_)), Some(_)) => true,
    };
    if fits {
        return Ok(out);
    }
    refuse(format_args!(
        "a tensor of shape {input} cannot be reshaped to {out}"
    ))
}

/// The product of the dimensions that are known, and the only one that is not; without elements, nothing is missing.
fn counted(dims: &[Dim]) -> Option<(usize, Option<usize>)> {
    let (mut count, mut only, mut unknown) = (Some(1), None, 0);
    for (at, &dim) in dims.iter().enumerate() {
        match dim {
            Some(_) => count = product(count, dim),
            None => (only, unknown) = (Some(at), unknown + 1),
        }
    }
    match (count?, unknown) {
        (0, _) => Some((0, None)),
        (count, 0 | 1) => Some((count, only)),
        _ => None,
    }
}

fn transpose(i: &Inference<'_>) -> Inferred {
    let (input, perm) = (i.input(0), i.integers(1));
    let listed = elements(i.input(1));
    let Some(rank) = input.rank().or(listed).or(perm.as_ref().map(Vec::len)) else {
        return one_unknown();
    };
    // The permutation of a vector may be given for a scalar too.
    if input.rank().is_none() && rank < 2 {
        return one_unknown();
    }
    i.dims(1, 1, "the permutation")?;
    if listed.is_some_and(|listed| listed != rank) {
        return refuse(format_args!(
            "the permutation has {} entries, the input's shape is {input}",
            listed.unwrap_or(0)
        ));
    }
    let dims = with_rank(input, rank, "the input")?;
    let Some(perm) = perm else {
        return one(Shape::unknown_of_rank(rank));
    };
    each_dim(perm.len(), &|at| Ok(dims[normal_axis(perm[at], rank)?]))
}

fn expand_dims(i: &Inference<'_>) -> Inferred {
    if let Some(axes) = i.integers(1).filter(|axes| axes.len() != 1) {
        return refuse(format_args!("expected one axis, found {axes:?}"));
    }
    one(expanded(i, i.input(0))?)
}

/// The shape of `ExpandDims`' output.
pub(super) fn expanded(i: &Inference<'_>, input: &Shape) -> Inferred<Shape> {
    let (Some(dims), Some(axis)) = (input.dims(), i.integer(1)) else {
        return Ok(Shape::unknown());
    };
    let mut dims = dims.to_vec();
    dims.insert(normal_axis(axis, dims.len() + 1)?, Some(1));
    Ok(dims.into())
}

/// A pair of paddings for each dimension; the rank that follows from them and the input.
fn paddings(i: &Inference<'_>) -> Inferred<(Option<usize>, Option<Vec<i64>>)> {
    let sizes = i.dims(1, 2, "the paddings")?;
    expect_dim(sizes[1], 2, "the number of sides")?;
    let rank = merge_dims(
        sizes[0],
        i.input(0).rank(),
        "the ranks of paddings and input",
    )?;
    let values = i.integers(1);
    if let Some(size) = negative(values.as_deref()) {
        return refuse(format_args!("paddings must not be negative, found {size}"));
    }
    Ok((
        rank.or(values.as_ref().map(|values| values.len() / 2)),
        values,
    ))
}

/// Pads each dimension, or crops it.
fn repadded(
    i: &Inference<'_>,
    rank: usize,
    values: Option<Vec<i64>>,
    padded: fn(usize, usize) -> Option<usize>,
) -> Inferred {
    let Some(values) = values else {
        return one(Shape::unknown_of_rank(rank));
    };
    let dims = i.dims(0, rank, "the input")?;
    each_dim(rank.min(values.len() / 2), &|at| {
        let Some(dim) = dims[at] else {
            return Ok(None);
        };
        let margins = (values[2 * at] as usize).saturating_add(values[2 * at + 1] as usize);
        match padded(dim, margins) {
            None => refuse(format_args!(
                "paddings of {margins} do not fit a dimension of {dim}"
            )),
            new => Ok(new),
        }
    })
}

fn pad(i: &Inference<'_>) -> Inferred {
    match paddings(i)? {
        (Some(rank), values) => repadded(i, rank, values, usize::checked_add),
        (None, _) => one_unknown(),
    }
}

fn mirror_pad_grad(i: &Inference<'_>) -> Inferred {
    // The number of sides is not looked at where that of the rows is unknown.
    if i.ranked(1, 2)?[0].is_none() {
        return one_unknown();
    }
    match paddings(i)? {
        (Some(rank), values) => repadded(i, rank, values, usize::checked_sub),
        (None, _) => one_unknown(),
    }
}

fn one_hot(i: &Inference<'_>) -> Inferred {
    let depth = i.size_from_input(1)?;
    let axis = i.int("axis");
    if axis < -1 {
        return refuse(format_args!(
            "an axis of at least -1 is expected, found {axis}"
        ));
    }
    let Some(dims) = i.input(0).dims() else {
        return one_unknown();
    };
    let mut dims = dims.to_vec();
    dims.insert(axis.rem_euclid(dims.len() as i64 + 1) as usize, depth);
    one(dims.into())
}

/// Elements that get wider take a last dimension with them, narrower ones add one.
fn bitcast(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    let size = |attr| i.node.type_attr(attr).and_then(DType::size);
    let (Some(dims), Some(from), Some(to)) = (input.dims(), size("T"), size("type")) else {
        return one_unknown();
    };
    let mut dims = dims.to_vec();
    if from < to {
        at_least_rank(input, 1, "the input")?;
        expect_dim(dims.pop().flatten(), to / from, "the last dimension")?;
    } else if from > to {
        dims.push(Some(from / to));
    }
    one(dims.into())
}

fn broadcast_args(i: &Inference<'_>) -> Inferred {
    let (a, b) = (i.vector_len(0)?, i.vector_len(1)?);
    one(vector(both(a, b, |a, b| Some(a.max(b)))))
}

fn broadcast_to(i: &Inference<'_>) -> Inferred {
    let out = i.dims_from_input(1)?;
    let (Some(dims), Some(from)) = (out.dims(), i.input(0).dims()) else {
        return one(out);
    };
    let mut dims = dims.to_vec();
    i.at_most_rank(0, dims.len(), "the input")?;
    for (to, &from) in dims.iter_mut().rev().zip(from.iter().rev()) {
        if from.is_some_and(|from| from > 1) {
            *to = merge_dims(from, *to, "dimensions of the input and of the result")?;
        }
    }
    one(dims.into())
}

/// Each triple of inputs is a sparse tensor; the last dimension of both is compared.
fn edit_distance(i: &Inference<'_>) -> Inferred {
    for first in [0, 3] {
        let indices = i.ranked(first, 2)?;
        let values = i.ranked(first + 1, 1)?;
        let rank = i.ranked(first + 2, 1)?;
        merge_dims(indices[0], values[0], "numbers of indices and of values")?;
        merge_dims(indices[1], rank[0], "ranks of indices and of the shape")?;
    }
    let (Some(a), Some(b)) = (i.integers(2), i.integers(5)) else {
        return one_unknown();
    };
    if a.len() != b.len() {
        return refuse(format_args!(
            "shapes must have equal ranks: found {a:?} and {b:?}"
        ));
    }
    let rows = a.len().saturating_sub(1);
    each_dim(rows, &|at| Ok(usize::try_from(a[at].max(b[at])).ok()))
}

fn ensure_shape(i: &Inference<'_>) -> Inferred {
    let (input, wanted) = (i.input(0), shape_attr(i, "shape"));
    if wanted.rank().is_none() && input.rank().is_some() {
        return refuse(format_args!(
            "a shape of known rank is expected for an input of shape {input}"
        ));
    }
    one_merged(&wanted, input)
}

/// Only one method is allowed; its fingerprints have eight bytes.
fn fingerprint(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "the data")?;
    i.check_scalars(1..2)?;
    let method = io::constant_strings(i, 1);
    match method.as_deref() {
        None | Some([]) => {}
        Some([method, ..]) if method == b"farmhash64" => {}
        Some([method, ..]) => {
            let method = String::from_utf8_lossy(method);
            return refuse(format_args!("method \"{method}\" is not \"farmhash64\""));
        }
    }
    let size = i.known(i.node.inputs[1]).direct.then_some(8);
    one(matrix(i.input(0).dim(0), size))
}

fn bound(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 2)?;
    i.ranked(1, 2)?;
    like(i, 1)
}

/// Two vectors of unknown length, made of two vectors.
fn two_lists(i: &Inference<'_>) -> Inferred {
    i.ranked(0, 1)?;
    i.ranked(1, 1)?;
    tensors(&[&[None], &[None]])
}

/// The dimensions of more than this many axes cannot be reversed.
const MAX_REVERSED: usize = 8;

fn reverse(i: &Inference<'_>) -> Inferred {
    let flags = i.vector_len(1)?;
    i.at_most_rank(0, MAX_REVERSED, "the tensor")?;
    match flags {
        Some(rank) => one(i.dims(0, rank, "the tensor")?.into()),
        None => unchanged(i),
    }
}

fn reverse_v2(i: &Inference<'_>) -> Inferred {
    i.ranked(1, 1)?;
    i.at_most_rank(0, MAX_REVERSED, "the tensor")?;
    if let (Some(axes), Some(rank)) = (i.integers(1), i.input(0).rank()) {
        let mut seen = vec![false; rank];
        for axis in axes {
            if std::mem::replace(&mut seen[normal_axis(axis, rank)?], true) {
                return refuse(format_args!("axis {axis} is given more than once"));
            }
        }
    }
    unchanged(i)
}

fn reverse_sequence(i: &Inference<'_>) -> Inferred {
    let lengths = i.vector_len(1)?;
    let Some(dims) = i.input(0).dims() else {
        return one_unknown();
    };
    let mut dims = dims.to_vec();
    normal_axis(i.int("seq_dim"), dims.len())?;
    let batch = normal_axis(i.int("batch_dim"), dims.len())?;
    dims[batch] = merge_dims(dims[batch], lengths, "the batch and the number of lengths")?;
    one(dims.into())
}

/// The elements, for each input element which of them it is, and perhaps how often each occurs.
fn unique(i: &Inference<'_>) -> Inferred {
    let mut shapes = vec![vector(None); i.node.outputs.len()];
    shapes[1] = i.input(0).clone();
    Ok(shapes)
}

fn unravel_index(i: &Inference<'_>) -> Inferred {
    let axes = i.vector_len(1)?;
    one(match i.input(0).rank() {
        Some(0) => vector(axes),
        Some(_) => matrix(axes, elements(i.input(0))),
        None => Shape::unknown(),
    })
}
