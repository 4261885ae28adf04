//! Loops that are one node each: control flow version 2.

use std::panic::Location;

use super::WhileOptions;
use crate::dtype::DType;
use crate::graph::structure::{self, IntoStructure};
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::shape::Shape;
use crate::value::TensorValue;

/// The loop variables that count the turns, which come before the author's.
const COUNTERS: usize = 2;

impl GraphBuilder {
    /// A loop as [`while_loop`](Self::while_loop) makes it where control flow is functions.
    #[track_caller]
    pub(super) fn while_loop_v2<'g, V: IntoStructure<'g>>(
        &'g self,
        loop_vars: V,
        cond: impl FnOnce(V::Structure) -> Tensor<'g, bool>,
        body: impl FnOnce(V::Structure) -> V::Structure,
        options: WhileOptions<'g>,
    ) -> V::Structure {
        // No block around has an effect in a body, nor has the author's line.
        let (author, here) = (self.author(), self.here(Location::caller()));
        let structure = loop_vars.into_structure(self);
        let variables = structure::tensors(self, &structure, "a loop variable");
        let leaves = structure::leaves(&structure);
        // Python makes the sparse tensors anew twice before the loop, and three times in each of its functions.
        let enter_scopes = || {
            self.called_from(here, || {
                (0..2).for_each(|_| structure::enter_scopes(&leaves))
            });
        };
        enter_scopes();
        let (mut cond, mut body, mut results) = (Some(cond), Some(body), None);
        let mut condition = |variables: &[AnyTensor<'g>]| {
            enter_scopes();
            let variables = self.called_from(here, || structure::pack(&structure, variables));
            let cond = cond.take().expect("a loop has one condition");
            self.at_location(author, || cond(variables)).any()
        };
        let mut body = |variables: &[AnyTensor<'g>]| {
            enter_scopes();
            let variables = self.called_from(here, || structure::pack(&structure, variables));
            let body = body.take().expect("a loop has one body");
            let result = self.at_location(author, || body(variables));
            let tensors = structure::tensors(self, &result, "a loop variable");
            results = Some(result);
            tensors
        };
        let invariants = options.shape_invariants.as_deref();
        let shapes = self.invariants(&structure, invariants);
        let exits = self.counted_while_v2(&variables, &shapes, options, &mut condition, &mut body);
        // That a body gives another structure has been reported.
        let is_whole = |results: &V::Structure| structure::len(results) == exits.len();
        let like = results.filter(is_whole).unwrap_or(structure);
        self.called_from(here, || structure::pack(&like, &exits))
    }

    /// Makes a loop of tensors with a counter and a limit of its turns before them.
    #[track_caller]
    fn counted_while_v2<'g>(
        &'g self,
        variables: &[AnyTensor<'g>],
        shapes: &[Shape],
        options: WhileOptions<'g>,
        condition: &mut dyn FnMut(&[AnyTensor<'g>]) -> AnyTensor<'g>,
        body: &mut dyn FnMut(&[AnyTensor<'g>]) -> Vec<AnyTensor<'g>>,
    ) -> Vec<AnyTensor<'g>> {
        let scope = self.open_function_scope("while");
        let n = Nodes(self);
        let is_limited = options.maximum_iterations.is_some();
        let limit = match options.maximum_iterations {
            Some(limit) => Arg::from(limit).convert(self, "maximum_iterations", DType::Int32),
            None => n.number("maximum_iterations", DType::Int32, -1.0),
        };
        let counter = n.number("loop_counter", limit.dtype(), 0.0);
        let shapes = [&[Shape::scalar(), Shape::scalar()], shapes].concat();
        let variables = [&[counter, limit], variables].concat();
        let mut condition = |variables: &[AnyTensor<'g>]| {
            let goes_on = condition(&variables[COUNTERS..]);
            let goes_on = self.squeezed_condition(goes_on);
            match is_limited {
                true => {
                    let is_allowed = n.binary("Less", variables[0], variables[1]);
                    n.binary("LogicalAnd", is_allowed, goes_on)
                }
                false => goes_on,
            }
        };
        let mut body = |variables: &[AnyTensor<'g>]| {
            let results = body(&variables[COUNTERS..]);
            let one = TensorValue::scalar(1i32).converted(limit.dtype());
            let one = one.unwrap_or_else(|| TensorValue::scalar(1i32));
            let next = n.add(variables[0], one);
            [&[next, variables[1]], &results[..]].concat()
        };
        let parallel_iterations = options.parallel_iterations;
        let mut exits = self.build_while_v2(
            &scope,
            &variables,
            &shapes,
            parallel_iterations,
            &mut condition,
            &mut body,
        );
        exits.split_off(COUNTERS)
    }
}
