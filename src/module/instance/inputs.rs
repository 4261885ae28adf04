//! The inputs of an application, held against those of the signature.

use std::collections::BTreeMap;

use crate::graph::{AnyTensor, Graph, GraphBuilder};
use crate::module::signature::{End, Signature, SignatureTensor};
use crate::sorted_map::SortedMap;

/// The inputs that the author gives a signature.
#[derive(Debug, Default)]
pub(super) struct Given<'g> {
    /// The only input, whatever its key.
    pub(super) only: Option<SignatureTensor<'g>>,
    pub(super) named: Vec<(String, SignatureTensor<'g>)>,
}

impl<'g> Given<'g> {
    /// The tensors for the placeholders of a signature, by their names in the module, or why they are not those that it
    /// takes.
    pub(super) fn tensors(
        self,
        g: &GraphBuilder,
        graph: &Graph,
        signature: &Signature,
    ) -> Result<SortedMap<String, AnyTensor<'g>>, String> {
        let named = self.by_key(signature)?;
        let missing = signature
            .inputs
            .keys()
            .filter(|key| !named.contains_key(*key));
        let extra = named
            .keys()
            .filter(|key| !signature.inputs.contains_key(*key));
        let list = |keys: &mut dyn Iterator<Item = &String>| {
            let keys: Vec<_> = keys.map(|key| format!("\"{key}\"")).collect();
            keys.join(", ")
        };
        let name = &signature.name;
        let (missing, extra) = (list(&mut missing.into_iter()), list(&mut extra.into_iter()));
        match (missing.is_empty(), extra.is_empty()) {
            (true, true) => {}
            (false, true) => {
                return Err(format!("signature \"{name}\": input {missing} is missing"));
            }
            (true, false) => {
                let known = list(&mut signature.inputs.keys());
                return Err(format!(
                    "signature \"{name}\" has no input {extra}, expected {known}"
                ));
            }
            (false, false) => {
                return Err(format!(
                    "signature \"{name}\": input {missing} is missing, and there is no input {extra}"
                ));
            }
        }
        let mut tensors = SortedMap::new();
        for (key, given) in named {
            let Some(end) = signature.inputs.get(&key) else {
                continue;
            };
            if given
                .tensors()
                .iter()
                .any(|tensor| !std::ptr::eq(tensor.graph(), g))
            {
                return Err(format!(
                    "signature \"{name}\": input \"{key}\" is of another graph than the module"
                ));
            }
            fits(graph, end, &given)
                .map_err(|fault| format!("signature \"{name}\": input \"{key}\": {fault}"))?;
            let names = end
                .tensors()
                .iter()
                .map(|&tensor| graph.tensor_name(tensor));
            names.zip(given.tensors()).for_each(|(name, tensor)| {
                tensors.insert(name, tensor);
            });
        }
        Ok(tensors)
    }

    /// All tensors, also those that make up others.
    pub(super) fn components(&self) -> impl Iterator<Item = AnyTensor<'g>> + '_ {
        let named = self.named.iter().map(|(_, tensor)| tensor);
        named.chain(&self.only).flat_map(SignatureTensor::tensors)
    }

    /// The inputs by their keys.
    fn by_key(
        self,
        signature: &Signature,
    ) -> Result<BTreeMap<String, SignatureTensor<'g>>, String> {
        let name = &signature.name;
        let mut named = BTreeMap::new();
        for (key, tensor) in self.named {
            if named.insert(key.clone(), tensor).is_some() {
                return Err(format!(
                    "signature \"{name}\": input \"{key}\" is given twice"
                ));
            }
        }
        let Some(only) = self.only else {
            return Ok(named);
        };
        let mut keys = signature.inputs.keys();
        match (keys.next(), keys.next()) {
            (Some(key), None) => {
                named.insert(key.clone(), only);
                Ok(named)
            }
            (None, _) => Err(format!("signature \"{name}\" takes no input, found one")),
            (Some(_), Some(_)) => {
                let keys: Vec<_> = signature
                    .inputs
                    .keys()
                    .map(|key| format!("\"{key}\""))
                    .collect();
                Err(format!(
                    "signature \"{name}\" takes several inputs, {}; they are given by name",
                    keys.join(", ")
                ))
            }
        }
    }
}

/// Holds a value against an input: its kind, its dtype, and its shape as far as both are known.
fn fits(graph: &Graph, end: &End, given: &SignatureTensor<'_>) -> Result<(), String> {
    let expected = end.describe(graph);
    let (dtype, shape) = given.describe();
    let is_compatible = expected.dtype == dtype
        && end.kind() == given.kind()
        && expected.shape.is_compatible_with(&shape);
    match is_compatible {
        true => Ok(()),
        false => Err(format!(
            "expected {}, {} {}, found {}, {dtype} {shape}",
            end.kind(),
            expected.dtype,
            expected.shape,
            given.kind(),
        )),
    }
}
