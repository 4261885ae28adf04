//! The text form of programs, as `tests/conformance/program_text.py` reads it.

use std::collections::HashMap;

use tfhub::{DType, Shape};

/// A program: its number, the graph-level seed, whether control flow is of version 2, and its body.
pub(super) struct Program {
    pub(super) number: String,
    pub(super) seed: Option<i64>,
    pub(super) is_second: bool,
    pub(super) body: Body,
}

/// Statements, the names of what the body is given, and those of what it gives.
#[derive(Default)]
pub(super) struct Body {
    pub(super) given: Vec<String>,
    pub(super) statements: Vec<Statement>,
    pub(super) gives: Vec<String>,
}

/// One line, with the bodies that follow it.
pub(super) struct Statement {
    pub(super) results: Vec<String>,
    pub(super) op: String,
    pub(super) arguments: Vec<String>,
    options: HashMap<String, String>,
    pub(super) bodies: Vec<Body>,
}

impl Statement {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }
}

type Lines<'t> = dyn Iterator<Item = Vec<&'t str>> + 't;

/// The programs in a text, in which lines that begin with `#` are comments.
pub(super) fn read(text: &str) -> Vec<Program> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut lines = lines.filter(|words| !words.is_empty());
    let mut programs = Vec::new();
    while let Some(words) = lines.next() {
        assert_eq!(words[0], "program");
        let seed = words.iter().find_map(|word| word.strip_prefix("seed="));
        programs.push(Program {
            number: words[1].to_owned(),
            seed: seed.map(|seed| seed.parse().unwrap()),
            is_second: words.contains(&"control_flow=2"),
            body: body(&mut lines, "end").0,
        });
    }
    programs
}

/// The body up to a word that ends it, and this word: `end`, or the one that parts it from the next.
fn body<'t>(lines: &mut Lines<'t>, parting: &str) -> (Body, &'t str) {
    let mut body = Body::default();
    while let Some(words) = lines.next() {
        let rest = || words[1..].iter().map(|&word| word.to_owned());
        match words[0] {
            word if word == "end" || word == parting => return (body, word),
            "given" => body.given.extend(rest()),
            "give" => body.gives.extend(rest()),
            _ => body.statements.push(statement(&words, lines)),
        }
    }
    panic!("a body has no end");
}

fn statement<'t>(words: &[&'t str], lines: &mut Lines<'t>) -> Statement {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let (results, words) = match words.iter().position(|&word| word == "=") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (&[][..], words),
    };
    let (op, words) = words.split_first().unwrap();
    let (options, arguments): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.contains('='));
    let options = options
        .iter()
        .map(|option: &&str| option.split_once('=').unwrap());
    let parting = match *op {
        "case" | "cond" | "switch_case" => Some("else"),
        "while" | "while_sparse" => Some("do"),
        "map_fn" | "foldl" | "foldr" | "scan" | "function" | "scope" | "deps" | "no_deps"
        | "device" | "colocate" => Some("end"),
        _ => None,
    };
    let mut bodies = Vec::new();
    if let Some(parting) = parting {
        let mut end = parting;
        while bodies.is_empty() || end != "end" {
            let (inner, word) = body(lines, parting);
            bodies.push(inner);
            end = word;
        }
    }
    Statement {
        results: owned(results),
        op: (*op).to_owned(),
        arguments: owned(&arguments),
        options: options
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        bodies,
    }
}

pub(super) fn dtype(text: &str) -> DType {
    match text {
        "float32" => DType::Float32,
        "int32" => DType::Int32,
        "int64" => DType::Int64,
        "bool" => DType::Bool,
        _ => panic!("no dtype: {text}"),
    }
}

/// A shape: `[2,?]`, or `?` for any.
pub(super) fn shape(text: &str) -> Shape {
    match text {
        "?" => Shape::unknown(),
        _ => dims(text).into(),
    }
}

/// The dimensions of a shape that is known.
pub(super) fn sizes(text: &str) -> Vec<usize> {
    dims(text).into_iter().map(Option::unwrap).collect()
}

fn dims(text: &str) -> Vec<Option<usize>> {
    let dims = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let dims = dims.unwrap().split(',').filter(|dim| !dim.is_empty());
    dims.map(|dim| (dim != "?").then(|| dim.parse().unwrap()))
        .collect()
}
