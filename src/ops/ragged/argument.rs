//! Arguments that may be ragged.

use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::{GraphBuilder, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::{TensorLike, Value};
use crate::value::IntoTensorValue;

/// A tensor, a ragged tensor, or a Rust value of [`GraphBuilder::value`], where Python takes a tensor that may be ragged.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tensor or ragged tensor with elements `{T}`",
    label = "expected a tensor or a ragged tensor with elements `{T}`",
    note = "a Rust value stands in the place of a tensor as `g.value(..)`, and the value of a variable is `.value()`"
)]
pub trait RaggedLike<'g, T: TensorType>: sealed::RaggedLike {
    /// The graph that it belongs to.
    fn graph(&self) -> &'g GraphBuilder;

    #[doc(hidden)]
    fn into_argument(self) -> Argument<'g>;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait RaggedLike {}
}

/// An argument, until the moment at which Python converts it.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Argument<'g>(pub(super) Given<'g>);

#[derive(Debug, Clone)]
pub(super) enum Given<'g> {
    Dense(Arg<'g>),
    Ragged(AnyRaggedTensor<'g>),
}

impl<'g> Argument<'g> {
    pub(super) fn is_ragged(&self) -> bool {
        matches!(self.0, Given::Ragged(_))
    }

    /// The constant that Python makes of a list to see whether it can become a tensor.
    #[track_caller]
    pub(super) fn probe(&self, n: Nodes<'g>) {
        match &self.0 {
            Given::Dense(Arg::Value(value)) if !value.shape().is_empty() => {
                n.0.constant_named("Const", value.clone());
            }
            _ => {}
        }
    }

    /// The argument, of which a value becomes `dtype`.
    pub(super) fn preferring(self, dtype: DType) -> Self {
        match self.0 {
            Given::Dense(Arg::Value(value)) => {
                Argument(Given::Dense(Arg::Preferring(dtype, value)))
            }
            given => Argument(given),
        }
    }

    /// `convert_to_tensor_or_ragged_tensor`
    #[track_caller]
    pub(in crate::ops) fn convert(self, n: Nodes<'g>, name: &str) -> AnyMaybeRagged<'g> {
        match self.0 {
            Given::Dense(arg) => arg.convert(n.0, name, DType::Float32).into(),
            Given::Ragged(ragged) => ragged.into(),
        }
    }
}

/// Functions of tensors that take ragged tensors too.
impl<'g> Nodes<'g> {
    /// The author's name for such a function, or its default.
    ///
    /// Python first calls the function of dense tensors, which fails once it has entered a scope of its own name; what is
    /// named so afterwards has another number.
    #[track_caller]
    pub(super) fn after_dense(self, dense: &str, ragged: &'static str) -> String {
        self.after_dense_with(dense, ragged, || ())
    }

    /// [`after_dense`](Self::after_dense) of a function that makes nodes before it fails.
    #[track_caller]
    pub(super) fn after_dense_with(
        self,
        dense: &str,
        ragged: &'static str,
        nodes: impl FnOnce(),
    ) -> String {
        let is_named = self.0.is_named();
        let name = self.0.requested_name(ragged).into_owned();
        let _scope = self.open_scope(if is_named { &name } else { dense });
        nodes();
        name
    }

    /// Whether any of the arguments is ragged; that none is is reported.
    #[track_caller]
    pub(super) fn any_is_ragged(self, arguments: &[Argument<'g>]) -> bool {
        let is_ragged = arguments.iter().any(Argument::is_ragged);
        if !is_ragged {
            let message = "expected a ragged tensor among the arguments, found none";
            self.0.report(Rule::Inputs, message);
        }
        is_ragged
    }
}

impl<'g> From<AnyMaybeRagged<'g>> for Argument<'g> {
    fn from(values: AnyMaybeRagged<'g>) -> Self {
        Argument(match values {
            AnyMaybeRagged::Dense(tensor) => Given::Dense(tensor.into()),
            AnyMaybeRagged::Ragged(ragged) => Given::Ragged(ragged),
        })
    }
}

/// Of types whose elements are `T`.
macro_rules! ragged_like {
    ($([$($generics:tt)*] $from:ty, $x:ident => $argument:expr;)*) => {$(
        impl<$($generics)*> sealed::RaggedLike for $from {}

        impl<$($generics)*> RaggedLike<'g, T> for $from {
            fn graph(&self) -> &'g GraphBuilder {
                <$from>::graph(self)
            }

            fn into_argument(self) -> Argument<'g> {
                let $x = self;
                $argument
            }
        }
    )*};
}

ragged_like! {
    ['g, T: TensorType] Tensor<'g, T>, x => Argument(Given::Dense(x.into()));
    ['g, T: TensorType] RaggedTensor<'g, T>, x => Argument(Given::Ragged(x.any));
    ['g, T: TensorType] MaybeRagged<'g, T>, x => x.any().into();
}

impl<T: TensorType> sealed::RaggedLike for &RaggedTensor<'_, T> {}

impl<'g, T: TensorType> RaggedLike<'g, T> for &RaggedTensor<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        RaggedTensor::graph(self)
    }

    fn into_argument(self) -> Argument<'g> {
        Argument(Given::Ragged(self.any()))
    }
}

impl<T: TensorType> sealed::RaggedLike for &MaybeRagged<'_, T> {}

impl<'g, T: TensorType> RaggedLike<'g, T> for &MaybeRagged<'g, T> {
    fn graph(&self) -> &'g GraphBuilder {
        MaybeRagged::graph(self)
    }

    fn into_argument(self) -> Argument<'g> {
        self.clone().any().into()
    }
}

impl<V> sealed::RaggedLike for Value<'_, V> {}

impl<'g, V: IntoTensorValue + Copy> RaggedLike<'g, V::Element> for Value<'g, V> {
    fn graph(&self) -> &'g GraphBuilder {
        TensorLike::graph(self)
    }

    fn into_argument(self) -> Argument<'g> {
        Argument(Given::Dense(Arg::of(self)))
    }
}
