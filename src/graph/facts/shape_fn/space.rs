//! Shapes of ops that move blocks of space to the batch or to the channels and back, and of patches.

use super::conv::Layout;
use super::dims::{both, each_dim, positive, product};
use super::{
    Dim, Inference, Inferred, UNKNOWN_DIMS, agree, at_least_rank, matrix, one, one_unknown, refuse,
    tensor,
};
use crate::graph::facts::{OpFacts, op};
use crate::shape::{MAX_RANK, Shape};

pub(super) const TABLE: &[OpFacts] = &[
    op("BatchToSpace", |i| of_images(i, batch_to_space)),
    op("BatchToSpaceND", |i| of_any(i, batch_to_space)),
    op("DepthToSpace", |i| of_channels(i, depth_to_space)),
    op("ExtractImagePatches", |i| patches(i, 2)),
    op("ExtractVolumePatches", |i| patches(i, 3)),
    op("SpaceToBatch", |i| of_images(i, space_to_batch)),
    op("SpaceToBatchND", |i| of_any(i, space_to_batch)),
    op("SpaceToDepth", |i| of_channels(i, space_to_depth)),
];

/// The batch and the dimensions of space that `margins`, a pair for each block, make of others.
type Moved = fn(&[Dim], &[i64], Option<&[i64]>) -> Inferred<Vec<Dim>>;

fn divided(dim: Dim, by: usize) -> Inferred<Dim> {
    match dim {
        Some(dim) if dim % by != 0 => {
            refuse(format_args!("{by} does not divide a dimension of {dim}"))
        }
        _ => Ok(dim.map(|dim| dim / by)),
    }
}

/// The sizes of blocks, which are positive.
fn sizes(blocks: &[i64]) -> Inferred<Vec<usize>> {
    let mut sizes = Vec::new();
    for &block in blocks {
        sizes.push(positive(block, "the size of a block")?);
    }
    Ok(sizes)
}

/// The sum of the margins of a dimension.
fn margins(all: &[i64], at: usize) -> Inferred<usize> {
    let pair = all.get(2 * at..2 * at + 2).unwrap_or(&[0, 0]);
    let sum = pair[0].saturating_add(pair[1]);
    match (pair[0] >= 0 && pair[1] >= 0, usize::try_from(sum)) {
        (true, Ok(sum)) => Ok(sum),
        _ => refuse(format_args!("margins must not be negative, found {pair:?}")),
    }
}

fn space_to_batch(dims: &[Dim], blocks: &[i64], paddings: Option<&[i64]>) -> Inferred<Vec<Dim>> {
    let (blocks, mut out) = (sizes(blocks)?, vec![None; dims.len()]);
    out[0] = dims[0];
    for &block in &blocks {
        out[0] = both(out[0], Some(block), usize::checked_mul);
    }
    for (at, &block) in blocks.iter().enumerate() {
        if let Some(paddings) = paddings {
            let more = margins(paddings, at)?;
            out[at + 1] = divided(both(dims[at + 1], Some(more), usize::checked_add), block)?;
        }
    }
    Ok(out)
}

fn batch_to_space(dims: &[Dim], blocks: &[i64], crops: Option<&[i64]>) -> Inferred<Vec<Dim>> {
    let (blocks, mut out) = (sizes(blocks)?, vec![None; dims.len()]);
    out[0] = dims[0];
    for &block in &blocks {
        out[0] = divided(out[0], block)?;
    }
    for (at, &block) in blocks.iter().enumerate() {
        if let Some(crops) = crops {
            let less = margins(crops, at)?;
            out[at + 1] = match product(dims[at + 1], Some(block)) {
                Some(whole) if less > whole => {
                    return refuse(format_args!(
                        "crops of {less} do not fit into a dimension of {whole}"
                    ));
                }
                whole => whole.map(|whole| whole - less),
            };
        }
    }
    Ok(out)
}

/// Blocks of a size that an attribute gives, in the two dimensions of images.
fn of_images(i: &Inference<'_>, moved: Moved) -> Inferred {
    let input: Shape = i.dims(0, 4, "the input")?.into();
    let block = i.int("block_size");
    of_blocks(i, &input, 2, Some(&[block, block]), 1, moved)
}

/// Blocks that an input gives.
fn of_any(i: &Inference<'_>, moved: Moved) -> Inferred {
    let count = i.dims(1, 1, "the block shape")?[0];
    let Some(count) = count else {
        let found = i.input(1);
        return refuse(format_args!(
            "the block shape must have a known length, its shape is {found}"
        ));
    };
    if count >= MAX_RANK {
        return refuse(format_args!(
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
    agree(i.input(margins), &matrix(Some(count), Some(2)))?;
    let margins = i.integers(margins);
    let dims = input.dims();
    let (front, rest) = match dims {
        Some(dims) => dims.split_at(count + 1),
        None => (&UNKNOWN_DIMS[..count + 1], &[][..]),
    };
    let mut out = vec![None; front.len()];
    if let Some(blocks) = blocks {
        out = moved(front, blocks, margins.as_deref())?;
    }
    if dims.is_none() {
        return one_unknown();
    }
    out.extend_from_slice(rest);
    one(out.into())
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
    let input = i.dims(0, if grouped { 5 } else { 4 }, "the input")?;
    let layout = Layout::of(i, 2);
    let (space, channel) = (layout.space, layout.channel);
    let block = positive(i.int("block_size"), "the size of a block")?;
    let out = blocked([input[space], input[space + 1], input[channel]], block)?;
    let shape = layout.shape(input[0], &out[..2], out[2]);
    if grouped {
        return one(shape.with_suffix(&[Some(4)]));
    }
    one(shape)
}

/// How many patches of a size fit, as TensorFlow counts them: also none, where one is a bit too large.
fn count(dim: usize, patch: i64, stride: i64, same: bool) -> Inferred<Dim> {
    let stride = positive(stride, "the stride")?;
    if same {
        return Ok(Some(dim.div_ceil(stride)));
    }
    let stride = stride as i64;
    let rest = (dim as i64).saturating_add(stride).saturating_sub(patch);
    match usize::try_from(rest / stride) {
        Ok(count) => Ok(Some(count)),
        Err(_) => refuse(format_args!(
            "patches of {patch} are larger than a dimension of {dim}"
        )),
    }
}

/// Patches of tensors with this many dimensions of space.
fn patches(i: &Inference<'_>, space: usize) -> Inferred {
    let rank = space + 2;
    let input = i.dims(0, rank, "the input")?;
    let (sizes, strides) = (
        i.int_list_of("ksizes", rank)?,
        i.int_list_of("strides", rank)?,
    );
    let rates = match i.node.attr_or_default("rates") {
        Some(_) => i.int_list_of("rates", rank)?,
        None => &[1; 5][..rank],
    };
    let mut elements = Some(1);
    for &size in &sizes[1..=space] {
        elements = both(elements, usize::try_from(size).ok(), usize::checked_mul);
    }
    let channels = product(input[rank - 1], elements);
    let same = i.node.string_attr("padding") == Some(b"SAME");
    if input[1..=space].contains(&None) {
        // So many dimensions TensorFlow gives to volumes too.
        return one(tensor(&[input[0], None, None, channels]));
    }
    each_dim(rank, &|at| match input[at] {
        _ if at == 0 => Ok(input[0]),
        _ if at > space => Ok(channels),
        Some(dim) => {
            let steps = sizes[at].saturating_sub(1);
            let reach = steps.saturating_mul(rates[at].saturating_sub(1));
            count(dim, sizes[at].saturating_add(reach), strides[at], same)
        }
        None => Ok(None),
    })
}
