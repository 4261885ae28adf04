//! Files of fastText that tests make, read whole, cut and changed.

use proptest::prelude::*;

use super::reader::Stored;
use super::*;
use crate::dtype::ByteString;
use crate::error::{Diagnostic, Result};
use crate::graph::GraphBuilder;
use crate::ops::lookup::index_table_from_tensor;
use crate::source::StoredValue as _;
use crate::value::TensorSlice;
use crate::{ErrorKind, ModuleSpec, VariableSource, init};

/// A model with the numbers that stand in its file.
#[derive(Debug, Clone)]
struct File {
    magic: i32,
    version: i32,
    dim: i32,
    model: i32,
    bucket: i32,
    minn: i32,
    maxn: i32,
    /// The numbers of entries, words and labels.
    counts: [i32; 3],
    pruned: i64,
    /// Words and labels, which are 1.
    entries: Vec<(Vec<u8>, i64, u8)>,
    quantized: [u8; 2],
    /// The numbers of rows and columns of both matrices.
    shapes: [[i64; 2]; 2],
    elements: Vec<f32>,
}

impl File {
    fn new(words: &[&str]) -> Self {
        let entries = words.iter().zip(0..);
        let entries = entries.map(|(word, count)| (word.as_bytes().to_vec(), 100 - count, 0));
        let (words, bucket, dim) = (words.len() as i32, 3, 2);
        let rows = words + bucket;
        File {
            magic: 793_712_314,
            version: 12,
            dim,
            model: 2,
            bucket,
            minn: 2,
            maxn: 4,
            counts: [words, words, 0],
            pruned: -1,
            entries: entries.collect(),
            quantized: [0, 0],
            shapes: [[rows.into(), dim.into()], [words.into(), dim.into()]],
            elements: (0..rows * dim).map(|element| element as f32).collect(),
        }
    }

    /// Two words and a label.
    fn supervised() -> Self {
        let mut file = File::new(&["cat", "dog"]);
        file.model = 3;
        file.counts = [3, 2, 1];
        file.entries.push((b"__label__x".to_vec(), 7, 1));
        file.shapes[1][0] = 1;
        file
    }

