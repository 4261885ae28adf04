//! Findings A of assets and attachments, and the tables that vocabularies fill.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, Read as _};
use std::path::Path;

use super::Lint;
use super::bodies::{self, node_of};
use super::code::{LintCode, Severity};
use super::facts::{Consumers, Facts, constant, need};
use super::vocabulary::{Column, Format, Vocabulary, read};
use crate::graph::{HashMap, HashSet, Node, NodeId, TensorRef};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{NodeDef, TensorProto};
use crate::saved_model::assets::{self, AssetFiles, readable};
use crate::variable::VariableInfo;

/// The size in bytes from which an attachment is a large one.
const LARGE_ATTACHMENT: usize = 4 << 10;
/// Names that Windows keeps for devices, with any extension.
const RESERVED: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];
/// The ops that fill tables from files.
const FILL: [&str; 2] = [
    "InitializeTableFromTextFileV2",
    "InitializeTableFromTextFile",
];
/// The ops that read the files whose paths are an input, and that input.
const READ: [(&str, usize); 6] = [
    (FILL[0], 1),
    (FILL[1], 1),
    ("ReadFile", 0),
    ("TextLineDataset", 0),
    ("FixedLengthRecordDataset", 0),
    ("TFRecordDataset", 0),
];
/// The ops that pass ids on.
const OF_IDS: [&str; 15] = [
    "Cast",
    "ConcatV2",
    "ExpandDims",
    "Identity",
    "Merge",
    "Pack",
    "Reshape",
    "Select",
    "SelectV2",
    "SparseFillEmptyRows",
    "Squeeze",
    "StridedSlice",
    "Switch",
    "Unique",
    "UniqueV2",
];

/// A table that a file fills.
struct Filled<'a> {
    fills: &'a Node,
    table: NodeId,
    path: &'a str,
}

