//! Values to and from `TensorProto`, choosing the fields that TensorFlow's Python chooses.

use std::borrow::Cow;

use half::{bf16, f16};
use num_complex::Complex;

use super::TensorValue;
use crate::dtype::{ByteString, DType, Data, QInt8, QInt16, QInt32, QUInt8, QUInt16};
use crate::proto::tensorflow::{TensorProto, TensorShapeProto, tensor_shape_proto::Dim};
use crate::shape::Shape;

/// Why a `TensorProto` is not a value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TensorProtoError {
    #[error("DataType number {0} is not one of a dense tensor")]
    DType(i32),
    #[error("the shape is missing, not fully known, or too large")]
    Shape,
    #[error("tensor_content has {found} bytes, the shape asks for {expected}")]
    ContentSize { expected: usize, found: usize },
    #[error("{found} values for a shape with {expected} elements")]
    Count { expected: usize, found: usize },
    #[error("value {0} is out of the range of its dtype")]
    Range(i64),
}

/// The message of a constant with this `shape`: the value's elements, of which the last stands for all that are
/// missing.
pub(crate) fn encode(value: &TensorValue, shape: &[usize]) -> TensorProto {
    let mut proto = TensorProto {
        dtype: value.dtype().number(),
        tensor_shape: Some(TensorShapeProto {
            dim: shape
                .iter()
                .map(|&size| Dim {
                    size: size as i64,
                    name: String::new(),
                })
                .collect(),
            unknown_rank: false,
        }),
        ..TensorProto::default()
    };
    let whole = value.len() > 1 && value.len() == shape.iter().product::<usize>();
    let packed = !matches!(
        value.dtype(),
        DType::Float16
            | DType::BFloat16
            | DType::Bool
            | DType::Complex64
            | DType::Complex128
            | DType::UInt16
    );
    if let (true, true, Some(bytes)) = (whole, packed, value.le_bytes()) {
        proto.tensor_content = bytes.into_owned();
        return proto;
    }
    match value.data() {
        Data::Float32(v) => proto.float_val = v.clone(),
        Data::Float64(v) => proto.double_val = v.clone(),
        Data::Int8(v) => proto.int_val = v.iter().map(|&x| x.into()).collect(),
        Data::Int16(v) => proto.int_val = v.iter().map(|&x| x.into()).collect(),
        Data::Int32(v) => proto.int_val = v.clone(),
        Data::UInt8(v) => proto.int_val = v.iter().map(|&x| x.into()).collect(),
        Data::UInt16(v) => proto.int_val = v.iter().map(|&x| x.into()).collect(),
        Data::QInt8(v) => proto.int_val = v.iter().map(|x| x.0.into()).collect(),
        Data::QUInt8(v) => proto.int_val = v.iter().map(|x| x.0.into()).collect(),
        Data::QInt16(v) => proto.int_val = v.iter().map(|x| x.0.into()).collect(),
        Data::QUInt16(v) => proto.int_val = v.iter().map(|x| x.0.into()).collect(),
        Data::QInt32(v) => proto.int_val = v.iter().map(|x| x.0).collect(),
        Data::Int64(v) => proto.int64_val = v.clone(),
        Data::UInt32(v) => proto.uint32_val = v.clone(),
        Data::UInt64(v) => proto.uint64_val = v.clone(),
        Data::Bool(v) => proto.bool_val = v.clone(),
        Data::Float16(v) => proto.half_val = v.iter().map(|x| x.to_bits().into()).collect(),
        Data::BFloat16(v) => proto.half_val = v.iter().map(|x| x.to_bits().into()).collect(),
        Data::Complex64(v) => proto.scomplex_val = bytemuck::cast_slice(v).to_vec(),
        Data::Complex128(v) => proto.dcomplex_val = bytemuck::cast_slice(v).to_vec(),
        Data::String(v) => proto.string_val = v.iter().map(|x| x.as_bytes().to_vec()).collect(),
    }
    proto
}

/// The dtype and the static shape that a message declares, without looking at its values.
fn header(proto: &TensorProto) -> Result<(DType, Vec<usize>, usize), TensorProtoError> {
    let dtype = DType::from_number(proto.dtype).ok_or(TensorProtoError::DType(proto.dtype))?;
    let shape = proto
        .tensor_shape
        .as_ref()
        .filter(|shape| !shape.unknown_rank);
    let dims = shape.and_then(|shape| {
        shape
            .dim
            .iter()
            .map(|dim| usize::try_from(dim.size).ok())
            .collect()
    });
    let dims: Vec<usize> = dims.ok_or(TensorProtoError::Shape)?;
    let count = Shape::from(&dims)
        .num_elements()
        .ok_or(TensorProtoError::Shape)?;
    Ok((dtype, dims, count))
}

