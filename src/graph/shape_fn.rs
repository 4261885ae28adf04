//! Shape inference: the static shapes of a new node's outputs, as TensorFlow's own shape functions give them.
//!
//! An op that has no function here gets outputs of unknown rank: a wrong shape is worse than an unknown one.

use super::attr::shape_from_proto;
use super::{Node, TensorRef};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

type Inferred<T = Vec<Shape>> = Result<T, String>;
type ShapeFn = fn(&Inference<'_>) -> Inferred;

/// The shapes of the node's outputs, or why its inputs do not fit.
pub(super) fn infer(nodes: &[Node], node: &Node) -> Inferred {
    let inference = Inference { nodes, node };
    match function(node.op.name) {
        Some(function) => function(&inference),
        None => Ok(vec![Shape::unknown(); node.outputs.len()]),
    }
}

fn function(op: &str) -> Option<ShapeFn> {
    Some(match op {
        "Abs" | "Cast" | "Identity" | "Neg" | "Relu" | "Relu6" | "Rsqrt" | "Sigmoid"
        | "Softplus" | "Sqrt" | "Square" | "StopGradient" | "Tanh" | "Exp" | "Log" | "Sign"
        | "Elu" | "Selu" | "Softsign" => unchanged,
        "Add" | "AddV2" | "Sub" | "Mul" | "RealDiv" | "FloorDiv" | "Maximum" | "Minimum"
        | "Pow" | "SquaredDifference" | "Div" | "FloorMod" | "TruncateDiv" => broadcast,
        "AddN" => add_n,
        "AssignVariableOp" | "AssignAddVariableOp" | "AssignSubVariableOp" => assign_variable,
        "BiasAdd" => bias_add,
        "ConcatV2" => concat_v2,
        "Const" => constant,
        "Fill" => fill,
        "GatherV2" => gather_v2,
        "L2Loss" | "Rank" | "Size" | "VarIsInitializedOp" | "VarHandleOp" => scalar,
        "MatMul" => mat_mul,
        "NoOp" => |_| Ok(Vec::new()),
        "Pack" => pack,
        "Placeholder" => placeholder,
        "PlaceholderWithDefault" => placeholder_with_default,
        "Prod" | "Sum" | "Mean" | "Max" | "Min" | "All" | "Any" => reduce,
        "RandomStandardNormal" | "RandomUniform" | "RandomUniformInt" | "TruncatedNormal" => {
            shape_from_input
        }
        "Range" => range,
        "ReadVariableOp" => read_variable,
        "Reshape" => reshape,
        "Shape" => shape,
        "Softmax" | "LogSoftmax" => softmax,
        "StridedSlice" => strided_slice,
        "Transpose" => transpose,
        _ => return None,
    })
}

/// What a shape function knows.
struct Inference<'a> {
    nodes: &'a [Node],
    node: &'a Node,
}

impl<'a> Inference<'a> {
    fn shape_of(&self, tensor: TensorRef) -> &'a Shape {
        &self.nodes[tensor.node.index()].outputs[tensor.index as usize].shape
    }

    fn input(&self, index: usize) -> &'a Shape {
        self.shape_of(self.node.inputs[index])
    }

    fn inputs(&self) -> impl DoubleEndedIterator<Item = &'a Shape> + '_ {
        self.node.inputs.iter().map(|&input| self.shape_of(input))
    }

    /// The input's integers where they do not depend on what is fed or on variables.
    fn integers(&self, index: usize) -> Option<Vec<i64>> {
        self.folded(self.node.inputs[index])
    }

    fn folded(&self, tensor: TensorRef) -> Option<Vec<i64>> {
        self.nodes[tensor.node.index()].folded.as_ref()?.to_i64s()
    }

    /// The dimensions that an input lists, as far as known; -1 stands for an unknown one.
    fn dims_from_input(&self, index: usize) -> Inferred<Shape> {
        if let Some(values) = self.integers(index) {
            return dims(&values);
        }
        Ok(self.partial(self.node.inputs[index], PARTIAL_DEPTH))
    }

    /// The partly known dimensions that a tensor lists.
    fn partial(&self, tensor: TensorRef, depth: u32) -> Shape {
        let listed = match self.shape_of(tensor).dims() {
            Some([Some(rank)]) => Shape::unknown_of_rank(*rank),
            _ => Shape::unknown(),
        };
        let node = &self.nodes[tensor.node.index()];
        let Some(depth) = depth.checked_sub(1) else {
            return listed;
        };
        match node.op.name {
            "Shape" => self.shape_of(node.inputs[0]).clone(),
            "Pack" => {
                let one = |&input: &TensorRef| {
                    let value = self.folded(input)?;
                    value.first().and_then(|&dim| usize::try_from(dim).ok())
                };
                node.inputs.iter().map(one).collect::<Vec<_>>().into()
            }
            "ConcatV2" => {
                let parts = node.inputs.len() - 1;
                let mut all = Vec::new();
                for &input in &node.inputs[..parts] {
                    let part = match self.folded(input) {
                        Some(values) => dims(&values).unwrap_or_default(),
                        None => self.partial(input, depth),
                    };
                    let Some(part) = part.dims() else {
                        return listed;
                    };
                    all.extend_from_slice(part);
                }
                all.into()
            }
            _ => listed,
        }
    }
}

