//! Variables that are made of parts (`tf.PartitionedVariable`).

use super::get::{find_or_make_one, first_place};
use super::make::fault;
use super::partitioner::{cut, places};
use super::request::InitialValue;
use super::{AnyVariable, Assigned, Partitioner, Reuse, Variable, VariableRequest, Variables};
use crate::dtype::{DType, Element};
use crate::graph::{AnyTensor, GraphBuilder, Here, Operand};
use crate::init::PartitionInfo;
use crate::ops::nodes::{Arg, Nodes, as_i32};
use crate::ops::types::Numeric;
use crate::shape::Shape;

use std::panic::Location;

/// A variable that is made of others.
#[derive(Debug, Clone)]
pub(super) struct Partitioned {
    pub(super) name: String,
    dtype: DType,
    pub(super) shape: Vec<usize>,
    /// The number of parts along each dimension.
    partitions: Vec<usize>,
    /// The parts' positions in the graph's list of variables.
    parts: Vec<usize>,
}

/// The place of a variable that is a part of another.
#[derive(Debug, Clone)]
pub(super) struct PartOf {
    /// The name of the whole.
    pub(super) whole: String,
    pub(super) place: PartitionInfo,
}

/// The partitioned variable of a request, whose parts are found or made.
pub(super) fn find_or_make<'g>(
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
        let message = format_args!("reused with dtype {dtype}, its dtype is {known}");
        return fault(request, name, message);
    }
    if let Some(asked) = request.shape.as_ref().filter(|asked| **asked != shape) {
        let message = format_args!("reused with shape {asked}, its shape is {shape}");
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

/// The name of a part of a variable.
pub(super) fn part_name(whole: &str, number: usize) -> String {
    format!("{whole}/part_{number}")
}

impl<'g> AnyVariable<'g> {
    /// The partitioned variable at a place in the graph's list of them.
    fn whole(graph: &'g GraphBuilder, dtype: DType, index: usize) -> Self {
        AnyVariable {
            whole: Some(index),
            ..AnyVariable::poison(graph, dtype)
        }
    }

    /// What is known of a partitioned variable.
    pub(super) fn partitioned(&self) -> Option<Partitioned> {
        let variables = self.graph.extension::<Variables>();
        variables.partitioned.get(self.whole?).cloned()
    }

    /// The parts of a partitioned variable; any other variable is its own only part.
    pub fn parts(&self) -> Vec<AnyVariable<'g>> {
        let (Some(known), None) = (self.partitioned(), self.value) else {
            return vec![*self];
        };
        let parts = known.parts.iter().map(|&index| {
            let handle = self.graph.extension::<Variables>().list[index].handle;
            let handle = self.graph.main_operation(handle).output(0);
            AnyVariable::listed(handle, self.dtype, index)
        });
        parts.collect()
    }

    /// The value of a partitioned variable: its parts, joined at the root of the names for the author's line.
    pub(super) fn joined(&self, known: &Partitioned, here: Here) -> AnyTensor<'g> {
        let (g, name) = (self.graph, known.name.as_str());
        let parts = self.parts();
        let root =
            |f: &mut dyn FnMut() -> AnyTensor<'g>| g.called_from(here, || g.name_scope("", f));
        if let [only] = parts[..] {
            return root(&mut || {
                g.inner_scope(name, here, |scope| {
                    let value = only.value(here);
                    g.op("Identity").name(scope).input(value).output()
                })
            });
        }
        let (axis, _) = cut(&known.partitions);
        root(&mut || {
            let joined = g.in_scope(&format!("{name}/ConcatPartitions/"), || {
                g.inner_scope("concat", here, |scope| {
                    let parts: Vec<_> = parts.iter().map(|part| part.value(here)).collect();
                    let axis = Nodes(g).constant("axis", axis as i32);
                    let concat = g.op("ConcatV2").name(scope).inputs(parts);
                    concat.input(axis).output()
                })
            });
            g.op("Identity").name(name).input(joined).output()
        })
    }
}

impl<'g, T: Element> Variable<'g, T> {
    /// The parts of a partitioned variable, in their order; any other variable is its own only part.
    ///
    /// Collections hold the parts: `for part in v.parts() { g.add_to_collection(key, part) }`.
    pub fn parts(&self) -> Vec<Variable<'g, T>> {
        let parts = self.any.parts().into_iter();
        parts.map(AnyVariable::typed).collect()
    }

    /// Sets all parts of the variable, `v.assign(...)` of a partitioned variable.
    ///
    /// ```
    /// use tfhub::graph::keys;
    /// use tfhub::variable::Partitioner;
    /// # let g = tfhub::GraphBuilder::new();
    /// let halves = Partitioner::fixed_size(2);
    /// let v = g.get_variable::<f32>("v").shape([5]).partitioner(halves).trainable(false).finish();
    /// for change in v.assign_parts([0f32, 1.0, 2.0, 3.0, 4.0]) {
    ///     g.add_to_collection(keys::UPDATE_OPS, change);
    /// }
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn assign_parts(&self, value: impl Operand<'g, T>) -> Vec<Assigned<'g, T>> {
        self.change_parts(Arg::of(value), |part, value| part.assign(value.typed()))
    }

    /// Adds to all parts of the variable (`v.assign_add(...)` of a partitioned variable).
    #[track_caller]
    pub fn assign_add_parts(&self, value: impl Operand<'g, T>) -> Vec<Assigned<'g, T>>
    where
        T: Numeric,
    {
        self.change_parts(Arg::of(value), |part, value| part.assign_add(value.typed()))
    }

    /// Subtracts from all parts of the variable (`v.assign_sub(...)` of a partitioned variable).
    #[track_caller]
    pub fn assign_sub_parts(&self, value: impl Operand<'g, T>) -> Vec<Assigned<'g, T>>
    where
        T: Numeric,
    {
        self.change_parts(Arg::of(value), |part, value| part.assign_sub(value.typed()))
    }

    #[track_caller]
    fn change_parts(
        &self,
        value: Arg<'g>,
        change: fn(&Self, AnyTensor<'g>) -> Assigned<'g, T>,
    ) -> Vec<Assigned<'g, T>> {
        let (g, here) = (self.any.graph, Location::caller());
        g.called_from(here, || {
            let parts = self.parts();
            let axis = self.any.partitioned().map(|known| cut(&known.partitions).0);
            let Some(axis) = axis.filter(|_| self.any.value.is_none()) else {
                let value = value.convert(g, "Const", T::DTYPE);
                return parts.iter().map(|part| change(part, value)).collect();
            };
            let n = Nodes(g);
            let size = |part: &Self| part.shape().to_static().map_or(0, |sizes| sizes[axis]);
            let sizes: Vec<_> = parts.iter().map(size).collect();
            let sizes = n.constant("Const", as_i32(&sizes));
            let split = n.named("SplitV", "split").input(value).input(sizes);
            let split = split
                .input(axis as i32)
                .attr("num_split", parts.len() as i64);
            let split = split.finish();
            let parts = parts.iter().enumerate();
            parts
                .map(|(at, part)| change(part, split.output(at)))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests;
