//! Goes through what a bundle has stored and verifies all its checksums, to copy it into another bundle.

use super::entry::{Entry, Keyed};
use super::error::{ReadError, name};
use super::reader::BundleReader;
use super::{crc, error};
use crate::dtype::DType;
use crate::error::Result;
use crate::varint;

/// The longest length, as a varint.
const MAX_VARINT: usize = 10;

/// Hands the bytes of an entry, little-endian, to `sink`, piece after piece, and returns their masked checksum.
///
/// It is an error if what is stored does not have the checksums that are stored; that is known only after the last
/// piece.
pub(crate) fn stream_verified(
    reader: &BundleReader,
    keyed: &Keyed,
    mut sink: impl FnMut(&[u8]) -> Result<()>,
) -> Result<u32> {
    let (key, entry) = keyed;
    let big_endian = reader.header().big_endian;
    let at = |error: ReadError| error.at(&reader.path_of_data(entry));
    let opaque = match entry.dtype.known() {
        Some(dtype) => dtype == DType::Resource || (big_endian && dtype == DType::Variant),
        None => big_endian,
    };
    if opaque {
        let (key, dtype) = (name(key), entry.dtype);
        return Err(at(ReadError::Opaque { key, dtype }));
    }
    let mut scan = Scan::new(key, entry, big_endian);
    let found = reader.stream_stored(keyed, &mut |chunk| {
        scan.take(chunk).map_err(at)?;
        sink(chunk)
    })?;
    scan.finish(found).map_err(at)
}

/// The kind of the next bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expect {
    /// The length of a string or of a variant.
    Length,
    /// A checksum, with the number of its bytes that were there.
    Checksum(usize),
    /// The bytes of elements that are still to come.
    Elements(u64),
    Nothing,
}

/// The bytes of an entry, which come in pieces, and their checksums.
///
/// | dtype | bytes |
/// | --- | --- |
/// | of fixed size | elements |
/// | `string` | lengths, a checksum, elements |
/// | `variant` | length, element, checksum, for each |
#[derive(Debug)]
struct Scan<'e> {
    key: &'e [u8],
    entry: &'e Entry,
    big_endian: bool,
    expect: Expect,
    /// How many strings or variants there are whose length was not there yet.
    left: usize,
    /// The beginning of a length.
    length: Vec<u8>,
    /// How many bytes the strings have by their lengths.
    bytes: u64,
    /// How many bytes of lengths and checksums there were.
    head: u64,
    /// The checksum, not masked, of the bytes as they are, and of the same bytes in little-endian order.
    checksums: [u32; 2],
}

impl<'e> Scan<'e> {
    fn new(key: &'e [u8], entry: &'e Entry, big_endian: bool) -> Self {
        let left = entry.shape.iter().product();
        let expect = match entry.dtype.known() {
            Some(DType::String | DType::Variant) if left > 0 => Expect::Length,
            Some(DType::String) => Expect::Checksum(0),
            Some(DType::Variant) => Expect::Nothing,
            _ => Expect::Elements(entry.size),
        };
        Scan {
            key,
            entry,
            big_endian,
            expect,
            left,
            length: Vec::new(),
            bytes: 0,
            head: 0,
            checksums: [0; 2],
        }
    }

