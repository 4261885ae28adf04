//! Elements and parts by lists of positions.

use std::panic::Location;

use super::dims::{converted, fault, product, range};
use super::parts::{Parts, outputs};
use super::{
    Indexing, concat, index, meshgrid, ones, rank, reshape, shape, stack, tile, transpose, unstack,
    zeros,
};
use crate::dtype::TensorType;
use crate::graph::{AnyOperand, AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, function};
use crate::ops::types::IndexType;
use crate::ops::{OrDefault, TensorLike};
use crate::shape::Shape;
use crate::value::{IntoTensorValue, TensorValue};

/// The parts that [`gather`] takes.
///
/// ```
/// use tfhub::ops::array::{self, GatherOptions};
/// # let g = tfhub::GraphBuilder::new();
/// let (x, ids) = (g.placeholder::<f32>((4, 5, 6)), g.placeholder::<i32>((4, 2)));
/// let options = GatherOptions::default().axis(2).batch_dims(1);
/// assert_eq!(array::gather(x, ids, options).shape().to_string(), "[4, 5, 2]");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GatherOptions {
    axis: Option<i32>,
    batch_dims: i64,
}

setters! {
    impl GatherOptions {
        /// The axis that the indices are for; the first after the batch dimensions by default.
        axis: i32 => Some(axis);
        /// The number of first dimensions that `params` and `indices` share; none by default.
        batch_dims: i64;
    }
}

defaults!(GatherOptions);

/// The axis alone.
impl From<i32> for GatherOptions {
    fn from(axis: i32) -> Self {
        GatherOptions::default().axis(axis)
    }
}

/// The parts of a tensor that the indices name (`tf.gather`): rows, or those along another axis. Of a variable, only these
/// rows are read.
///
/// ```
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let table = g.get_variable("table").initial_value([[1.0f32, 2.0], [3.0, 4.0]]).finish();
/// let ids = g.placeholder::<i64>((None,));
/// assert_eq!(array::gather(table, ids, ()).shape().to_string(), "[?, 2]");
/// let x = g.placeholder::<f32>((None, 5, 6));
/// assert_eq!(array::gather(x, [0, 2], 1).shape().to_string(), "[?, 2, 6]");
/// ```
#[track_caller]
pub fn gather<'g, T: TensorType, I: IndexType>(
    params: impl TensorLike<'g, T>,
    indices: impl Operand<'g, I>,
    options: impl Into<GatherOptions>,
) -> Tensor<'g, T> {
    let (g, options) = (params.graph(), options.into());
    let axis = options.axis.map_or(options.batch_dims, i64::from);
    if let (Some(handle), 0) = (params.as_handle(), axis) {
        return gather_variable(g, ("ResourceGather", "Gather"), handle, indices);
    }
    // Python forgets the batch dimensions where the axis is the first.
    let batch_dims = if axis == 0 { 0 } else { options.batch_dims };
    let axis = i32::try_from(axis).unwrap_or(i32::MAX);
    let call = function(g, "GatherV2").arg(params).arg(indices).arg(axis);
    call.attr("batch_dims", batch_dims).typed()
}

/// Reads a part of a variable.
#[track_caller]
fn gather_variable<'g, T: TensorType, I: IndexType>(
    g: &'g GraphBuilder,
    (op, default): (&'static str, &'static str),
    handle: AnyTensor<'g>,
    indices: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let here = Location::caller();
    let part = {
        let scope = g.open_function_scope(default);
        let op = g.op(op).name(&scope).input(handle);
        let gather = op.operand("indices", indices);
        gather.attr("dtype", T::DTYPE).output()
    };
    let identity = || g.op("Identity").name("Identity").input(part).output();
    g.called_from(here, identity).typed()
}

