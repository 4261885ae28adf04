//! The functions of `tfhub::ops` make the nodes that TensorFlow's Python functions make.
//!
//! Each file under `functions/` is a table of calls, in Python and in Rust, with the element types and shapes of their
//! arguments. `tests/conformance/functions.py` runs the Python side with TensorFlow 1.15.5 and compares every node;
//! `tests/fixtures/functions` keeps TensorFlow's nodes, so that the comparison works without it.

mod array;
mod audio;
mod bitwise;
mod debugging;
mod image;
mod io;
mod linalg;
mod lookup;
mod losses;
mod math;
mod nn;
mod nodes;
mod quantization;
mod ragged;
mod random;
mod sets;
mod signal;
mod sparse;
mod string;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use flate2::read::GzDecoder;

use tfhub::dtype::TensorType;
use tfhub::error::Diagnostic;
use tfhub::graph::{AnyTensor, Operation};
use tfhub::ops::ragged::{AnyMaybeRagged, AnyRaggedTensor, MaybeRagged, RaggedTensor};
use tfhub::ops::sparse::SparseTensor;
use tfhub::{Error, GraphBuilder, Shape, Tensor};

/// The calls of the groups, made once for all tests.
static TABLES: LazyLock<[(&str, Table); 18]> = LazyLock::new(tables);

fn tables() -> [(&'static str, Table); 18] {
    [
        ("array", array::table()),
        ("audio", audio::table()),
        ("bitwise", bitwise::table()),
        ("debugging", debugging::table()),
        ("image", image::table()),
        ("io", io::table()),
        ("linalg", linalg::table()),
        ("lookup", lookup::table()),
        ("losses", losses::table()),
        ("math", math::table()),
        ("nn", nn::table()),
        ("quantization", quantization::table()),
        ("ragged", ragged::table()),
        ("random", random::table()),
        ("sets", sets::table()),
        ("signal", signal::table()),
        ("sparse", sparse::table()),
        ("string", string::table()),
    ]
}

/// Adds calls to a table.
///
/// ```text
/// calls!(table, {
///     // Python and Rust; the element types that T stands for; the arguments, which become placeholders of their
///     // names; and their shapes, a string for each combination.
///     "tf.pow(x, y)" = |g, x: T, y: T| math::pow(x, y), [f32, i64], ["[2,3] [3]", "[?,3] []", "? ?"];
///     // No T in the arguments: one type that is not used.
///     "tf.zeros([2])" = |g| array::zeros::<f32>(g, &[2]);
/// });
/// ```
macro_rules! calls {
    ($table:ident, {}) => {};
    ($table:ident, { $python:literal = |$g:ident| $call:expr; $($rest:tt)* }) => {
        $table.add(($python, stringify!($call)), "", &[], "", &|$g, _| {
            crate::functions::Returned::names(&$call)
        });
        calls!($table, { $($rest)* });
    };
    (
        $table:ident,
        {
            $python:literal = |$g:ident, $($arg:ident: $type:ty),+| $call:expr,
            [$($types:ty),+], $shapes:expr;
            $($rest:tt)*
        }
    ) => {
        calls!(@types $table, [$($types),+], ($python, $g, [$($arg: $type),+], $call, $shapes));
        calls!($table, { $($rest)* });
    };
    (@types $table:ident, [$($types:ty),+], $call:tt) => {
        $(calls!(@one $table, $types, $call);)+
    };
    (@one $table:ident, $types:ty, ($python:literal, $g:ident, [$($arg:ident: $type:ty),+], $call:expr, $shapes:expr)) => {{
        #[allow(dead_code, reason = "a call whose arguments have one type does not name it")]
        type T = $types;
        let arguments = [$((stringify!($arg), <$type as tfhub::dtype::TensorType>::DTYPE)),+];
        for shapes in $shapes {
            let of = <T as tfhub::dtype::TensorType>::DTYPE.name();
            $table.add(($python, stringify!($call)), of, &arguments, shapes, &|$g, mut shapes| {
                $(let $arg = crate::functions::argument::<$type>($g, stringify!($arg), &mut shapes);)+
                crate::functions::Returned::names(&$call)
            });
        }
    }};
}

use calls;

/// Calls with the nodes that they made.
#[derive(Default)]
pub(crate) struct Table(Vec<Call>);

/// One call with arguments of certain types and shapes.
struct Call {
    python: &'static str,
    rust: String,
    /// What T stands for.
    element: String,
    /// The arguments as `name:dtype:shape`, separated by blanks.
    arguments: String,
    /// The names of the tensors and operations that the function returned, and the graph; or why it failed.
    outcome: Result<(Vec<String>, Vec<u8>), Error>,
}

/// Makes a graph, with arguments of these shapes, and gives the names of what the function returned.
///
/// There are thousands, so that what calls them is compiled once.
type Make<'m> = &'m dyn for<'g> Fn(&'g GraphBuilder, &[Shape]) -> Vec<String>;

