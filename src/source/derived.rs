//! Values that are made of others when they are read.

use std::borrow::Cow;

use super::{Content, StoredValue, VariableValue};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::shape::Shape;
use crate::value::{TensorSlice, TensorValue};

errors! {
    #[derive(Debug)]
    #[error("a value of {from} {shape} has numbers that cannot be cast to {to}")]
    struct CastError {
        from: DType,
        shape: Shape,
        to: DType,
    }
}

impl<'v> VariableValue<'v> {
    /// The value in memory.
    pub(crate) fn read(&self) -> Result<Cow<'_, TensorValue>> {
        match &self.content {
            Content::Memory(value) => Ok(Cow::Borrowed(value)),
            Content::Stored(stored) => stored.read().map(Cow::Owned),
        }
    }

    /// The elements inside `slice`, which must lie in the shape.
    fn read_part(&self, slice: &TensorSlice) -> Result<TensorValue> {
        match &self.content {
            Content::Memory(value) => Ok(value.part(slice)),
            Content::Stored(stored) => stored.read_part(slice),
        }
    }

    /// Hands the bytes of elements of a fixed size to `sink`, piece after piece.
    pub(crate) fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match &self.content {
            Content::Memory(value) => value.native_bytes().map_or(Ok(()), sink),
            Content::Stored(stored) => stored.stream(sink),
        }
    }

    /// The elements inside `slice`, which must lie in the shape.
    pub(crate) fn part(self, slice: &TensorSlice) -> Self {
        let (dtype, shape) = (self.dtype, slice.shape());
        let (whole, slice) = (self, slice.clone());
        VariableValue::stored(dtype, shape, Part { whole, slice })
    }

    /// The value with its dimensions permuted.
    pub(super) fn transposed(self, permutation: &[usize]) -> Self {
        let shape = permutation.iter().map(|&dim| self.shape[dim]).collect();
        let dtype = self.dtype;
        let (of, permutation) = (self, permutation.to_vec());
        VariableValue::stored(dtype, shape, Transposed { of, permutation })
    }

    /// The value under another shape with as many elements.
    pub(super) fn reshaped(self, shape: &[usize]) -> Self {
        let dtype = self.dtype;
        let (of, shape) = (self, shape.to_vec());
        let reshaped = Reshaped {
            of,
            shape: shape.clone(),
        };
        VariableValue::stored(dtype, shape, reshaped)
    }

    /// Whether there are casts between the dtypes.
    pub(super) fn can_be_cast(&self, to: DType) -> bool {
        let empty = TensorValue::empty(self.dtype);
        self.dtype == to || empty.is_some_and(|empty| empty.converted(to).is_some())
    }

    /// The value as another dtype, to which [it can be cast](Self::can_be_cast).
    pub(super) fn cast(self, to: DType) -> Self {
        if self.dtype == to {
            return self;
        }
        let shape = self.shape.clone();
        VariableValue::stored(to, shape, Cast { of: self, to })
    }

    /// Values, of which there is one at least, one after the other along a dimension.
    pub(crate) fn joined(values: Vec<Self>, axis: usize) -> Self {
        let (dtype, mut shape) = (values[0].dtype, values[0].shape.clone());
        shape[axis] = values.iter().map(|value| value.shape[axis]).sum();
        VariableValue::stored(dtype, shape, Joined { values, axis })
    }
}

struct Part<'v> {
    whole: VariableValue<'v>,
    slice: TensorSlice,
}

impl StoredValue for Part<'_> {
    fn read(&self) -> Result<TensorValue> {
        self.whole.read_part(&self.slice)
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match &self.whole.content {
            Content::Memory(_) => self.read()?.native_bytes().map_or(Ok(()), sink),
            Content::Stored(stored) => stored.stream_part(&self.slice, sink),
        }
    }

    fn is_random(&self) -> bool {
        self.whole.is_random()
    }
}

