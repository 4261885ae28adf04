//! Facts of ops: one row for each op of TensorFlow, which tells its shapes, its value and how it is computed.
//!
//! The rows stand by subject in the files of [`shape_fn`], in the order of their names. A row is the op's name and shape
//! function, and then the facts that not all ops have:
//!
//! ```text
//! op("Reshape", |i| one(reshaped(i)?))
//!     .moves(kernel::layout::reshape),
//! ```
//!
//! Where the shapes of the outputs hardly depend on the inputs, the row tells them, after the ranks of the inputs:
//!
//! ```text
//! ranked("ReadFile", &[0], Fixed(&[&[]])),
//! ```
//!
//! A layer above attaches facts of its own with [`ByOp`].

pub(crate) mod kernel;
pub(crate) mod shape_fn;

use std::sync::LazyLock;

use super::Node;
use super::op_def::{ByOp, OpDef};
use crate::shape::Shape;
use crate::value::TensorValue;
use kernel::{Binary, Comparison, Computed, Kernel, Reduction, Unary};
use shape_fn::known::{Folding, HandleFn, ListedFn, Small};
use shape_fn::{Inference, Outputs, Rule, ShapeFn};

/// The facts of an op.
#[derive(Clone, Copy)]
pub(crate) struct OpFacts {
    pub(crate) name: &'static str,
    shape: Rule,
    evaluation: Evaluation,
    folding: Option<Folding>,
    listed: Option<ListedFn>,
    listed_late: bool,
    handle: Option<HandleFn>,
    kernel: Option<Kernel>,
    /// Whether values pass it into the branches of a conditional or out of them.
    pub(crate) flow: Option<Flow>,
    /// Calls the function that its attribute `f` names.
    pub(super) calls_function: bool,
    /// Older programs wrote another shape, which is ignored where it does not fit.
    pub(super) had_another_shape: bool,
}

/// When TensorFlow evaluates an op for a shape function that asks for its value.
#[derive(Clone, Copy)]
enum Evaluation {
    /// Where its inputs are constant, if it has any and keeps no state.
    OfInputs,
    /// Always: its value is an attribute.
    Constant,
    /// Where the shape of its input is one of these, and where its input is constant.
    OfShape(fn(&Shape) -> bool),
    /// Where its input is constant, if it is the very tensor that is asked for.
    Entered,
    Never,
}

/// The part of an op where values pass it into the branches of a conditional or out of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Hands the value on to the branch that runs.
    Switch,
    /// Takes the value of the branch that ran.
    Merge,
}

/// A row for an op with this shape function.
const fn op(name: &'static str, shape: ShapeFn) -> OpFacts {
    ruled(name, Rule::Own(shape))
}

/// A row for an op where the tensors of the first args have the given ranks, and that tells its outputs.
const fn ranked(name: &'static str, ranks: &'static [i8], outputs: Outputs) -> OpFacts {
    ruled(name, Rule::Ranked(ranks, outputs))
}

const fn ruled(name: &'static str, shape: Rule) -> OpFacts {
    OpFacts {
        name,
        shape,
        evaluation: Evaluation::OfInputs,
        folding: None,
        listed: None,
        listed_late: false,
        handle: None,
        kernel: None,
        flow: None,
        calls_function: false,
        had_another_shape: false,
    }
}

impl OpFacts {
    const fn evaluation(self, evaluation: Evaluation) -> Self {
        assert!(matches!(self.evaluation, Evaluation::OfInputs));
        Self { evaluation, ..self }
    }

    const fn folding(self, folding: Folding) -> Self {
        assert!(self.folding.is_none());
        let folding = Some(folding);
        Self { folding, ..self }
    }

    /// Has an output that lists dimensions, as far as they are known.
    const fn listed(self, listed: ListedFn) -> Self {
        assert!(self.listed.is_none());
        let listed = Some(listed);
        Self { listed, ..self }
    }

    /// Lists dimensions that are worked out only where they are asked for.
    const fn listed_late(self, listed: ListedFn) -> Self {
        let listed_late = true;
        Self {
            listed_late,
            ..self.listed(listed)
        }
    }

    /// The shapes and dtypes behind the outputs that are handles.
    const fn handle(self, handle: HandleFn) -> Self {
        assert!(self.handle.is_none());
        let handle = Some(handle);
        Self { handle, ..self }
    }

    const fn computed(self, kernel: Kernel) -> Self {
        assert!(self.kernel.is_none());
        let kernel = Some(kernel);
        Self { kernel, ..self }
    }

