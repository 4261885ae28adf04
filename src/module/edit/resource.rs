//! Variables of the old kind, which are references, as resources.

use std::panic::Location;

use super::editor::{ModuleEditor, graph_of};
use super::error::EditError;
use super::flow::{Action, Flow, Use};
use super::names::{redirect_references, references};
use super::nodes::{
    FreshNames, dtype_attr, insert_before, is_control, join_contexts, node, reshape, scalar_shape,
    set, tensor, type_value, update_ops,
};
use super::variables::{EditedVariable, change_defs, variables};
use crate::error::Result;
use crate::graph::{HashMap, variable_name};
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{MetaGraphDef, NodeDef};

/// The ops on resources that stand for those on references, and the attributes that they share; `T` is called as the
/// third says.
const OPS: [(&str, &str, &str, &[&str]); 14] = [
    ("Assign", "AssignVariableOp", "dtype", &[]),
    ("AssignAdd", "AssignAddVariableOp", "dtype", &[]),
    ("AssignSub", "AssignSubVariableOp", "dtype", &[]),
    ("ScatterAdd", "ResourceScatterAdd", "dtype", &["Tindices"]),
    ("ScatterDiv", "ResourceScatterDiv", "dtype", &["Tindices"]),
    ("ScatterMax", "ResourceScatterMax", "dtype", &["Tindices"]),
    ("ScatterMin", "ResourceScatterMin", "dtype", &["Tindices"]),
    ("ScatterMul", "ResourceScatterMul", "dtype", &["Tindices"]),
    ("ScatterSub", "ResourceScatterSub", "dtype", &["Tindices"]),
    (
        "ScatterUpdate",
        "ResourceScatterUpdate",
        "dtype",
        &["Tindices"],
    ),
    (
        "ScatterNdAdd",
        "ResourceScatterNdAdd",
        "T",
        &["Tindices", "use_locking"],
    ),
    (
        "ScatterNdSub",
        "ResourceScatterNdSub",
        "T",
        &["Tindices", "use_locking"],
    ),
    (
        "ScatterNdUpdate",
        "ResourceScatterNdUpdate",
        "T",
        &["Tindices", "use_locking"],
    ),
    ("IsVariableInitialized", "VarIsInitializedOp", "", &[]),
];

impl ModuleEditor<'_> {
    /// Makes all variables of the old kind, which `tf.get_variable` makes by default, such as `use_resource=True` makes:
    /// `VariableV2`, `Assign`, `ScatterAdd` and the like become `VarHandleOp`, `AssignVariableOp` and
    /// `ResourceScatterAdd`, and each use of a value becomes a `ReadVariableOp` that runs after what changed it. Names
    /// stay, and so does the checkpoint.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) with the name of a node that uses a variable in a way
    /// for which resources have nothing, such as handing on a reference.
    #[track_caller]
    pub fn use_resource_variables(&mut self) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let is_old = |variable: &EditedVariable| !variable.is_resource;
            editor.remove_savers(is_old)?;
            let plans = editor.model.meta_graphs.iter().map(|meta| {
                let flow = Flow::new(meta);
                let old = variables(meta)?.into_iter().filter(is_old);
                let planned = old.map(|variable| {
                    let uses = flow.uses(&variable.name, false)?;
                    Ok((variable, uses))
                });
                planned.collect::<Result<Vec<_>, EditError>>()
            });
            let plans: Vec<_> = plans.collect::<Result<_, EditError>>()?;
            for (meta, plan) in editor.model.meta_graphs.iter_mut().zip(plans) {
                if !plan.is_empty() {
                    Conversion::new(meta).apply(&plan);
                }
            }
            Ok(())
        })
    }
}

/// The nodes of a variant while its variables become resources.
struct Conversion<'m> {
    meta: &'m mut MetaGraphDef,
    names: FreshNames,
    before: Vec<(usize, NodeDef)>,
    joined: Vec<(String, String)>,
    /// The reads of variables that had none.
    reads: HashMap<String, String>,
}

impl<'m> Conversion<'m> {
    fn new(meta: &'m mut MetaGraphDef) -> Self {
        Conversion {
            names: FreshNames::new(&graph_of(meta).node),
            meta,
            before: Vec::new(),
            joined: Vec::new(),
            reads: HashMap::default(),
        }
    }

    fn apply(mut self, plan: &[(EditedVariable, Vec<Use>)]) {
        for (variable, uses) in plan {
            self.uses(variable, uses);
        }
        for (variable, uses) in plan {
            self.references(variable, uses);
            let nodes = &mut graph_of(self.meta).node;
            if let Some(node) = nodes.iter_mut().find(|node| node.name == variable.name) {
                become_handle(node);
            }
        }
        insert_before(
            &mut graph_of(self.meta).node,
            std::mem::take(&mut self.before),
        );
        let reads = std::mem::take(&mut self.reads);
        change_defs(self.meta, |def| {
            let name = variable_name(def).to_owned();
            if plan.iter().any(|(variable, _)| variable.name == name) {
                def.is_resource = true;
                // A reference was its own value.
                if let Some(read) = reads.get(&name) {
                    def.snapshot_name = format!("{read}:0");
                }
            }
            true
        });
        for (of, new) in std::mem::take(&mut self.joined) {
            join_contexts(self.meta, &of, &new);
        }
        update_ops(self.meta);
    }

