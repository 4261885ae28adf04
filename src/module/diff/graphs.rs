//! The differences of two variants.

use super::{Change, ChangedDetail, ModuleDiff, ModulePart, detail};
use crate::dtype::DType;
use crate::graph::{attr_text, keys, shape_from_proto};
use crate::module::attachment::{ATTACHMENTS, Attachments};
use crate::module::contexts;
use crate::module::signature::component_names;
use crate::module::tags::Tags;
use crate::proto::Message as _;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::{
    AttrValue, CollectionDef, FunctionDef, MetaGraphDef, NodeDef, SignatureDef, TensorInfo,
    VariableDef,
};
use crate::quoted::Quoted;
use crate::sorted_map::SortedMap;

/// The longest text of a value that is shown whole.
const SHOWN: usize = 200;

pub(super) fn compare(
    diff: &mut ModuleDiff,
    tags: &Tags,
    before: &MetaGraphDef,
    after: &MetaGraphDef,
) {
    let versions = |meta: &MetaGraphDef| {
        let graph = meta.graph_def.as_ref()?;
        let versions = graph.versions.as_ref()?;
        Some(format!(
            "{} from {}",
            versions.producer, versions.min_consumer
        ))
    };
    let writer = |meta: &MetaGraphDef| {
        let info = meta.meta_info_def.as_ref()?;
        Some(info.tensorflow_version.clone())
    };
    let mut details = Vec::new();
    for (what, of) in [
        (
            "versions",
            &versions as &dyn Fn(&MetaGraphDef) -> Option<String>,
        ),
        ("written by TensorFlow", &writer),
    ] {
        details.extend(detail(what, of(before).as_deref(), of(after).as_deref()));
    }
    if !details.is_empty() {
        let part = ModulePart::Graph;
        diff.add(
            Some(tags),
            part,
            &tags.to_string(),
            Change::Changed,
            details,
        );
    }
    let (old, new) = (nodes(before), nodes(after));
    diff.things(Some(tags), ModulePart::Node, (&old, &new), |old, new| {
        node_details(old, new)
    });
    let (old, new) = (functions(before), functions(after));
    diff.things(
        Some(tags),
        ModulePart::Function,
        (&old, &new),
        |old, new| function_details(old, new),
    );
    let (old, new) = (signatures(before), signatures(after));
    diff.things(
        Some(tags),
        ModulePart::Signature,
        (&old, &new),
        |old, new| signature_details(old, new),
    );
    let (old, new) = (collections(before), collections(after));
    let (old, new) = (borrowed(&old), borrowed(&new));
    diff.things(
        Some(tags),
        ModulePart::Collection,
        (&old, &new),
        |old, new| item_details(old, new),
    );
    let (old, new) = (attachments(before), attachments(after));
    let (old, new) = (borrowed(&old), borrowed(&new));
    diff.things(
        Some(tags),
        ModulePart::Attachment,
        (&old, &new),
        |old, new| detail("message", Some(old), Some(new)),
    );
}

fn borrowed<T>(things: &[(String, T)]) -> Vec<(&str, &T)> {
    things
        .iter()
        .map(|(name, it)| (name.as_str(), it))
        .collect()
}

fn nodes(meta: &MetaGraphDef) -> Vec<(&str, &NodeDef)> {
    let nodes = meta.graph_def.iter().flat_map(|graph| &graph.node);
    nodes.map(|node| (&*node.name, node)).collect()
}

fn functions(meta: &MetaGraphDef) -> Vec<(&str, &FunctionDef)> {
    let libraries = meta
        .graph_def
        .iter()
        .filter_map(|graph| graph.library.as_ref());
    let functions = libraries.flat_map(|library| &library.function);
    let named = functions.filter_map(|function| {
        let signature = function.signature.as_ref()?;
        Some((&*signature.name, function))
    });
    named.collect()
}

fn signatures(meta: &MetaGraphDef) -> Vec<(&str, &SignatureDef)> {
    let signatures = meta.signature_def.iter();
    signatures
        .map(|(name, signature)| (&**name, signature))
        .collect()
}

