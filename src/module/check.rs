//! The rules that a variant is checked against before anything is written: those that TensorFlow Hub checks, and those
//! that it leaves for the consumer to find.
//!
//! Rules are for what authors build. What they import has its faults already, and users who live with them, so that it
//! is bound only by what TensorFlow Hub itself refuses; see [`binds`].

mod collections;

use std::panic::Location;

pub(super) use collections::Dropped;

use super::signature::{Signature, Signatures};
use crate::error::{Diagnostic, Rule, first_at};
use crate::graph::op_def::Standing;
use crate::graph::{GROUP_PREFIX, Graph, HashMap, HashSet, Item, Node, NodeId, Origin, keys};
use crate::proto::tensorflow::attr_value::Value;
use crate::saved_model::{ImportedMetaGraph, assets};
use crate::variable::Variables;

/// Whether a rule binds what has this origin: a variant as a whole, a signature, or a node.
///
/// TensorFlow Hub refuses what breaks the rules named here wherever it came from.
pub(super) fn binds(rule: Rule, origin: Origin) -> bool {
    match origin {
        Origin::Built => true,
        Origin::Imported => matches!(rule, Rule::Collection | Rule::Asset),
    }
}

/// The origin of a variant: the author's function, or a file that was taken over whole.
pub(super) fn origin(graph: &Graph) -> Origin {
    let imported = graph.extension::<ImportedMetaGraph>();
    match imported.is_some_and(|imported| imported.as_read.is_some()) {
        true => Origin::Imported,
        false => Origin::Built,
    }
}

/// The faults of what was imported, which are refused only where an author builds them.
pub(super) fn pardoned(graph: &Graph) -> Vec<Diagnostic> {
    let signatures = graph.extension::<Signatures>();
    let signatures = signatures.map_or(&[][..], |signatures| &signatures.0);
    let mut nodes = graph.nodes().iter().map(|node| node.origin);
    let is_imported = |origin| origin == Origin::Imported;
    if !nodes.any(is_imported) && !signatures.iter().any(|it| is_imported(it.origin)) {
        return Vec::new();
    }
    let mut check = Check {
        graph,
        origin: origin(graph),
        pardons: true,
        faults: Vec::new(),
    };
    for signature in signatures {
        check.signature(signature);
    }
    check.state();
    check.faults
}

/// Every fault of a variant; `location` is the author's line that makes the module, `dropped` what its author dropped.
pub(super) fn check(
    graph: &Graph,
    dropped: &Dropped,
    location: &'static Location<'static>,
) -> Vec<Diagnostic> {
    let mut check = Check {
        graph,
        origin: origin(graph),
        pardons: false,
        faults: Vec::new(),
    };
    let signatures = graph.extension::<Signatures>();
    let signatures = signatures.map_or(&[][..], |signatures| &signatures.0);
    for signature in signatures {
        check.signature(signature);
    }
    if signatures.is_empty() {
        let message = "the module has no signature".to_owned();
        check.fault(Rule::NoSignature, check.origin, None, location, message);
    }
    check.ops();
    check.faults.extend(collections::check(graph, location));
    check.faults.extend(dropped.check(graph));
    check.assets(location);
    check.state();
    check.partitions();
    check.faults
}

fn diagnostic(
    rule: Rule,
    node: Option<&Node>,
    location: &'static Location<'static>,
    message: String,
) -> Diagnostic {
    Diagnostic {
        rule,
        variant: None,
        file: None,
        node: node.map(|node| node.name.to_string()).unwrap_or_default(),
        op: node
            .map(|node| node.op.name().to_owned())
            .unwrap_or_default(),
        location,
        message,
    }
}

struct Check<'a> {
    graph: &'a Graph,
    /// The variant's.
    origin: Origin,
    /// Whether the faults are noted that are pardoned, instead of those that are not.
    pardons: bool,
    faults: Vec<Diagnostic>,
}

