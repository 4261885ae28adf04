//! Shapes of Einstein summations.

use std::collections::HashMap;

use super::dims::broadcast_shapes;
use super::{Dim, Inference, Inferred, at_least_rank, merge_dims, with_rank};
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
            return Err(format!(
                "a term can have one ellipsis and no other dots, found \"{labels}\""
            ));
        }
        Ok(Term {
            first: first.as_bytes(),
            last: last.map(str::as_bytes),
        })
    }

    /// Notes the dimension of each label and returns the shape that the ellipsis stands for.
    fn read(&self, shape: &Shape, dims: &mut HashMap<u8, Dim>) -> Inferred<Shape> {
        let last = self.last.unwrap_or_default();
        let named = self.first.len() + last.len();
        match self.last {
            Some(_) => at_least_rank(shape, named, "an input")?,
            None => drop(with_rank(shape, named, "an input")?),
        }
        let mut note = |labels: &[u8], found: &mut dyn Iterator<Item = Dim>| {
            for &label in labels {
                let (new, old) = (found.next().flatten(), dims.get(&label).copied());
                let what = format!("dimensions of \"{}\"", char::from(label));
                dims.insert(label, merge_dims(new, old.flatten(), &what)?);
            }
            Ok::<(), String>(())
        };
        let Some(found) = shape.dims() else {
            note(self.first, &mut std::iter::empty())?;
            note(last, &mut std::iter::empty())?;
            return Ok(self.last.map_or(Shape::scalar(), |_| Shape::unknown()));
        };
        let end = found.len() - last.len();
        note(self.first, &mut found.iter().copied())?;
        note(last, &mut found[end..].iter().copied())?;
        Ok(found[self.first.len()..end].to_vec().into())
    }
}

fn einsum(i: &Inference<'_>) -> Inferred {
    let equation = i.node.string_attr("equation").unwrap_or_default();
    let malformed = || {
        let equation = String::from_utf8_lossy(equation);
        format!("an equation such as \"ab,bc->ac\" is expected, found \"{equation}\"")
    };
    let equation = std::str::from_utf8(equation).map_err(|_| malformed())?;
    let (terms, result) = equation.split_once("->").ok_or_else(malformed)?;
    let terms: Vec<&str> = terms.split(',').collect();
    let inputs = i.node.inputs.len();
    if terms.len() != inputs || !matches!(inputs, 1 | 2) {
        return Err(format!(
            "one or two inputs, a term each, are expected, found {inputs} inputs and {} terms",
            terms.len()
        ));
    }
    let mut dims = HashMap::new();
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
        (Some(_), None) => return Ok(vec![Shape::unknown()]),
        (Some(_), Some(middle)) => middle,
        (None, None | Some([])) => &[],
        (None, Some(_)) => {
            return Err(format!(
                "without an ellipsis in the result, none may stand for {stretched}"
            ));
        }
    };
    let named = |labels: &[u8]| -> Inferred<Vec<Dim>> {
        let one = |label| dims.get(label).copied();
        let all = labels.iter().map(|label| {
            one(label).ok_or_else(|| {
                format!("no input has the result's label \"{}\"", char::from(*label))
            })
        });
        all.collect()
    };
    let (first, last) = (
        named(result.first)?,
        named(result.last.unwrap_or_default())?,
    );
    Ok(vec![[&first[..], middle, &last[..]].concat().into()])
}