/// The elements or parts that each row of the indices names (`tf.gather_nd`).
///
/// `batch_dims` is the number of first dimensions that `params` and `indices` share, `()` for none.
#[track_caller]
pub fn gather_nd<'g, T: TensorType, I: IndexType>(
    params: impl TensorLike<'g, T>,
    indices: impl Operand<'g, I>,
    batch_dims: impl Into<OrDefault<usize>>,
) -> Tensor<'g, T> {
    let g = params.graph();
    let batch_dims = batch_dims.into().0.unwrap_or(0);
    match params.as_handle() {
        Some(handle) if batch_dims == 0 => {
            return gather_variable(g, ("ResourceGatherNd", "GatherNd"), handle, indices);
        }
        None if batch_dims == 0 => {
            let call = function(g, "GatherNd").arg(params).arg(indices);
            return call.typed();
        }
        _ => {}
    }
    let g = params.graph();
    let _scope = g.open_function_scope("BatchGatherND");
    let indices = indices.into_tensor(g, "indices");
    let params = params.into_tensor(g, "params");
    for (shape, what) in [(indices.shape(), "indices"), (params.shape(), "params")] {
        if shape.rank().is_some_and(|rank| batch_dims >= rank) {
            let message =
                format!("{batch_dims} batch dimensions are too many for {what} of {shape}");
            return fault(g, indices, &message);
        }
    }
    let batch = batch_dims as i32;
    let (params_shape, indices_shape) = (shape::<i32, _>(params), shape::<i32, _>(indices));
    let batch_shape = index(params_shape, ..batch);
    let batch_size = product(batch_shape);
    let inner_rank = rank(indices) - batch - 1;
    let inner_shape = index(indices_shape, batch..-1);
    let ranges = unstack::<Vec<_>, _>(batch_shape, 0).into_iter();
    let ranges = ranges.map(|size| converted::<I, i32>(range(0, size)));
    let ranges: Vec<_> = ranges.collect();
    if ranges.is_empty() {
        return AnyTensor::poison(g).typed();
    }
    let grid: Vec<_> = meshgrid(g, ranges, Indexing::Ij);
    let grid = grid.into_iter();
    let columns: Vec<_> = grid.map(|positions| reshape(positions, [-1])).collect();
    let grid = transpose(stack(g, columns, 0), ());
    let grid_shape = shape(grid);
    let rows = index(grid_shape, ..1);
    let inner_ones = ones::<i32>(g, inner_rank);
    let columns = index(grid_shape, 1..);
    let grid = reshape(grid, concat(g, [rows, inner_ones, columns], 0));
    let grid = tile(grid, concat(g, ([1], inner_shape, [1]), 0));
    let rest = index(indices_shape, batch..);
    let flat_shape = concat(g, ((batch_size,), rest), 0);
    let flat = reshape(indices, flat_shape);
    let gathered = gather_nd(params, concat(g, [grid, flat], -1), ());
    let inner = index(shape(gathered), 1..);
    reshape(gathered, concat(g, [batch_shape, inner], 0))
}

