//! Sparse tensors from dense ones and back, and from ids.

use super::{AnySparseTensor, SparseTensor};
use crate::dtype::{DType, Element, TensorType};
use crate::error::Rule;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes, Size, Slice};
use crate::ops::types::{IndexType, Numeric};
use crate::ops::{OrDefault, TensorLike};
use crate::value::IntoTensorValue;

/// The elements of a dense tensor that are not zero (`tf.sparse.from_dense`).
#[track_caller]
pub fn from_dense<'g, T: Numeric>(x: impl TensorLike<'g, T>) -> SparseTensor<'g, T> {
    let (n, _scope) = Nodes::in_scope(x.graph(), "dense_to_sparse");
    let x = n.tensor(x, "tensor");
    let zero = n.number("Const", T::DTYPE, 0.0);
    let indices = n.unary("Where", n.binary("NotEqual", x, zero));
    let values = n.binary("GatherNd", x, indices);
    let shape = n.shape_as("Shape", x, DType::Int64);
    AnySparseTensor::new(indices, values, shape).typed()
}

/// A sparse identity matrix (`tf.sparse.eye`).
///
/// ```
/// use tfhub::ops::sparse;
/// # let g = tfhub::GraphBuilder::new();
/// assert_eq!(sparse::eye::<f32>(&g, 3, ()).shape().to_string(), "[3, 3]");
/// assert_eq!(sparse::eye::<f32>(&g, 3, 4).shape().to_string(), "[3, 4]");
/// ```
#[track_caller]
pub fn eye<'g, T: Numeric>(
    g: &'g GraphBuilder,
    num_rows: impl Into<Size<'g>>,
    num_columns: impl Into<OrDefault<Size<'g>>>,
) -> SparseTensor<'g, T> {
    let (rows, columns) = (num_rows.into(), num_columns.into().0);
    let _scope = g.open_function_scope("eye");
    identity(Nodes(g), rows, columns, T::DTYPE).typed()
}

fn identity<'g>(
    n: Nodes<'g>,
    rows: Size<'g>,
    columns: Option<Size<'g>>,
    dtype: DType,
) -> AnySparseTensor<'g> {
    let int64 = |size: Size<'g>, name: &str| match size {
        Size::Known(size) => n.constant(name, size),
        Size::Tensor(size) => n.cast(size, DType::Int64),
    };
    let rows = int64(rows, "num_rows");
    let columns = columns.map_or(rows, |columns| int64(columns, "num_columns"));
    let size = n.binary("Minimum", rows, columns);
    let diagonal = n.range(0, size);
    let indices = n.named("Pack", "stack").tensors(vec![diagonal, diagonal]);
    let indices = indices.attr("axis", 1i64).output();
    let values = n.filled("ones", 1.0, dtype, size.into());
    let shape = Arg::List(vec![rows.into(), columns.into()]);
    AnySparseTensor::new(indices, values, shape)
}

/// The elements of [`to_dense`] that a sparse tensor lacks, and whether its indices are checked.
///
/// ```
/// use tfhub::ops::sparse::{self, ToDenseOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.sparse_placeholder::<f32>((2, 3));
/// let options = ToDenseOptions::default().default_value(-1.0).validate_indices(false);
/// assert_eq!(sparse::to_dense(x, options).name(), "SparseToDense:0");
/// ```
#[derive(Debug, Clone)]
pub struct ToDenseOptions<'g, T: TensorType> {
    default_value: Option<AnyOperand<'g, T>>,
    validate_indices: bool,
}

impl<T: TensorType> Default for ToDenseOptions<'_, T> {
    fn default() -> Self {
        ToDenseOptions {
            default_value: None,
            validate_indices: true,
        }
    }
}

defaults!(ToDenseOptions<'g, T: TensorType>);

setters! {
    impl['g, T: TensorType] ToDenseOptions<'g, T> {
        /// The element where a sparse tensor has none; zero, an empty string or false by default.
        default_value: impl Operand<'g, T> => Some(default_value.into_any());
        /// Whether indices have to be in order, without repetition; they do by default.
        validate_indices: bool;
    }
}

/// The dense tensor, with zeros, empty strings or false where `x` has no element (`tf.sparse.to_dense`).
///
/// ```
/// use tfhub::ops::sparse;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.sparse_placeholder::<f32>((2, 3));
/// assert_eq!(sparse::to_dense(x, ()).shape().to_string(), "[2, 3]");
/// ```
#[track_caller]
pub fn to_dense<'g, T: Element>(
    x: SparseTensor<'g, T>,
    options: impl Into<ToDenseOptions<'g, T>>,
) -> Tensor<'g, T> {
    let g = x.graph();
    let options = options.into();
    let name = g.open_function_name("SparseToDense");
    let default = options.default_value.map(Arg::of);
    let zero = || Nodes(g).filled("zeros", 0.0, T::DTYPE, ().into()).into();
    let default = default.unwrap_or_else(zero);
    dense(x.any(), default, options.validate_indices, &name).typed()
}

