//! Shapes of arithmetic, comparisons, reductions and matrix products.

use super::Outputs::{Of, Scalars};
use super::dims::{broadcast_shapes, unmarked};
use super::{
    ANY, Inference, Inferred, agree, at_least_rank, at_most_rank, declared, known, marked,
    merge_dims, merged, normal_axis, one, one_merged, one_unknown, refuse, scalar, scalars, two,
    unchanged,
};
use crate::graph::facts::kernel::{self, Binary, Comparison, Reduction, Unary};
use crate::graph::facts::{Folding, OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Abs", unchanged).unary(Unary::Abs),
    op("AccumulateNV2", declared),
    op("Acos", unchanged).unary(Unary::Acos),
    op("Acosh", unchanged).unary(Unary::Acosh),
    op("Add", broadcast).binary(Binary::Add),
    op("AddN", add_n)
        .kernel(kernel::arithmetic::add_n)
        .value(known::pick::add_n),
    op("AddV2", broadcast).binary(Binary::Add),
    op("All", reduce).reduction(Reduction::All),
    op("Angle", unchanged),
    op("Any", reduce).reduction(Reduction::Any),
    op("ApproximateEqual", approximate_equal),
    op("ArgMax", arg_max).reduction(Reduction::ArgMax),
    op("ArgMin", arg_max).reduction(Reduction::ArgMin),
    op("Asin", unchanged).unary(Unary::Asin),
    op("Asinh", unchanged).unary(Unary::Asinh),
    op("Atan", unchanged).unary(Unary::Atan),
    op("Atan2", broadcast).binary(Binary::Atan2),
    op("Atanh", unchanged).unary(Unary::Atanh),
    op("BatchMatMul", |i| batch_mat_mul(i, merged)).kernel(kernel::matrix::batch_mat_mul),
    op("BatchMatMulV2", |i| batch_mat_mul(i, broadcast_shapes))
        .kernel(kernel::matrix::batch_mat_mul),
    op("BesselI0e", unchanged),
    op("BesselI1e", unchanged),
    op("Betainc", betainc),
    op("BitwiseAnd", broadcast).folding(Folding::Binary(Binary::BitwiseAnd)),
    op("BitwiseOr", broadcast).folding(Folding::Binary(Binary::BitwiseOr)),
    op("BitwiseXor", broadcast).folding(Folding::Binary(Binary::BitwiseXor)),
    op("Bucketize", unchanged),
    op("Cast", unchanged)
        .kernel(kernel::fill::cast)
        .value(known::compute::cast),
    op("Ceil", unchanged).unary(Unary::Ceil),
    op("ClipByValue", unchanged).value(known::compute::clip),
    op("Complex", broadcast),
    op("ComplexAbs", unchanged),
    op("Conj", unchanged),
    op("Cos", unchanged).unary(Unary::Cos),
    op("Cosh", unchanged).unary(Unary::Cosh),
    op("Cross", cross),
    op("Cumprod", unchanged)
        .kernel(kernel::reduce::cumprod)
        .value(known::pick::cumprod),
    op("Cumsum", unchanged)
        .kernel(kernel::reduce::cumsum)
        .value(known::pick::cumsum),
    op("CumulativeLogsumexp", unchanged),
    op("Digamma", unchanged),
    op("Div", broadcast).binary(Binary::Div),
    op("DivNoNan", broadcast).binary(Binary::DivNoNan),
    op("Equal", equal).comparison(Comparison::Equal),
    op("Erf", unchanged),
    op("Erfc", unchanged),
    op("EuclideanNorm", reduce),
    op("Exp", unchanged).unary(Unary::Exp),
    op("Expm1", unchanged).unary(Unary::Expm1),
    op("Floor", unchanged).unary(Unary::Floor),
    op("FloorDiv", broadcast).binary(Binary::FloorDiv),
    op("FloorMod", broadcast).binary(Binary::FloorMod),
    op("Greater", broadcast).comparison(Comparison::Greater),
    op("GreaterEqual", broadcast).comparison(Comparison::GreaterEqual),
    op("Igamma", broadcast),
    op("IgammaGradA", broadcast),
    op("Igammac", broadcast),
    op("Imag", unchanged),
    op("Inv", unchanged).unary(Unary::Reciprocal),
    op("InvGrad", unchanged),
    op("Invert", unchanged).folding(Folding::Unary(Unary::Invert)),
    op("IsFinite", unchanged).folding(Folding::Unary(Unary::IsFinite)),
    op("IsInf", unchanged).folding(Folding::Unary(Unary::IsInf)),
    op("IsNan", unchanged).folding(Folding::Unary(Unary::IsNan)),
    op("LeftShift", broadcast).folding(Folding::Binary(Binary::LeftShift)),
    op("Less", broadcast).comparison(Comparison::Less),
    op("LessEqual", broadcast).comparison(Comparison::LessEqual),
    op("Lgamma", unchanged),
    op("Log", unchanged).unary(Unary::Log),
    op("Log1p", unchanged).unary(Unary::Log1p),
    op("LogicalAnd", broadcast)
        .kernel(kernel::arithmetic::logical_and)
        .folding(Folding::Binary(Binary::BitwiseAnd)),
    op("LogicalNot", unchanged)
        .kernel(kernel::unary::not)
        .folding(Folding::Unary(Unary::Not)),
    op("LogicalOr", broadcast)
        .kernel(kernel::arithmetic::logical_or)
        .folding(Folding::Binary(Binary::BitwiseOr)),
    op("MatMul", mat_mul)
        .kernel(kernel::matrix::mat_mul)
        .value(known::reduce::mat_mul),
    op("Max", reduce).reduction(Reduction::Max),
    op("Maximum", broadcast).binary(Binary::Maximum),
    op("Mean", reduce).reduction(Reduction::Mean),
    op("Min", reduce).reduction(Reduction::Min),
    op("Minimum", broadcast).binary(Binary::Minimum),
    op("Mod", broadcast).binary(Binary::Mod),
    op("Mul", broadcast).binary(Binary::Mul),
    op("MulNoNan", broadcast).folding(Folding::Binary(Binary::MulNoNan)),
    op("Neg", unchanged).unary(Unary::Neg),
    op("NextAfter", broadcast),
    op("NotEqual", equal).comparison(Comparison::NotEqual),
    op("Polygamma", broadcast),
    op("PopulationCount", unchanged),
    op("Pow", broadcast).binary(Binary::Pow),
    op("Prod", reduce).reduction(Reduction::Prod),
    op("QuantizeDownAndShrinkRange", requantize),
    op("QuantizedAdd", |i| {
        i.check_scalars(2..6)?;
        i.then_scalars(broadcast(i)?)
    }),
    op("QuantizedMatMul", |i| i.then_scalars(mat_mul(i)?)),
    op("QuantizedMatMulWithBias", |i| i.then_scalars(mat_mul(i)?)),
    op("QuantizedMatMulWithBiasAndRelu", |i| {
        i.then_scalars(mat_mul(i)?)
    }),
    op("QuantizedMatMulWithBiasAndReluAndRequantize", |i| {
        i.then_scalars(mat_mul(i)?)
    }),
    op("QuantizedMul", |i| i.then_scalars(broadcast(i)?)),
    op("RandomGammaGrad", broadcast),
    op("Real", unchanged),
    op("RealDiv", broadcast).binary(Binary::RealDiv),
    op("Reciprocal", unchanged).unary(Unary::Reciprocal),
    op("ReciprocalGrad", unchanged),
    op("RequantizationRange", |i| {
        i.check_scalars(1..3)?;
        scalars(i)
    }),
    ranked("RequantizationRangePerChannel", &[ANY, 1, 1], Scalars),
    op("Requantize", requantize),
    ranked(
        "RequantizePerChannel",
        &[ANY, 1, 1, 0, 0],
        Of(|i| i.then_scalars(unchanged(i)?)),
    ),
    op("RightShift", broadcast).folding(Folding::Binary(Binary::RightShift)),
    op("Rint", unchanged).unary(Unary::Rint),
    op("Round", unchanged).unary(Unary::Round),
    op("Rsqrt", unchanged).unary(Unary::Rsqrt),
    op("RsqrtGrad", unchanged),
    op("Select", select)
        .moves(kernel::gather::select)
        .handle(known::handle::chosen),
    op("SelectV2", select_v2)
        .moves(kernel::gather::select_v2)
        .handle(known::handle::chosen),
    op("Sigmoid", unchanged).unary(Unary::Sigmoid),
    op("SigmoidGrad", unchanged),
    op("Sign", unchanged).unary(Unary::Sign),
    op("Sin", unchanged).unary(Unary::Sin),
    op("Sinh", unchanged).unary(Unary::Sinh),
    op("SparseMatMul", mat_mul),
    op("Sqrt", unchanged).unary(Unary::Sqrt),
    op("SqrtGrad", unchanged),
    op("Square", unchanged).unary(Unary::Square),
    op("SquaredDifference", broadcast).binary(Binary::SquaredDifference),
    op("Sub", broadcast).binary(Binary::Sub),
    op("Sum", reduce).reduction(Reduction::Sum),
    op("Tan", unchanged).unary(Unary::Tan),
    op("Tanh", unchanged).unary(Unary::Tanh),
    op("TanhGrad", unchanged),
    op("TruncateDiv", broadcast).binary(Binary::TruncateDiv),
    op("TruncateMod", broadcast).binary(Binary::Mod),
    op("Xdivy", broadcast).folding(Folding::Binary(Binary::Xdivy)),
    op("Xlogy", broadcast),
    op("Zeta", broadcast),
    op("_FusedMatMul", mat_mul),
    op("_MklMaximum", broadcast_with_layout),
    op("_MklMul", broadcast_with_layout),
    op("_MklSquaredDifference", broadcast_with_layout),
    op("_MklSub", broadcast_with_layout),
];

