//! Products and decompositions of matrices, in a batch: the last two dimensions are a matrix's.

use std::sync::Arc;

use super::positions::broadcast;
use super::{Call, Computed, elementwise, wide};
use crate::dtype::{DType, Element};
use crate::value::TensorValue;

/// The types that products are computed in: those of integers wrap, and those of floats are summed up in `f64`.
trait Product: Element + Copy {
    /// The sum of the products of `len` elements of two tensors along lines of them.
    fn dot(len: usize, a: (&[Self], Line), b: (&[Self], Line)) -> Self;
}

/// The position of the first of some elements, and how far apart they are.
type Line = (usize, usize);

impl Product for f64 {
    fn dot(
        len: usize,
        (a, (a_at, a_step)): (&[f64], Line),
        (b, (b_at, b_step)): (&[f64], Line),
    ) -> f64 {
        let product = |n: usize| a[a_at + n * a_step] * b[b_at + n * b_step];
        (0..len).map(product).sum()
    }
}

impl Product for i64 {
    fn dot(
        len: usize,
        (a, (a_at, a_step)): (&[i64], Line),
        (b, (b_at, b_step)): (&[i64], Line),
    ) -> i64 {
        let product = |n: usize| a[a_at + n * a_step].wrapping_mul(b[b_at + n * b_step]);
        (0..len).fold(0, |sum: i64, n| sum.wrapping_add(product(n)))
    }
}

pub(crate) fn mat_mul(call: &mut Call<'_>) -> Computed {
    product(call, ["transpose_a", "transpose_b"])
}

pub(crate) fn batch_mat_mul(call: &mut Call<'_>) -> Computed {
    product(call, ["adj_x", "adj_y"])
}

/// The products of matrices that the attributes `flips` exchange rows and columns of.
fn product(call: &mut Call<'_>, flips: [&str; 2]) -> Computed {
    let dtype = call.input(0)?.dtype();
    let is_one_type = call.input(1).is_ok_and(|b| b.dtype() == dtype);
    let result = match dtype {
        DType::Float32 | DType::Float64 => {
            convert_inputs(call, dtype, DType::Float64);
            typed_product::<f64>(call, flips, is_one_type)
        }
        DType::Int32 | DType::Int64 => {
            convert_inputs(call, dtype, DType::Int64);
            typed_product::<i64>(call, flips, is_one_type)
        }
        _ => Err(call.no_kernel_for(dtype)),
    };
    Ok(vec![wide::narrowed(result?, dtype)])
}

/// Converts those of the first two inputs that have a dtype to another, which has all its numbers.
fn convert_inputs(call: &mut Call<'_>, from: DType, to: DType) {
    let inputs = call.inputs.iter_mut().take(2);
    for input in inputs.filter(|input| from != to && input.dtype() == from) {
        if let Some(converted) = input.converted(to) {
            *input = Arc::new(converted);
        }
    }
}

fn typed_product<T: Product>(
    call: &Call<'_>,
    flips: [&str; 2],
    is_one_type: bool,
) -> Computed<TensorValue> {
    let (flip_a, flip_b) = (call.flag(flips[0])?, call.flag(flips[1])?);
    let (a, b) = (call.input(0)?, call.input(1)?);
    let ([a_batch @ .., a_rows, a_columns], [b_batch @ .., b_rows, b_columns]) =
        (a.shape(), b.shape())
    else {
        return Err(call.malformed());
    };
    let flipped = |rows: &usize, columns: &usize, flip| match flip {
        true => (*columns, *rows),
        false => (*rows, *columns),
    };
    let (rows, inner) = flipped(a_rows, a_columns, flip_a);
    let (b_inner, columns) = flipped(b_rows, b_columns, flip_b);
    if inner != b_inner {
        return Err(call.malformed());
    }
    let batch = elementwise::common(a_batch, b_batch)?;
    let shape = [&batch[..], &[rows, columns]].concat();
    let mut out = Vec::with_capacity(call.checked_len(&shape)?);
    let places = broadcast(a_batch, &batch).zip(broadcast(b_batch, &batch));
    let (a_at, b_at) = places.ok_or_else(|| call.malformed())?;
    let a = a.as_slice::<T>().map_err(|_| call.malformed())?;
    let b = b.as_slice::<T>().ok().filter(|_| is_one_type);
    let b = b.ok_or_else(|| call.malformed())?;
    for (a_at, b_at) in a_at.iter().zip(&b_at) {
        let (a_at, b_at) = (a_at * rows * inner, b_at * inner * columns);
        for row in 0..rows {
            let a_line = match flip_a {
                true => (a_at + row, rows),
                false => (a_at + row * inner, 1),
            };
            for column in 0..columns {
                let b_line = match flip_b {
                    true => (b_at + column * inner, 1),
                    false => (b_at + column, columns),
                };
                out.push(T::dot(inner, (a, a_line), (b, b_line)));
            }
        }
    }
    Ok(TensorValue::from_parts(shape, out))
}