#[track_caller]
fn dense<'g>(
    x: AnySparseTensor<'g>,
    default_value: Arg<'g>,
    validate_indices: bool,
    name: &str,
) -> AnyTensor<'g> {
    Nodes(x.graph())
        .named("SparseToDense", name)
        .arg(x.indices)
        .arg(x.dense_shape)
        .any(x.values)
        .input(default_value)
        .attr("validate_indices", validate_indices)
        .output()
}

/// For each row of ids, a row of `vocab_size` bools that says which ids are there (`tf.sparse.to_indicator`).
#[track_caller]
pub fn to_indicator<'g, T: IndexType>(
    x: SparseTensor<'g, T>,
    vocab_size: impl Into<Size<'g>>,
) -> Tensor<'g, bool> {
    let (n, scope) = Nodes::in_scope(x.graph(), "SparseToIndicator");
    let entries = n.at(n.shape(x.indices), 0);
    let length = n.expand_dims(entries, 0);
    let trues = n.op("Fill").any(length).value(true).output();
    let values = x.any().with_values(trues);
    let merged = merged(&scope, &[x.any()], values, &[vocab_size.into()], false);
    dense(merged, Arg::Value(false.into_tensor_value()), false, &scope).typed()
}

/// Values put where ids say, one dimension of the size `vocab_size` for each tensor of ids: it takes the place of the
/// last index (`tf.sparse.merge`).
///
/// ```
/// use tfhub::ops::sparse;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.sparse_placeholder::<i64>((None, 4));
/// let counts = g.sparse_placeholder::<f32>((None, 4));
/// let of_words = sparse::merge(&[words], counts, [1000], ());
/// assert_eq!(of_words.shape().to_string(), "[?, 1000]");
/// ```
#[track_caller]
pub fn merge<'g, T: TensorType, I: IndexType>(
    ids: &[SparseTensor<'g, I>],
    values: SparseTensor<'g, T>,
    vocab_size: impl IntoIterator<Item = impl Into<Size<'g>>>,
    already_sorted: impl Into<OrDefault<bool>>,
) -> SparseTensor<'g, T> {
    let name = values.graph().requested_name("SparseMerge");
    let already_sorted = already_sorted.into().0.unwrap_or(false);
    let ids: Vec<_> = ids.iter().map(|ids| ids.any()).collect();
    let sizes: Vec<_> = vocab_size.into_iter().map(Into::into).collect();
    merged(&name, &ids, values.any(), &sizes, already_sorted).typed()
}

#[track_caller]
pub(in crate::ops) fn merged<'g>(
    name: &str,
    ids: &[AnySparseTensor<'g>],
    values: AnySparseTensor<'g>,
    vocab_size: &[Size<'g>],
    already_sorted: bool,
) -> AnySparseTensor<'g> {
    let n = Nodes(values.graph());
    let Some(first) = ids.first().filter(|_| ids.len() == vocab_size.len()) else {
        let (sizes, ids) = (vocab_size.len(), ids.len());
        let message =
            format!("expected as many sizes as sparse tensors of ids, found {sizes} and {ids}");
        n.0.report(Rule::Inputs, message);
        return values;
    };
    let _scope = n.open_scope(name);
    let column = |ids: &AnySparseTensor<'g>| {
        let ids = n.cast(ids.values, DType::Int64);
        n.expand_dims(ids, 1)
    };
    let columns: Vec<_> = ids.iter().map(column).collect();
    let int64 = |size: &Size<'g>| match *size {
        Size::Tensor(size) => n.cast(size, DType::Int64),
        Size::Known(size) => match i32::try_from(size) {
            Ok(size) => n.cast(size.into_tensor_value(), DType::Int64),
            Err(_) => n.cast(size.into_tensor_value(), DType::Int64),
        },
    };
    let sizes: Vec<_> = vocab_size.iter().map(int64).collect();
    let kept = n.index(first.indices.any(), [Slice::ALL, Slice::to(-1)]);
    let parts = [kept].into_iter().chain(columns);
    let indices = n.concat(parts.map(Arg::from).collect(), 1);
    let outer = n.index(first.dense_shape.any(), [Slice::to(-1)]);
    let sizes = Arg::List(sizes.into_iter().map(Arg::from).collect());
    let shape = n.concat(vec![outer.into(), sizes], 0);
    let merged = AnySparseTensor::new(indices, values.values, shape);
    if already_sorted {
        return merged;
    }
    let sorted = merged.reordered();
    AnySparseTensor::new(sorted.indices.any(), sorted.values, shape)
}
