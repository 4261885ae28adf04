//! Variables that are found by their names, or made (`tf.get_variable`).

use super::get_one::{find_or_make_one, first_place};
use super::get_parts::find_or_make_parts;
use super::make::fault;
use super::parts::part_name;
use super::request::InitialValue;
use super::scope::NO_LOSSES;
use super::{AnyVariable, Reuse, VariableAggregation, VariableRequest, VariableScope, Variables};
use crate::graph::join;
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
        return find_or_make_parts(request, partitioner.as_ref());
    }
    if let Some(part) = part {
        let first = first_place(g, part);
        let message = format!("no partitioner is given, but the variable exists in parts{first}");
        let name = request.name.clone();
        return fault(&request, &name, message);
    }
    find_or_make_one(request)
}
