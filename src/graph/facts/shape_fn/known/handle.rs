//! The shapes and dtypes behind outputs that are handles: of variables, tables and lists.

use crate::dtype::DType;
use crate::graph::attr::shape_from_proto;
use crate::graph::facts::shape_fn::control::in_common;
use crate::graph::facts::shape_fn::{Inference, shape_attr};
use crate::shape::Shape;

type Handle = Vec<(Shape, DType)>;

fn dtype(i: &Inference<'_>, name: &str) -> DType {
    i.node.type_attr(name).unwrap_or(DType::Variant)
}

/// The first input, handed on.
pub(crate) fn first(i: &Inference<'_>, _: usize) -> Handle {
    i.handle(0).to_vec()
}

/// The second input, handed on.
pub(crate) fn second(i: &Inference<'_>, _: usize) -> Handle {
    i.handle(1).to_vec()
}

pub(crate) fn variable(i: &Inference<'_>, _: usize) -> Handle {
    vec![(shape_attr(i, "shape"), dtype(i, "dtype"))]
}

pub(crate) fn variables(i: &Inference<'_>, index: usize) -> Handle {
    let shapes = i.list("shapes").and_then(|list| list.shape.get(index));
    let types = i.list("dtypes").and_then(|list| list.r#type.get(index));
    let dtype = types.and_then(|&number| DType::from_number(number));
    let variable = shapes.map(shape_from_proto).zip(dtype);
    variable.into_iter().collect()
}

pub(crate) fn array(i: &Inference<'_>, _: usize) -> Handle {
    let element = shape_attr(i, "element_shape");
    let same = i.node.bool_attr("identical_element_shapes") == Some(true);
    if same || element.is_static() {
        vec![(element, dtype(i, "dtype"))]
    } else {
        Vec::new()
    }
}

pub(crate) fn array_with_rows(i: &Inference<'_>, _: usize) -> Handle {
    // Of the dimensions in front, only the number is looked at.
    let rows = match i.input(2).dims() {
        Some([Some(rank)]) => Shape::unknown_of_rank(*rank),
        _ => Shape::unknown(),
    };
    let mut elements = i.handle(0).to_vec();
    for (shape, _) in &mut elements {
        *shape = rows.joined(shape);
    }
    elements
}

/// The shapes of a table's keys and values, with their dtypes.
fn keys_and_values(i: &Inference<'_>, keys: Shape, values: Shape) -> Handle {
    vec![
        (keys, dtype(i, "key_dtype")),
        (values, dtype(i, "value_dtype")),
    ]
}

pub(crate) fn table(i: &Inference<'_>, _: usize) -> Handle {
    keys_and_values(i, Shape::scalar(), Shape::scalar())
}

pub(crate) fn table_of_tensors(i: &Inference<'_>, _: usize) -> Handle {
    keys_and_values(i, Shape::scalar(), shape_attr(i, "value_shape"))
}

pub(crate) fn dense_table(i: &Inference<'_>, _: usize) -> Handle {
    keys_and_values(i, i.input(0).clone(), shape_attr(i, "value_shape"))
}

/// A list of elements of this shape.
fn list_of(i: &Inference<'_>, element: Shape) -> Handle {
    vec![(element, dtype(i, "element_dtype"))]
}

/// A list of elements of the shape that an input tells.
fn list_from_input(i: &Inference<'_>, index: usize) -> Handle {
    list_of(i, i.dims_from_scalar_or_input(index).unwrap_or_default())
}

pub(crate) fn list(i: &Inference<'_>, _: usize) -> Handle {
    list_from_input(i, 0)
}

pub(crate) fn list_of_rows(i: &Inference<'_>, _: usize) -> Handle {
    // What the tensor itself tells is not kept.
    list_from_input(i, 1)
}

pub(crate) fn list_of_slices(i: &Inference<'_>, _: usize) -> Handle {
    list_from_input(i, 2)
}

/// A list of elements like those of the first input.
pub(crate) fn list_like(i: &Inference<'_>, index: usize) -> Handle {
    match index {
        0 => list_of(i, i.shape_behind(0)),
        _ => Vec::new(),
    }
}

pub(crate) fn joined_lists(i: &Inference<'_>, _: usize) -> Handle {
    let merged = i.shape_behind(0).merge(&i.shape_behind(1));
    list_of(i, merged.unwrap_or_default())
}

/// The shapes and dtypes that the known handles of a vector have in common.
pub(crate) fn packed(i: &Inference<'_>, _: usize) -> Handle {
    let mut known: Handle = Vec::new();
    for index in 0..i.node.inputs.len() {
        known.extend(i.handle(index).first().cloned());
    }
    let Some(&(_, dtype)) = known.first() else {
        return known;
    };
    let shape = in_common(&mut known.iter().map(|(shape, _)| shape));
    vec![(shape, dtype)]
}

pub(crate) fn chosen(i: &Inference<'_>, _: usize) -> Handle {
    match (i.handle(1), i.handle(2)) {
        ([(a, dtype)], [(b, _)]) => vec![(a.merge(b).unwrap_or_default(), *dtype)],
        _ => Vec::new(),
    }
}

pub(crate) fn sliced(i: &Inference<'_>, _: usize) -> Handle {
    match i.integers(3) {
        Some(_) => i.handle(0).to_vec(),
        None => Vec::new(),
    }
}

pub(crate) fn replicated(i: &Inference<'_>, _: usize) -> Handle {
    for index in (0..i.node.inputs.len()).rev() {
        if !i.handle(index).is_empty() {
            return i.handle(index).to_vec();
        }
    }
    Vec::new()
}
