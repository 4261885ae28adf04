//! Arrays whose element type is known at run time, and the nodes that their functions make.

use std::borrow::Cow;
use std::slice::Iter;

use super::TensorArrayOptions;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::structure::{self, Leaf, Structure};
use crate::graph::{AnyTensor, GraphBuilder, GraphNumber, NodeId, Operation};
use crate::ops::constant_value;
use crate::ops::nodes::{Arg, Nodes, Slice, function, inner};
use crate::shape::Shape;

/// An array of tensors: a reference to it, and the flow after the writes that its user knows of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyTensorArray<'g> {
    /// None for a list, which is its flow.
    pub(super) handle: Option<AnyTensor<'g>>,
    pub(super) flow: AnyTensor<'g>,
    pub(super) dtype: DType,
    pub(super) dynamic_size: bool,
    infer_shape: bool,
    /// The position of the elements' shape in [`Facts`].
    element_shape: usize,
    /// The position of the first write in [`Facts`], if nodes are colocated with it.
    first_write: Option<usize>,
}

/// The op of [`AnyTensorArray::gather`], which is its default name as well.
const GATHER: &str = "TensorArrayGatherV3";

/// The facts of a graph's arrays that each use of one may add to, whatever flow it has.
#[derive(Default)]
struct Facts {
    element_shapes: Vec<Shape>,
    /// The nodes that made the first values written.
    first_writes: Vec<Option<(GraphNumber, NodeId)>>,
}

impl<'g> AnyTensorArray<'g> {
    #[track_caller]
    pub(crate) fn new(
        g: &'g GraphBuilder,
        dtype: DType,
        size: Arg<'g>,
        options: TensorArrayOptions,
    ) -> Self {
        let colocates = options.colocate_with_first_write_call;
        let (handle, flow) = match g.is_control_flow_v2() {
            true => (None, Self::reserve_list(g, dtype, size, &options)),
            false => {
                let array = Self::make_array(g, dtype, size, &options);
                (Some(array.output(0)), array.output(1))
            }
        };
        let mut facts = g.extension::<Facts>();
        let element_shape = facts.element_shapes.len();
        facts.element_shapes.push(options.element_shape);
        let first_write = colocates.then(|| {
            facts.first_writes.push(None);
            facts.first_writes.len() - 1
        });
        drop(facts);
        AnyTensorArray {
            handle,
            flow,
            dtype,
            dynamic_size: options.dynamic_size,
            infer_shape: options.infer_shape,
            element_shape,
            first_write,
        }
    }

