//! What the index says of the bundle and of one tensor.

use prost::Message as _;

use crate::dtype::DType;
use crate::proto::tensorflow::tensor_shape_proto::Dim;
use crate::proto::tensorflow::{
    BundleEntryProto, BundleHeaderProto, TensorShapeProto, TensorSliceProto, VersionDef,
};

/// The version of the format that is written.
const PRODUCER: i32 = 1;

/// The header entry of a little-endian bundle.
pub(super) fn header(num_shards: i32) -> Vec<u8> {
    let header = BundleHeaderProto {
        num_shards,
        version: Some(VersionDef {
            producer: PRODUCER,
            ..VersionDef::default()
        }),
        ..BundleHeaderProto::default()
    };
    header.encode_to_vec()
}

/// Where a tensor lies, and what it is.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) dtype: DType,
    pub(super) shape: Vec<i64>,
    pub(super) shard: i32,
    pub(super) offset: i64,
    pub(super) size: i64,
    /// The masked checksum of the bytes; 0, and offset and size too, where there are slices.
    pub(super) crc: u32,
    /// The parts in which the tensor was saved, each under a key of its own; empty if in one.
    pub(super) slices: Vec<TensorSliceProto>,
}

impl Entry {
    /// The value in the index.
    pub(super) fn encode(self) -> Vec<u8> {
        let dim = |size| Dim {
            size,
            ..Dim::default()
        };
        let entry = BundleEntryProto {
            dtype: self.dtype.number(),
            shape: Some(TensorShapeProto {
                dim: self.shape.into_iter().map(dim).collect(),
                ..TensorShapeProto::default()
            }),
            shard_id: self.shard,
            offset: self.offset,
            size: self.size,
            crc32c: self.crc,
            slices: self.slices,
        };
        entry.encode_to_vec()
    }
}
