//! Values to and from `TensorProto`, choosing the fields that TensorFlow's Python chooses.

use std::borrow::Cow;
use std::ops::Range;

use super::TensorValue;
use super::layout::copy_strided;
use crate::dtype::{ByteString, DType, Data};
use crate::proto::tensorflow::{TensorProto, TensorShapeProto, tensor_shape_proto::Dim};
use crate::shape::Shape;

errors! {
    /// Why a `TensorProto` is not a value.
    #[derive(Debug)]
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
    let bytes = value.native_bytes().unwrap_or_default();
    match value.data() {
        Data::Float32(v) => proto.float_val = v.clone(),
        Data::Float64(v) => proto.double_val = v.clone(),
        Data::Int64(v) => proto.int64_val = v.clone(),
        Data::UInt32(v) => proto.uint32_val = v.clone(),
        Data::UInt64(v) => proto.uint64_val = v.clone(),
        Data::Bool(v) => proto.bool_val = v.clone(),
        Data::Float16(_) | Data::BFloat16(_) => proto.half_val = narrow_items(value.dtype(), bytes),
        Data::Complex64(v) => proto.scomplex_val = bytemuck::cast_slice(v).to_vec(),
        Data::Complex128(v) => proto.dcomplex_val = bytemuck::cast_slice(v).to_vec(),
        Data::String(v) => proto.string_val = v.iter().map(|x| x.as_bytes().to_vec()).collect(),
        Data::Int32(v) => proto.int_val = v.clone(),
        Data::QInt32(v) => proto.int_val = v.iter().map(|item| item.0).collect(),
        _ => proto.int_val = narrow_items(value.dtype(), bytes),
    }
    proto
}

/// The items of 32 bits that elements of one or two bytes are.
fn narrow_items(dtype: DType, bytes: &[u8]) -> Vec<i32> {
    let Range { start: least, .. } = narrow_range(dtype);
    match dtype.size() {
        Some(1) if least < 0 => bytes.iter().map(|&byte| (byte as i8).into()).collect(),
        Some(1) => bytes.iter().map(|&byte| byte.into()).collect(),
        _ => {
            let pairs = bytes.chunks_exact(2);
            let item = |pair: &[u8]| u16::from_ne_bytes([pair[0], pair[1]]);
            match least < 0 {
                true => pairs.map(|pair| (item(pair) as i16).into()).collect(),
                false => pairs.map(|pair| item(pair).into()).collect(),
            }
        }
    }
}

/// The items that stand for elements of a dtype of one or two bytes; those of floats are their bits.
fn narrow_range(dtype: DType) -> Range<i32> {
    match dtype {
        DType::Int8 | DType::QInt8 => -0x80..0x80,
        DType::UInt8 | DType::QUInt8 => 0..0x100,
        DType::Int16 | DType::QInt16 => -0x8000..0x8000,
        _ => 0..0x1_0000,
    }
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
    if dtype == DType::String {
        let items = first(&proto.string_val, items);
        check_count(items.len(), count)?;
        let mut strings = Vec::with_capacity(count);
        strings.extend(items.iter().map(|item| ByteString::from(item.as_slice())));
        let last = strings.last().cloned().unwrap_or_default();
        strings.resize(count, last);
        return Ok(TensorValue::from_parts(shape, strings));
    }
    let size = dtype.size().ok_or(TensorProtoError::DType(proto.dtype))?;
    let bytes = match proto.tensor_content.is_empty() {
        true => {
            let bytes = item_bytes(proto, dtype, items)?;
            let len = (bytes.len() / size).min(items);
            check_count(len, count)?;
            // What is not all of an element is none.
            match bytes {
                Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..len * size]),
                bytes => bytes,
            }
        }
        false => content(proto, dtype, (whole, count))?,
    };
    Ok(TensorValue::of_bytes(dtype, &shape, &mut |target| {
        let (begin, rest) = target.split_at_mut(bytes.len());
        begin.copy_from_slice(&bytes);
        // The last one stands for all that are missing; no values at all stand for zeros.
        if let Some(last) = bytes.len().checked_sub(size) {
            let missing = (&[rest.len() / size][..], &[0][..]);
            copy_strided((&bytes[last..], 0), rest, size, missing);
        }
    }))
}

/// The bytes of the elements that the first items of a message's typed field stand for, in the machine's byte order.
fn item_bytes(
    proto: &TensorProto,
    dtype: DType,
    most: usize,
) -> Result<Cow<'_, [u8]>, TensorProtoError> {
    let narrow = match dtype {
        DType::Float32 => return Ok(bytemuck::cast_slice(&proto.float_val).into()),
        DType::Float64 => return Ok(bytemuck::cast_slice(&proto.double_val).into()),
        DType::Int32 | DType::QInt32 => return Ok(bytemuck::cast_slice(&proto.int_val).into()),
        DType::Int64 => return Ok(bytemuck::cast_slice(&proto.int64_val).into()),
        DType::UInt32 => return Ok(bytemuck::cast_slice(&proto.uint32_val).into()),
        DType::UInt64 => return Ok(bytemuck::cast_slice(&proto.uint64_val).into()),
        DType::Complex64 => return Ok(bytemuck::cast_slice(&proto.scomplex_val).into()),
        DType::Complex128 => return Ok(bytemuck::cast_slice(&proto.dcomplex_val).into()),
        DType::Bool => return Ok(bytemuck::cast_slice(&proto.bool_val).into()),
        DType::Float16 | DType::BFloat16 => &proto.half_val,
        _ => &proto.int_val,
    };
    let (range, is_byte) = (narrow_range(dtype), dtype.size() == Some(1));
    let items = first(narrow, most);
    let mut bytes = Vec::with_capacity(2 * items.len());
    for &item in items {
        if !range.contains(&item) {
            return Err(TensorProtoError::Range(item.into()));
        }
        match is_byte {
            true => bytes.push(item as u8),
            false => bytes.extend_from_slice(&(item as u16).to_ne_bytes()),
        }
    }
    Ok(bytes.into())
}

/// The first items, as many as `most` at most.
fn first<T>(items: &[T], most: usize) -> &[T] {
    &items[..items.len().min(most)]
}

/// That there are not more values than elements.
fn check_count(found: usize, expected: usize) -> Result<(), TensorProtoError> {
    match found <= expected {
        true => Ok(()),
        false => Err(TensorProtoError::Count { expected, found }),
    }
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
    use half::{bf16, f16};
    use num_complex::Complex;

    use super::*;
    use crate::dtype::QInt8;

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