    #[track_caller]
    fn make_array(
        g: &'g GraphBuilder,
        dtype: DType,
        size: Arg<'g>,
        options: &TensorArrayOptions,
    ) -> Operation<'g> {
        let (n, scope) = Nodes::in_scope(g, "TensorArray");
        let make = || {
            let array = n.named("TensorArrayV3", &scope).input(size);
            let array = array
                .attr("dtype", dtype)
                .attr("element_shape", options.element_shape.clone())
                .attr("identical_element_shapes", options.infer_shape)
                .attr("dynamic_size", options.dynamic_size)
                .attr("clear_after_read", options.clear_after_read)
                .attr("tensor_array_name", &*options.tensor_array_name);
            array.finish()
        };
        match options.colocate_with_first_write_call {
            true => g.without_device(|| g.without_colocation(make)),
            false => make(),
        }
    }

    pub(super) fn graph(self) -> &'g GraphBuilder {
        self.flow.graph()
    }

    pub(super) fn element_shape(self) -> Shape {
        let facts = self.graph().extension::<Facts>();
        facts.element_shapes[self.element_shape].clone()
    }

    /// The array at another point of the flow; Python opens a scope for its object.
    #[track_caller]
    pub(super) fn with_flow(self, flow: AnyTensor<'g>) -> Self {
        let n = Nodes(self.graph());
        let Some(handle) = self.handle else {
            let _scope = n.open_scope("TensorArrayV2");
            return AnyTensorArray { flow, ..self };
        };
        let _scope = n.open_scope("TensorArray");
        if n.0.is_control_flow_v2() && !handle.is_poison() {
            let message = "an array that was made without control flow version 2 is not written with it, nor taken \
                           through its loops; make the array where it is used";
            handle.report(Rule::Structure, message);
            let flow = AnyTensor::poison(n.0);
            return AnyTensorArray { flow, ..self };
        }
        AnyTensorArray { flow, ..self }
    }

    /// The name that the author gives a function, which hands it on to the op in its scope.
    pub(super) fn asked_name(self) -> Option<Cow<'static, str>> {
        let g = self.graph();
        g.is_named()
            .then(|| g.requested_name("").into_owned().into())
    }

    /// Checks that elements may have a shape, and keeps it if all have one.
    #[track_caller]
    pub(super) fn take_shape(self, shape: &Shape) -> bool {
        let known = self.element_shape();
        let Some(merged) = known.merge(shape) else {
            let message = format!("an element of shape {shape} is written, expected {known}");
            let array = self.handle.unwrap_or(self.flow);
            array.report(Rule::Shape, &message);
            return false;
        };
        if self.infer_shape {
            let mut facts = self.graph().extension::<Facts>();
            facts.element_shapes[self.element_shape] = merged;
        }
        true
    }

    /// Checks that elements may be pieces of a value of these lengths, and keeps their shape if all have one.
    #[track_caller]
    pub(super) fn take_length(self, value: AnyTensor<'g>, lengths: AnyTensor<'g>) -> bool {
        match common_length(lengths) {
            Some(length) if value.shape().rank().is_some() => {
                let element = Shape::from((Some(length),)).joined(&inner(&value.shape()));
                self.take_shape(&element)
            }
            _ => true,
        }
    }

    /// Runs `f` with its nodes where the first value that is written is.
    #[track_caller]
    fn where_written<R>(self, value: AnyTensor<'g>, f: impl FnOnce() -> R) -> R {
        let Some(first_write) = self.first_write.filter(|_| !value.is_poison()) else {
            return f();
        };
        let g = self.graph();
        let (number, id) = {
            let mut facts = g.extension::<Facts>();
            let of_value = value.operation();
            *facts.first_writes[first_write].get_or_insert((of_value.number(), of_value.id))
        };
        g.colocate_with(Operation::of(g, number, id), f)
    }

    #[track_caller]
    pub(super) fn identity(self) -> Self {
        let n = Nodes(self.graph());
        self.with_flow(n.identity("Identity", self.flow))
    }

    #[track_caller]
    pub(crate) fn read(self, index: Arg<'g>) -> AnyTensor<'g> {
        let Some(handle) = self.handle else {
            return self.read_list(index);
        };
        let read = function(self.graph(), "TensorArrayReadV3").any(handle);
        let read = read.input(index).any(self.flow).attr("dtype", self.dtype);
        let value = read.output();
        value.set_shape(self.element_shape());
        value
    }

    #[track_caller]
    pub(crate) fn write(self, index: Arg<'g>, value: Arg<'g>) -> Self {
        let Some(handle) = self.handle else {
            return self.write_list(index, value);
        };
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayWrite"));
        let value = value.convert(n.0, "value", self.dtype);
        if !self.take_shape(&value.shape()) {
            return self.with_flow(AnyTensor::poison(n.0));
        }
        let flow = self.where_written(value, || {
            let op = "TensorArrayWriteV3";
            let write = n.named(op, name.as_deref().unwrap_or(op));
            let write = write.any(handle);
            write.input(index).any(value).any(self.flow).output()
        });
        self.with_flow(flow)
    }

    #[track_caller]
    pub(crate) fn stack(self) -> AnyTensor<'g> {
        let Some(handle) = self.handle else {
            return self.stack_list();
        };
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayStack"));
        n.0.colocate_with(handle, || {
            let all = n.range(0, self.size());
            self.gather_as(handle, name.as_deref().unwrap_or(GATHER), all.into())
        })
    }

    #[track_caller]
    pub(super) fn gather(self, indices: Arg<'g>) -> AnyTensor<'g> {
        let Some(handle) = self.handle else {
            return self.gather_list(indices);
        };
        let name = self.graph().requested_name(GATHER);
        self.gather_as(handle, &name, indices)
    }

    #[track_caller]
    fn gather_as(self, handle: AnyTensor<'g>, name: &str, indices: Arg<'g>) -> AnyTensor<'g> {
        let n = Nodes(self.graph());
        let element_shape = self.element_shape();
        let gather = n.named(GATHER, name).any(handle);
        let gather = gather.input(indices).any(self.flow);
        let gather = gather.attr("dtype", self.dtype);
        let value = gather.attr("element_shape", element_shape.clone()).output();
        value.set_shape(Shape::from((None,)).joined(&element_shape));
        value
    }

    #[track_caller]
    pub(crate) fn concat(self) -> AnyTensor<'g> {
        let Some(handle) = self.handle else {
            return self.concat_list();
        };
        let rest = inner(&self.element_shape());
        let concat = function(self.graph(), "TensorArrayConcatV3").any(handle);
        let concat = concat.any(self.flow).attr("dtype", self.dtype);
        let value = concat.attr("element_shape_except0", rest.clone()).output();
        value.set_shape(Shape::from((None,)).joined(&rest));
        value
    }

    #[track_caller]
    pub(crate) fn unstack(self, value: Arg<'g>) -> Self {
        let Some(handle) = self.handle else {
            return self.unstack_list(value);
        };
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayUnstack"));
        let rows = n.index(n.shape(&value), [Slice::at(0)]);
        let rows = n.range(0, rows);
        self.scatter_as(handle, name.as_deref(), rows.into(), value)
    }

    #[track_caller]
    pub(super) fn scatter(self, indices: Arg<'g>, value: Arg<'g>) -> Self {
        let Some(handle) = self.handle else {
            return self.scatter_list(indices, value);
        };
        self.scatter_as(handle, self.asked_name().as_deref(), indices, value)
    }

    #[track_caller]
    fn scatter_as(
        self,
        handle: AnyTensor<'g>,
        name: Option<&str>,
        indices: Arg<'g>,
        value: Arg<'g>,
    ) -> Self {
        let n = Nodes(self.graph());
        let _scope = n.open_scope(name.unwrap_or("TensorArrayScatter"));
        let value = value.convert(n.0, "value", self.dtype);
        if !self.take_shape(&inner(&value.shape())) {
            return self.with_flow(AnyTensor::poison(n.0));
        }
        let flow = self.where_written(value, || {
            let op = "TensorArrayScatterV3";
            let scatter = n.named(op, name.unwrap_or(op)).any(handle);
            scatter.input(indices).any(value).any(self.flow).output()
        });
        self.with_flow(flow)
    }

    #[track_caller]
    pub(super) fn split(self, value: Arg<'g>, lengths: Arg<'g>) -> Self {
        let Some(handle) = self.handle else {
            return self.split_list(value, lengths);
        };
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArraySplit"));
        let value = value.convert(n.0, "value", self.dtype);
        let flow = self.where_written(value, || {
            let lengths = n.cast(lengths, DType::Int64);
            if !self.take_length(value, lengths) {
                return AnyTensor::poison(n.0);
            }
            let op = "TensorArraySplitV3";
            let split = n.named(op, name.as_deref().unwrap_or(op));
            let split = split.any(handle).any(value).any(lengths);
            split.any(self.flow).output()
        });
        self.with_flow(flow)
    }

    #[track_caller]
    pub(crate) fn size(self) -> AnyTensor<'g> {
        let Some(handle) = self.handle else {
            return self.list_size();
        };
        let size = function(self.graph(), "TensorArraySizeV3").any(handle);
        size.any(self.flow).output()
    }

    #[track_caller]
    pub(super) fn close(self) -> Operation<'g> {
        let Some(handle) = self.handle else {
            return self.close_list();
        };
        let close = function(self.graph(), "TensorArrayCloseV3");
        close.any(handle).finish()
    }

    #[track_caller]
    pub(super) fn grad(self, source: &str) -> Self {
        let Some(handle) = self.handle else {
            return self.no_gradients();
        };
        let (n, name) = (Nodes(self.graph()), self.asked_name());
        let _scope = n.open_scope(name.as_deref().unwrap_or("TensorArrayGrad"));
        n.0.colocate_with(handle, || {
            let op = "TensorArrayGradV3";
            let grad = n.named(op, name.as_deref().unwrap_or(op));
            let grad = grad.any(handle).any(self.flow).attr("source", source);
            let gradients = grad.output();
            let flow = || n.identity("gradient_flow", self.flow);
            let flow = n.0.control_dependencies([gradients], flow);
            let gradients = AnyTensorArray {
                handle: Some(gradients),
                first_write: None,
                ..self
            };
            gradients.with_flow(flow)
        })
    }
}

/// The length of all pieces, if Python can tell it.
fn common_length(lengths: AnyTensor<'_>) -> Option<usize> {
    let value = constant_value::of(lengths)?;
    let lengths = value.to_i64s().filter(|_| value.shape().len() == 1)?;
    let (first, rest) = lengths.split_first()?;
    let same = rest.iter().all(|length| length == first);
    usize::try_from(*first).ok().filter(|_| same)
}

impl structure::sealed::Structure for AnyTensorArray<'_> {}

/// Its flow.
impl<'g> Structure<'g> for AnyTensorArray<'g> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        leaves.push(Leaf::Tensor(self.flow));
    }

    #[track_caller]
    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        self.with_flow(structure::next(tensors))
    }
}
