//! The entries of the index: the header of the bundle, and the entry of a tensor.

use std::fmt;
use std::ops::RangeInclusive;

use super::slice::extents;
use crate::dtype::DType;
use crate::proto::tensorflow::bundle_header_proto::Endianness;
use crate::proto::tensorflow::tensor_shape_proto::Dim;
use crate::proto::tensorflow::{
    BundleEntryProto, BundleHeaderProto, TensorShapeProto, TensorSliceProto, VersionDef,
};
use crate::proto::{DecodeError, Message as _};
use crate::shape::element_count;
use crate::value::TensorSlice;

/// The version of the format that is written, and the latest that is read.
const PRODUCER: i32 = 1;
/// The earliest version that is read.
const MIN_PRODUCER: i32 = 0;

/// The numbers of dtypes that this crate lacks and that are not those of references.
const LATER: RangeInclusive<i32> = 24..=100;

errors! {
    /// A fault of an entry of the index.
    #[derive(Debug)]
    pub(crate) enum EntryError {
        #[error("expected a header under the first, empty key, found none")]
        NoHeader,
        #[error("cannot be decoded: {0}")]
        Decode(#[from] DecodeError),
        #[error("expected the number of a byte order, 0 or 1, found {0}")]
        Endianness(i32),
        #[error("expected at least one data file, found {0}")]
        Shards(i32),
        #[error("is for readers of version {0} or later, this one has version {PRODUCER}")]
        MinConsumer(i32),
        #[error("was written by version {0}, expected at least {MIN_PRODUCER}")]
        Producer(i32),
        #[error("is not for readers of version {PRODUCER}")]
        BadConsumer,
        #[error("expected the number of a dtype, found {0}")]
        DType(i32),
        #[error("expected sizes of at least 0, found {0:?}")]
        Shape(Vec<i64>),
        #[error("{dtype} of shape {shape:?} has more bytes than can be addressed")]
        TooLarge { dtype: EntryType, shape: Vec<usize> },
        #[error("expected {expected} bytes for {dtype} of shape {shape:?}, found {found}")]
        Size {
            dtype: EntryType,
            shape: Vec<usize>,
            expected: usize,
            found: i64,
        },
        #[error("expected at least a byte for each string of shape {shape:?}, found {found} bytes")]
        StringsSize { shape: Vec<usize>, found: i64 },
        #[error("expected an offset of at least 0, found {0}")]
        Offset(i64),
        #[error("expected the number of one of {shards} data files, found {found}")]
        Shard { shards: i32, found: i32 },
        #[error("expected a part, found one that is in parts itself")]
        PartInParts,
        #[error("expected a part of shape {shape:?}, found {}", extents(found))]
        Slice {
            shape: Vec<usize>,
            found: TensorSliceProto,
        },
    }
}

/// The header of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) shards: i32,
    pub(crate) big_endian: bool,
}

impl Header {
    /// The value in the index.
    pub(super) fn encode(self) -> Vec<u8> {
        let header = BundleHeaderProto {
            num_shards: self.shards,
            endianness: i32::from(self.big_endian),
            version: Some(VersionDef {
                producer: PRODUCER,
                ..VersionDef::default()
            }),
        };
        header.encode_to_vec()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let header = BundleHeaderProto::decode(bytes)?;
        let version = header.version.unwrap_or_default();
        check_version(&version)?;
        let big_endian = match Endianness::from_number(header.endianness) {
            Some(order) => order == Endianness::Big,
            None => return Err(EntryError::Endianness(header.endianness)),
        };
        if header.num_shards < 1 {
            return Err(EntryError::Shards(header.num_shards));
        }
        Ok(Header {
            shards: header.num_shards,
            big_endian,
        })
    }
}

/// Whether this reader may read what was written with `version`.
pub(super) fn check_version(version: &VersionDef) -> Result<(), EntryError> {
    if version.producer < MIN_PRODUCER {
        return Err(EntryError::Producer(version.producer));
    }
    if version.min_consumer > PRODUCER {
        return Err(EntryError::MinConsumer(version.min_consumer));
    }
    if version.bad_consumers.contains(&PRODUCER) {
        return Err(EntryError::BadConsumer);
    }
    Ok(())
}

/// The dtype of a tensor in a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryType {
    /// A dtype of this crate.
    Known(DType),
    /// The number of a dtype of later versions of TensorFlow, of whose values only the bytes are known.
    Later(i32),
}

impl EntryType {
    /// The dtype of a number; `None` if no version of TensorFlow gives such a number to a tensor that it saves.
    fn from_number(number: i32) -> Option<Self> {
        match DType::from_number(number) {
            Some(dtype) => Some(EntryType::Known(dtype)),
            None if LATER.contains(&number) => Some(EntryType::Later(number)),
            None => None,
        }
    }

    pub(super) fn number(self) -> i32 {
        match self {
            EntryType::Known(dtype) => dtype.number(),
            EntryType::Later(number) => number,
        }
    }

