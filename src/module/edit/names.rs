//! Other names for nodes, wherever a meta graph names them.

use super::nodes::CLASS;
use super::variables::change_defs;
use crate::graph::{GROUP_PREFIX, HashSet};
use crate::module::contexts;
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::tensor_info::Encoding;
use crate::proto::tensorflow::{AssetFileDef, CollectionDef, MetaGraphDef, NodeDef, TensorInfo};
use crate::saved_model::assets;

/// The new name of a node; `None` if it keeps its name.
pub(super) type NewName<'f> = &'f dyn Fn(&str) -> Option<String>;

/// Renames the nodes of a meta graph, and what refers to them: inputs, colocation, collections, contexts of control flow,
/// signatures, assets, and the names under which state is shared that are those of its nodes.
pub(super) fn rename_nodes(meta: &mut MetaGraphDef, new: NewName<'_>) {
    let nodes = meta.graph_def.iter_mut().flat_map(|graph| &mut graph.node);
    for node in nodes {
        rename_in_node(node, new);
    }
    rename_references(meta, new);
}

/// Renames in all that refers to nodes from outside of the graph.
pub(super) fn rename_references(meta: &mut MetaGraphDef, new: NewName<'_>) {
    let put = |name: &mut String| put(name, new);
    change_defs(meta, |def| {
        put(&mut def.variable_name);
        put(&mut def.initializer_name);
        put(&mut def.snapshot_name);
        put(&mut def.initial_value_name);
        if let Some(info) = &mut def.save_slice_info_def {
            put(&mut info.full_name);
        }
        true
    });
    meta.collection_def
        .for_each_mut(|key, collection| rename_in_collection(key, collection, new));
    meta.signature_def.for_each_mut(|_, signature| {
        for ends in [&mut signature.inputs, &mut signature.outputs] {
            ends.for_each_mut(|_, info| each_tensor_mut(info, &mut |name| put(name)));
        }
    });
    for def in &mut meta.asset_file_def {
        if let Some(info) = &mut def.tensor_info {
            each_tensor_mut(info, &mut |name| put(name));
        }
    }
    if let Some(saver) = &mut meta.saver_def {
        put(&mut saver.filename_tensor_name);
        put(&mut saver.save_tensor_name);
        put(&mut saver.restore_op_name);
    }
}

fn rename_in_node(node: &mut NodeDef, new: NewName<'_>) {
    for input in &mut node.input {
        put(input, new);
    }
    if let Some(Value::List(list)) = node.attr.get_mut(CLASS).and_then(|it| it.value.as_mut()) {
        for group in &mut list.s {
            let name = std::str::from_utf8(group).ok();
            let name = name.and_then(|group| group.strip_prefix(GROUP_PREFIX));
            if let Some(renamed) = name.and_then(new) {
                *group = format!("{GROUP_PREFIX}{renamed}").into_bytes();
            }
        }
    }
    let Some(renamed) = new(&node.name) else {
        return;
    };
    let shared = node.attr.get_mut("shared_name");
    if let Some(Value::S(shared)) = shared.and_then(|it| it.value.as_mut()) {
        if *shared == node.name.as_bytes() {
            *shared = renamed.clone().into_bytes();
        }
    }
    node.name = renamed;
}

fn rename_in_collection(key: &str, collection: &mut CollectionDef, new: NewName<'_>) {
    match &mut collection.kind {
        Some(Kind::NodeList(list)) => list.value.iter_mut().for_each(|name| put(name, new)),
        Some(Kind::BytesList(list)) if contexts::COLLECTIONS.contains(&key) => {
            for bytes in &mut list.value {
                let renamed = |name: &str| {
                    let mut name = name.to_owned();
                    put(&mut name, new);
                    Some(name)
                };
                let context = contexts::decode(key, bytes);
                let context = context.and_then(|it| contexts::renamed(it, "", &renamed));
                if let Some(mut context) = context {
                    contexts::rename_scopes(&mut context, &|scope| put(scope, new));
                    *bytes = contexts::encode(&context);
                }
            }
        }
        Some(Kind::AnyList(list)) if key == assets::COLLECTION => {
            for any in &mut list.value {
                let Ok(mut def) = AssetFileDef::decode(&any.value[..]) else {
                    continue;
                };
                if let Some(info) = &mut def.tensor_info {
                    each_tensor_mut(info, &mut |name| put(name, new));
                }
                any.value = def.encode_to_vec();
            }
        }
        _ => {}
    }
}

