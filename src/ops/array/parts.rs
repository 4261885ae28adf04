//! Several tensors as arguments and results.

use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, NodeId, Operation, Tensor};

/// The tensors that a function takes apart into: an array, whose length says how many there are, or a vector.
///
/// ```
/// use tfhub::Tensor;
/// use tfhub::ops::array;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 4));
/// let [left, right] = array::split(x, 2, 1);
/// assert_eq!(left.shape().to_string(), "[?, 2]");
/// let columns: Vec<_> = array::unstack(x, 1);
/// assert_eq!(columns.len(), 4);
/// # let _: [Tensor<f32>; 1] = [right];
/// ```
pub trait Parts<'g, T: TensorType>: sealed::Parts {
    /// Their number, if the type says it.
    #[doc(hidden)]
    const LEN: Option<usize>;

    /// The parts; too few are made up for.
    #[doc(hidden)]
    fn of(g: &'g GraphBuilder, parts: Vec<AnyTensor<'g>>) -> Self;
}

pub(crate) mod sealed {
    use crate::dtype::TensorType;
    use crate::graph::{AnyTensor, Operation, Tensor};

    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Parts {}

    impl<P, const N: usize> Parts for [P; N] {}
    impl<P> Parts for Vec<P> {}

    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Tensors {}

    impl Tensors for AnyTensor<'_> {}
    impl<T: TensorType> Tensors for Tensor<'_, T> {}
    impl<X: Tensors, const N: usize> Tensors for [X; N] {}
    impl<X: Tensors> Tensors for Vec<X> {}

    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait OperationLike {}

    impl OperationLike for Operation<'_> {}
    impl OperationLike for AnyTensor<'_> {}
    impl<T: TensorType> OperationLike for Tensor<'_, T> {}

    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Operations {}

    impl Operations for () {}
    impl<X> Operations for Vec<X> {}
    impl<X, const N: usize> Operations for [X; N] {}
    impl<X> Operations for &[X] {}
}

impl<'g, T: TensorType, const N: usize> Parts<'g, T> for [Tensor<'g, T>; N] {
    const LEN: Option<usize> = Some(N);

    fn of(g: &'g GraphBuilder, parts: Vec<AnyTensor<'g>>) -> Self {
        std::array::from_fn(|at| {
            parts
                .get(at)
                .copied()
                .unwrap_or(AnyTensor::poison(g))
                .typed()
        })
    }
}

impl<'g, T: TensorType> Parts<'g, T> for Vec<Tensor<'g, T>> {
    const LEN: Option<usize> = None;

    fn of(_g: &'g GraphBuilder, parts: Vec<AnyTensor<'g>>) -> Self {
        parts.into_iter().map(AnyTensor::typed).collect()
    }
}

/// All outputs of a node.
#[track_caller]
pub(super) fn outputs<'g, T: TensorType, P: Parts<'g, T>>(node: Operation<'g>) -> P {
    let (g, outputs) = (node.graph, node.outputs());
    if node.id == NodeId::POISON {
        return P::of(g, Vec::new());
    }
    counted(g, outputs)
}

/// Parts, as many as the type says.
#[track_caller]
pub(super) fn counted<'g, T: TensorType, P: Parts<'g, T>>(
    g: &'g GraphBuilder,
    parts: Vec<AnyTensor<'g>>,
) -> P {
    if let Some(expected) = P::LEN.filter(|&expected| expected != parts.len()) {
        let message = format!("expected {expected} parts, found {}", parts.len());
        g.report(Rule::Inputs, message);
    }
    P::of(g, parts)
}

/// Tensors of any element types: a tensor, or an array, vector or tuple of such.
pub trait Tensors<'g>: sealed::Tensors {
    /// Adds them to those before.
    #[doc(hidden)]
    fn add_to(&self, tensors: &mut Vec<AnyTensor<'g>>);

    /// The next tensors in the same order, or these where there are none.
    #[doc(hidden)]
    fn replaced(self, by: &mut dyn Iterator<Item = AnyTensor<'g>>) -> Self;
}

impl<'g> Tensors<'g> for AnyTensor<'g> {
    fn add_to(&self, tensors: &mut Vec<AnyTensor<'g>>) {
        tensors.push(*self);
    }

    fn replaced(self, by: &mut dyn Iterator<Item = AnyTensor<'g>>) -> Self {
        by.next().unwrap_or(self)
    }
}

impl<'g, T: TensorType> Tensors<'g> for Tensor<'g, T> {
    fn add_to(&self, tensors: &mut Vec<AnyTensor<'g>>) {
        tensors.push(self.any());
    }

    fn replaced(self, by: &mut dyn Iterator<Item = AnyTensor<'g>>) -> Self {
        self.any().replaced(by).typed()
    }
}

