//! Variables that are made of parts (`tf.PartitionedVariable`).

use std::panic::Location;

use super::partitioner::cut;
use super::{AnyVariable, Assigned, Variable, Variables};
use crate::dtype::{DType, Element};
use crate::graph::{AnyTensor, GraphBuilder, Here, Operand};
use crate::ops::nodes::{Arg, Nodes, as_i32};
use crate::ops::types::Numeric;

/// A variable that is made of others.
#[derive(Debug, Clone)]
pub(super) struct Partitioned {
    pub(super) name: String,
    pub(super) dtype: DType,
    pub(super) shape: Vec<usize>,
    /// The number of parts along each dimension.
    pub(super) partitions: Vec<usize>,
    /// The parts' positions in the graph's list of variables.
    pub(super) parts: Vec<usize>,
}

/// The name of a part of a variable.
pub(super) fn part_name(whole: &str, number: usize) -> String {
    format!("{whole}/part_{number}")
}

impl<'g> AnyVariable<'g> {
    /// The partitioned variable at a place in the graph's list of them.
    pub(super) fn whole(graph: &'g GraphBuilder, dtype: DType, index: usize) -> Self {
        AnyVariable {
            whole: Some(index),
            ..AnyVariable::poison(graph, dtype)
        }
    }

    /// The facts of a partitioned variable.
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
