//! Choices among branches by an index.

use std::fmt;

use crate::graph::structure::{self, Leaf};
use crate::graph::{BranchClosure, GraphBuilder, Structure, Tensor};

type Closure<'c, S> = Box<dyn FnOnce() -> S + 'c>;

/// Chooses one of several closures by an index: the arguments of `tf.switch_case`.
///
/// [`GraphBuilder::switch_case`] begins one.
#[must_use = "the choice is made by `finish`"]
pub struct SwitchCaseBuilder<'g, 'c, S> {
    graph: &'g GraphBuilder,
    index: Tensor<'g, i32>,
    branches: Vec<Closure<'c, S>>,
    default: Option<Closure<'c, S>>,
}

impl GraphBuilder {
    /// Begins a choice among closures by an index, of which this is the one for 0 (`tf.switch_case`).
    ///
    /// All branches are functions that a `Case` node calls, whether or not
    /// [`enable_control_flow_v2`](Self::enable_control_flow_v2) has been called; of what they use from around see there.
    /// An index outside of the branches chooses the [default](SwitchCaseBuilder::default).
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let index = g.placeholder::<i32>(());
    /// let y = g.switch_case(index, || x).branch(|| x * 2.0).branch(|| x * 3.0).default(|| -x).finish();
    /// assert_eq!(y.name(), "switch_case/indexed_case/Identity:0");
    /// # g.finish().unwrap();
    /// ```
    pub fn switch_case<'g, 'c, S: Structure<'g>>(
        &'g self,
        index: Tensor<'g, i32>,
        branch: impl FnOnce() -> S + 'c,
    ) -> SwitchCaseBuilder<'g, 'c, S> {
        SwitchCaseBuilder {
            graph: self,
            index,
            branches: vec![Box::new(branch)],
            default: None,
        }
    }
}

impl<'g, 'c, S: Structure<'g>> SwitchCaseBuilder<'g, 'c, S> {
    /// The closure for the next index.
    pub fn branch(mut self, branch: impl FnOnce() -> S + 'c) -> Self {
        self.branches.push(Box::new(branch));
        self
    }

    /// The closure for all other indices; without it, that for the last index.
    pub fn default(mut self, default: impl FnOnce() -> S + 'c) -> Self {
        self.default = Some(Box::new(default));
        self
    }

    /// Makes the choice. The results are those of the branch that the index chooses when the graph runs.
    ///
    /// That branches give results of other structures, dtypes or numbers is reported.
    #[track_caller]
    pub fn finish(self) -> S {
        let g = self.graph;
        let _scope = g.open_function_scope("switch_case");
        let mut structure = None;
        let mut closures = self.branches.into_iter().chain(self.default);
        let first = closures.next();
        let first = first.map(|closure| -> BranchClosure<'_, 'g> {
            Box::new(|| {
                let results = closure();
                let leaves = structure::leaves(&results);
                structure = Some(results);
                leaves
            })
        });
        let others = closures.map(|closure| -> BranchClosure<'_, 'g> {
            Box::new(|| -> Vec<Leaf<'g>> { structure::leaves(&closure()) })
        });
        let branches = first.into_iter().chain(others).collect();
        let results = g.indexed_case_v2(self.index.any(), branches);
        let structure = structure.expect("the first branch runs its closure");
        // Python enters the scopes of sparse tensors inside of that of the node.
        structure.pack(&mut results.iter())
    }
}

impl<S> fmt::Debug for SwitchCaseBuilder<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SwitchCaseBuilder")
            .field("index", &self.index)
            .field("branches", &self.branches.len())
            .finish_non_exhaustive()
    }
}
