//! Graphs in files of any form.

use std::path::Path;

use tfhub::Result;
use tfhub::graph::{GraphDef, MetaGraphDef};

/// The graph in a file, in binary or text form; a `MetaGraphDef` also has collections.
pub(crate) fn read(path: &Path) -> Result<MetaGraphDef> {
    // The names of files do not tell which of the messages they hold.
    GraphDef::read(path)
        .map(MetaGraphDef::from)
        .or_else(|error| MetaGraphDef::read(path).map_err(|_| error))
}
