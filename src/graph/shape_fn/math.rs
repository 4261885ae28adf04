//! Shapes of arithmetic, comparisons, reductions and matrix products.

use super::dims::{broadcast_shapes, dim, without_last};
use super::{
    ANY, Inference, Inferred, ShapeFn, at_least_rank, at_most_rank, merge_dims, merged,
    normal_axis, ranks_are, scalar, unchanged, with_rank,
};
use crate::graph::attr::shape_from_proto;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Abs", unchanged),
    ("Acos", unchanged),
    ("Acosh", unchanged),
    ("Angle", unchanged),
    ("Asin", unchanged),
    ("Asinh", unchanged),
    ("Atan", unchanged),
    ("Atanh", unchanged),
    ("BesselI0e", unchanged),
    ("BesselI1e", unchanged),
    ("Bucketize", unchanged),
    ("Cast", unchanged),
    ("Ceil", unchanged),
    ("ClipByValue", unchanged),
    ("ComplexAbs", unchanged),
    ("Conj", unchanged),
    ("Cos", unchanged),
    ("Cosh", unchanged),
    ("Cumprod", unchanged),
    ("Cumsum", unchanged),
    ("CumulativeLogsumexp", unchanged),
    ("Digamma", unchanged),
    ("Erf", unchanged),
    ("Erfc", unchanged),
    ("Exp", unchanged),
    ("Expm1", unchanged),
    ("Floor", unchanged),
    ("Imag", unchanged),
    ("Inv", unchanged),
    ("InvGrad", unchanged),
    ("Invert", unchanged),
    ("IsFinite", unchanged),
    ("IsInf", unchanged),
    ("IsNan", unchanged),
    ("Lgamma", unchanged),
    ("Log", unchanged),
    ("Log1p", unchanged),
    ("LogicalNot", unchanged),
    ("Neg", unchanged),
    ("PopulationCount", unchanged),
    ("Real", unchanged),
    ("Reciprocal", unchanged),
    ("ReciprocalGrad", unchanged),
    ("Rint", unchanged),
    ("Round", unchanged),
    ("Rsqrt", unchanged),
    ("RsqrtGrad", unchanged),
    ("Sigmoid", unchanged),
    ("SigmoidGrad", unchanged),
    ("Sign", unchanged),
    ("Sin", unchanged),
    ("Sinh", unchanged),
    ("Sqrt", unchanged),
    ("SqrtGrad", unchanged),
    ("Square", unchanged),
    ("Tan", unchanged),
    ("Tanh", unchanged),
    ("TanhGrad", unchanged),
    ("Add", broadcast),
    ("AddV2", broadcast),
    ("Atan2", broadcast),
    ("BitwiseAnd", broadcast),
    ("BitwiseOr", broadcast),
    ("BitwiseXor", broadcast),
    ("Complex", broadcast),
    ("Div", broadcast),
    ("DivNoNan", broadcast),
    ("FloorDiv", broadcast),
    ("FloorMod", broadcast),
    ("Greater", broadcast),
    ("GreaterEqual", broadcast),
    ("Igamma", broadcast),
    ("IgammaGradA", broadcast),
    ("Igammac", broadcast),
    ("LeftShift", broadcast),
    ("Less", broadcast),
    ("LessEqual", broadcast),
    ("LogicalAnd", broadcast),
    ("LogicalOr", broadcast),
    ("Maximum", broadcast),
    ("Minimum", broadcast),
    ("Mod", broadcast),
    ("Mul", broadcast),
    ("MulNoNan", broadcast),
    ("NextAfter", broadcast),
    ("Polygamma", broadcast),
    ("Pow", broadcast),
    ("RandomGammaGrad", broadcast),
    ("RealDiv", broadcast),
    ("RightShift", broadcast),
    ("SquaredDifference", broadcast),
    ("Sub", broadcast),
    ("TruncateDiv", broadcast),
    ("TruncateMod", broadcast),
    ("Xdivy", broadcast),
    ("Xlogy", broadcast),
    ("Zeta", broadcast),
    ("Equal", equal),
    ("NotEqual", equal),
    ("ApproximateEqual", approximate_equal),
    ("AccumulateNV2", |i| Ok(vec![declared(i)])),
    ("AddN", add_n),
    ("Betainc", betainc),
    ("Cross", cross),
    ("Select", select),
    ("SelectV2", select_v2),
    ("All", reduce),
    ("Any", reduce),
    ("EuclideanNorm", reduce),
    ("Max", reduce),
    ("Mean", reduce),
    ("Min", reduce),
    ("Prod", reduce),
    ("Sum", reduce),
    ("ArgMax", arg_max),
    ("ArgMin", arg_max),
    ("BatchMatMul", batch_mat_mul),
    ("BatchMatMulV2", batch_mat_mul),
    ("MatMul", mat_mul),
    ("_FusedMatMul", mat_mul),
    ("_MklMaximum", broadcast_with_layout),
    ("_MklMul", broadcast_with_layout),
    ("_MklSquaredDifference", broadcast_with_layout),
    ("_MklSub", broadcast_with_layout),
    ("SparseMatMul", mat_mul),
    ("QuantizedAdd", |i| {
        i.check_scalars(2..6)?;
        i.then_scalars(broadcast(i)?)
    }),
    ("QuantizedMul", |i| i.then_scalars(broadcast(i)?)),
    ("QuantizedMatMul", |i| i.then_scalars(mat_mul(i)?)),
    ("QuantizedMatMulWithBias", |i| i.then_scalars(mat_mul(i)?)),
    ("QuantizedMatMulWithBiasAndRelu", |i| {
        i.then_scalars(mat_mul(i)?)
    }),
    ("QuantizedMatMulWithBiasAndReluAndRequantize", |i| {
        i.then_scalars(mat_mul(i)?)
    }),
    ("QuantizeDownAndShrinkRange", requantize),
    ("Requantize", requantize),
    ("RequantizePerChannel", |i| {
        ranks_are(i, &[ANY, 1, 1, 0, 0])?;
        i.then_scalars(unchanged(i)?)
    }),
    ("RequantizationRange", |i| {
        i.check_scalars([1, 2])?;
        i.all_outputs(Shape::scalar())
    }),
    ("RequantizationRangePerChannel", |i| {
        ranks_are(i, &[ANY, 1, 1])?;
        i.all_outputs(Shape::scalar())
    }),
];

