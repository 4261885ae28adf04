//! Making variables: the nodes of one, in TensorFlow's order, and its `VariableDef`.

use std::collections::BTreeSet;
use std::fmt;
use std::iter;

use super::Variables;
use super::guard::guarded;
use super::handle;
use super::request::InitialValue;
use super::{AnyVariable, CachingDevice, VariableInfo, VariablePart, VariableRequest};
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation, keys};
use crate::init;
use crate::proto::Message as _;
use crate::proto::tensorflow::{SaveSliceInfoDef, VariableDef};
use crate::shape::Shape;
use crate::value::TensorSlice;

/// The collections of variables that sessions initialize.
const INITIALIZED: [&str; 2] = [keys::VARIABLES, keys::LOCAL_VARIABLES];

/// Reports a fault in a request.
pub(super) fn fault<'g>(
    request: &VariableRequest<'g>,
    name: &str,
    message: impl fmt::Display,
) -> AnyVariable<'g> {
    let g = request.graph;
    g.report_node(
        Rule::Variable,
        "VarHandleOp",
        name,
        request.location,
        message,
    );
    AnyVariable::poison(g, request.dtype)
}

/// Makes the nodes in a scope of the request's name.
pub(super) fn make(request: VariableRequest<'_>) -> AnyVariable<'_> {
    let (g, location) = (request.graph, request.location);
    let name = request.name.clone();
    g.called_from(location, || {
        g.inner_scope(&name, location, |scope| make_in(&request, scope))
    })
}

fn make_in<'g>(request: &VariableRequest<'g>, scope: &str) -> AnyVariable<'g> {
    let g = request.graph;
    let name = scope.trim_end_matches('/');
    let shape = match (&request.initial_value, &request.shape) {
        (Some(_), _) => Vec::new(),
        (None, None) => {
            let message = "the variable has neither a shape nor an initial value";
            return fault(request, name, message);
        }
        (None, Some(shape)) => match shape.to_static() {
            Some(shape) => shape,
            None => {
                let message = format!("the variable's shape must be known, it is {shape}");
                return fault(request, name, message);
            }
        },
    };
    let given = Given {
        request,
        scope,
        name,
        shape,
    };
    let nodes = match request.use_resource {
        Some(false) => ref_nodes(&given),
        Some(true) | None => resource_nodes(&given),
    };
    match nodes {
        Some(nodes) => register(request, name, nodes),
        None => AnyVariable::poison(g, request.dtype),
    }
}

/// A request that is well formed, and the scope for the nodes.
struct Given<'a, 'g> {
    request: &'a VariableRequest<'g>,
    /// It ends in a slash.
    scope: &'a str,
    name: &'a str,
    /// That of the value that an initializer makes.
    shape: Vec<usize>,
}

/// The nodes of a variable that its definition names.
struct VariableNodes<'g> {
    handle: AnyTensor<'g>,
    /// The shape that the variable's own node says.
    shape: Shape,
    initial_value: AnyTensor<'g>,
    assign: Operation<'g>,
    /// The value that the variable's own node reads.
    snapshot: AnyTensor<'g>,
    /// Whether that value is for all uses.
    is_kept: bool,
}

/// The nodes of a resource variable; `None` if a fault was reported.
fn resource_nodes<'g>(given: &Given<'_, 'g>) -> Option<VariableNodes<'g>> {
    let (request, name) = (given.request, given.name);
    let (g, here) = (request.graph, request.location);
    let (initial_value, shape, handle) = g.in_group_of(name, || {
        let value = g.inner_scope("Initializer", here, |_| {
            g.without_device(|| initial_value(given))
        });
        let shape = node_shape(given, value)?;
        let op = g
            .op("VarHandleOp")
            .name(given.scope)
            .attr("dtype", request.dtype);
        let op = op.attr("shape", &shape).attr("shared_name", name);
        Some((value, shape, op.output()))
    })?;
    g.inner_scope("IsInitialized", here, |_| {
        g.op("VarIsInitializedOp").input(handle).finish()
    });
    let assign = g.inner_scope("Assign", here, |scope| {
        handle::on_device(handle, &mut || {
            let value = guarded(initial_value, given.scope, here);
            let assign = g.op("AssignVariableOp").name(scope);
            assign.input(handle).input(value).finish()
        })
    });
    g.inner_scope("Read", here, |_| {
        let read = g.device(&handle::device(handle), || {
            handle::read(handle, request.dtype, None)
        });
        let read = read.output(0);
        let keep = || g.op("Identity").input(read).output();
        let kept = request.caching_device.as_ref().map(|device| {
            g.without_colocation(|| g.without_device(|| on_caching_device(g, device, keep)))
        });
        Some(VariableNodes {
            handle,
            shape,
            initial_value,
            assign,
            snapshot: kept.unwrap_or(read),
            is_kept: kept.is_some(),
        })
    })
}

