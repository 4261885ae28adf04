//! Variables of the old kind, which are references, as resources.

use std::panic::Location;

use super::editor::{ModuleEditor, graph_of};
use super::error::EditError;
use super::flow::{Action, Flow, Functions, REF, Use, handed_on, pass_values, turn_values};
use super::names::{redirect_references, referenced};
use super::nodes::{
    FreshNames, change_contexts, dtype_attr, input_of, insert_before, is_control, join_contexts,
    node, nodes_of, reshape, scalar_shape, set, tensor, type_value, update_ops,
};
use super::variables::{EditedVariable, change_defs, unlisted, variables};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{HashMap, HashSet, variable_name};
use crate::module::contexts;
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
    /// stay, and so does the checkpoint. Local variables are among them.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) with the name of a node that uses a variable in a way
    /// for which resources have nothing, such as an optimizer's step.
    #[track_caller]
    pub fn use_resource_variables(&mut self) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let is_old = |variable: &EditedVariable| !variable.is_resource;
            editor.remove_savers(is_old)?;
            let plans = editor.model.meta_graphs.iter().map(|meta| {
                let functions = Functions::new(meta);
                let mut old = variables(meta)?;
                old.extend(unlisted(meta, &old));
                old.retain(is_old);
                Flow::new(nodes_of(meta), &functions, None).uses(old)
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
    /// References that changes gave, and the handles of what they change.
    replaced: Vec<(String, String)>,
    /// The reads of variables that had none.
    reads: HashMap<String, String>,
    /// What collections and signatures name.
    taken: HashSet<String>,
}

impl<'m> Conversion<'m> {
    fn new(meta: &'m mut MetaGraphDef) -> Self {
        let taken = referenced(meta);
        Conversion {
            names: FreshNames::new(&graph_of(meta).node),
            meta,
            before: Vec::new(),
            joined: Vec::new(),
            replaced: Vec::new(),
            reads: HashMap::default(),
            taken,
        }
    }

    fn apply(mut self, plan: &[(EditedVariable, Vec<Use>)]) {
        for (variable, uses) in plan {
            self.uses(variable, uses);
        }
        for (variable, uses) in plan {
            self.references(variable, uses);
        }
        let variables = plan.iter().map(|(variable, _)| variable.name.as_str());
        let variables: HashSet<&str> = variables.collect();
        for node in &mut graph_of(self.meta).node {
            if variables.contains(node.name.as_str()) {
                become_handle(node);
            }
        }
        insert_before(
            &mut graph_of(self.meta).node,
            std::mem::take(&mut self.before),
        );
        let reads = std::mem::take(&mut self.reads);
        change_defs(self.meta, |def| {
            let name = variable_name(def);
            if variables.contains(name) {
                // A reference was its own value.
                let read = reads.get(name);
                def.is_resource = true;
                if let Some(read) = read {
                    def.snapshot_name = format!("{read}:0");
                }
            }
            true
        });
        join_contexts(self.meta, &self.joined);
        let replaced = &self.replaced;
        change_contexts(self.meta, |context| {
            replaced.iter().fold(false, |changed, (of, outside)| {
                contexts::replace(context, of, outside) || changed
            })
        });
        update_ops(self.meta);
    }

    fn uses(&mut self, variable: &EditedVariable, uses: &[Use]) {
        for it in uses {
            let nodes = &mut graph_of(self.meta).node;
            let old = nodes[it.place].input[it.input].clone();
            // What follows on a change used to come by its output. The change has its handle already.
            let (handle, after) = match is_pass(&nodes[it.of]) || nodes[it.of].name == variable.name
            {
                true => (old.clone(), None),
                false => (
                    nodes[it.of].input[0].clone(),
                    Some(format!("^{}", nodes[it.of].name)),
                ),
            };
            let user = &mut nodes[it.place];
            if it.action == Action::Value {
                let controls = user.input.iter().filter(|input| is_control(input)).cloned();
                let controls: Vec<_> = controls.chain(after).collect();
                let device = user.device.clone();
                let name = self.names.make(format!("{}/ReadVariableOp", user.name));
                user.input[it.input].clone_from(&name);
                turn_values(user);
                let (node, output) = tensor(&old);
                self.joined
                    .push((format!("{node}:{output}"), format!("{name}:0")));
                let mut read = read(&name, handle, variable, controls);
                read.device = device;
                self.before.push((it.place, read));
                continue;
            }
            if matches!(it.action, Action::Write(_)) {
                let (node, output) = tensor(&handle);
                let handle = format!("{node}:{output}");
                self.replaced.push((format!("{}:0", user.name), handle));
            }
            user.input[it.input] = handle;
            if let Some(after) = after.filter(|after| !user.input.contains(after)) {
                user.input.push(after);
            }
            match it.action {
                Action::Read => become_read(user, variable),
                Action::Pass => become_pass(user),
                _ => become_resource_op(user),
            }
        }
    }

    /// Has collections and signatures that took a reference take a value.
    fn references(&mut self, variable: &EditedVariable, uses: &[Use]) {
        let handle = variable.name.clone();
        let snapshot = tensor(&variable.def.snapshot_name).0.to_owned();
        let is_listed = !variable.def.variable_name.is_empty();
        let is_own = is_listed && (snapshot == handle || snapshot.is_empty());
        if is_own || self.is_taken(&handle, 0) {
            let name = self.names.make(format!("{handle}/Read/ReadVariableOp"));
            self.redirect(
                &handle,
                0,
                read(&name, handle.clone(), variable, Vec::new()),
            );
            if is_own {
                self.reads.insert(handle, name);
            }
        }
        let giving = uses
            .iter()
            .filter(|it| matches!(it.action, Action::Write(_) | Action::Pass));
        for it in giving {
            let node = graph_of(self.meta).node[it.place].clone();
            for output in handed_on(&node) {
                if !self.is_taken(&node.name, output) {
                    continue;
                }
                let (handle, after) = match is_pass(&node) {
                    true => (input_of(&node.name, output), Vec::new()),
                    false => (node.input[0].clone(), vec![format!("^{}", node.name)]),
                };
                let name = self.names.make(format!("{}/ReadVariableOp", node.name));
                self.redirect(&node.name, output, read(&name, handle, variable, after));
            }
        }
    }

    /// Whether a collection or signature names a tensor.
    fn is_taken(&self, node: &str, output: u32) -> bool {
        self.taken.contains(&format!("{node}:{output}"))
    }

    /// Has collections and signatures name the output of a new node in the place of a tensor.
    fn redirect(&mut self, node: &str, output: u32, new: NodeDef) {
        let name = format!("{}:0", new.name);
        let end = graph_of(self.meta).node.len();
        self.before.push((end, new));
        redirect_references(self.meta, &format!("{node}:{output}"), &name);
    }
}

fn read(name: &str, handle: String, variable: &EditedVariable, controls: Vec<String>) -> NodeDef {
    let inputs = [handle].into_iter().chain(controls);
    node(
        name,
        "ReadVariableOp",
        inputs,
        [("dtype", type_value(variable.dtype))],
    )
}

/// Whether a node hands on references, or handles.
fn is_pass(node: &NodeDef) -> bool {
    dtype_attr(node, "T") == Some(DType::Resource) || node.op.starts_with(REF)
}

fn become_pass(node: &mut NodeDef) {
    pass_values(node);
    set(node, "T", type_value(DType::Resource));
    let outputs = if node.op == "Switch" || node.op == "Merge" {
        2
    } else {
        1
    };
    reshape(node, (0..outputs).map(|_| scalar_shape()));
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
