//! Generates the message types from `proto/*.proto`, and the op table from `proto/ops.pbtxt`.
//!
//! The op table is two files: `ops.bin` holds the encoded `OpDef`s one after another, `op_table.rs` an array of
//! `(name, start, end)` that says where each one is. See `src/proto.rs` and `src/graph/op_def.rs`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};

const PROTO_DIR: &str = "proto";
const OPS: &str = "proto/ops.pbtxt";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={PROTO_DIR}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let pool = generate_messages()?;
    let ops = read_ops(&pool)?;
    write_op_table(&ops, &out)
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
        .disable_comments(["."])
        .compile_fds(descriptors)
        .map_err(|e| format!("{PROTO_DIR}: {e}"))?;
    Ok(pool)
}

/// Reads the op definitions, sorted by name as the table needs them.
fn read_ops(pool: &DescriptorPool) -> Result<Vec<(String, DynamicMessage)>> {
    println!("cargo:rerun-if-changed={OPS}");
    let text = fs::read_to_string(OPS).map_err(|e| format!("{OPS}: {e}"))?;
    let op_list = pool
        .get_message_by_name("tensorflow.OpList")
        .ok_or("proto/op_def.proto: no message OpList")?;
    let op_list =
        DynamicMessage::parse_text_format(op_list, &text).map_err(|e| format!("{OPS}: {e}"))?;
    let mut ops = Vec::new();
    let list = op_list.get_field_by_name("op");
    for op in list.as_ref().and_then(|v| v.as_list()).unwrap_or_default() {
        let op = op
            .as_message()
            .ok_or_else(|| format!("{OPS}: op is no message"))?;
        let name = op.get_field_by_name("name");
        let name = name.as_ref().and_then(|v| v.as_str()).unwrap_or_default();
        ops.push((name.to_owned(), op.clone()));
    }
    ops.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(pair) = ops.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("{OPS}: op {:?} is defined twice", pair[0].0).into());
    }
    Ok(ops)
}

fn write_op_table(ops: &[(String, DynamicMessage)], out: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    let mut table = format!("static TABLE: [(&str, usize, usize); {}] = [\n", ops.len());
    for (name, op) in ops {
        let start = bytes.len();
        op.encode(&mut bytes)?;
        writeln!(table, "    ({name:?}, {start}, {}),", bytes.len())?;
    }
    table.push_str("];\n");
    write(&out.join("ops.bin"), &bytes)?;
    write(&out.join("op_table.rs"), table.as_bytes())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    Ok(fs::write(path, content).map_err(|e| format!("{}: {e}", path.display()))?)
}
