//! The nodes by which a graph saves variables to a checkpoint and restores them: those of `tf.train.Saver`.

use std::panic::Location;

use smallvec::{SmallVec, smallvec};

use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Here, Operation, parse_tensor_name};

use crate::ops::lookup::SavedTables;
use crate::ops::nodes::{Arg, Nodes};
use crate::proto::tensorflow::{SaveSliceInfoDef, VariableDef};
use crate::shape::Shape;
use crate::sorted_map::SortedMap;
use crate::variable::{device_of, on_cpu, read_on_cpu, restore};

/// An operation and its device.
type Placed<'g> = (Operation<'g>, String);

/// The device on which checkpoints are read.
const CPU: &str = "/cpu:0";

/// A variable, or a part of one, or a table that is saved under a key.
#[derive(Debug, Clone)]
pub(crate) struct Saveable<'g> {
    /// The name in the checkpoint.
    pub(crate) key: String,
    /// The node that holds the variable or the table.
    handle: AnyTensor<'g>,
    content: Content<'g>,
}

#[derive(Debug, Clone)]
enum Content<'g> {
    OfVariable {
        /// The place of a part in the whole, as `RestoreV2` takes it; empty for a whole.
        slice: String,
        /// The value that was read where the variable was made.
        snapshot: AnyTensor<'g>,
        dtype: DType,
    },
    /// The keys and the values.
    OfTable([AnyTensor<'g>; 2]),
}

/// A tensor of a checkpoint.
struct Entry<'s> {
    name: String,
    slice: &'s str,
    dtype: DType,
}

impl<'g> Saveable<'g> {
    /// The variable of a definition, saved under its own name or that of the whole; `None` if the graph lacks its nodes.
    pub(crate) fn of(g: &'g GraphBuilder, def: &VariableDef) -> Option<Self> {
        let tensor = |name: &str| {
            let (node, index) = parse_tensor_name(name)?;
            let operation = g.operation(node).ok()?;
            let outputs = operation.outputs();
            outputs.get(index as usize).copied()
        };
        let handle = tensor(&def.variable_name)?;
        let node = handle.operation();
        let dtype = match handle.is_ref() {
            true => handle.dtype(),
            false => node.node().type_attr("dtype")?,
        };
        let part = def.save_slice_info_def.as_ref();
        let part = part.filter(|part| !part.full_name.is_empty());
        // A variable that is kept on another device still saves its own value.
        let own = || tensor(&format!("{}/Read/ReadVariableOp:0", node.name()));
        let own = (!handle.is_ref()).then(own).flatten();
        let snapshot = own.or_else(|| tensor(&def.snapshot_name));
        Some(Saveable {
            key: part.map_or_else(|| node.name(), |part| part.full_name.clone()),
            handle,
            content: Content::OfVariable {
                slice: part.map(slice_text).unwrap_or_default(),
                snapshot: snapshot.unwrap_or(handle),
                dtype,
            },
        })
    }

    /// The tables that are saved with the variables.
    pub(crate) fn tables(g: &'g GraphBuilder) -> impl Iterator<Item = Self> {
        let tables = SavedTables::of(g).into_iter();
        tables.map(|(key, handle, contents)| Saveable {
            key,
            handle,
            content: Content::OfTable(contents),
        })
    }

    /// The static shape of a variable.
    pub(crate) fn shape(&self) -> Shape {
        match &self.content {
            Content::OfVariable { snapshot, .. } if !self.handle.is_ref() => snapshot.shape(),
            _ => self.handle.shape(),
        }
    }

