//! Messages of protocol buffers in files, in binary or in text form.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::file_format::FileFormat;
use crate::proto::{DecodeError, Message};
use crate::text_format::{self, TextError};

/// The largest message that readers of protocol buffers take.
pub(crate) const MAX_MESSAGE: usize = i32::MAX as usize;
/// The number of first bytes that show whether a file is text.
const HEAD: usize = 1024;

/// A kind of message that files hold.
pub(crate) struct MessageFile {
    /// With its article.
    name: &'static str,
    /// In the package of the message.
    full_name: &'static str,
    binary: FileFormat,
    text: FileFormat,
}

pub(crate) const GRAPH_DEF: MessageFile = MessageFile {
    name: "a GraphDef",
    full_name: "tensorflow.GraphDef",
    binary: FileFormat::GraphDef,
    text: FileFormat::TextGraphDef,
};

pub(crate) const META_GRAPH_DEF: MessageFile = MessageFile {
    name: "a MetaGraphDef",
    full_name: "tensorflow.MetaGraphDef",
    binary: FileFormat::MetaGraphDef,
    text: FileFormat::TextMetaGraphDef,
};

pub(crate) const SAVED_MODEL: MessageFile = MessageFile {
    name: "a SavedModel",
    full_name: "tensorflow.SavedModel",
    binary: FileFormat::SavedModel,
    text: FileFormat::TextSavedModel,
};

errors! {
    #[derive(Debug)]
    enum MessageError {
        #[error("the file is empty")]
        Empty,
        #[error("{0} bytes are more than the {MAX_MESSAGE} that a message may have")]
        TooLarge(u64),
        #[error("not {name}: {error}")]
        Decode {
            name: &'static str,
            error: DecodeError,
        },
        #[error("not {name} in text form: {error}")]
        Text {
            name: &'static str,
            error: TextError,
        },
        #[error("expected {name}, found {found}")]
        Other {
            name: &'static str,
            found: FileFormat,
        },
        #[error("{source}; there is {}", there.display())]
        Beside {
            source: io::Error,
            there: PathBuf,
        },
    }
}

impl From<MessageError> for Error {
    fn from(error: MessageError) -> Self {
        let kind = match &error {
            MessageError::Empty | MessageError::Decode { .. } => ErrorKind::Corrupt,
            MessageError::Text { error, .. } if !error.is_unsupported() => ErrorKind::Corrupt,
            MessageError::Text { .. } | MessageError::TooLarge(_) | MessageError::Other { .. } => {
                ErrorKind::Unsupported
            }
            MessageError::Beside { .. } => ErrorKind::NotFound,
        };
        Error::new(kind, error)
    }
}

impl MessageFile {
    /// The message in a file, and the size of the file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::Corrupt`] if it is
    /// damaged, [`ErrorKind::Unsupported`] if it is too large or of another format. The error names the file.
    pub(crate) fn read<M: Message + Default>(&self, path: &Path) -> Result<(M, usize)> {
        let at = |error: MessageError| Error::from(error).with_path(path);
        let io = |error: io::Error| match (error.kind(), beside(path)) {
            (io::ErrorKind::NotFound, Some(there)) => at(MessageError::Beside {
                source: error,
                there,
            }),
            _ => Error::io("cannot read", path, error),
        };
        let data = fs::metadata(path).map_err(io)?;
        if data.is_dir() {
            let found = FileFormat::of_path(path).map_err(io)?;
            return Err(at(self.other(found)));
        }
        if data.len() > MAX_MESSAGE as u64 {
            return Err(at(MessageError::TooLarge(data.len())));
        }
        let bytes = fs::read(path).map_err(io)?;
        let message = self.decode_any(&bytes).map_err(|error| {
            // The index of a checkpoint is known by its end.
            let is_other = matches!(error, MessageError::Decode { .. });
            let found = FileFormat::instead(path, &[self.binary, self.text]);
            at(match found.filter(|_| is_other) {
                Some(found) => self.other(found),
                None => error,
            })
        })?;
        Ok((message, bytes.len()))
    }

    /// The message in binary form.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if the bytes are not of the message, [`ErrorKind::Unsupported`] if they are more than
    /// 2 GiB.
    pub(crate) fn decode<M: Message + Default>(&self, bytes: &[u8]) -> Result<M> {
        Ok(self.decode_binary(bytes)?)
    }

    /// The message in text form.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] if the text is not of the message, [`ErrorKind::Unsupported`] if it has fields that are
    /// not known here.
    pub(crate) fn decode_text<M: Message + Default>(&self, text: &[u8]) -> Result<M> {
        Ok(self.parse(text)?)
    }

    fn parse<M: Message + Default>(&self, text: &[u8]) -> Result<M, MessageError> {
        let name = self.name;
        if text.len() > MAX_MESSAGE {
            return Err(MessageError::TooLarge(text.len() as u64));
        }
        text_format::decode(self.full_name, text)
            .map_err(|error| MessageError::Text { name, error })
    }

    fn decode_binary<M: Message + Default>(&self, bytes: &[u8]) -> Result<M, MessageError> {
        let name = self.name;
        if bytes.len() > MAX_MESSAGE {
            return Err(MessageError::TooLarge(bytes.len() as u64));
        }
        M::decode(bytes).map_err(|error| MessageError::Decode { name, error })
    }

    fn decode_any<M: Message + Default>(&self, bytes: &[u8]) -> Result<M, MessageError> {
        match FileFormat::of_bytes(bytes) {
            FileFormat::Empty => Err(MessageError::Empty),
            found if found == self.text => self.parse(bytes),
            found if found == self.binary => self.decode_binary(bytes),
            FileFormat::Unknown => match self.decode_binary(bytes) {
                Err(MessageError::Decode { .. }) if is_text(bytes) => self.parse(bytes),
                decoded => decoded,
            },
            found => Err(self.other(found)),
        }
    }

    fn other(&self, found: FileFormat) -> MessageError {
        let name = self.name;
        MessageError::Other { name, found }
    }
}

/// A file that has the name of the missing one and an ending, as a checkpoint's prefix has none.
fn beside(path: &Path) -> Option<PathBuf> {
    let endings = [".meta", ".pb", ".pbtxt", ".index"];
    let with = endings.iter().map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    });
    let swapped = [("pb", "pbtxt"), ("pbtxt", "pb")].into_iter();
    let swapped = swapped.filter(|(from, _)| path.extension().is_some_and(|own| own == *from));
    let swapped = swapped.map(|(_, to)| path.with_extension(to));
    with.chain(swapped).find(|path| path.is_file())
}

/// Whether the first bytes have no control characters, of which messages in binary form are full.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let is_control = |&byte: &u8| byte < b' ' && !b"\t\n\x0b\x0c\r".contains(&byte);
    !head.iter().any(|byte| is_control(byte) || *byte == 0x7f)
}
