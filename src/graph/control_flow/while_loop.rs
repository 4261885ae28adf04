//! Loops.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{ControlFlow, Members, SharedContext, is_constant_enter, value_in};
use crate::error::Rule;
use crate::graph::back_edge::set_back_edge;
use crate::graph::{AnyTensor, GraphBuilder, NodeId, TensorKey, keys};
use crate::proto::tensorflow::WhileContextDef;
use crate::proto::tensorflow::control_flow_context_def::Ctxt;
use crate::shape::Shape;

/// How a loop runs.
#[derive(Debug)]
pub(crate) struct LoopOptions<'g> {
    /// The shape of each loop variable in all turns.
    pub(crate) shape_invariants: Vec<Shape>,
    pub(crate) parallel_iterations: i64,
    pub(crate) back_prop: bool,
    pub(crate) swap_memory: bool,
    /// The number that the context names; the loop's condition has to hold it.
    pub(crate) maximum_iterations: Option<AnyTensor<'g>>,
}

/// The condition and the body of a loop, which get its variables.
pub(crate) struct Turn<'a, 'g> {
    pub(crate) condition: &'a mut dyn FnMut(&[AnyTensor<'g>]) -> AnyTensor<'g>,
    pub(crate) body: &'a mut dyn FnMut(&[AnyTensor<'g>]) -> Vec<AnyTensor<'g>>,
}

impl GraphBuilder {
    /// Makes a loop of tensors; the result are the loop variables after the last turn.
    #[track_caller]
    pub(crate) fn build_loop<'g>(
        &'g self,
        variables: &[AnyTensor<'g>],
        options: LoopOptions<'g>,
        turn: Turn<'_, 'g>,
    ) -> Vec<AnyTensor<'g>> {
        let poison = || vec![AnyTensor::poison(self); variables.len()];
        if let Some(fault) = loop_fault(variables, &options) {
            self.report(Rule::Structure, fault);
            return poison();
        }
        let outer = self.context.borrow().control_flow().cloned();
        let loop_ = Rc::new(Loop {
            name: self.unique_name("while_context").to_string(),
            parallel_iterations: options.parallel_iterations,
            back_prop: options.back_prop,
            swap_memory: options.swap_memory,
            maximum_iterations: options.maximum_iterations.map(|tensor| tensor.key()),
            pivots: Cell::default(),
            enters: RefCell::default(),
            exits: RefCell::default(),
            members: Members::new(outer.clone()),
        });
        let context: SharedContext = loop_.clone();
        self.begin_context(&context);
        // A loop is listed before those that its closures make outside of it.
        let listed = self.listed_contexts(keys::WHILE_CONTEXT);
        let around = variables.iter().map(|&variable| match &outer {
            Some(outer) if !variable.is_poison() => {
                self.tensor_of(value_in(outer, self, variable.key(), None))
            }
            _ => variable,
        });
        let around: Vec<_> = around.collect();
        let pairs = around.into_iter().zip(&options.shape_invariants);
        let enters = pairs.map(|(around, shape)| {
            let enter = self.without_control_dependencies(|| loop_.enter(self, around, false));
            if !enter.is_poison() {
                self.set_shape(enter, shape);
            }
            enter
        });
        let enters: Vec<_> = enters.collect();
        if enters.iter().any(AnyTensor::is_poison) {
            (turn.condition)(&poison());
            (turn.body)(&poison());
            return poison();
        }
        for enter in &enters {
            let id = enter.operation().id;
            let input = self.node(id).inputs[0].node;
            let outer = outer
                .as_ref()
                .filter(|_| is_constant_enter(&self.node(input)));
            if let Some(outer) = outer {
                self.add_controls(id, &[outer.pivot()]);
            }
            self.place_in_context(&context, id);
            self.wait_as_around(&context, id);
        }
        let keys = |tensors: &[AnyTensor<'_>]| tensors.iter().map(AnyTensor::key).collect();
        loop_.members.add(enters.iter().map(AnyTensor::key));
        loop_.enters.replace(keys(&enters));
        let exits = self.within_control_flow(context, || self.turn(&loop_, &enters, turn));
        loop_.members.end();
        loop_.exits.replace(keys(&exits));
        let is_whole = !exits.iter().any(AnyTensor::is_poison);
        if let Some(outer) = &outer {
            let exits = exits.iter().filter(|exit| !exit.is_poison());
            outer.members().add(exits.map(AnyTensor::key));
        }
        if is_whole && self.is_listed(outer.as_ref()) {
            self.list_context(&*loop_, listed);
        }
        exits
    }

