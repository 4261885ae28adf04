//! Common signatures of modules for images: feature vectors and classification.
//!
//! ```
//! use tfhub::module::image;
//! use tfhub::ops::math;
//! use tfhub::{ModuleSpec, layers};
//!
//! let spec = ModuleSpec::with_modes(|g, _mode| {
//!     let images = image::images(g, [224, 224]);
//!     let momentum = image::batch_norm_momentum(g, 0.99);
//!     let pooled = math::reduce_mean(images * momentum, [1, 2]);
//!     let features = layers::dense(8).apply(pooled);
//!     image::classification(images, layers::dense(10).apply(features))
//!         .and_feature_vector(features)
//!         .outputs("MyNet", [("pooled", pooled)])
//!         .with_bn_hparams(momentum);
//! })?;
//! let variant = spec.variants().next().unwrap();
//! let names = variant.signatures.iter().map(|signature| &*signature.name);
//! assert_eq!(names.collect::<Vec<_>>(), [
//!     "image_classification",
//!     "default",
//!     "image_feature_vector",
//!     "image_classification_with_bn_hparams",
//!     "image_feature_vector_with_bn_hparams",
//! ]);
//! # Ok::<(), tfhub::Error>(())
//! ```

use crate::dtype::DType;
use crate::error::Rule;
use crate::graph::{GraphBuilder, Tensor};
use crate::module::signature::{DEFAULT, IntoSignatureTensor, SignatureBuilder};
use crate::shape::Shape;

/// The key of the input of all image signatures.
const IMAGES: &str = "images";
const FEATURE_VECTOR: &str = "image_feature_vector";
const CLASSIFICATION: &str = "image_classification";
/// The end of the name of a signature that exposes the hyperparameters of batch normalization.
const WITH_BN_HPARAMS: &str = "_with_bn_hparams";
const BATCH_NORM_MOMENTUM: &str = "batch_norm_momentum";

/// A placeholder for a batch of RGB images of this height and width, with values from 0 to 1: `images`, float32 of the
/// shape `[None, height, width, 3]`.
///
/// The size is [attached](GraphBuilder::attach_image_module_info), so that `hub.get_expected_image_size` returns it.
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let images = tfhub::module::image::images(&g, [224, 224]);
/// assert_eq!(images.name(), "images:0");
/// assert_eq!(images.shape().to_string(), "[?, 224, 224, 3]");
/// ```
#[track_caller]
pub fn images(g: &GraphBuilder, size: [usize; 2]) -> Tensor<'_, f32> {
    let [height, width] = size.map(Some);
    placeholder(g, (None, height, width, 3).into(), size)
}

/// A placeholder for a batch of RGB images of any size, as [`images`] makes it for one; `default_size` is the height and
/// the width that `hub.get_expected_image_size` returns.
///
/// ```
/// # let g = tfhub::GraphBuilder::new();
/// let images = tfhub::module::image::images_of_any_size(&g, [224, 224]);
/// assert_eq!(images.shape().to_string(), "[?, ?, ?, 3]");
/// ```
#[track_caller]
pub fn images_of_any_size(g: &GraphBuilder, default_size: [usize; 2]) -> Tensor<'_, f32> {
    placeholder(g, (None, None, None, 3).into(), default_size)
}

#[track_caller]
fn placeholder(g: &GraphBuilder, shape: Shape, size: [usize; 2]) -> Tensor<'_, f32> {
    g.attach_image_module_info(size);
    let placeholder = g.op("Placeholder").name(IMAGES);
    let placeholder = placeholder.attr("dtype", DType::Float32);
    placeholder.attr("shape", shape).typed()
}

/// The momentum of batch normalization as a [hyperparameter](GraphBuilder::hyperparameter), `batch_norm_momentum`.
///
/// Modules that are fine-tuned on small data do well with a default of 0.99.
#[track_caller]
pub fn batch_norm_momentum(g: &GraphBuilder, default: f32) -> Tensor<'_, f32> {
    g.hyperparameter(BATCH_NORM_MOMENTUM, default)
}

