//! Arrays of tensors (`tf.TensorArray`).

mod list;
mod untyped;

use std::fmt;
use std::marker::PhantomData;
use std::slice::Iter;

use crate::dtype::{Resource, TensorType};
use crate::graph::structure::{self, Leaf, Structure};
use crate::graph::{AnyTensor, GraphBuilder, Operand, Operation, Tensor};
use crate::ops::nodes::Arg;
use crate::shape::Shape;

pub(crate) use untyped::AnyTensorArray;

options! {
    /// The arguments of [`TensorArray::new`] that have defaults.
    ///
    /// ```
    /// use tfhub::control_flow::{TensorArray, TensorArrayOptions};
    /// # let g = tfhub::GraphBuilder::new();
    /// let options = TensorArrayOptions::default().dynamic_size(true).element_shape((None, 2));
    /// let array = TensorArray::<f32>::new(&g, 0, options);
    /// assert_eq!(array.element_shape().to_string(), "[?, 2]");
    /// ```
    #[derive(Debug, Clone)]
    TensorArrayOptions {
        /// Whether the array grows where it is written past its end; it does not by default.
        dynamic_size: bool = false;
        /// Whether an element is given up once it has been read, as by default.
        clear_after_read: bool = true;
        /// The name of the array in the session's resources; by default it has none of its own.
        tensor_array_name: String = String::new(), impl Into<String> => tensor_array_name.into();
        /// Whether all elements have one shape, as by default.
        infer_shape: bool = true;
        /// The shape of the elements, as far as it is known; by default nothing is.
        element_shape: Shape = Shape::unknown(), impl Into<Shape> => element_shape.into();
        /// Whether all that is written is written where the first value is, as by default; otherwise the array is on the
        /// device of the blocks around.
        colocate_with_first_write_call: bool = true;
    }
}

/// An array of tensors of one element type, which a graph writes and reads by index (`tf.TensorArray`).
///
/// Each write gives the array after it; use that from then on. The array before it is read without waiting for the write.
///
/// ```
/// use tfhub::control_flow::TensorArray;
/// # let g = tfhub::GraphBuilder::new();
/// let array = TensorArray::<f32>::new(&g, 2, ());
/// let array = array.write(0, [1.0, 2.0]).write(1, [3.0, 4.0]);
/// assert_eq!(array.read(0).shape().to_string(), "[2]");
/// assert_eq!(array.stack().shape().to_string(), "[?, 2]");
/// # g.finish().unwrap();
/// ```
pub struct TensorArray<'g, T: TensorType> {
    array: AnyTensorArray<'g>,
    element: PhantomData<fn() -> T>,
}

impl<T: TensorType> Clone for TensorArray<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: TensorType> Copy for TensorArray<'_, T> {}

impl<T: TensorType> fmt::Debug for TensorArray<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.array.flow.operation().name();
        write!(
            f,
            "<TensorArray \"{name}\" {} {}>",
            T::DTYPE,
            self.element_shape()
        )
    }
}

impl<'g, T: TensorType> TensorArray<'g, T> {
    /// An array of a number of elements, none of which is written.
    #[track_caller]
    pub fn new(
        g: &'g GraphBuilder,
        size: impl Operand<'g, i32>,
        options: impl Into<TensorArrayOptions>,
    ) -> Self {
        let array = AnyTensorArray::new(g, T::DTYPE, Arg::of(size), options.into());
        TensorArray::of(array)
    }

    fn of(array: AnyTensorArray<'g>) -> Self {
        TensorArray {
            array,
            element: PhantomData,
        }
    }