impl Check<'_> {
    /// Notes that what has this origin breaks the rule, if the rule binds it, or else if pardoned faults are asked for.
    fn fault(
        &mut self,
        rule: Rule,
        origin: Origin,
        node: Option<&Node>,
        location: &'static Location<'static>,
        message: String,
    ) {
        if binds(rule, origin) != self.pardons {
            self.faults.push(diagnostic(rule, node, location, message));
        }
    }

    fn signature(&mut self, signature: &Signature) {
        let graph = self.graph;
        let name = &signature.name;
        let inputs = signature.inputs.iter();
        let inputs =
            inputs.flat_map(|(key, end)| end.tensors().iter().map(move |input| (key, input)));
        for (key, input) in inputs.clone() {
            let node = graph.node(input.node);
            let groups: Vec<_> = node
                .groups()
                .iter()
                .map(|group| self.group(group))
                .collect();
            if !groups.is_empty() {
                let with = groups.join(" and ");
                let message =
                    format!("input \"{key}\" of signature \"{name}\" is colocated with {with}");
                let rule = Rule::InputColocation;
                self.fault(rule, signature.origin, Some(node), node.location, message);
            }
        }
        // What is fed is not computed, so nothing behind it matters.
        let fed: HashSet<NodeId> = inputs.map(|(_, input)| input.node).collect();
        let mut seen = HashSet::default();
        for (key, output) in &signature.outputs {
            let mut open: Vec<_> = output.tensors().iter().map(|part| part.node).collect();
            while let Some(id) = open.pop() {
                if fed.contains(&id) || !seen.insert(id) {
                    continue;
                }
                let node = graph.node(id);
                if matches!(node.op.name(), "Placeholder" | "PlaceholderV2") {
                    let message = format!(
                        "output \"{key}\" of signature \"{name}\" depends on this placeholder, which is not one of its \
                         inputs"
                    );
                    self.fault(
                        Rule::UndeclaredPlaceholder,
                        node.origin,
                        Some(node),
                        node.location,
                        message,
                    );
                }
                open.extend(node.inputs.iter().map(|input| input.node));
                open.extend(&node.control_inputs);
            }
        }
    }

    /// The node that a colocation group is named after.
    fn group(&self, group: &[u8]) -> String {
        let text = String::from_utf8_lossy(group);
        let name = text.strip_prefix(GROUP_PREFIX).unwrap_or(&text);
        match self.graph.find(name).map(|id| self.graph.node(id)) {
            Some(node) => format!("{} \"{name}\"", node.op.name()),
            None => format!("\"{name}\""),
        }
    }

    /// The ops that a graph may have, but an export may not. The graph of a SavedModel is not exported anew: it is
    /// taken over as it is.
    fn ops(&mut self) {
        if !binds(Rule::UnregisteredOp, self.origin) {
            return;
        }
        for used in self.graph.used_ops() {
            if used.op.is_some_and(|op| op.standing != Standing::Refused) {
                continue;
            }
            let inside = used.function.map_or_else(String::new, |function| {
                format!("; function \"{function}\" has it")
            });
            let message = format!(
                "op {} is used by the graph, but is not registered{inside}",
                used.name
            );
            let node = used.node;
            self.fault(
                Rule::UnregisteredOp,
                self.origin,
                Some(node),
                node.location,
                message,
            );
        }
    }

    fn assets(&mut self, location: &'static Location<'static>) {
        let graph = self.graph;
        for item in graph.collections().get(keys::ASSET_FILEPATHS) {
            let Item::Tensor(tensor) = item else {
                let message = format!(
                    "expected the constants that hold the paths of assets in collection \"{}\", found {}",
                    keys::ASSET_FILEPATHS,
                    graph.item_name(item)
                );
                self.fault(Rule::Asset, self.origin, None, location, message);
                continue;
            };
            let node = graph.node(tensor.node);
            if let Err(message) = assets::path_of(node) {
                self.fault(Rule::Asset, node.origin, Some(node), node.location, message);
            }
        }
    }

    /// Partitioned variables, whose parts TensorFlow Hub tells apart by their first rows alone.
    fn partitions(&mut self) {
        let graph = self.graph;
        let mut seen = HashSet::default();
        for info in Variables::saved(graph) {
            let Some(part) = &info.part else {
                continue;
            };
            let start = part.start();
            let axis = start.iter().skip(1).position(|&start| start > 0);
            let Some(axis) = axis.filter(|_| seen.insert(&part.whole)) else {
                continue;
            };
            let message = format!(
                "variable \"{}\" is partitioned along dimension {}; TensorFlow Hub loads parts along dimension 0 alone",
                part.whole,
                axis + 1
            );
            let node = graph.node(info.handle);
            self.fault(
                Rule::Variable,
                node.origin,
                Some(node),
                node.location,
                message,
            );
        }
    }

    /// Variables, tables and other nodes with state.
    fn state(&mut self) {
        let graph = self.graph;
        let files = TextFiles::of(graph);
        let mut shared_names: HashMap<&[u8], NodeId> = HashMap::default();
        let nodes = graph.nodes().iter().enumerate();
        for (place, node) in nodes.filter(|(_, node)| node.op.is_state_op()) {
            for group in node.groups() {
                let name = std::str::from_utf8(group)
                    .ok()
                    .and_then(|group| group.strip_prefix(GROUP_PREFIX));
                let other = name
                    .and_then(|name| graph.find(name))
                    .map(|id| graph.node(id));
                if let Some(other) = other.filter(|other| !other.op.is_state_op()) {
                    let message = format!(
                        "state is colocated with {} \"{}\", which has none",
                        other.op.name(),
                        other.name
                    );
                    // Hub looks at all that the author's function leaves in the graph.
                    let rule = Rule::StateColocation;
                    self.fault(rule, self.origin, Some(node), node.location, message);
                }
            }
            let named_by_node = node.bool_attr("use_node_name_sharing") == Some(true);
            if node.op.attr("shared_name").is_none() || named_by_node {
                continue;
            }
            let shared_name = match node.attr("shared_name") {
                Some(Value::S(name)) => name.as_slice(),
                _ => &[],
            };
            // State of the old kind is that of its node unless it has another name.
            let is_of_node = node.outputs.iter().any(|output| output.is_ref);
            if shared_name.is_empty() && is_of_node {
                continue;
            }
            if shared_name.is_empty() {
                let message =
                    "attribute \"shared_name\" is empty, which would share the state with others"
                        .to_owned();
                let rule = Rule::SharedName;
                self.fault(rule, node.origin, Some(node), node.location, message);
            } else if let Some(other) = shared_names
                .insert(shared_name, NodeId::new(place))
                .map(|other| graph.node(other))
                .filter(|other| !files.are_one(node, other))
            {
                let message = format!(
                    "attribute \"shared_name\" is \"{}\", as that of \"{}\"{}",
                    shared_name.escape_ascii(),
                    other.name,
                    first_at(other.location)
                );
                let rule = Rule::SharedName;
                self.fault(rule, node.origin, Some(node), node.location, message);
            }
        }
    }
}

