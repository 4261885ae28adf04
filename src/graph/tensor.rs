//! Handles: what the author holds of a graph's nodes and their outputs.

use std::cell::Ref;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use super::names::tensor_name;
use super::nesting::TensorKey;
use super::{AnyOperand, GraphBuilder, GraphNumber, Node, NodeId, TensorRef};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::shape::Shape;

/// Stands for the name of a node that could not be made.
const INVALID: &str = "<invalid>";

/// A node of a graph, what `tf.Operation` is in Python.
#[derive(Clone, Copy)]
pub struct Operation<'g> {
    pub(crate) graph: &'g GraphBuilder,
    pub(super) number: GraphNumber,
    pub(crate) id: NodeId,
}

impl<'g> Operation<'g> {
    /// The node with this number in one of the builder's graphs.
    pub(crate) fn of(graph: &'g GraphBuilder, number: GraphNumber, id: NodeId) -> Self {
        Operation { graph, number, id }
    }

    /// The node, which has been made.
    pub(crate) fn node(&self) -> Ref<'g, Node> {
        let id = self.id.index();
        Ref::map(self.graph.nodes_of(self.number), |nodes| &nodes[id])
    }

    /// The number of the graph that it is of.
    pub(crate) fn number(&self) -> GraphNumber {
        self.number
    }

    /// Another node of the same graph.
    pub(crate) fn sibling(&self, id: NodeId) -> Self {
        Operation { id, ..*self }
    }

    /// The node's name.
    pub fn name(&self) -> String {
        if self.id == NodeId::POISON {
            INVALID.to_owned()
        } else {
            self.node().name.to_string()
        }
    }

    /// The TensorFlow op, for example `MatMul`.
    pub fn op(&self) -> String {
        if self.id == NodeId::POISON {
            INVALID.to_owned()
        } else {
            self.node().op.name().to_owned()
        }
    }

    /// The device that the node is to be on; empty where it has none.
    pub(crate) fn device(&self) -> String {
        match self.id {
            NodeId::POISON => String::new(),
            _ => self.node().device.to_string(),
        }
    }

    /// All outputs of the node.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 4));
    /// let top = g.op("TopKV2").input(x).input(g.constant(2i32)).finish();
    /// let names: Vec<_> = top.outputs().iter().map(|output| output.name()).collect();
    /// assert_eq!(names, ["TopKV2:0", "TopKV2:1"]);
    /// ```
    pub fn outputs(&self) -> Vec<AnyTensor<'g>> {
        if self.id == NodeId::POISON {
            return Vec::new();
        }
        let len = self.node().outputs.len();
        (0..len).map(|index| self.output(index)).collect()
    }

    /// One of the node's outputs.
    #[track_caller]
    pub fn output(&self, index: usize) -> AnyTensor<'g> {
        let tensor = |node, dtype| AnyTensor {
            graph: self.graph,
            number: self.number,
            tensor: TensorRef {
                node,
                index: index as u32,
            },
            dtype,
        };
        if self.id == NodeId::POISON {
            return tensor(NodeId::POISON, DType::Float32);
        }
        let node = self.node();
        if let Some(output) = node.outputs.get(index) {
            return tensor(self.id, output.dtype);
        }
        let message = format!(
            "output {index} asked for, the node has {}",
            node.outputs.len()
        );
        let (op, name) = (node.op.name().to_owned(), node.name.clone());
        drop(node);
        let here = self.graph.here(Location::caller());
        self.graph
            .report_node(Rule::Inputs, &op, &name, here, message);
        tensor(NodeId::POISON, DType::Float32)
    }
}

impl fmt::Debug for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} \"{}\">", self.op(), self.name())
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for Operation<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        tensor.operation()
    }
}

impl<'g> From<AnyTensor<'g>> for Operation<'g> {
    fn from(tensor: AnyTensor<'g>) -> Self {
        tensor.operation()
    }
}

/// An output of a node whose element type is known at run time, what `tf.Tensor` is in Python.
#[derive(Clone, Copy)]
pub struct AnyTensor<'g> {
    graph: &'g GraphBuilder,
    number: GraphNumber,
    tensor: TensorRef,
    dtype: DType,
}

impl<'g> AnyTensor<'g> {
    /// The graph that the tensor belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    /// The type of the elements.
    ///
    /// That of an output of a node which could not be made is not known, and `float32` stands for it, unless the tensor
    /// has been [`typed`](AnyTensor::typed).
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The name as signatures and collections spell it: `node:0`.
    pub fn name(&self) -> String {
        let TensorRef { node, index } = self.tensor;
        match node {
            NodeId::POISON => tensor_name(INVALID, index),
            _ => tensor_name(&self.operation().node().name, index),
        }
    }

