//! Importing and copying meta graphs: graphs with their variables and other collections.

use std::panic::Location;

use super::contexts;
use super::saved_model::add_variable;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{
    Graph, GraphBuilder, HashMap, HashSet, ImportOptions, Imported, Item, MetaGraphDef, SubGraph,
    keys, node_name, variable_def, variable_name,
};
use crate::proto::Message as _;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::proto::tensorflow::{NodeDef, VariableDef};
use crate::saved_model::ImportedMetaGraph;

/// The ops that make the state of a variable.
const VARIABLES: [&str; 4] = [
    "VarHandleOp",
    "Variable",
    "VariableV2",
    "AutoReloadVariable",
];
/// The ops that give a variable its first value.
const ASSIGNS: [&str; 2] = ["Assign", "AssignVariableOp"];
/// The ops that read values from a checkpoint.
const RESTORES: [&str; 3] = ["RestoreV2", "Restore", "RestoreSlice"];
/// The ops that fill a table, which is their first input.
const TABLE_INITIALIZERS: [&str; 6] = [
    "InitializeTable",
    "InitializeTableFromTextFile",
    "InitializeTableFromTextFileV2",
    "InitializeTableV2",
    "LookupTableImport",
    "LookupTableImportV2",
];
/// The collections of variables, that of all first.
const VARIABLE_COLLECTIONS: [&str; 3] = [
    keys::VARIABLES,
    keys::TRAINABLE_VARIABLES,
    keys::MODEL_VARIABLES,
];
/// The collections of nodes that a module can carry.
const NODE_COLLECTIONS: [&str; 4] = [
    keys::REGULARIZATION_LOSSES,
    keys::UPDATE_OPS,
    keys::TABLE_INITIALIZERS,
    keys::ASSET_FILEPATHS,
];

errors! {
    #[derive(Debug)]
    enum MetaGraphError {
        #[error(
            "variable \"{0}\" has no initializer: neither a VariableDef nor an Assign of a first value"
        )]
        NoInitializer(String),
        #[error("variable \"{variable}\" has \"{name}\", which is not in the graph")]
        NoNode { variable: String, name: String },
    }
}

impl From<MetaGraphError> for Error {
    fn from(error: MetaGraphError) -> Self {
        let kind = match error {
            MetaGraphError::NoInitializer(_) => ErrorKind::Unsupported,
            MetaGraphError::NoNode { .. } => ErrorKind::Corrupt,
        };
        Error::new(kind, error)
    }
}

