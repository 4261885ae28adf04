//! Loops of structures of tensors.

mod v2;

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::structure::{self, IntoStructure, Structure};
use crate::graph::{AnyTensor, GraphBuilder, LoopOptions, Tensor, Turn};
use crate::ops::Size;
use crate::ops::nodes::{Arg, Nodes};
use crate::shape::Shape;
use crate::value::TensorValue;

options! {
    /// Options of [`GraphBuilder::while_loop`].
    ///
    /// ```
    /// use tfhub::control_flow::WhileOptions;
    /// use tfhub::ops::{array, math};
    /// # let g = tfhub::GraphBuilder::new();
    /// let rows = g.constant([[1f32, 2.0]]);
    /// let options = WhileOptions::default().shape_invariants([(None, 2)]).maximum_iterations(20);
    /// let is_short = |rows| math::less(array::size::<i32, _>(rows), 100);
    /// let rows = g.while_loop(rows, is_short, |rows| array::concat(&g, [rows, rows], 0), options);
    /// assert_eq!(rows.shape().to_string(), "[?, 2]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone)]
    WhileOptions<'g> {
        /// How many turns may run at once; 10 by default.
        parallel_iterations: i64 = 10;
        /// Whether gradients go through the loop; true by default.
        back_prop: bool = true;
        /// Whether values that gradients need may be moved to the memory of the host; false by default.
        swap_memory: bool = false;
        /// The number of turns after which the loop ends whatever its condition says.
        maximum_iterations: Option<Size<'g>> = None, impl Into<Size<'g>> => Some(maximum_iterations.into());
        /// The shape that each loop variable has in all turns, in the order of the structure; by default that with which
        /// it enters. That of a sparse tensor is its dense shape, by default its rank.
        shape_invariants: Option<Vec<Shape>> = None, impl IntoIterator<Item = impl Into<Shape>>
            => Some(shape_invariants.into_iter().map(Into::into).collect());
    }
}

impl GraphBuilder {
    /// The loop variables after the last turn of a loop, each turn of which gives those of the next while a condition
    /// holds (`tf.while_loop`).
    ///
    /// The loop variables are a [`Structure`]: a tensor, or a tuple, array or vector of tensors, sparse tensors,
    /// tensor arrays and further structures. Numbers become constants, and variables are read. Both closures get the
    /// loop variables; what they use from around goes into the loop by itself.
    ///
    /// ```
    /// use tfhub::ops::math;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let (_, power) = g.while_loop((0, x), |(i, _)| math::less(i, 4), |(i, power)| (i + 1, power * x), ());
    /// assert_eq!((power.name(), power.shape().to_string()), ("while/Exit_1:0".into(), "[?, 3]".into()));
    /// # g.finish().unwrap();
    /// ```
    ///
    /// After [`enable_control_flow_v2`](Self::enable_control_flow_v2) the condition and the body are functions instead.
    ///
    /// Reported are a condition that is not a scalar, and loop variables that have another structure, dtype or shape
    /// after a turn; shapes may change as [`WhileOptions::shape_invariants`] allows.
    #[track_caller]
    pub fn while_loop<'g, V: IntoStructure<'g>>(
        &'g self,
        loop_vars: V,
        cond: impl FnOnce(V::Structure) -> Tensor<'g, bool>,
        body: impl FnOnce(V::Structure) -> V::Structure,
        options: impl Into<WhileOptions<'g>>,
    ) -> V::Structure {
        let options = options.into();
        if self.is_control_flow_v2() {
            return self.while_loop_v2(loop_vars, cond, body, options);
        }
        let author = self.author();
        let _scope = self.open_function_scope("while");
        let n = Nodes(self);
        let limit = options.maximum_iterations.map(|limit| n.limit(limit));
        let structure = loop_vars.into_structure(self);
        let variables = structure::tensors(self, &structure, "a loop variable");
        structure::enter_scopes(&structure::leaves(&structure));
        let options = LoopOptions {
            shape_invariants: self.invariants(&structure, options.shape_invariants.as_deref()),
            parallel_iterations: options.parallel_iterations,
            back_prop: options.back_prop,
            swap_memory: options.swap_memory,
            maximum_iterations: limit.as_ref().map(|limit| limit.limit),
        };
        let mut cond = Some(cond);
        let mut condition = |variables: &[AnyTensor<'g>]| {
            let variables = structure::pack(&structure, variables);
            let cond = cond.take().expect("a loop has one condition");
            self.at_location(author, || cond(variables)).any()
        };
        let (mut body, mut results) = (Some(body), None);
        let mut body = |variables: &[AnyTensor<'g>]| {
            let variables = structure::pack(&structure, variables);
            let body = body.take().expect("a loop has one body");
            let result = self.at_location(author, || body(variables));
            let tensors = structure::tensors(self, &result, "a loop variable");
            results = Some(result);
            tensors
        };
        let turn = Turn {
            condition: &mut condition,
            body: &mut body,
        };
        let exits = match limit {
            Some(limit) => limit.build_loop(n, &variables, options, turn),
            None => self.build_loop(&variables, options, turn),
        };
        // That a body gives another structure has been reported.
        let is_whole = |results: &V::Structure| structure::len(results) == exits.len();
        let like = results.filter(is_whole).unwrap_or(structure);
        structure::pack(&like, &exits)
    }
}

