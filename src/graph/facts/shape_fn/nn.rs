//! Shapes of activations, biases, losses and normalizations.

use super::dims::broadcast_shapes;
use super::{
    Dim, Inference, Inferred, at_least_rank, both_alike, known, merge_dims, merged, one, refuse,
    scalar, tensors, two, unchanged, vector,
};
use crate::graph::facts::kernel::Unary;
use crate::graph::facts::{OpFacts, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("BiasAdd", bias_add),
    op("BiasAddGrad", bias_add_grad),
    op("BiasAddV1", bias_add),
    op("CompareAndBitpack", compare_and_bitpack),
    op("DataFormatDimMap", unchanged),
    op("DataFormatVecPermute", unchanged),
    op("Elu", unchanged).unary(Unary::Elu),
    op("EluGrad", both_alike),
    op("FusedBatchNorm", fused_batch_norm),
    op("FusedBatchNormGrad", fused_batch_norm_grad),
    op("FusedBatchNormGradV2", fused_batch_norm_grad),
    op("FusedBatchNormGradV3", fused_batch_norm_grad),
    op("FusedBatchNormV2", fused_batch_norm),
    op("FusedBatchNormV3", fused_batch_norm),
    op("InTopK", in_top_k),
    op("InTopKV2", in_top_k),
    op("L2Loss", scalar),
    op("LRN", |i| one(i.dims(0, 4, "\"input\"")?.into())),
    op("LRNGrad", lrn_grad),
    op("LeakyRelu", unchanged),
    op("LeakyReluGrad", both_alike),
    op("LogSoftmax", softmax),
    op("NthElement", nth_element),
    op(
        "QuantizedBatchNormWithGlobalNormalization",
        quantized_batch_norm,
    ),
    op("QuantizedBiasAdd", |i| i.then_scalars(bias_add(i)?)),
    op("QuantizedRelu", |i| {
        i.check_scalars(1..3)?;
        i.then_scalars(unchanged(i)?)
    }),
    op("QuantizedRelu6", |i| {
        i.check_scalars(1..3)?;
        i.then_scalars(unchanged(i)?)
    }),
    op("QuantizedReluX", |i| {
        i.check_scalars(1..4)?;
        i.then_scalars(unchanged(i)?)
    }),
    op("Relu", unchanged).unary(Unary::Relu),
    op("Relu6", unchanged).unary(Unary::Relu6),
    op("Relu6Grad", both_alike),
    op("ReluGrad", both_alike),
    op("Selu", unchanged),
    op("SeluGrad", both_alike),
    op("Softmax", softmax),
    op("SoftmaxCrossEntropyWithLogits", softmax_cross_entropy),
    op("Softplus", unchanged).unary(Unary::Softplus),
    op("SoftplusGrad", both_alike),
    op("Softsign", unchanged).unary(Unary::Softsign),
    op("SoftsignGrad", both_alike),
    op(
        "SparseSoftmaxCrossEntropyWithLogits",
        sparse_softmax_cross_entropy,
    ),
    op("TopKV2", top_k).values(known::order::top),
    op("_FusedBatchNormEx", extended_batch_norm),
];

fn softmax(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "the input")?;
    unchanged(i)
}

/// The channels' index, from the end if it is negative, and the least rank.
fn channel(i: &Inference<'_>) -> (isize, usize) {
    match i.node.string_attr("data_format") {
        Some(b"NCHW") => (1, 3),
        _ => (-1, 2),
    }
}

fn bias_add(i: &Inference<'_>) -> Inferred {
    let bias = i.dims(1, 1, "the bias")?[0];
    let value = i.input(0);
    let (channel, rank) = channel(i);
    at_least_rank(value, rank, "the value")?;
    match (value.dim(channel), bias) {
        (Some(found), Some(bias)) if found != bias => refuse(format_args!(
            "the bias has {bias} elements, the value's shape {value} has {found} channels"
        )),
        (known, bias) => one(value.with_dim(channel, known.or(bias))),
    }
}

fn bias_add_grad(i: &Inference<'_>) -> Inferred {
    let (channel, rank) = channel(i);
    i.at_least_rank(0, rank, "the gradient")?;
    one(vector(i.input(0).dim(channel)))
}

/// The channels' index in images.
fn image_channel(i: &Inference<'_>) -> isize {
    match i.node.string_attr("data_format") {
        Some(b"NCHW") => 1,
        _ => 3,
    }
}

/// The size that the channels of `images` and these vectors share.
fn shared_channels(
    i: &Inference<'_>,
    mut size: Option<usize>,
    vectors: &[usize],
) -> Inferred<Option<usize>> {
    for &index in vectors {
        let name = i.input_name(index);
        let found = i.dims(index, 1, &name)?[0];
        size = merge_dims(
            size,
            found,
            &format!("the channels and the length of {name}"),
        )?;
    }
    Ok(size)
}