/// Adds the signatures `image_feature_vector` and `default`: from `images` to their feature vectors, the output `default`
/// of the shape `[batch_size, num_features]`.
///
/// Images that are not of the shape `[None, height, width, 3]`, and features of another rank or of unknown size, are
/// faults.
#[track_caller]
pub fn feature_vector<'g>(
    images: Tensor<'g, f32>,
    features: Tensor<'g, f32>,
) -> ImageSignatures<'g> {
    ImageSignatures::new(FEATURE_VECTOR, images, features)
}

/// Adds the signatures `image_classification` and `default`: from `images` to the logits of their classes, the output
/// `default` of the shape `[batch_size, num_classes]`.
///
/// The faults are those of [`feature_vector`].
#[track_caller]
pub fn classification<'g>(images: Tensor<'g, f32>, logits: Tensor<'g, f32>) -> ImageSignatures<'g> {
    ImageSignatures::new(CLASSIFICATION, images, logits)
}

/// The image signatures of a module; [`feature_vector`] and [`classification`] make them.
#[derive(Debug, Clone)]
pub struct ImageSignatures<'g> {
    images: Tensor<'g, f32>,
    /// Those of the tasks, by their names, and the default one.
    signatures: Vec<(&'static str, SignatureBuilder<'g>)>,
}

impl<'g> ImageSignatures<'g> {
    #[track_caller]
    fn new(name: &'static str, images: Tensor<'g, f32>, output: Tensor<'g, f32>) -> Self {
        let dims = images.shape();
        let is_batch = matches!(dims.dims(), Some([None, _, _, Some(3)]));
        if !images.any().is_poison() && !is_batch {
            let message = format!(
                "input \"{IMAGES}\" of signature \"{name}\": expected the shape [?, height, width, 3], found {dims}"
            );
            images.any().report(Rule::CommonSignature, &message);
        }
        let signatures = Vec::new();
        let signatures = ImageSignatures { images, signatures };
        signatures.add(name, output).add(DEFAULT, output)
    }

    #[track_caller]
    fn add(mut self, name: &'static str, output: Tensor<'g, f32>) -> Self {
        if name != DEFAULT {
            output.any().expect_vectors(DEFAULT, name);
        }
        let signature = self.images.graph().signature(name);
        let signature = signature.input(IMAGES, self.images);
        self.signatures
            .push((name, signature.output(DEFAULT, output)));
        self
    }

    /// Adds the signature `image_feature_vector` to that of [`classification`], for the features that the logits are
    /// computed from.
    #[track_caller]
    pub fn and_feature_vector(self, features: Tensor<'g, f32>) -> Self {
        self.add(FEATURE_VECTOR, features)
    }

    /// Adds outputs to all signatures so far: the layers of a network, under the keys `ARCHITECTURE/LAYER`.
    #[track_caller]
    pub fn outputs<K: AsRef<str>>(
        self,
        architecture: &str,
        layers: impl IntoIterator<Item = (K, impl IntoSignatureTensor<'g>)>,
    ) -> Self {
        for (layer, tensor) in layers {
            let key = format!("{architecture}/{}", layer.as_ref());
            let tensor = tensor.into_signature_tensor();
            for (_, signature) in &self.signatures {
                signature.output(key.clone(), tensor.clone());
            }
        }
        self
    }

    /// Adds signatures that expose the momentum of batch normalization: for each one so far but `default`, a copy called
    /// `..._with_bn_hparams` with the further input `batch_norm_momentum`.
    ///
    /// [`batch_norm_momentum`] makes the momentum.
    #[track_caller]
    pub fn with_bn_hparams(self, momentum: Tensor<'g, f32>) -> Self {
        for (name, signature) in &self.signatures {
            if *name != DEFAULT {
                signature.with_hyperparameters(format!("{name}{WITH_BN_HPARAMS}"), [momentum]);
            }
        }
        self
    }
}