impl Lint<'_> {
    pub(super) fn files(&mut self, all: &[Facts<'_>]) {
        let mut files = AssetFiles::default();
        for facts in all {
            files.add(facts.graph);
        }
        let names: HashMap<&str, &str> = files
            .files
            .iter()
            .map(|(path, name)| (&**path, &**name))
            .collect();
        let mut seen = HashSet::default();
        let mut folded: BTreeMap<String, &str> = BTreeMap::new();
        let mut by_size: HashMap<u64, Vec<(&str, Option<u64>)>> = HashMap::default();
        for facts in all {
            let filled = filled(facts);
            for item in facts.asset_ids() {
                let node = facts.graph.node(item);
                let Ok(path) = assets::path_of(node) else {
                    continue;
                };
                let name = names.get(path).copied().unwrap_or(path);
                let users = need::OUTPUT | need::TABLE | need::LOSS | need::UPDATE;
                if !facts.is_needed_by(item, users) {
                    self.asset(
                        facts,
                        LintCode::A04,
                        item,
                        name,
                        "nothing uses the asset".to_owned(),
                    );
                }
                if !seen.insert(path) {
                    continue;
                }
                let other = folded.insert(name.to_lowercase(), name);
                if let Some(fault) = unsafe_name(name) {
                    let found = self.asset(facts, LintCode::A01, item, name, fault);
                    found.severity = Severity::Warning;
                } else if let Some(other) = other {
                    let message = format!("the name differs from \"{other}\" in case alone");
                    let found = self.asset(facts, LintCode::A01, item, name, message);
                    found.severity = Severity::Warning;
                }
                let size = match readable(path).and_then(|()| std::fs::metadata(path)) {
                    Ok(metadata) => metadata.len(),
                    Err(error) => {
                        let message = format!("cannot read the asset {path:?}: {error}");
                        self.asset(facts, LintCode::A01, item, name, message);
                        continue;
                    }
                };
                if size == 0 && !filled.iter().any(|filled| filled.path == path) {
                    self.asset(
                        facts,
                        LintCode::A04,
                        item,
                        name,
                        "the file is empty".to_owned(),
                    );
                }
                let of_size = by_size.entry(size).or_default();
                if let Some(equal) = equal_file(of_size, path).filter(|_| size > 0) {
                    let message = format!("the file has the content of {equal:?}");
                    self.asset(facts, LintCode::A04, item, name, message);
                }
            }
            self.vocabularies(facts, &filled);
            self.paths_of_files(facts);
            self.attachments(facts);
        }
    }

    fn asset(
        &mut self,
        facts: &Facts<'_>,
        code: LintCode,
        node: NodeId,
        name: &str,
        message: String,
    ) -> &mut super::Finding {
        let found = self.node_finding(facts, code, node, message);
        (found.item, found.op) = (name.to_owned(), String::new());
        found
    }

    /// Paths from which files are read, but that are those of no assets.
    fn paths_of_files(&mut self, facts: &Facts<'_>) {
        let graph = facts.graph;
        let assets: HashSet<NodeId> = facts.asset_ids().collect();
        let mut seen = HashSet::default();
        for (_, node) in facts.nodes() {
            let of_op = READ.iter().find(|(op, _)| *op == node.op.name());
            let Some(&path) = of_op.and_then(|(_, place)| node.inputs.get(*place)) else {
                continue;
            };
            let path = source(facts, path);
            if holds_path(constant(graph.node(path)))
                && !assets.contains(&path)
                && seen.insert(path)
            {
                let (op, name) = (node.op.name(), &node.name);
                let message =
                    format!("{op} \"{name}\" reads the file of this path, which is no asset");
                self.node_finding(facts, LintCode::A02, path, message);
            }
        }
        for body in &facts.bodies {
            let nodes = body.by_name();
            for node in body.nodes() {
                let of_op = READ.iter().find(|(op, _)| *op == node.op);
                let path = of_op.and_then(|(_, place)| node.input.get(*place));
                let path = path.and_then(|path| source_in_body(&nodes, path));
                if let Some(path) = path.filter(|path| holds_path(bodies::constant(path))) {
                    let (op, reader) = (&node.op, &node.name);
                    let message =
                        format!("{op} \"{reader}\" reads the file of this path, which is no asset");
                    self.body_finding(facts, LintCode::A02, body, path, message);
                }
            }
        }
    }

    fn attachments(&mut self, facts: &Facts<'_>) {
        let attachments = facts.attachments.into_iter();
        for (key, message) in attachments.flat_map(|attachments| attachments.iter()) {
            if message.len() > LARGE_ATTACHMENT {
                let message = format!("the attachment has {} bytes", message.len());
                self.finding(facts, LintCode::A06, key, message);
            }
        }
    }

    fn vocabularies(&mut self, facts: &Facts<'_>, filled: &[Filled<'_>]) {
        let consumers = (!filled.is_empty()).then(|| facts.consumers());
        for table in filled {
            let Some(format) = format(facts, table) else {
                continue;
            };
            let vocabulary = match read(Path::new(table.path), &format) {
                Ok(vocabulary) => vocabulary,
                // A file that cannot be read is a finding of its own.
                Err(_) if readable(table.path).is_err() => continue,
                Err(error) => Vocabulary::unread(&error),
            };
            let item = Path::new(table.path)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let item = item.unwrap_or_else(|| table.path.to_owned());
            let node = facts.graph.find(&table.fills.name);
            let Some(node) = node else { continue };
            for fault in &vocabulary.faults {
                let found = self.asset(facts, LintCode::A05, node, &item, fault.message.clone());
                found.severity = found.severity.min(fault.severity);
                (found.file, found.line) = (Some(table.path.into()), fault.line);
            }
            let of_rows = consumers
                .as_ref()
                .map(|consumers| rows(facts, consumers, table.table));
            for Embedding {
                name,
                rows,
                buckets,
            } in of_rows.into_iter().flatten()
            {
                let ids = vocabulary.entries.saturating_add(buckets);
                if ids == rows || format.keys == Column::LineNumber {
                    continue;
                }
                let of_buckets = match buckets {
                    0 => String::new(),
                    buckets => format!(" and {buckets} buckets for other words"),
                };
                let message = format!(
                    "the vocabulary has {} entries{of_buckets}, and \"{name}\" has {rows} rows",
                    vocabulary.entries
                );
                let found = self.asset(facts, LintCode::A05, node, &item, message);
                found.file = Some(table.path.into());
                if ids < rows {
                    found.severity = found.severity.min(Severity::Warning);
                }
            }
        }
    }
}

