//! The control-flow contexts of TensorFlow 1: what runs only in one branch of a conditional.
//!
//! A context is a block like others. A node that is made in it belongs to it: an input from around is taken by a node of
//! the context, such as the `Switch` of a conditional, and a node without inputs waits for the context's pivot.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::nesting::TensorKey;
use super::{AnyTensor, GraphBuilder, GraphNumber, HashMap, HashSet, NodeId, TensorRef, keys};
use crate::error::Rule;
use crate::graph::function::Results;
use crate::graph::{CollectionItem, Tensor};
use crate::proto::Message as _;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::proto::tensorflow::{CondContextDef, ControlFlowContextDef, ValuesDef};

/// A context of control flow.
pub(super) trait ControlFlow: fmt::Debug {
    /// The tensors and nodes that are known in it.
    fn members(&self) -> &Members;

    /// Makes the stand-in for a tensor from around.
    fn capture(&self, g: &GraphBuilder, tensor: TensorKey) -> TensorKey;

    /// The node that those without inputs wait for.
    fn pivot(&self) -> NodeId;

    /// The message that a context around, or a collection, has of it.
    fn to_message(&self, g: &GraphBuilder) -> Ctxt;
}

/// The tensors and nodes that a context of control flow knows.
#[derive(Debug)]
pub(super) struct Members {
    outer: Option<Rc<dyn ControlFlow>>,
    known: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    values: HashSet<TensorKey>,
    /// The stand-ins for tensors from around.
    external: HashMap<TensorKey, TensorKey>,
    /// The nodes made in it and in contexts inside.
    nodes: HashSet<NodeId>,
    nested: Vec<Rc<dyn ControlFlow>>,
}

impl Members {
    /// Those of a new context inside of `outer`.
    fn new(outer: Option<Rc<dyn ControlFlow>>) -> Self {
        Members {
            outer,
            known: RefCell::default(),
        }
    }

    fn to_message(&self, g: &GraphBuilder) -> (ValuesDef, Vec<ControlFlowContextDef>) {
        let name = |&tensor: &TensorKey| g.tensor_of(tensor).name();
        let known = self.known.borrow();
        let mut values: Vec<_> = known.values.iter().map(name).collect();
        values.sort_unstable();
        let external = known.external.iter();
        let values = ValuesDef {
            values,
            external_values: external.map(|(of, by)| (name(of), name(by))).collect(),
        };
        let nested = known.nested.iter().map(|context| ControlFlowContextDef {
            ctxt: Some(context.to_message(g)),
        });
        (values, nested.collect())
    }
}

/// A context and those around it, the innermost first.
fn outward(context: &dyn ControlFlow) -> impl Iterator<Item = &dyn ControlFlow> {
    std::iter::successors(Some(context), |context| context.members().outer.as_deref())
}

/// The stand-in for a tensor in a context. Nodes made for it are named under `scope`, which ends in a slash or is empty.
fn value_in(
    context: &dyn ControlFlow,
    g: &GraphBuilder,
    tensor: TensorKey,
    scope: &str,
) -> TensorKey {
    known_or(context, g, tensor, scope, |around| {
        let inside =
            g.without_control_dependencies(|| g.in_scope(scope, || context.capture(g, around)));
        for context in outward(context) {
            let mut known = context.members().known.borrow_mut();
            known.values.insert(inside);
            known.nodes.insert(inside.1.node);
        }
        inside
    })
}

/// The stand-in for a tensor in a context: the known one, or what `capture` makes of the tensor as the context around
/// has it.
fn known_or(
    context: &dyn ControlFlow,
    g: &GraphBuilder,
    tensor: TensorKey,
    scope: &str,
    capture: impl FnOnce(TensorKey) -> TensorKey,
) -> TensorKey {
    let members = context.members();
    if !members.known.borrow_mut().values.insert(tensor) {
        let known = members.known.borrow();
        return known.external.get(&tensor).copied().unwrap_or(tensor);
    }
    let around = match members.outer.as_deref() {
        Some(outer) => {
            let around = value_in(outer, g, tensor, scope);
            let mut known = members.known.borrow_mut();
            known.values.insert(around);
            known.external.insert(around, around);
            around
        }
        None => tensor,
    };
    let inside = capture(around);
    members.known.borrow_mut().external.insert(tensor, inside);
    inside
}

