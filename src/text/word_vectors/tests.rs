use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::TensorValue;
use crate::source::{VariableSource, write_npy};

type Builder = WordVectorsBuilder<'static>;

/// The tokens and the values of float32 embeddings.
fn read(builder: &Builder, bytes: &[u8]) -> Result<(Vec<String>, Vec<f32>)> {
    let vectors = builder.from_bytes(bytes.to_vec())?;
    let values = values(&vectors.embeddings("v"))?;
    Ok((vectors.tokens().map(str::to_owned).collect(), values))
}

fn values(embeddings: &EmbeddingValues<'_>) -> Result<Vec<f32>> {
    let value = embeddings
        .variable("v")?
        .unwrap()
        .into_value()?
        .into_owned();
    Ok(value.as_slice::<f32>()?.to_vec())
}

/// The error of opening a file or of reading its values.
fn error(builder: &Builder, bytes: &[u8]) -> String {
    read(builder, bytes).unwrap_err().to_string()
}

fn binary(header: &str, rows: &[(&[u8], &[f32])]) -> Vec<u8> {
    let mut bytes = format!("{header}\n").into_bytes();
    for (token, values) in rows {
        bytes.extend_from_slice(token);
        bytes.push(b' ');
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

fn default() -> Builder {
    WordVectors::builder()
}

const TEXT: &[u8] = b"the 1 2\nof 3 4\nThe 5 12\ncat 0 0\n";

#[test]
fn options_choose_and_change_rows() {
    let tokens = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let all = vec![1.0, 2.0, 3.0, 4.0, 5.0, 12.0, 0.0, 0.0];
    let names = tokens(&["the", "of", "The", "cat"]);
    assert_eq!(read(&default(), TEXT).unwrap(), (names, all.clone()));
    let (names, values) = read(&default().limit(2), TEXT).unwrap();
    assert_eq!((names, values), (tokens(&["the", "of"]), all[..4].to_vec()));
    let (names, values) = read(&default().normalize(true), TEXT).unwrap();
    assert_eq!(names.len(), 4);
    assert_eq!(values[2..], [0.6, 0.8, 5.0 / 13.0, 12.0 / 13.0, 0.0, 0.0]);
    let lower = default().lower_case(true).from_bytes(TEXT).unwrap();
    assert_eq!(lower.tokens().collect::<Vec<_>>(), ["the", "of", "cat"]);
    assert_eq!(
        (lower.merged(), lower.unwanted(), lower.skipped().total()),
        (1, 0, 0)
    );
    let found = super::tests::values(&lower.embeddings("v")).unwrap();
    assert_eq!(found, [1.0, 2.0, 3.0, 4.0, 0.0, 0.0]);
    let dir = tempfile::tempdir().unwrap();
    let vocabulary = dir.path().join("tokens.txt");
    lower.write_vocabulary(&vocabulary).unwrap();
    assert_eq!(std::fs::read(&vocabulary).unwrap(), b"the\nof\ncat");
    let mut only = tempfile::NamedTempFile::new().unwrap();
    only.write_all(b"dog\r\ncat\r\nof\r\n").unwrap();
    let some = default().only(only.path()).from_bytes(TEXT).unwrap();
    assert_eq!(some.tokens().collect::<Vec<_>>(), ["of", "cat"]);
    assert_eq!((some.unwanted(), some.missing()), (2, 1));
    let found = super::tests::values(&some.embeddings("v")).unwrap();
    assert_eq!(found, [3.0, 4.0, 0.0, 0.0]);
}

#[test]
fn rows_for_other_tokens_follow_and_may_be_in_a_part_of_their_own() {
    let vectors = default().from_bytes(TEXT).unwrap();
    let with = |fill| vectors.embeddings("v").out_of_vocabulary(2, fill);
    assert_eq!(
        values(&with(OutOfVocabulary::Zeros)).unwrap()[8..],
        [0.0; 4]
    );
    let mean = [2.25, 4.5, 2.25, 4.5];
    assert_eq!(values(&with(OutOfVocabulary::Mean)).unwrap()[8..], mean);
    let random = with(OutOfVocabulary::Random { seed: 7 });
    let whole = values(&random).unwrap();
    assert_ne!(whole[8..10], whole[10..]);
    assert_eq!(
        values(&with(OutOfVocabulary::Random { seed: 7 })).unwrap(),
        whole
    );
    assert_ne!(
        values(&with(OutOfVocabulary::Random { seed: 8 })).unwrap()[8..],
        whole[8..]
    );
    for fill in [OutOfVocabulary::Mean, OutOfVocabulary::Random { seed: 7 }] {
        let whole = values(&with(fill)).unwrap();
        for rows in [0..1, 1..4, 3..6, 5..6, 0..6] {
            let embeddings = with(fill);
            let value = embeddings.variable("v").unwrap().unwrap();
            let part = value.part(&crate::value::TensorSlice::new([rows.clone(), 0..2]));
            let mut found = Vec::new();
            let streamed = part.stream(&mut |piece| {
                found.extend_from_slice(piece);
                Ok(())
            });
            streamed.unwrap();
            let found: &[f32] = bytemuck::cast_slice(&found);
            assert_eq!(found, &whole[2 * rows.start..2 * rows.end]);
        }
    }
}

#[test]
fn halves_are_rounded_and_other_dtypes_refused() {
    let vectors = default()
        .from_bytes("a 1.0009765625 1.00048828125\n")
        .unwrap();
    let as_dtype = |dtype| vectors.embeddings("v").dtype(dtype).read_all();
    let half = as_dtype(DType::Float16).unwrap()["v"].clone();
    let expected = [1.000_976_6, 1.0].map(half::f16::from_f32);
    assert_eq!(half.as_slice::<half::f16>().unwrap(), expected);
    let bfloat16 = as_dtype(DType::BFloat16).unwrap()["v"].clone();
    assert_eq!(
        bfloat16.as_slice::<half::bf16>().unwrap(),
        [half::bf16::ONE; 2]
    );
    let error = as_dtype(DType::Float64).unwrap_err();
    let expected = "expected float32, float16 or bfloat16 for word vectors, found float64";
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::InvalidValue, expected)
    );
}

