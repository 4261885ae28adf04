//! Dimensions and positions that functions work out in the graph.

use crate::dtype::TensorType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor};
use crate::ops::nodes::{Nodes, function};

/// A cast that is made also where the type stays.
pub(super) fn converted<'g, U: TensorType, T: TensorType>(x: Tensor<'g, T>) -> Tensor<'g, U> {
    let cast = x.graph().op("Cast").input(x).attr("DstT", U::DTYPE);
    cast.typed()
}

/// The numbers from `start` to before `limit`.
pub(super) fn range<'g>(start: i32, limit: Tensor<'g, i32>) -> Tensor<'g, i32> {
    let g = limit.graph();
    function(g, "Range").arg(start).input(limit).arg(1).typed()
}

impl<'g> Nodes<'g> {
    /// A fault at a tensor.
    #[track_caller]
    pub(super) fn fault_at(self, at: AnyTensor<'g>, message: &str) -> AnyTensor<'g> {
        at.report(Rule::Shape, message);
        AnyTensor::poison(self.0)
    }

    /// The greatest element of a tensor; the list of its axes is a constant if its rank is known.
    #[track_caller]
    pub(super) fn greatest(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        let axes = match x.shape().rank() {
            Some(rank) => self.constant("Const", (0..rank as i32).collect::<Vec<_>>()),
            None => {
                let rank = self.rank(x);
                self.call(("Range", "Range"), [0.into(), rank.into(), 1.into()])
            }
        };
        self.0.op("Max").input(x).input(axes).output()
    }
}

/// A fault at a tensor.
#[track_caller]
pub(super) fn fault<'g, T: TensorType, U: TensorType>(
    g: &'g GraphBuilder,
    at: Tensor<'g, U>,
    message: &str,
) -> Tensor<'g, T> {
    at.any().report(Rule::Shape, message);
    AnyTensor::poison(g).typed()
}

/// The product of the sizes in a vector.
pub(super) fn product(sizes: Tensor<'_, i32>) -> Tensor<'_, i32> {
    function(sizes.graph(), "Prod")
        .input(sizes)
        .arg([0])
        .typed()
}
