//! Faults of functions of ragged tensors.

use tfhub::control_flow::RaggedRow;
use tfhub::dtype::{ByteString, TensorType};
use tfhub::error::Rule;
use tfhub::ops::array::{Ellipsis, NewAxis, OneHotOptions};
use tfhub::ops::ragged::{self, RaggedTensor};
use tfhub::ops::string::{self, NgramsOptions, ReduceJoinOptions};
use tfhub::ops::{Axes, math};
use tfhub::{DType, GraphBuilder};

use super::{Case, case, signed};

/// A ragged tensor of scalars, in a graph that breaks no other rule.
fn rows<T: TensorType>(g: &GraphBuilder, ragged_rank: usize) -> RaggedTensor<'_, T> {
    signed(g);
    g.ragged_placeholder(ragged_rank, ())
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = parts();
    cases.extend(places());
    cases.extend(strings());
    cases.extend(elementwise());
    cases.extend(maps());
    cases
}

fn parts() -> Vec<Case> {
    vec![
        case(
            Rule::Shape,
            "one position of each row of a ragged dimension, which rows may be too short for",
            |g| {
                rows::<f32>(g, 1).slice((.., 0));
            },
        ),
        case(
            Rule::Shape,
            "an ellipsis where the rank is not known",
            |g| {
                signed(g);
                g.ragged_placeholder::<f32>(1, None).slice((Ellipsis, 0));
            },
        ),
        case(
            Rule::Shape,
            "3 items beside an ellipsis for 2 dimensions",
            |g| {
                rows::<f32>(g, 1).slice((Ellipsis, .., .., ..));
            },
        ),
        case(
            Rule::Shape,
            "a new dimension before an index that leaves no ragged one",
            |g| {
                rows::<f32>(g, 1).slice((NewAxis, 0));
            },
        ),
        case(
            Rule::Shape,
            "Const \"Const\": an index must be a scalar, its shape is [2]",
            |g| {
                let at = g.constant([0, 1]);
                rows::<f32>(g, 1).slice(at);
            },
        ),
    ]
}

fn places() -> Vec<Case> {
    vec![
        case(
            Rule::Shape,
            "the last dimension of the indices must not be ragged",
            |g| {
                let x = rows::<f32>(g, 2);
                ragged::gather_nd(&x, g.ragged_placeholder::<i32>(1, ()));
            },
        ),
        case(
            Rule::Shape,
            "the size of the last dimension of the indices must be known",
            |g| {
                let x = rows::<f32>(g, 2);
                ragged::gather_nd(&x, g.placeholder::<i32>((None, None)));
            },
        ),
        case(
            Rule::Shape,
            "expected indices with at least one dimension, found a scalar",
            |g| {
                ragged::gather_nd(rows::<f32>(g, 2), g.value(0));
            },
        ),
        case(
            Rule::Inputs,
            "expected the axes to be squeezed of a ragged tensor, found none",
            |g| {
                ragged::squeeze(&rows::<f32>(g, 1), ());
            },
        ),
        case(Rule::Inputs, "squeezed dimensions cannot be kept", |g| {
            ragged::squeeze(&rows::<f32>(g, 1), Axes::from(1).keep_dims());
        }),
        case(Rule::Shape, "axis 2 of a tensor of rank 2", |g| {
            ragged::squeeze(&rows::<f32>(g, 1), 2);
        }),
        case(
            Rule::Shape,
            "axis 0 of indices of 1 ragged dimensions",
            |g| {
                let options = OneHotOptions::default().axis(0);
                ragged::one_hot::<f32, _>(&rows::<i32>(g, 1), 5, options);
            },
        ),
        case(
            Rule::Shape,
            "expected three ragged tensors, or a vector for the condition",
            |g| {
                let x = rows::<f32>(g, 1);
                ragged::select(g.ragged_placeholder(1, ()), &x, g.value(0.0));
            },
        ),
        case(
            Rule::Shape,
            "condition: expected a vector or a ragged tensor, found shape []",
            |g| {
                let x = rows::<f32>(g, 1);
                ragged::select(g.value(true), &x, &x);
            },
        ),
        case(
            Rule::Inputs,
            "expected a ragged tensor among the arguments, found none",
            |g| {
                ragged::dynamic_partition(signed(g), g.value([0, 1]), 2);
            },
        ),
        case(
            Rule::Shape,
            "the rank of the partitions must be known",
            |g| {
                let x = rows::<f32>(g, 1);
                ragged::stack_dynamic_partitions(&x, g.placeholder::<i32>(None), 2);
            },
        ),
        case(
            Rule::Shape,
            "num_partitions: expected a scalar, found shape [2]",
            |g| {
                let (x, count) = (rows::<f32>(g, 1), g.constant([1, 2]));
                ragged::stack_dynamic_partitions(&x, g.placeholder::<i32>((None,)), count);
            },
        ),
    ]
}

