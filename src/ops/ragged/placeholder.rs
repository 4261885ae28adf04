//! Ragged tensors that the consumer feeds.

use std::panic::Location;

use super::{AnyRaggedTensor, Partition, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::shape::Shape;

impl GraphBuilder {
    /// A ragged tensor that the module's consumer feeds (`tf.compat.v1.ragged.placeholder`), with row splits of int64.
    ///
    /// `value_shape` is the shape of each flat value: `()` for scalars, and `None` for any, as Python's default has it. A
    /// ragged rank of 0 is a fault: that is a [`placeholder`](Self::placeholder).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.named("x", || g.ragged_placeholder::<f32>(2, [3]));
    /// assert_eq!(x.shape().to_string(), "[?, ?, ?, 3]");
    /// assert_eq!(x.flat_values().name(), "x/flat_values:0");
    /// assert_eq!(x.row_splits().name(), "x/row_splits_0:0");
    /// ```
    #[track_caller]
    pub fn ragged_placeholder<T: TensorType>(
        &self,
        ragged_rank: usize,
        value_shape: impl Into<Shape>,
    ) -> RaggedTensor<'_, T> {
        let value_shape = value_shape.into();
        let _scope = self.open_function_scope("RaggedPlaceholder");
        self.called_from(Location::caller(), || {
            self.ragged_placeholder_of(T::DTYPE, ragged_rank, &value_shape)
        })
        .typed()
    }

    fn ragged_placeholder_of(
        &self,
        dtype: DType,
        ragged_rank: usize,
        value_shape: &Shape,
    ) -> AnyRaggedTensor<'_> {
        if ragged_rank == 0 {
            let message = "expected at least one ragged dimension, found none";
            self.report(Rule::Value, message);
            return AnyRaggedTensor::poison(self);
        }
        let placeholder = |name: &str, dtype: DType, shape: Shape| {
            let op = self.op("Placeholder").name(name).attr("dtype", dtype);
            op.attr("shape", shape).output()
        };
        let vector = Shape::unknown_of_rank(1);
        let flat_values = placeholder("flat_values", dtype, vector.joined(value_shape));
        let splits_of = |dimension: usize| -> AnyTensor<'_> {
            let name = format!("row_splits_{dimension}");
            placeholder(&name, DType::Int64, vector.clone())
        };
        let innermost_first = (0..ragged_rank).rev().map(splits_of);
        let mut partitions: Vec<_> = innermost_first.map(Partition::of_splits).collect();
        partitions.reverse();
        AnyRaggedTensor {
            flat_values,
            partitions,
        }
    }
}
