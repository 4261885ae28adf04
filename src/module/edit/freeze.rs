//! Variables as constants.

use std::panic::Location;

use super::editor::{ModuleEditor, graph_of};
use super::error::EditError;
use super::flow::{
    self, Action, BodyEdit, Flow, Functions, Retarget, Use, pass_values, turn_values,
};
use super::names::references;
use super::nodes::{
    CLASS, FreshNames, OUTPUT_SHAPES, insert_before, is_control, node, nodes_of, output_shapes,
    set, type_value, update_ops,
};
use super::removal::Removal;
use super::variables::{EditedVariable, change_defs, variables};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{HashMap, HashSet, node_name, shape_proto};
use crate::message_file::MAX_MESSAGE;
use crate::proto::Message as _;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow::{MetaGraphDef, NodeDef};
use crate::shape::Shape;
use crate::source::{VariableSource, VariableValue};
use crate::value::{TensorValue, encode_tensor_proto};

/// The fault of nodes that change a variable.
const WRITES: &str = "changes a variable, which a constant cannot";

impl ModuleEditor<'_> {
    /// Turns all variables into constants, so that the module has no checkpoint. What reads a variable, under whatever
    /// name, gives the constant; what changes one is taken out with the update ops. Functions take values where they took
    /// variables.
    ///
    /// The values are read into memory, as they become a part of the graph; a graph has at most 2 GiB, and each variant
    /// has constants of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the constants are too large, or with the name of a
    /// node that uses a variable in a way that is not known;
    /// [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if a signature needs a node that changes a variable;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if a variable has no value, otherwise if one cannot be read.
    #[track_caller]
    pub fn freeze(&mut self) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let mut bytes = 0usize;
            for meta in &editor.model.meta_graphs {
                bytes = bytes.saturating_add(meta.encoded_len());
                for variable in variables(meta)? {
                    let elements = variable.shape.iter().flatten().product::<usize>();
                    bytes = bytes.saturating_add(elements * variable.dtype.size().unwrap_or(1));
                }
            }
            if bytes > MAX_MESSAGE {
                return Err(EditError::TooLarge(bytes));
            }
            editor.remove_savers(|_| true)?;
            let mut plans = Vec::new();
            for meta in &editor.model.meta_graphs {
                let functions = Functions::new(meta);
                let plan = Plan::new(meta, variables(meta)?, &functions)?;
                let frozen = plan.frozen.iter();
                let values = frozen.map(|(variable, _)| editor.value_of(variable));
                let values = values.collect::<Result<Vec<_>, EditError>>()?;
                plans.push((plan, values, functions.into_made()));
            }
            let metas = editor.model.meta_graphs.iter_mut();
            for (meta, (plan, values, made)) in metas.zip(plans) {
                let names = plan.frozen.iter().map(|(it, _)| it.name.clone());
                let values = names.zip(values).collect();
                let copies = flow::add(meta, made);
                plan.apply(meta);
                become_constants(meta, &values);
                flow::settle(meta, &copies);
                change_defs(meta, |_| false);
                update_ops(meta);
            }
            Ok(())
        })
    }

    /// The value of a variable, or of a part of one.
    fn value_of(&self, variable: &EditedVariable) -> Result<TensorValue, EditError> {
        let found = |name: &str| self.values.variable(name).map_err(EditError::Failed);
        let own = found(&variable.name)?;
        let value = match (own, &variable.part) {
            (None, Some(part)) => {
                let whole = found(&part.whole)?;
                let fits = |whole: &VariableValue<'_>| whole.shape() == part.shape;
                whole.filter(fits).map(|whole| whole.part(&part.slice))
            }
            (own, _) => own,
        };
        let value = value.ok_or_else(|| EditError::NoValue(variable.name.clone()))?;
        let expected = variable.shape.as_deref().unwrap_or(value.shape());
        if (value.dtype(), value.shape()) != (variable.dtype, expected) {
            return Err(EditError::Value {
                name: variable.name.clone(),
                expected: format!("{} {}", variable.dtype, Shape::from(expected)),
                found: format!("{} {}", value.dtype(), Shape::from(value.shape())),
            });
        }
        let value = value.into_value().map_err(EditError::Failed)?;
        Ok(value.into_owned())
    }
}

/// The edit of a function's body that takes values in the place of variables.
struct Frozen;

impl BodyEdit for Frozen {
    const SUFFIX: &'static str = "frozen";
    const GIVES_VALUES: bool = true;

    fn edit(
        &self,
        graph: &mut MetaGraphDef,
        variables: Vec<EditedVariable>,
        functions: &Functions<'_>,
    ) -> Result<(), EditError> {
        let plan = Plan::new(graph, variables, functions)?;
        plan.apply(graph);
        Ok(())
    }
}

/// How the nodes that use variables come to use their values.
struct Plan {
    frozen: Vec<(EditedVariable, Vec<Use>)>,
    calls: Vec<Retarget>,
    removal: Removal,
}