/// For each entry of all but the last dimension of the indices, the rows that they name (`tf.batch_gather`).
#[track_caller]
pub fn batch_gather<'g, T: TensorType, I: IndexType>(
    params: impl TensorLike<'g, T>,
    indices: impl Operand<'g, I>,
) -> Tensor<'g, T> {
    let g = params.graph();
    let _scope = g.open_function_scope("BatchGather");
    let indices = indices.into_tensor(g, "indices");
    let params = params.into_tensor(g, "params");
    let (rows, known) = (indices.shape(), params.shape());
    let Some((_, batch)) = rows.dims().and_then(|dims| dims.split_last()) else {
        let message = format!("the rank of the indices must be known and above 0, found {rows}");
        return fault(g, indices, &message);
    };
    if known.rank().is_some_and(|rank| batch.len() >= rank) {
        let message = format!("indices of {rows} have too many dimensions for {known}");
        return fault(g, indices, &message);
    }
    let depth = batch.len() as i32;
    let indices_shape = shape(indices);
    let params_shape = shape(params);
    let mut distance = ones::<I>(g, ());
    let sizes = converted::<I, i32>(params_shape);
    let mut flat = indices;
    for dim in (1..=depth).rev() {
        let size = index(sizes, dim - 1);
        distance = distance * index(sizes, dim);
        let (start, step) = (zeros::<I>(g, ()), ones::<I>(g, ()));
        let entries = g.op("Range").input(start).input(size).input(step);
        let entries = entries.typed::<I>() * distance;
        let one = || AnyOperand::value(one::<I>());
        let mut entries_shape = vec![one(); rows.rank().unwrap_or(0)];
        entries_shape[dim as usize - 1] = AnyOperand::tensor(size);
        let entries_shape = stack(g, entries_shape, 0);
        flat = flat + reshape(entries, entries_shape);
    }
    let flat = reshape(flat, [-1]);
    let outer_shape = index(params_shape, depth + 1..);
    let count = product(index(params_shape, ..depth + 1));
    let flat_params = reshape(params, concat(g, ((count,), outer_shape), 0));
    let gathered = gather(flat_params, flat, ());
    let result = reshape(gathered, concat(g, [indices_shape, outer_shape], 0));
    let outer = known.dims().map(|dims| dims.split_at(batch.len()));
    let Some((shared, outer)) = outer else {
        return result;
    };
    let Some(shared) = Shape::from(shared.to_vec()).merge(&batch.to_vec().into()) else {
        let message = format!("indices of {rows} do not fit parameters of {known}");
        return fault(g, indices, &message);
    };
    let shared = shared.dims().unwrap_or_default();
    result.set_shape(
        [
            shared,
            &rows.dims().unwrap_or_default()[batch.len()..],
            &outer[1..],
        ]
        .concat(),
    );
    result
}

fn one<I: IndexType>() -> TensorValue {
    let one = 1i32.into_tensor_value();
    one.converted(I::DTYPE).unwrap_or(one)
}

functions! {
    /// A tensor of zeros in which the rows that the indices name hold the updates, summed where one is named twice
    /// (`tf.scatter_nd`).
    scatter_nd "ScatterNd" <T: TensorType, I: IndexType>(indices: I, updates: T, shape: I) -> T;
    /// The tensor with the parts that the rows of the indices name replaced (`tf.tensor_scatter_nd_update`).
    tensor_scatter_nd_update "TensorScatterUpdate" <T: TensorType, I: IndexType>(x: T, indices: I, updates: T) -> T;
    /// The tensor with the updates added where the rows of the indices say (`tf.tensor_scatter_nd_add`).
    tensor_scatter_nd_add "TensorScatterAdd" <T: TensorType, I: IndexType>(x: T, indices: I, updates: T) -> T;
    /// The tensor with the updates subtracted where the rows of the indices say (`tf.tensor_scatter_nd_sub`).
    tensor_scatter_nd_sub "TensorScatterSub" <T: TensorType, I: IndexType>(x: T, indices: I, updates: T) -> T;
}

/// A tensor in `num` parts of which each has the elements that `partitions` numbers with it
/// (`tf.dynamic_partition`), in an array or a vector.
#[track_caller]
pub fn dynamic_partition<'g, P: Parts<'g, T>, T: TensorType>(
    data: impl TensorLike<'g, T>,
    partitions: impl Operand<'g, i32>,
    num: usize,
) -> P {
    let parts = function(data.graph(), "DynamicPartition")
        .arg(data)
        .arg(partitions)
        .attr("num_partitions", num as i64)
        .finish();
    outputs(parts)
}

/// One tensor of the elements of several, at the positions that the indices give (`tf.dynamic_stitch`).
#[track_caller]
pub fn dynamic_stitch<'g, T: TensorType>(
    g: &'g GraphBuilder,
    indices: impl Operand<'g, i32>,
    data: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    function(g, "DynamicStitch")
        .list(Arg::items(indices))
        .list(Arg::items(data))
        .typed()
}