/// How many nodes are followed upwards for a partly known shape.
const PARTIAL_DEPTH: u32 = 16;

fn dims(values: &[i64]) -> Inferred<Shape> {
    let dim = |&value: &i64| match value {
        -1 => Ok(None),
        _ => usize::try_from(value)
            .map(Some)
            .map_err(|_| format!("dimension {value} is negative")),
    };
    Ok(values.iter().map(dim).collect::<Inferred<Vec<_>>>()?.into())
}

fn with_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<Vec<Option<usize>>> {
    match shape.dims() {
        None => Ok(vec![None; rank]),
        Some(dims) if dims.len() == rank => Ok(dims.to_vec()),
        Some(_) => Err(format!(
            "{what} must have rank {rank}, its shape is {shape}"
        )),
    }
}

fn at_least_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<()> {
    match shape.rank() {
        Some(found) if found < rank => Err(format!(
            "{what} must have at least rank {rank}, its shape is {shape}"
        )),
        _ => Ok(()),
    }
}

fn unchanged(i: &Inference<'_>) -> Inferred {
    Ok(vec![i.input(0).clone()])
}

fn scalar(_: &Inference<'_>) -> Inferred {
    Ok(vec![Shape::scalar()])
}

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

fn placeholder(i: &Inference<'_>) -> Inferred {
    Ok(vec![match i.node.attr_or_default("shape") {
        Some(Value::Shape(shape)) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }])
}

fn placeholder_with_default(i: &Inference<'_>) -> Inferred {
    let declared = placeholder(i)?.remove(0);
    let input = i.input(0);
    if !declared.is_compatible_with(input) {
        return Err(format!(
            "the default's shape {input} does not fit the declared {declared}"
        ));
    }
    Ok(vec![declared])
}

