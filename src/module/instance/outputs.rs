//! The outputs of an application.

use std::fmt;
use std::panic::Location;

use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::module::signature::{DEFAULT, SignatureTensor};
use crate::nearest;
use crate::ops::ragged::{AnyRaggedTensor, RaggedTensor};
use crate::ops::sparse::SparseTensor;

/// The outputs of a signature that was applied; [`ModuleCall::finish`](super::ModuleCall::finish) gives them.
///
/// An output that the signature has not, or of another kind than it is asked for, is a fault at the line that asks.
#[derive(Clone)]
pub struct ModuleOutputs<'g> {
    graph: &'g GraphBuilder,
    signature: String,
    /// Sorted by key; none if the application failed.
    outputs: Option<Vec<(String, SignatureTensor<'g>)>>,
}

impl<'g> ModuleOutputs<'g> {
    pub(super) fn new(
        graph: &'g GraphBuilder,
        signature: String,
        outputs: Vec<(String, SignatureTensor<'g>)>,
    ) -> Self {
        ModuleOutputs {
            graph,
            signature,
            outputs: Some(outputs),
        }
    }

    /// Those of an application that failed, which is reported already.
    pub(super) fn failed(graph: &'g GraphBuilder, signature: String) -> Self {
        ModuleOutputs {
            graph,
            signature,
            outputs: None,
        }
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    /// The outputs by key, sorted; another signature takes them as its own.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SignatureTensor<'g>)> {
        let outputs = self.outputs.iter().flatten();
        outputs.map(|(key, tensor)| (key.as_str(), tensor))
    }

    /// The output with this key, a dense tensor.
    #[track_caller]
    pub fn output(&self, key: &str) -> AnyTensor<'g> {
        let dense = |output: &SignatureTensor<'g>| output.as_dense();
        self.find(key, "a dense tensor", dense)
            .unwrap_or_else(|| AnyTensor::poison(self.graph))
    }

    /// The output `default`, a dense tensor.
    #[track_caller]
    pub fn default_output(&self) -> AnyTensor<'g> {
        self.output(DEFAULT)
    }

    /// The output with this key, a sparse tensor of this element type.
    #[track_caller]
    pub fn sparse<T: TensorType>(&self, key: &str) -> SparseTensor<'g, T> {
        let sparse = |output: &SignatureTensor<'g>| output.as_sparse();
        let sparse = self.find(key, "a sparse tensor", sparse);
        match sparse {
            Some(sparse) => sparse.typed(),
            None => {
                let poison = AnyTensor::poison(self.graph);
                SparseTensor {
                    indices: poison.typed(),
                    values: poison.typed(),
                    dense_shape: poison.typed(),
                }
            }
        }
    }

    /// The output with this key, a ragged tensor of this element type.
    #[track_caller]
    pub fn ragged<T: TensorType>(&self, key: &str) -> RaggedTensor<'g, T> {
        let ragged = |output: &SignatureTensor<'g>| output.as_ragged();
        self.find(key, "a ragged tensor", ragged)
            .unwrap_or_else(|| AnyRaggedTensor::poison(self.graph))
            .typed()
    }

    /// The output with this key, as what it is asked for.
    #[track_caller]
    fn find<R>(
        &self,
        key: &str,
        kind: &str,
        of: impl FnOnce(&SignatureTensor<'g>) -> Option<R>,
    ) -> Option<R> {
        let outputs = self.outputs.as_ref()?;
        let signature = &self.signature;
        let found = outputs.iter().find(|(known, _)| known == key);
        let message = match found {
            None => {
                let nearest = nearest::among(key, "output", self.keys());
                format!("signature \"{signature}\" has no output \"{key}\"{nearest}")
            }
            Some((_, output)) => match of(output) {
                Some(output) => return Some(output),
                None => {
                    let found = output.kind();
                    format!(
                        "signature \"{signature}\": output \"{key}\" is {found}, expected {kind}"
                    )
                }
            },
        };
        let here = self.graph.here(Location::caller());
        self.graph
            .report_node(Rule::Application, "", "", here, message);
        None
    }
}

impl fmt::Debug for ModuleOutputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
