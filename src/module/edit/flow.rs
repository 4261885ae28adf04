//! Where a variable goes in a graph: which nodes read it, write it, or hand it on.

use super::error::EditError;
use super::nodes::{is_control, tensor};
use crate::graph::op_def::{self, ArgKind};
use crate::graph::{HashMap, HashSet};
use crate::module::saved_model::tags;
use crate::module::tags::Tags;
use crate::proto::tensorflow::{MetaGraphDef, NodeDef};

/// The use that a node makes of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Gives its value.
    Read,
    /// Gives a part of its value.
    Gather,
    /// Changes it by the input with this number.
    Write(usize),
    /// Tells whether it is initialized.
    Probe,
    /// Tells its shape.
    Shape,
    /// Hands it on, as loops and conditionals do with resources.
    Pass,
    /// Takes the value of a variable of the old kind for an ordinary tensor.
    Value,
}

/// A use of a variable by a node.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) place: usize,
    /// The number of the input.
    pub(super) input: usize,
    pub(super) action: Action,
    /// The node whose output is used: that of the variable, or one that hands it on or has changed it.
    pub(super) of: usize,
}

/// The use that ops make of a resource variable, which is their first input.
const RESOURCE_OPS: [(&str, Action); 24] = [
    ("ReadVariableOp", Action::Read),
    ("ResourceGather", Action::Gather),
    ("ResourceGatherNd", Action::Gather),
    ("AssignVariableOp", Action::Write(1)),
    ("AssignAddVariableOp", Action::Write(1)),
    ("AssignSubVariableOp", Action::Write(1)),
    ("ResourceScatterAdd", Action::Write(2)),
    ("ResourceScatterDiv", Action::Write(2)),
    ("ResourceScatterMax", Action::Write(2)),
    ("ResourceScatterMin", Action::Write(2)),
    ("ResourceScatterMul", Action::Write(2)),
    ("ResourceScatterSub", Action::Write(2)),
    ("ResourceScatterUpdate", Action::Write(2)),
    ("ResourceScatterNdAdd", Action::Write(2)),
    ("ResourceScatterNdSub", Action::Write(2)),
    ("ResourceScatterNdUpdate", Action::Write(2)),
    ("VarIsInitializedOp", Action::Probe),
    ("VariableShape", Action::Shape),
    ("Enter", Action::Pass),
    ("Exit", Action::Pass),
    ("Identity", Action::Pass),
    ("Merge", Action::Pass),
    ("NextIteration", Action::Pass),
    ("Switch", Action::Pass),
];
/// The use that ops make of a variable of the old kind.
const REF_OPS: [(&str, Action); 15] = [
    ("Identity", Action::Read),
    ("Assign", Action::Write(1)),
    ("AssignAdd", Action::Write(1)),
    ("AssignSub", Action::Write(1)),
    ("ScatterAdd", Action::Write(2)),
    ("ScatterDiv", Action::Write(2)),
    ("ScatterMax", Action::Write(2)),
    ("ScatterMin", Action::Write(2)),
    ("ScatterMul", Action::Write(2)),
    ("ScatterSub", Action::Write(2)),
    ("ScatterUpdate", Action::Write(2)),
    ("ScatterNdAdd", Action::Write(2)),
    ("ScatterNdSub", Action::Write(2)),
    ("ScatterNdUpdate", Action::Write(2)),
    ("IsVariableInitialized", Action::Probe),
];

/// The inputs that take each node's outputs.
pub(super) struct Flow<'n> {
    nodes: &'n [NodeDef],
    tags: Tags,
    /// The users of a node's outputs: place, number of the input, number of the output.
    users: HashMap<&'n str, Vec<(usize, usize, u32)>>,
    places: HashMap<&'n str, usize>,
}

impl<'n> Flow<'n> {
    pub(super) fn new(meta: &'n MetaGraphDef) -> Self {
        let nodes = meta.graph_def.as_ref().map_or(&[][..], |graph| &graph.node);
        let mut users: HashMap<&str, Vec<_>> = HashMap::default();
        for (place, node) in nodes.iter().enumerate() {
            let inputs = node.input.iter().enumerate();
            for (number, input) in inputs.filter(|(_, input)| !is_control(input)) {
                let (of, output) = tensor(input);
                users.entry(of).or_default().push((place, number, output));
            }
        }
        Flow {
            nodes,
            tags: tags(meta),
            users,
            places: super::variables::places(nodes),
        }
    }

    /// Whether any node takes an output of this one.
    pub(super) fn is_used(&self, place: usize) -> bool {
        self.users.contains_key(&*self.nodes[place].name)
    }

    /// The place of a node that is known to be there.
    pub(super) fn place(&self, node: &str) -> usize {
        self.places[node]
    }

    /// The uses of a variable, in the order in which they follow on each other.
    ///
    /// # Errors
    /// If a node uses it in a way that is not known here, as calls of functions do.
    pub(super) fn uses(&self, variable: &str, is_resource: bool) -> Result<Vec<Use>, EditError> {
        let mut uses = Vec::new();
        let mut seen = HashSet::default();
        let mut open = vec![self.place(variable)];
        while let Some(of) = open.pop() {
            if !seen.insert(of) {
                continue;
            }
            let users = self.users.get(&*self.nodes[of].name).into_iter().flatten();
            for &(place, input, output) in users {
                // What a switch or merge gives besides is no variable.
                if output > 0 && matches!(&*self.nodes[of].op, "Merge") {
                    continue;
                }
                let node = &self.nodes[place];
                let action = action(node, input, is_resource).ok_or_else(|| EditError::Use {
                    tags: self.tags.clone(),
                    op: node.op.clone(),
                    node: node.name.clone(),
                    variable: variable.to_owned(),
                })?;
                let goes_on = match action {
                    Action::Pass => true,
                    Action::Write(_) => !is_resource,
                    _ => false,
                };
                if goes_on {
                    open.push(place);
                }
                uses.push(Use {
                    place,
                    input,
                    action,
                    of,
                });
            }
        }
        Ok(uses)
    }
}

/// The use that a node makes of a variable that is one of its inputs.
fn action(node: &NodeDef, input: usize, is_resource: bool) -> Option<Action> {
    let ops = match is_resource {
        true => &RESOURCE_OPS[..],
        false => &REF_OPS[..],
    };
    let known = ops.iter().find(|(op, _)| node.op == *op);
    match known {
        Some((_, Action::Pass)) => return Some(Action::Pass),
        Some((_, action)) if input == 0 => return Some(*action),
        _ => {}
    }
    (!is_resource && takes_value(node, input)).then_some(Action::Value)
}

/// Whether a node takes the value of a variable of the old kind, and not a reference to it.
fn takes_value(node: &NodeDef, input: usize) -> bool {
    let Some(op) = op_def::lookup(&node.op) else {
        return false;
    };
    // Few ops take references, and those before lists of inputs.
    let single = op.inputs.iter();
    let single = single.take_while(|arg| matches!(arg.kind, ArgKind::One(_)));
    match single.clone().nth(input) {
        Some(arg) => !arg.is_ref,
        None => !op.inputs[single.count()..].iter().any(|arg| arg.is_ref),
    }
}