    fn bytes(&self) -> Vec<u8> {
        let File {
            dim,
            bucket,
            minn,
            maxn,
            ..
        } = *self;
        let mut bytes = Vec::new();
        let header = [
            self.magic,
            self.version,
            dim,
            5,
            5,
            1,
            5,
            1,
            2,
            self.model,
            bucket,
            minn,
            maxn,
            100,
        ];
        bytes.extend(header.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(1e-4f64.to_le_bytes());
        bytes.extend(self.counts.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(
            [1000, self.pruned]
                .iter()
                .flat_map(|number| number.to_le_bytes()),
        );
        for (word, count, kind) in &self.entries {
            bytes.extend(word);
            bytes.push(0);
            bytes.extend(count.to_le_bytes());
            bytes.push(*kind);
        }
        bytes.push(self.quantized[0]);
        bytes.extend(
            self.shapes[0]
                .iter()
                .flat_map(|number| number.to_le_bytes()),
        );
        bytes.extend(self.elements.iter().flat_map(|number| number.to_le_bytes()));
        bytes.push(self.quantized[1]);
        bytes.extend(
            self.shapes[1]
                .iter()
                .flat_map(|number| number.to_le_bytes()),
        );
        let outputs = self.shapes[1][0] * self.shapes[1][1];
        bytes.extend(vec![0; 4 * outputs as usize]);
        bytes
    }
}

/// All that a reader finds.
type Content = (Vec<FastTextWord>, Vec<f32>);

fn read(bytes: Vec<u8>) -> Result<Content> {
    let reader = FastTextReader::from_bytes(bytes)?;
    let words = reader.words().collect::<Result<_>>()?;
    let matrix = reader.variable("embeddings")?.expect("it is listed");
    let matrix = matrix.into_value()?;
    assert_eq!(matrix.shape(), reader.shape());
    Ok((words, matrix.as_slice()?.to_vec()))
}

fn word(word: &str, count: i64) -> FastTextWord {
    let word = word.as_bytes().to_vec();
    FastTextWord { word, count }
}

#[test]
fn a_model_is_read() {
    let file = File::new(&["</s>", "cat", "größe", ""]);
    let reader = FastTextReader::from_bytes(file.bytes()).unwrap();
    assert_eq!((reader.version(), reader.shape()), (12, [7, 2]));
    let subwords = Subwords {
        num_words: 4,
        bucket: 3,
        minn: 2,
        maxn: 4,
    };
    assert_eq!(reader.subwords(), subwords);
    let (words, elements) = read(file.bytes()).unwrap();
    assert_eq!(
        words,
        [
            word("</s>", 100),
            word("cat", 99),
            word("größe", 98),
            word("", 97)
        ]
    );
    assert_eq!(elements, file.elements);
    assert_eq!(reader.names().unwrap(), ["embeddings"]);
    assert!(reader.variable("matrix").unwrap().is_none());
    assert_eq!(
        reader.named("matrix").read_all().unwrap()["matrix"]
            .as_slice::<f32>()
            .unwrap(),
        elements
    );
}

#[test]
fn labels_have_no_rows_and_old_classifiers_no_n_grams() {
    for (version, maxn) in [(11, 0), (12, 4)] {
        let file = File {
            version,
            ..File::supervised()
        };
        let reader = FastTextReader::from_bytes(file.bytes()).unwrap();
        assert_eq!((reader.subwords().maxn, reader.shape()), (maxn, [5, 2]));
        assert_eq!(
            read(file.bytes()).unwrap().0,
            [word("cat", 100), word("dog", 99)]
        );
    }
}

#[test]
fn parts_of_the_matrix_are_read_and_streamed() {
    let file = File::new(&["cat", "dog"]);
    let reader = FastTextReader::from_bytes(file.bytes()).unwrap();
    let stored = Stored(&reader);
    let part = stored.read_part(&TensorSlice::new([1..4, 1..2]));
    assert_eq!(part.unwrap().as_slice::<f32>().unwrap(), [3.0, 5.0, 7.0]);
    let whole = stored.read_part(&TensorSlice::whole(&[5, 2]));
    assert_eq!(whole.unwrap().as_slice::<f32>().unwrap(), file.elements);
    let mut streamed = Vec::new();
    let sink = &mut |bytes: &[u8]| {
        streamed.extend_from_slice(bytes);
        Ok(())
    };
    stored.stream(sink).unwrap();
    let bytes: Vec<u8> = file
        .elements
        .iter()
        .flat_map(|element| element.to_ne_bytes())
        .collect();
    assert_eq!(streamed, bytes);
}

#[test]
fn files_are_refused_at_the_byte_that_is_wrong() {
    use ErrorKind::{Corrupt, Unsupported};
    type Change = fn(&mut File);
    let rows: [(Change, ErrorKind, &str); 16] = [
        (
            |file| file.magic = 7,
            Corrupt,
            "cannot be read as a fastText model: expected the magic number 793712314, found 7",
        ),
        (
            |file| file.version = 13,
            Unsupported,
            "a fastText model of version 13, expected 11 or 12",
        ),
        (
            |file| file.dim = 0,
            Corrupt,
            "the dimension at byte 8: expected at least 1, found 0",
        ),
        (
            |file| file.bucket = -1,
            Corrupt,
            "bucket at byte 40: expected at least 0, found -1",
        ),
        (
            |file| file.maxn = -5,
            Corrupt,
            "maxn at byte 48: expected at least 0, found -5",
        ),
        (
            |file| file.counts[0] = 4,
            Corrupt,
            "the number of entries at byte 64: expected that of 2 words and 1 labels, found 4",
        ),
        (
            |file| file.counts = [i32::MAX, i32::MAX, 0],
            Corrupt,
            "the dictionary at byte 92: the file ends at byte 220",
        ),
        (
            |file| file.pruned = 5,
            Unsupported,
            "the dictionary at byte 84 is pruned: only models as they were trained are read",
        ),
        (
            |file| file.entries[1].2 = 7,
            Corrupt,
            "an entry of the dictionary at byte 117: expected 0 or 1 for its kind, found 7",
        ),
        (
            |file| file.entries.swap(1, 2),
            Corrupt,
            "entry 1 at byte 105: expected a word, found a label",
        ),
        (
            |file| file.quantized[0] = 1,
            Unsupported,
            "the matrix of inputs at byte 138 is quantized: only models as they were trained are read",
        ),
        (
            |file| file.quantized[1] = 1,
            Unsupported,
            "the matrix of outputs at byte 195 is quantized: only models as they were trained are read",
        ),
        (
            |file| file.shapes[0][0] = 6,
            Corrupt,
            "the matrix of inputs at byte 139: expected 5 rows, found 6",
        ),
        (
            |file| file.shapes[0][1] = -2,
            Corrupt,
            "the matrix of inputs at byte 147: expected 2 columns, found -2",
        ),
        (
            |file| file.elements[5] = f32::NAN,
            Corrupt,
            "row 2, column 1 at byte 175: expected a finite number, found NaN",
        ),
        (
            |file| file.elements.push(0.0),
            Corrupt,
            "the matrix of outputs at byte 196: expected 1 rows, found 4294967296",
        ),
    ];
    for (change, kind, text) in rows {
        let mut file = File::supervised();
        change(&mut file);
        let error = read(file.bytes()).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.kind()), (text, kind));
    }
    let whole = File::supervised().bytes();
    let error = read([&whole[..], b"x"].concat()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model ends at byte 220, the file has 221"
    );
    for len in 0..whole.len() {
        let error = read(whole[..len].to_vec()).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), Corrupt, "{text}");
        assert!(
            text.ends_with(&format!("the file ends at byte {len}")),
            "{text}"
        );
    }
}