impl<'g, X: Tensors<'g>, const N: usize> Tensors<'g> for [X; N] {
    fn add_to(&self, tensors: &mut Vec<AnyTensor<'g>>) {
        self.iter().for_each(|item| item.add_to(tensors));
    }

    fn replaced(self, by: &mut dyn Iterator<Item = AnyTensor<'g>>) -> Self {
        self.map(|item| item.replaced(by))
    }
}

impl<'g, X: Tensors<'g>> Tensors<'g> for Vec<X> {
    fn add_to(&self, tensors: &mut Vec<AnyTensor<'g>>) {
        self.iter().for_each(|item| item.add_to(tensors));
    }

    fn replaced(self, by: &mut dyn Iterator<Item = AnyTensor<'g>>) -> Self {
        self.into_iter().map(|item| item.replaced(by)).collect()
    }
}

/// Operations that a node runs after: an array, vector or slice of operations, tensors or variables, or a tuple of
/// them; `()` for none.
pub trait Operations<'g>: sealed::Operations {
    #[doc(hidden)]
    fn into_placed(self) -> Vec<Placed<'g>>;
}

/// An operation and the device of what stands for it.
#[doc(hidden)]
pub(super) type Placed<'g> = (Operation<'g>, String);

/// An operation, or what stands for one: a tensor, a variable, or a change of one, which is where the variable is.
pub trait OperationLike<'g>: sealed::OperationLike + Into<Operation<'g>> {
    #[doc(hidden)]
    fn placed(self) -> Placed<'g> {
        let operation = self.into();
        (operation, operation.device())
    }
}

impl<'g> OperationLike<'g> for Operation<'g> {}

impl<'g> OperationLike<'g> for AnyTensor<'g> {}

impl<'g, T: TensorType> OperationLike<'g> for Tensor<'g, T> {}

macro_rules! lists {
    ($([$($generics:tt)*] $list:ty;)*) => {$(
        impl<'g, X: OperationLike<'g>, $($generics)*> Operations<'g> for $list {
            fn into_placed(self) -> Vec<Placed<'g>> {
                self.into_iter().map(OperationLike::placed).collect()
            }
        }
    )*};
}

lists! {
    [] Vec<X>;
    [const N: usize] [X; N];
}

impl<'g, X: OperationLike<'g> + Copy> Operations<'g> for &[X] {
    fn into_placed(self) -> Vec<Placed<'g>> {
        self.iter().map(|&operation| operation.placed()).collect()
    }
}

impl<'g> Operations<'g> for () {
    fn into_placed(self) -> Vec<Placed<'g>> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: sealed::Tensors),*> sealed::Tensors for ($($name,)*) {}

        impl<$($name),*> sealed::Operations for ($($name,)*) {}

        #[expect(non_snake_case, reason = "each item is named after its type parameter")]
        impl<'g, $($name: Tensors<'g>),*> Tensors<'g> for ($($name,)*) {
            fn add_to(&self, tensors: &mut Vec<AnyTensor<'g>>) {
                let ($($name,)*) = self;
                $($name.add_to(tensors);)*
            }

            fn replaced(self, by: &mut dyn Iterator<Item = AnyTensor<'g>>) -> Self {
                let ($($name,)*) = self;
                ($($name.replaced(by),)*)
            }
        }

        impl<'g, $($name: OperationLike<'g>),*> Operations<'g> for ($($name,)*) {
            #[expect(non_snake_case, reason = "each item is named after its type parameter")]
            fn into_placed(self) -> Vec<Placed<'g>> {
                let ($($name,)*) = self;
                vec![$($name.placed()),*]
            }
        }
    )*};
}

each_tuple!(tuples);

#[cfg(test)]
mod tests {
    use crate::graph::GraphBuilder;
    use crate::ops::array::{split, unstack};
    use crate::shape::Shape;

    #[test]
    fn an_array_has_as_many_parts_as_the_node() {
        let faults = |call: &dyn Fn(&GraphBuilder)| {
            let g = GraphBuilder::new();
            call(&g);
            g.finish()
                .map_or_else(|error| error.to_string(), |_| String::new())
        };
        let found = faults(&|g| {
            let x = g.placeholder::<f32>((4,));
            let [_, _, _] = split(x, 2, 0);
        });
        assert!(found.contains("expected 3 parts, found 2"), "{found}");
        let found = faults(&|g| {
            let x = g.placeholder::<f32>((2,));
            let [_, _, _] = unstack(x, 0);
        });
        assert!(found.contains("expected 3 parts, found 2"), "{found}");
        let found = faults(&|g| {
            let [a, b] = unstack(g.placeholder::<f32>(Shape::unknown()), 0);
            g.group((a, b));
        });
        assert_eq!(found, "");
    }
}
