//! Facts of a variant's graph that several lints look at, each found in one pass.

use std::cell::OnceCell;

use super::bodies::Body;
use crate::dtype::DType;
use crate::error::Diagnostic;
use crate::graph::{
    Graph, HashMap, HashSet, Item, Node, NodeId, Origin, TensorRef, keys, parse_tensor_name,
};
use crate::module::attachment::Attachments;
use crate::module::check;
use crate::module::signature::{Signature, Signatures};
use crate::module::variant::Variant;
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{TensorProto, VariableDef};
use crate::value::decode_tensor_proto;
use crate::variable::{VariableInfo, Variables};

/// The ops that stand for variables.
pub(super) const VARIABLES: [&str; 3] = ["VarHandleOp", "VariableV2", "Variable"];

/// How far apart the nodes of a variable are looked for before they are by their names.
const NEAR: usize = 24;

/// The users of a node, as a set of bits.
pub(super) mod need {
    /// An output of a signature.
    pub(crate) const OUTPUT: u8 = 1;
    /// A regularization loss.
    pub(crate) const LOSS: u8 = 2;
    /// An update op.
    pub(crate) const UPDATE: u8 = 4;
    /// An initializer of a table.
    pub(crate) const TABLE: u8 = 8;
    /// A variable's own nodes, a context of control flow, or another collection.
    pub(crate) const OTHER: u8 = 16;
}

/// A variant with facts of its graph.
pub(super) struct Facts<'a> {
    pub(super) variant: &'a Variant,
    pub(super) graph: &'a Graph,
    pub(super) signatures: &'a [Signature],
    pub(super) attachments: Option<&'a Attachments>,
    /// The saved variables.
    pub(super) variables: Vec<&'a VariableInfo>,
    /// The users of each node, as bits of [`need`].
    needs: Vec<u8>,
    /// The variable whose value, reshaped or cast, an output of the node is.
    roots: Vec<Option<NodeId>>,
    /// Whether a node runs only where a tensor says so.
    conditional: Vec<bool>,
    /// The bodies of the functions that nodes call.
    pub(super) bodies: Vec<Body<'a>>,
    by_handle: OnceCell<HashMap<NodeId, &'a VariableInfo>>,
    /// Where the nodes of the next variable may be.
    near: usize,
}

impl<'a> Facts<'a> {
    pub(super) fn of(variant: &'a Variant) -> Self {
        let graph = &variant.graph;
        let signatures = graph.extension::<Signatures>();
        let mut facts = Facts {
            variant,
            graph,
            signatures: signatures.map_or(&[], |signatures| &signatures.0),
            attachments: graph.extension::<Attachments>(),
            variables: Variables::saved(graph).collect(),
            needs: vec![0; graph.len()],
            bodies: Vec::new(),
            roots: Vec::with_capacity(graph.len()),
            conditional: Vec::with_capacity(graph.len()),
            by_handle: OnceCell::new(),
            near: 0,
        };
        facts.follow();
        facts.find_needs();
        facts.bodies = Body::all(graph, &facts.needs, &facts.conditional);
        facts
    }

    /// Whether training is what the variant is for.
    pub(super) fn is_training(&self) -> bool {
        is_training(self.variant)
    }

    /// The author's function, or a file that was taken over whole, whose users live with it as it is.
    pub(super) fn origin(&self) -> Origin {
        check::origin(self.graph)
    }

    /// The faults of what was imported that are refused only where an author builds them.
    pub(super) fn pardoned(&self) -> Vec<Diagnostic> {
        check::pardoned(self.graph)
    }

    pub(super) fn is_needed_by(&self, id: NodeId, needs: u8) -> bool {
        self.needs[id.index()] & needs != 0
    }

    /// The variable whose value, reshaped or cast, a tensor is.
    pub(super) fn root(&self, tensor: TensorRef) -> Option<NodeId> {
        self.roots[tensor.node.index()]
    }

