//! Messages attached to a module's variant.

use crate::error::Rule;
use crate::graph::GraphBuilder;
use crate::proto::tensorflow::CollectionDef;
use crate::proto::tensorflow::collection_def::{BytesList, Kind};
use crate::proto::tensorflow_hub::image_module_info::InputSize;
use crate::proto::tensorflow_hub::{ImageModuleInfo, ModuleAttachment};
use crate::proto::{DecodeError, Message as _};

/// The collection that holds a variant's attachments.
pub(super) const ATTACHMENTS: &str = "hub_module_attachments";

/// The key of the attachment that says which images a module takes.
pub(super) const IMAGE_MODULE_INFO: &str = "image_module_info";

/// The attachments of one variant, in the order of their first mention.
#[derive(Debug, Default)]
pub(super) struct Attachments(Vec<(String, Vec<u8>)>);

impl Attachments {
    /// The attachments that the collection holds.
    pub(super) fn parse(messages: &[Vec<u8>]) -> Result<Self, DecodeError> {
        let parsed = messages.iter().map(|bytes| {
            let ModuleAttachment { key, value } = ModuleAttachment::decode(&bytes[..])?;
            Ok((key, value))
        });
        parsed.collect::<Result<_, _>>().map(Attachments)
    }

    /// The keys and the messages.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a message can have this key: a letter followed by letters, digits and underscores.
    pub(super) fn is_key(key: &str) -> bool {
        let mut bytes = key.bytes();
        key.starts_with(|first: char| first.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// Gives a key this message.
    pub(super) fn set(&mut self, key: &str, message: Vec<u8>) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, value)) => *value = message,
            None => self.0.push((key.to_owned(), message)),
        }
    }

    /// Removes the message of a key; whether there was one.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != key);
        self.0.len() < before
    }

    /// The collection of a meta graph that holds the attachments.
    pub(super) fn collection(&self) -> CollectionDef {
        let message = |(key, value): &(String, Vec<u8>)| ModuleAttachment {
            key: key.clone(),
            value: value.clone(),
        };
        let messages = self.0.iter().map(message);
        let value = messages.map(|message| message.encode_to_vec()).collect();
        CollectionDef {
            kind: Some(Kind::BytesList(BytesList { value })),
        }
    }
}

impl GraphBuilder {
    /// Attaches a protocol buffer message to this variant under a key, as `hub.attach_message` does.
    ///
    /// The key is a letter followed by letters, digits and underscores. A key used again replaces its message.
    /// Attachments are meant for few, small messages.
    ///
    /// A message type is written with the package `prost` in the version of [`tfhub::prost`](prost), or is one that
    /// `prost-build` of that version made.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// #[derive(Clone, PartialEq, prost::Message)]
    /// struct Tokenization {
    ///     #[prost(bool, tag = "1")]
    ///     lower_case: bool,
    /// }
    ///
    /// g.attach_message("tokenization", &Tokenization { lower_case: true });
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn attach_message(&self, key: &str, message: &impl prost::Message) {
        self.attach_bytes(key, message.encode_to_vec());
    }

    /// Attaches an `ImageModuleInfo` message, as `hub.attach_image_module_info` does: the height and the width in pixels
    /// of the images that the module takes, which `hub.get_expected_image_size` returns.
    ///
    /// Both have to be from 1 to 2³¹ - 1.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// let images = g.placeholder::<f32>((None, None, None, 3));
    /// g.attach_image_module_info([224, 224]);
    /// # g.default_signature(images, images);
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn attach_image_module_info(&self, default_image_size: [usize; 2]) {
        let pixels = default_image_size.map(|size| i32::try_from(size).ok().filter(|&n| n > 0));
        let [Some(height), Some(width)] = pixels else {
            let max = i32::MAX;
            let message = format!(
                "expected a height and a width of 1 to {max}, found {default_image_size:?}"
            );
            return self.report(Rule::Attachment, message);
        };
        let info = ImageModuleInfo {
            default_image_size: Some(InputSize { height, width }),
        };
        self.attach_bytes(IMAGE_MODULE_INFO, info.encode_to_vec());
    }

    /// Attaches the bytes of a message under a key.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// // A message whose field 1 is true.
    /// g.attach_bytes("tokenization", [0x08, 0x01]);
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn attach_bytes(&self, key: &str, message: impl Into<Vec<u8>>) {
        if !Attachments::is_key(key) {
            let message = "expected a key of a letter followed by letters, digits and underscores";
            return self.report(Rule::Attachment, format_args!("{message}, found \"{key}\""));
        }
        self.extension::<Attachments>().set(key, message.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_images_is_encoded_as_hub_does() {
        let g = GraphBuilder::new();
        g.attach_image_module_info([224, 300]);
        let graph = g.finish().unwrap();
        let attachments = graph.extension::<Attachments>().unwrap();
        // `ImageModuleInfo.SerializeToString` of hub 0.12.
        let message = b"\x0a\x06\x08\xe0\x01\x10\xac\x02".to_vec();
        assert_eq!(attachments.0, [("image_module_info".to_owned(), message)]);
    }

    #[test]
    fn sizes_of_images_have_to_be_numbers_that_the_message_holds() {
        let g = GraphBuilder::new();
        g.attach_image_module_info([0, 224]);
        let error = g.finish().unwrap_err().to_string();
        let expected = "expected a height and a width of 1 to 2147483647, found [0, 224]";
        assert!(error.contains(expected), "{error}");
    }
}