pub(super) fn broadcast(i: &Inference<'_>) -> Inferred {
    one(broadcast_shapes(i.input(0), i.input(1))?)
}

/// Nothing is known of the second output, which describes how the first one lies in memory.
fn broadcast_with_layout(i: &Inference<'_>) -> Inferred {
    two(broadcast_shapes(i.input(0), i.input(1))?, Shape::unknown())
}

/// Where shapes that do not broadcast are allowed, they give a scalar, and shapes that may not do so nothing known.
fn equal(i: &Inference<'_>) -> Inferred {
    let same = i.node.inputs[0] == i.node.inputs[1];
    if same || i.node.bool_attr("incompatible_shape_error") != Some(false) {
        return broadcast(i);
    }
    let (Some(a), Some(b)) = (i.input(0).dims(), i.input(1).dims()) else {
        return one_unknown();
    };
    let shared = a.len().min(b.len());
    for (a, b) in a[a.len() - shared..].iter().zip(&b[b.len() - shared..]) {
        match (a, b) {
            (Some(1), _) | (_, Some(1)) => {}
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => return scalar(i),
            _ => return one_unknown(),
        }
    }
    broadcast(i)
}

fn approximate_equal(i: &Inference<'_>) -> Inferred {
    agree(i.input(0), i.input(1))?;
    unchanged(i)
}

