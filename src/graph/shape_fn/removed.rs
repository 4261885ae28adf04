//! Shapes of the ops that TensorFlow has removed: only graphs of the versions before have them.

use super::dims::{dim, replace};
use super::{
    ANY, HANDLE, Inference, Inferred, ShapeFn, at_least_rank, fixed, joined, merge_dims, merged,
    no_outputs, ranks_are, scalar, shape_attr, unchanged, unknown, unknown_of, vector, with_rank,
    with_suffix,
};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("AdjustContrast", |i| {
        at_least_rank(i.input(0), 3, "the images")?;
        ranks_are(i, &[ANY, 0, 0, 0])?;
        unchanged(i)
    }),
    ("AudioSummary", scalar),
    ("BatchCholesky", unknown),
    ("BatchCholeskyGrad", unknown),
    ("BatchFFT", unknown),
    ("BatchFFT2D", unknown),
    ("BatchFFT3D", unknown),
    ("BatchIFFT", unknown),
    ("BatchIFFT2D", unknown),
    ("BatchIFFT3D", unknown),
    ("BatchMatrixBandPart", unknown),
    ("BatchMatrixDeterminant", unknown),
    ("BatchMatrixDiag", unknown),
    ("BatchMatrixDiagPart", unknown),
    ("BatchMatrixInverse", unknown),
    ("BatchMatrixSetDiag", unknown),
    ("BatchMatrixSolve", unknown),
    ("BatchMatrixSolveLs", unknown),
    ("BatchMatrixTriangularSolve", unknown),
    ("BatchNormWithGlobalNormalization", batch_norm),
    ("BatchNormWithGlobalNormalizationGrad", batch_norm_grad),
    ("BatchSelfAdjointEig", unknown),
    ("BatchSelfAdjointEigV2", unknown),
    ("BatchSvd", unknown),
    ("Conv3DBackpropFilter", |i| {
        Ok(vec![with_rank(i.input(1), 5, "the filter")?.into()])
    }),
    ("Conv3DBackpropInput", |i| {
        Ok(vec![with_rank(i.input(0), 5, "the input")?.into()])
    }),
    ("FixedLengthRecordReader", |i| fixed(i, &[], &[&[2]])),
    ("IdentityReader", |i| fixed(i, &[], &[&[2]])),
    ("MatrixExponential", super::linalg::square),
    ("PlaceholderV2", |i| Ok(vec![shape_attr(i, "shape")])),
    ("QuantizeAndDequantize", unchanged),
    ("RandomCrop", random_crop),
    ("RandomPoisson", |i| {
        Ok(vec![joined(&i.listed_shape(0)?, i.input(1))])
    }),
    ("SelfAdjointEig", self_adjoint_eig),
    ("StatefulStandardNormal", |i| Ok(vec![i.listed_shape(1)?])),
    ("TFRecordReader", |i| fixed(i, &[], &[&[2]])),
    ("TensorArray", unknown),
    ("TensorArrayClose", no_outputs),
    ("TensorArrayCloseV2", |i| fixed(i, &[HANDLE], &[])),
    ("TensorArrayConcat", unknown),
    ("TensorArrayGather", unknown),
    ("TensorArrayGatherV2", |i| unknown_of(i, &[HANDLE, ANY, 0])),
    ("TensorArrayGrad", unknown),
    ("TensorArrayGradV2", |i| fixed(i, &[HANDLE], &[&[2]])),
    ("TensorArrayPack", unknown),
    ("TensorArrayRead", unknown),
    ("TensorArrayReadV2", |i| unknown_of(i, &[HANDLE, 0, 0])),
    ("TensorArrayScatter", unknown),
    ("TensorArrayScatterV2", |i| {
        fixed(i, &[HANDLE, 1, ANY, 0], &[&[]])
    }),
    ("TensorArraySize", unknown),
    ("TensorArraySizeV2", |i| fixed(i, &[HANDLE], &[&[]])),
    ("TensorArraySplit", unknown),
    ("TensorArraySplitV2", |i| {
        fixed(i, &[HANDLE, ANY, 1, 0], &[&[]])
    }),
    ("TensorArrayUnpack", unknown),
    ("TensorArrayV2", |i| fixed(i, &[0], &[&[2]])),
    ("TensorArrayWrite", unknown),
    ("TensorArrayWriteV2", |i| {
        fixed(i, &[HANDLE, 0, ANY, 0], &[&[]])
    }),
    ("TextLineReader", |i| fixed(i, &[], &[&[2]])),
    ("TileGrad", unknown),
    ("TopK", |i| {
        let k = usize::try_from(i.int("k")).map_err(|_| format!("k is {}", i.int("k")))?;
        super::nn::top(i, Some(k))
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
    Ok(vec![normalized(i, i.input(0), 1..5)?.0])
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
    merged(i.input(1), &vector(Some(2)))?;
    let size = [0, 1].map(|at| i.listed_dim(1, at));
    Ok(vec![[size[0], size[1], image[2]].into()])
}

/// The eigenvalues are a row above the eigenvectors.
fn self_adjoint_eig(i: &Inference<'_>) -> Inferred {
    let (batch, side) = super::linalg::squares(i)?;
    let rows = side.map(|side| side.saturating_add(1));
    Ok(vec![with_suffix(&batch, &[rows, side])])
}
