//! Faults of rows: the first of them, and how many there are.

use std::fmt;

/// How many faults are told one by one.
const TOLD: usize = 20;

/// Rows of a file that cannot be taken.
///
/// Its text, by [`Display`](fmt::Display), has a line for each of the first 20, such as
/// `line 7: expected 50 numbers after the token "the", found 49`, and one for all others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BadRows {
    total: u64,
    /// By rows; more than are told, until the last ones are dropped.
    first: Vec<(u64, String)>,
}

impl BadRows {
    /// How many there are.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The first 20, each with its line or byte and what is wrong with it, in the order of the file.
    pub fn first(&self) -> impl Iterator<Item = &str> {
        let first = self.first.iter().take(TOLD);
        first.map(|(_, text)| text.as_str())
    }

    /// Notes the fault of a row.
    pub(super) fn add(&mut self, row: u64, text: impl FnOnce() -> String) {
        self.total += 1;
        // Rows come in order but for those that are found to be there twice.
        if self.first.len() < TOLD || self.first.last().is_some_and(|(last, _)| row < *last) {
            let at = self.first.partition_point(|(known, _)| *known <= row);
            self.first.insert(at, (row, text()));
            self.first.truncate(TOLD);
        }
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line_end = "";
        for text in self.first() {
            write!(f, "{line_end}{text}")?;
            line_end = "\n";
        }
        match self.total - self.first().count() as u64 {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_told_and_all_are_counted() {
        let mut bad = BadRows::default();
        assert_eq!(bad.to_string(), "");
        for row in (0..30).step_by(2).chain(1..25) {
            bad.add(row, || format!("line {row}"));
        }
        assert_eq!(bad.total(), 39);
        let expected = (0..10).flat_map(|it| match it {
            0 => vec!["line 0".to_owned()],
            it => vec![format!("line {it}"); 1 + usize::from(it % 2 == 0)],
        });
        let expected: Vec<_> = expected.collect();
        let found: Vec<_> = bad.first().map(str::to_owned).collect();
        assert_eq!(found[..expected.len()], expected);
        assert_eq!(found.len(), TOLD);
        assert!(bad.to_string().ends_with("\nand 19 more"));
    }
}
