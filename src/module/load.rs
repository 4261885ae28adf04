//! Loading modules: of a directory or an archive, with the values that they were published with.

#[cfg(feature = "tar")]
mod archive;

use std::fs::File;
use std::io::{self, Read as _};
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

use super::attachment::Attachments;
use super::export::{FORMAT, MODULE};
use super::files::ModuleFiles;
use super::saved_model::{SavedModelOptions, module_of};
use super::spec::ModuleSpec;
use super::tags::Tags;
use super::variables::ModuleVariables;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::tensorflow_hub::ModuleDef;
use crate::proto::{DecodeError, Message as _};

/// The largest marker that is read: one is two bytes long unless it asks for features.
const MAX_MARKER: u64 = 1 << 20;

errors! {
    #[derive(Debug)]
    enum LoadError {
        #[error("not the marker file of a module: {0}")]
        Marker(DecodeError),
        #[error("expected at most {MAX_MARKER} bytes")]
        LargeMarker,
        #[error("expected a module of format {FORMAT}, found format {0}")]
        Format(i32),
        #[error("the module requires features that TensorFlow Hub does not have: {0}")]
        Features(String),
        #[error("the module was built in code and has no values of its own; a `Session` computes initial ones")]
        Built,
        #[error("the module was edited and has no values of its own; an `EditedModule` has them beside it")]
        Edited,
        #[error("the module has no variant {tags}, expected one of {known}")]
        NoVariant { tags: Tags, known: String },
        #[error("attachment \"{key}\" is not the message that was asked for: {error}")]
        Attachment {
            key: String,
            error: prost::DecodeError,
        },
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        let kind = match error {
            LoadError::Marker(_) | LoadError::LargeMarker | LoadError::Attachment { .. } => {
                ErrorKind::Corrupt
            }
            LoadError::Format(_) | LoadError::Features(_) => ErrorKind::Unsupported,
            LoadError::Built | LoadError::Edited | LoadError::NoVariant { .. } => {
                ErrorKind::NotFound
            }
        };
        Error::new(kind, error)
    }
}

impl ModuleSpec {
    /// Loads a module that was exported, as `hub.load_module_spec` does: its directory, or a `.tar.gz` of it as
    /// TensorFlow Hub hands them out. A SavedModel of TensorFlow 1 is loaded as by
    /// [`from_saved_model`](Self::from_saved_model).
    ///
    /// The module has [values](Self::values) of its own, of which nothing is read before they are asked for, and
    /// [`Module`](super::Module) puts it into other graphs. An archive is unpacked into a temporary directory, which is
    /// removed with the last module and graph that need it.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, Session, layers};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let (published, copy) = (dir.path().join("published"), dir.path().join("copy"));
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// # })?;
    /// # spec.export(&published, &Session::new(&spec)?)?;
    /// let spec = ModuleSpec::load(&published)?;
    /// for variant in spec.variants() {
    ///     println!("{variant}");
    /// }
    /// spec.export(&copy, &spec.values()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_saved_model`](Self::from_saved_model); [`ErrorKind::Corrupt`] if `tfhub_module.pb` is malformed, and
    /// [`ErrorKind::Unsupported`] if it asks for another format or for features of later versions. For archives,
    /// [`ErrorKind::Corrupt`] if one is damaged or has entries that lead out of it, and [`ErrorKind::NotFound`] if there
    /// is no module in it.
    #[track_caller]
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        load(path.as_ref(), Location::caller())
    }

    /// The values of the variables of a module that was read from a directory; an empty source if it has none.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the module was built in code or edited, and as [`ModuleVariables::open`].
    pub fn values(&self) -> Result<ModuleVariables> {
        let files = self.files().ok_or(LoadError::Built)?;
        if files.is_edited() {
            return Err(LoadError::Edited.into());
        }
        ModuleVariables::of(files.clone())
    }

    /// The message that a variant has attached under a key (`ModuleSpec.get_attached_message`); `None` if it has none.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Tags};
    /// #[derive(Clone, PartialEq, prost::Message)]
    /// struct Tokenization {
    ///     #[prost(bool, tag = "1")]
    ///     lower_case: bool,
    /// }
    ///
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, x);
    /// #     g.attach_message("tokenization", &Tokenization { lower_case: true });
    /// # })?;
    /// let message: Option<Tokenization> = spec.attached_message(&Tags::none(), "tokenization")?;
    /// assert!(message.unwrap().lower_case);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no variant with these tags, [`ErrorKind::Corrupt`] if what is attached is not
    /// such a message.
    pub fn attached_message<M: prost::Message + Default>(
        &self,
        tags: &Tags,
        key: &str,
    ) -> Result<Option<M>> {
        let message = self.attached_bytes(tags, key)?.map(M::decode).transpose();
        message.map_err(|error| {
            let key = key.to_owned();
            LoadError::Attachment { key, error }.into()
        })
    }

    /// The bytes of the message that a variant has attached under a key; `None` if it has none.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no variant with these tags.
    pub fn attached_bytes(&self, tags: &Tags, key: &str) -> Result<Option<&[u8]>> {
        let graph = self.graph_of(tags)?;
        let attachments = graph.extension::<Attachments>();
        let mut attached = attachments.into_iter().flat_map(Attachments::iter);
        Ok(attached.find(|(known, _)| *known == key).map(|it| it.1))
    }

    /// The graph of the variant with these tags.
    pub(super) fn graph_of(&self, tags: &Tags) -> Result<&crate::graph::Graph> {
        self.graph(tags).ok_or_else(|| {
            let known: Vec<_> = self.tags().map(ToString::to_string).collect();
            let tags = tags.clone();
            let known = known.join(", ");
            LoadError::NoVariant { tags, known }.into()
        })
    }
}

fn load(path: &Path, location: &'static Location<'static>) -> Result<ModuleSpec> {
    module_of(open(path)?, &SavedModelOptions::new(), location)
}

/// The files of a module's directory or archive, which is known to be one that this crate understands.
pub(super) fn open(path: &Path) -> Result<Arc<ModuleFiles>> {
    let files = match path.is_file() {
        #[cfg(feature = "tar")]
        true => archive::unpack(path)?,
        _ => ModuleFiles::new(path),
    };
    check_marker(&files.directory().join(MODULE))?;
    Ok(Arc::new(files))
}

/// Checks that this crate understands a module by its marker; a SavedModel has none.
fn check_marker(path: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    let size = match File::open(path) {
        Ok(file) => file.take(MAX_MARKER + 1).read_to_end(&mut bytes),
        Err(error) if is_absent(&error) => return Ok(()),
        Err(error) => Err(error),
    };
    let size = size.map_err(|error| Error::io("cannot read", path, error))?;
    let understood = || {
        if size as u64 > MAX_MARKER {
            return Err(LoadError::LargeMarker);
        }
        let marker = ModuleDef::decode(&bytes[..]).map_err(LoadError::Marker)?;
        if marker.format != FORMAT {
            return Err(LoadError::Format(marker.format));
        }
        match marker.required_features.is_empty() {
            true => Ok(()),
            false => Err(LoadError::Features(marker.required_features.join(", "))),
        }
    };
    understood().map_err(|error| Error::from(error).with_path(path))
}

/// Whether there is no such file, also since what should be its directory is none.
fn is_absent(error: &io::Error) -> bool {
    let kind = error.kind();
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
