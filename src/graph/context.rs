//! The surroundings of a new node: the name scope, control dependencies, devices, colocation.
//!
//! They come from one stack, the [`Context`]. Each function of the public API that runs a closure pushes a [`Block`],
//! and takes it away afterwards, also when the closure panics.

mod blocks;
mod guards;

pub(crate) use guards::{OpenBlock, Scope};

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use super::control_flow::ControlFlow;
use super::device::{Device, DeviceError};
use super::names::{invalid_name, is_valid_op_name, is_valid_scope_name};
use super::nesting::{Body, BodyKind};
use super::node::{class, groups_in};
use super::{GraphBuilder, HashSet, Here, Node, NodeId, TensorRef};
use crate::error::Rule;
use crate::proto::tensorflow::AttrValue;
use crate::sort::sort;

/// The blocks that are open at a point of the program, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Context {
    blocks: Vec<Open>,
    innermost: Innermost,
    /// Whether what runs now is the rest of a call that has failed.
    has_failed: bool,
}

/// An open block.
#[derive(Debug)]
struct Open {
    block: Block,
    around: Innermost,
}

/// The innermost blocks of each kind that have an effect, so that no node is made by a search for them.
///
/// Each is a position in the stack that counts from 1; there is none at 0.
#[derive(Debug, Clone, Copy, Default)]
struct Innermost {
    body: u32,
    naming: u32,
    control_flow: u32,
    controls: u32,
    device: u32,
    colocation: u32,
    class: u32,
    /// Whether a `FuncGraph` that is opened has the device that is open, which it has inside of a `Defun` on a device.
    passes_device: bool,
}

/// A change of what surrounds the nodes that are made.
#[derive(Debug)]
enum Block {
    /// No block around has an effect inside.
    Body(Box<Body>),
    Naming(Naming),
    ControlFlow(Rc<dyn ControlFlow>),
    Controls(Box<Controller>),
    /// The control dependencies of the blocks around do not hold, and nodes belong to no context of control flow.
    NoControls,
    /// The device, merged with those of the blocks around.
    Device(Option<Box<Placement>>),
    /// The device that a body has from around, which `FuncGraph`s inside of it have too.
    Inherited(Option<Box<Placement>>),
    Colocation(Option<Rc<Colocation>>),
    /// The colocation group that new nodes get where no block of colocation is open.
    Class(Arc<AttrValue>),
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
#[derive(Debug, Clone)]
struct Placement {
    device: Device,
    text: Arc<str>,
    /// The device of the block itself, without those of the blocks around.
    own: Device,
}

impl Placement {
    fn new(own: Device, outer: Option<&Placement>) -> Self {
        let device = match outer {
            Some(outer) => outer.device.overridden_by(&own),
            None => own.clone(),
        };
        let text = device.to_string().into();
        Placement { device, text, own }
    }
}

/// The groups and the device that nodes have from those that they are colocated with.
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

/// Outside of all blocks.
static ROOT: LazyLock<Arc<str>> = LazyLock::new(Arc::default);

impl Context {
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub(super) fn set_failed(&mut self, has_failed: bool) {
        self.has_failed = has_failed;
    }

    fn push(&mut self, block: Block) {
        let around = self.innermost;
        // Blocks are open as deep as calls are nested.
        let at = self.blocks.len() as u32 + 1;
        let innermost = &mut self.innermost;
        match &block {
            Block::Body(_) => {
                *innermost = Innermost {
                    body: at,
                    ..Innermost::default()
                }
            }
            Block::Naming(_) => innermost.naming = at,
            Block::ControlFlow(_) => innermost.control_flow = at,
            Block::Controls(_) => innermost.controls = at,
            Block::NoControls => (innermost.controls, innermost.control_flow) = (0, 0),
            Block::Device(_) => innermost.device = at,
            Block::Inherited(_) => (innermost.device, innermost.passes_device) = (at, true),
            Block::Colocation(_) => innermost.colocation = at,
            Block::Class(_) => innermost.class = at,
        }
        self.blocks.push(Open { block, around });
    }

    fn pop(&mut self) {
        if let Some(open) = self.blocks.pop() {
            self.innermost = open.around;
        }
    }

