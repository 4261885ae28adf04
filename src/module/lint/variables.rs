//! Findings V of variables, losses, updates, and of variants that disagree.

use std::collections::{BTreeMap, BTreeSet};

use super::code::LintCode;
use super::facts::{Facts, before, is_training, need};
use super::{Here, Lint};
use crate::graph::{HashMap, HashSet, Item, NodeId, TensorRef, keys};
use crate::module::signature::SignatureDescription;
use crate::module::variant::Variant;
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::variable::VariableInfo;

/// The names of slots of TensorFlow's optimizers: the last part, before the number of a further slot.
const SLOTS: [&str; 9] = [
    "Adadelta",
    "Adagrad",
    "AdagradDA",
    "Adam",
    "AdaMax",
    "AddSign",
    "Ftrl",
    "Momentum",
    "RMSProp",
];
/// Variables of optimizers and training loops that belong to no other.
const OF_TRAINING: [&str; 4] = ["beta1_power", "beta2_power", "global_step", "learning_rate"];

/// The ops that multiply by weights, and the inputs that can be these.
const WEIGHTED: [(&str, &[usize]); 10] = [
    ("MatMul", &[0, 1]),
    ("BatchMatMul", &[0, 1]),
    ("BatchMatMulV2", &[0, 1]),
    ("SparseTensorDenseMatMul", &[3]),
    ("Conv2D", &[1]),
    ("Conv3D", &[1]),
    ("DepthwiseConv2dNative", &[1]),
    ("Conv2DBackpropInput", &[1]),
    ("Conv3DBackpropInputV2", &[1]),
    ("DepthwiseConv2dNativeBackpropInput", &[1]),
];

