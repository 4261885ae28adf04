//! Changes of some elements of a variable (`tf.scatter_update` and its kin).

use std::panic::Location;

use super::{Assigned, Variable};
use crate::dtype::Element;
use crate::graph::{AnyTensor, Operand};
use crate::ops::nodes::{Arg, Nodes, function};
use crate::ops::types::{IndexType, Number, Ordered};

macro_rules! scatters {
    ($($(#[$doc:meta])* $function:ident $bound:ident $of_reference:literal $of_resource:literal;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $function<'g, T: Element + $bound, I: IndexType>(
            variable: Variable<'g, T>,
            indices: impl Operand<'g, I>,
            updates: impl Operand<'g, T>,
        ) -> Assigned<'g, T> {
            let ops = ($of_reference, $of_resource);
            scatter(variable, ops, Arg::of(indices), Arg::of(updates))
        }
    )*};
}

scatters! {
    /// Sets rows of a variable (`tf.scatter_update`): those at `indices` along the first dimension become `updates`.
    ///
    /// ```
    /// use tfhub::{graph::keys, variable};
    /// # let g = tfhub::GraphBuilder::new();
    /// let v = g.get_variable::<f32>("v").shape([4, 2]).trainable(false).finish();
    /// let change = variable::scatter_update(v, [0i32, 2], [[1.0, 2.0], [3.0, 4.0]]);
    /// g.add_to_collection(keys::UPDATE_OPS, change);
    /// assert_eq!(change.operation().op(), "ResourceScatterUpdate");
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    scatter_update Element "ScatterUpdate" "ResourceScatterUpdate";
    /// Adds to rows of a variable (`tf.scatter_add`); see [`scatter_update`].
    scatter_add Number "ScatterAdd" "ResourceScatterAdd";
    /// Subtracts from rows of a variable (`tf.scatter_sub`); see [`scatter_update`].
    scatter_sub Number "ScatterSub" "ResourceScatterSub";
    /// Multiplies rows of a variable (`tf.scatter_mul`); see [`scatter_update`].
    scatter_mul Number "ScatterMul" "ResourceScatterMul";
    /// Divides rows of a variable (`tf.scatter_div`); see [`scatter_update`].
    scatter_div Number "ScatterDiv" "ResourceScatterDiv";
    /// Sets rows of a variable to the smaller of the old and new elements (`tf.scatter_min`); see [`scatter_update`].
    scatter_min Ordered "ScatterMin" "ResourceScatterMin";
    /// Sets rows of a variable to the larger of the old and new elements (`tf.scatter_max`); see [`scatter_update`].
    scatter_max Ordered "ScatterMax" "ResourceScatterMax";
    /// Sets elements or slices of a variable (`tf.scatter_nd_update`): the last dimension of `indices` is the place of each.
    ///
    /// ```
    /// use tfhub::variable;
    /// # let g = tfhub::GraphBuilder::new();
    /// let v = g.get_variable::<f32>("v").shape([4, 2]).use_resource(false).finish();
    /// let change = variable::scatter_nd_update(v, [[0i32, 1], [2, 0]], [1.0, 2.0]);
    /// assert_eq!(change.operation().op(), "ScatterNdUpdate");
    /// ```
    scatter_nd_update Element "ScatterNdUpdate" "ResourceScatterNdUpdate";
    /// Adds to elements or slices of a variable (`tf.scatter_nd_add`); see [`scatter_nd_update`].
    scatter_nd_add Number "ScatterNdAdd" "ResourceScatterNdAdd";
    /// Subtracts from elements or slices of a variable (`tf.scatter_nd_sub`); see [`scatter_nd_update`].
    scatter_nd_sub Number "ScatterNdSub" "ResourceScatterNdSub";
}

/// Makes the node of one of two ops: that for the reference of a variable of the old kind, and that for a handle.
#[track_caller]
fn scatter<'g, T: Element>(
    variable: Variable<'g, T>,
    (of_reference, of_resource): (&'static str, &'static str),
    indices: Arg<'g>,
    updates: Arg<'g>,
) -> Assigned<'g, T> {
    let (any, here) = (variable.any, Location::caller());
    let (g, handle) = (any.graph, any.handle);
    let operation = if any.is_mere_value("changed") {
        AnyTensor::poison(g).operation()
    } else if handle.is_ref() {
        let call = function(g, of_reference).input(handle);
        call.input(indices).input(updates).finish()
    } else {
        let name = g.requested_name(of_resource).into_owned();
        g.called_from(here, || {
            let updates = updates.convert(g, "Const", T::DTYPE);
            let call = Nodes(g).named(of_resource, &name).input(handle);
            call.input(indices).input(updates).finish()
        })
    };
    Assigned::new(variable, operation, here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GraphBuilder;
    use crate::variable::Partitioner;

    #[test]
    fn rows_of_a_variable_in_parts_are_changed_in_a_part() {
        let g = GraphBuilder::new();
        let halves = Partitioner::fixed_size(2);
        let v = g.get_variable::<f32>("v").shape([4]).partitioner(halves);
        let v = v.trainable(false).finish();
        let change = scatter_add(v.parts()[1], [0i32], [1f32]);
        assert_eq!(change.operation().name(), "ResourceScatterAdd");
        scatter_add(v, [0i32], [1f32]);
        let error = g.finish().unwrap_err();
        let [fault] = error.diagnostics() else {
            panic!("{error}");
        };
        let expected = "a partitioned variable cannot be changed, its `parts()` can";
        assert_eq!(fault.message(), expected);
        assert_eq!(fault.location().line(), line!() - 7);
    }
}