    /// Makes what runs in each turn of a loop, and its exits.
    #[track_caller]
    fn turn<'g>(
        &'g self,
        loop_: &Loop,
        enters: &[AnyTensor<'g>],
        turn: Turn<'_, 'g>,
    ) -> Vec<AnyTensor<'g>> {
        let by_ref = |tensor: AnyTensor<'_>, value, reference| match tensor.is_ref() {
            true => reference,
            false => value,
        };
        let unary = |tensor: AnyTensor<'g>, value, reference| {
            let op = by_ref(tensor, value, reference);
            self.op(op).input(tensor).output()
        };
        let merges = enters.iter().map(|&enter| {
            let op = by_ref(enter, "Merge", "RefMerge");
            let merge = self.op(op).name("Merge");
            merge.inputs([enter, enter]).output()
        });
        let merges: Vec<_> = merges.collect();
        loop_.pivots.set(Pivots {
            condition: Some(merges[0].key()),
            ..Pivots::default()
        });
        let condition = (turn.condition)(&merges);
        let condition = self.scalar(condition, "the condition of a loop");
        let goes_on = self.op("LoopCond").input(condition).output();
        let switches = merges.iter().map(|&merge| self.switch_of(merge, goes_on));
        let switches: Vec<_> = switches.collect();
        let inside = switches
            .iter()
            .map(|switch| unary(switch.output(1), "Identity", "RefIdentity"));
        let inside: Vec<_> = inside.collect();
        if !goes_on.is_poison() {
            loop_.pivots.set(Pivots {
                goes_on: Some(goes_on.key()),
                body: Some(inside[0].key()),
                ..loop_.pivots.get()
            });
        }
        let results = (turn.body)(&inside);
        if results.len() != merges.len() {
            let (expected, found) = (merges.len(), results.len());
            let message = format!(
                "the body of a loop gives {found} tensors for {expected} loop variables; expected the same structure"
            );
            self.report(Rule::Structure, message);
        }
        let pairs = merges.iter().zip(results).enumerate();
        for (position, (&merge, result)) in pairs {
            if result.is_poison() || merge.is_poison() {
                continue;
            }
            if result.dtype() != merge.dtype() {
                let (expected, found) = (merge.dtype(), result.dtype());
                let message = format!(
                    "loop variable {position} enters as {expected} and is {found} after one turn"
                );
                self.report(Rule::Structure, message);
                continue;
            }
            let next = unary(result, "NextIteration", "RefNextIteration");
            let (expected, found) = (merge.shape(), next.shape());
            if !is_at_most(&found, &expected) {
                let message = format!(
                    "loop variable {position} enters with shape {expected} and has shape {found} after one turn; shapes \
                     that change are given by `shape_invariants`"
                );
                self.report(Rule::Structure, message);
            }
            if !next.is_poison() {
                let mut state = self.state.borrow_mut();
                let merge = merge.operation().id;
                set_back_edge(&mut state.nodes, merge, 1, next.tensor_ref())
                    .expect("the dtypes have been compared");
            }
        }
        let exits = switches
            .iter()
            .map(|switch| unary(switch.output(0), "Exit", "RefExit"));
        exits.collect()
    }
}

