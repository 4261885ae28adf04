//! Event files: records of `Event` messages, each with its length and checksums.

use std::fs;
use std::path::{Path, PathBuf};

use super::Graph;
use crate::bundle::masked_crc32c;
use crate::error::{Error, Result};
use crate::file_system::{FileSystem as _, OsFileSystem};
use crate::proto::Message as _;
use crate::proto::tensorflow::Event;

/// The name of the file; TensorBoard looks for `tfevents` in it. It holds neither time nor host, so that equal graphs
/// give equal files.
const FILE: &str = "events.out.tfevents.0.tfhub";

/// The version in the first record of an event file.
const VERSION: &str = "brain.Event:2";

pub(super) fn write(graph: &Graph, directory: &Path) -> Result<PathBuf> {
    let version = Event {
        file_version: VERSION.to_owned(),
        ..Event::default()
    };
    let graph_def = Event {
        graph_def: graph.to_encoded_message(&|_, _| None),
        ..Event::default()
    };
    let mut bytes = Vec::new();
    record(&mut bytes, &version.encode_to_vec());
    record(&mut bytes, &graph_def.encode_to_vec());
    OsFileSystem.create_dirs(directory, &mut Vec::new())?;
    let path = directory.join(FILE);
    fs::write(&path, bytes).map_err(|source| Error::io("cannot write", &path, source))?;
    Ok(path)
}

/// A record: the length and its checksum, the data and theirs.
fn record(out: &mut Vec<u8>, data: &[u8]) {
    let length = (data.len() as u64).to_le_bytes();
    out.extend(length);
    out.extend(masked_crc32c(&length).to_le_bytes());
    out.extend(data);
    out.extend(masked_crc32c(data).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_record_is_what_tensorflow_writes_but_for_the_time() {
        let mut bytes = Vec::new();
        let version = Event {
            file_version: VERSION.to_owned(),
            ..Event::default()
        };
        record(&mut bytes, &version.encode_to_vec());
        assert_eq!(bytes[..8], 15u64.to_le_bytes());
        assert_eq!(bytes[12..14], [0x1a, 13]);
        assert_eq!(bytes.len(), 8 + 4 + 15 + 4);
    }
}
