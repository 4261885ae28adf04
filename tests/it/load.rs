//! Modules that are loaded from directories and archives.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use tfhub::{Error, ErrorKind, ModuleSpec, Session, Tags, VariableSource as _, layers};

/// Exports a module with two variables, an asset and an attachment.
fn exported(dir: &Path) -> std::path::PathBuf {
    let words = dir.join("words.txt");
    fs::write(&words, "a\nb\n").unwrap();
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        let _ = g.asset(&words);
        g.attach_image_module_info([8, 9]);
        g.default_signature(x, layers::dense(2).apply(x));
    })
    .unwrap();
    let module = dir.join("module");
    let session = Session::new(&spec).unwrap();
    spec.export(&module, &session).unwrap();
    module
}

/// Writes an archive of entries.
fn archive(path: &Path, add: impl FnOnce(&mut tar::Builder<GzEncoder<File>>)) {
    let encoder = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    add(&mut builder);
    builder.into_inner().unwrap().finish().unwrap();
}

fn refused(path: &Path) -> (ErrorKind, String) {
    let error: Error = ModuleSpec::load(path).unwrap_err();
    assert!(
        error.path().is_some_and(|at| at.starts_with(path)),
        "{error:?}"
    );
    (error.kind(), error.to_string())
}

#[test]
fn a_module_is_loaded_with_its_values_and_all_that_it_offers() {
    let dir = tempfile::tempdir().unwrap();
    let module = exported(dir.path());
    let spec = ModuleSpec::load(&module).unwrap();
    let variant = spec.variants().next().unwrap();
    let variables: Vec<_> = variant.variables.iter().map(|it| it.to_string()).collect();
    assert_eq!(
        variables,
        [
            "\"dense/kernel\": float32 [3, 2]",
            "\"dense/bias\": float32 [2]"
        ]
    );
    assert_eq!(variant.attachments, ["image_module_info"]);
    assert_eq!(variant.assets, [module.join("assets/words.txt")]);
    let info = spec
        .attached_bytes(&Tags::none(), "image_module_info")
        .unwrap();
    assert_eq!(info, Some(&b"\x0a\x04\x08\x08\x10\x09"[..]));
    assert_eq!(spec.attached_bytes(&Tags::none(), "other").unwrap(), None);
    let error = spec.attached_bytes(&["train"].into(), "other").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the module has no variant {train}, expected one of {}"
    );

    let copy = dir.path().join("copy");
    spec.export(&copy, &spec.values().unwrap()).unwrap();
    for file in ["saved_model.pb", "tfhub_module.pb", "assets/words.txt"] {
        assert!(fs::read(module.join(file)).unwrap() == fs::read(copy.join(file)).unwrap());
    }
    let data = "variables/variables.data-00000-of-00001";
    assert_eq!(
        fs::read(module.join(data)).unwrap(),
        fs::read(copy.join(data)).unwrap()
    );
}

#[test]
fn an_archive_is_unpacked_for_as_long_as_its_module_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let module = exported(dir.path());
    for inside in ["", "."] {
        let path = dir.path().join("module.tar.gz");
        archive(&path, |builder| {
            builder.append_dir_all(inside, &module).unwrap();
        });
        let spec = ModuleSpec::load(&path).unwrap();
        let asset = spec.variants().next().unwrap().assets.remove(0);
        let values = spec.values().unwrap();
        drop(spec);
        assert!(asset.is_file());
        assert_eq!(values.names().unwrap().len(), 2);
        drop(values);
        assert!(!asset.exists(), "{}", asset.display());
    }
}

#[test]
fn a_module_that_was_built_has_no_values_of_its_own() {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, x);
    })
    .unwrap();
    assert_eq!(spec.values().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn markers_of_other_formats_and_with_unknown_features_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let module = exported(dir.path());
    let marker = module.join("tfhub_module.pb");
    let cases: [(&[u8], ErrorKind, &str); 4] = [
        (
            b"",
            ErrorKind::Unsupported,
            "expected a module of format 3, found format 0",
        ),
        (b"\x08\x04", ErrorKind::Unsupported, "found format 4"),
        (
            b"\x08\x03\x12\x01a",
            ErrorKind::Unsupported,
            "requires features that TensorFlow Hub does not have: a",
        ),
        (
            b"\x08",
            ErrorKind::Corrupt,
            "not the marker file of a module",
        ),
    ];
    for (content, kind, text) in cases {
        fs::write(&marker, content).unwrap();
        let (found, message) = refused(&module);
        assert!(
            found == kind && message.contains(text),
            "{found:?} {message}"
        );
    }
    fs::write(&marker, vec![0; (1 << 20) + 1]).unwrap();
    assert!(
        refused(&module)
            .1
            .contains("expected at most 1048576 bytes")
    );
    // Without a marker it is a SavedModel.
    fs::remove_file(&marker).unwrap();
    ModuleSpec::load(&module).unwrap();
}

#[test]
fn archives_that_are_no_module_or_lead_elsewhere_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("module.tar.gz");
    fs::write(&path, "text").unwrap();
    assert_eq!(refused(&path).0, ErrorKind::Unsupported);

    archive(&path, |_| ());
    assert_eq!(refused(&path).0, ErrorKind::NotFound);

    for name in ["../outside", "/outside"] {
        archive(&path, |builder| {
            let mut header = tar::Header::new_gnu();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(1);
            header.set_cksum();
            builder.append(&header, &b"a"[..]).unwrap();
        });
        let (kind, message) = refused(&path);
        assert!(
            kind == ErrorKind::Corrupt && message.contains("leads out"),
            "{message}"
        );
    }

    archive(&path, |builder| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, "assets", "/etc").unwrap();
    });
    let (kind, message) = refused(&path);
    assert!(
        kind == ErrorKind::Corrupt && message.contains("neither a file nor"),
        "{message}"
    );

    let module = exported(dir.path());
    archive(&path, |builder| {
        builder.append_dir_all("", &module).unwrap()
    });
    let whole = fs::read(&path).unwrap();
    let mut file = File::create(&path).unwrap();
    file.write_all(&whole[..whole.len() / 2]).unwrap();
    assert_eq!(refused(&path).0, ErrorKind::Corrupt);
}
