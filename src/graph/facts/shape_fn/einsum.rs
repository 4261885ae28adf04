//! Shapes of Einstein summations.

use super::dims::broadcast_shapes;
use super::{
    Dim, Inference, Inferred, at_least_rank, merge_dims, one, one_unknown, refuse, tensor,
    with_rank,
};
use crate::graph::facts::{OpFacts, op};
use crate::shape::Shape;

pub(super) const TABLE: &[OpFacts] = &[op("Einsum", einsum)];

/// The labels of a term before and, where it has one, after its ellipsis.
struct Term<'a> {
    first: &'a [u8],
    last: Option<&'a [u8]>,
}

impl<'a> Term<'a> {
    fn parse(labels: &'a str) -> Inferred<Self> {
        let (first, last) = match labels.split_once("...") {
            Some((first, last)) => (first, Some(last)),
            None => (labels, None),
        };
        if first.contains('.') || last.is_some_and(|last| last.contains('.')) {
            return refuse(format_args!(
                "a term can have one ellipsis and no other dots, found \"{labels}\""
            ));
        }
        Ok(Term {
            first: first.as_bytes(),
            last: last.map(str::as_bytes),
        })
    }

    /// Notes the dimension of each label and returns the shape that the ellipsis stands for.
    fn read(&self, shape: &Shape, dims: &mut Labels) -> Inferred<Shape> {
        let last = self.last.unwrap_or_default();
        let named = self.first.len() + last.len();
        match self.last {
            Some(_) => at_least_rank(shape, named, "an input")?,
            None => with_rank(shape, named, "an input").map(drop)?,
        }
        let Some(found) = shape.dims() else {
            note(self.first, &[], dims)?;
            note(last, &[], dims)?;
            return Ok(self.last.map_or(Shape::scalar(), |_| Shape::unknown()));
        };
        let end = found.len() - last.len();
        note(self.first, found, dims)?;
        note(last, &found[end..], dims)?;
        Ok(tensor(&found[self.first.len()..end]))
    }
}

/// The dimensions of labels, of which each letter has one.
type Labels = [Option<Dim>; 256];

/// Notes the dimensions of labels, as far as they are found.
fn note(labels: &[u8], found: &[Dim], dims: &mut Labels) -> Inferred<()> {
    for (at, &label) in labels.iter().enumerate() {
        let (new, noted) = (found.get(at).copied(), &mut dims[usize::from(label)]);
        let what = format!("dimensions of \"{}\"", char::from(label));
        *noted = Some(merge_dims(new.flatten(), noted.flatten(), &what)?);
    }
    Ok(())
}

fn einsum(i: &Inference<'_>) -> Inferred {
    let equation = i.node.string_attr("equation").unwrap_or_default();
    let sides = std::str::from_utf8(equation).ok();
    let Some((terms, result)) = sides.and_then(|sides| sides.split_once("->")) else {
        let equation = String::from_utf8_lossy(equation);
        return refuse(format_args!(
            "an equation such as \"ab,bc->ac\" is expected, found \"{equation}\""
        ));
    };
    let terms: Vec<&str> = terms.split(',').collect();
    let inputs = i.node.inputs.len();
    if terms.len() != inputs || !matches!(inputs, 1 | 2) {
        return refuse(format_args!(
            "one or two inputs, a term each, are expected, found {inputs} inputs and {} terms",
            terms.len()
        ));
    }
    let mut dims: Labels = [None; 256];
    let mut stretched: Option<Shape> = None;
    for (labels, shape) in terms.into_iter().zip(i.inputs()) {
        let rest = Term::parse(labels)?.read(shape, &mut dims)?;
        stretched = Some(match stretched {
            Some(other) => broadcast_shapes(&other, &rest)?,
            None => rest,
        });
    }
    let stretched = stretched.unwrap_or_default();
    let result = Term::parse(result)?;
    let middle = match (result.last, stretched.dims()) {
        (Some(_), None) => return one_unknown(),
        (Some(_), Some(middle)) => middle,
        (None, None | Some([])) => &[],
        (None, Some(_)) => {
            return refuse(format_args!(
                "without an ellipsis in the result, none may stand for {stretched}"
            ));
        }
    };
    let (first, last) = (result.first, result.last.unwrap_or_default());
    let mut out = Shape::scalar();
    for (labels, stretched) in [(first, middle), (last, &[][..])] {
        for &label in labels {
            let Some(dim) = dims[usize::from(label)] else {
                return refuse(format_args!(
                    "no input has the result's label \"{}\"",
                    char::from(label)
                ));
            };
            out.push(dim);
        }
        out = out.with_suffix(stretched);
    }
    one(out)
}
