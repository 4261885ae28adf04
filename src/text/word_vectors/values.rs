//! The second pass over a file: the vectors, as they become the rows of a variable.

use std::ops::Range;
use std::sync::OnceLock;

use half::{bf16, f16};

use super::faults::BadRows;
use super::pipeline::in_order;
use super::row;
use super::{OutOfVocabulary, Storage, WordVectors, WordVectorsError};
use crate::dtype::DType;
use crate::error::Result;
use crate::random::{Seed, random_standard_normal};
use crate::source::{StoredValue, VariableSource, VariableValue};
use crate::value::{TensorSlice, TensorValue};

/// The vectors of a file as the value of a variable: a row for each token, and rows for what is not in the vocabulary.
///
/// [`WordVectors::embeddings`] makes one.
#[derive(Debug)]
pub struct EmbeddingValues<'v> {
    vectors: &'v WordVectors,
    name: String,
    dtype: DType,
    others: u64,
    fill: OutOfVocabulary,
    /// The sums over all vectors, once they are known.
    sums: OnceLock<Sums>,
}

/// Sums over vectors, of which rows for other tokens are made.
#[derive(Debug, Clone, Default)]
struct Sums {
    /// Of each number of the vectors.
    values: Vec<f64>,
    /// Of all squares.
    squares: f64,
    count: u64,
}

impl Sums {
    fn add(&mut self, row: &[f32]) {
        self.values.resize(row.len(), 0.0);
        for (sum, value) in self.values.iter_mut().zip(row) {
            *sum += f64::from(*value);
            self.squares += f64::from(*value) * f64::from(*value);
        }
        self.count += 1;
    }

    fn merge(&mut self, other: &Sums) {
        self.values
            .resize(self.values.len().max(other.values.len()), 0.0);
        for (sum, value) in self.values.iter_mut().zip(&other.values) {
            *sum += value;
        }
        self.squares += other.squares;
        self.count += other.count;
    }

    /// The mean vector.
    fn mean(&self) -> Vec<f32> {
        let mean = self.values.iter().map(|sum| sum / self.count.max(1) as f64);
        mean.map(|mean| mean as f32).collect()
    }

    /// The standard deviation of all numbers.
    fn deviation(&self) -> f32 {
        let count = (self.count as f64 * self.values.len() as f64).max(1.0);
        let mean = self.values.iter().sum::<f64>() / count;
        (self.squares / count - mean * mean).max(0.0).sqrt() as f32
    }
}

/// A piece of a file, and the elements that it gives.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    /// Its rows, and where they are among those that are taken.
    rows: Range<u64>,
    taken: Range<u64>,
    offset: u64,
    values: Vec<f32>,
    elements: Vec<u8>,
    sums: Sums,
    bad: Vec<(u64, u64, String)>,
}

impl<'v> EmbeddingValues<'v> {
    pub(super) fn new(vectors: &'v WordVectors, name: String) -> Self {
        EmbeddingValues {
            vectors,
            name,
            dtype: DType::Float32,
            others: 0,
            fill: OutOfVocabulary::Zeros,
            sums: OnceLock::new(),
        }
    }

    /// Sets the dtype of the variable, float32 by default: float16 and bfloat16 are rounded to the nearest.
    ///
    /// Other dtypes are none of word vectors; [`variable`](VariableSource::variable) refuses them.
    pub fn dtype(self, dtype: DType) -> Self {
        EmbeddingValues { dtype, ..self }
    }

    /// Adds `rows` rows for tokens that are not in the vocabulary.
    pub fn out_of_vocabulary(self, rows: u64, fill: OutOfVocabulary) -> Self {
        EmbeddingValues {
            others: rows,
            fill,
            ..self
        }
    }

    /// The numbers of rows and columns.
    fn shape(&self) -> Result<Vec<usize>> {
        let rows = usize::try_from(self.vectors.len() as u64 + self.others);
        let rows = rows.map_err(|_| self.vectors.input.error(WordVectorsError::TooMany))?;
        Ok(vec![rows, self.vectors.dimension()])
    }

    fn row_bytes(&self) -> u64 {
        (self.vectors.dimension() * self.dtype.size().unwrap_or(1)) as u64
    }

