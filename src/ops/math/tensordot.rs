//! Products over some dimensions of tensors of any rank (`tf.tensordot`).

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::TensorLike;
use crate::ops::nodes::{Arg, Axes, Nodes};
use crate::ops::types::Algebraic;

/// The dimensions that [`tensordot`] multiplies and adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensordotAxes(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Count(i32),
    Lists(Vec<i32>, Vec<i32>),
}

/// The last `n` dimensions of the left tensor with the first `n` of the right one.
impl From<i32> for TensordotAxes {
    fn from(count: i32) -> Self {
        TensordotAxes(Kind::Count(count))
    }
}

/// One dimension of each tensor.
impl From<(i32, i32)> for TensordotAxes {
    fn from((a, b): (i32, i32)) -> Self {
        TensordotAxes(Kind::Lists(vec![a], vec![b]))
    }
}

/// The dimensions of the left tensor with those of the right one, in order.
impl<const N: usize, const M: usize> From<([i32; N], [i32; M])> for TensordotAxes {
    fn from((a, b): ([i32; N], [i32; M])) -> Self {
        TensordotAxes(Kind::Lists(a.into(), b.into()))
    }
}

/// The dimensions of the left tensor with those of the right one, in order.
impl From<(Vec<i32>, Vec<i32>)> for TensordotAxes {
    fn from((a, b): (Vec<i32>, Vec<i32>)) -> Self {
        TensordotAxes(Kind::Lists(a, b))
    }
}

/// The product of two tensors, summed over some dimensions of each (`tf.tensordot`).
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((2, 3, 4));
/// let y = g.placeholder::<f32>((4, 3, 5));
/// assert_eq!(math::tensordot(x, y, ([1, 2], [1, 0])).shape().to_string(), "[2, 5]");
/// assert_eq!(math::tensordot(x, y, 1).shape().to_string(), "[2, 3, 3, 5]");
/// ```
#[track_caller]
pub fn tensordot<'g, T: Algebraic>(
    a: impl TensorLike<'g, T>,
    b: impl Operand<'g, T>,
    axes: impl Into<TensordotAxes>,
) -> Tensor<'g, T> {
    let axes = axes.into();
    let (n, scope) = Nodes::in_scope(a.graph(), "Tensordot");
    let a = n.tensor(a, "a");
    let b = n.tensor(b, "b");
    product(n.0, &scope, (a, b), axes).typed()
}

fn product<'g>(
    g: &'g GraphBuilder,
    scope: &str,
    (a, b): (AnyTensor<'g>, AnyTensor<'g>),
    axes: TensordotAxes,
) -> AnyTensor<'g> {
    let n = Nodes(g);
    let (a_axes, b_axes) = match split_axes(n, a, axes) {
        Ok(axes) => axes,
        Err(message) => {
            g.report(Rule::Shape, message);
            return AnyTensor::poison(g);
        }
    };
    let sides = [(a, a_axes, false), (b, b_axes, true)];
    let [Ok((a, a_free)), Ok((b, b_free))] = sides.map(|(x, axes, flipped)| {
        let matrix = as_matrix(n, x, axes, flipped);
        matrix.map_err(|message| g.report(Rule::Shape, message))
    }) else {
        return AnyTensor::poison(g);
    };
    let product = n.matmul(a, b);
    let reshape = |shape: Arg<'g>| n.call(("Reshape", scope), [product.into(), shape]);
    if let (Free::Known(a), Free::Known(b)) = (&a_free, &b_free) {
        return reshape([&a[..], b].concat().into());
    }
    let (a_sizes, b_sizes) = (a_free.sizes(n), b_free.sizes(n));
    let product = reshape(n.concat(vec![a_sizes.into(), b_sizes.into()], 0).into());
    if let (Some(a), Some(b)) = (a_free.dims(), b_free.dims()) {
        product.set_shape([a, b].concat());
    }
    product
}

/// The axes of one tensor: a list, or a vector of the graph.
enum AxesOf<'g> {
    List(Vec<i32>),
    Tensor(AnyTensor<'g>),
}

fn split_axes<'g>(
    n: Nodes<'g>,
    a: AnyTensor<'g>,
    axes: TensordotAxes,
) -> Result<(AxesOf<'g>, AxesOf<'g>), String> {
    let count = match axes.0 {
        Kind::Count(count) => count,
        Kind::Lists(a, b) if a.len() == b.len() => return Ok((AxesOf::List(a), AxesOf::List(b))),
        Kind::Lists(a, b) => {
            let (a, b) = (a.len(), b.len());
            return Err(format!(
                "expected as many axes of either tensor, found {a} and {b}"
            ));
        }
    };
    match a.shape().rank() {
        _ if count < 0 => Err(format!("expected at least 0 axes, found {count}")),
        Some(rank) if count > rank as i32 => {
            Err(format!("expected at most {rank} axes, found {count}"))
        }
        Some(rank) => {
            let rank = rank as i32;
            let last = AxesOf::List((rank - count..rank).collect());
            Ok((last, AxesOf::List((0..count).collect())))
        }
        None => {
            let rank = n.rank(a);
            let last = n.range(n.sub(rank, count), rank);
            Ok((AxesOf::Tensor(last), AxesOf::Tensor(n.range(0, count))))
        }
    }
}

