//! Ragged tensors (`tf.ragged`, `tf.RaggedTensor`): tensors whose rows have different lengths.
//!
//! A [`RaggedTensor`] is a tensor of flat values and, for each ragged dimension, the positions at which its rows begin and
//! end. It is made of rows by [`RaggedTensor::from_row_splits`] and its kin, of other tensors by [`from_tensor`] and
//! [`from_sparse`], of Rust's nested lists by [`constant`], by the consumer's feeds, and by functions such as
//! [`split`](crate::ops::string::split_ragged):
//!
//! ```
//! use tfhub::ModuleSpec;
//! use tfhub::dtype::ByteString;
//! use tfhub::ops::{array, nn, ragged, string};
//!
//! let spec = ModuleSpec::new(|g| {
//!     let sentences = g.placeholder::<ByteString>((None,));
//!     let words = string::split_ragged(sentences, ()).ragged();
//!     let ids = words.map_flat_values(|words| string::to_hash_bucket_fast(words, 1000));
//!     let table = g.get_variable::<f32>("embeddings").shape([1000, 16]).finish();
//!     let vectors = ids.map_flat_values(|ids| nn::embedding_lookup(table, ids, ()));
//!     let means = ragged::reduce_mean(&vectors, 1).tensor();
//!     g.signature("default").input("default", sentences).output("default", means);
//!     g.signature("words").input("default", sentences).output("words", words);
//! })?;
//! # Ok::<(), tfhub::Error>(())
//! ```
//!
//! Functions take a tensor or a ragged tensor where Python takes a "potentially ragged" one, and give a [`MaybeRagged`]
//! where both may come out. The functions of a single tensor, such as `tf.abs` or `tf.strings.length`, go to the flat
//! values by [`unary_elementwise`], and those of two, such as `tf.equal`, broadcast by [`binary_elementwise`], as the
//! operators do; [`RaggedTensor::slice`] takes parts. Row splits are int64 or int32, and all ragged tensors of a call have
//! to be of one kind; [`RaggedTensor::with_row_splits_dtype`] changes it.

mod argument;
mod bounds;
mod broadcast;
mod checks;
mod choose;
mod constant;
mod dynamic_partition;
mod dynamic_shape;
mod elementwise;
mod from_tensor;
mod gather;
mod gather_nd;
mod index;
mod join;
mod map;
mod mask;
mod maybe;
mod one_hot;
mod operators;
mod partition;
mod placeholder;
mod reduce;
mod rowids;
mod rows;
mod segment;
mod segment_ids;
mod shape;
mod sparse;
mod squeeze;
mod to_tensor;

use std::fmt;
use std::marker::PhantomData;
use std::slice::Iter;

use super::nodes::Nodes;
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::structure;
use crate::graph::{AnyTensor, GraphBuilder, Leaf, Structure, Tensor};
use crate::shape::Shape;

pub use argument::{Argument, RaggedLike};
pub use bounds::*;
pub use choose::*;
pub use constant::*;
pub use dynamic_partition::*;
pub use elementwise::*;
pub use from_tensor::*;
pub use gather::*;
pub use gather_nd::*;
pub use join::*;
pub use map::*;
pub use mask::*;
pub use maybe::{AnyMaybeRagged, MaybeRagged};
pub use one_hot::*;
pub use operators::RaggedOperand;
pub(crate) use partition::Rows;
pub use reduce::*;
pub use rowids::ValueRowidsOptions;
pub use segment::*;
pub use segment_ids::*;
pub use shape::*;
pub use sparse::*;
pub use squeeze::*;
pub use to_tensor::*;

/// A tensor with one or more ragged dimensions, whose rows may have different lengths (`tf.RaggedTensor`).
///
/// The first dimension is uniform; ragged ones follow, and then those that all flat values share. Copies are cheap: a
/// ragged tensor names tensors of the graph.
///
/// ```
/// use tfhub::ops::ragged::RaggedTensor;
/// # let g = tfhub::GraphBuilder::new();
/// let values = g.placeholder::<f32>((None, 3));
/// let x = RaggedTensor::from_row_splits(values, [0i64, 2, 2, 5], ());
/// assert_eq!(x.shape().to_string(), "[3, ?, 3]");
/// assert_eq!((x.ragged_rank(), x.flat_values().name()), (1, values.name()));
/// ```
pub struct RaggedTensor<'g, T: TensorType> {
    any: AnyRaggedTensor<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Clone for RaggedTensor<'_, T> {
    fn clone(&self) -> Self {
        RaggedTensor {
            any: self.any.clone(),
            element: PhantomData,
        }
    }
}

