//! The first pass over a file: where its rows are, their tokens, and which of them are taken.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};

use foldhash::quality::FixedState;

use super::WordVectorsError;
use super::faults::BadRows;
use super::input::{Input, Reader};
use super::pipeline::in_order;
use super::row::{self, Form, Layout};
use crate::error::Result;
use crate::graph::HashSet;
use crate::sort;

/// The bytes of a piece, unless a row is longer.
pub(super) const PIECE: usize = 1 << 18;
/// The longest row.
const MAX_ROW: usize = 1 << 24;
/// The tokens among which those that come twice are looked for at a time.
const PARTS: usize = 256;

/// Hashes of a token, so many bits that no two tokens ever have the same.
pub(super) type TokenHash = (u64, u64);

pub(super) fn hash(token: &[u8]) -> TokenHash {
    let [one, other] = [1, 2].map(|seed| FixedState::with_seed(seed).hash_one(token));
    (one, other)
}

/// The options of a first pass.
#[derive(Clone, Copy)]
pub(super) struct Scan<'o> {
    pub(super) form: Form,
    /// Where rows begin.
    pub(super) start: u64,
    /// How many rows there are, if that is known.
    pub(super) rows: Option<u64>,
    pub(super) limit: Option<u64>,
    /// Whether all numbers are looked at.
    pub(super) numbers: bool,
    pub(super) lower_case: bool,
    /// The only tokens that are taken.
    pub(super) only: Option<&'o HashSet<TokenHash>>,
}

/// The place of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    /// The number of its first row.
    pub(super) row: u64,
    /// How many rows before it are taken.
    pub(super) taken: u64,
}

/// The rows of a file.
#[derive(Default)]
pub(super) struct Rows {
    /// The tokens that are taken, each with a line break behind it.
    pub(super) tokens: Vec<Box<[u8]>>,
    /// The places of all pieces, and the end.
    pub(super) places: Vec<Place>,
    /// The rows that are not taken; none if all are.
    pub(super) omitted: Bits,
    /// How many rows are taken.
    pub(super) taken: u64,
    pub(super) bad: BadRows,
    /// How many are merged with one before.
    pub(super) merged: u64,
    /// How many are left out, since they are not wanted.
    pub(super) unwanted: u64,
}

/// Bits that grow as they are set.
#[derive(Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn get(&self, at: u64) -> bool {
        let word = self.0.get((at / 64) as usize);
        word.is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn set(&mut self, at: u64) {
        let word = (at / 64) as usize;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (at % 64);
    }
}

/// A piece of the file with what was found in it.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    offset: u64,
    /// The tokens, each with a line break; nothing before it if the row is not taken.
    tokens: Vec<u8>,
    hashes: Vec<u64>,
    /// The offset and the fault of bad rows, by their number in the piece.
    bad: Vec<(u64, usize, String)>,
    rows: u64,
}

