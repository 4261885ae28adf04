//! The header of a `.safetensors` file: a JSON object from names to dtypes, shapes and places.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::dtype::DType;
use crate::shape::element_count;
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;

/// The key of what writers of files say about them.
const METADATA: &str = "__metadata__";

/// A fault of a header.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(
        "tensor \"{name}\": expected it to begin at byte {expected} of the elements, found {from}..{to}"
    )]
    Place {
        name: String,
        expected: usize,
        from: usize,
        to: usize,
    },
    #[error("tensor \"{name}\": {dtype} of shape {shape:?} has more bytes than can be addressed")]
    TooLarge {
        name: String,
        dtype: String,
        shape: Vec<usize>,
    },
    #[error(
        "tensor \"{name}\": expected {expected} bytes for {dtype} of shape {shape:?}, found {found}"
    )]
    Size {
        name: String,
        dtype: String,
        shape: Vec<usize>,
        expected: usize,
        found: usize,
    },
}

/// A tensor as the header describes it.
#[derive(Debug)]
pub(super) struct TensorInfo {
    /// A name of the format's, which may be one of a later version.
    pub(super) dtype: String,
    pub(super) shape: Vec<usize>,
    /// Where the elements begin and end, after the header.
    pub(super) data_offsets: (usize, usize),
}

/// The tensors by name, which lie one after the other.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) tensors: SortedMap<String, TensorInfo>,
    /// How many bytes all of them have.
    pub(super) data_len: usize,
}

impl Header {
    pub(super) fn parse(json: &[u8]) -> Result<Self, HeaderError> {
        let Tensors(tensors) = serde_json::from_slice(json)?;
        let mut placed: Vec<_> = tensors.iter().collect();
        sort_by_key(&mut placed, |(_, info)| info.data_offsets);
        let mut data_len = 0;
        for (name, info) in placed {
            let (from, to) = info.data_offsets;
            if from != data_len || to < from {
                return Err(HeaderError::Place {
                    name: name.clone(),
                    expected: data_len,
                    from,
                    to,
                });
            }
            info.check_size(name, to - from)?;
            data_len = to;
        }
        Ok(Header { tensors, data_len })
    }
}

impl TensorInfo {
    /// Whether the elements have as many bytes as dtype and shape say, if the dtype is known.
    fn check_size(&self, name: &str, found: usize) -> Result<(), HeaderError> {
        let size = dtype(&self.dtype).and_then(DType::size);
        let (name, dtype, shape) = (name.to_owned(), self.dtype.clone(), self.shape.clone());
        let Some(count) = element_count(&shape) else {
            return Err(HeaderError::TooLarge { name, dtype, shape });
        };
        match size.map(|size| count.checked_mul(size)) {
            Some(None) => Err(HeaderError::TooLarge { name, dtype, shape }),
            Some(Some(expected)) if expected != found => Err(HeaderError::Size {
                name,
                dtype,
                shape,
                expected,
                found,
            }),
            _ => Ok(()),
        }
    }
}

/// TensorFlow's name for a dtype; `None` for those that TensorFlow 1.15 does not have.
pub(super) fn dtype(name: &str) -> Option<DType> {
    Some(match name {
        "BOOL" => DType::Bool,
        "U8" => DType::UInt8,
        "I8" => DType::Int8,
        "U16" => DType::UInt16,
        "I16" => DType::Int16,
        "U32" => DType::UInt32,
        "I32" => DType::Int32,
        "U64" => DType::UInt64,
        "I64" => DType::Int64,
        "F16" => DType::Float16,
        "BF16" => DType::BFloat16,
        "F32" => DType::Float32,
        "F64" => DType::Float64,
        "C64" => DType::Complex64,
        _ => return None,
    })
}

struct Tensors(SortedMap<String, TensorInfo>);

impl<'de> Deserialize<'de> for Tensors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TensorsVisitor).map(Tensors)
    }
}

struct TensorsVisitor;

impl<'de> Visitor<'de> for TensorsVisitor {
    type Value = SortedMap<String, TensorInfo>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a tensor for each name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut tensors = SortedMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == METADATA {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let info = map.next_value()?;
            if tensors.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "tensor \"{name}\" is there twice"
                )));
            }
            tensors.insert(name, info);
        }
        Ok(tensors)
    }
}

impl<'de> Deserialize<'de> for TensorInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TensorInfoVisitor)
    }
}

struct TensorInfoVisitor;

impl<'de> Visitor<'de> for TensorInfoVisitor {
    type Value = TensorInfo;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the dtype, shape and data_offsets of a tensor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TensorInfo, A::Error> {
        let (mut dtype, mut shape, mut data_offsets) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let duplicate = match key.as_str() {
                "dtype" => dtype.replace(map.next_value()?).map(|_: String| "dtype"),
                "shape" => shape.replace(map.next_value()?).map(|_: Vec<_>| "shape"),
                "data_offsets" => {
                    let before: Option<(usize, usize)> = data_offsets.replace(map.next_value()?);
                    before.map(|_| "data_offsets")
                }
                _ => map.next_value::<IgnoredAny>().map(|_| None)?,
            };
            if let Some(field) = duplicate {
                return Err(A::Error::duplicate_field(field));
            }
        }
        let missing = A::Error::missing_field;
        Ok(TensorInfo {
            dtype: dtype.ok_or_else(|| missing("dtype"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
            data_offsets: data_offsets.ok_or_else(|| missing("data_offsets"))?,
        })
    }
}