#[test]
fn what_is_wrong_is_told_by_lines_and_bytes() {
    let text = "the 1 2\nof 3\n\nThe 5 x\nthe 0 0\nb\u{0} 1 2\ncat nan 1\n. . 1 2\n";
    let bytes = [text.as_bytes(), b"\xff 1 2"].concat();
    let faults = "line 2: expected 2 numbers after the token \"of\", found 1\n\
         line 3: there is no token\n\
         line 4: expected number 2 of the token \"The\", found \"x\"\n\
         line 5: the token \"the\" is that of line 1\n\
         line 7: number 1 of the token \"cat\" is NaN\n\
         line 8: the token \". .\" has spaces\n\
         line 9: the token \"\\xff\" is not UTF-8";
    assert_eq!(error(&default(), &bytes), faults);
    let skipping = default()
        .skip_bad_rows(true)
        .from_bytes(bytes.clone())
        .unwrap();
    assert_eq!(skipping.skipped().to_string(), faults);
    assert_eq!(skipping.tokens().collect::<Vec<_>>(), ["the", "b\0"]);
    assert_eq!(
        values(&skipping.embeddings("v")).unwrap(),
        [1.0, 2.0, 1.0, 2.0]
    );
    // Numbers alone are wrong: that is seen when they are read.
    let vectors = default().from_bytes("a 1 2\nb 1\nc 1 2\nd x 2\n").unwrap();
    let numbers = "line 2: expected 2 numbers after the token \"b\", found 1\n\
         line 4: expected number 1 of the token \"d\", found \"x\"";
    assert_eq!(
        values(&vectors.embeddings("v")).unwrap_err().to_string(),
        numbers
    );
    let two: &[f32] = &[1.0, 2.0];
    let cases: &[(&[u8], &str)] = &[
        (b"", "the file is empty"),
        (b"\n\n", "expected a token and numbers in each line"),
        (b"word\nword\n", "expected a token and numbers in each line"),
        (
            b"3 2\na 1 2\nb 1 2\n",
            "expected 3 vectors, as the header says, found 2",
        ),
        (
            b"1 2\na 1 2\nb 1 2\n",
            "expected 1 vectors, as the header says, found 2",
        ),
        (
            &binary("2 2", &[(b"a", two), (b"b", two)])[..20],
            "byte 14: expected 8 bytes after the token \"b\", found 4",
        ),
        (
            &binary("3 2", &[(b"a", two), (b"b", two)]),
            "expected 3 vectors, as the header says, found 2",
        ),
        (
            &binary("1 2", &[(b"a", two), (b"b", two)]),
            "byte 14: expected the end of the file after 1 vectors, as the header says",
        ),
        (
            &binary("2 2", &[(b"a", two), (b"a", two)]),
            "vector 2: the token \"a\" is that of vector 1",
        ),
        (
            &binary("2 2", &[(b"a", two), (b"b", &[1.0, f32::INFINITY])]),
            "byte 14: number 2 of the token \"b\" is infinity, or too large for float32",
        ),
    ];
    for (bytes, expected) in cases {
        let skipped = bytes.escape_ascii();
        assert_eq!(error(&default(), bytes), *expected, "{skipped}");
    }
    let many = "x\n".repeat(99);
    let told = error(
        &default().format(WordVectorFormat::Glove),
        format!("a 1\n{many}").as_bytes(),
    );
    assert!(told.ends_with("\nand 79 more"), "{told}");
    assert_eq!(told.lines().count(), 21);
}

