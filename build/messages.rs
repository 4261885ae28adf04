//! Writes the Rust types of messages and enums, as prost derives their encoding.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Result;
use super::schema::{Enum, Field, Kind, Label, Message, Schema, camel_case};

/// Fields whose message is behind a pointer: nearly all attributes are a number or a type, and should not take the room
/// of a tensor. Messages that hold themselves are behind one anyway.
const BOXED: [&str; 3] = [
    "tensorflow.AttrValue.list",
    "tensorflow.AttrValue.tensor",
    "tensorflow.AttrValue.func",
];

/// The messages that the crate reads and writes by themselves. They have types, and so has all that they may hold.
const ROOTS: [&str; 10] = [
    "tensorflow.BundleEntryProto",
    "tensorflow.BundleHeaderProto",
    "tensorflow.CheckpointState",
    "tensorflow.ControlFlowContextDef",
    "tensorflow.SavedModel",
    "tensorflow.SavedTensorSlices",
    "tensorflow.VariableDef",
    "tensorflow_hub.ImageModuleInfo",
    "tensorflow_hub.ModuleAttachment",
    "tensorflow_hub.ModuleDef",
];

/// The map whose entries are written whole, as a list of them: the others have no key or value that is zero or empty.
const WHOLE: (&str, &str) = ("tensorflow.FunctionDef.arg_attr", "crate::proto::ArgAttr");

/// Fields whose messages nobody looks into: they are kept as bytes.
const KEPT: [&str; 2] = [
    "tensorflow.GraphDef.debug_info",
    "tensorflow.MetaGraphDef.object_graph_def",
];

const BYTES: &str = "::prost::alloc::vec::Vec<u8>";
const STRING: &str = "::prost::alloc::string::String";

/// The Rust module of a package's types.
pub(crate) fn module(package: &str) -> &str {
    package.split('.').next().unwrap_or(package)
}

/// The types of a package, those of nested messages in modules that are named after the message around.
pub(crate) fn generate(schema: &Schema, package: &str) -> Result<String> {
    let mut out =
        String::from("// Written by build/messages.rs from proto/ at build time. Do not edit.\n\n");
    write_module(&mut out, schema, &used(schema)?, package, &[])?;
    Ok(out)
}

/// The messages and enums that have types.
fn used(schema: &Schema) -> Result<BTreeSet<&str>> {
    let mut used = BTreeSet::new();
    let mut open = ROOTS.to_vec();
    while let Some(name) = open.pop() {
        if !used.insert(name) {
            continue;
        }
        for field in &schema.message(name)?.fields {
            match &field.kind {
                Kind::Message(inner) if !is_kept(name, field) => open.push(inner),
                Kind::Enum(inner) => {
                    used.insert(inner);
                }
                _ => {}
            }
        }
        // The module of a nested message is that of the message around.
        let outer = name.rsplit_once('.').map(|(outer, _)| outer);
        open.extend(outer.filter(|outer| schema.messages.contains_key(*outer)));
    }
    Ok(used)
}

fn is_kept(message: &str, field: &Field) -> bool {
    KEPT.contains(&format!("{message}.{}", field.name).as_str())
}

/// Writes what lies directly in the message at `path`.
fn write_module(
    out: &mut String,
    schema: &Schema,
    used: &BTreeSet<&str>,
    package: &str,
    path: &[String],
) -> Result<()> {
    let is_here = |other_package: &str, other: &[String]| {
        other_package == package && other.split_last().map(|(_, outer)| outer) == Some(path)
    };
    for (name, it) in &schema.enums {
        if used.contains(name.as_str()) && is_here(&it.package, &it.path) {
            write_enum(out, it);
        }
    }
    for (name, it) in &schema.messages {
        if !used.contains(name.as_str()) || !is_here(&it.package, &it.path) {
            continue;
        }
        write_message(out, schema, name, it)?;
        let mut inner = String::new();
        write_module(&mut inner, schema, used, package, &it.path)?;
        write_oneofs(&mut inner, schema, name, it)?;
        if !inner.is_empty() {
            let module = snake_case(last(&it.path));
            write!(out, "pub mod {module} {{\n{inner}}}\n")?;
        }
    }
    Ok(())
}

fn write_message(out: &mut String, schema: &Schema, name: &str, message: &Message) -> Result<()> {
    out.push_str("#[derive(Clone, PartialEq, ::prost::Message)]\n");
    writeln!(out, "pub struct {} {{", last(&message.path))?;
    for field in &message.fields {
        let (kind, of) = value(schema, name, field)?;
        let (kind, of) = match &field.label {
            Label::Oneof(_) => continue,
            Label::Map(_) if WHOLE.0 == format!("{name}.{}", field.name) => (
                "message, repeated".to_owned(),
                format!("::prost::alloc::vec::Vec<{}>", WHOLE.1),
            ),
            Label::Map(key) => {
                let key_type = scalar(key);
                let of = format!("::prost::alloc::collections::BTreeMap<{key_type}, {of}>");
                let kind = kind
                    .replace('"', "")
                    .replace("enumeration = ", "enumeration:");
                (format!("btree_map = \"{key}, {kind}\""), of)
            }
            Label::Repeated => (
                format!("{kind}, repeated"),
                format!("::prost::alloc::vec::Vec<{of}>"),
            ),
            Label::Singular if !matches!(field.kind, Kind::Message(_)) => (kind, of),
            Label::Singular | Label::Optional => {
                let boxed = if is_boxed(schema, name, field) {
                    ", boxed"
                } else {
                    ""
                };
                (
                    format!("{kind}, optional{boxed}"),
                    format!("::core::option::Option<{of}>"),
                )
            }
        };
        writeln!(out, "    #[prost({kind}, tag = \"{}\")]", field.number)?;
        writeln!(out, "    pub {}: {of},", identifier(&field.name))?;
    }
    for (place, oneof) in message.oneofs.iter().enumerate() {
        let tags: Vec<_> = members(message, place)
            .map(|field| field.number.to_string())
            .collect();
        let of = format!("{}::{}", snake_case(last(&message.path)), camel_case(oneof));
        writeln!(
            out,
            "    #[prost(oneof = \"{of}\", tags = \"{}\")]",
            tags.join(", ")
        )?;
        writeln!(
            out,
            "    pub {}: ::core::option::Option<{of}>,",
            identifier(oneof)
        )?;
    }
    out.push_str("}\n");
    Ok(())
}