impl<T: TensorType> fmt::Debug for RaggedTensor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaggedTensor")
            .field("flat_values", &self.any.flat_values)
            .field("nested_row_splits", &self.any.nested_row_splits())
            .finish()
    }
}

/// A ragged tensor whose element type is known at run time.
#[derive(Debug, Clone)]
pub struct AnyRaggedTensor<'g> {
    flat_values: AnyTensor<'g>,
    /// From the outermost to the innermost, at least one.
    partitions: Vec<Partition<'g>>,
}

/// The rows of a ragged dimension, and the tensors that they were made of, which functions ask for.
#[derive(Debug, Clone, Copy)]
struct Partition<'g> {
    row_splits: AnyTensor<'g>,
    row_lengths: Option<AnyTensor<'g>>,
    value_rowids: Option<AnyTensor<'g>>,
    nrows: Option<AnyTensor<'g>>,
}

impl<'g> Partition<'g> {
    fn of_splits(row_splits: AnyTensor<'g>) -> Self {
        Partition {
            row_splits,
            row_lengths: None,
            value_rowids: None,
            nrows: None,
        }
    }
}

impl<'g, T: TensorType> From<RaggedTensor<'g, T>> for AnyRaggedTensor<'g> {
    fn from(x: RaggedTensor<'g, T>) -> Self {
        x.any
    }
}

/// Its parts.
impl<'g, T: TensorType> RaggedTensor<'g, T> {
    /// The ragged tensor with its element type known at run time.
    pub fn any(&self) -> AnyRaggedTensor<'g> {
        self.any.clone()
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.any.graph()
    }

    /// The static shape, in which ragged dimensions are unknown.
    pub fn shape(&self) -> Shape {
        self.any.shape()
    }

    /// The number of ragged dimensions, at least 1.
    pub fn ragged_rank(&self) -> usize {
        self.any.ragged_rank()
    }

    /// The values of all innermost rows, one after the other.
    pub fn flat_values(&self) -> Tensor<'g, T> {
        self.any.flat_values.typed()
    }

    /// The rows one after the other, without the first ragged dimension.
    pub fn values(&self) -> MaybeRagged<'g, T> {
        self.any.values().typed()
    }

    /// The positions in [`values`](Self::values) at which the rows begin, and the number of all values, as a vector.
    pub fn row_splits(&self) -> AnyTensor<'g> {
        self.any.row_splits()
    }

    /// The row splits of all ragged dimensions, the outermost first.
    pub fn nested_row_splits(&self) -> Vec<AnyTensor<'g>> {
        self.any.nested_row_splits()
    }
}

