//! Reductions of ragged tensors.

use std::panic::Location;

use super::partition::Rows;
use super::segment::Aggregate;
use super::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedTensor};
use crate::dtype::{DType, TensorType};
use crate::error::Rule;
use crate::graph::AnyTensor;
use crate::ops::nodes::{Axes, AxesKind, Nodes};
use crate::ops::types::{Number, Real};

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $bound:ident $default:literal $aggregate:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<'g, T: $bound>(
            x: &RaggedTensor<'g, T>,
            axes: impl Into<Axes>,
        ) -> MaybeRagged<'g, T> {
            let (n, axes) = (Nodes(x.graph()), axes.into());
            let name = n.after_reduction(Aggregate::$aggregate.reduce, $default, x, &axes);
            let _call = n.0.open_call(Location::caller());
            n.reduced_as(&name, Aggregate::$aggregate, x.any().into(), &axes).typed()
        }
    )*};
}

reductions! {
    /// The sums of the elements along `axes` (`tf.reduce_sum` of a ragged tensor).
    ///
    /// ```
    /// use tfhub::ops::ragged;
    /// # let g = tfhub::GraphBuilder::new();
    /// let x = g.ragged_placeholder::<f32>(2, ());
    /// assert_eq!(ragged::reduce_sum(&x, ()).tensor().shape().to_string(), "[]");
    /// assert_eq!(ragged::reduce_sum(&x, 2).ragged().shape().to_string(), "[?, ?]");
    /// assert_eq!(ragged::reduce_sum(&x, [1, 2]).tensor().shape().to_string(), "[?]");
    /// ```
    reduce_sum Number "RaggedReduceSum" SUM;
    /// The products of the elements along `axes` (`tf.reduce_prod` of a ragged tensor).
    reduce_prod Number "RaggedReduceProd" PROD;
    /// The least of the elements along `axes` (`tf.reduce_min` of a ragged tensor).
    reduce_min Real "RaggedReduceMin" MIN;
    /// The greatest of the elements along `axes` (`tf.reduce_max` of a ragged tensor).
    reduce_max Real "RaggedReduceMax" MAX;
}

/// The means of the elements along `axes` (`tf.reduce_mean` of a ragged tensor); those of integers are float64.
///
/// Along several axes it is what Python makes of it: the sum along all by the number along all.
#[track_caller]
pub fn reduce_mean<'g, T: Mean>(
    x: &RaggedTensor<'g, T>,
    axes: impl Into<Axes>,
) -> MaybeRagged<'g, T::Mean> {
    let (n, axes) = (Nodes(x.graph()), axes.into());
    let name = n.after_reduction("Mean", "RaggedReduceMean", x, &axes);
    let _scope = n.open_scope(&name);
    n.mean_of(&x.any, &axes).typed()
}

/// The numbers of which `/` is a mean.
pub trait Mean: Number + sealed::Mean {
    /// Their quotients.
    type Mean: Number;
}

mod sealed {
    #[allow(unreachable_pub, reason = "a public trait names it")]
    pub trait Mean {}
}

macro_rules! means {
    ($($element:ty => $mean:ty),*) => {$(
        impl sealed::Mean for $element {}

        impl Mean for $element {
            type Mean = $mean;
        }
    )*};
}

means! { f32 => f32, f64 => f64, i32 => f64, i64 => f64, half::f16 => half::f16 }

/// Whether all elements along `axes` are true (`tf.reduce_all` of a ragged tensor).
#[track_caller]
pub fn reduce_all<'g>(x: &RaggedTensor<'g, bool>, axes: impl Into<Axes>) -> MaybeRagged<'g, bool> {
    let (n, axes) = (Nodes(x.graph()), axes.into());
    let name = n.after_reduction("All", "RaggedReduceAll", x, &axes);
    let _scope = n.open_scope(&name);
    n.of_bools("RaggedReduceProd", Aggregate::PROD, &x.any, &axes)
        .typed()
}

/// Whether any element along `axes` is true (`tf.reduce_any` of a ragged tensor).
#[track_caller]
pub fn reduce_any<'g>(x: &RaggedTensor<'g, bool>, axes: impl Into<Axes>) -> MaybeRagged<'g, bool> {
    let (n, axes) = (Nodes(x.graph()), axes.into());
    let name = n.after_reduction("Any", "RaggedReduceAny", x, &axes);
    let _scope = n.open_scope(&name);
    n.of_bools("RaggedReduceSum", Aggregate::SUM, &x.any, &axes)
        .typed()
}

impl<'g> Nodes<'g> {
    /// The name of a reduction, once Python has tried that of dense tensors: it lists all axes before it fails.
    #[track_caller]
    fn after_reduction<T: TensorType>(
        self,
        dense: &'static str,
        ragged: &'static str,
        x: &RaggedTensor<'g, T>,
        axes: &Axes,
    ) -> String {
        if axes.kind == AxesKind::All {
            let _call = self.0.open_unnamed_call(Location::caller());
            drop(self.open_scope("Rank"));
            let rank = self.ragged_rank_as("RaggedRank", &x.any);
            self.range(0, rank);
        }
        self.after_dense(dense, ragged)
    }

