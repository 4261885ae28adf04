//! Shapes of arrays of tensors and lists of tensors.

use super::Outputs::{Fixed, Of};
use super::{
    ANY, HANDLE, Inference, Inferred, agree, at_least_rank, fixed, known, merge_dims, merged, one,
    one_merged, ranks_are, scalar, shape_attr, two, vector,
};
use crate::graph::facts::{OpFacts, op, ranked};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[
    op("EmptyTensorList", |i| list_of(i, &Shape::unknown(), 0)).handle(known::handle::list),
    ranked("TensorArrayCloseV3", &[HANDLE], Fixed(&[])),
    ranked("TensorArrayConcatV2", &[HANDLE, 0], Of(array_concat)),
    ranked("TensorArrayConcatV3", &[HANDLE, 0], Of(array_concat)),
    ranked("TensorArrayGatherV3", &[HANDLE, 1, 0], Of(array_gather)),
    ranked("TensorArrayGradV3", &[HANDLE], Fixed(&[&[2], &[]])).handle(known::handle::first),
    ranked("TensorArrayGradWithShape", &[HANDLE], Fixed(&[&[2], &[]]))
        .handle(known::handle::array_with_rows),
    ranked("TensorArrayReadV3", &[HANDLE, 0, 0], Of(array_read)),
    op("TensorArrayScatterV3", array_scatter),
    ranked("TensorArraySizeV3", &[HANDLE], Fixed(&[&[]])),
    ranked("TensorArraySplitV3", &[HANDLE, ANY, 1, 0], Fixed(&[&[]])),
    ranked("TensorArrayV3", &[0], Fixed(&[&[2], &[]])).handle(known::handle::array),
    op("TensorArrayWriteV3", array_write),
    op("TensorListConcat", |i| {
        list_concat(i, &shape_attr(i, "element_shape"))
    }),
    op("TensorListConcatLists", |i| {
        agree(&i.shape_behind(0), &i.shape_behind(1))?;
        one_merged(i.input(0), i.input(1))
    })
    .handle(known::handle::joined_lists),
    op("TensorListConcatV2", |i| {
        list_concat(i, &i.dims_from_scalar_or_input(1)?)
    }),
    op("TensorListElementShape", list_element_shape),
    op("TensorListFromTensor", |i| {
        list_of(i, &i.input(0).without_first(1), 1)
    })
    .handle(known::handle::list_of_rows),
    op("TensorListGather", |i| list_rows(i, i.input(1).clone(), 2)),
    op("TensorListGetItem", |i| list_rows(i, Shape::scalar(), 2)),
    op("TensorListLength", scalar),
    // What else is given of the element's shape is not looked at.
    op("TensorListPopBack", |i| {
        two(Shape::scalar(), i.shape_behind(0))
    })
    .handle(known::handle::list_like),
    op("TensorListPushBack", scalar).handle(known::handle::list_like),
    op("TensorListPushBackBatch", push_back_batch).handle(known::handle::list_like),
    op("TensorListReserve", |i| list_of(i, &Shape::unknown(), 0)).handle(known::handle::list),
    ranked("TensorListResize", &[ANY, 0], Fixed(&[&[]])).handle(known::handle::first),
    op("TensorListScatter", |i| list_of(i, &Shape::unknown(), 2))
        .handle(known::handle::list_of_slices),
    op("TensorListScatterIntoExistingList", |i| {
        i.at_least_rank(1, 1, "the tensor")?;
        fixed(i, &[ANY, ANY, 1], &[&[]])
    })
    .handle(known::handle::first),
    op("TensorListScatterV2", |i| list_of(i, &Shape::unknown(), 2))
        .handle(known::handle::list_of_slices),
    op("TensorListSetItem", |i| {
        agree(&i.shape_behind(0), i.input(2))?;
        scalar(i)
    })
    .handle(known::handle::list_like),
    op("TensorListSplit", |i| {
        i.at_least_rank(0, 1, "the tensor")?;
        ranks_are(i, &[ANY, ANY, 1])?;
        // The elements are parts of the tensor, of other lengths.
        list_of(i, &i.input(0).with_dim(0, None), 1)
    })
    .handle(known::handle::list_of_rows),
    op("TensorListStack", |i| list_rows(i, vector(None), 1)),
];

fn array_read(i: &Inference<'_>) -> Inferred {
    one(i.shape_behind(0))
}

fn array_write(i: &Inference<'_>) -> Inferred {
    agree(&i.shape_behind(0), i.input(2))?;
    fixed(i, &[HANDLE, 0, ANY, 0], &[&[]])
}

fn array_gather(i: &Inference<'_>) -> Inferred {
    let element = match i.handle(0) {
        [] => shape_attr(i, "element_shape"),
        [(shape, _), ..] => shape.clone(),
    };
    one(i.input(1).joined(&element))
}

fn array_scatter(i: &Inference<'_>) -> Inferred {
    let value = i.input(2);
    at_least_rank(value, 1, "the value")?;
    let rows = value.dim(0);
    merge_dims(i.vector_len(1)?, rows, "the numbers of indices and of rows")?;
    agree(&i.shape_behind(0), &value.without_first(1))?;
    fixed(i, &[HANDLE, 1, ANY, 0], &[&[]])
}

/// Nothing is known of the elements, joined along their first dimension.
fn array_concat(_: &Inference<'_>) -> Inferred {
    two(Shape::unknown(), vector(None))
}

/// A list whose elements' shape is given by an input and fits what else is known of it.
fn list_of(i: &Inference<'_>, element: &Shape, element_shape: usize) -> Inferred {
    agree(element, &i.dims_from_scalar_or_input(element_shape)?)?;
    scalar(i)
}

/// Elements of a list behind the dimensions `rows`; an input holds what else is known of their shape.
fn list_rows(i: &Inference<'_>, rows: Shape, element_shape: usize) -> Inferred {
    let given = i.dims_from_scalar_or_input(element_shape)?;
    let element = merged(&i.shape_behind(0), &given)?;
    let rows = match i.node.int_attr("num_elements") {
        Some(count) => vector(usize::try_from(count).ok()),
        None => rows,
    };
    one(rows.joined(&element))
}

/// One list for each row of the tensor.
fn push_back_batch(i: &Inference<'_>) -> Inferred {
    let (lists, tensor) = (i.vector_len(0)?, i.input(1));
    at_least_rank(tensor, 1, "the tensor")?;
    let rows = tensor.dim(0);
    let rows = merge_dims(lists, rows, "the numbers of lists and of rows")?;
    one(vector(rows))
}

fn list_element_shape(i: &Inference<'_>) -> Inferred {
    one(vector(i.shape_behind(0).rank()))
}

/// The elements are joined along their first dimension.
fn list_concat(i: &Inference<'_>, given: &Shape) -> Inferred {
    let element = merged(&i.shape_behind(0), given)?;
    let rest = element.without_first(1);
    Ok(vec![vector(None).joined(&rest), vector(None)])
}
