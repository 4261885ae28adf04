//! Rows folded into one accumulator.

use super::rows::{Elements, PARALLEL_ITERATIONS, Position, Ready, Table, Turns};
use crate::graph::structure::{Structure, sealed};
use crate::graph::{GraphBuilder, IntoStructure, Tensor};
use crate::ops::nodes::Nodes;

/// Stands for that folding begins with the first row.
#[derive(Debug, Clone, Copy, Default)]
pub struct FirstRow;

/// The accumulator that folding begins with.
#[derive(Debug, Clone, Copy)]
pub struct Initial<V>(pub(super) V);

/// The accumulator that folding of elements `E` begins with: the first row, or one that is given.
pub trait Initializer<'g, E: Elements<'g>>: sealed::Structure {
    /// The accumulator.
    type Accumulator: Structure<'g>;
    /// A structure that becomes the accumulator.
    #[doc(hidden)]
    type Start: IntoStructure<'g, Structure = Self::Accumulator>;

    /// Whether it is given.
    #[doc(hidden)]
    const IS_GIVEN: bool;

    /// The accumulator, or what reads the first row.
    #[doc(hidden)]
    fn start(self, first: impl FnOnce() -> E) -> Self::Start;
}

impl sealed::Structure for FirstRow {}

impl<'g, E: Elements<'g>> Initializer<'g, E> for FirstRow {
    type Accumulator = E;
    type Start = Ready<E>;

    const IS_GIVEN: bool = false;

    fn start(self, first: impl FnOnce() -> E) -> Ready<E> {
        Ready(first())
    }
}

impl<V> sealed::Structure for Initial<V> {}

impl<'g, E: Elements<'g>, V: IntoStructure<'g>> Initializer<'g, E> for Initial<V> {
    type Accumulator = V::Structure;
    type Start = V;

    const IS_GIVEN: bool = true;

    fn start(self, _first: impl FnOnce() -> E) -> V {
        self.0
    }
}

/// Options of [`GraphBuilder::foldl`] and [`GraphBuilder::foldr`].
///
/// ```
/// use tfhub::control_flow::FoldOptions;
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let words = g.placeholder::<i64>((None, 4));
/// let options = FoldOptions::default().initializer(0i64).parallel_iterations(1);
/// let total = g.foldl(words, |total, word| total + math::reduce_sum(word, ()), options);
/// assert_eq!(total.shape().to_string(), "[]");
/// # g.finish().unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FoldOptions<I = FirstRow> {
    initializer: I,
    parallel_iterations: i64,
    back_prop: bool,
    swap_memory: bool,
}

impl Default for FoldOptions {
    fn default() -> Self {
        FoldOptions {
            initializer: FirstRow,
            parallel_iterations: PARALLEL_ITERATIONS,
            back_prop: true,
            swap_memory: false,
        }
    }
}

defaults!(FoldOptions);

impl<I> FoldOptions<I> {
    /// The accumulator to begin with; by default it is the first row.
    pub fn initializer<V>(self, initializer: V) -> FoldOptions<Initial<V>> {
        FoldOptions {
            initializer: Initial(initializer),
            parallel_iterations: self.parallel_iterations,
            back_prop: self.back_prop,
            swap_memory: self.swap_memory,
        }
    }

    fn split(self) -> (I, Turns) {
        let turns = Turns {
            parallel_iterations: self.parallel_iterations,
            back_prop: self.back_prop,
            swap_memory: self.swap_memory,
        };
        (self.initializer, turns)
    }
}

setters! {
    impl[I] FoldOptions<I> {
        /// The number of turns that may run at once; 10 by default.
        parallel_iterations: i64;
        /// Whether gradients go through the loop; true by default.
        back_prop: bool;
        /// Whether values that gradients need may be moved to the memory of the host; false by default.
        swap_memory: bool;
    }
}

