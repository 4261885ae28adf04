//! Shapes of ops that print, check and summarize.

use super::{Inference, Inferred, ShapeFn, fixed, scalar, scalars, unchanged};

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Assert", scalars),
    ("Print", unchanged),
    ("PrintV2", print),
    ("AudioSummaryV2", scalar),
    ("HistogramSummary", scalar),
    ("ImageSummary", scalar),
    ("MergeSummary", scalar),
    ("ScalarSummary", scalar),
    ("TensorSummary", scalar),
    ("TensorSummaryV2", scalar),
    ("Timestamp", scalar),
    ("CloseSummaryWriter", scalars),
    ("CreateSummaryDbWriter", scalars),
    ("CreateSummaryFileWriter", scalars),
    ("FlushSummaryWriter", scalars),
    ("ImportEvent", scalars),
    ("SummaryWriter", scalar),
    ("WriteAudioSummary", scalars),
    ("WriteGraphSummary", scalars),
    ("WriteHistogramSummary", scalars),
    ("WriteImageSummary", scalars),
    ("WriteRawProtoSummary", scalars),
    ("WriteScalarSummary", scalars),
    ("WriteSummary", scalars),
];

/// The input must be known to be a scalar.
fn print(i: &Inference<'_>) -> Inferred {
    if i.input(0).rank().is_none() {
        return Err("the input must have rank 0, its shape is <unknown>".to_owned());
    }
    fixed(i, &[0], &[])
}