fn node_details(before: &NodeDef, after: &NodeDef) -> Vec<ChangedDetail> {
    let mut details = detail("op", Some(&before.op), Some(&after.op));
    let inputs = |node: &NodeDef| node.input.join(", ");
    details.extend(detail(
        "inputs",
        Some(&inputs(before)),
        Some(&inputs(after)),
    ));
    details.extend(detail("device", Some(&before.device), Some(&after.device)));
    details.extend(attr_details(&before.attr, &after.attr));
    details
}

type Attrs = SortedMap<String, AttrValue>;

fn attr_details(before: &Attrs, after: &Attrs) -> Vec<ChangedDetail> {
    let names = before.keys();
    let new = after.keys().filter(|name| !before.contains_key(*name));
    let details = names.chain(new).flat_map(|name| {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            return Vec::new();
        }
        let what = format!("attribute {name}");
        let texts = [old, new].map(|attr| attr.map(|it| cut(attr_text(it))));
        let [mut before, mut after] = texts;
        // Long values are shown in part, in which they may be equal.
        if before == after {
            let sum = |attr: &AttrValue| {
                format!("checksum {:08x}", crc32c::crc32c(&attr.encode_to_vec()))
            };
            (before, after) = (old.map(sum), new.map(sum));
        }
        vec![ChangedDetail {
            what,
            before,
            after,
        }]
    });
    details.collect()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn dtype_text(number: i32) -> String {
    match DType::from_number(number) {
        Some(dtype) => dtype.to_string(),
        None => format!("dtype {number}"),
    }
}

fn function_details(before: &FunctionDef, after: &FunctionDef) -> Vec<ChangedDetail> {
    let mut details = Vec::new();
    let nodes = |function: &FunctionDef| -> SortedMap<String, NodeDef> {
        let nodes = function.node_def.iter();
        nodes
            .map(|node| (node.name.clone(), node.clone()))
            .collect()
    };
    let (old, new) = (nodes(before), nodes(after));
    let added = new.keys().filter(|name| !old.contains_key(*name));
    for name in old.keys().chain(added) {
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => {
                details.extend(node_details(old, new).into_iter().map(|it| {
                    let what = format!("node \"{name}\", {}", it.what);
                    ChangedDetail { what, ..it }
                }))
            }
            (old, new) => {
                let what = format!("node \"{name}\"");
                let op = |node: Option<&NodeDef>| node.map(|node| node.op.clone());
                details.extend(detail(&what, op(old).as_deref(), op(new).as_deref()));
            }
        }
    }
    let (old, new) = (function_ends(before), function_ends(after));
    let added = new.keys().filter(|end| !old.contains_key(*end));
    for end in old.keys().chain(added) {
        let texts = [&old, &new].map(|ends| ends.get(end).map(String::as_str));
        details.extend(detail(end, texts[0], texts[1]));
    }
    if details.is_empty() && before != after {
        let rest = |function: &FunctionDef| {
            let sum = crc32c::crc32c(&function.encode_to_vec());
            format!("checksum {sum:08x}")
        };
        details = detail("definition", Some(&rest(before)), Some(&rest(after)));
    }
    details
}

