//! The application of a signature.

use std::panic::Location;

use super::inputs::Given;
use super::state::{import_options, save_all};
use super::{Module, ModuleOutputs};
use crate::error::Rule;
use crate::graph::{
    AnyTensor, Graph, GraphBuilder, HashSet, Imported, Instance, NodeId, TensorRef, colocated, keys,
};
use crate::module::meta_graph::Carried;
use crate::module::signature::{
    DEFAULT, IntoSignatureTensor, Signature, SignatureTensor, Signatures,
};
use crate::nearest;
use crate::sorted_map::SortedMap;

/// The collections of the module that an application fills. An asset may be used by anything, not only by the
/// initializers of tables.
const APPLICATION: [&str; 3] = [
    keys::ASSET_FILEPATHS,
    keys::COND_CONTEXT,
    keys::WHILE_CONTEXT,
];

/// The application of a signature of a [`Module`] with its inputs; [`Module::signature`] starts one.
#[must_use = "the signature is applied by `finish`"]
pub struct ModuleCall<'g> {
    module: Module<'g>,
    signature: String,
    given: Given<'g>,
    location: &'static Location<'static>,
}

impl<'g> ModuleCall<'g> {
    pub(super) fn new(
        module: Module<'g>,
        signature: String,
        location: &'static Location<'static>,
    ) -> Self {
        ModuleCall {
            module,
            signature,
            given: Given::default(),
            location,
        }
    }

    /// Gives the input with this key.
    pub fn input(mut self, key: impl Into<String>, tensor: impl IntoSignatureTensor<'g>) -> Self {
        let tensor = tensor.into_signature_tensor();
        self.given.named.push((key.into(), tensor));
        self
    }

    /// Gives the only input of a signature that has one, whatever its key.
    pub fn only_input(mut self, tensor: impl IntoSignatureTensor<'g>) -> Self {
        self.given.only = Some(tensor.into_signature_tensor());
        self
    }

    /// Adds the nodes of the application, which share the module's state, and gives its outputs.
    ///
    /// A signature that the module has not, inputs that it has not, that are missing, or that are of another kind, dtype
    /// or shape, are faults, and so is a colocation of the module's nodes that cannot follow the inputs. Then the outputs
    /// are not usable.
    pub fn finish(self) -> ModuleOutputs<'g> {
        let g = self.module.graph;
        let name = self.signature.clone();
        g.called_from(g.here(self.location), || match self.apply() {
            Ok(outputs) => outputs,
            Err(message) => {
                if let Some(message) = message {
                    g.report(Rule::Application, message);
                }
                ModuleOutputs::failed(g, name)
            }
        })
    }

    /// The outputs, or why there are none, unless that is reported already.
    fn apply(self) -> Result<ModuleOutputs<'g>, Option<String>> {
        let g = self.module.graph;
        let parts = self.module.with(|instance| {
            let spec = instance.spec.clone();
            let own = instance.scope.rsplit('/').next().unwrap_or_default();
            let state: Vec<_> = instance
                .state
                .iter()
                .map(|(name, tensor)| {
                    let operation = g.main_operation(tensor.node);
                    (name.clone(), operation.output(tensor.index as usize))
                })
                .collect();
            let tags = instance.tags.clone();
            (spec, tags, own.to_owned(), instance.trainable, state)
        });
        let (spec, tags, own, trainable, state) = parts.ok_or(None)?;
        let graph = spec.graph_of(&tags).map_err(|error| error.to_string())?;
        let signature = signature(graph, &self.signature)?;
        let is_failed = self.given.components().any(|tensor| tensor.is_poison());
        let inputs = self.given.tensors(g, graph, signature)?;
        if is_failed {
            return Err(None);
        }
        let needed = (!g.is_in_main_graph()).then(|| needed(graph, signature, &inputs));
        let is_copied = |name: &str| needed.as_ref().is_none_or(|it| it.given.contains(name));
        let mut fed: SortedMap<String, AnyTensor<'g>> = state.into_iter().collect();
        // An input may stand for a state op.
        fed.extend(inputs);
        let mut mapped = SortedMap::new();
        for (name, tensor) in fed {
            if !is_copied(&name) {
                continue;
            }
            let inside = g.brought_inside(tensor);
            let inside =
                inside.ok_or_else(|| format!("the tensor for \"{name}\" is of another graph"))?;
            mapped.insert(name, inside);
        }
        let prefix = format!("{own}_apply_{}", signature.name.replace(':', "_"));
        let options = import_options(graph).prefix(&*prefix);
        let options = options.instance(Instance::Application);
        let options = mapped.iter().fold(options, |options, (name, tensor)| {
            options.map_input(name.as_str(), *tensor)
        });
        let kept = match &needed {
            Some(needed) => needed.nodes.clone(),
            None => vec![true; graph.len()],
        };
        let imported = g.copy_nodes(graph, &kept, options);
        let imported = imported.map_err(|error| error.to_string())?;
        if needed.is_none() {
            collect(g, graph, &imported, trainable)?;
            save_all(g, graph, &prefix);
        }
        Ok(outputs(g, graph, signature, &imported)?)
    }
}

