//! Any bytes are loaded as the graphs of a module, or as an archive of one, or refused; what is loaded is put into another
//! graph, applied and exported.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use tfhub::module::{Module, ModuleOptions};
use tfhub::{ErrorKind, GraphBuilder, ModuleSpec, Session};

/// What an input that is no module is refused with.
const REFUSALS: [ErrorKind; 6] = [
    ErrorKind::Corrupt,
    ErrorKind::Unsupported,
    ErrorKind::NotFound,
    ErrorKind::Io,
    ErrorKind::InvalidGraph,
    ErrorKind::InvalidModule,
];

fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (module, archive) = (dir.path().join("module"), dir.path().join("module.tar.gz"));
    let path = match bytes.starts_with(b"\x1f\x8b") {
        true => {
            fs::write(&archive, bytes).expect("a file");
            &archive
        }
        false => {
            fs::create_dir(&module).expect("a directory");
            fs::write(module.join("saved_model.pb"), bytes).expect("a file");
            &module
        }
    };
    let spec = match ModuleSpec::load(path) {
        Ok(spec) => spec,
        Err(error) => return assert!(REFUSALS.contains(&error.kind()), "{error}"),
    };
    for variant in spec.variants() {
        let g = GraphBuilder::new();
        let options = ModuleOptions::new().tags(variant.tags.clone()).trainable(true);
        let module = Module::new(&g, &spec, options);
        for signature in variant.signatures.iter().take(2) {
            // Inputs are missing, unless the signature has none.
            module.signature(signature.name.as_str()).finish();
        }
        let _ = g.finish().map(|graph| Session::new(&graph).map(drop));
    }
    if let Ok(values) = spec.values() {
        let _ = spec.export(dir.path().join("copy"), &values);
    }
});
