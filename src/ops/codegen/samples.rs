//! A call of every function of `ops::raw`, for tests: with placeholders as inputs and attributes made up from their
//! definitions.

use std::fmt::Write as _;

use super::names::identifier;
use super::op::{Arg, Attr, Op};
use super::types::{rust_type, type_row};

/// Arguments that TensorFlow's shape functions demand and definitions do not tell: of each op
/// an input or attribute, and a Rust expression.
const VALUES: &[(&str, &[(&str, &str)])] = &[
    ("AllToAll", &[("input", "shaped(g, (2, 2))")]),
    ("BatchToSpaceND", &[("block_shape", "shaped(g, (2,))")]),
    ("Einsum", &[("equation", "\"ab,bc->ac\"")]),
    ("FusedPadConv2D", &[("paddings", "shaped(g, (4, 2))")]),
    (
        "FusedResizeAndPadConv2D",
        &[("paddings", "shaped(g, (4, 2))")],
    ),
    (
        "ParallelConcat",
        &[
            ("shape", "(2, 3)"),
            ("values", "&[shaped(g, (1, 3)), shaped(g, (1, 3))]"),
        ],
    ),
    (
        "ParseExample",
        &[
            ("dense_shapes", "&[Shape::scalar(), Shape::scalar()]"),
            ("sparse_types", "&[DType::Float32, DType::Int64]"),
        ],
    ),
    (
        "ParseSequenceExample",
        &[
            ("context_dense_defaults", "&[]"),
            ("context_dense_keys", "&[\"\"; 0]"),
            ("context_sparse_keys", "&[\"\"; 0]"),
            ("context_sparse_types", "&[]"),
            ("feature_list_dense_keys", "&[\"\"; 0]"),
            ("feature_list_dense_types", "&[]"),
            ("feature_list_sparse_keys", "&[\"\"; 0]"),
            ("feature_list_sparse_types", "&[]"),
            ("Ncontext_sparse", "0"),
            ("Nfeature_list_dense", "0"),
            ("Nfeature_list_sparse", "0"),
        ],
    ),
    (
        "ParseSingleExample",
        &[
            ("dense_keys", "&[\"a\", \"b\"]"),
            ("dense_shapes", "&[Shape::scalar(), Shape::scalar()]"),
        ],
    ),
    (
        "ParseSingleSequenceExample",
        &[
            ("context_dense_defaults", "&[]"),
            ("context_dense_keys", "&[]"),
            ("context_sparse_types", "&[DType::Float32, DType::Int64]"),
            ("feature_list_dense_keys", "&[]"),
            ("feature_list_dense_types", "&[]"),
            (
                "feature_list_sparse_types",
                "&[DType::Float32, DType::Int64]",
            ),
        ],
    ),
    ("PrintV2", &[("input", "shaped(g, ())")]),
    (
        "RaggedTensorToTensor",
        &[(
            "row_partition_types",
            "&[\"FIRST_DIM_SIZE\", \"VALUE_ROWIDS\"]",
        )],
    ),
    // A TPUEmbeddingConfiguration of one table, with 1 for every number.
    (
        "RecvTPUEmbeddingActivations",
        &[(
            "config",
            r#"b"\x0a\x09\x0a\x01a\x10\x01\x18\x01\x20\x01\x18\x01\x20\x01\x28\x01""#,
        )],
    ),
    (
        "ResourceCountUpTo",
        &[("resource", "raw::var_handle_op(g, DType::Int32, (), ())")],
    ),
    ("SpaceToBatchND", &[("block_shape", "shaped(g, (2,))")]),
    ("StringFormat", &[("inputs", "&[tensor::<f32>(g).any()]")]),
];

fn value(op: &Op, name: &str) -> Option<String> {
    let (_, values) = VALUES.iter().find(|(of, _)| *of == op.name)?;
    let (_, value) = values.iter().find(|(of, _)| *of == name)?;
    Some((*value).to_owned())
}

