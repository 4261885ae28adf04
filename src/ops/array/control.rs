//! Operations that run one after the other.

use super::parts::{OperationLike, Operations, Placed, Tensors};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation};
use crate::ops::nodes::function;
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;

impl GraphBuilder {
    /// A node that does nothing (`tf.no_op`).
    #[track_caller]
    pub fn no_op(&self) -> Operation<'_> {
        self.op("NoOp").finish()
    }

    /// A node that runs after all of `operations` (`tf.group`).
    ///
    /// Where they are on several devices, there is a node for each device before it.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let steps = g.get_variable("steps").initial_value(0i64).finish();
    /// let loss = g.placeholder::<f32>(());
    /// let train = g.group((steps.assign_add(1), loss));
    /// assert_eq!(train.name(), "group_deps");
    /// ```
    #[track_caller]
    pub fn group<'g>(&'g self, operations: impl Operations<'g>) -> Operation<'g> {
        self.grouped(operations.into_placed())
    }

    /// [`group`](Self::group) of operations that stand on these devices.
    #[track_caller]
    pub(crate) fn grouped<'g>(&'g self, operations: Vec<Placed<'g>>) -> Operation<'g> {
        let mut by_device = SortedMap::<String, Vec<Operation<'g>>>::new();
        for (operation, device) in operations {
            let of_device = by_device.get_or_insert_with(device, Vec::new);
            of_device.push(operation);
        }
        let scope = self.open_function_scope("group_deps");
        let after = |name: &str, device: &str, operations: Vec<Operation<'g>>| {
            let make = || {
                let node = self.op("NoOp").name(name);
                let nodes = operations.into_iter();
                nodes.fold(node, |node, it| node.control_input(it)).finish()
            };
            self.device(device, make)
        };
        if by_device.len() < 2 {
            let (device, operations) = by_device.into_iter().next().unwrap_or_default();
            return after(&scope, &device, operations);
        }
        let of_devices = by_device.into_iter();
        let of_devices = of_devices.map(|(device, operations)| after("NoOp", &device, operations));
        let of_devices = of_devices.collect();
        after(&scope, "", of_devices)
    }

    /// Copies of tensors, each available only when all are and `control_inputs`, `()` for none, have run (`tf.tuple`).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let (x, n) = (g.placeholder::<f32>((None,)), g.placeholder::<i32>(()));
    /// let (x, n) = g.tuple((x, n), ());
    /// assert_eq!(x.shape().to_string(), "[?]");
    /// # let _: tfhub::Tensor<i32> = n;
    /// ```
    #[track_caller]
    pub fn tuple<'g, X: Tensors<'g>>(
        &'g self,
        tensors: X,
        control_inputs: impl Operations<'g>,
    ) -> X {
        let mut copies = Vec::new();
        tensors.add_to(&mut copies);
        self.gate(&mut copies, control_inputs.into_placed());
        tensors.replaced(&mut copies.into_iter())
    }

    #[track_caller]
    fn gate<'g>(&'g self, tensors: &mut [AnyTensor<'g>], control_inputs: Vec<Placed<'g>>) {
        let mut gating: Vec<_> = tensors.iter().map(AnyTensor::operation).collect();
        gating.extend(control_inputs.into_iter().map(|(operation, _)| operation));
        sort_by_key(&mut gating, |operation| operation.id);
        gating.dedup_by_key(|operation| operation.id);
        let _scope = self.open_function_scope("tuple");
        if gating.is_empty() {
            return self.report(Rule::Inputs, "a tuple must have at least one tensor");
        }
        let gate = self.grouped(gating.into_iter().map(OperationLike::placed).collect());
        for tensor in tensors {
            *tensor = self.with_dependencies(&[gate], *tensor);
        }
    }
}

/// Copies of tensors, none available before all are (`tf.identity_n`).
#[track_caller]
pub fn identity_n<'g, X: Tensors<'g>>(g: &'g GraphBuilder, inputs: X) -> X {
    let mut tensors = Vec::new();
    inputs.add_to(&mut tensors);
    let copies = function(g, "IdentityN").tensors(tensors).finish().outputs();
    inputs.replaced(&mut copies.into_iter())
}
