//! The JSON that the crate writes: strings and lists in objects of a few keys, for which no package is needed.

use std::fmt::Write as _;

/// Appends a list, whose items `put` appends.
pub(crate) fn list<T>(
    json: &mut String,
    items: impl IntoIterator<Item = T>,
    mut put: impl FnMut(&mut String, T),
) {
    json.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        put(json, item);
    }
    json.push(']');
}

/// Appends a string.
pub(crate) fn string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if u32::from(c) < 0x20 => {
                // Writing to a string cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}
