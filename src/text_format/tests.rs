use crate::proto::Message as _;
use serde_json::Value;

use super::*;
use crate::proto::tensorflow as pb;

/// Reads the text as a message of this name, and the bytes; both in canonical form.
fn read(message: &str, text: &str, bytes: &[u8]) -> (Result<Vec<u8>, TextError>, Vec<u8>) {
    macro_rules! read {
        ($($name:ident)*) => {
            match message {
                $(concat!("tensorflow.", stringify!($name)) => {
                    let found = decode::<pb::$name>(message, text.as_bytes());
                    let expected = pb::$name::decode(bytes).unwrap();
                    (found.map(|it| it.encode_to_vec()), expected.encode_to_vec())
                })*
                other => panic!("{other}"),
            }
        };
    }
    read!(GraphDef NodeDef AttrValue TensorProto MetaGraphDef CollectionDef VersionDef CheckpointState SavedModel)
}

fn value(text: &str) -> Result<pb::AttrValue, String> {
    decode("tensorflow.AttrValue", text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn texts_are_read_as_python_reads_them() {
    let path = "tests/fixtures/texts/cases.json";
    let cases: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 150);
    let mut faults = Vec::new();
    for case in cases {
        let string = |key: &str| case[key].as_str();
        let (message, text) = (string("message").unwrap(), string("text").unwrap());
        let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap() as u8;
        let bytes = string("bytes").map(|hex| {
            let pairs = hex.as_bytes().chunks(2);
            pairs
                .map(|pair| digit(&pair[0]) << 4 | digit(&pair[1]))
                .collect::<Vec<_>>()
        });
        let (found, expected) = read(message, text, bytes.as_deref().unwrap_or_default());
        if found.clone().ok() != bytes.map(|_| expected) {
            faults.push(format!("{message} {text:?}: {found:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// These are refused or read otherwise by Python: the values are those of the op `DecodeProtoV2`, which is C++.
#[test]
fn numbers_and_escapes_of_cpp_are_read() {
    use pb::attr_value::Value as V;
    for (text, expected) in [
        ("i: - 1", V::I(-1)),
        ("f: - 1", V::F(-1.0)),
        ("f: 1.5F", V::F(1.5)),
        ("b: 0x1", V::B(true)),
        ("b: 01", V::B(true)),
        ("type: 01", V::Type(1)),
        (r"s: '\?'", V::S(b"?".to_vec())),
        (r"s: '\u00e4\u4E00'", V::S("ä一".into())),
        (r"s: '\U0001f600'", V::S("😀".into())),
        (r"s: '\ud83d\ude00'", V::S("😀".into())),
        (r"s: '\400'", V::S(vec![0])),
    ] {
        let value = value(text).unwrap();
        assert_eq!(value.value, Some(expected), "{text}");
    }
}

#[test]
fn faults_have_their_line_and_column() {
    let deep = "func { attr { value { ".repeat(40);
    for (text, expected) in [
        ("i: x", "line 1:4: expected an integer, found \"x\""),
        (
            "\n  i: 1.5 # no",
            "line 2:6: expected an integer, found \"1.5\"",
        ),
        (
            "# ä\n\tb: yes",
            "line 2:5: expected true or false, found \"yes\"",
        ),
        ("f: {", "line 1:4: expected a number, found \"{\""),
        ("s: x", "line 1:4: expected a string, found \"x\""),
        ("s: 'x", "line 1:4: a string does not end"),
        ("s: 'x\n'", "line 1:4: a string does not end"),
        (r"s: '\q'", "line 1:5: unknown escape in a string"),
        (r"s: '\ud83d'", "line 1:5: unknown escape in a string"),
        (r"placeholder: '\377'", "line 1:14: a string is not UTF-8"),
        ("i 1", "line 1:3: expected ':', found \"1\""),
        ("list { i: [1 2] }", "line 1:14: expected ',', found \"2\""),
        ("list {\n  i: 1\n", "line 3:1: expected '}', found the end"),
        ("list { i: 1 >", "line 1:13: expected the name of a field"),
        (
            "i: 9223372036854775808",
            "line 1:4: 9223372036854775808 does not fit an int64",
        ),
        (
            "type: DT_FLOAT8",
            "line 1:7: tensorflow.DataType has no value \"DT_FLOAT8\"",
        ),
        (
            "list { j: 1 }",
            "line 1:8: tensorflow.AttrValue.ListValue has no field \"j\"",
        ),
        (&deep, "line 1:740: messages are nested more than 100 deep"),
    ] {
        assert_eq!(value(text).unwrap_err(), expected, "{text}");
    }
    let any = "any_list { value { [x/tensorflow.Later] { } } }";
    let error = decode::<pb::CollectionDef>("tensorflow.CollectionDef", any.as_bytes());
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1:21: no message type \"x/tensorflow.Later\" is known"
    );
    assert!(error.is_unsupported());
}

#[test]
fn lengths_of_any_size_come_before_what_they_measure() {
    for length in [0, 1, 127, 128, 16383, 16384, 1 << 21] {
        let text = format!("func {{ name: '{}' }}", "x".repeat(length));
        let expected = pb::NameAttrList {
            name: "x".repeat(length),
            ..Default::default()
        };
        let found = value(&text).unwrap().value;
        assert_eq!(found, Some(pb::attr_value::Value::Func(Box::new(expected))));
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
        let _ = decode::<pb::GraphDef>("tensorflow.GraphDef", &bytes);
    }

    #[test]
    fn any_words_are_read_or_refused(
        words in proptest::collection::vec(
            "node|attr|key|value|func|list|tensor|float_val|int_val|\\{|\\}|<|>|:|,|;|\\[|\\]|'[a-z\\\\x0-9]*'|-?[0-9]{1,3}|[.]5e1|inf| ",
            0..60,
        )
    ) {
        let _ = decode::<pb::GraphDef>("tensorflow.GraphDef", words.concat().as_bytes());
        let _ = decode::<pb::AttrValue>("tensorflow.AttrValue", words.join(" ").as_bytes());
    }
}