/// The tables that files fill whose paths are known.
fn filled<'a>(facts: &Facts<'a>) -> Vec<Filled<'a>> {
    let graph = facts.graph;
    let fills = facts
        .nodes()
        .filter(|(_, node)| FILL.contains(&node.op.name()));
    let filled = fills.filter_map(|(_, fills)| {
        let [table, path, ..] = fills.inputs[..] else {
            return None;
        };
        let path = assets::path_of(graph.node(source(facts, path))).ok()?;
        let table = table.node;
        Some(Filled { fills, table, path })
    });
    filled.collect()
}

/// The node that a tensor comes from, behind nodes that pass it on.
fn source(facts: &Facts<'_>, tensor: TensorRef) -> NodeId {
    let mut id = tensor.node;
    while matches!(facts.graph.node(id).op.name(), "Identity" | "Enter") {
        match facts.graph.node(id).inputs.first() {
            Some(input) => id = input.node,
            None => break,
        }
    }
    id
}

/// The node in a body that a tensor comes from, behind nodes that pass it on.
fn source_in_body<'a>(nodes: &HashMap<&'a str, &'a NodeDef>, tensor: &str) -> Option<&'a NodeDef> {
    let mut node = *nodes.get(node_of(tensor))?;
    // No longer than the body, though nodes of a file may be in a circle.
    for _ in 0..nodes.len() {
        match (node.op.as_str(), node.input.first()) {
            ("Identity", Some(input)) => node = *nodes.get(node_of(input))?,
            _ => return Some(node),
        }
    }
    None
}

/// Whether the tensor of a constant has a path in it.
fn holds_path(constant: Option<&TensorProto>) -> bool {
    constant.is_some_and(|it| it.string_val.iter().any(|path| !path.is_empty()))
}

/// The form in which a table takes its file.
fn format(facts: &Facts<'_>, filled: &Filled<'_>) -> Option<Format> {
    let fills = filled.fills;
    let table = facts.graph.node(filled.table);
    let column = |attr: &str, dtype: &str| {
        Some(match fills.int_attr(attr)? {
            -2 => Column::WholeLine,
            -1 => Column::LineNumber,
            index => Column::Number(usize::try_from(index).ok()?),
        })
        .zip(table.type_attr(dtype))
    };
    let (keys, key_dtype) = column("key_index", "key_dtype")?;
    let (values, value_dtype) = column("value_index", "value_dtype")?;
    let size = fills.int_attr("vocab_size")?;
    let delimiter = match fills.attr_or_default("delimiter") {
        Some(Value::S(delimiter)) => delimiter.first().copied().unwrap_or(b'\t'),
        _ => b'\t',
    };
    Some(Format {
        keys,
        values,
        keys_are_integers: key_dtype.is_integer(),
        values_are_integers: value_dtype.is_integer(),
        delimiter,
        size: u64::try_from(size).ok(),
    })
}

/// A variable, in one piece or in parts, whose rows the ids of a table choose.
struct Embedding<'a> {
    name: &'a str,
    rows: u64,
    /// The number of ids that unknown words get.
    buckets: u64,
}

impl<'a> Embedding<'a> {
    /// The variable that such ids choose rows of, if it has rows of a known number.
    fn of(variable: &'a VariableInfo, ids: Ids, buckets: u64) -> Option<Self> {
        let (name, rows) = match (&variable.part, ids) {
            (None, Ids::Whole) => (&variable.name, variable.shape.dim(0)?),
            (Some(part), Ids::OfPart) => (&part.whole, *part.shape.first()?),
            _ => return None,
        };
        Some(Embedding {
            name,
            rows: rows as u64,
            buckets,
        })
    }
}

/// The form of ids on their way to a variable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Ids {
    /// As the table gives them.
    Whole,
    /// The part for each, or the row in that part.
    Counted,
    /// The rows in one part.
    OfPart,
}

impl Ids {
    /// The form of the outputs of a node that takes ids of this form at a place, if it passes them on.
    fn behind(self, op: &str, place: usize) -> Option<Self> {
        match (op, place, self) {
            ("DynamicPartition", 0, Ids::Counted) => Some(Ids::OfPart),
            ("FloorDiv" | "FloorMod" | "Sub", 0, Ids::Whole | Ids::Counted) => Some(Ids::Counted),
            _ if OF_IDS.contains(&op) => Some(self),
            _ => None,
        }
    }
}

