//! Shape inference: the static shapes of a new node's outputs, as TensorFlow's own shape functions give them.

mod array;
mod audio;
mod control;
mod conv;
mod data_flow;
mod dataset;
mod device;
mod diag;
mod dims;
mod einsum;
mod fault;
mod gather;
mod image;
mod internal;
mod io;
mod join;
pub(super) mod known;
mod linalg;
mod logging;
mod math;
mod nn;
mod outputs;
mod parsing;
mod pool;
mod quantize;
mod ragged;
mod random;
mod removed;
mod rnn;
mod runtime;
mod segment;
mod slice;
mod space;
mod sparse;
mod state;
mod string;
mod table;
mod tensor_array;
#[cfg(test)]
mod tests;
mod tpu;
mod training;
mod tree;
mod xla;

use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

pub(in crate::graph) use control::in_common;
use fault::Fault;
use outputs::{
    ANY, HANDLE, LIST, all_unchanged, batches, declared, fixed, like, no_outputs, one, one_of_rank,
    one_unknown, ranks_are, scalar, scalars, shape_from_input, tensors, two, unchanged,
};

use super::OpFacts;
use crate::dtype::DType;
use crate::graph::attr::shape_from_proto;
use crate::graph::encode::PRODUCER;
use crate::graph::node::Known;
use crate::graph::op_def::{ArgKind, OpDef};
use crate::graph::{Node, TensorRef};
use crate::proto::tensorflow::attr_value::{ListValue, Value};
use crate::shape::{MAX_RANK, Shape};
use crate::value::TensorValue;

pub(in crate::graph) use known::know;
pub(super) use outputs::unknown;

/// A dimension; `None` is an unknown one.
type Dim = Option<usize>;

/// The dimensions of shapes of which no more than the rank is known.
static UNKNOWN_DIMS: [Dim; MAX_RANK] = [None; MAX_RANK];

pub(super) type Inferred<T = Vec<Shape>> = Result<T, Fault>;
pub(super) type ShapeFn = fn(&Inference<'_>) -> Inferred;

/// How the shapes of an op's outputs follow from its inputs.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// By a function of its own.
    Own(ShapeFn),
    /// The tensors of the first args have these ranks.
    Ranked(&'static [i8], Outputs),
}

/// The shapes of outputs where the ranks of the inputs have been checked.
#[derive(Clone, Copy)]
pub(super) enum Outputs {
    /// Of these shapes, -1 for an unknown dimension.
    Fixed(&'static [&'static [i64]]),
    Scalars,
    Unknown,
    /// One, which is like this input.
    Like(usize),
    /// By a function.
    Of(ShapeFn),
}

/// The shapes of the node's outputs, or why its inputs do not fit, in a graph of this version.
pub(in crate::graph) fn infer(
    nodes: &[Node],
    node: &Node,
    producer: i32,
) -> Result<Vec<Shape>, String> {
    let i = Inference {
        nodes,
        node,
        op: &node.op,
        producer,
    };
    let inferred = match super::of(&node.op).shape {
        Rule::Own(shape) => shape(&i),
        Rule::Ranked(ranks, outputs) => ranks_are(&i, ranks).and_then(|()| match outputs {
            Outputs::Fixed(shapes) => fixed(&i, &[], shapes),
            Outputs::Scalars => scalars(&i),
            Outputs::Unknown => unknown(&i),
            Outputs::Like(index) => like(&i, index),
            Outputs::Of(shape) => shape(&i),
        }),
    };
    inferred.map_err(Fault::into_text)
}

/// The shape that a `StridedSlice` with constant bounds takes of a tensor, and the positions of its elements there.
pub(super) fn slice_positions(
    nodes: &[Node],
    node: &Node,
    shape: &[usize],
) -> Option<(Vec<usize>, Vec<usize>)> {
    let op = &*node.op;
    // What a slice takes is the same in all versions.
    let producer = PRODUCER;
    slice::positions(
        &Inference {
            nodes,
            node,
            op,
            producer,
        },
        shape,
    )
}

/// The rows of all ops.
pub(super) static TABLES: &[&[OpFacts]] = &[
    array::TABLE,
    audio::TABLE,
    control::TABLE,
    conv::TABLE,
    data_flow::TABLE,
    dataset::TABLE,
    device::TABLE,
    diag::TABLE,
    einsum::TABLE,
    gather::TABLE,
    image::TABLE,
    internal::TABLE,
    internal::TESTS,
    io::TABLE,
    join::TABLE,
    linalg::TABLE,
    logging::TABLE,
    math::TABLE,
    nn::TABLE,
    parsing::TABLE,
    pool::TABLE,
    quantize::TABLE,
    ragged::TABLE,
    random::TABLE,
    removed::TABLE,
    rnn::TABLE,
    runtime::TABLE,
    segment::TABLE,
    space::TABLE,
    sparse::TABLE,
    state::TABLE,
    string::TABLE,
    table::TABLE,
    tensor_array::TABLE,
    tpu::TABLE,
    training::TABLE,
    tree::TABLE,
    xla::TABLE,
];