fn add_n(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs().rev() {
        shape = merged(&shape, input)?;
    }
    one(shape)
}

/// Scalars stretch; all other inputs have one shape.
fn betainc(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    let mut last = &Shape::unknown();
    let (mut scalars, mut total) = (0, 0);
    for input in i.inputs() {
        total += 1;
        match input.rank() {
            Some(0) => scalars += 1,
            _ => {
                shape = merged(&shape, input)?;
                last = input;
            }
        }
    }
    one(match total - scalars {
        0 => Shape::scalar(),
        1 => last.clone(),
        _ => shape,
    })
}

fn cross(i: &Inference<'_>) -> Inferred {
    i.at_least_rank(0, 1, "\"a\"")?;
    i.at_least_rank(1, 1, "\"b\"")?;
    let shape = merged(i.input(0), i.input(1))?;
    merge_dims(shape.dim(-1), Some(3), "the last dimension and 3")?;
    one(shape)
}

/// Checks that all handles that are selected from stand for tensors that are alike.
fn check_handles(i: &Inference<'_>) -> Inferred<()> {
    let (a, b) = (i.handle(1), i.handle(2));
    if a.is_empty() || b.is_empty() {
        return Ok(());
    }
    if a.len() != b.len() {
        return refuse(format_args!(
            "handles of {} and of {} tensors are not alike",
            a.len(),
            b.len()
        ));
    }
    for ((a, first), (b, second)) in a.iter().zip(b) {
        if first != second {
            return refuse(format_args!(
                "handles of {first} and of {second} are not alike"
            ));
        }
        agree(a, b)?;
    }
    Ok(())
}

