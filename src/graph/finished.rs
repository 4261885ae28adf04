//! A graph that is complete and free of faults.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use super::library::{LibraryError, Renaming};
use super::names::Names;
use super::{Collections, Extensions, Library, Node, NodeId};
use crate::proto::tensorflow::VersionDef;

/// A complete graph, checked and ready to be exported.
///
/// Clones share one graph.
#[derive(Clone)]
pub struct Graph(Arc<Inner>);

struct Inner {
    nodes: Vec<Node>,
    names: Names,
    collections: Collections,
    extensions: Extensions,
    library: Library,
    versions: VersionDef,
}

impl Graph {
    pub(super) fn new(
        nodes: Vec<Node>,
        names: Names,
        collections: Collections,
        extensions: Extensions,
        library: Library,
        versions: VersionDef,
    ) -> Self {
        Graph(Arc::new(Inner {
            nodes,
            names,
            collections,
            extensions,
            library,
            versions,
        }))
    }

    /// Gives functions their new names, wherever they are named. No other has the graph yet.
    pub(super) fn rename_functions(&mut self, mut renaming: Renaming) -> Result<(), LibraryError> {
        let Some(inner) = Arc::get_mut(&mut self.0) else {
            return Ok(());
        };
        inner.library.rename(&mut renaming)?;
        for node in &mut inner.nodes {
            if let Some(function) = node.op.function() {
                node.op = renaming.function(function)?.into();
            }
            node.rename_functions(&renaming);
        }
        Ok(())
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.0.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.0.nodes.is_empty()
    }

    /// The names of the nodes in the order in which they were made.
    pub fn node_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.nodes.iter().map(|node| &*node.name)
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.0.nodes
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.0.nodes[id.index()]
    }

    pub(crate) fn find(&self, name: &str) -> Option<NodeId> {
        self.0.names.node(name)
    }

    /// The knowledge of the graph that a layer above keeps.
    pub(crate) fn extension<E: 'static>(&self) -> Option<&E> {
        self.0.extensions.get(&TypeId::of::<E>())?.downcast_ref()
    }

    /// The functions that nodes call.
    pub(crate) fn library(&self) -> &Library {
        &self.0.library
    }

    /// Our version, or what graphs that were imported demand.
    pub(super) fn imported_versions(&self) -> &VersionDef {
        &self.0.versions
    }

    pub(crate) fn collections(&self) -> &Collections {
        &self.0.collections
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("nodes", &self.len())
            .finish_non_exhaustive()
    }
}
