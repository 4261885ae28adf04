//! The offers of a module: signatures, variables and the rest of each variant.

use std::fmt;
use std::path::PathBuf;

use super::attachment::Attachments;
use super::signature::{SignatureDescription, Signatures};
use super::spec::ModuleSpec;
use super::tags::Tags;
use super::variant::Variant;
use crate::graph::{Graph, HashMap, keys};
use crate::saved_model::assets;
use crate::session::VariableDescription;
use crate::shape::Shape;
use crate::variable::Variables;

/// The signatures, variables and other offers of a variant of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariantDescription {
    /// The variant's tags.
    pub tags: Tags,
    /// The signatures in the order of their definition.
    pub signatures: Vec<SignatureDescription>,
    /// The variables by the names that they have in the module and its checkpoint, partitioned ones as a whole.
    pub variables: Vec<VariableDescription>,
    /// The keys of the messages that are [attached](ModuleSpec::attached_message).
    pub attachments: Vec<String>,
    /// The files that travel with the module.
    pub assets: Vec<PathBuf>,
    /// The names of the tensors that training adds to its loss.
    pub regularization_losses: Vec<String>,
}

impl ModuleSpec {
    /// The signatures, variables and other offers of each variant, in the order of definition.
    pub fn variants(&self) -> impl ExactSizeIterator<Item = VariantDescription> + '_ {
        let variants = self.graphs_by_tags().iter();
        variants.map(|Variant { tags, graph }| describe(tags, graph))
    }
}

fn describe(tags: &Tags, graph: &Graph) -> VariantDescription {
    let signatures = graph.extension::<Signatures>();
    let signatures = signatures.map(|it| it.0.as_slice()).unwrap_or_default();
    let attachments = graph.extension::<Attachments>();
    let attachments = attachments.into_iter().flat_map(Attachments::iter);
    let assets = assets::nodes(graph).filter_map(|node| assets::path_of(node).ok());
    let losses = graph.collections().get(keys::REGULARIZATION_LOSSES);
    VariantDescription {
        tags: tags.clone(),
        signatures: signatures.iter().map(|it| it.describe(graph)).collect(),
        variables: variables(graph),
        attachments: attachments.map(|(key, _)| key.to_owned()).collect(),
        assets: assets.map(PathBuf::from).collect(),
        regularization_losses: losses.iter().map(|loss| graph.item_name(loss)).collect(),
    }
}

/// The variables in the order in which they were made, and wholes in that of their first parts.
fn variables(graph: &Graph) -> Vec<VariableDescription> {
    let mut described: Vec<VariableDescription> = Vec::new();
    let mut wholes: HashMap<&str, usize> = HashMap::default();
    for info in Variables::saved(graph) {
        let (name, shape) = match &info.part {
            Some(part) => (&part.whole, Shape::from(part.shape.as_slice())),
            None => (&info.name, info.shape.clone()),
        };
        if info.part.is_some() {
            if let Some(&known) = wholes.get(name.as_str()) {
                described[known].parts += 1;
                continue;
            }
            wholes.insert(name, described.len());
        }
        described.push(VariableDescription {
            name: name.clone(),
            dtype: info.dtype,
            shape,
            trainable: info.trainable,
            parts: usize::from(info.part.is_some()),
        });
    }
    described
}

/// The tags, then the signatures, the variables and all else, each on lines of their own.
impl fmt::Display for VariantDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "variant {}", self.tags)?;
        for signature in &self.signatures {
            write!(f, "{signature}")?;
        }
        for variable in &self.variables {
            writeln!(f, "variable {variable}")?;
        }
        for key in &self.attachments {
            writeln!(f, "attachment {key}")?;
        }
        for asset in &self.assets {
            writeln!(f, "asset {}", asset.display())?;
        }
        for loss in &self.regularization_losses {
            writeln!(f, "regularization loss {loss}")?;
        }
        Ok(())
    }
}