    pub(super) fn is_conditional(&self, id: NodeId) -> bool {
        self.conditional[id.index()]
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = (NodeId, &'a Node)> {
        let nodes = self.graph.nodes().iter().enumerate();
        nodes.map(|(position, node)| (NodeId::new(position), node))
    }

    /// The saved variables by their handles.
    pub(super) fn by_handle(&self) -> &HashMap<NodeId, &'a VariableInfo> {
        let variables = self.variables.iter();
        let by_handle = || variables.map(|info| (info.handle, *info)).collect();
        self.by_handle.get_or_init(by_handle)
    }

    /// The constants that are assets.
    pub(super) fn asset_ids(&self) -> impl Iterator<Item = NodeId> {
        nodes(self.graph.collections().get(keys::ASSET_FILEPATHS))
    }

    /// The nodes that take an output of a node, or run after it.
    pub(super) fn consumers(&self) -> Consumers {
        Consumers::of(self.graph)
    }

    /// Finds the variable that each node passes on, and the nodes that run only where a tensor says so.
    fn follow(&mut self) {
        let nodes = self.graph.nodes();
        for (position, node) in nodes.iter().enumerate() {
            let name = node.op.name();
            let root = match name {
                name if VARIABLES.contains(&name) => Some(NodeId::new(position)),
                "ReadVariableOp" | "Identity" | "Cast" | "Reshape" | "Transpose" | "Squeeze"
                | "ExpandDims" | "Enter" | "RefEnter" | "Switch" | "RefSwitch" | "ConcatV2" => {
                    let first = node.inputs.first();
                    first.and_then(|input| self.roots.get(input.node.index()).copied().flatten())
                }
                _ => None,
            };
            self.roots.push(root);
            let behind = |id: NodeId| self.conditional.get(id.index()).is_some_and(|it| *it);
            let decides = |input: &TensorRef| {
                // Loops have switches as well.
                let is_constant = input.output(nodes).known.constant;
                !is_constant && nodes[input.node.index()].op.name() != "LoopCond"
            };
            let conditional = match name {
                "Merge" | "RefMerge" => false,
                "Switch" | "RefSwitch" if node.inputs.get(1).is_some_and(decides) => true,
                _ => before(node).any(behind),
            };
            self.conditional.push(conditional);
        }
    }

    fn find_needs(&mut self) {
        let graph = self.graph;
        let outputs = self.signatures.iter().flat_map(|it| it.outputs.values());
        for tensor in outputs.flat_map(|end| end.tensors()) {
            self.needs[tensor.node.index()] |= need::OUTPUT;
        }
        // Most variables are in several collections.
        let mut seen = HashSet::default();
        for (key, items) in graph.collections().iter() {
            let bit = match key {
                keys::REGULARIZATION_LOSSES => need::LOSS,
                keys::UPDATE_OPS => need::UPDATE,
                keys::TABLE_INITIALIZERS => need::TABLE,
                keys::VARIABLES | keys::TRAINABLE_VARIABLES | keys::MODEL_VARIABLES => {
                    for item in items {
                        let Item::Bytes(def) = item else { continue };
                        if seen.insert(&def[..]) {
                            let def = VariableDef::decode(&def[..]);
                            self.mark_own(&def.unwrap_or_default());
                        }
                    }
                    continue;
                }
                keys::ASSET_FILEPATHS => continue,
                _ => need::OTHER,
            };
            for id in nodes(items) {
                self.needs[id.index()] |= bit;
            }
        }
        self.spread();
    }

    /// Marks the nodes that a variable's definition names, which stand near each other.
    fn mark_own(&mut self, def: &VariableDef) {
        let names = [
            &def.initial_value_name,
            &def.variable_name,
            &def.initializer_name,
            &def.snapshot_name,
        ];
        let names = names.into_iter().filter_map(|name| parse_tensor_name(name));
        let mut next = self.near;
        for (name, _) in names {
            let near = self.graph.nodes().iter().enumerate().skip(next).take(NEAR);
            let mut near = near.filter(|(_, node)| *node.name == *name);
            let near = near.next().map(|(position, _)| NodeId::new(position));
            if let Some(id) = near.or_else(|| self.graph.find(name)) {
                self.needs[id.index()] |= need::OTHER;
                next = id.index();
            }
        }
        self.near = next;
    }

