//! What surrounds the creation of a node: the name scope, control dependencies, devices, colocation.
//!
//! Each block of the public API changes one field of the current [`Context`], runs a closure, and puts the old value
//! back afterwards, also when the closure panics.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use super::device::{Device, DeviceError};
use super::names::{invalid_name, is_valid_op_name, is_valid_scope_name};
use super::node::{class, group, groups_in};
use super::{GraphBuilder, HashSet, Here, Node, NodeId, Operation, TensorRef};
use crate::error::Rule;
use crate::proto::tensorflow::AttrValue;

/// The blocks that are open at a point of the program.
#[derive(Debug, Default)]
pub(crate) struct Context {
    naming: Naming,
    controllers: Vec<Rc<Controller>>,
    /// The merged device of the open blocks.
    device: Option<Rc<Placement>>,
    colocation: Option<Rc<Colocation>>,
    /// The colocation group that new nodes get where no block of colocation is open.
    class: Option<Arc<AttrValue>>,
}

/// Where names are made, and for whom.
#[derive(Debug, Clone, Default)]
struct Naming {
    /// Without a slash at the end; empty at the root.
    name_scope: Arc<str>,
    /// The caller of the outermost function of ours, where it makes more than one node.
    location: Option<Here>,
    name: Option<Rc<RequestedName>>,
}

/// A device, and what nodes on it have in their definitions.
#[derive(Debug)]
struct Placement {
    device: Device,
    text: Arc<str>,
}

/// What nodes have from the nodes that they are colocated with.
#[derive(Debug)]
struct Colocation {
    class: Arc<AttrValue>,
    /// That of the outermost node which has one.
    device: Arc<str>,
}

/// A block of control dependencies.
#[derive(Debug)]
struct Controller {
    operations: Vec<NodeId>,
    /// The nodes made inside the block; what uses one of them already runs after `operations`.
    members: RefCell<HashSet<NodeId>>,
}

/// A name asked for by [`GraphBuilder::named`].
#[derive(Debug)]
struct RequestedName {
    name: String,
    uses: Cell<u32>,
}

impl Context {
    pub(crate) fn name_scope(&self) -> &Arc<str> {
        &self.naming.name_scope
    }

    pub(crate) fn location(&self) -> Option<Here> {
        self.naming.location
    }

    fn device_overridden_by(&self, inner: Device) -> Device {
        match &self.device {
            Some(outer) => outer.device.overridden_by(&inner),
            None => inner,
        }
    }
}

impl Colocation {
    /// That of a block of colocation with `node` inside of another.
    fn inside(outer: Option<&Colocation>, node: &Node) -> Self {
        let mut groups = node.groups_or_own();
        let mut device = &node.device;
        if let Some(outer) = outer {
            groups.extend_from_slice(groups_in(outer.class.value.as_ref()));
            if !outer.device.is_empty() {
                device = &outer.device;
            }
        }
        groups.sort_unstable();
        groups.dedup();
        Colocation {
            class: class(groups),
            device: device.clone(),
        }
    }
}

/// Swaps a field of the context when it is dropped.
struct Restore<'g, T> {
    graph: &'g GraphBuilder,
    field: fn(&mut Context) -> &mut T,
    old: T,
}

impl<T> Drop for Restore<'_, T> {
    fn drop(&mut self) {
        let mut context = self.graph.context.borrow_mut();
        std::mem::swap((self.field)(&mut context), &mut self.old);
    }
}

/// What the current context adds to a new node.
pub(super) struct Surroundings {
    pub(super) control_inputs: Vec<NodeId>,
    pub(super) device: Arc<str>,
    pub(super) class: Option<Arc<AttrValue>>,
}

impl GraphBuilder {
    /// Runs `f` with another value in a field of the context.
    fn with<T, R>(&self, field: fn(&mut Context) -> &mut T, value: T, f: impl FnOnce() -> R) -> R {
        let old = std::mem::replace(field(&mut self.context.borrow_mut()), value);
        let _restore = Restore {
            graph: self,
            field,
            old,
        };
        f()
    }

