//! Products and decompositions of matrices, in a batch: the last two dimensions are a matrix's.

use super::positions::broadcast;
use super::{Call, Computed, elementwise, with_type};
use crate::dtype::Element;
use crate::value::TensorValue;

/// A matrix among the elements of a tensor, perhaps read with rows and columns exchanged.
struct Matrix<'e, T> {
    elements: &'e [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<T: Copy> Matrix<'_, T> {
    fn at(&self, row: usize, column: usize) -> T {
        match self.transposed {
            true => self.elements[column * self.rows + row],
            false => self.elements[row * self.columns + column],
        }
    }
}

/// The types whose products are computed: those of integers wrap, and those of floats are summed up in `f64`.
trait Product: Element + Copy {
    fn dot(pairs: impl Iterator<Item = (Self, Self)>) -> Self;
}

macro_rules! real {
    ($($rust:ty)*) => {$(
        impl Product for $rust {
            fn dot(pairs: impl Iterator<Item = (Self, Self)>) -> Self {
                pairs.map(|(a, b)| f64::from(a) * f64::from(b)).sum::<f64>() as $rust
            }
        }
    )*};
}

macro_rules! integer {
    ($($rust:ty)*) => {$(
        impl Product for $rust {
            fn dot(pairs: impl Iterator<Item = (Self, Self)>) -> Self {
                pairs.fold(0, |sum: $rust, (a, b)| sum.wrapping_add(a.wrapping_mul(b)))
            }
        }
    )*};
}

real! { f32 f64 }
integer! { i32 i64 }

pub(crate) fn mat_mul(call: &mut Call<'_>) -> Computed {
    product(call, ["transpose_a", "transpose_b"])
}

pub(crate) fn batch_mat_mul(call: &mut Call<'_>) -> Computed {
    product(call, ["adj_x", "adj_y"])
}

/// The products of matrices that the attributes `flips` exchange rows and columns of.
fn product(call: &Call<'_>, flips: [&str; 2]) -> Computed {
    fn typed<T: Product>(call: &Call<'_>, flips: [&str; 2]) -> Computed {
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
        let b = b.as_slice::<T>().map_err(|_| call.malformed())?;
        for (a_at, b_at) in a_at.into_iter().zip(b_at) {
            let a = Matrix {
                elements: &a[a_at * rows * inner..(a_at + 1) * rows * inner],
                rows,
                columns: inner,
                transposed: flip_a,
            };
            let b = Matrix {
                elements: &b[b_at * inner * columns..(b_at + 1) * inner * columns],
                rows: inner,
                columns,
                transposed: flip_b,
            };
            for row in 0..rows {
                for column in 0..columns {
                    let pairs = (0..inner).map(|n| (a.at(row, n), b.at(n, column)));
                    out.push(T::dot(pairs));
                }
            }
        }
        Ok(vec![TensorValue::from_parts(shape, out)])
    }
    let dtype = call.input(0)?.dtype();
    with_type!(
        dtype,
        [Float32 f32, Float64 f64, Int32 i32, Int64 i64],
        T => typed::<T>(call, flips),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}

pub(crate) fn qr(call: &mut Call<'_>) -> Computed {
    macro_rules! decomposed {
        ($rust:ty) => {{
            let full = call.flag("full_matrices")?;
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
            let elements = x.as_slice::<$rust>().map_err(|_| call.malformed())?;
            for matrix in elements.chunks((rows * columns).max(1)) {
                let matrix = matrix.iter().map(|&x| f64::from(x)).collect();
                let (q, r) = Householder::of(matrix, rows, columns).factors(inner);
                q_all.extend(q.into_iter().map(|x| x as $rust));
                r_all.extend(r.into_iter().map(|x| x as $rust));
            }
            if q_all.len() != q_shape.iter().product::<usize>() {
                // Of matrices without elements, Q would be a unit matrix.
                return Err(call.malformed());
            }
            Ok(vec![
                TensorValue::from_parts(q_shape, q_all),
                TensorValue::from_parts(r_shape, r_all),
            ])
        }};
    }
    match call.input(0)?.dtype() {
        crate::dtype::DType::Float32 => decomposed!(f32),
        crate::dtype::DType::Float64 => decomposed!(f64),
        dtype => Err(call.no_kernel_for(dtype)),
    }
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
