//! Variables that are found by their names, or made (`tf.get_variable`).

use super::make::{fault, make};
use super::parts::{self, part_name};
use super::request::InitialValue;
use super::scope::NO_LOSSES;
use super::{AnyVariable, Reuse, VariableAggregation, VariableRequest, VariableScope, Variables};
use crate::error::first_at;
use crate::graph::{GraphBuilder, join};
use crate::shape::Shape;

impl<'g> VariableRequest<'g> {
    /// The variable, as the custom getter around gives it, or as `tf.get_variable` finds or makes it.
    pub fn get(mut self) -> AnyVariable<'g> {
        match self.getter.take() {
            Some(getter) => {
                self.getter = getter.inner();
                (getter.get)(self)
            }
            None => find_or_make(self),
        }
    }

    /// The variable in the variable scope that is open, whose path and options the request gets.
    pub(super) fn get_in_scope(mut self) -> AnyVariable<'g> {
        let g = self.graph;
        let scope = g.current_variable_scope();
        self.name = join(scope.name(), &self.name);
        self.reuse = scope.reuse();
        if scope.gives_values {
            return g.in_main_graph(|| self.value_in_function(&scope));
        }
        self.take_over(&scope);
        g.name_scope("", || self.get())
    }

    /// Takes over the options of a scope that are not given.
    fn take_over(&mut self, scope: &VariableScope) {
        let defaults = scope.defaults();
        if self.initial_value.is_none() && self.initializer.is_none() {
            self.initializer = defaults.initializer.clone();
        }
        fn or<T: Clone>(given: &mut Option<T>, default: &Option<T>) {
            if given.is_none() {
                given.clone_from(default);
            }
        }
        or(&mut self.regularizer, &defaults.regularizer);
        or(&mut self.partitioner, &defaults.partitioner);
        or(&mut self.caching_device, &defaults.caching_device);
        or(&mut self.getter, &defaults.custom_getter);
        or(&mut self.use_resource, &defaults.use_resource);
        or(&mut self.constraint, &defaults.constraint);
    }

    /// The variable that the body of a function asks for, which is read where the function is made.
    fn value_in_function(mut self, scope: &VariableScope) -> AnyVariable<'g> {
        let g = self.graph;
        if self.regularizer.take().is_some() {
            fault(&self, &self.name, NO_LOSSES);
        }
        self.aggregation = VariableAggregation::None;
        if let Some(InitialValue::Operand(value)) = &self.initial_value {
            // TensorFlow looks at its dtype, for which it makes a tensor of it.
            g.name_scope("", || value.clone().convert(g, "Const", self.dtype));
        }
        self.take_over(scope);
        let location = self.location;
        let variable = g.name_scope("", || self.get());
        AnyVariable {
            value: Some(variable.value(location)),
            ..variable
        }
    }
}

/// The variable, in parts if a partitioner is given for one that has dimensions.
fn find_or_make(mut request: VariableRequest<'_>) -> AnyVariable<'_> {
    let g = request.graph;
    let is_scalar = request.shape.as_ref().and_then(Shape::rank) == Some(0);
    let partitioner = request.partitioner.take().filter(|_| !is_scalar);
    let (is_partitioned, part) = {
        let variables = g.extension::<Variables>();
        let part = variables.by_name.get(&part_name(&request.name, 0)).copied();
        let is_partitioned = variables.partitioned_by_name.contains_key(&request.name);
        (is_partitioned, part)
    };
    if partitioner.is_some() || is_partitioned && request.reuse == Reuse::Yes {
        return parts::find_or_make(request, partitioner.as_ref());
    }
    if let Some(part) = part {
        let first = first_place(g, part);
        let message = format!("no partitioner is given, but the variable exists in parts{first}");
        let name = request.name.clone();
        return fault(&request, &name, message);
    }
    find_or_make_one(request)
}

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
        let message = format_args!("reused with dtype {dtype}, its dtype is {known}");
        return fault(request, name, message);
    }
    let handle = g.main_operation(info.handle).output(0);
    let variable = AnyVariable::listed(handle, info.dtype, index);
    let known = variable.shape();
    let asked = request.shape.as_ref();
    if let Some(shape) = asked.filter(|shape| !shape.is_compatible_with(&known)) {
        let message = format_args!("reused with shape {shape}, its shape is {known}");
        return fault(request, name, message);
    }
    variable
}
