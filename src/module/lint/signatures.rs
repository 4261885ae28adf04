//! Findings G: signatures that consumers know by name.

use super::Lint;
use super::code::{LintCode, Severity};
use super::facts::Facts;
use crate::dtype::DType;
use crate::module::DEFAULT;
use crate::module::attachment::IMAGE_MODULE_INFO;
use crate::module::signature::{End, Side, Signature, SignatureDescription, TensorDescription};
use crate::proto::Message as _;
use crate::proto::tensorflow::NodeDef;
use crate::proto::tensorflow::attr_value::Value;
use crate::proto::tensorflow_hub::ImageModuleInfo;
use crate::saved_model::assets;

const IMAGES: &str = "images";
const IMAGE_SIGNATURES: [&str; 2] = ["image_feature_vector", "image_classification"];
const WITH_HPARAMS: &str = "_with_bn_hparams";
const BERT_INPUTS: [&str; 3] = ["input_ids", "input_mask", "segment_ids"];
const BERT_OUTPUTS: [&str; 2] = ["pooled_output", "sequence_output"];
const TOKENIZATION_INFO: &str = "tokenization_info";

/// The ops whose kernels for CPUs take channels last alone.
const CHANNELS_LAST_ON_CPUS: [&str; 10] = [
    "AvgPool",
    "AvgPool3D",
    "Conv2D",
    "Conv3D",
    "DepthwiseConv2dNative",
    "FusedBatchNorm",
    "FusedBatchNormV2",
    "FusedBatchNormV3",
    "MaxPool",
    "MaxPool3D",
];

/// A signature as consumers see it, and as it was defined.
struct Known<'a> {
    defined: &'a Signature,
    described: SignatureDescription,
}

