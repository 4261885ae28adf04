//! Shapes of ops that move blocks of space to the batch or to the channels and back, and of patches.

use super::conv::Layout;
use super::dims::{positive, product};
use super::{Dim, Inference, Inferred, at_least_rank, matrix, merged, with_rank};
use crate::graph::facts::{OpFacts, op};
use crate::shape::{MAX_RANK, Shape};

pub(super) const TABLE: &[OpFacts] = &[
    op("BatchToSpace", |i| of_images(i, batch_to_space)),
    op("BatchToSpaceND", |i| of_any(i, batch_to_space)),
    op("DepthToSpace", |i| of_channels(i, depth_to_space)),
    op("ExtractImagePatches", patches::<2>),
    op("ExtractVolumePatches", patches::<3>),
    op("SpaceToBatch", |i| of_images(i, space_to_batch)),
    op("SpaceToBatchND", |i| of_any(i, space_to_batch)),
    op("SpaceToDepth", |i| of_channels(i, space_to_depth)),
];

/// The batch and the dimensions of space that `margins`, a pair for each block, make of others.
type Moved = fn(&[Dim], Option<&[i64]>, Option<&[i64]>) -> Inferred<Vec<Dim>>;

fn divided(dim: Dim, by: usize) -> Inferred<Dim> {
    match dim {
        Some(dim) if dim % by != 0 => Err(format!("{by} does not divide a dimension of {dim}")),
        _ => Ok(dim.map(|dim| dim / by)),
    }
}

fn sizes(blocks: Option<&[i64]>) -> Inferred<Option<Vec<usize>>> {
    let size = |&block: &i64| positive(block, "the size of a block");
    blocks
        .map(|blocks| blocks.iter().map(size).collect())
        .transpose()
}

/// The sum of the margins of a dimension.
fn margins(all: &[i64], at: usize) -> Inferred<usize> {
    let pair = all.get(2 * at..2 * at + 2).unwrap_or(&[0, 0]);
    let sum = pair[0].saturating_add(pair[1]);
    match (pair[0] >= 0 && pair[1] >= 0, usize::try_from(sum)) {
        (true, Ok(sum)) => Ok(sum),
        _ => Err(format!("margins must not be negative, found {pair:?}")),
    }
}

fn space_to_batch(
    dims: &[Dim],
    blocks: Option<&[i64]>,
    paddings: Option<&[i64]>,
) -> Inferred<Vec<Dim>> {
    let mut out = vec![None; dims.len()];
    let Some(blocks) = sizes(blocks)? else {
        return Ok(out);
    };
    let whole = |batch: Dim, &block: &usize| batch?.checked_mul(block);
    out[0] = blocks.iter().fold(dims[0], whole);
    for (at, &block) in blocks.iter().enumerate() {
        if let Some(paddings) = paddings {
            let more = margins(paddings, at)?;
            out[at + 1] = divided(dims[at + 1].and_then(|dim| dim.checked_add(more)), block)?;
        }
    }
    Ok(out)
}

fn batch_to_space(
    dims: &[Dim],
    blocks: Option<&[i64]>,
    crops: Option<&[i64]>,
) -> Inferred<Vec<Dim>> {
    let mut out = vec![None; dims.len()];
    let Some(blocks) = sizes(blocks)? else {
        return Ok(out);
    };
    out[0] = blocks
        .iter()
        .try_fold(dims[0], |batch, &block| divided(batch, block))?;
    for (at, &block) in blocks.iter().enumerate() {
        if let Some(crops) = crops {
            let less = margins(crops, at)?;
            if let Some(whole) = product(dims[at + 1], Some(block)) {
                let left = whole.checked_sub(less);
                out[at + 1] = Some(left.ok_or_else(|| {
                    format!("crops of {less} do not fit into a dimension of {whole}")
                })?);
            }
        }
    }
    Ok(out)
}

/// Blocks of a size that an attribute gives, in the two dimensions of images.
fn of_images(i: &Inference<'_>, moved: Moved) -> Inferred {
    let input: Shape = with_rank(i.input(0), 4, "the input")?.into();
    let block = i.int("block_size");
    of_blocks(i, &input, 2, Some(&[block, block]), 1, moved)
}

/// Blocks that an input gives.
fn of_any(i: &Inference<'_>, moved: Moved) -> Inferred {
    let count = with_rank(i.input(1), 1, "the block shape")?[0];
    let count = count.ok_or_else(|| {
        let found = i.input(1);
        format!("the block shape must have a known length, its shape is {found}")
    })?;
    if count >= MAX_RANK {
        return Err(format!(
            "no tensor has {count} dimensions besides its batch"
        ));
    }
    let blocks = i.integers(1);
    of_blocks(i, i.input(0), count, blocks.as_deref(), 2, moved)
}