/// The shape that attribute `shape` declares.
fn declared(i: &Inference<'_>) -> Shape {
    match i.node.attr_or_default("shape") {
        Some(Value::Shape(shape)) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }
}

fn broadcast(i: &Inference<'_>) -> Inferred {
    Ok(vec![broadcast_shapes(i.input(0), i.input(1))?])
}

/// Nothing is known of the second output, which describes how the first one lies in memory.
fn broadcast_with_layout(i: &Inference<'_>) -> Inferred {
    Ok(vec![
        broadcast_shapes(i.input(0), i.input(1))?,
        Shape::unknown(),
    ])
}

/// Where shapes that do not broadcast are allowed, they give a scalar, and shapes that may not do so nothing known.
fn equal(i: &Inference<'_>) -> Inferred {
    let same = i.node.inputs[0] == i.node.inputs[1];
    if same || i.node.bool_attr("incompatible_shape_error") != Some(false) {
        return broadcast(i);
    }
    let (Some(a), Some(b)) = (i.input(0).dims(), i.input(1).dims()) else {
        return Ok(vec![Shape::unknown()]);
    };
    let shared = a.len().min(b.len());
    let pairs = a[a.len() - shared..].iter().zip(&b[b.len() - shared..]);
    for pair in pairs {
        match pair {
            (Some(1), _) | (_, Some(1)) => {}
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => return scalar(i),
            _ => return Ok(vec![Shape::unknown()]),
        }
    }
    broadcast(i)
}

fn approximate_equal(i: &Inference<'_>) -> Inferred {
    merged(i.input(0), i.input(1))?;
    unchanged(i)
}

fn add_n(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs().rev() {
        shape = merged(&shape, input)?;
    }
    Ok(vec![shape])
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
    Ok(vec![match total - scalars {
        0 => Shape::scalar(),
        1 => last.clone(),
        _ => shape,
    }])
}

fn cross(i: &Inference<'_>) -> Inferred {
    at_least_rank(i.input(0), 1, "\"a\"")?;
    at_least_rank(i.input(1), 1, "\"b\"")?;
    let shape = merged(i.input(0), i.input(1))?;
    merge_dims(dim(&shape, -1), Some(3), "the last dimension and 3")?;
    Ok(vec![shape])
}

