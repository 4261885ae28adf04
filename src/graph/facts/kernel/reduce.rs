//! Sums, extremes and running totals along dimensions.

use super::positions::strides;
use super::{Call, Computed, checked_len, with_number, with_type};
use crate::dtype::{DType, Element};
use crate::value::TensorValue;

/// The ops that make one element of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reduction {
    All,
    Any,
    ArgMax,
    ArgMin,
    Max,
    Mean,
    Min,
    Prod,
    Sum,
}

/// The elements of the result that the elements of an input belong to.
struct Grouping {
    /// The place of each element's group, in the order of the elements.
    places: Vec<usize>,
    count: usize,
    shape: Vec<usize>,
}

/// Groups the elements along the axes that the second input lists.
fn grouping(call: &Call<'_>) -> Computed<Grouping> {
    let x = call.input(0)?;
    let from = x.shape();
    let mut reduced = vec![false; from.len()];
    for axis in call.integers(1)? {
        reduced[call.axis(axis, from.len())?] = true;
    }
    let dims = from.iter().zip(&reduced);
    let kept: Vec<usize> = dims
        .map(|(&dim, &gone)| if gone { 1 } else { dim })
        .collect();
    let shape = match call.flag("keep_dims")? {
        true => kept.clone(),
        false => {
            let dims = from.iter().zip(&reduced).filter(|(_, gone)| !**gone);
            dims.map(|(&dim, _)| dim).collect()
        }
    };
    // How far each dimension moves the place of an element's group.
    let steps = strides(&kept).into_iter().zip(&reduced);
    let steps: Vec<isize> = steps
        .map(|(stride, &gone)| if gone { 0 } else { stride as isize })
        .collect();
    Ok(Grouping {
        places: super::positions::walk(from, &steps, 0).collect(),
        count: checked_len(&kept)?,
        shape,
    })
}

/// Makes one element of the result of each group's elements.
fn reduce_groups<T: Element + Copy>(call: &Call<'_>, result: fn(&[T]) -> T) -> Computed {
    let Grouping {
        places,
        count,
        shape,
    } = grouping(call)?;
    let elements = call.input(0)?.as_slice::<T>();
    let elements = elements.map_err(|_| call.malformed())?;
    let mut groups = vec![Vec::new(); count];
    for (&place, &element) in places.iter().zip(elements) {
        groups[place].push(element);
    }
    let results = groups.iter().map(|group| result(group)).collect();
    Ok(vec![TensorValue::from_parts(shape, results)])
}

/// The types that sums are computed of.
trait Total: Element + Copy + PartialOrd {
    /// The least and the greatest, which a maximum and a minimum of nothing are.
    const ENDS: (Self, Self);
    const ZERO: Self;
    const ONE: Self;

    fn sum(elements: &[Self]) -> Self;
    fn product(elements: &[Self]) -> Self;
    fn mean(elements: &[Self]) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
}

macro_rules! real {
    ($($rust:ty, $zero:expr, $one:expr, $infinity:expr, $narrow:expr;)*) => {$(
        impl Total for $rust {
            const ENDS: ($rust, $rust) = (<$rust>::NEG_INFINITY, $infinity);
            const ZERO: $rust = $zero;
            const ONE: $rust = $one;

            fn sum(elements: &[$rust]) -> $rust {
                $narrow(elements.iter().map(|&x| f64::from(x)).sum::<f64>())
            }

            fn product(elements: &[$rust]) -> $rust {
                $narrow(elements.iter().map(|&x| f64::from(x)).product::<f64>())
            }

            fn mean(elements: &[$rust]) -> $rust {
                let sum: f64 = elements.iter().map(|&x| f64::from(x)).sum();
                $narrow(sum / elements.len() as f64)
            }

            fn plus(self, other: $rust) -> $rust {
                self + other
            }

            fn times(self, other: $rust) -> $rust {
                self * other
            }
        }
    )*};
}

macro_rules! integer {
    ($($rust:ty)*) => {$(
        impl Total for $rust {
            const ENDS: ($rust, $rust) = (<$rust>::MIN, <$rust>::MAX);
            const ZERO: $rust = 0;
            const ONE: $rust = 1;

            fn sum(elements: &[$rust]) -> $rust {
                elements.iter().fold(0, |sum, &x| sum.wrapping_add(x))
            }

            fn product(elements: &[$rust]) -> $rust {
                elements.iter().fold(1, |product, &x| product.wrapping_mul(x))
            }

            fn mean(elements: &[$rust]) -> $rust {
                // Its elements are counted in the type itself.
                let count = <$rust>::try_from(elements.len()).unwrap_or(<$rust>::MAX);
                Self::sum(elements).checked_div(count).unwrap_or_default()
            }

            fn plus(self, other: $rust) -> $rust {
                self.wrapping_add(other)
            }

            fn times(self, other: $rust) -> $rust {
                self.wrapping_mul(other)
            }
        }
    )*};
}

