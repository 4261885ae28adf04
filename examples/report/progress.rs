//! The progress of long work, drawn on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tfhub::checkpoint::Progress;

/// A bar on a terminal; nothing is drawn elsewhere.
pub(crate) fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let style =
        "{wide_bar} {binary_bytes}/{binary_total_bytes}, {msg}, {binary_bytes_per_sec}, {eta} left";
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Draws on the bar how far the work has come.
pub(crate) fn show(bar: &ProgressBar) -> impl FnMut(&Progress) {
    let mut tensors = None;
    move |progress| {
        bar.set_length(progress.bytes);
        bar.set_position(progress.bytes_done);
        if !bar.is_hidden() && tensors != Some(progress.tensors_done) {
            tensors = Some(progress.tensors_done);
            bar.set_message(format!(
                "tensor {}/{}",
                progress.tensors_done, progress.tensors
            ));
        }
    }
}