impl Lint<'_> {
    pub(super) fn variables(&mut self, facts: &Facts<'_>) {
        let trainable = trainable(facts);
        self.roles(facts);
        self.kinds(facts, &trainable);
        self.kernels(facts, &trainable);
        self.losses(facts);
        self.updates(facts);
    }

    /// Variables that are of no use to who applies the module.
    fn roles(&mut self, facts: &Facts<'_>) {
        let used = need::OUTPUT | need::LOSS | need::UPDATE;
        let names: HashSet<&str> = facts.variables.iter().map(|info| &*info.name).collect();
        for info in &facts.variables {
            if facts.is_needed_by(info.handle, used) {
                continue;
            }
            let last = info.name.rsplit('/').next().unwrap_or_default();
            let kind = last
                .rsplit_once('_')
                .filter(|(_, number)| number.parse::<u32>().is_ok());
            let kind = kind.map_or(last, |(kind, _)| kind);
            let of = info.name.rsplit_once('/').map_or("", |(of, _)| of);
            let message = if SLOTS.contains(&kind) && names.contains(of) {
                format!("the variable looks like the slot of an optimizer for \"{of}\"")
            } else if OF_TRAINING.contains(&last) || OF_TRAINING.contains(&kind) {
                "the variable looks like one of a training loop".to_owned()
            } else if facts.is_needed_by(info.handle, need::TABLE) {
                continue;
            } else {
                "no output, loss or update uses the variable".to_owned()
            };
            self.node_finding(facts, LintCode::V03, info.handle, message);
        }
    }

    /// Variables of the old kind, without initializers, and with another mark than the collection says.
    fn kinds(&mut self, facts: &Facts<'_>, trainable: &HashSet<NodeId>) {
        let graph = facts.graph;
        let mut is_trainable = false;
        for info in &facts.variables {
            is_trainable |= trainable.contains(&info.handle);
            if graph.node(info.handle).op.name() != "VarHandleOp" {
                let message = "the variable is one of the old kind".to_owned();
                self.node_finding(facts, LintCode::V04, info.handle, message);
            }
            if info.initial_value.is_none() {
                let message = "the variable has no initial value".to_owned();
                self.node_finding(facts, LintCode::V14, info.handle, message);
            }
            if info.trainable != trainable.contains(&info.handle) {
                let message = match info.trainable {
                    true => "the variable is marked as trainable, but is not in the collection",
                    false => "the variable is in the collection, but is not marked as trainable",
                };
                self.node_finding(facts, LintCode::V05, info.handle, message.to_owned());
            }
        }
        let mut of_numbers = facts
            .variables
            .iter()
            .filter(|info| info.dtype.is_floating());
        let for_training = is_training(facts.variant) || !has_training(self.spec.graphs_by_tags());
        if let (false, true, Some(first)) = (is_trainable, for_training, of_numbers.next()) {
            let count = 1 + of_numbers.count();
            let message = format!(
                "no variable is trainable: neither \"{}\" nor others, {count} in all",
                first.name
            );
            let tags = facts.variant.tags.to_string();
            self.finding(facts, LintCode::V16, &tags, message);
        }
    }

    /// Kernels that no regularization loss depends on, in the variants that are trained.
    fn kernels(&mut self, facts: &Facts<'_>, trainable: &HashSet<NodeId>) {
        if !is_training(facts.variant) && has_training(self.spec.graphs_by_tags()) {
            return;
        }
        let mut seen = HashSet::default();
        for (id, node) in facts.nodes() {
            if !facts.is_needed_by(id, need::OUTPUT) {
                continue;
            }
            let weighted = WEIGHTED.iter().find(|(op, _)| *op == node.op.name());
            let Some((_, places)) = weighted else {
                continue;
            };
            let inputs = places.iter().filter_map(|&place| node.inputs.get(place));
            for handle in inputs.filter_map(|input| facts.root(*input)) {
                let is_free =
                    trainable.contains(&handle) && !facts.is_needed_by(handle, need::LOSS);
                if is_free && seen.insert(handle) {
                    let message = format!(
                        "no regularization loss depends on this kernel, by which {} \"{}\" multiplies",
                        node.op.name(),
                        node.name
                    );
                    self.node_finding(facts, LintCode::V06, handle, message);
                }
            }
        }
    }

    fn losses(&mut self, facts: &Facts<'_>) {
        let graph = facts.graph;
        let inputs = facts.signatures.iter().flat_map(|it| it.inputs.values());
        let fed: HashSet<_> = inputs
            .flat_map(|end| end.tensors())
            .map(|it| it.node)
            .collect();
        let losses = graph.collections().located(keys::REGULARIZATION_LOSSES);
        let losses: Vec<(TensorRef, Here)> = losses
            .filter_map(|(item, line)| match item {
                Item::Tensor(tensor) => Some((*tensor, line)),
                _ => None,
            })
            .collect();
        // The first input of a signature that each node depends on, if any; nodes come after their inputs, but for loops.
        let mut depends: Vec<Option<NodeId>> = Vec::new();
        for (id, node) in facts.nodes() {
            if losses.is_empty() {
                break;
            }
            let own = fed.contains(&id).then_some(id);
            let known = |id: NodeId| depends.get(id.index()).copied().flatten();
            let found = own.or_else(|| before(node).find_map(known));
            depends.push(found);
        }
        for (loss, line) in losses {
            let output = loss.output(graph.nodes());
            let mut faults = Vec::new();
            if let Some(input) = depends[loss.node.index()] {
                faults.push(format!(
                    "the loss depends on the input \"{}\"",
                    graph.node(input).name
                ));
            }
            if output.shape.rank().is_some_and(|rank| rank > 0) {
                faults.push(format!(
                    "expected a scalar as a loss, found shape {}",
                    output.shape
                ));
            }
            if !output.dtype.is_floating() {
                faults.push(format!(
                    "expected a floating-point loss, found {}",
                    output.dtype
                ));
            }
            for message in faults {
                self.node_finding(facts, LintCode::V07, loss.node, message)
                    .location = Some(line);
            }
        }
    }

    fn updates(&mut self, facts: &Facts<'_>) {
        let updates = facts.graph.collections().get(keys::UPDATE_OPS).len();
        if updates > 0 && !facts.is_training() && has_training(self.spec.graphs_by_tags()) {
            let message =
                format!("the variant has {updates} updates, and is not the one for training");
            self.finding(facts, LintCode::V08, keys::UPDATE_OPS, message);
        }
    }

    /// Differences of variants in what consumers see.
    pub(super) fn variants(&mut self, all: &[Facts<'_>]) {
        let described = |facts: &Facts<'_>| -> BTreeMap<String, SignatureDescription> {
            let signatures = facts.signatures.iter();
            let described = signatures.map(|it| (it.name.clone(), it.describe(facts.graph)));
            described.collect()
        };
        let Some((first, others)) = all.split_first() else {
            return;
        };
        let of_first = described(first);
        for facts in others {
            let own = described(facts);
            let tags = &first.variant.tags;
            let missing = of_first.keys().filter(|name| !own.contains_key(*name));
            for name in missing {
                let message = format!("the signature is in variant {tags} alone");
                self.finding(facts, LintCode::V02, name, message);
            }
            for signature in facts.signatures {
                let name = &signature.name;
                let message = match of_first.get(name) {
                    None => Some(format!("variant {tags} lacks the signature")),
                    Some(known) => difference(known, &own[name])
                        .map(|text| format!("in variant {tags} the signature {text}")),
                };
                if let Some(message) = message {
                    let found = self.finding(facts, LintCode::V02, name, message);
                    found.location = Some(signature.location);
                }
            }
            let attached = |facts: &Facts<'_>| -> BTreeMap<String, Vec<u8>> {
                let attachments = facts.attachments.into_iter();
                let attached = attachments.flat_map(|attachments| attachments.iter());
                attached
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect()
            };
            let (of_first, own) = (attached(first), attached(facts));
            let keys: BTreeSet<_> = of_first.keys().chain(own.keys()).collect();
            for key in keys {
                let message = match (of_first.get(key), own.get(key)) {
                    (Some(_), None) => format!("the attachment is in variant {tags} alone"),
                    (None, Some(_)) => format!("variant {tags} lacks the attachment"),
                    (one, other) if one != other => {
                        format!("variant {tags} has another attachment")
                    }
                    _ => continue,
                };
                self.finding(facts, LintCode::V02, key, message);
            }
        }
    }
}