/// The nodes that fill tables from text files.
struct TextFiles<'g> {
    graph: &'g Graph,
    /// The position of the node by the name of the table.
    by_table: HashMap<&'g str, usize>,
}

impl<'g> TextFiles<'g> {
    fn of(graph: &'g Graph) -> Self {
        let nodes = graph.nodes().iter().enumerate();
        let fill = nodes.filter(|(_, node)| node.op.name() == "InitializeTableFromTextFileV2");
        let by_table = fill.map(|(at, node)| (&*graph.node(node.inputs[0].node).name, at));
        TextFiles {
            graph,
            by_table: by_table.collect(),
        }
    }

    /// Whether two tables are filled from one file in one way, as their shared name then says.
    fn are_one(&self, one: &Node, other: &Node) -> bool {
        let filled = |table: &Node| {
            let fills = &self.graph.nodes()[*self.by_table.get(&*table.name)?];
            let file = self.graph.node(fills.inputs[1].node).attr("value")?;
            let attrs = table.non_default_attrs().chain(fills.non_default_attrs());
            let attrs = attrs.map(|(name, value)| (name.to_owned(), value.clone()));
            Some((file, attrs.collect::<Vec<_>>()))
        };
        filled(one).is_some_and(|how| Some(how) == filled(other))
    }
}
