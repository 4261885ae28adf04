//! Functions applied to each row.

use super::rows::{Elements, PARALLEL_ITERATIONS, Ready, Table, Turns, write_each};
use super::tensor_array::{AnyTensorArray, TensorArrayOptions};
use crate::graph::structure;
use crate::graph::{GraphBuilder, IntoStructure, Tensor, TypedStructure};
use crate::ops::nodes::{Arg, Nodes};

options! {
    /// Options of [`GraphBuilder::map_fn`].
    ///
    /// ```
    /// use tfhub::control_flow::MapOptions;
    /// use tfhub::ops::array;
    /// # let g = tfhub::GraphBuilder::new();
    /// let lengths = g.placeholder::<i32>((None,));
    /// let options = MapOptions::default().parallel_iterations(1).back_prop(false);
    /// let pairs = g.map_fn(lengths, |length| array::fill(&g, 2, length), options);
    /// assert_eq!(pairs.shape().to_string(), "[?, 2]");
    /// # g.finish().unwrap();
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    MapOptions {
        /// The number of rows that may be computed at once; 10 by default.
        parallel_iterations: i64 = PARALLEL_ITERATIONS;
        /// Whether gradients go through the loop; true by default.
        back_prop: bool = true;
        /// Whether values that gradients need may be moved to the memory of the host; false by default.
        swap_memory: bool = false;
        /// Whether all results of the function have one shape, as by default.
        infer_shape: bool = true;
    }
}

impl MapOptions {
    /// How the loop runs.
    pub(super) fn turns(&self) -> Turns {
        Turns {
            parallel_iterations: self.parallel_iterations,
            back_prop: self.back_prop,
            swap_memory: self.swap_memory,
        }
    }

    /// The options of the arrays of results.
    pub(super) fn of_results(&self) -> TensorArrayOptions {
        TensorArrayOptions::default().infer_shape(self.infer_shape)
    }
}

impl GraphBuilder {
    /// The results of a function of each row of a tensor, stacked along a new first dimension (`tf.map_fn`).
    ///
    /// Elements are a tensor or tensors in a structure, the rows of which the function gets together; variables are
    /// read. The results may have another structure, whose type tells their dtypes.
    ///
    /// ```
    /// use tfhub::ops::math;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((None, 3));
    /// let ids = g.placeholder::<i64>((None,));
    /// let doubled = g.map_fn(x, |row| row * 2.0, ());
    /// assert_eq!(doubled.name(), "map/TensorArrayStack/TensorArrayGatherV3:0");
    /// let (sums, next) = g.map_fn((x, ids), |(row, id)| (math::reduce_sum(row, ()), id + 1), ());
    /// assert_eq!((sums.shape().to_string(), next.shape().to_string()), ("[?]".into(), "[?]".into()));
    /// # g.finish().unwrap();
    /// ```
    ///
    /// Scalars, and elements with different numbers of rows, are reported.
    #[track_caller]
    pub fn map_fn<'g, E, R>(
        &'g self,
        elems: E,
        f: impl FnOnce(E::Structure) -> R,
        options: impl Into<MapOptions>,
    ) -> R
    where
        E: IntoStructure<'g, Structure: Elements<'g>>,
        R: Elements<'g> + TypedStructure<'g>,
    {
        let (options, author) = (options.into(), self.author());
        let (n, _scope) = Nodes::in_scope(self, "map");
        let results = self.with_cached_variables(|| {
            let elems = elems.into_structure(self);
            let table = Table::new(n, &elems, |rows| rows > 0);
            let rows = table.unstack_all(|_| TensorArrayOptions::default());
            let first = n.constant("Const", 0i32).typed::<i32>();
            let mut dtypes = Vec::new();
            R::dtypes(&mut dtypes);
            let results = dtypes.into_iter().map(|dtype| {
                AnyTensorArray::new(self, dtype, table.count.into(), options.of_results())
            });
            let start = Ready((first, results.collect::<Vec<_>>()));
            let body = |(i, results): (Tensor<'g, i32>, Vec<AnyTensorArray<'g>>)| {
                let row = rows.read(&elems, i);
                let values = self.at_location(author, || f(row));
                let values = structure::tensors(self, &values, "a result of the function");
                let results = write_each(&results, &values, || Arg::from(i));
                (n.add(i, 1).typed(), results)
            };
            let goes_on = |(i, _): (Tensor<'g, i32>, _)| n.binary("Less", i, table.count).typed();
            let turns = options.turns().at_most(table.count);
            let (_, results) = self.while_loop(start, goes_on, body, turns);
            table.stacked(&results)
        });
        R::from_tensors(&mut results.iter())
    }
}