impl Scan<'_> {
    /// Reads a file; `told` is told of the bytes of each piece.
    pub(super) fn run(&self, input: &Input, mut told: impl FnMut(u64)) -> Result<Rows> {
        let mut pieces = Pieces {
            scan: *self,
            reader: input.open(self.start)?,
            rest: Vec::new(),
            offset: self.start,
            rows: 0,
            ended: false,
        };
        let enough = AtomicBool::new(self.limit == Some(0));
        let mut rows = Rows::default();
        let mut hashes: [Vec<u64>; PARTS] = std::array::from_fn(|_| Vec::new());
        let mut row = 0;
        let mut end = self.start;
        let read = |piece: &mut Piece| match enough.load(Ordering::Relaxed) {
            true => Ok(false),
            false => pieces.next(input, piece),
        };
        in_order(
            read,
            |piece| self.look_at(piece),
            |piece| {
                if enough.load(Ordering::Relaxed) {
                    return Ok(());
                }
                rows.places.push(Place {
                    offset: piece.offset,
                    row,
                    taken: 0,
                });
                let wanted = self
                    .limit
                    .map_or(piece.rows, |limit| piece.rows.min(limit - row));
                let cut = wanted < piece.rows;
                if cut {
                    piece.cut(wanted);
                }
                for (number, offset, message) in piece.bad.drain(..) {
                    let (row, offset) = (row + number, piece.offset + offset as u64);
                    rows.bad.add(row, || {
                        format!("{}: {message}", self.form.place(row, offset))
                    });
                }
                rows.tokens.push(piece.tokens.as_slice().into());
                // Those of a piece that is cut are some too many, which are no tokens in the end.
                for hash in piece.hashes.drain(..) {
                    hashes[(hash >> 56) as usize].push(hash);
                }
                row += wanted;
                end = piece.offset + piece.bytes.len() as u64;
                told(piece.bytes.len() as u64);
                if cut || self.limit == Some(row) {
                    enough.store(true, Ordering::Relaxed);
                }
                Ok(())
            },
        )?;
        rows.places.push(Place {
            offset: end,
            row,
            taken: 0,
        });
        self.find_repeated(&mut rows, hashes);
        rows.finish();
        rows.unwanted = row - rows.taken - rows.merged - rows.bad.total();
        let expected = self.rows.filter(|rows| *rows != row);
        if let Some(expected) = expected.filter(|_| self.limit != Some(row)) {
            let text = || format!("expected {expected} vectors, as the header says, found {row}");
            rows.bad.add(row, text);
        }
        Ok(rows)
    }

    fn look_at(&self, piece: &mut Piece) {
        let Piece {
            bytes,
            tokens,
            hashes,
            bad,
            rows,
            ..
        } = piece;
        tokens.clear();
        hashes.clear();
        bad.clear();
        *rows = 0;
        let mut values = Vec::new();
        for (offset, row) in row::rows(self.form, bytes) {
            match self.token(row, &mut values) {
                Err(message) => bad.push((*rows, offset, message)),
                Ok(token) => {
                    let token = token.as_bytes();
                    let found = hash(token);
                    if self.only.is_none_or(|only| only.contains(&found)) {
                        hashes.push(found.0);
                        tokens.extend_from_slice(token);
                    }
                }
            }
            tokens.push(b'\n');
            *rows += 1;
        }
    }

    fn token<'r>(
        &self,
        row: &'r [u8],
        values: &mut Vec<f32>,
    ) -> std::result::Result<std::borrow::Cow<'r, str>, String> {
        let token = row::check_token(row::split(self.form, row).0)?;
        if self.numbers {
            values.clear();
            row::numbers(self.form, row, values)?;
        }
        Ok(
            match self.lower_case
                && token
                    .chars()
                    .any(|c| !c.is_ascii() || c.is_ascii_uppercase())
            {
                true => token.to_lowercase().into(),
                false => token.into(),
            },
        )
    }

    /// Leaves out the rows whose token was there before.
    fn find_repeated(&self, rows: &mut Rows, hashes: [Vec<u64>; PARTS]) {
        let mut repeated: HashMap<u64, Option<(u64, u64)>> = HashMap::new();
        for part in hashes {
            let found = sort::repeated(part).into_iter();
            repeated.extend(found.map(|hash| (hash, None)));
        }
        if repeated.is_empty() {
            return;
        }
        let mut row = 0;
        for piece in &mut rows.tokens {
            let mut kept = Vec::with_capacity(piece.len());
            for token in piece.split_inclusive(|byte| *byte == b'\n') {
                let bytes = &token[..token.len() - 1];
                let (one, other) = hash(bytes);
                let first = repeated.get_mut(&one).filter(|_| !bytes.is_empty());
                let again = first.and_then(|first| {
                    let (known, at) = *first.get_or_insert((other, row));
                    // Of different tokens with one hash of two, both are taken.
                    (known == other && at != row).then_some(at)
                });
                match again {
                    None => kept.extend_from_slice(token),
                    Some(at) => {
                        kept.push(b'\n');
                        if self.lower_case {
                            rows.merged += 1;
                        } else {
                            let shown = row::shown(bytes);
                            rows.bad.add(row, || match self.form.layout {
                                Layout::Binary => format!(
                                    "vector {}: the token {shown} is that of vector {}",
                                    row + 1,
                                    at + 1
                                ),
                                _ => format!(
                                    "{}: the token {shown} is that of {}",
                                    self.form.place(row, 0),
                                    self.form.place(at, 0)
                                ),
                            });
                        }
                    }
                }
                row += 1;
            }
            *piece = kept.into();
        }
    }
}

