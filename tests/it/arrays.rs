//! Arrays of NumPy and tensors of other formats that cannot all be read, and weights of other frameworks.
//!
//! The expected values are those that NumPy 1.26 reads (`tests/scripts/make_arrays.py --read`).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use tfhub::checkpoint::CheckpointReader;
use tfhub::num_complex::Complex;
use tfhub::source::{Mapping, NpyReader, NpzReader, SafetensorsReader, write_npy};
use tfhub::{DType, ErrorKind, ModuleSpec, Session, TensorValue, VariableSource, half, layers};

fn fixture(name: &str) -> PathBuf {
    let fixtures = "tests/fixtures";
    PathBuf::from(fixtures).join(name)
}

fn archive(name: &str) -> NpzReader {
    NpzReader::open(fixture(&format!("arrays/{name}.npz"))).unwrap()
}

fn describe(value: &TensorValue) -> String {
    macro_rules! elements {
        ($($element:ty)*) => {
            $(if let Ok(elements) = value.as_slice::<$element>() {
                return format!("{} {:?} {:?}", value.dtype(), value.shape(), &elements[..elements.len().min(6)]);
            })*
        };
    }
    elements!(f32 i16 u64 bool half::f16 half::bf16 Complex<f64>);
    panic!("a value of dtype {}", value.dtype());
}

/// Variables of these names with the dtype and shape of the values.
fn session_of(values: &[(&str, TensorValue)]) -> Session {
    let spec = ModuleSpec::new(|g| {
        let x = g.placeholder::<f32>(());
        for (name, value) in values {
            match value.dtype() {
                DType::Float32 => {
                    g.get_variable::<f32>(*name).shape(value.shape()).finish();
                }
                DType::BFloat16 => {
                    let initial_value = [half::bf16::ONE; 3];
                    g.get_variable(*name).initial_value(initial_value).finish();
                }
                other => panic!("{other}"),
            }
        }
        g.default_signature(x, -x);
    });
    Session::new(&spec.unwrap()).unwrap()
}

const W: &str = "float32 [2, 3] [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]";
const W_PLUS_1: &str = "float32 [2, 3] [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]";
const TWO_BYTES: &str = "bfloat16 [4] [0.0, 1.0, 2.0, 3.0]";

#[test]
fn arrays_are_those_that_numpy_reads() {
    for (name, arrays) in [
        ("readme", &[("w", W)][..]),
        ("folder", &[("layer/w", W)]),
        ("macosx", &[("w", W)]),
        ("text", &[("w", W)]),
        ("npy_names", &[("w", W_PLUS_1), ("w.npy", W)]),
        ("slash", &[("dense/kernel:0", W), ("größe", W)]),
        ("plain_name", &[("w", W)]),
        ("long", &[("w", W)]),
        ("versions", &[("v2", W), ("v3", W), ("w", W)]),
        ("spaces", &[("w", W)]),
        // What NumPy has no dtype for; the bits are those of 0, 1, 2 and 3.
        ("void", &[("b", TWO_BYTES), ("w", TWO_BYTES)]),
        (
            "orders",
            &[
                ("bools", "bool [2, 2] [true, false, true, true]"),
                ("empty", "float32 [0, 4] []"),
                ("f3", "int16 [2, 3, 4] [0, 1, 2, 3, 4, 5]"),
                ("fempty", "float32 [3, 0, 2] []"),
                ("one", "float32 [1, 4] [1.0, 1.0, 1.0, 1.0]"),
                ("scalar", "float32 [] [3.0]"),
                ("w", W),
            ],
        ),
        (
            "big_endian",
            &[
                ("c", "complex128 [1] [Complex { re: 1.0, im: 2.0 }]"),
                ("h", "float16 [1] [1.5]"),
                ("u", "uint64 [1] [9223372036854775808]"),
                ("w", W),
            ],
        ),
        ("deflated", &[("w", W)]),
        ("streamed", &[("w", W)]),
        ("trailing", &[("w", W)]),
        ("nothing", &[]),
        ("extra", &[("w", W)]),
    ] {
        let reader = archive(name);
        let expected: Vec<&str> = arrays.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            reader.tensor_names().collect::<Vec<_>>(),
            expected,
            "{name}"
        );
        let all = reader.read_all().unwrap();
        assert_eq!(all.len(), arrays.len());
        let bytes = fs::read(fixture(&format!("arrays/{name}.npz"))).unwrap();
        let in_memory = NpzReader::from_bytes(bytes).unwrap();
        for (array, expected) in arrays {
            let value = reader.read(array).unwrap();
            assert_eq!(describe(&value), *expected, "{name}: {array}");
            assert_eq!(all[*array], value);
            assert_eq!(in_memory.read(array).unwrap(), value);
            let stored = reader.variable(array).unwrap().unwrap();
            assert_eq!(
                (stored.dtype(), stored.shape()),
                (value.dtype(), value.shape())
            );
        }
    }
}

