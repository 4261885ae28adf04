//! The bodies of the functions that a variant's nodes call.
//!
//! Their nodes have no lines of the author's: a finding in a body is at the line of the call, and its item is the name of the
//! function, a slash and that of the node.

use crate::graph::{Graph, HashMap, HashSet, NodeId, mentioned_by_node, op_def};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{FunctionDef, NodeDef, TensorProto};

/// The ops that choose one of the functions which are their attributes.
const CHOICES: [&str; 4] = ["Case", "If", "StatelessCase", "StatelessIf"];

/// The body of a function that a node calls, perhaps by way of other functions.
pub(super) struct Body<'a> {
    pub(super) function: &'a str,
    pub(super) def: &'a FunctionDef,
    /// The first node of the main graph that calls the function.
    pub(super) call: NodeId,
    /// The users of the calls, as bits of `need`.
    needs: u8,
    /// Whether the body runs only where a tensor says so, whoever calls it.
    pub(super) is_conditional: bool,
}

/// A way to a function: the node of the main graph, and what is known of its calls.
#[derive(Clone, Copy)]
struct Way<'a> {
    function: &'a str,
    call: NodeId,
    needs: u8,
    is_conditional: bool,
}

impl<'a> Body<'a> {
    /// The bodies of the functions that nodes of a graph call, where the users of a node and whether it is conditional are
    /// known.
    pub(super) fn all(graph: &'a Graph, needs: &[u8], conditional: &[bool]) -> Vec<Self> {
        let mut bodies: Vec<Body<'a>> = Vec::new();
        if graph.library().is_empty() {
            return bodies;
        }
        let mut positions: HashMap<&'a str, usize> = HashMap::default();
        let (mut names, mut open) = (Vec::new(), Vec::new());
        for (position, node) in graph.nodes().iter().enumerate() {
            let op = node.op.name();
            let chooses = CHOICES.contains(&op)
                && node
                    .inputs
                    .first()
                    .is_some_and(|input| !input.output(graph.nodes()).known.constant);
            mentioned_by_node(op, node.attrs.iter().map(|(_, value)| &**value), &mut names);
            open.extend(names.drain(..).map(|function| Way {
                function,
                call: NodeId::new(position),
                needs: needs[position],
                is_conditional: conditional[position] || chooses,
            }));
            while let Some(way) = open.pop() {
                let Some(function) = graph.library().get(way.function) else {
                    continue;
                };
                let known = positions.get(way.function).map(|&at| &mut bodies[at]);
                // A body is looked into again for another kind of user alone, of which there are few.
                let way = match known {
                    Some(body) => {
                        let needs = body.needs | way.needs;
                        let is_conditional = body.is_conditional && way.is_conditional;
                        if (needs, is_conditional) == (body.needs, body.is_conditional) {
                            continue;
                        }
                        (body.needs, body.is_conditional) = (needs, is_conditional);
                        Way {
                            needs,
                            is_conditional,
                            ..way
                        }
                    }
                    None => {
                        positions.insert(way.function, bodies.len());
                        bodies.push(Body {
                            function: way.function,
                            def: &function.def,
                            call: way.call,
                            needs: way.needs,
                            is_conditional: way.is_conditional,
                        });
                        way
                    }
                };
                if let Some(function) = graph.library().gradient(way.function) {
                    // It runs where a consumer trains.
                    let needs = 0;
                    open.push(Way {
                        function,
                        needs,
                        ..way
                    });
                }
                for node in &function.def.node_def {
                    mentioned_by_node(&node.op, node.attr.values(), &mut names);
                    let chooses = CHOICES.contains(&node.op.as_str());
                    open.extend(names.drain(..).map(|function| Way {
                        function,
                        is_conditional: way.is_conditional || chooses,
                        ..way
                    }));
                }
            }
        }
        bodies
    }

    pub(super) fn nodes(&self) -> &'a [NodeDef] {
        &self.def.node_def
    }

    pub(super) fn is_needed_by(&self, needs: u8) -> bool {
        self.needs & needs != 0
    }

    /// The name of a node for findings.
    pub(super) fn item(&self, node: &NodeDef) -> String {
        format!("{}/{}", self.function, node.name)
    }

    /// The nodes by their names.
    pub(super) fn by_name(&self) -> HashMap<&'a str, &'a NodeDef> {
        let nodes = self.nodes().iter();
        nodes.map(|node| (node.name.as_str(), node)).collect()
    }

    /// The nodes that a call runs: those of the results, those that change state, and what they need.
    pub(super) fn live(&self) -> HashSet<&'a str> {
        let nodes = self.by_name();
        let results = self.def.ret.values().map(|tensor| node_of(tensor));
        let stateful = self.nodes().iter().filter(|node| is_stateful(node));
        let mut open: Vec<&'a str> = results
            .chain(self.def.control_ret.values().map(String::as_str))
            .chain(stateful.map(|node| node.name.as_str()))
            .collect();
        let mut live = HashSet::default();
        while let Some(name) = open.pop() {
            if let Some(node) = nodes.get(name).filter(|_| live.insert(name)) {
                open.extend(node.input.iter().map(|input| node_of(input)));
            }
        }
        live
    }
}

/// The name of the node in the name of an input or result.
pub(super) fn node_of(tensor: &str) -> &str {
    let name = tensor.strip_prefix('^').unwrap_or(tensor);
    name.split_once(':').map_or(name, |(node, _)| node)
}

/// Whether a node may change state; one that calls a function may.
fn is_stateful(node: &NodeDef) -> bool {
    op_def::lookup(&node.op).is_none_or(|op| op.is_stateful)
}

/// The tensor of a constant.
pub(super) fn constant(node: &NodeDef) -> Option<&TensorProto> {
    match &node.attr.get("value")?.value {
        Some(Value::Tensor(tensor)) if node.op == "Const" => Some(tensor),
        _ => None,
    }
}
