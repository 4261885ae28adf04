//! The header of a `.npy` file: a magic, a version, a length, and a dictionary in Python's notation.

use std::io::{self, Read};

use super::literal::{Literal, LiteralError};
use crate::dtype::DType;
use crate::shape::element_count;

/// The bytes that every array begins with.
pub(crate) const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The longest dictionary that is read, far longer than those of arrays that variables can hold.
const MAX_HEADER: u32 = 1 << 20;

errors! {
    /// A fault of an array.
    #[derive(Debug)]
    pub(crate) enum NpyError {
        #[error("is no .npy array: expected it to begin with {}, found {}", MAGIC.escape_ascii(), found.escape_ascii())]
        Magic { found: Vec<u8> },
        #[error("is in version {major}.{minor} of the format, expected 1.0, 2.0 or 3.0")]
        Version { major: u8, minor: u8 },
        #[error("its header has {0} bytes, expected at most {MAX_HEADER}")]
        LongHeader(u32),
        #[error("its header ends after {found} bytes, expected {expected}")]
        ShortHeader { expected: u64, found: u64 },
        #[error("its header cannot be read: it is no UTF-8")]
        Utf8,
        #[error("its header cannot be read: {0}")]
        Syntax(LiteralError),
        #[error("its header cannot be read: expected a dictionary with {expected}, found {found}")]
        Field {
            expected: &'static str,
            found: String,
        },
        #[error("arrays of dtype {0} are not supported")]
        DType(String),
        #[error("its shape {0:?} has too many elements")]
        Shape(Vec<usize>),
        #[error("expected {expected} bytes of elements, found {found}")]
        Short { expected: u64, found: u64 },
        #[error("cannot be read: {0}")]
        Read(#[source] io::Error),
        #[error("cannot be written: {0}")]
        Write(#[source] io::Error),
    }
}

impl NpyError {
    /// Whether the input is valid, but of a kind that is not read.
    pub(crate) fn is_unsupported(&self) -> bool {
        matches!(
            self,
            NpyError::DType(_) | NpyError::Version { .. } | NpyError::LongHeader(_)
        )
    }
}

/// The dtype and shape of an array, and the layout of its elements in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<usize>,
    pub(crate) big_endian: bool,
    /// Whether the first index changes fastest.
    pub(crate) fortran_order: bool,
    /// How many bytes come before the elements.
    pub(crate) len: u64,
    /// How many bytes the elements have.
    pub(crate) data_len: usize,
}

impl Header {
    /// Reads a header, up to where the elements begin.
    pub(crate) fn read(reader: &mut dyn Read) -> Result<Self, NpyError> {
        let mut start = [0; 8];
        let found = fill(reader, &mut start).map_err(NpyError::Read)?;
        if found < start.len() || !start.starts_with(MAGIC) {
            let found = start[..found.min(MAGIC.len())].to_vec();
            return Err(NpyError::Magic { found });
        }
        let [.., major, minor] = start;
        let bytes_of_len = match (major, minor) {
            (1, 0) => 2,
            (2 | 3, 0) => 4,
            _ => return Err(NpyError::Version { major, minor }),
        };
        let mut len = [0; 4];
        let found = fill(reader, &mut len[..bytes_of_len]).map_err(NpyError::Read)?;
        if found < bytes_of_len {
            let (expected, found) = (8 + bytes_of_len as u64, 8 + found as u64);
            return Err(NpyError::ShortHeader { expected, found });
        }
        let len = u32::from_le_bytes(len);
        if len > MAX_HEADER {
            return Err(NpyError::LongHeader(len));
        }
        let mut bytes = vec![0; len as usize];
        let found = fill(reader, &mut bytes).map_err(NpyError::Read)?;
        let before = 8 + bytes_of_len as u64;
        if found < bytes.len() {
            let (expected, found) = (before + u64::from(len), before + found as u64);
            return Err(NpyError::ShortHeader { expected, found });
        }
        let text = match major {
            // Latin-1: each byte is the number of a character.
            1 | 2 => bytes.into_iter().map(char::from).collect(),
            _ => String::from_utf8(bytes).map_err(|_| NpyError::Utf8)?,
        };
        Header::parse(&text, before + u64::from(len))
    }

    fn parse(text: &str, len: u64) -> Result<Self, NpyError> {
        let literal = Literal::parse(text).map_err(NpyError::Syntax)?;
        let field = |expected, found: &Literal| NpyError::Field {
            expected,
            found: found.to_string(),
        };
        let keys = || field("the keys 'descr', 'fortran_order' and 'shape'", &literal);
        let Literal::Dict(items) = &literal else {
            return Err(keys());
        };
        let (mut descr, mut order, mut dims) = (None, None, None);
        for (key, value) in items {
            let Literal::Text(key) = key else {
                return Err(keys());
            };
            // As in Python, the last value of a key counts.
            match key.as_str() {
                "descr" => descr = Some(value),
                "fortran_order" => order = Some(value),
                "shape" => dims = Some(value),
                _ => return Err(keys()),
            }
        }
        let (Some(descr), Some(order), Some(dims)) = (descr, order, dims) else {
            return Err(keys());
        };
        let Literal::Bool(fortran_order) = *order else {
            return Err(field("a boolean 'fortran_order'", order));
        };
        let shape: Option<Vec<usize>> = match dims {
            Literal::Tuple(dims) => dims.iter().map(dim).collect(),
            _ => None,
        };
        let shape = shape.ok_or_else(|| field("a tuple of sizes as 'shape'", dims))?;
        let (dtype, big_endian) = match descr {
            Literal::Text(name) => dtype(name).ok_or_else(|| NpyError::DType(descr.to_string()))?,
            // The fields of a structured dtype, or an array in each element.
            Literal::List(_) | Literal::Tuple(_) => return Err(NpyError::DType(descr.to_string())),
            _ => return Err(field("a dtype as 'descr'", descr)),
        };
        let size = dtype.size().unwrap_or(1);
        let data_len = element_count(&shape).and_then(|count| count.checked_mul(size));
        let data_len = data_len.ok_or_else(|| NpyError::Shape(shape.clone()))?;
        Ok(Header {
            dtype,
            shape,
            big_endian,
            fortran_order,
            len,
            data_len,
        })
    }
}

fn dim(literal: &Literal) -> Option<usize> {
    match literal {
        Literal::Integer(size) => usize::try_from(*size).ok(),
        _ => None,
    }
}

/// The dtype that NumPy has under a name, and whether its elements are big-endian; `None` if no variable can hold them.
///
/// Two opaque bytes are a `bfloat16`: NumPy has no such dtype, and writes that of the package ml_dtypes so.
fn dtype(name: &str) -> Option<(DType, bool)> {
    let whole = match name {
        "bool" | "bool8" | "bool_" => DType::Bool,
        "int8" | "byte" => DType::Int8,
        "int16" | "short" => DType::Int16,
        "int32" | "intc" => DType::Int32,
        "int64" | "int" | "int_" | "longlong" => DType::Int64,
        "uint8" | "ubyte" => DType::UInt8,
        "uint16" | "ushort" => DType::UInt16,
        "uint32" | "uintc" => DType::UInt32,
        "uint64" | "uint" | "ulonglong" => DType::UInt64,
        "float16" | "half" => DType::Float16,
        "float32" | "single" => DType::Float32,
        "float64" | "float" | "double" => DType::Float64,
        "complex64" | "csingle" => DType::Complex64,
        "complex128" | "complex" | "cdouble" => DType::Complex128,
        "bfloat16" => DType::BFloat16,
        _ => return ordered_dtype(name),
    };
    Some((whole, false))
}

/// A dtype that is a character, perhaps with a size after it and the sign of a byte order before it.
fn ordered_dtype(name: &str) -> Option<(DType, bool)> {
    let rest = name.strip_prefix(['<', '>', '=', '|']).unwrap_or(name);
    let (kind, size) = (rest.get(..1)?, rest.get(1..)?);
    let digits = size.trim_start_matches('0');
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.is_empty() != size.is_empty() {
        return None;
    }
    let dtype = match (kind, digits) {
        ("?", "") | ("b", "1") => DType::Bool,
        ("b", "") | ("i", "1") => DType::Int8,
        ("h", "") | ("i", "2") => DType::Int16,
        ("i", "" | "4") => DType::Int32,
        ("l" | "q", "") | ("i", "8") => DType::Int64,
        ("B", "") | ("u", "1") => DType::UInt8,
        ("H", "") | ("u", "2") => DType::UInt16,
        ("I", "") | ("u", "4") => DType::UInt32,
        ("L" | "Q", "") | ("u", "8") => DType::UInt64,
        ("e", "") | ("f", "2") => DType::Float16,
        ("f", "" | "4") => DType::Float32,
        ("d", "") | ("f", "8") => DType::Float64,
        ("F", "") | ("c", "8") => DType::Complex64,
        ("D", "") | ("c", "16") => DType::Complex128,
        ("V", "2") => return Some((DType::BFloat16, false)),
        _ => return None,
    };
    Some((dtype, name.starts_with('>')))
}

/// Fills a buffer as far as there are bytes, and says how far.
pub(super) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(len) => filled += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