impl GraphBuilder {
    /// Makes a new node one of the context of control flow that is open. What is made for its inputs is named under the
    /// node if it has a scope, and beside it otherwise.
    pub(super) fn enter_control_flow(&self, id: NodeId, has_scope: bool) {
        let Some(context) = self.context.borrow().control_flow().cloned() else {
            return;
        };
        let (name, inputs, is_call) = {
            let node = self.node(id);
            let is_call = node.op.function().is_some();
            (node.name.clone(), node.inputs.clone(), is_call)
        };
        let scope = match has_scope {
            true => format!("{name}/"),
            false => String::new(),
        };
        let number = self.open_graph();
        for (position, &tensor) in inputs.iter().enumerate() {
            let (_, inside) = value_in(&*context, self, (number, tensor), &scope);
            if inside != tensor {
                self.state.borrow_mut().nodes[id.index()].inputs[position] = inside;
            }
        }
        let waits = {
            let node = self.node(id);
            let known = context.members().known.borrow();
            let is_inside = |id: &NodeId| known.nodes.contains(id);
            is_call || inputs.is_empty() && !node.control_inputs.iter().any(is_inside)
        };
        let outputs = {
            let mut state = self.state.borrow_mut();
            let node = &mut state.nodes[id.index()];
            if waits && !node.control_inputs.contains(&context.pivot()) {
                node.control_inputs.push(context.pivot());
                node.control_inputs.sort_unstable();
            }
            node.outputs.len()
        };
        for context in outward(&*context) {
            let mut known = context.members().known.borrow_mut();
            known.nodes.insert(id);
            let outputs = (0..outputs as u32).map(|index| (number, TensorRef { node: id, index }));
            known.values.extend(outputs);
        }
    }

    /// The results of one of two closures, as the graph decides when it runs (`tf.cond` of TensorFlow 1).
    ///
    /// Both closures make their nodes; those of one run. What they take from around goes through a `Switch`.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let is_training = g.placeholder::<bool>(());
    /// let y = g.cond(is_training, || x * 2.0, || x + 1.0);
    /// assert_eq!((y.name(), y.shape().to_string()), ("cond/Merge:0".into(), "[?, 3]".into()));
    /// # g.finish().unwrap();
    /// ```
    #[track_caller]
    pub fn cond<'g, R: Results<'g>>(
        &'g self,
        predicate: Tensor<'g, bool>,
        if_true: impl FnOnce() -> R,
        if_false: impl FnOnce() -> R,
    ) -> R {
        let author = self.context.borrow().location();
        let predicate = predicate.any();
        let _scope = self.open_function_scope("cond");
        let switch = self.op("Switch").input(predicate).input(predicate).finish();
        let identity =
            |name: &str, input: AnyTensor<'g>| self.op("Identity").name(name).input(input).output();
        let pivot_true = identity("switch_t", switch.output(1));
        let pivot_false = identity("switch_f", switch.output(0));
        let predicate = identity("pred_id", predicate);
        let if_true = || self.at_location(author, if_true);
        let if_false = || self.at_location(author, if_false);
        let (context_true, true_results) = self.branch(predicate, pivot_true, 1, if_true);
        let (context_false, false_results) = self.branch(predicate, pivot_false, 0, if_false);
        let pairs = false_results.into_iter().zip(true_results);
        let merged = pairs.map(|pair| self.op("Merge").inputs([pair.0, pair.1]).output());
        let merged: Vec<_> = merged.collect();
        let contexts = [context_true, context_false].into_iter().flatten();
        // As in Python, those of a function's body are in no collection of the graph.
        let is_listed = |context: &Rc<Branch>| {
            self.open_graph() == GraphNumber::MAIN && context.members.outer.is_none()
        };
        for context in contexts.filter(is_listed) {
            let def = context.to_message_of_branch(self).encode_to_vec();
            let item = CollectionItem::Message(self, def);
            self.add_to_collection(keys::COND_CONTEXT, item);
        }
        R::typed(&merged)
    }

    /// The context of a branch and its results, as the graph around has them; no context without a pivot.
    fn branch<'g, R: Results<'g>>(
        &'g self,
        predicate: AnyTensor<'g>,
        pivot: AnyTensor<'g>,
        branch: u32,
        results: impl FnOnce() -> R,
    ) -> (Option<Rc<Branch>>, Vec<AnyTensor<'g>>) {
        if predicate.is_poison() || pivot.is_poison() {
            let results = results().into_tensors();
            return (None, vec![AnyTensor::poison(self); results.len()]);
        }
        let outer = self.context.borrow().control_flow().cloned();
        let context = Rc::new(Branch {
            name: self.unique_name("cond_text").to_string(),
            predicate: predicate.key(),
            pivot: pivot.key(),
            branch,
            members: Members::new(outer.clone()),
        });
        {
            let mut known = context.members.known.borrow_mut();
            known.values.extend([context.predicate, context.pivot]);
            known.external.insert(context.predicate, context.predicate);
            known.nodes.insert(context.pivot.1.node);
        }
        if let Some(outer) = &outer {
            let mut known = outer.members().known.borrow_mut();
            known.nested.push(context.clone());
        }
        let results = self.within_control_flow(context.clone(), || {
            let results = results().into_tensors();
            let results = results.into_iter().map(|result| {
                if !self.owns_or_is_inside(result.operation()) {
                    self.report(Rule::OtherGraph, "a result of a branch is of another graph");
                    return AnyTensor::poison(self);
                }
                if result.is_poison() {
                    return result;
                }
                // The author's blocks hold for what is made of a tensor from around that is a result.
                let capture = |around| context.capture(self, around);
                self.tensor_of(known_or(&*context, self, result.key(), "", capture))
            });
            results.collect::<Vec<_>>()
        });
        if let Some(outer) = outer {
            let mut known = outer.members().known.borrow_mut();
            let results = results.iter().filter(|result| !result.is_poison());
            known.values.extend(results.map(AnyTensor::key));
        }
        (Some(context), results)
    }
}

