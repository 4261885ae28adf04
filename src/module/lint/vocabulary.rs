//! Vocabularies: text files with an entry on each line, as the initializers of tables read them.
//!
//! TensorFlow takes `\r` out of lines wherever it is, refuses empty lines and lines that lack columns, and refuses a key
//! that comes twice with different values. It does so in the session of who uses the module; here files are read the same
//! way, a buffer at a time, and what is kept of a file does not grow beyond a fixed size.

use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use foldhash::quality::RandomState;

use super::code::Severity;
use crate::graph::HashMap;
use crate::quoted::Quoted;
use crate::sort;

/// The keys whose hashes are in memory in a pass over a file; the others have passes of their own.
const KEYS: usize = 1 << 20;
/// The bytes of a line that are looked at.
const MAX_LINE: usize = 1 << 16;
/// How many keys that come twice are compared by their bytes; the others are only counted, by their hashes.
const VERIFIED: u64 = 8;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The part of a line that is a key or value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    WholeLine,
    LineNumber,
    Number(usize),
}

/// The form in which a table takes its file.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) keys: Column,
    pub(super) values: Column,
    pub(super) keys_are_integers: bool,
    pub(super) values_are_integers: bool,
    pub(super) delimiter: u8,
    /// How many lines are taken; all if nothing is said.
    pub(super) size: Option<u64>,
}

/// A file that was read.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// The number of lines that the table takes.
    pub(super) entries: u64,
    pub(super) faults: Vec<Fault>,
}

impl Vocabulary {
    /// A file that cannot be read to its end.
    pub(super) fn unread(error: &io::Error) -> Self {
        let mut faults = Faults::default();
        faults.note("unread", Severity::Error, None, || {
            format!("cannot read the file: {error}")
        });
        Vocabulary {
            entries: 0,
            faults: faults.finish(),
        }
    }
}

/// A fault of a file, at the first line that has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) severity: Severity,
    /// Counted from 1.
    pub(super) line: Option<u64>,
    pub(super) message: String,
}

