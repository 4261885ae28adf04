//! Sums, extremes and running totals along dimensions.

use super::arithmetic::{Arithmetic, binary};
use super::positions::steps;
use super::{Binary, Call, Computed, wide, with_type};
use crate::dtype::{DType, Element};
use crate::value::{TensorValue, strides, walk};

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
    let mut steps = steps(&kept);
    for (step, &gone) in steps.iter_mut().zip(&reduced) {
        if gone {
            *step = 0;
        }
    }
    let mut places = Vec::with_capacity(x.len());
    walk(from, &steps, 0, &mut |place| places.push(place));
    Ok(Grouping {
        places,
        count: call.checked_len(&kept)?,
        shape,
    })
}

/// Makes one element of the result of each group's elements.
fn reduce_groups<T: Element + Copy>(call: &Call<'_>, result: &dyn Fn(&[T]) -> T) -> Computed {
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

/// The types that sums are computed in: integers of up to 32 bits in `i64`, and real numbers in `f64`.
trait Total: Element + Copy + PartialOrd {
    /// The least and the greatest, which a maximum and a minimum of nothing are.
    const ENDS: (Self, Self);

    fn sum(elements: &[Self]) -> Self;
    fn product(elements: &[Self]) -> Self;
    fn mean(elements: &[Self]) -> Self;
}

impl Total for f64 {
    const ENDS: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    fn sum(elements: &[f64]) -> f64 {
        elements.iter().sum()
    }

    fn product(elements: &[f64]) -> f64 {
        elements.iter().product()
    }

    fn mean(elements: &[f64]) -> f64 {
        Self::sum(elements) / elements.len() as f64
    }
}

macro_rules! integer {
    ($($rust:ty)*) => {$(
        impl Total for $rust {
            const ENDS: ($rust, $rust) = (<$rust>::MIN, <$rust>::MAX);

            fn sum(elements: &[$rust]) -> $rust {
                elements.iter().fold(0, |sum, &x| sum.wrapping_add(x))
            }

            fn product(elements: &[$rust]) -> $rust {
                elements.iter().fold(1, |product, &x| product.wrapping_mul(x))
            }

            fn mean(elements: &[$rust]) -> $rust {
                let count = elements.len() as $rust;
                Self::sum(elements).checked_div(count).unwrap_or_default()
            }
        }
    )*};
}

integer! { i64 u64 }

pub(super) fn reduce(call: &mut Call<'_>, reduction: Reduction) -> Computed {
    let flags = |result: &dyn Fn(&[bool]) -> bool| reduce_groups(call, result);
    match reduction {
        Reduction::All => return flags(&|flags| flags.iter().all(|&flag| flag)),
        Reduction::Any => return flags(&|flags| flags.iter().any(|&flag| flag)),
        Reduction::ArgMax | Reduction::ArgMin => return extreme_index(call, reduction),
        _ => {}
    }
    let dtype = call.input(0)?.dtype();
    match dtype {
        _ if wide::is_narrow(dtype) && reduction == Reduction::Mean => integer_mean(call, dtype),
        _ if wide::is_narrow(dtype) => {
            let ends = wide::limits(dtype);
            wide::in_i64(call, 0..1, &|call| total(call, reduction, ends))
        }
        DType::Int64 => total(call, reduction, i64::ENDS),
        DType::UInt64 => total(call, reduction, u64::ENDS),
        DType::Float16 | DType::BFloat16 | DType::Float32 | DType::Float64 => {
            wide::as_f64(call, 1);
            let results = total(call, reduction, f64::ENDS)?.into_iter();
            let results: Option<_> = results.map(|value| value.converted(dtype)).collect();
            results.ok_or_else(|| call.no_kernel_for(dtype))
        }
        _ => Err(call.no_kernel_for(dtype)),
    }
}

fn total<T: Total>(call: &Call<'_>, reduction: Reduction, (least, greatest): (T, T)) -> Computed {
    let largest = |group: &[T]| {
        let larger = |a, &b| if b > a { b } else { a };
        group.iter().fold(least, larger)
    };
    let smallest = |group: &[T]| {
        let smaller = |a, &b| if b < a { b } else { a };
        group.iter().fold(greatest, smaller)
    };
    let result: &dyn Fn(&[T]) -> T = match reduction {
        Reduction::Max => &largest,
        Reduction::Min => &smallest,
        Reduction::Mean => &T::mean,
        Reduction::Prod => &T::product,
        _ => &T::sum,
    };
    reduce_groups(call, result)
}

/// Means of narrow integers: sums, cut off, divided by the number of elements, which is counted in the type itself.
fn integer_mean(call: &mut Call<'_>, dtype: DType) -> Computed {
    let len = call.input(0)?.len();
    let sums = reduce(call, Reduction::Sum)?.pop();
    let sums = sums.ok_or_else(|| call.malformed())?;
    let count = len.checked_div(sums.len()).unwrap_or_default();
    let (_, most) = wide::limits(dtype);
    let count = i64::try_from(count).map_or(most, |count| count.min(most));
    if count == 0 {
        return Ok(vec![sums]);
    }
    let count = TensorValue::scalar(count).converted(dtype);
    let count = count.ok_or_else(|| call.no_kernel_for(dtype))?;
    call.inputs = vec![sums.into(), count.into()];
    binary(call, Binary::TruncateDiv)
}

/// The runs of elements along an axis: where each begins, how long they are, and how far apart their elements are.
fn runs(shape: &[usize], axis: usize) -> (Vec<usize>, usize, usize) {
    let (len, step) = (shape[axis], strides(shape)[axis]);
    let count: usize = shape.iter().product();
    let begins = (0..count).filter(|at| at / step % len == 0).collect();
    (begins, len, step)
}

/// The index of the first of the largest or the smallest along an axis.
fn extreme_index(call: &mut Call<'_>, reduction: Reduction) -> Computed {
    /// The index in each run of elements that are `step` apart.
    fn typed<T: Element + Copy + PartialOrd>(
        call: &Call<'_>,
        (begins, len, step): &(Vec<usize>, usize, usize),
        reduction: Reduction,
    ) -> Computed<Vec<i64>> {
        let elements = call.input(0)?.as_slice::<T>();
        let elements = elements.map_err(|_| call.malformed())?;
        let better: fn(&T, &T) -> bool = match reduction {
            Reduction::ArgMax => T::gt,
            _ => T::lt,
        };
        // Of equal ones the first.
        let best = |&begin: &usize| {
            let at = |n: usize| &elements[begin + n * step];
            (1..*len).fold(0, |best, n| if better(at(n), at(best)) { n } else { best }) as i64
        };
        Ok(begins.iter().map(best).collect())
    }
    let x = call.input(0)?;
    if x.dtype() == DType::Bool {
        return Err(call.no_kernel_for(DType::Bool));
    }
    let mut shape = x.shape().to_vec();
    let axis = call.axis(call.integer(1)?, shape.len())?;
    let runs = runs(&shape, axis);
    wide::as_f64(call, 1);
    let found = with_type!(
        call.input(0)?.dtype(),
        [Float64 f64, Int64 i64, UInt64 u64],
        T => typed::<T>(call, &runs, reduction),
        |dtype| Err(call.no_kernel_for(dtype))
    )?;
    shape.remove(axis);
    if found.len() != shape.iter().product::<usize>() {
        // There is nothing along the axis.
        return Err(call.malformed());
    }
    let out = call.dtype("output_type")?;
    let found = TensorValue::from_parts(shape, found).converted(out);
    Ok(vec![found.ok_or_else(|| call.no_kernel_for(out))?])
}

pub(crate) fn cumsum(call: &mut Call<'_>) -> Computed {
    accumulate(call, Binary::Add)
}

pub(crate) fn cumprod(call: &mut Call<'_>) -> Computed {
    accumulate(call, Binary::Mul)
}

/// Running totals along an axis.
fn accumulate(call: &mut Call<'_>, op: Binary) -> Computed {
    fn typed<T: Arithmetic>(call: &Call<'_>, op: Binary, start: T) -> Computed {
        let with = T::function(op).ok_or_else(|| call.no_kernel_for(T::DTYPE))?;
        let x = call.input(0)?;
        let axis = call.axis(call.integer(1)?, x.shape().len())?;
        let (exclusive, backward) = (call.flag("exclusive")?, call.flag("reverse")?);
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
    let start = u8::from(op == Binary::Mul);
    match call.input(0)?.dtype() {
        DType::Float32 => typed::<f32>(call, op, start.into()),
        DType::Float64 => typed::<f64>(call, op, start.into()),
        DType::Int64 => typed::<i64>(call, op, start.into()),
        dtype if wide::is_narrow(dtype) && dtype != DType::UInt32 => {
            wide::in_i64(call, 0..1, &|call| typed::<i64>(call, op, start.into()))
        }
        dtype => Err(call.no_kernel_for(dtype)),
    }
}
