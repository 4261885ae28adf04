//! The state of an instance: the nodes of the module under its scope, its variables and tables.

use std::panic::Location;

use super::instances::ModuleInstance;
use super::refusal::Refusal;
use crate::error::Result;
use crate::graph::{
    AnyTensor, Graph, GraphBuilder, HashMap, ImportOptions, Imported, Instance, TensorRef, keys,
    parse_tensor_name,
};
use crate::module::files::KeptFiles;
use crate::module::meta_graph::Carried;
use crate::module::spec::ModuleSpec;
use crate::module::tags::Tags;
use crate::proto::Message as _;
use crate::proto::tensorflow::VariableDef;
use crate::saved_model::{ImportedMetaGraph, VARIABLES_PREFIX};
use crate::saver::{Saveable, initialize_from, saver, sharded_saver};
use crate::shape::Shape;
use crate::sort::sort_by_key;
use crate::sorted_map::SortedMap;
use crate::source::VariableSource as _;
use crate::variable::Variables;

/// The collections of the module that a graph with its state has too.
const STATE: [&str; 6] = [
    keys::VARIABLES,
    keys::MODEL_VARIABLES,
    keys::TABLE_INITIALIZERS,
    keys::ASSET_FILEPATHS,
    keys::COND_CONTEXT,
    keys::WHILE_CONTEXT,
];
/// Those besides, if training changes the module.
const TRAINING: [&str; 2] = [keys::TRAINABLE_VARIABLES, keys::REGULARIZATION_LOSSES];

/// A variable of the module, or a part of one.
struct OwnVariable<'g> {
    /// The name in the module; for a part, that of the whole.
    key: String,
    /// The first index of a part.
    offset: Option<i64>,
    def: VariableDef,
    saveable: Saveable<'g>,
}

/// Makes the state under the scope `own`, which is free, below the one that is open.
pub(super) fn make(
    g: &GraphBuilder,
    spec: &ModuleSpec,
    graph: &Graph,
    own: &str,
    tags: &Tags,
    trainable: bool,
) -> std::result::Result<ModuleInstance, Refusal> {
    let here = g.here(Location::caller());
    let options = import_options(graph).prefix(own).instance(Instance::State);
    let imported = g.copy_nodes(graph, &vec![true; graph.len()], options)?;
    let training = TRAINING.iter().filter(|_| trainable);
    let collections: Vec<_> = STATE.iter().chain(training).copied().collect();
    Carried::of(graph, &collections, here)?.add(g, &imported)?;
    if let Some(files) = spec.files() {
        g.extension::<KeptFiles>().0.push(files.clone());
    }
    save_all(g, graph, own)?;
    let scope = imported.prefix().to_owned();
    let variables = own_variables(g, &scope)?;
    let variable_map = variable_map(&variables)?;
    if !variables.is_empty() {
        begin_with_values(g, spec, &variables)?;
        let saveables = in_order(&variables);
        sharded_saver(g, &saveables, here);
    }
    Ok(ModuleInstance {
        spec: spec.clone(),
        tags: tags.clone(),
        trainable,
        scope,
        variable_map,
        state: state(graph, &imported)?,
    })
}

/// The options of every copy of a module's graph.
pub(super) fn import_options(graph: &Graph) -> ImportOptions<'static> {
    let read = graph.extension::<ImportedMetaGraph>();
    let read = read.and_then(|it| it.as_read.as_ref());
    // TensorFlow knows only the shapes that a file has.
    ImportOptions::new().ignore_shapes(read.is_some_and(|it| !it.has_shapes()))
}

/// Makes the saver that TensorFlow makes after it has added a graph without one: of all variables and tables, if there are
/// some whose names begin as the scope's does.
pub(super) fn save_all(
    g: &GraphBuilder,
    graph: &Graph,
    own: &str,
) -> std::result::Result<(), Refusal> {
    let read = graph.extension::<ImportedMetaGraph>();
    let read = read.and_then(|it| it.as_read.as_ref());
    if read.is_some_and(|it| it.has_saver()) {
        return Ok(());
    }
    let defs = g.collected_bytes(keys::VARIABLES);
    let defs = defs
        .iter()
        .filter_map(|bytes| VariableDef::decode(&bytes[..]).ok());
    let mut defs: Vec<_> = defs.collect();
    let tables: Vec<_> = Saveable::tables(g).collect();
    let names = defs.iter().map(|def| &def.variable_name);
    let mut names = names.chain(tables.iter().map(|table| &table.key));
    if !names.any(|name| name.starts_with(own)) {
        return Ok(());
    }
    sort_by_key(&mut defs, |def| def.variable_name.clone());
    let mut by_key = SortedMap::<String, Vec<Saveable<'_>>>::new();
    for saveable in defs.iter().filter_map(|def| Saveable::of(g, def)) {
        let of_key = by_key.get_or_insert_with(saveable.key.clone(), Vec::new);
        of_key.push(saveable);
    }
    for table in tables {
        let of_key = by_key.get_or_insert_with(table.key.clone(), Vec::new);
        if !of_key.is_empty() {
            let key = &table.key;
            return Err(format!(
                "two objects are saved as \"{key}\", of which one is a table: name it otherwise, or make \
                 it with `checkpoint` false"
            )
            .into());
        }
        of_key.push(table);
    }
    let saveables: Vec<_> = by_key.into_iter().flat_map(|(_, of_key)| of_key).collect();
    saver(g, &saveables, g.here(Location::caller()));
    Ok(())
}