static UNKNOWN: LazyLock<Shape> = LazyLock::new(Shape::unknown);
static NOTHING: LazyLock<Known> = LazyLock::new(Known::default);

/// The input of a shape function: the node and those before it.
pub(super) struct Inference<'a> {
    nodes: &'a [Node],
    node: &'a Node,
    op: &'a OpDef,
    /// The version of the program that wrote the graph.
    producer: i32,
}

impl<'a> Inference<'a> {
    /// The input of the shape function of another node.
    fn at(&self, node: &'a Node) -> Inference<'a> {
        let op = &*node.op;
        Inference { node, op, ..*self }
    }

    fn shape_of(&self, tensor: TensorRef) -> &'a Shape {
        // The back edge of a loop comes from a node that is yet to be made.
        let node = self.nodes.get(tensor.node.index());
        node.map_or(&UNKNOWN, |node| &node.outputs[tensor.index as usize].shape)
    }

    fn input(&self, index: usize) -> &'a Shape {
        self.shape_of(self.node.inputs[index])
    }

    fn inputs(&self) -> impl DoubleEndedIterator<Item = &'a Shape> + '_ {
        self.node.inputs.iter().map(|&input| self.shape_of(input))
    }

    fn known(&self, tensor: TensorRef) -> &'a Known {
        // The back edge of a loop comes from a node that is yet to be made.
        let node = self.nodes.get(tensor.node.index());
        node.map_or(&NOTHING, |node| &node.outputs[tensor.index as usize].known)
    }

    /// The input's integers where they do not depend on what is fed or on variables.
    fn integers(&self, index: usize) -> Option<Vec<i64>> {
        self.folded(self.node.inputs[index])
    }

    /// The input's dimensions, all unknown if its rank is; it must have this rank.
    fn ranked(&self, index: usize, rank: usize) -> Inferred<&'a [Dim]> {
        let name = || format!("input \"{}\"", self.arg_name(index));
        dims_of_rank(self.input(index), rank, &name)
    }

    /// The length of an input that must be a vector.
    fn vector_len(&self, index: usize) -> Inferred<Dim> {
        self.ranked(index, 1).map(|dims| dims[0])
    }

    /// As [`ranked`](Self::ranked); the fault names the input alone.
    fn with_rank(&self, index: usize, rank: usize) -> Inferred<&'a [Dim]> {
        dims_of_rank(self.input(index), rank, &|| self.input_name(index))
    }

    /// The input's dimensions, all unknown if its rank is, where a fault names it as what it is; it must have this rank.
    fn dims(&self, index: usize, rank: usize, what: &str) -> Inferred<&'a [Dim]> {
        with_rank(self.input(index), rank, what)
    }

    fn at_least_rank(&self, index: usize, rank: usize, what: &str) -> Inferred<()> {
        at_least_rank(self.input(index), rank, what)
    }

    fn at_most_rank(&self, index: usize, rank: usize, what: &str) -> Inferred<()> {
        at_most_rank(self.input(index), rank, what)
    }

    /// Every input of this arg has this rank.
    fn all_ranked(&self, arg: &str, rank: usize) -> Inferred<()> {
        for index in self.arg(arg) {
            self.ranked(index, rank)?;
        }
        Ok(())
    }

    /// The size that a scalar input holds, if it is constant.
    fn size_from_input(&self, index: usize) -> Inferred<Dim> {
        // Only a size that is known has to be a scalar.
        let Some(values) = self.integers(index) else {
            return Ok(None);
        };
        self.ranked(index, 0)?;
        let Some(&value) = values.first() else {
            return Ok(None);
        };
        match usize::try_from(value) {
            Ok(size) => Ok(Some(size)),
            Err(_) => refuse(format_args!(
                "input \"{}\": expected a size of at least 0, found {value}",
                self.arg_name(index)
            )),
        }
    }

    /// The integer that the input lists at `position`, as a dimension.
    fn listed_dim(&self, index: usize, position: usize) -> Dim {
        let value = *self.integers(index)?.get(position)?;
        usize::try_from(value).ok()
    }

    /// The names of the op's args with the inputs that each stands for.
    fn args(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> + '_ {
        let mut start = 0;
        self.op.inputs.iter().map(move |arg| {
            let attr = |index: usize| self.node.attr_or_default(&self.op.attrs[index].name);
            let len = match arg.kind {
                ArgKind::One(_) => 1,
                ArgKind::Repeated { count, .. } => match attr(count) {
                    Some(Value::I(len)) => usize::try_from(*len).unwrap_or(0),
                    _ => 0,
                },
                ArgKind::List(types) => match attr(types) {
                    Some(Value::List(list)) => list.r#type.len(),
                    _ => 0,
                },
            };
            start += len;
            (&*arg.name, start - len..start)
        })
    }

    /// The inputs that an arg stands for.
    fn arg(&self, name: &str) -> Range<usize> {
        let found = self.args().find(|&(arg, _)| arg == name);
        found.map_or(0..0, |(_, inputs)| inputs)
    }

    fn arg_name(&self, index: usize) -> &'a str {
        let found = self.args().find(|(_, inputs)| inputs.contains(&index));
        found.map_or("", |(name, _)| name)
    }

    fn int(&self, attr: &str) -> i64 {
        self.node.int_attr(attr).unwrap_or(0)
    }

    /// An attribute's integer as a dimension, which is unknown if it is negative.
    fn size(&self, attr: &str) -> Dim {
        usize::try_from(self.int(attr)).ok()
    }

    fn flag(&self, attr: &str) -> bool {
        matches!(self.node.attr_or_default(attr), Some(Value::B(true)))
    }

    fn list(&self, attr: &str) -> Option<&ListValue> {
        match self.node.attr_or_default(attr) {
            Some(Value::List(list)) => Some(list),
            _ => None,
        }
    }

    /// The shapes that an attribute lists.
    fn shapes(&self, attr: &str) -> Vec<Shape> {
        match self.list(attr) {
            Some(list) => list.shape.iter().map(shape_from_proto).collect(),
            None => Vec::new(),
        }
    }

    /// The shapes of these inputs.
    fn inputs_at(&self, range: Range<usize>) -> Vec<Shape> {
        let inputs = &self.node.inputs[range];
        inputs.iter().map(|&it| self.shape_of(it).clone()).collect()
    }

    /// The input's integer, if it is one that does not depend on what is fed or on variables.
    fn integer(&self, index: usize) -> Option<i64> {
        match self.integers(index)?[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The input's number, if it is one that does not depend on what is fed or on variables.
    fn real(&self, index: usize) -> Option<f64> {
        let value = self.worked_out(self.node.inputs[index])?;
        match value.converted(DType::Float64)?.as_slice::<f64>().ok()? {
            [value] => Some(*value),
            _ => None,
        }
    }

    fn folded(&self, tensor: TensorRef) -> Option<Vec<i64>> {
        self.worked_out(tensor)?.to_i64s()
    }

    /// The value that TensorFlow works out where a shape function asks for this tensor.
    fn worked_out(&self, tensor: TensorRef) -> Option<&TensorValue> {
        let value = value_of(self.known(tensor))?;
        let node = self.nodes.get(tensor.node.index())?;
        if !super::of(&node.op).is_constant() {
            if !self.runs(tensor) {
                return None;
            }
            self.keep(tensor);
        }
        Some(value)
    }

    /// The shape that is behind the handle that an input is: a variable's, or that of a list's elements.
    fn shape_behind(&self, index: usize) -> Shape {
        let behind = self.handle(index).first();
        behind.map_or(Shape::unknown(), |(shape, _)| shape.clone())
    }

    /// The shapes and dtypes behind an input that is a handle; empty where they are not known.
    fn handle(&self, index: usize) -> &'a [(Shape, DType)] {
        self.known(self.node.inputs[index]).handle()
    }

    /// The dimensions that a vector lists, as far as known; -1 stands for an unknown one.
    fn dims_from_input(&self, index: usize) -> Inferred<Shape> {
        let len = self.dims(index, 1, "the shape")?[0];
        let listed = known::listed::listed(self, self.node.inputs[index])?;
        Ok(match (listed.rank(), len) {
            (None, Some(rank)) => Shape::unknown_of_rank(rank),
            _ => listed,
        })
    }

    /// As `dims_from_input`, where a scalar of -1 stands for an unknown shape.
    fn dims_from_scalar_or_input(&self, index: usize) -> Inferred<Shape> {
        match (self.input(index).rank(), self.integer(index)) {
            (Some(0), Some(-1)) => Ok(Shape::unknown()),
            (Some(0), None) => refuse(format_args!(
                "input \"{}\" must be a list of dimensions or -1, it is a scalar of unknown value",
                self.arg_name(index)
            )),
            _ => self.dims_from_input(index),
        }
    }
}