real! {
    f32, 0.0, 1.0, f32::INFINITY, |x| x as f32;
    f64, 0.0, 1.0, f64::INFINITY, |x| x;
    half::f16, half::f16::ZERO, half::f16::ONE, half::f16::INFINITY, half::f16::from_f64;
    half::bf16, half::bf16::ZERO, half::bf16::ONE, half::bf16::INFINITY, half::bf16::from_f64;
}
integer! { i8 i16 i32 i64 u8 u16 u32 u64 }

pub(super) fn reduce(call: &mut Call<'_>, reduction: Reduction) -> Computed {
    fn typed<T: Total>(call: &Call<'_>, result: Reduction) -> Computed {
        let result: fn(&[T]) -> T = match result {
            Reduction::Max => |group| {
                let larger = |a, &b| if b > a { b } else { a };
                group.iter().fold(T::ENDS.0, larger)
            },
            Reduction::Min => |group| {
                let smaller = |a, &b| if b < a { b } else { a };
                group.iter().fold(T::ENDS.1, smaller)
            },
            Reduction::Mean => T::mean,
            Reduction::Prod => T::product,
            _ => T::sum,
        };
        reduce_groups(call, result)
    }
    match reduction {
        Reduction::All => reduce_groups::<bool>(call, |flags| flags.iter().all(|&flag| flag)),
        Reduction::Any => reduce_groups::<bool>(call, |flags| flags.iter().any(|&flag| flag)),
        Reduction::ArgMax | Reduction::ArgMin => extreme_index(call, reduction),
        _ => {
            let dtype = call.input(0)?.dtype();
            with_number!(dtype, T => typed::<T>(call, reduction), |dtype| Err(call.no_kernel_for(dtype)))
        }
    }
}

/// The runs of elements along an axis: where each begins, how long they are, and how far apart their elements are.
fn runs(shape: &[usize], axis: usize) -> (Vec<usize>, usize, usize) {
    let (len, step) = (shape[axis], strides(shape)[axis]);
    let count: usize = shape.iter().product();
    let begins = (0..count).filter(|at| at / step % len == 0).collect();
    (begins, len, step)
}

/// The index of the first of the largest or the smallest along an axis.
fn extreme_index(call: &Call<'_>, reduction: Reduction) -> Computed {
    fn typed<T: Element + Copy + PartialOrd>(call: &Call<'_>, reduction: Reduction) -> Computed {
        let x = call.input(0)?;
        let axis = call.axis(call.integer(1)?, x.shape().len())?;
        let elements = x.as_slice::<T>().map_err(|_| call.malformed())?;
        let (begins, len, step) = runs(x.shape(), axis);
        let better: fn(&T, &T) -> bool = match reduction {
            Reduction::ArgMax => T::gt,
            _ => T::lt,
        };
        // Of equal ones the first.
        let best = |begin: usize| {
            let at = |n: usize| &elements[begin + n * step];
            (1..len).fold(0, |best, n| if better(at(n), at(best)) { n } else { best })
        };
        let found: Vec<i64> = begins.into_iter().map(|begin| best(begin) as i64).collect();
        let mut shape = x.shape().to_vec();
        shape.remove(axis);
        if found.len() != shape.iter().product::<usize>() {
            // There is nothing along the axis.
            return Err(call.malformed());
        }
        let found = TensorValue::from_parts(shape, found);
        let out = call.dtype("output_type")?;
        let found = found.converted(out);
        Ok(vec![found.ok_or_else(|| call.no_kernel_for(out))?])
    }
    let dtype = call.input(0)?.dtype();
    with_number!(dtype, T => typed::<T>(call, reduction), |dtype| Err(call.no_kernel_for(dtype)))
}

pub(crate) fn cumsum(call: &mut Call<'_>) -> Computed {
    accumulate(call, Reduction::Sum)
}

pub(crate) fn cumprod(call: &mut Call<'_>) -> Computed {
    accumulate(call, Reduction::Prod)
}

/// Running totals along an axis.
fn accumulate(call: &Call<'_>, total: Reduction) -> Computed {
    fn typed<T: Total>(call: &Call<'_>, total: Reduction) -> Computed {
        let x = call.input(0)?;
        let axis = call.axis(call.integer(1)?, x.shape().len())?;
        let (exclusive, backward) = (call.flag("exclusive")?, call.flag("reverse")?);
        let (start, with): (T, fn(T, T) -> T) = match total {
            Reduction::Sum => (T::ZERO, T::plus),
            _ => (T::ONE, T::times),
        };
        let mut out = x.as_slice::<T>().map_err(|_| call.malformed())?.to_vec();
        let (begins, len, step) = runs(x.shape(), axis);
        for begin in begins {
            let mut total = start;
            for n in 0..len {
                let n = if backward { len - 1 - n } else { n };
                let element = &mut out[begin + n * step];
                let next = with(total, *element);
                *element = if exclusive { total } else { next };
                total = next;
            }
        }
        Ok(vec![TensorValue::from_parts(x.shape().to_vec(), out)])
    }
    let dtype: DType = call.input(0)?.dtype();
    with_type!(
        dtype,
        [
            Float32 f32, Float64 f64, Int8 i8, Int16 i16, Int32 i32, Int64 i64, UInt8 u8, UInt16 u16,
        ],
        T => typed::<T>(call, total),
        |dtype| Err(call.no_kernel_for(dtype))
    )
}
