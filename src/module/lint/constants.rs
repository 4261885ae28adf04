//! Findings V12 and V13 of large constants, and A03 of paths in them.

use std::path::Path;

use super::bodies::{self, Body};
use super::code::LintCode;
use super::facts::{Facts, constant};
use super::{Here, Lint};
use crate::graph::{HashSet, Node};
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{NodeDef, TensorProto};
use crate::saved_model::assets;

/// The size in bytes from which a constant is a large one.
const LARGE: usize = 4 << 20;
/// How many of the largest constants are named.
const NAMED: usize = 3;
/// The directories of the users of a machine.
const HOMES: [&str; 4] = ["/home/", "/Users/", "/root/", ":\\Users\\"];

impl Lint<'_> {
    pub(super) fn constants(&mut self, facts: &Facts<'_>) {
        let assets: HashSet<&str> = assets::nodes(facts.graph).map(|node| &*node.name).collect();
        let paths = assets::nodes(facts.graph).filter_map(|node| assets::path_of(node).ok());
        let paths: Vec<&str> = paths.filter(|path| Path::new(path).is_absolute()).collect();
        for (id, node) in facts.nodes() {
            if let Some(tensor) = constant(node) {
                let bytes = size(tensor);
                self.constant_bytes = self.constant_bytes.saturating_add(bytes);
                if bytes >= LARGE {
                    self.node_finding(facts, LintCode::V12, id, of_size(bytes));
                }
            }
            if assets.contains(&*node.name) {
                continue;
            }
            for (name, value) in &node.attrs {
                if let Some(path) = held_path(value.value.as_ref(), &paths) {
                    self.node_finding(facts, LintCode::A03, id, of_attribute(name, &path));
                }
            }
        }
        for body in &facts.bodies {
            for node in body.nodes() {
                if let Some(tensor) = bodies::constant(node) {
                    let bytes = size(tensor);
                    self.constant_bytes = self.constant_bytes.saturating_add(bytes);
                    if bytes >= LARGE {
                        self.body_finding(facts, LintCode::V12, body, node, of_size(bytes));
                    }
                }
                for (name, value) in node.attr.iter() {
                    if let Some(path) = held_path(value.value.as_ref(), &paths) {
                        let message = of_attribute(name, &path);
                        self.body_finding(facts, LintCode::A03, body, node, message);
                    }
                }
            }
        }
        let attachments = facts.attachments.into_iter();
        for (key, message) in attachments.flat_map(|attachments| attachments.iter()) {
            if let Some(path) = home_path(message) {
                let message = format!("the attachment holds {path}");
                self.finding(facts, LintCode::A03, key, message);
            }
        }
    }

    /// Graphs that are too large for a message of `max` bytes.
    pub(super) fn sizes(&mut self, all: &[Facts<'_>], max: usize) {
        let total = self.constant_bytes;
        if total <= max {
            return;
        }
        let mut sizes = Vec::new();
        for facts in all {
            let nodes = facts.graph.nodes().iter();
            sizes.extend(
                nodes.filter_map(|node| Some((size(constant(node)?), facts, Place::Node(node)))),
            );
            for body in &facts.bodies {
                let nodes = body.nodes().iter();
                sizes.extend(nodes.filter_map(|node| {
                    Some((
                        size(bodies::constant(node)?),
                        facts,
                        Place::Body(body, node),
                    ))
                }));
            }
        }
        sizes.sort_by_key(|(size, ..)| std::cmp::Reverse(*size));
        let largest = sizes.iter().take(NAMED);
        let largest: Vec<_> = largest
            .map(|(size, facts, place)| {
                let tags = &facts.variant.tags;
                format!("\"{}\" of variant {tags} with {size}", place.item())
            })
            .collect();
        let message = format!(
            "the constants have {total} bytes, a message may have {max}; the largest are {}",
            largest.join(", ")
        );
        let (_, facts, first) = &sizes[0];
        let (item, location) = (first.item(), first.location(facts));
        self.module_finding(LintCode::V13, &item, message).location = Some(location);
    }
}

/// The place of a constant.
enum Place<'a> {
    Node(&'a Node),
    Body(&'a Body<'a>, &'a NodeDef),
}

impl Place<'_> {
    fn item(&self) -> String {
        match self {
            Place::Node(node) => node.name.to_string(),
            Place::Body(body, node) => body.item(node),
        }
    }

    fn location(&self, facts: &Facts<'_>) -> Here {
        match self {
            Place::Node(node) => node.location,
            Place::Body(body, _) => facts.graph.node(body.call).location,
        }
    }
}

fn of_size(bytes: usize) -> String {
    format!("the constant has {bytes} bytes")
}

fn of_attribute(name: &str, path: &str) -> String {
    format!("attribute \"{name}\" holds {path}")
}

/// The path in the value of an attribute, which may be that of one of these assets.
fn held_path(value: Option<&Value>, assets: &[&str]) -> Option<String> {
    match value {
        Some(Value::Tensor(tensor)) => {
            let path = tensor.string_val.iter().find_map(|text| home_path(text));
            path.or_else(|| match &tensor.string_val[..] {
                [text] => existing(text),
                _ => None,
            })
        }
        Some(Value::S(text)) => {
            let has = |path: &&&str| text.windows(path.len()).any(|part| part == path.as_bytes());
            let of_asset = assets.iter().filter(|_| text.contains(&b'/')).find(has);
            home_path(text).or_else(|| of_asset.map(|path| format!("{path:?}")))
        }
        _ => None,
    }
}

/// The size of a tensor in a message.
fn size(tensor: &TensorProto) -> usize {
    match tensor.tensor_content.len() {
        0 => tensor.encoded_len(),
        bytes => bytes,
    }
}

/// The path below the directory of a user that a text has, in quotes.
fn home_path(text: &[u8]) -> Option<String> {
    if !text.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
        return None;
    }
    let text = String::from_utf8_lossy(text);
    let found = HOMES.iter().filter_map(|home| {
        let at = text.find(home)?;
        let before = text[..at].chars().next_back();
        // A part of another path, or of a word.
        let is_inside = before.is_some_and(|c| c.is_alphanumeric() || c == '.');
        let starts = if home.starts_with(':') {
            before.is_some()
        } else {
            !is_inside
        };
        starts.then(|| at.saturating_sub(usize::from(home.starts_with(':'))))
    });
    let at = found.min()?;
    let path = text.get(at..)?;
    let end = path
        .find(|c: char| c.is_control() || c == '"')
        .unwrap_or(path.len());
    Some(format!("{:?}", &path[..end]))
}

/// An absolute path of a file on this machine.
fn existing(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let path = Path::new(text);
    let is_path = path.is_absolute()
        && path
            .parent()
            .is_some_and(|parent| parent.parent().is_some());
    (is_path && path.exists()).then(|| format!("{text:?}"))
}
