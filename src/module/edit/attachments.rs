//! Messages that are attached to variants.

use std::panic::Location;

use super::editor::ModuleEditor;
use super::error::EditError;
use crate::error::Result;
use crate::module::attachment::{ATTACHMENTS, Attachments};
use crate::module::saved_model::tags;
use crate::module::tags::Tags;
use crate::nearest;
use crate::proto::tensorflow::MetaGraphDef;
use crate::proto::tensorflow::collection_def::Kind;

impl ModuleEditor<'_> {
    /// Attaches the bytes of a message to a variant, in the place of one of that key if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such variant,
    /// [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if the key is none, see
    /// [`GraphBuilder::attach_message`](crate::GraphBuilder::attach_message).
    #[track_caller]
    pub fn set_attachment(
        &mut self,
        of: &Tags,
        key: &str,
        message: impl AsRef<[u8]>,
    ) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let place = editor.variant(of)?;
            if !Attachments::is_key(key) {
                return Err(EditError::AttachmentKey(key.to_owned()));
            }
            change(&mut editor.model.meta_graphs[place], |attachments| {
                attachments.set(key, message.as_ref().to_vec());
                Ok(())
            })
        })
    }

    /// Attaches a message of protocol buffers to a variant, as [`set_attachment`](Self::set_attachment) does its bytes.
    ///
    /// # Errors
    /// As [`set_attachment`](Self::set_attachment).
    #[track_caller]
    pub fn set_attached_message(
        &mut self,
        of: &Tags,
        key: &str,
        message: &impl prost::Message,
    ) -> Result<&mut Self> {
        self.set_attachment(of, key, message.encode_to_vec())
    }

    /// Drops a message that is attached to a variant.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such variant or attachment.
    #[track_caller]
    pub fn drop_attachment(&mut self, of: &Tags, key: &str) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let place = editor.variant(of)?;
            change(&mut editor.model.meta_graphs[place], |attachments| {
                if attachments.remove(key) {
                    return Ok(());
                }
                let known = attachments.iter().map(|(key, _)| key);
                Err(EditError::NoAttachment {
                    tags: of.clone(),
                    key: key.to_owned(),
                    meant: nearest::among(key, "attachment", known),
                })
            })
        })
    }
}

fn change(
    meta: &mut MetaGraphDef,
    change: impl FnOnce(&mut Attachments) -> Result<(), EditError>,
) -> Result<(), EditError> {
    let mut attachments = match meta.collection_def.get(ATTACHMENTS).map(|it| &it.kind) {
        Some(Some(Kind::BytesList(list))) => {
            Attachments::parse(&list.value).map_err(|error| EditError::Collection {
                tags: tags(meta),
                key: ATTACHMENTS.to_owned(),
                error,
            })?
        }
        _ => Attachments::default(),
    };
    change(&mut attachments)?;
    let key = ATTACHMENTS.to_owned();
    match attachments.is_empty() {
        true => drop(meta.collection_def.remove(ATTACHMENTS)),
        false => drop(meta.collection_def.insert(key, attachments.collection())),
    }
    Ok(())
}