/// The variables that were just made under a scope.
fn own_variables<'g>(
    g: &'g GraphBuilder,
    scope: &str,
) -> std::result::Result<Vec<OwnVariable<'g>>, String> {
    let mut variables = Vec::new();
    for bytes in g.collected_bytes(keys::VARIABLES) {
        let Ok(def) = VariableDef::decode(&bytes[..]) else {
            continue;
        };
        let name = def.variable_name.strip_prefix(scope);
        let name = name.and_then(|name| name.strip_prefix('/'));
        let Some((name, _)) = name.and_then(parse_tensor_name) else {
            continue;
        };
        let Some(saveable) = Saveable::of(g, &def) else {
            continue;
        };
        let part = def.save_slice_info_def.as_ref();
        let part = part.filter(|part| !part.full_name.is_empty());
        let (key, offset) = match part {
            None => (name.to_owned(), None),
            Some(part) => {
                let whole = name.rsplit_once('/').map_or(name, |(whole, _)| whole);
                if !part.full_name.ends_with(whole) {
                    let found = &part.full_name;
                    return Err(format!(
                        "variable \"{name}\" is a part of \"{found}\", expected one of \"{whole}\", after which it is named"
                    ));
                }
                (whole.to_owned(), part.var_offset.first().copied())
            }
        };
        variables.push(OwnVariable {
            key,
            offset,
            saveable,
            def,
        });
    }
    sort_by_key(&mut variables, |it| (it.key.clone(), it.offset));
    Ok(variables)
}

/// The names of the variables, or of their parts, by key.
fn variable_map(
    variables: &[OwnVariable<'_>],
) -> std::result::Result<Vec<(String, Vec<String>)>, String> {
    let name = |it: &OwnVariable<'_>| {
        let name = parse_tensor_name(&it.def.variable_name);
        name.map_or_else(String::new, |(name, _)| name.to_owned())
    };
    let mut map = Vec::new();
    for parts in variables.chunk_by(|a, b| a.key == b.key) {
        let key = &parts[0].key;
        for pair in parts.windows(2) {
            let [a, b] = pair else { continue };
            match (a.offset, b.offset) {
                (Some(first), Some(second)) if first == second => {
                    return Err(format!(
                        "two parts of variable \"{key}\" begin at {first}, \"{}\" and \"{}\": TensorFlow Hub knows parts \
                         along the first dimension alone",
                        name(a),
                        name(b)
                    ));
                }
                (Some(_), Some(_)) => {}
                _ => {
                    return Err(format!(
                        "variable \"{key}\" is there as a whole and in parts"
                    ));
                }
            }
            let (first, second) = (a.saveable.shape(), b.saveable.shape());
            if first.without_first(1) != second.without_first(1) {
                return Err(format!(
                    "the parts of variable \"{key}\" have the shapes {first} and {second}, expected one that differs in the \
                     first dimension alone"
                ));
            }
        }
        map.push((key.clone(), parts.iter().map(name).collect()));
    }
    Ok(map)
}

/// The variables as they are saved under their keys in the module.
fn in_order<'g>(variables: &[OwnVariable<'g>]) -> Vec<Saveable<'g>> {
    let saveables = variables.iter().map(|it| {
        let mut saveable = it.saveable.clone();
        saveable.key.clone_from(&it.key);
        saveable
    });
    saveables.collect()
}

/// Makes the variables begin with the values that the module was loaded with, if it was.
fn begin_with_values(
    g: &GraphBuilder,
    spec: &ModuleSpec,
    variables: &[OwnVariable<'_>],
) -> std::result::Result<(), Refusal> {
    let Some(files) = spec.files() else {
        return Ok(());
    };
    let prefix = files.directory().join(VARIABLES_PREFIX);
    let prefix = prefix.to_str().ok_or_else(|| {
        let path = prefix.display();
        format!("expected the path of a checkpoint in UTF-8, found {path}")
    })?;
    let values = spec.values()?;
    let mut changed = HashMap::default();
    for variable in variables {
        let (key, saveable) = (&variable.key, &variable.saveable);
        let missing = || format!("the checkpoint {prefix} has no variable \"{key}\"");
        let (_, found) = values.describe(key)?.ok_or_else(missing)?;
        let (expected, found) = (saveable.shape(), Shape::from(found));
        if variable.offset.is_none() && !expected.is_compatible_with(&found) {
            return Err(format!(
                "variable \"{key}\": expected a value of shape {expected}, found {found} in the checkpoint {prefix}"
            )
            .into());
        }
        let (initializer, value) = initialize_from(g, saveable, prefix, key);
        let old = variable.def.encode_to_vec();
        let mut def = variable.def.clone();
        // That of a resource variable has no output.
        let output = initializer.outputs().first().map(AnyTensor::name);
        def.initializer_name = output.unwrap_or_else(|| initializer.name());
        def.initial_value_name = value.name();
        changed.insert(old, (def.encode_to_vec(), value.tensor_ref()));
    }
    g.replace_collected(|def| changed.get(def).map(|(new, _)| new.as_slice()));
    let mut known = g.extension::<Variables>();
    known.initialize_with(|def| {
        let (new, value) = changed.get(def)?;
        Some((new.as_slice(), *value))
    });
    Ok(())
}

/// The tensors of state ops, by their names in the module.
fn state(graph: &Graph, imported: &Imported<'_>) -> Result<Vec<(String, TensorRef)>> {
    let ops = graph.nodes().iter().filter(|node| node.op.is_state_op());
    let tensors = ops.map(|node| {
        let tensor = imported.operation(&node.name)?.output(0);
        Ok((format!("{}:0", node.name), tensor.tensor_ref()))
    });
    tensors.collect()
}
