//! The rows of tensors, which mapping and folding go over in a loop.

use super::tensor_array::{AnyTensorArray, TensorArrayOptions};
use super::while_loop::WhileOptions;
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::structure::{self, Structure, sealed};
use crate::graph::{AnyTensor, GraphBuilder, IntoStructure, Tensor};
use crate::ops::nodes::{Arg, Nodes, Size, Slice, inner};
use crate::shape::Shape;

/// Tensors in a structure that have rows: a tensor, or a tuple, array or vector of such structures.
///
/// [`map_fn`](GraphBuilder::map_fn), [`foldl`](GraphBuilder::foldl), [`foldr`](GraphBuilder::foldr) and
/// [`scan`](GraphBuilder::scan) take and give them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rows to map or to fold",
    label = "expected a tensor, or a tuple, array or vector of tensors",
    note = "map the `values` of a sparse tensor, and `stack` a tensor array"
)]
pub trait Elements<'g>: Structure<'g> {}

impl<'g, T: TensorType> Elements<'g> for Tensor<'g, T> {}

impl<'g> Elements<'g> for AnyTensor<'g> {}

impl<'g, E: Elements<'g>> Elements<'g> for Vec<E> {}

impl<'g, E: Elements<'g>, const N: usize> Elements<'g> for [E; N] {}

macro_rules! tuples {
    ($($($E:ident)*;)*) => {$(
        impl<'g, $($E: Elements<'g>),*> Elements<'g> for ($($E,)*) {}
    )*};
}

each_tuple!(tuples);

/// How a loop over rows runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turns {
    pub(super) parallel_iterations: i64,
    pub(super) back_prop: bool,
    pub(super) swap_memory: bool,
}

impl Turns {
    /// The options of the loop, which has a turn for each row.
    pub(super) fn at_most(self, count: Size<'_>) -> WhileOptions<'_> {
        let options = WhileOptions::default().parallel_iterations(self.parallel_iterations);
        let options = options.back_prop(self.back_prop);
        options
            .swap_memory(self.swap_memory)
            .maximum_iterations(count)
    }
}

/// The default of `parallel_iterations`.
pub(super) const PARALLEL_ITERATIONS: i64 = 10;

/// A structure of tensors that a loop begins with.
#[allow(unreachable_pub, reason = "a public trait names it")]
#[derive(Debug)]
pub struct Ready<S>(pub(super) S);

impl<S> sealed::Structure for Ready<S> {}

impl<'g, S: Structure<'g>> IntoStructure<'g> for Ready<S> {
    type Structure = S;

    fn into_structure(self, _g: &'g GraphBuilder) -> S {
        self.0
    }
}

/// The position of a row that a loop begins at: a number becomes a constant of the loop.
pub(super) struct Position<'g>(pub(super) Size<'g>);

impl sealed::Structure for Position<'_> {}

impl<'g> IntoStructure<'g> for Position<'g> {
    type Structure = Tensor<'g, i32>;

    fn into_structure(self, g: &'g GraphBuilder) -> Tensor<'g, i32> {
        let position = Arg::from(self.0).convert(g, "Const", DType::Int32);
        position.typed()
    }
}

/// The tensors whose rows a loop goes over, and their number.
pub(super) struct Table<'g> {
    n: Nodes<'g>,
    tensors: Vec<AnyTensor<'g>>,
    /// The number of rows, if it is known.
    known: Option<usize>,
    pub(super) count: Size<'g>,
}

/// The tensors' rows in arrays.
pub(super) struct Rows<'g>(Vec<AnyTensorArray<'g>>);

