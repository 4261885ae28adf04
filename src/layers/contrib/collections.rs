//! The collections that layers add their variables and outputs to.

use std::collections::{BTreeMap, BTreeSet};

use crate::dtype::TensorType;
use crate::graph::{Tensor, keys};

/// The collections that the variables of a layer join besides those of all model variables (`variables_collections`).
///
/// A list is for all variables. A map has a list for each name: `weights`, `biases`, `beta`, `gamma`, `moving_mean` or
/// `moving_variance`. Both weights of a separable convolution are `weights`; as in Python, names that a layer has no
/// variable for are passed over, so that several layers can be given one map.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 3));
/// let x = contrib::fully_connected(4).variables_collections(["first"]).apply(x);
/// contrib::fully_connected(2)
///     .variables_collections([("weights", vec!["last", "matrices"]), ("biases", vec!["last"])])
///     .outputs_collections(["end_points"])
///     .apply(x);
/// ```
///
/// TensorFlow Hub does not know collections of other names than those in [`keys`](crate::graph::keys): a module of such a graph
/// [drops them](crate::module::ModuleSpecBuilder::drop_collections).
#[derive(Debug, Clone)]
pub struct VariablesCollections(Keys);

#[derive(Debug, Clone)]
enum Keys {
    OfAll(Vec<String>),
    ByName(BTreeMap<String, Vec<String>>),
}

impl VariablesCollections {
    /// The collections of the variable of this name.
    pub(super) fn of(&self, name: &str) -> &[String] {
        match &self.0 {
            Keys::OfAll(keys) => keys,
            Keys::ByName(map) => map.get(name).map_or(&[], Vec::as_slice),
        }
    }
}

impl Default for VariablesCollections {
    fn default() -> Self {
        Vec::<String>::new().into()
    }
}

impl From<Vec<String>> for VariablesCollections {
    fn from(keys: Vec<String>) -> Self {
        VariablesCollections(Keys::OfAll(keys))
    }
}

impl<const N: usize> From<[&str; N]> for VariablesCollections {
    fn from(keys: [&str; N]) -> Self {
        keys.map(str::to_owned).to_vec().into()
    }
}

impl From<BTreeMap<String, Vec<String>>> for VariablesCollections {
    fn from(map: BTreeMap<String, Vec<String>>) -> Self {
        VariablesCollections(Keys::ByName(map))
    }
}

impl<const N: usize> From<[(&str, Vec<&str>); N]> for VariablesCollections {
    fn from(map: [(&str, Vec<&str>); N]) -> Self {
        let owned = |keys: Vec<&str>| keys.into_iter().map(str::to_owned).collect();
        BTreeMap::from(map.map(|(name, keys)| (name.to_owned(), owned(keys)))).into()
    }
}

/// The collections that the updates of a layer's statistics join (`updates_collections`); with `None` its outputs wait for
/// the updates.
///
/// As in Python, lists of collections are not for updates that the layers of `tf.layers` make: a list of
/// [`UPDATE_OPS`](keys::UPDATE_OPS) alone gives other nodes than the key itself, the default.
///
/// ```
/// use tfhub::layers::contrib;
/// # let g = tfhub::GraphBuilder::new();
/// let x = g.placeholder::<f32>((None, 8, 8, 3));
/// let x = contrib::batch_norm().updates_collections(None).apply(x);
/// assert_eq!(x.name(), "BatchNorm/Identity:0");
/// let y = contrib::batch_norm().updates_collections(["update_ops", "updates_of_encoder"]).apply(x);
/// assert_eq!(y.name(), "BatchNorm_1/FusedBatchNormV3:0");
/// ```
#[derive(Debug, Clone)]
pub struct UpdatesCollections(Option<Updates>);

#[derive(Debug, Clone)]
enum Updates {
    /// Those of the layers of `tf.layers`.
    OfLayers,
    Of(Vec<String>),
}

impl UpdatesCollections {
    /// Whether the layers of `tf.layers` make such updates.
    pub(super) fn is_of_layers(&self) -> bool {
        matches!(self.0, Some(Updates::OfLayers))
    }

    /// Each of the collections, once; `None` if the outputs wait.
    pub(super) fn keys(&self) -> Option<BTreeSet<&str>> {
        Some(match self.0.as_ref()? {
            Updates::OfLayers => BTreeSet::from([keys::UPDATE_OPS]),
            Updates::Of(keys) => keys.iter().map(String::as_str).collect(),
        })
    }
}

impl From<Option<&str>> for UpdatesCollections {
    fn from(key: Option<&str>) -> Self {
        UpdatesCollections(key.map(|key| match key == keys::UPDATE_OPS {
            true => Updates::OfLayers,
            false => Updates::Of(vec![key.to_owned()]),
        }))
    }
}

impl From<&str> for UpdatesCollections {
    fn from(key: &str) -> Self {
        Some(key).into()
    }
}

impl From<Vec<String>> for UpdatesCollections {
    fn from(keys: Vec<String>) -> Self {
        UpdatesCollections(Some(Updates::Of(keys)))
    }
}

impl<const N: usize> From<[&str; N]> for UpdatesCollections {
    fn from(keys: [&str; N]) -> Self {
        keys.map(str::to_owned).to_vec().into()
    }
}

/// The collections that the outputs of a layer join (`outputs_collections`).
#[derive(Debug, Clone, Default)]
pub(super) struct OutputsCollections(Vec<String>);

impl OutputsCollections {
    /// Each of these, once.
    pub(super) fn of(keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().map(Into::into).collect();
        keys.sort();
        keys.dedup();
        OutputsCollections(keys)
    }

    /// Adds the outputs to the collections.
    pub(super) fn collect<'g, T: TensorType>(&self, outputs: Tensor<'g, T>) -> Tensor<'g, T> {
        for key in &self.0 {
            outputs.graph().add_to_collection(key, outputs);
        }
        outputs
    }
}

/// The setter of the collections of a layer's variables, in its [`ScopeOptions`](super::options::ScopeOptions).
macro_rules! variables_collections_setter {
    ($($scope:ident).+) => {
        /// The collections that the variables join besides those of all model variables: a list for all, or one for each name.
        pub fn variables_collections(
            mut self,
            collections: impl Into<$crate::layers::contrib::VariablesCollections>,
        ) -> Self {
            self.$($scope).+.variables_collections = collections.into();
            self
        }
    };
}

/// The setter of the collections of a layer's outputs.
macro_rules! outputs_collections_setter {
    ($($field:ident).+) => {
        /// The collections that the outputs join; none by default.
        pub fn outputs_collections(
            mut self,
            keys: impl IntoIterator<Item = impl Into<String>>,
        ) -> Self {
            self.$($field).+ = $crate::layers::contrib::collections::OutputsCollections::of(keys);
            self
        }
    };
}

pub(super) use {outputs_collections_setter, variables_collections_setter};