/// Why a loop cannot begin.
fn loop_fault(variables: &[AnyTensor<'_>], options: &LoopOptions<'_>) -> Option<String> {
    if variables.is_empty() {
        return Some("a loop has no variables, expected at least one".to_owned());
    }
    if options.parallel_iterations < 1 {
        let found = options.parallel_iterations;
        return Some(format!(
            "parallel_iterations is {found}, expected at least 1"
        ));
    }
    let mut pairs = variables.iter().zip(&options.shape_invariants).enumerate();
    pairs.find_map(|(position, (variable, invariant))| {
        let shape = variable.shape();
        let fault = || {
            format!(
                "loop variable {position} enters with shape {shape}, which its invariant {invariant} does not allow"
            )
        };
        (!variable.is_poison() && !is_at_most(&shape, invariant)).then(fault)
    })
}

/// Whether a shape has all that is known of another.
fn is_at_most(shape: &Shape, invariant: &Shape) -> bool {
    let Some(expected) = invariant.dims() else {
        return true;
    };
    let Some(found) = shape.dims() else {
        return false;
    };
    let mut pairs = found.iter().zip(expected);
    found.len() == expected.len()
        && pairs.all(|(found, expected)| expected.is_none() || found == expected)
}

/// A loop.
#[derive(Debug)]
struct Loop {
    /// That of the frame too.
    name: String,
    parallel_iterations: i64,
    back_prop: bool,
    swap_memory: bool,
    maximum_iterations: Option<TensorKey>,
    pivots: Cell<Pivots>,
    enters: RefCell<Vec<TensorKey>>,
    exits: RefCell<Vec<TensorKey>>,
    members: Members,
}

/// The tensors that begin the parts of a turn.
#[derive(Debug, Clone, Copy, Default)]
struct Pivots {
    condition: Option<TensorKey>,
    body: Option<TensorKey>,
    /// Whether there is another turn.
    goes_on: Option<TensorKey>,
}

impl Loop {
    /// The `Enter` of a tensor from around.
    fn enter<'g>(
        &self,
        g: &'g GraphBuilder,
        tensor: AnyTensor<'g>,
        is_constant: bool,
    ) -> AnyTensor<'g> {
        let op = if tensor.is_ref() { "RefEnter" } else { "Enter" };
        let enter = g.op(op).input(tensor);
        let enter = enter.attr("frame_name", self.name.as_str());
        let enter = enter.attr("is_constant", is_constant);
        enter
            .attr("parallel_iterations", self.parallel_iterations)
            .output()
    }
}

impl ControlFlow for Loop {
    fn members(&self) -> &Members {
        &self.members
    }

    fn is_loop(&self) -> bool {
        true
    }

    fn capture(&self, g: &GraphBuilder, tensor: TensorKey) -> TensorKey {
        self.enter(g, g.tensor_of(tensor), true).key()
    }

    fn pivot(&self) -> NodeId {
        let pivots = self.pivots.get();
        let pivot = pivots.body.or(pivots.condition);
        pivot.expect("nodes are made after the loop began").1.node
    }

    fn to_message(&self, g: &GraphBuilder) -> Ctxt {
        let name = |tensor: TensorKey| g.tensor_of(tensor).name();
        let optional = |tensor: Option<TensorKey>| tensor.map(name).unwrap_or_default();
        let names = |tensors: &RefCell<Vec<TensorKey>>| {
            let tensors = tensors.borrow();
            tensors.iter().map(|&tensor| name(tensor)).collect()
        };
        let pivots = self.pivots.get();
        let (values, nested) = self.members.to_message(g);
        Ctxt::WhileCtxt(WhileContextDef {
            context_name: self.name.clone(),
            parallel_iterations: self.parallel_iterations as i32,
            back_prop: self.back_prop,
            swap_memory: self.swap_memory,
            pivot_name: optional(pivots.goes_on),
            pivot_for_pred_name: optional(pivots.condition),
            pivot_for_body_name: optional(pivots.body),
            loop_exit_names: names(&self.exits),
            loop_enter_names: names(&self.enters),
            values_def: Some(values),
            maximum_iterations_name: optional(self.maximum_iterations),
            nested_contexts: nested,
        })
    }
}
