//! Any bytes are read as a table or refused; what was read is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tfhub::fuzzing::table(bytes));
