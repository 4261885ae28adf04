//! Graphs as files: the `GraphDef` message.

mod extract;
mod read;

use std::collections::HashSet;
use std::fmt;

use super::node::{CLASS, GROUP_PREFIX};
use super::{Graph, shape_from_proto};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{self as pb, NodeDef};
use crate::shape::{MAX_RANK, Shape};
use crate::value::{TensorValue, decode_tensor_proto};

pub(crate) use extract::{Cut, SubGraph, called_functions, mentioned_by_node, node_name};
pub(super) use extract::{keep, needed_functions};

/// The attribute that holds the shapes that were inferred when the file was written.
pub(crate) const OUTPUT_SHAPES: &str = "_output_shapes";

/// A graph as TensorFlow stores it (`tf.GraphDef`), read but not yet checked.
///
/// [`GraphBuilder::import_graph_def`](crate::GraphBuilder::import_graph_def) adds its nodes to a graph, and
/// [`Graph::to_graph_def`](crate::Graph::to_graph_def) makes one of a graph.
///
/// ```
/// use tfhub::GraphBuilder;
/// use tfhub::graph::{GraphDef, ImportOptions};
///
/// let g = GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2));
/// let _ = g.named("y", || x + 1.0);
/// let bytes = g.finish()?.to_graph_def().encode();
///
/// let again = GraphBuilder::new();
/// again.import_graph_def(GraphDef::decode(&bytes)?, ImportOptions::new().prefix(""))?;
/// assert_eq!(again.finish()?.to_graph_def().encode(), bytes);
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Clone)]
pub struct GraphDef {
    pub(super) message: pb::GraphDef,
    /// The size in bytes when it was read.
    pub(super) size: usize,
}

impl PartialEq for GraphDef {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message
    }
}

/// A constant of a [`GraphDef`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConstantDescription {
    /// The name of the node.
    pub name: String,
    /// The type of the elements.
    pub dtype: DType,
    /// The size of each dimension.
    pub shape: Vec<usize>,
}

impl ConstantDescription {
    /// The number of elements.
    pub fn num_elements(&self) -> usize {
        self.shape.iter().product()
    }
}

impl GraphDef {
    pub(crate) fn message(&self) -> &pb::GraphDef {
        &self.message
    }

    pub(crate) fn from_message(message: pb::GraphDef) -> Self {
        let size = message.encoded_len();
        GraphDef { message, size }
    }

    pub(crate) fn into_message(self) -> pb::GraphDef {
        self.message
    }

    /// The bytes of the message; equal graphs have equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.message.encode_to_vec()
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.message.node.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.message.node.is_empty()
    }

    /// The name and the op of each node, in the order of the file.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let nodes = self.message.node.iter();
        nodes.map(|node| (node.name.as_str(), node.op.as_str()))
    }

    /// The graph without the shapes that its nodes carry in `_output_shapes`.
    pub fn without_shapes(mut self) -> Self {
        for node in &mut self.message.node {
            node.attr.remove(OUTPUT_SHAPES);
        }
        self
    }

    /// The graph without the devices that its nodes ask for, as `tf.train.import_meta_graph` clears them; those in
    /// functions stay.
    pub fn without_devices(mut self) -> Self {
        for node in &mut self.message.node {
            node.device.clear();
        }
        self
    }

    /// Takes constants out of the graph, for their values to become those of variables.
    ///
    /// `select` is asked for each one whose elements are all spelled out in the message and which has no control
    /// inputs; those inside of loops and conditionals have some. Nodes are no longer colocated with what is taken out.
    /// When the graph is imported, the tensors have to be given with
    /// [`ImportOptions::map_input`](crate::graph::ImportOptions::map_input).
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if a constant's value is not as its dtype and shape demand.
    ///
    /// ```
    /// use tfhub::GraphBuilder;
    ///
    /// let g = GraphBuilder::new();
    /// let _ = g.placeholder::<f32>((None, 2)) * g.named("scale", || g.constant([2.0f32, 3.0]));
    /// let mut graph_def = g.finish()?.to_graph_def();
    /// let taken = graph_def.take_constants(|constant| constant.num_elements() > 1)?;
    /// assert_eq!(taken[0].0, "scale");
    /// assert_eq!(taken[0].1.as_slice::<f32>()?, [2.0, 3.0]);
    /// assert_eq!(graph_def.len(), 2);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn take_constants(
        &mut self,
        mut select: impl FnMut(&ConstantDescription) -> bool,
    ) -> Result<Vec<(String, TensorValue)>> {
        let mut taken = Vec::new();
        let mut faults = Vec::new();
        self.message.node.retain(|node| {
            let Some((description, tensor)) = constant(node) else {
                return true;
            };
            if !select(&description) {
                return true;
            }
            match decode_tensor_proto(tensor) {
                Ok(value) => taken.push((description.name, value)),
                Err(error) => faults.push(format!("Const {:?}: {error}", description.name)),
            }
            false
        });
        if let Some(fault) = faults.into_iter().next() {
            return Err(Error::new(ErrorKind::Corrupt, fault));
        }
        let names: HashSet<&str> = taken.iter().map(|(name, _)| name.as_str()).collect();
        let is_taken = |group: &[u8]| {
            let group = std::str::from_utf8(group).ok();
            let name = group.and_then(|group| group.strip_prefix(GROUP_PREFIX));
            name.is_some_and(|name| names.contains(name))
        };
        for node in &mut self.message.node {
            let Some(class) = node.attr.get_mut(CLASS) else {
                continue;
            };
            if let Some(Value::List(list)) = &mut class.value {
                list.s.retain(|group| !is_taken(group));
                if list.s.is_empty() {
                    node.attr.remove(CLASS);
                }
            }
        }
        Ok(taken)
    }
}

