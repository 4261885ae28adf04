//! Conditionals: `If` and `Case` nodes.

use std::panic::Location;

use super::FuncGraph;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::facts::shape_fn::in_common;
use crate::graph::structure::Leaf;
use crate::graph::{AnyTensor, FunctionRef, GraphBuilder, HashMap, HashSet, Here, NodeId};
use crate::shape::Shape;

/// A closure that builds a branch.
pub(crate) type BranchClosure<'c, 'g> = Box<dyn FnOnce() -> Vec<Leaf<'g>> + 'c>;

/// The functions of a node that have been made equal: all take the inputs of the node and give its outputs.
struct Branches<'g> {
    graphs: Vec<FuncGraph<'g>>,
    names: Vec<String>,
    inputs: Vec<AnyTensor<'g>>,
}

impl GraphBuilder {
    /// The results of a conditional that is an `If` node, which bears the name of the scope that has been opened for it.
    ///
    /// An operation among the results of a branch stands for the predicate, once it has run.
    #[track_caller]
    pub(in crate::graph) fn cond_v2<'g>(
        &'g self,
        scope: &str,
        predicate: AnyTensor<'g>,
        if_true: BranchClosure<'_, 'g>,
        if_false: BranchClosure<'_, 'g>,
    ) -> Vec<AnyTensor<'g>> {
        let here = self.here(Location::caller());
        let names = ["true", "false"].map(|branch| self.scoped_function_name(scope, branch));
        let predicate = self.squeezed_condition(predicate);
        let branches = vec![if_true, if_false];
        let branches = self.branches(names.into(), predicate, branches, here);
        let is_stateful = branches.graphs.iter().any(FuncGraph::is_stateful);
        let op = if is_stateful { "If" } else { "StatelessIf" };
        self.branching_node(op, scope, predicate, branches, here)
    }

    /// The results of a choice by an index that is a `Case` node.
    #[track_caller]
    pub(crate) fn indexed_case_v2<'g>(
        &'g self,
        index: AnyTensor<'g>,
        branches: Vec<BranchClosure<'_, 'g>>,
    ) -> Vec<AnyTensor<'g>> {
        let here = self.here(Location::caller());
        let scope = self.open_inner_scope("indexed_case", here);
        let names = (0..branches.len()).map(|at| {
            let branch = format!("branch{at}");
            self.scoped_function_name(&scope, &branch)
        });
        let branches = self.branches(names.collect(), index, branches, here);
        self.branching_node("Case", &scope, index, branches, here)
    }

    /// Builds the branches of a node and lets all take the same inputs.
    fn branches<'g>(
        &'g self,
        names: Vec<String>,
        selector: AnyTensor<'g>,
        closures: Vec<BranchClosure<'_, 'g>>,
        here: Here,
    ) -> Branches<'g> {
        let closures = closures.into_iter();
        let graphs = closures.map(|closure| {
            let is_ordered = self.is_ordered();
            self.func_graph(&[], is_ordered, Some(selector), here, |_| closure())
        });
        let graphs: Vec<_> = graphs.collect();
        let mut known = HashSet::default();
        let inputs = graphs.iter().flat_map(FuncGraph::captures);
        let inputs: Vec<_> = inputs.filter(|input| known.insert(input.key())).collect();
        let graphs = graphs.into_iter();
        let graphs = graphs.map(|graph| self.with_inputs(graph, &inputs));
        Branches {
            graphs: graphs.collect(),
            names,
            inputs,
        }
    }

    /// A branch that takes these inputs, of which it uses some.
    fn with_inputs<'g>(&'g self, graph: FuncGraph<'g>, inputs: &[AnyTensor<'g>]) -> FuncGraph<'g> {
        let captured: HashMap<_, _> = graph
            .captures()
            .map(|tensor| tensor.key())
            .zip(graph.captured())
            .collect();
        let (placeholders, mut graph) = graph.enter(|| {
            let placeholders = inputs.iter().map(|input| {
                let unused = || {
                    let placeholder = self.op("Placeholder").attr("dtype", input.dtype());
                    placeholder.attr("shape", input.shape()).finish().id
                };
                captured.get(&input.key()).copied().unwrap_or_else(unused)
            });
            placeholders.collect::<Vec<NodeId>>()
        });
        graph.inputs = placeholders;
        graph
    }

    /// The outputs of the node that runs one of the branches.
    fn branching_node<'g>(
        &'g self,
        op: &str,
        scope: &str,
        selector: AnyTensor<'g>,
        branches: Branches<'g>,
        here: Here,
    ) -> Vec<AnyTensor<'g>> {
        let Branches {
            graphs,
            names,
            inputs,
        } = branches;
        let poison = vec![AnyTensor::poison(self); graphs[0].outputs.len()];
        if selector.is_poison() || !graphs.iter().all(FuncGraph::is_whole) {
            return poison;
        }
        let types = |graph: &FuncGraph<'g>| -> Vec<DType> {
            graph.outputs.iter().map(|output| output.dtype()).collect()
        };
        let first = types(&graphs[0]);
        for (at, graph) in graphs.iter().enumerate() {
            let other = types(graph);
            if other != first {
                let which = match (op, at) {
                    ("Case", at) => format!("branch {at}"),
                    _ => "the branch for false".to_owned(),
                };
                let (expected, found) = (dtype_list(&first), dtype_list(&other));
                let message =
                    format!("{which} gives {found}, expected {expected} as from the first branch");
                self.report_node(
                    Rule::Structure,
                    op,
                    scope.trim_end_matches('/'),
                    here,
                    message,
                );
                return poison;
            }
        }
        if first.is_empty() {
            let message = "the branches have no results, expected a tensor or an operation";
            self.report_node(
                Rule::Structure,
                op,
                scope.trim_end_matches('/'),
                here,
                message,
            );
            return poison;
        }
        let shapes = (0..first.len()).map(|at| -> Shape {
            let shapes: Vec<_> = graphs.iter().map(|it| it.outputs[at].shape()).collect();
            in_common(&mut shapes.iter())
        });
        let shapes: Vec<_> = shapes.collect();
        for (name, graph) in names.iter().zip(&graphs) {
            if self.add_func_graph(name, graph, here).is_none() {
                return poison;
            }
        }
        let controls: Vec<_> = graphs
            .iter()
            .flat_map(|it| it.controls().to_vec())
            .collect();
        let node = self.op(op).name(scope).input(selector).inputs(inputs);
        let mut functions = names.into_iter().map(FunctionRef::new);
        let node = match (op, functions.len()) {
            ("Case", _) => node.attr("branches", functions.collect::<Vec<_>>()),
            _ => {
                let mut branch = || functions.next().expect("an If has two branches");
                node.attr("then_branch", branch())
                    .attr("else_branch", branch())
            }
        };
        let node = node.attr("Tout", first).attr("output_shapes", shapes);
        let node = node.attr("_lower_using_switch_merge", true);
        let node = self.control_dependencies(controls, || node.finish());
        match node.id {
            NodeId::POISON => poison,
            _ => self.copied_outputs(node),
        }
    }
}

/// Dtypes for a message.
fn dtype_list(dtypes: &[DType]) -> String {
    let names: Vec<_> = dtypes.iter().map(|dtype| dtype.name()).collect();
    format!("[{}]", names.join(", "))
}