impl Piece {
    /// Leaves out all but the first rows.
    fn cut(&mut self, rows: u64) {
        let ends = self
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n');
        let end = ends
            .map(|(at, _)| at + 1)
            .nth((rows as usize).wrapping_sub(1));
        self.tokens.truncate(end.unwrap_or(0));
        self.bad.retain(|(row, ..)| *row < rows);
        self.rows = rows;
    }
}

impl Rows {
    /// Notes which rows are taken, and keeps only their tokens.
    fn finish(&mut self) {
        let mut row = 0;
        for (piece, place) in self.tokens.iter_mut().zip(&mut self.places) {
            place.taken = self.taken;
            let before = self.taken;
            for token in piece.split_inclusive(|byte| *byte == b'\n') {
                match token {
                    b"\n" => self.omitted.set(row),
                    _ => self.taken += 1,
                }
                row += 1;
            }
            if self.taken - before != row - place.row {
                let tokens = piece.split_inclusive(|byte| *byte == b'\n');
                let taken: Vec<_> = tokens.filter(|token| *token != b"\n").collect();
                *piece = taken.concat().into();
            }
        }
        if let Some(end) = self.places.last_mut() {
            end.taken = self.taken;
        }
    }
}

/// Cuts a file into pieces of whole rows.
struct Pieces<'i, 'o> {
    scan: Scan<'o>,
    reader: Reader<'i>,
    /// The beginning of the next piece.
    rest: Vec<u8>,
    offset: u64,
    /// The rows so far, where they are told apart by their lengths.
    rows: u64,
    ended: bool,
}

impl Pieces<'_, '_> {
    fn next(&mut self, input: &Input, piece: &mut Piece) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let bytes = &mut piece.bytes;
        bytes.clear();
        bytes.append(&mut self.rest);
        let mut wanted = PIECE;
        let whole = loop {
            self.reader.fill(bytes, wanted)?;
            self.ended = bytes.len() < wanted;
            match self.whole_rows(bytes) {
                _ if self.ended && self.scan.form.layout != Layout::Binary => break bytes.len(),
                0 if !self.ended && bytes.len() < MAX_ROW => wanted = bytes.len() + PIECE,
                0 if !self.ended => {
                    let error = WordVectorsError::TooLong {
                        offset: self.offset,
                        most: MAX_ROW,
                    };
                    return Err(input.error(error));
                }
                whole => break whole,
            }
        };
        if self.scan.form.layout == Layout::Binary && self.scan.rows == Some(self.rows) {
            // After the last vector there may be a line break.
            self.reader.fill(bytes, whole + 2)?;
            if bytes[whole..]
                .iter()
                .any(|byte| !matches!(byte, b'\n' | b'\r'))
            {
                let (offset, rows) = (self.offset + whole as u64, self.rows);
                return Err(input.error(WordVectorsError::Trailing { offset, rows }));
            }
            self.ended = true;
        } else if self.ended {
            // A vector that is cut off is a bad one.
            return Ok(self.place(piece));
        } else {
            self.rest.extend_from_slice(&bytes[whole..]);
        }
        bytes.truncate(whole);
        Ok(self.place(piece))
    }

    /// Says where a piece is; whether there is one.
    fn place(&mut self, piece: &mut Piece) -> bool {
        piece.offset = self.offset;
        self.offset += piece.bytes.len() as u64;
        !piece.bytes.is_empty()
    }

    /// The length of the whole rows at the beginning.
    fn whole_rows(&mut self, bytes: &[u8]) -> usize {
        if self.scan.form.layout != Layout::Binary {
            return memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        }
        let mut whole = 0;
        while self.scan.rows.is_none_or(|rows| self.rows < rows) {
            match row::binary_len(self.scan.form.dimension, &bytes[whole..]) {
                Some(len) => whole += len,
                None => break,
            }
            self.rows += 1;
        }
        whole
    }
}