    /// Runs `f` with the naming changed by `change`.
    fn with_naming<R>(&self, change: impl FnOnce(&mut Naming), f: impl FnOnce() -> R) -> R {
        let mut naming = self.context.borrow().naming.clone();
        change(&mut naming);
        self.with(|context| &mut context.naming, naming, f)
    }

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
        let scope = self.enter_scope(name, Location::caller());
        self.with_naming(|naming| naming.name_scope = scope, f)
    }

    /// The full name of a new scope, or of the old one where `name` ends in a slash.
    pub(super) fn enter_scope(&self, name: &str, location: Here) -> Arc<str> {
        let at_root = self.context.borrow().name_scope().is_empty();
        let valid = if at_root {
            is_valid_op_name(name)
        } else {
            is_valid_scope_name(name)
        };
        if name.is_empty() {
            return Arc::default();
        }
        if !valid {
            self.report_node(
                Rule::Name,
                "",
                name,
                self.here(location),
                invalid_name(name),
            );
            return self.unique_name("invalid");
        }
        match name.strip_suffix('/') {
            Some(absolute) => absolute.into(),
            None => self.unique_name(name),
        }
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
        let request = Rc::new(RequestedName {
            name: name.to_owned(),
            uses: Cell::new(0),
        });
        let result = self.with_naming(|naming| naming.name = Some(request.clone()), f);
        if request.uses.get() != 1 {
            let message = format!(
                "named(\"{name}\") covers {} ops, expected one; make the op's inputs before",
                request.uses.get()
            );
            self.report(Rule::Named, message);
        }
        result
    }

    /// Whether the author asked for a name.
    pub(crate) fn is_named(&self) -> bool {
        self.context.borrow().naming.name.is_some()
    }

    /// The name for an op that the author makes: the one asked for, or its default.
    pub(crate) fn requested_name(&self, default: &'static str) -> Cow<'static, str> {
        match &self.context.borrow().naming.name {
            Some(request) => {
                request.uses.set(request.uses.get() + 1);
                Cow::Owned(request.name.clone())
            }
            None => Cow::Borrowed(default),
        }
    }

    /// Runs `f`, which makes several nodes for one function of ours, in a scope of that function's name.
    ///
    /// `f` gets the scope with a slash at the end, which as a node name makes the node bear the scope's name.
    pub(crate) fn function_scope<R>(
        &self,
        default: &'static str,
        location: Here,
        f: impl FnOnce(&str) -> R,
    ) -> R {
        let name = self.requested_name(default);
        self.inner_scope(&name, location, f)
    }

    /// Runs `f`, which makes several nodes for one function of ours without a scope of its own.
    ///
    /// `f` gets the name for the node that bears it.
    pub(crate) fn function_name<R>(
        &self,
        default: &'static str,
        location: Here,
        f: impl FnOnce(&str) -> R,
    ) -> R {
        let name = self.requested_name(default);
        let location = self.here(location);
        let change = |naming: &mut Naming| {
            naming.location = Some(location);
            naming.name = None;
        };
        self.with_naming(change, || f(&name))
    }

    /// The same under a name that the author cannot change.
    pub(crate) fn inner_scope<R>(
        &self,
        name: &str,
        location: Here,
        f: impl FnOnce(&str) -> R,
    ) -> R {
        let location = self.here(location);
        let scope = self.enter_scope(name, location);
        let as_name = [&scope, "/"].concat();
        let naming = Naming {
            name_scope: scope,
            location: Some(location),
            name: None,
        };
        self.with(|context| &mut context.naming, naming, || f(&as_name))
    }

    /// Runs `f`, which makes several nodes for the author's one call at `location`.
    pub(crate) fn called_from<R>(&self, location: Here, f: impl FnOnce() -> R) -> R {
        let location = self.here(location);
        self.with_naming(|naming| naming.location = Some(location), f)
    }

    /// The same where `f` is functions that the author could name, which get their default names.
    pub(crate) fn unnamed<R>(&self, location: Here, f: impl FnOnce() -> R) -> R {
        let location = self.here(location);
        let change = |naming: &mut Naming| {
            naming.location = Some(location);
            naming.name = None;
        };
        self.with_naming(change, f)
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
            let operation = operation.into();
            if !std::ptr::eq(operation.graph, self) {
                self.report(Rule::OtherGraph, "a control dependency is of another graph");
            } else if operation.id != NodeId::POISON && !ids.contains(&operation.id) {
                ids.push(operation.id);
            }
        }
        let controller = Rc::new(Controller {
            operations: ids,
            members: RefCell::default(),
        });
        let mut controllers = self.context.borrow().controllers.clone();
        controllers.push(controller);
        self.with(|context| &mut context.controllers, controllers, f)
    }

    /// Runs `f` with its nodes free of the control dependencies of the blocks around, as
    /// `tf.control_dependencies(None)` does.
    pub fn without_control_dependencies<R>(&self, f: impl FnOnce() -> R) -> R {
        self.with(|context| &mut context.controllers, Vec::new(), f)
    }

    /// Runs `f` with its nodes on a device, as `tf.device` does: `/cpu:0`, `/job:ps/task:3/device:GPU:1`, `CPU`.
    ///
    /// Parts that `device` leaves open come from the blocks around.
    #[track_caller]
    pub fn device<R>(&self, device: &str, f: impl FnOnce() -> R) -> R {
        if device.is_empty() {
            return f();
        }
        let inner = match Device::parse(device) {
            Ok(inner) => inner,
            Err(error) => {
                self.report(Rule::Device, error);
                Device::default()
            }
        };
        let device = self.context.borrow().device_overridden_by(inner);
        let text = device.to_string().into();
        let placement = Rc::new(Placement { device, text });
        self.with(|context| &mut context.device, Some(placement), f)
    }

    /// Runs `f` with its nodes on no device in particular, as `tf.device(None)` does.
    pub fn without_device<R>(&self, f: impl FnOnce() -> R) -> R {
        self.with(|context| &mut context.device, None, f)
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
        let operation = operation.into();
        if !std::ptr::eq(operation.graph, self) {
            self.report(
                Rule::OtherGraph,
                "the operation to colocate with is of another graph",
            );
            return f();
        }
        let outer = self.context.borrow().colocation.clone();
        let colocation = match operation.id {
            NodeId::POISON => outer,
            id => Some(Rc::new(Colocation::inside(
                outer.as_deref(),
                &self.node(id),
            ))),
        };
        let colocated = || self.with(|context| &mut context.colocation, colocation, f);
        self.without_device(colocated)
    }

    /// Runs `f` with its nodes colocated with nothing.
    pub(crate) fn without_colocation<R>(&self, f: impl FnOnce() -> R) -> R {
        self.with(|context| &mut context.colocation, None, f)
    }

    /// Runs `f` with its nodes in the colocation group of a node that need not exist yet.
    pub(crate) fn in_group_of<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let class = class(vec![group(name)]);
        self.with(|context| &mut context.class, Some(class), f)
    }

    /// The device of a node that asks for `device` itself, inside of the blocks around.
    pub(super) fn device_within(&self, device: &str) -> Result<String, DeviceError> {
        let inner = Device::parse(device)?;
        let context = self.context.borrow();
        Ok(context.device_overridden_by(inner).to_string())
    }

    /// What a new node with these data inputs gets from the blocks around it.
    pub(super) fn surroundings(&self, inputs: &[TensorRef]) -> Surroundings {
        let context = self.context.borrow();
        let mut control_inputs = Vec::new();
        for controller in &context.controllers {
            let members = controller.members.borrow();
            if !inputs.iter().any(|input| members.contains(&input.node)) {
                control_inputs.extend(
                    controller
                        .operations
                        .iter()
                        .filter(|&&id| inputs.iter().all(|input| input.node != id)),
                );
            }
        }
        let placed = context.device.as_ref().map(|device| &device.text);
        let (class, device) = match &context.colocation {
            Some(with) if with.device.is_empty() => (Some(&with.class), placed),
            Some(with) => (Some(&with.class), Some(&with.device)),
            None => (context.class.as_ref(), placed),
        };
        Surroundings {
            control_inputs,
            device: device.cloned().unwrap_or_default(),
            class: class.cloned(),
        }
    }

    /// Tells the open control blocks of a new node.
    pub(super) fn record_member(&self, id: NodeId) {
        for controller in &self.context.borrow().controllers {
            controller.members.borrow_mut().insert(id);
        }
    }
}