/// A table of `(op, function that calls it)`.
pub(crate) fn calls(ops: &[Op]) -> String {
    let mut out = String::from(
        "// Written by src/ops/codegen/samples.rs from proto/ops.pbtxt at build time. Do not edit.\n\n",
    );
    put!(
        out,
        "pub(super) static CALLS: [(&str, Call); {}] = [",
        ops.len()
    );
    for op in ops {
        let types: Vec<_> = op.type_params().map(sample_type).collect();
        let turbofish = if types.is_empty() {
            String::new()
        } else {
            format!("::<{}>", types.join(", "))
        };
        let mut args = Vec::new();
        if op.leading_input().is_none() {
            args.push("g".to_owned());
        }
        args.extend(op.inputs.iter().map(|arg| sample_input(op, arg)));
        args.extend(op.arguments().map(|attr| sample_value(op, attr)));
        if !op.options().is_empty() {
            args.push(sample_options(op));
        }
        let function = identifier(&op.name);
        put!(out, "    ({:?}, |g| {{", op.name);
        put!(
            out,
            "        raw::{function}{turbofish}({});",
            args.join(", ")
        );
        put!(out, "    }}),");
    }
    put!(out, "];");
    out
}

fn sample_type(attr: &Attr) -> &'static str {
    let allowed = &attr.allowed_types;
    let preferred = [1, 3];
    let found = preferred
        .into_iter()
        .find(|number| allowed.is_empty() || allowed.contains(number));
    rust_type(found.unwrap_or_else(|| allowed[0]))
}

fn sample_input(op: &Op, arg: &Arg) -> String {
    if let Some(value) = value(op, &arg.name) {
        return value;
    }
    let make = if arg.is_ref { "reference" } else { "tensor" };
    if arg.is_one() {
        return format!("{make}(g)");
    }
    let count = |attr: &str| {
        let minimum = op.attr(attr).minimum.unwrap_or(0);
        minimum.max(2) as usize
    };
    let items = if arg.type_list_attr.is_empty() {
        vec![format!("{make}(g)"); count(&arg.number_attr)]
    } else {
        let allowed = &op.attr(&arg.type_list_attr).allowed_types;
        let of = rust_type(allowed.first().copied().unwrap_or(1));
        vec![format!("tensor::<{of}>(g).any()"); count(&arg.type_list_attr)]
    };
    format!("&[{}]", items.join(", "))
}

fn sample_options(op: &Op) -> String {
    // Embedding tables of TPUs go by name or by number; neither is the default.
    if op.attrs.iter().any(|attr| attr.name == "table_name") {
        return format!("raw::{}::default().table_name(\"a\")", op.options_name());
    }
    "()".to_owned()
}

fn sample_value(op: &Op, attr: &Attr) -> String {
    if let Some(value) = value(op, &attr.name) {
        return value;
    }
    let item = match attr.kind.trim_start_matches("list(").trim_end_matches(')') {
        "int" => attr.minimum.unwrap_or(1).max(1).to_string(),
        "float" => "0.5".to_owned(),
        "bool" => "true".to_owned(),
        "string" => match attr.allowed_strings.first() {
            Some(allowed) => format!("{allowed:?}"),
            None => "\"a\"".to_owned(),
        },
        "type" => {
            let number = attr.allowed_types.first().copied().unwrap_or(1);
            format!("DType::{}", type_row(number).2)
        }
        "shape" => "Shape::scalar()".to_owned(),
        "tensor" => "TensorValue::scalar(1f32)".to_owned(),
        "func" => "FunctionRef::new(\"f\")".to_owned(),
        kind => panic!("attribute {}: kind {kind:?} is unknown", attr.name),
    };
    if attr.kind.starts_with("list(") {
        // Windows have a size for each dimension of an image.
        let is_window = ["ksize", "strides"].contains(&attr.name.as_str());
        let count = attr.minimum.unwrap_or(0).max(if is_window { 4 } else { 1 });
        let count = count as usize;
        format!("&[{}]", vec![item; count].join(", "))
    } else {
        item
    }
}
