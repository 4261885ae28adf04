//! Variants that come, go, and get other tags.

use std::panic::Location;

use super::assets::rename_files;
use super::editor::ModuleEditor;
use super::error::EditError;
use crate::error::Result;
use crate::module::message::message_of;
use crate::module::saved_model::tags;
use crate::module::spec::ModuleSpec;
use crate::module::tags::Tags;
use crate::proto::tensorflow::MetaGraphDef;
use crate::proto::tensorflow::meta_graph_def::MetaInfoDef;
use crate::sorted_map::SortedMap;

impl ModuleEditor<'_> {
    /// Drops the variant with these tags; variables that only it has go with it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is none,
    /// [`ErrorKind::InvalidModule`](crate::ErrorKind::InvalidModule) if there is no other.
    #[track_caller]
    pub fn drop_variant(&mut self, of: impl Into<Tags>) -> Result<&mut Self> {
        let of = of.into();
        self.edit(Location::caller(), |editor| {
            let place = editor.variant(&of)?;
            if editor.model.meta_graphs.len() == 1 {
                return Err(EditError::LastVariant(of));
            }
            editor.model.meta_graphs.remove(place);
            Ok(())
        })
    }

    /// Gives the variant with some tags others.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is none with the first tags,
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is one with the second.
    #[track_caller]
    pub fn retag_variant(
        &mut self,
        from: impl Into<Tags>,
        to: impl Into<Tags>,
    ) -> Result<&mut Self> {
        let (from, to) = (from.into(), to.into());
        self.edit(Location::caller(), |editor| {
            let place = editor.variant(&from)?;
            editor.expect_no_variant(&to)?;
            set_tags(&mut editor.model.meta_graphs[place], &to);
            Ok(())
        })
    }

    /// Adds a copy of a variant under other tags.
    ///
    /// # Errors
    /// As [`retag_variant`](Self::retag_variant).
    #[track_caller]
    pub fn copy_variant(
        &mut self,
        from: impl Into<Tags>,
        to: impl Into<Tags>,
    ) -> Result<&mut Self> {
        let (from, to) = (from.into(), to.into());
        self.edit(Location::caller(), |editor| {
            let place = editor.variant(&from)?;
            editor.expect_no_variant(&to)?;
            let mut copy = editor.model.meta_graphs[place].clone();
            set_tags(&mut copy, &to);
            editor.model.meta_graphs.push(copy);
            Ok(())
        })
    }

    /// Adds a variant of another module, with its assets. Variables are shared by their names; those that this module
    /// lacks get values by [`set_tensor`](Self::set_tensor).
    ///
    /// ```
    /// # use tfhub::{ModuleSpec, Session, Tags, layers};
    /// # use tfhub::module::ModuleEditor;
    /// # let spec = ModuleSpec::new(|g| {
    /// #     let x = g.placeholder::<f32>((None, 3));
    /// #     g.default_signature(x, layers::dense(2).apply(x));
    /// # })?;
    /// # let session = Session::new(&spec)?;
    /// # let mut editor = ModuleEditor::new(&spec, &session)?;
    /// let kernel = ModuleSpec::new(|g| {
    ///     let kernel = g.get_variable::<f32>("dense/kernel").shape([3, 2]).finish();
    ///     g.signature("default").output("default", kernel.value());
    /// })?;
    /// editor.add_variant(["weights"], &kernel, &Tags::none())?;
    /// assert_eq!(editor.finish()?.spec().tags().len(), 2);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the other module has no variant `of` these tags,
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if this one has the tags `to`,
    /// [`ErrorKind::InvalidValue`](crate::ErrorKind::InvalidValue) if a variable has another dtype or shape here.
    #[track_caller]
    pub fn add_variant(
        &mut self,
        to: impl Into<Tags>,
        other: &ModuleSpec,
        of: &Tags,
    ) -> Result<&mut Self> {
        let to = to.into();
        self.edit(Location::caller(), |editor| {
            editor.expect_no_variant(&to)?;
            let (model, assets) = message_of(other).map_err(EditError::Failed)?;
            let known: Vec<_> = model.meta_graphs.iter().map(tags).collect();
            let mut metas = model.meta_graphs.into_iter();
            let mut meta = metas.find(|meta| tags(meta) == *of).ok_or_else(|| {
                let known: Vec<_> = known.iter().map(ToString::to_string).collect();
                EditError::NoVariant {
                    tags: of.clone(),
                    known: known.join(", "),
                }
            })?;
            editor.expect_shared(&meta)?;
            let taken = editor.asset_names_in_graphs()?;
            let mut names: SortedMap<String, String> = SortedMap::new();
            for (name, path) in &assets {
                let numbered = (0u64..).map(|number| format!("{name}{number}"));
                let mut free = std::iter::once(name.clone()).chain(numbered);
                let is_free = |name: &String| {
                    !taken.contains(name) && !names.values().any(|other| other == name)
                };
                let free = free.find(is_free).unwrap_or_default();
                editor.assets.insert(free.clone(), path.clone());
                names.insert(name.clone(), free);
            }
            rename_files(&mut meta, &|name| names.get(name).cloned());
            set_tags(&mut meta, &to);
            editor.keep_files(other);
            let version = model.saved_model_schema_version;
            let own = &mut editor.model.saved_model_schema_version;
            *own = version.max(*own);
            editor.model.meta_graphs.push(meta);
            Ok(())
        })
    }

    fn expect_no_variant(&self, wanted: &Tags) -> Result<(), EditError> {
        match self.tags().contains(wanted) {
            true => Err(EditError::VariantExists(wanted.clone())),
            false => Ok(()),
        }
    }

    /// Refuses a variant whose variables are not as those of the same names here.
    fn expect_shared(&self, meta: &MetaGraphDef) -> Result<(), EditError> {
        let all = self.all_variables()?;
        for variable in super::variables::variables(meta)? {
            let Some(own) = all.get(&variable.key) else {
                continue;
            };
            let is_same = own.dtype == variable.dtype
                && (own.whole_shape().is_none()
                    || variable.whole_shape().is_none()
                    || own.whole_shape() == variable.whole_shape());
            if !is_same {
                return Err(EditError::Value {
                    name: variable.key.clone(),
                    expected: own.type_text(),
                    found: variable.type_text(),
                });
            }
        }
        Ok(())
    }
}

fn set_tags(meta: &mut MetaGraphDef, to: &Tags) {
    let info = meta.meta_info_def.get_or_insert_with(MetaInfoDef::default);
    info.tags = to.iter().map(str::to_owned).collect();
}