impl GraphBuilder {
    /// Adds a meta graph, such as the `.meta` file beside a checkpoint, as `tf.train.import_meta_graph` does: nodes,
    /// functions, variables, and the other collections that a module can carry.
    ///
    /// With [`ImportOptions::outputs`], what training leaves behind is left out: optimizers and their variables,
    /// queues, summaries, saving and restoring. The variables that the outputs need keep their initial values, and
    /// tables their initializers. Variables that no collection lists, and initializers of tables where there
    /// is no collection of them, are known by their ops. A checkpoint has the
    /// values of the variables under the names in the file, which the prefix `""` keeps.
    ///
    /// Contexts of loops and conditionals, which gradients through them need, are kept with the exits of their loops.
    ///
    /// ```no_run
    /// use tfhub::ModuleSpec;
    /// use tfhub::graph::{ImportOptions, MetaGraphDef};
    ///
    /// # fn main() -> tfhub::Result<()> {
    /// let meta_graph = MetaGraphDef::read("train/model.ckpt-1000.meta")?;
    /// let spec = ModuleSpec::new(|g| {
    ///     let options = ImportOptions::new().prefix("").outputs(["images:0", "logits:0"]);
    ///     let imported = g.import_meta_graph(meta_graph, options.clear_devices(true))?;
    ///     g.default_signature(imported.tensor("images:0")?, imported.tensor("logits:0")?);
    ///     Ok::<(), tfhub::Error>(())
    /// })?;
    /// spec.export_from_checkpoint("module", "train/model.ckpt-1000")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`import_graph_def`](Self::import_graph_def); [`ErrorKind::Corrupt`] if a variable's definition is malformed
    /// or names nodes that are missing, [`ErrorKind::Unsupported`] if a variable has no initializer.
    #[track_caller]
    pub fn import_meta_graph<'g>(
        &'g self,
        meta_graph: MetaGraphDef,
        options: impl Into<ImportOptions<'g>>,
    ) -> Result<Imported<'g>> {
        let location = self.here(Location::caller());
        let mut meta_graph = meta_graph;
        let collections = std::mem::take(&mut meta_graph.message.collection_def);
        let release = meta_graph.tensorflow_version().to_owned();
        let mut graph_def = meta_graph.into_graph_def();
        let items = |key: &str| {
            let items = match &collections.get(key)?.kind {
                Some(Kind::BytesList(list)) => {
                    list.value.iter().map(|it| Entry::Bytes(it)).collect()
                }
                Some(Kind::NodeList(list)) => {
                    let names = list.value.iter();
                    names.map(|name| Entry::Name(name.clone())).collect()
                }
                _ => Vec::new(),
            };
            Some(items.into_iter().map(|item| (item, location)).collect())
        };
        let nodes = &graph_def.message().node;
        let mut carried = Carried::new(items, nodes, location)?;
        let (mut sub_graph, options) = options.into().take_sub_graph(nodes)?;
        carried.complete(&mut sub_graph)?;
        let kept = sub_graph.kept();
        graph_def.retain(&kept);
        let imported = self.import_graph_def(graph_def, options.written_by(release))?;

        // Marks the graph as one with rules of its own.
        let _ = self.extension::<ImportedMetaGraph>();
        carried.add(self, &imported)?;
        Ok(imported)
    }

    /// Adds another graph with its variables and the other collections that a module can carry, as
    /// [`import_meta_graph`](Self::import_meta_graph) does with a file, but without one:
    /// [`copy_graph`](Self::copy_graph) with collections.
    ///
    /// The variables of the copy are variables of this graph, named under the prefix.
    ///
    /// ```
    /// use tfhub::graph::ImportOptions;
    /// use tfhub::{GraphBuilder, Session};
    ///
    /// let tower = GraphBuilder::new();
    /// let x = tower.named("x", || tower.placeholder::<f32>((None, 2)));
    /// let scale = tower.get_variable("scale").initial_value([1.0f32, 2.0]).finish();
    /// let _ = tower.named("y", || x * scale);
    /// let tower = tower.finish()?;
    ///
    /// let g = GraphBuilder::new();
    /// for prefix in ["left", "right"] {
    ///     g.copy_meta_graph(&tower, ImportOptions::new().prefix(prefix))?;
    /// }
    /// let graph = g.finish()?;
    /// let session = Session::new(&graph)?;
    /// assert_eq!(session.read::<f32>("right/scale")?[1], 2.0);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`copy_graph`](Self::copy_graph), [`ErrorKind::Corrupt`] if the definition of a variable is malformed or names
    /// nodes that are missing, and [`ErrorKind::Unsupported`] if a variable has no initializer.
    #[track_caller]
    pub fn copy_meta_graph<'g>(
        &'g self,
        graph: &Graph,
        options: impl Into<ImportOptions<'g>>,
    ) -> Result<Imported<'g>> {
        let location = self.here(Location::caller());
        let items = |key: &str| {
            let items: Vec<_> = items_of(graph, key).collect();
            Some(items).filter(|items| !items.is_empty())
        };
        let nodes = graph.to_outline();
        let mut carried = Carried::new(items, &nodes, location)?;
        let (mut sub_graph, options) = options.into().take_sub_graph(&nodes)?;
        carried.complete(&mut sub_graph)?;
        let imported = self.copy_nodes(graph, &sub_graph.kept(), options)?;
        if graph.extension::<ImportedMetaGraph>().is_some() {
            let _ = self.extension::<ImportedMetaGraph>();
        }
        carried.add(self, &imported)?;
        Ok(imported)
    }
}

