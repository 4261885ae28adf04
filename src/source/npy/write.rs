//! Writing arrays.

use std::io::{self, Write};

use super::{MAGIC, NpyError};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::value::TensorValue;

/// The multiple of bytes at which elements begin.
const ALIGNMENT: usize = 64;

/// Writes a value as a `.npy` file, byte for byte as `numpy.save` does.
///
/// Values of `bfloat16` are written as the package ml_dtypes does, as two opaque bytes each.
///
/// ```
/// use tfhub::TensorValue;
/// use tfhub::source::{NpyReader, write_npy};
///
/// let value = TensorValue::new([2, 2], vec![1.0f32, 2.0, 3.0, 4.0])?;
/// let mut file = Vec::new();
/// write_npy(&value, &mut file)?;
/// assert_eq!(NpyReader::from_bytes(file, "w")?.read()?, value);
/// # Ok::<(), tfhub::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Unsupported`] if the elements are strings or quantized numbers, [`ErrorKind::Io`] if `out` refuses the bytes.
pub fn write_npy(value: &TensorValue, mut out: impl Write) -> Result<()> {
    let dtype = value.dtype();
    let (Some(descr), Some(bytes)) = (descr(dtype), value.le_bytes()) else {
        let error = NpyError::DType(dtype.to_string());
        return Err(Error::new(ErrorKind::Unsupported, error));
    };
    let written = out
        .write_all(&header(descr, value.shape()))
        .and_then(|()| out.write_all(&bytes));
    written.map_err(|error: io::Error| Error::new(ErrorKind::Io, NpyError::Write(error)))
}

fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let dims: Vec<_> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let dims = dims.join(", ");
    let mut text =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}{comma}), }}");
    // A longer dictionary has a longer length, in the second version.
    let version_1 = MAGIC.len() + 4;
    let is_short = version_1 + text.len() + ALIGNMENT <= usize::from(u16::MAX);
    let before = if is_short { version_1 } else { version_1 + 2 };
    let unaligned = (before + text.len() + 1) % ALIGNMENT;
    text.extend(std::iter::repeat_n(
        ' ',
        (ALIGNMENT - unaligned) % ALIGNMENT,
    ));
    text.push('\n');
    let len = (text.len() as u32).to_le_bytes();
    let (version, len) = match is_short {
        true => (1, &len[..2]),
        false => (2, &len[..]),
    };
    [&MAGIC[..], &[version, 0], len, text.as_bytes()].concat()
}

/// NumPy's name of a dtype in little-endian order.
fn descr(dtype: DType) -> Option<&'static str> {
    Some(match dtype {
        DType::Bool => "|b1",
        DType::Int8 => "|i1",
        DType::Int16 => "<i2",
        DType::Int32 => "<i4",
        DType::Int64 => "<i8",
        DType::UInt8 => "|u1",
        DType::UInt16 => "<u2",
        DType::UInt32 => "<u4",
        DType::UInt64 => "<u8",
        DType::Float16 => "<f2",
        DType::BFloat16 => "<V2",
        DType::Float32 => "<f4",
        DType::Float64 => "<f8",
        DType::Complex64 => "<c8",
        DType::Complex128 => "<c16",
        _ => return None,
    })
}
