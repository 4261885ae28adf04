//! Python literals, as far as headers of `.npy` files hold them.

use std::fmt;

/// How deep literals may lie in each other.
const MAX_DEPTH: usize = 32;

/// A literal of Python 2 or 3: what `ast.literal_eval` gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Dict(Vec<(Literal, Literal)>),
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    Text(String),
    Integer(i128),
    Float(String),
    Bool(bool),
    None,
}

errors! {
    /// A place in a text that is no literal.
    #[derive(Debug, PartialEq, Eq)]
    #[error("expected {expected} at byte {position}")]
    pub(crate) struct LiteralError {
        expected: &'static str,
        position: usize,
    }
}

impl Literal {
    /// The literal that is all of a text but for white space and comments around it.
    pub(super) fn parse(text: &str) -> Result<Self, LiteralError> {
        let mut parser = Parser { text, position: 0 };
        let literal = parser.literal(MAX_DEPTH)?;
        match parser.peek() {
            None => Ok(literal),
            Some(_) => Err(parser.expected("the end")),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Literal]| {
            for (index, item) in items.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                write!(f, "{comma}{item}")?;
            }
            Ok(())
        };
        match self {
            Literal::Dict(items) => {
                f.write_str("{")?;
                for (index, (key, value)) in items.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
            Literal::Tuple(items) => {
                f.write_str("(")?;
                list(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Literal::List(items) => {
                f.write_str("[")?;
                list(f, items)?;
                f.write_str("]")
            }
            Literal::Text(text) => write!(f, "'{}'", text.escape_debug()),
            Literal::Integer(value) => write!(f, "{value}"),
            Literal::Float(text) => f.write_str(text),
            Literal::Bool(true) => f.write_str("True"),
            Literal::Bool(false) => f.write_str("False"),
            Literal::None => f.write_str("None"),
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    position: usize,
}

impl<'t> Parser<'t> {
    fn expected(&self, expected: &'static str) -> LiteralError {
        LiteralError {
            expected,
            position: self.position,
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    /// The next character after white space and comments.
    fn peek(&mut self) -> Option<char> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
            self.position += rest.len() - trimmed.len();
            match trimmed.strip_prefix('#') {
                Some(comment) => {
                    self.position += 1 + comment.find('\n').unwrap_or(comment.len());
                }
                None => return trimmed.chars().next(),
            }
        }
    }

    /// Goes over the next character if it is this one.
    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.position += wanted.len_utf8();
        }
        found
    }

    fn literal(&mut self, depth: usize) -> Result<Literal, LiteralError> {
        let Some(inner) = depth.checked_sub(1) else {
            return Err(self.expected("fewer nested literals"));
        };
        if self.take('{') {
            let (items, _) = self.items('}', |parser| {
                let key = parser.literal(inner)?;
                if !parser.take(':') {
                    return Err(parser.expected("a colon"));
                }
                Ok((key, parser.literal(inner)?))
            })?;
            return Ok(Literal::Dict(items));
        }
        if self.take('[') {
            let (items, _) = self.items(']', |parser| parser.literal(inner))?;
            return Ok(Literal::List(items));
        }
        if self.take('(') {
            let (mut items, comma) = self.items(')', |parser| parser.literal(inner))?;
            return Ok(match items.pop() {
                Some(only) if items.is_empty() && !comma => only,
                last => Literal::Tuple(items.into_iter().chain(last).collect()),
            });
        }
        match self.peek() {
            Some('0'..='9' | '+' | '-' | '.') => self.number(),
            Some('\'' | '"') => self.strings(),
            Some('a'..='z' | 'A'..='Z' | '_') => self.word(),
            _ => Err(self.expected("a literal")),
        }
    }

    /// The items between commas up to `end`, and whether a comma follows the last one.
    fn items<T>(
        &mut self,
        end: char,
        item: impl Fn(&mut Self) -> Result<T, LiteralError>,
    ) -> Result<(Vec<T>, bool), LiteralError> {
        let (mut items, mut comma) = (Vec::new(), false);
        while !self.take(end) {
            if !items.is_empty() && !comma {
                return Err(self.expected("a comma or a closing bracket"));
            }
            items.push(item(self)?);
            comma = self.take(',');
        }
        Ok((items, comma))
    }

    fn word(&mut self) -> Result<Literal, LiteralError> {
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = &rest[..len.unwrap_or(rest.len())];
        let quoted = rest[word.len()..].starts_with(['\'', '"']);
        let literal = match word {
            "True" => Literal::Bool(true),
            "False" => Literal::Bool(false),
            "None" => Literal::None,
            "u" | "U" | "r" | "R" if quoted => return self.strings(),
            _ => return Err(self.expected("a literal")),
        };
        self.position += word.len();
        Ok(literal)
    }

    /// A number; `L` after an integer is Python 2's way to mark a long one.
    fn number(&mut self) -> Result<Literal, LiteralError> {
        let rest = self.rest();
        let unsigned = rest.trim_start_matches(['+', '-']);
        let signs = &rest[..rest.len() - unsigned.len()];
        let end = unsigned.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.'));
        let token = &unsigned[..end.unwrap_or(unsigned.len())];
        let error = self.expected("a number");
        self.position += signs.len() + token.len();
        let digits = token.strip_suffix('L').unwrap_or(token);
        let (digits, radix) = match digits.get(..2) {
            Some("0x" | "0X") => (&digits[2..], 16),
            _ => (digits, 10),
        };
        let leading_zero = radix == 10 && digits.starts_with('0') && digits.contains(|c| c != '0');
        let misplaced = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
        if !leading_zero && !misplaced {
            let negative = signs.matches('-').count() % 2 == 1;
            if let Ok(value) = i128::from_str_radix(&digits.replace('_', ""), radix) {
                return Ok(Literal::Integer(if negative { -value } else { value }));
            }
        }
        match token.parse::<f64>() {
            Ok(_) if token.contains('.') => Ok(Literal::Float(format!("{signs}{token}"))),
            _ => Err(error),
        }
    }

    /// A string, or several in a row, which are one.
    fn strings(&mut self) -> Result<Literal, LiteralError> {
        let mut text = String::new();
        loop {
            let at = self.position;
            let raw = match self.peek() {
                Some('u' | 'U') => Some(false),
                Some('r' | 'R') => Some(true),
                Some('\'' | '"') => None,
                _ => break,
            };
            self.position += usize::from(raw.is_some());
            if !self.rest().starts_with(['\'', '"']) {
                self.position = at;
                break;
            }
            self.string(raw == Some(true), &mut text)?;
        }
        Ok(Literal::Text(text))
    }

    fn string(&mut self, raw: bool, text: &mut String) -> Result<(), LiteralError> {
        let rest = self.rest();
        let quote = ["'''", "\"\"\"", "'", "\""];
        let quote = quote.into_iter().find(|quote| rest.starts_with(quote));
        let quote = quote.ok_or_else(|| self.expected("a string"))?;
        self.position += quote.len();
        loop {
            let rest = self.rest();
            if rest.starts_with(quote) {
                self.position += quote.len();
                return Ok(());
            }
            let Some(next) = rest.chars().next() else {
                return Err(self.expected("a closing quote"));
            };
            if next == '\n' && quote.len() == 1 {
                return Err(self.expected("a closing quote"));
            }
            self.position += next.len_utf8();
            text.push(next);
            if next == '\\' {
                let Some(escaped) = self.rest().chars().next() else {
                    return Err(self.expected("a closing quote"));
                };
                self.position += escaped.len_utf8();
                match raw {
                    true => text.push(escaped),
                    false => self.escape(escaped, text)?,
                }
            }
        }
    }

    /// Puts what an escape stands for in place of the backslash at the end of `text`.
    fn escape(&mut self, escaped: char, text: &mut String) -> Result<(), LiteralError> {
        let character = match escaped {
            '\n' => None,
            '\\' | '\'' | '"' => Some(escaped),
            'a' => Some('\x07'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            'x' => Some(self.code(16, 2..=2)?),
            'u' => Some(self.code(16, 4..=4)?),
            'U' => Some(self.code(16, 8..=8)?),
            '0'..='7' => {
                self.position -= 1;
                Some(self.code(8, 1..=3)?)
            }
            other => {
                text.push(other);
                return Ok(());
            }
        };
        text.pop();
        text.extend(character);
        Ok(())
    }

    /// The character whose number comes next.
    fn code(
        &mut self,
        radix: u32,
        len: std::ops::RangeInclusive<usize>,
    ) -> Result<char, LiteralError> {
        let digits = self.rest().chars().take_while(|c| c.is_digit(radix));
        let found = digits.take(*len.end()).count();
        let code = u32::from_str_radix(&self.rest()[..found], radix);
        let code = code.ok().filter(|_| len.contains(&found));
        let character = code.and_then(char::from_u32);
        let character = character.ok_or_else(|| self.expected("the number of a character"))?;
        self.position += found;
        Ok(character)
    }
}
