//! Einstein's summation convention (`tf.einsum`).

use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operand, Tensor};
use crate::ops::nodes::{Arg, Nodes};
use crate::ops::types::Algebraic;
use crate::sort::{sort, sort_by_key};

/// A product of tensors whose dimensions are named by letters, summed over those that the result does not name
/// (`tf.einsum`): `ij,jk->ik` is a product of matrices.
///
/// `inputs` is a list of tensors or variables, or a tuple of both. An equation that does not fit the tensors is a fault, and so is a letter that one tensor has twice, but for the
/// trace `ii`. The ranks of several tensors must be known.
///
/// ```
/// use tfhub::ops::math;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 2, 3));
/// let y = g.placeholder::<f32>((3, 5));
/// assert_eq!(math::einsum(&g, "bij,jk->bik", [x, y]).shape().to_string(), "[?, 2, 5]");
/// ```
#[track_caller]
pub fn einsum<'g, T: Algebraic>(
    g: &'g GraphBuilder,
    equation: &str,
    inputs: impl Operand<'g, T>,
) -> Tensor<'g, T> {
    let inputs = Arg::items(inputs);
    let _scope = g.open_function_scope("einsum");
    let result = contract(Nodes(g), equation, inputs);
    let result = result.unwrap_or_else(|message| {
        g.report(
            Rule::Shape,
            format_args!("equation \"{equation}\": {message}"),
        );
        AnyTensor::poison(g).into()
    });
    result.convert(g, "x", T::DTYPE).typed()
}

type Labels = Vec<char>;
type Result<T> = std::result::Result<T, String>;

fn contract<'g>(n: Nodes<'g>, equation: &str, inputs: Vec<Arg<'g>>) -> Result<Arg<'g>> {
    let (labels, output) = parse(equation, &inputs)?;
    for of_input in &labels {
        let most = of_input.iter().map(|a| count(of_input, a)).max();
        let palindrome = of_input.iter().eq(of_input.iter().rev());
        let implicit = !equation.contains("->");
        match (most, &inputs[..]) {
            (Some(2), [x]) if palindrome && implicit => return Ok(n.trace(x).into()),
            (Some(2..), _) => {
                let text: String = of_input.iter().collect();
                return Err(format!("\"{text}\" has a dimension twice"));
            }
            _ => {}
        }
    }
    let all = distinct(&labels, &output);
    let shared = |a: &&char| labels.iter().filter(|labels| labels.contains(a)).count() > 2;
    if all.iter().filter(shared).any(|a| !output.contains(a)) {
        return expand(n, inputs, labels, &output);
    }
    let mut terms = inputs.into_iter().zip(labels);
    let (mut product, mut product_labels) = terms.next().ok_or("expected a tensor")?;
    for (x, x_labels) in terms {
        let sides = [(product, product_labels), (x, x_labels)];
        (product, product_labels) = multiply(n, sides, &output)?;
    }
    let missing: Vec<i32> = (0..)
        .zip(&product_labels)
        .filter(|(_, a)| !output.contains(a))
        .map(|(i, _)| i)
        .collect();
    if !missing.is_empty() {
        product = n.reduce("Sum", product, &missing[..]).into();
        product_labels.retain(|a| output.contains(a));
    }
    let sorted = |labels: &Labels| {
        let mut labels = labels.clone();
        sort(&mut labels);
        labels
    };
    if sorted(&product_labels) != sorted(&output) {
        return Err("the result has dimensions that no tensor has".to_owned());
    }
    Ok(transpose(n, product, &positions(&product_labels, &output)))
}

/// The labels that tensors and the result have, each once, sorted.
fn distinct(labels: &[Labels], output: &[char]) -> Labels {
    let mut all = [&labels.concat(), output].concat();
    sort(&mut all);
    all.dedup();
    all
}

fn count(labels: &[char], a: &char) -> usize {
    labels.iter().filter(|b| *b == a).count()
}

/// Where each of some labels is in a list.
fn positions(labels: &[char], wanted: &[char]) -> Vec<i32> {
    let position = |a: &char| labels.iter().position(|b| a == b).unwrap_or(0) as i32;
    wanted.iter().map(position).collect()
}

