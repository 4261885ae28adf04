//! Choices among branches by predicates.

use std::fmt;

use crate::dtype::DType;
use crate::graph::{AnyTensor, GraphBuilder, Operation, Structure, Tensor};
use crate::ops::nodes::{Arg, Nodes};

type Branch<'c, R> = Box<dyn FnOnce() -> R + 'c>;

/// Chooses one of several closures by predicates: the arguments of `tf.case`.
///
/// [`GraphBuilder::case`] begins one.
#[must_use = "the choice is made by `finish`"]
pub struct CaseBuilder<'g, 'c, R> {
    graph: &'g GraphBuilder,
    /// All branches but the last.
    branches: Vec<(Tensor<'g, bool>, Branch<'c, R>)>,
    last: (Tensor<'g, bool>, Branch<'c, R>),
    default: Option<Branch<'c, R>>,
    exclusive: bool,
}

impl GraphBuilder {
    /// Begins a choice among closures by predicates, of which this is the first pair (`tf.case`).
    ///
    /// The results are those of the first branch whose predicate is true when the graph runs, and those of the
    /// [default](CaseBuilder::default) if none is. All branches make their nodes, as those of [`cond`](Self::cond) do,
    /// and give results of one structure.
    ///
    /// ```
    /// use tfhub::ops::math;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>(());
    /// let sign = g
    ///     .case(math::less(x, 0.0), || g.constant(-1))
    ///     .branch(math::greater(x, 0.0), || g.constant(1))
    ///     .default(|| g.constant(0))
    ///     .finish();
    /// assert_eq!(sign.name(), "case/cond/Merge:0");
    /// # g.finish().unwrap();
    /// ```
    pub fn case<'g, 'c, R: Structure<'g>>(
        &'g self,
        predicate: Tensor<'g, bool>,
        branch: impl FnOnce() -> R + 'c,
    ) -> CaseBuilder<'g, 'c, R> {
        CaseBuilder {
            graph: self,
            branches: Vec::new(),
            last: (predicate, Box::new(branch)),
            default: None,
            exclusive: false,
        }
    }
}

impl<'g, 'c, R: Structure<'g>> CaseBuilder<'g, 'c, R> {
    /// A further pair of a predicate and a closure.
    pub fn branch(mut self, predicate: Tensor<'g, bool>, branch: impl FnOnce() -> R + 'c) -> Self {
        let before = std::mem::replace(&mut self.last, (predicate, Box::new(branch)));
        self.branches.push(before);
        self
    }

    /// The closure of which the results are if no predicate is true.
    ///
    /// Without one, the consumer's session checks that a predicate is true, and the last branch is the default.
    pub fn default(mut self, default: impl FnOnce() -> R + 'c) -> Self {
        self.default = Some(Box::new(default));
        self
    }

    /// Whether the consumer's session checks that no two predicates are true; it does not by default.
    pub fn exclusive(mut self, exclusive: bool) -> Self {
        self.exclusive = exclusive;
        self
    }

    /// Makes the nodes of all branches.
    #[track_caller]
    pub fn finish(self) -> R {
        let CaseBuilder {
            graph: g,
            mut branches,
            last,
            default,
            exclusive,
        } = self;
        let author = g.author();
        let n = Nodes(g);
        let _scope = g.open_function_scope("case");
        let default: Branch<'_, R> = match default {
            Some(default) => {
                branches.push(last);
                Box::new(move || g.at_location(author, default))
            }
            None => {
                let (predicate, last) = last;
                let others = branches.iter().map(|branch| branch.0);
                let others: Vec<_> = others.collect();
                Box::new(move || {
                    let checks = only_last(n, &others, predicate);
                    g.control_dependencies(checks, || g.at_location(author, last))
                })
            }
        };
        let check = exclusive.then(|| {
            let predicates: Vec<_> = branches.iter().map(|branch| branch.0).collect();
            at_most(n, &predicates, 1, "Input error: exclusive=True")
        });
        let branches = branches.into_iter();
        let branches = branches.map(|(predicate, branch)| {
            let branch: Branch<'_, R> = Box::new(move || g.at_location(author, branch));
            (predicate, branch)
        });
        let branches: Vec<_> = branches.collect();
        let choice = || first_true(g, branches.into_iter(), default);
        match check {
            Some(check) => g.control_dependencies([check], choice),
            None => choice(),
        }
    }
}

/// Conditionals one in the other.
fn first_true<'g, 'c, R: Structure<'g>>(
    g: &'g GraphBuilder,
    mut branches: std::vec::IntoIter<(Tensor<'g, bool>, Branch<'c, R>)>,
    default: Branch<'c, R>,
) -> R {
    match branches.next() {
        Some((predicate, branch)) => {
            let otherwise: Branch<'_, R> = Box::new(|| first_true(g, branches, default));
            g.cond(predicate, branch, otherwise)
        }
        None => default(),
    }
}

/// Checks that the last predicate is true and the others are not.
fn only_last<'g>(
    n: Nodes<'g>,
    others: &[Tensor<'g, bool>],
    last: Tensor<'g, bool>,
) -> [Operation<'g>; 2] {
    let all = stacked(n, &[others, &[last]].concat());
    let position = others.len();
    let message = format!(
        "Implementation error: selected default action #{position} was called, but some of other predicates are True: "
    );
    let others = at_most(n, others, 0, &message);
    let message = "Input error: None of conditions evaluated as True:";
    let data = vec![message.into(), all.into()];
    [others, n.assert(last, data, None)]
}

/// Checks that no more than `limit` predicates are true.
fn at_most<'g>(
    n: Nodes<'g>,
    predicates: &[Tensor<'g, bool>],
    limit: i32,
    message: &str,
) -> Operation<'g> {
    let all = stacked(n, predicates);
    let numbers = n.cast(all, DType::Int32);
    let count = n.reduce_along(("Sum", "num_true_conds"), numbers.into(), None, false);
    let limit_tensor = n.constant("n_true_conds", limit);
    let holds = n.binary("LessEqual", count, limit_tensor);
    let names: Vec<_> = predicates.iter().map(Tensor::name).collect();
    let names = names.join(", ");
    let text = format!("{message}: more than {limit} conditions ({names}) evaluated as True:");
    let data = vec![text.as_str().into(), all.into()];
    n.assert(holds, data, Some(predicates.len() as i64))
}

fn stacked<'g>(n: Nodes<'g>, predicates: &[Tensor<'g, bool>]) -> AnyTensor<'g> {
    if predicates.is_empty() {
        // An empty list has no dtype, and Python takes it for one of floats.
        return n.constant("preds_c", [0f32; 0]);
    }
    let predicates = predicates.iter().copied().map(Arg::from);
    n.stack_as("preds_c", predicates.collect())
}

impl<R> fmt::Debug for CaseBuilder<'_, '_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let branches = self.branches.iter().chain([&self.last]);
        let predicates: Vec<_> = branches.map(|branch| branch.0).collect();
        f.debug_struct("CaseBuilder")
            .field("predicates", &predicates)
            .field("exclusive", &self.exclusive)
            .finish_non_exhaustive()
    }
}
