//! Tensors in a structure, which closures of control flow take and give.

use std::panic::Location;
use std::slice::Iter;

use super::{AnyTensor, GraphBuilder, Operation, Tensor};
use crate::dtype::{ByteString, DType, TensorType};
use crate::error::Rule;
use crate::shape::Shape;
use crate::value::TensorValue;

/// Tensors in a structure, as `tf.nest` has them: a tensor, a sparse or ragged tensor, or a tuple, array or vector of structures.
///
/// Closures of [`cond`](GraphBuilder::cond) and [`while_loop`](GraphBuilder::while_loop) take and give structures.
pub trait Structure<'g>: sealed::Structure {
    /// Adds what it holds, in order.
    #[doc(hidden)]
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>);

    /// A structure like this one of other tensors, one for each leaf.
    #[doc(hidden)]
    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self;
}

/// A [`Structure`] of which the type alone tells how many tensors there are and their dtypes.
pub trait TypedStructure<'g>: Structure<'g> {
    /// Adds the dtypes of its tensors, in order.
    #[doc(hidden)]
    fn dtypes(dtypes: &mut Vec<DType>);

    /// A structure of these tensors; of each, that it is not of the element type is reported.
    #[doc(hidden)]
    fn from_tensors(tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self;
}

/// A [`Structure`], or one in which Rust values stand for constants and variables for their values.
pub trait IntoStructure<'g>: sealed::Structure {
    /// The structure of tensors.
    type Structure: Structure<'g>;

    /// Makes the constants and reads the variables.
    #[doc(hidden)]
    fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure;
}

/// One thing that a structure holds.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Leaf<'g> {
    Tensor(AnyTensor<'g>),
    /// The indices, the values and the dense shape of a sparse tensor.
    Sparse([AnyTensor<'g>; 3]),
    /// The flat values and the row splits of a ragged tensor, the outermost first.
    Ragged {
        components: Vec<AnyTensor<'g>>,
        /// The number of rows.
        rows: Option<usize>,
        /// The shape of each flat value.
        inner: Shape,
    },
    /// Stands for that it has run; only branches give operations.
    Operation(Operation<'g>),
}

pub(crate) mod sealed {
    /// Marks structures, and what becomes one.
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Structure {}
}

/// The leaves of a structure.
pub(crate) fn leaves<'g>(structure: &impl Structure<'g>) -> Vec<Leaf<'g>> {
    let mut leaves = Vec::new();
    structure.flatten_into(&mut leaves);
    leaves
}

/// The tensors of a structure; that there is an operation is reported, as for what it is, such as `a loop variable`.
#[track_caller]
pub(crate) fn tensors<'g>(
    g: &'g GraphBuilder,
    structure: &impl Structure<'g>,
    of: &str,
) -> Vec<AnyTensor<'g>> {
    let mut tensors = Vec::new();
    for leaf in leaves(structure) {
        match leaf {
            Leaf::Tensor(tensor) => tensors.push(tensor),
            Leaf::Sparse(parts) => tensors.extend(parts),
            Leaf::Ragged { components, .. } => tensors.extend(components),
            Leaf::Operation(operation) => {
                let name = operation.name();
                let message = format!("{of} is the operation \"{name}\", expected a tensor");
                g.report(Rule::Inputs, message);
                tensors.push(AnyTensor::poison(g));
            }
        }
    }
    tensors
}

impl Leaf<'_> {
    /// The number of tensors that it is.
    pub(super) fn len(&self) -> usize {
        match self {
            Leaf::Tensor(_) | Leaf::Operation(_) => 1,
            Leaf::Sparse(parts) => parts.len(),
            Leaf::Ragged { components, .. } => components.len(),
        }
    }
}

/// The number of tensors that a structure is of.
pub(crate) fn len<'g>(structure: &impl Structure<'g>) -> usize {
    leaves(structure).iter().map(Leaf::len).sum()
}

