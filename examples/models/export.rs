//! The command line that the programs for whole architectures share, and the export.

use std::path::PathBuf;
use std::process::ExitCode;

use tfhub::checkpoint::CheckpointReader;
use tfhub::module::ExportSummary;
use tfhub::{Exporter, GraphBuilder, Mode, ModuleSpec, Result, Session};

#[path = "../report/mod.rs"]
mod report;

/// Where the module goes, and where its weights come from.
#[derive(clap::Args)]
pub(crate) struct Export {
    /// The directory to make; it must not exist yet.
    out_dir: PathBuf,
    /// A checkpoint with the weights, such as train/model.ckpt-1000, named as in the public code of the architecture.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The graph-level seed of the initial weights; without it they differ from run to run.
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<i64>,
    /// Replace a module that exists at OUT_DIR.
    #[arg(long)]
    replace: bool,
}

impl Export {
    /// Exports the module whose variants `module_fn` builds.
    pub(crate) fn run(&self, module_fn: impl Fn(&GraphBuilder, Mode)) -> ExitCode {
        report::run(|| {
            let spec = ModuleSpec::with_modes(|g, mode| {
                if let Some(seed) = self.seed {
                    g.set_random_seed(seed);
                }
                module_fn(g, mode);
            })?;
            let session = Session::new(&spec)?;
            let summary = self.export(&spec, &session)?;
            Ok((spec, session, summary))
        })
    }

    fn export(&self, spec: &ModuleSpec, session: &Session) -> Result<ExportSummary> {
        let exporter = Exporter::new(spec).replace(self.replace);
        let Some(checkpoint) = &self.checkpoint else {
            return exporter.export(&self.out_dir, session);
        };
        let reader = CheckpointReader::open(checkpoint)?;
        exporter.export(&self.out_dir, &reader)
    }
}