fn of_blocks(
    i: &Inference<'_>,
    input: &Shape,
    count: usize,
    blocks: Option<&[i64]>,
    margins: usize,
    moved: Moved,
) -> Inferred {
    at_least_rank(input, count + 1, "the input")?;
    merged(i.input(margins), &matrix(Some(count), Some(2)))?;
    let margins = i.integers(margins);
    let Some(dims) = input.dims() else {
        moved(&vec![None; count + 1], blocks, margins.as_deref())?;
        return Ok(vec![Shape::unknown()]);
    };
    let mut out = moved(&dims[..count + 1], blocks, margins.as_deref())?;
    out.extend(&dims[count + 1..]);
    Ok(vec![out.into()])
}

/// Height, width and channels that blocks of a size make of others.
type Blocked = fn([Dim; 3], usize) -> Inferred<[Dim; 3]>;

fn space_to_depth([height, width, channels]: [Dim; 3], block: usize) -> Inferred<[Dim; 3]> {
    let channels = product(channels, block.checked_mul(block));
    Ok([divided(height, block)?, divided(width, block)?, channels])
}

fn depth_to_space([height, width, channels]: [Dim; 3], block: usize) -> Inferred<[Dim; 3]> {
    let channels = divided(channels, block.saturating_mul(block))?;
    let larger = |dim| product(dim, Some(block));
    Ok([larger(height), larger(width), channels])
}

fn of_channels(i: &Inference<'_>, blocked: Blocked) -> Inferred {
    // Groups of four channels may be the last dimension.
    let grouped = i.node.string_attr("data_format") == Some(b"NCHW_VECT_C");
    let input = with_rank(i.input(0), if grouped { 5 } else { 4 }, "the input")?;
    let layout = Layout::of(i, 2);
    let (space, channel) = (layout.space, layout.channel);
    let block = positive(i.int("block_size"), "the size of a block")?;
    let out = blocked([input[space], input[space + 1], input[channel]], block)?;
    let shape = layout.shape(input[0], &out[..2], out[2]);
    if grouped {
        return Ok(vec![super::with_suffix(&shape, &[Some(4)])]);
    }
    Ok(vec![shape])
}

/// How many patches of a size fit, as TensorFlow counts them: also none, where one is a bit too large.
fn count(dim: usize, patch: i64, stride: i64, same: bool) -> Inferred<Dim> {
    let stride = positive(stride, "the stride")?;
    if same {
        return Ok(Some(dim.div_ceil(stride)));
    }
    let rest = (dim as i64)
        .saturating_add(stride as i64)
        .saturating_sub(patch);
    usize::try_from(rest / stride as i64)
        .map(Some)
        .map_err(|_| format!("patches of {patch} are larger than a dimension of {dim}"))
}

fn patches<const N: usize>(i: &Inference<'_>) -> Inferred {
    let input = with_rank(i.input(0), N + 2, "the input")?;
    let (sizes, strides) = (
        i.int_list_of("ksizes", N + 2)?,
        i.int_list_of("strides", N + 2)?,
    );
    let rates = match i.node.attr_or_default("rates") {
        Some(_) => i.int_list_of("rates", N + 2)?.to_vec(),
        None => vec![1; N + 2],
    };
    let elements = sizes[1..=N].iter().try_fold(1usize, |all, &size| {
        let size = usize::try_from(size).ok()?;
        all.checked_mul(size)
    });
    let space: Option<Vec<usize>> = input[1..=N].iter().copied().collect();
    let same = i.node.string_attr("padding") == Some(b"SAME");
    let channels = product(input[N + 1], elements);
    let Some(space) = space else {
        // So many dimensions TensorFlow gives to volumes too.
        return Ok(vec![[input[0], None, None, channels].into()]);
    };
    let mut out = vec![None; N + 2];
    out[0] = input[0];
    out[N + 1] = channels;
    for (at, dim) in space.into_iter().enumerate() {
        let (size, rate) = (sizes[at + 1], rates[at + 1]);
        let reach = size.saturating_add(
            size.saturating_sub(1)
                .saturating_mul(rate.saturating_sub(1)),
        );
        out[at + 1] = count(dim, reach, strides[at + 1], same)?;
    }
    Ok(vec![out.into()])
}
