//! Shapes of the embeddings that TPUs keep.

use prost::Message as _;

use super::Outputs::{Fixed, Like};
use super::{ANY, Inference, Inferred, matrix, merge, no_outputs, refuse, tensor};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::proto::tensorflow::attr_value::Value;
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
    ranked("SendTPUEmbeddingGradients", &[ANY, 0], Fixed(&[])),
    ranked("TPUEmbeddingActivations", &[], Like(1)),
];

/// The table has either a name or a number.
fn check_table(i: &Inference<'_>) -> Inferred<()> {
    let has_name =
        !matches!(i.node.attr_or_default("table_name"), Some(Value::S(name)) if name.is_empty());
    if has_name == (i.int("table_id") >= 0) {
        return Err("expected either table_id or table_name".into());
    }
    Ok(())
}

/// The parameters of a table and what its optimizer keeps, all of one shape.
fn load(i: &Inference<'_>) -> Inferred {
    check_table(i)?;
    for index in 0..i.node.inputs.len() {
        let shape = tensor(i.ranked(index, 2)?);
        merge(i.input(0), &shape, "shapes of inputs")?;
    }
    Ok(Vec::new())
}

fn retrieve(i: &Inference<'_>) -> Inferred {
    check_table(i)?;
    i.all_outputs(Shape::unknown_of_rank(2))
}

/// TensorFlow's `TPUEmbeddingConfiguration`, as far as it is read here.
#[derive(Clone, PartialEq, prost::Message)]
struct Configuration {
    #[prost(message, repeated, tag = "1")]
    tables: Vec<Table>,
    #[prost(int32, tag = "3")]
    batch_size: i32,
    #[prost(message, optional, tag = "8")]
    layout: Option<Layout>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Table {
    #[prost(int32, tag = "3")]
    dimension: i32,
    #[prost(int32, tag = "4")]
    features: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Layout {
    #[prost(message, repeated, tag = "2")]
    outputs: Vec<Output>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Output {
    #[prost(message, optional, tag = "4")]
    matrix: Option<Matrix>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Matrix {
    #[prost(int32, tag = "1")]
    columns: i32,
    #[prost(int32, tag = "2")]
    rows: i32,
}

/// One matrix for each table, unless the configuration lists others; the rows are those for one example.
fn activations(i: &Inference<'_>) -> Inferred {
    let config = i.node.string_attr("config").unwrap_or_default();
    let config = match Configuration::decode(config) {
        Ok(config) => config,
        Err(error) => {
            return refuse(format_args!("the configuration cannot be read: {error}"));
        }
    };
    let Some(outputs) = rows_and_columns(&config) else {
        return Err("the configuration has an output without a format".into());
    };
    let (found, expected) = (outputs.len(), i.node.outputs.len());
    if found != expected {
        return refuse(format_args!(
            "expected {expected} outputs, the configuration has {found}"
        ));
    }
    let size = |value: i32| usize::try_from(value).ok();
    let mut shapes = Vec::new();
    for (rows, columns) in outputs {
        let rows = rows.checked_mul(config.batch_size);
        shapes.push(matrix(rows.and_then(size), size(columns)));
    }
    Ok(shapes)
}

/// The rows for one example and the columns of each output; `None` if an output has no format.
fn rows_and_columns(config: &Configuration) -> Option<Vec<(i32, i32)>> {
    let mut outputs = Vec::new();
    if let Some(layout) = &config.layout {
        for output in &layout.outputs {
            let matrix = output.matrix.as_ref()?;
            outputs.push((matrix.rows, matrix.columns));
        }
        return Some(outputs);
    }
    for table in &config.tables {
        outputs.push((table.features, table.dimension));
    }
    Some(outputs)
}