impl<'g> AnyRaggedTensor<'g> {
    /// The ragged tensor with its element type known to the compiler; if it is another, that is reported.
    #[track_caller]
    pub fn typed<T: TensorType>(self) -> RaggedTensor<'g, T> {
        let flat_values = self.flat_values.typed::<T>().any();
        RaggedTensor {
            any: AnyRaggedTensor {
                flat_values,
                ..self
            },
            element: PhantomData,
        }
    }

    /// The graph that it belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.flat_values.graph()
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.flat_values.dtype()
    }

    /// The dtype of all row splits: int64 or int32.
    pub fn row_splits_dtype(&self) -> DType {
        self.row_splits().dtype()
    }

    /// The static shape, in which ragged dimensions are unknown.
    pub fn shape(&self) -> Shape {
        let rows = self.row_splits().shape().dim(0);
        let rows = rows.and_then(|splits| splits.checked_sub(1));
        let outer = Shape::from(vec![rows, None]);
        outer.joined(&self.values().shape().without_first(1))
    }

    /// The number of ragged dimensions, at least 1.
    pub fn ragged_rank(&self) -> usize {
        self.partitions.len()
    }

    /// The values of all innermost rows, one after the other.
    pub fn flat_values(&self) -> AnyTensor<'g> {
        self.flat_values
    }

    /// The rows one after the other, without the first ragged dimension.
    pub fn values(&self) -> AnyMaybeRagged<'g> {
        match &self.partitions[1..] {
            [] => self.flat_values.into(),
            inner => AnyMaybeRagged::Ragged(AnyRaggedTensor {
                flat_values: self.flat_values,
                partitions: inner.to_vec(),
            }),
        }
    }

    /// The positions in [`values`](Self::values) at which the rows begin, and the number of all values, as a vector.
    pub fn row_splits(&self) -> AnyTensor<'g> {
        self.outer().row_splits
    }

    /// The row splits of all ragged dimensions, the outermost first.
    pub fn nested_row_splits(&self) -> Vec<AnyTensor<'g>> {
        let splits = |partition: &Partition<'g>| partition.row_splits;
        self.partitions.iter().map(splits).collect()
    }

    /// The flat values, and then the row splits from the outermost on.
    pub(crate) fn components(&self) -> Vec<AnyTensor<'g>> {
        let mut components = vec![self.flat_values];
        components.extend(self.nested_row_splits());
        components
    }

    fn outer(&self) -> &Partition<'g> {
        &self.partitions[0]
    }

    fn nodes(&self) -> Nodes<'g> {
        Nodes(self.graph())
    }

    /// The constructor of Python's class, which makes no node.
    #[track_caller]
    fn new(values: impl Into<AnyMaybeRagged<'g>>, partition: Partition<'g>) -> Self {
        let (values, splits) = (values.into(), partition.row_splits);
        let g = values.graph();
        if !splits.is_poison() && !matches!(splits.dtype(), DType::Int32 | DType::Int64) {
            let message = format!(
                "expected row splits of int32 or int64, found {}",
                splits.dtype()
            );
            g.report(Rule::Inputs, message);
        }
        splits.set_shape((None,));
        if values.shape().rank() == Some(0) {
            g.report(
                Rule::Shape,
                "expected values of a ragged tensor, found a scalar",
            );
        }
        let (flat_values, inner) = match values {
            AnyMaybeRagged::Dense(values) => (values, Vec::new()),
            AnyMaybeRagged::Ragged(values) => {
                is_of_one_kind(g, [splits, values.row_splits()]);
                (values.flat_values, values.partitions)
            }
        };
        let mut partitions = vec![partition];
        partitions.extend(inner);
        AnyRaggedTensor {
            flat_values,
            partitions,
        }
    }

    /// The rows with other values.
    #[track_caller]
    pub(in crate::ops) fn with_values(&self, values: impl Into<AnyMaybeRagged<'g>>) -> Self {
        let values = values.into();
        let first = |shape: Shape| match shape.dims() {
            Some(dims) => Shape::from(&dims[..dims.len().min(1)]),
            None => Shape::unknown(),
        };
        let (own, new) = (first(self.values().shape()), first(values.shape()));
        self.nodes().compatible("the values of rows", &own, &new);
        AnyRaggedTensor::new(values, *self.outer())
    }

    /// The rows of all ragged dimensions with other flat values.
    #[track_caller]
    pub(in crate::ops) fn with_flat_values(
        &self,
        flat_values: impl Into<AnyMaybeRagged<'g>>,
    ) -> Self {
        match self.values() {
            AnyMaybeRagged::Dense(_) => self.with_values(flat_values),
            AnyMaybeRagged::Ragged(values) => {
                self.with_values(values.with_flat_values(flat_values))
            }
        }
    }

    /// The constructor applied to nested row splits.
    #[track_caller]
    pub(crate) fn of_components(
        flat_values: AnyTensor<'g>,
        nested_row_splits: &[AnyTensor<'g>],
    ) -> Self {
        let partitions = nested_row_splits.iter().copied().map(Partition::of_splits);
        AnyRaggedTensor {
            flat_values,
            partitions: partitions.collect(),
        }
    }

    /// One that could not be made.
    pub(crate) fn poison(g: &'g GraphBuilder) -> Self {
        let poison = AnyTensor::poison(g);
        AnyRaggedTensor::of_components(poison, &[poison])
    }
}

/// Whether row splits are of one dtype; that they are not is reported.
#[track_caller]
fn is_of_one_kind<'g>(
    g: &'g GraphBuilder,
    splits: impl IntoIterator<Item = AnyTensor<'g>>,
) -> bool {
    let mut splits = splits.into_iter().filter(|splits| !splits.is_poison());
    let Some(first) = splits.next() else {
        return true;
    };
    let other = splits.find(|splits| splits.dtype() != first.dtype());
    if let Some(other) = other {
        let (first, other) = (first.dtype(), other.dtype());
        let message = format!("expected row splits of one dtype, found {first} and {other}");
        g.report(Rule::Inputs, message);
    }
    other.is_none()
}

impl<T: TensorType> structure::sealed::Structure for RaggedTensor<'_, T> {}

/// Its parts: flat values, and the row splits from the outermost on.
impl<'g, T: TensorType> Structure<'g> for RaggedTensor<'g, T> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        let [shape, inner] = [self.shape(), self.flat_values().shape()];
        let components = self.any.components();
        leaves.push(Leaf::Ragged {
            components,
            rows: shape.dim(0),
            inner: inner.without_first(1),
        });
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        let flat_values = structure::next(tensors);
        let splits = self.any.partitions.iter().map(|_| structure::next(tensors));
        let splits: Vec<_> = splits.collect();
        AnyRaggedTensor::of_components(flat_values, &splits).typed()
    }
}

structures! { RaggedTensor<'g, T>, [T: TensorType]; }
