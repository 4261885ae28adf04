//! Variables where functions take tensors, operations, structures or items of collections.

use super::{AnyVariable, Variable, Variables};
use crate::dtype::Element;
use crate::graph::{
    AnyOperand, AnyTensor, CollectionItem, GraphBuilder, IntoStructure, Operand, Operation, Tensor,
    sealed, structure,
};
use crate::ops::TensorLike;
use crate::ops::array::{self, OperationLike};
use crate::shape::Shape;

impl<T: Element> sealed::Operand for Variable<'_, T> {}

impl<T: Element> structure::sealed::Structure for Variable<'_, T> {}

/// Its value, read where the structure is made.
impl<'g, T: Element> IntoStructure<'g> for Variable<'g, T> {
    type Structure = Tensor<'g, T>;

    fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure {
        self.into_tensor(g, "")
    }
}

impl<'g, T: Element> Operand<'g, T> for Variable<'g, T> {
    fn into_any(self) -> AnyOperand<'g, T> {
        match self.any.value {
            Some(value) => AnyOperand::tensor(value.typed()),
            None if self.any.whole.is_some() => {
                AnyOperand::parts(self.shape(), move || self.value().any())
            }
            None => AnyOperand::read(self.shape(), move || self.value().any()),
        }
    }
}

/// The function of an operand that is a list of variables, which becomes one tensor as lists of tensors do.
macro_rules! list {
    () => {
        fn into_any(self) -> AnyOperand<'g, T> {
            AnyOperand::list(self.iter().map(|&variable| variable.into_any()).collect())
        }
    };
}

impl<T: Element> sealed::Operand for Vec<Variable<'_, T>> {}

impl<'g, T: Element> Operand<'g, T> for Vec<Variable<'g, T>> {
    list!();
}

impl<T: Element> sealed::Operand for &Vec<Variable<'_, T>> {}

impl<'g, T: Element> Operand<'g, T> for &Vec<Variable<'g, T>> {
    list!();
}

impl<T: Element> sealed::Operand for &[Variable<'_, T>] {}

impl<'g, T: Element> Operand<'g, T> for &[Variable<'g, T>] {
    list!();
}

impl<T: Element, const N: usize> sealed::Operand for [Variable<'_, T>; N] {}

impl<'g, T: Element, const N: usize> Operand<'g, T> for [Variable<'g, T>; N] {
    list!();
}

impl<T: Element, const N: usize> sealed::Operand for &[Variable<'_, T>; N] {}

impl<'g, T: Element, const N: usize> Operand<'g, T> for &[Variable<'g, T>; N] {
    list!();
}

impl<'g, T: Element> TensorLike<'g, T> for Variable<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        self.any.graph
    }

    fn static_shape(&self) -> Shape {
        self.shape()
    }

    fn as_tensor(&self) -> Option<Tensor<'g, T>> {
        self.any.value.map(AnyTensor::typed)
    }

    fn as_handle(&self) -> Option<AnyTensor<'g>> {
        let AnyVariable {
            handle,
            whole,
            value,
            ..
        } = self.any;
        let is_handle = whole.is_none() && value.is_none() && !handle.is_ref();
        is_handle.then_some(handle)
    }
}

impl<T: Element> array::sealed::OperationLike for Variable<'_, T> {}

impl<'g, T: Element> OperationLike<'g> for Variable<'g, T> {}

impl<'g, T: Element> From<Variable<'g, T>> for Operation<'g> {
    #[track_caller]
    fn from(variable: Variable<'g, T>) -> Self {
        let AnyVariable { value, .. } = variable.any;
        match value {
            Some(value) => value.operation(),
            None => variable.any.node(),
        }
    }
}

impl<T: Element> Variable<'_, T> {
    /// Adds the variable, which is in one piece, to a collection unless it is in it.
    #[track_caller]
    pub(crate) fn join_collection(self, key: &str) {
        let g = self.any.graph;
        let def = g.extension::<Variables>().defs.get(self.any.index).cloned();
        if !def.is_some_and(|def| g.has_collected(key, &def)) {
            g.add_to_collection(key, self);
        }
    }
}

/// The variable's `VariableDef` message.
impl<'g, T: Element> From<Variable<'g, T>> for CollectionItem<'g> {
    #[track_caller]
    fn from(variable: Variable<'g, T>) -> Self {
        variable.any.is_whole("an item of a collection");
        let variables = variable.any.graph.extension::<Variables>();
        let def = variables.defs.get(variable.any.index).cloned();
        CollectionItem::Message(variable.any.graph, def.unwrap_or_default())
    }
}
