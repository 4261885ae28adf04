//! The content of a block, read from its beginning to its end without having all of it in memory.

use super::error::TableError;
use crate::file_system::SharedFile;
use crate::varint;

/// How many bytes are read from the file, or made of compressed ones, at a time.
const PIECE: usize = 1 << 16;

/// The bytes between two offsets of a file.
#[derive(Debug)]
pub(super) struct Stretch {
    file: SharedFile,
    /// The offset behind what is in the buffer.
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    /// How many bytes of the buffer were consumed.
    at: usize,
}

impl Clone for Stretch {
    fn clone(&self) -> Self {
        Stretch {
            file: self.file.clone(),
            next: self.offset(),
            end: self.end,
            buffer: Vec::new(),
            at: 0,
        }
    }
}

impl Stretch {
    pub(super) fn new(file: SharedFile, start: u64, end: u64) -> Self {
        Stretch {
            file,
            next: start,
            end,
            buffer: Vec::new(),
            at: 0,
        }
    }

    /// The offset of the next byte.
    fn offset(&self) -> u64 {
        self.next - (self.buffer.len() - self.at) as u64
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }

    /// Moves past `count` bytes, which are not read unless they were already.
    fn skip(&mut self, count: u64) {
        let buffered = (self.buffer.len() - self.at) as u64;
        if count <= buffered {
            self.at += count as usize;
        } else {
            self.next += count - buffered;
            self.at = self.buffer.len();
        }
    }
}

impl Stretch {
    /// The next bytes; none at the end.
    fn fill(&mut self) -> Result<&[u8], TableError> {
        if self.at == self.buffer.len() {
            let left = self.end.saturating_sub(self.next);
            let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            self.buffer.resize(size, 0);
            self.at = size;
            let offset = self.next;
            let read = self.file.read_exact_at(&mut self.buffer, offset);
            read.map_err(|source| TableError::Read {
                offset,
                size,
                source,
            })?;
            self.next += size as u64;
            self.at = 0;
        }
        Ok(&self.buffer[self.at..])
    }

    fn byte(&mut self) -> Result<Option<u8>, TableError> {
        let byte = self.fill()?.first().copied();
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    /// A little-endian number of `bytes` bytes.
    fn number(&mut self, bytes: u32) -> Result<Option<u64>, TableError> {
        let mut value = 0;
        for index in 0..bytes {
            let Some(byte) = self.byte()? else {
                return Ok(None);
            };
            value |= u64::from(byte) << (8 * index);
        }
        Ok(Some(value))
    }
}

/// An element of the raw format of Snappy.
#[derive(Debug, Clone, Copy)]
enum Element {
    /// A number of bytes, which follow.
    Literal(u64),
    /// Bytes that were there before: how far back, and how many.
    Copy { back: u64, len: u64 },
}

/// Takes an element, without the bytes of a literal; `None` if it does not end.
fn element(source: &mut Stretch) -> Result<Option<Element>, TableError> {
    let Some(tag) = source.byte()? else {
        return Ok(None);
    };
    let upper = u64::from(tag >> 2);
    Ok(match tag & 3 {
        0 if upper < 60 => Some(Element::Literal(upper + 1)),
        0 => {
            let len = source.number(upper as u32 - 59)?;
            len.map(|len| Element::Literal(len + 1))
        }
        1 => source.byte()?.map(|low| Element::Copy {
            back: u64::from(tag >> 5) << 8 | u64::from(low),
            len: (upper & 7) + 4,
        }),
        kind => {
            let back = source.number(if kind == 2 { 2 } else { 4 })?;
            back.map(|back| Element::Copy {
                back,
                len: upper + 1,
            })
        }
    })
}

/// The number of bytes that a compressed block says it stands for, of which its first bytes are given.
pub(super) fn inflated_len(head: &[u8]) -> Option<u64> {
    let (len, _) = varint::get(head)?;
    (len <= u32::MAX.into()).then_some(len)
}

/// How far back the copies of a compressed block reach, if it is right and stands for `len` bytes.
pub(super) fn window(mut source: Stretch, len: u64) -> Result<Option<usize>, TableError> {
    // The number of bytes.
    while source.byte()?.is_some_and(|byte| byte >= 0x80) {}
    let (mut made, mut window) = (0_u64, 0);
    while source.offset() < source.end {
        match element(&mut source)? {
            Some(Element::Literal(bytes)) if bytes <= source.end - source.offset() => {
                source.skip(bytes);
                made += bytes;
            }
            Some(Element::Copy { back, len }) if 0 < back && back <= made => {
                window = window.max(back);
                made += len;
            }
            _ => return Ok(None),
        }
        if made > len {
            return Ok(None);
        }
    }
    Ok(usize::try_from(window).ok().filter(|_| made == len))
}

/// The content of an intact compressed block.
#[derive(Debug, Clone)]
pub(super) struct Inflater {
    source: Stretch,
    /// How many bytes of the literal are still to come.
    literal: u64,
    /// The bytes that copies may reach back to, then those that were not consumed.
    out: Vec<u8>,
    at: usize,
    window: usize,
}

impl Inflater {
    pub(super) fn new(mut source: Stretch, window: usize) -> Result<Self, TableError> {
        while source.byte()?.is_some_and(|byte| byte >= 0x80) {}
        Ok(Inflater {
            source,
            literal: 0,
            out: Vec::new(),
            at: 0,
            window,
        })
    }