/// The nodes of a variable of the old kind, whose value is read once; `None` if a fault was reported.
fn ref_nodes<'g>(given: &Given<'_, 'g>) -> Option<VariableNodes<'g>> {
    let request = given.request;
    let (g, here) = (request.graph, request.location);
    let handle_of = |value: AnyTensor<'g>| {
        let op = g
            .op("VariableV2")
            .name(given.scope)
            .attr("dtype", request.dtype);
        let shape = node_shape(given, value)?;
        let handle = op.attr("shape", &shape).output();
        Some((value, shape, handle))
    };
    let (initial_value, shape, handle) = match &request.initial_value {
        Some(InitialValue::Operand(_)) => handle_of(initial_value(given)),
        _ => g.in_group_of(given.name, || {
            let make = || g.without_device(|| initial_value(given));
            handle_of(g.inner_scope("Initializer", here, |_| make()))
        }),
    }?;
    let value = guarded(initial_value, given.scope, here);
    let assign = g.op("Assign").input(handle).input(value);
    let assign = assign
        .attr("validate_shape", request.validate_shape)
        .finish();
    let read = || g.op("Identity").name("read").input(handle).output();
    let snapshot = match &request.caching_device {
        Some(device) => on_caching_device(g, device, read),
        None => g.colocate_with(handle.operation(), read),
    };
    Some(VariableNodes {
        handle,
        shape,
        initial_value,
        assign,
        snapshot,
        is_kept: true,
    })
}

/// The initial value, made where it is asked for.
fn initial_value<'g>(given: &Given<'_, 'g>) -> AnyTensor<'g> {
    let request = given.request;
    let (g, dtype) = (request.graph, request.dtype);
    let shape = &given.shape[..];
    let place = request.part.as_ref().map(|part| &part.place);
    let value = match &request.initial_value {
        Some(InitialValue::Operand(value)) => value.clone().convert(g, "initial_value", dtype),
        Some(InitialValue::Function(value)) => value(g),
        None => match &request.initializer {
            Some(initializer) => initializer.build_part(g, shape, dtype, place),
            None => init::default_for(dtype).build_part(g, shape, dtype, place),
        },
    };
    if value.dtype() != dtype && !value.is_poison() {
        let message = format!(
            "expected an initial value of {dtype}, found {}",
            value.dtype()
        );
        fault(request, given.name, message);
        return AnyTensor::poison(g);
    }
    value
}

/// The shape that the node of a variable with an initial value says; `None` if the value does not fit a shape that is
/// given, or must have a known one and has not, which is reported.
fn node_shape(given: &Given<'_, '_>, value: AnyTensor<'_>) -> Option<Shape> {
    if value.is_poison() {
        return None;
    }
    let request = given.request;
    let is_reference = request.use_resource == Some(false);
    let found = value.shape();
    if is_reference && request.validate_shape && !found.is_static() {
        let message = format!(
            "the initial value's shape must be known, it is {found}; `validate_shape(false)` takes a value of any shape"
        );
        fault(request, given.name, message);
        return None;
    }
    for expected in request.declared.iter().chain(&request.shape) {
        if !expected.is_compatible_with(&found) {
            let message = format!("expected an initial value of shape {expected}, found {found}");
            fault(request, given.name, message);
            return None;
        }
    }
    let shape = match &request.declared {
        Some(declared) => declared.clone(),
        None if is_reference && !request.validate_shape => Shape::unknown(),
        None => found.clone(),
    };
    // What follows TensorFlow tells where the graph runs.
    let message = match shape.rank() {
        _ if !is_reference || shape.is_static() => return Some(shape),
        Some(_) => format!(
            "the shape of a variable of the old kind is known or wholly unknown, it is {shape}; a resource variable may have \
             it"
        ),
        None if !request.validate_shape || found.rank() == Some(0) => return Some(shape),
        None => format!(
            "a variable of the old kind and of unknown shape takes a scalar at first, found shape {found}; \
             `validate_shape(false)` takes a value of any shape"
        ),
    };
    fault(request, given.name, message);
    None
}

