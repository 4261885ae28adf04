//! The options of an import or a copy.

use super::error::ImportError;
use super::parse_tensor_name;
use crate::error::Result;
use crate::graph::graph_def::{Cut, SubGraph};
use crate::graph::{AnyTensor, Operation};
use crate::proto::tensorflow::NodeDef;

/// The arguments of `tf.import_graph_def`, by which a graph is imported or copied; `()` stands for the defaults of all.
///
/// ```
/// use tfhub::GraphBuilder;
/// use tfhub::graph::ImportOptions;
///
/// let doubled = GraphBuilder::new();
/// let x = doubled.named("x", || doubled.placeholder::<f32>((None, 2)));
/// doubled.named("y", || x * 2.0);
/// let graph_def = doubled.finish()?.to_graph_def();
///
/// let g = GraphBuilder::new();
/// let images = g.placeholder::<f32>((None, 2));
/// let options = ImportOptions::new().prefix("doubled").map_input("x", images).outputs(["y"]);
/// let y = g.import_graph_def(graph_def, options)?.tensor("y:0")?;
/// assert_eq!(y.name(), "doubled/y:0");
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ImportOptions<'g> {
    pub(super) prefix: Option<String>,
    pub(super) inputs: Vec<(String, AnyTensor<'g>)>,
    pub(super) control_inputs: Vec<(String, Operation<'g>)>,
    pub(super) outputs: Option<Vec<String>>,
    pub(super) ignore_shapes: bool,
    pub(super) clear_devices: bool,
    pub(super) keep_devices: bool,
    pub(super) release: Option<String>,
    pub(super) instance: Option<Instance>,
}

/// The purpose of a copy of a module's graph that hub makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instance {
    /// Its state: names that nodes share are put under the prefix.
    State,
    /// One application of a signature: besides, state ops become placeholders, since those of the state are mapped to
    /// them, and what was colocated with a node whose output is mapped is colocated with what that is mapped to.
    Application,
}

/// The defaults of all.
impl From<()> for ImportOptions<'_> {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<'g> ImportOptions<'g> {
    /// Imports under the prefix `import`, with nothing mapped.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name scope for the nodes, made unique as any other; `""` is none, and nodes whose names are taken get a
    /// number.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Lets nodes that use the tensor `name` of the other graph, such as `x:0` or `x`, use `tensor` instead.
    pub fn map_input(mut self, name: impl Into<String>, tensor: impl Into<AnyTensor<'g>>) -> Self {
        self.inputs.push((name.into(), tensor.into()));
        self
    }

    /// Lets nodes that run after the node `name` of the other graph run after `operation` instead.
    pub fn map_control_input(
        mut self,
        name: impl Into<String>,
        operation: impl Into<Operation<'g>>,
    ) -> Self {
        self.control_inputs.push((name.into(), operation.into()));
        self
    }

    /// Imports only what these nodes or tensors of the other graph need, such as `y:0` or `y`: all else is left out before
    /// anything is checked, so ops that are not known do not matter there.
    ///
    /// The part is that of [`extract_sub_graph`](crate::graph::GraphDef::extract_sub_graph); nothing behind mapped inputs
    /// is needed. Further calls add to the outputs.
    ///
    /// ```
    /// use tfhub::GraphBuilder;
    /// use tfhub::graph::{GraphDef, ImportOptions};
    ///
    /// let graph_def = GraphDef::decode_text(
    ///     "node { name: 'x' op: 'Unknown' } node { name: 'y' op: 'Neg' input: 'x' attr { key: 'T' value { type: DT_FLOAT } } }
    ///      node { name: 'train' op: 'AlsoUnknown' input: 'y' }",
    /// )?;
    /// let g = GraphBuilder::new();
    /// let options = ImportOptions::new().map_input("x", g.placeholder::<f32>((None, 2)));
    /// let imported = g.import_graph_def(graph_def, options.outputs(["y:0"]))?;
    /// assert_eq!(imported.operations().len(), 1);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn outputs<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let outputs = self.outputs.get_or_insert_default();
        outputs.extend(names.into_iter().map(Into::into));
        self
    }

    /// Whether the devices that the other graph's nodes ask for are ignored, as `tf.train.import_meta_graph` does with
    /// `clear_devices`.
    pub fn clear_devices(mut self, clear: bool) -> Self {
        self.clear_devices = clear;
        self
    }

    /// Whether the shapes that the other graph's nodes have, in a file in `_output_shapes`, are ignored; otherwise they
    /// add to what is inferred.
    pub fn ignore_shapes(mut self, ignore: bool) -> Self {
        self.ignore_shapes = ignore;
        self
    }

    /// The nodes of the file that are imported.
    pub(super) fn sub_graph<'a>(
        &self,
        nodes: &'a [NodeDef],
    ) -> std::result::Result<SubGraph<'a>, ImportError> {
        let tensors = self.inputs.iter().filter_map(|(name, _)| {
            let (node, index) = parse_tensor_name(name)?;
            Some((node.to_owned(), index))
        });
        let control = self.control_inputs.iter().map(|(name, _)| name.clone());
        let cut = Cut {
            tensors: tensors.collect(),
            control: control.collect(),
        };
        let mut sub_graph = SubGraph::new(nodes, cut);
        match &self.outputs {
            Some(outputs) => {
                if let Some(missing) = outputs.iter().find(|output| !sub_graph.want(output)) {
                    return Err(ImportError::NoTensor(missing.clone()));
                }
            }
            None => sub_graph.want_all(),
        }
        Ok(sub_graph)
    }

    /// The nodes of the file that are imported, to which others may be added, and the options that import all.
    pub(crate) fn take_sub_graph<'a>(
        mut self,
        nodes: &'a [NodeDef],
    ) -> Result<(SubGraph<'a>, Self)> {
        let sub_graph = self.sub_graph(nodes)?;
        self.outputs = None;
        Ok((sub_graph, self))
    }

    /// The release of TensorFlow that wrote the graph, as a meta graph tells; errors of later ones name it.
    pub(crate) fn written_by(mut self, release: String) -> Self {
        self.release = Some(release).filter(|release| !release.is_empty());
        self
    }

    /// Makes the copy part of a module's instance.
    pub(crate) fn instance(mut self, instance: Instance) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Keeps the devices that the file has, where `tf.import_graph_def` puts nodes where those are that they are
    /// colocated with.
    pub(crate) fn keep_devices(mut self) -> Self {
        self.keep_devices = true;
        self
    }
}
