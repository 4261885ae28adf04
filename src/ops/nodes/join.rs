//! Joins of strings, as reductions make them.

use super::{Arg, Axes, Nodes};
use crate::dtype::DType;
use crate::graph::AnyTensor;

impl<'g> Nodes<'g> {
    /// `tf.strings.reduce_join`, whose node has the name within a scope that has a name of its own.
    #[track_caller]
    pub(crate) fn reduce_join_as(
        self,
        name: &str,
        x: Arg<'g>,
        axes: &Axes,
        separator: &str,
    ) -> AnyTensor<'g> {
        let _scope = self.open_scope("ReduceJoin");
        let x = x.convert(self.0, "Const", DType::String);
        let listed = axes.listed().map(Arg::from);
        let listed = listed.unwrap_or_else(|| self.reversed_axes(x).into());
        let call = self.named("ReduceJoin", name).input(x).input(listed);
        let call = call.attr("keep_dims", axes.keep_dims);
        call.attr("separator", separator).output()
    }

    /// All axes, the last one first.
    #[track_caller]
    fn reversed_axes(self, x: AnyTensor<'g>) -> AnyTensor<'g> {
        if let Some(rank) = x.shape().rank() {
            return self.constant("Const", (0..rank as i32).rev().collect::<Vec<_>>());
        }
        let last = self.sub(self.unary("Rank", x), 1);
        let args = [last.into(), (-1).into(), (-1).into()];
        self.call(("Range", "range"), args)
    }
}