fn constant(i: &Inference<'_>) -> Inferred {
    let shape = match i.node.attr("value") {
        Some(Value::Tensor(tensor)) => tensor.tensor_shape.as_ref(),
        _ => None,
    };
    Ok(vec![shape.map_or(Shape::scalar(), shape_from_proto)])
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

fn at_most_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<()> {
    match shape.rank() {
        Some(found) if found > rank => Err(format!(
            "{what} must have at most rank {rank}, its shape is {shape}"
        )),
        _ => Ok(()),
    }
}

/// A possibly negative axis as an index.
fn normal_axis(axis: i64, rank: usize) -> Inferred<usize> {
    let from_start = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(from_start)
        .ok()
        .filter(|&axis| axis < rank)
        .ok_or_else(|| format!("axis {axis} is out of range for rank {rank}"))
}

fn shape(i: &Inference<'_>) -> Inferred {
    let dims: Vec<Option<usize>> = vec![i.input(0).rank()];
    Ok(vec![dims.into()])
}

fn shape_from_input(i: &Inference<'_>) -> Inferred {
    at_most_rank(i.input(0), 1, "the shape")?;
    Ok(vec![i.dims_from_input(0)?])
}

fn fill(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(0), 1, "the dimensions")?;
    with_rank(i.input(1), 0, "the value")?;
    shape_from_input(i)
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

fn reshape(i: &Inference<'_>) -> Inferred {
    let input = i.input(0);
    at_most_rank(i.input(1), 1, "the shape")?;
    let out = i.dims_from_input(1)?;
    let Some(dims) = out.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let wanted = || format!("a tensor of shape {input} cannot be reshaped to {out}");
    let unknown: Vec<_> = (0..dims.len())
        .filter(|&axis| dims[axis].is_none())
        .collect();
    let product = |dims: &[Option<usize>]| {
        dims.iter()
            .flatten()
            .try_fold(1usize, |n, &dim| n.checked_mul(dim))
    };
    let known = product(dims).ok_or_else(|| "the shape has too many elements".to_owned())?;
    match (input.num_elements(), &unknown[..]) {
        (Some(count), []) if count != known => Err(wanted()),
        (Some(count), [axis]) if known > 0 => {
            if count % known != 0 {
                return Err(wanted());
            }
            let mut dims = dims.to_vec();
            dims[*axis] = Some(count / known);
            Ok(vec![dims.into()])
        }
        _ => Ok(vec![out]),
    }
}

fn pack(i: &Inference<'_>) -> Inferred {
    let mut shape = Shape::unknown();
    for input in i.inputs().rev() {
        let merged = shape.merge(input);
        shape = merged
            .ok_or_else(|| format!("inputs must have equal shapes: found {shape} and {input}"))?;
    }
    let Some(dims) = shape.dims() else {
        return Ok(vec![Shape::unknown()]);
    };
    let axis = normal_axis(i.node.int_attr("axis").unwrap_or(0), dims.len() + 1)?;
    let mut dims = dims.to_vec();
    dims.insert(axis, Some(i.node.inputs.len()));
    Ok(vec![dims.into()])
}

fn concat_v2(i: &Inference<'_>) -> Inferred {
    let (axis, parts) = (i.node.inputs.len() - 1, i.node.inputs.len() - 1);
    with_rank(i.input(axis), 0, "the axis")?;
    let ranks = || i.inputs().take(parts).filter_map(Shape::rank);
    let Some(rank) = ranks().next() else {
        return Ok(vec![Shape::unknown()]);
    };
    if let Some(other) = ranks().find(|&other| other != rank) {
        return Err(format!(
            "inputs must have equal ranks: found {rank} and {other}"
        ));
    }
    let Some(axis) = i.integers(axis) else {
        return Ok(vec![Shape::unknown_of_rank(rank)]);
    };
    let axis = normal_axis(axis[0], rank)?;
    let mut out: Vec<Option<usize>> = vec![None; rank];
    let mut len = Some(0usize);
    for shape in i.inputs().take(parts) {
        let dims = with_rank(shape, rank, "an input")?;
        len = len
            .zip(dims[axis])
            .and_then(|(len, dim)| len.checked_add(dim));
        for (at, (out, dim)) in out.iter_mut().zip(dims).enumerate() {
            match (*out, dim) {
                (Some(a), Some(b)) if a != b && at != axis => {
                    return Err(format!(
                        "dimension {at} differs between inputs: {a} and {b}"
                    ));
                }
                _ => *out = out.or(dim),
            }
        }
    }
    out[axis] = len;
    Ok(vec![out.into()])
}

fn gather_v2(i: &Inference<'_>) -> Inferred {
    let (params, indices) = (i.input(0), i.input(1));
    at_least_rank(params, 1, "the params")?;
    with_rank(i.input(2), 0, "the axis")?;
    let (Some(params), Some(indices)) = (params.dims(), indices.dims()) else {
        return Ok(vec![Shape::unknown()]);
    };
    let Some(axis) = i.integers(2) else {
        return Ok(vec![Shape::unknown_of_rank(
            params.len() - 1 + indices.len(),
        )]);
    };
    let axis = normal_axis(axis[0], params.len())?;
    Ok(vec![
        [&params[..axis], indices, &params[axis + 1..]]
            .concat()
            .into(),
    ])
}

fn transpose(i: &Inference<'_>) -> Inferred {
    let (input, perm) = (i.input(0), i.integers(1));
    let listed = i
        .input(1)
        .dims()
        .and_then(|dims| dims.first().copied().flatten());
    let Some(rank) = input.rank().or(listed).or(perm.as_ref().map(Vec::len)) else {
        return Ok(vec![Shape::unknown()]);
    };
    if listed.is_some_and(|listed| listed != rank) {
        return Err(format!(
            "the permutation has {} entries, the input's shape is {input}",
            listed.unwrap_or(0)
        ));
    }
    let (Some(perm), Some(dims)) = (perm, input.dims()) else {
        return Ok(vec![Shape::unknown_of_rank(rank)]);
    };
    let dims: Inferred<Vec<_>> = perm
        .iter()
        .map(|&axis| Ok(dims[normal_axis(axis, rank)?]))
        .collect();
    Ok(vec![dims?.into()])
}

/// Only slices of a vector with constant bounds are worked out.
fn strided_slice(i: &Inference<'_>) -> Inferred {
    let mask = |name| i.node.int_attr(name).unwrap_or(0);
    let bounds = (i.integers(1), i.integers(2), i.integers(3));
    let simple = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask"]
        .into_iter()
        .all(|name| mask(name) == 0);
    match (i.input(0).rank(), bounds) {
        (Some(1), (Some(begin), Some(_), Some(_)))
            if begin.len() == 1 && simple && mask("shrink_axis_mask") == 1 =>
        {
            Ok(vec![Shape::scalar()])
        }
        _ => Ok(vec![Shape::unknown()]),
    }
}

/// The shape of the variable behind a handle.
fn variable_shape(i: &Inference<'_>) -> Shape {
    let handle = &i.nodes[i.node.inputs[0].node.index()];
    match (handle.op.name, handle.attr_or_default("shape")) {
        ("VarHandleOp", Some(Value::Shape(shape))) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }
}

fn read_variable(i: &Inference<'_>) -> Inferred {
    Ok(vec![variable_shape(i)])
}

fn assign_variable(i: &Inference<'_>) -> Inferred {
    let (variable, value) = (variable_shape(i), i.input(1));
    if !variable.is_compatible_with(value) {
        return Err(format!(
            "a value of shape {value} does not fit the variable's {variable}"
        ));
    }
    Ok(Vec::new())
}
