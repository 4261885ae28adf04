//! Collections: the keys that a module can carry, and items that their readers can take.
//!
//! TensorFlow leaves both to whoever loads the module. What it takes from a file is taken of a SavedModel, too, such as
//! a list of nodes for `trainable_variables`, which it passes over.

use std::panic::Location;

use super::super::signature::Signatures;
use crate::dtype::DType;
use crate::error::{Diagnostic, Rule, first_at};
use crate::graph::{
    Graph, GraphBuilder, HashMap, HashSet, Item, Node, NodeId, TensorRef, keys, parse_tensor_name,
};
use crate::module::attachment::ATTACHMENTS;
use crate::proto::Message;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::proto::tensorflow::{
    CondContextDef, ControlFlowContextDef, ValuesDef, VariableDef, WhileContextDef,
};
use crate::saved_model::ImportedMetaGraph;
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::variable::Variables;

type Here = &'static Location<'static>;

/// The kind of items that a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Variable,
    Loss,
    Operation,
    Cond,
    While,
    /// Looked at by the rule of assets.
    Asset,
}

/// The collections that a module can carry.
const COLLECTIONS: [(&str, Kind); 9] = [
    (keys::VARIABLES, Kind::Variable),
    (keys::TRAINABLE_VARIABLES, Kind::Variable),
    (keys::MODEL_VARIABLES, Kind::Variable),
    (keys::REGULARIZATION_LOSSES, Kind::Loss),
    (keys::UPDATE_OPS, Kind::Operation),
    (keys::TABLE_INITIALIZERS, Kind::Operation),
    (keys::ASSET_FILEPATHS, Kind::Asset),
    (keys::COND_CONTEXT, Kind::Cond),
    (keys::WHILE_CONTEXT, Kind::While),
];

impl Kind {
    fn expected(self) -> &'static str {
        match self {
            Kind::Variable => "a VariableDef",
            Kind::Loss => "a tensor",
            Kind::Operation => "an operation",
            Kind::Cond => "a CondContextDef",
            Kind::While => "a WhileContextDef",
            Kind::Asset => "the constant that holds an asset's path",
        }
    }

    /// Whether an item is of this kind, as far as is seen without looking into messages.
    fn is_of(self, item: &Item) -> bool {
        match self {
            Kind::Variable => matches!(item, Item::Bytes(_)),
            Kind::Cond | Kind::While => matches!(item, Item::Bytes(_) | Item::Context(_)),
            Kind::Loss => matches!(item, Item::Tensor(_)),
            Kind::Operation => matches!(item, Item::Tensor(_) | Item::Operation(_)),
            Kind::Asset => true,
        }
    }

    /// Whether TensorFlow passes over an item of another kind that it finds in a file.
    fn may_be_other(self, key: &str, item: &Item) -> bool {
        match self {
            Kind::Variable => key != keys::VARIABLES,
            Kind::Loss => matches!(item, Item::Bytes(_)),
            Kind::Cond | Kind::While => true,
            Kind::Operation | Kind::Asset => false,
        }
    }
}

/// The faults of a variant's collections; `location` is the author's line that makes the module.
pub(super) fn check(graph: &Graph, location: Here) -> Vec<Diagnostic> {
    let meta_graph = graph.extension::<ImportedMetaGraph>();
    let imported = meta_graph.is_some();
    let known = Variables::saved(graph);
    let mut check = Check {
        graph,
        imported,
        known: known.map(|info| info.handle).collect(),
        own: match (imported, graph.extension::<Variables>()) {
            (false, Some(variables)) => variables.defs().collect(),
            _ => HashMap::default(),
        },
        faults: Vec::new(),
    };
    // What was imported was added by no line of the author's.
    let at = |line| if imported { location } else { line };
    for (key, _) in graph.collections().iter() {
        let mut items = graph.collections().located(key);
        match COLLECTIONS.iter().find(|(known, _)| *known == key) {
            Some((_, kind)) => {
                let mut items = items.map(|(item, line)| (item, at(line)));
                check.items(key, *kind, &mut items);
            }
            None => {
                let line = items.next().map_or(location, |(_, line)| at(line));
                check.foreign(key, line);
            }
        }
    }
    // Hub refuses a file that has an empty one, too.
    let as_read = meta_graph.and_then(|meta_graph| meta_graph.as_read.as_ref());
    for key in as_read.iter().flat_map(|as_read| as_read.collections()) {
        let is_known = key == ATTACHMENTS || COLLECTIONS.iter().any(|(known, _)| *known == key);
        if !is_known && graph.collections().get(key).is_empty() {
            check.foreign(key, location);
        }
    }
    check.faults
}