fn strings() -> Vec<Case> {
    vec![
        case(
            Rule::Inputs,
            "reduced dimensions of a ragged tensor cannot be kept",
            |g| {
                let options = ReduceJoinOptions::default().axis(Axes::from(1).keep_dims());
                string::reduce_join_ragged(&rows::<ByteString>(g, 1), options);
            },
        ),
        case(
            Rule::Value,
            "expected ngrams of at least 1 string, found 0",
            |g| {
                string::ngrams(rows::<ByteString>(g, 1), [2, 0], ());
            },
        ),
        case(
            Rule::Value,
            "padding_width: expected pad values, found none",
            |g| {
                let options = NgramsOptions::default().padding_width(1);
                string::ngrams(rows::<ByteString>(g, 1), [2], options);
            },
        ),
        case(
            Rule::Value,
            "padding_width: expected at least 1, found 0",
            |g| {
                let options = NgramsOptions::default().pad_values(("<", ">"));
                string::ngrams(rows::<ByteString>(g, 1), [2], options.padding_width(0));
            },
        ),
        case(
            Rule::Shape,
            "expected strings in rows, found a scalar",
            |g| {
                signed(g);
                string::ngrams(g.value("a b"), [2], ());
            },
        ),
        case(Rule::Shape, "the rank of the strings must be known", |g| {
            signed(g);
            string::ngrams(g.placeholder::<ByteString>(None), [2], ());
        }),
    ]
}

fn elementwise() -> Vec<Case> {
    vec![
        case(
            Rule::Inputs,
            "expected a ragged tensor among the arguments, found none",
            |g| {
                let x = signed(g);
                ragged::binary_elementwise(x, x, |x, y| math::maximum(x, y));
            },
        ),
        case(
            Rule::Inputs,
            "expected row splits of one dtype, found int64 and int32",
            |g| {
                let x = rows::<f32>(g, 1);
                let _ = &x + x.with_row_splits_dtype(DType::Int32);
            },
        ),
        case(
            Rule::Shape,
            "expected tensors of known ranks, found shapes [?, ?] and <unknown>",
            |g| {
                let _ = rows::<f32>(g, 1) * g.placeholder::<f32>(None);
            },
        ),
    ]
}

fn maps() -> Vec<Case> {
    vec![
        case(
            Rule::Structure,
            "element 0 is a scalar, expected a tensor with rows",
            |g| {
                let x = rows::<f32>(g, 1);
                g.ragged_map_fn((g.constant(1.0f32), x), |(x, _)| x, ());
            },
        ),
        case(
            Rule::Structure,
            "there are no elements, expected one tensor at least",
            |g| {
                let x = signed(g);
                g.ragged_map_fn(Vec::<RaggedTensor<'_, f32>>::new(), |_| x, ());
            },
        ),
        case(
            Rule::Inputs,
            "expected row splits of one dtype, found int64 and int32",
            |g| {
                let x = rows::<f32>(g, 1);
                let y = x.with_row_splits_dtype(DType::Int32);
                g.ragged_map_fn([x, y], |[x, _]| x.tensor(), ());
            },
        ),
        case(
            Rule::Structure,
            "expected a row of 1 ragged dimensions with row splits of int64, found one of 2 with int64",
            |g| {
                g.ragged_map_fn(rows::<f32>(g, 2), RaggedRow::<_, 1>::from, ());
            },
        ),
        case(
            Rule::Structure,
            "expected a row of 2 ragged dimensions with row splits of int32, found one of 2 with int64",
            |g| {
                g.ragged_map_fn(rows::<f32>(g, 2), RaggedRow::<_, 2, i32>::from, ());
            },
        ),
    ]
}