impl GraphBuilder {
    /// The shape of each tensor of the loop variables in all turns.
    #[track_caller]
    fn invariants<'g>(
        &'g self,
        structure: &impl Structure<'g>,
        given: Option<&[Shape]>,
    ) -> Vec<Shape> {
        structure::invariants(structure, given).unwrap_or_else(|| {
            let (expected, found) = (
                structure::leaves(structure).len(),
                given.map_or(0, <[_]>::len),
            );
            let message = format!(
                "{found} shape invariants for {expected} loop variables, expected one for each"
            );
            self.report(Rule::Structure, message);
            vec![Shape::unknown(); structure::len(structure)]
        })
    }
}

/// The number of turns that a loop may make, and the loop variable that counts them.
struct Limit<'g> {
    limit: AnyTensor<'g>,
    counter: AnyTensor<'g>,
}

impl<'g> Nodes<'g> {
    #[track_caller]
    fn limit(self, limit: Size<'g>) -> Limit<'g> {
        let limit = Arg::from(limit).convert(self.0, "maximum_iterations", DType::Int32);
        let limit = self.0.scalar(limit, "maximum_iterations");
        Limit {
            limit,
            counter: self.number("iteration_counter", limit.dtype(), 0.0),
        }
    }
}

impl<'g> Limit<'g> {
    /// Makes a loop with the counter before the other variables.
    #[track_caller]
    fn build_loop(
        self,
        n: Nodes<'g>,
        variables: &[AnyTensor<'g>],
        options: LoopOptions<'g>,
        turn: Turn<'_, 'g>,
    ) -> Vec<AnyTensor<'g>> {
        let variables = [&[self.counter], variables].concat();
        let shape_invariants = [&[Shape::scalar()], &options.shape_invariants[..]].concat();
        let options = LoopOptions {
            shape_invariants,
            ..options
        };
        let mut condition = |variables: &[AnyTensor<'g>]| {
            let is_allowed = n.binary("Less", variables[0], self.limit);
            let goes_on = (turn.condition)(&variables[1..]);
            n.binary("LogicalAnd", is_allowed, goes_on)
        };
        let mut body = |variables: &[AnyTensor<'g>]| {
            let one = TensorValue::scalar(1i32).converted(self.counter.dtype());
            let next = n.add(variables[0], one.expect("each number type has a 1"));
            let results = (turn.body)(&variables[1..]);
            [&[next], &results[..]].concat()
        };
        let turn = Turn {
            condition: &mut condition,
            body: &mut body,
        };
        let mut exits = n.0.build_loop(&variables, options, turn);
        exits.remove(0);
        exits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Diagnostic;
    use crate::ops::array::{concat, reshape};
    use crate::ops::math::less;

    type Fault = for<'g> fn(&'g GraphBuilder);