    /// Takes the next bytes, which become little-endian.
    fn take(&mut self, mut bytes: &mut [u8]) -> Result<(), ReadError> {
        while !bytes.is_empty() {
            let len = match self.expect {
                Expect::Elements(left) => {
                    usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()))
                }
                _ => 1,
            };
            let (taken, rest) = bytes.split_at_mut(len);
            bytes = rest;
            match self.expect {
                Expect::Elements(left) => {
                    self.elements(taken);
                    self.expect = Expect::Elements(left - len as u64);
                }
                Expect::Length => self.length(taken[0])?,
                Expect::Checksum(at) => self.checksum(at, &mut taken[0])?,
                Expect::Nothing => return Err(self.other_size()),
            }
            if self.expect == Expect::Elements(0) {
                self.expect = match self.entry.dtype.known() {
                    Some(DType::Variant) => Expect::Checksum(0),
                    _ => Expect::Nothing,
                };
            }
        }
        Ok(())
    }

    /// The masked checksum of the little-endian bytes, if all were there; `stored` is that of the bytes as they are.
    fn finish(self, stored: u32) -> Result<u32, ReadError> {
        if !matches!(self.expect, Expect::Nothing | Expect::Elements(0)) {
            return Err(self.other_size());
        }
        let [found, little] = self.checksums.map(crc::mask);
        let dtype = self.entry.dtype.known();
        let variable = matches!(dtype, Some(DType::String | DType::Variant));
        // The reader has looked at those of fixed size.
        if variable {
            error::check_crc((self.key, self.entry), found)?;
        }
        Ok(match (self.big_endian, variable) {
            (true, _) => little,
            (false, true) => found,
            (false, false) => stored,
        })
    }

    fn elements(&mut self, bytes: &mut [u8]) {
        match self.entry.dtype.known() {
            Some(DType::String | DType::Variant) => self.count([&*bytes; 2]),
            Some(dtype) if self.big_endian => {
                dtype.swap_bytes(bytes);
                self.checksums[1] = crc32c::crc32c_append(self.checksums[1], bytes);
            }
            _ => {}
        }
    }

    fn length(&mut self, byte: u8) -> Result<(), ReadError> {
        self.head += 1;
        self.length.push(byte);
        if byte >= 0x80 && self.length.len() < MAX_VARINT {
            return Ok(());
        }
        let Some(len) = varint::take(&mut &self.length[..]) else {
            return Err(self.lengths());
        };
        self.length.clear();
        self.left -= 1;
        let is_variant = self.entry.dtype == DType::Variant;
        match u32::try_from(len) {
            Ok(len) if !is_variant => self.count([&len.to_be_bytes(), &len.to_le_bytes()]),
            _ => self.count([&len.to_be_bytes(), &len.to_le_bytes()]),
        }
        self.expect = if is_variant {
            Expect::Elements(len)
        } else if self.left > 0 {
            Expect::Length
        } else {
            Expect::Checksum(0)
        };
        self.bytes = self.bytes.saturating_add(len);
        Ok(())
    }

    /// A byte of a checksum of what was there before, which counts as well.
    fn checksum(&mut self, at: usize, byte: &mut u8) -> Result<(), ReadError> {
        let [found, little] = self.checksums.map(crc::mask);
        let found = match self.big_endian {
            true => found.to_be_bytes(),
            false => found.to_le_bytes(),
        };
        let little = little.to_le_bytes();
        self.head += 1;
        if !crc::is_stored(found[at].into(), (*byte).into()) {
            return Err(ReadError::PartChecksum {
                key: name(self.key),
                offset: self.entry.offset,
                expected: found[at],
                found: *byte,
            });
        }
        *byte = little[at];
        self.expect = Expect::Checksum(at + 1);
        if at + 1 < found.len() {
            return Ok(());
        }
        self.count([&found, &little]);
        self.expect = match self.entry.dtype.known() {
            Some(DType::String) => Expect::Elements(self.bytes),
            _ if self.left > 0 => Expect::Length,
            _ => Expect::Nothing,
        };
        Ok(())
    }

    /// Counts bytes, given in the big-endian and in the little-endian order, as the order of the file demands.
    fn count(&mut self, [big, little]: [&[u8]; 2]) {
        let stored = if self.big_endian { big } else { little };
        self.checksums[0] = crc32c::crc32c_append(self.checksums[0], stored);
        self.checksums[1] = match self.big_endian {
            true => crc32c::crc32c_append(self.checksums[1], little),
            false => self.checksums[0],
        };
    }

    /// There are more bytes than the lengths say, or fewer.
    fn other_size(&self) -> ReadError {
        match self.expect {
            Expect::Elements(_) | Expect::Nothing if self.entry.dtype == DType::String => {
                ReadError::StringBytes {
                    key: name(self.key),
                    offset: self.entry.offset,
                    expected: self.bytes,
                    found: self.entry.size - self.head,
                }
            }
            _ => self.lengths(),
        }
    }

    fn lengths(&self) -> ReadError {
        ReadError::Lengths {
            key: name(self.key),
            offset: self.entry.offset,
            count: self.entry.shape.iter().product(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::entry::Header;
    use super::super::table::TableBuilder;
    use super::super::{CHUNK, data_path, index_path};
    use super::*;
    use crate::checkpoint::{CheckpointReader, CheckpointWriter, CopyOptions, copy, verify};
    use crate::dtype::ByteString;
    use crate::error::ErrorKind;
    use crate::value::TensorValue;

    /// Key, dtype, shape, bytes, and the checksum of the bytes.
    type Tensor<'t> = (&'t str, DType, Vec<usize>, Vec<u8>, u32);

    /// Writes a big-endian bundle.
    fn write_big_endian(prefix: &Path, tensors: &[Tensor<'_>]) {
        let mut table = TableBuilder::new();
        let (shards, big_endian) = (1, true);
        table.add(b"", &Header { shards, big_endian }.encode());
        let mut data = Vec::new();
        for (key, dtype, shape, bytes, checksum) in tensors {
            let entry = Entry {
                dtype: (*dtype).into(),
                shape: shape.clone(),
                shard: 0,
                offset: data.len() as u64,
                size: bytes.len() as u64,
                crc: Some(crc::mask(*checksum)),
                slices: Vec::new(),
            };
            table.add(key.as_bytes(), &entry.encode());
            data.extend(bytes);
        }
        fs::write(index_path(prefix), table.finish()).unwrap();
        fs::write(data_path(prefix, 0, 1), data).unwrap();
    }

    /// Strings as a big-endian machine stores them, and their checksum.
    fn big_endian_strings(strings: &[&[u8]]) -> (Vec<u8>, u32) {
        let (mut bytes, mut counted) = (Vec::new(), Vec::new());
        for string in strings {
            varint::put(&mut bytes, string.len() as u64);
            counted.extend((string.len() as u32).to_be_bytes());
        }
        let of_lengths = crc::masked_crc32c(&counted).to_be_bytes();
        bytes.extend(of_lengths);
        counted.extend(of_lengths);
        for string in strings {
            bytes.extend(*string);
            counted.extend(*string);
        }
        (bytes, crc32c::crc32c(&counted))
    }

    #[test]
    fn big_endian_bundles_become_little_endian() {
        let dir = tempfile::tempdir().unwrap();
        let (big, ours) = (dir.path().join("big"), dir.path().join("ours"));
        let floats = [1.5f32, -2.0, 3.25];
        let complex = num_complex::Complex::new(1.0f64, -2.0);
        // Two bytes of the checksum of the lengths are among the first bytes that are read, two among the next.
        let words: Vec<Vec<u8>> = (0..CHUNK - 2).map(|i| vec![b'w'; i % 3]).collect();
        let refs: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();

        let mut writer = CheckpointWriter::create(&ours).unwrap();
        let mut tensors = Vec::new();
        let bytes: Vec<u8> = [complex.re, complex.im]
            .iter()
            .flat_map(|x| x.to_be_bytes())
            .collect();
        tensors.push(("complex", DType::Complex128, vec![], bytes));
        let bytes: Vec<u8> = floats.iter().flat_map(|x| x.to_be_bytes()).collect();
        tensors.push(("floats", DType::Float32, vec![3], bytes));
        tensors.push(("truth", DType::Bool, vec![2], vec![1, 0]));
        let mut tensors: Vec<_> = tensors
            .into_iter()
            .map(|(key, dtype, shape, bytes)| {
                let checksum = crc32c::crc32c(&bytes);
                (key, dtype, shape, bytes, checksum)
            })
            .collect();
        let (bytes, checksum) = big_endian_strings(&refs);
        tensors.push(("words", DType::String, vec![words.len()], bytes, checksum));
        write_big_endian(&big, &tensors);

        writer.add("complex", TensorValue::scalar(complex)).unwrap();
        writer
            .add("floats", TensorValue::new([3], floats.to_vec()).unwrap())
            .unwrap();
        writer
            .add("truth", TensorValue::new([2], vec![true, false]).unwrap())
            .unwrap();
        let strings: Vec<_> = refs.iter().map(|&word| ByteString::from(word)).collect();
        let strings = TensorValue::new([refs.len()], strings).unwrap();
        writer.add("words", &strings).unwrap();
        writer.finish().unwrap();

        assert_eq!(
            CheckpointReader::open(&big).unwrap().read("words").unwrap(),
            strings
        );
        verify(&big, |_| {}).unwrap();
        let copied = dir.path().join("copied");
        copy(&big, &copied, &CopyOptions::new(), |_| {}).unwrap();
        for file in [index_path, |prefix: &Path| data_path(prefix, 0, 1)] {
            assert!(fs::read(file(&copied)).unwrap() == fs::read(file(&ours)).unwrap());
        }
        // The same bytes said to be of variants cannot be turned round.
        tensors[0] = ("complex", DType::Variant, vec![], vec![0; 5], 0);
        write_big_endian(&big, &tensors);
        let error = verify(&big, |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = "tensor \"complex\": values of dtype variant cannot be converted from the byte order of the checkpoint";
        assert!(error.to_string().ends_with(text), "{error}");
    }

    #[test]
    fn lengths_from_four_gib_on_count_as_64_bits() {
        let lengths = [3_u64, (1 << 32) + 1];
        let mut head = Vec::new();
        lengths.iter().for_each(|&len| varint::put(&mut head, len));
        let counted = [&3_u32.to_le_bytes()[..], &lengths[1].to_le_bytes()].concat();
        head.extend(crc::masked_crc32c(&counted).to_le_bytes());
        let entry = Entry {
            dtype: DType::String.into(),
            shape: vec![2],
            shard: 0,
            offset: 0,
            size: head.len() as u64,
            crc: None,
            slices: Vec::new(),
        };
        let mut scan = Scan::new(b"s", &entry, false);
        head.chunks_mut(1).for_each(|byte| scan.take(byte).unwrap());
        assert_eq!(scan.expect, Expect::Elements(3 + (1 << 32) + 1));
    }
}
