//! Constants as variables.

use std::panic::Location;

use super::editor::{ModuleEditor, graph_of};
use super::error::EditError;
use super::freeze::constant;
use super::names::{put, rename_references};
use super::nodes::{
    CLASS, FreshNames, OUTPUT_SHAPES, insert_before, node, nodes_of, output_shapes, scalar_shape,
    set, type_value, update_ops,
};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{HashMap, HashSet, keys, shape_proto};
use crate::module::saved_model::tags;
use crate::module::tags::Tags;
use crate::nearest;
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::collection_def::{BytesList, Kind};
use crate::proto::tensorflow::{CollectionDef, MetaGraphDef, NodeDef, VariableDef};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::value::{TensorValue, decode_tensor_proto};

/// The constants that [`ModuleEditor::unfreeze`] turns into variables.
///
/// ```
/// use tfhub::module::Unfreeze;
///
/// let weights = Unfreeze::names(["dense/kernel", "dense/bias"]);
/// let large = Unfreeze::of_bytes(1 << 10);
/// # let _ = (weights, large);
/// ```
#[derive(Debug, Clone)]
pub struct Unfreeze {
    names: Vec<String>,
    bytes: Option<usize>,
}

impl Unfreeze {
    /// The constants of these names.
    pub fn names<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Unfreeze {
            names: names.into_iter().map(Into::into).collect(),
            bytes: None,
        }
    }

    /// All constants of floating-point numbers that have so many bytes at least, but for those inside of conditionals and
    /// loops, and those of which variants have different ones under one name.
    pub fn of_bytes(least: usize) -> Self {
        Unfreeze {
            names: Vec::new(),
            bytes: Some(least),
        }
    }
}

impl ModuleEditor<'_> {
    /// Turns constants into variables of the same names, so that their values go to the checkpoint and training can
    /// change those that are floating-point numbers. The value of the constant `N` is read by
    /// `N/Read/ReadVariableOp` then. A constant that several variants have becomes one variable.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, layers};
    /// # use tfhub::module::{ModuleEditor, Unfreeze};
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// # })?;
    /// # let session = Session::new(&spec)?;
    /// # let mut editor = ModuleEditor::new(&spec, &session)?;
    /// editor.freeze()?;
    /// assert!(editor.variable_names()?.is_empty());
    /// editor.unfreeze(&Unfreeze::of_bytes(16))?;
    /// assert_eq!(editor.variable_names()?, ["dense/kernel"]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no constant of one of the names,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if one cannot be a variable, being the path of an asset
    /// or inside of a conditional or loop, [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if variants have
    /// different ones under one name.
    #[track_caller]
    pub fn unfreeze(&mut self, chosen: &Unfreeze) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let mut values: SortedMap<String, (Tags, TensorValue)> = SortedMap::new();
            let mut found = Vec::new();
            let mut known = HashSet::default();
            // Constants that variants have differently.
            let mut differ = HashSet::default();
            for meta in &editor.model.meta_graphs {
                let mut of_variant = Vec::new();
                for (place, value) in constants(meta, chosen, &mut known)? {
                    let name = nodes_of(meta)[place].name.clone();
                    of_variant.push((place, value.dtype(), value.shape().to_vec()));
                    let Some((first, old)) = values.get(&name) else {
                        values.insert(name, (tags(meta), value));
                        continue;
                    };
                    if *old == value {
                        continue;
                    }
                    if chosen.names.contains(&name) {
                        let (first, second) = (first.clone(), tags(meta));
                        return Err(EditError::ConstantsDiffer {
                            name,
                            first,
                            second,
                        });
                    }
                    differ.insert(name);
                }
                found.push(of_variant);
            }
            values.retain(|name, _| !differ.contains(name));
            let metas = editor.model.meta_graphs.iter();
            let plans = metas.zip(found).map(|(meta, mut of_variant)| {
                of_variant.retain(|(place, ..)| values.contains_key(&nodes_of(meta)[*place].name));
                of_variant
            });
            let plans: Vec<_> = plans.collect();
            if let Some(name) = chosen.names.iter().find(|name| !values.contains_key(*name)) {
                let known = known.iter().map(String::as_str);
                return Err(EditError::NoConstant {
                    name: name.clone(),
                    meant: nearest::suggestion(name, known),
                });
            }
            let taken = editor.all_variables()?;
            if let Some(name) = values.keys().find(|name| taken.contains_key(*name)) {
                let (name, to) = (name.clone(), name.clone());
                return Err(EditError::VariableExists { name, to });
            }
            for (meta, plan) in editor.model.meta_graphs.iter_mut().zip(plans) {
                unfreeze(meta, plan);
            }
            for (name, (_, value)) in values {
                editor.values.replace(&name, [], value);
            }
            Ok(())
        })
    }
}

/// The constants of a variant that are chosen, by place; `known` gets the names of all.
fn constants(
    meta: &MetaGraphDef,
    chosen: &Unfreeze,
    known: &mut HashSet<String>,
) -> Result<Vec<(usize, TensorValue)>, EditError> {
    let assets = super::assets::asset_tensors(meta);
    let mut found = Vec::new();
    for (place, node) in nodes_of(meta).iter().enumerate() {
        let is_named = chosen.names.contains(&node.name);
        let value = match node.attr.get("value").and_then(|it| it.value.as_ref()) {
            Some(Value::Tensor(value)) if node.op == "Const" => value,
            _ => continue,
        };
        known.insert(node.name.clone());
        if !is_named && chosen.bytes.is_none() {
            continue;
        }
        let is_asset = assets
            .iter()
            .any(|tensor| *tensor == format!("{}:0", node.name));
        let fault = match DType::from_number(value.dtype) {
            _ if is_asset => Some("it is the path of an asset".to_owned()),
            _ if !node.input.is_empty() => {
                Some("it waits for other nodes, as those of conditionals and loops do".to_owned())
            }
            Some(dtype) if dtype.size().is_some() => None,
            _ => Some("its elements are of no fixed size".to_owned()),
        };
        let decoded = match fault {
            None => decode_tensor_proto(value).map_err(|error| error.to_string()),
            Some(fault) => Err(fault),
        };
        match decoded {
            Ok(value) => {
                let bytes = value.len() * value.dtype().size().unwrap_or(0);
                let is_large = chosen.bytes.is_some_and(|least| bytes >= least);
                if is_named || (is_large && value.dtype().is_floating()) {
                    found.push((place, value));
                }
            }
            Err(fault) if is_named => {
                return Err(EditError::Constant {
                    tags: tags(meta),
                    op: node.op.clone(),
                    node: node.name.clone(),
                    fault,
                });
            }
            Err(_) => {}
        }
    }
    Ok(found)
}