    /// Notes what a node is needed for of all that it depends on.
    fn spread(&mut self) {
        let graph = self.graph;
        let mut open = Vec::new();
        // Nodes come after those that they depend on, but for loops and for what was imported in another order.
        for position in (0..graph.len()).rev() {
            self.spread_from(NodeId::new(position), |id| {
                if id.index() >= position {
                    open.push(id);
                }
            });
        }
        while let Some(id) = open.pop() {
            self.spread_from(id, |id| open.push(id));
        }
    }

    /// Hands the nodes that are needed for more than they were to `more`.
    fn spread_from(&mut self, id: NodeId, mut more: impl FnMut(NodeId)) {
        let needs = self.needs[id.index()];
        if needs == 0 {
            return;
        }
        for id in before(self.graph.node(id)) {
            let known = &mut self.needs[id.index()];
            if needs & !*known != 0 {
                *known |= needs;
                more(id);
            }
        }
    }
}

/// The nodes that a node depends on.
pub(super) fn before(node: &Node) -> impl Iterator<Item = NodeId> {
    let inputs = node.inputs.iter().map(|input| input.node);
    inputs.chain(node.control_inputs.iter().copied())
}

/// Whether training is what a variant is for.
pub(super) fn is_training(variant: &Variant) -> bool {
    variant.tags.iter().any(|tag| tag == "train")
}

/// The nodes among the items of a collection.
pub(super) fn nodes(items: &[Item]) -> impl Iterator<Item = NodeId> {
    items.iter().filter_map(|item| match item {
        Item::Tensor(tensor) => Some(tensor.node),
        Item::Operation(id) => Some(*id),
        Item::Bytes(_) | Item::Context(_) => None,
    })
}

/// The edges of a graph from nodes to those that need them.
pub(super) struct Consumers {
    /// Where the consumers of each node begin.
    starts: Vec<u32>,
    list: Vec<NodeId>,
}

impl Consumers {
    fn of(graph: &Graph) -> Self {
        let edges = || {
            let nodes = graph.nodes().iter().enumerate();
            nodes.flat_map(|(position, node)| {
                before(node).map(move |from| (from, NodeId::new(position)))
            })
        };
        let mut starts = vec![0u32; graph.len() + 1];
        for (from, _) in edges() {
            starts[from.index() + 1] += 1;
        }
        for position in 1..starts.len() {
            starts[position] += starts[position - 1];
        }
        let mut next = starts.clone();
        let mut list = vec![NodeId::POISON; starts[graph.len()] as usize];
        for (from, to) in edges() {
            let place = &mut next[from.index()];
            list[*place as usize] = to;
            *place += 1;
        }
        Consumers { starts, list }
    }

    pub(super) fn of_node(&self, id: NodeId) -> &[NodeId] {
        let [start, end] = [id.index(), id.index() + 1].map(|at| self.starts[at] as usize);
        &self.list[start..end]
    }
}

/// The tensor of a constant.
pub(super) fn constant(node: &Node) -> Option<&TensorProto> {
    match node.attr("value") {
        Some(Value::Tensor(tensor)) if node.op.name() == "Const" => Some(tensor),
        _ => None,
    }
}

/// The number that a scalar tensor is known to be.
pub(super) fn number(graph: &Graph, tensor: TensorRef) -> Option<f64> {
    let value = match constant(graph.node(tensor.node)) {
        Some(constant) if constant.encoded_len() < 64 => decode_tensor_proto(constant).ok()?,
        Some(_) => return None,
        None => tensor.output(graph.nodes()).known.value()?.clone(),
    };
    let value = value.converted(DType::Float64)?;
    match value.as_slice::<f64>() {
        Ok([number]) => Some(*number),
        _ => None,
    }
}
