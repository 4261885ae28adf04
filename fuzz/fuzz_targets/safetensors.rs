//! Any bytes are read as a .safetensors file or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfhub::source::SafetensorsReader;
use tfhub::{ErrorKind, VariableSource};

fuzz_target!(|bytes: &[u8]| {
    let Ok(reader) = SafetensorsReader::from_bytes(bytes.to_vec()) else {
        return;
    };
    for name in reader.tensor_names() {
        match reader.variable(name) {
            Ok(value) => {
                let value = value.expect("it is listed");
                let (dtype, shape) = (value.dtype(), value.shape().to_vec());
                let value = value.into_value().expect("all elements are there");
                assert_eq!((value.dtype(), value.shape()), (dtype, &shape[..]));
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        }
    }
});
