//! Values as text for people: in dumps of graphs and in messages.

use std::fmt::{self, Display, Formatter, Write};

use super::TensorValue;
use super::proto::decode_first;
use crate::dtype::{ByteString, Data};
use crate::proto::tensorflow::TensorProto;
use crate::shape::Shape;

/// The most elements that are all shown.
const MAX_SHOWN: usize = 16;
/// The number of elements shown of a value that has more than [`MAX_SHOWN`].
const FIRST: usize = 3;
/// The most bytes shown of a string.
const MAX_BYTES: usize = 64;

/// The dtype, the shape and the elements, of which a long value shows the first ones and their number.
///
/// ```
/// use tfhub::TensorValue;
///
/// assert_eq!(TensorValue::scalar(0.5f32).to_string(), "float32 []: 0.5");
/// let value = TensorValue::new([2, 2], vec![1, 2, 3, 4])?;
/// assert_eq!(value.to_string(), "int32 [2, 2]: [[1, 2], [3, 4]]");
/// let value = TensorValue::new([10, 10], (0..100i64).collect())?;
/// assert_eq!(value.to_string(), "int64 [10, 10]: 0, 1, 2, ... (100 elements)");
/// # Ok::<(), tfhub::Error>(())
/// ```
impl Display for TensorValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let shown = shown(self.len());
        write(f, &self.shape, self.len(), self.data(), shown)
    }
}

/// The text of the value in a message, without decoding more of it than is shown.
pub(crate) fn proto_text(proto: &TensorProto) -> String {
    let mut text = String::new();
    let written = match decode_first(proto, shown) {
        Ok((shape, first)) => {
            let count = shape.iter().product();
            write(&mut text, &shape, count, first.data(), first.len())
        }
        Err(error) => write!(text, "a tensor ({error})"),
    };
    // Writing to a string cannot fail.
    debug_assert!(written.is_ok());
    text
}

/// The text of the bytes of a string, quoted.
fn string_text(bytes: &[u8]) -> String {
    match bytes.get(..MAX_BYTES) {
        Some(first) if first.len() < bytes.len() => {
            let len = bytes.len();
            format!("\"{}...\" ({len} bytes)", first.escape_ascii())
        }
        _ => format!("\"{}\"", bytes.escape_ascii()),
    }
}

/// The number of elements that are shown of a value with this many.
fn shown(count: usize) -> usize {
    match count {
        0..=MAX_SHOWN => count,
        _ => FIRST,
    }
}

fn write(
    f: &mut impl Write,
    shape: &[usize],
    count: usize,
    data: &Data,
    shown: usize,
) -> fmt::Result {
    write!(f, "{} {}: ", data.dtype(), Shape::from(shape))?;
    let texts: Vec<String> = (0..shown).map(|at| element_text(data, at)).collect();
    match shown < count {
        true => write!(f, "{}, ... ({count} elements)", texts.join(", ")),
        false => write_nested(f, shape, &texts),
    }
}

/// Writes lists of lists, as deep as there are dimensions.
fn write_nested(f: &mut impl Write, shape: &[usize], texts: &[String]) -> fmt::Result {
    let Some((&len, inner)) = shape.split_first() else {
        return f.write_str(texts.first().map_or("", String::as_str));
    };
    // A value without elements may have a dimension of any size.
    if texts.is_empty() {
        return f.write_str("[]");
    }
    f.write_str("[")?;
    for (at, part) in texts.chunks(texts.len() / len).enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write_nested(f, inner, part)?;
    }
    f.write_str("]")
}

