//! Recognition of files by their first bytes, so that a reader that was given another file can say which one it is and
//! what takes it.
//!
//! Formats with a magic number are known by it. Messages of protocol buffers have none: a graph, a meta graph and a
//! SavedModel are told apart by the fields that they begin with, in binary and in text form.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{Error, ErrorKind};

/// The number of first bytes that are looked at.
const HEAD: usize = 1024;
/// The last bytes of a table, which is what the index of a checkpoint is.
const TABLE_MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
/// The longest header that a .safetensors file may have.
const MAX_SAFETENSORS_HEADER: u64 = 100_000_000;

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident $name:literal $hint:literal)*) => {
        /// The format of a file, or of a directory.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum FileFormat {
            $($(#[$doc])* $variant,)*
        }

        impl FileFormat {
            /// A noun phrase for the file.
            fn name(self) -> &'static str {
                match self { $(FileFormat::$variant => $name,)* }
            }

            /// The reader that takes the file, or how to get the file that was meant; empty for none.
            fn hint(self) -> &'static str {
                match self { $(FileFormat::$variant => $hint,)* }
            }

            #[cfg(test)]
            const ALL: &[FileFormat] = &[$(FileFormat::$variant),*];
        }
    };
}

formats! {
    /// No bytes at all.
    Empty "an empty file" ""
    /// A directory of a SavedModel or of a module.
    SavedModelDirectory "the directory of a SavedModel or module" "`ModuleSpec::from_saved_model` takes it"
    /// A directory with a `checkpoint` state file.
    CheckpointDirectory "a directory of checkpoints" "`checkpoint::latest_checkpoint` finds the prefix of the latest"
    /// Any other directory.
    Directory "a directory" ""
    /// The placeholder that Git has for a large file that was not fetched.
    GitLfsPointer "a Git LFS pointer" "`git lfs pull` fetches the file that it stands for"
    /// A page of a web site.
    Html "an HTML page" "the download gave a page of the site instead of the file"
    /// A .zip archive of arrays.
    Npz "a .npz archive" "`NpzReader` takes it"
    /// A .zip archive of a SavedModel or module.
    ZippedModule "a zip archive of a SavedModel or module" "unpack it and give its directory"
    /// Word vectors, which are not recognised: any text may be some.
    WordVectors "a file of word vectors" ""
    /// A model of fastText.
    FastText "a fastText model" "`text::FastTextReader` takes it"
    /// A checkpoint of PyTorch.
    PyTorch "a PyTorch checkpoint" "save the tensors as .safetensors or .npz from Python"
    /// Any other .zip archive.
    Zip "a zip archive" "unpack it and give the file in it"
    /// Bytes compressed by gzip.
    Gzip "a gzip file" "decompress it first"
    /// Bytes compressed by zstd.
    Zstandard "a zstd file" "decompress it first"
    /// Bytes compressed by bzip2.
    Bzip2 "a bzip2 file" "decompress it first"
    /// Bytes compressed by xz.
    Xz "an xz file" "decompress it first"
    /// An archive of tar.
    Tar "a tar archive" "unpack it first"
    /// One array of NumPy.
    Npy "a .npy array" "`NpyReader` takes it"
    /// Weights of Keras.
    Hdf5 "an HDF5 file" "save the arrays as .npz or .safetensors from Python"
    /// Objects of Python.
    Pickle "a Python pickle" "save the arrays as .npz or .safetensors from Python"
    /// A .safetensors file.
    Safetensors "a .safetensors file" "`SafetensorsReader` takes it"
    /// The index of a checkpoint, or a checkpoint of version 1.
    Table "the index of a checkpoint" "`checkpoint::CheckpointReader` takes its prefix, the path without `.index`"
    /// The state file `checkpoint`.
    CheckpointState "the state file of a directory of checkpoints" "`checkpoint::latest_checkpoint` takes its directory"
    /// A `GraphDef`.
    GraphDef "a GraphDef" "`GraphDef::read` takes it"
    /// A `GraphDef` in text form.
    TextGraphDef "a GraphDef in text form" "`GraphDef::read` takes it"
    /// A `MetaGraphDef`.
    MetaGraphDef "a MetaGraphDef" "`GraphDef::from_meta_graph` takes it"
    /// A `MetaGraphDef` in text form.
    TextMetaGraphDef "a MetaGraphDef in text form" "`GraphDef::from_meta_graph` takes it"
    /// A `SavedModel`.
    SavedModel "a SavedModel" "`ModuleSpec::from_saved_model` takes its directory"
    /// A `SavedModel` in text form.
    TextSavedModel "a SavedModel in text form" "`ModuleSpec::from_saved_model` takes its directory"
    /// The file `tfhub_module.pb`.
    ModuleMarker "the marker file of a module" "`ModuleSpec::from_saved_model` takes its directory"
    /// A model of TensorFlow Lite.
    TfLite "a TensorFlow Lite model" ""
    /// A model of ONNX.
    Onnx "an ONNX model" ""
    /// Events for TensorBoard.
    Events "an event file of TensorBoard" ""
    /// JSON.
    Json "a JSON file" ""
    /// Any other.
    Unknown "a file of unknown format" ""
}

