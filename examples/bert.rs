//! Exports BERT as a module, with the weights of a checkpoint that Python's code trained.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

#[path = "models/bert.rs"]
mod bert;
#[path = "models/export.rs"]
mod export;

use bert::{Bert, Vocabulary};
use export::Export;

/// Export a BERT encoder as a TF1 Hub module, BERT-base unless other sizes are given.
///
/// The signature "tokens" has the inputs "input_ids", "input_mask" and "segment_ids", int32 [?, ?], and the outputs
/// "pooled_output" and "sequence_output"; "tokenization_info" gives the path of the vocabulary and whether words are in
/// lower case. The variant for training has dropout. Variables are named as in google-research/bert.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    export: Export,
    /// The file with the word pieces, one on each line.
    #[arg(long, value_name = "FILE")]
    vocabulary: PathBuf,
    /// The word pieces have upper case.
    #[arg(long)]
    cased: bool,
    /// Add the signature "mlm", whose output "mlm_logits" is for the words at the input "mlm_positions".
    #[arg(long)]
    mlm: bool,
    /// The elements of the vector for each word.
    #[arg(long, default_value_t = Bert::default().hidden_size)]
    hidden_size: usize,
    /// The number of layers.
    #[arg(long, default_value_t = Bert::default().layers)]
    layers: usize,
    /// The number of heads of each attention.
    #[arg(long, default_value_t = Bert::default().heads)]
    heads: usize,
    /// The units between the two dense layers of each layer.
    #[arg(long, default_value_t = Bert::default().intermediate_size)]
    intermediate_size: usize,
    /// The greatest number of words.
    #[arg(long, default_value_t = Bert::default().positions)]
    positions: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let vocabulary = match std::fs::read(&arguments.vocabulary) {
        Ok(vocabulary) => vocabulary,
        Err(error) => {
            eprintln!("error: {}: {error}", arguments.vocabulary.display());
            return ExitCode::FAILURE;
        }
    };
    let model = Bert {
        vocab_size: vocabulary.split_inclusive(|&byte| byte == b'\n').count(),
        hidden_size: arguments.hidden_size,
        layers: arguments.layers,
        heads: arguments.heads,
        intermediate_size: arguments.intermediate_size,
        positions: arguments.positions,
    };
    let vocabulary = Vocabulary {
        path: &arguments.vocabulary,
        do_lower_case: !arguments.cased,
    };
    let export = &arguments.export;
    export.run(|g, mode| bert::module_fn(g, &model, vocabulary, arguments.mlm, mode))
}
