//! The headers that NumPy 1.18 and 2.4 read, and the dtypes that they give.

use super::*;

/// A file in version 1 of the format, with 80 bytes of elements.
fn file(header: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.chars().count() as u16).to_le_bytes());
    bytes.extend(header.chars().map(|c| c as u8));
    bytes.extend((0..20).flat_map(|x| (x as f32).to_le_bytes()));
    bytes
}

fn header_of(dtype: &str) -> String {
    format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': (2,), }}")
}

fn read(header: &str) -> Result<Header, NpyError> {
    Header::read(&mut &file(header)[..])
}

#[test]
fn dtypes_are_those_that_numpy_has() {
    use DType::*;
    for (names, dtype, big_endian) in [
        ("f4 =f4 |f4 <f4 <f f float32 single f04", Float32, false),
        (">f4 >f", Float32, true),
        ("double float <f8 d", Float64, false),
        ("half <e e <f2", Float16, false),
        ("? |b1 bool bool8 b1 <b1", Bool, false),
        ("i <i i4 int32", Int32, false),
        (">i >i4", Int32, true),
        ("int <l l q <i8 int64", Int64, false),
        ("b |i1", Int8, false),
        ("h <i2", Int16, false),
        ("uint8 |u1 <u1 B", UInt8, false),
        ("|u2 H", UInt16, false),
        ("I uint32", UInt32, false),
        (">u8 >L", UInt64, true),
        ("complex64 F <c8", Complex64, false),
        ("<D c16 complex", Complex128, false),
        // Opaque bytes have no order; the last name is known to NumPy where ml_dtypes is.
        ("<V2 |V2 V2 >V2 bfloat16", BFloat16, false),
    ] {
        for name in names.split(' ') {
            let header = read(&header_of(name)).unwrap();
            assert_eq!(
                (header.dtype, header.big_endian),
                (dtype, big_endian),
                "{name}"
            );
        }
    }
    let unsupported = "<float32 ?1 |V1 |V4 <V4 <f16 <g <M8[D] <m8[s] <M8 |O O |S3 <U3 f3 f, f4,f4 (2,)f4 S V i0 <f1 ü";
    for name in unsupported.split(' ') {
        let error = read(&header_of(name)).unwrap_err();
        let text = format!("arrays of dtype '{name}' are not supported");
        assert_eq!(error.to_string(), text);
        assert!(error.is_unsupported());
    }
}

#[test]
fn headers_are_read_that_numpy_reads() {
    for header in [
        "{'descr': u'<f4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': r'<f4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '\\u003cf4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '\\U0000003cf4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '\\74f4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<' 'f4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '''<f4''', 'fortran_order': False, 'shape': (2,), }",
        "{\"shape\": (2,), \"fortran_order\":False,\"descr\":\"<f4\"}",
        "{\t'descr'\n:\t'<f4' ,'fortran_order':False,\n'shape':( 2 , )}",
        "{'shape': (2L,), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': ((2),), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (+2,), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (0x2,), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (3,), 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{'shape': (2,), 'descr': '<f4', 'fortran_order': False} # note",
        "({'shape': (2,), 'descr': '<f4', 'fortran_order': False})",
        "  {'shape': (2,), 'descr': '<f4', 'fortran_order': False}  \n",
    ] {
        let bytes = file(header);
        let mut rest = &bytes[..];
        let read = Header::read(&mut rest).unwrap_or_else(|error| panic!("{header}: {error}"));
        assert_eq!((&read.shape[..], read.data_len), (&[2][..], 8), "{header}");
        assert_eq!(read.len as usize, bytes.len() - 80);
        let value = read_elements(&read, &mut rest).unwrap();
        assert_eq!(value.as_slice::<f32>().unwrap(), [0.0, 1.0], "{header}");
    }
    for (shape, expected) in [
        ("()", &[][..]),
        ("(1_0,)", &[10]),
        ("(2L, 3L)", &[2, 3]),
        ("(2,3)", &[2, 3]),
        ("(0, 4)", &[0, 4]),
    ] {
        let header = format!("{{'shape': {shape}, 'descr': '<f4', 'fortran_order': True}}");
        let read = read(&header).unwrap();
        assert_eq!((&read.shape[..], read.fortran_order), (expected, true));
    }
}

