//! Any bytes are read as word vectors or refused, in each format and with each option; what is skipped leaves rows that are
//! read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::VariableSource;
use tfhub::text::{OutOfVocabulary, WordVectorFormat, WordVectors};

fuzz_target!(|input: (u8, &[u8])| {
    let (options, bytes) = input;
    let is_set = |bit: u8| options >> bit & 1 == 1;
    let format = match options & 3 {
        0 => None,
        1 => Some(WordVectorFormat::Glove),
        2 => Some(WordVectorFormat::Word2vecText),
        _ => Some(WordVectorFormat::Word2vecBinary),
    };
    let builder = WordVectors::builder()
        .format(format)
        .skip_bad_rows(is_set(2))
        .tokens_with_spaces(is_set(3))
        .lower_case(is_set(4))
        .normalize(is_set(5))
        .limit(is_set(6).then_some(2));
    let Ok(vectors) = builder.from_bytes(bytes.to_vec()) else {
        return;
    };
    assert_eq!(vectors.tokens().count(), vectors.len());
    let embeddings = vectors
        .embeddings("v")
        .out_of_vocabulary(1, OutOfVocabulary::Mean);
    match embeddings.read_all() {
        Ok(values) => {
            let shape = [vectors.len() + 1, vectors.dimension()];
            assert_eq!(values["v"].shape(), shape);
        }
        Err(error) => assert!(!is_set(2), "{error}"),
    }
});
