//! Orthogonal matrices and kernels, and unit matrices.

use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::PartitionInfo;
use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder};
use crate::ops::linalg::EyeOptions;
use crate::ops::nodes::{Arg, Nodes, Slice, as_i32};
use crate::ops::random::normal_of;
use crate::value::TensorValue;

/// The number of seeds that the values made so far have used up; equal to itself alone.
///
/// Python's initializers for convolutions add one to their seed for each random node, so one that makes two values
/// makes two different ones. Clones of an initializer are one object in Python.
#[derive(Debug, Clone, Default)]
pub(super) struct SeedsUsed(Arc<AtomicI64>);

impl PartialEq for SeedsUsed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl SeedsUsed {
    fn next(&self, seed: Option<i64>) -> Option<i64> {
        let next = seed?.wrapping_add(self.0.load(Ordering::Relaxed));
        // Python takes 0 for no seed when it adds one.
        if next != 0 {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Some(next)
    }
}

/// The fault of a shape that an initializer does not make values of.
type Refused = &'static str;

/// Makes the values of one initializer.
pub(super) struct Maker<'a, 'g> {
    pub(super) g: &'g GraphBuilder,
    pub(super) dtype: DType,
    pub(super) seed: Option<i64>,
    pub(super) used: Option<&'a SeedsUsed>,
}

impl<'g> Maker<'_, 'g> {
    fn nodes(&self) -> Nodes<'g> {
        Nodes(self.g)
    }

    fn normal(&self, dtype: DType, shape: &[usize]) -> AnyTensor<'g> {
        let seed = match self.used {
            Some(used) => used.next(self.seed),
            None => self.seed,
        };
        let op = ("RandomStandardNormal", "random_normal");
        normal_of(self.g, op, dtype, shape, (0.0, 1.0), seed)
    }

    /// A matrix with orthogonal columns, at least as many rows as columns.
    fn matrix(&self, rows: usize, columns: usize) -> AnyTensor<'g> {
        let n = self.nodes();
        let normal = self.normal(self.dtype, &[rows, columns]);
        let qr = n.op("Qr").input(normal).finish();
        let diagonal = n.unary("DiagPart", qr.output(1));
        let signs = n.unary("Sign", diagonal);
        n.mul(qr.output(0), signs)
    }

    /// `tf.initializers.orthogonal`
    pub(super) fn orthogonal(&self, shape: &[usize], gain: f64) -> Result<AnyTensor<'g>, Refused> {
        let n = self.nodes();
        let Some((&columns, outer @ [_, ..])) = shape.split_last() else {
            return Err("of rank 2 or more");
        };
        let rows = outer.iter().product();
        let matrix = match rows < columns {
            true => n.matrix_transpose(self.matrix(columns, rows)),
            false => self.matrix(rows, columns),
        };
        Ok(n.mul(gain, n.reshape(matrix, as_i32(shape))))
    }

    /// `tf.initializers.identity`
    pub(super) fn identity(
        &self,
        shape: &[usize],
        partition: Option<&PartitionInfo>,
        gain: f64,
    ) -> Result<AnyTensor<'g>, Refused> {
        let n = self.nodes();
        let whole = partition.map_or(shape, PartitionInfo::full_shape);
        let &[rows, columns] = whole else {
            return Err("of rank 2");
        };
        let options = EyeOptions::default().num_columns(columns);
        let mut matrix = n.eye("eye", rows.into(), options, self.dtype);
        if let Some(partition) = partition {
            matrix = n.slice(matrix, as_i32(partition.offset()), as_i32(shape));
        }
        Ok(n.mul(gain, matrix))
    }

    /// The number that Python casts to the dtype.
    fn gain(&self, gain: f64) -> AnyTensor<'g> {
        let gain = TensorValue::scalar(gain as f32);
        self.nodes().cast(Arg::Value(gain), self.dtype)
    }

    /// `tf.contrib.framework.convolutional_delta_orthogonal`
    pub(super) fn delta(&self, shape: &[usize], gain: f64) -> Result<AnyTensor<'g>, Refused> {
        let n = self.nodes();
        let [field @ .., inputs, outputs] = shape else {
            return Err("of rank 3, 4 or 5");
        };
        if !(1..=3).contains(&field.len()) {
            return Err("of rank 3, 4 or 5");
        }
        check_channels(*inputs, *outputs)?;
        let matrix = self.matrix(*outputs, *outputs);
        let rows = n.index(matrix, [Slice::to(*inputs as i32), Slice::ALL]);
        let rows = n.mul(rows, self.gain(gain));
        let center = field.iter().map(|&size| (size.max(1) as i32 - 1) / 2);
        let center = TensorValue::from_parts(vec![1, field.len()], center.collect::<Vec<_>>());
        let scatter = n.op("ScatterNd").input(center);
        let scatter = scatter.input(n.expand_dims(rows, 0));
        Ok(scatter.input(as_i32(shape)).output())
    }

    /// `tf.contrib.framework.convolutional_orthogonal_1d`, `_2d` and `_3d`
    pub(super) fn convolutional(
        &self,
        dims: usize,
        shape: &[usize],
        gain: f64,
    ) -> Result<AnyTensor<'g>, Refused> {
        let n = self.nodes();
        let [field @ .., inputs, outputs] = shape else {
            return Err(RANKS[dims - 1]);
        };
        if field.len() != dims {
            return Err(RANKS[dims - 1]);
        }
        check_channels(*inputs, *outputs)?;
        let size = field[0];
        if size == 0 || field.iter().any(|&other| other != size) {
            return Err("whose kernel has the same size, at least 1, in each dimension");
        }
        let matrix = self.matrix(*outputs, *outputs);
        let rows = [Slice::between(0, *inputs as i32), Slice::ALL];
        let rows = n.index(matrix, rows);
        let kernel = match size {
            1 => (0..dims).fold(rows, |kernel, _| n.expand_dims(kernel, 0)),
            _ => {
                let mut kernel = self.block(dims, *outputs);
                for _ in 2..size {
                    let next = self.block(dims, *outputs);
                    kernel = self.convolved(&kernel, &next, *outputs);
                }
                let kernel = kernel.map(|matrix| n.matmul(rows, matrix));
                kernel.stacked(n)
            }
        };
        Ok(n.mul(kernel, self.gain(gain)))
    }

    /// A symmetric projection.
    fn projection(&self, size: usize) -> AnyTensor<'g> {
        let n = self.nodes();
        let matrix = self.matrix(size, size);
        let chosen = n.binary("Greater", self.normal(DType::Float32, &[size]), 0.0);
        let mask = n.cast(chosen, self.dtype);
        let columns = n.binary("Mul", matrix, mask);
        n.matmul(columns, n.matrix_transpose(columns))
    }

    /// A kernel of size 2 in each dimension, made of projections and their complements.
    fn block(&self, dims: usize, size: usize) -> Kernel<'g> {
        let n = self.nodes();
        let projections: Vec<_> = (0..dims).map(|_| self.projection(size)).collect();
        let options = EyeOptions::default();
        let eye = n.eye("eye", size.into(), options, self.dtype);
        let matrices = match projections[..] {
            [p] => vec![p, n.sub(eye, p)],
            [p, q] => {
                let first = n.matmul(p, q);
                let second = n.matmul(p, n.sub(eye, q));
                let third = n.matmul(n.sub(eye, p), q);
                let (not_p, not_q) = (n.sub(eye, p), n.sub(eye, q));
                vec![first, second, third, n.matmul(not_p, not_q)]
            }
            _ => {
                let chosen = |i: usize, p: AnyTensor<'g>| {
                    let taken = n.mul(i as i32, p);
                    let left = n.mul(1 - i as i32, n.sub(eye, p));
                    n.add(taken, left)
                };
                let matrix = |at: usize| {
                    let factors = projections.iter().enumerate();
                    let factors = factors.map(|(dim, &p)| chosen(at >> (dims - 1 - dim) & 1, p));
                    let factors: Vec<_> = factors.collect();
                    let product = factors.into_iter().reduce(|a, b| n.matmul(a, b));
                    product.unwrap_or(eye)
                };
                (0..1 << dims).map(matrix).collect()
            }
        };
        Kernel {
            dims,
            size: 2,
            matrices,
        }
    }

    /// The convolution of two kernels of square matrices.
    fn convolved(&self, a: &Kernel<'g>, b: &Kernel<'g>, size: usize) -> Kernel<'g> {
        let n = self.nodes();
        let dims = a.dims;
        let length = a.size + b.size - 1;
        let entry = |at: Vec<usize>| {
            let zeros = n.filled("zeros", 0.0, self.dtype, [size, size][..].into());
            let pairs = indices(dims, a.size).filter_map(|first| {
                let second: Option<Vec<_>> = iter::zip(&at, &first)
                    .map(|(at, first)| at.checked_sub(*first).filter(|&rest| rest < b.size))
                    .collect();
                Some((a.at(&first), b.at(&second?)))
            });
            pairs.fold(zeros, |sum, (a, b)| n.add(sum, n.matmul(a, b)))
        };
        Kernel {
            dims,
            size: length,
            matrices: indices(dims, length).map(entry).collect(),
        }
    }
}

