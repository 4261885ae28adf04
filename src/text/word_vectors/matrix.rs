//! Vectors that are the rows of a matrix in a file of arrays.

use super::input::Input;
use super::{WordVectorFormat, WordVectorsError};
use crate::dtype::DType;
use crate::error::Result;
#[cfg(feature = "safetensors")]
use crate::source::SafetensorsReader;
use crate::source::{NpyReader, VariableSource};

/// A matrix in a file of arrays.
#[derive(Debug)]
pub(super) struct Matrix {
    format: WordVectorFormat,
    /// Its name among the arrays.
    name: String,
    pub(super) rows: u64,
    pub(super) dimension: usize,
}

impl Matrix {
    pub(super) fn open(format: WordVectorFormat, input: &Input) -> Result<Self> {
        let source = open(format, input)?;
        let mut matrices = Vec::new();
        for name in source.names()? {
            if let Some((dtype, shape)) = source.describe(&name)? {
                matrices.push((name, dtype, shape));
            }
        }
        match &matrices[..] {
            [(name, dtype, shape)] => match shape[..] {
                [rows, dimension] if dtype.is_floating() && dimension > 0 => Ok(Matrix {
                    format,
                    name: name.clone(),
                    rows: rows as u64,
                    dimension,
                }),
                _ => Err(input.error(WordVectorsError::NoMatrix {
                    dtype: *dtype,
                    shape: shape.clone(),
                })),
            },
            _ => {
                let found = matrices.len();
                Err(input.error(WordVectorsError::Arrays { found }))
            }
        }
    }

    /// Hands all rows to `sink`, with their numbers.
    pub(super) fn stream(
        &self,
        input: &Input,
        sink: &mut dyn FnMut(u64, &mut [f32]) -> Result<()>,
    ) -> Result<()> {
        let source = open(self.format, input)?.cast_floats(DType::Float32);
        let Some(value) = source.variable(&self.name)? else {
            return Err(input.error(WordVectorsError::Changed { offset: 0 }));
        };
        let row_bytes = 4 * self.dimension;
        let (mut bytes, mut row, mut number) = (Vec::new(), vec![0f32; self.dimension], 0);
        let mut take = |one: &[u8]| {
            bytemuck::cast_slice_mut::<f32, u8>(&mut row).copy_from_slice(one);
            number += 1;
            sink(number - 1, &mut row)
        };
        value.stream(&mut |mut piece| {
            if !bytes.is_empty() {
                let missing = (row_bytes - bytes.len()).min(piece.len());
                bytes.extend_from_slice(&piece[..missing]);
                piece = &piece[missing..];
                if bytes.len() < row_bytes {
                    return Ok(());
                }
                take(&bytes)?;
                bytes.clear();
            }
            let whole = piece.chunks_exact(row_bytes);
            bytes.extend_from_slice(whole.remainder());
            whole.into_iter().try_for_each(&mut take)
        })
    }
}

/// The file as a source of values.
fn open(format: WordVectorFormat, input: &Input) -> Result<Box<dyn VariableSource>> {
    if input.is_compressed() {
        return Err(input.error(WordVectorsError::CompressedMatrix));
    }
    match format {
        WordVectorFormat::Npy => {
            let reader = match (input.path(), input.in_memory()) {
                (Some(path), _) => NpyReader::open(path)?,
                (None, Some(bytes)) => NpyReader::from_bytes(bytes, "vectors")?,
                (None, None) => return Err(input.error(WordVectorsError::CompressedMatrix)),
            };
            Ok(Box::new(reader))
        }
        #[cfg(feature = "safetensors")]
        WordVectorFormat::Safetensors => {
            let reader = match (input.path(), input.in_memory()) {
                (Some(path), _) => SafetensorsReader::open(path)?,
                (None, Some(bytes)) => SafetensorsReader::from_bytes(bytes)?,
                (None, None) => return Err(input.error(WordVectorsError::CompressedMatrix)),
            };
            Ok(Box::new(reader))
        }
        _ => {
            let feature = "safetensors";
            Err(input.error(WordVectorsError::Feature { feature }))
        }
    }
}
