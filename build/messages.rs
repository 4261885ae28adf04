//! Writes the Rust types of messages and enums, and for each message the two functions that `src/proto/wire.rs` reads
//! and writes it by.

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
const ROOTS: [&str; 13] = [
    "tensorflow.BundleEntryProto",
    "tensorflow.BundleHeaderProto",
    "tensorflow.CheckpointState",
    "tensorflow.ControlFlowContextDef",
    "tensorflow.DotDimensionNumbers",
    "tensorflow.Event",
    "tensorflow.SavedModel",
    "tensorflow.SavedTensorSlices",
    "tensorflow.TPUEmbeddingConfiguration",
    "tensorflow.VariableDef",
    "tensorflow_hub.ImageModuleInfo",
    "tensorflow_hub.ModuleAttachment",
    "tensorflow_hub.ModuleDef",
];

/// The map whose entries are written whole, as a list of them: the others have no key that is zero or empty.
const WHOLE: (&str, &str) = ("tensorflow.FunctionDef.arg_attr", "crate::proto::ArgAttr");

/// Fields whose messages nobody looks into: they are kept as bytes.
const KEPT: [&str; 2] = [
    "tensorflow.GraphDef.debug_info",
    "tensorflow.MetaGraphDef.object_graph_def",
];

const BYTES: &str = "Vec<u8>";
const STRING: &str = "String";

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
            write!(
                out,
                "pub mod {module} {{\n    use super::{{Form, Message, Oneof, Sink, Slot, member}};\n\n{inner}}}\n"
            )?;
        }
    }
    Ok(())
}

fn write_message(out: &mut String, schema: &Schema, name: &str, message: &Message) -> Result<()> {
    let fields = places(schema, name, message)?;
    let of = last(&message.path);
    writeln!(
        out,
        "#[derive(Clone, Debug, Default, PartialEq)]\npub struct {of} {{"
    )?;
    for field in &fields {
        writeln!(out, "    pub {}: {},", field.name, field.of)?;
    }
    writeln!(out, "}}\n\nimpl Message for {of} {{")?;
    writeln!(
        out,
        "    fn name(&self) -> &'static str {{\n        {of:?}\n    }}\n"
    )?;
    if fields.is_empty() {
        out.push_str("    fn write(&self, _: &mut Sink<'_>) {}\n\n");
        out.push_str("    fn field(&mut self, _: u32) -> Option<(&'static str, Slot<'_>)> {\n");
        out.push_str("        None\n    }\n}\n\n");
        return Ok(());
    }
    out.push_str("    fn write(&self, out: &mut Sink<'_>) {\n");
    for field in &fields {
        writeln!(out, "        {}", field.write)?;
    }
    out.push_str("    }\n\n");
    out.push_str("    fn field(&mut self, number: u32) -> Option<(&'static str, Slot<'_>)> {\n");
    out.push_str("        Some(match number {\n");
    for field in &fields {
        writeln!(out, "            {}", field.slot)?;
    }
    out.push_str("            _ => return None,\n        })\n    }\n}\n\n");
    Ok(())
}

/// A field of a struct: one of the message, or a `oneof`.
struct Place {
    name: String,
    /// Its type.
    of: String,
    /// The least number of its fields, by which they are written.
    number: u32,
    /// The statement that hands it to `out`.
    write: String,
    /// The arm that tells where a value goes.
    slot: String,
}

/// The fields of a message's struct, in the order in which they are written.
fn places(schema: &Schema, name: &str, message: &Message) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for field in &message.fields {
        if !matches!(field.label, Label::Oneof(_)) {
            places.push(place(schema, name, field)?);
        }
    }
    for (at, oneof) in message.oneofs.iter().enumerate() {
        places.push(oneof_place(schema, name, message, at, oneof)?);
    }
    places.sort_by_key(|place| place.number);
    Ok(places)
}