#[test]
fn a_word_without_an_end_is_refused_before_it_is_read_whole() {
    let mut file = File::new(&["cat"]);
    file.entries[0].0 = vec![b'x'; (1 << 20) + 1];
    let error = read(file.bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "word 0 at byte 92: expected up to 1048576 bytes, found more"
    );
    file.entries[0].0.pop();
    assert_eq!(read(file.bytes()).unwrap().0[0].word.len(), 1 << 20);
}

#[test]
fn the_vocabulary_is_written_unless_no_table_could_hold_it() {
    let dir = tempfile::tempdir().unwrap();
    let write = |words: &[&str]| {
        let path = dir.path().join("words.txt");
        let reader = FastTextReader::from_bytes(File::new(words).bytes()).unwrap();
        let written = reader.write_vocabulary(&path);
        let content = std::fs::read(&path).ok();
        if content.is_some() {
            std::fs::remove_file(&path).unwrap();
        }
        written.map(|()| content.unwrap())
    };
    assert_eq!(
        write(&["a", "", "größe"]).unwrap(),
        "a\n\ngröße\n".as_bytes()
    );
    for (words, kind, text) in [
        (
            ["a", "b\n"],
            ErrorKind::Unsupported,
            "word 1 at byte 103 has a line break, which the lines of a vocabulary cannot have",
        ),
        (
            ["\rb", "a"],
            ErrorKind::Unsupported,
            "word 0 at byte 92 has a line break, which the lines of a vocabulary cannot have",
        ),
        (
            ["a", "a"],
            ErrorKind::Corrupt,
            "word 1 at byte 103 is \"a\", as is word 0",
        ),
    ] {
        let error = write(&words).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.kind()), (text, kind));
    }
}

