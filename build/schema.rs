//! Reads `.proto` files: messages with fields of all kinds, `oneof` and `map` among them, and enums, in `proto3`.

use std::collections::BTreeMap;
use std::path::Path;

use super::Result;

/// The messages and enums of all files by full name.
#[derive(Default)]
pub(crate) struct Schema {
    pub(crate) messages: BTreeMap<String, Message>,
    pub(crate) enums: BTreeMap<String, Enum>,
}

pub(crate) struct Message {
    /// The package, and the names of the messages around and of this one.
    pub(crate) package: String,
    pub(crate) path: Vec<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) oneofs: Vec<String>,
}

pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) number: u32,
    pub(crate) label: Label,
    pub(crate) kind: Kind,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Label {
    Singular,
    /// A scalar that tells its default from absence.
    Optional,
    Repeated,
    /// A map with keys of this scalar type.
    Map(String),
    /// The member of a `oneof`, a place in [`Message::oneofs`].
    Oneof(usize),
}

/// A type: a scalar by its name in `.proto` files, messages and enums by full name.
#[derive(Clone)]
pub(crate) enum Kind {
    Scalar(String),
    Message(String),
    Enum(String),
}

pub(crate) struct Enum {
    pub(crate) package: String,
    pub(crate) path: Vec<String>,
    pub(crate) values: Vec<(String, i32)>,
}

const SCALARS: [&str; 12] = [
    "bool", "bytes", "double", "fixed32", "fixed64", "float", "int32", "int64", "sint64", "string",
    "uint32", "uint64",
];

impl Schema {
    /// Adds the messages and enums of a file.
    pub(crate) fn add(&mut self, file: &Path, text: &str) -> Result<()> {
        let mut parser = Parser::new(text);
        let parsed = parser.file(self);
        parsed.map_err(|e| format!("{}:{}: {e}", file.display(), parser.line()).into())
    }

    /// Finds the messages and enums that the fields name, once all files are there.
    pub(crate) fn resolve(&mut self) -> Result<()> {
        let mut kinds = Vec::new();
        for (name, message) in &self.messages {
            for field in &message.fields {
                kinds.push(self.kind(name, field)?);
            }
        }
        let fields = self.messages.values_mut().flat_map(|it| &mut it.fields);
        fields
            .zip(kinds)
            .for_each(|(field, kind)| field.kind = kind);
        Ok(())
    }

