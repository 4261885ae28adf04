//! `tf.debugging.assert_shapes`.

use std::collections::HashMap;
use std::panic::Location;

use super::AssertOptions;
use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Operation};
use crate::ops::nodes::{Arg, Nodes, RankIs};

/// Checks the shapes of tensors (`tf.debugging.assert_shapes`), at once as far as they are known.
///
/// A shape is a text with a word for each size: a number; a symbol, which stands for one size wherever it is; or `.` for
/// any size. The first word may be `...` or `*` for any number of dimensions before the others.
///
/// ```
/// use tfhub::ops::debugging;
/// # let g = tfhub::GraphBuilder::new();
/// let (x, y) = (g.placeholder::<f32>((None, 3)), g.placeholder::<i32>((None,)));
/// let check = debugging::assert_shapes(&g, [(x.any(), "N 3"), (y.any(), "N")], ());
/// assert_eq!(check.name(), "assert_shapes/group_deps");
/// debugging::assert_shapes(&g, [(x.any(), "N, 4")], ());
/// let error = g.finish().unwrap_err().to_string();
/// assert!(error.contains("dimension 1 of \"Placeholder:0\" must have size 4, found size 3, shape [?, 3]"), "{error}");
/// ```
#[track_caller]
pub fn assert_shapes<'g, X: Into<AnyTensor<'g>>, S: AsRef<str>>(
    g: &'g GraphBuilder,
    shapes: impl IntoIterator<Item = (X, S)>,
    options: impl Into<AssertOptions<'g>>,
) -> Operation<'g> {
    // The checks inside have the author's name too.
    let given = g.requested_name("");
    let name = if given.is_empty() {
        "assert_shapes"
    } else {
        &given
    };
    let shapes = shapes.into_iter().map(|(x, shape)| (x.into(), shape));
    let shapes: Vec<_> = shapes.collect();
    let options = options.into();
    g.called_from(Location::caller(), || {
        let n = Nodes(g);
        let _scope = n.open_scope(name);
        let parsed = shapes
            .iter()
            .map(|(x, shape)| Constraint::of(n, *x, shape.as_ref()));
        let Some(constraints) = parsed.collect::<Option<Vec<_>>>() else {
            return n.poison();
        };
        let ranks = constraints
            .iter()
            .filter_map(|it| it.assert_rank(n, &given, &options));
        let ranks: Vec<_> = ranks.collect();
        let sizes = assert_sizes(n, &constraints, &options);
        g.control_dependencies(ranks, || g.group(sizes))
    })
}

/// A size that a shape asks for.
enum Size<'a> {
    Any,
    Known(i64),
    Symbol(&'a str),
}

/// The sizes that a tensor has.
enum Found<'g> {
    /// One for each dimension.
    Listed(Vec<Actual<'g>>),
    /// A vector, as the rank is not known.
    Tensor(AnyTensor<'g>),
}

#[derive(Clone, Copy)]
enum Actual<'g> {
    Known(i64),
    Tensor(AnyTensor<'g>),
}

impl<'g> From<Actual<'g>> for Arg<'g> {
    fn from(size: Actual<'g>) -> Self {
        match size {
            Actual::Known(size) => (size as i32).into(),
            Actual::Tensor(size) => size.into(),
        }
    }
}

/// A tensor and the shape that it is to have.
struct Constraint<'g, 'a> {
    x: AnyTensor<'g>,
    /// Whether there may be more dimensions before those of the sizes.
    has_rest: bool,
    found: Found<'g>,
    sizes: Vec<Size<'a>>,
}

impl<'g, 'a> Constraint<'g, 'a> {
    /// None if the shape makes no sense, which is reported, or the tensor could not be made.
    fn of(n: Nodes<'g>, x: AnyTensor<'g>, shape: &'a str) -> Option<Self> {
        let mut words: Vec<_> = shape
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .collect();
        let is_rest = |word: &&str| matches!(*word, "..." | "*");
        let has_rest = words.first().is_some_and(is_rest);
        if has_rest {
            words.remove(0);
        }
        if x.is_poison() {
            return None;
        }
        if let Some(word) = words.iter().copied().find(|word| is_rest(word)) {
            let message =
                format!("`{word}` may only be the first word of a shape, found \"{shape}\"");
            return n.refused(Rule::Shape, message);
        }
        let sizes = words.into_iter().map(|word| match (word, word.parse()) {
            (".", _) => Size::Any,
            (_, Ok(size)) => Size::Known(size),
            (symbol, Err(_)) => Size::Symbol(symbol),
        });
        let mut sizes: Vec<_> = sizes.collect();
        // A scalar is taken for a vector of one element.
        if sizes.is_empty() {
            sizes.push(Size::Known(1));
        }
        let found = Found::of(n, x);
        Some(Constraint {
            x,
            has_rest,
            found,
            sizes,
        })
    }

