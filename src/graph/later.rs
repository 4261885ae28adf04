//! Attributes that later releases of TensorFlow gave to the ops of TensorFlow 1.15.

use std::fmt;
use std::sync::LazyLock;

use super::encode::PRODUCER;
use super::{GraphDef, HashMap, op_def};
use crate::proto::Message as _;
use crate::proto::tensorflow::op_def::AttrDef;
use crate::proto::tensorflow::{self as pb, AttrValue, OpDef, OpList, VersionDef};
use crate::sorted_map::SortedMap;

/// The attributes with a default, by op. Those without one here are remarks: no result depends on them.
static LATER_ATTRS: LazyLock<SortedMap<String, OpDef>> = LazyLock::new(|| {
    let encoded = include_bytes!(concat!(env!("OUT_DIR"), "/later_attrs.bin"));
    let ops = OpList::decode(&encoded[..]).expect("the build script encoded it");
    let ops = ops.op.into_iter().map(|op| (op.name.clone(), op));
    ops.collect()
});

impl GraphDef {
    /// Removes the attributes that TensorFlow 1.15 does not know and that are at their default: what
    /// `tf.import_graph_def` does with a `producer_op_list`. The defaults are those of the program that wrote the
    /// graph, whose ops these are, or those that are known of later releases. Remarks, which no result depends on, are
    /// removed whatever they say.
    pub(crate) fn without_later_defaults(mut self, producer: &OpList) -> Self {
        remove_later_defaults(&mut self.message, producer);
        self
    }
}

/// Removes the remarks of later releases, which no result depends on and for which TensorFlow 1.15 refuses a graph
/// whatever they say.
pub(crate) fn remove_remarks(graph: &mut pb::GraphDef) {
    if Writer::of(graph.versions.as_ref(), None).is_none() {
        return;
    }
    remove_attrs(graph, |op, name, _| {
        let later = LATER_ATTRS.get(op).and_then(|op| attr_of(op, name));
        later.is_some_and(|later| later.default_value.is_none())
    });
}

/// The program of a later release that wrote a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writer {
    release: Option<String>,
    producer: i32,
}

impl Writer {
    /// The writer, if its release is later than TensorFlow 1.15.
    pub(super) fn of(versions: Option<&VersionDef>, release: Option<&str>) -> Option<Self> {
        let producer = versions.map_or(0, |versions| versions.producer);
        (producer > PRODUCER).then(|| Writer {
            release: release.map(str::to_owned),
            producer,
        })
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.release {
            Some(release) => write!(f, "TensorFlow {}", release.escape_debug())?,
            None => f.write_str("a later TensorFlow")?,
        }
        let producer = self.producer;
        write!(f, " (GraphDef version {producer}, 1.15 has {PRODUCER})")
    }
}

/// See [`GraphDef::without_later_defaults`].
pub(super) fn remove_later_defaults(graph: &mut pb::GraphDef, producer: &OpList) {
    let ops = producer.op.iter().enumerate();
    let ops: HashMap<&str, usize> = ops.map(|(place, op)| (op.name.as_str(), place)).collect();
    let is_later_default = |op: &str, name: &str, value: &AttrValue| {
        if op_def::lookup(op).is_none_or(|own| own.attr(name).is_some()) {
            return false;
        }
        let of_producer = ops
            .get(op)
            .and_then(|&place| attr_of(&producer.op[place], name));
        let of_producer = of_producer.and_then(|attr| attr.default_value.as_ref());
        match LATER_ATTRS.get(op).and_then(|op| attr_of(op, name)) {
            None => of_producer == Some(value),
            Some(later) => match &later.default_value {
                Some(default) => of_producer.unwrap_or(default) == value,
                None => true,
            },
        }
    };
    remove_attrs(graph, is_later_default);
}