/// One fault of each kind, and how many more lines have it.
#[derive(Default)]
struct Faults(Vec<(&'static str, Fault, u64)>);

impl Faults {
    fn note(
        &mut self,
        kind: &'static str,
        severity: Severity,
        line: Option<u64>,
        message: impl FnOnce() -> String,
    ) {
        if let Some((.., more)) = self.0.iter_mut().find(|(known, ..)| *known == kind) {
            *more += 1;
            return;
        }
        let fault = Fault {
            severity,
            line,
            message: message(),
        };
        self.0.push((kind, fault, 0));
    }

    fn count(&self, kind: &str) -> u64 {
        let fault = self.0.iter().find(|(known, ..)| *known == kind);
        fault.map_or(0, |(.., more)| more + 1)
    }

    fn finish(self) -> Vec<Fault> {
        let faults = self.0.into_iter().map(|(_, mut fault, more)| {
            if let Some(line) = fault.line {
                let others = match more {
                    0 => String::new(),
                    1 => ", and one more line".to_owned(),
                    more => format!(", and {more} more lines"),
                };
                fault.message = format!("line {line}{others}: {}", fault.message);
            }
            fault
        });
        faults.collect()
    }
}

/// Reads a vocabulary.
pub(super) fn read(path: &Path, format: &Format) -> io::Result<Vocabulary> {
    read_with(path, format, KEYS)
}

/// Reads a vocabulary, with the hashes of this many keys in memory.
fn read_with(path: &Path, format: &Format, most: usize) -> io::Result<Vocabulary> {
    let mut faults = Faults::default();
    let mut lines = Lines::open(path)?;
    let mut keys = Keys::new(path, format);
    let mut hashes = Some(Vec::new());
    let mut entries = 0;
    let takes = |entries: u64| format.size.is_none_or(|size| entries < size);
    while takes(entries) && lines.next()? {
        entries += 1;
        lines.check(format, entries, &mut faults);
        let hash = hashes.as_mut().zip(keys.hash(&lines));
        if let Some((hashes, hash)) = hash {
            hashes.push(hash);
        }
        // They are looked at in parts.
        hashes.take_if(|hashes| hashes.len() > most);
    }
    if takes(entries) && lines.is_unfinished {
        faults.note("newline", Severity::Info, Some(entries), || {
            "the last line has no end".to_owned()
        });
    }
    let each = |see: &mut dyn FnMut(&Lines, u64) -> io::Result<()>| {
        let mut lines = Lines::open(path)?;
        let mut number = 0;
        while takes(number) && lines.next()? {
            number += 1;
            see(&lines, number)?;
        }
        io::Result::Ok(())
    };
    let parts = match hashes {
        Some(_) => 1,
        None => entries.div_ceil(most as u64),
    };
    for part in 0..parts {
        let hashes = match hashes.take() {
            Some(hashes) => hashes,
            None => {
                let mut hashes = Vec::new();
                let is_of_part = |hash: &u64| hash % parts == part;
                each(&mut |lines, _| {
                    hashes.extend(keys.hash(lines).filter(is_of_part));
                    Ok(())
                })?;
                hashes
            }
        };
        keys.expect_repeated(hashes);
        if !keys.repeated.is_empty() {
            each(&mut |lines, number| keys.see(lines, number, &mut faults))?;
        }
    }
    match format.size {
        Some(size) if entries < size => faults.note("size", Severity::Error, None, || {
            format!("the file has {entries} lines, and vocab_size is {size}")
        }),
        None if entries == 0 => {
            faults.note("size", Severity::Error, None, || {
                "the file is empty".to_owned()
            });
        }
        _ => {}
    }
    let faults = faults.finish();
    Ok(Vocabulary { entries, faults })
}

const DUPLICATE: &str = "duplicate";

/// The lines of a file, one at a time.
struct Lines {
    file: BufReader<File>,
    /// Where the line begins.
    offset: u64,
    /// Where the next one does.
    next: u64,
    /// The line without its end and without `\r`.
    line: Vec<u8>,
    /// Whether there are more bytes than are looked at.
    is_cut: bool,
    /// Whether the line ends in `\r\n`.
    has_return: bool,
    /// Whether the file ends before the line does.
    is_unfinished: bool,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        Self::at(path, 0)
    }

    fn at(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Lines {
            file: BufReader::with_capacity(1 << 16, file),
            offset,
            next: offset,
            line: Vec::new(),
            is_cut: false,
            has_return: false,
            is_unfinished: false,
        })
    }

    /// Goes on to the next line, if there is one.
    fn next(&mut self) -> io::Result<bool> {
        self.line.clear();
        (self.offset, self.is_cut) = (self.next, false);
        loop {
            let mut piece = (&mut self.file).take(MAX_LINE as u64);
            let read = piece.read_until(b'\n', &mut self.line)?;
            self.next += read as u64;
            if self.next == self.offset {
                return Ok(false);
            }
            let has_end = read > 0 && self.line.last() == Some(&b'\n');
            if has_end {
                self.line.pop();
            }
            self.has_return = self.line.last() == Some(&b'\r');
            if self.line.len() > MAX_LINE {
                self.is_cut = true;
                self.line.truncate(MAX_LINE);
            }
            if read == 0 || has_end {
                self.is_unfinished = !has_end;
                break;
            }
        }
        self.line.retain(|byte| *byte != b'\r');
        Ok(true)
    }

    /// A part of the line; none if there is no such column.
    fn part(&self, column: Column, delimiter: u8) -> Option<&[u8]> {
        match column {
            Column::WholeLine => Some(&self.line),
            Column::LineNumber => Some(&[]),
            Column::Number(index) => self.line.split(|byte| *byte == delimiter).nth(index),
        }
    }

    fn check(&self, format: &Format, number: u64, faults: &mut Faults) {
        let line = Some(number);
        if self.line.is_empty() {
            let message =
                || "the line is empty, for which the initializer of the table fails".to_owned();
            return faults.note("empty", Severity::Error, line, message);
        }
        if self.is_cut {
            let message =
                || format!("the line has more than {MAX_LINE} bytes, the others are not looked at");
            faults.note("long", Severity::Warning, line, message);
        }
        if number == 1 && self.line.starts_with(BOM) {
            let message = || {
                "the file begins with a byte order mark, which becomes a part of its first word"
                    .to_owned()
            };
            faults.note("mark", Severity::Warning, line, message);
        }
        if self.has_return {
            let message = || {
                "the line ends in CR LF; TensorFlow leaves out the CR, other readers may not"
                    .to_owned()
            };
            faults.note("return", Severity::Info, line, message);
        }
        let columns = [
            ("key", format.keys, format.keys_are_integers),
            ("value", format.values, format.values_are_integers),
        ];
        for (what, column, is_integer) in columns {
            let Some(part) = self.part(column, format.delimiter) else {
                let count = self.line.split(|byte| *byte == format.delimiter).count();
                let Column::Number(index) = column else {
                    continue;
                };
                let message = || {
                    format!(
                        "the {what} is column {index}, counted from 0, and the line has {count}"
                    )
                };
                faults.note("columns", Severity::Error, line, message);
                return;
            };
            let is_text = matches!(column, Column::WholeLine | Column::Number(_)) && !is_integer;
            if is_text && part.last().is_some_and(u8::is_ascii_whitespace) {
                let message = || format!("the {what} {} ends in a blank", Quoted::new(shown(part)));
                faults.note("blank", Severity::Warning, line, message);
            }
            if is_integer && column != Column::LineNumber && integer(part).is_none() {
                let message = || format!("the {what} {} is no integer", Quoted::new(shown(part)));
                faults.note("integer", Severity::Error, line, message);
            }
        }
    }
}

