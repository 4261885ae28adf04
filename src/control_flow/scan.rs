//! Rows folded into one accumulator, with its value after each row.

use super::fold::{FirstRow, Initial, Initializer};
use super::rows::{Elements, PARALLEL_ITERATIONS, Position, Ready, Table, Turns, write_each};
use super::tensor_array::{AnyTensorArray, TensorArrayOptions};
use crate::error::Rule;
use crate::graph::structure;
use crate::graph::{AnyTensor, GraphBuilder, IntoStructure, Tensor};
use crate::ops::nodes::{Arg, Nodes, Size, inner};

/// Options of [`GraphBuilder::scan`].
///
/// ```
/// use tfhub::control_flow::ScanOptions;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None,));
/// let options = ScanOptions::default().initializer(1f32).reverse(true);
/// let products = g.scan(x, |product, x| product * x, options);
/// assert_eq!(products.shape().to_string(), "[?]");
/// # g.finish().unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ScanOptions<I = FirstRow> {
    initializer: I,
    parallel_iterations: i64,
    back_prop: bool,
    swap_memory: bool,
    infer_shape: bool,
    reverse: bool,
}

impl Default for ScanOptions {
    fn default() -> Self {
        ScanOptions {
            initializer: FirstRow,
            parallel_iterations: PARALLEL_ITERATIONS,
            back_prop: true,
            swap_memory: false,
            infer_shape: true,
            reverse: false,
        }
    }
}

defaults!(ScanOptions);

impl<I> ScanOptions<I> {
    /// The accumulator to begin with; by default it is the first row.
    pub fn initializer<V>(self, initializer: V) -> ScanOptions<Initial<V>> {
        ScanOptions {
            initializer: Initial(initializer),
            parallel_iterations: self.parallel_iterations,
            back_prop: self.back_prop,
            swap_memory: self.swap_memory,
            infer_shape: self.infer_shape,
            reverse: self.reverse,
        }
    }
}

setters! {
    impl[I] ScanOptions<I> {
        /// The number of turns that may run at once; 10 by default.
        parallel_iterations: i64;
        /// Whether gradients go through the loop; true by default.
        back_prop: bool;
        /// Whether values that gradients need may be moved to the memory of the host; false by default.
        swap_memory: bool;
        /// Whether the accumulator has one shape after all rows, as by default.
        infer_shape: bool;
        /// Whether rows are taken from the last to the first; the accumulators stay in the order of the rows.
        reverse: bool;
    }
}

impl GraphBuilder {
    /// The accumulators after each row of a tensor, to which and to the row a function is applied one after the other,
    /// stacked along a new first dimension (`tf.scan`).
    ///
    /// Elements are a tensor or tensors in a structure, the rows of which the function gets together; variables are
    /// read. Without an [`initializer`](ScanOptions::initializer), the first row is the first accumulator.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let sums = g.scan(x, |sum, row| sum + row, ());
    /// assert_eq!(sums.name(), "scan/TensorArrayStack/TensorArrayGatherV3:0");
    /// assert_eq!(sums.shape().to_string(), "[?, 3]");
    /// # g.finish().unwrap();
    /// ```
    ///
    /// Scalars, elements with different numbers of rows, and results that are not like the accumulator are reported.
    #[track_caller]
    pub fn scan<'g, E, I>(
        &'g self,
        elems: E,
        f: impl FnOnce(I::Accumulator, E::Structure) -> I::Accumulator,
        options: impl Into<ScanOptions<I>>,
    ) -> I::Accumulator
    where
        E: IntoStructure<'g, Structure: Elements<'g>>,
        I: Initializer<'g, E::Structure, Accumulator: Elements<'g>>,
    {
        let (options, author) = (options.into(), self.author());
        let (infer_shape, reverse) = (options.infer_shape, options.reverse);
        let turns = Turns {
            parallel_iterations: options.parallel_iterations,
            back_prop: options.back_prop,
            swap_memory: options.swap_memory,
        };
        let (n, _scope) = Nodes::in_scope(self, "scan");
        self.with_cached_variables(|| {
            let elems = elems.into_structure(self);
            let table = Table::new(n, &elems, |_| true);
            let rows = table.unstack_all(|tensor| {
                TensorArrayOptions::default().element_shape(inner(&tensor.shape()))
            });
            let first = || match reverse {
                true => Arg::from(table.last()),
                false => 0.into(),
            };
            let accumulator = options.initializer.start(|| rows.read_each(&elems, first));
            let accumulator = accumulator.into_structure(self);
            let start = structure::tensors(self, &accumulator, "an accumulator");
            let results = start.iter().map(|tensor| {
                let options = TensorArrayOptions::default().infer_shape(infer_shape);
                let options = match infer_shape {
                    true => options.element_shape(tensor.shape()),
                    false => options,
                };
                table.array(*tensor, options)
            });
            let mut results: Vec<_> = results.collect();
            if !I::IS_GIVEN {
                results = write_each(&results, &start, first);
            }
            let done = i32::from(!I::IS_GIVEN);
            let position = match reverse {
                true => table.before(table.last(), done),
                false => Size::from(done),
            };
            type State<'g, A> = (Tensor<'g, i32>, A, Vec<AnyTensorArray<'g>>);
            let body = |(i, accumulator, results): State<'g, I::Accumulator>| {
                let row = rows.read(&elems, i);
                let given = structure::tensors(self, &accumulator, "an accumulator");
                let like = structure::pack(&accumulator, &given);
                let mut next = self.at_location(author, || f(accumulator, row));
                let mut values = structure::tensors(self, &next, "an accumulator");
                if values.len() != given.len() {
                    let (expected, found) = (given.len(), values.len());
                    let message = format!(
                        "the function gives {found} tensors, expected {expected} as in the accumulator"
                    );
                    self.report(Rule::Structure, message);
                    values = vec![AnyTensor::poison(self); expected];
                    next = structure::pack(&like, &values);
                }
                let results = write_each(&results, &values, || Arg::from(i));
                let i = match reverse {
                    true => n.sub(i, 1),
                    false => n.add(i, 1),
                };
                (i.typed(), next, results)
            };
            let goes_on = |(i, ..): State<'g, I::Accumulator>| match reverse {
                true => n.binary("GreaterEqual", i, 0).typed(),
                false => n.binary("Less", i, table.count).typed(),
            };
            let start = (Position(position), Ready(accumulator), Ready(results));
            let options = turns.at_most(table.count);
            let (_, accumulator, results) = self.while_loop(start, goes_on, body, options);
            structure::pack(&accumulator, &table.stacked(&results))
        })
    }
}
