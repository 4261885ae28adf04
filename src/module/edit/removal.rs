//! Taking nodes out of a graph, with all that is for nothing then.

use super::error::EditError;
use super::names::references;
use super::nodes::{node_of, nodes_of, update_ops};
use super::variables::{change_defs, defs, places};
use crate::graph::{GROUP_PREFIX, GraphDef, HashSet, keys, node_name};
use crate::module::contexts;
use crate::module::saved_model::tags;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::{MetaGraphDef, NodeDef, VariableDef};

/// The ops that save and restore, apart from the assignments and names around them.
const SAVERS: [&str; 8] = [
    "MergeV2Checkpoints",
    "Restore",
    "RestoreSlice",
    "RestoreV2",
    "Save",
    "SaveSlices",
    "SaveV2",
    "ShardedFilename",
];
/// The collections that lose what refers to nodes that are taken out; others keep the nodes.
const LOSING: [&str; 1] = [keys::UPDATE_OPS];

/// Nodes to be taken out of a graph: some, all that use them, and what only those used.
#[derive(Debug)]
pub(super) struct Removal {
    removed: HashSet<String>,
}

impl Removal {
    /// The removal of these nodes. Refused if a signature, or a collection that cannot do without, needs one; `why` says
    /// what is wrong with the nodes.
    pub(super) fn plan(
        meta: &MetaGraphDef,
        nodes_out: impl IntoIterator<Item = usize>,
        why: &'static str,
    ) -> Result<Self, EditError> {
        Self::planned(meta, nodes_out, why, &defs(meta, keys::VARIABLES)?)
    }

    /// As [`plan`](Self::plan), where the variables will no longer be any, so that their first values are for nothing.
    pub(super) fn of_variables(
        meta: &MetaGraphDef,
        nodes_out: impl IntoIterator<Item = usize>,
        why: &'static str,
    ) -> Result<Self, EditError> {
        Self::planned(meta, nodes_out, why, &[])
    }

    fn planned(
        meta: &MetaGraphDef,
        nodes_out: impl IntoIterator<Item = usize>,
        why: &'static str,
        variables: &[VariableDef],
    ) -> Result<Self, EditError> {
        let nodes = nodes_of(meta);
        let places = places(nodes);
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        let mut uses: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (user, node) in nodes.iter().enumerate() {
            for input in &node.input {
                if let Some(&used) = places.get(node_name(input)) {
                    users[used].push(user);
                    uses[user].push(used);
                }
            }
        }
        let mut out = vec![false; nodes.len()];
        let mut open: Vec<(usize, usize)> = nodes_out.into_iter().map(|it| (it, it)).collect();
        let mut taken = Vec::new();
        // The node for which each one goes.
        let mut causes: Vec<usize> = (0..nodes.len()).collect();
        while let Some((place, cause)) = open.pop() {
            if !std::mem::replace(&mut out[place], true) {
                taken.push(place);
                causes[place] = cause;
                open.extend(users[place].iter().map(|&user| (user, cause)));
            }
        }
        let mut needed = HashSet::default();
        for (what, name) in references(meta) {
            let Some(&place) = places.get(node_name(name)) else {
                continue;
            };
            let is_losing = LOSING
                .iter()
                .any(|key| what == format!("the collection \"{key}\""));
            if out[place] && !is_losing {
                return Err(EditError::Needed {
                    tags: tags(meta),
                    what,
                    node: nodes[causes[place]].name.clone(),
                    why,
                });
            }
            if !out[place] {
                needed.insert(place);
            }
        }
        // Of those that are taken out, nothing is needed.
        let stay = |def: &&VariableDef| {
            let place = places.get(node_name(&def.variable_name));
            place.is_some_and(|&place| !out[place])
        };
        for def in variables.iter().filter(stay) {
            let names = [
                &def.variable_name,
                &def.initializer_name,
                &def.initial_value_name,
            ];
            let of_variable = names.into_iter().chain([&def.snapshot_name]);
            needed.extend(of_variable.filter_map(|name| places.get(node_name(name))));
        }
        // What was only used by those goes too.
        while let Some(place) = taken.pop() {
            for &used in &uses[place] {
                let is_idle = users[used].iter().all(|&user| out[user]);
                if is_idle && !needed.contains(&used) && !std::mem::replace(&mut out[used], true) {
                    taken.push(used);
                }
            }
        }
        let removed = nodes.iter().zip(out).filter(|(_, is_out)| *is_out);
        let removed = removed.map(|(node, _)| node.name.clone()).collect();
        Ok(Removal { removed })
    }

