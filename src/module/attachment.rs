//! Messages attached to a module's variant.

use prost::Message;

use crate::error::Rule;
use crate::graph::GraphBuilder;
use crate::proto::tensorflow_hub::ModuleAttachment;

/// The attachments of one variant, in the order of their first mention.
#[derive(Debug, Default)]
pub(super) struct Attachments(Vec<(String, Vec<u8>)>);

impl Attachments {
    /// The attachments that the collection holds.
    pub(super) fn parse(messages: &[Vec<u8>]) -> Result<Self, prost::DecodeError> {
        let parsed = messages.iter().map(|bytes| {
            let ModuleAttachment { key, value } = ModuleAttachment::decode(&bytes[..])?;
            Ok((key, value))
        });
        parsed.collect::<Result<_, _>>().map(Attachments)
    }

    /// The serialized messages that the attachment collection holds.
    pub(super) fn serialized(&self) -> Vec<Vec<u8>> {
        let message = |(key, value): &(String, Vec<u8>)| ModuleAttachment {
            key: key.clone(),
            value: value.clone(),
        };
        self.0
            .iter()
            .map(|attachment| message(attachment).encode_to_vec())
            .collect()
    }
}

impl GraphBuilder {
    /// Attaches a protocol buffer message to this variant under a key, as `hub.attach_message` does.
    ///
    /// The key is a letter followed by letters, digits and underscores. A key used again replaces its message.
    /// Attachments are meant for few, small messages.
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
    pub fn attach_message(&self, key: &str, message: &impl Message) {
        self.attach_bytes(key, message.encode_to_vec());
    }

    /// The same with the bytes of a message.
    ///
    /// ```
    /// # let g = tfhub::GraphBuilder::new();
    /// // An ImageModuleInfo with a default size of 224 by 224.
    /// g.attach_bytes("image_module_info", [0x0a, 0x06, 0x08, 0xe0, 0x01, 0x10, 0xe0, 0x01]);
    /// # g.finish()?;
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    #[track_caller]
    pub fn attach_bytes(&self, key: &str, message: impl Into<Vec<u8>>) {
        let starts_well = key.starts_with(|first: char| first.is_ascii_alphabetic());
        if !starts_well
            || !key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            let message = "expected a key of a letter followed by letters, digits and underscores";
            return self.report(Rule::Attachment, format_args!("{message}, found \"{key}\""));
        }
        let attachments = &mut self.extension::<Attachments>().0;
        match attachments.iter_mut().find(|(known, _)| known == key) {
            Some((_, value)) => *value = message.into(),
            None => attachments.push((key.to_owned(), message.into())),
        }
    }
}