    /// Takes away the outermost body that is open and all that is inside of it.
    fn take_bodies(&mut self) -> (Vec<Open>, Innermost) {
        let is_body = |open: &Open| matches!(open.block, Block::Body(_));
        let outermost = self.blocks.iter().position(is_body);
        let taken = self
            .blocks
            .split_off(outermost.unwrap_or(self.blocks.len()));
        let innermost = self.innermost;
        if let Some(open) = taken.first() {
            self.innermost = open.around;
        }
        (taken, innermost)
    }

    fn at(&self, position: u32) -> Option<&Open> {
        self.blocks.get(position.checked_sub(1)? as usize)
    }

    /// The block at a position and those of its kind around it, the innermost first.
    fn outward(&self, position: u32, next: fn(&Innermost) -> u32) -> impl Iterator<Item = &Block> {
        let open =
            std::iter::successors(self.at(position), move |open| self.at(next(&open.around)));
        open.map(|open| &open.block)
    }

    /// The body that is open.
    pub(super) fn body(&self) -> Option<&Body> {
        self.bodies().next()
    }

    /// The open body and those around it, the innermost first.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let blocks = self.outward(self.innermost.body, |around| around.body);
        blocks.filter_map(|block| match block {
            Block::Body(body) => Some(&**body),
            _ => None,
        })
    }

    fn naming(&self) -> Option<&Naming> {
        match &self.at(self.innermost.naming)?.block {
            Block::Naming(naming) => Some(naming),
            _ => None,
        }
    }

    pub(crate) fn name_scope(&self) -> &Arc<str> {
        self.naming().map_or(&ROOT, |naming| &naming.name_scope)
    }

    pub(crate) fn location(&self) -> Option<Here> {
        self.naming()?.location
    }

    /// The name that the author asked for.
    fn requested(&self) -> Option<&RequestedName> {
        self.naming()?.name.as_deref()
    }

    fn device(&self) -> Option<&Placement> {
        match &self.at(self.innermost.device)?.block {
            Block::Device(device) | Block::Inherited(device) => device.as_deref(),
            _ => None,
        }
    }

    fn colocation(&self) -> Option<&Rc<Colocation>> {
        match &self.at(self.innermost.colocation)?.block {
            Block::Colocation(colocation) => colocation.as_ref(),
            _ => None,
        }
    }

    fn class(&self) -> Option<&Arc<AttrValue>> {
        match &self.at(self.innermost.class)?.block {
            Block::Class(class) => Some(class),
            _ => None,
        }
    }

    /// The device that is open, as a block of another graph.
    fn device_block(&self) -> Block {
        let placement = self.device().cloned().map(Box::new);
        match self.innermost.passes_device {
            true => Block::Inherited(placement),
            false => Block::Device(placement),
        }
    }

    /// The device that a body has from the blocks around.
    ///
    /// A `Defun` has that of the innermost block alone. A `FuncGraph` has all or none: Python leaves strings to the node
    /// that calls it, but not what a `Defun` has made of one.
    fn inherited_device(&self, kind: BodyKind) -> Option<Block> {
        match kind {
            BodyKind::Defun => {
                let own = self.device()?.own.clone();
                let placement = Placement::new(own, None);
                Some(Block::Inherited(Some(Box::new(placement))))
            }
            BodyKind::FuncGraph { .. } => self.innermost.passes_device.then(|| self.device_block()),
        }
    }

    /// The context of control flow that new nodes belong to.
    pub(super) fn control_flow(&self) -> Option<&Rc<dyn ControlFlow>> {
        match &self.at(self.innermost.control_flow)?.block {
            Block::ControlFlow(context) => Some(context),
            _ => None,
        }
    }

    /// The blocks of control dependencies that hold, the innermost first.
    fn controllers(&self) -> impl Iterator<Item = &Controller> {
        let blocks = self.outward(self.innermost.controls, |around| around.controls);
        blocks.filter_map(|block| match block {
            Block::Controls(controller) => Some(&**controller),
            _ => None,
        })
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
        sort(&mut groups);
        groups.dedup();
        Colocation {
            class: class(groups),
            device: device.clone(),
        }
    }
}

/// The part of a new node that comes from the blocks around it.
pub(super) struct Surroundings {
    pub(super) control_inputs: Vec<NodeId>,
    pub(super) device: Arc<str>,
    pub(super) class: Option<Arc<AttrValue>>,
}

impl GraphBuilder {
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

