//! The variables of a variant, as its message has them.

use super::error::EditError;
use super::nodes::{dtype_attr, nodes_of};
use crate::dtype::DType;
use crate::graph::{HashMap, HashSet, keys, shape_from_proto, variable_name};
use crate::module::saved_model::{part, tags};
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::Kind;
use crate::proto::tensorflow::{MetaGraphDef, NodeDef, VariableDef};
use crate::shape::Shape;
use crate::variable::VariablePart;

/// The collections of variables, that of all first.
pub(super) const COLLECTIONS: [&str; 3] = [
    keys::VARIABLES,
    keys::TRAINABLE_VARIABLES,
    keys::MODEL_VARIABLES,
];
/// The ops that make variables of the old kind.
pub(super) const REF_VARIABLES: [&str; 2] = ["VariableV2", "Variable"];

/// A variable of a variant, or a part of one.
#[derive(Debug, Clone)]
pub(super) struct EditedVariable {
    /// The name of its node.
    pub(super) name: String,
    /// The name in the checkpoint, that of the whole for a part.
    pub(super) key: String,
    pub(super) dtype: DType,
    /// The shape, if the node says it.
    pub(super) shape: Option<Vec<usize>>,
    pub(super) part: Option<VariablePart>,
    pub(super) is_resource: bool,
    pub(super) def: VariableDef,
}

impl EditedVariable {
    /// The shape of the whole, if it is known.
    pub(super) fn whole_shape(&self) -> Option<&[usize]> {
        match &self.part {
            Some(part) => Some(&part.shape),
            None => self.shape.as_deref(),
        }
    }

    /// The dtype and the shape of the whole.
    pub(super) fn type_text(&self) -> String {
        let shape = self.whole_shape();
        let shape = shape.map_or_else(Shape::unknown, Shape::from);
        format!("{} {shape}", self.dtype)
    }
}

/// The definitions that a collection has.
pub(super) fn defs(meta: &MetaGraphDef, key: &str) -> Result<Vec<VariableDef>, EditError> {
    let Some(Some(Kind::BytesList(list))) = meta.collection_def.get(key).map(|it| &it.kind) else {
        return Ok(Vec::new());
    };
    let defs = list.value.iter().map(|bytes| {
        VariableDef::decode(bytes).map_err(|error| EditError::VariableDef {
            tags: tags(meta),
            key: key.to_owned(),
            error,
        })
    });
    defs.collect()
}

/// Changes the definitions in the collections of variables; `change` says whether one stays.
///
/// All definitions are known to be well-formed.
pub(super) fn change_defs(
    meta: &mut MetaGraphDef,
    mut change: impl FnMut(&mut VariableDef) -> bool,
) {
    for key in COLLECTIONS {
        let Some(collection) = meta.collection_def.get_mut(key) else {
            continue;
        };
        let Some(Kind::BytesList(list)) = &mut collection.kind else {
            continue;
        };
        list.value.retain_mut(|bytes| {
            let Ok(mut def) = VariableDef::decode(bytes) else {
                return true;
            };
            let before = def.clone();
            let stays = change(&mut def);
            if def != before {
                *bytes = def.encode_to_vec();
            }
            stays
        });
        if list.value.is_empty() {
            meta.collection_def.remove(key);
        }
    }
}

/// The nodes of a graph by name.
pub(super) fn places(nodes: &[NodeDef]) -> HashMap<&str, usize> {
    nodes.iter().map(|node| &*node.name).zip(0..).collect()
}

/// The variables of a variant in the order of their collection.
pub(super) fn variables(meta: &MetaGraphDef) -> Result<Vec<EditedVariable>, EditError> {
    let nodes = nodes_of(meta);
    let places = places(nodes);
    // The others are malformed if one of these is.
    for key in COLLECTIONS.into_iter().skip(1) {
        defs(meta, key)?;
    }
    let variables = defs(meta, keys::VARIABLES)?.into_iter().map(|def| {
        let name = variable_name(&def).to_owned();
        let fault = |fault| EditError::Variable {
            tags: tags(meta),
            name: name.clone(),
            fault,
        };
        let node = places.get(&*name).map(|&place| &nodes[place]);
        let node = node.ok_or_else(|| fault("the graph has no such node"))?;
        let dtype = dtype_attr(node, "dtype").ok_or_else(|| fault("its node has no dtype"))?;
        let part = match &def.save_slice_info_def {
            Some(info) if !info.full_name.is_empty() => {
                let malformed = "its place in the partitioned variable is malformed";
                Some(part(info).ok_or_else(|| fault(malformed))?)
            }
            _ => None,
        };
        let key = part.as_ref().map_or(&name, |part| &part.whole).clone();
        Ok(EditedVariable {
            is_resource: !REF_VARIABLES.contains(&&*node.op),
            name,
            key,
            dtype,
            shape: shape(node),
            part,
            def,
        })
    });
    variables.collect()
}

/// The shape that the node of a variable says.
fn shape(node: &NodeDef) -> Option<Vec<usize>> {
    match node.attr.get("shape")?.value.as_ref()? {
        Value::Shape(shape) => shape_from_proto(shape).to_static(),
        _ => None,
    }
}

/// The variables of the old kind that no collection has, such as local ones.
pub(super) fn unlisted(meta: &MetaGraphDef, listed: &[EditedVariable]) -> Vec<EditedVariable> {
    let listed: HashSet<&str> = listed.iter().map(|it| &*it.name).collect();
    let nodes = nodes_of(meta).iter();
    let old = nodes.filter(|node| REF_VARIABLES.contains(&&*node.op));
    let unlisted = old.filter(|node| !listed.contains(&*node.name));
    let unlisted = unlisted.filter_map(|node| {
        Some(EditedVariable {
            name: node.name.clone(),
            key: node.name.clone(),
            dtype: dtype_attr(node, "dtype")?,
            shape: shape(node),
            part: None,
            is_resource: false,
            def: VariableDef::default(),
        })
    });
    unlisted.collect()
}