    /// `tf.strings.reduce_join` of a ragged tensor.
    #[track_caller]
    pub(in crate::ops) fn ragged_reduce_join(
        self,
        x: AnyRaggedTensor<'g>,
        axes: &Axes,
        separator: &str,
    ) -> AnyMaybeRagged<'g> {
        let name = self.0.requested_name("RaggedSegmentJoin").into_owned();
        let _call = self.0.open_unnamed_call(Location::caller());
        drop(self.open_scope("ReduceJoin"));
        self.reduced_as(&name, Aggregate::join(separator), x.into(), axes)
    }

    /// `tf.reduce_sum` along one axis.
    #[track_caller]
    pub(super) fn reduced_sum(self, x: AnyMaybeRagged<'g>, axis: i32) -> AnyMaybeRagged<'g> {
        self.reduced_as("RaggedReduceSum", Aggregate::SUM, x, &axis.into())
    }

    #[track_caller]
    fn mean_of(self, x: &AnyRaggedTensor<'g>, axes: &Axes) -> AnyMaybeRagged<'g> {
        let sum = |x: AnyRaggedTensor<'g>| {
            self.reduced_as("RaggedReduceSum", Aggregate::SUM, x.into(), axes)
        };
        let total = sum(x.clone());
        let count = sum(x.ones_like());
        let mean = self.truediv(total.flat_values(), count.flat_values());
        match total {
            AnyMaybeRagged::Dense(_) => mean.into(),
            AnyMaybeRagged::Ragged(total) => {
                self.ragged_nested(Rows::Splits, mean, &total.nested_row_splits())
            }
        }
    }

    #[track_caller]
    fn of_bools(
        self,
        name: &str,
        aggregate: Aggregate<'_>,
        x: &AnyRaggedTensor<'g>,
        axes: &Axes,
    ) -> AnyMaybeRagged<'g> {
        let numbers = self.cast_flat_values(x.clone().into(), DType::Int32);
        let reduced = self.reduced_as(name, aggregate, numbers, axes);
        self.cast_flat_values(reduced, DType::Bool)
    }

    /// A reduction along axes under a name.
    #[track_caller]
    fn reduced_as(
        self,
        name: &str,
        aggregate: Aggregate<'_>,
        x: AnyMaybeRagged<'g>,
        axes: &Axes,
    ) -> AnyMaybeRagged<'g> {
        if axes.keep_dims {
            let message = "reduced dimensions of a ragged tensor cannot be kept";
            return self.fault(Rule::Inputs, message).into();
        }
        let ragged = match x {
            AnyMaybeRagged::Ragged(ragged) if axes.kind != AxesKind::All => ragged,
            x => return aggregate.reduced(self, name, &x, axes).into(),
        };
        let _scope = self.open_scope(name);
        match &axes.kind {
            AxesKind::All => ragged.into(),
            AxesKind::One(axis) => self.reduced_along(aggregate, ragged, *axis),
            AxesKind::Several(axes) => match axes[..] {
                [] => ragged.into(),
                [axis] => self.reduced_along(aggregate, ragged, axis),
                _ => {
                    let rank = ragged.shape().rank();
                    let axes = axes.iter().map(|&axis| self.axis_of(axis, rank));
                    let Some(mut axes) = axes.collect::<Option<Vec<_>>>() else {
                        return AnyTensor::poison(self.0).into();
                    };
                    axes.sort_unstable();
                    let axes: Vec<_> = axes.into_iter().map(|axis| axis as i32).collect();
                    let (last, others) = (axes[axes.len() - 1], &axes[..axes.len() - 1]);
                    let inner = self.reduced_again(aggregate, ragged.into(), &last.into());
                    self.reduced_again(aggregate, inner, &others.into())
                }
            },
        }
    }

    /// A reduction within another.
    #[track_caller]
    fn reduced_again(
        self,
        aggregate: Aggregate<'_>,
        x: AnyMaybeRagged<'g>,
        axes: &Axes,
    ) -> AnyMaybeRagged<'g> {
        let name = match x {
            AnyMaybeRagged::Dense(_) => aggregate.reduce,
            AnyMaybeRagged::Ragged(_) => "RaggedReduce",
        };
        self.reduced_as(name, aggregate, x, axes)
    }

    #[track_caller]
    fn reduced_along(
        self,
        aggregate: Aggregate<'_>,
        x: AnyRaggedTensor<'g>,
        axis: i32,
    ) -> AnyMaybeRagged<'g> {
        match self.axis_of(axis, x.shape().rank()) {
            None => AnyTensor::poison(self.0).into(),
            Some(0) => {
                let lengths = self.lengths_of(x.row_splits());
                let count = self.maximum(self.reduce("Max", lengths, ()), 0);
                let ids = self.ragged_range(0.into(), lengths.into()).flat_values;
                self.aggregated(aggregate, x.values(), ids, count.into())
            }
            Some(1) => {
                let splits = x.row_splits();
                let count = self.sub(self.at(self.shape(splits), 0), 1);
                let ids = self.segment_ids(splits);
                self.aggregated(aggregate, x.values(), ids, count.into())
            }
            Some(axis) => {
                let inner = self.reduced_again(aggregate, x.values(), &(axis as i32 - 1).into());
                x.with_values(inner).into()
            }
        }
    }
}