struct Check<'g> {
    graph: &'g Graph,
    /// Whether the collections are those of a SavedModel.
    imported: bool,
    /// The variables whose values a session holds.
    known: HashSet<NodeId>,
    /// The definitions that this crate made, which are right.
    own: HashMap<&'g [u8], NodeId>,
    faults: Vec<Diagnostic>,
}

impl<'g> Check<'g> {
    fn fault(&mut self, rule: Rule, node: Option<&Node>, location: Here, message: String) {
        self.faults
            .push(super::diagnostic(rule, node, location, message));
    }

    fn foreign(&mut self, key: &str, location: Here) {
        let message =
            format!("a module cannot carry collection \"{key}\"; drop it or do not fill it");
        self.fault(Rule::Collection, None, location, message);
    }

    fn items(&mut self, key: &str, kind: Kind, items: &mut dyn Iterator<Item = (&'g Item, Here)>) {
        let mut variables = HashMap::default();
        let mut losses = None;
        for (item, location) in items {
            if !kind.is_of(item) {
                if !(self.imported && kind.may_be_other(key, item)) {
                    let (expected, found) = (kind.expected(), self.describe(item));
                    let message =
                        format!("expected {expected} in collection \"{key}\", found {found}");
                    self.fault(Rule::CollectionItem, None, location, message);
                }
                continue;
            }
            let checked = match (kind, item) {
                (Kind::Variable, Item::Bytes(bytes)) => {
                    self.variable(key, bytes, &mut variables, location)
                }
                (Kind::Cond, Item::Bytes(bytes)) => decode(bytes).and_then(|def| self.cond(&def)),
                (Kind::While, Item::Bytes(bytes)) => decode(bytes).and_then(|def| self.loop_(&def)),
                (Kind::Loss, &Item::Tensor(loss)) if !self.imported => self.loss(loss, &mut losses),
                _ => Ok(()),
            };
            if let Err(fault) = checked {
                let message = format!("{} in collection \"{key}\": {fault}", kind.expected());
                self.fault(Rule::CollectionItem, None, location, message);
            }
        }
    }

    fn describe(&self, item: &Item) -> String {
        match item {
            Item::Tensor(_) => format!("tensor \"{}\"", self.graph.item_name(item)),
            Item::Operation(_) => format!("operation \"{}\"", self.graph.item_name(item)),
            Item::Bytes(_) | Item::Context(_) => self.graph.item_name(item),
        }
    }

    fn variable(
        &mut self,
        key: &str,
        bytes: &[u8],
        seen: &mut HashMap<NodeId, Here>,
        location: Here,
    ) -> Result<(), String> {
        let graph = self.graph;
        if let Some(&handle) = self.own.get(bytes) {
            if key != keys::VARIABLES || !seen.contains_key(&handle) {
                seen.insert(handle, location);
                return Ok(());
            }
        }
        let def: VariableDef = decode(bytes)?;
        let name = &def.variable_name;
        let variable = self.tensor(name)?;
        let node = graph.node(variable.node);
        let output = &node.outputs[variable.index as usize];
        let is_variable = match def.is_resource {
            true => node.op.name() == "VarHandleOp",
            false => output.is_ref,
        };
        if !is_variable {
            let kind = if def.is_resource {
                "resource"
            } else {
                "reference"
            };
            let op = node.op.name();
            return Err(format!(
                "expected a {kind} variable, found {op} \"{}\"",
                node.name
            ));
        }
        // A variable of the old kind that begins with a value of a checkpoint has the output of an operation.
        match def.initializer_name.contains(':') {
            true => self.tensor(&def.initializer_name).map(|_| ())?,
            false => self.operation(&def.initializer_name).map(|_| ())?,
        }
        if !(def.snapshot_name.is_empty() && def.is_resource) {
            let snapshot = self.tensor(&def.snapshot_name)?;
            let reader = graph.node(snapshot.node);
            let reads_other = |input: &TensorRef| input.node != variable.node;
            if reader.op.name() == "ReadVariableOp" && reader.inputs.iter().any(reads_other) {
                return Err(format!(
                    "snapshot \"{}\" reads another variable than \"{}\"",
                    def.snapshot_name, node.name
                ));
            }
        }
        if !def.initial_value_name.is_empty() {
            self.tensor(&def.initial_value_name)?;
        }
        if key != keys::VARIABLES {
            return Ok(());
        }
        if let Some(first) = seen.insert(variable.node, location) {
            let first = if self.imported {
                String::new()
            } else {
                first_at(first)
            };
            let message = format!(
                "the variable is in collection \"{key}\" twice{first}; nobody can restore it so"
            );
            self.fault(Rule::CollectionItem, Some(node), location, message);
        } else if !self.known.contains(&variable.node) {
            let message = format!(
                "the node is in collection \"{key}\", but was not made as a variable, so that no session has its \
                 value; make it with `get_variable` or `variable`"
            );
            self.fault(Rule::CollectionItem, Some(node), location, message);
        }
        Ok(())
    }

    /// Training adds the losses up, which takes tensors of one dtype and shape.
    fn loss(&self, loss: TensorRef, sum: &mut Option<(DType, Shape)>) -> Result<(), String> {
        let output = loss.output(self.graph.nodes());
        let Some((dtype, shape)) = sum else {
            *sum = Some((output.dtype, output.shape.clone()));
            return Ok(());
        };
        let merged = shape.merge(&output.shape);
        match merged.filter(|_| *dtype == output.dtype) {
            Some(merged) => *shape = merged,
            None => {
                return Err(format!(
                    "expected {dtype} {shape} as the losses before, found {} {} in \"{}\"",
                    output.dtype,
                    output.shape,
                    self.graph.tensor_name(loss)
                ));
            }
        }
        Ok(())
    }

    fn context(&self, def: &ControlFlowContextDef) -> Result<(), String> {
        match &def.ctxt {
            Some(Ctxt::CondCtxt(def)) => self.cond(def),
            Some(Ctxt::WhileCtxt(def)) => self.loop_(def),
            None => Ok(()),
        }
    }

    fn cond(&self, def: &CondContextDef) -> Result<(), String> {
        self.tensors([&def.pred_name, &def.pivot_name])?;
        self.values(def.values_def.as_ref())?;
        def.nested_contexts
            .iter()
            .try_for_each(|def| self.context(def))
    }

    fn loop_(&self, def: &WhileContextDef) -> Result<(), String> {
        let pivots = [&def.pivot_for_pred_name, &def.pivot_for_body_name];
        self.tensors(pivots.into_iter().chain([&def.pivot_name]))?;
        self.tensors(&def.loop_exit_names)?;
        self.tensors(&def.loop_enter_names)?;
        self.values(def.values_def.as_ref())?;
        def.nested_contexts
            .iter()
            .try_for_each(|def| self.context(def))
    }

    /// The values that come from outside of a context; those inside may be gone.
    fn values(&self, def: Option<&ValuesDef>) -> Result<(), String> {
        let external = def.iter().flat_map(|def| def.external_values.values());
        self.tensors(external)
    }

    fn tensors<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Result<(), String> {
        let mut names = names.into_iter();
        names.try_for_each(|name| self.tensor(name).map(|_| ()))
    }

    /// A tensor by its full name.
    fn tensor(&self, name: &str) -> Result<TensorRef, String> {
        let graph = self.graph;
        let parsed = parse_tensor_name(name).filter(|_| name.contains(':'));
        let found = parsed.and_then(|(node, index)| {
            let node = graph.find(node)?;
            let exists = (index as usize) < graph.node(node).outputs.len();
            exists.then_some(TensorRef { node, index })
        });
        found.ok_or_else(|| format!("the graph has no tensor \"{name}\""))
    }

    fn operation(&self, name: &str) -> Result<(), String> {
        match self.graph.find(name) {
            Some(_) => Ok(()),
            None => Err(format!("the graph has no operation \"{name}\"")),
        }
    }
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, String> {
    M::decode(bytes).map_err(|error| format!("{} bytes are malformed: {error}", bytes.len()))
}

/// The collections that a variant's author drops.
#[derive(Debug, Default)]
pub(in crate::module) struct Dropped {
    /// Whether [`keys::VARIABLES`] is among them.
    variables: bool,
    /// The items of collection [`keys::TABLE_INITIALIZERS`].
    table_initializers: Vec<Item>,
}

impl Dropped {
    /// Drops collections of a graph.
    pub(in crate::module) fn drop_from(graph: &GraphBuilder, dropped: &[String]) -> Self {
        let mut result = Dropped::default();
        for key in dropped {
            let items = graph.drop_collection(key);
            if key == keys::VARIABLES {
                result.variables = true;
            } else if key == keys::TABLE_INITIALIZERS {
                result.table_initializers.extend(items);
            }
        }
        result
    }

    /// The faults of outputs and losses that depend on state which nothing restores or initializes.
    pub(super) fn check(&self, graph: &Graph) -> Vec<Diagnostic> {
        let table = format!(
            "table, which nothing initializes, since collection \"{}\" is dropped",
            keys::TABLE_INITIALIZERS
        );
        let why = match self.variables {
            true => format!("collection \"{}\" is dropped", keys::VARIABLES),
            false => format!("it is not in collection \"{}\"", keys::VARIABLES),
        };
        let variable = format!("variable, which nothing restores, since {why}");
        let mut state: HashMap<NodeId, &str> = HashMap::default();
        for id in behind(graph, &mut nodes(&self.table_initializers), &|_| false) {
            if matches!(graph.node(id).op.name(), "HashTableV2" | "HashTable") {
                state.insert(id, &table);
            }
        }
        let saved: HashSet<_> = Variables::saved(graph).map(|info| info.handle).collect();
        if let Some(variables) = graph.extension::<Variables>() {
            for (_, handle) in variables.defs() {
                if !saved.contains(&handle) {
                    state.insert(handle, &variable);
                }
            }
        }
        if state.is_empty() {
            return Vec::new();
        }
        // The initializer of a variable may be among those of tables.
        let kept = graph.collections().get(keys::TABLE_INITIALIZERS);
        let initialized = behind(graph, &mut nodes(kept), &|_| false);
        let mut found = SortedMap::new();
        let mut depends = |what: &str, id: NodeId| {
            if state.contains_key(&id) && !initialized.contains(&id) {
                found.get_or_insert_with(id, || what.to_owned());
            }
        };
        let signatures = graph.extension::<Signatures>().into_iter();
        for signature in signatures.flat_map(|signatures| &signatures.0) {
            let inputs = signature.inputs.values().flat_map(|end| end.tensors());
            let fed: HashSet<_> = inputs.map(|input| input.node).collect();
            for (key, output) in &signature.outputs {
                let mut parts = output.tensors().iter().map(|part| part.node);
                let output = format!("output \"{key}\" of signature \"{}\"", signature.name);
                for id in behind(graph, &mut parts, &|id| fed.contains(&id)) {
                    depends(&output, id);
                }
            }
        }
        for loss in graph.collections().get(keys::REGULARIZATION_LOSSES) {
            let loss_name = format!("regularization loss \"{}\"", graph.item_name(loss));
            for id in behind(graph, &mut nodes(std::slice::from_ref(loss)), &|_| false) {
                depends(&loss_name, id);
            }
        }
        let faults = found.into_iter().map(|(id, what)| {
            let (node, lost) = (graph.node(id), state[&id]);
            let message = format!("{what} depends on this {lost}");
            super::diagnostic(Rule::State, Some(node), node.location, message)
        });
        faults.collect()
    }
}

fn nodes(items: &[Item]) -> impl Iterator<Item = NodeId> {
    items.iter().filter_map(|item| match item {
        Item::Tensor(tensor) => Some(tensor.node),
        Item::Operation(id) => Some(*id),
        Item::Bytes(_) | Item::Context(_) => None,
    })
}

/// Nodes and all that they depend on, but nothing from those on that are `known`.
fn behind(
    graph: &Graph,
    nodes: &mut dyn Iterator<Item = NodeId>,
    known: &dyn Fn(NodeId) -> bool,
) -> HashSet<NodeId> {
    let mut seen = HashSet::default();
    let mut open: Vec<_> = nodes.collect();
    while let Some(id) = open.pop() {
        if !known(id) && seen.insert(id) {
            let node = graph.node(id);
            open.extend(node.inputs.iter().map(|input| input.node));
            open.extend(&node.control_inputs);
        }
    }
    seen
}

#[cfg(test)]
mod tests;
