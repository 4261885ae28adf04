//! Any bytes are read as an archive of arrays or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::VariableSource;
use tfhub::source::NpzReader;

fuzz_target!(|bytes: &[u8]| {
    let Ok(reader) = NpzReader::from_bytes(bytes.to_vec()) else {
        return;
    };
    for name in reader.names().expect("the archive was opened") {
        let described = reader.variable(&name).map(|value| {
            let value = value.expect("it is listed");
            (value.dtype(), value.shape().to_vec())
        });
        match (described, reader.read(&name)) {
            (Ok((dtype, shape)), Ok(value)) => {
                assert_eq!((value.dtype(), value.shape()), (dtype, &shape[..]));
            }
            (Err(described), Err(read)) => assert_eq!(described.to_string(), read.to_string()),
            (described, read) => panic!("{name:?}: {described:?}, but {read:?}"),
        }
    }
});