/// Checks that all handles that are selected from stand for tensors that are alike.
fn check_handles(i: &Inference<'_>) -> Inferred<()> {
    let (a, b) = (i.handle(1), i.handle(2));
    if a.is_empty() || b.is_empty() {
        return Ok(());
    }
    if a.len() != b.len() {
        return Err(format!(
            "handles of {} and of {} tensors are not alike",
            a.len(),
            b.len()
        ));
    }
    for ((a, first), (b, second)) in a.iter().zip(b) {
        if first != second {
            return Err(format!("handles of {first} and of {second} are not alike"));
        }
        merged(a, b)?;
    }
    Ok(())
}

fn select(i: &Inference<'_>) -> Inferred {
    check_handles(i)?;
    let condition = i.input(0);
    let data = merged(i.input(1), i.input(2))?;
    let (Some(condition_rank), Some(rank)) = (condition.rank(), data.rank()) else {
        return Ok(vec![data]);
    };
    match (condition_rank, rank) {
        (0, _) => Ok(vec![data]),
        (1, 1..) => {
            merge_dims(dim(condition, 0), dim(&data, 0), "first dimensions")?;
            Ok(vec![data])
        }
        _ => Ok(vec![merged(&data, condition)?]),
    }
}

fn select_v2(i: &Inference<'_>) -> Inferred {
    check_handles(i)?;
    let data = broadcast_shapes(i.input(1), i.input(2))?;
    Ok(vec![broadcast_shapes(i.input(0), &data)?])
}

/// The last two dimensions after an optional transposition.
fn inner(shape: &Shape, transposed: bool) -> (Option<usize>, Option<usize>) {
    let (rows, columns) = (dim(shape, -2), dim(shape, -1));
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
        return Err(format!(
            "inner dimensions differ: left {}, right {}",
            i.input(0),
            i.input(1)
        ));
    }
    Ok((a.0, b.1))
}

fn mat_mul(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(0), 2, "the left input")?;
    with_rank(i.input(1), 2, "the right input")?;
    let (rows, columns) = matrix_product(i, ["transpose_a", "transpose_b"])?;
    Ok(vec![(rows, columns).into()])
}

fn batch_mat_mul(i: &Inference<'_>) -> Inferred {
    let (a, b) = (i.input(0), i.input(1));
    at_least_rank(a, 2, "the left input")?;
    at_least_rank(b, 2, "the right input")?;
    let (rows, columns) = matrix_product(i, ["adj_x", "adj_y"])?;
    let (a, b) = (without_last(a, 2), without_last(b, 2));
    let batch = if i.op.name == "BatchMatMul" {
        merged(&a, &b)?
    } else {
        broadcast_shapes(&a, &b)?
    };
    Ok(vec![super::with_suffix(&batch, &[rows, columns])])
}

/// The first version whose axes are a list.
const FIRST_WITH_LISTED_AXES: i32 = 21;

fn reduce(i: &Inference<'_>) -> Inferred {
    let (input, axes) = (i.input(0), i.input(1));
    if i.producer >= FIRST_WITH_LISTED_AXES {
        at_most_rank(axes, 1, "the axes")?;
    }
    let keep = i.node.bool_attr("keep_dims") == Some(true);
    // Without the axes, only the rank of what keeps its dimensions is known.
    let Some(values) = i.integers(1) else {
        let rank = input.rank().filter(|_| keep);
        return Ok(vec![rank.map_or(Shape::unknown(), Shape::unknown_of_rank)]);
    };
    let Some(dims) = input.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let mut reduced = vec![false; dims.len()];
    for axis in values {
        reduced[normal_axis(axis, dims.len())?] = true;
    }
    let dims = dims
        .iter()
        .zip(reduced)
        .filter_map(|(dim, reduced)| match reduced {
            false => Some(*dim),
            true => keep.then_some(Some(1)),
        });
    Ok(vec![dims.collect::<Vec<_>>().into()])
}

fn arg_max(i: &Inference<'_>) -> Inferred {
    i.check_scalars([1])?;
    let Some(dims) = i.input(0).dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    if dims.len() <= 1 {
        return scalar(i);
    }
    let Some(axis) = i.integers(1) else {
        return Ok(vec![Shape::unknown_of_rank(dims.len() - 1)]);
    };
    let mut dims = dims.to_vec();
    dims.remove(normal_axis(axis[0], dims.len())?);
    Ok(vec![dims.into()])
}

fn requantize(i: &Inference<'_>) -> Inferred {
    i.check_scalars(1..i.node.inputs.len())?;
    i.then_scalars(unchanged(i)?)
}
