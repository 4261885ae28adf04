//! Variables whose element type is known at run time.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use super::handle::{self, Change};
use super::{Variable, Variables, reference};
use crate::dtype::{DType, Element};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Here, Operation, Tensor};
use crate::ops::nodes::Arg;
use crate::shape::Shape;

/// A variable whose element type is known at run time, or a tensor that stands for one.
///
/// A [custom getter](super::EnterScope::custom_getter) returns it.
///
/// ```
/// use tfhub::variable::AnyVariable;
/// # let g = tfhub::GraphBuilder::new();
/// let scale = AnyVariable::from(g.get_variable::<f32>("scale").shape([3]).finish());
/// assert_eq!(scale.dtype(), tfhub::DType::Float32);
/// assert_eq!(scale.typed::<f32>().name(), "scale");
/// ```
#[derive(Clone, Copy)]
pub struct AnyVariable<'g> {
    pub(super) graph: &'g GraphBuilder,
    pub(super) handle: AnyTensor<'g>,
    pub(super) dtype: DType,
    /// The tensor that stands for the variable, such as its value in the body of a function that has asked for it.
    pub(super) value: Option<AnyTensor<'g>>,
    /// The value that was read where the variable was made, for all uses.
    pub(super) kept: Option<AnyTensor<'g>>,
    /// The place in the graph's list of variables.
    pub(super) index: usize,
    /// The place in the graph's list of partitioned variables, for one that has no handle of its own.
    pub(super) whole: Option<usize>,
}

impl<'g> AnyVariable<'g> {
    /// The variable with a handle at a place in the graph's list.
    pub(super) fn listed(handle: AnyTensor<'g>, dtype: DType, index: usize) -> Self {
        let graph = handle.graph();
        let kept = graph.extension::<Variables>().kept.get(&index).copied();
        AnyVariable {
            graph,
            handle,
            dtype,
            value: None,
            kept: kept.map(|kept| graph.main_operation(kept).output(0)),
            index,
            whole: None,
        }
    }

    /// The variable that stands for one that could not be made, which is reported already.
    pub(super) fn poison(graph: &'g GraphBuilder, dtype: DType) -> Self {
        AnyVariable {
            graph,
            handle: AnyTensor::poison(graph),
            dtype,
            value: None,
            kept: None,
            index: usize::MAX,
            whole: None,
        }
    }

    /// The graph that the variable belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.graph
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The name of the variable, or of the node whose output stands for it.
    pub fn name(&self) -> String {
        match self.partitioned() {
            Some(known) => known.name,
            None => self.operation().name(),
        }
    }

