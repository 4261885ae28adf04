//! Uses of a tensor outside of the branch or loop that it belongs to, which TensorFlow finds when the graph runs.

use super::outward;
use crate::graph::facts::{self, Flow};
use crate::graph::{GraphBuilder, Node, NodeId, Operation};

impl GraphBuilder {
    /// Tells of an input of a new node that belongs to a branch or a loop which is complete. A `Merge` may have such
    /// inputs: it takes the value of the branch that ran.
    pub(in crate::graph) fn check_reach(&self, node: &Node) -> Result<(), String> {
        if self.state.borrow().contexts.is_empty() {
            return Ok(());
        }
        let data = match facts::of(&node.op).flow {
            Some(Flow::Merge) => &[][..],
            _ => &node.inputs[..],
        };
        let inputs = data.iter().map(|input| input.node);
        let mut before = inputs.chain(node.control_inputs.iter().copied());
        let fault = before.find_map(|id| self.out_of_reach(self.operation_at(id)));
        fault.map_or(Ok(()), Err)
    }

    /// Tells of an operation whose branch or loop is complete, so that nothing else may use it.
    pub(crate) fn out_of_reach(&self, operation: Operation<'_>) -> Option<String> {
        if operation.id == NodeId::POISON {
            return None;
        }
        let context = self.output_context(operation.id)?;
        let ended = outward(Some(&context)).find(|context| context.members().has_ended())?;
        let part = match ended.is_loop() {
            true => "a loop",
            false => "one branch of a conditional",
        };
        let node = operation.node();
        let (name, file, line) = (&node.name, node.location.file(), node.location.line());
        Some(format!(
            "\"{name}\" of {file}:{line} is inside of {part}, found a use outside of it, expected one of its results"
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::GraphBuilder;
    use crate::ops::math;

    /// A loop is complete only once its exits are made.
    #[test]
    fn the_nodes_of_a_loop_are_in_reach_inside_of_it() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((None, 2));
        let one = g.constant(1f32);
        let before = g.op("NoOp").name("before").finish();
        let (_, y) = g.while_loop(
            (0, x),
            |(i, _)| math::less(i, 2),
            |(i, y)| {
                let a = g.control_dependencies([before], || y + g.constant(3f32));
                let b = g.control_dependencies([a], || one * g.constant(4f32));
                let c = g.without_control_dependencies(|| x * 5.0);
                let is_late = math::greater(i, 1);
                (i + 1, g.cond(is_late, || a + b, || c))
            },
            (),
        );
        let _ = y + 1.0;
        g.finish().unwrap();
    }
}
