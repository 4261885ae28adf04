//! The functions of `tfhub::ops` make the nodes that TensorFlow's Python functions make.
//!
//! Each file under `functions/` is a table of calls, in Python and in Rust, with the element types and shapes of their
//! arguments. `tests/conformance/functions.py` runs the Python side with TensorFlow 1.15.5 and compares every node;
//! `tests/fixtures/functions` keeps checksums of TensorFlow's graphs, so that the comparison works without it.

mod array;
mod audio;
mod bitwise;
mod image;
mod io;
mod linalg;
mod lookup;
mod losses;
mod math;
mod nn;
mod quantization;
mod random;
mod sets;
mod signal;
mod sparse;
mod string;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tfhub::dtype::TensorType;
use tfhub::graph::{AnyTensor, Operation};
use tfhub::ops::sparse::SparseTensor;
use tfhub::{GraphBuilder, Shape, Tensor};

/// The calls of the groups.
fn tables() -> [(&'static str, Table); 16] {
    [
        ("array", array::table()),
        ("audio", audio::table()),
        ("bitwise", bitwise::table()),
        ("image", image::table()),
        ("io", io::table()),
        ("linalg", linalg::table()),
        ("lookup", lookup::table()),
        ("losses", losses::table()),
        ("math", math::table()),
        ("nn", nn::table()),
        ("quantization", quantization::table()),
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
        $table.add(($python, stringify!($call)), "", &[], "", |$g, _| {
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
            $table.add(($python, stringify!($call)), of, &arguments, shapes, |$g, shapes| {
                let mut shapes = shapes.iter().cloned();
                $(
                    let shape = shapes.next().unwrap_or_else(|| panic!("{}: too few shapes", $python));
                    let $arg = $g.named(stringify!($arg), || $g.placeholder::<$type>(shape));
                )+
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
    outcome: Result<(Vec<String>, Vec<u8>), String>,
}

impl Table {
    pub(crate) fn add(
        &mut self,
        (python, rust): (&'static str, &str),
        element: &str,
        arguments: &[(&str, tfhub::DType)],
        shapes: &str,
        call: impl for<'g> FnOnce(&'g GraphBuilder, &[Shape]) -> Vec<String>,
    ) {
        let texts: Vec<_> = shapes.split_whitespace().collect();
        assert_eq!(texts.len(), arguments.len(), "{python}: {shapes}");
        let g = GraphBuilder::new();
        let names = call(
            &g,
            &texts.iter().map(|text| shape(text)).collect::<Vec<_>>(),
        );
        let outcome = match g.finish() {
            Ok(graph) => Ok((names, graph.to_graph_def().encode())),
            Err(error) => Err(error.to_string().replace(['\n', '\t'], " ")),
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

fn fixture(group: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/functions");
    fixtures.join(format!("{group}.txt"))
}

/// The checksum of what a call made as the fixtures have it; `-` stands for an error.
fn checksum(call: &Call) -> String {
    match &call.outcome {
        Ok((names, graph)) => {
            let crc = crc32c::crc32c(graph);
            format!(
                "{:08x}",
                crc32c::crc32c_append(crc, names.join(" ").as_bytes())
            )
        }
        Err(_) => "-".to_owned(),
    }
}

#[test]
fn functions_make_the_nodes_that_tensorflow_makes() {
    let mut wrong = String::new();
    for (group, table) in tables() {
        let expected = fs::read_to_string(fixture(group)).unwrap();
        let found: Vec<_> = table
            .0
            .iter()
            .map(|call| format!("{}\t{}", checksum(call), key(call)))
            .collect();
        let expected: Vec<_> = expected.lines().collect();
        for (line, call) in found.iter().zip(&table.0) {
            if !expected.contains(&line.as_str()) {
                let _ = write!(
                    wrong,
                    "{group}: {} | {line}\n  {}\n",
                    call.rust,
                    match &call.outcome {
                        Ok(_) => "its nodes are not TensorFlow's; tests/conformance/run says how",
                        Err(error) => error,
                    }
                );
            }
        }
        assert_eq!(
            found.len(),
            expected.len(),
            "{group}: calls in the table and in its fixture"
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Writes what the calls made to the directory in `TFHUB_FUNCTIONS_DIR`, for the conformance suite.
#[test]
fn export_conformance_functions() {
    let Some(directory) = std::env::var_os("TFHUB_FUNCTIONS_DIR") else {
        return;
    };
    fs::create_dir_all(&directory).unwrap();
    for (group, table) in tables() {
        let mut lines = String::new();
        for call in &table.0 {
            let (names, graph, error) = match &call.outcome {
                Ok((names, graph)) => (names.join(" "), hex(graph), ""),
                Err(error) => (String::new(), String::new(), error.as_str()),
            };
            let _ = writeln!(
                lines,
                "{}\t{}\t{names}\t{graph}\t{error}",
                key(call),
                call.rust
            );
        }
        fs::write(Path::new(&directory).join(format!("{group}.tsv")), lines).unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
