//! Arrays as lists of tensors, which take the place of arrays where control flow is functions.

use super::TensorArrayOptions;
use super::untyped::AnyTensorArray;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation};
use crate::ops::nodes::{Arg, Nodes, Size, function, inner};
use crate::shape::Shape;

/// The shape of elements as the ops of lists take it.
fn shape_arg<'g>(n: Nodes<'g>, shape: &Shape) -> Arg<'g> {
    match shape.dims() {
        None => (-1).into(),
        // Python makes a tensor of it before the op's function does.
        Some([]) => n.constant("Const", [0i32; 0]).into(),
        Some(dims) => {
            let sizes = dims.iter().map(|dim| dim.map_or(-1, |dim| dim as i32));
            sizes.collect::<Vec<_>>().into()
        }
    }
}

impl<'g> AnyTensorArray<'g> {
    /// The flow of a new list.
    #[track_caller]
    pub(super) fn reserve_list(
        g: &'g GraphBuilder,
        dtype: DType,
        size: Arg<'g>,
        options: &TensorArrayOptions,
    ) -> AnyTensor<'g> {
        let (n, scope) = Nodes::in_scope(g, "TensorArrayV2");
        let shape = shape_arg(n, &options.element_shape);
        let reserve = n.named("TensorListReserve", &scope).input(shape);
        reserve.input(size).attr("element_dtype", dtype).output()
    }

    #[track_caller]
    pub(super) fn read_list(self, index: Arg<'g>) -> AnyTensor<'g> {
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayV2Read"));
        let op = "TensorListGetItem";
        let shape = shape_arg(n, &self.element_shape());
        let read = n.named(op, name.as_deref().unwrap_or(op)).any(self.flow);
        let read = read.input(index).input(shape);
        read.attr("element_dtype", self.dtype).output()
    }

    #[track_caller]
    pub(super) fn write_list(self, index: Arg<'g>, value: Arg<'g>) -> Self {
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayV2Write"));
        let value = value.convert(n.0, "value", self.dtype);
        if !self.take_shape(&value.shape()) {
            return self.with_flow(AnyTensor::poison(n.0));
        }
        let list = match self.dynamic_size {
            true => self.grown_list(n, &index),
            false => self.flow,
        };
        let op = "TensorListSetItem";
        let write = n.named(op, name.as_deref().unwrap_or(op)).any(list);
        self.with_flow(write.input(index).any(value).output())
    }

    /// The list, with more elements if it has none at an index.
    #[track_caller]
    fn grown_list(self, n: Nodes<'g>, index: &Arg<'g>) -> AnyTensor<'g> {
        let size = n.op("TensorListLength").any(self.flow).output();
        let is_past = match index {
            // Python turns the comparison of a number with a tensor around.
            Arg::Value(_) => n.binary("LessEqual", size, index),
            index => n.binary("GreaterEqual", index, size),
        };
        let grown = || {
            let size = match index {
                Arg::Value(value) => {
                    let index = value.to_i64s().and_then(|index| index.first().copied());
                    let next = index.unwrap_or_default().wrapping_add(1);
                    Size::from(next).into()
                }
                index => Arg::from(n.add(index, 1)),
            };
            n.op("TensorListResize").any(self.flow).input(size).output()
        };
        n.0.cond(is_past.typed(), grown, || self.flow)
    }

    #[track_caller]
    pub(super) fn stack_list(self) -> AnyTensor<'g> {
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayV2Stack"));
        let shape = shape_arg(n, &self.element_shape());
        let stack = n.op("TensorListStack").any(self.flow).input(shape);
        let stack = stack.attr("element_dtype", self.dtype);
        stack.attr("num_elements", -1i64).output()
    }

    #[track_caller]
    pub(super) fn gather_list(self, indices: Arg<'g>) -> AnyTensor<'g> {
        let g = self.graph();
        let call = function(g, "TensorListGather").any(self.flow);
        let shape = shape_arg(Nodes(g), &self.element_shape());
        let gather = call.input(indices).input(shape);
        gather.attr("element_dtype", self.dtype).output()
    }

    #[track_caller]
    pub(super) fn concat_list(self) -> AnyTensor<'g> {
        let n = Nodes(self.graph());
        let call = function(n.0, "TensorListConcatV2").any(self.flow);
        let shape = Shape::from((None,)).joined(&inner(&self.element_shape()));
        let shape = shape_arg(n, &shape);
        let leading_dims = n.constant("Const", [0i64; 0]);
        let concat = call.input(shape).any(leading_dims);
        concat.attr("element_dtype", self.dtype).output()
    }

    #[track_caller]
    pub(super) fn unstack_list(self, value: Arg<'g>) -> Self {
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayUnstack"));
        let value = value.convert(n.0, "value", self.dtype);
        let element = inner(&value.shape());
        if !self.take_shape(&element) {
            return self.with_flow(AnyTensor::poison(n.0));
        }
        let shape = shape_arg(n, &element);
        let list = n.op("TensorListFromTensor").any(value).input(shape);
        self.with_flow(list.output())
    }

    #[track_caller]
    pub(super) fn scatter_list(self, indices: Arg<'g>, value: Arg<'g>) -> Self {
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayScatter"));
        let value = value.convert(n.0, "value", self.dtype);
        if !self.take_shape(&inner(&value.shape())) {
            return self.with_flow(AnyTensor::poison(n.0));
        }
        let scatter = n.op("TensorListScatterIntoExistingList").any(self.flow);
        self.with_flow(scatter.any(value).input(indices).output())
    }

    #[track_caller]
    pub(super) fn split_list(self, value: Arg<'g>, lengths: Arg<'g>) -> Self {
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArraySplit"));
        let value = value.convert(n.0, "value", self.dtype);
        let lengths = n.cast(lengths, DType::Int64);
        if !self.take_length(value, lengths) {
            return self.with_flow(AnyTensor::poison(n.0));
        }
        let op = "TensorListSplit";
        let shape = shape_arg(n, &self.element_shape());
        let split = n.named(op, name.as_deref().unwrap_or(op)).any(value);
        self.with_flow(split.input(shape).any(lengths).output())
    }

    #[track_caller]
    pub(super) fn list_size(self) -> AnyTensor<'g> {
        let size = function(self.graph(), "TensorListLength");
        size.any(self.flow).output()
    }

    #[track_caller]
    pub(super) fn close_list(self) -> Operation<'g> {
        function(self.graph(), "NoOp").finish()
    }

    /// Reports that a list has no gradients of its own.
    #[track_caller]
    pub(super) fn no_gradients(self) -> Self {
        let message = "an array of control flow version 2 has no array of gradients";
        self.flow.report(Rule::Structure, message);
        self.with_flow(AnyTensor::poison(self.graph()))
    }
}