    /// The tensors that are saved under the key.
    fn entries(&self) -> Vec<Entry<'_>> {
        match &self.content {
            Content::OfVariable { slice, dtype, .. } => vec![Entry {
                name: self.key.clone(),
                slice,
                dtype: *dtype,
            }],
            Content::OfTable(contents) => {
                let contents = ["keys", "values"].into_iter().zip(contents);
                let contents = contents.map(|(content, tensor)| Entry {
                    name: format!("{}-{content}", self.key),
                    slice: "",
                    dtype: tensor.dtype(),
                });
                contents.collect()
            }
        }
    }

    /// The values of the entries. A part of a resource variable is read for each use.
    fn values(&self, g: &'g GraphBuilder) -> SmallVec<[AnyTensor<'g>; 2]> {
        match &self.content {
            Content::OfTable(contents) => contents.as_slice().into(),
            Content::OfVariable {
                slice,
                snapshot,
                dtype,
            } => {
                let value = match (self.handle.is_ref(), slice.is_empty()) {
                    (true, true) => self.handle,
                    (false, false) => read_on_cpu(g, self.handle, *dtype),
                    _ => *snapshot,
                };
                smallvec![value]
            }
        }
    }

    /// The operation that sets the variable or the table to the values of the entries.
    fn restore(&self, g: &'g GraphBuilder, values: &[AnyTensor<'g>]) -> Operation<'g> {
        match &self.content {
            Content::OfVariable { dtype, .. } => restore(g, self.handle, *dtype, values[0]),
            Content::OfTable(_) => {
                let scope = format!("{}_table_restore", self.key);
                let _scope = g.open_inner_scope(&scope, Location::caller());
                g.colocate_with(self.handle, || {
                    let import = g.op("LookupTableImportV2").input(self.handle);
                    import.input(values[0]).input(values[1]).finish()
                })
            }
        }
    }
}

/// The whole's shape, and the first index and the size of the part in each dimension.
fn slice_text(part: &SaveSliceInfoDef) -> String {
    let shape: String = part
        .full_shape
        .iter()
        .map(|size| format!("{size} "))
        .collect();
    let ranges = part.var_offset.iter().zip(&part.var_shape);
    let ranges: Vec<_> = ranges
        .map(|(start, size)| format!("{start},{size}"))
        .collect();
    shape + &ranges.join(":")
}

/// The nodes of `tf.train.Saver(variables)`.
pub(crate) fn saver<'g>(g: &'g GraphBuilder, saveables: &[Saveable<'g>], here: Here) {
    let _scope = g.open_inner_scope("save", here);
    let n = Nodes(g);
    let prefix = prefix(n);
    let saveables: Vec<_> = saveables.iter().collect();
    save(n, prefix, &saveables);
    let restored = restore_all(n, prefix, &saveables);
    g.named("restore_all", || g.grouped(restored));
}

/// The nodes of `tf.train.Saver(variables, sharded=True)`: a file for each device.
pub(crate) fn sharded_saver<'g>(g: &'g GraphBuilder, saveables: &[Saveable<'g>], here: Here) {
    let suffix = format!("_temp_{:032x}/part", identity(g, saveables));
    let scope = g.open_inner_scope("save", here);
    let n = Nodes(g);
    let prefix = prefix(n);
    let mut by_device = SortedMap::<String, Vec<&Saveable<'g>>>::new();
    for saveable in saveables {
        let device = saveable.values(g)[0].operation().device();
        let of_device = by_device.get_or_insert_with(device, Vec::new);
        of_device.push(saveable);
    }
    let join = n.op("StringJoin");
    let join = join.list(vec![Arg::from(prefix), Arg::from(suffix.as_str())]);
    let temporary = join.output();
    let shards = n.constant("num_shards", by_device.len() as i32);
    let mut saved = Vec::new();
    for (number, (device, saveables)) in by_device.iter().enumerate() {
        g.device(&on_cpu(device), || {
            let name = n.op("ShardedFilename").any(temporary);
            let name = name.value(number as i32).any(shards).output();
            saved.push((name, save(n, name, saveables)));
        });
    }
    let last = by_device.keys().last().map_or("", String::as_str);
    let done = saved.iter().map(|(_, done)| done.operation());
    g.control_dependencies(done, || {
        g.device(&on_cpu(last), || {
            let names = saved.iter().map(|&(name, _)| Arg::from(name)).collect();
            let merge = n.op("MergeV2Checkpoints").input(Arg::List(names));
            let merge = merge.any(prefix).finish();
            g.control_dependencies([merge], || n.identity("Identity", prefix));
        });
    });
    let restored = by_device.iter().map(|(device, saveables)| {
        let shard = g.device(device, || {
            let restored = restore_all(n, prefix, saveables);
            g.named("restore_shard", || g.grouped(restored))
        });
        (shard, shard.device())
    });
    let restored = restored.collect();
    g.named("restore_all", || g.grouped(restored));
    drop(scope);
}

