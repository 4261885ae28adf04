//! Whether a module can stand where another one stood, and whether feature columns take it.

use std::collections::BTreeMap;
use std::fmt;

use super::attachment::IMAGE_MODULE_INFO;
use super::signature::{DEFAULT, SignatureDescription, TensorDescription};
use super::spec::ModuleSpec;
use super::tags::Tags;
use crate::dtype::DType;
use crate::proto::Message as _;
use crate::proto::tensorflow_hub::ImageModuleInfo;
use crate::shape::Shape;

/// A reason why a consumer of one module cannot take another in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incompatibility {
    /// The variant that a consumer asks for.
    pub variant: Tags,
    /// The signature that it applies; empty if the variant is missing.
    pub signature: String,
    /// The part that it does not find.
    pub reason: String,
}

/// The variant, the signature and the reason, on one line.
impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "variant {}: ", self.variant)?;
        if !self.signature.is_empty() {
            write!(f, "signature {:?}: ", self.signature)?;
        }
        f.write_str(&self.reason)
    }
}

impl ModuleSpec {
    /// The reasons why this module is no drop-in replacement for another; none if it is one.
    ///
    /// A consumer names tags, a signature, and the keys of all inputs; it feeds what the other module takes, and uses any
    /// of the outputs. So this module has all variants and signatures of the other, with the same inputs, of the same
    /// dtypes and of shapes that are no narrower, and all of the outputs, of the same dtypes and of shapes that are no
    /// wider. It may have further variants, signatures and outputs.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers};
    ///
    /// let module = |batch: Option<usize>, units| {
    ///     ModuleSpec::new(|g| {
    ///         let x = g.placeholder::<f32>((batch, 3));
    ///         g.default_signature(x, layers::dense(units).apply(x));
    ///     })
    /// };
    /// let published = module(Some(8), 2)?;
    /// assert_eq!(module(Some(8), 2)?.incompatibilities_with(&published), []);
    /// let found = module(Some(8), 4)?.incompatibilities_with(&published);
    /// assert_eq!(
    ///     found[0].to_string(),
    ///     "variant {}: signature \"default\": output \"default\" is float32 [8, 4], expected float32 [8, 2]"
    /// );
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn incompatibilities_with(&self, other: &ModuleSpec) -> Vec<Incompatibility> {
        let own: Vec<_> = self.variants().collect();
        let mut found = Vec::new();
        for expected in other.variants() {
            let mut add = |signature: &str, reason: String| {
                found.push(Incompatibility {
                    variant: expected.tags.clone(),
                    signature: signature.to_owned(),
                    reason,
                });
            };
            let Some(variant) = own.iter().find(|it| it.tags == expected.tags) else {
                add("", "there is no such variant".to_owned());
                continue;
            };
            for signature in &expected.signatures {
                let mut own = variant.signatures.iter();
                match own.find(|own| own.name == signature.name) {
                    None => add(&signature.name, "there is no such signature".to_owned()),
                    Some(own) => {
                        signatures(own, signature, &mut |reason| add(&signature.name, reason))
                    }
                }
            }
        }
        found
    }

    /// Whether this module can take the place of another without a change of its consumers; see
    /// [`incompatibilities_with`](Self::incompatibilities_with).
    pub fn is_drop_in_replacement_for(&self, other: &ModuleSpec) -> bool {
        self.incompatibilities_with(other).is_empty()
    }

    /// The reasons why `hub.text_embedding_column` refuses this module; none if it takes it.
    ///
    /// Its variant without tags has a signature `default` from one vector of strings, of any number, to an output
    /// `default` of `float32` vectors of a known size, for any number of texts.
    ///
    /// ```
    /// use tfhub::{ModuleSpec, layers};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((None, 3));
    ///     g.default_signature(x, layers::dense(2).apply(x));
    /// })?;
    /// assert_eq!(
    ///     spec.text_column_faults(),
    ///     ["input \"default\" is float32 [?, 3], expected string [?]"]
    /// );
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn text_column_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let signature = match self.of_column() {
            Ok(signature) => signature,
            Err(fault) => return vec![fault],
        };
        match single(&signature.inputs) {
            None => faults.push(inputs_fault(&signature, "one input")),
            Some((key, input)) => {
                let is_text = input.dtype == DType::String && input.shape.dims() == Some(&[None]);
                if !is_text {
                    let found = type_text(input);
                    faults.push(format!("input {key:?} is {found}, expected string [?]"));
                }
            }
        }
        let is_batch = |dims: &[Option<usize>]| matches!(dims, [None | Some(0), Some(1..)]);
        faults.extend(output_fault(&signature, &is_batch, "[?, n] of a known n"));
        faults
    }

    /// The reasons why `hub.image_embedding_column` refuses this module; none if it takes it.
    ///
    /// Its variant without tags has a signature `default` whose one input is `images`, of `float32`, to an output
    /// `default` of `float32` vectors of a known size. The height and the width of images are attached or known from the
    /// shape of the input.
    ///
    /// ```
    /// use tfhub::module::image;
    /// use tfhub::ops::math;
    /// use tfhub::{ModuleSpec, layers};
    ///
    /// let spec = ModuleSpec::new(|g| {
    ///     let images = image::images(g, [8, 8]);
    ///     image::feature_vector(images, math::reduce_mean(images, [1, 2]));
    /// })?;
    /// assert_eq!(spec.image_column_faults(), [""; 0]);
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn image_column_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let signature = match self.of_column() {
            Ok(signature) => signature,
            Err(fault) => return vec![fault],
        };
        match single(&signature.inputs) {
            Some((key, input)) if key == "images" && input.dtype == DType::Float32 => {
                let is_attached = self.has_image_size();
                let is_known = matches!(input.shape.dims(), Some([_, Some(1..), Some(1..), _]));
                if !is_attached && !is_known {
                    faults.push(format!(
                        "input \"images\" has the shape {}, expected [?, height, width, channels] of a known height and \
                         width, or a size that is attached",
                        input.shape
                    ));
                }
            }
            _ => faults.push(inputs_fault(&signature, "one input \"images\" of float32")),
        }
        let is_vector = |dims: &[Option<usize>]| matches!(dims, [_, Some(1..)]);
        faults.extend(output_fault(&signature, &is_vector, "[_, n] of a known n"));
        faults
    }

    /// The signature that feature columns apply, or why there is none.
    fn of_column(&self) -> Result<SignatureDescription, String> {
        let variant = self.variants().find(|variant| variant.tags == Tags::none());
        let variant = variant.ok_or("there is no variant without tags")?;
        let mut signatures = variant.signatures.into_iter();
        let found = signatures.find(|signature| signature.name == DEFAULT);
        Ok(found.ok_or("there is no signature \"default\"")?)
    }

    /// Whether the size of images is attached to the variant without tags.
    fn has_image_size(&self) -> bool {
        let bytes = self
            .attached_bytes(&Tags::none(), IMAGE_MODULE_INFO)
            .ok()
            .flatten();
        let info = bytes.and_then(|bytes| ImageModuleInfo::decode(bytes).ok());
        let size = info.and_then(|info| info.default_image_size);
        size.is_some_and(|size| size.height != 0 && size.width != 0)
    }
}