/// The node as a constant whose elements are all in the message, if it is one.
fn constant(node: &NodeDef) -> Option<(ConstantDescription, &pb::TensorProto)> {
    let tensor = match node.attr.get("value")?.value.as_ref()? {
        Value::Tensor(tensor) if node.op == "Const" && node.input.is_empty() => &**tensor,
        _ => return None,
    };
    let dtype = DType::from_number(tensor.dtype)?;
    let shape = shape_from_proto(tensor.tensor_shape.as_ref()?);
    let elements = shape.num_elements()?;
    let typed = match dtype {
        DType::Float32 => tensor.float_val.len(),
        DType::Float64 => tensor.double_val.len(),
        DType::Float16 | DType::BFloat16 => tensor.half_val.len(),
        DType::String => tensor.string_val.len(),
        DType::Int64 => tensor.int64_val.len(),
        DType::Bool => tensor.bool_val.len(),
        DType::UInt32 => tensor.uint32_val.len(),
        DType::UInt64 => tensor.uint64_val.len(),
        DType::Complex64 => tensor.scomplex_val.len() / 2,
        DType::Complex128 => tensor.dcomplex_val.len() / 2,
        _ => tensor.int_val.len(),
    };
    let packed = dtype.size().is_some_and(|size| {
        elements
            .checked_mul(size)
            .is_some_and(|bytes| bytes == tensor.tensor_content.len())
    });
    (typed == elements || (packed && typed == 0)).then(|| {
        let description = ConstantDescription {
            name: node.name.clone(),
            dtype,
            shape: shape.to_static().unwrap_or_default(),
        };
        (description, tensor)
    })
}

/// The alternate form, `{:#?}`, has a line for each node and function.
impl fmt::Debug for GraphDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            let pb::GraphDef {
                node,
                library,
                versions,
                ..
            } = &self.message;
            writeln!(f, "{versions:?}")?;
            node.iter().try_for_each(|node| writeln!(f, "{node:?}"))?;
            let mut functions = library.iter().flat_map(|library| &library.function);
            return functions.try_for_each(|function| writeln!(f, "{function:?}"));
        }
        f.debug_struct("GraphDef")
            .field("nodes", &self.len())
            .finish_non_exhaustive()
    }
}

impl Graph {
    /// The graph as TensorFlow stores it, as in a module: default attributes left out, the inferred shapes in
    /// `_output_shapes`, functions sorted by name.
    pub fn to_graph_def(&self) -> GraphDef {
        let message = self.to_message();
        let size = message.encoded_len();
        GraphDef { message, size }
    }
}

/// A shape that TensorFlow allows.
pub(super) fn checked_shape(proto: &pb::TensorShapeProto) -> std::result::Result<Shape, String> {
    if proto.dim.len() > MAX_RANK {
        let rank = proto.dim.len();
        return Err(format!(
            "a shape has {rank} dimensions, expected at most {MAX_RANK}"
        ));
    }
    match proto.dim.iter().find(|dim| dim.size < -1) {
        Some(dim) => Err(format!("a shape has a dimension of {}", dim.size)),
        None => Ok(shape_from_proto(proto)),
    }
}