/// The variables whose rows the ids of a table choose.
fn rows<'a>(facts: &Facts<'a>, consumers: &Consumers, table: NodeId) -> Vec<Embedding<'a>> {
    let graph = facts.graph;
    let by_handle = facts.by_handle();
    let mut found: Vec<Embedding<'a>> = Vec::new();
    let mut names = HashSet::default();
    let mut seen = HashSet::default();
    let finds = |id: &&NodeId| {
        let node = graph.node(**id);
        node.op.name().starts_with("LookupTableFind") && node.inputs[0].node == table
    };
    let mut open: Vec<(NodeId, Ids, u64)> = consumers
        .of_node(table)
        .iter()
        .filter(finds)
        .map(|id| (*id, Ids::Whole, 0))
        .collect();
    while let Some((id, ids, buckets)) = open.pop() {
        for &next in consumers.of_node(id) {
            let node = graph.node(next);
            let Some(place) = node.inputs.iter().position(|input| input.node == id) else {
                continue;
            };
            let name = node.op.name();
            if matches!(name, "GatherV2" | "Gather" | "ResourceGather") && place == 1 {
                let handle = facts.root(node.inputs[0]);
                let variable = handle.and_then(|handle| by_handle.get(&handle));
                let embedding = variable.and_then(|it| Embedding::of(it, ids, buckets));
                found.extend(embedding.filter(|it| names.insert(it.name)));
            } else if let Some(ids) = ids
                .behind(name, place)
                .filter(|ids| seen.insert((next, *ids)))
            {
                let of_others = node
                    .inputs
                    .iter()
                    .filter_map(|input| buckets_behind(facts, *input));
                open.push((next, ids, of_others.fold(buckets, u64::max)));
            }
        }
    }
    found
}

/// The number of buckets of a hash of words, moved behind other ids.
fn buckets_behind(facts: &Facts<'_>, tensor: TensorRef) -> Option<u64> {
    let graph = facts.graph;
    let mut id = tensor.node;
    for _ in 0..4 {
        let node = graph.node(id);
        let name = node.op.name();
        if name.starts_with("StringToHashBucket") {
            return u64::try_from(node.int_attr("num_buckets")?).ok();
        }
        if !matches!(name, "Add" | "AddV2" | "Identity" | "Cast" | "Reshape") {
            return None;
        }
        let is_hash = |input: &&TensorRef| constant(graph.node(input.node)).is_none();
        id = node.inputs.iter().find(is_hash)?.node;
    }
    None
}

/// The reason why not all systems can have a file of this name.
fn unsafe_name(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let forbidden = name
        .chars()
        .find(|c| c.is_control() || "<>:\"/\\|?*".contains(*c));
    if let Some(c) = forbidden {
        Some(format!("a file on Windows cannot have {c:?} in its name"))
    } else if RESERVED.contains(&&*stem) {
        Some("Windows keeps the name for a device".to_owned())
    } else if name.ends_with(['.', ' ']) {
        Some("a file on Windows cannot end in a dot or a blank".to_owned())
    } else if name.starts_with('.') {
        Some("archives and copies leave out files whose names begin with a dot".to_owned())
    } else {
        None
    }
}

/// The file among others of its size that has the content of this one, which joins them.
fn equal_file<'p>(of_size: &mut Vec<(&'p str, Option<u64>)>, path: &'p str) -> Option<&'p str> {
    let mut own = None;
    if !of_size.is_empty() {
        // A file that went away meanwhile is a fault of the export.
        own = hash(path).ok();
        for (other, known) in &mut *of_size {
            *known = known.or_else(|| hash(other).ok());
        }
    }
    let equal = of_size
        .iter()
        .find(|(_, known)| own.is_some() && *known == own);
    let equal = equal.map(|(other, _)| *other);
    of_size.push((path, own));
    equal
}

/// A hash of the content of a file, which is read piece by piece.
fn hash(path: &str) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            read => hasher.write(&piece[..read]),
        }
    }
}