/// How a signature differs from that of another variant.
fn difference(known: &SignatureDescription, own: &SignatureDescription) -> Option<String> {
    let sides = [
        ("input", &known.inputs, &own.inputs),
        ("output", &known.outputs, &own.outputs),
    ];
    for (side, known, own) in sides {
        if let Some(key) = own.keys().find(|key| !known.contains_key(*key)) {
            return Some(format!("lacks the {side} \"{key}\""));
        }
        for (key, tensor) in known {
            let Some(other) = own.get(key) else {
                return Some(format!("has a further {side} \"{key}\""));
            };
            let types = [tensor, other].map(|it| (it.dtype, &it.shape, it.components.len()));
            if types[0] != types[1] {
                return Some(format!(
                    "has {} {} as {side} \"{key}\", not {} {}",
                    tensor.dtype, tensor.shape, other.dtype, other.shape
                ));
            }
        }
    }
    None
}

/// Whether one of the variants is for training.
fn has_training(variants: &[Variant]) -> bool {
    variants.iter().any(is_training)
}

/// The handles in the collection of trainable variables.
fn trainable(facts: &Facts<'_>) -> HashSet<NodeId> {
    let by_name: HashMap<&str, &VariableInfo> = facts
        .variables
        .iter()
        .map(|info| (&*info.name, *info))
        .collect();
    let items = facts
        .graph
        .collections()
        .get(keys::TRAINABLE_VARIABLES)
        .iter();
    let defs = items.filter_map(|item| match item {
        Item::Bytes(def) => VariableDef::decode(&def[..]).ok(),
        _ => None,
    });
    let names = defs.map(|def| def.variable_name);
    let infos = names.filter_map(|name| by_name.get(name.split(':').next()?).copied());
    infos.map(|info| info.handle).collect()
}