impl<'g> Table<'g> {
    /// The tensors of a structure; that they cannot be gone over together is reported, and all that follows has no value.
    /// The number of rows is a number if it is known and `is_number` holds for it.
    #[track_caller]
    pub(super) fn new(
        n: Nodes<'g>,
        elems: &impl Structure<'g>,
        is_number: impl Fn(usize) -> bool,
    ) -> Self {
        let mut tensors = structure::tensors(n.0, elems, "an element");
        if let Some(fault) = fault_of(&tensors) {
            n.0.report(Rule::Structure, fault);
            tensors.fill(AnyTensor::poison(n.0));
        }
        let first = tensors.first().copied();
        let first = first.unwrap_or_else(|| AnyTensor::poison(n.0));
        let known = first.shape().dim(0);
        let count = match known.filter(|&rows| is_number(rows)) {
            Some(rows) => rows.into(),
            None => Size::Tensor(n.index(n.shape(first), [Slice::at(0)])),
        };
        Table {
            n,
            tensors,
            known,
            count,
        }
    }

    /// Writes the rows of each tensor to an array, which is made at once.
    #[track_caller]
    pub(super) fn unstack_each(&self) -> Rows<'g> {
        let arrays = self.tensors.iter().map(|&tensor| {
            let array = self.array(tensor, TensorArrayOptions::default());
            array.unstack(tensor.into())
        });
        Rows(arrays.collect())
    }

    /// Makes an array for each tensor, with these options, and writes the rows to them afterwards.
    #[track_caller]
    pub(super) fn unstack_all(
        &self,
        options: impl Fn(&AnyTensor<'g>) -> TensorArrayOptions,
    ) -> Rows<'g> {
        let tensors = self.tensors.iter();
        let arrays = tensors.map(|tensor| self.array(*tensor, options(tensor)));
        let arrays: Vec<_> = arrays.collect();
        let pairs = arrays.into_iter().zip(&self.tensors);
        Rows(
            pairs
                .map(|(array, &tensor)| array.unstack(tensor.into()))
                .collect(),
        )
    }

    /// An array for one element of each row, like this tensor.
    #[track_caller]
    pub(super) fn array(
        &self,
        like: AnyTensor<'g>,
        options: TensorArrayOptions,
    ) -> AnyTensorArray<'g> {
        AnyTensorArray::new(self.n.0, like.dtype(), self.count.into(), options)
    }

    /// The elements of arrays, one for each row, as tensors.
    #[track_caller]
    pub(super) fn stacked(&self, arrays: &[AnyTensorArray<'g>]) -> Vec<AnyTensor<'g>> {
        let stacked: Vec<_> = arrays.iter().map(|array| array.stack()).collect();
        for tensor in &stacked {
            let rest = inner(&tensor.shape());
            tensor.set_shape(Shape::from((self.known,)).joined(&rest));
        }
        stacked
    }

    /// The position of the last row.
    #[track_caller]
    pub(super) fn last(&self) -> Size<'g> {
        self.before(self.count, 1)
    }

    /// A position some rows before another.
    #[track_caller]
    pub(super) fn before(&self, position: Size<'g>, rows: i32) -> Size<'g> {
        match position {
            Size::Known(position) => Size::Known(position - i64::from(rows)),
            Size::Tensor(position) => Size::Tensor(self.n.sub(position, rows)),
        }
    }
}

impl<'g> Rows<'g> {
    /// A row of each tensor.
    #[track_caller]
    pub(super) fn read<E: Structure<'g>>(&self, like: &E, at: impl Into<Arg<'g>>) -> E {
        let at = at.into();
        self.read_each(like, || at.clone())
    }

    /// A row of each tensor, at a position that is computed anew for each.
    #[track_caller]
    pub(super) fn read_each<E: Structure<'g>>(&self, like: &E, at: impl Fn() -> Arg<'g>) -> E {
        let read = self.0.iter().map(|array| array.read(at()));
        structure::pack(like, &read.collect::<Vec<_>>())
    }
}

/// Writes the values of a turn, one to each array.
#[track_caller]
pub(super) fn write_each<'g>(
    arrays: &[AnyTensorArray<'g>],
    values: &[AnyTensor<'g>],
    at: impl Fn() -> Arg<'g>,
) -> Vec<AnyTensorArray<'g>> {
    let pairs = arrays.iter().zip(values);
    pairs
        .map(|(array, &value)| array.write(at(), value.into()))
        .collect()
}