fn select(i: &Inference<'_>) -> Inferred {
    check_handles(i)?;
    let condition = i.input(0);
    let data = merged(i.input(1), i.input(2))?;
    let (Some(condition_rank), Some(rank)) = (condition.rank(), data.rank()) else {
        return one(data);
    };
    match (condition_rank, rank) {
        (0, _) => one(data),
        (1, 1..) => {
            merge_dims(condition.dim(0), data.dim(0), "first dimensions")?;
            one(data)
        }
        _ => one_merged(&data, condition),
    }
}

fn select_v2(i: &Inference<'_>) -> Inferred {
    check_handles(i)?;
    let data = broadcast_shapes(i.input(1), i.input(2))?;
    one(broadcast_shapes(i.input(0), &data)?)
}

/// The last two dimensions after an optional transposition.
fn inner(shape: &Shape, transposed: bool) -> (Option<usize>, Option<usize>) {
    let (rows, columns) = (shape.dim(-2), shape.dim(-1));
    if transposed {
        (columns, rows)
    } else {
        (rows, columns)
    }
}

/// The rows and columns of a product of matrices.
fn matrix_product(
    i: &Inference<'_>,
    transpose: [&str; 2],
) -> Inferred<(Option<usize>, Option<usize>)> {
    let transposed = |name| i.node.bool_attr(name) == Some(true);
    let a = inner(i.input(0), transposed(transpose[0]));
    let b = inner(i.input(1), transposed(transpose[1]));
    if a.1.zip(b.0).is_some_and(|(left, right)| left != right) {
        return refuse(format_args!(
            "inner dimensions differ: left {}, right {}",
            i.input(0),
            i.input(1)
        ));
    }
    Ok((a.0, b.1))
}

fn mat_mul(i: &Inference<'_>) -> Inferred {
    i.dims(0, 2, "the left input")?;
    i.dims(1, 2, "the right input")?;
    let (rows, columns) = matrix_product(i, ["transpose_a", "transpose_b"])?;
    one((rows, columns).into())
}

/// Products of batches of matrices whose other dimensions are joined by a function.
fn batch_mat_mul(i: &Inference<'_>, join: fn(&Shape, &Shape) -> Inferred<Shape>) -> Inferred {
    let (a, b) = (i.input(0), i.input(1));
    at_least_rank(a, 2, "the left input")?;
    at_least_rank(b, 2, "the right input")?;
    let (rows, columns) = matrix_product(i, ["adj_x", "adj_y"])?;
    let batch = join(&a.without_last(2), &b.without_last(2))?;
    one(batch.with_suffix(&[rows, columns]))
}

/// The first version whose axes are a list.
const FIRST_WITH_LISTED_AXES: i32 = 21;

pub(super) fn reduce(i: &Inference<'_>) -> Inferred {
    let (input, axes) = (i.input(0), i.input(1));
    if i.producer >= FIRST_WITH_LISTED_AXES {
        at_most_rank(axes, 1, "the axes")?;
    }
    let keep = i.node.bool_attr("keep_dims") == Some(true);
    // Without the axes, only the rank of what keeps its dimensions is known.
    let Some(values) = i.integers(1) else {
        let rank = input.rank().filter(|_| keep);
        return one(rank.map_or(Shape::unknown(), Shape::unknown_of_rank));
    };
    let Some(dims) = input.dims() else {
        return one_unknown();
    };
    one(unmarked(dims, &marked(&values, dims.len())?, keep))
}

fn arg_max(i: &Inference<'_>) -> Inferred {
    i.check_scalars(1..2)?;
    let Some(dims) = i.input(0).dims() else {
        return one_unknown();
    };
    if dims.len() <= 1 {
        return scalar(i);
    }
    let Some(axis) = i.integers(1) else {
        return one(Shape::unknown_of_rank(dims.len() - 1));
    };
    let mut dims = dims.to_vec();
    dims.remove(normal_axis(axis[0], dims.len())?);
    one(dims.into())
}

fn requantize(i: &Inference<'_>) -> Inferred {
    i.check_scalars(1..i.node.inputs.len())?;
    i.then_scalars(unchanged(i)?)
}