    /// The dtype, if this crate has it.
    pub(crate) fn known(self) -> Option<DType> {
        match self {
            EntryType::Known(dtype) => Some(dtype),
            EntryType::Later(_) => None,
        }
    }

    /// The number of bytes of an element, if it is known and the same for all.
    pub(crate) fn size(self) -> Option<usize> {
        self.known().and_then(DType::size)
    }
}

impl From<DType> for EntryType {
    fn from(dtype: DType) -> Self {
        EntryType::Known(dtype)
    }
}

impl PartialEq<DType> for EntryType {
    fn eq(&self, other: &DType) -> bool {
        self.known() == Some(*other)
    }
}

impl fmt::Display for EntryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryType::Known(dtype) => dtype.fmt(f),
            EntryType::Later(number) => write!(f, "number {number}"),
        }
    }
}

/// Where a tensor lies, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) dtype: EntryType,
    pub(crate) shape: Vec<usize>,
    pub(crate) shard: i32,
    /// Where its bytes begin in the data file; the number of the value in a file of the first version of the format.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    /// The masked checksum of the bytes. There is none, nor a size, where there are slices, and none in the first
    /// version of the format.
    pub(crate) crc: Option<u32>,
    /// The parts in which the tensor was saved, each under a key of its own; empty if in one.
    pub(crate) slices: Vec<TensorSliceProto>,
}

/// The key of a tensor or of a part, and its entry.
pub(crate) type Keyed = (Vec<u8>, Entry);

/// A part of a tensor, and the key and the entry that it is saved under.
pub(super) type Part = (TensorSlice, Keyed);

impl Entry {
    /// Whether only parts of the tensor are stored.
    pub(crate) fn is_partitioned(&self) -> bool {
        !self.slices.is_empty()
    }

    /// The value in the index.
    pub(super) fn encode(&self) -> Vec<u8> {
        let dim = |&size: &usize| Dim {
            size: size as i64,
            ..Dim::default()
        };
        let entry = BundleEntryProto {
            dtype: self.dtype.number(),
            shape: Some(TensorShapeProto {
                dim: self.shape.iter().map(dim).collect(),
                ..TensorShapeProto::default()
            }),
            shard_id: self.shard,
            offset: self.offset as i64,
            size: self.size as i64,
            crc32c: self.crc.unwrap_or(0),
            slices: self.slices.clone(),
        };
        entry.encode_to_vec()
    }

    /// The entry from its value in the index of a bundle with `shards` data files.
    pub(super) fn decode(bytes: &[u8], shards: i32) -> Result<Self, EntryError> {
        let proto = BundleEntryProto::decode(bytes)?;
        let (dtype, shape, expected) = tensor_type(proto.dtype, proto.shape)?;
        if !(0..shards).contains(&proto.shard_id) {
            let found = proto.shard_id;
            return Err(EntryError::Shard { shards, found });
        }
        let offset = u64::try_from(proto.offset).map_err(|_| EntryError::Offset(proto.offset))?;
        let slices = proto.slices;
        let found = proto.size;
        if let Some(slice) = slices
            .iter()
            .find(|slice| TensorSlice::from_proto(slice, &shape).is_none())
        {
            let found = slice.clone();
            return Err(EntryError::Slice { shape, found });
        }
        let size = usize::try_from(found).ok();
        let fits = match dtype.size() {
            _ if !slices.is_empty() => true,
            Some(_) => size == Some(expected),
            None if dtype.known().is_none() => size.is_some(),
            None => size.is_some_and(|size| size >= expected),
        };
        if !fits {
            return Err(match dtype.size() {
                Some(_) => EntryError::Size {
                    dtype,
                    shape,
                    expected,
                    found,
                },
                None => EntryError::StringsSize { shape, found },
            });
        }
        Ok(Entry {
            dtype,
            shape,
            shard: proto.shard_id,
            offset,
            size: size.unwrap_or(0) as u64,
            crc: slices.is_empty().then_some(proto.crc32c),
            slices,
        })
    }
}

/// Dtype, shape, and the number of bytes, of which each string has one.
pub(super) fn tensor_type(
    dtype: i32,
    shape: Option<TensorShapeProto>,
) -> Result<(EntryType, Vec<usize>, usize), EntryError> {
    let dtype = EntryType::from_number(dtype).ok_or(EntryError::DType(dtype))?;
    let dims = shape.unwrap_or_default().dim;
    let sizes = dims.iter().map(|dim| usize::try_from(dim.size).ok());
    let shape: Option<Vec<_>> = sizes.collect();
    let shape =
        shape.ok_or_else(|| EntryError::Shape(dims.iter().map(|dim| dim.size).collect()))?;
    let count = element_count(&shape);
    let bytes = count.and_then(|count| count.checked_mul(dtype.size().unwrap_or(1)));
    match bytes.filter(|&bytes| i64::try_from(bytes).is_ok()) {
        Some(bytes) => Ok((dtype, shape, bytes)),
        None => Err(EntryError::TooLarge { dtype, shape }),
    }
}
