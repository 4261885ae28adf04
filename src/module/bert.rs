//! The signatures of encoders of the BERT family.
//!
//! ```
//! use tfhub::ops::{array, nn};
//! use tfhub::module::bert;
//! use tfhub::{ModuleSpec, Session, layers};
//!
//! let dir = tempfile::tempdir()?;
//! let vocabulary = dir.path().join("vocab.txt");
//! std::fs::write(&vocabulary, "[UNK]\nbear\n")?;
//! let spec = ModuleSpec::with_modes(|g, _mode| {
//!     let inputs = bert::Inputs::placeholders(g);
//!     let table = g.get_variable::<f32>("embeddings").shape([2, 4]).finish();
//!     let sequence_output = nn::embedding_lookup(table, inputs.input_ids, ());
//!     let first = array::index(sequence_output, (.., 0));
//!     let pooled_output = layers::dense(4).apply(first);
//!     bert::tokens(inputs, pooled_output, sequence_output);
//!     bert::tokenization_info(g, &vocabulary, true);
//! })?;
//! spec.export(dir.path().join("module"), &Session::new(&spec)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::panic::Location;
use std::path::Path;

use crate::error::Rule;
use crate::graph::{GraphBuilder, Tensor};
use crate::module::signature::SignatureBuilder;

const POOLED: &str = "pooled_output";
const SEQUENCE: &str = "sequence_output";
const TOKENS: &str = "tokens";
const MLM: &str = "mlm";

/// The inputs of an encoder, each of the shape `[batch_size, seq_length]`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Inputs<'g> {
    /// The numbers of the tokens in the vocabulary.
    pub input_ids: Tensor<'g, i32>,
    /// 1 for each token, 0 for padding.
    pub input_mask: Tensor<'g, i32>,
    /// The number of the segment that a token is of.
    pub segment_ids: Tensor<'g, i32>,
}

impl<'g> Inputs<'g> {
    /// The placeholders `input_ids`, `input_mask` and `segment_ids`, int32 of the shape `[None, None]`.
    #[track_caller]
    pub fn placeholders(g: &'g GraphBuilder) -> Self {
        let ids = |name| g.named(name, || g.placeholder::<i32>((None, None)));
        g.called_from(Location::caller(), || Inputs {
            input_ids: ids("input_ids"),
            input_mask: ids("input_mask"),
            segment_ids: ids("segment_ids"),
        })
    }

    #[track_caller]
    fn signature(
        self,
        name: &str,
        pooled_output: Tensor<'g, f32>,
        sequence_output: Tensor<'g, f32>,
    ) -> SignatureBuilder<'g> {
        self.input_ids
            .graph()
            .signature(name)
            .input("input_ids", self.input_ids)
            .input("input_mask", self.input_mask)
            .input("segment_ids", self.segment_ids)
            .output(POOLED, pooled_output)
            .output(SEQUENCE, sequence_output)
    }
}

/// Adds the signature `tokens`: from the inputs to `pooled_output` of the shape `[batch_size, hidden_size]` and
/// `sequence_output` of the shape `[batch_size, seq_length, hidden_size]`.
///
/// Outputs of other ranks or of an unknown hidden size are faults.
#[track_caller]
pub fn tokens<'g>(
    inputs: Inputs<'g>,
    pooled_output: Tensor<'g, f32>,
    sequence_output: Tensor<'g, f32>,
) -> BertSignatures<'g> {
    pooled_output.any().expect_vectors(POOLED, TOKENS);
    let shape = sequence_output.shape();
    let is_sequence = matches!(shape.dims(), Some([_, _, Some(_)]));
    if !sequence_output.any().is_poison() && !is_sequence {
        let message = format!(
            "output \"{SEQUENCE}\" of signature \"{TOKENS}\": expected the shape [?, ?, n] of a known n, found {shape}"
        );
        sequence_output
            .any()
            .report(Rule::CommonSignature, &message);
    }
    inputs.signature(TOKENS, pooled_output, sequence_output);
    BertSignatures {
        inputs,
        pooled_output,
        sequence_output,
    }
}

/// The signatures of an encoder; [`tokens`] makes them.
#[derive(Debug, Clone, Copy)]
pub struct BertSignatures<'g> {
    inputs: Inputs<'g>,
    pooled_output: Tensor<'g, f32>,
    sequence_output: Tensor<'g, f32>,
}

impl<'g> BertSignatures<'g> {
    /// Adds the signature `mlm` of the masked language model: the inputs and outputs of `tokens`, the further input
    /// `mlm_positions` and the output `mlm_logits`.
    ///
    /// [`mlm_positions`] makes the placeholder.
    #[track_caller]
    pub fn mlm(self, mlm_positions: Tensor<'g, i32>, mlm_logits: Tensor<'g, f32>) -> Self {
        let signature = self
            .inputs
            .signature(MLM, self.pooled_output, self.sequence_output);
        signature
            .input("mlm_positions", mlm_positions)
            .output("mlm_logits", mlm_logits);
        self
    }
}

/// The placeholder `mlm_positions` for the places of masked tokens, int32 of the shape `[None, None]`.
#[track_caller]
pub fn mlm_positions(g: &GraphBuilder) -> Tensor<'_, i32> {
    g.called_from(Location::caller(), || {
        g.named("mlm_positions", || g.placeholder((None, None)))
    })
}

/// Adds the signature `tokenization_info` without inputs: `vocab_file`, the path of a file that becomes an
/// [asset](GraphBuilder::asset), and `do_lower_case`.
#[track_caller]
pub fn tokenization_info(g: &GraphBuilder, vocab_file: impl AsRef<Path>, do_lower_case: bool) {
    let (vocab_file, do_lower_case) = g.called_from(Location::caller(), || {
        let vocab_file = g.named("vocab_file", || g.asset(vocab_file));
        (vocab_file, g.constant(do_lower_case))
    });
    g.signature("tokenization_info")
        .output("vocab_file", vocab_file)
        .output("do_lower_case", do_lower_case);
}