/// The shape of each tensor of a structure in all turns of a loop: given ones for the leaves, or those that they have.
/// None if the number of given ones is not that of the leaves.
pub(crate) fn invariants<'g>(
    structure: &impl Structure<'g>,
    given: Option<&[Shape]>,
) -> Option<Vec<Shape>> {
    let leaves = leaves(structure);
    if given.is_some_and(|given| given.len() != leaves.len()) {
        return None;
    }
    let mut shapes = Vec::new();
    for (position, leaf) in leaves.iter().enumerate() {
        let given = given.map(|given| &given[position]);
        match leaf {
            Leaf::Tensor(tensor) => shapes.push(given.cloned().unwrap_or_else(|| tensor.shape())),
            Leaf::Sparse([_, _, dense_shape]) => {
                let rank = match given {
                    Some(given) => given.rank(),
                    None => dense_shape.shape().dims().and_then(|dims| *dims.first()?),
                };
                let dims = |dims: &[Option<usize>]| Shape::from(dims.to_vec());
                shapes.extend([dims(&[None, rank]), dims(&[None]), dims(&[rank])]);
            }
            Leaf::Ragged {
                components,
                rows,
                inner,
            } => {
                let ragged_rank = components.len() - 1;
                let (rows, inner) = match given {
                    Some(given) => (given.dim(0), given.without_first(ragged_rank + 1)),
                    None => (*rows, inner.clone()),
                };
                shapes.push(Shape::unknown_of_rank(1).joined(&inner));
                shapes.push(Shape::from(vec![rows.map(|rows| rows + 1)]));
                shapes.extend((1..ragged_rank).map(|_| Shape::unknown_of_rank(1)));
            }
            Leaf::Operation(_) => shapes.push(Shape::unknown()),
        }
    }
    Some(shapes)
}

/// A structure like another of these tensors. The scopes of its sparse tensors are entered, as by [`enter_scopes`].
#[track_caller]
pub(crate) fn pack<'g, S: Structure<'g>>(like: &S, tensors: &[AnyTensor<'g>]) -> S {
    enter_scopes(&leaves(like));
    like.pack(&mut tensors.iter())
}

/// Enters the scopes that Python enters where it makes the sparse tensors among some leaves anew of other tensors.
///
/// No node is made there, but what is named like them afterwards has another number.
#[track_caller]
pub(crate) fn enter_scopes(leaves: &[Leaf<'_>]) {
    for leaf in leaves {
        if let Leaf::Sparse([indices, ..]) = leaf {
            let g = indices.graph();
            g.inner_scope("SparseTensor", Location::caller(), |_| ());
        }
    }
}

/// A structure like another, which could not be made.
pub(crate) fn poisoned<'g, S: Structure<'g>>(g: &'g GraphBuilder, like: &S) -> S {
    let poison = vec![AnyTensor::poison(g); len(like)];
    like.pack(&mut poison.iter())
}

/// The next of the tensors that a structure is made of.
#[track_caller]
pub(crate) fn next<'g>(tensors: &mut Iter<'_, AnyTensor<'g>>) -> AnyTensor<'g> {
    *tensors.next().expect("there is a tensor for each leaf")
}

impl<T: TensorType> sealed::Structure for Tensor<'_, T> {}

impl<'g, T: TensorType> Structure<'g> for Tensor<'g, T> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        leaves.push(Leaf::Tensor(self.any()));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        next(tensors).typed()
    }
}

impl<'g, T: TensorType> TypedStructure<'g> for Tensor<'g, T> {
    fn dtypes(dtypes: &mut Vec<DType>) {
        dtypes.push(T::DTYPE);
    }

    fn from_tensors(tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        next(tensors).typed()
    }
}

impl sealed::Structure for AnyTensor<'_> {}

impl<'g> Structure<'g> for AnyTensor<'g> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        leaves.push(Leaf::Tensor(*self));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        next(tensors)
    }
}

impl sealed::Structure for Operation<'_> {}

/// That it has run: what a branch does for its effect gives it.
impl<'g> Structure<'g> for Operation<'g> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        leaves.push(Leaf::Operation(*self));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        next(tensors).operation()
    }
}

impl<S> sealed::Structure for Vec<S> {}

impl<'g, S: Structure<'g>> Structure<'g> for Vec<S> {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        self.iter().for_each(|item| item.flatten_into(leaves));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        self.iter().map(|item| item.pack(tensors)).collect()
    }
}

impl<S, const N: usize> sealed::Structure for [S; N] {}