    /// Takes the nodes out.
    pub(super) fn apply(self, meta: &mut MetaGraphDef) {
        let removed = self.removed;
        if removed.is_empty() {
            return;
        }
        if let Some(graph) = meta.graph_def.take() {
            let kept = graph.node.iter().map(|node| !removed.contains(&node.name));
            let kept: Vec<_> = kept.collect();
            let mut graph = GraphDef::from_message(graph);
            // Takes along the functions that nothing calls any more.
            graph.retain(&kept);
            let mut graph = graph.into_message();
            for node in &mut graph.node {
                leave_groups(node, &removed);
            }
            meta.graph_def = Some(graph);
        }
        let stays = |name: &str| !removed.contains(node_name(name));
        change_defs(meta, |def| stays(&def.variable_name));
        for key in contexts::COLLECTIONS {
            let Some(collection) = meta.collection_def.get_mut(key) else {
                continue;
            };
            if let Some(Kind::BytesList(list)) = &mut collection.kind {
                let kept = |name: &str| stays(name).then(|| name.to_owned());
                let old = std::mem::take(&mut list.value).into_iter();
                let contexts = old.filter_map(|bytes| match contexts::decode(key, &bytes) {
                    Some(context) => {
                        contexts::renamed(context, "", &kept).map(|it| contexts::encode(&it))
                    }
                    None => Some(bytes),
                });
                list.value = contexts.collect();
            }
        }
        meta.collection_def
            .retain(|_, collection| match &mut collection.kind {
                Some(Kind::NodeList(list)) if !list.value.is_empty() => {
                    list.value.retain(|name| stays(name));
                    !list.value.is_empty()
                }
                Some(Kind::BytesList(list)) => !list.value.is_empty(),
                _ => true,
            });
        update_ops(meta);
    }

    pub(super) fn contains(&self, node: &str) -> bool {
        self.removed.contains(node)
    }
}

/// Has a node not be colocated with those that go.
fn leave_groups(node: &mut NodeDef, removed: &HashSet<String>) {
    let Some(class) = node.attr.get_mut(super::nodes::CLASS) else {
        return;
    };
    if let Some(Value::List(list)) = &mut class.value {
        list.s.retain(|group| {
            let group = std::str::from_utf8(group).ok();
            let name = group.and_then(|group| group.strip_prefix(GROUP_PREFIX));
            !name.is_some_and(|name| removed.contains(name))
        });
        if list.s.is_empty() {
            node.attr.remove(super::nodes::CLASS);
        }
    }
}

/// The removal of the operations that save and restore variables, which SavedModels have and modules do not: they name
/// variables and dtypes as they were before an edit. TensorFlow Hub restores without them.
///
/// Where something else needs them, they stay.
pub(super) fn removal_of_saver(meta: &MetaGraphDef) -> Option<Removal> {
    let nodes = nodes_of(meta);
    let mut names: Vec<String> = Vec::new();
    if let Some(saver) = &meta.saver_def {
        names.extend([&saver.save_tensor_name, &saver.restore_op_name].map(|name| node_of(name)));
    }
    let of_saver = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| SAVERS.contains(&&*node.op) || names.contains(&node.name));
    let of_saver: Vec<usize> = of_saver.map(|(place, _)| place).collect();
    if of_saver.is_empty() {
        return None;
    }
    Removal::plan(meta, of_saver, "saves or restores variables").ok()
}

/// Takes out the operations that save and restore variables.
pub(super) fn remove_saver(meta: &mut MetaGraphDef) {
    if let Some(removal) = removal_of_saver(meta) {
        removal.apply(meta);
        meta.saver_def = None;
    }
}