impl FileFormat {
    /// The format of the file or directory at `path`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn of_path(path: &Path) -> io::Result<FileFormat> {
        if path.is_dir() {
            let has = |name: &str| path.join(name).is_file();
            return Ok(if has("saved_model.pb") || has("saved_model.pbtxt") {
                FileFormat::SavedModelDirectory
            } else if has("checkpoint") {
                FileFormat::CheckpointDirectory
            } else {
                FileFormat::Directory
            });
        }
        let mut file = File::open(path)?;
        let mut head = Vec::with_capacity(HEAD);
        Read::by_ref(&mut file)
            .take(HEAD as u64)
            .read_to_end(&mut head)?;
        let length = file.metadata()?.len();
        if length > TABLE_MAGIC.len() as u64 {
            file.seek(SeekFrom::End(-(TABLE_MAGIC.len() as i64)))?;
            let mut tail = [0; TABLE_MAGIC.len()];
            file.read_exact(&mut tail)?;
            if tail == TABLE_MAGIC {
                return Ok(FileFormat::Table);
            }
        }
        Ok(FileFormat::of_bytes(&head))
    }

    /// The format of a file that begins with these bytes.
    pub(crate) fn of_bytes(head: &[u8]) -> FileFormat {
        let head = &head[..head.len().min(HEAD)];
        if head.is_empty() {
            return FileFormat::Empty;
        }
        of_magic(head)
            .or_else(|| of_message(head))
            .or_else(|| of_text(head))
            .unwrap_or(FileFormat::Unknown)
    }

    /// Says what is at `path` if it is recognised and none of what was expected there: a clause that goes on after
    /// "found".
    pub(crate) fn instead(path: &Path, expected: &[FileFormat]) -> Option<FileFormat> {
        let found = FileFormat::of_path(path).ok()?;
        (found != FileFormat::Unknown && !expected.contains(&found)).then_some(found)
    }
}

errors! {
    /// A file of another format than the reader's.
    #[derive(Debug)]
    #[error("expected {}, found {found}", expected.name())]
    struct OtherFormat {
        expected: FileFormat,
        found: FileFormat,
    }
}

impl FileFormat {
    /// The error of a reader of this format that could not read the file at `path`: one that says what the file is, if it
    /// is recognised as another.
    pub(crate) fn explain(self, path: &Path, error: Error) -> Error {
        match FileFormat::instead(path, &[self]) {
            Some(found) if error.kind() != ErrorKind::NotFound => {
                let expected = self;
                let error = OtherFormat { expected, found };
                Error::new(ErrorKind::Unsupported, error).with_path(path)
            }
            _ => error,
        }
    }
}

/// The noun phrase, and in parentheses what takes such a file.
impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hint() {
            "" => f.write_str(self.name()),
            hint => write!(f, "{} ({hint})", self.name()),
        }
    }
}