/// Puts the new name of its node into the name of a node, of a tensor, or of a control input.
pub(super) fn put(name: &mut String, new: NewName<'_>) {
    let (control, rest) = match name.strip_prefix('^') {
        Some(rest) => ("^", rest),
        None => ("", name.as_str()),
    };
    let (node, output) = match rest.rsplit_once(':') {
        Some((node, output)) => (node, Some(output)),
        None => (rest, None),
    };
    if let Some(renamed) = new(node) {
        *name = match output {
            Some(output) => format!("{control}{renamed}:{output}"),
            None => format!("{control}{renamed}"),
        };
    }
}

/// Calls `f` with the names of all tensors of an input or output of a signature.
pub(super) fn each_tensor<'i>(info: &'i TensorInfo, f: &mut dyn FnMut(&'i str)) {
    if let Some(name) = &info.name {
        f(name);
    }
    match &info.encoding {
        Some(Encoding::CooSparse(sparse)) => {
            f(&sparse.values_tensor_name);
            f(&sparse.indices_tensor_name);
            f(&sparse.dense_shape_tensor_name);
        }
        Some(Encoding::CompositeTensor(composite)) => {
            composite
                .components
                .iter()
                .for_each(|it| each_tensor(it, f));
        }
        None => {}
    }
}

/// As [`each_tensor`], with names that may be changed.
pub(super) fn each_tensor_mut(info: &mut TensorInfo, f: &mut dyn FnMut(&mut String)) {
    if let Some(name) = &mut info.name {
        f(name);
    }
    match &mut info.encoding {
        Some(Encoding::CooSparse(sparse)) => {
            f(&mut sparse.values_tensor_name);
            f(&mut sparse.indices_tensor_name);
            f(&mut sparse.dense_shape_tensor_name);
        }
        Some(Encoding::CompositeTensor(composite)) => {
            let components = composite.components.iter_mut();
            components.for_each(|it| each_tensor_mut(it, f));
        }
        None => {}
    }
}

/// The names of nodes and tensors that are in a collection or a signature, and what has them.
pub(super) fn references(meta: &MetaGraphDef) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for (key, collection) in &meta.collection_def {
        if let Some(Kind::NodeList(list)) = &collection.kind {
            let what = || format!("the collection \"{key}\"");
            found.extend(list.value.iter().map(|name| (what(), name.as_str())));
        }
    }
    for (name, signature) in &meta.signature_def {
        for (side, ends) in [("input", &signature.inputs), ("output", &signature.outputs)] {
            for (key, info) in ends {
                let what = || format!("{side} \"{key}\" of signature \"{name}\"");
                each_tensor(info, &mut |tensor| found.push((what(), tensor)));
            }
        }
    }
    found
}

/// The names of nodes and tensors that are in collections and signatures.
pub(super) fn referenced(meta: &MetaGraphDef) -> HashSet<String> {
    let references = references(meta).into_iter();
    references.map(|(_, name)| name.to_owned()).collect()
}

/// Has collections and signatures name another tensor, or node, in the place of one.
pub(super) fn redirect_references(meta: &mut MetaGraphDef, old: &str, new: &str) {
    let put = |name: &mut String| {
        if name == old {
            new.clone_into(name);
        }
    };
    meta.collection_def.for_each_mut(|_, collection| {
        if let Some(Kind::NodeList(list)) = &mut collection.kind {
            list.value.iter_mut().for_each(put);
        }
    });
    meta.signature_def.for_each_mut(|_, signature| {
        for ends in [&mut signature.inputs, &mut signature.outputs] {
            ends.for_each_mut(|_, info| each_tensor_mut(info, &mut |name| put(name)));
        }
    });
}
