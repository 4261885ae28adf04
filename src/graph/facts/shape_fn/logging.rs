//! Shapes of ops that print, check and summarize.

use super::{Inference, Inferred, fixed, scalar, scalars, unchanged};
use crate::graph::facts::{OpFacts, op};

pub(super) const TABLE: &[OpFacts] = &[
    op("Assert", scalars),
    op("AudioSummaryV2", scalar),
    op("CloseSummaryWriter", scalars),
    op("CreateSummaryDbWriter", scalars),
    op("CreateSummaryFileWriter", scalars),
    op("FlushSummaryWriter", scalars),
    op("HistogramSummary", scalar),
    op("ImageSummary", scalar),
    op("ImportEvent", scalars),
    op("MergeSummary", scalar),
    op("Print", unchanged),
    op("PrintV2", print),
    op("ScalarSummary", scalar),
    op("SummaryWriter", scalar),
    op("TensorSummary", scalar),
    op("TensorSummaryV2", scalar),
    op("Timestamp", scalar),
    op("WriteAudioSummary", scalars),
    op("WriteGraphSummary", scalars),
    op("WriteHistogramSummary", scalars),
    op("WriteImageSummary", scalars),
    op("WriteRawProtoSummary", scalars),
    op("WriteScalarSummary", scalars),
    op("WriteSummary", scalars),
];

/// The input must be known to be a scalar.
fn print(i: &Inference<'_>) -> Inferred {
    if i.input(0).rank().is_none() {
        return Err("the input must have rank 0, its shape is <unknown>".into());
    }
    fixed(i, &[0], &[])
}
