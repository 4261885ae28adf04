//! Contexts of control flow that came with the nodes of another graph.

use std::rc::Rc;

use super::cond::CONTEXT_NAME;
use super::{ControlFlow, GraphBuilder, Members, NodeId, SharedContext, TensorKey};
use crate::graph::node_name;
use crate::proto::tensorflow::CondContextDef;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;

/// A context of nodes that were imported, of which there is its message, with the names that the nodes have now. Nothing
/// is made in it.
#[derive(Debug)]
struct Imported {
    message: Ctxt,
    members: Members,
}

impl ControlFlow for Imported {
    fn members(&self) -> &Members {
        &self.members
    }

    fn is_loop(&self) -> bool {
        matches!(self.message, Ctxt::WhileCtxt(_))
    }

    fn capture(&self, _: &GraphBuilder, tensor: TensorKey) -> TensorKey {
        tensor
    }

    fn pivot(&self) -> NodeId {
        NodeId::POISON
    }

    fn to_message(&self, _: &GraphBuilder) -> Ctxt {
        self.message.clone()
    }
}

impl GraphBuilder {
    /// Gives the nodes that enter the loops of a context, which was imported into a scope, the names that the loops have
    /// now, so that copies of one loop do not run as one.
    pub(crate) fn rename_frames(&self, context: &Ctxt) {
        let nested = match context {
            Ctxt::CondCtxt(context) => &context.nested_contexts,
            Ctxt::WhileCtxt(context) => {
                let values = context.values_def.iter().flat_map(|it| &it.values);
                for name in values {
                    self.set_frame(node_name(name), &context.context_name);
                }
                &context.nested_contexts
            }
        };
        let nested = nested.iter().filter_map(|context| context.ctxt.as_ref());
        nested.for_each(|context| self.rename_frames(context));
    }

    fn set_frame(&self, node: &str, frame: &str) {
        let mut state = self.state.borrow_mut();
        let Some(id) = state.names.node(node) else {
            return;
        };
        let node = &mut state.nodes[id.index()];
        if matches!(node.op.name(), "Enter" | "RefEnter") {
            if let Some(Value::S(name)) = node.attr_mut("frame_name") {
                *name = frame.as_bytes().to_vec();
            }
        }
    }

    /// Makes a context that was imported one of those inside of the context that is open, if there is one.
    ///
    /// Conditionals that are made later in the scope that is open count those that were imported, as in Python.
    pub(crate) fn nest_imported_context(&self, message: &Ctxt) {
        for _ in 0..conditionals(message) {
            self.unique_name(CONTEXT_NAME);
        }
        let outer = self.context.borrow().control_flow().cloned();
        if let Some(outer) = outer {
            let context = Imported {
                message: message.clone(),
                members: Members::new(Some(outer)),
            };
            self.begin_context(&(Rc::new(context) as SharedContext));
        }
    }
}

/// The number of conditionals among a context and those inside of it.
fn conditionals(context: &Ctxt) -> usize {
    let (own, nested) = match context {
        Ctxt::CondCtxt(CondContextDef {
            nested_contexts, ..
        }) => (1, nested_contexts),
        Ctxt::WhileCtxt(context) => (0, &context.nested_contexts),
    };
    let nested = nested.iter().filter_map(|context| context.ctxt.as_ref());
    own + nested.map(conditionals).sum::<usize>()
}
