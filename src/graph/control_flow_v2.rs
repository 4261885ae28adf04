//! Control flow version 2: conditionals and loops as single nodes, whose branches and bodies are functions.
//!
//! The closures of `cond` and the like build a [`FuncGraph`] each. What they use from around becomes an input of the
//! node, one for all functions of the node; a function that does not use it has an argument all the same.

mod branches;
mod while_loop;

pub(crate) use branches::BranchClosure;

use super::func_graph::FuncGraph;
use super::{AnyTensor, GraphBuilder, Here, Operation};
use crate::error::Rule;

impl GraphBuilder {
    /// Builds conditionals and loops that follow as functions, as `tf.enable_control_flow_v2` does.
    ///
    /// [`cond`](Self::cond) then makes an `If` node instead of a `Switch` and a `Merge` for each tensor, and a
    /// `StatelessIf` where no branch has a stateful node. What a branch uses from around becomes an input of the node.
    /// Blocks around, such as scopes and devices, have no effect inside of a branch, but for devices in a
    /// [`function`](Self::function) that is on one; the node waits for what a branch depends on outside.
    ///
    /// The functions have names like `cond_true_5`. In Python the number counts all tensors and functions that the
    /// program has made; here it follows from the graph, or from [`set_function_uid`](Self::set_function_uid).
    ///
    /// ```
    /// let g = tfhub::GraphBuilder::new();
    /// g.enable_control_flow_v2();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let is_training = g.placeholder::<bool>(());
    /// let y = g.cond(is_training, || x * 2.0, || x + 1.0);
    /// assert_eq!((y.name(), y.shape().to_string()), ("cond/Identity:0".into(), "[?, 3]".into()));
    /// assert_eq!(g.operation("cond")?.op(), "StatelessIf");
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn enable_control_flow_v2(&self) {
        self.state.borrow_mut().control_flow_v2 = true;
    }

    /// Builds conditionals and loops that follow as TensorFlow 1 does by default, as `tf.disable_control_flow_v2` does.
    ///
    /// In the body of a [`concrete_function`](Self::concrete_function) they are functions all the same.
    pub fn disable_control_flow_v2(&self) {
        self.state.borrow_mut().control_flow_v2 = false;
    }

    /// The name for a function of a node, which is that of the open scope with slashes at the end.
    fn scoped_function_name(&self, scope: &str, function: &str) -> String {
        let prefix = format!("{scope}{function}").replace('/', "_");
        self.unique_function_name(&prefix)
    }

    /// A scalar as the condition of a node: one that is of another or an unknown rank is squeezed.
    #[track_caller]
    pub(crate) fn squeezed_condition<'g>(&'g self, condition: AnyTensor<'g>) -> AnyTensor<'g> {
        if condition.is_poison() || condition.shape().rank() == Some(0) {
            return condition;
        }
        let squeezed = self.op("Squeeze").input(condition).output();
        match squeezed.is_poison() || squeezed.shape().rank().is_none_or(|rank| rank == 0) {
            true => squeezed,
            false => {
                let shape = condition.shape();
                let message = format!("the condition: expected a scalar, found shape {shape}");
                self.report(Rule::Shape, message);
                AnyTensor::poison(self)
            }
        }
    }

    /// Makes a function of a body, and part of the graph that is open; no name if that is not possible.
    fn add_func_graph(&self, name: &str, func_graph: &FuncGraph<'_>, here: Here) -> Option<()> {
        let function = func_graph.to_function(name, Default::default());
        match function.and_then(|function| self.add_function(&function)) {
            Ok(()) => Some(()),
            Err(error) => {
                self.report_node(Rule::Function, "", name, here, error);
                None
            }
        }
    }

    /// Copies of the outputs of a node. What uses one of them needs no other once TensorFlow has put the functions in
    /// the node's place.
    fn copied_outputs<'g>(&'g self, node: Operation<'g>) -> Vec<AnyTensor<'g>> {
        let outputs = node.outputs().into_iter();
        let copies = outputs.map(|output| self.op("Identity").input(output).output());
        copies.collect()
    }
}

#[cfg(test)]
mod tests;
