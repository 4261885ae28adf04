//! Zip archives as far as arrays need them: their members, stored or deflated, with checksums that are compared.

use std::collections::HashMap;
use std::io::{self, Read};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use rawzip::extra_fields::ExtraFieldId;
use rawzip::{CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

/// The characters of the bytes from 128 on in names that are not said to be UTF-8 (code page 437).
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

errors! {
    /// A fault of an archive, or of a member of it.
    #[derive(Debug)]
    pub(super) enum ZipError {
        #[error(transparent)]
        Io(io::Error),
        #[error("invalid Zip archive: {0}")]
        Invalid(rawzip::ErrorKind),
        #[error("unsupported Zip archive: {0}")]
        Unsupported(&'static str),
    }
}

impl From<rawzip::Error> for ZipError {
    fn from(error: rawzip::Error) -> Self {
        match error.into_kind() {
            rawzip::ErrorKind::IO(error) => ZipError::Io(error),
            kind => ZipError::Invalid(kind),
        }
    }
}

pub(super) type Source = Box<dyn ReaderAt + Send>;

/// An open archive.
pub(super) struct Archive(ZipArchive<Source>);

/// The place and form of a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    is_encrypted: bool,
    crc: u32,
}

impl Archive {
    /// Finds the list of members of an archive of this many bytes, and its members by name. Of several of one name
    /// the last counts.
    pub(super) fn open(source: Source, len: u64) -> Result<(Self, Vec<(String, Entry)>), ZipError> {
        let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let located = ZipLocator::new().locate_in_reader(source, &mut buffer, len);
        let archive = located.map_err(|(_, error)| error)?;
        let mut members: Vec<(String, Entry)> = Vec::new();
        let mut places = HashMap::new();
        let mut listed = archive.entries(&mut buffer);
        while let Some(header) = listed.next_entry()? {
            let mut extra = header.extra_fields();
            let unicode = extra.find(|(id, _)| *id == ExtraFieldId::INFO_ZIP_UNICODE_PATH);
            let raw = header.file_path();
            let name = match unicode {
                // A version and a checksum come before the name.
                Some((_, [1, _, _, _, _, name @ ..])) => String::from_utf8_lossy(name).into_owned(),
                _ => decode(raw.as_ref(), header.flags().is_utf8()),
            };
            let entry = Entry {
                place: header.wayfinder(),
                method: header.compression_method(),
                is_encrypted: header.flags().is_encrypted(),
                crc: header.crc32(),
            };
            match places.get(&name) {
                Some(&place) => members[place] = (name, entry),
                None => {
                    places.insert(name.clone(), members.len());
                    members.push((name, entry));
                }
            }
        }
        Ok((Archive(archive), members))
    }

    /// A reader of a member, which compares the checksum at the end.
    pub(super) fn read(&self, entry: &Entry) -> Result<impl Read + '_, ZipError> {
        if entry.is_encrypted {
            return Err(ZipError::Unsupported("Password required to decrypt file"));
        }
        let packed = self.0.get_entry(entry.place)?.reader();
        let reader: Box<dyn Read + '_> = match entry.method {
            CompressionMethod::STORE => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
            _ => return Err(ZipError::Unsupported("Compression method not supported")),
        };
        let (reader, crc) = (CrcReader::new(reader), entry.crc);
        Ok(Checked { reader, crc })
    }
}

fn decode(name: &[u8], is_utf8: bool) -> String {
    if is_utf8 {
        return String::from_utf8_lossy(name).into_owned();
    }
    let char = |&byte: &u8| match byte.checked_sub(128) {
        None => char::from(byte),
        Some(at) => CP437.chars().nth(at.into()).unwrap_or_default(),
    };
    name.iter().map(char).collect()
}

/// The bytes of a member, with the checksum that they are to have.
struct Checked<R> {
    reader: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        if len == 0 && !buffer.is_empty() && self.reader.crc().sum() != self.crc {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "Invalid checksum",
            ));
        }
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(decode("größe".as_bytes(), true), "größe");
        assert_eq!(decode(b"gr\x94\xe1e\xff", false), "größe\u{a0}");
    }
}
