//! The state of a builder: its graphs, of which one is open, and what they share.

use std::sync::Arc;

use super::control_flow::SharedContext;
use super::encode;
use super::function_names::FunctionNumbers;
use super::library::Library;
use super::names::Names;
use super::{Collections, GraphNumber, Node};
use crate::error::Diagnostic;
use crate::proto::tensorflow::VersionDef;

#[derive(Default)]
pub(super) struct State {
    /// Which graph is open.
    pub(super) open: GraphNumber,
    /// The nodes of the open graph.
    pub(super) nodes: Vec<Node>,
    /// The context of control flow that each of them belongs to, up to the last that belongs to one.
    pub(super) contexts: Vec<Option<SharedContext>>,
    pub(super) names: Names,
    /// The other graphs, by number.
    pub(super) closed: Vec<Closed>,
    pub(super) collections: Collections,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The seed of the open graph.
    pub(super) seed: Option<i64>,
    pub(super) library: Arc<Library>,
    /// The numbers for the names of functions that TensorFlow names.
    pub(super) function_numbers: FunctionNumbers,
    /// Whether conditionals and loops are functions in the main graph and in every body.
    pub(super) control_flow_v2: bool,
    /// The lower of our versions and of those that were imported, where some were.
    pub(super) versions: Option<VersionDef>,
}

impl State {
    /// The version of the oldest program that has written a part of the graph; what TensorFlow does depends on it.
    pub(super) fn producer(&self) -> i32 {
        let versions = self.versions.as_ref();
        versions.map_or(encode::PRODUCER, |versions| versions.producer)
    }

    /// Makes another graph the open one.
    pub(super) fn open(&mut self, number: GraphNumber) {
        let highest = number.index().max(self.open.index());
        if self.closed.len() <= highest {
            self.closed.resize_with(highest + 1, Closed::default);
        }
        let outgoing = Closed {
            nodes: std::mem::take(&mut self.nodes),
            contexts: std::mem::take(&mut self.contexts),
            names: std::mem::take(&mut self.names),
            seed: self.seed.take(),
        };
        self.closed[self.open.index()] = outgoing;
        let incoming = std::mem::take(&mut self.closed[number.index()]);
        (self.nodes, self.contexts) = (incoming.nodes, incoming.contexts);
        (self.names, self.seed) = (incoming.names, incoming.seed);
        self.open = number;
    }

    pub(super) fn nodes_of(&self, number: GraphNumber) -> &[Node] {
        match number == self.open {
            true => &self.nodes,
            false => &self.closed[number.index()].nodes,
        }
    }

    pub(super) fn nodes_of_mut(&mut self, number: GraphNumber) -> &mut [Node] {
        match number == self.open {
            true => &mut self.nodes,
            false => &mut self.closed[number.index()].nodes,
        }
    }
}

/// The nodes of a graph that is not open.
#[derive(Default)]
pub(super) struct Closed {
    nodes: Vec<Node>,
    contexts: Vec<Option<SharedContext>>,
    names: Names,
    seed: Option<i64>,
}
