//! Generates the message types from `proto/*.proto`, and the op table from `proto/*ops.pbtxt`.
//!
//! The op table is two files: `ops.bin` holds the encoded `OpDef`s one after another, `op_table.rs` an array of
//! `(name, start, end, standing)` that says where each one is and what exports make of it. See `src/proto.rs` and
//! `src/graph/op_def.rs`. From the ops that modules list, `src/ops/codegen.rs` writes the functions of `ops::raw` and
//! calls of them for a test. `later_attrs.bin` is `proto/later_attrs.pbtxt`, for `src/graph/later.rs`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage as _, Value};

#[path = "src/ops/codegen.rs"]
mod codegen;

const PROTO_DIR: &str = "proto";

/// The files of the op table with the standing of their ops, a variant of `Standing` in `src/graph/op_def.rs`.
const OPS: [(&str, &str); 3] = [
    ("proto/ops.pbtxt", LISTED),
    ("proto/function_ops.pbtxt", "Unlisted"),
    ("proto/runtime_ops.pbtxt", "Refused"),
];

/// The attributes that later releases gave to the ops.
const LATER_ATTRS: &str = "proto/later_attrs.pbtxt";

/// The standing of the ops that `ops::raw` has functions for.
const LISTED: &str = "Listed";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={PROTO_DIR}");
    println!("cargo:rerun-if-changed=src/ops/codegen.rs");
    println!("cargo:rerun-if-changed=src/ops/codegen");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let pool = generate_messages()?;
    let ops = read_ops(&pool)?;
    write_op_table(&ops, &out)?;
    let later_attrs = read_op_list(&pool, LATER_ATTRS)?.encode_to_vec();
    write(&out.join("later_attrs.bin"), &later_attrs)?;
    let listed = ops.iter().filter(|row| row.standing == LISTED);
    let ops: Vec<_> = listed.map(|row| describe_op(&row.op)).collect();
    write(&out.join("raw_ops.rs"), codegen::generate(&ops).as_bytes())?;
    write(
        &out.join("raw_op_calls.rs"),
        codegen::calls(&ops).as_bytes(),
    )
}

/// Generates the Rust types of all messages and returns their descriptors.
fn generate_messages() -> Result<DescriptorPool> {
    let mut files = Vec::new();
    for entry in fs::read_dir(PROTO_DIR).map_err(|e| format!("{PROTO_DIR}: {e}"))? {
        let path = entry.map_err(|e| format!("{PROTO_DIR}: {e}"))?.path();
        if path.extension().is_some_and(|ext| ext == "proto") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    files.sort();
    // protox names the file and line in its own errors.
    let descriptors = protox::compile(&files, [PROTO_DIR])?;
    let pool = DescriptorPool::from_file_descriptor_set(descriptors.clone())?;
    prost_build::Config::new()
        .btree_map(["."])
        // Nearly all attributes are a number or a type, and should not take the room of a tensor.
        .boxed(".tensorflow.AttrValue.value.list")
        .boxed(".tensorflow.AttrValue.value.tensor")
        .boxed(".tensorflow.AttrValue.value.func")
        .disable_comments(["."])
        .compile_fds(descriptors)
        .map_err(|e| format!("{PROTO_DIR}: {e}"))?;
    Ok(pool)
}

/// An op of the table.
struct Row {
    name: String,
    standing: &'static str,
    op: DynamicMessage,
}

/// Reads the op definitions, sorted by name as the table needs them.
fn read_ops(pool: &DescriptorPool) -> Result<Vec<Row>> {
    let mut ops = Vec::new();
    for (file, standing) in OPS {
        for op in messages(&read_op_list(pool, file)?, "op", DynamicMessage::clone) {
            let name = string(&op, "name");
            ops.push(Row { name, standing, op });
        }
    }
    ops.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(pair) = ops.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(format!("{PROTO_DIR}: op {:?} is defined twice", pair[0].name).into());
    }
    Ok(ops)
}

/// Reads the `OpList` in a file.
fn read_op_list(pool: &DescriptorPool, file: &str) -> Result<DynamicMessage> {
    println!("cargo:rerun-if-changed={file}");
    let text = fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let op_list = pool
        .get_message_by_name("tensorflow.OpList")
        .ok_or("proto/op_def.proto: no message OpList")?;
    Ok(DynamicMessage::parse_text_format(op_list, &text).map_err(|e| format!("{file}: {e}"))?)
}

fn write_op_table(ops: &[Row], out: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    let mut table = format!(
        "static TABLE: [(&str, usize, usize, Standing); {}] = [\n",
        ops.len()
    );
    for Row { name, standing, op } in ops {
        let start = bytes.len();
        op.encode(&mut bytes)?;
        let end = bytes.len();
        writeln!(
            table,
            "    ({name:?}, {start}, {end}, Standing::{standing}),"
        )?;
    }
    table.push_str("];\n");
    write(&out.join("ops.bin"), &bytes)?;
    write(&out.join("op_table.rs"), table.as_bytes())
}