fn value_of(known: &Known) -> Option<&TensorValue> {
    known.value().filter(|_| known.direct)
}

/// Tells why inputs do not fit.
fn refuse<T>(why: fmt::Arguments<'_>) -> Inferred<T> {
    Err(why.into())
}

fn dims(values: &[i64]) -> Inferred<Shape> {
    let mut shape = Shape::scalar();
    for &value in values {
        shape.push(match usize::try_from(value) {
            Ok(size) => Some(size),
            Err(_) if value == -1 => None,
            Err(_) => return refuse(format_args!("dimension {value} is negative")),
        });
    }
    Ok(shape)
}

/// The shape's dimensions, all unknown if its rank is; it must have this rank.
fn with_rank<'s>(shape: &'s Shape, rank: usize, what: &str) -> Inferred<&'s [Dim]> {
    dims_of_rank(shape, rank, &|| what.to_owned())
}

fn dims_of_rank<'s>(
    shape: &'s Shape,
    rank: usize,
    what: &dyn Fn() -> String,
) -> Inferred<&'s [Dim]> {
    match shape.dims() {
        None if rank <= MAX_RANK => Ok(&UNKNOWN_DIMS[..rank]),
        None => refuse(format_args!("no tensor has rank {rank}")),
        Some(dims) if dims.len() == rank => Ok(dims),
        Some(_) => {
            let what = what();
            refuse(format_args!(
                "{what} must have rank {rank}, its shape is {shape}"
            ))
        }
    }
}

