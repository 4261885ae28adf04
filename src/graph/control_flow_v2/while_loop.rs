//! Loops: `While` nodes.

use std::panic::Location;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::func_graph::{Argument, FuncGraph};
use crate::graph::structure::Leaf;
use crate::graph::{AnyTensor, FunctionRef, GraphBuilder, NodeId};
use crate::shape::Shape;

/// The condition of a loop, which gets its variables.
type Condition<'c, 'g> = &'c mut dyn FnMut(&[AnyTensor<'g>]) -> AnyTensor<'g>;

/// The body of a loop, which gets the variables of a turn and gives those of the next.
type LoopBody<'c, 'g> = &'c mut dyn FnMut(&[AnyTensor<'g>]) -> Vec<AnyTensor<'g>>;

/// The variables of a loop that count its turns: the counter and the limit.
const COUNTERS: usize = 2;

impl GraphBuilder {
    /// Makes a loop as one node, which bears the name of the scope; the result are the loop variables after the last
    /// turn.
    ///
    /// The first two variables are the counter and the limit of turns. `shapes` are those that the variables have in all
    /// turns.
    #[track_caller]
    pub(crate) fn build_while_v2<'g>(
        &'g self,
        scope: &str,
        variables: &[AnyTensor<'g>],
        shapes: &[Shape],
        parallel_iterations: i64,
        condition: Condition<'_, 'g>,
        body: LoopBody<'_, 'g>,
    ) -> Vec<AnyTensor<'g>> {
        let here = self.here(Location::caller());
        let poison = vec![AnyTensor::poison(self); variables.len()];
        let names = ["cond", "body"].map(|function| self.scoped_function_name(scope, function));
        let arguments = variables.iter().zip(shapes).enumerate();
        let arguments = arguments.map(|(at, (variable, shape))| Argument {
            name: match at < COUNTERS {
                true => variable.operation().name(),
                false => String::new(),
            },
            is_named: false,
            dtype: variable.dtype(),
            shape: shape.clone(),
        });
        let arguments: Vec<_> = arguments.collect();
        let is_ordered = self.is_ordered();
        let cond_graph = self.func_graph(&arguments, is_ordered, None, here, |variables| {
            vec![Leaf::Tensor(condition(variables))]
        });
        let mut body_graph = self.func_graph(&arguments, is_ordered, None, here, |variables| {
            // The captures of the condition come first, in its order.
            for tensor in cond_graph.captures() {
                self.owns_or_captures(tensor, "");
            }
            body(variables).into_iter().map(Leaf::Tensor).collect()
        });
        let is_whole = cond_graph.is_whole() && body_graph.is_whole();
        if !is_whole || variables.iter().any(AnyTensor::is_poison) {
            return poison;
        }
        let node_name = scope.trim_end_matches('/');
        if let Some(fault) = loop_fault(variables, shapes, &cond_graph, &body_graph) {
            self.report_node(Rule::Structure, "While", node_name, here, fault);
            return poison;
        }
        let captures: Vec<_> = body_graph.captures().collect();
        let unchanged: Vec<_> = body_graph.captured().collect();
        let unchanged = unchanged.into_iter().map(|id| body_graph.tensor(id));
        let unchanged: Vec<_> = unchanged.collect();
        body_graph.outputs.extend(unchanged);
        let known = cond_graph.captures().count();
        let (captured, mut cond_graph) = cond_graph.enter(|| {
            let captured = captures[known..].iter().map(|&tensor| {
                let inside = self.owns_or_captures(tensor, "");
                inside.map_or(NodeId::POISON, |inside| inside.tensor_ref().node)
            });
            captured.collect::<Vec<_>>()
        });
        cond_graph.inputs.extend(captured);
        let shapes = shapes.iter().cloned();
        let of_captures = captures.iter().map(AnyTensor::shape);
        let output_shapes: Vec<_> = shapes.chain(of_captures).collect();
        for (name, graph) in names.iter().zip([&cond_graph, &body_graph]) {
            if self.add_func_graph(name, graph, here).is_none() {
                return poison;
            }
        }
        let controls = [cond_graph.controls(), body_graph.controls()].concat();
        let [cond, body] = names.map(FunctionRef::new);
        let original_outputs = output_shapes.len() as i64;
        let inputs = variables.iter().copied().chain(captures);
        let node = self.op("While").name(scope).inputs(inputs);
        let node = node.attr("cond", cond).attr("body", body);
        let node = node.attr("output_shapes", output_shapes);
        let node = node.attr("parallel_iterations", parallel_iterations);
        let node = node.attr("_num_original_outputs", original_outputs);
        let node = node.attr("_lower_using_switch_merge", true);
        let node = self.control_dependencies(controls, || node.finish());
        match node.id {
            NodeId::POISON => poison,
            _ => {
                let mut outputs = self.copied_outputs(node);
                outputs.truncate(variables.len());
                outputs
            }
        }
    }
}

/// Why a loop cannot be: its condition is none, or a turn gives other variables than it gets.
fn loop_fault(
    variables: &[AnyTensor<'_>],
    shapes: &[Shape],
    cond: &FuncGraph<'_>,
    body: &FuncGraph<'_>,
) -> Option<String> {
    let condition = cond.outputs[0].dtype();
    if condition != DType::Bool {
        return Some(format!(
            "the condition of a loop is of {condition}, expected a bool"
        ));
    }
    let (expected, found) = (variables.len(), body.outputs.len());
    if expected != found {
        let (expected, found) = (expected - COUNTERS, found.saturating_sub(COUNTERS));
        return Some(format!(
            "the body of a loop gives {found} tensors, expected {expected} as there are loop variables"
        ));
    }
    let pairs = variables.iter().zip(shapes).zip(&body.outputs).enumerate();
    let mut pairs = pairs.skip(COUNTERS);
    pairs.find_map(|(position, ((variable, expected), result))| {
        let position = position - COUNTERS;
        let (of_variable, of_result) = (variable.dtype(), result.dtype());
        if of_variable != of_result {
            return Some(format!(
                "loop variable {position} enters with {of_variable} and is of {of_result} after a turn"
            ));
        }
        let found = result.shape();
        (!is_at_most(&found, expected)).then(|| {
            format!(
                "loop variable {position} enters with shape {expected} and has shape {found} after a turn; a shape \
                 invariant lets it vary"
            )
        })
    })
}

/// Whether a shape has all that is known of another.
fn is_at_most(found: &Shape, expected: &Shape) -> bool {
    match (found.dims(), expected.dims()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(found), Some(expected)) => {
            let mut pairs = found.iter().zip(expected);
            found.len() == expected.len()
                && pairs.all(|(found, expected)| expected.is_none() || found == expected)
        }
    }
}