    /// The graph that the array belongs to.
    pub fn graph(&self) -> &'g GraphBuilder {
        self.array.graph()
    }

    /// The reference to the array; none where [control flow is functions](GraphBuilder::enable_control_flow_v2), for there
    /// the flow is a list of the elements.
    pub fn handle(&self) -> Option<Tensor<'g, Resource>> {
        self.array.handle.map(AnyTensor::typed)
    }

    /// The tensor that orders reads and writes: it is computed once the writes before have been done. A list of the
    /// elements is of `variant`, and any other flow of `float32`.
    pub fn flow(&self) -> AnyTensor<'g> {
        self.array.flow
    }

    /// The shape of the elements, as far as the options and the values written so far tell.
    pub fn element_shape(&self) -> Shape {
        self.array.element_shape()
    }

    /// The array with a flow that waits for the control dependencies around.
    #[track_caller]
    pub fn identity(&self) -> Self {
        TensorArray::of(self.array.identity())
    }

    /// The element at an index.
    #[track_caller]
    pub fn read(&self, index: impl Operand<'g, i32>) -> Tensor<'g, T> {
        self.array.read(Arg::of(index)).typed()
    }

    /// Writes the element at an index.
    ///
    /// A value of another shape than the elements have is a fault.
    #[track_caller]
    pub fn write(&self, index: impl Operand<'g, i32>, value: impl Operand<'g, T>) -> Self {
        TensorArray::of(self.array.write(Arg::of(index), Arg::of(value)))
    }

    /// All elements, stacked along a new first dimension; they must have one shape.
    #[track_caller]
    pub fn stack(&self) -> Tensor<'g, T> {
        self.array.stack().typed()
    }

    /// The elements at some indices, stacked along a new first dimension.
    #[track_caller]
    pub fn gather(&self, indices: impl Operand<'g, i32>) -> Tensor<'g, T> {
        self.array.gather(Arg::of(indices)).typed()
    }

    /// All elements, joined along their first dimension.
    #[track_caller]
    pub fn concat(&self) -> Tensor<'g, T> {
        self.array.concat().typed()
    }

    /// Writes the rows of a tensor from the first element on.
    ///
    /// ```
    /// use tfhub::control_flow::TensorArray;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.placeholder::<f32>((3, 2));
    /// let rows = TensorArray::new(&g, 3, ()).unstack(x);
    /// assert_eq!(rows.read(2).shape().to_string(), "[2]");
    /// ```
    #[track_caller]
    pub fn unstack(&self, value: impl Operand<'g, T>) -> Self {
        TensorArray::of(self.array.unstack(Arg::of(value)))
    }

    /// Writes the rows of a tensor as the elements at some indices.
    #[track_caller]
    pub fn scatter(&self, indices: impl Operand<'g, i32>, value: impl Operand<'g, T>) -> Self {
        TensorArray::of(self.array.scatter(Arg::of(indices), Arg::of(value)))
    }

    /// Writes pieces of a tensor, which have these lengths along its first dimension, from the first element on.
    #[track_caller]
    pub fn split(&self, value: impl Operand<'g, T>, lengths: impl Operand<'g, i32>) -> Self {
        TensorArray::of(self.array.split(Arg::of(value), Arg::of(lengths)))
    }

    /// The number of elements.
    #[track_caller]
    pub fn size(&self) -> Tensor<'g, i32> {
        self.array.size().typed()
    }

    /// Gives up the array and its elements.
    #[track_caller]
    pub fn close(&self) -> Operation<'g> {
        self.array.close()
    }

    /// The array of the gradients of the elements, which is one for each name of what computes them.
    #[track_caller]
    pub fn grad(&self, source: &str) -> Self {
        TensorArray::of(self.array.grad(source))
    }
}

impl<T: TensorType> structure::sealed::Structure for TensorArray<'_, T> {}

/// Its flow, by which the array goes through loops and out of branches.
impl<'g, T: TensorType> Structure<'g> for TensorArray<'g, T> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        self.array.flatten_into(leaves);
    }

    #[track_caller]
    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        TensorArray::of(self.array.pack(tensors))
    }
}