    fn assert_rank(
        &self,
        n: Nodes<'g>,
        name: &str,
        options: &AssertOptions<'g>,
    ) -> Option<Operation<'g>> {
        let rank = self.sizes.len();
        let (condition, ranks) = match (self.has_rest, rank) {
            (true, 1) => return None,
            (true, _) => (RankIs::AtLeast, vec![rank as i32]),
            (false, 1) => (RankIs::OneOf, vec![0, 1]),
            (false, _) => (RankIs::Exactly, vec![rank as i32]),
        };
        let name = if name.is_empty() {
            condition.name()
        } else {
            name
        };
        let ranks = ranks.into_iter().map(Arg::from).collect();
        Some(n.assert_rank(name, condition, (self.x.into(), ranks), options.clone()))
    }

    /// The number of the dimension with a size: from the last one if there may be more before.
    fn dimension(&self, at: usize) -> i64 {
        match self.has_rest {
            true => at as i64 - self.sizes.len() as i64,
            false => at as i64,
        }
    }
}

impl<'g> Found<'g> {
    fn of(n: Nodes<'g>, x: AnyTensor<'g>) -> Self {
        let shape = n.shape(x);
        let known = x.shape();
        match known.dims() {
            Some([]) => Found::Listed(vec![Actual::Known(1)]),
            Some(dims) => {
                let sizes = dims.iter().enumerate().map(|(at, size)| match size {
                    Some(size) => Actual::Known(*size as i64),
                    None => Actual::Tensor(n.at(shape, at as i32)),
                });
                Found::Listed(sizes.collect())
            }
            None => {
                let is_scalar = n.binary("Equal", n.rank(x), 0).typed::<bool>();
                let one = || n.constant("Const", [1]);
                Found::Tensor(n.0.cond(is_scalar, one, || shape))
            }
        }
    }

    /// The size of a dimension; none if there is none, which is reported with the rank.
    fn size(&self, n: Nodes<'g>, dimension: i64) -> Option<Actual<'g>> {
        match self {
            Found::Tensor(sizes) => Some(Actual::Tensor(n.at(*sizes, dimension as i32))),
            Found::Listed(sizes) => {
                let count = if dimension < 0 { sizes.len() as i64 } else { 0 };
                let at = usize::try_from(dimension + count).ok()?;
                sizes.get(at).copied()
            }
        }
    }
}

/// Checks the sizes that are asked for, of which the first of each symbol settles the others.
fn assert_sizes<'g>(
    n: Nodes<'g>,
    constraints: &[Constraint<'g, '_>],
    options: &AssertOptions<'g>,
) -> Vec<Operation<'g>> {
    let mut specified: HashMap<&str, (Actual<'g>, AnyTensor<'g>, i64)> = HashMap::new();
    let mut checks = Vec::new();
    for constraint in constraints {
        for (at, size) in constraint.sizes.iter().enumerate() {
            let dimension = constraint.dimension(at);
            let (expected, by) = match size {
                Size::Any => continue,
                Size::Known(size) => (Actual::Known(*size), None),
                Size::Symbol(symbol) => match specified.get(symbol) {
                    Some(&(size, x, at)) => (size, Some((x, at))),
                    None => {
                        if let Some(actual) = constraint.found.size(n, dimension) {
                            specified.insert(symbol, (actual, constraint.x, dimension));
                        }
                        continue;
                    }
                },
            };
            let Some(actual) = constraint.found.size(n, dimension) else {
                continue;
            };
            match (actual, expected) {
                (Actual::Known(actual), Actual::Known(expected)) if actual == expected => {}
                (Actual::Known(actual), Actual::Known(expected)) => {
                    report(n, constraint.x, dimension, [expected, actual], by);
                }
                _ => {
                    let sides = [actual, expected];
                    checks.push(assert_size(n, constraint.x, dimension, sides, by, options));
                }
            }
        }
    }
    checks
}

type By<'g> = Option<(AnyTensor<'g>, i64)>;

fn assert_size<'g>(
    n: Nodes<'g>,
    x: AnyTensor<'g>,
    dimension: i64,
    [actual, expected]: [Actual<'g>; 2],
    by: By<'g>,
    options: &AssertOptions<'g>,
) -> Operation<'g> {
    let sides = [actual, expected].map(|size| Arg::from(size).convert(n.0, "Const", DType::Int32));
    let condition = n.binary("Equal", sides[0], sides[1]);
    let summarize = options.summarized();
    let data = options.clone().into_data(|message| {
        let specified = match by {
            Some((x, at)) => format!("Specified by tensor {} dimension {at}", x.name()),
            None => "Specified explicitly".to_owned(),
        };
        let tensor = format!("Tensor {} dimension", x.name());
        vec![
            message.into(),
            specified.as_str().into(),
            tensor.as_str().into(),
            (dimension as i32).into(),
            "must have size".into(),
            expected.into(),
            "Received shape: ".into(),
            n.shape(x).into(),
        ]
    });
    n.assert(condition, data, summarize)
}

/// Reports a size that is known to be another one.
fn report<'g>(
    n: Nodes<'g>,
    x: AnyTensor<'g>,
    dimension: i64,
    [expected, actual]: [i64; 2],
    by: By<'g>,
) {
    let like = match by {
        Some((x, at)) => format!(" like dimension {at} of \"{}\"", x.name()),
        None => String::new(),
    };
    let (name, shape) = (x.name(), x.shape());
    let message = format!(
        "dimension {dimension} of \"{name}\" must have size {expected}{like}, found size {actual}, shape {shape}"
    );
    n.0.report(Rule::Shape, message);
}
