//! Initial values that depend on other variables.
//!
//! In the session that computes initial values no order is certain. TensorFlow replaces variables of the old kind that an
//! initial value depends on by their initialized values, and makes the nodes in between anew.

use super::{AnyVariable, Variables};
use crate::graph::{AnyTensor, GraphBuilder, HashMap, Here, NodeId, TensorRef};

/// The value to assign to a variable at first, in the place of its initial value. The scope is that of the variable's nodes.
pub(super) fn guarded<'g>(value: AnyTensor<'g>, scope: &str, here: Here) -> AnyTensor<'g> {
    let g = value.graph();
    let has_references = !g.extension::<Variables>().references.is_empty();
    let target = value.tensor_ref();
    match has_references && !value.is_poison() && !comes_back(g, target.node) {
        true => remade(g, target, scope, here),
        false => value,
    }
}

/// Whether a node depends on itself, or one that it depends on does.
fn comes_back(g: &GraphBuilder, target: NodeId) -> bool {
    /// Whether all that a node depends on is done.
    type Done = bool;
    let mut seen = HashMap::<NodeId, Done>::default();
    let mut open = vec![(target, false)];
    while let Some((id, is_ready)) = open.pop() {
        if id == NodeId::POISON {
            // A loop that is open.
            return true;
        }
        if is_ready {
            seen.insert(id, true);
            continue;
        }
        match seen.get(&id) {
            Some(false) => return true,
            Some(true) => continue,
            None => {}
        }
        seen.insert(id, false);
        open.push((id, true));
        let node = g.node(id);
        open.extend(node.inputs.iter().map(|input| (input.node, false)));
        open.extend(node.control_inputs.iter().map(|&control| (control, false)));
    }
    false
}

/// A node whose inputs are looked at.
struct Visit {
    id: NodeId,
    inputs: Vec<TensorRef>,
    next: usize,
}

/// The tensor, or one of a node that was made anew.
fn remade<'g>(g: &'g GraphBuilder, target: TensorRef, scope: &str, here: Here) -> AnyTensor<'g> {
    // The node in the place of each.
    let mut places = HashMap::<NodeId, NodeId>::default();
    let mut open = Vec::new();
    let visit = |id: NodeId, places: &mut HashMap<NodeId, NodeId>, open: &mut Vec<Visit>| {
        if places.contains_key(&id) {
            return;
        }
        let node = g.node(id);
        let place = match node.op.name() {
            "IsVariableInitialized" | "VarIsInitializedOp" | "ReadVariableOp" | "If" => id,
            "Variable" | "VariableV2" => {
                drop(node);
                initialized(g, id, here).unwrap_or(id)
            }
            _ => {
                let inputs = node.inputs.to_vec();
                return open.push(Visit {
                    id,
                    inputs,
                    next: 0,
                });
            }
        };
        places.insert(id, place);
    };
    visit(target.node, &mut places, &mut open);
    while let Some(last) = open.last_mut() {
        if let Some(input) = last.inputs.get(last.next) {
            let id = input.node;
            last.next += 1;
            visit(id, &mut places, &mut open);
            continue;
        }
        let Some(Visit { id, inputs, .. }) = open.pop() else {
            break;
        };
        let place = match inputs.iter().any(|input| places[&input.node] != input.node) {
            false => id,
            true => {
                let inputs = inputs.iter().map(|input| {
                    let place = g.main_operation(places[&input.node]);
                    place.output(input.index as usize)
                });
                let inputs: Vec<_> = inputs.collect();
                let operation = g.main_operation(id);
                let name = format!("{}_{scope}", operation.name()).replace(':', "_");
                g.remade(operation, &inputs).name(name).finish().id
            }
        };
        places.insert(id, place);
    }
    let place = g.main_operation(places[&target.node]);
    place.output(target.index as usize)
}

/// The node of the initialized value of a variable of the old kind, if it is one that sessions initialize.
fn initialized(g: &GraphBuilder, id: NodeId, here: Here) -> Option<NodeId> {
    let index = g.extension::<Variables>().references.get(&id).copied()?;
    let reference = g.main_operation(id).output(0);
    let variable = AnyVariable::listed(reference, reference.dtype(), index);
    Some(variable.initialized_value(here).operation().id)
}