/// The arguments of a function with their dtypes, and its results with the tensors that they are.
fn function_ends(function: &FunctionDef) -> SortedMap<String, String> {
    let mut ends = SortedMap::new();
    let signature = function.signature.as_ref();
    for arg in signature.iter().flat_map(|it| &it.input_arg) {
        let end = format!("argument \"{}\"", arg.name);
        ends.insert(end, dtype_text(arg.r#type));
    }
    for arg in signature.iter().flat_map(|it| &it.output_arg) {
        let tensor = function.ret.get(&arg.name).map_or("nothing", |it| it);
        let end = format!("result \"{}\"", arg.name);
        ends.insert(end, format!("{} {tensor}", dtype_text(arg.r#type)));
    }
    ends
}

fn signature_details(before: &SignatureDef, after: &SignatureDef) -> Vec<ChangedDetail> {
    let mut details = Vec::new();
    for (side, old, new) in [
        ("input", &before.inputs, &after.inputs),
        ("output", &before.outputs, &after.outputs),
    ] {
        let added = new.keys().filter(|key| !old.contains_key(*key));
        for key in old.keys().chain(added) {
            let (old, new) = (old.get(key).map(info_text), new.get(key).map(info_text));
            let what = format!("{side} \"{key}\"");
            details.extend(detail(&what, old.as_deref(), new.as_deref()));
        }
    }
    let methods = [&before.method_name, &after.method_name];
    details.extend(detail("method name", Some(methods[0]), Some(methods[1])));
    details
}

fn info_text(info: &TensorInfo) -> String {
    let shape = info.tensor_shape.as_ref().map(shape_from_proto);
    let shape = shape.map(|shape| shape.to_string()).unwrap_or_default();
    let names = component_names(info).unwrap_or_default().join(", ");
    format!("{} {shape} ({names})", dtype_text(info.dtype))
}

/// The items of a collection as people read them, in their order.
fn collections(meta: &MetaGraphDef) -> Vec<(String, Vec<String>)> {
    let collections = meta.collection_def.iter();
    let collections = collections.filter(|(key, _)| *key != ATTACHMENTS);
    let texts = collections.map(|(key, collection)| (key.clone(), items(key, collection)));
    texts.collect()
}

fn items(key: &str, collection: &CollectionDef) -> Vec<String> {
    match &collection.kind {
        Some(Kind::NodeList(list)) => list.value.clone(),
        Some(Kind::BytesList(list)) => list.value.iter().map(|it| bytes_text(key, it)).collect(),
        Some(Kind::Int64List(list)) => list.value.iter().map(ToString::to_string).collect(),
        Some(Kind::FloatList(list)) => list.value.iter().map(ToString::to_string).collect(),
        Some(Kind::AnyList(list)) => {
            let items = list.value.iter();
            items
                .map(|it| format!("{} {}", it.type_url, Quoted::new(&it.value)))
                .collect()
        }
        None => Vec::new(),
    }
}

fn bytes_text(key: &str, bytes: &[u8]) -> String {
    let is_variables = [
        keys::VARIABLES,
        keys::TRAINABLE_VARIABLES,
        keys::MODEL_VARIABLES,
    ]
    .contains(&key);
    if is_variables {
        if let Ok(def) = VariableDef::decode(bytes) {
            let mut words = vec![def.variable_name.clone()];
            words.push(format!("initializer {}", def.initializer_name));
            words.push(format!("snapshot {}", def.snapshot_name));
            words.extend(def.is_resource.then(|| "resource".to_owned()));
            words.extend(def.trainable.then(|| "trainable".to_owned()));
            return words.join(", ");
        }
    }
    if contexts::COLLECTIONS.contains(&key) {
        // The text of equal contexts is equal, as their maps are sorted.
        if let Some(context) = contexts::decode(key, bytes) {
            let sum = crc32c::crc32c(&contexts::encode(&context));
            return format!("{} with the checksum {sum:08x}", contexts::name(&context));
        }
    }
    cut(Quoted::new(bytes).to_string())
}

/// Items that only one side has, and whether those of both are in another order.
fn item_details(before: &[String], after: &[String]) -> Vec<ChangedDetail> {
    let mut details = Vec::new();
    for item in before.iter().filter(|item| !after.contains(item)) {
        details.extend(detail("item", Some(item), None));
    }
    for item in after.iter().filter(|item| !before.contains(item)) {
        details.extend(detail("item", None, Some(item)));
    }
    if details.is_empty() && before != after {
        let (old, new) = (before.join(", "), after.join(", "));
        details.extend(detail("order", Some(&cut(old)), Some(&cut(new))));
    }
    details
}

fn attachments(meta: &MetaGraphDef) -> Vec<(String, String)> {
    let messages = match meta.collection_def.get(ATTACHMENTS).map(|it| &it.kind) {
        Some(Some(Kind::BytesList(list))) => &list.value[..],
        _ => &[],
    };
    // A module with malformed ones is not loaded.
    let attachments = Attachments::parse(messages).unwrap_or_default();
    let attachments = attachments.iter();
    let texts = attachments.map(|(key, bytes)| (key.to_owned(), Quoted::bytes(bytes).to_string()));
    texts.collect()
}
