//! Shapes of control flow and of calls of functions.

use super::{
    Inference, Inferred, all_unchanged, declared, known, no_outputs, one, one_unknown, refuse, two,
    unchanged, unknown,
};
use crate::graph::facts::{Evaluation, Flow, Folding, OpFacts, kernel, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("Abort", no_outputs),
    op("Case", if_),
    op("ControlTrigger", no_outputs),
    op("Enter", enter)
        .folding(Folding::Kernel(kernel::fill::hand_on))
        .evaluation(Evaluation::Entered)
        .handle(known::handle::first),
    op("Exit", unchanged)
        .evaluation(Evaluation::Never)
        .handle(known::handle::first),
    op("FakeParam", declared),
    op("For", unknown),
    op("If", if_),
    op("LoopCond", loop_cond),
    op("Merge", merge)
        .evaluation(Evaluation::Never)
        .flow(Flow::Merge),
    op("NextIteration", unchanged).handle(known::handle::first),
    op("NoOp", no_outputs),
    op("PartitionedCall", unknown).calls_function(),
    op("RefEnter", unchanged)
        .evaluation(Evaluation::Entered)
        .handle(known::handle::first)
        .had_another_shape(),
    op("RefExit", unchanged)
        .evaluation(Evaluation::Never)
        .handle(known::handle::first),
    op("RefMerge", merge)
        .evaluation(Evaluation::Never)
        .flow(Flow::Merge)
        .had_another_shape(),
    op("RefNextIteration", unchanged)
        .handle(known::handle::first)
        .had_another_shape(),
    op("RefSelect", ref_select),
    op("RefSwitch", switch)
        .flow(Flow::Switch)
        .handle(known::handle::first)
        .had_another_shape(),
    op("StatefulPartitionedCall", unknown).calls_function(),
    op("StatelessIf", if_),
    op("StatelessWhile", while_),
    op("Switch", switch)
        .folding(Folding::Outputs(known::compute::switch))
        .flow(Flow::Switch)
        .handle(known::handle::first),
    op("SymbolicGradient", symbolic_gradient),
    op("While", while_),
    op("_If", unknown),
    op("_SwitchN", switch).folding(Folding::Outputs(known::compute::switch_n)),
    op("_While", all_unchanged),
];

fn switch(i: &Inference<'_>) -> Inferred {
    i.dims(1, 0, "what chooses the output")?;
    i.all_outputs(i.input(0).clone())
}

/// Keeps the dimensions that the inputs agree on; the others are unknown.
///
/// In a loop, the input that comes from `NextIteration` is set after the node is made, and TensorFlow infers the shape
/// when it has only the other: one input of unknown shape makes the result unknown. That other one is the result of an
/// `Enter`, which is unknown too unless it is constant, so nothing is lost.
fn merge(i: &Inference<'_>) -> Inferred {
    // Until its back edge is set, the node has fewer inputs than the op's attribute says.
    let complete = i
        .node
        .int_attr("N")
        .is_none_or(|n| n == i.node.inputs.len() as i64);
    let shape = match complete {
        true => in_common(&mut i.inputs()),
        false => Shape::unknown(),
    };
    two(shape, Shape::scalar())
}

/// The common part of shapes: dimensions that differ are unknown, and all of them if ranks differ.
pub(in crate::graph) fn in_common(shapes: &mut dyn Iterator<Item = &Shape>) -> Shape {
    let mut out = shapes.next().cloned().unwrap_or_default();
    for shape in shapes {
        match (out.dims_mut(), shape.dims()) {
            (Some(out), Some(dims)) if dims.len() == out.len() => {
                for (out, dim) in out.iter_mut().zip(dims) {
                    if *out != *dim {
                        *out = None;
                    }
                }
            }
            _ => return Shape::unknown(),
        }
    }
    out
}

/// Only what a loop does not change keeps its shape.
fn enter(i: &Inference<'_>) -> Inferred {
    if i.node.bool_attr("is_constant") == Some(true) {
        return unchanged(i);
    }
    one_unknown()
}

fn loop_cond(i: &Inference<'_>) -> Inferred {
    i.dims(0, 0, "the condition")?;
    one(Shape::scalar())
}

fn ref_select(i: &Inference<'_>) -> Inferred {
    i.dims(0, 0, "the index")?;
    let Some(first) = i.inputs().nth(1) else {
        return one_unknown();
    };
    for value in i.inputs().skip(1) {
        if !first.is_static() || value != first {
            return one_unknown();
        }
    }
    one(first.clone())
}

/// The shapes of the outputs that an attribute lists, if it does.
fn listed_shapes(i: &Inference<'_>) -> Inferred<Option<Vec<Shape>>> {
    let (listed, expected) = (i.shapes("output_shapes"), i.node.outputs.len());
    match listed.len() {
        0 => Ok(None),
        found if found == expected => Ok(Some(listed)),
        found => refuse(format_args!(
            "expected {expected} output shapes, found {found}"
        )),
    }
}

fn if_(i: &Inference<'_>) -> Inferred {
    listed_shapes(i)?.map_or_else(|| unknown(i), Ok)
}

fn while_(i: &Inference<'_>) -> Inferred {
    listed_shapes(i)?.map_or_else(|| all_unchanged(i), Ok)
}

/// Each gradient is like an input, or what is behind it; those of the last inputs may be left out.
fn symbolic_gradient(i: &Inference<'_>) -> Inferred {
    let (inputs, outputs) = (i.node.inputs.len(), i.node.outputs.len());
    if inputs < outputs {
        return refuse(format_args!(
            "expected at least {outputs} inputs, found {inputs}"
        ));
    }
    let mut shapes = i.inputs_at(0..outputs);
    for (index, shape) in shapes.iter_mut().enumerate() {
        if let [(behind, _), ..] = i.handle(index) {
            *shape = behind.clone();
        }
    }
    Ok(shapes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dimensions_that_are_equal_are_in_common() {
        let entered = Shape::from([2, 3]);
        let other = Shape::from([2, 4]);
        assert_eq!(
            in_common(&mut [&entered, &other].into_iter()),
            Shape::from((2, None))
        );
        let unknown = Shape::unknown();
        assert_eq!(in_common(&mut [&entered, &unknown].into_iter()), unknown);
    }
}