fn at_least_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<()> {
    match shape.rank() {
        Some(found) if found < rank => refuse(format_args!(
            "{what} must have at least rank {rank}, its shape is {shape}"
        )),
        _ => Ok(()),
    }
}

fn at_most_rank(shape: &Shape, rank: usize, what: &str) -> Inferred<()> {
    match shape.rank() {
        Some(found) if found > rank => refuse(format_args!(
            "{what} must have at most rank {rank}, its shape is {shape}"
        )),
        _ => Ok(()),
    }
}

/// A possibly negative axis as an index.
fn normal_axis(axis: i64, rank: usize) -> Inferred<usize> {
    let from_start = if axis < 0 { axis + rank as i64 } else { axis };
    match usize::try_from(from_start) {
        Ok(index) if index < rank => Ok(index),
        _ => refuse(format_args!("axis {axis} is out of range for rank {rank}")),
    }
}

/// Which of as many dimensions as the rank has are among these axes.
fn marked(axes: &[i64], rank: usize) -> Inferred<Vec<bool>> {
    let mut marked = vec![false; rank];
    for &axis in axes {
        marked[normal_axis(axis, rank)?] = true;
    }
    Ok(marked)
}

fn vector(dim: Dim) -> Shape {
    tensor(&[dim])
}

fn matrix(rows: Dim, columns: Dim) -> Shape {
    tensor(&[rows, columns])
}

/// The shape with these dimensions.
fn tensor(dims: &[Dim]) -> Shape {
    dims.into()
}

fn merge_dims(a: Dim, b: Dim, what: &str) -> Inferred<Dim> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => {
            refuse(format_args!("{what} must be equal, found {a} and {b}"))
        }
        _ => Ok(a.or(b)),
    }
}

fn merge(a: &Shape, b: &Shape, what: &str) -> Inferred<Shape> {
    match a.merge(b) {
        Some(shape) => Ok(shape),
        None => refuse(format_args!("{what} must be equal, found {a} and {b}")),
    }
}

/// The dimension is of this size, if it is known.
fn expect_dim(dim: Dim, size: usize, what: &str) -> Inferred<()> {
    match dim {
        Some(found) if found != size => {
            refuse(format_args!("{what} must be {size}, found {found}"))
        }
        _ => Ok(()),
    }
}

fn merged(a: &Shape, b: &Shape) -> Inferred<Shape> {
    match a.merge(b) {
        Some(shape) => Ok(shape),
        None => refuse(format_args!("shapes must be equal: found {a} and {b}")),
    }
}

/// Two shapes that one tensor could have.
fn agree(a: &Shape, b: &Shape) -> Inferred<()> {
    merged(a, b).map(drop)
}

/// One output, whose shape is both of these.
fn one_merged(a: &Shape, b: &Shape) -> Inferred {
    merged(a, b).and_then(one)
}

/// One output, of the shape that the first two inputs share.
fn both_alike(i: &Inference<'_>) -> Inferred {
    one_merged(i.input(0), i.input(1))
}

/// The first dimensions of the shape must be those of another.
fn starts_with(shape: &Shape, prefix: &Shape) -> Inferred<()> {
    let (Some(dims), Some(first)) = (shape.dims(), prefix.dims()) else {
        return Ok(());
    };
    let start = dims.get(..first.len());
    if start.is_some_and(|start| tensor(start).is_compatible_with(prefix)) {
        return Ok(());
    }
    refuse(format_args!(
        "a shape that starts with {prefix} is expected, found {shape}"
    ))
}

/// The shape in an attribute.
fn shape_attr(i: &Inference<'_>, name: &str) -> Shape {
    match i.node.attr_or_default(name) {
        Some(Value::Shape(shape)) => shape_from_proto(shape),
        _ => Shape::unknown(),
    }
}