/// The argument of a call whose shape is the first of those that are left.
fn argument<'g, T: TensorType>(
    g: &'g GraphBuilder,
    name: &str,
    shapes: &mut &[Shape],
) -> Tensor<'g, T> {
    let (shape, left) = shapes.split_first().expect("a shape for each argument");
    *shapes = left;
    g.named(name, || g.placeholder(shape.clone()))
}

impl Table {
    pub(crate) fn add(
        &mut self,
        (python, rust): (&'static str, &str),
        element: &str,
        arguments: &[(&str, tfhub::DType)],
        shapes: &str,
        make: Make<'_>,
    ) {
        let texts: Vec<_> = shapes.split_whitespace().collect();
        assert_eq!(texts.len(), arguments.len(), "{python}: {shapes}");
        let g = GraphBuilder::new();
        let shapes: Vec<_> = texts.iter().map(|text| shape(text)).collect();
        let names = make(&g, &shapes);
        let outcome = match g.finish() {
            Ok(graph) => Ok((names, graph.to_graph_def().encode())),
            Err(error) => Err(error),
        };
        let arguments = arguments.iter().zip(texts);
        let arguments = arguments.map(|((name, dtype), shape)| format!("{name}:{dtype}:{shape}"));
        self.0.push(Call {
            python,
            rust: rust.split_whitespace().collect::<Vec<_>>().join(" "),
            element: element.to_owned(),
            arguments: arguments.collect::<Vec<_>>().join(" "),
            outcome,
        });
    }
}

/// A shape as the tables have it: `[2,?]`, or `?` for any.
fn shape(text: &str) -> Shape {
    if text == "?" {
        return Shape::unknown();
    }
    let dims = text.trim_start_matches('[').trim_end_matches(']');
    let dims = dims.split(',').filter(|dim| !dim.is_empty());
    let dims = dims.map(|dim| (dim != "?").then(|| dim.parse().unwrap()));
    dims.collect::<Vec<Option<usize>>>().into()
}

/// What a function may return.
pub(crate) trait Returned {
    fn names(&self) -> Vec<String>;
}

impl<T: TensorType> Returned for Tensor<'_, T> {
    fn names(&self) -> Vec<String> {
        vec![self.name()]
    }
}

impl Returned for AnyTensor<'_> {
    fn names(&self) -> Vec<String> {
        vec![self.name()]
    }
}

impl<T: TensorType> Returned for SparseTensor<'_, T> {
    fn names(&self) -> Vec<String> {
        (self.indices, self.values, self.dense_shape).names()
    }
}

impl<T: TensorType> Returned for RaggedTensor<'_, T> {
    fn names(&self) -> Vec<String> {
        self.any().names()
    }
}

impl Returned for AnyRaggedTensor<'_> {
    fn names(&self) -> Vec<String> {
        [self.flat_values().names(), self.nested_row_splits().names()].concat()
    }
}

impl<T: TensorType> Returned for MaybeRagged<'_, T> {
    fn names(&self) -> Vec<String> {
        self.clone().any().names()
    }
}

impl Returned for AnyMaybeRagged<'_> {
    fn names(&self) -> Vec<String> {
        match self {
            AnyMaybeRagged::Dense(tensor) => tensor.names(),
            AnyMaybeRagged::Ragged(ragged) => ragged.names(),
        }
    }
}

impl Returned for Operation<'_> {
    fn names(&self) -> Vec<String> {
        vec![self.name()]
    }
}

