//! Generates the message types from `proto/*.proto`, and the op table from `proto/*ops.pbtxt`.
//!
//! The op table is two files: `ops.bin` holds the encoded `OpDef`s one after another, `op_table.rs` an array of
//! `(name, start, end, standing)` that says where each one is and what exports make of it. See `src/proto.rs` and
//! `src/graph/op_def.rs`. From the ops that modules list, `src/ops/codegen.rs` writes the functions of `ops::raw` and
//! calls of them for a test. `later_attrs.bin` is `proto/later_attrs.pbtxt`, for `src/graph/later.rs`.
//!
//! The fields of the messages that have a text form are in `text_fields.rs`; see `src/text_format.rs`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use schema::{Field, Kind, Label, Schema};
use text::Text;

#[path = "src/ops/codegen.rs"]
mod codegen;
#[path = "build/messages.rs"]
mod messages;
#[path = "build/ops.rs"]
mod ops;
#[path = "build/schema.rs"]
mod schema;
#[path = "build/text.rs"]
mod text;

const PROTO_DIR: &str = "proto";

/// The packages, each of which becomes a file of types.
const PACKAGES: [&str; 3] = ["google.protobuf", "tensorflow", "tensorflow_hub"];

/// The messages of protocol buffers themselves that ours hold.
const GOOGLE: &str = "
    package google.protobuf;
    message Any { string type_url = 1; bytes value = 2; }
    message BoolValue { bool value = 1; }
";

/// Messages that are looked into or written only in part: the fields that are. Those of the packages `xla` and
/// `tensorflow.tpu` are among them, whose names are nowhere written.
const PARTIAL: &str = "
    package tensorflow;
    message Event { double wall_time = 1; string file_version = 3; bytes graph_def = 4; }
    message DotDimensionNumbers {
        repeated int64 lhs_contracting_dimensions = 1;
        repeated int64 rhs_contracting_dimensions = 2;
        repeated int64 lhs_batch_dimensions = 3;
        repeated int64 rhs_batch_dimensions = 4;
    }
    message TPUEmbeddingConfiguration {
        message TableDescriptor { int32 dimension = 3; int32 num_features = 4; }
        repeated TableDescriptor table_descriptor = 1;
        int32 batch_size_per_tensor_core = 3;
        TPUEmbeddingOutputLayout output_layout = 8;
    }
    message TPUEmbeddingOutputLayout {
        message TwoDOutputTensor { int32 dim1_size = 1; int32 dim0_size_per_sample = 2; }
        message EmbeddingOutputTensor { TwoDOutputTensor two_d = 4; }
        repeated EmbeddingOutputTensor output = 2;
    }
";

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

