//! The place of a value in that of a partitioned variable.

/// The place of a part in the whole of a partitioned variable, as initializers get it (`partition_info`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionInfo {
    full_shape: Vec<usize>,
    offset: Vec<usize>,
}

impl PartitionInfo {
    pub(crate) fn new(full_shape: Vec<usize>, offset: Vec<usize>) -> Self {
        PartitionInfo { full_shape, offset }
    }

    /// The shape of the whole variable.
    pub fn full_shape(&self) -> &[usize] {
        &self.full_shape
    }

    /// The first index of the part in each dimension (`var_offset`).
    pub fn offset(&self) -> &[usize] {
        &self.offset
    }
}
