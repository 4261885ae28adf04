//! The text form of protocol buffers, as far as messages without messages in them need it.

/// What a field is set to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Strings beside each other are one.
    String(Vec<u8>),
    Number(f64),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TextError {
    #[error("line {at}: expected the name of a field")]
    Name { at: usize },
    #[error("line {at}: expected ':' after \"{field}\"")]
    Colon { field: String, at: usize },
    #[error("line {at}: expected a string or a number")]
    Value { at: usize },
    #[error("line {at}: a string does not end")]
    Open { at: usize },
    #[error("line {at}: unknown escape in a string")]
    Escape { at: usize },
    #[error("line {at}: a string is not UTF-8")]
    NotUtf8 { at: usize },
    #[error("line {at}: expected ',' or ']'")]
    List { at: usize },
    #[error("line {at}: unexpected field \"{field}\"")]
    Field { field: String, at: usize },
}

/// A field: its name, value and line.
pub(super) type Field<'t> = (&'t str, Value, usize);

/// The fields of a message in the order of the text, lists are taken apart.
pub(super) fn fields(text: &[u8]) -> Result<Vec<Field<'_>>, TextError> {
    let mut scanner = Scanner { text, line: 1 };
    let mut fields = Vec::new();
    loop {
        scanner.skip_blank();
        if scanner.text.is_empty() {
            return Ok(fields);
        }
        let at = scanner.line;
        let field = scanner.word();
        if field.is_empty()
            || field.starts_with(|first: char| !first.is_ascii_alphabetic() && first != '_')
        {
            return Err(TextError::Name { at });
        }
        if !scanner.take(b':') {
            let field = field.to_owned();
            return Err(TextError::Colon { field, at });
        }
        if scanner.take(b'[') {
            if !scanner.take(b']') {
                loop {
                    fields.push((field, scanner.value()?, at));
                    if scanner.take(b']') {
                        break;
                    }
                    if !scanner.take(b',') {
                        return Err(TextError::List { at: scanner.line });
                    }
                }
            }
        } else {
            fields.push((field, scanner.value()?, at));
        }
        if !scanner.take(b',') {
            scanner.take(b';');
        }
    }
}

/// A string in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for &byte in text.as_bytes() {
        match byte {
            b'\n' => quoted.push_str("\\n"),
            b'\r' => quoted.push_str("\\r"),
            b'\t' => quoted.push_str("\\t"),
            b'"' | b'\'' | b'\\' => quoted.extend(['\\', byte.into()]),
            b' '..=b'~' => quoted.push(byte.into()),
            _ => quoted.push_str(&format!("\\{byte:03o}")),
        }
    }
    quoted.push('"');
    quoted
}

/// A number as Python writes it.
pub(super) fn number_text(number: f64) -> String {
    let text = format!("{number:?}").to_ascii_lowercase();
    match text.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => text,
    }
}

struct Scanner<'t> {
    text: &'t [u8],
    line: usize,
}

impl<'t> Scanner<'t> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.text.split_first()?;
        self.text = rest;
        self.line += usize::from(first == b'\n');
        Some(first)
    }

    /// Skips white space and comments.
    fn skip_blank(&mut self) {
        while let Some(&first) = self.text.first() {
            if first == b'#' {
                while self.text.first().is_some_and(|&byte| byte != b'\n') {
                    self.next();
                }
            } else if matches!(first, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c) {
                self.next();
            } else {
                return;
            }
        }
    }

    /// Skips this byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_blank();
        let found = self.text.first() == Some(&byte);
        if found {
            self.next();
        }
        found
    }

    /// A name or a number, without its sign.
    fn word(&mut self) -> &'t str {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        let mut len = 0;
        while let Some(&byte) = self.text.get(len) {
            let is_sign =
                || matches!(byte, b'+' | b'-') && is_decimal_with_exponent(&self.text[..len]);
            if !is_part(byte) && !is_sign() {
                break;
            }
            len += 1;
        }
        let (word, rest) = self.text.split_at(len);
        self.text = rest;
        // All of it is ASCII.
        std::str::from_utf8(word).unwrap_or_default()
    }

    fn value(&mut self) -> Result<Value, TextError> {
        self.skip_blank();
        if let Some(b'"' | b'\'') = self.text.first() {
            let mut bytes = Vec::new();
            while let Some(&quote @ (b'"' | b'\'')) = self.text.first() {
                self.next();
                self.string(quote, &mut bytes)?;
                self.skip_blank();
            }
            return Ok(Value::String(bytes));
        }
        let negative = self.take(b'-');
        self.skip_blank();
        let at = self.line;
        let number = number(self.word()).ok_or(TextError::Value { at })?;
        Ok(Value::Number(if negative { -number } else { number }))
    }

    /// The rest of a string.
    fn string(&mut self, quote: u8, bytes: &mut Vec<u8>) -> Result<(), TextError> {
        let open = TextError::Open { at: self.line };
        loop {
            match self.next() {
                None | Some(b'\n') => return Err(open),
                Some(byte) if byte == quote => return Ok(()),
                Some(b'\\') => self.escape(bytes)?,
                Some(byte) => bytes.push(byte),
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), TextError> {
        let unknown = TextError::Escape { at: self.line };
        let byte = match self.next() {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'a') => 0x07,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'v') => 0x0b,
            Some(byte @ (b'"' | b'\'' | b'\\' | b'?')) => byte,
            Some(b'x' | b'X') => self.digits(16, 2, 0).ok_or(unknown)?,
            Some(digit @ b'0'..=b'7') => self
                .digits(8, 2, (digit - b'0').into())
                .unwrap_or(digit - b'0'),
            _ => return Err(unknown),
        };
        bytes.push(byte);
        Ok(())
    }

    /// Up to `count` further digits of a number that begins with `value`; `None` if there are none.
    fn digits(&mut self, base: u32, count: usize, mut value: u32) -> Option<u8> {
        let mut found = false;
        for _ in 0..count {
            let digit = self
                .text
                .first()
                .and_then(|&byte| char::from(byte).to_digit(base));
            let Some(digit) = digit else { break };
            value = value * base + digit;
            found = true;
            self.next();
        }
        found.then_some((value & 0xff) as u8)
    }
}

fn is_decimal_with_exponent(word: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    matches!(word, [digits @ .., b'e' | b'E'] if digits.iter().all(is_digit))
}

fn number(word: &str) -> Option<f64> {
    let lower = word.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|value| value as f64);
    }
    if matches!(lower.as_str(), "inf" | "infinity" | "nan") {
        return lower.parse().ok();
    }
    let digits = lower.strip_suffix('f').unwrap_or(&lower);
    let starts_well = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    digits.parse().ok().filter(|_| starts_well)
}
