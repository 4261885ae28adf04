//! Shapes of pooling.

use super::conv::{Layout, windows};
use super::dims::product;
use super::{
    Dim, Inference, Inferred, agree, merge_dims, one, one_unknown, refuse, tensor, tensors,
};
use crate::graph::facts::{OpFacts, op};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("AvgPool", avg_pool),
    op("AvgPool3D", pool_3d),
    op("AvgPool3DGrad", |i| i.listed(0, 5)),
    op("AvgPoolGrad", |i| i.listed(0, 4)),
    op("FractionalAvgPool", fractional),
    op("FractionalAvgPoolGrad", fractional_avg_grad),
    op("FractionalMaxPool", fractional),
    op("FractionalMaxPoolGrad", |i| of_rank(i, 4)),
    op("MaxPool", max_pool),
    op("MaxPool3D", pool_3d),
    op("MaxPool3DGrad", |i| of_rank(i, 5)),
    op("MaxPool3DGradGrad", |i| grad_grad(i, pool_3d(i)?)),
    op("MaxPoolGrad", |i| of_rank(i, 4)),
    op("MaxPoolGradGrad", |i| grad_grad(i, max_pool(i)?)),
    op("MaxPoolGradGradV2", |i| grad_grad(i, max_pool_v2(i)?)),
    op("MaxPoolGradGradWithArgmax", |i| {
        let shapes = max_pool(i)?;
        agree(i.input(0), i.input(1))?;
        agree(i.input(2), &shapes[0])?;
        Ok(shapes)
    }),
    op("MaxPoolGradV2", |i| of_rank(i, 4)),
    op("MaxPoolGradWithArgmax", |i| of_rank(i, 4)),
    op("MaxPoolV2", max_pool_v2),
    op("MaxPoolWithArgmax", |i| {
        i.all_outputs(max_pool(i)?.remove(0))
    }),
    op("QuantizedAvgPool", |i| i.then_scalars(avg_pool(i)?)),
    op("QuantizedMaxPool", |i| i.then_scalars(max_pool(i)?)),
];

fn of_rank(i: &Inference<'_>, rank: usize) -> Inferred {
    one(i.with_rank(0, rank)?.into())
}

/// The size of the windows in dimension `at`.
fn window(sizes: &[i64], at: usize) -> Inferred<(Dim, i64)> {
    match usize::try_from(sizes[at]) {
        Ok(size) => Ok((Some(size), 1)),
        Err(_) => refuse(format_args!(
            "window sizes must not be negative, found {}",
            sizes[at]
        )),
    }
}

/// Pools the dimensions of space alone, of which there are this many.
fn pool(i: &Inference<'_>, count: usize) -> Inferred {
    let rank = count + 2;
    let input = i.dims(0, rank, "the input")?;
    let (sizes, strides) = (
        i.int_list_of("ksize", rank)?,
        i.int_list_of("strides", rank)?,
    );
    let layout = Layout::of(i, count);
    let window = |at: usize| window(sizes, layout.space + at);
    let space = layout.windowed(i, input, strides, &window)?;
    one(layout.shape(input[0], &space, input[layout.channel]))
}

fn avg_pool(i: &Inference<'_>) -> Inferred {
    pool(i, 2)
}

fn pool_3d(i: &Inference<'_>) -> Inferred {
    pool(i, 3)
}

fn max_pool(i: &Inference<'_>) -> Inferred {
    max_pool_by(i, i.int_list_of("ksize", 4)?, i.int_list_of("strides", 4)?)
}

/// The window and the strides are the last two inputs.
fn max_pool_v2(i: &Inference<'_>) -> Inferred {
    i.dims(0, 4, "the input")?;
    let last = i.node.inputs.len() - 1;
    for index in [last - 1, last] {
        let (len, name) = (i.with_rank(index, 1)?[0], i.input_name(index));
        merge_dims(len, Some(4), &format!("the length of {name} and 4"))?;
    }
    match (i.integers(last - 1), i.integers(last)) {
        (Some(sizes), Some(strides)) if sizes.len() == 4 && strides.len() == 4 => {
            max_pool_by(i, &sizes, &strides)
        }
        _ => one_unknown(),
    }
}

fn max_pool_by(i: &Inference<'_>, sizes: &[i64], strides: &[i64]) -> Inferred {
    let layout = Layout::of(i, 2);
    // Groups of four channels may be the last dimension.
    let grouped = i.node.string_attr("data_format") == Some(b"NCHW_VECT_C");
    let input = i.dims(0, if grouped { 5 } else { 4 }, "the input")?;
    let mut channels = input[layout.channel];
    if grouped {
        let group = merge_dims(input[4], Some(4), "the last dimension and 4")?;
        channels = product(channels, group);
    }
    let of_space = |at: usize| window(sizes, layout.space + at);
    let space = layout.windowed(i, input, strides, &of_space)?;
    let channel = window(sizes, layout.channel)?;
    let channels = windows(i, channels, channel, layout.channel, strides)?;
    if grouped {
        let groups = channels.map(|channels| channels / 4);
        return one(tensor(&[input[0], groups, space[0], space[1], Some(4)]));
    }
    one(layout.shape(input[0], &space, channels))
}

/// The second gradient: `orig_input` is like `grad` and `orig_output` like the output.
fn grad_grad(i: &Inference<'_>, shapes: Vec<Shape>) -> Inferred {
    agree(i.input(0), i.input(2))?;
    agree(i.input(1), &shapes[0])?;
    Ok(shapes)
}

fn fractional(i: &Inference<'_>) -> Inferred {
    let input = i.dims(0, 4, "the input")?;
    let ratios = match i.node.attr_or_default("pooling_ratio") {
        Some(Value::List(list)) if list.f.len() == 4 => &list.f[..],
        _ => return Err("attribute \"pooling_ratio\" must have 4 entries".into()),
    };
    let size = |at: usize| input[at].map(|dim| (dim as f32 / ratios[at]) as usize);
    let (rows, columns) = (size(1), size(2));
    tensors(&[&[size(0), rows, columns, size(3)], &[rows], &[columns]])
}

fn fractional_avg_grad(i: &Inference<'_>) -> Inferred {
    match i.integers(0) {
        Some(_) => one(i.listed_shape(0)?),
        None => one(Shape::unknown_of_rank(4)),
    }
}
