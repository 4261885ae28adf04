//! The file `checkpoint` beside checkpoints, which says which of them is the latest.
//!
//! It is a `CheckpointState` message in the text form of protocol buffers.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::text;
use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::file_system::{FileSystem, OsFileSystem};
use crate::proto::tensorflow as pb;
use crate::quoted::Quoted;
use crate::text_format::{self, TextError};

/// The name of the state file.
pub(super) const STATE: &str = "checkpoint";

/// The largest file that is read.
const MAX_BYTES: u64 = 1 << 26;

errors! {
    #[derive(Debug)]
    enum StateError {
        #[error("not a checkpoint state file: {0}")]
        Text(TextError),
        #[error("expected a checkpoint state file, found {0}")]
        OtherFile(FileFormat),
        #[error("not a checkpoint state file: it has {0} bytes, expected at most {MAX_BYTES}")]
        TooLarge(u64),
        #[error("names no latest checkpoint: \"model_checkpoint_path\" is missing or empty")]
        NoPath,
        #[error("path {0} is not UTF-8")]
        NotUtf8(Quoted),
    }
}

impl StateError {
    fn at(self, path: &Path) -> Error {
        let kind = match self {
            StateError::NotUtf8(_) => ErrorKind::Unsupported,
            _ => ErrorKind::Corrupt,
        };
        Error::new(kind, self).with_path(path)
    }
}

/// The content of the file `checkpoint` of a directory: `tf.train.CheckpointState`.
///
/// ```
/// use tfhub::checkpoint::{CheckpointState, latest_checkpoint};
/// # use tfhub::{GraphBuilder, Session};
/// # let g = GraphBuilder::new();
/// # g.get_variable("v").initial_value([1.0f32, 2.0]).finish();
/// # let session = Session::new(&g.finish()?)?;
/// let dir = tempfile::tempdir()?;
/// assert_eq!(latest_checkpoint(dir.path())?, None);
/// session.save(dir.path().join("model.ckpt-7"))?;
/// CheckpointState::new("model.ckpt-7", ["model.ckpt-6"]).write(dir.path())?;
/// assert_eq!(latest_checkpoint(dir.path())?, Some(dir.path().join("model.ckpt-7")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckpointState {
    /// The prefix of the latest checkpoint.
    pub latest: PathBuf,
    /// The prefixes of all checkpoints that were kept, the latest last.
    pub all: Vec<PathBuf>,
    /// When each of them was written, in seconds since 1970; empty if that was not recorded.
    pub timestamps: Vec<f64>,
    /// When a checkpoint was last exempted from removal; 0 if that was not recorded.
    pub last_preserved_timestamp: f64,
}

impl CheckpointState {
    /// The state after `latest` was saved, with those that are kept from before.
    pub fn new<P: Into<PathBuf>>(
        latest: impl Into<PathBuf>,
        older: impl IntoIterator<Item = P>,
    ) -> Self {
        let latest = latest.into();
        let mut all: Vec<PathBuf> = older.into_iter().map(Into::into).collect();
        if all.last() != Some(&latest) {
            all.push(latest.clone());
        }
        CheckpointState {
            latest,
            all,
            ..CheckpointState::default()
        }
    }