    /// Appends a row to elements, as what it is stored as.
    fn push(&self, row: &[f32], elements: &mut Vec<u8>) {
        match self.dtype {
            DType::Float16 => {
                let halves = row.iter().map(|value| f16::from_f32(*value));
                elements.extend(halves.flat_map(f16::to_ne_bytes));
            }
            DType::BFloat16 => {
                let halves = row.iter().map(|value| bf16::from_f32(*value));
                elements.extend(halves.flat_map(bf16::to_ne_bytes));
            }
            _ => elements.extend_from_slice(bytemuck::cast_slice(row)),
        }
    }

    /// Takes a vector.
    fn take(&self, row: &mut [f32], sums: Option<&mut Sums>, elements: &mut Vec<u8>) {
        if self.vectors.normalize {
            let square = |value: &f32| f64::from(*value) * f64::from(*value);
            let norm = row.iter().map(square).sum::<f64>().sqrt();
            if norm > 0.0 {
                row.iter_mut()
                    .for_each(|value| *value = (f64::from(*value) / norm) as f32);
            }
        }
        if let Some(sums) = sums {
            sums.add(row);
        }
        self.push(row, elements);
    }

    fn needs_sums(&self) -> bool {
        self.others > 0 && self.fill != OutOfVocabulary::Zeros && self.sums.get().is_none()
    }

    /// Hands the rows in a range to `sink`.
    fn stream_rows(
        &self,
        range: Range<u64>,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let tokens = self.vectors.len() as u64;
        let known = range.start.min(tokens)..range.end.min(tokens);
        let others = range.start.max(tokens) - tokens..range.end.max(tokens) - tokens;
        let sum = !others.is_empty() && self.needs_sums();
        let are_all = known == (0..tokens);
        let mut sums = Sums::default();
        if !known.is_empty() {
            sums = self.stream_vectors(known, sum && are_all, sink)?;
        }
        if sum {
            if !are_all {
                sums = self.stream_vectors(0..tokens, true, &mut |_| Ok(()))?;
            }
            // Whoever was first has the same.
            let _ = self.sums.set(sums);
        }
        self.stream_others(others, sink)
    }

    /// Hands the vectors in a range to `sink`, and sums them up if that is wanted.
    fn stream_vectors(
        &self,
        range: Range<u64>,
        sum: bool,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Sums> {
        match &self.vectors.storage {
            Storage::Rows => self.stream_file(range, sum, sink),
            Storage::Matrix(matrix) => {
                let mut sums = Sums::default();
                let (mut elements, mut next) = (Vec::new(), 0);
                matrix.stream(&self.vectors.input, &mut |row, values| {
                    if self.vectors.rows.omitted.get(row) {
                        return Ok(());
                    }
                    next += 1;
                    if !range.contains(&(next - 1)) {
                        return Ok(());
                    }
                    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                        let (row, column) = (row + 1, at + 1);
                        let value = row::name(values[at]);
                        let error = WordVectorsError::Element { row, column, value };
                        return Err(self.vectors.input.error(error));
                    }
                    elements.clear();
                    self.take(values, sum.then_some(&mut sums), &mut elements);
                    sink(&elements)
                })?;
                Ok(sums)
            }
        }
    }