structures! { TensorArray<'g, T>, [T: TensorType]; }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Rule;

    #[test]
    fn an_element_of_another_shape_is_a_fault_at_its_line() {
        type Write = for<'g> fn(TensorArray<'g, f32>);
        let writes: [(Write, &str); 3] = [
            (
                |array| {
                    array.write(1, [1.0, 2.0, 3.0]);
                },
                "an element of shape [3] is written, expected [2]",
            ),
            (
                |array| {
                    array.unstack([[1.0], [2.0]]);
                },
                "an element of shape [1] is written, expected [2]",
            ),
            (
                |array| {
                    array.split([[1.0], [2.0]], [1, 1]);
                },
                "an element of shape [1, 1] is written, expected [2]",
            ),
        ];
        for (write, message) in writes {
            let g = GraphBuilder::new();
            let array = TensorArray::<f32>::new(&g, 2, ()).write(0, [1.0, 2.0]);
            write(array);
            let error = g.finish().unwrap_err();
            let [fault] = error.diagnostics() else {
                panic!("{error}");
            };
            assert_eq!((fault.rule(), fault.message()), (Rule::Shape, message));
            assert_eq!((fault.op(), fault.node()), ("TensorArrayV3", "TensorArray"));
            assert!(
                fault.location().file().ends_with("tensor_array.rs"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_follows_from_a_fault_is_silent() {
        let g = GraphBuilder::new();
        let array = TensorArray::<f32>::new(&g, [1, 2], ());
        let line = line!() - 1;
        let array = array.write(0, 1.0).write(1, 2.0);
        let stacked = array.stack() + array.read(0);
        g.while_loop(
            (0, array),
            |(i, _)| crate::ops::math::less(i, 3),
            |state| state,
            (),
        );
        assert_eq!(stacked.shape(), Shape::unknown());
        let error = g.finish().unwrap_err();
        assert_eq!(error.diagnostics().len(), 1, "{error}");
        assert_eq!(error.diagnostics()[0].location().line(), line);
    }

    #[test]
    fn an_array_made_without_control_flow_v2_is_not_used_with_it() {
        type Use = for<'g> fn(&'g GraphBuilder, TensorArray<'g, f32>);
        let uses: [Use; 2] = [
            |_, array| {
                array.write(0, 1.0);
            },
            |g, array| {
                let is_first = |(i, _)| crate::ops::math::less(i, 1);
                g.while_loop((0, array), is_first, |(i, array)| (i + 1, array), ());
            },
        ];
        for used in uses {
            let g = GraphBuilder::new();
            let array = TensorArray::<f32>::new(&g, 2, ());
            g.enable_control_flow_v2();
            used(&g, array);
            let error = g.finish().unwrap_err();
            let fault = &error.diagnostics()[0];
            assert_eq!(fault.rule(), Rule::Structure, "{error}");
            assert!(
                fault
                    .message()
                    .starts_with("an array that was made without")
            );
            assert!(fault.location().file().ends_with("tensor_array.rs"));
        }
        let g = GraphBuilder::new();
        g.enable_control_flow_v2();
        TensorArray::<f32>::new(&g, 2, ()).grad("gradients");
        let error = g.finish().unwrap_err();
        assert!(
            error.to_string().contains("has no array of gradients"),
            "{error}"
        );
    }

    #[test]
    fn all_that_is_known_of_the_elements_is_kept() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((None, 2));
        let y = g.placeholder::<f32>((3, None));
        let array = TensorArray::new(&g, 2, ());
        assert_eq!(array.read(0).shape(), Shape::unknown());
        let (first, second) = (array.write(0, x), array.write(1, y));
        for array in [array, first, second] {
            assert_eq!(array.element_shape(), Shape::from((3, 2)));
        }
        let options = TensorArrayOptions::default().infer_shape(false);
        let array = TensorArray::new(&g, 2, options).write(0, x);
        assert_eq!(array.element_shape(), Shape::unknown());
    }
}