    /// The state of a directory, with relative paths joined to it; `None` if there is no file.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if the file is malformed, has a field that `CheckpointState` has not, or names no latest
    /// checkpoint; [`ErrorKind::Io`] if it cannot be read.
    pub fn read(directory: impl AsRef<Path>) -> Result<Option<Self>> {
        let directory = directory.as_ref();
        let path = directory.join(STATE);
        let io = |source| Error::io("cannot read", &path, source);
        match fs::metadata(&path) {
            Ok(data) if data.len() > MAX_BYTES => {
                return Err(StateError::TooLarge(data.len()).at(&path));
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        }
        let bytes = fs::read(&path).map_err(io)?;
        let state = Self::parse(&bytes, directory).map_err(|error| {
            let expected = [FileFormat::CheckpointState, FileFormat::Empty];
            match FileFormat::instead(&path, &expected) {
                Some(found) => StateError::OtherFile(found),
                None => error,
            }
        });
        state.map(Some).map_err(|error| error.at(&path))
    }

    fn parse(bytes: &[u8], directory: &Path) -> Result<Self, StateError> {
        let state: pb::CheckpointState =
            text_format::decode("tensorflow.CheckpointState", bytes).map_err(StateError::Text)?;
        if state.model_checkpoint_path.is_empty() {
            return Err(StateError::NoPath);
        }
        let all = state.all_model_checkpoint_paths.iter();
        Ok(CheckpointState {
            latest: directory.join(state.model_checkpoint_path),
            all: all.map(|path| directory.join(path)).collect(),
            timestamps: state.all_model_checkpoint_timestamps,
            last_preserved_timestamp: state.last_preserved_timestamp,
        })
    }

    /// Writes the file `checkpoint` of a directory, replacing the one that there is in one step.
    ///
    /// If both the directory and a path are relative, the path is stored relative to the directory; otherwise as it
    /// is.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if a path is not UTF-8, [`ErrorKind::Io`] if the file cannot be written; it is then as
    /// it was. If only the directory cannot be synced, it is the new one.
    pub fn write(&self, directory: impl AsRef<Path>) -> Result<()> {
        self.write_on(&OsFileSystem, directory.as_ref())
    }

    pub(super) fn write_on(&self, fs: &impl FileSystem, directory: &Path) -> Result<()> {
        let path = directory.join(STATE);
        let text = self.to_text(directory).map_err(|error| error.at(&path))?;
        fs.write_over(&path, text.as_bytes())
    }

    fn to_text(&self, directory: &Path) -> Result<String, StateError> {
        let stored = |path: &PathBuf| {
            let path = match directory.is_relative() && path.is_relative() {
                true => relative(path, directory),
                false => path.clone(),
            };
            match path.to_str() {
                Some(text) => Ok(text::quoted(text)),
                None => Err(StateError::NotUtf8(Quoted::new(
                    path.as_os_str().as_encoded_bytes(),
                ))),
            }
        };
        let mut lines = vec![format!("model_checkpoint_path: {}", stored(&self.latest)?)];
        for path in &self.all {
            lines.push(format!("all_model_checkpoint_paths: {}", stored(path)?));
        }
        for seconds in &self.timestamps {
            let seconds = text::number_text(*seconds);
            lines.push(format!("all_model_checkpoint_timestamps: {seconds}"));
        }
        if self.last_preserved_timestamp.to_bits() != 0 {
            let seconds = text::number_text(self.last_preserved_timestamp);
            lines.push(format!("last_preserved_timestamp: {seconds}"));
        }
        Ok(lines.join("\n") + "\n")
    }
}

/// A path as seen from a directory, where both are relative to the same place.
///
/// One that does not lie there is taken to be relative to the directory already.
fn relative(path: &Path, directory: &Path) -> PathBuf {
    let plain = |path: &Path| -> PathBuf {
        let parts = path.components();
        parts.filter(|part| *part != Component::CurDir).collect()
    };
    let (path, directory) = (plain(path), plain(directory));
    let relative = path.strip_prefix(&directory).unwrap_or(&path);
    match relative == Path::new("") {
        true => PathBuf::from("."),
        false => relative.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<CheckpointState, StateError> {
        CheckpointState::parse(text.as_bytes(), Path::new("/d"))
    }

    #[test]
    fn all_forms_of_the_text_are_read() {
        let state = parse(concat!(
            "# the latest\nmodel_checkpoint_path:'m' \"-3\\\"\\303\\244\\x41\"; all_model_checkpoint_paths: \"/abs/m-2\",\n",
            "all_model_checkpoint_timestamps: 1.5e3 all_model_checkpoint_timestamps: [2, .5f]\n",
            "last_preserved_timestamp: -0x10"
        ));
        let state = state.unwrap();
        assert_eq!(state.latest, Path::new("/d/m-3\"äA"));
        assert_eq!(state.all, [Path::new("/abs/m-2")]);
        assert_eq!(state.timestamps, [1500.0, 2.0, 0.5]);
        assert_eq!(state.last_preserved_timestamp, -16.0);
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_line() {
        for (text, expected) in [
            (
                "",
                "names no latest checkpoint: \"model_checkpoint_path\" is missing or empty",
            ),
            ("model_checkpoint_path: \"\"", "is missing or empty"),
            (
                "model_checkpoint_path: \"m",
                "line 1:24: a string does not end",
            ),
            (
                "model_checkpoint_path \"m\"",
                "line 1:23: expected ':', found \"\\\"\"",
            ),
            (
                "model_checkpoint_path: 1",
                "line 1:24: expected a string, found \"1\"",
            ),
            (
                "\n\nfuture: \"x\"",
                "line 3:1: tensorflow.CheckpointState has no field \"future\"",
            ),
            (
                "model_checkpoint_path: \"\\377\"",
                "line 1:24: a string is not UTF-8",
            ),
            (
                "model_checkpoint_path: \"\\q\"",
                "line 1:25: unknown escape in a string",
            ),
            ("{", "line 1:1: expected the name of a field"),
            (
                "last_preserved_timestamp: x1",
                "line 1:27: expected a number, found \"x1\"",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn files_of_tensorflow_are_read_and_written_alike() {
        let odd = "/d/quo\"te's\\new\nline\ttab\rreturn\x01\x7f";
        let mut timestamps = CheckpointState::new("m-3", ["m-2"]);
        timestamps.timestamps = vec![1600000000.25, 1e300];
        timestamps.last_preserved_timestamp = 0.1;
        let mut one_line = CheckpointState::new("m-3", ["m-2"]);
        one_line.timestamps = vec![1e-7, f64::INFINITY];
        one_line.last_preserved_timestamp = 1e22;
        for (name, mut state) in [
            ("first", CheckpointState::new("model.ckpt-0", [""; 0])),
            (
                "several",
                CheckpointState::new("model.ckpt-30", ["model.ckpt-10", "model.ckpt-20"]),
            ),
            ("odd", CheckpointState::new(odd, ["/d/ä€😀", " ", "*?[x]"])),
            ("timestamps", timestamps),
            ("one_line", one_line),
        ] {
            let directory = "tests/fixtures/states";
            let text = fs::read_to_string(Path::new(directory).join(name)).unwrap();
            let written = state.to_text(Path::new("/d")).unwrap();
            match name {
                "one_line" => {
                    assert!(written.contains(": 1e-07\n") && written.ends_with(": 1e+22\n"))
                }
                _ => assert_eq!(written, text),
            }
            for path in state.all.iter_mut().chain([&mut state.latest]) {
                *path = Path::new("/d").join(&path);
            }
            assert_eq!(parse(&text).unwrap(), state, "{name}");
        }
    }

    /// A path of odd components, as it is in a file.
    fn path() -> impl Strategy<Value = String> {
        let part = "[a-z.\"'\\\\\n\r\t\u{0}\u{7f}\u{80}äあ🦀\\[*? #:{}]{1,6}";
        let parts = prop::collection::vec(part, 1..4);
        (any::<bool>(), parts).prop_map(|(absolute, parts)| {
            let start = if absolute { "/" } else { "" };
            start.to_owned() + &parts.join("/")
        })
    }

    proptest! {
        #[test]
        fn any_state_is_read_as_it_was_written(
            latest in path(),
            all in prop::collection::vec(path(), 0..4),
            timestamps in prop::collection::vec(any::<f64>(), 0..4),
            last_preserved_timestamp in any::<f64>(),
            directory in prop::sample::select(vec!["/d", "train", "./train/../x", "../x", "."]),
        ) {
            let directory = Path::new(directory);
            let state = CheckpointState {
                latest: directory.join(latest),
                all: all.iter().map(|path| directory.join(path)).collect(),
                timestamps,
                last_preserved_timestamp,
            };
            let text = state.to_text(directory).unwrap();
            let read = CheckpointState::parse(text.as_bytes(), directory).unwrap();
            prop_assert_eq!(&read, &state);
            // Each byte escaped as an octal or hexadecimal number, in whatever quotes.
            let escaped = |path: &PathBuf| -> String {
                let bytes = path.to_str().unwrap().bytes();
                bytes.enumerate().map(|(i, byte)| match i % 2 {
                    0 => format!("\\x{byte:02X}"),
                    _ => format!("\\{byte:03o}"),
                }).collect()
            };
            let text = format!("model_checkpoint_path: '{}'", escaped(&state.latest));
            let read = CheckpointState::parse(text.as_bytes(), Path::new("")).unwrap();
            prop_assert_eq!(read.latest, state.latest);
        }

        #[test]
        fn bytes_that_are_not_text_are_refused(before in "[a-z]{0,3}", byte in 0x80_u8.., raw: bool) {
            let mut text = format!("model_checkpoint_path: \"{before}").into_bytes();
            match raw {
                true => text.push(byte),
                false => text.extend(format!("\\{byte:o}").bytes()),
            }
            text.extend(b"z\"");
            let error = CheckpointState::parse(&text, Path::new("/d")).unwrap_err();
            prop_assert!(error.to_string().ends_with("line 1:24: a string is not UTF-8"));
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut state = CheckpointState::new("/a/b\\x", ["q\"uo\nte\tä", "b[1]?"]);
        state.timestamps = vec![0.1, 1e300, 3.0];
        state.last_preserved_timestamp = 12.5;
        state.write(dir.path()).unwrap();
        let read = CheckpointState::read(dir.path()).unwrap().unwrap();
        for path in &mut state.all {
            *path = dir.path().join(&path);
        }
        assert_eq!(read, state);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        // What `Saver` writes.
        let text = CheckpointState::new("m-3", ["m-2"])
            .to_text(Path::new("/d"))
            .unwrap();
        assert_eq!(
            text,
            "model_checkpoint_path: \"m-3\"\nall_model_checkpoint_paths: \"m-2\"\nall_model_checkpoint_paths: \"m-3\"\n"
        );
        let text = CheckpointState::new("train/m-3", [""; 0]).to_text(Path::new("./train"));
        assert!(
            text.unwrap()
                .starts_with("model_checkpoint_path: \"m-3\"\n")
        );
    }
}
