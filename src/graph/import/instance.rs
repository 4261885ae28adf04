//! Copies that are parts of a module's instance.

use super::error::NodeFault;
use super::plan::Mapped;
use super::{HashMap, Instance};
use crate::dtype::DType;
use crate::graph::attr::AttrValue;
use crate::graph::node::{Attr, Known};
use crate::graph::op_def;
use crate::graph::{GROUP_PREFIX, Node, Output};
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

/// The groups of a node.
type Groups = Vec<Vec<u8>>;

/// The nodes of the other graph whose outputs are mapped, with the groups of what they are mapped to.
#[derive(Debug, Default)]
pub(super) struct Replaced(HashMap<String, Vec<Groups>>);

impl Replaced {
    /// Those of an application; in other copies colocation does not follow what is mapped.
    pub(super) fn new(instance: Option<Instance>, mapped: &Mapped<'_>) -> Self {
        let mut replaced = Replaced::default();
        if instance == Some(Instance::Application) {
            for (name, tensor) in mapped.tensors() {
                let groups = tensor.operation().node().groups_or_own();
                let of_node = replaced.0.entry(name.to_owned());
                of_node.or_default().push(groups);
            }
        }
        replaced
    }

    /// The groups that a node is in instead of that of `target`, which has a number of outputs and would be in the group
    /// `own`; none if none of the outputs is mapped.
    pub(super) fn groups(
        &self,
        target: &str,
        outputs: usize,
        own: impl FnOnce() -> Vec<u8>,
    ) -> Result<Option<&Groups>, NodeFault> {
        let Some(mapped) = self.0.get(target) else {
            return Ok(None);
        };
        let text = |groups: &Groups| {
            let texts = groups.iter().map(|group| String::from_utf8_lossy(group));
            texts.collect::<Vec<_>>().join(", ")
        };
        let ambiguous = |first: &Groups, second: &Groups| {
            NodeFault::ambiguous(target, text(first), text(second))
        };
        let [first, others @ ..] = &mapped[..] else {
            return Ok(None);
        };
        if let Some(other) = others.iter().find(|other| *other != first) {
            return Err(ambiguous(first, other));
        }
        let unmapped = (mapped.len() < outputs).then(|| vec![own()]);
        match unmapped.filter(|own| own != first) {
            Some(own) => Err(ambiguous(first, &own)),
            None => Ok(Some(first)),
        }
    }
}

/// Whether a copy has a placeholder for a node.
pub(super) fn is_replaced(instance: Option<Instance>, node: &Node) -> bool {
    instance == Some(Instance::Application) && node.op.is_state_op()
}

/// The node as a module's instance has it, under a prefix that ends in a slash.
pub(super) fn of_instance(
    instance: Instance,
    mut node: Node,
    prefix: &str,
) -> Result<Node, NodeFault> {
    if node.op.is_state_op() && node.outputs.len() != 1 {
        return Err(NodeFault::StateOutputs(node.outputs.len()));
    }
    if is_replaced(Some(instance), &node) {
        return Ok(placeholder(node));
    }
    if let Some(Value::S(name)) = node.attr_mut("shared_name") {
        if !name.is_empty() {
            *name = under(prefix, name);
        }
    }
    Ok(node)
}

/// The placeholder for a state op, which nothing uses.
fn placeholder(mut node: Node) -> Node {
    let op = op_def::lookup("Placeholder").expect("an op that TensorFlow has");
    node.op = op.into();
    node.attrs.retain(|(name, _)| name == "shape");
    let dtype = AttrValue::from(DType::Resource).0;
    node.add_attr("dtype", Attr::from(dtype));
    node.outputs.clear();
    node.outputs.push(Output {
        dtype: DType::Resource,
        is_ref: false,
        shape: Shape::unknown(),
        known: Known::default(),
    });
    node
}

/// A name under a scope, behind the marks of control inputs and groups.
fn under(scope: &str, name: &[u8]) -> Vec<u8> {
    let marks: [&[u8]; 2] = [b"^", GROUP_PREFIX.as_bytes()];
    let mark = marks.into_iter().find(|mark| name.starts_with(mark));
    let mark = mark.unwrap_or_default();
    [mark, scope.as_bytes(), &name[mark.len()..]].concat()
}
