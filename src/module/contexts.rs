//! The contexts of control flow that a graph of TensorFlow 1 has in collections: gradients through its loops and
//! conditionals need them.

use crate::graph::{HashMap, HashSet, SubGraph, keys, node_name};
use crate::proto::Message as _;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::proto::tensorflow::{
    CondContextDef, ControlFlowContextDef, NodeDef, ValuesDef, WhileContextDef,
};

/// The collections of contexts.
pub(super) const COLLECTIONS: [&str; 2] = [keys::COND_CONTEXT, keys::WHILE_CONTEXT];
/// The ops by which a loop keeps values for its gradient.
const STACKS: [&str; 4] = ["Stack", "StackPush", "StackPushV2", "StackV2"];

/// The context in the bytes that the collection has; `None` if they are malformed.
pub(super) fn decode(key: &str, bytes: &[u8]) -> Option<Ctxt> {
    match key {
        keys::COND_CONTEXT => CondContextDef::decode(bytes).ok().map(Ctxt::CondCtxt),
        _ => WhileContextDef::decode(bytes).ok().map(Ctxt::WhileCtxt),
    }
}

/// The name of the context.
pub(super) fn name(context: &Ctxt) -> &str {
    match context {
        Ctxt::CondCtxt(context) => &context.context_name,
        Ctxt::WhileCtxt(context) => &context.context_name,
    }
}

pub(super) fn encode(context: &Ctxt) -> Vec<u8> {
    match context {
        Ctxt::CondCtxt(context) => context.encode_to_vec(),
        Ctxt::WhileCtxt(context) => context.encode_to_vec(),
    }
}

/// The nodes without which a context cannot be loaded, if something of it is in the part of the graph: what decides
/// and where it begins, and the exits of a loop, except for those that a gradient has added.
pub(super) fn needed(
    context: &Ctxt,
    sub_graph: &SubGraph<'_>,
    of_gradients: &HashSet<&str>,
) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![context];
    while let Some(context) = open.pop() {
        let (values, nested) = values(context);
        let nested = nested.iter().filter_map(|context| context.ctxt.as_ref());
        open.extend(nested);
        let values = values.iter().flat_map(|values| &values.values);
        if !values.into_iter().any(|name| sub_graph.contains(name)) {
            continue;
        }
        match context {
            Ctxt::CondCtxt(context) => {
                names.extend([&context.pred_name, &context.pivot_name].map(String::clone));
            }
            Ctxt::WhileCtxt(context) => {
                let pivots = [
                    &context.pivot_name,
                    &context.pivot_for_pred_name,
                    &context.pivot_for_body_name,
                    &context.maximum_iterations_name,
                ];
                names.extend(pivots.map(String::clone));
                let exits = context.loop_exit_names.iter();
                names.extend(
                    exits
                        .filter(|exit| !of_gradients.contains(node_name(exit)))
                        .cloned(),
                );
            }
        }
    }
    names
}

/// The nodes that come after those by which loops keep values for their gradients, such as counters of their turns.
pub(super) fn of_gradients(nodes: &[NodeDef]) -> HashSet<&str> {
    let stacks = nodes.iter().filter(|node| STACKS.contains(&&*node.op));
    let mut open: Vec<&str> = stacks.map(|node| &*node.name).collect();
    if open.is_empty() {
        return HashSet::default();
    }
    let mut users: HashMap<&str, Vec<usize>> = HashMap::default();
    for (place, node) in nodes.iter().enumerate() {
        for input in &node.input {
            users.entry(node_name(input)).or_default().push(place);
        }
    }
    let mut seen = HashSet::default();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            let users = users.get(name).into_iter().flatten();
            open.extend(users.map(|&place| nodes[place].name.as_str()));
        }
    }
    seen
}

fn values(context: &Ctxt) -> (&Option<ValuesDef>, &[ControlFlowContextDef]) {
    match context {
        Ctxt::CondCtxt(context) => (&context.values_def, &context.nested_contexts),
        Ctxt::WhileCtxt(context) => (&context.values_def, &context.nested_contexts),
    }
}

fn values_mut(context: &mut Ctxt) -> (&mut Option<ValuesDef>, &mut Vec<ControlFlowContextDef>) {
    match context {
        Ctxt::CondCtxt(context) => (&mut context.values_def, &mut context.nested_contexts),
        Ctxt::WhileCtxt(context) => (&mut context.values_def, &mut context.nested_contexts),
    }
}