/// Formats with a magic number.
fn of_magic(head: &[u8]) -> Option<FileFormat> {
    const MAGICS: &[(usize, &[u8], FileFormat)] = &[
        (0, b"version https://git-lfs", FileFormat::GitLfsPointer),
        (0, b"\x93NUMPY", FileFormat::Npy),
        (0, b"\x89HDF\r\n\x1a\n", FileFormat::Hdf5),
        (0, b"\x1f\x8b", FileFormat::Gzip),
        (0, b"\x28\xb5\x2f\xfd", FileFormat::Zstandard),
        (0, b"BZh", FileFormat::Bzip2),
        (0, b"\xfd7zXZ\x00", FileFormat::Xz),
        (257, b"ustar", FileFormat::Tar),
        (4, b"TFL3", FileFormat::TfLite),
        (0, b"\xba\x16\x4f\x2f", FileFormat::FastText),
        (23, b"brain.Event:", FileFormat::Events),
        (0, b"PK\x05\x06", FileFormat::Zip),
    ];
    let at = |&&(offset, magic, _): &&(usize, &[u8], FileFormat)| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if let Some(&(_, _, format)) = MAGICS.iter().find(at) {
        return Some(format);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some(of_zip(head));
    }
    match *head {
        [0x80, 2..=5, ..] => Some(FileFormat::Pickle),
        [b0, b1, b2, b3, b4, b5, b6, b7, b'{', ..] => {
            let length = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
            (length <= MAX_SAFETENSORS_HEADER).then_some(FileFormat::Safetensors)
        }
        _ => None,
    }
}

/// The kind of a zip archive, by the names of the members that its first bytes show.
fn of_zip(head: &[u8]) -> FileFormat {
    const SIGNATURE: &[u8] = b"PK\x03\x04";
    const NAME_LENGTH: usize = 26;
    const NAME: usize = 30;
    let headers = head
        .windows(SIGNATURE.len())
        .enumerate()
        .filter(|(_, window)| *window == SIGNATURE);
    for (start, _) in headers {
        let header = &head[start..];
        let Some(&[low, high]) = header.get(NAME_LENGTH..NAME_LENGTH + 2) else {
            break;
        };
        let length = usize::from(u16::from_le_bytes([low, high]));
        let Some(name) = header.get(NAME..NAME + length) else {
            break;
        };
        let module = [
            "saved_model.pb",
            "saved_model.pbtxt",
            "tfhub_module.pb",
            "variables/",
        ];
        if name.ends_with(b".npy") {
            return FileFormat::Npz;
        }
        if name.ends_with(b"/data.pkl") {
            return FileFormat::PyTorch;
        }
        if module.iter().any(|part| name.ends_with(part.as_bytes())) {
            return FileFormat::ZippedModule;
        }
    }
    FileFormat::Zip
}

