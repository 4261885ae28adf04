//! Shapes of arithmetic, reductions, matrix products, activations and random numbers.

use super::{
    Inference, Inferred, ShapeFn, at_least_rank, at_most_rank, normal_axis, scalar,
    shape_from_input, unchanged, with_rank,
};
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Abs", unchanged),
    ("Cast", unchanged),
    ("Elu", unchanged),
    ("Exp", unchanged),
    ("Log", unchanged),
    ("Neg", unchanged),
    ("Relu", unchanged),
    ("Relu6", unchanged),
    ("Rsqrt", unchanged),
    ("Selu", unchanged),
    ("Sigmoid", unchanged),
    ("Sign", unchanged),
    ("Softplus", unchanged),
    ("Softsign", unchanged),
    ("Sqrt", unchanged),
    ("Square", unchanged),
    ("Tanh", unchanged),
    ("Add", broadcast),
    ("AddV2", broadcast),
    ("Div", broadcast),
    ("FloorDiv", broadcast),
    ("FloorMod", broadcast),
    ("Maximum", broadcast),
    ("Minimum", broadcast),
    ("Mul", broadcast),
    ("Pow", broadcast),
    ("RealDiv", broadcast),
    ("SquaredDifference", broadcast),
    ("Sub", broadcast),
    ("TruncateDiv", broadcast),
    ("AddN", add_n),
    ("All", reduce),
    ("Any", reduce),
    ("Max", reduce),
    ("Mean", reduce),
    ("Min", reduce),
    ("Prod", reduce),
    ("Sum", reduce),
    ("BiasAdd", bias_add),
    ("L2Loss", scalar),
    ("LogSoftmax", softmax),
    ("Softmax", softmax),
    ("MatMul", mat_mul),
    ("RandomStandardNormal", shape_from_input),
    ("RandomUniform", shape_from_input),
    ("RandomUniformInt", shape_from_input),
    ("TruncatedNormal", shape_from_input),
    ("Range", range),
];

fn broadcast(i: &Inference<'_>) -> Inferred {
    let (a, b) = (i.input(0), i.input(1));
    let shape = a
        .broadcast(b)
        .ok_or_else(|| format!("shapes do not broadcast: left {a}, right {b}"))?;
    Ok(vec![shape])
}

fn add_n(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs().rev() {
        let merged = shape.merge(input);
        shape = merged
            .ok_or_else(|| format!("inputs must have equal shapes: found {shape} and {input}"))?;
    }
    Ok(vec![shape])
}

fn mat_mul(i: &Inference<'_>) -> Inferred {
    let mut a = with_rank(i.input(0), 2, "the left input")?;
    let mut b = with_rank(i.input(1), 2, "the right input")?;
    if i.node.bool_attr("transpose_a") == Some(true) {
        a.reverse();
    }
    if i.node.bool_attr("transpose_b") == Some(true) {
        b.reverse();
    }
    if a[1].zip(b[0]).is_some_and(|(left, right)| left != right) {
        return Err(format!(
            "inner dimensions differ: left {}, right {}",
            i.input(0),
            i.input(1)
        ));
    }
    Ok(vec![(a[0], b[1]).into()])
}

fn bias_add(i: &Inference<'_>) -> Inferred {
    let bias = with_rank(i.input(1), 1, "the bias")?[0];
    let value = i.input(0);
    let channels_first = i.node.string_attr("data_format") == Some(b"NCHW");
    at_least_rank(value, if channels_first { 3 } else { 2 }, "the value")?;
    let Some(dims) = value.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let mut dims = dims.to_vec();
    let channel = if channels_first {
        dims.len() - 3
    } else {
        dims.len() - 1
    };
    match (dims[channel], bias) {
        (Some(found), Some(bias)) if found != bias => {
            return Err(format!(
                "the bias has {bias} elements, the value's shape {value} has {found} channels"
            ));
        }
        (known, bias) => dims[channel] = known.or(bias),
    }
    Ok(vec![dims.into()])
}

fn softmax(i: &Inference<'_>) -> Inferred {
    at_least_rank(i.input(0), 1, "the input")?;
    unchanged(i)
}

fn reduce(i: &Inference<'_>) -> Inferred {
    let (input, axes) = (i.input(0), i.input(1));
    at_most_rank(axes, 1, "the axes")?;
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

fn range(i: &Inference<'_>) -> Inferred {
    for (index, what) in ["the start", "the limit", "the delta"]
        .into_iter()
        .enumerate()
    {
        with_rank(i.input(index), 0, what)?;
    }
    let value = |index| Some(i.integers(index)?[0]);
    let (Some(start), Some(limit), Some(delta)) = (value(0), value(1), value(2)) else {
        return Ok(vec![Shape::unknown_of_rank(1)]);
    };
    if delta == 0 {
        return Err("the delta is 0".to_owned());
    }
    let distance = if delta > 0 {
        limit.checked_sub(start)
    } else {
        start.checked_sub(limit)
    };
    let Some(distance @ 0..) = distance else {
        return Err(format!(
            "a range from {start} to {limit} cannot have the delta {delta}"
        ));
    };
    let len = (distance as u64).div_ceil(delta.unsigned_abs());
    Ok(vec![[usize::try_from(len).ok()].into()])
}
