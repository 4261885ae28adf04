//! Errors with another error behind them: the chain that a report prints says everything once.

use std::error::Error as StdError;
use std::fmt;
use std::fs;
use std::io;

use tfhub::checkpoint::CheckpointReader;
use tfhub::graph::GraphDef;
use tfhub::source::{NpyReader, NpzReader, SafetensorsReader, write_npy};
use tfhub::{Error, ErrorKind, ModuleSpec, Session, TensorValue, layers};

/// An error of an author's, whose text leaves that of its source to the source.
#[derive(Debug)]
struct NoVocabulary(io::Error);

impl fmt::Display for NoVocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the vocabulary is missing")
    }
}

impl StdError for NoVocabulary {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

/// A file that takes nothing.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The texts of an error and of those behind it.
fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = StdError::source(error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    texts
}

fn dense() -> ModuleSpec {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(2).apply(x));
    });
    spec.unwrap()
}

fn not_found() -> String {
    io::Error::from_raw_os_error(2).to_string()
}

#[test]
fn a_chain_of_errors_says_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, [0xff; 40]).unwrap();
    let missing = dir.path().join("missing");
    let latin = b"node { name: \"\xe9\" }";
    let text = dir.path().join("graph.pbtxt");
    fs::write(&text, latin).unwrap();
    let (cut, name) = (dir.path().join("cut.pb"), dir.path().join("name.pb"));
    fs::write(&cut, b"\x0a\x50\x01\x00").unwrap();
    fs::write(&name, b"\x0a\x04\x0a\x02\xff\xfe").unwrap();
    let session = Session::new(&dense()).unwrap();
    let json = [&6u64.to_le_bytes()[..], b"{\"w\":}"].concat();
    let header = b"\x93NUMPY\x03\x00\x02\x00\x00\x00\xff\xfe".to_vec();
    let one = TensorValue::scalar(1.0f32);
    let in_module = ModuleSpec::new(|_| Err::<(), _>(NoVocabulary(io::Error::other("gone"))));
    // The error, its kind, whether it comes from the system, and the text of the one behind it.
    let cases = [
        (
            NpzReader::open(&missing).map(drop),
            ErrorKind::NotFound,
            true,
            not_found(),
        ),
        (
            ModuleSpec::from_saved_model(&missing, ()).map(drop),
            ErrorKind::NotFound,
            true,
            not_found(),
        ),
        (
            dense().export(file.join("module"), &session).map(drop),
            ErrorKind::Io,
            true,
            io::Error::from_raw_os_error(20).to_string(),
        ),
        (
            write_npy(&one, Full),
            ErrorKind::Io,
            true,
            io::Error::from(io::ErrorKind::StorageFull).to_string(),
        ),
        (
            GraphDef::read(&cut).map(drop),
            ErrorKind::Corrupt,
            false,
            "failed to decode Protobuf message".to_owned(),
        ),
        (
            GraphDef::read(&name).map(drop),
            ErrorKind::Corrupt,
            false,
            "data is not UTF-8 encoded".to_owned(),
        ),
        (
            GraphDef::read(&text).map(drop),
            ErrorKind::Corrupt,
            false,
            "a string is not UTF-8".to_owned(),
        ),
        (
            CheckpointReader::open(&file).map(drop),
            ErrorKind::Corrupt,
            false,
            "expected a table".to_owned(),
        ),
        (
            NpyReader::from_bytes(header, "w").map(drop),
            ErrorKind::Corrupt,
            false,
            "UTF-8".to_owned(),
        ),
        (
            NpzReader::from_bytes(vec![1; 40]).map(drop),
            ErrorKind::Corrupt,
            false,
            "invalid Zip archive".to_owned(),
        ),
        (
            SafetensorsReader::from_bytes(json).map(drop),
            ErrorKind::Corrupt,
            false,
            "expected value at line 1 column 6".to_owned(),
        ),
        (
            in_module.map(drop),
            ErrorKind::ModuleFn,
            true,
            "gone".to_owned(),
        ),
    ];
    for (result, kind, of_system, behind) in cases {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.io_error().is_some(), of_system, "{error}");
        let texts = chain(&error);
        let report = texts.join("; caused by: ");
        assert_eq!(report.matches(&behind).count(), 1, "{report}");
        for (index, text) in texts.iter().enumerate() {
            let known = texts[..index].iter().any(|before| before.contains(text));
            assert!(!known, "{report}");
        }
    }
}
