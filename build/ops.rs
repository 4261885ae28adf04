//! Describes the ops of the table to the generator of `ops::raw`.

use super::codegen;
use super::text::{Text, Value};

/// The op as the generator takes it.
pub(crate) fn describe(op: &Text<'_>) -> codegen::Op {
    let deprecation = op.messages("deprecation").next();
    codegen::Op {
        name: op.string("name"),
        inputs: op.messages("input_arg").map(describe_arg).collect(),
        outputs: op.messages("output_arg").map(describe_arg).collect(),
        attrs: op.messages("attr").map(describe_attr).collect(),
        deprecation: deprecation.map(|it| (it.integer("version"), it.string("explanation"))),
    }
}

fn describe_arg(arg: &Text<'_>) -> codegen::Arg {
    codegen::Arg {
        name: arg.string("name"),
        is_ref: arg.flag("is_ref"),
        dtype: arg.integer("type") as i32,
        type_attr: arg.string("type_attr"),
        number_attr: arg.string("number_attr"),
        type_list_attr: arg.string("type_list_attr"),
    }
}

fn describe_attr(attr: &Text<'_>) -> codegen::Attr {
    let allowed = attr.messages("allowed_values").next();
    let list = allowed.and_then(|it| it.messages("list").next());
    let items = |name| list.into_iter().flat_map(move |list| list.all(name));
    let number = |item: &Value<'_>| match item {
        Value::Integer(number) => Some(*number as i32),
        _ => None,
    };
    codegen::Attr {
        name: attr.string("name"),
        kind: attr.string("type"),
        default: attr.messages("default_value").next().map(value_text),
        allowed_types: items("type").filter_map(number).collect(),
        allowed_strings: items("s").map(item_text).collect(),
        minimum: attr.flag("has_minimum").then(|| attr.integer("minimum")),
    }
}

/// A default value for the documentation.
fn value_text(value: &Text<'_>) -> String {
    let Some((field, values)) = value.first() else {
        return String::new();
    };
    match (field.name.as_str(), values[0]) {
        ("list", Value::Message(list)) => {
            let items = list.first().map_or_else(Vec::new, |(_, items)| items);
            let texts: Vec<_> = items.into_iter().map(item_text).collect();
            format!("[{}]", texts.join(", "))
        }
        ("type", Value::Integer(number)) => {
            let row = codegen::TYPES
                .iter()
                .find(|row| i64::from(row.0) == *number);
            row.map_or_else(|| number.to_string(), |row| row.1.to_owned())
        }
        ("s", Value::Bytes(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
        (_, value) => item_text(value),
    }
}

fn item_text(value: &Value<'_>) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => (*number as f32).to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Bytes(bytes) => bytes.escape_ascii().to_string(),
        Value::Message(message) => message_text(message),
    }
}

/// A shape; a tensor is told by its dtype.
fn message_text(text: &Text<'_>) -> String {
    let is_shape = text.message.path == ["TensorShapeProto"];
    if !is_shape {
        return "a tensor".to_owned();
    }
    if text.flag("unknown_rank") {
        return "<unknown>".to_owned();
    }
    let dims = text.messages("dim").map(|dim| match dim.integer("size") {
        -1 => "?".to_owned(),
        size => size.to_string(),
    });
    format!("[{}]", dims.collect::<Vec<_>>().join(", "))
}
