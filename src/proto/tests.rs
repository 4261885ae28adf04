use super::tensorflow::{AttrValue, FunctionDef, GraphDef, NodeDef};
use super::{ArgAttr, Message as _};

/// A message with fields of all wire types.
fn any_message() -> Vec<u8> {
    let float = AttrValue::decode(&[0x25, 0, 0, 0x80, 0x3f]).unwrap();
    let mut node = NodeDef {
        name: "x".into(),
        ..NodeDef::default()
    };
    node.attr.insert("f".into(), float);
    [
        &node.encode_to_vec()[..],
        &[0x48, 0x85, 0x01],
        &[0x51; 9],
        &[0x5d, 1, 2, 3, 4],
    ]
    .concat()
}

/// A graph with `message` in the field of its debug info, which is kept.
fn holding(message: &[u8]) -> Vec<u8> {
    [&[0x2a, message.len() as u8], message].concat()
}

#[test]
fn a_kept_message_is_encoded_as_it_was() {
    let bytes = holding(&any_message());
    let graph = GraphDef::decode(&bytes).unwrap();
    assert_eq!(graph.encoded_len(), bytes.len());
    assert_eq!(graph.encode_to_vec(), bytes);
    // Messages are merged by reading one after the other.
    let twice = [&bytes[..], &holding(&[0x0a, 0x01, b'y'])].concat();
    let merged = GraphDef::decode(&twice).unwrap().encode_to_vec();
    let node = NodeDef::decode(&merged[2..]).unwrap();
    assert_eq!((node.name.as_str(), node.attr.len()), ("y", 1));
}

#[test]
fn a_kept_message_that_is_cut_short_is_refused() {
    let bytes = any_message();
    assert!(GraphDef::decode(&holding(&bytes[..bytes.len() - 4])).is_err());
}

#[test]
fn the_first_argument_without_attributes_is_written() {
    let function = FunctionDef {
        arg_attr: vec![ArgAttr::default()],
        ..FunctionDef::default()
    };
    let bytes = function.encode_to_vec();
    assert_eq!(bytes, [0x3a, 4, 0x08, 0, 0x12, 0]);
    assert_eq!(FunctionDef::decode(&bytes).unwrap(), function);
    // In text form, zeros may be left out.
    assert_eq!(FunctionDef::decode(&[0x3a, 2, 0x12, 0]).unwrap(), function);
}

/// The message of an error.
fn fault<M: super::Message + Default + std::fmt::Debug>(bytes: &[u8]) -> String {
    let text = M::decode(bytes).unwrap_err().to_string();
    let start = "failed to decode Protobuf message: ";
    text.strip_prefix(start)
        .expect("all begin alike")
        .to_owned()
}

#[test]
fn faults_are_located() {
    // A node whose name is a number, in a graph: the innermost field is first.
    let text = "NodeDef.name: GraphDef.node: invalid wire type: Varint (expected LengthDelimited)";
    assert_eq!(fault::<GraphDef>(&[0x0a, 2, 0x08, 1]), text);
    assert_eq!(
        fault::<NodeDef>(&[0x0a, 2, b'x']),
        "NodeDef.name: buffer underflow"
    );
    let text = "NodeDef.name: invalid string value: data is not UTF-8 encoded";
    assert_eq!(fault::<NodeDef>(&[0x0a, 1, 0xff]), text);
    for (bytes, text) in [
        (&[0x80][..], "invalid varint"),
        (&[0x00], "invalid tag value: 0"),
        (&[0x0e], "invalid wire type value: 6"),
        (
            &[0x80, 0x80, 0x80, 0x80, 0x10],
            "invalid key value: 4294967296",
        ),
        (
            &[0x0c],
            "NodeDef.name: invalid wire type: EndGroup (expected LengthDelimited)",
        ),
        (&[0x7c], "unexpected end group tag"),
    ] {
        assert_eq!(fault::<NodeDef>(bytes), text);
    }
}

#[test]
fn unknown_fields_are_passed_over_and_numbers_may_be_packed_or_not() {
    // Field 15 as a group with a number and a group in it, then field 15 as bytes.
    let unknown = [0x7b, 0x08, 1, 0x13, 0x14, 0x7c, 0x7a, 1, 0];
    let list =
        AttrValue::decode(&[&unknown[..], &[0x0a, 7, 0x1a, 2, 5, 6, 0x18, 7, 0x18]].concat());
    assert!(list.is_err());
    let list = AttrValue::decode(&[&unknown[..], &[0x0a, 6, 0x1a, 2, 5, 6, 0x18, 7]].concat());
    let list = list.unwrap();
    assert_eq!(list.encode_to_vec(), [0x0a, 5, 0x1a, 3, 5, 6, 7]);
    assert_eq!(list.encoded_len(), 7);
}

#[test]
fn members_of_a_oneof_are_written_also_if_they_are_zero() {
    let zero = AttrValue::decode(&[0x18, 0]).unwrap();
    assert_eq!(zero.encode_to_vec(), [0x18, 0]);
    let mut node = NodeDef::default();
    node.attr.insert("a".into(), AttrValue::default());
    // A value of an entry is written as well if it is empty.
    assert_eq!(node.encode_to_vec(), [0x2a, 5, 0x0a, 1, b'a', 0x12, 0]);
    node.attr.insert("a".into(), zero);
    let bytes = [0x2a, 7, 0x0a, 1, b'a', 0x12, 2, 0x18, 0];
    assert_eq!(node.encode_to_vec(), bytes);
    assert_eq!(NodeDef::decode(&bytes), Ok(node));
}

#[test]
fn messages_lie_in_each_other_to_a_depth() {
    let field = |key: u8, bytes: &[u8]| {
        let mut out = vec![key];
        crate::varint::put(&mut out, bytes.len() as u64);
        [out, bytes.to_vec()].concat()
    };
    // A function with an attribute that is a function, and so on: the function, an entry of its map and the attribute.
    let nested = |times| {
        let add = |bytes: Vec<u8>, _| field(0x52, &field(0x12, &field(0x12, &bytes)));
        AttrValue::decode(&(0..times).fold(Vec::new(), add))
    };
    assert!(nested(20).is_ok());
    let text = nested(40).unwrap_err().to_string();
    assert!(text.ends_with("recursion limit reached"), "{text}");
}