/// The inputs or outputs of a signature.
type Ends = BTreeMap<String, TensorDescription>;

/// Tells what a consumer of `expected` does not find in `own`.
fn signatures(
    own: &SignatureDescription,
    expected: &SignatureDescription,
    add: &mut dyn FnMut(String),
) {
    for (key, input) in &expected.inputs {
        match own.inputs.get(key) {
            None => add(format!("there is no input {key:?}")),
            Some(found) if !is_same_kind(found, input) || !accepts(&found.shape, &input.shape) => {
                let (found, expected) = (type_text(found), type_text(input));
                add(format!(
                    "input {key:?} is {found}, expected {expected} or more"
                ));
            }
            Some(_) => {}
        }
    }
    for key in own
        .inputs
        .keys()
        .filter(|key| !expected.inputs.contains_key(*key))
    {
        add(format!("the input {key:?} is fed by nobody"));
    }
    for (key, output) in &expected.outputs {
        match own.outputs.get(key) {
            None => add(format!("there is no output {key:?}")),
            Some(found)
                if !is_same_kind(found, output) || !accepts(&output.shape, &found.shape) =>
            {
                let (found, expected) = (type_text(found), type_text(output));
                add(format!("output {key:?} is {found}, expected {expected}"));
            }
            Some(_) => {}
        }
    }
}

/// Whether both are dense, sparse or ragged, of one dtype.
fn is_same_kind(one: &TensorDescription, other: &TensorDescription) -> bool {
    one.dtype == other.dtype && one.components.len() == other.components.len()
}

/// Whether every shape that the narrower one stands for is one that the wider stands for.
fn accepts(wide: &Shape, narrow: &Shape) -> bool {
    let Some(wide) = wide.dims() else {
        return true;
    };
    let Some(narrow) = narrow.dims() else {
        return false;
    };
    let mut dims = wide.iter().zip(narrow);
    wide.len() == narrow.len() && dims.all(|(wide, narrow)| wide.is_none() || wide == narrow)
}

fn single(ends: &Ends) -> Option<(&str, &TensorDescription)> {
    let mut ends = ends.iter();
    let (key, end) = ends.next()?;
    ends.next().is_none().then_some((key, end))
}

fn type_text(end: &TensorDescription) -> String {
    let kind = match end.components.is_empty() {
        true => "",
        false => " in parts",
    };
    format!("{} {}{kind}", end.dtype, end.shape)
}

fn inputs_fault(signature: &SignatureDescription, expected: &str) -> String {
    let inputs = signature.inputs.iter();
    let inputs: Vec<_> = inputs
        .map(|(key, it)| format!("{key:?} of {}", type_text(it)))
        .collect();
    match inputs.is_empty() {
        true => format!("there are no inputs, expected {expected}"),
        false => format!(
            "the inputs are {}, expected {expected}",
            inputs.join(" and ")
        ),
    }
}

/// The fault of the output `default`, if it has one.
fn output_fault(
    signature: &SignatureDescription,
    fits: &dyn Fn(&[Option<usize>]) -> bool,
    expected: &str,
) -> Option<String> {
    let Some(output) = signature.outputs.get(DEFAULT) else {
        return Some("there is no output \"default\"".to_owned());
    };
    let is_fit = output.dtype == DType::Float32 && output.shape.dims().is_some_and(fits);
    let found = type_text(output);
    (!is_fit).then(|| format!("output \"default\" is {found}, expected float32 {expected}"))
}