    fn stream_file(
        &self,
        range: Range<u64>,
        sum: bool,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Sums> {
        let WordVectors {
            input, rows, form, ..
        } = self.vectors;
        let form = *form;
        let places = &rows.places;
        let first = places.partition_point(|place| place.taken <= range.start);
        let first = first.saturating_sub(1);
        let last = places.partition_point(|place| place.taken < range.end);
        let mut pieces = places[first..=last.min(places.len() - 1)].windows(2);
        let mut reader = input.open(places[first].offset)?;
        let read = |piece: &mut Piece| {
            let Some([from, to]) = pieces.next() else {
                return Ok(false);
            };
            let len = (to.offset - from.offset) as usize;
            piece.bytes.clear();
            reader.fill(&mut piece.bytes, len)?;
            if piece.bytes.len() < len {
                let offset = from.offset + piece.bytes.len() as u64;
                return Err(input.error(WordVectorsError::Changed { offset }));
            }
            piece.rows = from.row..to.row;
            piece.taken = from.taken..to.taken;
            piece.offset = from.offset;
            Ok(true)
        };
        let work = |piece: &mut Piece| {
            piece.elements.clear();
            piece.bad.clear();
            piece.sums = Sums::default();
            for ((offset, line), row) in row::rows(form, &piece.bytes).zip(piece.rows.clone()) {
                if rows.omitted.get(row) {
                    continue;
                }
                piece.values.clear();
                match row::numbers(form, line, &mut piece.values) {
                    Ok(()) => {
                        let sums = sum.then_some(&mut piece.sums);
                        self.take(&mut piece.values, sums, &mut piece.elements);
                    }
                    Err(message) => {
                        let offset = piece.offset + offset as u64;
                        piece.bad.push((row, offset, message));
                    }
                }
            }
        };
        let (mut bad, mut sums) = (BadRows::default(), Sums::default());
        in_order(read, work, |piece| {
            for (row, offset, message) in piece.bad.drain(..) {
                bad.add(row, || format!("{}: {message}", form.place(row, offset)));
            }
            sums.merge(&piece.sums);
            // Once there is a fault, the others are only looked for.
            if bad.total() > 0 {
                return Ok(());
            }
            let found = piece.elements.len() as u64 / self.row_bytes();
            if found != piece.taken.end - piece.taken.start {
                let offset = piece.offset;
                return Err(input.error(WordVectorsError::Changed { offset }));
            }
            let within = |row: u64| {
                let row = row.clamp(piece.taken.start, piece.taken.end) - piece.taken.start;
                (row * self.row_bytes()) as usize
            };
            sink(&piece.elements[within(range.start)..within(range.end)])
        })?;
        match bad.total() {
            0 => Ok(sums),
            _ => Err(input.error(WordVectorsError::Bad { rows: bad })),
        }
    }

    fn stream_others(
        &self,
        range: Range<u64>,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let dimension = self.vectors.dimension();
        let zeros = Sums::default();
        let sums = self.sums.get().unwrap_or(&zeros);
        let mean = match self.fill {
            OutOfVocabulary::Mean => sums.mean(),
            _ => vec![0.0; dimension],
        };
        let mut elements = Vec::new();
        for row in range {
            elements.clear();
            match self.fill {
                OutOfVocabulary::Zeros | OutOfVocabulary::Mean => self.push(&mean, &mut elements),
                OutOfVocabulary::Random { seed } => {
                    // A stream of its own for each row, so that parts begin anywhere.
                    let seed = Seed {
                        seed: seed as i64,
                        seed2: row as i64 + 1,
                    };
                    let mut values = random_standard_normal::<f32>(seed, dimension);
                    let deviation = sums.deviation();
                    values.iter_mut().for_each(|value| *value *= deviation);
                    self.push(&values, &mut elements);
                }
            }
            sink(&elements)?;
        }
        Ok(())
    }
}

impl VariableSource for EmbeddingValues<'_> {
    fn variable(&self, name: &str) -> Result<Option<VariableValue<'_>>> {
        if name != self.name {
            return Ok(None);
        }
        let known = [DType::Float32, DType::Float16, DType::BFloat16];
        if !known.contains(&self.dtype) {
            let found = self.dtype;
            return Err(self.vectors.input.error(WordVectorsError::DType { found }));
        }
        let value = VariableValue::stored(self.dtype, self.shape()?, Rows(self));
        Ok(Some(value))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(vec![self.name.clone()])
    }

    fn path(&self) -> Option<&std::path::Path> {
        self.vectors.input.path()
    }
}

/// The elements, still in the file.
struct Rows<'e>(&'e EmbeddingValues<'e>);

impl StoredValue for Rows<'_> {
    fn read(&self) -> Result<TensorValue> {
        let value = TensorValue::filled(self.0.dtype, &self.0.shape()?, |target| {
            let mut at = 0;
            self.stream(&mut |piece| {
                target[at..at + piece.len()].copy_from_slice(piece);
                at += piece.len();
                Ok(())
            })
        });
        value.expect("the elements of all three dtypes have a size")
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let rows = self.0.shape()?[0] as u64;
        self.0.stream_rows(0..rows, sink)
    }

    fn stream_part(
        &self,
        slice: &TensorSlice,
        sink: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        match slice.whole_rows(self.0.vectors.dimension()) {
            Some(rows) => self.0.stream_rows(rows.start as u64..rows.end as u64, sink),
            None => self.read_part(slice)?.native_bytes().map_or(Ok(()), sink),
        }
    }
}
