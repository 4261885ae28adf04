//! Reads the text form of messages, as far as TensorFlow's printer writes it, and encodes them.

use super::Result;
use super::schema::{Field, Kind, Label, Message, Schema};

/// A message that was read, with its fields in the order of the text.
pub(crate) struct Text<'s> {
    pub(crate) message: &'s Message,
    fields: Vec<(&'s Field, Value<'s>)>,
}

pub(crate) enum Value<'s> {
    /// An integer or the number of an enum's value.
    Integer(i64),
    Float(f64),
    Bool(bool),
    Bytes(Vec<u8>),
    Message(Text<'s>),
}

impl<'s> Text<'s> {
    /// The values of a field.
    pub(crate) fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Value<'s>> {
        let fields = self
            .fields
            .iter()
            .filter(move |(field, _)| field.name == name);
        fields.map(|(_, value)| value)
    }

    /// The messages in a field.
    pub(crate) fn messages<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Text<'s>> {
        self.all(name).filter_map(|value| match value {
            Value::Message(text) => Some(text),
            _ => None,
        })
    }

    /// The messages in a field, owned.
    pub(crate) fn into_messages(self, name: &str) -> impl Iterator<Item = Text<'s>> {
        let fields = self
            .fields
            .into_iter()
            .filter(move |(field, _)| field.name == name);
        fields.filter_map(|(_, value)| match value {
            Value::Message(text) => Some(text),
            _ => None,
        })
    }

    /// The text in a field, or none.
    pub(crate) fn string(&self, name: &str) -> String {
        match self.all(name).next() {
            Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        }
    }

    /// The integer in a field, or 0.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        match self.all(name).next() {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.all(name).next(), Some(Value::Bool(true)))
    }

    /// The set field of the lowest number with its values.
    pub(crate) fn first(&self) -> Option<(&'s Field, Vec<&Value<'s>>)> {
        let first = self.fields.iter().min_by_key(|(field, _)| field.number)?.0;
        Some((first, self.all(&first.name).collect()))
    }

    /// The bytes of the message, its fields by number.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut fields: Vec<&Field> = self.message.fields.iter().collect();
        fields.sort_by_key(|field| field.number);
        for field in fields {
            let mut values = self.all(&field.name).peekable();
            let Some(first) = values.peek() else {
                continue;
            };
            if field.label == Label::Repeated && wire_type(field) != 2 {
                let packed: Vec<u8> = values
                    .flat_map(|value| encode_value(field, value))
                    .collect();
                varint(&mut out, u64::from(field.number) << 3 | 2);
                varint(&mut out, packed.len() as u64);
                out.extend(packed);
                continue;
            }
            // A default is written where it is told from absence.
            if field.label == Label::Singular && first.is_default() {
                continue;
            }
            for value in values {
                varint(&mut out, u64::from(field.number) << 3 | wire_type(field));
                out.extend(encode_value(field, value));
            }
        }
        out
    }
}

impl Value<'_> {
    fn is_default(&self) -> bool {
        match self {
            Value::Integer(number) => *number == 0,
            Value::Float(number) => number.to_bits() == 0,
            Value::Bool(flag) => !flag,
            Value::Bytes(bytes) => bytes.is_empty(),
            Value::Message(_) => false,
        }
    }
}

fn wire_type(field: &Field) -> u64 {
    match &field.kind {
        Kind::Message(_) => 2,
        Kind::Enum(_) => 0,
        Kind::Scalar(name) => match name.as_str() {
            "bytes" | "string" => 2,
            "double" | "fixed64" => 1,
            "fixed32" | "float" => 5,
            _ => 0,
        },
    }
}