/// Adds what the nodes of an application add to collections.
fn collect(
    g: &GraphBuilder,
    graph: &Graph,
    imported: &Imported<'_>,
    trainable: bool,
) -> Result<(), String> {
    let here = g.context().location().expect("a call of ours is open");
    let update_ops = trainable.then_some(keys::UPDATE_OPS);
    let collections: Vec<_> = APPLICATION.into_iter().chain(update_ops).collect();
    let carried = Carried::of(graph, &collections, here);
    let added = carried.and_then(|carried| carried.add(g, imported));
    added.map_err(|error| error.to_string())
}

/// The nodes of a module that the outputs of a signature need.
struct Needed {
    nodes: Vec<bool>,
    /// The tensors, by name, that something else stands for.
    given: HashSet<String>,
}

/// Finds what the outputs need, given the inputs and the state.
fn needed<'g>(
    graph: &Graph,
    signature: &Signature,
    inputs: &SortedMap<String, AnyTensor<'g>>,
) -> Needed {
    let mut needed = Needed {
        nodes: vec![false; graph.len()],
        given: HashSet::default(),
    };
    let outputs = signature.outputs.values().flat_map(|end| end.tensors());
    let mut tensors: Vec<TensorRef> = outputs.copied().collect();
    let mut open: Vec<NodeId> = Vec::new();
    loop {
        for tensor in tensors.drain(..) {
            let name = graph.tensor_name(tensor);
            let is_state = graph.node(tensor.node).op.is_state_op();
            match is_state || inputs.contains_key(&name) {
                true => {
                    needed.given.insert(name);
                }
                false => open.push(tensor.node),
            }
        }
        let Some(id) = open.pop() else {
            return needed;
        };
        if std::mem::replace(&mut needed.nodes[id.index()], true) {
            continue;
        }
        let node = graph.node(id);
        tensors.extend(node.inputs.iter().copied());
        open.extend(node.control_inputs.iter().copied());
        open.extend(colocated(node.groups()).filter_map(|name| graph.find(name)));
    }
}

/// The signature of this name.
fn signature<'a>(graph: &'a Graph, name: &str) -> Result<&'a Signature, String> {
    let signatures = graph.extension::<Signatures>();
    let signatures = signatures.map_or(&[][..], |signatures| &signatures.0);
    let name = match name {
        "" => DEFAULT,
        name => name,
    };
    let found = signatures.iter().find(|signature| signature.name == name);
    found.ok_or_else(|| {
        let known = signatures.iter().map(|signature| signature.name.as_str());
        let nearest = nearest::suggestion(name, known);
        format!("the module has no signature \"{name}\"{nearest}")
    })
}

/// The outputs of an application, made of the nodes that were added and of what stands for others.
fn outputs<'g>(
    g: &'g GraphBuilder,
    graph: &Graph,
    signature: &Signature,
    imported: &Imported<'g>,
) -> Result<ModuleOutputs<'g>, String> {
    let mut outputs = Vec::new();
    for (key, end) in &signature.outputs {
        let tensors = end.tensors().iter().map(|&tensor| {
            let tensor = imported.tensor(&graph.tensor_name(tensor));
            tensor.map_err(|error| error.to_string())
        });
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        outputs.push((key.clone(), SignatureTensor::of(end, &tensors)));
    }
    Ok(ModuleOutputs::new(g, signature.name.clone(), outputs))
}

impl std::fmt::Debug for ModuleCall<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModuleCall")
            .field("module", &self.module)
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}