/// Why tensors cannot be gone over together.
fn fault_of(tensors: &[AnyTensor<'_>]) -> Option<String> {
    if tensors.is_empty() {
        return Some("there are no elements, expected one tensor at least".to_owned());
    }
    let mut first: Option<(usize, usize)> = None;
    for (position, tensor) in tensors.iter().enumerate() {
        let shape = tensor.shape();
        if shape.rank() == Some(0) {
            let message = format!("element {position} is a scalar, expected a tensor with rows");
            return Some(message);
        }
        match (first, shape.dim(0)) {
            (Some((other, expected)), Some(found)) if expected != found => {
                return Some(format!(
                    "element {other} has {expected} rows and element {position} has {found}, expected equal numbers"
                ));
            }
            (None, Some(found)) => first = Some((position, found)),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::control_flow::ScanOptions;
    use crate::error::Rule;
    use crate::graph::{GraphBuilder, Tensor};

    #[test]
    fn elements_that_cannot_be_gone_over_are_faults_at_their_line() {
        type Call = for<'g> fn(&'g GraphBuilder, Tensor<'g, f32>, Tensor<'g, f32>);
        let other_rows = "element 0 has 3 rows and element 1 has 2, expected equal numbers";
        let calls: [(Call, &str); 6] = [
            (
                |g, x, _| {
                    g.map_fn(x, |x| x + 1.0, ());
                },
                "element 0 is a scalar, expected a tensor with rows",
            ),
            (
                |g, x, y| {
                    g.foldl((y, x), |a, _| a, ());
                },
                "element 1 is a scalar, expected a tensor with rows",
            ),
            (
                |g, _, y| {
                    g.map_fn((y, g.constant([1f32, 2.0])), |(y, _)| y, ());
                },
                other_rows,
            ),
            (
                |g, _, y| {
                    g.foldr((y, g.constant([1f32, 2.0])), |a, _| a, ());
                },
                other_rows,
            ),
            (
                |g, _, y| {
                    g.scan((y, g.constant([1f32, 2.0])), |a, _| a, ());
                },
                other_rows,
            ),
            (
                |g, _, _| {
                    g.scan(Vec::<Tensor<'_, f32>>::new(), |a, _| a, ());
                },
                "there are no elements, expected one tensor at least",
            ),
        ];
        for (call, message) in calls {
            let g = GraphBuilder::new();
            let (x, y) = (g.placeholder::<f32>(()), g.placeholder::<f32>((3, 2)));
            call(&g, x, y);
            let error = g.finish().unwrap_err();
            let [fault] = error.diagnostics() else {
                panic!("{error}");
            };
            assert_eq!((fault.rule(), fault.message()), (Rule::Structure, message));
            assert!(fault.location().file().ends_with("rows.rs"), "{error}");
        }
    }

    #[test]
    fn a_result_that_is_not_like_the_accumulator_is_a_fault() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((3, 2));
        let options = ScanOptions::default().initializer(vec![g.constant(1f32)]);
        let scanned = g.scan(x, |a, _| [a.clone(), a].concat(), options);
        let line = line!() - 1;
        assert_eq!(scanned.len(), 1);
        let error = g.finish().unwrap_err();
        let [fault] = error.diagnostics() else {
            panic!("{error}");
        };
        let message = "the function gives 2 tensors, expected 1 as in the accumulator";
        assert_eq!((fault.message(), fault.location().line()), (message, line));
    }

    #[test]
    fn nodes_of_the_function_are_of_its_lines() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<f32>((3, 2));
        let mut inside = 0;
        let outside = line!() + 1;
        let mapped = g.map_fn(
            x,
            |row| {
                inside = line!() + 1;
                g.named("inside", || crate::ops::math::tanh(row))
            },
            (),
        );
        let at = |name: &str| {
            let operation = g.operation(name).unwrap();
            operation.node().location.line()
        };
        assert_eq!((at("map/while/inside"), at("map/Const")), (inside, outside));
        assert_eq!(mapped.operation().node().location.line(), outside);
    }
}