/// The value in a message, every element spelled out; the last one that is there stands for all that are missing.
pub(crate) fn decode(proto: &TensorProto) -> Result<TensorValue, TensorProtoError> {
    decode_elements(proto, usize::MAX)
}

/// The shape of the value in a message, and a vector of its first elements: as many as `most` says of their number.
pub(crate) fn decode_first(
    proto: &TensorProto,
    most: impl FnOnce(usize) -> usize,
) -> Result<(Vec<usize>, TensorValue), TensorProtoError> {
    let (_, shape, count) = header(proto)?;
    Ok((shape, decode_elements(proto, most(count))?))
}

/// The value in a message, or a vector of its first elements if it has more than `most`.
fn decode_elements(proto: &TensorProto, most: usize) -> Result<TensorValue, TensorProtoError> {
    let (dtype, shape, whole) = header(proto)?;
    let (shape, count, items) = match most < whole {
        true => (vec![most], most, most),
        // All items, so that too many are noticed.
        false => (shape, whole, usize::MAX),
    };
    if !proto.tensor_content.is_empty() && dtype != DType::String {
        let bytes = content(proto, dtype, (whole, count))?;
        let filled = TensorValue::filled(dtype, &shape, |elements| {
            elements.copy_from_slice(&bytes);
            Ok(())
        });
        return filled.unwrap_or(Err(TensorProtoError::DType(proto.dtype)));
    }
    macro_rules! items_of {
        ($field:ident) => {
            first(&proto.$field, items).to_vec()
        };
        ($field:ident, $item:expr) => {
            converted(first(&proto.$field, items), $item)?
        };
    }
    // One line per dtype: the typed field, and how one of its items becomes an element if it is of another type.
    macro_rules! elements {
        ($rust:ty, $field:ident $(, $item:expr)?) => {{
            let elements: Vec<$rust> = items_of!($field $(, $item)?);
            TensorValue::from_parts(shape, fill(elements, count)?)
        }};
    }
    macro_rules! complex {
        ($part:ty, $field:ident) => {{
            let whole = proto.$field.len() / 2 * 2;
            let pairs: &[Complex<$part>] = bytemuck::cast_slice(&proto.$field[..whole]);
            TensorValue::from_parts(shape, fill(first(pairs, items).to_vec(), count)?)
        }};
    }
    Ok(match dtype {
        DType::Float32 => elements!(f32, float_val),
        DType::Float64 => elements!(f64, double_val),
        DType::Int8 => elements!(i8, int_val, narrow),
        DType::Int16 => elements!(i16, int_val, narrow),
        DType::Int32 => elements!(i32, int_val),
        DType::Int64 => elements!(i64, int64_val),
        DType::UInt8 => elements!(u8, int_val, narrow),
        DType::UInt16 => elements!(u16, int_val, narrow),
        DType::UInt32 => elements!(u32, uint32_val),
        DType::UInt64 => elements!(u64, uint64_val),
        DType::QInt8 => elements!(QInt8, int_val, |x| narrow(x).map(QInt8)),
        DType::QUInt8 => elements!(QUInt8, int_val, |x| narrow(x).map(QUInt8)),
        DType::QInt16 => elements!(QInt16, int_val, |x| narrow(x).map(QInt16)),
        DType::QUInt16 => elements!(QUInt16, int_val, |x| narrow(x).map(QUInt16)),
        DType::QInt32 => elements!(QInt32, int_val, |&x| Ok(QInt32(x))),
        DType::Float16 => elements!(f16, half_val, |x| narrow(x).map(f16::from_bits)),
        DType::BFloat16 => elements!(bf16, half_val, |x| narrow(x).map(bf16::from_bits)),
        DType::Complex64 => complex!(f32, scomplex_val),
        DType::Complex128 => complex!(f64, dcomplex_val),
        DType::Bool => elements!(bool, bool_val),
        DType::String => {
            let strings = first(&proto.string_val, items);
            let strings = converted(strings, |s| Ok(ByteString::from(s.as_slice())))?;
            TensorValue::from_parts(shape, fill(strings, count)?)
        }
        DType::Resource | DType::Variant => return Err(TensorProtoError::DType(proto.dtype)),
    })
}

/// The first items, as many as `most` at most.
fn first<T>(items: &[T], most: usize) -> &[T] {
    &items[..items.len().min(most)]
}

