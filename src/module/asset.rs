//! Files that travel with a module.

use std::path::Path;

use crate::dtype::ByteString;
use crate::error::Rule;
use crate::graph::{AnyTensor, GraphBuilder, Tensor, keys};

impl GraphBuilder {
    /// The path of a file that travels with the module: a scalar constant in the collection
    /// [`keys::ASSET_FILEPATHS`], what `tf.constant` and `tf.add_to_collection` make in Python.
    ///
    /// An export copies the file into the module, under the last part of its path; where two files would get one name, a
    /// number follows the second. The constant of the module that a consumer loads holds the path of the copy. A graph
    /// may have any other constant with a path made an asset by adding it to the collection;
    /// [tables that are filled from files](crate::ops::lookup::TextFileInitializer) do so themselves.
    ///
    /// The file has to be there when the module is exported. A path that is not UTF-8 is a fault. `hub.Module` gives the
    /// path of the copy to whatever uses the constant, `hub.load` of TensorFlow 2 only to initializers of tables.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, Session, ops::io};
    ///
    /// let dir = tempfile::tempdir()?;
    /// let license = dir.path().join("LICENSE");
    /// std::fs::write(&license, "You may.")?;
    /// let spec = ModuleSpec::new(|g| {
    ///     let path = g.asset(&license);
    ///     g.signature("license").output("text", io::read_file(path));
    /// })?;
    /// spec.export(dir.path().join("module"), &Session::new(&spec)?)?;
    /// assert_eq!(std::fs::read(dir.path().join("module/assets/LICENSE"))?, b"You may.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn asset(&self, path: impl AsRef<Path>) -> Tensor<'_, ByteString> {
        let Some(path) = path.as_ref().to_str() else {
            let message = format!(
                "expected the path of an asset in UTF-8, found {:?}",
                path.as_ref()
            );
            self.report(Rule::Asset, message);
            return AnyTensor::poison(self).typed();
        };
        let constant = self.constant(path);
        self.add_to_collection(keys::ASSET_FILEPATHS, constant);
        constant
    }
}
