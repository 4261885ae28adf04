//! Attributes in messages.

use super::{shape_from_proto, type_name};
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::proto::tensorflow::{AttrValue as AttrProto, NameAttrList};
use crate::value::proto_text;

/// A short form of a value for messages.
pub(crate) fn attr_text(proto: &AttrProto) -> String {
    match &proto.value {
        None => "nothing".to_owned(),
        Some(Value::S(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
        Some(Value::I(value)) => value.to_string(),
        Some(Value::F(value)) => value.to_string(),
        Some(Value::B(value)) => value.to_string(),
        Some(Value::Type(number)) => type_name(*number),
        Some(Value::Shape(shape)) => shape_from_proto(shape).to_string(),
        Some(Value::Tensor(tensor)) => proto_text(tensor),
        Some(Value::Func(func)) => function_text(func),
        Some(Value::Placeholder(name)) => format!("placeholder \"{name}\""),
        Some(Value::List(list)) => list_text(list),
    }
}

/// The items of a list, which are all of one kind.
fn list_text(list: &ListValue) -> String {
    let ListValue {
        s,
        i,
        f,
        b,
        r#type,
        shape,
        tensor,
        func,
    } = list;
    let strings = s.iter();
    let mut items: Vec<_> = strings
        .map(|bytes| format!("\"{}\"", bytes.escape_ascii()))
        .collect();
    items.extend(i.iter().map(ToString::to_string));
    items.extend(f.iter().map(ToString::to_string));
    items.extend(b.iter().map(ToString::to_string));
    items.extend(r#type.iter().map(|number| type_name(*number)));
    let shapes = shape.iter().map(shape_from_proto);
    items.extend(shapes.map(|shape| shape.to_string()));
    items.extend(tensor.iter().map(proto_text));
    items.extend(func.iter().map(function_text));
    format!("[{}]", items.join(", "))
}

fn function_text(func: &NameAttrList) -> String {
    format!("function \"{}\"", func.name)
}
