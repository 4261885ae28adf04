//! Signatures that come, go, and get other names.

use std::panic::Location;

use super::editor::ModuleEditor;
use super::error::EditError;
use crate::error::Result;
use crate::module::saved_model::{tags, tensor_infos};
use crate::module::signature::can_be_applied;
use crate::module::tags::Tags;
use crate::nearest;
use crate::proto::tensorflow::{MetaGraphDef, SignatureDef, TensorInfo};
use crate::sorted_map::SortedMap;

impl ModuleEditor<'_> {
    /// Drops a signature of all variants that have it. The nodes that it was for stay;
    /// [`strip_variables`](Self::strip_variables) takes out the variables that are for nothing then.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no variant has it,
    /// [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if it is the only one of a variant.
    #[track_caller]
    pub fn drop_signature(&mut self, name: &str) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let owners = editor.owners(name)?;
            for &place in &owners {
                let meta = &editor.model.meta_graphs[place];
                if meta.signature_def.len() == 1 {
                    return Err(EditError::LastSignature(tags(meta)));
                }
            }
            for place in owners {
                editor.model.meta_graphs[place].signature_def.remove(name);
            }
            Ok(())
        })
    }

    /// Gives a signature another name in all variants that have it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no variant has it,
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if one has a signature of the new name,
    /// [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if `hub.Module` could not apply one of that name.
    #[track_caller]
    pub fn rename_signature(&mut self, from: &str, to: &str) -> Result<&mut Self> {
        self.edit(Location::caller(), |editor| {
            let owners = editor.owners(from)?;
            expect_name(to)?;
            for &place in &owners {
                expect_free(&editor.model.meta_graphs[place], to)?;
            }
            for place in owners {
                let signatures = &mut editor.model.meta_graphs[place].signature_def;
                if let Some(signature) = signatures.remove(from) {
                    signatures.insert(to.to_owned(), signature);
                }
            }
            Ok(())
        })
    }

    /// Adds a signature to a variant: keys and names of tensors of the graph, such as `dense/BiasAdd:0`.
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, Tags, layers};
    /// # use tfhub::module::ModuleEditor;
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// # })?;
    /// # let session = Session::new(&spec)?;
    /// # let mut editor = ModuleEditor::new(&spec, &session)?;
    /// editor.add_signature(&Tags::none(), "products", [("x", "x:0")], [("default", "dense/MatMul:0")])?;
    /// let edited = editor.finish()?;
    /// let variant = edited.spec().variants().next().unwrap();
    /// let products = variant.signatures.iter().find(|signature| signature.name == "products").unwrap();
    /// assert_eq!(products.outputs["default"].shape.to_string(), "[?, 2]");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such variant or tensor,
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is such a signature,
    /// [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if `hub.Module` could not apply one of that name.
    #[track_caller]
    pub fn add_signature<K: AsRef<str>, T: AsRef<str>>(
        &mut self,
        to: &Tags,
        name: &str,
        inputs: impl IntoIterator<Item = (K, T)>,
        outputs: impl IntoIterator<Item = (K, T)>,
    ) -> Result<&mut Self> {
        let line = Location::caller();
        let owned = |(key, tensor): (K, T)| (key.as_ref().to_owned(), tensor.as_ref().to_owned());
        let inputs: Vec<_> = inputs.into_iter().map(owned).collect();
        let outputs: Vec<_> = outputs.into_iter().map(owned).collect();
        self.edit(line, |editor| {
            let place = editor.variant(to)?;
            expect_name(name)?;
            let meta = &mut editor.model.meta_graphs[place];
            expect_free(meta, name)?;
            let names = inputs
                .iter()
                .chain(&outputs)
                .map(|(_, tensor)| tensor.as_str());
            let names: Vec<_> = names.collect();
            let infos = tensor_infos(meta, &names, line).map_err(EditError::Failed)?;
            let mut infos = infos.into_iter();
            let mut ends = |keys: Vec<(String, String)>| {
                let ends = keys.into_iter().zip(&mut infos);
                ends.map(|((key, _), info)| (key, info)).collect()
            };
            let inputs: SortedMap<String, TensorInfo> = ends(inputs);
            let signature = SignatureDef {
                inputs,
                outputs: ends(outputs),
                ..SignatureDef::default()
            };
            meta.signature_def.insert(name.to_owned(), signature);
            Ok(())
        })
    }

    /// The places of the variants that have a signature, which one has at least.
    fn owners(&self, name: &str) -> Result<Vec<usize>, EditError> {
        let metas = &self.model.meta_graphs;
        let owners = metas.iter().enumerate();
        let owners = owners.filter(|(_, meta)| meta.signature_def.contains_key(name));
        let owners: Vec<_> = owners.map(|(place, _)| place).collect();
        match (owners.is_empty(), metas.first()) {
            (true, Some(meta)) => {
                let known = metas.iter().flat_map(|meta| meta.signature_def.keys());
                let mut known: Vec<_> = known.map(String::as_str).collect();
                known.sort_unstable();
                known.dedup();
                Err(EditError::NoSignature {
                    tags: tags(meta),
                    name: name.to_owned(),
                    meant: nearest::among(name, "signature", known),
                })
            }
            _ => Ok(owners),
        }
    }
}

fn expect_name(name: &str) -> Result<(), EditError> {
    match !name.is_empty() && can_be_applied(name) {
        true => Ok(()),
        false => Err(EditError::SignatureName(name.to_owned())),
    }
}

fn expect_free(meta: &MetaGraphDef, name: &str) -> Result<(), EditError> {
    match meta.signature_def.contains_key(name) {
        true => Err(EditError::SignatureExists {
            tags: tags(meta),
            name: name.to_owned(),
        }),
        false => Ok(()),
    }
}
