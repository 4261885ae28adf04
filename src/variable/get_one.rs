//! Variables in one piece that are found by their names, or made.

use super::make::{fault, make};
use super::{AnyVariable, Reuse, VariableRequest, Variables};
use crate::error::first_at;
use crate::graph::GraphBuilder;

/// Where the variable at a place in the graph's list was made, for messages.
pub(super) fn first_place(g: &GraphBuilder, index: usize) -> String {
    match g.extension::<Variables>().list.get(index) {
        Some(known) => first_at(g.node(known.handle).location),
        // It could not be made, which is reported already.
        None => String::new(),
    }
}

/// The variable in one piece.
pub(super) fn find_or_make_one(mut request: VariableRequest<'_>) -> AnyVariable<'_> {
    let g = request.graph;
    let found = {
        let variables = g.extension::<Variables>();
        variables.by_name.get(&request.name).copied()
    };
    let name = request.name.clone();
    match (found, request.reuse) {
        (Some(index), Reuse::No) => {
            let first = first_place(g, index);
            let message = format!(
                "the variable exists already{first}; find it with `Reuse::Auto` in `EnterScope::reuse` or in a \
                 layer's `reuse`, or give it another name"
            );
            fault(&request, &name, message)
        }
        (None, Reuse::Yes) => {
            let unshared = {
                let variables = g.extension::<Variables>();
                let of_name = variables.list.iter().find(|info| info.name == name);
                of_name.map(|info| info.handle)
            };
            let message = match unshared {
                Some(handle) => format!(
                    "the variable is to be reused, but was not made with `get_variable`{}",
                    first_at(g.node(handle).location)
                ),
                None => "the variable is to be reused, but does not exist; `Reuse::Auto` in `EnterScope::reuse` or in \
                         a layer's `reuse` makes it"
                    .to_owned(),
            };
            fault(&request, &name, message)
        }
        (Some(index), _) => find(&request, index),
        (None, _) => g.init_scope(|| {
            let regularizer = request.regularizer.take();
            let add_loss = request.add_loss;
            let variable = g.name_scope("", || make(request));
            g.extension::<Variables>()
                .by_name
                .insert(name.clone(), variable.index);
            if let Some(regularizer) = regularizer.filter(|_| !variable.handle.is_poison()) {
                let scope = format!("{name}/Regularizer/");
                let loss = || add_loss(variable, &regularizer, &scope);
                g.colocate_with(variable.handle.operation(), || {
                    g.without_control_dependencies(loss)
                });
            }
            variable
        }),
    }
}

fn find<'g>(request: &VariableRequest<'g>, index: usize) -> AnyVariable<'g> {
    let (g, name) = (request.graph, request.name.as_str());
    let known = g.extension::<Variables>().list.get(index).cloned();
    let Some(info) = known else {
        // The variable could not be made, which is reported already.
        return AnyVariable::poison(g, request.dtype);
    };
    if info.dtype != request.dtype {
        let (dtype, known) = (request.dtype, info.dtype);
        let message = format!("reused with dtype {dtype}, its dtype is {known}");
        return fault(request, name, message);
    }
    let handle = g.main_operation(info.handle).output(0);
    let variable = AnyVariable::listed(handle, info.dtype, index);
    let known = variable.shape();
    let asked = request.shape.as_ref();
    if let Some(shape) = asked.filter(|shape| !shape.is_compatible_with(&known)) {
        let message = format!("reused with shape {shape}, its shape is {known}");
        return fault(request, name, message);
    }
    variable
}
