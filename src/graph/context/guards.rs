//! The guards of blocks: each function pushes a block, which is taken away when what it returns is dropped.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::panic::Location;
use std::rc::Rc;

use super::{Block, Colocation, Controller, Innermost, Naming, Open, Placement, RequestedName};
use crate::error::Rule;
use crate::graph::device::Device;
use crate::graph::{GraphBuilder, Here, NodeId, Operation};

/// Takes the innermost block away when it is dropped.
///
/// The functions that run closures are compiled for each; what makes the guard is not.
#[must_use = "the block ends when it is dropped"]
pub(crate) struct OpenBlock<'g>(&'g GraphBuilder);

impl Drop for OpenBlock<'_> {
    fn drop(&mut self) {
        self.0.context.borrow_mut().pop();
    }
}

/// The scope of a function of ours, or its name, which is open until it is dropped.
#[must_use = "the scope ends when it is dropped"]
pub(crate) struct Scope<'g> {
    as_name: String,
    _open: OpenBlock<'g>,
}

/// The name of the node that bears the function's: a scope with a slash at the end, or a name.
impl Deref for Scope<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.as_name
    }
}

impl<'s> From<&'s Scope<'_>> for Cow<'s, str> {
    fn from(scope: &'s Scope<'_>) -> Self {
        Cow::Borrowed(&scope.as_name)
    }
}

/// Puts blocks back when it is dropped.
pub(in crate::graph) struct Aside<'g> {
    graph: &'g GraphBuilder,
    blocks: Vec<Open>,
    innermost: Innermost,
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        let mut context = self.graph.context.borrow_mut();
        context.blocks.append(&mut self.blocks);
        context.innermost = self.innermost;
    }
}

