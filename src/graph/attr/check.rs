//! Checking the values of attributes against their definitions.

use super::text::attr_text;
use crate::graph::op_def::{AttrDef, AttrKind, AttrType};
use crate::proto::tensorflow::AttrValue as AttrProto;
use crate::proto::tensorflow::attr_value::{ListValue, Value};

/// Whether a value is of this kind.
fn kind_of(kind: AttrType, value: &Value) -> bool {
    matches!(
        (kind, value),
        (AttrType::Int, Value::I(_))
            | (AttrType::Float, Value::F(_))
            | (AttrType::Bool, Value::B(_))
            | (AttrType::String, Value::S(_))
            | (AttrType::Type, Value::Type(_))
            | (AttrType::Shape, Value::Shape(_))
            | (AttrType::Tensor, Value::Tensor(_))
            | (AttrType::Func, Value::Func(_))
    )
}

/// The number of items of each kind in a list.
fn list_lens(list: &ListValue) -> [(AttrType, usize); 8] {
    [
        (AttrType::Int, list.i.len()),
        (AttrType::Float, list.f.len()),
        (AttrType::Bool, list.b.len()),
        (AttrType::String, list.s.len()),
        (AttrType::Type, list.r#type.len()),
        (AttrType::Shape, list.shape.len()),
        (AttrType::Tensor, list.tensor.len()),
        (AttrType::Func, list.func.len()),
    ]
}

/// Checks an attribute's value against its definition.
pub(in crate::graph) fn check_attr(def: &AttrDef, proto: &AttrProto) -> Result<(), String> {
    let fault = |message: String| Err(format!("attribute \"{}\": {message}", def.name));
    let value = proto.value.as_ref();
    let (fits, len) = match (def.kind, value) {
        (AttrKind::One(kind), Some(value)) => (kind_of(kind, value), None),
        (AttrKind::List(kind), Some(Value::List(list))) => {
            let lens = list_lens(list);
            let foreign = lens.iter().any(|&(other, len)| other != kind && len > 0);
            (
                !foreign,
                lens.iter()
                    .find(|(other, _)| *other == kind)
                    .map(|(_, len)| *len),
            )
        }
        _ => (false, None),
    };
    if !fits {
        return fault(format!(
            "expected {}, found {}",
            kind_text(def.kind),
            attr_text(proto)
        ));
    }
    if let Some(minimum) = def.minimum {
        match (value, len) {
            (Some(Value::I(found)), _) if *found < minimum => {
                return fault(format!("expected at least {minimum}, found {found}"));
            }
            (_, Some(len)) if (len as i64) < minimum => {
                return fault(format!("expected at least {minimum} items, found {len}"));
            }
            _ => {}
        }
    }
    let Some(Value::List(allowed)) = def
        .allowed
        .as_ref()
        .and_then(|allowed| allowed.value.as_ref())
    else {
        return Ok(());
    };
    let allows = match value {
        Some(Value::Type(found)) => allowed.r#type.contains(found),
        Some(Value::S(found)) => allowed.s.contains(found),
        Some(Value::List(list)) => {
            list.r#type
                .iter()
                .all(|found| allowed.r#type.contains(found))
                && list.s.iter().all(|found| allowed.s.contains(found))
        }
        _ => true,
    };
    if allows {
        return Ok(());
    }
    let allowed = attr_text(&AttrProto {
        value: Some(Value::List(allowed.clone())),
    });
    fault(format!(
        "expected one of {allowed}, found {}",
        attr_text(proto)
    ))
}

fn kind_text(kind: AttrKind) -> String {
    let name = |kind| match kind {
        AttrType::Int => "int",
        AttrType::Float => "float",
        AttrType::Bool => "bool",
        AttrType::String => "string",
        AttrType::Type => "type",
        AttrType::Shape => "shape",
        AttrType::Tensor => "tensor",
        AttrType::Func => "func",
    };
    match kind {
        AttrKind::One(kind) => name(kind).to_owned(),
        AttrKind::List(kind) => format!("list({})", name(kind)),
    }
}