impl Lint<'_> {
    pub(super) fn signatures(&mut self, facts: &Facts<'_>) {
        let signatures = facts.signatures.iter();
        let signatures: Vec<_> = signatures
            .map(|defined| Known {
                defined,
                described: defined.describe(facts.graph),
            })
            .collect();
        for signature in &signatures {
            self.image_signature(facts, signature);
            self.text_signature(facts, signature);
            self.batch_sizes(facts, signature);
            self.bert_signature(facts, signature, &signatures);
        }
        self.image_default(facts, &signatures);
        self.channels_first(facts);
    }

    fn of_signature(
        &mut self,
        facts: &Facts<'_>,
        code: LintCode,
        signature: &Known<'_>,
        place: Option<(Side, &str)>,
        message: String,
    ) {
        let name = &signature.defined.name;
        let location = match place {
            Some((side, key)) => signature.defined.line(side, key),
            None => signature.defined.location,
        };
        self.finding(facts, code, name, message).location = Some(location);
    }

    fn image_signature(&mut self, facts: &Facts<'_>, signature: &Known<'_>) {
        let name = signature.defined.name.as_str();
        let base = name.strip_suffix(WITH_HPARAMS).unwrap_or(name);
        if !IMAGE_SIGNATURES.contains(&base) {
            return;
        }
        let SignatureDescription {
            inputs, outputs, ..
        } = &signature.described;
        let mut report =
            |code, place, message| self.of_signature(facts, code, signature, place, message);
        match inputs.get(IMAGES) {
            None => report(
                LintCode::G01,
                None,
                "the signature has no input \"images\"".to_owned(),
            ),
            Some(images) => {
                let at = Some((Side::Input, IMAGES));
                let is_image = matches!(images.shape.dims(), Some([None, _, _, Some(3)]));
                if images.dtype != DType::Float32 || !is_image {
                    let message = format!(
                        "expected float32 [?, height, width, 3] as \"images\", found {} {}",
                        images.dtype, images.shape
                    );
                    report(LintCode::G01, at, message);
                }
                if let Some(message) = image_size(facts, images) {
                    report(LintCode::G03, at, message);
                }
            }
        }
        let is_vector = |output: &&TensorDescription| {
            let is_vector = matches!(output.shape.dims(), Some([None, Some(_)]));
            output.dtype == DType::Float32 && is_vector
        };
        if outputs.get(DEFAULT).filter(is_vector).is_none() {
            let found = match outputs.get(DEFAULT) {
                Some(output) => format!("{} {}", output.dtype, output.shape),
                None => "none".to_owned(),
            };
            let message =
                format!("expected float32 [?, n] as the output \"default\", found {found}");
            report(LintCode::G01, None, message);
        }
        for key in outputs
            .keys()
            .filter(|key| *key != DEFAULT && !key.contains('/'))
        {
            let message = format!("the output \"{key}\" does not name an architecture");
            report(LintCode::G04, Some((Side::Output, key)), message);
        }
        if name != base {
            for (key, input) in inputs.iter().filter(|(key, _)| *key != IMAGES) {
                if (input.dtype, input.shape.rank()) != (DType::Float32, Some(0)) {
                    let message = format!(
                        "expected a float32 scalar as \"{key}\", found {} {}",
                        input.dtype, input.shape
                    );
                    report(LintCode::G08, Some((Side::Input, key)), message);
                }
            }
        }
    }

    /// One of the signatures for images should be that without a name.
    fn image_default(&mut self, facts: &Facts<'_>, signatures: &[Known<'_>]) {
        let of_images = signatures.iter();
        let of_images = of_images.filter(|it| IMAGE_SIGNATURES.contains(&it.defined.name.as_str()));
        let of_images: Vec<_> = of_images.collect();
        let Some(first) = of_images.first() else {
            return;
        };
        let default = signatures.iter().find(|it| it.defined.name == DEFAULT);
        let is_default = |signature: &&Known<'_>| {
            default.is_some_and(|default| {
                let (own, known) = (&signature.described, &default.described);
                own.inputs.get(IMAGES) == known.inputs.get(IMAGES)
                    && own.outputs.get(DEFAULT) == known.outputs.get(DEFAULT)
            })
        };
        if !of_images.iter().any(is_default) {
            let message =
                "the signature \"default\" has not the same \"images\" and output".to_owned();
            self.of_signature(facts, LintCode::G02, first, None, message);
        }
    }

    fn text_signature(&mut self, facts: &Facts<'_>, signature: &Known<'_>) {
        let mut inputs = signature.described.inputs.iter();
        let (Some((key, input)), None) = (inputs.next(), inputs.next()) else {
            return;
        };
        let is_text = input.dtype == DType::String && input.components.is_empty();
        if signature.defined.name != DEFAULT || !is_text || input.shape.rank() != Some(1) {
            return;
        }
        if input.shape.dims() != Some(&[None]) {
            let message = format!(
                "expected string [?] as \"{key}\", found string {}",
                input.shape
            );
            self.of_signature(
                facts,
                LintCode::G05,
                signature,
                Some((Side::Input, key)),
                message,
            );
        }
        let output = signature.described.outputs.get(DEFAULT);
        let is_vector = output.is_some_and(|output| {
            let dims = output.shape.dims();
            output.dtype == DType::Float32 && matches!(dims, Some([None, Some(_)]))
        });
        if !is_vector {
            let found = match output {
                Some(output) => format!("{} {}", output.dtype, output.shape),
                None => "none".to_owned(),
            };
            let message =
                format!("expected float32 [?, n] as the output \"default\", found {found}");
            self.of_signature(facts, LintCode::G05, signature, None, message);
        }
    }

    fn batch_sizes(&mut self, facts: &Facts<'_>, signature: &Known<'_>) {
        for (key, input) in &signature.described.inputs {
            // A vector of numbers may be anything but a batch.
            let is_batch = match input.shape.rank() {
                Some(1) => input.dtype == DType::String,
                rank => rank.is_some_and(|rank| rank > 1),
            };
            if let Some(size) = input.shape.dim(0).filter(|_| is_batch) {
                let message = format!("the input \"{key}\" takes batches of {size} alone");
                self.of_signature(
                    facts,
                    LintCode::G06,
                    signature,
                    Some((Side::Input, key)),
                    message,
                );
            }
        }
    }

    fn bert_signature(&mut self, facts: &Facts<'_>, signature: &Known<'_>, all: &[Known<'_>]) {
        let SignatureDescription {
            inputs, outputs, ..
        } = &signature.described;
        if !BERT_INPUTS.iter().any(|key| inputs.contains_key(*key)) {
            return;
        }
        let mut messages = Vec::new();
        for key in BERT_INPUTS {
            let found = match inputs.get(key) {
                Some(input)
                    if input.dtype == DType::Int32 && input.shape.dims() == Some(&[None, None]) =>
                {
                    continue;
                }
                Some(input) => format!("{} {}", input.dtype, input.shape),
                None => "none".to_owned(),
            };
            messages.push(format!(
                "expected int32 [?, ?] as the input \"{key}\", found {found}"
            ));
        }
        // A signature for the masked language model has outputs of its own besides.
        for key in BERT_OUTPUTS
            .iter()
            .filter(|key| !outputs.contains_key(**key))
        {
            messages.push(format!("expected an output \"{key}\""));
        }
        let info = all.iter().find(|it| it.defined.name == TOKENIZATION_INFO);
        match info.map(|info| info.defined.outputs.get("vocab_file")) {
            None => messages.push(format!("expected a signature \"{TOKENIZATION_INFO}\"")),
            Some(file) if !file.is_some_and(|file| is_asset(facts, file)) => {
                let name = TOKENIZATION_INFO;
                messages.push(format!(
                    "expected an asset as the output \"vocab_file\" of signature \"{name}\""
                ));
            }
            Some(_) => {}
        }
        for message in messages {
            self.of_signature(facts, LintCode::G07, signature, None, message);
        }
    }

    fn channels_first(&mut self, facts: &Facts<'_>) {
        let is_first = |op: &str, format: Option<&[u8]>| {
            CHANNELS_LAST_ON_CPUS.contains(&op) && format.is_some_and(|it| it.starts_with(b"NC"))
        };
        let nodes = facts.nodes();
        let mut nodes =
            nodes.filter(|(_, it)| is_first(it.op.name(), it.string_attr("data_format")));
        let bodies = facts.bodies.iter();
        let of_bodies = bodies.flat_map(|body| body.nodes().iter().map(move |node| (body, node)));
        let mut of_bodies = of_bodies.filter(|(_, it)| is_first(&it.op, data_format(it)));
        let message = |others: usize| match others {
            0 => "the op takes channels first".to_owned(),
            others => format!("the op takes channels first, as {others} more do"),
        };
        let found = match (nodes.next(), of_bodies.next()) {
            (None, None) => return,
            (None, Some((body, node))) => {
                let message = message(of_bodies.count());
                self.body_finding(facts, LintCode::G09, body, node, message)
            }
            (Some((first, _)), in_body) => {
                let others = nodes.count() + usize::from(in_body.is_some()) + of_bodies.count();
                self.node_finding(facts, LintCode::G09, first, message(others))
            }
        };
        found.severity = Severity::Info;
    }
}

