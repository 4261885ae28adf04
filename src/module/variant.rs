//! The variants of a module, and the variables that they share, since all of them restore one checkpoint.

use std::borrow::Cow;
use std::fmt;

use super::check::{binds, origin};
use super::tags::Tags;
use crate::dtype::DType;
use crate::error::{Diagnostic, Rule, first_at};
use crate::graph::{Graph, Node};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::value::TensorSlice;
use crate::variable::Variables;

/// The graph of one tag set.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) tags: Tags,
    pub(super) graph: Graph,
}

/// A value of a checkpoint that a variant has as a variable, or as the parts of one.
#[derive(Debug)]
struct SharedValue<'g> {
    dtype: DType,
    shape: Cow<'g, Shape>,
    /// The parts, in the order in which they were made; none if the variable is not partitioned.
    parts: Vec<&'g TensorSlice>,
}

impl SharedValue<'_> {
    /// Whether one value can be that of both.
    fn agrees_with(&self, other: &Self) -> bool {
        self.dtype == other.dtype
            && self.parts == other.parts
            && self.shape.is_compatible_with(&other.shape)
    }
}

impl fmt::Display for SharedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype, self.shape)?;
        let parts: Vec<_> = self.parts.iter().map(ToString::to_string).collect();
        match parts.is_empty() {
            true => Ok(()),
            false => write!(f, " in the parts {}", parts.join(", ")),
        }
    }
}

/// The values that a variant restores, by their keys in the checkpoint, and the first node of each.
fn values(graph: &Graph) -> SortedMap<&str, (SharedValue<'_>, &Node)> {
    let mut values = SortedMap::new();
    for info in Variables::saved(graph) {
        let (key, shape) = match &info.part {
            Some(part) => (&*part.whole, Cow::Owned(Shape::from(&part.shape))),
            None => (&*info.name, Cow::Borrowed(&info.shape)),
        };
        let new = || {
            let value = SharedValue {
                dtype: info.dtype,
                shape,
                parts: Vec::new(),
            };
            (value, graph.node(info.handle))
        };
        let (value, _) = values.get_or_insert_with(key, new);
        value.parts.extend(info.part.iter().map(|part| &part.slice));
    }
    values
}

/// The faults of variables that two variants define differently.
///
/// Whether training changes a variable is each variant's own affair, also for hub.
pub(super) fn disagreements(variants: &[Variant]) -> Vec<Diagnostic> {
    let mut known = SortedMap::<_, Vec<(&Tags, SharedValue<'_>, &Node)>>::new();
    let mut faults = Vec::new();
    let built = variants.iter();
    let built = built.filter(|variant| binds(Rule::Variants, origin(&variant.graph)));
    for Variant { tags, graph } in built {
        for (key, (found, node)) in values(graph) {
            let earlier = known.get_or_insert_with(key, Vec::new);
            // Each of two may agree with one that knows less.
            let other = earlier.iter().find(|(_, it, _)| !found.agrees_with(it));
            if let Some((first_tags, expected, first)) = other {
                let first = first_at(first.location);
                faults.push(Diagnostic {
                    rule: Rule::Variants,
                    variant: Some(tags.to_string()),
                    file: None,
                    node: node.name.to_string(),
                    op: node.op.name().to_owned(),
                    location: node.location,
                    message: format!(
                        "expected {expected} as in variant {first_tags}, found {found}{first}"
                    ),
                });
            } else {
                earlier.push((tags, found, node));
            }
        }
    }
    faults
}

/// The end of a message about a variable: the variants that have it, and the authors' lines; empty if all have it.
pub(super) fn owners(variants: &[Variant], name: &str) -> String {
    let owners = variants.iter().filter_map(|Variant { tags, graph }| {
        let info = Variables::saved(graph).find(|info| info.name == name)?;
        let line = graph.node(info.handle).location;
        Some(format!("variant {tags} ({}:{})", line.file(), line.line()))
    });
    let owners: Vec<_> = owners.collect();
    match owners.len() == variants.len() {
        true => String::new(),
        false => format!("; it is only in {}", owners.join(" and ")),
    }
}
