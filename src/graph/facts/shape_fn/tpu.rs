//! Shapes of the embeddings that TPUs keep.

use super::{ANY, Dim, Inference, Inferred, fixed, matrix, merge, no_outputs};
use crate::graph::facts::{OpFacts, op};
use crate::proto::Message as _;
use crate::proto::tensorflow::TPUEmbeddingConfiguration;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::tpuembedding_configuration::TableDescriptor;
use crate::proto::tensorflow::tpuembedding_output_layout::TwoDOutputTensor;
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("ConfigureTPUEmbedding", no_outputs),
    op("EnqueueTPUEmbeddingIntegerBatch", no_outputs),
    op("EnqueueTPUEmbeddingSparseBatch", no_outputs),
    op("EnqueueTPUEmbeddingSparseTensorBatch", no_outputs),
    op("LoadTPUEmbeddingADAMParameters", load),
    op("LoadTPUEmbeddingADAMParametersGradAccumDebug", load),
    op("LoadTPUEmbeddingAdadeltaParameters", load),
    op("LoadTPUEmbeddingAdadeltaParametersGradAccumDebug", load),
    op("LoadTPUEmbeddingAdagradParameters", load),
    op("LoadTPUEmbeddingAdagradParametersGradAccumDebug", load),
    op("LoadTPUEmbeddingCenteredRMSPropParameters", load),
    op("LoadTPUEmbeddingFTRLParameters", load),
    op("LoadTPUEmbeddingFTRLParametersGradAccumDebug", load),
    op("LoadTPUEmbeddingMDLAdagradLightParameters", load),
    op("LoadTPUEmbeddingMomentumParameters", load),
    op("LoadTPUEmbeddingMomentumParametersGradAccumDebug", load),
    op("LoadTPUEmbeddingProximalAdagradParameters", load),
    op(
        "LoadTPUEmbeddingProximalAdagradParametersGradAccumDebug",
        load,
    ),
    op("LoadTPUEmbeddingRMSPropParameters", load),
    op("LoadTPUEmbeddingRMSPropParametersGradAccumDebug", load),
    op("LoadTPUEmbeddingStochasticGradientDescentParameters", load),
    op("RecvTPUEmbeddingActivations", activations),
    op("RetrieveTPUEmbeddingADAMParameters", retrieve),
    op("RetrieveTPUEmbeddingADAMParametersGradAccumDebug", retrieve),
    op("RetrieveTPUEmbeddingAdadeltaParameters", retrieve),
    op(
        "RetrieveTPUEmbeddingAdadeltaParametersGradAccumDebug",
        retrieve,
    ),
    op("RetrieveTPUEmbeddingAdagradParameters", retrieve),
    op(
        "RetrieveTPUEmbeddingAdagradParametersGradAccumDebug",
        retrieve,
    ),
    op("RetrieveTPUEmbeddingCenteredRMSPropParameters", retrieve),
    op("RetrieveTPUEmbeddingFTRLParameters", retrieve),
    op("RetrieveTPUEmbeddingFTRLParametersGradAccumDebug", retrieve),
    op("RetrieveTPUEmbeddingMDLAdagradLightParameters", retrieve),
    op("RetrieveTPUEmbeddingMomentumParameters", retrieve),
    op(
        "RetrieveTPUEmbeddingMomentumParametersGradAccumDebug",
        retrieve,
    ),
    op("RetrieveTPUEmbeddingProximalAdagradParameters", retrieve),
    op(
        "RetrieveTPUEmbeddingProximalAdagradParametersGradAccumDebug",
        retrieve,
    ),
    op("RetrieveTPUEmbeddingRMSPropParameters", retrieve),
    op(
        "RetrieveTPUEmbeddingRMSPropParametersGradAccumDebug",
        retrieve,
    ),
    op(
        "RetrieveTPUEmbeddingStochasticGradientDescentParameters",
        retrieve,
    ),
    op("SendTPUEmbeddingGradients", |i| fixed(i, &[ANY, 0], &[])),
    op("TPUEmbeddingActivations", |i| Ok(vec![i.input(1).clone()])),
];

/// The table has either a name or a number.
fn check_table(i: &Inference<'_>) -> Inferred<()> {
    let has_name =
        !matches!(i.node.attr_or_default("table_name"), Some(Value::S(name)) if name.is_empty());
    if has_name == (i.int("table_id") >= 0) {
        return Err("expected either table_id or table_name".to_owned());
    }
    Ok(())
}

/// The parameters of a table and what its optimizer keeps, all of one shape.
fn load(i: &Inference<'_>) -> Inferred {
    check_table(i)?;
    for index in 0..i.node.inputs.len() {
        let shape = i.ranked(index, 2)?.into();
        merge(i.input(0), &shape, "shapes of inputs")?;
    }
    Ok(Vec::new())
}

fn retrieve(i: &Inference<'_>) -> Inferred {
    check_table(i)?;
    i.all_outputs(Shape::unknown_of_rank(2))
}

/// One matrix for each table, unless the configuration lists others; the rows are those for one example.
fn activations(i: &Inference<'_>) -> Inferred {
    let config = i.node.string_attr("config").unwrap_or_default();
    let config = TPUEmbeddingConfiguration::decode(config)
        .map_err(|error| format!("the configuration cannot be read: {error}"))?;
    let outputs: Option<Vec<_>> = match config.output_layout {
        Some(layout) => layout
            .output
            .into_iter()
            .map(|output| output.two_d)
            .collect(),
        None => Some(config.table_descriptor.iter().map(of_table).collect()),
    };
    let outputs = outputs.ok_or("the configuration has an output without a format")?;
    let (found, expected) = (outputs.len(), i.node.outputs.len());
    if found != expected {
        return Err(format!(
            "expected {expected} outputs, the configuration has {found}"
        ));
    }
    let size = |value: i32| -> Dim { usize::try_from(value).ok() };
    let shape = |output: &TwoDOutputTensor| {
        let rows = output
            .dim0_size_per_sample
            .checked_mul(config.batch_size_per_tensor_core);
        matrix(rows.and_then(size), size(output.dim1_size))
    };
    Ok(outputs.iter().map(shape).collect())
}

fn of_table(table: &TableDescriptor) -> TwoDOutputTensor {
    TwoDOutputTensor {
        dim1_size: table.dimension,
        dim0_size_per_sample: table.num_features,
    }
}