fn place(schema: &Schema, message: &str, field: &Field) -> Result<Place> {
    let value = value(schema, message, field)?;
    let (name, number) = (identifier(&field.name), field.number);
    let its = format!("self.{name}");
    let (of, write, slot) = match &field.label {
        Label::Map(_) if WHOLE.0 == format!("{message}.{}", field.name) => (
            format!("Vec<{}>", WHOLE.1),
            format!("for value in &{its} {{ out.message({number}, value); }}"),
            format!("Slot::Messages(&mut {its})"),
        ),
        Label::Map(key) => (
            format!(
                "crate::sorted_map::SortedMap<{}, {}>",
                scalar(key),
                value.of
            ),
            format!(
                "for (key, value) in &{its} {{ out.nested({number}, &|out| {{ {} {} }}); }}",
                set(&Kind::Scalar(key.clone()), 1, "key"),
                put(&value, 2),
            ),
            format!("Slot::Map(&mut {its})"),
        ),
        Label::Repeated => {
            let of = format!("Vec<{}>", value.of);
            let (write, slot) = match form(&value.kind) {
                Some(form) => (
                    format!("out.numbers({number}, {form}, &{its});"),
                    format!("Slot::Numbers({form}, &mut {its})"),
                ),
                None => match &value.kind {
                    Kind::Scalar(scalar) => (
                        format!("out.bytes_list({number}, &{its});"),
                        match scalar.as_str() {
                            "bytes" => format!("Slot::BytesList(&mut {its})"),
                            _ => format!("Slot::Texts(&mut {its})"),
                        },
                    ),
                    _ => (
                        format!("for value in &{its} {{ out.message({number}, value); }}"),
                        format!("Slot::Messages(&mut {its})"),
                    ),
                },
            };
            (of, write, slot)
        }
        Label::Singular if !matches!(field.kind, Kind::Message(_)) => (
            value.of.clone(),
            set(&value.kind, number, &format!("&{its}")),
            slot(&value, &its),
        ),
        _ => (
            format!("Option<{}>", value.of),
            format!("if let Some(value) = &{its} {{ {} }}", put(&value, number)),
            slot(
                &value,
                &format!("{its}.get_or_insert_with(Default::default)"),
            ),
        ),
    };
    Ok(Place {
        slot: format!("{number} => ({:?}, {slot}),", name.trim_start_matches("r#")),
        name,
        of,
        number,
        write,
    })
}

fn oneof_place(
    schema: &Schema,
    name: &str,
    message: &Message,
    at: usize,
    oneof: &str,
) -> Result<Place> {
    let of = format!("{}::{}", snake_case(last(&message.path)), camel_case(oneof));
    let its = format!("self.{}", identifier(oneof));
    let mut arms = String::new();
    for field in members(message, at) {
        let value = value(schema, name, field)?;
        write!(
            arms,
            "Some({of}::{}(value)) => {{ {} }} ",
            camel_case(&field.name),
            put(&value, field.number)
        )?;
    }
    let numbers = members(message, at).map(|field| field.number);
    let texts: Vec<_> = numbers.clone().map(|number| number.to_string()).collect();
    Ok(Place {
        name: identifier(oneof),
        of: format!("Option<{of}>"),
        number: numbers.min().unwrap_or(0),
        write: format!("match &{its} {{ {arms}None => {{}} }}"),
        slot: format!("{} => member(&mut {its}, number)?,", texts.join(" | ")),
    })
}

/// The statement that hands over a value that is no message, a reference, unless it is the default of its type.
fn set(kind: &Kind, number: u32, value: &str) -> String {
    match form(kind) {
        Some(form) => format!("out.number({number}, {form}, *({value}));"),
        None => format!("out.bytes({number}, {value});"),
    }
}

/// The statement that hands over a value that is there, a reference called `value`.
fn put(value: &Value, number: u32) -> String {
    match (form(&value.kind), &value.kind) {
        (Some(form), _) => format!("out.put_number({number}, {form}, *value);"),
        (None, Kind::Scalar(_)) => format!("out.put_bytes({number}, value);"),
        (None, _) if value.is_kept => format!("out.put_bytes({number}, &value.0);"),
        (None, _) if value.is_boxed => format!("out.message({number}, &**value);"),
        (None, _) => format!("out.message({number}, value);"),
    }
}

/// The slot of a value at a place: a field, or an expression that is a mutable reference.
fn slot(value: &Value, place: &str) -> String {
    let place = match place.starts_with("self.") && !place.ends_with(')') {
        true => format!("&mut {place}"),
        false => place.to_owned(),
    };
    match (form(&value.kind), &value.kind) {
        (Some(form), _) => format!("Slot::Number({form}, {place})"),
        (None, Kind::Scalar(scalar)) if scalar == "bytes" => format!("Slot::Bytes({place})"),
        (None, Kind::Scalar(_)) => format!("Slot::Text({place})"),
        (None, _) if value.is_kept => format!("Slot::Kept(&mut {place}.0)"),
        (None, _) if value.is_boxed => format!("Slot::Message(&mut **{place})"),
        (None, _) => format!("Slot::Message({place})"),
    }
}

