//! Shapes of the ops that TensorFlow has removed: only graphs of the versions before have them.

use super::dims::{dim, replace};
use super::{
    ANY, HANDLE, Inference, Inferred, agree, at_least_rank, declared, fixed, joined, merge_dims,
    merged, no_outputs, one, ranks_are, refuse, scalar, tensor, unchanged, unknown, unknown_of,
    vector, with_rank, with_suffix,
};
use crate::graph::facts::{OpFacts, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("AdjustContrast", |i| {
        at_least_rank(i.input(0), 3, "the images")?;
        ranks_are(i, &[ANY, 0, 0, 0])?;
        unchanged(i)
    }),
    op("AudioSummary", scalar),
    op("BatchCholesky", unknown),
    op("BatchCholeskyGrad", unknown),
    op("BatchFFT", unknown),
    op("BatchFFT2D", unknown),
    op("BatchFFT3D", unknown),
    op("BatchIFFT", unknown),
    op("BatchIFFT2D", unknown),
    op("BatchIFFT3D", unknown),
    op("BatchMatrixBandPart", unknown),
    op("BatchMatrixDeterminant", unknown),
    op("BatchMatrixDiag", unknown),
    op("BatchMatrixDiagPart", unknown),
    op("BatchMatrixInverse", unknown),
    op("BatchMatrixSetDiag", unknown),
    op("BatchMatrixSolve", unknown),
    op("BatchMatrixSolveLs", unknown),
    op("BatchMatrixTriangularSolve", unknown),
    op("BatchNormWithGlobalNormalization", batch_norm),
    op("BatchNormWithGlobalNormalizationGrad", batch_norm_grad),
    op("BatchSelfAdjointEig", unknown),
    op("BatchSelfAdjointEigV2", unknown),
    op("BatchSvd", unknown),
    op("Conv3DBackpropFilter", |i| {
        one(with_rank(i.input(1), 5, "the filter")?.into())
    }),
    op("Conv3DBackpropInput", |i| {
        one(with_rank(i.input(0), 5, "the input")?.into())
    }),
    op("FixedLengthRecordReader", |i| fixed(i, &[], &[&[2]])).had_another_shape(),
    op("IdentityReader", |i| fixed(i, &[], &[&[2]])).had_another_shape(),
    op("MatrixExponential", super::linalg::square),
    op("PlaceholderV2", |i| declared(i)),
    op("QuantizeAndDequantize", unchanged),
    op("RandomCrop", random_crop),
    op("RandomPoisson", |i| {
        one(joined(&i.listed_shape(0)?, i.input(1)))
    }),
    op("SelfAdjointEig", self_adjoint_eig),
    op("StatefulStandardNormal", |i| one(i.listed_shape(1)?)),
    op("TFRecordReader", |i| fixed(i, &[], &[&[2]])).had_another_shape(),
    op("TensorArray", unknown),
    op("TensorArrayClose", no_outputs),
    op("TensorArrayCloseV2", |i| fixed(i, &[HANDLE], &[])),
    op("TensorArrayConcat", unknown),
    op("TensorArrayGather", unknown),
    op("TensorArrayGatherV2", |i| unknown_of(i, &[HANDLE, ANY, 0])),
    op("TensorArrayGrad", unknown),
    op("TensorArrayGradV2", |i| fixed(i, &[HANDLE], &[&[2]])),
    op("TensorArrayPack", unknown),
    op("TensorArrayRead", unknown),
    op("TensorArrayReadV2", |i| unknown_of(i, &[HANDLE, 0, 0])),
    op("TensorArrayScatter", unknown),
    op("TensorArrayScatterV2", |i| {
        fixed(i, &[HANDLE, 1, ANY, 0], &[&[]])
    }),
    op("TensorArraySize", unknown),
    op("TensorArraySizeV2", |i| fixed(i, &[HANDLE], &[&[]])),
    op("TensorArraySplit", unknown),
    op("TensorArraySplitV2", |i| {
        fixed(i, &[HANDLE, ANY, 1, 0], &[&[]])
    }),
    op("TensorArrayUnpack", unknown),
    op("TensorArrayV2", |i| fixed(i, &[0], &[&[2]])),
    op("TensorArrayWrite", unknown),
    op("TensorArrayWriteV2", |i| {
        fixed(i, &[HANDLE, 0, ANY, 0], &[&[]])
    }),
    op("TextLineReader", |i| fixed(i, &[], &[&[2]])).had_another_shape(),
    op("TileGrad", unknown),
    op("TopK", |i| match i.size("k") {
        None => refuse(format_args!("k is {}", i.int("k"))),
        k => super::nn::top(i, k),
    }),
];

/// The images, and the number of their channels, which these vectors have as their length.
fn normalized(
    i: &Inference<'_>,
    images: &Shape,
    vectors: std::ops::Range<usize>,
) -> Inferred<(Shape, Option<usize>)> {
    let images: Shape = with_rank(images, 4, "the images")?.into();
    let mut channels = dim(&images, 3);
    for index in vectors {
        let len = i.ranked(index, 1)?[0];
        channels = merge_dims(channels, len, "the numbers of channels")?;
    }
    Ok((replace(&images, 3, channels), channels))
}

fn batch_norm(i: &Inference<'_>) -> Inferred {
    one(normalized(i, i.input(0), 1..5)?.0)
}

fn batch_norm_grad(i: &Inference<'_>) -> Inferred {
    let images: Shape = with_rank(i.input(0), 4, "the images")?.into();
    let images = merged(&images, i.input(4))?;
    let (images, channels) = normalized(i, &images, 1..4)?;
    let mut shapes = vec![vector(channels); i.node.outputs.len()];
    shapes[0] = images;
    Ok(shapes)
}

fn random_crop(i: &Inference<'_>) -> Inferred {
    let image = i.ranked(0, 3)?;
    agree(i.input(1), &vector(Some(2)))?;
    let (height, width) = (i.listed_dim(1, 0), i.listed_dim(1, 1));
    one(tensor(&[height, width, image[2]]))
}

/// The eigenvalues are a row above the eigenvectors.
fn self_adjoint_eig(i: &Inference<'_>) -> Inferred {
    let (batch, side) = super::linalg::squares(i)?;
    let rows = side.map(|side| side.saturating_add(1));
    one(with_suffix(&batch, &[rows, side]))
}
