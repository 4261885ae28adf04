//! Kernels: the results of nodes, for the ops that initial values and shapes are made of.
//!
//! Arithmetic and random numbers are TensorFlow's own on a CPU, bit for bit; half-precision results are rounded after
//! each op. Roots and transcendental functions, sums of many elements, products of matrices and decompositions agree but
//! for the last digits, which in TensorFlow differ from one processor to another.

pub(super) mod arithmetic;
pub(super) mod diagonal;
mod elementwise;
pub(super) mod fill;
pub(super) mod gather;
pub(super) mod join;
pub(super) mod layout;
pub(super) mod matrix;
mod positions;
pub(super) mod random;
pub(super) mod reduce;
pub(super) mod unary;
mod wide;

use std::sync::Arc;

use crate::dtype::{ByteString, DType};
use crate::graph::Node;
use crate::random::{RandomError, Seed};
use crate::shape::element_count;
use crate::value::{TensorProtoError, TensorValue};

pub(super) use arithmetic::{Binary, Comparison};
pub(super) use reduce::Reduction;
pub(super) use unary::Unary;

errors! {
    /// Why a node's value cannot be computed.
    #[derive(Debug)]
    pub(crate) enum KernelError {
        #[error("op {0} is not one that initial values can be computed with")]
        Op(String),
        #[error("function \"{0}\" is not one that initial values can be computed with")]
        Function(String),
        #[error("op {op} cannot be computed for {dtype}")]
        DType { op: &'static str, dtype: DType },
        #[error("shapes {left:?} and {right:?} do not broadcast")]
        Broadcast { left: Vec<usize>, right: Vec<usize> },
        #[error("a shape of {0:?} is not one of a tensor")]
        Shape(Vec<i64>),
        #[error("integers are divided by zero")]
        DivisionByZero,
        #[error("an attribute or input of op {0} is not as its definition demands")]
        Malformed(&'static str),
        #[error(transparent)]
        Constant(#[from] TensorProtoError),
        #[error(transparent)]
        Random(#[from] RandomError),
    }
}

/// The bytes of the largest elements, those of strings.
const LARGEST_ELEMENT: usize = size_of::<ByteString>();

/// The values of a node's outputs.
pub(super) type Computed<T = Vec<TensorValue>> = Result<T, KernelError>;

/// The way in which initial values that are made with an op are computed.
#[derive(Clone, Copy)]
pub(super) enum Kernel {
    /// By a function of its own.
    Own(fn(&mut Call<'_>) -> Computed),
    Unary(Unary),
    Binary(Binary),
    Comparison(Comparison),
    Reduction(Reduction),
    /// The value is that of a variable, which the session has.
    Variable,
    /// The value tells whether a variable has one.
    HasValue,
}

/// Computes the outputs of a node of a graph with these `nodes`.
///
/// Inputs that nobody else holds are overwritten in place. `seed` is what random nodes are seeded with.
pub(crate) fn run(
    nodes: &[Node],
    node: &Node,
    inputs: Vec<Arc<TensorValue>>,
    seed: Seed,
) -> Computed {
    if let Some(function) = node.op.function() {
        return Err(KernelError::Function(function.op.name.to_string()));
    }
    let facts = super::of(&node.op);
    let call = &mut Call {
        op: facts.name,
        nodes,
        node,
        inputs,
        seed,
        most: usize::MAX,
    };
    match facts.kernel {
        Some(Kernel::Own(kernel)) => kernel(call),
        Some(Kernel::Unary(op)) => unary::unary(call, op),
        Some(Kernel::Binary(op)) => arithmetic::binary(call, op),
        Some(Kernel::Comparison(op)) => arithmetic::compare(call, op),
        Some(Kernel::Reduction(op)) => reduce::reduce(call, op),
        // Small values of many more ops are worked out while a graph is built.
        Some(Kernel::Variable | Kernel::HasValue) | None => {
            let outputs = node.outputs.iter();
            let known = outputs.map(|output| output.known.value().cloned());
            let unable = || KernelError::Op(node.op.name().to_owned());
            known.collect::<Option<_>>().ok_or_else(unable)
        }
    }
}

/// The seed that a random node has; `None` where it has none, or is not random.
pub(crate) fn own_seed(node: &Node) -> Option<Seed> {
    let seed = node.int_attr("seed")?;
    let seed2 = node.int_attr("seed2").unwrap_or(0);
    ((seed, seed2) != (0, 0)).then_some(Seed { seed, seed2 })
}

/// One node to be computed.
pub(super) struct Call<'a> {
    op: &'static str,
    nodes: &'a [Node],
    node: &'a Node,
    inputs: Vec<Arc<TensorValue>>,
    seed: Seed,
    /// The greatest number of elements that a result may have.
    most: usize,
}

impl<'a> Call<'a> {
    /// A node whose value is worked out while a graph is built, if it is a small one.
    pub(super) fn small(
        (nodes, node): (&'a [Node], &'a Node),
        inputs: Vec<Arc<TensorValue>>,
        most: usize,
    ) -> Self {
        Call {
            op: super::of(&node.op).name,
            nodes,
            node,
            inputs,
            seed: Seed { seed: 0, seed2: 0 },
            most,
        }
    }
}

impl Call<'_> {
    fn malformed(&self) -> KernelError {
        KernelError::Malformed(self.op)
    }

    fn no_kernel_for(&self, dtype: DType) -> KernelError {
        KernelError::DType { op: self.op, dtype }
    }

    fn input(&self, index: usize) -> Computed<&TensorValue> {
        let input = self.inputs.get(index).map(|input| &**input);
        input.ok_or_else(|| self.malformed())
    }

    /// Takes an input, which is then the call's no more.
    fn take(&mut self, index: usize) -> Computed<TensorValue> {
        let nothing = || Arc::new(TensorValue::scalar(0i32));
        let input = self.inputs.get_mut(index);
        let input = input.map(|input| std::mem::replace(input, nothing()));
        input
            .map(Arc::unwrap_or_clone)
            .ok_or_else(|| self.malformed())
    }

    /// An input of `int32` or `int64`.
    fn integers(&self, index: usize) -> Computed<Vec<i64>> {
        let input = self.input(index)?;
        let dtype = input.dtype();
        input.to_i64s().ok_or_else(|| self.no_kernel_for(dtype))
    }

    fn integer(&self, index: usize) -> Computed<i64> {
        match self.integers(index)?[..] {
            [value] => Ok(value),
            _ => Err(self.malformed()),
        }
    }

    /// A shape given as a vector of integers, whose element count fits.
    fn dims(&self, index: usize) -> Computed<Vec<usize>> {
        let values = self.integers(index)?;
        let dims = sizes(&values).ok_or(KernelError::Shape(values))?;
        self.checked_len(&dims)?;
        Ok(dims)
    }

    /// The number of elements of a shape, if a result may have them.
    fn checked_len(&self, shape: &[usize]) -> Computed<usize> {
        let signed = || shape.iter().map(|&dim| dim as i64).collect();
        let len = checked_len(shape)?;
        match len <= self.most {
            true => Ok(len),
            false => Err(KernelError::Shape(signed())),
        }
    }

    /// The place among `rank` dimensions of one that may be counted from the last.
    fn axis(&self, axis: i64, rank: usize) -> Computed<usize> {
        let from_front = match axis < 0 {
            true => axis.checked_add(rank as i64),
            false => Some(axis),
        };
        let axis = from_front.and_then(|axis| usize::try_from(axis).ok());
        axis.filter(|&axis| axis < rank)
            .ok_or_else(|| self.malformed())
    }

    fn int(&self, name: &str) -> Computed<i64> {
        self.node.int_attr(name).ok_or_else(|| self.malformed())
    }

    fn flag(&self, name: &str) -> Computed<bool> {
        self.node.bool_attr(name).ok_or_else(|| self.malformed())
    }

    fn dtype(&self, name: &str) -> Computed<DType> {
        self.node.type_attr(name).ok_or_else(|| self.malformed())
    }
}

/// The number of elements of a shape, if a vector can have them.
fn checked_len(shape: &[usize]) -> Computed<usize> {
    const MOST: usize = isize::MAX as usize / LARGEST_ELEMENT;
    let signed = || shape.iter().map(|&dim| dim as i64).collect();
    let count = element_count(shape).filter(|&count| count <= MOST);
    count.ok_or_else(|| KernelError::Shape(signed()))
}

fn sizes(values: &[i64]) -> Option<Vec<usize>> {
    let sizes = values.iter().map(|&size| usize::try_from(size).ok());
    sizes.collect()
}

pub(super) fn reshaped(len: usize, wanted: &[i64]) -> Option<Vec<usize>> {
    let known = wanted
        .iter()
        .filter(|&&dim| dim != -1)
        .try_fold(1usize, |n, &dim| n.checked_mul(usize::try_from(dim).ok()?))?;
    let open = wanted.iter().filter(|&&dim| dim == -1).count();
    let fits = match open {
        0 => known == len,
        1 => known > 0 && len % known == 0,
        _ => false,
    };
    fits.then(|| {
        wanted
            .iter()
            .map(|&dim| usize::try_from(dim).unwrap_or_else(|_| len / known))
            .collect()
    })
}

/// Calls a generic function, or evaluates an expression, with the Rust type of a dtype.
macro_rules! with_type {
    ($dtype:expr, [$($variant:ident $rust:ty),+ $(,)?], $name:ident => $call:expr, $otherwise:expr) => {
        match $dtype {
            $(crate::dtype::DType::$variant => { type $name = $rust; $call })+
            dtype => $otherwise(dtype),
        }
    };
}

use with_type;

#[cfg(test)]
mod tests;