/// The labels of each tensor and of the result.
fn parse(equation: &str, inputs: &[Arg<'_>]) -> Result<(Vec<Labels>, Labels)> {
    let equation = equation.replace(' ', "");
    let (left, output) = match equation.split_once("->") {
        Some((left, output)) => (left, Some(output)),
        None => (equation.as_str(), None),
    };
    let letters = |text: &str, also: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphabetic() || also.contains(c))
    };
    if left.is_empty() || !letters(left, ",.") || !letters(output.unwrap_or(""), ".") {
        return Err("expected letters, as in \"ij,jk->ik\"".to_owned());
    }
    let mut labels: Vec<String> = left.split(',').map(str::to_owned).collect();
    if labels.len() != inputs.len() {
        let (expected, found) = (labels.len(), inputs.len());
        return Err(format!("expected {expected} tensors, found {found}"));
    }
    let unused: Vec<char> = ('a'..='z')
        .chain('A'..='Z')
        .filter(|c| !left.contains(*c))
        .collect();
    let mut ellipsis = String::new();
    if equation.contains("...") {
        for (labels, x) in labels.iter_mut().zip(inputs) {
            let parts: Vec<&str> = labels.split("...").collect();
            let [before, after] = match parts[..] {
                [_] => continue,
                [before, after] => [before, after],
                _ => return Err("a tensor has \"...\" twice".to_owned()),
            };
            let rank = x.shape().rank();
            let rank = rank.ok_or("the rank of a tensor with \"...\" is not known")?;
            let named = before.len() + after.len();
            let more = rank.checked_sub(named);
            let more =
                more.ok_or_else(|| format!("expected rank {named} or more, found {rank}"))?;
            let start = unused.len().checked_sub(more);
            let start = start.ok_or("there are not enough letters for \"...\"")?;
            let stand_in: String = unused[start..].iter().collect();
            *labels = format!("{before}{stand_in}{after}");
            if stand_in.len() > ellipsis.len() {
                ellipsis = stand_in;
            }
        }
    }
    let output = output.map(|output| output.replace("...", &ellipsis));
    let dots = labels.iter().chain(&output).any(|text| text.contains('.'));
    if dots {
        return Err("expected \".\" only in \"...\"".to_owned());
    }
    let output = output.unwrap_or_else(|| {
        let mut once: Labels = labels.concat().chars().collect();
        sort(&mut once);
        let named = once.clone();
        once.retain(|a| count(&named, a) == 1 && !ellipsis.contains(*a));
        ellipsis.chars().chain(once).collect()
    });
    let labels = labels.iter().map(|text| text.chars().collect()).collect();
    Ok((labels, output.chars().collect()))
}

/// The product of two tensors, summed over what they share and the result lacks.
fn multiply<'g>(
    n: Nodes<'g>,
    sides: [(Arg<'g>, Labels); 2],
    output: &[char],
) -> Result<(Arg<'g>, Labels)> {
    for (x, labels) in &sides {
        let shape = x.shape();
        if shape.rank() != Some(labels.len()) {
            let expected = labels.len();
            return Err(format!("expected rank {expected}, found the shape {shape}"));
        }
    }
    let [left, right] = [&sides[0].1, &sides[1].1];
    let shared = |a: &char| left.contains(a) && right.contains(a);
    let summed = |a: &char| shared(a) && !output.contains(a);
    let kept = |a: &char| shared(a) && output.contains(a);
    let count_of =
        |labels: &Labels, of: &dyn Fn(&char) -> bool| labels.iter().filter(|a| of(a)).count();
    let (kept_count, summed_count) = (count_of(left, &kept), count_of(left, &summed));
    let alone = [left, right].map(|labels| count_of(labels, &|a| !shared(a)));
    let sort = |index: usize, labels: &Labels| {
        let mut sorted = labels.clone();
        sort_by_key(&mut sorted, |a| {
            let place = match (kept(a), summed(a)) {
                (true, _) => 0,
                (_, summed) if summed == (index == 1) => 1,
                _ => 2,
            };
            (place, *a)
        });
        sorted
    };
    let sorted = [sort(0, left), sort(1, right)];
    let order = [left, right].map(Clone::clone);
    let mut args = sides.into_iter().zip(&order).zip(&sorted);
    let mut next = || {
        let ((side, labels), sorted) = args.next()?;
        Some(transpose(n, side.0, &positions(labels, sorted)))
    };
    let (Some(mut a), Some(mut b)) = (next(), next()) else {
        return Err("expected two tensors".to_owned());
    };
    if summed_count == 0 {
        for _ in 0..alone[1] {
            a = n.expand_dims(a, -1).into();
        }
        for _ in 0..alone[0] {
            b = n.expand_dims(b, kept_count as i32).into();
        }
        let product = n.binary("Mul", a, b);
        let labels = [&sorted[0][..], &sorted[1][kept_count..]].concat();
        return Ok((product.into(), labels));
    }
    let a_sizes = sizes(n, &a);
    let (outer, inner) = a_sizes.split_at(a_sizes.len() - summed_count);
    let rows = total(n, &outer[kept_count..]);
    let between = total(n, inner);
    let shape = [&outer[..kept_count], &[rows, between.clone()]].concat();
    a = reshape(n, a, shape);
    let b_sizes = sizes(n, &b);
    let columns = total(n, &b_sizes[kept_count + summed_count..]);
    let shape = [&b_sizes[..kept_count], &[between, columns]].concat();
    b = reshape(n, b, shape);
    let product = n.matmul(a, b);
    let from_left = kept_count + alone[0];
    let b_start = b_sizes.len() - alone[1];
    let shape = [&a_sizes[..from_left], &b_sizes[b_start..]].concat();
    let labels = [&sorted[0][..from_left], &sorted[1][b_start..]].concat();
    Ok((reshape(n, product.into(), shape), labels))
}

/// The sizes of the dimensions; those that are not known come from the graph.
fn sizes<'g>(n: Nodes<'g>, x: &Arg<'g>) -> Vec<Arg<'g>> {
    let shape = x.shape();
    let dims = shape.dims().unwrap_or_default();
    let vector = (!shape.is_static()).then(|| n.shape(x));
    let size = |(i, dim): (i32, &Option<usize>)| match (dim, vector) {
        (None, Some(vector)) => n.at(vector, i).into(),
        (dim, _) => Arg::from(dim.unwrap_or(0) as i32),
    };
    (0..).zip(dims).map(size).collect()
}

fn total<'g>(n: Nodes<'g>, sizes: &[Arg<'g>]) -> Arg<'g> {
    sizes
        .iter()
        .cloned()
        .fold(Arg::from(1), |product, size| match (product, size) {
            (Arg::Number(a), Arg::Number(b)) => Arg::Number(a * b),
            (a, b) => n.mul(a, b).into(),
        })
}

fn transpose<'g>(n: Nodes<'g>, x: Arg<'g>, perm: &[i32]) -> Arg<'g> {
    if perm.iter().copied().eq(0..perm.len() as i32) {
        return x;
    }
    n.transpose(x, perm.to_vec()).into()
}

fn reshape<'g>(n: Nodes<'g>, x: Arg<'g>, sizes: Vec<Arg<'g>>) -> Arg<'g> {
    let shape = x.shape();
    let dims = shape.dims().unwrap_or_default();
    let same = |(size, dim): (&Arg<'_>, &Option<usize>)| match (size, dim) {
        (Arg::Number(size), Some(dim)) => *size == *dim as f64,
        _ => false,
    };
    if sizes.len() == dims.len() && sizes.iter().zip(dims).all(same) {
        return x;
    }
    n.reshape(x, Arg::List(sizes)).into()
}

