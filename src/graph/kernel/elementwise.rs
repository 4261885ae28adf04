//! Arithmetic on elements with broadcasting.

use std::sync::Arc;

use half::{bf16, f16};
use num_complex::Complex;

use super::{Computed, KernelError};
use crate::dtype::{DType, Element};
use crate::shape::Shape;
use crate::value::TensorValue;

/// What the four operations do to a type: wrapping for integers, as TensorFlow's CPU kernels do.
trait Arithmetic: Element + Copy {
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `None` where `RealDiv` is not defined.
    const DIV: Option<fn(Self, Self) -> Self>;
    /// `FloorDiv` by anything but zero, for the types of shapes.
    const FLOOR_DIV: Option<fn(Self, Self) -> Self> = None;
}

macro_rules! real {
    ($($rust:ty)*) => {$(
        impl Arithmetic for $rust {
            fn add(self, other: Self) -> Self { self + other }
            fn sub(self, other: Self) -> Self { self - other }
            fn mul(self, other: Self) -> Self { self * other }
            const DIV: Option<fn(Self, Self) -> Self> = Some(|a, b| a / b);
        }
    )*};
}

macro_rules! integer {
    ($($rust:ty, $floor_div:expr;)*) => {$(
        impl Arithmetic for $rust {
            fn add(self, other: Self) -> Self { self.wrapping_add(other) }
            fn sub(self, other: Self) -> Self { self.wrapping_sub(other) }
            fn mul(self, other: Self) -> Self { self.wrapping_mul(other) }
            const DIV: Option<fn(Self, Self) -> Self> = None;
            const FLOOR_DIV: Option<fn(Self, Self) -> Self> = $floor_div;
        }
    )*};
}

real! { f16 bf16 f32 f64 Complex<f32> Complex<f64> }
integer! {
    i8, None;
    i16, None;
    i32, Some(|a, b| a.wrapping_div(b) - i32::from(a.wrapping_rem(b) != 0 && (a < 0) != (b < 0)));
    i64, Some(|a, b| a.wrapping_div(b) - i64::from(a.wrapping_rem(b) != 0 && (a < 0) != (b < 0)));
    u8, None;
    u16, None;
    u32, None;
    u64, None;
}

/// `Add`, `Sub`, `Mul`, `RealDiv` or `FloorDiv` of two tensors of one dtype.
pub(super) fn binary(op: &'static str, a: Arc<TensorValue>, b: Arc<TensorValue>) -> Computed {
    macro_rules! dispatch {
        ($($variant:ident $rust:ty;)*) => {
            match a.dtype() {
                $(DType::$variant => typed::<$rust>(op, a, b),)*
                dtype => Err(KernelError::DType { op, dtype }),
            }
        };
    }
    dispatch! {
        Float32 f32; Float64 f64; Float16 f16; BFloat16 bf16;
        Int8 i8; Int16 i16; Int32 i32; Int64 i64; UInt8 u8; UInt16 u16; UInt32 u32; UInt64 u64;
        Complex64 Complex<f32>; Complex128 Complex<f64>;
    }
}