/// A number for the temporary files of a saver, which follows from what it saves, so that one program always writes one
/// graph.
fn identity(g: &GraphBuilder, saveables: &[Saveable<'_>]) -> u128 {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let names = saveables
        .iter()
        .flat_map(|it| [it.handle.name(), it.entries()[0].slice.to_owned()]);
    let text = names.chain([g.len().to_string()]).collect::<Vec<_>>();
    let bytes = text.join("\n").into_bytes().into_iter();
    bytes.fold(BASIS, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

/// The path of the checkpoint, which is fed.
#[track_caller]
fn prefix<'g>(n: Nodes<'g>) -> AnyTensor<'g> {
    let fed = |name: &str, default: Arg<'g>| {
        let node = n.named("PlaceholderWithDefault", name).input(default);
        node.attr("shape", Shape::scalar()).output()
    };
    fed("Const", Arg::from(fed("filename", Arg::from("model"))))
}

/// The prefix, once the variables are saved under it.
#[track_caller]
fn save<'g>(n: Nodes<'g>, prefix: AnyTensor<'g>, saveables: &[&Saveable<'g>]) -> AnyTensor<'g> {
    let values = saveables.iter().flat_map(|it| it.values(n.0)).collect();
    let (names, slices) = names_and_slices(&entries(saveables));
    let save = n.op("SaveV2").any(prefix).value(names).value(slices);
    let save = save.tensors(values).finish();
    n.0.with_dependencies(&[save], prefix)
}

fn entries<'s>(saveables: &[&'s Saveable<'_>]) -> Vec<Entry<'s>> {
    saveables.iter().flat_map(|it| it.entries()).collect()
}

fn names_and_slices(entries: &[Entry<'_>]) -> (Vec<String>, Vec<String>) {
    let entries = entries.iter();
    let named = entries.map(|entry| (entry.name.clone(), entry.slice.to_owned()));
    named.unzip()
}

/// The operations that restore variables from the checkpoint, and their devices.
#[track_caller]
fn restore_all<'g>(
    n: Nodes<'g>,
    prefix: AnyTensor<'g>,
    saveables: &[&Saveable<'g>],
) -> Vec<Placed<'g>> {
    let entries = entries(saveables);
    let dtypes: Vec<DType> = entries.iter().map(|entry| entry.dtype).collect();
    let (names, slices) = names_and_slices(&entries);
    let values = n.0.device(CPU, || {
        let restore = n.op("RestoreV2").any(prefix).value(names).value(slices);
        restore.attr("dtypes", dtypes).finish()
    });
    let mut values = (0..entries.len()).map(|at| values.output(at));
    let restored = saveables.iter().map(|saveable| {
        let values: Vec<_> = values.by_ref().take(saveable.entries().len()).collect();
        let operation = saveable.restore(n.0, &values);
        (operation, operation.device())
    });
    restored.collect()
}

/// Makes a variable begin with the value that a checkpoint has under a key, as `tf.train.init_from_checkpoint` does: the
/// operation that initializes it, and the value.
#[track_caller]
pub(crate) fn initialize_from<'g>(
    g: &'g GraphBuilder,
    saveable: &Saveable<'g>,
    prefix: &str,
    key: &str,
) -> (Operation<'g>, AnyTensor<'g>) {
    let n = Nodes(g);
    let entries = saveable.entries();
    let (_, slices) = names_and_slices(&entries);
    let dtype = entries[0].dtype;
    let read = || {
        let read = n.named("RestoreV2", "checkpoint_initializer");
        let read = read.value(prefix).value(vec![key.to_owned()]);
        let read = read.value(slices);
        read.attr("dtypes", vec![dtype]).output()
    };
    let value = g.device(&device_of(saveable.handle), || g.device(CPU, read));
    let initializer = saveable.restore(g, &[value]);
    value.set_shape(saveable.shape());
    (initializer, value)
}