    /// The node that stands for the variable, for the author to use.
    #[track_caller]
    pub(super) fn node(&self) -> Operation<'g> {
        self.is_whole("taken for a node");
        self.operation()
    }

    /// The node that stands for the variable.
    fn operation(&self) -> Operation<'g> {
        match self.value.filter(|_| self.handle.is_poison()) {
            Some(value) => value.operation(),
            None => self.handle.operation(),
        }
    }

    /// The value, for the author's line.
    pub(super) fn value(&self, here: Here) -> AnyTensor<'g> {
        let read = || match self.partitioned() {
            Some(known) => {
                let joined = || self.joined(&known, here);
                self.graph.without_control_dependencies(joined)
            }
            None => handle::value(self.handle, self.dtype, here),
        };
        self.value.or(self.kept).unwrap_or_else(read)
    }

    /// The value, read now for the author's line.
    #[track_caller]
    pub(super) fn read_value(&self, here: Here) -> AnyTensor<'g> {
        if let (Some(known), None) = (self.partitioned(), self.value) {
            return self.joined(&known, here);
        }
        match self.is_mere_value("read anew") {
            true => AnyTensor::poison(self.graph),
            false if self.handle.is_ref() => reference::value_now(self.handle, here),
            false => handle::value_now(self.handle, self.dtype, here),
        }
    }

    /// Whether the variable has a value, for the author's line.
    pub(super) fn is_initialized(&self, here: Here) -> AnyTensor<'g> {
        let op = match self.handle.is_ref() {
            true => "IsVariableInitialized",
            false => "VarIsInitializedOp",
        };
        let g = self.graph;
        let name = g.requested_name(op);
        g.called_from(here, || g.op(op).name(name).input(self.handle).output())
    }

    /// Changes the variable.
    #[track_caller]
    pub(super) fn change(&self, change: Change, value: Arg<'g>) -> Operation<'g> {
        match self.is_mere_value("changed") {
            true => AnyTensor::poison(self.graph).operation(),
            false if self.handle.is_ref() => reference::change(self.handle, change, value),
            false => handle::change(self.handle, self.dtype, change, value, self.kept),
        }
    }

    /// Reports what cannot be done to a partitioned variable.
    #[track_caller]
    pub(super) fn is_whole(&self, wanted: &str) -> bool {
        let is_whole = self.whole.is_some() && self.value.is_none();
        if is_whole {
            let here = self.graph.here(Location::caller());
            let name = self.name();
            let message = format!("a partitioned variable cannot be {wanted}, its `parts()` can");
            let report = GraphBuilder::report_node;
            report(
                self.graph,
                Rule::Variable,
                "VarHandleOp",
                &name,
                here,
                message,
            );
        }
        is_whole
    }

    /// Reports what cannot be done to a partitioned variable, or one for which a tensor stands.
    #[track_caller]
    pub(super) fn is_mere_value(&self, wanted: &str) -> bool {
        if self.is_whole(wanted) {
            return true;
        }
        if self.value.is_some() {
            let message = match self.handle.is_poison() && self.whole.is_none() {
                true => format!(
                    "a custom getter gave a tensor in place of the variable, which cannot be {wanted}"
                ),
                false => format!(
                    "a variable that a function's body asks for is its value there, which cannot be {wanted}; make \
                     the variable outside of the function"
                ),
            };
            let here = self.graph.here(Location::caller());
            let name = self.name();
            let report = GraphBuilder::report_node;
            report(
                self.graph,
                Rule::Variable,
                "VarHandleOp",
                &name,
                here,
                message,
            );
        }
        self.value.is_some()
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        if let Some(value) = self.value {
            return value.shape();
        }
        if let Some(known) = self.partitioned() {
            return known.shape.into();
        }
        if self.handle.is_ref() {
            return self.handle.shape();
        }
        let variables = self.graph.extension::<Variables>();
        let known = variables.list.get(self.index);
        known.map_or_else(Shape::unknown, |info| info.shape.clone())
    }

    /// The variable with its element type; one of another type is reported.
    #[track_caller]
    pub fn typed<T: Element>(self) -> Variable<'g, T> {
        let any = match self.dtype == T::DTYPE {
            true => self,
            false => {
                let message = format!(
                    "\"{}\" is used as a variable of {}, its dtype is {}",
                    self.name(),
                    T::DTYPE,
                    self.dtype
                );
                self.graph.report(Rule::Variable, message);
                AnyVariable::poison(self.graph, T::DTYPE)
            }
        };
        let element = PhantomData;
        Variable { any, element }
    }
}

/// The variable without its element type.
impl<'g, T: Element> From<Variable<'g, T>> for AnyVariable<'g> {
    fn from(variable: Variable<'g, T>) -> Self {
        variable.any
    }
}

/// The tensor in the place of a variable.
impl<'g> From<AnyTensor<'g>> for AnyVariable<'g> {
    fn from(value: AnyTensor<'g>) -> Self {
        AnyVariable {
            value: Some(value),
            ..AnyVariable::poison(value.graph(), value.dtype())
        }
    }
}

/// The tensor in the place of a variable.
impl<'g, T: Element> From<Tensor<'g, T>> for AnyVariable<'g> {
    fn from(value: Tensor<'g, T>) -> Self {
        value.any().into()
    }
}

impl fmt::Debug for AnyVariable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<Variable \"{}\" {} {}>",
            self.name(),
            self.dtype,
            self.shape()
        )
    }
}