    fn diagnostics(fault: Fault) -> Vec<Diagnostic> {
        let g = GraphBuilder::new();
        fault(&g);
        g.finish().unwrap_err().diagnostics().to_vec()
    }

    #[test]
    fn a_loop_that_tensorflow_would_refuse_is_a_fault_at_the_line_of_its_call() {
        let faults: [(Fault, Rule, &str); 9] = [
            (
                |g| {
                    g.while_loop((), |()| g.constant(true), |()| (), ());
                },
                Rule::Structure,
                "a loop has no variables, expected at least one",
            ),
            (
                |g| {
                    let x = g.constant([1f32, 2.0]);
                    g.while_loop(x, |x| less(x, 3.0), |x| x + 1.0, ());
                },
                Rule::Shape,
                "the condition of a loop is \"while/Less:0\", expected a scalar, found shape [2]",
            ),
            (
                |g| {
                    let x = g.constant([1f32, 2.0]);
                    let grow = |(i, x)| (i, concat(g, [x, x], 0));
                    g.while_loop((0, x), |(i, _)| less(i, 3), grow, ());
                },
                Rule::Structure,
                "loop variable 1 enters with shape [2] and has shape [4] after one turn; shapes that change are given by \
                 `shape_invariants`",
            ),
            (
                |g| {
                    let x = g.constant([1f32, 2.0]);
                    let flat = |(i, x)| (i, reshape(x, [1, 2]));
                    let options = WhileOptions::default().shape_invariants([(), ()]);
                    g.while_loop((0, x), |(i, _)| less(i, 3), flat, options);
                },
                Rule::Structure,
                "loop variable 1 enters with shape [2], which its invariant [] does not allow",
            ),
            (
                |g| {
                    let options = WhileOptions::default().shape_invariants([()]);
                    g.while_loop((0, 1), |(i, _)| less(i, 3), |(i, j)| (j, i), options);
                },
                Rule::Structure,
                "1 shape invariants for 2 loop variables, expected one for each",
            ),
            (
                |g| {
                    let start = vec![g.constant(0i32), g.constant(1i32)];
                    g.while_loop(start, |i| less(i[0], 3), |i| i[1..].to_vec(), ());
                },
                Rule::Structure,
                "the body of a loop gives 1 tensors for 2 loop variables; expected the same structure",
            ),
            (
                |g| {
                    let (i, x) = (g.constant(0i32).any(), g.constant(1f32).any());
                    g.while_loop(
                        [i, x],
                        |i| less(i[0].typed::<i32>(), 3),
                        |[i, x]| [x, i],
                        (),
                    );
                },
                Rule::Structure,
                "loop variable 0 enters as int32 and is float32 after one turn",
            ),
            (
                |g| {
                    let options = WhileOptions::default().parallel_iterations(0);
                    g.while_loop(0, |i| less(i, 3), |i| i + 1, options);
                },
                Rule::Structure,
                "parallel_iterations is 0, expected at least 1",
            ),
            (
                |g| {
                    let limit = g.constant([3i32]);
                    let options = WhileOptions::default().maximum_iterations(limit);
                    g.while_loop(0, |i| less(i, 3), |i| i + 1, options);
                },
                Rule::Shape,
                "maximum_iterations is \"Const:0\", expected a scalar, found shape [1]",
            ),
        ];
        for (fault, rule, text) in faults {
            let found = diagnostics(fault);
            assert_eq!((found[0].rule(), found[0].message()), (rule, text));
            assert!(found[0].to_string().contains(file!()), "{}", found[0]);
        }
    }
}
