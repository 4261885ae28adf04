//! Reading graphs, in binary and in text form.

use std::path::Path;

use super::GraphDef;
use crate::error::Result;
use crate::graph::MetaGraphDef;
use crate::message_file::GRAPH_DEF;

impl GraphDef {
    /// The graph in the bytes of a message.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if they are none,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if they are more than 2 GiB.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Ok(GraphDef {
            message: GRAPH_DEF.decode(bytes)?,
            size: bytes.len(),
        })
    }

    /// The graph in text form, such as the content of `graph.pbtxt`.
    ///
    /// ```
    /// use tfhub::graph::GraphDef;
    ///
    /// let graph_def = GraphDef::decode_text("node { name: 'x' op: 'NoOp' } # and no more")?;
    /// assert_eq!(graph_def.nodes().collect::<Vec<_>>(), [("x", "NoOp")]);
    ///
    /// let error = GraphDef::decode_text("node { nam: 'x' }").unwrap_err();
    /// let expected = "not a GraphDef in text form: line 1:8: tensorflow.NodeDef has no field \"nam\"";
    /// assert_eq!(error.to_string(), expected);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if the text is malformed,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if it has fields or values that no `GraphDef` up to
    /// TensorFlow 2.15 has. The error names line and column.
    pub fn decode_text(text: &str) -> Result<Self> {
        Ok(Self::from_message(GRAPH_DEF.decode_text(text.as_bytes())?))
    }

    /// The graph in a file in binary or in text form, such as `frozen.pb` or `graph.pbtxt`.
    ///
    /// The content decides which it is, not the name.
    ///
    /// # Errors
    /// As [`decode`](Self::decode) and [`decode_text`](Self::decode_text);
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) or [`ErrorKind::Io`](crate::ErrorKind::Io) if the file
    /// cannot be read, [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) if it is empty, and
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if it is recognised as one of another format, which
    /// is named with what takes it. The error names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let (message, size) = GRAPH_DEF.read(path.as_ref())?;
        Ok(GraphDef { message, size })
    }

    /// The graph of a meta graph in binary or in text form, such as `model.ckpt-1000.meta`.
    ///
    /// [`MetaGraphDef`] also has the variables.
    ///
    /// # Errors
    /// As [`MetaGraphDef::read`].
    pub fn from_meta_graph(path: impl AsRef<Path>) -> Result<Self> {
        MetaGraphDef::read(path).map(MetaGraphDef::into_graph_def)
    }
}