/// The elements that the items of a field stand for.
fn converted<S, T>(
    items: &[S],
    element: fn(&S) -> Result<T, TensorProtoError>,
) -> Result<Vec<T>, TensorProtoError> {
    let mut elements = Vec::with_capacity(items.len());
    for item in items {
        elements.push(element(item)?);
    }
    Ok(elements)
}

/// Repeats the last value until there are `count`; no values at all stand for zeros.
fn fill<T: Clone + Default>(mut values: Vec<T>, count: usize) -> Result<Vec<T>, TensorProtoError> {
    if values.len() > count {
        return Err(TensorProtoError::Count {
            expected: count,
            found: values.len(),
        });
    }
    let last = values.last().cloned().unwrap_or_default();
    values.resize(count, last);
    Ok(values)
}

fn narrow<T: TryFrom<i32>>(value: &i32) -> Result<T, TensorProtoError> {
    T::try_from(*value).map_err(|_| TensorProtoError::Range((*value).into()))
}

/// The first `count` packed elements of the `whole` number of them, in the machine's byte order.
fn content(
    proto: &TensorProto,
    dtype: DType,
    (whole, count): (usize, usize),
) -> Result<Cow<'_, [u8]>, TensorProtoError> {
    let size = dtype.size().ok_or(TensorProtoError::DType(proto.dtype))?;
    let expected = whole.checked_mul(size).ok_or(TensorProtoError::Shape)?;
    let found = proto.tensor_content.len();
    if found != expected {
        return Err(TensorProtoError::ContentSize { expected, found });
    }
    Ok(super::swap_to_le(
        dtype,
        &proto.tensor_content[..count * size],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: TensorValue) {
        let proto = encode(&value, value.shape());
        assert_eq!(decode(&proto).unwrap(), value);
    }

    #[test]
    fn every_dtype_survives() {
        round_trip(TensorValue::from_parts(vec![2], vec![1.5f32, -0.0]));
        round_trip(TensorValue::from_parts(
            vec![2],
            vec![1.5f64, f64::INFINITY],
        ));
        round_trip(TensorValue::from_parts(vec![3], vec![-1i8, 0, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![-1i16, 1]));
        round_trip(TensorValue::from_parts(vec![1, 2], vec![-1i32, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![i64::MIN, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![255u8, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![u16::MAX, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![u32::MAX, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![u64::MAX, 1]));
        round_trip(TensorValue::from_parts(vec![2], vec![true, false]));
        round_trip(TensorValue::from_parts(
            vec![2],
            vec![f16::from_f32(1.5), f16::MAX],
        ));
        round_trip(TensorValue::from_parts(
            vec![2],
            vec![bf16::from_f32(1.5), bf16::MAX],
        ));
        round_trip(TensorValue::from_parts(
            vec![2],
            vec![Complex::new(1f32, 2.0), Complex::new(3f32, 4.0)],
        ));
        round_trip(TensorValue::from_parts(
            vec![1],
            vec![Complex::new(1f64, 2.0)],
        ));
        round_trip(TensorValue::from_parts(vec![2], vec![QInt8(-3), QInt8(3)]));
        round_trip(TensorValue::from_parts(
            vec![2],
            vec![ByteString::from("a"), ByteString::default()],
        ));
        round_trip(TensorValue::from_parts(vec![0, 3], Vec::<f32>::new()));
        round_trip(TensorValue::scalar(7u8));
    }

    #[test]
    fn one_value_stands_for_a_whole_shape() {
        let proto = encode(&TensorValue::scalar(2.5f32), &[2, 3]);
        assert_eq!(proto.float_val, [2.5]);
        assert_eq!(
            decode(&proto).unwrap(),
            TensorValue::from_parts(vec![2, 3], vec![2.5f32; 6])
        );
    }

    #[test]
    fn hostile_messages_are_errors() {
        let good = encode(&TensorValue::from_parts(vec![2], vec![1i32, 2]), &[2]);
        let mut cut = good.clone();
        cut.tensor_content.pop();
        assert!(matches!(
            decode(&cut),
            Err(TensorProtoError::ContentSize {
                expected: 8,
                found: 7
            })
        ));
        let mut other = good.clone();
        other.dtype = 101;
        assert!(matches!(decode(&other), Err(TensorProtoError::DType(101))));
        let mut negative = good.clone();
        negative.tensor_shape.as_mut().unwrap().dim[0].size = -1;
        assert!(matches!(decode(&negative), Err(TensorProtoError::Shape)));
        let narrow = TensorProto {
            dtype: 6,
            int_val: vec![300],
            tensor_shape: good.tensor_shape,
            ..Default::default()
        };
        assert!(matches!(decode(&narrow), Err(TensorProtoError::Range(300))));
    }
}