impl Plan {
    fn new(
        meta: &MetaGraphDef,
        variables: Vec<EditedVariable>,
        functions: &Functions<'_>,
    ) -> Result<Self, EditError> {
        let nodes = nodes_of(meta);
        let flow = Flow::new(nodes, functions, None);
        let references = references(meta).into_iter();
        let named: HashSet<&str> = references.map(|(_, name)| node_name(name)).collect();
        let frozen = flow.uses(variables)?;
        let goes = |it: &&Use| match it.action {
            Action::Write(_) | Action::Call { writes: true } => true,
            Action::Probe => {
                !flow.is_used(it.place) && !named.contains(nodes[it.place].name.as_str())
            }
            _ => false,
        };
        let uses = frozen.iter().flat_map(|(_, uses)| uses);
        let out = uses.filter(goes).map(|it| it.place);
        // The first values go with the definitions of the variables.
        let removal = Removal::of_variables(meta, out, WRITES)?;
        let is_left = |node: &NodeDef| !removal.contains(&node.name);
        let calls = functions.retarget(nodes, &frozen, is_left, &Frozen)?;
        Ok(Plan {
            frozen,
            calls,
            removal,
        })
    }

    fn apply(self, meta: &mut MetaGraphDef) {
        let mut names = FreshNames::new(&graph_of(meta).node);
        let mut before = Vec::new();
        let nodes = &mut graph_of(meta).node;
        for call in self.calls {
            call.apply(nodes);
        }
        for (variable, uses) in &self.frozen {
            for it in uses {
                let user = &mut nodes[it.place];
                if self.removal.contains(&user.name) {
                    continue;
                }
                match it.action {
                    Action::Read => become_identity(user, variable.dtype),
                    Action::Gather => {
                        let new = become_gather(user, variable.dtype, &mut names);
                        before.extend(new.map(|axis| (it.place, axis)));
                    }
                    Action::Shape => {
                        "Shape".clone_into(&mut user.op);
                        set(user, "T", type_value(variable.dtype));
                    }
                    Action::Pass if variable.is_resource => {
                        set(user, "T", type_value(variable.dtype));
                        // They are those of the resource.
                        user.attr.remove(OUTPUT_SHAPES);
                    }
                    Action::Pass => pass_values(user),
                    Action::Probe => become_true(user),
                    Action::Value => turn_values(user),
                    Action::Call { .. } | Action::Write(_) => {}
                }
            }
        }
        insert_before(nodes, before);
        self.removal.apply(meta);
    }
}

/// Has the nodes of variables be constants of these values.
fn become_constants(meta: &mut MetaGraphDef, values: &HashMap<String, TensorValue>) {
    for node in &mut graph_of(meta).node {
        if let Some(value) = values.get(&node.name) {
            become_constant(node, value);
        }
    }
}

fn become_identity(node: &mut NodeDef, dtype: DType) {
    "Identity".clone_into(&mut node.op);
    node.attr.remove("dtype");
    set(node, "T", type_value(dtype));
}

/// Has a node that tells whether a variable is initialized say that it is.
fn become_true(node: &mut NodeDef) {
    let mut new = constant(&node.name, &TensorValue::scalar(true));
    let inputs = std::mem::take(&mut node.input).into_iter();
    new.input = inputs.filter(|input| is_control(input)).collect();
    for kept in [CLASS, OUTPUT_SHAPES] {
        if let Some(attr) = node.attr.remove(kept) {
            new.attr.insert(kept.to_owned(), attr);
        }
    }
    new.device = std::mem::take(&mut node.device);
    *node = new;
}

/// Has a node gather from a constant; gives the axis along which it does, if it needs one.
fn become_gather(node: &mut NodeDef, dtype: DType, names: &mut FreshNames) -> Option<NodeDef> {
    let is_nd = node.op == "ResourceGatherNd";
    node.attr.remove("dtype");
    node.attr.remove("validate_indices");
    set(node, "Tparams", type_value(dtype));
    if is_nd {
        "GatherNd".clone_into(&mut node.op);
        return None;
    }
    // A batch of gathers is one along the first dimension behind those of the batch.
    let axis = match node.attr.get("batch_dims").and_then(|it| it.value.as_ref()) {
        Some(Value::I(dims)) => *dims as i32,
        _ => 0,
    };
    "GatherV2".clone_into(&mut node.op);
    set(node, "Taxis", type_value(DType::Int32));
    let name = names.make(format!("{}/axis", node.name));
    node.input.insert(2, name.clone());
    Some(constant(&name, &TensorValue::scalar(axis)))
}

/// A constant of this value.
pub(super) fn constant(name: &str, value: &TensorValue) -> NodeDef {
    let tensor = Value::Tensor(Box::new(encode_tensor_proto(value, value.shape())));
    node(
        name,
        "Const",
        [],
        [("dtype", type_value(value.dtype())), ("value", tensor)],
    )
}

fn become_constant(node: &mut NodeDef, value: &TensorValue) {
    let mut new = constant(&node.name, value);
    new.device = std::mem::take(&mut node.device);
    if let Some(class) = node.attr.remove(CLASS) {
        new.attr.insert(CLASS.to_owned(), class);
    }
    if node.attr.contains_key(OUTPUT_SHAPES) {
        let shape = shape_proto(&Shape::from(value.shape()));
        set(&mut new, OUTPUT_SHAPES, output_shapes([shape]));
    }
    *node = new;
}
