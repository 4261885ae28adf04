//! Checks that the consumer's session makes.

use super::{Arg, Axes, Nodes};
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, Operation};

impl<'g> Nodes<'g> {
    /// `tf.python.ops.control_flow_ops.with_dependencies`: an identity that runs after some operations.
    #[track_caller]
    pub(crate) fn with_dependencies(
        self,
        operations: &[Operation<'g>],
        x: AnyTensor<'g>,
    ) -> AnyTensor<'g> {
        let scope = self.open_scope("control_dependency");
        self.0.colocate_with(x, || {
            let after = operations.iter().copied();
            self.0
                .control_dependencies(after, || self.identity(&scope, x))
        })
    }

    /// `tf.Assert` of data that are strings and tensors of int32.
    pub(crate) fn assert(
        self,
        condition: AnyTensor<'g>,
        data: &[Arg<'g>],
        summarize: Option<i64>,
    ) -> Operation<'g> {
        let _scope = self.open_scope("Assert");
        // Python looks at the data's dtypes first, and that makes constants.
        for item in data {
            item.clone().convert(self.0, "Const", DType::Int32);
        }
        let node = self.op("Assert").input(condition).list(data.to_vec());
        match summarize {
            Some(summarize) => node.attr("summarize", summarize),
            None => node,
        }
        .finish()
    }

    /// `tf.debugging.assert_positive` with a message that is a list of one text.
    pub(crate) fn assert_positive(self, x: AnyTensor<'g>, text: &str) -> Operation<'g> {
        let _scope = self.open_scope("assert_positive");
        let zero = self.constant("Const", 0i32);
        let _scope = self.open_scope("assert_less");
        let test = self.binary("Less", zero, x);
        let all = self.reduce("All", test, Axes::ALL);
        self.assert(all, &[text.into()], None)
    }

    /// `tf.debugging.assert_equal` and its like between a tensor and a number.
    ///
    /// `holds` decides if the tensor's value is known.
    pub(crate) fn assert_compared(
        self,
        (name, op, symbol): (&str, &'static str, &str),
        x: AnyTensor<'g>,
        y: i32,
        message: &str,
        known: Option<bool>,
    ) -> Operation<'g> {
        let _scope = self.open_scope(name);
        let y = self.constant("y", y);
        let data = [
            message.into(),
            format!("Condition x {symbol} y did not hold element-wise:")
                .as_str()
                .into(),
            format!("x ({}) = ", x.name()).as_str().into(),
            x.into(),
            format!("y ({}) = ", y.name()).as_str().into(),
            y.into(),
        ];
        let test = self.binary(op, x, y);
        let all = self.reduce("All", test, Axes::ALL);
        if known == Some(false) {
            self.0.report(Rule::Shape, message);
        }
        self.assert(all, &data, None)
    }
}
