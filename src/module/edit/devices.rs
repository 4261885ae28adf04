//! Devices that nodes ask for.

use super::editor::ModuleEditor;
use crate::proto::tensorflow::MetaGraphDef;

impl ModuleEditor<'_> {
    /// Clears the devices that nodes ask for, those in functions included, so that the consumer's machine decides. All
    /// variables are in one shard of the checkpoint then.
    pub fn drop_devices(&mut self) -> &mut Self {
        self.model.meta_graphs.iter_mut().for_each(drop_devices);
        self
    }
}

fn drop_devices(meta: &mut MetaGraphDef) {
    let Some(graph) = &mut meta.graph_def else {
        return;
    };
    let functions = graph
        .library
        .iter_mut()
        .flat_map(|library| &mut library.function);
    let inside = functions.flat_map(|function| &mut function.node_def);
    for node in graph.node.iter_mut().chain(inside) {
        node.device.clear();
    }
}