/// One field of a message: its number, its wire type, and where its content begins.
fn field(bytes: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (tag, rest) = varint(bytes)?;
    Some((tag >> 3, tag & 7, rest))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte < 0x80 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// The content of a length-delimited field, as much of it as is there, and what follows.
fn delimited(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = varint(bytes)?;
    let length = usize::try_from(length).ok()?.min(rest.len());
    (length > 0).then(|| rest.split_at(length))
}

const VARINT: u64 = 0;
const DELIMITED: u64 = 2;

/// TensorFlow's messages, and ONNX's.
fn of_message(head: &[u8]) -> Option<FileFormat> {
    match field(head)? {
        (1, VARINT, rest) => {
            let (_, rest) = varint(rest)?;
            if rest.is_empty() {
                return (head == [0x08, 0x03]).then_some(FileFormat::ModuleMarker);
            }
            let (2, DELIMITED, rest) = field(rest)? else {
                return None;
            };
            let (content, _) = delimited(rest)?;
            if is_meta_graph(content) {
                return Some(FileFormat::SavedModel);
            }
            let is_word = content.iter().all(u8::is_ascii_graphic);
            is_word.then_some(FileFormat::Onnx)
        }
        // Without a version of the schema, which is 0 then, or without a `MetaInfoDef`.
        (2, DELIMITED, rest) => {
            let (content, _) = delimited(rest)?;
            if of_message(content) == Some(FileFormat::GraphDef) {
                return Some(FileFormat::MetaGraphDef);
            }
            is_meta_graph(content).then_some(FileFormat::SavedModel)
        }
        (1, DELIMITED, rest) => {
            let (content, _) = delimited(rest)?;
            if is_node(content) {
                return Some(FileFormat::GraphDef);
            }
            is_meta_graph(head).then_some(FileFormat::MetaGraphDef)
        }
        _ => None,
    }
}

/// Whether a message begins as a `NodeDef`: with a name and an op.
fn is_node(bytes: &[u8]) -> bool {
    let node = || {
        let (1, DELIMITED, rest) = field(bytes)? else {
            return None;
        };
        let (name, rest) = delimited(rest)?;
        let (2, DELIMITED, rest) = field(rest)? else {
            return None;
        };
        let (op, _) = delimited(rest)?;
        let is_word = |bytes: &[u8]| {
            let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./\\->".contains(byte);
            bytes.iter().all(part)
        };
        Some(is_word(name) && is_word(op))
    };
    node().unwrap_or(false)
}

/// Whether a message begins as a `MetaGraphDef`: with a `MetaInfoDef`, which has ops, tags or a version of TensorFlow.
fn is_meta_graph(bytes: &[u8]) -> bool {
    let meta_graph = || {
        let (1, DELIMITED, rest) = field(bytes)? else {
            return None;
        };
        let (info, _) = delimited(rest)?;
        let (number, wire_type, rest) = field(info)?;
        let (content, _) = delimited(rest)?;
        Some(match (number, wire_type) {
            // The first op of a list, and its name.
            (2, DELIMITED) => matches!(field(content), Some((1, DELIMITED, _))),
            (1 | 4 | 5, DELIMITED) => content.iter().all(u8::is_ascii_graphic),
            _ => false,
        })
    };
    meta_graph().unwrap_or(false)
}

/// Formats of text.
fn of_text(head: &[u8]) -> Option<FileFormat> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.valid_up_to() + 4 > head.len() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let lower = first.to_ascii_lowercase();
    if ["<!doctype html", "<html", "<head", "<?xml"]
        .iter()
        .any(|start| lower.starts_with(start))
    {
        return Some(FileFormat::Html);
    }
    if first.starts_with('{') {
        return Some(FileFormat::Json);
    }
    let end = first.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let (name, rest) = first.split_at(end);
    let opens = rest.trim_start().starts_with([':', '{', '<']);
    match name {
        _ if !opens => None,
        "node" | "library" | "versions" => Some(FileFormat::TextGraphDef),
        "meta_info_def" | "graph_def" | "saver_def" | "collection_def" => {
            Some(FileFormat::TextMetaGraphDef)
        }
        "saved_model_schema_version" | "meta_graphs" => Some(FileFormat::TextSavedModel),
        "model_checkpoint_path" | "all_model_checkpoint_paths" => Some(FileFormat::CheckpointState),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in names {
            bytes.extend(b"PK\x03\x04");
            bytes.extend([0; 22]);
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend([0; 2]);
            bytes.extend(name.as_bytes());
        }
        bytes
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        use FileFormat as F;
        let mut tar = vec![0; 300];
        tar[257..262].copy_from_slice(b"ustar");
        let mut events = vec![0; 60];
        events[23..35].copy_from_slice(b"brain.Event:");
        let rows: &[(&[u8], F)] = &[
            (b"", F::Empty),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                F::GitLfsPointer,
            ),
            (b"<!DOCTYPE html>\n<html>", F::Html),
            (b"\n\n  <html lang=en>", F::Html),
            (b"<?xml version=\"1.0\"?><Error><Code>AccessDenied", F::Html),
            (b"{\"error\": \"not found\"}", F::Json),
            (&zip(&["w.npy"]), F::Npz),
            (&zip(&["README.txt", "w.npy"]), F::Npz),
            (&zip(&["archive/data.pkl"]), F::PyTorch),
            (&zip(&["module/", "module/saved_model.pb"]), F::ZippedModule),
            (&zip(&["a.txt"]), F::Zip),
            (b"PK\x05\x06\0\0\0\0", F::Zip),
            (b"PK\x03\x04", F::Zip),
            (b"\x1f\x8b\x08\0", F::Gzip),
            (b"\x28\xb5\x2f\xfd\0", F::Zstandard),
            (b"BZh91AY", F::Bzip2),
            (b"\xfd7zXZ\0\0", F::Xz),
            (&tar, F::Tar),
            (b"\x93NUMPY\x01\0", F::Npy),
            (b"\x89HDF\r\n\x1a\n\0", F::Hdf5),
            (b"\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94.", F::Pickle),
            (b"\x02\0\0\0\0\0\0\0{}", F::Safetensors),
            (b"\x02\0\0\0\0\0\0\xff{}", F::Unknown),
            (b"\x1c\0\0\0TFL3\0", F::TfLite),
            (b"\xba\x16\x4f\x2f\x0c\0\0\0", F::FastText),
            (b"\x08\x07\x12\x07pytorch\x1a", F::Onnx),
            (&events, F::Events),
            (b"\x08\x03", F::ModuleMarker),
            (b"model_checkpoint_path: \"m\"\n", F::CheckpointState),
            (b"all_model_checkpoint_paths : \"m\"", F::CheckpointState),
            (b"# comment\nnode {\n  name: \"x\"\n", F::TextGraphDef),
            (b"node: <name: 'x'>", F::TextGraphDef),
            (b"versions { producer: 134 }", F::TextGraphDef),
            (b"meta_info_def {\n", F::TextMetaGraphDef),
            (b"graph_def{", F::TextMetaGraphDef),
            (b"saved_model_schema_version: 1\n", F::TextSavedModel),
            (b"meta_graphs {", F::TextSavedModel),
            (b"node of a list", F::Unknown),
            (b"half a word", F::Unknown),
            (b"\x0a", F::Unknown),
            (
                b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                F::Unknown,
            ),
            // NodeDef: a name and an op.
            (b"\x0a\x14\x0a\x01x\x12\x0bPlaceholder*\x00", F::GraphDef),
            (b"\x0a\x05\x0a\x03\xff\xfe\xfd", F::Unknown),
            // MetaInfoDef: a list of ops, tags, or the version of TensorFlow.
            (b"\x0a\x0a\x12\x08\x0a\x06\x0a\x04AddN", F::MetaGraphDef),
            (b"\x0a\x07\x22\x05serve", F::MetaGraphDef),
            (b"\x0a\x08\x2a\x061.15.5", F::MetaGraphDef),
            (b"\x08\x01\x12\x09\x0a\x07\x22\x05serve", F::SavedModel),
            (b"\x12\x09\x0a\x07\x22\x05serve", F::SavedModel),
            (b"\x12\x09\x0a\x07\x0a\x01x\x12\x02Op", F::MetaGraphDef),
        ];
        for (bytes, format) in rows {
            assert_eq!(FileFormat::of_bytes(bytes), *format, "{bytes:?}");
        }
    }

    #[test]
    fn files_of_tensorflow_are_recognised() {
        let fixtures = Path::new("tests/fixtures");
        let expect = |path: &str, format| {
            let path = fixtures.join(path);
            assert_eq!(FileFormat::of_path(&path).unwrap(), format, "{path:?}");
        };
        let mut modules = 0;
        for module in fs::read_dir(fixtures.join("golden")).unwrap() {
            let module = module.unwrap().path();
            if !module.join("saved_model.pb").is_file() {
                continue;
            }
            let module = module.strip_prefix(fixtures).unwrap();
            let inside = |name: &str| module.join(name).display().to_string();
            expect(&inside(""), FileFormat::SavedModelDirectory);
            expect(&inside("saved_model.pb"), FileFormat::SavedModel);
            modules += 1;
            // A meta graph of its own, as a `.meta` file has it.
            let bytes = fs::read(fixtures.join(inside("saved_model.pb"))).unwrap();
            let (_, _, rest) = field(&bytes).unwrap();
            let meta_graph = delimited(rest).unwrap().0;
            assert_eq!(FileFormat::of_bytes(meta_graph), FileFormat::MetaGraphDef);
        }
        assert!(modules > 50, "{modules} modules");
        expect("graphs/training.tf.pb", FileFormat::GraphDef);
        expect("golden/dense/variables.index", FileFormat::Table);
        expect("bundles", FileFormat::Directory);
    }

    #[test]
    fn texts_name_the_format_and_a_way_out() {
        let texts: HashSet<String> = FileFormat::ALL.iter().map(FileFormat::to_string).collect();
        assert_eq!(texts.len(), FileFormat::ALL.len());
        assert_eq!(
            FileFormat::GitLfsPointer.to_string(),
            "a Git LFS pointer (`git lfs pull` fetches the file that it stands for)"
        );
        assert_eq!(FileFormat::Directory.to_string(), "a directory");
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_format(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            FileFormat::of_bytes(&bytes);
        }

        #[test]
        fn any_zip_has_a_format(rest in prop::collection::vec(any::<u8>(), 0..100)) {
            FileFormat::of_bytes(&[&b"PK\x03\x04"[..], &rest].concat());
        }
    }
}