#[test]
fn a_file_says_which_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.bin");
    std::fs::write(&path, b"\x1f\x8b\x08\0").unwrap();
    let error = FastTextReader::open(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Unsupported, Some(&*path))
    );
    assert!(
        error
            .to_string()
            .contains("expected a fastText model, found a gzip file"),
        "{error}"
    );
    std::fs::write(&path, &File::new(&["a"]).bytes()[..50]).unwrap();
    let error = FastTextReader::open(&path).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Corrupt, Some(&*path))
    );
    let error = FastTextReader::open(dir.path().join("none")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn the_values_of_a_module_are_those_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = File::new(&["cat", "dog"]);
    let model = FastTextReader::from_bytes(file.bytes()).unwrap();
    let spec = ModuleSpec::new(|g| {
        let words = g.placeholder::<ByteString>((None,));
        let table = index_table_from_tensor(g, ["cat", "dog"], ());
        let matrix = g.get_variable::<f32>("embeddings").shape(model.shape());
        let matrix = matrix.initializer(init::zeros()).finish();
        let vectors = subword_embedding_lookup(words, &table, matrix, model.subwords());
        assert_eq!(vectors.shape().to_string(), "[?, 2]");
        g.default_signature(words, vectors);
    })
    .unwrap();
    let path = dir.path().join("module");
    spec.export(&path, &model).unwrap();
    let checkpoint =
        crate::checkpoint::CheckpointReader::open(path.join("variables/variables")).unwrap();
    let value = &checkpoint.read_all().unwrap()["embeddings"];
    assert_eq!(value.as_slice::<f32>().unwrap(), file.elements);
}

/// The faults of looking words up in a table of two, and the line of the call.
fn faults(shape: impl Into<crate::Shape>, subwords: Subwords) -> (Vec<Diagnostic>, u32) {
    let g = GraphBuilder::new();
    let words = g.placeholder::<ByteString>(shape);
    let table = index_table_from_tensor(&g, ["cat", "dog"], ());
    let matrix = g.placeholder::<f32>((None, 2));
    let line = line!() + 1;
    subword_embedding_lookup(words, &table, matrix, subwords);
    (g.finish().unwrap_err().diagnostics().to_vec(), line)
}

#[test]
fn the_author_reads_what_has_no_vectors() {
    let good = Subwords {
        num_words: 2,
        bucket: 10,
        minn: 3,
        maxn: 6,
    };
    for (shape, subwords, text) in [
        (
            vec![None, Some(2)],
            good,
            "expected a vector of words, found shape [?, 2]",
        ),
        (
            vec![None],
            Subwords { bucket: 0, ..good },
            "expected buckets for n-grams of up to 6 characters, found none",
        ),
        (
            vec![None],
            Subwords { maxn: 1001, ..good },
            "expected n-grams of up to 1000 characters, found 1001",
        ),
    ] {
        let (found, line) = faults(shape, subwords);
        assert_eq!(found[0].message(), text);
        assert_eq!(
            (found[0].location().file(), found[0].location().line()),
            (file!(), line)
        );
    }
}

fn any_file() -> impl Strategy<Value = File> {
    let words = prop::collection::vec("[a-zß]{0,5}", 0..6);
    (words, 1..4, 0..4, 0..2u8).prop_map(|(words, dim, bucket, labels)| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut file = File::new(&words);
        (file.dim, file.bucket) = (dim, bucket);
        let rows = words.len() as i32 + bucket;
        file.shapes = [[rows.into(), dim.into()], [words.len() as i64, dim.into()]];
        file.elements = (0..rows * dim).map(|element| element as f32).collect();
        if labels == 1 {
            file.model = 3;
            file.counts[0] += 1;
            file.counts[2] = 1;
            file.entries.push((b"label".to_vec(), 3, 1));
            file.shapes[1][0] = 1;
        }
        file
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(file in any_file()) {
        let (words, elements) = read(file.bytes()).unwrap();
        let expected = file.entries.iter().filter(|entry| entry.2 == 0);
        let expected: Vec<_> = expected.map(|(word, count, _)| FastTextWord { word: word.clone(), count: *count }).collect();
        prop_assert_eq!(words, expected);
        prop_assert_eq!(elements, file.elements);
    }

    #[test]
    fn changed_bytes_are_read_or_refused(file in any_file(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = file.bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(error) = read(bytes) {
            prop_assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Unsupported), "{}", error);
        }
    }
}
