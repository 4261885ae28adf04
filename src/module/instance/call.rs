//! The application of a signature.

use std::fmt;
use std::panic::Location;

use super::inputs::Given;
use super::refusal::Refusal;
use super::state::{import_options, save_all};
use super::{Module, ModuleOutputs};
use crate::error::Rule;
use crate::graph::{AnyTensor, Graph, GraphBuilder, HashSet, Imported, Instance, TensorRef, keys};
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
            Err(refusal) => {
                refusal.report(g, Rule::Application);
                ModuleOutputs::failed(g, name)
            }
        })
    }

    fn apply(self) -> Result<ModuleOutputs<'g>, Refusal> {
        let g = self.module.graph;
        let instance = self.module.with(|instance| {
            let state = instance.state.iter().map(|(name, tensor)| {
                let operation = g.main_operation(tensor.node);
                (name.clone(), operation.output(tensor.index as usize))
            });
            let state: SortedMap<_, _> = state.collect();
            let own = instance.scope.rsplit('/').next().unwrap_or_default();
            let (spec, tags) = (instance.spec.clone(), instance.tags.clone());
            (spec, tags, own.to_owned(), instance.trainable, state)
        });
        let (spec, tags, own, trainable, state) = instance.ok_or_else(Refusal::default)?;
        let graph = spec.graph_of(&tags)?;
        let signature = signature(graph, &self.signature)?;
        let is_failed = self.given.components().any(|tensor| tensor.is_poison());
        let inputs = self.given.tensors(g, graph, signature)?;
        if is_failed {
            return Err(Refusal::default());
        }
        let mut given = state;
        // An input may stand for a state op.
        given.extend(inputs);
        // A function has what its outputs need.
        let kept = match g.is_in_main_graph() {
            true => vec![true; graph.len()],
            false => needed(graph, signature, &mut given),
        };
        let prefix = format!("{own}_apply_{}", signature.name.replace(':', "_"));
        let mut options = import_options(graph).prefix(&*prefix);
        for (name, tensor) in &given {
            let inside = g.brought_inside(*tensor);
            let other = || format!("the tensor for \"{name}\" is of another graph");
            options = options.map_input(name.as_str(), inside.ok_or_else(other)?);
        }
        let imported = g.copy_nodes(graph, &kept, options.instance(Instance::Application))?;
        if g.is_in_main_graph() {
            collect(g, graph, &imported, trainable)?;
            save_all(g, graph, &prefix)?;
        }
        outputs(g, graph, signature, &imported)
    }
}

/// Adds what the nodes of an application add to collections.
fn collect(
    g: &GraphBuilder,
    graph: &Graph,
    imported: &Imported<'_>,
    trainable: bool,
) -> Result<(), Refusal> {
    let here = g.here(Location::caller());
    let update_ops = trainable.then_some(keys::UPDATE_OPS);
    let collections: Vec<_> = APPLICATION.into_iter().chain(update_ops).collect();
    Ok(Carried::of(graph, &collections, here)?.add(g, imported)?)
}

/// A mark for each node, whether the outputs of a signature need it; of the tensors that are given, by name, those are left
/// that the nodes or the outputs use.
fn needed(
    graph: &Graph,
    signature: &Signature,
    given: &mut SortedMap<String, AnyTensor<'_>>,
) -> Vec<bool> {
    let mut used = HashSet::default();
    let mut is_given = |tensor: TensorRef| {
        let name = graph.tensor_name(tensor);
        let is_given = given.contains_key(&name);
        if is_given {
            used.insert(name);
        }
        is_given
    };
    let outputs = signature.outputs.values().flat_map(|end| end.tensors());
    let outputs = outputs.copied().filter(|tensor| !is_given(*tensor));
    let outputs: Vec<_> = outputs.map(|tensor| tensor.node).collect();
    let kept = graph.needed(outputs, is_given, |_| false);
    given.retain(|name, _| used.contains(name));
    kept
}

/// The signature of this name.
fn signature<'a>(graph: &'a Graph, name: &str) -> Result<&'a Signature, Refusal> {
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
        format!("the module has no signature \"{name}\"{nearest}").into()
    })
}

/// The outputs of an application, made of the nodes that were added and of what stands for others.
fn outputs<'g>(
    g: &'g GraphBuilder,
    graph: &Graph,
    signature: &Signature,
    imported: &Imported<'g>,
) -> Result<ModuleOutputs<'g>, Refusal> {
    let mut outputs = Vec::new();
    for (key, end) in &signature.outputs {
        let tensors = end.tensors().iter();
        let tensors = tensors.map(|&tensor| imported.tensor(&graph.tensor_name(tensor)));
        let tensors = tensors.collect::<crate::error::Result<Vec<_>>>()?;
        outputs.push((key.clone(), SignatureTensor::of(end, &tensors)));
    }
    Ok(ModuleOutputs::new(g, signature.name.clone(), outputs))
}

impl fmt::Debug for ModuleCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleCall")
            .field("module", &self.module)
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}