#[test]
fn errors_name_the_file_and_what_it_is_instead() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vectors.txt");
    let open = || WordVectors::open(&path).unwrap_err();
    assert_eq!(open().kind(), ErrorKind::NotFound);
    std::fs::write(&path, "a 1\na 2\n").unwrap();
    let error = open();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Corrupt, Some(path.as_path()))
    );
    std::fs::write(&path, b"\x89HDF\r\n\x1a\n").unwrap();
    let text = open().to_string();
    assert!(text.contains("HDF5"), "{text}");
}

#[test]
fn compressed_files_are_read_as_they_are() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(TEXT).unwrap();
    let gzip = gzip.finish().unwrap();
    let expected = read(&default(), TEXT).unwrap();
    assert_eq!(read(&default(), &gzip).unwrap(), expected);
    let text = error(&default(), &gzip[..gzip.len() - 9]);
    assert!(text.starts_with("cannot decompress: "), "{text}");
    // Two frames of one raw block each, as `zstd --no-check` writes what it cannot compress.
    let frame = |bytes: &[u8]| {
        let block = (bytes.len() as u32) << 3 | 1;
        let head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.len() as u8];
        [&head[..], &block.to_le_bytes()[..3], bytes].concat()
    };
    let zstd = [frame(&TEXT[..10]), frame(&TEXT[10..])].concat();
    assert_eq!(read(&default(), &zstd).unwrap(), expected);
    let text = error(&default(), &zstd[..zstd.len() - 1]);
    assert!(text.starts_with("cannot decompress: "), "{text}");
}

