//! Partitioned variables that are found by their names, or made.

use super::get_one::{find_or_make_one, first_place};
use super::make::fault;
use super::partitioner::places;
use super::parts::{Partitioned, part_name};
use super::request::{InitialValue, PartOf};
use super::{AnyVariable, Partitioner, Reuse, VariableRequest, Variables};
use crate::init::PartitionInfo;
use crate::ops::nodes::{Nodes, as_i32};
use crate::shape::Shape;

/// The partitioned variable of a request, whose parts are found or made.
pub(super) fn find_or_make_parts<'g>(
    mut request: VariableRequest<'g>,
    partitioner: Option<&Partitioner>,
) -> AnyVariable<'g> {
    let (g, name) = (request.graph, request.name.clone());
    let (single, known) = {
        let variables = g.extension::<Variables>();
        let known = variables.partitioned_by_name.get(&name).copied();
        (variables.by_name.get(&name).copied(), known)
    };
    if let Some(single) = single {
        let first = first_place(g, single);
        let message =
            format!("a partitioner is given, but the variable exists in one piece{first}");
        return fault(&request, &name, message);
    }
    request.shape = match shape_of(&request) {
        Ok(shape) => shape,
        Err(message) => return fault(&request, &name, message),
    };
    let partitions = match partitioner {
        Some(partitioner) => match partitions(&request, partitioner) {
            Ok(partitions) => Some(partitions),
            Err(message) => return fault(&request, &name, message),
        },
        None => None,
    };
    match (known, request.reuse, partitions) {
        (Some(index), Reuse::No, _) => {
            let part = g.extension::<Variables>().partitioned[index].parts[0];
            let first = first_place(g, part);
            let message = format!(
                "the partitioned variable exists already{first}; find it with `Reuse::Auto` in `EnterScope::reuse` or \
                 in a layer's `reuse`, or give it another name"
            );
            fault(&request, &name, message)
        }
        (Some(index), _, partitions) => find(&request, index, partitions),
        (None, Reuse::Yes, _) | (None, _, None) => {
            let message = "the partitioned variable is to be reused, but does not exist; `Reuse::Auto` in \
                           `EnterScope::reuse` or in a layer's `reuse` makes it";
            fault(&request, &name, message)
        }
        (None, _, Some(partitions)) => make(request, partitions),
    }
}

/// The shape that is given, or that of the initial value.
fn shape_of(request: &VariableRequest<'_>) -> Result<Option<Shape>, String> {
    let Some(InitialValue::Operand(value)) = &request.initial_value else {
        return Ok(request.shape.clone());
    };
    let of_value = value.shape();
    let Some(given) = &request.shape else {
        return Ok(Some(of_value));
    };
    match given.merge(&of_value) {
        Some(shape) => Ok(Some(shape)),
        None => Err(format!(
            "expected an initial value of shape {given}, found {of_value}"
        )),
    }
}

fn partitions(
    request: &VariableRequest<'_>,
    partitioner: &Partitioner,
) -> Result<Vec<usize>, String> {
    let shape = match &request.shape {
        Some(shape) => shape.to_static().ok_or_else(|| {
            format!("the shape of a partitioned variable must be known, it is {shape}")
        })?,
        None => {
            return Err(
                "the partitioned variable has neither a shape nor an initial value".to_owned(),
            );
        }
    };
    partitioner.partitions(&shape, request.dtype)
}

fn find<'g>(
    request: &VariableRequest<'g>,
    index: usize,
    partitions: Option<Vec<usize>>,
) -> AnyVariable<'g> {
    let (g, name) = (request.graph, request.name.as_str());
    let known = g.extension::<Variables>().partitioned[index].clone();
    let shape = Shape::from(&known.shape);
    if known.dtype != request.dtype {
        let (dtype, known) = (request.dtype, known.dtype);
        let message = format!("reused with dtype {dtype}, its dtype is {known}");
        return fault(request, name, message);
    }
    if let Some(asked) = request.shape.as_ref().filter(|asked| **asked != shape) {
        let message = format!("reused with shape {asked}, its shape is {shape}");
        return fault(request, name, message);
    }
    if let Some(partitions) = partitions.filter(|partitions| *partitions != known.partitions) {
        let first = first_place(g, known.parts[0]);
        let message = format!(
            "reused in {partitions:?} parts, it is in {:?} parts{first}",
            known.partitions
        );
        return fault(request, name, message);
    }
    AnyVariable::whole(g, known.dtype, index)
}

fn make<'g>(request: VariableRequest<'g>, partitions: Vec<usize>) -> AnyVariable<'g> {
    let (g, name) = (request.graph, request.name.clone());
    let poison = AnyVariable::poison(g, request.dtype);
    let shape = request.shape.as_ref().and_then(Shape::to_static);
    let shape = shape.unwrap_or_default();
    let own = {
        let variables = g.extension::<Variables>();
        variables.by_name.get(&part_name(&name, 0)).copied()
    };
    if let Some(own) = own {
        let message = format!(
            "\"{}\" exists as a variable of its own{}; give the partitioned variable another name",
            part_name(&name, 0),
            first_place(g, own)
        );
        return fault(&request, &name, message);
    }
    if let Some(InitialValue::Function(_)) = &request.initial_value {
        let message = "a function without the shape of a part makes no initial value of a partitioned variable; give \
                       it an initializer";
        return fault(&request, &name, message);
    }
    let mut parts = Vec::new();
    for (number, (offset, sizes)) in places(&shape, &partitions).enumerate() {
        let mut part = VariableRequest {
            name: part_name(&name, number),
            shape: Some(Shape::from(&sizes)),
            ..request.clone()
        };
        if let Some(InitialValue::Operand(value)) = &request.initial_value {
            let scope = format!("{}/PartitionedInitializer", part.name);
            let value = g.inner_scope(&scope, request.location, |_| {
                let whole = value.clone().convert(g, "Const", request.dtype);
                Nodes(g).slice(whole, as_i32(&offset), as_i32(&sizes))
            });
            part.initial_value = Some(InitialValue::Operand(value.into()));
        }
        part.part = Some(PartOf {
            whole: name.clone(),
            place: PartitionInfo::new(shape.clone(), offset),
        });
        let part = find_or_make_one(part);
        if part.handle.is_poison() {
            return poison;
        }
        parts.push(part.index);
    }
    let mut variables = g.extension::<Variables>();
    let index = variables.partitioned.len();
    variables.partitioned_by_name.insert(name.clone(), index);
    variables.partitioned.push(Partitioned {
        name,
        dtype: request.dtype,
        shape,
        partitions,
        parts,
    });
    drop(variables);
    AnyVariable::whole(g, request.dtype, index)
}

#[cfg(test)]
mod tests;