    /// Computes initial values.
    const fn kernel(self, kernel: fn(&mut kernel::Call<'_>) -> Computed) -> Self {
        self.computed(Kernel::Own(kernel))
    }

    /// Moves elements: the kernel of initial values gives those that are worked out while a graph is built as well.
    const fn moves(self, kernel: fn(&mut kernel::Call<'_>) -> Computed) -> Self {
        self.kernel(kernel).folding(Folding::Kernel(kernel))
    }

    const fn unary(self, unary: Unary) -> Self {
        self.computed(Kernel::Unary(unary))
            .folding(Folding::Unary(unary))
    }

    const fn binary(self, binary: Binary) -> Self {
        self.computed(Kernel::Binary(binary))
            .folding(Folding::Binary(binary))
    }

    const fn comparison(self, comparison: Comparison) -> Self {
        self.computed(Kernel::Comparison(comparison))
            .folding(Folding::Comparison(comparison))
    }

    const fn reduction(self, reduction: Reduction) -> Self {
        self.computed(Kernel::Reduction(reduction))
            .folding(Folding::Reduction(reduction))
    }

    /// Has a value of one output, worked out from those of its inputs.
    const fn value(self, fold: fn(&Inference<'_>, &[Small]) -> Option<Small>) -> Self {
        self.folding(Folding::One(fold))
    }

    /// Has values of all its outputs, worked out from those of its inputs.
    const fn values(self, fold: fn(&Inference<'_>, &[Small]) -> Option<Vec<Small>>) -> Self {
        self.folding(Folding::All(fold))
    }

    /// Has a value that its attributes hold.
    const fn constant(self, value: fn(&Node) -> Option<TensorValue>) -> Self {
        self.evaluation(Evaluation::Constant)
            .folding(Folding::Constant(value))
    }

    /// Has a value that follows from a shape of which this is known.
    const fn follows_from(self, known: fn(&Shape) -> bool) -> Self {
        self.evaluation(Evaluation::OfShape(known))
    }

    const fn asks_for_value(self) -> Self {
        self.computed(Kernel::HasValue)
    }

    const fn reads_variable(self) -> Self {
        self.computed(Kernel::Variable)
    }

    const fn flow(self, flow: Flow) -> Self {
        let flow = Some(flow);
        Self { flow, ..self }
    }

    const fn calls_function(self) -> Self {
        let calls_function = true;
        Self {
            calls_function,
            ..self
        }
    }

    const fn had_another_shape(self) -> Self {
        let had_another_shape = true;
        Self {
            had_another_shape,
            ..self
        }
    }

    /// Whether the node's attribute `value` holds the value.
    fn is_constant(&self) -> bool {
        matches!(self.evaluation, Evaluation::Constant)
    }

    /// Whether the op yields the value of a variable, which the session has.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.kernel, Some(Kernel::Variable))
    }

    /// Whether the op tells if a variable has a value.
    pub(crate) fn is_question(&self) -> bool {
        matches!(self.kernel, Some(Kernel::HasValue))
    }
}

/// The facts of functions, which their bodies tell.
static OF_FUNCTIONS: OpFacts = op("", shape_fn::unknown);

static FACTS: LazyLock<ByOp<&OpFacts>> = LazyLock::new(|| {
    let rows = shape_fn::TABLES.iter().copied().flatten();
    ByOp::new(rows.map(|facts| (facts.name, facts)))
});

/// The facts of an op.
pub(crate) fn of(op: &OpDef) -> &'static OpFacts {
    FACTS.get(op).copied().unwrap_or(&OF_FUNCTIONS)
}

#[cfg(test)]
mod tests {
    use super::super::op_def;
    use super::*;

    #[test]
    fn every_op_has_one_row_in_order() {
        let mut rows = 0;
        for table in shape_fn::TABLES {
            rows += table.len();
            let names = table.iter().map(|facts| facts.name);
            for (before, after) in names.clone().zip(names.skip(1)) {
                assert!(before < after, "{before} stands before {after}");
            }
            for facts in *table {
                let op = op_def::lookup(facts.name);
                let op = op.unwrap_or_else(|| panic!("TensorFlow has no op {}", facts.name));
                assert!(std::ptr::eq(of(op), facts), "{} has two rows", facts.name);
            }
        }
        assert_eq!(rows, op_def::names().len(), "an op has no row");
    }
}