    fn uses(&mut self, variable: &EditedVariable, uses: &[Use]) {
        let handle = &variable.name;
        for it in uses {
            let of = graph_of(self.meta).node[it.of].name.clone();
            // What follows on a change used to come by its output.
            let after = (of != *handle).then(|| format!("^{of}"));
            let user = &mut graph_of(self.meta).node[it.place];
            if it.action == Action::Value {
                let controls = user.input.iter().filter(|input| is_control(input)).cloned();
                let controls: Vec<_> = controls.chain(after).collect();
                let old = user.input[it.input].clone();
                let device = user.device.clone();
                let name = self.names.make(format!("{}/ReadVariableOp", user.name));
                user.input[it.input].clone_from(&name);
                let (node, output) = tensor(&old);
                self.joined
                    .push((format!("{node}:{output}"), format!("{name}:0")));
                let mut read = read(&name, variable, controls);
                read.device = device;
                self.before.push((it.place, read));
                continue;
            }
            user.input[it.input].clone_from(handle);
            if let Some(after) = after.filter(|after| !user.input.contains(after)) {
                user.input.push(after);
            }
            match it.action {
                Action::Read => become_read(user, variable),
                _ => become_resource_op(user),
            }
        }
    }

    /// Has collections and signatures that took a reference take a value.
    fn references(&mut self, variable: &EditedVariable, uses: &[Use]) {
        let handle = variable.name.clone();
        let snapshot = tensor(&variable.def.snapshot_name).0.to_owned();
        let old = format!("{handle}:0");
        let is_taken = references(self.meta).iter().any(|(_, name)| *name == old);
        if is_taken || snapshot == handle || snapshot.is_empty() {
            let name = self.names.make(format!("{handle}/Read/ReadVariableOp"));
            let end = graph_of(self.meta).node.len();
            self.before.push((end, read(&name, variable, Vec::new())));
            redirect_references(self.meta, &old, &format!("{name}:0"));
            if snapshot == handle || snapshot.is_empty() {
                self.reads.insert(handle, name);
            }
        }
        let writes = uses
            .iter()
            .filter(|it| matches!(it.action, Action::Write(_)));
        for it in writes {
            let write = graph_of(self.meta).node[it.place].name.clone();
            let old = format!("{write}:0");
            let taken = references(self.meta);
            let mut taken = taken.iter().filter(|(_, name)| *name == old).peekable();
            if taken.peek().is_none() {
                continue;
            }
            let name = self.names.make(format!("{write}/ReadVariableOp"));
            let end = graph_of(self.meta).node.len();
            self.before
                .push((end, read(&name, variable, vec![format!("^{write}")])));
            redirect_references(self.meta, &old, &format!("{name}:0"));
        }
    }
}

fn read(name: &str, variable: &EditedVariable, controls: Vec<String>) -> NodeDef {
    let inputs = [variable.name.clone()].into_iter().chain(controls);
    node(
        name,
        "ReadVariableOp",
        inputs,
        [("dtype", type_value(variable.dtype))],
    )
}

fn become_handle(node: &mut NodeDef) {
    "VarHandleOp".clone_into(&mut node.op);
    let is_unnamed = match node
        .attr
        .get("shared_name")
        .and_then(|it| it.value.as_ref())
    {
        Some(Value::S(name)) => name.is_empty(),
        _ => true,
    };
    if is_unnamed {
        let name = Value::S(node.name.clone().into_bytes());
        set(node, "shared_name", name);
    }
    reshape(node, [scalar_shape()]);
}

fn become_read(node: &mut NodeDef, variable: &EditedVariable) {
    "ReadVariableOp".clone_into(&mut node.op);
    node.attr.remove("T");
    set(node, "dtype", type_value(variable.dtype));
}

fn become_resource_op(node: &mut NodeDef) {
    let Some((_, op, dtype, kept)) = OPS.iter().find(|(old, ..)| node.op == *old) else {
        return;
    };
    let value = dtype_attr(node, "T");
    let shared = |name: &str| name.starts_with('_') || kept.contains(&name);
    node.attr.retain(|name, _| shared(name));
    if let Some(value) = value.filter(|_| !dtype.is_empty()) {
        set(node, dtype, type_value(value));
    }
    let is_probe = *op == "VarIsInitializedOp";
    (*op).clone_into(&mut node.op);
    if !is_probe {
        reshape(node, []);
    }
}