impl GraphBuilder {
    /// The accumulator after a function of it and a row has been applied to each row of a tensor, from the first to the
    /// last (`tf.foldl`).
    ///
    /// Elements are a tensor or tensors in a structure, the rows of which the function gets together. Without an
    /// [`initializer`](FoldOptions::initializer), the first row is what the accumulator is at first.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let sum = g.foldl(x, |sum, row| sum + row, ());
    /// assert_eq!((sum.name(), sum.shape().to_string()), ("foldl/while/Exit_2:0".into(), "[3]".into()));
    /// # g.finish().unwrap();
    /// ```
    ///
    /// Scalars, elements with different numbers of rows, and results that are not like the accumulator are reported.
    #[track_caller]
    pub fn foldl<'g, E, I>(
        &'g self,
        elems: E,
        f: impl FnOnce(I::Accumulator, E) -> I::Accumulator,
        options: impl Into<FoldOptions<I>>,
    ) -> I::Accumulator
    where
        E: Elements<'g>,
        I: Initializer<'g, E>,
    {
        let (author, (initializer, turns)) = (self.author(), options.into().split());
        let (n, _scope) = Nodes::in_scope(self, "foldl");
        self.with_cached_variables(|| {
            let table = Table::new(n, &elems, |rows| rows > 0);
            let rows = table.unstack_each();
            let start = initializer.start(|| rows.read(&elems, 0));
            let position = n.constant("Const", i32::from(!I::IS_GIVEN));
            let body = |(i, accumulator): (Tensor<'g, i32>, I::Accumulator)| {
                let row = rows.read(&elems, i);
                let accumulator = self.at_location(author, || f(accumulator, row));
                (n.add(i, 1).typed(), accumulator)
            };
            let goes_on = |(i, _): (Tensor<'g, i32>, I::Accumulator)| {
                n.binary("Less", i, table.count).typed()
            };
            let start = (position.typed(), start);
            let options = turns.at_most(table.count);
            self.while_loop(start, goes_on, body, options).1
        })
    }

    /// The accumulator after a function of it and a row has been applied to each row of a tensor, from the last to the
    /// first (`tf.foldr`).
    ///
    /// It is called as [`foldl`](GraphBuilder::foldl) is.
    ///
    /// ```
    /// use tfhub::control_flow::FoldOptions;
    /// use tfhub::ops::string;
    /// # let g = tfhub::GraphBuilder::new();
    /// let words = g.placeholder::<tfhub::dtype::ByteString>((None,));
    /// let options = FoldOptions::default().initializer("");
    /// let text = g.foldr(words, |text, word| string::join(&g, [text.into(), word.into()], ""), options);
    /// assert_eq!(text.shape().to_string(), "[]");
    /// # g.finish().unwrap();
    /// ```
    #[track_caller]
    pub fn foldr<'g, E, I>(
        &'g self,
        elems: E,
        f: impl FnOnce(I::Accumulator, E) -> I::Accumulator,
        options: impl Into<FoldOptions<I>>,
    ) -> I::Accumulator
    where
        E: Elements<'g>,
        I: Initializer<'g, E>,
    {
        let (author, (initializer, turns)) = (self.author(), options.into().split());
        let (n, _scope) = Nodes::in_scope(self, "foldr");
        self.with_cached_variables(|| {
            let table = Table::new(n, &elems, |rows| rows > 0);
            let rows = table.unstack_each();
            let position = match I::IS_GIVEN {
                true => table.count,
                false => table.last(),
            };
            let start = initializer.start(|| rows.read(&elems, position));
            let body = |(i, accumulator): (Tensor<'g, i32>, I::Accumulator)| {
                let i = n.sub(i, 1).typed::<i32>();
                let row = rows.read(&elems, i);
                (i, self.at_location(author, || f(accumulator, row)))
            };
            let goes_on =
                |(i, _): (Tensor<'g, i32>, I::Accumulator)| n.binary("Greater", i, 0).typed();
            let start = (Position(position), start);
            let options = turns.at_most(table.count);
            self.while_loop(start, goes_on, body, options).1
        })
    }
}
