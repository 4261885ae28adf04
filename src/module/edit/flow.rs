//! Where a variable goes in a graph: which nodes read it, write it, or hand it on.

mod body;
mod calls;
mod functions;
mod ops;

use super::error::EditError;
use super::nodes::{is_control, tensor};
use super::variables::EditedVariable;
use crate::graph::op_def::ArgKind;
use crate::graph::{HashMap, HashSet};
use crate::proto::tensorflow::NodeDef;

pub(super) use functions::{BodyEdit, Functions, Retarget, add, settle};

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
    /// Hands it on, as loops and conditionals do.
    Pass,
    /// Hands it to functions, which may change it.
    Call { writes: bool },
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
const REF_OPS: [(&str, Action); 21] = [
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
    ("RefEnter", Action::Pass),
    ("RefExit", Action::Pass),
    ("RefIdentity", Action::Pass),
    ("RefMerge", Action::Pass),
    (TURN, Action::Pass),
    ("RefSwitch", Action::Pass),
];
/// Hands on a reference to the next turn of a loop.
const TURN: &str = "RefNextIteration";
/// What the ops that hand on references begin with; the others are called like them without it.
pub(super) const REF: &str = "Ref";

/// A node that uses a variable in a way that is not known here.
#[derive(Debug, Clone)]
pub(super) struct Unknown {
    op: String,
    node: String,
}

/// The uses of a variable.
pub(super) struct Trace {
    /// In the order in which they follow on each other.
    pub(super) uses: Vec<Use>,
    /// The tensors that are the variable, by node and output.
    pub(super) tensors: HashSet<(usize, u32)>,
}

/// Has a node that hands on references hand on what is none.
pub(super) fn pass_values(node: &mut NodeDef) {
    if let Some(op) = node.op.strip_prefix(REF) {
        node.op = op.to_owned();
    }
}

/// Has a node that takes the value of a reference to the next turn of a loop take it from what is none.
pub(super) fn turn_values(node: &mut NodeDef) {
    if node.op == TURN {
        pass_values(node);
    }
}

/// The outputs by which a node hands on a variable.
pub(super) fn handed_on(node: &NodeDef) -> std::ops::Range<u32> {
    // What a merge gives besides is no variable.
    0..if node.op.ends_with("Switch") { 2 } else { 1 }
}

/// The inputs that take each node's outputs.
pub(super) struct Flow<'n> {
    nodes: &'n [NodeDef],
    functions: &'n Functions<'n>,
    /// The function whose body the nodes are.
    function: Option<&'n str>,
    /// The users of a node's outputs: place, number of the input, number of the output.
    users: HashMap<&'n str, Vec<(usize, usize, u32)>>,
    places: HashMap<&'n str, usize>,
}

impl<'n> Flow<'n> {
    pub(super) fn new(
        nodes: &'n [NodeDef],
        functions: &'n Functions<'n>,
        function: Option<&'n str>,
    ) -> Self {
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
            functions,
            function,
            users,
            places: super::variables::places(nodes),
        }
    }

    /// Whether any node takes an output of this one.
    pub(super) fn is_used(&self, place: usize) -> bool {
        self.users.contains_key(&*self.nodes[place].name)
    }

    /// The variables with their uses.
    ///
    /// # Errors
    /// If a node, of the graph or of a function, uses one in a way that is not known here.
    pub(super) fn uses(
        &self,
        variables: impl IntoIterator<Item = EditedVariable>,
    ) -> Result<Vec<(EditedVariable, Vec<Use>)>, EditError> {
        let traced = variables.into_iter().map(|variable| {
            match self.trace(&variable.name, variable.is_resource) {
                Ok(trace) => Ok((variable, trace.uses)),
                Err(Unknown { op, node }) => Err(EditError::Use {
                    tags: self.functions.tags.clone(),
                    op,
                    node,
                    variable: variable.name,
                }),
            }
        });
        traced.collect()
    }

    /// The uses of a variable whose node is known to be there.
    pub(super) fn trace(&self, variable: &str, is_resource: bool) -> Result<Trace, Unknown> {
        let mut uses = Vec::new();
        let mut tensors = HashSet::default();
        let mut open = vec![(self.places[variable], vec![0])];
        while let Some((of, mut outputs)) = open.pop() {
            outputs.retain(|&output| tensors.insert((of, output)));
            let users = self.users.get(&*self.nodes[of].name).into_iter().flatten();
            for &(place, input, _) in users.filter(|(.., output)| outputs.contains(output)) {
                let node = &self.nodes[place];
                let (action, handed_on) = self.action(node, input, is_resource)?;
                if !handed_on.is_empty() {
                    open.push((place, handed_on));
                }
                uses.push(Use {
                    place,
                    input,
                    action,
                    of,
                });
            }
        }
        Ok(Trace { uses, tensors })
    }

    /// The use that a node makes of a variable that is one of its inputs, and the outputs that are the variable again.
    fn action(
        &self,
        node: &NodeDef,
        input: usize,
        is_resource: bool,
    ) -> Result<(Action, Vec<u32>), Unknown> {
        let unknown = || Unknown {
            op: node.op.clone(),
            node: match self.function {
                Some(function) => format!("{function}/{}", node.name),
                None => node.name.clone(),
            },
        };
        let ops = match is_resource {
            true => &RESOURCE_OPS[..],
            false => &REF_OPS[..],
        };
        match ops.iter().find(|(op, _)| node.op == *op) {
            Some(_) if self.is_turn_of_values(node) => return Ok((Action::Value, Vec::new())),
            Some((_, Action::Pass)) if is_resource || !self.takes_value(node, input) => {
                let outputs = handed_on(node).collect();
                return Ok((Action::Pass, outputs));
            }
            Some((_, action)) if input == 0 => {
                let gives_reference = !is_resource && matches!(action, Action::Write(_));
                return Ok((*action, if gives_reference { vec![0] } else { Vec::new() }));
            }
            _ => {}
        }
        match self.functions.call(node).filter(|_| is_resource) {
            Some(call) => {
                let effect = self.functions.effect(&call, input);
                let effect = effect.map_err(|inside| inside.unwrap_or_else(unknown))?;
                let writes = effect.writes;
                Ok((Action::Call { writes }, effect.results))
            }
            None if !is_resource && self.takes_value(node, input) => {
                Ok((Action::Value, Vec::new()))
            }
            None => Err(unknown()),
        }
    }

    /// Whether a node hands a variable of the old kind to the next turn of a loop over values.
    fn is_turn_of_values(&self, node: &NodeDef) -> bool {
        let users = self.users.get(&*node.name).into_iter().flatten();
        let mut ops = users.map(|&(place, ..)| &*self.nodes[place].op);
        node.op == TURN && ops.any(|op| op == "Merge")
    }

    /// Whether a node takes the value of a variable of the old kind, and not a reference to it.
    fn takes_value(&self, node: &NodeDef, input: usize) -> bool {
        let takes = self.functions.ops.with_op(&node.op, |op| {
            // Few ops take references, and those before lists of inputs.
            let single = op.inputs.iter();
            let single = single.take_while(|arg| matches!(arg.kind, ArgKind::One(_)));
            match single.clone().nth(input) {
                Some(arg) => !arg.is_ref,
                None => !op.inputs[single.count()..].iter().any(|arg| arg.is_ref),
            }
        });
        takes.unwrap_or(false)
    }
}