fn fused_batch_norm(i: &Inference<'_>) -> Inferred {
    let x: Shape = i.dims(0, 4, "\"x\"")?.into();
    let channel = image_channel(i);
    let vectors = match i.node.bool_attr("is_training") {
        Some(false) => &[1, 2, 3, 4][..],
        _ => &[1, 2],
    };
    let size = shared_channels(i, x.dim(channel), vectors)?;
    let mut shapes = vec![x.with_dim(channel, size)];
    shapes.resize(5, vector(size));
    // Version 3 has one more output, for the kernel's own use.
    shapes.resize(i.node.outputs.len(), Shape::unknown());
    Ok(shapes)
}

/// With an activation; the images' channels come in groups of four.
fn extended_batch_norm(i: &Inference<'_>) -> Inferred {
    let shapes = fused_batch_norm(i)?;
    match i.input(0).dim(image_channel(i)) {
        Some(channels) if channels % 4 != 0 => refuse(format_args!(
            "the number of channels must be divisible by 4, found {channels}"
        )),
        _ => Ok(shapes),
    }
}

fn fused_batch_norm_grad(i: &Inference<'_>) -> Inferred {
    let gradient: Shape = i.dims(0, 4, "\"y_backprop\"")?.into();
    let x: Shape = i.dims(1, 4, "\"x\"")?.into();
    let channel = image_channel(i);
    let size = merge_dims(gradient.dim(channel), x.dim(channel), "channels")?;
    let size = shared_channels(i, size, &[2, 3, 4])?;
    let unused = match i.node.bool_attr("is_training") {
        Some(false) => size,
        _ => Some(0),
    };
    let mut shapes = vec![gradient.with_dim(channel, size)];
    shapes.resize(3, vector(size));
    shapes.resize(5, vector(unused));
    Ok(shapes)
}

fn quantized_batch_norm(i: &Inference<'_>) -> Inferred {
    let input: Shape = i.dims(0, 4, "\"t\"")?.into();
    let size = shared_channels(i, input.dim(3), &[3, 6, 9, 12])?;
    i.then_scalars(vec![input.with_dim(3, size)])
}

fn in_top_k(i: &Inference<'_>) -> Inferred {
    let predictions = i.dims(0, 2, "\"predictions\"")?;
    let targets = i.dims(1, 1, "\"targets\"")?;
    let batch = merge_dims(predictions[0], targets[0], "batch sizes")?;
    one(vector(batch))
}

fn top_k(i: &Inference<'_>) -> Inferred {
    top(i, known_count(i)?)
}

/// The count that the second input gives; TensorFlow asks for a scalar only where the value is known.
fn known_count(i: &Inference<'_>) -> Inferred<Dim> {
    match i.integers(1) {
        Some(_) => i.count(1),
        None => Ok(None),
    }
}

/// The `k` largest elements of each row.
pub(super) fn top(i: &Inference<'_>, k: Option<usize>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "\"input\"")?;
    if let (Some(last), Some(k)) = (input.dim(-1), k) {
        if last < k {
            return refuse(format_args!(
                "the last dimension must be at least {k}, found {last}"
            ));
        }
    }
    i.all_outputs(input.without_last(1).with_suffix(&[k]))
}

fn nth_element(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "\"input\"")?;
    let n = known_count(i)?;
    if let (Some(last), Some(n)) = (input.dim(-1), n) {
        if last <= n {
            return refuse(format_args!(
                "the last dimension must be above {n}, found {last}"
            ));
        }
    }
    one(input.without_last(1))
}

fn lrn_grad(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown_of_rank(4);
    for input in i.inputs() {
        shape = merged(&shape, input)?;
    }
    one(shape)
}

/// Features and labels of one shape, or shapes that broadcast to a matrix.
fn softmax_cross_entropy(i: &Inference<'_>) -> Inferred {
    let (features, labels) = (i.input(0), i.input(1));
    let same = Shape::unknown_of_rank(2).merge(features);
    let shape = match same.and_then(|shape| shape.merge(labels)) {
        Some(shape) => shape,
        None => broadcast_shapes(features, labels)?,
    };
    if shape.rank() != Some(2) {
        return refuse(format_args!(
            "features and labels must have rank 2 together, found {features} and {labels}"
        ));
    }
    two(vector(shape.dim(0)), shape)
}

fn sparse_softmax_cross_entropy(i: &Inference<'_>) -> Inferred {
    let features = i.dims(0, 2, "\"features\"")?;
    let labels = i.dims(1, 1, "\"labels\"")?;
    let batch = merge_dims(features[0], labels[0], "batch sizes")?;
    tensors(&[&[batch], &[batch, features[1]]])
}

fn compare_and_bitpack(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_least_rank(input, 1, "\"input\"")?;
    i.check_scalars(1..2)?;
    let last = input.dim(-1);
    if let Some(last) = last.filter(|last| last % 8 != 0) {
        return refuse(format_args!(
            "the last dimension must be a multiple of 8, found {last}"
        ));
    }
    one(input.with_dim(-1, last.map(|last| last / 8)))
}
