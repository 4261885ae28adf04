//! Where two protocol buffer messages differ, told without knowing their types.

/// The lines around each difference that are shown at most.
const SHOWN: usize = 8;

/// The first fields in which two messages differ.
pub(crate) fn difference(ours: &[u8], theirs: &[u8]) -> String {
    let lines = |bytes| {
        let mut lines = Vec::new();
        if !fields(bytes, "", &mut lines) {
            lines.push(format!("no message: {}", bytes.escape_ascii()));
        }
        lines
    };
    let (ours, theirs) = (lines(ours), lines(theirs));
    let start = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
    let (ours, theirs) = (&ours[start..], &theirs[start..]);
    let backwards = ours.iter().rev().zip(theirs.iter().rev());
    let end = backwards.take_while(|(a, b)| a == b).count();
    let mut text = "fields differ".to_owned();
    for (label, lines) in [("ours", ours), ("golden", theirs)] {
        let different = &lines[..lines.len() - end];
        for line in different.iter().take(SHOWN) {
            text += &format!("\n    {label:6} {line}");
        }
        if different.len() > SHOWN {
            text += &format!("\n    {label:6} ... and {} more", different.len() - SHOWN);
        }
    }
    text
}

/// One line per scalar field: the path of field numbers, with the names that messages have in field 1, and the value.
///
/// `false` if the bytes are no message.
fn fields(mut bytes: &[u8], path: &str, lines: &mut Vec<String>) -> bool {
    let mut path = path.to_owned();
    while !bytes.is_empty() {
        let Some(tag) = varint(&mut bytes) else {
            return false;
        };
        let number = tag >> 3;
        let here = format!("{path}.{number}");
        let value = match tag & 7 {
            0 => varint(&mut bytes).map(|value| format!("{}", value as i64)),
            1 => take(&mut bytes, 8).map(|value| format!("0x{}", hex(value))),
            5 => take(&mut bytes, 4).map(|value| format!("0x{}", hex(value))),
            2 => {
                let len = varint(&mut bytes).and_then(|len| usize::try_from(len).ok());
                let Some(content) = len.and_then(|len| take(&mut bytes, len)) else {
                    return false;
                };
                let printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
                let mut inner = Vec::new();
                if content.iter().all(printable) {
                    let text = String::from_utf8_lossy(content).into_owned();
                    if number == 1 {
                        path += &format!("({text})");
                    }
                    Some(format!("\"{text}\""))
                } else if fields(content, &here, &mut inner) {
                    lines.append(&mut inner);
                    continue;
                } else {
                    Some(format!("b\"{}\"", content.escape_ascii()))
                }
            }
            _ => None,
        };
        match value {
            Some(value) if number > 0 => lines.push(format!("{here}: {value}")),
            _ => return false,
        }
    }
    true
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let len = bytes.iter().position(|byte| *byte < 0x80)? + 1;
    let digits = take(bytes, len)?.iter().rev();
    (len <= 10).then(|| digits.fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)))
}

fn take<'b>(bytes: &mut &'b [u8], len: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}

fn hex(little_endian: &[u8]) -> String {
    let digits = little_endian.iter().rev();
    digits.map(|byte| format!("{byte:02x}")).collect()
}