/// The sizes of the dimensions that stay.
enum Free<'g> {
    Known(Vec<i32>),
    /// Their sizes as a vector, with what is known of them.
    Computed(AnyTensor<'g>, Option<Vec<Option<usize>>>),
}

impl<'g> Free<'g> {
    fn sizes(&self, n: Nodes<'g>) -> AnyTensor<'g> {
        match self {
            Free::Known(sizes) => Arg::from(sizes.clone()).convert(n.0, "Const", DType::Int32),
            Free::Computed(sizes, _) => *sizes,
        }
    }

    fn dims(&self) -> Option<Vec<Option<usize>>> {
        match self {
            Free::Known(sizes) => Some(sizes.iter().map(|&size| Some(size as usize)).collect()),
            Free::Computed(_, dims) => dims.clone(),
        }
    }
}

/// The tensor as a matrix of the dimensions that stay and those that are summed up.
fn as_matrix<'g>(
    n: Nodes<'g>,
    x: AnyTensor<'g>,
    axes: AxesOf<'g>,
    flipped: bool,
) -> Result<(AnyTensor<'g>, Free<'g>), String> {
    let order = |first: Arg<'g>, second: Arg<'g>| match flipped {
        true => vec![second, first],
        false => vec![first, second],
    };
    let shape = x.shape();
    let (sizes, free, axes, dims) = match (shape.dims(), axes) {
        (Some(dims), AxesOf::List(axes)) => {
            let (free, axes) = free_axes(dims.len(), &axes)?;
            if let Some(sizes) = shape.to_static() {
                return Ok(known_matrix(n, x, (&free, &axes), &sizes, flipped));
            }
            let of_free = free.iter().map(|&axis| dims[axis as usize]).collect();
            let axes = Arg::from(axes).convert(n.0, "axes", DType::Int32);
            let free = Arg::from(free).convert(n.0, "free", DType::Int32);
            (n.shape(x), free, axes, Some(of_free))
        }
        (_, axes) => {
            let sizes = n.shape(x);
            let rank = n.rank(x);
            let axes = match axes {
                AxesOf::List(axes) => Arg::from(axes),
                AxesOf::Tensor(axes) => axes.into(),
            };
            let axes = axes.convert(n.0, "axes", DType::Int32);
            let positive = n.binary("GreaterEqual", axes, 0);
            let axes = n.select(positive, axes, n.add(axes, rank));
            let all = n.range(0, rank);
            let free = n.binary("ListDiff", all, axes);
            (sizes, free, axes, None)
        }
    };
    let free_sizes = n.gather(sizes, free, 0);
    let summed_sizes = n.gather(sizes, axes, 0);
    let rows = n.reduce("Prod", free_sizes, Axes::ALL);
    let columns = n.reduce("Prod", summed_sizes, Axes::ALL);
    let perm = n.concat(order(free.into(), axes.into()), 0);
    let shape = n.stack(order(rows.into(), columns.into()));
    let matrix = n.reshape(n.transpose(x, perm), shape);
    Ok((matrix, Free::Computed(free_sizes, dims)))
}

fn known_matrix<'g>(
    n: Nodes<'g>,
    x: AnyTensor<'g>,
    (free, axes): (&[i32], &[i32]),
    sizes: &[usize],
    flipped: bool,
) -> (AnyTensor<'g>, Free<'g>) {
    let of = |axes: &[i32]| -> Vec<i32> {
        let sizes = axes.iter().map(|&axis| sizes[axis as usize] as i32);
        sizes.collect()
    };
    let product = |axes: &[i32]| of(axes).into_iter().fold(1, i32::saturating_mul);
    let (perm, shape) = match flipped {
        true => ([axes, free].concat(), [product(axes), product(free)]),
        false => ([free, axes].concat(), [product(free), product(axes)]),
    };
    let matrix = n.reshape(n.transpose(x, perm), shape);
    (matrix, Free::Known(of(free)))
}

/// The axes that are not listed, and those that are without negative ones.
fn free_axes(rank: usize, axes: &[i32]) -> Result<(Vec<i32>, Vec<i32>), String> {
    let rank = rank as i32;
    let normal = |&axis: &i32| if axis < 0 { axis + rank } else { axis };
    let axes: Vec<i32> = axes.iter().map(normal).collect();
    if let Some(axis) = axes.iter().find(|axis| !(0..rank).contains(axis)) {
        return Err(format!("axis {axis} is out of range for rank {rank}"));
    }
    let free = (0..rank).filter(|axis| !axes.contains(axis)).collect();
    Ok((free, axes))
}