#[test]
fn an_array_that_cannot_be_read_is_an_error_alone() {
    use ErrorKind::{Corrupt, Unsupported};
    const CHECKSUM: &str = "array \"w\": cannot be read: Invalid checksum";
    for (name, good, bad, kind, text) in [
        (
            "twice",
            "w",
            "b",
            Corrupt,
            "array \"b\" is in the archive twice",
        ),
        (
            "f1",
            "b",
            "w",
            Unsupported,
            "array \"w\": arrays of dtype '<f1' are not supported",
        ),
        (
            "ml_dtypes",
            "w",
            "f8",
            Unsupported,
            "array \"f8\": arrays of dtype '<V1' are not supported",
        ),
        (
            "ml_dtypes",
            "bf16",
            "i4",
            Unsupported,
            "array \"i4\": arrays of dtype '<V1' are not supported",
        ),
        (
            "objects",
            "w",
            "state",
            Unsupported,
            "array \"state\": arrays of dtype '|O' are not supported",
        ),
        (
            "strings",
            "w",
            "labels",
            Unsupported,
            "array \"labels\": arrays of dtype '<U5' are not supported",
        ),
        (
            "strings",
            "w",
            "raw",
            Unsupported,
            "array \"raw\": arrays of dtype '|S2' are not supported",
        ),
        (
            "struct",
            "w",
            "s",
            Unsupported,
            "array \"s\": arrays of dtype [('a', '<f4'), ('größe', '<i4')] are not supported",
        ),
        (
            "others",
            "w",
            "ld",
            Unsupported,
            "array \"ld\": arrays of dtype '<f16' are not supported",
        ),
        (
            "others",
            "w",
            "t",
            Unsupported,
            "array \"t\": arrays of dtype '<M8[D]' are not supported",
        ),
        (
            "others",
            "w",
            "d",
            Unsupported,
            "array \"d\": arrays of dtype '<m8[s]' are not supported",
        ),
        (
            "encrypted",
            "w",
            "b",
            Unsupported,
            "array \"b\": cannot be read: unsupported Zip archive: Password required to decrypt file",
        ),
        (
            "short",
            "b",
            "w",
            Corrupt,
            "array \"w\": expected 24 bytes of elements, found 20",
        ),
        ("bit_stored", "b", "w", Corrupt, CHECKSUM),
        ("bit_deflated", "b", "w", Corrupt, CHECKSUM),
        ("bit_last", "b", "w", Corrupt, CHECKSUM),
        ("bit_padding", "b", "w", Corrupt, CHECKSUM),
        ("bit_shape", "b", "w", Corrupt, CHECKSUM),
        ("bit_extra", "b", "w", Corrupt, CHECKSUM),
        ("bit_fortran", "b", "w", Corrupt, CHECKSUM),
        ("bit_empty", "b", "w", Corrupt, CHECKSUM),
    ] {
        let path = fixture(&format!("arrays/{name}.npz"));
        let reader = archive(name);
        assert!(reader.tensor_names().any(|array| array == bad));
        let value = reader.read(good).unwrap();
        let expected = format!("{}: {text}", path.display());
        for error in [
            reader.read(bad).unwrap_err(),
            reader.variable(bad).map(drop).unwrap_err(),
            reader.read_all().unwrap_err(),
        ] {
            assert_eq!(error.kind(), kind, "{error}");
            let several = ["ml_dtypes", "strings", "others"].contains(&name);
            assert!(several || error.to_string() == expected, "{error}");
        }
        // The set is complete without it.
        let mut session = session_of(&[(good, value.clone())]);
        let report = session.restore(&reader).unwrap();
        assert!(report.is_complete());
        assert!(report.unsupported.contains(&expected), "{report}");
        assert_eq!(*session.value(good).unwrap(), value);
        // One that is wanted is an error, also if only compared.
        let wanted = session_of(&[(bad, value)]);
        assert_eq!(wanted.compare(&reader).unwrap_err().to_string(), expected);
    }
    for name in ["bzip2", "lzma"] {
        let error = archive(name).read("w").unwrap_err();
        assert_eq!(error.kind(), Unsupported);
        assert!(
            error
                .to_string()
                .contains("array \"w\": cannot be read: unsupported Zip archive"),
            "{error}"
        );
    }
}

