//! Any bytes are read as a fastText model or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::text::FastTextReader;
use tfhub::{ErrorKind, VariableSource};

fuzz_target!(|bytes: &[u8]| {
    let Ok(reader) = FastTextReader::from_bytes(bytes) else {
        return;
    };
    let words = reader.words().map(|word| word.expect("it was there"));
    assert_eq!(words.count(), reader.subwords().num_words);
    let matrix = reader.variable("embeddings").expect("it is described");
    match matrix.expect("it is listed").into_value() {
        Ok(matrix) => assert_eq!(matrix.shape(), reader.shape()),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt),
    }
});