/// Turns constants at these places, of a dtype and a shape each, into variables.
fn unfreeze(meta: &mut MetaGraphDef, plan: Vec<(usize, DType, Vec<usize>)>) {
    if plan.is_empty() {
        return;
    }
    let mut names = FreshNames::new(nodes_of(meta));
    let mut reads: HashMap<String, String> = HashMap::default();
    for (place, ..) in &plan {
        let name = nodes_of(meta)[*place].name.clone();
        let read = names.make(format!("{name}/Read/ReadVariableOp"));
        reads.insert(name, read);
    }
    let new = |name: &str| reads.get(name).cloned();
    for node in &mut graph_of(meta).node {
        node.input.iter_mut().for_each(|input| put(input, &new));
    }
    rename_references(meta, &new);
    let mut before = Vec::new();
    for (place, dtype, shape) in plan {
        let constant = std::mem::take(&mut graph_of(meta).node[place]);
        let Made { nodes, read, def } = variable(constant, &reads, dtype, &shape, &mut names);
        before.extend(nodes.into_iter().map(|node| (place, node)));
        graph_of(meta).node[place] = read;
        list(meta, keys::VARIABLES, &def);
        if def.trainable {
            list(meta, keys::TRAINABLE_VARIABLES, &def);
        }
    }
    insert_before(&mut graph_of(meta).node, before);
    update_ops(meta);
}

/// The nodes of a new variable.
struct Made {
    /// All but the read.
    nodes: Vec<NodeDef>,
    read: NodeDef,
    def: VariableDef,
}

/// The variable in the place of a constant: its handle, zeros as its first value, and a read.
fn variable(
    old: NodeDef,
    reads: &HashMap<String, String>,
    dtype: DType,
    shape: &[usize],
    names: &mut FreshNames,
) -> Made {
    let name = old.name.clone();
    let shape_value = || Value::Shape(shape_proto(&Shape::from(shape)));
    let mut handle = node(
        &name,
        "VarHandleOp",
        [],
        [
            ("container", Value::S(Vec::new())),
            ("dtype", type_value(dtype)),
            ("shape", shape_value()),
            ("shared_name", Value::S(name.clone().into_bytes())),
        ],
    );
    handle.device.clone_from(&old.device);
    if let Some(class) = old.attr.get(CLASS) {
        handle.attr.insert(CLASS.to_owned(), class.clone());
    }
    let shapes = old.attr.get(OUTPUT_SHAPES).cloned();
    if shapes.is_some() {
        set(&mut handle, OUTPUT_SHAPES, output_shapes([scalar_shape()]));
    }
    let mut named = |end: &str| names.make(format!("{name}/{end}"));
    let zeros = named("Initializer/zeros");
    let dims = named("Initializer/zeros/shape_as_tensor");
    let zero = named("Initializer/zeros/Const");
    let assign = named("Assign");
    let probe = named("IsInitialized/VarIsInitializedOp");
    let sizes: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
    let scalar = TensorValue::of_bytes(dtype, &[], &mut |bytes| bytes.fill(0));
    let fill = [
        ("T", type_value(dtype)),
        ("index_type", type_value(DType::Int64)),
    ];
    let dtype_attr = || [("dtype", type_value(dtype))];
    let inputs = [dims.clone(), zero.clone()];
    let made = vec![
        constant(&dims, &TensorValue::from_parts(vec![sizes.len()], sizes)),
        constant(&zero, &scalar),
        node(&zeros, "Fill", inputs, fill),
        handle,
        node(&probe, "VarIsInitializedOp", [name.clone()], []),
        node(
            &assign,
            "AssignVariableOp",
            [name.clone(), zeros.clone()],
            dtype_attr(),
        ),
    ];
    let read_name = reads.get(&name).cloned().unwrap_or_default();
    let mut read = node(&read_name, "ReadVariableOp", [name.clone()], dtype_attr());
    read.device = old.device;
    if let Some(shapes) = shapes {
        read.attr.insert(OUTPUT_SHAPES.to_owned(), shapes);
    }
    let def = VariableDef {
        variable_name: format!("{name}:0"),
        initializer_name: assign,
        snapshot_name: format!("{read_name}:0"),
        initial_value_name: format!("{zeros}:0"),
        is_resource: true,
        trainable: dtype.is_floating(),
        ..VariableDef::default()
    };
    Made {
        nodes: made,
        read,
        def,
    }
}

/// Adds the definition of a variable to a collection.
fn list(meta: &mut MetaGraphDef, key: &str, def: &VariableDef) {
    let new = || CollectionDef {
        kind: Some(Kind::BytesList(BytesList::default())),
    };
    let collection = meta.collection_def.get_or_insert_with(key.to_owned(), new);
    if let Some(Kind::BytesList(list)) = &mut collection.kind {
        list.value.push(def.encode_to_vec());
    }
}