#[test]
fn members_that_are_no_arrays_are_ignored_unless_asked_for() {
    for (name, member) in [("text", "b"), ("text", "empty"), ("macosx", "__MACOSX/._w")] {
        let error = archive(name).read(member).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        let text = format!(
            "array \"{member}\": is no .npy array: expected it to begin with \\x93NUMPY, found "
        );
        assert!(error.to_string().contains(&text), "{error}");
    }
    let error = archive("bit_magic").read("w").unwrap_err();
    assert!(error.to_string().contains("Invalid checksum"), "{error}");
    let error = archive("slash").read("dense/kernel").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().ends_with(
            "there is no array \"dense/kernel\"; did you mean \"dense/kernel:0\"?; \
             there are 2 arrays, \"dense/kernel:0\" and \"größe\""
        ),
        "{error}"
    );
}

#[test]
fn an_npy_file_is_a_source_of_one_value() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.npy");
    fs::write(&path, crate::cli::npy(&[2, 3], 1.5f32)).unwrap();
    let value = NpyReader::open(&path).unwrap().read().unwrap();
    assert_eq!(
        describe(&value),
        "float32 [2, 3] [1.5, 1.5, 1.5, 1.5, 1.5, 1.5]"
    );
    let mut session = session_of(&[("w", value.clone())]);
    assert!(
        session
            .restore(&NpyReader::open(&path).unwrap())
            .unwrap()
            .unused
            .is_empty()
    );
    let error = session
        .restore(&NpyReader::open(&path).unwrap().named("w:0"))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: variable \"w\" has no value; did you mean \"w:0\"?\nthere is one value, \"w:0\"",
            path.display()
        )
    );
    assert_eq!(
        NpyReader::open(dir.path().join("x.npy"))
            .unwrap_err()
            .kind(),
        ErrorKind::NotFound
    );
    fs::write(&path, "version https://").unwrap();
    let error = NpyReader::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(
        error.to_string(),
        format!(
            "{}: is no .npy array: expected it to begin with \\x93NUMPY, found versio",
            path.display()
        )
    );
}

#[test]
fn checkpoints_with_a_newer_dtype_are_restored() {
    for (name, number) in [("float8_e4m3fn", 25), ("float8_e5m2", 24)] {
        let prefix = fixture(&format!("newer/{name}"));
        let reader = CheckpointReader::open(&prefix).unwrap();
        let w = TensorValue::new([2], vec![1f32, 2.0]).unwrap();
        assert_eq!(reader.names().unwrap(), [name, "w"]);
        let mut session = session_of(&[("w", w.clone())]);
        let report = session.restore(&reader).unwrap();
        assert_eq!(*session.value("w").unwrap(), w);
        let error = format!(
            "{}.index: tensor \"{name}\": its dtype has the number {number}, of a later version of TensorFlow: its value cannot be read, only copied",
            prefix.display()
        );
        assert_eq!(report.unsupported, [error]);
        assert_eq!(
            reader.read(name).unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    }
}

fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), &vec![0; data]].concat()
}