/// All tensors with all dimensions, multiplied at once and then summed up.
fn expand<'g>(
    n: Nodes<'g>,
    mut inputs: Vec<Arg<'g>>,
    labels: Vec<Labels>,
    output: &[char],
) -> Result<Arg<'g>> {
    let mut order = distinct(&labels, &[]);
    order.retain(|a| !output.contains(a));
    let summed = order.len();
    order.extend(output);
    let mut shapes = Vec::new();
    let mut sizes: Vec<Option<usize>> = vec![None; order.len()];
    for (x, labels) in inputs.iter_mut().zip(&labels) {
        let shape = x.shape();
        let dims = shape.dims().filter(|dims| dims.len() == labels.len());
        let dims = dims.ok_or_else(|| {
            let expected = labels.len();
            format!("expected rank {expected}, found the shape {shape}")
        })?;
        let sorted: Labels = order
            .iter()
            .filter(|a| labels.contains(a))
            .copied()
            .collect();
        for (a, dim) in labels.iter().zip(dims) {
            let Some(size) = dim.filter(|&size| size > 1) else {
                continue;
            };
            let place = order.iter().position(|b| a == b).unwrap_or(0);
            if *sizes[place].get_or_insert(size) != size {
                return Err(format!("sizes of \"{a}\" differ"));
            }
        }
        let size = |a: &char| match labels.iter().position(|b| a == b) {
            Some(position) => match dims[position] {
                None | Some(0) => -1,
                Some(size) => size as i32,
            },
            None => 1,
        };
        shapes.push(order.iter().map(size).collect::<Vec<i32>>());
        *x = transpose(n, x.clone(), &positions(labels, &sorted));
    }
    let reshaped: Vec<_> = inputs
        .into_iter()
        .zip(shapes)
        .map(|(x, shape)| n.reshape(x, shape))
        .collect();
    let product = reshaped
        .into_iter()
        .fold(Arg::from(1), |product, x| n.mul(product, x).into());
    let Arg::Tensor(product) = product else {
        return Err("expected a tensor".to_owned());
    };
    let axes: Vec<i32> = (0..summed as i32).collect();
    Ok(n.reduce("Sum", product, &axes[..]).into())
}