    /// The type of a field of `message`: the nearest of its name, from the message outwards.
    fn kind(&self, message: &str, field: &Field) -> Result<Kind> {
        let Kind::Scalar(name) = &field.kind else {
            return Ok(field.kind.clone());
        };
        if SCALARS.contains(&name.as_str()) {
            return Ok(field.kind.clone());
        }
        let mut scope = message;
        loop {
            let full = match scope {
                "" => name.clone(),
                _ => format!("{scope}.{name}"),
            };
            if self.messages.contains_key(&full) {
                return Ok(Kind::Message(full));
            }
            if self.enums.contains_key(&full) {
                return Ok(Kind::Enum(full));
            }
            if scope.is_empty() {
                return Err(format!("{message}.{}: no type {name}", field.name).into());
            }
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
    }

    fn insert(&mut self, message: Message) -> Result<()> {
        let name = full_name(&message.package, &message.path);
        match self.messages.insert(name.clone(), message) {
            Some(_) => Err(format!("message {name} is defined twice").into()),
            None => Ok(()),
        }
    }

    pub(crate) fn message(&self, name: &str) -> Result<&Message> {
        Ok(self
            .messages
            .get(name)
            .ok_or_else(|| format!("no message {name}"))?)
    }
}

/// A file's tokens: words with dots, numbers, quoted text and single characters.
struct Parser<'t> {
    tokens: Vec<(usize, &'t str)>,
    next: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        let mut tokens = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let mut rest = line.split("//").next().unwrap_or_default().trim_start();
            while let Some(first) = rest.chars().next() {
                let is_word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
                let end = match first {
                    '"' => rest[1..].find('"').map(|at| at + 2),
                    c if is_word(c) => rest.find(|c| !is_word(c)),
                    c => Some(c.len_utf8()),
                };
                let (token, after) = rest.split_at(end.unwrap_or(rest.len()));
                tokens.push((number + 1, token));
                rest = after.trim_start();
            }
        }
        Parser { tokens, next: 0 }
    }

    fn line(&self) -> usize {
        let last = self.tokens.get(self.next).or(self.tokens.last());
        last.map_or(1, |(line, _)| *line)
    }

    fn peek(&self) -> &'t str {
        self.tokens.get(self.next).map_or("", |(_, token)| token)
    }

    fn take(&mut self) -> &'t str {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn expect(&mut self, expected: &str) -> Result<()> {
        match self.peek() {
            token if token == expected => {
                self.next += 1;
                Ok(())
            }
            token => Err(format!("expected {expected:?}, found {token:?}").into()),
        }
    }

    fn file(&mut self, schema: &mut Schema) -> Result<()> {
        let mut package = String::new();
        loop {
            match self.peek() {
                "" => return Ok(()),
                "syntax" => {
                    self.next += 1;
                    self.expect("=")?;
                    self.expect("\"proto3\"")?;
                    self.expect(";")?;
                }
                "package" => {
                    self.next += 1;
                    package = self.take().to_owned();
                    self.expect(";")?;
                }
                // All files are read.
                "import" => {
                    self.next += 2;
                    self.expect(";")?;
                }
                "message" => self.message(schema, &package, &[])?,
                "enum" => self.enumeration(schema, &package, &[])?,
                token => return Err(format!("unexpected {token:?}").into()),
            }
        }
    }

    fn message(&mut self, schema: &mut Schema, package: &str, outer: &[String]) -> Result<()> {
        self.expect("message")?;
        let path = [outer, &[self.take().to_owned()]].concat();
        let mut message = Message {
            package: package.to_owned(),
            path,
            fields: Vec::new(),
            oneofs: Vec::new(),
        };
        self.expect("{")?;
        let mut oneof = None;
        loop {
            match (self.peek(), oneof) {
                ("}", Some(_)) => {
                    self.next += 1;
                    oneof = None;
                }
                ("}", None) => {
                    self.next += 1;
                    break;
                }
                ("message", None) => self.message(schema, package, &message.path)?,
                ("enum", None) => self.enumeration(schema, package, &message.path)?,
                ("oneof", None) => {
                    self.next += 1;
                    oneof = Some(message.oneofs.len());
                    message.oneofs.push(self.take().to_owned());
                    self.expect("{")?;
                }
                _ => message.fields.push(self.field(oneof)?),
            }
        }
        for field in &message.fields {
            if let Label::Map(key) = &field.label {
                schema.insert(entry(&message, field, key))?;
            }
        }
        schema.insert(message)
    }

    fn field(&mut self, oneof: Option<usize>) -> Result<Field> {
        let mut label = oneof.map_or(Label::Singular, Label::Oneof);
        let mut of = self.take();
        match (of, oneof) {
            ("repeated", None) => {
                label = Label::Repeated;
                of = self.take();
            }
            ("optional", None) => {
                label = Label::Optional;
                of = self.take();
            }
            ("map", None) => {
                self.expect("<")?;
                label = Label::Map(self.take().to_owned());
                self.expect(",")?;
                of = self.take();
                self.expect(">")?;
            }
            _ => {}
        }
        let name = self.take().to_owned();
        self.expect("=")?;
        let number = self.take().parse()?;
        self.expect(";")?;
        Ok(Field {
            name,
            number,
            label,
            kind: Kind::Scalar(of.to_owned()),
        })
    }

    fn enumeration(&mut self, schema: &mut Schema, package: &str, outer: &[String]) -> Result<()> {
        self.expect("enum")?;
        let path = [outer, &[self.take().to_owned()]].concat();
        self.expect("{")?;
        let mut values = Vec::new();
        while self.peek() != "}" {
            let name = self.take().to_owned();
            self.expect("=")?;
            values.push((name, self.take().parse()?));
            self.expect(";")?;
        }
        self.next += 1;
        let name = full_name(package, &path);
        let package = package.to_owned();
        let definition = Enum {
            package,
            path,
            values,
        };
        match schema.enums.insert(name.clone(), definition) {
            Some(_) => Err(format!("enum {name} is defined twice").into()),
            None => Ok(()),
        }
    }
}

/// The message of a map's entries.
fn entry(message: &Message, field: &Field, key: &str) -> Message {
    let part = |name: &str, number, kind| Field {
        name: name.to_owned(),
        number,
        label: Label::Singular,
        kind,
    };
    let name = entry_name("", &field.name);
    Message {
        package: message.package.clone(),
        path: [&message.path[..], &[name[1..].to_owned()]].concat(),
        fields: vec![
            part("key", 1, Kind::Scalar(key.to_owned())),
            part("value", 2, field.kind.clone()),
        ],
        oneofs: Vec::new(),
    }
}

/// The name of the message of a map's entries.
pub(crate) fn entry_name(message: &str, field: &str) -> String {
    format!("{message}.{}Entry", camel_case(field))
}

/// `DT_FLOAT8_E5M2` and `node_list` as `DtFloat8E5m2` and `NodeList`.
pub(crate) fn camel_case(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    let words = words.map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    words.collect()
}

fn full_name(package: &str, path: &[String]) -> String {
    format!("{package}.{}", path.join("."))
}