impl<'g, S: Structure<'g>, const N: usize> Structure<'g> for [S; N] {
    fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
        self.iter().for_each(|item| item.flatten_into(leaves));
    }

    fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        std::array::from_fn(|at| self[at].pack(tensors))
    }
}

impl<'g, S: TypedStructure<'g>, const N: usize> TypedStructure<'g> for [S; N] {
    fn dtypes(dtypes: &mut Vec<DType>) {
        (0..N).for_each(|_| S::dtypes(dtypes));
    }

    fn from_tensors(tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
        std::array::from_fn(|_| S::from_tensors(tensors))
    }
}

impl sealed::Structure for () {}

impl<'g> Structure<'g> for () {
    fn flatten_into(&self, _leaves: &mut Vec<Leaf<'g>>) {}

    fn pack(&self, _tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {}
}

impl<'g> TypedStructure<'g> for () {
    fn dtypes(_dtypes: &mut Vec<DType>) {}

    fn from_tensors(_tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {}
}

macro_rules! tuples {
    ($($($S:ident)*;)*) => {$(
        impl<$($S: sealed::Structure),*> sealed::Structure for ($($S,)*) {}

        #[allow(non_snake_case, reason = "a tuple's items are named like their types")]
        impl<'g, $($S: Structure<'g>),*> Structure<'g> for ($($S,)*) {
            fn flatten_into(&self, leaves: &mut Vec<Leaf<'g>>) {
                let ($($S,)*) = self;
                $($S.flatten_into(leaves);)*
            }

            fn pack(&self, tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
                let ($($S,)*) = self;
                ($($S.pack(tensors),)*)
            }
        }

        impl<'g, $($S: TypedStructure<'g>),*> TypedStructure<'g> for ($($S,)*) {
            fn dtypes(dtypes: &mut Vec<DType>) {
                $($S::dtypes(dtypes);)*
            }

            fn from_tensors(tensors: &mut Iter<'_, AnyTensor<'g>>) -> Self {
                ($($S::from_tensors(tensors),)*)
            }
        }

        #[allow(non_snake_case, reason = "a tuple's items are named like their types")]
        impl<'g, $($S: IntoStructure<'g>),*> IntoStructure<'g> for ($($S,)*) {
            type Structure = ($($S::Structure,)*);

            fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure {
                let ($($S,)*) = self;
                ($($S.into_structure(g),)*)
            }
        }
    )*};
}

each_tuple!(tuples);

/// Of what is a structure of tensors itself: `Tensor<'g, T>, [T: TensorType]`.
macro_rules! structures {
    ($($type:ty $(, [$($generics:tt)*])?;)*) => {$(
        impl<'g $(, $($generics)*)?> $crate::graph::IntoStructure<'g> for $type {
            type Structure = Self;

            fn into_structure(self, _g: &'g $crate::graph::GraphBuilder) -> Self {
                self
            }
        }
    )*};
}

structures! {
    Tensor<'g, T>, [T: TensorType];
    AnyTensor<'g>;
    ();
}

impl<'g, S: IntoStructure<'g>> IntoStructure<'g> for Vec<S> {
    type Structure = Vec<S::Structure>;

    fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure {
        let items = self.into_iter().map(|item| item.into_structure(g));
        items.collect()
    }
}

impl<'g, S: IntoStructure<'g>, const N: usize> IntoStructure<'g> for [S; N] {
    type Structure = [S::Structure; N];

    fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure {
        self.map(|item| item.into_structure(g))
    }
}

/// Of Rust values that stand for constants.
macro_rules! values {
    ($($type:ty => $element:ty),*) => {$(
        impl sealed::Structure for $type {}

        impl<'g> IntoStructure<'g> for $type {
            type Structure = Tensor<'g, $element>;

            fn into_structure(self, g: &'g GraphBuilder) -> Self::Structure {
                g.constant_named("Const", TensorValue::scalar(<$element>::from(self)))
                    .typed()
            }
        }
    )*};
}

values! {
    bool => bool, i8 => i8, i16 => i16, i32 => i32, i64 => i64, u8 => u8, u16 => u16,
    f32 => f32, f64 => f64, &str => ByteString
}
