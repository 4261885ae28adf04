//! Placeholders, constants, shapes, and moving elements around (`tf.identity`, `tf.reshape`, `tf.concat`, ...).

mod fill;
mod gather;
mod index;
mod join;
mod mask;
mod order;
mod paddings;
mod shape;
mod space;

use std::collections::BTreeMap;
use std::panic::Location;

use super::TensorLike;
use crate::dtype::{Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::nodes::{Nodes, function};
use crate::ops::types::Float;
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

pub use fill::{
    OneHotOptions, Sizes, fill, one_hot, one_hot_with, ones, ones_like, ones_like_as, zeros,
    zeros_like, zeros_like_as,
};
pub use gather::{
    GatherOptions, batch_gather, dynamic_partition, dynamic_stitch, gather, gather_nd,
    gather_nd_with, gather_with, scatter_nd, tensor_scatter_nd_add, tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
};
pub use index::{
    Bound, Ellipsis, Index, NewAxis, Slice, StridedSliceOptions, index, slice, strided_slice,
    strided_slice_with,
};
pub use join::{
    Indexing, PadMode, concat, meshgrid, meshgrid_with, pad, pad_with, parallel_stack, repeat,
    repeat_with, split, split_sizes, split_sizes_with, stack, tile, unstack, unstack_with,
};
pub use mask::{
    boolean_mask, boolean_mask_with, select, select_v2, sequence_mask, sequence_mask_to, where_,
};
pub use order::{
    Side, Unique, UniqueWithCounts, conjugate_transpose, conjugate_transpose_with,
    invert_permutation, reverse, reverse_sequence, reverse_sequence_with, roll, searchsorted,
    searchsorted_with, setdiff1d, setdiff1d_as, transpose, transpose_with, unique, unique_as,
    unique_with_counts, unique_with_counts_as, unravel_index,
};
pub use shape::{
    broadcast_dynamic_shape, broadcast_static_shape, broadcast_to, ensure_shape, expand_dims, rank,
    reshape, shape, shape_as, shape_n, shape_n_as, size, size_as, squeeze,
};
pub use space::{
    batch_to_space, batch_to_space_nd, bitcast, depth_to_space, depth_to_space_with,
    required_space_to_batch_paddings, required_space_to_batch_paddings_with, space_to_batch,
    space_to_batch_nd, space_to_depth, space_to_depth_with,
};

pub(crate) use fill::{SizesKind, uniform, uniform_value};
pub(crate) use shape::{shape_value, sizes_value};

impl GraphBuilder {
    /// A value that the module's consumer feeds, what `tf.placeholder` makes.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.named("images", || g.placeholder::<f32>((None, 28, 28, 1)));
    /// assert_eq!(images.shape().to_string(), "[?, 28, 28, 1]");
    /// let anything = g.placeholder::<i64>(tfhub::Shape::unknown());
    /// assert_eq!(anything.name(), "Placeholder:0");
    /// ```
    #[track_caller]
    pub fn placeholder<T: TensorType>(&self, shape: impl Into<Shape>) -> Tensor<'_, T> {
        self.op("Placeholder")
            .attr("dtype", T::DTYPE)
            .attr("shape", shape.into())
            .output()
            .typed()
    }

    /// A value that the module's consumer may feed and that is `default` otherwise, what
    /// `tf.placeholder_with_default` makes.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let momentum = g.named("momentum", || g.placeholder_with_default(0.99f32, ()));
    /// assert_eq!(momentum.operation().op(), "PlaceholderWithDefault");
    /// ```
    #[track_caller]
    pub fn placeholder_with_default<'g, T: Element>(
        &'g self,
        default: impl Operand<'g, T>,
        shape: impl Into<Shape>,
    ) -> Tensor<'g, T> {
        let op = "PlaceholderWithDefault";
        self.function_scope(op, Location::caller(), |scope| {
            let default = default.into_tensor(self, "input");
            self.op(op)
                .name(scope)
                .input(default)
                .attr("shape", shape.into())
                .output()
                .typed()
        })
    }

    /// A value that never changes, what `tf.constant` makes.
    ///
    /// The element type is that of the Rust value, so `1.0` is a float64 and `1.0f32` a float32.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let table = g.constant([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let names = g.named("names", || g.constant(["cat", "dog"]));
    /// assert_eq!((table.name(), names.name()), ("Const:0".into(), "names:0".into()));
    /// ```
    #[track_caller]
    pub fn constant<V: IntoTensorValue>(&self, value: V) -> Tensor<'_, V::Element> {
        let name = self.requested_name("Const");
        self.constant_named(&name, value.into_tensor_value())
            .typed()
    }

    /// A constant in which one value stands for every element, what `tf.constant` with a `shape` makes.
    #[track_caller]
    pub fn constant_of_shape<T: Element>(
        &self,
        value: T,
        shape: impl Into<Vec<usize>>,
    ) -> Tensor<'_, T> {
        let name = self.requested_name("Const");
        self.constant_filled(&name, &TensorValue::scalar(value), &shape.into())
            .typed()
    }

    /// A constant of a value whose dtype is known at run time.
    #[track_caller]
    pub fn constant_value(&self, value: &TensorValue) -> AnyTensor<'_> {
        let name = self.requested_name("Const");
        self.constant_filled(&name, value, value.shape())
    }

    /// A node that does nothing, what `tf.no_op` makes.
    #[track_caller]
    pub fn no_op(&self) -> Operation<'_> {
        self.op("NoOp").finish()
    }

    /// A node that runs after all of `operations` (`tf.group`).
    ///
    /// Where they are on several devices, there is a node for each device before it.
    #[track_caller]
    pub fn group<'g>(
        &'g self,
        operations: impl IntoIterator<Item = impl Into<Operation<'g>>>,
    ) -> Operation<'g> {
        let operations = operations.into_iter().map(Into::into);
        let mut by_device = BTreeMap::<String, Vec<Operation<'g>>>::new();
        for operation in operations {
            let device = operation.device();
            by_device.entry(device).or_default().push(operation);
        }
        self.function_scope("group_deps", Location::caller(), |scope| {
            let after = |name: &str, device: &str, operations: Vec<Operation<'g>>| {
                let make = || {
                    let node = self.op("NoOp").name(name);
                    let nodes = operations.into_iter();
                    nodes.fold(node, |node, it| node.control_input(it)).finish()
                };
                self.device(device, make)
            };
            if by_device.len() < 2 {
                let (device, operations) = by_device.pop_first().unwrap_or_default();
                return after(scope, &device, operations);
            }
            let of_devices = by_device.into_iter();
            let of_devices =
                of_devices.map(|(device, operations)| after("NoOp", &device, operations));
            let of_devices = of_devices.collect();
            after(scope, "", of_devices)
        })
    }

    /// Copies of tensors, each available only when all are (`tf.tuple`).
    #[track_caller]
    pub fn tuple<'g>(
        &'g self,
        tensors: impl IntoIterator<Item = impl Into<AnyTensor<'g>>>,
    ) -> Vec<AnyTensor<'g>> {
        self.tuple_after(tensors, [] as [Operation<'g>; 0])
    }

    /// Copies of tensors, each available only when all are and some operations have run (`tf.tuple` with
    /// `control_inputs`).
    #[track_caller]
    pub fn tuple_after<'g>(
        &'g self,
        tensors: impl IntoIterator<Item = impl Into<AnyTensor<'g>>>,
        control_inputs: impl IntoIterator<Item = impl Into<Operation<'g>>>,
    ) -> Vec<AnyTensor<'g>> {
        let tensors: Vec<AnyTensor<'g>> = tensors.into_iter().map(Into::into).collect();
        let of_tensors = tensors.iter().map(AnyTensor::operation);
        let mut gating: Vec<_> = of_tensors.collect();
        gating.extend(control_inputs.into_iter().map(Into::into));
        gating.sort_by_key(|operation| operation.id);
        gating.dedup_by_key(|operation| operation.id);
        self.function_scope("tuple", Location::caller(), |_| {
            if gating.is_empty() {
                self.report(Rule::Inputs, "a tuple must have at least one tensor");
                return Vec::new();
            }
            let gate = self.group(gating);
            let gated = tensors.into_iter();
            gated
                .map(|tensor| Nodes(self).with_dependencies(&[gate], tensor))
                .collect()
        })
    }
}