    /// The node that makes the tensor.
    pub fn operation(&self) -> Operation<'g> {
        Operation {
            graph: self.graph,
            number: self.number,
            id: self.tensor.node,
        }
    }

    /// The shape, as far as it is known before the graph runs.
    pub fn shape(&self) -> Shape {
        if self.is_poison() {
            return Shape::unknown();
        }
        self.tensor.output(&self.nodes()).shape.clone()
    }

    /// Adds to what is known of the shape, as `Tensor.set_shape` does in Python.
    #[track_caller]
    pub fn set_shape(&self, shape: impl Into<Shape>) {
        let shape = shape.into();
        if !self.is_poison() && !self.graph.set_shape(*self, &shape) {
            let message = format!("shape {} cannot be narrowed to {shape}", self.shape());
            self.report(Rule::Shape, &message);
        }
    }

    /// The tensor with its element type known to the compiler.
    ///
    /// If the element type is another, that is reported.
    #[track_caller]
    pub fn typed<T: TensorType>(self) -> Tensor<'g, T> {
        let fits = self.is_poison() || self.dtype == T::DTYPE;
        if !fits {
            let message = format!(
                "used as a tensor of {}, its dtype is {}",
                T::DTYPE,
                self.dtype
            );
            self.report(Rule::Inputs, &message);
        }
        let any = match fits {
            true => self,
            false => AnyTensor::poison(self.graph),
        };
        // A tensor that could not be made is of no other type than it is used as.
        let dtype = T::DTYPE;
        Tensor {
            any: AnyTensor { dtype, ..any },
            element: PhantomData,
        }
    }

    /// The tensor as a reference to a variable of the old kind, which `Assign` and its like take.
    ///
    /// If the element type is another, or if the tensor is a value, that is reported.
    #[track_caller]
    pub fn typed_ref<T: TensorType>(self) -> RefTensor<'g, T> {
        let tensor = self.typed();
        if self.is_poison() || tensor.any.is_poison() || self.is_ref() {
            return RefTensor(tensor);
        }
        self.report(
            Rule::Inputs,
            "used as a reference to a variable, it is a value",
        );
        RefTensor(AnyTensor::poison(self.graph).typed())
    }

    /// Keeps a fault at the node that makes the tensor.
    #[track_caller]
    pub(crate) fn report(&self, rule: Rule, message: &str) {
        let operation = self.operation();
        let here = self.graph.here(Location::caller());
        self.graph
            .report_node(rule, &operation.op(), &operation.name(), here, message);
    }

    /// Whether it is a reference to a variable of the old kind.
    pub(crate) fn is_ref(&self) -> bool {
        !self.is_poison() && self.tensor.output(&self.nodes()).is_ref
    }

    pub(crate) fn poison(graph: &'g GraphBuilder) -> Self {
        AnyTensor {
            graph,
            number: GraphNumber::MAIN,
            tensor: TensorRef {
                node: NodeId::POISON,
                index: 0,
            },
            dtype: DType::Float32,
        }
    }

    pub(crate) fn is_poison(&self) -> bool {
        self.tensor.node == NodeId::POISON
    }

    /// The number of the graph that it is of.
    pub(super) fn number(&self) -> GraphNumber {
        self.number
    }

    pub(crate) fn key(&self) -> TensorKey {
        (self.number, self.tensor)
    }

    /// The nodes of the graph that it is of.
    pub(crate) fn nodes(&self) -> Ref<'g, [Node]> {
        self.graph.nodes_of(self.number)
    }

    pub(crate) fn tensor_ref(&self) -> TensorRef {
        self.tensor
    }
}

impl fmt::Debug for AnyTensor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<{} \"{}\" {} {}>",
            self.operation().op(),
            self.name(),
            self.dtype,
            self.shape()
        )
    }
}

/// An output of a node, what `tf.Tensor` is in Python, with the element type known to the compiler.
///
/// Handles are `Copy` and know their graph; the operators work on them.
pub struct Tensor<'g, T: TensorType> {
    any: AnyTensor<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Clone for Tensor<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for Tensor<'_, T> {}

