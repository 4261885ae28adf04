//! Names that are meant when one that does not exist is asked for.

use crate::sort::sort;

/// The most names that are listed whole.
const SHORT_LIST: usize = 5;
/// The most names that are suggested.
const SUGGESTIONS: usize = 3;

/// The clause behind "there is no ...": the nearest of the names that there are, and all of them where they are few.
///
/// ```text
/// ; did you mean "dense/kernel"?
/// ; there are 2 arrays, "a" and "b"
/// ```
pub(crate) fn among<'n>(
    name: &str,
    noun: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let suggestion = suggestion(name, names.iter().copied());
    match list(noun, names.iter().copied()) {
        Some(list) if suggestion.is_empty() || names.len() > 1 => {
            format!("{suggestion}; {list}")
        }
        _ => suggestion,
    }
}

/// The clause behind "there is no ..." and "... has no value": the nearest of the names that there are.
pub(crate) fn suggestion<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    match nearest(name, &mut names.into_iter())[..] {
        [] => String::new(),
        ref nearest => format!("; did you mean {}?", quoted(nearest, "or")),
    }
}

/// The names that there are, of values, variables, or what else `noun` says; `None` if they are many.
pub(crate) fn list<'n>(noun: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    list_of(noun, names.into_iter().take(SHORT_LIST + 1).collect())
}

fn list_of(noun: &str, mut names: Vec<&str>) -> Option<String> {
    sort(&mut names);
    let quoted = quoted(&names, "and");
    match names.len() {
        0 => Some(format!("there are no {noun}s")),
        1 => Some(format!("there is one {noun}, {quoted}")),
        count @ 2..=SHORT_LIST => Some(format!("there are {count} {noun}s, {quoted}")),
        _ => None,
    }
}

/// The names that are like another, the nearest first.
fn nearest<'n>(name: &str, names: &mut dyn Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut ranked: Vec<_> = names
        .filter_map(|known| Some((rank(name, known)?, known)))
        .collect();
    sort(&mut ranked);
    // One that is the same but for how it is written is meant; others are not.
    let written = ranked.iter().take_while(|((class, _), _)| *class == 0);
    let take = match written.count() {
        0 => SUGGESTIONS,
        written => written.min(SUGGESTIONS),
    };
    ranked
        .into_iter()
        .take(take)
        .map(|(_, name)| name)
        .collect()
}

/// How far a name is from another, if not too far: first the same name written otherwise, then one with a prefix more or
/// less, then one with letters changed.
fn rank(name: &str, known: &str) -> Option<(u8, usize)> {
    let (a, b) = (plain(name), plain(known));
    if a == b {
        return Some((0, 0));
    }
    let (longer, shorter) = if a.len() > b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    if let Some(prefix) = longer.strip_suffix(shorter.as_str()) {
        if prefix.ends_with('/') && !shorter.is_empty() {
            return Some((1, prefix.len()));
        }
    }
    // A quarter of the letters may differ, and one of three.
    let len = a.len().max(b.len());
    let most = (len / 4).max(usize::from(len > 2));
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let distance = distance(&a, &b);
    (distance <= most).then_some((2, distance))
}

/// The edit distance: how many letters are put in, left out, changed or exchanged with the next, none of them twice.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // For the first letters of `a` up to the last and the one before: the distances from all beginnings of `b`.
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// A name without what is written in several ways: the number of a node's output, case, and what separates its parts.
fn plain(name: &str) -> String {
    let name = name.strip_suffix(":0").unwrap_or(name);
    name.replace(['.', '\\'], "/").to_ascii_lowercase()
}

fn quoted(names: &[&str], word: &str) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
    match &quoted[..] {
        [first @ .., last] if !first.is_empty() => format!("{} {word} {last}", first.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_meant_are_suggested() {
        const NAMES: [&str; 6] = [
            "encoder/dense/bias",
            "encoder/dense/kernel",
            "fc.weight",
            "global_step",
            "a",
            "Embedding/table",
        ];
        for (name, expected) in [
            ("a:0", "; did you mean \"a\"?"),
            ("global_step:0", "; did you mean \"global_step\"?"),
            ("dense/kernel", "; did you mean \"encoder/dense/kernel\"?"),
            (
                "net/encoder/dense/bias",
                "; did you mean \"encoder/dense/bias\"?",
            ),
            ("fc/weight", "; did you mean \"fc.weight\"?"),
            ("embedding/table", "; did you mean \"Embedding/table\"?"),
            ("globalstep", "; did you mean \"global_step\"?"),
            (
                "encoder/dense/kernle",
                "; did you mean \"encoder/dense/kernel\"?",
            ),
            (
                "decoder/dense/bias",
                "; did you mean \"encoder/dense/bias\"?",
            ),
            ("unlike", ""),
            ("", ""),
        ] {
            assert_eq!(among(name, "value", NAMES), expected, "{name}");
        }
    }

    #[test]
    fn distances_count_edits() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("kernle", "kernel", 1),
            ("naïve", "naive", 1),
            ("ca", "abc", 3),
            ("bias", "kernel", 6),
        ] {
            assert_eq!(distance(a, b), expected, "{a:?} and {b:?}");
            assert_eq!(distance(b, a), expected, "{b:?} and {a:?}");
        }
    }

    #[test]
    fn a_short_list_is_given_whole() {
        assert_eq!(among("w", "value", []), "; there are no values");
        assert_eq!(
            among("w", "value", ["kernel"]),
            "; there is one value, \"kernel\""
        );
        assert_eq!(
            among("kernel:0", "value", ["kernel"]),
            "; did you mean \"kernel\"?"
        );
        assert_eq!(
            among("w", "value", ["b", "aa"]),
            "; there are 2 values, \"aa\" and \"b\""
        );
        assert_eq!(
            among("net/b", "value", ["b", "aa", "cc"]),
            "; did you mean \"b\"?; there are 3 values, \"aa\", \"b\" and \"cc\""
        );
    }
}