/// How numbers are encoded; `None` for what is none.
fn form(kind: &Kind) -> Option<&'static str> {
    let Kind::Scalar(name) = kind else {
        return matches!(kind, Kind::Enum(_)).then_some("Form::Varint");
    };
    Some(match name.as_str() {
        "bytes" | "string" => return None,
        "sint64" => "Form::ZigZag",
        "fixed32" | "float" => "Form::Fixed32",
        "double" | "fixed64" => "Form::Fixed64",
        _ => "Form::Varint",
    })
}

fn write_oneofs(out: &mut String, schema: &Schema, name: &str, message: &Message) -> Result<()> {
    for (place, oneof) in message.oneofs.iter().enumerate() {
        let (mut variants, mut defaults, mut slots) = (String::new(), String::new(), String::new());
        for field in members(message, place) {
            let value = value(schema, name, field)?;
            let (variant, number) = (camel_case(&field.name), field.number);
            writeln!(variants, "    {variant}({}),", value.of)?;
            writeln!(
                defaults,
                "            {number} => Self::{variant}(Default::default()),"
            )?;
            writeln!(
                slots,
                "            Self::{variant}(value) => ({number}, {:?}, {}),",
                field.name,
                slot(&value, "value")
            )?;
        }
        write!(
            out,
            "#[derive(Clone, Debug, PartialEq)]\npub enum {of} {{\n{variants}}}\n\n\
            impl Oneof for {of} {{\n    \
            fn of(number: u32) -> Option<Self> {{\n        \
            Some(match number {{\n{defaults}            _ => return None,\n        }})\n    }}\n\n    \
            fn slot(&mut self) -> (u32, &'static str, Slot<'_>) {{\n        \
            match self {{\n{slots}        }}\n    }}\n}}\n",
            of = camel_case(oneof)
        )?;
    }
    Ok(())
}

fn members(message: &Message, oneof: usize) -> impl Iterator<Item = &Field> + Clone {
    let fields = message.fields.iter();
    fields.filter(move |field| field.label == Label::Oneof(oneof))
}

/// One value of a field.
struct Value {
    kind: Kind,
    /// Its type in Rust.
    of: String,
    is_boxed: bool,
    is_kept: bool,
}

fn value(schema: &Schema, message: &str, field: &Field) -> Result<Value> {
    let is_kept = matches!(field.kind, Kind::Message(_)) && is_kept(message, field);
    let is_boxed = !is_kept && is_boxed(schema, message, field);
    let of = match &field.kind {
        Kind::Scalar(name) => scalar(name).to_owned(),
        Kind::Enum(_) => "i32".to_owned(),
        Kind::Message(_) if is_kept => "crate::proto::Kept".to_owned(),
        Kind::Message(name) => {
            let it = schema.message(name)?;
            let outer = it.path.iter().take(it.path.len() - 1);
            let outer: String = outer.map(|name| snake_case(name) + "::").collect();
            let of = format!(
                "crate::proto::{}::{outer}{}",
                module(&it.package),
                last(&it.path)
            );
            match is_boxed {
                true => format!("Box<{of}>"),
                false => of,
            }
        }
    };
    Ok(Value {
        kind: field.kind.clone(),
        of,
        is_boxed,
        is_kept,
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
    let mut numbers = String::new();
    for (value, number) in &it.values {
        let variant = variant(value);
        let _ = writeln!(variants, "    {variant} = {number},");
        let _ = writeln!(names, "            Self::{variant} => {value:?},");
        let _ = writeln!(numbers, "            {number} => Self::{variant},");
    }
    let _ = write!(
        out,
        "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
        #[repr(i32)]\npub enum {name} {{\n{variants}}}\nimpl {name} {{\n    \
        /// The name in `.proto` files.\n    pub fn as_str_name(&self) -> &'static str {{\n        \
        match self {{\n{names}        }}\n    }}\n\n    \
        /// The value of a number; `None` for those of later releases.\n    \
        pub fn from_number(number: i32) -> Option<Self> {{\n        \
        Some(match number {{\n{numbers}            _ => return None,\n        }})\n    }}\n}}\n\n\
        impl From<{name}> for i32 {{\n    fn from(value: {name}) -> Self {{\n        value as i32\n    }}\n}}\n"
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
