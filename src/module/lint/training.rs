//! Findings V09 to V11: batch normalization and dropout, which are known by their ops.

use super::Lint;
use super::code::{LintCode, Severity};
use super::facts::{Facts, is_training, need, number};
use crate::graph::{Graph, HashMap, HashSet, NodeId, TensorRef};
use crate::module::variant::Variant;

/// The greatest momentum that suits small data sets: the default of `tf.layers.batch_normalization`.
const MOMENTUM: f64 = 0.99;

/// A multiplication by zeros and ones that are chosen at random.
struct Dropout {
    product: NodeId,
    rate: TensorRef,
}

impl Lint<'_> {
    pub(super) fn training(&mut self, facts: &Facts<'_>) {
        let dropouts = dropouts(facts);
        self.momentum(facts);
        self.dropouts(facts, &dropouts);
        self.train_variant(facts, &dropouts);
    }

    /// Moving statistics that move slowly.
    fn momentum(&mut self, facts: &Facts<'_>) {
        let graph = facts.graph;
        let mut layers = HashSet::default();
        for (id, node) in facts.nodes() {
            let is_update = matches!(node.op.name(), "AssignSubVariableOp" | "AssignSub");
            if !is_update || !facts.is_needed_by(id, need::UPDATE) {
                continue;
            }
            let (Some(handle), &[_, delta, ..]) = (facts.root(node.inputs[0]), &node.inputs[..])
            else {
                continue;
            };
            let Some((statistic, decay)) = moving_average(facts, handle, delta) else {
                continue;
            };
            let Some(decay) = decay.and_then(|decay| number(graph, decay)) else {
                continue;
            };
            let momentum = 1.0 - decay;
            if !is_statistic(graph, statistic) || momentum <= MOMENTUM + 1e-6 {
                continue;
            }
            let Some(info) = facts.by_handle().get(&handle) else {
                continue;
            };
            let layer = info
                .name
                .rsplit_once('/')
                .map_or(&*info.name, |(layer, _)| layer);
            if layers.insert(layer.to_owned()) {
                let message = format!(
                    "the statistics of batch normalization move with momentum {}, which no input changes",
                    (momentum * 1e6).round() / 1e6
                );
                let found = self.node_finding(facts, LintCode::V09, handle, message);
                (found.item, found.op) = (layer.to_owned(), String::new());
            }
        }
    }

    fn dropouts(&mut self, facts: &Facts<'_>, dropouts: &[Dropout]) {
        let graph = facts.graph;
        let is_training = facts.is_training();
        let mut of_outputs = HashMap::default();
        for signature in facts.signatures {
            for (key, end) in &signature.outputs {
                for tensor in end.tensors() {
                    let of = format!("output \"{key}\" of signature \"{}\"", signature.name);
                    of_outputs.insert(behind_identities(graph, tensor.node), of);
                }
            }
        }
        for Dropout { product, rate } in dropouts {
            let mut faults = Vec::new();
            if !is_training && !facts.is_conditional(*product) {
                faults.push("dropout is in a variant for inference".to_owned());
            }
            if let Some(output) = of_outputs.get(product) {
                faults.push(format!("{output} is dropped out"));
            }
            if is_training && rate.output(graph.nodes()).known.constant {
                faults.push("the rate of dropout is a constant".to_owned());
            }
            for message in faults {
                self.node_finding(facts, LintCode::V10, *product, message);
            }
        }
    }

    /// A variant for training that is missing or does not differ.
    fn train_variant(&mut self, facts: &Facts<'_>, dropouts: &[Dropout]) {
        let variants = self.spec.graphs_by_tags();
        let tags = facts.variant.tags.to_string();
        if facts.is_training() {
            let mut plain = variants.iter().filter(|variant| !is_training(variant));
            if let Some(same) = plain.find(|plain| are_equal(plain, facts.variant)) {
                let message = format!("the variant is the same as {}", same.tags);
                self.finding(facts, LintCode::V11, &tags, message).severity = Severity::Info;
            }
            return;
        }
        if variants.iter().any(is_training) {
            return;
        }
        let is_settled = |id: &NodeId| !facts.is_conditional(*id);
        let normalized = batch_normalizations(facts);
        let normalized = normalized.iter().copied().find(is_settled);
        let dropped = dropouts
            .iter()
            .map(|dropout| dropout.product)
            .find(is_settled);
        let (what, node) = match (normalized, dropped) {
            (Some(node), _) => ("batch normalization", node),
            (None, Some(node)) => ("dropout", node),
            (None, None) => return,
        };
        let node = facts.graph.node(node);
        let (op, name) = (node.op.name(), &node.name);
        let message =
            format!("the module has {what} ({op} \"{name}\"), and no variant for training");
        self.finding(facts, LintCode::V11, &tags, message).location = Some(node.location);
    }
}

/// The new value and the decay where a difference, subtracted from a variable, makes it a moving average:
/// `(variable - value) * decay`.
fn moving_average(
    facts: &Facts<'_>,
    handle: NodeId,
    delta: TensorRef,
) -> Option<(TensorRef, Option<TensorRef>)> {
    let graph = facts.graph;
    let product = graph.node(delta.node);
    let &[left, right] = &product.inputs[..] else {
        return None;
    };
    if product.op.name() != "Mul" {
        return None;
    }
    let difference = |tensor: TensorRef| {
        let node = graph.node(tensor.node);
        match (node.op.name(), &node.inputs[..]) {
            ("Sub", &[variable, value]) if facts.root(variable) == Some(handle) => Some(value),
            _ => None,
        }
    };
    let left_value = difference(left).map(|value| (value, Some(right)));
    left_value.or_else(|| difference(right).map(|value| (value, Some(left))))
}