    /// Whether new nodes belong to a context of control flow.
    pub(crate) fn is_in_control_flow(&self) -> bool {
        self.context.borrow().control_flow().is_some()
    }

    /// Whether the author asked for a name.
    pub(crate) fn is_named(&self) -> bool {
        self.context.borrow().requested().is_some()
    }

    /// The name for an op that the author makes: the one asked for, or its default.
    pub(crate) fn requested_name<'a>(&self, default: &'a str) -> Cow<'a, str> {
        match self.context.borrow().requested() {
            Some(request) => {
                request.uses.set(request.uses.get() + 1);
                Cow::Owned(request.name.clone())
            }
            None => Cow::Borrowed(default),
        }
    }

    /// The device of a node that asks for `device` itself, inside of the blocks around.
    pub(super) fn device_within(&self, device: &str) -> Result<String, DeviceError> {
        let inner = Device::parse(device)?;
        let placement = Placement::new(inner, self.context.borrow().device());
        Ok(placement.device.to_string())
    }

    /// Collects what a new node with these data inputs gets from the blocks around it.
    pub(super) fn surroundings(&self, inputs: &[TensorRef]) -> Surroundings {
        let context = self.context.borrow();
        let mut control_inputs = Vec::new();
        for controller in context.controllers() {
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
        let placed = context.device().map(|device| &device.text);
        let (class, device) = match context.colocation() {
            Some(with) if with.device.is_empty() => (Some(&with.class), placed),
            Some(with) => (Some(&with.class), Some(&with.device)),
            None => (context.class(), placed),
        };
        Surroundings {
            control_inputs,
            device: device.cloned().unwrap_or_default(),
            class: class.cloned(),
        }
    }

    /// Tells the open control blocks of a new node.
    pub(super) fn record_member(&self, id: NodeId) {
        for controller in self.context.borrow().controllers() {
            controller.members.borrow_mut().insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_their_closures_do() {
        let g = GraphBuilder::new();
        let before = g.op("NoOp").name("before").finish();
        let made = |name: &str| {
            let id = g.op("NoOp").name(name).finish().id;
            let node = g.node(id);
            let controls = node.control_inputs.len();
            let groups = node.groups().len();
            (
                node.name.to_string(),
                node.device.to_string(),
                controls,
                groups,
            )
        };
        let plain = |name: &str| (name.to_owned(), String::new(), 0, 0);
        let panics = std::panic::AssertUnwindSafe(|| {
            g.name_scope("s", || {
                g.control_dependencies([before], || {
                    g.device("/cpu:0", || {
                        let inside = made("a");
                        assert_eq!(inside, ("s/a".into(), "/device:CPU:0".into(), 1, 0));
                        let free = g
                            .without_control_dependencies(|| g.colocate_with(before, || made("b")));
                        assert_eq!(free, ("s/b".into(), String::new(), 0, 1));
                        assert_eq!(made("c"), ("s/c".into(), "/device:CPU:0".into(), 1, 0));
                        panic!("while four blocks are open");
                    })
                })
            })
        });
        let panic = std::panic::catch_unwind(panics).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"while four blocks are open"));
        assert_eq!(made("d"), plain("d"));
        assert!(g.context.borrow().blocks.is_empty());
    }

    /// The dependencies of a block inside of `without_control_dependencies` hold, those around it do not.
    #[test]
    fn control_dependencies_begin_anew() {
        let g = GraphBuilder::new();
        let outer = g.op("NoOp").name("outer").finish();
        let inner = g.op("NoOp").name("inner").finish();
        let node = g.control_dependencies([outer], || {
            g.without_control_dependencies(|| {
                g.control_dependencies([inner], || g.op("NoOp").finish())
            })
        });
        assert_eq!(g.node(node.id).control_inputs, [inner.id]);
    }

    /// An operation belongs to the outermost block that has it: what runs after that block's nodes does not name it again.
    #[test]
    fn a_control_dependency_of_a_block_around_is_not_one_of_the_block() {
        let g = GraphBuilder::new();
        let waited_for = g.op("NoOp").finish();
        let node = g.control_dependencies([waited_for], || {
            let x = g.constant(1f32);
            g.control_dependencies([waited_for], || (x + x).operation())
        });
        assert!(g.node(node.id).control_inputs.is_empty());
    }
}
