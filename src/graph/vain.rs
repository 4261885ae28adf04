//! Calls in vain: Python calls a function, which fails for an argument, and then does something else.

use super::{AnyOperand, AnyTensor, GraphBuilder};
use crate::dtype::TensorType;
use crate::shape::Shape;

impl GraphBuilder {
    /// Runs `f`, which fails as soon as it makes a tensor of [`unfit`](Self::unfit): from then on it makes no node, takes no
    /// name and reports nothing.
    pub(crate) fn in_vain<R>(&self, f: impl FnOnce() -> R) -> R {
        let before = self.context.borrow().has_failed();
        let result = f();
        self.context.borrow_mut().set_failed(before);
        result
    }

    /// An operand that no tensor can be made of, for [`in_vain`](Self::in_vain).
    pub(crate) fn unfit<T: TensorType>(&self) -> AnyOperand<'_, T> {
        AnyOperand::read(Shape::unknown(), || {
            self.context.borrow_mut().set_failed(true);
            AnyTensor::poison(self)
        })
    }

    /// Whether a call in vain has failed and still runs.
    pub(super) fn has_failed(&self) -> bool {
        self.context.borrow().has_failed()
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::GraphBuilder;
    use crate::ops::math;

    #[test]
    fn a_call_in_vain_takes_names_until_it_fails() {
        let g = GraphBuilder::new();
        let x = g.placeholder::<i32>(());
        g.in_vain(|| math::truediv(x, g.unfit::<i32>()));
        g.in_vain(|| g.report(crate::error::Rule::Value, "kept, for nothing has failed"));
        let quotient = math::truediv(x, 2);
        assert_eq!(quotient.name(), "truediv_1:0");
        let names = [
            "Placeholder",
            "truediv_1/y",
            "truediv_1/Cast",
            "truediv_1/Cast_1",
            "truediv_1",
        ];
        let found: Vec<_> = g.nodes().iter().map(|node| node.name.to_string()).collect();
        assert_eq!(found, names);
        let error = g.finish().unwrap_err();
        assert_eq!(error.diagnostics().len(), 1);
    }
}
