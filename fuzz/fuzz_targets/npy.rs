//! Any bytes are read as an array or refused; what was read is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::source::{NpyReader, write_npy};

fuzz_target!(|bytes: &[u8]| {
    let Ok(reader) = NpyReader::from_bytes(bytes.to_vec(), "w") else {
        return;
    };
    let value = reader.read().expect("all elements are there");
    let mut written = Vec::new();
    write_npy(&value, &mut written).expect("it was read");
    let again = NpyReader::from_bytes(written.clone(), "w").expect("it was written");
    let again = again.read().expect("it was written");
    assert_eq!(
        (again.dtype(), again.shape()),
        (value.dtype(), value.shape())
    );
    // Bytes, since NaN is equal to nothing.
    let mut rewritten = Vec::new();
    write_npy(&again, &mut rewritten).expect("it was read");
    assert!(rewritten == written);
});
