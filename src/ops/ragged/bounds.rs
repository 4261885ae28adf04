//! The smallest shapes that hold ragged tensors.

use super::{AnyRaggedTensor, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::graph::AnyTensor;
use crate::ops::nodes::Slice;

impl<'g, T: TensorType> RaggedTensor<'g, T> {
    /// The number of rows and the greatest length of the rows of each dimension after it, as a vector
    /// (`tf.RaggedTensor.bounding_shape`).
    #[track_caller]
    pub fn bounding_shape(&self, options: impl Into<BoundingShapeOptions>) -> AnyTensor<'g> {
        let _scope = self.graph().open_function_scope("RaggedBoundingBox");
        self.any.bounding_shape(options.into())
    }
}

options! {
    /// The dimension of [`RaggedTensor::bounding_shape`], and the dtype of the result.
    ///
    /// ```
    /// use tfhub::DType;
    /// use tfhub::ops::ragged::BoundingShapeOptions;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(2, ());
    /// assert_eq!(x.bounding_shape(()).shape().to_string(), "[3]");
    /// let options = BoundingShapeOptions::default().axis(1).out_type(DType::Int32);
    /// assert_eq!(x.bounding_shape(options).shape().to_string(), "[]");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    BoundingShapeOptions {
        /// The only dimension whose size is wanted, as a scalar; all by default.
        axis: Option<i32> = None, i32 => Some(axis);
        /// The dtype of the sizes, which is that of the row splits by default.
        out_type: Option<DType> = None, DType => Some(out_type);
    }
}

/// A dimension alone.
impl From<i32> for BoundingShapeOptions {
    fn from(axis: i32) -> Self {
        Self::default().axis(axis)
    }
}

impl<'g> AnyRaggedTensor<'g> {
    #[track_caller]
    fn bounding_shape(&self, options: BoundingShapeOptions) -> AnyTensor<'g> {
        let n = self.nodes();
        let dtype = options.out_type.unwrap_or(self.row_splits_dtype());
        let splits = self.row_splits();
        match options.axis {
            Some(0) => return n.sub(n.at(n.shape_as("Shape", splits, dtype), 0), 1),
            Some(1) => {
                let lengths = self.own_row_lengths();
                return n.maximum(n.reduce("Max", lengths, ()), 0);
            }
            _ => {}
        }
        let rows = n.shape_as("Shape", splits, dtype);
        let flat_shape = n.shape_as("Shape", self.flat_values, dtype);
        let mut sizes = vec![n.sub(n.at(rows, 0), 1).into()];
        for splits in self.nested_row_splits() {
            let greatest = n.reduce("Max", n.lengths_of(splits), ());
            sizes.push(n.maximum(greatest, 0).into());
        }
        let ragged = n.stack(sizes);
        let inner = n.index(flat_shape, [Slice::from(1)]);
        let bounds = n.concat(vec![ragged.into(), inner.into()], 0);
        match options.axis {
            None => bounds,
            Some(axis) => n.gather(bounds, axis, 0),
        }
    }
}