struct Transposed<'v> {
    of: VariableValue<'v>,
    permutation: Vec<usize>,
}

impl StoredValue for Transposed<'_> {
    fn read(&self) -> Result<TensorValue> {
        Ok(self.of.read()?.transposed(&self.permutation))
    }

    fn read_part(&self, slice: &TensorSlice) -> Result<TensorValue> {
        let mut ranges = vec![0..0; self.permutation.len()];
        for (&dim, range) in self.permutation.iter().zip(slice.ranges()) {
            ranges[dim] = range.clone();
        }
        let part = self.of.read_part(&TensorSlice::new(ranges))?;
        Ok(part.transposed(&self.permutation))
    }

    fn is_random(&self) -> bool {
        self.of.is_random()
    }
}

struct Reshaped<'v> {
    of: VariableValue<'v>,
    shape: Vec<usize>,
}

impl StoredValue for Reshaped<'_> {
    fn read(&self) -> Result<TensorValue> {
        Ok(self.of.read()?.into_owned().reshaped(&self.shape))
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.of.stream(sink)
    }

    fn is_random(&self) -> bool {
        self.of.is_random()
    }
}

struct Cast<'v> {
    of: VariableValue<'v>,
    to: DType,
}

impl Cast<'_> {
    fn cast(&self, value: &TensorValue) -> Result<TensorValue> {
        value.converted(self.to).ok_or_else(|| {
            let error = CastError {
                from: self.of.dtype,
                shape: Shape::from(&self.of.shape),
                to: self.to,
            };
            Error::new(ErrorKind::InvalidValue, error)
        })
    }

    /// The bytes of elements as those of elements of the other dtype.
    fn cast_bytes(&self, bytes: &[u8], len: usize) -> Result<TensorValue> {
        let filled = TensorValue::filled(self.of.dtype, &[len], |target| {
            target.copy_from_slice(bytes);
            Ok::<(), Error>(())
        });
        match filled {
            Some(value) => self.cast(&value?),
            None => self.cast(&*self.of.read()?),
        }
    }
}

impl StoredValue for Cast<'_> {
    fn read(&self) -> Result<TensorValue> {
        self.cast(&*self.of.read()?)
    }

    fn read_part(&self, slice: &TensorSlice) -> Result<TensorValue> {
        self.cast(&self.of.read_part(slice)?)
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let size = self.of.dtype.size().unwrap_or(1);
        // The bytes of an element of which the rest is in the next piece.
        let mut begun = Vec::new();
        self.of.stream(&mut |piece| {
            let joined;
            let bytes = match begun.is_empty() {
                true => piece,
                false => {
                    begun.extend_from_slice(piece);
                    joined = std::mem::take(&mut begun);
                    &joined
                }
            };
            let len = bytes.len() / size;
            let (whole, rest) = bytes.split_at(len * size);
            begun.extend_from_slice(rest);
            self.cast_bytes(whole, len)?
                .native_bytes()
                .map_or(Ok(()), &mut *sink)
        })
    }

    fn is_random(&self) -> bool {
        self.of.is_random()
    }
}

struct Joined<'v> {
    values: Vec<VariableValue<'v>>,
    axis: usize,
}

impl StoredValue for Joined<'_> {
    fn read(&self) -> Result<TensorValue> {
        let values: Vec<_> = self
            .values
            .iter()
            .map(VariableValue::read)
            .collect::<Result<_>>()?;
        let values: Vec<&TensorValue> = values.iter().map(|value| &**value).collect();
        Ok(TensorValue::joined(&values, self.axis))
    }

    fn stream(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let outer = &self.values[0].shape[..self.axis];
        if outer.iter().all(|&dim| dim == 1) {
            return self.values.iter().try_for_each(|value| value.stream(sink));
        }
        self.read()?.native_bytes().map_or(Ok(()), sink)
    }

    fn is_random(&self) -> bool {
        self.values.iter().any(VariableValue::is_random)
    }
}