/// The data format of a node in a body, if it says one.
fn data_format(node: &NodeDef) -> Option<&[u8]> {
    match &node.attr.get("data_format")?.value {
        Some(Value::S(format)) => Some(format),
        _ => None,
    }
}

/// The fault of the size of images, if there is one.
fn image_size(facts: &Facts<'_>, images: &TensorDescription) -> Option<String> {
    let dims = images.shape.dims()?;
    let &[_, height, width, _] = dims else {
        return None;
    };
    let attachments = facts.attachments.into_iter();
    let mut attachments = attachments.flat_map(|attachments| attachments.iter());
    let info = attachments.find(|(key, _)| *key == IMAGE_MODULE_INFO);
    let info = info.and_then(|(_, message)| ImageModuleInfo::decode(message).ok());
    let size = info.and_then(|info| info.default_image_size);
    match size {
        None if height.is_none() || width.is_none() => Some(format!(
            "the images are {}, and no attachment \"{IMAGE_MODULE_INFO}\" says their size",
            images.shape
        )),
        None => None,
        Some(size) => {
            let sizes = [(height, size.height), (width, size.width)];
            let differs = |(dim, size): &(Option<usize>, i32)| {
                dim.is_some_and(|dim| usize::try_from(*size) != Ok(dim))
            };
            sizes.iter().any(differs).then(|| {
                format!(
                    "the images are {}, and the attachment \"{IMAGE_MODULE_INFO}\" says {} x {}",
                    images.shape, size.height, size.width
                )
            })
        }
    }
}

/// Whether an output is the path of an asset.
fn is_asset(facts: &Facts<'_>, end: &End) -> bool {
    let graph = facts.graph;
    end.tensors().iter().any(|tensor| {
        let mut node = graph.node(tensor.node);
        while node.op.name() == "Identity" && !node.inputs.is_empty() {
            node = graph.node(node.inputs[0].node);
        }
        assets::nodes(graph).any(|asset| asset.name == node.name)
    })
}