#[test]
fn safetensors_with_a_newer_dtype_are_restored() {
    let header = |dtype: &str, shape: &str| {
        format!(
            r#"{{"w":{{"dtype":"F32","shape":[2],"data_offsets":[4,12]}},"q":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,4]}},"__metadata__":{{"format":"pt"}}}}"#
        )
    };
    for (dtype, shape) in [
        ("F8_E4M3", "[4]"),
        ("F8_E5M2", "[2,2]"),
        ("F4", "[8]"),
        ("F8_OF_TOMORROW", "[4]"),
        ("I4", "[8]"),
    ] {
        let reader = SafetensorsReader::from_bytes(safetensors(&header(dtype, shape), 12)).unwrap();
        assert_eq!(reader.tensor_names().collect::<Vec<_>>(), ["q", "w"]);
        let mut session = session_of(&[("w", TensorValue::new([2], vec![1f32, 1.0]).unwrap())]);
        let report = session.restore(&reader).unwrap();
        assert_eq!(
            report.unsupported,
            [format!("tensor \"q\": TensorFlow has no dtype {dtype}")]
        );
        assert_eq!(
            session.value("w").unwrap().as_slice::<f32>().unwrap(),
            [0.0; 2]
        );
    }
    let twice = r#"{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#;
    let hole = r#"{"w":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}"#;
    for (header, text) in [
        (twice, "tensor \"w\" is there twice"),
        (
            hole,
            "tensor \"w\": expected it to begin at byte 0 of the elements, found 4..8",
        ),
        ("[]", "expected an object with a tensor for each name"),
        (
            r#"{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
            "expected a size, found 1.5 at line 1 column 33",
        ),
        (
            r#"{"w":{"dtype":"F32","dtype":"F32"}}"#,
            "duplicate field `dtype` at line 1 column 34",
        ),
        (
            "{\"w\":\n{\"shape\":[]}}",
            "missing field `dtype` at line 2 column 13",
        ),
        (
            &format!("{{\"__metadata__\":{}", "[".repeat(100_000)),
            "maximal depth exceeded at line 1 column 117",
        ),
    ] {
        let error = SafetensorsReader::from_bytes(safetensors(header, 8)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.to_string().contains(text), "{error}");
    }
    let reader = SafetensorsReader::from_bytes(safetensors(&header("F16", "[2]"), 12)).unwrap();
    let error = reader.read("w:0").unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no tensor \"w:0\"; did you mean \"w\"?; there are 2 tensors, \"q\" and \"w\""
    );
}