/// Whether a tensor is a statistic of a batch: of the fused op, or the variance as it is computed without it.
fn is_statistic(graph: &Graph, tensor: TensorRef) -> bool {
    let mut at = tensor.node;
    // Such chains are short; a loop of the graph ends as well.
    for _ in 0..16 {
        let node = graph.node(at);
        match node.op.name() {
            name if name.starts_with("FusedBatchNorm") => return true,
            "SquaredDifference" => return true,
            "Identity" | "Squeeze" | "Reshape" | "Cast" | "Mean" | "Mul" | "Merge" | "Switch" => {}
            _ => return false,
        }
        let Some(first) = node.inputs.first() else {
            return false;
        };
        at = first.node;
    }
    false
}

/// The node whose value a chain of identities passes on.
fn behind_identities(graph: &Graph, mut id: NodeId) -> NodeId {
    while graph.node(id).op.name() == "Identity" {
        match graph.node(id).inputs.first() {
            Some(input) => id = input.node,
            None => break,
        }
    }
    id
}

/// The nodes of batch normalization that outputs need.
fn batch_normalizations(facts: &Facts<'_>) -> Vec<NodeId> {
    let nodes = facts.nodes().filter(|(id, node)| {
        let name = node.op.name();
        let is_one = name.starts_with("FusedBatchNorm") && !name.ends_with("Grad")
            || name == "Rsqrt" && is_of_variance(facts, node.inputs[0]);
        is_one && facts.is_needed_by(*id, need::OUTPUT)
    });
    nodes.map(|(id, _)| id).collect()
}

/// Whether a tensor is a variable that is not trained, and a small constant.
fn is_of_variance(facts: &Facts<'_>, tensor: TensorRef) -> bool {
    let graph = facts.graph;
    let sum = graph.node(tensor.node);
    let mut inputs = sum.inputs.iter();
    let is_constant = |input: &TensorRef| input.output(graph.nodes()).known.constant;
    let of_variable = |input: &TensorRef| {
        let info = facts
            .root(*input)
            .and_then(|handle| facts.by_handle().get(&handle));
        info.is_some_and(|info| !info.trainable)
    };
    matches!(sum.op.name(), "Add" | "AddV2")
        && inputs.clone().any(is_constant)
        && inputs.any(of_variable)
}

/// A tensor of random numbers, or of zeros and ones that are chosen by them.
#[derive(Clone, Copy)]
enum Random {
    Numbers,
    /// Numbers with the probability to keep an element added.
    Sum(TensorRef),
    Mask(TensorRef),
}

/// The dropouts that outputs need.
fn dropouts(facts: &Facts<'_>) -> Vec<Dropout> {
    let mut randoms: HashMap<NodeId, Random> = HashMap::default();
    let mut found = Vec::new();
    for (id, node) in facts.nodes() {
        let name = node.op.name();
        if name == "RandomUniform" {
            randoms.insert(id, Random::Numbers);
            continue;
        }
        if randoms.is_empty() {
            continue;
        }
        let of = |place: usize| {
            let input = node.inputs.get(place)?;
            randoms.get(&input.node).copied()
        };
        let random = match (name, of(0), of(1)) {
            ("Identity" | "Cast", of_first, _) => of_first,
            ("Mul", Some(Random::Mask(rate)), _) | ("Mul", _, Some(Random::Mask(rate))) => {
                if facts.is_needed_by(id, need::OUTPUT) {
                    found.push(Dropout { product: id, rate });
                }
                None
            }
            ("Add" | "AddV2" | "Mul" | "Sub", Some(Random::Numbers), None) => {
                Some(Random::Sum(node.inputs[1]))
            }
            ("Add" | "AddV2" | "Mul", None, Some(Random::Numbers)) => {
                Some(Random::Sum(node.inputs[0]))
            }
            ("Add" | "AddV2" | "Mul" | "Sub", Some(Random::Sum(_)), None) => {
                Some(Random::Sum(node.inputs[1]))
            }
            ("Add" | "AddV2" | "Mul", None, Some(Random::Sum(_))) => {
                Some(Random::Sum(node.inputs[0]))
            }
            ("GreaterEqual" | "Less", Some(Random::Numbers | Random::Sum(_)), None) => {
                Some(Random::Mask(node.inputs[1]))
            }
            ("Floor", Some(Random::Sum(keep)), _) => Some(Random::Mask(keep)),
            _ => None,
        };
        if let Some(random) = random {
            randoms.insert(id, random);
        }
    }
    found
}

/// Whether two variants have the same nodes and collections.
fn are_equal(one: &Variant, other: &Variant) -> bool {
    let (one, other) = (&one.graph, &other.graph);
    let listed = |graph: &Graph| -> Vec<(String, Vec<String>)> {
        let collections = graph.collections().iter();
        let named = |items: &[_]| items.iter().map(|item| graph.item_name(item)).collect();
        collections
            .map(|(key, items)| (key.to_owned(), named(items)))
            .collect()
    };
    let mut nodes = one.nodes().iter().zip(other.nodes());
    one.len() == other.len()
        && nodes.all(|(one, other)| {
            let attrs = one.attrs.iter().zip(&other.attrs);
            one.name == other.name
                && one.op.name() == other.op.name()
                && one.inputs == other.inputs
                && one.control_inputs == other.control_inputs
                && one.attrs.len() == other.attrs.len()
                && attrs
                    .into_iter()
                    .all(|((name, value), (key, other))| name == key && **value == **other)
        })
        && listed(one) == listed(other)
}
