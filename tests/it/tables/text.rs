//! The text form of tables, as `tests/conformance/table_text.py` reads it.

use std::iter::Peekable;
use std::str::Chars;

/// A module: its name, the dtype and shape of its input, and what is applied to that in turn.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(super) dtype: String,
    pub(super) shape: Value,
    pub(super) steps: Vec<Call>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: Vec<Value>,
    pub(super) options: Vec<(String, Value)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// What is no number and no call: `same`, `relu`.
    Word(String),
    List(Vec<Value>),
    Call(Call),
}

/// The rows of a table.
pub(super) fn read(text: &str) -> Vec<Row> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let mut reader = Reader(line.chars().peekable());
    let name = reader.word();
    reader.expect(':');
    let dtype = reader.word();
    let shape = reader.value();
    let mut steps = Vec::new();
    while reader.takes(';') {
        match reader.value() {
            Value::Call(call) => steps.push(call),
            other => panic!("{line}: expected a call, found {other:?}"),
        }
    }
    assert_eq!(reader.peek(), None, "{line}");
    Row {
        name,
        dtype,
        shape,
        steps,
    }
}

struct Reader<'t>(Peekable<Chars<'t>>);

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.0.next_if(|c| c.is_whitespace()).is_some() {}
        self.0.peek().copied()
    }

    /// Whether this character is next, which is passed then.
    fn takes(&mut self, expected: char) -> bool {
        self.peek() == Some(expected) && self.0.next().is_some()
    }

    fn expect(&mut self, expected: char) {
        assert!(self.takes(expected), "expected {expected}");
    }

    fn while_is(&mut self, is_part: impl Fn(char) -> bool) -> String {
        self.peek();
        let next = || self.0.next_if(|&c| is_part(c));
        std::iter::from_fn(next).collect()
    }

    fn word(&mut self) -> String {
        self.while_is(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    }

    fn list<T>(&mut self, last: char, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut found = Vec::new();
        while !self.takes(last) {
            found.push(item(self));
            assert!(self.takes(',') || self.peek() == Some(last));
        }
        found
    }

    fn value(&mut self) -> Value {
        match self.peek() {
            Some('[') => {
                self.expect('[');
                Value::List(self.list(']', Reader::value))
            }
            Some('-' | '0'..='9') => self.number(),
            _ => {
                let word = self.word();
                match &*word {
                    "None" => Value::None,
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    _ if self.takes('(') => Value::Call(self.call(word)),
                    _ => Value::Word(word),
                }
            }
        }
    }

    fn number(&mut self) -> Value {
        let number = self.while_is(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e'));
        match number.contains(['.', 'e']) {
            true => Value::Float(number.parse().unwrap()),
            false => Value::Int(number.parse().unwrap()),
        }
    }

    fn call(&mut self, name: String) -> Call {
        let (mut arguments, mut options) = (Vec::new(), Vec::new());
        self.list(')', |reader| {
            let value = reader.value();
            match value {
                Value::Word(key) if reader.takes('=') => options.push((key, reader.value())),
                value => arguments.push(value),
            }
        });
        Call {
            name,
            arguments,
            options,
        }
    }
}

#[test]
fn a_row_is_read() {
    let text = "# none\n a: f32[None,8]; conv(4, [1, 2], k=he(seed=-3, b=1e-3), to=same)\n";
    let rows = read(text);
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&*row.name, &*row.dtype), ("a", "f32"));
    assert_eq!(row.shape, Value::List(vec![Value::None, Value::Int(8)]));
    let he = Call {
        name: "he".into(),
        arguments: Vec::new(),
        options: vec![
            ("seed".into(), Value::Int(-3)),
            ("b".into(), Value::Float(0.001)),
        ],
    };
    let conv = Call {
        name: "conv".into(),
        arguments: vec![
            Value::Int(4),
            Value::List(vec![Value::Int(1), Value::Int(2)]),
        ],
        options: vec![
            ("k".into(), Value::Call(he)),
            ("to".into(), Value::Word("same".into())),
        ],
    };
    assert_eq!(row.steps, [conv]);
}