functions! {
    /// A copy of a tensor under a name of its own (`tf.identity`).
    identity "Identity" <T: TensorType>(x: T) -> T;
    /// The tensor, with no gradient flowing through it (`tf.stop_gradient`).
    stop_gradient "StopGradient" <T: TensorType>(x: T) -> T;
    /// The tensor, with an error of this message for whoever asks for a gradient through it
    /// (`tf.raw_ops.PreventGradient`).
    prevent_gradient "PreventGradient" <T: TensorType>(x: T; message: &str) -> T { "message" = message };
    /// The tensor, failing with this message when it runs if an element is infinite or NaN
    /// (`tf.check_numerics`).
    check_numerics "CheckNumerics" <T: Float>(x: T; message: &str) -> T { "message" = message };
    /// The tensor, which the runtime may take for a constant (`tf.guarantee_const`).
    guarantee_const "GuaranteeConst" <T: TensorType>(x: T) -> T;
}

/// Copies of tensors, none available before all are (`tf.identity_n`).
#[track_caller]
pub fn identity_n<'g>(
    g: &'g GraphBuilder,
    inputs: impl IntoIterator<Item = impl Into<AnyTensor<'g>>>,
) -> Vec<AnyTensor<'g>> {
    let inputs = inputs.into_iter().map(Into::<AnyTensor<'g>>::into);
    function(g, "IdentityN").list(inputs).finish().outputs()
}

/// A fingerprint of eight bytes for each entry of the first dimension (`tf.fingerprint`).
#[track_caller]
pub fn fingerprint<'g, T: TensorType>(data: impl TensorLike<'g, T>) -> Tensor<'g, u8> {
    function(data.graph(), "Fingerprint")
        .arg(data)
        .arg("farmhash64")
        .output()
        .typed()
}

/// The tables of one-node functions, for the test of all.
#[cfg(test)]
pub(super) const TABLES: &[&[super::table::Row]] = &[
    ROWS,
    gather::ROWS,
    index::ROWS,
    join::ROWS,
    mask::ROWS,
    order::ROWS,
    shape::ROWS,
    space::ROWS,
];
