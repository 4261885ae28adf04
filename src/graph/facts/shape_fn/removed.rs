//! Shapes of the ops that TensorFlow has removed: only graphs of the versions before have them.

use super::Outputs::{Fixed, Unknown};
use super::{
    ANY, HANDLE, Inference, Inferred, agree, declared, merge_dims, merged, no_outputs, one,
    ranks_are, refuse, scalar, tensor, unchanged, unknown, vector, with_rank,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("AdjustContrast", |i| {
        i.at_least_rank(0, 3, "the images")?;
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
        one(i.dims(1, 5, "the filter")?.into())
    }),
    op("Conv3DBackpropInput", |i| {
        one(i.dims(0, 5, "the input")?.into())
    }),
    ranked("FixedLengthRecordReader", &[], Fixed(&[&[2]])).had_another_shape(),
    ranked("IdentityReader", &[], Fixed(&[&[2]])).had_another_shape(),
    op("MatrixExponential", super::linalg::square),
    op("PlaceholderV2", declared),
    op("QuantizeAndDequantize", unchanged),
    op("RandomCrop", random_crop),
    op("RandomPoisson", |i| {
        one(i.listed_shape(0)?.joined(i.input(1)))
    }),
    op("SelfAdjointEig", self_adjoint_eig),
    op("StatefulStandardNormal", |i| one(i.listed_shape(1)?)),
    ranked("TFRecordReader", &[], Fixed(&[&[2]])).had_another_shape(),
    op("TensorArray", unknown),
    op("TensorArrayClose", no_outputs),
    ranked("TensorArrayCloseV2", &[HANDLE], Fixed(&[])),
    op("TensorArrayConcat", unknown),
    op("TensorArrayGather", unknown),
    ranked("TensorArrayGatherV2", &[HANDLE, ANY, 0], Unknown),
    op("TensorArrayGrad", unknown),
    ranked("TensorArrayGradV2", &[HANDLE], Fixed(&[&[2]])),
    op("TensorArrayPack", unknown),
    op("TensorArrayRead", unknown),
    ranked("TensorArrayReadV2", &[HANDLE, 0, 0], Unknown),
    op("TensorArrayScatter", unknown),
    ranked("TensorArrayScatterV2", &[HANDLE, 1, ANY, 0], Fixed(&[&[]])),
    op("TensorArraySize", unknown),
    ranked("TensorArraySizeV2", &[HANDLE], Fixed(&[&[]])),
    op("TensorArraySplit", unknown),
    ranked("TensorArraySplitV2", &[HANDLE, ANY, 1, 0], Fixed(&[&[]])),
    op("TensorArrayUnpack", unknown),
    ranked("TensorArrayV2", &[0], Fixed(&[&[2]])),
    op("TensorArrayWrite", unknown),
    ranked("TensorArrayWriteV2", &[HANDLE, 0, ANY, 0], Fixed(&[&[]])),
    ranked("TextLineReader", &[], Fixed(&[&[2]])).had_another_shape(),
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
    let mut channels = images.dim(3);
    for index in vectors {
        let len = i.vector_len(index)?;
        channels = merge_dims(channels, len, "the numbers of channels")?;
    }
    Ok((images.with_dim(3, channels), channels))
}

fn batch_norm(i: &Inference<'_>) -> Inferred {
    one(normalized(i, i.input(0), 1..5)?.0)
}

fn batch_norm_grad(i: &Inference<'_>) -> Inferred {
    let images: Shape = i.dims(0, 4, "the images")?.into();
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
    one(batch.with_suffix(&[rows, side]))
}