/// The text of the element at a position.
fn element_text(data: &Data, at: usize) -> String {
    let element: &dyn Display = match data {
        // Debug keeps the point of a whole number and writes large ones short.
        Data::Float32(v) => return format!("{:?}", v[at]),
        Data::Float64(v) => return format!("{:?}", v[at]),
        Data::Float16(v) => return format!("{:?}", f32::from(v[at])),
        Data::BFloat16(v) => return format!("{:?}", f32::from(v[at])),
        Data::String(v) => return string_text(v[at].as_bytes()),
        Data::Int8(v) => &v[at],
        Data::Int16(v) => &v[at],
        Data::Int32(v) => &v[at],
        Data::Int64(v) => &v[at],
        Data::UInt8(v) => &v[at],
        Data::UInt16(v) => &v[at],
        Data::UInt32(v) => &v[at],
        Data::UInt64(v) => &v[at],
        Data::QInt8(v) => &v[at].0,
        Data::QInt16(v) => &v[at].0,
        Data::QInt32(v) => &v[at].0,
        Data::QUInt8(v) => &v[at].0,
        Data::QUInt16(v) => &v[at].0,
        Data::Bool(v) => &v[at],
        Data::Complex64(v) => &v[at],
        Data::Complex128(v) => &v[at],
    };
    element.to_string()
}

/// The bytes as text between quotes, those that are no printable ASCII escaped.
///
/// ```
/// use tfhub::dtype::ByteString;
///
/// assert_eq!(ByteString::from("a \"cat\"\n").to_string(), r#""a \"cat\"\n""#);
/// ```
impl Display for ByteString {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;
    use num_complex::Complex;

    use super::*;
    use crate::dtype::QUInt8;
    use crate::value::encode_tensor_proto;

    #[test]
    fn values_of_all_kinds() {
        let floats = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 1e-7, 3.0];
        let long = "x".repeat(100);
        let cases: [(TensorValue, &str); 10] = [
            (
                TensorValue::new([6], floats.to_vec()).unwrap(),
                "float32 [6]: [NaN, inf, -inf, -0.0, 1e-7, 3.0]",
            ),
            (
                TensorValue::new([2, 1, 2], vec![true, false, true, true]).unwrap(),
                "bool [2, 1, 2]: [[[true, false]], [[true, true]]]",
            ),
            (TensorValue::scalar(bf16::from_f32(0.5)), "bfloat16 []: 0.5"),
            (
                TensorValue::scalar(Complex::new(1.5f32, -2.0)),
                "complex64 []: 1.5-2i",
            ),
            (TensorValue::scalar(QUInt8(7)), "quint8 []: 7"),
            (
                TensorValue::new([2], vec![ByteString::from("a\"\n"), vec![0xff].into()]).unwrap(),
                r#"string [2]: ["a\"\n", "\xff"]"#,
            ),
            (
                TensorValue::scalar(ByteString::from(long.as_str())),
                &format!("string []: \"{}...\" (100 bytes)", &long[..64]),
            ),
            (
                TensorValue::new([0, 1 << 60], Vec::<i64>::new()).unwrap(),
                "int64 [0, 1152921504606846976]: []",
            ),
            (
                TensorValue::new([16], vec![1u8; 16]).unwrap(),
                "uint8 [16]: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
            ),
            (
                TensorValue::new([17], (0..17u16).collect()).unwrap(),
                "uint16 [17]: 0, 1, 2, ... (17 elements)",
            ),
        ];
        for (value, text) in cases {
            assert_eq!(value.to_string(), text);
            let proto = encode_tensor_proto(&value, value.shape());
            assert_eq!(proto_text(&proto), text);
        }
    }

    #[test]
    fn messages_are_not_decoded_whole() {
        let zero = TensorValue::scalar(0f32);
        let proto = encode_tensor_proto(&zero, &[1 << 40, 1 << 20]);
        assert_eq!(
            proto_text(&proto),
            "float32 [1099511627776, 1048576]: 0.0, 0.0, 0.0, ... (1152921504606846976 elements)"
        );
        let mut proto = encode_tensor_proto(&TensorValue::new([2], vec![1f32, 2.0]).unwrap(), &[2]);
        proto.tensor_content.pop();
        assert_eq!(
            proto_text(&proto),
            "a tensor (tensor_content has 7 bytes, the shape asks for 8)"
        );
    }
}