/// A branch of a conditional.
#[derive(Debug)]
struct Branch {
    name: String,
    predicate: TensorKey,
    pivot: TensorKey,
    /// The output of each `Switch` that has a value where the branch runs.
    branch: u32,
    members: Members,
}

impl Branch {
    fn to_message_of_branch(&self, g: &GraphBuilder) -> CondContextDef {
        let (values, nested) = self.members.to_message(g);
        CondContextDef {
            context_name: self.name.clone(),
            pred_name: g.tensor_of(self.predicate).name(),
            pivot_name: g.tensor_of(self.pivot).name(),
            branch: self.branch as i32,
            values_def: Some(values),
            nested_contexts: nested,
        }
    }
}

impl ControlFlow for Branch {
    fn members(&self) -> &Members {
        &self.members
    }

    fn capture(&self, g: &GraphBuilder, tensor: TensorKey) -> TensorKey {
        let (data, predicate) = (g.tensor_of(tensor), g.tensor_of(self.predicate));
        let op = if data.is_ref() { "RefSwitch" } else { "Switch" };
        let switch = || g.op(op).input(data).input(predicate).finish();
        let switch = g.without_colocation(|| g.within_group_of(data.operation(), switch));
        switch.output(self.branch as usize).key()
    }

    fn pivot(&self) -> NodeId {
        self.pivot.1.node
    }

    fn to_message(&self, g: &GraphBuilder) -> Ctxt {
        Ctxt::CondCtxt(self.to_message_of_branch(g))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Node;

    fn flag(g: &GraphBuilder) -> Tensor<'_, bool> {
        g.op("Placeholder")
            .name("flag")
            .attr("dtype", crate::DType::Bool)
            .output()
            .typed()
    }

    /// Where a node is.
    fn line(node: &Node) -> u32 {
        node.location.line()
    }

    #[test]
    fn nodes_of_a_branch_are_of_the_authors_lines() {
        let g = GraphBuilder::new();
        let flag = flag(&g);
        let mut inside = 0;
        let outside = line!() + 1;
        let result = g.cond(
            flag,
            || {
                inside = line!() + 1;
                g.op("NoOp").name("inside").finish();
                g.constant(1f32)
            },
            || g.constant(2f32),
        );
        let at = |name: &str| line(&g.operation(name).unwrap().node());
        assert_eq!((at("cond/inside"), at("cond/pred_id")), (inside, outside));
        assert_eq!(line(&result.operation().node()), outside);
    }

    #[test]
    fn an_input_that_is_made_later_is_written_by_its_name() {
        let g = GraphBuilder::new();
        let x = g.constant(3f32);
        let flag = flag(&g);
        g.cond(flag, || x + 1.0, || x);
        let def = g.finish().unwrap().to_graph_def();
        let nodes: Vec<_> = def.nodes().map(|(name, _)| name).collect();
        let at = |name: &str| nodes.iter().position(|node| *node == name).unwrap();
        assert!(at("cond/add") < at("cond/add/Switch"));
        let add = &def.message.node[at("cond/add")];
        assert_eq!(add.input, ["cond/add/Switch:1", "cond/add/y"]);
        let again = GraphBuilder::new();
        again.import_graph_def(def, ()).unwrap();
    }

    #[test]
    fn conditionals_nest_to_any_depth() {
        fn nested<'g>(g: &'g GraphBuilder, depth: usize, x: Tensor<'g, f32>) -> Tensor<'g, f32> {
            match depth {
                0 => x + 1.0,
                _ => g.cond(flag(g), || nested(g, depth - 1, x), || x),
            }
        }
        let g = GraphBuilder::new();
        let x = g.constant(1f32);
        nested(&g, 50, x);
        let switches = g
            .nodes()
            .iter()
            .filter(|node| node.op.name() == "Switch")
            .count();
        // For each depth that of the predicate, and one of x for each branch: what the branches around have is used.
        assert_eq!(switches, 3 * 50);
        g.finish().unwrap();
    }
}