const RANKS: [Refused; 3] = ["of rank 3", "of rank 4", "of rank 5"];

fn check_channels(inputs: usize, outputs: usize) -> Result<(), Refused> {
    match inputs <= outputs {
        true => Ok(()),
        false => Err("with at most as many input channels as output channels"),
    }
}

/// All indices of an array that has one size in each dimension, the last dimension fastest.
fn indices(dims: usize, size: usize) -> impl Iterator<Item = Vec<usize>> {
    let count = size.pow(dims as u32);
    (0..count).map(move |flat| {
        let mut rest = flat;
        let mut index = vec![0; dims];
        for digit in index.iter_mut().rev() {
            (*digit, rest) = (rest % size, rest / size);
        }
        index
    })
}

/// A matrix for each place in a field of one size in each dimension.
struct Kernel<'g> {
    dims: usize,
    size: usize,
    matrices: Vec<AnyTensor<'g>>,
}

impl<'g> Kernel<'g> {
    fn at(&self, index: &[usize]) -> AnyTensor<'g> {
        let flat = index.iter().fold(0, |flat, digit| flat * self.size + digit);
        self.matrices[flat]
    }

    fn map(self, f: impl Fn(AnyTensor<'g>) -> AnyTensor<'g>) -> Self {
        let matrices = self.matrices.into_iter().map(f).collect();
        Kernel { matrices, ..self }
    }

    /// One tensor, of stacks in stacks.
    fn stacked(self, n: Nodes<'g>) -> AnyTensor<'g> {
        fn stack<'g>(n: Nodes<'g>, matrices: &[AnyTensor<'g>], size: usize) -> AnyTensor<'g> {
            if matrices.len() == size {
                return n.stack(Arg::tensors(matrices));
            }
            let inner = matrices.chunks(matrices.len() / size);
            let inner: Vec<_> = inner.map(|inner| stack(n, inner, size)).collect();
            n.stack(Arg::tensors(&inner))
        }
        stack(n, &self.matrices, self.size)
    }
}
