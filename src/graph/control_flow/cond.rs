//! Conditionals.

use std::rc::Rc;

use super::{ControlFlow, Members, SharedContext, known_or};
use crate::error::Rule;
use crate::graph::structure::{self, Leaf, Structure};
use crate::graph::{
    AnyTensor, BranchClosure, GraphBuilder, NodeId, Scope, Tensor, TensorKey, keys,
};
use crate::proto::tensorflow::CondContextDef;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;

/// The name of the context of a branch, in the scope of the conditional.
pub(super) const CONTEXT_NAME: &str = "cond_text";

impl GraphBuilder {
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
    ///
    /// After [`enable_control_flow_v2`](Self::enable_control_flow_v2) each branch is a function instead.
    #[track_caller]
    pub fn cond<'g, S: Structure<'g>>(
        &'g self,
        predicate: Tensor<'g, bool>,
        if_true: impl FnOnce() -> S,
        if_false: impl FnOnce() -> S,
    ) -> S {
        let mut structure = None;
        let if_true = || {
            let results = if_true();
            let leaves = structure::leaves(&results);
            structure = Some(results);
            leaves
        };
        let if_false = || structure::leaves(&if_false());
        let branches = [
            Box::new(if_true) as BranchClosure<'_, 'g>,
            Box::new(if_false),
        ];
        // Parts of the results have their names in the scope.
        let (_scope, results) = self.cond_of_leaves(predicate.any(), branches);
        let structure = structure.expect("a branch runs its closure");
        structure::pack(&structure, &results)
    }

    /// The results of a conditional, whose scope is open; the first branch is that of a true predicate.
    #[track_caller]
    fn cond_of_leaves<'g>(
        &'g self,
        predicate: AnyTensor<'g>,
        [if_true, if_false]: [BranchClosure<'_, 'g>; 2],
    ) -> (Scope<'g>, Vec<AnyTensor<'g>>) {
        if self.is_control_flow_v2() {
            let scope = self.open_function_scope("cond");
            let results = self.cond_v2(&scope, predicate, if_true, if_false);
            return (scope, results);
        }
        let author = self.author();
        let predicate = self.scalar(predicate, "the predicate of a conditional");
        let scope = self.open_function_scope("cond");
        let switch = self.op("Switch").input(predicate).input(predicate).finish();
        let identity =
            |name: &str, input: AnyTensor<'g>| self.op("Identity").name(name).input(input).output();
        let pivot_true = identity("switch_t", switch.output(1));
        let pivot_false = identity("switch_f", switch.output(0));
        let predicate = identity("pred_id", predicate);
        let branch = |pivot, branch, results| {
            self.branch(predicate, pivot, branch, || {
                self.at_location(author, results)
            })
        };
        let (context_true, true_results) = branch(pivot_true, 1, if_true);
        let (context_false, false_results) = branch(pivot_false, 0, if_false);
        let merged = self.merge_branches(&true_results, &false_results);
        let contexts = [context_true, context_false].into_iter().flatten();
        for context in contexts.filter(|context| self.is_listed(context.members.outer.as_ref())) {
            self.list_context(&*context, self.listed_contexts(keys::COND_CONTEXT));
        }
        (scope, merged)
    }

    /// The results of the branch that runs; none that could be had are as many as those of the first.
    #[track_caller]
    fn merge_branches<'g>(
        &'g self,
        if_true: &[AnyTensor<'g>],
        if_false: &[AnyTensor<'g>],
    ) -> Vec<AnyTensor<'g>> {
        let poison = || AnyTensor::poison(self);
        if if_true.len() != if_false.len() {
            let (first, second) = (if_true.len(), if_false.len());
            let message = format!(
                "one branch gives {first} tensors, the other {second}; expected the same structure"
            );
            self.report(Rule::Structure, message);
            return vec![poison(); first];
        }
        let pairs = if_true.iter().zip(if_false).enumerate();
        let merged = pairs.map(|(position, (&if_true, &if_false))| {
            let is_poison = if_true.is_poison() || if_false.is_poison();
            if !is_poison && if_true.dtype() != if_false.dtype() {
                let (first, second) = (if_true.dtype(), if_false.dtype());
                let message = format!(
                    "result {position} of one branch is of {first}, that of the other of {second}"
                );
                self.report(Rule::Structure, message);
                return poison();
            }
            let op = match if_false.is_ref() && if_true.is_ref() {
                true => "RefMerge",
                false => "Merge",
            };
            let merge = self.op(op).name("Merge");
            merge.inputs([if_false, if_true]).output()
        });
        merged.collect()
    }

    /// The context of a branch and its results, as the graph around has them; no context without a pivot.
    fn branch<'g>(
        &'g self,
        predicate: AnyTensor<'g>,
        pivot: AnyTensor<'g>,
        branch: u32,
        results: impl FnOnce() -> Vec<Leaf<'g>>,
    ) -> (Option<Rc<Branch>>, Vec<AnyTensor<'g>>) {
        if predicate.is_poison() || pivot.is_poison() {
            let results = results();
            let len = results.iter().map(Leaf::len).sum();
            return (None, vec![AnyTensor::poison(self); len]);
        }
        let outer = self.context.borrow().control_flow().cloned();
        let branch = Rc::new(Branch {
            name: self.unique_name(CONTEXT_NAME).to_string(),
            predicate: predicate.key(),
            pivot: pivot.key(),
            branch,
            members: Members::new(outer.clone()),
        });
        let context: SharedContext = branch.clone();
        {
            let mut known = branch.members.known.borrow_mut();
            let predicate = branch.predicate;
            known.values.insert(predicate, Some(predicate));
            known.values.insert(branch.pivot, None);
        }
        self.place_in_context(&context, pivot.operation().id);
        self.begin_context(&context);
        let results = self.within_control_flow(context.clone(), || {
            let (results, mut tensors) = (results(), Vec::new());
            for result in &results {
                match result {
                    Leaf::Tensor(tensor) => tensors.push(self.branch_result(&context, *tensor)),
                    Leaf::Sparse(parts) => {
                        tensors.extend(parts.map(|part| self.branch_result(&context, part)));
                    }
                    Leaf::Ragged { components, .. } => {
                        let components = components.iter();
                        tensors.extend(components.map(|part| self.branch_result(&context, *part)));
                    }
                    Leaf::Operation(operation) => {
                        let after = self.with_dependencies(&[*operation], pivot);
                        tensors.push(self.branch_result(&context, after));
                    }
                }
            }
            structure::enter_scopes(&results);
            tensors
        });
        context.members().end();
        if let Some(outer) = outer {
            let results = results.iter().filter(|result| !result.is_poison());
            outer.members().add(results.map(AnyTensor::key));
        }
        (Some(branch), results)
    }

    /// A result of a branch as its context has it.
    fn branch_result<'g>(
        &'g self,
        context: &SharedContext,
        result: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        if !self.owns_or_is_inside(result.operation()) {
            self.report(Rule::OtherGraph, "a result of a branch is of another graph");
            return AnyTensor::poison(self);
        }
        if result.is_poison() {
            return result;
        }
        // The author's blocks hold for what is made of a tensor from around that is a result.
        let capture = |around| context.capture(self, around);
        self.tensor_of(known_or(context, self, result.key(), None, capture))
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

    fn is_loop(&self) -> bool {
        false
    }

    fn capture(&self, g: &GraphBuilder, tensor: TensorKey) -> TensorKey {
        let switch = g.switch_of(g.tensor_of(tensor), g.tensor_of(self.predicate));
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
