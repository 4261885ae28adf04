//! Ragged tensors from sparse ones, and back.

use super::{AnyRaggedTensor, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{AnyTensor, Operation};
use crate::ops::OrDefault;
use crate::ops::nodes::{Nodes, Slice};
use crate::ops::sparse::{AnySparseTensor, SparseTensor};

/// The sparse tensor that has the values of a ragged one (`tf.RaggedTensor.to_sparse`).
#[track_caller]
pub fn to_sparse<'g, T: TensorType>(x: &RaggedTensor<'g, T>) -> SparseTensor<'g, T> {
    let g = x.graph();
    let name = g.is_named().then(|| g.requested_name("").into_owned());
    x.any().to_sparse_as(name.as_deref()).typed()
}

/// The rows of a sparse matrix (`tf.RaggedTensor.from_sparse`), whose values have to stand at the beginnings of its rows,
/// with row splits of a dtype, `()` for int64.
#[track_caller]
pub fn from_sparse<'g, T: TensorType>(
    x: SparseTensor<'g, T>,
    row_splits_dtype: impl Into<OrDefault<DType>>,
) -> RaggedTensor<'g, T> {
    let dtype = row_splits_dtype.into().0.unwrap_or(DType::Int64);
    let (n, _scope) = Nodes::in_scope(x.graph(), "RaggedFromSparse");
    n.ragged_from_sparse(x.any(), dtype).typed()
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn ragged_from_sparse(self, x: AnySparseTensor<'g>, dtype: DType) -> AnyRaggedTensor<'g> {
        let g = self.0;
        let ranks = [x.dense_shape.shape().dim(0), x.indices.shape().dim(1)];
        if !ranks.contains(&Some(2)) || !matches!(dtype, DType::Int32 | DType::Int64) {
            let [by_shape, by_indices] = ranks.map(|rank| match rank {
                Some(rank) => rank.to_string(),
                None => "?".to_owned(),
            });
            let message = format!(
                "expected a sparse matrix and row splits of int32 or int64, found a rank of {by_shape} by its shape, \
                 {by_indices} by its indices, and {dtype}"
            );
            g.report(Rule::Shape, message);
            return AnyRaggedTensor::poison(g);
        }
        let check = self.assert_right_ragged(x.indices.any());
        g.control_dependencies([check], || {
            let rows = self.index(x.indices.any(), [Slice::ALL, Slice::at(0)]);
            let rows = self.cast(rows, dtype);
            let count = self.at(x.dense_shape.any(), 0);
            self.ragged_of_rowids(x.values, rows, self.cast(count, dtype))
        })
    }

    /// The check that the values of each row stand in its first columns.
    #[track_caller]
    fn assert_right_ragged(self, indices: AnyTensor<'g>) -> Operation<'g> {
        let prefix = self.index(indices, [Slice::ALL, Slice::to(-1)]);
        let suffix = self.index(indices, [Slice::ALL, Slice::at(-1)]);
        let later = self.index(prefix, [Slice::from(1)]);
        let changed = self.binary("NotEqual", later, self.index(prefix, [Slice::to(-1)]));
        let changed = self.reduce("Any", changed, 1);
        let first = self.binary("Equal", self.index(suffix, [Slice::from(1)]), 0);
        let later = self.index(suffix, [Slice::from(1)]);
        let next = self.add(self.index(suffix, [Slice::to(-1)]), 1);
        let fits = self.select(changed, first, self.binary("Equal", later, next));
        let begins = self.binary("Equal", self.index(suffix, [Slice::to(1)]), 0);
        let begins = self.reduce("All", begins, ());
        let fits = self.binary("LogicalAnd", begins, self.reduce("All", fits, ()));
        let data = vec![
            "SparseTensor is not right-ragged".into(),
            "SparseTensor.indices =".into(),
            indices.into(),
        ];
        self.assert(fits, data, None)
    }
}

impl<'g> AnyRaggedTensor<'g> {
    #[track_caller]
    pub(in crate::ops) fn to_sparse_as(&self, name: Option<&str>) -> AnySparseTensor<'g> {
        let op = "RaggedTensorToSparse";
        let n = self.nodes();
        let _scope = n.open_scope(name.unwrap_or("RaggedToSparse"));
        let node = n.named(op, name.unwrap_or(op));
        let node = node.tensors(self.nested_row_splits());
        AnySparseTensor::of_outputs(node.input(self.flat_values).finish())
    }
}