fn encode_value(field: &Field, value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Value::Integer(number) => match wire_type(field) {
            1 => out.extend(number.to_le_bytes()),
            5 => out.extend((*number as u32).to_le_bytes()),
            _ if matches!(&field.kind, Kind::Scalar(name) if name == "sint64") => {
                varint(&mut out, (number << 1 ^ number >> 63) as u64);
            }
            _ => varint(&mut out, *number as u64),
        },
        Value::Float(number) if wire_type(field) == 5 => {
            out.extend((*number as f32).to_le_bytes());
        }
        Value::Float(number) => out.extend(number.to_le_bytes()),
        Value::Bool(flag) => out.push((*flag).into()),
        Value::Bytes(bytes) => {
            varint(&mut out, bytes.len() as u64);
            out.extend(bytes);
        }
        Value::Message(text) => {
            let bytes = text.encode();
            varint(&mut out, bytes.len() as u64);
            out.extend(bytes);
        }
    }
    out
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads a message from the text of a file.
pub(crate) fn parse<'s>(
    schema: &'s Schema,
    message: &str,
    file: &str,
    text: &str,
) -> Result<Text<'s>> {
    let mut lines = text.lines().zip(1..);
    let mut line = 0;
    let read = parse_fields(schema, schema.message(message)?, false, &mut || {
        for (text, number) in lines.by_ref() {
            line = number;
            let text = text.trim();
            if !text.is_empty() && !text.starts_with('#') {
                return Some(text);
            }
        }
        None
    });
    read.map_err(|e| format!("{file}:{line}: {e}").into())
}

/// Reads the lines of a message up to the brace that ends it, or up to the end of the text.
fn parse_fields<'s, 't>(
    schema: &'s Schema,
    message: &'s Message,
    is_nested: bool,
    next: &mut dyn FnMut() -> Option<&'t str>,
) -> Result<Text<'s>> {
    let mut fields = Vec::new();
    loop {
        let line = match next() {
            None if is_nested => return Err("the message does not end".into()),
            None => break,
            Some("}") if is_nested => break,
            Some(line) => line,
        };
        let (name, value) = match (line.strip_suffix(" {"), line.split_once(": ")) {
            (Some(name), _) => (name, None),
            (None, Some((name, value))) => (name, Some(value)),
            (None, None) => return Err(format!("expected a field, found {line:?}").into()),
        };
        let field = message.fields.iter().find(|field| field.name == name);
        let field =
            field.ok_or_else(|| format!("{} has no field {name:?}", message.path.join(".")))?;
        let value = match (&field.kind, value) {
            _ if matches!(field.label, Label::Map(_)) => {
                return Err(format!("field {name:?} is a map, which is not read").into());
            }
            (Kind::Message(inner), None) => {
                Value::Message(parse_fields(schema, schema.message(inner)?, true, next)?)
            }
            (Kind::Message(_), Some(_)) | (_, None) => {
                return Err(format!("field {name:?} has another type: {line:?}").into());
            }
            (Kind::Enum(name), Some(value)) => {
                let values = &schema.enums[name].values;
                let row = values.iter().find(|row| row.0 == value);
                Value::Integer(
                    row.ok_or_else(|| format!("{name} has no {value:?}"))?
                        .1
                        .into(),
                )
            }
            (Kind::Scalar(of), Some(value)) => parse_scalar(of, value)?,
        };
        if field.label != Label::Repeated
            && fields
                .iter()
                .any(|(other, _): &(&Field, _)| other.name == name)
        {
            return Err(format!("field {name:?} is there twice").into());
        }
        fields.push((field, value));
    }
    Ok(Text { message, fields })
}

fn parse_scalar<'s>(of: &str, value: &str) -> Result<Value<'s>> {
    Ok(match of {
        "bytes" | "string" => Value::Bytes(unquoted(value)?),
        "bool" => Value::Bool(value.parse()?),
        // The nearest float, which rounding a double twice is not.
        "float" => Value::Float(value.parse::<f32>()?.into()),
        "double" => Value::Float(value.parse()?),
        "fixed32" | "uint32" => Value::Integer(value.parse::<u32>()?.into()),
        "fixed64" | "uint64" => Value::Integer(value.parse::<u64>()? as i64),
        _ => Value::Integer(value.parse()?),
    })
}

/// The bytes of a quoted text with C's escapes.
fn unquoted(quoted: &str) -> Result<Vec<u8>> {
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let mut rest = inner
        .ok_or_else(|| format!("expected quotes, found {quoted}"))?
        .bytes();
    let mut out = Vec::new();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(byte @ (b'\\' | b'\'' | b'"')) => byte,
            Some(first @ b'0'..=b'3') => {
                let digits = [Some(first), rest.next(), rest.next()];
                let digits: Option<Vec<u8>> = digits.into_iter().collect();
                let digits = digits.and_then(|it| String::from_utf8(it).ok());
                let digits = digits.ok_or_else(|| format!("escape cut short in {quoted}"))?;
                u8::from_str_radix(&digits, 8)?
            }
            other => return Err(format!("unknown escape {other:?} in {quoted}").into()),
        });
    }
    Ok(out)
}