/// The messages that are read from text, and with them all that they may hold.
const TEXT_ROOTS: [&str; 2] = ["tensorflow.SavedModel", "tensorflow.CheckpointState"];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    for path in [
        "build.rs",
        "build",
        PROTO_DIR,
        "src/ops/codegen.rs",
        "src/ops/codegen",
    ] {
        println!("cargo:rerun-if-changed={path}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let schema = read_schema()?;
    for package in PACKAGES {
        let types = messages::generate(&schema, package)?;
        let file = out.join(messages::module(package)).with_extension("rs");
        write(&file, types.as_bytes())?;
    }
    write_text_fields(&schema, &out)?;
    let rows = read_ops(&schema)?;
    write_op_table(&rows, &out)?;
    let later_attrs = read_op_list(&schema, LATER_ATTRS)?.encode();
    write(&out.join("later_attrs.bin"), &later_attrs)?;
    let listed = rows.iter().filter(|row| row.standing == LISTED);
    let described: Vec<_> = listed.map(|row| ops::describe(&row.op)).collect();
    write(
        &out.join("raw_ops.rs"),
        codegen::generate(&described).as_bytes(),
    )?;
    write(
        &out.join("raw_op_calls.rs"),
        codegen::calls(&described).as_bytes(),
    )
}

/// Reads all messages and enums.
fn read_schema() -> Result<Schema> {
    let mut files = Vec::new();
    for entry in fs::read_dir(PROTO_DIR).map_err(|e| format!("{PROTO_DIR}: {e}"))? {
        let path = entry.map_err(|e| format!("{PROTO_DIR}: {e}"))?.path();
        if path.extension().is_some_and(|ext| ext == "proto") {
            files.push(path);
        }
    }
    files.sort();
    let mut schema = Schema::default();
    schema.add(Path::new("build.rs"), GOOGLE)?;
    schema.add(Path::new("build.rs"), PARTIAL)?;
    for file in files {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        schema.add(&file, &text)?;
    }
    schema.resolve()?;
    Ok(schema)
}

/// Writes the tables of messages and enums, sorted by name, by which text is read.
fn write_text_fields(schema: &Schema, out: &Path) -> Result<()> {
    let mut messages = BTreeMap::new();
    let mut enums = BTreeMap::new();
    let mut open = TEXT_ROOTS.map(str::to_owned).to_vec();
    while let Some(name) = open.pop() {
        let message = schema.message(&name)?;
        for field in &message.fields {
            match text_kind(&name, field) {
                Kind::Message(inner) if !messages.contains_key(&inner) => open.push(inner),
                Kind::Enum(inner) => {
                    enums.insert(inner.clone(), &schema.enums[&inner]);
                }
                _ => {}
            }
        }
        messages.insert(name, message);
    }
    let message_names: Vec<_> = messages.keys().cloned().collect();
    let enum_names: Vec<_> = enums.keys().cloned().collect();
    let place = |names: &[String], name: &String| {
        let place = names.binary_search(name);
        place.map_err(|_| format!("{name} is in no table"))
    };

    let mut table = format!("static MESSAGES: [Message; {}] = [\n", messages.len());
    for (name, message) in &messages {
        writeln!(table, "    Message {{ name: {name:?}, fields: &[")?;
        let mut fields: Vec<_> = message.fields.iter().collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        for field in fields {
            let kind = match text_kind(name, field) {
                Kind::Message(inner) => format!("Message({})", place(&message_names, &inner)?),
                Kind::Enum(inner) => format!("Enum({})", place(&enum_names, &inner)?),
                // Named in lower case, which Rust's variants are not.
                Kind::Scalar(scalar) => scalar[..1].to_ascii_uppercase() + &scalar[1..],
            };
            writeln!(
                table,
                "        Field {{ name: {:?}, number: {}, kind: Kind::{kind}, is_repeated: {} }},",
                field.name,
                field.number,
                matches!(field.label, Label::Repeated | Label::Map(_)),
            )?;
        }
        table.push_str("    ] },\n");
    }
    writeln!(table, "];\nstatic ENUMS: [Enum; {}] = [", enums.len())?;
    for (name, definition) in &enums {
        let values: Vec<_> = definition
            .values
            .iter()
            .map(|(value, number)| format!("({value:?}, {number})"))
            .collect();
        writeln!(
            table,
            "    Enum {{ name: {name:?}, values: &[{}] }},",
            values.join(", ")
        )?;
    }
    table.push_str("];\n");
    write(&out.join("text_fields.rs"), table.as_bytes())
}

/// The type of a field in text, where a map is its entries.
fn text_kind(message: &str, field: &Field) -> Kind {
    match field.label {
        Label::Map(_) => Kind::Message(schema::entry_name(message, &field.name)),
        _ => field.kind.clone(),
    }
}

/// An op of the table.
struct Row<'s> {
    name: String,
    standing: &'static str,
    op: Text<'s>,
}

/// Reads the op definitions, sorted by name as the table needs them.
fn read_ops(schema: &Schema) -> Result<Vec<Row<'_>>> {
    let mut ops = Vec::new();
    for (file, standing) in OPS {
        for op in read_op_list(schema, file)?.into_messages("op") {
            let name = op.string("name");
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
fn read_op_list<'s>(schema: &'s Schema, file: &str) -> Result<Text<'s>> {
    let text = fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    text::parse(schema, "tensorflow.OpList", file, &text)
}

fn write_op_table(ops: &[Row<'_>], out: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    let mut table = format!(
        "static TABLE: [(&str, usize, usize, Standing); {}] = [\n",
        ops.len()
    );
    for Row { name, standing, op } in ops {
        let start = bytes.len();
        bytes.extend(op.encode());
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

fn write(path: &Path, content: &[u8]) -> Result<()> {
    Ok(fs::write(path, content).map_err(|e| format!("{}: {e}", path.display()))?)
}