/// The beginning of a word, for messages.
fn shown(word: &[u8]) -> &[u8] {
    &word[..word.len().min(80)]
}

/// The integer that a column is read as.
fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim_ascii().parse().ok()
}

/// The keys of a file, by their hashes.
struct Keys<'p> {
    path: &'p Path,
    format: &'p Format,
    hasher: RandomState,
    /// Those that are there several times: the place, the line and the hash of the value of the first.
    repeated: HashMap<u64, Option<(u64, u64, u64)>>,
}

impl<'p> Keys<'p> {
    fn new(path: &'p Path, format: &'p Format) -> Self {
        Keys {
            path,
            format,
            hasher: RandomState::default(),
            repeated: HashMap::default(),
        }
    }

    /// The hash of the key of a line, if it has one that may be there twice.
    fn hash(&self, lines: &Lines) -> Option<u64> {
        let Format {
            keys, delimiter, ..
        } = *self.format;
        if keys == Column::LineNumber || lines.is_cut {
            return None;
        }
        let key = lines.part(keys, delimiter).filter(|key| !key.is_empty())?;
        let number = integer(key).filter(|_| self.format.keys_are_integers);
        Some(number.map_or_else(
            || self.hasher.hash_one(key),
            |key| self.hasher.hash_one(key),
        ))
    }

    /// Has those keys noted whose hashes are there several times.
    fn expect_repeated(&mut self, hashes: Vec<u64>) {
        let repeated = sort::repeated(hashes).into_iter();
        self.repeated = repeated.map(|hash| (hash, None)).collect();
    }

    /// Notes the key of a line, if another line has it with another value.
    fn see(&mut self, lines: &Lines, number: u64, faults: &mut Faults) -> io::Result<()> {
        let Format {
            keys,
            values,
            delimiter,
            ..
        } = *self.format;
        let (Some(hash), Some(value)) = (self.hash(lines), lines.part(values, delimiter)) else {
            return Ok(());
        };
        let value = match values {
            Column::LineNumber => number,
            _ => match integer(value).filter(|_| self.format.values_are_integers) {
                Some(value) => self.hasher.hash_one(value),
                None => self.hasher.hash_one(value),
            },
        };
        let Some(first) = self.repeated.get_mut(&hash) else {
            return Ok(());
        };
        let (offset, first, known) = *first.get_or_insert((lines.offset, number, value));
        let key = lines.part(keys, delimiter).unwrap_or_default();
        if known != value && (faults.count(DUPLICATE) >= VERIFIED || self.has_key(offset, key)?) {
            faults.note(DUPLICATE, Severity::Error, Some(number), || {
                format!(
                    "the key {} is that of line {first}, too, for which the initializer of the table fails",
                    Quoted::new(shown(key))
                )
            });
        }
        Ok(())
    }

    /// Whether the line at a place has this key, and not only one of the same hash.
    fn has_key(&self, offset: u64, key: &[u8]) -> io::Result<bool> {
        let mut lines = Lines::at(self.path, offset)?;
        lines.next()?;
        let other = lines.part(self.format.keys, self.format.delimiter);
        Ok(other.is_some_and(|other| {
            let is_integer = self.format.keys_are_integers;
            other == key || is_integer && integer(other).is_some() && integer(other) == integer(key)
        }))
    }
}

#[cfg(test)]
mod tests;