/// Removes attributes of nodes, those of functions included, by op, name and value.
fn remove_attrs(graph: &mut pb::GraphDef, is_removed: impl Fn(&str, &str, &AttrValue) -> bool) {
    let library = graph.library.iter_mut();
    let functions = library.flat_map(|library| &mut library.function);
    let inner = functions.flat_map(|function| &mut function.node_def);
    for node in graph.node.iter_mut().chain(inner) {
        let op = node.op.as_str();
        node.attr.retain(|name, value| !is_removed(op, name, value));
    }
}

fn attr_of<'a>(op: &'a OpDef, name: &str) -> Option<&'a AttrDef> {
    op.attr.iter().find(|attr| attr.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pb::attr_value::Value;
    use pb::{DataType, NodeDef};

    fn attr(value: impl Into<Option<Value>>) -> AttrValue {
        let value = value.into();
        AttrValue { value }
    }

    /// Whether the attribute of a node of this op is left.
    fn is_left(ops: &OpList, op: &str, name: &str, value: Value) -> bool {
        let node = NodeDef {
            op: op.to_owned(),
            attr: [(name.to_owned(), attr(value))].into(),
            ..NodeDef::default()
        };
        let graph = pb::GraphDef {
            node: vec![node],
            ..pb::GraphDef::default()
        };
        let graph = GraphDef::from_message(graph).without_later_defaults(ops);
        !graph.message.node[0].attr.is_empty()
    }

    #[test]
    fn what_the_producer_had_as_default_is_removed() {
        let ops = OpList {
            op: vec![OpDef {
                name: "MatMul".to_owned(),
                attr: vec![AttrDef {
                    name: "grad_c".to_owned(),
                    default_value: Some(attr(Value::B(false))),
                    ..Default::default()
                }],
                ..OpDef::default()
            }],
        };
        for (name, value, expected) in [
            ("grad_c", false, false),
            ("grad_c", true, true),
            ("grad_d", false, true),
            ("transpose_a", false, true),
        ] {
            let found = is_left(&ops, "MatMul", name, Value::B(value));
            assert_eq!(found, expected, "{name} {value}");
        }
    }

    #[test]
    fn what_later_releases_have_as_default_is_removed() {
        let list = || Value::List(Box::default());
        let text = |text: &str| Value::S(text.into());
        let int = |dtype: DataType| Value::Type(dtype.into());
        for (op, name, value, expected) in [
            ("MatMul", "grad_a", Value::B(false), false),
            ("MatMul", "grad_a", Value::B(true), true),
            ("VarHandleOp", "allowed_devices", list(), false),
            ("TopKV2", "index_type", int(DataType::DtInt32), false),
            ("TopKV2", "index_type", int(DataType::DtInt16), true),
            ("MapDataset", "metadata", text(""), false),
            ("MapDataset", "metadata", text("\n\u{4}Map"), true),
            (
                "FusedBatchNormV3",
                "exponential_avg_factor",
                Value::F(1.0),
                false,
            ),
            (
                "FusedBatchNormV3",
                "exponential_avg_factor",
                Value::F(0.9),
                true,
            ),
            ("VarHandleOp", "debug_name", text("w"), false),
            ("VarHandleOp", "debug", text("w"), true),
            ("AssignVariableOp", "validate_shape", Value::B(true), false),
            ("Assign", "validate_shape", Value::B(true), true),
            ("NoSuchOp", "metadata", text(""), true),
        ] {
            let found = is_left(&OpList::default(), op, name, value.clone());
            assert_eq!(found, expected, "{op} {name} {value:?}");
        }
    }

    #[test]
    fn later_attributes_are_none_of_ours() {
        assert_eq!(LATER_ATTRS.len(), 155);
        for (name, op) in &*LATER_ATTRS {
            let own = op_def::lookup(name).unwrap_or_else(|| panic!("no op {name}"));
            for attr in &op.attr {
                assert!(own.attr(&attr.name).is_none(), "{name} {}", attr.name);
            }
        }
    }
}