impl<'g, T: TensorType> Tensor<'g, T> {
    /// The graph that the tensor belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.any.graph
    }

    /// The name as signatures and collections spell it: `node:0`.
    pub fn name(&self) -> String {
        self.any.name()
    }

    /// The node that makes the tensor.
    pub fn operation(&self) -> Operation<'g> {
        self.any.operation()
    }

    /// The shape, as far as it is known before the graph runs.
    pub fn shape(&self) -> Shape {
        self.any.shape()
    }

    /// Adds to what is known of the shape, as `Tensor.set_shape` does in Python.
    #[track_caller]
    pub fn set_shape(&self, shape: impl Into<Shape>) {
        self.any.set_shape(shape);
    }

    /// The tensor with its element type known at run time only.
    pub fn any(self) -> AnyTensor<'g> {
        self.any
    }
}

impl<'g, T: TensorType> From<Tensor<'g, T>> for AnyTensor<'g> {
    fn from(tensor: Tensor<'g, T>) -> Self {
        tensor.any
    }
}

impl<T: TensorType> fmt::Debug for Tensor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}

/// A reference to a variable of the old kind, such as `VariableV2` makes, or to a table or queue of the old kind.
///
/// Ops that change what it refers to take it; all others take its [`value`](RefTensor::value).
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let made = g.op("VariableV2").attr("dtype", tfhub::DType::Float32).attr("shape", tfhub::Shape::from((2,)));
/// let counter = made.finish().output(0).typed_ref::<f32>();
/// let next = counter.value() + 1.0;
/// let update = g.op("Assign").input(counter).input(next).finish().output(0).typed_ref::<f32>();
/// assert_eq!(update.operation().name(), "Assign");
/// # g.finish().unwrap();
/// ```
pub struct RefTensor<'g, T: TensorType>(Tensor<'g, T>);

impl<T: TensorType> Clone for RefTensor<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for RefTensor<'_, T> {}

impl<'g, T: TensorType> RefTensor<'g, T> {
    /// The graph that the reference belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.0.graph()
    }

    /// The node that makes the reference.
    pub fn operation(&self) -> Operation<'g> {
        self.0.operation()
    }

    /// The value behind the reference, as a tensor; this makes no node.
    pub fn value(self) -> Tensor<'g, T> {
        self.0
    }
}

impl<'g, T: TensorType> From<RefTensor<'g, T>> for AnyTensor<'g> {
    fn from(reference: RefTensor<'g, T>) -> Self {
        reference.0.any
    }
}

impl<T: TensorType> fmt::Debug for RefTensor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An input of an op with elements `T`: a tensor, a variable, or a Rust value that becomes a constant.
///
/// A list of tensors or of variables, or a tuple of any operands, becomes one tensor with one dimension more, as a list
/// does in Python: in a tuple constants, tensors and variables mix. An [`AnyOperand`](super::AnyOperand) is an operand of any kind,
/// of which vectors can be made.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let rows = array::index(array::shape::<i32, _>(x), 0);
/// let y = array::reshape(x, (rows, 2, -1));
/// assert_eq!(y.shape().to_string(), "[?, 2, ?]");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an operand with elements `{T}`",
    label = "expected a tensor, a variable or a constant with elements `{T}`",
    note = "if the element types differ, convert a tensor with `math::cast`, and write a constant as one of `{T}`",
    note = "if the operand is a reference or an `AnyTensor`, pass the handle by value, and give the tensor its type with \
            `.typed()`"
)]
pub trait Operand<'g, T: TensorType>: sealed::Operand + Sized {
    /// The tensor; a node that is made for it is called `name`, or has `name` in it, under the current scope.
    #[doc(hidden)]
    #[track_caller]
    fn into_tensor(self, graph: &'g GraphBuilder, name: &str) -> Tensor<'g, T> {
        self.into_any().into_tensor(graph, name)
    }

    /// The operand, to be made into a tensor later.
    #[doc(hidden)]
    fn into_any(self) -> AnyOperand<'g, T>;
}

pub(crate) mod sealed {
    /// Marks operands; a trait without parameters, so that nobody else's types have it.
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Operand {}
}

impl<T: TensorType> sealed::Operand for Tensor<'_, T> {}

impl<'g, T: TensorType> Operand<'g, T> for Tensor<'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        AnyOperand::tensor(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_tensor_that_could_not_be_made_has_its_type() {
        let g = GraphBuilder::new();
        let unknown = g.op("Frobnicate").finish().output(0).typed::<i32>();
        assert_eq!(unknown.any().dtype(), DType::Int32);
        let other = g.constant(1.0f32).any().typed::<i64>();
        assert_eq!(other.any().dtype(), DType::Int64);
        assert_eq!(g.finish().unwrap_err().diagnostics().len(), 2);
    }
}