fn write_oneofs(out: &mut String, schema: &Schema, name: &str, message: &Message) -> Result<()> {
    for (place, oneof) in message.oneofs.iter().enumerate() {
        out.push_str("#[derive(Clone, PartialEq, ::prost::Oneof)]\n");
        writeln!(out, "pub enum {} {{", camel_case(oneof))?;
        for field in members(message, place) {
            let (kind, of) = value(schema, name, field)?;
            writeln!(out, "    #[prost({kind}, tag = \"{}\")]", field.number)?;
            writeln!(out, "    {}({of}),", camel_case(&field.name))?;
        }
        out.push_str("}\n");
    }
    Ok(())
}

fn members(message: &Message, oneof: usize) -> impl Iterator<Item = &Field> {
    let fields = message.fields.iter();
    fields.filter(move |field| field.label == Label::Oneof(oneof))
}

/// prost's word for the type of one value of a field, and the type in Rust.
fn value(schema: &Schema, message: &str, field: &Field) -> Result<(String, String)> {
    let path = |package: &str, path: &[String]| {
        let outer = path.iter().take(path.len() - 1);
        let outer: String = outer.map(|name| snake_case(name) + "::").collect();
        format!("crate::proto::{}::{outer}{}", module(package), last(path))
    };
    Ok(match &field.kind {
        Kind::Scalar(name) if name == "bytes" => ("bytes = \"vec\"".to_owned(), BYTES.to_owned()),
        Kind::Scalar(name) => (name.clone(), scalar(name).to_owned()),
        Kind::Enum(name) => {
            let it = &schema.enums[name];
            let path = path(&it.package, &it.path);
            (format!("enumeration = \"{path}\""), "i32".to_owned())
        }
        Kind::Message(_) if is_kept(message, field) => {
            ("message".to_owned(), "crate::proto::Kept".to_owned())
        }
        Kind::Message(name) => {
            let it = schema.message(name)?;
            let of = path(&it.package, &it.path);
            match is_boxed(schema, message, field) {
                true => (
                    "message".to_owned(),
                    format!("::prost::alloc::boxed::Box<{of}>"),
                ),
                false => ("message".to_owned(), of),
            }
        }
    })
}

fn is_boxed(schema: &Schema, message: &str, field: &Field) -> bool {
    let holds_itself = match &field.kind {
        Kind::Message(inner) => is_inline(field) && holds(schema, inner, message, &mut Vec::new()),
        _ => false,
    };
    holds_itself || BOXED.contains(&format!("{message}.{}", field.name).as_str())
}

/// Whether a field's message would lie in the message itself.
fn is_inline(field: &Field) -> bool {
    !matches!(field.label, Label::Repeated | Label::Map(_))
}

/// Whether a message has room for the message `inner` in itself.
fn holds(schema: &Schema, outer: &str, inner: &str, seen: &mut Vec<String>) -> bool {
    if outer == inner {
        return true;
    }
    if seen.iter().any(|name| name == outer) {
        return false;
    }
    seen.push(outer.to_owned());
    let fields = schema.messages.get(outer).map(|it| &it.fields[..]);
    fields
        .unwrap_or_default()
        .iter()
        .any(|field| match &field.kind {
            Kind::Message(name) => is_inline(field) && holds(schema, name, inner, seen),
            _ => false,
        })
}

fn write_enum(out: &mut String, it: &Enum) {
    let name = last(&it.path);
    let variant = |value: &str| {
        let variant = camel_case(value);
        let short = variant.strip_prefix(name.as_str());
        let short = short.filter(|it| it.starts_with(|c: char| c.is_ascii_uppercase()));
        short.map_or(variant.clone(), str::to_owned)
    };
    let mut variants = String::new();
    let mut names = String::new();
    for (value, number) in &it.values {
        let variant = variant(value);
        let _ = writeln!(variants, "    {variant} = {number},");
        let _ = writeln!(names, "            Self::{variant} => {value:?},");
    }
    let _ = write!(
        out,
        "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::prost::Enumeration)]\n\
        #[repr(i32)]\npub enum {name} {{\n{variants}}}\nimpl {name} {{\n    \
        /// The name in `.proto` files.\n    pub fn as_str_name(&self) -> &'static str {{\n        \
        match self {{\n{names}        }}\n    }}\n}}\n"
    );
}

/// The Rust type of a scalar.
fn scalar(name: &str) -> &'static str {
    match name {
        "bool" => "bool",
        "bytes" => BYTES,
        "double" => "f64",
        "fixed64" | "uint64" => "u64",
        "float" => "f32",
        "int32" => "i32",
        "int64" | "sint64" => "i64",
        "fixed32" | "uint32" => "u32",
        _ => STRING,
    }
}

fn last(path: &[String]) -> &String {
    &path[path.len() - 1]
}

fn identifier(name: &str) -> String {
    match name {
        "type" | "ref" | "struct" | "enum" | "match" | "mod" | "use" => format!("r#{name}"),
        _ => name.to_owned(),
    }
}

/// `NodeList` as `node_list`.
fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && !before.is_ascii_uppercase() && before != '_' {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = c;
    }
    out
}
