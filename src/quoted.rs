//! Names that come from files, as messages show them.

use std::fmt::{self, Write as _};

/// A name in quotes, on one line: control characters, quotes, backslashes and bytes that are not UTF-8 are escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quoted(String);

impl Quoted {
    /// A name that should be text.
    pub(crate) fn new(name: impl AsRef<[u8]>) -> Self {
        let mut text = String::from("\"");
        for chunk in name.as_ref().utf8_chunks() {
            for c in chunk.valid().chars() {
                match u8::try_from(c) {
                    Ok(b'\'') => text.push(c),
                    Ok(byte) if byte.is_ascii() => push(&mut text, &[byte]),
                    _ => text.extend(c.escape_debug()),
                }
            }
            push(&mut text, chunk.invalid());
        }
        text.push('"');
        Quoted(text)
    }

    /// A key that is no text, of which all bytes beyond ASCII are escaped.
    pub(crate) fn bytes(key: &[u8]) -> Self {
        let mut text = String::from("\"");
        push(&mut text, key);
        text.push('"');
        Quoted(text)
    }
}

/// Appends bytes, escaped.
fn push(text: &mut String, bytes: &[u8]) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{}", bytes.escape_ascii());
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_breaks_a_line() {
        for (name, text) in [
            (&b"dense/kernel"[..], r#""dense/kernel""#),
            (b"", r#""""#),
            ("größe it's".as_bytes(), r#""größe it's""#),
            (b"a\nb\r\tc", r#""a\nb\r\tc""#),
            (b"\x1b[31mred\0\x7f", r#""\x1b[31mred\x00\x7f""#),
            (b"q\"uo\\te", r#""q\"uo\\te""#),
            (
                "\u{85}\u{202e}\u{2028}".as_bytes(),
                r#""\u{85}\u{202e}\u{2028}""#,
            ),
            (b"a\xff\xfeb", r#""a\xff\xfeb""#),
        ] {
            assert_eq!(Quoted::new(name).to_string(), text);
        }
        assert_eq!(Quoted::bytes("ä".as_bytes()).to_string(), r#""\xc3\xa4""#);
    }
}
