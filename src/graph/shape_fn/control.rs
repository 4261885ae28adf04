//! Shapes of control flow and of calls of functions.

use super::{Inference, Inferred, ShapeFn, merged, no_outputs, unchanged, unknown, with_rank};
use crate::graph::attr::shape_from_proto;
use crate::proto::tensorflow::attr_value::Value;
use crate::shape::Shape;

pub(super) const TABLE: &[(&str, ShapeFn)] = &[
    ("Abort", no_outputs),
    ("ControlTrigger", no_outputs),
    ("Enter", enter),
    ("Exit", unchanged),
    ("LoopCond", loop_cond),
    ("Merge", merge),
    ("NextIteration", unchanged),
    ("NoOp", no_outputs),
    ("RefEnter", unchanged),
    ("RefExit", unchanged),
    ("RefMerge", merge),
    ("RefNextIteration", unchanged),
    ("RefSelect", ref_select),
    ("RefSwitch", switch),
    ("Switch", switch),
    ("If", if_),
    ("StatelessIf", if_),
    ("While", while_),
    ("StatelessWhile", while_),
    ("PartitionedCall", unknown),
    ("StatefulPartitionedCall", unknown),
];

fn switch(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(1), 0, "the predicate")?;
    Ok(vec![i.input(0).clone(); 2])
}

/// What differs between the inputs is unknown.
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
    Ok(vec![merge_shapes(i.inputs(), complete), Shape::scalar()])
}

fn merge_shapes<'a>(mut shapes: impl Iterator<Item = &'a Shape>, complete: bool) -> Shape {
    let first = shapes.next().and_then(Shape::dims).filter(|_| complete);
    let Some(mut out) = first.map(<[_]>::to_vec) else {
        return Shape::unknown();
    };
    for shape in shapes {
        match shape.dims() {
            Some(dims) if dims.len() == out.len() => {
                for (out, dim) in out.iter_mut().zip(dims) {
                    if *out != *dim {
                        *out = None;
                    }
                }
            }
            _ => return Shape::unknown(),
        }
    }
    out.into()
}

/// Only what a loop does not change keeps its shape.
fn enter(i: &Inference<'_>) -> Inferred {
    if i.node.bool_attr("is_constant") == Some(true) {
        return unchanged(i);
    }
    Ok(vec![Shape::unknown()])
}

fn loop_cond(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(0), 0, "the condition")?;
    Ok(vec![Shape::scalar()])
}

fn ref_select(i: &Inference<'_>) -> Inferred {
    with_rank(i.input(0), 0, "the index")?;
    let mut values = i.inputs().skip(1);
    let first = values.next().filter(|first| first.is_static());
    let same = first.filter(|first| values.all(|value| value == *first));
    Ok(vec![same.cloned().unwrap_or_default()])
}

/// The attribute that lists the shapes of the outputs, if it has one for each.
fn listed_shapes(i: &Inference<'_>) -> Option<Vec<Shape>> {
    match i.node.attr_or_default("output_shapes") {
        Some(Value::List(list))
            if list.shape.len() == i.node.outputs.len() && !list.shape.is_empty() =>
        {
            Some(list.shape.iter().map(shape_from_proto).collect())
        }
        _ => None,
    }
}

fn if_(i: &Inference<'_>) -> Inferred {
    listed_shapes(i).map_or_else(|| unknown(i), Ok)
}

fn while_(i: &Inference<'_>) -> Inferred {
    let Some(listed) = listed_shapes(i) else {
        return Ok(i.inputs().cloned().collect());
    };
    for (shape, input) in listed.iter().zip(i.inputs()) {
        merged(shape, input)?;
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_without_its_back_edge_has_an_unknown_shape() {
        let entered = Shape::from([2, 3]);
        assert_eq!(
            merge_shapes([&entered].into_iter(), false),
            Shape::unknown()
        );
        let other = Shape::from([2, 4]);
        let merged = merge_shapes([&entered, &other].into_iter(), true);
        assert_eq!(merged, Shape::from((2, None)));
        let unknown = Shape::unknown();
        assert_eq!(
            merge_shapes([&entered, &unknown].into_iter(), true),
            unknown
        );
    }
}