impl GraphBuilder {
    /// Opens a block, which ends when the guard is dropped.
    pub(super) fn open(&self, block: Block) -> OpenBlock<'_> {
        self.context.borrow_mut().push(block);
        OpenBlock(self)
    }

    /// Takes away the bodies that are open, with all blocks inside of them, until the result is dropped.
    pub(in crate::graph) fn set_bodies_aside(&self) -> Aside<'_> {
        let (blocks, innermost) = self.context.borrow_mut().take_bodies();
        Aside {
            graph: self,
            blocks,
            innermost,
        }
    }

    /// The naming that holds now.
    pub(super) fn naming(&self) -> Naming {
        self.context.borrow().naming().cloned().unwrap_or_default()
    }

    /// The line of the author's call that is open, to which [`at_location`](Self::at_location) comes back.
    pub(crate) fn author(&self) -> Option<Here> {
        self.context.borrow().location()
    }

    /// Opens a block in which nodes are made for the author's call at `location`.
    pub(crate) fn open_call(&self, location: Here) -> OpenBlock<'_> {
        let naming = Naming {
            location: Some(self.here(location)),
            ..self.naming()
        };
        self.open(Block::Naming(naming))
    }

    /// Opens a block like that of [`open_call`](Self::open_call), in which the author's name is for no node.
    pub(crate) fn open_unnamed_call(&self, location: Here) -> OpenBlock<'_> {
        let naming = Naming {
            location: Some(self.here(location)),
            name: None,
            ..self.naming()
        };
        self.open(Block::Naming(naming))
    }

    /// Opens a block for [`name_scope`](Self::name_scope).
    pub(crate) fn open_name_scope(&self, name: &str, location: Here) -> OpenBlock<'_> {
        let naming = Naming {
            name_scope: self.enter_scope(name, location),
            ..self.naming()
        };
        self.open(Block::Naming(naming))
    }

    /// Opens the scope of one function of ours, which makes several nodes: it has the name that the author asks for.
    #[track_caller]
    pub(crate) fn open_function_scope(&self, default: &'static str) -> Scope<'_> {
        let name = self.requested_name(default);
        self.open_inner_scope(&name, Location::caller())
    }

    /// Opens a block for one function of ours that makes several nodes without a scope of its own; the result is the name
    /// for the node that bears it.
    #[track_caller]
    pub(crate) fn open_function_name(&self, default: &'static str) -> Scope<'_> {
        Scope {
            as_name: self.requested_name(default).into_owned(),
            _open: self.open_unnamed_call(Location::caller()),
        }
    }

    /// Opens a scope in which several nodes are made for one function of ours, and which the author cannot name.
    pub(crate) fn open_inner_scope(&self, name: &str, location: Here) -> Scope<'_> {
        let location = self.here(location);
        let scope = self.enter_scope(name, location);
        let mut as_name = String::with_capacity(scope.len() + 1);
        as_name.push_str(&scope);
        as_name.push('/');
        let naming = Naming {
            name_scope: scope,
            location: Some(location),
            name: None,
        };
        Scope {
            as_name,
            _open: self.open(Block::Naming(naming)),
        }
    }

    /// Opens a block in which the one op that is made has the name.
    pub(super) fn open_named(&self, name: &str) -> (OpenBlock<'_>, Rc<RequestedName>) {
        let request = Rc::new(RequestedName {
            name: name.to_owned(),
            uses: Cell::new(0),
        });
        let naming = Naming {
            name: Some(request.clone()),
            ..self.naming()
        };
        (self.open(Block::Naming(naming)), request)
    }

    /// Reports a name that was asked for and not used once.
    #[track_caller]
    pub(super) fn check_named(&self, request: &RequestedName) {
        if request.uses.get() != 1 {
            let message = format!(
                "named(\"{}\") covers {} ops, expected one; make the op's inputs before",
                request.name,
                request.uses.get()
            );
            self.report(Rule::Named, message);
        }
    }

    /// Opens a block for [`control_dependencies`](Self::control_dependencies).
    pub(super) fn open_controls(&self, operations: Vec<NodeId>) -> OpenBlock<'_> {
        self.open(Block::Controls(Box::new(Controller {
            operations,
            members: RefCell::default(),
        })))
    }

    /// Adds to the operations of a block of control dependencies, unless a block around has this one.
    #[track_caller]
    pub(super) fn add_control(&self, ids: &mut Vec<NodeId>, operation: Operation<'_>) {
        if !self.owns(operation) {
            if !self.captures_control(operation) {
                self.report(Rule::OtherGraph, "a control dependency is of another graph");
            }
            return;
        }
        let id = operation.id;
        let context = self.context.borrow();
        let mut around = context.controllers();
        let is_new = !ids.contains(&id) && !around.any(|block| block.operations.contains(&id));
        if id != NodeId::POISON && is_new {
            ids.push(id);
        }
    }

    /// Opens a block for [`device`](Self::device).
    #[track_caller]
    pub(super) fn open_device(&self, device: &str) -> OpenBlock<'_> {
        let inner = match Device::parse(device) {
            Ok(inner) => inner,
            Err(error) => {
                self.report(Rule::Device, error);
                Device::default()
            }
        };
        let placement = Placement::new(inner, self.context.borrow().device());
        self.open(Block::Device(Some(Box::new(placement))))
    }

    /// The block for [`colocate_with`](Self::colocate_with), if the operation is of this graph or of one around it.
    #[track_caller]
    pub(super) fn colocation_with(&self, operation: Operation<'_>) -> Option<Block> {
        if !self.owns_or_is_inside(operation) {
            self.report(
                Rule::OtherGraph,
                "the operation to colocate with is of another graph",
            );
            return None;
        }
        Some(self.colocation_of(operation))
    }

    /// The block for colocation with an operation of any graph.
    pub(super) fn colocation_of(&self, operation: Operation<'_>) -> Block {
        let outer = self.context.borrow().colocation().cloned();
        Block::Colocation(match operation.id {
            NodeId::POISON => outer,
            _ => Some(Rc::new(Colocation::inside(
                outer.as_deref(),
                &operation.node(),
            ))),
        })
    }
}