/// The op as the generator takes it.
fn describe_op(op: &DynamicMessage) -> codegen::Op {
    codegen::Op {
        name: string(op, "name"),
        inputs: messages(op, "input_arg", describe_arg),
        outputs: messages(op, "output_arg", describe_arg),
        attrs: messages(op, "attr", describe_attr),
        deprecation: messages(op, "deprecation", |it| {
            (integer(it, "version"), string(it, "explanation"))
        })
        .pop(),
    }
}

fn describe_arg(arg: &DynamicMessage) -> codegen::Arg {
    codegen::Arg {
        name: string(arg, "name"),
        is_ref: field(arg, "is_ref").as_bool() == Some(true),
        dtype: integer(arg, "type") as i32,
        type_attr: string(arg, "type_attr"),
        number_attr: string(arg, "number_attr"),
        type_list_attr: string(arg, "type_list_attr"),
    }
}

fn describe_attr(attr: &DynamicMessage) -> codegen::Attr {
    let allowed = messages(attr, "allowed_values", |it| it.clone()).pop();
    let list = allowed.and_then(|it| messages(&it, "list", |it| it.clone()).pop());
    let items = |name| match list.as_ref().map(|list| field(list, name)) {
        Some(Value::List(items)) => items,
        _ => Vec::new(),
    };
    codegen::Attr {
        name: string(attr, "name"),
        kind: string(attr, "type"),
        default: messages(attr, "default_value", value_text).pop(),
        allowed_types: items("type").iter().map(number).map(|n| n as i32).collect(),
        allowed_strings: items("s").iter().map(value_item_text).collect(),
        minimum: (field(attr, "has_minimum").as_bool() == Some(true))
            .then(|| integer(attr, "minimum")),
    }
}

fn field(message: &DynamicMessage, name: &str) -> Value {
    let value = message.get_field_by_name(name);
    value
        .unwrap_or_else(|| panic!("{} has no field {name}", message.descriptor().name()))
        .into_owned()
}

fn string(message: &DynamicMessage, name: &str) -> String {
    field(message, name).as_str().unwrap_or_default().to_owned()
}

fn integer(message: &DynamicMessage, name: &str) -> i64 {
    number(&field(message, name))
}

fn number(value: &Value) -> i64 {
    match value {
        Value::I32(number) | Value::EnumNumber(number) => (*number).into(),
        Value::I64(number) => *number,
        _ => 0,
    }
}

/// The messages in a field that is repeated, or that may be absent.
fn messages<T>(message: &DynamicMessage, name: &str, f: impl Fn(&DynamicMessage) -> T) -> Vec<T> {
    if !message.has_field_by_name(name) {
        return Vec::new();
    }
    match field(message, name) {
        Value::Message(one) => vec![f(&one)],
        Value::List(all) => all.iter().filter_map(Value::as_message).map(f).collect(),
        _ => Vec::new(),
    }
}

/// A default value for the documentation.
fn value_text(value: &DynamicMessage) -> String {
    match value.fields().next() {
        Some((field, value)) if field.name() == "list" => {
            let list = value.as_message().and_then(|list| list.fields().next());
            let items = list.and_then(|(_, items)| items.as_list());
            let texts: Vec<_> = items
                .unwrap_or_default()
                .iter()
                .map(value_item_text)
                .collect();
            format!("[{}]", texts.join(", "))
        }
        Some((field, Value::EnumNumber(number))) if field.name() == "type" => {
            let row = codegen::TYPES.iter().find(|row| row.0 == *number);
            row.map_or_else(|| number.to_string(), |row| row.1.to_owned())
        }
        Some((field, Value::Bytes(bytes))) if field.name() == "s" => {
            format!("\"{}\"", bytes.escape_ascii())
        }
        Some((_, Value::Message(message))) => message_text(message),
        Some((_, value)) => value_item_text(value),
        None => String::new(),
    }
}

fn value_item_text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => bytes.escape_ascii().to_string(),
        Value::F32(value) => value.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Message(message) => message_text(message),
        _ => number(value).to_string(),
    }
}

/// A shape; a tensor is told by its dtype.
fn message_text(message: &DynamicMessage) -> String {
    if message.descriptor().name() != "TensorShapeProto" {
        return "a tensor".to_owned();
    }
    if field(message, "unknown_rank").as_bool() == Some(true) {
        return "<unknown>".to_owned();
    }
    let dims = messages(message, "dim", |dim| match integer(dim, "size") {
        -1 => "?".to_owned(),
        size => size.to_string(),
    });
    format!("[{}]", dims.join(", "))
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    Ok(fs::write(path, content).map_err(|e| format!("{}: {e}", path.display()))?)
}
