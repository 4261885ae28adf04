//! Findings V09 to V11: batch normalization and dropout, which are known by their ops.

use std::hash::Hash;

use super::Lint;
use super::bodies::{Body, node_of};
use super::code::{LintCode, Severity};
use super::facts::{Facts, is_training, need, number};
use crate::graph::{Graph, HashMap, HashSet, NodeId, TensorRef};
use crate::module::variant::Variant;
use crate::proto::tensorflow::NodeDef;

/// The greatest momentum that suits small data sets: the default of `tf.layers.batch_normalization`.
const MOMENTUM: f64 = 0.99;

/// A multiplication by zeros and ones that are chosen at random.
struct Dropout<N, T> {
    product: N,
    rate: T,
}

type MainDropout = Dropout<NodeId, TensorRef>;

impl Lint<'_> {
    pub(super) fn training(&mut self, facts: &Facts<'_>) {
        let dropouts = dropouts(facts);
        self.momentum(facts);
        self.dropouts(facts, &dropouts);
        self.dropouts_of_bodies(facts);
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

    fn dropouts(&mut self, facts: &Facts<'_>, dropouts: &[MainDropout]) {
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

    fn dropouts_of_bodies(&mut self, facts: &Facts<'_>) {
        for body in &facts.bodies {
            for dropout in dropouts_of_body(body) {
                let fault = if facts.is_training() {
                    let nodes = body.by_name();
                    let is_fixed = is_constant(&nodes, dropout.rate, DEPTH);
                    is_fixed.then_some("the rate of dropout is a constant")
                } else {
                    (!body.is_conditional).then_some("dropout is in a variant for inference")
                };
                if let Some(message) = fault {
                    let message = message.to_owned();
                    self.body_finding(facts, LintCode::V10, body, dropout.product, message);
                }
            }
        }
    }

    /// A variant for training that is missing or does not differ.
    fn train_variant<'a>(&mut self, facts: &Facts<'a>, dropouts: &[MainDropout]) {
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
        let named = |id: NodeId| {
            let node = facts.graph.node(id);
            (node.op.name(), node.name.to_string(), node.location)
        };
        let settled = || facts.bodies.iter().filter(|body| !body.is_conditional);
        let in_body = |body: &Body<'a>, node: &'a NodeDef| {
            let location = facts.graph.node(body.call).location;
            (node.op.as_str(), body.item(node), location)
        };
        let normalized = normalized
            .map(named)
            .or_else(|| settled().find_map(|body| Some(in_body(body, batch_normalization(body)?))));
        let dropped = dropped.map(named).or_else(|| {
            let of_body = |body: &Body<'a>| dropouts_of_body(body).into_iter().next();
            settled().find_map(|body| Some(in_body(body, of_body(body)?.product)))
        });
        let (what, (op, name, location)) = match (normalized, dropped) {
            (Some(node), _) => ("batch normalization", node),
            (None, Some(node)) => ("dropout", node),
            (None, None) => return,
        };
        let message =
            format!("the module has {what} ({op} \"{name}\"), and no variant for training");
        self.finding(facts, LintCode::V11, &tags, message).location = Some(location);
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
        let is_one =
            is_batch_norm(name) || name == "Rsqrt" && is_of_variance(facts, node.inputs[0]);
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
enum Random<T> {
    Numbers,
    /// Numbers with the probability to keep an element added.
    Sum(T),
    Mask(T),
}

/// The dropouts that outputs need.
fn dropouts(facts: &Facts<'_>) -> Vec<MainDropout> {
    let nodes = facts.nodes().map(|(id, node)| {
        let inputs = [0, 1].map(|place| node.inputs.get(place).copied());
        (id, id, node.op.name(), inputs)
    });
    let is_needed = |id| facts.is_needed_by(id, need::OUTPUT);
    find_dropouts(nodes, |input| input.node, is_needed)
}

/// The dropouts in a body that outputs need.
fn dropouts_of_body<'a>(body: &Body<'a>) -> Vec<Dropout<&'a NodeDef, &'a str>> {
    if !body.is_needed_by(need::OUTPUT) {
        return Vec::new();
    }
    let nodes = body.nodes().iter().map(|node| {
        let mut inputs = node.input.iter().map(String::as_str);
        let inputs = [inputs.next(), inputs.next()];
        (node.name.as_str(), node, node.op.as_str(), inputs)
    });
    let live = body.live();
    find_dropouts(nodes, node_of, |name| live.contains(name))
}

/// The first op of batch normalization in a body that outputs need.
fn batch_normalization<'a>(body: &Body<'a>) -> Option<&'a NodeDef> {
    let mut nodes = body.nodes().iter();
    let node = nodes.find(|node| is_batch_norm(&node.op))?;
    let is_needed = body.is_needed_by(need::OUTPUT) && body.live().contains(node.name.as_str());
    is_needed.then_some(node)
}

fn is_batch_norm(op: &str) -> bool {
    op.starts_with("FusedBatchNorm") && !op.ends_with("Grad")
}

/// How many nodes the rate of a dropout in a body is followed through.
const DEPTH: u32 = 8;

/// Whether a tensor in a body follows from constants.
fn is_constant(nodes: &HashMap<&str, &NodeDef>, tensor: &str, depth: u32) -> bool {
    let Some(node) = nodes.get(node_of(tensor)) else {
        return false;
    };
    let follows = || {
        let mut inputs = node.input.iter();
        depth > 0
            && !node.input.is_empty()
            && inputs.all(|input| is_constant(nodes, input, depth - 1))
    };
    node.op == "Const" || follows()
}

/// The dropouts among nodes, of which each has a key and is given with its op and its first inputs.
fn find_dropouts<'n, K: Copy + Eq + Hash, N, T: Copy>(
    nodes: impl Iterator<Item = (K, N, &'n str, [Option<T>; 2])>,
    node_of: impl Fn(T) -> K,
    is_needed: impl Fn(K) -> bool,
) -> Vec<Dropout<N, T>> {
    let mut randoms: HashMap<K, Random<T>> = HashMap::default();
    let mut found = Vec::new();
    for (id, node, name, inputs) in nodes {
        if name == "RandomUniform" {
            randoms.insert(id, Random::Numbers);
            continue;
        }
        if randoms.is_empty() {
            continue;
        }
        let [first, second] = inputs;
        let of = |input: Option<T>| randoms.get(&node_of(input?)).copied();
        let random = match (name, of(first), of(second)) {
            ("Identity" | "Cast", of_first, _) => of_first,
            ("Mul", Some(Random::Mask(rate)), _) | ("Mul", _, Some(Random::Mask(rate))) => {
                if is_needed(id) {
                    found.push(Dropout {
                        product: node,
                        rate,
                    });
                }
                None
            }
            ("Add" | "AddV2" | "Mul" | "Sub", Some(Random::Numbers), None) => {
                second.map(Random::Sum)
            }
            ("Add" | "AddV2" | "Mul", None, Some(Random::Numbers)) => first.map(Random::Sum),
            ("Add" | "AddV2" | "Mul" | "Sub", Some(Random::Sum(_)), None) => {
                second.map(Random::Sum)
            }
            ("Add" | "AddV2" | "Mul", None, Some(Random::Sum(_))) => first.map(Random::Sum),
            ("GreaterEqual" | "Less", Some(Random::Numbers | Random::Sum(_)), None) => {
                second.map(Random::Mask)
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
        && one.library().defs().eq(other.library().defs())
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