pub(crate) fn qr(call: &mut Call<'_>) -> Computed {
    let dtype = call.input(0)?.dtype();
    if !matches!(dtype, DType::Float32 | DType::Float64) {
        return Err(call.no_kernel_for(dtype));
    }
    let full = call.flag("full_matrices")?;
    convert_inputs(call, dtype, DType::Float64);
    let x = call.input(0)?;
    let [batch @ .., rows, columns] = x.shape() else {
        return Err(call.malformed());
    };
    let (rows, columns) = (*rows, *columns);
    let inner = if full { rows } else { rows.min(columns) };
    let (q_shape, r_shape) = (
        [batch, &[rows, inner]].concat(),
        [batch, &[inner, columns]].concat(),
    );
    let mut q_all = Vec::with_capacity(call.checked_len(&q_shape)?);
    let mut r_all = Vec::with_capacity(call.checked_len(&r_shape)?);
    let elements = x.as_slice::<f64>().map_err(|_| call.malformed())?;
    for matrix in elements.chunks((rows * columns).max(1)) {
        let (q, r) = Householder::of(matrix.to_vec(), rows, columns).factors(inner);
        q_all.extend_from_slice(&q);
        r_all.extend_from_slice(&r);
    }
    if q_all.len() != q_shape.iter().product::<usize>() {
        // Of matrices without elements, Q would be a unit matrix.
        return Err(call.malformed());
    }
    let factors = [
        TensorValue::from_parts(q_shape, q_all),
        TensorValue::from_parts(r_shape, r_all),
    ];
    Ok(factors.map(|factor| wide::narrowed(factor, dtype)).to_vec())
}

/// The reflections that make a matrix upper triangular, with the signs that Eigen gives them: a diagonal element of R
/// has the other sign than the column's first element had, unless there is nothing below that to be reflected away.
struct Householder {
    rows: usize,
    columns: usize,
    /// R above and on the diagonal, by rows.
    r: Vec<f64>,
    /// For each reflection, its vector from the diagonal on and its factor.
    reflections: Vec<(Vec<f64>, f64)>,
}

impl Householder {
    fn of(matrix: Vec<f64>, rows: usize, columns: usize) -> Self {
        let mut qr = Householder {
            rows,
            columns,
            r: matrix,
            reflections: Vec::new(),
        };
        for step in 0..rows.min(columns) {
            qr.reflect(step);
        }
        qr
    }

    /// Reflects column `step` onto its diagonal element, and the columns after it with it.
    fn reflect(&mut self, step: usize) {
        let Householder { rows, columns, .. } = *self;
        let column: Vec<f64> = (step..rows)
            .map(|row| self.r[row * columns + step])
            .collect();
        let (first, below) = (column[0], &column[1..]);
        let below: f64 = below.iter().map(|x| x * x).sum();
        if below <= f64::MIN_POSITIVE {
            self.reflections.push((column, 0.0));
            return;
        }
        let norm = (first * first + below).sqrt();
        let diagonal = if first >= 0.0 { -norm } else { norm };
        let mut vector: Vec<f64> = column.iter().map(|x| x / (first - diagonal)).collect();
        vector[0] = 1.0;
        let factor = (diagonal - first) / diagonal;
        apply((&vector, factor), &mut self.r, columns, step, step);
        for row in step + 1..rows {
            self.r[row * columns + step] = 0.0;
        }
        self.reflections.push((vector, factor));
    }

    /// The first `inner` columns of Q and rows of R.
    fn factors(self, inner: usize) -> (Vec<f64>, Vec<f64>) {
        let mut q = vec![0.0; self.rows * inner];
        for place in 0..inner {
            q[place * inner + place] = 1.0;
        }
        for (step, (vector, factor)) in self.reflections.iter().enumerate().rev() {
            apply((vector, *factor), &mut q, inner, step, 0);
        }
        let mut r = self.r;
        r.truncate(inner * self.columns);
        (q, r)
    }
}

/// Applies a reflection to the rows of a matrix from `first_row` on, in its columns from `first_column` on.
fn apply(
    (vector, factor): (&[f64], f64),
    matrix: &mut [f64],
    columns: usize,
    first_row: usize,
    first_column: usize,
) {
    for column in first_column..columns {
        let place = |n: usize| (first_row + n) * columns + column;
        let dot: f64 = (vector.iter().enumerate())
            .map(|(n, x)| x * matrix[place(n)])
            .sum();
        for (n, x) in vector.iter().enumerate() {
            matrix[place(n)] -= factor * dot * x;
        }
    }
}
