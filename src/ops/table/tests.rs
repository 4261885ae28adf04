use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Row;
use crate::dtype::DType;
use crate::graph::op_def::{self, ArgKind, ArgType, AttrDef, OpDef};
use crate::ops;
use crate::proto::tensorflow::attr_value::Value;

/// The tables by the groups of `tests/it/functions`.
const TABLES: [(&str, &[&[Row]]); 11] = [
    ("array", ops::array::TABLES),
    ("audio", &[ops::audio::ROWS]),
    ("bitwise", &[ops::bitwise::ROWS]),
    ("image", ops::image::TABLES),
    ("io", &[ops::io::ROWS]),
    ("linalg", &[ops::linalg::ROWS]),
    ("math", ops::math::TABLES),
    ("nn", ops::nn::TABLES),
    ("quantization", &[ops::quantization::ROWS]),
    ("signal", &[ops::signal::ROWS]),
    ("string", &[ops::string::ROWS]),
];

/// The dtypes that a type attribute may be.
fn allowed(attr: &AttrDef) -> BTreeSet<DType> {
    match attr
        .allowed
        .as_ref()
        .and_then(|allowed| allowed.value.as_ref())
    {
        Some(Value::List(allowed)) => {
            let numbers = allowed.r#type.iter();
            numbers
                .filter_map(|&number| DType::from_number(number))
                .collect()
        }
        _ => DType::ALL.iter().copied().collect(),
    }
}

/// The only dtype of a Rust type in a row.
fn dtype(rust: &str) -> Option<DType> {
    Some(match rust {
        "bool" => DType::Bool,
        "f32" => DType::Float32,
        "f64" => DType::Float64,
        "i32" => DType::Int32,
        "i64" => DType::Int64,
        "u8" => DType::UInt8,
        "ByteString" => DType::String,
        _ => return None,
    })
}

/// A fault of an input or output of a row.
fn fault_of_type(row: &Row, op: &OpDef, kind: ArgKind, rust: &str) -> Option<String> {
    let admitted: BTreeSet<DType> = match row.bounds.iter().find(|(name, _)| *name == rust) {
        Some((_, admitted)) => admitted().into_iter().collect(),
        None => match dtype(rust) {
            Some(dtype) => [dtype].into(),
            None => return None,
        },
    };
    match kind {
        ArgKind::One(ArgType::Attr(attr)) => {
            let attr = &op.attrs[attr];
            let allowed = allowed(attr);
            let is_one = admitted.len() == 1 && admitted.is_subset(&allowed);
            let fits = is_one || admitted == allowed;
            (!fits).then(|| format!("{rust} admits {admitted:?}, {} is {allowed:?}", attr.name))
        }
        ArgKind::One(ArgType::Fixed(number)) => {
            let only = DType::from_number(number).into_iter().collect();
            (admitted != only).then(|| format!("{rust} admits {admitted:?}, the op {only:?}"))
        }
        ArgKind::Repeated { .. } | ArgKind::List(_) => Some(format!("{rust} stands for a list")),
    }
}

/// The faults of a row: what it lacks, or has otherwise than the op's definition.
fn faults(row: &Row, calls: &str) -> Vec<String> {
    let Some(op) = op_def::lookup(row.op) else {
        return vec![format!("there is no op {}", row.op)];
    };
    let mut faults = Vec::new();
    if op.inputs.len() != row.inputs.len() {
        let (expected, found) = (op.inputs.len(), row.inputs.len());
        faults.push(format!("the op has {expected} inputs, the row {found}"));
    }
    let inputs = op.inputs.iter().zip(row.inputs);
    let args = inputs.chain(op.outputs.first().map(|output| (output, &row.output)));
    faults.extend(args.filter_map(|(arg, rust)| fault_of_type(row, op, arg.kind, rust)));
    let first = row.doc.iter().take_while(|line| !line.trim().is_empty());
    let first: String = first.copied().collect();
    if !first.contains("(`tf.") {
        faults.push("the first sentence of its doc lacks Python's name".to_owned());
    }
    for attr in row.attrs {
        if !op.attrs.iter().any(|known| known.name == *attr) {
            faults.push(format!("the op has no attribute {attr}"));
        }
    }
    let is_inferred = |at: usize| {
        op.inputs.iter().any(|arg| match arg.kind {
            ArgKind::One(of) => of == ArgType::Attr(at),
            ArgKind::Repeated { count, of } => count == at || of == ArgType::Attr(at),
            ArgKind::List(of) => of == at,
        })
    };
    for (at, attr) in op.attrs.iter().enumerate() {
        if attr.default.is_none() && !is_inferred(at) && !row.attrs.contains(&&*attr.name) {
            faults.push(format!("the attribute {} is not set", attr.name));
        }
    }
    let is_called = ["(", "::<"]
        .iter()
        .any(|after| calls.contains(&format!("::{}{after}", row.name)));
    if !is_called {
        faults.push("no call of it is compared with Python's".to_owned());
    }
    faults
}

#[test]
fn every_row_has_what_its_function_needs() {
    let calls = Path::new("tests/it/functions");
    let mut found = Vec::new();
    for (group, rows) in TABLES {
        let file = calls.join(group).with_extension("rs");
        let calls = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{group}: {error}"));
        for row in rows.iter().copied().flatten() {
            let of_row = faults(row, &calls).into_iter();
            found.extend(of_row.map(|fault| format!("{group}::{}: {fault}", row.name)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_a_row_lacks_is_found() {
    let row = Row {
        name: "no_such_call",
        op: "LeakyRelu",
        doc: &[" Each element."],
        bounds: &[("T", || vec![DType::Float32, DType::Int32])],
        inputs: &["T", "T"],
        output: "bool",
        attrs: &["beta"],
    };
    let found = faults(&row, "").join("\n");
    for fault in [
        "the op has 1 inputs, the row 2",
        "T admits",
        "bool admits",
        "lacks Python's name",
        "no attribute beta",
        "no call of it",
    ] {
        assert!(found.contains(fault), "{fault} is not in\n{found}");
    }
    let row = Row { op: "Sum2", ..row };
    assert_eq!(faults(&row, ""), ["there is no op Sum2"]);
    let row = Row {
        op: "StringToHashBucketFast",
        ..row
    };
    assert!(faults(&row, "").contains(&"the attribute num_buckets is not set".to_owned()));
}