/// A line of the author's program.
type Here = &'static Location<'static>;

/// An item of a collection.
enum Entry<'a> {
    /// The name of a node or tensor.
    Name(String),
    Bytes(&'a [u8]),
}

/// The items of a graph's collection.
fn items_of<'a>(graph: &'a Graph, key: &str) -> impl Iterator<Item = (Entry<'a>, Here)> {
    let items = graph.collections().located(key);
    items.map(|(item, location)| match item {
        Item::Bytes(bytes) | Item::Context(bytes) => (Entry::Bytes(bytes), location),
        _ => (Entry::Name(graph.item_name(item)), location),
    })
}

/// A variable that a collection lists.
struct Listed {
    def: VariableDef,
    bytes: Vec<u8>,
    location: Here,
}

/// The collections that a graph takes over from another, each item with the line that added it.
pub(super) struct Carried {
    variables: [(&'static str, Vec<Listed>); 3],
    nodes: [(&'static str, Vec<(String, Here)>); 4],
    contexts: Vec<(&'static str, Ctxt, Here)>,
    /// The line of variables that no collection lists.
    location: Here,
}

impl Carried {
    /// The collections of a graph with these nodes; `items` gives what is in one of them, if the graph has it.
    fn new<'a>(
        items: impl Fn(&str) -> Option<Vec<(Entry<'a>, Here)>>,
        nodes: &[NodeDef],
        location: Here,
    ) -> Result<Self> {
        let bytes = |key: &str| {
            let items = items(key).into_iter().flatten();
            items.filter_map(|item| match item {
                (Entry::Bytes(bytes), location) => Some((bytes, location)),
                _ => None,
            })
        };
        let mut variables = VARIABLE_COLLECTIONS.map(|key| (key, Vec::new()));
        for (key, listed) in &mut variables {
            for (bytes, location) in bytes(key) {
                listed.push(Listed {
                    def: variable_def(key, bytes)?,
                    bytes: bytes.to_vec(),
                    location,
                });
            }
        }
        let nodes = NODE_COLLECTIONS.map(|key| {
            let names = match items(key) {
                Some(items) => items
                    .into_iter()
                    .filter_map(|item| match item {
                        (Entry::Name(name), location) => Some((name, location)),
                        _ => None,
                    })
                    .collect(),
                None if key == keys::TABLE_INITIALIZERS => {
                    let nodes = nodes.iter();
                    let nodes = nodes.filter(|node| TABLE_INITIALIZERS.contains(&&*node.op));
                    nodes.map(|node| (node.name.clone(), location)).collect()
                }
                None => Vec::new(),
            };
            (key, names)
        });
        let contexts = contexts::COLLECTIONS.iter().flat_map(|&key| {
            let listed = bytes(key);
            listed.filter_map(move |(bytes, location)| {
                Some((key, contexts::decode(key, bytes)?, location))
            })
        });
        Ok(Carried {
            variables,
            nodes,
            contexts: contexts.collect(),
            location,
        })
    }

    /// These collections of a graph that is copied whole.
    pub(super) fn of(graph: &Graph, keys: &[&str], location: Here) -> Result<Self> {
        let items = |key: &str| match keys.contains(&key) {
            true => Some(items_of(graph, key).collect()),
            false => Some(Vec::new()),
        };
        Carried::new(items, &[], location)
    }

    /// Adds to a part of the graph what its variables, tables and contexts need, and leaves out those that are not in it.
    fn complete(&mut self, sub_graph: &mut SubGraph<'_>) -> Result<()> {
        let [(_, all), ..] = &self.variables;
        let initializers = self
            .nodes
            .iter()
            .find(|(key, _)| *key == keys::TABLE_INITIALIZERS);
        let initializers = initializers.into_iter().flat_map(|(_, names)| names);
        let initializers: Vec<_> = initializers.map(|(name, _)| name.as_str()).collect();
        let unlisted = complete(sub_graph, all, &initializers, &self.contexts)?;
        for (_, listed) in &mut self.variables {
            listed.retain(|listed| sub_graph.contains(&listed.def.variable_name));
        }
        let location = self.location;
        let unlisted = unlisted.into_iter().map(|(def, bytes)| Listed {
            def,
            bytes,
            location,
        });
        self.variables[0].1.extend(unlisted);
        Ok(())
    }

    /// Adds the collections to the graph that the nodes are in now.
    pub(super) fn add(self, g: &GraphBuilder, imported: &Imported<'_>) -> Result<()> {
        let by_graph_names = imported.by_graph_names();
        for (key, variables) in self.variables {
            for listed in variables {
                let renamed = renamed(imported, &listed.def)?;
                let bytes = match renamed == listed.def {
                    true => listed.bytes,
                    false => renamed.encode_to_vec(),
                };
                if key == keys::VARIABLES {
                    add_variable(g, &by_graph_names, &bytes)?;
                }
                g.add_located(key, bytes, listed.location);
            }
        }
        for (key, names) in self.nodes {
            for (name, location) in names {
                // Not there is what the outputs do not need.
                if name.contains(':') {
                    if let Ok(tensor) = imported.tensor(&name) {
                        g.add_located(key, tensor, location);
                    }
                } else if let Ok(operation) = imported.operation(&name) {
                    g.add_located(key, operation, location);
                }
            }
        }
        let rename = |name: &str| match name.rsplit_once(':') {
            Some((node, index)) => {
                let operation = imported.operation(node).ok()?;
                Some(format!("{}:{index}", operation.name()))
            }
            None => Some(imported.operation(name).ok()?.name()),
        };
        for (key, context, location) in self.contexts {
            if let Some(context) = contexts::renamed(context, imported.prefix(), &rename) {
                g.add_located(key, contexts::encode(&context), location);
                g.nest_imported_context(&context);
                if !imported.prefix().is_empty() {
                    g.rename_frames(&context);
                }
            }
        }
        Ok(())
    }
}

/// Adds what variables, tables and contexts of control flow need besides the nodes that use them, and gives the
/// definitions of the variables that are not listed.
fn complete(
    sub_graph: &mut SubGraph<'_>,
    listed: &[Listed],
    table_initializers: &[&str],
    contexts: &[(&str, Ctxt, Here)],
) -> Result<Vec<(VariableDef, Vec<u8>)>> {
    let known: HashSet<&str> = listed.iter().map(|it| variable_name(&it.def)).collect();
    let nodes = sub_graph.nodes();
    let mut unlisted: Vec<&NodeDef> = nodes
        .iter()
        .filter(|node| VARIABLES.contains(&&*node.op) && !known.contains(&*node.name))
        .collect();
    let users = match unlisted.is_empty() {
        true => HashMap::default(),
        false => users(nodes),
    };
    let mut listed: Vec<&VariableDef> = listed.iter().map(|it| &it.def).collect();
    let mut tables: Vec<&NodeDef> = table_initializers
        .iter()
        .filter_map(|name| sub_graph.node(name))
        .collect();
    let of_gradients = match contexts.is_empty() {
        true => HashSet::default(),
        false => contexts::of_gradients(nodes),
    };
    let mut made = Vec::new();
    // An initial value may depend on further variables.
    loop {
        let mut wanted = Vec::new();
        listed.retain(|def| {
            let is_open = !sub_graph.contains(&def.variable_name);
            if !is_open {
                wanted.extend(parts(def).map(str::to_owned));
            }
            is_open
        });
        let (new, open) = unlisted
            .into_iter()
            .partition(|node| sub_graph.contains(&node.name));
        unlisted = open;
        let new: Vec<&NodeDef> = new;
        for node in new {
            let def = definition(node, users.get(&*node.name), sub_graph)?;
            wanted.extend(parts(&def).map(str::to_owned));
            made.push((def.encode_to_vec(), def));
        }
        tables.retain(|initializer| {
            let is_open = !initializer.input.iter().any(|it| sub_graph.contains(it));
            if !is_open {
                wanted.push(initializer.name.clone());
            }
            is_open
        });
        for (_, context, _) in contexts {
            wanted.extend(contexts::needed(context, sub_graph, &of_gradients));
        }
        let before = sub_graph.len();
        for name in wanted {
            sub_graph.want(&name);
        }
        if sub_graph.len() == before {
            break;
        }
    }
    Ok(made.into_iter().map(|(bytes, def)| (def, bytes)).collect())
}

/// The nodes of a variable besides its own.
fn parts(def: &VariableDef) -> impl Iterator<Item = &str> {
    let parts = [
        &def.initializer_name,
        &def.initial_value_name,
        &def.snapshot_name,
    ];
    parts
        .into_iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
}

/// The positions of the nodes that have another as their first input, by that.
fn users(nodes: &[NodeDef]) -> HashMap<&str, Vec<usize>> {
    let mut users: HashMap<&str, Vec<usize>> = HashMap::default();
    for (place, node) in nodes.iter().enumerate() {
        if let Some(input) = node.input.first() {
            users.entry(node_name(input)).or_default().push(place);
        }
    }
    users
}

/// The definition of a variable that no collection has.
fn definition(
    variable: &NodeDef,
    users: Option<&Vec<usize>>,
    sub_graph: &SubGraph<'_>,
) -> Result<VariableDef> {
    let name = &variable.name;
    let users = users.into_iter().flatten();
    let users = users.map(|&place| &sub_graph.nodes()[place]);
    let is_restored = |assign: &NodeDef| {
        let value = assign.input.get(1).and_then(|input| sub_graph.node(input));
        value.is_some_and(|node| RESTORES.contains(&&*node.op))
    };
    let mut assigns = users
        .clone()
        .filter(|user| ASSIGNS.contains(&&*user.op) && !is_restored(user));
    let usual = format!("{name}/Assign");
    let initializer = assigns
        .clone()
        .find(|assign| assign.name == usual)
        .or_else(|| assigns.next())
        .ok_or_else(|| MetaGraphError::NoInitializer(name.clone()))?;
    let tensor = |name: &str| match name.contains(':') {
        true => name.to_owned(),
        false => format!("{name}:0"),
    };
    let is_resource = variable.op == "VarHandleOp";
    let read_op = match is_resource {
        true => "ReadVariableOp",
        false => "Identity",
    };
    let read = users.clone().find(|user| user.op == read_op);
    Ok(VariableDef {
        variable_name: tensor(name),
        initializer_name: initializer.name.clone(),
        initial_value_name: initializer
            .input
            .get(1)
            .map(|it| tensor(it))
            .unwrap_or_default(),
        // A reference is its own value.
        snapshot_name: match read {
            Some(read) => tensor(&read.name),
            None if is_resource => String::new(),
            None => tensor(name),
        },
        is_resource,
        ..VariableDef::default()
    })
}

/// The definition with the names that its nodes have in the graph.
fn renamed(imported: &Imported<'_>, def: &VariableDef) -> Result<VariableDef> {
    let variable = variable_name(def).to_owned();
    let mut def = def.clone();
    for name in [
        &mut def.variable_name,
        &mut def.initializer_name,
        &mut def.snapshot_name,
        &mut def.initial_value_name,
    ] {
        let found = match name.contains(':') {
            _ if name.is_empty() => continue,
            true => imported.tensor(name).map(|tensor| tensor.name()),
            false => imported.operation(name).map(|operation| operation.name()),
        };
        *name = found.map_err(|_| MetaGraphError::NoNode {
            variable: variable.clone(),
            name: name.clone(),
        })?;
    }
    if let Some(part) = &mut def.save_slice_info_def {
        if !imported.prefix().is_empty() && !part.full_name.is_empty() {
            part.full_name = format!("{}/{}", imported.prefix(), part.full_name);
        }
    }
    Ok(def)
}

#[cfg(test)]
mod tests;