fn typed<T: Arithmetic>(op: &'static str, a: Arc<TensorValue>, b: Arc<TensorValue>) -> Computed {
    let function: fn(T, T) -> T = match op {
        "Add" | "AddV2" => T::add,
        "Sub" => T::sub,
        "Mul" => T::mul,
        "FloorDiv" => {
            let by_zero = b.to_i64s().is_none_or(|b| b.contains(&0));
            T::FLOOR_DIV
                .filter(|_| !by_zero)
                .ok_or(KernelError::Op(op))?
        }
        _ => T::DIV.ok_or(KernelError::DType {
            op,
            dtype: T::DTYPE,
        })?,
    };
    let mismatch = |_| KernelError::DType {
        op,
        dtype: T::DTYPE,
    };
    // A scalar and equal shapes are the cases of initializers; they run in place where they can.
    if b.shape().is_empty() || a.shape() == b.shape() {
        let right = b.clone();
        let right = right.as_slice::<T>().map_err(mismatch)?;
        return in_place(a, |left| match right {
            [value] => left.iter_mut().for_each(|x| *x = function(*x, *value)),
            _ => left
                .iter_mut()
                .zip(right)
                .for_each(|(x, y)| *x = function(*x, *y)),
        })
        .ok_or(KernelError::DType {
            op,
            dtype: T::DTYPE,
        });
    }
    if a.shape().is_empty() {
        let value = a.as_slice::<T>().map_err(mismatch)?[0];
        return in_place(b, |right| {
            right.iter_mut().for_each(|y| *y = function(value, *y))
        })
        .ok_or(KernelError::DType {
            op,
            dtype: T::DTYPE,
        });
    }
    let differ = || KernelError::Broadcast(a.shape().to_vec(), b.shape().to_vec());
    let shape = Shape::from(a.shape())
        .broadcast(&Shape::from(b.shape()))
        .and_then(|shape| shape.to_static());
    let shape = shape.ok_or_else(differ)?;
    let (left, right) = (
        a.view::<T>().map_err(mismatch)?,
        b.view::<T>().map_err(mismatch)?,
    );
    let (left, right) = (left.broadcast(&shape[..]), right.broadcast(&shape[..]));
    let (left, right) = left.zip(right).ok_or_else(differ)?;
    let elements = left
        .iter()
        .zip(right.iter())
        .map(|(x, y)| function(*x, *y))
        .collect();
    Ok(TensorValue::from_parts(shape, elements))
}

/// Changes a value's elements, copying them first only where somebody else holds the value.
fn in_place<T: Element>(
    value: Arc<TensorValue>,
    change: impl FnOnce(&mut [T]),
) -> Option<TensorValue> {
    let mut value = Arc::unwrap_or_clone(value);
    change(value.as_mut_slice()?);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<T: Element>(shape: &[usize], elements: &[T]) -> Arc<TensorValue> {
        Arc::new(TensorValue::new(shape, elements.to_vec()).unwrap())
    }

    #[test]
    fn broadcasting_on_both_sides() {
        let sum = binary(
            "Add",
            value(&[2, 1], &[1.0f32, 2.0]),
            value(&[1, 2], &[10.0f32, 20.0]),
        )
        .unwrap();
        assert_eq!(sum.shape(), [2, 2]);
        assert_eq!(sum.as_slice::<f32>().unwrap(), [11.0, 21.0, 12.0, 22.0]);
        let difference = binary("Sub", value(&[], &[1.0f32]), value(&[2], &[1.0f32, 3.0])).unwrap();
        assert_eq!(difference.as_slice::<f32>().unwrap(), [0.0, -2.0]);
        assert!(binary("Sub", value(&[2], &[1i32, 2]), value(&[3], &[1i32, 2, 3])).is_err());
    }

    #[test]
    fn integers_wrap_and_do_not_divide() {
        let sum = binary("AddV2", value(&[1], &[i8::MAX]), value(&[1], &[1i8])).unwrap();
        assert_eq!(sum.as_slice::<i8>().unwrap(), [i8::MIN]);
        assert!(binary("RealDiv", value(&[1], &[1i32]), value(&[1], &[1i32])).is_err());
    }

    #[test]
    fn floors_are_below() {
        let div = |a: i32, b: i32| binary("FloorDiv", value(&[], &[a]), value(&[], &[b]));
        for (a, b, floor) in [
            (7, 2, 3),
            (-7, 2, -4),
            (7, -2, -4),
            (-6, 2, -3),
            (i32::MIN, -1, i32::MIN),
        ] {
            assert_eq!(
                div(a, b).unwrap().as_slice::<i32>().unwrap(),
                [floor],
                "{a} // {b}"
            );
        }
        assert!(div(1, 0).is_err());
    }

    #[test]
    fn shared_inputs_are_not_changed() {
        let kept = value(&[2], &[1.0f32, 2.0]);
        binary("Mul", kept.clone(), value(&[], &[3.0f32])).unwrap();
        assert_eq!(kept.as_slice::<f32>().unwrap(), [1.0, 2.0]);
    }
}