#[test]
fn headers_are_refused_that_numpy_refuses() {
    let with_shape =
        |shape: &str| format!("{{'shape': {shape}, 'descr': '<f4', 'fortran_order': False}}");
    let with_descr =
        |descr: &str| format!("{{'shape': (2,), 'descr': {descr}, 'fortran_order': False}}");
    let with_order =
        |order: &str| format!("{{'shape': (2,), 'descr': '<f4', 'fortran_order': {order}}}");
    let sizes = "expected a dictionary with a tuple of sizes as 'shape', found ";
    let keys = "expected a dictionary with the keys 'descr', 'fortran_order' and 'shape', found ";
    for (header, expected) in [
        (with_shape("(2)"), format!("{sizes}2")),
        (with_shape("[2]"), format!("{sizes}[2]")),
        (with_shape("2"), format!("{sizes}2")),
        (with_shape("(-2,)"), format!("{sizes}(-2,)")),
        (with_shape("(2.0,)"), format!("{sizes}(2.0,)")),
        (with_shape("(True, 2)"), format!("{sizes}(True, 2)")),
        (
            with_shape("(2l,)"),
            "expected a number at byte 11".to_owned(),
        ),
        (
            with_shape("(02,)"),
            "expected a number at byte 11".to_owned(),
        ),
        (
            with_shape("(2,,)"),
            "expected a literal at byte 13".to_owned(),
        ),
        (
            with_shape("(,)"),
            "expected a literal at byte 11".to_owned(),
        ),
        (
            with_shape("(18446744073709551615, 2)"),
            "its shape [18446744073709551615, 2] has too many elements".to_owned(),
        ),
        (
            with_shape("(36893488147419103232,)"),
            format!("{sizes}(36893488147419103232,)"),
        ),
        (
            with_order("0"),
            "a boolean 'fortran_order', found 0".to_owned(),
        ),
        (
            with_order("None"),
            "a boolean 'fortran_order', found None".to_owned(),
        ),
        (
            with_descr("None"),
            "a dtype as 'descr', found None".to_owned(),
        ),
        (with_descr("4"), "a dtype as 'descr', found 4".to_owned()),
        (
            with_descr("b'<f4'"),
            "expected a literal at byte 25".to_owned(),
        ),
        (
            with_descr("'<f4"),
            "expected a comma or a closing bracket".to_owned(),
        ),
        (
            with_descr("'\\xg1'"),
            "expected the number of a character".to_owned(),
        ),
        (
            "{'shape': (2,), 'descr': '<f4'}".to_owned(),
            format!("{keys}{{'shape': (2,), 'descr': '<f4'}}"),
        ),
        (
            format!("{} x", with_order("False")),
            "expected the end at byte 56".to_owned(),
        ),
        (with_order("False, 'x': 1"), keys.to_owned()),
        (
            "{,'shape': (2,)}".to_owned(),
            "expected a literal at byte 1".to_owned(),
        ),
        (String::new(), "expected a literal at byte 0".to_owned()),
        ("{}".to_owned(), format!("{keys}{{}}")),
        ("[]".to_owned(), format!("{keys}[]")),
        (
            "{'shape' (2,)}".to_owned(),
            "expected a colon at byte 9".to_owned(),
        ),
        (
            "[".repeat(1000),
            "expected fewer nested literals at byte 32".to_owned(),
        ),
    ] {
        let error = read(&header).unwrap_err();
        assert!(!error.is_unsupported(), "{header}");
        assert!(error.to_string().contains(&expected), "{header}: {error}");
    }
    // Valid, and nothing that a variable holds.
    for descr in ["[('a', '<f4'), ('größe', '<i4')]", "('<f4', (2,))", "[]"] {
        let error = read(&with_descr(descr)).unwrap_err();
        assert!(error.is_unsupported());
        assert_eq!(
            error.to_string(),
            format!("arrays of dtype {descr} are not supported")
        );
    }
}

#[test]
fn all_versions_are_read_and_no_prefix_is() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n";
    for (version, length) in [(1, 2), (2, 4), (3, 4)] {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([version, 0]);
        bytes.extend(&(text.len() as u32).to_le_bytes()[..length]);
        bytes.extend(text.as_bytes());
        bytes.extend([0, 0, 0, 0, 0, 0, 0x80, 0x3f]);
        let reader = NpyReader::from_bytes(bytes.clone(), "w").unwrap();
        assert_eq!(
            reader.read().unwrap().as_slice::<f32>().unwrap(),
            [0.0, 1.0]
        );
        for len in 0..bytes.len() {
            let error = NpyReader::from_bytes(bytes[..len].to_vec(), "w").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{len}: {error}");
        }
    }
    let mut newer = file(text);
    newer[6] = 4;
    let error = NpyReader::from_bytes(newer, "w").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "is in version 4.0 of the format, expected 1.0, 2.0 or 3.0"
    );
    let long = [&MAGIC[..], &[2, 0, 0xff, 0xff, 0xff, 0xff]].concat();
    let error = NpyReader::from_bytes(long, "w").unwrap_err();
    assert_eq!(
        error.to_string(),
        "its header has 4294967295 bytes, expected at most 1048576"
    );
}

#[test]
fn a_claimed_size_allocates_nothing() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387903,)}";
    let error = NpyReader::from_bytes(file(header), "w").unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected 18446744073709551612 bytes of elements, found 80"
    );
}

/// The headers are those of `numpy.lib.format.write_array` in NumPy 1.18.
#[test]
fn arrays_are_written_as_numpy_writes_them() {
    let mut file = Vec::new();
    let value = TensorValue::new([2, 3], (0..6).map(|x| x as f32).collect::<Vec<_>>()).unwrap();
    write_npy(&value, &mut file).unwrap();
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    assert_eq!(&file[..10], b"\x93NUMPY\x01\x00\x76\x00");
    assert_eq!(file[10..128], *format!("{text:117}\n").as_bytes());
    assert_eq!(
        NpyReader::from_bytes(file, "w").unwrap().read().unwrap(),
        value
    );

    let of = |value: &TensorValue| {
        let mut file = Vec::new();
        write_npy(value, &mut file).unwrap();
        let read = NpyReader::from_bytes(file.clone(), "w")
            .unwrap()
            .read()
            .unwrap();
        assert_eq!(read, *value);
        file
    };
    let scalar = of(&TensorValue::scalar(half::bf16::ONE));
    assert!(
        scalar
            .windows(29)
            .any(|text| text == b"'descr': '<V2', 'fortran_orde")
    );
    assert!(
        of(&TensorValue::scalar(true))
            .windows(13)
            .any(|text| text == b"'shape': (), ")
    );
    let vector = of(&TensorValue::new([1], vec![num_complex::Complex::new(1f64, 2.0)]).unwrap());
    assert!(vector.windows(14).any(|text| text == b"'shape': (1,),"));
    let error = write_npy(
        &TensorValue::scalar(crate::dtype::ByteString::from("a")),
        Vec::new(),
    );
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unsupported);
    let full = write_npy(&value, &mut [0; 4][..]).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::Io);
}