    fn fill(&mut self) -> Result<&[u8], TableError> {
        if self.at == self.out.len() {
            self.out.drain(..self.out.len().saturating_sub(self.window));
            self.at = self.out.len();
            // As many as are moved above, lest moving take more time than all else.
            let enough = self.at + self.window.max(PIECE);
            while self.out.len() < enough {
                if self.literal > 0 {
                    let bytes = self.source.fill()?;
                    let len = bytes.len().min(enough - self.out.len());
                    let len = usize::try_from(self.literal).map_or(len, |left| left.min(len));
                    if len == 0 {
                        break;
                    }
                    self.out.extend_from_slice(&bytes[..len]);
                    self.source.consume(len);
                    self.literal -= len as u64;
                    continue;
                }
                match element(&mut self.source)? {
                    Some(Element::Literal(len)) => self.literal = len,
                    Some(Element::Copy { back, len }) => {
                        let back = back as usize;
                        if back == 0 || back > self.out.len() {
                            // It was right before.
                            let offset = self.source.offset();
                            return Err(TableError::Damaged { offset });
                        }
                        // A copy may reach into itself.
                        for _ in 0..len {
                            let byte = self.out[self.out.len() - back];
                            self.out.push(byte);
                        }
                    }
                    None => break,
                }
            }
        }
        Ok(&self.out[self.at..])
    }
}

/// The content of a block from some position on.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// As it is in the file.
    Plain(Stretch),
    /// Compressed.
    Snappy(Inflater),
}

impl Content {
    /// The next bytes; none at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8], TableError> {
        match self {
            Content::Plain(stretch) => stretch.fill(),
            Content::Snappy(inflater) => inflater.fill(),
        }
    }

    pub(super) fn consume(&mut self, count: usize) {
        match self {
            Content::Plain(stretch) => stretch.consume(count),
            Content::Snappy(inflater) => inflater.at += count,
        }
    }

    /// Moves past `count` bytes.
    pub(super) fn skip(&mut self, mut count: u64) -> Result<(), TableError> {
        if let Content::Plain(stretch) = self {
            stretch.skip(count);
            return Ok(());
        }
        while count > 0 {
            let len = self.fill()?.len();
            if len == 0 {
                break;
            }
            let len = usize::try_from(count).map_or(len, |count| count.min(len));
            self.consume(len);
            count -= len as u64;
        }
        Ok(())
    }
}