/// Runs `f` on the device that a variable's value is kept on.
fn on_caching_device<R>(g: &GraphBuilder, device: &CachingDevice, f: impl FnOnce() -> R) -> R {
    match device {
        CachingDevice::Named(device) => g.device(device, f),
        CachingDevice::OfReader => f(),
    }
}

/// The message about the place of a part.
fn save_slice_info(part: &VariablePart) -> SaveSliceInfoDef {
    let sizes = |sizes: &[usize]| sizes.iter().map(|&size| size as i64).collect();
    SaveSliceInfoDef {
        full_name: part.whole.clone(),
        full_shape: sizes(&part.shape),
        var_offset: sizes(&part.start()),
        var_shape: sizes(&part.slice.shape()),
    }
}

/// Lists the variable and adds it to its collections.
fn register<'g>(
    request: &VariableRequest<'g>,
    name: &str,
    nodes: VariableNodes<'g>,
) -> AnyVariable<'g> {
    let g = request.graph;
    let VariableNodes {
        handle,
        shape,
        initial_value,
        assign,
        snapshot,
        is_kept,
    } = nodes;
    let trainable = request.is_trainable();
    let part = request.part.as_ref().map(|part| {
        let sizes = request.shape.as_ref().and_then(Shape::to_static);
        let starts = part.place.offset().iter();
        let ranges = iter::zip(starts, sizes.unwrap_or_default());
        let ranges = ranges.map(|(&start, size)| start..start + size);
        VariablePart {
            whole: part.whole.clone(),
            shape: part.place.full_shape().to_vec(),
            slice: TensorSlice::new(ranges.collect::<Vec<_>>()),
        }
    });
    let def = VariableDef {
        variable_name: handle.name(),
        initializer_name: assign.name(),
        snapshot_name: snapshot.name(),
        initial_value_name: initial_value.name(),
        is_resource: !handle.is_ref(),
        trainable,
        synchronization: request.synchronization.to_proto().into(),
        aggregation: request.aggregation.to_proto().into(),
        save_slice_info_def: part.as_ref().map(save_slice_info),
    };
    let def = def.encode_to_vec();
    let index = {
        let of_part = part.as_ref().map(|part| part.slice.shape().into());
        let info = VariableInfo {
            name: name.to_owned(),
            dtype: request.dtype,
            shape: of_part.unwrap_or(shape),
            handle: handle.tensor_ref().node,
            initial_value: Some(initial_value.tensor_ref()),
            trainable,
            part,
        };
        let mut variables = g.extension::<Variables>();
        let index = variables.list.len();
        variables.list.push(info);
        variables.defs.push(def.clone());
        let given = request.collections.iter();
        if handle.is_ref() && given.clone().any(|key| INITIALIZED.contains(&&**key)) {
            variables.references.insert(handle.tensor_ref().node, index);
        }
        if is_kept {
            variables.kept.insert(index, snapshot.tensor_ref().node);
        }
        if let Some(constraint) = &request.constraint {
            variables.constraints.insert(index, constraint.clone());
        }
        index
    };
    let trainable = trainable.then_some(keys::TRAINABLE_VARIABLES);
    let given = request.collections.iter().map(String::as_str);
    for key in given.chain(trainable).collect::<BTreeSet<_>>() {
        g.add_to_collection(key, def.clone());
    }
    AnyVariable::listed(handle, request.dtype, index)
}
