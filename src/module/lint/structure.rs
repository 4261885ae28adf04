//! Findings S: signatures, names, and nodes that nothing needs.

use super::Lint;
use super::bodies::node_of;
use super::code::{LintCode, Severity};
use super::facts::{Facts, VARIABLES, before, need};
use crate::graph::{HashSet, NodeId, Origin};
use crate::module::DEFAULT;
use crate::module::signature::{Side, Signature};

/// The name under which a SavedModel has the operation that prepares a session.
const INIT_OP: &str = "__saved_model_init_op";

impl Lint<'_> {
    /// The lints of all variants together.
    pub(super) fn module_structure(&mut self) {
        let variants = self.spec.graphs_by_tags();
        if variants.iter().all(|variant| variant.tags.iter().len() > 0) {
            let tags: Vec<_> = variants.iter().map(|it| it.tags.to_string()).collect();
            let message = format!("the module has the tag sets {} alone", tags.join(", "));
            self.module_finding(LintCode::S03, "{}", message);
        }
    }

    pub(super) fn structure(&mut self, facts: &Facts<'_>) {
        for fault in facts.pardoned() {
            let mut codes = LintCode::ALL.iter().filter(|code| code.stage().is_some());
            if let Some(&code) = codes.find(|code| code.rules().contains(&fault.rule())) {
                let found = self.finding(facts, code, fault.node(), fault.message().to_owned());
                found.severity = Severity::Warning;
                found.op = fault.op().to_owned();
                found.location = Some(fault.location());
            }
        }
        self.default_signature(facts);
        for signature in facts.signatures {
            self.names(facts, signature);
            self.ends(facts, signature);
        }
        self.state_ops(facts);
        self.dead_nodes(facts);
        self.dead_nodes_of_bodies(facts);
    }

    fn default_signature(&mut self, facts: &Facts<'_>) {
        let default = facts.signatures.iter().find(|it| it.name == DEFAULT);
        let message = match default {
            None => "the variant has no signature \"default\"".to_owned(),
            Some(default) if default.inputs.len() > 1 => {
                let keys: Vec<_> = default.inputs.keys().map(String::as_str).collect();
                format!(
                    "it has the inputs {}, so that it needs a dictionary",
                    keys.join(", ")
                )
            }
            Some(default) if !default.outputs.contains_key(DEFAULT) => {
                "it has no output \"default\", so that it needs as_dict=True".to_owned()
            }
            Some(_) => return,
        };
        let found = self.finding(facts, LintCode::S04, DEFAULT, message);
        let first = default.or(facts.signatures.first());
        found.location = first.map(|signature| signature.location).or(found.location);
    }

    /// Names of signatures and keys.
    fn names(&mut self, facts: &Facts<'_>, signature: &Signature) {
        let name = &signature.name;
        let fault = match name.as_str() {
            INIT_OP => Some((
                Severity::Error,
                "TensorFlow 2 takes the name for an operation, and does not load the module",
            )),
            name if name.contains(':') => Some((
                Severity::Warning,
                "hub.Module makes a scope of the name, with \"_\" for each \":\"",
            )),
            _ => None,
        };
        if let Some((severity, message)) = fault {
            let found = self.finding(facts, LintCode::S10, name, message.to_owned());
            (found.severity, found.location) = (severity, Some(signature.location));
        }
        for key in signature.inputs.keys() {
            let mut bytes = key.bytes();
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let message = match bytes.next() {
                None => format!(
                    "an input of signature \"{name}\" has an empty key, for which calls in TensorFlow 2 fail"
                ),
                Some(first) if first.is_ascii_digit() || !is_word(first) || !bytes.all(is_word) => {
                    format!(
                        "the input of signature \"{name}\" is called otherwise in TensorFlow 2, since no argument of a \
                         function can have the name"
                    )
                }
                Some(_) => continue,
            };
            let found = self.finding(facts, LintCode::S10, key, message);
            found.location = Some(signature.line(Side::Input, key));
            if !key.is_empty() {
                found.severity = Severity::Warning;
            }
        }
    }

    /// Inputs and outputs.
    fn ends(&mut self, facts: &Facts<'_>, signature: &Signature) {
        let (graph, name) = (facts.graph, &signature.name);
        let outputs = signature.outputs.values().flat_map(|end| end.tensors());
        let mut open: Vec<NodeId> = outputs.map(|tensor| tensor.node).collect();
        let mut seen = HashSet::default();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(before(graph.node(id)));
            }
        }
        let inputs = signature.inputs.iter();
        let fed: HashSet<_> = inputs.flat_map(|(_, end)| end.tensors()).collect();
        for (key, end) in &signature.inputs {
            let line = Some(signature.line(Side::Input, key));
            if end
                .tensors()
                .iter()
                .all(|tensor| !seen.contains(&tensor.node))
            {
                let message = format!("no output of signature \"{name}\" depends on the input");
                self.finding(facts, LintCode::S11, key, message).location = line;
            }
            let several = end
                .tensors()
                .iter()
                .find(|tensor| graph.node(tensor.node).outputs.len() > 1);
            if let Some(tensor) = several {
                let node = graph.node(tensor.node);
                let message = format!(
                    "the input of signature \"{name}\" is one of the {} outputs of {} \"{}\"",
                    node.outputs.len(),
                    node.op.name(),
                    node.name
                );
                let found = self.finding(facts, LintCode::S09, key, message);
                (found.severity, found.location) = (Severity::Warning, line);
            }
        }
        for (key, end) in &signature.outputs {
            if end.tensors().iter().any(|tensor| fed.contains(tensor)) {
                let message = format!("the output of signature \"{name}\" is one of its inputs");
                let found = self.finding(facts, LintCode::S11, key, message);
                found.location = Some(signature.line(Side::Output, key));
            }
        }
    }

    fn state_ops(&mut self, facts: &Facts<'_>) {
        for (id, node) in facts.nodes() {
            if node.op.is_state_op() && node.outputs.len() != 1 {
                let message = format!("the state op has {} outputs", node.outputs.len());
                self.node_finding(facts, LintCode::S08, id, message);
            }
        }
    }

    /// One finding for each line of the author's that made nothing but nodes which are not needed.
    fn dead_nodes(&mut self, facts: &Facts<'_>) {
        let graph = facts.graph;
        let mut is_used = vec![false; graph.len()];
        let mut useful = HashSet::default();
        let mut last = None;
        for (id, node) in facts.nodes() {
            for from in before(node) {
                is_used[from.index()] = true;
            }
            // Most lines make several nodes, one after the other.
            if facts.is_needed_by(id, u8::MAX) && last.replace(node.location) != Some(node.location)
            {
                useful.insert(node.location);
            }
        }
        let inputs = facts.signatures.iter().flat_map(|it| it.inputs.values());
        let fed: HashSet<_> = inputs
            .flat_map(|end| end.tensors())
            .map(|tensor| tensor.node)
            .collect();
        let mut reported = HashSet::default();
        for (id, node) in facts.nodes() {
            let is_table = node.op.is_state_op() && !VARIABLES.contains(&node.op.name());
            let by_others = need::OUTPUT | need::LOSS | need::UPDATE | need::OTHER;
            if is_table && facts.is_needed_by(id, need::TABLE) && !facts.is_needed_by(id, by_others)
            {
                let message = "nothing but its initializer needs this table".to_owned();
                self.node_finding(facts, LintCode::S14, id, message);
            }
            // A constant is no result, and what was imported is not the author's.
            let is_result = node.op.name() != "Const" && node.origin == Origin::Built;
            let is_end = !is_used[id.index()] && !facts.is_needed_by(id, u8::MAX);
            if is_end
                && is_result
                && !fed.contains(&id)
                && !useful.contains(&node.location)
                && reported.insert(node.location)
            {
                let message =
                    "no signature, loss, update or initializer needs this node".to_owned();
                self.node_finding(facts, LintCode::S14, id, message);
            }
        }
    }

    /// Nodes of bodies that no call runs: one finding for each name scope that has nothing else.
    fn dead_nodes_of_bodies(&mut self, facts: &Facts<'_>) {
        for body in &facts.bodies {
            if facts.graph.node(body.call).origin == Origin::Imported {
                continue;
            }
            let live = body.live();
            let scope_of = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
            let mut known: HashSet<String> = live.iter().map(|name| scope_of(name)).collect();
            let inputs = body.nodes().iter().flat_map(|node| &node.input);
            let used: HashSet<&str> = inputs.map(|input| node_of(input)).collect();
            for node in body.nodes() {
                let is_end =
                    !live.contains(node.name.as_str()) && !used.contains(node.name.as_str());
                // A constant is no result, and an order of operations is none.
                let is_result = !matches!(node.op.as_str(), "Const" | "NoOp");
                if is_end && is_result && known.insert(scope_of(&node.name)) {
                    let message = "no result of the function needs this node".to_owned();
                    self.body_finding(facts, LintCode::S14, body, node, message);
                }
            }
        }
    }
}