#[test]
fn matrices_have_their_tokens_in_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let tokens = dir.path().join("tokens.txt");
    std::fs::write(&tokens, "a\r\nb c\nd\n").unwrap();
    let value = TensorValue::new([3, 2], vec![1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    let mut npy = Vec::new();
    write_npy(&value, &mut npy).unwrap();
    let builder = default().tokens_from(&tokens);
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let all = vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(
        read(&builder, &npy).unwrap(),
        (names(&["a", "b c", "d"]), all.clone())
    );
    let (found, values) = read(&builder.clone().limit(2), &npy).unwrap();
    assert_eq!((found, values), (names(&["a", "b c"]), all[..4].to_vec()));
    assert_eq!(
        error(&default(), &npy),
        WordVectorsError::NoTokens.to_string()
    );
    assert_eq!(
        error(&builder, TEXT),
        WordVectorsError::OtherTokens.to_string()
    );
    let header = br#"{"v":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}"#;
    let mut safetensors = (header.len() as u64).to_le_bytes().to_vec();
    safetensors.extend_from_slice(header);
    safetensors.extend(all.iter().flat_map(|value| value.to_le_bytes()));
    assert_eq!(read(&builder, &safetensors).unwrap().1, all);
    std::fs::write(&tokens, "a\nb\n").unwrap();
    let error_of = |bytes: &[u8]| {
        let text = error(&builder, bytes);
        text.split_once(": ")
            .map(|(_, text)| text.to_owned())
            .unwrap_or(text)
    };
    let expected = "expected 3 tokens, one for each row of the matrix, found 2";
    assert!(
        error(&builder, &npy).ends_with(expected),
        "{}",
        error_of(&npy)
    );
    std::fs::write(&tokens, "a\na\nb\n").unwrap();
    assert!(error(&builder, &npy).ends_with("line 2: the token \"a\" is that of line 1"));
}

/// Rows, some of which are bad, and what is taken of them.
fn text_rows() -> impl Strategy<Value = Vec<(String, [f32; 3])>> {
    let number = prop_oneof![any::<i16>().prop_map(f32::from), -1e3f32..1e3, Just(0.0)];
    let row = (
        "[a-zA-Z\u{e4}\u{2028}0-9.,]{1,9}",
        [number.clone(), number.clone(), number],
    );
    proptest::collection::vec(row, 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_format_gives_back_what_is_written(rows in text_rows(), limit in 0u64..300) {
        let mut seen = std::collections::HashSet::new();
        let rows: Vec<_> = rows.into_iter().filter(|(token, _)| seen.insert(token.clone())).collect();
        let limit = limit.max(1);
        let taken = &rows[..rows.len().min(limit as usize)];
        let names: Vec<_> = taken.iter().map(|(token, _)| token.clone()).collect();
        let numbers: Vec<f32> = taken.iter().flat_map(|(_, values)| *values).collect();
        let line = |(token, values): &(String, [f32; 3])| {
            format!("{token} {} {} {}\n", values[0], values[1], values[2])
        };
        let glove: String = rows.iter().map(line).collect();
        let header = format!("{} 3", rows.len());
        let word2vec = format!("{header}\n{glove}");
        let binary_rows: Vec<_> = rows.iter().map(|(token, values)| (token.as_bytes(), &values[..])).collect();
        let files = [
            (WordVectorFormat::Glove, glove.into_bytes()),
            (WordVectorFormat::Word2vecText, word2vec.into_bytes()),
            (WordVectorFormat::Word2vecBinary, binary(&header, &binary_rows)),
        ];
        for (format, bytes) in files {
            let builder = default().limit(limit);
            let found = builder.clone().format(format).from_bytes(bytes.clone());
            let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(found.tokens().collect::<Vec<_>>(), names.iter().map(String::as_str).collect::<Vec<_>>());
            let found = values(&found.embeddings("v"));
            prop_assert_eq!(found.map_err(|error| TestCaseError::fail(error.to_string()))?, numbers.clone());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "([0-9]{1,2} [0-9]\n)?([a-z ]{0,3} [0-9. -]{0,9}\n){0,9}".prop_map(String::into_bytes),
        ],
        format in prop_oneof![
            Just(None), Just(Some(WordVectorFormat::Glove)), Just(Some(WordVectorFormat::Word2vecText)),
            Just(Some(WordVectorFormat::Word2vecBinary)),
        ],
        [skip, spaces, lower] in any::<[bool; 3]>(),
    ) {
        let builder = default().format(format).skip_bad_rows(skip).tokens_with_spaces(spaces).lower_case(lower);
        if let Ok(vectors) = builder.from_bytes(bytes) {
            prop_assert_eq!(vectors.tokens().count(), vectors.len());
            let read = values(&vectors.embeddings("v"));
            prop_assert!(!skip || read.is_ok(), "{:?}", read);
            if let Ok(values) = read {
                prop_assert_eq!(values.len(), vectors.len() * vectors.dimension());
                prop_assert!(values.iter().all(|value| value.is_finite()));
            }
        }
    }
}
