//! The functions that run a closure inside of a block.

use std::panic::Location;
use std::rc::Rc;

use super::{Block, Naming};
use crate::graph::control_flow::ControlFlow;
use crate::graph::nesting::{Body, BodyKind};
use crate::graph::node::{class, group};
use crate::graph::{GraphBuilder, Here, NodeId, Operation};

impl GraphBuilder {
    /// Runs `f` with its nodes named under `name`, as `tf.name_scope` does.
    ///
    /// A scope that exists already gets a number (`name_1`). A name with a slash at the end is an absolute one that
    /// is entered again as it is, and an empty name is the root.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// use tfhub::ops::array::identity;
    /// let x = g.placeholder::<f32>(());
    /// let y = g.name_scope("tower", || identity(x));
    /// let z = g.name_scope("tower", || identity(x));
    /// assert_eq!((y.name(), z.name()), ("tower/Identity:0".into(), "tower_1/Identity:0".into()));
    /// ```
    #[track_caller]
    pub fn name_scope<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let _open = self.open_name_scope(name, Location::caller());
        f()
    }

    /// Gives the one op made in `f` the name `name` instead of the default one, as the `name` argument does in
    /// Python.
    ///
    /// Compute the op's inputs outside of `f`: if it makes no op, or more than one, that is reported.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.named("images", || g.placeholder::<f32>((None, 4)));
    /// assert_eq!(x.name(), "images:0");
    /// ```
    #[track_caller]
    pub fn named<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let (open, request) = self.open_named(name);
        let result = f();
        drop(open);
        self.check_named(&request);
        result
    }

    /// Runs `f`, which makes several nodes for one function of ours, in a scope that the author cannot name.
    ///
    /// `f` gets the scope with a slash at the end, which as a node name makes the node bear the scope's name.
    pub(crate) fn inner_scope<R>(
        &self,
        name: &str,
        location: Here,
        f: impl FnOnce(&str) -> R,
    ) -> R {
        let scope = self.open_inner_scope(name, location);
        f(&scope)
    }

    /// Runs `f`, which makes several nodes for the author's one call at `location`.
    pub(crate) fn called_from<R>(&self, location: Here, f: impl FnOnce() -> R) -> R {
        let _open = self.open_call(location);
        f()
    }

    /// Runs `f` with its nodes running after `operations`, as `tf.control_dependencies` does.
    ///
    /// Tensors stand for the operations that make them.
    #[track_caller]
    pub fn control_dependencies<'g, R>(
        &'g self,
        operations: impl IntoIterator<Item = impl Into<Operation<'g>>>,
        f: impl FnOnce() -> R,
    ) -> R {
        let mut ids = Vec::new();
        for operation in operations {
            self.add_control(&mut ids, operation.into());
        }
        let _open = self.open_controls(ids);
        f()
    }

    /// Runs `f` with its nodes free of the control dependencies of the blocks around, as
    /// `tf.control_dependencies(None)` does.
    pub fn without_control_dependencies<R>(&self, f: impl FnOnce() -> R) -> R {
        let _open = self.open(Block::NoControls);
        f()
    }

    /// Runs `f` with its nodes on a device, as `tf.device` does: `/cpu:0`, `/job:ps/task:3/device:GPU:1`, `CPU`.
    ///
    /// Parts that `device` leaves open come from the blocks around.
    #[track_caller]
    pub fn device<R>(&self, device: &str, f: impl FnOnce() -> R) -> R {
        if device.is_empty() {
            return f();
        }
        let _open = self.open_device(device);
        f()
    }

    /// Runs `f` with its nodes on no device in particular, as `tf.device(None)` does.
    pub fn without_device<R>(&self, f: impl FnOnce() -> R) -> R {
        let _open = self.open(Block::Device(None));
        f()
    }

    /// Runs `f` with its nodes on the device of another, as `tf.colocate_with` does.
    ///
    /// Device blocks around have no effect inside.
    #[track_caller]
    pub fn colocate_with<'g, R>(
        &'g self,
        operation: impl Into<Operation<'g>>,
        f: impl FnOnce() -> R,
    ) -> R {
        let Some(colocation) = self.colocation_with(operation.into()) else {
            return f();
        };
        let _no_device = self.open(Block::Device(None));
        let _colocated = self.open(colocation);
        f()
    }

    /// Runs `f` with its nodes on the device and in the groups of an operation of any graph.
    pub(in crate::graph) fn within_group_of<R>(
        &self,
        operation: Operation<'_>,
        f: impl FnOnce() -> R,
    ) -> R {
        let colocation = self.colocation_of(operation);
        let _no_device = self.open(Block::Device(None));
        let _colocated = self.open(colocation);
        f()
    }

    /// Runs `f` with its nodes on the devices and in the groups of nodes of the open graph.
    pub(in crate::graph) fn within_groups_of<R>(
        &self,
        nodes: &[NodeId],
        f: impl FnOnce() -> R,
    ) -> R {
        let mut _open = Vec::new();
        for &id in nodes {
            let colocation = self.colocation_of(self.operation_at(id));
            let blocks = [Block::Device(None), colocation];
            _open.extend(blocks.map(|block| self.open(block)));
        }
        f()
    }

    /// Runs `f` with its nodes colocated with nothing.
    pub(crate) fn without_colocation<R>(&self, f: impl FnOnce() -> R) -> R {
        let _open = self.open(Block::Colocation(None));
        f()
    }

    /// Runs `f` with its nodes in the colocation group of a node that need not exist yet.
    pub(crate) fn in_group_of<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let _open = self.open(Block::Class(class(vec![group(name)])));
        f()
    }

    /// Runs `f` inside of the body of a function. The nodes of a `Defun` are on the device of the innermost block
    /// around, those of a `FuncGraph` in the colocation groups of the blocks around, and in such a `Defun` on the device.
    pub(in crate::graph) fn within_body<R>(&self, body: Body, f: impl FnOnce() -> R) -> R {
        let inherited = {
            let context = self.context.borrow();
            let colocation = match body.kind() {
                BodyKind::Defun => None,
                BodyKind::FuncGraph { .. } => context.colocation().cloned(),
            };
            let colocation = colocation.map(|colocation| Block::Colocation(Some(colocation)));
            [context.inherited_device(body.kind()), colocation]
        };
        let _open = self.open(Block::Body(Box::new(body)));
        let _inherited = inherited.map(|block| block.map(|block| self.open(block)));
        f()
    }

    /// Runs `f` with the main graph open, as `tf.init_scope` does: in the name scope and on the device that are open,
    /// outside of control dependencies and of contexts of control flow.
    ///
    /// Tables are made so, and variables that are not looked up by name.
    pub(crate) fn init_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let blocks = (!self.is_in_main_graph()).then(|| {
            let device = self.context.borrow().device_block();
            [Block::Naming(self.naming()), device]
        });
        self.in_main_graph(|| {
            let _open = blocks.map(|blocks| blocks.map(|block| self.open(block)));
            self.without_control_dependencies(f)
        })
    }

    /// Runs `f` with new nodes in a context of control flow.
    pub(in crate::graph) fn within_control_flow<R>(
        &self,
        context: Rc<dyn ControlFlow>,
        f: impl FnOnce() -> R,
    ) -> R {
        let _open = self.open(Block::ControlFlow(context));
        f()
    }

    /// Runs `f` with its nodes made for the author's call at `location`, or at the lines of `f` itself.
    pub(crate) fn at_location<R>(&self, location: Option<Here>, f: impl FnOnce() -> R) -> R {
        let naming = Naming {
            location,
            ..self.naming()
        };
        let _open = self.open(Block::Naming(naming));
        f()
    }

    /// Runs `f` with its nodes named under a scope, which ends in a slash or is empty for the one that is open.
    pub(crate) fn in_scope<R>(&self, scope: &str, f: impl FnOnce() -> R) -> R {
        let mut naming = self.naming();
        naming.name = None;
        if let Some(scope) = scope.strip_suffix('/') {
            naming.name_scope = scope.into();
        }
        let _open = self.open(Block::Naming(naming));
        f()
    }
}
