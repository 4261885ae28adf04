//! The report that the examples print of an export.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use tfhub::module::{ExportSummary, TensorDescription};
use tfhub::{ModuleSpec, Session};

/// Runs an export and prints what it wrote, or why it failed.
pub(crate) fn run(
    export: impl FnOnce() -> tfhub::Result<(ModuleSpec, Session, ExportSummary)>,
) -> ExitCode {
    let start = Instant::now();
    match export() {
        Ok((spec, session, summary)) => {
            print(&spec, &session, &summary);
            println!("\ntime: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(spec: &ModuleSpec, session: &Session, summary: &ExportSummary) {
    for variant in spec.variants() {
        println!("variant {}", variant.tags);
        for signature in &variant.signatures {
            println!("  signature \"{}\"", signature.name);
            print_ends("input", &signature.inputs);
            print_ends("output", &signature.outputs);
        }
        println!(
            "  regularization losses: {}",
            variant.regularization_losses.len()
        );
        for loss in &variant.regularization_losses {
            println!("    {loss}");
        }
    }
    println!("\nvariables");
    for variable in session.variables() {
        let elements = variable.num_elements();
        let size = variable.dtype.size().zip(elements);
        let bytes = size.map(|(size, elements)| format!(", {} bytes", size * elements));
        println!(
            "  {} {} {}{}{}",
            variable.name,
            variable.dtype,
            variable.shape,
            bytes.unwrap_or_default(),
            if variable.trainable {
                ""
            } else {
                ", not trainable"
            }
        );
    }
    print!("\n{summary}");
}

fn print_ends(what: &str, ends: &BTreeMap<String, TensorDescription>) {
    for (key, end) in ends {
        println!(
            "    {what} \"{key}\": {} {} ({})",
            end.dtype, end.shape, end.tensor
        );
    }
}