/// Two convolutions and a dense layer as PyTorch keeps them, and what else a state dict has.
fn pytorch() -> BTreeMap<String, TensorValue> {
    let counted = |shape: &[usize]| {
        let count: usize = shape.iter().product();
        TensorValue::new(shape, (0..count).map(|x| x as f32).collect::<Vec<_>>()).unwrap()
    };
    [
        ("conv.weight", counted(&[4, 1, 3, 2])),
        ("conv.bias", counted(&[4])),
        ("fc.weight", counted(&[2, 3])),
        ("fc.bias", counted(&[2])),
        ("optimizer.step", TensorValue::scalar(3i64)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn network() -> ModuleSpec {
    ModuleSpec::new(|g| {
        g.get_variable::<f32>("conv2d/kernel")
            .shape([3, 2, 1, 4])
            .finish();
        g.get_variable::<f32>("conv2d/bias").shape([4]).finish();
        let x = g.placeholder::<f32>((None, 3));
        g.default_signature(x, layers::dense(2).apply(x));
    })
    .unwrap()
}

fn dots(name: &str) -> String {
    let name = name.replace("conv2d/", "conv.").replace("dense/", "fc.");
    name.replace("kernel", "weight")
}

#[test]
fn a_transposed_kernel_is_told_and_mapped() {
    let mut session = Session::new(&network()).unwrap();
    let error = session.restore(&pytorch().renamed(dots)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable \"conv2d/kernel\": expected float32 [3, 2, 1, 4], found float32 [4, 1, 3, 2] in \"conv.weight\"; \
         it is transposed, map it by Mapping::tensor(\"conv.weight\").transposed([2, 3, 1, 0])\n\
         variable \"dense/kernel\": expected float32 [3, 2], found float32 [2, 3] in \"fc.weight\"; \
         it is transposed, map it by Mapping::tensor(\"fc.weight\").transposed([1, 0])"
    );
    let rule = |name: &str| {
        let tensor = Mapping::tensor(dots(name));
        Some(match name {
            "conv2d/kernel" => tensor.transposed([2, 3, 1, 0]),
            "dense/kernel" => tensor.transposed([1, 0]),
            _ => tensor,
        })
    };
    let weights = pytorch().mapped(rule);
    let report = session.restore(&weights).unwrap();
    assert_eq!(
        report.to_string(),
        "matched \"conv2d/bias\": float32 [4] from \"conv.bias\"\n\
         matched \"conv2d/kernel\": float32 [3, 2, 1, 4] from \"conv.weight\"\n\
         matched \"dense/bias\": float32 [2] from \"fc.bias\"\n\
         matched \"dense/kernel\": float32 [3, 2] from \"fc.weight\"\n\
         unused \"optimizer.step\": int64 []\n"
    );
    assert_eq!(
        session
            .value("dense/kernel")
            .unwrap()
            .as_slice::<f32>()
            .unwrap(),
        [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
    );
    // The value of numpy.transpose.
    let kernel = session.value("conv2d/kernel").unwrap();
    assert_eq!(
        kernel.as_slice::<f32>().unwrap()[..5],
        [0.0, 6.0, 12.0, 18.0, 1.0]
    );

    // An export takes such a source as well.
    let dir = tempfile::tempdir().unwrap();
    let (mapped, restored) = (dir.path().join("mapped"), dir.path().join("restored"));
    network().export(&mapped, &weights).unwrap();
    network().export(&restored, &session).unwrap();
    for file in ["variables.index", "variables.data-00000-of-00001"] {
        let read = |module: &PathBuf| fs::read(module.join("variables").join(file)).unwrap();
        assert_eq!(read(&mapped), read(&restored));
    }
}

#[test]
fn what_makes_a_value_fit_is_said() {
    let zeros =
        |shape: &[usize]| TensorValue::new(shape, vec![0f32; shape.iter().product()]).unwrap();
    let doubles = TensorValue::new([2, 3], vec![0f64; 6]).unwrap();
    for (variable, value, remedy) in [
        (
            zeros(&[2, 3, 4]),
            zeros(&[4, 3, 2]),
            "; it is transposed, map it by Mapping::tensor(\"v\").transposed([2, 1, 0])",
        ),
        (
            zeros(&[3, 3, 8, 1]),
            zeros(&[8, 1, 3, 3]),
            "; it is transposed, map it by Mapping::tensor(\"v\").transposed([2, 3, 0, 1])",
        ),
        (
            zeros(&[2, 3, 4]),
            zeros(&[3, 2, 4]),
            "; it is transposed, map it by Mapping::tensor(\"v\").transposed([1, 0, 2])",
        ),
        (
            zeros(&[3]),
            zeros(&[1, 3]),
            "; it has the same elements, map it by Mapping::tensor(\"v\").reshaped([3])",
        ),
        (
            zeros(&[2, 3]),
            doubles.clone(),
            "; it can be cast, map it by Mapping::tensor(\"v\").cast(DType::Float32)",
        ),
        (
            zeros(&[3, 2]),
            doubles,
            "; it is transposed, map it by Mapping::tensor(\"v\").transposed([1, 0]).cast(DType::Float32)",
        ),
        (zeros(&[3, 2]), zeros(&[2, 4]), ""),
        // More than one permutation would do.
        (zeros(&[2, 2, 3]), zeros(&[2, 3, 2]), ""),
        (
            zeros(&[2]),
            TensorValue::new([2], vec![0i32; 2]).unwrap(),
            "",
        ),
    ] {
        let session = session_of(&[("v", variable)]);
        let values: BTreeMap<_, _> = [("v".to_owned(), value)].into();
        let error = session_restore(session, &values);
        let (_, found) = error.split_once("found ").unwrap();
        let found = found.find(';').map_or("", |at| &found[at..]);
        assert_eq!(found, remedy, "{error}");
    }
}

fn session_restore(mut session: Session, source: &impl VariableSource) -> String {
    session.restore(source).unwrap_err().to_string()
}

#[test]
fn variables_are_made_of_parts_and_of_several_tensors() {
    let zeros =
        |shape: &[usize]| TensorValue::new(shape, vec![0f32; shape.iter().product()]).unwrap();
    let mut session = session_of(&[
        ("k", zeros(&[2])),
        ("qk", zeros(&[2, 5])),
        ("v", zeros(&[2])),
    ]);
    let mut source: BTreeMap<String, TensorValue> = [
        ("attention.in", zeros(&[4])),
        ("q.weight", zeros(&[2, 3])),
        ("k.weight", zeros(&[2, 2])),
        ("other", zeros(&[1])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let rule = |name: &str| match name {
        "qk" => Some(Mapping::joined(1, ["q.weight".into(), "k.weight".into()])),
        "k" => Some(Mapping::tensor("attention.in").split(0, 2, 0)),
        "v" => Some(Mapping::tensor("attention.in").split(0, 2, 1)),
        _ => None,
    };
    let report = session.restore(&(&source).mapped(rule)).unwrap();
    assert_eq!(
        report.to_string(),
        "matched \"k\": float32 [2] from \"attention.in\"\n\
         matched \"qk\": float32 [2, 5] from \"q.weight, k.weight\"\n\
         matched \"v\": float32 [2] from \"attention.in\"\n\
         unused \"other\": float32 [1]\n"
    );
    source.remove("k.weight");
    let report = session.compare(&(&source).mapped(rule)).unwrap();
    assert_eq!(report.missing[0].source_name, "k.weight");
    let error = session.restore(&(&source).mapped(rule)).unwrap_err();
    assert!(
        error.to_string().starts_with(
            "variable \"qk\" has no value; it would be called \"k.weight\"; did you mean \"q.weight\"?\n"
        ),
        "{error}"
    );
}

#[test]
fn nearest_variables_are_named() {
    let zero = || TensorValue::scalar(0f32);
    let mut session = session_of(&[("a", zero()), ("b/kernel", zero())]);
    let list = "there are 2 variables, \"a\" and \"b/kernel\"";
    for (name, suggestion) in [
        ("a:0", "; did you mean \"a\"?"),
        ("kernel", "; did you mean \"b/kernel\"?"),
        ("net/b/kernel", "; did you mean \"b/kernel\"?"),
        ("b.kernel", "; did you mean \"b/kernel\"?"),
        ("zzz", ""),
    ] {
        let text = format!("there is no variable \"{name}\"{suggestion}; {list}");
        assert_eq!(session.value(name).unwrap_err().to_string(), text);
        assert_eq!(session.read::<f32>(name).unwrap_err().to_string(), text);
        assert_eq!(session.assign(name, 0f32).unwrap_err().to_string(), text);
    }
    let values = [("a:0", zero()), ("b/kernel", zero())];
    let values = values.map(|(name, value)| (name.to_owned(), value)).into();
    assert_eq!(
        session.assign_all(values).unwrap_err().to_string(),
        "variable \"a\" has no value; did you mean \"a:0\"?\n\
         there is no variable \"a:0\"; did you mean \"a\"?\n\
         there are 2 variables, \"a\" and \"b/kernel\""
    );
}

/// Each reader says what it was given instead, and what takes it.
#[test]
fn other_files_are_named_with_what_takes_them() {
    let dir = tempfile::tempdir().unwrap();
    let zip = |name: &str| {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend([0; 22]);
        bytes.extend([name.len() as u8, 0, 0, 0]);
        bytes.extend(name.as_bytes());
        // The directory of a zip archive without members, and its end.
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 18]);
        bytes
    };
    let mut array = Vec::new();
    write_npy(&TensorValue::scalar(1.0f32), &mut array).unwrap();
    let files: [(&str, Vec<u8>, &str); 8] = [
        (
            "lfs",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n".to_vec(),
            "a Git LFS pointer (`git lfs",
        ),
        (
            "page",
            b"<!DOCTYPE html><html>".to_vec(),
            "an HTML page (the download gave",
        ),
        (
            "pickle",
            b"\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94.".to_vec(),
            "a Python pickle (save the arrays",
        ),
        (
            "hdf5",
            b"\x89HDF\r\n\x1a\n\0\0".to_vec(),
            "an HDF5 file (save the arrays",
        ),
        (
            "gz",
            b"\x1f\x8b\x08\0\0\0\0\0\0\0".to_vec(),
            "a gzip file (decompress it",
        ),
        (
            "torch",
            zip("archive/data.pkl"),
            "a PyTorch checkpoint (save the tensors",
        ),
        (
            "module",
            zip("module/saved_model.pb"),
            "a zip archive of a SavedModel",
        ),
        ("npy", array, "a .npy array (`NpyReader` takes it)"),
    ];
    for (name, bytes, found) in files {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let check = |error: tfhub::Error, expected: &str| {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
            let text = format!("{}: expected {expected}, found {found}", path.display());
            assert!(error.to_string().starts_with(&text), "{error}");
        };
        check(NpzReader::open(&path).unwrap_err(), "a .npz archive");
        check(
            SafetensorsReader::open(&path).unwrap_err(),
            "a .safetensors file",
        );
        if name != "npy" {
            check(NpyReader::open(&path).unwrap_err(), "a .npy array");
        }
    }
    let error = NpzReader::open(dir.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("expected a .npz archive, found a directory"),
        "{error}"
    );
    // What is damaged, and nothing else, stays that.
    let path = dir.path().join("damaged.npz");
    fs::write(&path, b"nothing that is known").unwrap();
    assert_eq!(
        NpzReader::open(&path).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
}