impl Returned for () {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<R: Returned> Returned for Vec<R> {
    fn names(&self) -> Vec<String> {
        self.iter().flat_map(Returned::names).collect()
    }
}

impl<R: Returned, const N: usize> Returned for [R; N] {
    fn names(&self) -> Vec<String> {
        self.iter().flat_map(Returned::names).collect()
    }
}

impl<A: Returned, B: Returned> Returned for (A, B) {
    fn names(&self) -> Vec<String> {
        [self.0.names(), self.1.names()].concat()
    }
}

impl<A: Returned, B: Returned, C: Returned> Returned for (A, B, C) {
    fn names(&self) -> Vec<String> {
        [self.0.names(), self.1.names(), self.2.names()].concat()
    }
}

/// The call as the fixtures name it.
fn key(call: &Call) -> String {
    let Call {
        python,
        element,
        arguments,
        ..
    } = call;
    format!("{python}\t{element}\t{arguments}")
}

/// The codes of the rules that a refused call broke, each once.
fn codes(error: &Error) -> String {
    let rules = error.diagnostics().iter().map(Diagnostic::rule);
    let codes: BTreeSet<_> = rules.map(tfhub::error::Rule::code).collect();
    codes.into_iter().collect::<Vec<_>>().join(" ")
}

/// The fixture's entries of a group by the calls' keys, in order where several calls have one key: the outcome, and the
/// text below.
fn fixture(group: &str) -> HashMap<String, VecDeque<(String, String)>> {
    let fixtures = Path::new(".").join("tests/fixtures/functions");
    let file = File::open(fixtures.join(format!("{group}.txt.gz"))).unwrap();
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut entries: HashMap<_, VecDeque<_>> = HashMap::new();
    text.insert(0, '\n');
    for entry in text.trim_end_matches('\n').split("\n== ").skip(1) {
        let (head, body) = entry.split_once('\n').unwrap();
        let (outcome, key) = head.split_once('\t').unwrap();
        let same = entries.entry(key.to_owned()).or_default();
        same.push_back((outcome.to_owned(), body.to_owned() + "\n"));
    }
    entries
}

/// How a call is found in its fixture: the checksum of its graph and returned names, or `-` and the codes of the rules
/// that it broke; and the text below.
fn entry(call: &Call) -> (String, String) {
    match &call.outcome {
        Ok((names, graph)) => {
            let names = names.join(" ");
            let crc = crc32c::crc32c_append(crc32c::crc32c(graph), names.as_bytes());
            let text = format!("returns {names}\n{}", nodes::text(graph));
            (format!("{crc:08x}"), text)
        }
        Err(error) => (format!("- {}", codes(error)), format!("{error}\n")),
    }
}

/// Says how a call differs from its entry in the fixture.
fn explain(call: &Call, (outcome, body): &(String, String)) -> Option<String> {
    let (found, text) = entry(call);
    let refused = (outcome.starts_with('-'), call.outcome.is_err());
    Some(match refused {
        // TensorFlow's own error is there to be read; the rule is ours.
        (true, true) if *outcome == found => return None,
        (true, true) => format!("refused: expected {outcome}, found {found}: {text}"),
        (true, false) => format!("expected a refusal, {outcome}, found nodes:\n{text}"),
        (false, true) => format!("expected nodes:\n{body}found {text}"),
        (false, false) if *outcome == found && *body == text => return None,
        (false, false) if *body == text => "the graphs differ, but not in their nodes".to_owned(),
        (false, false) => format!("nodes:\n{}", nodes::difference(body, &text)),
    })
}

#[test]
fn functions_make_the_nodes_that_tensorflow_makes() {
    let mut wrong = String::new();
    for (group, table) in TABLES.iter() {
        let mut expected = fixture(group);
        for call in &table.0 {
            let key = key(call);
            let difference = match expected.get_mut(&key).and_then(VecDeque::pop_front) {
                Some(entry) => explain(call, &entry),
                None => Some("not in the fixture".to_owned()),
            };
            if let Some(difference) = difference {
                let _ = writeln!(wrong, "{group}: {key}\n  {}\n  {difference}", call.rust);
            }
        }
        for (key, _) in expected.iter().filter(|(_, left)| !left.is_empty()) {
            let _ = writeln!(wrong, "{group}: {key}\n  only in the fixture");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Writes what the calls made to the directory in `$TFHUB_FUNCTIONS_DIR`.
#[test]
#[ignore = "writes files for the conformance suite"]
fn export_conformance_functions() {
    let directory = PathBuf::from(std::env::var_os("TFHUB_FUNCTIONS_DIR").expect("a directory"));
    fs::create_dir_all(&directory).unwrap();
    for (group, table) in TABLES.iter() {
        let mut lines = String::new();
        for call in &table.0 {
            let (names, graph, error) = match &call.outcome {
                Ok((names, graph)) => (names.join(" "), hex(graph), String::new()),
                Err(error) => {
                    let text = error.to_string().replace(['\n', '\t'], " ");
                    (
                        String::new(),
                        String::new(),
                        format!("{}\t{text}", codes(error)),
                    )
                }
            };
            let error = if error.is_empty() { "\t" } else { &error };
            let line = format!("{}\t{}\t{names}\t{graph}\t{error}", key(call), call.rust);
            assert_eq!(line.split('\t').count(), 8, "{group}: {line}");
            lines += &line;
            lines.push('\n');
        }
        fs::write(directory.join(format!("{group}.tsv")), lines).unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