/// Puts a tensor where another is that is computed in the context or inside of it; whether it is.
pub(super) fn join(context: &mut Ctxt, of: &str, new: &str) -> bool {
    let (values, nested) = values_mut(context);
    let mut joined = false;
    if let Some(values) = values {
        let is_outside = values.external_values.contains_key(of);
        if !is_outside && values.values.iter().any(|value| value == of) {
            values.values.push(new.to_owned());
            joined = true;
        }
    }
    for context in nested {
        joined |= context.ctxt.as_mut().is_some_and(|it| join(it, of, new));
    }
    joined
}

/// Takes the output of a node that has none any more out of the context and those inside of it; where it came from outside,
/// another tensor comes in its place. Whether it was there.
pub(super) fn replace(context: &mut Ctxt, of: &str, outside: &str) -> bool {
    let (values, nested) = values_mut(context);
    let mut replaced = false;
    if let Some(values) = values {
        let before = values.values.len();
        values.values.retain(|value| value != of);
        replaced = values.values.len() < before;
        if let Some(inside) = values.external_values.remove(of) {
            if !values.external_values.contains_key(outside) {
                values.external_values.insert(outside.to_owned(), inside);
            }
            if !values.values.iter().any(|value| value == outside) {
                values.values.push(outside.to_owned());
            }
        }
    }
    for context in nested {
        let context = context.ctxt.as_mut();
        replaced |= context.is_some_and(|it| replace(it, of, outside));
    }
    replaced
}

/// Changes the names of the scopes that the context and those inside of it are named after.
pub(super) fn rename_scopes(context: &mut Ctxt, rename: &impl Fn(&mut String)) {
    match context {
        Ctxt::CondCtxt(context) => rename(&mut context.context_name),
        Ctxt::WhileCtxt(context) => rename(&mut context.context_name),
    }
    for context in values_mut(context).1 {
        if let Some(context) = &mut context.ctxt {
            rename_scopes(context, rename);
        }
    }
}

/// The context with the names that its nodes have now, and without the tensors that `rename` does not know; `None` if
/// the context cannot be without one of them.
pub(super) fn renamed(
    mut context: Ctxt,
    prefix: &str,
    rename: &impl Fn(&str) -> Option<String>,
) -> Option<Ctxt> {
    let optional = |name: &str| match name.is_empty() {
        true => Some(String::new()),
        false => rename(name),
    };
    let scoped = |name: &str| match prefix.is_empty() {
        true => name.to_owned(),
        false => format!("{prefix}/{name}"),
    };
    let some = |names: &[String]| names.iter().filter_map(|name| rename(name)).collect();
    let (values_def, nested) = match &mut context {
        Ctxt::CondCtxt(context) => {
            context.context_name = scoped(&context.context_name);
            context.pred_name = optional(&context.pred_name)?;
            context.pivot_name = optional(&context.pivot_name)?;
            (&mut context.values_def, &mut context.nested_contexts)
        }
        Ctxt::WhileCtxt(context) => {
            context.context_name = scoped(&context.context_name);
            for name in [
                &mut context.pivot_name,
                &mut context.pivot_for_pred_name,
                &mut context.pivot_for_body_name,
                &mut context.maximum_iterations_name,
            ] {
                *name = optional(name)?;
            }
            context.loop_exit_names = some(&context.loop_exit_names);
            context.loop_enter_names = some(&context.loop_enter_names);
            (&mut context.values_def, &mut context.nested_contexts)
        }
    };
    if let Some(values) = values_def {
        // What comes from outside is of the context by what it is inside.
        let of_none = values.external_values.iter();
        let of_none = of_none.filter(|(_, inner)| rename(inner).is_none());
        let of_none: HashSet<&String> = of_none.map(|(outer, _)| outer).collect();
        values.values.retain(|value| !of_none.contains(value));
        values.values = some(&values.values);
        let external = values.external_values.iter();
        let external = external.filter_map(|(outer, inner)| Some((rename(outer)?, rename(inner)?)));
        values.external_values = external.collect();
        if values.values.is_empty() {
            return None;
        }
    }
    let contexts = std::mem::take(nested).into_iter();
    let contexts = contexts.filter_map(|context| renamed(context.ctxt?, prefix, rename));
    *nested = contexts
        .map(|context| ControlFlowContextDef {
            ctxt: Some(context),
        })
        .collect();
    Some(context)
}
